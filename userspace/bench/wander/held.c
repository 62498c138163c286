// SPDX-License-Identifier: GPL-2.0
/*
 * How many of the calls of a thread that wanders (wander.c) a window holds.
 *
 *	held WINDOW CALLS
 *
 * Prints how many there are in a row, without one missing, up to the last one that was
 * made; how many there are at all; and how many bytes the tape was configured to have.
 */
#include <linux/flightrec.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "libflightrec.h"
#include "wander.h"

/**
 * struct held - what was found
 * @all: calls
 * @in_row: of them, so many up to the last one, the numbers following each other
 * @next: the number that would follow
 */
struct held {
	long all;
	long in_row;
	long next;
};

static void count(struct held *held, const struct flightrec_event *event)
{
	long number = (long)event->enter.args[0];

	held->in_row = number == held->next ? held->in_row + 1 : 1;
	held->next = (number + 1) % WANDER_NUMBERS;
	held->all++;
}

int main(int argc, char **argv)
{
	struct flightrec_reader *reader;
	struct flightrec_error error;
	struct flightrec_event event;
	struct held held = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: held WINDOW CALLS\n");
		return 2;
	}
	if (flightrec_reader_open(argv[1], &reader, &error)) {
		fprintf(stderr, "held: byte %llu: %s\n",
			(unsigned long long)error.offset, error.text);
		return 1;
	}
	while (flightrec_reader_next(reader, &event) == 1)
		if (event.type == FLIGHTREC_EVENT_ENTER &&
		    event.enter.nr == SYS_getppid)
			count(&held, &event);
	printf("%ld %ld %llu\n", held.in_row, held.all,
	       (unsigned long long)flightrec_reader_window(reader)->ring_bytes);
	flightrec_reader_destroy(reader);
	if (held.next == atol(argv[2]) % WANDER_NUMBERS)
		return 0;
	fprintf(stderr, "held: the last call is not on the tape\n");
	return 1;
}
