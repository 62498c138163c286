// SPDX-License-Identifier: GPL-2.0
/*
 * The last moments of the dead, on planted deaths: which signal, who sent it,
 * where each thread stood then, its last calls, and how much of it is shown.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_stage.h"

#define PREEMPTED  FLIGHTREC_STATE_PREEMPTED
#define SLEEPING   FLIGHTREC_STATE_SLEEPING
#define DISK_SLEEP FLIGHTREC_STATE_DISK_SLEEP
#define DEAD	   FLIGHTREC_STATE_DEAD
#define TASK	   FLIGHTREC_CONTEXT_TASK
#define HARDIRQ	   FLIGHTREC_CONTEXT_HARDIRQ
#define LAST	   FLIGHTREC_TASK_EXIT_GROUP

#define SIG_KILL   9
#define SIG_SEGV   11
#define SIG_ALRM   14
#define SIG_TERM   15
#define SIG_STOP   19
#define EXIT(n)	   ((n) << 8)

#define SERVER	   412
#define KILLER	   77

static void plant_thread(uint32_t tid, const char *comm)
{
	report_stage_target(tid, comm)->tgid = SERVER;
}

/* A server on CPU 0, its killer on CPU 3. */
static void plant_cast(void)
{
	report_stage_target(SERVER, "server");
	report_stage_other(KILLER, "killer", 0, 0);
	report_stage_cpu(0, SERVER);
	report_stage_cpu(1, 0);
	report_stage_cpu(2, 0);
	report_stage_cpu(3, KILLER);
}

/* It made two calls, the second one long ago. */
static void plant_calls(void)
{
	report_stage_enter(0, 1000, SERVER, STAGE_READ, 6);
	report_stage_exit(0, 1500, SERVER, STAGE_READ, 100);
	report_stage_enter(0, 1600, SERVER, STAGE_WRITE, 7);
	report_stage_exit(0, 1610, SERVER, STAGE_WRITE, -32);
}

static void plant_end(uint32_t cpu, uint64_t us, uint32_t tid, uint32_t code,
		      uint32_t flags)
{
	report_stage_task_exit(cpu, us, tid, code, flags);
	report_stage_switch(cpu, us + 10, tid, 0, DEAD);
}

/* ---- killed -------------------------------------------------------------- */

/*
 * One thread runs, one waits for its CPU, one is blocked in a call; the signal
 * wakes the latter, whose call returns before it dies.
 */
static void test_where_threads_stood(void **unused)
{
	(void)unused;
	plant_cast();
	plant_thread(413, "sleeper");
	plant_thread(414, "waiter");
	plant_calls();
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_enter(1, 1000, 413, STAGE_FUTEX, 0x10);
	report_stage_switch(1, 1100, 413, 0, SLEEPING);
	report_stage_switch(2, 100, 0, 414, 0);
	report_stage_switch(2, 4000, 414, KILLER, PREEMPTED);
	report_stage_signal(3, 5000, KILLER, SERVER, SIG_KILL, 0);
	report_stage_waking(3, 5010, KILLER, 413, TASK);
	plant_end(0, 5020, SERVER, SIG_KILL, 0);
	report_stage_switch(1, 5100, 0, 413, 0);
	report_stage_exit(1, 5110, 413, STAGE_FUTEX, -512);
	plant_end(1, 5120, 413, SIG_KILL, 0);
	report_stage_switch(2, 6000, KILLER, 414, SLEEPING);
	plant_end(2, 6010, 414, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"killed: server[412] by SIGKILL, 22:13:30.005020 +0000, 3 threads\n"
		"  sent by killer[77] (NORMAL, nice 0) 20.0 us before (SI_USER, by kill()); exit status 137 in a shell\n"
		"  where its threads stood when that was sent:\n"
		"    server[412] running on CPU 0, in no system call\n"
		"      3.5 ms before: read(6, ...) returned 100 after 500 us\n"
		"      3.4 ms before: write(7, ...) returned EPIPE after 10.0 us\n"
		"    waiter[414] waiting for a CPU for 1.0 ms, not recorded in which call\n"
		"    sleeper[413] blocked for 3.9 ms, in futex(0x10, ...) for 4.0 ms\n"
		"recording: complete on all CPUs since 22:13:30.000000 +0000, 50.0 ms before the end\n");
}

