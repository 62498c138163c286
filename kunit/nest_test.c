// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: writers that nest. An interrupt between another writer's reservation
 * and its store is made by taking that writer's two halves apart, and in the
 * last case by real interrupts.
 */
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "clock.h"
#include "rings.h"
#include "suites.h"
#include "tasks.h"

/* ---- A writer in two halves --------------------------------------------- */

/**
 * struct pending - a writer between its reservation and its store
 * @record: what it writes
 * @block: into which block
 * @to: where
 * @clock: its time
 * @tid: who runs
 * @stated: with a CURRENT word
 * @before: the block as it was
 */
struct pending {
	struct fr_record record;
	struct flightrec_block *block;
	u64 *to;
	u64 clock;
	u32 tid;
	bool stated;
	u8 before[BLOCK_BYTES];
};

/* What fr_ring_write() does up to its cmpxchg; the record must fit. */
static struct pending *reserve(struct kunit *test, u32 tid)
{
	struct pending *pending =
		kunit_kzalloc(test, sizeof(*pending), GFP_KERNEL);
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;

	KUNIT_ASSERT_NOT_NULL(test, pending);
	ring_numbered(room, &pending->record);
	pending->tid = tid;
	pending->block = ring->block;
	pending->to = (u64 *)ring->block +
		      fr_head_position(local_read(&ring->head));
	pending->stated = ring->tape_tid != tid;
	pending->clock = fr_clock();
	memcpy(pending->before, pending->block, BLOCK_BYTES);
	local_add(pending->record.count + pending->stated +
			  FR_HEAD_PENDING_ONE + FR_HEAD_EVENT_ONE,
		  &ring->head);
	ring_note(room, pending->clock, tid);
	return pending;
}

/* What it does behind it. */
static void commit(struct kunit *test, struct pending *pending)
{
	struct ring_room *room = test->priv;
	u64 time = fr_word_time(pending->clock);
	u64 word = pending->record.words[0] | time;

	if (pending->stated) {
		pending->to[1] = word;
		word = fr_word(FLIGHTREC_WORD_CURRENT, pending->tid) | time;
	}
	room->ring->epoch = fr_epoch(pending->clock);
	room->ring->tape_tid = pending->tid;
	fr_ring_commit(room->ring, pending->to, word);
}

/* Was the block of the reservation left alone, but for what came behind it? */
static const char *pending_fault(const struct pending *pending)
{
	size_t bytes = (void *)pending->to - (void *)pending->block;
	const struct flightrec_block *before = (const void *)pending->before;

	if (pending->block->seq != before->seq)
		return "the block was handed out again";
	if (memcmp(pending->block + 1, before + 1, bytes - sizeof(*before)))
		return "what stood before the reservation has changed";
	if (*pending->to)
		return "somebody wrote where it was reserved";
	return NULL;
}

static u64 pendings(struct ring_room *room)
{
	return fr_head_pending(local_read(&room->ring->head));
}

/* Write until that fails. Return: how many were stored. */
static u32 put_until_full(struct ring_room *room, u32 tid)
{
	u32 count = 0;

	while (ring_put(room, tid))
		count++;
	return count;
}

/* ---- One block ---------------------------------------------------------- */

static void write_within_a_write(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u64 epoch = fr_epoch(room->ring->block->clock);
	struct pending *outer;

	ring_put(room, 5);
	outer = reserve(test, 5);
	KUNIT_EXPECT_EQ(test, pendings(room), 1ULL);
	ring_put(room, 5);
	ring_put(room, 5);
	EXPECT_NO_FAULT(test, pending_fault(outer));
	/* Reserved, not yet written: seen as such. */
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "a word that was not written");
	commit(test, outer);
	KUNIT_EXPECT_EQ(test, pendings(room), 0ULL);
	ring_put(room, 5);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, 5U);
	/* Unless the test was kept from going on for longer than it may take. */
	if (fr_epoch(room->puts[room->puts_count - 1].time) == epoch)
		KUNIT_EXPECT_EQ(test, room->timed, 0U);
}

