/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An encoder: a window in, a file for a viewer out. A new format is one file
 * and one row of the table in encoder.c.
 */
#ifndef ENCODER_H
#define ENCODER_H

#include <libflightrec.h>
#include "sink.h"

/**
 * struct encoder - one output format
 * @name: as the user says it
 * @suffix: of its files, with the dot
 * @type: media type of its files
 * @about: one line on what opens it
 * @encode: write all of @reader's window to @sink, in one pass of the front
 *	end. Returns 0 or a negative errno and then says why in @error. A window
 *	that is damaged is no error: what is whole is written. Flushes the sink.
 */
struct encoder {
	const char *name;
	const char *suffix;
	const char *type;
	const char *about;
	int (*encode)(struct flightrec_reader *reader, struct sink *sink,
		      struct flightrec_error *error);
};

/* All of them, in the order in which to list them; the last is NULL. */
extern const struct encoder *const encoders[];

/**
 * encoder_find() - an encoder by its name
 * @name: the name
 *
 * Return: it, or NULL.
 */
const struct encoder *encoder_find(const char *name);

/**
 * encoder_fail() - say in @error why encoding ends
 * @error: (out) filled in
 * @code: a negative errno
 * @doing: what could not be done, as in "cannot @doing: No space left"
 *
 * Return: @code.
 */
int encoder_fail(struct flightrec_error *error, int code, const char *doing);

#endif /* ENCODER_H */
