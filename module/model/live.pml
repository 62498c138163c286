/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A live window: a reader on another CPU copies blocks behind a writer that goes
 * on, and may lap it. Stores and loads are reordered as far as the
 * kernel's memory model allows, so that each barrier is either needed or not here.
 *
 * Checked, as they are told by -DPROPERTY_... in module/model/run's table:
 *
 *  live_whole    Of what is delivered (records up to the cut, in blocks that were
 *                accepted) every record is whole, and belongs to that block.
 *  live_ordered  What is delivered is in the order of time, through all blocks,
 *                and none is delivered twice.
 *  live_counted  What the window says is missing and what it delivers make up
 *                at least all events up to the cut; and exactly them if no block
 *                was overrun. Between two accepted neighbours nothing is missing.
 *  live_unhindered  No writer waits for a reader, wherever that stops for ever.
 *
 * Models: ring_open(), fr_ring_write(), fr_ring_commit(), ring_next(),
 * pool_forget(), fr_cut_take(), make(), fr_rings_reach(), ring_reach(), hold(),
 * fr_held_copy(), end_copy().
 *
 * The protocol; where here is one "seq" of a block, the code has a number that no
 * other block of the pool ever has, since the block may have been another CPU's:
 *
 *  writer, handing over:  seq = 0; smp_wmb(); zeros, header; smp_wmb(); seq = new
 *  writer, a record:      its words but the first; first word by store-release
 *  reader:  cut = clock; synchronize_rcu(); S = ring->seq (acquire), E = events;
 *           for each number n of the last BLOCKS up to S:
 *             s = block's seq; smp_rmb(); copy; smp_rmb(); is seq still s = n?
 *
 * What came out of it:
 *  - Every barrier of the writer and the smp_rmb() before the re-check are needed,
 *    though the grace period has passed: a block can be handed over after it. The
 *    smp_rmb() before the copy is not (DEFECT_NO_RMB_BEFORE_COPY finds nothing):
 *    the load of ring->seq stands before it, and must be an acquire; "seq = new"
 *    and ring->seq are stored behind the same barrier.
 *  - The grace period is what keeps records up to the cut from being torn; the
 *    order of a record's own words is not needed for them, since whatever comes
 *    later is dropped by its time. (A crash dump needs it: ring.pml, "whole".)
 *  - Without the grace period release and acquire would not do: a writer that has
 *    read its clock before the cut may store behind the copy.
 *  - A header's count of events may be compared with what the block before it
 *    delivered only if its clock is not later than the cut; but one that is later
 *    is needed all the same, when the block before it was overrun. If block S
 *    itself was, E bounds what is missing. Both may count some events from
 *    behind the cut: never too few.
 *
 * Left out, and why that is sound:
 *  - What is the CPU's own (head, clock, cmpxchg): ring.pml. Here a reservation
 *    is one step, but for the clock that is read before it.
 *  - Stores wait in a buffer and leave it in any order, those to one address in
 *    theirs. A barrier for stores waits until it is empty: nobody else can tell
 *    that from an order kept. Loads between two barriers come in any order;
 *    two of one address in theirs. A header's clock and count of events are one
 *    address: all there is to them is on which side of the barriers they are
 *    stored and loaded. Nothing is speculated that the reader would
 *    use without the re-check.
 *  - synchronize_rcu() waits for sections, and for their stores.
 *  - Two levels of writers; blocks of WORDS words; records of one or two.
 */

#ifndef BLOCKS
#define BLOCKS		2
#endif
#ifndef TASK_EVENTS
#define TASK_EVENTS	4
#endif
#ifndef IRQ_EVENTS
#define IRQ_EVENTS	0
#endif
#define WORDS		2
/* HEADER() and WORD() are bytes. */
#if TASK_EVENTS + IRQ_EVENTS > 7
#error "too many events"
#endif

