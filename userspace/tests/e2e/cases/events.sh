# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Groups of events: what is not asked for is not recorded, and its tracepoints are
# not even registered, which the kernel's own memory shows.

grep ' __tracepoint_s' /proc/kallsyms >symbols

registered() {
	"$programs/tracepoint" symbols sys_enter sys_exit sched_switch \
		sched_waking sched_process_exit softirq_entry |
		sed 's/=0$/ off/; s/=[0-9]*$/ on/' | paste -sd ' '
}

while_recording() { # OPTION...: what is registered meanwhile
	hold_start watched 1
	flightrec start -p "$hold" "$@" 2>start.err
	registered
	flightrec stop
	hold_end
}

if [[ -n $(registered) ]]; then
	is "registered when idle: none" "$(registered)" \
		"sys_enter off sys_exit off sched_switch off sched_waking off sched_process_exit off softirq_entry off"
	is "registered for all" "$(while_recording)" \
		"sys_enter on sys_exit on sched_switch on sched_waking on sched_process_exit on softirq_entry off"
	is "registered for sched" "$(while_recording --events sched)" \
		"sys_enter off sys_exit off sched_switch on sched_waking on sched_process_exit on softirq_entry off"
	is "registered for syscalls" "$(while_recording --events syscalls)" \
		"sys_enter on sys_exit on sched_switch on sched_waking off sched_process_exit on softirq_entry off"
	is "registered for irq" "$(while_recording --events irq)" \
		"sys_enter off sys_exit off sched_switch on sched_waking off sched_process_exit on softirq_entry on"
	is "registered when idle again: none" "$(registered)" \
		"sys_enter off sys_exit off sched_switch off sched_waking off sched_process_exit off softirq_entry off"
else
	skip "what is registered" "the kernel's memory cannot be read"
fi

record --events sched -- pingpong pipe 50 0
complete
is "sched: no calls" "$(count_events '^[a-z0-9_]+(\(| = )')" 0
ping=$(said 'player .* comm=ping' tid)
at_least "sched: switches" \
	"$(find_events '^sched_switch .* S ==> ' "$ping" | wc -l)" \
	"$(said 'player .* comm=ping' blocks)"
is "sched: births, names and deaths are there" \
	"$(find_events '^(fork|exec|rename|exit status) ' | cut -f 5 |
		sed 's/ .*//' | sort | uniq -c | awk '{ print $1, $2 }' |
		paste -sd ' ')" "1 exec 2 exit 1 fork 3 rename"

record --events syscalls --args 6 -- pingpong pipe 50 0
complete
calls_match "syscalls: calls" 6
is "syscalls: no switches" "$(count_events '^(sched_switch|waking) ')" 0
is "syscalls: births, names and deaths are there" \
	"$(find_events '^(fork|exec|rename|exit status) ' | cut -f 5 |
		sed 's/ .*//' | sort | uniq -c | awk '{ print $1, $2 }' |
		paste -sd ' ')" "1 exec 2 exit 1 fork 3 rename"
