# SPDX-License-Identifier: GPL-2.0
# As brackets.awk, of what a Perfetto trace says (as ../perfetto/flatten.awk
# prints it): before <= sys_enter <= sys_exit <= after, by the number of the call.
# The trace has CLOCK_BOOTTIME, the truth CLOCK_MONOTONIC: equal in a machine that
# was never suspended.
#
#	awk -f brackets_perfetto.awk TRUTH FLAT

function key(line, name,    i, words, count)
{
	count = split(line, words, /[ \t]/)
	for (i = 1; i <= count; i++)
		if (index(words[i], name "=") == 1)
			return substr(words[i], length(name) + 2)
	return ""
}

FILENAME == ARGV[1] && /^call / {
	tid = key($0, "tid")
	nr[++calls] = key($0, "nr")
	before[calls] = key($0, "before_ns")
	after[calls] = key($0, "after_ns")
}

FILENAME == ARGV[1] { next }
key($0, "task") != tid { next }

# What comes before its number is none of ours.
/^event\tsys_enter\t/ && current < calls && key($0, "id") == nr[current + 1] {
	if (key($0, "ts") + 0 >= before[current + 1] + 0)
		enter = key($0, "ts")
	else
		next
	current++
}

/^event\tsys_exit\t/ && current && key($0, "id") == nr[current] && !ended[current] {
	ended[current] = 1
	if (key($0, "ts") + 0 < enter + 0 || key($0, "ts") + 0 > after[current] + 0)
		print "call " current ": before " before[current] ", enter " enter \
			", exit " key($0, "ts") ", after " after[current]
}

END {
	if (!calls || current != calls)
		print calls + 0 " calls were made, " current + 0 " found"
	for (i = 1; i <= calls; i++)
		if (!ended[i])
			print "call " i " does not end"
}
