// SPDX-License-Identifier: LGPL-2.1-only
/* Ticks to nanoseconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libflightrec.h"
#include "window_builder.h"

#define KHZ    3000000ULL   /* three ticks a nanosecond */
#define SECOND (KHZ * 1000) /* in ticks */
#define NS     1000000000LL

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

static void emit(uint32_t cpu, uint64_t clock)
{
	struct fr_record record;

	fr_record_exit(&record, 1, 0, 0);
	window_builder_emit(&b, cpu, clock, 7, &record);
}

static void use_tsc(void)
{
	b.header.clock = FLIGHTREC_CLOCK_TSC;
	b.header.clock_khz = KHZ;
	b.header.start_clock = 1000 * SECOND;
	b.header.start_mono_ns = 50 * NS;
}

static void open_window(void)
{
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
}

static void expect(uint64_t clock, int64_t mono_ns, int64_t tolerance)
{
	int64_t got = flightrec_reader_mono_ns(reader, clock);

	if (got < mono_ns - tolerance || got > mono_ns + tolerance)
		fail_msg("clock %llu: %lld, expected %lld",
			 (unsigned long long)clock, (long long)got,
			 (long long)mono_ns);
}

/* Never falls, from anywhere to anywhere. */
static void expect_monotone(uint64_t from, uint64_t to, uint64_t step)
{
	int64_t last = INT64_MIN;
	uint64_t clock;

	for (clock = from; clock < to; clock += step) {
		int64_t now = flightrec_reader_mono_ns(reader, clock);

		assert_true(now >= last);
		last = now;
	}
}

static void test_mono_is_itself(void **unused)
{
	struct flightrec_event event;

	(void)unused;
	emit(0, 5000);
	window_builder_finish(&b, 9000);
	open_window();
	expect(0, 0, 0);
	expect(12345, 12345, 0);
	expect(INT64_MAX, INT64_MAX, 0);
	expect(UINT64_MAX, INT64_MAX, 0);
	assert_true(flightrec_reader_boot_ns(reader, 5000) == 5000 + NS);
	assert_true(flightrec_reader_real_ns(reader, 5000) ==
		    5000 + 1700000000 * NS);
	assert_true(flightrec_reader_real_ns(reader, UINT64_MAX) == INT64_MAX);
	while (flightrec_reader_next(reader, &event) == 1)
		assert_true(event.mono_ns == (int64_t)event.clock);
}

static void test_steady_tsc(void **unused)
{
	struct flightrec_event event;
	uint64_t start, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	for (i = 0; i < 10; i++) {
		window_builder_block(&b, i % 2, start + i * SECOND / 2, 7);
		emit(i % 2, start + i * SECOND / 2 + 333);
	}
	window_builder_finish(&b, start + 6 * SECOND);
	open_window();
	expect(start, 50 * NS, 0);
	expect(start + 3, 50 * NS + 1, 1);
	expect(start + 6 * SECOND, 56 * NS, 0);
	expect(start + 5 * SECOND, 55 * NS, 1);
	/* Before the start and after the cut with the slope next to them. */
	expect(start - 10 * SECOND, 40 * NS, 2);
	expect(start + 100 * SECOND, 150 * NS, 50);
	expect(0, -950 * NS, 2000);
	expect(UINT64_MAX, (int64_t)((UINT64_MAX - start) / 3) + 50 * NS,
	       100 * NS);
	expect_monotone(start - 1000, start + 7 * SECOND, 1000003);
	while (flightrec_reader_next(reader, &event) == 1)
		assert_true(event.mono_ns ==
			    flightrec_reader_mono_ns(reader, event.clock));
}

