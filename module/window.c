// SPDX-License-Identifier: GPL-2.0
/* The window: its tables and its bytes. See window.h. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#include "clock.h"
#include "recorder.h"

/* Room for tasks that are born or die while the tables are put together. */
#define TASKS_SLACK 256U
#define MAKE_TRIES  4

/**
 * fr_cut_take() - read all clocks at one instant
 * @cut: (out)
 *
 * Context: any but NMI.
 */
void fr_cut_take(struct fr_cut *cut)
{
	struct fr_clock_pair pair = fr_clock_read_pair();

	cut->clock = pair.clock;
	cut->mono_ns = pair.mono_ns;
	cut->boot_ns =
		ktime_to_ns(ktime_mono_to_any(pair.mono_ns, TK_OFFS_BOOT));
	cut->real_ns =
		ktime_to_ns(ktime_mono_to_any(pair.mono_ns, TK_OFFS_REAL));
}

/* ---- The tables. Frozen; the recorder's lock is held for writing. -------- */

/* How many entries each table has, or has room for. */
struct layout {
	u64 tasks;
	u32 log;    /* of the tasks, those that have ended */
	u32 living; /* of the tasks, the others */
	u32 calls;
	u32 targets;
	u64 blocks;
	u32 block_bytes;
};

static void section_set(struct flightrec_section *section, u64 *at, u64 count,
			u32 entry_bytes)
{
	section->offset = *at;
	section->count = count;
	section->entry_bytes = entry_bytes;
	*at += count * entry_bytes;
}

static void *section_at(struct flightrec_window *head,
			const struct flightrec_section *section)
{
	return (void *)head + section->offset;
}

/* Return: where the tables and the blocks end. */
static u64 layout_tables(struct flightrec_window *head,
			 const struct layout *layout)
{
	u64 at = sizeof(*head);

	section_set(&head->cpus, &at, num_possible_cpus(),
		    sizeof(struct flightrec_window_cpu));
	section_set(&head->tasks, &at, layout->tasks,
		    sizeof(struct flightrec_window_task));
	section_set(&head->calls, &at, layout->calls,
		    sizeof(struct flightrec_window_call));
	section_set(&head->targets, &at, layout->targets,
		    sizeof(struct flightrec_window_target));
	section_set(&head->blocks, &at, layout->blocks, layout->block_bytes);
	return at;
}

/* Since when every event of the CPU is held: no gap, nothing lost since. */
static u64 ring_complete_clock(const struct fr_recorder *recorder,
			       const struct fr_ring *ring)
{
	return max3(ring->since_clock, ring->lost_clock,
		    recorder->resume_clock);
}

static void fill_cpus(struct fr_recorder *recorder,
		      struct flightrec_window *head, struct layout *layout)
{
	struct flightrec_window_cpu *entry = section_at(head, &head->cpus);
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fr_ring *ring = per_cpu_ptr(recorder->rings, cpu);

		entry->cpu = cpu;
		entry->tid = ring->tape_tid == FR_TID_UNKNOWN ? 0 :
								ring->tape_tid;
		entry->first_block = layout->blocks;
		entry->blocks = fr_ring_blocks_held(ring);
		entry->complete_clock = ring_complete_clock(recorder, ring);
		entry->events = fr_ring_events(ring);
		entry->lost_events = ring->lost_events;
		layout->blocks += entry->blocks;
		head->lost_events += entry->lost_events;
		head->complete_clock =
			max(head->complete_clock, entry->complete_clock);
		entry++;
	}
}

/* Was the call in flight at the cut, and is that known? See struct fr_slot. */
static bool slot_is_in_call(const struct fr_slot *slot, u64 enter, u64 cut)
{
	u64 touch = READ_ONCE(slot->touch_clock);

	if (!slot->task || !enter || enter > cut)
		return false;
	return touch <= enter || touch >= cut;
}

static void fill_call(const struct fr_slot *slot, u64 enter,
		      struct flightrec_window_call *call, u32 nargs)
{
	call->tid = slot->tid;
	call->nr = (s32)slot->call;
	call->flags = slot->call & FR_CALL_COMPAT ? FLIGHTREC_CALL_COMPAT : 0;
	call->nargs = nargs;
	call->enter_clock = enter;
	memcpy(call->args, slot->args, nargs * sizeof(slot->args[0]));
}

/*
 * The calls in flight, at most @room; without @to they are only counted. What
 * the tasks themselves write to their slots stands still while frozen, but for
 * the touch; the rest is read under the index's lock, a slot at a time.
 */
