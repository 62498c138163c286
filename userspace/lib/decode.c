// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Words to events, and all CPUs' events in the order of time.
 *
 * Each tape stands before its next event, whose time is known; the record is
 * decoded only when it is the earliest of all, straight into the caller's event.
 * Which tape that is tells a tree of all of them, in which an event changes the
 * way from its tape's leaf to the root: nobody can foresee which CPU comes next,
 * so that is done without a branch.
 */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"
#include "words.h"

/* TIME words have bits 27..58; one more is this. */
#define TIME_CARRY (1ULL << (FLIGHTREC_WORD_TIME_BITS + 32))

/* ---- one record -------------------------------------------------------------- */

static inline bool decode_switch(struct fr_tape *tape, uint32_t payload,
				 struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_SWITCH;
	event->sched_switch.state = payload >> FLIGHTREC_SWITCH_STATE_SHIFT &
				    FLIGHTREC_SWITCH_STATE_MASK;
	event->sched_switch.flags = payload >> FLIGHTREC_SWITCH_FLAGS_SHIFT;
	if (unlikely(!take_tid(tape, payload, &event->sched_switch.next_tid)))
		return false;
	tape->tid = event->sched_switch.next_tid;
	return true;
}

static inline bool decode_waking(struct fr_tape *tape, uint32_t payload,
				 struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_WAKING;
	event->waking.context = payload >> FLIGHTREC_WAKING_CONTEXT_SHIFT &
				FLIGHTREC_WAKING_CONTEXT_MASK;
	event->waking.flags = payload >> FLIGHTREC_WAKING_FLAGS_SHIFT;
	return take_tid(tape, payload, &event->waking.tid);
}

/* Once a block: fewer arguments than the window says. The call counts still. */
static void note_short_call(struct flightrec_reader *reader,
			    struct fr_tape *tape, unsigned int nargs)
{
	if (tape->short_calls)
		return;
	tape->short_calls = true;
	fr_tape_damage(reader, tape,
		       (uint64_t)(tape->at - reader->source.bytes),
		       "a call with %u arguments before here; expected %u",
		       nargs, reader->window.args);
}

/* Arguments from number @nargs on; the others are set already. */
static inline bool decode_args(struct flightrec_reader *reader,
			       struct fr_tape *tape,
			       struct flightrec_event *event,
			       unsigned int nargs)
{
	unsigned int i;

	while (nargs < FLIGHTREC_ARGS_MAX &&
	       (next_is(tape, FLIGHTREC_WORD_VALUE) ||
		next_is(tape, FLIGHTREC_WORD_WIDE))) {
		int64_t value;

		if (!take_value(tape, &value))
			return false;
		event->enter.args[nargs++] = (uint64_t)value;
	}
	for (i = nargs; i < FLIGHTREC_ARGS_MAX; i++)
		event->enter.args[i] = 0;
	/* The short form has room for an argument, whether there is one or not. */
	if (nargs == 1 && !reader->window.args)
		nargs = 0;
	event->enter.nargs = (uint8_t)nargs;
	if (unlikely(nargs < reader->window.args))
		note_short_call(reader, tape, nargs);
	return true;
}

static inline bool decode_enter(struct flightrec_reader *reader,
				struct fr_tape *tape, uint32_t payload,
				struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_ENTER;
	event->enter.compat = false;
	event->enter.nr = payload & ((1U << FLIGHTREC_NR_BITS) - 1);
	event->enter.args[0] =
		(uint64_t)(int64_t)((int32_t)payload >> FLIGHTREC_NR_BITS);
	return decode_args(reader, tape, event, 1);
}

static inline bool decode_enter_long(struct flightrec_reader *reader,
				     struct fr_tape *tape, uint32_t payload,
				     struct flightrec_event *event, bool compat)
{
	event->type = FLIGHTREC_EVENT_ENTER;
	event->enter.compat = compat;
	event->enter.nr = (int32_t)payload;
	return decode_args(reader, tape, event, 0);
}

static inline bool decode_exit(uint32_t payload, struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_EXIT;
	event->exit.compat = false;
	event->exit.nr = payload & ((1U << FLIGHTREC_NR_BITS) - 1);
	event->exit.result = (int32_t)payload >> FLIGHTREC_NR_BITS;
	return true;
}

