// SPDX-License-Identifier: GPL-2.0
/* Targets: the index and the slots. What names them: spec_test.c. */
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/sched/signal.h>

#include "suites.h"
#include "tasks.h"

#define SLOTS  8U
#define FOLLOW FLIGHTREC_TARGET_FOLLOW

static int target_init(struct kunit *test)
{
	test->priv = target_room_create(SLOTS);
	return test->priv ? 0 : -ENOMEM;
}

/* After each case everything is where it belongs. */
static void target_exit(struct kunit *test)
{
	struct target_room *room = test->priv;

	if (room)
		EXPECT_NO_FAULT(test, targets_fault(&room->targets));
	target_room_destroy(room);
}

static struct fr_targets *targets_of(struct kunit *test)
{
	struct target_room *room = test->priv;

	return &room->targets;
}

static struct fr_slot *find(struct fr_targets *targets,
			    struct task_struct *task)
{
	struct fr_slot *slot;

	preempt_disable();
	slot = fr_target_find(targets, task);
	preempt_enable();
	return slot;
}

/* -1: it is no target. */
static int flags_of(struct fr_targets *targets, struct task_struct *task)
{
	struct fr_slot *slot = find(targets, task);

	return slot ? (int)slot->flags : -1;
}

/* Where there is room. */
static struct fr_slot *set(struct kunit *test, struct task_struct *task,
			   u32 flags)
{
	bool taken;
	struct fr_slot *slot =
		fr_target_set(targets_of(test), task, flags, &taken);

	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_EXPECT_TRUE(test, taken);
	return slot;
}

static struct fr_slot *inherit(struct fr_targets *targets,
			       struct task_struct *parent,
			       struct task_struct *child)
{
	struct fr_slot *slot;

	preempt_disable();
	slot = fr_target_inherit(targets, parent, child);
	preempt_enable();
	return slot;
}

/* ---- Set, find, clear --------------------------------------------------- */

static void set_find_clear(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *task = task_make(test, 1000);
	struct task_struct *near = task_make(test, 1001);
	struct task_struct *far = task_make(test, FR_TID_LIMIT - 1);
	struct fr_slot *slot;

	KUNIT_EXPECT_NULL(test, find(targets, task));
	slot = set(test, task, FOLLOW);
	KUNIT_EXPECT_PTR_EQ(test, slot->task, task);
	KUNIT_EXPECT_EQ(test, slot->tid, 1000U);
	KUNIT_EXPECT_EQ(test, slot->flags, FOLLOW);
	KUNIT_EXPECT_EQ(test, slot->prio, DEFAULT_PRIO);
	KUNIT_EXPECT_EQ(test, slot->enter_clock, 0ULL);
	KUNIT_EXPECT_PTR_EQ(test, find(targets, task), slot);
	KUNIT_EXPECT_NULL(test, find(targets, near));
	KUNIT_EXPECT_NULL(test, find(targets, far));
	KUNIT_EXPECT_TRUE(test, fr_identity_is_seen(targets->identities, 1000));
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
	fr_target_clear(targets, near);
	KUNIT_EXPECT_PTR_EQ(test, find(targets, task), slot);
	fr_target_clear(targets, task);
	KUNIT_EXPECT_NULL(test, find(targets, task));
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
	fr_target_clear(targets, task);
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
}

static void set_again_keeps_the_slot(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *task = task_make(test, 1000);
	struct fr_slot *slot = set(test, task, 0);
	bool taken;

	slot->enter_clock = 77;
	KUNIT_EXPECT_PTR_EQ(test, fr_target_set(targets, task, FOLLOW, &taken),
			    slot);
	KUNIT_EXPECT_FALSE(test, taken);
	KUNIT_EXPECT_PTR_EQ(test, fr_target_set(targets, task, 0, &taken),
			    slot);
	KUNIT_EXPECT_FALSE(test, taken);
	KUNIT_EXPECT_EQ(test, slot->flags, FOLLOW);
	KUNIT_EXPECT_EQ(test, slot->enter_clock, 77ULL);
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
}

