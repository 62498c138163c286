# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Who records, in bench's guest. begin_NAME PID begins to record PID and whom it
# creates; end_NAME ends that, and sets $counted, how many events there were, 0 if
# that is not known, and $bytes, what they took, headers and all. *_bystander records
# another process.

counted=0
bytes=0

begin_untraced() { :; }
end_untraced() { :; }

begin_flightrec() { "$flightrec" start -p "$1" >/dev/null 2>&1; }
end_flightrec() {
	"$flightrec" freeze >/dev/null
	counted=$("$flightrec" status | awk '$1 == "events:" { print $2 }')
	bytes=$(wc -c </dev/flightrec)
	"$flightrec" stop >/dev/null
}

begin_flightrec_no_argument() { "$flightrec" start --args 0 -p "$1" >/dev/null 2>&1; }
end_flightrec_no_argument() { end_flightrec; }

begin_flightrec_3_arguments() { "$flightrec" start --args 3 -p "$1" >/dev/null 2>&1; }
end_flightrec_3_arguments() { end_flightrec; }

# All that can be armed and look at calls and switches, none of which ever fires.
begin_flightrec_armed() {
	local condition

	for condition in slower waits-for-cpu off-cpu in-call waiting running away; do
		"$flightrec" trigger add "--$condition" 1h >/dev/null
	done
	"$flightrec" trigger add --errno EXFULL >/dev/null
	begin_flightrec "$1"
}
end_flightrec_armed() {
	end_flightrec
	"$flightrec" trigger remove --all
}

begin_flightrec_bystander() { begin_flightrec "$other"; }
end_flightrec_bystander() { "$flightrec" stop >/dev/null; }

begin_flightrec_sparing_bystander() {
	"$flightrec" start --sparing -p "$other" >/dev/null 2>&1
}
end_flightrec_sparing_bystander() { end_flightrec_bystander; }

begin_flightrec_sched_bystander() {
	"$flightrec" start --events sched -p "$other" >/dev/null 2>&1
}
end_flightrec_sched_bystander() { end_flightrec_bystander; }

begin_ftrace() {
	local event

	mkdir "$instance"
	echo 32768 >"$instance/buffer_size_kb"
	echo 1 >"$instance/options/event-fork"
	echo "$1" >"$instance/set_event_pid"
	for event in sched/sched_switch sched/sched_waking \
		raw_syscalls/sys_enter raw_syscalls/sys_exit; do
		echo 1 >"$instance/events/$event/enable"
	done
}
end_ftrace() {
	echo 0 >"$instance/tracing_on"
	counted=$(awk '/^(entries|overrun):/ { all += $2 } END { print all }' \
		"$instance"/per_cpu/cpu0/stats)
	# What was not overrun; headers of pages are counted, too.
	bytes=$(awk '/^bytes:/ { print $2 }' "$instance"/per_cpu/cpu0/stats)
	rmdir "$instance"
}

begin_ftrace_bystander() { begin_ftrace "$other"; }
end_ftrace_bystander() { rmdir "$instance"; }

begin_bpf() {
	coproc bpf { exec "$build/bench/bpf-recorder" "$build/bench/recorder.bpf.o" "$1"; }
	bpf_pid=$!
	read -r _ <&"${bpf[0]}"
	bpf_out=${bpf[0]} bpf_in=${bpf[1]}
}
end_bpf() {
	exec {bpf_in}>&-
	read -r counted <&"$bpf_out"
	bytes=$((counted * 16))
	wait "$bpf_pid"
}

begin_bpf_bystander() { begin_bpf "$other"; }
end_bpf_bystander() { end_bpf; counted=0 bytes=0; }

begin_perf() {
	mkfifo /run/perf.control /run/perf.answer
	perf record --overwrite -m 8192 -o /run/perf.data -p "$1" \
		-e raw_syscalls:sys_enter -e raw_syscalls:sys_exit \
		-e sched:sched_switch -e sched:sched_waking \
		--control fifo:/run/perf.control,/run/perf.answer -D -1 \
		>/dev/null 2>&1 &
	perf_pid=$!
	exec 6>/run/perf.control 7</run/perf.answer
	echo enable >&6
	read -r _ <&7
}
end_perf() {
	kill -INT "$perf_pid"
	wait "$perf_pid" || true
	exec 6>&- 7<&-
	rm -f /run/perf.*
	# For a second the kernel keeps looking for its events at each switch.
	sleep 2
}

begin_perf_bystander() { begin_perf "$other"; }
end_perf_bystander() { end_perf; }

# A session of LTTng's that records PIDs.
lttng_begin() { # PID[,PID] CREATE-OPTION...
	LTTNG_UST_REGISTER_TIMEOUT=0 lttng-sessiond --daemonize --kmod-probes=sched
	{
		lttng create bench "${@:2}"
		lttng enable-channel --kernel --subbuf-size=1M --num-subbuf=32 events
		lttng enable-event --kernel --channel=events sched_switch,sched_waking
		lttng enable-event --kernel --channel=events --syscall --all
		lttng track --kernel "--pid=$1"
		lttng start
	} >/dev/null
}
lttng_end() { # [COMMAND...]: while the session is there
	local pid

	{
		lttng stop
		"$@"
		lttng destroy
	} >/dev/null
	read -r pid </run/lttng/lttng-sessiond.pid
	kill "$pid"
	while [[ -e /proc/$pid ]]; do
		sleep 0.1
	done
}

# Its tracker leaves out whom a process creates. A workload creates one other, if any,
# when it has been told to begin, and nobody else does until then: so that one's number
# can be chosen (by ns_last_pid).
begin_lttng() {
	local who=$1 peer=30000

	[[ ! /proc/$1/exe -ef $build/bench/workload ]] || who+=,$peer
	lttng_begin "$who" --snapshot --output=/run/lttng.trace
	echo $((peer - 1)) >/proc/sys/kernel/ns_last_pid
}
end_lttng() {
	lttng_end lttng snapshot record
	counted=$(babeltrace2 /run/lttng.trace | wc -l)
	# Pages that are not full are counted, too.
	bytes=$(cat /run/lttng.trace/*/kernel/events_* | wc -c)
	rm -r /run/lttng.trace
}

begin_lttng_bystander() { begin_lttng "$other"; }
end_lttng_bystander() { lttng_end; }

begin_floor() { insmod "$floor" pid="$1"; }
end_floor() {
	rmmod floor
	counted=$(dmesg | awk '/ floor: / { n = $(NF - 1) } END { print n }')
	bytes=$((counted * 16))
}

begin_floor_bystander() { begin_floor "$other"; }
end_floor_bystander() { end_floor; counted=0 bytes=0; }
