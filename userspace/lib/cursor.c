// SPDX-License-Identifier: LGPL-2.1-only
/* A bounds-checked cursor. See cursor.h. */
#include <errno.h>

#include "cursor.h"

void fr_cursor_init(struct fr_cursor *cursor, const void *bytes,
		    uint64_t length)
{
	cursor->bytes = bytes;
	cursor->length = length;
	cursor->at = 0;
}

/* Bytes from here to the end. */
uint64_t fr_cursor_left(const struct fr_cursor *cursor)
{
	return cursor->length - cursor->at;
}

/* Go to @offset; its very end is a place, too. */
int fr_cursor_seek(struct fr_cursor *cursor, uint64_t offset, const char *what,
		   struct flightrec_error *error)
{
	if (offset > cursor->length)
		return flightrec_error_set(
			error, -EBADMSG, offset,
			"expected %s here, but the end is at byte %llu", what,
			(unsigned long long)cursor->length);
	cursor->at = offset;
	return 0;
}

/* Copy @bytes to @to and step over them. */
int fr_cursor_read(struct fr_cursor *cursor, void *to, uint64_t bytes,
		   const char *what, struct flightrec_error *error)
{
	if (bytes > fr_cursor_left(cursor))
		return flightrec_error_set(
			error, -EBADMSG, cursor->at,
			"expected %s of %llu bytes, found %llu", what,
			(unsigned long long)bytes,
			(unsigned long long)fr_cursor_left(cursor));
	if (bytes)
		memcpy(to, cursor->bytes + cursor->at, bytes);
	cursor->at += bytes;
	return 0;
}
