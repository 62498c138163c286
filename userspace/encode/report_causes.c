// SPDX-License-Identifier: GPL-2.0
/* Why the longest waits took so long: see report_causes.h. */
#include "report_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Links of a chain below its root; a reading each, and one for the root. */
#define DEPTH_MAX 6
#define NODES_MAX 256
/* What is less than that part of the root is not followed. */
#define WORTH	  20

/* ---- the longest of each kind -------------------------------------------- */

static bool is_around(const struct report_causes *causes, uint64_t from,
		      uint64_t to)
{
	return !causes->around || (from <= causes->to && to >= causes->from);
}

/* Where to put one that takes @ns; NULL: it is not among the longest. */
static struct report_root *make_root(struct report_causes *causes,
				     enum report_cause_kind kind, uint64_t from,
				     uint64_t to, uint64_t ns)
{
	struct report_roots *roots = &causes->kinds[kind];
	size_t at = roots->count;

	if (ns < causes->least_ns || !ns || !is_around(causes, from, to))
		return NULL;
	roots->total++;
	while (at && roots->roots[at - 1].ns < ns)
		at--;
	if (at == REPORT_ROOTS_MAX)
		return NULL;
	if (roots->count < REPORT_ROOTS_MAX)
		roots->count++;
	memmove(&roots->roots[at + 1], &roots->roots[at],
		(roots->count - at - 1) * sizeof(*roots->roots));
	memset(&roots->roots[at], 0, sizeof(*roots->roots));
	roots->roots[at].from = from;
	roots->roots[at].to = to;
	roots->roots[at].ns = ns;
	return &roots->roots[at];
}

static enum report_woken how_woken(const struct report_span *span)
{
	if (span->end == REPORT_AT_CUT)
		return REPORT_WOKEN_NOT;
	if (span->end != REPORT_CHANGED || !span->last.known)
		return REPORT_WOKEN_UNKNOWN;
	return span->context == FLIGHTREC_CONTEXT_TASK ?
		       REPORT_WOKEN_BY_TASK :
		       REPORT_WOKEN_BY_INTERRUPT;
}

static enum report_cause_kind kind_of(const struct report_span *span)
{
	if (span->part == REPORT_WAITING)
		return REPORT_CAUSE_WAIT;
	switch (how_woken(span)) {
	case REPORT_WOKEN_BY_TASK:
		return REPORT_CAUSE_WOKEN;
	case REPORT_WOKEN_NOT:
		return REPORT_CAUSE_STUCK;
	default:
		return REPORT_CAUSE_SLEEP;
	}
}

static void set_slept(struct report_share *share,
		      const struct report_span *span)
{
	share->kind = REPORT_SHARE_SLEPT;
	share->woken = how_woken(span);
	share->exiting = span->exiting;
	share->left_state = span->status.left_state;
	share->call = span->call;
	if (span->end == REPORT_CHANGED)
		share->who = span->last;
}

void report_causes_note_span(struct report *report,
			     const struct report_tally *tally,
			     const struct report_span *span, uint64_t to)
{
	struct report_root *root;

	if (span->part != REPORT_WAITING && span->part != REPORT_BLOCKED)
		return;
	root = make_root(&report->causes, kind_of(span), span->from, to,
			 report_ns(report, span->from, to));
	if (!root)
		return;
	root->index = tally->thread->index;
	report_who_set(&root->who, tally->thread);
	root->at_least = span->end == REPORT_AT_HOLE;
	root->cpu = report_waited_for(span);
	root->call = span->call;
	if (span->part == REPORT_BLOCKED)
		set_slept(&root->share, span);
}

void report_causes_note_call(struct report *report,
			     const struct report_tally *tally,
			     const struct front_call *call, uint64_t to,
			     int64_t result)
{
	struct report_root *root;

	root = make_root(&report->causes, REPORT_CAUSE_CALL, call->enter_clock,
			 to, report_ns(report, call->enter_clock, to));
	if (!root)
		return;
	root->index = tally->thread->index;
	report_who_set(&root->who, tally->thread);
	report_call_set(&root->call, call);
	root->result = result;
}

