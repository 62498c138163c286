/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs share that call the device and check what comes of it: "ok - WHAT"
 * or "not ok - WHAT: ..." for each check.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include <linux/flightrec.h>
#include <sys/ioctl.h>

#include "truth.h"

static int checks_failed;

static inline const char *checks_errno(int error)
{
	return error ? strerrorname_np(error) : "success";
}

__attribute__((format(printf, 2, 3))) static inline void
checks_verdict(bool good, const char *format, ...)
{
	va_list arguments;

	checks_failed += !good;
	printf("%s - ", good ? "ok" : "not ok");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
}

/* Of a call that returned @result; @expected is an errno, 0 for success. */
static inline void checks_call(const char *who, const char *what, long result,
			       int expected)
{
	int got = result < 0 ? errno : 0;

	if (got == expected)
		checks_verdict(true, "%s: %s: %s", who, what,
			       checks_errno(expected));
	else
		checks_verdict(false, "%s: %s: expected %s, got %s", who, what,
			       checks_errno(expected), checks_errno(got));
}

/*
 * Run @function in a process of its own, which may become somebody else. Its
 * failures are ours; so is its end, if it is not a good one.
 */
static inline void checks_in_child(void (*function)(void *argument),
				   void *argument)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	TRUTH_MUST(child >= 0);
	if (!child) {
		checks_failed = 0;
		function(argument);
		fflush(stdout);
		_exit(checks_failed ? 1 : 0);
	}
	checks_failed += !!truth_wait(child);
}

/* ---- the device's calls ------------------------------------------------- */

static inline int ask_control(int fd, unsigned int number)
{
	struct flightrec_control control = { .size = sizeof(control) };

	return ioctl(fd, number, &control);
}

static inline int ask_info(int fd)
{
	struct flightrec_info info = { .size = sizeof(info) };

	return ioctl(fd, FLIGHTREC_IOC_INFO, &info);
}

static inline int ask_stats(int fd)
{
	struct flightrec_stats stats = { .size = sizeof(stats) };

	return ioctl(fd, FLIGHTREC_IOC_STATS, &stats);
}

static inline int ask_configure(int fd)
{
	struct flightrec_config config = { .size = sizeof(config), .args = 1 };

	return ioctl(fd, FLIGHTREC_IOC_CONFIGURE, &config);
}

static inline int ask_target(int fd, unsigned int number, uint32_t kind,
			     pid_t id)
{
	struct flightrec_target target = {
		.size = sizeof(target),
		.kind = kind,
		.id = (uint64_t)id,
	};

	return ioctl(fd, number, &target);
}

static inline int ask_mark(int fd)
{
	static const char text[] = "a mark";
	struct flightrec_mark mark = {
		.size = sizeof(mark),
		.text = TRUTH_POINTER(text),
		.length = 6,
	};

	return ioctl(fd, FLIGHTREC_IOC_MARK, &mark);
}

#endif /* CHECKS_H */
