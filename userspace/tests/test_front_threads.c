// SPDX-License-Identifier: GPL-2.0
/*
 * The front end's threads: births, deaths, names, tids that are used again, and
 * exec that changes a tid.
 */
#include "perfetto/walk.h"

/* An identity of @tid from @start_ns until @until_clock. */
static struct flightrec_window_task *add_task(uint32_t tid, const char *comm,
					      uint64_t start_ns,
					      uint64_t until_clock,
					      uint32_t reason)
{
	struct flightrec_window_task *task = window_builder_task(&b, tid, comm);

	task->start_mono_ns = start_ns;
	task->until_clock = until_clock;
	task->until_reason = reason;
	return task;
}

/* ---- who ----------------------------------------------------------------- */

static void test_identity_and_process(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	task = window_builder_task(&b, 101, "worker");
	task->tgid = 100;
	put_enter(&b, 0, 2000, 101, NR_READ, 5);
	put_enter(&b, 0, 3000, 999, NR_READ, 5);
	walk(9000, 0);
	walk_to_end();
	assert_int_equal(thread(101)->tgid, 100);
	assert_string_equal(thread(101)->comm, "worker");
	assert_int_equal(thread(101)->identity->uid, 1000);
	assert_null(thread(999)->identity);
	assert_int_equal(thread(999)->tgid, 0);
	assert_string_equal(thread(999)->comm, "<...>");
}

static void test_name_at_that_time(void **unused)
{
	(void)unused;
	add_task(100, "before", 1000, 2500, FLIGHTREC_UNTIL_RENAME);
	add_task(100, "after", 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_rename(&b, 0, 2500, 100, 100, "after");
	put_exit(&b, 0, 3000, 100, NR_READ, 1);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	assert_string_equal(step.thread->comm, "before");
	expect_real(FLIGHTREC_EVENT_RENAME, 2500);
	assert_string_equal(step.old_comm, "before");
	assert_string_equal(step.other->comm, "after");
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	assert_string_equal(step.thread->comm, "after");
	assert_int_equal(front_threads(front), 2);
	expect_end();
}

/* The record may be a little later than the identity says. */
static void test_old_name_when_the_identity_is_ahead(void **unused)
{
	(void)unused;
	add_task(100, "before", 1000, 2499, FLIGHTREC_UNTIL_RENAME);
	add_task(100, "after", 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_rename(&b, 0, 2500, 100, 100, "after");
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_RENAME, 2500);
	assert_string_equal(step.old_comm, "before");
	assert_string_equal(step.other->comm, "after");
}

static void test_name_by_rename_alone(void **unused)
{
	(void)unused;
	put_rename(&b, 0, 2500, 100, 101, "a name of more than fifteen");
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_RENAME, 2500);
	assert_string_equal(step.old_comm, "<...>");
	assert_string_equal(thread(101)->comm, "a name of more ");
	assert_string_equal(thread(100)->comm, "<...>");
}

/* ---- births -------------------------------------------------------------- */

static void test_birth_of_a_thread(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	put_newtask(&b, 0, 2000, 100, 101,
		    FLIGHTREC_NEWTASK_THREAD | FLIGHTREC_NEWTASK_TARGET,
		    0x10000);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_NEWTASK, 2000);
	assert_ptr_equal(step.other, thread(101));
	assert_int_equal(step.other_before.state, FRONT_UNKNOWN);
	assert_true(thread(101)->born);
	assert_int_equal(thread(101)->born_clock, 2000);
	assert_true(thread(101)->target);
	assert_int_equal(thread(101)->tgid, 100);
	assert_int_equal(thread(101)->status.state, FRONT_RUNNABLE);
	assert_int_equal(thread(101)->status.why, FRONT_BORN);
	assert_int_equal(thread(101)->status.since, 2000);
}

static void test_birth_of_a_process(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	put_newtask(&b, 0, 2000, 100, 102, 0, 0);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_NEWTASK, 2000);
	assert_int_equal(thread(102)->tgid, 102);
	assert_false(thread(102)->target);
}

/*
 * A birth gives the tid to another one, whatever the window knows of the first.
 */
