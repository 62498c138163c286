// SPDX-License-Identifier: GPL-2.0
/*
 * How long it takes from an event that fires a trigger until the tape stands still.
 *
 *	standstill slow|errno
 *
 * Waits for a line on standard input, so that whoever wants to record it can begin and
 * arm a trigger; then does once what that is to find: slow: a nanosleep() of 20 ms,
 * errno: a close() that fails with EBADF. Then prints how many ticks lie between the
 * record of that call's end and the firing; the cut; the first instruction of this
 * program behind the call, when all is over. In a guest whose clock counts instructions
 * (vm/run --icount) these are instructions.
 *
 * The tape stands still behind the cut, before the last of these.
 */
#include <err.h>
#include <linux/flightrec.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "libflightrec.h"

static long slow_call(void)
{
	const struct timespec time = { .tv_nsec = 20000000 };

	syscall(SYS_nanosleep, &time, NULL);
	return SYS_nanosleep;
}

static long failing_call(void)
{
	syscall(SYS_close, -1);
	return SYS_close;
}

/* When the last call of this number ended, as the tape has it; 0: it has none. */
static uint64_t end_of(struct flightrec_reader *reader, long nr)
{
	struct flightrec_event event;
	uint64_t clock = 0;

	while (flightrec_reader_next(reader, &event) == 1)
		if (event.type == FLIGHTREC_EVENT_EXIT && event.exit.nr == nr &&
		    event.tid == (uint32_t)getpid())
			clock = event.clock;
	return clock;
}

int main(int argc, char **argv)
{
	const struct flightrec_window *window;
	struct flightrec_reader *reader;
	struct flightrec_error error;
	uint64_t ended, returned;
	char line[16];
	long nr;

	if (argc != 2 || (strcmp(argv[1], "slow") && strcmp(argv[1], "errno")))
		errx(2, "usage: standstill slow|errno");
	if (!fgets(line, sizeof(line), stdin))
		errx(1, "nobody says when to begin");
	nr = !strcmp(argv[1], "slow") ? slow_call() : failing_call();
	returned = __rdtsc();
	if (flightrec_reader_open(FLIGHTREC_NODE, &reader, &error))
		errx(1, "%s: %s", FLIGHTREC_NODE, error.text);
	window = flightrec_reader_window(reader);
	ended = end_of(reader, nr);
	if (!ended || window->reason != FLIGHTREC_REASON_TRIGGER ||
	    window->firing.nr != nr || window->clock != FLIGHTREC_CLOCK_TSC)
		errx(1,
		     "no window of a trigger that this call fired, by the TSC");
	printf("%llu %llu %llu\n",
	       (unsigned long long)(window->firing.clock - ended),
	       (unsigned long long)(window->cut_clock - ended),
	       (unsigned long long)(returned - ended));
	flightrec_reader_destroy(reader);
	return 0;
}
