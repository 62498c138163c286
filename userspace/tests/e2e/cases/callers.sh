# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Who may: callers of every kind, granted or refused; and what the command says.

"$programs/callers" >callers.out 2>&1
status=$?
[[ -z ${E2E_SABOTAGE:-} ]] || sed -i '1s/^ok/not ok/' callers.out
cat callers.out
is "callers comes to its end" "$status" 0
at_least "it has checked something" "$(grep -c '^ok - ' callers.out)" 500

as_user() { # [SETPRIV-OPTION]... -- COMMAND...
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	setpriv --reuid 1000 --regid 1000 --clear-groups "${options[@]}" "$@"
}

with_perfmon=(--inh-caps "-all,+perfmon" --ambient-caps "-all,+perfmon")

fails "a user, 0600: the command tells the mode, and who can help" \
	"mode 0600, owner 0.*root" as_user -- flightrec start -p $$
chmod 622 /dev/flightrec
fails "a user who may write: no more than marks" "no permission" \
	as_user -- flightrec status
fails "whose mark says what is missing: a recording" "record" \
	as_user -- flightrec mark "too early"
chmod 666 /dev/flightrec
fails "a user who may open it: a capability is needed" "CAP_PERFMON" \
	as_user -- flightrec start -p $$
fails "root of a container: outside of it" "outside of containers" \
	unshare --user --map-root-user flightrec start -p $$

# A user with the one capability does all that the command can do.
hold_start a-target 5
succeeds "a user with CAP_PERFMON: start" \
	as_user "${with_perfmon[@]}" -- flightrec start -p "$hold"
hold_again
succeeds "status" as_user "${with_perfmon[@]}" -- flightrec status
succeeds "a user without: a mark" as_user -- flightrec mark "of a user"
succeeds "a user with: snapshot" \
	as_user "${with_perfmon[@]}" -- flightrec snapshot -o - >user.frec
succeeds "stop" as_user "${with_perfmon[@]}" -- flightrec stop
chmod 600 /dev/flightrec
hold_end
