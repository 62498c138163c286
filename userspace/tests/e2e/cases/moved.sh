# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A target waits for a busy CPU, and is moved to another busy one: the report tells
# which culprit held it up on which, both of them bystanders, and for how long.

if [[ $cpus -lt 3 ]]; then
	skip "moved while it waits" "three CPUs are needed"
	return 0
fi
flightrec start --comm victim --no-follow 2>start.err
TRUTH=$PWD/truth "$programs/moved" $((last_cpu - 1)) "$last_cpu" 150
truth_ready truth
take_complete
victim=$(said victim tid)
is "the move is recorded" "$(count_events "^migrate victim\\[$victim\\] to CPU $last_cpu\$")" 1

flightrec report window.frec >report.txt 2>report.err
silent "the report adds up" awk -f "$here/adds_up.awk" report.txt
succeeds "it waited for the second CPU in the end" grep -qE \
	"victim\\[$victim\\] waited for CPU $last_cpu in read\\(" report.txt

# What NAME had of it, in ns.
had() { # NAME TID
	PART="victim\\[$victim\\] waited for the CPU that $1\\[$2\\] \\(FIFO 50\\) had" awk '
		$0 ~ ENVIRON["PART"] && !found {
			split($1, parts, ".")
			print parts[1] * 1000000 + parts[2]
			found = 1
		}' report.txt
}

for culprit in first second; do
	at_least "$culprit held it up for as long as it says" \
		"$(had $culprit "$(said "culprit .* comm=$culprit" tid)")" \
		"$(said "culprit .* comm=$culprit" ns)"
done
