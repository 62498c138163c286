// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a window of as many events as asked for, to measure how fast windows are
 * read: the module's own encoder makes the records, of a machine that is made up.
 *
 *	window EVENTS FILE [BLOCK_BYTES]
 *
 * Four CPUs; on each a thread of one server process, and three clients, processes
 * of their own. A timer's interrupt wakes a client, which writes a request to the
 * server, of its own CPU or of another; that reads it, makes other calls by chance,
 * may be preempted, writes the answer and waits for more. Prints how many events
 * there are; the same for the same numbers.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "perfetto/put.h"

#define CPUS	      4
#define CLIENTS	      3 /* a CPU */
#define KHZ	      2500000
#define BLOCK_BYTES   16384
#define SERVER_TID    1000
#define CLIENT_TID    2000
#define BYSTANDER_TID 50

/* Those of put.h, and more. */
#define NR_MMAP	      9
#define NR_SENDTO     44
#define NR_FUTEX      202
#define NR_OPENAT     257
#define AT_CWD	      ((uint64_t)-100)
#define WOULD_BLOCK   (-11)

#define BOTH_WAKE_TARGETS \
	(FLIGHTREC_WAKING_WAKEE_TARGET | FLIGHTREC_WAKING_WAKER_TARGET)

/**
 * struct machine - what is made up
 * @b: where its tape goes
 * @clocks: by CPU
 * @running: by CPU: tid
 * @events: so far
 * @chance: state of the generator
 */
struct machine {
	struct window_builder b;
	uint64_t clocks[CPUS];
	uint32_t running[CPUS];
	uint64_t events;
	uint64_t chance;
};

static uint32_t pick(struct machine *m, uint32_t below)
{
	m->chance ^= m->chance << 13;
	m->chance ^= m->chance >> 7;
	m->chance ^= m->chance << 17;
	return (uint32_t)((m->chance >> 32) * below >> 32);
}

/* ---- events -------------------------------------------------------------- */

/* The next instant of @cpu: 0.1 to 1.7 microseconds later. */
static uint64_t tick(struct machine *m, uint32_t cpu)
{
	m->events++;
	return m->clocks[cpu] += 250 + pick(m, 4000);
}

static void enter(struct machine *m, uint32_t cpu, int32_t nr, uint64_t first)
{
	put_enter(&m->b, cpu, tick(m, cpu), m->running[cpu], nr, first);
}

static void leave(struct machine *m, uint32_t cpu, int32_t nr, int64_t result)
{
	put_exit(&m->b, cpu, tick(m, cpu), m->running[cpu], nr, result);
}

static void call(struct machine *m, uint32_t cpu, int32_t nr, uint64_t first,
		 int64_t result)
{
	enter(m, cpu, nr, first);
	leave(m, cpu, nr, result);
}

static void wake(struct machine *m, uint32_t cpu, uint32_t tid)
{
	if (m->running[cpu])
		put_waking(&m->b, cpu, tick(m, cpu), m->running[cpu], tid,
			   FLIGHTREC_CONTEXT_TASK, BOTH_WAKE_TARGETS);
	else
		put_waking(&m->b, cpu, tick(m, cpu), 0, tid,
			   FLIGHTREC_CONTEXT_HARDIRQ,
			   FLIGHTREC_WAKING_WAKEE_TARGET);
}

static uint32_t is_target(uint32_t tid)
{
	return tid >= SERVER_TID;
}

static void run(struct machine *m, uint32_t cpu, uint32_t tid, uint32_t state)
{
	uint32_t from = m->running[cpu];

	put_switch(&m->b, cpu, tick(m, cpu), from, tid, state,
		   (is_target(from) ? PREV_TARGET : 0) |
			   (is_target(tid) ? NEXT_TARGET : 0) |
			   FLIGHTREC_SWITCH_WATCHED);
	m->running[cpu] = tid;
}

/* Who runs on @cpu waits from now on; @tid, or nobody, runs. */
static void hand_cpu(struct machine *m, uint32_t cpu, uint32_t tid)
{
	run(m, cpu, tid, FLIGHTREC_STATE_SLEEPING);
}

/* ---- what they do -------------------------------------------------------- */

/* What was done on CPU @a is known on @b a microsecond later. */
static void signal_across(struct machine *m, uint32_t a, uint32_t b)
{
	if (a != b && m->clocks[b] < m->clocks[a] + 2500)
		m->clocks[b] = m->clocks[a] + 2500;
}

/* A thread waits on @cpu for what @by did: let it run. */
static void resume(struct machine *m, uint32_t cpu, uint32_t by, uint32_t tid)
{
	signal_across(m, by, cpu);
	if (m->running[cpu] != tid)
		run(m, cpu, tid, FLIGHTREC_STATE_RUNNING);
}

static void be_preempted(struct machine *m, uint32_t cpu)
{
	uint32_t tid = m->running[cpu];

	run(m, cpu, BYSTANDER_TID + cpu, FLIGHTREC_STATE_PREEMPTED);
	m->clocks[cpu] += pick(m, 100000);
	run(m, cpu, tid, FLIGHTREC_STATE_SLEEPING);
}

