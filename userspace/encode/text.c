// SPDX-License-Identifier: GPL-2.0
/*
 * One line an event, made to be searched:
 *
 *	DATE TIME ZONE [CPU] NAME[TID] WHAT
 *
 * NAME[TID] is the task that ran there, under the name it had then. Lines that
 * begin with # tell of the window: what it is, then what was in flight at its
 * end. Whatever a program could choose (names, paths, marks) is escaped, so
 * that a line is always one line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "formats.h"
#include "front.h"

#define NS_PER_S	1000000000

/**
 * struct text - a dump being written
 * @sink: where to
 * @front: where from
 * @reader: what it reads
 * @second: the second that @stamp is of
 * @stamp: "DATE TIME." of that second
 * @zone: " ZONE " of that second
 */
struct text {
	struct sink *sink;
	struct front *front;
	struct flightrec_reader *reader;
	uint64_t events;
	int64_t second;
	size_t stamp_length;
	size_t zone_length;
	char stamp[64];
	char zone[16];
};

/* ---- pieces -------------------------------------------------------------- */

static void set_second(struct text *text, int64_t second)
{
	time_t time = (time_t)second;
	struct tm tm;

	text->second = second;
	memset(&tm, 0, sizeof(tm));
	localtime_r(&time, &tm);
	text->stamp_length = strftime(text->stamp, sizeof(text->stamp),
				      "%Y-%m-%d %H:%M:%S.", &tm);
	text->zone_length = strftime(text->zone, sizeof(text->zone), " %z",
				     &tm);
}

static void put_nines(struct sink *sink, uint32_t ns)
{
	char digits[9];

	for (int i = 8; i >= 0; i--) {
		digits[i] = (char)('0' + ns % 10);
		ns /= 10;
	}
	sink_write(sink, digits, sizeof(digits));
}

static void put_real(struct text *text, int64_t real_ns)
{
	int64_t second = real_ns / NS_PER_S;
	int64_t ns = real_ns % NS_PER_S;

	if (ns < 0) {
		ns += NS_PER_S;
		second--;
	}
	if (second != text->second || !text->stamp_length)
		set_second(text, second);
	sink_write(text->sink, text->stamp, text->stamp_length);
	put_nines(text->sink, (uint32_t)ns);
	sink_write(text->sink, text->zone, text->zone_length);
}

static void put_clock(struct text *text, uint64_t clock)
{
	put_real(text, flightrec_reader_real_ns(text->reader, clock));
}

/* Seconds from one clock to another, with nanoseconds. */
static void put_span(struct text *text, uint64_t from, uint64_t to)
{
	int64_t ns = flightrec_reader_mono_ns(text->reader, to) -
		     flightrec_reader_mono_ns(text->reader, from);

	if (ns < 0)
		ns = 0;
	sink_unsigned(text->sink, (uint64_t)ns / NS_PER_S);
	sink_char(text->sink, '.');
	put_nines(text->sink, (uint32_t)(ns % NS_PER_S));
}

static void put_name(struct text *text, const char *comm, uint32_t tid)
{
	sink_escaped(text->sink, comm, strlen(comm), "");
	sink_char(text->sink, '[');
	sink_unsigned(text->sink, tid);
	sink_char(text->sink, ']');
}

static void put_task(struct text *text, const struct front_thread *thread)
{
	put_name(text, thread->comm, thread->tid);
}

static void put_quoted(struct text *text, const char *bytes, size_t length)
{
	sink_char(text->sink, '"');
	sink_escaped(text->sink, bytes, length, "\"");
	sink_char(text->sink, '"');
}

static void put_signal(struct text *text, int number)
{
	const char *name = flightrec_signal_name(number);

	if (name) {
		sink_string(text->sink, name);
		return;
	}
	sink_string(text->sink, "signal ");
	sink_signed(text->sink, number);
}

/* ---- calls --------------------------------------------------------------- */

