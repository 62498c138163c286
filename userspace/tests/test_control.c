// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The thin wrappers: what they hand to ioctl(), which this file stands in for,
 * and what they make of its answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "libflightrec.h"

#define FD 77

/**
 * struct call - the last ioctl
 * @count: how many there were
 * @fd: on which descriptor
 * @request: FLIGHTREC_IOC_*
 * @bytes: its struct as it came in, as far as its size says
 * @fails: the errno with which it is to fail; 0: it does not
 */
static struct {
	int count;
	int fd;
	unsigned long request;
	uint8_t bytes[256];
	int fails;
} call;

/* Found before the C library's. */
int ioctl(int fd, unsigned long request, ...)
{
	uint32_t size;
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	call.count++;
	call.fd = fd;
	call.request = request;
	memcpy(&size, argument, sizeof(size));
	assert_in_range(size, 16, sizeof(call.bytes));
	memcpy(call.bytes, argument, size);
	if (call.fails) {
		errno = call.fails;
		return -1;
	}
	if (request == FLIGHTREC_IOC_INFO)
		((struct flightrec_info *)argument)->clock =
			FLIGHTREC_CLOCK_TSC;
	if (request == FLIGHTREC_IOC_TARGET_ADD)
		((struct flightrec_target *)argument)->tasks = 5;
	if (request == FLIGHTREC_IOC_TRIGGER_ADD)
		((struct flightrec_trigger *)argument)->id = 12;
	if (request == FLIGHTREC_IOC_TRIGGER_GET)
		((struct flightrec_trigger *)argument)->fired = 3;
	if (request == FLIGHTREC_IOC_FIRED)
		((struct flightrec_fired *)argument)->firing.sequence++;
	return 0;
}

static int setup(void **unused)
{
	(void)unused;
	memset(&call, 0, sizeof(call));
	return 0;
}

/* The struct that came in: its size, recorder 0, of this request. */
static void *expect_call(unsigned long request, uint32_t size)
{
	uint32_t head[2];

	assert_int_equal(call.count, 1);
	assert_int_equal(call.fd, FD);
	assert_int_equal(call.request, request);
	memcpy(head, call.bytes, sizeof(head));
	assert_int_equal(head[0], size);
	assert_int_equal(head[1], 0);
	call.count = 0;
	return call.bytes;
}

static void expect_zeros(const void *from, size_t bytes)
{
	const uint8_t *byte = from;

	while (bytes--)
		assert_int_equal(*byte++, 0);
}

static void test_info(void **unused)
{
	struct flightrec_info info;

	(void)unused;
	memset(&info, 0xff, sizeof(info));
	assert_int_equal(flightrec_info(FD, &info), 0);
	expect_call(FLIGHTREC_IOC_INFO, sizeof(info));
	expect_zeros(call.bytes + 8, sizeof(info) - 8);
	assert_int_equal(info.clock, FLIGHTREC_CLOCK_TSC);
}

static void test_configure(void **unused)
{
	struct flightrec_config config = { .ring_bytes = 1 << 20,
					   .args = 3,
					   .keep_ns = 1ULL << 40 };
	struct flightrec_config *in;

	(void)unused;
	assert_int_equal(flightrec_configure(FD, &config), 0);
	in = expect_call(FLIGHTREC_IOC_CONFIGURE, sizeof(config));
	assert_int_equal(in->ring_bytes, 1 << 20);
	assert_int_equal(in->args, 3);
	assert_int_equal(in->keep_ns, 1ULL << 40);
}

static void test_targets(void **unused)
{
	struct flightrec_target target = {
		.kind = FLIGHTREC_TARGET_TGID,
		.flags = FLIGHTREC_TARGET_FOLLOW,
		.id = 1234,
		.reserved = 99,
	};
	struct flightrec_target *in;

	(void)unused;
	assert_int_equal(flightrec_target_add(FD, &target), 0);
	in = expect_call(FLIGHTREC_IOC_TARGET_ADD, sizeof(target));
	assert_int_equal(in->kind, FLIGHTREC_TARGET_TGID);
	assert_int_equal(in->flags, FLIGHTREC_TARGET_FOLLOW);
	assert_int_equal(in->id, 1234);
	assert_int_equal(in->reserved, 0);
	assert_int_equal(target.tasks, 5);
	assert_int_equal(flightrec_target_remove(FD, &target), 0);
	expect_call(FLIGHTREC_IOC_TARGET_REMOVE, sizeof(target));
}

static void test_states(void **unused)
{
	const struct {
		int (*function)(int fd);
		unsigned long request;
	} states[] = {
		{ flightrec_start, FLIGHTREC_IOC_START },
		{ flightrec_stop, FLIGHTREC_IOC_STOP },
		{ flightrec_freeze, FLIGHTREC_IOC_FREEZE },
		{ flightrec_thaw, FLIGHTREC_IOC_THAW },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		assert_int_equal(states[i].function(FD), 0);
		expect_call(states[i].request,
			    sizeof(struct flightrec_control));
		expect_zeros(call.bytes + 8, 8);
	}
}

