# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# No kernel address and no byte that was not written for this window reaches a
# reader. In a guest that fills free memory with a pattern and clears none that is
# given out (see ../poison), so that a byte not written shows as that pattern.
# E2E_PLANTED is a module with defects that must be found.

scan() { "$programs/scan" "$@" 2>scan.err; }

log=$(dmesg | grep -E 'mem auto-init|Poisoning')

# Programs of every kind, recorded with all that a window can hold: all kinds of
# targets, calls in flight, gaps, blocks that were used again, the dead.
fill_window() { # WINDOW
	local round

	hold_start held-one 20
	flightrec start -p "$hold" --size 1M --args 6 2>start.err
	flightrec target add --comm births --comm execs --comm deaths \
		--comm thread_exec --comm marks --comm compat 2>start.err
	flightrec target add -t "$(pid_of migration/0)" --no-follow 2>start.err
	for round in 1 2; do
		{
			"$programs/births"
			"$programs/execs"
			"$programs/deaths"
			"$programs/thread_exec" 2
			"$programs/marks" 5
			"$programs/compat" "$PWD/i386-program"
		} >fill.out 2>&1
		hold_again
		flightrec freeze
		[[ $round -eq 2 ]] || flightrec thaw
	done
	cat /dev/flightrec >"$1"
	[[ -z ${E2E_SABOTAGE:-} ]] ||
		printf '\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa' |
			dd of="$1" bs=1 seek=700 conv=notrunc 2>dd.err
}

# Memory that was in use is free, and full of what the kernel puts there.
use_memory() {
	head -c 200M /dev/zero | tail -c 1 >use.out
	find / -xdev -maxdepth 3 >use.out 2>&1
	echo 3 >/proc/sys/vm/drop_caches
}

is "memory is not cleared when it is given out, nor when it is freed" \
	"$(grep -o 'heap alloc:off, heap free:off' <<<"$log")" \
	"heap alloc:off, heap free:off"

use_memory
fill_window window.frec
silent "every byte of a window was written for it" scan window.frec
at_least "records that were looked at" \
	"$(sed -n 's/ records in.*//p' scan.err)" 2000
silent "nor does read(), or an ioctl, write anything else" scan device
flightrec stop
hold_end

# The scanner can fail: a byte changed in every part of a window.
u64() { od -An -t u8 -j "$1" -N 8 window.frec | tr -d ' '; } # OFFSET

changed() { # WHAT WORDS OFFSET BYTES: written at OFFSET of a copy
	cp window.frec changed.frec
	# shellcheck disable=SC2059 # escapes of the bytes
	printf "$4" | dd of=changed.frec bs=1 seek="$3" conv=notrunc 2>dd.err
	fails "$1 is found" "$2" scan changed.frec
}

# Where the tables and blocks stand, and how much of the last block is in use: it is
# the one that its CPU had open.
u32() { od -An -t u4 -j "$1" -N 4 window.frec | tr -d ' '; } # OFFSET
tasks=$(u64 176)
targets=$(u64 224)
blocks=$(u64 248)
open=$((blocks + ($(u64 256) - 1) * $(u32 264)))
used=$(u32 $((open + 60)))
address='\x40\x5e\x1a\x03\x81\x88\xff\xff'
changed "a byte behind a text of the header" "nodename" $((272 + 71)) 'x'
changed "a byte behind a name" "a name" $((tasks + 64 + 15)) 'x'
changed "a kernel address as a birth" "kernel address" $((tasks + 48)) "$address"
changed "a byte behind the name of a target" "a name" $((targets + 16 + 15)) 'x'
changed "a byte behind what is in use of a block" "behind what is in use" \
	$((open + used)) 'x'
changed "an address on the tape" "." $((blocks + 64)) "$address"
changed "an event too few" "events" $((blocks + 32)) '\x01'
changed "poison" "poison" $((blocks + 128)) \
	'\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b'
head -c $(($(stat -c %s window.frec) - 1)) window.frec >changed.frec
fails "a byte too few is found" "not a window" scan changed.frec

# So does the whole: a module that does not clear what it should.
rmmod flightrec
insmod "$E2E_PLANTED"
use_memory
fill_window planted.frec
flightrec stop
hold_end
fails "tables that are not cleared are found" "not zero|poison|has no end" \
	scan planted.frec
fails "the rest of a block that is not cleared is found" \
	"behind what is in use" scan planted.frec
fails "a pointer that is written as a number is found" \
	"clone flags looks like a kernel address" scan planted.frec
fails "memory's poison is found" "poison of memory" scan planted.frec
rmmod flightrec
insmod "$E2E_MODULE"
