// SPDX-License-Identifier: GPL-2.0
/*
 * Triggers: what can be asked for, when they fire, what they do. With real probes and
 * kernel threads; of system calls it is told by hand, for kernel threads make none.
 */
#include <linux/delay.h>
#include <linux/kthread.h>

#include "recorders.h"
#include "seen.h"
#include "suites.h"
#include "tasks.h"

#define TID    FLIGHTREC_TARGET_TID
#define NOTIFY FLIGHTREC_ACTION_NOTIFY
#define FREEZE FLIGHTREC_ACTION_FREEZE
#define MS     NSEC_PER_MSEC

/* ---- What can be asked for ---------------------------------------------- */

/**
 * struct asked - a trigger, and whether it can be asked for
 * @valid: it can
 * @what: it
 */
struct asked {
	bool valid;
	struct flightrec_trigger what;
};

#define ASK_TO(is_valid, does, name, ...)                      \
	{                                                      \
		is_valid,                                      \
		{                                              \
			.condition = FLIGHTREC_TRIGGER_##name, \
			.action = (does), ##__VA_ARGS__        \
		}                                              \
	}
#define ASK(is_valid, name, ...) ASK_TO(is_valid, NOTIFY, name, ##__VA_ARGS__)

static const struct asked asked[] = {
	ASK(true, CALL, .limit_ns = 1),
	ASK(true, CALL, .limit_ns = 1ULL << 60),
	ASK(false, CALL, .limit_ns = (1ULL << 60) + 1),
	ASK(false, CALL),
	ASK(true, CALL, .limit_ns = 1, .calls_count = 8),
	ASK(false, CALL, .limit_ns = 1, .calls_count = 9),
	ASK(false, CALL, .limit_ns = 1, .calls = { 1 }),
	ASK(false, CALL, .limit_ns = 1, .calls_count = 1, .calls = { -1 }),
	ASK(false, CALL, .limit_ns = 1, .value = 1),
	ASK(false, CALL, .limit_ns = 1, .text = "a"),
	ASK(false, CALL, .limit_ns = 1, .reserved = 1),
	ASK(true, CALL, .limit_ns = 1, .every_ns = 1ULL << 60, .max = 1),
	ASK(false, CALL, .limit_ns = 1, .every_ns = U64_MAX),
	ASK(false, CALL, .limit_ns = 1, .tail_ns = 1),
	ASK(false, CALL, .limit_ns = 1, .tail_percent = 1),
	ASK_TO(false, 0, CALL, .limit_ns = 1),
	ASK_TO(false, 3, CALL, .limit_ns = 1),
	ASK_TO(true, FREEZE, CALL, .limit_ns = 1),
	ASK_TO(true, FREEZE, CALL, .limit_ns = 1, .tail_ns = 1,
	       .tail_percent = 100),
	ASK_TO(false, FREEZE, CALL, .limit_ns = 1, .tail_percent = 101),
	ASK_TO(false, FREEZE, CALL, .limit_ns = 1, .tail_ns = (1ULL << 40) + 1),
	ASK(true, ERRNO, .value = 1),
	ASK(true, ERRNO, .value = 4095, .calls_count = 1, .calls = { 3 }),
	ASK(false, ERRNO, .value = 0),
	ASK(false, ERRNO, .value = 4096),
	ASK(false, ERRNO, .value = -1),
	ASK(false, ERRNO, .value = 1, .limit_ns = 1),
	ASK(true, WAIT, .limit_ns = 1),
	ASK(false, WAIT, .limit_ns = 1, .calls_count = 1),
	ASK(true, OFF, .limit_ns = 1),
	ASK(true, SIGNAL, .value = 0),
	ASK(true, SIGNAL, .value = 64),
	ASK(false, SIGNAL, .value = 65),
	ASK(true, EXIT, .value = 255),
	ASK(false, EXIT, .value = 256),
	ASK(true, EXEC),
	ASK(false, EXEC, .value = 1),
	ASK(true, MARK, .text = "slow"),
	ASK(true, MARK),
	ASK(false, MARK, .text = "a\0b"),
	ASK(true, MARK, .text = "01234567890123456789012345678901"),
	ASK(true, IN_CALL, .limit_ns = 8 * MS),
	ASK(false, IN_CALL, .limit_ns = 8 * MS - 1),
	ASK(true, WAITING, .limit_ns = 8 * MS),
	ASK(true, RUNNING, .limit_ns = 8 * MS),
	ASK(true, AWAY, .limit_ns = 8 * MS),
	{ false, { .condition = 0, .action = NOTIFY } },
	{ false, { .condition = 13, .action = NOTIFY } },
	{ false, { .condition = U32_MAX, .action = NOTIFY } },
	{ false,
	  { .condition = 32 + FLIGHTREC_TRIGGER_EXEC, .action = NOTIFY } },
};

