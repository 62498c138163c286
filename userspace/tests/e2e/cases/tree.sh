# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A tree of processes: each birth, name and death is on the tape, once.

record -- tree 3 3
complete

awk '$1 == "node" {
	split($2, parent, "="); split($3, tid, "=")
	print parent[2], tid[2]
}' truth | sort >births.expected
sed -nE 's/^[^\t]*\t[^\t]*\t([0-9]+)\t.*\tfork .*\[([0-9]+)\] flags=.*/\1 \2/p' \
	events | sort >births.got
same "births, parent and child" births.expected births.got

awk '$1 == "node" {
	split($3, tid, "="); split($4, status, "="); split($5, comm, "=")
	print tid[2], comm[2], "exit status " status[2]
}' truth | sort >deaths.expected
sed -nE 's/^[^\t]*\t[^\t]*\t([0-9]+)\t(.*)\t(exit status [0-9]+), the last of its process$/\1 \2 \3/p' \
	events | grep ' node-' | sort >deaths.got
same "deaths, names and exit statuses" deaths.expected deaths.got
is "deaths in all" "$(count_events '^(exit status|killed by) ')" \
	$(($(said tree nodes) + 1))

is "renames in all" "$(count_events '^rename ')" \
	$(($(said tree nodes) + 1))
sed -nE 's/^[^\t]*\t[^\t]*\t([0-9]+)\t.*\trename ".*" -> "(node-.*)"$/\1 \2/p' \
	events | sort >renames.got
awk '$1 == "node" {
	split($3, tid, "="); split($5, comm, "=")
	print tid[2], comm[2]
}' truth | sort >renames.expected
same "renames" renames.expected renames.got

if have_protoc; then
	perfetto window.frec
	succeeds "the Perfetto trace obeys the rules" \
		sh "$proto/check-pftrace" trace.pftrace
else
	skip "the Perfetto trace obeys the rules" "no protoc"
fi

# A child is not seen doing anything before its birth or after its last switch.
# shellcheck disable=SC2016 # for awk
silent "nobody acts before birth or after the last switch" awk -F '\t' '
	over[$3] { print "after the end: " $0 }
	$5 ~ /^fork / {
		match($5, /\[[0-9]+\] flags=/)
		child = substr($5, RSTART + 1, RLENGTH - 9)
		if (seen[child])
			print "before birth: " child
	}
	{ seen[$3] = 1 }
	$5 ~ /^(exit status|killed by) / { dying[$3] = 1 }
	dying[$3] && $5 ~ /^sched_switch .* [XZ] ==> / { over[$3] = 1 }' events

# Too few slots: what is not recorded is counted.
record --slots 2 -- tree 2 3
at_least "tasks for which there was no slot are told" \
	"$(sed -nE 's/^# lost: 0 events, ([0-9]+) targets$/\1/p' dump.txt)" 1
