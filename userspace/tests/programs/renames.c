// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that change their names, and one that changes another's. After each
 * change the renamed one makes a numbered call, close(1000000 + i), so that the
 * name at that time is known.
 *
 *	renames TIMES
 *
 * Prints each change: who did it, whose name, the number called, the new name.
 */
#include <pthread.h>
#include <semaphore.h>

#include "truth.h"

#define FIRST 1000000

static pid_t other;
static sem_t go, gone;
static long number;

static void numbered_call(void)
{
	TRUTH_MUST(syscall(SYS_close, FIRST + number) == -1);
}

static void say(pid_t by, pid_t whose, const char *name)
{
	printf("named by=%d tid=%d number=%ld comm=%s\n", by, whose,
	       FIRST + number, name);
	number++;
}

static void rename_self(const char *name)
{
	truth_rename(name);
	numbered_call();
	say(truth_tid(), truth_tid(), name);
}

static void *be_renamed(void *unused)
{
	other = truth_tid();
	sem_post(&gone);
	for (;;) {
		sem_wait(&go);
		if (number < 0)
			return unused;
		numbered_call();
		sem_post(&gone);
	}
}

static void await(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		TRUTH_MUST(errno == EINTR);
}

static void rename_other(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", other);
	fd = open(path, O_WRONLY);
	TRUTH_MUST(fd >= 0);
	TRUTH_MUST(write(fd, name, strlen(name)) == (ssize_t)strlen(name));
	close(fd);
	sem_post(&go);
	await(&gone);
	say(truth_tid(), other, name);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char name[32];
	int i, times;

	TRUTH_MUST(argc == 2);
	truth_init();
	times = (int)truth_number(argv[1]);
	TRUTH_MUST(!sem_init(&go, 0, 0) && !sem_init(&gone, 0, 0));
	TRUTH_MUST(!pthread_create(&thread, NULL, be_renamed, NULL));
	await(&gone);
	for (i = 0; i < times; i++) {
		snprintf(name, sizeof(name), "self-%d", i);
		rename_self(name);
		snprintf(name, sizeof(name), "other-%d", i);
		rename_other(name);
	}
	rename_self("with some blank");
	rename_other("fifteen_letters");
	number = -1;
	sem_post(&go);
	TRUTH_MUST(!pthread_join(thread, NULL));
	return 0;
}
