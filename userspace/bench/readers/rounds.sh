# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What is measured: read in by readers/run and its guest.

# Known workloads (../workload.c): rounds, and events a round. So many that the reader
# has its turn often enough meanwhile.
workloads=(null pipe futex)
declare -A rounds=([null]=100000 [pipe]=10000 [futex]=10000)
declare -A events=([null]=2 [pipe]=12 [futex]=12)

# Beside a reader of a file, not recorded and recorded; beside one of live windows.
besides=(untraced file live)
