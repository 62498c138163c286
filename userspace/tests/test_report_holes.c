// SPDX-License-Identifier: GPL-2.0
/*
 * The report on windows with holes: nothing is claimed across what was lost,
 * overwritten or not recorded, and the report says what is missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_stage.h"

#define PREEMPTED FLIGHTREC_STATE_PREEMPTED
#define SLEEPING  FLIGHTREC_STATE_SLEEPING
#define RUNNING	  FLIGHTREC_STATE_RUNNING
#define TASK	  FLIGHTREC_CONTEXT_TASK

#define REDIS	  412
#define HOG	  431

static void plant_cast(void)
{
	report_stage_target(REDIS, "redis-server");
	report_stage_other(HOG, "cpuhog", STAGE_FIFO, 50);
	report_stage_cpu(0, REDIS);
}

/* Events are lost while the hog has the CPU: it may have been more than one. */
static void test_lost_in_wait(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_exit(0, 1100, REDIS, STAGE_READ, 1);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 6200, HOG, REDIS, PREEMPTED);
	report_stage_switch(0, 7000, REDIS, HOG, PREEMPTED);
	window_builder_lost(&report_stage, 0, 7);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 5.0 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); cpuhog ran just before it resumed\n");
	report_stage_has(
		"recording: complete on all CPUs since 22:13:30.039400 +0000, 10.6 ms before the end\n"
		"  lost: 7 events in 1 place, 22:13:30.039400 +0000; nothing is claimed across them\n");
	report_stage_has(
		"      50.000      12.600       5.000       0.000      32.400  redis-server[412]\n");
	report_stage_has(
		"      waiting: 1 time, longest 5.0 ms, 22:13:30.001200 +0000, preempted by cpuhog[431] (FIFO 50)\n");
}

/* On the other CPU: it may have run there. */
static void test_lost_elsewhere(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, 0);
	report_stage_switch(0, 1200, REDIS, 0, SLEEPING);
	report_stage_waking(1, 5200, HOG, REDIS, TASK);
	window_builder_lost(&report_stage, 1, 1);
	report_stage_waking(1, 20000, HOG, 77, TASK);
	report_stage_switch(0, 39400, 0, REDIS, RUNNING);
	report_stage_write(50000);
	report_stage_has(
		"longest block: redis-server[412] 4.0 ms, 22:13:30.001200 +0000, CPU 0\n");
	report_stage_has("no wait for a CPU was recorded\n");
	report_stage_has(
		"      50.000      11.800       0.000       4.000      34.200  redis-server[412]\n");
}

/* It waits, it is known for how long at least. */
static void test_lost_later_elsewhere(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, 0);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_waking(1, 5200, HOG, 77, TASK);
	window_builder_lost(&report_stage, 1, 1);
	report_stage_waking(1, 20000, HOG, 77, TASK);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] at least 4.0 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); what came after that was not recorded\n"
		"  in flight: not recorded; what followed was not recorded\n");
}

static void test_call_across_loss(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	window_builder_lost(&report_stage, 0, 2);
	report_stage_exit(0, 30000, REDIS, STAGE_READ, 1);
	report_stage_write(50000);
	report_stage_has(
		"         0           -           -  read\n"
		"      besides: cut off by a hole in the recording 2\n");
	report_stage_lacks("longest system call: redis");
}

/* A thread in a call moves to a CPU whose tape begins later. */
static void test_call_before_all_begun(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_switch(0, 1200, REDIS, 0, SLEEPING);
	/* What CPU 1 had before is overwritten. */
	window_builder_block(&report_stage, 1, report_stage_clock(10000), 0);
	window_builder_block(&report_stage, 1, report_stage_clock(20000), 0);
	report_stage_switch(1, 30000, 0, REDIS, RUNNING);
	report_stage_exit(1, 31000, REDIS, STAGE_READ, 1);
	window_builder_drop(&report_stage, 1, 0);
	report_stage_write(50000);
	report_stage_lacks("longest block");
	report_stage_lacks("longest system call: redis");
	report_stage_has(
		"      besides: cut off by a hole in the recording 1\n");
	report_stage_has(
		"recording: complete on all CPUs since 22:13:30.020000 +0000, 30.0 ms before the end\n"
		"  some CPUs are held for longer, since 22:13:30.000000 +0000; until all are, only what was running is known\n");
	report_stage_has(
		"      50.000      21.200       0.000       0.000      28.800  redis-server[412]\n"
		"      running: 2 times, longest 20.0 ms, 22:13:30.030000 +0000, CPU 1, to the end of the window\n"
		"      unknown: 1 time, longest 28.8 ms, 22:13:30.001200 +0000\n");
}

