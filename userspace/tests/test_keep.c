// SPDX-License-Identifier: GPL-2.0
/*
 * Whether an age was held, and what budget would hold it: of windows and statistics
 * of which both are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "keep.h"
#include "libflightrec.h"
#include "window_builder.h"

#define MS	1000000ULL
#define S	(1000 * MS)
#define MIB	(1ULL << 20)
#define START	(10 * S)
#define BLOCK	65536U
#define STEP_MS 100

static struct window_builder b;
static struct flightrec_reader *reader;
static struct flightrec_keep keep;

static int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	b.header.start_clock = START;
	b.header.start_mono_ns = START;
	b.header.ring_bytes = 16 * MIB;
	b.header.block_bytes = BLOCK;
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

	fr_record_exit(&record, 1, 0, 7);
	window_builder_emit(&b, cpu, clock, 7, &record);
}

/*
 * @blocks of a CPU: the first one is opened at the start, another one every STEP_MS;
 * the first @gone are not there any more.
 */
static void tape(uint32_t cpu, unsigned int blocks, unsigned int gone)
{
	unsigned int i;

	for (i = 0; i < blocks; i++) {
		uint64_t clock = START + i * STEP_MS * MS;

		window_builder_block(&b, cpu, clock, 7);
		emit(cpu, clock + 1);
	}
	while (gone--)
		window_builder_drop(&b, cpu, 0);
}

/* The window is cut so long after the start. */
static void judge_ms(uint64_t asked_ms, uint64_t cut_ms)
{
	struct flightrec_error error;

	b.header.keep_ns = asked_ms * MS;
	window_builder_finish(&b, START + cut_ms * MS);
	flightrec_reader_destroy(reader);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, &error),
			 0);
	flightrec_keep_of_reader(reader, &keep);
}

static void expect(enum flightrec_keep_verdict verdict, uint64_t held_ms,
		   uint64_t budget_mib)
{
	assert_int_equal(keep.verdict, verdict);
	assert_int_equal(keep.held_ns, held_ms * MS);
	assert_int_equal(keep.budget_bytes, budget_mib * MIB);
}

/* ---- windows -------------------------------------------------------------------- */

static void test_unasked(void **unused)
{
	(void)unused;
	tape(0, 20, 12);
	judge_ms(0, 2000);
	expect(FLIGHTREC_KEEP_UNASKED, 800, 0);
}

static void test_held(void **unused)
{
	(void)unused;
	tape(0, 20, 12);
	judge_ms(800, 2000);
	expect(FLIGHTREC_KEEP_HELD, 800, 0);
	assert_false(keep.all);
	judge_ms(801, 2000);
	assert_int_equal(keep.verdict, FLIGHTREC_KEEP_SHORT);
}

/*
 * CPU 0 reaches back 0.8 s with its 8 MiB, CPU 1 to the start: twice 0.8 s take 16
 * MiB, 20 with the margin, and a block; of each CPU.
 */
static void test_bottleneck(void **unused)
{
	(void)unused;
	tape(0, 20, 12);
	tape(1, 2, 0);
	judge_ms(1600, 2000);
	expect(FLIGHTREC_KEEP_SHORT, 800, 41);
	/* Which policy it was makes no difference to that. */
	b.header.policy = FLIGHTREC_POLICY_SHARED;
	judge_ms(1600, 2000);
	expect(FLIGHTREC_KEEP_SHORT, 800, 41);
	/* Larger ones are told in steps of 16 MiB. */
	judge_ms(4000, 2000);
	expect(FLIGHTREC_KEEP_SHORT, 800, 112);
}

/* The CPU that reaches back least counts, not the one that has most blocks. */
static void test_least(void **unused)
{
	(void)unused;
	tape(0, 20, 4);
	tape(1, 20, 12);
	judge_ms(1600, 2000);
	expect(FLIGHTREC_KEEP_SHORT, 800, 41);
}

/* All is there since the start, and for all that can be told will be. */
static void test_young(void **unused)
{
	(void)unused;
	tape(0, 8, 0);
	judge_ms(1000, 800);
	expect(FLIGHTREC_KEEP_YOUNG, 800, 0);
	assert_true(keep.all);
	judge_ms(800, 800);
	expect(FLIGHTREC_KEEP_HELD, 800, 0);
}

/*
 * CPU 0 fills 512 KiB in 0.8 s: in 80 s 50 MiB, 62.5 with the margin, and a block;
 * as much for CPU 1. If they share, what both write counts.
 */
