// SPDX-License-Identifier: GPL-2.0
/*
 * Live windows: read while recording goes on. What was written is counted by whoever
 * wrote it: marks, made one after the other on one CPU.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "recorders.h"
#include "suites.h"
#include "tasks.h"

/* Marks that fill a CPU's ring more than once: see recorder_wrap(). */
#define MANY_MARKS 3000U

/**
 * struct found - what a window holds
 * @marks: how many marks
 */
struct found {
	u64 marks;
};

static void count_mark(void *data, const struct tape_record *record)
{
	struct found *found = data;

	found->marks += record->type == FLIGHTREC_WORD_MARK;
}

/* Check @whole, and count the marks in it. */
static const char *whole_count(struct whole *whole, struct found *found)
{
	memset(found, 0, sizeof(*found));
	whole->visit = count_mark;
	whole->data = found;
	return whole_fault(whole);
}

static u64 overruns(const struct whole *whole)
{
	u64 count = 0;
	u64 i;

	for (i = 0; i < whole_head(whole)->blocks.count; i++)
		count += whole_block(whole, i)->magic ==
			 FLIGHTREC_BLOCK_OVERRUN_MAGIC;
	return count;
}

static void holds_what_was_written(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int cpu = cpumask_first(cpu_online_mask);
	struct whole whole;
	struct found found;
	u32 round;
	u64 i;

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	for (round = 1; round <= 3; round++) {
		KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, 50), 0);
		KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
		EXPECT_NO_FAULT(test, whole_count(&whole, &found));
		KUNIT_EXPECT_EQ(test, found.marks, 50ULL * round);
		KUNIT_EXPECT_EQ(test, whole_head(&whole)->reason,
				(u32)FLIGHTREC_REASON_LIVE);
		KUNIT_EXPECT_EQ(test, overruns(&whole), 0ULL);
		whole_free(&whole);
	}
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)FLIGHTREC_RECORDING);
	/* No gap: a window of the frozen recorder holds them all, without a hole. */
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_count(&whole, &found));
	KUNIT_EXPECT_EQ(test, found.marks, 150ULL);
	for (i = 0; i < whole_head(&whole)->blocks.count; i++)
		KUNIT_EXPECT_EQ(test, whole_block(&whole, i)->gap_clock, 0ULL);
	whole_free(&whole);
}

/* Read no more than the header. */
static void begin(struct kunit *test, struct fr_view *view)
{
	struct fr_recorder *recorder = test->priv;
	u64 offset = 0;
	char byte;

	KUNIT_ASSERT_EQ(test,
			fr_recorder_read(recorder, view, &offset, &byte, 1),
			(ssize_t)1);
}

/* What is written between the cut and the reading is not in it, or is later. */
static void what_comes_later_is_dropped(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int cpu = cpumask_first(cpu_online_mask);
	struct fr_view view = {};
	struct found found;
	struct whole whole;
	u64 cut;

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, 20), 0);
	begin(test, &view);
	cut = view.live.cut.clock;
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, 20), 0);
	KUNIT_ASSERT_EQ(test, whole_read_view(recorder, &view, &whole), 0);
	EXPECT_NO_FAULT(test, whole_count(&whole, &found));
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->cut_clock, cut);
	/* Those behind the cut stand in the open block: a decoder drops them. */
	KUNIT_EXPECT_GE(test, found.marks, 20ULL);
	KUNIT_EXPECT_LE(test, found.marks, 40ULL);
	whole_free(&whole);
	fr_window_drop(&view.live);
}

/* All that a CPU had is written anew before it is read. */
static void overrun_blocks_are_told(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int cpu = cpumask_first(cpu_online_mask);
	const struct fr_ring *ring;
	struct fr_view view = {};
	struct found found;
	struct whole whole;

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, 300), 0);
	ring = per_cpu_ptr(recorder->rings, cpu);
	KUNIT_EXPECT_GT(test, ring->seq, 1ULL);
	begin(test, &view);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, MANY_MARKS), 0);
	KUNIT_ASSERT_EQ(test, whole_read_view(recorder, &view, &whole), 0);
	EXPECT_NO_FAULT(test, whole_count(&whole, &found));
	KUNIT_EXPECT_EQ(test, overruns(&whole), whole_cpu(&whole, cpu)->blocks);
	KUNIT_EXPECT_EQ(test, found.marks, 0ULL);
	/* What went with them is known all the same. */
	KUNIT_EXPECT_EQ(test, whole_cpu(&whole, cpu)->events, 300ULL);
	whole_free(&whole);
	fr_window_drop(&view.live);
}

/* A part of them: what was not drawn is there, and comes last. */
static void newest_blocks_are_kept(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int cpu = cpumask_first(cpu_online_mask);
	const struct flightrec_window_cpu *entry;
	struct fr_view view = {};
	struct found found;
	struct whole whole;
	u64 i, gone;

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, MANY_MARKS), 0);
	begin(test, &view);
	/* Two blocks more. */
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, 200), 0);
	KUNIT_ASSERT_EQ(test, whole_read_view(recorder, &view, &whole), 0);
	EXPECT_NO_FAULT(test, whole_count(&whole, &found));
	entry = whole_cpu(&whole, cpu);
	gone = overruns(&whole);
	KUNIT_EXPECT_GE(test, gone, 1ULL);
	KUNIT_EXPECT_LT(test, gone, entry->blocks);
	for (i = 0; i < entry->blocks; i++)
		KUNIT_EXPECT_EQ(
			test,
			whole_block(&whole, entry->first_block + i)->magic ==
				FLIGHTREC_BLOCK_OVERRUN_MAGIC,
			i < gone);
	KUNIT_EXPECT_GT(test, found.marks, 0ULL);
	whole_free(&whole);
	fr_window_drop(&view.live);
}

