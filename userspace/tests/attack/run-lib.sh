# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What run-fuzz and run-faults share: options, building, guests, TAP.

top=$(cd -- "$here/../../.." && pwd -P)
kernel=
headers=
coverage=
directory=
release=
work=
number=0
failures=0

cleanup() { [[ -z $work ]] || rm -rf -- "$work"; }
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { echo "${0##*/}: $*" >&2; }
quit() { say "$*"; exit 2; }

# Numbers the results of a guest; remarks go through.
tell() { # FILE
	local line

	while IFS= read -r line; do
		case $line in
		"ok - "*) number=$((number + 1)) ;;
		"not ok - "*)
			number=$((number + 1))
			failures=$((failures + 1)) ;;
		esac
		sed -E "s/^(not )?ok - /\1ok $number - /" <<<"$line"
	done <"$1"
}

one() { # STATUS WHAT
	local verdict=ok

	[[ $1 -eq 0 ]] || verdict="not ok"
	echo "$verdict - $2" >"$work/one"
	tell "$work/one"
}

# A kernel of one's own lies beside what modules for it are built with.
find_headers() {
	[[ -z $headers ]] || return 0
	headers=/usr/src/linux-headers-$release
	[[ -d $headers ]] || headers=$directory/build
	[[ -e $headers/Makefile ]] ||
		quit "no headers for $release, see --help"
}

build() { # MISTAKE...
	local mistake

	directory=$("$top/vm/kernel" ${kernel:+"$kernel"}) || exit 2
	release=$(<"$directory/release")
	find_headers
	work=$(mktemp -d "${TMPDIR:-/tmp}/flightrec-attack.XXXXXX")
	echo "# building for $release"
	{
		make -C "$top" module KERNEL="$release" KDIR="$headers" \
			COVERAGE="${coverage:+y}" &&
			make -s -f "$here/Makefile"
	} >"$work/build" 2>&1 || {
		cat "$work/build" >&2
		quit "the module or the attackers could not be built"
	}
	for mistake; do
		"$here/plant" "$mistake" "$headers" "$top/build/planted/$release" \
			>"$work/build" 2>&1 && continue
		cat "$work/build" >&2
		quit "the module with the mistake $mistake could not be built"
	done
}

# The injector of faults, for kernels that have none. $1: its directory.
build_inject() {
	mkdir -p -- "$1"
	cp -- "$here"/inject/* "$1"
	make -s -C "$headers" M="$1" CONFIG_DEBUG_INFO_BTF_MODULES= modules \
		>"$work/build" 2>&1 && return
	cat "$work/build" >&2
	quit "the injector of faults could not be built"
}

# Where the module is.
built() { echo "$top/build/$release${coverage:+-coverage}"; }

# What gcov needs, out of what the guest left.
keep_counts() {
	local status=0

	[[ -n $coverage ]] || return 0
	"$top/vm/gcov-data" "$work/get" "$(built)" "$coverage" || status=$?
	one "$status" "the lines that ran are counted"
}

planted() { echo "$top/build/planted/$release/$1/flightrec.ko"; }

# Was the guest lost by the emulator, which may abort or err (see vm/run)?
is_lost() { # STATUS
	[[ $1 -eq 125 ]] && grep -q '^vm/run: QEMU ' "$work/errors"
}

# A guest that is lost with nothing said against it is tried again. Three in a row are
# no accident. $expected: the status of vm/run that is right (unset: 0).
guest() { # TIMEOUT COMMAND...
	local timeout=$1 status tries get=()

	shift
	[[ -z $coverage ]] ||
		get=(--get "/sys/kernel/debug/gcov$(built):$work/get")
	for tries in 1 2 3; do
		status=0
		"$top/vm/run" --kernel "$directory" --cpus "$cpus" --memory 3072 \
			--timeout "$timeout" "${get[@]}" -- "$@" \
			>"$work/output" 2>"$work/errors" || status=$?
		is_lost "$status" || break
		! grep -q '^not ok' "$work/output" || break
		[[ $tries -eq 3 ]] || echo "# the guest was lost, again"
	done
	tell "$work/output"
	if [[ $status -eq ${expected:-0} ]]; then
		one 0 "the guest and its kernel's log (status $status)"
		return
	fi
	[[ $status -le 1 ]] || sed 's/^/# /' "$work/errors" | tail -n 150
	one 1 "the guest and its kernel's log (status $status)"
}

conclude() {
	echo "1..$number"
	echo "# $number checks, $failures failed, $SECONDS s"
	[[ $failures -eq 0 && $number -gt 1 ]]
}
