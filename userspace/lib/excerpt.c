// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The end of a window as a window: a reader is narrowed, which is to leave away
 * each CPU's oldest blocks, and what it still has can be written as a window.
 *
 * A block is taken or left as a whole, and copied as it is, damaged or not. It
 * ends where the next good header of its CPU says that its block was opened:
 * sequence numbers are not looked at, so blocks may be missing anywhere, or have
 * only a place in a live window. Tables are copied; the CPU table and the header are put right.
 *
 * What a damaged header says may only ever make a window longer: a clock that is
 * not between those of the blocks before it and the cut is no clock.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "reader.h"

/*
 * By so much a block's records may be later than the next block's clock: the
 * kernel's clock may step back by a little between two readings.
 */
#define CLOCK_JITTER 100000
/* Of a block on which the file ends, the rest is made up to this size. No
 * recorder has larger blocks. */
#define PAD_MAX	     (1U << 20)

/* ---- which blocks are kept ----------------------------------------------------- */

/**
 * struct edge - from where on a tape is kept
 * @first: the first block that is, counted from the tape's first
 * @clock: the latest that a header up to there was opened at
 * @next: the first block behind it of which it is known when it was opened;
 *	the tape's count: there is none
 * @next_clock: and when
 */
struct edge {
	uint64_t first;
	uint64_t clock;
	uint64_t next;
	uint64_t next_clock;
};

/* When a tape's block @i was opened; false if that is not known. */
static bool opened_at(struct flightrec_reader *reader,
		      const struct fr_tape *tape, uint64_t i, uint64_t *clock)
{
	uint64_t block = tape->entry.first_block + i;
	struct flightrec_block header;
	bool good = fr_tape_peek(reader, block, tape->cpu, &header);

	*clock = header.clock;
	fr_tape_release(reader, block);
	return good;
}

static void edge_look_ahead(struct flightrec_reader *reader,
			    const struct fr_tape *tape, struct edge *edge)
{
	while (++edge->next < tape->present) {
		if (opened_at(reader, tape, edge->next, &edge->next_clock) &&
		    edge->next_clock >= edge->clock &&
		    edge->next_clock <= reader->window.cut_clock)
			return;
	}
	edge->next = tape->present;
}

static void edge_init(struct flightrec_reader *reader,
		      const struct fr_tape *tape, struct edge *edge)
{
	memset(edge, 0, sizeof(*edge));
	if (!tape->present)
		return;
	if (!opened_at(reader, tape, 0, &edge->clock) ||
	    edge->clock > reader->window.cut_clock)
		edge->clock = 0;
	edge_look_ahead(reader, tape, edge);
}

static bool edge_can_step(const struct fr_tape *tape, const struct edge *edge)
{
	return edge->next < tape->present;
}

/* Leave away all up to the next block that is known. */
static void edge_step(struct flightrec_reader *reader,
		      const struct fr_tape *tape, struct edge *edge)
{
	edge->first = edge->next;
	edge->clock = edge->next_clock;
	edge_look_ahead(reader, tape, edge);
}

static struct edge *edges_create(struct flightrec_reader *reader)
{
	struct edge *edges = calloc(reader->tapes_count + 1, sizeof(*edges));
	size_t i;

	for (i = 0; edges && i < reader->tapes_count; i++)
		edge_init(reader, &reader->tapes[i], &edges[i]);
	return edges;
}

/* Leave away what ended before @clock. */
static void edges_step_to_clock(struct flightrec_reader *reader,
				struct edge *edges, uint64_t clock)
{
	size_t i;

	clock = clock > CLOCK_JITTER ? clock - CLOCK_JITTER : 0;
	for (i = 0; i < reader->tapes_count; i++) {
		const struct fr_tape *tape = &reader->tapes[i];

		while (edge_can_step(tape, &edges[i]) &&
		       edges[i].next_clock < clock)
			edge_step(reader, tape, &edges[i]);
	}
}

/* The tape whose oldest block ends first; the count of tapes if none can do
 * without it. */
static size_t oldest(const struct flightrec_reader *reader,
		     const struct edge *edges)
{
	size_t found = reader->tapes_count, i;

	for (i = 0; i < reader->tapes_count; i++) {
		if (!edge_can_step(&reader->tapes[i], &edges[i]))
			continue;
		if (found == reader->tapes_count ||
		    edges[i].next_clock < edges[found].next_clock)
			found = i;
	}
	return found;
}

