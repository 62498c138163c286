// SPDX-License-Identifier: GPL-2.0
/*
 * What a program takes: runs COMMAND, whose output nobody reads, and prints the
 * seconds of a processor that it took (its own and the kernel's for it) and the
 * most KiB of memory that it had, what it had mapped of files included.
 *
 *	cost COMMAND [ARGUMENT]...
 *
 * Exit status: that of COMMAND; 127: it cannot be run.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_command(char **argv)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0)
		err(127, "/dev/null");
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	pid_t child;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: cost COMMAND [ARGUMENT]...\n");
		return 2;
	}
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child)
		be_command(argv + 1);
	if (wait4(child, &status, 0, &usage) != child)
		err(1, "wait4");
	printf("%.3f %ld\n",
	       seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
	       usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
