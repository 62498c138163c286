// SPDX-License-Identifier: GPL-2.0
/* Plants situations and reports on them: see report_stage.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "report.h"
#include "report_stage.h"

#define START_NS    10000000000ULL
#define TARGETS_MAX 64

struct window_builder report_stage;

static uint32_t targets[TARGETS_MAX];
static size_t targets_count;
static char *text;

int report_stage_begin(void **unused)
{
	(void)unused;
	setenv("TZ", "UTC", 1);
	tzset();
	window_builder_init(&report_stage);
	report_stage.header.start_clock = START_NS;
	report_stage.header.start_mono_ns = START_NS;
	targets_count = 0;
	text = NULL;
	return 0;
}

int report_stage_end(void **unused)
{
	(void)unused;
	window_builder_deinit(&report_stage);
	free(text);
	text = NULL;
	return 0;
}

uint64_t report_stage_clock(uint64_t us)
{
	return START_NS + us * 1000;
}

/* ---- who ---------------------------------------------------------------- */

struct flightrec_window_task *report_stage_target(uint32_t tid,
						  const char *comm)
{
	assert_true(targets_count < TARGETS_MAX);
	targets[targets_count++] = tid;
	return window_builder_task(&report_stage, tid, comm);
}

struct flightrec_window_task *report_stage_other(uint32_t tid, const char *comm,
						 uint32_t policy,
						 uint32_t rt_priority)
{
	struct flightrec_window_task *task;

	task = window_builder_task(&report_stage, tid, comm);
	task->flags &= ~FLIGHTREC_TASK_TARGET;
	task->policy = policy;
	task->rt_priority = rt_priority;
	return task;
}

static bool is_target(uint32_t tid)
{
	for (size_t i = 0; i < targets_count; i++) {
		if (targets[i] == tid)
			return true;
	}
	return false;
}

/* ---- what happens ------------------------------------------------------- */

void report_stage_cpu(uint32_t cpu, uint32_t tid)
{
	window_builder_block(&report_stage, cpu, START_NS, tid);
}

static void emit(uint32_t cpu, uint64_t us, uint32_t tid,
		 const struct fr_record *record)
{
	window_builder_emit(&report_stage, cpu, report_stage_clock(us), tid,
			    record);
}

static void put_switch(uint32_t cpu, uint64_t us, uint32_t tid, uint32_t next,
		       uint32_t state, uint32_t flags)
{
	struct fr_record record;

	if (is_target(tid))
		flags |= FLIGHTREC_SWITCH_PREV_TARGET;
	if (is_target(next))
		flags |= FLIGHTREC_SWITCH_NEXT_TARGET;
	fr_record_switch(&record, next, state, flags);
	emit(cpu, us, tid, &record);
}

void report_stage_switch(uint32_t cpu, uint64_t us, uint32_t tid, uint32_t next,
			 uint32_t state)
{
	put_switch(cpu, us, tid, next, state, 0);
}

void report_stage_watched(uint32_t cpu, uint64_t us, uint32_t tid,
			  uint32_t next, uint32_t state)
{
	put_switch(cpu, us, tid, next, state, FLIGHTREC_SWITCH_WATCHED);
}

void report_stage_waking(uint32_t cpu, uint64_t us, uint32_t tid,
			 uint32_t wakee, uint32_t context)
{
	struct fr_record record;
	uint32_t flags = 0;

	if (is_target(wakee))
		flags |= FLIGHTREC_WAKING_WAKEE_TARGET;
	if (is_target(tid))
		flags |= FLIGHTREC_WAKING_WAKER_TARGET;
	fr_record_waking(&record, wakee, context, flags);
	emit(cpu, us, tid, &record);
}

void report_stage_migrate(uint32_t cpu, uint64_t us, uint32_t tid,
			  uint32_t moved, uint32_t to)
{
	struct fr_record record;

	fr_record_migrate(&record, moved, to);
	emit(cpu, us, tid, &record);
}

void report_stage_irq_entry(uint32_t cpu, uint64_t us, uint32_t tid,
			    uint32_t kind, uint32_t number, const char *name)
{
	struct fr_record record;

	fr_record_irq_entry(&record, kind, number, name);
	emit(cpu, us, tid, &record);
}

