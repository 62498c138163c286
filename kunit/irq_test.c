// SPDX-License-Identifier: GPL-2.0
/*
 * The probes of interrupts, and of where who can run waits: a real recorder, and
 * threads that raise softirqs or are woken elsewhere, so and so often.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>

#include "recorders.h"
#include "suites.h"
#include "tasks.h"

#define TID   FLIGHTREC_TARGET_TID
#define ROUND 50

static int irq_init(struct kunit *test)
{
	struct fr_recorder *recorder;
	int error = recorder_init(test);

	if (error)
		return error;
	recorder = test->priv;
	return recorder_configure(recorder, FLIGHTREC_EVENTS_ALL, 64);
}

/**
 * struct found - what the tape tells
 * @tid: of whom, or in the midst of whom
 * @entries: TASKLET softirqs that began in the midst of it
 * @exits: that ended there
 * @irqs: interrupts of all kinds, wherever
 * @moves: MIGRATE records of it
 * @cpu: where to, the last time
 * @fault: what makes no sense
 */
struct found {
	u32 tid;
	u32 entries;
	u32 exits;
	u32 irqs;
	u32 moves;
	u32 cpu;
	const char *fault;
};

static bool is_tasklet(const struct tape_record *record)
{
	u32 kind = record->payload >> FLIGHTREC_IRQ_KIND_SHIFT &
		   FLIGHTREC_IRQ_KIND_MASK;

	return kind == FLIGHTREC_IRQ_SOFTIRQ &&
	       (record->payload & FLIGHTREC_IRQ_NUMBER_MASK) == TASKLET_SOFTIRQ;
}

static void find_move(struct found *found, const struct tape_record *record)
{
	struct tape_cursor cursor = { .record = record };

	if (tape_tid(&cursor) != found->tid)
		return;
	found->moves++;
	found->cpu = record->payload >> FLIGHTREC_MIGRATE_CPU_SHIFT;
}

static void find(void *data, const struct tape_record *record)
{
	bool entry = record->type == FLIGHTREC_WORD_IRQ_ENTRY;
	struct found *found = data;

	if (record->type == FLIGHTREC_WORD_MIGRATE)
		find_move(found, record);
	if (!entry && record->type != FLIGHTREC_WORD_IRQ_EXIT)
		return;
	found->irqs++;
	if (record->tid != found->tid || !is_tasklet(record))
		return;
	if (entry)
		found->entries++;
	else
		found->exits++;
	if (found->exits > found->entries)
		found->fault = "a softirq ended that had not begun";
}

static void find_in_window(struct kunit *test, struct found *found)
{
	struct fr_recorder *recorder = test->priv;
	struct whole whole;

	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	whole.visit = find;
	whole.data = found;
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	EXPECT_NO_FAULT(test, found->fault);
	whole_free(&whole);
}

/* ---- A thread that raises softirqs -------------------------------------- */

/**
 * struct raiser - a thread that raises a softirq ROUND times
 * @thread: it
 * @tasklet: what that runs
 * @ran: how often it did
 * @go: it waits for this first
 * @done: it has
 */
struct raiser {
	struct task_struct *thread;
	struct tasklet_struct tasklet;
	u32 ran;
	struct completion go;
	struct completion done;
};

static void count_run(struct tasklet_struct *tasklet)
{
	container_of(tasklet, struct raiser, tasklet)->ran++;
}

/* With softirqs off when it is raised it runs when they are on again, at once. */
static int raiser_run(void *data)
{
	struct raiser *raiser = data;
	int i;

	wait_for_completion(&raiser->go);
	for (i = 0; i < ROUND; i++) {
		local_bh_disable();
		tasklet_schedule(&raiser->tasklet);
		local_bh_enable();
	}
	complete(&raiser->done);
	return thread_idle(NULL);
}

static void raiser_create(struct kunit *test, struct raiser *raiser)
{
	init_completion(&raiser->go);
	init_completion(&raiser->done);
	tasklet_setup(&raiser->tasklet, count_run);
	raiser->thread = thread_start(raiser_run, raiser,
				      cpumask_first(cpu_online_mask),
				      "fr-kunit-raise");
	KUNIT_ASSERT_NOT_NULL(test, raiser->thread);
}

