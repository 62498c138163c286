// SPDX-License-Identifier: GPL-2.0
/*
 * The report's threads: births and deaths, who killed them, tids that are used
 * again, how many are shown, and that the parts of each one's time add up,
 * whatever happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_stage.h"

#define PREEMPTED	FLIGHTREC_STATE_PREEMPTED
#define SLEEPING	FLIGHTREC_STATE_SLEEPING
#define DEAD		FLIGHTREC_STATE_DEAD
#define TASK		FLIGHTREC_CONTEXT_TASK
#define LAST		FLIGHTREC_TASK_EXIT_GROUP

#define SIG_KILL	9
#define SIG_SEGV	11
#define SI_KERNEL_FAULT 1
#define CORE		0x80

#define REDIS		412
#define KILLER		77

static void plant_cast(void)
{
	report_stage_target(REDIS, "redis-server");
	report_stage_other(KILLER, "killer", 0, 5);
	report_stage_cpu(0, REDIS);
	report_stage_cpu(1, 0);
}

/* ---- killed ------------------------------------------------------------- */

static void test_killed(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_signal(1, 2000, KILLER, REDIS, SIG_KILL, 0);
	report_stage_task_exit(0, 2300, REDIS, SIG_KILL, LAST);
	report_stage_switch(0, 2400, REDIS, 0, DEAD);
	report_stage_write(50000);
	report_stage_has(
		"killed: redis-server[412] by SIGKILL, 22:13:30.002300 +0000\n"
		"  sent by killer[77] (NORMAL, nice 0) 300 us before (SI_USER, by kill()); exit status 137 in a shell\n"
		"  where it stood when that was sent:\n"
		"    redis-server[412] running on CPU 0, in read(6, ...) for 1.0 ms\n");
	report_stage_has(
		"       2.400       2.400       0.000       0.000       0.000  redis-server[412], killed by SIGKILL\n");
}

static void test_killed_by_fault(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_signal(0, 2000, REDIS, REDIS, SIG_SEGV, SI_KERNEL_FAULT);
	report_stage_task_exit(0, 2300, REDIS, SIG_SEGV | CORE, LAST);
	report_stage_switch(0, 2400, REDIS, 0, DEAD);
	report_stage_write(50000);
	report_stage_has(
		"killed: redis-server[412] by SIGSEGV, 22:13:30.002300 +0000, core dumped\n"
		"  sent by the kernel while it ran 300 us before (SEGV_MAPERR, nothing is mapped there); exit status 139 in a shell\n");
}

static void test_killed_by_unknown(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_task_exit(0, 2300, REDIS, SIG_KILL, LAST);
	report_stage_switch(0, 2400, REDIS, 0, DEAD);
	report_stage_write(50000);
	report_stage_has(
		"killed: redis-server[412] by SIGKILL, 22:13:30.002300 +0000\n"
		"  who sent it was not recorded; exit status 137 in a shell\n");
}

/* All threads die of what the first one got: told once. */
static void test_killed_threads(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	plant_cast();
	task = report_stage_target(413, "bio");
	task->tgid = REDIS;
	report_stage_enter(1, 1000, 413, STAGE_FUTEX, 0x10);
	report_stage_signal(1, 2000, 413, REDIS, SIG_KILL, 0);
	report_stage_task_exit(1, 2300, 413, SIG_KILL, 0);
	report_stage_switch(1, 2350, 413, 0, DEAD);
	report_stage_task_exit(0, 2400, REDIS, SIG_KILL, LAST);
	report_stage_switch(0, 2500, REDIS, 0, DEAD);
	report_stage_write(50000);
	report_stage_has(
		"killed: redis-server[412] by SIGKILL, 22:13:30.002300 +0000, 2 threads\n"
		"  sent by itself 300 us before (SI_USER, by kill()); exit status 137 in a shell\n");
	report_stage_has("         0           -           -  futex\n"
			 "      besides: ended with their thread 1\n");
}

/* ---- tids that are used again ------------------------------------------- */

