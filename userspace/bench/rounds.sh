# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What is measured: read in by bench/quick and by its guest.

workloads=(null pipe futex)
declare -A rounds=([null]=100000 [pipe]=10000 [futex]=10000)
# Events a round, see workload.c.
declare -A events=([null]=2 [pipe]=12 [futex]=12)
configurations=(untraced flightrec flightrec_3_arguments flightrec_bystander
	flightrec_sched_bystander ftrace ftrace_bystander)
