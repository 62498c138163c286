# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the scripts share that attack the module in a guest. They print
# "ok - WHAT" or "not ok - WHAT"; run-fuzz and run-faults number that and judge.

# shellcheck source=vm/tracepoints.sh
. "$here/../../../vm/tracepoints.sh"

failed=0

result() { # STATUS WHAT
	if [[ $1 -eq 0 ]]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
	fi
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