/* What the one before has left in the slot is gone. */
static void slot_comes_clean(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *task = task_make(test, 1000);
	struct task_struct *next = task_make(test, 2000);
	struct fr_slot *slot = set(test, task, FOLLOW);
	const size_t own = offsetof(struct fr_slot, call); /* the task's */

	memset((void *)slot + own, 0xff, sizeof(*slot) - own);
	slot->old_tid = 5;
	fr_target_clear(targets, task);
	KUNIT_ASSERT_PTR_EQ(test, set(test, next, 0), slot);
	KUNIT_EXPECT_EQ(test, slot->flags, 0U);
	KUNIT_EXPECT_EQ(test, slot->old_tid, 0U);
	KUNIT_EXPECT_NULL(test,
			  memchr_inv((void *)slot + own, 0,
				     offsetofend(struct fr_slot, args) - own));
}

/* ---- No room ------------------------------------------------------------ */

static void slots_run_out(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *tasks[SLOTS + 2];
	bool taken;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		tasks[i] = task_make(test, 1000 + i);
		KUNIT_EXPECT_EQ(test,
				!!fr_target_set(targets, tasks[i], 0, &taken),
				i < SLOTS);
	}
	KUNIT_EXPECT_EQ(test, targets->missed, 2ULL);
	KUNIT_EXPECT_EQ(test, targets->tasks, SLOTS);
	KUNIT_EXPECT_NULL(test, find(targets, tasks[SLOTS]));
	fr_target_clear(targets, tasks[3]);
	set(test, tasks[SLOTS], 0);
	KUNIT_EXPECT_NOT_NULL(test, find(targets, tasks[SLOTS]));
	KUNIT_EXPECT_NULL(test, find(targets, tasks[3]));
	KUNIT_EXPECT_EQ(test, targets->missed, 2ULL);
}

/* A child that finds no slot is missed, and counted. */
static void child_without_a_slot(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *parent = task_make(test, 1000);
	u32 i;

	fr_target_set(targets, parent, FOLLOW, NULL);
	for (i = 1; i < SLOTS; i++)
		KUNIT_EXPECT_NOT_NULL(test, inherit(targets, parent,
						    task_make(test, 1000 + i)));
	KUNIT_EXPECT_NULL(test,
			  inherit(targets, parent, task_make(test, 2000)));
	KUNIT_EXPECT_EQ(test, targets->missed, 1ULL);
}

/* Tids that lie too far apart: there are more slots than chunks. */
static void chunks_run_out(struct kunit *test)
{
	struct target_room *room = target_room_create(FR_CHUNKS_MAX + 44);
	struct fr_targets *targets;
	struct task_struct *task;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, room);
	targets = &room->targets;
	task = task_make(test, 0);
	for (i = 0; i < FR_CHUNKS_MAX; i++) {
		task = task_make(test, i * FR_CHUNK_TIDS + 5);
		KUNIT_EXPECT_NOT_NULL(test,
				      fr_target_set(targets, task, 0, NULL));
	}
	KUNIT_EXPECT_NULL(test,
			  fr_target_set(targets,
					task_make(test, i * FR_CHUNK_TIDS + 5),
					0, NULL));
	KUNIT_EXPECT_EQ(test, targets->missed, 1ULL);
	KUNIT_EXPECT_NOT_NULL(
		test,
		fr_target_set(targets, task_make(test, 3 * FR_CHUNK_TIDS + 6),
			      0, NULL));
	EXPECT_NO_FAULT(test, targets_fault(targets));
	fr_target_clear(targets, task);
	KUNIT_EXPECT_NOT_NULL(
		test,
		fr_target_set(targets, task_make(test, i * FR_CHUNK_TIDS + 5),
			      0, NULL));
	KUNIT_EXPECT_NULL(test, find(targets, task));
	EXPECT_NO_FAULT(test, targets_fault(targets));
	target_room_destroy(room);
}

/* ---- Tids that come again ----------------------------------------------- */

