// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "notify.h"
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_USUAL 80

static const char *state_name(const struct watch *watch)
{
	switch (watch->moment.stats.state) {
	case FLIGHTREC_IDLE:
		return "nothing is recorded";
	case FLIGHTREC_RECORDING:
		return "recording";
	case FLIGHTREC_TRIPPED:
		return "recording a tail";
	default:
		return "frozen";
	}
}

static void describe(const struct watch *watch, char *text, size_t length)
{
	char tape[160] = "";
	bool wrapped;

	if (watch->moment.stats.state != FLIGHTREC_IDLE)
		snprintf(tape, sizeof(tape), ", %" PRIu64 " events/s, %s held",
			 watch->rate,
			 cli_duration(
				 moment_held_on_all(&watch->moment, &wrapped))
				 .text);
	snprintf(text, length, "%s%s; %" PRIu64 " window%s%s%s%s",
		 state_name(watch), tape, watch->windows,
		 cli_plural(watch->windows), *watch->last ? ", last " : "",
		 watch->last,
		 watch->trouble ? "; cannot write, see above" : "");
}

static int columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS_USUAL;
	return size.ws_col;
}

/* Numbers change all the time: they are for who looks, not for the journal. */
static void tell_systemd(struct watch *watch)
{
	char text[WATCH_STATUS_BYTES];

	snprintf(text, sizeof(text), "STATUS=%s; %" PRIu64 " window%s%s%s%s",
		 state_name(watch), watch->windows, cli_plural(watch->windows),
		 *watch->last ? ", last " : "", watch->last,
		 watch->trouble ? "; cannot write" : "");
	if (!strcmp(text, watch->status))
		return;
	memcpy(watch->status, text, sizeof(text));
	notify_send(text);
}

void watch_line_draw(struct watch *watch)
{
	char text[2 * WATCH_SUMMARY_BYTES];

	tell_systemd(watch);
	if (!watch->terminal)
		return;
	describe(watch, text, sizeof(text));
	printf("\r\033[K%.*s", columns() - 1, text);
	fflush(stdout);
	watch->drawn = true;
}

void watch_line_clear(struct watch *watch)
{
	if (!watch->drawn)
		return;
	printf("\r\033[K");
	fflush(stdout);
	watch->drawn = false;
}