static void test_young_that_will_be_short(void **unused)
{
	(void)unused;
	tape(0, 8, 0);
	tape(1, 3, 0);
	judge_ms(80000, 800);
	expect(FLIGHTREC_KEEP_YOUNG, 800, 128);
	b.header.policy = FLIGHTREC_POLICY_SHARED;
	judge_ms(80000, 800);
	expect(FLIGHTREC_KEEP_YOUNG, 800, 96);
}

/* The first block of a CPU may be as good as empty: it tells nothing. */
static void test_young_and_quiet(void **unused)
{
	(void)unused;
	tape(0, 1, 0);
	judge_ms(3600000, 1);
	expect(FLIGHTREC_KEEP_YOUNG, 1, 0);
}

static void test_nothing_recorded(void **unused)
{
	(void)unused;
	window_builder_cpu(&b, 0);
	judge_ms(10000, 3000);
	expect(FLIGHTREC_KEEP_YOUNG, 3000, 0);
	judge_ms(1000, 3000);
	expect(FLIGHTREC_KEEP_HELD, 3000, 0);
}

/* The CPU table as a module fills it in after a thaw or a loss. */
static void complete_since(uint64_t ms)
{
	struct flightrec_window *header = (struct flightrec_window *)b.bytes;
	struct flightrec_window_cpu *cpu =
		window_builder_entry(&b, &b.header.cpus, 0);

	cpu->complete_clock = START + ms * MS;
	header->complete_clock = cpu->complete_clock;
	flightrec_reader_destroy(reader);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
	flightrec_keep_of_reader(reader, &keep);
}

static void test_holes(void **unused)
{
	(void)unused;
	tape(0, 20, 4);
	judge_ms(1600, 2000);
	expect(FLIGHTREC_KEEP_HELD, 1600, 0);
	complete_since(1500);
	expect(FLIGHTREC_KEEP_HOLES, 500, 0);
	/* The budget is too small all the same: what the tape has tells by how much. */
	judge_ms(3200, 2000);
	complete_since(1500);
	expect(FLIGHTREC_KEEP_SHORT, 500, 41);
}

static void test_hole_since_the_start(void **unused)
{
	(void)unused;
	tape(0, 8, 0);
	judge_ms(10000, 800);
	complete_since(300);
	expect(FLIGHTREC_KEEP_HOLES, 500, 0);
}

/* Blocks of a live window that were written anew before they were read. */
static void test_overrun(void **unused)
{
	unsigned int i;

	(void)unused;
	tape(0, 20, 4);
	b.header.reason = FLIGHTREC_REASON_LIVE;
	judge_ms(1600, 2000);
	expect(FLIGHTREC_KEEP_HELD, 1600, 0);
	/* Of the first one it is not known when it was opened. */
	for (i = 0; i < 6; i++)
		window_builder_overrun(&b, 0, i,
				       i ? START + (4 + i) * STEP_MS * MS : 0);
	complete_since(400);
	/*
	 * It reaches back 1.5 s at least, as far as can be told; 1 s was read. In 1.6 s
	 * 17.1 of 16 MiB are written, 21.3 with the margin.
	 */
	expect(FLIGHTREC_KEEP_SHORT, 1000, 22);
	((struct flightrec_window *)b.bytes)->keep_ns = 1500 * MS;
	complete_since(400);
	expect(FLIGHTREC_KEEP_HOLES, 1000, 0);
}

/* Numbers of a file are anything. */
static void test_anything(void **unused)
{
	static const uint64_t numbers[] = { 0, 1, 1ULL << 40, 1ULL << 63,
					    UINT64_MAX };
	struct flightrec_window *header;
	char text[KEEP_BYTES];
	size_t i;

	(void)unused;
	for (i = 0; i < 5 * 5 * 5; i++) {
		tape(0, 20, 12);
		judge_ms(1600, 2000);
		header = (struct flightrec_window *)b.bytes;
		header->keep_ns = numbers[i % 5];
		header->ring_bytes = numbers[i / 5 % 5];
		header->cut_clock = numbers[i / 25];
		header->cpus_possible = (uint32_t)numbers[i % 5];
		header->start_clock = numbers[i / 5 % 5];
		complete_since(1200);
		assert_in_range(keep.verdict, FLIGHTREC_KEEP_UNASKED,
				FLIGHTREC_KEEP_HOLES);
		assert_true(keep.budget_bytes % MIB == 0);
		keep_describe(text, &keep);
		assert_true(strlen(text) < KEEP_BYTES - 1);
		teardown(NULL);
		setup(NULL);
	}
}

