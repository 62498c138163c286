// SPDX-License-Identifier: GPL-2.0
/*
 * The table of subcommands, and what belongs to none of them.
 */
#include "cli.h"

#include <errno.h>
#include <linux/flightrec.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct subcommand {
	const char *name;
	const char *about;
	int (*function)(int argc, char *argv[]);
};

static const struct subcommand subcommands[] = {
	{ "run", "record a command from beginning to end, keep its window",
	  run_main },
	{ "start", "start recording processes, threads, names", start_main },
	{ "status", "how recording goes, what the tape holds and lost",
	  status_main },
	{ "snapshot", "read the window out into a file", snapshot_main },
	{ "freeze", "stop the tape and keep the window", freeze_main },
	{ "thaw", "go on recording after a freeze", thaw_main },
	{ "stop", "end recording, discard the tape", stop_main },
	{ "mark", "put a note on the tape", mark_main },
	{ "target", "add targets to a recording, or remove some", target_main },
	{ "trigger", "say when to freeze, or to tell, by itself",
	  trigger_main },
	{ "watch", "write a window to a directory whenever a trigger fires",
	  watch_main },
	{ "report", "what went wrong: the finding first, then each thread",
	  report_main },
	{ "dump", "one event a line, made to be grepped", dump_main },
	{ "encode", "turn a window into a file for a viewer", encode_main },
	{ "serve", "give windows to whoever asks by HTTP on this machine",
	  serve_main },
	{ "load", "load the kernel module", load_main },
	{ "unload", "unload the kernel module", unload_main },
};
#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static void print_help(void)
{
	size_t i;

	printf("flightrec keeps the last seconds of chosen processes on a tape in memory:\n"
	       "scheduling, system calls, births, deaths and signals.\n"
	       "\n"
	       "Usage: flightrec SUBCOMMAND [OPTION]... [ARGUMENT]...\n"
	       "\n");
	for (i = 0; i < SUBCOMMANDS; i++)
		printf("  %-10s %s\n", subcommands[i].name,
		       subcommands[i].about);
	printf("\n"
	       "  --version  which version this is\n"
	       "  --help     this text\n"
	       "\n"
	       "'flightrec SUBCOMMAND --help' tells more, 'man flightrec' tells all.\n"
	       "To begin with: flightrec run -- COMMAND; flightrec report COMMAND-*.frec\n");
}

static int print_version(void)
{
	char module[64];

	printf("flightrec %s, window format %d\n", FLIGHTREC_RELEASE,
	       FLIGHTREC_WINDOW_VERSION);
	if (cli_read_line("/sys/module/flightrec/version", module,
			  sizeof(module)))
		printf("module %s is loaded\n", module);
	return EXIT_SUCCESS;
}

static const struct subcommand *find(const char *name)
{
	size_t i;

	for (i = 0; i < SUBCOMMANDS; i++) {
		if (!strcmp(subcommands[i].name, name))
			return &subcommands[i];
	}
	return NULL;
}

static int run_subcommand(const struct subcommand *subcommand, int argc,
			  char *argv[])
{
	static char name[64];

	snprintf(name, sizeof(name), "flightrec %s", subcommand->name);
	/* getopt_long() begins its messages with argv[0]. */
	cli_name = name;
	argv[0] = name;
	return subcommand->function(argc, argv);
}

static int dispatch(int argc, char *argv[])
{
	static char help_option[] = "--help";
	const struct subcommand *subcommand;
	bool helping = argc > 1 && !strcmp(argv[1], "help");

	if (argc < 2) {
		print_help();
		status_brief();
		return EXIT_SUCCESS;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (helping && argc == 2)) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (helping) {
		argv[1] = argv[2];
		argv[2] = help_option;
	}
	subcommand = find(argv[1]);
	if (subcommand)
		return run_subcommand(subcommand, argc - 1, argv + 1);
	return cli_misuse("'%s' is no %s of flightrec", argv[1],
			  argv[1][0] == '-' ? "option" : "subcommand");
}

/* Output that did not get out is a failure, unless nobody wants it any more. */
static int close_stdout(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !failed)
		return status;
	if (errno == EPIPE)
		return status ? status : EXIT_FAILURE;
	if (errno == EBADF && !failed)
		return status;
	return cli_fail("cannot write to standard output: %s",
			errno ? cli_why(errno) : "it failed");
}

int main(int argc, char *argv[])
{
	/* Messages and names of characters; numbers stay as they are. */
	setlocale(LC_CTYPE, "");
	return close_stdout(dispatch(argc, argv));
}
