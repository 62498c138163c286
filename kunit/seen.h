/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread of which is known what it does, and what a tape tells of one thread:
 * the truth that the recorder did not write, and what it wrote.
 */
#ifndef FR_KUNIT_SEEN_H
#define FR_KUNIT_SEEN_H

#include <kunit/test.h>
#include <linux/completion.h>

#include "recorder.h"
#include "whole.h"

#define SLEEPS 20

/**
 * struct sleeper - a thread that sleeps so and so many times
 * @thread: it
 * @go: it waits for this first, interruptibly: another state than later
 * @done: it has slept
 * @between: called between two sleeps; NULL: not
 * @slept: of the sleeps, how many left the CPU, as the scheduler counts; the timer may
 *	be faster than that. To be read when @done has been waited for: complete()
 *	orders it
 */
struct sleeper {
	struct task_struct *thread;
	struct completion go;
	struct completion done;
	u32 slept;
	void (*between)(int sleep);
};

bool sleeper_create(struct sleeper *sleeper);
bool sleeper_finish(struct fr_recorder *recorder, struct sleeper *sleeper);

/**
 * struct seen - what the tape tells of a thread
 * @tid: which
 * @left: how often it left a CPU, by state
 * @came: how often it came to one
 * @woken: how often it was woken, by the waker's context
 * @wakes: how often it woke another
 * @exits: how often it died
 * @exit_code: with what
 * @born: NEWTASK records of it
 * @renamed: RENAME records of it
 * @signals: that were sent to it
 * @moves: MIGRATE records of it
 * @payload: of the last record of it that has no count of its own here
 * @running: what the switches say
 * @target: it is one, or was
 * @switched: they have said something
 * @first: of its records
 * @last: of its records
 * @fault: a contradiction
 */
struct seen {
	u32 tid;
	u32 left[16];
	u32 came;
	u32 woken[4];
	u32 wakes;
	u32 exits;
	u32 exit_code;
	u32 born;
	u32 renamed;
	u32 signals;
	u32 moves;
	u32 payload;
	bool running;
	bool target;
	bool switched;
	u64 first;
	u64 last;
	const char *fault;
};

void see(void *data, const struct tape_record *record);
void see_window(struct kunit *test, struct fr_recorder *recorder,
		struct whole *whole, struct seen *seen);
void check_sleeper(struct kunit *test, const struct seen *seen,
		   const struct sleeper *sleeper, u32 others);
u32 missing_name(const struct whole *whole);

#endif /* FR_KUNIT_SEEN_H */