static void test_tid_reused_by_birth(void **unused)
{
	struct front_thread *first;

	(void)unused;
	add_task(200, "first", 1000, 2600, FLIGHTREC_UNTIL_EXIT);
	put_enter(&b, 0, 2000, 200, NR_EXIT_GROUP, 0);
	put_task_exit(&b, 0, 2500, 200, 0, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(&b, 0, 2700, 200, 100, FLIGHTREC_STATE_ZOMBIE, BOTH_TARGETS);
	put_newtask(&b, 0, 4000, 100, 200, FLIGHTREC_NEWTASK_TARGET, 0);
	put_switch(&b, 0, 5000, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2700);
	first = thread(200);
	assert_string_equal(first->comm, "first");
	assert_int_equal(first->status.state, FRONT_DEAD);
	walk_to(FLIGHTREC_EVENT_NEWTASK, 4000);
	assert_ptr_not_equal(thread(200), first);
	assert_ptr_equal(thread(200)->previous, first);
	assert_true(first->replaced);
	assert_null(thread(200)->identity);
	walk_to(FLIGHTREC_EVENT_SWITCH, 5000);
	assert_ptr_equal(step.other, thread(200));
	assert_true(thread(200)->born);
	assert_string_equal(first->comm, "first");
}

/* Nothing recorded the birth; the identities tell that it is another one. */
static void test_tid_reused_by_identity(void **unused)
{
	struct front_thread *first;

	(void)unused;
	add_task(200, "first", 1000, 2600, FLIGHTREC_UNTIL_EXIT);
	add_task(200, "second", 4000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_waking(&b, 0, 2000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_waking(&b, 0, 5000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_WAKING, 2000);
	first = thread(200);
	walk_to(FLIGHTREC_EVENT_WAKING, 5000);
	assert_ptr_not_equal(thread(200), first);
	assert_string_equal(thread(200)->comm, "second");
	assert_int_equal(step.other_before.state, FRONT_UNKNOWN);
	assert_false(thread(200)->born);
	assert_ptr_equal(thread(200)->previous, first);
}

/* The last switch comes after the exit, of the same thread. */
static void test_last_switch_is_of_the_same(void **unused)
{
	(void)unused;
	add_task(200, "first", 1000, 2600, FLIGHTREC_UNTIL_EXIT);
	add_task(200, "second", 4000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_task_exit(&b, 0, 2500, 200, 9, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(&b, 0, 2700, 200, 0, FLIGHTREC_STATE_DEAD, PREV_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2700);
	assert_string_equal(step.thread->comm, "first");
	assert_int_equal(step.thread->status.state, FRONT_DEAD);
	assert_int_equal(step.thread->status.left_state, FLIGHTREC_STATE_DEAD);
	assert_true(step.thread->process_over);
}

static void test_first_thread_ends_before_the_last(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_task_exit(&b, 0, 2000, 100, 0, 0);
	put_switch(&b, 0, 2500, 100, 101, FLIGHTREC_STATE_ZOMBIE, BOTH_TARGETS);
	put_task_exit(&b, 0, 3000, 101, 0, FLIGHTREC_TASK_EXIT_GROUP);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2500);
	assert_false(thread(100)->process_over);
	walk_to(FLIGHTREC_EVENT_TASK_EXIT, 3000);
	assert_true(thread(100)->process_over);
	assert_false(thread(101)->process_over);
}

/* ---- exec ---------------------------------------------------------------- */

static void test_exec_by_the_first_thread(void **unused)
{
	(void)unused;
	add_task(100, "sh", 1000, 2500, FLIGHTREC_UNTIL_RENAME);
	add_task(100, "foo", 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_enter(&b, 0, 2000, 100, NR_EXECVE, 0);
	put_exec(&b, 0, 2500, 100, 100, "/usr/bin/foo");
	put_exit(&b, 0, 3000, 100, NR_EXECVE, 0);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_EXEC, 2500);
	assert_string_equal(step.old_comm, "sh");
	assert_string_equal(step.thread->comm, "foo");
	assert_int_equal(step.old_tid, 0);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	expect_end();
}

static void test_exec_names_by_path(void **unused)
{
	(void)unused;
	put_exec(&b, 0, 2500, 100, 100, "/usr/bin/foo");
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_EXEC, 2500);
	assert_string_equal(step.thread->comm, "foo");
}

/* 101 of process 100 calls exec: 100 ends, then 101 becomes 100. */
static void put_exec_by_another(bool switch_in_between)
{
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_enter(&b, 0, 2000, 101, NR_EXECVE, 0);
	put_task_exit(&b, 1, 2100, 100, 0, 0);
	put_switch(&b, 1, 2200, 100, 0, FLIGHTREC_STATE_ZOMBIE, PREV_TARGET);
	if (switch_in_between) {
		put_switch(&b, 0, 2300, 100, 0, FLIGHTREC_STATE_SLEEPING,
			   PREV_TARGET);
		put_switch(&b, 0, 2400, 0, 100, FLIGHTREC_STATE_RUNNING,
			   NEXT_TARGET);
	}
	put_exec(&b, 0, 2500, 100, 101, "/usr/bin/foo");
	put_exit(&b, 0, 3000, 100, NR_EXECVE, 0);
	walk(9000, FRONT_FORESEE);
}

static void test_exec_by_another_thread(void **unused)
{
	struct front_thread *worker, *leader;

	(void)unused;
	put_exec_by_another(false);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2200);
	worker = thread(101);
	leader = thread(100);
	expect_real(FLIGHTREC_EVENT_EXEC, 2500);
	assert_int_equal(step.old_tid, 101);
	assert_ptr_equal(step.thread, worker);
	assert_string_equal(step.old_comm, "worker");
	assert_ptr_equal(thread(100), worker);
	assert_null(front_thread(front, 101));
	assert_true(leader->replaced);
	assert_ptr_equal(worker->previous, leader);
	assert_int_equal(worker->status.state, FRONT_RUNNING);
	assert_int_equal(worker->call.in, FRONT_CALL_IN);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->enter_clock, 2000);
	expect_end();
}

static void test_exec_by_another_thread_shows_early(void **unused)
{
	struct front_thread *worker;

	(void)unused;
	put_exec_by_another(true);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	worker = thread(101);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2300);
	assert_int_equal(step.old_tid, 101);
	assert_ptr_equal(step.thread, worker);
	assert_false(step.synthesized);
	assert_int_equal(worker->tid, 100);
	walk_to(FLIGHTREC_EVENT_EXEC, 2500);
	assert_int_equal(step.old_tid, 0);
	assert_ptr_equal(step.thread, worker);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->enter_clock, 2000);
	expect_end();
}

