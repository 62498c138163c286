/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the report, shared by the files that make it up:
 *
 *	report.c		the passes over the window
 *	report_cover.c		where the window has holes
 *	report_runs.c		who had a CPU lately
 *	report_irqs.c		when interrupts had a CPU
 *	report_threads.c	where each thread's time went, the worst wait
 *	report_flow.c		the calls that threads make, what came after
 *	report_calls.c		calls by name
 *	report_scopes.c		scopes by name, and their table
 *	report_deaths.c		who died, of what, by whom
 *	report_causes.c		what the longest waits are made of
 *	report_around.c		the time around a mark
 *	report_findings.c	prints what was found
 *	report_chains.c		prints what the longest waits are made of
 *	report_last.c		prints the last moments of the dead
 *	report_missing.c	prints what the recording lacks
 *	report_tables.c		prints window, threads and calls
 *	report_words.c		who, which call, how long, when
 *
 * Threads are the front end's; what is kept here of each is a tally.
 */
#ifndef REPORT_STATE_H
#define REPORT_STATE_H

#include "report.h"
#include "report_calls.h"
#include "report_causes.h"
#include "report_cover.h"
#include "report_irqs.h"
#include "report_runs.h"
#include "report_scopes.h"
#include "report_words.h"

enum report_part {
	REPORT_UNKNOWN, /* not recorded */
	REPORT_RUNNING,
	REPORT_WAITING, /* for a CPU */
	REPORT_BLOCKED,
	REPORT_PARTS,
};

/* How a span ended. */
enum report_end {
	REPORT_CHANGED, /* the thread went on to something else */
	REPORT_AT_CUT,	/* it had not by the end of the window */
	REPORT_AT_HOLE, /* what came then is not recorded */
};

/* How a thread that wants to go on lost its CPU. */
enum report_lost {
	REPORT_NOT_LOST, /* it had none */
	REPORT_PREEMPTED,
	REPORT_YIELDED,
	REPORT_LOST_SOMEHOW, /* one of them */
};

/**
 * struct report_past - a call that has returned
 * @call: in == FRONT_CALL_IN if there was one
 * @result: what it returned
 * @clock: when
 */
struct report_past {
	struct report_call call;
	int64_t result;
	uint64_t clock;
};

/**
 * struct report_stay - a thread waited for a CPU
 * @from: since when, in ticks
 * @cpu: which one; UINT32_MAX: not known
 */
struct report_stay {
	uint64_t from;
	uint32_t cpu;
};

/* As many are told apart in a wait. */
#define REPORT_STAYS_MAX 8

/**
 * struct report_span - a time in which a thread did one thing
 * @part: what
 * @end: how it ended
 * @from: when it began
 * @from_ns: the same instant, CLOCK_MONOTONIC
 * @ns: how long it took
 * @cpu: where the thread ran, or left; UINT32_MAX: not known
 * @to_cpu: WAITING: where it got to run; UINT32_MAX: not known
 * @exiting: it was about to die
 * @status: what the front end knew when it began
 * @by: who made it begin: who got the CPU, woke it, created it
 * @last: who made it end: WAITING: who ran there before; BLOCKED: who woke it;
 *	RUNNING: who ran there then
 * @context: BLOCKED: FLIGHTREC_CONTEXT_* of the waking
 * @after: what the front end said of the thread then
 * @lost: how it lost its CPU, if it did: when WAITING began, RUNNING ended
 * @call: the call that the thread was in when it began
 * @past: the call that had returned last, if it was in none
 * @hog: WAITING, of a long one: who had the CPU meanwhile for the longest
 * @hog_ns: for how long
 * @all_known: everyone who had it meanwhile is on the tape
 * @stays: WAITING: for which CPUs, one after the other: it may be moved
 * @stays_count: how many
 */
struct report_span {
	enum report_part part;
	enum report_end end;
	uint64_t from;
	int64_t from_ns;
	uint64_t ns;
	uint32_t cpu;
	uint32_t to_cpu;
	bool exiting;
	uint8_t context;
	enum front_state after;
	enum report_lost lost;
	struct front_status status;
	struct report_who by;
	struct report_who last;
	struct report_call call;
	struct report_past past;
	struct report_who hog;
	uint64_t hog_ns;
	bool all_known;
	struct report_stay stays[REPORT_STAYS_MAX];
	size_t stays_count;
};

