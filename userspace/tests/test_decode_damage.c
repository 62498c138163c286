// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The decoder on windows that are not as they should be. Every event of this
 * window is a mark with a text of its own, so that a test can say of each block
 * whether all of it was delivered.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libflightrec.h"
#include "window_builder.h"

#define CPUS	    3
#define BLOCKS	    4
#define MARKS	    4 /* a block */
#define BLOCK_BYTES 192
#define CUT	    100000000

static struct window_builder b;

/* ---- the window -------------------------------------------------------------- */

#define TEXT_BYTES 7 /* a mark is two words */

/* A mark's text tells where it is: CPU, block, number; and so in another way,
 * so that it cannot be taken for another mark's when it is damaged. */
static void mark_text(char *text, int cpu, int block, int i)
{
	int all = (cpu * BLOCKS + block) * MARKS + i;

	memcpy(text, "c.b.iNN", TEXT_BYTES + 1);
	text[0] = (char)('0' + cpu);
	text[2] = (char)('0' + block);
	text[4] = (char)('0' + i);
	text[5] = (char)('A' + all / 10);
	text[6] = (char)('a' + all % 10);
}

static void emit_mark(uint32_t cpu, uint64_t clock, int block, int i)
{
	struct fr_record record;
	char text[TEXT_BYTES + 1];

	mark_text(text, (int)cpu, block, i);
	fr_record_mark(&record, text, TEXT_BYTES);
	window_builder_emit(&b, cpu, clock, 100 + cpu, &record);
}

static uint64_t mark_clock(uint32_t cpu, int block, int i)
{
	return 2000000 + 1000000 * (uint64_t)block + 100000 * (uint64_t)i +
	       10000 * cpu;
}

static int setup(void **unused)
{
	uint32_t cpu;
	int block, i;

	(void)unused;
	window_builder_init(&b);
	b.header.block_bytes = BLOCK_BYTES;
	for (cpu = 0; cpu < CPUS; cpu++) {
		for (block = 0; block < BLOCKS; block++) {
			window_builder_block(&b, cpu,
					     mark_clock(cpu, block, 0) - 500,
					     100 + cpu);
			for (i = 0; i < MARKS; i++)
				emit_mark(cpu, mark_clock(cpu, block, i), block,
					  i);
		}
		assert_int_equal(window_builder_blocks(&b, cpu), BLOCKS);
	}
	window_builder_task(&b, 100, "first");
	window_builder_task(&b, 101, "second");
	window_builder_call(&b, 100, 0, 3000);
	window_builder_target(&b, FLIGHTREC_TARGET_TGID, 100);
	window_builder_finish(&b, CUT);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	window_builder_deinit(&b);
	return 0;
}

/* ---- what came out ------------------------------------------------------------- */

/**
 * struct outcome - all that a reader delivered
 * @seen: how often each mark
 * @late: marks with another clock than they had been given, of each block
 * @fallen: events earlier than the one before
 * @lost: sum of what LOST events say
 * @unknown: LOST events that do not say how many
 * @lost_clock: of the last LOST event
 * @begun: BEGIN events
 * @damages: how many
 * @damage: the first one
 * @whole: has an end marker
 */
struct outcome {
	int seen[CPUS][BLOCKS][MARKS];
	int late[CPUS][BLOCKS];
	int fallen;
	uint64_t lost;
	int unknown;
	uint64_t lost_clock;
	int begun;
	size_t damages;
	struct flightrec_damage damage;
	bool whole;
};

static void count_mark(struct outcome *outcome,
		       const struct flightrec_event *event)
{
	char text[TEXT_BYTES + 1];
	int cpu, block, i;

	if (event->mark.length != TEXT_BYTES)
		return;
	cpu = event->mark.text[0] - '0';
	block = event->mark.text[2] - '0';
	i = event->mark.text[4] - '0';
	if (cpu < 0 || cpu >= CPUS || block < 0 || block >= BLOCKS || i < 0 ||
	    i >= MARKS)
		return;
	mark_text(text, cpu, block, i);
	if (memcmp(text, event->mark.text, TEXT_BYTES))
		return;
	outcome->seen[cpu][block][i]++;
	if (event->clock != mark_clock((uint32_t)cpu, block, i))
		outcome->late[cpu][block]++;
}

static void count_event(struct outcome *outcome,
			const struct flightrec_event *event)
{
	switch (event->type) {
	case FLIGHTREC_EVENT_MARK:
		count_mark(outcome, event);
		break;
	case FLIGHTREC_EVENT_BEGIN:
		outcome->begun++;
		break;
	case FLIGHTREC_EVENT_LOST:
		outcome->lost_clock = event->clock;
		if (event->lost.events == UINT64_MAX)
			outcome->unknown++;
		else
			outcome->lost += event->lost.events;
		break;
	default:
		break;
	}
}

