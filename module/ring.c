// SPDX-License-Identifier: GPL-2.0
/* The rings: blocks, handed out and closed. See ring.h. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "ring.h"

/* ---- Pools -------------------------------------------------------------- */

static struct flightrec_block *pool_block(const struct fr_pool *pool, u32 i)
{
	return pool->blocks + (size_t)i * pool->block_bytes;
}

/* A block is drawn: the tape of whose it was begins behind it from now on. */
static void pool_forget(struct fr_pool *pool, struct fr_block_note *note)
{
	struct fr_ring *owner = per_cpu_ptr(pool->rings, note->cpu);

	if (!note->number)
		return;
	WRITE_ONCE(owner->since_clock, note->until_clock);
	WRITE_ONCE(owner->since_mono_ns, note->until_mono_ns);
	/* Behind the owner's own seq, which the lock has passed on: see ring_reach(). */
	smp_store_release(&owner->since_seq, note->seq + 1);
	WRITE_ONCE(note->number, 0);
}

/*
 * Give back a chain of blocks, from @first to @last, if any; then draw the oldest
 * one. There is one: no CPU has more than its share, and who draws has less.
 * Interrupts are off. Return: which one, and its @number.
 */
static u32 pool_exchange(struct fr_pool *pool, u32 first, u32 last, u64 *number)
{
	u32 i;

	raw_spin_lock(&pool->lock);
	if (first != FR_BLOCK_NONE) {
		if (pool->oldest == FR_BLOCK_NONE)
			pool->oldest = first;
		else
			pool->notes[pool->newest].next = first;
		pool->newest = last;
	}
	i = pool->oldest;
	pool->oldest = pool->notes[i].next;
	pool_forget(pool, &pool->notes[i]);
	*number = ++pool->drawn;
	raw_spin_unlock(&pool->lock);
	return i;
}

/* Takes NULL. */
static void pool_destroy(struct fr_pool *pool)
{
	if (!pool)
		return;
	vfree(pool->blocks);
	vfree(pool->notes);
	kfree(pool);
}

/* All blocks are in the queue, and were never drawn. Return: NULL: no memory. */
static struct fr_pool *pool_create(struct fr_ring __percpu *rings,
				   int first_cpu, u32 count, u32 block_bytes)
{
	int node = per_cpu_ptr(rings, first_cpu)->node;
	struct fr_pool *pool = kzalloc_node(sizeof(*pool), GFP_KERNEL, node);
	u32 i;

	if (!pool)
		return NULL;
	raw_spin_lock_init(&pool->lock);
	pool->rings = rings;
	pool->count = count;
	pool->block_bytes = block_bytes;
	pool->node = node;
	pool->first_cpu = first_cpu;
	pool->blocks = vzalloc_node((size_t)count * block_bytes, node);
	pool->notes =
		vzalloc_node(array_size(count, sizeof(*pool->notes)), node);
	if (!pool->blocks || !pool->notes) {
		pool_destroy(pool);
		return NULL;
	}
	for (i = 0; i < count; i++)
		pool->notes[i].next = i + 1 < count ? i + 1 : FR_BLOCK_NONE;
	pool->newest = count - 1;
	return pool;
}

/* ---- Handing over ------------------------------------------------------- */

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

/* The open block is closed for good @now. It is kept until it can be given back. */
static void ring_keep(struct fr_ring *ring, const struct fr_clock_pair *now)
{
	struct fr_block_note *notes = ring->pool->notes;
	struct fr_block_note *note = &notes[ring->open];

	note->until_clock = now->clock;
	note->until_mono_ns = now->mono_ns;
	note->next = FR_BLOCK_NONE;
	if (ring->kept_first == FR_BLOCK_NONE)
		ring->kept_first = ring->open;
	else
		notes[ring->kept_last].next = ring->open;
	ring->kept_last = ring->open;
}

/*
 * Draw a block, and give back the kept ones if no store can be pending in any.
 * Interrupts are off.
 */
static u32 ring_exchange(struct fr_ring *ring, u64 *number)
{
	u32 first = FR_BLOCK_NONE;

	if (ring->floor > ring->seq) {
		first = ring->kept_first;
		ring->kept_first = FR_BLOCK_NONE;
	}
	return pool_exchange(ring->pool, first, ring->kept_last, number);
}

/*
 * Draw a block, zero it, and make it the open one, from @now on. @tid is what a
 * reader is to take for the running task. Interrupts are off.
 *
 * Time: one memset of a block, 64 KiB at most; bounds how long interrupts stay
 * off here.
 */
