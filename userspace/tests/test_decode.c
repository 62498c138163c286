// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The decoder on windows as they should be: times, order, the running task, the
 * cut, and what block headers tell. Damaged ones: test_decode_damage.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libflightrec.h"
#include "window_builder.h"

#define SPAN (1ULL << FLIGHTREC_WORD_TIME_BITS)

static struct window_builder b;
static struct flightrec_reader *reader;
static struct flightrec_event event;

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

/* ---- helpers ------------------------------------------------------------------- */

static void emit_exit(uint32_t cpu, uint64_t clock, uint32_t tid,
		      int64_t result)
{
	struct fr_record record;

	fr_record_exit(&record, 1, 0, result);
	window_builder_emit(&b, cpu, clock, tid, &record);
}

static void emit_switch(uint32_t cpu, uint64_t clock, uint32_t tid,
			uint32_t next)
{
	struct fr_record record;

	fr_record_switch(&record, next, FLIGHTREC_STATE_SLEEPING, 0);
	window_builder_emit(&b, cpu, clock, tid, &record);
}

static void open_window(void)
{
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
}

static void finish(uint64_t cut)
{
	window_builder_finish(&b, cut);
	open_window();
}

/* Events that were put there word by word, which the builder did not count. */
static void count_events(uint64_t events)
{
	struct flightrec_window_cpu *cpu;

	cpu = window_builder_entry(&b, &b.header.cpus, 0);
	cpu->events += events;
}

static void expect(enum flightrec_event_type type, uint32_t cpu, uint64_t clock)
{
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	assert_int_equal(event.type, type);
	assert_int_equal(event.cpu, cpu);
	assert_true(event.clock == clock);
}

static void expect_exit(uint32_t cpu, uint64_t clock, uint32_t tid,
			int64_t result)
{
	expect(FLIGHTREC_EVENT_EXIT, cpu, clock);
	assert_int_equal(event.tid, tid);
	assert_true(event.exit.result == result);
}

static void expect_end(size_t damages)
{
	assert_int_equal(flightrec_reader_next(reader, &event), 0);
	assert_int_equal(flightrec_reader_next(reader, &event), 0);
	assert_int_equal(flightrec_reader_damages(reader), damages);
}

/* ---- times ------------------------------------------------------------------------ */

static void test_time_words(void **unused)
{
	const uint64_t steps[] = {
		0,	   1,
		SPAN - 1,  SPAN,
		SPAN + 1,  2 * SPAN - 1,
		2 * SPAN,  5,
		SPAN << 5, (SPAN << 20) + 17,
		3,	   SPAN << 30,
		1,	   SPAN - 2,
		2,
	};
	const uint64_t starts[] = {
		5000,
		SPAN - 1,
		SPAN,
		(SPAN << 32) - 3,
		(SPAN << 32) - SPAN,
		(SPAN << 33) - 1,
	};
	size_t i, j;

	(void)unused;
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		uint64_t clock = starts[i];

		for (j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
			clock += steps[j];
			emit_exit(0, clock, 7, (int64_t)j);
		}
		/* All in one block: it is the words that tell the time. */
		assert_int_equal(window_builder_blocks(&b, 0), 1);
		finish(clock);
		clock = starts[i];
		expect(FLIGHTREC_EVENT_BEGIN, 0, clock);
		for (j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
			clock += steps[j];
			expect_exit(0, clock, 7, (int64_t)j);
		}
		expect_end(0);
		teardown(NULL);
		setup(NULL);
	}
}