/* Ask everything that can be asked, so that a sanitizer sees all of it. */
static void ask_all(struct flightrec_reader *reader)
{
	struct flightrec_window_target target;
	struct flightrec_window_task task;
	struct flightrec_window_call call;
	struct flightrec_window_cpu cpu;
	size_t i;

	for (i = 0; i < flightrec_reader_cpus(reader); i++)
		flightrec_reader_cpu(reader, i, &cpu);
	for (i = 0; i < flightrec_reader_calls(reader); i++)
		flightrec_reader_call(reader, i, &call);
	for (i = 0; i < flightrec_reader_targets(reader); i++)
		flightrec_reader_target(reader, i, &target);
	for (i = 0; i < flightrec_reader_tasks(reader); i++) {
		flightrec_reader_task(reader, i, &task);
		flightrec_reader_who(reader, task.tid, task.until_clock);
		flightrec_reader_who(reader, task.tid, 0);
	}
	for (i = 0; i < flightrec_reader_damages(reader); i++)
		assert_non_null(flightrec_reader_damage(reader, i));
	flightrec_reader_real_ns(reader, 0);
	flightrec_reader_boot_ns(reader, UINT64_MAX);
}

static int run_bytes(const uint8_t *bytes, size_t length,
		     struct outcome *outcome)
{
	uint8_t *copy = malloc(length ? length : 1);
	struct flightrec_reader *reader;
	struct flightrec_event event;
	struct flightrec_error error;
	uint64_t last = 0;
	int code;

	memset(outcome, 0, sizeof(*outcome));
	assert_non_null(copy);
	memcpy(copy, bytes, length);
	code = flightrec_reader_from_memory(copy, length, &reader, &error);
	if (code) {
		assert_int_equal(code, error.code);
		assert_null(reader);
		free(copy);
		return code;
	}
	while (flightrec_reader_next(reader, &event) == 1) {
		if (event.clock < last)
			outcome->fallen++;
		last = event.clock;
		count_event(outcome, &event);
	}
	ask_all(reader);
	outcome->damages = flightrec_reader_damages(reader);
	outcome->whole = flightrec_reader_whole(reader);
	if (outcome->damages)
		outcome->damage = *flightrec_reader_damage(reader, 0);
	flightrec_reader_destroy(reader);
	free(copy);
	return 0;
}

static void run(struct outcome *outcome)
{
	assert_int_equal(run_bytes(b.bytes, b.length, outcome), 0);
}

/* All marks of a block, each once. */
static bool block_is_whole(const struct outcome *outcome, int cpu, int block)
{
	int i;

	for (i = 0; i < MARKS; i++)
		if (outcome->seen[cpu][block][i] != 1)
			return false;
	return true;
}

/* Every block is whole but the one in which @offset is (none: SIZE_MAX). */
static void assert_others_whole(const struct outcome *outcome, size_t offset)
{
	size_t blocks = b.header.blocks.offset;
	int cpu, block;

	for (cpu = 0; cpu < CPUS; cpu++) {
		for (block = 0; block < BLOCKS; block++) {
			size_t at = blocks +
				    BLOCK_BYTES *
					    (size_t)(cpu * BLOCKS + block);

			if (offset >= at && offset < at + BLOCK_BYTES)
				continue;
			if (!block_is_whole(outcome, cpu, block))
				fail_msg("byte %zu: block %d.%d is not whole",
					 offset, cpu, block);
		}
	}
}

static int marks_seen(const struct outcome *outcome, int cpu, int block)
{
	int i, sum = 0;

	for (i = 0; i < MARKS; i++)
		sum += outcome->seen[cpu][block][i];
	return sum;
}

static int marks_late(const struct outcome *outcome)
{
	int cpu, block, sum = 0;

	for (cpu = 0; cpu < CPUS; cpu++)
		for (block = 0; block < BLOCKS; block++)
			sum += outcome->late[cpu][block];
	return sum;
}

static struct flightrec_block *block_at(uint32_t cpu, size_t i)
{
	return window_builder_block_at(&b, cpu, i);
}

static size_t offset_of(const void *in_window)
{
	return (size_t)((const uint8_t *)in_window - b.bytes);
}

/* One damage, at @offset, of CPU 1, which cost @events. */
static void assert_damage(const struct outcome *outcome, size_t offset,
			  uint64_t events)
{
	assert_int_equal(outcome->damages, 1);
	assert_true(outcome->damage.offset == offset);
	assert_int_equal(outcome->damage.cpu, 1);
	assert_true(outcome->damage.events_known);
	assert_true(outcome->damage.events == events);
	assert_true(outcome->lost == events);
	assert_int_equal(outcome->unknown, 0);
	assert_int_equal(outcome->fallen, 0);
	assert_int_equal(outcome->begun, CPUS);
}

/* ---- one defect each ------------------------------------------------------------- */

static void test_nothing_is_wrong(void **unused)
{
	struct outcome outcome;

	(void)unused;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_int_equal(outcome.damages, 0);
	assert_int_equal(marks_late(&outcome), 0);
	assert_int_equal(outcome.fallen, 0);
	assert_int_equal(outcome.begun, CPUS);
	assert_int_equal(outcome.unknown, 0);
	assert_true(outcome.lost == 0);
	assert_true(outcome.whole);
}