/* A task has died without a trace; another has its tid now. */
static void stale_entry_of_a_reused_tid(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *dead = task_make(test, 1000);
	struct task_struct *next = task_make(test, 1000);

	fr_target_set(targets, dead, FOLLOW, NULL);
	dead->exit_state = EXIT_DEAD;
	KUNIT_EXPECT_NULL(test, find(targets, next));
	KUNIT_EXPECT_NOT_NULL(test, fr_target_set(targets, next, 0, NULL));
	KUNIT_EXPECT_NULL(test, find(targets, dead));
	KUNIT_EXPECT_EQ(test, flags_of(targets, next), 0);
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
	/* The dead one's last switch, late. */
	fr_target_clear(targets, dead);
	KUNIT_EXPECT_NOT_NULL(test, find(targets, next));
}

static void birth_clears_a_stale_entry(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *dead = task_make(test, 1000);
	struct task_struct *parent = task_make(test, 2000);
	struct task_struct *child = task_make(test, 1000);

	fr_target_set(targets, dead, FOLLOW, NULL);
	dead->exit_state = EXIT_DEAD;
	KUNIT_EXPECT_NULL(test, inherit(targets, parent, child));
	KUNIT_EXPECT_NULL(test, find(targets, child));
	/* The tape has not mentioned the new one yet. */
	KUNIT_EXPECT_FALSE(test,
			   fr_identity_is_seen(targets->identities, 1000));
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
}

static void inherit_follows(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *dead = task_make(test, 1001);
	struct task_struct *parent = task_make(test, 1000);
	struct task_struct *child = task_make(test, 1001);
	struct task_struct *grandchild = task_make(test, 1002);

	fr_target_set(targets, dead, 0, NULL);
	dead->exit_state = EXIT_DEAD;
	fr_target_set(targets, parent, FOLLOW, NULL);
	KUNIT_ASSERT_NOT_NULL(test, inherit(targets, parent, child));
	KUNIT_EXPECT_EQ(test, flags_of(targets, child), FOLLOW);
	KUNIT_EXPECT_NULL(test, find(targets, dead));
	KUNIT_EXPECT_NOT_NULL(test, inherit(targets, child, grandchild));
	KUNIT_EXPECT_EQ(test, targets->tasks, 3U);
}

/*
 * A target is asked for again, now with what it creates, by a call that may yet fail:
 * what is born meanwhile shares the call's fate.
 */
static void inherit_follows_a_call_under_way(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *parent = task_make(test, 1000);
	struct task_struct *child = task_make(test, 1001);

	fr_target_set(targets, parent, 0, NULL);
	fr_target_set(targets, parent, FOLLOW | FR_SLOT_NEW, NULL);
	KUNIT_EXPECT_EQ(test, flags_of(targets, parent),
			(int)FR_SLOT_FOLLOW_NEW);
	KUNIT_ASSERT_NOT_NULL(test, inherit(targets, parent, child));
	KUNIT_EXPECT_EQ(test, flags_of(targets, child),
			(int)(FOLLOW | FR_SLOT_NEW));
}

static void inherit_does_not_follow(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *parent = task_make(test, 1000);
	struct task_struct *child = task_make(test, 1001);

	KUNIT_EXPECT_NULL(test, inherit(targets, parent, child));
	fr_target_set(targets, parent, 0, NULL);
	KUNIT_EXPECT_NULL(test, inherit(targets, parent, child));
	KUNIT_EXPECT_NULL(test, find(targets, child));
	/* Whoever added targets was faster: it stays one. */
	fr_target_set(targets, child, 0, NULL);
	KUNIT_EXPECT_NOT_NULL(test, inherit(targets, parent, child));
	KUNIT_EXPECT_EQ(test, targets->tasks, 2U);
}

/* ---- Exec in a thread that is not the leader ---------------------------- */

/* De_thread() exchanges the two tids; the leader is dead by then. */
static void exchange_tids_of(struct task_struct *thread,
			     struct task_struct *leader)
{
	leader->exit_state = EXIT_ZOMBIE;
	leader->flags |= PF_EXITING;
	swap(thread->pid, leader->pid);
	thread->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
}

