# SPDX-License-Identifier: GPL-2.0
# The rules that hold in the order of the file. Reads what flatten.awk prints;
# prints "RULE: what is wrong" for each violation.

BEGIN { FS = "\t" }

function bad(rule, what)
{
	if (said[rule]++ < 3)
		print rule ": " what
}

function parse(    i, at)
{
	split("", f)
	for (i = 3; i <= NF; i++) {
		at = index($i, "=")
		f[substr($i, 1, at - 1)] = substr($i, at + 1)
		if (substr($i, 1, at - 1) ~ /(^|\.)[0-9]+$/)
			bad("known-fields", $1 " " $2 " has field " $i)
	}
}

# Digits, perhaps more of them than a number of awk's holds.
function later(a, b)
{
	if (length(a) != length(b))
		return length(a) > length(b)
	return a "" > b ""
}

function need(key, what)
{
	if (!(key in f) || f[key] == "" || f[key] == "\"\"")
		bad("system-info", "no " what)
}

function check_first()
{
	if ($2 == 1 && !("clock_snapshot" in f))
		bad("packet-order", "the first packet is no ClockSnapshot")
	if ($2 == 2 && !("system_info" in f))
		bad("packet-order", "the second packet is no SystemInfo")
	if ($2 == 3 && !("process_tree" in f))
		bad("packet-order", "the third packet is no ProcessTree")
}

# The last clock's id and stamp are what is left of the three in f.
function check_clocks(    i, ids)
{
	for (i = 3; i <= NF; i++)
		if ($i ~ /^clock_snapshot\.clocks\.clock_id=/)
			ids = ids " " substr($i, index($i, "=") + 1)
	if (ids != " 1 3 6")
		bad("clocks", "clocks" ids "; expected 1 3 6")
	if (f["clock_snapshot.primary_trace_clock"] != 6)
		bad("clocks", "the trace's clock is not BOOTTIME")
}

function check_descriptor(    uuid)
{
	uuid = f["track_descriptor.uuid"]
	if ("track_descriptor.thread.tid" in f)
		thread_track[uuid] = 1
	if (f["track_descriptor.parent_uuid"] in thread_track)
		child_track[uuid] = 1
}

function check_mark()
{
	if (!(f["track_event.track_uuid"] in child_track))
		bad("mark-track", "packet " $2 ": a mark on track " \
		    f["track_event.track_uuid"] \
		    ", which was not told to be a child of a thread's")
	if (!("timestamp" in f))
		bad("mark-stamp", "packet " $2 ": a mark without a stamp")
}

# Scopes: of the slices of one track, each ends before the next one begins.
function check_slice(    track)
{
	track = f["track_event.track_uuid"]
	if (f["track_event.type"] == 1 && in_slice[track]++)
		bad("scope-lane", "packet " $2 ": a scope begins within one")
	if (f["track_event.type"] == 2 && in_slice[track]-- != 1)
		bad("scope-lane", "packet " $2 ": a scope ends that did not begin")
}

$1 == "packet" {
	parse()
	packets++
	check_first()
	if (!("seq" in f))
		bad("sequence", "packet " $2 " has no sequence id")
	else if (!(f["seq"] in sequences) && f["sequence_flags"] != 1)
		bad("sequence", "the first packet of sequence " f["seq"] \
		    " does not begin it")
	sequences[f["seq"]] = 1
	if ("clock_snapshot" in f)
		check_clocks()
	if ("system_info" in f) {
		need("system_info.utsname.machine", "machine")
		need("system_info.utsname.release", "release")
		need("system_info.utsname.sysname", "sysname")
		need("system_info.page_size", "page size")
		need("system_info.num_cpus", "number of CPUs")
	}
	if ("track_descriptor" in f)
		check_descriptor()
	if ("track_event" in f) {
		check_mark()
		check_slice()
	}
	next
}

$1 == "bundle" {
	parse()
	cpu = f["cpu"]
	if (cpu == "" || cpu + 0 >= 1024)
		bad("cpu", "packet " $2 " is of CPU \"" cpu "\"")
	if (f["lost"] == "true")
		lost[cpu] = 1
	next
}

$1 == "process" {
	parse()
	if (!("pid" in f) || !("cmdline" in f))
		bad("process-name", "a process without a name, pid " f["pid"])
	next
}

$1 != "event" { next }

{
	parse()
	events++
	cpu = f["cpu"]
	if ($2 == "none" || f["ts"] == "" || f["task"] == "")
		bad("event", "an event without kind, stamp or pid on CPU " cpu)
	if (cpu in last_ts && later(last_ts[cpu], f["ts"]))
		bad("cpu-time", "CPU " cpu " goes back to " f["ts"])
	last_ts[cpu] = f["ts"]
}

$2 == "sched_switch" {
	if (!(cpu in running)) {
		if (f["prev_pid"] != 0)
			bad("first-switch", "CPU " cpu \
			    " begins with a switch from " f["prev_pid"])
	} else if (running[cpu] != f["prev_pid"] && !(cpu in lost)) {
		bad("switch-chain", "CPU " cpu " at " f["ts"] ": " \
		    running[cpu] " ran there, " f["prev_pid"] " leaves")
	}
	if (f["prev_state"] !~ /^(0|1|2|4|8|16|32|64|128|256)$/)
		bad("prev-state", f["prev_pid"] " leaves in state " \
		    f["prev_state"])
	if (!("next_comm" in f) || !("prev_comm" in f))
		bad("switch-names", "a switch without a name at " f["ts"])
	running[cpu] = f["next_pid"]
	delete lost[cpu]
	next
}

# Calls may be told on a CPU where the thread was before.
$2 ~ /^(sched_waking|task_newtask|task_rename|signal_)/ {
	if (cpu in running && running[cpu] != f["task"] && !(cpu in lost))
		bad("runner", $2 " by " f["task"] " at " f["ts"] " on CPU " \
		    cpu ", where " running[cpu] " runs")
}

END {
	if (packets < 3)
		bad("packet-order", "no more than " packets + 0 " packets")
	print "#", packets + 0, "packets", events + 0, "events"
}
