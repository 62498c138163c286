# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Every way to die, and signals: sender, receiver, code, what became of them.

record -- deaths
complete
parent=$(said deaths parent)

is "the program says how many children there were" \
	"$(said death tid | wc -l)" "$(said deaths count)"
{
	kill -l | tr '\t' '\n' | sed -nE 's/^ *([0-9]+)\) (SIG[A-Z0-9]+) *$/\1 \2/p'
	said death tid status comm
} | awk '
	/SIG/ { signal[$1] = $2; next }
	{ end = $2 % 128 ? "killed by " signal[$2 % 128] : \
		"exit status " int($2 / 256) }
	{ print $1 "\t" $3 "\t" end ", the last of its process" }
	' >deaths.expected
find_events '^(killed by|exit status) ' | cut -f 3- | grep -v "^$parent" \
	>deaths.got
same "deaths: how each child ended, by its name" deaths.expected deaths.got

# SIGCHLD, which the dying send to the parent, is not among the program's own.
said signal from name to code whom fate |
	sed 's/ 0 / SI_USER /; s/ -6 / SI_TKILL /; s/ -1 / SI_QUEUE /' \
	>signals.expected
awk -F '\t' '$5 ~ /^signal / && $5 !~ /^signal SIGCHLD/ {
	count = split($5, words, " ")
	match($5, /\[[0-9]+\] code=/)
	receiver = substr($5, RSTART + 1, RLENGTH - 8)
	match($5, / code=[^ ]+/)
	code = substr($5, RSTART + 6, RLENGTH - 6)
	fate = substr($5, RSTART + RLENGTH + 1)
	sub(/already /, "", fate)
	print $3, words[2], receiver, code, \
		words[4] == "process" ? "process" : "thread", \
		fate == "" ? "sent" : fate
}' events >signals.got
same "signals: sender, number, receiver, code, fate" signals.expected signals.got
is "SIGCHLD of every child, sent by itself" \
	"$(find_events "^signal SIGCHLD to process of deaths\\[$parent\\] code=[1236]( ignored)?\$" |
		cut -f 3)" "$(said death tid)"

# Only of those signals on which the program has a word to say.
said delivery to name times handler | sort >deliveries.said
grep -v ' 0 none$' deliveries.said >deliveries.expected
awk -F '\t' '
	FILENAME == ARGV[1] { split($0, words, " "); said[words[1], words[2]] = 1 }
	FILENAME == ARGV[1] || $5 !~ /^deliver / { next }
	{
		split($5, words, " ")
		handler = words[4] == "handler" ? "function" : \
			words[4] == "be" ? "ignore" : words[4]
		if (($3, words[2]) in said)
			count[$3 " " words[2] " " handler]++
	}
	END {
		for (key in count) {
			split(key, words, " ")
			print words[1], words[2], count[key], words[3]
		}
	}' deliveries.said events | sort >deliveries.got
same "deliveries: to whom, what, how often, to what" \
	deliveries.expected deliveries.got
