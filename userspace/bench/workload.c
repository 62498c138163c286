// SPDX-License-Identifier: GPL-2.0
/*
 * A workload whose events are known, to measure what recording them costs.
 *
 *	workload null|pipe|futex|read COUNT [own]
 *
 * Waits for a line on standard input, so that whoever wants to record it can begin;
 * then does the same thing COUNT times and prints how many nanoseconds that took; "own":
 * for how many of them it and its peer had a processor. What is done before is not
 * counted. In a guest whose clock counts instructions (vm/run --icount) these are
 * instructions.
 *
 *	null	a system call that does nothing, argument 0: 2 events (enter, exit)
 *	pipe	a byte to another process and back: 12 events (4 calls, 2 wake-ups,
 *		2 switches)
 *	futex	a token to another thread and back: 12 events (likewise)
 *	read	not to be recorded: reads the frozen window, from the beginning to the
 *		end, 64 KiB at a time
 */
#include <err.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 1000

static void must(int is_so, const char *what)
{
	if (!is_so)
		err(1, "%s", what);
}

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	must(!clock_gettime(clock, &time), "clock_gettime");
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* ---- null ---------------------------------------------------------------- */

static void null_rounds(long count)
{
	while (count--)
		syscall(SYS_getppid, 0L);
}

static void nothing(void)
{
}

/* ---- pipe ---------------------------------------------------------------- */

static int ping[2], pong[2];
static pid_t peer;

static void pipe_begin(void)
{
	char byte;

	must(!pipe(ping) && !pipe(pong), "pipe");
	peer = fork();
	must(peer >= 0, "fork");
	if (peer)
		return;
	close(ping[1]);
	while (read(ping[0], &byte, 1) == 1)
		must(write(pong[1], &byte, 1) == 1, "write");
	_exit(0);
}

static void pipe_rounds(long count)
{
	char byte = 0;

	while (count--)
		must(write(ping[1], &byte, 1) == 1 &&
			     read(pong[0], &byte, 1) == 1,
		     "pipe");
}

static void pipe_end(void)
{
	close(ping[1]);
	waitpid(peer, NULL, 0);
}

/* What this process and its peer have had of the processor. */
static uint64_t own_time(void)
{
	uint64_t time = now(CLOCK_PROCESS_CPUTIME_ID);
	clockid_t clock;

	if (!peer)
		return time;
	must(!clock_getcpuclockid(peer, &clock), "clock_getcpuclockid");
	return time + now(clock);
}

/* ---- futex --------------------------------------------------------------- */

/* Whose turn it is: 0 the main thread's, 1 the other's, 2: the end. */
static _Atomic uint32_t turn;
static pthread_t other;

static void hand_over(uint32_t to)
{
	atomic_store(&turn, to);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static uint32_t await(uint32_t from)
{
	uint32_t seen;

	while ((seen = atomic_load(&turn)) == from)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, from, NULL, NULL,
			0);
	return seen;
}

static void *futex_peer(void *unused)
{
	while (await(0) == 1)
		hand_over(0);
	return unused;
}

static void futex_begin(void)
{
	must(!pthread_create(&other, NULL, futex_peer, NULL), "pthread_create");
}

static void futex_rounds(long count)
{
	while (count--) {
		hand_over(1);
		await(1);
	}
}

static void futex_end(void)
{
	hand_over(2);
	pthread_join(other, NULL);
}

/* ---- read ---------------------------------------------------------------- */

static void read_rounds(long count)
{
	static char bytes[65536];
	ssize_t got;

	while (count--) {
		int window = open("/dev/flightrec", O_RDONLY);

		must(window >= 0, "/dev/flightrec");
		while ((got = read(window, bytes, sizeof(bytes))) > 0)
			;
		must(got == 0, "read");
		close(window);
	}
}

/* -------------------------------------------------------------------------- */

static uint64_t all_time(void)
{
	return now(CLOCK_MONOTONIC);
}

static const struct workload {
	const char *name;
	void (*begin)(void);
	void (*rounds)(long count);
	void (*end)(void);
} workloads[] = {
	{ "null", nothing, null_rounds, nothing },
	{ "pipe", pipe_begin, pipe_rounds, pipe_end },
	{ "futex", futex_begin, futex_rounds, futex_end },
	{ "read", nothing, read_rounds, nothing },
};

int main(int argc, char **argv)
{
	const struct workload *workload = NULL;
	uint64_t (*time)(void) = argc == 4 ? own_time : all_time;
	const struct sched_param no_priority = { .sched_priority = 0 };
	uint64_t begun, ended;
	char line[16];
	size_t i;

	for (i = 0; argc >= 3 && i < sizeof(workloads) / sizeof(*workloads);
	     i++)
		if (!strcmp(argv[1], workloads[i].name))
			workload = &workloads[i];
	if (!workload || atol(argv[2]) <= 0 || argc > 4 ||
	    (argc == 4 && strcmp(argv[3], "own") != 0)) {
		fprintf(stderr,
			"usage: workload null|pipe|futex|read COUNT [own]\n");
		return 2;
	}
	must(fgets(line, sizeof(line), stdin) != NULL, "standard input");
	/*
	 * Who is woken does not take the CPU from its waker. Else every round goes one of
	 * two ways through the scheduler, as the first one happened to go.
	 */
	must(!sched_setscheduler(0, SCHED_BATCH, &no_priority),
	     "sched_setscheduler");
	workload->begin();
	workload->rounds(workload->rounds == read_rounds ? 1 : WARM_UP);
	begun = time();
	workload->rounds(atol(argv[2]));
	ended = time();
	workload->end();
	printf("%llu\n", (unsigned long long)(ended - begun));
	return 0;
}
