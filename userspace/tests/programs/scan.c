// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for what must not reach a reader: see scan.h.
 *
 *	scan FILE [any]		a window in a file; with "any", arguments and
 *				results of calls may be anything
 *	scan device		the device itself, frozen: what read() and the
 *				ioctls write, and where they write nothing
 *
 * Prints what is wrong, a line each, and on standard error how many records were
 * looked at, and how many events are later than the cut; exits with 1 if anything is
 * wrong.
 */
#include <sys/ioctl.h>
#include <sys/stat.h>

/* e2e/poison finds each planted defect among what all the others are found by. */
#define SCAN_COMPLAINTS_MAX 100000
#include "scan.h"

#define FILLER 0x77
#define BEHIND 4096

static unsigned int wrongs;

__attribute__((format(printf, 1, 2))) static void wrong(const char *format, ...)
{
	va_list arguments;

	wrongs++;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

static int scan_bytes_of(const void *bytes, uint64_t length, unsigned int flags)
{
	struct scan scan = { .flags = flags };
	unsigned int complaints = scan_window(&scan, bytes, length);

	fprintf(stderr,
		"%" PRIu64 " records in %" PRIu64 " bytes, %" PRIu64
		" events behind the cut\n",
		scan.records, length, scan.behind);
	if (!scan.records)
		wrong("there is no record");
	return complaints || wrongs;
}

static int scan_file(const char *path, unsigned int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes;

	TRUTH_MUST(fd >= 0 && !fstat(fd, &status) && status.st_size > 0);
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd,
		     0);
	TRUTH_MUST(bytes != MAP_FAILED);
	return scan_bytes_of(bytes, (uint64_t)status.st_size, flags);
}

/* ---- the device --------------------------------------------------------- */

static bool all_filler(const uint8_t *bytes, size_t count)
{
	while (count--)
		if (*bytes++ != FILLER)
			return false;
	return true;
}

/* Reads all in pieces of at most @most; nothing behind a piece is written to. */
static uint8_t *read_all(int fd, size_t most, uint64_t *length)
{
	static uint8_t piece[1 << 20];
	uint8_t *all = NULL;
	size_t room = 0;
	ssize_t got;

	*length = 0;
	for (;;) {
		memset(piece, FILLER, most + BEHIND);
		got = read(fd, piece, most);
		TRUTH_MUST(got >= 0);
		if (!all_filler(piece + got, most + BEHIND - (size_t)got))
			wrong("read() of %zu gives %zd and writes behind that",
			      most, got);
		if (!got)
			return all;
		if (*length + (uint64_t)got > room) {
			room = room * 2 + most;
			all = realloc(all, room);
			TRUTH_MUST(all);
		}
		memcpy(all + *length, piece, (size_t)got);
		*length += (uint64_t)got;
	}
}

/* An answer's struct: no address, no poison, and nothing behind it. */
static void check_answer(const char *what, const uint8_t *answer, size_t bytes,
			 size_t room)
{
	uint64_t value;
	size_t i;

	for (i = 0; i + 8 <= bytes; i += 4) {
		memcpy(&value, answer + i, 8);
		if (scan_is_address(value))
			wrong("%s: looks like a kernel address: %#" PRIx64,
			      what, value);
	}
	if (!all_filler(answer + bytes, room - bytes))
		wrong("%s: writes behind its struct", what);
}

static void check_ioctl(int fd, const char *what, unsigned int number,
			uint32_t bytes, uint32_t first, uint64_t second)
{
	uint8_t answer[256];

	memset(answer, FILLER, sizeof(answer));
	memset(answer, 0, bytes);
	memcpy(answer, &bytes, 4);
	memcpy(answer + 8, &first, 4);
	memcpy(answer + 16, &second, 8);
	if (ioctl(fd, number, answer))
		wrong("%s: %s", what, strerror(errno));
	check_answer(what, answer, bytes, sizeof(answer));
}

static void check_stats(int fd, uint32_t count)
{
	struct flightrec_stats_cpu cpus[64];
	struct flightrec_stats stats = {
		.size = sizeof(stats),
		.cpus = TRUTH_POINTER(cpus),
		.cpus_count = count,
	};
	uint32_t i;

	memset(cpus, FILLER, sizeof(cpus));
	TRUTH_MUST(!ioctl(fd, FLIGHTREC_IOC_STATS, &stats));
	if (count > stats.cpus_count)
		count = stats.cpus_count;
	check_answer("STATS, CPUs", (const void *)cpus, count * sizeof(cpus[0]),
		     sizeof(cpus));
	for (i = 0; i < count; i++)
		if (cpus[i].reserved)
			wrong("STATS: reserved of CPU %u", i);
}

static void check_ioctls(int fd)
{
	check_ioctl(fd, "INFO", FLIGHTREC_IOC_INFO,
		    sizeof(struct flightrec_info), 0, 0);
	check_ioctl(fd, "STATS", FLIGHTREC_IOC_STATS,
		    sizeof(struct flightrec_stats), 0, 0);
	check_ioctl(fd, "TARGET_ADD", FLIGHTREC_IOC_TARGET_ADD,
		    sizeof(struct flightrec_target), FLIGHTREC_TARGET_TGID,
		    (uint64_t)getpid());
	check_ioctl(fd, "TARGET_REMOVE", FLIGHTREC_IOC_TARGET_REMOVE,
		    sizeof(struct flightrec_target), FLIGHTREC_TARGET_TGID,
		    (uint64_t)getpid());
	check_stats(fd, 1);
	check_stats(fd, 64);
}

static int scan_device(void)
{
	static const size_t sizes[] = { 65536 + 8, 4096, 999, 500000 };
	uint64_t length, first_length = 0;
	uint8_t *first = NULL, *window;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		int fd = open(FLIGHTREC_NODE, O_RDWR | O_CLOEXEC);

		TRUTH_MUST(fd >= 0);
		window = read_all(fd, sizes[i], &length);
		check_ioctls(fd);
		close(fd);
		if (!first) {
			first = window;
			first_length = length;
			continue;
		}
		if (length != first_length || memcmp(first, window, length))
			wrong("read by %zu bytes it is another window",
			      sizes[i]);
		free(window);
	}
	return scan_bytes_of(first, first_length, SCAN_ANY_ARGUMENT);
}

int main(int argc, char **argv)
{
	TRUTH_MUST(argc == 2 || argc == 3);
	if (!strcmp(argv[1], "device"))
		return scan_device();
	return scan_file(argv[1], argc == 3 ? SCAN_ANY_ARGUMENT : 0);
}
