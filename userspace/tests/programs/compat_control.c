// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit controller: every ioctl, read, write and poll of a 32-bit program, which
 * is its own target. It is built as one (-m32), and needs no 32-bit C library: what
 * it calls the kernel for is written here. That it compiles shows that 32-bit
 * programs see the contract's layout.
 *
 *	compat_control FILE
 *
 * Runs as root, with an idle recorder, and leaves it frozen; the window, as it read
 * it, is in FILE. Prints "ok - WHAT" or "not ok - WHAT" and its tid; exits with 1 if
 * anything failed.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/flightrec.h>
#include <linux/poll.h>
#include <linux/stat.h>

#ifndef __i386__
#error "this is a 32-bit program: -m32"
#endif

/* Numbers of the 32-bit calls: asm/unistd_32.h. */
#define NR_EXIT	  1
#define NR_READ	  3
#define NR_WRITE  4
#define NR_OPEN	  5
#define NR_CLOSE  6
#define NR_IOCTL  54
#define NR_POLL	  168
#define NR_GETTID 224

#define CALLS	  50
#define FIRST	  1000000

static int failures;
static unsigned char piece[65536];

static long call(long nr, unsigned long a, unsigned long b, unsigned long c)
{
	long result = nr;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(a), "c"(b), "d"(c)
			 : "memory");
	return result;
}

static unsigned long length_of(const char *text)
{
	unsigned long length = 0;

	while (text[length])
		length++;
	return length;
}

static void say(const char *text)
{
	call(NR_WRITE, 1, (unsigned long)text, length_of(text));
}

static void say_number(unsigned long number)
{
	char digits[12] = { 0 };
	int at = sizeof(digits) - 1;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	say(digits + at);
}

static void check(const char *what, long result, long expected)
{
	int good = result == expected;

	failures += !good;
	say(good ? "ok - 32-bit: " : "not ok - 32-bit: ");
	say(what);
	if (!good) {
		say(": ");
		say(result < 0 ? "-" : "");
		say_number(result < 0 ? -(unsigned long)result :
					(unsigned long)result);
	}
	say("\n");
}

static unsigned long address(const void *pointer)
{
	return (unsigned long)pointer;
}

static long ask(long fd, unsigned int number, void *argument)
{
	return call(NR_IOCTL, (unsigned long)fd, number, address(argument));
}

static long control(long fd, unsigned int number)
{
	struct flightrec_control argument = { .size = sizeof(argument) };

	return ask(fd, number, &argument);
}

static void information(long fd)
{
	struct flightrec_info info = { .size = sizeof(info) };
	struct flightrec_config config = {
		.size = sizeof(config),
		.ring_bytes = 1 << 20,
		.args = 6,
		.keep_ns = 1ULL << 60,
	};

	check("INFO", ask(fd, FLIGHTREC_IOC_INFO, &info), 0);
	check("INFO, version of the window", info.window_version,
	      FLIGHTREC_WINDOW_VERSION);
	check("INFO, the last field", info.version[0], FLIGHTREC_RELEASE[0]);
	check("CONFIGURE", ask(fd, FLIGHTREC_IOC_CONFIGURE, &config), 0);
	check("CONFIGURE, identities", config.identities, 16384);
	check("CONFIGURE, the last field", config.sparing, 0);
	config.ring_bytes = 1ULL << 62;
	check("CONFIGURE, 64 bits wide",
	      ask(fd, FLIGHTREC_IOC_CONFIGURE, &config), -ENOMEM);
	config.args = 7;
	check("CONFIGURE, 7 arguments",
	      ask(fd, FLIGHTREC_IOC_CONFIGURE, &config), -EINVAL);
	info.size = 4;
	check("INFO, size 4", ask(fd, FLIGHTREC_IOC_INFO, &info), -EINVAL);
	check("unknown", ask(fd, _IO(0xf2, 0x7f), &info), -ENOTTY);
	check("INFO, bad memory", ask(fd, FLIGHTREC_IOC_INFO, (void *)8),
	      -EFAULT);
}

static void statistics(long fd, unsigned int state)
{
	static struct flightrec_stats_cpu cpus[64];
	struct flightrec_stats stats = {
		.size = sizeof(stats),
		.cpus = address(cpus),
		.cpus_count = 64,
	};
	__u64 events = 0;
	unsigned int i;

	check("STATS", ask(fd, FLIGHTREC_IOC_STATS, &stats), 0);
	check("STATS, state", (long)stats.state, (long)state);
	check("STATS, keep_ns", stats.config.keep_ns == 1ULL << 60, 1);
	check("STATS, the last field", stats.config.sparing, 0);
	for (i = 0; i < stats.cpus_count && i < 64; i++)
		events += cpus[i].events;
	check("STATS, CPUs", events == stats.events, 1);
}