static inline bool decode_exit_long(struct fr_tape *tape, uint32_t payload,
				    struct flightrec_event *event, bool compat)
{
	event->type = FLIGHTREC_EVENT_EXIT;
	event->exit.compat = compat;
	event->exit.nr = (int32_t)payload;
	return take_value(tape, &event->exit.result);
}

static bool decode_newtask(struct fr_tape *tape, uint32_t payload,
			   struct flightrec_event *event)
{
	int64_t clone_flags;

	event->type = FLIGHTREC_EVENT_NEWTASK;
	event->newtask.flags = payload >> FLIGHTREC_TASK_FLAGS_SHIFT;
	if (!take_tid(tape, payload, &event->newtask.tid) ||
	    !take_value(tape, &clone_flags))
		return false;
	event->newtask.clone_flags = (uint64_t)clone_flags;
	return true;
}

static bool decode_exec(struct flightrec_reader *reader, struct fr_tape *tape,
			uint32_t payload, struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_EXEC;
	event->exec.flags = payload >> FLIGHTREC_TASK_FLAGS_SHIFT;
	event->exec.path = reader->text;
	return take_tid(tape, payload, &event->exec.old_tid) &&
	       take_whole_text(reader, tape, FLIGHTREC_PATH_MAX,
			       &event->exec.path_length);
}

static bool decode_task_exit(uint32_t payload, struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_TASK_EXIT;
	event->task_exit.code = payload & 0xffff;
	event->task_exit.flags = payload >> FLIGHTREC_TASK_EXIT_FLAGS_SHIFT;
	return true;
}

static bool decode_rename(struct flightrec_reader *reader, struct fr_tape *tape,
			  uint32_t payload, struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_RENAME;
	event->rename.comm = reader->text;
	return take_tid(tape, payload, &event->rename.tid) &&
	       take_whole_text(reader, tape, FLIGHTREC_COMM_BYTES,
			       &event->rename.comm_length);
}

static bool decode_signal_generate(struct fr_tape *tape, uint32_t payload,
				   struct flightrec_event *event)
{
	int64_t value;

	event->type = FLIGHTREC_EVENT_SIGNAL_GENERATE;
	event->signal_generate.signal = payload >> FLIGHTREC_SIGNAL_SHIFT &
					FLIGHTREC_SIGNAL_MASK;
	event->signal_generate.result = payload >>
					FLIGHTREC_SIGNAL_RESULT_SHIFT;
	if (!take_tid(tape, payload, &event->signal_generate.tid) ||
	    !take_value(tape, &value))
		return false;
	event->signal_generate.group = value & 1;
	value >>= 1;
	event->signal_generate.code = (int32_t)value;
	return value >= INT32_MIN && value <= INT32_MAX;
}

static bool decode_signal_deliver(struct fr_tape *tape, uint32_t payload,
				  struct flightrec_event *event)
{
	int64_t sa_flags;

	event->type = FLIGHTREC_EVENT_SIGNAL_DELIVER;
	event->signal_deliver.signal = payload & FLIGHTREC_SIGNAL_MASK;
	event->signal_deliver.handler = payload >> FLIGHTREC_HANDLER_SHIFT & 3;
	if (!take_int(tape, &event->signal_deliver.code) ||
	    !take_value(tape, &sa_flags))
		return false;
	event->signal_deliver.sa_flags = (uint64_t)sa_flags;
	return true;
}

static bool decode_mark(struct flightrec_reader *reader, struct fr_tape *tape,
			uint32_t payload, struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_MARK;
	event->mark.text = reader->text;
	return take_text(reader, tape, FLIGHTREC_MARK_MAX,
			 &event->mark.length) &&
	       event->mark.length == (payload & 0xffff);
}

static void decode_irq(uint32_t payload, uint8_t *kind, uint32_t *number)
{
	*kind = payload >> FLIGHTREC_IRQ_KIND_SHIFT & FLIGHTREC_IRQ_KIND_MASK;
	*number = payload & FLIGHTREC_IRQ_NUMBER_MASK;
}

static bool decode_irq_entry(struct flightrec_reader *reader,
			     struct fr_tape *tape, uint32_t payload,
			     struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_IRQ_ENTRY;
	event->irq_entry.name = reader->text;
	decode_irq(payload, &event->irq_entry.kind, &event->irq_entry.number);
	return take_whole_text(reader, tape, FLIGHTREC_IRQ_NAME_MAX,
			       &event->irq_entry.name_length);
}

