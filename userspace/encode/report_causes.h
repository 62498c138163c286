/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the longest waits took so long: what each is made of, to the nanosecond,
 * and, where a thread slept until another one woke it, what that one did
 * meanwhile, and so on.
 *
 * The longest of each kind are known when the window has been read. Who woke whom
 * is then followed backwards: in each reading of the window one link of all
 * chains. So memory does not grow with the window, and time with nothing else.
 */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include "report_scopes.h"
#include "report_words.h"

struct report;
struct report_tally;
struct report_span;

/* What is looked into. */
enum report_cause_kind {
	REPORT_CAUSE_WAIT,  /* for a CPU */
	REPORT_CAUSE_WOKEN, /* asleep, until another task woke it */
	REPORT_CAUSE_SLEEP, /* asleep, until an interrupt did, or nobody knows who */
	REPORT_CAUSE_STUCK, /* asleep to the end of the window */
	REPORT_CAUSE_CALL,
	REPORT_CAUSE_SCOPE,
	REPORT_CAUSE_KINDS,
};

static inline bool report_cause_is_sleep(enum report_cause_kind kind)
{
	return kind == REPORT_CAUSE_WOKEN || kind == REPORT_CAUSE_SLEEP ||
	       kind == REPORT_CAUSE_STUCK;
}

/* What a part of a thread's time was. */
enum report_share_kind {
	REPORT_SHARE_RAN,
	REPORT_SHARE_HAD,  /* waited for a CPU, which @who had */
	REPORT_SHARE_IDLE, /* waited for a CPU that was idle: on its way there */
	REPORT_SHARE_WAITED,  /* for a CPU; who had it is not recorded */
	REPORT_SHARE_IRQ,     /* had a CPU or waited for one, which @irq had */
	REPORT_SHARE_SLEPT,   /* in @in, until @who woke it */
	REPORT_SHARE_BORN,    /* before its birth */
	REPORT_SHARE_UNKNOWN, /* not recorded */
};

/* How somebody asleep was woken. */
enum report_woken {
	REPORT_WOKEN_BY_TASK,
	REPORT_WOKEN_BY_INTERRUPT,
	REPORT_WOKEN_NOT,     /* by the end of the window */
	REPORT_WOKEN_UNKNOWN, /* not recorded by whom */
};

/* As many are kept apart in a node; the rest by kind alone. */
#define REPORT_SHARES_MAX 12

/**
 * struct report_share - a part of a thread's time, all times like it together
 * @kind: what it was
 * @woken: SLEPT: how that ended
 * @exiting: SLEPT: on its way to death
 * @left_state: SLEPT: FLIGHTREC_STATE_*
 * @call: SLEPT: the call that it was in the first time
 * @irq: IRQ: which one, of the report's
 * @who: HAD: who had the CPU. SLEPT: who woke it
 * @various: of more than one such who, call and so on
 * @ns: how long in all
 * @count: how many times
 * @from: when the longest time began, in ticks
 * @to: and ended
 * @longest_ns: its length
 * @node: SLEPT: what @who did in the longest time, 1 and on; 0: not looked into
 */
struct report_share {
	enum report_share_kind kind;
	enum report_woken woken;
	bool exiting;
	bool various;
	uint8_t left_state;
	uint32_t irq;
	struct report_call call;
	struct report_who who;
	uint64_t ns;
	uint64_t count;
	uint64_t from;
	uint64_t to;
	uint64_t longest_ns;
	size_t node;
};

/**
 * struct report_node - what one thread did in a time
 * @index: of the thread
 * @depth: links between it and its root
 * @done: all of it is known
 * @from: when it begins, in ticks
 * @to: and ends
 * @at: up to where it is made up
 * @ns: its length
 * @root_ns: that of the root of its chain
 * @shares: its parts, which add up to @ns
 * @shares_count: how many
 */
