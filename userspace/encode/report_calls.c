// SPDX-License-Identifier: GPL-2.0
/* Calls by name: see report_calls.h. */
#include "report_calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All that any kernel has, in both numberings, and then some. */
#define ROWS_MAX 4096

int report_calls_init(struct report_calls *calls)
{
	memset(calls, 0, sizeof(*calls));
	calls->room = 256;
	calls->others.nr = -1;
	calls->rows = calloc(calls->room, sizeof(*calls->rows));
	return calls->rows ? 0 : -ENOMEM;
}

void report_calls_deinit(struct report_calls *calls)
{
	for (size_t i = 0; calls->rows && i < calls->room; i++)
		free(calls->rows[i].errors);
	free(calls->others.errors);
	free(calls->rows);
	memset(calls, 0, sizeof(*calls));
}

static struct report_calls_row *find(const struct report_calls *calls,
				     int32_t nr, bool compat)
{
	uint32_t hash = ((uint32_t)nr * 2 + compat) * 0x9e3779b1U >> 8;
	struct report_calls_row *row;

	for (size_t i = hash;; i++) {
		row = &calls->rows[i & (calls->room - 1)];
		if (!row->used || (row->nr == nr && row->compat == compat))
			return row;
	}
}

static int grow(struct report_calls *calls)
{
	struct report_calls_row *old = calls->rows;
	size_t old_room = calls->room;

	calls->rows = calloc(old_room * 2, sizeof(*calls->rows));
	if (!calls->rows) {
		calls->rows = old;
		return -ENOMEM;
	}
	calls->room = old_room * 2;
	for (size_t i = 0; i < old_room; i++) {
		if (old[i].used)
			*find(calls, old[i].nr, old[i].compat) = old[i];
	}
	free(old);
	return 0;
}

struct report_calls_row *report_calls_get(struct report_calls *calls,
					  const struct front_call *call)
{
	struct report_calls_row *row = find(calls, call->nr, call->compat);

	if (row->used)
		return row;
	if (calls->count >= ROWS_MAX)
		return &calls->others;
	if (calls->count >= calls->room / 2) {
		if (grow(calls) < 0)
			return NULL;
		row = find(calls, call->nr, call->compat);
	}
	calls->count++;
	row->used = true;
	row->nr = call->nr;
	row->compat = call->compat;
	row->name = call->name;
	return row;
}

void report_calls_count(struct report_calls_row *row,
			const struct front_thread *thread, uint64_t clock,
			uint64_t ns)
{
	row->total_ns += ns;
	if (row->count++ && ns <= row->worst_ns)
		return;
	row->worst_ns = ns;
	row->worst_clock = clock;
	report_who_set(&row->worst_who, thread);
}

int report_calls_result(struct report_calls_row *row, int64_t result)
{
	struct report_errno *errors;

	if (result >= 0 || result < -4095)
		return 0;
	for (size_t i = 0; i < row->errors_count; i++) {
		if (row->errors[i].number == -result) {
			row->errors[i].count++;
			return 0;
		}
	}
	errors = reallocarray(row->errors, row->errors_count + 1,
			      sizeof(*errors));
	if (!errors)
		return -ENOMEM;
	row->errors = errors;
	errors[row->errors_count].number = (int)-result;
	errors[row->errors_count++].count = 1;
	return 0;
}

static int by_total(const void *a, const void *b)
{
	const struct report_calls_row *x = a, *y = b;

	if (x->used != y->used)
		return x->used ? -1 : 1;
	if (x->total_ns != y->total_ns)
		return x->total_ns > y->total_ns ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->compat - y->compat;
}

static int by_count(const void *a, const void *b)
{
	const struct report_errno *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->number - y->number;
}

static void sort_errors(struct report_calls_row *row)
{
	if (row->errors_count)
		qsort(row->errors, row->errors_count, sizeof(*row->errors),
		      by_count);
}

void report_calls_sort(struct report_calls *calls)
{
	qsort(calls->rows, calls->room, sizeof(*calls->rows), by_total);
	for (size_t i = 0; i < calls->count; i++)
		sort_errors(&calls->rows[i]);
	sort_errors(&calls->others);
}
