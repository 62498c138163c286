/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rings for tests, and what the tests put on them: numbered records, of which
 * each carries the number under which it stands in a list of what was written.
 */
#ifndef FR_KUNIT_RINGS_H
#define FR_KUNIT_RINGS_H

#include <kunit/test.h>

#include "ring.h"
#include "tape.h"

#define PUTS_MAX  20000U
/* What a test reserves by hand is not limited by ring_put(). */
#define PUTS_ROOM (PUTS_MAX + 100U)

/**
 * struct put - a record that was written
 * @time: what fr_ring_write() returned
 * @tid: who ran
 */
struct put {
	u64 time;
	u32 tid;
};

/**
 * struct ring_room - rings, and what was written to one of them
 * @rings: one a CPU
 * @ring: the one; a test may choose another
 * @block_bytes: size of its blocks
 * @puts: what was written
 * @puts_count: how many
 * @slow: never take the fast path of a record of one word
 * @next: which one the reader expects; U32_MAX: any
 * @timed: TIME words that were read
 * @stated: CURRENT words that were read
 * @read: records that were read
 * @fault: what was wrong with one
 */
struct ring_room {
	struct fr_ring __percpu *rings;
	struct fr_ring *ring;
	u32 block_bytes;
	struct put *puts;
	u32 puts_count;
	bool slow;
	u32 next;
	u32 timed;
	u32 stated;
	u32 read;
	const char *fault;
};

/* What suites have: as many blocks for each CPU, of this size. */
#define BLOCKS	    4U
#define BLOCK_BYTES 4096U

int ring_room_init_percpu(struct kunit *test);
int ring_room_init_shared(struct kunit *test);
void ring_room_exit(struct kunit *test);

struct ring_room *ring_room_create(u32 policy, u32 blocks, u32 block_bytes);
void ring_room_destroy(struct ring_room *room);

u64 ring_put(struct ring_room *room, u32 tid);
u64 ring_put_mark(struct ring_room *room, u32 bytes);
void ring_note(struct ring_room *room, u64 time, u32 tid);
void ring_numbered(struct ring_room *room, struct fr_record *record);
u32 ring_free_words(const struct fr_ring *ring);
u32 ring_blocks_held(const struct fr_ring *ring);
const struct flightrec_block *ring_block_held(const struct fr_ring *ring,
					      u32 i);
const char *ring_room_fault(struct ring_room *room);
const char *ring_read_back(struct ring_room *room);

#endif /* FR_KUNIT_RINGS_H */
