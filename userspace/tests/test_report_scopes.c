// SPDX-License-Identifier: GPL-2.0
/*
 * Scopes in the report, on planted marks: how many of which name, how long they
 * took, which was the longest, and what that was made of.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_stage.h"

#define SLEEPING FLIGHTREC_STATE_SLEEPING
#define RUNNING	 FLIGHTREC_STATE_RUNNING
#define TASK	 FLIGHTREC_CONTEXT_TASK
#define HARDIRQ	 FLIGHTREC_CONTEXT_HARDIRQ

#define SERVER	 412
#define WORKER	 413
#define CLIENT	 77

static void plant_cast(void)
{
	report_stage_target(SERVER, "server");
	report_stage_target(WORKER, "worker");
	report_stage_other(CLIENT, "client", 0, 0);
	report_stage_cpu(0, SERVER);
	report_stage_cpu(1, WORKER);
	report_stage_cpu(2, CLIENT);
}

static void plant_scope(uint64_t from, uint64_t to, const char *begin,
			const char *end)
{
	report_stage_mark(0, from, SERVER, begin);
	report_stage_mark(0, to, SERVER, end);
}

static void test_table(void **unused)
{
	(void)unused;
	plant_cast();
	plant_scope(1000, 2000, ">1 parse", "<1");
	plant_scope(3000, 9000, ">2 parse", "<2 with an error");
	plant_scope(10000, 12000, ">3 parse", "<3");
	plant_scope(13000, 33000, ">render", "<render");
	plant_scope(34000, 34500, ">4 parse", "<4");
	report_stage_write(50000);
	report_stage_has(
		"scopes that began and ended in the window, by time spent in them\n"
		"     count       total      median     longest  name\n"
		"         1     20.0 ms     20.0 ms     20.0 ms  render\n"
		"      longest: key render, server[412], 22:13:30.013000 +0000\n"
		"         4      9.5 ms      1.5 ms      6.0 ms  parse\n"
		"      longest: key 2, server[412], 22:13:30.003000 +0000\n");
	report_stage_lacks("besides: open");
	report_stage_lacks("whose beginning is not known");
}

static void test_none(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_mark(0, 1000, SERVER, "request 42");
	report_stage_mark(0, 2000, SERVER, "> no key");
	report_stage_write(50000);
	report_stage_lacks("scope");
}

/* Of one thread, one in the other, and across; of another one with the same key. */
static void test_overlap(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_mark(0, 1000, SERVER, ">1 outer");
	report_stage_mark(1, 1500, WORKER, ">1 other");
	report_stage_mark(0, 2000, SERVER, ">1 inner");
	report_stage_mark(0, 3000, SERVER, "<1");
	report_stage_mark(1, 3500, WORKER, "<1");
	report_stage_mark(0, 5000, SERVER, "<1");
	report_stage_write(50000);
	report_stage_has(
		"         1      4.0 ms      4.0 ms      4.0 ms  outer\n"
		"      longest: key 1, server[412], 22:13:30.001000 +0000\n"
		"         1      2.0 ms      2.0 ms      2.0 ms  other\n"
		"      longest: key 1, worker[413], 22:13:30.001500 +0000\n"
		"         1      1.0 ms      1.0 ms      1.0 ms  inner\n"
		"      longest: key 1, server[412], 22:13:30.002000 +0000\n");
}

/* What is lost where the thread was not, is nothing of it. */
static void test_lost_elsewhere(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, SERVER, STAGE_WRITE, 3);
	report_stage_mark(0, 1000, SERVER, ">1 parse");
	report_stage_mark(1, 1500, WORKER, "mark");
	window_builder_lost(&report_stage, 1, 3);
	report_stage_mark(1, 3000, WORKER, "mark");
	report_stage_mark(0, 5000, SERVER, "<1");
	report_stage_write(50000);
	report_stage_has(
		"         1      4.0 ms      4.0 ms      4.0 ms  parse\n");
	report_stage_lacks("cut off");
}

/* Of a bystander it is known how long they took, but not what it did. */
static void test_bystander(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_mark(2, 1000, CLIENT, ">1 ask");
	report_stage_mark(2, 9000, CLIENT, "<1");
	report_stage_write(50000);
	report_stage_has(
		"         1      8.0 ms      8.0 ms      8.0 ms  ask\n"
		"      longest: key 1, client[77], 22:13:30.001000 +0000\n");
	report_stage_lacks("was in the scope");
}

