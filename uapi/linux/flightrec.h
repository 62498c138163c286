/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The contract between the flightrec module and user space, and its manual.
 *
 * Two parts: the ioctls of /dev/flightrec (control), and the window: the bytes
 * that read() returns, which are also the bytes of a .frec file. The ioctls are
 * versioned by feature bits, the window by a number of its own.
 *
 * Rules that hold throughout:
 *  - every struct names its recorder (0: the only one so far) and starts with
 *    its own size as the caller knows it; a later version may be longer;
 *  - all fields are fixed width, naturally aligned and little endian, so that
 *    32-bit callers see the same layout; there are no pointers but the __u64
 *    ones of flightrec_stats and flightrec_mark;
 *  - reserved fields and unknown flags must be zero, or the call returns
 *    -EINVAL and changes nothing;
 *  - a tid on the way in is one of the caller's pid namespace; a tid in a
 *    window is one of the initial pid namespace.
 */
#ifndef _UAPI_LINUX_FLIGHTREC_H
#define _UAPI_LINUX_FLIGHTREC_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define FLIGHTREC_NODE			"/dev/flightrec"
/*
 * Of this tree: what module and command say of themselves. Promises nothing;
 * what a module can do is told by its feature bits.
 */
#define FLIGHTREC_RELEASE		"0.1"
#define FLIGHTREC_COMM_BYTES		16
#define FLIGHTREC_ARGS_MAX		6
/* The longest text of a mark and of an exec's path, in bytes. */
#define FLIGHTREC_MARK_MAX		256
#define FLIGHTREC_PATH_MAX		63

/* ------------------------------------------------------------------------ */
/* Words: what a record is made of						*/
/* ------------------------------------------------------------------------ */

/*
 * A block is a header followed by 64-bit words. A record is one word, or one
 * word and the continuation words behind it. The first word of a record:
 *
 *	bits  0.. 4	type (FLIGHTREC_WORD_*); 0: nothing was written here
 *	bits  5..31	the low 27 bits of the record's time, in clock ticks
 *	bits 32..63	payload
 *
 * A continuation word (VALUE, WIDE, TEXT) has 5 bits of type and 59 bits of its
 * own. No word that was written is zero. A reader that finds a type it does not
 * know skips it and the continuation words behind it.
 *
 * type			payload (bit 0 is bit 32 of the word) + continuation
 * ----			----------------------------------------------------
 * TIME			bits 27..58 of the time of the next record. Written
 *			before a record of whose time the bits from 27 on are
 *			not those of the one before it (or of the block's
 *			clock); the bits above 58 are those of the block's
 *			clock, or one more if that would go back.
 * CURRENT		tid 32. The task that runs on this CPU from here on.
 *			Written when that is not the one implied by what stands
 *			before: a SWITCH's next, or the block's tid.
 * SWITCH		next tid 22, state of the task that leaves 4
 *			(FLIGHTREC_STATE_*), flags 6 (FLIGHTREC_SWITCH_*).
 * WAKING		tid to be woken 22, waker's context 2
 *			(FLIGHTREC_CONTEXT_*), flags 8 (FLIGHTREC_WAKING_*).
 *			The waker is the running task; in an interrupt, the
 *			interrupted one.
 * ENTER		call number 10, first argument 22 (sign extended).
 *			+ the second argument and on, as many as configured.
 * ENTER_LONG		call number 32 + every configured argument. For what
 *			does not fit ENTER.
 * ENTER_COMPAT		likewise, of a 32-bit caller: another numbering.
 * EXIT			call number 10, result 22 (sign extended).
 * EXIT_LONG		call number 32 + the result.
 * EXIT_COMPAT		likewise, of a 32-bit caller.
 * NEWTASK		child's tid 22, flags 10 (FLIGHTREC_NEWTASK_*)
 *			+ clone flags. The parent is the running task.
 * EXEC			the tid before 22 (another one when a thread that is not
 *			the leader calls exec), flags 10 (FLIGHTREC_EXEC_*)
 *			+ TEXT: the path, its last FLIGHTREC_PATH_MAX bytes.
 * TASK_EXIT		exit code 16 (as wait() has it), flags 16
 *			(FLIGHTREC_TASK_EXIT_*). The running task dies.
 * RENAME		tid 22 + TEXT: its new name.
 * SIGNAL_GENERATE	tid of the receiver 22, signal 7, result 3
 *			(FLIGHTREC_SIGNAL_*) + si_code * 2 + (1: to the process,
 *			0: to the thread).
 * SIGNAL_DELIVER	signal 7, handler 2 (FLIGHTREC_HANDLER_*) + si_code
 *			+ sa_flags. Delivered to the running task.
 * MARK			length 16 (bytes) + TEXT. Made by the running task.
 * IRQ_ENTRY		number 24, kind 3 (FLIGHTREC_IRQ_*) + TEXT, of a device's
 *			interrupt: its handler's name, the first
 *			FLIGHTREC_IRQ_NAME_MAX bytes. The running task is
 *			interrupted, as in the next one.
 * IRQ_EXIT		number 24, kind 3, flags 5 (FLIGHTREC_IRQ_HANDLED).
 * MIGRATE		tid 22, CPU 10: a target that can run, or is about to, waits
 *			there from here on; the running task has moved it, or an
 *			interrupt. One that sleeps will wait there when it is woken.
 *			What has been woken and was not moved waits where it ran
 *			last.
 *
 * continuation		bits 5..63 of the word
 * ------------		----------------------
 * VALUE		a signed 59-bit number.
 * WIDE			half of a 64-bit number, in bits 32..63: two words in a
 *			row, the high half first. For what does not fit VALUE.
 * TEXT			bits 5..7: how many bytes (1 to 7); bits 8..63: they,
 *			the first one lowest. The rest is zero.
 *
 * A tid of 22 bits that is FLIGHTREC_TID_ESCAPE stands for the one in the VALUE
 * that comes first behind the word; a CPU that is FLIGHTREC_CPU_ESCAPE for the one in
 * the VALUE that comes next.
 */
#define FLIGHTREC_WORD_TYPE_BITS	5
#define FLIGHTREC_WORD_TYPE_MASK	0x1fU
#define FLIGHTREC_WORD_TIME_BITS	27
#define FLIGHTREC_WORD_TIME_MASK	0x7ffffffU
#define FLIGHTREC_WORD_PAYLOAD_SHIFT	32
#define FLIGHTREC_WORD_VALUE_BITS	59

