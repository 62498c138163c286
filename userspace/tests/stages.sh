# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What run-all and check-all have in common, to be read in by them: running stages
# one after the other, counting what they say, and the closing line "N passed, N
# failed". A stage is a command that prints TAP ("ok ..." or "not ok ..."); one that
# ends badly without saying so counts as a failure, and so does one that says
# nothing. The logs stay in a directory.

# stages_begin DIRECTORY-FOR-LOGS
stages_begin()
{
	logs=$1
	rm -rf "$logs"
	mkdir -p "$logs"
	passed=0
	failed=0
	skipped=0
	background=()
	begun=$SECONDS
	export CMOCKA_MESSAGE_OUTPUT=TAP
}

# Did the emulator, not a test, give up? A guest that timed out with every check
# until then passed says nothing of what was tested; it is tried again, once, and
# that is said. (QEMU before 8.1 hangs now and then, see vm/qemu.)
guest_lost()
{
	grep -q 'vm/run: timed out' "$1" &&
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
	printf '%d passed, %d failed, %d s\n' "$good" "$bad" "$3"
	[ ! -e "$log.lost" ] || echo "    a guest was lost and tried again: $log.lost"
	[ "$bad" -eq 0 ] && return
	grep -E '^not ok' "$log" | grep -v '# SKIP' | sed 's/^/    /'
	echo "    --- the end of $log:"
	tail -n 25 "$log" | sed 's/^/    /'
}

# stage NAME WHAT COMMAND...
stage()
{
	local name=$1 status=0 before=$SECONDS

	printf '%-12s %s ... ' "$name" "$2"
	shift 2
	run_logged "$logs/$name.log" "$@" || status=$?
	judge "$name" "$status" $((SECONDS - before))
}

# stage_begin NAME WHAT COMMAND...: a stage that goes on in the background, for those
# which are not done faster when they have the machine for themselves.
stage_begin()
{
	local name=$1 what=$2

	printf '%-12s %s ... begun\n' "$name" "$what"
	shift 2
	run_logged "$logs/$name.log" "$@" &
	background+=("$!:$SECONDS:$name")
}

# stage_join: wait for those.
stage_join()
{
	local entry pid name before status

	for entry in "${background[@]}"; do
		IFS=: read -r pid before name <<< "$entry"
		status=0
		wait "$pid" || status=$?
		printf '%-12s ... ' "$name"
		judge "$name" "$status" $((SECONDS - before))
	done
	background=()
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

# The closing lines; fails if anything did.
stages_end()
{
	[ "$skipped" -eq 0 ] || echo "$skipped skipped (see $logs)"
	echo "took $((SECONDS - begun)) s"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
