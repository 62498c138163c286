// SPDX-License-Identifier: GPL-2.0
/*
 * A streaming writer of protocol buffers: see protobuf.h.
 */
#include "protobuf.h"

#include <errno.h>
#include <stdlib.h>

#include "utf8.h"

void protobuf_deinit(struct protobuf *chunk)
{
	free(chunk->bytes);
	memset(chunk, 0, sizeof(*chunk));
}

int protobuf_grow(struct protobuf *chunk, size_t bytes)
{
	size_t room = chunk->room ? chunk->room * 2 : 1024;
	uint8_t *grown;

	while (room - chunk->used < bytes)
		room *= 2;
	grown = realloc(chunk->bytes, room);
	if (!grown)
		return -ENOMEM;
	chunk->bytes = grown;
	chunk->room = room;
	return 0;
}

void protobuf_string(struct protobuf *chunk, uint32_t field, const char *text,
		     size_t length)
{
	uint8_t *at;
	uint32_t character;
	size_t i = 0, taken;

	protobuf_bytes(chunk, field, text, length);
	at = chunk->bytes + chunk->used - length;
	while (i < length) {
		if (at[i] < 0x80) {
			i++;
			continue;
		}
		taken = utf8_decode(text + i, length - i, &character);
		if (!taken)
			at[i] = '?';
		i += taken ? taken : 1;
	}
}