static void raiser_finish(struct kunit *test, struct raiser *raiser)
{
	complete(&raiser->go);
	wait_for_completion(&raiser->done);
	thread_stop(raiser->thread);
	tasklet_kill(&raiser->tasklet);
	KUNIT_EXPECT_EQ(test, raiser->ran, (u32)ROUND);
}

/* Each that it raised, with its end, in the midst of it. */
static void records_where_a_target_runs(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct raiser raiser = {};
	struct found found = {};

	raiser_create(test, &raiser);
	found.tid = raiser.thread->pid;
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, found.tid, 0), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	raiser_finish(test, &raiser);
	find_in_window(test, &found);
	/* Others' tasklets may come in between. */
	KUNIT_EXPECT_GE(test, found.entries, (u32)ROUND);
	KUNIT_EXPECT_EQ(test, found.exits, found.entries);
}

static void nothing_where_no_target_is(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct raiser raiser = {};
	struct found found = {};

	raiser_create(test, &raiser);
	found.tid = raiser.thread->pid;
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	raiser_finish(test, &raiser);
	find_in_window(test, &found);
	KUNIT_EXPECT_EQ(test, found.irqs, 0U);
}

static void nothing_if_not_asked_for(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct raiser raiser = {};
	struct found found = {};

	recorder_configure(recorder, FLIGHTREC_EVENTS_DEFAULT, 64);
	raiser_create(test, &raiser);
	found.tid = raiser.thread->pid;
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, found.tid, 0), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	raiser_finish(test, &raiser);
	find_in_window(test, &found);
	KUNIT_EXPECT_EQ(test, found.irqs, 0U);
}

/* ---- A thread that is woken elsewhere ------------------------------------ */

/**
 * struct mover - a thread that is woken elsewhere
 * @go: it waits for this first
 * @there: it has run since
 */
struct mover {
	struct completion go;
	struct completion there;
};

static int mover_run(void *data)
{
	struct mover *mover = data;

	wait_for_completion(&mover->go);
	complete(&mover->there);
	return thread_idle(NULL);
}

/*
 * It sleeps where it ran, and may run elsewhere only: its waking moves it, or that, if
 * it does not sleep yet. While it waits there that CPU is watched; then it is not.
 */
static void tells_where_it_is_put(struct kunit *test)
{
	u32 from = cpumask_first(cpu_online_mask);
	u32 to = cpumask_next(from, cpu_online_mask);
	struct fr_recorder *recorder = test->priv;
	struct task_struct *thread;
	struct found found = {};
	struct mover mover;

	if (to >= nr_cpu_ids)
		kunit_skip(test, "one CPU is not enough");
	init_completion(&mover.go);
	init_completion(&mover.there);
	thread = thread_start(mover_run, &mover, -1, "fr-kunit-move");
	KUNIT_ASSERT_NOT_NULL(test, thread);
	set_cpus_allowed_ptr(thread, cpumask_of(from));
	complete(&mover.go);
	wait_for_completion(&mover.there);
	found.tid = thread->pid;
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, found.tid, 0), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	set_cpus_allowed_ptr(thread, cpumask_of(to));
	thread_stop(thread);
	find_in_window(test, &found);
	KUNIT_EXPECT_EQ(test, found.moves, 1U);
	KUNIT_EXPECT_EQ(test, found.cpu, to);
	KUNIT_EXPECT_EQ(test, per_cpu_ptr(recorder->rings, to)->watch, 0U);
}

static struct kunit_case irq_cases[] = {
	KUNIT_CASE(records_where_a_target_runs),
	KUNIT_CASE(nothing_where_no_target_is),
	KUNIT_CASE(nothing_if_not_asked_for),
	KUNIT_CASE(tells_where_it_is_put),
	{},
};

struct kunit_suite fr_irq_suite = {
	.name = "irq",
	.init = irq_init,
	.exit = recorder_exit,
	.test_cases = irq_cases,
};