/* Task, softirq, hardirq; each goes on where the one above it has left. */
static void three_levels(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct pending *task, *softirq, *hardirq;

	task = reserve(test, 5);
	softirq = reserve(test, 5);
	ring_put(room, 5);
	hardirq = reserve(test, 5);
	KUNIT_EXPECT_EQ(test, pendings(room), 3ULL);
	commit(test, hardirq);
	commit(test, softirq);
	KUNIT_EXPECT_EQ(test, pendings(room), 1ULL);
	ring_put(room, 5);
	commit(test, task);
	ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, pendings(room), 0ULL);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, 6U);
}

/* ---- Beyond the block --------------------------------------------------- */

/* The interrupt goes on in the next block, the task stores into the first. */
static void rollover_within_a_write(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u32 words = ring_free_words(room->ring);
	struct pending *outer;
	u32 i;

	ring_put(room, 5);
	outer = reserve(test, 5);
	for (i = 0; i < words; i++)
		ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, room->ring->seq, 2ULL);
	KUNIT_EXPECT_EQ(test, pendings(room), 1ULL);
	commit(test, outer);
	ring_put(room, 5);
	ring_put(room, 6);
	KUNIT_EXPECT_EQ(test, pendings(room), 0ULL);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, room->puts_count);
	KUNIT_EXPECT_EQ(test, room->ring->lost_events, 0ULL);
}

static void check_exhaustion(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	struct pending *outer = reserve(test, 5);
	u64 events, first = outer->block->seq;

	put_until_full(room, 5);
	/* All of the CPU's blocks but one, at the least. */
	KUNIT_EXPECT_GE(test, ring->seq - first + 1, BLOCKS - 1ULL);
	KUNIT_EXPECT_LE(test, ring->seq - first + 1, (u64)BLOCKS);
	EXPECT_NO_FAULT(test, pending_fault(outer));
	events = fr_ring_events(ring);
	ring_put(room, 5);
	ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, ring->lost_events, 3ULL);
	KUNIT_EXPECT_GE(test, ring->lost_clock,
			room->puts[room->puts_count - 1].time);
	KUNIT_EXPECT_LE(test, ring->lost_clock, fr_clock());
	KUNIT_EXPECT_EQ(test, fr_ring_events(ring), events);
	EXPECT_NO_FAULT(test, pending_fault(outer));
	commit(test, outer);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

static void pending_block_is_kept(struct kunit *test)
{
	struct ring_room *room = test->priv;

	ring_put(room, 5);
	check_exhaustion(test);
}

/* The same when the ring has wrapped, and the reservation ends a block. */
static void pending_block_is_kept_when_wrapped(struct kunit *test)
{
	struct ring_room *room = test->priv;

	while ((room->ring->seq < 3 * BLOCKS ||
		ring_free_words(room->ring) != 1) &&
	       ring_put(room, 5))
		;
	check_exhaustion(test);
}

static void recovers_and_tells(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	u64 seq;
	u32 i;

	check_exhaustion(test);
	seq = ring->seq;
	KUNIT_EXPECT_NE(test, ring_put(room, 5), 0ULL);
	KUNIT_EXPECT_EQ(test, ring->seq, seq + 1);
	KUNIT_EXPECT_EQ(test, ring->block->lost_events, 3ULL);
	for (i = 0; i < 10000; i++)
		ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, ring->lost_events, 3ULL);
	KUNIT_EXPECT_EQ(test, ring->block->lost_events, 3ULL);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* Nothing pending any more: the next time there is as much room again. */