static void exec_takes_the_leaders_tid(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 5000);
	struct fr_slot *slot;

	set(test, leader, 0);
	slot = set(test, thread, FOLLOW);
	exchange_tids_of(thread, leader);
	KUNIT_EXPECT_PTR_EQ(test, find(targets, thread), slot);
	KUNIT_EXPECT_EQ(test, slot->tid, 1000U);
	KUNIT_EXPECT_EQ(test, slot->old_tid, 5000U);
	KUNIT_EXPECT_EQ(test, slot->flags, FOLLOW);
	KUNIT_EXPECT_TRUE(test, fr_identity_is_seen(targets->identities, 1000));
	KUNIT_EXPECT_NULL(test, find(targets, leader));
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
	/* The leader's last switch comes now. */
	fr_target_clear(targets, leader);
	KUNIT_EXPECT_PTR_EQ(test, find(targets, thread), slot);
	fr_target_clear(targets, thread);
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
}

/* The index knows nothing of the leader's tid: rename asks further. */
static void exec_below_a_leader_that_is_none(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 5000);
	struct fr_slot *slot = set(test, thread, 0);

	exchange_tids_of(thread, leader);
	KUNIT_EXPECT_PTR_EQ(test, fr_targets_resolve(targets, thread), slot);
	KUNIT_EXPECT_PTR_EQ(test, find(targets, thread), slot);
	KUNIT_EXPECT_EQ(test, slot->old_tid, 5000U);
	KUNIT_EXPECT_NULL(test, find(targets, leader));
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
}

/*
 * The leader's last switch can come behind the exchange and before anything of
 * the thread that has called exec: on another CPU it is still on its way out of
 * exit_notify(). It must not take the thread's slot with it.
 */
static void leader_switches_out_before_exec_goes_on(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 5000);
	struct fr_slot *slot;

	set(test, leader, 0);
	slot = set(test, thread, FOLLOW);
	exchange_tids_of(thread, leader);
	/* As probe_sched_switch() does for a task that is dead. */
	if (find(targets, leader))
		fr_target_clear(targets, leader);
	/* As rename_task() does in exec. */
	if (!find(targets, thread))
		fr_targets_resolve(targets, thread);
	KUNIT_EXPECT_PTR_EQ(test, find(targets, thread), slot);
	KUNIT_EXPECT_PTR_EQ(test, slot->task, thread);
	KUNIT_EXPECT_EQ(test, slot->old_tid, 5000U);
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
}

/* No chunk for the new tid: missed from its next switch on, and nothing leaks. */
static void exec_finds_no_room(struct kunit *test)
{
	struct target_room *room = target_room_create(2);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 5000);
	struct fr_targets *targets;
	struct fr_slot *slot;
	bool taken;

	KUNIT_ASSERT_NOT_NULL(test, room);
	targets = &room->targets;
	/* Two chunks: the old tid's chunk holds another one, too. */
	slot = fr_target_set(targets, thread, 0, &taken);
	fr_target_set(targets, task_make(test, 5001), 0, &taken);
	targets->free_chunks_count--;
	exchange_tids_of(thread, leader);
	/* It runs, and uses its slot. */
	KUNIT_EXPECT_PTR_EQ(test, fr_targets_resolve(targets, thread), slot);
	KUNIT_EXPECT_PTR_EQ(test, slot->task, thread);
	KUNIT_EXPECT_EQ(test, targets->missed, 1ULL);
	KUNIT_EXPECT_EQ(test, targets->tasks, 2U);
	KUNIT_EXPECT_NULL(test, find(targets, thread));
	fr_target_clear(targets, thread);
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
	targets->free_chunks_count++;
	EXPECT_NO_FAULT(test, targets_fault(targets));
	target_room_destroy(room);
}

