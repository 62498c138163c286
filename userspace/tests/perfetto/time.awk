# SPDX-License-Identifier: GPL-2.0
# The rules that hold in the order of time, which is how a viewer takes events of
# different CPUs. Reads lines of flatten.awk that are sorted by the stamp put in
# front of them; prints "RULE: what is wrong" for each violation.

BEGIN { FS = "\t" }

function bad(rule, what)
{
	if (said[rule]++ < 3)
		print rule ": " what
}

function parse(    i, at)
{
	split("", f)
	for (i = 4; i <= NF; i++) {
		at = index($i, "=")
		f[substr($i, 1, at - 1)] = substr($i, at + 1)
	}
}

# @tid occurs: somebody must have said who that is.
function occurs(tid)
{
	if (tid == 0)
		return
	seen[tid] = 1
	if (tid in freed)
		bad("free-last", tid " occurs at " f["ts"] \
		    ", after it was freed")
}

function enter_call(tid, id)
{
	if (tid in call)
		bad("call-nesting", tid " enters " id " at " f["ts"] \
		    " in the midst of " call[tid])
	call[tid] = id
}

function exit_call(tid, id)
{
	if (!(tid in call))
		bad("call-nesting", tid " returns from " id " at " f["ts"] \
		    " which it did not enter")
	else if (call[tid] != id)
		bad("call-nesting", tid " returns from " id " at " f["ts"] \
		    ", is in " call[tid])
	delete call[tid]
}

# A thread may seem to be on two CPUs at the very instant when it changes them.
function settle(    tid)
{
	for (tid in doubtful) {
		if (doubtful[tid] == f["ts"])
			continue
		bad("one-cpu", tid " runs on two CPUs at " doubtful[tid])
		delete doubtful[tid]
		doubts--
	}
}

$2 == "process" || $2 == "thread" {
	parse()
	tid = $2 == "thread" ? f["tid"] : f["pid"]
	if ($2 == "thread" && !("tgid" in f))
		bad("process-tree", "thread " tid " of no process")
	told[tid] = $2 == "thread" ? f["tgid"] : tid
	if ($2 == "process")
		process[tid] = 1
	if ($3 == 3)
		told_first[tid] = 1
	delete freed[tid]
	next
}

$2 != "event" { next }

{
	parse()
	if (doubts)
		settle()
}

$3 == "sched_process_free" {
	tid = f["pid"]
	if (tid in left && left[tid] == f["ts"])
		bad("free-later", tid " is freed at its last switch")
	if (tid in on)
		bad("free-later", tid " is freed at " f["ts"] \
		    " while it runs")
	if (tid in left && state[tid] != 16 && state[tid] != 32)
		bad("free-dead", tid " is freed, but left in state " state[tid])
	if (tid in call)
		bad("call-ended", tid " is freed in the midst of call " \
		    call[tid])
	freed[tid] = 1
	next
}

$3 == "task_newtask" {
	tid = f["pid"]
	if (tid in told_first && !(tid in seen))
		bad("born-once", tid " is in the first tree, and born at " \
		    f["ts"])
	delete freed[tid]
	delete call[tid]
	delete on[tid]
	told[tid] = 1
	occurs(tid)
	occurs(f["task"])
	next
}

{
	tid = f["task"]
	occurs(tid)
}

$3 == "sched_switch" {
	occurs(f["prev_pid"])
	occurs(f["next_pid"])
	prev = f["prev_pid"]
	next_tid = f["next_pid"]
	if (prev in doubtful && on[prev] != f["cpu"]) {
		delete doubtful[prev]
		doubts--
	} else {
		delete on[prev]
	}
	left[prev] = f["ts"]
	state[prev] = f["prev_state"]
	if (next_tid != 0) {
		if (next_tid in on && on[next_tid] != f["cpu"]) {
			doubtful[next_tid] = f["ts"]
			doubts++
		}
		on[next_tid] = f["cpu"]
	}
	next
}

$3 == "sched_waking" || $3 == "task_rename" {
	occurs(f["pid"])
	next
}

$3 == "sys_enter" { enter_call(tid, f["id"]); next }
$3 == "sys_exit" { exit_call(tid, f["id"]); next }
$3 == "print" && f["buf"] ~ /^"B\|/ { enter_call(tid, "print"); next }
$3 == "print" && f["buf"] ~ /^"E\|/ { exit_call(tid, "print"); next }

END {
	for (tid in seen)
		if (!(tid in told))
			bad("process-tree", "nothing says who " tid " is")
	settle()
}
