// SPDX-License-Identifier: GPL-2.0
/*
 * What contradicts the model when an event comes, and what a loss makes
 * unknown. One thing at a time: each is repaired by an event made here, which
 * is a step of its own. See front_model.h.
 */
#include "front_model.h"

/* ---- what a loss makes unknown ------------------------------------------- */

/* May what was lost have been on what @thread does? */
static bool is_touched(const struct front *front,
		       const struct front_thread *thread)
{
	if (front->event.type == FLIGHTREC_EVENT_GAP)
		return front_is_new_gap(front);
	return thread->status.cpu == front->event.cpu ||
	       thread->status.cpu == UINT32_MAX;
}

static void forget_thread(const struct front *front,
			  struct front_thread *thread, uint64_t clock)
{
	bool runs_on = thread == front->cpu->running &&
		       !front_is_new_gap(front);

	if (thread->status.state == FRONT_DEAD)
		return;
	if (runs_on)
		front_set_state(thread, thread->status.state, clock, false);
	else if (thread->status.state != FRONT_UNKNOWN)
		front_set_state(thread, FRONT_UNKNOWN, clock, false);
	if (front->knows_calls)
		front_leave_call(thread, FRONT_CALL_UNKNOWN, front->event.cpu,
				 clock);
}

static void forget(struct front *front)
{
	uint64_t clock = front_later(front_loss_clock(front), front->clock);

	for (size_t i = 0; i < front->threads.count; i++) {
		if (is_touched(front, front->threads.all[i]))
			forget_thread(front, front->threads.all[i], clock);
	}
	front->cpu->since = clock;
	front->cpu->sure = false;
	if (front_is_new_gap(front))
		front->gap_clock = front->event.gap.from_clock;
	front->forgotten = true;
}

/* Call by call, end what is not known to go on; then, at a gap, CPU by CPU. */
static int repair_loss(struct front *front, struct front_step *step)
{
	struct front_thread *thread;
	struct front_cpu *cpu;
	size_t i;

	while (front->losing < front->threads.count) {
		thread = front->threads.all[front->losing++];
		if (!front_in_call(thread) || !is_touched(front, thread))
			continue;
		front_make_exit(front, step, thread, front->event.cpu,
				front_loss_clock(front));
		return 1;
	}
	while (front_is_new_gap(front) && front->knows_sched &&
	       front->losing - front->threads.count < front->cpus_count) {
		i = front->losing++ - front->threads.count;
		cpu = front->cpus[i];
		if (!cpu->running)
			continue;
		front_make_switch(front, step, cpu, NULL,
				  front_loss_clock(front));
		return 1;
	}
	forget(front);
	return front_foresee(front, step);
}

/* ---- repairs ------------------------------------------------------------- */

static bool runs_elsewhere(const struct front_thread *thread,
			   const struct front_cpu *cpu)
{
	return thread->status.state == FRONT_RUNNING &&
	       thread->status.cpu != cpu->cpu;
}

/*
 * A thread that runs where its switch to there was not recorded was no target
 * then: what it called until now is not known.
 */
static void note_newcomer(const struct front *front,
			  struct front_thread *thread)
{
	const struct flightrec_event *event = &front->event;

	if (thread->call.in == FRONT_CALL_UNKNOWN && !thread->call.since &&
	    event->type != FLIGHTREC_EVENT_BEGIN)
		front_leave_call(thread, FRONT_CALL_UNKNOWN, event->cpu,
				 event->clock);
}

/* The event says who runs on its CPU: that must be what the model says. */
static int repair_running(struct front *front, struct front_step *step)
{
	struct front_thread *thread = front->thread;
	struct front_cpu *cpu = front->cpu;

	if (!front->knows_sched || cpu->running == thread)
		return 0;
	if (runs_elsewhere(thread, cpu)) {
		cpu = front_find_cpu(front, thread->status.cpu);
		thread = NULL;
	}
	front_make_switch(front, step, cpu, thread, front->event.clock);
	if (thread)
		note_newcomer(front, thread);
	return 1;
}

