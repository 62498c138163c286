// SPDX-License-Identifier: GPL-2.0
/*
 * The front end's model: CPUs, what threads do, what calls they are in, and the
 * events that are made here. See front_model.h.
 */
#include "front_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Stands in front.names for a call that has no name. */
static const struct flightrec_call_name nameless;

/* ---- CPUs ---------------------------------------------------------------- */

struct front_cpu *front_seek_cpu(const struct front *front, uint32_t number)
{
	size_t index = flightrec_reader_cpu_index(front->reader, number);
	size_t at;

	if (index == flightrec_reader_cpus(front->reader))
		return NULL;
	at = front->mapped[index];
	return at ? front->cpus[at - 1] : NULL;
}

struct front_cpu *front_make_cpu(struct front *front, uint32_t number)
{
	size_t index = flightrec_reader_cpu_index(front->reader, number);
	struct front_cpu *cpu;

	if (index == flightrec_reader_cpus(front->reader))
		return NULL;
	cpu = calloc(1, sizeof(*cpu));
	if (!cpu)
		return NULL;
	cpu->idle = threads_add_idle(&front->threads);
	if (!cpu->idle) {
		free(cpu);
		return NULL;
	}
	cpu->cpu = number;
	cpu->idle->status.cpu = number;
	front->cpus[front->cpus_count++] = cpu;
	front->mapped[index] = front->cpus_count;
	if (number < NUMBERED_CPUS)
		front->numbered[number] = cpu;
	return cpu;
}

/* ---- names of calls ------------------------------------------------------ */

const struct flightrec_call_name *front_call_name(struct front *front,
						  int32_t nr, bool compat)
{
	const struct flightrec_call_name **name;

	if (nr < 0 || nr >= NAMED_CALLS)
		return flightrec_call_name(front->machine, compat, nr);
	name = &front->names[compat][nr];
	if (!*name)
		*name = flightrec_call_name(front->machine, compat, nr);
	if (!*name)
		*name = &nameless;
	return *name == &nameless ? NULL : *name;
}

/* ---- steps --------------------------------------------------------------- */

void front_begin_step(struct front *front, struct front_step *step,
		      const struct flightrec_event *event,
		      struct front_thread *thread, struct front_thread *other)
{
	step->event = event;
	step->synthesized = event == &front->made;
	step->thread = thread;
	step->other = other;
	step->call = NULL;
	step->old_comm = NULL;
	step->old_tid = 0;
	if (thread)
		step->before = thread->status;
	if (other)
		step->other_before = other->status;
	if (front->gave_up && front->gave_up == thread) {
		step->old_tid = front->gave_up_tid;
		front->gave_up = NULL;
	}
	front->clock = event->clock;
}

static struct flightrec_event *make_event(struct front *front,
					  enum flightrec_event_type type,
					  uint64_t clock, uint32_t cpu,
					  const struct front_thread *thread)
{
	struct flightrec_event *event = &front->made;

	memset(event, 0, sizeof(*event));
	event->clock = clock < front->clock ? front->clock : clock;
	event->mono_ns = flightrec_reader_mono_ns(front->reader, event->clock);
	event->cpu = cpu;
	event->tid = thread ? thread->tid : FRONT_TID_UNKNOWN;
	event->type = type;
	return event;
}

/* ---- the model: who runs where ------------------------------------------- */

void front_set_state(struct front_thread *thread, enum front_state state,
		     uint64_t clock, bool exact)
{
	thread->status.state = state;
	thread->status.since = clock;
	thread->status.exact = exact;
}

void front_set_running(struct front_cpu *cpu, struct front_thread *thread,
		       uint64_t clock, bool exact)
{
	cpu->running = thread;
	cpu->since = clock;
	cpu->seen = clock;
	cpu->sure = false;
	if (!thread)
		return;
	front_set_state(thread, FRONT_RUNNING, clock, exact);
	thread->status.cpu = cpu->cpu;
}

void front_make_switch(struct front *front, struct front_step *step,
		       struct front_cpu *cpu, struct front_thread *next,
		       uint64_t clock)
{
	struct front_thread *prev = cpu->running;
	struct flightrec_event *event;

	event = make_event(front, FLIGHTREC_EVENT_SWITCH, clock, cpu->cpu,
			   prev);
	event->sched_switch.next_tid = next ? next->tid : FRONT_TID_UNKNOWN;
	event->sched_switch.state = FRONT_STATE_UNKNOWN;
	front_begin_step(front, step, event, prev, next);
	if (prev)
		front_set_state(prev, FRONT_UNKNOWN, event->clock, false);
	front_set_running(cpu, next, event->clock, false);
}

/* ---- the model: calls ---------------------------------------------------- */

void front_leave_call(struct front_thread *thread, enum front_in_call in,
		      uint32_t cpu, uint64_t clock)
{
	thread->call_cpu = cpu;
	front_clear_call(&thread->call);
	thread->call.in = in;
	thread->call.since = clock;
}

void front_make_exit(struct front *front, struct front_step *step,
		     struct front_thread *thread, uint32_t cpu, uint64_t clock)
{
	struct flightrec_event *event;

	event = make_event(front, FLIGHTREC_EVENT_EXIT, clock, cpu, thread);
	event->exit.nr = thread->call.nr;
	event->exit.compat = thread->call.compat;
	front_begin_step(front, step, event, thread, NULL);
	front->ended = thread->call;
	step->call = &front->ended;
	front_leave_call(thread, FRONT_CALL_UNKNOWN, cpu, event->clock);
}

void front_make_enter(struct front *front, struct front_step *step,
		      struct front_thread *thread, uint32_t cpu,
		      const struct front_call *call, uint64_t clock)
{
	struct flightrec_event *event;

	event = make_event(front, FLIGHTREC_EVENT_ENTER, clock, cpu, thread);
	event->enter.nr = call->nr;
	event->enter.compat = call->compat;
	event->enter.nargs = call->nargs;
	memcpy(event->enter.args, call->args, sizeof(event->enter.args));
	front_begin_step(front, step, event, thread, NULL);
	thread->call = *call;
	thread->call.since = event->clock;
	if (!call->enter_known)
		thread->call.enter_clock = event->clock;
	step->call = &thread->call;
}

struct front_thread *front_given_up(const struct front *front)
{
	struct front_thread *thread;

	if (front->event.type != FLIGHTREC_EVENT_EXEC ||
	    front->event.exec.old_tid == front->event.tid)
		return NULL;
	thread = threads_find(&front->threads, front->event.exec.old_tid);
	return thread && !thread->exiting ? thread : NULL;
}
