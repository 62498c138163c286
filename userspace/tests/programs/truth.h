/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ground-truth programs share. Such a program does known things and
 * then says what it did, one line a fact:
 *
 *	KIND KEY=VALUE KEY=VALUE...
 *
 * on standard output, or in the file that TRUTH names. A name of a task comes
 * last in its line, so that it may hold blanks. It never looks at the recorder.
 *
 * Calls that are counted exactly are made by truth_call(), which makes one
 * system call and nothing else, between two calls that no other program makes
 * (TRUTH_CALL_BEGIN, TRUTH_CALL_END: there are no calls of such numbers).
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRUTH_CALL_BEGIN  2001
#define TRUTH_CALL_END	  2002
#define TRUTH_CALLS_MAX	  2048
#define TRUTH_NS_PER_S	  INT64_C(1000000000)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/**
 * struct truth_stamp - an instant, by two clocks
 * @mono_ns: CLOCK_MONOTONIC
 * @real_ns: CLOCK_REALTIME
 */
struct truth_stamp {
	int64_t mono_ns;
	int64_t real_ns;
};

/**
 * struct truth_call - a system call that was made
 * @name: of the call, NULL if no call has this number
 * @nr: its number
 * @nargs: how many arguments it has
 * @args: they
 * @result: as the kernel returned it: a negative errno
 * @before: read right before it, if it was made by truth_timed_call()
 * @after: read right after it, likewise
 */
struct truth_call {
	const char *name;
	long nr;
	unsigned int nargs;
	uint64_t args[6];
	int64_t result;
	struct truth_stamp before;
	struct truth_stamp after;
};

/**
 * struct truth_log - the calls of one thread, in order
 * @tid: of the thread
 * @count: how many
 * @calls: they
 */
struct truth_log {
	pid_t tid;
	unsigned int count;
	struct truth_call calls[TRUTH_CALLS_MAX];
};

/* ---- failing -------------------------------------------------------------- */

__attribute__((noreturn, format(printf, 1, 2))) static inline void
truth_fail(const char *format, ...)
{
	int error = errno;
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, " (errno %s)\n", strerror(error));
	_exit(99);
}

/* What must not fail, or what the program says is not the truth. */
#define TRUTH_MUST(expression)                                      \
	do {                                                        \
		if (!(expression))                                  \
			truth_fail("%s:%d: %s", __FILE__, __LINE__, \
				   #expression);                    \
	} while (0)

/* ---- beginning ------------------------------------------------------------- */

/* Output goes where TRUTH says; several programs in a row may append to it. */
static inline void truth_init(void)
{
	const char *path = getenv("TRUTH");

	if (path)
		TRUTH_MUST(freopen(path, "ae", stdout));
}

static inline long truth_number(const char *text)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 0);
	if (errno || !*text || *end)
		truth_fail("'%s' is not a number", text);
	return number;
}

static inline pid_t truth_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static inline void *truth_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	TRUTH_MUST(memory != MAP_FAILED);
	return memory;
}

static inline void truth_pin(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	TRUTH_MUST(!sched_setaffinity(0, sizeof(cpus), &cpus));
}

/* Nothing but a higher priority takes the CPU away from here on. */
static inline void truth_fifo(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	TRUTH_MUST(!sched_setscheduler(0, SCHED_FIFO, &param));
}

static inline void truth_rename(const char *name)
{
	TRUTH_MUST(!prctl(PR_SET_NAME, name));
}

/* ---- time -------------------------------------------------------------------- */

static inline int64_t truth_clock(clockid_t clock)
{
	struct timespec time;

	TRUTH_MUST(!clock_gettime(clock, &time));
	return time.tv_sec * TRUTH_NS_PER_S + time.tv_nsec;
}

static inline struct truth_stamp truth_now(void)
{
	struct truth_stamp now = {
		.mono_ns = truth_clock(CLOCK_MONOTONIC),
		.real_ns = truth_clock(CLOCK_REALTIME),
	};

	return now;
}

/* "KEY_ns=N KEY=DATE"T"TIME", the second one sorting as a string, in UTC. */
static inline void truth_print_stamp(const char *key, struct truth_stamp stamp)
{
	time_t second = (time_t)(stamp.real_ns / TRUTH_NS_PER_S);
	char text[32];
	struct tm tm;

	gmtime_r(&second, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	printf(" %s_ns=%" PRId64 " %s=%s.%09" PRId64, key, stamp.mono_ns, key,
	       text, stamp.real_ns % TRUTH_NS_PER_S);
}

static inline struct timespec truth_ms(long ms)
{
	struct timespec time = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000,
	};

	return time;
}

/* ---- calls -------------------------------------------------------------------- */

/* The result as the kernel gives it; this makes one system call. */
static inline int64_t truth_raw(long nr, const uint64_t *args)
{
	long result = syscall(nr, args[0], args[1], args[2], args[3], args[4],
			      args[5]);

	return result == -1 ? -errno : result;
}

