// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The end of a window as a window: every event from the wanted instant on is
 * there, as it was, and the header tells the truth about it. What was recorded is
 * known from the building: each record is an exit with a result of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "event_sum.h"
#include "window_builder.h"

#define MS	 1000000ULL
#define CPUS	 3
#define EVENTS	 6000
#define CUT	 (10000 * MS)
#define MAX_SIZE (8 << 20)

/* What was recorded, in order of time. */
struct told {
	uint64_t clock;
	uint32_t cpu;
	int64_t result;
};

/* A window that was written. */
struct copy {
	uint8_t bytes[MAX_SIZE];
	size_t length;
	size_t room;
};

static struct told told[EVENTS];
static size_t told_count;
static struct copy copy;

static int put(void *to, const void *bytes, size_t length)
{
	struct copy *into = to;

	if (length > into->room - into->length)
		return -ENOSPC;
	memcpy(into->bytes + into->length, bytes, length);
	into->length += length;
	return 0;
}

static void tell(struct window_builder *b, uint32_t cpu, uint64_t clock)
{
	struct fr_record record;

	fr_record_exit(&record, 1, 0, (int64_t)told_count);
	window_builder_emit(b, cpu, clock, 100 + cpu, &record);
	told[told_count++] = (struct told){ clock, cpu, (int64_t)told_count };
	told[told_count - 1].result = (int64_t)told_count - 1;
}

static void mark(struct window_builder *b, uint32_t cpu, uint64_t clock,
		 const char *text)
{
	struct fr_record record;

	fr_record_mark(&record, text, (uint32_t)strlen(text));
	window_builder_emit(b, cpu, clock, 100 + cpu, &record);
}

/*
 * Ten seconds: CPU 0 writes all the time, CPU 1 half as much and little after
 * the middle, CPU 2 once in the beginning, CPU 3 nothing.
 */
static void build(struct window_builder *b)
{
	uint64_t clock = 10 * MS;
	uint64_t i;

	told_count = 0;
	window_builder_init(b);
	b->header.clock = FLIGHTREC_CLOCK_TSC;
	b->header.clock_khz = 1000000;
	window_builder_task(b, 100, "busy");
	window_builder_task(b, 101, "half");
	window_builder_target(b, FLIGHTREC_TARGET_TGID, 100);
	for (i = 0; i <= CPUS; i++)
		window_builder_cpu(b, (uint32_t)i);
	window_builder_call(b, 101, 7, 5 * MS);
	tell(b, 2, 5 * MS);
	for (i = 0; told_count + 2 < EVENTS && clock < CUT;
	     i++, clock += 2 * MS) {
		tell(b, 0, clock);
		if (i == 1000)
			mark(b, 1, clock, "request 1");
		if (i == 2000)
			mark(b, 0, clock, "request 2");
		if (i == 3000)
			mark(b, 1, clock, "other");
		if (i % 2 == 0 && i < 2500)
			tell(b, 1, clock + MS);
	}
	/* The oldest block of CPU 0 was overwritten. */
	window_builder_drop(b, 0, 0);
	window_builder_finish(b, CUT);
}

static struct flightrec_reader *open_bytes(const void *bytes, size_t length)
{
	struct flightrec_reader *reader;
	struct flightrec_error error;

	if (flightrec_reader_from_memory(bytes, length, &reader, &error))
		fail_msg("%s", error.text);
	return reader;
}

/* Take @excerpt of the window into the copy. */
static int cut(const struct window_builder *b,
	       struct flightrec_excerpt *excerpt, struct flightrec_error *error)
{
	struct flightrec_reader *reader = open_bytes(b->bytes, b->length);
	int code = flightrec_reader_narrow(reader, excerpt, error);

	copy.length = 0;
	copy.room = sizeof(copy.bytes);
	if (!code) {
		code = flightrec_reader_write(reader, put, &copy, error);
		assert_int_equal(copy.length, flightrec_reader_bytes(reader));
	}
	flightrec_reader_destroy(reader);
	return code;
}

static void no_damage(const struct flightrec_reader *reader)
{
	if (flightrec_reader_damages(reader))
		fail_msg("%s", flightrec_reader_damage(reader, 0)->text);
	assert_true(flightrec_reader_whole(reader));
}

