// SPDX-License-Identifier: LGPL-2.1-only
/* Builds whole windows in memory. See window_builder.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "window_builder.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "windows are built by plain stores, which must be little endian"
#endif

#define HEADER_BYTES sizeof(struct flightrec_block)

/**
 * struct window_builder_cpu - what one CPU has recorded
 * @cpu: its number
 * @tid: the task that the tape implies
 * @clock: of the last record
 * @seq: of the last block
 * @events: so far
 * @lost_events: so far
 * @gap_clock: for the next block
 * @close: the next record begins a block
 * @blocks: each of the header's block_bytes; NULL: in @spill
 * @count: of @blocks
 * @spill: all but the last of them, if the builder spills; NULL: none yet
 */
struct window_builder_cpu {
	uint32_t cpu;
	uint32_t tid;
	uint64_t clock;
	uint64_t seq;
	uint64_t events;
	uint64_t lost_events;
	uint64_t gap_clock;
	bool close;
	struct flightrec_block **blocks;
	size_t count;
	FILE *spill;
};

static void check(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "window_builder: %s\n", what);
	abort();
}

/* Make room for one more in an array of @count, and clear that one. */
static void *grow(void *array, size_t count, size_t bytes)
{
	/* It is full when the count is a power of two. */
	if (!(count & (count - 1)))
		array = reallocarray(array, count ? 2 * count : 1, bytes);
	check(array, "no memory");
	memset((char *)array + count * bytes, 0, bytes);
	return array;
}

void window_builder_init(struct window_builder *b)
{
	struct flightrec_window *header = &b->header;

	memset(b, 0, sizeof(*b));
	memcpy(header->magic, FLIGHTREC_WINDOW_MAGIC, sizeof(header->magic));
	header->version = FLIGHTREC_WINDOW_VERSION;
	header->header_bytes = sizeof(*header);
	header->reason = FLIGHTREC_REASON_FREEZE;
	header->clock = FLIGHTREC_CLOCK_MONO;
	header->clock_khz = 1000000;
	header->start_clock = 1000;
	header->start_mono_ns = 1000;
	header->ring_bytes = 16 << 20;
	header->block_bytes = 4096;
	header->events = FLIGHTREC_EVENTS_DEFAULT;
	header->args = 1;
	header->policy = FLIGHTREC_POLICY_PERCPU;
	header->page_bytes = 4096;
	strcpy((char *)header->nodename, "host");
	strcpy((char *)header->release, "6.1.0");
	strcpy((char *)header->version_text, "#1 SMP");
	strcpy((char *)header->machine, "x86_64");
}

void window_builder_deinit(struct window_builder *b)
{
	size_t i, j;

	for (i = 0; i < b->cpus_count; i++) {
		for (j = 0; j < b->cpus[i].count; j++)
			free(b->cpus[i].blocks[j]);
		free(b->cpus[i].blocks);
		if (b->cpus[i].spill)
			fclose(b->cpus[i].spill);
	}
	free(b->cpus);
	free(b->tasks);
	free(b->calls);
	free(b->targets);
	free(b->bytes);
}

static struct window_builder_cpu *find_cpu(const struct window_builder *b,
					   uint32_t cpu)
{
	size_t i;

	for (i = 0; i < b->cpus_count; i++)
		if (b->cpus[i].cpu == cpu)
			return &b->cpus[i];
	return NULL;
}

static struct window_builder_cpu *use_cpu(struct window_builder *b,
					  uint32_t cpu)
{
	struct window_builder_cpu *found = find_cpu(b, cpu);

	if (found)
		return found;
	b->cpus = grow(b->cpus, b->cpus_count, sizeof(*b->cpus));
	found = &b->cpus[b->cpus_count++];
	found->cpu = cpu;
	return found;
}

void window_builder_cpu(struct window_builder *b, uint32_t cpu)
{
	use_cpu(b, cpu);
}

uint64_t window_builder_mono_ns(const struct window_builder *b, uint64_t clock)
{
	__int128 ticks = (__int128)clock - b->header.start_clock;

	return (uint64_t)(b->header.start_mono_ns +
			  ticks * 1000000 / b->header.clock_khz);
}

/* The last block is full: it goes to where the others are. */
static void spill_block(const struct window_builder *b,
			struct window_builder_cpu *c)
{
	struct flightrec_block **last = &c->blocks[c->count - 1];

	if (!c->spill)
		c->spill = tmpfile();
	check(c->spill, "no file for blocks");
	check(fwrite(*last, b->header.block_bytes, 1, c->spill) == 1,
	      "a block cannot be written");
	free(*last);
	*last = NULL;
}

