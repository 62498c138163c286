// SPDX-License-Identifier: GPL-2.0
/*
 * One tid, many tasks: children that are all given the same tid by clone3(), each
 * with a name and a numbered call of its own, close(1000000 + i); every second
 * one calls exec, of /bin/true, at its end.
 *
 *	reuse TIMES
 *
 * Prints each child: tid, number called, name. Exits with 77 where clone3() can
 * set no tid.
 */
#include "truth.h"

static void be_child(int number)
{
	static char program[] = "true";
	char *arguments[] = { program, NULL };
	char *environment[] = { NULL };
	char name[32];

	snprintf(name, sizeof(name), "reuse-%d", number);
	truth_rename(name);
	syscall(SYS_close, 1000000 + number);
	if (number % 2)
		execve("/bin/true", arguments, environment);
	_exit(0);
}

/* A tid that is free and will not be given to anybody else soon. */
static pid_t find_tid(void)
{
	pid_t tid = getpid() + 5000;

	while (!kill(tid, 0) || errno != ESRCH)
		tid++;
	return tid;
}

int main(int argc, char **argv)
{
	pid_t tid = find_tid();
	int i, times;

	TRUTH_MUST(argc == 2);
	truth_init();
	times = (int)truth_number(argv[1]);
	for (i = 0; i < times; i++) {
		pid_t child = truth_clone_as(tid);

		if (child < 0 && !i && (errno == ENOSYS || errno == EPERM))
			return 77;
		TRUTH_MUST(child >= 0);
		if (!child)
			be_child(i);
		TRUTH_MUST(child == tid && !truth_wait(child));
		printf("reuse tid=%d number=%d execs=%d comm=reuse-%d\n", tid,
		       1000000 + i, i % 2, i);
		fflush(stdout);
	}
	return 0;
}
