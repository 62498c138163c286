// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A window's header and tables, where its bytes come from, and what refuses it.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cursor.h"
#include "libflightrec.h"
#include "window_builder.h"

static struct window_builder b;
static struct flightrec_reader *reader;
static struct flightrec_error error;

static int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	reader = NULL;
	memset(&error, 0, sizeof(error));
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

	fr_record_exit(&record, 1, 0, (int64_t)clock);
	window_builder_emit(&b, cpu, clock, 7, &record);
}

static void open_window(void)
{
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, &error),
			 0);
}

/* ---- the cursor ------------------------------------------------------------------ */

static void test_cursor(void **unused)
{
	const uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct fr_cursor cursor;
	uint8_t to[4] = { 0 };

	(void)unused;
	fr_cursor_init(&cursor, bytes, sizeof(bytes));
	assert_int_equal(fr_cursor_seek(&cursor, 4, "the end", &error), 0);
	assert_int_equal(fr_cursor_left(&cursor), 0);
	assert_int_equal(fr_cursor_read(&cursor, to, 0, "nothing", &error), 0);
	assert_int_equal(fr_cursor_seek(&cursor, 1, "a place", &error), 0);
	assert_int_equal(fr_cursor_read(&cursor, to, 3, "three", &error), 0);
	assert_memory_equal(to, bytes + 1, 3);
	assert_int_equal(cursor.at, 4);
}

/* On an error it stays where it is. */
static void test_cursor_out_of_bounds(void **unused)
{
	const uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct fr_cursor cursor;
	uint8_t to[8] = { 0 };

	(void)unused;
	fr_cursor_init(&cursor, bytes, sizeof(bytes));
	assert_int_equal(fr_cursor_seek(&cursor, 2, "a place", &error), 0);
	assert_int_equal(fr_cursor_seek(&cursor, 5, "a place", &error),
			 -EBADMSG);
	assert_int_equal(error.code, -EBADMSG);
	assert_true(error.offset == 5);
	assert_int_equal(fr_cursor_seek(&cursor, UINT64_MAX, "a place", NULL),
			 -EBADMSG);
	assert_int_equal(fr_cursor_read(&cursor, to, 3, "three bytes", &error),
			 -EBADMSG);
	assert_true(error.offset == 2);
	assert_non_null(strstr(error.text, "three bytes"));
	assert_int_equal(fr_cursor_read(&cursor, to, UINT64_MAX, "all", NULL),
			 -EBADMSG);
	assert_int_equal(cursor.at, 2);
	assert_int_equal(to[0], 0);
}

/* ---- what refuses a window ---------------------------------------------------------- */

static void expect_refused(size_t length, int code, uint64_t offset,
			   const char *text)
{
	struct flightrec_reader *none = (struct flightrec_reader *)&b;
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, b.bytes, length);
	memset(&error, 0, sizeof(error));
	assert_int_equal(flightrec_reader_from_memory(copy, length, &none,
						      &error),
			 code);
	assert_null(none);
	assert_int_equal(error.code, code);
	assert_true(error.offset == offset);
	assert_null(strchr(error.text, '\n'));
	if (!strstr(error.text, text))
		fail_msg("\"%s\" does not say \"%s\"", error.text, text);
	/* Who does not want to know need not. */
	assert_int_equal(
		flightrec_reader_from_memory(copy, length, &none, NULL), code);
	free(copy);
}

static void test_refused(void **unused)
{
	(void)unused;
	emit(0, 2000);
	window_builder_finish(&b, 3000);
	expect_refused(0, -ENODATA, 0, "empty");
	expect_refused(1, -EBADMSG, 0, "expected a header of 560 bytes");
	expect_refused(7, -EBADMSG, 0, "560");
	expect_refused(11, -EBADMSG, 0, "560");
	expect_refused(12, -EBADMSG, 0, "560");
	expect_refused(559, -EBADMSG, 0, "560");
	expect_refused(560, -EBADMSG, 0, "expected a header of 632 bytes");
	expect_refused(631, -EBADMSG, 0, "632");
	memcpy(b.bytes, "FLTREC\n", 7);
	expect_refused(b.length, -EBADMSG, 6, "line ends");
	memcpy(b.bytes, "PERFILE2", 8);
	expect_refused(b.length, -EBADMSG, 0, "not a flightrec window");
	expect_refused(3, -EBADMSG, 0, "not a flightrec window");
}

