// SPDX-License-Identifier: GPL-2.0
/*
 * Threads: their switches and wakings, births and deaths, names. See
 * perfetto.h.
 */
#include <string.h>

#include "perfetto.h"

/* The kernel's bits of common_flags. */
#define COMMON_HARDIRQ	   0x08
#define COMMON_SOFTIRQ	   0x10

#define CLONE_THREAD_BIT   0x10000ULL

/* prev_state as Linux 4.14 and later have it. */
#define PREV_STATE_DEAD	   0x10
#define PREV_STATE_UNKNOWN 0x80

static const uint16_t prev_states[] = {
	[FLIGHTREC_STATE_RUNNING] = 0,
	[FLIGHTREC_STATE_SLEEPING] = 0x1,
	[FLIGHTREC_STATE_DISK_SLEEP] = 0x2,
	[FLIGHTREC_STATE_STOPPED] = 0x4,
	[FLIGHTREC_STATE_TRACED] = 0x8,
	[FLIGHTREC_STATE_DEAD] = PREV_STATE_DEAD,
	[FLIGHTREC_STATE_ZOMBIE] = 0x20,
	[FLIGHTREC_STATE_PARKED] = 0x40,
	[FLIGHTREC_STATE_IDLE] = 0x80,
	[9 ... 14] = PREV_STATE_UNKNOWN,
	[FLIGHTREC_STATE_PREEMPTED] = 0x100,
};

/* Left out if it is not known: 0 would say the most urgent of all. */
static void put_prio(struct protobuf *chunk, uint32_t field,
		     const struct front_thread *thread)
{
	if (!thread || !thread->tid)
		protobuf_number(chunk, field, 120);
	else if (thread->identity)
		protobuf_number(chunk, field,
				(uint64_t)(int64_t)thread->identity->prio);
}

/* ---- scheduling ---------------------------------------------------------- */

static void put_sched_switch(struct perfetto *p, uint32_t cpu,
			     const struct front_thread *prev, uint32_t prev_tid,
			     uint32_t prev_state,
			     const struct front_thread *next)
{
	struct protobuf *chunk;

	chunk = perfetto_event_begin(p, cpu, prev_tid, p->now,
				     EVENT_SCHED_SWITCH);
	if (!chunk)
		return;
	perfetto_put_comm(chunk, 1, prev);
	protobuf_number(chunk, 2, prev_tid);
	put_prio(chunk, 3, prev);
	protobuf_number(chunk, 4, prev_tid ? prev_state : 0);
	perfetto_put_comm(chunk, 5, next);
	protobuf_number(chunk, 6, perfetto_tid(next));
	put_prio(chunk, 7, next);
	perfetto_event_end(p);
	p->bundle->running = perfetto_tid(next);
}

/* After its last switch, not at it. */
static void put_process_free(struct perfetto *p, uint32_t cpu,
			     const struct front_thread *thread, uint32_t tid)
{
	uint64_t ns = p->bundles[cpu].last_ns + 1;
	struct protobuf *chunk;

	chunk = perfetto_event_begin(p, cpu, tid, ns, EVENT_SCHED_PROCESS_FREE);
	if (!chunk)
		return;
	perfetto_put_comm(chunk, 1, thread);
	protobuf_number(chunk, 2, tid);
	put_prio(chunk, 3, thread);
	perfetto_event_end(p);
}

static void free_once(struct perfetto *p, uint32_t cpu,
		      const struct front_thread *thread)
{
	struct note *note = &p->notes[thread->index];

	if (note->freed)
		return;
	note->freed = true;
	put_process_free(p, cpu, thread, thread->tid);
}

/* The first thread of its process; NULL if that is not known. */
static const struct front_thread *leader_of(const struct perfetto *p,
					    const struct front_thread *thread)
{
	if (thread->tid == thread->tgid)
		return thread;
	return thread->tgid ? front_thread(p->front, thread->tgid) : NULL;
}

void perfetto_note_exit(struct perfetto *p, const struct front_thread *thread)
{
	const struct front_thread *leader = leader_of(p, thread);

	if (!leader || p->notes[thread->index].exits)
		return;
	p->notes[thread->index].exits = true;
	p->notes[leader->index].dying++;
}

/* @thread has left @cpu for good. */
static void note_death(struct perfetto *p, uint32_t cpu,
		       const struct front_thread *thread)
{
	const struct front_thread *leader = leader_of(p, thread);
	struct note *note = &p->notes[thread->index];

	if (leader != thread)
		free_once(p, cpu, thread);
	if (!leader)
		return;
	if (note->exits && p->notes[leader->index].dying)
		p->notes[leader->index].dying--;
	note->exits = false;
	if (leader->process_over && !p->notes[leader->index].dying &&
	    leader->status.state == FRONT_DEAD)
		free_once(p, cpu, leader);
}

