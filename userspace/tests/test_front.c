// SPDX-License-Identifier: GPL-2.0
/*
 * The front end's model of scheduling: who runs where, who waits for what, and
 * what is not known.
 */
#include "perfetto/walk.h"

/* ---- where a tape begins ------------------------------------------------- */

static void test_begin_switches_from_nothing(void **unused)
{
	(void)unused;
	put_enter(&b, 3, 2000, 100, NR_READ, 5);
	walk(9000, 0);
	expect_made(FLIGHTREC_EVENT_SWITCH, 2000);
	assert_int_equal(step.event->cpu, 3);
	assert_int_equal(step.event->tid, FRONT_TID_UNKNOWN);
	assert_null(step.thread);
	assert_int_equal(step.event->sched_switch.next_tid, 100);
	assert_int_equal(step.event->sched_switch.state, FRONT_STATE_UNKNOWN);
	assert_ptr_equal(step.other, thread(100));
	assert_ptr_equal(cpu(3)->running, thread(100));
	assert_int_equal(thread(100)->status.state, FRONT_RUNNING);
	assert_false(thread(100)->status.exact);
	expect_real(FLIGHTREC_EVENT_BEGIN, 2000);
	assert_true(cpu(3)->begun);
	assert_int_equal(cpu(3)->begin_clock, 2000);
	expect_real(FLIGHTREC_EVENT_ENTER, 2000);
	assert_true(cpu(3)->sure);
	expect_end();
}

static void test_only_cpus_with_a_tape(void **unused)
{
	(void)unused;
	window_builder_cpu(&b, 0);
	put_enter(&b, 7, 2000, 100, NR_READ, 5);
	walk(9000, 0);
	assert_int_equal(front_cpus(front), 1);
	assert_null(front_cpu(front, 0));
	assert_int_equal(front_cpu_at(front, 0)->cpu, 7);
	walk_to_end();
	assert_int_equal(front_begin_clock(front), 2000);
}

static void test_no_tape_at_all(void **unused)
{
	(void)unused;
	walk(9000, FRONT_FORESEE);
	assert_int_equal(front_begin_clock(front), 9000);
	expect_end();
	assert_int_equal(front_cpus(front), 0);
	assert_int_equal(front_threads(front), 0);
}

static void test_unknown_flag_is_refused(void **unused)
{
	(void)unused;
	walk(9000, 0);
	front_destroy(front);
	front = NULL;
	assert_int_equal(front_create(reader, 0x80, &front), -EINVAL);
}

/* ---- states -------------------------------------------------------------- */

static void test_preempted(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_switch(&b, 0, 3000, 200, 100, FLIGHTREC_STATE_RUNNING,
		   BOTH_TARGETS);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 2000);
	expect_real(FLIGHTREC_EVENT_SWITCH, 2000);
	assert_int_equal(step.before.state, FRONT_RUNNING);
	assert_int_equal(step.other_before.state, FRONT_UNKNOWN);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNABLE);
	assert_int_equal(thread(100)->status.why, FRONT_PREEMPTED);
	assert_int_equal(thread(100)->status.since, 2000);
	assert_true(thread(100)->status.exact);
	assert_int_equal(thread(100)->status.cpu, 0);
	expect_real(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_int_equal(step.other_before.state, FRONT_RUNNABLE);
	assert_int_equal(step.other_before.since, 2000);
	assert_int_equal(thread(200)->status.why, FRONT_YIELDED);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNING);
	assert_true(thread(100)->status.exact);
	assert_int_equal(cpu(0)->since, 3000);
	expect_end();
}

static void test_blocked_and_woken(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 0, FLIGHTREC_STATE_DISK_SLEEP,
		   PREV_TARGET);
	put_waking(&b, 1, 3000, 200, 100, FLIGHTREC_CONTEXT_SOFTIRQ,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	put_switch(&b, 0, 4000, 0, 100, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2000);
	expect_real(FLIGHTREC_EVENT_BEGIN, 2000);
	expect_real(FLIGHTREC_EVENT_SWITCH, 2000);
	assert_int_equal(thread(100)->status.state, FRONT_BLOCKED);
	assert_int_equal(thread(100)->status.left_state,
			 FLIGHTREC_STATE_DISK_SLEEP);
	walk_to(FLIGHTREC_EVENT_WAKING, 3000);
	assert_int_equal(step.other_before.state, FRONT_BLOCKED);
	assert_int_equal(step.other_before.since, 2000);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNABLE);
	assert_int_equal(thread(100)->status.why, FRONT_WOKEN);
	assert_int_equal(thread(100)->status.waker_tid, 200);
	assert_int_equal(thread(100)->status.waker_cpu, 1);
	assert_int_equal(thread(100)->status.waker_context,
			 FLIGHTREC_CONTEXT_SOFTIRQ);
	assert_int_equal(thread(100)->status.blocked_since, 2000);
	assert_false(cpu(1)->sure);
	walk_to(FLIGHTREC_EVENT_SWITCH, 4000);
	assert_int_equal(step.other_before.since, 3000);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNING);
	expect_end();
}

static void test_waking_one_that_is_awake_changes_nothing(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 0, 100, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	put_waking(&b, 1, 3000, 200, 100, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	put_switch(&b, 0, 4000, 100, 0, FLIGHTREC_STATE_PREEMPTED, PREV_TARGET);
	put_waking(&b, 1, 5000, 200, 100, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_WAKING, 3000);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNING);
	assert_int_equal(thread(100)->status.since, 2000);
	walk_to(FLIGHTREC_EVENT_WAKING, 5000);
	assert_int_equal(thread(100)->status.why, FRONT_PREEMPTED);
	assert_int_equal(thread(100)->status.since, 4000);
	expect_end();
}