static void test_refused_versions(void **unused)
{
	struct flightrec_window *header;

	(void)unused;
	emit(0, 2000);
	window_builder_finish(&b, 3000);
	header = (struct flightrec_window *)b.bytes;
	header->version = 2;
	expect_refused(b.length, -EPROTONOSUPPORT, 8, "version 2");
	expect_refused(12, -EPROTONOSUPPORT, 8, "expected version 1");
	header->version = 1;
	header->header_bytes = 559;
	expect_refused(b.length, -EBADMSG, 12, "559");
	header->header_bytes = UINT32_MAX;
	expect_refused(b.length, -EBADMSG, UINT32_MAX, "rest of the header");
}

/* ---- header and tables ------------------------------------------------------------------ */

static void test_header(void **unused)
{
	const struct flightrec_window *window;

	(void)unused;
	emit(4, 2000);
	memset(b.header.nodename, 'x', sizeof(b.header.nodename));
	window_builder_finish(&b, 3000);
	open_window();
	window = flightrec_reader_window(reader);
	assert_int_equal(window->version, 1);
	assert_int_equal(window->reason, FLIGHTREC_REASON_FREEZE);
	assert_int_equal(window->args, 1);
	assert_true(window->cut_clock == 3000);
	assert_true(window->window_bytes == b.length);
	assert_string_equal((const char *)window->machine, "x86_64");
	/* A name that is too long ends nevertheless. */
	assert_int_equal(strlen((const char *)window->nodename),
			 FLIGHTREC_UTS_BYTES - 1);
	assert_true(flightrec_reader_whole(reader));
	assert_int_equal(flightrec_reader_damages(reader), 0);
	assert_null(flightrec_reader_damage(reader, 0));
}

static void test_firing(void **unused)
{
	const struct flightrec_firing *firing;

	(void)unused;
	emit(4, 2000);
	b.header.reason = FLIGHTREC_REASON_TRIGGER;
	b.header.firing = (struct flightrec_firing){
		.sequence = 1ULL << 40,
		.trigger = 3,
		.condition = FLIGHTREC_TRIGGER_CALL,
		.tid = 4194303,
		.cpu = 4,
		.value = INT64_MAX,
		.limit = -2,
		.nr = -1,
		.action = FLIGHTREC_ACTION_FREEZE,
		.clock = 2999,
		.mono_ns = 2998,
	};
	window_builder_finish(&b, 3000);
	open_window();
	firing = &flightrec_reader_window(reader)->firing;
	assert_memory_equal(firing, &b.header.firing, sizeof(*firing));
	assert_int_equal(flightrec_reader_damages(reader), 0);
}

/* Of a module that knew no triggers, or half of them: the tables begin where
 * the firing would stand. */
static void test_header_without_firing(void **unused)
{
	const uint32_t lengths[] = {
		offsetof(struct flightrec_window, firing),
		offsetof(struct flightrec_window, firing) + 32,
	};
	static const struct flightrec_firing none;
	const struct flightrec_window *window;
	size_t i;

	(void)unused;
	emit(4, 2000);
	memset(&b.header.firing, 0xee, sizeof(b.header.firing));
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		b.header.header_bytes = lengths[i];
		window_builder_finish(&b, 3000);
		open_window();
		window = flightrec_reader_window(reader);
		assert_int_equal(window->header_bytes, lengths[i]);
		assert_memory_equal(&window->firing, &none, sizeof(none));
		assert_string_equal((const char *)window->machine, "x86_64");
		assert_int_equal(flightrec_reader_damages(reader), 0);
		assert_true(flightrec_reader_whole(reader));
		assert_int_equal(flightrec_reader_cpus(reader), 1);
		flightrec_reader_destroy(reader);
		reader = NULL;
	}
}

static void test_keep(void **unused)
{
	(void)unused;
	emit(4, 2000);
	b.header.keep_ns = 1ULL << 60;
	window_builder_finish(&b, 3000);
	open_window();
	assert_int_equal(flightrec_reader_window(reader)->keep_ns, 1ULL << 60);
	assert_int_equal(flightrec_reader_damages(reader), 0);
}

