// SPDX-License-Identifier: GPL-2.0
/* The window: its tables and its bytes. See window.h. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
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

/* ---- The tables. Recorder's lock held: for writing, live ones for reading. -- */

/**
 * struct making - tables being put together
 * @recorder: whose
 * @window: of which window
 * @head: header and tables, so far
 * @reaches: which blocks, by the CPU's number
 * @call: the calls in flight
 * @log: how many entries there are, or is room for: of the tasks, those that have
 *	ended
 * @living: of the tasks, the others
 * @tasks: all of them
 * @calls: calls in flight
 * @targets: what was asked for
 */
struct making {
	struct fr_recorder *recorder;
	struct fr_window *window;
	struct flightrec_window *head;
	struct fr_reach *reaches;
	struct flightrec_window_call *call;
	u32 log;
	u32 living;
	u64 tasks;
	u32 calls;
	u32 targets;
};

static bool is_live(const struct fr_window *window)
{
	return window->reason == FLIGHTREC_REASON_LIVE;
}

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
			 const struct making *making)
{
	u64 at = sizeof(*head);

	section_set(&head->cpus, &at, num_possible_cpus(),
		    sizeof(struct flightrec_window_cpu));
	section_set(&head->tasks, &at, making->tasks,
		    sizeof(struct flightrec_window_task));
	section_set(&head->calls, &at, making->calls,
		    sizeof(struct flightrec_window_call));
	section_set(&head->targets, &at, making->targets,
		    sizeof(struct flightrec_window_target));
	section_set(&head->blocks, &at, making->window->blocks,
		    making->recorder->config.block_bytes);
	return at;
}

/*
 * Since when every event of the CPU is held: no gap, nothing lost since. Behind
 * fr_rings_hold(): what was drawn before that is not held.
 */
static u64 ring_complete_clock(const struct making *making,
			       const struct fr_ring *ring)
{
	u64 clock = max3(READ_ONCE(ring->since_clock),
			 READ_ONCE(ring->lost_clock),
			 making->recorder->resume_clock);

	/* A live one: all that it holds may have been drawn since the cut. */
	return min(clock, making->window->cut.clock);
}

static u32 ring_tid(const struct making *making, const struct fr_ring *ring)
{
	/* Who runs there while it is asked for need not have run at the cut. */
	if (is_live(making->window) || ring->tape_tid == FR_TID_UNKNOWN)
		return 0;
	return ring->tape_tid;
}

