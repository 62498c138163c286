// SPDX-License-Identifier: LGPL-2.1-only
/* Damage, and what must come out nevertheless. See damage.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "event_sum.h"

#define HEADER_BYTES sizeof(struct flightrec_block)

static size_t roll(struct dice *dice, size_t limit)
{
	return (size_t)dice_roll(dice, limit);
}

/* ---- doing it -------------------------------------------------------------- */

/* Some of @length bytes at @from: here and there, or a run of them. */
static void damage_bytes(struct dice *dice, uint8_t *from, size_t length)
{
	size_t begin = roll(dice, length);
	size_t run = 1 + roll(dice, length - begin);
	size_t times = 1 + roll(dice, 8);

	switch (roll(dice, 5)) {
	case 0:
		memset(from + begin, 0, run);
		break;
	case 1:
		memset(from + begin, 0xff, run);
		break;
	case 2:
		for (size_t i = 0; i < run; i++)
			from[begin + i] = (uint8_t)roll(dice, 256);
		break;
	case 3:
		from[begin] ^= (uint8_t)(1U << roll(dice, 8));
		break;
	default:
		while (times--) {
			begin = roll(dice, length);
			from[begin] = (uint8_t)roll(dice, 256);
		}
	}
}

static uint8_t *block_at(const struct ledger *ledger, const uint8_t *bytes,
			 unsigned int cpu, size_t block)
{
	/* Where the builder put it in its window, it is in the copy. */
	struct window_builder *b = (struct window_builder *)&ledger->b;
	struct flightrec_block *there;

	there = window_builder_block_at(b, ledger->numbers[cpu], block);
	return (uint8_t *)bytes + ((const uint8_t *)there - b->bytes);
}

static size_t blocks_of(const struct ledger *ledger, unsigned int cpu)
{
	return window_builder_blocks(&ledger->b, ledger->numbers[cpu]);
}

/* What the reader cannot take for a block of this CPU, by itself. */
static bool is_unreadable(const struct ledger *ledger, unsigned int cpu,
			  const uint8_t *bytes)
{
	struct flightrec_block header;

	memcpy(&header, bytes, sizeof(header));
	return header.magic != FLIGHTREC_BLOCK_MAGIC ||
	       header.cpu != ledger->numbers[cpu] ||
	       header.used < HEADER_BYTES || header.used % 8 ||
	       header.used > ledger->b.header.block_bytes;
}

/* Any block of any CPU that has one; false: there is none. */
static bool pick_block(const struct ledger *ledger, struct dice *dice,
		       unsigned int *cpu, size_t *block)
{
	*cpu = (unsigned int)roll(dice, ledger->cpus);
	if (!blocks_of(ledger, *cpu))
		return false;
	*block = roll(dice, blocks_of(ledger, *cpu));
	return true;
}

static void damage_block(struct damage *damage, const struct ledger *ledger,
			 struct dice *dice)
{
	size_t length = ledger->b.header.block_bytes, other;
	unsigned int cpu;
	uint8_t *there;

	if (!pick_block(ledger, dice, &damage->cpu, &damage->block)) {
		damage->kind = DAMAGE_NONE;
		return;
	}
	there = block_at(ledger, damage->bytes, damage->cpu, damage->block);
	if (!roll(dice, 8) && pick_block(ledger, dice, &cpu, &other))
		memcpy(there, block_at(ledger, ledger->b.bytes, cpu, other),
		       length);
	else if (!roll(dice, 3))
		damage_bytes(dice, there, HEADER_BYTES);
	else if (roll(dice, 2))
		damage_bytes(dice, there + HEADER_BYTES, length - HEADER_BYTES);
	else
		damage_bytes(dice, there, length);
	damage->header_hit = memcmp(there,
				    block_at(ledger, ledger->b.bytes,
					     damage->cpu, damage->block),
				    HEADER_BYTES);
	damage->unreadable = is_unreadable(ledger, damage->cpu, there);
}

/*
 * Numbers without which every event can still be told, and its time in ticks.
 * The others: where the blocks are, the cut, how many arguments a call has, how
 * many events can have been lost.
 */
