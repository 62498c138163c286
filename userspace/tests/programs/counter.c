// SPDX-License-Identifier: GPL-2.0
/*
 * Numbered calls: on each given CPU one thread, pinned there, calls
 * close(1000000 + i) for i from 0, CALLS times; all fail with EBADF. The other
 * five registers hold large numbers, so that a call takes much room on a tape
 * that records them. At LAST calls before the end the thread takes another name.
 * SIGTERM ends all threads after the call in which they are; with LAST 0 what is
 * printed is true then, too.
 *
 *	counter CALLS LAST [CPU]...	(without CPUs: all that are online)
 *
 * Prints of each thread: tid, CPU, calls, names, and the first number that was
 * called under the second name. With PROGRESS=FILE in the environment that file
 * holds at any time how many calls have ended, of each CPU from 0 to 63: 64-bit
 * numbers.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "truth.h"

#define FIRST	 1000000
#define CPUS_MAX 64

/**
 * struct counter - a thread
 * @thread: it
 * @tid: it
 * @cpu: where it is pinned
 * @calls: how many it makes
 * @last: how many of them under its second name
 * @wrong: how many did not fail with EBADF
 */
struct counter {
	pthread_t thread;
	pid_t tid;
	int cpu;
	long calls;
	long last;
	long wrong;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static volatile int64_t nowhere[CPUS_MAX];
static volatile int64_t *progress = nowhere;

static void share_progress(const char *path)
{
	size_t bytes = CPUS_MAX * sizeof(*progress);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	TRUTH_MUST(fd >= 0 && !ftruncate(fd, (off_t)bytes));
	progress = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	TRUTH_MUST(progress != MAP_FAILED);
	close(fd);
}

static void name_thread(const struct counter *counter, const char *when)
{
	char name[16];

	snprintf(name, sizeof(name), "count-%d-%s", counter->cpu, when);
	truth_rename(name);
}

static void count(struct counter *counter, long from, long to)
{
	uint64_t wide = UINT64_C(0x7e57000000000000);
	long i;

	for (i = from; i < to && !stopped; i++) {
		if (syscall(SYS_close, FIRST + i, wide, wide + 1, wide + 2,
			    wide + 3, wide + 4) != -1 ||
		    errno != EBADF)
			counter->wrong++;
		progress[counter->cpu] = i + 1;
	}
	if (stopped && i < to)
		counter->calls = i;
}

static void *run(void *argument)
{
	struct counter *counter = argument;

	counter->tid = truth_tid();
	truth_pin(counter->cpu);
	/* Else all would wait for the lock of one table of files. */
	TRUTH_MUST(!unshare(CLONE_FILES));
	name_thread(counter, "a");
	count(counter, 0, counter->calls - counter->last);
	name_thread(counter, "b");
	count(counter, counter->calls - counter->last, counter->calls);
	return NULL;
}

static void print(const struct counter *counter)
{
	printf("counter tid=%d cpu=%d calls=%ld first=%d last=%ld renamed=%ld wrong=%ld before=count-%d-a after=count-%d-b\n",
	       counter->tid, counter->cpu, counter->calls, FIRST,
	       FIRST + counter->calls - 1,
	       FIRST + counter->calls - counter->last, counter->wrong,
	       counter->cpu, counter->cpu);
}

static int online_cpus(int *cpus, int room)
{
	int cpu, count = 0;
	cpu_set_t set;

	TRUTH_MUST(!sched_getaffinity(0, sizeof(set), &set));
	for (cpu = 0; cpu < CPU_SETSIZE && count < room; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[count++] = cpu;
	return count;
}

int main(int argc, char **argv)
{
	struct counter counters[CPUS_MAX] = { 0 };
	const char *path = getenv("PROGRESS");
	int i, number, cpus[CPUS_MAX];

	TRUTH_MUST(argc >= 3 && argc <= CPUS_MAX);
	truth_init();
	signal(SIGTERM, stop);
	if (path)
		share_progress(path);
	for (number = 0; number < argc - 3; number++)
		cpus[number] = (int)truth_number(argv[3 + number]);
	if (!number)
		number = online_cpus(cpus, CPUS_MAX);
	for (i = 0; i < number; i++) {
		counters[i].cpu = cpus[i];
		TRUTH_MUST(cpus[i] < CPUS_MAX);
		counters[i].calls = truth_number(argv[1]);
		counters[i].last = truth_number(argv[2]);
		TRUTH_MUST(!pthread_create(&counters[i].thread, NULL, run,
					   &counters[i]));
	}
	for (i = 0; i < number; i++)
		TRUTH_MUST(!pthread_join(counters[i].thread, NULL));
	for (i = 0; i < number; i++)
		print(&counters[i]);
	return 0;
}
