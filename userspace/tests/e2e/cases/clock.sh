# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Where the kernel does not keep time by the TSC, the recorder does not either: what it
# recorded lies within the program's brackets all the same. (Calls are not counted
# here: every look at such a clock is one.)

source=/sys/devices/system/clocksource/clocksource0
before=$(<$source/current_clocksource)
other=$(tr ' ' '\n' <$source/available_clocksource | grep . | grep -vxm 1 "$before")

if [[ -z $other || $before != tsc ]]; then
	skip "another clock" "this machine has one clock alone, or no TSC"
else
	echo "$other" >$source/current_clocksource
	is "the kernel's clock is $other" "$(<$source/current_clocksource)" "$other"
	record --args 6 -- sleeps 10
	silent "begin, sleep, end lie within the program's own brackets" \
		awk -F '\t' -f "$here/brackets.awk" truth events
	complete
	is "the window says so" \
		"$(od -An -v -t u4 -j 32 -N 4 window.frec | tr -d ' ')" 1
	echo "$before" >$source/current_clocksource
fi
