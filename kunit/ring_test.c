// SPDX-License-Identifier: GPL-2.0
/* Rings: what is written comes out again. Writers that nest: nest_test.c. */
#include <linux/delay.h>
#include <linux/string.h>

#include "clock.h"
#include "rings.h"
#include "suites.h"

#define BLOCK_WORDS ((u32)(BLOCK_BYTES / sizeof(u64)))
#define TIME_RANGE  (1ULL << FLIGHTREC_WORD_TIME_BITS)

/* ---- Blocks ------------------------------------------------------------- */

static void begins_empty(struct kunit *test)
{
	struct ring_room *room = test->priv;
	const struct flightrec_block *block = room->ring->block;

	KUNIT_EXPECT_EQ(test, fr_ring_events(room->ring), 0ULL);
	KUNIT_EXPECT_EQ(test, ring_blocks_held(room->ring), 0U);
	KUNIT_EXPECT_EQ(test, block->magic, FLIGHTREC_BLOCK_MAGIC);
	KUNIT_EXPECT_EQ(test, block->cpu, room->ring->cpu);
	KUNIT_EXPECT_EQ(test, block->seq, 1ULL);
	KUNIT_EXPECT_EQ(test, block->gap_clock, 0ULL);
	KUNIT_EXPECT_EQ(test, block->lost_events, 0ULL);
	KUNIT_EXPECT_EQ(test, (size_t)block->used, sizeof(*block));
	KUNIT_EXPECT_EQ(test, room->ring->since_clock, block->clock);
	KUNIT_EXPECT_EQ(test, fr_rings_bytes(room->rings),
			(u64)BLOCKS * BLOCK_BYTES * num_possible_cpus());
}

static void check_read_back(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u32 i;

	for (i = 0; i < 1000; i++)
		ring_put(room, 100 + i / 7 % 3);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, 1000U);
	KUNIT_EXPECT_EQ(test, fr_ring_events(room->ring), 1000ULL);
}

/* Records of one word, the fast way. */
static void reads_back(struct kunit *test)
{
	check_read_back(test);
}

/* The same records, the general way. */
static void reads_back_slowly(struct kunit *test)
{
	struct ring_room *room = test->priv;

	room->slow = true;
	check_read_back(test);
}

/* Many times around: the newest blocks are held, in order, without a hole. */
static void wraps(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	u32 i;

	for (i = 0; i < PUTS_MAX; i++) {
		room->slow = i % 3;
		ring_put(room, 100 + i / 50 % 2);
	}
	KUNIT_EXPECT_GT(test, ring->seq, (u64)BLOCKS * 5);
	KUNIT_EXPECT_EQ(test, ring_blocks_held(ring), BLOCKS);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_GT(test, room->read, (BLOCKS - 1) * BLOCK_WORDS * 9 / 10);
	KUNIT_EXPECT_EQ(test, fr_ring_events(ring), (u64)PUTS_MAX);
	KUNIT_EXPECT_EQ(test, ring_block_held(ring, 0)->seq,
			ring->seq - BLOCKS + 1);
	KUNIT_EXPECT_EQ(test, ring->since_clock,
			ring_block_held(ring, 0)->clock);
	KUNIT_EXPECT_EQ(test, ring->since_mono_ns,
			ring_block_held(ring, 0)->mono_ns);
	KUNIT_EXPECT_EQ(test, ring->lost_events, 0ULL);
}

/* Up to the last block that fits, nothing is overwritten. */
static void holds_all_blocks(struct kunit *test)
{
	struct ring_room *room = test->priv;

	while ((room->ring->seq < BLOCKS || ring_free_words(room->ring)) &&
	       ring_put(room, 5))
		;
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, room->puts_count);
	KUNIT_EXPECT_EQ(test, room->ring->since_clock,
			ring_block_held(room->ring, 0)->clock);
	ring_put(room, 5);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_LT(test, room->read, room->puts_count);
	KUNIT_EXPECT_EQ(test, ring_block_held(room->ring, 0)->seq, 2ULL);
}

static void fill_to(struct ring_room *room, u32 words_left)
{
	while (ring_free_words(room->ring) > words_left && ring_put(room, 5))
		;
}

