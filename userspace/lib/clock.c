// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Ticks to nanoseconds: one line of straight segments for all CPUs, which never
 * falls.
 *
 * Its corners are the pairs (clock, mono_ns) of the start, of some blocks, and
 * of the cut. How many is bounded, whatever the number of blocks: the time of
 * the window is divided into slots, and each has the first pair that it finds.
 */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"

#define SLOTS	  1024
#define NS_PER_MS 1000000ULL

typedef unsigned __int128 u128;

/* One pair; @clock 0: none. */
struct anchor {
	uint64_t clock;
	uint64_t mono_ns;
};

struct slots {
	uint64_t from;	  /* clock of the first slot's beginning */
	uint64_t spacing; /* ticks of a slot */
	struct anchor anchors[SLOTS];
};

/* ---- the line --------------------------------------------------------------- */

/* The slope from @ns nanoseconds in @ticks ticks, as precise as 64 bits allow. */
static void segment_slope(struct fr_segment *segment, uint64_t ns,
			  uint64_t ticks)
{
	u128 mult = ((u128)ns << 63) / ticks;

	segment->shift = 63;
	while (mult >> 64) {
		mult >>= 1;
		segment->shift--;
	}
	segment->mult = (uint64_t)mult;
}

/* Nanoseconds of @clock as this segment has it; what does not fit saturates. */
int64_t fr_segment_ns(const struct fr_segment *segment, uint64_t clock)
{
	u128 ns;

	if (clock >= segment->clock) {
		ns = (u128)(clock - segment->clock) * segment->mult >>
		     segment->shift;
		if (ns > (u128)((__int128)INT64_MAX - segment->mono_ns))
			return INT64_MAX;
		return (int64_t)(segment->mono_ns + (__int128)ns);
	}
	ns = (u128)(segment->clock - clock) * segment->mult >> segment->shift;
	if (ns > (u128)((__int128)segment->mono_ns - INT64_MIN))
		return INT64_MIN;
	return (int64_t)(segment->mono_ns - (__int128)ns);
}

/*
 * How many ticks it may go on until nanoseconds do not fit any more, or ticks
 * do not. (Less than what fits will do.)
 */
uint64_t fr_segment_span(const struct fr_segment *segment)
{
	uint64_t most = UINT64_MAX - segment->clock;
	u128 room = (u128)((__int128)INT64_MAX - segment->mono_ns);
	u128 ticks;

	if (!segment->mult)
		return most;
	if (room > INT64_MAX)
		room = INT64_MAX;
	ticks = (room << segment->shift) / segment->mult;
	return ticks > most ? most : (uint64_t)ticks;
}

/* The segment that @clock is in. */
const struct fr_segment *fr_clock_segment(const struct fr_clock *line,
					  uint64_t clock)
{
	size_t low = 0, high = line->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (line->segments[middle].clock <= clock)
			low = middle;
		else
			high = middle;
	}
	return &line->segments[low];
}

/* ---- its corners -------------------------------------------------------------- */

static uint64_t ticks_per_second(const struct flightrec_window *window)
{
	return window->clock_khz ? window->clock_khz * 1000ULL : 1000000000;
}

static void slots_put(struct slots *slots,
		      const struct flightrec_window *window,
		      const struct flightrec_block *header)
{
	struct anchor *anchor;

	if (header->clock <= window->start_clock ||
	    header->clock < slots->from || header->clock >= window->cut_clock)
		return;
	anchor =
		&slots->anchors[(header->clock - slots->from) / slots->spacing];
	if (anchor->clock && anchor->clock <= header->clock)
		return;
	anchor->clock = header->clock;
	anchor->mono_ns = header->mono_ns;
}

/* Call @put with the header of each good block. */
static void for_each_header(struct flightrec_reader *reader,
			    void (*put)(struct flightrec_reader *reader,
					struct slots *slots,
					const struct flightrec_block *header),
			    struct slots *slots)
{
	struct flightrec_block header;
	uint64_t block;
	size_t i;

