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

/* Of the longest waits, however short they are. */
static int write_slower(struct flightrec_reader *reader, struct sink *sink,
			struct flightrec_error *error)
{
	struct report_options options = { .slower_ns = 1 };

	return report_write(reader, sink, &options, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const write[])(struct flightrec_reader * reader,
				    struct sink * sink,
				    struct flightrec_error * error) = {
		write_usual,
		write_all,
		write_slower,
	};

	fuzz_output(data, size, write[size ? data[size - 1] % 3 : 0],
		    fuzz_judge_text);
	return 0;
}