struct report_node {
	uint32_t index;
	unsigned int depth;
	bool done;
	uint64_t from;
	uint64_t to;
	uint64_t at;
	uint64_t ns;
	uint64_t root_ns;
	struct report_share
		shares[REPORT_SHARES_MAX + REPORT_SHARE_UNKNOWN + 1];
	size_t shares_count;
};

/**
 * struct report_root - a wait, a call or a scope that is looked into
 * @index: of the thread
 * @who: the thread
 * @from: when it began, in ticks
 * @to: when it ended, or what is recorded of it
 * @ns: how long it took
 * @at_least: it went on, into a hole in the recording
 * @cpu: WAIT: of which CPU; UINT32_MAX: not known
 * @call: the call that it was in, or that it is
 * @result: CALL: what it returned
 * @scope: SCOPE: which
 * @share: asleep: its only part
 * @node: what it is made of, 1 and on
 */
struct report_root {
	uint32_t index;
	struct report_who who;
	uint64_t from;
	uint64_t to;
	uint64_t ns;
	bool at_least;
	uint32_t cpu;
	struct report_call call;
	int64_t result;
	struct report_scope scope;
	struct report_share share;
	size_t node;
};

/* As many of each kind are kept, the longest. */
#define REPORT_ROOTS_MAX 16

/**
 * struct report_roots - the longest of a kind
 * @roots: they, the longest first
 * @count: of @roots
 * @total: how many there were that were long enough
 */
struct report_roots {
	struct report_root roots[REPORT_ROOTS_MAX];
	size_t count;
	uint64_t total;
};

/**
 * struct report_debt - a part of a wait of which it is not known yet who had the CPU
 * @node: of what
 * @cpu: which CPU
 * @from: since when, in ticks
 * @to: until when
 */
struct report_debt {
	struct report_node *node;
	uint32_t cpu;
	uint64_t from;
	uint64_t to;
};

/* As many are kept; more are not told apart from what is not recorded. */
#define REPORT_DEBTS_MAX 64

/**
 * struct report_causes - the longest of all kinds, and what they are made of
 * @least_ns: what is shorter is not looked into
 * @around: only what was going on between @from and @to
 * @from: in ticks
 * @to: in ticks
 * @kinds: by enum report_cause_kind
 * @nodes: what they are made of
 * @nodes_count: how many
 * @first: of @nodes, the first one of this reading
 * @wanted: by a thread's index: it has one in this reading; NULL: none has, as the
 *	window is read for the first time
 * @wanted_count: how many threads @wanted knows
 * @open: how many nodes of this reading are not done
 * @debts: what of those that are done the tape tells later
 * @debts_count: how many
 */
struct report_causes {
	uint64_t least_ns;
	bool around;
	uint64_t from;
	uint64_t to;
	struct report_roots kinds[REPORT_CAUSE_KINDS];
	struct report_node *nodes;
	size_t nodes_count;
	size_t first;
	bool *wanted;
	size_t wanted_count;
	size_t open;
	struct report_debt debts[REPORT_DEBTS_MAX];
	size_t debts_count;
};

/* A span, a call or a scope is over: note it if it is among the longest. */
void report_causes_note_span(struct report *report,
			     const struct report_tally *tally,
			     const struct report_span *span, uint64_t to);
void report_causes_note_call(struct report *report,
			     const struct report_tally *tally,
			     const struct front_call *call, uint64_t to,
			     int64_t result);
void report_causes_note_scope(struct report *report,
			      const struct report_tally *tally,
			      const struct report_scope *scope, uint64_t from,
			      uint64_t to);

/* Reading again: a span of a thread in @wanted is over at @to. */
void report_causes_take(struct report *report, const struct report_tally *tally,
			const struct report_span *span, uint64_t to);

/* Reading again, after the runs: what this tells of whom somebody waited for. */
void report_causes_step(struct report *report, const struct front_step *step);

/*
 * When the window was read: read it again as often as need be, to know of the
 * first @shown of each kind what they are made of. 0 or a negative errno.
 */
int report_causes_find(struct report *report, size_t shown);
void report_causes_deinit(struct report_causes *causes);

#endif /* REPORT_CAUSES_H */
