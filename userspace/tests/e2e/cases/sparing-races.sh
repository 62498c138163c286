# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh and crowd.sh have
# While bystanders are spared another tracer of calls comes as recording is stopped.

# shellcheck source=userspace/tests/e2e/crowd.sh
. "$here/crowd.sh"

# He comes, and recording ends, in every order; the mode may end or be ended by that.
come_and_go() {
	local i

	for i in 1 2 3 4; do
		tell storm
		flightrec start --sparing -p "$hold" 2>start.err
		case $i in
		1) other_begin; flightrec stop ;;
		2) flightrec stop & other_begin; wait $! ;;
		3) other_begin; sleep 0.5; flightrec stop ;;
		4) flightrec stop; other_begin ;;
		esac
		tell calm
		all_by "$i: who stays sees all" other_calls
		other_end
		nobody "$i: when he has gone, nobody takes the slow way"
	done
}

sparing_stages come_and_go || :