static void limits_of_what_is_asked(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(asked); i++)
		KUNIT_EXPECT_EQ_MSG(test, fr_trigger_is_valid(&asked[i].what),
				    asked[i].valid, "entry %u", i);
}

/* Return: its id, or an errno. */
static int add(struct fr_recorder *recorder, struct flightrec_trigger what)
{
	int error = -EINVAL;

	if (fr_trigger_is_valid(&what))
		error = fr_recorder_trigger_add(recorder, &what);
	return error ?: what.id;
}

static int remove(struct fr_recorder *recorder, u32 id)
{
	const struct flightrec_trigger what = { .id = id };

	return fr_recorder_trigger_remove(recorder, &what);
}

static struct flightrec_trigger get(struct fr_recorder *recorder, u32 id)
{
	struct flightrec_trigger what = { .id = id };

	fr_recorder_trigger_get(recorder, &what);
	return what;
}

static void come_and_go(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_trigger exec = {
		.condition = FLIGHTREC_TRIGGER_EXEC,
		.action = NOTIFY,
	};
	struct flightrec_trigger what = {};
	u32 i;

	for (i = 1; i <= FLIGHTREC_TRIGGERS_MAX; i++)
		KUNIT_EXPECT_EQ(test, add(recorder, exec), (int)i);
	KUNIT_EXPECT_EQ(test, add(recorder, exec), -ENOSPC);
	KUNIT_EXPECT_EQ(test, remove(recorder, 7), 0);
	KUNIT_EXPECT_EQ(test, remove(recorder, 7), -ESRCH);
	KUNIT_EXPECT_EQ(test, remove(recorder, 0), -ESRCH);
	/* In its place, with another id. */
	KUNIT_EXPECT_EQ(test, add(recorder, exec), FLIGHTREC_TRIGGERS_MAX + 1);
	what.id = 7;
	KUNIT_EXPECT_EQ(test, fr_recorder_trigger_get(recorder, &what), 0);
	KUNIT_EXPECT_EQ(test, what.id, 8U);
	KUNIT_EXPECT_EQ(test, what.condition, exec.condition);
	what.id = FLIGHTREC_TRIGGERS_MAX + 2;
	KUNIT_EXPECT_EQ(test, fr_recorder_trigger_get(recorder, &what), -ESRCH);
	/* They outlive a stop, and start again. */
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_TRUE(test, fr_triggers_have(&recorder->triggers,
						 FLIGHTREC_TRIGGER_EXEC));
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	KUNIT_EXPECT_EQ(test, get(recorder, 1).id, 1U);
	KUNIT_EXPECT_FALSE(test, fr_triggers_have(&recorder->triggers,
						  FLIGHTREC_TRIGGER_EXEC));
}

/* What nobody asks for is not paid for. */
static void keys_follow(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int call = add(recorder, (struct flightrec_trigger){
					 .condition = FLIGHTREC_TRIGGER_CALL,
					 .action = NOTIFY,
					 .limit_ns = MS });
	int wait;

	KUNIT_EXPECT_FALSE(test, static_key_enabled(&fr_calls_are_judged));
	fr_recorder_start(recorder);
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&fr_calls_are_judged));
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&fr_sched_is_judged));
	wait = add(recorder, (struct flightrec_trigger){
				     .condition = FLIGHTREC_TRIGGER_WAITING,
				     .action = NOTIFY,
				     .limit_ns = 8 * MS });
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&fr_sched_is_judged));
	KUNIT_EXPECT_TRUE(test, hrtimer_active(&recorder->triggers.timer));
	KUNIT_EXPECT_EQ(test, remove(recorder, call), 0);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&fr_calls_are_judged));
	KUNIT_EXPECT_EQ(test, remove(recorder, wait), 0);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&fr_sched_is_judged));
	KUNIT_EXPECT_FALSE(test, hrtimer_active(&recorder->triggers.timer));
	add(recorder,
	    (struct flightrec_trigger){ .condition = FLIGHTREC_TRIGGER_OFF,
					.action = NOTIFY,
					.limit_ns = 1 });
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&fr_sched_is_judged));
	fr_recorder_stop(recorder);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&fr_sched_is_judged));
}

