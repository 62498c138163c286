// SPDX-License-Identifier: GPL-2.0
/*
 * Gives a kernel thread known work: a running task that bans itself from its CPU
 * is moved away by that CPU's "migration/N", which it wakes once for each move.
 *
 *	hops CPU OTHER TIMES
 *
 * Prints the task, and how often it left CPU, always going back in between.
 */
#include "truth.h"

int main(int argc, char **argv)
{
	int cpu, other;
	long i, times;

	TRUTH_MUST(argc == 4);
	truth_init();
	cpu = (int)truth_number(argv[1]);
	other = (int)truth_number(argv[2]);
	times = truth_number(argv[3]);
	truth_rename("hopper");
	truth_pin(cpu);
	for (i = 0; i < times; i++) {
		truth_pin(other);
		TRUTH_MUST(sched_getcpu() == other);
		truth_pin(cpu);
		TRUTH_MUST(sched_getcpu() == cpu);
	}
	printf("hops tid=%d cpu=%d times=%ld comm=hopper\n", truth_tid(), cpu,
	       times);
	return 0;
}
