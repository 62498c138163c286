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
#include <string.h>

#include "formats.h"
#include "text.h"
#include "words.h"

/* ---- returns from calls -------------------------------------------------- */

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

	text_put_call_name(text, call);
	sink_write(text->sink, " = ", 3);
	put_result(text, step->event->exit.result);
	if (!call->enter_known)
		return;
	sink_write(text->sink, " <", 2);
	text_put_span(text, call->enter_clock, step->event->clock);
	sink_char(text->sink, '>');
}

/* ---- threads ------------------------------------------------------------- */

static void put_switch(struct text *text, const struct front_step *step)
{
	uint8_t state = step->event->sched_switch.state;
	const char *name = flightrec_state_name(state);

	sink_string(text->sink, "sched_switch ");
	text_put_task(text, step->thread);
	sink_char(text->sink, ' ');
	sink_string(text->sink, name ? name : "?");
	sink_string(text->sink, " ==> ");
	text_put_task(text, step->other);
}

static void put_waking(struct text *text, const struct front_step *step)
{
	sink_string(text->sink, "waking ");
	text_put_task(text, step->other);
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
		text_put_task(text, step->other);
	sink_string(text->sink, " flags=");
	sink_hex(text->sink, event->newtask.clone_flags);
}

static void put_exec(struct text *text, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	sink_string(text->sink, "exec ");
	if (event->exec.flags & FLIGHTREC_EXEC_PATH_CUT)
		sink_string(text->sink, "...");
	sink_escaped(text->sink, event->exec.path, event->exec.path_length, "");
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
		words_put_signal(text->sink, code & 0x7f);
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
	text_put_quoted(text, step->old_comm, strlen(step->old_comm));
	sink_string(text->sink, " -> ");
	text_put_quoted(text, event->rename.comm,
			strnlen(event->rename.comm, event->rename.comm_length));
}

/* ---- signals, marks ------------------------------------------------------ */

static void put_code(struct text *text, int32_t code)
{
	const char *name = words_code_name(code);

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
	words_put_signal(text->sink, event->signal_generate.signal);
	sink_string(text->sink, " to ");
	if (event->signal_generate.group)
		sink_string(text->sink, "process of ");
	text_put_task(text, step->other);
	put_code(text, event->signal_generate.code);
	put_signal_result(text, event->signal_generate.result);
}

static void put_signal_deliver(struct text *text, const struct front_step *step)
{
	static const char *const handlers[] = {
		[FLIGHTREC_HANDLER_DEFAULT] = " to default action",
		[FLIGHTREC_HANDLER_IGNORE] = " to be ignored",
		[FLIGHTREC_HANDLER_FUNCTION] = " to handler",
	};
	const struct flightrec_event *event = step->event;
	uint8_t handler = event->signal_deliver.handler;

	sink_string(text->sink, "deliver ");
	words_put_signal(text->sink, event->signal_deliver.signal);
	if (handler < sizeof(handlers) / sizeof(handlers[0]))
		sink_string(text->sink, handlers[handler]);
	put_code(text, event->signal_deliver.code);
	sink_string(text->sink, " sa_flags=");
	sink_hex(text->sink, event->signal_deliver.sa_flags);
}

/* A begin, or an end with how long it has been. */
static void put_scope(struct text *text, const struct front_step *step,
		      const struct scope_step *scope)
{
	const struct flightrec_scope *mark = &scope->mark;

	sink_string(text->sink, mark->begins ? "begin " : "end ");
	sink_escaped(text->sink, mark->key, mark->key_length, "");
	if (mark->text_length) {
		sink_char(text->sink, ' ');
		text_put_quoted(text, mark->text, mark->text_length);
	}
	if (mark->begins)
		return;
	sink_string(text->sink, " <");
	text_put_span(text, scope->begin_clock, step->event->clock);
	sink_char(text->sink, '>');
}

