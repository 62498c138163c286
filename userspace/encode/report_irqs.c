// SPDX-License-Identifier: GPL-2.0
/* When interrupts had a CPU. See report_irqs.h. */
#include "report_irqs.h"
#include "report_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A task's softirqs, a device's interrupt, and more than there can be. */
#define DEPTH_MAX 8
/* As many are told apart: more than a machine has. */
#define IRQS_MAX  1024

/**
 * struct spell - an interrupt had a CPU, none within it
 * @from: since when, in ticks
 * @to: until when
 * @irq: which one
 */
struct spell {
	uint64_t from;
	uint64_t to;
	uint32_t irq;
};

/**
 * struct open_irq - an interrupt that has begun and not ended
 * @kind: as in its IRQ_ENTRY
 * @number: likewise
 * @irq: which one
 */
struct open_irq {
	uint8_t kind;
	uint32_t number;
	uint32_t irq;
};

/**
 * struct report_irqs_cpu - the interrupts of one CPU
 * @spells: they, in the order of time; none overlaps another
 * @count: how many
 * @room: how many there is room for
 * @open: those that have begun and not ended, the innermost last
 * @depth: how many
 * @deeper: how many more are within those, not told apart
 * @since: up to where the innermost one's time is told
 * @seen: when something was last recorded there
 */
struct report_irqs_cpu {
	struct spell *spells;
	size_t count;
	size_t room;
	struct open_irq open[DEPTH_MAX];
	unsigned int depth;
	unsigned int deeper;
	uint64_t since;
	uint64_t seen;
};

static struct report_irqs_cpu *find_cpu(const struct report_irqs *irqs,
					uint32_t cpu)
{
	size_t index = flightrec_reader_cpu_index(irqs->reader, cpu);

	return index < flightrec_reader_cpus(irqs->reader) ?
		       &irqs->cpus[index] :
		       NULL;
}

int report_irqs_init(struct report_irqs *irqs,
		     const struct flightrec_reader *reader)
{
	irqs->reader = reader;
	irqs->cpus =
		calloc(flightrec_reader_cpus(reader) + 1, sizeof(*irqs->cpus));
	return irqs->cpus ? 0 : -ENOMEM;
}

void report_irqs_deinit(struct report_irqs *irqs)
{
	free(irqs->irqs);
	if (!irqs->cpus)
		return;
	for (size_t i = 0; i < flightrec_reader_cpus(irqs->reader); i++)
		free(irqs->cpus[i].spells);
	free(irqs->cpus);
}

/* ---- which interrupt ----------------------------------------------------- */

static bool is_same(const struct report_irq *a, const struct report_irq *b)
{
	return a->kind == b->kind && a->number == b->number &&
	       a->name_length == b->name_length &&
	       !memcmp(a->name, b->name, a->name_length);
}

