# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A window that is cut while it is read holds every event from the wanted instant
# on, is a window, and is shorter.
# Of user space: --kernel-side leaves it out.

ns_now() { # by a clock of 10 ms, rounded up
	awk '{ printf "%.0f\n", ($1 + 0.02) * 1e9 }' /proc/uptime
}

# The numbers of the last calls in `events', from the last gap on: "FIRST LAST". Before
# the wanted instant there may be gaps: of a CPU that the program came back to older calls
# are in the same block, of one that it has left they are not.
numbers() {
	cut -f 5 events | sed -nE 's/^close\((1[0-9]{6})\)$/\1/p' |
		awk 'NR == 1 || $1 != last + 1 { first = $1 }
			{ last = $1 } END { print first, last }'
}

reaches() { # WHAT NUMBER: from that call at the latest up to the last one
	local first last

	dump window.frec
	read -r first last < <(numbers)
	is "$1: up to the last call" "$last" "$last_call"
	at_least "$1: back to the call that it must" "$2" "${first:-9999999}"
	# What is there is what the whole has there, line by line.
	timeless >lines
	is "$1: nothing that the whole does not have" \
		"$(sort lines | comm -23 - whole.sorted)" ""
	is "$1: all that the whole has from that call on" \
		"$(from_call "$2" lines | md5sum)" \
		"$(from_call "$2" whole.lines | md5sum)"
	is "$1: it is whole" "$(cat dump.err)" ""
}

from_call() { sed -n "/ close($1)\$/,\$p" "$2"; } # NUMBER LINES

flightrec start --comm marked --size 4M --block 4096 2>start.err
TRUTH=$PWD/truth "$programs/marked" 6 1500 900
flightrec freeze
after=$(ns_now)
truth_ready truth
last_call=$(($(said end next) - 1))
mapfile -t marks < <(said mark next)

snapshot
dump window.frec
timeless >whole.lines
sort whole.lines >whole.sorted
whole=$(wc -c <window.frec)

succeeds "a window since a mark" \
	flightrec snapshot --since-mark "request 5" -o window.frec
reaches "since a mark" "${marks[4]}"
at_least "since a mark: it is shorter" $((whole / 2)) "$(wc -c <window.frec)"
succeeds "of marks that begin so, the newest counts" \
	flightrec snapshot --since-mark request -o window.frec
reaches "since the newest mark" "${marks[5]}"

before=$(said mark before | sed -n 4p)
succeeds "the last milliseconds" flightrec snapshot \
	--last $(((after - before) / 1000000 + 1))ms -o window.frec
reaches "the last milliseconds" "${marks[3]}"
at_least "the last milliseconds: it is shorter" $((whole * 3 / 4)) \
	"$(wc -c <window.frec)"

succeeds "not more than so many bytes" \
	flightrec snapshot --max-bytes 80K -o window.frec
reaches "not more than so many bytes" "$last_call"
at_least "not more than so many bytes" 81920 "$(wc -c <window.frec)"

fails "a mark that nobody made" 'no mark in the window begins with "request 7"' \
	flightrec snapshot --since-mark "request 7" -o none.frec
fails "too few bytes" "1000 bytes are too few" \
	flightrec snapshot --max-bytes 1000 -o none.frec
fails "a directory that is full" "cannot write a temporary file.*the window is kept" \
	bash -c 'ulimit -f 8; trap "" XFSZ
		exec flightrec snapshot --last 1s -o none.frec'
is "nothing is left of what failed" "$(ls none.frec .flightrec-* 2>/dev/null)" ""
is "more than the tape holds is said" \
	"$(flightrec snapshot --last 1h -o window.frec 2>&1 | grep -c 'complete for the last .* only: the tape holds no more')" 1
is "the recorder stays frozen" "$(flightrec status | grep -c '^state: *frozen')" 1

# One that records goes on, whatever becomes of the window.
flightrec thaw
fails "a mark that nobody made, while recording" 'no mark' \
	flightrec snapshot --since-mark "request 7" -o none.frec
succeeds "while recording" flightrec snapshot --since-mark "request 6" -o window.frec
fails "no room for it, while recording" "nothing was written, and recording goes on" \
	env TMPDIR="$PWD/none" flightrec snapshot --last 1s -o none.frec
is "it records again" "$(flightrec status | grep -c '^state: *recording')" 1
dump window.frec
read -r first last < <(numbers)
is "while recording: up to the last call" "$last" "$last_call"
at_least "while recording: back to the mark" "${marks[5]}" "$first"
flightrec stop
