/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the time a window holds: its holes. A hole is a time in which some
 * CPU's events are not (all) there: before its tape begins, where events were
 * lost, while recording was off. A thread that is not running may have run on
 * that CPU meanwhile, so nothing is known of it from a hole's beginning on,
 * until it turns up again.
 *
 * Holes must be known beforehand: that a tape was over is seen at the window's
 * end only. So this reads the window once by itself.
 */
#ifndef REPORT_COVER_H
#define REPORT_COVER_H

#include <libflightrec.h>

struct report_hole {
	uint64_t from;
	uint64_t to;
};

/**
 * struct report_cover - what is there of a window
 * @begin: where the first tape begins; the cut if there is none
 * @begun: since when the last one is held: before it begins, nothing may have
 *	happened on its CPU
 * @complete: since when there is no hole up to the cut
 * @cut: the window's end
 * @events: how many there are
 * @lost: events that were lost in places within the window, where known
 * @unstored: of them, those that there was no room for when they happened
 * @lost_places: how many such places
 * @lost_vague: places where it is not known how many
 * @lost_first: the time of the first such place
 * @lost_last: and of the last
 * @holes: apart from each other, in order of time
 * @holes_count: how many
 * @gaps: when recording was off, in order of time
 * @gaps_count: how many
 * @gaps_set: by a hash of where they begin, their index plus 1; 0: none there
 * @gaps_bits: @gaps_set has room for 2^@gaps_bits
 */
struct report_cover {
	uint64_t begin;
	uint64_t begun;
	uint64_t complete;
	uint64_t cut;
	uint64_t events;
	uint64_t lost;
	uint64_t unstored;
	uint64_t lost_places;
	uint64_t lost_vague;
	uint64_t lost_first;
	uint64_t lost_last;
	struct report_hole *holes;
	size_t holes_count;
	struct report_hole *gaps;
	size_t gaps_count;
	size_t *gaps_set;
	unsigned int gaps_bits;
};

/* Read the window for it. Returns 0 or a negative errno; deinit either way. */
int report_cover_init(struct report_cover *cover,
		      struct flightrec_reader *reader);
void report_cover_deinit(struct report_cover *cover);

/* Everything in [@from, up to what this returns) is held; at most @to. */
uint64_t report_cover_until(const struct report_cover *cover, uint64_t from,
			    uint64_t to);

/* Does recording stop, being complete until then, at @clock? */
bool report_cover_stops(const struct report_cover *cover, uint64_t clock);

#endif /* REPORT_COVER_H */
