// SPDX-License-Identifier: GPL-2.0
/*
 * One window of flightrec watch. What it is about is read out of the window itself,
 * before it gets its name.
 */
#include "cli.h"
#include "device.h"
#include "output.h"
#include "triggers.h"
#include "watch.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <firing.h>
#include <inttypes.h>
#include <keep.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/**
 * struct found - what a window is about
 * @asked: it was asked for, and is about nothing
 * @firing: else
 * @comm: of firing.tid
 * @real_ns: when, CLOCK_REALTIME
 * @keep: how far it reaches back on all CPUs
 * @bytes: its length
 */
struct found {
	bool asked;
	struct flightrec_firing firing;
	char comm[FLIGHTREC_COMM_BYTES];
	int64_t real_ns;
	struct flightrec_keep keep;
	uint64_t bytes;
};

static void find_name(struct found *found,
		      const struct flightrec_reader *reader)
{
	const struct flightrec_window_task *task;
	char comm[FLIGHTREC_COMM_BYTES + 1] = "unknown";

	task = flightrec_reader_who(reader, found->firing.tid,
				    found->firing.clock);
	if (task)
		snprintf(comm, sizeof(comm), "%.*s", FLIGHTREC_COMM_BYTES,
			 (const char *)task->comm);
	store_safe(found->comm, comm);
}

static void find(struct found *found, const struct watch *watch,
		 const struct flightrec_reader *reader)
{
	const struct flightrec_window *window = flightrec_reader_window(reader);

	flightrec_keep_of_reader(reader, &found->keep);
	found->bytes = window->window_bytes;
	found->firing = window->firing;
	if (!found->asked && !found->firing.sequence)
		found->firing = watch->firing;
	if (found->asked) {
		found->real_ns = (int64_t)window->cut_real_ns;
		return;
	}
	found->real_ns = flightrec_reader_real_ns(reader, found->firing.clock);
	find_name(found, reader);
}

static void put_time(char text[32], int64_t real_ns)
{
	time_t seconds = (time_t)(real_ns / (int64_t)WATCH_NS_PER_S);
	struct tm tm = { 0 };

	localtime_r(&seconds, &tm);
	strftime(text, 32, "%H:%M:%S", &tm);
}

/* "14:03:07 redis-server[412] futex took 31.2 ms, longer than 20.0 ms" */
static void summarize(char text[WATCH_SUMMARY_BYTES], const struct found *found)
{
	char instant[32], words[FIRING_BYTES];

	put_time(instant, found->real_ns);
	if (found->asked) {
		snprintf(text, WATCH_SUMMARY_BYTES, "%s asked for", instant);
		return;
	}
	firing_describe(words, &found->firing, triggers_machine());
	snprintf(text, WATCH_SUMMARY_BYTES, "%s %s[%u] %s", instant,
		 found->comm, found->firing.tid, words);
}

/* ---- writing -------------------------------------------------------------- */

/* Said once, and then again when it is something else: how much is free, say, is not. */
static enum watch_result trouble(struct watch *watch, int error,
				 const char *why)
{
	if (error != watch->trouble) {
		cli_note("no window written: %s; trying again", why);
		watch->trouble = error;
	}
	return WATCH_LATER;
}

static enum watch_result cannot_read(struct watch *watch, int error)
{
	char why[STORE_WHY_BYTES];

	if (error == -ENODATA || error == -ESTALE) {
		cli_note(
			"no window written: recording was stopped, or thawed, just now");
		return WATCH_GONE;
	}
	snprintf(why, sizeof(why), "the window cannot be read: %s",
		 cli_why(error));
	return trouble(watch, error, why);
}

static enum watch_result cannot_write(struct watch *watch, int error)
{
	char why[STORE_WHY_BYTES];

	snprintf(why, sizeof(why), "%s: %s", watch->store.directory,
		 cli_why(error));
	return trouble(watch, error, why);
}

static enum watch_result name_it(struct watch *watch, struct output *output,
				 struct found *found,
				 char name[STORE_NAME_BYTES + 8])
{
	struct flightrec_error why;
	struct flightrec_reader *reader;
	int error = flightrec_reader_open(output->temporary, &reader, &why);

	if (error)
		return trouble(watch, error, why.text);
	find(found, watch, reader);
	flightrec_reader_destroy(reader);
	store_name(name, found->real_ns, found->asked ? NULL : &found->firing,
		   found->comm);
	strcat(name, STORE_WINDOW);
	error = output_name(output, name);
	return error ? cannot_write(watch, error) : WATCH_TAKEN;
}

static enum watch_result copy(struct watch *watch, struct output *output)
{
	/* A descriptor gives one window. */
	int fd = device_open(O_RDONLY);
	enum watch_result result;
	int error = 0;

	if (fd < 0)
		return WATCH_LATER;
	switch (window_copy(fd, output, &error)) {
	case WINDOW_TAKEN:
		result = WATCH_TAKEN;
		break;
	case WINDOW_NOT_WRITTEN:
		result = cannot_write(watch, error);
		break;
	default:
		result = cannot_read(watch, error);
		break;
	}
	close(fd);
	return result;
}

static enum watch_result write_it(struct watch *watch, struct found *found,
				  char name[STORE_NAME_BYTES + 8])
{
	enum watch_result result;
	struct output output;
	int error;

	error = output_open_unnamed(&output, watch->store.directory,
				    STORE_TEMPORARY);
	if (error)
		return cannot_write(watch, error);
	result = copy(watch, &output);
	if (result == WATCH_TAKEN)
		result = name_it(watch, &output, found, name);
	if (result != WATCH_TAKEN) {
		output_abandon(&output);
		return result;
	}
	error = output_commit(&output);
	return error ? cannot_write(watch, error) : WATCH_TAKEN;
}

static void tell(struct watch *watch, const struct found *found,
		 const char *name)
{
	char path[PATH_MAX], keep[KEEP_BYTES];
	bool asked = found->keep.verdict != FLIGHTREC_KEEP_UNASKED;

	keep_describe(keep, &found->keep);
	snprintf(path, sizeof(path), "%s/%s", watch->store.directory, name);
	summarize(watch->last, found);
	if (watch->trouble)
		cli_note("windows are written again");
	watch->trouble = 0;
	watch->windows++;
	printf("%s: %s (%s, %s of tape%s%s)\n", path, watch->last,
	       cli_size(found->bytes).text,
	       cli_duration(found->keep.held_ns).text, asked ? "; keep: " : "",
	       asked ? keep : "");
	fflush(stdout);
	jobs_add(&watch->jobs, path, watch->last);
}

enum watch_result watch_take(struct watch *watch, bool asked)
{
	struct found found = { .asked = asked };
	char name[STORE_NAME_BYTES + 8], why[STORE_WHY_BYTES];
	enum watch_result result;
	int error = store_lock(&watch->store, why);

	if (!error)
		error = store_make_room(&watch->store,
					watch->moment.stats.memory_bytes, why);
	if (error)
		return trouble(watch, error, why);
	result = write_it(watch, &found, name);
	if (result != WATCH_TAKEN)
		return result;
	if (found.firing.sequence > watch->covered)
		watch->covered = found.firing.sequence;
	tell(watch, &found, name);
	store_prune(&watch->store);
	return WATCH_TAKEN;
}
