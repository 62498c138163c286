/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What flightrec watch does with a window that is written: its report beside it,
 * then a command of the user's. Each in a process of its own, one after the
 * other, so that the next window does not wait; a process has its time, and then
 * is ended.
 */
#ifndef JOBS_H
#define JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define JOBS_MAX 64

/**
 * struct job - one window
 * @window: its path
 * @summary: what it is about, one line
 */
struct job {
	char *window;
	char *summary;
};

/**
 * struct jobs - all of them
 * @report: write reports
 * @command: for the shell; NULL: none
 * @limit_ns: how long a process may take
 * @waiting: in order
 * @count: how many wait, the one that is under way included
 * @running: process id of the first one's; 0: none is under way
 * @deadline: when it is ended, CLOCK_MONOTONIC
 * @ended: it was told to end
 */
struct jobs {
	bool report;
	const char *command;
	uint64_t limit_ns;
	struct job waiting[JOBS_MAX];
	size_t count;
	pid_t running;
	uint64_t deadline;
	bool ended;
};

/* @close_in_child: a descriptor that must not live on in the process; -1: none. */
void jobs_add(struct jobs *jobs, const char *window, const char *summary);
/* Reap, end, begin: whatever is due. */
void jobs_step(struct jobs *jobs, int close_in_child);
/* When jobs_step() has something to do though no child has ended; or UINT64_MAX. */
uint64_t jobs_due(const struct jobs *jobs);
/* End what is under way, forget the rest. */
void jobs_deinit(struct jobs *jobs);

#endif /* JOBS_H */
