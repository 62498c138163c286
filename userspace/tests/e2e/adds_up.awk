# SPDX-License-Identifier: GPL-2.0
# Of a report: in what took the longest, what is indented below a line adds up to
# it, to the nanosecond. Prints what does not, and if there is nothing to add up.

function close_from(depth,    i) {
	for (i = last; i >= depth; i--)
		if (any[i] && sum[i] != ns[i])
			print "made of " sum[i] " ns: " line[i]
}

/^what took the longest/ { on = 1; last = -1; next }
!on { next }
/^$/ { on = 0; close_from(0); last = -1; next }
/^ +[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]  / {
	dot = index($0, ".") - 1
	depth = int((dot - 6) / 4)
	close_from(depth)
	split($1, parts, ".")
	ns[depth] = parts[1] * 1000000 + parts[2]
	line[depth] = $0
	sum[depth] = 0
	any[depth] = 0
	if (depth) {
		sum[depth - 1] += ns[depth]
		any[depth - 1] = 1
	}
	last = depth
	count++
}
END {
	close_from(0)
	if (!count)
		print "nothing took long"
}
