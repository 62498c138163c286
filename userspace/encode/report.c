// SPDX-License-Identifier: GPL-2.0
/*
 * The report: the passes over the window, and the order in which it is printed.
 * See report.h; how it is made up: report_state.h.
 */
#include "report.h"

#include <errno.h>
#include <stdlib.h>

#include "encoder.h"
#include "report_state.h"

/* Of each kind of waits and calls, unless more are asked for. */
#define CAUSES_SHOWN 3

static void report_deinit(struct report *report)
{
	report_threads_deinit(report);
	report_irqs_deinit(&report->irqs);
	report_calls_deinit(&report->calls);
	report_scopes_deinit(&report->scopes);
	report_causes_deinit(&report->causes);
	free(report->deaths);
	free(report->processes);
	front_destroy(report->front);
	report_cover_deinit(&report->cover);
}

static int take_step(struct report *report, const struct front_step *step)
{
	int ret = report_irqs_step(&report->irqs, step);

	if (ret == 0)
		ret = report_threads_step(report, step);
	if (ret == 0)
		ret = report_flow_step(report, step);
	if (ret == 0)
		ret = report_scopes_step(report, step);
	if (ret == 0)
		ret = report_deaths_step(report, step);
	return ret;
}

static int read_window(struct report *report)
{
	struct front_step step;
	int ret;

	while ((ret = front_next(report->front, &step)) > 0) {
		ret = take_step(report, &step);
		if (ret < 0)
			return ret;
	}
	if (ret == 0)
		ret = report_irqs_finish(&report->irqs, report->cover.cut);
	if (ret == 0)
		ret = report_threads_finish(report);
	if (ret == 0)
		ret = report_flow_finish(report);
	if (ret == 0)
		ret = report_scopes_finish(report);
	return ret;
}

/* Holes first: a span must not be believed that has one in it. */
static int analyse(struct report *report, const struct report_options *options)
{
	int ret = report_cover_init(&report->cover, report->reader);

	if (ret == 0 && options->around)
		ret = report_around_find(report, options->around,
					 options->within_ns);
	if (ret == 0 && options->around && !report->around.found)
		ret = -ENOENT;
	if (ret == 0)
		ret = report_calls_init(&report->calls);
	if (ret == 0)
		ret = report_threads_init(report);
	if (ret == 0)
		ret = report_irqs_init(&report->irqs, report->reader);
	if (ret == 0)
		ret = front_create(report->reader, FRONT_FORESEE,
				   &report->front);
	if (ret < 0)
		return ret;
	report->begin_ns =
		flightrec_reader_mono_ns(report->reader, report->cover.begin);
	return read_window(report);
}

static int print(struct report *report, size_t shown)
{
	int ret = report_put_findings(report);

	if (ret < 0)
		return ret;
	report_put_missing(report);
	report_put_causes(report, shown);
	report_put_window(report);
	ret = report_put_threads(report);
	report_put_calls(report);
	report_put_scopes(report);
	return ret;
}

/* What took the longest of the time, or of the waits, that are of interest. */
static void print_causes(struct report *report, size_t shown)
{
	report_put_around(report);
	report_put_missing(report);
	report_put_causes(report, shown);
}

static int print_last(struct report *report,
		      const struct report_options *options)
{
	int ret = report_put_last(report, options->tid, options->others);

	if (ret == 0 && !options->others)
		report_put_missing(report);
	return ret;
}

static int find_and_print(struct report *report,
			  const struct report_options *options)
{
	bool narrow = options->around || options->slower_ns;
	size_t shown = narrow || options->all ? REPORT_ROOTS_MAX : CAUSES_SHOWN;
	int ret;

	if (options->last_moments)
		return print_last(report, options);
	ret = report_causes_find(report, shown);
	if (ret < 0)
		return ret;
	if (!narrow)
		return print(report, shown);
	print_causes(report, shown);
	return 0;
}

static int fail(struct flightrec_error *error, int ret,
		const struct report_options *options)
{
	switch (ret) {
	case -ESRCH:
		return flightrec_error_set(
			error, ret, FLIGHTREC_NO_OFFSET,
			"none of the targets in the window has the tid %u",
			options->tid);
	case -ENOENT:
		return flightrec_error_set(
			error, ret, FLIGHTREC_NO_OFFSET,
			"no mark in the window begins with '%.64s'",
			options->around);
	default:
		return encoder_fail(error, ret, "read the window");
	}
}

int report_write(struct flightrec_reader *reader, struct sink *sink,
		 const struct report_options *options,
		 struct flightrec_error *error)
{
	static const struct report_options usual;
	struct report report = {
		.reader = reader,
		.window = flightrec_reader_window(reader),
		.sink = sink,
	};
	int ret;

	if (!options)
		options = &usual;
	report.all = options->all;
	report.causes.least_ns = options->slower_ns ? options->slower_ns :
						      REPORT_NOTICEABLE_NS;
	ret = analyse(&report, options);
	if (ret == 0)
		ret = find_and_print(&report, options);
	report_deinit(&report);
	if (ret < 0)
		return fail(error, ret, options);
	ret = sink_flush(sink);
	if (ret < 0)
		return encoder_fail(error, ret, "write the report");
	return 0;
}
