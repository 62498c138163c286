# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A process whose leader had ended before recording began: its threads go on under its
# tid, signals are sent to it, and it has its name.

begin() { # [PARENT]: sets $process and $thread
	rm -f truth line
	mkfifo line
	TRUTH=$PWD/truth "$programs/leaderless" dead-leader left-thread "$@" <line &
	jobs+=($!)
	exec 8>line
	await "the leader is dead" grep -q ^tids truth
	read -r process thread < <(said tids leader thread)
}

finish() {
	exec 8>&-
	wait "$process"
}

# The dead leader is told by its name.
signalled() { # WHAT
	is "$1: the signal is told" \
		"$(count_events "^signal SIGUSR2 to process of dead-leader\\[$process\\]")" 1
}

begin
flightrec start -p "$process" 2>start.err
echo go >&8
await "it goes on" on_tape "close(1000000"
take_complete
is "as a target: a call of its thread" "$(numbered_names)" "$thread 1000000 left-thread"
signalled "as a target"
finish

begin
flightrec run -o window.frec -- sh -c "echo go >&8; kill -USR2 $process" 2>run.err
dump window.frec
complete
at_least "as a bystander: its thread is woken, by its name" \
	"$(count_events "^waking left-thread\\[$thread\\]")" 1
signalled "as a bystander"
finish

# Its last thread is first mentioned when it has been released, and so is its process.
begin watching
await "the parent is there" grep -q ^parent truth
read -r parent < <(said parent tid)
flightrec start -p "$parent" 2>start.err
exec 8>&-
wait "$parent"
take_complete
is "its parent, a target: the end of the child" \
	"$(count_events "^signal SIGCHLD to process of watching\\[$parent\\]")" 1
is "the child itself, by its name" \
	"$(count_events "^signal SIGUSR2 to process of dead-leader\\[$process\\]")" 1