static void work(struct machine *m, uint32_t cpu)
{
	uint32_t chance = pick(m, 64);

	if (chance < 8)
		call(m, cpu, NR_FUTEX, 0x7f3a5c0008c0 + 64 * pick(m, 512), 0);
	else if (chance < 10)
		call(m, cpu, NR_MMAP, 0, 0x7f3a4c000000 + 4096 * pick(m, 9999));
	else if (chance < 12)
		call(m, cpu, NR_OPENAT, AT_CWD, 9 + pick(m, 50));
	else if (chance < 16)
		call(m, cpu, NR_SENDTO, 7, WOULD_BLOCK);
	else if (chance < 18)
		be_preempted(m, cpu);
}

static void serve(struct machine *m, uint32_t cpu, uint32_t from, uint32_t tid)
{
	uint32_t fd = 8 + tid - CLIENT_TID;

	resume(m, cpu, from, SERVER_TID + cpu);
	leave(m, cpu, NR_EPOLL_WAIT, 1);
	call(m, cpu, NR_READ, fd, 14 + pick(m, 100));
	work(m, cpu);
	enter(m, cpu, NR_WRITE, fd);
	wake(m, cpu, tid);
	leave(m, cpu, NR_WRITE, 5 + pick(m, 4096));
	enter(m, cpu, NR_EPOLL_WAIT, 5);
	hand_cpu(m, cpu, from == cpu ? tid : 0);
}

/* A client of @cpu asks @server's thread, once. */
static void ask(struct machine *m, uint32_t cpu, uint32_t server, uint32_t tid)
{
	wake(m, cpu, tid);
	resume(m, cpu, cpu, tid);
	leave(m, cpu, NR_EPOLL_WAIT, 1);
	enter(m, cpu, NR_WRITE, 4);
	wake(m, cpu, SERVER_TID + server);
	leave(m, cpu, NR_WRITE, 14 + pick(m, 100));
	enter(m, cpu, NR_READ, 4);
	hand_cpu(m, cpu, server == cpu ? SERVER_TID + server : 0);
	serve(m, server, cpu, tid);
	resume(m, cpu, server, tid);
	leave(m, cpu, NR_READ, 5 + pick(m, 4096));
	enter(m, cpu, NR_EPOLL_WAIT, 3);
	hand_cpu(m, cpu, 0);
}

/* ---- all of it ----------------------------------------------------------- */

static uint32_t client_tid(uint32_t cpu, uint32_t i)
{
	return CLIENT_TID + cpu * CLIENTS + i;
}

static void populate(struct machine *m)
{
	struct flightrec_window_task *task;
	uint32_t cpu, i;

	for (cpu = 0; cpu < CPUS; cpu++) {
		task = window_builder_task(&m->b, BYSTANDER_TID + cpu,
					   "kworker");
		task->flags = FLIGHTREC_TASK_KERNEL | FLIGHTREC_TASK_LEADER;
		task = window_builder_task(&m->b, SERVER_TID + cpu, "server");
		task->tgid = SERVER_TID;
		if (cpu)
			task->flags &= ~FLIGHTREC_TASK_LEADER;
		for (i = 0; i < CLIENTS; i++)
			window_builder_task(&m->b, client_tid(cpu, i),
					    "client");
		m->clocks[cpu] = m->b.header.start_clock + 1000;
	}
}

static uint32_t earliest(const struct machine *m)
{
	uint32_t cpu, first = 0;

	for (cpu = 1; cpu < CPUS; cpu++)
		if (m->clocks[cpu] < m->clocks[first])
			first = cpu;
	return first;
}

/* Everybody waits then, and so do calls in flight. */
static uint64_t cut(struct machine *m)
{
	uint64_t clock = 0;
	uint32_t cpu, i;

	for (cpu = 0; cpu < CPUS; cpu++) {
		if (m->clocks[cpu] > clock)
			clock = m->clocks[cpu];
		window_builder_call(&m->b, SERVER_TID + cpu, NR_EPOLL_WAIT,
				    m->clocks[cpu]);
		for (i = 0; i < CLIENTS; i++)
			window_builder_call(&m->b, client_tid(cpu, i),
					    NR_EPOLL_WAIT, m->clocks[cpu]);
	}
	return clock + 1000;
}

static void make(struct machine *m, uint64_t events, int fd)
{
	while (m->events < events) {
		uint32_t cpu = earliest(m);
		uint32_t server = pick(m, 2) ? cpu : pick(m, CPUS);

		ask(m, cpu, server, client_tid(cpu, pick(m, CLIENTS)));
	}
	window_builder_write(&m->b, cut(m), fd);
}

int main(int argc, char **argv)
{
	struct machine m = { .chance = 88172645463325252 };
	uint64_t events = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
	unsigned long block = argc > 3 ? strtoul(argv[3], NULL, 10) :
					 BLOCK_BYTES;
	int fd;

	if (argc > 4 || !events || block < 256 || block > 65536 || block % 8) {
		fprintf(stderr, "usage: window EVENTS FILE [BLOCK_BYTES]\n");
		return 2;
	}
	fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		err(1, "%s", argv[2]);
	window_builder_init(&m.b);
	window_builder_spill(&m.b);
	m.b.header.clock = FLIGHTREC_CLOCK_TSC;
	m.b.header.clock_khz = KHZ;
	m.b.header.block_bytes = (uint32_t)block;
	populate(&m);
	make(&m, events, fd);
	window_builder_deinit(&m.b);
	if (close(fd))
		err(1, "%s", argv[2]);
	printf("%llu\n", (unsigned long long)m.events);
	return 0;
}
