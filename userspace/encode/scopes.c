// SPDX-License-Identifier: GPL-2.0
/*
 * Which scopes are open: see scopes.h.
 */
#include "scopes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct scope - one that is open
 * @older: the one that the thread opened before
 * @begin_clock: when
 * @lane: see struct scope_step
 * @key_length: of @bytes, the first ones: its key
 * @text_length: and those that follow: its text
 * @bytes: not NUL terminated
 */
struct scope {
	struct scope *older;
	uint64_t begin_clock;
	unsigned int lane;
	size_t key_length;
	size_t text_length;
	char bytes[];
};

void scopes_deinit(struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->count; i++) {
		while (scopes->open[i]) {
			struct scope *newest = scopes->open[i];

			scopes->open[i] = newest->older;
			free(newest);
		}
	}
	free(scopes->open);
	free(scopes->ended);
	memset(scopes, 0, sizeof(*scopes));
}

static int make_room(struct scopes *scopes, size_t thread)
{
	size_t room = scopes->count ? scopes->count : 64;
	struct scope **open;

	if (thread < scopes->count)
		return 0;
	while (room <= thread)
		room *= 2;
	open = reallocarray(scopes->open, room, sizeof(struct scope *));
	if (!open)
		return -ENOMEM;
	memset(open + scopes->count, 0,
	       (room - scopes->count) * sizeof(struct scope *));
	scopes->open = open;
	scopes->count = room;
	return 0;
}

/* The lowest lane that none of @scope and older ones has. */
static unsigned int free_lane(const struct scope *scope)
{
	uint64_t taken = 0;

	for (; scope; scope = scope->older)
		taken |= 1ULL << scope->lane;
	return ~taken ? (unsigned int)__builtin_ctzll(~taken) : SCOPES_LANES;
}

/* Its text; if it has none, its key is what it is called. */
static const char *scope_name(const struct scope *scope, size_t *length)
{
	if (!scope->text_length) {
		*length = scope->key_length;
		return scope->bytes;
	}
	*length = scope->text_length;
	return scope->bytes + scope->key_length;
}

static int scope_begin(struct scope **newest, uint64_t clock,
		       struct scope_step *step)
{
	const struct flightrec_scope *mark = &step->mark;
	struct scope *scope;

	step->lane = free_lane(*newest);
	step->begin_clock = clock;
	if (step->lane == SCOPES_LANES)
		return 0;
	scope = malloc(sizeof(*scope) + mark->key_length + mark->text_length);
	if (!scope)
		return -ENOMEM;
	scope->older = *newest;
	scope->begin_clock = clock;
	scope->lane = step->lane;
	scope->key_length = mark->key_length;
	scope->text_length = mark->text_length;
	memcpy(mempcpy(scope->bytes, mark->key, mark->key_length), mark->text,
	       mark->text_length);
	step->name = scope_name(scope, &step->name_length);
	*newest = scope;
	return 1;
}

static int scope_end(struct scopes *scopes, struct scope **link,
		     struct scope_step *step)
{
	const struct flightrec_scope *mark = &step->mark;

	for (; *link; link = &(*link)->older) {
		struct scope *scope = *link;

		if (scope->key_length != mark->key_length ||
		    memcmp(scope->bytes, mark->key, mark->key_length) != 0)
			continue;
		step->lane = scope->lane;
		step->begin_clock = scope->begin_clock;
		step->name = scope_name(scope, &step->name_length);
		*link = scope->older;
		free(scopes->ended);
		scopes->ended = scope;
		return 1;
	}
	return 0;
}

int scopes_step(struct scopes *scopes, size_t thread,
		const struct flightrec_event *event, struct scope_step *step)
{
	if (!flightrec_scope_parse(event->mark.text, event->mark.length,
				   &step->mark))
		return 0;
	if (make_room(scopes, thread))
		return -ENOMEM;
	if (step->mark.begins)
		return scope_begin(&scopes->open[thread], event->clock, step);
	return scope_end(scopes, &scopes->open[thread], step);
}

int scopes_each(const struct scopes *scopes, scopes_function visit,
		void *context)
{
	const struct scope *scope;
	const char *name;
	size_t length;
	int ret;

	for (size_t i = 0; i < scopes->count; i++) {
		for (scope = scopes->open[i]; scope; scope = scope->older) {
			name = scope_name(scope, &length);
			ret = visit(context, i, name, length);
			if (ret)
				return ret;
		}
	}
	return 0;
}
