# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# The device does what the contract says, line by line, and refuses what it says.

"$programs/ioctl_errors" >contract.out 2>&1
status=$?
if [[ -n ${E2E_SABOTAGE:-} ]]; then
	sed -i '1s/^ok/not ok/' contract.out
fi
cat contract.out
is "ioctl_errors comes to its end" "$status" 0
at_least "it has checked something" "$(grep -c '^ok - ' contract.out)" 300