static void test_stats(void **unused)
{
	struct flightrec_stats_cpu cpus[3];
	struct flightrec_stats stats, *in;

	(void)unused;
	memset(&stats, 0xff, sizeof(stats));
	assert_int_equal(flightrec_stats(FD, &stats, cpus, 3), 0);
	in = expect_call(FLIGHTREC_IOC_STATS, sizeof(stats));
	assert_true(in->cpus == (uintptr_t)cpus);
	assert_int_equal(in->cpus_count, 3);
	expect_zeros(&in->state,
		     sizeof(stats) - offsetof(struct flightrec_stats, state));
	/* A length without an array is none. */
	assert_int_equal(flightrec_stats(FD, &stats, NULL, 3), 0);
	in = expect_call(FLIGHTREC_IOC_STATS, sizeof(stats));
	assert_true(in->cpus == 0);
	assert_int_equal(in->cpus_count, 0);
}

static void test_mark(void **unused)
{
	const char *text = "here it went wrong";
	struct flightrec_mark *in;

	(void)unused;
	assert_int_equal(flightrec_mark(FD, text, 4), 0);
	in = expect_call(FLIGHTREC_IOC_MARK, sizeof(*in));
	assert_true(in->text == (uintptr_t)text);
	assert_int_equal(in->length, 4);
	assert_int_equal(in->reserved, 0);
	assert_int_equal(flightrec_mark(FD, text, FLIGHTREC_MARK_MAX), 0);
	expect_call(FLIGHTREC_IOC_MARK, sizeof(*in));
	/* The twin; and what 32 bits would make a short one. */
	assert_int_equal(flightrec_mark(FD, text, FLIGHTREC_MARK_MAX + 1),
			 -EMSGSIZE);
	assert_int_equal(flightrec_mark(FD, text, (size_t)UINT32_MAX + 2),
			 -EMSGSIZE);
	assert_int_equal(call.count, 0);
}

static void test_triggers(void **unused)
{
	struct flightrec_trigger trigger = {
		.condition = FLIGHTREC_TRIGGER_CALL,
		.action = FLIGHTREC_ACTION_FREEZE,
		.calls_count = 1,
		.calls = { 202 },
		.limit_ns = 20000000,
		.reserved = 99,
	};
	struct flightrec_trigger *in;

	(void)unused;
	assert_int_equal(flightrec_trigger_add(FD, &trigger), 0);
	in = expect_call(FLIGHTREC_IOC_TRIGGER_ADD, sizeof(trigger));
	assert_int_equal(in->condition, FLIGHTREC_TRIGGER_CALL);
	assert_int_equal(in->calls[0], 202);
	assert_int_equal(in->limit_ns, 20000000);
	assert_int_equal(in->reserved, 0);
	assert_int_equal(trigger.id, 12);
	assert_int_equal(flightrec_trigger_remove(FD, 12), 0);
	in = expect_call(FLIGHTREC_IOC_TRIGGER_REMOVE, sizeof(trigger));
	assert_int_equal(in->id, 12);
	expect_zeros(&in->condition,
		     sizeof(trigger) -
			     offsetof(struct flightrec_trigger, condition));
	memset(&trigger, 0xff, sizeof(trigger));
	assert_int_equal(flightrec_trigger_get(FD, 13, &trigger), 0);
	in = expect_call(FLIGHTREC_IOC_TRIGGER_GET, sizeof(trigger));
	assert_int_equal(in->id, 13);
	expect_zeros(&in->condition,
		     sizeof(trigger) -
			     offsetof(struct flightrec_trigger, condition));
	assert_int_equal(trigger.fired, 3);
}

static void test_fired(void **unused)
{
	struct flightrec_fired fired, *in;

	(void)unused;
	memset(&fired, 0xff, sizeof(fired));
	assert_int_equal(flightrec_fired(FD, 41, &fired), 0);
	in = expect_call(FLIGHTREC_IOC_FIRED, sizeof(fired));
	assert_int_equal(in->firing.sequence, 41);
	expect_zeros(&in->flags, 8);
	expect_zeros(&in->firing.trigger,
		     sizeof(in->firing) -
			     offsetof(struct flightrec_firing, trigger));
	assert_int_equal(fired.firing.sequence, 42);
	call.fails = EAGAIN;
	assert_int_equal(flightrec_fired(FD, 42, &fired), -EAGAIN);
}

static void test_errors(void **unused)
{
	struct flightrec_target target = { 0 };
	struct flightrec_stats stats;
	struct flightrec_info info;

	(void)unused;
	call.fails = ENOTTY;
	assert_int_equal(flightrec_info(FD, &info), -ENOTTY);
	call.fails = ENODATA;
	assert_int_equal(flightrec_freeze(FD), -ENODATA);
	assert_int_equal(flightrec_stats(FD, &stats, NULL, 0), -ENODATA);
	call.fails = ESRCH;
	assert_int_equal(flightrec_target_add(FD, &target), -ESRCH);
	/* Not tried again: that is the caller's to decide. */
	call.count = 0;
	call.fails = EINTR;
	assert_int_equal(flightrec_start(FD), -EINTR);
	assert_int_equal(call.count, 1);
}

static void test_open(void **unused)
{
	int fd;

	(void)unused;
	assert_int_equal(flightrec_open("/nonexistent/node", O_RDWR), -ENOENT);
	fd = flightrec_open("/dev/null", O_WRONLY);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_info),     TEST(test_configure), TEST(test_targets),
		TEST(test_states),   TEST(test_stats),	   TEST(test_mark),
		TEST(test_triggers), TEST(test_fired),	   TEST(test_errors),
		TEST(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
