# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# A module that the kernel does not take: which it is is said, and what helps. The
# modules are copies of the real one with a few bytes changed.

# By the system's sed: busybox's takes seconds for that many lines.
alter() { LC_ALL=C command -p sed "s/$1/$2/g" "$3"; } # FROM TO FILE

altered() { # FROM TO FILE: of equal length
	alter "$1" "$2" "$E2E_MODULE" >"$3"
	is "$3 differs from the module, in nothing but that" \
		"$(stat -c %s "$3") $(cmp -s "$3" "$E2E_MODULE"; echo $?)" \
		"$(stat -c %s "$E2E_MODULE") 1"
}

rmmod flightrec

altered sched_waking sched_wakinX no-tracepoint.ko
echo "e2e: no tracepoint" >/dev/kmsg
fails "a tracepoint that this kernel does not have" "No such file|Unknown symbol" \
	insmod ./no-tracepoint.ko
is "it is named in the log" \
	"$(dmesg | sed '1,/e2e: no tracepoint/d' | grep -c 'no tracepoint sched_wakinX')" 1
fails "and by the command" "sched_wakinX" flightrec load ./no-tracepoint.ko
is "nothing stays loaded" "$(grep -c '^flightrec ' /proc/modules)" 0

# With symbol versions the kernel does not look at the release, but at the rest;
# without (7.x) at all of it.
altered " mod_unload " " mod_unloaX " unlike.ko
fails "built otherwise for this kernel, says the command" "mod_unloaX" \
	flightrec load ./unlike.ko
alter 'vermagic=[6-9]\.' vermagic=5. unlike.ko >other-kernel.ko
fails "built for another kernel, says the command" "another kernel|built for" \
	flightrec load ./other-kernel.ko

head -c 1000 "$E2E_MODULE" >half.ko
fails "half a module" "half.ko" flightrec load ./half.ko
fails "a file that is not there" "nowhere.ko" flightrec load ./nowhere.ko

succeeds "the real one" flightrec load "$E2E_MODULE"
fails "twice" "already" flightrec load "$E2E_MODULE"
succeeds "unloaded by the command" flightrec unload
succeeds "and loaded again" insmod "$E2E_MODULE"
[[ -z ${E2E_SABOTAGE:-} ]] || not_ok "nothing here to falsify"
