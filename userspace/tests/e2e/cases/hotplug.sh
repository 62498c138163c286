# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A CPU that goes offline keeps its history, and records on when it comes back.

online=/sys/devices/system/cpu/cpu$last_cpu/online

# Programs of one name, one after the other, whose truths are put together.
count_on() { # CALLS CPU
	TRUTH=$PWD/truth "$programs/counter" "$1" 10 "$2"
}

counted() { # WHAT
	snapshot
	dump window.frec
	counter_matches "$1"
}

if [[ ! -w $online || $last_cpu -eq 0 ]]; then
	skip "CPUs that come and go" "none can be taken offline"
else
	flightrec start --comm counter 2>start.err
	count_on 500 "$last_cpu"
	echo 0 >"$online"
	count_on 300 0
	counted "a CPU that is offline keeps its history"
	echo 1 >"$online"
	count_on 400 "$last_cpu"
	echo 0 >"$online"
	echo 1 >"$online"
	count_on 200 "$last_cpu"
	truth_ready truth
	counted "it records on when it comes back"
	is "nothing is lost" "$(grep '^# lost:' dump.txt)" \
		"# lost: 0 events, 0 targets"
	flightrec stop

	rm truth
	echo 0 >"$online"
	flightrec start --comm counter 2>start.err
	count_on 300 0
	echo 1 >"$online"
	count_on 400 "$last_cpu"
	truth_ready truth
	counted "a CPU that was offline at the start"
	flightrec stop
fi
