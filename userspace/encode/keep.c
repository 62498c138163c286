// SPDX-License-Identifier: GPL-2.0
/* Whether an age was held, in words: see keep.h. */
#include <stdio.h>
#include <string.h>

#include "keep.h"
#include "report_words.h"

#define MIB (1ULL << 20)

/* "10 s": what was asked for is mostly a whole number. */
static void put_asked(char text[REPORT_DURATION_BYTES], uint64_t ns)
{
	char *zero;

	report_duration(text, ns);
	zero = strstr(text, ".0 ");
	if (zero)
		memmove(zero, zero + 2, strlen(zero + 2) + 1);
}

static void put_budget(char text[64], const struct flightrec_keep *keep)
{
	text[0] = 0;
	if (keep->budget_bytes)
		snprintf(text, 64, "; %llu MiB would hold it%s",
			 (unsigned long long)(keep->budget_bytes / MIB),
			 keep->verdict == FLIGHTREC_KEEP_YOUNG ?
				 " at this rate" :
				 "");
}

void keep_describe(char text[KEEP_BYTES], const struct flightrec_keep *keep)
{
	char asked[REPORT_DURATION_BYTES], held[REPORT_DURATION_BYTES];
	char budget[64];

	put_asked(asked, keep->asked_ns);
	report_duration(held, keep->held_ns);
	put_budget(budget, keep);
	switch (keep->verdict) {
	case FLIGHTREC_KEEP_YOUNG:
		snprintf(text, KEEP_BYTES,
			 "%s asked, all %s since the start held%s", asked, held,
			 budget);
		break;
	case FLIGHTREC_KEEP_HOLES:
		snprintf(text, KEEP_BYTES,
			 "%s asked, %s held without a hole; more memory would "
			 "not help",
			 asked, held);
		break;
	default:
		snprintf(text, KEEP_BYTES, "%s asked, %s held%s", asked, held,
			 budget);
	}
}
