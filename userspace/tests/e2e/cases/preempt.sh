# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A real-time thief takes the CPU from a target for a known time: the report names
# the thief, the waits on the tape hold the thefts.

flightrec start --comm victim --no-follow --size 32M 2>start.err
TRUTH=$PWD/truth "$programs/preempt" "$last_cpu" 60 3
truth_ready truth
take_complete
victim=$(said victim tid)
thief=$(said thief tid)

# Every theft lies within one wait of the victim, which begins with its giving way
# to the thief and ends with its coming back.
# shellcheck disable=SC2016 # for awk
silent "each theft lies within a wait" awk -F '\t' -v "victim=$victim" \
	-v "thief=$thief" '
	FILENAME == ARGV[1] {
		if ($0 !~ /^theft /)
			next
		count++
		match($0, / from=[^ ]+/)
		from[count] = substr($0, RSTART + 6, RLENGTH - 6)
		match($0, / until=[^ ]+/)
		until[count] = substr($0, RSTART + 7, RLENGTH - 7)
		next
	}
	$3 == victim && $5 ~ ("^sched_switch .* R\\+? ==> .*\\[" thief "\\]$") {
		out = $1
	}
	$5 ~ ("^sched_switch .* ==> .*\\[" victim "\\]$") && out != "" {
		for (i = 1; i <= count; i++)
			if (out "" <= from[i] "" && $1 "" >= until[i] "")
				found[i]++
		out = ""
	}
	END {
		if (count != 3)
			print count + 0 " thefts are told of"
		for (i = 1; i <= count; i++)
			if (found[i] != 1)
				print "theft " i ": " found[i] + 0 " waits"
	}' truth events
is "numbered calls of the victim" \
	"$(find_events '^close\(1[0-9]+\)' "$victim" | wc -l)" \
	"$(said victim calls)"
is "the thief, a bystander, has no call on the tape" \
	"$(find_events '(\(| = )' "$thief" | wc -l)" 0
# Before, it may have had its turn under its program's name.
is "the thief's name, from its first theft on" "$(
	find_events '^sched_switch ' "$thief" |
		awk -F '\t' -v "from=$(said 'theft number=0' from)" \
			'$1 "" >= from "" { print $4 }' | sort -u)" thief

flightrec report window.frec >report.txt 2>report.err
longest=$(said 'theft number=2' ns)
head -n 5 report.txt >finding
succeeds "the report begins with the worst wait, of the victim" \
	grep -qE "^worst wait for a CPU: victim\\[$victim\\] [0-9.]+ ms, .*CPU $last_cpu" \
	finding
succeeds "it names the thief and its priority" \
	grep -qE "thief\\[$thief\\] \\(FIFO 50\\)" finding
# Rounded to a millisecond, or finer.
waited=$(sed -nE '1s/.*\] ([0-9]+)(\.[0-9]+)? ms, .*/\1/p' report.txt)
at_least "the worst wait is not shorter than the longest theft" \
	$((${waited:-0} + 1)) $((longest / 1000000))

# All that the thief ran is its part of the wait.
silent "the report adds up" awk -f "$here/adds_up.awk" report.txt
stolen=$(THIEF="victim\\[$victim\\] waited for the CPU that thief\\[$thief\\]" awk '
	$0 ~ ENVIRON["THIEF"] {
		split($1, parts, ".")
		ns = parts[1] * 1000000 + parts[2]
		if (ns > most)
			most = ns
	}
	END { print most }' report.txt)
at_least "the thief's part is not shorter than what it had of the longest theft" \
	"$stolen" "$(said 'theft number=2' ran_ns)"
