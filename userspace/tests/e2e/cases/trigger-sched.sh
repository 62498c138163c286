# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Triggers on what the scheduler does. Those that see it while it lasts fire while a
# real-time hog on every CPU leaves no time to anybody, and soon enough.

# The firing is after FROM and no later than UNTIL, dates of the truth.
within() { # WHAT FROM UNTIL
	silent "$1" awk -v "at=$(fired_at)" -v "from=$2" -v "until=$3" 'BEGIN {
		if (at == "" || from == "" || at < from || at > until)
			print "at " at ", not between " from " and " until
	}'
}

# It has lasted longer than 100 ms, and no more than the 25 ms that the contract
# states for that. A machine below this one that stops it now and then may spoil one
# try, not each: the trigger sees too late what lasts, or somebody had to wait as long
# before there was a hog.
starved() { # WHAT NAME CONDITION WORDS
	local try ms from

	for try in 1 2 3 4; do
		fired "$2" "$3" 100ms -- "$programs/starve" 700
		truth_ready truth
		ms=$(fired_ms)
		from=$(said hog from)
		is "$1" "$(cat fired)" "$2[] $4 T, longer than 100.0 ms"
		at_least "$1: not too soon" "$ms" 100
		[[ -n $ms && ($ms -gt 125 || $(fired_at) < $from) ]] || break
	done
	within "$1: while all CPUs are taken" "$from" "$(said hog until)"
	at_least "$1: within the stated time (try $try)" 125 "${ms:-1000}"
}

starved "who waits for a CPU" victim --waiting "waits for a CPU for"
starved "who runs without a break" hog-of-victim --running "runs without a break for"

# Behind it: what was waited is what the hog spun, by its own clock, or more.
fired victim --waits-for-cpu 500ms -- "$programs/starve" 700
truth_ready truth
is "who has waited for a CPU" "$(cat fired)" "victim[] waited for a CPU for T, longer than 500.0 ms"
at_least "as long as the hog spun" "$(fired_ms)" 700
silent "and not before it ended" awk -v "at=$(fired_at)" -v "until=$(said hog until)" \
	'BEGIN { if (until == "" || at < until) print "at " at ", not after " until }'

# The timer of its sleep runs before it is off the CPU: a machine below this one that
# stops it in between may spoil one try, not each.
for _ in 1 2 3 4; do
	fired sleeps --off-cpu 150ms -- "$programs/sleeps" 200
	slept=$(fired_ms)
	[[ -n $slept && $slept -lt 200 ]] || break
done
is "who was off the CPU" "$(cat fired)" "sleeps[] was off the CPU for T, longer than 150.0 ms"
at_least "as long as it slept" "$slept" 200

fired sleeps --away 100ms -- "$programs/sleeps" 400
is "who is off the CPU" "$(cat fired)" "sleeps[] is off the CPU for T, longer than 100.0 ms"
is "its sleep is in flight" "$(grep -cE '^# in flight: sleeps\[[0-9]*\] [a-z_]*sleep' dump.txt)" 1

fired execs --execs -- "$programs/execs" "$PWD" 3
is "who executes a program" "$(sed -E 's/^[^[]*//' fired)" "[] executed a program"
is "that is it" "$(sed -nE 's/^# fired: [^[]*\[([0-9]+)\] .*/\1/p' dump.txt)" \
	"$(said exec tid | head -n 1)"
is "and did it last" "$(tail -n 1 events | cut -f 5 | cut -d ' ' -f 1)" exec