void window_builder_block(struct window_builder *b, uint32_t cpu,
			  uint64_t clock, uint32_t tid)
{
	struct window_builder_cpu *c = use_cpu(b, cpu);
	struct flightrec_block *block;

	check(clock >= c->clock, "a block older than the record before it");
	if (b->spills && c->count)
		spill_block(b, c);
	block = calloc(1, b->header.block_bytes);
	check(block, "no memory");
	c->blocks = grow(c->blocks, c->count, sizeof(*c->blocks));
	c->blocks[c->count++] = block;
	block->magic = FLIGHTREC_BLOCK_MAGIC;
	block->cpu = cpu;
	block->seq = ++c->seq;
	block->clock = clock;
	block->mono_ns = window_builder_mono_ns(b, clock);
	block->events = c->events;
	block->lost_events = c->lost_events;
	block->gap_clock = c->gap_clock;
	block->tid = tid;
	block->used = HEADER_BYTES;
	c->gap_clock = 0;
	c->close = false;
	c->tid = tid;
	c->clock = clock;
}

static void append(struct window_builder *b, struct flightrec_block *block,
		   uint64_t word)
{
	check(block->used + 8 <= b->header.block_bytes, "the block is full");
	memcpy((char *)block + block->used, &word, 8);
	block->used += 8;
}

void window_builder_word(struct window_builder *b, uint32_t cpu, uint64_t word)
{
	struct window_builder_cpu *c = use_cpu(b, cpu);

	check(c->count, "a word without a block");
	append(b, c->blocks[c->count - 1], word);
}

/* The task that runs after @record. */
static uint32_t tid_after(const struct fr_record *record, uint32_t tid)
{
	uint32_t next = (uint32_t)(record->words[0] >> 32) &
			FLIGHTREC_TID_ESCAPE;

	if ((record->words[0] & FLIGHTREC_WORD_TYPE_MASK) !=
	    FLIGHTREC_WORD_SWITCH)
		return tid;
	return next != FLIGHTREC_TID_ESCAPE ?
		       next :
		       (uint32_t)(record->words[1] >> FLIGHTREC_WORD_TYPE_BITS);
}

void window_builder_emit(struct window_builder *b, uint32_t cpu, uint64_t clock,
			 uint32_t tid, const struct fr_record *record)
{
	struct window_builder_cpu *c = use_cpu(b, cpu);
	uint64_t time = fr_word_time(clock);
	struct flightrec_block *block;
	unsigned int i;

	/* At the most: TIME, CURRENT, the record. */
	if (!c->count || c->close ||
	    c->blocks[c->count - 1]->used + 8 * (2 + record->count) >
		    b->header.block_bytes)
		window_builder_block(b, cpu, clock, tid);
	check(clock >= c->clock, "clocks of a CPU fall");
	block = c->blocks[c->count - 1];
	if (clock - c->clock > FLIGHTREC_WORD_TIME_MASK)
		append(b, block, fr_word_long_time(clock));
	if (c->tid != tid)
		append(b, block, fr_word(FLIGHTREC_WORD_CURRENT, tid) | time);
	append(b, block, record->words[0] | time);
	for (i = 1; i < record->count; i++)
		append(b, block, record->words[i]);
	c->clock = clock;
	c->tid = tid_after(record, tid);
	c->events++;
}

void window_builder_lost(struct window_builder *b, uint32_t cpu,
			 uint64_t events)
{
	struct window_builder_cpu *c = use_cpu(b, cpu);

	c->lost_events += events;
	c->close = true;
}

void window_builder_gap(struct window_builder *b, uint32_t cpu,
			uint64_t from_clock)
{
	struct window_builder_cpu *c = use_cpu(b, cpu);

	c->gap_clock = from_clock;
	c->close = true;
}

void window_builder_drop(struct window_builder *b, uint32_t cpu, size_t i)
{
	struct window_builder_cpu *c = use_cpu(b, cpu);

	check(i < c->count && !b->spills, "no such block to drop");
	free(c->blocks[i]);
	c->count--;
	memmove(&c->blocks[i], &c->blocks[i + 1],
		(c->count - i) * sizeof(*c->blocks));
}

struct flightrec_window_task *
window_builder_task(struct window_builder *b, uint32_t tid, const char *comm)
{
	struct flightrec_window_task *task;

	check(strlen(comm) < FLIGHTREC_COMM_BYTES, "a name that is too long");
	b->tasks = grow(b->tasks, b->tasks_count, sizeof(*b->tasks));
	task = &b->tasks[b->tasks_count++];
	task->tid = tid;
	task->tgid = tid;
	task->ppid = 1;
	task->ns_tid = tid;
	task->uid = 1000;
	task->flags = FLIGHTREC_TASK_TARGET | FLIGHTREC_TASK_LEADER;
	task->prio = 120;
	task->start_mono_ns = b->header.start_mono_ns;
	task->until_clock = UINT64_MAX;
	memcpy(task->comm, comm, strlen(comm));
	return task;
}

