// SPDX-License-Identifier: GPL-2.0
/* The window: copying any part of it, and reading while it goes away. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "recorders.h"
#include "suites.h"
#include "tasks.h"

/* ---- Copying ------------------------------------------------------------ */

#define AROUND 9

/* Copy @bytes from @offset, into a guarded buffer, and compare. */
static const char *copy_fault(struct fr_recorder *recorder,
			      const struct whole *whole, u64 offset,
			      size_t bytes, u8 *buffer)
{
	size_t left = offset < whole->size ? whole->size - offset : 0;
	size_t expected = min(bytes, left);
	size_t copied;

	memset(buffer, 0xee, bytes + 1);
	copied = fr_window_copy(&recorder->window, offset, buffer, bytes);
	if (copied != expected)
		return "another number of bytes";
	if (memcmp(buffer, whole->bytes + offset, copied))
		return "other bytes";
	if (memchr_inv(buffer + copied, 0xee, bytes + 1 - copied))
		return "written beyond what was copied";
	return NULL;
}

static const char *copies_fault(struct fr_recorder *recorder,
				const struct whole *whole, u64 boundary,
				u8 *buffer)
{
	static const size_t sizes[] = {
		0,
		1,
		2,
		AROUND - 1,
		AROUND,
		AROUND + 1,
		2 * AROUND + 1,
		4095,
		4096,
		4097,
		12288,
	};
	u64 offset = boundary < AROUND ? 0 : boundary - AROUND;
	u32 i;

	for (; offset <= boundary + AROUND; offset++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			const char *fault = copy_fault(recorder, whole, offset,
						       sizes[i], buffer);

			if (fault)
				return fault;
		}
	return NULL;
}

static void copy_around_every_piece(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u8 *buffer = kunit_kzalloc(test, 16384, GFP_KERNEL);
	struct whole whole;
	u64 boundary, i;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	recorder_wrap(test);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	KUNIT_EXPECT_GE(test, whole_head(&whole)->blocks.count, 4ULL);
	boundary = whole_head(&whole)->blocks.offset;
	EXPECT_NO_FAULT(test, copies_fault(recorder, &whole, 0, buffer));
	for (i = 0; i <= whole_head(&whole)->blocks.count; i++)
		EXPECT_NO_FAULT(test,
				copies_fault(recorder, &whole,
					     boundary + i * 4096, buffer));
	EXPECT_NO_FAULT(test,
			copies_fault(recorder, &whole, whole.size, buffer));
	KUNIT_EXPECT_EQ(test,
			fr_window_copy(&recorder->window, U64_MAX, buffer, 1),
			(size_t)0);
	whole_free(&whole);
}

/* Read in pieces of @bytes; is it the same? */
static const char *reread_fault(struct fr_recorder *recorder,
				const struct whole *whole, size_t bytes,
				u8 *buffer)
{
	struct fr_view view = {};
	ssize_t result;
	u64 at = 0;

	for (;;) {
		result = fr_recorder_read(recorder, &view, &at, buffer, bytes);
		if (result <= 0)
			break;
		if (at + result > whole->size)
			return "longer than before";
		if (memcmp(buffer, whole->bytes + at, result))
			return "not the same";
		at += result;
	}
	if (result)
		return "an error";
	return at == whole->size ? NULL : "shorter than before";
}

static void every_read_is_the_same(struct kunit *test)
{
	static const size_t sizes[] = { 1, 7, 4096, 5000, 16384 };
	struct fr_recorder *recorder = test->priv;
	u8 *buffer = kunit_kzalloc(test, 16384, GFP_KERNEL);
	struct whole whole;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	recorder_wrap(test);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	/* Tasks come and go meanwhile, the window stays. */
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, -1, 1), -ENODATA);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		EXPECT_NO_FAULT(test, reread_fault(recorder, &whole, sizes[i],
						   buffer));
	whole_free(&whole);
}

/* The freeze found no memory for the tables: the first read makes them. */
static void window_is_made_when_read(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u8 *buffer = kunit_kzalloc(test, 16384, GFP_KERNEL);
	struct whole whole;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	recorder_wrap(test);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	down_write(&recorder->lock);
	kvfree(recorder->window.head);
	kvfree(recorder->window.held);
	recorder->window.head = NULL;
	recorder->window.held = NULL;
	up_write(&recorder->lock);
	EXPECT_NO_FAULT(test, reread_fault(recorder, &whole, 5000, buffer));
	whole_free(&whole);
}

/* ---- A window that goes away -------------------------------------------- */

static ssize_t read_some(struct fr_recorder *recorder, struct fr_view *view,
			 u64 offset)
{
	char bytes[100];

	return fr_recorder_read(recorder, view, &offset, bytes, sizeof(bytes));
}

static void reader_of_a_window_that_is_gone(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct fr_view old = {}, new = {};

	recorder_to(recorder, FLIGHTREC_FROZEN);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &old, 0), (ssize_t)100);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &old, 100), (ssize_t)100);
	fr_recorder_thaw(recorder);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &old, 200), (ssize_t)-ESTALE);
	fr_recorder_freeze(recorder);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &new, 0), (ssize_t)100);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &new, 100), (ssize_t)100);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &old, 200), (ssize_t)-ESTALE);
	fr_recorder_stop(recorder);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &new, 200), (ssize_t)-ESTALE);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &new, 0), (ssize_t)-ENODATA);
	recorder_to(recorder, FLIGHTREC_FROZEN);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &new, 200), (ssize_t)-ESTALE);
	KUNIT_EXPECT_EQ(test, read_some(recorder, &new, 0), (ssize_t)100);
}

