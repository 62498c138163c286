/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pool of blocks that CPUs share: who draws which, while writers of each CPU nest.
 *
 * Checked, as they are told by -DPROPERTY_... in module/model/run's table:
 *
 *  pool_pending  A block in which a store is pending is never drawn, by whomever.
 *  pool_share    Whoever has less than his share finds a block: no CPU can make
 *                another one lose an event. None ever has more than its share.
 *  pool_oldest   Of each CPU the oldest block is drawn first, so that what is left
 *                of its tape has no hole, and the tape says rightly where it begins.
 *  pool_all      No block gets lost: each one is in the queue, open, or kept.
 *
 * Models: ring_next(), ring_go_on(), ring_keep(), ring_exchange(), pool_exchange(),
 * pool_forget(), fr_rings_resume().
 *
 * Left out, and why that is sound:
 *  - Interleaving within a hand-over. Interrupts are off, the queue has a lock, and
 *    the rest of it touches what is the CPU's own, but for "since", which is
 *    written under that lock.
 *  - What is written: ring.pml. A reservation is one step, its commit another;
 *    between them interrupts come, each of which ends before what it interrupted
 *    goes on: so the pending stores of a CPU are a stack.
 *  - Sizes. A block has room for WORDS records. The pool's size comes in by
 *    SHARE blocks for each of CPUS.
 */

#ifndef CPUS
#define CPUS	2
#endif
#ifndef SHARE
#define SHARE	2
#endif
#ifndef WORDS
#define WORDS	1
#endif
#ifndef EVENTS
#define EVENTS	5	/* of each CPU */
#endif
#ifndef RESUMES
#define RESUMES	1
#endif
#define BLOCKS	(CPUS * SHARE)
#define LEVELS	3	/* task, softirq, hardirq */
#define NOBODY	255

#ifdef PROPERTY_POOL_PENDING
#define pending_kept(what)	assert(what)
#else
#define pending_kept(what)	skip
#endif
#ifdef PROPERTY_POOL_SHARE
#define share(what)	assert(what)
#else
#define share(what)	skip
#endif
#ifdef PROPERTY_POOL_OLDEST
#define oldest(what)	assert(what)
#else
#define oldest(what)	skip
#endif
#ifdef PROPERTY_POOL_ALL
#define all(what)	assert(what)
#else
#define all(what)	skip
#endif

/* The pool's queue, and each CPU's kept blocks, in order. */
chan queue = [BLOCKS] of { byte };
chan kept[CPUS] = [BLOCKS] of { byte };

/* Of each block: stores pending in it, whose it is or was, its number there. */
byte stores[BLOCKS];
byte owner[BLOCKS];
byte number[BLOCKS];

/* Of each CPU; pending stores, LEVELS each, the lowest level first. */
byte open[CPUS];
byte position[CPUS];
byte seq[CPUS];
byte floor[CPUS];
byte since[CPUS];
byte depth[CPUS];
byte into[CPUS * LEVELS];
byte left[CPUS];
byte resumes = RESUMES;
byte begun;

/* Draw a block, for CPU c: pool_exchange(), pool_forget(). */
inline draw(c)
{
	share(nempty(queue));
	queue?b;
	pending_kept(stores[b] == 0);
	if
	:: owner[b] != NOBODY ->
		oldest(number[b] == since[owner[b]]);
		since[owner[b]] = number[b] + 1
	:: else -> skip
	fi;
	seq[c]++;
	owner[b] = c;
	number[b] = seq[c];
	open[c] = b;
	position[c] = 0
}

/* ring_exchange(): give back what was kept, if nothing can be pending there. */
inline give_back(c)
{
	if
	:: floor[c] > seq[c] ->
#ifdef DEFECT_NEWEST_FIRST
		/* The last one that was kept stands before the others. */
		k = len(kept[c]);
		do
		:: k > 1 -> kept[c]?b; kept[c]!b; k--
		:: else -> break
		od;
#endif
		do
		:: nempty(kept[c]) -> kept[c]?b; queue!b
		:: empty(kept[c]) -> break
		od
	:: else -> skip
	fi
}

/* ring_go_on() */
inline go_on(c)
{
	kept[c]!open[c];
#ifdef DEFECT_DRAW_FIRST
	draw(c);
	floor[c] = (floor[c] == seq[c] -> seq[c] + 1 : floor[c]);
	give_back(c);
	floor[c] = (floor[c] > seq[c] -> seq[c] : floor[c])
#else
	give_back(c);
	draw(c)
#endif
}

#ifdef DEFECT_NO_FLOOR
#define NOTHING_PENDING(c)	true
#else
#define NOTHING_PENDING(c)	(depth[c] == 0)
#endif
#ifdef DEFECT_NO_LIMIT
#define HAS_SHARE(c)		false
#else
#define HAS_SHARE(c)		(seq[c] + 1 - floor[c] >= SHARE)
#endif

/* A record of CPU c is reserved, or lost. */
inline reserve(c)
{
	left[c]--;
	if
	:: position[c] == WORDS ->
		if
		:: NOTHING_PENDING(c) -> floor[c] = seq[c] + 1
		:: else -> skip
		fi;
		if
		:: !HAS_SHARE(c) -> go_on(c)
		:: else -> skip
		fi
	:: else -> skip
	fi;
	if
	:: position[c] < WORDS ->
		position[c]++;
		stores[open[c]]++;
		into[c * LEVELS + depth[c]] = open[c];
		depth[c]++
	:: else -> skip
	fi;
	b = 0;
	k = 0;
	share(seq[c] + 1 - floor[c] <= SHARE)
}

inline commit(c)
{
	depth[c]--;
	stores[into[c * LEVELS + depth[c]]]--;
	into[c * LEVELS + depth[c]] = 0
}

proctype cpu(byte c)
{
	byte b, k;

end:
	do
	:: d_step { begun == CPUS && left[c] > 0 && depth[c] < LEVELS -> reserve(c) }
	:: d_step { depth[c] > 0 -> commit(c) }
	od
}

/* fr_rings_resume(), of one CPU after the other: nobody writes, nothing is pending. */
proctype controller()
{
	byte b, k, c;

	do
	:: d_step {
			resumes > 0 && begun == CPUS && depth[0] == 0 &&
			depth[CPUS - 1] == 0 ->
			resumes--;
			c = 0;
			do
			:: c < CPUS ->
				if
				:: position[c] > 0 ->
					floor[c] = seq[c] + 1;
					go_on(c)
				:: else -> skip /* ring_begin_again() */
				fi;
				c++
			:: else -> break
			od;
			b = 0; k = 0; c = 0
		}
	:: resumes == 0 -> break
	od
}

/* Each block is somewhere. */
proctype watch()
{
	byte c, there;

	atomic {
		timeout;
		there = len(queue);
		c = 0;
		do
		:: c < CPUS -> there = there + 1 + len(kept[c]); c++
		:: else -> break
		od;
		all(there == BLOCKS)
	}
}

init
{
	byte b, c, k;

	atomic {
		do
		:: b < BLOCKS -> owner[b] = NOBODY; queue!b; b++
		:: else -> break
		od;
		do
		:: c < CPUS ->
			since[c] = 1;
			left[c] = EVENTS;
			draw(c);
			floor[c] = 1;
			begun++;
			c++
		:: else -> break
		od;
		c = 0;
		do
		:: c < CPUS -> run cpu(c); c++
		:: else -> break
		od;
		run controller();
		run watch()
	}
}
