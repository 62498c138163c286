# SPDX-License-Identifier: GPL-2.0
# The events of `flightrec dump', one a line, as fields separated by tabs: stamp
# (DATE"T"TIME), CPU, tid, name, what. A 32-bit call is "compat_NAME".

/^#/ { next }

{
	rest = substr($0, index($0, "[") + 1)
	cpu = substr(rest, 1, index(rest, "]") - 1) + 0
	rest = substr(rest, index(rest, "]") + 2)
	if (!match(rest, /\[[0-9]+\] /)) {
		print "events.awk: not an event: " $0
		next
	}
	name = substr(rest, 1, RSTART - 1)
	tid = substr(rest, RSTART + 1, RLENGTH - 3)
	what = substr(rest, RSTART + RLENGTH)
	sub(/^compat /, "compat_", what)
	printf "%sT%s\t%d\t%s\t%s\t%s\n", $1, $2, cpu, tid, name, what
}
