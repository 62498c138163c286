# SPDX-License-Identifier: GPL-2.0
# What bench/run has measured, as tables in Markdown. Exit status: 1 if a recorder did
# not count the events that there were.

$1 == "rounds" { rounds[$2] = $3 }
$1 == "events" { events[$2] = $3 }
$1 == "recorder" { recorder[++recorders] = $2 }
$1 == "bystander" { bystander[++bystanders] = $2 }
$1 == "workload" { workload[++workloads] = $2 }
$1 == "service" { service[++services] = $2 }

$1 == "time" {
	key = $3 SUBSEP $2
	each = $4 / ($2 in rounds ? rounds[$2] : 1)
	if (!(key in n) || each < least[key])
		least[key] = each
	if (!(key in n) || each > most[key])
		most[key] = each
	sum[key] += each
	n[key]++
	if ($5 && $6)
		bytes[key] = $6 / $5
	# Beginning and end of the workload are recorded, too.
	if ($5) {
		all = rounds[$2] * events[$2]
		if ($5 < all || $5 > all * 1.2)
			wrong = wrong sprintf("wrong: %s, %s: %d events, not %d\n", $2, $3, $5, all)
	}
}

function mean(key) { return sum[key] / n[key] }

function words(name) {
	gsub("_", " ", name)
	return name
}

# Both it and what it is compared with.
function is_measured(key, base) {
	if (key in n && base in n)
		return 1
	sub(SUBSEP, ", ", key)
	wrong = wrong "wrong: not measured: " words(key) "\n"
	return 0
}

# Beyond the untraced round, an event.
function an_event(name, what,   key, base) {
	key = name SUBSEP what
	base = "untraced" SUBSEP what
	if (!is_measured(key, base))
		return "-"
	return sprintf("%.1f ± %.1f", (mean(key) - mean(base)) / events[what],
		       (most[key] - least[key]) / 2 / events[what])
}

function slower(name, what,   key, base) {
	key = name SUBSEP what
	base = "untraced" SUBSEP what
	if (!is_measured(key, base))
		return "-"
	return sprintf("%+.1f %% ± %.1f", (mean(key) / mean(base) - 1) * 100,
		       (most[key] - least[key]) / 2 / mean(base) * 100)
}

END {
	print "Instructions an event beyond the untraced workload, of what is recorded;"
	print "a round untraced takes:"
	print ""
	head = "| recorder |"
	line = "|---|"
	for (w = 1; w <= workloads; w++) {
		head = head " " workload[w] " |"
		line = line "---|"
	}
	print head " bytes an event, null / pipe |"
	print line "---|"
	for (r = 1; r <= recorders; r++) {
		name = recorder[r]
		row = "| " words(name) " |"
		for (w = 1; w <= workloads; w++)
			row = row " " (r == 1 ? sprintf("(%.0f a round)", mean(name SUBSEP workload[w])) : an_event(name, workload[w])) " |"
		a = name SUBSEP "null"
		b = name SUBSEP "pipe"
		print row " " (a in bytes && b in bytes ? sprintf("%.1f / %.1f", bytes[a], bytes[b]) : "-") " |"
	}
	print ""
	print "The same of a process beside one that is recorded:"
	print ""
	print head
	print line
	for (r = 1; r <= bystanders; r++) {
		name = bystander[r]
		row = "| " words(name) " |"
		for (w = 1; w <= workloads; w++)
			row = row " " an_event(name, workload[w]) " |"
		print row
	}
	print ""
	print "How much longer real programs take as a whole, the one that gives the work"
	print "included; it has the same processor, and is not recorded:"
	print ""
	head = "| recorder |"
	line = "|---|"
	for (s = 1; s <= services; s++) {
		head = head " " words(service[s]) " |"
		line = line "---|"
	}
	print head
	print line
	for (r = 2; r <= recorders; r++) {
		name = recorder[r]
		row = "| " words(name) " |"
		for (s = 1; s <= services; s++)
			row = row " " slower(name, service[s]) " |"
		print row
	}
	printf "%s", wrong
	exit wrong != ""
}
