// SPDX-License-Identifier: GPL-2.0
/* A thread of which is known what it does. See seen.h. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>

#include "recorders.h"
#include "seen.h"
#include "suites.h"
#include "tasks.h"

/* ---- A thread of which is known what it does ---------------------------- */

static int sleeper_run(void *data)
{
	struct sleeper *sleeper = data;
	unsigned long before;
	int i;

	/* Kernel threads get no signals: this returns when it is completed. */
	if (wait_for_completion_interruptible(&sleeper->go))
		return 0;
	for (i = 0; i < SLEEPS; i++) {
		before = current->nvcsw;
		schedule_timeout_uninterruptible(1);
		sleeper->slept += current->nvcsw - before;
		if (sleeper->between)
			sleeper->between(i);
	}
	complete(&sleeper->done);
	return 0;
}

bool sleeper_create(struct sleeper *sleeper)
{
	init_completion(&sleeper->go);
	init_completion(&sleeper->done);
	/* On one CPU: its records are in order there. */
	sleeper->thread = thread_start(sleeper_run, sleeper,
				       cpumask_first(cpu_online_mask),
				       "fr-kunit-sleep");
	return sleeper->thread;
}

/* Let it run to its end, and wait until the scheduler is done with it. */
bool sleeper_finish(struct fr_recorder *recorder, struct sleeper *sleeper)
{
	struct task_struct *thread = sleeper->thread;
	bool gone = false;
	int i;

	get_task_struct(thread);
	complete(&sleeper->go);
	wait_for_completion(&sleeper->done);
	thread_stop(thread);
	for (i = 0; i < 250 && !gone; i++) {
		gone = !is_target(&recorder->targets, thread);
		msleep(20);
	}
	put_task_struct(thread);
	return gone;
}

/*
 * Before it is a target it may be on the tape all the same, now and then, where it
 * keeps a target waiting. From then on it is one.
 */
static bool is_bystander_yet(struct seen *seen,
			     const struct tape_record *record, u32 flag)
{
	if (record->payload >> FLIGHTREC_SWITCH_FLAGS_SHIFT & flag)
		seen->target = true;
	return !seen->target;
}

static void see_leave(struct seen *seen, const struct tape_record *record)
{
	u32 state = record->payload >> FLIGHTREC_SWITCH_STATE_SHIFT &
		    FLIGHTREC_SWITCH_STATE_MASK;

	if (is_bystander_yet(seen, record, FLIGHTREC_SWITCH_PREV_TARGET))
		return;
	seen->left[state]++;
	if (seen->switched && !seen->running)
		seen->fault = "it left twice";
	if (!(record->payload >> FLIGHTREC_SWITCH_FLAGS_SHIFT &
	      FLIGHTREC_SWITCH_PREV_TARGET))
		seen->fault = "it left, and was no target";
	seen->switched = true;
	seen->running = false;
}

static void see_come(struct seen *seen, const struct tape_record *record)
{
	if (is_bystander_yet(seen, record, FLIGHTREC_SWITCH_NEXT_TARGET))
		return;
	seen->came++;
	if (seen->switched && seen->running)
		seen->fault = "it came twice";
	if (!(record->payload >> FLIGHTREC_SWITCH_FLAGS_SHIFT &
	      FLIGHTREC_SWITCH_NEXT_TARGET))
		seen->fault = "it came, and was no target";
	seen->switched = true;
	seen->running = true;
}

static void see_waking(struct seen *seen, const struct tape_record *record)
{
	u32 context = record->payload >> FLIGHTREC_WAKING_CONTEXT_SHIFT &
		      FLIGHTREC_WAKING_CONTEXT_MASK;
	struct tape_cursor cursor = { .record = record };

	if (tape_tid(&cursor) == seen->tid)
		seen->woken[context]++;
	else if (record->tid == seen->tid)
		seen->wakes++;
}

/* A record that names a task in its payload. */
static bool names(const struct tape_record *record, u32 tid)
{
	struct tape_cursor cursor = { .record = record };

	return tape_tid(&cursor) == tid;
}

static void see_other(struct seen *seen, const struct tape_record *record)
{
	seen->payload = record->payload;
	switch (record->type) {
	case FLIGHTREC_WORD_TASK_EXIT:
		seen->exits++;
		seen->exit_code = record->payload & 0xffff;
		break;
	case FLIGHTREC_WORD_NEWTASK:
		seen->born += names(record, seen->tid);
		break;
	case FLIGHTREC_WORD_RENAME:
		seen->renamed += names(record, seen->tid);
		break;
	case FLIGHTREC_WORD_SIGNAL_GENERATE:
		seen->signals += names(record, seen->tid);
		break;
	}
}

