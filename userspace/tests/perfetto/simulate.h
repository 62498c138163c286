/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine that does what a real one could, at random: threads run, call,
 * block, wake each other, are born and die; some are targets. What a recorder
 * would record of it goes to a window_builder, and after each recorded event
 * the truth is kept, for comparison.
 */
#ifndef SIMULATE_H
#define SIMULATE_H

#include <stdbool.h>
#include <stdlib.h>

#include "put.h"

#define SIM_CPUS    3
#define SIM_THREADS 48
#define SIM_EVENTS  4000
#define SIM_NOBODY  (-1)

enum sim_state { SIM_UNBORN, SIM_RUNS, SIM_READY, SIM_BLOCKED, SIM_GONE };

/**
 * struct sim_thread - a thread of the machine
 * @state: what it does
 * @target: it is recorded
 * @dying: its TASK_EXIT has been
 * @nr: the call that it is in, or SIM_NOBODY
 */
struct sim_thread {
	enum sim_state state;
	bool target;
	bool dying;
	int nr;
};

/**
 * struct sim_truth - the machine right after a recorded event
 * @clock: of that event
 * @running: by CPU, tids
 * @threads: all threads
 */
struct sim_truth {
	uint64_t clock;
	uint32_t running[SIM_CPUS];
	struct sim_thread threads[SIM_THREADS];
};

/**
 * struct sim - the machine
 * @b: where its tape goes
 * @now: the truth at present; @now.running has indexes plus 1, 0: idle
 * @born: how many of the threads are born
 * @truths: one for each recorded event
 * @lose: one event in so many is lost; 0: none
 */
struct sim {
	struct window_builder *b;
	struct sim_truth now;
	int running[SIM_CPUS];
	int born;
	struct sim_truth *truths;
	size_t count;
	unsigned int lose;
};

static inline uint32_t sim_pick(uint32_t below)
{
	return (uint32_t)rand() % below;
}

static inline uint32_t sim_tid(int thread)
{
	return thread == SIM_NOBODY ? 0 : 100 + (uint32_t)thread;
}

/* Is it lost? Then nothing is recorded. */
static inline bool sim_loses(struct sim *sim, uint32_t cpu)
{
	if (!sim->lose || sim_pick(sim->lose))
		return false;
	window_builder_lost(sim->b, cpu, 1);
	return true;
}

static inline void sim_keep_truth(struct sim *sim)
{
	for (uint32_t cpu = 0; cpu < SIM_CPUS; cpu++)
		sim->now.running[cpu] = sim_tid(sim->running[cpu]);
	sim->truths[sim->count++] = sim->now;
}

/* ---- what happens -------------------------------------------------------- */

static inline int sim_one_in(struct sim *sim, enum sim_state state)
{
	int at = (int)sim_pick((uint32_t)sim->born);

	for (int i = 0; i < sim->born; i++, at = (at + 1) % sim->born) {
		if (sim->now.threads[at].state == state)
			return at;
	}
	return SIM_NOBODY;
}

/* Who runs on @cpu leaves it in @state, recorded as @left. */
static inline void sim_switch(struct sim *sim, uint32_t cpu,
			      enum sim_state state, uint32_t left)
{
	int prev = sim->running[cpu], next = sim_one_in(sim, SIM_READY);
	struct sim_thread *threads = sim->now.threads;
	bool from = prev != SIM_NOBODY && threads[prev].target;
	bool to = next != SIM_NOBODY && threads[next].target;

	if (prev == next)
		return;
	if (prev != SIM_NOBODY)
		threads[prev].state = state;
	if (next != SIM_NOBODY)
		threads[next].state = SIM_RUNS;
	sim->running[cpu] = next;
	if ((!from && !to) || sim_loses(sim, cpu))
		return;
	put_switch(sim->b, cpu, sim->now.clock, sim_tid(prev), sim_tid(next),
		   left, (from ? PREV_TARGET : 0) | (to ? NEXT_TARGET : 0));
	sim_keep_truth(sim);
}

static inline void sim_wake(struct sim *sim, uint32_t cpu, bool interrupt)
{
	int wakee = sim_one_in(sim, SIM_BLOCKED), waker = sim->running[cpu];
	struct sim_thread *threads = sim->now.threads;
	bool by = waker != SIM_NOBODY && threads[waker].target;

	if (wakee == SIM_NOBODY)
		return;
	threads[wakee].state = SIM_READY;
	if ((!by || interrupt) && !threads[wakee].target)
		return;
	if (sim_loses(sim, cpu))
		return;
	put_waking(sim->b, cpu, sim->now.clock, sim_tid(waker), sim_tid(wakee),
		   interrupt ? FLIGHTREC_CONTEXT_HARDIRQ :
			       FLIGHTREC_CONTEXT_TASK,
		   (threads[wakee].target ? FLIGHTREC_WAKING_WAKEE_TARGET : 0) |
			   (by ? FLIGHTREC_WAKING_WAKER_TARGET : 0));
	sim_keep_truth(sim);
}

