/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the front end, shared by the files that make it up:
 *
 *	front.c		creation, the next event and whom it is about
 *	front_repair.c	what contradicts the model before an event
 *	front_begins.c	calls in flight whose beginning is missing
 *	front_apply.c	what an event changes
 *	front_model.c	the model's pieces, and events made here
 *	threads.c	who has a tid
 */
#ifndef FRONT_MODEL_H
#define FRONT_MODEL_H

#include <string.h>

#include "front.h"
#include "threads.h"

/* Calls whose names are looked up once; CPUs whose numbers lead to them. */
#define NAMED_CALLS   1024
#define NUMBERED_CPUS 256

/**
 * struct call_begin - a call in flight whose ENTER is not on the tape
 * @begin: from here on it is known to be in flight
 * @end: its EXIT, or all ones
 * @tid: who is in it
 * @cpu: where to tell it: there, what is before it is before it in any order
 * @call: what is known of it
 */
struct call_begin {
	uint64_t begin;
	uint64_t end;
	uint32_t tid;
	uint32_t cpu;
	struct front_call call;
};

/**
 * struct front - see front.h
 * @cpus: in the order of the window's table; there is room for all
 * @mapped: by the reader's index of a CPU, its index in @cpus plus 1; 0: none
 * @numbered: by number, those that have a low one; NULL: none yet
 * @begins: calls whose ENTER is missing: while scanning, those found; else
 *	those to be told, in order of time, from @begins_next on
 * @scan: the first reading
 * @event: the event that comes next
 * @pending: there is one
 * @cpu, @thread, @other: that event's. @other is the child of a NEWTASK only
 *	after it was applied
 * @losing: how far threads and CPUs have been searched for what a LOST or GAP
 *	makes unknown
 * @forgotten: that is done
 * @gap_clock: recording stopped here, as far as it is dealt with
 * @gave_up_tid: tid that @gave_up had until now
 * @made: event made here
 * @ended: call that the current step ends
 * @clock: time of the last step
 */
struct front {
	struct flightrec_reader *reader;
	const struct flightrec_window *window;
	bool knows_sched;
	bool knows_calls;
	bool scanning;
	bool finished;
	char machine[FLIGHTREC_UTS_BYTES + 1];
	struct threads threads;

	struct front_cpu **cpus;
	size_t cpus_count;
	size_t *mapped;
	struct front_cpu *numbered[NUMBERED_CPUS];

	struct call_begin *begins;
	size_t begins_count;
	size_t begins_room;
	size_t begins_next;
	struct front *scan;

	struct flightrec_event event;
	bool pending;
	struct front_cpu *cpu;
	struct front_thread *thread;
	struct front_thread *other;
	size_t losing;
	bool forgotten;
	uint64_t gap_clock;
	uint32_t gave_up_tid;
	struct front_thread *gave_up;

	struct flightrec_event made;
	struct front_call ended;
	char old_comm[FLIGHTREC_COMM_BYTES + 1];
	uint64_t clock;

	const struct flightrec_call_name *names[2][NAMED_CALLS];
};

/* ---- front_model.c ------------------------------------------------------- */

/* A CPU by its number: NULL if there is none; made if there is none (NULL: no
 * memory, or the window does not tell of it). */
struct front_cpu *front_seek_cpu(const struct front *front, uint32_t number);
struct front_cpu *front_make_cpu(struct front *front, uint32_t number);

static inline struct front_cpu *front_find_cpu(const struct front *front,
					       uint32_t number)
{
	if (number < NUMBERED_CPUS && front->numbered[number])
		return front->numbered[number];
	return front_seek_cpu(front, number);
}

static inline struct front_cpu *front_get_cpu(struct front *front,
					      uint32_t number)
{
	struct front_cpu *cpu = front_find_cpu(front, number);

	return cpu ? cpu : front_make_cpu(front, number);
}

const struct flightrec_call_name *front_call_name(struct front *front,
						  int32_t nr, bool compat);