static void put_call_name(struct text *text, int32_t nr, bool compat,
			  const struct flightrec_call_name *name)
{
	if (compat)
		sink_string(text->sink, "compat ");
	if (name) {
		sink_string(text->sink, name->name);
		return;
	}
	sink_string(text->sink, "syscall_");
	sink_signed(text->sink, nr);
}

static void put_fd(struct text *text, int32_t fd)
{
	if (fd == -100)
		sink_string(text->sink, "AT_FDCWD");
	else
		sink_signed(text->sink, fd);
}

static void put_arg(struct text *text, char kind, uint64_t value)
{
	struct sink *sink = text->sink;

	switch ((enum flightrec_arg_kind)kind) {
	case FLIGHTREC_ARG_INT:
		sink_signed(sink, (int32_t)value);
		return;
	case FLIGHTREC_ARG_LONG:
		sink_signed(sink, (int64_t)value);
		return;
	case FLIGHTREC_ARG_SIZE:
		sink_unsigned(sink, value);
		return;
	case FLIGHTREC_ARG_FD:
		put_fd(text, (int32_t)value);
		return;
	case FLIGHTREC_ARG_OCTAL:
		sink_octal(sink, value);
		return;
	case FLIGHTREC_ARG_SIGNAL:
		put_signal(text, (int)value);
		return;
	case FLIGHTREC_ARG_POINTER:
		if (!value) {
			sink_string(sink, "NULL");
			return;
		}
		break;
	case FLIGHTREC_ARG_FLAGS:
		break;
	}
	sink_hex(sink, value);
}

/* What is not recorded shows as dots. An unknown call may have up to six. */
static void put_args(struct text *text, const struct front_call *call)
{
	const char *kinds = call->name ? call->name->args : "xxxxxx";
	size_t count = strlen(kinds);
	size_t known = call->nargs < count ? call->nargs : count;

	sink_char(text->sink, '(');
	for (size_t i = 0; i < known; i++) {
		if (i)
			sink_write(text->sink, ", ", 2);
		put_arg(text, kinds[i], call->args[i]);
	}
	if (known < count)
		sink_string(text->sink, known ? ", ..." : "...");
	sink_char(text->sink, ')');
}

static void put_call(struct text *text, const struct front_call *call)
{
	put_call_name(text, call->nr, call->compat, call->name);
	put_args(text, call);
}

static void put_result(struct text *text, int64_t result)
{
	const char *name = NULL;

	if (result < 0 && result >= -4095)
		name = flightrec_errno_name((int)-result);
	/* No count or number is that large: an address. */
	if (result > UINT32_MAX || result < INT32_MIN)
		sink_hex(text->sink, (uint64_t)result);
	else
		sink_signed(text->sink, result);
	if (name) {
		sink_char(text->sink, ' ');
		sink_string(text->sink, name);
	}
}

static void put_exit(struct text *text, const struct front_step *step)
{
	const struct front_call *call = step->call;

	put_call_name(text, call->nr, call->compat, call->name);
	sink_write(text->sink, " = ", 3);
	put_result(text, step->event->exit.result);
	if (!call->enter_known)
		return;
	sink_write(text->sink, " <", 2);
	put_span(text, call->enter_clock, step->event->clock);
	sink_char(text->sink, '>');
}

/* ---- threads ------------------------------------------------------------- */

static void put_switch(struct text *text, const struct front_step *step)
{
	uint8_t state = step->event->sched_switch.state;
	const char *name = flightrec_state_name(state);

	sink_string(text->sink, "sched_switch ");
	put_task(text, step->thread);
	sink_char(text->sink, ' ');
	sink_string(text->sink, name ? name : "?");
	sink_string(text->sink, " ==> ");
	put_task(text, step->other);
}

static void put_waking(struct text *text, const struct front_step *step)
{
	sink_string(text->sink, "waking ");
	put_task(text, step->other);
	if (step->event->waking.context == FLIGHTREC_CONTEXT_HARDIRQ)
		sink_string(text->sink, " in hardirq");
	else if (step->event->waking.context == FLIGHTREC_CONTEXT_SOFTIRQ)
		sink_string(text->sink, " in softirq");
}