#define FLIGHTREC_WORD_NONE		0
#define FLIGHTREC_WORD_TIME		1
#define FLIGHTREC_WORD_CURRENT		2
#define FLIGHTREC_WORD_SWITCH		3
#define FLIGHTREC_WORD_WAKING		4
#define FLIGHTREC_WORD_ENTER		5
#define FLIGHTREC_WORD_ENTER_LONG	6
#define FLIGHTREC_WORD_ENTER_COMPAT	7
#define FLIGHTREC_WORD_EXIT		8
#define FLIGHTREC_WORD_EXIT_LONG	9
#define FLIGHTREC_WORD_EXIT_COMPAT	10
#define FLIGHTREC_WORD_NEWTASK		11
#define FLIGHTREC_WORD_EXEC		12
#define FLIGHTREC_WORD_TASK_EXIT	13
#define FLIGHTREC_WORD_RENAME		14
#define FLIGHTREC_WORD_SIGNAL_GENERATE	15
#define FLIGHTREC_WORD_SIGNAL_DELIVER	16
#define FLIGHTREC_WORD_MARK		17
#define FLIGHTREC_WORD_IRQ_ENTRY	18
#define FLIGHTREC_WORD_IRQ_EXIT		19
#define FLIGHTREC_WORD_MIGRATE		20
/* From here on: continuation words. */
#define FLIGHTREC_WORD_VALUE		28
#define FLIGHTREC_WORD_WIDE		29
#define FLIGHTREC_WORD_TEXT		30

#define FLIGHTREC_TID_BITS		22
#define FLIGHTREC_TID_ESCAPE		0x3fffffU
#define FLIGHTREC_NR_BITS		10
#define FLIGHTREC_SHORT_BITS		22 /* first argument, result */
#define FLIGHTREC_TEXT_BYTES		7

/* SWITCH: the state in which the task leaves the CPU, bits 22..25. */
/*
 * R: could go on, but was not cut short inside the kernel: sched_yield, or made
 * to go on its way back to user mode.
 */
#define FLIGHTREC_STATE_RUNNING		0
#define FLIGHTREC_STATE_SLEEPING	1  /* S: interruptible */
#define FLIGHTREC_STATE_DISK_SLEEP	2  /* D: uninterruptible */
#define FLIGHTREC_STATE_STOPPED		3  /* T */
#define FLIGHTREC_STATE_TRACED		4  /* t */
#define FLIGHTREC_STATE_DEAD		5  /* X */
#define FLIGHTREC_STATE_ZOMBIE		6  /* Z */
#define FLIGHTREC_STATE_PARKED		7  /* P */
#define FLIGHTREC_STATE_IDLE		8  /* I */
#define FLIGHTREC_STATE_PREEMPTED	15 /* R+: cut short in the kernel */
#define FLIGHTREC_SWITCH_STATE_SHIFT	22
#define FLIGHTREC_SWITCH_STATE_MASK	0xfU
#define FLIGHTREC_SWITCH_FLAGS_SHIFT	26
/* SWITCH: flags, bits 26..31. */
#define FLIGHTREC_SWITCH_PREV_TARGET	0x1 /* the one that leaves is a target */
#define FLIGHTREC_SWITCH_NEXT_TARGET	0x2 /* the one that comes is a target */
#define FLIGHTREC_SWITCH_WATCHED	0x4 /* see below */
/*
 * While a target waits for a CPU, switches there are recorded even between
 * bystanders, so that it is known who kept it waiting. FLIGHTREC_SWITCH_WATCHED:
 * every switch on this CPU is on the tape since the SWITCH before this one there,
 * or since the WAKING or MIGRATE of the target that waits, whichever came later. A CPU
 * is watched from when a target that can run leaves it, is woken having run there last
 * or is put there (MIGRATE), until a target runs there, the CPU has nobody to run (the
 * SWITCH from the last one is recorded), or FLIGHTREC_WATCH_SWITCHES switches between
 * bystanders were recorded.
 */
#define FLIGHTREC_WATCH_SWITCHES	256

/* WAKING: the waker's context, bits 22..23, and flags, bits 24..31. */
#define FLIGHTREC_CONTEXT_TASK		0
#define FLIGHTREC_CONTEXT_SOFTIRQ	1
#define FLIGHTREC_CONTEXT_HARDIRQ	2
#define FLIGHTREC_WAKING_CONTEXT_SHIFT	22
#define FLIGHTREC_WAKING_CONTEXT_MASK	0x3U
#define FLIGHTREC_WAKING_FLAGS_SHIFT	24
#define FLIGHTREC_WAKING_WAKEE_TARGET	0x1 /* the woken one is a target */
#define FLIGHTREC_WAKING_WAKER_TARGET	0x2 /* the running one is a target */

/* NEWTASK and EXEC: flags, bits 22..31. */
#define FLIGHTREC_TASK_FLAGS_SHIFT	22
#define FLIGHTREC_NEWTASK_THREAD	0x1 /* a thread of the parent's process */
#define FLIGHTREC_NEWTASK_TARGET	0x2 /* recorded from its birth on */
#define FLIGHTREC_NEWTASK_KERNEL	0x4 /* runs kernel code only */
#define FLIGHTREC_EXEC_PATH_CUT		0x1 /* the path was longer */

/* TASK_EXIT: flags, bits 16..31. */
#define FLIGHTREC_TASK_EXIT_FLAGS_SHIFT 16
/*
 * The last thread of its process. Of threads that end at the same time more than
 * one may say so.
 */
#define FLIGHTREC_TASK_EXIT_GROUP	0x1

/* SIGNAL_GENERATE: bits 22..28 and 29..31. */
#define FLIGHTREC_SIGNAL_SHIFT		22
#define FLIGHTREC_SIGNAL_MASK		0x7fU
#define FLIGHTREC_SIGNAL_RESULT_SHIFT	29
#define FLIGHTREC_SIGNAL_DELIVERED	0
#define FLIGHTREC_SIGNAL_IGNORED	1
#define FLIGHTREC_SIGNAL_PENDING	2 /* the same one is pending already */
#define FLIGHTREC_SIGNAL_OVERFLOW	3 /* real-time signal not queued */
#define FLIGHTREC_SIGNAL_LOST_INFO	4 /* sent without its siginfo */

/* SIGNAL_DELIVER: bits 7..8. */
#define FLIGHTREC_HANDLER_SHIFT		7
#define FLIGHTREC_HANDLER_DEFAULT	0
#define FLIGHTREC_HANDLER_IGNORE	1
#define FLIGHTREC_HANDLER_FUNCTION	2

