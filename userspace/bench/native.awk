# SPDX-License-Identifier: GPL-2.0
# What bench/native has measured, as tables in Markdown. Exit status: 1 if a program did
# not tell of the events that there are.

BEGIN {
	split("decode text perfetto report", ours)
	split("decode text perfetto report trace-cmd perf babeltrace2", all)
	named["decode"] = "flightrec: decoding alone"
	named["text"] = "flightrec dump"
	named["perfetto"] = "flightrec encode --format perfetto"
	named["report"] = "flightrec report"
	named["trace-cmd"] = "trace-cmd report"
	named["perf"] = "perf script"
	named["babeltrace2"] = "babeltrace2, of LTTng's"
}

$1 == "made" { made[$2] = $3 }
$1 == "told" { told[$2, $3] = $4 }

$1 == "read" && $6 > 0 {
	key = $2 SUBSEP $3
	events[key] = $4
	bytes[key] = $5
	if (!(key in least) || $6 < least[key])
		least[key] = $6
	if ($7 > memory[key])
		memory[key] = $7
	windows[$2]
}

function rate(key) { return events[key] / least[key] / 1e6 }

function speeds(key) {
	if (!(key in least)) {
		wrong = wrong "wrong: not measured: " key "\n"
		return "- | -"
	}
	return sprintf("%.*f | %.0f", rate(key) < 1 ? 2 : 1, rate(key), bytes[key] / least[key] / 1e6)
}

# Beginnings of tapes are told, too: one a CPU.
function check_made(window,   i, reader) {
	for (i = 1; i <= 2; i++) {
		reader = ours[i]
		if ((window, reader) in told && told[window, reader] != made[window] + 4)
			wrong = wrong sprintf("wrong: %s, %s: %d events and beginnings, not %d\n",
					      window, reader, told[window, reader], made[window] + 4)
	}
}

function times(key) {
	return key in least ? sprintf("%.0f", rate("recorded" SUBSEP "decode") / rate(key)) : "-"
}

END {
	print "Windows that were made, of four CPUs:"
	print ""
	print "| of 10 million events | million events a second | MB a second of the window | KiB of memory at the most, for 1 / 10 / 100 million |"
	print "|---|---|---|---|"
	for (i = 1; i in ours; i++)
		printf "| %s | %s | %d / %d / %d |\n", named[ours[i]], speeds("10M" SUBSEP ours[i]),
		       memory["1M", ours[i]], memory["10M", ours[i]], memory["100M", ours[i]]
	for (window in made)
		check_made(window)
	if ("recorded" in windows) {
		print ""
		print "The same work, recorded by four, one after the other:"
		print ""
		print "| | events | bytes an event | million events a second | MB a second | KiB of memory at the most | decoding is so many times as fast |"
		print "|---|---|---|---|---|---|---|"
		for (i = 1; i in all; i++) {
			key = "recorded" SUBSEP all[i]
			printf "| %s | %d | %.1f | %s | %d | %s |\n", named[all[i]], events[key],
			       events[key] ? bytes[key] / events[key] : 0, speeds(key), memory[key], times(key)
			if (events[key] < 9e6)
				wrong = wrong sprintf("wrong: %s: %d events\n", all[i], events[key])
		}
		if (told["recorded", "decode"] != told["recorded", "text"])
			wrong = wrong "wrong: decoding and text do not tell of the same events\n"
	}
	printf "%s", wrong
	exit wrong != ""
}
