/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the tests of the Perfetto encoder: a window that is built, encoded, read
 * by protoc with our own trace.proto, and made into lines by flatten.awk, which
 * says what the lines look like.
 */
#ifndef TRACE_H
#define TRACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "encoder.h"
#include "put.h"

/* CLOCK_BOOTTIME minus CLOCK_MONOTONIC in the windows of window_builder. */
#define BOOT_NS 1000000000

static struct window_builder b;
static char directory[64];
static char trace_path[96];
static char **lines;
static size_t lines_count;

static inline const char *tests_place(void)
{
	const char *top = getenv("FLIGHTREC_TOP");
	static char place[4096];

	if (!top)
		fail_msg("FLIGHTREC_TOP is not set: run `make check`");
	snprintf(place, sizeof(place), "%s/userspace/tests/perfetto", top);
	return place;
}

/* ---- shell commands ------------------------------------------------------ */

static inline FILE *open_pipe(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static inline int run(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static inline FILE *open_pipe(const char *format, ...)
{
	char *command;
	va_list args;
	FILE *pipe;

	va_start(args, format);
	assert_true(vasprintf(&command, format, args) > 0);
	va_end(args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	free(command);
	return pipe;
}

/* Its exit status. */
static inline int run(const char *format, ...)
{
	char *command;
	va_list args;
	int status;

	va_start(args, format);
	assert_true(vasprintf(&command, format, args) > 0);
	va_end(args);
	status = system(command);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Before all tests of a program: without protoc nothing can be said. */
static inline int need_protoc(void **unused)
{
	(void)unused;
	if (run("command -v protoc >/dev/null") == 0)
		return 0;
	print_error("protoc is missing (package protobuf-compiler)\n");
	return -1;
}

/* ---- a window and its trace ---------------------------------------------- */

static inline int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	strcpy(directory, "/tmp/test_perfetto.XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(trace_path, sizeof(trace_path), "%s/trace.pftrace", directory);
	lines = NULL;
	lines_count = 0;
	return 0;
}

static inline void forget_lines(void)
{
	for (size_t i = 0; i < lines_count; i++)
		free(lines[i]);
	free(lines);
	lines = NULL;
	lines_count = 0;
}

static inline int teardown(void **unused)
{
	(void)unused;
	forget_lines();
	window_builder_deinit(&b);
	return run("rm -rf '%s'", directory);
}

/* ---- encoding and reading ------------------------------------------------ */

/*
 * Encode the finished window's first @length bytes; what the encoder returns.
 */
static inline int encode(size_t length, struct flightrec_error *error)
{
	int fd = open(trace_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct flightrec_reader *reader;
	struct sink sink;
	int ret;

	assert_true(fd >= 0);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, length, &reader,
						      NULL),
			 0);
	assert_int_equal(sink_init(&sink, fd), 0);
	ret = encoder_find("perfetto")->encode(reader, &sink, error);
	sink_deinit(&sink);
	flightrec_reader_destroy(reader);
	close(fd);
	return ret;
}

static inline void add_line(const char *line)
{
	if (!(lines_count & (lines_count - 1)))
		lines = realloc(lines,
				sizeof(*lines) *
					(lines_count ? 2 * lines_count : 1));
	assert_non_null(lines);
	lines[lines_count] = strdup(line);
	assert_non_null(lines[lines_count]);
	lines[lines_count][strcspn(line, "\n")] = 0;
	lines_count++;
}

static inline void read_lines(void)
{
	char *line = NULL;
	size_t room = 0;
	FILE *pipe;

	pipe = open_pipe("protoc --proto_path='%s' --decode=Trace trace.proto "
			 "<'%s' | LC_ALL=C awk -f '%s/flatten.awk'",
			 tests_place(), trace_path, tests_place());
	forget_lines();
	while (getline(&line, &room, pipe) > 0)
		add_line(line);
	free(line);
	assert_int_equal(pclose(pipe), 0);
	assert_true(lines_count > 0);
}

/* Every rule that holds for any trace holds for this one. */
static inline void check_rules(void)
{
	assert_int_equal(run("'%s/check-pftrace' '%s' >'%s/said' || "
			     "{ cat '%s/said'; false; }",
			     tests_place(), trace_path, directory, directory),
			 0);
}

/* The window, with its cut at @cut, as a trace in lines. */
static inline void make_trace(uint64_t cut)
{
	struct flightrec_error error = { 0 };

	window_builder_finish(&b, cut);
	assert_int_equal(encode(b.length, &error), 0);
	read_lines();
	check_rules();
}

/* ---- looking for lines --------------------------------------------------- */

/* Is @field, "KEY=VALUE", one of the line's? */
static inline bool has_field(const char *line, const char *field)
{
	size_t length = strlen(field);

	while ((line = strchr(line, '\t'))) {
		line++;
		if (!strncmp(line, field, length) &&
		    (line[length] == '\t' || !line[length]))
			return true;
	}
	return false;
}

/* Is there a field with that key? */
static inline bool has_key(const char *line, const char *key)
{
	size_t length = strlen(key);

	while ((line = strchr(line, '\t'))) {
		line++;
		if (!strncmp(line, key, length) && line[length] == '=')
			return true;
	}
	return false;
}

static inline bool matches(const char *line, const char *begin,
			   const char *const *fields)
{
	size_t length = strlen(begin);

	if (strncmp(line, begin, length) ||
	    (line[length] && line[length] != '\t'))
		return false;
	for (; *fields; fields++) {
		if (!has_field(line, *fields))
			return false;
	}
	return true;
}

/* Index of the first line from @from on that is so; lines_count: none. */
static inline size_t find_from(size_t from, const char *begin,
			       const char *const *fields)
{
	while (from < lines_count && !matches(lines[from], begin, fields))
		from++;
	return from;
}

static inline size_t count_lines(const char *begin, const char *const *fields)
{
	size_t count = 0, at = 0;

	for (; (at = find_from(at, begin, fields)) < lines_count; at++)
		count++;
	return count;
}

static inline size_t must_find(size_t from, const char *begin,
			       const char *const *fields)
{
	size_t at = find_from(from, begin, fields);

	if (at < lines_count)
		return at;
	print_error("no line \"%s\" with", begin);
	for (; *fields; fields++)
		print_error(" %s", *fields);
	print_error(" in:\n");
	for (at = from; at < lines_count; at++)
		print_error("%s\n", lines[at]);
	fail();
	return at;
}

#define FIELDS(...)	 ((const char *const[]){ __VA_ARGS__, NULL })
/*
 * The line of an event or a packet with these fields: it must be there, once.
 */
#define EVENT(kind, ...) must_find(0, "event\t" kind, FIELDS(__VA_ARGS__))
#define EVENT_FROM(from, kind, ...) \
	must_find(from, "event\t" kind, FIELDS(__VA_ARGS__))
#define PACKET(...)	  must_find(0, "packet", FIELDS(__VA_ARGS__))
#define EVENTS(kind, ...) count_lines("event\t" kind, FIELDS(__VA_ARGS__))

/* Tabs separate a line's kind and its event's. */
static inline size_t packet_of(size_t line)
{
	while (strncmp(lines[line], "packet\t", 7))
		line--;
	return (size_t)atol(lines[line] + 7);
}

/* The stamp of an event's line. */
static inline uint64_t stamp(size_t line)
{
	const char *at = strstr(lines[line], "\tts=");

	assert_non_null(at);
	return strtoull(at + 4, NULL, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif /* TRACE_H */