/* Who is switched to, or a bystander that is woken, runs nowhere else. */
static int repair_other(struct front *front, struct front_step *step)
{
	struct front_thread *other = front->other;
	struct front_cpu *cpu;

	if (!front->knows_sched || !other || !runs_elsewhere(other, front->cpu))
		return 0;
	cpu = front_find_cpu(front, other->status.cpu);
	if (front->event.type == FLIGHTREC_EVENT_WAKING && cpu->sure)
		return 0;
	if (front->event.type != FLIGHTREC_EVENT_WAKING &&
	    front->event.type != FLIGHTREC_EVENT_SWITCH)
		return 0;
	front_make_switch(front, step, cpu, NULL, front->event.clock);
	return 1;
}

/*
 * Some calls return under another number: sigreturn under the one of the call
 * that the signal interrupted, or -1; execveat as execve; an exec from 64 to 32
 * bits under the old number in the new numbering.
 */
static bool ends_call(const struct flightrec_event *event,
		      const struct front_call *call)
{
	if (event->exit.nr < 0 || call->nr < 0 || call->execed)
		return true;
	return event->exit.nr == call->nr && event->exit.compat == call->compat;
}

static int repair_enter(struct front *front, struct front_step *step)
{
	if (!front_in_call(front->thread))
		return 0;
	front_make_exit(front, step, front->thread, front->event.cpu,
			front->event.clock);
	return 1;
}

/* The EXIT's ENTER is not on the tape: make one. */
static int make_begin(struct front *front, struct front_step *step)
{
	const struct flightrec_event *event = &front->event;
	struct front_call call = { .in = FRONT_CALL_IN };
	int ret = front_note_begin(front);

	if (ret < 0)
		return ret;
	call.nr = event->exit.nr;
	call.compat = event->exit.compat;
	call.name = front_call_name(front, call.nr, call.compat);
	front_make_enter(front, step, front->thread, event->cpu, &call,
			 event->clock);
	return 1;
}

/* Whose tid is another one's now is nowhere any more, and in no call. */
static int repair_gone(struct front *front, struct front_step *step,
		       struct front_thread *thread)
{
	uint64_t clock = front->event.clock;

	if (!thread || thread == front->thread)
		return 0;
	if (front_in_call(thread)) {
		front_make_exit(front, step, thread, front->event.cpu, clock);
		return 1;
	}
	if (thread->status.state != FRONT_RUNNING)
		return 0;
	front_make_switch(front, step,
			  front_find_cpu(front, thread->status.cpu), NULL,
			  clock);
	return 1;
}

/* Their ends were lost, or belong to what was not recorded. */
static int repair_replaced(struct front *front, struct front_step *step)
{
	int ret = repair_gone(front, step, front->thread->previous);

	if (!ret && front->other)
		ret = repair_gone(front, step, front->other->previous);
	return ret;
}

static int repair_exit(struct front *front, struct front_step *step)
{
	if (!front_in_call(front->thread))
		return make_begin(front, step);
	if (ends_call(&front->event, &front->thread->call))
		return 0;
	return repair_enter(front, step);
}

static int repair_call(struct front *front, struct front_step *step)
{
	switch (front->event.type) {
	case FLIGHTREC_EVENT_ENTER:
	case FLIGHTREC_EVENT_TASK_EXIT:
		return repair_enter(front, step);
	case FLIGHTREC_EVENT_EXIT:
		return repair_exit(front, step);
	case FLIGHTREC_EVENT_EXEC:
		return repair_gone(front, step, front_given_up(front));
	case FLIGHTREC_EVENT_NEWTASK:
		return repair_gone(front, step,
				   front_thread(front,
						front->event.newtask.tid));
	default:
		return 0;
	}
}

int front_repair(struct front *front, struct front_step *step)
{
	int ret = front_foresee(front, step);

	if (ret || !front->pending)
		return ret;
	front->cpu->begun = true;
	if (front_is_loss(front) && !front->forgotten)
		ret = repair_loss(front, step);
	if (!ret)
		ret = repair_replaced(front, step);
	if (!ret)
		ret = repair_running(front, step);
	if (!ret)
		ret = repair_other(front, step);
	if (!ret)
		ret = repair_call(front, step);
	return ret;
}
