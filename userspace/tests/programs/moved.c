// SPDX-License-Identifier: GPL-2.0
/*
 * A victim waits for a CPU that another task has for itself, and is then moved to a
 * CPU that yet another one has: who held it up where, and for how long, is known.
 *
 *	moved CPU OTHER_CPU MILLISECONDS
 *
 * The victim sleeps, having run on CPU last, and is woken when first and second spin
 * under a real-time policy, one on each CPU. MILLISECONDS later its affinity is
 * changed from CPU to OTHER_CPU, as taskset would; and after the same time second ends.
 * First ends when the victim has. This program itself must have a third CPU.
 *
 * Prints who they are, and how long at least each had the CPU that was waited for: from
 * after the call that began the wait there to before the one that ended it.
 */
#include "truth.h"

#define PRIORITY 50

/**
 * struct scene - what all see
 * @spinning: how many of the two spin
 * @over: which of them may end
 */
struct scene {
	_Atomic int spinning;
	_Atomic int over[2];
};

static struct scene *scene;

static void spin(int64_t ns)
{
	int64_t from = truth_clock(CLOCK_MONOTONIC);

	while (truth_clock(CLOCK_MONOTONIC) - from < ns)
		;
}

static pid_t start_spinner(int number, const char *name, int cpu)
{
	pid_t tid = fork();

	TRUTH_MUST(tid >= 0);
	if (tid)
		return tid;
	truth_rename(name);
	truth_pin(cpu);
	truth_fifo(PRIORITY);
	scene->spinning++;
	while (!scene->over[number])
		;
	_exit(0);
}

static pid_t start_victim(int cpu, int from)
{
	pid_t tid = fork();
	char byte;

	TRUTH_MUST(tid >= 0);
	if (tid)
		return tid;
	truth_rename("victim");
	truth_pin(cpu);
	TRUTH_MUST(read(from, &byte, 1) == 1);
	_exit(0);
}

static void move(pid_t tid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	TRUTH_MUST(!sched_setaffinity(tid, sizeof(cpus), &cpus));
}

int main(int argc, char **argv)
{
	int cpu, other_cpu, ends[2];
	pid_t victim, first, second;
	int64_t ns, woken, before, after, end;

	TRUTH_MUST(argc == 4);
	truth_init();
	cpu = (int)truth_number(argv[1]);
	other_cpu = (int)truth_number(argv[2]);
	ns = truth_number(argv[3]) * 1000000;
	scene = truth_shared(sizeof(*scene));
	TRUTH_MUST(!pipe(ends));
	truth_pin(0);
	victim = start_victim(cpu, ends[0]);
	truth_await_rest(victim);
	first = start_spinner(0, "first", cpu);
	second = start_spinner(1, "second", other_cpu);
	while (scene->spinning < 2)
		;
	TRUTH_MUST(write(ends[1], "", 1) == 1);
	woken = truth_clock(CLOCK_MONOTONIC);
	spin(ns);
	before = truth_clock(CLOCK_MONOTONIC);
	move(victim, other_cpu);
	after = truth_clock(CLOCK_MONOTONIC);
	spin(ns);
	end = truth_clock(CLOCK_MONOTONIC);
	scene->over[1] = 1;
	TRUTH_MUST(!truth_wait(victim));
	scene->over[0] = 1;
	TRUTH_MUST(!truth_wait(first) && !truth_wait(second));
	printf("victim tid=%d comm=victim\n", victim);
	printf("culprit tid=%d cpu=%d ns=%" PRId64 " comm=first\n", first, cpu,
	       before - woken);
	printf("culprit tid=%d cpu=%d ns=%" PRId64 " comm=second\n", second,
	       other_cpu, end - after);
	return 0;
}
