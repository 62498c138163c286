// SPDX-License-Identifier: GPL-2.0
/*
 * The front end's model of system calls: who is in which, and where the
 * beginning or the end is not on the tape.
 */
#include "perfetto/walk.h"

static void test_enter_and_exit(void **unused)
{
	__u64 args[6] = { 5, 0x7f0000001000, 512 };

	(void)unused;
	b.header.args = 3;
	put_enter_args(&b, 0, 2000, 100, NR_READ, 0, args, 3);
	put_exit(&b, 0, 2500, 100, NR_READ, 42);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	assert_false(step.synthesized);
	assert_ptr_equal(step.call, &thread(100)->call);
	assert_int_equal(step.call->in, FRONT_CALL_IN);
	assert_int_equal(step.call->nr, NR_READ);
	assert_int_equal(step.call->nargs, 3);
	assert_int_equal(step.call->args[1], 0x7f0000001000);
	assert_string_equal(step.call->name->name, "read");
	expect_real(FLIGHTREC_EVENT_EXIT, 2500);
	assert_true(step.call->enter_known);
	assert_int_equal(step.call->enter_clock, 2000);
	assert_int_equal(step.call->args[2], 512);
	assert_int_equal(thread(100)->call.in, FRONT_CALL_NONE);
	assert_int_equal(thread(100)->call.since, 2500);
	expect_end();
}

static void test_unknown_until_told(void **unused)
{
	(void)unused;
	put_waking(&b, 0, 2000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_WAKING, 2000);
	assert_int_equal(thread(100)->call.in, FRONT_CALL_UNKNOWN);
	assert_int_equal(thread(100)->call.since, 0);
}

static void test_exit_alone(void **unused)
{
	(void)unused;
	put_exit(&b, 0, 2000, 100, NR_READ, 42);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 2000);
	expect_made(FLIGHTREC_EVENT_ENTER, 2000);
	assert_int_equal(step.event->tid, 100);
	assert_int_equal(step.event->enter.nr, NR_READ);
	assert_int_equal(step.event->enter.nargs, 0);
	assert_false(step.call->enter_known);
	expect_real(FLIGHTREC_EVENT_EXIT, 2000);
	assert_false(step.call->enter_known);
	assert_int_equal(step.call->nr, NR_READ);
	expect_end();
}