static void damage_header(struct damage *damage, struct dice *dice)
{
	static const struct {
		size_t offset;
		size_t bytes;
	} numbers[] = {
#define NUMBER(member)                               \
	{ offsetof(struct flightrec_window, member), \
	  sizeof(((struct flightrec_window *)0)->member) }
		NUMBER(window_bytes),	NUMBER(recorder),
		NUMBER(reason),		NUMBER(clock),
		NUMBER(clock_khz),	NUMBER(start_clock),
		NUMBER(start_mono_ns),	NUMBER(cut_mono_ns),
		NUMBER(cut_boot_ns),	NUMBER(cut_real_ns),
		NUMBER(complete_clock), NUMBER(names_clock),
		NUMBER(ring_bytes),	NUMBER(block_bytes),
		NUMBER(events),		NUMBER(policy),
		NUMBER(cpus_possible),	NUMBER(page_bytes),
		NUMBER(missed_targets), NUMBER(cpus),
		NUMBER(tasks),		NUMBER(calls),
		NUMBER(targets),	NUMBER(nodename),
		NUMBER(release),	NUMBER(version_text),
		NUMBER(machine),	NUMBER(firing),
#undef NUMBER
	};
	size_t i = roll(dice, sizeof(numbers) / sizeof(numbers[0]));

	damage_bytes(dice, damage->bytes + numbers[i].offset, numbers[i].bytes);
}

void damage_init(struct damage *damage, const struct ledger *ledger,
		 struct dice *dice)
{
	const struct flightrec_window *header = &ledger->b.header;

	memset(damage, 0, sizeof(*damage));
	damage->kind = (enum damage_kind)roll(dice, DAMAGE_KINDS);
	damage->length = ledger->b.length;
	damage->bytes = malloc(damage->length);
	if (!damage->bytes)
		abort();
	memcpy(damage->bytes, ledger->b.bytes, damage->length);
	switch (damage->kind) {
	case DAMAGE_BLOCK:
		damage_block(damage, ledger, dice);
		break;
	case DAMAGE_TABLE:
		damage_bytes(dice, damage->bytes + header->cpus.offset,
			     header->blocks.offset - header->cpus.offset);
		break;
	case DAMAGE_HEADER:
		damage_header(damage, dice);
		break;
	case DAMAGE_TRUNCATION:
		damage->length = roll(dice, damage->length);
		break;
	default:
		break;
	}
}

void damage_deinit(struct damage *damage)
{
	free(damage->bytes);
}

/* ---- what comes out -------------------------------------------------------- */

static bool is_record(enum flightrec_event_type type)
{
	return type != FLIGHTREC_EVENT_LOST && type != FLIGHTREC_EVENT_GAP &&
	       type != FLIGHTREC_EVENT_BEGIN;
}

static void outcome_add(struct outcome *outcome,
			const struct flightrec_event *event)
{
	struct outcome_event *added;

	outcome->events =
		realloc(outcome->events,
			(outcome->count + 1) * sizeof(*outcome->events));
	if (!outcome->events)
		abort();
	added = &outcome->events[outcome->count++];
	memset(added, 0, sizeof(*added));
	added->type = event->type;
	added->cpu = event->cpu;
	added->clock = event->clock;
	if (event->type == FLIGHTREC_EVENT_LOST) {
		added->lost = event->lost.events;
		added->damaged = event->lost.damaged;
	}
	if (is_record(event->type))
		added->sum = event_sum(event);
	if (outcome->count > 1 && added->clock < added[-1].clock)
		outcome->fallen = true;
}

int outcome_init(struct outcome *outcome, const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);
	struct flightrec_reader *reader;
	struct flightrec_event event;
	int ret;

	memset(outcome, 0, sizeof(*outcome));
	if (!copy)
		abort();
	/* Of the right length, so that a sanitizer sees who reads on. */
	memcpy(copy, bytes, length);
	ret = flightrec_reader_from_memory(copy, length, &reader, NULL);
	if (!ret) {
		while (flightrec_reader_next(reader, &event) == 1)
			outcome_add(outcome, &event);
		flightrec_reader_destroy(reader);
	}
	free(copy);
	return ret;
}

void outcome_deinit(struct outcome *outcome)
{
	free(outcome->events);
}

/* ---- judging one CPU ------------------------------------------------------- */

/**
 * struct side - one CPU's events: those recorded, those delivered
 * @cpu: index of the CPU
 * @truth: what was recorded
 * @truths: how many
 * @seen: what was delivered of records
 * @seens: how many
 * @begins: BEGIN events
 * @losts: LOST events for damage
 * @missing: what the last of them says
 * @lost: sum of the other LOST events
 */
struct side {
	unsigned int cpu;
	const struct ledger_event **truth;
	size_t truths;
	const struct outcome_event **seen;
	size_t seens;
	size_t begins;
	size_t losts;
	uint64_t missing;
	uint64_t lost;
};

