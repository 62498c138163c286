# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Interrupts: as many are on the tape as the kernel itself counts on the CPU that a
# target has, of each kind; elsewhere there are none. A storm of timers hits a target
# in a call: the report says how much of the call the interrupts had.

# Some devices' interrupts, too: whatever lets itself be sent to that CPU, while the
# file system is busy.
for irq in /proc/irq/[0-9]*; do
	echo "$last_cpu" >"$irq/smp_affinity_list"
done 2>/dev/null
make_noise() {
	while :; do
		dd if="$programs/irqs" of=/dev/null bs=4096 iflag=direct
		find "$here" -newer "$programs/irqs"
	done >/dev/null 2>&1
}
background make_noise

flightrec start --comm victim --no-follow --events sched,syscalls,irq --size 32M 2>start.err
TRUTH=$PWD/truth "$programs/irqs" "$last_cpu" 400 10000
truth_ready truth
take_complete
victim=$(said victim tid)

# Of each interrupt, and of the CPUs, how many began between the marks.
awk -F '\t' -v "victim=$victim" -v "cpu=$last_cpu" '
	$3 == victim && $5 == "mark \"irqs begin\"" { on = 1 }
	$3 == victim && $5 == "mark \"irqs end\"" { on = 0 }
	!on { next }
	$5 ~ /^(irq_handler|softirq|local_timer)_/ && $2 + 0 != cpu {
		print "elsewhere " $0
		next
	}
	$5 ~ /^irq_handler_entry / {
		split($5, words, " ")
		count["device " words[2]]++
		name["device " words[2]] = words[3]
	}
	$5 ~ /^softirq_entry / {
		split($5, words, " ")
		count["softirq " words[2]]++
	}
	$5 ~ /^local_timer_entry / { count["timer LOC"]++ }
	END {
		for (which in count)
			print which, count[which], name[which]
	}' events >counted
is "none is recorded where no target is" "$(grep -c '^elsewhere' counted)" 0
# shellcheck disable=SC2016 # for awk
silent "the kernel counts as many" awk '
	FILENAME == ARGV[1] {
		if ($0 !~ /^irq /)
			next
		for (i = 2; i <= NF; i++) {
			equals = index($i, "=")
			field[substr($i, 1, equals - 1)] = substr($i, equals + 1)
		}
		which = field["kind"] " " field["comm"]
		if (field["kind"] == "device")
			which = field["kind"] " " field["number"]
		least[which] = field["least"]
		most[which] = field["most"]
		name[which] = field["comm"]
		rows++
		next
	}
	{ count[$1 " " $2] = $3; named[$1 " " $2] = $4 }
	END {
		if (!rows)
			print "the truth is empty"
		for (which in least) {
			if (count[which] + 0 < least[which] + 0 ||
			    count[which] + 0 > most[which] + 0)
				print which ": " count[which] + 0 ", not " \
					least[which] " to " most[which]
			if (count[which] && which ~ /^device / &&
			    index("\"" name[which] "\"", named[which]) == 0)
				print which ": named " named[which] ", not " \
					name[which]
		}
	}' truth counted
# On arm64 the CPU's own timer is a device like others.
at_least "timers' interrupts are among them" "$(awk '
	$1 == "timer" || $2 == "TIMER" || $4 ~ /arch_timer/ { n += $3 }
	END { print n + 0 }' counted)" 10
if [[ -n $(said 'irq kind=device least=[1-9].*' number) ]]; then
	at_least "so are devices'" \
		"$(awk '$1 == "device" { n += $3 } END { print n + 0 }' counted)" 1
else
	skip "devices' interrupts" "none could be had on CPU $last_cpu"
fi

flightrec report --all window.frec >report.txt 2>report.err
silent "the report adds up" awk -f "$here/adds_up.awk" report.txt
# Of the call that was hit, found by when it began: what interrupts had of it, in ns. With
# PREEMPT_RT the timers are a thread's.
held_up() { # FROM UNTIL
	FROM=$1 UNTIL=$2 VICTIM="victim\\[$victim\\]" awk '
	BEGIN { from = substr(ENVIRON["FROM"], 12); until = substr(ENVIRON["UNTIL"], 12) }
	/^ +[0-9.]+  [0-9:.]+ / {
		on = $0 ~ (ENVIRON["VICTIM"] " was in pread64\\(") &&
			$2 "" >= substr(from, 1, 15) && $2 "" <= until
		next
	}
	on && $0 ~ (ENVIRON["VICTIM"] " was held up by |" \
			"waited for the CPU that ktimers/") {
		split($1, parts, ".")
		ns += parts[1] * 1000000 + parts[2]
	}
	END { print ns + 0 }' report.txt
}
# As much as interrupts have of who does nothing but look at the clock, about: what other
# guests take of a busy host makes that more, so it is the least of several, and half of
# it is asked for. Once in five the program may take for a storm in the call what came when
# it asked for it: its own measure of a storm may be too long for that, on a busy host.
said gap ns | sort -n >gaps
is "timers had their storms" "$(wc -l <gaps)" 5
gap=$(head -n 1 gaps)
at_least "each of which took its time" "$gap" 1000000
said read ns from until >storms
is "and calls had theirs" "$(wc -l <storms)" 5
hit=0
while read -r ns from until; do
	had=$(held_up "$from" "$until")
	at_least "no more than all of the call" "$ns" "$had"
	if [[ $had -ge $((gap / 2)) ]]; then
		hit=$((hit + 1))
	else
		echo "# of a call of $ns ns interrupts had $had, of one that looks $gap"
	fi
done <storms
at_least "interrupts had of the call what they take" "$hit" 4
