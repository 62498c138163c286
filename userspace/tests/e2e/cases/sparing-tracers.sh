# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh and crowd.sh have
# Other tracers of calls, while bystanders are spared: who was there before, who comes
# later, and who stays when recording has been stopped, sees all calls of everybody.

# shellcheck source=userspace/tests/e2e/crowd.sh
. "$here/crowd.sh"

other=$tracing/instances/other

# With 0x in front since 6.18.
other_calls() {
	sed -nE 's/.*sys_close\(fd: (0x)?([0-9a-f]+)\)$/\2/p' "$other/trace" | of_last
}

perf_calls() {
	perf script -i perf.data 2>perf.err |
		sed -nE 's/.*fd: 0x0*([0-9a-f]+).*/\1/p' | of_last
}

other_begin() {
	mkdir $other
	echo 'fd >= 2000000' >$other/events/syscalls/sys_enter_close/filter
	echo 1 >$other/events/syscalls/sys_enter_close/enable
}

other_end() {
	echo 0 >$other/events/syscalls/sys_enter_close/enable
	rmdir $other
}

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

# He comes, and recording ends, in every order; the mode may end or be ended by that.
come_and_go() {
	local i

	for i in 1 2 3 4 5 6; do
		tell storm
		flightrec start --sparing -p "$hold" 2>start.err
		case $i in
		1|4) other_begin; flightrec stop ;;
		2|5) flightrec stop & other_begin; wait $! ;;
		3) other_begin; sleep 0.5; flightrec stop ;;
		6) flightrec stop; other_begin ;;
		esac
		tell calm
		all_by "$i: who stays sees all" other_calls
		other_end
		nobody "$i: when he has gone, nobody takes the slow way"
	done
}

perf_if_any() {
	if command -v perf >/dev/null && perf record -o /dev/null \
		-e syscalls:sys_enter_close true >perf.out 2>&1; then
		perf_too
	else
		skip "perf comes later" "no perf for this kernel"
	fi
}

perf_too() {
	flightrec start --sparing -p "$hold" 2>start.err
	tell storm
	perf record -a -o perf.data -e syscalls:sys_enter_close \
		--filter 'fd >= 2000000' >perf.out 2>&1 &
	local perf=$!
	jobs+=("$perf")
	await "the mode ends for perf" sparing_is ended
	tell calm
	call_all
	flightrec stop
	mv expected with
	local first=$number
	call_all
	kill -INT "$perf"
	wait "$perf"
	perf_calls >got
	same "perf sees all when recording has been stopped" expected got
	number=$first
	perf_calls >got
	same "perf, come later, sees all" with got
	number=$((first + 1000))
	nobody "when perf has gone, nobody takes the slow way"
}

sparing_stages was_there comes_later come_and_go perf_if_any || :