/* All was held when recording began: there it was in the call. */
static void test_foreseen_from_where_all_is_held(void **unused)
{
	(void)unused;
	put_waking(&b, 0, 2000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_switch(&b, 0, 2700, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 3000, 200, NR_EPOLL_WAIT, 1);
	walk(9000, FRONT_FORESEE);
	expect_made(FLIGHTREC_EVENT_ENTER, 1000);
	assert_int_equal(step.event->tid, 200);
	assert_int_equal(step.event->cpu, 0);
	assert_int_equal(step.call->nr, NR_EPOLL_WAIT);
	assert_false(step.call->enter_known);
	assert_int_equal(step.call->enter_clock, 1000);
	assert_string_equal(step.call->name->name, "epoll_wait");
	walk_to(FLIGHTREC_EVENT_WAKING, 2000);
	assert_int_equal(thread(200)->call.in, FRONT_CALL_IN);
	walk_to(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->enter_clock, 1000);
	expect_end();
}

/* CPU 1's tape begins at 5000: whatever began before may have been there. */
static void overwrite_cpu_1(void)
{
	put_switch(&b, 1, 1500, 0, 300, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	window_builder_block(&b, 1, 5000, 300);
	window_builder_drop(&b, 1, 0);
}

static void test_foreseen_after_an_overwritten_beginning(void **unused)
{
	(void)unused;
	overwrite_cpu_1();
	put_waking(&b, 0, 2000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_switch(&b, 0, 2700, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 6000, 200, NR_READ, 1);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 5000);
	assert_true(step.synthesized);
	assert_int_equal(step.event->tid, 200);
	walk_to(FLIGHTREC_EVENT_EXIT, 6000);
	assert_false(step.synthesized);
}

/* Not everything is held at its end: it began before its own CPU's tape. */
static void test_foreseen_where_not_all_is_held(void **unused)
{
	(void)unused;
	overwrite_cpu_1();
	put_waking(&b, 0, 2000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_switch(&b, 0, 2700, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 3000, 200, NR_READ, 1);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	assert_true(step.synthesized);
	walk_to(FLIGHTREC_EVENT_EXIT, 3000);
	assert_false(step.synthesized);
}

/* Between two calls there was none: seccomp refused this one. */
static void test_exit_after_none_is_not_foreseen(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_exit(&b, 0, 2500, 100, NR_READ, 42);
	put_exit(&b, 0, 3500, 100, NR_WRITE, -1);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_EXIT, 2500);
	expect_made(FLIGHTREC_EVENT_ENTER, 3500);
	expect_real(FLIGHTREC_EVENT_EXIT, 3500);
	expect_end();
}

/* It was born after that: its parents were no targets. */
static void test_foreseen_not_before_birth(void **unused)
{
	(void)unused;
	window_builder_task(&b, 200, "young")->start_mono_ns = 2500;
	put_waking(&b, 0, 2600, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_switch(&b, 0, 2700, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 3000, 200, NR_READ, 1);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 2500);
	assert_true(step.synthesized);
}

/* It ran, though its switch to there was not recorded: it was no target yet. */
static void test_foreseen_not_before_it_was_a_target(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_rename(&b, 0, 3000, 200, 200, "target");
	put_exit(&b, 0, 4000, 200, NR_EXECVE, 0);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_RENAME, 3000);
	expect_made(FLIGHTREC_EVENT_ENTER, 3000);
	expect_real(FLIGHTREC_EVENT_EXIT, 4000);
}

/* A child begins within clone; its birth is the earliest that it can be. */
static void test_child_returns_from_clone(void **unused)
{
	(void)unused;
	put_newtask(&b, 0, 2000, 100, 150, FLIGHTREC_NEWTASK_TARGET, 0);
	put_switch(&b, 0, 2500, 100, 150, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 3000, 150, NR_CLONE, 0);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_NEWTASK, 2000);
	assert_int_equal(step.other->call.in, FRONT_CALL_UNKNOWN);
	expect_made(FLIGHTREC_EVENT_ENTER, 2000);
	assert_int_equal(step.event->tid, 150);
	assert_int_equal(step.call->nr, NR_CLONE);
	expect_real(FLIGHTREC_EVENT_SWITCH, 2500);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	expect_end();
}

/* ---- in flight at the cut ------------------------------------------------ */

static void test_in_flight_all_the_window_long(void **unused)
{
	struct flightrec_window_call *call;

	(void)unused;
	overwrite_cpu_1();
	call = window_builder_call(&b, 200, NR_READ, 1234);
	call->args[0] = 9;
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 5000);
	assert_true(step.synthesized);
	assert_int_equal(step.event->tid, 200);
	assert_int_equal(step.event->enter.nargs, 1);
	assert_int_equal(step.event->enter.args[0], 9);
	assert_true(step.call->enter_known);
	assert_int_equal(step.call->enter_clock, 1234);
	assert_int_equal(step.call->since, 5000);
	expect_end();
	assert_int_equal(thread(200)->call.in, FRONT_CALL_IN);
	assert_int_equal(thread(200)->call.enter_clock, 1234);
}

static void test_in_flight_without_foresight(void **unused)
{
	(void)unused;
	overwrite_cpu_1();
	window_builder_call(&b, 200, NR_READ, 1234);
	walk(9000, 0);
	walk_to_end();
	assert_int_equal(thread(200)->call.in, FRONT_CALL_IN);
	assert_int_equal(thread(200)->call.enter_clock, 1234);
	assert_string_equal(thread(200)->call.name->name, "read");
}

static void test_in_flight_with_its_enter(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_call(&b, 100, NR_READ, 2000);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	assert_false(step.synthesized);
	expect_end();
	assert_int_equal(thread(100)->call.in, FRONT_CALL_IN);
	assert_int_equal(thread(100)->call.args[0], 5);
}

