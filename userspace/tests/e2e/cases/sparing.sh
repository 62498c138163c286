# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh and crowd.sh have
# Bystanders are spared: targets, and nobody else, take the kernel's slow way through a
# call, whoever becomes one, is born, or is none any more.

# shellcheck source=userspace/tests/e2e/crowd.sh
. "$here/crowd.sh"

alone() {
	tell storm
	succeeds "recording starts in the midst of a storm" \
		flightrec start --sparing -p "$hold"
	tell calm
	is "the mode is on" "$(sparing)" "$is_on"
	nobody "bystanders take the fast way"
	tell storm
	tell calm
	nobody "and so do those born since"
	hold_again
	snapshot
	dump window.frec
	hold_calls 2 >hold.expected
	truth_ready hold.expected
	numbered_names | grep "^$hold " >got
	same "of the target all calls are on the tape" hold.expected got

	flightrec target add --comm crowd 2>target.err
	all_by "those who became targets in the midst of a call are recorded" tape_calls
	only_targets "of those" "$members"
	tell storm
	tell calm
	only_targets "and their children" "$members"
	flightrec target remove --comm crowd
	nobody "who is a target no more takes the fast way"
	flightrec target add --comm crowd --no-follow 2>target.err
	tell storm
	tell calm
	only_targets "and not their children, without following" 0
	flightrec freeze
	nobody_but_targets_frozen
	flightrec thaw
	only_targets "thawed" 0
	flightrec stop
	nobody "when recording has been stopped, nobody takes the slow way"
}

# Frozen: the tape stays as it is, and so does who goes which way.
nobody_but_targets_frozen() {
	is_watched "frozen: as many as before" || return 0
	slow_calls | wc -l >before
	call_all
	is "frozen: as many as before" "$(slow_calls | wc -l)" "$(cat before)"
}

# Slots for some of them only: none of them is a target, none is left on the slow way.
no_room() {
	flightrec start --sparing --slots 30 -p "$hold" 2>start.err
	fails "no room for all" "slots" flightrec target add --comm crowd
	nobody "who found no room takes the fast way"
	flightrec stop
}

no_calls() {
	flightrec start --sparing --events sched -p "$hold" 2>start.err
	is "without system calls there is nothing to do" "$(sparing)" \
		"no system calls are recorded"
	nobody "and nobody takes the slow way"
	flightrec stop
}

# What other cases check without it.
known_programs() {
	record --sparing --args 6 -- calls 1
	calls_match "all calls of a known program" 6
	rm -f truth
	flightrec start --sparing --comm late-one 2>start.err
	hold_start late-one 7
	hold_end
	snapshot
	flightrec stop
	dump window.frec
	truth_ready truth
	hold_calls 1 >hold.expected
	numbered_names | grep "^$hold " >got
	same "all calls of one who became a target by his new name" hold.expected got
}

if sparing_stages alone no_room no_calls; then
	known_programs
fi
