// SPDX-License-Identifier: GPL-2.0
/*
 * Those who read: in pieces of any size, to the end or not so far. A window that
 * was read whole is looked through by what the contract says of one; another
 * controller may take it away at any time, and then the reader is told.
 */
#include <poll.h>

#include "../programs/scan.h"
#include "stress.h"

/* What is looked through; larger windows are read, and that is all. */
#define WHOLE_BYTES (28U << 20)

static uint8_t *window;

static void did_read(const struct flightrec_window *head)
{
	stress_did(DEED_WINDOW);
	if (head->reason == FLIGHTREC_REASON_LIVE)
		stress_did(DEED_LIVE);
	if (head->reason == FLIGHTREC_REASON_TRIGGER)
		stress_did(DEED_BY_TRIGGER);
}

/* Complaints go to standard output, which is read by others, too. */
static void look_through(uint64_t length)
{
	struct scan scan = { .flags = SCAN_ANY_ARGUMENT };

	if (scan_window(&scan, window, length))
		stress_fail("a window of %" PRIu64 " bytes has %u faults",
			    length, scan.complaints);
	else
		did_read((const struct flightrec_window *)window);
	fflush(stdout);
}

static void read_window(int fd)
{
	static const size_t sizes[] = { 1 << 20, 1 << 20, 65536, 4096, 777 };
	size_t piece = STRESS_ONE_OF(sizes), most = WHOLE_BYTES, length = 0;
	long got;

	if (!stress_random(3))
		most = stress_random(1 << 20);
	do {
		if (length + piece > most) {
			stress_did(DEED_CUT_SHORT);
			return;
		}
		got = stress_read(fd, window + length, piece);
		if (got > 0)
			length += (size_t)got;
	} while (got > 0 && !stress_must_close());
	if (!got && length)
		look_through(length);
}

void role_reader(void)
{
	struct pollfd poller = { .events = POLLIN };

	if (!window) {
		window = mmap(NULL, WHOLE_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		TRUTH_MUST(window != MAP_FAILED);
	}
	poller.fd = stress_open(O_RDONLY);
	if (poller.fd < 0)
		return;
	poll(&poller, 1, (int)stress_random(100));
	stress_note(CALL_BAD_MEMORY, read(poller.fd, stress_nowhere, 100));
	read_window(poller.fd);
	close(poller.fd);
}
