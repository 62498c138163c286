/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of flightrec watch:
 *
 *	watch.c		what it waits for, and what it then does
 *	watch_options.c	what it was told to do, by the command line and by a file
 *	watch_window.c	one window: taken, named, written
 *	watch_line.c	how things stand, on a terminal and for systemd
 *
 * Whatever goes wrong while it runs is said, once, and tried again: it ends when it
 * is told to, and never for a directory or a disk.
 */
#ifndef WATCH_H
#define WATCH_H

#include "jobs.h"
#include "moment.h"
#include "store.h"

#define WATCH_NS_PER_S	    1000000000ULL
#define WATCH_SUMMARY_BYTES 320
#define WATCH_STATUS_BYTES  512

/**
 * struct watch_options - what to do
 * @store: its directory and bounds; not open
 * @report: a report beside each window
 * @command: for the shell, on each window; NULL: none
 * @limit_ns: how long report and command may take
 * @file: with more options; NULL: none
 * @words: what was read from it; what is said here may point there
 */
struct watch_options {
	struct store store;
	bool report;
	const char *command;
	uint64_t limit_ns;
	const char *file;
	char *words;
};

/* True: go on; false: return *status. */
bool watch_options_init(struct watch_options *options, int argc, char *argv[],
			int *status);
void watch_options_deinit(struct watch_options *options);

/**
 * struct watch - a watcher
 * @options: in force
 * @store: where windows go
 * @jobs: what is done with them
 * @fd: the device, for asking and waiting
 * @signals: as a descriptor
 * @moment: how things stood last
 * @rate: events a second lately
 * @rate_events: how many there were when that was reckoned
 * @rate_mono_ns: when
 * @told: the last firing that the device has told of
 * @covered: the last one that is in a window
 * @due: @firing is not in a window yet
 * @firing: the last one
 * @asked: somebody wants a window (SIGUSR1)
 * @retry: not before, CLOCK_MONOTONIC: the last try failed; 0: it did not
 * @trouble: why, a negative errno, so that it is said once; 0: none
 * @written_ns: the cut, CLOCK_MONOTONIC, of the last frozen window that was written
 * @stuck: why that could not be thawed, a negative errno, so that it is said once
 * @windows: how many were written
 * @last: of the last one, a line
 * @terminal: there is a line that is written anew all the time
 * @drawn: it stands there
 * @status: what systemd was told last
 * @ending: it was told to end
 */
struct watch {
	struct watch_options options;
	struct store store;
	struct jobs jobs;
	int fd;
	int signals;
	struct moment moment;
	uint64_t rate;
	uint64_t rate_events;
	uint64_t rate_mono_ns;
	uint64_t told;
	uint64_t covered;
	bool due;
	struct flightrec_firing firing;
	bool asked;
	uint64_t retry;
	int trouble;
	uint64_t written_ns;
	int stuck;
	uint64_t windows;
	char last[WATCH_SUMMARY_BYTES];
	bool terminal;
	bool drawn;
	char status[WATCH_STATUS_BYTES];
	bool ending;
};

/* ---- watch_window.c ---- */

enum watch_result {
	WATCH_TAKEN,
	WATCH_GONE,  /* there is no window any more: no use in trying again */
	WATCH_LATER, /* it could not be written; said, if it is news */
};

/* Write what the device reads as now; @asked: for its own sake, not for a firing. */
enum watch_result watch_take(struct watch *watch, bool asked);

/* ---- watch_line.c ---- */

void watch_line_draw(struct watch *watch);
/* Before anything else is printed. */
void watch_line_clear(struct watch *watch);

#endif /* WATCH_H */