/* Blocks tell where the rate changed: here it doubles after 2 s. */
static void test_slewing(void **unused)
{
	uint64_t start, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	for (i = 0; i < 5; i++) {
		window_builder_block(&b, 0, start + i * SECOND, 7);
		emit(0, start + i * SECOND + 1);
	}
	window_builder_finish(&b, start + 5 * SECOND);
	window_builder_block_at(&b, 0, 3)->mono_ns += NS;
	window_builder_block_at(&b, 0, 4)->mono_ns += 2 * NS;
	((struct flightrec_window *)b.bytes)->cut_mono_ns += 3 * NS;
	open_window();
	expect(start + SECOND + SECOND / 2, 51 * NS + NS / 2, 1);
	expect(start + 2 * SECOND, 52 * NS, 1);
	expect(start + 2 * SECOND + SECOND / 2, 53 * NS, 1);
	expect(start + 4 * SECOND, 56 * NS, 1);
	expect(start + 5 * SECOND, 58 * NS, 0);
	expect(start + 6 * SECOND, 60 * NS, 2);
	expect_monotone(start, start + 6 * SECOND, 1000003);
}

/* A pair that would make the line fall, or is out of it, is left out. */
static void test_odd_pairs(void **unused)
{
	const uint64_t odd[] = { 0,	  49 * NS, 51 * NS,
				 55 * NS, 99 * NS, UINT64_MAX };
	uint64_t start, good, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	for (i = 0; i < 5; i++) {
		window_builder_block(&b, 0, start + i * SECOND, 7);
		emit(0, start + i * SECOND + 1);
	}
	window_builder_finish(&b, start + 5 * SECOND);
	good = window_builder_block_at(&b, 0, 2)->mono_ns;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		window_builder_block_at(&b, 0, 2)->mono_ns = odd[i];
		open_window();
		/* Its neighbours are right in any case. */
		expect(start + SECOND, 51 * NS, 1);
		expect(start + 3 * SECOND, 53 * NS, 1);
		expect(start + 4 * SECOND, 54 * NS, 1);
		if (odd[i] != 51 * NS)
			expect(start + 2 * SECOND, (int64_t)good, 1);
		expect_monotone(start, start + 6 * SECOND, 10000019);
		flightrec_reader_destroy(reader);
		reader = NULL;
	}
}

/* Blocks that follow one another fast make no line of their own. */
static void test_close_pairs(void **unused)
{
	uint64_t start, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	for (i = 0; i < 50; i++) {
		window_builder_block(&b, 0, start + SECOND + i * 300, 7);
		emit(0, start + SECOND + i * 300 + 1);
	}
	window_builder_finish(&b, start + 2 * SECOND);
	/* Read a microsecond late each, but for the first. */
	for (i = 1; i < 50; i++)
		window_builder_block_at(&b, 0, i)->mono_ns += 1000;
	open_window();
	expect(start + SECOND + 300 * 49, 51 * NS + 4900, 1);
}

/* Two of them that are in different slots may be close, too. */
static void test_close_pairs_of_two_slots(void **unused)
{
	const uint64_t tenths[] = { 0, 19, 21 };
	uint64_t start, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock + 10;
	for (i = 0; i < 3; i++) {
		window_builder_block(&b, 0, start + tenths[i] * SECOND / 10, 7);
		emit(0, start + tenths[i] * SECOND / 10 + 1);
	}
	window_builder_finish(&b, start + 4 * SECOND);
	window_builder_block_at(&b, 0, 2)->mono_ns += 10000;
	open_window();
	expect(start + 21 * SECOND / 10, 52 * NS + NS / 10, 10);
}

/* Two in a row that are wrong agree with one another. */
static void test_odd_pairs_in_a_row(void **unused)
{
	uint64_t start, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	for (i = 0; i < 5; i++) {
		window_builder_block(&b, 0, start + i * SECOND, 7);
		emit(0, start + i * SECOND + 1);
	}
	window_builder_finish(&b, start + 5 * SECOND);
	window_builder_block_at(&b, 0, 2)->mono_ns = 99 * NS;
	window_builder_block_at(&b, 0, 3)->mono_ns = 99 * NS;
	window_builder_block_at(&b, 0, 4)->mono_ns = UINT64_MAX;
	open_window();
	expect(start + SECOND, 51 * NS, 1);
	expect(start + 3 * SECOND, 53 * NS, 1);
	expect_monotone(start, start + 6 * SECOND, 10000019);
}

