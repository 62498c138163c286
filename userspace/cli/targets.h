/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets as the command line names them, for start and target.
 */
#ifndef TARGETS_H
#define TARGETS_H

#include <libflightrec.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options of a subcommand that takes targets. */
#define TARGETS_LETTERS "p:t:"
#define TARGETS_OPTIONS                                          \
	{ "pid", required_argument, NULL, 'p' },                 \
		{ "tid", required_argument, NULL, 't' },         \
	{                                                        \
		"comm", required_argument, NULL, CLI_OPTION_COMM \
	}

/**
 * struct targets - a list of targets
 * @count: how many
 * @follow: record what they create, too
 * @list: they, in the order in which they were named
 */
struct targets {
	size_t count;
	bool follow;
	struct flightrec_target *list;
};

/* Takes option -p, -t or --comm. 0, or an exit status when explained. */
int targets_option(struct targets *targets, int option, const char *argument);
/* Append one. 0 or -ENOMEM. */
int targets_append(struct targets *targets, uint32_t kind, uint64_t id,
		   const char *comm);
void targets_deinit(struct targets *targets);

/* Add all, or none and explain; -1 then. One that is there already is fine if
 * @again; it is then taken off the list, so that nobody removes it. */
int targets_add(struct targets *targets, int fd, bool again);
/* Remove all; silently, for undoing. */
void targets_undo(const struct targets *targets, int fd);
/* Remove all that are there; explains what is not. 0 or -1. */
int targets_remove(struct targets *targets, int fd);
/* How many tasks the last targets_add() or targets_remove() touched. */
uint64_t targets_tasks(const struct targets *targets);

#endif /* TARGETS_H */
