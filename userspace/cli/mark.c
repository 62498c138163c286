// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec mark TEXT...\n"
	"\n"
	"Puts a mark on the tape: 1 to 256 bytes, the arguments joined by blanks. It\n"
	"needs the write bit of " FLIGHTREC_NODE
	" and no privilege, and does the same as\n"
	"'echo TEXT > " FLIGHTREC_NODE "'.\n";

static char *join(int count, char *words[])
{
	size_t length = 1;
	char *text, *end;
	int i;

	for (i = 0; i < count; i++)
		length += strlen(words[i]) + 1;
	text = malloc(length);
	if (!text)
		return NULL;
	*text = '\0';
	for (i = 0, end = text; i < count; i++) {
		if (i)
			*end++ = ' ';
		end = stpcpy(end, words[i]);
	}
	return text;
}

static int explain(int error, size_t length)
{
	switch (error) {
	case -EMSGSIZE:
		return cli_fail("the mark is too long: %zu bytes, at most %d",
				length, FLIGHTREC_MARK_MAX);
	case -ENODATA:
		return cli_fail(
			"nothing is being recorded (idle or frozen), so there is no tape to put a mark on; see 'flightrec start --help' and 'flightrec thaw --help'");
	case -ENOSPC:
		return cli_fail(
			"the mark could not be stored: its CPU's blocks were all in use; it is counted as lost, try again");
	default:
		return cli_fail("cannot leave a mark: %s", cli_why(error));
	}
}

static int mark(const char *text)
{
	size_t length = strlen(text);
	int error, fd;

	if (!length)
		return cli_misuse("a mark must not be empty");
	/* Write-only, which is all that those who may only leave marks have. */
	fd = device_open(O_WRONLY);
	if (fd < 0)
		return EXIT_FAILURE;
	error = flightrec_mark(fd, text, length);
	close(fd);
	return error < 0 ? explain(error, length) : EXIT_SUCCESS;
}

int mark_main(int argc, char *argv[])
{
	int status;
	char *text;

	if (!cli_plain_options(argc, argv, help, &status))
		return status;
	if (optind == argc)
		return cli_misuse("no text");
	text = join(argc - optind, argv + optind);
	if (!text)
		return cli_fail("cannot leave a mark: out of memory");
	status = mark(text);
	free(text);
	return status;
}
