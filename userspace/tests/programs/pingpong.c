// SPDX-License-Identifier: GPL-2.0
/*
 * Two tasks on one CPU that take turns under SCHED_FIFO, so that it is certain
 * who blocks when: nobody takes the CPU from either, and whoever wakes the other
 * goes on until it blocks itself. The first one, "ping", therefore blocks in each
 * of its N waits, "pong" in each but its first.
 *
 *	pingpong pipe|futex N CPU
 *
 * pipe: two processes, each a read() for a write(); futex: two threads.
 * Prints of each: tid, how often it blocks and how often it wakes the other while
 * that is blocked; and all calls.
 */
#include <pthread.h>

#include "truth.h"

/**
 * struct player - one of the two
 * @log: its calls
 * @blocks: how often it must have blocked
 * @wakes: how often it must have woken the other
 */
struct player {
	struct truth_log log;
	long blocks;
	long wakes;
};

/**
 * struct game - what both see
 * @ping: the first one
 * @pong: the second
 * @turn: 1: it is pong's turn
 * @times: N
 * @pipes: from ping to pong, and back
 * @byte: what is sent
 */
struct game {
	struct player ping;
	struct player pong;
	uint32_t turn;
	long times;
	int pipes[2][2];
	char byte;
};

static struct game *game;

/* ---- over pipes ------------------------------------------------------------ */

static void send_byte(struct player *player, int fd)
{
	TRUTH_MUST(TRUTH_CALL(&player->log, write, fd,
			      TRUTH_POINTER(&game->byte), 1) == 1);
}

static void receive_byte(struct player *player, int fd)
{
	TRUTH_MUST(TRUTH_CALL(&player->log, read, fd,
			      TRUTH_POINTER(&game->byte), 1) == 1);
}

static void pipe_ping(void)
{
	long i;

	truth_begin(&game->ping.log);
	for (i = 0; i < game->times; i++) {
		send_byte(&game->ping, game->pipes[0][1]);
		receive_byte(&game->ping, game->pipes[1][0]);
	}
	truth_end();
}

static void pipe_pong(void)
{
	long i;

	truth_rename("pong");
	truth_begin(&game->pong.log);
	for (i = 0; i < game->times; i++) {
		receive_byte(&game->pong, game->pipes[0][0]);
		send_byte(&game->pong, game->pipes[1][1]);
	}
	truth_end();
}

static void play_pipe(void)
{
	pid_t child;

	TRUTH_MUST(!pipe(game->pipes[0]) && !pipe(game->pipes[1]));
	child = fork();
	TRUTH_MUST(child >= 0);
	if (!child) {
		pipe_pong();
		_exit(0);
	}
	pipe_ping();
	TRUTH_MUST(truth_wait(child) == 0);
}

/* ---- over a futex ----------------------------------------------------------- */

static void futex_wake(struct player *player)
{
	TRUTH_CALL(&player->log, futex, TRUTH_POINTER(&game->turn), FUTEX_WAKE,
		   1, 0, 0, 0);
}

static void futex_wait(struct player *player, uint32_t value)
{
	TRUTH_MUST(!TRUTH_CALL(&player->log, futex, TRUTH_POINTER(&game->turn),
			       FUTEX_WAIT, value, 0, 0, 0));
}

static void pass_turn(struct player *player, uint32_t turn)
{
	__atomic_store_n(&game->turn, turn, __ATOMIC_SEQ_CST);
	futex_wake(player);
}

static void futex_ping(void)
{
	long i;

	truth_begin(&game->ping.log);
	for (i = 0; i < game->times; i++) {
		pass_turn(&game->ping, 1);
		futex_wait(&game->ping, 1);
	}
	truth_end();
}

static void *futex_pong(void *unused)
{
	long i;

	truth_rename("pong");
	truth_begin(&game->pong.log);
	for (i = 0; i < game->times; i++) {
		/* Ping waits for this thread only from its first wait on. */
		if (i)
			futex_wait(&game->pong, 0);
		pass_turn(&game->pong, 0);
	}
	truth_end();
	return unused;
}

static void play_futex(void)
{
	pthread_t thread;

	TRUTH_MUST(!pthread_create(&thread, NULL, futex_pong, NULL));
	futex_ping();
	TRUTH_MUST(!pthread_join(thread, NULL));
}

static void print(const char *name, const struct player *player)
{
	printf("player tid=%d blocks=%ld wakes=%ld calls=%u comm=%s\n",
	       player->log.tid, player->blocks, player->wakes,
	       player->log.count, name);
}

int main(int argc, char **argv)
{
	TRUTH_MUST(argc == 4);
	truth_init();
	game = truth_shared(sizeof(*game));
	game->times = truth_number(argv[2]);
	TRUTH_MUST(!mlockall(MCL_CURRENT | MCL_FUTURE));
	truth_rename("ping");
	truth_pin((int)truth_number(argv[3]));
	truth_fifo(10);
	if (!strcmp(argv[1], "pipe"))
		play_pipe();
	else
		play_futex();
	game->ping.blocks = game->times;
	game->ping.wakes = game->times - 1;
	game->pong.blocks = game->times - 1;
	game->pong.wakes = game->times;
	print("ping", &game->ping);
	print("pong", &game->pong);
	truth_print_log(&game->ping.log);
	truth_print_log(&game->pong.log);
	return 0;
}
