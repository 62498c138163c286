# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A target with a seccomp filter: what passes is recorded whole, what is refused has
# an end and no beginning (the kernel's tracepoint comes after the filter), signals and
# death by it are told.

want=159 record --args 1 -- seccomp
complete
tid=$(said seccomp tid)
is "refused calls end with the filter's errno" \
	"$(count_events "^getuid = -[0-9]+ $(said seccomp errno)\$" "$tid")" \
	"$(said seccomp refused)"
is "and have no beginning" "$(count_events '^getuid\(' "$tid")" 0
is "signals of the filter, to the program's handler" \
	"$(count_events '^deliver SIGSYS [a-z]+ handler' "$tid")" \
	"$(said seccomp trapped)"
is "death by the filter" "$(count_events '^killed by SIGSYS' "$tid")" 1
# What is refused is no call of the truth.
grep -vE '	(getuid|getgid) = ' events >events.passed
mv events.passed events
calls_match "calls that pass" 1
