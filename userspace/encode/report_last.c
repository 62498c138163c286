// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the last moments of the dead: how a process ended, who sent the signal,
 * and where each of its threads stood when its end became inevitable, those that
 * tell the most first.
 */
#include "report_state.h"
#include "words.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define KILLS_SHOWN	  8
#define FAILURES_SHOWN	  3
#define THREADS_SHOWN	  4
/* Calls before the end: of the first thread, and of the others. */
#define CALLS_SHOWN_FIRST 5
#define CALLS_SHOWN	  2

/**
 * struct last - where a thread stood
 * @tally: the thread
 * @hit: the end began with it
 * @ended: it had ended before
 * @at: when it stood there: when the end became inevitable, or, if it made a
 *	call after that, when it made the last one
 * @stood: what it did; NULL: not known
 * @call: the call that it was in; NULL: none, or not known
 * @no_call: it was in none
 */
struct last {
	const struct report_tally *tally;
	bool hit;
	bool ended;
	uint64_t at;
	const struct report_stood *stood;
	const struct report_call *call;
	bool no_call;
};

/* ---- where a thread stood ------------------------------------------------ */

/* Number @i of its calls, the last one being 0; NULL: not so many are kept. */
static const struct report_past *past_call(const struct report_tally *tally,
					   uint64_t i)
{
	if (i >= tally->pasts_count || i >= REPORT_PASTS_MAX)
		return NULL;
	return &tally->pasts[(tally->pasts_count - 1 - i) % REPORT_PASTS_MAX];
}

static const struct report_call *last_entered(const struct report_tally *tally)
{
	const struct report_past *past = past_call(tally, 0);

	if (tally->dying.in == FRONT_CALL_IN)
		return &tally->dying;
	return past ? &past->call : NULL;
}

static bool began_by(const struct report_call *call, uint64_t clock)
{
	return !call->enter_known || call->enter_clock <= clock;
}

static const struct report_call *call_at(const struct report_tally *tally,
					 uint64_t clock)
{
	const struct report_past *past;

	if (tally->dying.in == FRONT_CALL_IN && began_by(&tally->dying, clock))
		return &tally->dying;
	for (uint64_t i = 0; (past = past_call(tally, i)); i++) {
		if (past->clock <= clock)
			return NULL;
		if (began_by(&past->call, clock))
			return &past->call;
	}
	return NULL;
}

static const struct report_stood *past_stood(const struct report_tally *tally,
					     uint64_t i)
{
	return &tally->stood[(tally->stood_count - 1 - i) % REPORT_STOOD_MAX];
}

/* The last span that began before @clock. */
static const struct report_stood *stood_at(const struct report_tally *tally,
					   uint64_t clock)
{
	for (uint64_t i = 0; i < tally->stood_count && i < REPORT_STOOD_MAX;
	     i++) {
		const struct report_stood *stood = past_stood(tally, i);

		if (stood->from < clock)
			return stood->part == REPORT_UNKNOWN ? NULL : stood;
	}
	return NULL;
}

static bool is_interrupted(int64_t result)
{
	/* EINTR, and what the kernel has instead of it: ERESTARTSYS and so on. */
	return result == -EINTR || (result <= -512 && result >= -516);
}

static bool is_past(const struct report_tally *tally,
		    const struct report_call *call)
{
	return call && call != &tally->dying;
}

/*
 * A signal wakes the threads before it is recorded that it was sent: they may run
 * by then. Was it that which ended @stood? Then its call was interrupted, and
 * another one was not made.
 */
static bool is_woken_by(const struct report_death *death,
			const struct report_tally *tally,
			const struct report_stood *stood)
{
	const struct report_call *entered = last_entered(tally);
	const struct report_call *call = call_at(tally, stood->to);

	if (!death->signal.signal || !death->signal.sender.known ||
	    stood->waker != death->signal.sender.index)
		return false;
	if (entered && !began_by(entered, stood->to))
		return false;
	return !is_past(tally, call) ||
	       is_interrupted(past_call(tally, 0)->result);
}

/* When the signal woke a thread, if that was before @clock; else @clock. */
static uint64_t woken_at(const struct report_death *death,
			 const struct report_tally *tally, uint64_t clock)
{
	for (uint64_t i = 0; i < tally->stood_count && i < REPORT_STOOD_MAX;
	     i++) {
		const struct report_stood *stood = past_stood(tally, i);

		if (stood->part != REPORT_BLOCKED || stood->to > clock)
			continue;
		return is_woken_by(death, tally, stood) ? stood->to : clock;
	}
	return clock;
}