static void test_bad_magic(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->magic ^= 1;
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 2)));
	assert_int_equal(marks_seen(&outcome, 1, 2), 0);
	assert_damage(&outcome, offset_of(block_at(1, 2)), MARKS);
	/* Told where the next block begins. */
	assert_true(outcome.lost_clock == block_at(1, 3)->clock);
	assert_int_equal(marks_late(&outcome), 0);
}

static void test_bad_last_block(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 3)->magic ^= 1;
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 3)));
	assert_damage(&outcome, offset_of(block_at(1, 3)), MARKS);
	assert_true(outcome.lost_clock == CUT);
}

/* Nothing says how much the first block held. */
static void test_bad_first_block(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 0)->magic ^= 1;
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 0)));
	assert_int_equal(outcome.damages, 1);
	assert_false(outcome.damage.events_known);
	assert_int_equal(outcome.unknown, 1);
	assert_true(outcome.lost == 0);
	assert_int_equal(outcome.begun, CPUS);
}

static void test_no_good_block(void **unused)
{
	struct outcome outcome;
	size_t i;

	(void)unused;
	for (i = 0; i < BLOCKS; i++)
		block_at(1, i)->used = 63;
	run(&outcome);
	assert_int_equal(outcome.damages, BLOCKS);
	assert_int_equal(outcome.begun, CPUS);
	assert_int_equal(outcome.unknown, 1);
	assert_true(block_is_whole(&outcome, 0, 3));
	assert_true(block_is_whole(&outcome, 2, 0));
}

static void test_block_of_another_cpu(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 1)->cpu = 2;
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 1)));
	assert_int_equal(marks_seen(&outcome, 1, 1), 0);
	assert_damage(&outcome, offset_of(block_at(1, 1)), MARKS);
}

static void test_used_out_of_range(void **unused)
{
	const uint32_t bad[] = {
		0,
		1,
		63,
		65,
		68,
		BLOCK_BYTES + 8,
		BLOCK_BYTES + 1,
		UINT32_MAX,
		UINT32_MAX - 7,
	};
	struct outcome outcome;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		block_at(1, 2)->used = bad[i];
		run(&outcome);
		assert_others_whole(&outcome, offset_of(block_at(1, 2)));
		assert_int_equal(marks_seen(&outcome, 1, 2), 0);
		assert_damage(&outcome, offset_of(block_at(1, 2)), MARKS);
	}
}

/* The twin: the least and the most that there can be. */
static void test_used_in_range(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->used = 64;
	run(&outcome);
	assert_int_equal(marks_seen(&outcome, 1, 2), 0);
	/* No header is bad; it is the next block's count that does not fit. */
	assert_damage(&outcome, offset_of(block_at(1, 3)), MARKS);
	block_at(1, 2)->used = BLOCK_BYTES;
	run(&outcome);
	assert_int_equal(marks_seen(&outcome, 1, 2), MARKS);
	/* The rest was not written. */
	assert_damage(&outcome, offset_of(block_at(1, 2)) + 64 + 8 * 2 * MARKS,
		      0);
}

static void test_missing_block(void **unused)
{
	struct outcome outcome;

	(void)unused;
	window_builder_drop(&b, 1, 1);
	window_builder_finish(&b, CUT);
	run(&outcome);
	assert_int_equal(marks_seen(&outcome, 1, 1), 0);
	assert_true(block_is_whole(&outcome, 1, 0));
	assert_true(block_is_whole(&outcome, 1, 2));
	assert_damage(&outcome, offset_of(block_at(1, 1)), MARKS);
}

/* That the oldest blocks are overwritten is what a ring does. */
static void test_missing_first_block(void **unused)
{
	struct outcome outcome;

	(void)unused;
	window_builder_drop(&b, 1, 0);
	window_builder_finish(&b, CUT);
	run(&outcome);
	assert_int_equal(outcome.damages, 0);
	assert_int_equal(outcome.unknown, 0);
	assert_true(outcome.lost == 0);
}

static void set_word(uint32_t cpu, size_t block, int word, uint64_t value)
{
	memcpy((uint8_t *)block_at(cpu, block) + 64 + 8 * word, &value, 8);
}

static void test_word_not_written(void **unused)
{
	struct outcome outcome;

	(void)unused;
	/* A mark is two words here. */
	set_word(1, 2, 4, 0);
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 2)));
	assert_int_equal(marks_seen(&outcome, 1, 2), 2);
	assert_damage(&outcome, offset_of(block_at(1, 2)) + 64 + 32, 2);
}

