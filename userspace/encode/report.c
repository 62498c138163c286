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

static void report_deinit(struct report *report)
{
	report_threads_deinit(report);
	report_calls_deinit(&report->calls);
	free(report->deaths);
	free(report->processes);
	front_destroy(report->front);
	report_cover_deinit(&report->cover);
}

static int take_step(struct report *report, const struct front_step *step)
{
	int ret = report_threads_step(report, step);

	if (ret == 0)
		ret = report_flow_step(report, step);
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
		ret = report_threads_finish(report);
	if (ret == 0)
		ret = report_flow_finish(report);
	return ret;
}

/* Holes first: a span must not be believed that has one in it. */
static int analyse(struct report *report)
{
	int ret = report_cover_init(&report->cover, report->reader);

	if (ret == 0)
		ret = report_calls_init(&report->calls);
	if (ret == 0)
		ret = report_threads_init(report);
	if (ret == 0)
		ret = front_create(report->reader, FRONT_FORESEE,
				   &report->front);
	if (ret < 0)
		return ret;
	report->begin_ns =
		flightrec_reader_mono_ns(report->reader, report->cover.begin);
	return read_window(report);
}

static int print(struct report *report)
{
	int ret;

	ret = report_put_findings(report);
	if (ret < 0)
		return ret;
	report_put_missing(report);
	report_put_window(report);
	ret = report_put_threads(report);
	report_put_calls(report);
	return ret;
}

static int print_last(struct report *report,
		      const struct report_options *options)
{
	int ret = report_put_last(report, options->tid, options->others);

	if (ret == 0 && !options->others)
		report_put_missing(report);
	return ret;
}

int report_write(struct flightrec_reader *reader, struct sink *sink,
		 const struct report_options *options,
		 struct flightrec_error *error)
{
	struct report report = {
		.reader = reader,
		.window = flightrec_reader_window(reader),
		.sink = sink,
		.all = options && options->all,
	};
	int ret = analyse(&report);

	if (ret == 0 && options && options->last_moments)
		ret = print_last(&report, options);
	else if (ret == 0)
		ret = print(&report);
	report_deinit(&report);
	if (ret == -ESRCH)
		return flightrec_error_set(
			error, ret, FLIGHTREC_NO_OFFSET,
			"none of the targets in the window has the tid %u",
			options->tid);
	if (ret < 0)
		return encoder_fail(error, ret, "read the window");
	ret = sink_flush(sink);
	if (ret < 0)
		return encoder_fail(error, ret, "write the report");
	return 0;
}
