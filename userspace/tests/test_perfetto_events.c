// SPDX-License-Identifier: GPL-2.0
/*
 * The Perfetto encoder: the events, and those that its readers need though the
 * recorder has none of them. Each rule a test.
 */
#include "perfetto/trace.h"

/* ---- switches ------------------------------------------------------------ */

/* Or a CPU's first slice is missing. */
static void test_each_cpu_begins_with_a_switch_from_swapper(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_switch(&b, 1, 3000, 200, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	put_switch(&b, 2, 4000, 0, 300, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	make_trace(9000);
	EVENT("sched_switch", "cpu=0", "ts=1000002000", "task=0",
	      "prev_comm=\"swapper\"", "prev_pid=0", "prev_prio=120",
	      "prev_state=0", "next_pid=100");
	EVENT("sched_switch", "cpu=1", "ts=1000003000", "prev_pid=0",
	      "next_pid=200");
	EVENT("sched_switch", "cpu=2", "ts=1000004000", "prev_pid=0",
	      "next_pid=300");
	assert_int_equal(EVENTS("sched_switch", "cpu=2"), 1);
}

static void test_switch(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 200, "other")->prio = 98;
	put_switch(&b, 0, 2000, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	make_trace(9000);
	EVENT("sched_switch", "task=100", "prev_comm=\"server\"",
	      "prev_pid=100", "prev_prio=120", "prev_state=256",
	      "next_comm=\"other\"", "next_pid=200", "next_prio=98");
}

/* The bits of Linux 4.14 and later; a state that is not known as I. */
static void test_states(void **unused)
{
	static const int bits[16] = { 0,   1,	2,   4,	  8,   16,  32,	 64,
				      128, 128, 128, 128, 128, 128, 128, 256 };
	char ts[32], prev_state[32];

	(void)unused;
	for (uint32_t state = 0; state < 16; state++)
		put_switch(&b, 0, 2000 + 10 * state, 100 + state, 101 + state,
			   state, BOTH_TARGETS);
	make_trace(9000);
	for (uint32_t state = 0; state < 16; state++) {
		snprintf(ts, sizeof(ts), "ts=%u", 1000002000 + 10 * state);
		snprintf(prev_state, sizeof(prev_state), "prev_state=%d",
			 bits[state]);
		EVENT("sched_switch", ts, prev_state);
	}
}

static void test_names_and_priorities_are_of_that_time(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	task = window_builder_task(&b, 100, "before");
	task->prio = 139;
	task->until_clock = 2500;
	task->until_reason = FLIGHTREC_UNTIL_PRIORITY;
	window_builder_task(&b, 100, "after")->prio = -1;
	put_switch(&b, 0, 2000, 100, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	put_switch(&b, 0, 3000, 0, 100, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	make_trace(9000);
	EVENT("sched_switch", "ts=1000002000", "prev_comm=\"before\"",
	      "prev_prio=139");
	EVENT("sched_switch", "ts=1000003000", "next_comm=\"after\"",
	      "next_prio=-1");
}

static void test_unknown_priority_is_left_out(void **unused)
{
	size_t at;

	(void)unused;
	put_switch(&b, 0, 2000, 100, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	make_trace(9000);
	at = EVENT("sched_switch", "prev_pid=100", "prev_comm=\"<...>\"",
		   "next_prio=120");
	assert_false(has_key(lines[at], "prev_prio"));
}

/* What one switch leaves running is what the next one leaves. */
static void test_bystanders_keep_the_chain(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_switch(&b, 0, 5000, 400, 100, FLIGHTREC_STATE_SLEEPING,
		   NEXT_TARGET);
	make_trace(9000);
	EVENT("sched_switch", "ts=1000005000", "prev_pid=300", "prev_state=128",
	      "next_pid=400");
	EVENT("sched_switch", "ts=1000005000", "prev_pid=400", "prev_state=1",
	      "next_pid=100");
}

/*
 * Nobody runs on two CPUs: it left the first one before it is seen elsewhere.
 */
static void test_bystander_leaves_its_cpu_before(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_switch(&b, 1, 3000, 200, 300, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	make_trace(9000);
	EVENT("sched_switch", "cpu=0", "ts=1000002999", "prev_pid=300",
	      "next_pid=0", "prev_state=128");
	EVENT("sched_switch", "cpu=1", "ts=1000003000", "next_pid=300");
}

static void test_no_switches_without_sched(void **unused)
{
	(void)unused;
	b.header.events = FLIGHTREC_EVENTS_SYSCALLS;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_exit(&b, 0, 3000, 100, NR_READ, 5);
	put_enter(&b, 0, 3000, 200, NR_EXIT_GROUP, 5);
	put_task_exit(&b, 0, 4000, 200, 0, FLIGHTREC_TASK_EXIT_GROUP);
	make_trace(9000);
	assert_int_equal(EVENTS("sched_switch", "cpu=0"), 0);
	EVENT("sys_exit", "task=200", "ts=1000004000");
}

/* ---- wakings ------------------------------------------------------------- */

static void test_waking(void **unused)
{
	size_t at;

	(void)unused;
	window_builder_task(&b, 200, "wakee")->prio = 110;
	put_switch(&b, 3, 2000, 200, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	put_waking(&b, 0, 3000, 100, 200, FLIGHTREC_CONTEXT_TASK, 3);
	put_waking(&b, 0, 4000, 100, 200, FLIGHTREC_CONTEXT_HARDIRQ, 3);
	put_waking(&b, 0, 5000, 100, 200, FLIGHTREC_CONTEXT_SOFTIRQ, 3);
	put_waking(&b, 0, 6000, 100, 201, FLIGHTREC_CONTEXT_TASK, 3);
	make_trace(9000);
	at = EVENT("sched_waking", "ts=1000003000", "task=100", "pid=200",
		   "comm=\"wakee\"", "prio=110", "success=1", "target_cpu=3");
	assert_false(has_key(lines[at], "common_flags"));
	EVENT("sched_waking", "ts=1000004000", "common_flags=8");
	EVENT("sched_waking", "ts=1000005000", "common_flags=16");
	at = EVENT("sched_waking", "ts=1000006000", "pid=201");
	assert_false(has_key(lines[at], "target_cpu"));
}

/* ---- births -------------------------------------------------------------- */

/* Bit 0x10000 tells the viewer a thread from a process. */
static void test_birth_of_a_thread(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	put_newtask(&b, 0, 2000, 100, 101, FLIGHTREC_NEWTASK_THREAD, 0xf00);
	make_trace(9000);
	EVENT("task_newtask", "task=100", "pid=101", "clone_flags=69376",
	      "comm=\"server\"", "oom_score_adj=0");
}

static void test_birth_of_a_process(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	put_newtask(&b, 0, 2000, 100, 101, 0, 0x11200011);
	make_trace(9000);
	EVENT("task_newtask", "task=100", "pid=101", "clone_flags=287309841");
}

static void test_name_at_birth(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	window_builder_task(&b, 100, "server");
	task = window_builder_task(&b, 101, "child");
	task->start_mono_ns = 1999;
	put_newtask(&b, 0, 2000, 100, 101, 0, 0);
	make_trace(9000);
	EVENT("task_newtask", "pid=101", "comm=\"child\"");
}

/* ---- names --------------------------------------------------------------- */

static void test_rename(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "before")->until_clock = 2000;
	window_builder_task(&b, 100, "after");
	put_rename(&b, 0, 2000, 100, 100, "after");
	put_rename(&b, 0, 3000, 100, 101, "other");
	make_trace(9000);
	EVENT("task_rename", "ts=1000002000", "pid=100", "oldcomm=\"before\"",
	      "newcomm=\"after\"", "oom_score_adj=0");
	EVENT("task_rename", "ts=1000003000", "task=100", "pid=101",
	      "newcomm=\"other\"");
}

/* The viewer does not read exec's event for the name. */
static void test_exec_renames(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "sh")->until_clock = 2000;
	window_builder_task(&b, 100, "foo");
	put_exec(&b, 0, 2000, 100, 100, "/usr/bin/foo");
	make_trace(9000);
	EVENT("task_rename", "pid=100", "oldcomm=\"sh\"", "newcomm=\"foo\"");
	EVENT("sched_process_exec", "filename=\"/usr/bin/foo\"", "pid=100",
	      "old_pid=100");
}

/*
 * 101 of process 100 calls exec and becomes 100; to the viewer it is another.
 */
static void test_exec_by_another_thread(void **unused)
{
	size_t at;

	(void)unused;
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_enter(&b, 0, 2000, 101, NR_EXECVE, 0);
	put_task_exit(&b, 1, 2100, 100, 0, 0);
	put_switch(&b, 1, 2200, 100, 0, FLIGHTREC_STATE_ZOMBIE, PREV_TARGET);
	put_exec(&b, 0, 2500, 100, 101, "/usr/bin/foo");
	put_exit(&b, 0, 3000, 100, NR_EXECVE, 0);
	make_trace(9000);
	at = EVENT("sys_exit", "task=101", "id=59", "ts=1000002500");
	assert_false(has_key(lines[at], "ret"));
	at = EVENT_FROM(at, "sched_switch", "prev_pid=101", "prev_state=16",
			"next_pid=100");
	at = EVENT_FROM(at, "sched_process_free", "pid=101");
	at = EVENT_FROM(at, "sys_enter", "task=100", "id=59");
	at = EVENT_FROM(at, "task_rename", "pid=100");
	EVENT_FROM(at, "sys_exit", "task=100", "id=59", "ret=0");
	assert_int_equal(EVENTS("sched_process_free", "pid=100"), 0);
}

/* ---- deaths -------------------------------------------------------------- */

static void test_free_after_the_last_switch(void **unused)
{
	size_t last;

	(void)unused;
	window_builder_task(&b, 100, "dies");
	put_task_exit(&b, 0, 2000, 100, 0, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(&b, 0, 3000, 100, 200, FLIGHTREC_STATE_DEAD, PREV_TARGET);
	make_trace(9000);
	last = EVENT("sched_switch", "prev_pid=100", "prev_state=16");
	last = EVENT_FROM(last, "sched_process_free", "pid=100",
			  "comm=\"dies\"", "prio=120");
	assert_int_equal(stamp(last), 1000003001);
}

/* Its stamp is made up: another event may be there already. */
static void test_free_keeps_the_order_of_time(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "dies");
	put_task_exit(&b, 0, 2000, 100, 0, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(&b, 0, 3000, 100, 200, FLIGHTREC_STATE_DEAD, BOTH_TARGETS);
	put_exit(&b, 0, 3000, 200, NR_READ, 1);
	make_trace(9000);
	EVENT("sys_exit", "task=200", "ts=1000003001");
}

static void test_living_are_not_freed(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "lives");
	put_switch(&b, 0, 2000, 100, 200, FLIGHTREC_STATE_SLEEPING,
		   PREV_TARGET);
	put_task_exit(&b, 0, 3000, 200, 0, FLIGHTREC_TASK_EXIT_GROUP);
	make_trace(9000);
	assert_int_equal(EVENTS("sched_process_free", "cpu=0"), 0);
}

/*
 * The viewer ends a process with its first thread: that is told when the last
 * one has gone, as the kernel does.
 */
static void test_first_thread_is_freed_last(void **unused)
{
	size_t at;

	(void)unused;
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	window_builder_task(&b, 102, "worker")->tgid = 100;
	put_task_exit(&b, 0, 2000, 100, 0, 0);
	put_switch(&b, 0, 2100, 100, 101, FLIGHTREC_STATE_ZOMBIE, BOTH_TARGETS);
	put_task_exit(&b, 1, 2200, 102, 0, 0);
	put_task_exit(&b, 0, 2300, 101, 0, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(&b, 0, 2400, 101, 0, FLIGHTREC_STATE_DEAD, PREV_TARGET);
	put_switch(&b, 1, 2500, 102, 0, FLIGHTREC_STATE_DEAD, PREV_TARGET);
	make_trace(9000);
	assert_int_equal(EVENTS("sched_process_free", "pid=100"), 1);
	at = EVENT("sched_process_free", "pid=101");
	assert_int_equal(stamp(at), 1000002401);
	at = EVENT("sched_process_free", "pid=102");
	assert_int_equal(stamp(at), 1000002501);
	at = EVENT("sched_process_free", "pid=100");
	assert_int_equal(stamp(at), 1000002502);
}

static void test_process_that_lives_on_is_not_freed(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_task_exit(&b, 0, 2000, 100, 0, 0);
	put_switch(&b, 0, 2100, 100, 101, FLIGHTREC_STATE_ZOMBIE, BOTH_TARGETS);
	make_trace(9000);
	assert_int_equal(EVENTS("sched_process_free", "cpu=0"), 0);
}

/* ---- calls --------------------------------------------------------------- */

static void test_call(void **unused)
{
	__u64 args[6] = { 5, (__u64)-1, 512 };
	size_t at;

	(void)unused;
	b.header.args = 6;
	put_enter_args(&b, 0, 2000, 100, NR_READ, 0, args, 6);
	put_exit(&b, 0, 3000, 100, NR_READ, -11);
	make_trace(9000);
	at = EVENT("sys_enter", "task=100", "id=0");
	/* As many as the call has, as numbers of their own. */
	assert_non_null(strstr(lines[at],
			       "\tid=0\targs=5\targs=18446744073709551615"
			       "\targs=512"));
	assert_null(strstr(lines[at], "\targs=512\t"));
	EVENT("sys_exit", "task=100", "id=0", "ret=-11");
}

static void test_arguments_of_an_unknown_call(void **unused)
{
	__u64 args[6] = { 1, 2, 3, 4, 5, 6 };

	(void)unused;
	b.header.args = 6;
	put_enter_args(&b, 0, 2000, 100, 900, 0, args, 6);
	make_trace(9000);
	EVENT("sys_enter", "id=900", "args=1", "args=6");
}

static void test_exit_group_returns(void **unused)
{
	size_t at;

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_EXIT_GROUP, 3);
	put_task_exit(&b, 0, 3000, 100, 3 << 8, FLIGHTREC_TASK_EXIT_GROUP);
	make_trace(9000);
	at = EVENT("sys_exit", "id=231", "ts=1000003000");
	assert_false(has_key(lines[at], "ret"));
}

/* It returns under the number under which it was entered, or stays open. */
static void test_sigreturn(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_RT_SIGRETURN, 0);
	put_exit(&b, 0, 3000, 100, -1, 7);
	make_trace(9000);
	EVENT("sys_exit", "id=15", "ret=7");
}

static void test_call_whose_beginning_was_overwritten(void **unused)
{
	size_t at;

	(void)unused;
	put_switch(&b, 1, 1500, 0, 300, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	window_builder_block(&b, 1, 5000, 300);
	window_builder_drop(&b, 1, 0);
	put_waking(&b, 0, 4000, 100, 200, FLIGHTREC_CONTEXT_TASK, 3);
	put_switch(&b, 0, 6000, 100, 200, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 7000, 200, NR_EPOLL_WAIT, 1);
	make_trace(9000);
	at = EVENT("sys_enter", "task=200", "id=232", "ts=1000005000");
	assert_false(has_key(lines[at], "args"));
	EVENT("sys_exit", "task=200", "id=232", "ret=1");
}

static void test_call_in_flight_all_along(void **unused)
{
	struct flightrec_window_call *call;

	(void)unused;
	put_switch(&b, 1, 1500, 0, 300, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	window_builder_block(&b, 1, 5000, 300);
	window_builder_drop(&b, 1, 0);
	call = window_builder_call(&b, 200, NR_READ, 1200);
	call->args[0] = 77;
	make_trace(9000);
	EVENT("sys_enter", "task=200", "id=0", "ts=1000005000", "args=77");
	assert_int_equal(EVENTS("sys_exit", "task=200"), 0);
}

/* It waits for a CPU of which the window has nothing, and which Perfetto cannot have. */
static void test_call_in_flight_on_a_far_cpu(void **unused)
{
	(void)unused;
	put_switch(&b, 1, 1500, 0, 300, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	put_waking(&b, 1, 2000, 300, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	put_migrate(&b, 1, 2500, 300, 200, 5000);
	window_builder_call(&b, 200, NR_READ, 1200);
	make_trace(9000);
	EVENT("sys_enter", "cpu=1", "task=200", "id=0", "ts=1000001200");
}

/* ---- 32-bit callers ------------------------------------------------------ */

/* The viewer has names for the native numbers alone. */
static void test_compat_goes_by_the_native_number(void **unused)
{
	__u64 args[6] = { 5 };

	(void)unused;
	put_enter_args(&b, 0, 2000, 100, NR_COMPAT_READ, 1, args, 1);
	put_exit_compat(&b, 0, 3000, 100, NR_COMPAT_READ, 42);
	make_trace(9000);
	EVENT("sys_enter", "id=0", "args=5");
	EVENT("sys_exit", "id=0", "ret=42");
}

static void test_compat_without_a_native_call(void **unused)
{
	__u64 args[6] = { 5 };

	(void)unused;
	window_builder_task(&b, 100, "old");
	put_enter_args(&b, 0, 2000, 100, NR_COMPAT_MMAP2, 1, args, 1);
	put_exit_compat(&b, 0, 3000, 100, NR_COMPAT_MMAP2, 42);
	put_enter_args(&b, 0, 4000, 100, 999, 1, args, 1);
	make_trace(9000);
	EVENT("print", "task=100", "ts=1000002000",
	      "buf=\"B|100|sys_mmap2 (32-bit)\\n\"");
	EVENT("print", "task=100", "ts=1000003000", "buf=\"E|100\\n\"");
	EVENT("print", "buf=\"B|100|sys_999 (32-bit)\\n\"");
	assert_int_equal(EVENTS("sys_enter", "task=100"), 0);
	assert_int_equal(EVENTS("sys_exit", "task=100"), 0);
}

/* ---- signals ------------------------------------------------------------- */

static void test_signals(void **unused)
{
	(void)unused;
	window_builder_task(&b, 200, "receiver");
	put_signal(&b, 0, 2000, 100, 200, 15, FLIGHTREC_SIGNAL_IGNORED, -6, 1);
	put_deliver(&b, 0, 3000, 100, 11, FLIGHTREC_HANDLER_FUNCTION, 1,
		    0x14000000);
	make_trace(9000);
	EVENT("signal_generate", "task=100", "code=-6", "comm=\"receiver\"",
	      "group=1", "pid=200", "result=1", "sig=15");
	EVENT("signal_deliver", "task=100", "code=1", "sa_flags=335544320",
	      "sig=11");
}

/* ---- interrupts ----------------------------------------------------------- */

static void test_interrupts(void **unused)
{
	(void)unused;
	put_irq_entry(&b, 0, 2000, 100, FLIGHTREC_IRQ_DEVICE, 24, "eth0");
	put_irq_exit(&b, 0, 2100, 100, FLIGHTREC_IRQ_DEVICE, 24,
		     FLIGHTREC_IRQ_HANDLED);
	put_irq_entry(&b, 0, 2200, 100, FLIGHTREC_IRQ_SOFTIRQ, 3, NULL);
	put_irq_exit(&b, 0, 2300, 100, FLIGHTREC_IRQ_SOFTIRQ, 3, 0);
	put_irq_entry(&b, 0, 2400, 100, FLIGHTREC_IRQ_LOCAL_TIMER, 236, NULL);
	put_irq_exit(&b, 0, 2500, 100, FLIGHTREC_IRQ_LOCAL_TIMER, 236, 0);
	put_irq_exit(&b, 0, 2600, 100, FLIGHTREC_IRQ_DEVICE, 9, 0);
	make_trace(9000);
	EVENT("irq_handler_entry", "cpu=0", "ts=1000002000", "task=100",
	      "irq=24", "name=\"eth0\"");
	EVENT("irq_handler_exit", "ts=1000002100", "irq=24", "ret=1");
	EVENT("softirq_entry", "ts=1000002200", "task=100", "vec=3");
	EVENT("softirq_exit", "ts=1000002300", "vec=3");
	EVENT("irq_handler_entry", "ts=1000002400", "irq=236",
	      "name=\"local timer\"");
	EVENT("irq_handler_exit", "ts=1000002500", "irq=236", "ret=1");
	EVENT("irq_handler_exit", "ts=1000002600", "irq=9", "ret=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_cpu_begins_with_a_switch_from_swapper),
		TEST(test_switch),
		TEST(test_states),
		TEST(test_names_and_priorities_are_of_that_time),
		TEST(test_unknown_priority_is_left_out),
		TEST(test_bystanders_keep_the_chain),
		TEST(test_bystander_leaves_its_cpu_before),
		TEST(test_no_switches_without_sched),
		TEST(test_waking),
		TEST(test_birth_of_a_thread),
		TEST(test_birth_of_a_process),
		TEST(test_name_at_birth),
		TEST(test_rename),
		TEST(test_exec_renames),
		TEST(test_exec_by_another_thread),
		TEST(test_free_after_the_last_switch),
		TEST(test_free_keeps_the_order_of_time),
		TEST(test_living_are_not_freed),
		TEST(test_first_thread_is_freed_last),
		TEST(test_process_that_lives_on_is_not_freed),
		TEST(test_call),
		TEST(test_arguments_of_an_unknown_call),
		TEST(test_exit_group_returns),
		TEST(test_sigreturn),
		TEST(test_call_whose_beginning_was_overwritten),
		TEST(test_call_in_flight_all_along),
		TEST(test_call_in_flight_on_a_far_cpu),
		TEST(test_compat_goes_by_the_native_number),
		TEST(test_compat_without_a_native_call),
		TEST(test_signals),
		TEST(test_interrupts),
	};

	return cmocka_run_group_tests(tests, need_protoc, NULL);
}
