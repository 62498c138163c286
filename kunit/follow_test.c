// SPDX-License-Identifier: GPL-2.0
/*
 * The probes: who becomes a target by being born or by a name, who stops being
 * one by dying; with real kernel threads, all of which are born to kthreadd.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "recorders.h"
#include "seen.h"
#include "suites.h"
#include "tasks.h"

#define TID	 FLIGHTREC_TARGET_TID
#define TGID	 FLIGHTREC_TARGET_TGID
#define FOLLOW	 FLIGHTREC_TARGET_FOLLOW
#define KTHREADD 2

static int follow_init(struct kunit *test)
{
	struct fr_recorder *recorder;
	int error = recorder_init(test);

	if (error)
		return error;
	recorder = test->priv;
	return recorder_configure(recorder, FLIGHTREC_EVENTS_SCHED, 512);
}

/* ---- Births ------------------------------------------------------------- */

/* A kernel thread is born to kthreadd, and followed from there. */
static void birth_is_recorded(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, KTHREADD, FOLLOW), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	KUNIT_EXPECT_TRUE(test, is_target(&recorder->targets, sleeper.thread));
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	see_window(test, recorder, &whole, &seen);
	check_sleeper(test, &seen, &sleeper, 1);
	KUNIT_EXPECT_EQ(test, seen.born, 1U);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	whole_free(&whole);
}

#define CREATORS 2
#define CHILDREN 10
/* So many come behind the add in any case: see is_late(). */
#define LAST	 2
#define ROUNDS	 8

/**
 * struct creator - a thread that has threads created
 * @recorder: what may follow them
 * @added: the target was added, and that is over
 * @children: the threads
 * @late: which of them were asked for after that
 * @done: all are there
 */
struct creator {
	struct fr_recorder *recorder;
	const bool *added;
	struct task_struct *children[CHILDREN];
	bool late[CHILDREN];
	struct completion done;
};

/* Has the target been added? The last ones are not asked for before that. */
static bool is_late(const struct creator *creator, int i)
{
	/* Pairs with the release in add_amid_births(). */
	while (!smp_load_acquire(creator->added)) {
		if (i < CHILDREN - LAST)
			return false;
		usleep_range(50, 100);
	}
	return true;
}

static int creator_run(void *data)
{
	struct creator *creator = data;
	int i;

	for (i = 0; i < CHILDREN; i++) {
		creator->late[i] = is_late(creator, i);
		creator->children[i] =
			thread_start(thread_idle, NULL, -1, "fr-kunit-child");
	}
	complete(&creator->done);
	return 0;
}

/* How many children should be targets and are not; @lates: how many should. */
static u32 children_left_out(struct creator *creator, u32 *lates)
{
	u32 count = 0;
	int i;

	for (i = 0; i < CHILDREN; i++) {
		if (!creator->late[i] || !creator->children[i])
			continue;
		++*lates;
		count += !is_target(&creator->recorder->targets,
				    creator->children[i]);
	}
	return count;
}

static void stop_children(struct creator *creator)
{
	int i;

	for (i = 0; i < CHILDREN; i++)
		thread_stop(creator->children[i]);
}

/* Add kthreadd while threads are created. Return: how many were left out. */
static u32 add_amid_births(struct fr_recorder *recorder, int round, u32 *lates)
{
	struct creator *creators =
		kcalloc(CREATORS, sizeof(*creators), GFP_KERNEL);
	struct task_struct *threads[CREATORS];
	bool added = false;
	u32 left_out = 0;
	int i;

	if (!creators)
		return U32_MAX;
	for (i = 0; i < CREATORS; i++) {
		creators[i].recorder = recorder;
		creators[i].added = &added;
		init_completion(&creators[i].done);
		threads[i] = thread_start(creator_run, &creators[i], -1,
					  "fr-kunit-create");
	}
	usleep_range(round * 300, round * 300 + 100);
	recorder_add(recorder, TGID, KTHREADD, FOLLOW);
	/* Who sees this sees the target: pairs with is_late(). */
	smp_store_release(&added, true);
	for (i = 0; i < CREATORS; i++) {
		if (threads[i])
			wait_for_completion(&creators[i].done);
		thread_stop(threads[i]);
		left_out += children_left_out(&creators[i], lates);
		stop_children(&creators[i]);
	}
	recorder_remove(recorder, TGID, KTHREADD);
	kfree(creators);
	return left_out;
}

