// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Scopes: what a mark must be like to begin or end one, and that what the library
 * leaves is like that. ioctl() is this file's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#include "libflightrec.h"

static char left[FLIGHTREC_MARK_MAX + 1];
static int marks;

/* Found before the C library's. */
int ioctl(int fd, unsigned long request, ...)
{
	const struct flightrec_mark *mark;
	va_list args;

	va_start(args, request);
	mark = va_arg(args, const struct flightrec_mark *);
	va_end(args);
	assert_int_equal(fd, 77);
	assert_int_equal(request, FLIGHTREC_IOC_MARK);
	assert_in_range(mark->length, 1, FLIGHTREC_MARK_MAX);
	memcpy(left, (const void *)(uintptr_t)mark->text, mark->length);
	left[mark->length] = '\0';
	marks++;
	return 0;
}

static void test_leaving(void **unused)
{
	(void)unused;
	assert_int_equal(flightrec_mark_begin(77, "42", "parse it"), 0);
	assert_string_equal(left, ">42 parse it");
	assert_int_equal(flightrec_mark_begin(77, "42", NULL), 0);
	assert_string_equal(left, ">42");
	assert_int_equal(flightrec_mark_end(77, "42", ""), 0);
	assert_string_equal(left, "<42");
	assert_int_equal(flightrec_mark_end(77, "\xc3\xa9", "x"), 0);
	assert_string_equal(left, "<\xc3\xa9 x");
}

static void test_refused(void **unused)
{
	char key[FLIGHTREC_SCOPE_KEY_MAX + 2], text[FLIGHTREC_MARK_MAX + 1];

	(void)unused;
	marks = 0;
	assert_int_equal(flightrec_mark_begin(77, "", "x"), -EINVAL);
	assert_int_equal(flightrec_mark_begin(77, "a b", "x"), -EINVAL);
	assert_int_equal(flightrec_mark_end(77, "a\n", "x"), -EINVAL);
	assert_int_equal(flightrec_mark_end(77, "\x7f", "x"), -EINVAL);
	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	assert_int_equal(flightrec_mark_begin(77, key, NULL), -EMSGSIZE);
	memset(text, 't', sizeof(text));
	text[FLIGHTREC_MARK_MAX - 3] = '\0';
	assert_int_equal(flightrec_mark_begin(77, "kk", text), -EMSGSIZE);
	assert_int_equal(marks, 0);
	assert_int_equal(flightrec_mark_begin(77, "k", text), 0);
	assert_int_equal(strlen(left), FLIGHTREC_MARK_MAX);
	key[sizeof(key) - 2] = '\0';
	assert_int_equal(flightrec_mark_begin(77, key, NULL), 0);
}

static void expect(const char *mark, bool begins, const char *key,
		   const char *text)
{
	struct flightrec_scope scope;

	assert_true(flightrec_scope_parse(mark, strlen(mark), &scope));
	assert_int_equal(scope.begins, begins);
	assert_int_equal(scope.key_length, strlen(key));
	assert_memory_equal(scope.key, key, strlen(key));
	assert_int_equal(scope.text_length, strlen(text));
	assert_memory_equal(scope.text, text, strlen(text));
}

static void test_parsing(void **unused)
{
	(void)unused;
	expect(">42 parse it", true, "42", "parse it");
	expect(">42", true, "42", "");
	expect("<42 ", false, "42", "");
	expect("<a  b", false, "a", " b");
	expect(">> >", true, ">", ">");
}

static void test_none(void **unused)
{
	static const char *const marks_only[] = {
		"", ">", "<", "> 42", "42", " >42", ">4\t2", ">42\nx", "\x7f",
	};
	char key[FLIGHTREC_SCOPE_KEY_MAX + 2];
	struct flightrec_scope scope;

	(void)unused;
	for (size_t i = 0; i < sizeof(marks_only) / sizeof(marks_only[0]); i++)
		assert_false(flightrec_scope_parse(
			marks_only[i], strlen(marks_only[i]), &scope));
	memset(key, 'k', sizeof(key));
	key[0] = '>';
	assert_false(flightrec_scope_parse(key, sizeof(key), &scope));
	assert_true(flightrec_scope_parse(key, sizeof(key) - 1, &scope));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_parsing),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
