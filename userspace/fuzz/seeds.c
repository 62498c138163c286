// SPDX-License-Identifier: GPL-2.0
/*
 * seeds DIRECTORY - makes the corpus: small windows, one for each thing that a
 * window can have. They come out the same each time.
 *
 * Blocks are smaller than a module's, so that a small file has several of them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "perfetto/simulate.h"

#define SMALL_BLOCK 256
#define BLOCK	    512
#define FAR_TID	    5000000 /* past 22 bits */

static uint64_t tick(uint64_t *clock)
{
	return *clock += 300;
}

/* ---- one kind of thing each ------------------------------------------------ */

static uint64_t nothing(struct window_builder *b)
{
	(void)b;
	return 2000;
}

static uint64_t idle_cpus(struct window_builder *b)
{
	for (uint32_t cpu = 0; cpu < 4; cpu++)
		window_builder_cpu(b, cpu);
	put_mark(b, 2, 2000, 100, "hello", 5);
	return 3000;
}

static uint64_t sched(struct window_builder *b)
{
	uint64_t t = 2000;

	b->header.events = FLIGHTREC_EVENTS_SCHED;
	window_builder_task(b, 100, "first");
	window_builder_task(b, 101, "second");
	for (uint32_t state = 0; state < 16; state++) {
		put_switch(b, 0, tick(&t), 0, 100, 0, NEXT_TARGET);
		put_waking(b, 0, tick(&t), 100, 101, state % 3, 3);
		put_switch(b, 0, tick(&t), 100, 0, state, PREV_TARGET);
		put_switch(b, 1, tick(&t), 0, 101, 0, NEXT_TARGET);
		put_switch(b, 1, tick(&t), 101, 7, state, PREV_TARGET);
		put_switch(b, 1, tick(&t), 7, 0, 1, 0);
	}
	return tick(&t);
}

static uint64_t calls(struct window_builder *b)
{
	static const int64_t results[] = { 0,	      -11,     -512,
					   INT64_MIN, 1 << 21, 0x7f0012345000 };
	__u64 args[FLIGHTREC_ARGS_MAX] = { (__u64)-100, 1ULL << 59,
					   UINT64_MAX,	0x7ffc00001000,
					   5,		0 };
	uint64_t t = 2000;

	b->header.events = FLIGHTREC_EVENTS_SYSCALLS;
	b->header.args = 6;
	window_builder_task(b, 100, "caller");
	for (int i = 0; i < 6; i++) {
		put_enter_args(b, 0, tick(&t), 100, i * 50, 0, args, 6);
		put_exit(b, 0, tick(&t), 100, i * 50, results[i]);
		put_enter_args(b, 0, tick(&t), 100, i * 50, 1, args, 6);
		put_exit_compat(b, 0, tick(&t), 100, i * 50, results[i]);
	}
	put_enter_args(b, 0, tick(&t), 100, -1, 0, args, 6);
	put_exit(b, 0, tick(&t), 100, -1, -38);
	put_exit(b, 0, tick(&t), 100, 1 << 20, 0);
	put_enter(b, 0, tick(&t), 100, NR_EPOLL_WAIT, 4);
	window_builder_call(b, 100, NR_EPOLL_WAIT, t);
	window_builder_call(b, 101, NR_READ, 1500);
	window_builder_call(b, 102, 3, 0)->flags = FLIGHTREC_CALL_COMPAT;
	return tick(&t);
}

/* No argument is recorded, and none is told from one. */
static uint64_t no_args(struct window_builder *b)
{
	uint64_t t = 2000;

	b->header.args = 0;
	for (int i = 0; i < 10; i++) {
		put_enter(b, 0, tick(&t), 100, i, 0);
		put_exit(b, 0, tick(&t), 100, i, i);
	}
	return tick(&t);
}

