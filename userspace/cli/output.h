/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An output file that is there as a whole or not at all: it is written under a
 * temporary name in the same directory and renamed when it is on the disk. It is its
 * owner's alone: a window tells of other users' doings and was read with privilege, and
 * so does what is made from it.
 * "-", pipes, terminals and devices are written directly.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct output - an output file being written
 * @fd: where to write
 * @path: as the user said it
 * @final: the name that it will have; NULL: written directly
 * @temporary: the name that it has, if @final
 */
struct output {
	int fd;
	const char *path;
	char *final;
	char *temporary;
};

/* All of these return 0 or a negative errno and print nothing. Signals remove
 * the temporary file (undo.h) from output_open() on. */
int output_open(struct output *output, const char *path);
/* A file of @directory, whose name is made up (@prefix and six letters) until
 * output_name() gives it the one to be committed under. @directory must stay where
 * it is until then. */
int output_open_unnamed(struct output *output, const char *directory,
			const char *prefix);
int output_name(struct output *output, const char *name);
int output_write(struct output *output, const void *bytes, size_t length);
/* On the disk, under its name. Failing that it is as after output_abandon(). */
int output_commit(struct output *output);
/* As if nothing had been written. */
void output_abandon(struct output *output);

/* Whether a file can be made at @path, as far as can be told. 0 or -errno. */
int output_possible(const char *path);

#endif /* OUTPUT_H */