void perfetto_put_switch(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint8_t state = event->sched_switch.state;
	uint32_t prev_state = PREV_STATE_UNKNOWN;

	if (!perfetto_tid(step->thread) && !perfetto_tid(step->other))
		return;
	if (state < sizeof(prev_states) / sizeof(prev_states[0]))
		prev_state = prev_states[state];
	/* Before what another CPU says of that thread at this instant. */
	if (!step->other && p->now)
		p->now--;
	put_sched_switch(p, event->cpu, step->thread,
			 perfetto_tid(step->thread), prev_state, step->other);
	if (!step->thread || !step->thread->tid || p->error)
		return;
	if (step->thread->status.state == FRONT_DEAD &&
	    step->before.state != FRONT_DEAD)
		note_death(p, event->cpu, step->thread);
}

void perfetto_put_waking(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint32_t flags = 0;
	struct protobuf *chunk;

	chunk = perfetto_event_begin(p, event->cpu, perfetto_tid(step->thread),
				     p->now, EVENT_SCHED_WAKING);
	if (!chunk)
		return;
	perfetto_put_comm(chunk, 1, step->other);
	protobuf_number(chunk, 2, step->other->tid);
	put_prio(chunk, 3, step->other);
	protobuf_number(chunk, 4, 1);
	if (step->other->status.cpu != UINT32_MAX)
		protobuf_number(chunk, 5, step->other->status.cpu);
	protobuf_end(chunk, p->inner, LENGTH_1);
	if (event->waking.context == FLIGHTREC_CONTEXT_HARDIRQ)
		flags = COMMON_HARDIRQ;
	else if (event->waking.context == FLIGHTREC_CONTEXT_SOFTIRQ)
		flags = COMMON_SOFTIRQ;
	if (flags)
		protobuf_number(chunk, EVENT_COMMON_FLAGS, flags);
	protobuf_end(chunk, p->event, LENGTH_1);
}

/* ---- births, names ------------------------------------------------------- */

void perfetto_put_newtask(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	const struct front_thread *child = step->other;
	uint64_t flags = event->newtask.clone_flags;
	struct protobuf *chunk;

	if (!child)
		return;
	flags &= ~CLONE_THREAD_BIT;
	if (event->newtask.flags & FLIGHTREC_NEWTASK_THREAD)
		flags |= CLONE_THREAD_BIT;
	chunk = perfetto_event_begin(p, event->cpu, perfetto_tid(step->thread),
				     p->now, EVENT_TASK_NEWTASK);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, child->tid);
	/* A child begins with its parent's name. */
	perfetto_put_comm(chunk, 2, child->identity ? child : step->thread);
	protobuf_number(chunk, 3, flags);
	protobuf_number(chunk, 4, 0);
	perfetto_event_end(p);
	if (child->identity)
		perfetto_put_thread(p, child, p->bundle->last_ns + 1);
}

void perfetto_put_rename(struct perfetto *p, const struct front_step *step,
			 const struct front_thread *thread)
{
	const char *old_comm = step->old_comm;
	struct protobuf *chunk;

	chunk = perfetto_event_begin(p, step->event->cpu,
				     perfetto_tid(step->thread), p->now,
				     EVENT_TASK_RENAME);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, perfetto_tid(thread));
	protobuf_string(chunk, 2, old_comm, strlen(old_comm));
	perfetto_put_comm(chunk, 3, thread);
	protobuf_number(chunk, 4, 0);
	perfetto_event_end(p);
}

void perfetto_put_exec(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct protobuf *chunk;

	perfetto_put_rename(p, step, step->thread);
	chunk = perfetto_event_begin(p, event->cpu, perfetto_tid(step->thread),
				     p->now, EVENT_SCHED_PROCESS_EXEC);
	if (!chunk)
		return;
	protobuf_string(chunk, 1, event->exec.path,
			event->exec.path_length < FLIGHTREC_PATH_MAX ?
				event->exec.path_length :
				FLIGHTREC_PATH_MAX);
	protobuf_number(chunk, 2, event->tid);
	protobuf_number(chunk, 3, event->exec.old_tid);
	perfetto_event_end(p);
}

/*
 * The viewer knows threads by tid: to it this is another one that takes over
 * the CPU, and the call.
 */
void perfetto_put_renumbering(struct perfetto *p, const struct front_step *step)
{
	const struct front_thread *thread = step->thread;
	uint32_t cpu = step->event->cpu;
	const struct front_call *call = NULL;

	if (step->event->type == FLIGHTREC_EVENT_EXIT)
		call = step->call;
	else if (thread->call.in == FRONT_CALL_IN)
		call = &thread->call;
	if (call)
		perfetto_put_exit(p, cpu, thread, step->old_tid, call, NULL);
	if (p->bundles[cpu].running == step->old_tid)
		put_sched_switch(p, cpu, thread, step->old_tid, PREV_STATE_DEAD,
				 thread);
	put_process_free(p, cpu, thread, step->old_tid);
	p->now = p->bundles[cpu].last_ns;
	if (call)
		perfetto_put_enter(p, cpu, thread, call);
	p->notes[thread->index].track = 0;
	p->renumbered = true;
}
