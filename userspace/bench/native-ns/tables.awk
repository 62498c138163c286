# SPDX-License-Identifier: GPL-2.0
# What native-ns/run has measured, as tables in Markdown. Exit status: 1 if a recorder did
# not count the events that there were, or something was not measured.

$1 == "events" { events = $2 }
$1 == "what" { what[++whats] = $2 }
$1 == "recorder" { recorder[++recorders] = $2 }
$1 == "clock" { clock[$2] = $3 }

$1 == "native" {
	key = $3 SUBSEP $2
	if (!(key in n) || $4 / 1000 < best[key])
		best[key] = $4 / 1000
	add(key, $5 / 1000)
	# Beginning and end of who is measured are recorded, too.
	if ($6 && ($6 < events || $6 > events * 1.2))
		wrong = wrong sprintf("wrong: %s, %s: %d events, not %d\n", $2, $3, $6, events)
}

function cell(name, what,   key) {
	key = name SUBSEP what
	if (!(key in n)) {
		wrong = wrong "wrong: not measured: " words(name) ", " what "\n"
		return "-"
	}
	return sprintf("%.1f (%.1f to %.1f)", median(key), best[key], most(key))
}

# How many times as much the one takes as the other; and the least of each.
function times(one, other, what) {
	one = one SUBSEP what
	other = other SUBSEP what
	if (!(one in n) || !(other in n))
		return "-"
	return sprintf("%.2f (%.2f)", median(one) / median(other), best[one] / best[other])
}

function row_of_times(one, other,   row, w) {
	row = "| " words(one) " / " words(other) " | |"
	for (w = 1; w <= whats; w++)
		row = row " " times(one, other, what[w]) " |"
	print row
}

END {
	order_all()
	clock["floor"] = "TSC" # as it stands in its source
	print "Nanoseconds an event, all told; reading the counter alone takes"
	print cell("untraced", "rdtsc") "; the kernel's clock source is \"" clock["source"] "\":"
	print ""
	print "| recorder | clock | system call, enter or exit | wake-up | switch |"
	print "|---|---|---|---|---|"
	for (r = 1; r <= recorders; r++) {
		name = recorder[r]
		row = "| " words(name) " | " (name in clock ? clock[name] : "-") " |"
		for (w = 1; w <= whats; w++)
			row = row " " cell(name, what[w]) " |"
		print row
	}
	row_of_times("flightrec", "floor")
	row_of_times("ftrace", "flightrec")
	row_of_times("ftrace_counter", "flightrec")
	printf "%s", wrong
	exit wrong != ""
}
