# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# exec from a thread that is not the leader takes over the leader's tid.

times=2
want=7 record -- thread_exec $times
complete

is "execs of the callers" \
	"$(sed -nE 's/.*\texec \/proc\/self\/exe \(was tid ([0-9]+)\)$/\1/p' events)" \
	"$(said threads caller)"
is "they went on as the leader" \
	"$(find_events '^exec /proc/self/exe ' | cut -f 3 | sort -u)" \
	"$(said threads leader | sort -u)"
is "and their calls end there" \
	"$(awk -F '\t' '$5 ~ /^exec .*was tid/ { tid = $3 }
		$3 == tid && $5 ~ /^execve = 0( |$)/ { count++; tid = "" }
		END { print count + 0 }' events)" $times

{
	said threads caller number | sed 's/$/ te-caller/'
	said execed tid number comm
} | sort >names.expected
numbered_names | sort >names.got
same "tid and name of each numbered call" names.expected names.got

said threads idler | sed 's/$/ te-idler/' | sort >deaths.expected
find_events '^(killed by|exit status) ' | cut -f 3,4 | tr '\t' ' ' |
	grep te-idler | sort >deaths.got
same "the idlers die by their names" deaths.expected deaths.got
leader=$(said threads leader | sort -u)
is "the leaders that were replaced die as such" \
	"$(find_events '^(killed by|exit status) ' "$leader" | cut -f 4 |
		grep -c te-leader)" $times
is "the last one exits with 7" \
	"$(find_events '^exit status 7, the last' "$leader" | cut -f 4)" exe
