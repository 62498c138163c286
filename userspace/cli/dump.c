// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "reading.h"

static const char help[] =
	"Usage: flightrec dump FILE\n"
	"\n"
	"Prints the window in FILE ('-': standard input), one event a line: wall time,\n"
	"CPU, task, what happened. Made to be grepped.\n"
	"\n"
	"Exit status: 0 if the window is whole; 1 if something of it is damaged or cut\n"
	"off, which is told on standard error, after what is whole has been printed.\n";

static int dump(struct flightrec_reader *reader, struct sink *sink,
		struct flightrec_error *error)
{
	return encoder_find("text")->encode(reader, sink, error);
}

int dump_main(int argc, char *argv[])
{
	const char *path;
	int status;

	if (!cli_plain_options(argc, argv, help, &status))
		return status;
	status = reading_operand(argc, argv, &path);
	return status ? status : reading_print(path, "dump", dump);
}
