// SPDX-License-Identifier: GPL-2.0
/*
 * Where each thread's time went. A thread's time, from its birth or the
 * window's beginning to its death or the cut, is a row of spans with nothing in
 * between: what is not known is a span, too. So the parts add up.
 *
 * The front end says what a thread does. Two things are judged here: off a CPU
 * a thread's state is worth nothing from the beginning of a hole on, whatever
 * CPU the hole is of; and where the front end only found out that a thread runs
 * (or does not any more), that is unknown since something was last recorded
 * there.
 */
#include "report_state.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- when was something last recorded on a CPU -------------------------- */

static uint64_t *find_seen(struct report *report, uint32_t cpu)
{
	size_t index = flightrec_reader_cpu_index(report->reader, cpu);

	return index < flightrec_reader_cpus(report->reader) ?
		       &report->seen[index] :
		       NULL;
}

/* ---- tallies ------------------------------------------------------------ */

struct report_tally *report_tally(const struct report *report,
				  const struct front_thread *thread)
{
	if (!thread || thread->index >= report->tallies_room)
		return NULL;
	return report->tallies[thread->index];
}

static int make_room(struct report *report, uint32_t index)
{
	size_t room = report->tallies_room ? report->tallies_room : 64;
	struct report_tally **tallies;

	if (index < report->tallies_room)
		return 0;
	while (room <= index)
		room *= 2;
	tallies = reallocarray(report->tallies, room, sizeof(*tallies));
	if (!tallies)
		return -ENOMEM;
	memset(tallies + report->tallies_room, 0,
	       (room - report->tallies_room) * sizeof(*tallies));
	report->tallies = tallies;
	report->tallies_room = room;
	return 0;
}

static bool is_target(const struct front_thread *thread)
{
	return thread->tid &&
	       (thread->target ||
		(thread->identity &&
		 thread->identity->flags & FLIGHTREC_TASK_TARGET));
}

/* From when on a thread's time counts; it does something at @now_ns. */
static int64_t begin_ns(const struct report *report,
			const struct front_thread *thread, int64_t now_ns)
{
	const struct flightrec_window_task *identity = thread->identity;
	int64_t begin = report->begin_ns;

	if (thread->born)
		begin = flightrec_reader_mono_ns(report->reader,
						 thread->born_clock);
	else if (identity && identity->start_mono_ns <= INT64_MAX &&
		 (int64_t)identity->start_mono_ns > begin)
		begin = (int64_t)identity->start_mono_ns;
	return begin < now_ns ? begin : now_ns;
}

static int get_tally(struct report *report, struct front_thread *thread,
		     int64_t now_ns, struct report_tally **out)
{
	struct report_tally *tally = report_tally(report, thread);

	*out = tally;
	if (tally || !is_target(thread))
		return 0;
	if (make_room(report, thread->index) < 0)
		return -ENOMEM;
	tally = calloc(1, sizeof(*tally));
	if (!tally)
		return -ENOMEM;
	tally->thread = thread;
	tally->begin_ns = begin_ns(report, thread, now_ns);
	tally->at_ns = tally->begin_ns;
	tally->now.part = REPORT_UNKNOWN;
	tally->now.from = thread->born ? thread->born_clock :
					 report->cover.begin;
	tally->now.from_ns = tally->begin_ns;
	report->tallies[thread->index] = tally;
	report->tallies_count++;
	*out = tally;
	return 0;
}

int report_threads_init(struct report *report)
{
	report->seen = calloc(flightrec_reader_cpus(report->reader) + 1,
			      sizeof(*report->seen));
	if (!report->seen)
		return -ENOMEM;
	return report_runs_init(&report->runs, report->reader);
}

void report_threads_deinit(struct report *report)
{
	for (size_t i = 0; i < report->tallies_room; i++) {
		if (report->tallies[i])
			free(report->tallies[i]->blocked);
		free(report->tallies[i]);
	}
	free(report->tallies);
	free(report->seen);
	report_runs_deinit(&report->runs);
}

/* ---- blocked in what ---------------------------------------------------- */

void report_blocked_in(const struct report_span *span,
		       struct report_blocked *in)
{
	uint8_t state = span->status.left_state;

	memset(in, 0, sizeof(*in));
	if (span->exiting) {
		in->in = REPORT_IN_EXIT;
	} else if (state == FLIGHTREC_STATE_STOPPED) {
		in->in = REPORT_IN_STOP;
	} else if (state == FLIGHTREC_STATE_TRACED) {
		in->in = REPORT_IN_TRACE;
	} else if (span->call.in == FRONT_CALL_IN) {
		in->in = REPORT_IN_CALL;
		in->nr = span->call.nr;
		in->compat = span->call.compat;
		in->name = span->call.name;
	} else {
		in->in = span->call.in == FRONT_CALL_NONE ? REPORT_IN_NOTHING :
							    REPORT_IN_UNKNOWN;
	}
}

