# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Calls that wait: the tape's times lie within the brackets of the program's own
# reads of the clocks, and a timer is not early on the tape either.

record --args 6 -- sleeps 20
calls_match "calls" 6
silent "begin, sleep, end lie within the program's own brackets" \
	awk -F '\t' -f "$here/brackets.awk" truth events
complete

if have_protoc; then
	perfetto window.frec
	silent "so they do in a Perfetto trace" \
		awk -f "$here/brackets_perfetto.awk" truth flat
else
	skip "so they do in a Perfetto trace" "no protoc"
fi
