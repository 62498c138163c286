// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "excerpt.h"

#include <stdio.h>
#include <string.h>

static bool parse_last(struct flightrec_excerpt *excerpt, const char *text)
{
	return cli_parse_duration(text, &excerpt->last_ns) && excerpt->last_ns;
}

static bool parse_mark(struct flightrec_excerpt *excerpt, const char *text)
{
	excerpt->mark = text;
	excerpt->mark_length = strlen(text);
	return excerpt->mark_length &&
	       excerpt->mark_length <= FLIGHTREC_MARK_MAX;
}

static bool parse_bytes(struct flightrec_excerpt *excerpt, const char *text)
{
	return cli_parse_size(text, &excerpt->max_bytes) && excerpt->max_bytes;
}

static const struct {
	const char *name;
	int option;
	bool (*parse)(struct flightrec_excerpt *excerpt, const char *text);
	const char *expected;
} options[] = {
	{ "last", CLI_OPTION_LAST, parse_last,
	  "a time (such as 500ms, 5s, 2m or 1h)" },
	{ "since-mark", CLI_OPTION_SINCE_MARK, parse_mark,
	  "the beginning of a mark (1 to 256 bytes)" },
	{ "max-bytes", CLI_OPTION_BYTES, parse_bytes,
	  "a size (such as 512K or 16M)" },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

int excerpt_option(struct flightrec_excerpt *excerpt, int option,
		   const char *argument)
{
	size_t i;

	for (i = 0; i < OPTIONS; i++) {
		if (options[i].option != option)
			continue;
		if (options[i].parse(excerpt, argument))
			return 0;
		return cli_misuse("--%s '%s': not %s", options[i].name,
				  argument, options[i].expected);
	}
	return cli_misuse_option();
}

bool excerpt_parse(struct flightrec_excerpt *excerpt, const char *name,
		   const char *argument, char *why, size_t length)
{
	size_t i;

	for (i = 0; i < OPTIONS; i++) {
		if (strcmp(options[i].name, name))
			continue;
		if (options[i].parse(excerpt, argument))
			return true;
		snprintf(why, length, "%s=%.64s: not %s", name, argument,
			 options[i].expected);
		return false;
	}
	snprintf(why, length, "%.64s: no such parameter", name);
	return false;
}

bool excerpt_wanted(const struct flightrec_excerpt *excerpt)
{
	return excerpt->last_ns || excerpt->mark || excerpt->max_bytes;
}

void excerpt_note_short(const struct flightrec_excerpt *excerpt,
			const struct flightrec_reader *reader)
{
	const struct flightrec_window *window = flightrec_reader_window(reader);
	int64_t cut = flightrec_reader_mono_ns(reader, window->cut_clock);
	int64_t from = flightrec_reader_mono_ns(reader, window->complete_clock);

	if (!excerpt->since_clock ||
	    window->complete_clock <= excerpt->since_clock)
		return;
	cli_note(
		"complete for the last %s only: %s",
		cli_duration((uint64_t)(cut - from)).text,
		excerpt->max_bytes ?
			"the tape holds no more, or --max-bytes allows no more" :
			"the tape holds no more");
}