/* Can a reader go on from @offset? 0, or the error. */
static int look(struct fr_recorder *recorder, struct fr_view *view, u64 offset)
{
	return fr_recorder_read(recorder, view, &offset, NULL, 0);
}

/* It may be read on through a freeze and a thaw, but not past a stop. */
static void outlives_a_freeze(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct fr_view view = {};
	struct whole whole;
	u64 offset = 1;
	char byte;
	u64 cut;

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	begin(test, &view);
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read_view(recorder, &view, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	whole_free(&whole);
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read_view(recorder, &view, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	whole_free(&whole);
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	KUNIT_EXPECT_EQ(test,
			fr_recorder_read(recorder, &view, &offset, &byte, 1),
			(ssize_t)-ESTALE);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, look(recorder, &view, 1), -ESTALE);
	/* Of who begins to read it is the window that there is now. */
	begin(test, &view);
	KUNIT_EXPECT_EQ(test, look(recorder, &view, 1), 0);
	cut = view.live.cut.clock;
	begin(test, &view);
	KUNIT_EXPECT_EQ(test, view.live.cut.clock, cut);
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	KUNIT_EXPECT_EQ(test, look(recorder, &view, 0), -ENODATA);
	KUNIT_EXPECT_NULL(test, view.live.head);
}

/* From the middle of a block it begins with the whole of it. */
static void reads_whole_blocks(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u8 *buffer = kunit_kzalloc(test, FR_BLOCK_BYTES_MAX, GFP_KERNEL);
	int cpu = cpumask_first(cpu_online_mask);
	struct fr_view view = {};
	u64 offset, begins;
	ssize_t result;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, cpu, 300), 0);
	begin(test, &view);
	begins = view.live.head_bytes + view.live.block_bytes;
	offset = begins + 100;
	result = fr_recorder_read(recorder, &view, &offset, buffer,
				  FR_BLOCK_BYTES_MAX);
	KUNIT_EXPECT_EQ(test, offset, begins);
	KUNIT_EXPECT_GE(test, result, (ssize_t)view.live.block_bytes);
	KUNIT_EXPECT_EQ(test, ((struct flightrec_block *)buffer)->magic,
			FLIGHTREC_BLOCK_MAGIC);
	fr_window_drop(&view.live);
}

#define READERS	      2U
#define READER_ROUNDS 30U

/**
 * struct live_reader - a thread that reads windows
 * @recorder: which
 * @windows: how many it has read
 * @overrun: blocks that were gone
 * @fault: what was wrong with one
 * @done: it has read enough
 */
struct live_reader {
	struct fr_recorder *recorder;
	u32 windows;
	u64 overrun;
	const char *fault;
	struct completion done;
};

static int reader_run(void *data)
{
	struct live_reader *reader = data;
	struct whole whole;

	while (reader->windows < READER_ROUNDS && !reader->fault) {
		if (whole_read(reader->recorder, &whole)) {
			reader->fault = "an error";
			break;
		}
		reader->fault = whole_fault(&whole);
		reader->overrun += overruns(&whole);
		reader->windows++;
		whole_free(&whole);
	}
	complete(&reader->done);
	return 0;
}

/* Readers at once, a writer that laps them; every window is whole in itself. */
static void readers_do_not_disturb(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct recorder_marks marks = { .recorder = recorder };
	struct live_reader readers[READERS] = {};
	struct task_struct *threads[READERS], *thread;
	u32 i;

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	thread =
		thread_start(recorder_leave_marks, &marks, -1, "fr-kunit-mark");
	KUNIT_ASSERT_NOT_NULL(test, thread);
	for (i = 0; i < READERS; i++) {
		readers[i].recorder = recorder;
		init_completion(&readers[i].done);
		threads[i] = thread_start(reader_run, &readers[i], -1,
					  "fr-kunit-read");
	}
	for (i = 0; i < READERS; i++) {
		wait_for_completion(&readers[i].done);
		thread_stop(threads[i]);
		EXPECT_NO_FAULT(test, readers[i].fault);
		KUNIT_EXPECT_EQ(test, readers[i].windows, READER_ROUNDS);
		kunit_info(test, "%llu blocks overrun\n", readers[i].overrun);
	}
	thread_stop(thread);
	KUNIT_EXPECT_GT(test, marks.made, 0ULL);
	KUNIT_EXPECT_EQ(test, marks.refused, 0ULL);
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
}

static struct kunit_case live_cases[] = {
	KUNIT_CASE(holds_what_was_written),
	KUNIT_CASE(what_comes_later_is_dropped),
	KUNIT_CASE(overrun_blocks_are_told),
	KUNIT_CASE(newest_blocks_are_kept),
	KUNIT_CASE(outlives_a_freeze),
	KUNIT_CASE(reads_whole_blocks),
	KUNIT_CASE(readers_do_not_disturb),
	{},
};

struct kunit_suite fr_live_suite = {
	.name = "live",
	.init = recorder_init,
	.exit = recorder_exit,
	.test_cases = live_cases,
};
