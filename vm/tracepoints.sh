# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For scripts in a guest in which probes come and go all the time.

# Who attaches the first and the second probe of a tracepoint rewrites the kernel's
# code, and the emulator may go on executing what stood there for a moment (see
# kunit/main.c). So two others hold them all that time; they record nothing.
hold_tracepoints() {
	local tracing=/sys/kernel/tracing instance event

	[[ -d $tracing/instances ]] || {
		echo "# nothing to hold the tracepoints with in this kernel"
		return 0
	}
	for instance in "$tracing"/instances/hold-{1,2}; do
		mkdir "$instance" || return 0
		echo 0 >"$instance/tracing_on"
		for event in task/{task_newtask,task_rename} \
			sched/sched_{process_exit,process_exec,switch,waking} \
			signal/signal_{generate,deliver} \
			raw_syscalls/sys_{enter,exit}; do
			echo 1 >"$instance/events/$event/enable"
		done
	done
}
