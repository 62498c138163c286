// SPDX-License-Identifier: GPL-2.0
/* The window: what a freeze leaves. How it is read: read_test.c. */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/utsname.h>
#include <linux/vmalloc.h>

#include "recorders.h"
#include "suites.h"
#include "tasks.h"

/* ---- What is in it ------------------------------------------------------ */

static void window_is_whole(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_window *head;
	struct whole whole;

	recorder_wrap(test);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	head = whole_head(&whole);
	KUNIT_EXPECT_EQ(test, (u64)whole.size, recorder->window.bytes);
	KUNIT_EXPECT_EQ(test, head->reason, (u32)FLIGHTREC_REASON_FREEZE);
	KUNIT_EXPECT_EQ(test, head->clock, fr_clock_kind());
	KUNIT_EXPECT_EQ(test, head->clock_khz, fr_clock_khz());
	KUNIT_EXPECT_EQ(test, head->start_clock, recorder->start.clock);
	KUNIT_EXPECT_EQ(test, head->cut_clock, recorder->window.cut.clock);
	KUNIT_EXPECT_EQ(test, head->cut_real_ns, recorder->window.cut.real_ns);
	KUNIT_EXPECT_EQ(test, head->ring_bytes, recorder->config.ring_bytes);
	KUNIT_EXPECT_EQ(test, head->block_bytes, 4096U);
	KUNIT_EXPECT_EQ(test, head->events, recorder->config.events);
	KUNIT_EXPECT_EQ(test, head->args, 1U);
	KUNIT_EXPECT_EQ(test, head->policy, recorder->config.policy);
	KUNIT_EXPECT_EQ(test, head->page_bytes, (u32)PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, head->keep_ns, 10000000000ULL);
	KUNIT_EXPECT_EQ(test, head->names_clock, 0ULL);
	KUNIT_EXPECT_EQ(test, head->lost_events, 0ULL);
	KUNIT_EXPECT_EQ(test, head->calls.count, 0ULL);
	KUNIT_EXPECT_EQ(test, head->targets.count, 0ULL);
	KUNIT_EXPECT_STREQ(test, (char *)head->release,
			   init_utsname()->release);
	KUNIT_EXPECT_STREQ(test, (char *)head->machine,
			   init_utsname()->machine);
	/* The ring that has wrapped begins later. */
	KUNIT_EXPECT_EQ(test, whole_cpu(&whole, 0)->blocks, 4ULL);
	KUNIT_EXPECT_GT(test, head->complete_clock, head->start_clock);
	whole_free(&whole);
}

static void window_of_nothing(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct whole whole;

	recorder_to(recorder, FLIGHTREC_FROZEN);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->blocks.count, 0ULL);
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->cpus.count,
			(u64)num_possible_cpus());
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->tasks.count, 0ULL);
	whole_free(&whole);
}

static void targets_are_told(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_window_target *target;
	struct whole whole;

	recorder_add_name(recorder, "redis-server");
	recorder_add(recorder, FLIGHTREC_TARGET_TGID, current->tgid,
		     FLIGHTREC_TARGET_FOLLOW);
	recorder_to(recorder, FLIGHTREC_FROZEN);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_ASSERT_EQ(test, whole_head(&whole)->targets.count, 2ULL);
	target = whole_target(&whole, 0);
	KUNIT_EXPECT_EQ(test, target->kind, (u32)FLIGHTREC_TARGET_COMM);
	KUNIT_EXPECT_EQ(test, target->id, 0ULL);
	KUNIT_EXPECT_STREQ(test, (char *)target->comm, "redis-server");
	target = whole_target(&whole, 1);
	KUNIT_EXPECT_EQ(test, target->kind, (u32)FLIGHTREC_TARGET_TGID);
	KUNIT_EXPECT_EQ(test, target->flags, (u32)FLIGHTREC_TARGET_FOLLOW);
	KUNIT_EXPECT_EQ(test, target->id, (u64)current->tgid);
	KUNIT_EXPECT_EQ(test, target->comm[0], 0);
	whole_free(&whole);
}

/**
 * struct mark_search - looking for a mark
 * @text: which
 * @found: how often it was there
 * @tid: who made it
 */
struct mark_search {
	const char *text;
	u32 found;
	u32 tid;
};

static void look_for_mark(void *data, const struct tape_record *record)
{
	struct tape_cursor cursor = { .record = record };
	struct mark_search *search = data;
	char text[FLIGHTREC_MARK_MAX];
	u32 length;

	if (record->type != FLIGHTREC_WORD_MARK)
		return;
	length = tape_text(&cursor, text, sizeof(text));
	if (tape_done(&cursor) || length != record->payload ||
	    length != strlen(search->text) ||
	    memcmp(text, search->text, length))
		return;
	search->found++;
	search->tid = record->tid;
}

