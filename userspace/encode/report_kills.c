// SPDX-License-Identifier: GPL-2.0
/*
 * Who was killed by a signal, and who sent that. A process is told once,
 * whatever the number of its threads.
 */
#include "report_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TERMSIG(code)	((code) & 0x7f)

/* ---- signals sent ------------------------------------------------------- */

/* Where to keep a signal: of each kind the last one, else over the oldest. */
static struct report_signal *signal_slot(struct report_tally *tally,
					 uint8_t sig)
{
	struct report_signal *oldest = &tally->signals[0];

	for (int i = 0; i < REPORT_SIGNALS_MAX; i++) {
		struct report_signal *slot = &tally->signals[i];

		if (slot->signal == sig || !slot->signal)
			return slot;
		if (slot->clock < oldest->clock)
			oldest = slot;
	}
	return oldest;
}

static void note_signal(const struct report *report,
			const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct report_tally *tally = report_tally(report, step->other);
	struct report_signal *slot;

	if (!tally ||
	    (event->signal_generate.result != FLIGHTREC_SIGNAL_DELIVERED &&
	     event->signal_generate.result != FLIGHTREC_SIGNAL_LOST_INFO))
		return;
	slot = signal_slot(tally, event->signal_generate.signal);
	slot->signal = event->signal_generate.signal;
	slot->code = event->signal_generate.code;
	slot->clock = event->clock;
	report_who_set(&slot->sender, step->thread);
}

/* The last @signal that a process got by way of any of its threads. */
static void find_signal(const struct report *report, uint32_t tgid, uint8_t sig,
			struct report_signal *signal)
{
	memset(signal, 0, sizeof(*signal));
	for (size_t i = 0; i < report->tallies_room; i++) {
		const struct report_tally *tally = report->tallies[i];

		if (!tally || tally->thread->tgid != tgid ||
		    tally->thread->replaced)
			continue;
		for (int k = 0; k < REPORT_SIGNALS_MAX; k++) {
			const struct report_signal *got = &tally->signals[k];

			if (got->signal == sig && got->clock >= signal->clock)
				*signal = *got;
		}
	}
}

/* ---- deaths ------------------------------------------------------------- */

static struct report_kill *find_kill(const struct report *report, uint32_t tgid,
				     uint32_t code)
{
	for (size_t i = report->kills_count; i > 0; i--) {
		struct report_kill *kill = &report->kills[i - 1];

		if (kill->tgid == tgid && !kill->over &&
		    TERMSIG(kill->code) == TERMSIG(code))
			return kill;
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
	return signal->sender.known && signal->sender.index <
	       front_threads(report->front) &&
	       front_thread_at(report->front,
			       signal->sender.index)->tgid == tgid;
}

static int note_death(struct report *report, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint32_t code = event->task_exit.code;
	uint32_t tgid = step->thread->tgid ? step->thread->tgid : event->tid;
	const struct front_thread *leader = front_thread(report->front, tgid);
	struct report_kill *kill = find_kill(report, tgid, code);

	if (!kill) {
		kill = add_kill(report);
		if (!kill)
			return -ENOMEM;
		kill->tgid = tgid;
		kill->code = code;
		kill->clock = event->clock;
		report_who_set(&kill->who, leader ? leader : step->thread);
		find_signal(report, tgid, TERMSIG(code), &kill->signal);
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
	if (step->event->type == FLIGHTREC_EVENT_SIGNAL_GENERATE)
		note_signal(report, step);
	if (step->event->type == FLIGHTREC_EVENT_TASK_EXIT && step->thread &&
	    TERMSIG(step->event->task_exit.code))
		return note_death(report, step);
	return 0;
}
