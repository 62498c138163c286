// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Who was who: the task table, indexed by tid and time.
 *
 * An index entry is 16 bytes and sorted; a small cache in front of the search
 * remembers where a tid's entries are.
 */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"

/* More than there can be: 2^22 living tasks and 2^20 past identities. */
#define TASKS_MAX      (1U << 23)
#define CACHE_SLOTS    256
/* How far a birth may seem late: two clocks are compared. */
#define BIRTH_SLACK_NS 1000000

struct key {
	uint64_t until_clock;
	uint32_t tid;
	uint32_t task;
};

/* The keys [first, end) are those of @tid. */
struct cached {
	uint32_t tid;
	uint32_t first;
	uint32_t end;
};

/**
 * struct fr_identities - the task table in host order, and its index
 * @count: of @tasks and of @keys
 * @tasks: as the file has them
 * @keys: by tid, then by until_clock, then as the file has them
 * @cache: by the low bits of a tid; tid 0 is none
 */
struct fr_identities {
	uint32_t count;
	struct flightrec_window_task *tasks;
	struct key *keys;
	struct cached cache[CACHE_SLOTS];
};

static const struct flightrec_window_task swapper = {
	.flags = FLIGHTREC_TASK_KERNEL | FLIGHTREC_TASK_LEADER,
	.prio = 120,
	.until_clock = UINT64_MAX,
	.comm = "swapper",
};

static void task_to_host(struct flightrec_window_task *task)
{
	task->tid = le32toh(task->tid);
	task->tgid = le32toh(task->tgid);
	task->ppid = le32toh(task->ppid);
	task->ns_tid = le32toh(task->ns_tid);
	task->uid = le32toh(task->uid);
	task->flags = le32toh(task->flags);
	task->until_reason = le32toh(task->until_reason);
	task->exit_code = le32toh(task->exit_code);
	task->policy = le32toh(task->policy);
	task->rt_priority = le32toh(task->rt_priority);
	task->nice = (int32_t)le32toh((uint32_t)task->nice);
	task->prio = (int32_t)le32toh((uint32_t)task->prio);
	task->start_mono_ns = le64toh(task->start_mono_ns);
	task->until_clock = le64toh(task->until_clock);
	task->comm[FLIGHTREC_COMM_BYTES - 1] = 0;
}

static int by_tid_and_time(const void *a, const void *b)
{
	const struct key *left = a, *right = b;

	if (left->tid != right->tid)
		return left->tid < right->tid ? -1 : 1;
	if (left->until_clock != right->until_clock)
		return left->until_clock < right->until_clock ? -1 : 1;
	return (left->task > right->task) - (left->task < right->task);
}

static void fill(struct flightrec_reader *reader, struct fr_identities *ids)
{
	uint32_t i;

	for (i = 0; i < ids->count; i++) {
		struct flightrec_window_task *task = &ids->tasks[i];

		fr_reader_entry(reader, &reader->window.tasks, i, task,
				sizeof(*task));
		task_to_host(task);
		ids->keys[i].tid = task->tid;
		ids->keys[i].until_clock = task->until_clock;
		ids->keys[i].task = i;
	}
	qsort(ids->keys, ids->count, sizeof(*ids->keys), by_tid_and_time);
}

/* Read the task table. Returns 0 or -ENOMEM. */
int fr_identities_create(struct flightrec_reader *reader)
{
	uint64_t count = reader->window.tasks.count;
	struct fr_identities *ids = calloc(1, sizeof(*ids));

	if (!ids)
		return -ENOMEM;
	reader->identities = ids;
	if (count > TASKS_MAX) {
		fr_reader_damage(
			reader, UINT32_MAX, reader->window.tasks.offset,
			"the task table: %llu entries are more than there can be, %u",
			(unsigned long long)count, TASKS_MAX);
		count = TASKS_MAX;
	}
	ids->count = (uint32_t)count;
	ids->tasks = calloc((size_t)count + 1, sizeof(*ids->tasks));
	ids->keys = calloc((size_t)count + 1, sizeof(*ids->keys));
	if (!ids->tasks || !ids->keys)
		return -ENOMEM;
	fill(reader, ids);
	return 0;
}

