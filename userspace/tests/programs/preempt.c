// SPDX-License-Identifier: GPL-2.0
/*
 * A real-time thief takes the CPU from a victim for a known time. Both are pinned
 * to one CPU. The victim makes numbered calls, close(1000000 + i), one every 50 us,
 * and never sleeps, until it is told to end; the thief sleeps, then spins, TIMES times, each
 * time longer than before, and reads the clocks as the first and the last thing of
 * each spin.
 *
 *	preempt CPU MILLISECONDS TIMES
 *
 * Prints the victim, the thief, and each theft; the last one is the longest.
 */
#include "truth.h"

#define THIEF_PRIORITY 50
#define THEFTS_MAX     16

/**
 * struct scene - what both see
 * @over: the victim may end
 * @calls: how many the victim made
 * @running: the victim has begun
 * @from: when each theft began
 * @until: when it ended
 * @ran: how much of that the thief had the CPU, in nanoseconds: the kernel may have had
 *	something more urgent to do
 */
struct scene {
	int over;
	long calls;
	int running;
	struct truth_stamp from[THEFTS_MAX];
	struct truth_stamp until[THEFTS_MAX];
	int64_t ran[THEFTS_MAX];
};

static struct scene *scene;

static void spin(int64_t ns)
{
	int64_t from = truth_clock(CLOCK_MONOTONIC);

	while (truth_clock(CLOCK_MONOTONIC) - from < ns)
		;
}

static void be_victim(void)
{
	truth_rename("victim");
	__atomic_store_n(&scene->running, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&scene->over, __ATOMIC_SEQ_CST)) {
		syscall(SYS_close, 1000000 + scene->calls);
		scene->calls++;
		spin(50000);
	}
	_exit(0);
}

static void steal(int number, int64_t ns)
{
	int64_t ran;

	scene->from[number] = truth_now();
	ran = truth_clock(CLOCK_THREAD_CPUTIME_ID);
	do
		scene->until[number] = truth_now();
	while (scene->until[number].mono_ns - scene->from[number].mono_ns < ns);
	scene->ran[number] = truth_clock(CLOCK_THREAD_CPUTIME_ID) - ran;
}

static void be_thief(long ms, int times)
{
	struct timespec pause = truth_ms(30);
	int i;

	truth_rename("thief");
	truth_fifo(THIEF_PRIORITY);
	for (i = 0; i < times; i++) {
		nanosleep(&pause, NULL);
		steal(i, ms * 1000000 * (i + 1));
	}
	nanosleep(&pause, NULL);
	__atomic_store_n(&scene->over, 1, __ATOMIC_SEQ_CST);
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t victim, thief;
	int i, times;

	TRUTH_MUST(argc == 4);
	truth_init();
	scene = truth_shared(sizeof(*scene));
	times = (int)truth_number(argv[3]);
	TRUTH_MUST(times > 0 && times <= THEFTS_MAX);
	truth_pin((int)truth_number(argv[1]));
	victim = fork();
	TRUTH_MUST(victim >= 0);
	if (!victim)
		be_victim();
	while (!__atomic_load_n(&scene->running, __ATOMIC_SEQ_CST))
		sched_yield();
	thief = fork();
	TRUTH_MUST(thief >= 0);
	if (!thief)
		be_thief(truth_number(argv[2]), times);
	TRUTH_MUST(truth_wait(thief) == 0 && truth_wait(victim) == 0);
	printf("victim tid=%d calls=%ld cpu=%s comm=victim\n", victim,
	       scene->calls, argv[1]);
	printf("thief tid=%d policy=FIFO priority=%d comm=thief\n", thief,
	       THIEF_PRIORITY);
	for (i = 0; i < times; i++) {
		printf("theft number=%d ns=%" PRId64 " ran_ns=%" PRId64, i,
		       scene->until[i].mono_ns - scene->from[i].mono_ns,
		       scene->ran[i]);
		truth_print_stamp("from", scene->from[i]);
		truth_print_stamp("until", scene->until[i]);
		printf("\n");
	}
	return 0;
}
