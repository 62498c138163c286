/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must be undone when a signal ends the command half-way: a temporary file
 * is removed, a recorder that we froze is thawed, one that we started for a
 * command of ours is stopped. The signal then ends the process as it would have
 * done (a shell sees 130 for Ctrl-C).
 *
 * The handler makes system calls that are safe there, and nothing else.
 */
#ifndef UNDO_H
#define UNDO_H

#include <signal.h>

enum undo_recorder {
	UNDO_NOTHING,
	UNDO_FREEZE, /* by thawing */
	UNDO_START,  /* by stopping */
};

/* Signals that end a process and that were not ignored when it began. */
const sigset_t *undo_signals(void);
/* Hold these signals back; @old is what undo_release() needs. */
void undo_hold(sigset_t *old);
void undo_release(const sigset_t *old);
/* Whether one of them came while they were held back. */
bool undo_pending(void);

/* Catch the signals from now on. */
void undo_arm(void);
/* What to undo; call both with the signals held back, in one go with the deed.
 * @path must stay where it is until the next call; NULL: no file. */
void undo_file(const char *path);
void undo_recorder(int fd, enum undo_recorder what);

#endif /* UNDO_H */
