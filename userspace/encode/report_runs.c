// SPDX-License-Identifier: GPL-2.0
/* Who had a CPU lately. See report_runs.h. */
#include "report_runs.h"
#include "report_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As many as can come between two that a target is part of, and some. */
#define RUNS_KEPT (2 * FLIGHTREC_WATCH_SWITCHES)

/**
 * struct run - a thread had a CPU
 * @thread: who
 * @from: since the SWITCH to it; or, if that is not on the tape, since the one
 *	before that is, or since the CPU's tape is complete, at the earliest
 * @to: the SWITCH away from it
 * @whole: @from is when it began
 * @watched: nobody else had the CPU since @from, or since a target was woken
 *	there
 * @target: it was a target, whose comings and goings are all on the tape
 */
struct run {
	const struct front_thread *thread;
	uint64_t from;
	uint64_t to;
	bool whole;
	bool watched;
	bool target;
};

/**
 * struct report_runs_cpu - the last runs of one CPU
 * @next: who came with the last SWITCH, or was seen there since the CPU is watched;
 *	NULL: not known
 * @clock: since when: of the SWITCH, or from when on all that is recorded there is
 *	on the tape
 * @watch: so many switches more would be on the tape, whoever they are of
 * @count: how many runs there have been; run i is at i % RUNS_KEPT
 * @runs: they; NULL: no switch yet
 */
struct report_runs_cpu {
	const struct front_thread *next;
	uint64_t clock;
	unsigned int watch;
	uint64_t count;
	struct run *runs;
};

static struct report_runs_cpu *find_cpu(const struct report_runs *runs,
					uint32_t cpu)
{
	size_t index = flightrec_reader_cpu_index(runs->reader, cpu);

	return index < flightrec_reader_cpus(runs->reader) ?
		       &runs->cpus[index] :
		       NULL;
}

int report_runs_init(struct report_runs *runs,
		     const struct flightrec_reader *reader)
{
	struct flightrec_window_cpu entry;

	runs->reader = reader;
	runs->cpus =
		calloc(flightrec_reader_cpus(reader) + 1, sizeof(*runs->cpus));
	if (!runs->cpus)
		return -ENOMEM;
	for (size_t i = 0; i < flightrec_reader_cpus(reader); i++) {
		flightrec_reader_cpu(reader, i, &entry);
		runs->cpus[i].clock = entry.complete_clock;
	}
	return 0;
}

void report_runs_deinit(struct report_runs *runs)
{
	if (!runs->cpus)
		return;
	for (size_t i = 0; i < flightrec_reader_cpus(runs->reader); i++)
		free(runs->cpus[i].runs);
	free(runs->cpus);
}

/* What was before @clock is void. */
static void forget(struct report_runs_cpu *cpu, uint64_t clock)
{
	cpu->next = NULL;
	cpu->clock = clock;
	cpu->watch = 0;
	cpu->count = 0;
}

/* A CPU that a target wants and does not have is watched. */
static void note_watch(struct report_runs_cpu *cpu,
		       const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint8_t flags = event->sched_switch.flags;
	uint8_t state = event->sched_switch.state;

	if (!event->sched_switch.next_tid ||
	    flags & FLIGHTREC_SWITCH_NEXT_TARGET)
		cpu->watch = 0;
	else if (flags & FLIGHTREC_SWITCH_PREV_TARGET &&
		 (state == FLIGHTREC_STATE_RUNNING ||
		  state == FLIGHTREC_STATE_PREEMPTED))
		cpu->watch = FLIGHTREC_WATCH_SWITCHES;
	else if (cpu->watch)
		cpu->watch--;
}

static void note_switch(struct report_runs_cpu *cpu,
			const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	struct run *run = &cpu->runs[cpu->count++ % RUNS_KEPT];

	run->thread = step->thread;
	run->from = cpu->clock;
	run->to = event->clock;
	run->whole = cpu->next == step->thread;
	run->watched = event->sched_switch.flags & FLIGHTREC_SWITCH_WATCHED;
	run->target = event->sched_switch.flags & FLIGHTREC_SWITCH_PREV_TARGET;
	note_watch(cpu, step);
	cpu->next = step->other;
	cpu->clock = event->clock;
}

/*
 * A target begins to wait for @number: from here on all switches are on the tape there.
 * Who runs there now the next record tells, or the one that tells of his leaving.
 */
static void begin_watch(struct report_runs *runs, uint32_t number,
			uint64_t clock)
{
	struct report_runs_cpu *cpu = find_cpu(runs, number);

	if (!cpu)
		return;
	if (!cpu->watch && !(cpu->next && cpu->next->target)) {
		cpu->next = NULL;
		cpu->clock = clock;
	}
	cpu->watch = FLIGHTREC_WATCH_SWITCHES;
}

/* What is not told by switches of where somebody waits, and who runs there. */
static void note_other(struct report_runs *runs, struct report_runs_cpu *cpu,
		       const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	if (cpu->watch && !cpu->next && event->type != FLIGHTREC_EVENT_BEGIN)
		cpu->next = step->thread;
	if (event->type == FLIGHTREC_EVENT_MIGRATE)
		begin_watch(runs, event->migrate.cpu, event->clock);
	/* Where it ran last it waits, unless it is moved. */
	if (event->type == FLIGHTREC_EVENT_WAKING && step->other->target &&
	    step->other_before.state == FRONT_BLOCKED)
		begin_watch(runs, step->other->status.cpu, event->clock);
}