/* Fill in @step for @event; the model is still as it was before. */
void front_begin_step(struct front *front, struct front_step *step,
		      const struct flightrec_event *event,
		      struct front_thread *thread, struct front_thread *other);

void front_set_state(struct front_thread *thread, enum front_state state,
		     uint64_t clock, bool exact);
void front_set_running(struct front_cpu *cpu, struct front_thread *thread,
		       uint64_t clock, bool exact);
void front_leave_call(struct front_thread *thread, enum front_in_call in,
		      uint32_t cpu, uint64_t clock);

/*
 * A step: from @clock on @next runs on @cpu, NULL: it is not known what does.
 */
void front_make_switch(struct front *front, struct front_step *step,
		       struct front_cpu *cpu, struct front_thread *next,
		       uint64_t clock);
/* A step: the call that @thread is in ends without an EXIT. */
void front_make_exit(struct front *front, struct front_step *step,
		     struct front_thread *thread, uint32_t cpu, uint64_t clock);
/* A step: @thread is in @call from @clock on, at the latest. */
void front_make_enter(struct front *front, struct front_step *step,
		      struct front_thread *thread, uint32_t cpu,
		      const struct front_call *call, uint64_t clock);

static inline uint64_t front_later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * Member by member, at each call and return: compilers make a memset() of all of it
 * an instruction that takes as long as the rest of the event.
 */
static inline void front_clear_call(struct front_call *call)
{
	call->in = FRONT_CALL_UNKNOWN;
	call->compat = false;
	call->enter_known = false;
	call->execed = false;
	call->nargs = 0;
	call->nr = 0;
	call->enter_clock = 0;
	call->since = 0;
	memset(call->args, 0, sizeof(call->args));
	call->name = NULL;
}

static inline bool front_in_call(const struct front_thread *thread)
{
	return thread->call.in == FRONT_CALL_IN;
}

static inline bool front_is_loss(const struct front *front)
{
	return front->event.type == FLIGHTREC_EVENT_LOST ||
	       front->event.type == FLIGHTREC_EVENT_GAP;
}

/*
 * Recording is off on all CPUs at once, so the first of its GAPs tells of all.
 */
static inline bool front_is_new_gap(const struct front *front)
{
	return front->event.type == FLIGHTREC_EVENT_GAP &&
	       front->event.gap.from_clock > front->gap_clock;
}

/* From when on the pending LOST or GAP makes unknown. */
static inline uint64_t front_loss_clock(const struct front *front)
{
	return front_is_new_gap(front) ? front->event.gap.from_clock :
					 front->event.clock;
}

/* Who gave up its tid by the pending EXEC, if it still goes by that. */
struct front_thread *front_given_up(const struct front *front);

/* ---- front_begins.c ------------------------------------------------------ */

/*
 * The pending EXIT has no ENTER: keep that, in the first reading. 0 or -ENOMEM.
 */
int front_note_begin(struct front *front);
/* The model is at the cut: merge the window's table of calls. 0 or -ENOMEM. */
int front_merge_calls(struct front *front);
/* What @from had to tell. 0 or -ENOMEM. */
int front_copy_begins(struct front *front, const struct front *from);
/* What was kept becomes what is to be told. */
void front_take_begins(struct front *front, struct front *scan);
int front_foresee_next(struct front *front, struct front_step *step);

/* 1: a call that is due before the pending event; 0: none; -ENOMEM. */
static inline int front_foresee(struct front *front, struct front_step *step)
{
	if (front->begins_next >= front->begins_count || front->scanning)
		return 0;
	return front_foresee_next(front, step);
}

/* ---- front_repair.c, front_apply.c --------------------------------------- */

/* 1: a step that must come before the pending event; 0: none; -ENOMEM. */
int front_repair(struct front *front, struct front_step *step);
/* The step of the pending event. 0 or -ENOMEM. */
int front_apply(struct front *front, struct front_step *step);

#endif /* FRONT_MODEL_H */
