/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A bounds-checked cursor over bytes that nobody vouches for.
 *
 * It does not move on an error, and the error names the offset and what was
 * expected there. Offsets and sizes are 64 bits and never added unchecked.
 * It must never hand out a pointer that it has not checked.
 */
#ifndef FR_CURSOR_H
#define FR_CURSOR_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "libflightrec.h"

/**
 * struct fr_cursor - a place in memory
 * @bytes: the memory
 * @length: its length
 * @at: where the cursor stands, in bytes from @bytes; at most @length
 */
struct fr_cursor {
	const uint8_t *bytes;
	uint64_t length;
	uint64_t at;
};

void fr_cursor_init(struct fr_cursor *cursor, const void *bytes,
		    uint64_t length);
uint64_t fr_cursor_left(const struct fr_cursor *cursor);
int fr_cursor_seek(struct fr_cursor *cursor, uint64_t offset, const char *what,
		   struct flightrec_error *error);
int fr_cursor_read(struct fr_cursor *cursor, void *to, uint64_t bytes,
		   const char *what, struct flightrec_error *error);

/* A little-endian word at any address; the caller has checked the bounds. */
static inline uint64_t fr_load64(const uint8_t *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return le64toh(word);
}

#endif /* FR_CURSOR_H */