/* It is woken, and may run, before it is recorded that the signal was sent. */
static void test_woken_before_sent(void **unused)
{
	(void)unused;
	plant_cast();
	plant_calls();
	report_stage_enter(0, 2000, SERVER, STAGE_READ, 3);
	report_stage_switch(0, 2100, SERVER, 0, SLEEPING);
	report_stage_waking(3, 5000, KILLER, SERVER, TASK);
	report_stage_switch(0, 5100, 0, SERVER, 0);
	report_stage_exit(0, 5200, SERVER, STAGE_READ, -512);
	report_stage_signal(3, 9000, KILLER, SERVER, SIG_KILL, 0);
	plant_end(0, 9500, SERVER, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"  where it stood when that was sent:\n"
		"    server[412] blocked for 2.9 ms, in read(3, ...) for 3.0 ms\n"
		"      7.5 ms before: read(6, ...) returned 100 after 500 us\n");
}

/* By the same one, but not by the signal: its call returned what it should. */
static void test_woken_otherwise(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 2000, SERVER, STAGE_READ, 3);
	report_stage_switch(0, 2100, SERVER, 0, SLEEPING);
	report_stage_waking(3, 5000, KILLER, SERVER, TASK);
	report_stage_switch(0, 5100, 0, SERVER, 0);
	report_stage_exit(0, 5200, SERVER, STAGE_READ, 1);
	report_stage_signal(3, 9000, KILLER, SERVER, SIG_KILL, 0);
	plant_end(0, 9500, SERVER, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"    server[412] running on CPU 0, in no system call\n"
		"      3.8 ms before: read(3, ...) returned 1 after 3.2 ms\n");
}

/* The thread with the fault comes first, though it does not die first. */
static void test_fault(void **unused)
{
	(void)unused;
	plant_cast();
	plant_thread(413, "faulty");
	plant_calls();
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_enter(1, 2000, 413, STAGE_READ, 3);
	report_stage_exit(1, 2100, 413, STAGE_READ, 0);
	report_stage_signal_thread(1, 3000, 413, 413, SIG_SEGV, 2);
	plant_end(0, 3200, SERVER, SIG_SEGV, 0);
	plant_end(1, 3300, 413, SIG_SEGV | 0x80, LAST);
	report_stage_write(50000);
	report_stage_has(
		"killed: server[412] by SIGSEGV, 22:13:30.003200 +0000, 2 threads, core dumped\n"
		"  sent by the kernel while it ran 200 us before (SEGV_ACCERR, the mapping does not permit that); exit status 139 in a shell\n"
		"  where its threads stood when that was sent:\n"
		"    faulty[413] running on CPU 1, in no system call\n"
		"      900 us before: read(3, ...) returned 0 after 100 us\n"
		"    server[412] running on CPU 0, in no system call\n"
		"      1.5 ms before: read(6, ...) returned 100 after 500 us\n"
		"      1.4 ms before: write(7, ...) returned EPIPE after 10.0 us\n");
}

/* On its way to its end a thread sleeps and waits, many times. */
static uint64_t plant_sleeps(uint64_t us, uint32_t tid)
{
	for (int i = 0; i < 20; i++, us += 40) {
		report_stage_switch(1, us, tid, 0, DISK_SLEEP);
		report_stage_waking(2, us + 10, 0, tid, HARDIRQ);
		report_stage_switch(1, us + 20, 0, tid, 0);
	}
	return us;
}

static void plant_faulty(void)
{
	plant_cast();
	plant_thread(413, "faulty");
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_enter(1, 2000, 413, STAGE_READ, 3);
	report_stage_exit(1, 2100, 413, STAGE_READ, 0);
}

/* It dumps core, and gives its memory back. */
static void test_long_end(void **unused)
{
	uint64_t us;

	(void)unused;
	plant_faulty();
	report_stage_signal_thread(1, 3000, 413, 413, SIG_SEGV, 2);
	report_stage_deliver(1, 3010, 413, SIG_SEGV);
	us = plant_sleeps(3020, 413);
	plant_end(0, us, SERVER, SIG_SEGV, 0);
	report_stage_task_exit(1, us + 10, 413, SIG_SEGV | 0x80, LAST);
	us = plant_sleeps(us + 20, 413);
	report_stage_switch(1, us, 413, 0, DEAD);
	report_stage_write(50000);
	report_stage_has(
		"    faulty[413] running on CPU 1, in no system call\n"
		"      900 us before: read(3, ...) returned 0 after 100 us\n");
}

