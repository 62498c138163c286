// SPDX-License-Identifier: GPL-2.0
/*
 * A window as a window: for one that was narrowed.
 */
#include "formats.h"

static int put(void *to, const void *bytes, size_t length)
{
	struct sink *sink = to;

	sink_write(sink, bytes, length);
	return sink->error;
}

static int frec_encode(struct flightrec_reader *reader, struct sink *sink,
		       struct flightrec_error *error)
{
	int ret = flightrec_reader_write(reader, put, sink, error);

	if (!ret)
		ret = sink_flush(sink);
	return ret < 0 ? encoder_fail(error, ret, "write the window") : 0;
}

const struct encoder frec_encoder = {
	.name = "frec",
	.suffix = ".frec",
	.type = "application/octet-stream",
	.about = "a window again, shorter by --last and the like",
	.encode = frec_encode,
};
