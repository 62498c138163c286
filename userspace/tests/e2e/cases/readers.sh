# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# What who reads gets: memory that is slow or not there, shared descriptors, and how to
# begin anew.

"$programs/readers" >readers.out 2>&1
status=$?
[[ -z ${E2E_SABOTAGE:-} ]] || sed -i '1s/^ok/not ok/' readers.out
cat readers.out
is "readers comes to its end" "$status" 0
at_least "it has checked something" "$(grep -c '^ok - ' readers.out)" 50
