// SPDX-License-Identifier: GPL-2.0
/*
 * A suite that must fail: kunit/run shows with it, each time, that a case which
 * fails is seen to have failed. Run when the parameter prove_failure is set.
 */
#include <kunit/test.h>

#include "suites.h"

static void passes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 1);
}

static void fails_and_goes_on(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 2);
}

static void fails_and_gives_up(struct kunit *test)
{
	KUNIT_ASSERT_NOT_NULL(test, NULL);
}

static struct kunit_case failure_cases[] = {
	KUNIT_CASE(passes),
	KUNIT_CASE(fails_and_goes_on),
	KUNIT_CASE(fails_and_gives_up),
	{},
};

struct kunit_suite fr_failure_suite = {
	.name = "failure",
	.test_cases = failure_cases,
};
