// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what the recording lacks: since when it is complete, what was lost in
 * it, when it was off, what is damaged.
 */
#include "report_state.h"

#include <string.h>

#define GAPS_SHOWN    4
#define DAMAGES_SHOWN 4

/* A tape that begins later than another by less is not worth the mention. */
#define NOTICEABLE_NS 1000000

static void put_ns(struct report *report, uint64_t from, uint64_t to)
{
	report_put_duration(report->sink, report_ns(report, from, to));
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void put_complete(struct report *report)
{
	const struct report_cover *cover = &report->cover;
	struct sink *sink = report->sink;
	uint64_t since = cover->complete;

	if (!cover->events) {
		sink_string(sink,
			    "recording: there is no event in the window\n");
		return;
	}
	if (report->window->complete_clock > since)
		since = report->window->complete_clock;
	if (since >= cover->cut) {
		sink_string(
			sink,
			"recording: not complete up to the end of the window\n");
		return;
	}
	sink_string(sink, "recording: complete on all CPUs since ");
	report_put_clock(report, since);
	sink_string(sink, ", ");
	put_ns(report, since, cover->cut);
	sink_string(sink, " before the end\n");
	if (report_ns(report, cover->begin, cover->begun) < NOTICEABLE_NS)
		return;
	sink_string(sink, "  some CPUs are held for longer, since ");
	report_put_clock(report, cover->begin);
	sink_string(sink, "; until all are, only what was running is known\n");
}

static void put_lost(struct report *report)
{
	const struct report_cover *cover = &report->cover;
	unsigned long long before = report->window->lost_events;
	struct sink *sink = report->sink;

	if (cover->lost_places) {
		if (cover->lost_vague)
			sink_string(sink, cover->lost ? "  lost: at least " :
							"  lost: ");
		else
			sink_string(sink, "  lost: ");
		if (cover->lost || !cover->lost_vague)
			sink_printf(sink, "%llu event%s",
				    (unsigned long long)cover->lost,
				    plural(cover->lost));
		else
			sink_string(sink, "events, not known how many");
		sink_printf(sink, " in %llu place%s, ",
			    (unsigned long long)cover->lost_places,
			    plural(cover->lost_places));
		report_put_clock(report, cover->lost_first);
		if (cover->lost_last != cover->lost_first) {
			sink_string(sink, " to ");
			report_put_clock(report, cover->lost_last);
		}
		sink_string(sink, "; nothing is claimed across them\n");
	}
	if (before > cover->unstored)
		sink_printf(sink, "  lost before the window: %llu event%s\n",
			    before - cover->unstored,
			    plural(before - cover->unstored));
}

/* A live window's oldest blocks, for which recording did not wait. */
static void put_overrun(struct report *report)
{
	uint64_t blocks = flightrec_reader_overrun(report->reader);

	if (blocks)
		sink_printf(
			report->sink,
			"  written anew before they were read: %llu block%s of %u bytes\n",
			(unsigned long long)blocks, plural(blocks),
			report->window->block_bytes);
}

static void put_gaps(struct report *report)
{
	const struct report_cover *cover = &report->cover;
	struct sink *sink = report->sink;

	for (size_t i = 0; i < cover->gaps_count; i++) {
		if (i == GAPS_SHOWN && !report->all) {
			sink_printf(sink, "  %zu more gaps\n",
				    cover->gaps_count - i);
			return;
		}
		sink_string(sink, "  gap: recording was off for ");
		put_ns(report, cover->gaps[i].from, cover->gaps[i].to);
		sink_string(sink, " from ");
		report_put_clock(report, cover->gaps[i].from);
		sink_string(sink, " on\n");
	}
}

static void put_missed(struct report *report)
{
	const struct flightrec_window *window = report->window;
	unsigned long long missed = window->missed_targets;
	struct sink *sink = report->sink;

	if (missed)
		sink_printf(
			sink,
			"  missed: %llu task%s that should have been recorded found no slot\n",
			missed, plural(missed));
	if (window->names_clock > report->cover.begin) {
		sink_string(sink, "  names: all known since ");
		report_put_clock(report, window->names_clock);
		sink_string(sink, " only\n");
	}
}

static void put_damage(struct sink *sink, const struct flightrec_damage *damage)
{
	sink_string(sink, "  damage");
	if (damage->offset != FLIGHTREC_NO_OFFSET)
		sink_printf(sink, " at byte %llu",
			    (unsigned long long)damage->offset);
	if (damage->cpu != UINT32_MAX)
		sink_printf(sink, ", CPU %u", damage->cpu);
	sink_string(sink, ": ");
	sink_escaped(sink, damage->text,
		     strnlen(damage->text, sizeof(damage->text)), "");
	sink_char(sink, '\n');
}

static void put_damages(struct report *report)
{
	size_t count = flightrec_reader_damages(report->reader);
	struct sink *sink = report->sink;

	if (!flightrec_reader_whole(report->reader))
		sink_string(sink, "  cut short: the file has no end marker\n");
	for (size_t i = 0; i < count; i++) {
		if (i == DAMAGES_SHOWN && !report->all) {
			sink_printf(sink, "  %zu more damages\n", count - i);
			return;
		}
		put_damage(sink, flightrec_reader_damage(report->reader, i));
	}
}

void report_put_missing(struct report *report)
{
	put_complete(report);
	put_lost(report);
	put_overrun(report);
	put_gaps(report);
	put_missed(report);
	put_damages(report);
}