/* In what a thread was blocked, if not in a call: report_blocked.nr. */
enum report_blocked_in {
	REPORT_IN_CALL,
	REPORT_IN_NOTHING, /* outside any call: a page fault, say */
	REPORT_IN_EXIT,
	REPORT_IN_STOP,
	REPORT_IN_TRACE,
	REPORT_IN_UNKNOWN, /* calls not recorded, or not this one */
	REPORT_IN_OTHERS,  /* one of more calls than are kept apart */
};

struct report_blocked {
	enum report_blocked_in in;
	bool compat;
	int32_t nr;
	const struct flightrec_call_name *name;
	uint64_t ns;
};

/**
 * struct report_stood - a span, as far as it is kept for when its thread dies
 * @part: what it did
 * @left_state: BLOCKED: FLIGHTREC_STATE_*
 * @cpu: where it ran, or left
 * @waker: BLOCKED: index of the thread that ran where it was woken; UINT32_MAX: none
 * @from: when that began
 * @to: and ended
 */
struct report_stood {
	enum report_part part;
	uint8_t left_state;
	uint32_t cpu;
	uint32_t waker;
	uint64_t from;
	uint64_t to;
};

#define REPORT_BLOCKED_MAX 64
#define REPORT_SIGNALS_MAX 8
/*
 * Of each thread, for its last moments. Between what kills it and its being doomed
 * come its waking and a wait.
 */
#define REPORT_PASTS_MAX   6
#define REPORT_STOOD_MAX   12

/**
 * struct report_signal - a signal sent to a thread or its process
 * @signal: its number; 0: none
 * @code: si_code
 * @clock: when
 * @sender: who ran when it was sent
 * @receiver: the index of the thread that it was sent to
 * @group: to its process, rather
 */
struct report_signal {
	uint8_t signal;
	bool group;
	uint32_t receiver;
	int32_t code;
	uint64_t clock;
	struct report_who sender;
};

/**
 * struct report_tally - where the time of one thread went
 * @thread: whose
 * @over: it is dead; nothing is added any more
 * @dead: it is among those of a death, linked by @dead_next
 * @loss: its call became unknown by a loss
 * @begin_ns: from when on it counts, CLOCK_MONOTONIC
 * @at_ns: up to when its time was added up
 * @end_ns: when it was dead
 * @exit_clock: its TASK_EXIT; 0: none
 * @doomed: when it became certain that it does nothing any more but end; 0: it is not
 * @unknown_until: the last time of which nothing is known ended here: calls
 *	that began before are in doubt
 * @now: what it does
 * @ns: time by part; adds up to @at_ns - @begin_ns
 * @count: spans by part
 * @longest: span by part
 * @blocked: time by what it was blocked in
 * @blocked_count: how many of them
 * @pasts: its last calls that returned; number i is at i % REPORT_PASTS_MAX
 * @pasts_count: how many there were in all
 * @at_enter: its time by part when it entered the call that it is in
 * @ended: the last call that ended without an EXIT
 * @ended_clock: when
 * @dying: the call that it died in
 * @stood: its last spans, those that began when it was doomed aside: dumping core
 *	and giving back memory takes as many as it may; number i is at
 *	i % REPORT_STOOD_MAX
 * @stood_count: how many there were in all
 * @dead_next: of those that died with it; NULL: no more
 */
struct report_tally {
	struct front_thread *thread;
	bool over;
	bool dead;
	bool loss;
	int64_t begin_ns;
	int64_t at_ns;
	int64_t end_ns;
	uint64_t exit_clock;
	uint64_t doomed;
	uint64_t unknown_until;
	struct report_span now;
	uint64_t ns[REPORT_PARTS];
	uint64_t count[REPORT_PARTS];
	struct report_span longest[REPORT_PARTS];
	struct report_blocked *blocked;
	size_t blocked_count;
	struct report_past pasts[REPORT_PASTS_MAX];
	uint64_t pasts_count;
	uint64_t at_enter[REPORT_PARTS];
	struct front_call ended;
	uint64_t ended_clock;
	struct report_call dying;
	struct report_stood stood[REPORT_STOOD_MAX];
	uint64_t stood_count;
	struct report_tally *dead_next;
};

/* The last call of a thread that returned; NULL: none did. */
static inline const struct report_past *
report_last_past(const struct report_tally *tally)
{
	if (!tally->pasts_count)
		return NULL;
	return &tally->pasts[(tally->pasts_count - 1) % REPORT_PASTS_MAX];
}

