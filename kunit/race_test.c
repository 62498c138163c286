// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: who adds and who is born, at the same time. The processes are made
 * up, so that they can fork hundreds of times in a millisecond; births come in
 * the order of copy_process(): first the thread is in its process's list, then
 * task_newtask is called. The same with real tasks: follow_test.c.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>

#include "suites.h"
#include "tasks.h"

#define FORKERS	 2
#define CHILDREN 24 /* of each */
#define ROUNDS	 150
#define POOL	 (1 + FORKERS * (1 + CHILDREN))

/**
 * struct race - a process that grows while it is added
 * @targets: who is recorded
 * @leader: of the process
 * @pool: all of its tasks, made up beforehand; the first ones are there already
 * @next: the next to be born
 * @lock: protects the process's list, as tasklist_lock does
 * @born: how many were, all forkers together
 */
struct race {
	struct fr_targets *targets;
	struct task_struct *leader;
	struct task_struct *pool[POOL];
	atomic_t next;
	/* Protects the list of the process. */
	spinlock_t lock;
	atomic_t born;
};

/**
 * struct forker - a thread that forks
 * @race: where
 * @parent: which thread it is
 */
struct forker {
	struct race *race;
	struct task_struct *parent;
};

static struct task_struct *fork_one(struct race *race,
				    struct task_struct *parent)
{
	struct task_struct *child = race->pool[atomic_inc_return(&race->next)];

	spin_lock(&race->lock);
	process_join(race->leader, child);
	spin_unlock(&race->lock);
	preempt_disable();
	fr_target_inherit(race->targets, parent, child);
	preempt_enable();
	atomic_inc(&race->born);
	return child;
}

/* Every other child goes on as the parent. */
static int forker_run(void *data)
{
	struct forker *forker = data;
	int i;

	for (i = 0; i < CHILDREN; i++) {
		struct task_struct *child =
			fork_one(forker->race, forker->parent);

		if (i % 2)
			forker->parent = child;
	}
	return 0;
}

static int race_init(struct kunit *test)
{
	test->priv = target_room_create(POOL + 4);
	return test->priv ? 0 : -ENOMEM;
}

static void race_exit(struct kunit *test)
{
	struct target_room *room = test->priv;

	if (room)
		EXPECT_NO_FAULT(test, targets_fault(&room->targets));
	target_room_destroy(room);
}

static struct race *race_make(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct target_room *room = test->priv;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->targets = &room->targets;
	race->leader = process_make(test, 1000);
	race->pool[0] = race->leader;
	spin_lock_init(&race->lock);
	for (i = 1; i < POOL; i++)
		race->pool[i] = task_make(test, 1000 + i * 100);
	return race;
}

/* As at the beginning: the leader and a thread for each forker, no target. */
static void race_reset(struct race *race)
{
	int i;

	for (i = 0; i < POOL; i++)
		fr_target_clear(race->targets, race->pool[i]);
	INIT_LIST_HEAD(&race->leader->signal->thread_head);
	list_add_tail_rcu(&race->leader->thread_node,
			  &race->leader->signal->thread_head);
	for (i = 1; i <= FORKERS; i++)
		process_join(race->leader, race->pool[i]);
	atomic_set(&race->next, FORKERS);
	atomic_set(&race->born, 0);
}

/* How many threads of the process are targets. */
static u32 race_targets(struct race *race)
{
	struct task_struct *thread;
	u32 count = 0;

	for_each_thread(race->leader, thread)
		count += is_target(race->targets, thread);
	return count;
}

/* How many are not. */
static u32 race_left_out(struct race *race)
{
	struct task_struct *thread;
	u32 count = 0;

	for_each_thread(race->leader, thread)
		count++;
	return count - race_targets(race);
}

/* Slots whose flags are not what was asked for. */
static u32 race_wrong_flags(struct race *race, u32 flags)
{
	u32 count = 0;
	u32 i;

	for (i = 1; i < race->targets->slots_count; i++)
		if (race->targets->slots[i].task)
			count += race->targets->slots[i].flags != flags;
	return count;
}

static void wait_for_births(struct race *race, int count)
{
	while (atomic_read(&race->born) < count)
		cond_resched();
}

/*
 * Do @change to the process while its threads fork. Return: when, in births.
 */
static int race_run(struct race *race, const struct fr_spec *spec, int round,
		    void (*change)(struct fr_targets *targets,
				   const struct fr_spec *spec))
{
	struct task_struct *threads[FORKERS];
	struct forker forkers[FORKERS];
	int started = 0;
	int i, when;

	for (i = 0; i < FORKERS; i++) {
		forkers[i] = (struct forker){ race, race->pool[1 + i] };
		threads[i] = thread_start(forker_run, &forkers[i],
					  i % num_online_cpus(),
					  "fr-kunit-fork");
		started += !!threads[i];
	}
	wait_for_births(race, min(started * CHILDREN, round % CHILDREN));
	when = atomic_read(&race->born);
	change(race->targets, spec);
	/* A thread that is stopped before it has begun never does. */
	wait_for_births(race, started * CHILDREN);
	for (i = 0; i < FORKERS; i++)
		thread_stop(threads[i]);
	return when;
}

static void add(struct fr_targets *targets, const struct fr_spec *spec)
{
	fr_targets_mark_spec(targets, spec);
}