static bool decode_irq_exit(uint32_t payload, struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_IRQ_EXIT;
	event->irq_exit.flags = payload >> FLIGHTREC_IRQ_FLAGS_SHIFT;
	decode_irq(payload, &event->irq_exit.kind, &event->irq_exit.number);
	return true;
}

static bool decode_migrate(struct fr_tape *tape, uint32_t payload,
			   struct flightrec_event *event)
{
	int64_t cpu;

	event->type = FLIGHTREC_EVENT_MIGRATE;
	event->migrate.cpu = payload >> FLIGHTREC_MIGRATE_CPU_SHIFT;
	if (!take_tid(tape, payload, &event->migrate.tid))
		return false;
	if (event->migrate.cpu != FLIGHTREC_CPU_ESCAPE)
		return true;
	if (!take_value(tape, &cpu) || cpu < 0 || cpu >= UINT32_MAX)
		return false;
	event->migrate.cpu = (uint32_t)cpu;
	return true;
}

/* The record whose first word is @word; the tape stands behind that. */
static inline bool decode_record(struct flightrec_reader *reader,
				 struct fr_tape *tape, uint64_t word,
				 struct flightrec_event *event)
{
	uint32_t payload = word_payload(word);

	switch (word_type(word)) {
	case FLIGHTREC_WORD_SWITCH:
		return decode_switch(tape, payload, event);
	case FLIGHTREC_WORD_WAKING:
		return decode_waking(tape, payload, event);
	case FLIGHTREC_WORD_ENTER:
		return decode_enter(reader, tape, payload, event);
	case FLIGHTREC_WORD_ENTER_LONG:
		return decode_enter_long(reader, tape, payload, event, false);
	case FLIGHTREC_WORD_ENTER_COMPAT:
		return decode_enter_long(reader, tape, payload, event, true);
	case FLIGHTREC_WORD_EXIT:
		return decode_exit(payload, event);
	case FLIGHTREC_WORD_EXIT_LONG:
		return decode_exit_long(tape, payload, event, false);
	case FLIGHTREC_WORD_EXIT_COMPAT:
		return decode_exit_long(tape, payload, event, true);
	case FLIGHTREC_WORD_NEWTASK:
		return decode_newtask(tape, payload, event);
	case FLIGHTREC_WORD_EXEC:
		return decode_exec(reader, tape, payload, event);
	case FLIGHTREC_WORD_TASK_EXIT:
		return decode_task_exit(payload, event);
	case FLIGHTREC_WORD_RENAME:
		return decode_rename(reader, tape, payload, event);
	case FLIGHTREC_WORD_SIGNAL_GENERATE:
		return decode_signal_generate(tape, payload, event);
	case FLIGHTREC_WORD_SIGNAL_DELIVER:
		return decode_signal_deliver(tape, payload, event);
	case FLIGHTREC_WORD_MARK:
		return decode_mark(reader, tape, payload, event);
	case FLIGHTREC_WORD_IRQ_ENTRY:
		return decode_irq_entry(reader, tape, payload, event);
	case FLIGHTREC_WORD_IRQ_EXIT:
		return decode_irq_exit(payload, event);
	case FLIGHTREC_WORD_MIGRATE:
		return decode_migrate(tape, payload, event);
	}
	return false;
}

/* ---- from record to record --------------------------------------------------- */

/* The rest of the block is no use: the word before @at is impossible. */
static void block_fails(struct flightrec_reader *reader, struct fr_tape *tape,
			const uint8_t *at, const char *why)
{
	fr_tape_damage(reader, tape, (uint64_t)(at - reader->source.bytes),
		       "%s; the rest of the block is dropped", why);
	tape->at = tape->end;
}

/* The block's records from here on are too late, by the cut or by any means. */
static void block_beyond(struct flightrec_reader *reader, struct fr_tape *tape,
			 uint64_t time)
{
	if (time > tape->latest || time < tape->time) {
		block_fails(reader, tape, tape->at,
			    "a record later than the blocks behind it");
		return;
	}
	/* After the cut: what is there still does not matter. */
	tape->counted = false;
	tape->at = tape->end;
}