#ifdef PROPERTY_LIVE_ALL
#define PROPERTY_LIVE_WHOLE
#define PROPERTY_LIVE_ORDERED
#define PROPERTY_LIVE_COUNTED
#endif
#ifdef PROPERTY_LIVE_WHOLE
#define whole(what)	assert(what)
#else
#define whole(what)	skip
#endif
#ifdef PROPERTY_LIVE_ORDERED
#define ordered(what)	assert(what)
#else
#define ordered(what)	skip
#endif
#ifdef PROPERTY_LIVE_COUNTED
#define counted(what)	assert(what)
#else
#define counted(what)	skip
#endif

#define TASK	0
#define IRQ	1

/* As in ring.pml. */
#define WORD(time, kind)	((time) * 4 + (kind))
#define WORD_TIME(word)		((word) / 4)
#define WORD_KIND(word)		((word) % 4)
#define ALONE	1
#define FIRST	2
#define SECOND	3

/* ---- Memory ------------------------------------------------------------------ */

/* A block's words, then its header, as far as a live reader needs it. */
#define AT(b, i)	((b) * 4 + (i))
#define SEQ	2
#define REST	3
#define RING_SEQ	(BLOCKS * 4)

/* The rest of a header: when it was opened, and events before it. */
#define HEADER(clock, events)	((clock) * 8 + (events))
#define HEADER_CLOCK(header)	((header) / 8)
#define HEADER_EVENTS(header)	((header) % 8)

#define BUFFER	3

byte memory[BLOCKS * 4 + 1];
byte buffer_at[BUFFER], buffer_value[BUFFER], buffered;

inline store(address, value)
{
	d_step {
		buffered < BUFFER ->
		buffer_at[buffered] = address;
		buffer_value[buffered] = value;
		buffered++
	}
}

inline smp_wmb()
{
	buffered == 0
}

inline flush(i)
{
	memory[buffer_at[i]] = buffer_value[i];
	k = i;
	do
	:: k + 1 < buffered ->
		buffer_at[k] = buffer_at[k + 1];
		buffer_value[k] = buffer_value[k + 1];
		k++
	:: else -> break
	od;
	buffered--;
	buffer_at[buffered] = 0;
	buffer_value[buffered] = 0;
	k = 0
}

#define SAME(i, j)	(buffer_at[i] == buffer_at[j])

hidden byte k;

proctype store_buffer()
{
end:
	do
	:: d_step { buffered > 0 -> flush(0) }
	:: d_step { buffered > 1 && !SAME(1, 0) -> flush(1) }
	:: d_step { buffered > 2 && !SAME(2, 0) && !SAME(2, 1) -> flush(2) }
	od
}

/* ---- The CPU's own -------------------------------------------------------------- */

byte running = TASK;
bool irqs_off;
byte left[2];
byte sections;
byte clock = 1;
byte head_position, head_pending, head_events;
byte block;
byte seq = 1, floor = 1;
byte lost_events;

/* ---- The reader's --------------------------------------------------------------- */

byte cut;		/* 0: not yet */
byte due;		/* events up to the cut */
bool stopped;
bool reading;		/* for DEFECT_WRITER_WAITS alone */
bool done;		/* what is written from here on changes nothing */

/* ---- The writers ---------------------------------------------------------------- */

/* Hand over: ring_next(), ring_open(). Interrupts are off. */
inline hand_over()
{
#ifdef DEFECT_WRITER_WAITS
	!reading;
#endif
	d_step {
		seq++;
		block = (block + 1) % BLOCKS;
		clock++;
		head_position = 0
	};
	/* What was stored before is in no order with what follows, but for
	 * what is said here. */
#ifndef DEFECT_NO_INVALIDATE
	store(AT(block, SEQ), 0);
#endif
#ifndef DEFECT_NO_WMB_AFTER_INVALIDATE
	smp_wmb();
#endif
	store(AT(block, 0), 0);
	store(AT(block, 1), 0);
	store(AT(block, REST), HEADER(clock, head_events));
#ifndef DEFECT_NO_WMB_BEFORE_SEQ
	smp_wmb();
#endif
	store(AT(block, SEQ), seq);
	store(RING_SEQ, seq);
	irqs_off = false
}

