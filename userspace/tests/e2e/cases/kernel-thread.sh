# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A kernel thread as target: each piece of known work is on its tape.

times=25
kthread=$(pid_of migration/0)
flightrec start -t "$kthread" 2>start.err
TRUTH=$PWD/truth "$programs/hops" 0 "$last_cpu" $times
truth_ready truth
take_complete
tid=$(said hops tid)
is "wakings of migration/0 by the hopper" \
	"$(find_events "^waking migration/0\\[$kthread\\]\$" "$tid" | wc -l)" \
	"$(said hops times)"
is "the hopper's name, though it is a bystander" \
	"$(find_events "^waking migration/0\\[$kthread\\]\$" "$tid" | cut -f 4 |
		sort -u)" "$(said hops comm)"
at_least "it came to run" \
	"$(count_events "==> migration/0\\[$kthread\\]\$")" $times
is "and went to sleep as often as it came" \
	"$(count_events '^sched_switch ' "$kthread")" \
	"$(count_events "^sched_switch .*==> migration/0\\[$kthread\\]\$")"
is "it made no call" "$(find_events '(\(| = )' "$kthread" | wc -l)" 0
is "the hopper's calls are nobody's business" \
	"$(find_events '(\(| = )' "$tid" | wc -l)" 0
