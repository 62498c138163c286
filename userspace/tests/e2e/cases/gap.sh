# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# What happens while frozen is not on the tape; the tape goes on after a thaw, and
# says that there is a gap.

hold_start gap-maker 5
flightrec start -p "$hold" 2>start.err
hold_again
flightrec freeze
hold_again
flightrec thaw
hold_again
snapshot
flightrec stop
hold_end
dump window.frec

truth_ready truth
hold_calls 2 4 >names.expected
numbered_names >names.got
same "calls before and after, none in between" names.expected names.got
is "no call is without its end but those in flight at the freezes" \
	"$(find_events '^close\(' "$hold" | wc -l)" \
	"$(find_events '^close = ' "$hold" | wc -l)"
at_least "the gap is told" "$(count_events '^GAP ')" 1