static void find_last(const struct report_death *death,
		      const struct report_tally *tally, struct last *last)
{
	const struct report_call *entered = last_entered(tally);

	last->tally = tally;
	last->hit = tally->thread->index == death->hit;
	last->at = death->fatal;
	last->ended = tally->exit_clock && tally->exit_clock < death->fatal;
	if (entered && entered->enter_known && entered->enter_clock > last->at)
		last->at = entered->enter_clock;
	else
		last->at = woken_at(death, tally, last->at);
	last->stood = stood_at(tally, last->at);
	last->call = call_at(tally, last->at);
	last->no_call = !last->call && entered && !tally->loss;
}

/* ---- one thread ---------------------------------------------------------- */

static void put_stood(struct report *report, const struct last *last)
{
	const struct report_stood *stood = last->stood;
	struct sink *sink = report->sink;

	switch (stood->part) {
	case REPORT_RUNNING:
		sink_printf(sink, "running on CPU %u", stood->cpu);
		return;
	case REPORT_WAITING:
		sink_string(sink, "waiting for a CPU");
		break;
	case REPORT_BLOCKED:
		if (stood->left_state == FLIGHTREC_STATE_STOPPED)
			sink_string(sink, "stopped");
		else if (stood->left_state == FLIGHTREC_STATE_TRACED)
			sink_string(sink, "stopped by a tracer");
		else
			sink_string(sink, "blocked");
		break;
	default:
		break;
	}
	sink_string(sink, " for ");
	report_put_ns(report, stood->from, last->at);
}

static void put_in_call(struct report *report, const struct last *last)
{
	const struct report_call *call = last->call;
	struct sink *sink = report->sink;

	if (!call) {
		sink_string(sink, last->no_call ?
					  ", in no system call" :
					  ", not recorded in which call");
		return;
	}
	if (last->stood)
		sink_string(sink, ", ");
	sink_string(sink, "in ");
	report_put_call(sink, call);
	if (!call->enter_known || call->enter_clock >= last->at)
		return;
	sink_string(sink, " for ");
	report_put_ns(report, call->enter_clock, last->at);
}

static void put_past(struct report *report, const struct report_death *death,
		     const struct report_past *past)
{
	bool before = past->clock <= death->fatal;
	struct sink *sink = report->sink;

	sink_string(sink, "      ");
	if (before)
		report_put_ns(report, past->clock, death->fatal);
	else
		report_put_ns(report, death->fatal, past->clock);
	sink_string(sink, before ? " before: " : " after: ");
	report_put_call(sink, &past->call);
	sink_string(sink, " returned ");
	report_put_result(sink, past->result);
	if (past->call.enter_known) {
		sink_string(sink, " after ");
		report_put_ns(report, past->call.enter_clock, past->clock);
	}
	sink_char(sink, '\n');
}

/* The last one comes last. */
static void put_pasts(struct report *report, const struct report_death *death,
		      const struct last *last, unsigned int most)
{
	const struct report_past *shown[REPORT_PASTS_MAX];
	const struct report_past *past;
	unsigned int count = 0;

	for (uint64_t i = 0; (past = past_call(last->tally, i)); i++) {
		if (past->clock <= last->at && count < most)
			shown[count++] = past;
	}
	while (count)
		put_past(report, death, shown[--count]);
}

static void put_last_thread(struct report *report,
			    const struct report_death *death,
			    const struct last *last, unsigned int calls)
{
	bool knows_calls = front_knows_calls(report->front);
	struct sink *sink = report->sink;
	struct report_who who;

	report_who_set(&who, last->tally->thread);
	sink_string(sink, "    ");
	report_put_thread(sink, &who);
	sink_char(sink, ' ');
	if (last->ended) {
		sink_string(sink, "had ended ");
		report_put_ns(report, last->tally->exit_clock, death->fatal);
		sink_string(sink, " before\n");
		return;
	}
	if (last->stood)
		put_stood(report, last);
	if (!last->stood && !last->call)
		sink_string(sink, "it is not recorded where");
	else if (knows_calls)
		put_in_call(report, last);
	sink_char(sink, '\n');
	put_pasts(report, death, last, calls);
}

/* ---- the threads of a process -------------------------------------------- */

static int rank(const struct last *last)
{
	if (last->ended)
		return 6;
	if (last->hit)
		return 0;
	if (!last->stood)
		return last->call ? 4 : 5;
	if (last->stood->part == REPORT_RUNNING)
		return 1;
	return last->stood->part == REPORT_WAITING ? 2 : 3;
}

