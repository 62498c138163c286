// SPDX-License-Identifier: GPL-2.0
/*
 * Linked into the command where gcov counts: a test bounds the size of files, and
 * what gcov writes when a program ends must not be cut short by that. gcov's own
 * destructor has a priority, so that it runs after this one.
 */
#include <sys/resource.h>

__attribute__((destructor)) static void lift(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}