/* ---- When they fire ------------------------------------------------------ */

static struct flightrec_firing last_firing(struct fr_recorder *recorder)
{
	struct flightrec_firing firing = {};

	fr_triggers_last(&recorder->triggers, &firing);
	return firing;
}

/* As the probe does when a call of @ns has ended. */
static void call_ends(struct fr_recorder *recorder, s32 nr, u64 ns, s64 result)
{
	u64 ticks = mul_u64_u64_div_u64(ns, fr_clock_khz(), MS);

	preempt_disable();
	fr_triggers_judge_call(recorder, 1234, nr, false, ticks, result);
	preempt_enable();
}

static void slow_calls(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_firing firing;
	int any, one;

	any = add(recorder, (struct flightrec_trigger){
				    .condition = FLIGHTREC_TRIGGER_CALL,
				    .action = NOTIFY,
				    .limit_ns = 20 * MS });
	one = add(recorder, (struct flightrec_trigger){
				    .condition = FLIGHTREC_TRIGGER_CALL,
				    .action = NOTIFY,
				    .limit_ns = 5 * MS,
				    .calls_count = 2,
				    .calls = { 7, 9 } });
	fr_recorder_start(recorder);
	call_ends(recorder, 9, 4 * MS, 0);
	call_ends(recorder, 8, 19 * MS, 0);
	KUNIT_EXPECT_EQ(test, last_firing(recorder).sequence, 0ULL);
	call_ends(recorder, 9, 6 * MS, 0);
	firing = last_firing(recorder);
	KUNIT_EXPECT_EQ(test, firing.trigger, (u32)one);
	KUNIT_EXPECT_EQ(test, firing.condition, (u32)FLIGHTREC_TRIGGER_CALL);
	KUNIT_EXPECT_EQ(test, firing.tid, 1234U);
	KUNIT_EXPECT_EQ(test, firing.nr, 9);
	KUNIT_EXPECT_EQ(test, firing.limit, 5LL * MS);
	KUNIT_EXPECT_GE(test, firing.value, 6LL * MS - 10);
	KUNIT_EXPECT_LE(test, firing.value, 6LL * MS + 10);
	KUNIT_EXPECT_EQ(test, firing.action, (u32)NOTIFY);
	KUNIT_EXPECT_GT(test, firing.clock, recorder->start.clock);
	call_ends(recorder, 8, 21 * MS, 0);
	KUNIT_EXPECT_EQ(test, last_firing(recorder).trigger, (u32)any);
	/* Both. */
	call_ends(recorder, 7, 30 * MS, 0);
	KUNIT_EXPECT_EQ(test, get(recorder, any).fired, 2ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, one).fired, 2ULL);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)FLIGHTREC_RECORDING);
}

static void calls_that_fail(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int id = add(recorder, (struct flightrec_trigger){
				       .condition = FLIGHTREC_TRIGGER_ERRNO,
				       .action = NOTIFY,
				       .value = ENOSPC,
				       .calls_count = 1,
				       .calls = { 1 } });

	fr_recorder_start(recorder);
	call_ends(recorder, 1, 1, -ENOENT);
	call_ends(recorder, 1, 1, ENOSPC);
	call_ends(recorder, 2, 1, -ENOSPC);
	call_ends(recorder, 1, 1, S64_MIN);
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 0ULL);
	call_ends(recorder, 1, 1, -ENOSPC);
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 1ULL);
	KUNIT_EXPECT_EQ(test, last_firing(recorder).value, (s64)ENOSPC);
}

/* Calls fail all the time; meanwhile triggers are armed, as when others come and go. */
struct failing {
	struct fr_recorder *recorder;
	struct completion begun;
	u64 calls;
};

static int fail_calls(void *data)
{
	struct failing *failing = data;

	do {
		call_ends(failing->recorder, 1, 1, -ENOSPC);
		if (!failing->calls++)
			complete(&failing->begun);
		cond_resched();
	} while (!kthread_should_stop());
	return 0;
}

