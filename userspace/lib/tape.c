// SPDX-License-Identifier: LGPL-2.1-only
/*
 * One CPU's tape: its blocks, one after the other, and what their headers tell
 * (a beginning, losses, gaps). What is in a block is decode.c's.
 *
 * A block that cannot be read costs that block alone. What it held is told from
 * the next block's cumulative count. So it is with one of a live window that was
 * written anew before it was read; that is no damage, and a place is kept for it.
 * Clocks of the two blocks that follow bound a block's records, but of a live window's;
 * two, so that one bad header does not cost its neighbour.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "reader.h"

#define HEADER_BYTES   sizeof(struct flightrec_block)
/* More CPUs than any kernel can be built for. */
#define CPUS_MAX       65536
/* The kernel's clock may step back by a little between two readings. */
#define CLOCK_JITTER   100000
/*
 * Writers that were at it when the window was cut have all left by then: half a
 * minute, more or less, of any clock. And how exact the two clocks of a block's
 * header are to each other.
 */
#define AFTER_CUT_MAX  (1ULL << 36)
#define PAIR_JITTER_NS 10000000
/* Times are kept this far from the end of 64 bits: adding 27 is then safe. */
#define CLOCK_MAX      (UINT64_MAX - (1ULL << (FLIGHTREC_WORD_TIME_BITS + 1)))

/* ---- block headers -------------------------------------------------------- */

static void block_to_host(struct flightrec_block *block)
{
	block->magic = le32toh(block->magic);
	block->cpu = le32toh(block->cpu);
	block->seq = le64toh(block->seq);
	block->clock = le64toh(block->clock);
	block->mono_ns = le64toh(block->mono_ns);
	block->events = le64toh(block->events);
	block->lost_events = le64toh(block->lost_events);
	block->gap_clock = le64toh(block->gap_clock);
	block->tid = le32toh(block->tid);
	block->used = le32toh(block->used);
}

/* Only for a block that is present, which makes it free of overflow. */
static uint64_t block_offset(const struct flightrec_reader *reader,
			     uint64_t block)
{
	return reader->window.blocks.offset + block * reader->block_stride;
}

/*
 * @block was read for now: what was mapped of it may go. Who walks through blocks
 * calls this behind each, be it only for their headers: around what is read the
 * kernel maps more, up to whole blocks.
 */
void fr_tape_release(const struct flightrec_reader *reader, uint64_t block)
{
	fr_source_release(&reader->source, block_offset(reader, block),
			  reader->block_stride);
}

static const char *block_fault(const struct flightrec_reader *reader,
			       const struct flightrec_block *header)
{
	if (header->magic != FLIGHTREC_BLOCK_MAGIC)
		return "expected a block's magic";
	if (header->used < HEADER_BYTES || header->used > reader->block_stride)
		return "impossible number of bytes in use";
	if (header->used % 8)
		return "bytes in use are no multiple of 8";
	return NULL;
}

/* Read a header; returns what is wrong with it, or NULL. */
static const char *block_read(const struct flightrec_reader *reader,
			      uint64_t block, struct flightrec_block *header)
{
	if (!fr_reader_entry(reader, &reader->window.blocks, block, header,
			     HEADER_BYTES))
		return "the file ends within its header";
	block_to_host(header);
	return block_fault(reader, header);
}

/* The header of @block if it is a good one of @cpu. */
bool fr_tape_peek(const struct flightrec_reader *reader, uint64_t block,
		  uint32_t cpu, struct flightrec_block *header)
{
	return !block_read(reader, block, header) && header->cpu == cpu;
}

/*
 * The header of @block of @cpu, or of its place in a live window, if it was written
 * anew before it was read; of that only seq and clock are told.
 */
bool fr_tape_place(const struct flightrec_reader *reader, uint64_t block,
		   uint32_t cpu, struct flightrec_block *header)
{
	return fr_tape_peek(reader, block, cpu, header) ||
	       (header->magic == FLIGHTREC_BLOCK_OVERRUN_MAGIC &&
		header->cpu == cpu);
}

