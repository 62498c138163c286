/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Words as the contract lays them out, and the continuation words of a record,
 * taken one after the other from a tape.
 *
 * What is taken is checked: it lies within its block, and it is what the record
 * must have there. What returns false has not moved past anything bad, and the
 * caller gives up the block. Inline: this is most of what decoding costs.
 */
#ifndef FR_WORDS_H
#define FR_WORDS_H

#include "reader.h"

#define WORD_BYTES  8
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

static inline unsigned int word_type(uint64_t word)
{
	return word & FLIGHTREC_WORD_TYPE_MASK;
}

static inline uint32_t word_payload(uint64_t word)
{
	return (uint32_t)(word >> FLIGHTREC_WORD_PAYLOAD_SHIFT);
}

static inline uint32_t word_time(uint64_t word)
{
	return (uint32_t)word >> FLIGHTREC_WORD_TYPE_BITS;
}

static inline bool is_record(unsigned int type)
{
	return type - FLIGHTREC_WORD_SWITCH <=
	       FLIGHTREC_WORD_MIGRATE - FLIGHTREC_WORD_SWITCH;
}

/* ---- continuation words ---------------------------------------------------- */

static inline bool next_is(const struct fr_tape *tape, unsigned int type)
{
	return tape->at < tape->end && word_type(fr_load64(tape->at)) == type;
}

/* A 64-bit number in two WIDE words. */
static inline bool take_wide(struct fr_tape *tape, int64_t *value)
{
	uint64_t high, low;

	if (tape->end - tape->at < 2 * WORD_BYTES)
		return false;
	high = fr_load64(tape->at);
	low = fr_load64(tape->at + WORD_BYTES);
	if ((uint32_t)high != FLIGHTREC_WORD_WIDE ||
	    (uint32_t)low != FLIGHTREC_WORD_WIDE)
		return false;
	*value = (int64_t)((uint64_t)word_payload(high) << 32 |
			   word_payload(low));
	tape->at += 2 * WORD_BYTES;
	return true;
}

/* The number that stands here; false: there is none. */
static inline bool take_value(struct fr_tape *tape, int64_t *value)
{
	if (!likely(next_is(tape, FLIGHTREC_WORD_VALUE)))
		return take_wide(tape, value);
	*value = (int64_t)fr_load64(tape->at) >> FLIGHTREC_WORD_TYPE_BITS;
	tape->at += WORD_BYTES;
	return true;
}

/* A number that must fit 32 bits, signed. */
static inline bool take_int(struct fr_tape *tape, int32_t *value)
{
	int64_t wide;

	if (!take_value(tape, &wide) || wide < INT32_MIN || wide > INT32_MAX)
		return false;
	*value = (int32_t)wide;
	return true;
}

/* The tid in the low bits of @payload, or behind it. */
static inline bool take_tid(struct fr_tape *tape, uint32_t payload,
			    uint32_t *tid)
{
	int64_t value;

	*tid = payload & FLIGHTREC_TID_ESCAPE;
	if (likely(*tid != FLIGHTREC_TID_ESCAPE))
		return true;
	if (!take_value(tape, &value) || value < 0 || value > UINT32_MAX)
		return false;
	*tid = (uint32_t)value;
	return true;
}

/* The bytes of the TEXT words that stand here, up to @max; false: impossible. */
static inline bool take_text(struct flightrec_reader *reader,
			     struct fr_tape *tape, size_t max, size_t *length)
{
	*length = 0;
	while (next_is(tape, FLIGHTREC_WORD_TEXT)) {
		uint64_t word = fr_load64(tape->at);
		unsigned int bytes = word >> FLIGHTREC_WORD_TYPE_BITS & 7;
		unsigned int i;

		if (!bytes || bytes > max - *length)
			return false;
		for (word >>= 8, i = 0; i < bytes; i++, word >>= 8)
			reader->text[(*length)++] = (char)word;
		if (word)
			return false;
		tape->at += WORD_BYTES;
	}
	return true;
}

/*
 * A text of which nothing says how long it is. Where the file ends behind it,
 * its end may be missing: it must not be told as if it were whole.
 */
static inline bool take_whole_text(struct flightrec_reader *reader,
				   struct fr_tape *tape, size_t max,
				   size_t *length)
{
	return take_text(reader, tape, max, length) &&
	       (!tape->cut_off || tape->at < tape->end ||
		(*length && *length % FLIGHTREC_TEXT_BYTES));
}

#endif /* FR_WORDS_H */