static uint64_t latest(const struct last *last)
{
	if (last->call && last->call->enter_known)
		return last->call->enter_clock;
	return last->stood ? last->stood->from : 0;
}

/* With whom it began, who ran, who waited; then by who did something last. */
static int by_telling(const void *a, const void *b)
{
	const struct last *x = a, *y = b;

	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	if (latest(x) != latest(y))
		return latest(x) > latest(y) ? -1 : 1;
	return x->tally->thread->index < y->tally->thread->index ? -1 : 1;
}

static void put_anchor(struct report *report, const struct report_death *death,
		       size_t count)
{
	struct sink *sink = report->sink;

	sink_printf(sink, "  where %s stood when ",
		    count == 1 ? "it" : "its threads");
	if (death->alive)
		sink_string(sink, "the window ended:\n");
	else if (death->signal.signal)
		sink_string(sink, "that was sent:\n");
	else if (death->in_exit)
		sink_string(sink, "it called exit():\n");
	else
		sink_string(sink, "it died:\n");
}

static int put_threads(struct report *report, const struct report_death *death)
{
	const struct report_tally *tally;
	struct last *lasts;
	size_t count = 0;

	for (tally = death->dead; tally; tally = tally->dead_next)
		count++;
	if (!count)
		return 0;
	lasts = calloc(count, sizeof(*lasts));
	if (!lasts)
		return -ENOMEM;
	count = 0;
	for (tally = death->dead; tally; tally = tally->dead_next)
		find_last(death, tally, &lasts[count++]);
	qsort(lasts, count, sizeof(*lasts), by_telling);
	put_anchor(report, death, count);
	for (size_t i = 0; i < count; i++) {
		if (i == THREADS_SHOWN && !report->all) {
			sink_printf(report->sink, "    … %zu more thread%s\n",
				    count - i, count - i == 1 ? "" : "s");
			break;
		}
		put_last_thread(report, death, &lasts[i],
				i ? CALLS_SHOWN : CALLS_SHOWN_FIRST);
	}
	free(lasts);
	return 0;
}

/* ---- one process --------------------------------------------------------- */

static void put_running(struct sink *sink, const struct report_who *who)
{
	if (who->known && !who->tid)
		sink_string(sink, "nobody");
	else
		report_put_thread(sink, who);
}

/* A positive si_code is the kernel's; these are, too. */
static bool is_kernels(int32_t code)
{
	switch (code) {
	case SI_TIMER:
	case SI_MESGQ:
	case SI_ASYNCIO:
	case SI_SIGIO:
		return true;
	default:
		return code > 0;
	}
}

static void put_sender(struct report *report, const struct report_death *death)
{
	const struct report_signal *signal = &death->signal;
	struct sink *sink = report->sink;

	sink_string(sink, "  ");
	if (!signal->signal) {
		sink_string(sink, "who sent it was not recorded");
		return;
	}
	if (is_kernels(signal->code)) {
		sink_string(sink, "sent by the kernel while ");
		if (death->by_itself)
			sink_string(sink, "it");
		else
			put_running(sink, &signal->sender);
		sink_string(sink, " ran");
	} else if (death->by_itself) {
		sink_string(sink, "sent by itself");
	} else {
		sink_string(sink, "sent by ");
		report_put_who(sink, &signal->sender);
	}
	sink_char(sink, ' ');
	report_put_ns(report, signal->clock, death->clock);
	sink_string(sink, " before (");
	words_put_code(sink, signal->signal, signal->code);
	sink_char(sink, ')');
}

static void put_killed(struct report *report, const struct report_death *death)
{
	int number = report_term_signal(death->code);
	struct sink *sink = report->sink;

	sink_string(sink, "killed: ");
	report_put_thread(sink, &death->who);
	sink_string(sink, " by ");
	words_put_signal(sink, number);
	sink_string(sink, ", ");
	report_put_clock(report, death->clock);
	if (death->threads > 1)
		sink_printf(sink, ", %llu threads",
			    (unsigned long long)death->threads);
	if (death->code & 0x80)
		sink_string(sink, ", core dumped");
	sink_char(sink, '\n');
	put_sender(report, death);
	sink_printf(sink, "; exit status %d in a shell\n", 128 + number);
}