static void exhaustion_twice(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	struct pending *outer;

	check_exhaustion(test);
	ring_put(room, 5);
	outer = reserve(test, 5);
	put_until_full(room, 5);
	KUNIT_EXPECT_GE(test, ring->seq - outer->block->seq + 1, BLOCKS - 1ULL);
	EXPECT_NO_FAULT(test, pending_fault(outer));
	KUNIT_EXPECT_EQ(test, ring->lost_events, 4ULL);
	commit(test, outer);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/*
 * "What was lost between two blocks was lost right before the later one's first
 * record": so when a long record was lost, a short one that came after it must
 * not stand in the earlier block.
 */
static void loss_is_told_in_its_place(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	struct pending *outer = reserve(test, 5);
	u64 lost_at;
	u32 i;

	for (i = 0; i < 1000 && !ring->lost_events; i++)
		ring_put_mark(room, FLIGHTREC_MARK_MAX);
	KUNIT_EXPECT_EQ(test, ring->lost_events, 1ULL);
	lost_at = ring->lost_clock;
	ring_put(room, 5);
	commit(test, outer);
	ring_put(room, 5);
	while (!ring->block->lost_events && ring_put(room, 5))
		;
	EXPECT_NO_FAULT(test, ring_room_fault(room));
	/* The record behind the loss is not older than the block that tells. */
	KUNIT_EXPECT_GE(test, room->puts[1].time, lost_at);
	KUNIT_EXPECT_GE(test, room->puts[1].time, ring->block->clock);
}

/* ---- Real interrupts ---------------------------------------------------- */

#define TASK_CALL      1
#define INTERRUPT_CALL 2
/* Enough, or as many as come in this time: the host may be busy. */
#define INTERRUPTS     3000U
#define STORM_JIFFIES  (3 * HZ)
/* Numbers go around: they must fit the record's result. */
#define NUMBER_MASK    0xfffffU

/**
 * struct storm - a task that writes, and interrupts that do
 * @ring: of the CPU on which both happen
 * @written: by the task
 * @interrupts: how many there were
 * @nested: how many of them found a reservation pending
 * @next: what the reader expects of each
 * @fault: what it found
 */
struct storm {
	struct fr_ring *ring;
	u32 written;
	u32 interrupts;
	u32 nested;
	u32 next[3];
	const char *fault;
};

static u64 storm_write(struct storm *storm, s32 nr, u32 number)
{
	u64 word = fr_word_exit(nr, number & NUMBER_MASK);
	u32 tid = current->pid;

	if (number % 4)
		return fr_ring_write_word(storm->ring, word, tid, tid);
	return fr_ring_write(storm->ring, &word, 1, tid, tid);
}

static void storm_interrupt(void *data)
{
	struct storm *storm = data;

	storm->nested += !!fr_head_pending(local_read(&storm->ring->head));
	storm_write(storm, INTERRUPT_CALL, storm->interrupts++);
}

static int storm_task(void *data)
{
	struct storm *storm = data;

	while (!kthread_should_stop()) {
		preempt_disable();
		storm_write(storm, TASK_CALL, storm->written++);
		preempt_enable();
		cond_resched();
	}
	return 0;
}

static void check_storm(void *data, const struct tape_record *record)
{
	u32 nr = record->payload & ((1U << FLIGHTREC_NR_BITS) - 1);
	u32 number = record->payload >> FLIGHTREC_NR_BITS;
	struct storm *storm = data;

	if (nr != TASK_CALL && nr != INTERRUPT_CALL) {
		storm->fault = "nobody wrote this";
		return;
	}
	if (storm->next[nr] != U32_MAX && storm->next[nr] != number)
		storm->fault = "a record is missing, or not in order";
	storm->next[nr] = (number + 1) & NUMBER_MASK;
}

static const char *storm_fault(struct storm *storm)
{
	struct fr_ring *ring = storm->ring;
	struct tape_cpu cpu = {
		.cpu = ring->cpu,
		.visit = check_storm,
		.data = storm,
	};
	u32 i;

	storm->next[TASK_CALL] = U32_MAX;
	storm->next[INTERRUPT_CALL] = U32_MAX;
	for (i = 0; i < ring_blocks_held(ring) && !storm->fault; i++) {
		const char *fault = tape_cpu_block(
			&cpu, ring_block_held(ring, i), BLOCK_BYTES);

		if (fault)
			return fault;
	}
	if (!storm->fault &&
	    storm->next[TASK_CALL] != (storm->written & NUMBER_MASK))
		return "the task's last record is not there";
	if (!storm->fault && cpu.events != storm->written + storm->interrupts)
		return "not as many events as were written";
	return storm->fault;
}

static void interrupts_nest_truly(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct storm storm = {};
	unsigned long deadline;
	struct task_struct *task;
	int cpu = stay_and_choose_another_cpu();

	if (cpu < 0)
		kunit_skip(test, "needs two CPUs");
	storm.ring = per_cpu_ptr(room->rings, cpu);
	task = thread_start(storm_task, &storm, cpu, "fr-kunit-storm");
	KUNIT_ASSERT_NOT_NULL(test, task);
	deadline = jiffies + STORM_JIFFIES;
	while (storm.interrupts < INTERRUPTS &&
	       time_before(jiffies, deadline)) {
		smp_call_function_single(cpu, storm_interrupt, &storm, 1);
		cond_resched();
	}
	thread_stop(task);
	fr_rings_close(room->rings);
	kunit_info(test, "%u interrupts, %u within a write\n", storm.interrupts,
		   storm.nested);
	KUNIT_EXPECT_GT(test, storm.interrupts, 0U);
	EXPECT_NO_FAULT(test, storm_fault(&storm));
	KUNIT_EXPECT_EQ(test, storm.ring->lost_events, 0ULL);
	KUNIT_EXPECT_EQ(test, fr_head_pending(local_read(&storm.ring->head)),
			0ULL);
}

/* ---- Would it be noticed? ----------------------------------------------- */

static void reuse_of_pending_block_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct pending *outer;

	ring_put(room, 5);
	outer = reserve(test, 5);
	local_sub(FR_HEAD_PENDING_ONE, &room->ring->head);
	while (outer->block->seq == 1 && ring_put(room, 5))
		; /* as if nothing were pending */
	KUNIT_EXPECT_STREQ(test, pending_fault(outer),
			   "the block was handed out again");
}