/* Bits above 58 are the block's, or one more. */
static void test_time_word_carries(void **unused)
{
	uint64_t top = 1ULL << (FLIGHTREC_WORD_TIME_BITS + 32);

	(void)unused;
	emit_exit(0, 3 * top - 10 * SPAN, 7, 1);
	emit_exit(0, 3 * top - 5 * SPAN, 7, 2);
	emit_exit(0, 3 * top + 5, 7, 3);
	emit_exit(0, 3 * top + 2 * SPAN, 7, 4);
	finish(3 * top + 3 * SPAN);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 3 * top - 10 * SPAN);
	expect_exit(0, 3 * top - 10 * SPAN, 7, 1);
	expect_exit(0, 3 * top - 5 * SPAN, 7, 2);
	expect_exit(0, 3 * top + 5, 7, 3);
	expect_exit(0, 3 * top + 2 * SPAN, 7, 4);
	expect_end(0);
}

/* The block's clock is older than its first record, by less and by more. */
static void test_block_clock_before_record(void **unused)
{
	(void)unused;
	window_builder_block(&b, 0, 2000, 7);
	emit_exit(0, 2000 + SPAN - 1, 7, 1);
	window_builder_block(&b, 0, 3 * SPAN, 7);
	emit_exit(0, 9 * SPAN, 7, 2);
	finish(10 * SPAN);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, 2000 + SPAN - 1, 7, 1);
	expect_exit(0, 9 * SPAN, 7, 2);
	expect_end(0);
}

/* ---- the cut ------------------------------------------------------------------------ */

static void test_cut(void **unused)
{
	(void)unused;
	emit_exit(0, 2000, 7, 1);
	emit_exit(0, 3000, 7, 2);
	emit_exit(0, 3001, 7, 3);
	emit_exit(0, 3002, 7, 4);
	emit_exit(1, 2999, 8, 5);
	/* A block of its own, opened when the cut was over. */
	window_builder_block(&b, 1, 3005, 8);
	emit_exit(1, 3005, 8, 6);
	finish(3000);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, 2000, 7, 1);
	expect(FLIGHTREC_EVENT_BEGIN, 1, 2999);
	expect_exit(1, 2999, 8, 5);
	expect_exit(0, 3000, 7, 2);
	expect_end(0);
}

static void test_nothing_before_the_cut(void **unused)
{
	(void)unused;
	emit_exit(0, 5000, 7, 1);
	window_builder_cpu(&b, 1);
	finish(4000);
	assert_int_equal(flightrec_reader_cpus(reader), 2);
	expect_end(0);
}

/* ---- the running task ----------------------------------------------------------------- */

static void test_running_task(void **unused)
{
	(void)unused;
	emit_switch(0, 2000, 7, 8);
	emit_exit(0, 2001, 8, 1);
	/* Recorded while off: the tape implied 8. */
	emit_exit(0, 2002, 9, 2);
	emit_switch(0, 2003, 9, 0);
	emit_switch(0, 2004, 0, FLIGHTREC_TID_ESCAPE);
	emit_exit(0, 2005, FLIGHTREC_TID_ESCAPE, 3);
	emit_exit(0, 2006, UINT32_MAX, 4);
	emit_switch(0, 2007, UINT32_MAX, 5);
	window_builder_block(&b, 0, 2008, 6);
	emit_exit(0, 2009, 6, 5);
	finish(3000);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	assert_int_equal(event.tid, 7);
	expect(FLIGHTREC_EVENT_SWITCH, 0, 2000);
	assert_int_equal(event.tid, 7);
	assert_int_equal(event.sched_switch.next_tid, 8);
	expect_exit(0, 2001, 8, 1);
	expect_exit(0, 2002, 9, 2);
	expect(FLIGHTREC_EVENT_SWITCH, 0, 2003);
	assert_int_equal(event.tid, 9);
	expect(FLIGHTREC_EVENT_SWITCH, 0, 2004);
	assert_int_equal(event.tid, 0);
	expect_exit(0, 2005, FLIGHTREC_TID_ESCAPE, 3);
	expect_exit(0, 2006, UINT32_MAX, 4);
	expect(FLIGHTREC_EVENT_SWITCH, 0, 2007);
	assert_int_equal(event.tid, UINT32_MAX);
	expect_exit(0, 2009, 6, 5);
	expect_end(0);
}

