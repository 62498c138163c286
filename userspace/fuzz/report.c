// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: the report, with all that it can say. */
#include "fuzz.h"
#include "report.h"

static int write_all(struct flightrec_reader *reader, struct sink *sink,
		     struct flightrec_error *error)
{
	struct report_options options = { .all = true };

	return report_write(reader, sink, &options, error);
}

static int write_usual(struct flightrec_reader *reader, struct sink *sink,
		       struct flightrec_error *error)
{
	return report_write(reader, sink, NULL, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool all = size && data[size - 1] % 2;

	fuzz_output(data, size, all ? write_all : write_usual, fuzz_judge_text);
	return 0;
}
