// SPDX-License-Identifier: GPL-2.0
/*
 * The probes: a real recorder on real tracepoints, with kernel threads as
 * targets. What user space does is tested from there; what is here needs to
 * know what a thread did to the last switch. Births and names: follow_test.c.
 */
#include <linux/sched/signal.h>

#include "recorders.h"
#include "seen.h"
#include "suites.h"
#include "tasks.h"

#define TID	 FLIGHTREC_TARGET_TID
#define FOLLOW	 FLIGHTREC_TARGET_FOLLOW
#define KTHREADD 2

static int trace_init(struct kunit *test)
{
	struct fr_recorder *recorder;
	int error = recorder_init(test);

	if (error)
		return error;
	recorder = test->priv;
	return recorder_configure(recorder, FLIGHTREC_EVENTS_SCHED, 512);
}

/* ---- Cases -------------------------------------------------------------- */

/* Each sleep, each waking and its end, exactly; and who it was. */
static void records_a_thread(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_window_task *task;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, seen.tid, 0), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	see_window(test, recorder, &whole, &seen);
	check_sleeper(test, &seen, &sleeper, 0);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	task = whole_find_task(&whole, seen.tid, FLIGHTREC_UNTIL_EXIT);
	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_STREQ(test, (char *)task->comm, "fr-kunit-sleep");
	KUNIT_EXPECT_EQ(test, task->exit_code, 0U);
	KUNIT_EXPECT_EQ(test, task->flags,
			(u32)(FLIGHTREC_TASK_KERNEL | FLIGHTREC_TASK_LEADER |
			      FLIGHTREC_TASK_TARGET));
	/* Its last switch comes after its exit. */
	KUNIT_EXPECT_LT(test, task->until_clock, seen.last);
	KUNIT_EXPECT_GT(test, task->until_clock, seen.first);
	whole_free(&whole);
}

/* Added while it sleeps, not at the start. */
static void records_from_the_adding_on(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, seen.tid, 0), 1);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	see_window(test, recorder, &whole, &seen);
	check_sleeper(test, &seen, &sleeper, 0);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	whole_free(&whole);
}

/* Nobody is a target: whatever happens, nothing is written. */
static void bystanders_are_not_recorded(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	fr_recorder_start(recorder);
	sleeper_finish(recorder, &sleeper);
	see_window(test, recorder, &whole, &seen);
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->blocks.count, 0ULL);
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->tasks.count, 0ULL);
	whole_free(&whole);
}

/* Removed: from there on a bystander. */
static void removed_is_not_recorded(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	recorder_add(recorder, TID, seen.tid, 0);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, seen.tid), 1);
	sleeper_finish(recorder, &sleeper);
	see_window(test, recorder, &whole, &seen);
	KUNIT_EXPECT_EQ(test, seen.left[FLIGHTREC_STATE_DISK_SLEEP], 0U);
	KUNIT_EXPECT_EQ(test, seen.exits, 0U);
	whole_free(&whole);
}

/* Frozen: the thread dies unrecorded, but its name is there. */
static void dies_while_frozen(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_window_task *task;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	recorder_add(recorder, TID, seen.tid, 0);
	fr_recorder_start(recorder);
	/* Something to be named for. */
	send_sig(SIGUSR1, sleeper.thread, 0);
	fr_recorder_freeze(recorder);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	see_window(test, recorder, &whole, &seen);
	KUNIT_EXPECT_EQ(test, seen.signals, 1U);
	KUNIT_EXPECT_EQ(test, seen.left[FLIGHTREC_STATE_DISK_SLEEP], 0U);
	KUNIT_EXPECT_EQ(test, seen.exits, 0U);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	task = whole_find_task(&whole, seen.tid, FLIGHTREC_UNTIL_EXIT);
	KUNIT_EXPECT_TRUE(test, task && !strcmp(task->comm, "fr-kunit-sleep"));
	KUNIT_EXPECT_EQ(test, recorder->targets.tasks, 0U);
	whole_free(&whole);
}

static void signals_are_recorded(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	recorder_add(recorder, TID, seen.tid, 0);
	fr_recorder_start(recorder);
	send_sig(SIGUSR1, sleeper.thread, 0);
	see_window(test, recorder, &whole, &seen);
	KUNIT_EXPECT_EQ(test, seen.signals, 1U);
	KUNIT_EXPECT_EQ(test,
			seen.payload >> FLIGHTREC_SIGNAL_SHIFT &
				FLIGHTREC_SIGNAL_MASK,
			(u32)SIGUSR1);
	KUNIT_EXPECT_EQ(test, seen.payload >> FLIGHTREC_SIGNAL_RESULT_SHIFT,
			(u32)FLIGHTREC_SIGNAL_IGNORED);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	whole_free(&whole);
	sleeper_finish(recorder, &sleeper);
}