/* When the window's CPU @cpu begins, as the builder made it. */
static uint64_t held_since(struct flightrec_reader *reader, uint32_t cpu)
{
	struct flightrec_window_cpu entry;

	flightrec_reader_cpu(reader, flightrec_reader_cpu_index(reader, cpu),
			     &entry);
	assert_int_equal(entry.cpu, cpu);
	return entry.complete_clock;
}

/*
 * All that was told from the clock on from which the window says that it holds
 * the CPU's events is there, and nothing else; and that is not later than @since.
 */
static void holds_since(const void *bytes, size_t length, uint64_t since)
{
	struct flightrec_reader *reader = open_bytes(bytes, length);
	uint64_t complete[CPUS], latest = 0;
	struct flightrec_event event;
	size_t next = 0, i;

	for (i = 0; i < CPUS; i++) {
		complete[i] = held_since(reader, (uint32_t)i);
		assert_true(complete[i] <= since);
		if (latest < complete[i])
			latest = complete[i];
	}
	assert_int_equal(flightrec_reader_window(reader)->complete_clock,
			 latest);
	while (flightrec_reader_next(reader, &event) == 1) {
		if (event.type != FLIGHTREC_EVENT_EXIT)
			continue;
		while (next < told_count &&
		       told[next].clock < complete[told[next].cpu])
			next++;
		assert_true(next < told_count);
		assert_int_equal(event.clock, told[next].clock);
		assert_int_equal(event.cpu, told[next].cpu);
		assert_int_equal(event.exit.result, told[next].result);
		next++;
	}
	while (next < told_count && told[next].clock < complete[told[next].cpu])
		next++;
	assert_int_equal(next, told_count);
	no_damage(reader);
	flightrec_reader_destroy(reader);
}

static int by_clock(const void *a, const void *b)
{
	const struct told *left = a, *right = b;

	if (left->clock != right->clock)
		return left->clock < right->clock ? -1 : 1;
	return (left->cpu > right->cpu) - (left->cpu < right->cpu);
}

static int stage_init(void **state)
{
	static struct window_builder b;

	build(&b);
	qsort(told, told_count, sizeof(told[0]), by_clock);
	*state = &b;
	return 0;
}

static int stage_deinit(void **state)
{
	window_builder_deinit(*state);
	return 0;
}

/* ---- whole and last ------------------------------------------------------------ */

static void test_all_of_it_is_the_same(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { 0 };

	assert_int_equal(cut(b, &excerpt, NULL), 0);
	assert_int_equal(copy.length, b->length);
	assert_memory_equal(copy.bytes, b->bytes, b->length);
	assert_int_equal(excerpt.since_clock, 0);
}

static void test_last(void **state)
{
	static const uint64_t ms[] = { 1,    2,	   50,	 333,  999,  1000,
				       2500, 4999, 5000, 7777, 9000, 9800 };
	struct window_builder *b = *state;
	size_t before = 0, i;

	for (i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
		struct flightrec_excerpt excerpt = { .last_ns = ms[i] * MS };
		struct flightrec_reader *reader;

		assert_int_equal(cut(b, &excerpt, NULL), 0);
		/* Ticks are nanoseconds here; the line rounds down. */
		assert_in_range(CUT - excerpt.since_clock, ms[i] * MS - 2,
				ms[i] * MS + 2);
		reader = open_bytes(b->bytes, b->length);
		holds_since(copy.bytes, copy.length,
			    excerpt.since_clock > held_since(reader, 0) ?
				    excerpt.since_clock :
				    held_since(reader, 0));
		flightrec_reader_destroy(reader);
		assert_true(copy.length >= before);
		assert_true(copy.length <= b->length);
		before = copy.length;
	}
	assert_true(before > 0);
}

