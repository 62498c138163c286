// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "setup.h"
#include "undo.h"

#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec start [OPTION]... -p PID,... | -t TID,... | --comm NAME\n"
	"\n"
	"Starts recording. Targets may be repeated and mixed; those added while idle, by\n"
	"'flightrec target add', are recorded as well.\n"
	"\n"
	"  -p, --pid PID,...    processes: all threads, and what they create later\n"
	"  -t, --tid TID,...    single threads\n"
	"  --comm NAME          whatever has this name or gets it, by exec or renaming: a\n"
	"                       restarted service is on the tape again\n"
	"  --no-follow          do not record children and new threads of the targets\n" SETUP_HELP
	"  -h, --help           this text\n"
	"\n"
	"If anything cannot be had, nothing is changed. Recording ends with 'flightrec\n"
	"stop', not with this command.\n";

static int parse(struct setup *setup, int argc, char *argv[], int *status)
{
	static const struct option options[] = {
		TARGETS_OPTIONS,
		SETUP_OPTIONS,
		{ "no-follow", no_argument, NULL, CLI_OPTION_NO_FOLLOW },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*status = 0;
	while (!*status &&
	       (option = getopt_long(argc, argv, "+h" TARGETS_LETTERS, options,
				     NULL)) != -1) {
		switch (option) {
		case 'p':
		case 't':
		case CLI_OPTION_COMM:
			*status =
				targets_option(&setup->targets, option, optarg);
			break;
		case CLI_OPTION_NO_FOLLOW:
			setup->targets.follow = false;
			break;
		case 'h':
			*status = cli_help(help);
			return -1;
		default:
			*status = setup_option(setup, option, optarg);
			break;
		}
	}
	if (!*status)
		*status = cli_no_operands(argc, argv);
	if (!*status && !setup->targets.count)
		*status = cli_misuse(
			"nothing to record: name a process (-p PID), a thread (-t TID) or a name (--comm NAME)");
	return *status ? -1 : 0;
}

static void tell(const struct flightrec_stats *stats)
{
	uint64_t asked = stats->config.keep_ns;

	cli_note("recording %u task%s of %u target%s, tape of %s%s%s%s",
		 stats->tasks, cli_plural(stats->tasks), stats->targets,
		 cli_plural(stats->targets),
		 cli_size(stats->config.ring_bytes).text,
		 asked ? " to keep " : "",
		 asked ? cli_duration_option(asked).text : "",
		 stats->tasks ? "" : "; nothing has that name yet");
	if (stats->config.sparing == FLIGHTREC_SPARING_REFUSED)
		cli_note(
			"bystanders are not spared: there is another tracer of system calls");
}

/* With the signals held back: who interrupts gets the idle recorder back, and
 * never one that is half set up. */
static int start(struct setup *setup, int fd)
{
	struct flightrec_stats stats;
	sigset_t old;
	int error;

	undo_hold(&old);
	error = setup_begin(setup, fd, &stats);
	if (!error && undo_pending())
		flightrec_stop(fd);
	undo_release(&old);
	if (error)
		return EXIT_FAILURE;
	tell(&stats);
	return EXIT_SUCCESS;
}

int start_main(int argc, char *argv[])
{
	struct setup setup;
	int fd, status;

	setup_init(&setup);
	if (!parse(&setup, argc, argv, &status)) {
		fd = device_open(O_RDWR);
		status = fd < 0 ? EXIT_FAILURE : start(&setup, fd);
		if (fd >= 0)
			close(fd);
	}
	setup_deinit(&setup);
	return status;
}