/* The time that a TIME word tells; may go back in a block that is damaged. */
static uint64_t long_time(const struct fr_tape *tape, uint64_t word)
{
	uint64_t time = (tape->time & ~(TIME_CARRY - 1)) |
			(uint64_t)word_payload(word)
				<< FLIGHTREC_WORD_TIME_BITS |
			word_time(word);

	return time < tape->time ? time + TIME_CARRY : time;
}

/*
 * Step over a word that is no record's. False: not possible here, and the tape
 * is at the end of its block.
 */
static bool step(struct flightrec_reader *reader, struct fr_tape *tape,
		 uint64_t word, uint64_t time)
{
	unsigned int type = word_type(word);

	if (type == FLIGHTREC_WORD_NONE) {
		block_fails(reader, tape, tape->at, "a word was not written");
		return false;
	}
	/* Of a later version: what belongs to a record that we know. */
	if (type >= FLIGHTREC_WORD_VALUE) {
		tape->at += WORD_BYTES;
		return true;
	}
	if (type == FLIGHTREC_WORD_TIME)
		time = long_time(tape, word);
	if (time > tape->limit || time < tape->time) {
		block_beyond(reader, tape, time);
		return false;
	}
	tape->time = time;
	tape->at += WORD_BYTES;
	if (type == FLIGHTREC_WORD_CURRENT)
		tape->tid = word_payload(word);
	else if (type != FLIGHTREC_WORD_TIME)
		tape->decoded++; /* of a type that we do not know */
	return true;
}

/* Go to the next event and its time; false: the tape has no more. */
static inline bool advance(struct flightrec_reader *reader,
			   struct fr_tape *tape)
{
	while (likely(!tape->pending)) {
		uint64_t word, time;

		if (unlikely(tape->at == tape->end)) {
			if (!fr_tape_next_block(reader, tape))
				return false;
			continue;
		}
		word = fr_load64(tape->at);
		time = tape->time + ((word_time(word) - (uint32_t)tape->time) &
				     FLIGHTREC_WORD_TIME_MASK);
		if (unlikely(!is_record(word_type(word)))) {
			step(reader, tape, word, time);
			continue;
		}
		if (unlikely(time > tape->limit)) {
			block_beyond(reader, tape, time);
			continue;
		}
		tape->time = time;
		tape->clock = time > tape->floor ? time : tape->floor;
		break;
	}
	return true;
}

/* ---- the event ------------------------------------------------------------------ */

static int64_t slow_mono_ns(struct flightrec_reader *reader, uint64_t clock)
{
	const struct fr_clock *line = &reader->line;
	const struct fr_segment *segment = fr_clock_segment(line, clock);

	reader->segment = *segment;
	if (segment + 1 < line->segments + line->count)
		reader->segment_span = segment[1].clock - segment->clock;
	else
		reader->segment_span = fr_segment_span(segment);
	return fr_segment_ns(segment, clock);
}

/* flightrec_reader_mono_ns() for events, of which few change the segment. */
static inline int64_t event_mono_ns(struct flightrec_reader *reader,
				    uint64_t clock)
{
	int64_t ns;

	return fr_reader_quick_ns(reader, clock, &ns) ?
		       ns :
		       slow_mono_ns(reader, clock);
}

/* The first of what is pending. */
static void take_pending(struct fr_tape *tape, struct flightrec_event *event)
{
	uint32_t first = tape->pending & -tape->pending;

	tape->pending &= ~first;
	switch (first) {
	case FR_PENDING_BEGIN:
		event->type = FLIGHTREC_EVENT_BEGIN;
		break;
	case FR_PENDING_DAMAGED:
	case FR_PENDING_OVERRUN:
		event->type = FLIGHTREC_EVENT_LOST;
		event->lost.events = tape->damaged_events;
		event->lost.damaged = first == FR_PENDING_DAMAGED;
		event->lost.overrun = first == FR_PENDING_OVERRUN;
		break;
	case FR_PENDING_GAP:
		event->type = FLIGHTREC_EVENT_GAP;
		event->gap.from_clock = tape->gap_clock;
		break;
	case FR_PENDING_LOST:
		event->type = FLIGHTREC_EVENT_LOST;
		event->lost.events = tape->lost_events;
		event->lost.damaged = false;
		event->lost.overrun = false;
		break;
	}
}

