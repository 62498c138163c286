/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One CPU's ring: writers that nest, blocks that are handed over, losses; and
 * a controller on another CPU that freezes, reads, thaws and stops at any
 * moment.
 *
 * Checked, as they are told by -DPROPERTY_... in module/model/run's table:
 *
 *  whole    In a frozen window every record is whole: nothing below a block's
 *           "used" is unwritten, no record lacks a word or has one of another,
 *           and what is above "used" is zero. Also at any instant between two
 *           stores (what a crash dump holds): a first word that is there is
 *           followed by the rest of its record.
 *  counted  Events in the blocks + events lost = events that there were, and
 *           each block's header says the right numbers. What was lost between
 *           two blocks came after all of the earlier one and before all of the
 *           later one.
 *  ordered  Records of a ring are in the order of time, through all blocks;
 *           a block's clock, and a gap, are between what they part.
 *  pending  A block in which a store is pending is never handed out.
 *  frozen   Between the grace period of a freeze and the thaw, and after the
 *           memory is freed, no writer touches the ring.
 *  unhindered  No writer waits for anybody: whatever the controller or a reader
 *           does not do any more, every writer comes to its end.
 *
 * Models: fr_ring_write() (fr_ring_try_write() is one round of its loop; who fails
 * there has done nothing, and begins anew here), fr_ring_reserve(), fr_ring_commit(),
 * ring_next(), ring_lose(), ring_close(), ring_open(), ring_set_position(),
 * fr_rings_close(), fr_rings_resume(), ring_begin_again(), fr_recorder_is_on(),
 * freeze_for(), settle_window(), trip(), thaw(), stop(), drain(), begin_read(),
 * fr_window_copy(), ring_reach().
 *
 * Left out, and why that is sound:
 *  - Other CPUs that draw blocks of the same pool: pool.pml. Here the CPU has its
 *    share for itself, so it draws its own oldest one.
 *  - Interleaving. Everything on one CPU runs in program order as that CPU sees
 *    it; an interrupt comes between two instructions and runs to its end. So a
 *    step here is one access that an interrupt or the other CPU could find half
 *    done with its neighbours. Steps under local_irq_save() are one step: no
 *    interrupt comes in, and the other CPU looks at none of it before a grace
 *    period (the statistics look at single fields, which this does not model).
 *  - Weak memory. The other CPU reads the ring only behind synchronize_rcu(),
 *    which orders all that the writers did before it; the writers see its
 *    changes by the acquire of the state. What a missing release would do is
 *    planted (DEFECT_EARLY_THAW). For readers that do not wait see live.pml;
 *    for the state as two CPUs see it, cut.pml.
 *  - synchronize_rcu() is "the CPU was seen outside of every section with
 *    preemption off", which is what it promises.
 *  - Sizes. Blocks of WORDS words (a header apart) and records of one or two:
 *    one word less or more than fits, in the middle and at the end, are all
 *    there. TIME and CURRENT words are a record's first word like any other.
 *    All decisions of the ring are by comparison with the block's size and the
 *    ring's count, none by their value.
 *  - The clock stands still unless something is stored, lost or opened, which
 *    gives it one tick: the clock of a real machine has gone on at least as
 *    far. Two records of one time are an error here: the one whose time was
 *    read first stands last, and on a real clock would be out of order.
 *  - The values of epoch, fast_epoch and tape_tid decide only how many words a
 *    record has, which is chosen freely here.
 *  - The head's counts do not wrap: events have 46 bits, and pending 4 for at
 *    most three levels (asserted).
 *  - Three levels nest: task, softirq, hardirq. Levels of one kind follow each
 *    other, they do not nest.
 */

#ifndef BLOCKS
#define BLOCKS		3
#endif
#ifndef WORDS
#define WORDS		2
#endif
/* How many events each level has, at most. */
#ifndef TASK_EVENTS
#define TASK_EVENTS	2
#endif
#ifndef SOFTIRQ_EVENTS
#define SOFTIRQ_EVENTS	2
#endif
#ifndef HARDIRQ_EVENTS
#define HARDIRQ_EVENTS	4
#endif
#ifndef FREEZES
#define FREEZES		1
#endif

#define TASK		0
#define SOFTIRQ		1
#define HARDIRQ		2
#define LEVELS		3

#define IDLE		0
#define RECORDING	1
#define FROZEN		3

/* A word: a time, and what it is. Zero: nothing was written here. */
#define WORD(time, kind)	((time) * 4 + (kind))
#define WORD_TIME(word)		((word) / 4)
#define WORD_KIND(word)		((word) % 4)
#define ALONE		1	/* a record of one word */
#define FIRST		2	/* the first of two */
#define SECOND		3
#define TIME_MAX	63

