// SPDX-License-Identifier: GPL-2.0
/* Targets: what was asked for, and which tasks that makes targets. */
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "suites.h"
#include "tasks.h"

#define SLOTS	    64U
#define FOLLOW	    FLIGHTREC_TARGET_FOLLOW
#define TID	    FLIGHTREC_TARGET_TID
#define TGID	    FLIGHTREC_TARGET_TGID
#define COMM	    FLIGHTREC_TARGET_COMM
#define THREAD_NAME "fr-kunit-spec"

static int spec_init(struct kunit *test)
{
	test->priv = target_room_create(SLOTS);
	return test->priv ? 0 : -ENOMEM;
}

static void spec_exit(struct kunit *test)
{
	struct target_room *room = test->priv;

	if (room) {
		EXPECT_NO_FAULT(test, targets_fault(&room->targets));
		KUNIT_EXPECT_TRUE(test, list_empty(&room->targets.specs));
		KUNIT_EXPECT_EQ(test, room->targets.specs_count, 0U);
		KUNIT_EXPECT_EQ(test, room->targets.comm_specs, 0U);
	}
	target_room_destroy(room);
}

static struct fr_targets *targets_of(struct kunit *test)
{
	struct target_room *room = test->priv;

	return &room->targets;
}

/* ---- The list ----------------------------------------------------------- */

static void add_find_unlink(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct fr_spec *process = process_spec(test, leader, TGID, FOLLOW);
	struct fr_spec *name = comm_spec(test, "redis-server", 0);
	struct fr_spec like = *process;

	KUNIT_EXPECT_EQ(test, fr_targets_add_spec(targets, process), 0);
	KUNIT_EXPECT_EQ(test, fr_targets_add_spec(targets, name), 0);
	KUNIT_EXPECT_EQ(test, targets->specs_count, 2U);
	KUNIT_EXPECT_EQ(test, targets->comm_specs, 1U);
	like.what.flags = 0; /* does not matter */
	KUNIT_EXPECT_PTR_EQ(test, fr_targets_spec(targets, &like), process);
	like.what.kind = TID;
	KUNIT_EXPECT_NULL(test, fr_targets_spec(targets, &like));
	KUNIT_EXPECT_PTR_EQ(test, fr_targets_spec(targets, name), name);
	KUNIT_EXPECT_NULL(test, fr_targets_spec(targets,
						comm_spec(test, "redis", 0)));
	fr_targets_unlink_spec(targets, name);
	KUNIT_EXPECT_NULL(test, fr_targets_spec(targets, name));
	KUNIT_EXPECT_EQ(test, targets->comm_specs, 0U);
	fr_targets_unlink_spec(targets, process);
	KUNIT_EXPECT_NULL(test, fr_targets_spec(targets, process));
}

static void specs_run_out(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct fr_spec *spec, *next;
	u32 i;

	for (i = 0; i < FR_SPECS_MAX; i++)
		KUNIT_EXPECT_EQ(test,
				fr_targets_add_spec(targets,
						    comm_spec(test, "a", 0)),
				0);
	KUNIT_EXPECT_EQ(test,
			fr_targets_add_spec(targets, comm_spec(test, "b", 0)),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, targets->specs_count, FR_SPECS_MAX);
	list_for_each_entry_safe(spec, next, &targets->specs, link)
		fr_targets_unlink_spec(targets, spec);
}

static struct fr_spec *create(u32 kind, u32 id, const char *comm)
{
	struct flightrec_target target = { .kind = kind, .id = id };

	strscpy(target.comm, comm, sizeof(target.comm));
	return fr_spec_create(&target);
}

/* Specs of the dead make room for others when there is none. */
static void dead_specs_make_room(struct kunit *test)
{
	struct task_struct *thread =
		thread_start(thread_idle, NULL, -1, THREAD_NAME);
	struct fr_targets *targets = targets_of(test);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	for (i = 0; i < FR_SPECS_MAX; i++)
		KUNIT_EXPECT_EQ(test,
				fr_targets_add_spec(
					targets,
					create(TID, i ? thread->pid : 1, "")),
				0);
	KUNIT_EXPECT_TRUE(test, thread_bury(thread));
	KUNIT_EXPECT_EQ(test,
			fr_targets_add_spec(targets, create(COMM, 0, "x")), 0);
	KUNIT_EXPECT_EQ(test, targets->specs_count, 2U);
	fr_targets_drop_specs(targets);
}

