// SPDX-License-Identifier: GPL-2.0
/*
 * A process whose first thread has ended, as main() may by pthread_exit(): its other
 * thread, of another name, makes a numbered call for each line of standard input,
 * close(1000000 + i), and sends its process a signal, until that ends.
 *
 *	leaderless LEADER THREAD [PARENT]
 *
 * Prints "tids leader=TID thread=TID", when the leader is dead. With PARENT it is the
 * child of a process of that name, which prints "parent tid=TID", and sends the child
 * a signal when all of it has ended, but has not been waited for.
 */
#include <pthread.h>

#include "truth.h"

static const char *thread_name;

static bool is_dead(pid_t leader)
{
	char stat[256] = "";
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	TRUTH_MUST(fd >= 0 && read(fd, stat, sizeof(stat) - 1) > 0);
	close(fd);
	TRUTH_MUST(atoi(stat) == leader);
	return strstr(stat, ") Z ");
}

static void *go_on(void *unused)
{
	long number = 1000000;
	char line[16];

	truth_rename(thread_name);
	TRUTH_MUST(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
	while (!is_dead(getpid()))
		usleep(1000);
	printf("tids leader=%d thread=%d\n", getpid(), truth_tid());
	fflush(stdout);
	while (read(STDIN_FILENO, line, sizeof(line)) > 0) {
		TRUTH_MUST(!kill(getpid(), SIGUSR2));
		TRUTH_MUST(syscall(SYS_close, number++) == -1);
	}
	exit(0);
	return unused;
}

static void be_parent(const char *name, pid_t child)
{
	siginfo_t info;

	truth_rename(name);
	printf("parent tid=%d\n", getpid());
	fflush(stdout);
	TRUTH_MUST(!waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
	TRUTH_MUST(!kill(child, SIGUSR2));
	TRUTH_MUST(waitpid(child, NULL, 0) == child);
	exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	TRUTH_MUST(argc == 3 || argc == 4);
	truth_init();
	if (argc == 4) {
		pid_t child = fork();

		TRUTH_MUST(child >= 0);
		if (child)
			be_parent(argv[3], child);
	}
	truth_rename(argv[1]);
	thread_name = argv[2];
	TRUTH_MUST(!pthread_create(&thread, NULL, go_on, NULL));
	syscall(SYS_exit, 0);
	return 1;
}
