// SPDX-License-Identifier: GPL-2.0
/*
 * Rings that share their blocks: who draws which, what becomes of the tape of a CPU
 * that writes little. The CPUs' rings are written by hand, from this one.
 */
#include <linux/cpumask.h>
#include <linux/topology.h>

#include "clock.h"
#include "rings.h"
#include "suites.h"

/* Another CPU's ring that shares the room's pool; skips the test if there is none. */
static struct fr_ring *neighbour(struct kunit *test)
{
	struct ring_room *room = test->priv;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct fr_ring *ring = per_cpu_ptr(room->rings, cpu);

		if (ring != room->ring && ring->pool == room->ring->pool)
			return ring;
	}
	kunit_skip(test, "needs two CPUs of a node");
	return NULL;
}

/* Write @count records to @ring, which are not noted down. */
static void write_elsewhere(struct fr_ring *ring, u32 count)
{
	const u64 word = fr_word_exit(1, 0);

	preempt_disable();
	while (count--)
		fr_ring_write(ring, &word, 1, 7, 7);
	preempt_enable();
}

/* As many as fill every block of the pool, and then some. */
static u32 more_than_all(const struct fr_ring *ring)
{
	return (ring->pool->count + 2) * ring->words;
}

static void cpus_of_a_node_share(struct kunit *test)
{
	struct ring_room *room = test->priv;
	int cpu, other;

	for_each_possible_cpu(cpu)
		for_each_possible_cpu(other)
			KUNIT_EXPECT_EQ(
				test,
				per_cpu_ptr(room->rings, cpu)->pool ==
					per_cpu_ptr(room->rings, other)->pool,
				cpu_to_node(cpu) == cpu_to_node(other));
	KUNIT_EXPECT_EQ(test, fr_rings_bytes(room->rings),
			(u64)BLOCKS * BLOCK_BYTES * num_possible_cpus());
}

static void percpu_rings_do_not(struct kunit *test)
{
	struct ring_room *room =
		ring_room_create(FLIGHTREC_POLICY_PERCPU, BLOCKS, BLOCK_BYTES);
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, room);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test,
				per_cpu_ptr(room->rings, cpu)->pool->first_cpu,
				cpu);
	ring_room_destroy(room);
}

/* All blocks but one for each other CPU hold what the one that writes has written. */
static void one_that_writes_gets_all(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;
	u32 cpus = ring->pool->count / ring->share;
	u32 i;

	for (i = 0; i < min(more_than_all(ring), PUTS_MAX); i++)
		ring_put(room, 5);
	KUNIT_EXPECT_EQ(test, ring_blocks_held(ring),
			ring->pool->count - (cpus - 1));
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, ring->lost_events, 0ULL);
	KUNIT_EXPECT_EQ(test, ring_block_held(ring, 0)->seq, ring->since_seq);
	KUNIT_EXPECT_EQ(test, ring->since_clock,
			ring_block_held(ring, 0)->clock);
	KUNIT_EXPECT_EQ(test, ring->since_mono_ns,
			ring_block_held(ring, 0)->mono_ns);
}

/* The open block of one that writes little stays its own, and so does its tape. */
static void open_block_is_not_drawn(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *busy = neighbour(test);
	const struct flightrec_block *open = room->ring->block;
	u64 since = room->ring->since_clock;

	ring_put(room, 5);
	write_elsewhere(busy, more_than_all(busy));
	ring_put(room, 5);
	KUNIT_EXPECT_PTR_EQ(test, (const void *)room->ring->block,
			    (const void *)open);
	KUNIT_EXPECT_EQ(test, room->ring->since_clock, since);
	KUNIT_EXPECT_EQ(test, ring_blocks_held(room->ring), 1U);
	EXPECT_NO_FAULT(test, ring_read_back(room));
	KUNIT_EXPECT_EQ(test, room->read, 2U);
}

/* Its closed ones are drawn, the oldest first; then its tape begins later. */
static void closed_blocks_are_drawn_in_order(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *busy = neighbour(test);
	u64 seq, since;

	while (room->ring->seq < 3 && ring_put(room, 5))
		;
	seq = room->ring->since_seq;
	KUNIT_EXPECT_EQ(test, seq, 1ULL);
	while (room->ring->since_seq < 3 && busy->seq < 1000) {
		write_elsewhere(busy, 1);
		EXPECT_NO_FAULT(test, ring_read_back(room));
		KUNIT_EXPECT_LE(test, room->ring->since_seq, seq + 1);
		seq = room->ring->since_seq;
		since = ring_block_held(room->ring, 0)->clock;
		KUNIT_EXPECT_EQ(test, room->ring->since_clock, since);
	}
	KUNIT_EXPECT_EQ(test, ring_blocks_held(room->ring), 1U);
}