static void armed_while_calls_fail(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_trigger errno_trigger = {
		.condition = FLIGHTREC_TRIGGER_ERRNO,
		.action = NOTIFY,
		.value = ENOSPC,
	};
	struct failing failing = { .recorder = recorder };
	int cpu = stay_and_choose_another_cpu();
	struct task_struct *thread;
	int id = add(recorder, errno_trigger);
	u32 i;

	if (cpu < 0)
		kunit_skip(test, "needs two CPUs");
	init_completion(&failing.begun);
	fr_recorder_start(recorder);
	thread = thread_start(fail_calls, &failing, cpu, "fr-kunit-failing");
	KUNIT_ASSERT_NOT_NULL(test, thread);
	wait_for_completion(&failing.begun);
	errno_trigger.value = ENOENT;
	add(recorder, errno_trigger);
	down_write(&recorder->lock);
	for (i = 0; i < 20000; i++)
		fr_triggers_arm(recorder);
	up_write(&recorder->lock);
	thread_stop(thread);
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, failing.calls);
}

static void marks_with_a_beginning(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int id = add(recorder, (struct flightrec_trigger){
				       .condition = FLIGHTREC_TRIGGER_MARK,
				       .action = NOTIFY,
				       .text = "slow" });

	fr_recorder_start(recorder);
	recorder_mark(recorder, "slo");
	recorder_mark(recorder, "not slow");
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 0ULL);
	recorder_mark(recorder, "slow");
	recorder_mark(recorder, "slower than ever");
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 2ULL);
	KUNIT_EXPECT_EQ(test, last_firing(recorder).tid, (u32)current->pid);
}

static void not_too_often(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_trigger mark = {
		.condition = FLIGHTREC_TRIGGER_MARK,
		.action = NOTIFY,
	};
	int once, rarely;
	u32 i;

	mark.max = 3;
	once = add(recorder, mark);
	mark.max = 0;
	mark.every_ns = 3600ULL * NSEC_PER_SEC;
	rarely = add(recorder, mark);
	fr_recorder_start(recorder);
	for (i = 0; i < 10; i++)
		recorder_mark(recorder, "x");
	KUNIT_EXPECT_EQ(test, get(recorder, once).fired, 3ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, once).held_back, 7ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, rarely).fired, 1ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, rarely).held_back, 9ULL);
	/* Another recording may have another clock. */
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	fr_recorder_start(recorder);
	recorder_mark(recorder, "x");
	KUNIT_EXPECT_EQ(test, get(recorder, rarely).fired, 2ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, once).fired, 3ULL);
}

/* A thread that sleeps, and waits for a CPU: real switches. */
static void switches_are_timed(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	struct flightrec_firing firing;
	int off, never;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	off = add(recorder, (struct flightrec_trigger){
				    .condition = FLIGHTREC_TRIGGER_OFF,
				    .action = NOTIFY,
				    .limit_ns = 20 * MS });
	never = add(recorder, (struct flightrec_trigger){
				      .condition = FLIGHTREC_TRIGGER_OFF,
				      .action = NOTIFY,
				      .limit_ns = 3600ULL * NSEC_PER_SEC });
	recorder_add(recorder, TID, sleeper.thread->pid, 0);
	fr_recorder_start(recorder);
	/* It waits from now on, as far as is known. */
	msleep(50);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
	KUNIT_EXPECT_GE(test, get(recorder, off).fired, 1ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, never).fired, 0ULL);
	firing = last_firing(recorder);
	KUNIT_EXPECT_GE(test, firing.value, 20LL * MS);
	KUNIT_EXPECT_EQ(test, firing.nr, -1);
}

static bool await_firing(struct fr_recorder *recorder, u32 id)
{
	u32 tries;

	for (tries = 0; tries < 500 && !get(recorder, id).fired; tries++)
		msleep(20);
	return get(recorder, id).fired;
}

/* Found while it lasts, and once. */
static void what_lasts(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct sleeper sleeper = {};
	u32 tid;
	int id;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	tid = sleeper.thread->pid;
	id = add(recorder, (struct flightrec_trigger){
				   .condition = FLIGHTREC_TRIGGER_AWAY,
				   .action = NOTIFY,
				   .limit_ns = 20 * MS });
	fr_recorder_start(recorder);
	/* Who sleeps already when he becomes a target, from then on. */
	recorder_add(recorder, TID, tid, 0);
	KUNIT_EXPECT_TRUE(test, await_firing(recorder, id));
	KUNIT_EXPECT_EQ(test, last_firing(recorder).tid, tid);
	KUNIT_EXPECT_GT(test, last_firing(recorder).value, 20LL * MS);
	msleep(200);
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 1ULL);
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
}

