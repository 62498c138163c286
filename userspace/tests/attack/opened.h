/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors of the device, opened in every way, at numbers of their own: one
 * that is closed under a caller is then nobody else's.
 */
#ifndef ATTACK_OPENED_H
#define ATTACK_OPENED_H

#include <stdbool.h>

#include "chance.h"

#define OPENED_FIRST  600
#define OPENED_SHARED 8 /* for all threads: the first ones */
#define OPENED_OWN    4 /* for each thread */

/* How a descriptor is open. */
enum way {
	WAY_BOTH,
	WAY_READ,
	WAY_WRITE,
	WAY_NEITHER, /* open for ioctls alone */
	WAY_PATH,    /* O_PATH */
	WAY_CLOSED,
	WAYS
};

/**
 * struct opened - a descriptor
 * @fd: its number, whether it is open or not
 * @way: how it is open, if nobody else can change that
 * @certain: nobody else can
 */
struct opened {
	int fd;
	enum way way;
	bool certain;
};

/* Return: a descriptor wherever there is room, for reading and writing. */
int opened_plainly(void);
/* The shared ones are opened once; the own ones by each thread. */
void opened_init_shared(void);
void opened_init_own(struct opened *own, unsigned int thread);
struct opened opened_shared(unsigned int number);
/* Opens it anew, for reading and writing. */
void opened_renew(struct opened *opened);
/* Opens it anew in some way, closes it, or makes it another's twin. */
void opened_change(struct opened *opened, struct chance *chance);
const char *opened_way_name(enum way way);

static inline bool way_reads(enum way way)
{
	return way == WAY_BOTH || way == WAY_READ;
}

static inline bool way_writes(enum way way)
{
	return way == WAY_BOTH || way == WAY_WRITE;
}

/* Is there a device behind it? */
static inline bool way_is_open(enum way way)
{
	return way < WAY_PATH;
}

#endif /* ATTACK_OPENED_H */
