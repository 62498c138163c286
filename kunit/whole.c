// SPDX-License-Identifier: GPL-2.0
/* A whole window: is it what the contract says? See whole.h. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "whole.h"

const struct flightrec_window *whole_head(const struct whole *whole)
{
	return whole->bytes;
}

static const void *entry_at(const struct whole *whole,
			    const struct flightrec_section *section, u64 i)
{
	return whole->bytes + section->offset + i * section->entry_bytes;
}

const struct flightrec_window_cpu *whole_cpu(const struct whole *whole, u64 i)
{
	return entry_at(whole, &whole_head(whole)->cpus, i);
}

const struct flightrec_window_task *whole_task(const struct whole *whole, u64 i)
{
	return entry_at(whole, &whole_head(whole)->tasks, i);
}

const struct flightrec_window_call *whole_call(const struct whole *whole, u64 i)
{
	return entry_at(whole, &whole_head(whole)->calls, i);
}

const struct flightrec_window_target *whole_target(const struct whole *whole,
						   u64 i)
{
	return entry_at(whole, &whole_head(whole)->targets, i);
}

const struct flightrec_block *whole_block(const struct whole *whole, u64 i)
{
	return entry_at(whole, &whole_head(whole)->blocks, i);
}

/* ---- The frame ---------------------------------------------------------- */

static u64 section_end(const struct flightrec_section *section)
{
	return section->offset + section->count * section->entry_bytes;
}

static const char *header_fault(const struct whole *whole)
{
	const struct flightrec_window *head = whole_head(whole);

	if (whole->size < sizeof(*head) + sizeof(struct flightrec_window_end))
		return "shorter than a header and an end";
	if (memcmp(head->magic, FLIGHTREC_WINDOW_MAGIC, sizeof(head->magic)))
		return "wrong magic";
	if (head->version != FLIGHTREC_WINDOW_VERSION)
		return "wrong version";
	if (head->header_bytes != sizeof(*head))
		return "wrong header_bytes";
	if (head->window_bytes != whole->size)
		return "window_bytes is not what was read";
	if (head->recorder)
		return "no such recorder";
	return NULL;
}

static const char *end_fault(const struct whole *whole)
{
	const struct flightrec_window_end *end = whole->bytes + whole->size -
						 sizeof(*end);

	if (memcmp(end->magic, FLIGHTREC_WINDOW_END_MAGIC, sizeof(end->magic)))
		return "no end marker";
	return end->window_bytes == whole->size ? NULL : "end: another size";
}

static const char *section_fault(const struct whole *whole,
				 const struct flightrec_section *section,
				 u32 entry_bytes)
{
	if (section->entry_bytes != entry_bytes)
		return "section: wrong entry_bytes";
	if (section->reserved)
		return "section: reserved is not 0";
	if (section->offset % 8 || section->offset > whole->size)
		return "section: bad offset";
	if (section->count > (whole->size - section->offset) / entry_bytes)
		return "section: beyond the end";
	return NULL;
}

static const char *sections_fault(const struct whole *whole)
{
	const struct flightrec_window *head = whole_head(whole);
	const char *fault;

	fault = section_fault(whole, &head->cpus,
			      sizeof(struct flightrec_window_cpu));
	if (!fault)
		fault = section_fault(whole, &head->tasks,
				      sizeof(struct flightrec_window_task));
	if (!fault)
		fault = section_fault(whole, &head->calls,
				      sizeof(struct flightrec_window_call));
	if (!fault)
		fault = section_fault(whole, &head->targets,
				      sizeof(struct flightrec_window_target));
	if (!fault)
		fault = section_fault(whole, &head->blocks, head->block_bytes);
	return fault;
}

/* The tables and the blocks in their order, with nothing in between. */
static const char *places_fault(const struct whole *whole)
{
	const struct flightrec_window *head = whole_head(whole);
	const struct flightrec_section *sections[] = {
		&head->cpus,	&head->tasks,  &head->calls,
		&head->targets, &head->blocks,
	};
	u64 at = sizeof(*head);
	int i;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (sections[i]->offset != at)
			return "sections: not in order, a gap or an overlap";
		at = section_end(sections[i]);
	}
	return at + sizeof(struct flightrec_window_end) == whole->size ?
		       NULL :
		       "the end does not follow the blocks";
}

/* ---- What is in it ------------------------------------------------------ */

static const char *times_fault(const struct flightrec_window *head)
{
	if (head->start_clock > head->cut_clock)
		return "cut before the start";
	if (head->start_mono_ns > head->cut_mono_ns)
		return "cut before the start (monotonic)";
	if (head->cut_boot_ns < head->cut_mono_ns)
		return "cut: the boot clock is behind the monotonic one";
	if (head->complete_clock < head->start_clock)
		return "complete since before the start";
	if (!head->clock_khz || !head->reason)
		return "no clock or no reason";
	return NULL;
}

