// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what everything else is measured against: the window, the threads with
 * where their time went, and the calls by name.
 */
#include "firing.h"
#include "keep.h"
#include "report_state.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_SHOWN 40
#define CALLS_SHOWN   40
#define CPUS_SHOWN    8
#define TARGETS_SHOWN 8
#define BLOCKED_SHOWN 3
#define ERRORS_SHOWN  4
#define SILENT_SHOWN  8

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* ---- the window --------------------------------------------------------- */

static void put_label(struct report *report, const char *label)
{
	sink_printf(report->sink, "  %-10s", label);
}

static void put_taken(struct report *report)
{
	const struct flightrec_window *window = report->window;
	struct sink *sink = report->sink;

	put_label(report, "taken");
	report_put_date(sink, (int64_t)window->cut_real_ns);
	switch (window->reason) {
	case FLIGHTREC_REASON_NONE:
		break;
	case FLIGHTREC_REASON_FREEZE:
		sink_string(sink, ", frozen on request");
		break;
	case FLIGHTREC_REASON_LIVE:
		sink_string(sink, ", while recording went on");
		break;
	case FLIGHTREC_REASON_SUSPEND:
		sink_string(sink, ", frozen before the machine slept");
		break;
	case FLIGHTREC_REASON_TRIGGER:
		sink_string(sink, ", frozen by a trigger");
		break;
	default:
		sink_printf(sink, ", for reason %u", window->reason);
	}
	sink_char(sink, '\n');
}

/* What froze the recorder; or, of other windows, what fired last. */
static void put_fired(struct report *report)
{
	const struct flightrec_firing *firing = &report->window->firing;
	const struct flightrec_window_task *who;
	struct sink *sink = report->sink;
	char found[FIRING_BYTES];

	if (!firing->sequence)
		return;
	put_label(report, "fired");
	report_put_date(sink, flightrec_reader_real_ns(report->reader,
						       firing->clock));
	sink_printf(sink, ", CPU %u, trigger %u: ", firing->cpu,
		    firing->trigger);
	who = flightrec_reader_who(report->reader, firing->tid, firing->clock);
	if (who)
		sink_escaped(sink, (const char *)who->comm,
			     strnlen((const char *)who->comm,
				     FLIGHTREC_COMM_BYTES),
			     "");
	else
		sink_string(sink, "<...>");
	firing_describe(found, firing, (const char *)report->window->machine);
	sink_printf(sink, "[%u] %s\n", firing->tid, found);
}

static void put_held(struct report *report)
{
	const struct flightrec_window *window = report->window;
	size_t count = flightrec_reader_cpus(report->reader);
	struct sink *sink = report->sink;
	struct flightrec_window_cpu cpu;
	size_t held = 0;

	put_label(report, "held");
	report_put_duration(sink, report_ns(report, window->complete_clock,
					    window->cut_clock));
	sink_string(sink, " on all CPUs");
	for (size_t i = 0; i < count; i++) {
		flightrec_reader_cpu(report->reader, i, &cpu);
		if (!cpu.blocks || (held++ >= CPUS_SHOWN && !report->all))
			continue;
		sink_printf(sink, "%s CPU %u ", held == 1 ? ":" : ",", cpu.cpu);
		report_put_duration(sink, report_ns(report, cpu.complete_clock,
						    window->cut_clock));
	}
	if (held > CPUS_SHOWN && !report->all)
		sink_printf(sink, ", and %zu more", held - CPUS_SHOWN);
	sink_char(sink, '\n');
}

/* Says nothing where no age was asked for. */
static void put_keep(struct report *report)
{
	struct flightrec_keep keep;
	char words[KEEP_BYTES];

	flightrec_keep_of_reader(report->reader, &keep);
	if (keep.verdict == FLIGHTREC_KEEP_UNASKED)
		return;
	keep_describe(words, &keep);
	put_label(report, "keep");
	sink_printf(report->sink, "%s\n", words);
}

static void put_recorded(struct report *report)
{
	const struct flightrec_window *window = report->window;
	bool sched = front_knows_sched(report->front);
	bool calls = front_knows_calls(report->front);
	struct sink *sink = report->sink;

	put_label(report, "recorded");
	if (sched)
		sink_string(sink, "scheduling");
	if (calls)
		sink_printf(sink, "%ssystem calls with %u argument%s",
			    sched ? ", " : "", window->args,
			    plural(window->args));
	if (!sched || !calls)
		sink_printf(sink, "; not recorded: %s",
			    !calls ? "system calls" : "scheduling");
	sink_char(sink, '\n');
}

