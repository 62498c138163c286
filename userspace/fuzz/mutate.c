// SPDX-License-Identifier: GPL-2.0
/*
 * A mutator that knows what a window is: header, sections, tables, block headers,
 * words with their types and escapes. Flipping bits blindly rarely gets past a
 * window's first checks, or far into a block; this does, and libFuzzer's own
 * mutations have their turn as well, on all of the bytes or on a part of them.
 *
 * What it changes it finds by the header, which may be wrong already: every
 * place is checked against the size before it is touched. Little-endian hosts.
 */
#include <linux/flightrec.h>

#include "fuzz.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "windows are changed by plain stores, which must be little endian"
#endif

#define HEADER sizeof(struct flightrec_window)
#define BLOCK  sizeof(struct flightrec_block)

/**
 * struct subject - the window that is being changed
 * @data: its bytes
 * @size: how many there are
 * @room: how many there may be
 * @dice: state of the choices
 */
struct subject {
	uint8_t *data;
	size_t size;
	size_t room;
	uint64_t dice;
};

/* ---- choices -------------------------------------------------------------- */

static uint64_t roll(struct subject *s)
{
	uint64_t x = s->dice += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint64_t below(struct subject *s, uint64_t limit)
{
	return limit ? roll(s) % limit : 0;
}

/* Numbers at which something begins or ends. */
static uint64_t edge(struct subject *s)
{
	uint64_t one = 1ULL << below(s, 64);

	switch (below(s, 8)) {
	case 0:
		return one - 1;
	case 1:
		return one;
	case 2:
		return -one;
	case 3:
		return 0;
	case 4:
		return UINT64_MAX - below(s, 3);
	case 5:
		return s->size - below(s, 3) * 8;
	case 6:
		return below(s, 4096);
	default:
		return roll(s);
	}
}

/* @value, changed: a little, in one bit, or for another one. */
static uint64_t another(struct subject *s, uint64_t value)
{
	switch (below(s, 6)) {
	case 0:
		return value + 1 + below(s, 8);
	case 1:
		return value - 1 - below(s, 8);
	case 2:
		return value ^ 1ULL << below(s, 64);
	case 3:
		return value * 2;
	case 4:
		return value / 2;
	default:
		return edge(s);
	}
}

/* ---- places --------------------------------------------------------------- */

static struct flightrec_window *header_of(struct subject *s)
{
	return (struct flightrec_window *)s->data;
}

static bool is_there(const struct subject *s, uint64_t offset, uint64_t bytes)
{
	return offset <= s->size && bytes <= s->size - offset;
}

/* Change the number of @bytes bytes at @offset. */
static void change_at(struct subject *s, uint64_t offset, unsigned int bytes)
{
	uint64_t value = 0;

	if (!is_there(s, offset, bytes))
		return;
	memcpy(&value, s->data + offset, bytes);
	value = another(s, value);
	memcpy(s->data + offset, &value, bytes);
}

static struct flightrec_section section_of(struct subject *s, unsigned int i)
{
	const struct flightrec_window *w = header_of(s);
	const struct flightrec_section *sections[] = {
		&w->cpus, &w->tasks, &w->calls, &w->targets, &w->blocks,
	};

	return *sections[i];
}

/* Where an entry of @section is; false: it has none in the file. */
static bool pick_entry(struct subject *s, struct flightrec_section section,
		       uint64_t *offset)
{
	uint64_t there;

	if (!section.count || !section.entry_bytes || section.offset >= s->size)
		return false;
	there = (s->size - section.offset) / section.entry_bytes;
	if (there > section.count)
		there = section.count;
	*offset = section.offset + below(s, there) * section.entry_bytes;
	return there && is_there(s, *offset, section.entry_bytes);
}

/* A block in the file whose words can be found. */
static struct flightrec_block *pick_block(struct subject *s)
{
	struct flightrec_section blocks = section_of(s, 4);
	struct flightrec_block *block;
	uint64_t offset;

	if (blocks.entry_bytes < BLOCK + 8 || !pick_entry(s, blocks, &offset) ||
	    offset % 8)
		return NULL;
	block = (struct flightrec_block *)(s->data + offset);
	return block->used >= BLOCK && block->used <= blocks.entry_bytes ?
		       block :
		       NULL;
}

/* ---- the header and the tables -------------------------------------------- */

/* Offsets of the header's numbers, and their sizes. */
static const struct {
	uint16_t offset;
	uint16_t bytes;
} numbers[] = {
#define NUMBER(member)                                                 \
	{                                                              \
		offsetof(struct flightrec_window, member),             \
			sizeof(((struct flightrec_window *)0)->member) \
	}
	NUMBER(header_bytes),
	NUMBER(window_bytes),
	NUMBER(reason),
	NUMBER(clock),
	NUMBER(clock_khz),
	NUMBER(start_clock),
	NUMBER(start_mono_ns),
	NUMBER(cut_clock),
	NUMBER(cut_mono_ns),
	NUMBER(cut_boot_ns),
	NUMBER(cut_real_ns),
	NUMBER(complete_clock),
	NUMBER(names_clock),
	NUMBER(ring_bytes),
	NUMBER(block_bytes),
	NUMBER(events),
	NUMBER(args),
	NUMBER(policy),
	NUMBER(cpus_possible),
	NUMBER(page_bytes),
	NUMBER(lost_events),
	NUMBER(missed_targets),
	NUMBER(keep_ns),
	NUMBER(cpus.offset),
	NUMBER(cpus.count),
	NUMBER(cpus.entry_bytes),
	NUMBER(tasks.offset),
	NUMBER(tasks.count),
	NUMBER(tasks.entry_bytes),
	NUMBER(calls.offset),
	NUMBER(calls.count),
	NUMBER(calls.entry_bytes),
	NUMBER(targets.offset),
	NUMBER(targets.count),
	NUMBER(targets.entry_bytes),
	NUMBER(blocks.offset),
	NUMBER(blocks.count),
	NUMBER(blocks.entry_bytes),
	NUMBER(firing.sequence),
	NUMBER(firing.trigger),
	NUMBER(firing.condition),
	NUMBER(firing.tid),
	NUMBER(firing.cpu),
	NUMBER(firing.value),
	NUMBER(firing.limit),
	NUMBER(firing.nr),
	NUMBER(firing.action),
	NUMBER(firing.clock),
	NUMBER(firing.mono_ns),
#undef NUMBER
};

static void change_header(struct subject *s)
{
	size_t i = below(s, sizeof(numbers) / sizeof(numbers[0]));

	change_at(s, numbers[i].offset, numbers[i].bytes);
}

/* The recorder's clock: the kind, so that times go by the blocks' pairs. */
static void change_clock(struct subject *s)
{
	struct flightrec_window *w = header_of(s);

	w->clock ^= FLIGHTREC_CLOCK_MONO ^ FLIGHTREC_CLOCK_TSC;
	if (below(s, 2))
		w->clock_khz = (uint32_t)edge(s);
}

static void change_events(struct subject *s)
{
	struct flightrec_window *w = header_of(s);

	w->events = (uint32_t)below(s, FLIGHTREC_EVENTS_ALL + 1);
	w->args = (uint32_t)below(s, 7);
	if (below(s, 2))
		memcpy(w->machine, "aarch64\0\0", 9);
}

/* One number of a table's entry; all of them are 4 or 8 bytes. */
static void change_entry(struct subject *s)
{
	struct flightrec_section section;
	uint64_t offset;

	section = section_of(s, (unsigned int)below(s, 4));
	if (!pick_entry(s, section, &offset))
		return;
	if (below(s, 2))
		change_at(s, offset + below(s, section.entry_bytes / 8) * 8, 8);
	else
		change_at(s, offset + below(s, section.entry_bytes / 4) * 4, 4);
}

/* An entry becomes another one, of a table or of the blocks. */
static void copy_entry(struct subject *s)
{
	struct flightrec_section section;
	uint64_t from, to;

	section = section_of(s, (unsigned int)below(s, 5));
	if (pick_entry(s, section, &from) && pick_entry(s, section, &to))
		memmove(s->data + to, s->data + from, section.entry_bytes);
}

/* A task that is renamed, dies, or has its tid from another one. */
static void change_task(struct subject *s)
{
	struct flightrec_section section = section_of(s, 1);
	struct flightrec_window_task task, other;
	uint64_t offset, second;

	if (section.entry_bytes < sizeof(task) ||
	    !pick_entry(s, section, &offset) ||
	    !pick_entry(s, section, &second))
		return;
	memcpy(&task, s->data + offset, sizeof(task));
	memcpy(&other, s->data + second, sizeof(other));
	task.until_reason = (uint32_t)below(s, 6);
	task.until_clock = below(s, header_of(s)->cut_clock | 1);
	if (below(s, 2))
		task.tid = other.tid;
	if (below(s, 2))
		task.tgid = other.tgid;
	if (below(s, 2))
		task.start_mono_ns = other.start_mono_ns + edge(s);
	task.flags = (uint32_t)below(s, 8);
	memcpy(s->data + offset, &task, sizeof(task));
}

/* ---- blocks --------------------------------------------------------------- */

static void change_block(struct subject *s)
{
	static const uint8_t at[] = {
		offsetof(struct flightrec_block, magic),
		offsetof(struct flightrec_block, cpu),
		offsetof(struct flightrec_block, seq),
		offsetof(struct flightrec_block, clock),
		offsetof(struct flightrec_block, mono_ns),
		offsetof(struct flightrec_block, events),
		offsetof(struct flightrec_block, lost_events),
		offsetof(struct flightrec_block, gap_clock),
		offsetof(struct flightrec_block, tid),
		offsetof(struct flightrec_block, used),
	};
	struct flightrec_block *block = pick_block(s);
	size_t i = below(s, sizeof(at));

	if (block)
		change_at(s, (uint64_t)((uint8_t *)block - s->data) + at[i],
			  i < 2 || i > 7 ? 4 : 8);
}

/* What a block's header tells: a gap, a loss, another task. */
static void tell_block(struct subject *s)
{
	struct flightrec_block *block = pick_block(s);

	if (!block)
		return;
	switch (below(s, 4)) {
	case 0:
		block->gap_clock = block->clock - below(s, 5000);
		break;
	case 1:
		block->lost_events += below(s, 100);
		header_of(s)->lost_events = UINT64_MAX;
		break;
	case 2:
		block->events += below(s, 40);
		break;
	default:
		block->tid = (uint32_t)below(s, 300);
	}
}

/* Of a live window: a block was written anew before it was read. */
static void overrun_block(struct subject *s)
{
	struct flightrec_block *block = pick_block(s);

	header_of(s)->reason = FLIGHTREC_REASON_LIVE;
	if (block)
		block->magic = FLIGHTREC_BLOCK_OVERRUN_MAGIC;
}

/* One more block of the CPU that has the last one, with all that counts it. */
static void add_block(struct subject *s)
{
	struct flightrec_window *w = header_of(s);
	struct flightrec_window_end end;
	struct flightrec_window_cpu *cpu;
	uint64_t at = w->blocks.offset, stride = w->blocks.entry_bytes;
	uint64_t i, offset;

	if (stride < BLOCK || stride > 65536 || stride % 8 || at % 8 ||
	    w->blocks.count > 4096 || !pick_entry(s, w->blocks, &offset))
		return;
	at += w->blocks.count * stride;
	if (at > s->room || stride + sizeof(end) > s->room - at || at > s->size)
		return;
	memmove(s->data + at, s->data + offset, stride);
	w->blocks.count++;
	w->window_bytes = at + stride + sizeof(end);
	memcpy(end.magic, FLIGHTREC_WINDOW_END_MAGIC, sizeof(end.magic));
	end.window_bytes = w->window_bytes;
	memcpy(s->data + at + stride, &end, sizeof(end));
	s->size = w->window_bytes;
	for (i = w->cpus.count; i-- > 0 && i < 1024;) {
		offset = w->cpus.offset + i * sizeof(*cpu);
		if (w->cpus.entry_bytes != sizeof(*cpu) || offset % 8 ||
		    !is_there(s, offset, sizeof(*cpu)))
			return;
		cpu = (struct flightrec_window_cpu *)(s->data + offset);
		if (cpu->first_block + cpu->blocks + 1 != w->blocks.count)
			continue;
		cpu->blocks++;
		((struct flightrec_block *)(s->data + at))->cpu = cpu->cpu;
		return;
	}
}

/* ---- words ---------------------------------------------------------------- */

static unsigned int type_of(uint64_t word)
{
	return word & FLIGHTREC_WORD_TYPE_MASK;
}

static uint64_t make_word(unsigned int type, uint64_t clock, uint32_t payload)
{
	return (uint64_t)payload << 32 | (uint32_t)(clock << 5) | type;
}

/* A number: a small one, one of 32 bits, or any. */
static uint64_t make_value(struct subject *s)
{
	uint64_t kind = below(s, 3), value = edge(s);

	if (kind < 2)
		value = below(s, kind ? 1ULL << 32 : 1 << 16);
	return value << FLIGHTREC_WORD_TYPE_BITS | FLIGHTREC_WORD_VALUE;
}

/* A piece of text; only the last one is rightly shorter than a word. */
static uint64_t make_text(struct subject *s, bool last)
{
	uint64_t bytes = FLIGHTREC_TEXT_BYTES, text = roll(s);

	if (last || !below(s, 64))
		bytes = 1 + below(s, FLIGHTREC_TEXT_BYTES);

	if (below(s, 2)) /* letters */
		text = (text & 0x0707070707070707) + 0x6161616161616161;
	text &= UINT64_MAX >> (64 - 8 * bytes);
	return text << 8 | bytes << 5 | FLIGHTREC_WORD_TEXT;
}

static uint32_t make_tid(struct subject *s)
{
	if (!below(s, 16))
		return FLIGHTREC_TID_ESCAPE;
	return (uint32_t)(below(s, 8) ? 100 + below(s, 8) : below(s, 1 << 22));
}

static uint32_t make_payload(struct subject *s, unsigned int type)
{
	switch (type) {
	case FLIGHTREC_WORD_TIME:
		return (uint32_t)below(s, 4);
	case FLIGHTREC_WORD_CURRENT:
	case FLIGHTREC_WORD_RENAME:
		return make_tid(s);
	case FLIGHTREC_WORD_ENTER_LONG:
	case FLIGHTREC_WORD_ENTER_COMPAT:
	case FLIGHTREC_WORD_EXIT_LONG:
	case FLIGHTREC_WORD_EXIT_COMPAT:
		return (uint32_t)(below(s, 4) ? below(s, 450) : edge(s));
	case FLIGHTREC_WORD_ENTER:
	case FLIGHTREC_WORD_EXIT:
		return (uint32_t)(below(s, 450) | roll(s) << 10);
	case FLIGHTREC_WORD_IRQ_ENTRY:
	case FLIGHTREC_WORD_IRQ_EXIT:
		return (uint32_t)(below(s, 4) |
				  below(s, 4) << FLIGHTREC_IRQ_KIND_SHIFT);
	case FLIGHTREC_WORD_MIGRATE:
		return make_tid(s) | (below(s, 8) ? (uint32_t)below(s, 4) :
						    FLIGHTREC_CPU_ESCAPE)
					     << FLIGHTREC_MIGRATE_CPU_SHIFT;
	default:
		return make_tid(s) | (uint32_t)(roll(s) << 22);
	}
}

static bool has_tid(unsigned int type)
{
	return type == FLIGHTREC_WORD_SWITCH || type == FLIGHTREC_WORD_WAKING ||
	       type == FLIGHTREC_WORD_NEWTASK || type == FLIGHTREC_WORD_EXEC ||
	       type == FLIGHTREC_WORD_RENAME ||
	       type == FLIGHTREC_WORD_MIGRATE ||
	       type == FLIGHTREC_WORD_SIGNAL_GENERATE;
}

/* A record as it should be; returns how many words it has, at most 40. */
static unsigned int make_record(struct subject *s, uint64_t clock,
				uint64_t *words)
{
	unsigned int type = 1 + (unsigned int)below(s, FLIGHTREC_WORD_MIGRATE);
	uint32_t payload = make_payload(s, type);
	unsigned int count = 1, texts = 0, values = 0;

	if ((payload & FLIGHTREC_TID_ESCAPE) == FLIGHTREC_TID_ESCAPE &&
	    has_tid(type))
		values = 1;
	switch (type) {
	case FLIGHTREC_WORD_ENTER_LONG:
	case FLIGHTREC_WORD_ENTER_COMPAT:
		values = (unsigned int)below(s, 7);
		break;
	case FLIGHTREC_WORD_EXIT_LONG:
	case FLIGHTREC_WORD_EXIT_COMPAT:
		values = 1;
		break;
	case FLIGHTREC_WORD_NEWTASK:
	case FLIGHTREC_WORD_SIGNAL_GENERATE:
		values++;
		break;
	case FLIGHTREC_WORD_SIGNAL_DELIVER:
		values = 2;
		break;
	case FLIGHTREC_WORD_EXEC:
		texts = (unsigned int)below(s, 10);
		break;
	case FLIGHTREC_WORD_RENAME:
		texts = (unsigned int)below(s, 4);
		break;
	case FLIGHTREC_WORD_IRQ_ENTRY:
		texts = (unsigned int)below(s, 5);
		break;
	case FLIGHTREC_WORD_MIGRATE:
		values += payload >> FLIGHTREC_MIGRATE_CPU_SHIFT ==
			  FLIGHTREC_CPU_ESCAPE;
		break;
	case FLIGHTREC_WORD_MARK:
		texts = (unsigned int)below(s, 37);
		payload = 0;
		break;
	}
	while (values--)
		words[count++] = make_value(s);
	while (texts--) {
		words[count] = make_text(s, !texts);
		payload += type == FLIGHTREC_WORD_MARK ? words[count] >> 5 & 7 :
							 0;
		count++;
	}
	words[0] = make_word(type, clock, payload);
	return count;
}

/* Change one word, in a way that its type makes interesting. */
static void change_word(struct subject *s, uint64_t *word)
{
	unsigned int type = type_of(*word);

	switch (below(s, 6)) {
	case 0:
		*word = (*word & ~(uint64_t)FLIGHTREC_WORD_TYPE_MASK) |
			below(s, 32);
		break;
	case 1: /* the time: a little later, or earlier */
		*word = (*word & ~0xffffffe0ULL) |
			(uint32_t)((*word & 0xffffffe0) +
				   ((below(s, 4096) - 64) << 5));
		break;
	case 2:
		*word = make_word(type, *word >> 5, make_payload(s, type));
		break;
	case 3:
		*word = type == FLIGHTREC_WORD_TEXT ?
				make_text(s, below(s, 2)) :
				make_value(s);
		break;
	case 4:
		*word ^= 1ULL << below(s, 64);
		break;
	default:
		*word = below(s, 4) ? *word ^ edge(s) << 32 : 0;
	}
}

/* Put @count words in before number @at of @block; what is last falls out. */
static void insert_words(struct subject *s, struct flightrec_block *block,
			 uint64_t at, const uint64_t *words, uint64_t count)
{
	uint64_t *all = (uint64_t *)(block + 1);
	uint64_t room = (header_of(s)->blocks.entry_bytes - BLOCK) / 8;
	uint64_t used = (block->used - BLOCK) / 8;

	if (at > used || count > room - at)
		return;
	if (used > room - count)
		used = room - count;
	memmove(all + at + count, all + at, (used - at) * 8);
	memcpy(all + at, words, count * 8);
	block->used = (uint32_t)(BLOCK + (used + count) * 8);
}

static void remove_words(struct flightrec_block *block, uint64_t at,
			 uint64_t count)
{
	uint64_t *all = (uint64_t *)(block + 1);
	uint64_t used = (block->used - BLOCK) / 8;

	if (at > used || count > used - at)
		return;
	memmove(all + at, all + at + count, (used - at - count) * 8);
	memset(all + used - count, 0, count * 8);
	block->used -= (uint32_t)count * 8;
}

static void change_words(struct subject *s)
{
	struct flightrec_block *block = pick_block(s);
	uint64_t used, at, words[48], clock, *all;

	if (!block)
		return;
	all = (uint64_t *)(block + 1);
	used = (block->used - BLOCK) / 8;
	at = below(s, used + 1);
	clock = at && used ? all[at - 1] >> 5 : block->clock;
	switch (below(s, 5)) {
	case 0:
		insert_words(s, block, at, words, make_record(s, clock, words));
		break;
	case 1:
		remove_words(block, at, 1 + below(s, 3));
		break;
	case 2: /* one of its records a second time */
		if (at < used) {
			words[0] = all[at];
			insert_words(s, block, below(s, used), words, 1);
		}
		break;
	default:
		if (at < used)
			change_word(s, &all[at]);
	}
}

/* ---- blindly -------------------------------------------------------------- */

static void cut_short(struct subject *s)
{
	if (s->size)
		s->size = below(s, s->size);
}

/* libFuzzer's own, on some part that is at least 8 bytes long. */
static void change_part(struct subject *s)
{
	struct flightrec_section section;
	uint64_t offset;

	section = section_of(s, (unsigned int)below(s, 5));
	if (!pick_entry(s, section, &offset) || section.entry_bytes < 8)
		return;
	LLVMFuzzerMutate(s->data + offset, section.entry_bytes,
			 section.entry_bytes);
}

static void change_anything(struct subject *s)
{
	s->size = LLVMFuzzerMutate(s->data, s->size, s->room);
}

/* ---- all of it ------------------------------------------------------------ */

static void change_once(struct subject *s)
{
	static void (*const changes[])(struct subject * s) = {
		change_words,  change_words,  change_words,    change_words,
		change_words,  change_words,  change_words,    change_words,
		tell_block,    tell_block,    change_block,    change_block,
		overrun_block, add_block,     copy_entry,      change_entry,
		change_task,   change_header, change_clock,    change_events,
		change_part,   change_part,   change_anything,
	};

	if (s->size < HEADER)
		change_anything(s);
	else
		changes[below(s, sizeof(changes) / sizeof(changes[0]))](s);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer's prototype */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	struct subject s = { data, size, max_size, seed };
	uint64_t times = 1 + below(&s, 4);

	while (times--)
		change_once(&s);
	if (!below(&s, 64))
		cut_short(&s);
	return s.size;
}