/* A window asks for tids that nobody has any more, and that are not logged yet. */
static void given_up_tid_is_told(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct fr_slot *slot = set(test, current, 0);
	struct fr_given_up given_up = {};
	u32 number = slot - targets->slots;

	/* Who does not live has no name to be told. */
	set(test, task_make(test, 5000), 0);
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, 0U,
			fr_targets_next_given_up(targets, 0, &given_up));
	/* The slot has moved, as after any event under the new tid. */
	slot->old_tid = 7000;
	slot->start_mono_ns = 77;
	KUNIT_EXPECT_EQ(test, number,
			fr_targets_next_given_up(targets, 0, &given_up));
	KUNIT_EXPECT_EQ(test, given_up.tid, 7000U);
	KUNIT_EXPECT_EQ(test, given_up.start_mono_ns, 77ULL);
	KUNIT_EXPECT_PTR_EQ(test, given_up.task, current);
	KUNIT_EXPECT_EQ(test, 0U,
			fr_targets_next_given_up(targets, number, &given_up));
	/* The task alone has. */
	slot->old_tid = 0;
	slot->tid = FR_TID_LIMIT - 1;
	KUNIT_EXPECT_EQ(test, number,
			fr_targets_next_given_up(targets, 0, &given_up));
	KUNIT_EXPECT_EQ(test, given_up.tid, FR_TID_LIMIT - 1);
	KUNIT_EXPECT_PTR_EQ(test, given_up.task, current);
	slot->tid = current->pid;
	rcu_read_unlock();
	fr_target_clear(targets, current);
}

/* The tid of one that has ended may be another's by now, who keeps its slot. */
static void ending_task_gets_no_slot(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *gone = task_make(test, 1000);
	struct task_struct *next = task_make(test, 1000);
	struct fr_slot *slot = set(test, next, 0);

	gone->flags |= PF_EXITING;
	KUNIT_EXPECT_NULL(test, fr_target_set(targets, gone, 0, NULL));
	KUNIT_EXPECT_PTR_EQ(test, find(targets, next), slot);
	KUNIT_EXPECT_EQ(test, targets->missed, 0ULL);
}

/* ---- Whose calls are traced --------------------------------------------- */

static void need_flags(struct kunit *test)
{
	if (!FR_CAN_SPARE)
		kunit_skip(test, "not on this kernel");
}

static void flag_comes_with_a_slot(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *before = task_make(test, 1000);
	struct task_struct *task = task_make(test, 1001);
	struct task_struct *child = task_make(test, 1002);
	struct task_struct *bystander = task_make(test, 3000);

	need_flags(test);
	set(test, before, 0);
	KUNIT_EXPECT_FALSE(test, fr_task_has_calls_traced(before));
	fr_targets_spare(targets, true, true);
	set(test, task, FOLLOW);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(task));
	KUNIT_EXPECT_NOT_NULL(test, inherit(targets, task, child));
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(child));
	KUNIT_EXPECT_NULL(test, inherit(targets, before, bystander));
	KUNIT_EXPECT_FALSE(test, fr_task_has_calls_traced(bystander));
	fr_targets_spare(targets, false, false);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(task));
}

static void flag_goes_with_the_slot(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 1001);
	struct fr_spec *spec =
		process_spec(test, leader, FLIGHTREC_TARGET_TGID, 0);

	need_flags(test);
	fr_targets_spare(targets, true, true);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 2);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(leader));
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(thread));
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 2U);
	KUNIT_EXPECT_FALSE(test, fr_task_has_calls_traced(leader));
	KUNIT_EXPECT_FALSE(test, fr_task_has_calls_traced(thread));
	/* Others may want it by then: whoever comes still gets it, nobody loses it. */
	fr_targets_spare(targets, true, false);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 2);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(leader));
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 2U);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(leader));
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 2);
	fr_targets_spare(targets, false, false);
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 2U);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(leader));
	fr_targets_reclaim(targets, fr_targets_in_limbo(targets));
}

static void bystanders_alone_are_spared(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *task = task_make(test, 1000);
	struct task_struct *bystander = task_make(test, 3000);

	need_flags(test);
	fr_task_trace_calls(bystander);
	fr_task_trace_calls(task);
	set(test, task, 0);
	fr_target_spare(targets, bystander);
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(bystander));
	fr_targets_spare(targets, true, true);
	fr_target_spare(targets, bystander);
	fr_target_spare(targets, task);
	KUNIT_EXPECT_FALSE(test, fr_task_has_calls_traced(bystander));
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(task));
}

