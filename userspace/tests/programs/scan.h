/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looks through a whole window, byte by byte, for what has no business there:
 * bytes that the contract says are zero and are not, values that look like kernel
 * addresses, memory's poison, records that are torn, counts that do not add up,
 * tids without a name. Knows the contract (uapi/linux/flightrec.h) and nothing
 * else: not the decoder, whose mistakes it must not share.
 *
 * Complaints are printed, at most SCAN_COMPLAINTS_MAX of them, one a line: WHERE:
 * WHAT. What a target passes to its calls is its own business: an argument or a
 * result may look like an address if SCAN_ANY_ARGUMENT is set.
 */
#ifndef SCAN_H
#define SCAN_H

#include <linux/flightrec.h>

#include "truth.h"

/* Who looks for a complaint among all of them has more. */
#ifndef SCAN_COMPLAINTS_MAX
#define SCAN_COMPLAINTS_MAX 20
#endif
#define SCAN_TID_LIMIT	  4194304U
#define SCAN_ANY_ARGUMENT 0x1

/**
 * struct scan - a window being looked through
 * @bytes: it
 * @length: of it
 * @flags: SCAN_*
 * @complaints: how many so far
 * @head: its header
 * @named: a bit for each tid that the table of tasks has
 * @records: how many were seen
 * @behind: how many events of them are later than the cut
 * @quiet: nothing is printed
 */
struct scan {
	const uint8_t *bytes;
	uint64_t length;
	unsigned int flags;
	unsigned int complaints;
	const struct flightrec_window *head;
	uint8_t *named;
	uint64_t records;
	uint64_t behind;
	bool quiet;
};

/* Where a record stands, and what goes before it in its block. */
struct scan_block {
	const struct flightrec_block *head;
	const uint64_t *words;
	uint64_t offset;
	uint32_t count;
	uint32_t at;
	uint64_t clock;
	uint64_t events;
	bool long_time;
	uint64_t long_bits;
	bool overrun; /* its place alone is there */
};

