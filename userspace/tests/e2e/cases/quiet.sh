# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Tasks that leave records on a quiet CPU and die on a busy one, whose tape forgets
# that at once, keep their names.

record --size 1M --policy percpu -- quiet "$last_cpu" 0 60 60000
is "nothing is lost" "$(grep '^# lost:' dump.txt)" \
	"# lost: 0 events, 0 targets"
is "names are complete" "$(grep '^# names' dump.txt)" \
	"# names complete since the beginning"
said quiet tid first cpu comm | awk '{
	for (i = 0; i < 3; i++)
		print $1, $2 + i, $3, $4
}' >names.expected
awk -F '\t' '$5 ~ /^close\(1[0-9][0-9][0-9][0-9][0-9][0-9]/ {
	print $3, substr($5, 7) + 0, $2, $4
}' events >names.got
same "tid, number, CPU and name of each call" names.expected names.got
is "of their deaths the tape knows nothing any more" \
	"$(find_events '^exit status 0' | grep -c 'quiet-')" 0

# With room for few past identities some names are given up: the window says since
# when all are known, and shows none that is wrong.
record --size 1M --policy percpu --identities 16 -- quiet "$last_cpu" 0 60 60000
complete_since=$(sed -nE 's/^# names complete since ([^ ]+) ([^ ]+) \+.*/\1T\2/p' dump.txt)
is "the window says since when names are complete" \
	"$(grep -cE '^[0-9-]+T[0-9:.]+$' <<<"$complete_since")" 1
said quiet tid first comm >names.expected
# shellcheck disable=SC2016 # for awk
silent "each name is right, or not known before then" \
	awk -F '\t' -v "since=$complete_since" '
	FILENAME == ARGV[1] {
		split($0, words, " ")
		for (i = 0; i < 3; i++)
			name[words[2] + i] = words[3]
		next
	}
	$5 !~ /^close\(1[0-9][0-9][0-9][0-9][0-9][0-9]/ { next }
	{
		number = substr($5, 7) + 0
		count++
		if ($4 == name[number])
			right++
		else if ($4 != "<...>" || ($1 "") >= (since ""))
			print number " by " $4 " instead of " name[number]
	}
	END {
		if (count != 180)
			print count + 0 " calls"
		if (right < 30)
			print "no more than " right + 0 " names are known"
	}' names.expected events
