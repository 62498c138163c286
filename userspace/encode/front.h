/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The front end: the one that every encoder and the report consume.
 *
 * It takes the events of a window in the order of time, runs one model of the
 * threads and CPUs, and hands out steps: an event together with the model right
 * before and right after it. Where viewers need an event that is not on the
 * tape (what ran when a CPU's tape begins, the beginning of a call that was
 * overwritten) it makes one and says so (front_step.synthesized).
 *
 * What holds:
 *  - Only targets are recorded. Of a bystander the tape tells when it takes a
 *    CPU from a target, gives it one, wakes one or is woken by one, and nothing
 *    else: front_cpu.sure and front_thread.target tell the difference.
 *  - What is not known is said to be unknown. A loss (LOST, GAP) makes unknown
 *    whatever an event that is missing may have changed.
 *  - If the window was recorded without FLIGHTREC_EVENTS_SCHED, no thread and
 *    no CPU ever has a state; without FLIGHTREC_EVENTS_SYSCALLS, no call.
 *  - Steps are in the order of time, over all CPUs; so is each CPU.
 *  - Threads live as long as the front. A tid that is used again is a new one.
 *  - Nothing here prints or knows a format.
 */
#ifndef FRONT_H
#define FRONT_H

#include <libflightrec.h>

struct front;

/* SWITCH made by the front: it is not known in what state the thread left. */
#define FRONT_STATE_UNKNOWN 0xff
/* SWITCH made by the front: it is not known what ran until here, runs from here
 * on. The thread is NULL then. */
#define FRONT_TID_UNKNOWN   UINT32_MAX

/* front_create() */
#define FRONT_FORESEE \
	0x1 /* read the window twice, so that a call whose
				 * beginning was overwritten is known from where
				 * the tape begins, not just from its end */

enum front_state {
	FRONT_UNKNOWN,	/* the tape does not tell */
	FRONT_RUNNING,	/* on @cpu */
	FRONT_RUNNABLE, /* wants a CPU; @why tells since what */
	FRONT_BLOCKED,	/* left its CPU in @left_state */
	FRONT_DEAD,	/* has left its CPU for the last time */
};

/* Why a thread is runnable. */
enum front_why {
	FRONT_PREEMPTED, /* another one took its CPU */
	FRONT_YIELDED,	 /* it gave way */
	FRONT_WOKEN,	 /* by @waker_tid */
	FRONT_BORN,	 /* it has not run yet */
};

/**
 * struct front_status - what a thread does, scheduling alone
 * @state: FRONT_UNKNOWN, ...
 * @since: since when, in ticks; for FRONT_UNKNOWN: since when it is unknown, 0
 *	if it never was known
 * @cpu: where it runs, or ran last; FRONT_RUNNABLE: where it waits; UINT32_MAX: not
 *	known
 * @why: FRONT_RUNNABLE: FRONT_PREEMPTED, ...
 * @exact: @since is when it began to be so; else it is so since then, or longer
 * @left_state: FRONT_BLOCKED, FRONT_DEAD: FLIGHTREC_STATE_*;
 *	FRONT_STATE_UNKNOWN
 * @waker_tid: FRONT_WOKEN: the task that ran where the waking happened
 * @waker_cpu: FRONT_WOKEN: where that was
 * @waker_context: FRONT_WOKEN: FLIGHTREC_CONTEXT_*: if not _TASK, @waker_tid
 *	was merely interrupted
 * @blocked_since: FRONT_WOKEN: since when it had been blocked; 0: not known
 */
struct front_status {
	enum front_state state;
	enum front_why why;
	uint64_t since;
	uint64_t blocked_since;
	uint32_t cpu;
	uint32_t waker_tid;
	uint32_t waker_cpu;
	uint8_t waker_context;
	uint8_t left_state;
	bool exact;
};

enum front_in_call {
	FRONT_CALL_UNKNOWN, /* it may be in a call */
	FRONT_CALL_NONE,
	FRONT_CALL_IN,
};