static void drop_takes_all(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);

	KUNIT_EXPECT_EQ(
		test,
		fr_targets_add_spec(targets, create(TID, current->pid, "")), 0);
	KUNIT_EXPECT_EQ(test,
			fr_targets_add_spec(targets, create(COMM, 0, "x")), 0);
	fr_targets_drop_specs(targets);
	KUNIT_EXPECT_EQ(test, targets->specs_count, 0U);
}

static void spec_of_a_living_thread(struct kunit *test)
{
	struct task_struct *thread =
		thread_start(thread_idle, NULL, -1, THREAD_NAME);
	struct fr_targets *targets = targets_of(test);
	struct fr_spec *one, *all;
	u32 tid;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	tid = thread->pid;
	one = create(TID, tid, "");
	all = create(TGID, tid, "");
	KUNIT_ASSERT_FALSE(test, IS_ERR(one) || IS_ERR(all));
	KUNIT_EXPECT_EQ(test, one->what.id, (u64)tid);
	KUNIT_EXPECT_TRUE(test, fr_spec_is_alive(one));
	KUNIT_EXPECT_TRUE(test, fr_spec_is_alive(all));
	KUNIT_EXPECT_TRUE(test, thread_bury(thread));
	KUNIT_EXPECT_FALSE(test, fr_spec_is_alive(one));
	KUNIT_EXPECT_FALSE(test, fr_spec_is_alive(all));
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, one), -ESRCH);
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, one), 0U);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(TID, tid, "")), -ESRCH);
	fr_spec_destroy(one);
	fr_spec_destroy(all);
}

static void spec_of_nobody(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(TID, INT_MAX, "")),
			-ESRCH);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(TGID, INT_MAX, "")),
			-ESRCH);
	fr_spec_destroy(NULL);
}

/* ---- Which tasks -------------------------------------------------------- */

static void marks_a_process(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 1001);
	struct fr_spec *spec = process_spec(test, leader, TGID, FOLLOW);

	process_thread(test, leader, 4000);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 3);
	KUNIT_EXPECT_TRUE(test, is_target(targets, leader));
	KUNIT_EXPECT_TRUE(test, is_target(targets, thread));
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 0);
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 3U);
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
	KUNIT_EXPECT_EQ(test, targets->free_slots_count, SLOTS - 3);
	KUNIT_EXPECT_EQ(test, fr_targets_in_limbo(targets), 3U);
	fr_targets_reclaim(targets, 2);
	KUNIT_EXPECT_EQ(test, targets->free_slots_count, SLOTS - 1);
	fr_targets_reclaim(targets, 1);
	KUNIT_EXPECT_EQ(test, targets->free_slots_count, SLOTS);
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 0U);
}

static void marks_one_thread(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 1001);
	struct fr_spec *spec = process_spec(test, thread, TID, 0);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 1);
	KUNIT_EXPECT_TRUE(test, is_target(targets, thread));
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 1U);
	KUNIT_EXPECT_FALSE(test, is_target(targets, thread));
}

/* Children that were followed stay when their parent is removed. */
static void followed_child_stays(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *child = process_make(test, 1001);
	struct fr_spec *spec = process_spec(test, leader, TGID, FOLLOW);

	fr_targets_mark_spec(targets, spec);
	preempt_disable();
	fr_target_inherit(targets, leader, child);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec), 1U);
	KUNIT_EXPECT_TRUE(test, is_target(targets, child));
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
}

/* Whoever is past the probes that would clear it must not be set. */
static void ending_threads_are_passed_over(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *exiting = process_thread(test, leader, 1001);
	struct task_struct *thread = process_thread(test, leader, 1002);
	struct fr_spec *spec = process_spec(test, leader, TGID, 0);

	leader->exit_state = EXIT_ZOMBIE;
	exiting->flags |= PF_EXITING;
	KUNIT_EXPECT_TRUE(test, fr_spec_is_alive(spec));
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), 1);
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
	KUNIT_EXPECT_FALSE(test, is_target(targets, exiting));
	thread->flags |= PF_EXITING;
	KUNIT_EXPECT_FALSE(test, fr_spec_is_alive(spec));
}