/* The block is not there: what comes next stands alone, but for its number. */
static const char *overrun_fault(const struct flightrec_window *head,
				 struct tape_cpu *cpu,
				 const struct flightrec_block *block)
{
	if (head->reason != FLIGHTREC_REASON_LIVE)
		return "overrun: not in a live window";
	if (block->cpu != cpu->cpu || block->used != sizeof(*block))
		return "overrun: wrong CPU or size";
	if (cpu->seq && block->seq != cpu->seq + 1)
		return "overrun: not the next one";
	if (memchr_inv(&block->clock, 0,
		       offsetof(struct flightrec_block, used) -
			       offsetof(struct flightrec_block, clock)) ||
	    memchr_inv(block + 1, 0, head->block_bytes - sizeof(*block)))
		return "overrun: something of it is there";
	cpu->seq = block->seq;
	cpu->blocks = 0;
	return NULL;
}

static const char *cpu_blocks_fault(const struct whole *whole,
				    const struct flightrec_window_cpu *entry)
{
	const struct flightrec_window *head = whole_head(whole);
	struct tape_cpu cpu = {
		.cpu = entry->cpu,
		.visit = whole->visit,
		.data = whole->data,
	};
	u64 i;

	for (i = 0; i < entry->blocks; i++) {
		const struct flightrec_block *block =
			whole_block(whole, entry->first_block + i);
		const char *fault =
			block->magic == FLIGHTREC_BLOCK_OVERRUN_MAGIC ?
				overrun_fault(head, &cpu, block) :
				tape_cpu_block(&cpu, block, head->block_bytes);

		if (fault)
			return fault;
	}
	/* Recording went on behind the count, and behind the last block. */
	if (head->reason == FLIGHTREC_REASON_LIVE)
		return NULL;
	if (cpu.events != entry->events)
		return "cpu: another count of events than its blocks";
	if (cpu.lost_events > entry->lost_events)
		return "cpu: fewer losses than its blocks";
	return NULL;
}

static const char *cpus_fault(const struct whole *whole)
{
	const struct flightrec_window *head = whole_head(whole);
	u64 blocks = 0, lost = 0, complete = 0;
	u64 i;

	if (head->cpus.count != head->cpus_possible)
		return "not one entry for each CPU";
	for (i = 0; i < head->cpus.count; i++) {
		const struct flightrec_window_cpu *cpu = whole_cpu(whole, i);
		const char *fault;

		if (cpu->first_block != blocks ||
		    cpu->blocks > head->blocks.count - blocks)
			return "cpu: its blocks are not the next ones";
		fault = cpu_blocks_fault(whole, cpu);
		if (fault)
			return fault;
		blocks += cpu->blocks;
		lost += cpu->lost_events;
		complete = max(complete, cpu->complete_clock);
	}
	if (blocks != head->blocks.count)
		return "blocks of no CPU";
	if (lost != head->lost_events)
		return "losses do not add up";
	return complete == head->complete_clock ?
		       NULL :
		       "complete_clock is not that of the last CPU";
}

/* Is the text padded with zeros? */
static bool is_padded(const u8 *text, size_t bytes)
{
	size_t length = strnlen(text, bytes);

	return length < bytes && !memchr_inv(text + length, 0, bytes - length);
}

static const char *task_fault(const struct flightrec_window_task *task)
{
	if (!is_padded(task->comm, sizeof(task->comm)))
		return "task: its name is not padded";
	if (task->until_reason > FLIGHTREC_UNTIL_PRIORITY)
		return "task: unknown reason";
	if ((task->until_reason == FLIGHTREC_UNTIL_CUT) !=
	    (task->until_clock == U64_MAX))
		return "task: lives, or does not";
	return NULL;
}

static bool is_behind(const struct flightrec_window_task *first,
		      const struct flightrec_window_task *second)
{
	return first->tid == second->tid &&
	       first->until_clock > second->until_clock;
}

/* Entries of one tid are in order of their ends. */
static const char *tasks_fault(const struct whole *whole)
{
	u64 count = whole_head(whole)->tasks.count;
	u64 i, j;

	for (i = 0; i < count; i++) {
		const struct flightrec_window_task *task = whole_task(whole, i);
		const char *fault = task_fault(task);

		if (fault)
			return fault;
		for (j = 0; j < i; j++)
			if (is_behind(whole_task(whole, j), task))
				return "tasks: not in order";
	}
	return NULL;
}

static const char *texts_fault(const struct flightrec_window *head)
{
	return is_padded(head->nodename, sizeof(head->nodename)) &&
			       is_padded(head->release,
					 sizeof(head->release)) &&
			       is_padded(head->version_text,
					 sizeof(head->version_text)) &&
			       is_padded(head->machine, sizeof(head->machine)) ?
		       NULL :
		       "uts: not padded";
}

/**
 * whole_fault() - check a window
 * @whole: which
 *
 * Return: what is wrong, NULL if nothing.
 */
const char *whole_fault(const struct whole *whole)
{
	const char *fault = header_fault(whole);

	if (!fault)
		fault = end_fault(whole);
	if (!fault)
		fault = sections_fault(whole);
	if (!fault)
		fault = places_fault(whole);
	if (!fault)
		fault = times_fault(whole_head(whole));
	if (!fault)
		fault = texts_fault(whole_head(whole));
	if (!fault)
		fault = cpus_fault(whole);
	if (!fault)
		fault = tasks_fault(whole);
	return fault;
}
