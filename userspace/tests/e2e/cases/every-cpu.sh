# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A thread on each CPU: what is recorded there stands there, without a gap.

record --args 2 -- counter 2000 100
complete
is "threads" "$(said counter tid | wc -l)" "$cpus"
counter_matches "numbered calls: all, in order, on their CPU, by their names"
