# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # what lib.sh has; what cases use
#
# For the cases about who takes the kernel's slow way through a call. That is told by a
# kprobe there, which to the kernel is no tracer of calls. They are the calls of a crowd
# that forks as fast as it can (programs/crowd.c), and is at rest while they are made.
# A kernel without kprobes is put through the same, and everything else is checked.

tracing=/sys/kernel/tracing
ways=$tracing/instances/slow
other=$tracing/instances/other
unwatched= # or why it is not told who takes the slow way

# --- the crowd --------------------------------------------------------------------

crowd_start() { # NAME: it is at rest, 96 members
	mkfifo crowd.fifo crowd.done
	exec 9<>crowd.done
	TRUTH=$PWD/truth.crowd "$programs/crowd" "$1" <crowd.fifo 2>&9 &
	jobs+=($!)
	exec 8>crowd.fifo
	number=2000000
	tell storm
	await "the crowd has grown" sh -c "[ \$(grep -lx '$1' /proc/[0-9]*/comm | wc -l) -gt 45 ]"
	tell calm
}

# Nothing is started to wait for it: that would be in the crowd's way.
tell() { # LINE
	local answer=

	echo "$1" >&8
	IFS= read -r -t 60 -u 9 answer || :
	[[ $answer == "done" ]] || not_ok "the crowd has done it: $1" "$answer"
}

# Each member makes a call, of which `expected' tells, in the order of numbers.
call_all() {
	number=$((number + 1000))
	echo "round $number" 2>/dev/null >/dev/flightrec || :
	tell "call $number"
	sed -n "s/^call first=$number hex=//p" truth.crowd | sort >expected
	truth_ready expected
}

# The rest of this is about these calls, the last ones that were made.

# --- who saw the last round ----------------------------------------------------------

of_last() { # reads hexadecimal numbers
	awk -v "first=$(printf %x "$number")" -v "last=$(printf %x $((number + 999)))" \
		'length($1) == length(first) && $1 "" >= first "" && $1 "" <= last ""' | sort
}

slow_calls() { sed -nE 's/.* fd=0x([0-9a-f]+)$/\1/p' "$ways/trace" | of_last; }

# With 0x in front since 6.18.
other_calls() {
	sed -nE 's/.*sys_close\(fd: (0x)?([0-9a-f]+)\)$/\2/p' "$other/trace" | of_last
}

tape_calls() {
	flightrec snapshot --since-mark "round $number" -o window.frec 2>snapshot.err
	dump window.frec
	awk -F '\t' '$5 ~ /^close\([0-9]/ { printf "%x\n", substr($5, 7) + 0 }' events |
		of_last
}

all_by() { # WHAT WHO
	call_all
	[[ $2 != slow_calls ]] || is_watched "$1" || return 0
	"$2" >got
	same "$1" expected got
}

# Who is recorded, and nobody else, takes the slow way; LEAST or more are.
only_targets() { # WHAT LEAST
	call_all
	tape_calls >got
	at_least "$1: some are recorded" "$(wc -l <got)" "$2"
	is_watched "$1" || return 0
	slow_calls >slow
	silent "$1: they, and nobody else, take the slow way" diff got slow
}

nobody() { # WHAT
	call_all
	is_watched "$1" || return 0
	is "$1" "$(slow_calls | wc -l) of $(wc -l <expected)" "0 of $members"
}

# Is it told who takes the slow way? If not, WHAT is skipped.
is_watched() { # WHAT
	[[ -z $unwatched ]] || { skip "$1" "$unwatched"; return 1; }
}

# --- tracers -------------------------------------------------------------------------

# Up to 6.12 one function does it all, later what is traced is told to another.
slow_way() {
	local name

	for name in trace_syscall_enter syscall_trace_enter; do
		awk -v "name=$name" '
			$3 == name || index($3, name ".") == 1 { print $3; exit }
			' /proc/kallsyms | grep . && return
	done
}

# A case that was cut short has left what it had.
ways_begin() {
	ways_end 2>/dev/null
	other_end 2>/dev/null
	[[ -e $tracing/kprobe_events ]] || {
		unwatched="this kernel has no kprobes to watch it by"
		return 0
	}
	# The number is at 120 in struct pt_regs, the first argument at 112.
	echo "p:flightrec/slow $(slow_way) nr=+120(%di):s64 fd=+112(%di):x64" \
		>>$tracing/kprobe_events &&
		mkdir $ways && echo 'nr == 3 && fd >= 2000000' >$ways/events/flightrec/slow/filter &&
		echo 1 >$ways/events/flightrec/slow/enable
}

ways_end() {
	[[ -z $unwatched ]] || return 0
	echo 0 >$ways/events/flightrec/slow/enable
	rmdir $ways
	echo "-:flightrec/slow" >>$tracing/kprobe_events
}

other_begin() {
	mkdir $other
	echo 'fd >= 2000000' >$other/events/syscalls/sys_enter_close/filter
	echo 1 >$other/events/syscalls/sys_enter_close/enable
}

other_end() {
	echo 0 >$other/events/syscalls/sys_enter_close/enable
	rmdir $other
}

sparing() { flightrec status --once | sed -n 's/^sparing: *//p'; }

sparing_is() { [[ $(sparing) == "$1"* ]]; }

is_on="system calls cost bystanders nothing"

# --- all of it ----------------------------------------------------------------------

# Run STAGEs beside a crowd and hold, which is $hold; fails where the mode cannot be had.
sparing_stages() { # STAGE...
	local stage

	if ! flightrec start --sparing --comm nobody-at-all 2>start.err; then
		grep -q "cannot do that on this kernel" start.err ||
			not_ok "why --sparing is refused is said" "$(cat start.err)"
		skip "sparing" "not on this kernel"
		return 1
	fi
	flightrec stop
	if ! ways_begin 2>ways.err; then
		not_ok "the kernel's slow way can be watched" "$(cat ways.err)"
		return 1
	fi
	crowd_start crowd
	call_all
	members=$(grep -c . expected)
	[[ -z ${E2E_SABOTAGE:-} ]] || members=$((members + 1))
	hold_start a-target 5
	for stage in "$@"; do
		"$stage"
	done
	hold_end
	echo quit >&8
	exec 8>&- 9<&-
	ways_end
}