static void side_count(struct side *side, const struct outcome_event *event)
{
	if (is_record(event->type))
		side->seen[side->seens++] = event;
	if (event->type == FLIGHTREC_EVENT_BEGIN)
		side->begins++;
	if (event->type != FLIGHTREC_EVENT_LOST)
		return;
	if (event->damaged) {
		side->losts++;
		side->missing = event->lost;
	} else {
		side->lost += event->lost;
	}
}

static void side_init(struct side *side, unsigned int cpu,
		      const struct ledger *ledger,
		      const struct outcome *outcome)
{
	size_t i;

	memset(side, 0, sizeof(*side));
	side->cpu = cpu;
	side->truth = calloc(ledger->count + 1, sizeof(*side->truth));
	side->seen = calloc(outcome->count + 1, sizeof(*side->seen));
	if (!side->truth || !side->seen)
		abort();
	for (i = 0; i < ledger->count; i++)
		if (ledger->events[i].cpu == cpu)
			side->truth[side->truths++] = &ledger->events[i];
	for (i = 0; i < outcome->count; i++)
		if (outcome->events[i].cpu == ledger->numbers[cpu])
			side_count(side, &outcome->events[i]);
}

static void side_deinit(struct side *side)
{
	free(side->truth);
	free(side->seen);
}

/* Of one CPU, those that its blocks tell, or those that the CPU table tells besides. */
static uint64_t losses_told(const struct ledger *ledger, unsigned int cpu,
			    bool by_table)
{
	size_t blocks = blocks_of(ledger, cpu);
	uint64_t sum = 0;

	for (size_t i = 0; i < ledger->losses_count; i++)
		if (ledger->losses[i].cpu == cpu &&
		    (ledger->losses[i].block == blocks) == by_table)
			sum += ledger->losses[i].events;
	return sum;
}

static uint64_t losses_of(const struct ledger *ledger, unsigned int cpu)
{
	return losses_told(ledger, cpu, false) + losses_told(ledger, cpu, true);
}

static bool same(const struct ledger_event *truth,
		 const struct outcome_event *seen)
{
	return truth->sum == seen->sum && truth->clock == seen->clock;
}

/* The first @count of what was recorded are the first of what came out. */
static bool begins_with(const struct side *side, size_t count)
{
	if (side->seens < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same(side->truth[i], side->seen[i]))
			return false;
	return true;
}

static const char *judge_whole(const struct side *side,
			       const struct ledger *ledger, bool counts)
{
	if (side->seens != side->truths || !begins_with(side, side->truths))
		return "events of a CPU that is not damaged are not all there";
	if (side->begins != (blocks_of(ledger, side->cpu) > 0))
		return "a CPU begins not once";
	if (!counts)
		return NULL;
	if (side->losts)
		return "damage where there is none";
	if (side->lost != losses_of(ledger, side->cpu))
		return "another number of events lost by the recorder";
	return NULL;
}

/* ---- judging a damaged block ----------------------------------------------- */

/*
 * The events behind the damaged block. A time in it that is too late by less
 * than a block cannot be seen to be so; the block that comes next is then made
 * to begin there, so of that one the clocks are not compared.
 */
static bool ends_with(const struct side *side, size_t count, size_t block)
{
	if (side->seens < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct ledger_event *truth =
			side->truth[side->truths - count + i];
		const struct outcome_event *seen =
			side->seen[side->seens - count + i];

		if (truth->sum != seen->sum || seen->clock < truth->clock)
			return false;
		if (truth->block > block + 1 && seen->clock != truth->clock)
			return false;
	}
	return true;
}

/*
 * Words of the damaged block that are now records of types to come: they count,
 * but are not told.
 */
static size_t count_unknown(const struct damage *damage,
			    const struct ledger *ledger)
{
	const uint8_t *at =
		block_at(ledger, damage->bytes, damage->cpu, damage->block);
	struct flightrec_block header;
	size_t count = 0;

	memcpy(&header, at, sizeof(header));
	if (damage->unreadable)
		return 0;
	for (size_t i = HEADER_BYTES; i < header.used; i += 8) {
		unsigned int type = at[i] & FLIGHTREC_WORD_TYPE_MASK;

		count += type > FLIGHTREC_WORD_MIGRATE &&
			 type < FLIGHTREC_WORD_VALUE;
	}
	return count;
}

