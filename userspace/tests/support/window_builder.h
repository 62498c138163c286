/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Builds whole windows in memory, for tests: the module's encoder makes the
 * records, and blocks, TIME and CURRENT words are as the contract says.
 *
 *	struct window_builder b;
 *	struct fr_record record;
 *
 *	window_builder_init(&b);
 *	window_builder_task(&b, 100, "first");
 *	fr_record_switch(&record, 200, FLIGHTREC_STATE_SLEEPING, 0);
 *	window_builder_emit(&b, 0, 5000, 100, &record);
 *	window_builder_finish(&b, 9000);
 *	flightrec_reader_from_memory(b.bytes, b.length, &reader, NULL);
 *	...
 *	flightrec_reader_destroy(reader);
 *	window_builder_deinit(&b);
 *
 * To plant a defect: change b.bytes after window_builder_finish(), with the help
 * of window_builder_block_at() and b.header's sections; or give the reader less
 * than b.length. The bytes are malloc'ed, so that a sanitizer sees who reads
 * past their end if a test hands on a copy of the right length.
 *
 * It aborts when it is used wrongly. Little-endian hosts only.
 */
#ifndef WINDOW_BUILDER_H
#define WINDOW_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/flightrec.h>

#include "record.h"

struct window_builder_cpu;

/**
 * struct window_builder - a window being built
 * @header: of the window; what a test cares about it may set before the first
 *	record: clock, clock_khz, start_clock, start_mono_ns, block_bytes, args,
 *	machine and so on; header_bytes, of a version before or after this one.
 *	window_builder_finish() fills in sections, sizes, the
 *	cut's clocks, complete_clock, cpus_possible and lost_events.
 * @longer: so many bytes, each 0xee, are behind every entry of a table, as a later
 *	version may have them; to be set before the window is finished
 * @bytes: the window, after window_builder_finish()
 * @length: of @bytes
 *
 * The rest is the builder's own.
 */
struct window_builder {
	struct flightrec_window header;
	uint32_t longer;
	uint8_t *bytes;
	size_t length;

	bool spills;
	struct window_builder_cpu *cpus;
	size_t cpus_count;
	struct flightrec_window_task *tasks;
	size_t tasks_count;
	struct flightrec_window_call *calls;
	size_t calls_count;
	struct flightrec_window_target *targets;
	size_t targets_count;
};

/* CLOCK_MONO, started at 1000, blocks of 4096 bytes, one argument, x86_64. */
void window_builder_init(struct window_builder *b);
void window_builder_deinit(struct window_builder *b);

/* A CPU is there as soon as it is used; this adds one that records nothing. */
void window_builder_cpu(struct window_builder *b, uint32_t cpu);

/* Record @record on @cpu at @clock, while @tid runs there (for a switch: the
 * one that leaves). Clocks of one CPU must not fall. */
void window_builder_emit(struct window_builder *b, uint32_t cpu, uint64_t clock,
			 uint32_t tid, const struct fr_record *record);
/* Append a word as it is, to the block that is open. */
void window_builder_word(struct window_builder *b, uint32_t cpu, uint64_t word);

/* Begin a block on @cpu. Emitting does so by itself when one is full. */
void window_builder_block(struct window_builder *b, uint32_t cpu,
			  uint64_t clock, uint32_t tid);
/* @events could not be stored: the next block (the table, if there is none)
 * counts them. The next record begins that block. */
void window_builder_lost(struct window_builder *b, uint32_t cpu,
			 uint64_t events);
/* Recording was off from @from_clock up to the next record, which begins a
 * block. */
void window_builder_gap(struct window_builder *b, uint32_t cpu,
			uint64_t from_clock);
/* Forget block @i of @cpu, from 0, as if it had been overwritten or lost. */
void window_builder_drop(struct window_builder *b, uint32_t cpu, size_t i);

/* Add an entry and return it, to be changed; valid until the next one is added.
 * The task lives at the cut, is its own process and was born at the start. */
struct flightrec_window_task *
window_builder_task(struct window_builder *b, uint32_t tid, const char *comm);
struct flightrec_window_call *window_builder_call(struct window_builder *b,
						  uint32_t tid, int32_t nr,
						  uint64_t enter_clock);
struct flightrec_window_target *
window_builder_target(struct window_builder *b, uint32_t kind, uint64_t id);

/* Put the window together, with its cut at @cut_clock. May be done again. */
void window_builder_finish(struct window_builder *b, uint64_t cut_clock);

/*
 * Of a window that memory does not hold: before the first record, say that full
 * blocks go to files without names (tmpfile()). None can be dropped then,
 * and window_builder_write() takes the place of window_builder_finish(): the
 * window goes to @fd, @bytes stays NULL.
 */
void window_builder_spill(struct window_builder *b);
void window_builder_write(struct window_builder *b, uint64_t cut_clock, int fd);

/* CLOCK_MONOTONIC at @clock, by the header's start and clock_khz. */
uint64_t window_builder_mono_ns(const struct window_builder *b, uint64_t clock);
/* In the finished window: the header of block @i of @cpu, from 0; how many. */
struct flightrec_block *window_builder_block_at(struct window_builder *b,
						uint32_t cpu, size_t i);
size_t window_builder_blocks(const struct window_builder *b, uint32_t cpu);
/* In the finished window, a live one: block @i of @cpu was written anew before it was
 * read; its place tells @clock, when it had been opened, 0: that is not known. */
void window_builder_overrun(struct window_builder *b, uint32_t cpu, size_t i,
			    uint64_t clock);
/* In the finished window: entry @i of a section of b->header. */
void *window_builder_entry(struct window_builder *b,
			   const struct flightrec_section *section, size_t i);

#endif /* WINDOW_BUILDER_H */
