// SPDX-License-Identifier: GPL-2.0
/* Rings for tests. See rings.h. */
#include <linux/vmalloc.h>

#include "clock.h"
#include "rings.h"

/* The number of a record is the result of an EXIT of this call. */
#define NUMBERED_CALL 7

/* Takes NULL. */
void ring_room_destroy(struct ring_room *room)
{
	if (!room)
		return;
	fr_rings_destroy(room->rings);
	vfree(room->puts);
	vfree(room);
}

/* Rings of @blocks blocks each, begun. Under test is the first CPU's. */
struct ring_room *ring_room_create(u32 policy, u32 blocks, u32 block_bytes)
{
	struct ring_room *room = vzalloc(sizeof(*room));
	u64 bytes = (u64)blocks * block_bytes * num_possible_cpus();

	if (!room)
		return NULL;
	room->puts = vzalloc(array_size(PUTS_ROOM, sizeof(*room->puts)));
	if (!room->puts ||
	    fr_rings_create(bytes, block_bytes, policy, &room->rings)) {
		ring_room_destroy(room);
		return NULL;
	}
	room->block_bytes = block_bytes;
	room->ring = per_cpu_ptr(room->rings, cpumask_first(cpu_possible_mask));
	fr_rings_begin(room->rings);
	return room;
}

static int room_init(struct kunit *test, u32 policy)
{
	fr_clock_choose();
	test->priv = ring_room_create(policy, BLOCKS, BLOCK_BYTES);
	return test->priv ? 0 : -ENOMEM;
}

/* For suites: a room as test->priv, in which each CPU has blocks of its own. */
int ring_room_init_percpu(struct kunit *test)
{
	return room_init(test, FLIGHTREC_POLICY_PERCPU);
}

/* The same, in which they share them. */
int ring_room_init_shared(struct kunit *test)
{
	return room_init(test, FLIGHTREC_POLICY_SHARED);
}

/* A test may have chosen another clock. */
void ring_room_exit(struct kunit *test)
{
	ring_room_destroy(test->priv);
	fr_clock_choose();
}

/* Note down a record that was written. */
void ring_note(struct ring_room *room, u64 time, u32 tid)
{
	room->puts[room->puts_count++] = (struct put){ time, tid };
}

/* The record that ring_note() is called for next. */
void ring_numbered(struct ring_room *room, struct fr_record *record)
{
	fr_record_exit(record, NUMBERED_CALL, 0, room->puts_count);
}

/*
 * Write a numbered record while @tid runs. Return: as fr_ring_write(); 0, too,
 * when there have been PUTS_MAX, so that no loop goes on for ever.
 */
u64 ring_put(struct ring_room *room, u32 tid)
{
	struct fr_record record;
	u64 time;

	if (room->puts_count >= PUTS_MAX)
		return 0;
	ring_numbered(room, &record);
	preempt_disable();
	if (room->slow)
		time = fr_ring_write(room->ring, record.words, record.count,
				     tid, tid);
	else
		time = fr_ring_write_word(room->ring, record.words[0], tid,
					  tid);
	preempt_enable();
	if (time)
		ring_note(room, time, tid);
	return time;
}

/* Write a mark of @bytes, without a number, while task 5 runs. */
u64 ring_put_mark(struct ring_room *room, u32 bytes)
{
	static const char text[FLIGHTREC_MARK_MAX];
	struct fr_record record;
	u64 time;

	fr_record_mark(&record, text, bytes);
	preempt_disable();
	time = fr_ring_write(room->ring, record.words, record.count, 5, 5);
	preempt_enable();
	return time;
}

/* How many blocks of the CPU hold a piece of its tape, when nobody writes. */
u32 ring_blocks_held(const struct fr_ring *ring)
{
	return fr_ring_events(ring) ? ring->seq + 1 - ring->since_seq : 0;
}

/* The @i-th of them, the oldest being 0. */
const struct flightrec_block *ring_block_held(const struct fr_ring *ring, u32 i)
{
	const struct fr_pool *pool = ring->pool;
	u32 at;

	for (at = 0; at < pool->count; at++) {
		const struct fr_block_note *note = &pool->notes[at];

		if (note->number && note->cpu == ring->cpu &&
		    note->seq == ring->since_seq + i)
			return pool->blocks + (size_t)at * pool->block_bytes;
	}
	return NULL;
}

/* How many words the open block has left. */
u32 ring_free_words(const struct fr_ring *ring)
{
	return ring->words - fr_head_position(local_read(&ring->head));
}

static const char *put_fault(struct ring_room *room, u32 number,
			     const struct tape_record *record)
{
	const struct put *put = &room->puts[number];

	if (room->next != U32_MAX && number != room->next)
		return "not the record that was written next";
	if (number >= room->puts_count)
		return "a record that was not written";
	room->next = number + 1;
	if (record->time != put->time)
		return "a record has another time";
	return record->tid == put->tid ? NULL : "a record is another task's";
}

static void check_record(void *data, const struct tape_record *record)
{
	struct ring_room *room = data;
	u32 nr = record->payload & ((1U << FLIGHTREC_NR_BITS) - 1);
	u32 number = record->payload >> FLIGHTREC_NR_BITS;

	room->read++;
	room->timed += record->timed;
	room->stated += record->stated;
	if (record->type != FLIGHTREC_WORD_EXIT || nr != NUMBERED_CALL)
		return; /* the test's own */
	/* The first fault is the one to tell. */
	if (!room->fault)
		room->fault = put_fault(room, number, record);
}

static const char *blocks_fault(struct ring_room *room)
{
	struct tape_cpu cpu = {
		.cpu = room->ring->cpu,
		.visit = check_record,
		.data = room,
	};
	u32 i;

	for (i = 0; i < ring_blocks_held(room->ring); i++) {
		const struct flightrec_block *block =
			ring_block_held(room->ring, i);
		const char *fault =
			block ? tape_cpu_block(&cpu, block, room->block_bytes) :
				"a block is nowhere";

		if (fault)
			return fault;
	}
	if (cpu.events != fr_ring_events(room->ring))
		return "the ring counts other events than its blocks hold";
	return NULL;
}

/**
 * ring_room_fault() - are the ring's blocks as they must be?
 * @room: nobody writes
 *
 * Checks what is numbered against what was noted down, in order; the oldest may
 * be gone. Sets the counters.
 *
 * Return: what is wrong, NULL if nothing.
 */
const char *ring_room_fault(struct ring_room *room)
{
	const char *fault;

	fr_rings_close(room->rings);
	room->next = U32_MAX;
	room->read = 0;
	room->timed = 0;
	room->stated = 0;
	room->fault = NULL;
	fault = blocks_fault(room);
	return fault ?: room->fault;
}

/* Likewise, and is the last record that was written the last one there? */
const char *ring_read_back(struct ring_room *room)
{
	const char *fault = ring_room_fault(room);

	if (fault)
		return fault;
	return room->next == room->puts_count ?
		       NULL :
		       "the last records are not there";
}
