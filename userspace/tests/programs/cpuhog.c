// SPDX-License-Identifier: GPL-2.0
/*
 * Steals a CPU: spins there under a real-time policy for a given time, as often
 * as asked, and says what it did by its own clock.
 *
 *	cpuhog CPU PRIORITY MILLISECONDS [TIMES [PAUSE_MILLISECONDS]]
 *
 * Prints, after the last round: longest_ns=N, the longest stretch from the first
 * to the last look at the clock of one round.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long number(const char *text, long low, long high)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (!*text || *end || value < low || value > high) {
		fprintf(stderr,
			"cpuhog: '%s' is not a number from %ld to %ld\n", text,
			low, high);
		exit(2);
	}
	return value;
}

static void pin_and_raise(int cpu, int priority)
{
	struct sched_param param = { .sched_priority = priority };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setscheduler(0, SCHED_FIFO, &param)) {
		fprintf(stderr, "cpuhog: CPU %d, FIFO %d: %s\n", cpu, priority,
			strerror(errno));
		exit(1);
	}
}

/* Return: how long it spun, in ns. */
static long long spin(long long ns)
{
	long long start = now_ns();
	long long now;

	do
		now = now_ns();
	while (now - start < ns);
	return now - start;
}

int main(int argc, char **argv)
{
	struct timespec pause = { 0 };
	long long longest = 0;
	long times, i;

	if (argc < 4 || argc > 6) {
		fprintf(stderr,
			"usage: cpuhog CPU PRIORITY MILLISECONDS [TIMES [PAUSE_MILLISECONDS]]\n");
		return 2;
	}
	times = argc > 4 ? number(argv[4], 1, 1000000) : 1;
	pause.tv_nsec = (argc > 5 ? number(argv[5], 0, 999) : 100) * 1000000;
	pin_and_raise(number(argv[1], 0, CPU_SETSIZE - 1),
		      number(argv[2], 1, 99));
	for (i = 0; i < times; i++) {
		long long spun = spin(number(argv[3], 1, 900) * 1000000LL);

		if (spun > longest)
			longest = spun;
		if (i + 1 < times)
			nanosleep(&pause, NULL);
	}
	printf("longest_ns=%lld\n", longest);
	return 0;
}
