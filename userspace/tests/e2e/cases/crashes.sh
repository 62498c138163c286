# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# What a crash leaves behind: of a target, of a reader, of the command.

state() { flightrec status 2>&1 | head -n 1; }

stopped_at_pipe() { # PID: waits in a write to a pipe that nobody reads
	grep -q pipe "/proc/$1/wchan" || grep -q '^State:.S' "/proc/$1/status"
}

# Of a target: its last call is on the tape, and its death.
hold_start crashing 10
flightrec start -p "$hold" --args 2 2>start.err
hold_again
kill -SEGV "$hold"
wait "$hold" 2>/dev/null
truth_ready truth
snapshot
dump window.frec
complete
hold_calls 2 >names.expected
numbered_names >names.got
same "a target's calls up to its crash" names.expected names.got
is "its death" "$(find_events '^killed by SIGSEGV' "$hold" | wc -l)" 1
flightrec stop

# Of the command, where it cannot tidy up: SIGKILL while it runs something.
mkfifo wait.run
flightrec run -o never.frec -- "$programs/hold" child 5 "$PWD/said.run" \
	"$PWD/wait.run" >run.out 2>&1 &
run=$!
jobs+=("$run")
await "the command's child works" test -s said.run
child=$(head -n 1 said.run)
kill -KILL "$run"
wait "$run" 2>/dev/null
is "no file, and none beside it" "$(find . -name '*frec*' -newer said.run)" ""
fails "the recorder goes on: it is not the command's" "recording|stop" \
	flightrec start -p $$
snapshot
dump window.frec
at_least "and what the child did is on the tape" \
	"$(count_events '^close\(' "$child")" 5
kill -KILL "$child"
flightrec stop

# Of a snapshot, half-way: recording goes on as if nothing had been.
rm truth
hold_start survivor 2000
flightrec start -p "$hold" --args 6 2>start.err
hold_again
mkfifo pipe
exec 6<>pipe
flightrec snapshot -o /dev/stdout >pipe 2>snapshot.err 6<&- 7<&- &
snapshot=$!
jobs+=("$snapshot")
await "the window is being written" test -e "/proc/$snapshot/fd/3"
await "and does not fit the pipe" stopped_at_pipe "$snapshot"
sleep 1
kill -KILL "$snapshot"
wait "$snapshot" 2>/dev/null
exec 6<&-
cat /dev/flightrec >after.frec
scan() { "$programs/scan" after.frec any 2>scan.err; }
silent "a later window is whole" scan
hold_again
snapshot
flightrec stop
hold_end
dump window.frec
hold_calls 2 3 >names.expected
numbered_names >names.got
same "calls before and after are on the tape" names.expected names.got
is "without a gap" "$(count_events '^GAP ')" 0

# Of a machine while a file is written: the file ends somewhere.
bytes=$(stat -c %s after.frec)
head -c $((bytes * 2 / 3)) after.frec >cut.frec
flightrec dump cut.frec >cut.txt 2>cut.err
succeeds "a file that was cut short says so" \
	grep -qE '^# cut short: the file has no end marker' cut.txt
at_least "and what it holds is shown" "$(grep -vc '^#' cut.txt)" 100