static void put_mark(struct text *text, const struct front_step *step)
{
	struct scope_step scope;
	int is_scope = scopes_step(&text->scopes, step->thread->index,
				   step->event, &scope);

	sink_string(text->sink, "mark ");
	if (is_scope > 0)
		put_scope(text, step, &scope);
	else
		text_put_quoted(text, step->event->mark.text,
				step->event->mark.length);
	if (is_scope < 0)
		text->sink->error = is_scope;
}

/* ---- interrupts, moves --------------------------------------------------- */

/* As the kernel's tracepoints have it. */
static void put_irq(struct text *text, uint8_t kind, uint32_t number,
		    const char *what)
{
	const char *name = NULL;

	switch (kind) {
	case FLIGHTREC_IRQ_DEVICE:
		sink_string(text->sink, "irq_handler_");
		break;
	case FLIGHTREC_IRQ_SOFTIRQ:
		sink_string(text->sink, "softirq_");
		name = flightrec_softirq_name(number);
		break;
	case FLIGHTREC_IRQ_LOCAL_TIMER:
		sink_string(text->sink, "local_timer_");
		break;
	default:
		sink_string(text->sink, "interrupt_");
	}
	sink_string(text->sink, what);
	sink_char(text->sink, ' ');
	if (name)
		sink_string(text->sink, name);
	else
		sink_unsigned(text->sink, number);
}

static void put_irq_entry(struct text *text,
			  const struct flightrec_event *event)
{
	put_irq(text, event->irq_entry.kind, event->irq_entry.number, "entry");
	if (!event->irq_entry.name_length)
		return;
	sink_char(text->sink, ' ');
	text_put_quoted(text, event->irq_entry.name,
			event->irq_entry.name_length);
}

static void put_irq_exit(struct text *text, const struct flightrec_event *event)
{
	put_irq(text, event->irq_exit.kind, event->irq_exit.number, "exit");
	if (event->irq_exit.kind == FLIGHTREC_IRQ_DEVICE)
		sink_string(text->sink,
			    event->irq_exit.flags & FLIGHTREC_IRQ_HANDLED ?
				    " handled" :
				    " unhandled");
}

static void put_migrate(struct text *text, const struct front_step *step)
{
	sink_string(text->sink, "migrate ");
	text_put_task(text, step->other);
	sink_string(text->sink, " to CPU ");
	sink_unsigned(text->sink, step->event->migrate.cpu);
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
	if (step->event->lost.overrun)
		sink_string(text->sink, ": written anew before they were read");
}

static void put_gap(struct text *text, const struct front_step *step)
{
	sink_string(text->sink, "GAP recording was off for ");
	text_put_span(text, step->event->gap.from_clock, step->event->clock);
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
		text_put_call(text, step->call);
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
	case FLIGHTREC_EVENT_IRQ_ENTRY:
		put_irq_entry(text, step->event);
		break;
	case FLIGHTREC_EVENT_IRQ_EXIT:
		put_irq_exit(text, step->event);
		break;
	case FLIGHTREC_EVENT_MIGRATE:
		put_migrate(text, step);
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
		text_put_name(text, step->old_comm, step->thread->tid);
	else
		text_put_task(text, step->thread);
}

static void put_line(struct text *text, const struct front_step *step)
{
	text_put_clock(text, step->event->clock);
	sink_write(text->sink, " [", 2);
	sink_padded(text->sink, step->event->cpu, 3);
	sink_write(text->sink, "] ", 2);
	put_who(text, step);
	sink_char(text->sink, ' ');
	put_what(text, step);
	sink_char(text->sink, '\n');
	text->events++;
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
	text_put_head(&text);
	ret = put_events(&text);
	if (ret == 0)
		text_put_tail(&text);
	front_destroy(text.front);
	scopes_deinit(&text.scopes);
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
	.type = "text/plain; charset=utf-8",
	.about = "one line an event, for grep and for reading",
	.encode = text_encode,
};