/* Is the damaged block the last one of its CPU? */
static bool is_last(const struct damage *damage, const struct ledger *ledger)
{
	return damage->block + 1 == blocks_of(ledger, damage->cpu);
}

/*
 * How many events the block lacks must be said, where it can be known: if its
 * header is whole, and if it cannot be read at all. Only that part of the last
 * block which seems to be later than the cut is dropped without a word, as the
 * records that really are must be.
 */
static const char *judge_count(const struct damage *damage,
			       const struct side *side,
			       const struct ledger *ledger, size_t held,
			       size_t delivered)
{
	bool last = is_last(damage, ledger);
	size_t most = delivered + count_unknown(damage, ledger);

	if (damage->header_hit && !damage->unreadable)
		return NULL;
	if (side->losts > 1)
		return "one block, and more than one damage told";
	if (!side->losts && most < held)
		return last && !damage->unreadable ?
			       NULL :
			       "events are missing without a word";
	if (!side->losts)
		return delivered <= held ? NULL :
					   "there are too many, without a word";
	if (side->missing == UINT64_MAX) {
		/* Of a block that was the first: nothing to count from. */
		if (damage->unreadable && !damage->block)
			return NULL;
		return most > held || last ?
			       NULL :
			       "it is not said how many events are missing";
	}
	if (side->missing + delivered > held)
		return "more events are said to be missing than are";
	if (side->missing + most < held || !side->missing)
		return "fewer events are said to be missing than are";
	return NULL;
}

static const char *judge_block(const struct damage *damage,
			       const struct side *side,
			       const struct ledger *ledger)
{
	size_t before = 0, held = 0, behind, delivered;
	uint64_t lost = losses_of(ledger, side->cpu);
	const char *fault;

	for (size_t i = 0; i < side->truths; i++) {
		before += side->truth[i]->block < damage->block;
		held += side->truth[i]->block == damage->block;
	}
	behind = side->truths - before - held;
	if (!begins_with(side, before))
		return "events before the damaged block are not as they were";
	if (!ends_with(side, behind, damage->block))
		return "events behind the damaged block are not as they were";
	if (side->seens < before + behind)
		return "events of blocks that are not damaged are missing";
	/* Its clock may be one after the cut now, and what is opened then is
	 * not part of the window. */
	if (side->begins > 1 ||
	    (!side->begins && (!damage->header_hit || damage->unreadable)))
		return "a damaged CPU begins not once";
	delivered = side->seens - before - behind;
	fault = judge_count(damage, side, ledger, held, delivered);
	if (fault || damage->header_hit)
		return fault;
	if (side->missing == UINT64_MAX && side->seens < side->truths)
		return NULL;
	/* What the CPU table tells comes behind what seems to be the cut, were it
	 * one record that was not there before. */
	if (is_last(damage, ledger) &&
	    (!side->losts || side->missing == UINT64_MAX) &&
	    side->lost == losses_told(ledger, side->cpu, false))
		return NULL;
	return side->lost == lost ?
		       NULL :
		       "another number of events lost by the recorder";
}

/* ---- judging a truncation -------------------------------------------------- */

/* How many of a CPU's blocks are whole, and how many begun. */
static void count_there(const struct damage *damage,
			const struct ledger *ledger, unsigned int cpu,
			size_t *whole, size_t *begun)
{
	*whole = 0;
	*begun = 0;
	for (size_t i = 0; i < blocks_of(ledger, cpu); i++) {
		const uint8_t *at = block_at(ledger, ledger->b.bytes, cpu, i);
		size_t offset = (size_t)(at - ledger->b.bytes);
		struct flightrec_block header;

		memcpy(&header, at, sizeof(header));
		*whole += offset + header.used <= damage->length;
		*begun += offset + sizeof(header) <= damage->length;
	}
}

/*
 * The last event of a block that is cut short may be a call of which the last
 * arguments are cut off; how many it has is told.
 */
static bool is_short(const struct side *side, size_t whole)
{
	const struct outcome_event *last;

	if (side->seens <= whole)
		return false;
	last = side->seen[side->seens - 1];
	return last->type == FLIGHTREC_EVENT_ENTER &&
	       last->clock == side->truth[side->seens - 1]->clock;
}

