// SPDX-License-Identifier: GPL-2.0
/* A reader of the tape. See tape.h. */
#include <linux/string.h>

#include "tape.h"

#define TIME_RANGE	(1ULL << FLIGHTREC_WORD_TIME_BITS)
/* What a TIME word and its own low bits say: 59 bits. */
#define LONG_TIME_RANGE (1ULL << 59)

static u32 word_type(u64 word)
{
	return word & FLIGHTREC_WORD_TYPE_MASK;
}

static bool is_continuation(u64 word)
{
	return word_type(word) >= FLIGHTREC_WORD_VALUE;
}

static u64 word_time(u64 word)
{
	return word >> FLIGHTREC_WORD_TYPE_BITS & FLIGHTREC_WORD_TIME_MASK;
}

static u32 word_payload(u64 word)
{
	return word >> FLIGHTREC_WORD_PAYLOAD_SHIFT;
}

/**
 * tape_begin() - read words that stand in no block
 * @tape: the reader
 * @words: they
 * @count: how many
 * @time: what stands for the block's clock
 * @tid: who runs
 */
void tape_begin(struct tape *tape, const u64 *words, unsigned int count,
		u64 time, u32 tid)
{
	*tape = (struct tape){
		.words = words,
		.count = count,
		.first_time = time,
		.time = time,
		.tid = tid,
	};
}

static const char *header_fault(const struct flightrec_block *block,
				u32 block_bytes)
{
	if (block->magic != FLIGHTREC_BLOCK_MAGIC)
		return "block: wrong magic";
	if (block->used < sizeof(*block) || block->used > block_bytes)
		return "block: used is out of bounds";
	if (block->used % sizeof(u64))
		return "block: used is not a multiple of 8";
	if (memchr_inv((const void *)block + block->used, 0,
		       block_bytes - block->used))
		return "block: not zero behind what is used";
	return NULL;
}

/* Read a closed block. */
void tape_begin_block(struct tape *tape, const struct flightrec_block *block,
		      u32 block_bytes)
{
	const char *fault = header_fault(block, block_bytes);

	tape_begin(tape, (const u64 *)(block + 1),
		   fault ? 0 : (block->used - sizeof(*block)) / sizeof(u64),
		   block->clock, block->tid);
	tape->fault = fault;
}

static bool stop(struct tape *tape, const char *fault)
{
	tape->fault = fault;
	return false;
}

/* The first time that is not before the last one and has these low bits. */
static u64 time_from(u64 last, u64 low)
{
	return last + ((low - last) & (TIME_RANGE - 1));
}

static void take_time(struct tape *tape, u64 word)
{
	u64 time = (u64)word_payload(word) << FLIGHTREC_WORD_TIME_BITS |
		   word_time(word);

	time |= tape->first_time & ~(LONG_TIME_RANGE - 1);
	if (time < tape->time)
		time += LONG_TIME_RANGE;
	tape->time = time;
}

/* TIME and CURRENT, each at most once, in this order. */
static u64 take_prefixes(struct tape *tape, struct tape_record *record)
{
	u64 word = tape->words[tape->at++];

	if (word_type(word) == FLIGHTREC_WORD_TIME) {
		record->timed = true;
		take_time(tape, word);
		word = tape->at < tape->count ? tape->words[tape->at++] : 0;
	}
	if (word_type(word) == FLIGHTREC_WORD_CURRENT) {
		record->stated = true;
		tape->tid = word_payload(word);
		tape->time = time_from(tape->time, word_time(word));
		word = tape->at < tape->count ? tape->words[tape->at++] : 0;
	}
	return word;
}

static void take_continuation(struct tape *tape, struct tape_record *record)
{
	record->words = &tape->words[tape->at];
	while (tape->at < tape->count &&
	       is_continuation(tape->words[tape->at])) {
		tape->at++;
		record->count++;
	}
}

/* Who runs behind the record. */
static void follow_switch(struct tape *tape, const struct tape_record *record)
{
	struct tape_cursor cursor = { .record = record };

	if (record->type != FLIGHTREC_WORD_SWITCH)
		return;
	tape->tid = tape_tid(&cursor);
	if (cursor.fault)
		tape->fault = cursor.fault;
}

/**
 * tape_next() - read a record
 * @tape: the reader
 * @record: (out)
 *
 * Return: false at the end, and if something is wrong.
 */
bool tape_next(struct tape *tape, struct tape_record *record)
{
	u64 word;

	if (tape->fault || tape->at == tape->count)
		return false;
	memset(record, 0, sizeof(*record));
	word = take_prefixes(tape, record);
	if (!word)
		return stop(tape, "a word that was not written");
	if (is_continuation(word))
		return stop(tape, "a continuation of nothing");
	if (word_type(word) < FLIGHTREC_WORD_SWITCH)
		return stop(tape, "TIME or CURRENT out of order");
	if (word_type(word) > FLIGHTREC_WORD_MIGRATE)
		return stop(tape, "an unknown type");
	record->type = word_type(word);
	record->payload = word_payload(word);
	tape->time = time_from(tape->time, word_time(word));
	record->time = tape->time;
	record->tid = tape->tid;
	take_continuation(tape, record);
	follow_switch(tape, record);
	return !tape->fault;
}

