// SPDX-License-Identifier: GPL-2.0
/*
 * Sparing bystanders: births, and another tracer. There is always one here (main.c),
 * so nobody's calls cease to be traced but those of the threads that are made for it.
 * What is done to all tasks of a machine is tested from user space. What goes with a
 * slot: target_test.c.
 */
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>

#include "probe.h"
#include "recorders.h"
#include "suites.h"
#include "tasks.h"

#define TID	 FLIGHTREC_TARGET_TID
#define FOLLOW	 FLIGHTREC_TARGET_FOLLOW
#define KTHREADD 2
#define TASKS	 20000

static int sparing_init(struct kunit *test)
{
	struct fr_recorder *recorder;
	struct flightrec_config config;
	int error = recorder_init(test);

	if (error)
		return error;
	if (!FR_CAN_SPARE)
		kunit_skip(test, "not on this kernel");
	recorder = test->priv;
	config = recorder->config;
	config.flags = FLIGHTREC_CONFIG_SPARING;
	return fr_recorder_configure(recorder, &config);
}

static u32 state_of(struct fr_recorder *recorder)
{
	struct flightrec_stats stats = {};

	fr_recorder_stats(recorder, &stats, NULL);
	return stats.config.sparing;
}

static void refused_where_another_is(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;

	KUNIT_EXPECT_EQ(test, state_of(recorder), (u32)FLIGHTREC_SPARING_OFF);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_FALSE(test, fr_probes_are_alone(recorder));
	KUNIT_EXPECT_EQ(test, state_of(recorder),
			(u32)FLIGHTREC_SPARING_REFUSED);
	KUNIT_EXPECT_FALSE(test, recorder->targets.traces);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(current));
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	KUNIT_EXPECT_EQ(test, state_of(recorder), (u32)FLIGHTREC_SPARING_OFF);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(current));
}

static void nothing_to_do_without_calls(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;

	recorder->config.events = FLIGHTREC_EVENTS_SCHED;
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, state_of(recorder), (u32)FLIGHTREC_SPARING_OFF);
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
}

/* ---- Births ------------------------------------------------------------- */

/* Does kthreadd's next child have the flag? */
static bool child_has_flag(struct kunit *test, bool parents)
{
	struct task_struct *kthreadd, *child;
	bool flag;

	rcu_read_lock();
	/* It never ends. */
	kthreadd = pid_task(find_pid_ns(KTHREADD, &init_pid_ns), PIDTYPE_PID);
	rcu_read_unlock();
	if (parents)
		fr_task_trace_calls(kthreadd);
	else
		fr_task_spare_calls(kthreadd);
	child = thread_start(thread_idle, NULL, -1, "fr-kunit-flag");
	/* As the other tracer has it. */
	fr_task_trace_calls(kthreadd);
	KUNIT_ASSERT_NOT_NULL(test, child);
	flag = fr_task_has_calls_traced(child);
	thread_stop(child);
	return flag;
}

static void births_are(struct fr_recorder *recorder, u32 births)
{
	bool spared = births == FR_BIRTHS_SPARED;

	fr_targets_spare(&recorder->targets, spared, spared);
	WRITE_ONCE(recorder->sparing.births, births);
}

static void births_of_bystanders(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;

	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_TRUE(test, child_has_flag(test, true));
	KUNIT_EXPECT_FALSE(test, child_has_flag(test, false));
	births_are(recorder, FR_BIRTHS_SPARED);
	KUNIT_EXPECT_FALSE(test, child_has_flag(test, true));
	KUNIT_EXPECT_FALSE(test, child_has_flag(test, false));
	births_are(recorder, FR_BIRTHS_TRACED);
	KUNIT_EXPECT_TRUE(test, child_has_flag(test, true));
	KUNIT_EXPECT_TRUE(test, child_has_flag(test, false));
	births_are(recorder, FR_BIRTHS_LEFT);
	fr_recorder_stop(recorder);
}

static void births_of_targets(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;

	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, KTHREADD, 0), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	births_are(recorder, FR_BIRTHS_SPARED);
	/* Not followed, then followed; whatever the parent's flag is. */
	KUNIT_EXPECT_FALSE(test, child_has_flag(test, true));
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, KTHREADD), 1);
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, KTHREADD, FOLLOW), 1);
	KUNIT_EXPECT_TRUE(test, child_has_flag(test, true));
	KUNIT_EXPECT_TRUE(test, child_has_flag(test, false));
	births_are(recorder, FR_BIRTHS_LEFT);
	fr_recorder_stop(recorder);
}

/* ---- One adds, one spares ----------------------------------------------- */

/**
 * struct sparer - a thread that spares a task again and again
 * @targets: whose targets
 * @task: a target now and then
 */
struct sparer {
	struct fr_targets *targets;
	struct task_struct *task;
};

static int sparer_run(void *data)
{
	struct sparer *sparer = data;

	while (!kthread_should_stop()) {
		fr_target_spare(sparer->targets, sparer->task);
		cond_resched();
	}
	return 0;
}

static void targets_are_never_spared(struct kunit *test)
{
	struct target_room *room = target_room_create(4);
	int cpu = stay_and_choose_another_cpu();
	struct sparer sparer;
	struct task_struct *thread;
	u32 wrong = 0;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, room);
	sparer.targets = &room->targets;
	sparer.task = task_make(test, 1000);
	fr_targets_spare(&room->targets, true, true);
	thread = thread_start(sparer_run, &sparer, cpu, "fr-kunit-spare");
	for (i = 0; i < TASKS; i++) {
		fr_target_set(&room->targets, sparer.task, 0, NULL);
		cpu_relax();
		wrong += !fr_task_has_calls_traced(sparer.task);
		fr_target_clear(&room->targets, sparer.task);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, thread_stop(thread), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	EXPECT_NO_FAULT(test, targets_fault(&room->targets));
	target_room_destroy(room);
}

static struct kunit_case sparing_cases[] = {
	KUNIT_CASE(refused_where_another_is),
	KUNIT_CASE(nothing_to_do_without_calls),
	KUNIT_CASE(births_of_bystanders),
	KUNIT_CASE(births_of_targets),
	KUNIT_CASE(targets_are_never_spared),
	{},
};

struct kunit_suite fr_sparing_suite = {
	.name = "sparing",
	.init = sparing_init,
	.exit = recorder_exit,
	.test_cases = sparing_cases,
};
