// SPDX-License-Identifier: GPL-2.0
/* The rings: blocks, handed out and closed. See ring.h. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "ring.h"

static u32 ring_block_bytes(const struct fr_ring *ring)
{
	return ring->words * sizeof(u64);
}

static struct flightrec_block *ring_block_at(const struct fr_ring *ring, u32 i)
{
	return ring->blocks + (size_t)i * ring_block_bytes(ring);
}

/*
 * Close the open block: from here on its header says how much of it is used.
 * Interrupts are off, or nobody writes.
 */
static void ring_close(struct fr_ring *ring)
{
	if (ring->closed)
		return;
	ring->block->used = fr_head_position(local_read(&ring->head)) *
			    sizeof(u64);
}

static void ring_set_position(struct fr_ring *ring, u64 position)
{
	u64 head = local_read(&ring->head);

	local_set(&ring->head,
		  (long)((head & ~FR_HEAD_POSITION_MASK) | position));
}

/*
 * A reader of the tape is at @clock now, and takes @tid to be running. The fast path
 * goes on from there, unless the next record of the target that runs needs a
 * CURRENT word.
 */
static void ring_note_tape(struct fr_ring *ring, u64 clock, u32 tid)
{
	u32 running_tid = READ_ONCE(ring->running_tid);

	WRITE_ONCE(ring->epoch, fr_epoch(clock));
	WRITE_ONCE(ring->tape_tid, tid);
	WRITE_ONCE(ring->fast_epoch,
		   tid == FR_TID_UNKNOWN ||
				   (running_tid && running_tid != tid) ?
			   FR_EPOCH_NONE :
			   fr_epoch(clock));
	/*
	 * An interrupt may have stored a later time meanwhile. On a clock that
	 * may step back the next record must not be taken for one after ours
	 * but before that; the TSC does not step back.
	 */
	if (!static_branch_likely(&fr_clock_is_tsc) &&
	    (s64)(clock - READ_ONCE(ring->last_clock)) > 0)
		WRITE_ONCE(ring->last_clock, clock);
}

/* An event is lost. The block is closed, so that no later one is before it. */
static void ring_lose(struct fr_ring *ring)
{
	WRITE_ONCE(ring->lost_events, ring->lost_events + 1);
	WRITE_ONCE(ring->lost_clock, fr_clock());
	ring_close(ring);
	ring->closed = true;
	ring_set_position(ring, ring->words);
}

/*
 * Zero the next block and make it the open one. @tid is what a reader is to take
 * for the running task. Interrupts are off, or nobody writes.
 *
 * Time: one memset of a block, 64 KiB at most; bounds how long interrupts stay
 * off here.
 */
static void ring_open(struct fr_ring *ring, u32 tid, u64 gap_clock)
{
	struct flightrec_block *block = ring_block_at(ring, ring->next);
	u64 head = local_read(&ring->head);
	u64 events = READ_ONCE(ring->events);
	struct fr_clock_pair now;

	if (++ring->next == ring->count)
		ring->next = 0;
	memset(block, 0, ring_block_bytes(ring));
	now = fr_clock_read_pair();
	events += (fr_head_events(head) - events) & FR_HEAD_EVENTS_MASK;

	block->magic = FLIGHTREC_BLOCK_MAGIC;
	block->cpu = ring->cpu;
	block->seq = ring->seq + 1;
	block->clock = now.clock;
	block->mono_ns = now.mono_ns;
	block->events = events;
	block->lost_events = ring->lost_events;
	block->gap_clock = gap_clock;
	block->tid = tid == FR_TID_UNKNOWN ? 0 : tid;
	block->used = sizeof(*block);

	WRITE_ONCE(ring->seq, ring->seq + 1);
	/* The head that was read, then this. Pairs with fr_ring_events(). */
	smp_wmb();
	WRITE_ONCE(ring->events, events);
	ring_note_tape(ring, now.clock, tid);
	WRITE_ONCE(ring->block, block);
	ring->closed = false;
	ring_set_position(ring, FR_BLOCK_HEADER_WORDS);
	if (ring->seq >= ring->count) {
		struct flightrec_block *oldest =
			ring_block_at(ring, ring->next);

		/* Not wrapped yet at seq == count: next is the first block. */
		WRITE_ONCE(ring->since_clock, oldest->clock);
		WRITE_ONCE(ring->since_mono_ns, oldest->mono_ns);
	}
}

/*
 * Get the next block: the one slow path of a writer. Return: false if there was
 * none; the event is counted as lost.
 *
 * Policy "percpu": the CPU's own oldest block. It must not be taken while a
 * writer that this one interrupted still has to store into it. With nothing
 * pending on this CPU, no block has a pending word, and everything below the
 * open block is safe from then on (@floor): pending reservations are made in
 * the open block, by contexts below this one. So an interrupt can go on for
 * all but one of the CPU's blocks before it must drop.
 */