/* IRQ_ENTRY, IRQ_EXIT: which interrupt: bits 0..23, and its kind, bits 24..26. */
#define FLIGHTREC_IRQ_NUMBER_MASK	0xffffffU
#define FLIGHTREC_IRQ_KIND_SHIFT	24
#define FLIGHTREC_IRQ_KIND_MASK		0x7U
#define FLIGHTREC_IRQ_DEVICE		0 /* number: as in /proc/interrupts */
#define FLIGHTREC_IRQ_SOFTIRQ		1 /* number: which of /proc/softirqs, from 0 */
#define FLIGHTREC_IRQ_LOCAL_TIMER	2 /* x86's; number: its vector */
/* IRQ_EXIT: flags, bits 27..31. */
#define FLIGHTREC_IRQ_FLAGS_SHIFT	27
#define FLIGHTREC_IRQ_HANDLED		0x1 /* by the handler of that name */
#define FLIGHTREC_IRQ_NAME_MAX		28

/* MIGRATE: bits 22..31. */
#define FLIGHTREC_MIGRATE_CPU_SHIFT	22
#define FLIGHTREC_CPU_ESCAPE		0x3ffU

/* ------------------------------------------------------------------------ */
/* The window								*/
/* ------------------------------------------------------------------------ */

/*
 * In this order, without anything in between: the header, then the tables that
 * it locates (CPUs, tasks, calls, targets), the blocks (each block_bytes long;
 * those of one CPU stand together, oldest first), the end marker. A reader must
 * go by the offsets and entry sizes of the header: later versions may have longer
 * entries.
 *
 * Times are ticks of the recorder's clock, comparable across CPUs. The pairs
 * (clock, mono_ns) of the header and of the blocks tell how it runs against
 * CLOCK_MONOTONIC. A record later than the header's cut_clock is not part of
 * the window and must be dropped.
 */
#define FLIGHTREC_WINDOW_MAGIC		"FLTREC\r\n"
#define FLIGHTREC_WINDOW_END_MAGIC	"FRECEND\n"
#define FLIGHTREC_BLOCK_MAGIC		0x4b4c4246U /* "FBLK" */
#define FLIGHTREC_BLOCK_OVERRUN_MAGIC	0x4e564f46U /* "FOVN" */
#define FLIGHTREC_WINDOW_VERSION	1
#define FLIGHTREC_UTS_BYTES		72

/* Clocks. */
#define FLIGHTREC_CLOCK_MONO		1 /* ticks are ns of CLOCK_MONOTONIC */
#define FLIGHTREC_CLOCK_TSC		2 /* ticks of the x86 time stamp counter */

/* Why a window was taken. */
#define FLIGHTREC_REASON_NONE		0
#define FLIGHTREC_REASON_FREEZE		1 /* FLIGHTREC_IOC_FREEZE */
#define FLIGHTREC_REASON_SUSPEND	2 /* the machine was about to sleep */
#define FLIGHTREC_REASON_LIVE		3 /* read while recording goes on */
#define FLIGHTREC_REASON_TRIGGER	4 /* a trigger froze the recorder */

/*
 * Event groups (flightrec_config.events). Births, deaths, execs, renames,
 * signals and marks are always recorded.
 *
 * FLIGHTREC_EVENTS_IRQ (FLIGHTREC_FEATURE_IRQ): interrupts on a CPU while a target runs
 * there or, with FLIGHTREC_EVENTS_SCHED, while it is watched for one and has somebody
 * to run. So an IRQ_EXIT may have no IRQ_ENTRY: the interrupt had begun before.
 */
#define FLIGHTREC_EVENTS_SCHED		0x1 /* SWITCH, WAKING, MIGRATE */
#define FLIGHTREC_EVENTS_SYSCALLS	0x2 /* ENTER, EXIT */
#define FLIGHTREC_EVENTS_IRQ		0x4 /* IRQ_ENTRY, IRQ_EXIT */
#define FLIGHTREC_EVENTS_DEFAULT	0x3
#define FLIGHTREC_EVENTS_ALL		0x7

/*
 * Policies: which block a CPU takes that needs one.
 *
 * FLIGHTREC_POLICY_PERCPU: the oldest one of its own; each CPU has as many. How far
 * the tape of a CPU reaches back depends on that CPU alone.
 * FLIGHTREC_POLICY_SHARED: the oldest one of its NUMA node that is not open. So most
 * of the tape is of the CPUs where most happened, and all reach back about as
 * far; but a CPU that writes much shortens the tape of others. A block that a quiet
 * CPU has open stays its own.
 */
#define FLIGHTREC_POLICY_PERCPU		1
#define FLIGHTREC_POLICY_SHARED		2

/*
 * Conditions of triggers, which the kernel looks at for targets alone.
 *
 * As it happens, in the midst of it; the record that tells of it is the last one
 * before the cut, if the tape stands still at once:
 */
#define FLIGHTREC_TRIGGER_CALL		1 /* a call took longer than @limit_ns */
#define FLIGHTREC_TRIGGER_ERRNO		2 /* a call failed with @value, an errno */
/* A target got a CPU: it had been able to run for longer than @limit_ns; */
#define FLIGHTREC_TRIGGER_WAIT		3
/* it had been off the CPU, for whatever reason, for longer. */
#define FLIGHTREC_TRIGGER_OFF		4
#define FLIGHTREC_TRIGGER_SIGNAL	5 /* died of signal @value; 0: of any */
#define FLIGHTREC_TRIGGER_EXIT		6 /* left with @value; 0: with any but 0 */
#define FLIGHTREC_TRIGGER_EXEC		7
#define FLIGHTREC_TRIGGER_MARK		8 /* a mark begins with @text; anybody's */
/*
 * While it lasts: found by a timer, at most a quarter of @limit_ns and no more than a
 * second, but 2 ms at least, after it has lasted longer than @limit_ns. Once for each
 * call or stretch.
 */
#define FLIGHTREC_TRIGGER_IN_CALL	9  /* is in a call */
#define FLIGHTREC_TRIGGER_WAITING	10 /* can run, and waits for a CPU */
#define FLIGHTREC_TRIGGER_RUNNING	11 /* has a CPU */
#define FLIGHTREC_TRIGGER_AWAY		12 /* is off the CPU */

/* What a trigger does. */
#define FLIGHTREC_ACTION_NOTIFY		1 /* tells; recording goes on */
#define FLIGHTREC_ACTION_FREEZE		2 /* freezes, perhaps after a tail */

/**
 * struct flightrec_firing - what a trigger found
 * @sequence: counts firings since the module was loaded, from 1; 0: there was none
 *	since recording was started, and all the rest is 0
 * @trigger: its id
 * @condition: FLIGHTREC_TRIGGER_*
 * @tid: about whom
 * @cpu: where it was noticed
 * @value: how long it took or has lasted, in ns; or the errno, signal, exit status
 * @limit: the trigger's @limit_ns, or @value
 * @nr: the call; -1: it is about none
 * @action: FLIGHTREC_ACTION_*
 * @clock: when it was noticed
 * @mono_ns: the same instant
 */
