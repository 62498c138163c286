/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A window of which every event is known: what was put into it, where. So
 * that a test can damage it and say what must still come out.
 *
 * The truth is kept as the window is built; the decoder has no part in it.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>

#include "libflightrec.h"
#include "window_builder.h"

#define LEDGER_CPUS 3

/* ---- choices --------------------------------------------------------------- */

/**
 * struct dice - where choices come from: bytes while there are any, then chance
 * @state: of chance
 * @bytes: those of a fuzzer; may be NULL
 * @left: how many
 */
struct dice {
	uint64_t state;
	const uint8_t *bytes;
	size_t left;
};

/* A number less than @limit, which is not 0. */
uint64_t dice_roll(struct dice *dice, uint64_t limit);

/* ---- the window ------------------------------------------------------------ */

/**
 * struct ledger_event - an event that was recorded
 * @cpu: index of its CPU, less than LEDGER_CPUS
 * @block: of that CPU's blocks in the window, from 0
 * @clock: when
 * @sum: event_sum() of it
 */
struct ledger_event {
	unsigned int cpu;
	size_t block;
	uint64_t clock;
	uint64_t sum;
};

/**
 * struct ledger_loss - events that the recorder could not store
 * @cpu: index of its CPU
 * @block: the block whose header tells; as many as there are: the CPU table
 * @events: how many
 */
struct ledger_loss {
	unsigned int cpu;
	size_t block;
	uint64_t events;
};

/**
 * struct ledger - a window and the truth about it
 * @b: the window; finished
 * @cpus: how many there are
 * @numbers: of the CPUs, by index
 * @dropped: of each CPU's blocks, overwritten before the window was taken
 * @events: in the order in which they were recorded, those in the window
 * @count: of @events
 * @losses: in order, of each CPU those told in the window
 * @losses_count: of @losses
 */
struct ledger {
	struct window_builder b;
	unsigned int cpus;
	uint32_t numbers[LEDGER_CPUS];
	size_t dropped[LEDGER_CPUS];
	struct ledger_event *events;
	size_t count;
	struct ledger_loss *losses;
	size_t losses_count;

	uint64_t clock;
};

/* Build a window by chance; the same for the same @seed. */
void ledger_init(struct ledger *ledger, uint64_t seed);
void ledger_deinit(struct ledger *ledger);

#endif /* LEDGER_H */