static void put_uts(struct sink *sink, const uint8_t *name)
{
	const char *bytes = (const char *)name;

	sink_escaped(sink, bytes, strnlen(bytes, FLIGHTREC_UTS_BYTES), "");
}

static void put_kernel(struct report *report)
{
	const struct flightrec_window *window = report->window;
	struct sink *sink = report->sink;

	put_label(report, "kernel");
	put_uts(sink, window->release);
	sink_char(sink, ' ');
	put_uts(sink, window->machine);
	sink_string(sink, " on ");
	put_uts(sink, window->nodename);
	sink_char(sink, '\n');
}

static void put_target(struct sink *sink,
		       const struct flightrec_window_target *target)
{
	const char *comm = (const char *)target->comm;

	switch (target->kind) {
	case FLIGHTREC_TARGET_TID:
		sink_printf(sink, "thread %llu",
			    (unsigned long long)target->id);
		break;
	case FLIGHTREC_TARGET_TGID:
		sink_printf(sink, "process %llu",
			    (unsigned long long)target->id);
		break;
	case FLIGHTREC_TARGET_COMM:
		sink_string(sink, "named ");
		sink_escaped(sink, comm, strnlen(comm, FLIGHTREC_COMM_BYTES),
			     "");
		break;
	default:
		sink_printf(sink, "kind %u, %llu", target->kind,
			    (unsigned long long)target->id);
	}
	if (target->flags & FLIGHTREC_TARGET_FOLLOW)
		sink_string(sink, " with what it creates");
}

static void put_targets(struct report *report)
{
	size_t count = flightrec_reader_targets(report->reader);
	struct flightrec_window_target target;
	struct sink *sink = report->sink;

	if (!count)
		return;
	put_label(report, "targets");
	for (size_t i = 0; i < count; i++) {
		if (i == TARGETS_SHOWN && !report->all) {
			sink_printf(sink, ", and %zu more", count - i);
			break;
		}
		flightrec_reader_target(report->reader, i, &target);
		sink_string(sink, i ? ", " : "");
		put_target(sink, &target);
	}
	sink_char(sink, '\n');
}

void report_put_window(struct report *report)
{
	const struct report_cover *cover = &report->cover;
	unsigned long long lost = report->window->lost_events;

	sink_string(report->sink, "\nwindow\n");
	put_taken(report);
	put_fired(report);
	put_held(report);
	put_keep(report);
	put_recorded(report);
	put_kernel(report);
	put_targets(report);
	put_label(report, "events");
	sink_printf(
		report->sink,
		"%llu in the window; %llu could not be stored since the start\n",
		(unsigned long long)cover->events, lost);
}

/* ---- one thread --------------------------------------------------------- */

static const char *const part_labels[REPORT_PARTS] = {
	[REPORT_RUNNING] = "running",
	[REPORT_WAITING] = "waiting",
	[REPORT_BLOCKED] = "blocked",
	[REPORT_UNKNOWN] = "unknown",
};

static const enum report_part part_order[REPORT_PARTS] = {
	REPORT_RUNNING,
	REPORT_WAITING,
	REPORT_BLOCKED,
	REPORT_UNKNOWN,
};

/* Right-aligned milliseconds with microseconds. */
static void put_column(struct sink *sink, uint64_t us)
{
	sink_printf(sink, "%8llu.%03u", (unsigned long long)us / 1000,
		    (unsigned)(us % 1000));
}

/*
 * Parts are rounded so that what is printed adds up: each is what the sum grows
 * by.
 */
static void put_sums(struct sink *sink, const struct report_tally *tally)
{
	uint64_t total = 0, before;

	for (int i = 0; i < REPORT_PARTS; i++)
		total += tally->ns[i];
	put_column(sink, (total + 500) / 1000);
	total = 0;
	for (int i = 0; i < REPORT_PARTS; i++) {
		before = total;
		total += tally->ns[part_order[i]];
		put_column(sink, (total + 500) / 1000 - (before + 500) / 1000);
	}
}