/* CURRENT may come before or after TIME: both have the record's time. */
static void test_current_and_time_in_any_order(void **unused)
{
	uint64_t clock = 2000 + 7 * SPAN;
	struct fr_record record;

	(void)unused;
	fr_record_exit(&record, 1, 0, 5);
	window_builder_block(&b, 0, 2000, 7);
	window_builder_word(&b, 0, fr_word_long_time(clock));
	window_builder_word(&b, 0,
			    fr_word(FLIGHTREC_WORD_CURRENT, 9) |
				    fr_word_time(clock));
	window_builder_word(&b, 0, record.words[0] | fr_word_time(clock));
	clock += 7 * SPAN;
	window_builder_word(&b, 0, fr_word_long_time(clock));
	window_builder_word(&b, 0,
			    fr_word(FLIGHTREC_WORD_CURRENT, 10) |
				    fr_word_time(clock));
	window_builder_word(&b, 0, record.words[0] | fr_word_time(clock));
	window_builder_finish(&b, clock);
	count_events(2);
	open_window();
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, clock - 7 * SPAN, 9, 5);
	expect_exit(0, clock, 10, 5);
	expect_end(0);
}

/* ---- order ------------------------------------------------------------------------------ */

#define CPUS   7
#define EVENTS 5000

/* Each result is the event's number on its CPU. */
static void test_merged_by_time(void **unused)
{
	uint64_t clocks[CPUS], last = 0;
	int64_t next[CPUS] = { 0 };
	uint32_t last_cpu = 0;
	size_t i, begun = 0;

	(void)unused;
	srand(1);
	for (i = 0; i < CPUS; i++)
		clocks[i] = 2000;
	for (i = 0; i < EVENTS; i++) {
		uint32_t cpu = (uint32_t)rand() % CPUS;

		/* Often the same time as on other CPUs, or as before. */
		clocks[cpu] += (uint64_t)rand() % 3;
		/* CPUs are numbered with holes, and not in the table's order. */
		emit_exit(100 - 3 * cpu, clocks[cpu], cpu, next[cpu]++);
	}
	finish(100000);
	memset(next, 0, sizeof(next));
	for (i = 0; i < EVENTS + CPUS; i++) {
		uint32_t cpu;

		assert_int_equal(flightrec_reader_next(reader, &event), 1);
		assert_true(event.clock >= last);
		if (i && event.clock == last)
			assert_true(event.cpu >= last_cpu);
		last = event.clock;
		last_cpu = event.cpu;
		cpu = (100 - event.cpu) / 3;
		if (event.type == FLIGHTREC_EVENT_BEGIN) {
			assert_true(next[cpu] == 0);
			begun++;
			continue;
		}
		assert_int_equal(event.tid, cpu);
		assert_true(event.exit.result == next[cpu]++);
	}
	assert_int_equal(begun, CPUS);
	expect_end(0);
}

static void test_rewind(void **unused)
{
	int round, i;

	(void)unused;
	for (i = 0; i < 1000; i++)
		emit_exit(i % 3, 2000 + (uint64_t)i, 7, i);
	finish(5000);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 1003 - 300 * round; i++)
			assert_int_equal(flightrec_reader_next(reader, &event),
					 1);
		flightrec_reader_rewind(reader);
		expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
		flightrec_reader_rewind(reader);
	}
}

/* ---- what block headers tell --------------------------------------------------------------- */

static void test_lost_events(void **unused)
{
	(void)unused;
	emit_exit(0, 2000, 7, 1);
	window_builder_lost(&b, 0, 5);
	emit_exit(0, 3000, 7, 2);
	window_builder_block(&b, 0, 4000, 7);
	emit_exit(0, 4001, 7, 3);
	window_builder_lost(&b, 0, 1);
	finish(5000);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, 2000, 7, 1);
	expect(FLIGHTREC_EVENT_LOST, 0, 3000);
	assert_true(event.lost.events == 5);
	assert_false(event.lost.damaged);
	expect_exit(0, 3000, 7, 2);
	expect_exit(0, 4001, 7, 3);
	/* Lost after the last block was opened: the CPU table alone says so. */
	expect(FLIGHTREC_EVENT_LOST, 0, 5000);
	assert_true(event.lost.events == 1);
	assert_false(event.lost.damaged);
	expect_end(0);
}

