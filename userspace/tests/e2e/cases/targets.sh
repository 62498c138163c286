# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Who is recorded, from when to when; bystanders are not.

numbers_of() { # TID
	sed -nE "s/^[^\t]*\t[^\t]*\t$1\t.*\tclose\((1[0-9]{6}).*/\1/p" events |
		sed -n '1p; $p; $=' | paste -sd ' '
}

calls='^[a-z0-9_-]+(\(| = )'

calls_of() { count_events "$calls" "$1"; } # TID

# A bystander works beside a target; then the target becomes one.
hold_start a-target 5
background "$programs/counter" 3000 10 0 >/dev/null
bystander=$!
flightrec start -p "$hold" 2>start.err
hold_again
wait "$bystander"
flightrec target remove -p "$hold"
hold_again
snapshot
dump window.frec
is "a target's calls until it is none any more" "$(numbers_of "$hold")" \
	"1000005 1000009 5"
is "no call of a bystander" "$(find_events "$calls" | cut -f 3 | sort -u)" "$hold"
is "no birth, death or name of a bystander" \
	"$(count_events '^(fork|clone|exec|rename|exit status|killed by) ')" 0
flightrec target add -p "$hold" 2>target.err
hold_again
snapshot
dump window.frec
is "calls of one who is a target again" "$(numbers_of "$hold")" \
	"1000005 1000019 10"
flightrec stop
hold_end

# A name that somebody has.
hold_start early-one 5
flightrec start --comm early-one 2>start.err
hold_again
snapshot
flightrec stop
dump window.frec
is "one who has the name already" "$(numbers_of "$hold")" "1000005 1000009 5"
hold_end

# A name that a thread has, in a process of another name.
background "$programs/counter" 100000000 1 0 >/dev/null
busy=$!
thread_of() { grep -lx -- "$2" "/proc/$1"/task/*/comm | sed 's,/comm$,,; s,.*/,,'; }
await "counter's thread is there" sh -c "grep -qx count-0-a /proc/$busy/task/*/comm"
thread=$(thread_of "$busy" count-0-a)
flightrec start --comm count-0-a --size 1M 2>start.err
await "a call of it is recorded" on_tape "close("
flightrec freeze # who calls as fast as it can overtakes who reads
snapshot
flightrec stop
kill -KILL "$busy"
wait "$busy" 2>/dev/null
dump window.frec
is "of a process, the thread alone that has the name already" \
	"$(find_events "$calls" | cut -f 3 | sort -u)" "$thread"

# A name that somebody takes later.
flightrec start --comm late-one 2>start.err
hold_start late-one 7
pid=$hold
hold_end
# One who gets it by exec, with threads that take other names.
ln -s "$programs/counter" late-one
TRUTH=$PWD/truth.counter ./late-one 100 10 0
hold_start another-one 7
other=$hold
hold_end
snapshot
flightrec stop
dump window.frec
is "one who took the name by renaming itself" "$(numbers_of "$pid")" \
	"1000000 1000006 7"
is "another name is not recorded" "$(calls_of "$other")" 0
truth_ready truth.counter
cp truth.counter truth
counter_matches "one who got the name by exec, and its thread"
is "recorded from the rename on" "$(find_events '^prctl\(' "$pid" | wc -l)" 0
is "the rename itself is on the tape" "$(find_events '^rename ' "$pid" |
	cut -f 5)" 'rename "hold" -> "late-one"'

# Exec of a file with a longer name than the kernel keeps of it.
flightrec start --comm counter-of-long 2>start.err
ln -s "$programs/counter" counter-of-long-name
rm -f truth
TRUTH=$PWD/truth ./counter-of-long-name 100 10 0
snapshot
flightrec stop
dump window.frec
truth_ready truth
counter_matches "one who got a name by exec that was cut"

# Children are followed, or not.
follow() { # OPTION...: leaves the gate's pid in $gate
	rm -f go truth
	mkfifo go
	(
		read -r _ <go
		TRUTH=$PWD/truth exec "$programs/tree" 2 2
	) &
	gate=$!
	flightrec start -p "$gate" "$@" 2>start.err
	echo go >go
	wait "$gate"
	truth_ready truth
	snapshot
	flightrec stop
	dump window.frec
}


follow
is "children and grandchildren are recorded" \
	"$(find_events '^exit status ' | cut -f 3 | grep -vx "$gate" | sort)" \
	"$(said node tid | sort)"
follow --no-follow
is "without following, the births are" \
	"$(find_events '^fork ' | cut -f 3 | sort | uniq -c | awk '{ print $1, $2 }')" \
	"2 $gate"
is "and nothing of the children" \
	"$(find_events "$calls|^(exit|rename|fork|exec) " | cut -f 3 |
		sort -u)" "$gate"

# One thread alone.
rm -f go truth
mkfifo go
(
	read -r _ <go
	TRUTH=$PWD/truth exec "$programs/pingpong" futex 50 0
) &
gate=$!
flightrec start -t "$gate" --no-follow --args 6 2>start.err
echo go >go
wait "$gate"
truth_ready truth
snapshot
flightrec stop
dump window.frec
other=$(said 'player tid=[0-9]+ .* comm=pong' tid)
grep "^call tid=$gate " truth >truth.ping
mv truth.ping truth
calls_match "one thread: its calls" 6
is "its sibling's are not there" "$(calls_of "$other")" 0
at_least "its sibling is there as the one who wakes it" \
	"$(find_events "^waking ping\\[$gate\\]" "$other" | wc -l)" 49
is "by its name" "$(find_events '^waking ' "$other" | cut -f 4 | sort -u)" pong
