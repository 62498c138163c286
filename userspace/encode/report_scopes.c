// SPDX-License-Identifier: GPL-2.0
/* Scopes by name: see report_scopes.h. */
#include "report_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM	     (REPORT_SCOPES_MAX * 2)
#define SCOPES_SHOWN 40

/* ---- rows ---------------------------------------------------------------- */

static bool is_called(const struct report_scopes_row *row, const char *name,
		      size_t length)
{
	return row->worst.name_length == length &&
	       !memcmp(row->worst.name, name, length);
}

/* Where the row of that name is, or would be. */
static struct report_scopes_row **find(struct report_scopes *scopes,
				       const char *name, size_t length)
{
	uint32_t hash = 2166136261;
	struct report_scopes_row **slot;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619;
	for (;; hash++) {
		slot = &scopes->rows[hash % ROOM];
		if (!*slot || is_called(*slot, name, length))
			return slot;
	}
}

/* The row of a name, a new one if need be; NULL: no memory. */
static struct report_scopes_row *get_row(struct report_scopes *scopes,
					 const char *name, size_t length)
{
	struct report_scopes_row **slot = find(scopes, name, length);

	if (*slot)
		return *slot;
	if (scopes->count == REPORT_SCOPES_MAX)
		return &scopes->others;
	*slot = calloc(1, sizeof(**slot));
	if (!*slot)
		return NULL;
	scopes->count++;
	(*slot)->worst.name_length = length;
	memcpy((*slot)->worst.name, name, length);
	return *slot;
}