/* No more than a block more on each CPU: the block before that would do. */
static void test_last_is_not_all(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { .last_ns = 1000 * MS };
	size_t cpu, i;

	assert_int_equal(cut(b, &excerpt, NULL), 0);
	for (cpu = 0; cpu < CPUS; cpu++) {
		struct flightrec_reader *reader =
			open_bytes(copy.bytes, copy.length);
		uint64_t since = held_since(reader, (uint32_t)cpu);
		size_t blocks = window_builder_blocks(b, (uint32_t)cpu);

		/* The next one would begin too late. */
		for (i = 1; i < blocks; i++) {
			uint64_t clock =
				window_builder_block_at(b, (uint32_t)cpu, i)
					->clock;

			if (clock > since && clock < CUT - 1001 * MS)
				fail_msg("CPU %zu: block %zu would do", cpu, i);
		}
		flightrec_reader_destroy(reader);
	}
	assert_true(copy.length < b->length / 2);
}

static void test_longer_than_the_tape(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { .last_ns = UINT64_MAX };

	assert_int_equal(cut(b, &excerpt, NULL), 0);
	assert_memory_equal(copy.bytes, b->bytes, b->length);
	assert_true(excerpt.since_clock <= b->header.start_clock);
}

/* ---- marks ----------------------------------------------------------------------- */

static uint64_t since_mark(const struct window_builder *b, const char *text)
{
	struct flightrec_excerpt excerpt = { .mark = text,
					     .mark_length = strlen(text) };

	assert_int_equal(cut(b, &excerpt, NULL), 0);
	holds_since(copy.bytes, copy.length, excerpt.since_clock);
	return excerpt.since_clock;
}

static void test_newest_mark(void **state)
{
	struct window_builder *b = *state;

	assert_int_equal(since_mark(b, "request"), 10 * MS + 4000 * MS);
	assert_int_equal(since_mark(b, "request 1"), 10 * MS + 2000 * MS);
	assert_int_equal(since_mark(b, "o"), 10 * MS + 6000 * MS);
}

static void test_no_such_mark(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { .mark = "request 22",
					     .mark_length = 10 };
	struct flightrec_error error;

	assert_int_equal(cut(b, &excerpt, &error), -ENOENT);
	assert_string_equal(error.text,
			    "no mark in the window begins with \"request 22\"");
	assert_int_equal(copy.length, 0);
}

static void test_what_reaches_further_back(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { .mark = "other",
					     .mark_length = 5,
					     .last_ns = 1 * MS };

	assert_int_equal(cut(b, &excerpt, NULL), 0);
	assert_int_equal(excerpt.since_clock, 6010 * MS);
	excerpt.last_ns = 6000 * MS;
	assert_int_equal(cut(b, &excerpt, NULL), 0);
	assert_in_range(excerpt.since_clock, 4000 * MS - 2, 4000 * MS + 2);
}

/* ---- bytes ------------------------------------------------------------------------ */

static void test_max_bytes(void **state)
{
	struct window_builder *b = *state;
	uint64_t bytes, least, before = 0;
	size_t i;

	/* All but one block of each CPU that has any. */
	least = b->length;
	for (i = 0; i < CPUS; i++)
		least -= (window_builder_blocks(b, (uint32_t)i) - 1) * 4096;
	for (bytes = least; bytes < b->length + 5000; bytes += 1111) {
		struct flightrec_excerpt excerpt = { .max_bytes = bytes };

		assert_int_equal(cut(b, &excerpt, NULL), 0);
		assert_true(copy.length <= bytes);
		/* As much as there is room for. */
		assert_true(bytes - copy.length < 4096 ||
			    copy.length == b->length);
		assert_true(copy.length >= before);
		before = copy.length;
		holds_since(copy.bytes, copy.length, CUT);
	}
	assert_int_equal(before, b->length);
}

/* The CPU that reaches back furthest gives first: none is left far behind. */
static void test_max_bytes_is_even(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { .max_bytes = b->length -
							  6ULL * 4096 };
	struct flightrec_reader *reader;
	uint64_t since[2];

	assert_int_equal(cut(b, &excerpt, NULL), 0);
	reader = open_bytes(copy.bytes, copy.length);
	since[0] = held_since(reader, 0);
	since[1] = held_since(reader, 1);
	flightrec_reader_destroy(reader);
	for (size_t i = 0; i < window_builder_blocks(b, 0); i++) {
		uint64_t clock = window_builder_block_at(b, 0, i)->clock;

		/* CPU 0 gave no block that ends later than one that 1 kept. */
		if (clock <= since[0])
			assert_true(clock <= since[1] ||
				    since[1] >= 5000 * MS ||
				    clock <= since[1] + 2100 * MS);
	}
	assert_true(since[0] > 0 && since[1] > 0);
}