/* Properties: one a verification, or all. */
#ifdef PROPERTY_ALL
#define PROPERTY_WHOLE
#define PROPERTY_COUNTED
#define PROPERTY_ORDERED
#define PROPERTY_PENDING
#define PROPERTY_FROZEN
#define PROPERTY_UNHINDERED
#endif
#ifdef PROPERTY_WHOLE
#define whole(what)	assert(what)
#else
#define whole(what)	skip
#endif
#ifdef PROPERTY_COUNTED
#define counted(what)	assert(what)
#else
#define counted(what)	skip
#endif
#ifdef PROPERTY_ORDERED
#define ordered(what)	assert(what)
#else
#define ordered(what)	skip
#endif
#ifdef PROPERTY_PENDING
#define pending_kept(what)	assert(what)
#else
#define pending_kept(what)	skip
#endif
#ifdef PROPERTY_FROZEN
#define still(what)	assert(what)
#else
#define still(what)	skip
#endif

/* ---- The CPU -------------------------------------------------------------- */

byte running = TASK;		/* which level has the CPU, but for hardirqs */
byte left[LEVELS];		/* events that may still come */
byte sections;			/* levels that are within preempt_disable() */
byte clock;

/* ---- The recorder and the ring --------------------------------------------- */

byte state = RECORDING;
bool locked;			/* recorder.lock, for DEFECT_WRITER_LOCKS alone */

byte head_position, head_pending, head_events;	/* ring->head, one word */
byte block;			/* ring->block, as an index */
byte seq = 1, floor = 1, next = 1;
byte lost_events;
bool closed;

byte words[BLOCKS * WORDS];
byte block_seq[BLOCKS], block_used[BLOCKS], block_events[BLOCKS];
byte block_lost[BLOCKS], block_clock[BLOCKS], block_gap[BLOCKS];

/* ---- What only the properties know ------------------------------------------ */

byte stores_pending[BLOCKS];	/* reservations without their store */
byte first_loss[BLOCKS];	/* when the first event was lost behind it */
byte happened;			/* events that were stored or lost */
bool is_still;			/* nobody may touch the ring */
bool stopped;			/* the controller does nothing any more */

hidden byte i, j, at, last, records, before, held, word;

/* ---- The reader's way through the blocks ------------------------------------ */

/* The record at words[at]; @from is the end of what may be read. */
inline read_record(end, strict)
{
	word = words[at * WORDS + j];
	whole(WORD_KIND(word) != SECOND);
	if
	:: WORD_KIND(word) == FIRST ->
		j++;
		whole(j < end);
		whole(words[at * WORDS + j] == WORD(WORD_TIME(word), SECOND))
	:: else -> skip
	fi;
	ordered(WORD_TIME(word) > last);
	last = WORD_TIME(word);
	counted(!strict || first_loss[at] == 0 || last < first_loss[at]);
	records++;
	j++
}

/* fr_ring_block_held(): block number i of those that are held. */
#define HELD(i)	(seq < BLOCKS -> (i) : (next + (i)) % BLOCKS)

/* The frozen window, as fr_window_copy() gives it out. */
inline read_window()
{
	d_step {
		held = (seq < BLOCKS -> seq : BLOCKS);
		i = 0;
		last = 0;
		do
		:: i < held ->
			at = HELD(i);
			counted(block_seq[at] + held == seq + 1 + i);
			if
			:: i > 0 ->
				before = HELD(i - 1);
				counted(block_events[at] ==
					block_events[before] + records);
				counted(block_lost[at] == block_lost[before] ||
					first_loss[before] != 0);
				counted(block_lost[at] > block_lost[before] ||
					first_loss[before] == 0);
				counted(first_loss[before] <= block_clock[at])
			:: else -> skip
			fi;
			ordered(block_gap[at] == 0 || block_gap[at] > last);
			ordered(block_clock[at] > last);
			ordered(block_gap[at] < block_clock[at]);
			last = block_clock[at];
			records = 0;
			j = 0;
			do
			:: j < block_used[at] ->
				whole(words[at * WORDS + j] != 0);
				read_record(block_used[at], true)
			:: else -> break
			od;
			do
			:: j < WORDS ->
				whole(words[at * WORDS + j] == 0);
				j++
			:: else -> break
			od;
			i++
		:: else -> break
		od;
		counted(block_events[at] + records == head_events);
		counted(head_events + lost_events == happened);
		i = 0; j = 0; at = 0; last = 0; records = 0; before = 0;
		held = 0; word = 0
	}
}