/* Within each other, without an end, without a beginning, of all kinds. */
static uint64_t irqs(struct window_builder *b)
{
	uint64_t t = 2000;

	b->header.events = FLIGHTREC_EVENTS_ALL;
	window_builder_task(b, 100, "first");
	put_switch(b, 0, tick(&t), 0, 100, 0, NEXT_TARGET);
	for (uint32_t kind = 0; kind < 4; kind++) {
		put_irq_entry(b, 0, tick(&t), 100, kind, kind, "a-name.0");
		put_irq_entry(b, 0, tick(&t), 100, 1, 9, NULL);
		put_irq_exit(b, 0, tick(&t), 100, 1, 9, 0);
		put_irq_exit(b, 0, tick(&t), 100, kind, kind, kind & 1);
	}
	put_irq_exit(b, 0, tick(&t), 100, 0, 0xffffff, 31);
	for (uint32_t i = 0; i < 12; i++)
		put_irq_entry(b, 0, tick(&t), 100, 1, i, NULL);
	put_switch(b, 0, tick(&t), 100, 0, 1, PREV_TARGET);
	put_irq_exit(b, 0, tick(&t), 0, 1, 0, 0);
	return tick(&t);
}

/* While it waits a target is moved, more often than is told apart. */
static uint64_t moves(struct window_builder *b)
{
	uint64_t t = 2000;

	window_builder_task(b, 100, "first");
	put_switch(b, 0, tick(&t), 0, 100, 0, NEXT_TARGET);
	put_switch(b, 0, tick(&t), 100, 7, 15, PREV_TARGET);
	for (uint32_t cpu = 0; cpu < 12; cpu++) {
		put_migrate(b, cpu % 3, t += 2000000, 7, 100, cpu);
		put_switch(b, cpu % 3, tick(&t), 7, 8, 0, 4);
	}
	/* One in a call of which the table alone tells, to a CPU that has no tape. */
	put_waking(b, 0, tick(&t), 7, FAR_TID, 0,
		   FLIGHTREC_WAKING_WAKEE_TARGET);
	put_migrate(b, 0, tick(&t), 7, FAR_TID, 5000);
	window_builder_call(b, FAR_TID, NR_READ, 1500);
	put_switch(b, 2, t += 2000000, 8, 100, 0, NEXT_TARGET | 4);
	return tick(&t);
}