/* Also after it has called exit(). */
static void test_long_exit(void **unused)
{
	(void)unused;
	plant_faulty();
	report_stage_enter(1, 3000, 413, STAGE_EXIT_GROUP, 3);
	plant_end(1, plant_sleeps(3010, 413), 413, EXIT(3), LAST);
	report_stage_write(50000);
	report_stage_has(
		"    faulty[413] running on CPU 1, in exit_group(3)\n");
}

/* A signal that kills others does not kill init. */
static void test_not_doomed(void **unused)
{
	uint64_t us;

	(void)unused;
	plant_faulty();
	report_stage_deliver(1, 2200, 413, SIG_TERM);
	us = plant_sleeps(2210, 413);
	report_stage_enter(1, us, 413, STAGE_READ, 4);
	report_stage_exit(1, us + 10, 413, STAGE_READ, 0);
	report_stage_switch(1, us + 100, 413, 0, SLEEPING);
	report_stage_signal(3, us + 600, KILLER, SERVER, SIG_KILL, 0);
	plant_end(0, us + 700, SERVER, SIG_KILL, 0);
	report_stage_switch(1, us + 720, 0, 413, 0);
	plant_end(1, us + 800, 413, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"    faulty[413] blocked for 500 us, in no system call\n"
		"      1.5 ms before: read(3, ...) returned 0 after 100 us\n"
		"      590 us before: read(4, ...) returned 0 after 10.0 us\n");
}

/* Nor does one that would stop it. */
static void test_not_doomed_by_stop(void **unused)
{
	uint64_t us;

	(void)unused;
	plant_faulty();
	report_stage_deliver(1, 2200, 413, SIG_STOP);
	us = plant_sleeps(2210, 413);
	report_stage_switch(1, us, 413, 0, SLEEPING);
	report_stage_signal(3, us + 600, KILLER, SERVER, SIG_KILL, 0);
	plant_end(0, us + 700, SERVER, SIG_KILL, 0);
	report_stage_switch(1, us + 720, 0, 413, 0);
	plant_end(1, us + 800, 413, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"    faulty[413] blocked for 600 us, in no system call\n");
}

/* A call that has not returned is the one that it died in. */
static void test_died_in_call(void **unused)
{
	(void)unused;
	plant_cast();
	plant_calls();
	report_stage_enter(0, 2000, SERVER, STAGE_WRITE, 9);
	report_stage_signal(0, 2500, SERVER, SERVER, SIG_KILL, 0x80);
	plant_end(0, 2600, SERVER, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"  sent by the kernel while it ran 100 us before (SI_KERNEL, out of memory, a limit, or the end of a cgroup or pid namespace); exit status 137 in a shell\n"
		"  where it stood when that was sent:\n"
		"    server[412] running on CPU 0, in write(9, ...) for 500 us\n"
		"      1.0 ms before: read(6, ...) returned 100 after 500 us\n"
		"      890 us before: write(7, ...) returned EPIPE after 10.0 us\n");
}

/* A signal that was blocked when it came: it went on until it let it in. */
static void test_pending_signal(void **unused)
{
	(void)unused;
	plant_cast();
	plant_calls();
	report_stage_signal(3, 2000, KILLER, SERVER, SIG_TERM, 0);
	report_stage_enter(0, 7000, SERVER, STAGE_SIGPROCMASK, 1);
	report_stage_exit(0, 7010, SERVER, STAGE_SIGPROCMASK, 0);
	plant_end(0, 7020, SERVER, SIG_TERM, LAST);
	report_stage_write(50000);
	report_stage_has(
		"  sent by killer[77] (NORMAL, nice 0) 5.0 ms before (SI_USER, by kill()); exit status 143 in a shell\n"
		"  where it stood when that was sent:\n"
		"    server[412] running on CPU 0, in rt_sigprocmask(1, ...)\n"
		"      500 us before: read(6, ...) returned 100 after 500 us\n"
		"      390 us before: write(7, ...) returned EPIPE after 10.0 us\n");
}

/* Who runs when a timer expires has not sent its signal. */
static void test_timer(void **unused)
{
	(void)unused;
	plant_cast();
	plant_calls();
	report_stage_signal(3, 2500, KILLER, SERVER, SIG_ALRM, -2);
	plant_end(0, 2600, SERVER, SIG_ALRM, LAST);
	report_stage_write(50000);
	report_stage_has(
		"  sent by the kernel while killer[77] ran 100 us before (SI_TIMER, by a timer); exit status 142 in a shell\n");
}