/* Of a module that knew triggers and no ages. */
static void test_header_without_keep(void **unused)
{
	const struct flightrec_window *window;

	(void)unused;
	emit(4, 2000);
	b.header.firing.sequence = 5;
	b.header.keep_ns = UINT64_MAX;
	b.header.header_bytes = offsetof(struct flightrec_window, keep_ns);
	window_builder_finish(&b, 3000);
	open_window();
	window = flightrec_reader_window(reader);
	assert_int_equal(window->firing.sequence, 5);
	assert_int_equal(window->keep_ns, 0);
	assert_int_equal(flightrec_reader_cpus(reader), 1);
	assert_int_equal(flightrec_reader_damages(reader), 0);
}

static void test_tables(void **unused)
{
	struct flightrec_window_target target;
	struct flightrec_window_call call;
	struct flightrec_window_task task;
	struct flightrec_window_cpu cpu;

	(void)unused;
	emit(4, 2000);
	emit(2, 2001);
	emit(2, 2002);
	window_builder_cpu(&b, 9);
	window_builder_task(&b, 7, "seven")->nice = -5;
	window_builder_task(&b, 6, "six");
	window_builder_call(&b, 7, -1, 2500)->args[0] = 77;
	memcpy(window_builder_target(&b, FLIGHTREC_TARGET_COMM, 0)->comm,
	       "nginx", 5);
	window_builder_target(&b, FLIGHTREC_TARGET_TGID, 7);
	window_builder_finish(&b, 3000);
	open_window();

	assert_int_equal(flightrec_reader_cpus(reader), 3);
	flightrec_reader_cpu(reader, 0, &cpu);
	assert_int_equal(cpu.cpu, 2);
	assert_int_equal(cpu.blocks, 1);
	assert_int_equal(cpu.events, 2);
	flightrec_reader_cpu(reader, 1, &cpu);
	assert_int_equal(cpu.cpu, 4);
	assert_int_equal(cpu.tid, 7);
	flightrec_reader_cpu(reader, 2, &cpu);
	assert_int_equal(cpu.cpu, 9);
	assert_int_equal(cpu.blocks, 0);

	assert_int_equal(flightrec_reader_tasks(reader), 2);
	flightrec_reader_task(reader, 0, &task);
	assert_int_equal(task.tid, 7);
	assert_int_equal(task.nice, -5);
	assert_string_equal((const char *)task.comm, "seven");
	flightrec_reader_task(reader, 1, &task);
	assert_int_equal(task.tid, 6);

	assert_int_equal(flightrec_reader_calls(reader), 1);
	flightrec_reader_call(reader, 0, &call);
	assert_int_equal(call.nr, -1);
	assert_int_equal(call.nargs, 1);
	assert_int_equal(call.args[0], 77);
	assert_true(call.enter_clock == 2500);

	assert_int_equal(flightrec_reader_targets(reader), 2);
	flightrec_reader_target(reader, 0, &target);
	assert_string_equal((const char *)target.comm, "nginx");
	flightrec_reader_target(reader, 1, &target);
	assert_int_equal(target.kind, FLIGHTREC_TARGET_TGID);
	assert_int_equal(target.id, 7);

	/* What is not there reads as zeros. */
	flightrec_reader_target(reader, 2, &target);
	assert_int_equal(target.kind, 0);
	flightrec_reader_call(reader, SIZE_MAX, &call);
	assert_int_equal(call.nr, 0);
	flightrec_reader_task(reader, 2, &task);
	assert_int_equal(task.tid, 0);
	flightrec_reader_cpu(reader, 3, &cpu);
	assert_int_equal(cpu.cpu, 0);
}

static void test_call_with_too_many_arguments(void **unused)
{
	struct flightrec_window_call call;

	(void)unused;
	window_builder_call(&b, 7, 1, 2500)->nargs = 7;
	window_builder_finish(&b, 3000);
	open_window();
	flightrec_reader_call(reader, 0, &call);
	assert_int_equal(call.nargs, FLIGHTREC_ARGS_MAX);
}

static void test_no_events_at_all(void **unused)
{
	struct flightrec_event event;

	(void)unused;
	window_builder_finish(&b, 3000);
	open_window();
	assert_int_equal(flightrec_reader_cpus(reader), 0);
	assert_int_equal(flightrec_reader_next(reader, &event), 0);
	assert_int_equal(flightrec_reader_damages(reader), 0);
}