static void put_newtask(struct text *text, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint16_t flags = event->newtask.flags;

	if (flags & FLIGHTREC_NEWTASK_KERNEL)
		sink_string(text->sink, "clone kernel thread ");
	else if (flags & FLIGHTREC_NEWTASK_THREAD)
		sink_string(text->sink, "clone thread ");
	else
		sink_string(text->sink, "fork ");
	if (step->other)
		put_task(text, step->other);
	sink_string(text->sink, " flags=");
	sink_hex(text->sink, event->newtask.clone_flags);
}

static void put_exec(struct text *text, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	sink_string(text->sink, "exec ");
	if (event->exec.flags & FLIGHTREC_EXEC_PATH_CUT)
		sink_string(text->sink, "...");
	sink_escaped(text->sink, event->exec.path, event->exec.path_length,
		     "");
	if (event->exec.old_tid == event->tid)
		return;
	sink_string(text->sink, " (was tid ");
	sink_unsigned(text->sink, event->exec.old_tid);
	sink_char(text->sink, ')');
}

static void put_task_exit(struct text *text, const struct front_step *step)
{
	uint32_t code = step->event->task_exit.code;
	uint16_t flags = step->event->task_exit.flags;

	if (code & 0x7f) {
		sink_string(text->sink, "killed by ");
		put_signal(text, code & 0x7f);
		if (code & 0x80)
			sink_string(text->sink, " (core dumped)");
	} else {
		sink_string(text->sink, "exit status ");
		sink_unsigned(text->sink, code >> 8 & 0xff);
	}
	if (flags & FLIGHTREC_TASK_EXIT_GROUP)
		sink_string(text->sink, ", the last of its process");
}

static void put_rename(struct text *text, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	sink_string(text->sink, "rename ");
	if (event->rename.tid != event->tid) {
		sink_char(text->sink, '[');
		sink_unsigned(text->sink, event->rename.tid);
		sink_write(text->sink, "] ", 2);
	}
	put_quoted(text, step->old_comm, strlen(step->old_comm));
	sink_string(text->sink, " -> ");
	put_quoted(text, event->rename.comm,
		   strnlen(event->rename.comm, event->rename.comm_length));
}

/* ---- signals, marks ------------------------------------------------------ */

static const char *code_name(int32_t code)
{
	switch (code) {
	case 0:
		return "SI_USER";
	case 0x80:
		return "SI_KERNEL";
	case -1:
		return "SI_QUEUE";
	case -2:
		return "SI_TIMER";
	case -3:
		return "SI_MESGQ";
	case -4:
		return "SI_ASYNCIO";
	case -5:
		return "SI_SIGIO";
	case -6:
		return "SI_TKILL";
	default:
		return NULL;
	}
}

static void put_code(struct text *text, int32_t code)
{
	const char *name = code_name(code);

	sink_string(text->sink, " code=");
	if (name)
		sink_string(text->sink, name);
	else
		sink_signed(text->sink, code);
}

static void put_signal_result(struct text *text, uint8_t result)
{
	static const char *const names[] = {
		[FLIGHTREC_SIGNAL_DELIVERED] = "",
		[FLIGHTREC_SIGNAL_IGNORED] = " ignored",
		[FLIGHTREC_SIGNAL_PENDING] = " already pending",
		[FLIGHTREC_SIGNAL_OVERFLOW] = " not queued",
		[FLIGHTREC_SIGNAL_LOST_INFO] = " without siginfo",
	};

	if (result < sizeof(names) / sizeof(names[0])) {
		sink_string(text->sink, names[result]);
		return;
	}
	sink_string(text->sink, " result=");
	sink_unsigned(text->sink, result);
}