/* In the midst of exec it looks like a bystander; it has the flag in the end. */
static void flag_survives_exec(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 5000);

	need_flags(test);
	fr_targets_spare(targets, true, true);
	set(test, thread, 0);
	exchange_tids_of(thread, leader);
	fr_target_spare(targets, thread);
	/* As rename_task() does. */
	preempt_disable();
	fr_targets_resolve(targets, thread);
	preempt_enable();
	KUNIT_EXPECT_TRUE(test, is_target(targets, thread));
	KUNIT_EXPECT_TRUE(test, fr_task_has_calls_traced(thread));
}

/* Amid exec, before the thread is said to be the leader. */
static void exec_is_found_by_who_waits(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 5000);
	struct fr_slot *slot = set(test, thread, 0);
	bool taken;

	leader->signal->group_exec_task = thread;
	swap(thread->pid, leader->pid);
	KUNIT_EXPECT_PTR_EQ(test, fr_target_set(targets, thread, 0, &taken),
			    slot);
	KUNIT_EXPECT_FALSE(test, taken);
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
	fr_target_clear(targets, thread);
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
}

/* ---- At random ---------------------------------------------------------- */

#define WALK_TIDS  SLOTS
#define WALK_LIVES 3
#define WALK_STEPS 20000

/**
 * struct walk - tasks that come and go, in a few tids
 * @tasks: in each tid one lives, and the others are dead
 * @lives: which
 * @flags: what it should have; -1: it should be no target
 */
struct walk {
	struct task_struct *tasks[WALK_TIDS][WALK_LIVES];
	u32 lives[WALK_TIDS];
	int flags[WALK_TIDS];
};

static struct walk *walk_make(struct kunit *test)
{
	struct walk *walk = kunit_kzalloc(test, sizeof(*walk), GFP_KERNEL);
	u32 i, life;

	KUNIT_ASSERT_NOT_NULL(test, walk);
	for (i = 0; i < WALK_TIDS; i++) {
		walk->flags[i] = -1;
		for (life = 0; life < WALK_LIVES; life++) {
			walk->tasks[i][life] = task_make(test, i * 500 + 7);
			walk->tasks[i][life]->exit_state = life ? EXIT_DEAD : 0;
		}
	}
	return walk;
}

static struct task_struct *walk_living(struct walk *walk, u32 i)
{
	return walk->tasks[i][walk->lives[i]];
}

/* The one with this tid dies, with or without a trace, and another is born. */
static void walk_rebirth(struct fr_targets *targets, struct walk *walk, u32 i,
			 u32 parent, bool traced)
{
	struct task_struct *dead = walk_living(walk, i);

	dead->exit_state = EXIT_DEAD;
	if (traced)
		fr_target_clear(targets, dead);
	walk->lives[i] = (walk->lives[i] + 1) % WALK_LIVES;
	walk_living(walk, i)->exit_state = 0;
	inherit(targets, walk_living(walk, parent), walk_living(walk, i));
	walk->flags[i] = walk->flags[parent] == FOLLOW ? FOLLOW : -1;
}

static void walk_step(struct fr_targets *targets, struct walk *walk, u32 random)
{
	u32 flags = random >> 8 & FOLLOW;
	u32 i = random % WALK_TIDS;

	switch (random >> 16 & 3) {
	case 0:
		fr_target_set(targets, walk_living(walk, i), flags, NULL);
		walk->flags[i] = max(walk->flags[i], 0) | flags;
		break;
	case 1:
		fr_target_clear(targets, walk_living(walk, i));
		walk->flags[i] = -1;
		break;
	default:
		walk_rebirth(targets, walk, i,
			     (i + 1 + (random >> 20) % (WALK_TIDS - 1)) %
				     WALK_TIDS,
			     random >> 24 & 1);
	}
}

/* How many of the living are not what they should be. */
static u32 walk_differences(struct fr_targets *targets, struct walk *walk)
{
	u32 differences = 0;
	u32 i;

	for (i = 0; i < WALK_TIDS; i++)
		differences += flags_of(targets, walk_living(walk, i)) !=
			       walk->flags[i];
	return differences;
}

