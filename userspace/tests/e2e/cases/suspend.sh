# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# The machine is about to sleep: what is recorded with a clock that may begin anew is
# frozen before, can be read after, and gone on with if the clock went on. What the
# kernel does here is to freeze all tasks for a moment, and no more.

power=/sys/power
state() { flightrec status | sed -nE 's/^state: *([a-z]+).*/\1/p'; }

if ! grep -qw freezer $power/pm_test 2>/dev/null; then
	skip "a sleep" "this kernel has no test of one"
elif ! grep -qx tsc /sys/devices/system/clocksource/*/current_clocksource; then
	skip "a sleep" "the clock goes on in a sleep here"
else
	echo 1 >/sys/module/suspend/parameters/pm_test_delay 2>/dev/null
	echo freezer >$power/pm_test

	hold_start sleeper 50
	flightrec start -p "$hold" 2>start.err
	hold_again
	truth_ready truth
	succeeds "the machine sleeps, as far as that goes" \
		sh -c "echo freeze >$power/state"
	is "it was frozen before" "$(state)" frozen
	succeeds "and that is why" sh -c \
		'flightrec status | grep -q "^state: *frozen before the machine slept"'
	hold_again
	snapshot
	dump window.frec
	complete
	succeeds "the window says why" \
		grep -q "^# window: frozen before the machine slept, cut at " dump.txt
	hold_calls 2 >names.expected
	numbered_names >names.got
	same "what was recorded until then can be read, and no more" \
		names.expected names.got
	succeeds "it goes on" flightrec thaw
	is "and records" "$(state)" recording
	flightrec stop
	echo freeze >$power/state
	is "who does not record is left alone" "$(state)" idle
	hold_end
	echo none >$power/pm_test
fi
