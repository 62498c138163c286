// SPDX-License-Identifier: GPL-2.0
/*
 * A crowd of processes with two threads each, which storms of births renew, and whose
 * members make numbered calls when they are told to. In a storm several lines of
 * descent fork as fast as they can: the child goes on forking, the parent becomes a
 * member, and takes the place of an older one, which is killed.
 *
 *	crowd NAME
 *
 * Takes the name, then does what each line of standard input says, and says "done"
 * on standard error when it is done:
 *
 *	storm		lets a storm begin
 *	calm		ends it, and waits until all members are at rest
 *	call NUMBER	each member calls close(NUMBER + its own number, from 0)
 *	quit		ends it all
 *
 * Prints of each such call: its number, in hexadecimal, too.
 */
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "truth.h"

#define LINES  2  /* of descent: somebody else must get on, too */
#define PLACES 48 /* of processes */
#define EACH   2  /* threads of a process */

/**
 * struct crowd - what all share
 * @storming: there is a storm
 * @forkers: lines of descent that go on
 * @next: counts the places that were taken
 * @owners: the process that has a place; 0: nobody has had it yet
 * @ready: the process whose thread is at rest there
 * @round: counts calls; members wait for it to change
 * @first: of a round: the number that the first member calls
 * @called: members that have
 * @host: the process that all come from
 */
struct crowd {
	atomic_bool storming;
	atomic_int forkers;
	atomic_uint next;
	atomic_int owners[PLACES];
	atomic_int ready[PLACES * EACH];
	atomic_uint round;
	long first;
	atomic_int called;
	pid_t host;
};

static struct crowd *crowd;

/* ---- members ----------------------------------------------------------------- */

/*
 * Wait for another round than @seen; the host may be gone for ever, too. Who had the
 * place before, and is being killed, may say last that he is ready: so say it again.
 */
static void await_round(unsigned int number, unsigned int seen)
{
	const struct timespec second = { .tv_sec = 1 };

	while (atomic_load(&crowd->round) == seen) {
		atomic_store(&crowd->ready[number], getpid());
		syscall(SYS_futex, &crowd->round, FUTEX_WAIT, seen, &second);
		if (kill(crowd->host, 0))
			_exit(0);
	}
}

__attribute__((noreturn)) static void member(unsigned int number)
{
	unsigned int seen = atomic_load(&crowd->round);

	for (;;) {
		await_round(number, seen++);
		TRUTH_MUST(syscall(SYS_close, crowd->first + number) == -1);
		atomic_fetch_add(&crowd->called, 1);
	}
}

static void *second_member(void *number)
{
	member((unsigned int)(uintptr_t)number);
}

/* The caller is at rest in @place from now on, with another thread. */
__attribute__((noreturn)) static void join(unsigned int place)
{
	pthread_t thread;

	TRUTH_MUST(!pthread_create(&thread, NULL, second_member,
				   (void *)(uintptr_t)(place * EACH + 1)));
	member(place * EACH);
}

static unsigned int next_place(void)
{
	return atomic_fetch_add(&crowd->next, 1) % PLACES;
}

/* @owner, who does not fork any more, gets @place. */
static void take_place(unsigned int place, pid_t owner)
{
	pid_t old = atomic_exchange(&crowd->owners[place], owner);

	if (old)
		TRUTH_MUST(!kill(old, SIGKILL));
}

__attribute__((noreturn)) static void descend(void)
{
	unsigned int place = next_place();

	while (atomic_load(&crowd->storming)) {
		pid_t parent = getpid();
		pid_t child = fork();

		TRUTH_MUST(child >= 0);
		if (child)
			join(place);
		/* When all lines have ended, all places have been taken. */
		take_place(place, parent);
		place = next_place();
	}
	take_place(place, getpid());
	atomic_fetch_sub(&crowd->forkers, 1);
	join(place);
}

/* ---- the host ---------------------------------------------------------------- */

static void rest(void)
{
	usleep(1000);
}

static void storm(void)
{
	int i;

	atomic_store(&crowd->storming, true);
	atomic_store(&crowd->forkers, LINES);
	for (i = 0; i < LINES; i++) {
		pid_t child = fork();

		TRUTH_MUST(child >= 0);
		if (!child)
			descend();
	}
}

static bool at_rest(unsigned int number)
{
	pid_t owner = atomic_load(&crowd->owners[number / EACH]);

	return !owner || atomic_load(&crowd->ready[number]) == owner;
}

static void calm(void)
{
	unsigned int i;

	atomic_store(&crowd->storming, false);
	while (atomic_load(&crowd->forkers))
		rest();
	for (i = 0; i < PLACES * EACH; i++)
		while (!at_rest(i))
			rest();
}

static void call(long first)
{
	int members = 0;
	unsigned int i;

	for (i = 0; i < PLACES * EACH; i++) {
		if (!atomic_load(&crowd->owners[i / EACH]))
			continue;
		members++;
		printf("call first=%ld hex=%lx\n", first, first + i);
	}
	crowd->first = first;
	atomic_store(&crowd->called, 0);
	atomic_fetch_add(&crowd->round, 1);
	syscall(SYS_futex, &crowd->round, FUTEX_WAKE, INT_MAX);
	while (atomic_load(&crowd->called) < members)
		rest();
	fflush(stdout);
}

static void quit(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		if (atomic_load(&crowd->owners[i]))
			kill(atomic_load(&crowd->owners[i]), SIGKILL);
}

static bool obey(const char *line)
{
	long first;

	if (!strcmp(line, "storm\n"))
		storm();
	else if (!strcmp(line, "calm\n"))
		calm();
	else if (sscanf(line, "call %ld", &first) == 1)
		call(first);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	char line[64];

	TRUTH_MUST(argc == 2);
	truth_init();
	truth_rename(argv[1]);
	/* Nobody waits for those that are killed: they vanish, orphans too. */
	TRUTH_MUST(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	TRUTH_MUST(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	crowd = truth_shared(sizeof(*crowd));
	crowd->host = getpid();
	while (fgets(line, sizeof(line), stdin) && obey(line))
		fputs("done\n", stderr);
	quit();
	return 0;
}
