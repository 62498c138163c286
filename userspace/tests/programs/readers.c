// SPDX-License-Identifier: GPL-2.0
/*
 * What who reads gets: into memory of every kind, by threads that share a descriptor,
 * and when he begins anew.
 *
 *	readers
 *
 * Runs as root, with an idle recorder, and leaves one. Prints "ok - WHAT" or
 * "not ok - WHAT: ..." for each check; exits with 1 if any failed.
 */
#include <linux/userfaultfd.h>
#include <pthread.h>

#include "checks.h"

#define CALLS	100000
#define PAGE	4096UL
#define THREADS 4

static int controller;

static void must_control(unsigned int number)
{
	if (ask_control(controller, number))
		truth_fail("ioctl %#x", number);
}

static int open_to(int flags)
{
	int fd = open(FLIGHTREC_NODE, flags | O_CLOEXEC);

	TRUTH_MUST(fd >= 0);
	return fd;
}

/* Record calls of this thread: some megabytes of them. */
static void record(void)
{
	long i;

	TRUTH_MUST(!ask_target(controller, FLIGHTREC_IOC_TARGET_ADD,
			       FLIGHTREC_TARGET_TID, truth_tid()));
	must_control(FLIGHTREC_IOC_START);
	for (i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

static void check_number(const char *what, uint64_t got, uint64_t expected)
{
	if (got == expected)
		checks_verdict(true, "%s: %" PRIu64, what, expected);
	else
		checks_verdict(false, "%s: expected %" PRIu64 ", got %" PRIu64,
			       what, expected, got);
}

/* ---- memory of every kind -------------------------------------------------- */

static uint8_t *map_new(size_t bytes)
{
	uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRUTH_MUST(memory != MAP_FAILED);
	return memory;
}

/**
 * struct copy - of the frozen window, as one who reads it alone gets it
 * @bytes: it
 * @size: of it
 */
struct copy {
	uint8_t *bytes;
	size_t size;
};

/* Into memory that is there, by pieces that fit nothing. */
static struct copy copy_plainly(void)
{
	struct flightrec_window head;
	struct copy copy = {};
	int fd = open_to(O_RDONLY);
	ssize_t got;

	TRUTH_MUST(read(fd, &head, sizeof(head)) == sizeof(head));
	copy.bytes = map_new(head.window_bytes + PAGE);
	memset(copy.bytes, 1, head.window_bytes + PAGE);
	memcpy(copy.bytes, &head, sizeof(head));
	copy.size = sizeof(head);
	while ((got = read(fd, copy.bytes + copy.size, 777)) > 0) {
		copy.size += (size_t)got;
		TRUTH_MUST(copy.size <= head.window_bytes);
	}
	TRUTH_MUST(!got);
	check_number("the window as long as it says", copy.size,
		     head.window_bytes);
	close(fd);
	return copy;
}

static void check_same(const char *what, const struct copy *copy,
		       const uint8_t *bytes, ssize_t got)
{
	check_number(what, (uint64_t)got, copy->size);
	checks_verdict(got >= 0 && !memcmp(bytes, copy->bytes, (size_t)got),
		       "%s: the same", what);
}

/* All at once, @apart from where a page begins. */
static void into(const char *what, const struct copy *copy, uint8_t *memory,
		 size_t apart)
{
	int fd = open_to(O_RDONLY);

	check_same(what, copy, memory + apart,
		   read(fd, memory + apart, copy->size + 1));
	close(fd);
}

static void into_memory_not_there(const struct copy *copy)
{
	size_t bytes = copy->size + 3 * PAGE;
	uint8_t *memory;
	size_t at;

	memory = map_new(bytes);
	into("into memory that is not there yet", copy, memory, 0);
	into("the same, now there", copy, memory, 0);
	TRUTH_MUST(!munmap(memory, bytes));
	memory = map_new(bytes);
	into("that is not there, at any address", copy, memory, 1001);
	/* Of every 24 pages the kernel takes one away. */
	for (at = 0; at + PAGE <= bytes; at += 24 * PAGE)
		TRUTH_MUST(!madvise(memory + at, PAGE, MADV_DONTNEED));
	into("of which a part is not there", copy, memory, 1001);
	TRUTH_MUST(!munmap(memory, bytes));
}

/* It ends at memory that can never be there, and goes on elsewhere. */
static void into_memory_of_nobody(const struct copy *copy)
{
	size_t bytes = (copy->size + 2 * PAGE) & ~(PAGE - 1);
	size_t edge = bytes / PAGE / 2 * PAGE;
	uint8_t *memory = map_new(bytes);
	int fd = open_to(O_RDONLY);
	ssize_t got;

	memset(memory, 1, bytes);
	TRUTH_MUST(!mprotect(memory + edge, PAGE, PROT_NONE));
	got = read(fd, memory + 1, copy->size);
	checks_verdict(got > 0 && (size_t)got < edge &&
			       !memcmp(memory + 1, copy->bytes, (size_t)got),
		       "into memory of which a part is nobody's");
	checks_call("there", "read", read(fd, memory + edge, 100), EFAULT);
	TRUTH_MUST(!mprotect(memory + edge, PAGE, PROT_READ | PROT_WRITE));
	if (got > 0)
		got += read(fd, memory + 1 + got, copy->size);
	check_same("in two parts", copy, memory + 1, got);
	TRUTH_MUST(!munmap(memory, bytes));
	close(fd);
}

/* ---- memory whose owner takes his time ------------------------------------- */

/**
 * struct slow - a reader into a page that is not there until somebody brings it
 * @fd: from where
 * @page: where to
 * @got: what read() returned
 */
struct slow {
	int fd;
	uint8_t *page;
	ssize_t got;
};

static void *read_slowly(void *argument)
{
	struct slow *slow = argument;

	slow->got = read(slow->fd, slow->page, PAGE);
	return NULL;
}

/* Return: who is asked for @page, or -1 if this kernel asks nobody. */
static int guard(const uint8_t *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = TRUTH_POINTER(page), .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (faults < 0)
		return -1;
	TRUTH_MUST(!ioctl(faults, UFFDIO_API, &api) &&
		   !ioctl(faults, UFFDIO_REGISTER, &range));
	return faults;
}

/* While a reader waits for his own memory, others thaw, freeze and read. */
static void into_slow_memory(void)
{
	struct slow slow = { .page = map_new(PAGE) };
	int faults = guard(slow.page);
	struct uffdio_zeropage zero = {
		.range = { .start = TRUTH_POINTER(slow.page), .len = PAGE },
	};
	struct uffd_msg message;
	struct flightrec_window head;
	pthread_t thread;
	int other;

	if (faults < 0) {
		printf("# nothing is known of slow memory: no userfaultfd\n");
		return;
	}
	slow.fd = open_to(O_RDONLY);
	other = open_to(O_RDONLY);
	TRUTH_MUST(!pthread_create(&thread, NULL, read_slowly, &slow));
	TRUTH_MUST(read(faults, &message, sizeof(message)) == sizeof(message));
	/* Whoever is held up by it would be so for ever. */
	alarm(60);
	checks_call("a reader waits for memory", "THAW",
		    ask_control(controller, FLIGHTREC_IOC_THAW), 0);
	checks_call("a reader waits for memory", "FREEZE",
		    ask_control(controller, FLIGHTREC_IOC_FREEZE), 0);
	check_number("what another one reads meanwhile",
		     (uint64_t)read(other, &head, sizeof(head)), sizeof(head));
	alarm(0);
	TRUTH_MUST(!ioctl(faults, UFFDIO_ZEROPAGE, &zero));
	pthread_join(thread, NULL);
	check_number("what the first one has got", (uint64_t)slow.got, PAGE);
	checks_call("he", "reads on", read(slow.fd, &head, 1), ESTALE);
	close(faults);
	close(slow.fd);
	close(other);
}

/* ---- threads that share a descriptor --------------------------------------- */

/**
 * struct sharer - one of them
 * @fd: which
 * @piece: how much he asks for
 * @bytes: how much he has got
 * @sum: of all these bytes
 * @error: an errno, if he has come to another end than the window's
 */
struct sharer {
	int fd;
	size_t piece;
	uint64_t bytes;
	uint64_t sum;
	int error;
};

static uint64_t sum_of(const uint8_t *bytes, size_t count)
{
	uint64_t sum = 0;

	while (count--)
		sum += bytes[count];
	return sum;
}

static void *share(void *argument)
{
	struct sharer *sharer = argument;
	uint8_t bytes[8192];
	ssize_t got;

	while ((got = read(sharer->fd, bytes, sharer->piece)) > 0) {
		sharer->bytes += (size_t)got;
		sharer->sum += sum_of(bytes, (size_t)got);
	}
	sharer->error = got < 0 ? errno : 0;
	return NULL;
}

/* Read on by several, to the end. Return: what they have got, all told. */
static struct sharer share_all(const char *what, int fd)
{
	struct sharer sharers[THREADS], all = {};
	pthread_t threads[THREADS];
	size_t i;

	for (i = 0; i < THREADS; i++) {
		sharers[i] = (struct sharer){
			.fd = fd,
			.piece = 301 + 1500 * i,
		};
		TRUTH_MUST(
			!pthread_create(&threads[i], NULL, share, &sharers[i]));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all.bytes += sharers[i].bytes;
		all.sum += sharers[i].sum;
		checks_verdict(!sharers[i].error, "%s: thread %zu", what, i);
	}
	return all;
}

static void frozen_and_shared(const struct copy *copy)
{
	int fd = open_to(O_RDONLY);
	struct sharer all = share_all("frozen, shared", fd);

	check_number("frozen, shared: bytes", all.bytes, copy->size);
	check_number("frozen, shared: their sum", all.sum,
		     sum_of(copy->bytes, copy->size));
	close(fd);
}

static void live_and_shared(void)
{
	struct flightrec_window head;
	int fd = open_to(O_RDONLY);
	struct sharer all;

	TRUTH_MUST(read(fd, &head, sizeof(head)) == sizeof(head));
	all = share_all("live, shared", fd);
	check_number("live, shared: bytes", sizeof(head) + all.bytes,
		     head.window_bytes);
	close(fd);
}

/* ---- to begin anew --------------------------------------------------------- */

static void elsewhere(int reader)
{
	int writer = open_to(O_WRONLY);
	char byte;

	checks_call("nowhere else", "1", lseek(reader, 1, SEEK_SET), ESPIPE);
	checks_call("nowhere else", "-1", lseek(reader, -1, SEEK_SET), ESPIPE);
	checks_call("nowhere else", "here", lseek(reader, 0, SEEK_CUR), ESPIPE);
	checks_call("nowhere else", "the end", lseek(reader, 0, SEEK_END),
		    ESPIPE);
	checks_call("nowhere else", "data", lseek(reader, 0, SEEK_DATA),
		    ESPIPE);
	checks_call("nowhere else", "pread", pread(reader, &byte, 1, 0),
		    ESPIPE);
	checks_call("who writes only", "the beginning",
		    lseek(writer, 0, SEEK_SET), ESPIPE);
	close(writer);
}

/* Go there, and read the header. Return: its errno. */
static int begin_anew(int fd, struct flightrec_window *head)
{
	ssize_t got;

	TRUTH_MUST(!lseek(fd, 0, SEEK_SET));
	got = read(fd, head, sizeof(*head));
	TRUTH_MUST(got < 0 || got == sizeof(*head));
	return got < 0 ? errno : 0;
}

static void check_begins(const char *what, int fd, int expected,
			 uint32_t reason, struct flightrec_window *head)
{
	int error = begin_anew(fd, head);

	check_number(what, (uint64_t)error, (uint64_t)expected);
	if (!error && !expected)
		check_number("its reason", head->reason, reason);
}

/* Recording; leaves it idle. */
static void anew(void)
{
	struct flightrec_window first = {}, second = {}, third = {};
	int fd = open_to(O_RDONLY);
	char byte;

	check_begins("at the beginning", fd, 0, FLIGHTREC_REASON_LIVE, &first);
	elsewhere(fd);
	check_number("read on", (uint64_t)read(fd, &byte, 1), 1);
	check_begins("a live window, anew", fd, 0, FLIGHTREC_REASON_LIVE,
		     &second);
	checks_verdict(second.cut_clock > first.cut_clock, "a later one");
	must_control(FLIGHTREC_IOC_FREEZE);
	check_number("read on, frozen", (uint64_t)read(fd, &byte, 1), 1);
	check_begins("frozen meanwhile", fd, 0, FLIGHTREC_REASON_FREEZE,
		     &first);
	share_all("to the end", fd);
	check_number("at the end", (uint64_t)read(fd, &byte, 1), 0);
	check_begins("from there", fd, 0, FLIGHTREC_REASON_FREEZE, &third);
	checks_verdict(!memcmp(&first, &third, sizeof(first)), "the same one");
	must_control(FLIGHTREC_IOC_THAW);
	checks_call("thawed", "read on", read(fd, &byte, 1), ESTALE);
	check_begins("thawed meanwhile", fd, 0, FLIGHTREC_REASON_LIVE, &first);
	must_control(FLIGHTREC_IOC_STOP);
	checks_call("stopped", "read on", read(fd, &byte, 1), ESTALE);
	check_begins("stopped meanwhile", fd, ENODATA, 0, &first);
	must_control(FLIGHTREC_IOC_START);
	check_number("of the next recording", (uint64_t)read(fd, &byte, 1), 1);
	must_control(FLIGHTREC_IOC_STOP);
	close(fd);
}

/* Whose first try failed has read nothing: he gets the window that there is. */
static void tried(void)
{
	uint8_t *nowhere = map_new(PAGE);
	int fd = open_to(O_RDONLY);
	char byte;

	TRUTH_MUST(!mprotect(nowhere, PAGE, PROT_NONE));
	must_control(FLIGHTREC_IOC_START);
	checks_call("the first try", "read", read(fd, nowhere, 1), EFAULT);
	must_control(FLIGHTREC_IOC_STOP);
	checks_call("stopped", "read", read(fd, &byte, 1), ENODATA);
	must_control(FLIGHTREC_IOC_START);
	check_number("started again", (uint64_t)read(fd, &byte, 1), 1);
	must_control(FLIGHTREC_IOC_STOP);
	close(fd);
}

/* What was copied of another window, in vain, is not told later. */
static void tried_of_another(void)
{
	uint8_t one[sizeof(struct flightrec_window)], two[sizeof(one)];
	uint8_t *nowhere = map_new(PAGE);
	int fd = open_to(O_RDONLY), other = open_to(O_RDONLY);

	TRUTH_MUST(!mprotect(nowhere, PAGE, PROT_NONE));
	must_control(FLIGHTREC_IOC_START);
	must_control(FLIGHTREC_IOC_FREEZE);
	checks_call("of one window", "read", read(fd, nowhere, 1), EFAULT);
	must_control(FLIGHTREC_IOC_STOP);
	must_control(FLIGHTREC_IOC_START);
	must_control(FLIGHTREC_IOC_FREEZE);
	check_number("of another", (uint64_t)read(fd, one, 16), 16);
	check_number("and on", (uint64_t)read(fd, one + 16, sizeof(one) - 16),
		     sizeof(one) - 16);
	TRUTH_MUST(read(other, two, sizeof(two)) == sizeof(two));
	checks_verdict(!memcmp(one, two, sizeof(one)),
		       "that is what others read");
	must_control(FLIGHTREC_IOC_STOP);
	close(other);
	close(fd);
}

int main(void)
{
	struct copy copy;

	setvbuf(stdout, NULL, _IOLBF, 0);
	controller = open_to(O_RDWR);
	record();
	live_and_shared();
	must_control(FLIGHTREC_IOC_FREEZE);
	copy = copy_plainly();
	into_memory_not_there(&copy);
	into_memory_of_nobody(&copy);
	frozen_and_shared(&copy);
	into_slow_memory();
	must_control(FLIGHTREC_IOC_THAW);
	anew();
	tried();
	tried_of_another();
	return checks_failed ? 1 : 0;
}
