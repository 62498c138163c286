# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Marks stand where they were made, whoever makes them, with every byte.

marks() { # WHAT ARGUMENTS...
	local what=$1

	shift
	record -- marks "$@"
	said mark tid number text |
		sed -E 's/^([0-9]+) ([0-9]+) (.*)/\1 close \2\n\1 mark "\3"/' \
		>marks.expected
	cut -f 3,5 events | sed -nE 's/^([0-9]+)\tclose\((1[0-9]{6})\)$/\1 close \2/p
		s/^([0-9]+)\tmark (.*)/\1 mark \2/p' >marks.got
	same "marks $what, in order with its calls" marks.expected marks.got
}

marks "of a target" 30
complete
chmod 622 /dev/flightrec
marks "of a user who may do nothing else" 30 65534
chmod 600 /dev/flightrec

# Of a bystander's thread, of whose process nothing else tells: it is named, too.
hold_start waiting 1
flightrec start -p "$hold" 2>start.err
rm -f truth
TRUTH=$PWD/truth "$programs/marks" 1 thread
take_complete
hold_end
perfetto window.frec
is "a bystander's thread at its mark" "$(find_events '^mark "mark 0 of 1"$' | cut -f 3,4)" \
	"$(said mark tid)$tab"marker
is "its process has its name" \
	"$(flat_fields process '' pid cmdline | grep "^$(said process tid) ")" \
	"$(said process tid) \"marks\""

# Of a bystander, and what is to be escaped.
hold_start marked 1
flightrec start -p "$hold" 2>start.err
echo 'request 42 slow' >/dev/flightrec
flightrec mark two words
printf 'tab\t quote" back\\slash \001 end' >/dev/flightrec
printf 'caf\303\251 \377' >/dev/flightrec
printf '%256s' x >/dev/flightrec
snapshot
flightrec stop
hold_end
dump window.frec
{
	echo 'mark "request 42 slow"'
	echo 'mark "two words"'
	printf '%s\n' 'mark "tab\t quote\" back\\slash \x01 end"'
	printf 'mark "caf\303\251 \\xff"\n'
	printf 'mark "%256s"\n' x
} >marks.expected
[[ -z ${E2E_SABOTAGE:-} ]] || sed -i '$d' marks.expected
cut -f 5 events | grep '^mark ' >marks.got
same "marks of bystanders" marks.expected marks.got
is "the flightrec command's name at its mark" \
	"$(find_events '^mark "two words"$' | cut -f 4)" flightrec
