// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a name, makes numbered calls, close(1000000 + i), then writes a line with
 * its tid to the FIFO SAY and blocks in read() of the FIFO WAIT. A "q" that comes
 * from there ends it, any other byte means: the same again, with higher numbers.
 *
 *	hold NAME CALLS SAY WAIT
 *
 * Prints each round: tid, first and last number called, what it waits in, name.
 */
#include "truth.h"

int main(int argc, char **argv)
{
	long i, calls, number = 1000000;
	int say, wait;
	char byte;

	TRUTH_MUST(argc == 5);
	truth_init();
	calls = truth_number(argv[2]);
	wait = open(argv[4], O_RDWR);
	TRUTH_MUST(wait >= 0);
	truth_rename(argv[1]);
	do {
		for (i = 0; i < calls; i++)
			TRUTH_MUST(syscall(SYS_close, number++) == -1);
		printf("round tid=%d first=%ld last=%ld call=read fd=%d comm=%s\n",
		       truth_tid(), number - calls, number - 1, wait, argv[1]);
		fflush(stdout);
		say = open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0600);
		TRUTH_MUST(say >= 0);
		dprintf(say, "%d\n", getpid());
		close(say);
		TRUTH_MUST(read(wait, &byte, 1) == 1);
	} while (byte != 'q');
	return 0;
}
