// SPDX-License-Identifier: GPL-2.0
/*
 * One busy thread that wanders from CPU to CPU, whose calls are numbered.
 *
 *	wander CALLS STAY
 *
 * Waits for a line on standard input, so that whoever wants to record it can begin;
 * then makes CALLS system calls that do nothing, their number (modulo WANDER_NUMBERS)
 * the argument; goes to the next CPU whenever it has made STAY of them, 0: never.
 */
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wander.h"

static void go_to(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "CPU %d", cpu);
}

int main(int argc, char **argv)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	long calls, stay, i;
	char line[16];

	if (argc != 3 || (calls = atol(argv[1])) <= 0) {
		fprintf(stderr, "usage: wander CALLS STAY\n");
		return 2;
	}
	stay = atol(argv[2]);
	if (!fgets(line, sizeof(line), stdin))
		errx(1, "nobody says when to begin");
	for (i = 0; i < calls; i++) {
		if (stay ? i % stay == 0 : i == 0)
			go_to(stay ? (int)(i / stay % cpus) : 0);
		syscall(SYS_getppid, i % WANDER_NUMBERS);
	}
	return 0;
}
