// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "reading.h"

#include <getopt.h>
#include <report.h>

static const char help[] =
	"Usage: flightrec report [OPTION]... FILE\n"
	"\n"
	"Says what went wrong in the window in FILE ('-': standard input): the worst wait\n"
	"for a CPU and its culprit first, then what each thread did with its time, then\n"
	"the system calls by name. What the tape cannot know is said to be not recorded.\n"
	"\n"
	"  -a, --all            every thread and every call, not just the first of them\n"
	"  -l, --last-moments [TID]\n"
	"                       only how targets died and where their threads stood then;\n"
	"                       with TID of its process, which may be alive\n"
	"  -h, --help           this text\n"
	"\n"
	"Exit status: 0 if the window is whole; 1 if something of it is damaged or cut\n"
	"off, which is told on standard error, after the report on what is whole.\n";

static struct report_options wanted;

static int report(struct flightrec_reader *reader, struct sink *sink,
		  struct flightrec_error *error)
{
	return report_write(reader, sink, &wanted, error);
}

static int want_last_moments(const char *tid)
{
	uint64_t number = 0;

	if (tid && !cli_parse_number(tid, 1, INT32_MAX, &number))
		return cli_misuse("--last-moments '%s': not a thread id", tid);
	wanted.last_moments = true;
	wanted.tid = (uint32_t)number;
	return 0;
}

/* "--last-moments TID FILE": to getopt, what may be left out needs a "=". */
static int take_tid(int argc, char *argv[])
{
	if (!wanted.last_moments || wanted.tid || optind + 2 != argc)
		return 0;
	return want_last_moments(argv[optind++]);
}

int report_main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "last-moments", optional_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path;
	int option, status = 0;

	while (!status && (option = getopt_long(argc, argv, "ahl::", options,
						NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == 'a')
			wanted.all = true;
		else if (option == 'l')
			status = want_last_moments(optarg);
		else
			status = cli_misuse_option();
	}
	if (!status)
		status = take_tid(argc, argv);
	if (!status)
		status = reading_operand(argc, argv, &path);
	return status ? status : reading_print(path, "report on", report);
}