/* Without the scheduler's events a target ends with its exit. */
static void dies_without_scheduling_events(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct seen seen = {};
	struct whole whole;

	recorder_configure(recorder, FLIGHTREC_EVENTS_SYSCALLS, 512);
	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen.tid = sleeper.thread->pid;
	recorder_add(recorder, TID, seen.tid, 0);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	see_window(test, recorder, &whole, &seen);
	KUNIT_EXPECT_FALSE(test, seen.switched);
	KUNIT_EXPECT_EQ(test, seen.exits, 1U);
	KUNIT_EXPECT_EQ(test, recorder->targets.tasks, 0U);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	whole_free(&whole);
}

/* Room for one past name: of two that died the first has none, and that is told. */
static void names_run_out(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper first = {}, second = {};
	struct whole whole;
	u32 tid;

	recorder->config.identities = 1;
	KUNIT_ASSERT_TRUE(test, sleeper_create(&first));
	KUNIT_ASSERT_TRUE(test, sleeper_create(&second));
	tid = first.thread->pid;
	recorder_add(recorder, TID, tid, 0);
	recorder_add(recorder, TID, second.thread->pid, 0);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &first));
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &second));
	fr_recorder_freeze(recorder);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_EXPECT_NULL(test,
			  whole_find_task(&whole, tid, FLIGHTREC_UNTIL_EXIT));
	KUNIT_EXPECT_EQ(test, fr_identities_held(&recorder->identities), 1U);
	KUNIT_EXPECT_GE(test, recorder->identities.missed, 1ULL);
	KUNIT_EXPECT_GT(test, whole_head(&whole)->names_clock,
			whole_head(&whole)->start_clock);
	whole_free(&whole);
}

/* Nothing in the code assumes that there is only one recorder. */
static void two_recorders_side_by_side(struct kunit *test)
{
	struct fr_recorder *one = test->priv, *other = fr_recorder_create();
	struct sleeper sleeper = {}, neighbour = {};
	struct seen seen = {}, strange = {};
	struct whole whole;

	KUNIT_ASSERT_NOT_NULL(test, other);
	recorder_configure(other, FLIGHTREC_EVENTS_SCHED, 16);
	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	KUNIT_ASSERT_TRUE(test, sleeper_create(&neighbour));
	recorder_add(one, TID, sleeper.thread->pid, 0);
	recorder_add(other, TID, neighbour.thread->pid, 0);
	seen.tid = sleeper.thread->pid;
	strange.tid = neighbour.thread->pid;
	fr_recorder_start(one);
	fr_recorder_start(other);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(one, &sleeper));
	KUNIT_EXPECT_TRUE(test, sleeper_finish(other, &neighbour));
	see_window(test, one, &whole, &seen);
	check_sleeper(test, &seen, &sleeper, 0);
	whole_free(&whole);
	fr_recorder_stop(one);
	see_window(test, other, &whole, &strange);
	check_sleeper(test, &strange, &neighbour, 0);
	whole_free(&whole);
	fr_recorder_destroy(other);
}

/* ---- Priorities --------------------------------------------------------- */

static void change_priority(int sleep)
{
	if (sleep == SLEEPS / 2)
		sched_set_fifo_low(current);
}

/*
 * The same priority, another policy. Modules may not call sched_setscheduler();
 * this is all that it would do for SCHED_BATCH.
 */
static void change_policy(int sleep)
{
	if (sleep == SLEEPS / 2)
		current->policy = SCHED_BATCH;
}

static const struct flightrec_window_task *
run_changing(struct kunit *test, void (*between)(int sleep),
	     struct whole *whole, struct seen *seen)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = { .between = between };

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	seen->tid = sleeper.thread->pid;
	recorder_add(recorder, TID, seen->tid, 0);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	see_window(test, recorder, whole, seen);
	return whole_find_task(whole, seen->tid, FLIGHTREC_UNTIL_PRIORITY);
}