/**
 * struct front_call - the system call that a thread is in
 * @in: FRONT_CALL_UNKNOWN, ...; the rest holds for FRONT_CALL_IN
 * @compat: made by a 32-bit caller
 * @enter_known: @enter_clock is when it began; else it began before the tape
 *	could tell, and not later than @enter_clock
 * @nargs: how many of @args are known (0 if the ENTER is not there)
 * @nr: call number
 * @enter_clock: see @enter_known. May be long before the window begins
 * @since: for FRONT_CALL_UNKNOWN and FRONT_CALL_NONE too: since when it is so
 *	as far as this window goes; never before the window begins, but 0 if it
 *	has been unknown all along
 * @execed: its EXEC has been: whatever EXIT comes next is this call's
 * @args: arguments
 * @name: name and kinds of arguments, NULL if not known
 */
struct front_call {
	enum front_in_call in;
	bool compat;
	bool enter_known;
	bool execed;
	uint8_t nargs;
	int32_t nr;
	uint64_t enter_clock;
	uint64_t since;
	uint64_t args[FLIGHTREC_ARGS_MAX];
	const struct flightrec_call_name *name;
};

/**
 * struct front_thread - one thread, from its birth (or the window's) to its end
 * @tid: thread id at present (exec of a thread that is no leader changes it)
 * @tgid: process id; 0: not known (and for the idle tasks)
 * @index: threads are numbered from 0 as they turn up; for a consumer's arrays
 * @target: it was recorded when it was last seen; if not, @status is no more
 *	than how it was last seen
 * @exiting: its TASK_EXIT has been
 * @born: its birth (NEWTASK), with the tid that it has, is in the window, at
 *	@born_clock
 * @process_over: of a process' first thread: the last thread has exited
 * @exit_code: as wait() has it, if @exiting
 * @comm: its name at present, always terminated; "<...>" if not known. May hold
 *	any byte
 * @identity: who it is at present; NULL if the window does not know
 * @status: what it does
 * @call: the call that it is in
 * @replaced: a later thread has got its tid
 * @previous: the thread that had the tid before; NULL: none that turned up
 */
struct front_thread {
	uint32_t tid;
	uint32_t tgid;
	uint32_t index;
	bool target;
	bool exiting;
	bool born;
	bool replaced;
	bool process_over;
	uint32_t exit_code;
	uint64_t born_clock;
	char comm[FLIGHTREC_COMM_BYTES + 1];
	const struct flightrec_window_task *identity;
	struct front_status status;
	struct front_call call;
	struct front_thread *previous;

	/* The front's own. call_cpu: where @call became what it is. */
	uint32_t call_cpu;
	struct front_thread *hash_next;
};

/**
 * struct front_cpu - one CPU
 * @cpu: its number
 * @begun: its tape has begun
 * @sure: @running is a target, so that its leaving would be known; a bystander
 *	may have gone since @seen
 * @running: what runs there; NULL: not known
 * @since: since when, at the latest
 * @seen: when @running was last seen there
 * @begin_clock: where its tape begins
 * @complete_clock: since when all its events are held
 */
struct front_cpu {
	uint32_t cpu;
	bool begun;
	bool sure;
	struct front_thread *running;
	uint64_t since;
	uint64_t seen;
	uint64_t begin_clock;
	uint64_t complete_clock;

	/* The front's own. */
	struct front_thread *idle;
};

/**
 * struct front_step - one event and what it changed
 * @event: the event; if @synthesized, one that is not on the tape
 * @synthesized: see there. There are these: SWITCH, its state always
 *	FRONT_STATE_UNKNOWN: from FRONT_TID_UNKNOWN to what runs where a CPU's
 *	tape begins; from the thread last seen to another one that evidence says
 *	runs there now; to FRONT_TID_UNKNOWN when it is not known any more what
 *	runs there. ENTER: of a call whose own ENTER is missing, with or without
 *	arguments (FRONT_FORESEE: where it is first known to be in flight; else
 *	right before its EXIT). EXIT: of a call that ended without one (the
 *	thread's end, exec that changed the tid, a loss); no result.
 * @thread: the thread that ran there, event->tid; NULL: not known
 * @other: the other thread of the event: SWITCH: the next (NULL for
 *	FRONT_TID_UNKNOWN); WAKING: who is woken; NEWTASK: the child; RENAME:
 *	who is renamed; SIGNAL_GENERATE: the receiver; MIGRATE: who is moved;
 *	else NULL
 * @before: status of @thread before this
 * @other_before: status of @other before this
 * @call: EXIT: the call that ends here, as it was. ENTER: the one that begins
 * @old_comm: RENAME, EXEC: the name until now; else NULL
 * @old_tid: not 0: right before this event @thread gave this tid up for the one
 *	it has now (exec of a thread that is no leader). It did not leave its
 *	CPU
 *
 * thread, other and the CPUs show the model after the event. Pointers to
 * threads stay good, the rest is valid until the next step.
 */