__attribute__((format(printf, 3, 4))) static inline void
scan_complain(struct scan *scan, uint64_t offset, const char *format, ...)
{
	va_list arguments;

	if (scan->complaints++ >= SCAN_COMPLAINTS_MAX || scan->quiet)
		return;
	printf("byte %" PRIu64 ": ", offset);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

/* ---- values ------------------------------------------------------------- */

/*
 * Where an x86-64 kernel has its memory: the linear map, vmalloc, the memory map and
 * so on, with page tables of five levels or of four; its text and modules. What
 * lies between these is what small negative numbers look like, and, below the
 * linear map, negative addresses of a program's stack, which the registers of its
 * calls may hold.
 */
static inline bool scan_is_address(uint64_t value)
{
	return (value >= 0xff10000000000000 && value < 0xfff0000000000000) ||
	       (value >= 0xffff880000000000 && value < 0xffffff8000000000) ||
	       (value >= 0xffffffff80000000 && value < 0xffffffffff000000);
}

static inline void scan_value(struct scan *scan, uint64_t offset,
			      uint64_t value, const char *what)
{
	if (scan_is_address(value))
		scan_complain(scan, offset,
			      "%s looks like a kernel address: %#" PRIx64, what,
			      value);
}

/* A value that a target gave: an argument, a result. */
static inline void scan_given(struct scan *scan, uint64_t offset,
			      uint64_t value, const char *what)
{
	if (!(scan->flags & SCAN_ANY_ARGUMENT))
		scan_value(scan, offset, value, what);
}

static inline uint64_t scan_at(const struct scan *scan, const void *at)
{
	return (uint64_t)((const uint8_t *)at - scan->bytes);
}

/* From @at on there are zeros. */
static inline void scan_zeros(struct scan *scan, const void *at, uint64_t bytes,
			      const char *what)
{
	const uint8_t *byte = at;
	uint64_t i;

	for (i = 0; i < bytes; i++)
		if (byte[i]) {
			scan_complain(scan, scan_at(scan, byte + i),
				      "%s is %#x, not zero", what, byte[i]);
			return;
		}
}

/* A text, its NUL, and zeros. */
static inline void scan_text(struct scan *scan, const uint8_t *text,
			     uint64_t bytes, const char *what)
{
	uint64_t length = strnlen((const char *)text, bytes);

	if (length == bytes)
		scan_complain(scan, scan_at(scan, text), "%s has no end", what);
	scan_zeros(scan, text + length, bytes - length, what);
}

/*
 * What the kernel fills memory with that is free, or not written yet: by pages,
 * by objects, and by this project's own test modules.
 */
static inline void scan_poison(struct scan *scan)
{
	static const uint8_t patterns[] = {
		0xaa, 0x5a, 0x6b, 0xa5, 0xcc, 0xbb
	};
	unsigned int found = 0;
	uint64_t run = 1;
	uint64_t i;

	/* A few are enough: other complaints are to be seen, too. */
	for (i = 1; i < scan->length && found < 3; i++) {
		run = scan->bytes[i] == scan->bytes[i - 1] ? run + 1 : 1;
		if (run != 8 ||
		    !memchr(patterns, scan->bytes[i], sizeof(patterns)))
			continue;
		scan_complain(scan, i - 7, "poison of memory: %#x",
			      scan->bytes[i]);
		found++;
	}
}

/* From a task's exit to when it is mentioned for the last time, at most. */
#define SCAN_END_MS 2000U

static inline void scan_unnamed(struct scan *scan, uint64_t offset,
				uint32_t tid, uint64_t clock)
{
	if (tid >= SCAN_TID_LIMIT) {
		scan_complain(scan, offset, "no tid: %u", tid);
		return;
	}
	/* Idle tasks have no entry; nor may who had ended before names were. */
	if (!tid || clock > scan->head->cut_clock ||
	    (scan->head->names_clock &&
	     clock <= scan->head->names_clock +
			      SCAN_END_MS * scan->head->clock_khz))
		return;
	if (!(scan->named[tid / 8] >> tid % 8 & 1))
		scan_complain(scan, offset,
			      "tid %u has no name at %" PRIu64
			      ", names are complete since %" PRIu64 " (%" PRIu64
			      " tasks)",
			      tid, clock, (uint64_t)scan->head->names_clock,
			      (uint64_t)scan->head->tasks.count);
}

/* ---- the header and the tables ------------------------------------------ */

static inline bool scan_section(struct scan *scan,
				const struct flightrec_section *section,
				uint64_t *at, uint32_t entry_bytes,
				const char *what)
{
	uint64_t offset = scan_at(scan, section);

	if (section->offset != *at || section->entry_bytes != entry_bytes ||
	    section->count > scan->length / entry_bytes ||
	    section->count * entry_bytes > scan->length - *at) {
		scan_complain(scan, offset, "the table of %s is elsewhere",
			      what);
		return false;
	}
	scan_zeros(scan, &section->reserved, 4, "reserved");
	*at += section->count * entry_bytes;
	return true;
}

static inline bool scan_sections(struct scan *scan)
{
	const struct flightrec_window *head = scan->head;
	uint64_t at = sizeof(*head);

	return scan_section(scan, &head->cpus, &at,
			    sizeof(struct flightrec_window_cpu), "CPUs") &&
	       scan_section(scan, &head->tasks, &at,
			    sizeof(struct flightrec_window_task), "tasks") &&
	       scan_section(scan, &head->calls, &at,
			    sizeof(struct flightrec_window_call), "calls") &&
	       scan_section(scan, &head->targets, &at,
			    sizeof(struct flightrec_window_target),
			    "targets") &&
	       scan_section(scan, &head->blocks, &at, head->block_bytes,
			    "blocks") &&
	       at + sizeof(struct flightrec_window_end) == scan->length;
}

static inline bool scan_header(struct scan *scan)
{
	const struct flightrec_window *head = scan->head;
	const struct flightrec_window_end *end;

	if (scan->length < sizeof(*head) + sizeof(*end) ||
	    memcmp(head->magic, FLIGHTREC_WINDOW_MAGIC, sizeof(head->magic)) ||
	    head->version != FLIGHTREC_WINDOW_VERSION ||
	    head->header_bytes != sizeof(*head) ||
	    head->window_bytes != scan->length || head->recorder ||
	    head->block_bytes < 4096 || head->block_bytes > 65536 ||
	    head->args > FLIGHTREC_ARGS_MAX || !scan_sections(scan)) {
		scan_complain(scan, 0, "not a window as the contract has it");
		return false;
	}
	scan_text(scan, head->nodename, FLIGHTREC_UTS_BYTES, "nodename");
	scan_text(scan, head->release, FLIGHTREC_UTS_BYTES, "release");
	scan_text(scan, head->version_text, FLIGHTREC_UTS_BYTES, "version");
	scan_text(scan, head->machine, FLIGHTREC_UTS_BYTES, "machine");
	end = (const void *)(scan->bytes + scan->length - sizeof(*end));
	if (memcmp(end->magic, FLIGHTREC_WINDOW_END_MAGIC,
		   sizeof(end->magic)) ||
	    end->window_bytes != scan->length)
		scan_complain(scan, scan_at(scan, end), "no end marker");
	return true;
}

static inline const void *scan_table(const struct scan *scan,
				     const struct flightrec_section *section)
{
	return scan->bytes + section->offset;
}

static inline void scan_tasks(struct scan *scan)
{
	const struct flightrec_window_task *task =
		scan_table(scan, &scan->head->tasks);
	uint64_t i;

	for (i = 0; i < scan->head->tasks.count; i++, task++) {
		uint64_t offset = scan_at(scan, task);

		if (task->tid >= SCAN_TID_LIMIT ||
		    task->tgid >= SCAN_TID_LIMIT ||
		    task->ppid >= SCAN_TID_LIMIT ||
		    task->ns_tid >= SCAN_TID_LIMIT || task->flags > 7 ||
		    task->until_reason > 4 || task->policy > 0x40000007 ||
		    task->rt_priority > 99 || task->nice < -20 ||
		    task->nice > 19 || task->prio < -1 || task->prio > 139)
			scan_complain(scan, offset, "no task is like this");
		else
			scan->named[task->tid / 8] |=
				(uint8_t)(1 << task->tid % 8);
		scan_value(scan, offset, task->start_mono_ns, "a birth");
		scan_value(scan, offset, task->until_clock, "an end");
		scan_text(scan, task->comm, sizeof(task->comm), "a name");
	}
}

static inline void scan_calls(struct scan *scan)
{
	const struct flightrec_window_call *call =
		scan_table(scan, &scan->head->calls);
	uint64_t i;
	uint32_t arg;

	for (i = 0; i < scan->head->calls.count; i++, call++) {
		uint64_t offset = scan_at(scan, call);

		if (call->tid >= SCAN_TID_LIMIT || call->flags > 1 ||
		    call->nargs != scan->head->args ||
		    call->enter_clock > scan->head->cut_clock)
			scan_complain(scan, offset, "no call is like this");
		for (arg = 0; arg < FLIGHTREC_ARGS_MAX; arg++)
			scan_given(scan, offset, call->args[arg],
				   "an argument in flight");
		if (call->nargs <= FLIGHTREC_ARGS_MAX)
			scan_zeros(scan, &call->args[call->nargs],
				   (FLIGHTREC_ARGS_MAX - call->nargs) * 8,
				   "an argument that was not recorded");
	}
}

static inline void scan_targets(struct scan *scan)
{
	const struct flightrec_window_target *target =
		scan_table(scan, &scan->head->targets);
	uint64_t i;

	for (i = 0; i < scan->head->targets.count; i++, target++) {
		bool named = target->kind == FLIGHTREC_TARGET_COMM;
		uint64_t offset = scan_at(scan, target);

		if (target->kind < 1 || target->kind > 3 || target->flags > 1 ||
		    (named ? target->id != 0 : target->id >= SCAN_TID_LIMIT) ||
		    named == !target->comm[0])
			scan_complain(scan, offset, "no target is like this");
		scan_text(scan, target->comm, sizeof(target->comm), "a name");
	}
}

/* ---- records ------------------------------------------------------------ */

static inline uint64_t scan_offset(const struct scan_block *block)
{
	return block->offset + block->at * 8ULL;
}

static inline uint32_t scan_type(uint64_t word)
{
	return word & FLIGHTREC_WORD_TYPE_MASK;
}

/* The next word, if it has the type; else *word is left alone. */
static inline bool scan_take(struct scan_block *block, uint32_t type,
			     uint64_t *word)
{
	if (block->at >= block->count ||
	    scan_type(block->words[block->at]) != type)
		return false;
	*word = block->words[block->at++];
	return true;
}

/* A number that continues a record: VALUE, or WIDE and WIDE. */
static inline bool scan_number(struct scan *scan, struct scan_block *block,
			       uint64_t *value)
{
	uint64_t offset = scan_offset(block);
	uint64_t word, low;

	if (scan_take(block, FLIGHTREC_WORD_VALUE, &word)) {
		*value = (uint64_t)((int64_t)word >> FLIGHTREC_WORD_TYPE_BITS);
		return true;
	}
	if (!scan_take(block, FLIGHTREC_WORD_WIDE, &word) ||
	    !scan_take(block, FLIGHTREC_WORD_WIDE, &low)) {
		scan_complain(scan, offset, "a number is missing");
		return false;
	}
	if ((uint32_t)word >> FLIGHTREC_WORD_TYPE_BITS ||
	    (uint32_t)low >> FLIGHTREC_WORD_TYPE_BITS)
		scan_complain(scan, offset, "half a number has more bits");
	*value = (word & 0xffffffff00000000) | low >> 32;
	return true;
}

static inline void scan_numbers(struct scan *scan, struct scan_block *block,
				unsigned int count, const char *what)
{
	uint64_t offset = scan_offset(block);
	uint64_t value;

	while (count-- && scan_number(scan, block, &value))
		scan_given(scan, offset, value, what);
}

/* A number that is the kernel's: never an address, whoever asks. */
static inline void scan_own_number(struct scan *scan, struct scan_block *block,
				   const char *what)
{
	uint64_t offset = scan_offset(block);
	uint64_t value;

	if (scan_number(scan, block, &value))
		scan_value(scan, offset, value, what);
}

/* Return: how many bytes there are. */
static inline uint32_t scan_bytes(struct scan *scan, struct scan_block *block)
{
	uint32_t all = 0, bytes = FLIGHTREC_TEXT_BYTES;
	uint64_t offset = scan_offset(block);
	uint64_t word;

	while (scan_take(block, FLIGHTREC_WORD_TEXT, &word)) {
		if (bytes != FLIGHTREC_TEXT_BYTES)
			scan_complain(scan, offset,
				      "a text goes on behind its end");
		offset = scan_offset(block);
		bytes = word >> 5 & 7;
		if (!bytes || (bytes < 7 && word >> (8 + bytes * 8)))
			scan_complain(scan, offset,
				      "more than %u bytes of text: %#" PRIx64,
				      bytes, word);
		all += bytes;
	}
	return all;
}

static inline void scan_bits(struct scan *scan, uint64_t offset, uint32_t got,
			     uint32_t known, const char *what)
{
	if (got & ~known)
		scan_complain(scan, offset, "%s: unknown bits %#x", what,
			      got & ~known);
}

/* The tid in a payload's low bits, or in the number behind the word. */
static inline uint32_t scan_tid(struct scan *scan, struct scan_block *block,
				uint32_t payload)
{
	uint32_t tid = payload & FLIGHTREC_TID_ESCAPE;
	uint64_t value = tid;

	if (tid == FLIGHTREC_TID_ESCAPE)
		scan_number(scan, block, &value);
	if (value >= SCAN_TID_LIMIT)
		scan_complain(scan, scan_offset(block), "no tid: %#" PRIx64,
			      value);
	return value < SCAN_TID_LIMIT ? (uint32_t)value : 0;
}

static inline void scan_enter(struct scan *scan, struct scan_block *block,
			      uint32_t type)
{
	unsigned int args = scan->head->args;

	if (type == FLIGHTREC_WORD_ENTER)
		args -= !!args;
	scan_numbers(scan, block, args, "an argument");
}

static inline void scan_path(struct scan *scan, struct scan_block *block,
			     uint32_t most, const char *what)
{
	uint64_t offset = scan_offset(block);
	uint32_t bytes = scan_bytes(scan, block);

	if (bytes > most)
		scan_complain(scan, offset, "%s of %u bytes", what, bytes);
}

static inline void scan_mark(struct scan *scan, struct scan_block *block,
			     uint32_t payload)
{
	uint64_t offset = scan_offset(block);
	uint32_t bytes = scan_bytes(scan, block);

	if (payload >> 16 || bytes != payload || !bytes ||
	    bytes > FLIGHTREC_MARK_MAX)
		scan_complain(scan, offset, "a mark of %#x bytes has %u",
			      payload, bytes);
}

/* What stands behind the first word of a record that names a task. */
static inline void scan_of_task(struct scan *scan, struct scan_block *block,
				uint32_t type, uint32_t payload)
{
	uint64_t offset = scan_offset(block) - 8;
	uint32_t tid = scan_tid(scan, block, payload);
	uint32_t rest = payload >> FLIGHTREC_TID_BITS;

	if (type != FLIGHTREC_WORD_EXEC)
		scan_unnamed(scan, offset, tid, block->clock);
	switch (type) {
	case FLIGHTREC_WORD_SWITCH:
		scan_bits(scan, offset, rest, 0x7f, "switch");
		if ((rest & 0xf) > FLIGHTREC_STATE_IDLE &&
		    (rest & 0xf) != FLIGHTREC_STATE_PREEMPTED)
			scan_complain(scan, offset, "no state: %u", rest & 0xf);
		break;
	case FLIGHTREC_WORD_WAKING:
		scan_bits(scan, offset, rest, 0xf, "waking");
		break;
	case FLIGHTREC_WORD_NEWTASK:
		scan_bits(scan, offset, rest, 0x7, "newtask");
		scan_own_number(scan, block, "clone flags");
		break;
	case FLIGHTREC_WORD_EXEC:
		scan_bits(scan, offset, rest, 0x1, "exec");
		scan_path(scan, block, FLIGHTREC_PATH_MAX, "a path");
		break;
	case FLIGHTREC_WORD_MIGRATE:
		if (rest == FLIGHTREC_CPU_ESCAPE)
			scan_own_number(scan, block, "a CPU");
		break;
	case FLIGHTREC_WORD_RENAME:
		scan_bits(scan, offset, rest, 0, "rename");
		scan_path(scan, block, FLIGHTREC_COMM_BYTES - 1, "a name");
		break;
	default:
		scan_own_number(scan, block, "a signal's code");
		break;
	}
}

/* Of every type the payload's unused bits, and what must stand behind it. */
static inline void scan_record(struct scan *scan, struct scan_block *block,
			       uint64_t word)
{
	uint32_t payload = (uint32_t)(word >> FLIGHTREC_WORD_PAYLOAD_SHIFT);
	uint64_t offset = scan_offset(block) - 8;
	uint32_t type = scan_type(word);

	switch (type) {
	case FLIGHTREC_WORD_CURRENT:
		scan_unnamed(scan, offset, payload, block->clock);
		break;
	case FLIGHTREC_WORD_SWITCH:
	case FLIGHTREC_WORD_WAKING:
	case FLIGHTREC_WORD_NEWTASK:
	case FLIGHTREC_WORD_EXEC:
	case FLIGHTREC_WORD_RENAME:
	case FLIGHTREC_WORD_SIGNAL_GENERATE:
	case FLIGHTREC_WORD_MIGRATE:
		scan_of_task(scan, block, type, payload);
		break;
	case FLIGHTREC_WORD_ENTER:
	case FLIGHTREC_WORD_ENTER_LONG:
	case FLIGHTREC_WORD_ENTER_COMPAT:
		scan_enter(scan, block, type);
		break;
	case FLIGHTREC_WORD_EXIT:
		break;
	case FLIGHTREC_WORD_EXIT_LONG:
	case FLIGHTREC_WORD_EXIT_COMPAT:
		scan_numbers(scan, block, 1, "a result");
		break;
	case FLIGHTREC_WORD_TASK_EXIT:
		scan_bits(scan, offset, payload, 0x1ffff, "task exit");
		break;
	case FLIGHTREC_WORD_SIGNAL_DELIVER:
		scan_bits(scan, offset, payload, 0x1ff, "signal deliver");
		scan_own_number(scan, block, "a signal's code");
		scan_own_number(scan, block, "a handler's flags");
		break;
	case FLIGHTREC_WORD_MARK:
		scan_mark(scan, block, payload);
		break;
	case FLIGHTREC_WORD_IRQ_ENTRY:
		scan_bits(scan, offset, payload, 0x3ffffff, "irq entry");
		scan_path(scan, block, FLIGHTREC_IRQ_NAME_MAX, "a name");
		break;
	case FLIGHTREC_WORD_IRQ_EXIT:
		scan_bits(scan, offset, payload, 0xbffffff, "irq exit");
		break;
	default:
		scan_complain(scan, offset, "no record: %#" PRIx64, word);
		break;
	}
}

/* The absolute time of a first word; it never goes back. */
static inline void scan_time(struct scan *scan, struct scan_block *block,
			     uint64_t word)
{
	const uint64_t period = 1ULL << FLIGHTREC_WORD_TIME_BITS;
	uint64_t low = (uint32_t)word >> FLIGHTREC_WORD_TYPE_BITS;
	uint64_t clock;

	if (block->long_time) {
		clock = (block->clock >> 59 << 59) | block->long_bits << 27 |
			low;
		if (clock < block->clock)
			clock += 1ULL << 59;
		block->long_time = false;
	} else {
		clock = (block->clock & ~(period - 1)) | low;
		if (clock < block->clock)
			clock += period;
	}
	/* A TIME that was not needed is harmless; going far ahead is not. */
	if (clock - block->clock > 1ULL << 50)
		scan_complain(scan, scan_offset(block) - 8, "time goes back");
	block->clock = clock;
}

static inline void scan_records(struct scan *scan, struct scan_block *block)
{
	while (block->at < block->count) {
		uint64_t word = block->words[block->at++];

		if (scan_type(word) == FLIGHTREC_WORD_TIME) {
			block->long_time = true;
			block->long_bits = word >> 32;
			continue;
		}
		scan_time(scan, block, word);
		scan_record(scan, block, word);
		scan->records++;
		if (scan_type(word) == FLIGHTREC_WORD_CURRENT)
			continue;
		block->events++;
		scan->behind += block->clock > scan->head->cut_clock;
	}
}

/* ---- blocks ------------------------------------------------------------- */

/* What this block says against what the one before it on its CPU did. */
static inline void scan_follows(struct scan *scan, uint64_t offset,
				const struct flightrec_block *head,
				const struct scan_block *before)
{
	if (!before->head)
		return;
	if (head->seq != before->head->seq + 1)
		scan_complain(scan, offset, "block %" PRIu64 " behind %" PRIu64,
			      (uint64_t)head->seq, (uint64_t)before->head->seq);
	if (before->overrun)
		return;
	if (head->events != before->events)
		scan_complain(scan, offset,
			      "%" PRIu64
			      " events before it, by its header %" PRIu64,
			      before->events, (uint64_t)head->events);
	if (head->clock < before->clock)
		scan_complain(scan, offset, "begins before the last one ends");
	if (head->lost_events < before->head->lost_events)
		scan_complain(scan, offset, "losses are taken back");
}

static inline bool scan_is_live(const struct scan *scan)
{
	return scan->head->reason == FLIGHTREC_REASON_LIVE;
}

/* A block of a live window that was written anew before it was read. */
static inline void scan_overrun(struct scan *scan, struct scan_block *block,
				const struct scan_block *before)
{
	const struct flightrec_block *head = block->head;

	block->overrun = true;
	if (before->head && head->seq != before->head->seq + 1)
		scan_complain(scan, block->offset,
			      "overrun block %" PRIu64 " behind %" PRIu64,
			      (uint64_t)head->seq, (uint64_t)before->head->seq);
	if (head->used != sizeof(*head))
		scan_complain(scan, block->offset, "an overrun block in use");
	scan_zeros(scan, &head->mono_ns,
		   offsetof(struct flightrec_block, used) -
			   offsetof(struct flightrec_block, mono_ns),
		   "in the header of an overrun block");
	scan_zeros(scan, head + 1, scan->head->block_bytes - sizeof(*head),
		   "in an overrun block");
}

static inline struct scan_block scan_block(struct scan *scan, const void *at,
					   uint32_t cpu,
					   const struct scan_block *before)
{
	const struct flightrec_block *head = at;
	struct scan_block block = {
		.head = head,
		.words = at,
		.offset = scan_at(scan, at),
		.at = sizeof(*head) / 8,
		.clock = head->clock,
		.events = head->events,
	};

	if (scan_is_live(scan) && head->cpu == cpu &&
	    head->magic == FLIGHTREC_BLOCK_OVERRUN_MAGIC) {
		scan_overrun(scan, &block, before);
		return block;
	}
	if (head->magic != FLIGHTREC_BLOCK_MAGIC || head->cpu != cpu ||
	    head->used < sizeof(*head) ||
	    head->used > scan->head->block_bytes || head->used % 8 ||
	    head->tid >= SCAN_TID_LIMIT) {
		scan_complain(scan, block.offset, "no block");
		return block;
	}
	block.count = head->used / 8;
	scan_value(scan, block.offset, head->clock, "a block's clock");
	scan_value(scan, block.offset, head->mono_ns, "a block's time");
	scan_value(scan, block.offset, head->gap_clock, "a gap's begin");
	scan_follows(scan, block.offset, head, before);
	scan_records(scan, &block);
	scan_zeros(scan, (const uint8_t *)at + head->used,
		   scan->head->block_bytes - head->used,
		   "behind what is in use of a block");
	return block;
}

static inline void scan_cpu(struct scan *scan,
			    const struct flightrec_window_cpu *cpu)
{
	const uint8_t *at = scan_table(scan, &scan->head->blocks);
	uint64_t offset = scan_at(scan, cpu);
	struct scan_block block = { 0 };
	uint64_t i;

	if (cpu->first_block > scan->head->blocks.count ||
	    cpu->blocks > scan->head->blocks.count - cpu->first_block) {
		scan_complain(scan, offset, "blocks that are not there");
		return;
	}
	at += cpu->first_block * scan->head->block_bytes;
	for (i = 0; i < cpu->blocks; i++, at += scan->head->block_bytes)
		block = scan_block(scan, at, cpu->cpu, &block);
	/* Recording went on behind the count, and behind the last block. */
	if (!scan_is_live(scan) && cpu->events != block.events)
		scan_complain(scan, offset,
			      "%" PRIu64 " events, by its entry %" PRIu64,
			      block.events, (uint64_t)cpu->events);
	scan_value(scan, offset, cpu->complete_clock, "complete since");
}

static inline void scan_cpus(struct scan *scan)
{
	const struct flightrec_window_cpu *cpu =
		scan_table(scan, &scan->head->cpus);
	uint64_t i, blocks = 0;

	for (i = 0; i < scan->head->cpus.count; i++, cpu++) {
		if (cpu->first_block != blocks)
			scan_complain(scan, scan_at(scan, cpu),
				      "the blocks of CPU %u stand elsewhere",
				      cpu->cpu);
		blocks += cpu->blocks;
		scan_cpu(scan, cpu);
	}
	if (blocks != scan->head->blocks.count)
		scan_complain(scan, 0, "blocks of no CPU");
}

/* Return: how many complaints there are. */
static inline unsigned int scan_window(struct scan *scan, const void *bytes,
				       uint64_t length)
{
	scan->bytes = bytes;
	scan->length = length;
	scan->head = bytes;
	scan->named = calloc(1, SCAN_TID_LIMIT / 8);
	TRUTH_MUST(scan->named);
	scan_poison(scan);
	if (scan_header(scan)) {
		scan_tasks(scan);
		scan_calls(scan);
		scan_targets(scan);
		scan_cpus(scan);
	}
	free(scan->named);
	return scan->complaints;
}

#endif /* SCAN_H */