static void test_impossible_records(void **unused)
{
	const uint64_t time = fr_word_time(mark_clock(1, 1, 2));
	const uint64_t bad[] = {
		/* A mark too long for any, another of no length, a third whose
		 * length is not its text's. */
		fr_word(FLIGHTREC_WORD_MARK, 257) | time,
		fr_word(FLIGHTREC_WORD_MARK, 0) | time,
		fr_word(FLIGHTREC_WORD_MARK, 4) | time,
		/* These lack the number behind them. */
		fr_word(FLIGHTREC_WORD_EXIT_LONG, 1) | time,
		fr_word(FLIGHTREC_WORD_NEWTASK, 8) | time,
		fr_word(FLIGHTREC_WORD_SIGNAL_DELIVER, 8) | time,
		fr_word(FLIGHTREC_WORD_SIGNAL_GENERATE, 8) | time,
		fr_word(FLIGHTREC_WORD_SWITCH, FLIGHTREC_TID_ESCAPE) | time,
		fr_word(FLIGHTREC_WORD_WAKING, FLIGHTREC_TID_ESCAPE) | time,
		fr_word(FLIGHTREC_WORD_RENAME, FLIGHTREC_TID_ESCAPE) | time,
		fr_word(FLIGHTREC_WORD_MIGRATE, FLIGHTREC_TID_ESCAPE) | time,
		fr_word(FLIGHTREC_WORD_MIGRATE,
			FLIGHTREC_CPU_ESCAPE << FLIGHTREC_MIGRATE_CPU_SHIFT) |
			time,
		/* Later than the next block, and than the one behind it. */
		fr_word(FLIGHTREC_WORD_EXIT, 1) | fr_word_time(1),
		fr_word_long_time(1ULL << 40),
		fr_word_long_time(UINT64_MAX),
	};
	struct outcome outcome;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_word(1, 1, 4, bad[i]);
		run(&outcome);
		assert_others_whole(&outcome, offset_of(block_at(1, 1)));
		assert_int_equal(marks_seen(&outcome, 1, 1), 2);
		assert_damage(&outcome, offset_of(block_at(1, 1)) + 64 + 32, 2);
		assert_int_equal(marks_late(&outcome), 0);
	}
}

static void test_impossible_continuations(void **unused)
{
	/* Behind the third mark's first word. */
	const uint64_t bad[] = {
		/* Text of no length, with rubbish behind it. */
		FLIGHTREC_WORD_TEXT,
		FLIGHTREC_WORD_TEXT | 3 << 5 | 0x61626364ULL << 8,
		FLIGHTREC_WORD_VALUE | 1 << 5,
	};
	struct outcome outcome;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_word(1, 1, 5, bad[i]);
		run(&outcome);
		assert_others_whole(&outcome, offset_of(block_at(1, 1)));
		assert_int_equal(marks_seen(&outcome, 1, 1), 2);
		assert_damage(&outcome, offset_of(block_at(1, 1)) + 64 + 32, 2);
	}
}

/* The same where no length says how much text there is to be. */
static void test_impossible_texts(void **unused)
{
	const uint64_t time = fr_word_time(mark_clock(1, 1, 2));
	const uint64_t bad[] = {
		FLIGHTREC_WORD_TEXT,
		FLIGHTREC_WORD_TEXT | 3 << 5 | 0x61626364ULL << 8,
		FLIGHTREC_WORD_TEXT | 6 << 5 | 1ULL << 63,
	};
	struct outcome outcome;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_word(1, 1, 4, fr_word(FLIGHTREC_WORD_RENAME, 8) | time);
		set_word(1, 1, 5, bad[i]);
		run(&outcome);
		assert_others_whole(&outcome, offset_of(block_at(1, 1)));
		assert_damage(&outcome, offset_of(block_at(1, 1)) + 64 + 32, 2);
	}
	/* The twin: a name, and none. */
	set_word(1, 1, 5, FLIGHTREC_WORD_TEXT | 3 << 5 | 0x616263ULL << 8);
	run(&outcome);
	assert_int_equal(outcome.damages, 0);
	set_word(1, 1, 5, fr_word(FLIGHTREC_WORD_RENAME, 8) | time);
	run(&outcome);
	assert_int_equal(marks_seen(&outcome, 1, 1), MARKS - 1);
}

/* A name of more bytes than a name has. */
static void test_text_too_long(void **unused)
{
	const uint64_t time = fr_word_time(mark_clock(1, 1, 1));
	const uint64_t seven = FLIGHTREC_WORD_TEXT | 7 << 5 |
			       0x61626364656667ULL << 8;
	struct outcome outcome;
	int i;

	(void)unused;
	set_word(1, 1, 2, fr_word(FLIGHTREC_WORD_RENAME, 8) | time);
	for (i = 3; i < 6; i++)
		set_word(1, 1, i, seven);
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 1)));
	assert_damage(&outcome, offset_of(block_at(1, 1)) + 64 + 16, 3);
	/* The twin: sixteen. The third mark became a part of it. */
	set_word(1, 1, 5, FLIGHTREC_WORD_TEXT | 2 << 5 | 0x6162ULL << 8);
	run(&outcome);
	assert_int_equal(marks_seen(&outcome, 1, 1), 2);
	assert_true(outcome.lost == 1);
}

