// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves marks, each followed by as many numbered calls as make several blocks
 * of a small tape, close(1000000) and on, with a pause in between.
 *
 *	marked MARKS CALLS PAUSE_MS
 *
 * Prints each mark, in order: tid, CLOCK_MONOTONIC right before and after it in
 * nanoseconds, the number of the call that comes next, text.
 */
#include <linux/flightrec.h>
#include <time.h>

#include "truth.h"

static unsigned long long now(void)
{
	struct timespec time;

	TRUTH_MUST(!clock_gettime(CLOCK_MONOTONIC, &time));
	return (unsigned long long)time.tv_sec * 1000000000 +
	       (unsigned long long)time.tv_nsec;
}

int main(int argc, char **argv)
{
	long i, call, marks, calls, number = 1000000;
	int fd = open(FLIGHTREC_NODE, O_WRONLY);
	struct timespec pause = { 0 };
	unsigned long long before;
	char text[40];

	TRUTH_MUST(argc == 4 && fd >= 0);
	truth_init();
	marks = truth_number(argv[1]);
	calls = truth_number(argv[2]);
	pause.tv_nsec = truth_number(argv[3]) * 1000000;
	for (i = 1; i <= marks; i++) {
		snprintf(text, sizeof(text), "request %ld", i);
		before = now();
		TRUTH_MUST(write(fd, text, strlen(text)) ==
			   (ssize_t)strlen(text));
		printf("mark tid=%d before=%llu after=%llu next=%ld text=%s\n",
		       getpid(), before, now(), number, text);
		for (call = 0; call < calls; call++)
			TRUTH_MUST(syscall(SYS_close, number++) == -1);
		nanosleep(&pause, NULL);
	}
	printf("end tid=%d at=%llu next=%ld\n", getpid(), now(), number);
	return 0;
}
