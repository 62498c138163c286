/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A directory of windows, as flightrec watch keeps it: bounded, the oldest go
 * first, and of one watcher at a time. Files of others in it are left alone: ours
 * have names that say when, what and who:
 *
 *	20261126T140307.412913Z-slower-redis-server-412.frec	and .txt
 *	20261126T140307.412913Z-asked.frec
 *
 * so that their order is that of time. (UTC has no hour twice.)
 */
#ifndef STORE_H
#define STORE_H

#include <libflightrec.h>

#define STORE_NAME_BYTES 96
#define STORE_WHY_BYTES	 256
/* How the names of files begin that are being written. */
#define STORE_TEMPORARY	 ".flightrec-watch-"
#define STORE_WINDOW	 ".frec"
#define STORE_REPORT	 ".txt"

/**
 * struct store - the directory
 * @directory: its path, as given
 * @keep: how many windows
 * @keep_bytes: how many bytes, windows and reports together
 * @min_free: how many bytes of the file system stay free
 * @lock: it, open and locked; -1: not at the moment
 * @settled_ns: CLOCK_MONOTONIC; before that nothing is removed for want of room
 */
struct store {
	const char *directory;
	uint64_t keep;
	uint64_t keep_bytes;
	uint64_t min_free;
	int lock;
	uint64_t settled_ns;
};

/*
 * Lock the directory that is there now, unless it is locked. 0, or a negative errno
 * and says why: -EWOULDBLOCK: another watcher has it. Removes what a watcher that
 * was killed left half-written.
 */
int store_lock(struct store *store, char why[STORE_WHY_BYTES]);
void store_unlock(struct store *store);

/*
 * Room for so many bytes above the floor. 0, or a negative errno and says why. The oldest
 * windows go for it, unless that would not do. Where it does not show that they are gone
 * (some file systems free later, and a snapshot may hold them) no more go for a minute.
 */
int store_make_room(struct store *store, uint64_t bytes,
		    char why[STORE_WHY_BYTES]);
/* Bring it down to what is to be kept; the newest window stays. */
void store_prune(struct store *store);

/* The newest firing of this recording of which there is a window; 0: none. */
uint64_t store_covered(const struct store *store, uint64_t start_mono_ns);

/* A name for a window, without its suffix; @firing NULL: it was asked for. */
void store_name(char name[STORE_NAME_BYTES], int64_t real_ns,
		const struct flightrec_firing *firing, const char *comm);
/* @comm without what has no place in names of files, or on terminals. */
void store_safe(char safe[FLIGHTREC_COMM_BYTES], const char *comm);

#endif /* STORE_H */