static void test_sender_unknown(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, SERVER, STAGE_READ, 6);
	plant_end(0, 2300, SERVER, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"killed: server[412] by SIGKILL, 22:13:30.002300 +0000\n"
		"  who sent it was not recorded; exit status 137 in a shell\n"
		"  where it stood when it died:\n"
		"    server[412] running on CPU 0, in read(6, ...) for 1.3 ms\n");
}

/* Of threads that end at the same time more than one may be the last. */
static void test_two_last(void **unused)
{
	(void)unused;
	plant_cast();
	plant_thread(413, "other");
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_signal(3, 2000, KILLER, SERVER, SIG_KILL, 0);
	plant_end(0, 2300, SERVER, SIG_KILL, LAST);
	plant_end(1, 2300, 413, SIG_KILL, LAST);
	report_stage_write(50000);
	report_stage_has(
		"killed: server[412] by SIGKILL, 22:13:30.002300 +0000, 2 threads\n");
	assert_null(strstr(strstr(report_stage_text(), "killed: ") + 1,
			   "\nkilled: "));
}

/* ---- exited -------------------------------------------------------------- */

static void test_exited(void **unused)
{
	(void)unused;
	plant_cast();
	plant_thread(413, "exiter");
	plant_calls();
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_enter(1, 4000, 413, STAGE_EXIT_GROUP, 3);
	report_stage_enter(0, 4200, SERVER, STAGE_READ, 6);
	plant_end(0, 4300, SERVER, EXIT(3), 0);
	plant_end(1, 4400, 413, EXIT(3), LAST);
	report_stage_write(50000);
	report_stage_has(
		"exited: server[412] with status 3, 22:13:30.004300 +0000, 2 threads\n"
		"  where its threads stood when it called exit():\n"
		"    exiter[413] running on CPU 1, in exit_group(3)\n"
		"    server[412] running on CPU 0, in read(6, ...)\n"
		"      2.5 ms before: read(6, ...) returned 100 after 500 us\n"
		"      2.4 ms before: write(7, ...) returned EPIPE after 10.0 us\n");
}

/* A thread that exits alone is no death of its process. */
static void test_thread_exits(void **unused)
{
	(void)unused;
	plant_cast();
	plant_thread(413, "exiter");
	report_stage_switch(1, 100, 0, 413, 0);
	plant_end(1, 1000, 413, EXIT(9), 0);
	report_stage_enter(0, 2000, SERVER, STAGE_EXIT_GROUP, 5);
	plant_end(0, 2100, SERVER, EXIT(5), LAST);
	report_stage_write(50000);
	report_stage_has(
		"exited: server[412] with status 5, 22:13:30.002100 +0000\n"
		"  where it stood when it called exit():\n"
		"    server[412] running on CPU 0, in exit_group(5)\n");
	report_stage_lacks("status 9");
}

static void test_exit_0(void **unused)
{
	(void)unused;
	plant_cast();
	plant_end(0, 2100, SERVER, EXIT(0), LAST);
	report_stage_write(50000);
	report_stage_lacks("exited: ");
}

/* One thread exits alone, then all do. */
static void test_exit_of_all(void **unused)
{
	struct report_options one = { .last_moments = true, .tid = SERVER };

	(void)unused;
	plant_cast();
	plant_thread(413, "first");
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_enter(1, 1000, 413, STAGE_EXIT, 0);
	plant_end(1, 1100, 413, EXIT(0), 0);
	report_stage_enter(0, 4000, SERVER, STAGE_EXIT_GROUP, 0);
	plant_end(0, 4100, SERVER, EXIT(0), LAST);
	assert_int_equal(report_stage_write_with(50000, &one), 0);
	report_stage_has(
		"exited: server[412] with status 0, 22:13:30.004100 +0000, 2 threads\n"
		"  where its threads stood when it called exit():\n"
		"    server[412] running on CPU 0, in exit_group(0)\n"
		"    first[413] had ended 2.9 ms before\n");
}

/* ---- how much is shown --------------------------------------------------- */

static void plant_many_threads(void)
{
	plant_cast();
	for (uint32_t i = 1; i < 7; i++)
		plant_thread(SERVER + i, "thread");
	report_stage_signal(3, 2000, KILLER, SERVER, SIG_KILL, 0);
	for (uint32_t i = 1; i < 7; i++) {
		report_stage_switch(1, 2000 + i * 100, 0, SERVER + i, 0);
		plant_end(1, 2010 + i * 100, SERVER + i, SIG_KILL, 0);
	}
	plant_end(0, 3000, SERVER, SIG_KILL, LAST);
}