static void test_no_frame(void **unused)
{
	uint64_t start;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	emit(0, start);
	/* The cut is where the start is: the nominal rate is all there is. */
	window_builder_finish(&b, start);
	open_window();
	expect(start, 50 * NS, 0);
	expect(start + SECOND, 51 * NS, 1);
	expect(start - SECOND, 49 * NS, 1);
	flightrec_reader_destroy(reader);
	((struct flightrec_window *)b.bytes)->clock_khz = 0;
	open_window();
	expect(start + 7, 50 * NS + 7, 1);
}

/* An event's time saturates as well, and does not wrap. */
static void test_times_that_do_not_fit(void **unused)
{
	struct flightrec_window *header;
	struct flightrec_event event;

	(void)unused;
	use_tsc();
	emit(0, b.header.start_clock + SECOND);
	window_builder_finish(&b, b.header.start_clock + 2 * SECOND);
	header = (struct flightrec_window *)b.bytes;
	header->clock_khz = 1;
	header->start_mono_ns = UINT64_MAX;
	header->cut_mono_ns = INT64_MAX - 5;
	header->cut_clock = b.header.start_clock + 2 * SECOND;
	open_window();
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	assert_true(event.mono_ns ==
		    flightrec_reader_mono_ns(reader, event.clock));
	flightrec_reader_destroy(reader);
	/* The line begins before its first event, and rises too fast. */
	header->cut_clock = 1;
	header->start_clock = 1;
	open_window();
	/* No record: that there was one, and that it is missing. */
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	assert_int_equal(event.type, FLIGHTREC_EVENT_BEGIN);
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	assert_int_equal(event.type, FLIGHTREC_EVENT_LOST);
	assert_true(event.lost.damaged);
	assert_int_equal(flightrec_reader_next(reader, &event), 0);
	flightrec_reader_destroy(reader);
	header->start_clock = UINT64_MAX;
	header->cut_clock = UINT64_MAX - 1;
	open_window();
	while (flightrec_reader_next(reader, &event) == 1)
		assert_true(event.mono_ns ==
			    flightrec_reader_mono_ns(reader, event.clock));
	expect(UINT64_MAX, INT64_MAX, 0);
}

/* CLOCK_MONOTONIC stood still, as far as the header tells. */
static void test_flat_line(void **unused)
{
	struct flightrec_event event;

	(void)unused;
	use_tsc();
	emit(0, b.header.start_clock - SECOND);
	emit(0, b.header.start_clock + SECOND);
	window_builder_finish(&b, b.header.start_clock + 2 * SECOND);
	((struct flightrec_window *)b.bytes)->cut_mono_ns = 50 * NS;
	open_window();
	while (flightrec_reader_next(reader, &event) == 1)
		assert_true(event.mono_ns == 50 * NS);
	expect(0, 50 * NS, 0);
	expect(UINT64_MAX, 50 * NS, 0);
}

/* More seconds than the line has slots. */
static void test_long_recording(void **unused)
{
	uint64_t start, i;

	(void)unused;
	use_tsc();
	start = b.header.start_clock;
	b.header.block_bytes = 128;
	for (i = 0; i < 5000; i++) {
		window_builder_block(&b, 0, start + i * SECOND, 7);
		emit(0, start + i * SECOND + 1);
	}
	window_builder_finish(&b, start + 5000 * SECOND);
	open_window();
	for (i = 0; i < 5000; i++)
		expect(start + i * SECOND, (int64_t)(50 + i) * NS, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_mono_is_itself),
		TEST(test_steady_tsc),
		TEST(test_slewing),
		TEST(test_odd_pairs),
		TEST(test_close_pairs),
		TEST(test_close_pairs_of_two_slots),
		TEST(test_odd_pairs_in_a_row),
		TEST(test_no_frame),
		TEST(test_times_that_do_not_fit),
		TEST(test_flat_line),
		TEST(test_long_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