void report_causes_note_scope(struct report *report,
			      const struct report_tally *tally,
			      const struct report_scope *scope, uint64_t from,
			      uint64_t to)
{
	struct report_root *root;

	root = make_root(&report->causes, REPORT_CAUSE_SCOPE, from, to,
			 report_ns(report, from, to));
	if (!root)
		return;
	root->index = tally->thread->index;
	report_who_set(&root->who, tally->thread);
	root->scope = *scope;
}

/* ---- what a node is made of ---------------------------------------------- */

static bool is_same_call(const struct report_call *a,
			 const struct report_call *b)
{
	return a->in == b->in && (a->in != FRONT_CALL_IN ||
				  (a->nr == b->nr && a->compat == b->compat));
}

static bool is_same_who(const struct report_who *a, const struct report_who *b)
{
	return a->known == b->known && (!a->known || a->index == b->index);
}

static bool is_same_share(const struct report_share *a,
			  const struct report_share *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->various)
		return true;
	if (a->kind == REPORT_SHARE_IRQ)
		return a->irq == b->irq;
	if (a->kind != REPORT_SHARE_SLEPT)
		return is_same_who(&a->who, &b->who);
	return a->woken == b->woken && a->exiting == b->exiting &&
	       is_same_call(&a->call, &b->call) &&
	       (a->woken != REPORT_WOKEN_BY_TASK ||
		is_same_who(&a->who, &b->who));
}

/* There are too many of them: those of a kind are one from here on. */
static struct report_share *last_share(struct report_node *node,
				       enum report_share_kind kind)
{
	struct report_share *share;

	for (size_t i = REPORT_SHARES_MAX; i < node->shares_count; i++) {
		if (node->shares[i].kind == kind)
			return &node->shares[i];
	}
	share = &node->shares[node->shares_count++];
	share->kind = kind;
	share->various = true;
	return share;
}

static struct report_share *get_share(struct report_node *node,
				      const struct report_share *like)
{
	struct report_share *share;

	for (size_t i = 0; i < node->shares_count; i++) {
		if (is_same_share(&node->shares[i], like))
			return &node->shares[i];
	}
	if (node->shares_count >= REPORT_SHARES_MAX)
		return last_share(node, like->kind);
	share = &node->shares[node->shares_count++];
	*share = *like;
	share->ns = 0;
	return share;
}

/* Some time of @node from @from to @to, @ns of it, was @like. */
static void add_share(struct report_node *node, const struct report_share *like,
		      uint64_t from, uint64_t to, uint64_t ns)
{
	struct report_share *share;

	if (!ns)
		return;
	share = get_share(node, like);
	share->ns += ns;
	share->count++;
	if (ns <= share->longest_ns)
		return;
	share->longest_ns = ns;
	share->from = from;
	share->to = to;
}

/**
 * struct stretch - a time on or before one CPU being divided up
 * @report: of the window
 * @node: whose
 * @cpu: which CPU
 * @ns: of it, what is told
 */
struct stretch {
	const struct report *report;
	struct report_node *node;
	uint32_t cpu;
	uint64_t ns;
};

static void add_irq(void *context, uint32_t irq, uint64_t from, uint64_t to)
{
	const struct report_share share = { .kind = REPORT_SHARE_IRQ,
					    .irq = irq };
	struct stretch *stretch = context;
	uint64_t ns = report_ns(stretch->report, from, to);

	stretch->ns += ns;
	add_share(stretch->node, &share, from, to, ns);
}

/* A thread had the CPU but for the interrupts. */
static void add_had(void *context, const struct front_thread *thread,
		    uint64_t from, uint64_t to)
{
	struct report_share share = { .kind = thread->tid ? REPORT_SHARE_HAD :
							    REPORT_SHARE_IDLE };
	struct stretch *stretch = context;
	const struct report *report = stretch->report;
	uint64_t ns = report_ns(report, from, to) -
		      report_irqs_ns(&report->irqs, stretch->cpu, from, to);

	if (thread->tid)
		report_who_set(&share.who, thread);
	stretch->ns += ns;
	add_share(stretch->node, &share, from, to, ns);
}