/* The same, had the other CPU been held: the block is known. */
static void test_call_all_begun(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_switch(0, 1200, REDIS, 0, SLEEPING);
	report_stage_cpu(1, 0);
	report_stage_switch(1, 30000, 0, REDIS, RUNNING);
	report_stage_exit(1, 31000, REDIS, STAGE_READ, 1);
	report_stage_write(50000);
	report_stage_has(
		"longest block: redis-server[412] 28.8 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  in read(6, ...), sleeping; woken, it is not recorded by whom\n"
		"longest system call: redis-server[412] 30.0 ms, 22:13:30.001000 +0000, read(6, ...) returned 1\n");
}

static void test_gap(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, 0);
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_exit(0, 1100, REDIS, STAGE_READ, 1);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	window_builder_gap(&report_stage, 0, report_stage_clock(10000));
	window_builder_gap(&report_stage, 1, report_stage_clock(10000));
	window_builder_block(&report_stage, 0, report_stage_clock(25000), HOG);
	window_builder_block(&report_stage, 1, report_stage_clock(25100), 0);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] at least 8.8 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); what came after that was not recorded\n"
		"  in flight: read(6, ...) had returned 1; what followed was not recorded\n");
	report_stage_has(
		"recording: complete on all CPUs since 22:13:30.025000 +0000, 25.0 ms before the end\n"
		"  gap: recording was off for 15.0 ms from 22:13:30.010000 +0000 on\n");
	report_stage_has(
		"      50.000      11.800       8.800       0.000      29.400  redis-server[412]\n");
}

/* What runs when recording stops runs up to then. */
static void test_gap_while_running(void **unused)
{
	(void)unused;
	plant_cast();
	window_builder_gap(&report_stage, 0, report_stage_clock(10000));
	window_builder_block(&report_stage, 0, report_stage_clock(25000), 0);
	report_stage_enter(0, 30000, REDIS, STAGE_READ, 6);
	report_stage_write(50000);
	report_stage_has(
		"      50.000      30.000       0.000       0.000      20.000  redis-server[412]\n");
}

/* A bad block in the middle: what it held is not known, what follows is. */
static void test_damaged_block(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	window_builder_block(&report_stage, 0, report_stage_clock(2000), HOG);
	report_stage_switch(0, 3000, HOG, REDIS, PREEMPTED);
	report_stage_switch(0, 4000, REDIS, HOG, PREEMPTED);
	window_builder_block(&report_stage, 0, report_stage_clock(30000), HOG);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_switch(0, 40000, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 41500, HOG, REDIS, PREEMPTED);
	window_builder_finish(&report_stage, report_stage_clock(50000));
	window_builder_block_at(&report_stage, 0, 1)->magic = 0;
	report_stage_write_part(report_stage.length);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 1.5 ms, 22:13:30.040000 +0000, CPU 0\n");
	report_stage_has(
		"  lost: 2 events in 1 place, 22:13:30.030000 +0000; nothing is claimed across them\n");
	report_stage_has(
		"      50.000      10.300       1.500       0.000      38.200  redis-server[412]\n");
}

/* The tape of a whole CPU is cut off: who is off a CPU may be there. */
static void test_truncated(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_cpu(1, 0);
	report_stage_waking(1, 5200, 0, 77, TASK);
	window_builder_finish(&report_stage, report_stage_clock(50000));
	report_stage_write_part(report_stage.header.blocks.offset +
				report_stage.header.block_bytes);
	report_stage_has("no wait for a CPU was recorded\n");
	report_stage_has(
		"recording: not complete up to the end of the window\n");
	report_stage_has("  cut short: the file has no end marker\n");
	report_stage_has(
		"      50.000      11.800       0.000       0.000      38.200  redis-server[412]\n");
}

/* Lost before the window, missed targets, names. */
static void test_totals(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage.header.missed_targets = 2;
	report_stage.header.names_clock = report_stage_clock(3000);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	window_builder_lost(&report_stage, 0, 9);
	window_builder_block(&report_stage, 0, report_stage_clock(2000), HOG);
	report_stage_switch(0, 3000, HOG, REDIS, PREEMPTED);
	window_builder_drop(&report_stage, 0, 0);
	report_stage_write(50000);
	report_stage_has(
		"  lost before the window: 9 events\n"
		"  missed: 2 tasks that should have been recorded found no slot\n"
		"  names: all known since 22:13:30.003000 +0000 only\n");
	report_stage_has(
		"  events    1 in the window; 9 could not be stored since the start\n");
}

#define TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, report_stage_begin, \
					report_stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lost_in_wait),
		TEST(test_lost_elsewhere),
		TEST(test_lost_later_elsewhere),
		TEST(test_call_across_loss),
		TEST(test_call_before_all_begun),
		TEST(test_call_all_begun),
		TEST(test_gap),
		TEST(test_gap_while_running),
		TEST(test_damaged_block),
		TEST(test_truncated),
		TEST(test_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