static bool is_same(const struct report_blocked *a,
		    const struct report_blocked *b)
{
	return a->in == b->in && a->nr == b->nr && a->compat == b->compat;
}

static int add_blocked(struct report_tally *tally)
{
	struct report_blocked in, *grown;
	size_t i = 0;

	report_blocked_in(&tally->now, &in);
	while (i < tally->blocked_count && !is_same(&tally->blocked[i], &in))
		i++;
	if (i == REPORT_BLOCKED_MAX) {
		i--;
		tally->blocked[i].in = REPORT_IN_OTHERS;
		tally->blocked[i].nr = 0;
		tally->blocked[i].compat = false;
	} else if (i == tally->blocked_count) {
		grown = reallocarray(tally->blocked, i + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		tally->blocked = grown;
		tally->blocked[i] = in;
		tally->blocked_count++;
	}
	tally->blocked[i].ns += tally->now.ns;
	return 0;
}

/* ---- spans -------------------------------------------------------------- */

static void keep_worst(struct report_finding *finding,
		       const struct report_tally *tally)
{
	const struct report_span *span = &tally->now;

	if (finding->found && span->ns <= finding->span.ns)
		return;
	memset(finding, 0, sizeof(*finding));
	finding->found = true;
	finding->index = tally->thread->index;
	report_who_set(&finding->who, tally->thread);
	finding->span = *span;
	finding->open = span->end == REPORT_CHANGED;
	finding->follow = span->end == REPORT_AT_HOLE ? REPORT_FOLLOW_UNKNOWN :
							REPORT_FOLLOW_NONE;
}

uint32_t report_waited_for(const struct report_span *span)
{
	uint32_t cpu = UINT32_MAX;

	if (span->stays_count)
		cpu = span->stays[span->stays_count - 1].cpu;
	if (span->to_cpu == UINT32_MAX || span->to_cpu == cpu)
		return cpu;
	/* How it got there is not recorded. */
	return span->lost == REPORT_NOT_LOST ? span->to_cpu : span->cpu;
}

/* A long wait is over: who kept the thread from its CPU? */
static void note_hog(const struct report *report, struct report_span *span)
{
	uint64_t from = span->from;
	struct report_hog hog;

	if (span->ns < REPORT_NOTICEABLE_NS || span->end != REPORT_CHANGED ||
	    span->to_cpu == UINT32_MAX)
		return;
	if (report_waited_for(span) == span->to_cpu && span->stays_count)
		from = span->stays[span->stays_count - 1].from;
	report_runs_hog(&report->runs, span->to_cpu, from, &hog);
	report_who_set(&span->hog, hog.thread);
	span->hog_ns = hog.ns;
	span->all_known = hog.complete && from == span->from;
}

static void note_stood(struct report_tally *tally, uint64_t to)
{
	const struct report_span *span = &tally->now;
	struct report_stood *stood;

	if (tally->doomed && span->from >= tally->doomed)
		return;
	stood = &tally->stood[tally->stood_count++ % REPORT_STOOD_MAX];
	stood->part = span->part;
	stood->left_state = span->status.left_state;
	stood->cpu = span->cpu;
	stood->waker = span->part == REPORT_BLOCKED && span->last.known &&
				       span->end == REPORT_CHANGED ?
			       span->last.index :
			       UINT32_MAX;
	stood->from = span->from;
	stood->to = to;
}

/* The span that @tally is at is over. */
static int keep(struct report *report, struct report_tally *tally, uint64_t to)
{
	struct report_span *span = &tally->now;
	struct report_span *longest = &tally->longest[span->part];
	bool is_longest = !tally->count[span->part] || span->ns > longest->ns;

	if (!span->ns &&
	    (span->end != REPORT_CHANGED || span->part == REPORT_UNKNOWN))
		return 0;
	note_stood(tally, to);
	if (span->part == REPORT_WAITING && is_longest)
		note_hog(report, span);
	if (is_longest)
		*longest = *span;
	tally->count[span->part]++;
	if (span->part == REPORT_WAITING)
		keep_worst(&report->wait, tally);
	if (span->part != REPORT_BLOCKED)
		return 0;
	keep_worst(&report->block, tally);
	return add_blocked(tally);
}

/* From where it is up to @clock a thread does what it does. */
static int end_span(struct report *report, struct report_tally *tally,
		    uint64_t clock, enum report_end end)
{
	int64_t ns = flightrec_reader_mono_ns(report->reader, clock);
	struct report_span *span = &tally->now;

	if (ns < tally->at_ns)
		ns = tally->at_ns;
	span->ns = report_between(tally->at_ns, ns);
	span->end = end;
	tally->ns[span->part] += span->ns;
	tally->at_ns = ns;
	if (span->part == REPORT_UNKNOWN && span->ns)
		tally->unknown_until = clock;
	if (span->ns && report->causes.wanted)
		report_causes_take(report, tally, span, clock);
	else if (span->ns)
		report_causes_note_span(report, tally, span, clock);
	return keep(report, tally, clock);
}

/* The last call is known if none has come since. */
static bool knows_past(const struct report_tally *tally)
{
	const struct front_call *call = &tally->thread->call;
	const struct report_past *past = report_last_past(tally);

	return call->in == FRONT_CALL_NONE && past &&
	       past->clock == call->since;
}

static bool is_sched_yield(const struct front_call *call)
{
	return call->in == FRONT_CALL_IN && call->name &&
	       !strcmp(call->name->name, "sched_yield");
}

/*
 * Most threads that left a CPU as "R" had to: so does who is preempted on the
 * way back to user mode. Only sched_yield() is of one's own will.
 */
static enum report_lost lost_cpu(const struct front_thread *thread)
{
	if (thread->status.state != FRONT_RUNNABLE)
		return REPORT_NOT_LOST;
	if (thread->status.why == FRONT_PREEMPTED)
		return REPORT_PREEMPTED;
	if (thread->status.why != FRONT_YIELDED)
		return REPORT_NOT_LOST;
	if (is_sched_yield(&thread->call))
		return REPORT_YIELDED;
	return thread->call.in == FRONT_CALL_UNKNOWN ? REPORT_LOST_SOMEHOW :
						       REPORT_PREEMPTED;
}

/* From @clock on a thread does something else, because of @by. */
static void begin_span(struct report_tally *tally, enum report_part part,
		       uint64_t clock, const struct front_thread *by)
{
	const struct front_thread *thread = tally->thread;
	struct report_span *span = &tally->now;

	memset(span, 0, sizeof(*span));
	span->part = part;
	span->from = clock;
	span->from_ns = tally->at_ns;
	span->cpu = thread->status.cpu;
	span->to_cpu = UINT32_MAX;
	span->exiting = thread->exiting;
	span->status = thread->status;
	report_who_set(&span->by, by);
	report_call_set(&span->call, &thread->call);
	if (part == REPORT_WAITING) {
		span->lost = lost_cpu(thread);
		span->stays[0].from = clock;
		span->stays[0].cpu = thread->status.cpu;
		span->stays_count = 1;
	}
	if (knows_past(tally))
		span->past = *report_last_past(tally);
}

/* ---- from what to what -------------------------------------------------- */

/*
 * Where a CPU's tape begins it tells who runs there, but not yet that this is a
 * target.
 */
static bool runs_at_begin(const struct report *report,
			  const struct front_thread *thread)
{
	const struct front_status *status = &thread->status;
	const struct front_cpu *cpu = front_cpu(report->front, status->cpu);

	return is_target(thread) && status->state == FRONT_RUNNING &&
	       !status->exact && cpu && status->since == cpu->begin_clock;
}

static enum report_part part_of(const struct report *report,
				const struct front_thread *thread)
{
	/* Of a bystander's state the tape tells little. */
	if (!thread->target && !runs_at_begin(report, thread))
		return REPORT_UNKNOWN;
	switch (thread->status.state) {
	case FRONT_RUNNING:
		return REPORT_RUNNING;
	case FRONT_RUNNABLE:
		return REPORT_WAITING;
	case FRONT_BLOCKED:
		return REPORT_BLOCKED;
	case FRONT_UNKNOWN:
	case FRONT_DEAD:
		break;
	}
	return REPORT_UNKNOWN;
}

/* Until when it is known that the span went on; it did not go on after @end. */
static uint64_t known_until(struct report *report,
			    const struct report_tally *tally, uint64_t end,
			    bool exact)
{
	const struct report_span *span = &tally->now;
	const uint64_t *seen;
	uint64_t until = end;

	if (span->part == REPORT_UNKNOWN)
		return end;
	if (span->part != REPORT_RUNNING)
		until = report_cover_until(&report->cover, span->from, end);
	if (exact || report_cover_stops(&report->cover, end))
		return until;
	seen = find_seen(report, span->part == REPORT_RUNNING ?
					 span->cpu :
					 tally->thread->status.cpu);
	if (!seen || *seen <= span->from)
		return span->from;
	return *seen < until ? *seen : until;
}

/* The rest of a span's time, up to @clock, is not known. */
static int end_unknown(struct report *report, struct report_tally *tally,
		       uint64_t from, uint64_t clock)
{
	begin_span(tally, REPORT_UNKNOWN, from, NULL);
	return end_span(report, tally, clock, REPORT_CHANGED);
}

/*
 * At @clock the span ends and @part begins, because of @by. @exact: that is
 * when it did; else it was found out then.
 */
static int change(struct report *report, struct report_tally *tally,
		  enum report_part part, uint64_t clock, bool exact,
		  const struct front_thread *by)
{
	uint64_t known = known_until(report, tally, clock, exact);
	bool hole = known < clock || part == REPORT_UNKNOWN;
	int ret;

	ret = end_span(report, tally, known,
		       hole ? REPORT_AT_HOLE : REPORT_CHANGED);
	if (ret == 0 && known < clock && part != REPORT_UNKNOWN)
		ret = end_unknown(report, tally, known, clock);
	if (ret == 0)
		begin_span(tally, part, part == REPORT_UNKNOWN ? known : clock,
			   by);
	return ret;
}

/* At @clock the last span ends. */
static int finish(struct report *report, struct report_tally *tally,
		  uint64_t clock, enum report_end end)
{
	uint64_t known = known_until(report, tally, clock, true);
	int ret;

	ret = end_span(report, tally, known,
		       known < clock ? REPORT_AT_HOLE : end);
	if (ret == 0 && known < clock)
		ret = end_unknown(report, tally, known, clock);
	tally->over = true;
	tally->end_ns = tally->at_ns;
	return ret;
}

static bool is_woken(const struct front_thread *thread)
{
	return thread->status.state == FRONT_RUNNABLE &&
	       thread->status.why == FRONT_WOKEN;
}

/* Note how the span ended that @thread was in. */
static void note_end(struct report_tally *tally,
		     const struct front_thread *counterpart)
{
	const struct front_thread *thread = tally->thread;
	struct report_span *span = &tally->now;

	span->after = thread->status.state;
	if (span->part == REPORT_RUNNING)
		span->lost = lost_cpu(thread);
	if (span->part == REPORT_BLOCKED && !is_woken(thread))
		return;
	report_who_set(&span->last, counterpart);
	span->context = thread->status.waker_context;
	if (span->part == REPORT_WAITING &&
	    thread->status.state == FRONT_RUNNING)
		span->to_cpu = thread->status.cpu;
}

/* When the state began that the front end says @thread is in. */
static uint64_t change_clock(const struct report_tally *tally,
			     enum report_part part, uint64_t now)
{
	const struct front_status *status = &tally->thread->status;
	uint64_t clock = status->since;

	/* It is the judgement that changed, not the state. */
	if (part == REPORT_UNKNOWN && status->state != FRONT_UNKNOWN &&
	    status->state != FRONT_DEAD)
		return now;
	if (clock < tally->now.from)
		clock = tally->now.from;
	return clock < now ? clock : now;
}

/* A thread may do something else now. @counterpart: the event's other one. */
static int sync_thread(struct report *report, struct front_thread *thread,
		       const struct front_thread *counterpart,
		       const struct flightrec_event *event)
{
	enum report_part part;
	struct report_tally *tally;
	uint64_t clock;
	int ret;

	if (!thread)
		return 0;
	ret = get_tally(report, thread, event->mono_ns, &tally);
	if (ret < 0 || !tally || tally->over)
		return ret;
	part = part_of(report, thread);
	if (part == tally->now.part && thread->status.state != FRONT_DEAD &&
	    (part == REPORT_UNKNOWN ||
	     thread->status.since == tally->now.status.since))
		return 0;
	clock = change_clock(tally, part, event->clock);
	note_end(tally, counterpart);
	if (thread->status.state == FRONT_DEAD)
		return finish(report, tally, clock, REPORT_CHANGED);
	return change(report, tally, part, clock, thread->status.exact,
		      counterpart);
}

static int sync_all(struct report *report, const struct flightrec_event *event)
{
	size_t count = front_threads(report->front);
	struct report_tally *tally;
	struct front_thread *thread;
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++) {
		thread = front_thread_at(report->front, i);
		ret = sync_thread(report, thread, NULL, event);
		tally = report_tally(report, thread);
		if (tally && thread->call.in == FRONT_CALL_UNKNOWN &&
		    thread->call.since)
			tally->loss = true;
	}
	return ret;
}

