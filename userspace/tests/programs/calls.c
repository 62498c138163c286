// SPDX-License-Identifier: GPL-2.0
/*
 * Makes one known sequence of calls: 0 to 6 arguments, numbers that are no call,
 * arguments and results at the edges of what fits into words of a tape, errnos.
 *
 *	calls [TIMES]
 *
 * Prints each call, in order.
 */
#include <sys/stat.h>

#include "truth.h"

static struct truth_log calls;

/* A call of a number that no call has. */
static void nobody(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		   uint64_t e, uint64_t f)
{
	truth_call(&calls, NULL, nr, 6, TRUTH_ARGS(a, b, c, d, e, f));
}

static void numbers(void)
{
	nobody(-1, 1, 2, 3, 4, 5, 6);
	nobody(1022, 1, 2, 3, 4, 5, 6);
	nobody(1023, UINT64_MAX, UINT64_MAX, 0, 0, 0, UINT64_MAX);
	nobody(1024, 1, 2, 3, 4, 5, 6);
	nobody(100000, 1ULL << 63, 1ULL << 62, 1ULL << 58, (1ULL << 58) - 1,
	       -(1ULL << 58), -(1ULL << 58) - 1);
	nobody(0x7fffffff, 0x123456789abcdef, 0xfedcba987654321, 0, 1, 2, 3);
}

/* One argument that fits, or just does not, into 22 bits, 32, 59. */
static void first_arguments(void)
{
	static const uint64_t fds[] = {
		(uint64_t)-1,
		1000000,
		(1 << 21) - 1,
		1 << 21,
		(1 << 21) + 1,
		-(1 << 21),
		-(1 << 21) - 1,
		(1 << 22) - 1,
		1 << 22,
		INT32_MAX,
		(uint64_t)INT32_MIN,
		UINT32_MAX,
		1ULL << 32,
		(1ULL << 58) - 1,
		1ULL << 58,
		(uint64_t)INT64_MAX,
		(uint64_t)INT64_MIN,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		/* A descriptor is an int: some of these might be one of ours. */
		if ((int32_t)fds[i] >= 0 && (int32_t)fds[i] < 1024)
			nobody(1000, fds[i], 0, 0, 0, 0, 0);
		else
			TRUTH_CALL(&calls, close, fds[i]);
	}
}

/* lseek gives back any number that is not negative. */
static void results(int fd)
{
	static const uint64_t offsets[] = {
		0,
		1,
		(1 << 21) - 1,
		1 << 21,
		(1 << 22) - 1,
		INT32_MAX,
		UINT32_MAX,
		1ULL << 32,
		(1ULL << 58) - 1,
		1ULL << 58,
		INT64_MAX - 1,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		TRUTH_CALL(&calls, lseek, fd, offsets[i], SEEK_SET);
	TRUTH_CALL(&calls, lseek, fd, (uint64_t)-1, SEEK_SET);
	TRUTH_CALL(&calls, lseek, fd, 0, 99);
}

static void memory(void)
{
	int64_t at = TRUTH_CALL(&calls, mmap, 0, 8192, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1, 0);

	TRUTH_CALL(&calls, munmap, (uint64_t)at, 8192);
	TRUTH_CALL(&calls, mmap, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		   (uint64_t)-1, 0);
	TRUTH_CALL(&calls, munmap, 1, 4096);
}

static void errors(int fd)
{
	static const char missing[] = "/no/such/file";
	static char buffer[16];

	TRUTH_CALL(&calls, openat, (uint64_t)AT_FDCWD, TRUTH_POINTER(missing),
		   O_RDONLY, 0);
	TRUTH_CALL(&calls, read, (uint64_t)-1, TRUTH_POINTER(buffer),
		   sizeof(buffer));
	TRUTH_CALL(&calls, read, fd, TRUTH_POINTER(buffer), sizeof(buffer));
	TRUTH_CALL(&calls, write, fd, 1, 16);
	TRUTH_CALL(&calls, pread64, fd, TRUTH_POINTER(buffer), sizeof(buffer),
		   (uint64_t)-1);
	TRUTH_CALL(&calls, dup3, fd, fd, 0);
	TRUTH_CALL(&calls, readlinkat, (uint64_t)AT_FDCWD, TRUTH_POINTER("/"),
		   TRUTH_POINTER(buffer), sizeof(buffer));
	TRUTH_CALL(&calls, getpgid, 0x7ffffff);
}

static void good_ones(void)
{
	static struct stat status;

	TRUTH_CALL(&calls, getppid);
	TRUTH_CALL(&calls, getuid);
	TRUTH_CALL(&calls, gettid);
	TRUTH_CALL(&calls, sched_yield);
	TRUTH_CALL(&calls, newfstatat, (uint64_t)AT_FDCWD, TRUTH_POINTER("/"),
		   TRUTH_POINTER(&status), 0);
	TRUTH_CALL(&calls, umask, 022);
}

int main(int argc, char **argv)
{
	long times = argc > 1 ? truth_number(argv[1]) : 1;
	int fd = memfd_create("calls", 0);

	TRUTH_MUST(fd >= 0 && fd < 16);
	truth_init();
	truth_begin(&calls);
	while (times--) {
		numbers();
		first_arguments();
		results(fd);
		memory();
		errors(fd);
		good_ones();
	}
	truth_end();
	printf("calls tid=%d count=%u\n", calls.tid, calls.count);
	truth_print_log(&calls);
	return 0;
}
