# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Two tasks on one CPU take turns: calls, switches and wakings match exactly.

# Of each player, between its first and its last counted call: its switches from the
# CPU in state S while it is in CALL, the call that waits; its wakings of the other
# one; its CPUs; its names.
play() { # KIND TIMES CALL [PROGRAM ARGUMENT...]: which runs it
	record --args 6 -- "${@:4}" pingpong "$1" "$2" "$last_cpu"
	calls_match "$1: calls" 6
	said player tid blocks wakes comm | awk -v "cpu=$last_cpu" '{
		print $1, $4, "blocks " $2, "wakes " $3, "cpus " cpu
	}' >players.expected
	awk -F '\t' -v "call=$3" '
		FILENAME == ARGV[1] {
			split($0, words, " ")
			players[++count] = words[1]
			next
		}
		$5 ~ /^syscall_2001 = / { on[$3] = 1 }
		$5 ~ /^syscall_2002\(/ { on[$3] = 0 }
		!on[$3] { next }
		!(($3, $2) in ran) { cpus[$3] = cpus[$3] " " $2; ran[$3, $2] = 1 }
		!(($3, $4) in named) { name[$3] = name[$3] " " $4; named[$3, $4] = 1 }
		index($5, call "(") == 1 { within[$3] = 1 }
		index($5, call " = ") == 1 { within[$3] = 0 }
		within[$3] && $5 ~ /^sched_switch .* S ==> / { blocks[$3]++ }
		$5 ~ /^waking / {
			match($5, /\[[0-9]+\]$/)
			woken = substr($5, RSTART + 1, RLENGTH - 2)
			if (woken == players[1] || woken == players[2])
				wakes[$3]++
		}
		END {
			for (i = 1; i <= count; i++)
				print players[i] name[players[i]], \
					"blocks " blocks[players[i]], \
					"wakes " wakes[players[i]], \
					"cpus" cpus[players[i]]
		}' players.expected events >players.got
	same "$1: switches, wakings, CPUs, names of both players" \
		players.expected players.got
	complete
}

play pipe 100 read
play futex 100 futex

# Ping has the highest tid of all, which fits no word: its switches, wakings, birth
# have a word more. So far the kernel gives none when it boots.
highest=4194303
before=$(</proc/sys/kernel/pid_max)
echo $((highest + 1)) >/proc/sys/kernel/pid_max
play pipe 20 read at_tid "$highest"
echo "$before" >/proc/sys/kernel/pid_max
is "ping has the highest tid" "$(said player tid | head -n 1)" "$highest"
at_least "its birth is on the tape" \
	"$(count_events "^fork .*\\[$highest\\]")" 1