static void put_signal_generate(struct text *text,
				const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	sink_string(text->sink, "signal ");
	put_signal(text, event->signal_generate.signal);
	sink_string(text->sink, " to ");
	if (event->signal_generate.group)
		sink_string(text->sink, "process of ");
	put_task(text, step->other);
	put_code(text, event->signal_generate.code);
	put_signal_result(text, event->signal_generate.result);
}

static void put_signal_deliver(struct text *text,
			       const struct front_step *step)
{
	static const char *const handlers[] = {
		[FLIGHTREC_HANDLER_DEFAULT] = " to default action",
		[FLIGHTREC_HANDLER_IGNORE] = " to be ignored",
		[FLIGHTREC_HANDLER_FUNCTION] = " to handler",
	};
	const struct flightrec_event *event = step->event;
	uint8_t handler = event->signal_deliver.handler;

	sink_string(text->sink, "deliver ");
	put_signal(text, event->signal_deliver.signal);
	if (handler < sizeof(handlers) / sizeof(handlers[0]))
		sink_string(text->sink, handlers[handler]);
	put_code(text, event->signal_deliver.code);
	sink_string(text->sink, " sa_flags=");
	sink_hex(text->sink, event->signal_deliver.sa_flags);
}

static void put_mark(struct text *text, const struct front_step *step)
{
	sink_string(text->sink, "mark ");
	put_quoted(text, step->event->mark.text, step->event->mark.length);
}

/* ---- the tape itself ----------------------------------------------------- */

static void put_lost(struct text *text, const struct front_step *step)
{
	uint64_t events = step->event->lost.events;

	sink_string(text->sink, "LOST ");
	if (events == UINT64_MAX)
		sink_string(text->sink, "events, not known how many,");
	else
		sink_unsigned(text->sink, events);
	if (events != UINT64_MAX)
		sink_string(text->sink, events == 1 ? " event" : " events");
	sink_string(text->sink, " of this CPU before here");
	if (step->event->lost.damaged)
		sink_string(text->sink, ": damage in the file");
}

static void put_gap(struct text *text, const struct front_step *step)
{
	sink_string(text->sink, "GAP recording was off for ");
	put_span(text, step->event->gap.from_clock, step->event->clock);
	sink_string(text->sink, " s before here");
}

/* ---- lines --------------------------------------------------------------- */

static void put_what(struct text *text, const struct front_step *step)
{
	switch (step->event->type) {
	case FLIGHTREC_EVENT_SWITCH:
		put_switch(text, step);
		break;
	case FLIGHTREC_EVENT_WAKING:
		put_waking(text, step);
		break;
	case FLIGHTREC_EVENT_ENTER:
		put_call(text, step->call);
		break;
	case FLIGHTREC_EVENT_EXIT:
		put_exit(text, step);
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		put_newtask(text, step);
		break;
	case FLIGHTREC_EVENT_EXEC:
		put_exec(text, step);
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		put_task_exit(text, step);
		break;
	case FLIGHTREC_EVENT_RENAME:
		put_rename(text, step);
		break;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
		put_signal_generate(text, step);
		break;
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		put_signal_deliver(text, step);
		break;
	case FLIGHTREC_EVENT_MARK:
		put_mark(text, step);
		break;
	case FLIGHTREC_EVENT_LOST:
		put_lost(text, step);
		break;
	case FLIGHTREC_EVENT_GAP:
		put_gap(text, step);
		break;
	case FLIGHTREC_EVENT_BEGIN:
		sink_string(text->sink, "BEGIN of this CPU's tape");
		break;
	}
}

/* Who it happened to, under the name that it had until then. */
static void put_who(struct text *text, const struct front_step *step)
{
	bool renamed = step->event->type == FLIGHTREC_EVENT_EXEC ||
		       (step->event->type == FLIGHTREC_EVENT_RENAME &&
			step->thread == step->other);

	if (renamed)
		put_name(text, step->old_comm, step->thread->tid);
	else
		put_task(text, step->thread);
}

