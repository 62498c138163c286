// SPDX-License-Identifier: GPL-2.0
/*
 * Windows with very many of one thing: what they cost must grow with their size,
 * not with its square. Each takes well below a second of a processor's time; the
 * bound is where the square would be far beyond.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "encoder.h"
#include "perfetto/put.h"
#include "report.h"

#define SECONDS_MAX	15	/* of a processor, with a sanitizer */

static int write_report(struct flightrec_reader *reader, struct sink *sink,
			struct flightrec_error *error)
{
	struct report_options options = { .all = true };

	return report_write(reader, sink, &options, error);
}

/* Seconds of a processor that @encode takes for a window. */
static double cost(const uint8_t *bytes, size_t length,
		   int (*encode)(struct flightrec_reader *reader,
				 struct sink *sink,
				 struct flightrec_error *error),
		   int expected)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct flightrec_reader *reader;
	struct flightrec_error error;
	clock_t begin = clock();
	struct sink sink;

	assert_true(fd >= 0);
	assert_int_equal(sink_init(&sink, fd), 0);
	assert_int_equal(flightrec_reader_from_memory(bytes, length, &reader,
						      NULL), 0);
	assert_int_equal(encode(reader, &sink, &error), expected);
	flightrec_reader_destroy(reader);
	assert_int_equal(sink_deinit(&sink), 0);
	close(fd);
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* @perfetto: what that encoder returns. */
static void assert_cheap(const uint8_t *bytes, size_t length, int perfetto)
{
	double seconds = 0;

	seconds += cost(bytes, length, encoder_find("text")->encode, 0);
	seconds += cost(bytes, length, encoder_find("perfetto")->encode,
			perfetto);
	seconds += cost(bytes, length, write_report, 0);
	print_message("%.2f s for %zu bytes\n", seconds, length);
	if (seconds > SECONDS_MAX)
		fail_msg("%.1f s, more than %d", seconds, SECONDS_MAX);
}

/* ---- CPUs ------------------------------------------------------------------ */

#define CPUS		60000

/* Each has a block with one mark; the builder would take the square itself. */
static void test_many_cpus(void **unused)
{
	const size_t block_bytes = 64 + 16;
	const size_t cpus_at = sizeof(struct flightrec_window);
	const size_t blocks_at = cpus_at +
				 CPUS * sizeof(struct flightrec_window_cpu);
	const size_t length = blocks_at + CPUS * block_bytes +
			      sizeof(struct flightrec_window_end);
	struct flightrec_window_cpu cpu;
	struct flightrec_window *header;
	struct window_builder b;
	uint8_t *bytes, *block;

	(void)unused;
	window_builder_init(&b);
	b.header.block_bytes = block_bytes;
	window_builder_block(&b, 0, 2000, 100);
	window_builder_word(&b, 0, fr_word(FLIGHTREC_WORD_MARK, 1) |
				   fr_word_time(2000));
	window_builder_word(&b, 0, 'm' << 8 | 1 << 5 | FLIGHTREC_WORD_TEXT);
	window_builder_finish(&b, 3000);
	block = (uint8_t *)window_builder_block_at(&b, 0, 0);
	memcpy(&cpu, window_builder_entry(&b, &b.header.cpus, 0), sizeof(cpu));
	cpu.events = 1;
	bytes = calloc(1, length);
	assert_non_null(bytes);
	header = (struct flightrec_window *)bytes;
	*header = b.header;
	header->window_bytes = length;
	header->cpus.count = CPUS;
	header->tasks.count = header->calls.count = header->targets.count = 0;
	header->blocks.offset = blocks_at;
	header->blocks.count = CPUS;
	for (uint32_t i = 0; i < CPUS; i++) {
		/* Not in order, and with gaps between the numbers. */
		cpu.cpu = i * 7919 % CPUS * 3 + 2000;
		cpu.first_block = i;
		memcpy(bytes + cpus_at + i * sizeof(cpu), &cpu, sizeof(cpu));
		((struct flightrec_block *)block)->cpu = cpu.cpu;
		memcpy(bytes + blocks_at + i * block_bytes, block, block_bytes);
	}
	assert_cheap(bytes, length, -EOVERFLOW);
	free(bytes);
	window_builder_deinit(&b);
}

/* ---- deaths ---------------------------------------------------------------- */

#define PROCESSES	60000

static void test_many_killed(void **unused)
{
	struct window_builder b;
	uint64_t clock = 2000;

	(void)unused;
	window_builder_init(&b);
	b.header.block_bytes = 65536;
	for (uint32_t tid = 1000; tid < 1000 + PROCESSES; tid++) {
		clock += 100;
		put_signal(&b, 0, clock, 50, tid, 9, 0, 0, 1);
		put_switch(&b, 1, clock, 0, tid, 0, NEXT_TARGET);
		put_task_exit(&b, 1, clock + 1, tid, 9,
			      FLIGHTREC_TASK_EXIT_GROUP);
		put_switch(&b, 1, clock + 2, tid, 0, FLIGHTREC_STATE_DEAD,
			   PREV_TARGET);
	}
	window_builder_finish(&b, clock + 100);
	assert_cheap(b.bytes, b.length, 0);
	window_builder_deinit(&b);
}

/* ---- gaps ------------------------------------------------------------------ */

#define GAPS		60000

static void test_many_gaps(void **unused)
{
	struct window_builder b;
	uint64_t clock = 2000;

	(void)unused;
	window_builder_init(&b);
	b.header.block_bytes = 128;
	for (int i = 0; i < GAPS; i++) {
		put_mark(&b, 0, clock, 100, "m", 1);
		window_builder_gap(&b, 0, clock + 10);
		clock += 100;
	}
	window_builder_finish(&b, clock + 100);
	assert_cheap(b.bytes, b.length, 0);
	window_builder_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_cpus),
		cmocka_unit_test(test_many_killed),
		cmocka_unit_test(test_many_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