static void priority_is_of_its_time(struct kunit *test)
{
	const struct flightrec_window_task *before, *after;
	struct seen seen = {};
	struct whole whole;

	before = run_changing(test, change_priority, &whole, &seen);
	after = whole_find_task(&whole, seen.tid, FLIGHTREC_UNTIL_EXIT);
	KUNIT_ASSERT_TRUE(test, before && after);
	KUNIT_EXPECT_EQ(test, before->policy, (u32)SCHED_NORMAL);
	KUNIT_EXPECT_EQ(test, before->rt_priority, 0U);
	KUNIT_EXPECT_EQ(test, before->prio, 120);
	KUNIT_EXPECT_EQ(test, after->policy, (u32)SCHED_FIFO);
	KUNIT_EXPECT_EQ(test, after->rt_priority, 1U);
	KUNIT_EXPECT_EQ(test, after->prio, 98);
	KUNIT_EXPECT_LT(test, before->until_clock, after->until_clock);
	whole_free(&whole);
}

static void policy_is_of_its_time(struct kunit *test)
{
	const struct flightrec_window_task *before, *after;
	struct seen seen = {};
	struct whole whole;

	before = run_changing(test, change_policy, &whole, &seen);
	after = whole_find_task(&whole, seen.tid, FLIGHTREC_UNTIL_EXIT);
	KUNIT_EXPECT_TRUE(test, after && after->policy == SCHED_BATCH);
	KUNIT_EXPECT_TRUE(test, before && before->policy == SCHED_NORMAL);
	whole_free(&whole);
}

/* ---- Start and stop amid it all ----------------------------------------- */

static void start_and_stop_amid_events(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct whole whole;
	int i;

	recorder_configure(recorder, FLIGHTREC_EVENTS_ALL, 512);
	for (i = 0; i < 10; i++) {
		recorder_add(recorder, TID, KTHREADD, FOLLOW);
		recorder_add(recorder, TID, current->pid, 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
		recorder_mark_on(recorder, -1, 10);
		if (i % 2) {
			fr_recorder_freeze(recorder);
			KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
			EXPECT_NO_FAULT(test, whole_fault(&whole));
			KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
			whole_free(&whole);
		}
		KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	}
}

/* ---- Would it be noticed? ----------------------------------------------- */

static void missing_name_is_noticed(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_window_task *task;
	struct whole whole;

	fr_recorder_start(recorder);
	recorder_mark(recorder, "here");
	fr_recorder_freeze(recorder);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	KUNIT_EXPECT_EQ(test, missing_name(&whole), 0U);
	task = (void *)whole_find_task(&whole, current->pid,
				       FLIGHTREC_UNTIL_CUT);
	KUNIT_ASSERT_NOT_NULL(test, task);
	task->tid++;
	KUNIT_EXPECT_EQ(test, missing_name(&whole), (u32)current->pid);
	whole_free(&whole);
}

static void switches_that_contradict_are_noticed(struct kunit *test)
{
	struct tape_record record = {
		.tid = 5,
		.type = FLIGHTREC_WORD_SWITCH,
		.payload = 6 | (u32)FLIGHTREC_SWITCH_PREV_TARGET
				       << FLIGHTREC_SWITCH_FLAGS_SHIFT,
	};
	struct seen seen = { .tid = 5 };

	see(&seen, &record);
	KUNIT_EXPECT_NULL(test, seen.fault);
	see(&seen, &record);
	KUNIT_EXPECT_STREQ(test, seen.fault, "it left twice");
}

static struct kunit_case trace_cases[] = {
	KUNIT_CASE(records_a_thread),
	KUNIT_CASE(records_from_the_adding_on),
	KUNIT_CASE(bystanders_are_not_recorded),
	KUNIT_CASE(removed_is_not_recorded),
	KUNIT_CASE(dies_while_frozen),
	KUNIT_CASE(signals_are_recorded),
	KUNIT_CASE(dies_without_scheduling_events),
	KUNIT_CASE(names_run_out),
	KUNIT_CASE(two_recorders_side_by_side),
	KUNIT_CASE(priority_is_of_its_time),
	KUNIT_CASE(policy_is_of_its_time),
	KUNIT_CASE(start_and_stop_amid_events),
	KUNIT_CASE(missing_name_is_noticed),
	KUNIT_CASE(switches_that_contradict_are_noticed),
	{},
};

struct kunit_suite fr_trace_suite = {
	.name = "trace",
	.init = trace_init,
	.exit = recorder_exit,
	.test_cases = trace_cases,
};
