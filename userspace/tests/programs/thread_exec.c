// SPDX-License-Identifier: GPL-2.0
/*
 * exec from a thread that is not the leader: it takes over the leader's tid, the
 * leader and every other thread die.
 *
 *	thread_exec [TIMES]
 *
 * Each process has a leader "te-leader", blocked, a thread "te-idler", blocked,
 * and a thread "te-caller", which makes numbered calls close(1000000 + step)
 * and executes this program again. After TIMES (default 1) execs it exits with 7.
 * Prints before each exec: the tids; after it: tid, number called, name.
 */
#include <pthread.h>

#include "truth.h"

static char **arguments;
static long step;
static long times = 1;
static pid_t idler;
static pthread_barrier_t barrier;

static void numbered_call(void)
{
	TRUTH_MUST(syscall(SYS_close, 1000000 + step) == -1);
}

static void *idle(void *unused)
{
	truth_rename("te-idler");
	idler = truth_tid();
	pthread_barrier_wait(&barrier);
	pause();
	return unused;
}

static void *call(void *unused)
{
	char next[32];
	char total[32];
	char *list[] = { arguments[0], total, next, NULL };

	truth_rename("te-caller");
	pthread_barrier_wait(&barrier);
	numbered_call();
	snprintf(total, sizeof(total), "%ld", times);
	snprintf(next, sizeof(next), "%ld", step + 1);
	printf("threads leader=%d caller=%d idler=%d number=%ld\n", getpid(),
	       truth_tid(), idler, 1000000 + step);
	fflush(stdout);
	execv("/proc/self/exe", list);
	truth_fail("exec");
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	truth_init();
	arguments = argv;
	times = argc > 1 ? truth_number(argv[1]) : 1;
	step = argc > 2 ? truth_number(argv[2]) : 0;
	if (step) {
		printf("execed tid=%d number=%ld comm=exe\n", truth_tid(),
		       1000000 + step * 1000);
		TRUTH_MUST(syscall(SYS_close, 1000000 + step * 1000) == -1);
	}
	fflush(stdout);
	if (step == times)
		_exit(7);
	truth_rename("te-leader");
	TRUTH_MUST(!pthread_barrier_init(&barrier, NULL, 3));
	TRUTH_MUST(!pthread_create(&threads[0], NULL, idle, NULL));
	TRUTH_MUST(!pthread_create(&threads[1], NULL, call, NULL));
	pthread_barrier_wait(&barrier);
	pause();
	return 0;
}
