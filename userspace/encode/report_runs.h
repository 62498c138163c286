/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who had a CPU lately: so that a thread which waited for it can be told who kept
 * it waiting. The last runs of each CPU are kept, as far as the tape tells them
 * without a break (FLIGHTREC_SWITCH_WATCHED).
 */
#ifndef REPORT_RUNS_H
#define REPORT_RUNS_H

#include "front.h"

struct report_runs_cpu;

/**
 * struct report_runs - the last runs of all CPUs
 * @reader: the window; converts times, and knows the CPUs
 * @cpus: one a CPU, by the reader's index
 */
struct report_runs {
	const struct flightrec_reader *reader;
	struct report_runs_cpu *cpus;
};

/**
 * struct report_hog - who had the CPU for the longest of a wait
 * @thread: it; NULL: not known, or nobody stands out
 * @ns: for how long in all
 * @complete: everyone who ran in that time is known
 */
struct report_hog {
	const struct front_thread *thread;
	uint64_t ns;
	bool complete;
};

/* Returns 0 or -ENOMEM; deinit either way. */
int report_runs_init(struct report_runs *runs,
		     const struct flightrec_reader *reader);
void report_runs_deinit(struct report_runs *runs);

/* Note what a step of the front end says. Returns 0 or -ENOMEM. */
int report_runs_step(struct report_runs *runs, const struct front_step *step);

/*
 * Who had @cpu from @from on, in ticks, until its last switch. Without
 * @hog->thread if the tape does not tell.
 */
void report_runs_hog(const struct report_runs *runs, uint32_t cpu,
		     uint64_t from, struct report_hog *hog);

/*
 * Does the next record of @cpu tell who has had it since @since, so far unknown, and
 * that it was the same one all along?
 */
bool report_runs_is_open(const struct report_runs *runs, uint32_t cpu,
			 uint64_t *since);

typedef void (*report_runs_function)(void *context,
				     const struct front_thread *thread,
				     uint64_t from, uint64_t to);

/*
 * Who had @cpu from @from to @to, a call each with when, in ticks, the last one
 * first, as far back from @to as it is known without a break.
 */
void report_runs_between(const struct report_runs *runs, uint32_t cpu,
			 uint64_t from, uint64_t to,
			 report_runs_function function, void *context);

#endif /* REPORT_RUNS_H */
