# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh and crowd.sh have
# Other tracers of calls, while bystanders are spared: who was there before, who comes
# later, and who stays when recording has been stopped, sees all calls of everybody.

# shellcheck source=userspace/tests/e2e/crowd.sh
. "$here/crowd.sh"

was_there() {
	other_begin
	fails "who was there is respected, and that is said" "not spared" \
		sh -c "flightrec start --sparing -p $hold; false"
	is "the mode is refused" "$(sparing)" \
		"refused, another tracer of system calls was there at the start"
	all_by "who was there sees all" other_calls
	tell storm
	flightrec stop
	tell calm
	all_by "also when recording has been stopped" other_calls
	other_end
	nobody "when both have gone, nobody takes the slow way"
}

comes_later() {
	flightrec start --sparing -p "$hold" 2>start.err
	is "the mode is on" "$(sparing)" "$is_on"
	tell storm
	other_begin
	await "the mode ends" sparing_is ended
	tell calm
	all_by "who comes later, in a storm, sees all after that" other_calls
	tell storm
	tell calm
	all_by "and after another one" other_calls
	hold_again
	snapshot
	dump window.frec
	hold_calls 2 >hold.expected
	truth_ready hold.expected
	numbered_names | grep "^$hold " | tail -n 5 >got
	same "the target is recorded as before" hold.expected got
	other_end
	is "it stays ended when he has gone" "$(sparing)" \
		"ended, another tracer of system calls has come since the start"
	all_by "and everybody takes the slow way" slow_calls
	other_begin
	flightrec stop
	all_by "who came again sees all when recording has been stopped" other_calls
	other_end
	nobody "when both have gone, nobody takes the slow way"
}

sparing_stages was_there comes_later || :
