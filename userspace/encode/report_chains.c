// SPDX-License-Identifier: GPL-2.0
/*
 * Prints why the longest waits took so long: a line for each, and indented below
 * it what it is made of, the largest part first. The parts of a line add up to it,
 * to the nanosecond.
 */
#include "report_state.h"

#include <stdlib.h>

#define INDENT 4

static const char *const kinds[REPORT_CAUSE_KINDS] = {
	[REPORT_CAUSE_WAIT] = "waits for a CPU",
	[REPORT_CAUSE_WOKEN] = "sleeps that another task ended",
	[REPORT_CAUSE_SLEEP] = "sleeps that an interrupt ended",
	[REPORT_CAUSE_STUCK] = "sleeps up to the end of the window",
	[REPORT_CAUSE_CALL] = "system calls",
	[REPORT_CAUSE_SCOPE] = "scopes",
};

/* Milliseconds, in full. */
static void put_ms(struct sink *sink, uint64_t ns)
{
	sink_printf(sink, "%llu.%06llu", (unsigned long long)ns / 1000000,
		    (unsigned long long)ns % 1000000);
}

static void put_number(struct sink *sink, unsigned int depth, uint64_t ns)
{
	sink_printf(sink, "%*s%6llu.%06llu  ", (int)(depth * INDENT), "",
		    (unsigned long long)ns / 1000000,
		    (unsigned long long)ns % 1000000);
}

/* ---- one part ------------------------------------------------------------ */

static void put_in(struct sink *sink, const struct report_share *share)
{
	if (share->exiting) {
		sink_string(sink, " while exiting");
	} else if (share->left_state == FLIGHTREC_STATE_STOPPED ||
		   share->left_state == FLIGHTREC_STATE_TRACED) {
		sink_string(sink, ", stopped");
	} else if (share->call.in == FRONT_CALL_IN) {
		sink_string(sink, " in ");
		report_put_call(sink, &share->call);
	} else if (share->call.in == FRONT_CALL_NONE) {
		sink_string(sink, " outside any system call");
	}
	if (share->left_state == FLIGHTREC_STATE_DISK_SLEEP)
		sink_string(sink, ", not to be interrupted (D)");
}

static void put_woken(struct sink *sink, const struct report_share *share)
{
	switch (share->woken) {
	case REPORT_WOKEN_BY_TASK:
		sink_string(sink, "; woken by ");
		report_put_who(sink, &share->who);
		if (!share->who.target)
			sink_string(sink,
				    ", which is no target and not recorded");
		break;
	case REPORT_WOKEN_BY_INTERRUPT:
		sink_string(sink, "; woken by an interrupt");
		break;
	case REPORT_WOKEN_NOT:
		sink_string(sink, "; not woken by the end of the window");
		break;
	case REPORT_WOKEN_UNKNOWN:
		sink_string(sink, "; it is not recorded by whom it was woken");
		break;
	}
}

static void put_slept(struct sink *sink, const struct report_share *share)
{
	if (share->various) {
		sink_string(sink, " slept otherwise");
		return;
	}
	sink_string(sink, " slept");
	put_in(sink, share);
	put_woken(sink, share);
}

/* What @who did. */
static void put_share(const struct report *report, const struct report_who *who,
		      const struct report_share *share)
{
	struct sink *sink = report->sink;

	report_put_thread(sink, who);
	switch (share->kind) {
	case REPORT_SHARE_RAN:
		sink_string(sink, " ran");
		break;
	case REPORT_SHARE_HAD:
		sink_string(sink, " waited for the CPU that ");
		if (share->various)
			sink_string(sink, "others");
		else
			report_put_who(sink, &share->who);
		sink_string(sink, " had");
		break;
	case REPORT_SHARE_IDLE:
		sink_string(sink, " was on its way to a CPU that was idle");
		break;
	case REPORT_SHARE_WAITED:
		sink_string(
			sink,
			" waited for a CPU; who had it then is not recorded");
		break;
	case REPORT_SHARE_IRQ:
		sink_string(sink, " was held up by ");
		if (share->various)
			sink_string(sink, "interrupts of other kinds");
		else
			report_put_irq(sink, &report->irqs.irqs[share->irq]);
		break;
	case REPORT_SHARE_SLEPT:
		put_slept(sink, share);
		break;
	case REPORT_SHARE_BORN:
		sink_string(sink, " was not born yet");
		break;
	case REPORT_SHARE_UNKNOWN:
		sink_string(sink, ": not recorded what it did");
		break;
	}
	if ((share->kind == REPORT_SHARE_SLEPT ||
	     share->kind == REPORT_SHARE_IRQ) &&
	    share->count > 1)
		sink_printf(sink, "; %llu times",
			    (unsigned long long)share->count);
}

/* ---- a node -------------------------------------------------------------- */