/* A record that does not fit opens a block; what is left of the old is zero. */
static void record_is_never_split(struct kunit *test)
{
	struct ring_room *room = test->priv;
	const struct flightrec_block *block = room->ring->block;

	fill_to(room, 3);
	ring_put_mark(room, 3 * FLIGHTREC_TEXT_BYTES); /* 4 words */
	KUNIT_EXPECT_EQ(test, room->ring->seq, 2ULL);
	KUNIT_EXPECT_EQ(test, block->used, BLOCK_BYTES - 3 * (u32)sizeof(u64));
	EXPECT_NO_FAULT(test, ring_room_fault(room));
	KUNIT_EXPECT_EQ(test, room->read, room->puts_count + 1);
}

static void record_may_fill_block(struct kunit *test)
{
	struct ring_room *room = test->priv;
	const struct flightrec_block *block = room->ring->block;

	fill_to(room, 4);
	ring_put_mark(room, 3 * FLIGHTREC_TEXT_BYTES);
	KUNIT_EXPECT_EQ(test, room->ring->seq, 1ULL);
	KUNIT_EXPECT_EQ(test, ring_free_words(room->ring), 0U);
	ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, room->ring->seq, 2ULL);
	KUNIT_EXPECT_EQ(test, block->used, BLOCK_BYTES);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* Block after block of the longest records, in the smallest blocks. */
static void longest_records(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u32 i;

	for (i = 0; i < 200; i++)
		ring_put_mark(room, FLIGHTREC_MARK_MAX);
	EXPECT_NO_FAULT(test, ring_room_fault(room));
	KUNIT_EXPECT_GT(test, room->ring->seq, (u64)BLOCKS * 2);
	KUNIT_EXPECT_EQ(test, fr_ring_events(room->ring), 200ULL);
}

/* The head's position holds the largest block, too. */
static void largest_blocks(struct kunit *test)
{
	struct ring_room *room = ring_room_create(FLIGHTREC_POLICY_PERCPU,
						  BLOCKS, FR_BLOCK_BYTES_MAX);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, room);
	for (i = 0; i < PUTS_MAX; i++)
		ring_put(room, 9);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, PUTS_MAX);
	KUNIT_EXPECT_EQ(test, ring_block_held(room->ring, 0)->used,
			FR_BLOCK_BYTES_MAX);
	ring_room_destroy(room);
}

static void each_cpu_has_its_own(struct kunit *test)
{
	struct ring_room *room = test->priv;
	int cpu;

	ring_put(room, 5);
	for_each_possible_cpu(cpu) {
		struct fr_ring *ring = per_cpu_ptr(room->rings, cpu);

		KUNIT_EXPECT_EQ(test, ring->cpu, (u32)cpu);
		KUNIT_EXPECT_EQ(test, ring->block->cpu, (u32)cpu);
		KUNIT_EXPECT_EQ(test, fr_ring_events(ring),
				(u64)(ring == room->ring));
	}
}

/* ---- Who runs ----------------------------------------------------------- */

static u64 write_switch(struct ring_room *room, u32 from, u32 to)
{
	struct fr_record record;
	u64 time;

	fr_record_switch(&record, to, FLIGHTREC_STATE_SLEEPING, 0);
	preempt_disable();
	time = fr_ring_write(room->ring, record.words, record.count, from, to);
	preempt_enable();
	return time;
}

static u32 stated(struct ring_room *room)
{
	ring_room_fault(room);
	return room->stated;
}

