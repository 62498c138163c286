/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When interrupts had a CPU: so that what they took can be told from what the thread
 * took that they interrupted. Of interrupts within each other each has the time in
 * which it is the innermost. All of the window are kept: of each a few words, as many
 * as it has on the tape.
 */
#ifndef REPORT_IRQS_H
#define REPORT_IRQS_H

#include "front.h"
#include "sink.h"

/* More than are told apart. */
#define REPORT_IRQ_OTHERS 0xff

/**
 * struct report_irq - an interrupt
 * @kind: FLIGHTREC_IRQ_*; REPORT_IRQ_OTHERS
 * @number: its number
 * @name_length: of @name
 * @name: its handler's; empty: it has none, or its IRQ_ENTRY was never recorded
 */
struct report_irq {
	uint8_t kind;
	uint32_t number;
	size_t name_length;
	char name[FLIGHTREC_IRQ_NAME_MAX];
};

struct report_irqs_cpu;

/**
 * struct report_irqs - all interrupts of a window
 * @reader: the window; converts times, and knows the CPUs
 * @cpus: one a CPU, by the reader's index
 * @irqs: which interrupts there are
 * @count: how many
 * @room: how many there is room for
 * @awaited: when a target began to wait for a CPU last, wherever: where that is the
 *	one, interrupts are recorded since then
 */
struct report_irqs {
	const struct flightrec_reader *reader;
	struct report_irqs_cpu *cpus;
	struct report_irq *irqs;
	uint32_t count;
	uint32_t room;
	uint64_t awaited;
};

/* Returns 0 or -ENOMEM; deinit either way. */
int report_irqs_init(struct report_irqs *irqs,
		     const struct flightrec_reader *reader);
void report_irqs_deinit(struct report_irqs *irqs);

/* Note what a step of the front end says. Returns 0 or -ENOMEM. */
int report_irqs_step(struct report_irqs *irqs, const struct front_step *step);
/* The window ends at @cut, in ticks. */
int report_irqs_finish(struct report_irqs *irqs, uint64_t cut);

/* Interrupt number @irq of @irqs had the CPU from @from to @to, in ticks. */
typedef void (*report_irqs_function)(void *context, uint32_t irq, uint64_t from,
				     uint64_t to);

/* Those on @cpu from @from to @to, in ticks, a call each, the first one first. */
void report_irqs_between(const struct report_irqs *irqs, uint32_t cpu,
			 uint64_t from, uint64_t to,
			 report_irqs_function function, void *context);
/* How long they had it in all, in ns. */
uint64_t report_irqs_ns(const struct report_irqs *irqs, uint32_t cpu,
			uint64_t from, uint64_t to);

/* "interrupt 24 (virtio0-req.0)", "softirq NET_RX", "the local timer's interrupt" */
void report_put_irq(struct sink *sink, const struct report_irq *irq);

#endif /* REPORT_IRQS_H */
