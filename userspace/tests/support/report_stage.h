/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stage for tests of the report: plants a situation in a window and holds the
 * report on it. There is one, with the zone UTC; times are microseconds since
 * the start, which is 22:13:30 there.
 *
 *	report_stage_begin();
 *	report_stage_target(412, "redis-server");
 *	report_stage_cpu(0, 412);
 *	report_stage_switch(0, 100, 412, 431, FLIGHTREC_STATE_PREEMPTED);
 *	...
 *	report_stage_write(5000);
 *	report_stage_has("worst wait ...\n  preempted by ...\n");
 *	report_stage_end();
 */
#ifndef REPORT_STAGE_H
#define REPORT_STAGE_H

#include "report.h"
#include "window_builder.h"

/* x86_64 */
#define STAGE_READ	  0
#define STAGE_WRITE	  1
#define STAGE_SCHED_YIELD 24
#define STAGE_SIGPROCMASK 14
#define STAGE_NANOSLEEP	  35
#define STAGE_CLONE	  56
#define STAGE_EXIT	  60
#define STAGE_FUTEX	  202
#define STAGE_EXIT_GROUP  231
#define STAGE_EPOLL_WAIT  232

#define STAGE_FIFO	  1

extern struct window_builder report_stage;

/* As cmocka's setup and teardown. */
int report_stage_begin(void **unused);
int report_stage_end(void **unused);

uint64_t report_stage_clock(uint64_t us);

/* Who there is. What they return may be changed until the next one. */
struct flightrec_window_task *report_stage_target(uint32_t tid,
						  const char *comm);
/* A bystander with a policy. */
struct flightrec_window_task *report_stage_other(uint32_t tid, const char *comm,
						 uint32_t policy,
						 uint32_t rt_priority);

/* @cpu's tape begins at the start; @tid runs there. */
void report_stage_cpu(uint32_t cpu, uint32_t tid);

void report_stage_switch(uint32_t cpu, uint64_t us, uint32_t tid, uint32_t next,
			 uint32_t state);
/* Likewise, on a CPU that was watched since the switch before. */
void report_stage_watched(uint32_t cpu, uint64_t us, uint32_t tid,
			  uint32_t next, uint32_t state);
void report_stage_waking(uint32_t cpu, uint64_t us, uint32_t tid,
			 uint32_t wakee, uint32_t context);
/* @moved waits for @to from here on. */
void report_stage_migrate(uint32_t cpu, uint64_t us, uint32_t tid,
			  uint32_t moved, uint32_t to);
/* @name: NULL: none. */
void report_stage_irq_entry(uint32_t cpu, uint64_t us, uint32_t tid,
			    uint32_t kind, uint32_t number, const char *name);
void report_stage_irq_exit(uint32_t cpu, uint64_t us, uint32_t tid,
			   uint32_t kind, uint32_t number);
void report_stage_enter(uint32_t cpu, uint64_t us, uint32_t tid, int32_t nr,
			uint64_t arg);
void report_stage_exit(uint32_t cpu, uint64_t us, uint32_t tid, int32_t nr,
		       int64_t result);
void report_stage_newtask(uint32_t cpu, uint64_t us, uint32_t tid,
			  uint32_t child, uint32_t flags);
void report_stage_task_exit(uint32_t cpu, uint64_t us, uint32_t tid,
			    uint32_t code, uint32_t flags);
/* To the process of @receiver; to that thread alone. */
void report_stage_signal(uint32_t cpu, uint64_t us, uint32_t tid,
			 uint32_t receiver, int sig, int32_t code);
void report_stage_signal_thread(uint32_t cpu, uint64_t us, uint32_t tid,
				uint32_t receiver, int sig, int32_t code);
/* It gets a signal for which it has no handler. */
void report_stage_deliver(uint32_t cpu, uint64_t us, uint32_t tid, int sig);
void report_stage_mark(uint32_t cpu, uint64_t us, uint32_t tid,
		       const char *mark);

/* End the window and report on it: as report_write() does, and returns; the usual
 * way; all of it; of the first @length bytes. */
int report_stage_write_with(uint64_t cut_us,
			    const struct report_options *options);
void report_stage_write(uint64_t cut_us);
void report_stage_write_all(uint64_t cut_us);
void report_stage_write_part(size_t length);

/* The report. */
const char *report_stage_text(void);
/* These whole lines stand in it, in a row; nothing like this does. */
void report_stage_has(const char *lines);
void report_stage_lacks(const char *part);

/*
 * Read each thread's line of numbers, check that its parts add up to its total,
 * and count the lines. @each, if not NULL, is given the five numbers in us
 * (total, running, waiting, blocked, unknown) and the rest of the line.
 */
unsigned int report_stage_sums(void (*each)(const uint64_t us[5],
					    const char *thread));

/*
 * Read what took the longest, check that what is indented below a line adds up to
 * it, to the nanosecond, and count the lines.
 */
unsigned int report_stage_chains(void);

#endif /* REPORT_STAGE_H */