/* Who has the CPU may be told when he leaves it, if that is recorded. */
static void defer(struct report *report, struct stretch *stretch, uint64_t from,
		  uint64_t to)
{
	struct report_causes *causes = &report->causes;
	uint64_t since;

	if (causes->debts_count == REPORT_DEBTS_MAX ||
	    !report_runs_is_open(&report->runs, stretch->cpu, &since))
		return;
	if (since > from)
		from = since;
	if (from >= to)
		return;
	causes->debts[causes->debts_count++] = (struct report_debt){
		.node = stretch->node,
		.cpu = stretch->cpu,
		.from = from,
		.to = to,
	};
	stretch->ns += report_ns(report, from, to) -
		       report_irqs_ns(&report->irqs, stretch->cpu, from, to);
}

/* It was @thread; NULL: that is not recorded. */
static void pay(struct report *report, const struct report_debt *debt,
		const struct front_thread *thread)
{
	const struct report_share unknown = { .kind = REPORT_SHARE_WAITED };
	struct stretch stretch = {
		.report = report,
		.node = debt->node,
		.cpu = debt->cpu,
	};

	if (thread)
		add_had(&stretch, thread, debt->from, debt->to);
	else
		add_share(debt->node, &unknown, debt->from, debt->to,
			  report_ns(report, debt->from, debt->to) -
				  report_irqs_ns(&report->irqs, debt->cpu,
						 debt->from, debt->to));
}

/* Does the event tell who has had its CPU since that is watched? */
static bool tells_who(const struct flightrec_event *event)
{
	switch (event->type) {
	case FLIGHTREC_EVENT_BEGIN:
	case FLIGHTREC_EVENT_LOST:
	case FLIGHTREC_EVENT_GAP:
		return false;
	case FLIGHTREC_EVENT_SWITCH:
		return event->sched_switch.flags & FLIGHTREC_SWITCH_WATCHED;
	default:
		return true;
	}
}

void report_causes_step(struct report *report, const struct front_step *step)
{
	const struct front_thread *thread =
		tells_who(step->event) ? step->thread : NULL;
	struct report_causes *causes = &report->causes;
	size_t kept = 0;

	if (!causes->debts_count || step->synthesized)
		return;
	for (size_t i = 0; i < causes->debts_count; i++) {
		if (causes->debts[i].cpu == step->event->cpu)
			pay(report, &causes->debts[i], thread);
		else
			causes->debts[kept++] = causes->debts[i];
	}
	causes->debts_count = kept;
}

/* The window is over, or what it tells is not asked for any more. */
static void write_off(struct report *report)
{
	struct report_causes *causes = &report->causes;

	while (causes->debts_count)
		pay(report, &causes->debts[--causes->debts_count], NULL);
}

/* From @from to @to the thread ran on @cpu, or (@waits) waited for it. */
static void add_stretch(struct report *report, struct report_node *node,
			uint32_t cpu, bool waits, uint64_t from, uint64_t to)
{
	const struct report_share rest = { .kind = waits ? REPORT_SHARE_WAITED :
							   REPORT_SHARE_RAN };
	struct stretch stretch = {
		.report = report,
		.node = node,
		.cpu = cpu,
	};

	if (cpu != UINT32_MAX) {
		report_irqs_between(&report->irqs, cpu, from, to, add_irq,
				    &stretch);
		if (waits)
			report_runs_between(&report->runs, cpu, from, to,
					    add_had, &stretch);
		if (waits)
			defer(report, &stretch, from, to);
	}
	add_share(node, &rest, from, to,
		  report_ns(report, from, to) - stretch.ns);
}

/* One CPU after the other that the thread waited for. */
static void add_wait(struct report *report, struct report_node *node,
		     const struct report_span *span, uint64_t from, uint64_t to)
{
	size_t count = span->stays_count;
	uint32_t cpu = report_waited_for(span);

	if (!count || span->stays[count - 1].cpu != cpu) {
		add_stretch(report, node, cpu, true, from, to);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t begin = span->stays[i].from;
		uint64_t end = i + 1 < count ? span->stays[i + 1].from : to;

		if (begin < from)
			begin = from;
		if (end > to)
			end = to;
		if (begin < end)
			add_stretch(report, node, span->stays[i].cpu, true,
				    begin, end);
	}
}

static void add_span(struct report *report, struct report_node *node,
		     const struct report_span *span, uint64_t from, uint64_t to)
{
	uint64_t ns = report_ns(report, from, to);
	struct report_share share = { .kind = REPORT_SHARE_UNKNOWN };

	switch (span->part) {
	case REPORT_RUNNING:
		add_stretch(report, node, span->cpu, false, from, to);
		return;
	case REPORT_WAITING:
		add_wait(report, node, span, from, to);
		return;
	case REPORT_BLOCKED:
		set_slept(&share, span);
		break;
	default:
		break;
	}
	add_share(node, &share, from, to, ns);
}