static void fill_cpus(const struct making *making)
{
	struct flightrec_window *head = making->head;
	struct flightrec_window_cpu *entry = section_at(head, &head->cpus);
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fr_ring *ring =
			per_cpu_ptr(making->recorder->rings, cpu);

		entry->cpu = cpu;
		entry->tid = ring_tid(making, ring);
		entry->first_block = making->reaches[cpu].at;
		entry->blocks = making->reaches[cpu].count;
		entry->complete_clock = ring_complete_clock(making, ring);
		entry->events = fr_ring_events(ring);
		entry->lost_events = READ_ONCE(ring->lost_events);
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

/* While recording goes on the call may end, and another begin, meanwhile. */
static void fill_call(const struct fr_slot *slot, u64 enter,
		      struct flightrec_window_call *call, u32 nargs)
{
	/* Whether it was this one is seen by take_call(). */
	u64 nr = data_race(slot->call);

	call->tid = slot->tid;
	call->nr = (s32)nr;
	call->flags = nr & FR_CALL_COMPAT ? FLIGHTREC_CALL_COMPAT : 0;
	call->nargs = nargs;
	call->enter_clock = enter;
	/* Likewise. */
	data_race(
		memcpy(call->args, slot->args, nargs * sizeof(slot->args[0])));
}

/*
 * The call that a slot tells of, if one was in flight. Under the index's lock, which
 * keeps the slot its task's; what that writes stands still while frozen, but for the
 * touch. A live window looks at the slots before its cut: whoever leaves his call
 * in between has left an EXIT on the tape, and what cannot be told is left out,
 * since then the call has just ended.
 */
static bool take_call(const struct making *making, const struct fr_slot *slot,
		      struct flightrec_window_call *call)
{
	u64 cut = is_live(making->window) ? U64_MAX : making->window->cut.clock;
	/* When it began, then which one. Pairs with call_is_told(). */
	u64 enter = smp_load_acquire(&slot->enter_clock);

	if (!slot_is_in_call(slot, enter, cut))
		return false;
	if (!call)
		return true;
	fill_call(slot, enter, call, making->recorder->args);
	/* That, then whether it still is: pairs with begin_call(). */
	smp_rmb();
	return READ_ONCE(slot->enter_clock) == enter;
}

/* The calls in flight, at most @room; without @to they are only counted. */
static u32 copy_calls(const struct making *making,
		      struct flightrec_window_call *to, u32 room)
{
	struct fr_targets *targets = &making->recorder->targets;
	u32 count = 0;
	u32 i;

	for (i = 1; i < targets->slots_count && count < room; i++) {
		const struct fr_slot *slot = &targets->slots[i];
		unsigned long flags;

		if (!READ_ONCE(slot->enter_clock))
			continue;
		raw_spin_lock_irqsave(&targets->lock, flags);
		count += take_call(making, slot, to ? &to[count] : NULL);
		raw_spin_unlock_irqrestore(&targets->lock, flags);
	}
	return count;
}

static void fill_targets(const struct making *making)
{
	struct flightrec_window_target *entry =
		section_at(making->head, &making->head->targets);
	const struct fr_spec *spec;

	list_for_each_entry(spec, &making->recorder->targets.specs, link)
		*entry++ = spec->what;
}

/*
 * The living first, then the log (see fr_identities_copy_living()), but the log
 * stands first. Return: false if they did not all fit.
 */
static bool fill_tasks(struct making *making)
{
	struct fr_recorder *recorder = making->recorder;
	struct flightrec_window_task *log =
		section_at(making->head, &making->head->tasks);
	struct flightrec_window_task *living = log + making->log;
	u32 logged, alive;

	alive = fr_identities_copy_living(&recorder->identities,
					  &recorder->targets, living,
					  making->living);
	logged =
		fr_identities_copy_log(&recorder->identities, log, making->log);
	if (alive > making->living || logged == making->log)
		return false;
	memmove(log + logged, living, alive * sizeof(*living));
	making->tasks = logged + alive;
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

static void fill_header(const struct making *making)
{
	const struct fr_recorder *recorder = making->recorder;
	const struct fr_window *window = making->window;
	struct flightrec_window *head = making->head;

	memcpy(head->magic, FLIGHTREC_WINDOW_MAGIC, sizeof(head->magic));
	head->version = FLIGHTREC_WINDOW_VERSION;
	head->header_bytes = sizeof(*head);
	head->reason = window->reason;
	head->clock = fr_clock_kind();
	head->clock_khz = fr_clock_khz();
	head->start_clock = recorder->start.clock;
	head->start_mono_ns = recorder->start.mono_ns;
	head->cut_clock = window->cut.clock;
	head->cut_mono_ns = window->cut.mono_ns;
	head->cut_boot_ns = window->cut.boot_ns;
	head->cut_real_ns = window->cut.real_ns;
	head->ring_bytes = recorder->config.ring_bytes;
	head->block_bytes = recorder->config.block_bytes;
	head->events = recorder->config.events;
	head->args = recorder->args;
	head->policy = recorder->config.policy;
	head->cpus_possible = num_possible_cpus();
	head->page_bytes = PAGE_SIZE;
	head->keep_ns = recorder->config.keep_ns;
	head->missed_targets = READ_ONCE(recorder->targets.missed);
	fill_uts(head);
	if (window->reason == FLIGHTREC_REASON_TRIGGER)
		head->firing = recorder->trip.firing;
	else
		fr_triggers_last(&making->recorder->triggers, &head->firing);
}

/* The tables have their final sizes: the window as a whole. */
static void finish(const struct making *making, u64 end)
{
	struct fr_window *window = making->window;
	struct flightrec_window *head = making->head;

	head->names_clock = READ_ONCE(making->recorder->identities.names_clock);
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
 * Fill a head that has room for what @making says, from its beginning to its
 * end: each table begins where the one before it really ends. Return: false if
 * the tasks did not all fit.
 */
static bool fill(struct making *making)
{
	struct flightrec_window *head = making->head;
	u64 room = head->blocks.offset;
	u64 tasks_end;

	fill_header(making);
	fill_cpus(making);
	if (!fill_tasks(making))
		return false;
	layout_tables(head, making);
	/* Copies of tasks may stand where other tables go. */
	tasks_end = head->calls.offset;
	memset((void *)head + tasks_end, 0, room - tasks_end);
	memcpy(section_at(head, &head->calls), making->call,
	       making->calls * sizeof(*making->call));
	fill_targets(making);
	finish(making, layout_tables(head, making));
	return true;
}

/* Which blocks, and where they are. */
static int take_blocks(struct making *making)
{
	struct fr_ring __percpu *rings = making->recorder->rings;
	struct fr_window *window = making->window;

	window->blocks = fr_rings_reach(rings, making->reaches);
	window->held = kvcalloc(window->blocks, sizeof(*window->held),
				GFP_KERNEL_ACCOUNT);
	if (!window->held && window->blocks)
		return -ENOMEM;
	fr_rings_hold(rings, making->reaches, window->held);
	return 0;
}

/* Return: 0; -EAGAIN: more is there than there was room for; -ENOMEM. */
static int take_calls(struct making *making, u32 slack)
{
	u32 room = copy_calls(making, NULL, U32_MAX) + slack;

	making->call =
		kvcalloc(room, sizeof(*making->call), GFP_KERNEL_ACCOUNT);
	if (!making->call)
		return -ENOMEM;
	making->calls = copy_calls(making, making->call, room);
	return making->calls < room ? 0 : -EAGAIN;
}

/* Likewise: all but the calls. */
static int take_tables(struct making *making, u32 slack)
{
	struct fr_recorder *recorder = making->recorder;
	struct fr_identities *identities = &recorder->identities;
	struct flightrec_window sizes = {};
	int error;

	making->reaches = kvcalloc(nr_cpu_ids, sizeof(*making->reaches),
				   GFP_KERNEL_ACCOUNT);
	if (!making->reaches)
		return -ENOMEM;
	error = take_blocks(making);
	if (error)
		return error;
	/* Each target may have two tids, amid exec. */
	making->living = fr_identities_count_living(identities) +
			 READ_ONCE(recorder->targets.tasks) + slack;
	making->log = fr_identities_held(identities) + slack;
	making->tasks = (u64)making->log + making->living;
	making->targets = recorder->targets.specs_count;
	layout_tables(&sizes, making);
	making->head = kvzalloc(sizes.blocks.offset, GFP_KERNEL_ACCOUNT);
	if (!making->head)
		return -ENOMEM;
	*making->head = sizes;
	return fill(making) ? 0 : -EAGAIN;
}

static void making_deinit(struct making *making, int error)
{
	kvfree(making->reaches);
	kvfree(making->call);
	if (!error)
		return;
	kvfree(making->head);
	kvfree(making->window->held);
	making->window->held = NULL;
	making->window->blocks = 0;
}

/* One try, with room for @slack more than there is of what may grow meanwhile. */
static int make(struct fr_recorder *recorder, struct fr_window *window,
		u32 slack)
{
	struct making making = { .recorder = recorder, .window = window };
	int error;

	error = take_calls(&making, slack);
	if (!error && is_live(window)) {
		fr_cut_take(&window->cut);
		/* All that is not later is on the tape behind this. */
		synchronize_rcu();
	}
	if (!error)
		error = take_tables(&making, slack);
	making_deinit(&making, error);
	return error;
}

/**
 * fr_window_make() - put a window's tables together
 * @recorder: not idle; a frozen one: all writers gone, its lock held for writing
 * @window: with its reason, and its cut if it is frozen; else zero
 *
 * Once a freeze, so that all who read the window read the same.
 *
 * Context: process, may sleep. Walks all tasks under rcu_read_lock().
 * Return: 0; -ENOMEM, also if too many tasks were born or died meanwhile.
 */
int fr_window_make(struct fr_recorder *recorder, struct fr_window *window)
{
	u32 slack = TASKS_SLACK;
	int tries;

	for (tries = 0; tries < MAKE_TRIES; tries++, slack *= 4) {
		int error = make(recorder, window, slack);

		if (error != -EAGAIN)
			return error;
	}
	return -ENOMEM;
}

/**
 * fr_window_make_live() - take a window while recording goes on
 * @recorder: recording, its lock held for reading
 * @window: zero
 *
 * Context, Return: as fr_window_make().
 */
int fr_window_make_live(struct fr_recorder *recorder, struct fr_window *window)
{
	window->reason = FLIGHTREC_REASON_LIVE;
	return fr_window_make(recorder, window);
}

/* The window is gone; one that was not made may be dropped, too. */
void fr_window_drop(struct fr_window *window)
{
	kvfree(window->head);
	kvfree(window->held);
	memset(window, 0, sizeof(*window));
}

/* Memory that it holds, in bytes. */
u64 fr_window_memory(const struct fr_window *window)
{
	return window->head_bytes + window->blocks * sizeof(*window->held);
}

/* ---- The bytes. Not idle; the recorder's lock is held for reading. -------- */

/* What stands for a block that was written anew before it could be read. */
static void stand_in(const struct fr_held *held, struct flightrec_block *to,
		     u32 block_bytes)
{
	memset(to, 0, block_bytes);
	to->magic = FLIGHTREC_BLOCK_OVERRUN_MAGIC;
	to->cpu = held->cpu;
	to->seq = held->seq;
	to->clock = held->clock;
	to->used = sizeof(*to);
}

/* Copy of a block of a live window. Return: its size; 0: that is more than @bytes. */
static size_t copy_live_block(const struct fr_window *window,
			      const struct fr_held *held, void *to,
			      size_t bytes)
{
	if (bytes < window->block_bytes)
		return 0;
	if (!fr_held_copy(held, to))
		stand_in(held, to, window->block_bytes);
	return window->block_bytes;
}

/**
 * struct piece - a part of a window that stands in one place
 * @held: the block that it is a part of; NULL: of none
 * @from: where it stands; NULL: in a block that may be written anew at any time, of
 *	which nothing but a copy of the whole is known to be one block
 * @bytes: how much of it there is
 */
struct piece {
	const struct fr_held *held;
	const void *from;
	u64 bytes;
};

/* What stands @offset behind where the blocks begin. */
static struct piece piece_of_blocks(const struct fr_window *window, u64 offset)
{
	struct piece piece;
	u32 within;

	piece.held = &window->held[div_u64_rem(offset, window->block_bytes,
					       &within)];
	piece.from = is_live(window) ?
			     NULL :
			     (const void *)fr_held_block(piece.held) + within;
	piece.bytes = window->block_bytes - within;
	return piece;
}

/* The piece that begins at @offset, which is in the window. */
static struct piece piece_at(const struct fr_window *window, u64 offset)
{
	u64 blocks_end = window->head_bytes +
			 window->blocks * window->block_bytes;
	struct piece piece = {
		.from = window->head + offset,
		.bytes = window->head_bytes - offset,
	};

	if (offset < window->head_bytes)
		return piece;
	if (offset < blocks_end)
		return piece_of_blocks(window, offset - window->head_bytes);
	piece.from = (const void *)&window->end + (offset - blocks_end);
	piece.bytes = window->bytes - offset;
	return piece;
}

/* Copy it. Return: how much was copied; 0: @bytes are not enough. */
static size_t copy_piece(const struct fr_window *window, u64 offset, void *to,
			 size_t bytes)
{
	const struct piece piece = piece_at(window, offset);

	if (!piece.from)
		return copy_live_block(window, piece.held, to, bytes);
	bytes = min_t(u64, bytes, piece.bytes);
	memcpy(to, piece.from, bytes);
	return bytes;
}

/**
 * fr_window_from() - from where a part of the window can be copied
 * @window: made
 * @offset: from where it is wanted
 *
 * Return: @offset, or the beginning of the block of a live window in which it is.
 */
u64 fr_window_from(const struct fr_window *window, u64 offset)
{
	u64 blocks_bytes = window->blocks * window->block_bytes;
	u32 within;

	if (!is_live(window) || offset < window->head_bytes ||
	    offset - window->head_bytes >= blocks_bytes)
		return offset;
	div_u64_rem(offset - window->head_bytes, window->block_bytes, &within);
	return offset - within;
}

/**
 * fr_window_copy() - copy a part of the window
 * @window: made
 * @offset: from where: fr_window_from()
 * @to: kernel memory
 * @bytes: how much, at most; of a live window at least a block
 *
 * Return: how much was copied; 0 at the end.
 */
size_t fr_window_copy(const struct fr_window *window, u64 offset, void *to,
		      size_t bytes)
{
	size_t done = 0;

	while (done < bytes && offset < window->bytes) {
		size_t copied =
			copy_piece(window, offset, to + done, bytes - done);

		if (!copied)
			break;
		done += copied;
		offset += copied;
	}
	return done;
}

/**
 * fr_window_copy_to_user() - copy a part of the window that nobody writes to
 * @window: made
 * @offset: from where
 * @to: the user's memory
 * @bytes: how much, at most
 *
 * What is not in memory is not brought there: that can take as long as the user
 * likes. With page faults off the copy ends at it, and nothing here sleeps; nor does
 * might_fault() mind. Preemption stays on.
 *
 * Context: process. Return: how much was copied: less than @bytes at the end, at a
 * block of a live window, and at memory that is not there; perhaps more than that
 * many bytes were written, the same ones that the user will get.
 */
size_t fr_window_copy_to_user(const struct fr_window *window, u64 offset,
			      void __user *to, size_t bytes)
{
	size_t done = 0;

	pagefault_disable();
	while (done < bytes && offset + done < window->bytes) {
		const struct piece piece = piece_at(window, offset + done);
		size_t left, part = min_t(u64, bytes - done, piece.bytes);

		if (!piece.from)
			break;
		left = copy_to_user(to + done, piece.from, part);
		done += part - left;
		if (left)
			break;
	}
	pagefault_enable();
	return done;
}