static bool concerns(const struct seen *seen, const struct tape_record *record)
{
	switch (record->type) {
	case FLIGHTREC_WORD_SWITCH:
	case FLIGHTREC_WORD_WAKING:
	case FLIGHTREC_WORD_NEWTASK:
	case FLIGHTREC_WORD_RENAME:
	case FLIGHTREC_WORD_SIGNAL_GENERATE:
	case FLIGHTREC_WORD_MIGRATE:
		return record->tid == seen->tid || names(record, seen->tid);
	default:
		return record->tid == seen->tid;
	}
}

void see(void *data, const struct tape_record *record)
{
	struct seen *seen = data;

	if (!concerns(seen, record))
		return;
	/* CPU by CPU, so not in order. */
	seen->first = min(seen->first ?: U64_MAX, record->time);
	seen->last = max(seen->last, record->time);
	if (record->type == FLIGHTREC_WORD_WAKING)
		see_waking(seen, record);
	else if (record->type == FLIGHTREC_WORD_MIGRATE)
		seen->moves += names(record, seen->tid);
	else if (record->type != FLIGHTREC_WORD_SWITCH)
		see_other(seen, record);
	else if (record->tid == seen->tid)
		see_leave(seen, record);
	else
		see_come(seen, record);
}

/* Freeze, read the window, and look for @seen->tid in it. */
void see_window(struct kunit *test, struct fr_recorder *recorder,
		struct whole *whole, struct seen *seen)
{
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, whole), 0);
	whole->visit = see;
	whole->data = seen;
	EXPECT_NO_FAULT(test, whole_fault(whole));
	EXPECT_NO_FAULT(test, seen->fault);
}

/* @others: sleeps that are not its own: those before it begins. */
void check_sleeper(struct kunit *test, const struct seen *seen,
		   const struct sleeper *sleeper, u32 others)
{
	u32 contexts = seen->woken[FLIGHTREC_CONTEXT_SOFTIRQ] +
		       seen->woken[FLIGHTREC_CONTEXT_HARDIRQ];

	KUNIT_EXPECT_GE(test, sleeper->slept, SLEEPS / 2U);
	KUNIT_EXPECT_EQ(test, seen->left[FLIGHTREC_STATE_DISK_SLEEP],
			sleeper->slept + others);
	KUNIT_EXPECT_EQ(test, contexts, (u32)SLEEPS); /* by the timer */
	KUNIT_EXPECT_LE(test, seen->left[FLIGHTREC_STATE_SLEEPING], 1U);
	KUNIT_EXPECT_EQ(test, seen->left[FLIGHTREC_STATE_DEAD], 1U);
	KUNIT_EXPECT_GE(test, seen->came, sleeper->slept);
	KUNIT_EXPECT_FALSE(test, seen->running);
	KUNIT_EXPECT_GE(test, seen->wakes, 1U); /* completes @done */
	KUNIT_EXPECT_EQ(test, seen->exits, 1U);
	KUNIT_EXPECT_EQ(test, seen->exit_code, 0U);
}

/* ---- Names -------------------------------------------------------------- */

/**
 * struct names - do all who are mentioned have one?
 * @whole: the window
 * @missing: tid of one that has not
 */
struct names {
	const struct whole *whole;
	u32 missing;
};

static void need_name(struct names *needed, u32 tid)
{
	u64 i;

	if (!tid) /* a CPU's idle task has none */
		return;
	for (i = 0; i < whole_head(needed->whole)->tasks.count; i++)
		if (whole_task(needed->whole, i)->tid == tid)
			return;
	needed->missing = tid;
}

static void look_for_names(void *data, const struct tape_record *record)
{
	struct tape_cursor cursor = { .record = record };

	need_name(data, record->tid);
	switch (record->type) {
	case FLIGHTREC_WORD_SWITCH:
	case FLIGHTREC_WORD_WAKING:
	case FLIGHTREC_WORD_NEWTASK:
	case FLIGHTREC_WORD_RENAME:
	case FLIGHTREC_WORD_SIGNAL_GENERATE:
	case FLIGHTREC_WORD_MIGRATE:
		need_name(data, tape_tid(&cursor));
	}
}

/* Return: a tid that the tape mentions and that has no name; 0: none. */
u32 missing_name(const struct whole *whole)
{
	struct names needed = { .whole = whole };
	struct whole again = *whole;

	again.visit = look_for_names;
	again.data = &needed;
	whole_fault(&again);
	return needed.missing;
}