/* ---- which blocks are whose ------------------------------------------------ */

/*
 * How many blocks have at least their header in the file. Sets the count of
 * the section to that, and the stride.
 */
static void count_blocks(struct flightrec_reader *reader)
{
	struct flightrec_section *blocks = &reader->window.blocks;
	uint64_t length = reader->source.length;
	uint64_t there = 0;

	reader->block_stride = blocks->entry_bytes;
	if (!blocks->count)
		return;
	if (blocks->entry_bytes != reader->window.block_bytes)
		fr_reader_damage(reader, UINT32_MAX, blocks->offset,
				 "blocks of %u bytes stand %u bytes apart",
				 reader->window.block_bytes,
				 blocks->entry_bytes);
	if (blocks->offset < length) {
		uint64_t room = length - blocks->offset;

		there = room / blocks->entry_bytes;
		if (room % blocks->entry_bytes >= HEADER_BYTES)
			there++;
	}
	if (there >= blocks->count)
		return;
	fr_reader_damage(reader, UINT32_MAX, blocks->offset,
			 "the beginning of %llu of %llu blocks is there",
			 (unsigned long long)there,
			 (unsigned long long)blocks->count);
	blocks->count = there;
}

static void entry_to_host(struct flightrec_window_cpu *entry)
{
	entry->cpu = le32toh(entry->cpu);
	entry->tid = le32toh(entry->tid);
	entry->first_block = le64toh(entry->first_block);
	entry->blocks = le64toh(entry->blocks);
	entry->complete_clock = le64toh(entry->complete_clock);
	entry->events = le64toh(entry->events);
	entry->lost_events = le64toh(entry->lost_events);
}

static int by_cpu(const void *a, const void *b)
{
	const struct fr_tape *left = a, *right = b;

	return (left->cpu > right->cpu) - (left->cpu < right->cpu);
}

static int by_first_block(const void *a, const void *b)
{
	const struct flightrec_window_cpu *left =
		&((const struct fr_tape *)a)->entry;
	const struct flightrec_window_cpu *right =
		&((const struct fr_tape *)b)->entry;

	if (left->first_block != right->first_block)
		return left->first_block < right->first_block ? -1 : 1;
	return (left->blocks > right->blocks) - (left->blocks < right->blocks);
}

/* Does the table have a tape for @cpu? */
static bool is_listed(const struct flightrec_reader *reader, uint32_t cpu)
{
	size_t i;

	for (i = 0; i < reader->tapes_count; i++)
		if (reader->tapes[i].cpu == cpu)
			return true;
	return false;
}

/**
 * struct strangers - good headers in tapes of which no header bears the CPU
 * @tapes: how many such tapes
 * @headers: how many in the one that has most
 * @cpu: whom the last of them names
 */
struct strangers {
	size_t tapes;
	uint64_t headers;
	uint32_t cpu;
};

static void count_strangers(const struct flightrec_reader *reader,
			    const struct flightrec_window_cpu *entry,
			    struct strangers *strangers)
{
	struct flightrec_block header;
	uint64_t headers = 0;
	uint32_t cpu = 0;
	uint64_t i;

	for (i = 0; i < entry->blocks; i++) {
		uint64_t block = entry->first_block + i;
		const char *fault;

		if (block >= reader->window.blocks.count)
			break;
		fault = block_read(reader, block, &header);
		fr_tape_release(reader, block);
		if (fault)
			continue;
		if (header.cpu == entry->cpu)
			return;
		cpu = header.cpu;
		headers++;
	}
	if (!headers)
		return;
	strangers->tapes++;
	strangers->cpu = cpu;
	if (strangers->headers < headers)
		strangers->headers = headers;
}

/*
 * Blocks name other CPUs than the table: which of the two is damaged? One header
 * that names a CPU which the table has elsewhere is a damaged one. If it names
 * one that the table does not have, either may be, and then the blocks are to be
 * believed: so none is left out.
 */
