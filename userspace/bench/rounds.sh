# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What is measured: read in by bench/run and its guest.

# Known workloads (workload.c): rounds, and events a round.
workloads=(null pipe futex)
declare -A rounds=([null]=20000 [pipe]=5000 [futex]=5000)
declare -A events=([null]=2 [pipe]=12 [futex]=12)

# Who records: see recorders.sh. The first one is what others are compared with.
recorders=(untraced flightrec flightrec_no_argument flightrec_3_arguments
	flightrec_armed ftrace lttng bpf perf floor)
bystanders=(flightrec_bystander flightrec_sparing_bystander
	flightrec_sched_bystander ftrace_bystander lttng_bystander
	bpf_bystander perf_bystander floor_bystander)

# Real programs (services.sh), each with so much to do.
services=(redis_ping redis_set sqlite nginx)
declare -A pieces=([redis_ping]=10000 [redis_set]=10000 [sqlite]=2000 [nginx]=1000)

# Of real programs.
service_recorders=(untraced flightrec flightrec_bystander ftrace lttng bpf perf floor)

# What costs more than that of something else, each by how much: that has a line.
declare -A beyond=([flightrec_armed]=flightrec)

# bench/run --quick.
measure_less() {
	recorders=(untraced flightrec flightrec_3_arguments flightrec_armed ftrace)
	bystanders=(flightrec_bystander flightrec_sched_bystander ftrace_bystander)
	services=()
}
