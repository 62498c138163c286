# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# These tests can fail. Of all cases that is proved by ./prove; here of one.
# Of user space: --kernel-side leaves it out.

if [[ -n ${E2E_SABOTAGE:-} ]]; then
	not_ok "nothing here to falsify"
else
	"$here/prove" births
fi