/* The tape's next event; false: it was impossible, and so is the block. */
static inline bool take(struct flightrec_reader *reader, struct fr_tape *tape,
			struct flightrec_event *event)
{
	const uint8_t *at = tape->at;

	event->clock = tape->clock;
	event->mono_ns = event_mono_ns(reader, tape->clock);
	event->cpu = tape->cpu;
	event->tid = tape->tid;
	if (unlikely(tape->pending)) {
		take_pending(tape, event);
		return true;
	}
	tape->at += WORD_BYTES;
	if (unlikely(!decode_record(reader, tape, fr_load64(at), event))) {
		block_fails(reader, tape, at, "an impossible record");
		return false;
	}
	tape->decoded++;
	return true;
}

/* ---- all tapes ------------------------------------------------------------------- */

/*
 * Tape @tape's next event is at @clock. At the same time the lower CPU comes first:
 * of two, the one on the left.
 */
static inline void lead_set(struct flightrec_reader *reader, uint32_t tape,
			    uint64_t clock)
{
	struct fr_lead *leads = reader->leads;
	size_t i = reader->leaves + tape;

	leads[i].clock = clock;
	for (; i > 1; i /= 2) {
		const struct fr_lead *other = &leads[i ^ 1];
		uint64_t is_other = other->clock < clock + (i & 1);

		clock ^= (clock ^ other->clock) & -is_other;
		tape ^= (tape ^ other->tape) & -(uint32_t)is_other;
		leads[i / 2].clock = clock;
		leads[i / 2].tape = tape;
	}
}

/* A tree in which no tape has an event. */
static int leads_clear(struct flightrec_reader *reader)
{
	uint32_t leaves = 1, i;

	while (leaves < reader->tapes_count)
		leaves *= 2;
	if (!reader->leads)
		reader->leads =
			calloc(2 * (size_t)leaves, sizeof(*reader->leads));
	if (!reader->leads)
		return -ENOMEM;
	reader->leaves = leaves;
	for (i = 0; i < leaves; i++) {
		reader->leads[leaves + i].tape = i;
		reader->leads[leaves + i].clock = FR_LEAD_NEVER;
	}
	for (i = leaves; i-- > 1;)
		reader->leads[i] = reader->leads[2 * i];
	return 0;
}

/* Bring all tapes to their first events. */
static int leads_prime(struct flightrec_reader *reader)
{
	int error = leads_clear(reader);
	uint32_t i;

	if (error)
		return error;
	for (i = 0; i < reader->tapes_count; i++) {
		struct fr_tape *tape = &reader->tapes[i];

		fr_tape_rewind(tape);
		if (advance(reader, tape))
			lead_set(reader, i, tape->clock);
	}
	reader->primed = true;
	return 0;
}

/**
 * flightrec_reader_next() - the next event
 * @reader: the window
 * @event: filled in: only those members that its type has
 *
 * Events come in order of @event->clock, on one CPU in the order in which they
 * were recorded, and at the same time in the order of the CPUs' numbers. Before
 * the first event of each CPU that has a tape there is a BEGIN. Records later
 * than the cut are left out. Of a damaged block what stands before the damage is
 * delivered; a LOST event says what is missing.
 *
 * Return: 1; 0: there are no more; -ENOMEM: on the first call only.
 */
int flightrec_reader_next(struct flightrec_reader *reader,
			  struct flightrec_event *event)
{
	if (unlikely(!reader->primed)) {
		int error = leads_prime(reader);

		if (error)
			return error;
	}
	while (likely(reader->leads[1].clock != FR_LEAD_NEVER)) {
		uint32_t lead = reader->leads[1].tape;
		struct fr_tape *tape = &reader->tapes[lead];
		bool taken = take(reader, tape, event);

		if (likely(advance(reader, tape)))
			lead_set(reader, lead, tape->clock);
		else
			lead_set(reader, lead, FR_LEAD_NEVER);
		if (likely(taken))
			return 1;
	}
	return 0;
}

/**
 * flightrec_reader_rewind() - let flightrec_reader_next() start anew
 * @reader: the window
 *
 * Damages that were found while events were read are forgotten; they will be
 * found again.
 */
void flightrec_reader_rewind(struct flightrec_reader *reader)
{
	reader->primed = false;
	reader->damages_count = reader->damages_open;
	reader->damages_more = reader->damages_more_open;
}