static inline void sim_enter(struct sim *sim, uint32_t cpu, int nr)
{
	struct sim_thread *thread = &sim->now.threads[sim->running[cpu]];

	thread->nr = nr;
	if (!thread->target || sim_loses(sim, cpu))
		return;
	put_enter(sim->b, cpu, sim->now.clock, sim_tid(sim->running[cpu]), nr,
		  5);
	sim_keep_truth(sim);
}

static inline void sim_exit(struct sim *sim, uint32_t cpu)
{
	struct sim_thread *thread = &sim->now.threads[sim->running[cpu]];
	int nr = thread->nr;

	thread->nr = SIM_NOBODY;
	if (!thread->target || sim_loses(sim, cpu))
		return;
	put_exit(sim->b, cpu, sim->now.clock, sim_tid(sim->running[cpu]), nr,
		 42);
	sim_keep_truth(sim);
}

static inline void sim_fork(struct sim *sim, uint32_t cpu)
{
	int parent = sim->running[cpu], child = sim->born;
	struct sim_thread *threads = sim->now.threads;

	if (sim->born == SIM_THREADS)
		return;
	sim->born++;
	threads[child].state = SIM_READY;
	threads[child].target = threads[parent].target;
	threads[child].nr = NR_CLONE;
	if (!threads[parent].target || sim_loses(sim, cpu))
		return;
	put_newtask(sim->b, cpu, sim->now.clock, sim_tid(parent),
		    sim_tid(child), FLIGHTREC_NEWTASK_TARGET, 0);
	sim_keep_truth(sim);
}

static inline void sim_die(struct sim *sim, uint32_t cpu)
{
	struct sim_thread *thread = &sim->now.threads[sim->running[cpu]];

	thread->dying = true;
	thread->nr = SIM_NOBODY;
	if (!thread->target || sim_loses(sim, cpu))
		return;
	put_task_exit(sim->b, cpu, sim->now.clock, sim_tid(sim->running[cpu]),
		      0, FLIGHTREC_TASK_EXIT_GROUP);
	sim_keep_truth(sim);
}

static inline void sim_thread_acts(struct sim *sim, uint32_t cpu)
{
	struct sim_thread *thread = &sim->now.threads[sim->running[cpu]];

	if (thread->dying) {
		sim_switch(sim, cpu, SIM_GONE, FLIGHTREC_STATE_DEAD);
	} else if (!sim_pick(6)) {
		sim_switch(sim, cpu, SIM_READY, FLIGHTREC_STATE_PREEMPTED);
	} else if (!sim_pick(6)) {
		sim_wake(sim, cpu, sim_pick(2));
	} else if (thread->nr == SIM_NOBODY && !sim_pick(40)) {
		sim_enter(sim, cpu, NR_EXIT_GROUP);
	} else if (thread->nr == SIM_NOBODY) {
		sim_enter(sim, cpu, (int)sim_pick(2));
	} else if (thread->nr == NR_EXIT_GROUP) {
		sim_die(sim, cpu);
	} else if (!sim_pick(8)) {
		sim_fork(sim, cpu);
	} else if (sim_pick(2)) {
		sim_switch(sim, cpu, SIM_BLOCKED, FLIGHTREC_STATE_SLEEPING);
	} else {
		sim_exit(sim, cpu);
	}
}

/* ---- the machine --------------------------------------------------------- */

static inline void sim_init(struct sim *sim, struct window_builder *b,
			    unsigned int seed, int bystanders)
{
	memset(sim, 0, sizeof(*sim));
	srand(seed);
	sim->b = b;
	sim->truths = calloc(SIM_EVENTS, sizeof(*sim->truths));
	sim->born = 8;
	for (int i = 0; i < SIM_THREADS; i++) {
		sim->now.threads[i].nr = SIM_NOBODY;
		sim->now.threads[i].target = i >= bystanders;
	}
	for (int i = 0; i < sim->born; i++) {
		sim->now.threads[i].state = SIM_READY;
		window_builder_task(b, sim_tid(i), "task");
	}
	for (uint32_t cpu = 0; cpu < SIM_CPUS; cpu++)
		sim->running[cpu] = SIM_NOBODY;
}

static inline void sim_deinit(struct sim *sim)
{
	free(sim->truths);
}

/* Let @steps things happen; returns when, which is after all of them. */
static inline uint64_t sim_run(struct sim *sim, size_t steps)
{
	uint32_t cpu;

	sim->now.clock = 2000;
	while (steps-- && sim->count < SIM_EVENTS) {
		cpu = sim_pick(SIM_CPUS);
		sim->now.clock += 5 + sim_pick(40);
		if (sim->running[cpu] != SIM_NOBODY)
			sim_thread_acts(sim, cpu);
		else if (sim_pick(2))
			sim_switch(sim, cpu, SIM_READY, 0);
		else
			sim_wake(sim, cpu, true);
	}
	return sim->now.clock + 10;
}

#endif /* SIMULATE_H */
