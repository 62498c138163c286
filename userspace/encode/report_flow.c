// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that threads make: by name, the longest one, and what came after
 * the worst wait. A call counts as one that began and ended in the window only
 * if nothing of what its thread did meanwhile is missing: it might be two.
 */
#include "report_state.h"

#include <errno.h>
#include <string.h>

/* ---- durations ---------------------------------------------------------- */

/* What the thread of @tally did so far, by part. */
static void parts_until(const struct report_tally *tally, int64_t mono_ns,
			uint64_t parts[REPORT_PARTS])
{
	memcpy(parts, tally->ns, sizeof(tally->ns));
	parts[tally->now.part] += report_between(tally->at_ns, mono_ns);
}

static bool is_in_doubt(const struct report *report,
			const struct report_tally *tally, uint64_t from,
			uint64_t to)
{
	if (front_knows_sched(report->front))
		return tally->unknown_until > from;
	return report_cover_until(&report->cover, from, to) < to;
}

static void keep_longest(struct report *report,
			 const struct report_tally *tally,
			 const struct front_step *step, uint64_t ns)
{
	struct report_long_call *longest = &report->call;
	uint64_t parts[REPORT_PARTS];

	if (longest->found && ns <= longest->ns)
		return;
	longest->found = true;
	longest->ns = ns;
	longest->result = step->event->exit.result;
	report_who_set(&longest->who, tally->thread);
	report_call_set(&longest->call, step->call);
	parts_until(tally, step->event->mono_ns, parts);
	for (int i = 0; i < REPORT_PARTS; i++)
		longest->parts[i] = parts[i] - tally->at_enter[i];
}

/* ---- beginnings and ends ------------------------------------------------ */

/* A new thread's first return is from the call that its parent made. */
static bool is_birth(const struct report_tally *tally,
		     const struct front_call *call)
{
	return tally->thread->born && !call->enter_known && !tally->loss &&
	       !tally->pasts_count;
}

static int end_call(struct report *report, struct report_tally *tally,
		    const struct front_step *step)
{
	const struct front_call *call = step->call;
	uint64_t clock = step->event->clock;
	struct report_calls_row *row;
	uint64_t ns;

	if (is_birth(tally, call))
		return 0;
	row = report_calls_get(&report->calls, call);
	if (!row)
		return -ENOMEM;
	if (!call->enter_known && !tally->loss) {
		row->at_begin++;
	} else if (!call->enter_known ||
		   is_in_doubt(report, tally, call->enter_clock, clock)) {
		row->cut_off++;
	} else {
		ns = report_ns(report, call->enter_clock, clock);
		report_calls_count(row, tally->thread, call->enter_clock, ns);
		keep_longest(report, tally, step, ns);
		report_causes_note_call(report, tally, call, clock,
					step->event->exit.result);
	}
	return report_calls_result(row, step->event->exit.result);
}

static int on_exit(struct report *report, struct report_tally *tally,
		   const struct front_step *step)
{
	int ret = end_call(report, tally, step);
	struct report_past *past =
		&tally->pasts[tally->pasts_count++ % REPORT_PASTS_MAX];

	report_call_set(&past->call, step->call);
	past->result = step->event->exit.result;
	past->clock = step->event->clock;
	tally->loss = false;
	return ret;
}

/* A call ends without having returned: its thread dies, or that is lost. */
static int on_end(struct report *report, struct report_tally *tally,
		  const struct front_step *step)
{
	struct report_calls_row *row =
		report_calls_get(&report->calls, step->call);

	if (!row)
		return -ENOMEM;
	row->cut_off++;
	tally->ended = *step->call;
	tally->ended_clock = step->event->clock;
	return 0;
}

static int on_death(struct report *report, struct report_tally *tally,
		    uint64_t clock)
{
	struct report_calls_row *row;

	if (tally->ended.in != FRONT_CALL_IN || tally->ended_clock != clock)
		return 0;
	row = report_calls_get(&report->calls, &tally->ended);
	if (!row)
		return -ENOMEM;
	row->cut_off--;
	row->with_thread++;
	report_call_set(&tally->dying, &tally->ended);
	tally->ended.in = FRONT_CALL_NONE;
	return 0;
}

static void on_enter(struct report_tally *tally, const struct front_step *step)
{
	parts_until(tally, step->event->mono_ns, tally->at_enter);
	tally->loss = false;
}

