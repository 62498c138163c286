# SPDX-License-Identifier: GPL-2.0
# What bench/run has measured, as tables in Markdown; read in behind repetitions.awk.
# Exit status: 1 if a recorder did not count the events that there were, or something
# was not measured.

$1 == "rounds" { rounds[$2] = $3 }
$1 == "events" { events[$2] = $3 }
$1 == "recorder" { recorder[++recorders] = $2 }
$1 == "bystander" { bystander[++bystanders] = $2 }
$1 == "service_recorder" { service_recorder[++service_recorders] = $2 }
$1 == "beyond" { beyond[$2] = $3 }
$1 == "warm_up" { warm_up = $2 }
$1 == "workload" { workload[++workloads] = $2 }
$1 == "service" { service[++services] = $2 }

$1 == "time" {
	key = $3 SUBSEP $2
	add(key, $4 / ($2 in rounds ? rounds[$2] : 1))
	if ($5 && $6)
		bytes[key] = $6 / $5
	# Beginning, warm-up and end of the workload are recorded, too.
	if ($5) {
		all = rounds[$2] * events[$2]
		if ($5 < all || $5 > all + warm_up * events[$2] + 500)
			wrong = wrong sprintf("wrong: %s, %s: %d events, not %d\n", $2, $3, $5, all)
	}
}

$1 == "still" {
	add("firing" SUBSEP $2, $3)
	add("cut" SUBSEP $2, $4)
	add("return" SUBSEP $2, $5)
}

# Both it and what it is compared with.
function is_measured(key, base) {
	if (key in n && base in n)
		return 1
	sub(SUBSEP, ", ", key)
	wrong = wrong "wrong: not measured: " words(key) "\n"
	return 0
}

# Half of what the repetitions differ by.
function spread(key) { return (most(key) - least(key)) / 2 }

# Beyond the round of another recorder, an event.
function an_event(name, what, other,   key, base) {
	key = name SUBSEP what
	base = other SUBSEP what
	if (!is_measured(key, base))
		return "-"
	return sprintf("%.1f ± %.1f", (median(key) - median(base)) / events[what],
		       spread(key) / events[what])
}

function slower(name, what,   key, base) {
	key = name SUBSEP what
	base = "untraced" SUBSEP what
	if (!is_measured(key, base))
		return "-"
	return sprintf("%+.1f %% ± %.1f", (median(key) / median(base) - 1) * 100,
		       (spread(key) + spread(base)) / median(base) * 100)
}

function a_round(what,   key) {
	key = "untraced" SUBSEP what
	return is_measured(key, key) ? sprintf("(%.0f a round)", median(key)) : "-"
}

function head_of(names, count, last,   head, line, i) {
	head = "| recorder |"
	line = "|---|"
	for (i = 1; i <= count; i++) {
		head = head " " words(names[i]) " |"
		line = line "---|"
	}
	if (last)
		head = head " " last " |"
	print head
	print line (last ? "---|" : "")
}

# Of each workload, beyond @other.
function row_of_events(name, other,   row, w) {
	row = "| " words(name) " |"
	for (w = 1; w <= workloads; w++)
		row = row " " (name == "untraced" ? a_round(workload[w]) : an_event(name, workload[w], other)) " |"
	return row
}

# How much more than another recorder takes.
function row_of_more(name, other,   row) {
	row = row_of_events(name, other)
	sub(/^\| [^|]* \|/, "| " words(name) ", beyond " words(other) " |", row)
	return row
}

function bytes_of(name,   a, b) {
	a = name SUBSEP "null"
	b = name SUBSEP "pipe"
	return a in bytes && b in bytes ? sprintf("%.1f / %.1f", bytes[a], bytes[b]) : "-"
}

function table_of_events(   r) {
	print "Instructions an event beyond the untraced workload, of what is recorded;"
	print "a round untraced takes:"
	print ""
	head_of(workload, workloads, "bytes an event, null / pipe")
	for (r = 1; r <= recorders; r++)
		print row_of_events(recorder[r], "untraced") " " bytes_of(recorder[r]) " |"
	for (r = 1; r <= recorders; r++)
		if (recorder[r] in beyond)
			print row_of_more(recorder[r], beyond[recorder[r]]) " - |"
	print ""
	print "The same of a process beside one that is recorded:"
	print ""
	head_of(workload, workloads)
	for (r = 1; r <= bystanders; r++)
		print row_of_events(bystander[r], "untraced")
}

function row_of_standstill(text, what,   row, key, i) {
	row = "| " text " |"
	for (i = 1; i <= split("firing cut return", steps); i++) {
		key = steps[i] SUBSEP what
		row = row " " (is_measured(key, key) ? sprintf("%d", median(key)) : "-") " |"
	}
	print row
}

function table_of_standstill() {
	print ""
	print "Instructions from the record of what fires a trigger that freezes, until"
	print ""
	print "| what fires | it has fired | the cut | the program runs on |"
	print "|---|---|---|---|"
	row_of_standstill("a call took too long", "slow")
	row_of_standstill("a call failed", "errno")
}

function table_of_services(   r, s, row) {
	print ""
	print "How many more instructions real programs take, the one that gives the work"
	print "included, which has the same processor and is not recorded:"
	print ""
	head_of(service, services)
	for (r = 2; r <= service_recorders; r++) {
		row = "| " words(service_recorder[r]) " |"
		for (s = 1; s <= services; s++)
			row = row " " slower(service_recorder[r], service[s]) " |"
		print row
	}
}

END {
	order_all()
	table_of_events()
	table_of_standstill()
	if (services)
		table_of_services()
	printf "%s", wrong
	exit wrong != ""
}