static void take_span(struct report *report, struct report_node *node,
		      const struct report_tally *tally,
		      const struct report_span *span, uint64_t to)
{
	const struct report_share born = { .kind = REPORT_SHARE_BORN };
	const struct report_share unknown = { .kind = REPORT_SHARE_UNKNOWN };
	uint64_t from = span->from > node->at ? span->from : node->at;
	uint64_t end = to < node->to ? to : node->to;

	if (node->done || end <= from)
		return;
	if (from > node->at)
		add_share(node,
			  tally->thread->born && node->at == node->from ?
				  &born :
				  &unknown,
			  node->at, from, report_ns(report, node->at, from));
	add_span(report, node, span, from, end);
	node->at = end;
	node->done = end == node->to;
	report->causes.open -= node->done;
}

void report_causes_take(struct report *report, const struct report_tally *tally,
			const struct report_span *span, uint64_t to)
{
	struct report_causes *causes = &report->causes;
	uint32_t index = tally->thread->index;

	if (index >= causes->wanted_count || !causes->wanted[index])
		return;
	for (size_t i = causes->first; i < causes->nodes_count; i++) {
		if (causes->nodes[i].index == index)
			take_span(report, &causes->nodes[i], tally, span, to);
	}
}

/* ---- chains -------------------------------------------------------------- */

/* A new node; 0: there are enough. */
static size_t add_node(const struct report *report,
		       struct report_causes *causes, uint32_t index,
		       uint64_t from, uint64_t to)
{
	struct report_node *node;

	if (causes->nodes_count == NODES_MAX || index >= causes->wanted_count)
		return 0;
	node = &causes->nodes[causes->nodes_count++];
	memset(node, 0, sizeof(*node));
	node->index = index;
	node->from = from;
	node->to = to;
	node->at = from;
	node->ns = report_ns(report, from, to);
	node->root_ns = node->ns;
	return causes->nodes_count;
}

static bool is_worth(const struct report_node *node,
		     const struct report_share *share)
{
	return share->kind == REPORT_SHARE_SLEPT && !share->various &&
	       share->woken == REPORT_WOKEN_BY_TASK && share->who.target &&
	       share->who.index != node->index &&
	       share->longest_ns >= node->root_ns / WORTH &&
	       node->depth < DEPTH_MAX;
}

/* Who woke it is what is looked into next. */
static void follow_share(const struct report *report,
			 struct report_causes *causes, size_t parent,
			 struct report_share *share)
{
	const struct report_node *node = &causes->nodes[parent];

	if (!is_worth(node, share))
		return;
	share->node = add_node(report, causes, share->who.index, share->from,
			       share->to);
	if (!share->node)
		return;
	causes->nodes[share->node - 1].depth = node->depth + 1;
	causes->nodes[share->node - 1].root_ns = node->root_ns;
}

/* What is told nowhere of a node is not recorded. */
static void close_node(struct report_node *node)
{
	const struct report_share unknown = { .kind = REPORT_SHARE_UNKNOWN };
	uint64_t ns = 0;

	for (size_t i = 0; i < node->shares_count; i++)
		ns += node->shares[i].ns;
	add_share(node, &unknown, node->at, node->to,
		  node->ns > ns ? node->ns - ns : 0);
	node->done = true;
}

static void follow_nodes(const struct report *report,
			 struct report_causes *causes, size_t first,
			 size_t last)
{
	for (size_t i = first; i < last; i++) {
		struct report_node *node = &causes->nodes[i];

		close_node(node);
		for (size_t j = 0; j < node->shares_count; j++)
			follow_share(report, causes, i, &node->shares[j]);
	}
}

/* A sleep is a part by itself: its node needs no reading. */
static void begin_root(const struct report *report,
		       struct report_causes *causes, struct report_root *root,
		       enum report_cause_kind kind, bool asleep)
{
	if (report_cause_is_sleep(kind) != asleep)
		return;
	root->node =
		add_node(report, causes, root->index, root->from, root->to);
	if (root->node && asleep)
		add_share(&causes->nodes[root->node - 1], &root->share,
			  root->from, root->to, root->ns);
}