static int note_call(struct report *report, const struct front_step *step)
{
	struct report_tally *tally = report_tally(report, step->thread);

	if (!tally)
		return 0;
	switch (step->event->type) {
	case FLIGHTREC_EVENT_ENTER:
		if (!step->synthesized && step->call)
			on_enter(tally, step);
		return 0;
	case FLIGHTREC_EVENT_EXIT:
		if (!step->call)
			return 0;
		return step->synthesized ? on_end(report, tally, step) :
					   on_exit(report, tally, step);
	case FLIGHTREC_EVENT_TASK_EXIT:
		return on_death(report, tally, step->event->clock);
	default:
		return 0;
	}
}

/* ---- what followed the worst wait --------------------------------------- */

static void follow_ends(struct report_finding *finding,
			enum report_follow follow, uint64_t clock)
{
	finding->open = false;
	finding->follow = follow;
	finding->clock = clock;
}

static void follow_exit(struct report_finding *finding,
			const struct front_step *step)
{
	if (step->synthesized) {
		/* Unless its death comes next, the rest is lost. */
		finding->follow = REPORT_FOLLOW_UNKNOWN;
		return;
	}
	/* Where a new thread begins is the end of its creator's call. */
	if (finding->span.status.why == FRONT_BORN && !step->call->enter_known)
		return;
	if (finding->follow == REPORT_FOLLOW_UNKNOWN ||
	    finding->span.call.in != FRONT_CALL_IN) {
		follow_ends(finding, REPORT_FOLLOW_UNKNOWN, 0);
		return;
	}
	finding->result = step->event->exit.result;
	follow_ends(finding, REPORT_FOLLOW_RETURN, step->event->clock);
}

static void follow_enter(struct report_finding *finding,
			 const struct front_step *step)
{
	if (step->synthesized)
		return;
	if (finding->follow == REPORT_FOLLOW_UNKNOWN ||
	    finding->span.call.in == FRONT_CALL_IN) {
		follow_ends(finding, REPORT_FOLLOW_UNKNOWN, 0);
		return;
	}
	if (step->call)
		report_call_set(&finding->call, step->call);
	follow_ends(finding, REPORT_FOLLOW_CALL, step->event->clock);
}

static void follow(const struct report *report, struct report_finding *finding,
		   const struct front_step *step)
{
	const struct report_tally *tally;
	const struct front_thread *thread;

	if (!finding->open)
		return;
	tally = report->tallies[finding->index];
	thread = tally->thread;
	if (tally->unknown_until > finding->span.from || tally->loss) {
		follow_ends(finding, REPORT_FOLLOW_UNKNOWN, 0);
		return;
	}
	if (step->thread != thread)
		return;
	if (step->event->type == FLIGHTREC_EVENT_ENTER)
		follow_enter(finding, step);
	else if (step->event->type == FLIGHTREC_EVENT_EXIT && step->call)
		follow_exit(finding, step);
	else if (step->event->type == FLIGHTREC_EVENT_TASK_EXIT)
		follow_ends(finding, REPORT_FOLLOW_DEATH, step->event->clock);
}

int report_flow_step(struct report *report, const struct front_step *step)
{
	follow(report, &report->wait, step);
	return note_call(report, step);
}

/* ---- the end ------------------------------------------------------------ */

static void keep_flight(struct report *report, const struct report_tally *tally,
			const struct front_call *call)
{
	struct report_long_call *flight = &report->flight;
	uint64_t ns = report_ns(report, call->enter_clock, report->cover.cut);

	if (!call->enter_known || (flight->found && ns <= flight->ns))
		return;
	flight->found = true;
	flight->ns = ns;
	report_who_set(&flight->who, tally->thread);
	report_call_set(&flight->call, call);
}

static int finish_call(struct report *report, const struct report_tally *tally)
{
	const struct front_call *call = &tally->thread->call;
	struct report_calls_row *row;

	if (call->in != FRONT_CALL_IN ||
	    tally->thread->status.state == FRONT_DEAD)
		return 0;
	row = report_calls_get(&report->calls, call);
	if (!row)
		return -ENOMEM;
	if (call->enter_known && call->enter_clock < report->cover.begin)
		row->throughout++;
	else
		row->at_end++;
	keep_flight(report, tally, call);
	return 0;
}

int report_flow_finish(struct report *report)
{
	int ret = 0;

	for (size_t i = 0; i < report->tallies_room && ret == 0; i++) {
		if (report->tallies[i])
			ret = finish_call(report, report->tallies[i]);
	}
	return ret;
}
