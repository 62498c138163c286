# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Time never goes back from CPU to CPU: of tokens that every two CPUs exchange, what
# caused comes before what was caused; and a window of which one CPU's clock is 20
# milliseconds ahead or behind is found out.
# Where the kernel does not keep time by the TSC, the recorder does not either: what it
# recorded lies within the program's brackets, and in order, all the same. (Calls are
# not counted there: every look at such a clock is one.)

tokens_complain() { awk -F '\t' -f "$here/tokens.awk" truth events; }

exchange() { # CLOCK
	record -- tokens 100
	silent "$1: of $(wc -l <truth) tokens from CPU to CPU, cause comes before effect" \
		tokens_complain
	complete
}

# A window of which a CPU's clock is wrong.
found_out() { # CPU MICROSECONDS
	"$programs/shift_cpu" "$1" "$2" <window.frec >shifted.frec
	dump shifted.frec
	at_least "CPU $1 shifted by $2 us: found out" "$(tokens_complain | wc -l)" 1
}

exchange "the TSC"
for ((cpu = 0; cpu < cpus; cpu++)); do
	found_out "$cpu" 20000
	found_out "$cpu" -20000
done

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
	exchange "$other"
	echo "$before" >$source/current_clocksource
fi
