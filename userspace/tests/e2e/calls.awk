# SPDX-License-Identifier: GPL-2.0
# Compares the calls that programs say they made with those of a dump, one by one
# in order, thread by thread; prints what is wrong, and nothing if all is right.
#
#	awk -F '\t' -v recorded=ARGUMENTS -f calls.awk TRUTH EVENTS
#
# TRUTH has lines "call tid=T nr=N name=X nargs=N args=A,B result=R errno=E", an
# argument and a result being given in all ways in which they may be shown, with /
# in between. What stands in EVENTS before syscall_2001 and after syscall_2002 of a
# thread is not looked at.

function wrong(what) { print what }

function key(line, name,    i, words, count)
{
	count = split(line, words, " ")
	for (i = 1; i <= count; i++)
		if (index(words[i], name "=") == 1)
			return substr(words[i], length(name) + 2)
	return ""
}

function one_of(value, ways,    i, way, count)
{
	count = split(ways, way, "/")
	for (i = 1; i <= count; i++)
		if ((value "") == (way[i] ""))
			return 1
	return 0
}

# "name(a, b, ...)" as far as it is known what it must be.
function check_enter(tid, what, i,    list, shown, count, arity, ways, j, want)
{
	arity = arguments_count[tid, i]
	want = recorded < arity ? recorded : arity
	list = substr(what, length(name[tid, i]) + 2)
	if (substr(list, length(list)) != ")")
		return 0
	list = substr(list, 1, length(list) - 1)
	count = split(list, shown, ", ")
	if (want < arity) {
		if (count != want + 1 || shown[count] != "...")
			return 0
	} else if (count != want) {
		return 0
	}
	split(arguments[tid, i], ways, ",")
	for (j = 1; j <= want; j++)
		if (!one_of(shown[j], ways[j]))
			return 0
	return 1
}

# "name = result ERRNO <seconds>"
function check_exit(tid, what, i,    words, count, want)
{
	count = split(what, words, " ")
	want = failure[tid, i] == "0" ? 4 : 5
	if (count != want || words[2] != "=" || !one_of(words[3], result[tid, i]))
		return 0
	if (want == 5 && words[4] != failure[tid, i])
		return 0
	return words[count] ~ /^<[0-9]+\.[0-9]+>$/
}

function enter(tid, what,    i)
{
	if (index(what, "syscall_2001(") == 1) {
		inside[tid] = 1
		return
	}
	if (index(what, "syscall_2002(") == 1)
		inside[tid] = 2
	if (inside[tid] != 1)
		return
	i = ++entered[tid]
	if (i > calls[tid])
		wrong("tid " tid ": a call too many: " what)
	else if (index(what, name[tid, i] "(") != 1 || !check_enter(tid, what, i))
		wrong("tid " tid ", call " i ": " what " instead of " line[tid, i])
}

function leave(tid, what,    i)
{
	if (index(what, "syscall_2001 = ") == 1 || inside[tid] != 1)
		return
	i = ++left[tid]
	if (i != entered[tid])
		wrong("tid " tid ": not the end of call " entered[tid] ": " what)
	else if (i > calls[tid] || index(what, name[tid, i] " = ") != 1 ||
		 !check_exit(tid, what, i))
		wrong("tid " tid ", end of call " i ": " what " instead of " \
		      line[tid, i])
}

FILENAME == ARGV[1] {
	if ($0 !~ /^call /)
		next
	tid = key($0, "tid")
	i = ++calls[tid]
	name[tid, i] = key($0, "name")
	arguments[tid, i] = key($0, "args")
	arguments_count[tid, i] = key($0, "nargs")
	result[tid, i] = key($0, "result")
	failure[tid, i] = key($0, "errno")
	line[tid, i] = substr($0, 1, 200)
	next
}

!($3 in calls) { next }
$5 ~ /^[a-z0-9_-]+\(/ { enter($3, $5); next }
$5 ~ /^[a-z0-9_-]+ = / { leave($3, $5) }

END {
	for (tid in calls) {
		all++
		if (inside[tid] != 2)
			wrong("tid " tid ": its calls do not begin and end")
		if (entered[tid] != calls[tid] || left[tid] != calls[tid])
			wrong("tid " tid ": " calls[tid] " calls were made, " \
			      entered[tid] + 0 " began and " left[tid] + 0 \
			      " ended on the tape")
	}
	if (!all)
		wrong("the truth has no calls")
}
