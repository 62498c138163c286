// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The contract header and the library's header compile alone, as C11 and as
 * C++17, with many warnings, and as 32-bit C where the compiler can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define WARNINGS "-Wall -Wextra -Wpedantic -Werror -fsyntax-only"

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static int run(const char *compiler, const char *options, const char *program)
{
	const char *top = from_environment("FLIGHTREC_TOP", ".");
	char command[1024];
	int length;

	length = snprintf(command, sizeof(command),
			  "printf '%s' | %s %s " WARNINGS
			  " -I%s/uapi -I%s/userspace/lib -",
			  program, compiler, options, top, top);
	assert_in_range(length, 1, sizeof(command) - 1);
	return system(command);
}

#define CONTRACT "#include <linux/flightrec.h>\\n"
#define LIBRARY	 "#include <libflightrec.h>\\n"
#define USE_CONTRACT                                \
	CONTRACT "struct flightrec_window w = {\\n" \
		 "	.version = FLIGHTREC_WINDOW_VERSION };\\n"
#define USE_LIBRARY LIBRARY "int f(int fd) { return flightrec_freeze(fd); }\\n"

static void test_c11(void **unused)
{
	const char *cc = from_environment("CC", "cc");

	(void)unused;
	assert_int_equal(run(cc, "-std=c11 -xc", USE_CONTRACT), 0);
	assert_int_equal(run(cc, "-std=c11 -xc", USE_LIBRARY), 0);
	/* Twice is as good as once. */
	assert_int_equal(run(cc, "-std=c11 -xc", CONTRACT USE_CONTRACT), 0);
	/* And a program that does not compile is seen not to. */
	assert_int_not_equal(run(cc, "-std=c11 -xc 2>/dev/null",
				 CONTRACT "int i = no_such_thing;\\n"),
			     0);
}

static void test_cxx17(void **unused)
{
	const char *cxx = from_environment("CXX", "c++");

	(void)unused;
	assert_int_equal(run(cxx, "-std=c++17 -xc++",
			     CONTRACT "flightrec_window w{};\\n"),
			 0);
	assert_int_equal(
		run(cxx, "-std=c++17 -xc++",
		    LIBRARY
		    "flightrec_event e{};\\n"
		    "int f(int fd) { return flightrec_freeze(fd); }\\n"),
		0);
}

/* The kernel's headers for both are in one place, which -m32 does not search. */
#define M32 "-m32 -std=c11 -idirafter /usr/include/x86_64-linux-gnu -xc"

/* The layouts are the same for 32-bit callers; the asserts in it say so. */
static void test_c11_32_bit(void **unused)
{
	const char *cc = from_environment("CC", "cc");

	(void)unused;
	if (run(cc, M32 " 2>/dev/null",
		"#include <linux/ioctl.h>\\n#include <linux/types.h>\\n"))
		skip();
	assert_int_equal(run(cc, M32, USE_CONTRACT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_c11),
		cmocka_unit_test(test_cxx17),
		cmocka_unit_test(test_c11_32_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
