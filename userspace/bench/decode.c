// SPDX-License-Identifier: LGPL-2.1-only
/*
 * How fast windows are decoded: reads FILE over and over for about a second and
 * prints events a second of the best round.
 *
 *	decode FILE [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "libflightrec.h"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* What is read is added up, so that none of it is left out. */
static uint64_t round_once(struct flightrec_reader *reader, uint64_t *sum)
{
	struct flightrec_event event;
	uint64_t count = 0;

	flightrec_reader_rewind(reader);
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
	uint64_t count = 0, sum = 0;
	struct rusage usage;
	double best = 1e9;
	int rounds, i;

	if (argc < 2) {
		fprintf(stderr, "usage: decode FILE [ROUNDS]\n");
		return 2;
	}
	rounds = argc > 2 ? atoi(argv[2]) : 10;
	if (flightrec_reader_open(argv[1], &reader, &error)) {
		fprintf(stderr, "decode: byte %llu: %s\n",
			(unsigned long long)error.offset, error.text);
		return 1;
	}
	for (i = 0; i < rounds; i++) {
		double begin = now();

		count = round_once(reader, &sum);
		if (now() - begin < best)
			best = now() - begin;
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%llu events, %zu CPUs, %zu damages, sum %llx\n",
	       (unsigned long long)count, flightrec_reader_cpus(reader),
	       flightrec_reader_damages(reader), (unsigned long long)sum);
	printf("%.1f million events a second, %.1f ns an event, at most %ld KiB resident\n",
	       (double)count / best / 1e6, best * 1e9 / (double)count,
	       usage.ru_maxrss);
	flightrec_reader_destroy(reader);
	return 0;
}