static int by_ns(const void *a, const void *b)
{
	const struct report_share *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static struct report_node *find_node(const struct report *report, size_t number)
{
	return number ? &report->causes.nodes[number - 1] : NULL;
}

static void put_node(struct report *report, struct report_node *node,
		     const struct report_who *who, unsigned int depth);

/* What the one that woke it did meanwhile. */
static void put_below(struct report *report, const struct report_share *share,
		      unsigned int depth)
{
	struct report_node *node = find_node(report, share->node);
	struct sink *sink = report->sink;

	if (!node)
		return;
	if (share->count == 1) {
		put_node(report, node, &share->who, depth);
		return;
	}
	put_number(sink, depth, node->ns);
	sink_string(sink, "the longest of them\n");
	put_node(report, node, &share->who, depth + 1);
	put_number(sink, depth, share->ns - node->ns);
	sink_string(sink, "the others\n");
}

/* As deep as chains are: see report_causes.c. */
// NOLINTNEXTLINE(misc-no-recursion)
static void put_node(struct report *report, struct report_node *node,
		     const struct report_who *who, unsigned int depth)
{
	struct sink *sink = report->sink;

	qsort(node->shares, node->shares_count, sizeof(*node->shares), by_ns);
	for (size_t i = 0; i < node->shares_count; i++) {
		put_number(sink, depth, node->shares[i].ns);
		put_share(report, who, &node->shares[i]);
		sink_char(sink, '\n');
		put_below(report, &node->shares[i], depth + 1);
	}
}

/* ---- the culprit --------------------------------------------------------- */

static const struct report_share *largest(const struct report_node *node)
{
	const struct report_share *share = NULL;

	for (size_t i = 0; i < node->shares_count; i++) {
		if (!share || node->shares[i].ns > share->ns)
			share = &node->shares[i];
	}
	return share;
}

/*
 * Following the largest part, who is at the end of the chain, doing what; if that
 * is not what stands right below the line anyway.
 */
static void put_culprit(struct report *report, const struct report_root *root,
			const struct report_node *node)
{
	const struct report_who *who = &root->who;
	const struct report_share *share = largest(node);
	struct sink *sink = report->sink;
	unsigned int links = 0;

	while (share && share->node) {
		who = &share->who;
		share = largest(find_node(report, share->node));
		links++;
	}
	if (!share || links < 2)
		return;
	sink_printf(sink, "%*sin the end: ", INDENT, "");
	put_share(report, who, share);
	sink_string(sink, ", ");
	put_ms(sink, share->ns);
	sink_string(sink, " of ");
	put_ms(sink, root->ns);
	sink_char(sink, '\n');
}

/* ---- one wait ------------------------------------------------------------ */

static void put_root_what(struct report *report, enum report_cause_kind kind,
			  const struct report_root *root)
{
	struct sink *sink = report->sink;

	switch (kind) {
	case REPORT_CAUSE_WAIT:
		sink_string(sink, " waited for ");
		if (root->cpu == UINT32_MAX)
			sink_string(sink, "a CPU");
		else
			sink_printf(sink, "CPU %u", root->cpu);
		if (root->call.in == FRONT_CALL_IN) {
			sink_string(sink, " in ");
			report_put_call(sink, &root->call);
		}
		break;
	case REPORT_CAUSE_CALL:
		sink_string(sink, " was in ");
		report_put_call(sink, &root->call);
		sink_string(sink, ", which returned ");
		report_put_result(sink, root->result);
		break;
	case REPORT_CAUSE_SCOPE:
		sink_string(sink, " was in the scope ");
		report_put_scope(sink, &root->scope);
		break;
	default:
		put_slept(sink, &root->share);
	}
}

static void put_root(struct report *report, enum report_cause_kind kind,
		     const struct report_root *root)
{
	struct report_node *node = find_node(report, root->node);
	struct sink *sink = report->sink;

	put_number(sink, 0, root->ns);
	report_put_clock(report, root->from);
	sink_string(sink, "  ");
	report_put_thread(sink, &root->who);
	put_root_what(report, kind, root);
	if (root->at_least)
		sink_string(sink, "; what came after that is not recorded");
	sink_char(sink, '\n');
	if (!node)
		return;
	put_culprit(report, root, node);
	if (report_cause_is_sleep(kind))
		put_below(report, &node->shares[0], 1);
	else
		put_node(report, node, &root->who, 1);
}

static void put_kind(struct report *report, enum report_cause_kind kind,
		     size_t shown)
{
	const struct report_roots *roots = &report->causes.kinds[kind];
	size_t count = roots->count < shown ? roots->count : shown;
	struct sink *sink = report->sink;
	uint64_t more = roots->total - count;

	for (size_t i = 0; i < count; i++)
		put_root(report, kind, &roots->roots[i]);
	if (!more)
		return;
	sink_printf(sink, "  … more %s of ", kinds[kind]);
	report_put_duration(sink, report->causes.least_ns);
	sink_printf(sink, " or longer: %llu\n", (unsigned long long)more);
}

void report_put_causes(struct report *report, size_t shown)
{
	struct sink *sink = report->sink;
	uint64_t total = 0;

	for (int kind = 0; kind < REPORT_CAUSE_KINDS; kind++)
		total += report->causes.kinds[kind].total;
	sink_string(sink, "\nwhat took the longest, and why: what is indented "
			  "adds up to the line above it; in ms\n");
	if (!total) {
		sink_string(sink, "  nothing that is known took ");
		report_put_duration(sink, report->causes.least_ns);
		sink_string(sink, " or longer\n");
	}
	for (int kind = 0; kind < REPORT_CAUSE_KINDS; kind++)
		put_kind(report, (enum report_cause_kind)kind, shown);
}
