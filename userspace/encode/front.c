// SPDX-License-Identifier: GPL-2.0
/*
 * The front end: see front.h. This file turns events into steps. For each event
 * it first looks for what contradicts the model; when nothing does any more,
 * the event itself is applied.
 */
#include "front_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_cpus(struct front *front)
{
	size_t count = flightrec_reader_cpus(front->reader);
	struct flightrec_window_cpu entry;
	struct front_cpu *cpu;

	front->cpus = calloc(count + 1, sizeof(*front->cpus));
	front->mapped = calloc(count + 1, sizeof(*front->mapped));
	if (!front->cpus || !front->mapped)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		flightrec_reader_cpu(front->reader, i, &entry);
		if (!entry.blocks)
			continue;
		cpu = front_get_cpu(front, entry.cpu);
		if (!cpu)
			return -ENOMEM;
		cpu->complete_clock = entry.complete_clock;
	}
	return 0;
}

/* ---- the next event, and whom it is about -------------------------------- */

/* The other thread of an event, if it has one: which, and must it be alive? */
static bool other_tid(const struct flightrec_event *event, uint32_t *tid,
		      bool *alive)
{
	*alive = false;
	switch (event->type) {
	case FLIGHTREC_EVENT_SWITCH:
		*alive = true;
		*tid = event->sched_switch.next_tid;
		return true;
	case FLIGHTREC_EVENT_WAKING:
		*alive = true;
		*tid = event->waking.tid;
		return true;
	case FLIGHTREC_EVENT_MIGRATE:
		*alive = true;
		*tid = event->migrate.tid;
		return true;
	case FLIGHTREC_EVENT_RENAME:
		*tid = event->rename.tid;
		return true;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
		*tid = event->signal_generate.tid;
		return true;
	default:
		return false;
	}
}

static bool runs_elsewhere(const struct front *front,
			   const struct front_thread *thread)
{
	return thread->status.state == FRONT_RUNNING &&
	       thread->status.cpu != front->event.cpu;
}

/*
 * The thread of a process that calls exec takes the tid of its first thread,
 * which must have exited by then: at the latest with the EXEC, but any event
 * before that shows it already.
 */
static struct front_thread *renumbered(const struct front *front)
{
	const struct flightrec_event *event = &front->event;
	struct front_thread *thread = front->cpu->running;
	struct front_thread *leader;

	if (thread && front->cpu->sure && thread->tid != event->tid &&
	    thread->tgid == event->tid && !thread->exiting) {
		leader = threads_find(&front->threads, event->tid);
		if (leader && leader->exiting)
			return thread;
	}
	thread = front_given_up(front);
	if (!thread || !thread->tid || runs_elsewhere(front, thread))
		return NULL;
	leader = threads_find(&front->threads, event->tid);
	if (leader && !leader->exiting && leader->status.state == FRONT_RUNNING)
		return NULL;
	return thread;
}

static void renumber(struct front *front, struct front_thread *thread)
{
	front->gave_up = thread;
	front->gave_up_tid = thread->tid;
	threads_renumber(&front->threads, thread, front->event.tid,
			 front->event.clock);
}

/* Before anything is looked up as of the event: that may know the new name. */
static void keep_old_comm(struct front *front,
			  const struct front_thread *thread)
{
	const struct flightrec_event *event = &front->event;
	uint32_t tid = event->type == FLIGHTREC_EVENT_RENAME ?
			       event->rename.tid :
			       event->tid;

	if (event->type != FLIGHTREC_EVENT_RENAME &&
	    event->type != FLIGHTREC_EVENT_EXEC)
		return;
	if (!tid)
		thread = front->cpu->idle;
	else if (!thread || tid != event->tid)
		thread = threads_find(&front->threads, tid);
	if (!thread)
		thread = threads_get(&front->threads, tid, event->clock, false);
	if (thread)
		memcpy(front->old_comm, thread->comm, sizeof(thread->comm));
}

/* A block's header may name a task that was on its way out. */
static bool may_be_dead(const struct front *front)
{
	return front_is_loss(front) ||
	       front->event.type == FLIGHTREC_EVENT_BEGIN;
}

static struct front_thread *whom(struct front *front, uint32_t tid, bool alive)
{
	struct front_thread *running = front->cpu->running;

	if (!tid)
		return front->cpu->idle;
	/* Mostly whom the CPU runs. */
	if (running && running->tid == tid && !running->replaced &&
	    threads_is_still(running, front->event.clock, alive))
		return running;
	return threads_get(&front->threads, tid, front->event.clock, alive);
}

static int resolve(struct front *front)
{
	struct front_thread *moved = NULL;
	uint32_t tid;
	bool alive;

	front->cpu = front_get_cpu(front, front->event.cpu);
	if (!front->cpu)
		return -ENOMEM;
	if (!front->cpu->begun)
		front->cpu->begin_clock = front->event.clock;
	if (front->event.tid && !may_be_dead(front))
		moved = renumbered(front);
	keep_old_comm(front, moved);
	if (moved)
		renumber(front, moved);
	front->thread = whom(front, front->event.tid, !may_be_dead(front));
	front->other = NULL;
	if (!front->thread)
		return -ENOMEM;
	/* Tid 0, which only a switch can rightly name, is this CPU's idle task. */
	if (!other_tid(&front->event, &tid, &alive))
		return 0;
	front->other = whom(front, tid, alive);
	return front->other ? 0 : -ENOMEM;
}