inline fr_ring_write(length)
{
	do
	::
		d_step { t = clock + 1; e = head_events; p = head_position };
		if
		:: p + length > WORDS ->
			d_step {
				got = true;
				if
				:: head_position + length <= WORDS ->
					more = false
				:: else ->
					if
					:: head_pending == 0 -> floor = seq + 1
					:: else -> skip
					fi;
					more = (seq + 1 - floor < BLOCKS);
					if
					:: more -> irqs_off = true
					:: else ->
						lost_events++;
						head_position = WORDS;
						got = false
					fi
				fi
			};
			if
			:: !got -> break
			:: got && more -> hand_over()
			:: else -> skip
			fi
		:: else ->
			d_step {
				got = (e == head_events && p == head_position);
				if
				:: got ->
					head_position = head_position + length;
					head_pending++;
					head_events++;
					b = block;
					due = due + (cut == 0 || t <= cut -> 1 : 0);
					clock++
				:: else -> skip
				fi
			};
			if
			:: got -> break
			:: else -> skip
			fi
		fi
	od;
	if
	:: !got -> skip
	:: else ->
		if
		:: length == 2 ->
			store(AT(b, p + 1), WORD(t, SECOND));
			/* smp_store_release() */
			smp_wmb();
			store(AT(b, p), WORD(t, FIRST))
		:: else ->
			store(AT(b, p), WORD(t, ALONE))
		fi;
		d_step { head_pending--; got = false }
	fi
}

/* The writers are the first that init runs, in the order of their levels. */
#define FIRST_WRITER	1

proctype task() provided (running == TASK)
{
	byte t, e, p, b;
	bool got, more;

end:
	do
	:: left[TASK] > 0 && !done ->
		d_step { left[TASK]--; sections++ };
		if
		:: fr_ring_write(1)
		:: fr_ring_write(2)
		fi;
		d_step { sections--; t = 0; e = 0; p = 0; b = 0; more = false }
	od
}

proctype interrupt() provided (running == IRQ)
{
	byte t, e, p, b;
	bool got, more;

end:
	do
	::	fr_ring_write(1);
		d_step {
			sections--; t = 0; e = 0; p = 0; b = 0; more = false;
			running = TASK
		}
	od
}

proctype hardware()
{
end:
	do
	:: d_step {
			running == TASK && !irqs_off && left[IRQ] > 0 &&
			!done ->
			left[IRQ]--;
			sections++;
			running = IRQ
		}
	od
}

/* ---- The reader ------------------------------------------------------------------ */

/* Loads of one block, a bit each; which must come before which. */
#define L_SEQ		1
#define L_WORD0		2
#define L_WORD1		4
#define L_REST		8
#define L_AGAIN		16
#define L_COPY		(L_WORD0 + L_WORD1 + L_REST)

#ifdef DEFECT_NO_RMB_BEFORE_COPY
#define COPY_MAY_BEGIN	true
#else
#define COPY_MAY_BEGIN	((loaded & L_SEQ) != 0)
#endif
#ifdef DEFECT_NO_RMB_BEFORE_CHECK
#define CHECK_MAY_BEGIN	((loaded & L_SEQ) != 0)
#else
#define CHECK_MAY_BEGIN	((loaded & L_SEQ) != 0 && (loaded & L_COPY) == L_COPY)
#endif
#ifdef DEFECT_NO_CHECK
#define UNCHANGED	true
#else
#define UNCHANGED	(again == number)
#endif

inline load(what, address, to)
{
	d_step { to = memory[AT(b, address)]; loaded = loaded | what }
}

#define UNLOADED(what)	((loaded & what) == 0)

inline copy_block()
{
	do
	:: UNLOADED(L_SEQ) -> load(L_SEQ, SEQ, first)
	:: COPY_MAY_BEGIN && UNLOADED(L_WORD0) -> load(L_WORD0, 0, word0)
	:: COPY_MAY_BEGIN && UNLOADED(L_WORD1) -> load(L_WORD1, 1, word1)
	:: COPY_MAY_BEGIN && UNLOADED(L_REST) -> load(L_REST, REST, header)
	:: CHECK_MAY_BEGIN && UNLOADED(L_AGAIN) -> load(L_AGAIN, SEQ, again)
	:: loaded == L_COPY + L_SEQ + L_AGAIN -> break
	od;
	loaded = 0
}