struct front_step {
	const struct flightrec_event *event;
	bool synthesized;
	struct front_thread *thread;
	struct front_thread *other;
	struct front_status before;
	struct front_status other_before;
	const struct front_call *call;
	const char *old_comm;
	uint32_t old_tid;
};

/**
 * front_create() - begin to read a window through the front end
 * @reader: the window; is rewound, and read by the front alone until destroyed
 * @flags: FRONT_*
 * @out: (out) the front
 *
 * Return: 0, or a negative errno: -ENOMEM, -EINVAL, what the reader returns.
 */
int front_create(struct flightrec_reader *reader, unsigned int flags,
		 struct front **out);

/**
 * front_create_again() - read the window another time, from its beginning
 * @first: a front of it that has read it all; its threads stay, it must not be
 *	asked for more
 * @out: (out) the front: its steps are those of @first, its threads are others
 *	with the same index
 *
 * Return: 0 or -ENOMEM.
 */
int front_create_again(const struct front *first, struct front **out);

/**
 * front_destroy() - end it, free its threads
 * @front: the front, or NULL
 */
void front_destroy(struct front *front);

/**
 * front_next() - the next step
 * @front: the front
 * @step: (out) the step
 *
 * Return: 1; 0 at the window's end: then the model shows the cut, and each
 * thread's call is merged with the window's own table of calls in flight;
 * a negative errno.
 */
int front_next(struct front *front, struct front_step *step);

/**
 * front_foreseen() - the model as it will be at the end
 * @front: the front, created with FRONT_FORESEE
 *
 * Return: the first reading: not to be read on, but its threads and CPUs may be
 * looked at, e.g. to know beforehand who will turn up. Threads are numbered
 * anew in the second. NULL without FRONT_FORESEE.
 */
const struct front *front_foreseen(const struct front *front);

/* What was said to front_create(). */
struct flightrec_reader *front_reader(const struct front *front);
const struct flightrec_window *front_window(const struct front *front);

/* Whether the window says anything on scheduling, on calls. */
bool front_knows_sched(const struct front *front);
bool front_knows_calls(const struct front *front);

/**
 * front_begin_clock() - where the first of the CPUs' tapes begins
 * @front: the front
 *
 * Return: that, in ticks, as far as the window has been read: with
 * FRONT_FORESEE from the start, else once a step was taken. The cut if there is
 * no tape.
 */
uint64_t front_begin_clock(const struct front *front);

/* The first instant in [@low, @high] at which CLOCK_MONOTONIC has @mono_ns. */
uint64_t front_clock_at(const struct flightrec_reader *reader, uint64_t low,
			uint64_t high, int64_t mono_ns);

/* All CPUs that have a tape, in the order of the window's table. */
size_t front_cpus(const struct front *front);
const struct front_cpu *front_cpu_at(const struct front *front, size_t i);
/* By number; NULL if it has no tape. */
const struct front_cpu *front_cpu(const struct front *front, uint32_t cpu);

/* All threads that have turned up so far, by index: the idle tasks first. */
size_t front_threads(const struct front *front);
struct front_thread *front_thread_at(const struct front *front, size_t i);
/* The thread that has @tid now; NULL if it has not turned up. Not for tid 0. */
struct front_thread *front_thread(const struct front *front, uint32_t tid);

#endif /* FRONT_H */
