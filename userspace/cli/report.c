// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "reading.h"

#include <getopt.h>
#include <report.h>

#define WITHIN_NS 1000000000ULL

static const char help[] =
	"Usage: flightrec report [OPTION]... FILE\n"
	"\n"
	"Says what went wrong in the window in FILE ('-': standard input): the worst wait\n"
	"for a CPU and its culprit first, who died and how, what took the longest and who\n"
	"was waited for, then what each thread did with its time, then the system calls\n"
	"and the scopes (see flightrec mark) by name. What the tape cannot know is said\n"
	"to be not recorded.\n"
	"\n"
	"  -a, --all            every thread and every call, not just the first of them\n"
	"  -l, --last-moments [TID]\n"
	"                       only how targets died and where their threads stood then;\n"
	"                       with TID of its process, which may be alive\n"
	"  --around MARK        only what took the longest around the newest mark that\n"
	"                       begins with MARK, and why\n"
	"  --within TIME        with --around: how far around it (default 1s)\n"
	"  --slower TIME        only waits, calls and scopes that took TIME or longer,\n"
	"                       and why\n"
	"  -h, --help           this text\n"
	"\n"
	"TIME is a number and ns, us, ms, s, m or h. FILE comes last.\n"
	"\n"
	"Exit status: 0 if the window is whole; 1 if something of it is damaged or cut\n"
	"off, which is told on standard error, after the report on what is whole.\n";

static struct report_options wanted = { .within_ns = WITHIN_NS };

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

static int want_time(const char *option, const char *text, uint64_t *ns)
{
	if (cli_parse_duration(text, ns) && *ns)
		return 0;
	return cli_misuse("%s '%s': not a time, such as 20ms or 5s", option,
			  text);
}

static int want_around(const char *mark)
{
	if (!*mark)
		return cli_misuse("--around: the mark must not be empty");
	wanted.around = mark;
	return 0;
}

static int take_option(int option)
{
	switch (option) {
	case 'a':
		wanted.all = true;
		return 0;
	case 'l':
		return want_last_moments(optarg);
	case CLI_OPTION_AROUND:
		return want_around(optarg);
	case CLI_OPTION_WITHIN:
		return want_time("--within", optarg, &wanted.within_ns);
	case CLI_OPTION_SLOWER:
		return want_time("--slower", optarg, &wanted.slower_ns);
	default:
		return cli_misuse_option();
	}
}

static int check(bool within)
{
	if (within && !wanted.around)
		return cli_misuse("--within is for --around");
	if (wanted.last_moments && (wanted.around || wanted.slower_ns))
		return cli_misuse(
			"--last-moments goes with neither --around nor --slower");
	return 0;
}

int report_main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "last-moments", optional_argument, NULL, 'l' },
		{ "around", required_argument, NULL, CLI_OPTION_AROUND },
		{ "within", required_argument, NULL, CLI_OPTION_WITHIN },
		{ "slower", required_argument, NULL, CLI_OPTION_SLOWER },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool within = false;
	const char *path;
	int option, status = 0;

	while (!status && (option = getopt_long(argc, argv, "ahl::", options,
						NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		within |= option == CLI_OPTION_WITHIN;
		status = take_option(option);
	}
	if (!status)
		status = check(within);
	if (!status)
		status = take_tid(argc, argv);
	if (!status)
		status = reading_operand(argc, argv, &path);
	return status ? status : reading_print(path, "report on", report);
}
