# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Windows by HTTP are those that the command takes, one at a time, whoever is slow.
# Of user space: --kernel-side leaves it out.

url=http://x/debug/flightrec

ask() { # FILE URL [CURL-ARGUMENT]...: prints the status
	curl -s --max-time 60 --unix-socket s -D ./head -o "$1" -w '%{http_code}' "${@:2}"
}

header() { # NAME
	tr -d '\r' <./head | sed -n "s/^$1: //Ip"
}

answers() { [[ $(ask answer http://x/) == 200 ]]; }
taken() { [[ $(ask answer "$url") == 200 ]]; }

serve_start() { # ARGUMENT...
	"$E2E_BUILD/flightrec" serve --socket s "$@" 2>server.err &
	server=$!
	jobs+=("$server")
	await "it answers" answers
}

serve_stop() {
	kill -TERM "$server"
	wait "$server"
	is "it ends when it is told to" $? 0
	is "and removes its socket" "$(ls s 2>/dev/null)" ""
}

same_file() { # WHAT FILE FILE
	if cmp "$2" "$3" >cmp.out 2>&1 && [[ -s $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "$(cat cmp.out)"
	fi
}

serve_start --timeout 60s
is "idle: no window" "$(ask answer "$url")" 503
is "and why" "$(cat answer)" "nothing is being recorded, so there is no window"

flightrec start --comm marked --size 8M --block 4096 2>start.err
TRUTH=$PWD/truth "$programs/marked" 4 6000 10
flightrec freeze
truth_ready truth

# A frozen recorder has one window: it is the same by either way.
snapshot
is "the window" "$(ask got "$url")" 200
same_file "is the one that snapshot writes" window.frec got
is "its type" "$(header content-type)" "application/octet-stream"
is "its name" "$(header content-disposition | sed -E 's/[0-9]{8}T[0-9]{6}Z/TIME/')" \
	'attachment; filename="flightrec-TIME.frec"'
is "the connection is not kept" "$(header connection)" close
is "it is not kept by anybody" "$(header cache-control)" no-store
is "the marks' text" "$(ask got "$url?format=text")" 200
flightrec dump window.frec >expected
same_file "is what dump prints" expected got
is "its type" "$(header content-type)" "text/plain; charset=utf-8"
is "the report" "$(ask got "$url?format=report")" 200
flightrec report window.frec >expected
same_file "is what report prints" expected got
is "the trace" "$(ask got "$url?format=perfetto")" 200
flightrec encode --format perfetto window.frec -o expected
same_file "is what encode writes" expected got
is "its type" "$(header content-type)" "application/x-protobuf"

mapfile -t marks < <(said mark next)
is "since a mark" "$(ask got "$url?since-mark=request%203")" 200
flightrec snapshot --since-mark "request 3" -o expected
same_file "is what snapshot writes" expected got
dump got
at_least "with the calls behind it" "${marks[2]}" "$(cut -f 5 events |
	sed -nE 's/^close\((1[0-9]{6})\)$/\1/p' | head -n 1)"
is "max-bytes" "$(ask got "$url?max-bytes=256K")" 200
at_least "max-bytes is kept to" 262144 "$(wc -c <got)"
is "a mark that nobody made" "$(ask answer "$url?since-mark=nothing")" 404
is "and why" "$(cat answer)" 'no mark in the window begins with "nothing"'
is "too few bytes" "$(ask answer "$url?max-bytes=100")" 400
is "HEAD" "$(ask answer "$url?format=perfetto" -I)" 200
is "HEAD has the type" "$(header content-type)" "application/x-protobuf"
is "the recorder is frozen as it was" \
	"$(flightrec status | grep -c '^state: *frozen')" 1

# One that records goes on.
flightrec thaw
is "while recording" "$(ask got "$url")" 200
dump got
at_least "all of the marks are there" "$(grep -c 'mark "request' dump.txt)" \
	"$(said mark next | grep -c .)"
is "it records still" "$(flightrec status | grep -c '^state: *recording')" 1
flightrec freeze

# Who reads slowly holds the one window, for a while; who leaves does not.
curl -s --unix-socket s --limit-rate 2000 -o slow "$url" &
slow=$!
jobs+=("$slow")
began() { [[ -s slow ]]; }
await "a slow client is being sent to" began
is "another one is asked to wait" "$(ask answer "$url")" 429
is "how long" "$(header retry-after)" 1
is "and why" "$(cat answer)" \
	"a window is being taken for somebody else; try again in a moment"
is "what needs no window is answered" "$(ask answer http://x/)" 200
kill "$slow"
await "when it has left, the next one is served" taken

# It ends at once while it sends.
curl -s --unix-socket s --limit-rate 2000 -o slowest "$url" &
jobs+=($!)
sending() { [[ -s slowest ]]; }
await "a slow client is being sent to, at the end" sending
serve_stop

serve_start --timeout 4s
curl -s --unix-socket s --limit-rate 2000 -o slower "$url" &
slow=$!
jobs+=("$slow")
begun() { [[ -s slower ]]; }
await "a slow client is being sent to, again" begun
await "it does not hold up the next one for ever" taken
at_least "that is said" "$(grep -c 'a client takes too long' server.err)" 1
serve_stop
flightrec stop