/* One that is added while the timer looks for another one: with its limit, at once. */
static void added_while_others_look(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_trigger away = {
		.condition = FLIGHTREC_TRIGGER_AWAY,
		.action = NOTIFY,
		.limit_ns = 8 * MS,
	};
	struct sleeper sleeper = {};
	int looks, id;
	u32 i;

	KUNIT_ASSERT_TRUE(test, sleeper_create(&sleeper));
	looks = add(recorder, away);
	recorder_add(recorder, TID, sleeper.thread->pid, 0);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_TRUE(test, await_firing(recorder, looks));
	away.limit_ns = 3600ULL * NSEC_PER_SEC;
	for (i = 0; i < 300; i++) {
		id = add(recorder, away);
		/* Its timer may look before that. */
		usleep_range(100, 200);
		KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 0ULL);
		KUNIT_EXPECT_EQ(test, remove(recorder, id), 0);
	}
	KUNIT_EXPECT_TRUE(test, sleeper_finish(recorder, &sleeper));
}

/*
 * Not for ever: a test that fails comes to its end, too, which may want this CPU. Who must
 * have it gets it: where kernel threads are not preempted, softirqs that ksoftirqd is to
 * do, and every RCU grace period with them, would wait until this has ended.
 */
static int spin(void *data)
{
	unsigned long end = jiffies + 30 * HZ;
	bool *spins = data;

	WRITE_ONCE(*spins, true);
	while (!kthread_should_stop() && time_before(jiffies, end)) {
		cpu_relax();
		cond_resched();
	}
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

/* How often it has given up its CPU, as the scheduler counts. */
static unsigned long switches_of(struct task_struct *thread)
{
	/* One that is missed, or seen too early, costs a try: see who_runs_for_long(). */
	return data_race(thread->nvcsw + thread->nivcsw);
}

static int add_runs_for_long(struct fr_recorder *recorder)
{
	return add(recorder, (struct flightrec_trigger){
				     .condition = FLIGHTREC_TRIGGER_RUNNING,
				     .action = NOTIFY,
				     .limit_ns = 20 * MS });
}

/*
 * A target that is added later, and a trigger that comes to the place of another. Return:
 * both while it went on running: that is why the one had to begin with what it found, and
 * the other was not taken for the one that had been told.
 */
static bool both_see_who_runs(struct kunit *test, struct task_struct *thread)
{
	struct fr_recorder *recorder = test->priv;
	unsigned long switches = switches_of(thread);
	int id = add_runs_for_long(recorder);

	/* Runs already: what it does now it has begun now. */
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, thread->pid, 0), 1);
	KUNIT_EXPECT_TRUE(test, await_firing(recorder, id));
	KUNIT_EXPECT_EQ(test, last_firing(recorder).tid, (u32)thread->pid);
	KUNIT_EXPECT_EQ(test, remove(recorder, id), 0);
	id = add_runs_for_long(recorder);
	KUNIT_EXPECT_TRUE(test, await_firing(recorder, id));
	KUNIT_EXPECT_EQ(test, last_firing(recorder).tid, (u32)thread->pid);
	KUNIT_EXPECT_EQ(test, remove(recorder, id), 0);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, thread->pid), 1);
	return switches_of(thread) == switches;
}

static void who_runs_for_long(struct kunit *test)
{
	int cpu = stay_and_choose_another_cpu();
	struct task_struct *thread;
	bool spins = false, unbroken = false;
	int tries;

	if (cpu < 0)
		kunit_skip(test, "needs two CPUs");
	/* For this one the times stay known while the one that is tried is gone. */
	add(test->priv,
	    (struct flightrec_trigger){ .condition = FLIGHTREC_TRIGGER_AWAY,
					.action = NOTIFY,
					.limit_ns = 3600ULL * NSEC_PER_SEC });
	fr_recorder_start(test->priv);
	thread = thread_start(spin, &spins, cpu, "fr-kunit-spin");
	KUNIT_ASSERT_NOT_NULL(test, thread);
	while (!READ_ONCE(spins))
		msleep(20);
	for (tries = 0; tries < 20 && !unbroken; tries++)
		unbroken = both_see_who_runs(test, thread);
	KUNIT_EXPECT_TRUE(test, unbroken);
	thread_stop(thread);
}

/* ---- What they do -------------------------------------------------------- */