/* Is nearly all of the call a wait that is told? */
static bool is_told(const struct report_causes *causes,
		    const struct report_root *call, size_t shown)
{
	for (int kind = 0; kind < REPORT_CAUSE_CALL; kind++) {
		const struct report_roots *roots = &causes->kinds[kind];

		for (size_t i = 0; i < roots->count && i < shown; i++) {
			const struct report_root *root = &roots->roots[i];

			if (root->index == call->index &&
			    root->from >= call->from && root->to <= call->to &&
			    root->ns >= call->ns - call->ns / 10)
				return true;
		}
	}
	return false;
}

static void drop_told(struct report_causes *causes, size_t shown)
{
	struct report_roots *calls = &causes->kinds[REPORT_CAUSE_CALL];
	size_t kept = 0;

	for (size_t i = 0; i < calls->count; i++) {
		if (is_told(causes, &calls->roots[i], shown))
			calls->total--;
		else
			calls->roots[kept++] = calls->roots[i];
	}
	calls->count = kept;
}

static void begin_roots(const struct report *report,
			struct report_causes *causes, size_t shown, bool asleep)
{
	for (int kind = 0; kind < REPORT_CAUSE_KINDS; kind++) {
		struct report_roots *roots = &causes->kinds[kind];

		for (size_t i = 0; i < roots->count && i < shown; i++)
			begin_root(report, causes, &roots->roots[i],
				   (enum report_cause_kind)kind, asleep);
	}
}

/* ---- reading again ------------------------------------------------------- */

static void want(struct report_causes *causes)
{
	memset(causes->wanted, 0, causes->wanted_count);
	for (size_t i = causes->first; i < causes->nodes_count; i++)
		causes->wanted[causes->nodes[i].index] = true;
	causes->open = causes->nodes_count - causes->first;
}

/* What is damaged is told as it is read: so it is read to the end. */
static int drain(struct flightrec_reader *reader)
{
	struct flightrec_event event;
	int ret;

	do {
		ret = flightrec_reader_next(reader, &event);
	} while (ret > 0);
	return ret;
}

static int read_steps(struct report *again)
{
	struct front_step step;
	int ret;

	while ((ret = front_next(again->front, &step)) > 0) {
		ret = report_threads_step(again, &step);
		if (ret < 0)
			return ret;
		if (!again->causes.open && !again->causes.debts_count)
			return drain(again->reader);
	}
	return ret == 0 ? report_threads_finish(again) : ret;
}

static int read_again(struct report *report)
{
	struct report again = {
		.reader = report->reader,
		.window = report->window,
		.cover = report->cover,
		.irqs = report->irqs,
		.begin_ns = report->begin_ns,
		.causes = report->causes,
	};
	int ret = report_threads_init(&again);

	if (ret == 0)
		ret = front_create_again(report->front, &again.front);
	if (ret == 0)
		ret = read_steps(&again);
	write_off(&again);
	report_threads_deinit(&again);
	front_destroy(again.front);
	return ret;
}

static int read_chains(struct report *report)
{
	struct report_causes *causes = &report->causes;
	size_t last;
	int ret = 0;

	while (ret == 0 && causes->first < causes->nodes_count) {
		want(causes);
		ret = read_again(report);
		last = causes->nodes_count;
		if (ret == 0)
			follow_nodes(report, causes, causes->first, last);
		causes->first = last;
	}
	return ret;
}

int report_causes_find(struct report *report, size_t shown)
{
	struct report_causes *causes = &report->causes;

	causes->nodes = calloc(NODES_MAX, sizeof(*causes->nodes));
	causes->wanted_count = front_threads(report->front);
	causes->wanted = calloc(causes->wanted_count + 1, 1);
	if (!causes->nodes || !causes->wanted)
		return -ENOMEM;
	drop_told(causes, shown);
	begin_roots(report, causes, shown, true);
	causes->first = causes->nodes_count;
	follow_nodes(report, causes, 0, causes->first);
	begin_roots(report, causes, shown, false);
	return read_chains(report);
}

void report_causes_deinit(struct report_causes *causes)
{
	free(causes->nodes);
	free(causes->wanted);
}