/* ---- the end marker ------------------------------------------------------------------------ */

static void test_end_marker(void **unused)
{
	struct flightrec_window_end *end;

	(void)unused;
	emit(0, 2000);
	window_builder_finish(&b, 3000);
	end = (struct flightrec_window_end *)(b.bytes + b.length -
					      sizeof(*end));
	end->magic[3] ^= 1;
	open_window();
	assert_false(flightrec_reader_whole(reader));
	assert_int_equal(flightrec_reader_damages(reader), 1);
	flightrec_reader_destroy(reader);
	end->magic[3] ^= 1;
	end->window_bytes++;
	open_window();
	assert_false(flightrec_reader_whole(reader));
	assert_int_equal(flightrec_reader_damages(reader), 1);
}

static void test_more_behind_the_end(void **unused)
{
	uint8_t *longer;

	(void)unused;
	emit(0, 2000);
	window_builder_finish(&b, 3000);
	longer = calloc(1, b.length + 10);
	assert_non_null(longer);
	memcpy(longer, b.bytes, b.length);
	assert_int_equal(flightrec_reader_from_memory(longer, b.length + 10,
						      &reader, NULL),
			 0);
	assert_true(flightrec_reader_whole(reader));
	assert_int_equal(flightrec_reader_damages(reader), 1);
	assert_true(flightrec_reader_damage(reader, 0)->offset == b.length);
	flightrec_reader_destroy(reader);
	reader = NULL;
	free(longer);
}

/* ---- many damages ----------------------------------------------------------------------------- */

#define BAD_BLOCKS 3000

static void test_damages_are_bounded(void **unused)
{
	const struct flightrec_damage *last;
	struct flightrec_event event;
	uint64_t i;
	int round;

	(void)unused;
	b.header.block_bytes = 128;
	for (i = 0; i < BAD_BLOCKS; i++) {
		window_builder_block(&b, 0, 2000 + 10 * i, 7);
		emit(0, 2001 + 10 * i);
	}
	window_builder_finish(&b, 100000);
	for (i = 0; i < BAD_BLOCKS; i++)
		window_builder_block_at(&b, 0, i)->magic = 0;
	open_window();
	assert_int_equal(flightrec_reader_damages(reader), 0);
	/* They are found again, not once more, when events are read again. */
	for (round = 0; round < 2; round++) {
		while (flightrec_reader_next(reader, &event) == 1)
			;
		assert_int_equal(flightrec_reader_damages(reader), 1024);
		last = flightrec_reader_damage(reader, 1023);
		assert_non_null(strstr(last->text, "and 1977 more"));
		assert_false(last->events_known);
		flightrec_reader_rewind(reader);
		assert_int_equal(flightrec_reader_damages(reader), 0);
	}
}

/* ---- files and pipes ---------------------------------------------------------------------------- */

#define MANY 300000

/* Several megabytes, on two CPUs; each event's result is its clock. */
static void emit_many(void)
{
	uint64_t i;

	for (i = 0; i < MANY; i++)
		emit(i % 2, 2000 + i);
	window_builder_task(&b, 7, "many");
	window_builder_call(&b, 7, 1, 2000);
}

static void build_many(void)
{
	emit_many();
	window_builder_finish(&b, 2000 + MANY);
	assert_true(b.length > 2 * 1024 * 1024);
}

static void expect_many(void)
{
	struct flightrec_event event;
	uint64_t count = 0;
	int round;

	for (round = 0; round < 2; round++) {
		count = 0;
		while (flightrec_reader_next(reader, &event) == 1) {
			if (event.type != FLIGHTREC_EVENT_EXIT)
				continue;
			assert_true(event.clock == 2000 + count);
			assert_true(event.exit.result == (int64_t)event.clock);
			count++;
		}
		assert_true(count == MANY);
		assert_int_equal(flightrec_reader_damages(reader), 0);
		flightrec_reader_rewind(reader);
	}
	assert_true(flightrec_reader_whole(reader));
}