struct flightrec_firing {
	__u64 sequence;
	__u32 trigger;
	__u32 condition;
	__u32 tid;
	__u32 cpu;
	__s64 value;
	__s64 limit;
	__s32 nr;
	__u32 action;
	__u64 clock;
	__u64 mono_ns;
};

/**
 * struct flightrec_section - where a table stands in a window
 * @offset: bytes from the window's start; a multiple of 8
 * @count: how many entries
 * @entry_bytes: the size of one entry
 * @reserved: 0
 */
struct flightrec_section {
	__u64 offset;
	__u64 count;
	__u32 entry_bytes;
	__u32 reserved;
};

/**
 * struct flightrec_window - the header of a window
 * @magic: FLIGHTREC_WINDOW_MAGIC, without its terminating NUL
 * @version: FLIGHTREC_WINDOW_VERSION
 * @header_bytes: sizeof(struct flightrec_window) as the writer knew it
 * @window_bytes: the whole window, the end marker included
 * @recorder: which recorder
 * @reason: why it was taken, FLIGHTREC_REASON_*
 * @clock: FLIGHTREC_CLOCK_*
 * @clock_khz: nominal ticks a millisecond (1000000 for CLOCK_MONO)
 * @start_clock: when recording was started, in ticks
 * @start_mono_ns: the same instant
 * @cut_clock: the cut: the window ends here on all CPUs
 * @cut_mono_ns: the same instant as CLOCK_MONOTONIC has it
 * @cut_boot_ns: as CLOCK_BOOTTIME
 * @cut_real_ns: as CLOCK_REALTIME
 * @complete_clock: since when every event of every CPU is held
 * @names_clock: who has ended by then may be missing among the tasks, also where
 *	others mention him later; 0: nobody is
 * @ring_bytes: configured size of all rings together
 * @block_bytes: the size of a block, header included
 * @events: FLIGHTREC_EVENTS_*
 * @args: how many arguments of a call are recorded, 0 to 6
 * @policy: FLIGHTREC_POLICY_*
 * @cpus_possible: CPUs that the machine can have
 * @page_bytes: the machine's page size
 * @lost_events: events that could not be stored, all CPUs, since the start
 * @missed_targets: tasks that should have been recorded but for which there was
 *	no room, since the start
 * @cpus: entries are struct flightrec_window_cpu, one for each possible CPU;
 *	one that recorded nothing has no block
 * @tasks: entries are struct flightrec_window_task
 * @calls: entries are struct flightrec_window_call
 * @targets: entries are struct flightrec_window_target
 * @blocks: entries are blocks, each starting with struct flightrec_block
 * @nodename: utsname, NUL padded, as the three that follow
 * @release: of the kernel
 * @version_text: of the kernel
 * @machine: its architecture
 * @firing: of the trigger that froze the recorder; else the last one there was
 * @keep_ns: the age asked for (flightrec_config), 0: none, as of an excerpt, of which
 *	something was left away. Whether it was held is told by @complete_clock
 */
struct flightrec_window {
	__u8 magic[8];
	__u32 version;
	__u32 header_bytes;
	__u64 window_bytes;
	__u32 recorder;
	__u32 reason;
	__u32 clock;
	__u32 clock_khz;
	__u64 start_clock;
	__u64 start_mono_ns;
	__u64 cut_clock;
	__u64 cut_mono_ns;
	__u64 cut_boot_ns;
	__u64 cut_real_ns;
	__u64 complete_clock;
	__u64 names_clock;
	__u64 ring_bytes;
	__u32 block_bytes;
	__u32 events;
	__u32 args;
	__u32 policy;
	__u32 cpus_possible;
	__u32 page_bytes;
	__u64 lost_events;
	__u64 missed_targets;
	struct flightrec_section cpus;
	struct flightrec_section tasks;
	struct flightrec_section calls;
	struct flightrec_section targets;
	struct flightrec_section blocks;
	__u8 nodename[FLIGHTREC_UTS_BYTES];
	__u8 release[FLIGHTREC_UTS_BYTES];
	__u8 version_text[FLIGHTREC_UTS_BYTES];
	__u8 machine[FLIGHTREC_UTS_BYTES];
	struct flightrec_firing firing;
	__u64 keep_ns;
};

/**
 * struct flightrec_window_cpu - what a window holds of one CPU
 * @cpu: its number
 * @tid: the task that ran there at the cut, as far as the tape tells; 0 in a live
 *	window, where that is told by the last SWITCH
 * @first_block: index of its oldest block in the blocks section
 * @blocks: how many blocks it has
 * @complete_clock: since when every event of this CPU is held; of a live window,
 *	behind its last overrun block, if that is later
 * @events: events recorded there since the start, overwritten ones included, and
 *	those behind the cut by who had begun to write them before it. In a live window
 *	of a moment behind the cut, as @lost_events
 * @lost_events: events that could not be stored, since the start
 */
struct flightrec_window_cpu {
	__u32 cpu;
	__u32 tid;
	__u64 first_block;
	__u64 blocks;
	__u64 complete_clock;
	__u64 events;
	__u64 lost_events;
};

/* flightrec_window_task.until_reason */
#define FLIGHTREC_UNTIL_CUT	 0 /* it lives at the cut */
#define FLIGHTREC_UNTIL_RENAME	 1 /* name changed (exec changes it too) */
#define FLIGHTREC_UNTIL_EXEC	 2 /* tid given up by exec in another thread */
#define FLIGHTREC_UNTIL_EXIT	 3
#define FLIGHTREC_UNTIL_PRIORITY 4 /* policy or priority changed */

/* flightrec_window_task.flags */
#define FLIGHTREC_TASK_KERNEL	 0x1 /* a kernel thread */
#define FLIGHTREC_TASK_TARGET	 0x2 /* a target at the cut, or when it ended */
#define FLIGHTREC_TASK_LEADER	 0x4 /* the first thread of its process */

/**
 * struct flightrec_window_task - an identity: who a tid was, until when
 * @tid: thread id
 * @tgid: process id
 * @ppid: process id of the parent
 * @ns_tid: thread id in the task's own (innermost) pid namespace
 * @uid: real user id, in the initial user namespace
 * @flags: FLIGHTREC_TASK_*
 * @until_reason: what ended this identity, FLIGHTREC_UNTIL_*
 * @exit_code: as wait() has it, for FLIGHTREC_UNTIL_EXIT
 * @policy: SCHED_NORMAL and so on
 * @rt_priority: 1 to 99 for SCHED_FIFO and SCHED_RR, else 0
 * @nice: -20 to 19
 * @prio: the kernel's priority without boosts (0 to 139, lower runs first; -1:
 *	deadline)
 * @start_mono_ns: birth, CLOCK_MONOTONIC
 * @until_clock: the identity holds for records up to this time; all ones if it
 *	lives at the cut
 * @comm: name, NUL padded
 *
 * Entries of one tid are in order of @until_clock. Who was mentioned for the first time
 * while it ended may have two with FLIGHTREC_UNTIL_EXIT, of which the later one has the
 * right @exit_code. A record of time t by tid belongs to the first entry of that tid
 * with t <= until_clock that was born by then; failing that (the last switch comes
 * after the exit) to the last entry before t.
 */
