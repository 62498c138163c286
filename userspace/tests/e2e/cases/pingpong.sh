# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Two tasks on one CPU take turns: calls, switches and wakings match exactly.

# Switches of TID from the CPU, between its first and its last counted call, in
# state S, while it is in a call CALL that waits.
blocks_of() { # TID CALL
	awk -F '\t' -v "tid=$1" -v "call=$2" '
		$3 != tid { next }
		$5 ~ /^syscall_2001 = / { on = 1 }
		$5 ~ /^syscall_2002\(/ { on = 0 }
		index($5, call "(") == 1 { within = 1 }
		index($5, call " = ") == 1 { within = 0 }
		on && within && $5 ~ /^sched_switch .* S ==> / { count++ }
		END { print count + 0 }' events
}

# Wakings of TO by FROM, in the course of FROM's calls that are counted.
wakes_of() { # FROM TO
	awk -F '\t' -v "from=$1" -v "to=$2" '
		$3 != from { next }
		$5 ~ /^syscall_2001 = / { on = 1 }
		$5 ~ /^syscall_2002\(/ { on = 0 }
		on && $5 ~ "^waking .*\\[" to "\\]$" { count++ }
		END { print count + 0 }' events
}

play() { # KIND TIMES WAITING-CALL
	local tids line tid other

	record --args 6 -- pingpong "$1" "$2" "$last_cpu"
	calls_match "$1: calls" 6
	mapfile -t tids < <(said player tid)
	for line in 0 1; do
		tid=${tids[$line]}
		other=${tids[$((1 - line))]}
		is "$1: switches of $(said "player tid=$tid" comm)" \
			"$(blocks_of "$tid" "$3")" \
			"$(said "player tid=$tid" blocks)"
		is "$1: wakings by $(said "player tid=$tid" comm)" \
			"$(wakes_of "$tid" "$other")" \
			"$(said "player tid=$tid" wakes)"
		is "$1: it ran on CPU $last_cpu alone" \
			"$(awk -F '\t' -v "tid=$tid" '
				$5 ~ /^syscall_2001\(/ && $3 == tid { on = 1 }
				$3 == tid && on { print $2 }' events | sort -u)" \
			"$last_cpu"
	done
	complete
}

play pipe 100 read
play futex 100 futex