static bool ring_next(struct fr_ring *ring, unsigned int words)
{
	unsigned long flags;
	bool got = true;
	u64 head;

	local_irq_save(flags);
	head = local_read(&ring->head);
	/* An interrupt may have been here since the caller looked. */
	if (fr_head_position(head) + words <= ring->words)
		goto out;
	if (!fr_head_pending(head))
		ring->floor = ring->seq;
	if (ring->seq + 1 - ring->floor >= ring->count) {
		ring_lose(ring);
		got = false;
		goto out;
	}
	ring_close(ring);
	ring_open(ring, current->pid, 0);
out:
	local_irq_restore(flags);
	return got;
}

/* ktime_get_mono_fast_ns() may step back a little: the tape's time stands still. */
static u64 ring_clock(const struct fr_ring *ring)
{
	u64 clock = fr_clock();
	u64 last = READ_ONCE(ring->last_clock);

	if (!static_branch_likely(&fr_clock_is_tsc) && (s64)(clock - last) < 0)
		return last;
	return clock;
}

/**
 * fr_ring_write() - put a record on this CPU's tape
 * @ring: this CPU's ring
 * @words: the record, without its time
 * @count: how many words, 1 to FR_RECORD_WORDS_MAX
 * @tid: the task that runs
 * @tid_after: the one that runs after it: another one for a SWITCH only
 *
 * Context: preemption off; task, softirq or hardirq, not NMI.
 * Return: the record's time; 0 if there was no block for it (counted).
 */
noinline u64 fr_ring_write(struct fr_ring *ring, const u64 *words,
			   unsigned int count, u32 tid, u32 tid_after)
{
	struct flightrec_block *block;
	bool current_tid, long_time;
	u64 head, clock, first;
	unsigned int all;
	u64 *to;

	for (;;) {
		/* Head first: all that follows is void if it has moved. */
		head = local_read(&ring->head);
		block = READ_ONCE(ring->block);
		current_tid = READ_ONCE(ring->tape_tid) != tid;
		clock = ring_clock(ring);
		long_time = READ_ONCE(ring->epoch) != fr_epoch(clock);
		all = count + current_tid + long_time;
		if (unlikely(fr_head_position(head) + all > ring->words)) {
			if (!ring_next(ring, all))
				return 0;
			continue;
		}
		if (likely(fr_ring_reserve(ring, head, all)))
			break;
	}
	/* From the last word to the first, which is left for the commit. */
	to = (u64 *)block + fr_head_position(head) + all;
	while (--count)
		*--to = words[count];
	first = words[0] | fr_word_time(clock);
	if (current_tid) {
		*--to = first;
		first = fr_word(FLIGHTREC_WORD_CURRENT, tid) |
			fr_word_time(clock);
	}
	if (long_time) {
		*--to = first;
		first = fr_word_long_time(clock);
	}
	ring_note_tape(ring, clock, tid_after);
	fr_ring_commit(ring, --to, first);
	return clock;
}

/* What fr_ring_write_word() leaves to others. */
noinline u64 fr_ring_write_word_slowly(struct fr_ring *ring, u64 word, u32 tid,
				       u32 tid_after)
{
	return fr_ring_write(ring, &word, 1, tid, tid_after);
}

static void ring_init(struct fr_ring *ring, int cpu, u32 count, u32 block_bytes)
{
	memset(ring, 0, sizeof(*ring));
	ring->cpu = cpu;
	ring->count = count;
	ring->words = block_bytes / sizeof(u64);
}

/**
 * fr_rings_create() - allocate a ring for every possible CPU
 * @ring_bytes: all rings together; what does not divide is not used
 * @block_bytes: a power of two, FR_BLOCK_BYTES_MIN to FR_BLOCK_BYTES_MAX
 * @rings: (out) the rings; for fr_rings_destroy()
 *
 * Each CPU's memory is of its own node. CPUs that are offline have theirs too,
 * so that nothing is to be done when they come, and their history stays when
 * they go.
 *
 * Context: process, may sleep. Return: 0, or -ENOMEM.
 */
int fr_rings_create(u64 ring_bytes, u32 block_bytes,
		    struct fr_ring __percpu **rings)
{
	u32 count = div_u64(ring_bytes, block_bytes * num_possible_cpus());
	struct fr_ring __percpu *all = alloc_percpu(struct fr_ring);
	int cpu;

	BUILD_BUG_ON(FR_BLOCK_BYTES_MAX / sizeof(u64) > FR_HEAD_POSITION_MASK);
	BUILD_BUG_ON(FR_BLOCK_BYTES_MIN / sizeof(u64) <
		     FR_BLOCK_HEADER_WORDS + FR_RECORD_WORDS_MAX +
			     FR_PREFIX_WORDS_MAX);
	if (!all)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct fr_ring *ring = per_cpu_ptr(all, cpu);

