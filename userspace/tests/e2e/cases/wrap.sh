# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A tape of 64 MiB (or E2E_WRAP_MIB, where that takes too long) that wraps many times over
# holds, on each CPU, exactly the newest calls up to the last, with every name right.

# A call takes 11 words for its beginning, with one small argument and five large
# ones, and one for its end: how many fit is known. Three times that is made.
size=$((${E2E_WRAP_MIB:-64} << 20))
per_call=$((12 * 8))
fits=$((size / cpus / per_call))
calls=$((fits * 3))

TRUTH=$PWD/truth flightrec run -o window.frec --size $size --policy percpu --args 6 -- \
	"$programs/counter" $calls $((fits / 2)) >run.out 2>run.err
truth_ready truth
flightrec dump window.frec 2>dump.err |
	"$programs/counter_check" truth wrapped >held 2>dump.txt
is "numbered calls: the newest, without a gap, by their names" \
	"${PIPESTATUS[1]} $(grep -v '^held=' held)" "0 "
is "nothing is lost" "$(grep '^# lost:' dump.txt)" \
	"# lost: 0 events, 0 targets"
is "names are complete" "$(grep '^# names' dump.txt)" \
	"# names complete since the beginning"
# Blocks have headers, and one is being filled: a tenth for that.
while IFS='= ' read -r _ count _ cpu _ tid; do
	at_least "CPU $cpu, tid $tid: as many as fit" "$count" $((fits * 9 / 10))
	at_least "CPU $cpu, tid $tid: and no more" "$fits" "$count"
done <held
is "CPUs" "$(grep -c '^held=' held)" "$cpus"
