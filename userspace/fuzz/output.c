// SPDX-License-Identifier: GPL-2.0
/*
 * What encoders write, and what must hold of it whatever the window was. See
 * fuzz.h.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "utf8.h"

void fuzz_must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken rule: %s\n", what);
	abort();
}

/* ---- writing -------------------------------------------------------------- */

/* One file without a name serves all inputs. */
static int output_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("output", MFD_CLOEXEC);
	fuzz_must(fd >= 0 && !ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET),
		  "no file for the output");
	return fd;
}

static void judge_output(int fd, void (*judge)(const uint8_t *, size_t))
{
	off_t length = lseek(fd, 0, SEEK_END);
	void *bytes;

	if (!judge || length <= 0)
		return;
	bytes = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, fd, 0);
	fuzz_must(bytes != MAP_FAILED, "cannot look at the output");
	judge(bytes, (size_t)length);
	munmap(bytes, (size_t)length);
}

void fuzz_output(const uint8_t *data, size_t size, fuzz_write_fn *write,
		 void (*judge)(const uint8_t *bytes, size_t length))
{
	struct flightrec_error error = { 0 };
	struct flightrec_reader *reader;
	struct sink sink;
	int fd, ret;

	if (flightrec_reader_from_memory(data, size, &reader, NULL))
		return;
	fd = output_file();
	fuzz_must(!sink_init(&sink, fd), "no memory for the output");
	ret = write(reader, &sink, &error);
	fuzz_must(ret <= 0, "an encoder returns more than 0");
	fuzz_must(!ret == !error.code, "an error without its reason");
	fuzz_must(!ret || *error.text, "an error without words");
	fuzz_must(!sink_deinit(&sink), "the output cannot be written");
	if (!ret)
		judge_output(fd, judge);
	flightrec_reader_destroy(reader);
}

/* ---- text ----------------------------------------------------------------- */

/*
 * A line is a line whatever names, paths and marks say: no control characters,
 * valid UTF-8 throughout, and the last line is ended.
 */
void fuzz_judge_text(const uint8_t *bytes, size_t length)
{
	const char *at = (const char *)bytes;
	uint32_t character;
	size_t taken;

	fuzz_must(bytes[length - 1] == '\n', "the last line is not ended");
	while (length) {
		taken = utf8_decode(at, length, &character);
		fuzz_must(taken, "bytes that are no UTF-8");
		fuzz_must(character >= 0x20 || character == '\n',
			  "a control character");
		fuzz_must(character < 0x7f || character > 0x9f,
			  "a control character of C1");
		at += taken;
		length -= taken;
	}
}

/* ---- Perfetto ------------------------------------------------------------- */

/* A message being read: its bytes from @at to @end. */
struct message {
	const uint8_t *at;
	const uint8_t *end;
};

/* One field: @number for VARINT, @inner for BYTES. */
struct field {
	uint32_t id;
	uint32_t wire;
	uint64_t number;
	struct message inner;
};

#define VARINT 0
#define BYTES  2

static uint64_t take_varint(struct message *message)
{
	uint64_t value = 0;
	unsigned int shift;

	for (shift = 0; shift < 70; shift += 7) {
		uint8_t byte;

		fuzz_must(message->at < message->end, "a number is cut off");
		byte = *message->at++;
		value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
		if (!(byte & 0x80))
			return value;
	}
	fuzz_must(false, "a number of more than 10 bytes");
	return 0;
}

/* The next field; false: there are no more. */
static bool take_field(struct message *message, struct field *field)
{
	uint64_t tag, length;

	if (message->at == message->end)
		return false;
	tag = take_varint(message);
	field->id = (uint32_t)(tag >> 3);
	field->wire = tag & 7;
	fuzz_must(field->id && tag <= UINT32_MAX, "no field's number");
	if (field->wire == VARINT) {
		field->number = take_varint(message);
		return true;
	}
	/* None of the fields written has another type. */
	fuzz_must(field->wire == BYTES, "a field of no known type");
	length = take_varint(message);
	fuzz_must(length <= (uint64_t)(message->end - message->at),
		  "a field is longer than its message");
	field->inner.at = message->at;
	field->inner.end = message->at + length;
	message->at += length;
	return true;
}

/*
 * The fields of one event: stamp 1, pid 2, and the one that it is about, whose
 * fields are numbers and strings.
 */