static void test_too_few_bytes(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_excerpt excerpt = { .max_bytes = 4096 };
	struct flightrec_error error;
	unsigned long long least;

	assert_int_equal(cut(b, &excerpt, &error), -E2BIG);
	assert_int_equal(
		sscanf(error.text,
		       "4096 bytes are too few: the tables and the newest block of each CPU take %llu",
		       &least),
		1);
	excerpt.max_bytes = least;
	assert_int_equal(cut(b, &excerpt, NULL), 0);
	assert_int_equal(copy.length, least);
	excerpt.max_bytes = least - 1;
	assert_int_equal(cut(b, &excerpt, NULL), -E2BIG);
}

static size_t events_from(const void *bytes, size_t length, uint64_t clock,
			  uint64_t *sum)
{
	struct flightrec_reader *reader = open_bytes(bytes, length);
	struct flightrec_event event;
	size_t count = 0;

	*sum = 0;
	while (flightrec_reader_next(reader, &event) == 1) {
		if (event.clock < clock || event.type == FLIGHTREC_EVENT_LOST ||
		    event.type == FLIGHTREC_EVENT_BEGIN)
			continue;
		*sum = sum_number(*sum, event_sum(&event));
		*sum = sum_number(*sum, event.clock);
		count++;
	}
	flightrec_reader_destroy(reader);
	return count;
}

/* ---- what a window may be like ------------------------------------------------------ */

