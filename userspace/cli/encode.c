// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "excerpt.h"
#include "output.h"
#include "reading.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
	"Usage: flightrec encode [OPTION]... --format NAME FILE -o OUT\n"
	"\n"
	"Turns the window in FILE ('-': standard input) into OUT ('-': standard output),\n"
	"a file for a viewer.\n"
	"\n"
	"  -f, --format NAME    see below\n"
	"  -o, --output OUT     where to write; appears there as a whole or not at all\n" EXCERPT_HELP
	"  -h, --help           this text\n"
	"\n"
	"Formats:\n";
static const char help_end[] =
	"\n"
	"Exit status: 0 if the window is whole; 1 if something of it is damaged or cut\n"
	"off, which is told on standard error; OUT then has what is whole.\n";

/**
 * struct encoding - what to do
 * @encoder: how
 * @from: the window's path
 * @to: the path to write
 * @excerpt: how much of it
 */
struct encoding {
	const struct encoder *encoder;
	const char *from;
	const char *to;
	struct flightrec_excerpt excerpt;
};

static int print_help(void)
{
	size_t i;

	fputs(help, stdout);
	for (i = 0; encoders[i]; i++)
		printf("  %-10s %s (%s)\n", encoders[i]->name,
		       encoders[i]->about, encoders[i]->suffix);
	fputs(help_end, stdout);
	return EXIT_SUCCESS;
}

static int misuse_format(const char *name)
{
	char list[256] = "";
	size_t i, used = 0;

	for (i = 0; encoders[i] && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s%s", i ? ", " : "",
					 encoders[i]->name);
	return cli_misuse("--format '%s': there are %s", name, list);
}

static int check(struct encoding *encoding, int argc, char *argv[])
{
	if (!encoding->encoder)
		return cli_misuse("--format NAME is missing");
	if (!encoding->to || !*encoding->to)
		return cli_misuse("-o OUT is missing");
	return reading_operand(argc, argv, &encoding->from);
}

static bool parse(struct encoding *encoding, int argc, char *argv[],
		  int *status)
{
	static const struct option options[] = {
		EXCERPT_OPTIONS,
		{ "format", required_argument, NULL, 'f' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*status = 0;
	while (!*status && (option = getopt_long(argc, argv, "f:ho:", options,
						 NULL)) != -1) {
		switch (option) {
		case 'f':
			encoding->encoder = encoder_find(optarg);
			if (!encoding->encoder)
				*status = misuse_format(optarg);
			break;
		case 'o':
			encoding->to = optarg;
			break;
		case 'h':
			*status = print_help();
			return false;
		default:
			*status = excerpt_option(&encoding->excerpt, option,
						 optarg);
			break;
		}
	}
	if (!*status)
		*status = check(encoding, argc, argv);
	return !*status;
}

/* The window would be gone, and it is all that there is of what happened. */
static bool same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;

	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): see check() */
	return !stat(a, &of_a) && !stat(b, &of_b) && S_ISREG(of_a.st_mode) &&
	       of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static int explain_write(const char *path, int error)
{
	if (error == -EPIPE)
		return EXIT_FAILURE;
	return cli_fail("cannot write %s: %s; nothing was left there", path,
			cli_why(error));
}

static int encode(struct flightrec_reader *reader,
		  const struct encoding *encoding)
{
	struct flightrec_error why;
	struct output output;
	int error = output_open(&output, encoding->to);

	if (error)
		return explain_write(encoding->to, error);
	error = reading_deliver(reader, encoding->encoder->encode, output.fd,
				&why);
	if (error) {
		output_abandon(&output);
		if (error == -EPIPE)
			return EXIT_FAILURE;
		return cli_fail("%s: %s; nothing was left there", encoding->to,
				why.text);
	}
	error = output_commit(&output);
	return error ? explain_write(encoding->to, error) : EXIT_SUCCESS;
}

static bool narrow(struct flightrec_reader *reader, struct encoding *encoding)
{
	struct flightrec_error why;

	if (!excerpt_wanted(&encoding->excerpt))
		return true;
	if (flightrec_reader_narrow(reader, &encoding->excerpt, &why)) {
		cli_fail("%s; nothing was written", why.text);
		return false;
	}
	excerpt_note_short(&encoding->excerpt, reader);
	return true;
}

int encode_main(int argc, char *argv[])
{
	struct encoding encoding = { 0 };
	struct flightrec_reader *reader;
	int damaged, status;

	if (!parse(&encoding, argc, argv, &status))
		return status;
	if (same_file(encoding.from, encoding.to))
		return cli_misuse(
			"%s would be overwritten by what is made from it",
			encoding.from);
	reader = reading_open(encoding.from);
	if (!reader)
		return EXIT_FAILURE;
	status = narrow(reader, &encoding) ? encode(reader, &encoding) :
					     EXIT_FAILURE;
	damaged = reading_close(reader, encoding.from);
	return status ? status : damaged;
}
