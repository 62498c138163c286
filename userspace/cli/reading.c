// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "reading.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *display(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

struct flightrec_reader *reading_open(const char *path)
{
	struct flightrec_error error = { .offset = FLIGHTREC_NO_OFFSET };
	struct flightrec_reader *reader;

	if (!flightrec_reader_open(path, &reader, &error))
		return reader;
	/* Without an offset it is about the file and names it. */
	if (error.offset == FLIGHTREC_NO_OFFSET)
		cli_fail("%s", error.text);
	else
		cli_fail("%s: at byte %" PRIu64 ": %s", display(path),
			 error.offset, error.text);
	return NULL;
}

int reading_deliver(struct flightrec_reader *reader, reading_function function,
		    int fd, struct flightrec_error *error)
{
	struct sink sink;
	int code, flushed;

	memset(error, 0, sizeof(*error));
	error->offset = FLIGHTREC_NO_OFFSET;
	code = sink_init(&sink, fd);
	if (code)
		return encoder_fail(error, code, "write");
	code = function(reader, &sink, error);
	flushed = sink_deinit(&sink);
	if (!code && flushed)
		code = encoder_fail(error, flushed, "write");
	return code;
}

static void tell_damage(const char *path, const struct flightrec_damage *damage)
{
	char where[48] = "", events[64] = "", cpu[32] = "";

	if (damage->offset != FLIGHTREC_NO_OFFSET)
		snprintf(where, sizeof(where), "at byte %" PRIu64 ": ",
			 damage->offset);
	if (damage->cpu != UINT32_MAX)
		snprintf(cpu, sizeof(cpu), " (CPU %" PRIu32 ")", damage->cpu);
	if (damage->events_known)
		snprintf(events, sizeof(events), "; %" PRIu64 " event%s lost",
			 damage->events, cli_plural(damage->events));
	cli_note("warning: %s: %s%s%s%s", display(path), where, damage->text,
		 cpu, events);
}

int reading_close(struct flightrec_reader *reader, const char *path)
{
	size_t count = flightrec_reader_damages(reader), i;
	bool whole = flightrec_reader_whole(reader);

	for (i = 0; i < count; i++)
		tell_damage(path, flightrec_reader_damage(reader, i));
	if (!whole && !count)
		cli_note("warning: %s: the end marker is missing",
			 display(path));
	flightrec_reader_destroy(reader);
	return whole && !count ? EXIT_SUCCESS : EXIT_FAILURE;
}

int reading_operand(int argc, char *argv[], const char **path)
{
	if (optind == argc)
		return cli_misuse("which file? FILE is missing");
	if (optind + 1 < argc)
		return cli_misuse("unexpected argument '%s'", argv[optind + 1]);
	*path = argv[optind];
	return 0;
}

int reading_print(const char *path, const char *doing,
		  reading_function function)
{
	struct flightrec_reader *reader = reading_open(path);
	struct flightrec_error error;
	int code, damaged;

	if (!reader)
		return EXIT_FAILURE;
	code = reading_deliver(reader, function, STDOUT_FILENO, &error);
	damaged = reading_close(reader, path);
	/* Nobody reads on: no reason to say anything. */
	if (code == -EPIPE)
		return EXIT_FAILURE;
	if (code)
		return cli_fail("cannot %s %s: %s", doing, display(path),
				error.text);
	return damaged;
}