static int freeze_at_mark(struct fr_recorder *recorder, u64 tail_ns,
			  u32 tail_percent)
{
	return add(recorder, (struct flightrec_trigger){
				     .condition = FLIGHTREC_TRIGGER_MARK,
				     .action = FREEZE,
				     .text = "now",
				     .tail_ns = tail_ns,
				     .tail_percent = tail_percent });
}

struct found {
	u64 marks;
};

static void count_mark(void *data, const struct tape_record *record)
{
	struct found *found = data;

	found->marks += record->type == FLIGHTREC_WORD_MARK;
}

static u64 marks_of(struct kunit *test, struct fr_recorder *recorder, u32 id)
{
	struct found found = {};
	struct whole whole;

	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	whole.visit = count_mark;
	whole.data = &found;
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->reason,
			(u32)FLIGHTREC_REASON_TRIGGER);
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->firing.trigger, id);
	KUNIT_EXPECT_GE(test, whole_head(&whole)->cut_clock,
			whole_head(&whole)->firing.clock);
	whole_free(&whole);
	return found.marks;
}

static struct flightrec_stats stats_of(struct fr_recorder *recorder)
{
	struct flightrec_stats stats = {};

	fr_recorder_stats(recorder, &stats, NULL);
	return stats;
}

/* At once: the mark is the last thing on the tape. */
static void freezes_at_once(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int id = freeze_at_mark(recorder, 0, 0);
	struct flightrec_stats stats;

	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "before"), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "later"), -ENODATA);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)FLIGHTREC_FROZEN);
	stats = stats_of(recorder);
	KUNIT_EXPECT_EQ(test, stats.state, (u32)FLIGHTREC_FROZEN);
	KUNIT_EXPECT_EQ(test, stats.reason, (u32)FLIGHTREC_REASON_TRIGGER);
	KUNIT_EXPECT_GT(test, stats.now_mono_ns, stats.start_mono_ns);
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), -EALREADY);
	KUNIT_EXPECT_EQ(test, marks_of(test, recorder, id), 2ULL);
	/* And again. */
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
	KUNIT_EXPECT_EQ(test, marks_of(test, recorder, id), 3ULL);
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 2ULL);
}

/* Until its window is there, a freeze by a trigger is told of by nobody. */
static void is_told_when_settled(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_stats stats;

	freeze_at_mark(recorder, 0, 0);
	fr_recorder_start(recorder);
	/* As who asks for the statistics does: nobody can settle it meanwhile. */
	down_read(&recorder->lock);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(recorder->state),
			(u32)FLIGHTREC_FROZEN);
	KUNIT_EXPECT_EQ(test, fr_recorder_state(recorder),
			(u32)FLIGHTREC_RECORDING);
	up_read(&recorder->lock);
	stats = stats_of(recorder);
	KUNIT_EXPECT_EQ(test, stats.state, (u32)FLIGHTREC_FROZEN);
	KUNIT_EXPECT_EQ(test, stats.now_mono_ns, recorder->trip.cut.mono_ns);
	KUNIT_EXPECT_EQ(test, fr_recorder_state(recorder),
			(u32)FLIGHTREC_FROZEN);
}

/* Whoever comes first makes the window: here, a thaw. */
static void thawed_before_it_is_settled(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u32 i;

	freeze_at_mark(recorder, 0, 0);
	fr_recorder_start(recorder);
	for (i = 0; i < 50; i++) {
		KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	}
	KUNIT_EXPECT_EQ(test, recorder->generation, 50ULL);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).state, (u32)FLIGHTREC_IDLE);
}

static bool await_state(struct fr_recorder *recorder, u32 state)
{
	u32 tries;

	for (tries = 0; tries < 500; tries++) {
		if (stats_of(recorder).state == state)
			return true;
		msleep(20);
	}
	return false;
}

/* Records on for a while; frozen by the timer, with nobody's help. */
static void freezes_after_a_tail(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int id = freeze_at_mark(recorder, 200 * MS, 0);

	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "later"), 0);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).state, (u32)FLIGHTREC_TRIPPED);
	/* Another one is not waited for anew. */
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now, too"), 0);
	KUNIT_EXPECT_TRUE(test, await_state(recorder, FLIGHTREC_FROZEN));
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "too late"), -ENODATA);
	KUNIT_EXPECT_EQ(test, marks_of(test, recorder, id), 3ULL);
	KUNIT_EXPECT_GE(test,
			recorder->window.cut.mono_ns -
				recorder->trip.firing.mono_ns,
			200ULL * MS);
}

