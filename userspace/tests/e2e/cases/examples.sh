# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Programs that take their own windows: what they were made to do stands in them.
# Of user space: --kernel-side leaves it out.

examples=$E2E_BUILD/examples

windows() { # PREFIX: how many files
	find . -name "$1-*.frec" | wc -l
}

said_in() { grep -q "$2" "$1"; } # FILE PATTERN

# --- a web service that finds a request slow -----------------------------------

port=8642
ip link set lo up 2>/dev/null || ifconfig lo up
flightrec start --comm web --size 8M 2>start.err
"$examples/web" $port 250 "$PWD" >web.out 2>web.err &
web=$!
jobs+=("$web")
await "the service listens" said_in web.out listening

get() { curl -s --max-time 60 "http://127.0.0.1:$port$1"; }

is "a request" "$(get '/work?ms=1')" 200
is "one that is slow" "$(get '/work?ms=400')" 200
await "a window of it" said_in web.out '^request 2: window '
is "one that fails" "$(get /fail)" 500
await "a window of it, too" said_in web.out '^request 3: window '
is "one more" "$(get '/work?ms=1')" 200
kill -TERM "$web"
wait "$web"
is "the service ends well" $? 0
flightrec stop

path() { sed -n "s/^request $1: window //p" web.out; }
took() { sed -n "s/^request $1: [0-9]* after \([0-9]*\) ns/\1/p" web.out; }

# Length of the sleep, of the scope, in nanoseconds.
lengths() { # NUMBER
	awk -F '\t' -v "key=$1" '
		$5 ~ ("^mark begin " key " ") { tid = $3 }
		$3 == tid && $5 ~ /nanosleep = 0 </ { sleep = $5 }
		$3 == tid && $5 ~ ("^mark end " key " ") {
			gsub(/.*<0*|[.>]/, "", sleep)
			scope = $5
			gsub(/.*<0*|[.>]/, "", scope)
			print sleep + 0, scope + 0
		}' events
}

# Whether one is slow besides those that were to be is the machine's affair.
is "the fast requests have no window unless they were slow" \
	"$(for i in 1 4; do
		[[ $(took $i) -ge 250000000 || -z $(path $i) ]] || echo "$i"
	done)" ""
dump "$(path 2)"
is "the window is whole" "$(cat dump.err)" ""
[[ -z ${E2E_SABOTAGE:-} ]] || sed -i '/mark end 2 /d' events
is "the slow request stands in it, from begin to end" \
	"$(cut -f 5 events | sed -nE 's/^(mark (begin|end) 2 "[^"]*").*/\1/p')" \
	$'mark begin 2 "/work"\nmark end 2 "200"'
read -r sleep scope < <(lengths 2)
at_least "its call is as long as it was made" "${sleep:-0}" 400000000
at_least "and lies within it" "${scope:-0}" "${sleep:-0}"
at_least "which is as long as the service found it" "$(took 2)" "${scope:-0}"
is "one that works for a millisecond is not that long" \
	"$(lengths 1 | awk '$1 >= 400000000')" ""
dump "$(path 3)"
is "the one that failed stands in its window" \
	"$(cut -f 5 events | sed -nE 's/^(mark (begin|end) 3 "[^"]*").*/\1/p')" \
	$'mark begin 3 "/fail"\nmark end 3 "500"'
if have_protoc; then
	perfetto "$(path 2)"
	is "the slow request is a slice" \
		"$(grep -c 'track_event.type=1.*track_event.name="/work"' flat)" \
		"$(cut -f 5 <(dump "$(path 2)"; cat events) | grep -c '^mark begin [0-9]* "/work"')"
fi

# --- from a signal's handler -------------------------------------------------------

"$examples/signal" "$PWD" >signal.out 2>signal.err &
asked=$!
jobs+=("$asked")
await "a program is ready" said_in signal.out '^ready'
flightrec start -p "$asked" --size 1M --events syscalls 2>start.err
# Those that come while one waits to be handled are one.
for ((sent = 0; sent < 60; sent++)); do
	kill -USR1 "$asked"
	sleep 0.01
done
await "a window is there" said_in signal.out '^window '
settled() { ! grep -qE '^(SigPnd|ShdPnd):.*[1-9a-f]' "/proc/$asked/status"; }
await "no signal is left to be handled" settled
kill -TERM "$asked"
wait "$asked"
is "it ends well" "$? $(cat signal.err)" "0 "
flightrec status >status.out
flightrec stop
is "recording has gone on" "$(grep -c '^state: *recording' status.out)" 1
counts() { sed -nE "s/.* $1=([0-9]+).*/\1/p" <(sed 's/^/ /' signal.out); } # NAME
at_least "the handler ran many times" "$(counts handled)" 20
is "each time it was told what comes of it" \
	"$(($(counts accepted) + $(counts busy)))" "$(counts handled)"
is "each one that was accepted was taken" "$(counts taken)" "$(counts accepted)"
is "and is a file" "$(windows signal)" "$(counts taken)"
is "nothing else is there" "$(find . -name '.flightrec-*')" ""
whole=0
for file in signal-*.frec; do
	flightrec dump "$file" >dump.txt 2>dump.err && whole=$((whole + 1))
done
is "each is a whole window" "$whole" "$(counts taken)"
dump "$(sed -n 's/^window //p' signal.out | tail -n 1)"
at_least "the signal stands in it" \
	"$(find_events '^deliver SIGUSR1' "$asked" | wc -l)" 1
