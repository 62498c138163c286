# SPDX-License-Identifier: GPL-2.0
# As calls.awk, of what a Perfetto trace says (as ../perfetto/flatten.awk prints
# it): number, every argument and result as the kernel had them, in order.
#
#	awk -f calls_perfetto.awk TRUTH FLAT

function key(line, name,    i, words, count)
{
	count = split(line, words, /[ \t]/)
	for (i = 1; i <= count; i++)
		if (index(words[i], name "=") == 1)
			return substr(words[i], length(name) + 2)
	return ""
}

# The second way in which the truth shows a number is unsigned, the first signed.
function unsigned(list,    i, words, ways, count, all)
{
	count = split(list, words, ",")
	for (i = 1; i <= count; i++) {
		split(words[i], ways, "/")
		all = all " " ways[2]
	}
	return all
}

# The first COUNT arguments; there are six, whatever the call has.
function args(line, count,    i, words, words_count, found, all)
{
	words_count = split(line, words, "\t")
	for (i = 1; i <= words_count; i++)
		if (index(words[i], "args=") == 1 && found++ < count)
			all = all " " substr(words[i], 6)
	return all
}

FILENAME == ARGV[1] && /^call / {
	tid = key($0, "tid")
	nr[++calls] = key($0, "nr")
	count[calls] = key($0, "nargs")
	arguments[calls] = unsigned(key($0, "args"))
	split(key($0, "result"), ways, "/")
	result[calls] = ways[1]
}

FILENAME == ARGV[1] { next }
key($0, "task") != tid { next }

/^event\tsys_enter\t/ && key($0, "id") == 2001 { on = 1; next }
/^event\tsys_enter\t/ && key($0, "id") == 2002 { on = 0; over = 1 }
!on { next }

/^event\tsys_enter\t/ {
	i = ++entered
	if (key($0, "id") != nr[i] || args($0, count[i]) != arguments[i])
		print "call " i " is " nr[i] ":" arguments[i] ", got: " $0
}

/^event\tsys_exit\t/ && key($0, "id") != 2001 {
	i = ++left
	if (key($0, "id") != nr[i] || key($0, "ret") != result[i])
		print "call " i " is " nr[i] " = " result[i] ", got: " $0
}

END {
	if (!calls || !over || entered != calls || left != calls)
		print calls + 0 " calls were made, " entered + 0 " began, " \
			left + 0 " ended"
}