struct flightrec_window_call *window_builder_call(struct window_builder *b,
						  uint32_t tid, int32_t nr,
						  uint64_t enter_clock)
{
	struct flightrec_window_call *call;

	b->calls = grow(b->calls, b->calls_count, sizeof(*b->calls));
	call = &b->calls[b->calls_count++];
	call->tid = tid;
	call->nr = nr;
	call->nargs = b->header.args;
	call->enter_clock = enter_clock;
	return call;
}

struct flightrec_window_target *
window_builder_target(struct window_builder *b, uint32_t kind, uint64_t id)
{
	struct flightrec_window_target *target;

	b->targets = grow(b->targets, b->targets_count, sizeof(*b->targets));
	target = &b->targets[b->targets_count++];
	target->kind = kind;
	target->id = id;
	return target;
}

/* ---- putting it together ------------------------------------------------- */

static uint64_t place(struct flightrec_section *section, uint64_t offset,
		      uint64_t count, uint32_t entry_bytes)
{
	section->offset = offset;
	section->count = count;
	section->entry_bytes = entry_bytes;
	return offset + count * entry_bytes;
}

static void place_sections(struct window_builder *b)
{
	struct flightrec_window *h = &b->header;
	uint64_t at = h->header_bytes, blocks = 0;
	size_t i;

	for (i = 0; i < b->cpus_count; i++)
		blocks += b->cpus[i].count;
	at = place(&h->cpus, at, b->cpus_count,
		   sizeof(struct flightrec_window_cpu) + b->longer);
	at = place(&h->tasks, at, b->tasks_count,
		   sizeof(*b->tasks) + b->longer);
	at = place(&h->calls, at, b->calls_count,
		   sizeof(*b->calls) + b->longer);
	at = place(&h->targets, at, b->targets_count,
		   sizeof(*b->targets) + b->longer);
	at = place(&h->blocks, at, blocks, h->block_bytes);
	h->window_bytes = at + sizeof(struct flightrec_window_end);
}

/* Since when a CPU's tape holds every event. */
static uint64_t complete_clock(const struct window_builder *b,
			       const struct window_builder_cpu *c)
{
	if (!c->count || b->spills || c->blocks[0]->seq == 1)
		return b->header.start_clock;
	return c->blocks[0]->clock;
}

static void fill_header(struct window_builder *b, uint64_t cut_clock)
{
	struct flightrec_window *h = &b->header;
	size_t i;

	h->cut_clock = cut_clock;
	h->cut_mono_ns = window_builder_mono_ns(b, cut_clock);
	h->cut_boot_ns = h->cut_mono_ns + 1000000000;
	h->cut_real_ns = h->cut_mono_ns + 1700000000000000000;
	h->cpus_possible = (uint32_t)b->cpus_count;
	h->complete_clock = h->start_clock;
	h->lost_events = 0;
	for (i = 0; i < b->cpus_count; i++) {
		uint64_t complete = complete_clock(b, &b->cpus[i]);

		if (complete > h->complete_clock)
			h->complete_clock = complete;
		h->lost_events += b->cpus[i].lost_events;
	}
}

static void fill_cpu(const struct window_builder *b, size_t i, uint64_t first,
		     struct flightrec_window_cpu *entry)
{
	const struct window_builder_cpu *c = &b->cpus[i];

	memset(entry, 0, sizeof(*entry));
	entry->cpu = c->cpu;
	entry->tid = c->tid;
	entry->first_block = first;
	entry->blocks = c->count;
	entry->complete_clock = complete_clock(b, c);
	entry->events = c->events;
	entry->lost_events = c->lost_events;
}

static void copy_entry(struct window_builder *b,
		       const struct flightrec_section *section, size_t i,
		       const void *entry)
{
	uint8_t *at = window_builder_entry(b, section, i);
	size_t known = section->entry_bytes - b->longer;

	memcpy(at, entry, known);
	memset(at + known, 0xee, b->longer);
}

static void copy_cpus(struct window_builder *b)
{
	struct flightrec_window_cpu entry;
	uint64_t first = 0;
	size_t i, j;

	for (i = 0; i < b->cpus_count; i++) {
		struct window_builder_cpu *c = &b->cpus[i];

		fill_cpu(b, i, first, &entry);
		copy_entry(b, &b->header.cpus, i, &entry);
		for (j = 0; j < c->count; j++)
			memcpy(window_builder_entry(b, &b->header.blocks,
						    first + j),
			       c->blocks[j], b->header.block_bytes);
		first += c->count;
	}
}

