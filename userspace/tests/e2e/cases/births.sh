# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Every way to make a task is on the tape, with its flags, and what it did first.

record -- births
complete

said birth parent tid flags thread >births.expected
awk -F '\t' '$5 ~ /^(fork|clone thread) .* flags=/ {
	match($5, /\[[0-9]+\] flags=/)
	print $3, substr($5, RSTART + 1, RLENGTH - 9), \
		substr($5, RSTART + RLENGTH), $5 ~ /^clone/ ? 1 : 0
}' events >births.got
same "births: parent, child, clone flags, thread or not" \
	births.expected births.got
said birth tid number | sed 's/$/ births/' >names.expected
numbered_names >names.got
same "what each did first" names.expected names.got
tid=$(said 'birth how=vfork-exec' tid)
is "one called exec" "$(find_events '^exec ' "$tid" | cut -f 4-)" \
	$'true\texec /bin/true'
is "threads and children that died" "$(count_events '^exit status 0')" \
	$(($(said birth tid | wc -l) + 1))
