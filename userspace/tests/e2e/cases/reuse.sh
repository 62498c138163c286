# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# One tid given to many tasks in one window: each has its own name.

times=40
record -- reuse $times
if [[ ! -s truth ]]; then
	skip "reuse of a tid" "clone3 cannot set one here"
else
	complete
	tid=$(said reuse tid | sort -u)
	said reuse tid number comm >names.expected
	numbered_names >names.got
	same "the name at the time of each numbered call" names.expected names.got
	is "births" "$(count_events "^fork .*\\[$tid\\] flags=0x0\$")" $times
	said reuse execs comm | sed 's/^1 .*/true/; s/^0 //' >deaths.expected
	find_events '^exit status 0, ' "$tid" | cut -f 4 >deaths.got
	same "each dies by its last name" deaths.expected deaths.got
fi
