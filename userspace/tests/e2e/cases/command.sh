# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# The command's refusals on a real device, and what is left after each: a recorder
# as it was, and no half file.
# Of user space: --kernel-side leaves it out.

# The command that flightrec run was given has been executed.
executes_sleep() { grep -q '^sleep$' "/proc/$(children "$1")/comm"; } # PID

state() { flightrec status 2>&1 | head -n 1; }

idle=$(state)
fails "size 0" "minimum" flightrec start -p $$ --size 0
fails "a size too small: the minimum is told" "minimum.* is [0-9]+[KM]" \
	flightrec start -p $$ --size 4K
fails "a size absurdly large" "memory" flightrec start -p $$ --size 100000G
fails "seven arguments" "0 to 6" flightrec start -p $$ --args 7
fails "a process that does not exist" "4194303" flightrec start -p 4194303
sh -c 'exit 0 & exec sleep 1000' &
parent=$!
jobs+=("$parent")
await "a zombie" children "$parent" Z
zombie=$(children "$parent" Z)
fails "a zombie" "$zombie" flightrec start -p "$zombie"
fails "of two targets one that does not exist" "4194303" \
	flightrec start -p "$$,4194303"
fails "no target" "nothing to record" flightrec start
fails "freeze when idle" "nothing|not recording|idle" flightrec freeze
fails "thaw when idle" "nothing|not|idle" flightrec thaw
fails "stop when idle" "nothing|not|idle" flightrec stop
fails "snapshot when idle" "nothing|not|idle" flightrec snapshot -o x.frec
fails "mark when idle" "nothing|not|idle" flightrec mark x
is "after all this the recorder is as it was" "$(state)" "$idle"
is "and there is no file" "$(find . -name "*frec*")" ""

hold_start commanded 5
flightrec start -p "$hold" 2>start.err
hold_again
fails "start twice" "stop" flightrec start -p "$hold"
fails "start twice, absurdly large" "" flightrec start -p "$hold" --size 100000G
fails "thaw when recording" "recording|not frozen" flightrec thaw
flightrec freeze
fails "freeze twice" "frozen|already" flightrec freeze
fails "mark when frozen" "frozen" flightrec mark x

# A disk that is full: the window stays.
mkdir full
mount -t tmpfs -o size=16k tmpfs full
fails "snapshot onto a full disk" "No space left" \
	flightrec snapshot -o full/x.frec
is "no file under the name, and none beside it" "$(ls -A full)" ""
fails "a directory that does not exist" "No such file" \
	flightrec snapshot -o nowhere/x.frec
succeeds "a second try" flightrec snapshot -o window.frec
succeeds "finds the window" cmp window.frec /dev/flightrec
umount full
dump window.frec
truth_ready truth
hold_calls 2 >names.expected
numbered_names >names.got
same "as it was" names.expected names.got
flightrec stop
hold_end

# Half a window: what is whole is shown, and how far it goes.
head -c $(($(stat -c %s window.frec) - 20)) window.frec >half.frec
fails "a window without its end" "end marker|cut short|truncated" \
	flightrec dump half.frec
is "its events are shown all the same" \
	"$(flightrec dump half.frec 2>/dev/null | grep -c 'close(10000')" 5
fails "an empty file" "empty|0 bytes|at byte 0" flightrec dump /dev/null
fails "a file that is not ours" "at byte 0" flightrec dump /bin/true

# flightrec run: statuses pass, the path is printed last.
flightrec run -- sh -c 'exit 5' >run.out 2>run.err
is "run exits as the command does" $? 5
succeeds "the path of the window is printed last" \
	test -s "$(tail -n 1 run.out)"
# shellcheck disable=SC2016 # for the other shell
flightrec run -o killed.frec -- sh -c 'kill -KILL $$' >run.out 2>run.err
is "or is killed" $? 137
dump killed.frec
is "which is on the tape" "$(count_events '^killed by SIGKILL')" 1
flightrec run -- ./nobody >run.out 2>run.err
is "or is not found" $? 127
flightrec run -- "$PWD/killed.frec" >run.out 2>run.err
is "or cannot be executed" $? 126
background flightrec run -o terminated.frec -- sleep 1000
run=$!
await "flightrec run records" executes_sleep "$run"
kill -TERM "$run"
wait "$run"
is "or is terminated" $? 143
succeeds "even then there is a window" test -s terminated.frec
is "and the recorder is as it was" "$(state)" "$idle"