struct flightrec_window_task {
	__u32 tid;
	__u32 tgid;
	__u32 ppid;
	__u32 ns_tid;
	__u32 uid;
	__u32 flags;
	__u32 until_reason;
	__u32 exit_code;
	__u32 policy;
	__u32 rt_priority;
	__s32 nice;
	__s32 prio;
	__u64 start_mono_ns;
	__u64 until_clock;
	__u8 comm[FLIGHTREC_COMM_BYTES];
};

/* flightrec_window_call.flags */
#define FLIGHTREC_CALL_COMPAT 0x1 /* of a 32-bit caller */

/**
 * struct flightrec_window_call - a system call in flight at the cut
 * @tid: who is in it
 * @nr: call number
 * @flags: FLIGHTREC_CALL_*
 * @nargs: how many of @args were recorded
 * @enter_clock: when it began
 * @args: arguments; those not recorded are 0
 *
 * A live window lists those that were in flight right before the cut: one that ended
 * in between has its EXIT on the tape.
 */
struct flightrec_window_call {
	__u32 tid;
	__s32 nr;
	__u32 flags;
	__u32 nargs;
	__u64 enter_clock;
	__u64 args[FLIGHTREC_ARGS_MAX];
};

/**
 * struct flightrec_window_target - a target as it was asked for
 * @kind: FLIGHTREC_TARGET_*
 * @flags: FLIGHTREC_TARGET_FOLLOW
 * @id: tid or tgid (in the initial pid namespace), else 0
 * @comm: name, NUL padded, for FLIGHTREC_TARGET_COMM
 */
struct flightrec_window_target {
	__u32 kind;
	__u32 flags;
	__u64 id;
	__u8 comm[FLIGHTREC_COMM_BYTES];
};

/**
 * struct flightrec_block - the header of a block
 * @magic: FLIGHTREC_BLOCK_MAGIC. FLIGHTREC_BLOCK_OVERRUN_MAGIC: the block of a live
 *	window was written anew before it was read; its @cpu, @seq, @used and
 *	@clock (0: not known) alone are told
 * @cpu: whose it is
 * @seq: counts this CPU's blocks, from 1
 * @clock: when the block was opened; its records are not older
 * @mono_ns: the same instant, CLOCK_MONOTONIC
 * @events: events this CPU had recorded before this block (TIME and CURRENT are
 *	not events, all other records are, of unknown types too)
 * @lost_events: events this CPU could not store before this block. What was lost
 *	between two blocks was lost right before the later one's first record.
 * @gap_clock: recording was stopped (frozen) from here up to @clock; 0: it was
 *	not
 * @tid: the task that ran when the block was opened; 0, also, if that is not
 *	known (at the start and after a gap): the first record then states it
 * @used: bytes in use, this header included; the rest is zero
 */
struct flightrec_block {
	__u32 magic;
	__u32 cpu;
	__u64 seq;
	__u64 clock;
	__u64 mono_ns;
	__u64 events;
	__u64 lost_events;
	__u64 gap_clock;
	__u32 tid;
	__u32 used;
};

/**
 * struct flightrec_window_end - the end marker: a file without it was cut short
 * @magic: FLIGHTREC_WINDOW_END_MAGIC, without its terminating NUL
 * @window_bytes: as in the header
 */
struct flightrec_window_end {
	__u8 magic[8];
	__u64 window_bytes;
};

/* ------------------------------------------------------------------------ */
/* The device								*/
/* ------------------------------------------------------------------------ */

/*
 * open(): reading and controlling need a descriptor open for reading, and to
 * open one CAP_PERFMON or CAP_SYS_ADMIN in the initial user namespace (-EPERM).
 * A descriptor that is open for writing only can leave marks and nothing else:
 * every other ioctl but INFO returns -EBADF on it, as read() does. -ENOMEM: no
 * memory for a descriptor.
 *
 * read(): the window. While recording goes on it is a live one: its cut is when
 * this descriptor read the beginning, or tried to. Recording does not wait for a
 * reader: blocks that are written anew before they have been read are missing (see
 * struct flightrec_block), the oldest ones first. A live window may be read on when
 * recording is frozen or thawed meanwhile. -ENODATA: idle; -ESTALE: the window of
 * which this descriptor read the beginning is gone (a frozen one: thawed or stopped;
 * a live one: stopped); -ENOMEM: no memory to put the window's tables together, try
 * again. Memory of the caller's that is not there ends it: -EFAULT if nothing could be
 * written. Any size of read will do; readers do not disturb each other; of threads
 * that share a descriptor each gets what comes next, and no byte comes twice. At the
 * window's end read() returns 0 until that is gone.
 *
 * lseek(fd, 0, SEEK_SET): begin anew, on a descriptor that is open for reading. The
 * next read() is as the first one was, of the window that there is by then: also
 * behind -ESTALE, and at the end. A live window is given up. There is no other place
 * to go to (-ESPIPE), nor pread() (-ESPIPE): of a live window a block that is asked for
 * twice need not be the same.
 *
 * write(): one mark, without the newline at its end, if any. Errors as
 * FLIGHTREC_IOC_MARK.
 *
 * poll(): readable (POLLIN) when there is a frozen window; POLLPRI when a trigger has
 * fired since the descriptor was opened, of which FLIGHTREC_IOC_FIRED has not told on
 * it.
 *
 * Errors of every ioctl: -ENOTTY unknown command; -EFAULT bad pointer, or one to
 * which the answer cannot be written; -EINVAL size below the first version's, a
 * reserved field or unknown flag set; -E2BIG a longer struct of which the part
 * unknown here is not zero, or one that is longer than a page; -ENXIO no such
 * recorder; -ENOMEM no memory for what the call needs; -EINTR killed
 * while waiting for another controller. An ioctl that fails has changed nothing.
 * (A caller whose memory goes away during the call may get no answer to one that
 * succeeds.)
 */

