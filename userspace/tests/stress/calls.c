// SPDX-License-Identifier: GPL-2.0
/* What is noted of calls, and which errnos the contract documents. */
#include "stress.h"

#define ERRNOS_MAX     6
#define FAILURES_SHOWN 30

/**
 * struct rule - what may come of a call, in any state
 * @name: of the call
 * @never: it must never succeed
 * @errnos: what it may fail with
 * @reached: of these, and of success (0), what a run must have seen; after the
 *	last one: -1
 */
struct rule {
	const char *name;
	bool never;
	int errnos[ERRNOS_MAX];
	int reached[ERRNOS_MAX];
};

#define REACHED(...) .reached = { __VA_ARGS__, -1 }

/* The device may be gone: there is no node, or nobody behind it. */
static const struct rule rules[CALLS] = {
	[CALL_OPEN] = { "open", .errnos = { ENOENT, ENODEV, ENXIO },
			REACHED(0) },
	[CALL_INFO] = { "INFO", REACHED(0) },
	[CALL_CONFIGURE] = { "CONFIGURE", .errnos = { EBUSY },
			     REACHED(0, EBUSY) },
	[CALL_MISCONFIGURE] = { "CONFIGURE, what cannot be", .never = true,
				.errnos = { EBUSY, EINVAL, ENOMEM },
				REACHED(EBUSY, EINVAL) },
	[CALL_TARGET_ADD] = { "TARGET_ADD", .errnos = { ESRCH, EEXIST, ENOSPC },
			      REACHED(0, ESRCH, EEXIST) },
	[CALL_TARGET_REMOVE] = { "TARGET_REMOVE", .errnos = { ESRCH },
				 REACHED(0, ESRCH) },
	[CALL_START] = { "START", .errnos = { EBUSY, ENOSPC },
			 REACHED(0, EBUSY) },
	[CALL_STOP] = { "STOP", .errnos = { ENODATA }, REACHED(0, ENODATA) },
	[CALL_FREEZE] = { "FREEZE", .errnos = { ENODATA, EALREADY },
			  REACHED(0, ENODATA, EALREADY) },
	[CALL_THAW] = { "THAW", .errnos = { ENODATA, EALREADY },
			REACHED(0, ENODATA, EALREADY) },
	[CALL_STATS] = { "STATS", REACHED(0) },
	[CALL_MARK] = { "MARK", .errnos = { ENODATA, ENOSPC },
			REACHED(0, ENODATA) },
	[CALL_READ] = { "read", .errnos = { ENODATA, ENOMEM, ESTALE },
			REACHED(0, ENODATA) },
	[CALL_WRITE] = { "write", .errnos = { ENODATA, ENOSPC },
			 REACHED(0, ENODATA) },
	[CALL_TRIGGER_ADD] = { "TRIGGER_ADD", .errnos = { ENOSPC },
			       REACHED(0) },
	[CALL_TRIGGER_REMOVE] = { "TRIGGER_REMOVE", .errnos = { ESRCH },
				  REACHED(0, ESRCH) },
	[CALL_TRIGGER_GET] = { "TRIGGER_GET", .errnos = { ESRCH },
			       REACHED(0, ESRCH) },
	[CALL_FIRED] = { "FIRED", .errnos = { EAGAIN, ENODATA },
			 REACHED(0, EAGAIN, ENODATA) },
	[CALL_BAD_MEMORY] = { "bad memory", .never = true,
			      .errnos = { EFAULT, ENODATA, EBUSY, ESTALE,
					  ENOMEM },
			      REACHED(EFAULT) },
	[CALL_NOT_FOR_WRITERS] = { "of a write-only descriptor", .never = true,
				   .errnos = { EBADF }, REACHED(EBADF) },
	[CALL_INSMOD] = { "insmod", REACHED(0) },
	[CALL_RMMOD] = { "rmmod", .errnos = { EAGAIN }, REACHED(0, EAGAIN) },
	[CALL_OFFLINE] = { "a CPU offline", .errnos = { EBUSY }, REACHED(0) },
	[CALL_ONLINE] = { "a CPU online", .errnos = { EBUSY }, REACHED(0) },
};

