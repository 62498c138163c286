# SPDX-License-Identifier: GPL-2.0
# Compares what a dump says on tokens that went from CPU to CPU with the order in which
# the program tokens knows that they did; prints what is wrong.
#
#	awk -F '\t' -f tokens.awk TRUTH EVENTS
#
# Each call begins when the one before it has ended, by whom and where the program
# says; and no event is older than one above it.

BEGIN { tokens = 0 }

FILENAME == ARGV[1] {
	split($0, words, /[ =]/)
	if (words[1] != "token" || words[3] != tokens)
		print "the truth is not in order: " $0
	tid[tokens] = words[5]
	cpu[tokens] = words[7]
	tokens++
	next
}

($1 "") < last { print "time goes back: " $0 }
{ last = $1 "" }

$5 ~ /^close\(1[0-9][0-9][0-9][0-9][0-9][0-9][,)]/ {
	number = substr($5, 7) - 1000000
	if (number != ended + 0 || under_way)
		print "token " number " is there while it is the turn of " ended + 0 \
			(under_way ? ", which is under way" : "")
	if ($3 != tid[number] || $2 != cpu[number])
		print "token " number ": " $3 " on CPU " $2 ", not " tid[number] " on " cpu[number]
	current = number
	under_way = 1
	next
}

$5 ~ /^close = / && under_way && $3 == tid[current] {
	under_way = 0
	ended = current + 1
}

END {
	if (!tokens || ended != tokens)
		print tokens + 0 " tokens were given, the last one found is " ended - 1
}