static int add_duration(struct report_scopes_row *row, uint64_t ns)
{
	size_t count = row->count;
	uint64_t *grown;

	/* A power of two is when it is full. */
	if (!(count & (count - 1))) {
		grown = reallocarray(row->ns, count ? count * 2 : 1,
				     sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		row->ns = grown;
	}
	row->ns[row->count++] = ns;
	row->total_ns += ns;
	return 0;
}

/* ---- scopes that end ----------------------------------------------------- */

static void set_scope(struct report_scope *scope, const struct scope_step *step)
{
	scope->name_length = step->name_length;
	memcpy(scope->name, step->name, step->name_length);
	scope->key_length = step->mark.key_length;
	memcpy(scope->key, step->mark.key, step->mark.key_length);
}

static int count_scope(struct report *report, struct report_scopes_row *row,
		       const struct front_thread *thread,
		       const struct scope_step *step, uint64_t to)
{
	const struct report_tally *tally = report_tally(report, thread);
	uint64_t ns = report_ns(report, step->begin_clock, to);
	struct report_scope scope;

	set_scope(&scope, step);
	if (!row->count || ns > row->worst_ns) {
		row->worst_ns = ns;
		row->worst_clock = step->begin_clock;
		row->worst.key_length = scope.key_length;
		memcpy(row->worst.key, scope.key, scope.key_length);
		report_who_set(&row->worst_who, thread);
	}
	/* What a bystander did meanwhile is not recorded. */
	if (tally)
		report_causes_note_scope(report, tally, &scope,
					 step->begin_clock, to);
	return add_duration(row, ns);
}

/*
 * There may be the end of this one and the beginning of another in a hole, unless
 * it is known of all that time what the thread did.
 */
static bool is_cut_off(const struct report *report,
		       const struct front_thread *thread, uint64_t from,
		       uint64_t to)
{
	const struct report_tally *tally = report_tally(report, thread);

	if (report_cover_until(&report->cover, from, to) == to)
		return false;
	return !tally || tally->now.part == REPORT_UNKNOWN ||
	       tally->unknown_until > from;
}

static int end_scope(struct report *report, const struct front_step *step,
		     const struct scope_step *scope)
{
	uint64_t to = step->event->clock;
	struct report_scopes_row *row =
		get_row(&report->scopes, scope->name, scope->name_length);

	if (!row)
		return -ENOMEM;
	if (is_cut_off(report, step->thread, scope->begin_clock, to)) {
		row->cut_off++;
		return 0;
	}
	return count_scope(report, row, step->thread, scope, to);
}

int report_scopes_step(struct report *report, const struct front_step *step)
{
	struct scope_step scope;
	int ret;

	if (step->synthesized || step->event->type != FLIGHTREC_EVENT_MARK)
		return 0;
	ret = scopes_step(&report->scopes.open, step->thread->index,
			  step->event, &scope);
	if (ret > 0 && !scope.mark.begins)
		return end_scope(report, step, &scope);
	if (ret == 0 &&
	    flightrec_scope_parse(step->event->mark.text,
				  step->event->mark.length, &scope.mark) &&
	    !scope.mark.begins)
		report->scopes.unbegun++;
	return ret < 0 ? ret : 0;
}

/* ---- the end ------------------------------------------------------------- */

static int count_open(void *context, size_t thread, const char *name,
		      size_t length)
{
	struct report *report = context;
	struct report_scopes_row *row = get_row(&report->scopes, name, length);

	if (!row)
		return -ENOMEM;
	if (front_thread_at(report->front, thread)->exiting)
		row->with_thread++;
	else
		row->at_end++;
	return 0;
}

int report_scopes_finish(struct report *report)
{
	return scopes_each(&report->scopes.open, count_open, report);
}

static int by_ns(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int by_name(const struct report_scope *x, const struct report_scope *y)
{
	size_t length = x->name_length < y->name_length ? x->name_length :
							  y->name_length;
	int ret = memcmp(x->name, y->name, length);

	return ret ? ret :
		     (x->name_length > y->name_length) -
			       (x->name_length < y->name_length);
}

/* Those that are there first. */
static int by_total(const void *a, const void *b)
{
	const struct report_scopes_row *x =
		*(struct report_scopes_row *const *)a;
	const struct report_scopes_row *y =
		*(struct report_scopes_row *const *)b;

	if (!x || !y)
		return !x - !y;
	if (x->total_ns != y->total_ns)
		return x->total_ns > y->total_ns ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_name(&x->worst, &y->worst);
}

static void sort_row(struct report_scopes_row *row)
{
	if (row->count)
		qsort(row->ns, row->count, sizeof(*row->ns), by_ns);
}

static void sort_rows(struct report_scopes *scopes)
{
	qsort(scopes->rows, ROOM, sizeof(struct report_scopes_row *), by_total);
	for (size_t i = 0; i < scopes->count; i++)
		sort_row(scopes->rows[i]);
	sort_row(&scopes->others);
}

static uint64_t median_of(const struct report_scopes_row *row)
{
	const uint64_t *middle = &row->ns[row->count / 2];

	if (row->count % 2)
		return *middle;
	return middle[-1] + (middle[0] - middle[-1]) / 2;
}

void report_scopes_deinit(struct report_scopes *scopes)
{
	for (size_t i = 0; i < ROOM; i++) {
		if (scopes->rows[i])
			free(scopes->rows[i]->ns);
		free(scopes->rows[i]);
	}
	free(scopes->others.ns);
	scopes_deinit(&scopes->open);
	memset(scopes, 0, sizeof(*scopes));
}

/* ---- printing them ------------------------------------------------------- */

void report_put_scope(struct sink *sink, const struct report_scope *scope)
{
	sink_char(sink, '"');
	sink_escaped(sink, scope->name, scope->name_length, "\"");
	sink_string(sink, "\", key ");
	sink_escaped(sink, scope->key, scope->key_length, "");
}

static void put_longest_scope(struct report *report,
			      const struct report_scopes_row *row)
{
	struct sink *sink = report->sink;

	sink_string(sink, "      longest: key ");
	sink_escaped(sink, row->worst.key, row->worst.key_length, "");
	sink_string(sink, ", ");
	report_put_thread(sink, &row->worst_who);
	sink_string(sink, ", ");
	report_put_clock(report, row->worst_clock);
	sink_char(sink, '\n');
}

static void put_scopes_besides(struct sink *sink,
			       const struct report_scopes_row *row)
{
	const char *before = "      besides: ";

	report_put_besides(sink, &before, "open at the end", row->at_end);
	report_put_besides(sink, &before, "open when their thread ended",
			   row->with_thread);
	report_put_besides(sink, &before, "cut off by a hole in the recording",
			   row->cut_off);
	if (*before == ',')
		sink_char(sink, '\n');
}

static void put_scopes_row(struct report *report,
			   const struct report_scopes_row *row)
{
	char total[REPORT_DURATION_BYTES] = "-";
	char median[REPORT_DURATION_BYTES] = "-";
	char longest[REPORT_DURATION_BYTES] = "-";
	struct sink *sink = report->sink;

	if (row->count) {
		report_duration(total, row->total_ns);
		report_duration(median, median_of(row));
		report_duration(longest, row->worst_ns);
	}
	sink_printf(sink, "%10zu%12s%12s%12s  ", row->count, total, median,
		    longest);
	if (row == &report->scopes.others)
		sink_string(sink, "others");
	else
		sink_escaped(sink, row->worst.name, row->worst.name_length, "");
	sink_char(sink, '\n');
	if (row->count)
		put_longest_scope(report, row);
	put_scopes_besides(sink, row);
}

void report_put_scopes(struct report *report)
{
	struct report_scopes *scopes = &report->scopes;
	const struct report_scopes_row *others = &scopes->others;
	struct sink *sink = report->sink;

	if (!scopes->count && !scopes->unbegun)
		return;
	sort_rows(scopes);
	sink_string(sink,
		    "\nscopes that began and ended in the window, by time "
		    "spent in them\n");
	if (scopes->count)
		sink_string(
			sink,
			"     count       total      median     longest  name\n");
	for (size_t i = 0; i < scopes->count; i++) {
		if (i == SCOPES_SHOWN && !report->all) {
			sink_printf(sink, "  … %zu more name%s\n",
				    scopes->count - i,
				    scopes->count - i == 1 ? "" : "s");
			break;
		}
		put_scopes_row(report, scopes->rows[i]);
	}
	if (others->count || others->at_end || others->with_thread ||
	    others->cut_off)
		put_scopes_row(report, others);
	if (scopes->unbegun)
		sink_printf(sink,
			    "  ends of scopes whose beginning is not "
			    "known: %llu\n",
			    (unsigned long long)scopes->unbegun);
}
