// SPDX-License-Identifier: GPL-2.0
/*
 * Windows that no module writes, through every encoder and the report: what the
 * fuzzers found, and what was mended. With a sanitizer, that they come through
 * is most of the test.
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
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "encoder.h"
#include "perfetto/put.h"
#include "report.h"

static struct window_builder b;

static int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	window_builder_deinit(&b);
	return 0;
}

static struct flightrec_window *header(void)
{
	return (struct flightrec_window *)b.bytes;
}

/* ---- through everything ---------------------------------------------------- */

static int write_report(struct flightrec_reader *reader, struct sink *sink,
			struct flightrec_error *error)
{
	struct report_options options = { .all = true };

	return report_write(reader, sink, &options, error);
}

/* What @encode makes of the window, as a string; to be freed. */
static char *output(int (*encode)(struct flightrec_reader *reader,
				  struct sink *sink,
				  struct flightrec_error *error))
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct flightrec_reader *reader;
	struct flightrec_error error;
	struct sink sink;
	char *text;
	off_t length;

	assert_true(fd >= 0);
	assert_int_equal(sink_init(&sink, fd), 0);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
	assert_int_equal(encode(reader, &sink, &error), 0);
	flightrec_reader_destroy(reader);
	assert_int_equal(sink_deinit(&sink), 0);
	length = lseek(fd, 0, SEEK_END);
	text = calloc(1, (size_t)length + 1);
	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)length, 0), length);
	close(fd);
	return text;
}

static void through_everything(void)
{
	for (size_t i = 0; encoders[i]; i++)
		free(output(encoders[i]->encode));
	free(output(write_report));
}

static void assert_text_has(const char *line)
{
	char *text = output(encoder_find("text")->encode);

	if (!strstr(text, line))
		fail_msg("\"%s\" is not in:\n%s", line, text);
	free(text);
}

/* ---- one finding each ------------------------------------------------------ */

/* Who is woken, named, born, sent a signal to, has tid 0: the idle task. */
static void test_tid_0(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "someone");
	put_waking(&b, 0, 2000, 100, 0, 0, 3);
	put_rename(&b, 0, 2100, 100, 0, "renamed");
	put_signal(&b, 0, 2200, 100, 0, 9, 0, 0, 1);
	put_newtask(&b, 0, 2300, 100, 0, FLIGHTREC_NEWTASK_TARGET, 0);
	put_exec(&b, 0, 2400, 0, 0, "/bin/idle");
	put_task_exit(&b, 0, 2500, 0, 0, FLIGHTREC_TASK_EXIT_GROUP);
	window_builder_finish(&b, 3000);
	through_everything();
	assert_text_has("waking swapper[0]");
	assert_text_has("rename [0] \"swapper\" -> \"renamed\"");
}

/* From one end of 64 bits to the other it is more than 63 bits. */
static void test_times_far_apart(void **unused)
{
	uint64_t start = 1ULL << 40;

	(void)unused;
	b.header.clock = FLIGHTREC_CLOCK_TSC;
	b.header.clock_khz = 1;
	b.header.start_clock = start;
	window_builder_task(&b, 100, "someone");
	put_switch(&b, 0, start + 1, 0, 100, 0, NEXT_TARGET);
	put_enter(&b, 0, start + 2, 100, NR_READ, 3);
	put_switch(&b, 0, start + 3, 100, 0, 1, PREV_TARGET);
	put_switch(&b, 0, start * 3, 0, 100, 0, NEXT_TARGET);
	put_exit(&b, 0, start * 3 + 1, 100, NR_READ, 1);
	window_builder_call(&b, 100, NR_READ, 0);
	window_builder_finish(&b, start * 3 + 2);
	header()->start_mono_ns = (uint64_t)INT64_MIN;
	header()->cut_mono_ns = INT64_MAX;
	header()->complete_clock = 0;
	through_everything();
	header()->start_mono_ns = 0;
	header()->start_clock = start * 3;
	through_everything();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_tid_0),
		TEST(test_times_far_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