static void put_life(struct sink *sink, const struct front_thread *thread)
{
	if (thread->born)
		sink_string(sink, ", born in the window");
	if (!thread->exiting)
		return;
	if (thread->exit_code & 0x7f) {
		sink_string(sink, ", killed by ");
		words_put_signal(sink, thread->exit_code & 0x7f);
	} else {
		sink_printf(sink, ", exited with %u",
			    thread->exit_code >> 8 & 0xff);
	}
}

void report_put_blocked_in(struct sink *sink, const struct report_blocked *in)
{
	switch (in->in) {
	case REPORT_IN_CALL:
		report_put_call_name(sink, in->nr, in->compat, in->name);
		break;
	case REPORT_IN_NOTHING:
		sink_string(sink, "outside any system call");
		break;
	case REPORT_IN_EXIT:
		sink_string(sink, "while exiting");
		break;
	case REPORT_IN_STOP:
		sink_string(sink, "stopped");
		break;
	case REPORT_IN_TRACE:
		sink_string(sink, "stopped by a tracer");
		break;
	case REPORT_IN_UNKNOWN:
		sink_string(sink, "not recorded in what");
		break;
	case REPORT_IN_OTHERS:
		sink_string(sink, "other calls");
		break;
	}
}

static void put_running_end(struct sink *sink, const struct report_span *span)
{
	if (span->end == REPORT_AT_CUT) {
		sink_string(sink, ", to the end of the window");
	} else if (span->end != REPORT_CHANGED) {
		return;
	} else if (span->after == FRONT_BLOCKED) {
		sink_string(sink, ", until it blocked");
	} else if (span->lost != REPORT_NOT_LOST) {
		sink_string(sink, span->lost == REPORT_PREEMPTED ?
					  ", until it was " :
					  ", until it ");
		report_put_lost(sink, span->lost);
		report_put_who(sink, &span->last);
	}
}

static void put_waiting_cause(struct sink *sink, const struct report_span *span)
{
	sink_string(sink, ", ");
	report_put_wait_cause(sink, span);
	if (span->end == REPORT_AT_CUT)
		sink_string(sink, ", still at the end");
}

static void put_blocked_cause(struct sink *sink, const struct report_span *span)
{
	struct report_blocked in;

	report_blocked_in(span, &in);
	if (in.in != REPORT_IN_UNKNOWN) {
		sink_string(sink, in.in == REPORT_IN_CALL ? ", in " : ", ");
		report_put_blocked_in(sink, &in);
	}
	if (span->end == REPORT_AT_CUT) {
		sink_string(sink, ", still at the end");
	} else if (span->end == REPORT_CHANGED && span->last.known) {
		sink_string(sink, ", ");
		report_put_waker(sink, &span->last, span->context, UINT32_MAX);
	}
}

static void put_cause(struct sink *sink, const struct report_span *span)
{
	switch (span->part) {
	case REPORT_RUNNING:
		put_running_end(sink, span);
		break;
	case REPORT_WAITING:
		put_waiting_cause(sink, span);
		break;
	case REPORT_BLOCKED:
		put_blocked_cause(sink, span);
		break;
	default:
		break;
	}
}

static void put_longest(struct report *report, const struct report_tally *tally,
			enum report_part part)
{
	const struct report_span *span = &tally->longest[part];
	struct sink *sink = report->sink;

	if (!tally->count[part])
		return;
	sink_printf(sink, "      %s: %llu time%s, longest %s",
		    part_labels[part], (unsigned long long)tally->count[part],
		    plural(tally->count[part]),
		    span->end == REPORT_AT_HOLE && part != REPORT_UNKNOWN ?
			    "at least " :
			    "");
	report_put_duration(sink, span->ns);
	sink_string(sink, ", ");
	report_put_clock(report, span->from);
	if (part == REPORT_RUNNING && span->cpu != UINT32_MAX)
		sink_printf(sink, ", CPU %u", span->cpu);
	put_cause(sink, span);
	sink_char(sink, '\n');
}

