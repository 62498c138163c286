// SPDX-License-Identifier: GPL-2.0
/*
 * Perfetto's native format: a file of packets, most of them bundles of one
 * CPU's events as the kernel's ftrace has them, which ui.perfetto.dev and
 * trace_processor_shell turn into slices and states.
 *
 * What its readers need and the recorder's events do not say by themselves
 * comes from the front end (see front.h). Besides:
 *
 *  - stamps are of CLOCK_BOOTTIME; within a CPU they never fall;
 *  - a task in a state that is not known any more is put to state I (idle), the
 *    one that a thread of user space is hardly ever in;
 *  - a system call of a 32-bit caller goes by the number of the native call of
 *    that name; where there is none it becomes a slice of its own, by print
 *    events "B|process|name (32-bit)" and "E|process";
 *  - the local timer's interrupt becomes one of a device, of its vector's number:
 *    of that kind the viewer makes slices;
 *  - a mark is an instant on a child track of its thread's; a scope is a slice on
 *    another, of which there are as many as scopes are open at once, since they
 *    need not lie within each other;
 *  - a process' first thread is ended with the last of all, as the kernel does:
 *    the viewer ends the whole process with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "perfetto.h"

/* ---- signals ------------------------------------------------------------- */

static void put_signal_generate(struct perfetto *p,
				const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct protobuf *chunk;

	chunk = perfetto_event_begin(p, event->cpu, perfetto_tid(step->thread),
				     p->now, EVENT_SIGNAL_GENERATE);
	if (!chunk)
		return;
	protobuf_number(chunk, 1,
			(uint64_t)(int64_t)event->signal_generate.code);
	perfetto_put_comm(chunk, 2, step->other);
	protobuf_number(chunk, 3, event->signal_generate.group);
	protobuf_number(chunk, 4, perfetto_tid(step->other));
	protobuf_number(chunk, 5, event->signal_generate.result);
	protobuf_number(chunk, 6, event->signal_generate.signal);
	perfetto_event_end(p);
}

static void put_signal_deliver(struct perfetto *p,
			       const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct protobuf *chunk;

	chunk = perfetto_event_begin(p, event->cpu, perfetto_tid(step->thread),
				     p->now, EVENT_SIGNAL_DELIVER);
	if (!chunk)
		return;
	protobuf_number(chunk, 1,
			(uint64_t)(int64_t)event->signal_deliver.code);
	protobuf_number(chunk, 2, event->signal_deliver.sa_flags);
	protobuf_number(chunk, 3, event->signal_deliver.signal);
	perfetto_event_end(p);
}

/* ---- interrupts ---------------------------------------------------------- */

/* In an interrupt, where softirqs run: in both the interrupted task is told. */
static struct protobuf *begin_irq(struct perfetto *p,
				  const struct front_step *step, uint8_t kind,
				  enum event_field softirq,
				  enum event_field handler)
{
	return perfetto_event_begin(
		p, step->event->cpu, perfetto_tid(step->thread), p->now,
		kind == FLIGHTREC_IRQ_SOFTIRQ ? softirq : handler);
}

static void put_irq_entry(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint8_t kind = event->irq_entry.kind;
	struct protobuf *chunk;

	chunk = begin_irq(p, step, kind, EVENT_SOFTIRQ_ENTRY,
			  EVENT_IRQ_HANDLER_ENTRY);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, event->irq_entry.number);
	if (kind == FLIGHTREC_IRQ_LOCAL_TIMER)
		protobuf_bytes(chunk, 2, "local timer", strlen("local timer"));
	else if (kind != FLIGHTREC_IRQ_SOFTIRQ)
		protobuf_string(chunk, 2, event->irq_entry.name,
				event->irq_entry.name_length);
	perfetto_event_end(p);
}

static void put_irq_exit(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint8_t kind = event->irq_exit.kind;
	struct protobuf *chunk;

	chunk = begin_irq(p, step, kind, EVENT_SOFTIRQ_EXIT,
			  EVENT_IRQ_HANDLER_EXIT);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, event->irq_exit.number);
	if (kind != FLIGHTREC_IRQ_SOFTIRQ)
		protobuf_number(chunk, 2,
				kind != FLIGHTREC_IRQ_DEVICE ||
					event->irq_exit.flags &
						FLIGHTREC_IRQ_HANDLED);
	perfetto_event_end(p);
}

/* ---- steps --------------------------------------------------------------- */

static int make_notes(struct perfetto *p, size_t count)
{
	size_t room = p->notes_count ? p->notes_count : 256;
	struct note *notes;

	if (count <= p->notes_count)
		return 0;
	while (room < count)
		room *= 2;
	notes = reallocarray(p->notes, room, sizeof(*notes));
	if (!notes)
		return -ENOMEM;
	memset(notes + p->notes_count, 0,
	       (room - p->notes_count) * sizeof(*notes));
	p->notes = notes;
	p->notes_count = room;
	return 0;
}

/*
 * Who turns up: who was born in the window is told by its birth, who was there
 * before is in the first tree, unless another one has had its tid there.
 */