static void remove(struct fr_targets *targets, const struct fr_spec *spec)
{
	fr_targets_unmark_spec(targets, spec);
}

/* Whenever the process is added, all of its threads are targets. */
static void add_and_fork(struct kunit *test)
{
	struct race *race = race_make(test);
	struct fr_spec *spec = process_spec(test, race->leader,
					    FLIGHTREC_TARGET_TGID,
					    FLIGHTREC_TARGET_FOLLOW);
	u32 amid = 0, left_out = 0, wrong = 0;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		int when;

		race_reset(race);
		when = race_run(race, spec, round, add);
		amid += when > 0 && when < FORKERS * CHILDREN;
		left_out += race_left_out(race);
		wrong += race_wrong_flags(race, FLIGHTREC_TARGET_FOLLOW);
		wrong += race->targets->tasks != POOL;
	}
	kunit_info(test, "%u of %d times amid the births\n", amid, ROUNDS);
	KUNIT_EXPECT_GT(test, amid, 0U);
	KUNIT_EXPECT_EQ(test, left_out, 0U);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, race->targets->missed, 0ULL);
}

/* Nobody whom a thread of the process creates is followed any more. */
static void remove_and_fork(struct kunit *test)
{
	struct race *race = race_make(test);
	struct fr_spec *spec = process_spec(test, race->leader,
					    FLIGHTREC_TARGET_TGID,
					    FLIGHTREC_TARGET_FOLLOW);
	u32 left = 0;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		race_reset(race);
		fr_targets_mark_spec(race->targets, spec);
		race_run(race, spec, round, remove);
		left += race_targets(race) + race->targets->tasks;
	}
	KUNIT_EXPECT_EQ(test, left, 0U);
}

/* ---- Looked for while others change ------------------------------------- */

#define CHURN_TASKS 6
#define LOOKS	    200000

/**
 * struct churn - the index changes all the time
 * @targets: which
 * @tasks: come and go, in chunks that come and go with them
 * @turns: how often
 */
struct churn {
	struct fr_targets *targets;
	u32 turns;
	struct task_struct *tasks[CHURN_TASKS];
};

static int churn_run(void *data)
{
	struct churn *churn = data;
	u32 i;

	for (i = 0; !kthread_should_stop(); i++) {
		fr_target_set(churn->targets, churn->tasks[i % CHURN_TASKS], 0,
			      NULL);
		fr_target_clear(churn->targets,
				churn->tasks[(i + 3) % CHURN_TASKS]);
		WRITE_ONCE(churn->turns, i + 1);
		cond_resched();
	}
	for (i = 0; i < CHURN_TASKS; i++)
		fr_target_clear(churn->targets, churn->tasks[i]);
	return 0;
}

/* A target is always found, a bystander never, whatever goes on beside them. */
static void find_during_churn(struct kunit *test)
{
	struct target_room *room = target_room_create(CHURN_TASKS + 1);
	struct task_struct *target = task_make(test, 500);
	struct task_struct *bystander = task_make(test, 5000);
	struct task_struct *same_tid = task_make(test, 6000);
	struct churn churn = {};
	struct task_struct *thread;
	u32 lost = 0, found = 0, i;

	KUNIT_ASSERT_NOT_NULL(test, room);
	churn.targets = &room->targets;
	for (i = 0; i < CHURN_TASKS; i++)
		churn.tasks[i] = task_make(test, 6000 + i / 2 * 2048 + i % 2);
	fr_target_set(churn.targets, target, 0, NULL);
	thread = thread_start(churn_run, &churn, stay_and_choose_another_cpu(),
			      "fr-kunit-churn");
	while (thread && !READ_ONCE(churn.turns))
		cond_resched();
	for (i = 0; i < LOOKS; i++) {
		lost += !is_target(churn.targets, target);
		found += is_target(churn.targets, bystander);
		found += is_target(churn.targets, same_tid);
		if (!(i % 1024))
			cond_resched();
	}
	KUNIT_EXPECT_EQ(test, thread_stop(thread), 0);
	KUNIT_EXPECT_GT(test, churn.turns, 100U);
	KUNIT_EXPECT_EQ(test, lost, 0U);
	KUNIT_EXPECT_EQ(test, found, 0U);
	KUNIT_EXPECT_EQ(test, churn.targets->tasks, 1U);
	EXPECT_NO_FAULT(test, targets_fault(churn.targets));
	target_room_destroy(room);
}

/* ---- Would it be noticed? ----------------------------------------------- */

/* A parent that is not followed: its children are left out. */
static void child_left_out_is_noticed(struct kunit *test)
{
	struct race *race = race_make(test);
	struct fr_spec *spec =
		process_spec(test, race->leader, FLIGHTREC_TARGET_TGID, 0);

	race_reset(race);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(race->targets, spec),
			1 + FORKERS);
	KUNIT_EXPECT_EQ(test, race_left_out(race), 0U);
	fork_one(race, race->leader);
	KUNIT_EXPECT_EQ(test, race_left_out(race), 1U);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(add_and_fork),
	KUNIT_CASE(remove_and_fork),
	KUNIT_CASE(find_during_churn),
	KUNIT_CASE(child_left_out_is_noticed),
	{},
};

struct kunit_suite fr_race_suite = {
	.name = "race",
	.init = race_init,
	.exit = race_exit,
	.test_cases = race_cases,
};