	for (i = 0; i < reader->tapes_count; i++) {
		const struct fr_tape *tape = &reader->tapes[i];

		for (block = tape->entry.first_block;
		     block < tape->entry.first_block + tape->present; block++) {
			if (fr_tape_peek(reader, block, tape->cpu, &header))
				put(reader, slots, &header);
			fr_tape_release(reader, block);
		}
	}
}

static void put_oldest(struct flightrec_reader *reader, struct slots *slots,
		       const struct flightrec_block *header)
{
	if (header->clock < slots->from &&
	    header->clock >= reader->window.start_clock)
		slots->from = header->clock;
}

static void put_anchor(struct flightrec_reader *reader, struct slots *slots,
		       const struct flightrec_block *header)
{
	slots_put(slots, &reader->window, header);
}

static void slots_fill(struct flightrec_reader *reader, struct slots *slots)
{
	const struct flightrec_window *window = &reader->window;

	slots->from = window->cut_clock;
	for_each_header(reader, put_oldest, slots);
	slots->spacing = (window->cut_clock - slots->from) / SLOTS + 1;
	if (slots->spacing < ticks_per_second(window))
		slots->spacing = ticks_per_second(window);
	for_each_header(reader, put_anchor, slots);
}

static void line_add(struct fr_clock *line, uint64_t clock, uint64_t mono_ns)
{
	struct fr_segment *segment = &line->segments[line->count++];

	segment->clock = clock;
	segment->mono_ns = (int64_t)mono_ns;
}

/*
 * Does @anchor keep the line from falling? If not, it is the odd one out when
 * the one after it, @next, would.
 */
static bool anchor_fits(const struct fr_clock *line,
			const struct anchor *anchor, const struct anchor *next,
			uint64_t second)
{
	const struct fr_segment *last = &line->segments[line->count - 1];
	uint64_t last_ns = (uint64_t)last->mono_ns;

	if (anchor->clock - last->clock < second || anchor->mono_ns < last_ns)
		return false;
	return anchor->mono_ns <= next->mono_ns || next->mono_ns < last_ns;
}

static const struct anchor *next_anchor(const struct slots *slots, size_t i,
					const struct anchor *cut)
{
	while (++i < SLOTS)
		if (slots->anchors[i].clock)
			return &slots->anchors[i];
	return cut;
}

/* Corners from the start to the cut, both included. */
static void line_corners(struct flightrec_reader *reader,
			 const struct slots *slots)
{
	const struct flightrec_window *window = &reader->window;
	struct anchor cut = { window->cut_clock, window->cut_mono_ns };
	size_t i;

	line_add(&reader->line, window->start_clock, window->start_mono_ns);
	for (i = 0; i < SLOTS; i++) {
		const struct anchor *anchor = &slots->anchors[i];

		if (anchor->clock && anchor->mono_ns <= cut.mono_ns &&
		    anchor_fits(&reader->line, anchor,
				next_anchor(slots, i, &cut),
				ticks_per_second(window)))
			line_add(&reader->line, anchor->clock, anchor->mono_ns);
	}
	line_add(&reader->line, cut.clock, cut.mono_ns);
}

/* From corners to slopes; the last corner goes on with the last slope. */
static void line_slopes(struct fr_clock *line)
{
	size_t i;

	for (i = 0; i + 1 < line->count; i++) {
		struct fr_segment *segment = &line->segments[i];

		segment_slope(segment,
			      (uint64_t)segment[1].mono_ns -
				      (uint64_t)segment->mono_ns,
			      segment[1].clock - segment->clock);
	}
	line->segments[i].mult = line->segments[i - 1].mult;
	line->segments[i].shift = line->segments[i - 1].shift;
}