/* What became of a thread after its worst wait. */
enum report_follow {
	REPORT_FOLLOW_NONE,   /* nothing by the end of the window */
	REPORT_FOLLOW_CALL,   /* it made a call */
	REPORT_FOLLOW_RETURN, /* the call it was in returned */
	REPORT_FOLLOW_DEATH,
	REPORT_FOLLOW_UNKNOWN,
};

/**
 * struct report_finding - the worst of a kind
 * @found: there is one
 * @open: what follows it is still looked for
 * @index: of the thread
 * @who: the thread
 * @span: what happened to it
 * @follow: what followed
 * @call: REPORT_FOLLOW_CALL: the call that was made
 * @result: REPORT_FOLLOW_RETURN: of the call that it was in
 * @clock: when
 */
struct report_finding {
	bool found;
	bool open;
	uint32_t index;
	struct report_who who;
	struct report_span span;
	enum report_follow follow;
	struct report_call call;
	int64_t result;
	uint64_t clock;
};

/**
 * struct report_long_call - the longest system call
 * @found: there is one
 * @who: who was in it
 * @call: it
 * @ns: how long
 * @result: what it returned
 * @parts: what its thread did meanwhile, by part
 */
struct report_long_call {
	bool found;
	struct report_who who;
	struct report_call call;
	uint64_t ns;
	int64_t result;
	uint64_t parts[REPORT_PARTS];
};

/**
 * struct report_process - what led to the deaths of a process
 * @used: it is one
 * @tgid: its number
 * @death: the last of its deaths, counted from 1; 0: none
 * @signals: the last signals it got, the latest of each kind
 */
struct report_process {
	bool used;
	uint32_t tgid;
	size_t death;
	struct report_signal signals[REPORT_SIGNALS_MAX];
};

/**
 * struct report_death - a process, or some threads of it, ended with a code that
 *	is not 0
 * @before: the death before this one of the same process, counted from 1; 0: none
 * @tgid: of the process
 * @who: its first thread, or the one that was seen to die first
 * @code: as wait() has it
 * @threads: how many threads died of it
 * @over: the last thread has died
 * @by_itself: the signal was sent by a thread of the same process
 * @in_exit: it called exit() at @fatal
 * @alive: it has not died: where it stands at the end of the window
 * @clock: when the first one died
 * @fatal: when that became inevitable, as far as is known
 * @hit: index of the thread that it began with; UINT32_MAX: not known
 * @signal: the signal, signal == 0 if its sending is not recorded
 * @dead: the threads, the last one first
 */
struct report_death {
	size_t before;
	uint32_t tgid;
	uint32_t hit;
	struct report_who who;
	uint32_t code;
	uint64_t threads;
	bool over;
	bool by_itself;
	bool in_exit;
	bool alive;
	uint64_t clock;
	uint64_t fatal;
	struct report_signal signal;
	struct report_tally *dead;
};

/* The signal in a code as wait() has it; 0: it exited. */
static inline int report_term_signal(uint32_t code)
{
	return (int)(code & 0x7f);
}

static inline uint32_t report_tgid(const struct front_thread *thread)
{
	return thread->tgid ? thread->tgid : thread->tid;
}

/**
 * struct report_around - the mark around which to look
 * @found: there is one
 * @clock: its time
 * @mono_ns: the same instant
 * @within_ns: how far around it
 * @text: it
 * @length: of @text
 */
struct report_around {
	bool found;
	uint64_t clock;
	int64_t mono_ns;
	uint64_t within_ns;
	char text[FLIGHTREC_MARK_MAX];
	size_t length;
};

/**
 * struct report - a report being made
 * @reader: the window
 * @window: its header
 * @front: the model
 * @sink: where to
 * @all: print every thread and call
 * @cover: the window's holes
 * @runs: who had the CPUs lately
 * @irqs: when interrupts had them; of all the window, when it has been read
 * @tallies: by the threads' index; NULL: not a target
 * @tallies_room: how many there is room for
 * @tallies_count: how many there are that are not NULL
 * @seen: when something was last recorded on each CPU, as the reader has them;
 *	0: not yet
 * @begin_ns: where the first tape begins, CLOCK_MONOTONIC
 * @wait: the worst wait for a CPU
 * @block: the longest time off a CPU without wanting one
 * @call: the longest call that began and ended in the window
 * @flight: of the calls in flight at the end, the one that began first
 * @calls: calls by name
 * @scopes: scopes by name
 * @around: a mark, if only the time around it is of interest
 * @causes: the longest waits and calls
 * @deaths: who died of a signal, or exited with a status that is not 0
 * @deaths_count: how many
 * @processes: that got signals or died so, by a hash of the tgid
 * @processes_room: a power of two
 * @processes_count: how many there are
 */
