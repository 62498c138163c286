// SPDX-License-Identifier: GPL-2.0
/*
 * A program that takes a window from a signal's handler.
 *
 *	signal [DIRECTORY]
 *
 * SIGUSR1 asks for one, at any time and whatever the program is at: it may be
 * within malloc() or stdio, as this one nearly always is. The file goes to
 * DIRECTORY (the current one). SIGTERM ends it; it then says how often its handler
 * ran and what came of that.
 *
 * The recorder must be recording it: flightrec start -p PID.
 */
#include <errno.h>
#include <libflightrec.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct flightrec_snapshots *snapshots;
static volatile sig_atomic_t ending;

/* What the handler does; lock-free, so that it may. */
static atomic_ulong handled, accepted, busy, failed;

/* What the thread that takes windows does. */
static atomic_ulong taken, not_taken;

static void ask(int number)
{
	/* All that flightrec_snapshot_async() does may be done in a handler. */
	int code = flightrec_snapshot_async(snapshots, (uint64_t)number);

	atomic_fetch_add(&handled, 1);
	if (!code)
		atomic_fetch_add(&accepted, 1);
	else if (code == -EBUSY)
		atomic_fetch_add(&busy, 1);
	else
		atomic_fetch_add(&failed, 1);
}

static void end(int number)
{
	(void)number;
	ending = 1;
}

static void done(void *context, const struct flightrec_snapshot_result *result)
{
	(void)context;
	if (result->code) {
		atomic_fetch_add(&not_taken, 1);
		fprintf(stderr, "signal: no window: %s\n", result->error.text);
		return;
	}
	atomic_fetch_add(&taken, 1);
	printf("window %s\n", result->path);
}

static int create(const char *directory)
{
	struct flightrec_snapshots_options options = {
		.directory = directory,
		.prefix = "signal",
		.done = done,
	};
	struct flightrec_error error;

	if (!flightrec_snapshots_create(&options, &snapshots, &error))
		return 0;
	fprintf(stderr, "signal: %s\n", error.text);
	return -1;
}

/* The locks of malloc() and of stdio are held most of the time. */
static void work(void)
{
	FILE *file = fopen("/dev/null", "w");
	unsigned long round;
	char *text;

	for (round = 0; file && !ending; round++) {
		text = malloc(1000 + round % 9000);
		if (!text)
			break;
		snprintf(text, 1000, "round %lu\n", round);
		fputs(text, file);
		if (round % 64 == 0)
			fflush(file);
		free(text);
	}
	if (file)
		fclose(file);
}

int main(int argc, char *argv[])
{
	struct sigaction asking = { .sa_handler = ask, .sa_flags = SA_RESTART };
	struct sigaction to_end = { .sa_handler = end };

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* First, for the handler needs it. */
	if (create(argc > 1 ? argv[1] : NULL))
		return 1;
	sigaction(SIGUSR1, &asking, NULL);
	sigaction(SIGTERM, &to_end, NULL);
	printf("ready\n");
	work();
	/* Nobody may ask any more; then wait for what was asked for. */
	signal(SIGUSR1, SIG_IGN);
	flightrec_snapshots_destroy(snapshots);
	printf("handled=%lu accepted=%lu busy=%lu failed=%lu taken=%lu not_taken=%lu\n",
	       handled, accepted, busy, failed, taken, not_taken);
	return failed || not_taken;
}