/* ---- Continuation words ------------------------------------------------- */

static u64 take_word(struct tape_cursor *cursor)
{
	if (cursor->at < cursor->record->count)
		return cursor->record->words[cursor->at++];
	cursor->fault = "a continuation word is missing";
	return 0;
}

/* A number: a VALUE, or two WIDE. */
s64 tape_value(struct tape_cursor *cursor)
{
	u64 word = take_word(cursor);
	u64 low;

	if (cursor->fault)
		return 0;
	if (word_type(word) == FLIGHTREC_WORD_VALUE)
		return (s64)word >> FLIGHTREC_WORD_TYPE_BITS;
	low = take_word(cursor);
	if (word_type(word) != FLIGHTREC_WORD_WIDE ||
	    word_type(low) != FLIGHTREC_WORD_WIDE)
		cursor->fault = "no number";
	return (u64)word_payload(word) << 32 | word_payload(low);
}

/* The tid in the payload, or the one that it is an escape for. */
u32 tape_tid(struct tape_cursor *cursor)
{
	u32 tid = cursor->record->payload & FLIGHTREC_TID_ESCAPE;
	s64 value;

	if (tid != FLIGHTREC_TID_ESCAPE)
		return tid;
	value = tape_value(cursor);
	if (value < 0 || value > U32_MAX)
		cursor->fault = "no tid";
	return value;
}

/* How many bytes of text the word holds; 0: it is no good TEXT word. */
static unsigned int text_length(u64 word)
{
	unsigned int length = word >> FLIGHTREC_WORD_TYPE_BITS & 7;

	if (word_type(word) != FLIGHTREC_WORD_TEXT)
		return 0;
	/* The rest is zero. */
	if (length < FLIGHTREC_TEXT_BYTES && word >> (8 + 8 * length))
		return 0;
	return length;
}

/**
 * tape_text() - all the text that is left
 * @cursor: where
 * @to: (out) not terminated
 * @room: size of @to
 *
 * Return: its length.
 */
unsigned int tape_text(struct tape_cursor *cursor, char *to, unsigned int room)
{
	unsigned int all = 0;

	while (cursor->at < cursor->record->count) {
		u64 word = take_word(cursor);
		unsigned int length = text_length(word);
		unsigned int i;

		if (!length || length > room - all) {
			cursor->fault = "bad text";
			break;
		}
		for (i = 0; i < length; i++)
			to[all++] = word >> (8 + 8 * i);
	}
	return all;
}

/* Everything was read, and nothing was wrong. */
const char *tape_done(const struct tape_cursor *cursor)
{
	if (cursor->fault)
		return cursor->fault;
	return cursor->at < cursor->record->count ?
		       "more continuation words than expected" :
		       NULL;
}

/* ---- A CPU's blocks ----------------------------------------------------- */

static const char *order_fault(const struct tape_cpu *cpu,
			       const struct flightrec_block *block)
{
	if (block->cpu != cpu->cpu)
		return "block: of another CPU";
	if (cpu->seq && block->seq != cpu->seq + 1)
		return "block: not the next one";
	if (!cpu->blocks)
		return NULL;
	if (block->clock < cpu->time)
		return "block: opened before the last record";
	if (block->events != cpu->events)
		return "block: the count of events before it is wrong";
	if (block->lost_events < cpu->lost_events)
		return "block: losses were taken back";
	return NULL;
}

static const char *gap_fault(const struct flightrec_block *block)
{
	return block->gap_clock > block->clock ?
		       "block: the gap ends before it begins" :
		       NULL;
}

/**
 * tape_cpu_block() - check the next block of a CPU
 * @cpu: what is known so far
 * @block: closed
 * @block_bytes: its size
 *
 * Return: what is wrong, NULL if nothing.
 */
const char *tape_cpu_block(struct tape_cpu *cpu,
			   const struct flightrec_block *block, u32 block_bytes)
{
	struct tape_record record;
	const char *fault = order_fault(cpu, block);
	struct tape tape;

	if (!fault)
		fault = gap_fault(block);
	if (fault)
		return fault;
	cpu->blocks++;
	cpu->seq = block->seq;
	cpu->events = block->events;
	cpu->lost_events = block->lost_events;
	cpu->time = block->clock;
	tape_begin_block(&tape, block, block_bytes);
	while (tape_next(&tape, &record)) {
		cpu->events++;
		cpu->time = record.time;
		if (cpu->visit)
			cpu->visit(cpu->data, &record);
	}
	return tape.fault;
}
