# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A worker of io_uring, which no clone call makes, is followed like a thread.

record -- uring "$PWD/fifo" 10
if [[ ! -s truth ]]; then
	skip "workers of io_uring" "none here"
else
	complete
	said worker parent tid comm | sort >workers.expected
	sed -nE 's/^[^\t]*\t[^\t]*\t([0-9]+)\t.*\tclone kernel thread (.*)\[([0-9]+)\] flags=.*/\1 \3/p' \
		events | while read -r parent tid; do
		# It gets its name when it first runs; before, it has its parent's.
		echo "$parent $tid $(find_events '^sched_switch ' "$tid" |
			cut -f 4 | uniq | sed '1{/^uring$/d;}')"
	done | sort >workers.got
	same "workers: parent, tid, name" workers.expected workers.got
	worker=$(said worker tid | head -n 1)
	at_least "it slept in its opens" \
		"$(count_events '^sched_switch .* S ==> ' "$worker")" 1
fi
