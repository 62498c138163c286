# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What is measured: read in by native-ns/run and its guest.

# What drive.c drives: EVENTS in a batch, and so many batches to warm up.
whats=(call waking switch)
readonly EVENTS=8192 WARM_UP=300

# Who records; see recorders.sh, guest.
recorders=(untraced empty floor flightrec ftrace_counter ftrace)
