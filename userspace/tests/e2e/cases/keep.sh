# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# The age that is asked for: whether the tape holds it is what a program says that made
# numbered calls at a steady rate for longer than that; and the budget that is told
# where it does not, holds it.
# Of user space: --kernel-side leaves it out.

age=1 # seconds
ticks=150
every=10 # ms
calls=250
# What the rate of a piece of tape may be off by is less than the margin of what is
# told: no tick may be later.
late_ns=60000000

ns_now() { # by a clock of 10 ms, rounded up
	awk '{ printf "%.0f\n", ($1 + 0.02) * 1e9 }' /proc/uptime
}

on_time() {
	said tick late | awk -v most=$late_ns '$1 > most { exit 1 }'
}

# Leaves what is said of the age in $keep, the first number on the tape and the last
# in $first and $last; and by the program: those that the age begins with at the
# earliest and at the latest, in $oldest and $newest, and its last, in $last_call.
steady() { # OPTION...
	local after end

	for _ in 1 2 3 4 5; do
		rm -f truth window.frec
		TRUTH=$PWD/truth flightrec run -o window.frec --keep ${age}s "$@" -- \
			"$programs/steady" 0 $ticks $every $calls >run.out 2>run.err
		after=$(ns_now)
		! on_time || break
	done
	truth_ready truth
	flightrec dump window.frec >dump.txt 2>dump.err
	keep=$(sed -n 's/^# keep: //p' dump.txt)
	read -r first last < <(grep -oE ' close\(1[0-9]{6}\)' dump.txt | tr -dc '0-9\n' |
		awk 'NR == 1 { first = $1 } NR > 1 && $1 != last + 1 { print "gap" }
			{ last = $1 } END { print first, last }')
	last_call=$(said end last)
	end=$(said tick at | tail -n 1)
	oldest=$(said tick at first | awk -v at=$((end - age * 1000000000)) \
		'$1 >= at { print $2; exit }')
	newest=$(said tick at first | awk -v at=$((after - age * 1000000000)) \
		'$1 >= at { print $2; exit }')
	succeeds "$what: the program kept its pace" on_time
	is "$what: the tape goes up to the last call" "$last" "$last_call"
	is "$what: flightrec run says so, too" \
		"$(sed -n 's/^flightrec run: keep: //p' run.err)" "$keep"
}

holds() { # OPTION...
	steady "$@"
	succeeds "$what: it says that the age is held" \
		grep -qE "^$age s asked, [0-9.]+ s held$" <<<"$keep"
	at_least "$what: and it is" "$newest" "${first:-9999999}"
}

# Leaves the budget that is told, in MiB, in $told; it may be so many times what the
# program's calls take.
falls_short() { # SHARES OPTION...
	local shares=$1 takes

	shift
	steady "$@"
	told=$(sed -nE "s/^$age s asked, [0-9.]+ m?s held; ([0-9]+) MiB would hold it$/\1/p" \
		<<<"$keep")
	at_least "$what: it says that it is not, and what would hold it" "$told" 1
	at_least "$what: and it is not" "$first" $((oldest + 1))
	takes=$((age * 1000 * calls * 16 * shares / every))
	at_least "$what: what is told is no less than the calls take" \
		$((told << 20)) $takes
	at_least "$what: and not many times that" \
		$((2 * takes + (1 << 20))) $((told << 20))
}

what="shared, too little"
falls_short 1 --size 256K
is "the report says so, too" \
	"$(flightrec report window.frec | sed -nE 's/^  keep +//p')" "$keep"
what="shared, as told"
holds --size "${told}M"
what="percpu, too little"
falls_short "$cpus" --size 768K --policy percpu
what="percpu, as told"
holds --size "${told}M" --policy percpu

# What is left away says nothing of the budget.
succeeds "a window" flightrec start --comm steady --keep 10m 2>start.err
"$programs/steady" 0 20 $every $calls >/dev/null
flightrec freeze
is "status: a young recorder holds all" \
	"$(flightrec status | sed -nE 's/^keep: +(.*all) .* since the start held.*/\1/p')" \
	"10 min 0 s asked, all"
succeeds "a snapshot" flightrec snapshot -o whole.frec
is "it says the same" "$(sed -nE 's/^flightrec snapshot: keep: (.*all) .*/\1/p' command.out)" \
	"10 min 0 s asked, all"
succeeds "an excerpt" flightrec snapshot --last 100ms -o window.frec
is "says it of the whole" "$(grep -c 'keep: 10 min 0 s asked, all' command.out)" 1
dump window.frec
is "but not in the file" "$(grep -c '^# keep' dump.txt)" 0
dump whole.frec
is "as the whole does" "$(grep -c '^# keep: 10 min 0 s asked, all' dump.txt)" 1
flightrec stop

# Off for a while: no budget has to do with that.
flightrec start --comm steady --keep 1h 2>start.err
"$programs/steady" 0 10 $every $calls >/dev/null
flightrec freeze
flightrec thaw
"$programs/steady" 0 10 $every $calls >/dev/null
snapshot
dump window.frec
is "a hole is no matter of the budget" \
	"$(sed -nE 's/^# keep: (1 h 0 min asked), .* held without a hole.*/\1/p' dump.txt)" \
	"1 h 0 min asked"
flightrec stop

# Nothing is asked for.
record -- steady 0 10 $every $calls
is "who asks for no age is told of none" "$(grep -c 'keep: ' dump.txt run.err)" \
	$'dump.txt:0\nrun.err:0'
fails "no time" "not a time" flightrec start --comm steady --keep 10
fails "none at all" "not a time" flightrec start --comm steady --keep 0s
fails "more than can be" "not a time" flightrec start --comm steady --keep 400000h
