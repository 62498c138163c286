// SPDX-License-Identifier: GPL-2.0
/*
 * Who was killed by a signal, and who sent that. A process is told once,
 * whatever the number of its threads.
 */
#include "report_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TERMSIG(code) ((code)&0x7f)

/* ---- processes ---------------------------------------------------------- */

static struct report_process *find_process(const struct report *report,
					   uint32_t tgid)
{
	/* Where the report is in memory, no file can know. */
	uint64_t hash = (tgid ^ (uintptr_t)report) * 0x9e3779b97f4a7c15;
	size_t mask = report->processes_room - 1;
	struct report_process *process;
	size_t at = (size_t)(hash >> 32);

	for (;; at++) {
		process = &report->processes[at & mask];
		if (!process->used || process->tgid == tgid)
			return process;
	}
}

/* Half of the room stays free. */
static int grow_processes(struct report *report)
{
	size_t old_room = report->processes_room;
	struct report_process *old = report->processes;

	if (old_room && report->processes_count < old_room / 2)
		return 0;
	report->processes_room = old_room ? old_room * 2 : 64;
	report->processes = calloc(report->processes_room, sizeof(*old));
	if (!report->processes) {
		report->processes = old;
		report->processes_room = old_room;
		return -ENOMEM;
	}
	for (size_t i = 0; i < old_room; i++) {
		if (old[i].used)
			*find_process(report, old[i].tgid) = old[i];
	}
	free(old);
	return 0;
}

/* The process of @tgid, a new one if need be; NULL: no memory. */
static struct report_process *get_process(struct report *report, uint32_t tgid)
{
	struct report_process *process;

	if (grow_processes(report) < 0)
		return NULL;
	process = find_process(report, tgid);
	if (!process->used) {
		process->used = true;
		process->tgid = tgid;
		report->processes_count++;
	}
	return process;
}

static uint32_t tgid_of(const struct front_thread *thread)
{
	return thread->tgid ? thread->tgid : thread->tid;
}

/* ---- signals sent ------------------------------------------------------- */

/* Where to keep a signal: of each kind the last one, else over the oldest. */
static struct report_signal *signal_slot(struct report_process *process,
					 uint8_t sig)
{
	struct report_signal *oldest = &process->signals[0];

	for (int i = 0; i < REPORT_SIGNALS_MAX; i++) {
		struct report_signal *slot = &process->signals[i];

		if (slot->signal == sig || !slot->signal)
			return slot;
		if (slot->clock < oldest->clock)
			oldest = slot;
	}
	return oldest;
}

static int note_signal(struct report *report, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct report_process *process;
	struct report_signal *slot;

	if (!report_tally(report, step->other) ||
	    (event->signal_generate.result != FLIGHTREC_SIGNAL_DELIVERED &&
	     event->signal_generate.result != FLIGHTREC_SIGNAL_LOST_INFO))
		return 0;
	process = get_process(report, tgid_of(step->other));
	if (!process)
		return -ENOMEM;
	slot = signal_slot(process, event->signal_generate.signal);
	slot->signal = event->signal_generate.signal;
	slot->code = event->signal_generate.code;
	slot->clock = event->clock;
	report_who_set(&slot->sender, step->thread);
	return 0;
}

/* The last @sig that a process got by way of any of its threads. */
static void find_signal(const struct report_process *process, uint8_t sig,
			struct report_signal *signal)
{
	memset(signal, 0, sizeof(*signal));
	for (int i = 0; i < REPORT_SIGNALS_MAX; i++) {
		if (process->signals[i].signal == sig)
			*signal = process->signals[i];
	}
}

/* A process is born that has the tgid of one that is over. */
static void note_birth(struct report *report, const struct front_step *step)
{
	struct report_process *process;

	if (!report->processes_room || !step->other ||
	    step->event->newtask.flags & FLIGHTREC_NEWTASK_THREAD)
		return;
	process = find_process(report, step->event->newtask.tid);
	memset(process->signals, 0, sizeof(process->signals));
}

/* ---- deaths ------------------------------------------------------------- */

/* Of the kills of a process that are not over, the one by the same signal. */
static struct report_kill *find_kill(const struct report *report,
				     const struct report_process *process,
				     uint32_t code)
{
	size_t at = process->kill;

	while (at) {
		struct report_kill *kill = &report->kills[at - 1];

		if (kill->over)
			return NULL;
		if (TERMSIG(kill->code) == TERMSIG(code))
			return kill;
		at = kill->before;
	}
	return NULL;
}

static struct report_kill *add_kill(struct report *report)
{
	size_t count = report->kills_count;
	struct report_kill *kills = report->kills;

	/* A power of two is when it is full. */
	if (!(count & (count - 1))) {
		kills = reallocarray(kills, count ? count * 2 : 1,
				     sizeof(*kills));
		if (!kills)
			return NULL;
		report->kills = kills;
	}
	report->kills_count++;
	memset(&kills[count], 0, sizeof(*kills));
	return &kills[count];
}

static bool is_same_process(const struct report *report,
			    const struct report_signal *signal, uint32_t tgid)
{
	return signal->sender.known &&
	       signal->sender.index < front_threads(report->front) &&
	       front_thread_at(report->front, signal->sender.index)->tgid ==
		       tgid;
}

static int note_death(struct report *report, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint32_t code = event->task_exit.code;
	uint32_t tgid = step->thread->tgid ? step->thread->tgid : event->tid;
	const struct front_thread *leader = front_thread(report->front, tgid);
	struct report_process *process = get_process(report, tgid);
	struct report_kill *kill;

	if (!process)
		return -ENOMEM;
	kill = find_kill(report, process, code);
	if (!kill) {
		kill = add_kill(report);
		if (!kill)
			return -ENOMEM;
		kill->before = process->kill;
		process->kill = report->kills_count;
		kill->code = code;
		kill->clock = event->clock;
		report_who_set(&kill->who, leader ? leader : step->thread);
		find_signal(process, TERMSIG(code), &kill->signal);
		kill->by_itself = is_same_process(report, &kill->signal, tgid);
	}
	/* Only the thread that dumped core may know that. */
	kill->code |= code;
	kill->threads++;
	kill->over = event->task_exit.flags & FLIGHTREC_TASK_EXIT_GROUP;
	return 0;
}

int report_kills_step(struct report *report, const struct front_step *step)
{
	if (step->synthesized)
		return 0;
	if (step->event->type == FLIGHTREC_EVENT_NEWTASK)
		note_birth(report, step);
	if (step->event->type == FLIGHTREC_EVENT_SIGNAL_GENERATE)
		return note_signal(report, step);
	if (step->event->type == FLIGHTREC_EVENT_TASK_EXIT && step->thread &&
	    TERMSIG(step->event->task_exit.code))
		return note_death(report, step);
	return 0;
}