/* What was lost before the oldest block is not of this window. */
static void test_lost_before_the_window(void **unused)
{
	(void)unused;
	emit_exit(0, 2000, 7, 1);
	window_builder_lost(&b, 0, 5);
	emit_exit(0, 3000, 7, 2);
	window_builder_drop(&b, 0, 0);
	finish(5000);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 3000);
	expect_exit(0, 3000, 7, 2);
	expect_end(0);
	assert_true(flightrec_reader_window(reader)->complete_clock == 3000);
}

static void test_gap(void **unused)
{
	(void)unused;
	emit_exit(0, 2000, 7, 1);
	window_builder_gap(&b, 0, 2500);
	window_builder_lost(&b, 0, 2);
	emit_exit(0, 3000, 8, 2);
	finish(5000);
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, 2000, 7, 1);
	expect(FLIGHTREC_EVENT_GAP, 0, 3000);
	assert_true(event.gap.from_clock == 2500);
	assert_int_equal(event.tid, 8);
	expect(FLIGHTREC_EVENT_LOST, 0, 3000);
	expect_exit(0, 3000, 8, 2);
	expect_end(0);
}

/* ---- what a later version may have ------------------------------------------------------------ */

static void test_unknown_types_are_skipped(void **unused)
{
	(void)unused;
	emit_exit(0, 2000, 7, 1);
	/* 24 with a text and a number, 27 without anything. */
	window_builder_word(&b, 0,
			    fr_word(24, 0xffffffff) | fr_word_time(2001));
	window_builder_word(&b, 0,
			    3 << 5 | FLIGHTREC_WORD_TEXT | 0x61626300ull << 8);
	window_builder_word(&b, 0, 5 << 5 | FLIGHTREC_WORD_VALUE);
	window_builder_word(&b, 0, fr_word(27, 1) | fr_word_time(2002));
	emit_exit(0, 2003, 7, 2);
	/* A continuation that this version's record does not have. */
	window_builder_word(&b, 0, 5 << 5 | FLIGHTREC_WORD_VALUE);
	window_builder_word(&b, 0, 31);
	emit_exit(0, 2004, 7, 3);
	window_builder_finish(&b, 5000);
	count_events(2);
	open_window();
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, 2000, 7, 1);
	expect_exit(0, 2003, 7, 2);
	expect_exit(0, 2004, 7, 3);
	expect_end(0);
}

static void test_longer_entries(void **unused)
{
	(void)unused;
	b.longer = 16;
	window_builder_task(&b, 7, "seven");
	window_builder_task(&b, 8, "eight");
	emit_exit(0, 2000, 7, 1);
	emit_exit(1, 2001, 8, 2);
	window_builder_finish(&b, 5000);
	open_window();
	expect(FLIGHTREC_EVENT_BEGIN, 0, 2000);
	expect_exit(0, 2000, 7, 1);
	expect(FLIGHTREC_EVENT_BEGIN, 1, 2001);
	expect_exit(1, 2001, 8, 2);
	expect_end(0);
	assert_int_equal(flightrec_reader_damages(reader), 0);
	assert_true(flightrec_reader_whole(reader));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_time_words),
		TEST(test_time_word_carries),
		TEST(test_block_clock_before_record),
		TEST(test_cut),
		TEST(test_nothing_before_the_cut),
		TEST(test_running_task),
		TEST(test_current_and_time_in_any_order),
		TEST(test_merged_by_time),
		TEST(test_rewind),
		TEST(test_lost_events),
		TEST(test_lost_before_the_window),
		TEST(test_gap),
		TEST(test_unknown_types_are_skipped),
		TEST(test_longer_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
