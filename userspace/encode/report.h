/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The report: what a window shows, in words, the worst first. One pass over the
 * window learns where it has holes, two (the front's) tell the story; then one
 * more for each link of the longest chain of who waited for whom, seven at most.
 * Memory grows with threads, names of calls and (8 bytes each) scopes, not with
 * other events.
 *
 * Everything is computed from the window. What the tape cannot know is said to
 * be not recorded, and nothing is claimed across a hole in the recording.
 */
#ifndef REPORT_H
#define REPORT_H

#include <libflightrec.h>
#include "sink.h"

/**
 * struct report_options - how much to print
 * @all: every thread and every call, not just the first of them
 * @last_moments: nothing but the last moments of those who died, and what the
 *	recording lacks
 * @tid: of the process that has this thread, dead or alive; 0: of all who died
 * @others: with @tid: after it of all others who died, and no more than that
 * @around: nothing but what took the longest of what was going on within
 *	@within_ns before or after the newest mark that begins with this; NULL: all
 *	the time
 * @within_ns: see there
 * @slower_ns: nothing but waits, calls and scopes that took as long as this, and
 *	longer;
 *	0: the usual report
 */
struct report_options {
	bool all;
	bool last_moments;
	bool others;
	uint32_t tid;
	const char *around;
	uint64_t within_ns;
	uint64_t slower_ns;
};

/**
 * report_write() - write the report on a window
 * @reader: the window; is rewound
 * @sink: where to; is flushed
 * @options: NULL: the usual ones
 * @error: (out) filled in on failure
 *
 * Times of day are in the zone of the caller (TZ). A window that is damaged is
 * no error: the report says so.
 *
 * Return: 0, or a negative errno and then says why in @error: -ESRCH: no target
 * has @options->tid; -ENOENT: no mark begins with @options->around.
 */
int report_write(struct flightrec_reader *reader, struct sink *sink,
		 const struct report_options *options,
		 struct flightrec_error *error);

#endif /* REPORT_H */