static void ring_open(struct fr_ring *ring, struct fr_clock_pair now, u32 tid,
		      u64 gap_clock)
{
	struct fr_pool *pool = ring->pool;
	u64 head = local_read(&ring->head);
	u64 events = READ_ONCE(ring->events);
	struct flightrec_block *block;
	struct fr_block_note *note;
	u64 number;

	ring->open = ring_exchange(ring, &number);
	block = pool_block(pool, ring->open);
	note = &pool->notes[ring->open];
	/* It has no number any more, then this. Pairs with fr_held_copy(). */
	smp_wmb();
	memset(block, 0, pool->block_bytes);
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
	WRITE_ONCE(note->cpu, ring->cpu);
	WRITE_ONCE(note->seq, ring->seq + 1);
	WRITE_ONCE(note->clock, now.clock);
	/* All that is there, then its number. Pairs with fr_held_copy(). */
	smp_store_release(&note->number, number);
	/* That, too, before who looks for it knows of it: fr_rings_reach(). */
	smp_store_release(&ring->seq, ring->seq + 1);
	/* The head that was read, then this. Pairs with fr_ring_events(). */
	smp_wmb();
	WRITE_ONCE(ring->events, events);
	ring_note_tape(ring, now.clock, tid);
	WRITE_ONCE(ring->block, block);
	ring->closed = false;
	ring_set_position(ring, FR_BLOCK_HEADER_WORDS);
}

/*
 * Close the open block, and go on in another. @settled: no store is pending on this
 * CPU. Interrupts are off.
 */
static void ring_go_on(struct fr_ring *ring, bool settled, u32 tid,
		       u64 gap_clock)
{
	struct fr_clock_pair now = fr_clock_read_pair();

	ring_close(ring);
	if (settled) {
		/* What is in it, its size, then this. Pairs with ring_reach(). */
		smp_store_release(&ring->floor, ring->seq + 1);
	}
	ring_keep(ring, &now);
	ring_open(ring, now, tid, gap_clock);
}

/*
 * Get the next block: the one slow path of a writer. Return: false if there was
 * none; the event is counted as lost.
 *
 * A block must not be drawn by anybody while a writer that this one interrupted
 * still has to store into it. With nothing pending on this CPU, none of its blocks
 * has a pending word, and it gives them all back (@floor): pending reservations are
 * made in the open block, by contexts below this one. Else it keeps what it closes.
 * So an interrupt can go on for all but one of the CPU's share before it must drop.
 */
