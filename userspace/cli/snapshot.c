// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "excerpt.h"
#include "undo.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec snapshot [OPTION]... -o FILE\n"
	"\n"
	"Reads the window out into FILE ('-': standard output). A frozen recorder stays\n"
	"frozen. One that records goes on meanwhile; what it writes anew before it was\n"
	"read, the oldest, is missing in FILE, which says so. (A module that cannot do\n"
	"that is frozen, read and thawed, and how long that took is said.)\n"
	"\n"
	"  -o, --output FILE    where to write; appears there as a whole or not at all\n" EXCERPT_HELP
	"  -h, --help           this text\n"
	"\n"
	"If FILE cannot be written, a frozen recorder keeps the window, so that a second\n"
	"try finds it. Ctrl-C leaves no file and the recorder as it was.\n";

static bool parse(int argc, char *argv[], const char **path,
		  struct flightrec_excerpt *excerpt, int *status)
{
	static const struct option options[] = {
		EXCERPT_OPTIONS,
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*path = NULL;
	*status = 0;
	while (!*status && (option = getopt_long(argc, argv, "+ho:", options,
						 NULL)) != -1) {
		switch (option) {
		case 'o':
			*path = optarg;
			break;
		case 'h':
			*status = cli_help(help);
			return false;
		default:
			*status = excerpt_option(excerpt, option, optarg);
			break;
		}
	}
	if (!*status)
		*status = cli_no_operands(argc, argv);
	if (!*status && (!*path || !**path))
		*status = cli_misuse("-o FILE is missing");
	return !*status;
}

/* Frozen by us, or (*ours false) by somebody else in the meantime. */
static int freeze(int fd, bool *ours)
{
	sigset_t old;
	int error;

	undo_hold(&old);
	error = flightrec_freeze(fd);
	if (error >= 0)
		undo_recorder(fd, UNDO_FREEZE);
	undo_release(&old);
	*ours = error >= 0;
	return error == -EALREADY ? 0 : error;
}

static int thaw(int fd)
{
	sigset_t old;
	int error;

	undo_hold(&old);
	error = flightrec_thaw(fd);
	undo_recorder(-1, UNDO_NOTHING);
	undo_release(&old);
	return error;
}

static void keep_frozen(void)
{
	sigset_t old;

	undo_hold(&old);
	undo_recorder(-1, UNDO_NOTHING);
	undo_release(&old);
}

static int explain_write(int fd, const char *path, int error)
{
	return cli_fail("cannot write %s: %s; %s", path, cli_why(error),
			window_fate(fd));
}

static int thaw_and_tell(int fd, uint64_t since)
{
	int error = thaw(fd);

	if (error < 0 && error != -EALREADY)
		return cli_fail(
			"the window is saved, but the recorder could not be thawed: %s; see 'flightrec status'",
			cli_why(error));
	cli_note("recording was interrupted for %.1f ms to read the window",
		 (double)(cli_mono_now() - since) / 1e6);
	return EXIT_SUCCESS;
}

/* A recorder that is on: stop the tape for as long as reading takes. */
static int snapshot_recording(int fd, struct output *output,
			      struct flightrec_excerpt *excerpt)
{
	const char *path = output->path;
	uint64_t since = cli_mono_now();
	bool ours;
	int error = freeze(fd, &ours);

	if (error < 0) {
		output_abandon(output);
		if (error == -ENODATA)
			return cli_fail(
				"recording was stopped just now; there is no window");
		return cli_fail("cannot freeze: %s", cli_why(error));
	}
	switch (window_take(fd, output, excerpt, &error)) {
	case WINDOW_TAKEN:
		return ours ? thaw_and_tell(fd, since) : EXIT_SUCCESS;
	case WINDOW_NOT_WRITTEN:
		/* Whoever wanted the bytes is gone: no second try. */
		if (error == -EPIPE && ours)
			thaw(fd);
		if (error == -EPIPE)
			return EXIT_FAILURE;
		keep_frozen();
		return explain_write(fd, path, error);
	case WINDOW_NOT_SPOOLED:
		keep_frozen();
		return EXIT_FAILURE;
	case WINDOW_BUSY:
		output_abandon(output);
		cli_fail(
			"somebody else thawed the recorder just now; try again");
		/* fallthrough */
	default:
		if (ours)
			thaw(fd);
		return EXIT_FAILURE;
	}
}

static int snapshot(int fd, const char *path, struct flightrec_excerpt *excerpt)
{
	struct output output;
	int error = output_open(&output, path);

	if (error)
		return cli_fail(
			"cannot write %s: %s; nothing was read, the recorder goes on as before",
			path, cli_why(error));
	switch (window_take(fd, &output, excerpt, &error)) {
	case WINDOW_TAKEN:
		return EXIT_SUCCESS;
	case WINDOW_BUSY:
		return snapshot_recording(fd, &output, excerpt);
	case WINDOW_NOT_WRITTEN:
		return error == -EPIPE ? EXIT_FAILURE :
					 explain_write(fd, path, error);
	default:
		return EXIT_FAILURE;
	}
}

int snapshot_main(int argc, char *argv[])
{
	struct flightrec_excerpt excerpt = { 0 };
	const char *path;
	int fd, status;

	if (!parse(argc, argv, &path, &excerpt, &status))
		return status;
	fd = device_open(O_RDWR);
	if (fd < 0)
		return EXIT_FAILURE;
	status = snapshot(fd, path, &excerpt);
	close(fd);
	return status;
}
