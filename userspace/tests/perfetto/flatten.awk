# SPDX-License-Identifier: GPL-2.0
# Makes lines of what `protoc --decode=Trace` prints: one for each packet, and
# after it one for each of its events, processes and threads. Fields are
# separated by tabs, and but for the first two say KEY=VALUE:
#
#	packet	NUMBER	seq=1	...	KIND.FIELD=...
#	bundle	NUMBER	cpu=0	lost=true|false
#	event	KIND	cpu=0	ts=...	task=...	FIELD=...
#	process	NUMBER	ts=...	pid=...	FIELD=...
#	thread	NUMBER	ts=...	tid=...	FIELD=...
#
# NUMBER counts packets from 1. A message that was there shows as KIND= in its
# packet's line. Strings stay as protoc has them: quoted, escaped.

function leave_event(    what)
{
	what = kind == "" ? "none" : kind
	units[++count] = "event\t" what "\tcpu=" cpu "\tts=" ts "\ttask=" pid \
		fields
}

function leave_packet(    i, stamp)
{
	number++
	stamp = packet_ts == "" ? 0 : packet_ts
	print "packet\t" number packet_fields
	if (is_bundle)
		print "bundle\t" number "\tcpu=" cpu "\tlost=" lost
	for (i = 1; i <= count; i++) {
		if (substr(units[i], 1, 6) == "event\t")
			print units[i]
		else
			print whats[i] "\t" number "\tts=" stamp units[i]
	}
}

function enter(name)
{
	stack[++depth] = name
	if (depth == 1) {
		packet_fields = packet_ts = cpu = ""
		count = is_bundle = 0
		lost = "false"
	} else if (depth == 2) {
		packet_fields = packet_fields "\t" name "="
		is_bundle = name == "ftrace_events"
	} else if (depth == 3) {
		fields = kind = ts = pid = ""
	} else if (depth == 4 && stack[2] == "ftrace_events") {
		kind = name
	}
}

function leave(    what)
{
	if (depth == 3 && stack[2] == "ftrace_events") {
		leave_event()
	} else if (depth == 3 && stack[2] == "process_tree") {
		units[++count] = fields
		whats[count] = stack[3] == "threads" ? "thread" : "process"
	} else if (depth == 1) {
		leave_packet()
	}
	depth--
}

# A field of a packet that is no unit: by its path.
function note_path(key, value,    i, path)
{
	path = ""
	for (i = 2; i <= depth; i++)
		path = path stack[i] "."
	packet_fields = packet_fields "\t" path key "=" value
}

function note_event(key, value)
{
	if (depth == 3 && key == "timestamp")
		ts = value
	else if (depth == 3 && key == "pid")
		pid = value
	else
		fields = fields "\t" key "=" value
}

function note(key, value)
{
	if (depth == 1) {
		if (key == "timestamp")
			packet_ts = value
		sub(/trusted_packet_sequence_id/, "seq", key)
		packet_fields = packet_fields "\t" key "=" value
	} else if (stack[2] == "ftrace_events" && depth == 2) {
		if (key == "cpu")
			cpu = value
		else if (key == "lost_events")
			lost = value
		else
			note_path(key, value)
	} else if (stack[2] == "ftrace_events") {
		note_event(key, value)
	} else if (stack[2] == "process_tree" && depth == 3) {
		fields = fields "\t" key "=" value
	} else {
		note_path(key, value)
	}
}

/{$/ && $2 == "{" && NF == 2 { enter($1); next }
$1 == "}" && NF == 1 { leave(); next }
{
	colon = index($0, ": ")
	key = substr($0, 1, colon - 1)
	gsub(/ /, "", key)
	note(key, substr($0, colon + 2))
}