/* What memory holds at this instant: up to the first word that is not there. */
inline read_instant()
{
#ifdef PROPERTY_WHOLE
	i = 0;
	do
	:: i < BLOCKS ->
		at = i;
		last = 0;
		j = 0;
		do
		:: j < WORDS && words[at * WORDS + j] != 0 ->
			read_record(WORDS, false)
		:: else -> break
		od;
		i++
	:: else -> break
	od;
	i = 0; j = 0; at = 0; last = 0; records = 0; word = 0
#else
	skip
#endif
}

/* ---- ring.c ----------------------------------------------------------------- */

/* Nobody but the one who calls it touches the ring meanwhile. */
inline ring_close()
{
	if
	:: !closed -> block_used[block] = head_position
	:: else -> skip
	fi
}

inline ring_lose()
{
	clock++;
	if
	:: first_loss[block] == 0 -> first_loss[block] = clock
	:: else -> skip
	fi;
	happened++;
#ifndef DEFECT_LOSS_NOT_COUNTED
	lost_events++;
#endif
#ifndef DEFECT_LOSS_LEAVES_OPEN
	ring_close();
	closed = true;
	head_position = WORDS
#endif
}

inline ring_open(gap)
{
	pending_kept(stores_pending[next] == 0);
	i = 0;
	do
	:: i < WORDS -> words[next * WORDS + i] = 0; i++
	:: else -> i = 0; break
	od;
	clock++;
	seq++;
	block = next;
	next = (next + 1) % BLOCKS;
	block_seq[block] = seq;
	block_clock[block] = clock;
	block_events[block] = head_events;
	block_lost[block] = lost_events;
	block_gap[block] = gap;
	block_used[block] = 0;
	first_loss[block] = 0;
	closed = false;
	head_position = 0
}

/* One step: interrupts are off. @got: false if the event was lost. */
inline ring_next(length, got)
{
	d_step {
		still(!is_still);
		got = true;
		if
		:: head_position + length <= WORDS -> skip
		:: else ->
#ifdef DEFECT_NO_FLOOR
			floor = seq + 1;
#else
			if
			:: head_pending == 0 -> floor = seq + 1
			:: else -> skip
			fi;
#endif
			if
			:: seq + 1 - floor >= BLOCKS ->
				ring_lose();
				got = false
			:: else ->
				ring_close();
				ring_open(0)
			fi
		fi
	}
}

/* ---- The writers -------------------------------------------------------------- */

/* A store to the ring by a writer. */
#define STORE	still(!is_still)

inline store_second()
{
	d_step {
		STORE;
		if
		:: length == 2 -> words[b * WORDS + p + 1] = WORD(t, SECOND)
		:: else -> skip
		fi;
		read_instant()
	}
}

inline store_first()
{
	d_step {
		STORE;
		words[b * WORDS + p] = WORD(t, (length == 2 -> FIRST : ALONE));
		stores_pending[b]--;
		read_instant()
	}
}

inline take_back_pending()
{
	d_step { STORE; head_pending-- }
}

/* One instruction. */
inline local_cmpxchg(done)
{
	d_step {
		STORE;
		done = (p == head_position && n == head_pending &&
			e == head_events);
		if
		:: done ->
			head_position = head_position + length;
			head_pending++;
			head_events++;
			assert(head_pending <= LEVELS);
			stores_pending[b]++;
			happened++;
			clock++
		:: else -> skip
		fi
	}
}

#define CLOCK_READ	(clock + 1)

inline fr_ring_write()
{
	do
	::
#ifdef DEFECT_CLOCK_FIRST
		t = CLOCK_READ;
#endif
		d_step { p = head_position; n = head_pending; e = head_events };
		b = block;
#ifndef DEFECT_CLOCK_FIRST
		t = CLOCK_READ;
#endif
		if
		:: p + length > WORDS ->
			ring_next(length, got);
			if
			:: !got -> break
			:: else -> skip
			fi
		:: else ->
			local_cmpxchg(got);
			if
			:: got -> break
			:: else -> skip
			fi
		fi
	od;
	if
	:: !got -> skip
	:: else ->
#ifdef DEFECT_PENDING_FIRST
		take_back_pending();
#endif
#ifdef DEFECT_FIRST_WORD_FIRST
		store_first();
		store_second();
#else
		store_second();
		store_first();
#endif
#ifndef DEFECT_PENDING_FIRST
		take_back_pending();
#endif
		got = false
	fi
}