static int by_ns(const void *a, const void *b)
{
	const struct report_blocked *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->in != y->in)
		return x->in < y->in ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static void put_blocked(struct report *report, struct report_tally *tally)
{
	size_t count = tally->blocked_count;
	struct sink *sink = report->sink;
	uint64_t rest = 0;

	if (!count || !front_knows_calls(report->front))
		return;
	qsort(tally->blocked, count, sizeof(*tally->blocked), by_ns);
	sink_string(sink, "      blocked in: ");
	for (size_t i = 0; i < count; i++) {
		if (i >= BLOCKED_SHOWN && !report->all) {
			rest += tally->blocked[i].ns;
			continue;
		}
		sink_string(sink, i ? ", " : "");
		report_put_blocked_in(sink, &tally->blocked[i]);
		sink_char(sink, ' ');
		report_put_duration(sink, tally->blocked[i].ns);
	}
	if (rest) {
		sink_string(sink, ", others ");
		report_put_duration(sink, rest);
	}
	sink_char(sink, '\n');
}

static void put_tally(struct report *report, struct report_tally *tally)
{
	struct report_who who;

	report_who_set(&who, tally->thread);
	put_sums(report->sink, tally);
	sink_string(report->sink, "  ");
	report_put_thread(report->sink, &who);
	put_life(report->sink, tally->thread);
	sink_char(report->sink, '\n');
	if (!front_knows_sched(report->front))
		return;
	for (int i = 0; i < REPORT_PARTS; i++) {
		put_longest(report, tally, part_order[i]);
		if (part_order[i] == REPORT_BLOCKED)
			put_blocked(report, tally);
	}
}

/* ---- the threads -------------------------------------------------------- */

static int by_waiting(const void *a, const void *b)
{
	const struct report_tally *x = *(struct report_tally *const *)a;
	const struct report_tally *y = *(struct report_tally *const *)b;

	if (x->ns[REPORT_WAITING] != y->ns[REPORT_WAITING])
		return x->ns[REPORT_WAITING] > y->ns[REPORT_WAITING] ? -1 : 1;
	if (x->ns[REPORT_RUNNING] != y->ns[REPORT_RUNNING])
		return x->ns[REPORT_RUNNING] > y->ns[REPORT_RUNNING] ? -1 : 1;
	if (x->thread->tid != y->thread->tid)
		return x->thread->tid < y->thread->tid ? -1 : 1;
	return x->thread->index < y->thread->index ? -1 : 1;
}

/* Targets that the window knows by name alone. */
static void put_silent(struct report *report)
{
	size_t count = flightrec_reader_tasks(report->reader);
	struct flightrec_window_task task;
	struct sink *sink = report->sink;
	size_t silent = 0;

	for (size_t i = 0; i < count; i++) {
		flightrec_reader_task(report->reader, i, &task);
		if (!(task.flags & FLIGHTREC_TASK_TARGET) ||
		    task.until_clock != UINT64_MAX ||
		    front_thread(report->front, task.tid))
			continue;
		if (silent++ >= SILENT_SHOWN && !report->all)
			continue;
		sink_string(
			sink,
			silent == 1 ?
				"  targets without an event in the window: " :
				", ");
		sink_escaped(sink, (const char *)task.comm,
			     strnlen((const char *)task.comm,
				     FLIGHTREC_COMM_BYTES),
			     "");
		sink_printf(sink, "[%u]", task.tid);
	}
	if (silent > SILENT_SHOWN && !report->all)
		sink_printf(sink, ", and %zu more", silent - SILENT_SHOWN);
	if (silent)
		sink_char(sink, '\n');
}

static void put_sorted(struct report *report, struct report_tally **sorted,
		       size_t count)
{
	struct sink *sink = report->sink;

	sink_string(sink, "\nthreads, by time spent waiting for a CPU; in ms, "
			  "total = running + waiting + blocked + unknown\n");
	if (!front_knows_sched(report->front))
		sink_string(sink, "  scheduling was not recorded: what they "
				  "did with their time is unknown\n");
	if (count)
		sink_string(sink, "       total     running     waiting"
				  "     blocked     unknown  thread\n");
	for (size_t i = 0; i < count; i++) {
		if (i == THREADS_SHOWN && !report->all) {
			sink_printf(sink, "  … %zu more thread%s\n", count - i,
				    plural(count - i));
			break;
		}
		put_tally(report, sorted[i]);
	}
	if (!count)
		sink_string(sink, "  none was recorded\n");
	put_silent(report);
}