static void tail_by_the_tape(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u32 marks;

	freeze_at_mark(recorder, 0, 25);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "now"), 0);
	msleep(50);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).state, (u32)FLIGHTREC_TRIPPED);
	for (marks = 0; !recorder_mark(recorder, "goes on for some time");
	     marks++)
		usleep_range(10, 50);
	KUNIT_EXPECT_TRUE(test, await_state(recorder, FLIGHTREC_FROZEN));
	KUNIT_EXPECT_GE(test,
			fr_rings_drawn(recorder->rings) -
				recorder->trip.begin_blocks,
			fr_rings_blocks(recorder->rings) / 4);
	KUNIT_EXPECT_GT(test, marks, 0U);
}

static void tail_can_be_dropped(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int id = freeze_at_mark(recorder, 300 * MS, 0);

	fr_recorder_start(recorder);
	recorder_mark(recorder, "now");
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).state,
			(u32)FLIGHTREC_RECORDING);
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), -EALREADY);
	msleep(400);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).state,
			(u32)FLIGHTREC_RECORDING);
	/* The next one has its own. */
	recorder_mark(recorder, "now");
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).reason,
			(u32)FLIGHTREC_REASON_FREEZE);
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	recorder_mark(recorder, "now");
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	KUNIT_EXPECT_EQ(test, get(recorder, id).fired, 3ULL);
}

/* ---- What is told -------------------------------------------------------- */

static void firings_are_told_in_order(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_fired fired = {};
	u64 first;
	u32 i;

	add(recorder,
	    (struct flightrec_trigger){ .condition = FLIGHTREC_TRIGGER_MARK,
					.action = NOTIFY });
	KUNIT_EXPECT_EQ(test, fr_recorder_next_firing(recorder, &fired),
			-ENODATA);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, fr_recorder_next_firing(recorder, &fired),
			-EAGAIN);
	for (i = 0; i < 3; i++)
		recorder_mark(recorder, "x");
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, fr_recorder_next_firing(recorder, &fired),
				0);
		KUNIT_EXPECT_EQ(test, fired.missed, 0U);
		KUNIT_EXPECT_EQ(test, fired.firing.sequence, i + 1ULL);
	}
	KUNIT_EXPECT_EQ(test, fr_recorder_next_firing(recorder, &fired),
			-EAGAIN);
	for (i = 0; i < FR_FIRINGS + 10; i++)
		recorder_mark(recorder, "x");
	KUNIT_EXPECT_EQ(test, fr_recorder_next_firing(recorder, &fired), 0);
	KUNIT_EXPECT_EQ(test, fired.missed, 10U);
	KUNIT_EXPECT_EQ(test, fired.firing.sequence, 14ULL);
	/* Of another recording the window says nothing. */
	first = last_firing(recorder).sequence;
	KUNIT_EXPECT_EQ(test, first, FR_FIRINGS + 13ULL);
	fr_recorder_stop(recorder);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, last_firing(recorder).sequence, 0ULL);
	recorder_mark(recorder, "x");
	KUNIT_EXPECT_EQ(test, last_firing(recorder).sequence, first + 1);
}

static struct kunit_case trigger_cases[] = {
	KUNIT_CASE(limits_of_what_is_asked),
	KUNIT_CASE(come_and_go),
	KUNIT_CASE(keys_follow),
	KUNIT_CASE(slow_calls),
	KUNIT_CASE(calls_that_fail),
	KUNIT_CASE(armed_while_calls_fail),
	KUNIT_CASE(marks_with_a_beginning),
	KUNIT_CASE(not_too_often),
	KUNIT_CASE(switches_are_timed),
	KUNIT_CASE(what_lasts),
	KUNIT_CASE(added_while_others_look),
	KUNIT_CASE(who_runs_for_long),
	KUNIT_CASE(freezes_at_once),
	KUNIT_CASE(is_told_when_settled),
	KUNIT_CASE(thawed_before_it_is_settled),
	KUNIT_CASE(freezes_after_a_tail),
	KUNIT_CASE(tail_by_the_tape),
	KUNIT_CASE(tail_can_be_dropped),
	KUNIT_CASE(firings_are_told_in_order),
	{},
};

struct kunit_suite fr_trigger_suite = {
	.name = "trigger",
	.init = recorder_init,
	.exit = recorder_exit,
	.test_cases = trigger_cases,
};