static void add_amid_real_births(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u32 lates = 0;
	int round;

	fr_recorder_start(recorder);
	for (round = 0; round < ROUNDS; round++)
		KUNIT_EXPECT_EQ(test, add_amid_births(recorder, round, &lates),
				0U);
	kunit_info(test, "%u of %u were asked for behind the add\n", lates,
		   ROUNDS * CREATORS * CHILDREN);
	KUNIT_EXPECT_GE(test, lates, (u32)(ROUNDS * LAST));
	KUNIT_EXPECT_EQ(test, recorder->targets.missed, 0ULL);
	fr_recorder_stop(recorder);
}

/* ---- Names -------------------------------------------------------------- */

/* A thread takes a name that was asked for before it was there. */
static void name_is_taken_later(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_add_name(recorder, "fr-kunit-sleep"), 0);
	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	KUNIT_EXPECT_TRUE(test, is_target(&recorder->targets, sleeper.thread));
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	see_window(test, recorder, &whole, &seen);
	KUNIT_EXPECT_EQ(test, seen.renamed, 1U);
	KUNIT_EXPECT_EQ(test, seen.exits, 1U);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	whole_free(&whole);
}

/* ---- Deaths ------------------------------------------------------------- */

#define SHORT_NAME "fr-kunit-short"
#define ADDS	   40

static int short_run(void *data)
{
	return 0;
}

/* Lets threads live and die, one after the other. */
static int undertaker_run(void *data)
{
	u32 *deaths = data;

	while (!kthread_should_stop()) {
		struct task_struct *threads[3];
		int i;

		for (i = 0; i < ARRAY_SIZE(threads); i++)
			threads[i] =
				thread_start(short_run, NULL, -1, SHORT_NAME);
		for (i = 0; i < ARRAY_SIZE(threads); i++)
			thread_stop(threads[i]);
		*deaths += ARRAY_SIZE(threads);
	}
	return 0;
}

/* Does every slot come back, when all have died? */
static bool slots_come_back(struct fr_recorder *recorder)
{
	int i;

	for (i = 0; i < 100 && READ_ONCE(recorder->targets.tasks); i++)
		msleep(20);
	return !recorder->targets.tasks;
}

/* Who is added at its very end must not keep a slot for ever. */
static void add_amid_real_deaths(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct task_struct *undertaker;
	u32 deaths = 0, tasks = 0;
	int i;

	fr_recorder_start(recorder);
	undertaker =
		thread_start(undertaker_run, &deaths, -1, "fr-kunit-death");
	for (i = 0; i < ADDS; i++) {
		int added = recorder_add_name(recorder, SHORT_NAME);

		KUNIT_EXPECT_GE(test, added, 0);
		tasks += added;
		usleep_range(i * 50, i * 50 + 50);
		added = recorder_remove_name(recorder, SHORT_NAME);
		KUNIT_EXPECT_GE(test, added, 0);
	}
	thread_stop(undertaker);
	kunit_info(test, "%u died, %u were found alive\n", deaths, tasks);
	KUNIT_EXPECT_GT(test, deaths, 0U);
	KUNIT_EXPECT_TRUE(test, slots_come_back(recorder));
	EXPECT_NO_FAULT(test, targets_fault(&recorder->targets));
}

static struct kunit_case follow_cases[] = {
	KUNIT_CASE(birth_is_recorded),
	KUNIT_CASE(add_amid_real_births),
	KUNIT_CASE(name_is_taken_later),
	KUNIT_CASE(add_amid_real_deaths),
	{},
};

struct kunit_suite fr_follow_suite = {
	.name = "follow",
	.init = follow_init,
	.exit = recorder_exit,
	.test_cases = follow_cases,
};