int report_put_threads(struct report *report)
{
	struct report_tally **sorted;
	size_t count = 0;

	sorted = calloc(report->tallies_count + 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < report->tallies_room; i++) {
		if (report->tallies[i])
			sorted[count++] = report->tallies[i];
	}
	qsort(sorted, count, sizeof(*sorted), by_waiting);
	put_sorted(report, sorted, count);
	free(sorted);
	return 0;
}

/* ---- the calls ---------------------------------------------------------- */

static void put_worst(struct report *report, const struct report_calls_row *row)
{
	struct sink *sink = report->sink;

	if (!row->count)
		return;
	sink_string(sink, "      worst: ");
	report_put_thread(sink, &row->worst_who);
	sink_string(sink, ", ");
	report_put_clock(report, row->worst_clock);
	sink_char(sink, '\n');
}

static void put_errors(struct report *report,
		       const struct report_calls_row *row)
{
	struct sink *sink = report->sink;
	uint64_t rest = 0;

	if (!row->errors_count)
		return;
	sink_string(sink, "      errors: ");
	for (size_t i = 0; i < row->errors_count; i++) {
		if (i >= ERRORS_SHOWN && !report->all) {
			rest += row->errors[i].count;
			continue;
		}
		sink_string(sink, i ? ", " : "");
		report_put_errno(sink, row->errors[i].number);
		sink_printf(sink, " %llu",
			    (unsigned long long)row->errors[i].count);
	}
	if (rest)
		sink_printf(sink, ", others %llu", (unsigned long long)rest);
	sink_char(sink, '\n');
}

void report_put_besides(struct sink *sink, const char **before,
			const char *what, uint64_t count)
{
	if (!count)
		return;
	sink_printf(sink, "%s%s %llu", *before, what,
		    (unsigned long long)count);
	*before = ", ";
}

static void put_row_besides(struct sink *sink,
			    const struct report_calls_row *row)
{
	const char *before = "      besides: ";

	report_put_besides(sink, &before, "in flight at the beginning",
			   row->at_begin);
	report_put_besides(sink, &before, "in flight at the end", row->at_end);
	report_put_besides(sink, &before, "in flight all the time",
			   row->throughout);
	report_put_besides(sink, &before, "cut off by a hole in the recording",
			   row->cut_off);
	report_put_besides(sink, &before, "ended with their thread",
			   row->with_thread);
	if (*before == ',')
		sink_char(sink, '\n');
}

static void put_row(struct report *report, const struct report_calls_row *row)
{
	char total[REPORT_DURATION_BYTES] = "-";
	char worst[REPORT_DURATION_BYTES] = "-";
	struct sink *sink = report->sink;

	if (row->count) {
		report_duration(total, row->total_ns);
		report_duration(worst, row->worst_ns);
	}
	sink_printf(sink, "%10llu%12s%12s  ", (unsigned long long)row->count,
		    total, worst);
	if (row == &report->calls.others)
		sink_string(sink, "others");
	else
		report_put_call_name(sink, row->nr, row->compat, row->name);
	sink_char(sink, '\n');
	put_worst(report, row);
	put_errors(report, row);
	put_row_besides(sink, row);
}

static bool is_used(const struct report_calls_row *row)
{
	return row->count || row->at_begin || row->at_end || row->throughout ||
	       row->cut_off || row->with_thread;
}

void report_put_calls(struct report *report)
{
	struct report_calls *calls = &report->calls;
	struct sink *sink = report->sink;

	sink_string(sink, "\nsystem calls that began and ended in the window, "
			  "by time spent in them\n");
	if (!front_knows_calls(report->front)) {
		sink_string(sink, "  not recorded\n");
		return;
	}
	report_calls_sort(calls);
	sink_string(sink, calls->count ?
				  "     count       total       worst  name\n" :
				  "  none was recorded\n");
	for (size_t i = 0; i < calls->count; i++) {
		if (i == CALLS_SHOWN && !report->all) {
			sink_printf(sink, "  … %zu more call%s\n",
				    calls->count - i, plural(calls->count - i));
			break;
		}
		put_row(report, &calls->rows[i]);
	}
	if (is_used(&calls->others))
		put_row(report, &calls->others);
}
