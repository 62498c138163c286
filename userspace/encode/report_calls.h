/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system calls of a window by name. Only those that began and ended in the
 * window have a duration; the others are counted by what is missing of them.
 */
#ifndef REPORT_CALLS_H
#define REPORT_CALLS_H

#include "report_words.h"

struct report_errno {
	int number;
	uint64_t count;
};

/**
 * struct report_calls_row - all calls of one name
 * @used: there is one
 * @compat: of 32-bit callers
 * @nr: call number
 * @name: its name, NULL if not known
 * @count: those that began and ended in the window, of which @total_ns,
 *	@worst_ns, @worst_clock (its beginning) and @worst_who tell
 * @total_ns: time spent in them
 * @worst_ns: in the longest of them
 * @worst_clock: when that began
 * @worst_who: who that was
 * @at_begin: in flight at the beginning, and ended in the window
 * @at_end: began in the window, and in flight at its end
 * @throughout: in flight at the beginning and at the end
 * @cut_off: of which the beginning or the end is in a hole
 * @with_thread: ended with the thread, like exit()
 * @errors: how often which errno was returned
 * @errors_count: how many different ones
 */
struct report_calls_row {
	bool used;
	bool compat;
	int32_t nr;
	const struct flightrec_call_name *name;
	uint64_t count;
	uint64_t total_ns;
	uint64_t worst_ns;
	uint64_t worst_clock;
	struct report_who worst_who;
	uint64_t at_begin;
	uint64_t at_end;
	uint64_t throughout;
	uint64_t cut_off;
	uint64_t with_thread;
	struct report_errno *errors;
	size_t errors_count;
};

/**
 * struct report_calls - the table
 * @rows: a hash table; after report_calls_sort(), in order
 * @room: a power of two
 * @count: rows in use
 * @others: for calls whose numbers are so many that no program means them
 */
struct report_calls {
	struct report_calls_row *rows;
	size_t room;
	size_t count;
	struct report_calls_row others;
};

int report_calls_init(struct report_calls *calls);
void report_calls_deinit(struct report_calls *calls);

/* The row of @call. It stays good until the next row is asked for. NULL: no
 * memory. */
struct report_calls_row *report_calls_get(struct report_calls *calls,
					  const struct front_call *call);

/* Count one that began at @clock and took @ns. */
void report_calls_count(struct report_calls_row *row,
			const struct front_thread *thread, uint64_t clock,
			uint64_t ns);
/* Count what one returned, if that was an error. Returns 0 or -ENOMEM. */
int report_calls_result(struct report_calls_row *row, int64_t result);

/* By the time spent in them; errors by number of times. Then look, no more. */
void report_calls_sort(struct report_calls *calls);

#endif /* REPORT_CALLS_H */
