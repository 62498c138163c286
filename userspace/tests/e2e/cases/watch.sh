# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# flightrec watch: each window that it writes has the event for which it was taken;
# the directory stays within its bounds, and no half file gets a name.
# Of user space: --kernel-side leaves it out.

files() { find "$1" -name '*.frec' 2>/dev/null | sort; } # DIRECTORY
has_files() { [[ $(files "$1" | wc -l) -ge $2 ]]; }	 # DIRECTORY COUNT
says() { grep -qE -- "$1" watch.err; }
recording() { flightrec status --once | grep -q '^state: *recording since'; }
sleep_slowly() { "$programs/sleeps" 200 >/dev/null; }

watch() { # OPTION...
	: >watch.out
	: >watch.err
	background flightrec watch --min-free 0 "$@" >watch.out 2>watch.err
	watch=$!
	await "watch waits" says "waiting for triggers"
}

ends() { # WHAT
	kill -TERM "$watch"
	wait "$watch"
	is "$1: ends with 0" $? 0
}

mkdir windows
fails "a directory that is not there" "nowhere: No such file" \
	flightrec watch nowhere
flightrec start --comm sleeps --args 3 2>start.err

# Told while recording goes on, with report and command.
id=$(flightrec trigger add --slower 150ms --call poll --notify)
: >executed
# shellcheck disable=SC2016 # for the other shell
watch --report --exec 'sh -c '\''echo "$1 $FLIGHTREC_WINDOW $FLIGHTREC_SUMMARY" >>executed'\'' x' windows
fails "a second watcher" "another 'flightrec watch' writes to windows" \
	flightrec watch windows
TRUTH=$PWD/truth "$programs/sleeps" 200 >/dev/null
await "a window" has_files windows 1
file=$(files windows | head -n 1)
tid=$(said call tid | head -n 1)
echo "slower-sleeps-$tid.frec" >expected
truth_ready expected
basename "$file" | sed -E 's/^[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-//' >named
same "its name says what and who" expected named
dump "$file"
is "the call is in it" "$(find_events '^poll\(.*\) = 0|^poll = 0' "$tid" | wc -l)" 1
is "and what fired" "$(grep -c "^# fired: sleeps\[$tid\] poll took" dump.txt)" 1
is "it was taken while recording went on" \
	"$(grep -c 'taken while recording went on' dump.txt)" 1
succeeds "and goes on" recording
await "the command has run" test -s executed
is "with the path, twice, and the summary" \
	"$(sed -E 's/[0-9:]{8} /T /; s/took .*/took/' executed)" \
	"$file $file T sleeps[$tid] poll took"
is "the report was there by then" \
	"$(grep -c '^  fired .* poll took' "${file%.frec}.txt")" 1
is "one line is printed" "$(grep -c "^$file: .* poll took" watch.out)" 1

# Asked for.
kill -USR1 "$watch"
await "a window that is asked for" has_files windows 2
is "its name says so" "$(files windows | grep -c -- '-asked.frec$')" 1

# Frozen, and thawed.
flightrec trigger remove "$id"
flightrec trigger add --slower 150ms --call poll --freeze >/dev/null
sleep_slowly
await "a window that a trigger froze" has_files windows 3
await "is thawed" recording
dump "$(files windows | tail -n 1)"
is "it says so" "$(grep -c '^# window: frozen by a trigger' dump.txt)" 1
sleep_slowly
await "armed again" has_files windows 4
ends "told to"
succeeds "the recorder is as it was" recording
is "no half file" "$(find windows -name '.*' ! -name . | wc -l)" 0

# Killed while it writes: half of it, never under a name; the next one clears up.
flightrec trigger remove --all
# What has fired so far is nobody's any more.
flightrec stop
flightrec start --comm sleeps --args 3 2>start.err
mkdir killed
for ((i = 0; i < 4; i++)); do
	watch killed
	kill -USR1 "$watch"
	sleep "0.0$((2 * i))"
	kill -KILL "$watch"
	wait "$watch" 2>/dev/null
done
whole=0
for file in $(files killed); do
	! flightrec dump "$file" >/dev/null 2>dump.err || whole=$((whole + 1))
done
is "killed at any time: what has a name is whole" "$whole" "$(files killed | wc -l)"

# Bounds: the newest stay, and what is not ours.
echo mine >killed/20260101T000000.000000Z-mine.frec
watch --keep 2 killed
kill -USR1 "$watch"
await "written" grep -q asked watch.out
newest=$(sed -nE 's/^([^:]*\.frec): .*/\1/p' watch.out)
kept() { [[ $(files killed | grep -c asked) -le 2 ]]; }
await "two are kept" kept
is "the newest is one of them" "$(files killed | grep -cxF "$newest")" 1
is "somebody else's file is left alone" \
	"$(cat killed/20260101T000000.000000Z-mine.frec)" mine
is "halves are cleared away" "$(find killed -name '.*' ! -name . | wc -l)" 0
ends "with bounds"

# A disk that fills up and is freed; a directory that goes away and comes back.
mkdir full
mount -t tmpfs -o size=16k tmpfs full
watch full
kill -USR1 "$watch"
await "a full disk is told" says "full.*(No space left|less than)"
is "no file on it" "$(find full -type f | wc -l)" 0
mount -o remount,size=512M full
await "and is written to when there is room" has_files full 1
ends "a disk that was full"
umount full
watch full
rmdir full
kill -USR1 "$watch"
await "a directory that is gone is told" says "full: No such file"
mkdir full
await "and is used when it is back" has_files full 1
is "all of it has a name" "$(find full -name '.*' ! -name . | wc -l)" 0
ends "a directory that was gone"

# What fired while nobody watched is on the tape, and taken at the start.
mkdir late
flightrec trigger add --slower 150ms --call poll --notify >/dev/null
sleep_slowly
watch late
await "what fired before" has_files late 1
is "is what it is about" "$(files late | grep -c -- '-slower-sleeps-')" 1
ends "late"
watch late
kill -USR1 "$watch"
await "asked" grep -q asked watch.out
is "but is not taken twice" "$(files late | grep -c -- '-slower-sleeps-')" 1
# A command without end is ended.
kill -TERM "$watch"
wait "$watch"
watch --timeout 1s --exec 'sleep 1000 #' late
kill -USR1 "$watch"
await "a command that takes too long is ended" says "killed by signal 15, it took too long"
is "no zombie is left" "$(children "$watch" Z | wc -l)" 0
ends "with a command"
flightrec trigger remove --all
flightrec stop
