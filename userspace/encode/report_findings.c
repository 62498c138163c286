// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what was found, the worst first: a line that says what, who, how long,
 * when and where, and indented below it how that came about.
 */
#include "report_state.h"

#include <string.h>

void report_put_clock(const struct report *report, uint64_t clock)
{
	report_put_time(report->sink,
			flightrec_reader_real_ns(report->reader, clock));
}

void report_put_ns(const struct report *report, uint64_t from, uint64_t to)
{
	report_put_duration(report->sink, report_ns(report, from, to));
}

/* "WHAT: NAME[TID] 38.2 ms, TIME", not the end of the line. */
static void put_heading(struct report *report, const char *what,
			const struct report_finding *finding)
{
	struct sink *sink = report->sink;

	sink_string(sink, what);
	sink_string(sink, ": ");
	report_put_thread(sink, &finding->who);
	sink_char(sink, ' ');
	if (finding->span.end == REPORT_AT_HOLE)
		sink_string(sink, "at least ");
	report_put_duration(sink, finding->span.ns);
	sink_string(sink, ", ");
	report_put_clock(report, finding->span.from);
}

/* ---- the worst wait: how it began and ended ----------------------------- */

void report_put_waker(struct sink *sink, const struct report_who *by,
		      uint8_t context, uint32_t cpu)
{
	if (!by->known) {
		sink_string(sink, "woken, it is not recorded by whom");
		return;
	}
	if (context == FLIGHTREC_CONTEXT_TASK) {
		sink_string(sink, "woken by ");
		report_put_who(sink, by);
		return;
	}
	sink_string(sink, "woken by an interrupt");
	if (by->tid) {
		sink_string(sink, " while ");
		report_put_who(sink, by);
		sink_string(sink, " ran");
	} else if (cpu != UINT32_MAX) {
		sink_printf(sink, " while CPU %u was idle", cpu);
	}
}

void report_put_lost(struct sink *sink, enum report_lost lost)
{
	switch (lost) {
	case REPORT_NOT_LOST:
		break;
	case REPORT_PREEMPTED:
		sink_string(sink, "preempted by ");
		break;
	case REPORT_YIELDED:
		sink_string(sink, "gave way to ");
		break;
	case REPORT_LOST_SOMEHOW:
		sink_string(sink, "lost its CPU to ");
		break;
	}
}

void report_put_wait_cause(struct sink *sink, const struct report_span *span)
{
	switch (span->status.why) {
	case FRONT_PREEMPTED:
	case FRONT_YIELDED:
		report_put_lost(sink, span->lost);
		report_put_who(sink, &span->by);
		break;
	case FRONT_WOKEN:
		report_put_waker(sink, &span->by, span->status.waker_context,
				 span->status.waker_cpu);
		break;
	case FRONT_BORN:
		sink_string(sink, "created by ");
		report_put_who(sink, &span->by);
		break;
	}
}

static bool left_cpu(const struct report_span *span)
{
	return span->lost != REPORT_NOT_LOST;
}

/* It left one CPU and got another one. */
static bool moved(const struct report_span *span)
{
	return left_cpu(span) && span->to_cpu != UINT32_MAX &&
	       span->to_cpu != span->cpu;
}

/*
 * Who had the CPU when the wait began is who had it when it ended, and, as far as
 * is known, for most of the time.
 */
static bool is_one_culprit(const struct report_span *span)
{
	if (span->hog.known && span->hog.index != span->last.index)
		return false;
	return span->by.known && span->last.known && span->by.tid &&
	       span->by.index == span->last.index && !moved(span);
}

static void put_one_culprit(struct sink *sink, const struct report_span *span)
{
	sink_string(sink, "; ");
	report_put_comm(sink, &span->by);
	if (strcmp(span->by.comm, span->last.comm)) {
		sink_string(sink, ", by then named ");
		report_put_comm(sink, &span->last);
		sink_char(sink, ',');
	}
	sink_string(sink, " ran just before it resumed");
}

/* Who had the CPU for the longest of the wait, if the tape tells. */
static void put_hog(struct sink *sink, const struct report_span *span)
{
	if (!span->hog.known || !span->hog.tid)
		return;
	sink_string(sink, "; ");
	report_put_who(sink, &span->hog);
	sink_string(sink, " ran for ");
	report_put_duration(sink, span->hog_ns);
	sink_string(sink, " of that");
}

/* Of what bystanders do among themselves there is no record, but for waits. */
static void put_in_between(struct sink *sink, const struct report_span *span)
{
	if (span->all_known)
		return;
	if (!left_cpu(span) && !span->last.tid)
		return;
	if (span->by.known && span->by.target && span->last.known &&
	    span->last.target)
		return;
	sink_string(sink, "; what else ran in between was not recorded");
}