static bool ring_next(struct fr_ring *ring, unsigned int words)
{
	unsigned long flags;
	bool settled;
	bool got = true;
	u64 head;

	local_irq_save(flags);
	head = local_read(&ring->head);
	/* An interrupt may have been here since the caller looked. */
	if (fr_head_position(head) + words <= ring->words)
		goto out;
	settled = !fr_head_pending(head);
	if (!settled && ring->seq + 1 - ring->floor >= ring->share) {
		ring_lose(ring);
		got = false;
		goto out;
	}
	ring_go_on(ring, settled, current->pid, 0);
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

/* ---- All rings ---------------------------------------------------------- */

/* How many blocks there are for each CPU. */
static u32 blocks_share(u64 ring_bytes, u32 block_bytes)
{
	return div_u64(ring_bytes, block_bytes * num_possible_cpus());
}

/* What the rings need beside @ring_bytes, in bytes; both may be anything but 0. */
u64 fr_rings_need(u64 ring_bytes, u32 block_bytes)
{
	return div_u64(ring_bytes, block_bytes) * sizeof(struct fr_block_note);
}

/* Do two CPUs have one pool? The same whenever it is asked. */
static bool cpus_share(struct fr_ring __percpu *rings, u32 policy, int one,
		       int other)
{
	return policy == FLIGHTREC_POLICY_SHARED ?
		       per_cpu_ptr(rings, one)->node ==
			       per_cpu_ptr(rings, other)->node :
		       one == other;
}

/* The pool of @first_cpu and of those that come after it and share it. */
static int pool_init(struct fr_ring __percpu *rings, int first_cpu, u32 policy,
		     u32 share, u32 block_bytes)
{
	struct fr_pool *pool;
	u32 cpus = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		cpus += cpus_share(rings, policy, first_cpu, cpu);
	pool = pool_create(rings, first_cpu, share * cpus, block_bytes);
	if (!pool)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		if (cpus_share(rings, policy, first_cpu, cpu))
			per_cpu_ptr(rings, cpu)->pool = pool;
	return 0;
}

static void ring_init(struct fr_ring *ring, int cpu, u32 share, u32 block_bytes)
{
	memset(ring, 0, sizeof(*ring));
	ring->cpu = cpu;
	ring->share = share;
	ring->node = cpu_to_node(cpu);
	ring->kept_first = FR_BLOCK_NONE;
	ring->words = block_bytes / sizeof(u64);
	ring->since_seq = 1;
}

/**
 * fr_rings_create() - allocate a ring for every possible CPU
 * @ring_bytes: all rings together; what does not divide is not used
 * @block_bytes: a power of two, FR_BLOCK_BYTES_MIN to FR_BLOCK_BYTES_MAX
 * @policy: FLIGHTREC_POLICY_*
 * @rings: (out) the rings; for fr_rings_destroy()
 *
 * Each CPU's memory is of its own node. CPUs that are offline have a share, too,
 * so that nothing is to be done when they come, and their history stays when
 * they go (until others need the blocks, if those are shared).
 *
 * Context: process, may sleep. Return: 0, or -ENOMEM.
 */
int fr_rings_create(u64 ring_bytes, u32 block_bytes, u32 policy,
		    struct fr_ring __percpu **rings)
{
	u32 share = blocks_share(ring_bytes, block_bytes);
	struct fr_ring __percpu *all = alloc_percpu(struct fr_ring);
	int cpu;

	BUILD_BUG_ON(FR_BLOCK_BYTES_MAX / sizeof(u64) > FR_HEAD_POSITION_MASK);
	BUILD_BUG_ON(FR_BLOCK_BYTES_MIN / sizeof(u64) <
		     FR_BLOCK_HEADER_WORDS + FR_RECORD_WORDS_MAX +
			     FR_PREFIX_WORDS_MAX);
	if (!all)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		ring_init(per_cpu_ptr(all, cpu), cpu, share, block_bytes);
	for_each_possible_cpu(cpu)
		if (!per_cpu_ptr(all, cpu)->pool &&
		    pool_init(all, cpu, policy, share, block_bytes)) {
			fr_rings_destroy(all);
			return -ENOMEM;
		}
	*rings = all;
	return 0;
}

/* The pool of which @cpu is the first CPU, or NULL. */
static struct fr_pool *pool_of_first(struct fr_ring __percpu *rings, int cpu)
{
	struct fr_pool *pool = per_cpu_ptr(rings, cpu)->pool;

	return pool && pool->first_cpu == cpu ? pool : NULL;
}

/* Nobody may be writing. Takes NULL. */
void fr_rings_destroy(struct fr_ring __percpu *rings)
{
	int cpu;

	if (!rings)
		return;
	/* From the last to the first: a pool is looked up by each of its CPUs. */
	for (cpu = nr_cpu_ids - 1; cpu >= 0; cpu--)
		if (cpu_possible(cpu))
			pool_destroy(pool_of_first(rings, cpu));
	free_percpu(rings);
}

/* How many blocks there are in all. Any context. */
u64 fr_rings_blocks(struct fr_ring __percpu *rings)
{
	u64 blocks = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		blocks += per_cpu_ptr(rings, cpu)->share;
	return blocks;
}

/* How many have been drawn since the start: a moment's count. Any context. */
u64 fr_rings_drawn(struct fr_ring __percpu *rings)
{
	u64 drawn = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		drawn += READ_ONCE(per_cpu_ptr(rings, cpu)->seq);
	return drawn;
}

/* Size of the tape, in bytes. */
u64 fr_rings_bytes(struct fr_ring __percpu *rings)
{
	int first = cpumask_first(cpu_possible_mask);

	return fr_rings_blocks(rings) *
	       per_cpu_ptr(rings, first)->pool->block_bytes;
}

/* Memory that the rings hold beside it. */
u64 fr_rings_notes_bytes(struct fr_ring __percpu *rings)
{
	return fr_rings_blocks(rings) * sizeof(struct fr_block_note);
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
		unsigned long flags;

		local_irq_save(flags);
		ring_open(ring, fr_clock_read_pair(), FR_TID_UNKNOWN, 0);
		local_irq_restore(flags);
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
		unsigned long flags;

		local_irq_save(flags);
		if (fr_head_position(local_read(&ring->head)) ==
		    FR_BLOCK_HEADER_WORDS) {
			ring_begin_again(ring, gap_clock);
		} else {
			ring_go_on(ring, true, FR_TID_UNKNOWN, gap_clock);
		}
		local_irq_restore(flags);
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

/* ---- What a window holds ------------------------------------------------ */

static void ring_reach(const struct fr_ring *ring, struct fr_reach *reach)
{
	u64 last, count;

	/*
	 * The first, then the last: whoever draws blocks comes not past the open
	 * one. Pairs with pool_forget().
	 */
	reach->first_seq = smp_load_acquire(&ring->since_seq);
	/* It, then what its note says. Pairs with ring_open(). */
	last = smp_load_acquire(&ring->seq);
	/* Pairs with ring_go_on(). What it was a while ago will do. */
	reach->settled_seq = smp_load_acquire(&ring->floor);
	/* Long ago, if we were kept from going on: no more are there than that. */
	count = min_t(u64, last + 1 - reach->first_seq, ring->pool->count);
	reach->first_seq = last + 1 - count;
	reach->count = fr_ring_events(ring) ? count : 0;
}

/**
 * fr_rings_reach() - how many blocks of each CPU hold a piece of the tape
 * @rings: recording or not
 * @reaches: (out) one for each possible CPU, by its number; none of a CPU that
 *	recorded nothing has a block
 *
 * While recording goes on: behind a grace period, all that was written before it is
 * in these blocks, as far as they are not drawn anew.
 *
 * Context: process. Return: how many there are in all.
 */
u64 fr_rings_reach(struct fr_ring __percpu *rings, struct fr_reach *reaches)
{
	u64 all = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		ring_reach(per_cpu_ptr(rings, cpu), &reaches[cpu]);
		reaches[cpu].at = all;
		all += reaches[cpu].count;
	}
	return all;
}

/* Note the block down in its place, if it is one of those. */
static void hold(const struct fr_pool *pool, u32 i,
		 const struct fr_reach *reaches, struct fr_held *held)
{
	const struct fr_block_note *note = &pool->notes[i];
	const struct fr_reach *reach;
	u64 number, seq, clock;

	/* The number, then what goes with it. Pairs with ring_open(). */
	number = smp_load_acquire(&note->number);
	if (!number)
		return;
	reach = &reaches[READ_ONCE(note->cpu)];
	seq = READ_ONCE(note->seq);
	clock = READ_ONCE(note->clock);
	/* Has it been another's meanwhile? Likewise. */
	smp_rmb();
	if (READ_ONCE(note->number) != number)
		return;
	/* Those before are not of the window, those behind later than its cut. */
	if (seq - reach->first_seq >= reach->count)
		return;
	held += reach->at + seq - reach->first_seq;
	held->pool = pool;
	held->number = number;
	held->clock = clock;
	held->index = i;
	held->settled = seq < reach->settled_seq;
}

/* Which ones there are to be found. */
static void hold_none(int cpu, const struct fr_reach *reach,
		      struct fr_held *held)
{
	u64 i;

	for (i = 0; i < reach->count; i++) {
		held[reach->at + i].seq = reach->first_seq + i;
		held[reach->at + i].cpu = cpu;
		cond_resched();
	}
}

/**
 * fr_rings_hold() - find those blocks
 * @rings: recording or not
 * @reaches: what fr_rings_reach() has told
 * @held: (out) as many as it has told of, zeroed: those of each CPU together, the
 *	oldest first
 *
 * Context: process, may sleep.
 */
void fr_rings_hold(struct fr_ring __percpu *rings,
		   const struct fr_reach *reaches, struct fr_held *held)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hold_none(cpu, &reaches[cpu], held);
	for_each_possible_cpu(cpu) {
		const struct fr_pool *pool = pool_of_first(rings, cpu);
		u32 i;

		for (i = 0; pool && i < pool->count; i++) {
			hold(pool, i, reaches, held);
			cond_resched();
		}
	}
}

