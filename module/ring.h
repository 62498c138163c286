/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rings: what one CPU writes into is a ring, a sequence of blocks. Knows
 * words, times and the running task, but no events.
 *
 * Blocks come from a pool. A CPU that needs one draws the pool's oldest closed
 * block, whose ever it was. Which CPUs share a pool is the policy: "percpu": none;
 * "shared": those of a node.
 *
 * Who touches what:
 *  - A ring is written by its own CPU alone, with preemption off. What can come
 *    in between is an interrupt on that CPU, which then runs to its end: writers
 *    of one CPU nest, they never interleave. No probe runs in NMI context (no
 *    tracepoint used here fires there), so interrupts off excludes everyone.
 *  - A block is its CPU's from when it is drawn until it is given back. What the
 *    pool keeps of it (struct fr_block_note) is written by its CPU then, and
 *    under the pool's lock while it is drawn.
 *  - Others read a ring when the recorder is frozen and every writer has left
 *    (synchronize_rcu() after the state changed); or they copy a block, and look
 *    behind that whether it is still the one it was (fr_held_copy()). The
 *    statistics read single fields by READ_ONCE().
 *
 * The write path: read the head, then the clock, then cmpxchg the head forward
 * (not locked: only this CPU's interrupts compete). If an interrupt wrote in
 * between, the head has moved and all is read again, so that the order of words
 * is the order of times. The words are then stored and the first one last, by a
 * release store: a first word of zero is "reserved, not yet written".
 *
 * The head is one 64-bit word, so that one cmpxchg moves all of it:
 *
 *	bits  0..13	position of the next free word in the open block
 *	bits 14..17	pending: reservations made but not yet committed. More than
 *			one when an interrupt nests
 *	bits 18..63	events reserved on this CPU since the start. It only grows,
 *			so a head never has an earlier value again (no ABA)
 */
#ifndef FR_RING_H
#define FR_RING_H

#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <asm/local.h>

#include "clock.h"
#include "record.h"

#define FR_HEAD_POSITION_BITS  14
#define FR_HEAD_PENDING_SHIFT  FR_HEAD_POSITION_BITS
#define FR_HEAD_PENDING_BITS   4
#define FR_HEAD_EVENTS_SHIFT   (FR_HEAD_POSITION_BITS + FR_HEAD_PENDING_BITS)
#define FR_HEAD_POSITION_MASK  ((1UL << FR_HEAD_POSITION_BITS) - 1)
#define FR_HEAD_PENDING_MASK   ((1UL << FR_HEAD_PENDING_BITS) - 1)
#define FR_HEAD_EVENTS_MASK    (~0UL >> FR_HEAD_EVENTS_SHIFT)
#define FR_HEAD_PENDING_ONE    (1UL << FR_HEAD_PENDING_SHIFT)
#define FR_HEAD_EVENT_ONE      (1UL << FR_HEAD_EVENTS_SHIFT)

#define FR_BLOCK_BYTES_MIN     4096U
#define FR_BLOCK_BYTES_MAX     65536U
#define FR_BLOCK_BYTES_DEFAULT 16384U
#define FR_BLOCKS_MIN	       4U	  /* a CPU */
#define FR_BLOCKS_MAX	       (1U << 25) /* in all: their list must be to be had */
#define FR_BLOCK_NONE	       (~0U)
#define FR_BLOCK_HEADER_WORDS  (sizeof(struct flightrec_block) / sizeof(u64))
/* TIME and CURRENT may stand before a record. */
#define FR_PREFIX_WORDS_MAX    2

/* No task: makes the next record state the running one. */
#define FR_TID_UNKNOWN	       (~0U)

/* No epoch: makes the next record find out what it needs. */
#define FR_EPOCH_NONE	       (~0ULL)

struct fr_slot;
struct fr_ring;

/**
 * struct fr_block_note - what a pool knows of one of its blocks
 * @number: counts the pool's blocks as they are drawn, from 1; 0: there is nothing
 *	to be read here, or it is being made ready
 * @seq: as the block's header has it, as @clock
 * @clock: when it was opened
 * @until_clock: when it was closed
 * @until_mono_ns: the same
 * @cpu: whose it is, or was last
 * @next: the one that was given back after it, or that its CPU closed after it
 */
struct fr_block_note {
	u64 number;
	u64 seq;
	u64 clock;
	u64 until_clock;
	u64 until_mono_ns;
	u32 cpu;
	u32 next;
};

/**
 * struct fr_pool - blocks, and those of them that can be drawn
 * @lock: protects what follows, and the notes of blocks that are in the queue.
 *	Raw, taken with interrupts off, by each CPU once a block; nothing else is
 *	taken or called under it. What one waits for is a few dozen instructions
 *	of each other CPU of the pool
 * @drawn: how many blocks were drawn
 * @oldest: the queue of closed blocks, in the order in which they were given back;
 *	FR_BLOCK_NONE: empty
 * @newest: its end
 * @rings: whose pool it is; constant, as all that follows
 * @blocks: the memory
 * @notes: of each block
 * @count: how many blocks
 * @block_bytes: size of one
 * @node: where the memory is
 * @first_cpu: the first of its CPUs
 */
struct fr_pool {
	raw_spinlock_t lock;
	u64 drawn;
	u32 oldest;
	u32 newest;

	struct fr_ring __percpu *rings;
	void *blocks;
	struct fr_block_note *notes;
	u32 count;
	u32 block_bytes;
	int node;
	int first_cpu;
};

/**
 * struct fr_ring - one CPU's ring
 * @head: see above
 * @block: the open block
 * @running: the probes': the slot of the target that runs on this CPU; NULL: a
 *	bystander
 * @running_tid: its tid; 0: a bystander's
 * @fast_epoch: as @epoch, if the next record needs no CURRENT word when it is
 *	@running's; else FR_EPOCH_NONE
 * @epoch: of a time not later than the last record's: its upper bits, which
 *	the record does not have. As long as they stay the same no TIME word
 *	is needed. Stored after the cmpxchg, so an interrupt between the two
 *	finds an older value; that is safe, it only costs a TIME word that was
 *	not needed
 * @tape_tid: the task that a reader of the tape takes to be running. An
 *	interrupt in the same place finds an older value, which costs a
 *	CURRENT word that was not needed
 * @words: size of a block in words
 * @last_clock: the last record's time, or later, of a clock that may step back;
 *	not the TSC's
 * @seq: number of the open block, from 1
 * @closed: an event found no block, so nothing more goes into the open one: what
 *	was lost was lost right before the next one
 * @floor: no block with a lower number has a reservation pending in it. Those from
 *	here to the open one are the CPU's, the others may have been drawn by
 *	somebody
 * @events: events before the open block (the head's count in 64 bits)
 * @lost_events: events that found no block
 * @lost_clock: when the last of them was lost
 * @since_clock: when its oldest block was opened. Written by whoever draws the one
 *	before that, under the pool's lock, as the two that follow
 * @since_mono_ns: the same
 * @since_seq: number of its oldest block
 * @pool: where its blocks come from
 * @open: index in the pool of the open block
 * @kept_first: closed blocks in which a store may be pending, from @floor on: the
 *	first of the chain of their notes; FR_BLOCK_NONE: none
 * @kept_last: the last one
 * @share: how many blocks it can have open and kept, so that one is left for each
 *	other CPU of the pool
 * @node: of its memory; as it was at the start, if the CPU has another one now
 * @cpu: whose ring this is
 * @watch: the probes': a target waits for this CPU, and so many switches between
 *	bystanders are still to be recorded. Set by other CPUs, too, when they
 *	wake a target that ran here last, or put one here; so it has a line of its own. Not
 *	atomic: what gets lost is a hint
 *
 * All but the first line and the last is used once a block, with interrupts off, by
 * its CPU; @since_clock to @since_seq by others, too.
 */
struct fr_ring {
	local_t head;
	struct flightrec_block *block;
	struct fr_slot *running;
	u64 fast_epoch;
	u64 epoch;
	u32 running_tid;
	u32 tape_tid;
	u32 words;

	u64 last_clock;
	u64 seq;
	u64 floor;
	u64 events;
	u64 lost_events;
	u64 lost_clock;
	u64 since_clock;
	u64 since_mono_ns;
	u64 since_seq;
	struct fr_pool *pool;
	u32 open;
	u32 kept_first;
	u32 kept_last;
	u32 share;
	int node;
	u32 cpu;
	bool closed;

	u32 watch ____cacheline_aligned_in_smp;
} ____cacheline_aligned;

u64 fr_rings_need(u64 ring_bytes, u32 block_bytes);
int fr_rings_create(u64 ring_bytes, u32 block_bytes, u32 policy,
		    struct fr_ring __percpu **rings);
void fr_rings_destroy(struct fr_ring __percpu *rings);
u64 fr_rings_bytes(struct fr_ring __percpu *rings);
u64 fr_rings_notes_bytes(struct fr_ring __percpu *rings);
u64 fr_rings_blocks(struct fr_ring __percpu *rings);
u64 fr_rings_drawn(struct fr_ring __percpu *rings);
u64 fr_rings_oldest_clock(struct fr_ring __percpu *rings);
void fr_rings_begin(struct fr_ring __percpu *rings);
void fr_rings_close(struct fr_ring __percpu *rings);
void fr_rings_resume(struct fr_ring __percpu *rings, u64 gap_clock);

u64 fr_ring_events(const struct fr_ring *ring);

/**
 * struct fr_reach - which blocks of a CPU a window holds
 * @first_seq: number of the first one
 * @count: how many
 * @settled_seq: in those with lower numbers no store was pending
 * @at: where they begin among those of all CPUs
 */
struct fr_reach {
	u64 first_seq;
	u64 count;
	u64 settled_seq;
	u64 at;
};

/**
 * struct fr_held - a block that a window holds
 * @pool: its pool; NULL: it was drawn before it was found
 * @number: as in its note
 * @seq: as in its header
 * @clock: when it was opened; 0: it was not found
 * @cpu: whose it is
 * @index: in the pool
 * @settled: no store was pending in it
 */
struct fr_held {
	const struct fr_pool *pool;
	u64 number;
	u64 seq;
	u64 clock;
	u32 cpu;
	u32 index;
	bool settled;
};

u64 fr_rings_reach(struct fr_ring __percpu *rings, struct fr_reach *reaches);
void fr_rings_hold(struct fr_ring __percpu *rings,
		   const struct fr_reach *reaches, struct fr_held *held);
bool fr_held_copy(const struct fr_held *held, struct flightrec_block *to);

static inline const struct flightrec_block *
fr_held_block(const struct fr_held *held)
{
	return held->pool->blocks +
	       (size_t)held->index * held->pool->block_bytes;
}

static __always_inline u64 fr_head_position(u64 head)
{
	return head & FR_HEAD_POSITION_MASK;
}

static __always_inline u64 fr_head_pending(u64 head)
{
	return head >> FR_HEAD_PENDING_SHIFT & FR_HEAD_PENDING_MASK;
}

static __always_inline u64 fr_head_events(u64 head)
{
	return head >> FR_HEAD_EVENTS_SHIFT;
}

/* A time's upper bits, which a record does not have. */
static __always_inline u64 fr_epoch(u64 clock)
{
	return clock >> FLIGHTREC_WORD_TIME_BITS;
}

/*
 * Move the head by a record of @words words, all told. Return: whether it was
 * still there.
 */
static __always_inline bool fr_ring_reserve(struct fr_ring *ring, u64 head,
					    unsigned int words)
{
	return fr_local_cmpxchg(&ring->head, head,
				head + words + FR_HEAD_PENDING_ONE +
					FR_HEAD_EVENT_ONE);
}

/*
 * Store a first word: the record is on the tape. Release: whoever sees it sees
 * the words behind it. Pairs with the reader's order, which is given by
 * synchronize_rcu() before it looks.
 */
static __always_inline void fr_ring_commit(struct fr_ring *ring, u64 *to,
					   u64 word)
{
	/* The words behind it first. */
	smp_store_release(to, word);
	/* One instruction: an interrupt comes before it or after it. */
	local_sub(FR_HEAD_PENDING_ONE, &ring->head);
}

u64 fr_ring_write(struct fr_ring *ring, const u64 *words, unsigned int count,
		  u32 tid, u32 tid_after);
u64 fr_ring_write_word_slowly(struct fr_ring *ring, u64 word, u32 tid,
			      u32 tid_after);

/* A record of a few words, in registers; the first one has no time yet. */
struct fr_words {
	u64 first, second, third, fourth;
};

/**
 * fr_ring_try_write() - the fast path of a record
 * @ring: this CPU's ring; the tape implies the current task: it is @running's, or
 *	the caller has looked
 * @words: the record
 * @count: how many words, a constant, 1 to 4
 * @clock: (out) the record's time, if it was written
 *
 * Nothing but these words is to be written, there is room, no interrupt comes in
 * between, the clock is the TSC. If anything is not so, nothing has been done, and
 * the record is left to fr_ring_write().
 *
 * Context: as fr_ring_write(). Return: whether it was written.
 */
static __always_inline bool fr_ring_try_write(struct fr_ring *ring,
					      const struct fr_words words,
					      const unsigned int count,
					      u64 *clock)
{
	struct flightrec_block *block;
	u32 position;
	u64 head;
	u64 *to;

	if (!static_branch_likely(&fr_clock_is_tsc))
		return false;
	/* Head first: all that follows is void if it has moved. */
	head = local_read(&ring->head);
	block = READ_ONCE(ring->block);
	*clock = fr_tsc();
	if (unlikely(fr_epoch(*clock) != READ_ONCE(ring->fast_epoch)))
		return false;
	position = fr_head_position(head);
	if (unlikely(position + (count - 1) >= ring->words))
		return false;
	if (unlikely(!fr_ring_reserve(ring, head, count)))
		return false;
	to = (u64 *)block + position;
	if (count > 3)
		to[3] = words.fourth;
	if (count > 2)
		to[2] = words.third;
	if (count > 1)
		to[1] = words.second;
	fr_ring_commit(ring, to, words.first | fr_word_time(*clock));
	return true;
}

/**
 * fr_ring_write_word() - fr_ring_write() for a record of one word
 * @ring: this CPU's ring
 * @word: the record, without its time
 * @tid: the task that runs
 * @tid_after: the one that runs after it: another one for a SWITCH only
 *
 * The fast path, of any task's record.
 *
 * Context, Return: as fr_ring_write().
 */
static __always_inline u64 fr_ring_write_word(struct fr_ring *ring, u64 word,
					      u32 tid, u32 tid_after)
{
	const struct fr_words words = { .first = word };
	u64 clock;

	/*
	 * What an interrupt writes between this look and the head's is of the
	 * same task; a SWITCH is written with interrupts off.
	 */
	if (unlikely(READ_ONCE(ring->tape_tid) != tid) ||
	    unlikely(!fr_ring_try_write(ring, words, 1, &clock)))
		return fr_ring_write_word_slowly(ring, word, tid, tid_after);
	if (tid_after != tid)
		WRITE_ONCE(ring->tape_tid, tid_after);
	return clock;
}

#endif /* FR_RING_H */
