# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the scripts share that attack the module in a guest. They print
# "ok - WHAT" or "not ok - WHAT"; run-fuzz and run-faults number that and judge.

failed=0
tracing=/sys/kernel/tracing

result() { # STATUS WHAT
	if [[ $1 -eq 0 ]]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
	fi
}

# Who attaches the first and the second probe of a tracepoint rewrites the kernel's
# code, and the emulator may go on executing what stood there for a moment (see
# kunit/main.c). So two others hold them all that time; they record nothing.
hold_tracepoints() {
	local instance event

	[[ -d $tracing/instances ]] || {
		echo "# nothing to hold the tracepoints with in this kernel"
		return 0
	}
	for instance in "$tracing"/instances/attack-{1,2}; do
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

load() { # MODULE
	insmod "$1" && [[ -e /dev/flightrec ]]
}

# All references are given back when nobody has the device open.
unload() {
	local tries

	for ((tries = 0; tries < 50; tries++)); do
		rmmod flightrec 2>/dev/null && return
		sleep 0.1
	done
	rmmod flightrec
}

has_kmemleak() { [[ -w /sys/kernel/debug/kmemleak ]]; }

forget_leaks() {
	! has_kmemleak || echo clear >/sys/kernel/debug/kmemleak
}

# What is new must be older than 5 s to count, and be found twice.
find_leaks() { # prints them
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
}

no_leaks() { # WHAT
	local leaks

	if ! has_kmemleak; then
		echo "ok - $1 # SKIP this kernel does not look for leaks"
		return
	fi
	leaks=$(find_leaks)
	[[ -z $leaks ]]
	result $? "$1"
	[[ -z $leaks ]] || head -n 60 <<<"$leaks" | sed 's/^/# /'
}