static void put_exited(struct report *report, const struct report_death *death)
{
	struct sink *sink = report->sink;

	sink_string(sink, death->alive ? "alive: " : "exited: ");
	report_put_thread(sink, &death->who);
	if (!death->alive)
		sink_printf(sink, " with status %u", death->code >> 8 & 0xff);
	sink_string(sink, ", ");
	report_put_clock(report, death->clock);
	if (death->threads > 1)
		sink_printf(sink, ", %llu threads",
			    (unsigned long long)death->threads);
	sink_char(sink, '\n');
}

static int put_death(struct report *report, const struct report_death *death)
{
	if (report_term_signal(death->code))
		put_killed(report, death);
	else
		put_exited(report, death);
	return put_threads(report, death);
}

/* ---- all of them --------------------------------------------------------- */

static int put_killed_ones(struct report *report, uint32_t but)
{
	size_t killed = 0;
	int ret = 0;

	for (size_t i = 0; i < report->deaths_count && ret == 0; i++) {
		const struct report_death *death = &report->deaths[i];

		if (!report_term_signal(death->code) || death->tgid == but)
			continue;
		if (killed++ < KILLS_SHOWN || report->all)
			ret = put_death(report, death);
	}
	if (killed > KILLS_SHOWN && !report->all)
		sink_printf(report->sink, "killed: %zu more processes\n",
			    killed - KILLS_SHOWN);
	return ret;
}

/* What failed last tells the most. */
static int put_failed_ones(struct report *report, uint32_t but)
{
	size_t failed = 0;
	int ret = 0;

	for (size_t i = report->deaths_count; i-- && ret == 0;) {
		const struct report_death *death = &report->deaths[i];

		if (report_term_signal(death->code) || !death->over ||
		    death->tgid == but)
			continue;
		if (failed++ < FAILURES_SHOWN || report->all)
			ret = put_death(report, death);
	}
	if (failed > FAILURES_SHOWN && !report->all)
		sink_printf(
			report->sink,
			"exited: %zu more processes with a status that is not 0\n",
			failed - FAILURES_SHOWN);
	return ret;
}

int report_put_deaths(struct report *report)
{
	int ret = put_killed_ones(report, 0);

	return ret < 0 ? ret : put_failed_ones(report, 0);
}

/* ---- one of them ---------------------------------------------------------- */

/* A process that lives, or exited with 0: as if it had died where it ended. */
static void make_death(const struct report *report,
		       const struct front_thread *thread,
		       struct report_death *death)
{
	uint32_t tgid = report_tgid(thread);
	const struct front_thread *leader = front_thread(report->front, tgid);

	if (!leader)
		leader = thread;
	memset(death, 0, sizeof(*death));
	death->tgid = tgid;
	death->hit = thread->index;
	death->alive = !leader->process_over;
	report_who_set(&death->who, leader);
	for (size_t i = 0; i < report->tallies_room; i++) {
		struct report_tally *tally = report->tallies[i];

		if (!tally || report_tgid(tally->thread) != tgid ||
		    tally->thread->replaced)
			continue;
		/* Who ended before tells nothing of where the others stand. */
		if (tally->thread->exiting != leader->process_over)
			continue;
		if (tally->exit_clock > death->clock)
			death->clock = tally->exit_clock;
		if (death->alive)
			report_call_set(&tally->dying, &tally->thread->call);
		report_death_add(death, tally);
		death->threads++;
	}
	if (death->alive || !death->clock)
		death->clock = report->cover.cut;
	if (!death->fatal)
		death->fatal = death->clock;
}

static const struct report_death *find_last_death(const struct report *report,
						  uint32_t tgid)
{
	for (size_t i = report->deaths_count; i--;) {
		const struct report_death *death = &report->deaths[i];

		if (death->tgid == tgid &&
		    (death->over || report_term_signal(death->code)))
			return death;
	}
	return NULL;
}

static int put_process(struct report *report, const struct front_thread *thread)
{
	const struct report_death *found =
		find_last_death(report, report_tgid(thread));
	struct report_death death;

	if (found)
		return put_death(report, found);
	make_death(report, thread, &death);
	return put_death(report, &death);
}

int report_put_last(struct report *report, uint32_t tid, bool others)
{
	struct front_thread *thread = front_thread(report->front, tid);
	int ret;

	if (!tid) {
		ret = report_put_deaths(report);
		if (!report->deaths_count)
			sink_string(report->sink, "nobody died\n");
		return ret;
	}
	if (!thread || !report_tally(report, thread))
		return -ESRCH;
	ret = put_process(report, thread);
	if (ret < 0 || !others)
		return ret;
	ret = put_killed_ones(report, report_tgid(thread));
	if (ret == 0)
		ret = put_failed_ones(report, report_tgid(thread));
	return ret;
}