/* A record that begins with @word. The rest of its words: @rest. */
inline deliver(word, rest)
{
	whole(WORD_KIND(word) != SECOND);
	whole(WORD_KIND(word) != FIRST || rest == WORD(WORD_TIME(word), SECOND));
	ordered(WORD_TIME(word) > last);
	last = WORD_TIME(word);
	records++
}

#define IS_DUE(word)	((word) != 0 && WORD_TIME(word) <= cut)

/* An accepted block that begins before the cut: decode it, count. */
inline take_block()
{
	ordered(HEADER_CLOCK(header) > last);
	if
	:: previous == 0 -> base = HEADER_EVENTS(header)
	:: previous != 0 && previous + 1 == number ->
		counted(HEADER_EVENTS(header) == accounted)
	:: else ->
		counted(HEADER_EVENTS(header) >= accounted);
		missing = missing + HEADER_EVENTS(header) - accounted
	fi;
	last = HEADER_CLOCK(header);
	records = 0;
	if
	:: !IS_DUE(word0) -> skip
	:: else ->
		deliver(word0, word1);
		if
		:: WORD_KIND(word0) == ALONE && IS_DUE(word1) ->
			deliver(word1, 0)
		:: else -> skip
		fi
	fi;
	delivered = delivered + records;
	accounted = HEADER_EVENTS(header) + records;
	previous = number
}

/*
 * An accepted block that was opened after the cut. Nothing of it is delivered;
 * but if the block before it was overrun, it says what went with that.
 */
inline pass_block()
{
	if
	:: previous + 1 != number && HEADER_EVENTS(header) > accounted ->
		missing = missing + HEADER_EVENTS(header) - accounted;
		accounted = HEADER_EVENTS(header)
	:: else -> skip
	fi;
	previous = number
}

proctype reader() provided (!stopped)
{
	byte S, E, number, b, loaded;
	byte first, word0, word1, header, again;
	byte last, records, previous, base, accounted, delivered, missing;
	bool whole_tail;

	d_step { clock++; cut = clock };
	reading = true;
#ifndef DEFECT_NO_GRACE
	/* synchronize_rcu() */
	sections == 0 && buffered == 0;
#endif
	d_step { S = memory[RING_SEQ]; E = head_events };
	number = (S < BLOCKS -> 1 : S + 1 - BLOCKS);
	do
	:: number <= S ->
		b = (number - 1) % BLOCKS;
		copy_block();
		d_step {
			whole_tail = (first == number && UNCHANGED);
			if
			:: whole_tail && HEADER_CLOCK(header) <= cut -> take_block()
			:: whole_tail && HEADER_CLOCK(header) > cut -> pass_block()
			:: else -> skip
			fi;
			first = 0; word0 = 0; word1 = 0;
			header = 0; again = 0;
			number++
		}
	:: else -> break
	od;
	reading = false;
	d_step {
		/* If the last block was overrun, E says what went with it. */
		missing = missing + (whole_tail || accounted >= E ->
				     0 : E - accounted);
		counted(base + delivered + missing >= due);
		counted(missing > 0 || base + delivered == due);
		done = true
	}
}

/* A reader that is killed, or sleeps for ever, at any point. */
proctype accident()
{
	if
	:: stopped = true
	:: true
	fi
}

proctype watch()
{
	timeout;
	assert(sections == 0 && (done || left[TASK] + left[IRQ] == 0))
}

init
{
	d_step {
		left[TASK] = TASK_EVENTS;
		left[IRQ] = IRQ_EVENTS;
		memory[AT(0, SEQ)] = 1;
		memory[AT(0, REST)] = HEADER(1, 0);
		memory[RING_SEQ] = 1
	};
	atomic {
		run task();
		run store_buffer();
#if IRQ_EVENTS > 0
		run interrupt();
		run hardware();
#endif
		run reader();
#ifdef PROPERTY_LIVE_UNHINDERED
		run accident();
		run watch()
#endif
	}
}