static unsigned int count_of(const char *what)
{
	const char *at = report_stage_text();
	unsigned int count = 0;

	while ((at = strstr(at, what))) {
		count++;
		at++;
	}
	return count;
}

static void test_many_threads(void **unused)
{
	struct report_options all = { .all = true, .last_moments = true };
	struct report_options few = { .last_moments = true };

	(void)unused;
	plant_many_threads();
	assert_int_equal(report_stage_write_with(50000, &few), 0);
	report_stage_has("    … 3 more threads\n");
	assert_int_equal(count_of("\n    "), 5);
	assert_int_equal(report_stage_write_with(50000, &all), 0);
	assert_int_equal(count_of("\n    "), 7);
}

static void plant_failures(unsigned int count)
{
	plant_cast();
	for (uint32_t i = 0; i < count; i++) {
		report_stage_target(500 + i, "grep");
		report_stage_switch(1, 1000 + i * 100, 0, 500 + i, 0);
		plant_end(1, 1010 + i * 100, 500 + i, EXIT(1), LAST);
	}
}

/* Of those that failed the last ones. */
static void test_many_failures(void **unused)
{
	(void)unused;
	plant_failures(5);
	report_stage_write(50000);
	report_stage_has(
		"exited: 2 more processes with a status that is not 0\n");
	report_stage_lacks("grep[501] with");
	assert_true(strstr(report_stage_text(), "exited: grep[504]") <
		    strstr(report_stage_text(), "exited: grep[502]"));
}

/* ---- of one process ------------------------------------------------------ */

static void test_one_process(void **unused)
{
	struct report_options one = { .last_moments = true, .tid = 503 };

	(void)unused;
	plant_failures(5);
	assert_int_equal(report_stage_write_with(50000, &one), 0);
	assert_int_equal(strncmp(report_stage_text(), "exited: grep[503] ", 18),
			 0);
	assert_int_equal(count_of("exited: "), 1);
	one.others = true;
	assert_int_equal(report_stage_write_with(50000, &one), 0);
	assert_int_equal(strncmp(report_stage_text(), "exited: grep[503] ", 18),
			 0);
	assert_int_equal(count_of("exited: "), 5);
}

static void test_alive(void **unused)
{
	struct report_options one = { .last_moments = true, .tid = 413 };

	(void)unused;
	plant_cast();
	plant_thread(413, "sleeper");
	plant_calls();
	report_stage_switch(1, 100, 0, 413, 0);
	report_stage_enter(1, 1000, 413, STAGE_FUTEX, 0x10);
	report_stage_switch(1, 1100, 413, 0, SLEEPING);
	assert_int_equal(report_stage_write_with(50000, &one), 0);
	report_stage_has(
		"alive: server[412], 22:13:30.050000 +0000, 2 threads\n"
		"  where its threads stood when the window ended:\n"
		"    sleeper[413] blocked for 48.9 ms, in futex(0x10, ...) for 49.0 ms\n"
		"    server[412] running on CPU 0, in no system call\n");
}

static void test_nobody(void **unused)
{
	struct report_options one = { .last_moments = true };

	(void)unused;
	plant_cast();
	assert_int_equal(report_stage_write_with(50000, &one), 0);
	report_stage_has("nobody died\n");
	one.tid = 4711;
	assert_int_equal(report_stage_write_with(50000, &one), -ESRCH);
	one.tid = KILLER;
	assert_int_equal(report_stage_write_with(50000, &one), -ESRCH);
}

#define TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, report_stage_begin, \
					report_stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_where_threads_stood),
		TEST(test_woken_before_sent),
		TEST(test_woken_otherwise),
		TEST(test_fault),
		TEST(test_long_end),
		TEST(test_long_exit),
		TEST(test_not_doomed),
		TEST(test_not_doomed_by_stop),
		TEST(test_died_in_call),
		TEST(test_pending_signal),
		TEST(test_timer),
		TEST(test_sender_unknown),
		TEST(test_two_last),
		TEST(test_exited),
		TEST(test_thread_exits),
		TEST(test_exit_0),
		TEST(test_exit_of_all),
		TEST(test_many_threads),
		TEST(test_many_failures),
		TEST(test_one_process),
		TEST(test_alive),
		TEST(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