/* A mark is on the tape, with who made it; who that is, is in the window. */
static void mark_is_on_the_tape(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct mark_search search = { .text = "request 42 slow" };
	const struct flightrec_window_task *task;
	struct whole whole;

	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, search.text), 0);
	fr_recorder_freeze(recorder);
	KUNIT_EXPECT_EQ(test, recorder_mark(recorder, search.text), -ENODATA);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	whole.visit = look_for_mark;
	whole.data = &search;
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_EXPECT_EQ(test, search.found, 1U);
	KUNIT_EXPECT_EQ(test, search.tid, (u32)current->pid);
	task = whole_find_task(&whole, current->pid, FLIGHTREC_UNTIL_CUT);
	KUNIT_EXPECT_TRUE(test, task && !strcmp(task->comm, current->comm));
	whole_free(&whole);
}

/* The first block behind a gap tells of it, on each CPU. */
static void thaw_leaves_a_gap(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_block *block;
	struct whole whole;
	u64 gap;

	fr_recorder_start(recorder);
	recorder_mark_on(recorder, cpumask_first(cpu_online_mask), 1);
	fr_recorder_freeze(recorder);
	gap = recorder->stopped_clock;
	KUNIT_EXPECT_GE(test, gap, recorder->window.cut.clock);
	fr_recorder_thaw(recorder);
	recorder_mark_on(recorder, cpumask_first(cpu_online_mask), 1);
	fr_recorder_freeze(recorder);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_ASSERT_EQ(test, whole_head(&whole)->blocks.count, 2ULL);
	block = whole_block(&whole, 0);
	KUNIT_EXPECT_EQ(test, block->gap_clock, 0ULL);
	block = whole_block(&whole, 1);
	KUNIT_EXPECT_EQ(test, block->gap_clock, gap);
	KUNIT_EXPECT_GT(test, block->clock, gap);
	KUNIT_EXPECT_GE(test, whole_head(&whole)->complete_clock, block->clock);
	KUNIT_EXPECT_EQ(test, whole_cpu(&whole, 0)->events, 2ULL);
	whole_free(&whole);
}

/* ---- Calls in flight ---------------------------------------------------- */

/**
 * struct call - a slot at the cut
 * @name: what it stands for
 * @enter: when the call began, by the cut: 0 none, -1 before, 1 after it
 * @touch: when a call began or ended unrecorded: 0 never, else by the cut; -2:
 *	before @enter
 * @in_flight: is it?
 */
struct call {
	const char *name;
	int enter;
	int touch;
	bool in_flight;
};

static const struct call calls[] = {
	{ "in no call", 0, 0, false },
	{ "in a call", -1, 0, true },
	{ "began behind the cut", 1, 0, false },
	{ "touched in an earlier freeze, then a call began", -1, -2, true },
	{ "touched in an earlier freeze, while in this call", -1, -1, false },
	{ "touched since this freeze", -1, 1, true },
	{ "in no call, touched", 0, 1, false },
};

static u64 by_the_cut(u64 cut, int when)
{
	return when ? cut + when * 1000 : 0;
}

static void call_into_slot(struct fr_slot *slot, const struct call *call,
			   u64 cut, u32 number)
{
	slot->enter_clock = by_the_cut(cut, call->enter);
	slot->touch_clock = by_the_cut(cut, call->touch);
	/* "Before the cut" is between the two of these. */
	if (call->enter == -1 && call->touch == -1)
		slot->touch_clock++;
	slot->call = (100 + number) | (number % 2 ? FR_CALL_COMPAT : 0);
	slot->args[0] = 0xf00d000000000000 + number;
	slot->args[1] = ~0ULL; /* not configured: not to be seen */
}

/* Tables as they would have been made later. */
static int make_again(struct fr_recorder *recorder)
{
	struct fr_window *window = &recorder->window;
	struct fr_window before = *window;
	int error;

	down_write(&recorder->lock);
	fr_window_drop(window);
	window->reason = before.reason;
	window->cut = before.cut;
	error = fr_window_make(recorder, window);
	up_write(&recorder->lock);
	return error;
}

static const struct flightrec_window_call *find_call(const struct whole *whole,
						     u32 tid)
{
	u64 i;

	for (i = 0; i < whole_head(whole)->calls.count; i++)
		if (whole_call(whole, i)->tid == tid)
			return whole_call(whole, i);
	return NULL;
}