static void plant_reuse(void)
{
	struct flightrec_window_task *task;

	report_stage_target(REDIS, "redis-server");
	task = report_stage_target(500, "first");
	task->until_clock = report_stage_clock(3000);
	task->until_reason = FLIGHTREC_UNTIL_EXIT;
	task = report_stage_target(500, "second");
	task->start_mono_ns = report_stage_clock(10000);
	report_stage_cpu(0, 500);
	report_stage_cpu(1, REDIS);
	report_stage_enter(0, 1000, 500, STAGE_READ, 6);
	report_stage_exit(0, 2000, 500, STAGE_READ, 1);
	report_stage_task_exit(0, 3000, 500, 0, LAST);
	report_stage_switch(0, 3100, 500, 0, DEAD);
	report_stage_newtask(1, 10000, REDIS, 500, FLIGHTREC_NEWTASK_TARGET);
	report_stage_switch(0, 14000, 0, 500, FLIGHTREC_STATE_RUNNING);
	report_stage_exit(0, 14100, 500, STAGE_CLONE, 0);
	report_stage_enter(0, 15000, 500, STAGE_READ, 6);
	report_stage_exit(0, 15500, 500, STAGE_READ, 1);
}

static void test_reuse(void **unused)
{
	(void)unused;
	plant_reuse();
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: second[500] 4.0 ms, 22:13:30.010000 +0000, CPU 0\n"
		"  created by redis-server[412] (NORMAL, nice 0); CPU 0 was idle just before it resumed\n"
		"  in flight: nothing yet, it is new; next read(6, ...) came 5.0 ms after the wait began\n");
	report_stage_has(
		"      40.000      36.000       4.000       0.000       0.000  second[500], born in the window\n");
	report_stage_has(
		"       3.100       3.100       0.000       0.000       0.000  first[500], exited with 0\n");
	report_stage_has("         2      1.5 ms      1.0 ms  read\n"
			 "      worst: first[500], 22:13:30.001000 +0000\n");
	assert_int_equal(report_stage_sums(NULL), 3);
}

/* ---- what is shown ------------------------------------------------------ */

static void plant_many(unsigned int count)
{
	static const char *const names[] = { "even", "odd" };

	report_stage_cpu(0, 0);
	for (unsigned int i = 0; i < count; i++) {
		uint32_t tid = 1000 + i;

		report_stage_target(tid, names[i % 2]);
		report_stage_switch(0, 10 * i, 0, tid, 0);
		report_stage_switch(0, 10 * i + 5, tid, 0, SLEEPING);
	}
}

static void test_many_threads(void **unused)
{
	(void)unused;
	plant_many(50);
	report_stage_write(50000);
	assert_int_equal(report_stage_sums(NULL), 40);
	report_stage_has("  … 10 more threads\n");
}

static void test_all_threads(void **unused)
{
	(void)unused;
	plant_many(50);
	report_stage_write_all(50000);
	assert_int_equal(report_stage_sums(NULL), 50);
	report_stage_lacks("more thread");
}

static void test_blocked_in(void **unused)
{
	static const int32_t calls[] = { STAGE_READ, STAGE_WRITE, STAGE_FUTEX,
					 STAGE_EPOLL_WAIT };
	uint64_t us = 1000;

	(void)unused;
	plant_cast();
	for (unsigned int i = 0; i < 4; i++) {
		report_stage_enter(0, us, REDIS, calls[i], 3);
		report_stage_switch(0, us + 100, REDIS, 0, SLEEPING);
		report_stage_waking(1, us + 1100 + i * 1000, KILLER, REDIS,
				    TASK);
		report_stage_switch(0, us + 1200 + i * 1000, 0, REDIS, 0);
		report_stage_exit(0, us + 1300 + i * 1000, REDIS, calls[i], 0);
		us += 5000;
	}
	report_stage_switch(0, us, REDIS, 0, FLIGHTREC_STATE_DISK_SLEEP);
	report_stage_waking(1, us + 2500, KILLER, REDIS, TASK);
	report_stage_switch(0, us + 2500, 0, REDIS, 0);
	report_stage_write(50000);
	report_stage_has(
		"      blocked in: epoll_wait 4.0 ms, futex 3.0 ms, outside any system call 2.5 ms, others 3.0 ms\n");
	report_stage_write_all(50000);
	report_stage_has(
		"      blocked in: epoll_wait 4.0 ms, futex 3.0 ms, outside any system call 2.5 ms, write 2.0 ms, read 1.0 ms\n");
}

/* Names are what programs choose: one line stays one line. */
static void test_hostile_name(void **unused)
{
	(void)unused;
	report_stage_target(REDIS, "a\nworst\x1b[2J");
	report_stage_cpu(0, REDIS);
	report_stage_switch(0, 1000, REDIS, 0, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"longest block: a\\nworst\\x1b[2J[412] 49.0 ms, 22:13:30.001000 +0000, CPU 0\n");
}

/* ---- sums --------------------------------------------------------------- */

