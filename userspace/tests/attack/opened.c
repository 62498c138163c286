// SPDX-License-Identifier: GPL-2.0
/* Descriptors. See opened.h. */
#include <fcntl.h>
#include <linux/flightrec.h>
#include <unistd.h>

#include "opened.h"
#include "trouble.h"

static const int flags_of[WAYS] = {
	[WAY_BOTH] = O_RDWR,	[WAY_READ] = O_RDONLY,
	[WAY_WRITE] = O_WRONLY, [WAY_NEITHER] = O_ACCMODE,
	[WAY_PATH] = O_PATH,
};

const char *opened_way_name(enum way way)
{
	static const char *const names[WAYS] = {
		"read-write", "read-only", "write-only",
		"ioctl-only", "path",	   "closed",
	};

	return names[way];
}

int opened_plainly(void)
{
	int fd = open(FLIGHTREC_NODE, O_RDWR | O_CLOEXEC);

	TROUBLE_UNLESS(fd >= 0);
	return fd;
}

static void open_at(int at, enum way way)
{
	int fd = open(FLIGHTREC_NODE, flags_of[way] | O_CLOEXEC);

	TROUBLE_UNLESS(fd >= 0);
	TROUBLE_UNLESS(dup3(fd, at, O_CLOEXEC) == at);
	close(fd);
}

void opened_init_shared(void)
{
	int i;

	for (i = 0; i < OPENED_SHARED; i++)
		open_at(OPENED_FIRST + i, i < 4 ? WAY_BOTH : (enum way)(i - 3));
}

void opened_init_own(struct opened *own, unsigned int thread)
{
	int i, first = OPENED_FIRST + OPENED_SHARED + (int)thread * OPENED_OWN;

	for (i = 0; i < OPENED_OWN; i++) {
		own[i].fd = first + i;
		own[i].way = (enum way)i;
		own[i].certain = true;
		open_at(own[i].fd, own[i].way);
	}
}

struct opened opened_shared(unsigned int number)
{
	struct opened opened = {
		.fd = OPENED_FIRST + (int)number,
		.way = WAY_CLOSED,
		.certain = false,
	};

	return opened;
}

void opened_renew(struct opened *opened)
{
	opened->way = WAY_BOTH;
	open_at(opened->fd, opened->way);
}

void opened_change(struct opened *opened, struct chance *chance)
{
	if (chance_one_in(chance, 6)) {
		close(opened->fd);
		opened->way = WAY_CLOSED;
		return;
	}
	/* Most of the time something can be done with it. */
	opened->way = chance_one_in(chance, 2) ?
			      WAY_BOTH :
			      (enum way)chance_below(chance, WAY_CLOSED);
	open_at(opened->fd, opened->way);
}