struct report {
	struct flightrec_reader *reader;
	const struct flightrec_window *window;
	struct front *front;
	struct sink *sink;
	bool all;
	struct report_cover cover;
	struct report_runs runs;
	struct report_irqs irqs;
	struct report_tally **tallies;
	size_t tallies_room;
	size_t tallies_count;
	uint64_t *seen;
	int64_t begin_ns;
	struct report_finding wait;
	struct report_finding block;
	struct report_long_call call;
	struct report_long_call flight;
	struct report_calls calls;
	struct report_scopes scopes;
	struct report_around around;
	struct report_causes causes;
	struct report_death *deaths;
	size_t deaths_count;
	struct report_process *processes;
	size_t processes_room;
	size_t processes_count;
};

/* A wait shorter than this is not worth the name. */
#define REPORT_NOTICEABLE_NS 1000000

/* Time from one clock to a later one. */
static inline uint64_t report_ns(const struct report *report, uint64_t from,
				 uint64_t to)
{
	return report_between(flightrec_reader_mono_ns(report->reader, from),
			      flightrec_reader_mono_ns(report->reader, to));
}

/* ---- report_threads.c --------------------------------------------------- */

/* The tally of @thread; NULL: it is no target. */
struct report_tally *report_tally(const struct report *report,
				  const struct front_thread *thread);
/* These return 0 or a negative errno. */
int report_threads_init(struct report *report);
int report_threads_step(struct report *report, const struct front_step *step);
int report_threads_finish(struct report *report);
void report_threads_deinit(struct report *report);
/* The CPU that a thread waited for at last; UINT32_MAX: not known. */
uint32_t report_waited_for(const struct report_span *span);
/* What a blocked thread was blocked in. */
void report_blocked_in(const struct report_span *span,
		       struct report_blocked *in);

/* ---- report_flow.c: after report_threads_step() ------------------------- */

int report_flow_step(struct report *report, const struct front_step *step);
int report_flow_finish(struct report *report);

/* ---- report_deaths.c: after report_flow_step() -------------------------- */

int report_deaths_step(struct report *report, const struct front_step *step);
/* Another thread of it is over. */
void report_death_add(struct report_death *death, struct report_tally *tally);

/* ---- report_last.c ------------------------------------------------------ */

/* The dead, those that a signal killed first. 0 or -ENOMEM. */
int report_put_deaths(struct report *report);
/*
 * The last moments of the process of @tid, dead or alive, and with @others of
 * all others that died; of all if @tid is 0. 0, -ESRCH: nobody has the tid, or
 * -ENOMEM.
 */
int report_put_last(struct report *report, uint32_t tid, bool others);

/* ---- report_around.c ----------------------------------------------------- */

/*
 * Look at the time around the newest mark that begins with @prefix only: sets
 * @report->around. 0, also if there is none, or a negative errno.
 */
int report_around_find(struct report *report, const char *prefix,
		       uint64_t within_ns);
void report_put_around(struct report *report);

/* ---- report_findings.c, report_missing.c, report_tables.c, report_chains.c */

int report_put_findings(struct report *report);
void report_put_missing(struct report *report);
/* At most @shown of each kind. */
void report_put_causes(struct report *report, size_t shown);
void report_put_window(struct report *report);
int report_put_threads(struct report *report);
void report_put_calls(struct report *report);

void report_put_clock(const struct report *report, uint64_t clock);
/* The time from one clock to another. */
void report_put_ns(const struct report *report, uint64_t from, uint64_t to);
/* "woken by name[tid]"; @cpu: UINT32_MAX if it is of no interest. */
void report_put_waker(struct sink *sink, const struct report_who *by,
		      uint8_t context, uint32_t cpu);
/* "preempted by " and "preempted by name[tid]". */
void report_put_lost(struct sink *sink, enum report_lost lost);
void report_put_wait_cause(struct sink *sink, const struct report_span *span);
/* "besides: what 3", ", what 3"; nothing if there are none. */
void report_put_besides(struct sink *sink, const char **before,
			const char *what, uint64_t count);
/* "read" and "outside any system call". */
void report_put_blocked_in(struct sink *sink, const struct report_blocked *in);

#endif /* REPORT_STATE_H */
