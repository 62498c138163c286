// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "watch.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 64

static const char help[] =
	"Usage: flightrec watch [OPTION]... DIRECTORY\n"
	"\n"
	"Waits for triggers (see 'flightrec trigger') and writes a window to DIRECTORY\n"
	"whenever one fires: while recording goes on, or, if the trigger froze the\n"
	"recorder, before thawing it. A name says when, what and who:\n"
	"20261126T140307.412913Z-slower-redis-server-412.frec, the time in UTC.\n"
	"\n"
	"  --keep N             keep N windows at most, the newest (default 100)\n"
	"  --keep-bytes BYTES   and so many bytes, reports included (default 1G)\n"
	"  --min-free BYTES     leave so much of the file system free (default 1G)\n"
	"  --report             write the report beside each window, as NAME.txt\n"
	"  --exec COMMAND       then have the shell run COMMAND with the window's path\n"
	"                       behind it, also in $FLIGHTREC_WINDOW\n"
	"  --timeout TIME       end report and COMMAND after that (default 60s)\n"
	"  -c, --config FILE    options from FILE, one a line, without the dashes; those\n"
	"                       of the command line come before them\n"
	"  -h, --help           this text\n"
	"\n"
	"Prints a line for each window. SIGUSR1: take a window now. SIGHUP: read FILE\n"
	"again, open DIRECTORY anew. SIGTERM, SIGINT: end, and leave the recorder as it\n"
	"is; the second one does not wait for COMMAND either.\n"
	"A directory that is gone or full is told, and tried again every few seconds.\n";

/* ---- one option ----------------------------------------------------------- */

enum {
	OPTION_KEEP = 0x200,
	OPTION_KEEP_BYTES,
	OPTION_MIN_FREE,
	OPTION_REPORT,
	OPTION_EXEC,
	OPTION_TIMEOUT,
};

static int parse_size(const char *name, const char *text, uint64_t *bytes)
{
	if (cli_parse_size(text, bytes))
		return 0;
	return cli_misuse("--%s '%s': not a size (such as 512M or 1G)", name,
			  text);
}

static int parse_keep(struct watch_options *options, const char *text)
{
	if (cli_parse_number(text, 1, UINT32_MAX, &options->store.keep))
		return 0;
	return cli_misuse("--keep '%s': not a number from 1 to %u", text,
			  UINT32_MAX);
}

static int parse_timeout(struct watch_options *options, const char *text)
{
	if (cli_parse_duration(text, &options->limit_ns) && options->limit_ns &&
	    options->limit_ns <= (uint64_t)INT32_MAX * WATCH_NS_PER_S)
		return 0;
	return cli_misuse("--timeout '%s': not a time (such as 30s or 2m)",
			  text);
}

static int take_option(struct watch_options *options, int option)
{
	switch (option) {
	case OPTION_KEEP:
		return parse_keep(options, optarg);
	case OPTION_KEEP_BYTES:
		return parse_size("keep-bytes", optarg,
				  &options->store.keep_bytes);
	case OPTION_MIN_FREE:
		return parse_size("min-free", optarg, &options->store.min_free);
	case OPTION_TIMEOUT:
		return parse_timeout(options, optarg);
	case OPTION_REPORT:
		options->report = true;
		return 0;
	case OPTION_EXEC:
		options->command = optarg;
		return *optarg ? 0 : cli_misuse("--exec '': no command");
	case 'c':
		options->file = optarg;
		return 0;
	default:
		return cli_misuse_option();
	}
}

