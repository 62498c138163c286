// SPDX-License-Identifier: GPL-2.0
/*
 * Plants stalls of which the culprit and the length are known. In each somebody
 * waits for another one, which begins to hold it up when that one is asleep.
 *
 *	stalls MS
 *
 * lock: victim waits for a futex that holder keeps while it sleeps MS milliseconds.
 * pipe: reader reads from a pipe into which middle writes what it reads from a
 * pipe into which source writes after it has slept MS milliseconds.
 *
 * Prints of each stall who waited, for whom, who slept in the end and how long that
 * took by its own clock, which is MS or more.
 */
#include <stdatomic.h>

#include "truth.h"

/**
 * struct shared - what the processes share
 * @lock: 1: taken
 * @slept_ns: how long the culprit slept
 */
struct shared {
	_Atomic uint32_t lock;
	_Atomic int64_t slept_ns;
};

static struct shared *shared;
static long ms;

static pid_t child(const char *name)
{
	pid_t tid = fork();

	TRUTH_MUST(tid >= 0);
	if (!tid)
		truth_rename(name);
	return tid;
}

/* The stall itself, once @victim sleeps. */
static void sleep_long(pid_t victim)
{
	struct timespec time = truth_ms(ms);
	int64_t from;

	truth_await_rest(victim);
	from = truth_clock(CLOCK_MONOTONIC);
	TRUTH_MUST(!syscall(SYS_nanosleep, &time, NULL));
	atomic_store(&shared->slept_ns, truth_clock(CLOCK_MONOTONIC) - from);
}

static void say(const char *kind, pid_t victim, pid_t waker, pid_t culprit)
{
	printf("stall kind=%s victim=%d waker=%d culprit=%d ns=%" PRId64 "\n",
	       kind, victim, waker, culprit, atomic_load(&shared->slept_ns));
	fflush(stdout);
}

static void end(pid_t tid)
{
	int status = truth_wait(tid);

	if (status)
		truth_fail("%d ended with %#x", tid, status);
}

/* ---- a lock --------------------------------------------------------------- */

static void lock_victim(void)
{
	while (atomic_load(&shared->lock))
		syscall(SYS_futex, &shared->lock, FUTEX_WAIT, 1, NULL);
	_exit(0);
}

static void lock_holder(pid_t victim)
{
	sleep_long(victim);
	atomic_store(&shared->lock, 0);
	syscall(SYS_futex, &shared->lock, FUTEX_WAKE, 1);
	_exit(0);
}

static void stall_by_lock(void)
{
	pid_t victim, holder;

	atomic_store(&shared->lock, 1);
	victim = child("victim");
	if (!victim)
		lock_victim();
	holder = child("holder");
	if (!holder)
		lock_holder(victim);
	end(victim);
	end(holder);
	say("lock", victim, holder, holder);
}

/* ---- pipes ---------------------------------------------------------------- */

static void pass(int from, int to)
{
	char byte;

	TRUTH_MUST(read(from, &byte, 1) == 1);
	if (to >= 0)
		TRUTH_MUST(write(to, &byte, 1) == 1);
	_exit(0);
}

static void stall_by_pipe(void)
{
	int first[2], second[2];
	pid_t reader, middle, source;

	TRUTH_MUST(!pipe(first) && !pipe(second));
	reader = child("reader");
	if (!reader)
		pass(second[0], -1);
	truth_await_rest(reader);
	middle = child("middle");
	if (!middle)
		pass(first[0], second[1]);
	source = child("source");
	if (!source) {
		sleep_long(middle);
		TRUTH_MUST(write(first[1], "", 1) == 1);
		_exit(0);
	}
	end(reader);
	end(middle);
	end(source);
	say("pipe", reader, middle, source);
}

int main(int argc, char *argv[])
{
	truth_init();
	if (argc != 2)
		truth_fail("usage: stalls MS");
	ms = truth_number(argv[1]);
	shared = truth_shared(sizeof(*shared));
	stall_by_lock();
	stall_by_pipe();
	return 0;
}
