/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scopes of a window by name, which is the text that they began with: how many
 * there were, how long they took, which one took the longest. Only those that began
 * and ended in the window, with no hole in between, have a duration.
 */
#ifndef REPORT_SCOPES_H
#define REPORT_SCOPES_H

#include "report_words.h"
#include "scopes.h"

struct report;

/**
 * struct report_scope - which scope it was
 * @name: what it is called
 * @name_length: how many bytes
 * @key: its key
 * @key_length: how many bytes
 */
struct report_scope {
	char name[FLIGHTREC_MARK_MAX];
	size_t name_length;
	char key[FLIGHTREC_SCOPE_KEY_MAX];
	size_t key_length;
};

/**
 * struct report_scopes_row - all scopes of one name
 * @count: those that began and ended in the window, of which the members up to
 *	@worst_who tell
 * @ns: how long each took, room for a power of two of them; when the
 *	table is printed, the shortest first
 * @total_ns: in all
 * @worst_ns: the longest of them
 * @worst_clock: when that began
 * @worst: which one that was; its name is that of all of the row
 * @worst_who: whose
 * @at_end: open at the end of the window
 * @with_thread: open when their thread ended
 * @cut_off: with a hole in them
 */
struct report_scopes_row {
	size_t count;
	uint64_t *ns;
	uint64_t total_ns;
	uint64_t worst_ns;
	uint64_t worst_clock;
	struct report_scope worst;
	struct report_who worst_who;
	uint64_t at_end;
	uint64_t with_thread;
	uint64_t cut_off;
};

/* As many names are kept apart. */
#define REPORT_SCOPES_MAX 1024

/**
 * struct report_scopes - the table
 * @open: those that have not ended yet
 * @rows: a hash table by name, of which half stays free; when
 *	the table is printed, in order
 * @count: of @rows
 * @others: of all names beyond that
 * @unbegun: ends whose beginning is not known
 */
struct report_scopes {
	struct scopes open;
	struct report_scopes_row *rows[REPORT_SCOPES_MAX * 2];
	size_t count;
	struct report_scopes_row others;
	uint64_t unbegun;
};

/* After report_flow_step(). These return 0 or a negative errno. */
int report_scopes_step(struct report *report, const struct front_step *step);
int report_scopes_finish(struct report *report);

/* The table, if there are any scopes, by the time spent in them. After that, none
 * may be added. */
void report_put_scopes(struct report *report);
/* "\"parse\", key 42". */
void report_put_scope(struct sink *sink, const struct report_scope *scope);
void report_scopes_deinit(struct report_scopes *scopes);

#endif /* REPORT_SCOPES_H */