static void current_only_when_needed(struct kunit *test)
{
	struct ring_room *room = test->priv;

	ring_put(room, 10); /* not known so far */
	KUNIT_EXPECT_EQ(test, stated(room), 1U);
	ring_put(room, 10);
	write_switch(room, 10, 20);
	ring_put(room, 20); /* implied by the switch */
	write_switch(room, 20, 0x12345678);
	ring_put(room, 0x12345678);
	KUNIT_EXPECT_EQ(test, stated(room), 1U);
	ring_put(room, 30); /* a switch that was not recorded */
	ring_put(room, 30);
	write_switch(room, 40, 50);
	KUNIT_EXPECT_EQ(test, stated(room), 3U);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* The header of a block says who runs when a record opens it. */
static void block_states_current(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u32 me = current->pid;

	ring_put(room, me);
	fill_to(room, 0);
	KUNIT_EXPECT_EQ(test, stated(room), 2U); /* me, then task 5 */
	ring_put(room, me);
	KUNIT_EXPECT_EQ(test, room->ring->block->tid, me);
	KUNIT_EXPECT_EQ(test, stated(room), 2U);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* ---- Times -------------------------------------------------------------- */

static void sleep_ticks(u64 ticks)
{
	u64 begin = fr_clock();

	while (fr_clock() - begin <= ticks)
		msleep(20);
}

/* Upper bits of the time that will stay the same for a while. */
static void await_epoch(void)
{
	while (fr_clock() % TIME_RANGE > TIME_RANGE / 4)
		msleep(20);
}

static u32 timed(struct ring_room *room)
{
	ring_room_fault(room);
	return room->timed;
}

/*
 * How many TIME words the records from the @first on need, up to the last one, in a
 * block that was opened at @clock. A test may be kept from going on for longer than
 * an epoch anywhere, so what it expects is told by the times that were written.
 */
static u32 epochs_begun(const struct ring_room *room, u64 clock, u32 first)
{
	u32 begun = 0;
	u32 i;

	for (i = first; i < room->puts_count; i++) {
		begun += fr_epoch(room->puts[i].time) != fr_epoch(clock);
		clock = room->puts[i].time;
	}
	return begun;
}

static void check_time_words(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u64 clock;

	/* Begin again: the room's block may be of the epoch before. */
	await_epoch();
	fr_rings_resume(room->rings, fr_clock());
	clock = room->ring->block->clock;
	ring_put(room, 5);
	ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, timed(room), epochs_begun(room, clock, 0));
	sleep_ticks(TIME_RANGE);
	ring_put(room, 5);
	KUNIT_EXPECT_GE(test, timed(room), 1U);
	KUNIT_EXPECT_EQ(test, timed(room), epochs_begun(room, clock, 0));
	ring_put(room, 5);
	sleep_ticks(3 * TIME_RANGE);
	ring_put(room, 6); /* TIME and CURRENT */
	KUNIT_EXPECT_GE(test, timed(room), 2U);
	KUNIT_EXPECT_EQ(test, timed(room), epochs_begun(room, clock, 0));
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, 5U);
}

