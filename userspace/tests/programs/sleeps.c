// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeps in every kind of call that waits, each bracketed by its own reads of the
 * clocks.
 *
 *	sleeps MILLISECONDS
 *
 * Prints each call with its bracket, how long at least it must have slept (the
 * kernel's timers are never early), and how often it went to sleep by the kernel's own
 * count: where others take the processor for so long, time may be up before it does.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include "truth.h"

static struct truth_log calls;
static struct timespec length;
static int length_ms;
static long switches[TRUTH_CALLS_MAX];

static long voluntary_switches(void)
{
	struct rusage usage;

	TRUTH_MUST(!getrusage(RUSAGE_THREAD, &usage));
	return usage.ru_nvcsw;
}

/* One call, between two that say so: it is not alone in its thread. */
#define SLEEP(name, ...)                                     \
	do {                                                 \
		long *count = &switches[calls.count];        \
                                                             \
		*count = -voluntary_switches();              \
		truth_begin(&calls);                         \
		TRUTH_TIMED_CALL(&calls, name, __VA_ARGS__); \
		truth_end();                                 \
		*count += voluntary_switches();              \
	} while (0)

static void sleep_calls(void)
{
	SLEEP(nanosleep, TRUTH_POINTER(&length), 0);
	SLEEP(clock_nanosleep, CLOCK_MONOTONIC, 0, TRUTH_POINTER(&length), 0);
}

static void poll_calls(void)
{
	struct timespec rest = length;

#ifdef SYS_poll
	SLEEP(poll, 0, 0, (uint64_t)length_ms);
#endif
	SLEEP(ppoll, 0, 0, TRUTH_POINTER(&rest), 0, 8);
	rest = length;
	SLEEP(pselect6, 0, 0, 0, 0, TRUTH_POINTER(&rest), 0);
}

static void epoll_call(int fd)
{
	static struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	TRUTH_MUST(epoll >= 0);
	TRUTH_MUST(!epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	SLEEP(epoll_pwait, epoll, TRUTH_POINTER(&event), 1, (uint64_t)length_ms,
	      0, 8);
	close(epoll);
}

static void futex_call(void)
{
	static uint32_t word = 7;

	SLEEP(futex, TRUTH_POINTER(&word), FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 7,
	      TRUTH_POINTER(&length), 0, 0);
}

static void signal_call(void)
{
	static sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	TRUTH_MUST(!sigprocmask(SIG_BLOCK, &signals, NULL));
	SLEEP(rt_sigtimedwait, TRUTH_POINTER(&signals), 0,
	      TRUTH_POINTER(&length), 8);
}

static void read_call(void)
{
	struct itimerspec timer = { .it_value = truth_ms(10 * length_ms) };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	static uint64_t expirations;
	struct truth_stamp before;

	TRUTH_MUST(fd >= 0);
	/* The timer runs from here on, long enough to be waited for. */
	before = truth_now();
	TRUTH_MUST(!timerfd_settime(fd, 0, &timer, NULL));
	SLEEP(read, fd, TRUTH_POINTER(&expirations), sizeof(expirations));
	TRUTH_MUST(truth_now().mono_ns - before.mono_ns >=
		   10 * length_ms * INT64_C(1000000));
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned int i;
	int pipes[2];

	TRUTH_MUST(argc == 2 && !pipe(pipes));
	truth_init();
	length_ms = (int)truth_number(argv[1]);
	length = truth_ms(length_ms);
	sleep_calls();
	poll_calls();
	epoll_call(pipes[0]);
	futex_call();
	signal_call();
	read_call();
	for (i = 0; i < calls.count; i++) {
		/* Of the timer's time some had passed before it was read. */
		bool whole = calls.calls[i].nr != SYS_read;

		printf("sleep tid=%d name=%s slept_ns=%" PRId64
		       " switches=%ld\n",
		       calls.tid, calls.calls[i].name,
		       whole ? length_ms * INT64_C(1000000) : 1, switches[i]);
	}
	truth_print_log(&calls);
	return 0;
}