#define FLIGHTREC_IOC_INFO	      _IO(0xf2, 0x00)
#define FLIGHTREC_IOC_CONFIGURE	      _IO(0xf2, 0x01)
#define FLIGHTREC_IOC_TARGET_ADD      _IO(0xf2, 0x02)
#define FLIGHTREC_IOC_TARGET_REMOVE   _IO(0xf2, 0x03)
#define FLIGHTREC_IOC_START	      _IO(0xf2, 0x04)
#define FLIGHTREC_IOC_STOP	      _IO(0xf2, 0x05)
#define FLIGHTREC_IOC_FREEZE	      _IO(0xf2, 0x06)
#define FLIGHTREC_IOC_THAW	      _IO(0xf2, 0x07)
#define FLIGHTREC_IOC_STATS	      _IO(0xf2, 0x08)
#define FLIGHTREC_IOC_MARK	      _IO(0xf2, 0x09)
#define FLIGHTREC_IOC_TRIGGER_ADD     _IO(0xf2, 0x0a)
#define FLIGHTREC_IOC_TRIGGER_REMOVE  _IO(0xf2, 0x0b)
#define FLIGHTREC_IOC_TRIGGER_GET     _IO(0xf2, 0x0c)
#define FLIGHTREC_IOC_FIRED	      _IO(0xf2, 0x0d)

/* States. */
#define FLIGHTREC_IDLE		      0
#define FLIGHTREC_RECORDING	      1
#define FLIGHTREC_TRIPPED	      2 /* records the tail of a trigger */
#define FLIGHTREC_FROZEN	      3

/* Features (flightrec_info.features): what this module can do. */
#define FLIGHTREC_FEATURE_SCHED	      0x1
#define FLIGHTREC_FEATURE_SYSCALLS    0x2
#define FLIGHTREC_FEATURE_SIGNALS     0x4
#define FLIGHTREC_FEATURE_MARKS	      0x8
#define FLIGHTREC_FEATURE_TARGET_COMM 0x10
#define FLIGHTREC_FEATURE_LIVE	      0x20 /* read() while recording goes on */
#define FLIGHTREC_FEATURE_SHARED      0x40 /* FLIGHTREC_POLICY_SHARED */
#define FLIGHTREC_FEATURE_TRIGGERS    0x80
#define FLIGHTREC_FEATURE_KEEP	      0x100 /* flightrec_config.keep_ns */
#define FLIGHTREC_FEATURE_SPARING     0x200 /* FLIGHTREC_CONFIG_SPARING */
#define FLIGHTREC_FEATURE_IRQ	      0x400 /* FLIGHTREC_EVENTS_IRQ */

/**
 * struct flightrec_info - FLIGHTREC_IOC_INFO: what the module is
 * @size: (in) sizeof(struct flightrec_info)
 * @recorder: (in) 0
 * @features: (out) FLIGHTREC_FEATURE_*
 * @window_version: (out) FLIGHTREC_WINDOW_VERSION of the module
 * @clock: (out) the clock that would be used, FLIGHTREC_CLOCK_*
 * @min_ring_bytes: (out) the smallest ring_bytes on this machine
 * @default_ring_bytes: (out) what 0 stands for
 * @cpus_possible: (out) CPUs that the machine can have
 * @block_bytes_min: (out) smallest block
 * @block_bytes_max: (out) largest block
 * @targets_max: (out) how many targets can be asked for
 * @version: (out) of the module, NUL padded
 *
 * Allowed on any descriptor.
 */
struct flightrec_info {
	__u32 size;
	__u32 recorder;
	__u64 features;
	__u32 window_version;
	__u32 clock;
	__u64 min_ring_bytes;
	__u64 default_ring_bytes;
	__u32 cpus_possible;
	__u32 block_bytes_min;
	__u32 block_bytes_max;
	__u32 targets_max;
	__u8 version[16];
};

/* The longest age that can be asked for, in ns: 36 years. */
#define FLIGHTREC_KEEP_MAX	  (1ULL << 60)

/*
 * Configuration: flags. Sparing: while system calls are recorded the kernel takes every
 * task of the machine a slower way through its calls, which costs bystanders, too. With
 * this it does so for targets alone. Another tracer of system calls that comes
 * meanwhile gets those of bystanders after a second at the latest; then, and if there
 * was one before, bystanders are not spared. Where there is FLIGHTREC_FEATURE_SPARING.
 */
#define FLIGHTREC_CONFIG_SPARING  0x1

/* What has become of it (flightrec_stats.config.sparing). */
#define FLIGHTREC_SPARING_OFF	  0 /* not asked for, no calls recorded, or idle */
#define FLIGHTREC_SPARING_ON	  1
#define FLIGHTREC_SPARING_REFUSED 2 /* another tracer was there at the start */
#define FLIGHTREC_SPARING_ENDED	  3 /* another tracer has come since */

/**
 * struct flightrec_config - FLIGHTREC_IOC_CONFIGURE: sizes, what to record
 * @size: (in) sizeof(struct flightrec_config)
 * @recorder: (in)
 * @ring_bytes: (in) all rings together; 0: the default (16 MiB, or the minimum
 *	if that is more)
 *	(out) what was taken for 0
 * @block_bytes: (in) a power of two; 0: chosen. (out) what was chosen
 * @events: (in) FLIGHTREC_EVENTS_*; 0: FLIGHTREC_EVENTS_DEFAULT. (out) what was
 *	taken
 * @args: (in) arguments recorded of a call, 0 to 6
 * @policy: (in) FLIGHTREC_POLICY_*; 0: FLIGHTREC_POLICY_SHARED. (out) what was
 *	taken
 * @slots: (in) tasks that can be recorded at once, up to 32767; 0: 4096.
 *	(out) what was taken
 * @identities: (in) past identities that are kept, up to 1048576; 0: 16384.
 *	(out) what was taken
 * @keep_ns: (in) the age to which the tape is to reach back on all CPUs, up to
 *	FLIGHTREC_KEEP_MAX; 0: none is asked for. @ring_bytes bounds the tape all
 *	the same: the age is told, in the statistics and in every window, so that
 *	who reads them can say whether that was enough
 * @flags: (in) FLIGHTREC_CONFIG_*
 * @sparing: (in) 0. (out) of the statistics: FLIGHTREC_SPARING_*; else 0
 *
 * Takes effect at the next start; memory is allocated then, and freed at the
 * stop. Errors: -EBUSY not idle; -EINVAL ring_bytes below the minimum
 * (flightrec_info.min_ring_bytes; with a block size of one's own: 4 blocks for
 * each possible CPU), block_bytes not a power of two within the limits, an
 * unknown event, policy, or number out of range, a flag that this kernel does not
 * allow; -ENOMEM all that it takes is
 * more than half of the memory available (@ring_bytes, 48 bytes for each block,
 * 80 for each of @identities, 260 for each of @slots, and 1 MiB).
 */
struct flightrec_config {
	__u32 size;
	__u32 recorder;
	__u64 ring_bytes;
	__u32 block_bytes;
	__u32 events;
	__u32 args;
	__u32 policy;
	__u32 slots;
	__u32 identities;
	__u64 keep_ns;
	__u32 flags;
	__u32 sparing;
};

