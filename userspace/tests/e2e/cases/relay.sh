# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# While a target waits for its CPU it is known who has it, bystanders though they
# are: the report blames the one that had it for long, not the one that came last.

flightrec start --comm victim --no-follow 2>start.err
TRUTH=$PWD/truth "$programs/relay" "$last_cpu" 150 20
truth_ready truth
take_complete
victim=$(said victim tid)
thief=$(said thief tid)
accomplice=$(said accomplice tid)

is "the victim made its call" "$(count_events '^close\(1000000' "$victim")" 1
is "the thief gave the CPU to the accomplice, on the tape" "$(
	count_events "^sched_switch .*\\[$accomplice\\]\$" "$thief")" 1

flightrec report window.frec >report.txt 2>report.err
head -n 3 report.txt >finding
succeeds "the worst wait is the victim's, who was woken by the thief" \
	grep -qE "^  woken by thief\\[$thief\\] \\(FIFO 50\\); " finding
# Who came last may as well be some thread of the kernel's.
succeeds "it is known who ran just before it resumed" \
	grep -qE "[^;]+\\[[0-9]+\\] \\([^;]+\\) ran just before it resumed$" finding
# For good, that is: before, it may have gone to sleep while the victim was ready to
# run, and the kernel's migration thread may take the CPU amid its turn.
is "the accomplice's leaving the CPU is on the tape" "$(
	awk -F '\t' -v "thief=$thief" -v "accomplice=$accomplice" '
		$3 == thief && $5 ~ ("^sched_switch .*\\[" accomplice "\\]$") { on = 1 }
		on && $3 == accomplice && $5 ~ /^sched_switch [^ ]+ [ZX] ==> / { count++ }
		END { print count + 0 }' events)" 1
# In tenths of a millisecond, rounded.
stole=$(sed -nE "s/.*; thief\\[$thief\\] \\(FIFO 50\\) ran for ([0-9]+)\\.([0-9]) ms of that; .*/\\1\\2/p" \
	finding)
at_least "the thief is blamed for as long as it says that it spun" \
	$((${stole:-0} + 1)) $(($(said thief least_ns) / 100000))
at_least "and for no longer than it can have" \
	$(($(said thief most_ns) / 100000 + 1)) "${stole:-999999}"