void fr_identities_destroy(struct fr_identities *ids)
{
	if (!ids)
		return;
	free(ids->tasks);
	free(ids->keys);
	free(ids);
}

/* The first key in [@low, @high) that is not before @tid at @clock. */
static uint32_t search(const struct fr_identities *ids, uint32_t low,
		       uint32_t high, uint32_t tid, uint64_t clock)
{
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct key *key = &ids->keys[middle];

		if (key->tid < tid ||
		    (key->tid == tid && key->until_clock < clock))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct cached *lookup(struct fr_identities *ids, uint32_t tid)
{
	struct cached *slot = &ids->cache[tid % CACHE_SLOTS];

	if (slot->tid == tid)
		return slot;
	slot->tid = tid;
	slot->first = search(ids, 0, ids->count, tid, 0);
	slot->end = tid == UINT32_MAX ?
			    ids->count :
			    search(ids, slot->first, ids->count, tid + 1, 0);
	return slot;
}

/*
 * Was @task born by @clock? The birth is CLOCK_MONOTONIC's own, the record's
 * time was converted: one that is a little too early still is the new task's,
 * unless it is nearer to the end of the one that had the tid before.
 */
static bool born_by(const struct flightrec_reader *reader,
		    const struct flightrec_window_task *task,
		    const struct flightrec_window_task *before, uint64_t clock)
{
	int64_t now = flightrec_reader_mono_ns(reader, clock);
	int64_t slack = BIRTH_SLACK_NS;
	int64_t birth = INT64_MAX;

	if (task->start_mono_ns < INT64_MAX)
		birth = (int64_t)task->start_mono_ns;
	if (now >= birth)
		return true;
	if (before) {
		int64_t end =
			flightrec_reader_mono_ns(reader, before->until_clock);

		if (end >= birth)
			return true;
		/* The distance may be more than 63 bits hold. */
		if (((uint64_t)birth - (uint64_t)end) / 2 < BIRTH_SLACK_NS)
			slack = (birth - end) / 2;
	}
	return now >= birth - slack;
}

/**
 * flightrec_reader_who() - who was that
 * @reader: the window
 * @tid: thread id, in the initial pid namespace
 * @clock: when, in ticks of the recorder's clock
 *
 * The entry that the contract names: the first one that ends no earlier and was
 * born by then, failing that the last one before. Up to 1 ms before its birth a
 * tid that nobody had before is taken for the one to be born.
 *
 * Return: the identity, in host order, its comm a string; tid 0: the idle task,
 * "swapper"; NULL: the window does not know. Lives as long as the reader.
 */
const struct flightrec_window_task *
flightrec_reader_who(const struct flightrec_reader *reader, uint32_t tid,
		     uint64_t clock)
{
	struct fr_identities *ids = reader->identities;
	const struct flightrec_window_task *before = NULL, *task;
	const struct cached *keys;
	uint32_t i;

	if (!tid)
		return &swapper;
	keys = lookup(ids, tid);
	i = search(ids, keys->first, keys->end, tid, clock);
	if (i > keys->first)
		before = &ids->tasks[ids->keys[i - 1].task];
	if (i == keys->end)
		return before;
	task = &ids->tasks[ids->keys[i].task];
	return born_by(reader, task, before, clock) ? task : before;
}

/**
 * flightrec_reader_tasks() - how many identities the window has
 * @reader: the window
 *
 * Return: a count.
 */
size_t flightrec_reader_tasks(const struct flightrec_reader *reader)
{
	return reader->identities->count;
}

/**
 * flightrec_reader_task() - an identity
 * @reader: the window
 * @i: less than flightrec_reader_tasks(); they are as the file has them
 * @task: filled in; its comm is a string
 */
void flightrec_reader_task(const struct flightrec_reader *reader, size_t i,
			   struct flightrec_window_task *task)
{
	memset(task, 0, sizeof(*task));
	if (i < reader->identities->count)
		*task = reader->identities->tasks[i];
}