static bool table_errs(const struct flightrec_reader *reader,
		       const struct strangers *strangers)
{
	if (strangers->tapes == 1 && strangers->headers == 1)
		return !is_listed(reader, strangers->cpu);
	return strangers->tapes;
}

/* Do the tapes share out all of the @count blocks, each one once? */
static const char *tapes_fault(struct flightrec_reader *reader, uint64_t count)
{
	struct strangers strangers = { 0 };
	uint64_t next = 0;
	size_t i;

	qsort(reader->tapes, reader->tapes_count, sizeof(*reader->tapes),
	      by_first_block);
	for (i = 0; i < reader->tapes_count; i++) {
		const struct flightrec_window_cpu *entry =
			&reader->tapes[i].entry;

		if (!entry->blocks)
			continue;
		if (entry->first_block != next || entry->blocks > count - next)
			return "does not share out the blocks";
		count_strangers(reader, entry, &strangers);
		next += entry->blocks;
	}
	if (next != count)
		return "does not share out all blocks";
	if (table_errs(reader, &strangers))
		return "and the blocks name other CPUs";
	qsort(reader->tapes, reader->tapes_count, sizeof(*reader->tapes),
	      by_cpu);
	for (i = 1; i < reader->tapes_count; i++)
		if (reader->tapes[i].cpu == reader->tapes[i - 1].cpu)
			return "names a CPU twice";
	return NULL;
}

static int tapes_from_table(struct flightrec_reader *reader)
{
	const struct flightrec_section *cpus = &reader->window.cpus;
	size_t i,
		count = cpus->count < CPUS_MAX ? (size_t)cpus->count : CPUS_MAX;

	reader->tapes = calloc(count + 1, sizeof(*reader->tapes));
	if (!reader->tapes)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		struct fr_tape *tape = &reader->tapes[i];

		fr_reader_entry(reader, cpus, i, &tape->entry,
				sizeof(tape->entry));
		entry_to_host(&tape->entry);
		tape->cpu = tape->entry.cpu;
		tape->entry_known = true;
	}
	reader->tapes_count = count;
	return 0;
}

