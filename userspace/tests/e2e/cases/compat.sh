# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# 32-bit calls, from a 64-bit process and from a 32-bit program.

if [[ $(uname -m) != x86_64 ]]; then
	skip "32-bit calls" "the program that makes them is of x86"
	return 0
fi
want=33 record --args 6 -- compat "$PWD/i386-program"
tid=$(said compat tid)
complete
# The program's own calls end with its exec's end, which has no number of its own
# in the other numbering.
sed "s/\(\t$tid\t.*\t\)compat_exit_group(.*/\1syscall_2002()/" events >events.all
is "the exec ends as the call that it was" \
	"$(awk -F '\t' -v "tid=$tid" '$3 == tid && $5 ~ /^exec .*i386-program/ { on = 1 }
		on && $3 == tid && $5 ~ / = / { print $5; exit }' events |
		sed 's/ <.*//')" "execve = 0"
# Let the two parts look like one: what is between them is not 32-bit.
awk -F '\t' -v "tid=$tid" '
	$3 != tid || $5 ~ /^syscall_2001|^compat_/ { print }
	$3 == tid && $5 ~ /^syscall_2002\(/ && over++ { print }' events.all >events
calls_match "32-bit calls" 6
is "names change at the exec" \
	"$(grep -E '	compat_close\((1000000|2000000)\)' events | cut -f 4)" \
	"$(printf 'compat\ni386-program')"