static void put_wait_end(struct report *report, const struct report_span *span)
{
	struct sink *sink = report->sink;

	if (moved(span))
		sink_printf(sink, "; resumed on CPU %u", span->to_cpu);
	if (!span->last.known) {
		sink_string(
			sink,
			"; what ran just before it resumed was not recorded");
		return;
	}
	if (is_one_culprit(span)) {
		put_one_culprit(sink, span);
		return;
	}
	put_hog(sink, span);
	sink_string(sink, moved(span) ? ", where " : "; ");
	if (span->last.tid)
		report_put_who(sink, &span->last);
	if (span->last.tid)
		sink_string(sink, " ran just before it resumed");
	else if (span->to_cpu != UINT32_MAX && !moved(span))
		sink_printf(sink, "CPU %u was idle just before it resumed",
			    span->to_cpu);
	else
		sink_string(sink, "nothing ran just before it resumed");
	put_in_between(sink, span);
}

static void put_wait_story(struct report *report,
			   const struct report_span *span)
{
	struct sink *sink = report->sink;

	sink_string(sink, "  ");
	report_put_wait_cause(sink, span);
	switch (span->end) {
	case REPORT_CHANGED:
		put_wait_end(report, span);
		break;
	case REPORT_AT_CUT:
		sink_string(sink, "; still waiting at the end of the window");
		break;
	case REPORT_AT_HOLE:
		sink_string(sink, "; what came after that was not recorded");
		break;
	}
	sink_char(sink, '\n');
}

static void put_wait_cpu(struct sink *sink, const struct report_span *span)
{
	uint32_t cpu = left_cpu(span) ? span->cpu : span->to_cpu;

	if (cpu != UINT32_MAX)
		sink_printf(sink, ", CPU %u", cpu);
	else if (span->cpu != UINT32_MAX)
		sink_printf(sink, ", last on CPU %u", span->cpu);
	else
		sink_string(sink, ", CPU not recorded");
}

/* ---- the worst wait: what it held up ------------------------------------ */

static void put_flight_in(struct report *report,
			  const struct report_finding *finding)
{
	const struct report_span *span = &finding->span;
	struct sink *sink = report->sink;
	bool known = span->call.enter_known;

	report_put_call(sink, &span->call);
	if (span->status.why == FRONT_WOKEN && span->status.blocked_since) {
		sink_string(sink, ", blocked for ");
		report_put_ns(report, span->status.blocked_since, span->from);
		sink_string(sink, " before that");
	}
	switch (finding->follow) {
	case REPORT_FOLLOW_RETURN:
		sink_string(sink, "; it returned ");
		report_put_result(sink, finding->result);
		sink_string(sink, known ? " after " : ", ");
		report_put_ns(report,
			      known ? span->call.enter_clock : span->from,
			      finding->clock);
		sink_string(sink, known ? " in all" : " after the wait began");
		break;
	case REPORT_FOLLOW_DEATH:
		sink_string(sink, "; it never returned");
		break;
	case REPORT_FOLLOW_NONE:
		sink_string(sink,
			    "; it had not returned at the end of the window");
		break;
	case REPORT_FOLLOW_CALL:
	case REPORT_FOLLOW_UNKNOWN:
		sink_string(sink, "; its return was not recorded");
		break;
	}
}

/* How late the next call came: counted from the return of the last one. */
static void put_next_call(struct report *report,
			  const struct report_finding *finding)
{
	const struct report_past *past = &finding->span.past;
	bool known = past->call.in == FRONT_CALL_IN;
	struct sink *sink = report->sink;

	switch (finding->follow) {
	case REPORT_FOLLOW_CALL:
		sink_string(sink, "; next ");
		report_put_call(sink, &finding->call);
		sink_string(sink, " came ");
		report_put_ns(report, known ? past->clock : finding->span.from,
			      finding->clock);
		sink_string(sink, known ? " late" : " after the wait began");
		break;
	case REPORT_FOLLOW_NONE:
		sink_string(sink, "; no call followed in the window");
		break;
	case REPORT_FOLLOW_DEATH:
		sink_string(sink, "; no call followed, it died");
		break;
	case REPORT_FOLLOW_RETURN:
	case REPORT_FOLLOW_UNKNOWN:
		sink_string(sink, "; what followed was not recorded");
		break;
	}
}

static void put_flight(struct report *report,
		       const struct report_finding *finding)
{
	const struct flightrec_window_task *identity = finding->who.identity;
	const struct report_span *span = &finding->span;
	struct sink *sink = report->sink;

	if (identity && identity->flags & FLIGHTREC_TASK_KERNEL)
		return;
	sink_string(sink, "  in flight: ");
	if (!front_knows_calls(report->front)) {
		sink_string(sink, "not recorded, nor was any system call");
	} else if (span->call.in == FRONT_CALL_IN) {
		put_flight_in(report, finding);
	} else if (span->past.call.in == FRONT_CALL_IN) {
		report_put_call(sink, &span->past.call);
		sink_string(sink, " had returned ");
		report_put_result(sink, span->past.result);
		put_next_call(report, finding);
	} else {
		if (span->status.why == FRONT_BORN)
			sink_string(sink, "nothing yet, it is new");
		else if (span->call.in == FRONT_CALL_NONE)
			sink_string(
				sink,
				"nothing; the call before was not recorded");
		else
			sink_string(sink, "not recorded");
		put_next_call(report, finding);
	}
	sink_char(sink, '\n');
}