static uint64_t edges_first(const struct flightrec_reader *reader,
			    const struct edge *edges)
{
	uint64_t blocks = 0;
	size_t i;

	for (i = 0; i < reader->tapes_count; i++)
		blocks += edges[i].first;
	return blocks;
}

/* Leave away the oldest until no more than @bytes are left. */
static int edges_step_to_bytes(struct flightrec_reader *reader,
			       struct edge *edges, uint64_t bytes,
			       struct flightrec_error *error)
{
	uint64_t whole = flightrec_reader_bytes(reader);
	uint64_t left = edges_first(reader, edges);
	uint64_t before;

	while (whole - left * reader->block_stride > bytes) {
		size_t i = oldest(reader, edges);

		if (i == reader->tapes_count)
			return flightrec_error_set(
				error, -E2BIG, FLIGHTREC_NO_OFFSET,
				"%" PRIu64
				" bytes are too few: the tables and the newest block of each CPU take %" PRIu64,
				bytes, whole - left * reader->block_stride);
		before = edges[i].first;
		edge_step(reader, &reader->tapes[i], &edges[i]);
		left += edges[i].first - before;
	}
	return 0;
}

/* Only the place of a block of a live window that was written anew? */
static bool is_overrun(const struct flightrec_reader *reader, uint64_t block)
{
	struct flightrec_block header;
	bool there = fr_reader_entry(reader, &reader->window.blocks, block,
				     &header, sizeof(header));

	fr_tape_release(reader, block);
	return there && le32toh(header.magic) == FLIGHTREC_BLOCK_OVERRUN_MAGIC;
}

/* Those that are left away count no more. */
static void forget_overrun(struct flightrec_reader *reader,
			   const struct fr_tape *tape, uint64_t blocks)
{
	uint64_t i;

	for (i = 0; i < blocks && reader->overrun; i++)
		if (is_overrun(reader, tape->entry.first_block + i))
			reader->overrun--;
}

static void edges_apply(struct flightrec_reader *reader,
			const struct edge *edges)
{
	size_t i;

	for (i = 0; i < reader->tapes_count; i++) {
		struct fr_tape *tape = &reader->tapes[i];

		if (!edges[i].first)
			continue;
		forget_overrun(reader, tape, edges[i].first);
		tape->entry.first_block += edges[i].first;
		tape->entry.blocks -= edges[i].first;
		tape->present -= edges[i].first;
		if (tape->entry.complete_clock < edges[i].clock)
			tape->entry.complete_clock = edges[i].clock;
		if (reader->window.complete_clock < edges[i].clock)
			reader->window.complete_clock = edges[i].clock;
		/* What is left away says nothing of the budget. */
		reader->window.keep_ns = 0;
	}
	flightrec_reader_rewind(reader);
}

/* ---- the instant that is wanted ------------------------------------------------- */

