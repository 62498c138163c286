// SPDX-License-Identifier: LGPL-2.1-only
/* Errors: a code, a place, one line of text. Nothing here prints. */
#include <stdarg.h>
#include <stdio.h>

#include "libflightrec.h"

/**
 * flightrec_error_set() - say what went wrong
 * @error: filled in; may be NULL
 * @code: a negative errno
 * @offset: byte of the window, or FLIGHTREC_NO_OFFSET
 * @format: as printf() has it: what was found and what was expected, one line.
 *	What does not fit is cut off.
 *
 * Return: @code, so that a caller can return what this returns.
 */
int flightrec_error_set(struct flightrec_error *error, int code,
			uint64_t offset, const char *format, ...)
{
	va_list args;

	if (!error)
		return code;
	error->code = code;
	error->offset = offset;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}