/* A block's own clock counts as the record before the first. */
static void time_word_after_block_only_when_needed(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u32 first, second, before;

	fill_to(room, 0);
	before = epochs_begun(room, room->ring->block->clock, 0);
	sleep_ticks(TIME_RANGE);
	await_epoch();
	first = room->puts_count;
	ring_put(room, 5); /* opens a block */
	KUNIT_EXPECT_EQ(test, room->ring->seq, 2ULL);
	before += epochs_begun(room, room->ring->block->clock, first);
	KUNIT_EXPECT_EQ(test, timed(room), before);
	fr_rings_resume(room->rings, fr_clock());
	sleep_ticks(TIME_RANGE);
	second = room->puts_count;
	ring_put(room, 5);
	KUNIT_EXPECT_GE(test, timed(room), before + 1);
	KUNIT_EXPECT_EQ(test, timed(room),
			before + epochs_begun(room, room->ring->block->clock,
					      second));
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* Rings that were begun by the other clock would hold both. */
static void take_monotonic_clock(struct kunit *test)
{
	ring_room_destroy(test->priv);
	static_branch_disable(&fr_clock_is_tsc);
	KUNIT_EXPECT_EQ(test, fr_clock_kind(), (u32)FLIGHTREC_CLOCK_MONO);
	test->priv =
		ring_room_create(FLIGHTREC_POLICY_PERCPU, BLOCKS, BLOCK_BYTES);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
}

static void time_words_monotonic_clock(struct kunit *test)
{
	take_monotonic_clock(test);
	check_time_words(test);
}

static void time_words_tsc(struct kunit *test)
{
	if (!fr_tsc_is_trusted())
		kunit_skip(test, "the TSC is not to be trusted here");
	KUNIT_EXPECT_EQ(test, fr_clock_kind(), (u32)FLIGHTREC_CLOCK_TSC);
	check_time_words(test);
}

/*
 * A record at @clock as fr_ring_write() composes it when @last was the time of
 * the one before, read in a block in which @last was the time so far.
 */
static u64 time_read(u64 last, u64 clock)
{
	bool long_time = fr_epoch(clock) != fr_epoch(last);
	struct tape_record read = {};
	u64 words[2];
	struct tape tape;

	words[0] = fr_word_long_time(clock);
	words[long_time] = fr_word_exit(1, 0) | fr_word_time(clock);
	tape_begin(&tape, words, 1 + long_time, last, 5);
	return tape_next(&tape, &read) ? read.time : 0;
}

static void times_at_the_limits(struct kunit *test)
{
	static const u64 lasts[] = {
		1,
		TIME_RANGE - 1,
		TIME_RANGE,
		5 * TIME_RANGE + 3,
		(1ULL << 59) - TIME_RANGE,
		(1ULL << 59) - 2,
		1ULL << 59,
		(7ULL << 59) - 1,
		1ULL << 63,
	};
	static const u64 distances[] = {
		0,
		1,
		TIME_RANGE - 1,
		TIME_RANGE,
		TIME_RANGE + 1,
		2 * TIME_RANGE - 1,
		1000 * TIME_RANGE,
		1ULL << 58,
		(1ULL << 59) - 1,
	};
	int i, j;

	for (i = 0; i < ARRAY_SIZE(lasts); i++)
		for (j = 0; j < ARRAY_SIZE(distances); j++)
			KUNIT_EXPECT_EQ(test,
					time_read(lasts[i],
						  lasts[i] + distances[j]),
					lasts[i] + distances[j]);
}

/*
 * The clock may step back a little; the tape's time stands still then. Here by a
 * second, so that two records fit in, even where the test is kept from going on.
 */
static void clock_that_steps_back(struct kunit *test)
{
	const u64 step = 8 * TIME_RANGE;
	struct ring_room *room;
	u64 ahead;

	take_monotonic_clock(test);
	room = test->priv;
	ring_put(room, 5);
	ahead = fr_clock() + step;
	room->puts[0].time = ahead;
	room->ring->last_clock = ahead;
	room->ring->epoch = fr_epoch(ahead);
	*(u64 *)(room->ring->block + 1) = fr_word_long_time(ahead);
	KUNIT_EXPECT_EQ(test, ring_put(room, 5), ahead);
	KUNIT_EXPECT_EQ(test, ring_put_mark(room, 20), ahead);
	sleep_ticks(step);
	KUNIT_EXPECT_GT(test, ring_put(room, 5), ahead);
	KUNIT_EXPECT_EQ(test, fr_ring_events(room->ring), 4ULL);
	KUNIT_EXPECT_LT(test, room->puts[2].time, ahead + 100 * TIME_RANGE);
}

/* ---- Gaps and counts ---------------------------------------------------- */

static void resume_states_the_gap(struct kunit *test)
{
	struct ring_room *room = test->priv;
	const struct flightrec_block *before = room->ring->block;
	const struct flightrec_block *after;
	u64 gap;

	ring_put(room, 5);
	fr_rings_close(room->rings);
	gap = fr_clock();
	fr_rings_resume(room->rings, gap);
	after = room->ring->block;
	KUNIT_EXPECT_PTR_NE(test, before, after);
	KUNIT_EXPECT_EQ(test, before->gap_clock, 0ULL);
	KUNIT_EXPECT_EQ(test, after->gap_clock, gap);
	KUNIT_EXPECT_GE(test, after->clock, gap);
	KUNIT_EXPECT_EQ(test, after->events, 1ULL);
	ring_put(room, 5); /* who runs is not known any more */
	KUNIT_EXPECT_EQ(test, stated(room), 2U);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* The head has 46 bits for the events; the count goes on beyond. */
static void events_beyond_46_bits(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	const u64 begin = (1ULL << 46) - 3;
	u32 i;

	ring->events = begin;
	ring->block->events = begin;
	local_set(&ring->head,
		  begin << FR_HEAD_EVENTS_SHIFT | FR_BLOCK_HEADER_WORDS);
	KUNIT_EXPECT_EQ(test, fr_ring_events(ring), begin);
	for (i = 1; i <= 10; i++) {
		ring_put(room, 5);
		KUNIT_EXPECT_EQ(test, fr_ring_events(ring), begin + i);
	}
	fill_to(room, 0);
	for (i = 0; i < 10; i++)
		ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, fr_ring_events(ring), begin + room->puts_count);
	KUNIT_EXPECT_EQ(test, ring->seq, 2ULL);
	KUNIT_EXPECT_EQ(test, ring->block->events,
			begin + room->puts_count - 10);
	EXPECT_NO_FAULT(test, ring_read_back(room));
}

/* ---- Would it be noticed? ----------------------------------------------- */

static u64 *first_word(struct ring_room *room)
{
	return (u64 *)(room->ring->block + 1);
}

static void hole_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;

	ring_put(room, 5);
	ring_put(room, 5);
	first_word(room)[1] = 0;
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "a word that was not written");
}