/* The table says otherwise than the tape, from which something is missing. */
static void test_in_flight_another_call(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_call(&b, 100, NR_WRITE, 3000);
	put_waking(&b, 0, 4000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_made(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->nr, NR_READ);
	expect_made(FLIGHTREC_EVENT_ENTER, 3000);
	assert_int_equal(step.call->nr, NR_WRITE);
	expect_real(FLIGHTREC_EVENT_WAKING, 4000);
	expect_end();
}

/* ---- ends that are not there --------------------------------------------- */

static void test_two_enters_in_a_row(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_enter(&b, 0, 3000, 100, NR_WRITE, 5);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_made(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->nr, NR_READ);
	expect_real(FLIGHTREC_EVENT_ENTER, 3000);
	expect_end();
}

static void test_exit_of_another_call(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_exit(&b, 0, 3000, 100, NR_WRITE, 5);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_made(FLIGHTREC_EVENT_EXIT, 3000);
	expect_made(FLIGHTREC_EVENT_ENTER, 3000);
	assert_int_equal(step.call->nr, NR_WRITE);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	expect_end();
}

static void test_sigreturn_returns_under_another_number(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_RT_SIGRETURN, 0);
	put_exit(&b, 0, 3000, 100, -1, 7);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->nr, NR_RT_SIGRETURN);
	expect_end();
}

static void test_exec_may_change_the_numbering(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_EXECVE, 0);
	put_exec(&b, 0, 2500, 100, 100, "/bin/old32");
	put_exit_compat(&b, 0, 3000, 100, 11, 0);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_EXEC, 2500);
	assert_true(thread(100)->call.execed);
	expect_real(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.call->nr, NR_EXECVE);
	expect_end();
}

static void test_exit_group_never_returns(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "dies");
	put_enter(&b, 0, 2000, 100, NR_EXIT_GROUP, 3);
	put_task_exit(&b, 0, 2500, 100, 3 << 8, FLIGHTREC_TASK_EXIT_GROUP);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_made(FLIGHTREC_EVENT_EXIT, 2500);
	assert_int_equal(step.call->nr, NR_EXIT_GROUP);
	expect_real(FLIGHTREC_EVENT_TASK_EXIT, 2500);
	assert_int_equal(thread(100)->call.in, FRONT_CALL_NONE);
	assert_true(thread(100)->exiting);
	assert_int_equal(thread(100)->exit_code, 3 << 8);
	assert_true(thread(100)->process_over);
	expect_end();
}

/* ---- no calls recorded --------------------------------------------------- */

static void test_claims_nothing_without_calls(void **unused)
{
	(void)unused;
	b.header.events = FLIGHTREC_EVENTS_SCHED;
	put_switch(&b, 0, 2000, 0, 100, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	put_task_exit(&b, 0, 3000, 100, 0, FLIGHTREC_TASK_EXIT_GROUP);
	window_builder_lost(&b, 0, 1);
	put_switch(&b, 0, 4000, 100, 0, FLIGHTREC_STATE_DEAD, PREV_TARGET);
	walk(9000, FRONT_FORESEE);
	assert_false(front_knows_calls(front));
	while (front_next(front, &step) > 0) {
		if (front_thread(front, 100))
			assert_int_equal(thread(100)->call.in,
					 FRONT_CALL_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_enter_and_exit),
		TEST(test_unknown_until_told),
		TEST(test_exit_alone),
		TEST(test_foreseen_from_where_all_is_held),
		TEST(test_foreseen_after_an_overwritten_beginning),
		TEST(test_foreseen_where_not_all_is_held),
		TEST(test_exit_after_none_is_not_foreseen),
		TEST(test_foreseen_not_before_birth),
		TEST(test_foreseen_not_before_it_was_a_target),
		TEST(test_child_returns_from_clone),
		TEST(test_in_flight_all_the_window_long),
		TEST(test_in_flight_without_foresight),
		TEST(test_in_flight_with_its_enter),
		TEST(test_in_flight_another_call),
		TEST(test_two_enters_in_a_row),
		TEST(test_exit_of_another_call),
		TEST(test_sigreturn_returns_under_another_number),
		TEST(test_exec_may_change_the_numbering),
		TEST(test_exit_group_never_returns),
		TEST(test_claims_nothing_without_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