static void make_path(char *path)
{
	int fd;

	strcpy(path, "/tmp/flightrec-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
}

static void write_file(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(b.bytes, 1, b.length, file), b.length);
	assert_int_equal(fclose(file), 0);
}

static void test_file(void **unused)
{
	char path[64];

	(void)unused;
	build_many();
	make_path(path);
	write_file(path);
	assert_int_equal(flightrec_reader_open(path, &reader, &error), 0);
	/* Mapped: it need not stay where it was. */
	unlink(path);
	expect_many();
}

/* What the builder writes without keeping it in memory is the same window. */
static void test_spilled(void **unused)
{
	struct window_builder kept;
	char path[64];
	FILE *file;
	uint8_t *bytes;

	(void)unused;
	build_many();
	kept = b;
	window_builder_init(&b);
	window_builder_spill(&b);
	emit_many();
	make_path(path);
	file = fopen(path, "w+");
	assert_non_null(file);
	unlink(path);
	window_builder_write(&b, 2000 + MANY, fileno(file));
	bytes = malloc(kept.length + 1);
	assert_non_null(bytes);
	rewind(file);
	assert_int_equal(fread(bytes, 1, kept.length + 1, file), kept.length);
	assert_memory_equal(bytes, kept.bytes, kept.length);
	fclose(file);
	free(bytes);
	window_builder_deinit(&kept);
}

/* A child writes the window into a pipe, a bit at a time. */
static pid_t write_to(int fd)
{
	pid_t child = fork();
	size_t at = 0;

	assert_true(child >= 0);
	if (child)
		return child;
	while (at < b.length) {
		size_t bytes = b.length - at < 1000 ? b.length - at : 1000;
		ssize_t wrote = write(fd, b.bytes + at, bytes);

		if (wrote < 0)
			_exit(1);
		at += (size_t)wrote;
	}
	_exit(0);
}

static void test_standard_input(void **unused)
{
	int ends[2], saved, status;
	pid_t child;

	(void)unused;
	build_many();
	assert_int_equal(pipe(ends), 0);
	child = write_to(ends[1]);
	close(ends[1]);
	saved = dup(STDIN_FILENO);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(flightrec_reader_open("-", &reader, &error), 0);
	dup2(saved, STDIN_FILENO);
	close(saved);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_many();
}

static void test_fifo(void **unused)
{
	char path[64];
	pid_t child;
	int status;

	(void)unused;
	build_many();
	make_path(path);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		int fd = open(path, O_WRONLY);

		waitpid(write_to(fd), &status, 0);
		_exit(status ? 1 : 0);
	}
	assert_int_equal(flightrec_reader_open(path, &reader, &error), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	unlink(path);
	expect_many();
}

static void test_files_that_cannot_be_read(void **unused)
{
	char path[64];

	(void)unused;
	assert_int_equal(flightrec_reader_open("/nonexistent/x", &reader,
					       &error),
			 -ENOENT);
	assert_null(reader);
	assert_true(error.offset == FLIGHTREC_NO_OFFSET);
	assert_non_null(strstr(error.text, "/nonexistent/x"));
	assert_int_equal(flightrec_reader_open("/tmp", &reader, &error),
			 -EISDIR);
	make_path(path);
	assert_int_equal(flightrec_reader_open(path, &reader, &error),
			 -ENODATA);
	assert_true(error.offset == 0);
	unlink(path);
	assert_int_equal(flightrec_reader_open("/dev/null", &reader, &error),
			 -ENODATA);
	/* Has no size, but bytes. */
	assert_int_equal(flightrec_reader_open("/proc/version", &reader,
					       &error),
			 -EBADMSG);
	assert_true(error.offset == 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_cursor),
		TEST(test_cursor_out_of_bounds),
		TEST(test_refused),
		TEST(test_refused_versions),
		TEST(test_header),
		TEST(test_firing),
		TEST(test_header_without_firing),
		TEST(test_keep),
		TEST(test_header_without_keep),
		TEST(test_tables),
		TEST(test_call_with_too_many_arguments),
		TEST(test_no_events_at_all),
		TEST(test_end_marker),
		TEST(test_more_behind_the_end),
		TEST(test_damages_are_bounded),
		TEST(test_file),
		TEST(test_spilled),
		TEST(test_standard_input),
		TEST(test_fifo),
		TEST(test_files_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
