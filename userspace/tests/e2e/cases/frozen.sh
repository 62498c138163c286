# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A frozen window: who dies before it is read keeps the name, the call in flight is
# told, and every way to read it gives the same bytes.

hold_start frozen-one 5
flightrec start -p "$hold" --args 2 2>start.err
hold_again
flightrec freeze
kill -KILL "$hold"
wait "$hold" 2>/dev/null
truth_ready truth
snapshot
dump window.frec
complete

fd=$(said round fd | tail -n 1)
hold_calls 2 >names.expected
numbered_names >names.got
same "who died between freeze and read keeps the name" \
	names.expected names.got
is "the call in flight at the cut" \
	"$(grep '^# in flight:' dump.txt | sed -E 's/0x[0-9a-f]+/P/; s/ for .*//')" \
	"# in flight: frozen-one[$hold] $(said round call | tail -n 1)($fd, P, ...)"
is "nothing after the cut is on the tape" \
	"$(count_events '^(killed by|exit status|signal) ')" 0

cat /dev/flightrec >cat.frec
succeeds "cat /dev/flightrec is the same as flightrec snapshot" \
	cmp cat.frec window.frec
for bytes in 1 7 4095 65537 1000003; do
	dd bs=$bytes if=/dev/flightrec of=dd.frec 2>dd.err
	succeeds "so is reading by $bytes bytes" cmp dd.frec window.frec
done

# Readers that go away, and two at a time.
exec 5</dev/flightrec 6</dev/flightrec
head -c 1000 /dev/flightrec >/dev/null
dd bs=999 count=3 of=five.frec <&5 2>dd.err
cat <&6 >six.frec
cat <&5 >>five.frec
succeeds "one of two readers, interrupted by the other" \
	cmp five.frec window.frec
succeeds "the other one" cmp six.frec window.frec
exec 5<&- 6<&-
timeout -s KILL 5 dd bs=1 if=/dev/flightrec of=/dev/null count=500 2>dd.err
succeeds "after readers that went away half-way" \
	cmp <(cat /dev/flightrec) window.frec

exec 5</dev/flightrec
dd bs=100 count=1 of=/dev/null <&5 2>dd.err
flightrec thaw
fails "who has read the beginning cannot read on after a thaw" \
	"Stale file handle" dd bs=100 of=/dev/null <&5
succeeds "who begins anew reads a live window" sh -c \
	"cat /dev/flightrec >live.frec && flightrec dump live.frec >live.txt"
exec 5<&-
flightrec stop
fails "nor when it is stopped" "No data available" cat /dev/flightrec