static void test_idle_is_no_thread(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 0, 100, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	put_switch(&b, 1, 2500, 0, 200, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 2500);
	expect_real(FLIGHTREC_EVENT_SWITCH, 2500);
	assert_null(front_thread(front, 0));
	assert_ptr_equal(cpu(0)->running, thread(100));
	assert_int_equal(step.thread->tid, 0);
	assert_string_equal(step.thread->comm, "swapper");
	assert_ptr_not_equal(front_thread_at(front, 0),
			     front_thread_at(front, 1));
}

/* ---- bystanders ---------------------------------------------------------- */

/* 300 took the CPU; nothing says when it left it to 400. */
static void test_bystanders_change_unseen(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_switch(&b, 0, 5000, 400, 100, FLIGHTREC_STATE_SLEEPING,
		   NEXT_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 2000);
	expect_real(FLIGHTREC_EVENT_SWITCH, 2000);
	assert_false(cpu(0)->sure);
	assert_false(thread(300)->target);
	assert_int_equal(cpu(0)->seen, 2000);
	expect_made(FLIGHTREC_EVENT_SWITCH, 5000);
	assert_int_equal(step.event->tid, 300);
	assert_int_equal(step.event->sched_switch.next_tid, 400);
	assert_int_equal(thread(300)->status.state, FRONT_UNKNOWN);
	expect_real(FLIGHTREC_EVENT_SWITCH, 5000);
	assert_int_equal(thread(400)->status.state, FRONT_BLOCKED);
	assert_true(cpu(0)->sure);
	expect_end();
}

static void test_bystander_turns_up_on_another_cpu(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_switch(&b, 1, 3000, 200, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 3000);
	expect_made(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_int_equal(step.event->cpu, 0);
	assert_int_equal(step.event->tid, 300);
	assert_int_equal(step.event->sched_switch.next_tid, FRONT_TID_UNKNOWN);
	assert_null(step.other);
	assert_null(cpu(0)->running);
	expect_real(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_int_equal(thread(300)->status.cpu, 1);
	assert_int_equal(thread(300)->status.state, FRONT_RUNNING);
	expect_end();
}

static void test_running_task_turns_up_on_another_cpu(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_waking(&b, 1, 3000, 300, 100, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2000);
	walk_to(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_int_equal(step.event->cpu, 0);
	assert_null(step.other);
	expect_made(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_int_equal(step.event->cpu, 1);
	assert_null(step.thread);
	assert_ptr_equal(step.other, thread(300));
	expect_real(FLIGHTREC_EVENT_BEGIN, 3000);
	expect_real(FLIGHTREC_EVENT_WAKING, 3000);
	expect_end();
}

/* Who is woken had blocked: a bystander's leaving was not recorded. */
static void test_bystander_is_woken(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_waking(&b, 1, 3000, 200, 300, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 3000);
	expect_made(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_int_equal(step.event->cpu, 0);
	assert_null(step.other);
	expect_real(FLIGHTREC_EVENT_WAKING, 3000);
	assert_int_equal(thread(300)->status.state, FRONT_RUNNABLE);
	assert_int_equal(thread(300)->status.blocked_since, 0);
	expect_end();
}

/* But a target that runs is merely about to block, or woken in vain. */
static void test_running_target_is_woken(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 0, 100, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	put_waking(&b, 1, 3000, 200, 100, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_BEGIN, 3000);
	expect_real(FLIGHTREC_EVENT_WAKING, 3000);
	assert_ptr_equal(cpu(0)->running, thread(100));
	expect_end();
}

/* ---- no scheduling recorded ---------------------------------------------- */

static enum front_state state_of(size_t index)
{
	return front_thread_at(front, index)->status.state;
}

static void test_claims_nothing_without_sched(void **unused)
{
	(void)unused;
	b.header.events = FLIGHTREC_EVENTS_SYSCALLS;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_exit(&b, 1, 3000, 100, NR_READ, 42);
	put_enter(&b, 0, 4000, 200, NR_READ, 5);
	put_task_exit(&b, 0, 5000, 200, 0, FLIGHTREC_TASK_EXIT_GROUP);
	walk(9000, FRONT_FORESEE);
	assert_false(front_knows_sched(front));
	assert_true(front_knows_calls(front));
	while (front_next(front, &step) > 0) {
		assert_int_not_equal(step.event->type, FLIGHTREC_EVENT_SWITCH);
		for (size_t i = 0; i < front_threads(front); i++)
			assert_int_equal(state_of(i), FRONT_UNKNOWN);
		assert_null(cpu(0)->running);
	}
	assert_true(thread(200)->exiting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begin_switches_from_nothing),
		TEST(test_only_cpus_with_a_tape),
		TEST(test_no_tape_at_all),
		TEST(test_unknown_flag_is_refused),
		TEST(test_preempted),
		TEST(test_blocked_and_woken),
		TEST(test_waking_one_that_is_awake_changes_nothing),
		TEST(test_idle_is_no_thread),
		TEST(test_bystanders_change_unseen),
		TEST(test_bystander_turns_up_on_another_cpu),
		TEST(test_running_task_turns_up_on_another_cpu),
		TEST(test_bystander_is_woken),
		TEST(test_running_target_is_woken),
		TEST(test_claims_nothing_without_sched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