static void put_line(struct text *text, const struct front_step *step)
{
	put_clock(text, step->event->clock);
	sink_write(text->sink, " [", 2);
	sink_padded(text->sink, step->event->cpu, 3);
	sink_write(text->sink, "] ", 2);
	put_who(text, step);
	sink_char(text->sink, ' ');
	put_what(text, step);
	sink_char(text->sink, '\n');
	text->events++;
}

/* ---- the lines before ---------------------------------------------------- */

static void put_utsname(struct text *text, const uint8_t *name)
{
	const char *bytes = (const char *)name;

	sink_char(text->sink, ' ');
	sink_escaped(text->sink, bytes, strnlen(bytes, FLIGHTREC_UTS_BYTES),
		     "");
}

static void put_reason(struct text *text, uint32_t reason)
{
	sink_string(text->sink, "# window: ");
	if (reason == FLIGHTREC_REASON_FREEZE)
		sink_string(text->sink, "frozen on request");
	else if (reason == FLIGHTREC_REASON_NONE)
		sink_string(text->sink, "taken for no given reason");
	else
		sink_printf(text->sink, "reason %u", reason);
}

static void put_what_window(struct text *text,
			    const struct flightrec_window *window)
{
	put_reason(text, window->reason);
	sink_string(text->sink, ", cut at ");
	put_real(text, (int64_t)window->cut_real_ns);
	sink_string(text->sink, ", recording since ");
	put_clock(text, window->start_clock);
	sink_string(text->sink, "\n# kernel: Linux");
	put_utsname(text, window->nodename);
	put_utsname(text, window->release);
	put_utsname(text, window->version_text);
	put_utsname(text, window->machine);
	sink_printf(text->sink,
		    "\n# recorded: %s%slives, signals, marks; "
		    "arguments of a call: %u; rings: %llu bytes\n",
		    front_knows_sched(text->front) ? "scheduling, " : "",
		    front_knows_calls(text->front) ? "calls, " : "",
		    window->args, (unsigned long long)window->ring_bytes);
}

static void put_since(struct text *text, uint64_t clock)
{
	put_clock(text, clock);
	sink_string(text->sink, ", ");
	put_span(text, clock, front_window(text->front)->cut_clock);
	sink_string(text->sink, " s before the cut\n");
}

static void put_cpus(struct text *text)
{
	size_t count = flightrec_reader_cpus(text->reader);
	struct flightrec_window_cpu cpu;

	for (size_t i = 0; i < count; i++) {
		flightrec_reader_cpu(text->reader, i, &cpu);
		if (!cpu.blocks)
			continue;
		sink_printf(text->sink,
			    "# cpu %u: %llu events since the start, %llu lost, "
			    "held since ",
			    cpu.cpu, (unsigned long long)cpu.events,
			    (unsigned long long)cpu.lost_events);
		put_since(text, cpu.complete_clock);
	}
}

static void put_completeness(struct text *text,
			     const struct flightrec_window *window)
{
	sink_string(text->sink, "# complete on all CPUs since ");
	put_since(text, window->complete_clock);
	sink_string(text->sink, "# names complete since ");
	if (window->names_clock)
		put_since(text, window->names_clock);
	else
		sink_string(text->sink, "the beginning\n");
	sink_printf(text->sink, "# lost: %llu events, %llu targets\n",
		    (unsigned long long)window->lost_events,
		    (unsigned long long)window->missed_targets);
}

static void put_target(struct text *text,
		       const struct flightrec_window_target *target)
{
	const char *comm = (const char *)target->comm;

	sink_string(text->sink, "# target: ");
	switch (target->kind) {
	case FLIGHTREC_TARGET_TID:
		sink_printf(text->sink, "thread %llu",
			    (unsigned long long)target->id);
		break;
	case FLIGHTREC_TARGET_TGID:
		sink_printf(text->sink, "process %llu",
			    (unsigned long long)target->id);
		break;
	case FLIGHTREC_TARGET_COMM:
		sink_string(text->sink, "name ");
		put_quoted(text, comm, strnlen(comm, FLIGHTREC_COMM_BYTES));
		break;
	default:
		sink_printf(text->sink, "kind %u, %llu", target->kind,
			    (unsigned long long)target->id);
	}
	if (target->flags & FLIGHTREC_TARGET_FOLLOW)
		sink_string(text->sink, ", with what it creates");
	sink_char(text->sink, '\n');
}