static uint64_t judge_event(struct message event)
{
	struct field field, inner;
	uint64_t stamp = 0;
	unsigned int stamps = 0, kinds = 0;

	while (take_field(&event, &field)) {
		if (field.id == 1 && field.wire == VARINT) {
			stamp = field.number;
			stamps++;
		}
		if (field.wire != BYTES)
			continue;
		kinds++;
		while (take_field(&field.inner, &inner)) {
			uint32_t character;
			size_t taken;

			while (inner.wire == BYTES &&
			       inner.inner.at < inner.inner.end) {
				taken = utf8_decode(
					(const char *)inner.inner.at,
					(size_t)(inner.inner.end -
						 inner.inner.at),
					&character);
				fuzz_must(taken, "a string that is no UTF-8");
				inner.inner.at += taken;
			}
		}
	}
	fuzz_must(stamps == 1, "an event with no stamp, or two");
	fuzz_must(kinds == 1, "an event about nothing, or two things");
	return stamp;
}

/* A bundle: CPU 1, events 2. On a CPU, stamps never fall. */
static void judge_bundle(struct message bundle, uint64_t *last)
{
	uint64_t cpu = UINT64_MAX, stamp;
	struct field field;

	while (take_field(&bundle, &field)) {
		if (field.id == 1 && field.wire == VARINT)
			cpu = field.number;
		if (field.id != 2)
			continue;
		fuzz_must(field.wire == BYTES, "an event that is no message");
		fuzz_must(cpu < 1024, "events of no CPU");
		stamp = judge_event(field.inner);
		fuzz_must(stamp >= last[cpu], "stamps of a CPU fall");
		last[cpu] = stamp;
	}
}

/* Packets, field 1 of the file; in them, bundles are field 1. */
void fuzz_judge_perfetto(const uint8_t *bytes, size_t length)
{
	struct message trace = { bytes, bytes + length };
	uint64_t last[1024] = { 0 };
	struct field packet, field, inner;

	while (take_field(&trace, &packet)) {
		fuzz_must(packet.id == 1 && packet.wire == BYTES,
			  "something that is no packet");
		while (take_field(&packet.inner, &field)) {
			if (field.wire != BYTES)
				continue;
			if (field.id == 1)
				judge_bundle(field.inner, last);
			else
				while (take_field(&field.inner, &inner))
					;
		}
	}
}

/* ---- windows --------------------------------------------------------------- */

/* Bytes that grow. */
struct grown {
	uint8_t *bytes;
	size_t length;
};

static int grow(void *to, const void *bytes, size_t length)
{
	struct grown *grown = to;
	uint8_t *more = realloc(grown->bytes, grown->length + length);

	if (!more)
		return -ENOMEM;
	memcpy(more + grown->length, bytes, length);
	grown->bytes = more;
	grown->length += length;
	return 0;
}

/* Write what @bytes are, narrowed by @excerpt; false: that cannot be. */
static bool write_again(const uint8_t *bytes, size_t length,
			struct flightrec_excerpt *excerpt, struct grown *grown)
{
	struct flightrec_reader *reader;
	int code = flightrec_reader_from_memory(bytes, length, &reader, NULL);

	fuzz_must(!code, "a window that was written can be opened");
	fuzz_must(flightrec_reader_whole(reader), "it has an end marker");
	code = flightrec_reader_narrow(reader, excerpt, NULL);
	fuzz_must(!code || code == -E2BIG, "it can be narrowed");
	if (!code)
		fuzz_must(!flightrec_reader_write(reader, grow, grown, NULL),
			  "it can be written again");
	flightrec_reader_destroy(reader);
	return !code;
}

void fuzz_judge_frec(const uint8_t *bytes, size_t length)
{
	struct flightrec_excerpt all = { 0 }, half = { .last_ns = 1000000 };
	struct grown same = { 0 }, less = { 0 }, again = { 0 };

	write_again(bytes, length, &all, &same);
	fuzz_must(same.bytes && same.length == length &&
			  !memcmp(same.bytes, bytes, length),
		  "a window is written again as it is");
	half.max_bytes = length / 2;
	if (write_again(bytes, length, &half, &less)) {
		fuzz_must(less.length <= length / 2, "max_bytes is kept to");
		write_again(less.bytes, less.length, &all, &again);
	}
	free(same.bytes);
	free(less.bytes);
	free(again.bytes);
}