/* A probe that has found the recorder recording, behind preempt_disable(). */
inline record()
{
#ifdef DEFECT_WRITER_LOCKS
	!locked;
#endif
	if
	:: length = 1
	:: length = 2
	fi;
	fr_ring_write()
}

/* What it knows is forgotten, so that states are the same that differ in that. */
inline probe_end()
{
	sections--;
	p = 0; n = 0; e = 0; b = 0; t = 0; length = 0
}

proctype task() provided (running == TASK)
{
	byte p, n, e, b, t, length;
	bool got;

end:
	do
	:: left[TASK] > 0 ->
		d_step { left[TASK]--; sections++ };
		if
		:: state != RECORDING -> skip
		:: else -> record()
		fi;
		d_step { probe_end() }
	od
}

proctype softirq() provided (running == SOFTIRQ)
{
	byte p, n, e, b, t, length;
	bool got;

end:
	do
	:: record();
		d_step { probe_end(); running = TASK }
	od
}

/*
 * Softirqs come whenever interrupts are on. One that does not find the recorder
 * recording does nothing, and is left out; before its look at the state it has
 * preemption off for long.
 */
proctype softirqs()
{
end:
	do
	:: d_step {
			running == TASK && left[SOFTIRQ] > 0 &&
			state == RECORDING ->
			left[SOFTIRQ]--;
			sections++;
			running = SOFTIRQ
		}
	od
}

/*
 * So do hardirqs; nobody interrupts them, so one is one step. The other CPU
 * finds all that it could find in between, too, when a softirq does it.
 */
proctype hardirqs()
{
	byte p, n, e, b, t, length;
	bool got;

end:
	do
	:: atomic {
			left[HARDIRQ] > 0 && state == RECORDING ->
			left[HARDIRQ]--;
			sections++;
			record();
			d_step { probe_end() }
		}
	od
}

/* ---- recorder.c, on another CPU ------------------------------------------------ */

inline synchronize_rcu()
{
#ifndef DEFECT_NO_GRACE
	sections == 0
#else
	skip
#endif
}

inline fr_rings_resume(gap)
{
	d_step {
		if
		:: head_position == 0 ->
			/* ring_begin_again() */
			clock++;
			block_gap[block] = (block_gap[block] == 0 -> gap :
					    block_gap[block]);
			block_clock[block] = clock
		:: else ->
			ring_open(gap)
		fi;
		floor = seq
	}
}

inline freeze()
{
	locked = true;
	state = FROZEN;
	synchronize_rcu();
	d_step { clock++; stopped_clock = clock; is_still = true };
	d_step { ring_close() };
	locked = false
}

inline thaw()
{
	locked = true;
#ifdef DEFECT_EARLY_THAW
	/* Without the release the state may be seen before the rings. */
	state = RECORDING;
#endif
	fr_rings_resume(stopped_clock);
	is_still = false;
	state = RECORDING;
	locked = false
}

/* The memory goes: nobody may touch it. Nobody reads it, either. */
inline stop()
{
	state = IDLE;
#ifndef DEFECT_FREE_WITHOUT_GRACE
	synchronize_rcu();
#endif
	is_still = true
}

proctype controller() provided (!stopped)
{
	byte stopped_clock, freezes;

#ifdef WAIT_FOR_EVENTS
	left[TASK] + left[SOFTIRQ] + left[HARDIRQ] + sections == 0;
#endif
	do
	:: freezes < FREEZES ->
		freezes++;
		freeze();
		locked = true;
		read_window();
		locked = false;
		thaw()
	:: break
	od;
	if
	:: freeze(); read_window()
	:: stop()
	fi
}

/* A controller that is killed, or sleeps for ever, at any point. */
proctype accident()
{
	if
	:: stopped = true
	:: true
	fi
}

/* When nothing can go on any more, every writer has come to its end. */
proctype watch()
{
	timeout;
	assert(sections == 0 && left[TASK] == 0)
}

init
{
	d_step {
		left[TASK] = TASK_EVENTS;
		left[SOFTIRQ] = SOFTIRQ_EVENTS;
		left[HARDIRQ] = HARDIRQ_EVENTS;
		/* fr_rings_begin() */
		clock = 1;
		block_seq[0] = 1;
		block_clock[0] = 1
	};
	atomic {
		run task();
		run softirq();
		run softirqs();
		run hardirqs();
		run controller();
#ifdef PROPERTY_UNHINDERED
		run accident();
		run watch()
#endif
	}
}
