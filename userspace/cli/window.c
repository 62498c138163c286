// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "excerpt.h"
#include "window.h"

#include <errno.h>
#include <keep.h>
#include <stdint.h>
#include <unistd.h>

#define CHUNK_BYTES (256 * 1024)

static ssize_t read_chunk(int fd, char *chunk)
{
	ssize_t length;

	do {
		length = read(fd, chunk, CHUNK_BYTES);
	} while (length < 0 && errno == EINTR);
	return length < 0 ? -errno : length;
}

static void explain_read(int error)
{
	switch (error) {
	case -ENODATA:
		cli_fail(
			"nothing is being recorded, so there is no window; see 'flightrec start --help'");
		break;
	case -ESTALE:
		cli_fail(
			"the window went away while it was read: somebody thawed or stopped the recorder; nothing was written");
		break;
	case -ENOMEM:
		cli_fail(
			"the kernel has no memory to put the window's tables together; try again");
		break;
	default:
		cli_fail("cannot read the window: %s", cli_why(error));
		break;
	}
}

static enum window_result not_read(int code, int *error)
{
	*error = code;
	return code == -EBUSY ? WINDOW_BUSY : WINDOW_NOT_READ;
}

static enum window_result copy(int fd, struct output *output, char *chunk,
			       int *error)
{
	ssize_t length;

	while ((length = read_chunk(fd, chunk)) > 0) {
		*error = output_write(output, chunk, (size_t)length);
		if (*error)
			return WINDOW_NOT_WRITTEN;
	}
	return length < 0 ? not_read((int)length, error) : WINDOW_TAKEN;
}

const char *window_fate(int fd)
{
	struct flightrec_stats stats;

	if (!flightrec_stats(fd, &stats, NULL, 0) &&
	    stats.state == FLIGHTREC_FROZEN)
		return "the window is kept (the recorder stays frozen): try again, elsewhere perhaps, and 'flightrec thaw' to go on recording";
	return "nothing was written, and recording goes on";
}

/* Was the age held that was asked for? */
static void note_keep(const struct flightrec_reader *reader)
{
	struct flightrec_keep keep;
	char words[KEEP_BYTES];

	flightrec_keep_of_reader(reader, &keep);
	if (keep.verdict == FLIGHTREC_KEEP_UNASKED)
		return;
	keep_describe(words, &keep);
	cli_note("keep: %s", words);
}

/* The window says it itself where it cannot be read again: to a pipe, say. */
static void note_keep_of(const struct output *output)
{
	struct flightrec_reader *reader;

	if (!output->temporary ||
	    flightrec_reader_open(output->temporary, &reader, NULL))
		return;
	note_keep(reader);
	flightrec_reader_destroy(reader);
}

static int put(void *to, const void *bytes, size_t length)
{
	return output_write(to, bytes, length);
}

/* It is read as a whole first: what to leave away is known in the end. */
static enum window_result copy_excerpt(int fd, struct output *output,
				       struct flightrec_excerpt *excerpt,
				       int *error)
{
	struct flightrec_reader *reader;
	struct flightrec_error why;
	enum window_result result = WINDOW_NOT_READ;
	int code = flightrec_reader_from_fd(fd, &reader, &why);

	switch (code) {
	case 0:
		break;
	case -EBUSY:
	case -ENODATA:
	case -ESTALE:
	case -ENOMEM:
		return not_read(code, error);
	default:
		cli_fail("%s; %s", why.text, window_fate(fd));
		return WINDOW_NOT_SPOOLED;
	}
	note_keep(reader);
	if (flightrec_reader_narrow(reader, excerpt, &why)) {
		cli_fail("%s; nothing was written", why.text);
		*error = 0; /* it is told */
	} else {
		excerpt_note_short(excerpt, reader);
		*error = flightrec_reader_write(reader, put, output, NULL);
		result = *error ? WINDOW_NOT_WRITTEN : WINDOW_TAKEN;
	}
	flightrec_reader_destroy(reader);
	return result;
}

enum window_result window_copy(int fd, struct output *output, int *error)
{
	char *chunk = malloc(CHUNK_BYTES);
	enum window_result result;

	result = chunk ? copy(fd, output, chunk, error) :
			 not_read(-ENOMEM, error);
	free(chunk);
	return result;
}

enum window_result window_take(int fd, struct output *output,
			       struct flightrec_excerpt *excerpt, int *error)
{
	enum window_result result;

	if (excerpt && excerpt_wanted(excerpt))
		result = copy_excerpt(fd, output, excerpt, error);
	else
		result = window_copy(fd, output, error);
	switch (result) {
	case WINDOW_TAKEN:
		if (!excerpt || !excerpt_wanted(excerpt))
			note_keep_of(output);
		*error = output_commit(output);
		return *error ? WINDOW_NOT_WRITTEN : WINDOW_TAKEN;
	case WINDOW_BUSY:
		return result;
	case WINDOW_NOT_READ:
		if (*error)
			explain_read(*error);
		break;
	default:
		break;
	}
	output_abandon(output);
	return result;
}
