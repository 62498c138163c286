// SPDX-License-Identifier: LGPL-2.1-only
/* Numbers to words, against what this machine's headers and C library know. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libflightrec.h"

static void expect_call(const char *machine, bool compat, int32_t nr,
			const char *name, const char *args)
{
	const struct flightrec_call_name *call =
		flightrec_call_name(machine, compat, nr);

	if (!name) {
		assert_null(call);
		return;
	}
	assert_non_null(call);
	assert_string_equal(call->name, name);
	if (args)
		assert_string_equal(call->args, args);
}

static void test_calls(void **unused)
{
	(void)unused;
	expect_call("x86_64", false, 0, "read", "fpu");
	expect_call("x86_64", false, 1, "write", "fpu");
	expect_call("x86_64", false, 257, "openat", "fpxo");
	expect_call("x86_64", false, 62, "kill", "ds");
	expect_call("x86_64", false, 39, "getpid", "");
	expect_call("x86_64", false, 335, "uretprobe", "");
	expect_call("x86_64", false, 451, "cachestat", "fppx");
	expect_call("x86_64", false, 462, "mseal", "pux");
	expect_call("x86_64", false, 469, "file_setattr", "fppux");
	expect_call("x86_64", true, 3, "read", "fpu");
	expect_call("x86_64", true, 90, "mmap", "p");
	expect_call("x86_64", true, 192, "mmap2", "puxxfu");
	expect_call("x86_64", true, 451, "cachestat", NULL);
	expect_call("i686", false, 3, "read", "fpu");
	expect_call("i386", false, 422, "futex_time64", NULL);
	expect_call("aarch64", false, 0, "io_setup", "up");
	expect_call("aarch64", false, 63, "read", "fpu");
	expect_call("aarch64", false, 222, "mmap", "puxxfl");
	expect_call("aarch64", false, 79, "newfstatat", "fppx");
	expect_call("aarch64", false, 220, "clone", NULL);
	expect_call("riscv64", false, 221, "execve", "ppp");
}

/* The way back leads to the same number, for each that has a name. */
static void test_numbers_of_calls(void **unused)
{
	const char *const machines[] = { "x86_64", "i686", "aarch64" };
	const struct flightrec_call_name *call;
	int32_t nr, known = 0;
	size_t i;

	(void)unused;
	assert_int_equal(flightrec_call_number("x86_64", "futex"), 202);
	assert_int_equal(flightrec_call_number("aarch64", "futex"), 98);
	assert_int_equal(flightrec_call_number("i386", "read"), 3);
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		for (nr = 0; nr < 500; nr++) {
			call = flightrec_call_name(machines[i], false, nr);
			if (!call)
				continue;
			known++;
			assert_int_equal(flightrec_call_number(machines[i],
							       call->name),
					 nr);
		}
	}
	assert_in_range(known, 900, 1500);
	assert_int_equal(flightrec_call_number("aarch64", "open"), -1);
	assert_int_equal(flightrec_call_number("x86_64", "no_such"), -1);
	assert_int_equal(flightrec_call_number("x86_64", ""), -1);
	assert_int_equal(flightrec_call_number("vax", "read"), -1);
}

static void test_numbers_of_names(void **unused)
{
	int i;

	(void)unused;
	assert_int_equal(flightrec_errno_number("ENOSPC"), 28);
	assert_int_equal(flightrec_errno_number("ENOSUCH"), 0);
	assert_int_equal(flightrec_errno_number(""), 0);
	assert_int_equal(flightrec_signal_number("SIGSEGV"), 11);
	assert_int_equal(flightrec_signal_number("SIGRTMIN+30"), 64);
	assert_int_equal(flightrec_signal_number("SEGV"), 0);
	for (i = 1; i <= 64; i++)
		assert_int_equal(
			flightrec_signal_number(flightrec_signal_name(i)), i);
}

static void test_calls_not_known(void **unused)
{
	const int32_t nrs[] = { -1, INT32_MIN, INT32_MAX, 470, 1024, 400, 512 };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(nrs) / sizeof(nrs[0]); i++) {
		expect_call("x86_64", false, nrs[i], NULL, NULL);
		expect_call("aarch64", false, nrs[i], NULL, NULL);
	}
	expect_call("x86_64", true, -1, NULL, NULL);
	expect_call("x86_64", true, INT32_MAX, NULL, NULL);
	/* Numbers that only other ones have. */
	expect_call("aarch64", false, 250, NULL, NULL);
	expect_call("x86_64", true, 222, NULL, NULL);
	/* 32-bit arm has yet another numbering, which is not known here. */
	expect_call("aarch64", true, 3, NULL, NULL);
	expect_call("s390x", false, 3, NULL, NULL);
	expect_call("", false, 3, NULL, NULL);
	expect_call("i", false, 3, NULL, NULL);
}

static void test_x32(void **unused)
{
	const int32_t bit = 0x40000000;

	(void)unused;
	expect_call("x86_64", false, bit, "read", "fpu");
	expect_call("x86_64", false, bit + 257, "openat", "fpxo");
	expect_call("x86_64", false, bit + 512, "rt_sigaction", NULL);
	expect_call("x86_64", false, bit + 520, "execve", NULL);
	expect_call("x86_64", false, bit + 533, "move_pages", NULL);
	expect_call("x86_64", false, bit + 541, "setsockopt", NULL);
	expect_call("x86_64", false, bit + 547, "pwritev2", NULL);
	expect_call("x86_64", false, bit + 548, NULL, NULL);
	expect_call("x86_64", false, 520, NULL, NULL);
	expect_call("x86_64", true, bit + 3, NULL, NULL);
}

