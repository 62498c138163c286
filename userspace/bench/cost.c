// SPDX-License-Identifier: GPL-2.0
/*
 * What a program takes: runs COMMAND, whose output goes into FILE, or nobody reads,
 * and prints the seconds of a processor that it took (its own and the kernel's for
 * it) and the most KiB of memory that it had, what it had mapped of files included.
 *
 *	cost [-o FILE] COMMAND [ARGUMENT]...
 *
 * Exit status: that of COMMAND; 127: it cannot be run.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_command(const char *output, char **argv)
{
	int file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (file < 0 || dup2(file, STDOUT_FILENO) < 0)
		err(127, "%s", output);
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	const char *output = "/dev/null";
	struct rusage usage;
	pid_t child;
	int status;

	if (argc > 2 && !strcmp(argv[1], "-o")) {
		output = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2) {
		fprintf(stderr,
			"usage: cost [-o FILE] COMMAND [ARGUMENT]...\n");
		return 2;
	}
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child)
		be_command(output, argv + 1);
	if (wait4(child, &status, 0, &usage) != child)
		err(1, "wait4");
	printf("%.6f %ld\n",
	       seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
	       usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
