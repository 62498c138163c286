/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which scopes of which thread are open: begins and ends, by key. What a mark
 * must look like for that is libflightrec's.
 */
#ifndef SCOPES_H
#define SCOPES_H

#include <libflightrec.h>

/* As many can be open in a thread; those beyond are marks and nothing more. */
#define SCOPES_LANES 64

struct scope;

/**
 * struct scopes - scopes that are open
 * @open: by index of the thread: its scopes, the newest first
 * @count: how many threads there is room for
 * @ended: the one that ended last
 */
struct scopes {
	struct scope **open;
	size_t count;
	struct scope *ended;
};

/**
 * struct scope_step - what a mark did to a scope
 * @mark: its parts
 * @lane: a number that no other scope of the thread had at the same time, less
 *	than SCOPES_LANES
 * @begin_clock: when the scope began
 * @name: what it is called: the text that it began with, its key if there was none;
 *	not NUL terminated; good until the next step
 * @name_length: how many bytes
 */
struct scope_step {
	struct flightrec_scope mark;
	unsigned int lane;
	uint64_t begin_clock;
	const char *name;
	size_t name_length;
};

void scopes_deinit(struct scopes *scopes);

/**
 * scopes_step() - see what a mark does
 * @scopes: all zeros at first
 * @thread: index of who made it
 * @event: the mark
 * @step: (out) filled in on 1
 *
 * Return: 1: it begins or ends a scope; 0: it does not, or ends one that is not
 * known, or too many are open; -ENOMEM.
 */
int scopes_step(struct scopes *scopes, size_t thread,
		const struct flightrec_event *event, struct scope_step *step);

/* What is told of a scope that is open: its thread's index, and its name. */
typedef int (*scopes_function)(void *context, size_t thread, const char *name,
			       size_t length);

/**
 * scopes_each() - visit all scopes that are open
 * @scopes: they
 * @visit: called with each, until it returns something else than 0
 * @context: for it
 *
 * Return: what @visit returned last; 0: none is open.
 */
int scopes_each(const struct scopes *scopes, scopes_function visit,
		void *context);

#endif /* SCOPES_H */