static u32 copy_calls(struct fr_recorder *recorder,
		      struct flightrec_window_call *to, u32 room)
{
	struct fr_targets *targets = &recorder->targets;
	u32 count = 0;
	u32 i;

	for (i = 1; i < targets->slots_count; i++) {
		const struct fr_slot *slot = &targets->slots[i];
		unsigned long flags;
		u64 enter;

		if (!READ_ONCE(slot->enter_clock))
			continue;
		raw_spin_lock_irqsave(&targets->lock, flags);
		enter = READ_ONCE(slot->enter_clock);
		if (slot_is_in_call(slot, enter, recorder->cut.clock)) {
			if (to && count < room)
				fill_call(slot, enter, &to[count],
					  recorder->args);
			count++;
		}
		raw_spin_unlock_irqrestore(&targets->lock, flags);
	}
	return min(count, room);
}

static void fill_targets(struct fr_recorder *recorder,
			 struct flightrec_window *head)
{
	struct flightrec_window_target *entry =
		section_at(head, &head->targets);
	const struct fr_spec *spec;

	list_for_each_entry(spec, &recorder->targets.specs, link)
		*entry++ = spec->what;
}

/*
 * The living first, then the log (see fr_identities_copy_living()), but the log
 * stands first. Return: false if they did not all fit.
 */
static bool fill_tasks(struct fr_recorder *recorder,
		       struct flightrec_window *head, struct layout *layout)
{
	struct flightrec_window_task *log = section_at(head, &head->tasks);
	struct flightrec_window_task *living = log + layout->log;
	u32 logged, alive;

	alive = fr_identities_copy_living(&recorder->identities,
					  &recorder->targets, living,
					  layout->living);
	logged =
		fr_identities_copy_log(&recorder->identities, log, layout->log);
	if (alive > layout->living || logged == layout->log)
		return false;
	memmove(log + logged, living, alive * sizeof(*living));
	layout->tasks = logged + alive;
	return true;
}

static void fill_uts(struct flightrec_window *head)
{
	const struct new_utsname *uts = init_utsname();

	strscpy_pad(head->nodename, uts->nodename, sizeof(head->nodename));
	strscpy_pad(head->release, uts->release, sizeof(head->release));
	strscpy_pad(head->version_text, uts->version,
		    sizeof(head->version_text));
	strscpy_pad(head->machine, uts->machine, sizeof(head->machine));
}

static void fill_header(struct fr_recorder *recorder,
			struct flightrec_window *head)
{
	memcpy(head->magic, FLIGHTREC_WINDOW_MAGIC, sizeof(head->magic));
	head->version = FLIGHTREC_WINDOW_VERSION;
	head->header_bytes = sizeof(*head);
	head->reason = recorder->reason;
	head->clock = fr_clock_kind();
	head->clock_khz = fr_clock_khz();
	head->start_clock = recorder->start.clock;
	head->start_mono_ns = recorder->start.mono_ns;
	head->cut_clock = recorder->cut.clock;
	head->cut_mono_ns = recorder->cut.mono_ns;
	head->cut_boot_ns = recorder->cut.boot_ns;
	head->cut_real_ns = recorder->cut.real_ns;
	head->ring_bytes = recorder->config.ring_bytes;
	head->block_bytes = recorder->config.block_bytes;
	head->events = recorder->config.events;
	head->args = recorder->args;
	head->policy = recorder->config.policy;
	head->cpus_possible = num_possible_cpus();
	head->page_bytes = PAGE_SIZE;
	head->missed_targets = READ_ONCE(recorder->targets.missed);
	fill_uts(head);
}

/* The tables have their final sizes: the window as a whole. */
static void finish(struct fr_recorder *recorder, struct flightrec_window *head,
		   u64 end)
{
	struct fr_window *window = &recorder->window;

	head->names_clock = READ_ONCE(recorder->identities.names_clock);
	window->blocks = head->blocks.count;
	window->block_bytes = head->block_bytes;
	window->head_bytes = head->blocks.offset;
	window->bytes = end + sizeof(window->end);
	head->window_bytes = window->bytes;
	memcpy(window->end.magic, FLIGHTREC_WINDOW_END_MAGIC,
	       sizeof(window->end.magic));
	window->end.window_bytes = window->bytes;
	window->head = head;
}

/*
 * Fill a head that has room for what @layout says, from its beginning to its
 * end: each table begins where the one before it really ends. Return: false if
 * the tasks did not all fit.
 */
