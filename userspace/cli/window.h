/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking a window: what the device reads as into an output.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <libflightrec.h>

#include "output.h"

enum window_result {
	WINDOW_TAKEN,
	WINDOW_BUSY,	    /* recording: nothing done, @output is open */
	WINDOW_NOT_READ,    /* *error says why; explained by window_take() */
	WINDOW_NOT_WRITTEN, /* *error says why; not explained */
	WINDOW_NOT_SPOOLED, /* likewise, in TMPDIR; explained */
};

/* Write @fd's window to @output and commit it; unless WINDOW_BUSY, @output is done
 * with. @excerpt: how much of it; NULL: all, byte for byte. */
enum window_result window_take(int fd, struct output *output,
			       struct flightrec_excerpt *excerpt, int *error);

/* What becomes of @fd's window that could not be written, for a message. */
const char *window_fate(int fd);

/* The same without the end: nothing is committed or abandoned, @output is open. */
enum window_result window_copy(int fd, struct output *output, int *error);

#endif /* WINDOW_H */
