/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of a window is wanted: options that snapshot and encode share.
 */
#ifndef EXCERPT_H
#define EXCERPT_H

#include <libflightrec.h>

#define EXCERPT_OPTIONS                                                \
	{ "last", required_argument, NULL, CLI_OPTION_LAST },          \
		{ "since-mark", required_argument, NULL,               \
		  CLI_OPTION_SINCE_MARK },                             \
	{                                                              \
		"max-bytes", required_argument, NULL, CLI_OPTION_BYTES \
	}
#define EXCERPT_HELP                                                                       \
	"  --last TIME          the last 500ms, 5s, 2m or 1h, and a bit more: the tape\n"  \
	"                       is cut between its blocks\n"                               \
	"  --since-mark TEXT    from the newest mark on that begins with TEXT; with\n"     \
	"                       --last, what reaches further back\n"                       \
	"  --max-bytes BYTES    no longer than that (K, M, G) as a window, even if that\n" \
	"                       does not reach as far back\n"

/* Takes one of them. 0, or an exit status when explained. */
int excerpt_option(struct flightrec_excerpt *excerpt, int option,
		   const char *argument);
/* The same with words of its own: false and why in @why, of @length bytes. */
bool excerpt_parse(struct flightrec_excerpt *excerpt, const char *name,
		   const char *argument, char *why, size_t length);
/* Whether anything is to be left away. */
bool excerpt_wanted(const struct flightrec_excerpt *excerpt);
/* Say on stderr if @reader, narrowed, does not reach as far back as wanted. */
void excerpt_note_short(const struct flightrec_excerpt *excerpt,
			const struct flightrec_reader *reader);

#endif /* EXCERPT_H */