/* Where a tape begins it may tell who runs there: as if he came then. */
static void begin(struct report_runs_cpu *cpu, const struct front_step *step)
{
	if (!step->event->tid)
		return;
	cpu->next = step->thread;
	cpu->clock = step->event->clock;
}

int report_runs_step(struct report_runs *runs, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct report_runs_cpu *cpu = find_cpu(runs, event->cpu);

	if (event->type == FLIGHTREC_EVENT_LOST ||
	    event->type == FLIGHTREC_EVENT_GAP) {
		if (cpu)
			forget(cpu, event->clock);
		return 0;
	}
	if (event->type == FLIGHTREC_EVENT_BEGIN && cpu)
		begin(cpu, step);
	/* What is made up by the front end is not on the tape. */
	if (step->synthesized || !cpu)
		return 0;
	if (event->type != FLIGHTREC_EVENT_SWITCH) {
		note_other(runs, cpu, step);
		return 0;
	}
	if (!cpu->runs)
		cpu->runs = calloc(RUNS_KEPT, sizeof(*cpu->runs));
	if (!cpu->runs)
		return -ENOMEM;
	note_switch(cpu, step);
	return 0;
}

/* The time of @run from @from on. */
static uint64_t run_ns(const struct flightrec_reader *reader,
		       const struct run *run, uint64_t from)
{
	uint64_t begin = run->from > from ? run->from : from;

	return report_between(flightrec_reader_mono_ns(reader, begin),
			      flightrec_reader_mono_ns(reader, run->to));
}

/* All runs of @thread among the last @count. */
static uint64_t thread_ns(const struct report_runs_cpu *cpu,
			  const struct flightrec_reader *reader,
			  const struct front_thread *thread, uint64_t count,
			  uint64_t from)
{
	uint64_t ns = 0;

	for (uint64_t i = cpu->count - count; i < cpu->count; i++) {
		const struct run *run = &cpu->runs[i % RUNS_KEPT];

		if (run->thread == thread)
			ns += run_ns(reader, run, from);
	}
	return ns;
}

void report_runs_hog(const struct report_runs *runs, uint32_t cpu_number,
		     uint64_t from, struct report_hog *hog)
{
	const struct report_runs_cpu *cpu = find_cpu(runs, cpu_number);
	uint64_t kept, count = 0;
	const struct run *run;

	memset(hog, 0, sizeof(*hog));
	if (!cpu)
		return;
	/* How far back is it known without a break who ran? */
	kept = cpu->count < RUNS_KEPT ? cpu->count : RUNS_KEPT;
	while (count < kept && !hog->complete) {
		run = &cpu->runs[(cpu->count - count - 1) % RUNS_KEPT];
		if (!run->watched || (!run->whole && run->from > from))
			break;
		count++;
		hog->complete = run->from <= from;
	}
	for (uint64_t i = cpu->count - count; i < cpu->count; i++) {
		uint64_t ns;

		run = &cpu->runs[i % RUNS_KEPT];
		ns = thread_ns(cpu, runs->reader, run->thread, count, from);
		if (ns > hog->ns) {
			hog->ns = ns;
			hog->thread = run->thread;
		}
	}
}

static void tell_run(const struct run *run, uint64_t from, uint64_t to,
		     report_runs_function function, void *context)
{
	uint64_t begin = run->from > from ? run->from : from;
	uint64_t end = run->to < to ? run->to : to;

	if (begin < end)
		function(context, run->thread, begin, end);
}

/* Is it known that nobody else had the CPU in the time of @run from @from on? */
static bool is_known(const struct run *run, uint64_t from)
{
	if (run->target && run->whole)
		return true;
	return run->watched && (run->whole || run->from <= from);
}

bool report_runs_is_open(const struct report_runs *runs, uint32_t cpu_number,
			 uint64_t *since)
{
	const struct report_runs_cpu *cpu = find_cpu(runs, cpu_number);

	if (!cpu || !cpu->watch || cpu->next)
		return false;
	*since = cpu->clock;
	return true;
}

void report_runs_between(const struct report_runs *runs, uint32_t cpu_number,
			 uint64_t from, uint64_t to,
			 report_runs_function function, void *context)
{
	const struct report_runs_cpu *cpu = find_cpu(runs, cpu_number);
	struct run last = { .whole = true };
	uint64_t kept;

	if (!cpu)
		return;
	last.thread = cpu->next;
	last.from = cpu->clock;
	last.to = UINT64_MAX;
	if (cpu->next && (cpu->watch || cpu->next->target))
		tell_run(&last, from, to, function, context);
	else if (cpu->clock < to)
		return;
	kept = cpu->count < RUNS_KEPT ? cpu->count : RUNS_KEPT;
	for (uint64_t i = 1; i <= kept; i++) {
		const struct run *run =
			&cpu->runs[(cpu->count - i) % RUNS_KEPT];

		/* What came after does not matter. */
		if (run->from >= to)
			continue;
		if (run->to <= from || !is_known(run, from))
			return;
		tell_run(run, from, to, function, context);
	}
}