/* Blocks of CPU 0 were overrun while it was read, one was opened after the cut. */
static void test_holes_and_late_blocks(void **state)
{
	struct flightrec_excerpt excerpt = { .last_ns = 4000 * MS };
	struct flightrec_event event;
	struct flightrec_reader *reader;
	struct window_builder b;
	uint64_t lost = 0, first = 0;

	(void)state;
	build(&b);
	window_builder_drop(&b, 0, 2);
	window_builder_drop(&b, 0, window_builder_blocks(&b, 0) - 2);
	tell(&b, 0, CUT - 1);
	window_builder_block(&b, 0, CUT + 5 * MS, 100);
	tell(&b, 0, CUT + 6 * MS);
	window_builder_finish(&b, CUT);
	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	reader = open_bytes(copy.bytes, copy.length);
	while (flightrec_reader_next(reader, &event) == 1) {
		if (event.type == FLIGHTREC_EVENT_LOST && event.cpu == 0)
			lost += event.lost.events;
		if (event.type == FLIGHTREC_EVENT_EXIT && event.cpu == 0 &&
		    !first)
			first = event.clock;
		assert_true(event.clock <= CUT);
	}
	/* The late hole is within what is kept, the early one is not. */
	assert_in_range(lost, 400, 504);
	assert_in_range(first, 1, CUT - 4000 * MS);
	flightrec_reader_destroy(reader);

	/* The late block alone must not be what is left. */
	excerpt.last_ns = 0;
	excerpt.max_bytes = 1;
	assert_int_equal(cut(&b, &excerpt, NULL), -E2BIG);
	excerpt.max_bytes = b.length;
	while (!cut(&b, &excerpt, NULL))
		excerpt.max_bytes -= 4096;
	excerpt.max_bytes += 4096;
	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	reader = open_bytes(copy.bytes, copy.length);
	assert_true(held_since(reader, 0) < CUT);
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

/* Of a live window: the places of blocks that were written anew meanwhile. */
static void test_overrun_blocks(void **state)
{
	struct flightrec_excerpt excerpt = { .last_ns = 7000 * MS };
	struct flightrec_reader *reader;
	struct window_builder b;
	uint64_t of_whole, of_excerpt;

	(void)state;
	build(&b);
	b.header.reason = FLIGHTREC_REASON_LIVE;
	window_builder_finish(&b, CUT);
	window_builder_overrun(&b, 0, 0, 0);
	window_builder_overrun(&b, 0, 2, 0);
	window_builder_overrun(&b, 0, 3, 0);
	reader = open_bytes(b.bytes, b.length);
	assert_int_equal(flightrec_reader_overrun(reader), 3);
	assert_int_equal(flightrec_reader_narrow(reader, &excerpt, NULL), 0);
	/* Blocks are of a second: the first is too old, two are wanted. */
	assert_int_equal(flightrec_reader_overrun(reader), 2);
	flightrec_reader_destroy(reader);

	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	assert_true(copy.length < b.length);
	assert_int_equal(events_from(copy.bytes, copy.length,
				     excerpt.since_clock, &of_excerpt),
			 events_from(b.bytes, b.length, excerpt.since_clock,
				     &of_whole));
	assert_int_equal(of_excerpt, of_whole);
	reader = open_bytes(copy.bytes, copy.length);
	assert_int_equal(flightrec_reader_overrun(reader), 2);
	assert_true(held_since(reader, 0) > excerpt.since_clock);
	assert_int_equal(flightrec_reader_window(reader)->complete_clock,
			 held_since(reader, 0));
	no_damage(reader);
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

/* Whose they are is known without the CPU table, too: of no other CPU. */
static void test_overrun_blocks_without_table(void **state)
{
	struct flightrec_window_cpu *entry;
	struct flightrec_event event;
	struct flightrec_reader *reader;
	struct window_builder b;
	uint64_t begins;

	(void)state;
	build(&b);
	b.header.reason = FLIGHTREC_REASON_LIVE;
	window_builder_finish(&b, CUT);
	begins = window_builder_block_at(&b, 1, 2)->clock;
	window_builder_overrun(&b, 1, 0, 0);
	window_builder_overrun(&b, 1, 1, 0);
	entry = window_builder_entry(&b, &b.header.cpus, 0);
	entry->first_block++;
	reader = open_bytes(b.bytes, b.length);
	assert_int_equal(flightrec_reader_overrun(reader), 2);
	assert_int_equal(held_since(reader, 1), begins);
	while (flightrec_reader_next(reader, &event) == 1)
		assert_false(event.type == FLIGHTREC_EVENT_LOST &&
			     event.lost.damaged);
	assert_int_equal(flightrec_reader_damages(reader), 1);
	assert_non_null(
		strstr(flightrec_reader_damage(reader, 0)->text, "CPU table"));
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

static void test_gap_and_losses_are_kept(void **state)
{
	struct flightrec_excerpt excerpt = { .last_ns = 400 * MS };
	unsigned int gaps = 0, losses = 0;
	struct flightrec_event event;
	struct flightrec_reader *reader;
	struct window_builder b;

	(void)state;
	told_count = 0;
	window_builder_init(&b);
	tell(&b, 0, 100 * MS);
	window_builder_gap(&b, 0, 200 * MS);
	tell(&b, 0, 300 * MS);
	window_builder_lost(&b, 0, 7);
	tell(&b, 0, 400 * MS);
	window_builder_gap(&b, 0, 700 * MS);
	tell(&b, 0, 800 * MS);
	window_builder_lost(&b, 0, 9);
	tell(&b, 0, 900 * MS);
	window_builder_finish(&b, 1000 * MS);
	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	reader = open_bytes(copy.bytes, copy.length);
	while (flightrec_reader_next(reader, &event) == 1) {
		gaps += event.type == FLIGHTREC_EVENT_GAP;
		losses += event.type == FLIGHTREC_EVENT_LOST;
		if (event.type == FLIGHTREC_EVENT_LOST)
			assert_int_equal(event.lost.events, 9);
	}
	assert_int_equal(gaps, 1);
	assert_int_equal(losses, 1);
	assert_int_equal(flightrec_reader_window(reader)->lost_events, 16);
	no_damage(reader);
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

/* Of a module that knew no triggers: a shorter header, and no firing comes of it. */
static void test_short_header(void **state)
{
	static const struct flightrec_firing none;
	struct flightrec_excerpt excerpt = { .last_ns = 5 };
	struct flightrec_reader *reader;
	struct flightrec_error error;
	struct window_builder b;

	(void)state;
	window_builder_init(&b);
	b.header.header_bytes = offsetof(struct flightrec_window, firing);
	mark(&b, 0, 2000, "x");
	window_builder_finish(&b, 3000);
	assert_int_equal(cut(&b, &excerpt, &error), 0);
	reader = open_bytes(copy.bytes, copy.length);
	no_damage(reader);
	assert_memory_equal(&flightrec_reader_window(reader)->firing, &none,
			    sizeof(none));
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

/* What is left away says nothing of the budget; all of it does. */
static void test_keep(void **state)
{
	struct flightrec_excerpt excerpt = { .max_bytes = 0 };
	struct flightrec_reader *reader;
	struct window_builder b;
	int i;

	(void)state;
	window_builder_init(&b);
	b.header.keep_ns = 7;
	mark(&b, 0, 2000, "x");
	window_builder_block(&b, 0, 2500, 1);
	mark(&b, 0, 2600, "y");
	window_builder_finish(&b, 3000);
	for (i = 0; i < 2; i++) {
		assert_int_equal(cut(&b, &excerpt, NULL), 0);
		reader = open_bytes(copy.bytes, copy.length);
		no_damage(reader);
		assert_int_equal(flightrec_reader_window(reader)->keep_ns,
				 i ? 0 : 7);
		flightrec_reader_destroy(reader);
		excerpt.max_bytes = b.length - 1;
	}
	window_builder_deinit(&b);
}

static void test_nothing_recorded(void **state)
{
	struct flightrec_excerpt excerpt = { .last_ns = 5 * MS,
					     .max_bytes = 100000 };
	struct window_builder b;

	(void)state;
	window_builder_init(&b);
	window_builder_cpu(&b, 0);
	window_builder_finish(&b, CUT);
	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	assert_int_equal(copy.length, b.length);
	assert_memory_equal(copy.bytes, b.bytes, b.length);
	window_builder_deinit(&b);
}

/* Tables of a later version have longer entries: they are kept as they are, but for
 * that of the CPUs, which is made anew. */
static void test_longer_entries(void **state)
{
	static const uint8_t tail[] = { 0xee, 0xee, 0xee, 0xee,
					0xee, 0xee, 0xee, 0xee };
	struct flightrec_excerpt excerpt = { .last_ns = 400 * MS };
	const struct flightrec_section *tasks;
	const struct flightrec_window *window;
	struct flightrec_reader *reader;
	struct window_builder b;
	const uint8_t *entry;
	uint64_t i;

	(void)state;
	told_count = 0;
	window_builder_init(&b);
	b.longer = sizeof(tail);
	window_builder_task(&b, 7, "seven");
	window_builder_task(&b, 8, "eight");
	tell(&b, 0, 100 * MS);
	tell(&b, 0, 900 * MS);
	window_builder_finish(&b, 1000 * MS);
	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	reader = open_bytes(copy.bytes, copy.length);
	no_damage(reader);
	window = flightrec_reader_window(reader);
	tasks = &window->tasks;
	assert_int_equal(tasks->count, 2);
	assert_int_equal(tasks->entry_bytes,
			 sizeof(struct flightrec_window_task) + sizeof(tail));
	for (i = 0; i < tasks->count; i++) {
		entry = copy.bytes + tasks->offset + i * tasks->entry_bytes;
		assert_memory_equal(
			entry, window_builder_entry(&b, &b.header.tasks, i),
			tasks->entry_bytes);
		assert_memory_equal(
			entry + sizeof(struct flightrec_window_task), tail,
			sizeof(tail));
	}
	assert_int_equal(window->cpus.entry_bytes,
			 sizeof(struct flightrec_window_cpu));
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

static void test_write_stops_where_it_fails(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_reader *reader = open_bytes(b->bytes, b->length);
	struct flightrec_error error;

	for (copy.room = 0; copy.room < b->length; copy.room += 701) {
		copy.length = 0;
		assert_int_equal(flightrec_reader_write(reader, put, &copy,
							&error),
				 -ENOSPC);
		assert_int_equal(error.code, -ENOSPC);
	}
	copy.room = sizeof(copy.bytes);
	flightrec_reader_destroy(reader);
}

/* ---- damage ------------------------------------------------------------------------- */

/* A header of any block says anything: nothing that the damaged window still
 * gives from the instant on may be missing in the excerpt. */
static void test_damaged_block_headers(void **state)
{
	static const uint64_t lies[] = { 0,	    1,	 4 * MS,   5 * MS,
					 9999 * MS, CUT, CUT + MS, UINT64_MAX };
	struct window_builder *b = *state;
	size_t i, lie;

	for (i = 0; i < window_builder_blocks(b, 0); i++) {
		struct flightrec_block *block =
			window_builder_block_at(b, 0, i);
		struct flightrec_block good = *block;

		for (lie = 0; lie < sizeof(lies) / sizeof(lies[0]); lie++) {
			struct flightrec_excerpt excerpt = { .last_ns = 6000 *
									MS };
			uint64_t of_whole, of_excerpt;
			size_t count;

			block->clock = lies[lie];
			if (lie == 0)
				block->magic = 0;
			assert_int_equal(cut(b, &excerpt, NULL), 0);
			count = events_from(b->bytes, b->length,
					    excerpt.since_clock + MS,
					    &of_whole);
			assert_true(count > 1000);
			assert_int_equal(events_from(copy.bytes, copy.length,
						     excerpt.since_clock + MS,
						     &of_excerpt),
					 count);
			assert_int_equal(of_excerpt, of_whole);
			*block = good;
		}
	}
}

static void test_no_cpu_table(void **state)
{
	struct window_builder *b = *state;
	struct flightrec_window *header = (struct flightrec_window *)b->bytes;
	struct flightrec_excerpt excerpt = { .last_ns = 3000 * MS };
	struct flightrec_window good = *header;
	uint64_t of_whole, of_excerpt;

	header->cpus.count = 1;
	assert_int_equal(cut(b, &excerpt, NULL), 0);
	assert_int_equal(events_from(b->bytes, b->length, excerpt.since_clock,
				     &of_whole),
			 events_from(copy.bytes, copy.length,
				     excerpt.since_clock, &of_excerpt));
	assert_int_equal(of_excerpt, of_whole);
	*header = good;
}

/*
 * Without a CPU table a tape begins where its CPU is named first. One damaged header
 * must not move there what is another tape's: CPUs stand in another order than by
 * their numbers, and a block of the last one names the first.
 */
static void test_no_cpu_table_and_a_wrong_cpu(void **state)
{
	struct flightrec_excerpt excerpt = { 0 };
	struct flightrec_window *header;
	uint64_t of_whole, of_excerpt;
	struct window_builder b;
	size_t count;
	uint32_t cpu;
	uint64_t i;

	(void)state;
	told_count = 0;
	window_builder_init(&b);
	for (cpu = CPUS; cpu-- > 0;)
		window_builder_cpu(&b, cpu);
	for (i = 1; i <= 3ULL * CPUS; i++) {
		cpu = (uint32_t)(i % CPUS);
		window_builder_block(&b, cpu, i * MS, 100 + cpu);
		tell(&b, cpu, i * MS + 1);
	}
	window_builder_finish(&b, i * MS);
	header = (struct flightrec_window *)b.bytes;
	header->cpus.count = 1;
	window_builder_block_at(&b, 0, 1)->cpu = CPUS - 1;
	for (i = 0; i < 9; i++) {
		excerpt.last_ns = i * MS;
		assert_int_equal(cut(&b, &excerpt, NULL), 0);
		count = events_from(b.bytes, b.length, excerpt.since_clock,
				    &of_whole);
		assert_true(i || count == 3 * CPUS - 1);
		assert_int_equal(events_from(copy.bytes, copy.length,
					     excerpt.since_clock, &of_excerpt),
				 count);
		assert_int_equal(of_excerpt, of_whole);
	}
	window_builder_deinit(&b);
}

/* A file cut short anywhere: what it still gives is given, and it is a window. */
static void test_cut_short(void **state)
{
	struct window_builder *b = *state;
	size_t length;

	for (length = b->length - 1; length > sizeof(struct flightrec_window);
	     length -= length > 997 ? 997 : length) {
		struct flightrec_excerpt excerpt = { .last_ns = 8000 * MS };
		struct flightrec_reader *reader;
		uint8_t *part = malloc(length);
		uint64_t of_whole, of_excerpt;

		assert_non_null(part);
		memcpy(part, b->bytes, length);
		reader = open_bytes(part, length);
		copy.length = 0;
		assert_int_equal(
			flightrec_reader_narrow(reader, &excerpt, NULL), 0);
		assert_int_equal(
			flightrec_reader_write(reader, put, &copy, NULL), 0);
		flightrec_reader_destroy(reader);
		assert_int_equal(events_from(part, length, excerpt.since_clock,
					     &of_whole),
				 events_from(copy.bytes, copy.length,
					     excerpt.since_clock, &of_excerpt));
		assert_int_equal(of_whole, of_excerpt);
		reader = open_bytes(copy.bytes, copy.length);
		assert_true(flightrec_reader_whole(reader));
		flightrec_reader_destroy(reader);
		free(part);
	}
}

/* A text that the end of the file cuts in two must not become a whole one. */
static void test_cut_text(void **state)
{
	struct flightrec_excerpt excerpt = { 0 };
	struct flightrec_reader *reader;
	struct fr_record record;
	struct window_builder b;
	uint64_t of_whole, of_excerpt;
	size_t end, words;
	uint8_t *part;

	(void)state;
	told_count = 0;
	window_builder_init(&b);
	tell(&b, 0, 5 * MS);
	fr_record_exec(&record, 100, "/usr/bin/something/else", 23);
	window_builder_emit(&b, 0, 6 * MS, 100, &record);
	window_builder_finish(&b, CUT);
	end = (size_t)((uint8_t *)window_builder_block_at(&b, 0, 0) - b.bytes) +
	      window_builder_block_at(&b, 0, 0)->used;
	for (words = 0; words <= record.count; words++) {
		part = malloc(end - words * 8);
		assert_non_null(part);
		memcpy(part, b.bytes, end - words * 8);
		reader = open_bytes(part, end - words * 8);
		copy.length = 0;
		assert_int_equal(
			flightrec_reader_narrow(reader, &excerpt, NULL), 0);
		assert_int_equal(
			flightrec_reader_write(reader, put, &copy, NULL), 0);
		flightrec_reader_destroy(reader);
		assert_int_equal(events_from(part, end - words * 8, 1,
					     &of_whole),
				 words ? 1 : 2);
		events_from(copy.bytes, copy.length, 1, &of_excerpt);
		assert_int_equal(of_excerpt, of_whole);
		free(part);
	}
	window_builder_deinit(&b);
}

/* A small file must not make a large one. */
static void test_blocks_of_absurd_size(void **state)
{
	struct flightrec_excerpt excerpt = { 0 };
	struct window_builder b;
	struct flightrec_window *header;

	(void)state;
	told_count = 0;
	window_builder_init(&b);
	tell(&b, 0, 5 * MS);
	window_builder_finish(&b, CUT);
	header = (struct flightrec_window *)b.bytes;
	header->blocks.entry_bytes = 0xfffffff8U;
	header->block_bytes = 0xfffffff8U;
	assert_int_equal(cut(&b, &excerpt, NULL), 0);
	assert_true(copy.length <= b.length);
	window_builder_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it_is_the_same),
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_last_is_not_all),
		cmocka_unit_test(test_longer_than_the_tape),
		cmocka_unit_test(test_newest_mark),
		cmocka_unit_test(test_no_such_mark),
		cmocka_unit_test(test_what_reaches_further_back),
		cmocka_unit_test(test_max_bytes),
		cmocka_unit_test(test_max_bytes_is_even),
		cmocka_unit_test(test_too_few_bytes),
		cmocka_unit_test(test_write_stops_where_it_fails),
		cmocka_unit_test(test_damaged_block_headers),
		cmocka_unit_test(test_no_cpu_table),
		cmocka_unit_test(test_no_cpu_table_and_a_wrong_cpu),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_holes_and_late_blocks),
		cmocka_unit_test(test_overrun_blocks),
		cmocka_unit_test(test_overrun_blocks_without_table),
		cmocka_unit_test(test_gap_and_losses_are_kept),
		cmocka_unit_test(test_longer_entries),
		cmocka_unit_test(test_short_header),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_nothing_recorded),
		cmocka_unit_test(test_cut_text),
		cmocka_unit_test(test_blocks_of_absurd_size),
	};

	return cmocka_run_group_tests(tests, stage_init, stage_deinit);
}
