# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What run-all and check-all have in common, to be read in by them: running stages
# one after the other, or in lanes beside each other, counting what they say, and the
# closing line "N passed, N failed". A stage is a command that prints TAP ("ok ..." or
# "not ok ..."); one that ends badly without saying so counts as a failure, and so does
# one that says nothing. The logs stay in a directory.

# stages_begin DIRECTORY-FOR-LOGS
stages_begin()
{
	logs=$1
	rm -rf "$logs"
	mkdir -p "$logs"
	passed=0
	failed=0
	skipped=0
	begun=$SECONDS
	lanes=()
	export CMOCKA_MESSAGE_OUTPUT=TAP
}

# Did the emulator, not a test, give up? A guest that QEMU ended or led astray (see
# vm/run), with every check until then passed, says nothing of what was tested; it is
# tried again, once, and that is said. One that timed out may be the module's fault.
guest_lost()
{
	grep -q 'vm/run: QEMU ' "$1" &&
		! grep -E '^not ok' "$1" | grep -qv -e '# SKIP' \
			-e ' - suites$' -e ' - the guest$' -e '\.\*$' -e "verdict\$"
}

# run_logged LOG COMMAND...: again if the guest was lost. The status is the command's.
run_logged()
{
	local log=$1 status=0
	shift

	"$@" > "$log" 2>&1 < /dev/null || status=$?
	if guest_lost "$log"; then
		mv "$log" "$log.lost"
		status=0
		"$@" > "$log" 2>&1 < /dev/null || status=$?
	fi
	return "$status"
}

# judge NAME STATUS SECONDS: count and tell what a stage's log says.
judge()
{
	local name=$1 status=$2 log=$logs/$1.log good bad skip

	# cmocka prints "not ok" for what it skips.
	skip=$(grep -cE '^(not )?ok .*# SKIP' "$log")
	good=$(grep -E '^ok( |$)' "$log" | grep -cv '# SKIP')
	bad=$(grep -E '^not ok( |$)' "$log" | grep -cv '# SKIP')
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	elif [ "$status" -eq 0 ] && [ "$bad" -eq 0 ] && [ "$good" -eq 0 ]; then
		echo "not ok - stage $name ran no test" >> "$log"
		bad=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
	printf '%-12s %d passed, %d failed, %d s\n' "$name" "$good" "$bad" "$3"
	[ ! -e "$log.lost" ] || echo "    a guest was lost and tried again: $log.lost"
	[ "$bad" -eq 0 ] && return
	grep -E '^not ok' "$log" | grep -v '# SKIP' | sed 's/^/    /'
	echo "    --- the end of $log:"
	tail -n 25 "$log" | sed 's/^/    /'
}

# stage NAME WHAT COMMAND...: what is told is told at once, as lanes tell their own.
stage()
{
	local name=$1 status=0 before=$SECONDS

	printf '%-12s ... %s\n' "$name" "$2"
	shift 2
	run_logged "$logs/$name.log" "$@" || status=$?
	judge "$name" "$status" $((SECONDS - before)) > "$logs/$name.told"
	cat "$logs/$name.told"
	rm "$logs/$name.told"
}

# beside NICE FUNCTION: a lane, the function's stages, which run one after the other in
# the background; what they leave of the processors, or it leaves to them, is NICE's.
beside()
{
	# In a group of its own, so that all of it can be ended.
	set -m
	lane_run "$logs/lane.${#lanes[@]}" "$@" < /dev/null &
	set +m
	lanes+=($!)
	trap lanes_stop EXIT
}

lane_run() # FILE-FOR-COUNTS NICE FUNCTION
{
	trap - EXIT
	renice -n "$2" "$BASHPID" > /dev/null
	passed=0 failed=0 skipped=0
	"$3"
	echo "$passed $failed $skipped" > "$1"
}

lanes_stop()
{
	local lane

	for lane in "${lanes[@]}"; do
		kill -TERM -- "-$lane" 2> /dev/null
	done
}

# join: wait for the lanes, count what became of them.
join()
{
	local i counts

	for i in "${!lanes[@]}"; do
		wait "${lanes[i]}"
		read -ra counts 2> /dev/null < "$logs/lane.$i" || {
			echo "not ok - what ran beside broke off"
			counts=(0 1 0)
		}
		passed=$((passed + counts[0]))
		failed=$((failed + counts[1]))
		skipped=$((skipped + counts[2]))
		rm -f "$logs/lane.$i"
	done
	lanes=()
	trap - EXIT
}

# A stage that is one test.
single()
{
	local name=$1
	shift
	if "$@"; then
		echo "ok 1 - $name"
	else
		echo "not ok 1 - $name"
		return 1
	fi
}

# build_all RELEASE: the module for that kernel, the command, the tests' programs.
build_all()
{
	make module KERNEL="$1" && make -j"$(nproc)" programs
}

# The closing lines; fails if anything did.
stages_end()
{
	[ "$skipped" -eq 0 ] || echo "$skipped skipped (see $logs)"
	echo "took $((SECONDS - begun)) s"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