/* A window that says it has none of them, and has: then it has. */
static void note_groups(struct front *front)
{
	switch (front->event.type) {
	case FLIGHTREC_EVENT_SWITCH:
	case FLIGHTREC_EVENT_WAKING:
	case FLIGHTREC_EVENT_MIGRATE:
		front->knows_sched = true;
		break;
	case FLIGHTREC_EVENT_ENTER:
	case FLIGHTREC_EVENT_EXIT:
		front->knows_calls = true;
		break;
	default:
		break;
	}
}

static int fetch(struct front *front)
{
	int ret = flightrec_reader_next(front->reader, &front->event);

	if (ret <= 0)
		return ret;
	note_groups(front);
	front->losing = 0;
	front->forgotten = false;
	ret = resolve(front);
	if (ret < 0)
		return ret;
	front->pending = true;
	return 0;
}

static int finish(struct front *front)
{
	if (front->finished)
		return 0;
	front->finished = true;
	return front_merge_calls(front);
}

int front_next(struct front *front, struct front_step *step)
{
	int ret = 0;

	if (!front->pending && !front->finished)
		ret = fetch(front);
	if (ret == 0)
		ret = front_repair(front, step);
	if (ret)
		return ret;
	if (!front->pending)
		return finish(front);
	ret = front_apply(front, step);
	front->pending = false;
	return ret < 0 ? ret : 1;
}

/* ---- creation ------------------------------------------------------------ */

static int front_alloc(struct flightrec_reader *reader, bool scanning,
		       struct front **out)
{
	struct front *front = calloc(1, sizeof(*front));
	int ret;

	if (!front)
		return -ENOMEM;
	front->reader = reader;
	front->window = flightrec_reader_window(reader);
	front->scanning = scanning;
	front->knows_sched = front->window->events & FLIGHTREC_EVENTS_SCHED;
	front->knows_calls = front->window->events & FLIGHTREC_EVENTS_SYSCALLS;
	memcpy(front->machine, front->window->machine, FLIGHTREC_UTS_BYTES);
	ret = threads_init(&front->threads, reader);
	if (ret == 0)
		ret = add_cpus(front);
	if (ret < 0) {
		front_destroy(front);
		return ret;
	}
	flightrec_reader_rewind(reader);
	*out = front;
	return 0;
}

/* Read it all once; keep the model that comes out and what was missing. */
static int read_ahead(struct front *front)
{
	struct front_step step;
	struct front *scan;
	int ret;

	ret = front_alloc(front->reader, true, &scan);
	if (ret < 0)
		return ret;
	front->scan = scan;
	do {
		ret = front_next(scan, &step);
	} while (ret > 0);
	flightrec_reader_rewind(front->reader);
	if (ret < 0)
		return ret;
	front_take_begins(front, scan);
	return 0;
}

int front_create(struct flightrec_reader *reader, unsigned int flags,
		 struct front **out)
{
	struct front *front;
	int ret;

	if (flags & ~FRONT_FORESEE)
		return -EINVAL;
	ret = front_alloc(reader, false, &front);
	if (ret < 0)
		return ret;
	if (flags & FRONT_FORESEE)
		ret = read_ahead(front);
	if (ret < 0) {
		front_destroy(front);
		return ret;
	}
	*out = front;
	return 0;
}

int front_create_again(const struct front *first, struct front **out)
{
	struct front *front;
	int ret = front_alloc(first->reader, false, &front);

	if (ret < 0)
		return ret;
	ret = front_copy_begins(front, first);
	if (ret < 0) {
		front_destroy(front);
		return ret;
	}
	*out = front;
	return 0;
}

void front_destroy(struct front *front)
{
	if (!front)
		return;
	front_destroy(front->scan);
	for (size_t i = 0; i < front->cpus_count; i++)
		free(front->cpus[i]);
	free(front->cpus);
	free(front->mapped);
	free(front->begins);
	threads_deinit(&front->threads);
	free(front);
}

/* ---- looking at the model ------------------------------------------------ */

const struct front *front_foreseen(const struct front *front)
{
	return front->scan;
}

struct flightrec_reader *front_reader(const struct front *front)
{
	return front->reader;
}

const struct flightrec_window *front_window(const struct front *front)
{
	return front->window;
}

bool front_knows_sched(const struct front *front)
{
	return front->knows_sched;
}

bool front_knows_calls(const struct front *front)
{
	return front->knows_calls;
}

uint64_t front_begin_clock(const struct front *front)
{
	uint64_t begin = front->window->cut_clock;
	const struct front_cpu *cpu;

	if (front->scan)
		front = front->scan;
	for (size_t i = 0; i < front->cpus_count; i++) {
		cpu = front->cpus[i];
		if (cpu->begun && cpu->begin_clock < begin)
			begin = cpu->begin_clock;
	}
	return begin;
}

size_t front_cpus(const struct front *front)
{
	return front->cpus_count;
}

const struct front_cpu *front_cpu_at(const struct front *front, size_t i)
{
	return front->cpus[i];
}

const struct front_cpu *front_cpu(const struct front *front, uint32_t cpu)
{
	return front_find_cpu(front, cpu);
}

size_t front_threads(const struct front *front)
{
	return front->threads.count;
}

struct front_thread *front_thread_at(const struct front *front, size_t i)
{
	return front->threads.all[i];
}

struct front_thread *front_thread(const struct front *front, uint32_t tid)
{
	return tid ? threads_find(&front->threads, tid) : NULL;
}