static void put_wait(struct report *report)
{
	struct report_finding *wait = &report->wait;

	if (!front_knows_sched(report->front)) {
		sink_string(
			report->sink,
			"worst wait for a CPU: not recorded, nor was any scheduling\n");
		return;
	}
	if (!wait->found) {
		sink_string(report->sink, "no wait for a CPU was recorded\n");
		return;
	}
	if (wait->span.ns < REPORT_NOTICEABLE_NS) {
		put_heading(report, "no noticeable wait for a CPU; the longest",
			    wait);
		put_wait_cpu(report->sink, &wait->span);
		sink_char(report->sink, '\n');
		return;
	}
	put_heading(report, "worst wait for a CPU", wait);
	put_wait_cpu(report->sink, &wait->span);
	sink_char(report->sink, '\n');
	put_wait_story(report, &wait->span);
	put_flight(report, wait);
}

/* ---- the longest block -------------------------------------------------- */

static const char *sleep_kind(uint8_t state)
{
	switch (state) {
	case FLIGHTREC_STATE_SLEEPING:
		return ", sleeping";
	case FLIGHTREC_STATE_DISK_SLEEP:
		return ", not to be interrupted (D)";
	case FLIGHTREC_STATE_PARKED:
		return ", parked";
	case FLIGHTREC_STATE_IDLE:
		return ", idle";
	default:
		return "";
	}
}

static void put_block_call(struct sink *sink, const struct report_span *span)
{
	struct report_blocked in;

	report_blocked_in(span, &in);
	if (in.in == REPORT_IN_CALL) {
		sink_string(sink, "in ");
		report_put_call(sink, &span->call);
	} else {
		report_put_blocked_in(sink, &in);
	}
	sink_string(sink, sleep_kind(span->status.left_state));
}

static void put_block(struct report *report)
{
	const struct report_span *span = &report->block.span;
	struct sink *sink = report->sink;

	if (!report->block.found)
		return;
	put_heading(report, "longest block", &report->block);
	if (span->cpu != UINT32_MAX)
		sink_printf(sink, ", CPU %u", span->cpu);
	sink_string(sink, "\n  ");
	put_block_call(sink, span);
	sink_string(sink, "; ");
	switch (span->end) {
	case REPORT_CHANGED:
		report_put_waker(sink, &span->last, span->context, UINT32_MAX);
		break;
	case REPORT_AT_CUT:
		sink_string(sink, "still blocked at the end of the window");
		break;
	case REPORT_AT_HOLE:
		sink_string(sink, "what came after that was not recorded");
		break;
	}
	sink_char(sink, '\n');
}

/* ---- the longest call --------------------------------------------------- */

static void put_parts(struct sink *sink, const uint64_t parts[REPORT_PARTS])
{
	static const struct {
		enum report_part part;
		const char *name;
	} order[] = {
		{ REPORT_RUNNING, "running " },
		{ REPORT_WAITING, "waiting for a CPU " },
		{ REPORT_BLOCKED, "blocked " },
		{ REPORT_UNKNOWN, "not recorded " },
	};
	const char *before = "  ";

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!parts[order[i].part])
			continue;
		sink_string(sink, before);
		sink_string(sink, order[i].name);
		report_put_duration(sink, parts[order[i].part]);
		before = ", ";
	}
	sink_char(sink, '\n');
}

static void put_call_heading(struct report *report, const char *what,
			     const struct report_long_call *call)
{
	struct sink *sink = report->sink;

	sink_string(sink, what);
	sink_string(sink, ": ");
	report_put_thread(sink, &call->who);
	sink_char(sink, ' ');
	report_put_duration(sink, call->ns);
	sink_string(sink, ", ");
	report_put_clock(report, call->call.enter_clock);
	sink_string(sink, ", ");
	report_put_call(sink, &call->call);
}

static void put_long_call(struct report *report)
{
	struct sink *sink = report->sink;

	if (!front_knows_calls(report->front)) {
		sink_string(sink,
			    "longest system call: not recorded, nor was any\n");
		return;
	}
	if (report->call.found) {
		put_call_heading(report, "longest system call", &report->call);
		sink_string(sink, " returned ");
		report_put_result(sink, report->call.result);
		sink_char(sink, '\n');
		if (front_knows_sched(report->front) && report->call.ns)
			put_parts(sink, report->call.parts);
	}
	if (report->flight.found) {
		put_call_heading(report, "longest in flight at the end",
				 &report->flight);
		sink_char(sink, '\n');
	}
}

int report_put_findings(struct report *report)
{
	put_wait(report);
	put_block(report);
	put_long_call(report);
	return report_put_deaths(report);
}