/* The last tick that is not later than @mono_ns. */
static uint64_t clock_at(const struct flightrec_reader *reader, int64_t mono_ns)
{
	uint64_t low = 0, high = reader->window.cut_clock;

	while (low < high) {
		uint64_t middle = high - (high - low) / 2;

		if (flightrec_reader_mono_ns(reader, middle) <= mono_ns)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static uint64_t clock_of_last(const struct flightrec_reader *reader,
			      uint64_t last_ns)
{
	int64_t cut =
		flightrec_reader_mono_ns(reader, reader->window.cut_clock);

	/* Longer ago than the machine runs: everything. */
	if (cut < 0 || last_ns >= (uint64_t)cut)
		return 1;
	return clock_at(reader, cut - (int64_t)last_ns);
}

static bool begins_with(const struct flightrec_event *event,
			const struct flightrec_excerpt *excerpt)
{
	return event->mark.length >= excerpt->mark_length &&
	       !memcmp(event->mark.text, excerpt->mark, excerpt->mark_length);
}

/* Set *clock to the newest mark's that begins as it should. */
static int find_mark(struct flightrec_reader *reader,
		     const struct flightrec_excerpt *excerpt, uint64_t *clock,
		     struct flightrec_error *error)
{
	struct flightrec_event event;
	bool found = false;
	int more;

	flightrec_reader_rewind(reader);
	while ((more = flightrec_reader_next(reader, &event)) > 0) {
		if (event.type != FLIGHTREC_EVENT_MARK ||
		    !begins_with(&event, excerpt))
			continue;
		*clock = event.clock;
		found = true;
	}
	flightrec_reader_rewind(reader);
	if (more < 0)
		return flightrec_error_set(error, more, FLIGHTREC_NO_OFFSET,
					   "cannot look for a mark: %s",
					   strerror(-more));
	if (found)
		return 0;
	return flightrec_error_set(error, -ENOENT, FLIGHTREC_NO_OFFSET,
				   "no mark in the window begins with \"%.*s\"",
				   (int)excerpt->mark_length, excerpt->mark);
}

static int find_instant(struct flightrec_reader *reader,
			struct flightrec_excerpt *excerpt,
			struct flightrec_error *error)
{
	uint64_t clock = 0;
	int code;

	excerpt->since_clock = 0;
	if (excerpt->last_ns)
		excerpt->since_clock = clock_of_last(reader, excerpt->last_ns);
	if (!excerpt->mark)
		return 0;
	code = find_mark(reader, excerpt, &clock, error);
	if (!code && (!excerpt->since_clock || clock < excerpt->since_clock))
		excerpt->since_clock = clock;
	return code;
}

/**
 * flightrec_reader_narrow() - leave away what is too old
 * @reader: the window; from now on it has less: what its CPUs hold, since when it
 *	is complete and its events are those of the excerpt. It is rewound.
 * @excerpt: how much is wanted; since_clock is filled in
 * @error: filled in on an error; may be NULL
 *
 * Blocks are left away as wholes, so that all that happened from since_clock on is
 * kept, as far as the window had it, and something of what was before. A header's
 * complete_clock that is later than since_clock says that this was not all there,
 * or that max_bytes did not allow it. Each CPU keeps its newest block at least.
 *
 * Return: 0; -ENOENT: no such mark; -E2BIG: max_bytes are too few; -ENOMEM. After
 * an error the reader is as it was, but rewound.
 */
int flightrec_reader_narrow(struct flightrec_reader *reader,
			    struct flightrec_excerpt *excerpt,
			    struct flightrec_error *error)
{
	struct edge *edges;
	int code = find_instant(reader, excerpt, error);

	if (code)
		return code;
	edges = edges_create(reader);
	if (!edges)
		return flightrec_error_set(error, -ENOMEM, FLIGHTREC_NO_OFFSET,
					   "no memory to look at the blocks");
	if (excerpt->since_clock)
		edges_step_to_clock(reader, edges, excerpt->since_clock);
	if (excerpt->max_bytes)
		code = edges_step_to_bytes(reader, edges, excerpt->max_bytes,
					   error);
	if (!code)
		edges_apply(reader, edges);
	free(edges);
	return code;
}

/* ---- writing ---------------------------------------------------------------------- */

/**
 * struct writing - a window being written
 * @reader: from where
 * @write: takes the bytes, for @to
 * @to: the caller's
 * @tables: of the reader
 * @standing: its tapes, in the order in which their blocks are written
 * @header: of the new window, in little endian
 * @code: the first error
 */
struct writing {
	struct flightrec_reader *reader;
	flightrec_write_function write;
	void *to;
	struct fr_table tables[FR_TABLES];
	const struct fr_tape **standing;
	struct flightrec_window header;
	int code;
};

static void put(struct writing *writing, const void *bytes, uint64_t length)
{
	if (!writing->code && length)
		writing->code =
			writing->write(writing->to, bytes, (size_t)length);
}

/* How many blocks of a tape can be written: not one whose size is a fancy of the
 * file and whose end is not in it. */
static uint64_t tape_blocks(const struct flightrec_reader *reader,
			    const struct fr_tape *tape)
{
	uint64_t end = tape->entry.first_block + tape->present;

	if (tape->present && reader->block_stride > PAD_MAX &&
	    reader->source.length - reader->window.blocks.offset <
		    end * reader->block_stride)
		return tape->present - 1;
	return tape->present;
}

/* A CPU table that could not be used is left out: the blocks say it all. */
static bool cpus_known(const struct flightrec_reader *reader)
{
	return reader->tapes_count && reader->tapes[0].entry_known;
}

/* How many entries of a table are to be written. */
static uint64_t table_count(const struct flightrec_reader *reader,
			    const struct fr_table *table)
{
	uint64_t blocks = 0;
	size_t i;

	if (table->section == &reader->window.cpus)
		return cpus_known(reader) ? reader->tapes_count : 0;
	if (table->section != &reader->window.blocks)
		return table->section->count;
	for (i = 0; i < reader->tapes_count; i++)
		blocks += tape_blocks(reader, &reader->tapes[i]);
	return blocks;
}

/* Entries may be longer than we know them; those of the CPUs are made anew. */
static uint32_t table_entry_bytes(const struct flightrec_reader *reader,
				  const struct fr_table *table, uint64_t count)
{
	if (table->section == &reader->window.blocks && !count)
		return reader->window.block_bytes;
	if (table->section == &reader->window.cpus || !count)
		return table->entry_bytes;
	return table->section->entry_bytes;
}

/* Where the new header has the section of @table. */
static struct flightrec_section *new_section(struct writing *writing,
					     const struct fr_table *table)
{
	size_t at = (size_t)((const char *)table->section -
			     (const char *)&writing->reader->window);

	return (struct flightrec_section *)((char *)&writing->header + at);
}

/* The header of what is to be written. */
static void writing_init(struct writing *writing,
			 struct flightrec_reader *reader)
{
	struct flightrec_window *header = &writing->header;
	uint64_t at = sizeof(*header);
	size_t i;

	memset(writing, 0, sizeof(*writing));
	writing->reader = reader;
	fr_reader_tables(reader, writing->tables);
	/* An older one is shorter; what it does not have is zero. */
	memcpy(header, reader->source.bytes,
	       fr_reader_header_bytes(reader->window.header_bytes));
	for (i = 0; i < FR_TABLES; i++) {
		const struct fr_table *table = &writing->tables[i];
		struct flightrec_section *section = new_section(writing, table);
		uint64_t count = table_count(reader, table);
		uint32_t entry = table_entry_bytes(reader, table, count);

		section->offset = htole64(at);
		section->count = htole64(count);
		section->entry_bytes = htole32(entry);
		section->reserved = 0;
		at += count * entry;
	}
	at += sizeof(struct flightrec_window_end);
	header->header_bytes = htole32(sizeof(*header));
	header->window_bytes = htole64(at);
	header->complete_clock = htole64(reader->window.complete_clock);
	header->keep_ns = htole64(reader->window.keep_ns);
}

static int by_first_block(const void *a, const void *b)
{
	const struct fr_tape *left = *(const struct fr_tape *const *)a;
	const struct fr_tape *right = *(const struct fr_tape *const *)b;

	return (left->entry.first_block > right->entry.first_block) -
	       (left->entry.first_block < right->entry.first_block);
}

/*
 * By the numbers of their CPUs, as the new CPU table has them. Where there is none a
 * tape is told by the first block that names its CPU: then tapes stay where they
 * stood, lest a damaged header that names another CPU come before that one's own.
 */
static int writing_order(struct writing *writing)
{
	const struct flightrec_reader *reader = writing->reader;
	size_t i, count = reader->tapes_count;

	writing->standing = calloc(count + 1, sizeof(*writing->standing));
	if (!writing->standing)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		writing->standing[i] = &reader->tapes[i];
	if (!cpus_known(reader))
		qsort(writing->standing, count, sizeof(*writing->standing),
		      by_first_block);
	return 0;
}

static void put_cpus(struct writing *writing)
{
	const struct flightrec_reader *reader = writing->reader;
	uint64_t first = 0;
	size_t i;

	for (i = 0; cpus_known(reader) && i < reader->tapes_count; i++) {
		const struct fr_tape *tape = &reader->tapes[i];
		uint64_t blocks = tape_blocks(reader, tape);
		struct flightrec_window_cpu entry = {
			.cpu = htole32(tape->entry.cpu),
			.tid = htole32(tape->entry.tid),
			.first_block = htole64(first),
			.blocks = htole64(blocks),
			.complete_clock = htole64(tape->entry.complete_clock),
			.events = htole64(tape->entry.events),
			.lost_events = htole64(tape->entry.lost_events),
		};

		put(writing, &entry, sizeof(entry));
		first += blocks;
	}
}

static void put_table(struct writing *writing, const struct fr_table *table)
{
	const struct flightrec_section *section = table->section;

	/* It lies within the file, and so does not overflow. */
	if (section->count)
		put(writing, writing->reader->source.bytes + section->offset,
		    section->count * section->entry_bytes);
}

/*
 * In place of what is not there: a word that ends every record before it and is
 * none, lest a text that was cut off be taken for a whole one; then nothing.
 */
static void put_rest(struct writing *writing, uint64_t length)
{
	static const char zeros[4096];
	uint64_t word = htole64(FLIGHTREC_WORD_TEXT);

	put(writing, &word, sizeof(word));
	for (length -= sizeof(word); length > sizeof(zeros);
	     length -= sizeof(zeros))
		put(writing, zeros, sizeof(zeros));
	put(writing, zeros, length);
}

static void put_block(struct writing *writing, uint64_t block)
{
	const struct flightrec_reader *reader = writing->reader;
	uint64_t offset = reader->window.blocks.offset +
			  block * reader->block_stride;
	uint64_t there = reader->source.length - offset;

	if (there >= reader->block_stride) {
		put(writing, reader->source.bytes + offset,
		    reader->block_stride);
	} else {
		there = there / 8 * 8;
		put(writing, reader->source.bytes + offset, there);
		put_rest(writing, reader->block_stride - there);
	}
	fr_tape_release(reader, block);
}

static void put_blocks(struct writing *writing)
{
	const struct flightrec_reader *reader = writing->reader;
	uint64_t block;
	size_t i;

	/* Without memory for that there is no order, but an error already. */
	for (i = 0; i < reader->tapes_count && !writing->code; i++) {
		const struct fr_tape *tape = writing->standing[i];
		uint64_t first = tape->entry.first_block;
		uint64_t end = first + tape_blocks(reader, tape);

		for (block = first; block < end && !writing->code; block++)
			put_block(writing, block);
	}
}

static void put_end(struct writing *writing)
{
	struct flightrec_window_end end = {
		.window_bytes = writing->header.window_bytes,
	};

	memcpy(end.magic, FLIGHTREC_WINDOW_END_MAGIC, sizeof(end.magic));
	put(writing, &end, sizeof(end));
}

/**
 * flightrec_reader_write() - write a window
 * @reader: it; what it was narrowed to is what is written
 * @write: called with the bytes, in order
 * @to: handed on to @write
 * @error: filled in on an error; may be NULL
 *
 * What is written can be read as any window, and was cut at the same instant. Of a
 * window that is damaged all that the reader has is there, damaged blocks as they
 * are; it ends with an end marker even if the file was cut short. Nanoseconds of
 * its events are those of the reader up to what few blocks tell less of a clock
 * than many.
 *
 * Return: 0, -ENOMEM, or what @write returned.
 */
int flightrec_reader_write(struct flightrec_reader *reader,
			   flightrec_write_function write, void *to,
			   struct flightrec_error *error)
{
	struct writing writing;
	size_t i;

	writing_init(&writing, reader);
	writing.write = write;
	writing.to = to;
	writing.code = writing_order(&writing);
	put(&writing, &writing.header, sizeof(writing.header));
	put_cpus(&writing);
	for (i = FR_TABLE_CPUS + 1; i < FR_TABLE_BLOCKS; i++)
		put_table(&writing, &writing.tables[i]);
	put_blocks(&writing);
	put_end(&writing);
	free(writing.standing);
	if (writing.code)
		return flightrec_error_set(error, writing.code,
					   FLIGHTREC_NO_OFFSET,
					   "cannot write the window: %s",
					   strerror(-writing.code));
	return 0;
}

/**
 * flightrec_reader_bytes() - how much flightrec_reader_write() writes
 * @reader: the window
 *
 * Return: a length in bytes.
 */
uint64_t flightrec_reader_bytes(struct flightrec_reader *reader)
{
	struct writing writing;

	writing_init(&writing, reader);
	return le64toh(writing.header.window_bytes);
}