static void copy_table(struct window_builder *b,
		       const struct flightrec_section *section,
		       const void *table)
{
	size_t i;

	for (i = 0; i < section->count; i++)
		copy_entry(b, section, i,
			   (const uint8_t *)table +
				   i * (section->entry_bytes - b->longer));
}

static void fill_end(const struct window_builder *b,
		     struct flightrec_window_end *end)
{
	memcpy(end->magic, FLIGHTREC_WINDOW_END_MAGIC, sizeof(end->magic));
	end->window_bytes = b->header.window_bytes;
}

void window_builder_finish(struct window_builder *b, uint64_t cut_clock)
{
	struct flightrec_window_end end;

	check(!b->spills, "the blocks are not in memory");
	fill_header(b, cut_clock);
	place_sections(b);
	free(b->bytes);
	b->length = b->header.window_bytes;
	b->bytes = calloc(1, b->length);
	check(b->bytes, "no memory");
	memcpy(b->bytes, &b->header,
	       b->header.header_bytes < sizeof(b->header) ?
		       b->header.header_bytes :
		       sizeof(b->header));
	copy_cpus(b);
	copy_table(b, &b->header.tasks, b->tasks);
	copy_table(b, &b->header.calls, b->calls);
	copy_table(b, &b->header.targets, b->targets);
	fill_end(b, &end);
	memcpy(b->bytes + b->length - sizeof(end), &end, sizeof(end));
}

/* ---- a window that memory does not hold ---------------------------------- */

void window_builder_spill(struct window_builder *b)
{
	b->spills = true;
}

static void put(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	ssize_t done;

	while (length) {
		done = write(fd, at, length);
		check(done > 0 || (done < 0 && errno == EINTR),
		      "the window cannot be written");
		if (done < 0)
			continue;
		at += done;
		length -= (size_t)done;
	}
}

static void put_cpus(const struct window_builder *b, int fd)
{
	struct flightrec_window_cpu entry;
	uint64_t first = 0;
	size_t i;

	for (i = 0; i < b->cpus_count; i++) {
		fill_cpu(b, i, first, &entry);
		put(fd, &entry, sizeof(entry));
		first += entry.blocks;
	}
}

/* All of one CPU's blocks. */
static void put_blocks(const struct window_builder *b,
		       const struct window_builder_cpu *c, int fd)
{
	char bytes[65536];
	size_t got;

	if (c->spill) {
		rewind(c->spill);
		while ((got = fread(bytes, 1, sizeof(bytes), c->spill)))
			put(fd, bytes, got);
		check(!ferror(c->spill), "blocks cannot be read again");
	}
	if (c->count)
		put(fd, c->blocks[c->count - 1], b->header.block_bytes);
}

void window_builder_write(struct window_builder *b, uint64_t cut_clock, int fd)
{
	struct flightrec_window_end end;
	size_t i;

	check(b->spills, "the blocks are in memory");
	check(!b->longer, "entries are written as they are known");
	fill_header(b, cut_clock);
	place_sections(b);
	put(fd, &b->header, sizeof(b->header));
	put_cpus(b, fd);
	put(fd, b->tasks, b->tasks_count * sizeof(*b->tasks));
	put(fd, b->calls, b->calls_count * sizeof(*b->calls));
	put(fd, b->targets, b->targets_count * sizeof(*b->targets));
	for (i = 0; i < b->cpus_count; i++)
		put_blocks(b, &b->cpus[i], fd);
	fill_end(b, &end);
	put(fd, &end, sizeof(end));
}

void *window_builder_entry(struct window_builder *b,
			   const struct flightrec_section *section, size_t i)
{
	check(b->bytes, "the window is not finished");
	check(i < section->count, "no such entry");
	return b->bytes + section->offset + i * section->entry_bytes;
}

size_t window_builder_blocks(const struct window_builder *b, uint32_t cpu)
{
	const struct window_builder_cpu *c = find_cpu(b, cpu);

	return c ? c->count : 0;
}

struct flightrec_block *window_builder_block_at(struct window_builder *b,
						uint32_t cpu, size_t i)
{
	size_t first = 0, j;

	for (j = 0; j < b->cpus_count && b->cpus[j].cpu != cpu; j++)
		first += b->cpus[j].count;
	check(i < window_builder_blocks(b, cpu), "no such block");
	return window_builder_entry(b, &b->header.blocks, first + i);
}

void window_builder_overrun(struct window_builder *b, uint32_t cpu, size_t i,
			    uint64_t clock)
{
	struct flightrec_block *block = window_builder_block_at(b, cpu, i);
	struct flightrec_block place = {
		.magic = FLIGHTREC_BLOCK_OVERRUN_MAGIC,
		.cpu = cpu,
		.seq = block->seq,
		.clock = clock,
		.used = HEADER_BYTES,
	};

	memset(block, 0, b->header.block_bytes);
	*block = place;
}