static const char *const deeds[DEEDS] = {
	[DEED_WINDOW] = "windows read whole, and in order",
	[DEED_LIVE] = "of them live ones",
	[DEED_BY_TRIGGER] = "of them frozen by a trigger",
	[DEED_FIRING] = "firings told",
	[DEED_CUT_SHORT] = "readings cut short",
	[DEED_PROCESS] = "processes born",
	[DEED_THREAD] = "threads born",
	[DEED_EXEC] = "execs",
	[DEED_THREAD_EXEC] = "execs by other threads than the leader",
	[DEED_KILL] = "targets killed",
	[DEED_PRESSURE] = "times that memory was filled",
	[DEED_ROLE_KILLED] = "roles killed in the middle of what they did",
};

struct arena *arena;

/* One line, by one write(): many processes print. */
void stress_fail(const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int length;

	if (__atomic_fetch_add(&arena->failures, 1, __ATOMIC_RELAXED) >=
	    FAILURES_SHOWN)
		return;
	length = snprintf(text, sizeof(text), "not ok - ");
	va_start(arguments, format);
	length += vsnprintf(text + length, sizeof(text) - (size_t)length - 1,
			    format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(text) - 2)
		length = (int)sizeof(text) - 2;
	text[length++] = '\n';
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		_exit(98);
}

static bool is_allowed(const struct rule *rule, int error)
{
	unsigned int i;

	if (!error)
		return !rule->never;
	for (i = 0; i < ERRNOS_MAX && rule->errnos[i]; i++)
		if (rule->errnos[i] == error)
			return true;
	return false;
}

/* Of a call that returned @result. Return: it, or a negative errno. */
long stress_note(enum call call, long result)
{
	int error = result < 0 ? errno : 0;

	if (error >= STRESS_ERRNOS)
		error = STRESS_ERRNOS - 1;
	__atomic_fetch_add(&arena->results[call][error], 1, __ATOMIC_RELAXED);
	if (!is_allowed(&rules[call], error))
		stress_fail("%s: %s is not what the contract has",
			    rules[call].name,
			    error ? strerrorname_np(error) : "success");
	return error ? -error : result;
}

static bool call_is_reached(const struct rule *rule, const uint64_t *results)
{
	unsigned int i;

	for (i = 0; rule->reached[i] >= 0; i++)
		if (!results[rule->reached[i]])
			return false;
	return true;
}

/* Has there been everything that a run must have seen? */
bool stress_reached(void)
{
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		if (!call_is_reached(&rules[i], arena->results[i]))
			return false;
	for (i = 0; i < DEEDS; i++)
		if (!arena->deeds[i])
			return false;
	return true;
}

static void report_call(const struct rule *rule, const uint64_t *results)
{
	bool good = call_is_reached(rule, results);
	unsigned int i;

	for (i = 0; i < STRESS_ERRNOS; i++)
		if (results[i] && !is_allowed(rule, (int)i))
			good = false;
	printf("%s - %s:", good ? "ok" : "not ok", rule->name);
	for (i = 0; i < STRESS_ERRNOS; i++)
		if (results[i])
			printf(" %" PRIu64 " %s", results[i],
			       i ? strerrorname_np((int)i) : "done");
	for (i = 0; rule->reached[i] >= 0; i++)
		if (!results[rule->reached[i]])
			printf(" (never %s)",
			       rule->reached[i] ?
				       strerrorname_np(rule->reached[i]) :
				       "done");
	printf("\n");
	arena->failures += !good;
}

/* Each call, each deed: one line of TAP. */
void stress_report(void)
{
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		report_call(&rules[i], arena->results[i]);
	for (i = 0; i < DEEDS; i++) {
		printf("%s - %" PRIu64 " %s\n",
		       arena->deeds[i] ? "ok" : "not ok", arena->deeds[i],
		       deeds[i]);
		arena->failures += !arena->deeds[i];
	}
	fflush(stdout);
}