static void note_threads(struct perfetto *p)
{
	size_t count = front_threads(p->front);
	const struct front_thread *thread;

	p->error = make_notes(p, count);
	while (!p->error && p->threads_seen < count) {
		thread = front_thread_at(p->front, p->threads_seen++);
		if (thread->tid && !thread->born &&
		    (thread->previous || p->renumbered))
			perfetto_put_thread(p, thread, p->now);
	}
}

static void put_exit(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	perfetto_put_exit(p, event->cpu, step->thread, step->thread->tid,
			  step->call,
			  step->synthesized ? NULL : &event->exit.result);
}

static void put_event(struct perfetto *p, const struct front_step *step)
{
	switch (step->event->type) {
	case FLIGHTREC_EVENT_SWITCH:
		perfetto_put_switch(p, step);
		break;
	case FLIGHTREC_EVENT_WAKING:
		perfetto_put_waking(p, step);
		break;
	case FLIGHTREC_EVENT_ENTER:
		perfetto_put_enter(p, step->event->cpu, step->thread,
				   step->call);
		break;
	case FLIGHTREC_EVENT_EXIT:
		put_exit(p, step);
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		perfetto_put_newtask(p, step);
		break;
	case FLIGHTREC_EVENT_EXEC:
		perfetto_put_exec(p, step);
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		perfetto_note_exit(p, step->thread);
		break;
	case FLIGHTREC_EVENT_RENAME:
		perfetto_put_rename(p, step, step->other);
		break;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
		put_signal_generate(p, step);
		break;
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		put_signal_deliver(p, step);
		break;
	case FLIGHTREC_EVENT_MARK:
		perfetto_put_mark(p, step);
		break;
	case FLIGHTREC_EVENT_IRQ_ENTRY:
		put_irq_entry(p, step);
		break;
	case FLIGHTREC_EVENT_IRQ_EXIT:
		put_irq_exit(p, step);
		break;
	case FLIGHTREC_EVENT_MIGRATE: /* who waits for which CPU is not shown */
	case FLIGHTREC_EVENT_LOST:
	case FLIGHTREC_EVENT_GAP:
		perfetto_note_loss(p, step->event->cpu);
		break;
	case FLIGHTREC_EVENT_BEGIN:
		break;
	}
}

static void put_step(struct perfetto *p, const struct front_step *step)
{
	p->now = perfetto_boot_ns(p, step->event->clock);
	if (p->threads_seen < front_threads(p->front))
		note_threads(p);
	if (step->old_tid && !p->error)
		perfetto_put_renumbering(p, step);
	if (!p->error)
		put_event(p, step);
}

/* ---- all of it ----------------------------------------------------------- */

static int put_steps(struct perfetto *p)
{
	struct front_step step;
	int ret;

	while ((ret = front_next(p->front, &step)) > 0) {
		put_step(p, &step);
		if (p->error || p->sink->error)
			return p->error;
	}
	perfetto_put_bundles(p);
	return ret < 0 ? ret : p->error;
}

static int check_cpus(const struct front *front, struct flightrec_error *error)
{
	size_t count = front_cpus(front);

	for (size_t i = 0; i < count; i++) {
		uint32_t cpu = front_cpu_at(front, i)->cpu;

		if (cpu < PERFETTO_CPUS)
			continue;
		error->code = -EOVERFLOW;
		error->offset = FLIGHTREC_NO_OFFSET;
		snprintf(error->text, sizeof(error->text),
			 "Perfetto reads CPUs up to %u; the window has CPU %u",
			 PERFETTO_CPUS - 1, cpu);
		return -EOVERFLOW;
	}
	return 0;
}

static int put_trace(struct perfetto *p, struct flightrec_error *error)
{
	int ret = check_cpus(front_foreseen(p->front), error);

	if (ret < 0)
		return ret;
	perfetto_put_clocks(p);
	if (!p->error)
		perfetto_put_system(p);
	if (!p->error)
		perfetto_put_tree(p);
	ret = p->error;
	if (ret == 0)
		ret = put_steps(p);
	if (ret < 0)
		return encoder_fail(error, ret, "make the trace");
	ret = sink_flush(p->sink);
	return ret < 0 ? encoder_fail(error, ret, "write the trace") : 0;
}

static void perfetto_destroy(struct perfetto *p)
{
	for (size_t i = 0; i < PERFETTO_CPUS; i++)
		protobuf_deinit(&p->bundles[i].events);
	protobuf_deinit(&p->packet);
	front_destroy(p->front);
	scopes_deinit(&p->scopes);
	free(p->notes);
	free(p);
}

static int perfetto_encode(struct flightrec_reader *reader, struct sink *sink,
			   struct flightrec_error *error)
{
	struct perfetto *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return encoder_fail(error, -ENOMEM, "make the trace");
	p->sink = sink;
	p->reader = reader;
	p->window = flightrec_reader_window(reader);
	ret = front_create(reader, FRONT_FORESEE, &p->front);
	if (ret < 0)
		encoder_fail(error, ret, "read the window");
	else
		ret = put_trace(p, error);
	perfetto_destroy(p);
	return ret;
}

const struct encoder perfetto_encoder = {
	.name = "perfetto",
	.suffix = ".pftrace",
	.type = "application/x-protobuf",
	.about = "for ui.perfetto.dev and trace_processor_shell",
	.encode = perfetto_encode,
};