static void test_numbers_that_do_not_fit(void **unused)
{
	const uint64_t time = fr_word_time(mark_clock(1, 1, 2));
	const uint64_t value = FLIGHTREC_WORD_VALUE;
	const struct {
		uint64_t first;
		uint64_t second;
	} bad[] = {
		{ fr_word(FLIGHTREC_WORD_SWITCH, FLIGHTREC_TID_ESCAPE),
		  value | 1ULL << 37 },
		{ fr_word(FLIGHTREC_WORD_SWITCH, FLIGHTREC_TID_ESCAPE),
		  value | UINT64_MAX << 5 },
		{ fr_word(FLIGHTREC_WORD_SIGNAL_GENERATE, 8),
		  value | 1ULL << (5 + 32) },
		/* Half a number. */
		{ fr_word(FLIGHTREC_WORD_EXIT_LONG, 8), FLIGHTREC_WORD_WIDE },
		{ fr_word(FLIGHTREC_WORD_ENTER_LONG, 8), FLIGHTREC_WORD_WIDE },
	};
	struct outcome outcome;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_word(1, 1, 4, bad[i].first | time);
		set_word(1, 1, 5, bad[i].second);
		run(&outcome);
		assert_others_whole(&outcome, offset_of(block_at(1, 1)));
		assert_damage(&outcome, offset_of(block_at(1, 1)) + 64 + 32, 2);
	}
}

/* The twin of the above: the greatest tid that there is. */
static void test_number_that_just_fits(void **unused)
{
	struct outcome outcome;

	(void)unused;
	set_word(1, 1, 4,
		 fr_word(FLIGHTREC_WORD_WAKING, FLIGHTREC_TID_ESCAPE) |
			 fr_word_time(mark_clock(1, 1, 2)));
	set_word(1, 1, 5, FLIGHTREC_WORD_VALUE | (uint64_t)UINT32_MAX << 5);
	run(&outcome);
	assert_int_equal(outcome.damages, 0);
	assert_int_equal(marks_seen(&outcome, 1, 1), MARKS - 1);
}

static void test_fewer_arguments(void **unused)
{
	const uint64_t time = fr_word_time(mark_clock(1, 1, 2));
	struct outcome outcome;

	(void)unused;
	/* No argument where one is configured: delivered, and a damage. */
	set_word(1, 1, 4, fr_word(FLIGHTREC_WORD_ENTER_LONG, 8) | time);
	set_word(1, 1, 5, fr_word(FLIGHTREC_WORD_ENTER_LONG, 8) | time);
	run(&outcome);
	assert_int_equal(outcome.damages, 1);
	assert_int_equal(marks_seen(&outcome, 1, 1), MARKS - 1);
}

/* ---- clocks of headers ---------------------------------------------------------------- */

static void test_header_clock_too_late(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 1)->clock = 1ULL << 50;
	run(&outcome);
	assert_others_whole(&outcome, offset_of(block_at(1, 1)));
	assert_int_equal(marks_seen(&outcome, 1, 1), 0);
	assert_damage(&outcome, offset_of(block_at(1, 1)), MARKS);
	assert_int_equal(marks_late(&outcome), 0);
}

static void test_header_clock_too_early(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->clock = 0;
	run(&outcome);
	/* Its words still have the low bits, which are all that matters here. */
	assert_others_whole(&outcome, SIZE_MAX);
	assert_int_equal(outcome.fallen, 0);
	assert_int_equal(marks_late(&outcome), 0);
	assert_int_equal(outcome.damages, 1);
	assert_true(outcome.damage.offset == offset_of(block_at(1, 2)));
}

/* The kernel's clock may step back a little; that is no damage. */
static void test_header_clock_a_little_early(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->clock = mark_clock(1, 1, MARKS - 1) - 50;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_int_equal(outcome.fallen, 0);
	assert_int_equal(outcome.damages, 0);
}

static void test_counts_do_not_fit(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->events += 1000000;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_true(outcome.damages >= 1);
	assert_true(outcome.lost == 0);
	assert_true(outcome.unknown >= 1);
	block_at(1, 2)->events -= 1000001;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_true(outcome.damages >= 1);
}

static void test_lost_counts_do_not_fit(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->lost_events = 1;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	/* The window has lost none; and the next block counts back. */
	assert_int_equal(outcome.damages, 2);
	assert_true(outcome.lost == 0);
	assert_int_equal(outcome.unknown, 0);
}

static void test_gap_after_its_end(void **unused)
{
	struct outcome outcome;

	(void)unused;
	block_at(1, 2)->gap_clock = block_at(1, 2)->clock + 1;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_int_equal(outcome.damages, 1);
}

/* ---- tables -------------------------------------------------------------------------------- */

static struct flightrec_window *header(void)
{
	return (struct flightrec_window *)b.bytes;
}