static bool is_loss(const struct flightrec_event *event)
{
	return event->type == FLIGHTREC_EVENT_LOST ||
	       event->type == FLIGHTREC_EVENT_GAP;
}

/* @thread, if it waits, waits for another CPU from here on. */
static void note_move(struct report *report, const struct front_thread *thread,
		      const struct flightrec_event *event)
{
	struct report_tally *tally = report_tally(report, thread);
	struct report_span *span = tally ? &tally->now : NULL;
	struct report_stay *stay;

	if (!span || span->part != REPORT_WAITING)
		return;
	stay = &span->stays[span->stays_count - 1];
	if (event->clock > stay->from && span->stays_count == REPORT_STAYS_MAX)
		return;
	/* On its way through more than one. */
	if (event->clock > stay->from)
		stay = &span->stays[span->stays_count++];
	stay->from = event->clock;
	stay->cpu = event->migrate.cpu;
}

static int sync_step(struct report *report, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct front_thread *thread = step->thread;
	struct front_thread *other = step->other;
	bool real = !step->synthesized;
	int ret;

	if (real && is_loss(event))
		return sync_all(report, event);
	ret = sync_thread(report, thread, real ? other : NULL, event);
	if (ret == 0)
		ret = sync_thread(report, other, real ? thread : NULL, event);
	if (ret == 0 && real && event->type == FLIGHTREC_EVENT_MIGRATE)
		note_move(report, other, event);
	/* The one whose tid was given up, if it was taken for another. */
	if (ret == 0 && event->type == FLIGHTREC_EVENT_EXEC)
		ret = sync_thread(report,
				  front_thread(report->front,
					       event->exec.old_tid),
				  NULL, event);
	return ret;
}