static bool fill(struct fr_recorder *recorder, struct flightrec_window *head,
		 struct layout *layout)
{
	u64 room = head->blocks.offset;
	u64 tasks_end;

	fill_header(recorder, head);
	fill_cpus(recorder, head, layout);
	if (!fill_tasks(recorder, head, layout))
		return false;
	layout_tables(head, layout);
	/* Copies of tasks may stand where other tables go. */
	tasks_end = head->calls.offset;
	memset((void *)head + tasks_end, 0, room - tasks_end);
	/* A task that has died since they were counted is not there. */
	layout->calls = copy_calls(recorder, section_at(head, &head->calls),
				   layout->calls);
	finish(recorder, head, layout_tables(head, layout));
	fill_targets(recorder, head);
	return true;
}

/**
 * fr_window_make() - put the tables of a frozen recorder's window together
 * @recorder: frozen, all writers gone, its lock held for writing
 *
 * Once a freeze, so that all who read the window read the same.
 *
 * Context: process, may sleep. Walks all tasks under rcu_read_lock().
 * Return: 0; -ENOMEM, also if too many tasks were born or died meanwhile.
 */
int fr_window_make(struct fr_recorder *recorder)
{
	struct fr_identities *identities = &recorder->identities;
	struct flightrec_window *head;
	int tries;

	for (tries = 1; tries <= MAKE_TRIES; tries++) {
		struct flightrec_window sizes = {};
		struct layout layout = {
			/* Each target may have two tids, amid exec. */
			.living = fr_identities_count_living(identities) +
				  READ_ONCE(recorder->targets.tasks) +
				  tries * TASKS_SLACK,
			.log = fr_identities_held(identities) +
			       tries * TASKS_SLACK,
			.calls = copy_calls(recorder, NULL, U32_MAX),
			.targets = recorder->targets.specs_count,
			.block_bytes = recorder->config.block_bytes,
		};

		layout.tasks = (u64)layout.log + layout.living;
		head = kvzalloc(layout_tables(&sizes, &layout), GFP_KERNEL);
		if (!head)
			return -ENOMEM;
		*head = sizes;
		if (fill(recorder, head, &layout))
			return 0;
		kvfree(head);
	}
	return -ENOMEM;
}

/* The window is gone. Its lock is held for writing. */
void fr_window_drop(struct fr_recorder *recorder)
{
	kvfree(recorder->window.head);
	memset(&recorder->window, 0, sizeof(recorder->window));
}

/* ---- The bytes. Frozen; the recorder's lock is held for reading. --------- */

/* The @number-th block of the window. */
static const void *block_at(struct fr_recorder *recorder, u64 number)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fr_ring *ring = per_cpu_ptr(recorder->rings, cpu);
		u32 held = fr_ring_blocks_held(ring);

		if (number < held)
			return fr_ring_block_held(ring, number);
		number -= held;
	}
	return NULL; /* not reached: the caller stays within the window */
}

/* The piece of contiguous memory that holds @offset, and how long it is. */
static const void *piece_at(struct fr_recorder *recorder, u64 offset,
			    size_t *bytes)
{
	const struct fr_window *window = &recorder->window;
	u64 blocks_bytes = window->blocks * window->block_bytes;
	u32 within;

	if (offset < window->head_bytes) {
		*bytes = window->head_bytes - offset;
		return window->head + offset;
	}
	offset -= window->head_bytes;
	if (offset < blocks_bytes) {
		u64 number = div_u64_rem(offset, window->block_bytes, &within);

		*bytes = window->block_bytes - within;
		return block_at(recorder, number) + within;
	}
	offset -= blocks_bytes;
	*bytes = sizeof(window->end) - offset;
	return (const void *)&window->end + offset;
}

/**
 * fr_window_copy() - copy a part of the window
 * @recorder: frozen, with a window
 * @offset: from where
 * @to: kernel memory
 * @bytes: how much, at most
 *
 * Return: how much was copied; 0 at the end.
 */
size_t fr_window_copy(struct fr_recorder *recorder, u64 offset, void *to,
		      size_t bytes)
{
	size_t done = 0;

	while (done < bytes && offset < recorder->window.bytes) {
		size_t piece_bytes;
		const void *piece = piece_at(recorder, offset, &piece_bytes);

		piece_bytes = min(piece_bytes, bytes - done);
		memcpy(to + done, piece, piece_bytes);
		done += piece_bytes;
		offset += piece_bytes;
	}
	return done;
}