		ring_init(ring, cpu, count, block_bytes);
		ring->blocks = vzalloc_node((size_t)count * block_bytes,
					    cpu_to_node(cpu));
		if (!ring->blocks) {
			fr_rings_destroy(all);
			return -ENOMEM;
		}
	}
	*rings = all;
	return 0;
}

/* Nobody may be writing. Takes NULL. */
void fr_rings_destroy(struct fr_ring __percpu *rings)
{
	int cpu;

	if (!rings)
		return;
	for_each_possible_cpu(cpu)
		vfree(per_cpu_ptr(rings, cpu)->blocks);
	free_percpu(rings);
}

/* Memory held by the rings, in bytes. */
u64 fr_rings_bytes(struct fr_ring __percpu *rings)
{
	u64 bytes = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fr_ring *ring = per_cpu_ptr(rings, cpu);

		bytes += (u64)ring->count * ring_block_bytes(ring);
	}
	return bytes;
}

/*
 * The oldest instant to which any ring reaches back that holds something. Any
 * context.
 */
u64 fr_rings_oldest_clock(struct fr_ring __percpu *rings)
{
	u64 oldest = U64_MAX;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fr_ring *ring = per_cpu_ptr(rings, cpu);

		if (fr_ring_events(ring))
			oldest = min(oldest, READ_ONCE(ring->since_clock));
	}
	return oldest;
}

/*
 * Open each ring's first block. Nobody writes yet. The running task of another
 * CPU is not known here: the first record will state it.
 *
 * Context: process, may sleep.
 */
void fr_rings_begin(struct fr_ring __percpu *rings)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct fr_ring *ring = per_cpu_ptr(rings, cpu);

		ring_open(ring, FR_TID_UNKNOWN, 0);
		ring->since_clock = ring->block->clock;
		ring->since_mono_ns = ring->block->mono_ns;
		ring->floor = ring->seq;
		cond_resched();
	}
}

/* At the cut, when nobody writes: make the open blocks readable as they are. */
void fr_rings_close(struct fr_ring __percpu *rings)
{
	int cpu;

	for_each_possible_cpu(cpu)
		ring_close(per_cpu_ptr(rings, cpu));
}

/*
 * The open block holds no record: it may as well begin now. So a quiet CPU's
 * history is not used up by gaps.
 */
static void ring_begin_again(struct fr_ring *ring, u64 gap_clock)
{
	struct flightrec_block *block = ring->block;
	struct fr_clock_pair now;

	now = fr_clock_read_pair();
	if (!block->gap_clock)
		block->gap_clock = gap_clock;
	block->clock = now.clock;
	block->mono_ns = now.mono_ns;
	block->tid = 0;
	ring_note_tape(ring, now.clock, FR_TID_UNKNOWN);
}

/*
 * After a freeze, when nobody writes yet: go on in new blocks, whose headers
 * say that nothing was recorded since @gap_clock.
 *
 * Context: process, may sleep.
 */
void fr_rings_resume(struct fr_ring __percpu *rings, u64 gap_clock)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct fr_ring *ring = per_cpu_ptr(rings, cpu);

		if (fr_head_position(local_read(&ring->head)) ==
		    FR_BLOCK_HEADER_WORDS)
			ring_begin_again(ring, gap_clock);
		else
			ring_open(ring, FR_TID_UNKNOWN, gap_clock);
		ring->floor = ring->seq;
		ring->watch = 0;
		cond_resched();
	}
}

/**
 * fr_ring_events() - events recorded on a CPU since the start
 * @ring: any CPU's ring
 *
 * Exact when frozen, else a moment's count. Context: any.
 */
u64 fr_ring_events(const struct fr_ring *ring)
{
	u64 events = READ_ONCE(ring->events);
	u64 head;

	/*
	 * The count before the open block first: read after the head it could
	 * be ahead of it. Pairs with the smp_wmb() of ring_open().
	 */
	smp_rmb();
	head = local_read(&ring->head);
	return events + ((fr_head_events(head) - events) & FR_HEAD_EVENTS_MASK);
}

/*
 * How many blocks hold a piece of the tape: none of a CPU that recorded nothing.
 * Frozen only.
 */
u32 fr_ring_blocks_held(const struct fr_ring *ring)
{
	return fr_ring_events(ring) ? min_t(u64, ring->seq, ring->count) : 0;
}

/* The @i-th of them, the oldest being 0. Frozen only. */
const struct flightrec_block *fr_ring_block_held(const struct fr_ring *ring,
						 u32 i)
{
	u32 at = ring->seq < ring->count ? i : ring->next + i;

	return ring_block_at(ring, at < ring->count ? at : at - ring->count);
}
