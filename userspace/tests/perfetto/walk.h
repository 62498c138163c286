/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the tests of the front end: a window that is built, then walked through
 * step by step.
 */
#ifndef WALK_H
#define WALK_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "front.h"
#include "put.h"

/* The window; who walks; where it stands. */
static struct window_builder b;
static struct flightrec_reader *reader;
static struct front *front;
static struct front_step step;

static inline int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	reader = NULL;
	front = NULL;
	return 0;
}

static inline int teardown(void **unused)
{
	(void)unused;
	front_destroy(front);
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
	return 0;
}

/* The window is complete, with its cut at @cut: go to before its first step. */
static inline void walk(uint64_t cut, unsigned int flags)
{
	window_builder_finish(&b, cut);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
	assert_int_equal(front_create(reader, flags, &front), 0);
}

/* The next step must be of @type at @clock. */
static inline void expect(enum flightrec_event_type type, uint64_t clock,
			  bool synthesized)
{
	assert_int_equal(front_next(front, &step), 1);
	assert_int_equal(step.event->type, type);
	assert_int_equal(step.event->clock, clock);
	assert_int_equal(step.synthesized, synthesized);
}

static inline void expect_real(enum flightrec_event_type type, uint64_t clock)
{
	expect(type, clock, false);
}

static inline void expect_made(enum flightrec_event_type type, uint64_t clock)
{
	expect(type, clock, true);
}

static inline void expect_end(void)
{
	assert_int_equal(front_next(front, &step), 0);
	assert_int_equal(front_next(front, &step), 0);
}

/* Go on to the step of @type at @clock. */
static inline void walk_to(enum flightrec_event_type type, uint64_t clock)
{
	do {
		assert_int_equal(front_next(front, &step), 1);
	} while (step.event->type != type || step.event->clock != clock);
}

static inline void walk_to_end(void)
{
	while (front_next(front, &step) > 0)
		;
}

static inline struct front_thread *thread(uint32_t tid)
{
	struct front_thread *found = front_thread(front, tid);

	assert_non_null(found);
	return found;
}

static inline const struct front_cpu *cpu(uint32_t number)
{
	const struct front_cpu *found = front_cpu(front, number);

	assert_non_null(found);
	return found;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif /* WALK_H */