static void target(long fd, long tid)
{
	struct flightrec_target argument = {
		.size = sizeof(argument),
		.kind = FLIGHTREC_TARGET_TID,
		.id = (__u64)tid,
	};

	check("TARGET_ADD", ask(fd, FLIGHTREC_IOC_TARGET_ADD, &argument), 0);
	check("TARGET_ADD again", ask(fd, FLIGHTREC_IOC_TARGET_ADD, &argument),
	      -EEXIST);
	check("TARGET_REMOVE", ask(fd, FLIGHTREC_IOC_TARGET_REMOVE, &argument),
	      0);
	argument.id |= 1ULL << 32;
	check("TARGET_ADD, 64 bits wide",
	      ask(fd, FLIGHTREC_IOC_TARGET_ADD, &argument), -EINVAL);
	argument.id = (__u64)tid;
	check("TARGET_ADD", ask(fd, FLIGHTREC_IOC_TARGET_ADD, &argument), 0);
}

static void actions(long fd)
{
	static const char text[] = "a 32-bit mark";
	struct flightrec_mark mark = {
		.size = sizeof(mark),
		.text = address(text),
		.length = sizeof(text) - 1,
	};
	unsigned long i;

	for (i = 0; i < CALLS; i++)
		call(NR_CLOSE, FIRST + i, 0, 0);
	check("MARK", ask(fd, FLIGHTREC_IOC_MARK, &mark), 0);
	mark.text = 1ULL << 40;
	check("MARK, 64 bits wide", ask(fd, FLIGHTREC_IOC_MARK, &mark),
	      -EFAULT);
	check("write",
	      call(NR_WRITE, (unsigned long)fd, address("another one"), 11),
	      11);
}

static int is_readable(long fd)
{
	struct pollfd poller = { .fd = (int)fd, .events = POLLIN };

	call(NR_POLL, address(&poller), 1, 0);
	return poller.revents & POLLIN;
}

static void read_window(long fd, const char *path)
{
	long file = call(NR_OPEN, address(path), O_WRONLY | O_CREAT | O_TRUNC,
			 0600);
	long got, put = 0;

	check("the file for the window", file >= 0, 1);
	do {
		got = call(NR_READ, (unsigned long)fd, address(piece),
			   sizeof(piece));
		if (got > 0)
			put = call(NR_WRITE, (unsigned long)file,
				   address(piece), (unsigned long)got);
	} while (got > 0 && put == got);
	check("read, to the end", got, 0);
	call(NR_CLOSE, (unsigned long)file, 0, 0);
}

/* A descriptor of its own, and then the end of it: one window a descriptor. */
static void live(void)
{
	long fd = call(NR_OPEN, address(FLIGHTREC_NODE), O_RDONLY, 0);

	check("read, recording",
	      call(NR_READ, (unsigned long)fd, address(piece), 10), 10);
	call(NR_CLOSE, (unsigned long)fd, 0, 0);
}

static void with_device(const char *path)
{
	long fd = call(NR_OPEN, address(FLIGHTREC_NODE), O_RDWR, 0);
	long tid = call(NR_GETTID, 0, 0, 0);

	check("open", fd >= 0, 1);
	if (fd < 0)
		return;
	information(fd);
	target(fd, tid);
	statistics(fd, FLIGHTREC_IDLE);
	check("START", control(fd, FLIGHTREC_IOC_START), 0);
	actions(fd);
	check("poll, recording", is_readable(fd), 0);
	live();
	check("FREEZE", control(fd, FLIGHTREC_IOC_FREEZE), 0);
	check("THAW", control(fd, FLIGHTREC_IOC_THAW), 0);
	check("FREEZE", control(fd, FLIGHTREC_IOC_FREEZE), 0);
	check("poll, frozen", is_readable(fd), POLLIN);
	statistics(fd, FLIGHTREC_FROZEN);
	read_window(fd, path);
	say("compat_control tid=");
	say_number((unsigned long)tid);
	say("\n");
}

__attribute__((used, noreturn)) static void begin(const unsigned long *stack)
{
	if (stack[0] == 2)
		with_device((const char *)stack[2]);
	else
		failures = 1;
	for (;;)
		call(NR_EXIT, failures ? 1 : 0, 0, 0);
}

__asm__(".globl _start\n"
	"_start:\n"
	"	movl %esp, %eax\n"
	"	andl $-16, %esp\n"
	"	subl $12, %esp\n"
	"	pushl %eax\n"
	"	call begin\n");