static void write_into_reservation_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct pending *outer;

	ring_put(room, 5);
	outer = reserve(test, 5);
	/* As if the reservation had not been seen. */
	local_sub(1, &room->ring->head);
	ring_put(room, 5);
	KUNIT_EXPECT_STREQ(test, pending_fault(outer),
			   "somebody wrote where it was reserved");
}

static void uncounted_loss_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;

	ring_put(room, 5);
	/* As a writer that took words and an event, and then gave up. */
	local_add(FR_HEAD_EVENT_ONE, &room->ring->head);
	ring_put(room, 5);
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "the ring counts other events than its blocks hold");
}

static struct kunit_case nest_cases[] = {
	KUNIT_CASE(write_within_a_write),
	KUNIT_CASE(three_levels),
	KUNIT_CASE(rollover_within_a_write),
	KUNIT_CASE(pending_block_is_kept),
	KUNIT_CASE(pending_block_is_kept_when_wrapped),
	KUNIT_CASE(recovers_and_tells),
	KUNIT_CASE(exhaustion_twice),
	KUNIT_CASE(loss_is_told_in_its_place),
	KUNIT_CASE(interrupts_nest_truly),
	KUNIT_CASE(reuse_of_pending_block_is_noticed),
	KUNIT_CASE(write_into_reservation_is_noticed),
	KUNIT_CASE(uncounted_loss_is_noticed),
	{},
};

struct kunit_suite fr_nest_suite = {
	.name = "nest",
	.init = ring_room_init_percpu,
	.exit = ring_room_exit,
	.test_cases = nest_cases,
};