static void random_walk(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct walk *walk = walk_make(test);
	struct rnd_state random;
	u32 i;

	prandom_seed_state(&random, 4711);
	for (i = 0; i < WALK_STEPS; i++) {
		walk_step(targets, walk, prandom_u32_state(&random));
		if (walk_differences(targets, walk) ||
		    (!(i % 100) && targets_fault(targets)))
			break;
	}
	KUNIT_EXPECT_EQ(test, i, (u32)WALK_STEPS);
	KUNIT_EXPECT_EQ(test, walk_differences(targets, walk), 0U);
	KUNIT_EXPECT_EQ(test, targets->missed, 0ULL);
}

/* ---- Would it be noticed? ----------------------------------------------- */

static void broken_index_is_noticed(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct fr_slot *slot = set(test, task_make(test, 1000), 0);
	struct fr_chunk *chunk = targets->index[0];

	chunk->slot[1001] = 1;
	KUNIT_EXPECT_NOT_NULL(test, targets_fault(targets));
	chunk->slot[1001] = 0;
	chunk->used++;
	KUNIT_EXPECT_STREQ(test, targets_fault(targets),
			   "a chunk's count is wrong");
	chunk->used--;
	slot->tid = 1002;
	KUNIT_EXPECT_STREQ(test, targets_fault(targets),
			   "a slot in use that the index does not know");
	slot->tid = 1000;
}

static void lost_slot_is_noticed(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	u16 last = targets->free_slots[SLOTS - 1];

	targets->free_slots_count--;
	KUNIT_EXPECT_STREQ(test, targets_fault(targets),
			   "slots are lost or there twice");
	targets->free_slots_count++;
	targets->free_slots[SLOTS - 1] = targets->free_slots[0];
	KUNIT_EXPECT_STREQ(test, targets_fault(targets),
			   "a slot is free twice");
	targets->free_slots[SLOTS - 1] = last;
}

static void lost_target_is_noticed(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct walk *walk = walk_make(test);

	fr_target_set(targets, walk_living(walk, 4), 0, NULL);
	walk->flags[4] = 0;
	KUNIT_EXPECT_EQ(test, walk_differences(targets, walk), 0U);
	/* As if one that was not ending had the living one's tid. */
	fr_target_set(targets, task_make(test, walk_living(walk, 4)->pid), 0,
		      NULL);
	KUNIT_EXPECT_EQ(test, walk_differences(targets, walk), 1U);
}

static struct kunit_case target_cases[] = {
	KUNIT_CASE(set_find_clear),
	KUNIT_CASE(set_again_keeps_the_slot),
	KUNIT_CASE(slot_comes_clean),
	KUNIT_CASE(slots_run_out),
	KUNIT_CASE(child_without_a_slot),
	KUNIT_CASE(chunks_run_out),
	KUNIT_CASE(stale_entry_of_a_reused_tid),
	KUNIT_CASE(birth_clears_a_stale_entry),
	KUNIT_CASE(inherit_follows),
	KUNIT_CASE(inherit_follows_a_call_under_way),
	KUNIT_CASE(inherit_does_not_follow),
	KUNIT_CASE(exec_takes_the_leaders_tid),
	KUNIT_CASE(exec_below_a_leader_that_is_none),
	KUNIT_CASE(leader_switches_out_before_exec_goes_on),
	KUNIT_CASE(exec_finds_no_room),
	KUNIT_CASE(given_up_tid_is_told),
	KUNIT_CASE(ending_task_gets_no_slot),
	KUNIT_CASE(exec_is_found_by_who_waits),
	KUNIT_CASE(flag_comes_with_a_slot),
	KUNIT_CASE(flag_goes_with_the_slot),
	KUNIT_CASE(bystanders_alone_are_spared),
	KUNIT_CASE(flag_survives_exec),
	KUNIT_CASE(random_walk),
	KUNIT_CASE(broken_index_is_noticed),
	KUNIT_CASE(lost_slot_is_noticed),
	KUNIT_CASE(lost_target_is_noticed),
	{},
};

struct kunit_suite fr_target_suite = {
	.name = "target",
	.init = target_init,
	.exit = target_exit,
	.test_cases = target_cases,
};
