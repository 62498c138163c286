# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Planted stalls, their culprits and lengths known: a lock holder, a slow peer behind
# two pipes. The report follows who waited for whom, and its parts add up.

ms=200
record -- stalls $ms
complete
flightrec report --all window.frec >report.txt 2>report.err
silent "the report adds up" awk -f "$here/adds_up.awk" report.txt

# The part that says WHAT (a pattern) below the wait that says WAIT: in ns.
part() { # WAIT WHAT
	WAIT=$1 WHAT=$2 awk '
		/^ +[0-9.]+  [0-9:.]+ / { on = $0 ~ ENVIRON["WAIT"]; next }
		on && !found && $0 ~ ENVIRON["WHAT"] && $1 ~ /^[0-9.]+$/ {
			split($1, parts, ".")
			print parts[1] * 1000000 + parts[2]
			found = 1
		}' report.txt
}

# What the culprit slept by its own clock holds all of the sleep, which begins after
# the call that ends when MS are over: on a slow machine, well after it.
slept() { # WHAT NS SAID
	at_least "$1: most of the stall" "$2" $((ms * 1000000 / 2))
	at_least "$1: no more than what it says itself" "$3" "${2:-999999999999}"
}

victim=$(said 'stall kind=lock' victim)
holder=$(said 'stall kind=lock' culprit)
slept "lock: the holder's sleep" "$(part \
	"victim\\[$victim\\] slept in futex\\(.*; woken by holder\\[$holder\\]" \
	"holder\\[$holder\\] slept in nanosleep\\(.*; woken by an interrupt")" \
	"$(said 'stall kind=lock' ns)"

reader=$(said 'stall kind=pipe' victim)
middle=$(said 'stall kind=pipe' waker)
source=$(said 'stall kind=pipe' culprit)
wait="reader\\[$reader\\] slept in read\\(.*; woken by middle\\[$middle\\]"
succeeds "pipe: the one in between waited, too" test -n "$(part "$wait" \
	"middle\\[$middle\\] slept in read\\(.*; woken by source\\[$source\\]")"
slept "pipe: the source's sleep" "$(part "$wait" \
	"source\\[$source\\] slept in nanosleep\\(.*; woken by an interrupt")" \
	"$(said 'stall kind=pipe' ns)"
succeeds "pipe: the culprit is named" grep -qE \
	"^ +in the end: source\\[$source\\] slept in nanosleep" report.txt

flightrec report --slower ${ms}ms window.frec >slower.txt 2>slower.err
silent "what was slower adds up" awk -f "$here/adds_up.awk" slower.txt
succeeds "the lock is among what was slower" grep -qE \
	"victim\\[$victim\\] slept in futex" slower.txt
is "nothing else is told" "$(grep -c '^threads' slower.txt)" 0
flightrec report --slower 1000s window.frec >slower.txt 2>slower.err
succeeds "nothing was that slow" grep -q "nothing that is known took 16 min 40 s" \
	slower.txt
fails "no such mark" "no mark in the window begins with 'nobody'" \
	flightrec report --around nobody window.frec
