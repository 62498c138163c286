// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "targets.h"

#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec target add [--no-follow] -p PID,... | -t TID,... | --comm NAME\n"
	"       flightrec target remove -p PID,... | -t TID,... | --comm NAME\n"
	"\n"
	"Adds targets to a recording, or ends the recording of some. Children that were\n"
	"followed stay. While idle, targets are kept for the next start.\n"
	"\n"
	"  -p, --pid PID,...    processes with all their threads\n"
	"  -t, --tid TID,...    single threads\n"
	"  --comm NAME          whatever has this name or gets it\n"
	"  --no-follow          do not record children and new threads of the targets\n"
	"  -h, --help           this text\n"
	"\n"
	"Of several targets to add, all are added or none.\n";

/* True: go on; false: return *status. */
static bool parse(struct targets *targets, int argc, char *argv[], bool adding,
		  int *status)
{
	static const struct option options[] = {
		TARGETS_OPTIONS,
		{ "no-follow", no_argument, NULL, CLI_OPTION_NO_FOLLOW },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*status = 0;
	while (!*status &&
	       (option = getopt_long(argc, argv, "h" TARGETS_LETTERS, options,
				     NULL)) != -1) {
		switch (option) {
		case 'p':
		case 't':
		case CLI_OPTION_COMM:
			*status = targets_option(targets, option, optarg);
			break;
		case CLI_OPTION_NO_FOLLOW:
			if (!adding)
				*status = cli_misuse(
					"--no-follow is for 'target add'");
			targets->follow = false;
			break;
		case 'h':
			*status = cli_help(help);
			return false;
		default:
			*status = cli_misuse_option();
			break;
		}
	}
	if (!*status)
		*status = cli_no_operands(argc, argv);
	if (!*status && !targets->count)
		*status = cli_misuse(
			"no target: name a process (-p PID), a thread (-t TID) or a name (--comm NAME)");
	return !*status;
}

static int change(struct targets *targets, bool adding)
{
	struct flightrec_stats stats;
	int error, fd = device_open(O_RDWR);

	if (fd < 0)
		return EXIT_FAILURE;
	error = adding ? targets_add(targets, fd, false) :
			 targets_remove(targets, fd);
	if (!error && !device_stats(fd, &stats) && adding) {
		if (stats.state == FLIGHTREC_IDLE)
			cli_note("%u target%s for the next 'flightrec start'",
				 stats.targets, cli_plural(stats.targets));
		else
			cli_note("%" PRIu64 " more task%s, %u recorded now",
				 targets_tasks(targets),
				 cli_plural(targets_tasks(targets)),
				 stats.tasks);
	}
	close(fd);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

int target_main(int argc, char *argv[])
{
	struct targets targets = { .follow = true };
	bool adding;
	int status;

	if (argc < 2)
		return cli_misuse("what: add or remove?");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cli_help(help);
	if (argv[1][0] == '-')
		return cli_misuse("unrecognized option '%s'", argv[1]);
	adding = !strcmp(argv[1], "add");
	if (!adding && strcmp(argv[1], "remove"))
		return cli_misuse("'%s' is neither add nor remove", argv[1]);
	argv[1] = argv[0];
	if (parse(&targets, argc - 1, argv + 1, adding, &status))
		status = change(&targets, adding);
	targets_deinit(&targets);
	return status;
}
