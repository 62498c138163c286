// SPDX-License-Identifier: GPL-2.0
/*
 * Numbered tokens go from CPU to CPU, as fast as memory brings them: of two threads,
 * each on a CPU of its own, who has the token makes call close(TOKENS_FIRST + number)
 * and gives the next number to the other, who spins for it. So the end of each call
 * comes before the beginning of the next one, on another CPU. Every two CPUs exchange
 * N tokens, one pair after the other.
 *
 *	tokens N
 *
 * Before and after them it sleeps for 50 ms: a clock that is wrong by less is so
 * within what is recorded, however fast the machine.
 *
 * Prints of each token, in their order: its number, who had it, and on which CPU.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "truth.h"

#define TOKENS_FIRST 1000000
#define TOKENS_MAX   100000
#define SLEEP_MS     50

/**
 * struct exchange - what a pair sees
 * @turn: the number that may be used now
 * @end: behind the last one of this pair
 */
struct exchange {
	_Atomic long turn;
	long end;
};

/**
 * struct player - one of a pair
 * @exchange: where
 * @first: its first number; it has every second one
 * @cpu: where it runs
 */
struct player {
	struct exchange *exchange;
	long first;
	int cpu;
};

static struct {
	pid_t tid;
	int cpu;
} tokens[TOKENS_MAX];

static void *play(void *data)
{
	const struct player *player = data;
	struct exchange *exchange = player->exchange;
	pid_t tid = truth_tid();
	long number;

	truth_pin(player->cpu);
	for (number = player->first; number < exchange->end; number += 2) {
		while (atomic_load_explicit(&exchange->turn,
					    memory_order_acquire) != number)
			;
		syscall(SYS_close, TOKENS_FIRST + number);
		tokens[number].tid = tid;
		tokens[number].cpu = player->cpu;
		atomic_store_explicit(&exchange->turn, number + 1,
				      memory_order_release);
	}
	return NULL;
}

/* Return: behind the last number that was used. */
static long play_pair(int one, int other, long first, long times)
{
	struct exchange exchange = { .turn = first, .end = first + times };
	struct player players[2] = {
		{ .exchange = &exchange, .first = first, .cpu = one },
		{ .exchange = &exchange, .first = first + 1, .cpu = other },
	};
	pthread_t threads[2];
	int i;

	TRUTH_MUST(exchange.end <= TOKENS_MAX);
	for (i = 0; i < 2; i++)
		TRUTH_MUST(
			!pthread_create(&threads[i], NULL, play, &players[i]));
	for (i = 0; i < 2; i++)
		TRUTH_MUST(!pthread_join(threads[i], NULL));
	return exchange.end;
}

static void sleep_for_a_while(void)
{
	const struct timespec duration = truth_ms(SLEEP_MS);

	TRUTH_MUST(!nanosleep(&duration, NULL));
}

int main(int argc, char **argv)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	int one, other;
	long i, count = 0;

	TRUTH_MUST(argc == 2);
	truth_init();
	sleep_for_a_while();
	for (one = 0; one < cpus; one++)
		for (other = one + 1; other < cpus; other++)
			count = play_pair(one, other, count,
					  truth_number(argv[1]));
	sleep_for_a_while();
	for (i = 0; i < count; i++)
		printf("token n=%ld tid=%d cpu=%d\n", i, tokens[i].tid,
		       tokens[i].cpu);
	return 0;
}
