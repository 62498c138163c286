# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Every call, argument and result, in order, whatever fits or does not fit into a
# word of the tape, with 0 to 6 arguments recorded.

for arguments in 0 1 2 3 4 5 6; do
	record --args "$arguments" -- calls 1
	calls_match "calls, $arguments arguments recorded" "$arguments"
done
complete

if have_protoc; then
	perfetto window.frec
	silent "calls in a Perfetto trace: all 64 bits" \
		awk -f "$here/calls_perfetto.awk" truth flat
else
	skip "calls in a Perfetto trace" "no protoc"
fi
