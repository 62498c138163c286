// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that leave records on a quiet CPU and die on a busy one: TASKS children,
 * one after the other, each make 3 numbered calls close(1000000 + 3 * i) on CPU
 * QUIET, move to CPU BUSY and exit there. Then CPU BUSY makes CALLS further calls,
 * so that its own tape has long forgotten them.
 *
 *	quiet QUIET BUSY TASKS CALLS
 *
 * Prints each child: tid, its first and last number, its name.
 */
#include "truth.h"

static void be_child(int number, int quiet, int busy)
{
	char name[32];
	int i;

	snprintf(name, sizeof(name), "quiet-%d", number);
	truth_pin(quiet);
	truth_rename(name);
	for (i = 0; i < 3; i++)
		syscall(SYS_close, 1000000 + 3 * number + i);
	truth_pin(busy);
	_exit(0);
}

int main(int argc, char **argv)
{
	int i, quiet, busy, tasks;
	long calls;

	TRUTH_MUST(argc == 5);
	truth_init();
	quiet = (int)truth_number(argv[1]);
	busy = (int)truth_number(argv[2]);
	tasks = (int)truth_number(argv[3]);
	calls = truth_number(argv[4]);
	truth_pin(busy);
	truth_rename("busy");
	for (i = 0; i < tasks; i++) {
		pid_t child = fork();

		TRUTH_MUST(child >= 0);
		if (!child)
			be_child(i, quiet, busy);
		TRUTH_MUST(!truth_wait(child));
		printf("quiet tid=%d first=%d last=%d cpu=%d comm=quiet-%d\n",
		       child, 1000000 + 3 * i, 1000000 + 3 * i + 2, quiet, i);
		/* Or a child would print it once more. */
		fflush(stdout);
	}
	while (calls--)
		syscall(SYS_close, 2000000);
	return 0;
}
