// SPDX-License-Identifier: GPL-2.0
/*
 * Where output goes: see sink.h.
 */
#include "sink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "utf8.h"

int sink_init(struct sink *sink, int fd)
{
	memset(sink, 0, sizeof(*sink));
	sink->fd = fd;
	sink->bytes = malloc(SINK_BYTES);
	return sink->bytes ? 0 : -ENOMEM;
}

static void write_out(struct sink *sink, const char *bytes, size_t length)
{
	while (length && !sink->error) {
		ssize_t done = write(sink->fd, bytes, length);

		if (done < 0) {
			if (errno != EINTR)
				sink->error = -errno;
			continue;
		}
		if (done == 0) {
			sink->error = -EIO;
			return;
		}
		bytes += done;
		length -= (size_t)done;
		sink->written += (uint64_t)done;
	}
}

int sink_flush(struct sink *sink)
{
	write_out(sink, sink->bytes, sink->used);
	sink->used = 0;
	return sink->error;
}

int sink_deinit(struct sink *sink)
{
	int ret = sink_flush(sink);

	free(sink->bytes);
	sink->bytes = NULL;
	return ret;
}

void sink_write_slow(struct sink *sink, const void *bytes, size_t length)
{
	sink_flush(sink);
	if (length > SINK_BYTES) {
		write_out(sink, bytes, length);
		return;
	}
	memcpy(sink->bytes, bytes, length);
	sink->used = length;
}

/* ---- numbers ------------------------------------------------------------- */

#define NUMBER_BYTES 24

/* Digits of @value to the base of 2^@shift or 10, before @end. */
static char *digits(char *end, uint64_t value, unsigned int shift)
{
	unsigned int mask = (1U << shift) - 1;

	do {
		if (shift) {
			*--end = "0123456789abcdef"[value & mask];
			value >>= shift;
		} else {
			*--end = (char)('0' + value % 10);
			value /= 10;
		}
	} while (value);
	return end;
}

static void put_digits(struct sink *sink, const char *prefix, uint64_t value,
		       unsigned int shift)
{
	char number[NUMBER_BYTES];
	char *end = number + sizeof(number);
	char *begin = digits(end, value, shift);

	sink_string(sink, prefix);
	sink_write(sink, begin, (size_t)(end - begin));
}

void sink_unsigned(struct sink *sink, uint64_t value)
{
	put_digits(sink, "", value, 0);
}

void sink_signed(struct sink *sink, int64_t value)
{
	if (value < 0)
		put_digits(sink, "-", -(uint64_t)value, 0);
	else
		put_digits(sink, "", (uint64_t)value, 0);
}

void sink_hex(struct sink *sink, uint64_t value)
{
	put_digits(sink, "0x", value, 4);
}

void sink_octal(struct sink *sink, uint64_t value)
{
	put_digits(sink, value ? "0" : "", value, 3);
}

void sink_padded(struct sink *sink, uint64_t value, unsigned int width)
{
	char number[NUMBER_BYTES];
	char *end = number + sizeof(number);
	char *begin = digits(end, value, 0);

	while (begin > number && end - begin < (ptrdiff_t)width)
		*--begin = '0';
	sink_write(sink, begin, (size_t)(end - begin));
}

/* ---- text of unknown origin ---------------------------------------------- */

/* May it stand as it is? Not what ends a line or turns the writing around. */
static bool is_harmless(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return false;
	if (c == 0x61c || c == 0x200e || c == 0x200f || c == 0xfeff)
		return false;
	return !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

static void put_escape(struct sink *sink, char c)
{
	char escape[4] = { '\\', 'x' };
	unsigned char byte = (unsigned char)c;

	switch (c) {
	case '\n':
		sink_string(sink, "\\n");
		return;
	case '\t':
		sink_string(sink, "\\t");
		return;
	case '\r':
		sink_string(sink, "\\r");
		return;
	}
	if (byte >= 0x20 && byte < 0x7f) {
		escape[1] = c;
		sink_write(sink, escape, 2);
		return;
	}
	escape[2] = "0123456789abcdef"[byte >> 4];
	escape[3] = "0123456789abcdef"[byte & 0xf];
	sink_write(sink, escape, 4);
}

static size_t plain_length(const char *bytes, size_t length, const char *also)
{
	char c = bytes[0];
	uint32_t character;
	size_t taken;

	if (c > 0x20 && c < 0x7f)
		return c != '\\' && !(*also && strchr(also, c));
	taken = utf8_decode(bytes, length, &character);
	return taken && is_harmless(character) ? taken : 0;
}

/* As many bytes at @bytes as can stand as they are. */
static size_t plain_run(const char *bytes, size_t length, const char *also)
{
	size_t run = 0, plain;

	while (run < length) {
		plain = plain_length(bytes + run, length - run, also);
		if (!plain)
			break;
		run += plain;
	}
	return run;
}

void sink_escaped(struct sink *sink, const char *bytes, size_t length,
		  const char *also)
{
	size_t run;

	while (length) {
		run = plain_run(bytes, length, also);
		sink_write(sink, bytes, run);
		bytes += run;
		length -= run;
		if (!length)
			return;
		put_escape(sink, *bytes++);
		length--;
	}
}

void sink_printf(struct sink *sink, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0) {
		if (!sink->error)
			sink->error = -ENOMEM;
		return;
	}
	sink_write(sink, text, (size_t)length);
	free(text);
}
