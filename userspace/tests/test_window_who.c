// SPDX-License-Identifier: LGPL-2.1-only
/* Who a tid was, when: renames, execs, exits, reuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libflightrec.h"
#include "window_builder.h"

#define MS 1000000ULL

static struct window_builder b;
static struct flightrec_reader *reader;

static int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	reader = NULL;
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
	return 0;
}

/* Born at @start, called @comm until @until. Clocks are nanoseconds here. */
static void add(uint32_t tid, const char *comm, uint64_t start, uint64_t until,
		uint32_t reason)
{
	struct flightrec_window_task *task = window_builder_task(&b, tid, comm);

	task->start_mono_ns = start;
	task->until_clock = until;
	task->until_reason = reason;
}

static void open_window(void)
{
	window_builder_finish(&b, 1000000 * MS);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
}

static void expect(uint32_t tid, uint64_t clock, const char *comm)
{
	const struct flightrec_window_task *task =
		flightrec_reader_who(reader, tid, clock);

	if (!comm) {
		assert_null(task);
		return;
	}
	assert_non_null(task);
	assert_int_equal(task->tid, tid);
	assert_string_equal((const char *)task->comm, comm);
}

static void test_idle_task(void **unused)
{
	const struct flightrec_window_task *task;

	(void)unused;
	open_window();
	expect(0, 0, "swapper");
	expect(0, UINT64_MAX, "swapper");
	task = flightrec_reader_who(reader, 0, 5);
	assert_int_equal(task->tgid, 0);
	assert_true(task->flags & FLIGHTREC_TASK_KERNEL);
}

static void test_unknown(void **unused)
{
	(void)unused;
	add(100, "hundred", 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	open_window();
	expect(99, 5000, NULL);
	expect(101, 5000, NULL);
	expect(UINT32_MAX, 5000, NULL);
	/* Of the same place in a cache. */
	expect(100, 5000, "hundred");
	expect(100 + 256, 5000, NULL);
	expect(100, 5000, "hundred");
}

static void test_rename_and_exec(void **unused)
{
	(void)unused;
	add(100, "bash", 10 * MS, 20 * MS, FLIGHTREC_UNTIL_RENAME);
	add(100, "make", 10 * MS, 30 * MS, FLIGHTREC_UNTIL_RENAME);
	add(100, "cc", 10 * MS, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	open_window();
	expect(100, 10 * MS, "bash");
	expect(100, 20 * MS, "bash");
	expect(100, 20 * MS + 1, "make");
	expect(100, 30 * MS, "make");
	expect(100, 30 * MS + 1, "cc");
	expect(100, UINT64_MAX, "cc");
}

/* The last switch of a task comes after its exit. */
static void test_after_the_exit(void **unused)
{
	(void)unused;
	add(100, "gone", 10 * MS, 20 * MS, FLIGHTREC_UNTIL_EXIT);
	open_window();
	expect(100, 20 * MS, "gone");
	expect(100, 20 * MS + 1, "gone");
	expect(100, UINT64_MAX, "gone");
}

static void test_reuse(void **unused)
{
	(void)unused;
	add(100, "old", 10 * MS, 20 * MS, FLIGHTREC_UNTIL_EXIT);
	add(100, "new", 50 * MS, 60 * MS, FLIGHTREC_UNTIL_RENAME);
	add(100, "newer", 50 * MS, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	open_window();
	expect(100, 15 * MS, "old");
	expect(100, 20 * MS + 1000, "old");
	/* The new one was not born yet. */
	expect(100, 40 * MS, "old");
	expect(100, 48 * MS, "old");
	expect(100, 50 * MS, "new");
	expect(100, 60 * MS + 1, "newer");
}

/* The birth is another clock's: it may seem to be a bit too late. */
static void test_just_before_the_birth(void **unused)
{
	(void)unused;
	add(100, "old", 10 * MS, 20 * MS, FLIGHTREC_UNTIL_EXIT);
	add(100, "new", 50 * MS, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	add(200, "first", 50 * MS, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	/* Reused at once, as CRIU does. */
	add(300, "old", 10 * MS, 20 * MS, FLIGHTREC_UNTIL_EXIT);
	add(300, "new", 20 * MS + 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	open_window();
	expect(100, 50 * MS - 1000, "new");
	expect(100, 49 * MS - 1, "old");
	expect(200, 50 * MS - 1000, "first");
	expect(200, 49 * MS - 1, NULL);
	expect(300, 20 * MS + 100, "old");
	expect(300, 20 * MS + 900, "new");
}

/* exec in a thread that is not the leader: it takes the leader's tid. */
static void test_tid_given_up(void **unused)
{
	(void)unused;
	add(100, "leader", 10 * MS, 20 * MS, FLIGHTREC_UNTIL_EXEC);
	add(105, "thread", 12 * MS, 20 * MS, FLIGHTREC_UNTIL_EXEC);
	add(100, "program", 12 * MS, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	open_window();
	expect(105, 15 * MS, "thread");
	expect(100, 15 * MS, "leader");
	expect(100, 20 * MS + 1, "program");
}

/* Tables need not be sorted by tid; many tids, each with two lives. */
static void test_many(void **unused)
{
	uint32_t i;

	(void)unused;
	for (i = 5000; i > 0; i--)
		add(i * 7, "old", 10 * MS, 20 * MS + i, FLIGHTREC_UNTIL_EXIT);
	for (i = 1; i <= 5000; i++)
		add(i * 7, "new", 30 * MS, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	open_window();
	for (i = 1; i <= 5000; i++) {
		expect(i * 7, 20 * MS + i, "old");
		expect(i * 7, 20 * MS + i + 1, "old");
		expect(i * 7, 30 * MS, "new");
		expect(i * 7 + 1, 30 * MS, NULL);
	}
}

/* A name that fills all of its bytes ends nevertheless. */
static void test_long_name(void **unused)
{
	(void)unused;
	memset(window_builder_task(&b, 100, "x")->comm, 'x',
	       FLIGHTREC_COMM_BYTES);
	open_window();
	expect(100, 5000, "xxxxxxxxxxxxxxx");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_idle_task),	    TEST(test_unknown),
		TEST(test_rename_and_exec), TEST(test_after_the_exit),
		TEST(test_reuse),	    TEST(test_just_before_the_birth),
		TEST(test_tid_given_up),    TEST(test_many),
		TEST(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