static void put_head(struct text *text)
{
	const struct flightrec_window *window = front_window(text->front);
	size_t targets = flightrec_reader_targets(text->reader);
	struct flightrec_window_target target;

	put_what_window(text, window);
	put_cpus(text);
	put_completeness(text, window);
	for (size_t i = 0; i < targets; i++) {
		flightrec_reader_target(text->reader, i, &target);
		put_target(text, &target);
	}
	if (!flightrec_reader_whole(text->reader))
		sink_string(text->sink,
			    "# cut short: the file has no end marker\n");
}

/* ---- the lines after ----------------------------------------------------- */

static void put_in_flight(struct text *text, const struct front_thread *thread)
{
	const struct front_call *call = &thread->call;
	uint64_t cut = front_window(text->front)->cut_clock;

	sink_string(text->sink, "# in flight: ");
	put_task(text, thread);
	sink_char(text->sink, ' ');
	put_call(text, call);
	sink_string(text->sink, call->enter_known ? " for " : " for at least ");
	put_span(text, call->enter_clock, cut);
	sink_string(text->sink, " s\n");
}

static void put_damages(struct text *text)
{
	size_t count = flightrec_reader_damages(text->reader);
	const struct flightrec_damage *damage;

	for (size_t i = 0; i < count; i++) {
		damage = flightrec_reader_damage(text->reader, i);
		sink_printf(text->sink, "# damage at byte %llu",
			    (unsigned long long)damage->offset);
		if (damage->cpu != UINT32_MAX)
			sink_printf(text->sink, ", cpu %u", damage->cpu);
		if (damage->events_known)
			sink_printf(text->sink, ", %llu events",
				    (unsigned long long)damage->events);
		sink_string(text->sink, ": ");
		sink_escaped(text->sink, damage->text,
			     strnlen(damage->text, sizeof(damage->text)), "");
		sink_char(text->sink, '\n');
	}
}

static void put_tail(struct text *text)
{
	size_t count = front_threads(text->front);
	const struct front_thread *thread;

	for (size_t i = 0; i < count; i++) {
		thread = front_thread_at(text->front, i);
		if (thread->call.in == FRONT_CALL_IN)
			put_in_flight(text, thread);
	}
	put_damages(text);
	sink_printf(text->sink, "# end: %llu lines of events\n",
		    (unsigned long long)text->events);
}

/* ---- all of it ----------------------------------------------------------- */

static int put_events(struct text *text)
{
	struct front_step step;
	int ret;

	while ((ret = front_next(text->front, &step)) > 0) {
		if (!step.synthesized)
			put_line(text, &step);
		if (text->sink->error)
			return 0;
	}
	return ret;
}

static int text_encode(struct flightrec_reader *reader, struct sink *sink,
		       struct flightrec_error *error)
{
	struct text text = { .sink = sink, .reader = reader };
	int ret;

	ret = front_create(reader, 0, &text.front);
	if (ret < 0)
		return encoder_fail(error, ret, "begin to read the window");
	put_head(&text);
	ret = put_events(&text);
	if (ret == 0)
		put_tail(&text);
	front_destroy(text.front);
	if (ret < 0)
		return encoder_fail(error, ret, "read the window");
	ret = sink_flush(sink);
	if (ret < 0)
		return encoder_fail(error, ret, "write the text");
	return 0;
}

const struct encoder text_encoder = {
	.name = "text",
	.suffix = ".txt",
	.about = "one line an event, for grep and for reading",
	.encode = text_encode,
};