/* A cut at the end of all time, and events missing there, on each CPU. */
static void test_cut_clock_is_the_latest(void **unused)
{
	struct flightrec_window_cpu *cpus =
		window_builder_entry(&b, &b.header.cpus, 0);
	struct outcome outcome;
	uint64_t cut;
	uint32_t cpu;

	(void)unused;
	for (cpu = 0; cpu < CPUS; cpu++)
		cpus[cpu].events += cpu + 1;
	for (cut = UINT64_MAX; cut > UINT64_MAX - 4; cut--) {
		header()->cut_clock = cut;
		run(&outcome);
		assert_others_whole(&outcome, SIZE_MAX);
		assert_true(outcome.lost == CPUS * (CPUS + 1) / 2);
		assert_int_equal(outcome.unknown, 0);
		assert_int_equal(outcome.fallen, 0);
	}
}

/* Without a CPU table, or with a wrong one, the blocks tell whose they are. */
static void test_cpu_table_is_wrong(void **unused)
{
	struct flightrec_window_cpu *cpus =
		window_builder_entry(&b, &b.header.cpus, 0);
	struct flightrec_window_cpu good[CPUS];
	struct outcome outcome;
	int i;

	(void)unused;
	memcpy(good, cpus, sizeof(good));
	for (i = 0; i < 8; i++) {
		switch (i) {
		case 0:
			cpus[1].first_block = 0;
			break;
		case 1:
			cpus[1].first_block = UINT64_MAX;
			break;
		case 2:
			cpus[1].blocks = UINT64_MAX;
			break;
		case 3:
			cpus[1].blocks = 0;
			break;
		case 4:
			cpus[1].blocks--;
			break;
		case 5:
			cpus[1].cpu = 2;
			break;
		case 6:
			cpus[1].cpu = 77;
			break;
		case 7:
			header()->cpus.count = 0;
			break;
		}
		run(&outcome);
		assert_others_whole(&outcome, SIZE_MAX);
		assert_int_equal(outcome.begun, CPUS);
		assert_int_equal(marks_late(&outcome), 0);
		assert_int_equal(outcome.damages, 1);
		memcpy(cpus, good, sizeof(good));
	}
}

/* A table that is out of place is dropped or cut; all blocks are delivered. */
static void test_sections_are_wrong(void **unused)
{
	struct flightrec_section *sections[] = {
		&header()->cpus,
		&header()->tasks,
		&header()->calls,
		&header()->targets,
	};
	struct outcome outcome;
	int i, j;

	(void)unused;
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 10; j++) {
			struct flightrec_section good = *sections[i];

			switch (j) {
			case 0:
				sections[i]->offset += 4;
				break;
			case 1:
				sections[i]->offset = 8;
				break;
			case 2:
				sections[i]->offset = UINT64_MAX - 7;
				break;
			case 3:
				sections[i]->offset = b.length;
				break;
			case 4:
				sections[i]->count = UINT64_MAX;
				break;
			case 5:
				sections[i]->count = 1ULL << 60;
				break;
			case 6:
				sections[i]->count += 1;
				break;
			case 7:
				sections[i]->entry_bytes = 8;
				break;
			case 8:
				sections[i]->entry_bytes = 0;
				break;
			case 9:
				sections[i]->entry_bytes = UINT32_MAX;
				break;
			}
			run(&outcome);
			assert_others_whole(&outcome, SIZE_MAX);
			assert_true(outcome.damages >= 1);
			*sections[i] = good;
		}
	}
}

/* Tables may stand in any order: the header says where. */
static void test_sections_in_another_order(void **unused)
{
	struct flightrec_window *h = header();
	struct outcome outcome;
	uint8_t tables[2048];
	uint64_t at = h->cpus.offset;
	struct flightrec_section *order[] = {
		&h->targets,
		&h->tasks,
		&h->cpus,
		&h->calls,
	};
	size_t i, bytes;

	(void)unused;
	assert_in_range(h->blocks.offset, 1, sizeof(tables));
	memcpy(tables, b.bytes, sizeof(tables));
	for (i = 0; i < 4; i++) {
		bytes = order[i]->count * order[i]->entry_bytes;
		memcpy(b.bytes + at, tables + order[i]->offset, bytes);
		order[i]->offset = at;
		at += bytes;
	}
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_int_equal(outcome.damages, 0);
	assert_int_equal(outcome.begun, CPUS);
}

static void test_blocks_section_is_wrong(void **unused)
{
	struct flightrec_section *blocks = &header()->blocks;
	struct flightrec_section good = *blocks;
	struct outcome outcome;
	int i;

	(void)unused;
	for (i = 0; i < 11; i++) {
		switch (i) {
		case 0:
			blocks->offset += 4;
			break;
		case 1:
			blocks->offset = UINT64_MAX - 7;
			break;
		case 2:
			blocks->offset = b.length;
			break;
		case 3:
			blocks->offset = 0;
			break;
		case 4:
			blocks->count = UINT64_MAX;
			break;
		case 5:
			blocks->count = 0;
			break;
		case 6:
			blocks->entry_bytes = 0;
			break;
		case 7:
			blocks->entry_bytes = 63;
			break;
		case 8:
			blocks->entry_bytes = 64;
			break;
		case 9:
			blocks->entry_bytes = UINT32_MAX;
			break;
		case 10:
			blocks->entry_bytes = UINT32_MAX - 7;
			break;
		}
		run(&outcome);
		assert_true(outcome.damages >= 1);
		*blocks = good;
	}
	blocks->count++;
	run(&outcome);
	assert_others_whole(&outcome, SIZE_MAX);
	assert_true(outcome.damages >= 1);
}

