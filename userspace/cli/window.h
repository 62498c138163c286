/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking a window: what the device reads as into an output, byte for byte.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include "output.h"

enum window_result {
	WINDOW_TAKEN,
	WINDOW_BUSY,	    /* recording: nothing done, @output is open */
	WINDOW_NOT_READ,    /* explained */
	WINDOW_NOT_WRITTEN, /* *error says why; not explained */
};

/* Write all of @fd's window to @output and commit it; unless WINDOW_BUSY,
 * @output is done with. */
enum window_result window_take(int fd, struct output *output, int *error);

#endif /* WINDOW_H */