/* ---- statistics ------------------------------------------------------------------ */

static const struct flightrec_stats_cpu stats_cpus[] = {
	/* 4 of 5 s are held; but one is held since the start. */
	{ .cpu = 0, .since_mono_ns = START + S, .blocks_opened = 400 },
	{ .cpu = 1, .since_mono_ns = START, .blocks_opened = 2 },
};

static void stats_after(uint64_t ns, uint32_t policy, uint64_t asked_ns)
{
	struct flightrec_stats stats = {
		.state = FLIGHTREC_RECORDING,
		.cpus_count = 2,
		.start_mono_ns = START,
		.now_mono_ns = START + ns,
		.ring_bytes = 16 * MIB,
		.config = { .block_bytes = BLOCK, .policy = policy },
	};

	flightrec_keep_of_stats(&stats, ns < S ? stats_cpus + 1 : stats_cpus,
				ns < S ? 1 : 2, asked_ns, &keep);
}

static void test_stats(void **unused)
{
	(void)unused;
	stats_after(5 * S, FLIGHTREC_POLICY_PERCPU, 4 * S);
	expect(FLIGHTREC_KEEP_HELD, 4000, 0);
	assert_false(keep.all);
	/* 8 MiB in 4 s, with the margin 20 in 8 s, and a block. */
	stats_after(5 * S, FLIGHTREC_POLICY_PERCPU, 8 * S);
	expect(FLIGHTREC_KEEP_SHORT, 4000, 41);
	stats_after(5 * S, FLIGHTREC_POLICY_SHARED, 8 * S);
	expect(FLIGHTREC_KEEP_SHORT, 4000, 41);
	stats_after(5 * S, FLIGHTREC_POLICY_SHARED, 0);
	expect(FLIGHTREC_KEEP_UNASKED, 4000, 0);
}

/* 128 KiB in 0.5 s: in 100 s 25 MiB, 31.25 with the margin, and a block. */
static void test_stats_of_a_young_one(void **unused)
{
	(void)unused;
	stats_after(500 * MS, FLIGHTREC_POLICY_PERCPU, 100 * S);
	expect(FLIGHTREC_KEEP_YOUNG, 500, 63);
	assert_true(keep.all);
	/* Both CPUs share what one writes. */
	stats_after(500 * MS, FLIGHTREC_POLICY_SHARED, 100 * S);
	expect(FLIGHTREC_KEEP_YOUNG, 500, 32);
	stats_after(500 * MS, FLIGHTREC_POLICY_SHARED, 10 * S);
	expect(FLIGHTREC_KEEP_YOUNG, 500, 0);
}

/* ---- words ------------------------------------------------------------------------ */

static void test_words(void **unused)
{
	static const struct {
		struct flightrec_keep keep;
		const char *words;
	} told[] = {
		{ { FLIGHTREC_KEEP_HELD, false, 10 * S, 34 * S, 0 },
		  "10 s asked, 34.0 s held" },
		{ { FLIGHTREC_KEEP_SHORT, false, 10 * S, 3200 * MS, 64 * MIB },
		  "10 s asked, 3.2 s held; 64 MiB would hold it" },
		{ { FLIGHTREC_KEEP_SHORT, false, 1500 * MS, 0, 0 },
		  "1.5 s asked, 0 ns held" },
		{ { FLIGHTREC_KEEP_YOUNG, true, 10 * S, 3200 * MS, 0 },
		  "10 s asked, all 3.2 s since the start held" },
		{ { FLIGHTREC_KEEP_YOUNG, true, 600 * S, 3200 * MS, 96 * MIB },
		  "10 min 0 s asked, all 3.2 s since the start held; "
		  "96 MiB would hold it at this rate" },
		{ { FLIGHTREC_KEEP_HOLES, false, 10 * S, 3200 * MS, 0 },
		  "10 s asked, 3.2 s held without a hole; more memory would not help" },
	};
	char text[KEEP_BYTES];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		keep_describe(text, &told[i].keep);
		assert_string_equal(text, told[i].words);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_unasked),	    TEST(test_held),
		TEST(test_bottleneck),	    TEST(test_least),
		TEST(test_young),	    TEST(test_young_that_will_be_short),
		TEST(test_young_and_quiet), TEST(test_nothing_recorded),
		TEST(test_holes),	    TEST(test_hole_since_the_start),
		TEST(test_overrun),	    TEST(test_anything),
		TEST(test_stats),	    TEST(test_stats_of_a_young_one),
		TEST(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