/* ---- cut short, at each byte --------------------------------------------------------------- */

static void test_every_truncation(void **unused)
{
	size_t blocks = b.header.blocks.offset;
	struct outcome outcome;
	size_t length;
	int cpu, block;

	(void)unused;
	for (length = 0; length < b.length; length++) {
		int code = run_bytes(b.bytes, length, &outcome);

		if (length < sizeof(struct flightrec_window)) {
			assert_int_equal(code, length ? -EBADMSG : -ENODATA);
			continue;
		}
		assert_int_equal(code, 0);
		assert_false(outcome.whole);
		assert_true(outcome.damages >= 1);
		assert_int_equal(outcome.fallen, 0);
		assert_int_equal(marks_late(&outcome), 0);
		for (cpu = 0; cpu < CPUS; cpu++) {
			for (block = 0; block < BLOCKS; block++) {
				size_t end =
					blocks +
					BLOCK_BYTES *
						(size_t)(cpu * BLOCKS + block) +
					block_at((uint32_t)cpu, (size_t)block)
						->used;

				if (length >= end)
					assert_true(block_is_whole(&outcome,
								   cpu, block));
			}
		}
	}
}

/* Of a block of which a part is there, that part is delivered. */
static void test_truncated_within_a_block(void **unused)
{
	struct outcome outcome;
	size_t length = offset_of(block_at(1, 2)) + 64 + 8 * 2 * 2;

	(void)unused;
	assert_int_equal(run_bytes(b.bytes, length, &outcome), 0);
	assert_int_equal(marks_seen(&outcome, 1, 2), 2);
	assert_true(block_is_whole(&outcome, 1, 1));
	/* What CPU 1 lacks is known from the CPU table; CPU 2 has no block from
	 * which to count. */
	assert_true(outcome.lost == 2 + MARKS);
	assert_int_equal(outcome.unknown, 1);
	assert_int_equal(outcome.begun, CPUS);
}

/*
 * Of a path and of a name nothing says how long they are. One whose end may be
 * behind the file's is not told; it counts as missing.
 */
static void test_text_cut_off(void **unused)
{
	static const char path[] = "/usr/bin/this-one";
	struct flightrec_reader *reader;
	struct flightrec_event event;
	struct fr_record record;
	struct window_builder w;
	size_t words;

	(void)unused;
	window_builder_init(&w);
	fr_record_exec(&record, 100, path, sizeof(path) - 1);
	window_builder_emit(&w, 0, 2000, 100, &record);
	window_builder_finish(&w, 3000);
	assert_int_equal(record.count, 4);
	for (words = 1; words <= 4; words++) {
		size_t length = w.header.blocks.offset + 64 + 8 * words;

		assert_int_equal(flightrec_reader_from_memory(w.bytes, length,
							      &reader, NULL),
				 0);
		assert_int_equal(flightrec_reader_next(reader, &event), 1);
		assert_int_equal(event.type, FLIGHTREC_EVENT_BEGIN);
		assert_int_equal(flightrec_reader_next(reader, &event), 1);
		if (words == 4) {
			assert_int_equal(event.type, FLIGHTREC_EVENT_EXEC);
			assert_int_equal(event.exec.path_length,
					 sizeof(path) - 1);
		} else {
			assert_int_equal(event.type, FLIGHTREC_EVENT_LOST);
			assert_true(event.lost.events == 1);
		}
		assert_int_equal(flightrec_reader_next(reader, &event), 0);
		flightrec_reader_destroy(reader);
	}
	window_builder_deinit(&w);
}

/* ---- a CPU with one block -------------------------------------------------------------------- */

/*
 * Its header names another CPU. If the table has that one elsewhere the block is
 * what is damaged, and the other CPU's events are its own; if it has not, either
 * may be, and no event is left out.
 */
static void test_only_block_of_another_cpu(void **unused)
{
	struct outcome outcome;
	uint32_t named;
	size_t i;

	(void)unused;
	for (named = 0; named < 8; named += 7) {
		teardown(NULL);
		setup(NULL);
		for (i = 1; i < BLOCKS; i++)
			window_builder_drop(&b, 1, 1);
		window_builder_finish(&b, CUT);
		block_at(1, 0)->cpu = named;
		run(&outcome);
		for (i = 0; i < BLOCKS; i++) {
			assert_true(block_is_whole(&outcome, 0, (int)i));
			assert_true(block_is_whole(&outcome, 2, (int)i));
		}
		assert_int_equal(block_is_whole(&outcome, 1, 0), named == 7);
		assert_int_equal(outcome.begun, CPUS);
		assert_int_equal(outcome.fallen, 0);
		assert_true(outcome.damages);
	}
}

