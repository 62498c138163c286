/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where output goes: a buffer in front of a file descriptor. The first write
 * that fails is kept, the rest is thrown away, and every later call says so:
 * who writes may check once at the end, but must check then.
 */
#ifndef SINK_H
#define SINK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SINK_BYTES (256 * 1024)

/**
 * struct sink - a buffered file descriptor
 * @fd: not closed by the sink
 * @error: the first error, a negative errno; 0: none so far
 * @used: bytes in the buffer
 * @written: bytes that have left it
 * @bytes: the buffer
 */
struct sink {
	int fd;
	int error;
	size_t used;
	uint64_t written;
	char *bytes;
};

/**
 * sink_init() - begin to write to @fd
 * @sink: the sink
 * @fd: a descriptor open for writing; stays the caller's
 *
 * Return: 0 or -ENOMEM.
 */
int sink_init(struct sink *sink, int fd);

/**
 * sink_flush() - write what is in the buffer
 * @sink: the sink
 *
 * Return: 0, or the first error that this sink ever had.
 */
int sink_flush(struct sink *sink);

/**
 * sink_deinit() - flush, and free the buffer
 * @sink: the sink
 *
 * Return: as sink_flush().
 */
int sink_deinit(struct sink *sink);

/* Append @length bytes, more than there is room for perhaps. */
void sink_write_slow(struct sink *sink, const void *bytes, size_t length);

static inline void sink_write(struct sink *sink, const void *bytes,
			      size_t length)
{
	if (length > SINK_BYTES - sink->used) {
		sink_write_slow(sink, bytes, length);
		return;
	}
	memcpy(sink->bytes + sink->used, bytes, length);
	sink->used += length;
}

static inline void sink_char(struct sink *sink, char c)
{
	sink_write(sink, &c, 1);
}

static inline void sink_string(struct sink *sink, const char *string)
{
	sink_write(sink, string, strlen(string));
}

/* Numbers: decimal; decimal with zeros in front up to @width; "0x1f". */
void sink_unsigned(struct sink *sink, uint64_t value);
void sink_signed(struct sink *sink, int64_t value);
void sink_padded(struct sink *sink, uint64_t value, unsigned int width);
void sink_hex(struct sink *sink, uint64_t value);
void sink_octal(struct sink *sink, uint64_t value);

/**
 * sink_escaped() - bytes of unknown origin as part of one line
 * @sink: the sink
 * @bytes: they
 * @length: how many
 * @also: characters to escape besides, e.g. "\"" within quotes; "" for none
 *
 * Printable ASCII and whole, valid UTF-8 sequences stand for themselves; a
 * backslash is doubled; control characters (of C1 too), line separators, what
 * reverses the direction of writing and bytes that are no UTF-8 become \n, \t,
 * \r or \xNN, byte by byte.
 */
void sink_escaped(struct sink *sink, const char *bytes, size_t length,
		  const char *also);

/* As printf(); not for the inner loop. */
void sink_printf(struct sink *sink, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* SINK_H */