/* Reserve a record of the room's ring, without storing it. */
static u64 *reserve(struct ring_room *room)
{
	struct fr_ring *ring = room->ring;
	u64 *to = (u64 *)ring->block +
		  fr_head_position(local_read(&ring->head));

	local_add(1 + FR_HEAD_PENDING_ONE + FR_HEAD_EVENT_ONE, &ring->head);
	return to;
}

/*
 * A writer that was interrupted has a store pending: however much others write, and
 * the interrupt itself, its block stays until it has stored.
 */
static void pending_block_is_not_drawn(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *busy = neighbour(test);
	struct fr_ring *ring = room->ring;
	u64 seq, *to;

	ring_put(room, 5);
	seq = ring->seq;
	to = reserve(room);
	while (ring_put(room, 5)) /* until the interrupt has used its share */
		;
	KUNIT_EXPECT_EQ(test, ring->seq + 1 - seq, (u64)ring->share);
	write_elsewhere(busy, more_than_all(busy));
	KUNIT_EXPECT_EQ(test, ring->since_seq, seq);
	KUNIT_EXPECT_EQ(test, *to, 0ULL);
	KUNIT_EXPECT_EQ(test, ring->lost_events, 1ULL);
	/* It never costs another CPU an event. */
	KUNIT_EXPECT_EQ(test, busy->lost_events, 0ULL);
	WRITE_ONCE(*to, fr_word_exit(1, 0) | fr_word_time(fr_clock()));
	local_sub(FR_HEAD_PENDING_ONE, &ring->head);
	ring_put(room, 5);
	write_elsewhere(busy, more_than_all(busy));
	KUNIT_EXPECT_EQ(test, ring_blocks_held(ring), 1U);
}

/* Every CPU has used its share in an interrupt, and still nobody finds none. */
static void each_has_its_share(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *first = room->ring;
	int cpu;

	for_each_possible_cpu(cpu) {
		room->ring = per_cpu_ptr(room->rings, cpu);
		reserve(room);
	}
	for_each_possible_cpu(cpu) {
		room->ring = per_cpu_ptr(room->rings, cpu);
		while (!room->ring->lost_events)
			write_elsewhere(room->ring, 1);
		KUNIT_EXPECT_EQ(test, room->ring->seq, (u64)BLOCKS);
		KUNIT_EXPECT_EQ(test, room->ring->since_seq, 1ULL);
	}
	KUNIT_EXPECT_EQ(test, first->pool->oldest, FR_BLOCK_NONE);
	/* And they all come back. */
	for_each_possible_cpu(cpu) {
		struct fr_ring *ring = per_cpu_ptr(room->rings, cpu);

		local_sub(FR_HEAD_PENDING_ONE, &ring->head);
		write_elsewhere(ring, 1);
		KUNIT_EXPECT_EQ(test, ring->seq, BLOCKS + 1ULL);
	}
	write_elsewhere(first, more_than_all(first));
	KUNIT_EXPECT_EQ(test, ring_blocks_held(first),
			first->pool->count -
				(first->pool->count / first->share - 1));
	room->ring = first;
}

/* Thawed with blocks kept and nothing pending: no more than the share is had. */
static void resume_gives_back(struct kunit *test)
{
	struct ring_room *room = test->priv;
	struct fr_ring *ring = room->ring;

	reserve(room);
	while (ring->seq < 3)
		write_elsewhere(ring, 1);
	local_sub(FR_HEAD_PENDING_ONE, &ring->head);
	KUNIT_EXPECT_NE(test, ring->kept_first, FR_BLOCK_NONE);
	fr_rings_close(room->rings);
	fr_rings_resume(room->rings, fr_clock());
	KUNIT_EXPECT_EQ(test, ring->kept_first, FR_BLOCK_NONE);
	KUNIT_EXPECT_EQ(test, ring->floor, ring->seq);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(cpus_of_a_node_share),
	KUNIT_CASE(percpu_rings_do_not),
	KUNIT_CASE(one_that_writes_gets_all),
	KUNIT_CASE(open_block_is_not_drawn),
	KUNIT_CASE(closed_blocks_are_drawn_in_order),
	KUNIT_CASE(pending_block_is_not_drawn),
	KUNIT_CASE(each_has_its_share),
	KUNIT_CASE(resume_gives_back),
	{},
};

struct kunit_suite fr_pool_suite = {
	.name = "pool",
	.init = ring_room_init_shared,
	.exit = ring_room_exit,
	.test_cases = pool_cases,
};