static void later_spec_adds_following(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *child = task_make(test, 1001);
	struct fr_spec *one = process_spec(test, leader, TID, 0);
	struct fr_spec *all = process_spec(test, leader, TGID, FOLLOW);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, one), 1);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, all), 0);
	preempt_disable();
	KUNIT_EXPECT_NOT_NULL(test, fr_target_inherit(targets, leader, child));
	preempt_enable();
}

/* ---- No room ------------------------------------------------------------ */

static struct task_struct *large_process(struct kunit *test, u32 threads)
{
	struct task_struct *leader = process_make(test, 1000);
	u32 i;

	for (i = 1; i < threads; i++)
		process_thread(test, leader, 1000 + i);
	return leader;
}

static void process_without_room(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = large_process(test, SLOTS + 1);
	struct fr_spec *spec = process_spec(test, leader, TGID, 0);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), -ENOSPC);
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
	fr_targets_reclaim(targets, SLOTS);
	KUNIT_EXPECT_EQ(test, targets->free_slots_count, SLOTS);
}

/* Who asked was told no: those are not among the tasks that went missing. */
static void refused_are_not_missed(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = large_process(test, SLOTS + 1);
	struct fr_spec *spec = process_spec(test, leader, TGID, 0);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), -ENOSPC);
	KUNIT_EXPECT_EQ(test, targets->missed, 0ULL);
}

/*
 * Without a slot for a child that is born while its parent is being added: it is missed
 * if the parent stays.
 */
static void child_of_a_call_under_way(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = large_process(test, SLOTS);
	struct fr_spec *all = process_spec(test, leader, TGID, FOLLOW);
	struct fr_spec *more =
		process_spec(test, process_make(test, 8000), TID, 0);
	struct task_struct *child = task_make(test, 9000);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, all), (int)SLOTS);
	targets->slots[fr_target_number(targets, leader)].flags |= FR_SLOT_NEW;
	preempt_disable();
	KUNIT_EXPECT_NULL(test, fr_target_inherit(targets, leader, child));
	preempt_enable();
	KUNIT_EXPECT_EQ(test, targets->missed, 0ULL);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, all), 0);
	KUNIT_EXPECT_EQ(test, targets->missed, 1ULL);
	/* The call fails: the child of who is no target is none. */
	targets->slots[fr_target_number(targets, leader)].flags |= FR_SLOT_NEW;
	preempt_disable();
	KUNIT_EXPECT_NULL(test, fr_target_inherit(targets, leader, child));
	preempt_enable();
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, more), -ENOSPC);
	KUNIT_EXPECT_EQ(test, targets->missed, 1ULL);
	fr_targets_reclaim(targets, 1);
}

/* Nothing was added: those who were targets before are what they were. */
static void refusal_changes_nothing(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = large_process(test, SLOTS + 1);
	struct fr_spec *one = process_spec(test, leader, TID, 0);
	struct fr_spec *all = process_spec(test, leader, TGID, FOLLOW);
	struct task_struct *child = task_make(test, 9000);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, one), 1);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, all), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, is_target(targets, leader));
	KUNIT_EXPECT_EQ(test, targets->tasks, 1U);
	/* As it was asked for: without its children. */
	preempt_disable();
	KUNIT_EXPECT_NULL(test, fr_target_inherit(targets, leader, child));
	preempt_enable();
}

static void process_that_just_fits(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = large_process(test, SLOTS);
	struct fr_spec *spec = process_spec(test, leader, TGID, 0);
	struct task_struct *other = process_make(test, 3000);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), (int)SLOTS);
	spec = process_spec(test, other, TID, 0);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), -ENOSPC);
}

/* Who has a slot already needs no other. */
static void targets_need_no_more_room(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = large_process(test, SLOTS);
	struct fr_spec *all = process_spec(test, leader, TGID, 0);
	struct fr_spec *one = process_spec(test, leader, TID, FOLLOW);

	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, all), (int)SLOTS);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, all), 0);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, one), 0);
}

/* ---- Names -------------------------------------------------------------- */

static void match(struct fr_targets *targets, struct task_struct *task,
		  const char *comm)
{
	preempt_disable();
	fr_target_match(targets, task, comm);
	preempt_enable();
}