/* Kinds of targets. 4 is kept for a cgroup (by id). */
#define FLIGHTREC_TARGET_TID	1 /* one thread */
#define FLIGHTREC_TARGET_TGID	2 /* all threads a process has now */
#define FLIGHTREC_TARGET_COMM	3 /* by name, now and at exec/rename */

/*
 * Targets: flags. Record every task that a target creates, too: threads and
 * processes.
 */
#define FLIGHTREC_TARGET_FOLLOW 0x1

/**
 * struct flightrec_target - FLIGHTREC_IOC_TARGET_ADD, FLIGHTREC_IOC_TARGET_REMOVE
 * @size: (in) sizeof(struct flightrec_target)
 * @recorder: (in)
 * @kind: (in) FLIGHTREC_TARGET_*
 * @flags: (in) FLIGHTREC_TARGET_*; 0 for REMOVE
 * @id: (in) tid or tgid; 0 for FLIGHTREC_TARGET_COMM
 * @comm: (in) name, at most 15 bytes, NUL padded, for FLIGHTREC_TARGET_COMM;
 *	else zeros. A process whose leader has the name is recorded with all its
 *	threads; another thread that has it, alone.
 * @tasks: (out) how many tasks began (ended) to be recorded by this call; 0 when
 *	idle: targets are looked up at the start
 * @reserved: 0
 *
 * Allowed in any state. REMOVE ends the recording of the named ones; children
 * that were followed stay. Errors: -ESRCH the task does not exist, is gone, or
 * has ended and waits for its parent; REMOVE: no such target; -EEXIST the same
 * target is there already; -ENOSPC too many targets, or no room for all of its
 * tasks (nothing was added).
 */
struct flightrec_target {
	__u32 size;
	__u32 recorder;
	__u32 kind;
	__u32 flags;
	__u64 id;
	__u8 comm[FLIGHTREC_COMM_BYTES];
	__u32 tasks;
	__u32 reserved;
};

/**
 * struct flightrec_control - START, STOP, FREEZE, THAW
 * @size: (in) sizeof(struct flightrec_control)
 * @recorder: (in)
 * @flags: (in) 0
 * @reserved: (in) 0
 *
 * START: idle -> recording. Errors: -EBUSY not idle; -ENOMEM; -ENOSPC not enough
 * slots for all tasks of a target; -EAGAIN the machine is about to sleep.
 * STOP: any -> idle; the window and the targets are gone, the configuration
 * stays. Error: -ENODATA idle already.
 * FREEZE: recording -> frozen: there is a window. Errors: -ENODATA idle;
 * -EALREADY frozen already.
 * THAW: frozen -> recording; the window is gone as such, its tape is gone on
 * with. Errors: -ENODATA idle; -EALREADY recording; -ESTALE the machine was
 * suspended and the clock began anew: the window can be read, but not gone on
 * with; -EAGAIN it is about to be: later.
 */