/* A line of one segment, for a clock whose rate is known. */
static void line_straight(struct fr_clock *line, uint64_t clock,
			  uint64_t mono_ns, uint32_t khz)
{
	line_add(line, clock, mono_ns <= INT64_MAX ? mono_ns : INT64_MAX);
	segment_slope(line->segments, NS_PER_MS, khz ? khz : NS_PER_MS);
}

/* Do the start and the cut frame a line? */
static bool framed(const struct flightrec_window *window)
{
	return window->start_clock < window->cut_clock &&
	       window->start_mono_ns <= window->cut_mono_ns &&
	       window->cut_mono_ns <= INT64_MAX;
}

/* Make the line. Returns 0 or -ENOMEM. */
int fr_clock_init(struct flightrec_reader *reader)
{
	const struct flightrec_window *window = &reader->window;
	struct fr_clock *line = &reader->line;
	struct slots *slots;

	line->segments = calloc(SLOTS + 2, sizeof(*line->segments));
	if (!line->segments)
		return -ENOMEM;
	if (window->clock == FLIGHTREC_CLOCK_MONO) {
		line_straight(line, 0, 0, NS_PER_MS);
		return 0;
	}
	if (!framed(window)) {
		fr_reader_damage(
			reader, UINT32_MAX,
			offsetof(struct flightrec_window, start_clock),
			"the cut is not later than the start; times are by the clock's nominal rate");
		line_straight(line, window->cut_clock, window->cut_mono_ns,
			      window->clock_khz);
		return 0;
	}
	slots = calloc(1, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	slots_fill(reader, slots);
	line_corners(reader, slots);
	line_slopes(line);
	free(slots);
	return 0;
}

void fr_clock_deinit(struct flightrec_reader *reader)
{
	free(reader->line.segments);
	reader->line.segments = NULL;
}

/* Saturating, as these are sums of whatever the file says. */
static int64_t add_offset(int64_t ns, uint64_t to, uint64_t from)
{
	__int128 sum = (__int128)ns + (__int128)to - (__int128)from;

	if (sum > INT64_MAX)
		return INT64_MAX;
	return sum < INT64_MIN ? INT64_MIN : (int64_t)sum;
}

/**
 * flightrec_reader_mono_ns() - when was that, in CLOCK_MONOTONIC
 * @reader: the window
 * @clock: in ticks of the recorder's clock; need not be within the window
 *
 * Return: nanoseconds; never less for a later @clock; at most INT64_MAX.
 */
int64_t flightrec_reader_mono_ns(const struct flightrec_reader *reader,
				 uint64_t clock)
{
	int64_t ns;

	return fr_reader_quick_ns(reader, clock, &ns) ?
		       ns :
		       fr_segment_ns(fr_clock_segment(&reader->line, clock),
				     clock);
}

/**
 * flightrec_reader_boot_ns() - when was that, in CLOCK_BOOTTIME
 * @reader: the window
 * @clock: in ticks of the recorder's clock
 *
 * Right for the time since the last suspend: the difference to CLOCK_MONOTONIC
 * is that of the cut.
 *
 * Return: nanoseconds; never less for a later @clock.
 */
int64_t flightrec_reader_boot_ns(const struct flightrec_reader *reader,
				 uint64_t clock)
{
	return add_offset(flightrec_reader_mono_ns(reader, clock),
			  reader->window.cut_boot_ns,
			  reader->window.cut_mono_ns);
}

/**
 * flightrec_reader_real_ns() - when was that, in CLOCK_REALTIME
 * @reader: the window
 * @clock: in ticks of the recorder's clock
 *
 * By the wall clock as it was set at the cut.
 *
 * Return: nanoseconds since 1970; never less for a later @clock.
 */
int64_t flightrec_reader_real_ns(const struct flightrec_reader *reader,
				 uint64_t clock)
{
	return add_offset(flightrec_reader_mono_ns(reader, clock),
			  reader->window.cut_real_ns,
			  reader->window.cut_mono_ns);
}
