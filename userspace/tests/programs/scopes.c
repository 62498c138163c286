// SPDX-License-Identifier: GPL-2.0
/*
 * Scopes of known lengths. The short ones are begun and ended, some within others;
 * the longest sleeps for longer than the longest of the others took in all; and one
 * is not ended.
 *
 *	scopes COUNT
 *
 * Prints of each that ended its key, its name, and in nanoseconds by
 * CLOCK_MONOTONIC how long it took, seen from inside and from outside the marks, the
 * longest last: that is the only one that sleeps.
 */
#include <linux/flightrec.h>

#include "truth.h"

static int device;

static void leave(char what, long key, const char *name)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "%c%ld%s%s", what, key,
			      *name ? " " : "", name);

	TRUTH_MUST(write(device, text, (size_t)length) == length);
}

/* Returns how long it took, seen from outside. */
static int64_t scope(long key, const char *name, int64_t ms)
{
	int64_t before, begun, end, after;
	struct timespec time = truth_ms(ms);

	before = truth_clock(CLOCK_MONOTONIC);
	leave('>', key, name);
	begun = truth_clock(CLOCK_MONOTONIC);
	if (ms)
		TRUTH_MUST(!syscall(SYS_nanosleep, &time, NULL));
	end = truth_clock(CLOCK_MONOTONIC);
	leave('<', key, "");
	after = truth_clock(CLOCK_MONOTONIC);
	printf("scope tid=%d key=%ld name=%s inside=%" PRId64
	       " outside=%" PRId64 "\n",
	       truth_tid(), key, name, end - begun, after - before);
	return after - before;
}

int main(int argc, char *argv[])
{
	int64_t longest = 0, ns;
	long count;

	truth_init();
	if (argc != 2)
		truth_fail("usage: scopes COUNT");
	count = truth_number(argv[1]);
	device = open(FLIGHTREC_NODE, O_WRONLY);
	TRUTH_MUST(device >= 0);
	for (long key = 1; key <= count; key++) {
		ns = scope(key, key % 2 ? "request" : "query", 0);
		longest = ns > longest ? ns : longest;
	}
	leave('>', count + 2, "request");
	scope(count + 1, "request", longest / 1000000 + 20);
	return 0;
}