static void check_call(struct kunit *test, const struct whole *whole,
		       u32 number, u64 cut)
{
	const struct flightrec_window_call *found =
		find_call(whole, 1000000 + number);
	const struct call *call = &calls[number];

	KUNIT_EXPECT_EQ_MSG(test, !!found, call->in_flight, "%s", call->name);
	if (!found)
		return;
	KUNIT_EXPECT_EQ(test, found->nr, (s32)(100 + number));
	KUNIT_EXPECT_EQ(test, found->flags,
			number % 2 ? FLIGHTREC_CALL_COMPAT : 0U);
	KUNIT_EXPECT_EQ(test, found->nargs, 1U);
	KUNIT_EXPECT_EQ(test, found->enter_clock, by_the_cut(cut, call->enter));
	KUNIT_EXPECT_EQ(test, found->args[0], 0xf00d000000000000 + number);
	KUNIT_EXPECT_NULL(test, memchr_inv(&found->args[1], 0,
					   5 * sizeof(found->args[0])));
}

static void calls_in_flight(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct task_struct *gone = task_make(test, 999999);
	struct fr_slot *slot;
	struct whole whole;
	u64 cut;
	u32 i;

	recorder_to(recorder, FLIGHTREC_FROZEN);
	cut = recorder->window.cut.clock;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		slot = fr_target_set(&recorder->targets,
				     task_make(test, 1000000 + i), 0, NULL);
		KUNIT_ASSERT_NOT_NULL(test, slot);
		call_into_slot(slot, &calls[i], cut, i);
	}
	/* A slot that was given back tells of nothing. */
	slot = fr_target_set(&recorder->targets, gone, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	call_into_slot(slot, &calls[1], cut, 1);
	fr_target_clear(&recorder->targets, gone);
	KUNIT_EXPECT_EQ(test, make_again(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		check_call(test, &whole, i, cut);
	KUNIT_EXPECT_NULL(test, find_call(&whole, 999999));
	whole_free(&whole);
}

/* ---- Would it be noticed? ----------------------------------------------- */

/* A byte of the window is another: what is said of that? */
static const char *fault_of_byte(struct whole *whole, size_t offset)
{
	u8 *byte = (u8 *)whole->bytes + offset;
	const char *fault;

	*byte ^= 0x10;
	fault = whole_fault(whole);
	*byte ^= 0x10;
	return fault ?: "";
}

#define HEAD(member) offsetof(struct flightrec_window, member)

static void bad_windows_are_noticed(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	const struct flightrec_window *head;
	struct whole whole;

	recorder_wrap(test);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	KUNIT_ASSERT_STREQ(test, whole_fault(&whole) ?: "", "");
	head = whole_head(&whole);
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, 0), "wrong magic");
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, HEAD(version)),
			   "wrong version");
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, HEAD(window_bytes)),
			   "window_bytes is not what was read");
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, HEAD(cpus.offset)),
			   "sections: not in order, a gap or an overlap");
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, HEAD(tasks.count) + 2),
			   "section: beyond the end");
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, HEAD(lost_events)),
			   "losses do not add up");
	KUNIT_EXPECT_STREQ(test, fault_of_byte(&whole, whole.size - 16),
			   "no end marker");
	KUNIT_EXPECT_STREQ(
		test,
		fault_of_byte(&whole,
			      head->blocks.offset + 4096 +
				      offsetof(struct flightrec_block, seq)),
		"block: not the next one");
	KUNIT_EXPECT_STREQ(
		test, fault_of_byte(&whole, head->blocks.offset + 4096 - 1),
		"block: not zero behind what is used");
	KUNIT_EXPECT_STREQ(
		test,
		fault_of_byte(&whole,
			      head->tasks.offset +
				      offsetof(struct flightrec_window_task,
					       comm) +
				      15),
		"task: its name is not padded");
	whole.size--;
	KUNIT_EXPECT_NOT_NULL(test, whole_fault(&whole));
	whole.size++;
	whole_free(&whole);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE(window_is_whole),	     KUNIT_CASE(window_of_nothing),
	KUNIT_CASE(targets_are_told),	     KUNIT_CASE(mark_is_on_the_tape),
	KUNIT_CASE(thaw_leaves_a_gap),	     KUNIT_CASE(calls_in_flight),
	KUNIT_CASE(bad_windows_are_noticed), {},
};

struct kunit_suite fr_window_suite = {
	.name = "window",
	.init = recorder_init,
	.exit = recorder_exit,
	.test_cases = window_cases,
};