static void wrong_order_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u64 *words = first_word(room);
	u64 *last = words, *before = words;

	ring_put(room, 5);
	ring_put(room, 5);
	ring_put(room, 5);
	/* CURRENT stands first, and TIME may stand anywhere. */
	for (; *words; words++)
		if ((*words & FLIGHTREC_WORD_TYPE_MASK) ==
		    FLIGHTREC_WORD_EXIT) {
			before = last;
			last = words;
		}
	swap(*before, *last);
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "not the record that was written next");
}

static void wrong_counts_are_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;

	ring_put(room, 5);
	fill_to(room, 0);
	ring_put(room, 5);
	EXPECT_NO_FAULT(test, ring_room_fault(room));
	room->ring->block->events++;
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "block: the count of events before it is wrong");
	room->ring->block->events--;
	room->ring->block->seq++;
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "block: not the next one");
}

static void missing_time_word_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;
	u64 epoch;

	ring_put(room, 5);
	/* Again, if an epoch began meanwhile: then it has its TIME word. */
	do {
		sleep_ticks(TIME_RANGE);
		await_epoch();
		/* As if it had just been. */
		epoch = fr_epoch(fr_clock());
		room->ring->epoch = epoch;
		room->ring->fast_epoch = epoch;
	} while (fr_epoch(ring_put(room, 5)) != epoch);
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "a record has another time");
}

static void missing_current_word_is_noticed(struct kunit *test)
{
	struct ring_room *room = test->priv;

	ring_put(room, 5);
	room->ring->tape_tid = 6;
	ring_put(room, 6);
	KUNIT_EXPECT_STREQ(test, ring_room_fault(room),
			   "a record is another task's");
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(begins_empty),
	KUNIT_CASE(reads_back),
	KUNIT_CASE(reads_back_slowly),
	KUNIT_CASE(wraps),
	KUNIT_CASE(holds_all_blocks),
	KUNIT_CASE(record_is_never_split),
	KUNIT_CASE(record_may_fill_block),
	KUNIT_CASE(longest_records),
	KUNIT_CASE(largest_blocks),
	KUNIT_CASE(each_cpu_has_its_own),
	KUNIT_CASE(current_only_when_needed),
	KUNIT_CASE(block_states_current),
	KUNIT_CASE(time_word_after_block_only_when_needed),
	KUNIT_CASE(time_words_monotonic_clock),
	KUNIT_CASE(time_words_tsc),
	KUNIT_CASE(times_at_the_limits),
	KUNIT_CASE(clock_that_steps_back),
	KUNIT_CASE(resume_states_the_gap),
	KUNIT_CASE(events_beyond_46_bits),
	KUNIT_CASE(hole_is_noticed),
	KUNIT_CASE(wrong_order_is_noticed),
	KUNIT_CASE(wrong_counts_are_noticed),
	KUNIT_CASE(missing_time_word_is_noticed),
	KUNIT_CASE(missing_current_word_is_noticed),
	{},
};

struct kunit_suite fr_ring_suite = {
	.name = "ring",
	.init = ring_room_init_percpu,
	.exit = ring_room_exit,
	.test_cases = ring_cases,
};
