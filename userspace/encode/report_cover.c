// SPDX-License-Identifier: GPL-2.0
/* The holes of a window: see report_cover.h. */
#include "report_cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct tape - one CPU's tape, while it is read
 * @begun: its BEGIN was there
 * @any: an event was
 * @cut_off: it was damaged when there had not been any event yet
 * @seen: its last event, or where it begins
 */
struct tape {
	bool begun;
	bool any;
	bool cut_off;
	uint64_t seen;
};

/**
 * struct reading - a window being read for its holes
 * @cover: the result
 * @reader: who reads it
 * @tapes: of all CPUs, as the reader has them
 * @tapes_count: how many
 * @holes_room: of @cover's holes
 * @gaps_room: of @cover's gaps
 */
struct reading {
	struct report_cover *cover;
	struct flightrec_reader *reader;
	struct tape *tapes;
	size_t tapes_count;
	size_t holes_room;
	size_t gaps_room;
};

static int append(struct report_hole **holes, size_t *count, size_t *room,
		  uint64_t from, uint64_t to)
{
	size_t more = *room ? *room * 2 : 16;
	struct report_hole *grown;

	if (*count == *room) {
		grown = reallocarray(*holes, more, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		*holes = grown;
		*room = more;
	}
	(*holes)[*count].from = from;
	(*holes)[*count].to = to;
	(*count)++;
	return 0;
}

static int add_hole(struct reading *reading, uint64_t from, uint64_t to)
{
	return append(&reading->cover->holes, &reading->cover->holes_count,
		      &reading->holes_room, from, to);
}

/* Where in the set the gap from @from on is, or would be. */
static size_t *gap_slot(const struct report_cover *cover, uint64_t from)
{
	size_t mask = ((size_t)1 << cover->gaps_bits) - 1;
	/* Where we are is not in the window: nobody makes them meet on purpose. */
	uint64_t hash = (from ^ (uintptr_t)cover) * 0x9e3779b97f4a7c15;
	size_t index, at;

	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
	at = (size_t)(hash >> (64 - cover->gaps_bits));
	for (;; at = (at + 1) & mask) {
		index = cover->gaps_set[at];
		if (!index || cover->gaps[index - 1].from == from)
			return &cover->gaps_set[at];
	}
}

/* Half of it stays free. */
static int grow_gaps_set(struct report_cover *cover)
{
	unsigned int bits = cover->gaps_bits ? cover->gaps_bits + 1 : 6;

	if (cover->gaps_bits &&
	    cover->gaps_count < (size_t)1 << (cover->gaps_bits - 1))
		return 0;
	free(cover->gaps_set);
	cover->gaps_set = calloc((size_t)1 << bits, sizeof(*cover->gaps_set));
	cover->gaps_bits = bits;
	if (!cover->gaps_set)
		return -ENOMEM;
	for (size_t i = 0; i < cover->gaps_count; i++)
		*gap_slot(cover, cover->gaps[i].from) = i + 1;
	return 0;
}

/*
 * Recording is off on all CPUs at once, and each one tells of it; the first to
 * do so tells best when it went on.
 */
static int note_gap(struct reading *reading, uint64_t from, uint64_t to)
{
	struct report_cover *cover = reading->cover;
	int ret = grow_gaps_set(cover);
	size_t *slot;

	if (ret < 0)
		return ret;
	slot = gap_slot(cover, from);
	if (*slot)
		return 0;
	ret = append(&cover->gaps, &cover->gaps_count, &reading->gaps_room,
		     from, to);
	if (ret < 0)
		return ret;
	*slot = cover->gaps_count;
	return add_hole(reading, from, to);
}

static int note_lost(struct reading *reading, struct tape *tape,
		     const struct flightrec_event *event)
{
	struct report_cover *cover = reading->cover;

	if (event->lost.events == UINT64_MAX)
		cover->lost_vague++;
	else
		cover->lost += event->lost.events;
	if (!event->lost.damaged && !event->lost.overrun)
		cover->unstored += event->lost.events;
	if (!cover->lost_places++)
		cover->lost_first = event->clock;
	cover->lost_last = event->clock;
	if (event->lost.damaged && !tape->any)
		tape->cut_off = true;
	return add_hole(reading, tape->seen, event->clock);
}

/* A CPU on which nothing happened at first has a tape that begins late. */
static uint64_t held_since(const struct reading *reading, size_t index,
			   uint64_t clock)
{
	struct flightrec_window_cpu entry;

	flightrec_reader_cpu(reading->reader, index, &entry);
	return entry.complete_clock < clock ? entry.complete_clock : clock;
}

static void note_begin(struct reading *reading, size_t index, uint64_t clock)
{
	uint64_t held = held_since(reading, index, clock);
	struct report_cover *cover = reading->cover;

	if (reading->tapes[index].begun)
		return;
	if (clock < cover->begin)
		cover->begin = clock;
	if (held > cover->begun)
		cover->begun = held;
}

static int note_event(struct reading *reading,
		      const struct flightrec_event *event)
{
	size_t index = flightrec_reader_cpu_index(reading->reader, event->cpu);
	struct tape *tape = &reading->tapes[index];
	int ret = 0;

	switch (event->type) {
	case FLIGHTREC_EVENT_BEGIN:
		note_begin(reading, index, event->clock);
		tape->begun = true;
		tape->seen = event->clock;
		break;
	case FLIGHTREC_EVENT_LOST:
		ret = note_lost(reading, tape, event);
		break;
	case FLIGHTREC_EVENT_GAP:
		ret = note_gap(reading, event->gap.from_clock, event->clock);
		break;
	default:
		tape->any = true;
		tape->seen = event->clock;
		reading->cover->events++;
	}
	return ret;
}

/* Before the last tape begins; all of a tape of which nothing can be read. */
static int note_ends(struct reading *reading)
{
	struct report_cover *cover = reading->cover;
	int ret = 0;

	if (cover->begun > cover->begin)
		ret = add_hole(reading, cover->begin, cover->begun);
	for (size_t i = 0; i < reading->tapes_count && ret == 0; i++) {
		if (reading->tapes[i].cut_off && !reading->tapes[i].any)
			ret = add_hole(reading, cover->begin, cover->cut);
	}
	return ret;
}

static int by_time(const void *a, const void *b)
{
	const struct report_hole *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* Put the holes in order and join those that touch. */
static void join_holes(struct report_cover *cover)
{
	struct report_hole *holes = cover->holes;
	size_t count = 0;

	if (!cover->holes_count)
		return;
	qsort(holes, cover->holes_count, sizeof(*holes), by_time);
	for (size_t i = 1; i < cover->holes_count; i++) {
		if (holes[i].from > holes[count].to)
			holes[++count] = holes[i];
		else if (holes[i].to > holes[count].to)
			holes[count].to = holes[i].to;
	}
	cover->holes_count = count + 1;
	cover->complete = holes[count].to;
}

static int read_all(struct reading *reading)
{
	struct flightrec_event event;
	int ret;

	reading->tapes_count = flightrec_reader_cpus(reading->reader);
	reading->tapes =
		calloc(reading->tapes_count + 1, sizeof(*reading->tapes));
	if (!reading->tapes)
		return -ENOMEM;
	flightrec_reader_rewind(reading->reader);
	while ((ret = flightrec_reader_next(reading->reader, &event)) > 0) {
		ret = note_event(reading, &event);
		if (ret < 0)
			return ret;
	}
	return ret < 0 ? ret : note_ends(reading);
}

int report_cover_init(struct report_cover *cover,
		      struct flightrec_reader *reader)
{
	struct reading reading = { .cover = cover, .reader = reader };
	int ret;

	memset(cover, 0, sizeof(*cover));
	cover->cut = flightrec_reader_window(reader)->cut_clock;
	cover->begin = cover->cut;
	ret = read_all(&reading);
	free(reading.tapes);
	if (ret < 0)
		return ret;
	cover->complete = cover->begin;
	join_holes(cover);
	return 0;
}

void report_cover_deinit(struct report_cover *cover)
{
	free(cover->holes);
	free(cover->gaps);
	free(cover->gaps_set);
	memset(cover, 0, sizeof(*cover));
}

/* The first hole that ends after @clock. */
static size_t find_hole(const struct report_cover *cover, uint64_t clock)
{
	size_t low = 0, high = cover->holes_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cover->holes[middle].to > clock)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint64_t report_cover_until(const struct report_cover *cover, uint64_t from,
			    uint64_t to)
{
	size_t i = find_hole(cover, from);
	uint64_t hole;

	if (i == cover->holes_count)
		return to;
	hole = cover->holes[i].from;
	if (hole >= to)
		return to;
	return hole > from ? hole : from;
}

bool report_cover_stops(const struct report_cover *cover, uint64_t clock)
{
	return cover->gaps_count && *gap_slot(cover, clock);
}
