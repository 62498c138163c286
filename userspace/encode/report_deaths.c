// SPDX-License-Identifier: GPL-2.0
/*
 * Who was killed by a signal, and who sent that; who exited with a status that is
 * not 0. A process is told once, whatever the number of its threads.
 */
#include "report_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CORE_DUMPED 0x80 /* of an exit code */

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
	process = get_process(report, report_tgid(step->other));
	if (!process)
		return -ENOMEM;
	slot = signal_slot(process, event->signal_generate.signal);
	slot->signal = event->signal_generate.signal;
	slot->code = event->signal_generate.code;
	slot->clock = event->clock;
	slot->group = event->signal_generate.group;
	slot->receiver = step->other->index;
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
	process->death = 0;
}

/* ---- deaths ------------------------------------------------------------- */

/* A process that came later may have the same tgid. */
static bool is_later(const struct report *report,
		     const struct front_thread *thread,
		     const struct report_death *death)
{
	const struct flightrec_window_task *identity = thread->identity;

	if (thread->born)
		return thread->born_clock > death->clock;
	return identity && identity->start_mono_ns <= INT64_MAX &&
	       (int64_t)identity->start_mono_ns >
		       flightrec_reader_mono_ns(report->reader, death->clock);
}

/*
 * Of the deaths of a process the one by the same signal. Of those who end at the
 * same time more than one may say that he is the last.
 */
static struct report_death *find_death(const struct report *report,
				       const struct report_process *process,
				       const struct front_thread *thread,
				       uint32_t code)
{
	size_t at = process->death;

	while (at) {
		struct report_death *death = &report->deaths[at - 1];

		if (is_later(report, thread, death))
			return NULL;
		if (report_term_signal(death->code) == report_term_signal(code))
			return death;
		if (death->over)
			return NULL;
		at = death->before;
	}
	return NULL;
}

static struct report_death *add_death(struct report *report)
{
	size_t count = report->deaths_count;
	struct report_death *deaths = report->deaths;

	/* A power of two is when it is full. */
	if (!(count & (count - 1))) {
		deaths = reallocarray(deaths, count ? count * 2 : 1,
				      sizeof(*deaths));
		if (!deaths)
			return NULL;
		report->deaths = deaths;
	}
	report->deaths_count++;
	memset(&deaths[count], 0, sizeof(*deaths));
	return &deaths[count];
}

static bool is_same_process(const struct report *report,
			    const struct report_signal *signal, uint32_t tgid)
{
	return signal->sender.known &&
	       signal->sender.index < front_threads(report->front) &&
	       front_thread_at(report->front, signal->sender.index)->tgid ==
		       tgid;
}

/* The first thread of a process that ends with @code. */
static void begin_death(const struct report *report,
			const struct report_process *process,
			const struct front_step *step,
			struct report_death *death)
{
	const struct front_thread *leader =
		front_thread(report->front, process->tgid);
	const struct report_signal *signal = &death->signal;
	int number = report_term_signal(step->event->task_exit.code);

	death->tgid = process->tgid;
	death->code = step->event->task_exit.code;
	death->clock = step->event->clock;
	death->threads = 0;
	death->dead = NULL;
	death->hit = UINT32_MAX;
	report_who_set(&death->who, leader ? leader : step->thread);
	if (number)
		find_signal(process, (uint8_t)number, &death->signal);
	death->by_itself = is_same_process(report, signal, process->tgid);
	death->fatal = signal->signal ? signal->clock : death->clock;
	if (signal->signal && !signal->group)
		death->hit = signal->receiver;
}

static bool is_call(const struct report_call *call, const char *name)
{
	return call->in == FRONT_CALL_IN && call->name &&
	       !strcmp(call->name->name, name);
}

void report_death_add(struct report_death *death, struct report_tally *tally)
{
	if (tally->dead)
		return;
	tally->dead = true;
	tally->dead_next = death->dead;
	death->dead = tally;
	if (report_term_signal(death->code))
		return;
	/* That of all threads counts for more than that of one. */
	if (!is_call(&tally->dying, "exit_group") &&
	    (death->in_exit || !is_call(&tally->dying, "exit")))
		return;
	death->in_exit = true;
	death->hit = tally->thread->index;
	if (tally->dying.enter_known)
		death->fatal = tally->dying.enter_clock;
}

static struct report_death *get_death(struct report *report,
				      struct report_process *process,
				      const struct front_step *step)
{
	uint32_t code = step->event->task_exit.code;
	struct report_death *death =
		find_death(report, process, step->thread, code);
	size_t before = process->death;

	/* A thread that exited alone before, as no other did. */
	if (death && !report_term_signal(code) && death->code != code &&
	    !death->over) {
		begin_death(report, process, step, death);
		return death;
	}
	if (death)
		return death;
	death = add_death(report);
	if (!death)
		return NULL;
	death->before = before;
	process->death = report->deaths_count;
	begin_death(report, process, step, death);
	return death;
}

static int note_death(struct report *report, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct report_process *process =
		get_process(report, report_tgid(step->thread));
	struct report_tally *tally = report_tally(report, step->thread);
	struct report_death *death;

	if (!process)
		return -ENOMEM;
	death = get_death(report, process, step);
	if (!death)
		return -ENOMEM;
	/* Only the thread that dumped core may know that. */
	death->code |= event->task_exit.code & CORE_DUMPED;
	death->threads++;
	death->over |= event->task_exit.flags & FLIGHTREC_TASK_EXIT_GROUP;
	if (tally)
		report_death_add(death, tally);
	return 0;
}

int report_deaths_step(struct report *report, const struct front_step *step)
{
	if (step->synthesized)
		return 0;
	if (step->event->type == FLIGHTREC_EVENT_NEWTASK)
		note_birth(report, step);
	if (step->event->type == FLIGHTREC_EVENT_SIGNAL_GENERATE)
		return note_signal(report, step);
	if (step->event->type == FLIGHTREC_EVENT_TASK_EXIT && step->thread &&
	    step->event->task_exit.code)
		return note_death(report, step);
	return 0;
}
