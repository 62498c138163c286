// SPDX-License-Identifier: GPL-2.0
/*
 * A real-time hog on every CPU starves all others for a known time: a victim, which
 * makes no call and never sleeps, wants to run on the first one meanwhile.
 *
 *	starve MILLISECONDS
 *
 * Prints the victim, the hog of its CPU, and when that was sure to spin: it reads the
 * clocks as the first and the last thing.
 */
#include "truth.h"

#define HOG_PRIORITY 50
#define HOGS_MAX     64

/**
 * struct scene - what all see
 * @ready: hogs and victim that have begun
 * @start_ns: when hogs spin, CLOCK_MONOTONIC; 0: not known yet
 * @over: the victim may end
 * @from: when the first CPU's hog began
 * @until: when it ended
 */
struct scene {
	_Atomic int ready;
	_Atomic int64_t start_ns;
	_Atomic int over;
	struct truth_stamp from;
	struct truth_stamp until;
};

static struct scene *scene;

static void be_hog(int cpu, long ms)
{
	struct timespec pause = truth_ms(1);
	struct truth_stamp from, until;

	truth_pin(cpu);
	truth_rename(cpu ? "hog" : "hog-of-victim");
	truth_fifo(HOG_PRIORITY);
	scene->ready++;
	while (!scene->start_ns ||
	       truth_clock(CLOCK_MONOTONIC) < scene->start_ns)
		nanosleep(&pause, NULL);
	from = truth_now();
	do
		until = truth_now();
	while (until.mono_ns - from.mono_ns < ms * 1000000);
	if (!cpu) {
		scene->from = from;
		scene->until = until;
	}
	_exit(0);
}

static void be_victim(void)
{
	truth_pin(0);
	truth_rename("victim");
	scene->ready++;
	while (!scene->over)
		;
	_exit(0);
}

static pid_t start(int cpu, long ms)
{
	pid_t tid = fork();

	TRUTH_MUST(tid >= 0);
	if (!tid && cpu < 0)
		be_victim();
	if (!tid)
		be_hog(cpu, ms);
	return tid;
}

int main(int argc, char *argv[])
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	struct timespec pause = truth_ms(1);
	pid_t victim, hogs[HOGS_MAX];
	long ms;

	truth_init();
	if (argc != 2)
		truth_fail("usage: starve MILLISECONDS");
	ms = truth_number(argv[1]);
	TRUTH_MUST(cpus > 0 && cpus <= HOGS_MAX);
	scene = truth_shared(sizeof(*scene));
	victim = start(-1, ms);
	for (int i = 0; i < cpus; i++)
		hogs[i] = start(i, ms);
	while (scene->ready < cpus + 1)
		nanosleep(&pause, NULL);
	scene->start_ns = truth_clock(CLOCK_MONOTONIC) + 20000000;
	for (int i = 0; i < cpus; i++)
		TRUTH_MUST(!truth_wait(hogs[i]));
	/* It gets its CPU once more before it ends. */
	nanosleep(&pause, NULL);
	scene->over = 1;
	TRUTH_MUST(!truth_wait(victim));
	printf("victim tid=%d comm=victim\n", victim);
	printf("hog tid=%d ns=%" PRId64, hogs[0],
	       scene->until.mono_ns - scene->from.mono_ns);
	truth_print_stamp("from", scene->from);
	truth_print_stamp("until", scene->until);
	printf(" comm=hog-of-victim\n");
	return 0;
}
