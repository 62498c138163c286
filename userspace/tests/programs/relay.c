// SPDX-License-Identifier: GPL-2.0
/*
 * A victim is woken while a thief has its CPU, and when the thief lets go an
 * accomplice takes the CPU before the victim gets it: who kept the victim waiting
 * is neither who ran when it went to sleep nor who ran right before it came back.
 * All are pinned to one CPU; thief and accomplice are real-time.
 *
 *	relay CPU THIEF_MILLISECONDS ACCOMPLICE_MILLISECONDS
 *
 * Prints all three, and two bounds of the thief's time on the CPU from the waking
 * on: by its own clock of that, and from before the waking to the accomplice's first look.
 */
#include "truth.h"

#define THIEF_PRIORITY	    50
#define ACCOMPLICE_PRIORITY 40

/**
 * struct scene - what all see
 * @waking: the thief is about to wake the victim
 * @woken: it has
 * @ran: how long the thief had the CPU since, in nanoseconds, by its last look
 * @next: the accomplice's first one
 * @over: its last one
 */
struct scene {
	struct truth_stamp waking;
	struct truth_stamp woken;
	int64_t ran;
	struct truth_stamp next;
	struct truth_stamp over;
};

static struct scene *scene;
static int to_victim[2];
static int to_accomplice[2];

static void spin_until(struct truth_stamp *now, int64_t end_ns)
{
	do
		*now = truth_now();
	while (now->mono_ns < end_ns);
}

/* For its turn; then it makes a call that is easy to find. */
static void be_victim(void)
{
	char byte;

	truth_rename("victim");
	TRUTH_MUST(read(to_victim[0], &byte, 1) == 1);
	syscall(SYS_close, 1000000);
	_exit(0);
}

static void be_accomplice(long ms)
{
	char byte;

	truth_rename("accomplice");
	truth_fifo(ACCOMPLICE_PRIORITY);
	TRUTH_MUST(read(to_accomplice[0], &byte, 1) == 1);
	scene->next = truth_now();
	spin_until(&scene->over, scene->next.mono_ns + ms * 1000000);
	_exit(0);
}

static void be_thief(long ms)
{
	struct truth_stamp until;

	truth_rename("thief");
	truth_fifo(THIEF_PRIORITY);
	scene->waking = truth_now();
	TRUTH_MUST(write(to_victim[1], "x", 1) == 1);
	scene->woken = truth_now();
	scene->ran = -truth_clock(CLOCK_THREAD_CPUTIME_ID);
	TRUTH_MUST(write(to_accomplice[1], "x", 1) == 1);
	spin_until(&until, scene->woken.mono_ns + ms * 1000000);
	scene->ran += truth_clock(CLOCK_THREAD_CPUTIME_ID);
	_exit(0);
}

static pid_t start(void (*be)(long), long ms)
{
	pid_t child = fork();

	TRUTH_MUST(child >= 0);
	if (!child)
		be(ms);
	return child;
}

static void victim_of(long unused)
{
	(void)unused;
	be_victim();
}

int main(int argc, char **argv)
{
	pid_t victim, accomplice, thief;

	TRUTH_MUST(argc == 4 && !pipe(to_victim) && !pipe(to_accomplice));
	truth_init();
	scene = truth_shared(sizeof(*scene));
	truth_pin((int)truth_number(argv[1]));
	victim = start(victim_of, 0);
	accomplice = start(be_accomplice, truth_number(argv[3]));
	/* Until each waits for its turn. */
	truth_await_rest(victim);
	truth_await_rest(accomplice);
	thief = start(be_thief, truth_number(argv[2]));
	TRUTH_MUST(truth_wait(thief) == 0 && truth_wait(accomplice) == 0 &&
		   truth_wait(victim) == 0);
	printf("victim tid=%d cpu=%s comm=victim\n", victim, argv[1]);
	printf("thief tid=%d least_ns=%" PRId64 " most_ns=%" PRId64
	       " comm=thief\n",
	       thief, scene->ran, scene->next.mono_ns - scene->waking.mono_ns);
	printf("accomplice tid=%d ns=%" PRId64 " comm=accomplice\n", accomplice,
	       scene->over.mono_ns - scene->next.mono_ns);
	return 0;
}
