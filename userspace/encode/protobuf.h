/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A streaming writer of protocol buffers: messages are appended to one chunk,
 * their lengths filled in when they end. A length takes as many bytes as was
 * said when the message began, padded with continuation bits where it is
 * shorter, which every reader takes.
 *
 * Who writes makes room first (protobuf_reserve), once for a whole message with
 * all that it may hold; the rest does not check.
 */
#ifndef PROTOBUF_H
#define PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of a number, and of a number with its tag (fields up to 2047). */
#define PROTOBUF_VARINT_MAX 10
#define PROTOBUF_FIELD_MAX  (PROTOBUF_VARINT_MAX + 2)

/**
 * struct protobuf - a chunk
 * @bytes: what was written
 * @used: how much
 * @room: how much @bytes has room for
 */
struct protobuf {
	uint8_t *bytes;
	size_t used;
	size_t room;
};

void protobuf_deinit(struct protobuf *chunk);

/**
 * protobuf_grow() - make room
 * @chunk: the chunk, at first all zero
 * @bytes: how many bytes are going to be written
 *
 * Return: 0 or -ENOMEM.
 */
int protobuf_grow(struct protobuf *chunk, size_t bytes);

static inline int protobuf_reserve(struct protobuf *chunk, size_t bytes)
{
	if (chunk->room - chunk->used >= bytes)
		return 0;
	return protobuf_grow(chunk, bytes);
}

static inline void protobuf_varint(struct protobuf *chunk, uint64_t value)
{
	uint8_t *at = chunk->bytes + chunk->used;

	while (value >= 0x80) {
		*at++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8_t)value;
	chunk->used = (size_t)(at - chunk->bytes);
}

/*
 * A number; negative ones as all of the format's signed types but sint have it.
 */
static inline void protobuf_number(struct protobuf *chunk, uint32_t field,
				   uint64_t value)
{
	protobuf_varint(chunk, field << 3);
	protobuf_varint(chunk, value);
}

static inline void protobuf_bytes(struct protobuf *chunk, uint32_t field,
				  const void *bytes, size_t length)
{
	protobuf_varint(chunk, field << 3 | 2);
	protobuf_varint(chunk, length);
	memcpy(chunk->bytes + chunk->used, bytes, length);
	chunk->used += length;
}

/**
 * protobuf_begin() - begin a message within
 * @chunk: the chunk
 * @field: which field it is
 * @width: bytes for its length: it may have up to 2^(7 * @width) - 1 bytes
 *
 * Return: what protobuf_end() wants.
 */
static inline size_t protobuf_begin(struct protobuf *chunk, uint32_t field,
				    unsigned int width)
{
	protobuf_varint(chunk, field << 3 | 2);
	chunk->used += width;
	return chunk->used;
}

static inline void protobuf_end(struct protobuf *chunk, size_t begin,
				unsigned int width)
{
	size_t length = chunk->used - begin;
	uint8_t *at = chunk->bytes + begin - width;

	for (unsigned int i = 1; i < width; i++) {
		*at++ = (uint8_t)(length | 0x80);
		length >>= 7;
	}
	*at = (uint8_t)(length & 0x7f);
}

/* How many bytes protobuf_varint() would write. */
static inline size_t protobuf_varint_length(uint64_t value)
{
	return (size_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

/**
 * protobuf_string() - text of unknown origin as a string field
 * @chunk: the chunk; at most @length + PROTOBUF_FIELD_MAX bytes are written
 * @field: which field it is
 * @text: any bytes
 * @length: how many
 *
 * Strings must be UTF-8: bytes that are not become question marks.
 */
void protobuf_string(struct protobuf *chunk, uint32_t field, const char *text,
		     size_t length);

#endif /* PROTOBUF_H */
