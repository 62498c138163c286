/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A reader of the tape: from words back to records, written from the contract
 * alone. It must never include anything of module/: what is tested there would
 * be believed here.
 *
 * Strict where a real decoder is lenient: whatever the contract does not allow
 * is a fault, told by a text; NULL says that there is none.
 */
#ifndef FR_KUNIT_TAPE_H
#define FR_KUNIT_TAPE_H

#include <linux/types.h>
#include <linux/flightrec.h>

/**
 * struct tape_record - a record as read
 * @time: in clock ticks
 * @tid: the task that runs when it is made
 * @type: FLIGHTREC_WORD_*
 * @payload: of its first word
 * @words: the continuation words
 * @count: how many
 * @timed: a TIME word stands before it
 * @stated: a CURRENT word stands before it
 */
struct tape_record {
	u64 time;
	u32 tid;
	u32 type;
	u32 payload;
	const u64 *words;
	unsigned int count;
	bool timed;
	bool stated;
};

/**
 * struct tape - where a reader is
 * @words: the block's words behind its header
 * @count: how many
 * @at: the next one
 * @first_time: the block's clock
 * @time: of the record before
 * @tid: the running task
 * @fault: what was wrong, and then nothing more is read
 */
struct tape {
	const u64 *words;
	unsigned int count;
	unsigned int at;
	u64 first_time;
	u64 time;
	u32 tid;
	const char *fault;
};

void tape_begin(struct tape *tape, const u64 *words, unsigned int count,
		u64 time, u32 tid);
void tape_begin_block(struct tape *tape, const struct flightrec_block *block,
		      u32 block_bytes);
bool tape_next(struct tape *tape, struct tape_record *record);

/**
 * struct tape_cursor - where a reader of a record's continuation words is
 * @record: which
 * @at: the next word
 * @fault: what was wrong
 */
struct tape_cursor {
	const struct tape_record *record;
	unsigned int at;
	const char *fault;
};

s64 tape_value(struct tape_cursor *cursor);
u32 tape_tid(struct tape_cursor *cursor);
unsigned int tape_text(struct tape_cursor *cursor, char *to, unsigned int room);
const char *tape_done(const struct tape_cursor *cursor);

/**
 * struct tape_cpu - the blocks of one CPU, checked one after the other
 * @cpu: which
 * @visit: called with each record; NULL: not
 * @data: for @visit
 * @blocks: how many blocks there were
 * @seq: of the last one
 * @events: recorded up to its end
 * @lost_events: its own count
 * @time: of the last record
 */
struct tape_cpu {
	u32 cpu;
	void (*visit)(void *data, const struct tape_record *record);
	void *data;
	u64 blocks;
	u64 seq;
	u64 events;
	u64 lost_events;
	u64 time;
};

const char *tape_cpu_block(struct tape_cpu *cpu,
			   const struct flightrec_block *block,
			   u32 block_bytes);

#endif /* FR_KUNIT_TAPE_H */