/* The number of @irq, which may be new. 0 or -ENOMEM. */
static int number_of(struct report_irqs *irqs, const struct report_irq *irq,
		     uint32_t *number)
{
	uint32_t room = irqs->room ? irqs->room * 2 : 16;
	struct report_irq *grown;

	for (*number = 0; *number < irqs->count; (*number)++) {
		if (is_same(&irqs->irqs[*number], irq))
			return 0;
	}
	if (irqs->count == IRQS_MAX) {
		*number = IRQS_MAX - 1;
		return 0;
	}
	if (irqs->count == irqs->room) {
		grown = reallocarray(irqs->irqs, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		irqs->irqs = grown;
		irqs->room = room;
	}
	irqs->irqs[irqs->count] = *irq;
	if (++irqs->count == IRQS_MAX)
		irqs->irqs[IRQS_MAX - 1].kind = REPORT_IRQ_OTHERS;
	return 0;
}

static bool is_exit_of(const struct open_irq *open,
		       const struct flightrec_event *event)
{
	return open->kind == event->irq_exit.kind &&
	       open->number == event->irq_exit.number;
}

/* ---- spells -------------------------------------------------------------- */

static int add_spell(struct report_irqs_cpu *cpu, uint32_t irq, uint64_t from,
		     uint64_t to)
{
	size_t room = cpu->room ? cpu->room * 2 : 64;
	struct spell *grown;

	if (to <= from)
		return 0;
	if (cpu->count == cpu->room) {
		grown = reallocarray(cpu->spells, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		cpu->spells = grown;
		cpu->room = room;
	}
	cpu->spells[cpu->count++] = (struct spell){ from, to, irq };
	return 0;
}

/* Up to @clock the innermost one had the CPU, if there is one. */
static int tell_innermost(struct report_irqs_cpu *cpu, uint64_t clock)
{
	int ret = 0;

	if (cpu->depth)
		ret = add_spell(cpu, cpu->open[cpu->depth - 1].irq, cpu->since,
				clock);
	cpu->since = clock;
	return ret;
}

static int note_entry(struct report_irqs *irqs, struct report_irqs_cpu *cpu,
		      const struct flightrec_event *event)
{
	struct report_irq irq = {
		.kind = event->irq_entry.kind,
		.number = event->irq_entry.number,
		.name_length = event->irq_entry.name_length,
	};
	int ret = tell_innermost(cpu, event->clock);
	struct open_irq *open = &cpu->open[cpu->depth];

	if (cpu->depth == DEPTH_MAX) {
		cpu->deeper++;
		return ret;
	}
	memcpy(irq.name, event->irq_entry.name, irq.name_length);
	open->kind = irq.kind;
	open->number = irq.number;
	if (ret == 0)
		ret = number_of(irqs, &irq, &open->irq);
	cpu->depth += ret == 0;
	return ret;
}

/*
 * It had begun before interrupts were recorded there. So it has gone on since then
 * at least, or since the last record if that is later.
 */
static int note_bare_exit(struct report_irqs *irqs, struct report_irqs_cpu *cpu,
			  const struct flightrec_event *event)
{
	const struct report_irq irq = {
		.kind = event->irq_exit.kind,
		.number = event->irq_exit.number,
	};
	uint32_t number;
	int ret;

	/* By the name that it has elsewhere. */
	for (number = 0; number < irqs->count; number++) {
		if (irqs->irqs[number].kind == irq.kind &&
		    irqs->irqs[number].number == irq.number)
			break;
	}
	ret = number == irqs->count ? number_of(irqs, &irq, &number) : 0;
	if (ret < 0)
		return ret;
	return add_spell(cpu, number,
			 cpu->seen > irqs->awaited ? cpu->seen : irqs->awaited,
			 event->clock);
}

/* What is within the one that ends has ended unrecorded. */
static int note_exit(struct report_irqs *irqs, struct report_irqs_cpu *cpu,
		     const struct flightrec_event *event)
{
	unsigned int depth = cpu->depth;
	int ret;

	if (cpu->deeper) {
		cpu->deeper--;
		return 0;
	}
	if (!depth)
		return note_bare_exit(irqs, cpu, event);
	while (depth && !is_exit_of(&cpu->open[depth - 1], event))
		depth--;
	if (!depth)
		return 0;
	ret = tell_innermost(cpu, event->clock);
	cpu->depth = depth - 1;
	return ret;
}

/* Whatever had begun there has ended, or it is not known what became of it. */
static void forget(struct report_irqs_cpu *cpu)
{
	cpu->depth = 0;
	cpu->deeper = 0;
}

/* ---- steps --------------------------------------------------------------- */

static bool begins_wait(const struct flightrec_event *event)
{
	return event->type == FLIGHTREC_EVENT_MIGRATE ||
	       (event->type == FLIGHTREC_EVENT_WAKING &&
		event->waking.flags & FLIGHTREC_WAKING_WAKEE_TARGET);
}

int report_irqs_step(struct report_irqs *irqs, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct report_irqs_cpu *cpu = find_cpu(irqs, event->cpu);
	int ret = 0;

	if (step->synthesized || !cpu)
		return 0;
	if (begins_wait(event))
		irqs->awaited = event->clock;
	switch (event->type) {
	case FLIGHTREC_EVENT_IRQ_ENTRY:
		ret = note_entry(irqs, cpu, event);
		break;
	case FLIGHTREC_EVENT_IRQ_EXIT:
		ret = note_exit(irqs, cpu, event);
		break;
	/*
	 * In an interrupt nothing is switched to. (PREEMPT_RT: a softirq's thread
	 * can be; the rest of it is told as the thread's.)
	 */
	case FLIGHTREC_EVENT_SWITCH:
	case FLIGHTREC_EVENT_LOST:
	case FLIGHTREC_EVENT_GAP:
		forget(cpu);
		break;
	default:
		break;
	}
	cpu->seen = event->clock;
	return ret;
}

int report_irqs_finish(struct report_irqs *irqs, uint64_t cut)
{
	size_t count = flightrec_reader_cpus(irqs->reader);
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++)
		ret = tell_innermost(&irqs->cpus[i], cut);
	return ret;
}

/* ---- looking them up ----------------------------------------------------- */

/* The first one that ends after @clock. */
static size_t find_spell(const struct report_irqs_cpu *cpu, uint64_t clock)
{
	size_t low = 0, high = cpu->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cpu->spells[middle].to > clock)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void report_irqs_between(const struct report_irqs *irqs, uint32_t cpu_number,
			 uint64_t from, uint64_t to,
			 report_irqs_function function, void *context)
{
	const struct report_irqs_cpu *cpu = find_cpu(irqs, cpu_number);

	if (!cpu)
		return;
	for (size_t i = find_spell(cpu, from); i < cpu->count; i++) {
		const struct spell *spell = &cpu->spells[i];

		if (spell->from >= to)
			return;
		function(context, spell->irq,
			 spell->from > from ? spell->from : from,
			 spell->to < to ? spell->to : to);
	}
}

struct sum {
	const struct flightrec_reader *reader;
	uint64_t ns;
};

static void add_to_sum(void *context, uint32_t irq, uint64_t from, uint64_t to)
{
	struct sum *sum = context;

	(void)irq;
	sum->ns += report_between(flightrec_reader_mono_ns(sum->reader, from),
				  flightrec_reader_mono_ns(sum->reader, to));
}

uint64_t report_irqs_ns(const struct report_irqs *irqs, uint32_t cpu,
			uint64_t from, uint64_t to)
{
	struct sum sum = { .reader = irqs->reader };

	report_irqs_between(irqs, cpu, from, to, add_to_sum, &sum);
	return sum.ns;
}

void report_put_irq(struct sink *sink, const struct report_irq *irq)
{
	const char *name = NULL;

	switch (irq->kind) {
	case FLIGHTREC_IRQ_LOCAL_TIMER:
		sink_string(sink, "the local timer's interrupt");
		return;
	case REPORT_IRQ_OTHERS:
		sink_string(sink, "other interrupts");
		return;
	case FLIGHTREC_IRQ_SOFTIRQ:
		name = flightrec_softirq_name(irq->number);
		sink_string(sink, "softirq ");
		break;
	default:
		sink_string(sink, "interrupt ");
	}
	if (name)
		sink_string(sink, name);
	else
		sink_unsigned(sink, irq->number);
	if (!irq->name_length)
		return;
	sink_string(sink, " (");
	sink_escaped(sink, irq->name, irq->name_length, "");
	sink_char(sink, ')');
}