struct flightrec_control {
	__u32 size;
	__u32 recorder;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct flightrec_stats_cpu - one CPU's part of the statistics
 * @cpu: its number
 * @reserved: 0
 * @events: recorded since the start
 * @lost_events: could not be stored, since the start
 * @since_mono_ns: the tape of this CPU reaches back to here: as long as all of it is
 *	held, to the start of recording
 * @blocks_opened: blocks opened since the start
 */
struct flightrec_stats_cpu {
	__u32 cpu;
	__u32 reserved;
	__u64 events;
	__u64 lost_events;
	__u64 since_mono_ns;
	__u64 blocks_opened;
};

/**
 * struct flightrec_stats - FLIGHTREC_IOC_STATS: how recording goes
 * @size: (in) sizeof(struct flightrec_stats)
 * @recorder: (in)
 * @cpus: (in) user pointer to an array of struct flightrec_stats_cpu, or 0
 * @cpus_count: (in) its length; (out) how many CPUs there are to tell of; as
 *	many as fit were written
 * @state: (out) FLIGHTREC_IDLE, ...
 * @reason: (out) why frozen, FLIGHTREC_REASON_*
 * @targets: (out) targets asked for
 * @now_mono_ns: (out) CLOCK_MONOTONIC when this was taken (frozen: at the cut)
 * @start_mono_ns: (out) when recording was started; 0 when idle
 * @events: (out) recorded since the start, all CPUs
 * @lost_events: (out) could not be stored since the start: an interrupt filled
 *	all blocks of its CPU while a record below it was being written
 * @missed_targets: (out) tasks for which there was no slot or index room
 * @missed_names: (out) identities evicted before the tape was past them
 * @tasks: (out) tasks recorded now
 * @identities: (out) past identities held
 * @memory_bytes: (out) all memory held by this recorder
 * @ring_bytes: (out) of it, rings
 * @config: (out) as FLIGHTREC_IOC_CONFIGURE would return it, with its @size as far as
 *	@size has room for it; and @sparing. Stays the last one: it may become longer
 *
 * Never stops recording. Errors: -EINVAL @cpus without @cpus_count or the other
 * way round.
 */
struct flightrec_stats {
	__u32 size;
	__u32 recorder;
	__u64 cpus;
	__u32 cpus_count;
	__u32 state;
	__u32 reason;
	__u32 targets;
	__u64 now_mono_ns;
	__u64 start_mono_ns;
	__u64 events;
	__u64 lost_events;
	__u64 missed_targets;
	__u64 missed_names;
	__u32 tasks;
	__u32 identities;
	__u64 memory_bytes;
	__u64 ring_bytes;
	struct flightrec_config config;
};

/**
 * struct flightrec_mark - FLIGHTREC_IOC_MARK: an annotation on the tape
 * @size: (in) sizeof(struct flightrec_mark)
 * @recorder: (in)
 * @text: (in) user pointer
 * @length: (in) bytes, 1 to FLIGHTREC_MARK_MAX, without a terminating NUL
 * @reserved: (in) 0
 *
 * Errors: -EINVAL empty; -EMSGSIZE too long; -ENODATA nothing is being recorded
 * (idle or frozen); -ENOSPC it could not be stored (counted as lost).
 */
struct flightrec_mark {
	__u32 size;
	__u32 recorder;
	__u64 text;
	__u32 length;
	__u32 reserved;
};

#define FLIGHTREC_TRIGGERS_MAX	     32
#define FLIGHTREC_TRIGGER_CALLS	     8
#define FLIGHTREC_TRIGGER_TEXT_BYTES 32

/**
 * struct flightrec_trigger - TRIGGER_ADD, TRIGGER_REMOVE, TRIGGER_GET
 * @size: (in) sizeof(struct flightrec_trigger)
 * @recorder: (in)
 * @id: ADD: (out). REMOVE: (in). GET: (in/out) tells of the first one with this id or
 *	a higher one
 * @condition: FLIGHTREC_TRIGGER_*
 * @action: FLIGHTREC_ACTION_*
 * @calls_count: how many @calls; 0: any call
 * @limit_ns: for conditions of time, 1 to 2^60; those that are found by the timer: at
 *	least 8000000
 * @tail_ns: to freeze: so long after it fired; at most 2^40
 * @tail_percent: to freeze: when so much of the tape has been written anew since it
 *	fired, 0 to 100; whichever of the two comes first, if both are given
 * @value: an errno, 1 to 4095; a signal, 0 to 64; an exit status, 0 to 255
 * @every_ns: fires at most once in this time; 0: always; at most 2^60
 * @max: fires at most so often; 0: always
 * @reserved: 0
 * @calls: call numbers of CALL, ERRNO, IN_CALL; of the kernel's own numbering, not
 *	of 32-bit callers; the rest is 0
 * @text: of MARK: how the mark begins, NUL padded; empty: any mark
 * @fired: (out) GET: how often it has fired since it was added
 * @held_back: (out) GET: how often it was not allowed to by @every_ns or @max, or since
 *	the recorder was not recording any more
 *
 * ADD and REMOVE in any state. What a condition does not use is 0. Triggers stay when
 * recording is stopped. Errors: -EINVAL a value out of its range; -ENOSPC: there are
 * FLIGHTREC_TRIGGERS_MAX; REMOVE, GET: -ESRCH no such trigger.
 *
 * A trigger that freezes does so at once on all CPUs, whatever they run, and when it
 * is the first one; there is nothing to be frozen twice. FLIGHTREC_TRIPPED: its tail
 * is being recorded; FREEZE, THAW and STOP are possible then (THAW: the tail is
 * dropped, and recording goes on).
 */
struct flightrec_trigger {
	__u32 size;
	__u32 recorder;
	__u32 id;
	__u32 condition;
	__u32 action;
	__u32 calls_count;
	__u64 limit_ns;
	__u64 tail_ns;
	__u32 tail_percent;
	__s32 value;
	__u64 every_ns;
	__u32 max;
	__u32 reserved;
	__s32 calls[FLIGHTREC_TRIGGER_CALLS];
	__u8 text[FLIGHTREC_TRIGGER_TEXT_BYTES];
	__u64 fired;
	__u64 held_back;
};

/**
 * struct flightrec_fired - FLIGHTREC_IOC_FIRED: what triggers have found
 * @size: (in) sizeof(struct flightrec_fired)
 * @recorder: (in)
 * @flags: (in) 0
 * @missed: (out) firings between the one that was known and this one that are not
 *	known any more
 * @firing: (in) its sequence: of the last one that is known, 0: none; the rest 0. (out)
 *	the next one
 *
 * Does not wait: see poll(). Errors: -EAGAIN there is none; -ENODATA idle.
 */
struct flightrec_fired {
	__u32 size;
	__u32 recorder;
	__u32 flags;
	__u32 missed;
	struct flightrec_firing firing;
};

/* ------------------------------------------------------------------------ */
/* The layout, checked by everyone who includes this			*/
/* ------------------------------------------------------------------------ */

#if defined(__cplusplus)
#define FLIGHTREC_ASSERT(what, text) static_assert(what, text)
#else
#define FLIGHTREC_ASSERT(what, text) _Static_assert(what, text)
#endif
#define FLIGHTREC_ASSERT_SIZE(type, bytes)               \
	FLIGHTREC_ASSERT(sizeof(struct type) == (bytes), \
			 #type " has " #bytes " bytes")
#define FLIGHTREC_ASSERT_AT(type, member, bytes)                             \
	FLIGHTREC_ASSERT(__builtin_offsetof(struct type, member) == (bytes), \
			 #type "." #member " stands at " #bytes)

FLIGHTREC_ASSERT_SIZE(flightrec_section, 24);
FLIGHTREC_ASSERT_SIZE(flightrec_firing, 64);
FLIGHTREC_ASSERT_SIZE(flightrec_window, 632);
FLIGHTREC_ASSERT_AT(flightrec_window, window_bytes, 16);
FLIGHTREC_ASSERT_AT(flightrec_window, start_clock, 40);
FLIGHTREC_ASSERT_AT(flightrec_window, ring_bytes, 104);
FLIGHTREC_ASSERT_AT(flightrec_window, lost_events, 136);
FLIGHTREC_ASSERT_AT(flightrec_window, cpus, 152);
FLIGHTREC_ASSERT_AT(flightrec_window, blocks, 248);
FLIGHTREC_ASSERT_AT(flightrec_window, nodename, 272);
FLIGHTREC_ASSERT_AT(flightrec_window, firing, 560);
FLIGHTREC_ASSERT_AT(flightrec_window, keep_ns, 624);
FLIGHTREC_ASSERT_SIZE(flightrec_window_cpu, 48);
FLIGHTREC_ASSERT_SIZE(flightrec_window_task, 80);
FLIGHTREC_ASSERT_AT(flightrec_window_task, start_mono_ns, 48);
FLIGHTREC_ASSERT_AT(flightrec_window_task, comm, 64);
FLIGHTREC_ASSERT_SIZE(flightrec_window_call, 72);
FLIGHTREC_ASSERT_SIZE(flightrec_window_target, 32);
FLIGHTREC_ASSERT_SIZE(flightrec_block, 64);
FLIGHTREC_ASSERT_AT(flightrec_block, gap_clock, 48);
FLIGHTREC_ASSERT_AT(flightrec_block, used, 60);
FLIGHTREC_ASSERT_SIZE(flightrec_window_end, 16);
FLIGHTREC_ASSERT_SIZE(flightrec_info, 72);
FLIGHTREC_ASSERT_SIZE(flightrec_config, 56);
FLIGHTREC_ASSERT_AT(flightrec_config, keep_ns, 40);
FLIGHTREC_ASSERT_AT(flightrec_config, flags, 48);
FLIGHTREC_ASSERT_SIZE(flightrec_target, 48);
FLIGHTREC_ASSERT_SIZE(flightrec_control, 16);
FLIGHTREC_ASSERT_SIZE(flightrec_stats_cpu, 40);
FLIGHTREC_ASSERT_SIZE(flightrec_stats, 160);
FLIGHTREC_ASSERT_AT(flightrec_stats, config, 104);
FLIGHTREC_ASSERT_SIZE(flightrec_mark, 24);
FLIGHTREC_ASSERT_SIZE(flightrec_trigger, 144);
FLIGHTREC_ASSERT_AT(flightrec_trigger, fired, 128);
FLIGHTREC_ASSERT_SIZE(flightrec_fired, 80);

#endif /* _UAPI_LINUX_FLIGHTREC_H */
