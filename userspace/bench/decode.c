// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Decodes a window and does nothing with its events but count them: what the
 * library takes alone.
 *
 *	decode FILE
 */
#include <stdio.h>

#include "libflightrec.h"

/* What is read is added up, so that none of it is left out. */
static uint64_t read_all(struct flightrec_reader *reader, uint64_t *sum)
{
	struct flightrec_event event;
	uint64_t count = 0;

	while (flightrec_reader_next(reader, &event) == 1) {
		*sum += event.clock + event.tid + (uint64_t)event.mono_ns;
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	struct flightrec_reader *reader;
	struct flightrec_error error;
	uint64_t count, sum = 0;
	size_t damages;

	if (argc != 2) {
		fprintf(stderr, "usage: decode FILE\n");
		return 2;
	}
	if (flightrec_reader_open(argv[1], &reader, &error)) {
		fprintf(stderr, "decode: byte %llu: %s\n",
			(unsigned long long)error.offset, error.text);
		return 1;
	}
	count = read_all(reader, &sum);
	damages = flightrec_reader_damages(reader);
	printf("%llu events, %zu damages, sum %llx\n",
	       (unsigned long long)count, damages, (unsigned long long)sum);
	flightrec_reader_destroy(reader);
	return damages != 0;
}