/* A new thread: of 50 ms it was there for 40. */
static void check_planted(const uint64_t us[5], const char *thread)
{
	if (!strncmp(thread, "child", 5)) {
		assert_int_equal(us[0], 40000);
		assert_int_equal(us[1], 6000);
		assert_int_equal(us[2], 3000);
		assert_int_equal(us[3], 31000);
		assert_int_equal(us[4], 0);
	} else {
		assert_int_equal(us[0], 50000);
		assert_int_equal(us[1], 50000);
	}
}

static void test_sums(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	plant_cast();
	task = report_stage_target(500, "child");
	task->start_mono_ns = report_stage_clock(10000);
	report_stage_newtask(0, 10000, REDIS, 500, FLIGHTREC_NEWTASK_TARGET);
	report_stage_switch(1, 11000, 0, 500, FLIGHTREC_STATE_RUNNING);
	report_stage_switch(1, 13000, 500, 0, SLEEPING);
	report_stage_waking(0, 44000, REDIS, 500, TASK);
	report_stage_switch(1, 46000, 0, 500, FLIGHTREC_STATE_RUNNING);
	report_stage_write(50000);
	assert_int_equal(report_stage_sums(check_planted), 2);
}

#define CPUS	3
#define THREADS 8

/* Any order of events, true or not, with losses and gaps in it. */
static void plant_chaos(unsigned int seed)
{
	uint32_t running[CPUS] = { 0 };
	uint64_t us = 0;

	srand(seed);
	for (uint32_t i = 0; i < CPUS; i++)
		report_stage_cpu(i, 0);
	for (uint32_t i = 0; i < THREADS; i++)
		report_stage_target(1000 + i, "chaos");
	for (unsigned int i = 0; i < 400; i++) {
		uint32_t cpu = (uint32_t)rand() % CPUS;
		uint32_t tid = 1000 + (uint32_t)rand() % (THREADS + 2);
		uint32_t on = running[cpu];

		us += (uint64_t)rand() % 3000;
		switch (rand() % 12) {
		case 0:
			window_builder_lost(&report_stage, cpu, 3);
			break;
		case 1:
			if (us > 100 && rand() % 4 == 0)
				window_builder_gap(&report_stage, cpu,
						   report_stage_clock(us - 50));
			break;
		case 2:
		case 3:
			report_stage_waking(cpu, us, on, tid,
					    (uint32_t)rand() % 3);
			break;
		case 4:
			report_stage_enter(cpu, us, tid, rand() % 5, 3);
			running[cpu] = tid;
			break;
		case 5:
			report_stage_exit(cpu, us, tid, rand() % 5, -11);
			running[cpu] = tid;
			break;
		case 6:
			if (rand() % 4 == 0)
				report_stage_task_exit(cpu, us, tid,
						       (uint32_t)rand() % 16,
						       (uint32_t)rand() % 2);
			break;
		case 7:
			report_stage_newtask(cpu, us, on, tid,
					     FLIGHTREC_NEWTASK_TARGET);
			break;
		default:
			report_stage_switch(cpu, us, on, tid,
					    (uint32_t)rand() % 16);
			running[cpu] = tid;
		}
	}
	for (int i = 0; i < 2; i++)
		if (window_builder_blocks(&report_stage, 1) > 2 && rand() % 2)
			window_builder_drop(&report_stage, 1,
					    (size_t)rand() % 2);
	report_stage_write_all(us + (uint64_t)rand() % 1000);
}

static void test_sums_in_chaos(void **unused)
{
	for (unsigned int seed = 1; seed <= 60; seed++) {
		if (seed > 1)
			report_stage_begin(unused);
		plant_chaos(seed);
		assert_true(report_stage_sums(NULL) >= THREADS);
		report_stage_chains();
		if (seed < 60)
			report_stage_end(unused);
	}
}

/* Cut off anywhere, it is still reported on. */
static void test_sums_truncated(void **unused)
{
	size_t length;

	(void)unused;
	plant_chaos(7);
	length = report_stage.header.blocks.offset;
	for (int i = 0; i < 40; i++, length += 997) {
		if (length > report_stage.length)
			break;
		report_stage_write_part(length);
		report_stage_has("  cut short: the file has no end marker\n");
		report_stage_sums(NULL);
	}
}

#define TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, report_stage_begin, \
					report_stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_killed),
		TEST(test_killed_by_fault),
		TEST(test_killed_by_unknown),
		TEST(test_killed_threads),
		TEST(test_reuse),
		TEST(test_many_threads),
		TEST(test_all_threads),
		TEST(test_blocked_in),
		TEST(test_hostile_name),
		TEST(test_sums),
		TEST(test_sums_in_chaos),
		TEST(test_sums_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
