// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "window.h"

#include <errno.h>
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

static enum window_result explain_read(int error)
{
	switch (error) {
	case -EBUSY:
		return WINDOW_BUSY;
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
	return WINDOW_NOT_READ;
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
	if (length < 0)
		return explain_read((int)length);
	*error = output_commit(output);
	return *error ? WINDOW_NOT_WRITTEN : WINDOW_TAKEN;
}

enum window_result window_take(int fd, struct output *output, int *error)
{
	char *chunk = malloc(CHUNK_BYTES);
	enum window_result result = WINDOW_NOT_READ;

	if (chunk)
		result = copy(fd, output, chunk, error);
	else
		cli_fail("cannot read the window: out of memory");
	free(chunk);
	if (result != WINDOW_TAKEN && result != WINDOW_BUSY)
		output_abandon(output);
	return result;
}