/*
 * A copy of a block to which a store was pending, or which is open: it ends with the
 * first word that is not written yet. That is later than the cut: what is not was
 * there before the grace period ended.
 */
static void end_copy(struct flightrec_block *copy, u32 block_bytes)
{
	const u64 *words = (const u64 *)copy;
	u32 count = block_bytes / sizeof(u64);
	u32 i = FR_BLOCK_HEADER_WORDS;

	while (i < count && words[i])
		i++;
	copy->used = i * sizeof(u64);
	memset((void *)copy + copy->used, 0, block_bytes - copy->used);
}

/**
 * fr_held_copy() - copy a block, while its CPU may be writing on
 * @held: a block that was found
 * @to: (out) a whole block, if it was copied
 *
 * Context: process. Return: false: it was drawn meanwhile, and what stands in @to
 * is of no use.
 */
bool fr_held_copy(const struct fr_held *held, struct flightrec_block *to)
{
	const struct fr_pool *pool = held->pool;

	if (!pool)
		return false;
	/* What is stored meanwhile is later than the cut, or not used. */
	data_race(memcpy(to, fr_held_block(held), pool->block_bytes));
	/* The copy, then the look whether it was one. Pairs with ring_open(). */
	smp_rmb();
	if (READ_ONCE(pool->notes[held->index].number) != held->number)
		return false;
	if (!held->settled)
		end_copy(to, pool->block_bytes);
	return true;
}
