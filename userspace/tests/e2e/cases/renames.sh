# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Names change, by oneself and by another: each record has the name of its time.

record -- renames 5
complete

said named tid number comm >names.expected
numbered_names >names.got
same "the name at the time of each numbered call" names.expected names.got

# Each begins with the name that its task had before.
said named by tid comm |
	awk '{
		name = $0; sub(/^[0-9]+ [0-9]+ /, "", name)
		old = ($2 in last) ? last[$2] : "renames"
		last[$2] = name
		who = $1 == $2 ? "" : "[" $2 "] "
		print $1 "\trename " who "\"" old "\" -> \"" name "\""
	}' >renames.expected
find_events '^rename ' | cut -f 3,5 | sed 1d >renames.got
same "renames: by whom, of whom, from what to what" renames.expected renames.got

if have_protoc; then
	perfetto window.frec
	said named tid comm | sed -E 's/ (.*)/ "\1"/' >newcomm.expected
	awk '{ last[$1] = $0 } END { for (tid in last) print last[tid] }' \
		newcomm.expected | sort >last.expected
	flat_fields thread '' tid name | awk '
		FILENAME == ARGV[1] { wanted[$1] = 1; next }
		$1 in wanted' last.expected - | sort >last.got
	same "the one name in a Perfetto trace is the last one" \
		last.expected last.got
	flat_fields event task_rename pid newcomm | grep -v '"renames"' \
		>newcomm.got
	same "all names stand there as renames" newcomm.expected newcomm.got
else
	skip "names in a Perfetto trace" "no protoc"
fi
