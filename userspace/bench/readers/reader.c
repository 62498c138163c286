// SPDX-License-Identifier: GPL-2.0
/*
 * Reads FILE from the beginning to the end, 64 KiB at a time, and again, as fast as it
 * can, until it is terminated; then prints how often it came to the end.
 *
 *	reader FILE
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t terminated;

static void terminate(int signal)
{
	(void)signal;
	terminated = 1;
}

int main(int argc, char **argv)
{
	static char bytes[65536];
	unsigned long times = 0;
	ssize_t got;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: reader FILE\n");
		return 2;
	}
	signal(SIGTERM, terminate);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[1]);
	while (!terminated) {
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0)
			err(1, "%s", argv[1]);
		if (got)
			continue;
		times++;
		if (lseek(fd, 0, SEEK_SET))
			err(1, "%s", argv[1]);
	}
	printf("%lu\n", times);
	return 0;
}
