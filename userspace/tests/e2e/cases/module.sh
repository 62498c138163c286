# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Unloading: refused while the device is open; stops and discards otherwise.

loaded() { grep -q '^flightrec ' /proc/modules; }

exec 5</dev/flightrec
fails "not while the device is open" "in use" rmmod flightrec
succeeds "it is still there" loaded
exec 5<&-
exec 5>/dev/flightrec
fails "nor while it is open for writing only" "in use" rmmod flightrec
exec 5>&-

hold_start a-target 100
flightrec start -p "$hold" 2>start.err
exec 5</dev/flightrec
fails "nor while it is open and records" "in use" rmmod flightrec
succeeds "and recording goes on" flightrec mark "still here"
exec 5<&-
succeeds "while it records and nobody holds it open" rmmod flightrec
hold_again
fails "then there is no device, and the command that helps is told" \
	"(insmod|modprobe|flightrec load)" flightrec status

# Again and again, with targets at work.
background "$programs/counter" 100000000 1 "$last_cpu"
worker=$!
for _ in 1 2; do
	insmod "$E2E_MODULE" || break
	flightrec start -p "$worker" --size 1M 2>start.err || break
	flightrec freeze || break
	flightrec thaw || break
	rmmod flightrec || break
done
succeeds "loaded, started and unloaded twice" test ! -e /dev/flightrec
succeeds "loaded" insmod "$E2E_MODULE"
flightrec start -p "$worker" --size 1M 2>start.err
flightrec freeze
succeeds "unloaded while frozen" rmmod flightrec
kill -KILL "$worker"
wait "$worker" 2>/dev/null
echo "e2e: loading" >/dev/kmsg
succeeds "loaded again" insmod "$E2E_MODULE"
is "it says one line in the log" \
	"$(dmesg | sed '1,/e2e: loading/d' | grep -c flightrec)" 1
is "and is idle" "$({ cat /dev/flightrec; } 2>&1 | sed 's/.*: //')" \
	"No data available"
hold_end
[[ -z ${E2E_SABOTAGE:-} ]] || not_ok "nothing here to falsify"
