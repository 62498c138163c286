// SPDX-License-Identifier: GPL-2.0
/* The time around a mark, for a report on that alone. */
#include "report_state.h"

#include <string.h>

static bool is_it(const struct flightrec_event *event, const char *prefix)
{
	size_t length = strlen(prefix);

	return event->type == FLIGHTREC_EVENT_MARK &&
	       event->mark.length >= length &&
	       !memcmp(event->mark.text, prefix, length);
}

static void keep(struct report_around *around,
		 const struct flightrec_event *event)
{
	around->found = true;
	around->clock = event->clock;
	around->mono_ns = event->mono_ns;
	around->length = event->mark.length < sizeof(around->text) ?
				 event->mark.length :
				 sizeof(around->text);
	memcpy(around->text, event->mark.text, around->length);
}

int report_around_find(struct report *report, const char *prefix,
		       uint64_t within_ns)
{
	struct report_around *around = &report->around;
	struct report_causes *causes = &report->causes;
	const struct report_cover *cover = &report->cover;
	struct flightrec_event event;
	int64_t ns = within_ns > INT64_MAX / 4 ? INT64_MAX / 4 :
						 (int64_t)within_ns;
	int ret;

	flightrec_reader_rewind(report->reader);
	while ((ret = flightrec_reader_next(report->reader, &event)) > 0) {
		if (is_it(&event, prefix))
			keep(around, &event);
	}
	if (ret < 0 || !around->found)
		return ret;
	around->within_ns = within_ns;
	causes->around = true;
	causes->from = front_clock_at(report->reader, cover->begin, cover->cut,
				      around->mono_ns - ns);
	causes->to = front_clock_at(report->reader, cover->begin, cover->cut,
				    around->mono_ns + ns);
	return 0;
}

void report_put_around(struct report *report)
{
	const struct report_around *around = &report->around;
	struct sink *sink = report->sink;

	if (!around->found)
		return;
	sink_string(sink, "around the mark \"");
	sink_escaped(sink, around->text, around->length, "\"");
	sink_string(sink, "\", ");
	report_put_clock(report, around->clock);
	sink_string(sink, ": what was going on within ");
	report_put_duration(sink, around->within_ns);
	sink_string(sink, " before or after it\n");
}
