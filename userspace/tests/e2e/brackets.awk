# SPDX-License-Identifier: GPL-2.0
# Compares what a dump says on calls that wait with what the program read from the
# clock before and after each; prints what is wrong.
#
#	awk -F '\t' -f brackets.awk TRUTH EVENTS
#
# Of each call, in order: before <= ENTER <= switch out in state S <= switch in
# <= EXIT <= after; and from ENTER to EXIT it takes as long as it must at least. One
# that never went to sleep, as the kernel told the program, has no such switches.
# All are stamps of one length, which compare as strings.

function key(line, name,    i, words, count)
{
	count = split(line, words, " ")
	for (i = 1; i <= count; i++)
		if (index(words[i], name "=") == 1)
			return substr(words[i], length(name) + 2)
	return ""
}

function in_order(a, b, what)
{
	if ((a "") > (b ""))
		print "call " current ": " what ": " a " is later than " b
}

FILENAME == ARGV[1] && /^sleep / {
	# A number: as a string it would be compared with one that awk rounds.
	least[++sleeps] = key($0, "slept_ns") + 0
	switches[sleeps] = key($0, "switches") + 0
	all_switches += switches[sleeps]
	next
}

FILENAME == ARGV[1] && /^call / {
	tid = key($0, "tid")
	name[++calls] = key($0, "name")
	before[calls] = key($0, "before")
	after[calls] = key($0, "after")
	next
}

FILENAME == ARGV[1] { next }

$3 == tid && $5 ~ /^syscall_2001 = / { on = 1; next }
$3 == tid && $5 ~ /^syscall_2002\(/ { on = 0 }
!on { next }

$3 == tid && current < calls && index($5, name[current + 1] "(") == 1 {
	current++
	enter = $1
	out = back = ""
	in_order(before[current], enter, "before and ENTER")
	next
}

# What it calls for by itself, to get ready, is none of ours.
!current { next }

$3 == tid && $5 ~ /^sched_switch .* S ==> / && out == "" { out = $1 }
$5 ~ /^sched_switch / && $5 ~ ("==> .*\\[" tid "\\]$") && out != "" { back = $1 }

$3 == tid && index($5, name[current] " = ") == 1 && !ended[current] {
	ended[current] = 1
	if (switches[current] ? out == "" || back == "" : out != "") {
		print "call " current ": went to sleep " switches[current] \
			" times, switch out: " out ", and in: " back ": " $5
		next
	}
	if (switches[current]) {
		in_order(enter, out, "ENTER and switch out")
		in_order(out, back, "switch out and in")
		in_order(back, $1, "switch in and EXIT")
	}
	in_order($1, after[current], "EXIT and after")
	match($5, /<[0-9.]+>/)
	took = substr($5, RSTART + 1, RLENGTH - 2) * 1e9
	if (took < least[current])
		print "call " current ": took " took " ns, less than " \
			least[current]
}

END {
	if (!all_switches)
		print "no call went to sleep"
	if (!calls || calls != sleeps || current != calls)
		print calls + 0 " calls were made, " current + 0 " found"
	for (i = 1; i <= calls; i++)
		if (!ended[i])
			print "call " i " (" name[i] ") does not end"
}