/* ---- the beginning of the end -------------------------------------------- */

/* Of the signals whose default action is another one, nobody dies. */
static bool kills(int number)
{
	switch (number) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return false;
	default:
		return true;
	}
}

static bool is_doomed_by(const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	switch (event->type) {
	case FLIGHTREC_EVENT_TASK_EXIT:
		return true;
	case FLIGHTREC_EVENT_ENTER:
		return step->call && step->call->name &&
		       !strcmp(step->call->name->name, "exit_group");
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		return event->signal_deliver.handler ==
			       FLIGHTREC_HANDLER_DEFAULT &&
		       kills(event->signal_deliver.signal);
	default:
		return false;
	}
}

/* Who makes a call lives: init does, after signals that kill others. */
static void note_doom(struct report_tally *tally, const struct front_step *step)
{
	if (tally->doomed && step->event->type == FLIGHTREC_EVENT_ENTER) {
		tally->doomed = 0;
		tally->stood_count = 0;
	}
	if (!tally->doomed && is_doomed_by(step))
		tally->doomed = step->event->clock;
}

int report_threads_step(struct report *report, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct report_tally *tally;
	int ret = report_runs_step(&report->runs, step);

	if (ret == 0)
		report_causes_step(report, step);
	if (ret == 0)
		ret = sync_step(report, step);
	if (ret < 0 || step->synthesized || is_loss(event))
		return ret;
	tally = report_tally(report, step->thread);
	if (tally)
		note_doom(tally, step);
	if (tally && event->type == FLIGHTREC_EVENT_TASK_EXIT)
		tally->exit_clock = event->clock;
	*find_seen(report, event->cpu) = event->clock;
	return 0;
}

/* ---- the end ------------------------------------------------------------ */

/* When a thread was dead that was not seen to leave its CPU; else the cut. */
static uint64_t end_clock(const struct report *report,
			  const struct report_tally *tally)
{
	const struct flightrec_window_task *identity = tally->thread->identity;
	uint64_t clock = report->cover.cut;

	if (tally->now.part != REPORT_UNKNOWN)
		return clock;
	if (tally->exit_clock)
		clock = tally->exit_clock;
	else if (identity && identity->until_reason == FLIGHTREC_UNTIL_EXIT &&
		 identity->until_clock < clock)
		clock = identity->until_clock;
	return clock > tally->now.from ? clock : tally->now.from;
}

int report_threads_finish(struct report *report)
{
	size_t count = front_threads(report->front);
	int64_t now_ns =
		flightrec_reader_mono_ns(report->reader, report->cover.cut);
	struct report_tally *tally;
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++) {
		ret = get_tally(report, front_thread_at(report->front, i),
				now_ns, &tally);
		if (ret == 0 && tally && !tally->over)
			ret = finish(report, tally, end_clock(report, tally),
				     REPORT_AT_CUT);
	}
	return ret;
}