static uint64_t lives(struct window_builder *b)
{
	uint64_t t = 2000;

	window_builder_task(b, 100, "shell");
	put_switch(b, 0, tick(&t), 0, 100, 0, NEXT_TARGET);
	put_newtask(b, 0, tick(&t), 100, 101, FLIGHTREC_NEWTASK_TARGET, 17);
	put_newtask(b, 0, tick(&t), 100, 102, 3, 0x10f00);
	put_newtask(b, 0, tick(&t), 100, FAR_TID, 4, 1ULL << 60);
	put_switch(b, 0, tick(&t), 100, 101, 1, BOTH_TARGETS);
	put_exec(b, 0, tick(&t), 101, 101, "/usr/bin/true");
	put_rename(b, 0, tick(&t), 101, 102, "renamed");
	put_task_exit(b, 0, tick(&t), 101, 0x100, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(b, 0, tick(&t), 101, 102, 6, BOTH_TARGETS);
	put_task_exit(b, 0, tick(&t), 102, 0x8b, 0);
	put_switch(b, 0, tick(&t), 102, FAR_TID, 5, PREV_TARGET);
	put_waking(b, 0, tick(&t), FAR_TID, FAR_TID, 0, 3);
	/* The tid is given out again. */
	put_newtask(b, 1, tick(&t), 100, 101, FLIGHTREC_NEWTASK_TARGET, 17);
	put_exec(b, 1, tick(&t), 101, FAR_TID,
		 "/a/very/long/path/of/which/"
		 "only/the/last/sixty/three/bytes/are/kept");
	return tick(&t);
}

/* A thread that is not the first one calls exec, and so becomes it. */
static uint64_t thread_exec(struct window_builder *b)
{
	struct flightrec_window_task *task;
	uint64_t t = 2000;

	task = window_builder_task(b, 101, "thread");
	task->tgid = 100;
	task->until_clock = 4000;
	task->until_reason = FLIGHTREC_UNTIL_EXEC;
	task = window_builder_task(b, 100, "old");
	task->until_clock = 4000;
	task->until_reason = FLIGHTREC_UNTIL_RENAME;
	window_builder_task(b, 100, "new");
	put_switch(b, 0, tick(&t), 0, 100, 0, NEXT_TARGET);
	put_task_exit(b, 0, tick(&t), 100, 0, 0);
	put_switch(b, 0, tick(&t), 100, 101, 6, BOTH_TARGETS);
	put_enter(b, 0, tick(&t), 101, NR_EXECVE, 1);
	put_exec(b, 0, 4100, 100, 101, "/bin/new");
	put_exit(b, 0, 4200, 100, NR_EXECVE, 0);
	put_switch(b, 0, 4300, 100, 0, 1, PREV_TARGET);
	return 5000;
}

static uint64_t signals(struct window_builder *b)
{
	uint64_t t = 2000;

	for (int i = 0; i < 5; i++) {
		put_signal(b, 0, tick(&t), 100, 101, 1 + i * 15, (uint32_t)i,
			   i - 6, i & 1);
		put_deliver(b, 1, tick(&t), 101, 1 + i * 7, (uint32_t)i % 3,
			    0x80, 0x14000000);
	}
	put_signal(b, 0, tick(&t), 100, FAR_TID, 9, 0, INT32_MIN, 1);
	put_deliver(b, 1, tick(&t), 101, 31, 2, INT32_MAX, 1ULL << 63);
	return tick(&t);
}

static uint64_t marks(struct window_builder *b)
{
	/* NOLINTNEXTLINE(misc-misleading-bidirectional): on purpose, escaped */
	static const char odd[] = "\\ \"quoted\" \xc3\xa4\xff\x1b[31m\n\t"
				  "\xe2\x80\xae"
				  "end";
	char text[FLIGHTREC_MARK_MAX];
	uint64_t t = 2000;

	memset(text, 'm', sizeof(text));
	for (size_t length = 1; length <= sizeof(text); length = length * 2 + 1)
		put_mark(b, 0, tick(&t), 100, text, length);
	put_mark(b, 0, tick(&t), 100, text, sizeof(text));
	put_mark(b, 0, tick(&t), 100, odd, sizeof(odd) - 1);
	return tick(&t);
}

static uint64_t names(struct window_builder *b)
{
	struct flightrec_window_task *task;
	uint64_t t = 2000;

	for (uint32_t i = 0; i < 6; i++) {
		task = window_builder_task(b, 100 + i / 3, "a\xff\"b\n");
		task->until_clock = 2000 + 700 * i;
		task->until_reason = i;
		task->start_mono_ns += i * 600;
		task->flags = i;
		task->policy = i;
		task->rt_priority = i * 20;
		task->prio = -1;
	}
	window_builder_task(b, 100, "last");
	for (uint32_t i = 0; i < 8; i++)
		put_switch(b, 0, tick(&t), 100 + i % 2, 101 - i % 2, 1,
			   BOTH_TARGETS);
	b->header.names_clock = 2500;
	return tick(&t);
}

static uint64_t targets(struct window_builder *b)
{
	struct flightrec_window_target *target;

	window_builder_target(b, FLIGHTREC_TARGET_TID, 100);
	window_builder_target(b, FLIGHTREC_TARGET_TGID, 100)->flags =
		FLIGHTREC_TARGET_FOLLOW;
	target = window_builder_target(b, FLIGHTREC_TARGET_COMM, 0);
	memcpy(target->comm, "redis-server", 12);
	window_builder_target(b, 9, UINT64_MAX);
	b->header.missed_targets = 3;
	put_mark(b, 0, 2000, 100, "x", 1);
	return 3000;
}

/* ---- the tape ------------------------------------------------------------- */

static uint64_t losses(struct window_builder *b)
{
	uint64_t t = 2000;

	window_builder_task(b, 100, "loser");
	for (int i = 0; i < 6; i++) {
		put_switch(b, 0, tick(&t), 0, 100, 0, NEXT_TARGET);
		put_enter(b, 0, tick(&t), 100, NR_READ, 3);
		if (i % 3 == 1)
			window_builder_lost(b, 0, 4);
		if (i % 3 == 2)
			window_builder_gap(b, 0, tick(&t) + 10);
		put_exit(b, 0, tick(&t), 100, NR_READ, 1);
		put_switch(b, 0, tick(&t), 100, 0, 1, PREV_TARGET);
		put_mark(b, 1, tick(&t), 0, "other", 5);
	}
	window_builder_gap(b, 1, tick(&t));
	put_mark(b, 1, tick(&t), 101, "after", 5);
	window_builder_lost(b, 1, 7);
	return tick(&t);
}

/* Two CPUs with three blocks each. */
static uint64_t reads(struct window_builder *b)
{
	uint64_t t = 2000;

	b->header.block_bytes = SMALL_BLOCK;
	window_builder_task(b, 100, "long-lived");
	for (int i = 0; i < 60; i++) {
		put_enter(b, i % 2 ? 0 : 3, tick(&t), 100, i % 20, i);
		put_exit(b, i % 2 ? 0 : 3, tick(&t), 100, i % 20, i);
	}
	return tick(&t);
}

/* Older blocks were overwritten. */
static uint64_t wrapped(struct window_builder *b)
{
	uint64_t cut = reads(b);

	window_builder_drop(b, 0, 0);
	window_builder_drop(b, 3, 0);
	window_builder_drop(b, 3, 0);
	return cut;
}

static uint64_t damaged(struct window_builder *b)
{
	uint64_t cut = wrapped(b);

	window_builder_drop(b, 0, 1);
	window_builder_word(b, 3, 31);
	return cut;
}

/* Read while recording went on: some blocks were written anew. */
static uint64_t live(struct window_builder *b)
{
	b->header.reason = FLIGHTREC_REASON_LIVE;
	return reads(b);
}

static void overrun(struct window_builder *b)
{
	window_builder_overrun(b, 0, 0, 0);
	window_builder_overrun(b, 0, 1,
			       window_builder_block_at(b, 0, 1)->clock);
	window_builder_overrun(b, 3, 1, 0);
}

/* A counter that does not tick in nanoseconds, for hours; TIME words. */
static uint64_t counter_clock(struct window_builder *b)
{
	uint64_t t = 5ULL << 40;

	b->header.clock = FLIGHTREC_CLOCK_TSC;
	b->header.clock_khz = 2893437;
	b->header.start_clock = t;
	b->header.start_mono_ns = 77777777;
	b->header.block_bytes = SMALL_BLOCK;
	window_builder_task(b, 100, "clock");
	for (int i = 0; i < 40; i++) {
		put_switch(b, 0, t, 0, 100, 0, NEXT_TARGET);
		t += 1ULL << (10 + i % 30);
		put_switch(b, 0, t, 100, 0, 1, PREV_TARGET);
		t += 1ULL << (i % 28);
	}
	return t;
}

static uint64_t many_cpus(struct window_builder *b)
{
	uint64_t t = 2000;

	b->header.block_bytes = SMALL_BLOCK;
	for (uint32_t cpu = 0; cpu < 1024; cpu += 93) {
		put_switch(b, cpu, tick(&t), 0, 100, 0, NEXT_TARGET);
		put_switch(b, cpu, tick(&t), 100, 0, 1, PREV_TARGET);
	}
	return tick(&t);
}

static uint64_t another_machine(struct window_builder *b)
{
	uint64_t t = 2000;

	memset(b->header.machine, 0, sizeof(b->header.machine));
	memcpy(b->header.machine, "aarch64", 7);
	b->header.reason = FLIGHTREC_REASON_SUSPEND;
	for (int i = 0; i < 8; i++) {
		put_enter(b, 0, tick(&t), 100, 50 + i, 3);
		put_exit(b, 0, tick(&t), 100, 50 + i, -i);
	}
	return tick(&t);
}

/* What a trigger found; one of each condition that a call is told of. */
static uint64_t fired(struct window_builder *b)
{
	uint64_t t = 2000;

	window_builder_task(b, 100, "slow");
	put_enter(b, 0, tick(&t), 100, NR_READ, 3);
	put_exit(b, 0, tick(&t), 100, NR_READ, 1);
	b->header.reason = FLIGHTREC_REASON_TRIGGER;
	b->header.firing = (struct flightrec_firing){
		.sequence = 17,
		.trigger = 3,
		.condition = FLIGHTREC_TRIGGER_CALL,
		.tid = 100,
		.value = 31200000,
		.limit = 20000000,
		.nr = NR_READ,
		.action = FLIGHTREC_ACTION_FREEZE,
		.clock = t,
		.mono_ns = t,
	};
	return tick(&t);
}

/* Of a module that knew no triggers: a shorter header. */
static uint64_t short_header(struct window_builder *b)
{
	put_mark(b, 0, 2000, 100, "x", 1);
	b->header.header_bytes = offsetof(struct flightrec_window, firing);
	return 3000;
}

/* Of one that knew triggers, but no age that could be asked for. */
static uint64_t header_to_firing(struct window_builder *b)
{
	uint64_t cut = fired(b);

	b->header.header_bytes = offsetof(struct flightrec_window, keep_ns);
	return cut;
}

/* More was asked for than is held: blocks that CPUs share were written anew. */
static uint64_t kept(struct window_builder *b)
{
	uint64_t cut = wrapped(b);

	b->header.policy = FLIGHTREC_POLICY_SHARED;
	b->header.ring_bytes = 16ULL * SMALL_BLOCK;
	b->header.keep_ns = 1000000000;
	return cut;
}

/* Types of records to come, and what belongs to them. */
static uint64_t later_version(struct window_builder *b)
{
	uint64_t t = 2000;

	put_mark(b, 0, tick(&t), 100, "before", 6);
	for (uint64_t type = FLIGHTREC_WORD_MIGRATE + 1;
	     type <= FLIGHTREC_WORD_TEXT; type++)
		window_builder_word(b, 0,
				    type | 0x4500000000 |
					    (t & FLIGHTREC_WORD_TIME_MASK)
						    << 5);
	put_mark(b, 0, tick(&t), 100, "after", 5);
	return tick(&t);
}

/* ---- a machine that does anything ----------------------------------------- */

static uint64_t simulate(struct window_builder *b, unsigned int seed,
			 int bystanders, unsigned int lose)
{
	struct sim sim;
	uint64_t cut;

	sim_init(&sim, b, seed, bystanders);
	sim.lose = lose;
	cut = sim_run(&sim, 300);
	sim_deinit(&sim);
	return cut;
}

static uint64_t machine_1(struct window_builder *b)
{
	return simulate(b, 1, 0, 0);
}

static uint64_t machine_2(struct window_builder *b)
{
	return simulate(b, 2, 4, 0);
}

static uint64_t machine_3(struct window_builder *b)
{
	uint64_t cut = simulate(b, 3, 2, 30);

	window_builder_drop(b, 0, 0);
	return cut;
}

/* ---- files ---------------------------------------------------------------- */

/* @make returns when the window is cut; @then changes what was put together. */
static const struct {
	const char *name;
	uint64_t (*make)(struct window_builder *b);
	void (*then)(struct window_builder *b);
} seeds[] = {
	{ "nothing", nothing, NULL },
	{ "idle-cpus", idle_cpus, NULL },
	{ "sched", sched, NULL },
	{ "calls", calls, NULL },
	{ "no-args", no_args, NULL },
	{ "irqs", irqs, NULL },
	{ "moves", moves, NULL },
	{ "lives", lives, NULL },
	{ "thread-exec", thread_exec, NULL },
	{ "signals", signals, NULL },
	{ "marks", marks, NULL },
	{ "names", names, NULL },
	{ "targets", targets, NULL },
	{ "losses", losses, NULL },
	{ "wrapped", wrapped, NULL },
	{ "damaged", damaged, NULL },
	{ "live", live, overrun },
	{ "counter-clock", counter_clock, NULL },
	{ "many-cpus", many_cpus, NULL },
	{ "another-machine", another_machine, NULL },
	{ "fired", fired, NULL },
	{ "short-header", short_header, NULL },
	{ "header-to-firing", header_to_firing, NULL },
	{ "kept", kept, NULL },
	{ "later-version", later_version, NULL },
	{ "machine-1", machine_1, NULL },
	{ "machine-2", machine_2, NULL },
	{ "machine-3", machine_3, NULL },
};

static bool write_file(const char *directory, const char *name,
		       const struct window_builder *b)
{
	char path[4096];
	bool written;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.frec", directory, name);
	file = fopen(path, "w");
	if (!file) {
		perror(path);
		return false;
	}
	written = fwrite(b->bytes, 1, b->length, file) == b->length;
	if (fclose(file) || !written) {
		perror(path);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	size_t i, count = sizeof(seeds) / sizeof(seeds[0]);
	struct window_builder b;
	bool written = true;

	if (argc != 2) {
		fprintf(stderr, "Usage: seeds DIRECTORY\n");
		return 2;
	}
	for (i = 0; i < count && written; i++) {
		window_builder_init(&b);
		b.header.block_bytes = BLOCK;
		window_builder_finish(&b, seeds[i].make(&b));
		if (seeds[i].then)
			seeds[i].then(&b);
		written = write_file(argv[1], seeds[i].name, &b);
		window_builder_deinit(&b);
	}
	return written ? 0 : 1;
}
