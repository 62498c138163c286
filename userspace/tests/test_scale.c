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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "encoder.h"
#include "perfetto/put.h"
#include "report.h"

#define SECONDS_MAX 15 /* of a processor, with a sanitizer */

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
	assert_int_equal(
		flightrec_reader_from_memory(bytes, length, &reader, NULL), 0);
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
	seconds +=
		cost(bytes, length, encoder_find("perfetto")->encode, perfetto);
	seconds += cost(bytes, length, write_report, 0);
	print_message("%.2f s for %zu bytes\n", seconds, length);
	if (seconds > SECONDS_MAX)
		fail_msg("%.1f s, more than %d", seconds, SECONDS_MAX);
}

/* ---- CPUs ------------------------------------------------------------------ */

#define CPUS 60000

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
	window_builder_word(
		&b, 0, fr_word(FLIGHTREC_WORD_MARK, 1) | fr_word_time(2000));
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

#define PROCESSES 60000

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

/* ---- waits ----------------------------------------------------------------- */

#define SLEEPS 60000
#define WAKERS 40

/*
 * One sleeps all the time until another one wakes it, which sleeps very often
 * meanwhile, woken by very many, each of whom does so, too.
 */
static void test_many_sleeps(void **unused)
{
	struct window_builder b;
	uint64_t clock = 2000;

	(void)unused;
	window_builder_init(&b);
	b.header.block_bytes = 65536;
	put_switch(&b, 0, clock, 100, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	for (uint32_t i = 0; i < SLEEPS; i++) {
		uint32_t waker = 200 + i % WAKERS;

		clock += 100;
		put_switch(&b, 2, clock, 0, waker, 0, NEXT_TARGET);
		put_switch(&b, 1, clock, 101, 0, FLIGHTREC_STATE_SLEEPING,
			   PREV_TARGET);
		clock += 1000;
		put_waking(&b, 2, clock, waker, 101, FLIGHTREC_CONTEXT_TASK,
			   FLIGHTREC_WAKING_WAKEE_TARGET |
				   FLIGHTREC_WAKING_WAKER_TARGET);
		put_switch(&b, 1, clock + 10, 0, 101, 0, NEXT_TARGET);
		put_switch(&b, 2, clock + 20, waker, 0,
			   FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	}
	put_waking(&b, 1, clock + 100, 101, 100, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKEE_TARGET |
			   FLIGHTREC_WAKING_WAKER_TARGET);
	window_builder_finish(&b, clock + 200);
	assert_cheap(b.bytes, b.length, 0);
	window_builder_deinit(&b);
}

/* ---- gaps ------------------------------------------------------------------ */

#define GAPS 60000

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

/* ---- a long window --------------------------------------------------------- */

#define LONG_BLOCK  16384
/* The builder leaves two words free. */
#define LONG_EVENTS ((LONG_BLOCK - 64) / 8 - 2)

static struct flightrec_window *header_of(const struct window_builder *b)
{
	return (struct flightrec_window *)b->bytes;
}

static void write_bytes(int fd, const void *bytes, size_t length)
{
	assert_int_equal(write(fd, bytes, length), length);
}

/**
 * struct kind - what kind of window
 * @what: in words
 * @reason: why it was taken
 * @magic: of every second block
 * @bad_table: the table of CPUs is no use
 */
struct kind {
	const char *what;
	uint32_t reason;
	uint32_t magic;
	bool bad_table;
};

static const struct kind usual = { "frozen", FLIGHTREC_REASON_FREEZE,
				   FLIGHTREC_BLOCK_MAGIC, false };

/*
 * A window of @blocks blocks on 4 CPUs, whose older ones were overwritten, in a
 * file: one block is built, the others are it at another time.
 */
static void write_long(int fd, uint32_t blocks, const struct kind *kind)
{
	struct flightrec_window_end end;
	struct flightrec_block *block;
	struct flightrec_window_cpu *cpus;
	struct window_builder b;
	uint64_t clock = 2000;
	uint32_t share = blocks / 4;

	window_builder_init(&b);
	b.header.block_bytes = LONG_BLOCK;
	b.header.args = 0;
	for (int i = 0; i < LONG_EVENTS; i++, clock += 100)
		put_exit(&b, 0, clock, 100, i % 300, i % 50);
	for (uint32_t cpu = 0; cpu < 4; cpu++)
		window_builder_cpu(&b, cpu);
	window_builder_task(&b, 100, "long");
	window_builder_finish(&b, (uint64_t)(share + 2)
					  << FLIGHTREC_WORD_TIME_BITS);
	assert_int_equal(window_builder_blocks(&b, 0), 1);
	block = window_builder_block_at(&b, 0, 0);
	cpus = window_builder_entry(&b, &b.header.cpus, 0);
	for (uint32_t cpu = 0; cpu < 4; cpu++) {
		cpus[cpu].first_block = cpu * share;
		cpus[cpu].blocks = share;
		cpus[cpu].events = (uint64_t)LONG_EVENTS * (share + 5);
	}
	if (kind->bad_table)
		cpus[0].blocks++;
	header_of(&b)->reason = kind->reason;
	header_of(&b)->blocks.count = 4 * share;
	header_of(&b)->window_bytes = b.header.blocks.offset +
				      4ULL * share * LONG_BLOCK + sizeof(end);
	write_bytes(fd, b.bytes, b.header.blocks.offset);
	for (uint32_t i = 0; i < 4 * share; i++) {
		block->magic = i % 2 ? kind->magic : FLIGHTREC_BLOCK_MAGIC;
		block->cpu = i / share;
		block->seq = i % share + 6;
		block->events = (uint64_t)LONG_EVENTS * (i % share + 5);
		block->clock = 2000 + ((uint64_t)(i % share)
				       << FLIGHTREC_WORD_TIME_BITS);
		write_bytes(fd, block, LONG_BLOCK);
	}
	memcpy(end.magic, FLIGHTREC_WINDOW_END_MAGIC, sizeof(end.magic));
	end.window_bytes = header_of(&b)->window_bytes;
	write_bytes(fd, &end, sizeof(end));
	window_builder_deinit(&b);
}

/*
 * Kilobytes of memory that this process has now: "RssAnon:", "RssFile:". Allocates
 * nothing: a sanitizer would hold it back.
 */
static long resident(const char *what)
{
	int file = open("/proc/self/status", O_RDONLY);
	char text[4096];
	const char *line;
	ssize_t length;

	assert_true(file >= 0);
	length = read(file, text, sizeof(text) - 1);
	close(file);
	assert_true(length > 0);
	text[length] = '\0';
	line = strstr(text, what);
	assert_non_null(line);
	return atol(line + strlen(what));
}

static long larger(long a, long b)
{
	return a > b ? a : b;
}

/* FLIGHTREC_SCALE_MB says how long a window, instead of the longest that is usual. */
static uint32_t long_blocks(void)
{
	const char *mb = getenv("FLIGHTREC_SCALE_MB");

	return (mb ? (uint32_t)atoi(mb) : 64) * 64;
}

/*
 * Memory does not grow with the window: nothing is kept of what was read, and
 * what is mapped of the file is given back.
 */
static void test_long_window(void **unused)
{
	uint32_t blocks = long_blocks();
	char path[] = "/tmp/flightrec-scale-XXXXXX";
	struct flightrec_reader *reader;
	struct flightrec_event event;
	uint64_t events = 0;
	long anon, file, most_anon = 0, most_file = 0;
	int fd = mkstemp(path);

	(void)unused;
	assert_true(fd >= 0);
	write_long(fd, blocks, &usual);
	close(fd);
	anon = resident("RssAnon:");
	file = resident("RssFile:");
	assert_int_equal(flightrec_reader_open(path, &reader, NULL), 0);
	unlink(path);
	while (flightrec_reader_next(reader, &event) == 1) {
		if (event.type != FLIGHTREC_EVENT_EXIT) {
			assert_int_equal(event.type, FLIGHTREC_EVENT_BEGIN);
			continue;
		}
		if (events++ % 2000000)
			continue;
		most_anon = larger(most_anon, resident("RssAnon:") - anon);
		most_file = larger(most_file, resident("RssFile:") - file);
	}
	assert_int_equal(flightrec_reader_damages(reader), 0);
	assert_true(flightrec_reader_whole(reader));
	assert_true(events == (uint64_t)blocks * LONG_EVENTS);
	flightrec_reader_destroy(reader);
	print_message(
		"%llu events, %u MB: at the most %ld KB more of its own, %ld KB of the file\n",
		(unsigned long long)events, blocks / 64, most_anon, most_file);
	/* The address sanitizer keeps a byte of its own for eight that are read. */
#ifdef __SANITIZE_ADDRESS__
	most_anon -= (long)blocks / 64 * 1024 / 8;
#endif
	assert_true(most_anon < 2048);
	assert_true(most_file < (long)blocks * LONG_BLOCK / 1024 / 4);
}

/* The most memory that this process has had counts from now on. */
static void resident_begin(void)
{
	int file = open("/proc/self/clear_refs", O_WRONLY);

	assert_true(file >= 0);
	write_bytes(file, "5", 1);
	close(file);
}

/* The most memory in KB that reading @path takes, the opening and what is mapped
 * included. */
static long most_resident(const char *path)
{
	struct flightrec_reader *reader;
	struct flightrec_event event;
	long before = resident("VmRSS:");
	int more;

	resident_begin();
	assert_int_equal(flightrec_reader_open(path, &reader, NULL), 0);
	while ((more = flightrec_reader_next(reader, &event)) == 1)
		;
	assert_int_equal(more, 0);
	flightrec_reader_destroy(reader);
	return resident("VmHWM:") - before;
}

/* Nor does it before the first event is there, whatever window it is. */
static void test_long_window_opened(void **unused)
{
	static const struct kind live = { "live", FLIGHTREC_REASON_LIVE,
					  FLIGHTREC_BLOCK_MAGIC, false };
	static const struct kind overrun = { "live, overrun",
					     FLIGHTREC_REASON_LIVE,
					     FLIGHTREC_BLOCK_OVERRUN_MAGIC,
					     false };
	static const struct kind bad = { "with bad blocks",
					 FLIGHTREC_REASON_FREEZE, 0, false };
	static const struct kind bad_table = { "with a bad table",
					       FLIGHTREC_REASON_FREEZE,
					       FLIGHTREC_BLOCK_MAGIC, true };
	const struct kind *kinds[] = { &usual, &live, &overrun, &bad,
				       &bad_table };
	uint32_t blocks = long_blocks();

	(void)unused;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char path[] = "/tmp/flightrec-scale-XXXXXX";
		int fd = mkstemp(path);
		long most;

		assert_true(fd >= 0);
		write_long(fd, blocks, kinds[i]);
		close(fd);
		most = most_resident(path);
		unlink(path);
		print_message("%s: %ld KB of %u MB\n", kinds[i]->what, most,
			      blocks / 64);
		assert_in_range(most, 1,
				(uint64_t)blocks * LONG_BLOCK / 1024 / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_cpus),
		cmocka_unit_test(test_many_killed),
		cmocka_unit_test(test_many_sleeps),
		cmocka_unit_test(test_many_gaps),
		cmocka_unit_test(test_long_window),
		cmocka_unit_test(test_long_window_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
