// SPDX-License-Identifier: GPL-2.0
/*
 * Calls in flight whose beginning is not on the tape: where the window is read
 * twice, the first reading finds them, the second tells them in time. See
 * front_model.h.
 */
#include "front_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct call_begin *add_begin(struct front *front)
{
	size_t room = front->begins_room ? front->begins_room * 2 : 64;
	struct call_begin *begins;

	if (front->begins_count == front->begins_room) {
		begins = reallocarray(front->begins, room, sizeof(*begins));
		if (!begins)
			return NULL;
		front->begins = begins;
		front->begins_room = room;
	}
	begins = &front->begins[front->begins_count++];
	memset(begins, 0, sizeof(*begins));
	begins->call.in = FRONT_CALL_IN;
	return begins;
}

uint64_t front_clock_at(const struct flightrec_reader *reader, uint64_t low,
			uint64_t high, int64_t mono_ns)
{
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (flightrec_reader_mono_ns(reader, middle) < mono_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* @clock, or @thread's birth if that was later, but not after @end. */
static uint64_t not_before_birth(const struct front *front,
				 const struct front_thread *thread,
				 uint64_t clock, uint64_t end)
{
	const struct flightrec_window_task *identity = thread->identity;

	if (!identity || identity->start_mono_ns > INT64_MAX)
		return clock;
	return front_clock_at(front->reader, clock, end,
			      (int64_t)identity->start_mono_ns);
}

/*
 * From when on a call is known to be in flight that ends at @end on @cpu and
 * has no ENTER. Had it begun when everything was held, its ENTER were there; so
 * it was in flight when that began. A thread whose call became unknown later
 * (it was born, something was lost) is known from there on.
 */
static uint64_t known_since(const struct front *front,
			    const struct front_thread *thread,
			    const struct front_cpu *cpu, uint64_t end)
{
	uint64_t since = front->window->complete_clock;

	if (thread->call.since)
		return thread->call.since;
	if (end < since)
		since = cpu ? cpu->begin_clock : end;
	return not_before_birth(front, thread, since, end);
}

/* The pending EXIT has no ENTER: keep that for the second reading. */
int front_note_begin(struct front *front)
{
	const struct flightrec_event *event = &front->event;
	struct call_begin *begin;
	uint64_t since;

	if (!front->scanning || event->exit.nr < 0 ||
	    front->thread->call.in != FRONT_CALL_UNKNOWN)
		return 0;
	since = known_since(front, front->thread, front->cpu, event->clock);
	if (since >= event->clock)
		return 0;
	begin = add_begin(front);
	if (!begin)
		return -ENOMEM;
	begin->begin = since;
	begin->end = event->clock;
	begin->tid = event->tid;
	begin->cpu = front->thread->call.since ? front->thread->call_cpu :
						 event->cpu;
	begin->call.nr = event->exit.nr;
	begin->call.compat = event->exit.compat;
	return 0;
}

static void call_from_entry(struct front *front, struct front_call *call,
			    const struct flightrec_window_call *entry)
{
	memset(call, 0, sizeof(*call));
	call->in = FRONT_CALL_IN;
	call->nr = entry->nr;
	call->compat = entry->flags & FLIGHTREC_CALL_COMPAT;
	call->nargs = entry->nargs <= FLIGHTREC_ARGS_MAX ?
			      (uint8_t)entry->nargs :
			      FLIGHTREC_ARGS_MAX;
	call->enter_known = true;
	call->enter_clock = entry->enter_clock;
	memcpy(call->args, entry->args, sizeof(call->args));
	call->name = front_call_name(front, call->nr, call->compat);
}

/* A call in flight at the cut of which the tape does not tell. */
static int note_cut_begin(struct front *front, struct front_thread *thread,
			  const struct flightrec_window_call *entry)
{
	uint64_t since =
		known_since(front, thread, NULL, front->window->cut_clock);
	struct call_begin *begin = add_begin(front);

	if (!begin)
		return -ENOMEM;
	call_from_entry(front, &begin->call, entry);
	begin->begin = front_later(since, entry->enter_clock);
	begin->end = UINT64_MAX;
	begin->tid = entry->tid;
	begin->cpu = thread->call.since ? thread->call_cpu : thread->status.cpu;
	/* It may have been moved to one of which the window has nothing. */
	if (!front_find_cpu(front, begin->cpu))
		begin->cpu = front->cpus_count ? front->cpus[0]->cpu : 0;
	return 0;
}

/* Who is in a call at the cut, by the window's own table. */
static int merge_call(struct front *front, struct front_thread *thread,
		      const struct flightrec_window_call *entry)
{
	struct front_call *call = &thread->call;
	uint64_t since = call->since;

	if (call->in == FRONT_CALL_IN && call->nr == entry->nr) {
		call->enter_known = true;
		call->enter_clock = entry->enter_clock;
		return 0;
	}
	if (front->scanning)
		return note_cut_begin(front, thread, entry);
	call_from_entry(front, call, entry);
	call->since = front_later(since, entry->enter_clock);
	return 0;
}

int front_merge_calls(struct front *front)
{
	size_t count = flightrec_reader_calls(front->reader);
	uint64_t cut = front->window->cut_clock;
	struct flightrec_window_call entry;
	struct front_thread *thread;
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++) {
		flightrec_reader_call(front->reader, i, &entry);
		if (!entry.tid || !front->knows_calls)
			continue;
		thread = threads_get(&front->threads, entry.tid, cut, true);
		if (!thread)
			return -ENOMEM;
		ret = merge_call(front, thread, &entry);
	}
	return ret;
}

/* Up to where nothing can happen any more to what is known so far. */
static uint64_t settled_clock(const struct front *front)
{
	if (!front->pending)
		return front->window->cut_clock + 1;
	return front->forgotten ? front->event.clock : front_loss_clock(front);
}

int front_foresee_next(struct front *front, struct front_step *step)
{
	struct call_begin *begin;
	struct front_thread *thread;

	begin = &front->begins[front->begins_next];
	if (begin->begin >= settled_clock(front))
		return 0;
	thread = threads_get(&front->threads, begin->tid, begin->begin, true);
	if (!thread)
		return -ENOMEM;
	if (front_in_call(thread)) {
		front_make_exit(front, step, thread, begin->cpu, begin->begin);
		return 1;
	}
	front->begins_next++;
	begin->call.name =
		front_call_name(front, begin->call.nr, begin->call.compat);
	front_make_enter(front, step, thread, begin->cpu, &begin->call,
			 begin->begin);
	return 1;
}

static int compare_begins(const void *a, const void *b)
{
	const struct call_begin *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

int front_copy_begins(struct front *front, const struct front *from)
{
	size_t bytes = from->begins_count * sizeof(*front->begins);

	if (!bytes)
		return 0;
	front->begins = malloc(bytes);
	if (!front->begins)
		return -ENOMEM;
	memcpy(front->begins, from->begins, bytes);
	front->begins_count = from->begins_count;
	return 0;
}

void front_take_begins(struct front *front, struct front *scan)
{
	front->begins = scan->begins;
	front->begins_count = scan->begins_count;
	scan->begins = NULL;
	scan->begins_count = 0;
	if (front->begins_count)
		qsort(front->begins, front->begins_count,
		      sizeof(*front->begins), compare_begins);
}