static void test_not_whole(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_mark(0, 500, SERVER, "<0");
	report_stage_mark(0, 1000, SERVER, ">1 parse");
	report_stage_mark(0, 1500, SERVER, ">2 render");
	window_builder_lost(&report_stage, 0, 3);
	report_stage_mark(0, 15000, SERVER, "<1");
	report_stage_mark(1, 16000, WORKER, ">3 render");
	report_stage_task_exit(1, 17000, WORKER, 0, 0);
	report_stage_switch(1, 17010, WORKER, 0, FLIGHTREC_STATE_DEAD);
	report_stage_write(50000);
	report_stage_has(
		"         0           -           -           -  parse\n"
		"      besides: cut off by a hole in the recording 1\n"
		"         0           -           -           -  render\n"
		"      besides: open at the end 1, open when their thread ended 1\n"
		"  ends of scopes whose beginning is not known: 1\n");
	report_stage_lacks("was in the scope");
}

/* 10 ms: it ran for 2, slept in a read for 8, while the worker, that woke it, ran. */
static void plant_read(void)
{
	report_stage_mark(0, 1000, SERVER, ">42 GET \"/\"");
	report_stage_enter(0, 1500, SERVER, STAGE_READ, 3);
	report_stage_switch(0, 2000, SERVER, 0, SLEEPING);
	report_stage_enter(1, 3000, WORKER, STAGE_NANOSLEEP, 0x20);
	report_stage_switch(1, 3100, WORKER, 0, SLEEPING);
	report_stage_waking(1, 8100, 0, WORKER, HARDIRQ);
	report_stage_watched(1, 8100, 0, WORKER, RUNNING);
	report_stage_waking(1, 10000, WORKER, SERVER, TASK);
	report_stage_watched(0, 10001, 0, SERVER, RUNNING);
	report_stage_exit(0, 10500, SERVER, STAGE_READ, 9);
	report_stage_mark(0, 11000, SERVER, "<42 200");
}

#define SCOPE_LINES                                                                                      \
	"    10.000000  22:13:30.001000 +0000  server[412] was in the scope \"GET \\\"/\\\"\", key 42\n" \
	"         8.000000  server[412] slept in read(3, ...); woken by worker[413] (NORMAL, nice 0)\n"  \
	"             5.000000  worker[413] slept in nanosleep(0x20, ...); woken by an interrupt\n"      \
	"             3.000000  worker[413] ran\n"                                                       \
	"         1.999000  server[412] ran\n"                                                           \
	"         0.001000  server[412] was on its way to a CPU that was idle\n"

static void test_made_of(void **unused)
{
	(void)unused;
	plant_cast();
	plant_read();
	report_stage_write(50000);
	report_stage_has(SCOPE_LINES);
	report_stage_chains();
}

static void test_slower(void **unused)
{
	struct report_options options = { .slower_ns = 10000000 };

	(void)unused;
	plant_cast();
	plant_scope(500, 600, ">41 GET", "<41");
	plant_read();
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	report_stage_has(SCOPE_LINES);
	assert_int_equal(report_stage_chains(), 6);
	report_stage_lacks("scopes that began");
	options.slower_ns = 10000001;
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	assert_int_equal(report_stage_chains(), 0);
}

static void test_around(void **unused)
{
	struct report_options options = { .around = ">42",
					  .within_ns = 100000 };

	(void)unused;
	plant_cast();
	plant_read();
	plant_scope(12000, 32000, ">43 GET", "<43");
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	report_stage_has(SCOPE_LINES);
	report_stage_lacks("key 43");
}

/* More names than are kept apart. */
static void test_many_names(void **unused)
{
	char begin[40], end[40];

	(void)unused;
	plant_cast();
	for (int i = 0; i < 1100; i++) {
		snprintf(begin, sizeof(begin), ">%d request %d", i, i);
		snprintf(end, sizeof(end), "<%d", i);
		plant_scope(1000 + (uint64_t)i * 20,
			    1010 + (uint64_t)i * 20 + (uint64_t)(i == 1050),
			    begin, end);
	}
	report_stage_write_all(50000);
	report_stage_has(
		"        76      761 us     10.0 us     11.0 us  others\n"
		"      longest: key 1050, server[412], 22:13:30.022000 +0000\n");
	report_stage_has(
		"         1     10.0 us     10.0 us     10.0 us  request 0\n");
	report_stage_lacks("  request 1024\n");
	report_stage_write(50000);
	report_stage_has("  … 984 more names\n");
}

#define TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, report_stage_begin, \
					report_stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table),     TEST(test_none),
		TEST(test_overlap),   TEST(test_bystander),
		TEST(test_not_whole), TEST(test_lost_elsewhere),
		TEST(test_made_of),   TEST(test_slower),
		TEST(test_around),    TEST(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
