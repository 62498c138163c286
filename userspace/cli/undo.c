// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "undo.h"

#include <libflightrec.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM };
#define FATAL_COUNT (sizeof(fatal) / sizeof(fatal[0]))

/* Read by the handler; changed with its signals held back alone. */
static const char *volatile undo_path;
static volatile int undo_fd = -1;
static volatile enum undo_recorder undo_what = UNDO_NOTHING;

const sigset_t *undo_signals(void)
{
	static sigset_t signals;
	static bool known;
	struct sigaction action;
	size_t i;

	if (known)
		return &signals;
	sigemptyset(&signals);
	for (i = 0; i < FATAL_COUNT; i++) {
		/* nohup, and the background jobs of a script. */
		if (!sigaction(fatal[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&signals, fatal[i]);
	}
	known = true;
	return &signals;
}

void undo_hold(sigset_t *old)
{
	sigprocmask(SIG_BLOCK, undo_signals(), old);
}

void undo_release(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

bool undo_pending(void)
{
	sigset_t pending;
	size_t i;

	sigpending(&pending);
	for (i = 0; i < FATAL_COUNT; i++) {
		if (sigismember(&pending, fatal[i]) == 1 &&
		    sigismember(undo_signals(), fatal[i]) == 1)
			return true;
	}
	return false;
}

static void tell(const char *text)
{
	ssize_t written = write(STDERR_FILENO, text, strlen(text));

	(void)written; /* nobody left to tell */
}

static void undo_all(int number)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	if (undo_path)
		unlink(undo_path);
	/* Who reads a pipe no more is not told either. */
	if (undo_what == UNDO_FREEZE && !flightrec_thaw(undo_fd) &&
	    number != SIGPIPE)
		tell("flightrec: interrupted, recording goes on\n");
	if (undo_what == UNDO_START && !flightrec_stop(undo_fd))
		tell("flightrec: interrupted, recording stopped, no window\n");
	/* Takes effect when the handler returns: it is held back in here. */
	sigaction(number, &action, NULL);
	raise(number);
}

void undo_arm(void)
{
	struct sigaction action = { .sa_handler = undo_all };
	size_t i;

	action.sa_mask = *undo_signals();
	for (i = 0; i < FATAL_COUNT; i++) {
		if (sigismember(undo_signals(), fatal[i]) == 1)
			sigaction(fatal[i], &action, NULL);
	}
}

void undo_file(const char *path)
{
	undo_path = path;
}

void undo_recorder(int fd, enum undo_recorder what)
{
	undo_fd = fd;
	undo_what = what;
}
