/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The suites: a few a room. A new one gets a line here and in main.c. What
 * looks for something wrong returns a text that says what, or NULL; so it can
 * be shown something wrong, and must find it.
 */
#ifndef FR_KUNIT_SUITES_H
#define FR_KUNIT_SUITES_H

#include <kunit/test.h>

#define EXPECT_NO_FAULT(test, fault) KUNIT_EXPECT_STREQ(test, (fault) ?: "", "")

extern struct kunit_suite fr_ring_suite;
extern struct kunit_suite fr_nest_suite;
extern struct kunit_suite fr_pool_suite;
extern struct kunit_suite fr_record_suite;
extern struct kunit_suite fr_target_suite;
extern struct kunit_suite fr_spec_suite;
extern struct kunit_suite fr_race_suite;
extern struct kunit_suite fr_identity_suite;
extern struct kunit_suite fr_recorder_suite;
extern struct kunit_suite fr_trace_suite;
extern struct kunit_suite fr_follow_suite;
extern struct kunit_suite fr_window_suite;
extern struct kunit_suite fr_read_suite;
extern struct kunit_suite fr_live_suite;
extern struct kunit_suite fr_trigger_suite;
extern struct kunit_suite fr_irq_suite;
extern struct kunit_suite fr_sparing_suite;
/* Fails, and is not among the others. */
extern struct kunit_suite fr_failure_suite;

#endif /* FR_KUNIT_SUITES_H */