void report_stage_irq_exit(uint32_t cpu, uint64_t us, uint32_t tid,
			   uint32_t kind, uint32_t number)
{
	struct fr_record record;

	fr_record_irq_exit(&record, kind, number, FLIGHTREC_IRQ_HANDLED);
	emit(cpu, us, tid, &record);
}

void report_stage_enter(uint32_t cpu, uint64_t us, uint32_t tid, int32_t nr,
			uint64_t arg)
{
	struct fr_record record;
	__u64 args[1] = { arg };

	fr_record_enter(&record, nr, 0, args, 1);
	emit(cpu, us, tid, &record);
}

void report_stage_exit(uint32_t cpu, uint64_t us, uint32_t tid, int32_t nr,
		       int64_t result)
{
	struct fr_record record;

	fr_record_exit(&record, nr, 0, result);
	emit(cpu, us, tid, &record);
}

void report_stage_newtask(uint32_t cpu, uint64_t us, uint32_t tid,
			  uint32_t child, uint32_t flags)
{
	struct fr_record record;

	fr_record_newtask(&record, child, flags, 0);
	emit(cpu, us, tid, &record);
}

void report_stage_task_exit(uint32_t cpu, uint64_t us, uint32_t tid,
			    uint32_t code, uint32_t flags)
{
	struct fr_record record;

	fr_record_task_exit(&record, code, flags);
	emit(cpu, us, tid, &record);
}

static void put_signal(uint32_t cpu, uint64_t us, uint32_t tid,
		       uint32_t receiver, int sig, int32_t code, int group)
{
	struct fr_record record;

	fr_record_signal_generate(&record, receiver, sig,
				  FLIGHTREC_SIGNAL_DELIVERED, code, group);
	emit(cpu, us, tid, &record);
}

void report_stage_signal(uint32_t cpu, uint64_t us, uint32_t tid,
			 uint32_t receiver, int sig, int32_t code)
{
	put_signal(cpu, us, tid, receiver, sig, code, 1);
}

void report_stage_signal_thread(uint32_t cpu, uint64_t us, uint32_t tid,
				uint32_t receiver, int sig, int32_t code)
{
	put_signal(cpu, us, tid, receiver, sig, code, 0);
}

void report_stage_deliver(uint32_t cpu, uint64_t us, uint32_t tid, int sig)
{
	struct fr_record record;

	fr_record_signal_deliver(&record, sig, FLIGHTREC_HANDLER_DEFAULT, 0, 0);
	emit(cpu, us, tid, &record);
}

void report_stage_mark(uint32_t cpu, uint64_t us, uint32_t tid,
		       const char *mark)
{
	struct fr_record record;

	fr_record_mark(&record, mark, strlen(mark));
	emit(cpu, us, tid, &record);
}

/* ---- the report --------------------------------------------------------- */

static void take_text(int fd)
{
	off_t length = lseek(fd, 0, SEEK_END);

	assert_true(length > 0);
	free(text);
	text = calloc(1, (size_t)length + 2);
	assert_non_null(text);
	/* A newline in front, so that every line has one on both sides. */
	text[0] = '\n';
	assert_int_equal(pread(fd, text + 1, (size_t)length, 0), length);
}

/* What report_write() returns. */
static int write_report(size_t length, const struct report_options *options)
{
	struct flightrec_error error = { 0 };
	struct flightrec_reader *reader;
	void *bytes = malloc(length);
	int fd = memfd_create("report", MFD_CLOEXEC);
	struct sink sink;
	int ret;

	assert_true(fd >= 0);
	assert_non_null(bytes);
	/* Of the right length, so that the sanitizer sees who reads on. */
	memcpy(bytes, report_stage.bytes, length);
	if (flightrec_reader_from_memory(bytes, length, &reader, &error))
		fail_msg("%s", error.text);
	assert_int_equal(sink_init(&sink, fd), 0);
	ret = report_write(reader, &sink, options, &error);
	assert_int_equal(sink_deinit(&sink), 0);
	flightrec_reader_destroy(reader);
	if (ret == 0)
		take_text(fd);
	close(fd);
	free(bytes);
	return ret;
}

int report_stage_write_with(uint64_t cut_us,
			    const struct report_options *options)
{
	window_builder_finish(&report_stage, report_stage_clock(cut_us));
	return write_report(report_stage.length, options);
}