/* ---- the last block, and the cut ---------------------------------------------------------------- */

/* A block opened right after the cut is no part of the window; one opened at a
 * time that cannot be, or that is none by the other clock, is damaged. */
static void test_opened_after_the_cut(void **unused)
{
	struct flightrec_block *block = block_at(1, BLOCKS - 1);
	struct outcome outcome;

	(void)unused;
	block->clock = CUT + 1000;
	block->mono_ns = CUT + 1000;
	run(&outcome);
	assert_int_equal(outcome.damages, 0);
	assert_int_equal(marks_seen(&outcome, 1, BLOCKS - 1), 0);
	block->mono_ns = 1000;
	run(&outcome);
	assert_damage(&outcome, offset_of(block), MARKS);
	block->clock = 1ULL << 40;
	block->mono_ns = 1ULL << 40;
	run(&outcome);
	assert_damage(&outcome, offset_of(block), MARKS);
}

/* ---- flipped, each byte ------------------------------------------------------------------------ */

/* What a flip within the header may cost is not bounded; elsewhere it is. */
static void check_flip(size_t at, uint8_t mask)
{
	struct outcome outcome;
	int code;

	b.bytes[at] ^= mask;
	code = run_bytes(b.bytes, b.length, &outcome);
	b.bytes[at] ^= mask;
	if (at >= sizeof(struct flightrec_window)) {
		assert_int_equal(code, 0);
		assert_others_whole(&outcome, at);
		assert_true(outcome.begun == CPUS);
	}
	assert_int_equal(outcome.fallen, 0);
}

static void test_every_flip(void **unused)
{
	size_t at;
	int bit;

	(void)unused;
	for (at = 0; at < b.length; at++) {
		for (bit = 0; bit < 8; bit++)
			check_flip(at, (uint8_t)(1 << bit));
		check_flip(at, 0xff);
	}
}

/* A flip in one block leaves the others' clocks alone, too, but for the next
 * one's: a time that is too late by less than a block is not seen to be so. */
static void test_flips_leave_clocks_alone(void **unused)
{
	size_t from = offset_of(block_at(1, 1)), at;
	struct outcome outcome;
	int bit;

	(void)unused;
	for (at = from; at < from + BLOCK_BYTES; at++) {
		for (bit = 0; bit < 8; bit++) {
			b.bytes[at] ^= (uint8_t)(1 << bit);
			run(&outcome);
			b.bytes[at] ^= (uint8_t)(1 << bit);
			outcome.late[1][1] = 0;
			outcome.late[1][2] = 0;
			assert_int_equal(marks_late(&outcome), 0);
		}
	}
}

/* Many bytes at once, where sizes and offsets are likely to be hit. */
static void test_random_rubbish(void **unused)
{
	uint8_t *copy = malloc(b.length);
	struct outcome outcome;
	int round, i;

	(void)unused;
	assert_non_null(copy);
	srand(7);
	for (round = 0; round < 5000; round++) {
		int flips = 1 + rand() % 40;

		memcpy(copy, b.bytes, b.length);
		for (i = 0; i < flips; i++) {
			size_t at = (size_t)rand() % b.length;

			if (at < 12) /* magic and version */
				continue;
			copy[at] = (uint8_t)rand();
			if (rand() % 2)
				copy[at] = rand() % 2 ? 0xff : 0;
		}
		run_bytes(copy, b.length, &outcome);
		assert_int_equal(outcome.fallen, 0);
	}
	free(copy);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_wrong),
		TEST(test_bad_magic),
		TEST(test_bad_last_block),
		TEST(test_bad_first_block),
		TEST(test_no_good_block),
		TEST(test_block_of_another_cpu),
		TEST(test_used_out_of_range),
		TEST(test_used_in_range),
		TEST(test_missing_block),
		TEST(test_missing_first_block),
		TEST(test_word_not_written),
		TEST(test_impossible_records),
		TEST(test_impossible_continuations),
		TEST(test_impossible_texts),
		TEST(test_text_too_long),
		TEST(test_numbers_that_do_not_fit),
		TEST(test_number_that_just_fits),
		TEST(test_fewer_arguments),
		TEST(test_header_clock_too_late),
		TEST(test_header_clock_too_early),
		TEST(test_header_clock_a_little_early),
		TEST(test_counts_do_not_fit),
		TEST(test_lost_counts_do_not_fit),
		TEST(test_gap_after_its_end),
		TEST(test_cut_clock_is_the_latest),
		TEST(test_cpu_table_is_wrong),
		TEST(test_sections_are_wrong),
		TEST(test_sections_in_another_order),
		TEST(test_blocks_section_is_wrong),
		TEST(test_every_truncation),
		TEST(test_truncated_within_a_block),
		TEST(test_text_cut_off),
		TEST(test_only_block_of_another_cpu),
		TEST(test_opened_after_the_cut),
		TEST(test_every_flip),
		TEST(test_flips_leave_clocks_alone),
		TEST(test_random_rubbish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