static void name_of_a_leader(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 1001);
	struct fr_spec *spec = comm_spec(test, "redis-server", FOLLOW);

	match(targets, leader, "redis-server"); /* nobody asked */
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
	fr_targets_add_spec(targets, spec);
	match(targets, leader, "redis-serve");
	match(targets, leader, "redis-server2");
	match(targets, leader, "");
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
	match(targets, leader, "redis-server");
	KUNIT_EXPECT_TRUE(test, is_target(targets, leader));
	KUNIT_EXPECT_TRUE(test, is_target(targets, thread));
	fr_targets_unlink_spec(targets, spec);
}

static void name_of_another_thread(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *thread = process_thread(test, leader, 1001);
	struct fr_spec *spec = comm_spec(test, "abcdefghijklmno", 0);

	fr_targets_add_spec(targets, spec);
	match(targets, thread, "abcdefghijklmn");
	KUNIT_EXPECT_FALSE(test, is_target(targets, thread));
	/* As exec tells it, of which the kernel keeps 15 bytes. */
	match(targets, thread, "abcdefghijklmnopqrst");
	KUNIT_EXPECT_FALSE(test, is_target(targets, leader));
	KUNIT_EXPECT_TRUE(test, is_target(targets, thread));
	fr_targets_unlink_spec(targets, spec);
}

/* All specs of the name count, and none of another kind. */
static void name_in_two_specs(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct task_struct *leader = process_make(test, 1000);
	struct task_struct *child = task_make(test, 1001);
	struct fr_spec *specs[] = {
		process_spec(test, process_make(test, 5), TGID, 0),
		comm_spec(test, "a", 0),
		comm_spec(test, "a", FOLLOW),
		comm_spec(test, "b", 0),
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(specs); i++)
		fr_targets_add_spec(targets, specs[i]);
	match(targets, leader, "a");
	preempt_disable();
	KUNIT_EXPECT_NOT_NULL(test, fr_target_inherit(targets, leader, child));
	preempt_enable();
	for (i = 0; i < ARRAY_SIZE(specs); i++)
		fr_targets_unlink_spec(targets, specs[i]);
}

#define NAMED 3

/* Those that have the name now are found among all tasks of the machine. */
static void name_of_living_tasks(struct kunit *test)
{
	struct fr_targets *targets = targets_of(test);
	struct fr_spec *spec = comm_spec(test, THREAD_NAME, 0);
	struct task_struct *threads[NAMED];
	int i;

	for (i = 0; i < NAMED; i++)
		threads[i] = thread_start(thread_idle, NULL, -1, THREAD_NAME);
	KUNIT_EXPECT_TRUE(test, threads[0] && threads[1] && threads[2]);
	KUNIT_EXPECT_EQ(test, fr_targets_mark_spec(targets, spec), NAMED);
	KUNIT_EXPECT_FALSE(test, is_target(targets, current));
	for (i = 0; i < NAMED; i++)
		KUNIT_EXPECT_TRUE(test,
				  threads[i] && is_target(targets, threads[i]));
	KUNIT_EXPECT_EQ(test, fr_targets_unmark_spec(targets, spec),
			(u32)NAMED);
	KUNIT_EXPECT_EQ(test, targets->tasks, 0U);
	for (i = 0; i < NAMED; i++)
		thread_stop(threads[i]);
}

static struct kunit_case spec_cases[] = {
	KUNIT_CASE(add_find_unlink),
	KUNIT_CASE(specs_run_out),
	KUNIT_CASE(dead_specs_make_room),
	KUNIT_CASE(drop_takes_all),
	KUNIT_CASE(spec_of_a_living_thread),
	KUNIT_CASE(spec_of_nobody),
	KUNIT_CASE(marks_a_process),
	KUNIT_CASE(marks_one_thread),
	KUNIT_CASE(followed_child_stays),
	KUNIT_CASE(ending_threads_are_passed_over),
	KUNIT_CASE(later_spec_adds_following),
	KUNIT_CASE(process_without_room),
	KUNIT_CASE(refused_are_not_missed),
	KUNIT_CASE(child_of_a_call_under_way),
	KUNIT_CASE(refusal_changes_nothing),
	KUNIT_CASE(process_that_just_fits),
	KUNIT_CASE(targets_need_no_more_room),
	KUNIT_CASE(name_of_a_leader),
	KUNIT_CASE(name_of_another_thread),
	KUNIT_CASE(name_in_two_specs),
	KUNIT_CASE(name_of_living_tasks),
	{},
};

struct kunit_suite fr_spec_suite = {
	.name = "spec",
	.init = spec_init,
	.exit = spec_exit,
	.test_cases = spec_cases,
};
