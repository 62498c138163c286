// SPDX-License-Identifier: GPL-2.0
/* Recorders for tests. See recorders.h. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/vmalloc.h>

#include "recorders.h"
#include "tasks.h"

#define READ_BYTES 65536U

/* For suites: a recorder as test->priv. */
int recorder_init(struct kunit *test)
{
	struct fr_recorder *recorder = fr_recorder_create();

	test->priv = recorder;
	if (!recorder)
		return -ENOMEM;
	return recorder_configure(recorder, FLIGHTREC_EVENTS_DEFAULT, 64);
}

void recorder_exit(struct kunit *test)
{
	fr_recorder_destroy(test->priv);
}

/* The smallest rings, each CPU's its own; one argument a call; to keep 10 s. */
int recorder_configure(struct fr_recorder *recorder, u32 events, u32 slots)
{
	struct flightrec_config config = {
		.ring_bytes = (u64)FR_BLOCKS_MIN * FR_BLOCK_BYTES_MIN *
			      num_possible_cpus(),
		.policy = FLIGHTREC_POLICY_PERCPU,
		.events = events,
		.args = 1,
		.slots = slots,
		.identities = 512,
		.keep_ns = 10000000000ULL,
	};

	return fr_recorder_configure(recorder, &config);
}

/* Return: how many tasks became targets, or an errno. */
int recorder_add(struct fr_recorder *recorder, u32 kind, u64 id, u32 flags)
{
	struct flightrec_target target = {
		.kind = kind,
		.id = id,
		.flags = flags,
	};
	int error = fr_recorder_target_add(recorder, &target);

	return error ?: target.tasks;
}

int recorder_add_name(struct fr_recorder *recorder, const char *name)
{
	struct flightrec_target target = { .kind = FLIGHTREC_TARGET_COMM };
	int error;

	strscpy(target.comm, name, sizeof(target.comm));
	error = fr_recorder_target_add(recorder, &target);
	return error ?: target.tasks;
}

int recorder_remove(struct fr_recorder *recorder, u32 kind, u64 id)
{
	struct flightrec_target target = { .kind = kind, .id = id };
	int error = fr_recorder_target_remove(recorder, &target);

	return error ?: target.tasks;
}

int recorder_remove_name(struct fr_recorder *recorder, const char *name)
{
	struct flightrec_target target = { .kind = FLIGHTREC_TARGET_COMM };
	int error;

	strscpy(target.comm, name, sizeof(target.comm));
	error = fr_recorder_target_remove(recorder, &target);
	return error ?: target.tasks;
}

int recorder_mark(struct fr_recorder *recorder, const char *text)
{
	return fr_recorder_mark(recorder, text, strlen(text));
}

/**
 * struct marker - a thread that leaves marks on a CPU
 * @recorder: where
 * @left: how many are still to be made
 * @error: the last one's
 * @done: it has made them
 */
struct marker {
	struct fr_recorder *recorder;
	u32 left;
	int error;
	struct completion done;
};

static int marker_run(void *data)
{
	struct marker *marker = data;

	for (; marker->left && !marker->error; marker->left--)
		marker->error = recorder_mark(marker->recorder,
					      "this mark is made on one CPU");
	complete(&marker->done);
	return 0;
}

/* Leave @count marks on @cpu, each of 5 words. Return: 0 or an errno. */
int recorder_mark_on(struct fr_recorder *recorder, int cpu, u32 count)
{
	struct marker marker = { .recorder = recorder, .left = count };
	struct task_struct *thread;

	init_completion(&marker.done);
	thread = thread_start(marker_run, &marker, cpu, "fr-kunit-mark");
	if (!thread)
		return -ENOMEM;
	/* Stopped before it began, it would make none. */
	wait_for_completion(&marker.done);
	thread_stop(thread);
	return marker.error;
}

/* Such a thread, of struct recorder_marks: fast, but others get the CPU, too. */
int recorder_leave_marks(void *data)
{
	struct recorder_marks *marks = data;

	while (!kthread_should_stop()) {
		if (recorder_mark(marks->recorder, "one of many"))
			marks->refused++;
		else
			marks->made++;
		if (!((marks->made + marks->refused) % 64))
			usleep_range(50, 100);
	}
	return 0;
}

/* Marks that fill a CPU's ring more than once: five words each. */
#define MANY_MARKS 3000U

/* A window in which one CPU's ring has wrapped and another's has not. */
void recorder_wrap(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int first = cpumask_first(cpu_online_mask);
	int last = cpumask_last(cpu_online_mask);

	KUNIT_ASSERT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, first, MANY_MARKS), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, last, 300), 0);
	KUNIT_ASSERT_EQ(test, fr_recorder_freeze(recorder), 0);
}

/* From idle. Return: 0 or an errno. */
int recorder_to(struct fr_recorder *recorder, u32 state)
{
	int error = 0;

	if (state != FLIGHTREC_IDLE)
		error = fr_recorder_start(recorder);
	if (!error && state == FLIGHTREC_FROZEN)
		error = fr_recorder_freeze(recorder);
	return error;
}

/* ---- Windows ------------------------------------------------------------ */

void whole_free(struct whole *whole)
{
	vfree(whole->bytes);
	memset(whole, 0, sizeof(*whole));
}

/* Read on until there is no more. Return: how much there is, or an errno. */
static ssize_t read_on(struct fr_recorder *recorder, struct fr_view *view,
		       void *to, size_t room)
{
	u64 all = 0;
	ssize_t result;

	do {
		result = fr_recorder_read(recorder, view, &all, to + all,
					  room - all);
		if (result > 0)
			all += result;
	} while (result > 0);
	return result ?: all;
}

/**
 * whole_read_view() - read a window to its end
 * @recorder: any
 * @view: zero, or of a window of which no more than the beginning was read
 * @whole: (out) for whole_free()
 *
 * Return: 0 or an errno.
 */
int whole_read_view(struct fr_recorder *recorder, struct fr_view *view,
		    struct whole *whole)
{
	struct flightrec_window head;
	ssize_t result;
	u64 offset = 0;
	void *buffer;

	memset(whole, 0, sizeof(*whole));
	result = fr_recorder_read(recorder, view, &offset, &head, sizeof(head));
	if (result != sizeof(head))
		return result < 0 ? result : -EIO;
	/* A window that is longer than it says must be seen to be. */
	buffer = vmalloc(head.window_bytes + READ_BYTES);
	if (!buffer)
		return -ENOMEM;
	whole->bytes = buffer;
	result =
		read_on(recorder, view, buffer, head.window_bytes + READ_BYTES);
	whole->size = max_t(ssize_t, result, 0);
	if (result > 0)
		return 0;
	whole_free(whole);
	return result ?: -EIO;
}

/* The same of the window that there is now. */
int whole_read(struct fr_recorder *recorder, struct whole *whole)
{
	struct fr_view view = {};
	int error = whole_read_view(recorder, &view, whole);

	fr_window_drop(&view.live);
	return error;
}

/* The last entry of @tid that ended for @until_reason, or NULL. */
const struct flightrec_window_task *whole_find_task(const struct whole *whole,
						    u32 tid, u32 until_reason)
{
	const struct flightrec_window_task *found = NULL;
	u64 i;

	for (i = 0; i < whole_head(whole)->tasks.count; i++) {
		const struct flightrec_window_task *task = whole_task(whole, i);

		if (task->tid == tid && task->until_reason == until_reason)
			found = task;
	}
	return found;
}