/* All of them; nothing behind them is looked at. */
static int take_options(struct watch_options *options, int argc, char *argv[],
			bool *helped)
{
	static const struct option known[] = {
		{ "keep", required_argument, NULL, OPTION_KEEP },
		{ "keep-bytes", required_argument, NULL, OPTION_KEEP_BYTES },
		{ "min-free", required_argument, NULL, OPTION_MIN_FREE },
		{ "report", no_argument, NULL, OPTION_REPORT },
		{ "exec", required_argument, NULL, OPTION_EXEC },
		{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0;

	/* Not the first time, perhaps: all of its state anew. */
	optind = 0;
	while (!status &&
	       (option = getopt_long(argc, argv, "+c:h", known, NULL)) != -1) {
		if (option == 'h') {
			*helped = true;
			return cli_help(help);
		}
		status = take_option(options, option);
	}
	return status;
}

/* ---- the file ------------------------------------------------------------- */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t room = 0;
	char *words = NULL;
	ssize_t length;

	if (!file) {
		cli_fail("%s: %s", path, cli_why(-errno));
		return NULL;
	}
	length = getdelim(&words, &room, '\0', file);
	if (length < 0 && !ferror(file)) {
		free(words);
		words = strdup("");
	} else if (length < 0) {
		cli_fail("%s: %s", path, cli_why(-errno));
		free(words);
		words = NULL;
	}
	fclose(file);
	return words;
}

static char *skip_blanks(char *text)
{
	return text + strspn(text, " \t\r");
}

static void cut_blanks(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
}

/* "keep 50" becomes "--keep=50", as getopt_long() knows it. */
static char *option_of(char *line)
{
	size_t name = strcspn(line, " \t");
	char *value = skip_blanks(line + name), *option;
	int length;

	if (*value)
		length = asprintf(&option, "--%.*s=%s", (int)name, line, value);
	else
		length = asprintf(&option, "--%.*s", (int)name, line);
	return length < 0 ? NULL : option;
}

/*
 * What stands in it as an argv; all options are kept in one piece of memory, which
 * replaces @options->words.
 */
static int split(struct watch_options *options, char *argv[], int *argc)
{
	char *text = options->words, *all = NULL, *line, *option;
	size_t room, offsets[WORDS_MAX];
	FILE *memory = open_memstream(&all, &room);
	int count = 0, i;

	if (!memory)
		return cli_fail("out of memory");
	for (line = strtok(text, "\n"); line && count < WORDS_MAX - 1;
	     line = strtok(NULL, "\n")) {
		line = skip_blanks(line);
		cut_blanks(line);
		if (!*line || *line == '#')
			continue;
		option = option_of(line);
		offsets[count++] = (size_t)ftell(memory);
		fprintf(memory, "%s%c", option ? option : "", '\0');
		free(option);
	}
	if (fclose(memory)) {
		free(all);
		return cli_fail("out of memory");
	}
	free(options->words);
	options->words = all;
	for (i = 0; i < count; i++)
		argv[1 + i] = all + offsets[i];
	argv[1 + count] = NULL;
	*argc = 1 + count;
	return 0;
}

static int take_file(struct watch_options *options, char *name)
{
	char *argv[WORDS_MAX + 1] = { name };
	const char *path = options->file;
	bool helped = false;
	int argc = 1, status;

	options->words = read_file(path);
	if (!options->words)
		return EXIT_FAILURE;
	status = split(options, argv, &argc);
	if (!status)
		status = take_options(options, argc, argv, &helped);
	if (!status && (helped || optind < argc))
		status = CLI_EXIT_USAGE;
	if (status)
		cli_note("%s: see above", path);
	options->file = path;
	return status;
}

/* ---- all ------------------------------------------------------------------ */

static int take_directory(struct watch_options *options, int argc, char *argv[])
{
	if (optind == argc)
		return cli_misuse("where to? DIRECTORY is missing");
	if (optind + 1 < argc)
		return cli_misuse("unexpected argument '%s'", argv[optind + 1]);
	if (!*argv[optind])
		return cli_misuse("DIRECTORY is empty");
	options->store.directory = argv[optind];
	return 0;
}

bool watch_options_init(struct watch_options *options, int argc, char *argv[],
			int *status)
{
	bool helped = false;

	*options = (struct watch_options){
		.store = {
			.keep = 100,
			.keep_bytes = 1ULL << 30,
			.min_free = 1ULL << 30,
			.lock = -1,
		},
		.limit_ns = 60 * WATCH_NS_PER_S,
	};
	*status = take_options(options, argc, argv, &helped);
	if (!*status && !helped && options->file) {
		*status = take_file(options, argv[0]);
		/* Once more: what it says comes before the file. */
		if (!*status)
			*status = take_options(options, argc, argv, &helped);
	}
	if (!*status && !helped)
		*status = take_directory(options, argc, argv);
	if (!*status && !helped)
		return true;
	watch_options_deinit(options);
	return false;
}

void watch_options_deinit(struct watch_options *options)
{
	free(options->words);
	options->words = NULL;
}
