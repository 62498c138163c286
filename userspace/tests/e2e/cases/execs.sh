# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A chain of execs, among them one by a path that is too long for the tape, and
# execs that fail in between.

times=6
want=42 record -- execs "$PWD" $times
complete
tid=$(said exec tid | sort -u)

# The tape holds the last 63 bytes of a path.
said exec path comm |
	while read -r path comm; do
		shown=$path
		[[ ${#path} -le 63 ]] || shown=...${path: -63}
		printf '%s\t%s\texec %s\n' "$tid" "$comm" "$shown"
	done >execs.expected
# The first one is that of this program itself, by flightrec run.
find_events '^exec ' | cut -f 3- | sed 1d >execs.got
same "execs: path, and the name that it gives" execs.expected execs.got
is "one path was too long" "$(grep -c 'exec \.\.\.' execs.got)" 1

is "execs that succeed, by their calls" \
	"$(count_events '^execve = 0 ' "$tid")" $((times + 1))
is "execs that fail" "$(count_events '^execve = -2 ENOENT ' "$tid")" $times
said exec tid number comm >names.expected
numbered_names | grep ' step-' >names.got
same "the name at the time of each numbered call" names.expected names.got
is "it exits with 42" "$(count_events '^exit status 42,' "$tid")" 1

if have_protoc; then
	perfetto window.frec
	is "the thread's one name in a Perfetto trace is its last one" \
		"$(flat_fields thread '' tid name | sort -u | grep "^$tid ")" \
		"$tid \"step-$times\""
	said exec tid comm | sed -E 's/ (.*)/ "\1"/' >renames.expected
	flat_fields event task_rename pid newcomm | grep "^$tid \"step-" | uniq \
		>renames.got
	same "its names stand there as renames" renames.expected renames.got
else
	skip "names in a Perfetto trace" "no protoc"
fi
