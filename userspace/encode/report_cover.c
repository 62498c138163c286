// SPDX-License-Identifier: GPL-2.0
/* The holes of a window: see report_cover.h. */
#include "report_cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct tape - one CPU's tape, while it is read
 * @cpu: its number
 * @begun: its BEGIN was there
 * @any: an event was
 * @cut_off: it was damaged when there had not been any event yet
 * @seen: its last event, or where it begins
 */
struct tape {
	uint32_t cpu;
	bool begun;
	bool any;
	bool cut_off;
	uint64_t seen;
};

/**
 * struct reading - a window being read for its holes
 * @cover: the result
 * @tapes: of all CPUs
 * @tapes_count: how many
 * @last: the one that was looked for last
 * @holes_room: of @cover's holes
 * @gaps_room: of @cover's gaps
 */
struct reading {
	struct report_cover *cover;
	struct tape *tapes;
	size_t tapes_count;
	size_t last;
	size_t holes_room;
	size_t gaps_room;
};

static struct tape *add_tape(struct reading *reading, uint32_t cpu)
{
	struct tape *tapes = reallocarray(reading->tapes,
					  reading->tapes_count + 1,
					  sizeof(*tapes));
	struct tape *tape;

	if (!tapes)
		return NULL;
	reading->tapes = tapes;
	reading->last = reading->tapes_count++;
	tape = &tapes[reading->last];
	memset(tape, 0, sizeof(*tape));
	tape->cpu = cpu;
	return tape;
}

static struct tape *get_tape(struct reading *reading, uint32_t cpu)
{
	if (reading->last < reading->tapes_count &&
	    reading->tapes[reading->last].cpu == cpu)
		return &reading->tapes[reading->last];
	for (size_t i = 0; i < reading->tapes_count; i++) {
		if (reading->tapes[i].cpu == cpu) {
			reading->last = i;
			return &reading->tapes[i];
		}
	}
	return add_tape(reading, cpu);
}

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

/*
 * Recording is off on all CPUs at once, and each one tells of it; the first to
 * do so tells best when it went on.
 */
static int note_gap(struct reading *reading, uint64_t from, uint64_t to)
{
	struct report_cover *cover = reading->cover;
	int ret;

	for (size_t i = cover->gaps_count; i > 0; i--) {
		if (cover->gaps[i - 1].from == from)
			return 0;
	}
	ret = append(&cover->gaps, &cover->gaps_count, &reading->gaps_room,
		     from, to);
	return ret < 0 ? ret : add_hole(reading, from, to);
}

static int note_lost(struct reading *reading, struct tape *tape,
		     const struct flightrec_event *event)
{
	struct report_cover *cover = reading->cover;

	if (event->lost.events == UINT64_MAX)
		cover->lost_vague++;
	else
		cover->lost += event->lost.events;
	if (!event->lost.damaged)
		cover->unstored += event->lost.events;
	if (!cover->lost_places++)
		cover->lost_first = event->clock;
	cover->lost_last = event->clock;
	if (event->lost.damaged && !tape->any)
		tape->cut_off = true;
	return add_hole(reading, tape->seen, event->clock);
}

static int note_begin(struct reading *reading, const struct tape *tape,
		      uint64_t clock)
{
	struct report_cover *cover = reading->cover;

	if (tape->begun)
		return 0;
	if (clock < cover->begin)
		cover->begin = clock;
	if (clock > cover->begun)
		cover->begun = clock;
	return 0;
}

static int note_event(struct reading *reading,
		      const struct flightrec_event *event)
{
	struct tape *tape = get_tape(reading, event->cpu);
	int ret = 0;

	if (!tape)
		return -ENOMEM;
	switch (event->type) {
	case FLIGHTREC_EVENT_BEGIN:
		ret = note_begin(reading, tape, event->clock);
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

static int read_all(struct reading *reading, struct flightrec_reader *reader)
{
	struct flightrec_event event;
	int ret;

	flightrec_reader_rewind(reader);
	while ((ret = flightrec_reader_next(reader, &event)) > 0) {
		ret = note_event(reading, &event);
		if (ret < 0)
			return ret;
	}
	return ret < 0 ? ret : note_ends(reading);
}

int report_cover_init(struct report_cover *cover,
		      struct flightrec_reader *reader)
{
	struct reading reading = { .cover = cover };
	int ret;

	memset(cover, 0, sizeof(*cover));
	cover->cut = flightrec_reader_window(reader)->cut_clock;
	cover->begin = cover->cut;
	ret = read_all(&reading, reader);
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
	for (size_t i = 0; i < cover->gaps_count; i++) {
		if (cover->gaps[i].from == clock)
			return true;
	}
	return false;
}