static int tape_add(struct flightrec_reader *reader, uint64_t block,
		    const struct flightrec_block *header)
{
	size_t count = reader->tapes_count;
	struct fr_tape *grown, *tape;

	if (!(count & (count - 1))) {
		grown = realloc(reader->tapes,
				(count ? 2 * count : 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		reader->tapes = grown;
	}
	tape = &reader->tapes[count];
	memset(tape, 0, sizeof(*tape));
	tape->cpu = header->cpu;
	tape->entry.cpu = header->cpu;
	tape->entry.tid = header->tid;
	tape->entry.first_block = block;
	tape->entry.complete_clock = header->clock;
	reader->tapes_count = count + 1;
	return 0;
}

static bool is_live(const struct flightrec_reader *reader)
{
	return reader->window.reason == FLIGHTREC_REASON_LIVE;
}

/* Is there only the place of a block, which was written anew before it was read? */
static bool is_overrun(const struct flightrec_reader *reader,
		       const struct flightrec_block *header)
{
	return is_live(reader) &&
	       header->magic == FLIGHTREC_BLOCK_OVERRUN_MAGIC;
}

/* Does @block name a CPU, of whose tape it then is? */
static bool names_cpu(const struct flightrec_reader *reader, uint64_t block,
		      struct flightrec_block *header)
{
	const char *fault = block_read(reader, block, header);

	return (!fault || is_overrun(reader, header)) && header->cpu < CPUS_MAX;
}

/*
 * The CPU table is no use: blocks of one CPU stand together, so a new tape
 * begins where a header that is good, or keeps the place of one, names a CPU that
 * was not there yet.
 */
static int tapes_from_blocks(struct flightrec_reader *reader)
{
	uint64_t i, count = reader->window.blocks.count;
	uint8_t seen[CPUS_MAX / 8] = { 0 };
	struct flightrec_block header;

	free(reader->tapes);
	reader->tapes = NULL;
	reader->tapes_count = 0;
	for (i = 0; i < count; i++) {
		if (names_cpu(reader, i, &header) &&
		    !(seen[header.cpu / 8] & 1 << header.cpu % 8)) {
			int error = tape_add(reader, i, &header);

			if (error)
				return error;
			seen[header.cpu / 8] |= 1 << header.cpu % 8;
		}
		if (reader->tapes_count)
			reader->tapes[reader->tapes_count - 1].entry.blocks++;
		fr_tape_release(reader, i);
	}
	if (reader->tapes_count)
		qsort(reader->tapes, reader->tapes_count,
		      sizeof(*reader->tapes), by_cpu);
	return 0;
}

/* ---- live windows ----------------------------------------------------------- */

/*
 * Is there only the place of @block, one of @cpu's? *due: it may have held something
 * of the window.
 */
static bool block_is_overrun(const struct flightrec_reader *reader,
			     uint64_t block, uint32_t cpu, bool *due)
{
	struct flightrec_block header;

	*due = false;
	if (!is_live(reader) || !fr_reader_entry(reader, &reader->window.blocks,
						 block, &header, HEADER_BYTES))
		return false;
	block_to_host(&header);
	*due = header.clock <= reader->window.cut_clock;
	return is_overrun(reader, &header) && header.cpu == cpu;
}

/* The tape is complete only behind the last block that was overrun. */
static void tape_note_overrun(struct flightrec_reader *reader,
			      struct fr_tape *tape)
{
	struct flightrec_window *window = &reader->window;
	uint64_t clock = tape->entry.complete_clock;
	struct flightrec_block header;
	bool behind = false, due;
	uint64_t i;

	for (i = 0; i < tape->present; i++) {
		uint64_t block = tape->entry.first_block + i;

		if (block_is_overrun(reader, block, tape->cpu, &due)) {
			if (due) {
				reader->overrun++;
				behind = true;
				clock = window->cut_clock;
			}
		} else if (behind &&
			   fr_tape_peek(reader, block, tape->cpu, &header)) {
			behind = false;
			clock = header.clock;
		}
		fr_tape_release(reader, block);
	}
	if (clock > window->cut_clock)
		clock = window->cut_clock;
	if (clock > tape->entry.complete_clock)
		tape->entry.complete_clock = clock;
	if (clock > window->complete_clock)
		window->complete_clock = clock;
}

/* How much of a tape's blocks the file has. */
static void tape_measure(struct flightrec_reader *reader, struct fr_tape *tape)
{
	uint64_t there = reader->window.blocks.count;
	uint64_t first = tape->entry.first_block;

	tape->present = first < there ? there - first : 0;
	if (tape->present >= tape->entry.blocks) {
		tape->present = tape->entry.blocks;
		return;
	}
	tape->truncated = true;
}

/*
 * Make a tape for each CPU, from the CPU table, or if that cannot be right from
 * the blocks themselves. Returns 0 or -ENOMEM.
 */
int fr_tapes_create(struct flightrec_reader *reader)
{
	uint64_t announced = reader->window.blocks.count;
	const char *fault;
	size_t i;
	int error;

	count_blocks(reader);
	error = tapes_from_table(reader);
	if (error)
		return error;
	fault = tapes_fault(reader, announced);
	if (fault) {
		fr_reader_damage(
			reader, UINT32_MAX, reader->window.cpus.offset,
			"the CPU table %s; the blocks are taken as they stand",
			fault);
		error = tapes_from_blocks(reader);
		if (error)
			return error;
	}
	for (i = 0; i < reader->tapes_count; i++)
		tape_measure(reader, &reader->tapes[i]);
	for (i = 0; is_live(reader) && i < reader->tapes_count; i++)
		tape_note_overrun(reader, &reader->tapes[i]);
	return 0;
}

/* ---- going from block to block --------------------------------------------- */

/* Start anew, before the first block. */
void fr_tape_rewind(struct fr_tape *tape)
{
	tape->clock = 0;
	tape->floor = 0;
	tape->at = NULL;
	tape->end = NULL;
	tape->pending = 0;
	tape->opened = false;
	tape->counted = false;
	tape->finished = false;
	tape->unsure = false;
	tape->overrun = false;
	tape->damage = FR_NO_DAMAGE;
	tape->decoded = 0;
	tape->next = 0;
}

/* Note that something of @tape is damaged since its last good header. */
void fr_tape_damage(struct flightrec_reader *reader, struct fr_tape *tape,
		    uint64_t offset, const char *format, ...)
{
	char text[sizeof(((struct flightrec_damage *)NULL)->text)];
	va_list args;
	size_t index;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	index = fr_reader_damage(reader, tape->cpu, offset, "%s", text);
	if (!tape->unsure)
		tape->damage = index;
	tape->unsure = true;
}

/*
 * How many events are missing between what was decoded and a count of @events
 * in the header of a block that is @blocks further on; false if it is not known.
 * A count that those blocks cannot have held is no count.
 */
static bool events_missing(const struct flightrec_reader *reader,
			   const struct fr_tape *tape, uint64_t events,
			   uint64_t blocks, uint64_t *missing)
{
	uint64_t fit = (reader->block_stride - HEADER_BYTES) / 8;
	uint64_t held;

	*missing = 0;
	if (!tape->opened || !tape->counted || events < tape->header.events)
		return false;
	held = events - tape->header.events;
	if (held < tape->decoded || !fit || held / fit > blocks)
		return false;
	*missing = held - tape->decoded;
	return true;
}

/*
 * Close the account of what stands before the header at @offset, which says
 * @events and is @blocks further on: is anything missing?
 */
static void tape_settle(struct flightrec_reader *reader, struct fr_tape *tape,
			uint64_t offset, uint64_t events, uint64_t blocks)
{
	uint64_t missing;
	bool known = events_missing(reader, tape, events, blocks, &missing);

	if (tape->opened && tape->counted && !tape->unsure && !tape->overrun &&
	    (!known || missing))
		fr_tape_damage(
			reader, tape, offset,
			"counts %llu events up to here; the blocks before hold %llu",
			(unsigned long long)events,
			(unsigned long long)(tape->header.events +
					     tape->decoded));
	if (tape->unsure && known && tape->damage < FR_DAMAGES_MAX - 1) {
		reader->damages[tape->damage].events = missing;
		reader->damages[tape->damage].events_known = true;
	}
	if ((tape->unsure || (tape->overrun && tape->opened)) &&
	    (!known || missing)) {
		tape->pending |= tape->unsure ? FR_PENDING_DAMAGED :
						FR_PENDING_OVERRUN;
		tape->damaged_events = known ? missing : UINT64_MAX;
	}
	tape->unsure = false;
	tape->overrun = false;
	tape->damage = FR_NO_DAMAGE;
}

/* What could not be stored between two headers. */
static void tape_lost(struct flightrec_reader *reader, struct fr_tape *tape,
		      uint64_t offset, uint64_t lost_events)
{
	uint64_t before = tape->header.lost_events;

	if (lost_events == before)
		return;
	if (lost_events < before ||
	    lost_events - before > reader->window.lost_events) {
		fr_reader_damage(
			reader, tape->cpu, offset,
			"counts %llu lost events up to here; %llu were lost before, %llu in all",
			(unsigned long long)lost_events,
			(unsigned long long)before,
			(unsigned long long)reader->window.lost_events);
		return;
	}
	tape->pending |= FR_PENDING_LOST;
	tape->lost_events = lost_events - before;
}

static void tape_gap(struct flightrec_reader *reader, struct fr_tape *tape,
		     uint64_t offset, const struct flightrec_block *header)
{
	if (!header->gap_clock)
		return;
	if (header->gap_clock > header->clock) {
		fr_reader_damage(
			reader, tape->cpu, offset,
			"a gap from clock %llu on, which is later than the block's, %llu",
			(unsigned long long)header->gap_clock,
			(unsigned long long)header->clock);
		return;
	}
	tape->pending |= FR_PENDING_GAP;
	tape->gap_clock = header->gap_clock;
}

/* The clock by which a block's records are over: see the top of this file. */
static uint64_t tape_latest(const struct flightrec_reader *reader,
			    const struct fr_tape *tape)
{
	struct flightrec_block header;
	uint64_t latest = 0;
	uint64_t i;

	/*
	 * A block of a live window is copied when the reader comes to it: what is
	 * open then may hold anything up to that time; and who says how long what
	 * stands before a block that was overrun went on?
	 */
	if (is_live(reader))
		return CLOCK_MAX;
	for (i = tape->next; i < tape->next + 2 && i < tape->present; i++)
		if (fr_tape_peek(reader, tape->entry.first_block + i, tape->cpu,
				 &header) &&
		    header.clock > latest)
			latest = header.clock;
	/* The last block is followed by nothing that bounds it but the cut;
	 * the one before it by a header alone, which might be too low. */
	if (tape->next + 1 >= tape->present &&
	    latest < reader->window.cut_clock)
		latest = reader->window.cut_clock;
	if (tape->next >= tape->present &&
	    reader->window.cut_clock < CLOCK_MAX - AFTER_CUT_MAX)
		latest = reader->window.cut_clock + AFTER_CUT_MAX;
	else if (!latest || tape->next >= tape->present || latest > CLOCK_MAX)
		latest = CLOCK_MAX;
	return latest;
}

/* Is its clock one that a block can have been opened at? */
static const char *clock_fault(const struct flightrec_reader *reader,
			       const struct fr_tape *tape,
			       const struct flightrec_block *header)
{
	const struct flightrec_window *window = &reader->window;

	if (header->clock > tape->latest)
		return tape->next < tape->present ?
			       "opened later than the blocks behind it" :
			       "opened long after the cut";
	if (header->clock > window->cut_clock &&
	    header->mono_ns < window->cut_mono_ns &&
	    window->cut_mono_ns - header->mono_ns > PAIR_JITTER_NS)
		return "opened after the cut by one clock, before it by another";
	return NULL;
}

/* Where its words are; less than it says if the file ends within it. */
static void tape_point(struct flightrec_reader *reader, struct fr_tape *tape,
		       uint64_t offset)
{
	uint64_t left = reader->source.length - offset;
	uint64_t used = tape->header.used;

	tape->cut_off = used > left;
	if (tape->cut_off) {
		fr_tape_damage(
			reader, tape, offset,
			"the file ends within this block, after %llu of %llu bytes",
			(unsigned long long)left, (unsigned long long)used);
		used = left / 8 * 8;
	}
	tape->at = reader->source.bytes + offset + HEADER_BYTES;
	tape->end = reader->source.bytes + offset + used;
}

/* Begin with the block of @header, which is a good one. */
static void tape_open(struct flightrec_reader *reader, struct fr_tape *tape,
		      uint64_t offset, const struct flightrec_block *header)
{
	uint64_t cut = reader->window.cut_clock;
	uint64_t blocks = header->seq - tape->header.seq;
	bool first = !tape->opened;
	uint64_t clock;

	/* Those in between that were bad have been told of. */
	if (!first && blocks != tape->next - tape->current)
		fr_tape_damage(reader, tape, offset,
			       "block %llu of this CPU; expected number %llu",
			       (unsigned long long)header->seq,
			       (unsigned long long)(tape->header.seq +
						    tape->next -
						    tape->current));
	tape->current = tape->next;
	/*
	 * A copy may end before the block did, behind the cut: then what counts
	 * that is no measure, but for what was overrun.
	 */
	if (!is_live(reader) || header->clock <= cut || tape->unsure ||
	    tape->overrun)
		tape_settle(reader, tape, offset, header->events, blocks);
	if (header->clock <= cut) {
		if (first)
			tape->pending |= FR_PENDING_BEGIN;
		else
			tape_lost(reader, tape, offset, header->lost_events);
		tape_gap(reader, tape, offset, header);
	}
	clock = header->clock < cut ? header->clock : cut;
	if (clock < tape->clock && tape->clock - clock > CLOCK_JITTER)
		fr_reader_damage(
			reader, tape->cpu, offset,
			"opened at clock %llu; the block before goes on until %llu",
			(unsigned long long)header->clock,
			(unsigned long long)tape->clock);
	if (clock < tape->clock)
		clock = tape->clock;
	tape->clock = clock;
	tape->floor = clock;
	tape->time = header->clock;
	tape->tid = header->tid;
	tape->header = *header;
	tape->opened = true;
	tape->decoded = 0;
	tape->counted = true;
	tape->short_calls = false;
	tape_point(reader, tape, offset);
}

/* Behind the last block: do the CPU table's counts say that more was there? */
static void tape_finish(struct flightrec_reader *reader, struct fr_tape *tape)
{
	uint64_t offset = reader->window.cpus.offset;
	uint64_t blocks = tape->entry.blocks;
	uint64_t cut = reader->window.cut_clock;

	tape->finished = true;
	if (!tape->entry.blocks)
		return;
	if (tape->truncated)
		fr_tape_damage(
			reader, tape, reader->source.length,
			"the file ends; %llu of %llu blocks of this CPU are there",
			(unsigned long long)tape->present,
			(unsigned long long)blocks);
	if (!tape->opened)
		tape->pending |= FR_PENDING_BEGIN;
	if (is_live(reader) && !tape->unsure && !tape->overrun) {
		/* The count is of a moment later than the last block's copy. */
	} else if (tape->entry_known) {
		tape_settle(reader, tape, offset, tape->entry.events, blocks);
	} else if (tape->unsure) {
		tape->pending |= FR_PENDING_DAMAGED;
		tape->damaged_events = UINT64_MAX;
	}
	if (tape->opened && tape->counted && tape->entry_known)
		tape_lost(reader, tape, offset, tape->entry.lost_events);
	/* A tape without a good block begins where it should have begun. */
	if (!tape->opened && tape->entry.complete_clock < cut)
		cut = tape->entry.complete_clock;
	if (tape->clock < cut)
		tape->clock = cut;
}

/*
 * Go to the next block that can be read. What its header tells becomes pending.
 * Returns false when there is neither a block nor anything pending.
 */
bool fr_tape_next_block(struct flightrec_reader *reader, struct fr_tape *tape)
{
	if (tape->opened)
		fr_tape_release(reader,
				tape->entry.first_block + tape->current - 1);
	while (tape->next < tape->present) {
		uint64_t block = tape->entry.first_block + tape->next++;
		uint64_t offset = block_offset(reader, block);
		struct flightrec_block header;
		const char *fault;
		bool due;

		if (block_is_overrun(reader, block, tape->cpu, &due)) {
			tape->overrun |= due;
			fr_tape_release(reader, block);
			continue;
		}
		fault = block_read(reader, block, &header);
		if (!fault && header.cpu != tape->cpu)
			fault = "a block of another CPU";
		if (!fault) {
			tape->latest = tape_latest(reader, tape);
			fault = clock_fault(reader, tape, &header);
		}
		if (fault) {
			fr_tape_damage(reader, tape, offset, "bad block: %s",
				       fault);
			fr_tape_release(reader, block);
			continue;
		}
		tape->limit = tape->latest;
		if (tape->limit > reader->window.cut_clock)
			tape->limit = reader->window.cut_clock;
		tape_open(reader, tape, offset, &header);
		return true;
	}
	if (tape->finished)
		return false;
	tape_finish(reader, tape);
	return tape->pending;
}
