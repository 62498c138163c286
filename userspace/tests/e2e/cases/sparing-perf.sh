# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh and crowd.sh have
# While bystanders are spared perf comes, and stays when recording has been stopped.

# shellcheck source=userspace/tests/e2e/crowd.sh
. "$here/crowd.sh"

perf_read() {
	perf script -F trace -i perf.data 2>perf.err |
		sed -nE 's/.*fd: 0x0*([0-9a-f]+).*/\1/p' >perf.calls
}

perf_calls() { of_last <perf.calls; }

perf_if_any() {
	if command -v perf >/dev/null && perf record -B -o /dev/null \
		-e syscalls:sys_enter_close true >perf.out 2>&1; then
		perf_too
	else
		skip "perf comes later" "no perf for this kernel"
	fi
}

perf_answers() { timeout 5 sh -c 'echo ping >control; read answer <answers'; }

perf_too() {
	flightrec start --sparing -p "$hold" 2>start.err
	tell storm
	mkfifo control answers
	# Without a look at each process of the storm first.
	perf record -a --synth=no -B -o perf.data -e syscalls:sys_enter_close \
		--filter 'fd >= 2000000' --control fifo:control,answers >perf.out 2>&1 &
	local perf=$!
	jobs+=("$perf")
	await "the mode ends for perf" sparing_is ended
	# It has attached; it answers when it records.
	await "perf records" perf_answers
	tell calm
	call_all
	flightrec stop
	mv expected with
	local first=$number
	call_all
	kill -INT "$perf"
	wait "$perf"
	perf_read
	perf_calls >got
	same "perf sees all when recording has been stopped" expected got
	number=$first
	perf_calls >got
	same "perf, come later, sees all" with got
	number=$((first + 1000))
	nobody "when perf has gone, nobody takes the slow way"
}

sparing_stages perf_if_any || :
