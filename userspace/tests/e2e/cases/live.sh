# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Windows that are read while recording goes on: no stop, no gap, several readers.

# One that does what it is told, between the windows.
hold_start living 5
flightrec start -p "$hold" --args 2 2>start.err
hold_again
snapshot one.frec
hold_again
snapshot two.frec
at_least "recording goes on" "$(flightrec status | grep -c '^state: *recording')" 1
hold_again
cat /dev/flightrec >three.frec
flightrec stop
hold_end
truth_ready truth
for number in 1 2 3; do
	file=$(printf 'one\ntwo\nthree\n' | sed -n "${number}p").frec
	dump "$file"
	hold_calls $(seq 2 $((number + 1))) >names.expected
	numbered_names >names.got
	same "window $number holds all up to its cut" names.expected names.got
	is "window $number has no gap, and lost nothing" \
		"$(count_events '^(GAP|LOST) ')" 0
	is "window $number says how it was taken" \
		"$(grep -c 'taken while recording went on' dump.txt)" 1
	is "the call in flight at its cut" \
		"$(grep '^# in flight:' dump.txt | sed -E 's/\(.*//')" \
		"# in flight: living[$hold] $(said round call | tail -n 1)"
	timeless >"events.$number"
done
# What was before the first cut is the same in all: they overlap.
lines=$(wc -l <events.1)
at_least "events of the first" "$lines" 5
for number in 2 3; do
	same "window $number begins as the first one" events.1 \
		<(head -n "$lines" "events.$number")
done

# All CPUs write as fast as they can, and two readers read as fast as they can, three
# times each, and on for so many seconds. Readers who get little of the processors are
# overtaken, and get little of the tapes: on then, 27 times more at most, until one has
# had enough.
rm truth
read_beside() { # NUMBER
	cat progress >"before.$1"
	cat /dev/flightrec >"beside.$1" &
	cat /dev/flightrec >"live.$1"
	cat progress >"after.$1"
	wait %%
	cat progress >"beside-after.$1"
}
calls_of() { # WINDOW
	flightrec dump "$1" 2>/dev/null | grep -c '^[^#].* close(1'
}
longer=${E2E_LIVE_SECONDS:-0}
wrapped() { flightrec status --once | grep '^tape held' | grep -v 'all since'; }
flightrec start --comm counter --size $((cpus * 2))M --args 6 2>start.err
PROGRESS=$PWD/progress TRUTH=$PWD/truth nice -n 10 \
	"$programs/counter" 1000000000 0 &
counter=$!
jobs+=("$counter")
await "the counters fill the tape" wrapped
begun=$SECONDS
for ((windows = 0; windows < 3 || SECONDS - begun < longer; windows++)); do
	read_beside "$windows"
done
calls_wanted=$((windows * cpus * 1000)) calls=0
for ((i = 0; i < windows && calls < calls_wanted; i++)); do
	calls=$((calls + $(calls_of "live.$i")))
done
for ((more = 0; more < 27 && calls < calls_wanted; more++, windows++)); do
	read_beside "$windows"
	calls=$((calls + $(calls_of "live.$windows")))
done
kill -TERM "$counter"
wait "$counter"
flightrec freeze
cat /dev/flightrec >frozen.frec
flightrec stop
truth_ready truth
check_live() { # WINDOW BEFORE AFTER
	flightrec dump "$1" 2>dump.err |
		"$programs/counter_check" truth live "$2" "$3" 2>/dev/null >live.out
	grep '^held=' live.out >>held
	grep -v '^held=' live.out
}
for ((i = 0; i < windows; i++)); do
	silent "window $i under load: all is there, or counted as missing" \
		check_live "live.$i" "before.$i" "after.$i"
	silent "the one beside it" \
		check_live "beside.$i" "before.$i" "beside-after.$i"
	# A reader who was lapped everywhere has no record: what he lost is counted.
	scan() {
		"$programs/scan" "live.$i" any 2>>scanned |
			grep -vx 'there is no record' || true
	}
	silent "no byte is wrong" scan
done
# However fast they are: not all is written anew before it can be read.
at_least "calls in them" "$(awk -F '[= ]' '{ sum += $2 } END { print sum }' held)" \
	"$calls_wanted"
is "windows whose bytes were looked at" "$(grep -c ' records in ' scanned)" "$windows"
at_least "records whose bytes were looked at" \
	"$(awk '/ records in / { sum += $1 } END { print sum }' scanned)" \
	"$calls_wanted"
check_frozen() {
	flightrec dump frozen.frec 2>dump.err |
		"$programs/counter_check" truth wrapped 2>frozen.txt |
		grep -v '^held='
}
silent "the tape of the frozen recorder has no hole" check_frozen
is "nor a gap" "$(flightrec dump frozen.frec | grep -c ' GAP ')" 0
