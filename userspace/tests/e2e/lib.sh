#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the cases use. Runs one case, a file that is read in here, in a directory
# of its own:
#
#	lib.sh CASE
#
# A check prints "ok - WHAT" or "not ok - WHAT" and some lines that say why. The
# truth comes from the programs (userspace/tests/programs) alone; what is compared
# with it comes from the flightrec command.
#
# With E2E_SABOTAGE=1 the truth is falsified before anything is compared with it:
# every case must then fail (see prove).

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
programs=$E2E_BUILD/tests/programs
export PATH="$E2E_BUILD:$PATH"
cpus=$(nproc)
export last_cpu=$((cpus - 1))
jobs=()

# --- checks ------------------------------------------------------------------

# Each remark of standard input indented; long ones are cut.
remarks() { head -n 15 | cut -c -300 | sed 's/^/  /'; }

ok() { echo "ok - $1"; }

not_ok() { # WHAT [REMARK]...
	echo "not ok - $1"
	shift
	[[ $# -eq 0 ]] || printf '%s\n' "$@" | remarks
}

skip() { echo "ok - $1 # SKIP $2"; } # WHAT WHY

is() { # WHAT GOT EXPECTED
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "expected: $3" "got:      $2"
	fi
}

# Numbers.
at_least() { # WHAT GOT LEAST
	if [[ -n $2 && $2 -ge $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "expected: at least $3" "got:      $2"
	fi
}

# Two files, line by line; both must hold something.
same() { # WHAT EXPECTED GOT
	if [[ ! -s $2 ]]; then
		not_ok "$1" "the truth is empty ($2)"
	elif diff "$2" "$3" >diff.out 2>&1; then
		ok "$1"
	else
		not_ok "$1" "< expected, > got"
		remarks <diff.out
	fi
}

succeeds() { # WHAT COMMAND...
	local what=$1

	shift
	if "$@" >command.out 2>&1; then
		ok "$what"
	else
		not_ok "$what" "status $? of: $*"
		remarks <command.out
	fi
}

fails() { # WHAT WORDS COMMAND...: fails, and says WORDS (a pattern)
	local what=$1 words=$2

	shift 2
	if "$@" >command.out 2>&1; then
		not_ok "$what" "no failure of: $*"
	elif ! grep -qE -- "$words" command.out; then
		not_ok "$what" "it does not say: $words"
		remarks <command.out
	else
		ok "$what"
	fi
}

# Of an awk program that prints what is wrong: nothing may be.
silent() { # WHAT COMMAND...
	local what=$1

	shift
	"$@" >silent.out 2>&1
	if [[ ! -s silent.out ]]; then
		ok "$what"
	else
		not_ok "$what"
		remarks <silent.out
	fi
}

# --- truth -----------------------------------------------------------------------

# The values of the keys in those lines of the truth that begin with PATTERN and
# then a blank or their end, with blanks in between. A name or text comes last in
# its line and may hold blanks.
said() { # PATTERN KEY...
	awk -v "kind=$1" -v "keys=${*:2}" '
		BEGIN { count = split(keys, key, " ") }
		$0 !~ ("^" kind "( |$)") { next }
		{
			for (i = 1; i <= count; i++) {
				found = ""
				if (match($0, " " key[i] "="))
					found = substr($0, RSTART + RLENGTH)
				if (key[i] != "comm" && key[i] != "text")
					sub(/ .*/, "", found)
				printf "%s%s", (i > 1 ? " " : ""), found
			}
			print ""
		}' truth
}

truth_ready() { # FILE
	[[ -z ${E2E_SABOTAGE:-} ]] || sed -i '$d' "$1"
}

# --- the kernel's log --------------------------------------------------------------

# Until the second of them, kills for want of memory are meant: see vm/expected.
expect_oom_kills() { echo "vm/expected: kills for want of memory" >/dev/kmsg; }
expect_none() { echo "vm/expected: no more of that" >/dev/kmsg; }

# --- recording --------------------------------------------------------------------

# Run a program under `flightrec run', leaving truth, window, dump and events.
# Options of flightrec run, --, the program of $programs, its arguments; its exit
# status must be $want (default 0).
record() {
	local options=() status

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	rm -f truth window.frec
	TRUTH=$PWD/truth flightrec run -o window.frec "${options[@]}" -- \
		"$programs/$1" "${@:2}" >run.out 2>run.err
	status=$?
	if [[ $status -ne ${want:-0} ]]; then
		not_ok "flightrec run exits as $1 does" "status $status" \
			"$(cat run.out run.err)"
	fi
	truth_ready truth
	dump window.frec
}

dump() { # WINDOW
	dumped=$1
	if ! flightrec dump "$1" >dump.txt 2>dump.err; then
		not_ok "the window can be dumped" "$(cat dump.err)"
	fi
	awk -f "$here/events.awk" dump.txt >events
}

snapshot() { # [WINDOW]
	if ! flightrec snapshot -o "${1:-window.frec}" 2>snapshot.err; then
		not_ok "the window can be taken" "$(cat snapshot.err)"
	fi
}

# The lines of dump.txt, without what another window of the same tape may show
# otherwise: from ticks to dates each window has clock readings of its own.
timeless() {
	grep -vE '^#| BEGIN of this' dump.txt | sed -E 's/^[^[]*//; s/ <[0-9.]+>//'
}

# How many events were written behind the cut, by who had begun before it: they are
# counted, and are not shown.
behind_cut() {
	"$programs/scan" "$dumped" any 2>&1 >/dev/null |
		sed -n 's/.* \([0-9]*\) events behind the cut$/\1/p'
}

# Nothing was lost, and all that was recorded is shown: the tape has not wrapped.
complete() {
	local lost counted shown unknown

	IFS=$'\t' read -r lost counted shown unknown < <(awk '
		/^# lost:/ { lost = $0 }
		/^# cpu / { counted += $4 }
		/^#/ { next }
		!/\] (BEGIN|GAP|LOST) / { shown++ }
		/<\.\.\.>\[/ { unknown++ }
		END { print lost "\t" counted "\t" shown "\t" unknown + 0 }
		' dump.txt)
	is "nothing is lost" "$lost" "# lost: 0 events, 0 targets"
	[[ $shown -eq $counted ]] || counted="$((counted - $(behind_cut)))"
	is "every event that was counted is shown" "$shown" "$counted"
	is "all names are known" "$unknown" 0
}

# In a Perfetto trace: leave its packets in `flat', one a line, and behind them the
# events of all in the order of time: in the file each CPU's stand together.
have_protoc() {
	command -v protoc >/dev/null && [[ -e $proto/trace.proto ]]
}

perfetto() { # WINDOW
	succeeds "the window can be encoded for Perfetto" \
		flightrec encode --format perfetto "$1" -o trace.pftrace
	protoc -I "$proto" --decode=Trace trace.proto <trace.pftrace \
		2>protoc.err | awk -f "$proto/flatten.awk" >packets
	{
		grep -v "^event$tab" packets
		awk -F '\t' '$1 == "event" {
			time = $4
			sub(/^ts=/, "", time)
			print substr("00000000000000000000", length(time) + 1) \
				time "\t" $0
		}' packets | sort -s -k 1,1 | cut -f 2-
	} >flat
}

proto=$here/../perfetto
tab=$'\t'

# Two fields of what is in `flat': of each unit, and of its KIND (events only).
flat_fields() { # UNIT KIND FIELD FIELD
	awk -F '\t' -v "unit=$1" -v "kind=$2" -v "one=$3" -v "two=$4" '
		$1 != unit || (kind != "" && $2 != kind) { next }
		{
			a = b = ""
			for (i = 3; i <= NF; i++) {
				if (index($i, one "=") == 1)
					a = substr($i, length(one) + 2)
				if (index($i, two "=") == 1)
					b = substr($i, length(two) + 2)
			}
			print a, b
		}' flat
}

# --- looking at events (stamp, CPU, tid, name, what, separated by tabs) ------------

# Events whose what matches; of one tid, if given.
find_events() { # PATTERN [TID]
	PATTERN=$1 TID=${2:-} awk -F '\t' '
		BEGIN { pattern = ENVIRON["PATTERN"]; tid = ENVIRON["TID"] }
		(tid == "" || $3 == tid) && $5 ~ pattern' events
}

count_events() { find_events "$@" | wc -l; }

# TIDs' and programs' calls, exactly: see calls.awk.
calls_match() { # WHAT ARGUMENTS
	silent "$1" awk -F '\t' -v "recorded=$2" -f "$here/calls.awk" truth events
}

# Of the program counter's calls: all are there, in order, on their CPUs.
counter_matches() { # WHAT
	silent "$1" counter_complaints
}

counter_complaints() {
	"$programs/counter_check" truth <dump.txt 2>/dev/null |
		grep -v '^held='
}

# The window of a recorder that records, which ends with that: window.frec, its dump
# and its events. Nothing of it is missing.
take_complete() {
	snapshot
	flightrec stop
	dump window.frec
	complete
}

# What every tid had as its name when it made a numbered call, close(1000000) and
# on: "TID NUMBER NAME".
numbered_names() {
	awk -F '\t' '$5 ~ /^close\([1-9][0-9][0-9][0-9][0-9][0-9][0-9]/ {
		print $3, substr($5, 7) + 0, $4
	}' events
}

# --- triggers ---------------------------------------------------------------------

# Record what has the name NAME while COMMAND runs, with a trigger that freezes;
# leave window.frec, its dump, status.txt, triggers as they are listed in `listed',
# and in `fired' what fired.
fired() { # NAME CONDITION... -- COMMAND...
	local name=$1 options=()

	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	rm -f truth window.frec
	flightrec start --comm "$name" --args 3 2>start.err
	flightrec trigger add "${options[@]}" --max 1 >/dev/null
	TRUTH=$PWD/truth "$@" >program.out 2>&1
	await "frozen by a trigger" frozen_by_trigger
	snapshot window.frec
	flightrec status --once >status.txt
	flightrec trigger list >listed
	flightrec trigger remove --all
	flightrec stop
	dump window.frec
	grep '^# fired: ' dump.txt | sed -E \
		's/^# fired: //; s/, at .*//; s/\[[0-9]+\]/[]/; s/[0-9.]+ (us|ms|s)/T/' >fired
}

frozen_by_trigger() { flightrec status --once | grep -q '^state: *frozen by a trigger'; }

# Of what fired: how long it took by then, in milliseconds; its instant as a date.
fired_ms() {
	sed -nE 's/^# fired: .* ([0-9.]+) (us|ms|s), longer than .*/\1 \2/p' dump.txt |
		awk '{ print int($1 * ($2 == "s" ? 1000 : $2 == "ms" ? 1 : 0.001)) }'
}

fired_at() { sed -nE 's/^# fired: .*, at ([^ ]+) ([^ ]+) .*/\1T\2/p' dump.txt; }

# --- waiting ------------------------------------------------------------------------

# Until a command succeeds. The limit only ends a test that has failed already.
await() { # WHAT COMMAND...
	local what=$1 tries

	shift
	for ((tries = 0; tries < 600; tries++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	not_ok "$what" "in vain: $*"
	return 1
}

# What goes on being recorded has a line with TEXT by now.
on_tape() { # TEXT
	flightrec snapshot -o - | flightrec dump - | grep -qF -- "$1"
}

# PIDs of the children of PID that are in STATE, or in any; of processes that have
# the name NAME.
children() { # PID [STATE]
	cat /proc/[0-9]*/stat 2>/dev/null | sed -E 's/^([0-9]+) \(.*\) (.*)/\1 \2/' |
		awk -v "parent=$1" -v "state=${2:-}" \
			'$3 == parent && (state == "" || $2 == state) { print $1 }' |
		grep .
}

pid_of() { # NAME
	local process name

	for process in /proc/[0-9]*; do
		{ read -r name <"$process/comm"; } 2>/dev/null || continue
		[[ $name != "$1" ]] || echo "${process#/proc/}"
	done
}

background() { # COMMAND...: its pid is in $!
	"$@" &
	jobs+=($!)
}

# A program, started by hold_start NAME CALLS, that is at rest in $hold.
hold_start() { # NAME CALLS
	rm -f said wait.fifo
	: >said
	mkfifo wait.fifo
	exec 7<>wait.fifo
	TRUTH=$PWD/truth "$programs/hold" "$1" "$2" "$PWD/said" \
		"$PWD/wait.fifo" 7<&- &
	hold=$!
	jobs+=("$hold")
	hold_said=0
	hold_await
}

hold_await() {
	hold_said=$((hold_said + 1))
	await "hold says that it is there" said_times "$hold_said"
	await "hold is at rest" at_rest "$hold"
}

said_times() {
	local lines

	mapfile -t lines <said
	[[ ${#lines[@]} -ge $1 ]]
}

at_rest() { # PID
	local stat

	read -r stat <"/proc/$1/stat"
	[[ $stat == *") S "* ]]
}

# What hold did in its rounds, of which the first is 1: "TID NUMBER NAME".
hold_calls() { # ROUND...
	said round tid first last comm | awk -v "rounds= $* " '
		index(rounds, " " NR " ") {
			for (i = $2; i <= $3; i++)
				print $1, i, $4
		}'
}

hold_again() {
	printf x >&7
	hold_await
}

hold_end() {
	printf q >&7
	wait "$hold"
	exec 7>&-
}

# --- the case -------------------------------------------------------------------------

case_end() {
	local job

	for job in "${jobs[@]}"; do
		kill -KILL "$job" 2>/dev/null
	done
}

trap case_end EXIT
# shellcheck source=/dev/null # the case
if . "$1"; then
	echo "case ends"
else
	not_ok "the case's last command succeeds"
	echo "case ends"
fi
