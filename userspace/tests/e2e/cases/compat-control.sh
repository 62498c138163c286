# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A 32-bit program controls the recorder, and reads what a 64-bit one reads.

if [[ ! -x $programs/compat_control ]]; then
	skip "a 32-bit controller" "this compiler makes no 32-bit programs"
elif "$programs/compat_control" "$PWD/compat.frec" >compat.out 2>&1; status=$?
	grep -q 'compat_control tid=' compat.out; then
	[[ -z ${E2E_SABOTAGE:-} ]] || sed -i '1s/^ok/not ok/' compat.out
	grep -v '^compat_control' compat.out
	is "the 32-bit program succeeds" "$status" 0
	at_least "checks that it made" "$(grep -c '^ok - ' compat.out)" 35
	cat /dev/flightrec >wide.frec
	succeeds "a 64-bit reader gets the same window" cmp compat.frec wide.frec
	scan() { "$programs/scan" wide.frec any 2>scan.err; }
	silent "which is in order" scan
	flightrec stop
	dump wide.frec
	tid=$(sed -n 's/^compat_control tid=//p' compat.out)
	is "its 32-bit calls are on its own tape" \
		"$(find_events '^compat_close\(1000' "$tid" | wc -l)" 50
	is "with its marks" "$(find_events '^mark ' "$tid" | cut -f 5 |
		paste -sd ' ')" 'mark "a 32-bit mark" mark "another one"'
else
	cat compat.out
	not_ok "the 32-bit program runs" "status $status"
fi