static inline struct truth_call *truth_prepare(struct truth_log *log,
					       const char *name, long nr,
					       unsigned int nargs,
					       const uint64_t *args)
{
	struct truth_call *call = &log->calls[log->count];

	TRUTH_MUST(log->count < TRUTH_CALLS_MAX);
	log->count++;
	call->name = name;
	call->nr = nr;
	call->nargs = nargs;
	memcpy(call->args, args, sizeof(call->args));
	return call;
}

static inline int64_t truth_call(struct truth_log *log, const char *name,
				 long nr, unsigned int nargs,
				 const uint64_t *args)
{
	struct truth_call *call = truth_prepare(log, name, nr, nargs, args);

	call->result = truth_raw(nr, args);
	return call->result;
}

static inline int64_t truth_timed_call(struct truth_log *log, const char *name,
				       long nr, unsigned int nargs,
				       const uint64_t *args)
{
	struct truth_call *call = truth_prepare(log, name, nr, nargs, args);

	call->before = truth_now();
	call->result = truth_raw(nr, args);
	call->after = truth_now();
	return call->result;
}

#define TRUTH_ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })
#define TRUTH_ARGS_COUNT(...) \
	(sizeof((const uint64_t[]){ 0, ##__VA_ARGS__ }) / sizeof(uint64_t) - 1)
/* TRUTH_CALL(log, close, 7): close(7), made and logged. */
#define TRUTH_CALL(log, name, ...)                                        \
	truth_call(log, #name, SYS_##name, TRUTH_ARGS_COUNT(__VA_ARGS__), \
		   TRUTH_ARGS(__VA_ARGS__))
#define TRUTH_TIMED_CALL(log, name, ...)                \
	truth_timed_call(log, #name, SYS_##name,        \
			 TRUTH_ARGS_COUNT(__VA_ARGS__), \
			 TRUTH_ARGS(__VA_ARGS__))
#define TRUTH_POINTER(pointer) ((uint64_t)(uintptr_t)(pointer))

/* Behind the compiler's back. */
static inline void truth_crash(void)
{
	volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1;
}

/* Before these and after them a thread may make calls that nobody counts. */
static inline void truth_begin(struct truth_log *log)
{
	log->tid = truth_tid();
	syscall(TRUTH_CALL_BEGIN);
}

static inline void truth_end(void)
{
	syscall(TRUTH_CALL_END);
}

/* An argument in every way in which people may like to see it. */
static inline void truth_print_argument(uint64_t value)
{
	printf("%" PRId64 "/%" PRIu64 "/0x%" PRIx64 "/%d/0%" PRIo64,
	       (int64_t)value, value, value, (int32_t)value, value);
	if (!value)
		printf("/NULL");
	if ((int32_t)value == AT_FDCWD)
		printf("/AT_FDCWD");
}

static inline void truth_print_call(pid_t tid, const struct truth_call *call)
{
	bool failed = call->result < 0 && call->result >= -4095;
	unsigned int i;

	printf("call tid=%d nr=%ld name=", tid, call->nr);
	if (call->name)
		printf("%s", call->name);
	else
		printf("syscall_%ld", call->nr);
	printf(" nargs=%u args=", call->nargs);
	for (i = 0; i < call->nargs; i++) {
		printf("%s", i ? "," : "");
		truth_print_argument(call->args[i]);
	}
	printf(" result=%" PRId64 "/0x%" PRIx64 " errno=%s", call->result,
	       (uint64_t)call->result,
	       failed ? strerrorname_np((int)-call->result) : "0");
	if (call->before.mono_ns) {
		truth_print_stamp("before", call->before);
		truth_print_stamp("after", call->after);
	}
	printf("\n");
}

static inline void truth_print_log(const struct truth_log *log)
{
	unsigned int i;

	for (i = 0; i < log->count; i++)
		truth_print_call(log->tid, &log->calls[i]);
}

/* ---- children -------------------------------------------------------------------- */

/* Return: a wait status. */
static inline int truth_wait(pid_t child)
{
	int status;

	TRUTH_MUST(waitpid(child, &status, 0) == child);
	return status;
}

/* Until @tid sleeps. */
static inline void truth_await_rest(pid_t tid)
{
	struct timespec pause = truth_ms(1);
	char path[64], line[128], state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	do {
		nanosleep(&pause, NULL);
		file = fopen(path, "re");
		TRUTH_MUST(file && fgets(line, sizeof(line), file));
		TRUTH_MUST(sscanf(line, "%*d (%*[^)]) %c", &state) == 1);
		fclose(file);
	} while (state != 'S');
}

/* A child with that tid. Return: as fork(); -1 also where no tid can be set. */
static inline pid_t truth_clone_as(pid_t tid)
{
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = TRUTH_POINTER(&tid),
		.set_tid_size = 1,
	};

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

#endif /* TRUTH_H */
