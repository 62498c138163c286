// SPDX-License-Identifier: GPL-2.0
/* What a trigger found, in words; and the report's head, which tells of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "firing.h"
#include "report_stage.h"

#define MS 1000000LL

static const struct {
	uint32_t condition;
	int64_t value;
	int64_t limit;
	int32_t nr;
	const char *words;
} found[] = {
	{ FLIGHTREC_TRIGGER_CALL, 31200000, 20 * MS, STAGE_FUTEX,
	  "futex took 31.2 ms, longer than 20.0 ms" },
	{ FLIGHTREC_TRIGGER_CALL, 31200000, 20 * MS, 9999,
	  "syscall_9999 took 31.2 ms, longer than 20.0 ms" },
	{ FLIGHTREC_TRIGGER_ERRNO, 28, 28, STAGE_WRITE,
	  "write failed with ENOSPC" },
	{ FLIGHTREC_TRIGGER_ERRNO, 4095, 4095, -1,
	  "a call failed with errno 4095" },
	{ FLIGHTREC_TRIGGER_ERRNO, INT64_MIN, 0, STAGE_READ,
	  "read failed with errno -9223372036854775808" },
	{ FLIGHTREC_TRIGGER_WAIT, 7 * MS, 5 * MS, -1,
	  "waited for a CPU for 7.0 ms, longer than 5.0 ms" },
	{ FLIGHTREC_TRIGGER_OFF, 1500 * MS, 1000 * MS, -1,
	  "was off the CPU for 1.5 s, longer than 1.0 s" },
	{ FLIGHTREC_TRIGGER_SIGNAL, 11, 0, -1, "died of SIGSEGV" },
	{ FLIGHTREC_TRIGGER_SIGNAL, 100, 0, -1, "died of signal 100" },
	{ FLIGHTREC_TRIGGER_EXIT, 3, 0, -1, "exited with 3" },
	{ FLIGHTREC_TRIGGER_EXEC, 0, 0, -1, "executed a program" },
	{ FLIGHTREC_TRIGGER_MARK, 0, 0, -1, "left a mark" },
	{ FLIGHTREC_TRIGGER_IN_CALL, 1100 * MS, 1000 * MS, STAGE_EPOLL_WAIT,
	  "is in epoll_wait for 1.1 s, longer than 1.0 s" },
	{ FLIGHTREC_TRIGGER_WAITING, 60 * MS, 50 * MS, -1,
	  "waits for a CPU for 60.0 ms, longer than 50.0 ms" },
	{ FLIGHTREC_TRIGGER_RUNNING, 2100 * MS, 2000 * MS, -1,
	  "runs without a break for 2.1 s, longer than 2.0 s" },
	{ FLIGHTREC_TRIGGER_AWAY, 6000 * MS, 5000 * MS, -1,
	  "is off the CPU for 6.0 s, longer than 5.0 s" },
	{ FLIGHTREC_TRIGGER_AWAY, -1, -1, -1,
	  "is off the CPU for 0 ns, longer than 0 ns" },
	{ 0, 1, 2, -1, "met condition 0: value 1, limit 2" },
	{ UINT32_MAX, INT64_MIN, INT64_MAX, -1,
	  "met condition 4294967295: value -9223372036854775808, limit 9223372036854775807" },
};

static void test_words(void **unused)
{
	char text[FIRING_BYTES];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct flightrec_firing firing = {
			.sequence = 1,
			.condition = found[i].condition,
			.value = found[i].value,
			.limit = found[i].limit,
			.nr = found[i].nr,
		};

		firing_describe(text, &firing, "x86_64");
		assert_string_equal(text, found[i].words);
	}
}

static void test_word(void **unused)
{
	uint32_t condition;

	(void)unused;
	assert_null(firing_word(0));
	for (condition = 1; condition <= FLIGHTREC_TRIGGER_AWAY; condition++)
		assert_non_null(firing_word(condition));
	assert_null(firing_word(condition));
	assert_null(firing_word(UINT32_MAX));
	assert_string_equal(firing_word(FLIGHTREC_TRIGGER_OFF), "off-cpu");
}

static void plant(uint32_t reason)
{
	report_stage_target(412, "redis-server");
	report_stage_cpu(0, 412);
	report_stage_enter(0, 1000, 412, STAGE_READ, 6);
	report_stage_exit(0, 32200, 412, STAGE_READ, 1);
	report_stage.header.reason = reason;
	report_stage.header.firing = (struct flightrec_firing){
		.sequence = 2,
		.trigger = 5,
		.condition = FLIGHTREC_TRIGGER_CALL,
		.tid = 412,
		.value = 31200000,
		.limit = 20000000,
		.nr = STAGE_READ,
		.clock = report_stage_clock(32200),
	};
}

static void test_report_of_frozen(void **unused)
{
	(void)unused;
	plant(FLIGHTREC_REASON_TRIGGER);
	report_stage_write(32201);
	report_stage_has(
		"  taken     2023-11-14 22:13:30.032201 +0000, frozen by a trigger\n"
		"  fired     2023-11-14 22:13:30.032200 +0000, CPU 0, trigger 5: redis-server[412] read took 31.2 ms, longer than 20.0 ms\n");
}

/* Of a window taken for another reason: what fired last, if anything. */
static void test_report_of_live(void **unused)
{
	(void)unused;
	plant(FLIGHTREC_REASON_LIVE);
	report_stage.header.firing.tid = 77;
	report_stage_write(50000);
	report_stage_has(
		"  taken     2023-11-14 22:13:30.050000 +0000, while recording went on\n"
		"  fired     2023-11-14 22:13:30.032200 +0000, CPU 0, trigger 5: <...>[77] read took 31.2 ms, longer than 20.0 ms\n");
}

static void test_report_without(void **unused)
{
	(void)unused;
	plant(FLIGHTREC_REASON_LIVE);
	report_stage.header.firing.sequence = 0;
	report_stage_write(50000);
	report_stage_lacks("fired");
}

int main(void)
{
#define TEST(name)                                                \
	cmocka_unit_test_setup_teardown(name, report_stage_begin, \
					report_stage_end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words), cmocka_unit_test(test_word),
		TEST(test_report_of_frozen),  TEST(test_report_of_live),
		TEST(test_report_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