/* The first thread was not seen to end: what took its tid is another one. */
static void test_exec_by_another_thread_with_evidence_missing(void **unused)
{
	struct front_thread *worker;

	(void)unused;
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_enter(&b, 0, 2000, 101, NR_EXECVE, 0);
	put_waking(&b, 0, 2300, 100, 300, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_exec(&b, 0, 2500, 100, 101, "/usr/bin/foo");
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	worker = thread(101);
	walk_to(FLIGHTREC_EVENT_WAKING, 2300);
	expect_made(FLIGHTREC_EVENT_EXIT, 2500);
	assert_ptr_equal(step.thread, worker);
	expect_real(FLIGHTREC_EVENT_EXEC, 2500);
	assert_int_equal(worker->status.state, FRONT_DEAD);
	assert_ptr_not_equal(step.thread, worker);
	expect_end();
}

/* ---- who will turn up ---------------------------------------------------- */

static void test_foreseen_threads(void **unused)
{
	const struct front *foreseen;

	(void)unused;
	put_newtask(&b, 0, 2000, 100, 101, FLIGHTREC_NEWTASK_THREAD, 0x10000);
	put_waking(&b, 0, 3000, 100, 102, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	walk(9000, FRONT_FORESEE);
	foreseen = front_foreseen(front);
	assert_int_equal(front_threads(foreseen), 4);
	assert_true(front_thread(foreseen, 101)->born);
	assert_false(front_thread(foreseen, 102)->born);
	assert_int_equal(front_threads(front), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_identity_and_process),
		TEST(test_name_at_that_time),
		TEST(test_old_name_when_the_identity_is_ahead),
		TEST(test_name_by_rename_alone),
		TEST(test_birth_of_a_thread),
		TEST(test_birth_of_a_process),
		TEST(test_tid_reused_by_birth),
		TEST(test_tid_reused_by_identity),
		TEST(test_last_switch_is_of_the_same),
		TEST(test_first_thread_ends_before_the_last),
		TEST(test_exec_by_the_first_thread),
		TEST(test_exec_names_by_path),
		TEST(test_exec_by_another_thread),
		TEST(test_exec_by_another_thread_shows_early),
		TEST(test_exec_by_another_thread_with_evidence_missing),
		TEST(test_foreseen_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