void report_stage_write(uint64_t cut_us)
{
	assert_int_equal(report_stage_write_with(cut_us, NULL), 0);
}

void report_stage_write_all(uint64_t cut_us)
{
	const struct report_options options = { .all = true };

	assert_int_equal(report_stage_write_with(cut_us, &options), 0);
}

void report_stage_write_part(size_t length)
{
	assert_int_equal(write_report(length, NULL), 0);
}

const char *report_stage_text(void)
{
	return text + 1;
}

void report_stage_has(const char *lines)
{
	size_t length = strlen(lines);
	const char *at = text;

	while ((at = strstr(at, lines))) {
		if (at[-1] == '\n' &&
		    (lines[length - 1] == '\n' || at[length] == '\n'))
			return;
		at++;
	}
	fail_msg("not in the report:\n%s\n--- the report:\n%s", lines, text);
}

void report_stage_lacks(const char *part)
{
	if (strstr(text, part))
		fail_msg("in the report:\n%s\n--- the report:\n%s", part, text);
}

/* ---- its numbers -------------------------------------------------------- */

static bool read_numbers(const char *line, uint64_t us[5], int *end)
{
	unsigned long long ms[5];
	unsigned int rest[5];

	if (sscanf(line, " %llu.%3u %llu.%3u %llu.%3u %llu.%3u %llu.%3u %n",
		   &ms[0], &rest[0], &ms[1], &rest[1], &ms[2], &rest[2], &ms[3],
		   &rest[3], &ms[4], &rest[4], end) != 10)
		return false;
	for (int i = 0; i < 5; i++)
		us[i] = ms[i] * 1000 + rest[i];
	return true;
}

unsigned int report_stage_sums(void (*each)(const uint64_t us[5],
					    const char *thread))
{
	const char *line = text;
	unsigned int count = 0;
	uint64_t us[5];
	int end = 0;

	while ((line = strchr(line, '\n'))) {
		if (!read_numbers(++line, us, &end))
			continue;
		assert_int_equal(us[0], us[1] + us[2] + us[3] + us[4]);
		if (each)
			each(us, line + end);
		count++;
	}
	return count;
}

/* ---- its chains --------------------------------------------------------- */

#define DEPTH_MAX 32
#define DOT	  6 /* where the dot of a number stands that is not indented */
#define INDENT	  4

/**
 * struct level - one level of what is indented
 * @ns: the last number there
 * @below: what adds up below it
 * @any: something does
 */
struct level {
	uint64_t ns;
	uint64_t below;
	bool any;
};

/* "  12.345678  ...": the number in ns, and how deep it stands; -1: no number. */
static int read_part(const char *line, uint64_t *ns)
{
	unsigned long long ms, rest;
	int dot, end;

	if (sscanf(line, " %llu%n.%6llu%n  ", &ms, &dot, &rest, &end) != 2 ||
	    line[dot] != '.' || end != dot + 7 || strncmp(line + end, "  ", 2))
		return -1;
	*ns = ms * 1000000 + rest;
	return (dot - DOT) / INDENT;
}

static void close_levels(const struct level *levels, int from, int to)
{
	for (int i = from; i <= to; i++) {
		if (levels[i].any && levels[i].ns != levels[i].below)
			fail_msg("%llu ns are made of %llu:\n%s",
				 (unsigned long long)levels[i].ns,
				 (unsigned long long)levels[i].below, text);
	}
}

unsigned int report_stage_chains(void)
{
	const char *line = strstr(text, "\nwhat took the longest");
	struct level levels[DEPTH_MAX] = { 0 };
	unsigned int count = 0;
	int depth, last = -1;
	uint64_t ns;

	assert_non_null(line);
	for (line = strchr(line + 1, '\n'); line && line[1] && line[1] != '\n';
	     line = strchr(line + 1, '\n')) {
		depth = read_part(line + 1, &ns);
		if (depth < 0)
			continue;
		assert_true(depth < DEPTH_MAX && depth <= last + 1);
		close_levels(levels, depth, last);
		levels[depth] = (struct level){ .ns = ns };
		if (depth) {
			levels[depth - 1].any = true;
			levels[depth - 1].below += ns;
		}
		last = depth;
		count++;
	}
	close_levels(levels, 0, last);
	return count;
}
