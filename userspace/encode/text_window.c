// SPDX-License-Identifier: GPL-2.0
/*
 * The lines that tell of the window: what it is, before the events; what was in
 * flight and what is damaged, after them. See text.h.
 */
#include <stdio.h>
#include <string.h>

#include "firing.h"
#include "keep.h"
#include "text.h"

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
	else if (reason == FLIGHTREC_REASON_LIVE)
		sink_string(text->sink, "taken while recording went on");
	else if (reason == FLIGHTREC_REASON_SUSPEND)
		sink_string(text->sink, "frozen before the machine slept");
	else if (reason == FLIGHTREC_REASON_TRIGGER)
		sink_string(text->sink, "frozen by a trigger");
	else if (reason == FLIGHTREC_REASON_NONE)
		sink_string(text->sink, "taken for no given reason");
	else
		sink_printf(text->sink, "reason %u", reason);
}

/* What froze the recorder; or, of other windows, what fired last. */
static void put_firing(struct text *text, const struct flightrec_window *window)
{
	const struct flightrec_firing *firing = &window->firing;
	const struct flightrec_window_task *who;
	char comm[FLIGHTREC_COMM_BYTES + 1] = "<...>";
	char found[FIRING_BYTES];

	if (!firing->sequence)
		return;
	who = flightrec_reader_who(text->reader, firing->tid, firing->clock);
	if (who)
		snprintf(comm, sizeof(comm), "%.*s", FLIGHTREC_COMM_BYTES,
			 (const char *)who->comm);
	firing_describe(found, firing, (const char *)window->machine);
	sink_string(text->sink, "\n# fired: ");
	text_put_name(text, comm, firing->tid);
	sink_printf(text->sink, " %s, at ", found);
	text_put_clock(text, firing->clock);
	sink_printf(text->sink, " on cpu %u, trigger %u, firing %llu",
		    firing->cpu, firing->trigger,
		    (unsigned long long)firing->sequence);
}

static void put_what_window(struct text *text,
			    const struct flightrec_window *window)
{
	put_reason(text, window->reason);
	sink_string(text->sink, ", cut at ");
	text_put_real(text, (int64_t)window->cut_real_ns);
	sink_string(text->sink, ", recording since ");
	text_put_clock(text, window->start_clock);
	put_firing(text, window);
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
	text_put_clock(text, clock);
	sink_string(text->sink, ", ");
	text_put_span(text, clock, front_window(text->front)->cut_clock);
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
	if (flightrec_reader_overrun(text->reader))
		sink_printf(
			text->sink,
			"# written anew before they were read: %llu blocks\n",
			(unsigned long long)flightrec_reader_overrun(
				text->reader));
}

/* Says nothing where no age was asked for. */
static void put_keep(struct text *text)
{
	struct flightrec_keep keep;
	char words[KEEP_BYTES];

	flightrec_keep_of_reader(text->reader, &keep);
	if (keep.verdict == FLIGHTREC_KEEP_UNASKED)
		return;
	keep_describe(words, &keep);
	sink_printf(text->sink, "# keep: %s\n", words);
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
		text_put_quoted(text, comm,
				strnlen(comm, FLIGHTREC_COMM_BYTES));
		break;
	default:
		sink_printf(text->sink, "kind %u, %llu", target->kind,
			    (unsigned long long)target->id);
	}
	if (target->flags & FLIGHTREC_TARGET_FOLLOW)
		sink_string(text->sink, ", with what it creates");
	sink_char(text->sink, '\n');
}

void text_put_head(struct text *text)
{
	const struct flightrec_window *window = front_window(text->front);
	size_t targets = flightrec_reader_targets(text->reader);
	struct flightrec_window_target target;

	put_what_window(text, window);
	put_cpus(text);
	put_completeness(text, window);
	put_keep(text);
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
	text_put_task(text, thread);
	sink_char(text->sink, ' ');
	text_put_call(text, call);
	sink_string(text->sink, call->enter_known ? " for " : " for at least ");
	text_put_span(text, call->enter_clock, cut);
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

void text_put_tail(struct text *text)
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