/**
 * struct waiter - a thread that polls
 * @recorder: what
 * @waits: it does
 * @woken: it was
 */
struct waiter {
	struct fr_recorder *recorder;
	struct completion waits;
	struct completion woken;
};

static int waiter_run(void *data)
{
	struct waiter *waiter = data;

	complete(&waiter->waits);
	wait_event_interruptible(waiter->recorder->wait,
				 READ_ONCE(waiter->recorder->state) ==
						 FLIGHTREC_FROZEN ||
					 kthread_should_stop());
	complete(&waiter->woken);
	return 0;
}

static void freeze_wakes_who_polls(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct waiter waiter = { .recorder = recorder };
	struct task_struct *thread;

	init_completion(&waiter.waits);
	init_completion(&waiter.woken);
	fr_recorder_start(recorder);
	thread = thread_start(waiter_run, &waiter, -1, "fr-kunit-poll");
	KUNIT_ASSERT_NOT_NULL(test, thread);
	wait_for_completion(&waiter.waits);
	msleep(20);
	KUNIT_EXPECT_FALSE(test, completion_done(&waiter.woken));
	fr_recorder_freeze(recorder);
	/* Before it is stopped: that would wake it, too. */
	KUNIT_EXPECT_NE(
		test, wait_for_completion_timeout(&waiter.woken, 10 * HZ), 0UL);
	thread_stop(thread);
}

#define BUSY_ROUNDS 60

/**
 * struct busy - a thread that controls
 * @recorder: which
 * @errors: unexpected ones
 */
struct busy {
	struct fr_recorder *recorder;
	u32 errors;
};

static int busy_control(void *data)
{
	struct busy *busy = data;

	while (!kthread_should_stop()) {
		busy->errors += !!fr_recorder_freeze(busy->recorder);
		usleep_range(500, 3000);
		busy->errors += !!fr_recorder_thaw(busy->recorder);
		usleep_range(200, 1000);
	}
	return 0;
}

/*
 * A reader while others freeze, thaw and mark: it gets a whole window, or is
 * told why not.
 */
static void read_while_others_control(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct recorder_marks marks = { .recorder = recorder };
	struct busy busy = { .recorder = recorder };
	struct task_struct *control, *mark;
	const char *fault = NULL;
	u32 windows = 0, refused = 0, i;

	fr_recorder_start(recorder);
	control = thread_start(busy_control, &busy, -1, "fr-kunit-ctl");
	mark = thread_start(recorder_leave_marks, &marks, -1, "fr-kunit-mark");
	for (i = 0; i < 100 * BUSY_ROUNDS && windows < BUSY_ROUNDS; i++) {
		struct whole whole;
		int error = whole_read(recorder, &whole);

		if (error != 0 && error != -ESTALE && error != -EIO)
			fault = "another error";
		if (!error)
			fault = whole_fault(&whole);
		windows += !error;
		refused += !!error;
		whole_free(&whole);
		if (fault)
			break;
		usleep_range(100, 300);
	}
	thread_stop(mark);
	thread_stop(control);
	kunit_info(test, "%u windows, %u refusals, %llu marks\n", windows,
		   refused, marks.made);
	EXPECT_NO_FAULT(test, fault);
	KUNIT_EXPECT_EQ(test, windows, (u32)BUSY_ROUNDS);
	KUNIT_EXPECT_EQ(test, busy.errors, 0U);
	KUNIT_EXPECT_GT(test, marks.made, 0ULL);
}

/* ---- Would it be noticed? ----------------------------------------------- */

static void bad_copies_are_noticed(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u8 *buffer = kunit_kzalloc(test, 16384, GFP_KERNEL);
	struct whole whole;
	u64 boundary;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	recorder_wrap(test);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	boundary = whole_head(&whole)->blocks.offset;
	((u8 *)whole.bytes)[boundary]++;
	KUNIT_EXPECT_STREQ(test,
			   copies_fault(recorder, &whole, boundary, buffer),
			   "other bytes");
	KUNIT_EXPECT_STREQ(test, reread_fault(recorder, &whole, 1, buffer),
			   "not the same");
	whole.size--;
	KUNIT_EXPECT_STREQ(test,
			   copies_fault(recorder, &whole, whole.size, buffer),
			   "another number of bytes");
	whole_free(&whole);
}

static struct kunit_case read_cases[] = {
	KUNIT_CASE(copy_around_every_piece),
	KUNIT_CASE(every_read_is_the_same),
	KUNIT_CASE(window_is_made_when_read),
	KUNIT_CASE(reader_of_a_window_that_is_gone),
	KUNIT_CASE(freeze_wakes_who_polls),
	KUNIT_CASE(read_while_others_control),
	KUNIT_CASE(bad_copies_are_noticed),
	{},
};

struct kunit_suite fr_read_suite = {
	.name = "read",
	.init = recorder_init,
	.exit = recorder_exit,
	.test_cases = read_cases,
};
