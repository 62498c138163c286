// SPDX-License-Identifier: GPL-2.0
/*
 * `flightrec serve` of the command that everybody runs: it becomes flightrec-serve,
 * which is the same command with the HTTP server in it (serve.c), and stands beside
 * it. libmicrohttpd brings a dozen libraries, and loading them takes three times as
 * long as all that a status or a mark needs.
 */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX "-serve"

/* Where flightrec-serve is. Return: false: it cannot be told. */
static bool find_program(char path[PATH_MAX])
{
	ssize_t length =
		readlink("/proc/self/exe", path, PATH_MAX - sizeof(SUFFIX));

	if (length <= 0)
		return false;
	/* With the NUL. */
	memcpy(path + length, SUFFIX, sizeof(SUFFIX));
	return true;
}

/* What flightrec-serve is called with: "serve" and what we were called with. */
static char **arguments(char *path, int argc, char *argv[])
{
	char **all = calloc((size_t)argc + 2, sizeof(*all));
	static char name[] = "serve";

	if (!all)
		return NULL;
	all[0] = path;
	all[1] = name;
	/* The NULL at their end, too. */
	memcpy(all + 2, argv + 1, (size_t)argc * sizeof(*all));
	return all;
}

int serve_main(int argc, char *argv[])
{
	char path[PATH_MAX];
	char **all;

	if (!find_program(path))
		return cli_fail("cannot tell where flightrec is: %s",
				strerror(errno));
	all = arguments(path, argc, argv);
	if (!all)
		return cli_fail("no memory");
	execv(path, all);
	cli_fail("cannot run %s: %s; 'make user' builds it", path,
		 strerror(errno));
	free(all);
	return EXIT_FAILURE;
}