/* Every argument's letter is one of the header's. */
static void test_argument_letters(void **unused)
{
	const char letters[] = {
		FLIGHTREC_ARG_INT,   FLIGHTREC_ARG_LONG,    FLIGHTREC_ARG_SIZE,
		FLIGHTREC_ARG_FD,    FLIGHTREC_ARG_POINTER, FLIGHTREC_ARG_FLAGS,
		FLIGHTREC_ARG_OCTAL, FLIGHTREC_ARG_SIGNAL,  0,
	};
	const char *machines[] = { "x86_64", "i686", "aarch64" };
	int calls = 0;
	int32_t nr;
	int i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		for (nr = 0; nr < 600; nr++) {
			const struct flightrec_call_name *call =
				flightrec_call_name(machines[i], false, nr);

			if (!call)
				continue;
			assert_int_equal(strspn(call->args, letters),
					 strlen(call->args));
			assert_in_range(strlen(call->args), 0,
					FLIGHTREC_ARGS_MAX);
			calls++;
		}
	}
	/* 6.1 has 362, 440 and 306. */
	assert_in_range(calls, 362 + 440 + 306, 3 * 600);
}

/* Read "#define __NR_name number" lines and compare. */
static int compare_header(const char *path, const char *machine)
{
	FILE *file = fopen(path, "r");
	char line[256], name[128];
	int nr, calls = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "#define __NR_%127s %d", name, &nr) != 2)
			continue;
		/* Headers that are newer than the table know more. */
		if (nr > 469)
			continue;
		expect_call(machine, false, nr, name, NULL);
		calls++;
	}
	fclose(file);
	return calls;
}

static void test_calls_of_this_machine(void **unused)
{
	int calls = 0;

	(void)unused;
	calls += compare_header("/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
				"x86_64");
	calls += compare_header("/usr/include/x86_64-linux-gnu/asm/unistd_32.h",
				"i686");
	if (!calls)
		skip();
	assert_in_range(calls, 362 + 440, 2000);
}

/* ---- errnos and others -------------------------------------------------------------- */

static void test_errnos(void **unused)
{
	int number;

	(void)unused;
	for (number = 1; number < 134; number++) {
		const char *name = flightrec_errno_name(number);

		if (!strerrorname_np(number)) {
			assert_null(name);
			continue;
		}
		assert_non_null(name);
		/* Two names of one number. */
		if (!strcmp(name, "EOPNOTSUPP"))
			continue;
		assert_string_equal(name, strerrorname_np(number));
	}
	assert_string_equal(flightrec_errno_name(11), "EAGAIN");
	assert_string_equal(flightrec_errno_name(512), "ERESTARTSYS");
	assert_string_equal(flightrec_errno_name(513), "ERESTARTNOINTR");
	assert_string_equal(flightrec_errno_name(514), "ERESTARTNOHAND");
	assert_string_equal(flightrec_errno_name(516), "ERESTART_RESTARTBLOCK");
	assert_null(flightrec_errno_name(0));
	assert_null(flightrec_errno_name(-1));
	assert_null(flightrec_errno_name(134));
	assert_null(flightrec_errno_name(511));
	assert_null(flightrec_errno_name(532));
	assert_null(flightrec_errno_name(INT32_MIN));
}

static void test_signals(void **unused)
{
	char name[32];
	int number;

	(void)unused;
	for (number = 1; number < 32; number++) {
		snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(number));
		/* The C library has the older name of two. */
		if (number == SIGIO)
			strcpy(name, "SIGIO");
		assert_string_equal(flightrec_signal_name(number), name);
	}
	assert_string_equal(flightrec_signal_name(32), "SIG32");
	assert_string_equal(flightrec_signal_name(SIGRTMIN), "SIGRTMIN");
	assert_string_equal(flightrec_signal_name(SIGRTMIN + 3), "SIGRTMIN+3");
	assert_string_equal(flightrec_signal_name(SIGRTMAX), "SIGRTMIN+30");
	assert_null(flightrec_signal_name(0));
	assert_null(flightrec_signal_name(65));
	assert_null(flightrec_signal_name(-1));
	assert_null(flightrec_signal_name(127));
}

static void test_states_and_policies(void **unused)
{
	(void)unused;
	assert_string_equal(flightrec_softirq_name(0), "HI");
	assert_string_equal(flightrec_softirq_name(9), "RCU");
	assert_null(flightrec_softirq_name(10));
	assert_string_equal(flightrec_state_name(FLIGHTREC_STATE_SLEEPING),
			    "S");
	assert_string_equal(flightrec_state_name(FLIGHTREC_STATE_DISK_SLEEP),
			    "D");
	assert_string_equal(flightrec_state_name(FLIGHTREC_STATE_IDLE), "I");
	assert_string_equal(flightrec_state_name(FLIGHTREC_STATE_PREEMPTED),
			    "R+");
	assert_null(flightrec_state_name(9));
	assert_null(flightrec_state_name(16));
	assert_null(flightrec_state_name(UINT32_MAX));
	assert_string_equal(flightrec_policy_name(0), "NORMAL");
	assert_string_equal(flightrec_policy_name(1), "FIFO");
	assert_string_equal(flightrec_policy_name(6), "DEADLINE");
	assert_string_equal(flightrec_policy_name(7), "EXT");
	assert_null(flightrec_policy_name(4));
	assert_null(flightrec_policy_name(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_calls_not_known),
		cmocka_unit_test(test_numbers_of_calls),
		cmocka_unit_test(test_numbers_of_names),
		cmocka_unit_test(test_x32),
		cmocka_unit_test(test_argument_letters),
		cmocka_unit_test(test_calls_of_this_machine),
		cmocka_unit_test(test_errnos),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_states_and_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
