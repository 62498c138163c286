// SPDX-License-Identifier: GPL-2.0
/*
 * Numbered calls at a steady rate: pinned to CPU, every EVERY_MS milliseconds, at
 * instants that are fixed from the start, CALLS calls close(1000000) and on, TICKS
 * times. What was late is caught up with, so that the rate stays what it is.
 *
 *	steady CPU TICKS EVERY_MS CALLS
 *
 * Prints each tick: CLOCK_MONOTONIC right before its first call, the number of that,
 * and how late it was; at the end the number of the last call.
 */
#include "truth.h"

/**
 * struct tick - calls in a row
 * @at_ns: right before the first one
 * @due_ns: when that should have been
 */
struct tick {
	int64_t at_ns;
	int64_t due_ns;
};

static void wait_until(int64_t ns)
{
	struct timespec time = {
		.tv_sec = ns / TRUTH_NS_PER_S,
		.tv_nsec = ns % TRUTH_NS_PER_S,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
		;
}

int main(int argc, char **argv)
{
	long i, call, ticks, calls, number = 1000000;
	struct tick *all;
	int64_t begin, every;

	TRUTH_MUST(argc == 5);
	truth_init();
	truth_pin((int)truth_number(argv[1]));
	ticks = truth_number(argv[2]);
	every = truth_number(argv[3]) * 1000000;
	calls = truth_number(argv[4]);
	all = truth_shared((size_t)ticks * sizeof(*all));
	begin = truth_clock(CLOCK_MONOTONIC);
	for (i = 0; i < ticks; i++) {
		all[i].due_ns = begin + i * every;
		wait_until(all[i].due_ns);
		all[i].at_ns = truth_clock(CLOCK_MONOTONIC);
		for (call = 0; call < calls; call++)
			TRUTH_MUST(syscall(SYS_close, number++) == -1);
	}
	for (i = 0; i < ticks; i++)
		printf("tick at=%" PRId64 " first=%ld late=%" PRId64 "\n",
		       all[i].at_ns, 1000000 + i * calls,
		       all[i].at_ns - all[i].due_ns);
	printf("end last=%ld\n", number - 1);
	return 0;
}
