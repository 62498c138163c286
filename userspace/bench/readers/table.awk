# SPDX-License-Identifier: GPL-2.0
# What readers/run has measured, in Markdown. Exit status: 1 if something was not
# measured, or not as it should have been.

$1 == "rounds" { rounds[$2] = $3 }
$1 == "events" { events[$2] = $3 }
$1 == "workload" { workload[++workloads] = $2 }

$1 == "read" {
	if ($3 < 16 * 1024 * 1024)
		complain(sprintf("the frozen window has %d bytes", $3))
	note("read", $2 / $3)
}
$1 == "own" {
	note($3 SUBSEP $2, $4 / rounds[$2])
	# Beginning and end of the workload, and what the reader takes the processor for.
	all = rounds[$2] * events[$2]
	if ($3 != "untraced" && ($5 < all || $5 > all * 1.2))
		complain(sprintf("%s, %s: %d events, not %d", $2, $3, $5, all))
	if ($6 < 2)
		complain(sprintf("%s, %s: %d windows were read", $2, $3, $6))
	windows[$3 SUBSEP $2] += $6
}

function complain(what) { wrong = wrong "wrong: " what "\n" }

function note(key, value) {
	if (!(key in n) || value < least[key])
		least[key] = value
	if (!(key in n) || value > most[key])
		most[key] = value
	sum[key] += value
	n[key]++
}

function mean(key) {
	if (!(key in n)) {
		complain("not measured: " key)
		return 0
	}
	return sum[key] / n[key]
}

function row(name, beside,   w, key, text, each) {
	text = "| " name " |"
	for (w = 1; w <= workloads; w++) {
		key = beside SUBSEP workload[w]
		each = events[workload[w]]
		text = text sprintf(" %.1f ± %.1f |", \
			(mean(key) - mean("untraced" SUBSEP workload[w])) / each, \
			(most[key] - least[key]) / 2 / each)
	}
	print text
}

END {
	printf "Reading a frozen window of 16 MiB: %.2f instructions a byte (%.2f to %.2f).\n", mean("read"), least["read"], most["read"]
	print ""
	head = "| beside a reader of |"
	line = "|---|"
	for (w = 1; w <= workloads; w++) {
		head = head " " workload[w] " |"
		line = line "---|"
	}
	print head
	print line
	row("a file", "file")
	row("live windows", "live")
	text = "| so many windows, a repetition |"
	for (w = 1; w <= workloads; w++) {
		key = "live" SUBSEP workload[w]
		text = text sprintf(" %d |", n[key] ? windows[key] / n[key] : 0)
	}
	print text
	printf "%s", wrong
	exit wrong != ""
}