static const char *judge_truncation(const struct damage *damage,
				    const struct side *side,
				    const struct ledger *ledger)
{
	size_t whole, begun, must = 0;

	count_there(damage, ledger, side->cpu, &whole, &begun);
	for (size_t i = 0; i < side->truths; i++)
		must += side->truth[i]->block < whole;
	if (side->seens < must)
		return "events of whole blocks are missing";
	if (side->seens > side->truths ||
	    !begins_with(side, side->seens - is_short(side, must)))
		return "events that were not recorded";
	/* Without the table of CPUs and without blocks there are none. */
	if (!blocks_of(ledger, side->cpu) ||
	    damage->length < ledger->b.header.tasks.offset)
		return side->losts ? "losses of a CPU that has none" : NULL;
	if (side->begins != 1)
		return "a CPU begins not once";
	if (side->seens == side->truths)
		return side->losts && begun ?
			       "nothing is missing, but said to be" :
			       NULL;
	if (side->losts != 1)
		return "events are missing without a word";
	if (side->missing != (begun ? side->truths - side->seens : UINT64_MAX))
		return "another number of events is said to be missing";
	return NULL;
}

/* ---- all of it ------------------------------------------------------------- */

static const char *judge_side(const struct damage *damage,
			      const struct side *side,
			      const struct ledger *ledger)
{
	switch (damage->kind) {
	case DAMAGE_BLOCK:
		if (side->cpu == damage->cpu)
			return judge_block(damage, side, ledger);
		return judge_whole(side, ledger, true);
	case DAMAGE_TRUNCATION:
		return judge_truncation(damage, side, ledger);
	/* The CPU table has the counts of the last block. */
	case DAMAGE_TABLE:
	case DAMAGE_HEADER:
		return judge_whole(side, ledger, false);
	default:
		return judge_whole(side, ledger, true);
	}
}

/*
 * The only block of its CPU, which is there no other evidence of but the CPU
 * table, names a CPU that the table does not have. Either may be what is damaged:
 * the block is then taken for what it says, and the table for lost.
 */
static bool is_renamed(const struct damage *damage, const struct ledger *ledger)
{
	struct flightrec_block header;

	if (damage->kind != DAMAGE_BLOCK || blocks_of(ledger, damage->cpu) > 1)
		return false;
	memcpy(&header, block_at(ledger, damage->bytes, damage->cpu, 0),
	       sizeof(header));
	for (unsigned int cpu = 0; cpu < ledger->cpus; cpu++)
		if (header.cpu == ledger->numbers[cpu])
			return false;
	header.cpu = ledger->numbers[damage->cpu];
	return !is_unreadable(ledger, damage->cpu, (const uint8_t *)&header);
}

/* All CPUs but the one that is called by another name now. */
static const char *judge_others(const struct damage *damage,
				const struct ledger *ledger,
				const struct outcome *outcome)
{
	const char *fault = NULL;
	struct side side;

	for (unsigned int cpu = 0; cpu < ledger->cpus && !fault; cpu++) {
		if (cpu == damage->cpu)
			continue;
		side_init(&side, cpu, ledger, outcome);
		fault = judge_whole(&side, ledger, false);
		side_deinit(&side);
	}
	return fault;
}

const char *damage_judge(const struct damage *damage,
			 const struct ledger *ledger,
			 const struct outcome *outcome)
{
	const char *fault = NULL;
	size_t there = 0, seen = 0;
	struct side side;

	if (is_renamed(damage, ledger))
		return judge_others(damage, ledger, outcome);
	for (unsigned int cpu = 0; cpu < ledger->cpus && !fault; cpu++) {
		side_init(&side, cpu, ledger, outcome);
		fault = judge_side(damage, &side, ledger);
		there += side.seens;
		side_deinit(&side);
	}
	if (fault)
		return fault;
	if (outcome->fallen)
		return "time goes back";
	for (size_t i = 0; i < outcome->count; i++)
		seen += is_record(outcome->events[i].type);
	return seen == there ? NULL : "events of a CPU that there is not";
}

const char *damage_try(uint64_t seed, struct dice *dice)
{
	struct outcome outcome;
	struct ledger ledger;
	struct damage damage;
	const char *fault;
	bool must_open;
	int ret;

	ledger_init(&ledger, seed);
	damage_init(&damage, &ledger, dice);
	must_open = damage.length >= sizeof(struct flightrec_window);
	ret = outcome_init(&outcome, damage.bytes, damage.length);
	if (!ret != must_open)
		fault = must_open ? "the window is refused" :
				    "half a header is not refused";
	else
		fault = ret ? NULL : damage_judge(&damage, &ledger, &outcome);
	outcome_deinit(&outcome);
	damage_deinit(&damage);
	ledger_deinit(&ledger);
	return fault;
}
