// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "reading.h"

#include <getopt.h>
#include <report.h>

static const char help[] =
	"Usage: flightrec report [--all] FILE\n"
	"\n"
	"Says what went wrong in the window in FILE ('-': standard input): the worst wait\n"
	"for a CPU and its culprit first, then what each thread did with its time, then\n"
	"the system calls by name. What the tape cannot know is said to be not recorded.\n"
	"\n"
	"  -a, --all            every thread and every call, not just the first of them\n"
	"  -h, --help           this text\n"
	"\n"
	"Exit status: 0 if the window is whole; 1 if something of it is damaged or cut\n"
	"off, which is told on standard error, after the report on what is whole.\n";

static int report(struct flightrec_reader *reader, struct sink *sink,
		  struct flightrec_error *error)
{
	return report_write(reader, sink, NULL, error);
}

static int report_all(struct flightrec_reader *reader, struct sink *sink,
		      struct flightrec_error *error)
{
	static const struct report_options options = { .all = true };

	return report_write(reader, sink, &options, error);
}

int report_main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	reading_function function = report;
	const char *path;
	int option, status;

	while ((option = getopt_long(argc, argv, "ah", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option != 'a')
			return cli_misuse_option();
		function = report_all;
	}
	status = reading_operand(argc, argv, &path);
	return status ? status : reading_print(path, "report on", function);
}
