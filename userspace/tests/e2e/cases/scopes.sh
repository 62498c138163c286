# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Scopes of known lengths, in the report: how many of which name, the longest of
# them, and what it did with its time.

record -- scopes 9
complete
flightrec report window.frec >report.txt 2>report.err
silent "the report adds up" awk -f "$here/adds_up.awk" report.txt

said scope name | sort | uniq -c | awk '{ print $2, $1 }' >counts.expected
awk '/^scopes that/ { on = 1; next }
	on && $1 ~ /^[0-9]+$/ { print $NF, $1 }' report.txt | sort >counts.got
same "how many there are of each name" counts.expected counts.got
is "the one that is not ended" \
	"$(sed -n '/^scopes that/,$s/^ *besides: //p' report.txt)" "open when their thread ended 1"

read -r tid key inside outside \
	< <(said scope tid key inside outside | tail -n 1)
is "the longest of its name" \
	"$(sed -nE '/  request$/{n; s/.*longest: key ([^ ,]+), ([^ ,]+), .*/\1 \2/p}' \
		report.txt)" "$key scopes[$tid]"
line="scopes\\[$tid\\] was in the scope \"request\", key $key\$"
ns=$(awk -v "line=$line" '$0 ~ line { print int($1 * 1000000 + 0.5); exit }' report.txt)
at_least "it took as long as it says, seen from inside" "$ns" "$inside"
at_least "and no longer, seen from outside" "$outside" "${ns:-999999999999}"
succeeds "what it did with its time" sh -c "grep -A 1 -E '$line' report.txt |
	grep -qE 'scopes\\[$tid\\] slept in nanosleep\\(.*; woken by an interrupt'"

flightrec report --around ">$key" --within 1us window.frec >around.txt 2>around.err
is "around its beginning, it and no other" \
	"$(grep -oE 'in the scope "[a-z]+", key [0-9]+' around.txt)" \
	"in the scope \"request\", key $key"
