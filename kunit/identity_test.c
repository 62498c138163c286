// SPDX-License-Identifier: GPL-2.0
/* Identities: the log, and who a task is. */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "identity.h"
#include "suites.h"
#include "tasks.h"

#define COMM	 FLIGHTREC_COMM_BYTES
#define CAPACITY 200U /* more than three batches of the copy */

/**
 * struct store - the store under test
 * @identities: it
 * @copy: room for all of it, and a guard
 */
struct store {
	struct fr_identities identities;
	struct flightrec_window_task copy[CAPACITY + 1];
};

static int identity_init(struct kunit *test)
{
	struct store *store = kunit_kzalloc(test, sizeof(*store), GFP_KERNEL);

	if (!store)
		return -ENOMEM;
	fr_identities_init(&store->identities);
	test->priv = store;
	return fr_identities_alloc(&store->identities, CAPACITY);
}

static void identity_exit(struct kunit *test)
{
	struct store *store = test->priv;

	if (store)
		fr_identities_free(&store->identities);
}

/* ---- The log ------------------------------------------------------------ */

/* An entry that says which one it is in each of its words. */
static void log_number(struct fr_identities *identities, u32 number,
		       u64 oldest_clock)
{
	struct flightrec_window_task entry = {
		.tid = number,
		.tgid = number,
		.ppid = number,
		.uid = number,
		.exit_code = number,
		.start_mono_ns = number,
		.until_clock = number,
	};

	memset(entry.comm, 1 + number % 255, sizeof(entry.comm));
	fr_identity_log(identities, &entry, oldest_clock);
}

static const char *entry_fault(const struct flightrec_window_task *entry)
{
	u32 number = entry->tid;

	if (entry->tgid != number || entry->ppid != number ||
	    entry->uid != number || entry->exit_code != number ||
	    entry->start_mono_ns != number || entry->until_clock != number ||
	    memchr_inv(entry->comm, 1 + number % 255, sizeof(entry->comm)))
		return "an entry of two halves";
	return NULL;
}

/* Are they whole, in order, and each the next one? */
static const char *copy_fault(const struct flightrec_window_task *entries,
			      u32 count, bool without_gap)
{
	u32 i;

	for (i = 0; i < count; i++) {
		const char *fault = entry_fault(&entries[i]);

		if (fault)
			return fault;
		if (i && entries[i].tid <= entries[i - 1].tid)
			return "not in order";
		if (i && without_gap &&
		    entries[i].tid != entries[i - 1].tid + 1)
			return "one is missing";
	}
	return NULL;
}

static void logs_in_order(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;
	u32 i;

	KUNIT_EXPECT_EQ(test, fr_identities_held(identities), 0U);
	KUNIT_EXPECT_EQ(
		test, fr_identities_copy_log(identities, store->copy, CAPACITY),
		0U);
	for (i = 1; i <= CAPACITY; i++)
		log_number(identities, i, 0);
	KUNIT_EXPECT_EQ(test, fr_identities_held(identities), CAPACITY);
	KUNIT_EXPECT_EQ(
		test, fr_identities_copy_log(identities, store->copy, CAPACITY),
		CAPACITY);
	EXPECT_NO_FAULT(test, copy_fault(store->copy, CAPACITY, true));
	KUNIT_EXPECT_EQ(test, store->copy[0].tid, 1U);
	KUNIT_EXPECT_EQ(test, identities->names_clock, 0ULL);
	KUNIT_EXPECT_EQ(test, identities->missed, 0ULL);
}

static void oldest_goes(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;
	u32 i;

	for (i = 1; i <= 3 * CAPACITY + 7; i++)
		log_number(identities, i, U64_MAX);
	KUNIT_EXPECT_EQ(test, fr_identities_held(identities), CAPACITY);
	KUNIT_EXPECT_EQ(test,
			fr_identities_copy_log(identities, store->copy,
					       CAPACITY + 1),
			CAPACITY);
	EXPECT_NO_FAULT(test, copy_fault(store->copy, CAPACITY, true));
	KUNIT_EXPECT_EQ(test, store->copy[0].tid, 2 * CAPACITY + 8);
	/* Complete since the newest one that went. */
	KUNIT_EXPECT_EQ(test, identities->names_clock, 2 * CAPACITY + 7ULL);
	KUNIT_EXPECT_EQ(test, identities->missed, 0ULL);
}

/* Missed are those to whom the tape may still refer. */
static void missed_are_counted(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;
	u32 i;

	for (i = 1; i <= CAPACITY; i++)
		log_number(identities, i, 0);
	KUNIT_EXPECT_EQ(test, identities->missed, 0ULL);
	log_number(identities, i++, 2); /* 1 goes: tape is past it */
	KUNIT_EXPECT_EQ(test, identities->missed, 0ULL);
	log_number(identities, i++, 2); /* 2 goes: not past it */
	KUNIT_EXPECT_EQ(test, identities->missed, 1ULL);
	log_number(identities, i++, 0);
	KUNIT_EXPECT_EQ(test, identities->missed, 2ULL);
	log_number(identities, i++, 100);
	KUNIT_EXPECT_EQ(test, identities->missed, 2ULL);
	KUNIT_EXPECT_EQ(test, identities->names_clock, 4ULL);
}

/* Ends are logged a little out of order by several CPUs. */
static void names_clock_never_goes_back(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;
	u32 i;

	log_number(identities, 9, 0);
	log_number(identities, 8, 0);
	for (i = 10; i < CAPACITY + 8; i++)
		log_number(identities, i, 0);
	log_number(identities, i++, 0);
	KUNIT_EXPECT_EQ(test, identities->names_clock, 9ULL);
	log_number(identities, i++, 0);
	KUNIT_EXPECT_EQ(test, identities->names_clock, 9ULL);
	log_number(identities, i++, 0);
	KUNIT_EXPECT_EQ(test, identities->names_clock, 10ULL);
}

static void copy_keeps_within_its_room(struct kunit *test)
{
	static const u32 rooms[] = { 0, 1, 63, 64, 65, 128, CAPACITY - 1 };
	struct store *store = test->priv;
	u32 i;

	for (i = 1; i <= CAPACITY + 50; i++)
		log_number(&store->identities, i, 0);
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		memset(store->copy, 0xee, sizeof(store->copy));
		KUNIT_EXPECT_EQ(test,
				fr_identities_copy_log(&store->identities,
						       store->copy, rooms[i]),
				rooms[i]);
		EXPECT_NO_FAULT(test, copy_fault(store->copy, rooms[i], true));
		KUNIT_EXPECT_NULL(test, memchr_inv(&store->copy[rooms[i]], 0xee,
						   sizeof(store->copy[0])));
		if (rooms[i]) /* what does not fit is the newest */
			KUNIT_EXPECT_EQ(test, store->copy[0].tid, 51U);
	}
}

/* ---- The log, while others write to it ---------------------------------- */

/* Copies that differ: so many, or what comes in this time. */
#define MOVES	     200U
#define COPY_JIFFIES (2 * HZ)

/**
 * struct logger - a thread that logs
 * @identities: where
 * @number: the last one
 */
struct logger {
	struct fr_identities *identities;
	u32 number;
};

static int logger_run(void *data)
{
	struct logger *logger = data;
	u32 number;

	for (number = 1; !kthread_should_stop(); number++) {
		log_number(logger->identities, number, 0);
		WRITE_ONCE(logger->number, number);
		if (!(number % 64))
			cond_resched();
	}
	return 0;
}

static void copy_while_others_log(struct kunit *test)
{
	struct store *store = test->priv;
	struct logger logger = { .identities = &store->identities };
	struct task_struct *thread = thread_start(logger_run, &logger,
						  stay_and_choose_another_cpu(),
						  "fr-kunit-log");
	const char *fault = NULL;
	unsigned long deadline;
	u32 first = 0, moved = 0, i;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	/* Not before it has begun. */
	while (READ_ONCE(logger.number) < CAPACITY)
		cond_resched();
	deadline = jiffies + COPY_JIFFIES;
	for (i = 0; moved < MOVES && time_before(jiffies, deadline) && !fault;
	     i++) {
		u32 count = fr_identities_copy_log(&store->identities,
						   store->copy, CAPACITY);

		fault = copy_fault(store->copy, count, false);
		if (count && store->copy[0].tid < first)
			fault = "older than before";
		if (count) {
			moved += store->copy[0].tid != first;
			first = store->copy[0].tid;
		}
		cond_resched();
	}
	thread_stop(thread);
	kunit_info(test, "%u entries logged, %u of %u copies differ\n",
		   logger.number, moved, i);
	EXPECT_NO_FAULT(test, fault);
	KUNIT_EXPECT_GT(test, moved, 1U);
	KUNIT_EXPECT_EQ(test, store->identities.count, (u64)logger.number);
}

/* ---- Who is seen -------------------------------------------------------- */

static void seen_bits(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;
	static const u32 tids[] = { 0, 1, 63, 64, 32768, FR_TID_LIMIT - 1 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tids); i++) {
		KUNIT_EXPECT_FALSE(test,
				   fr_identity_is_seen(identities, tids[i]));
		fr_identity_mark(identities, tids[i]);
		fr_identity_mark(identities, tids[i]);
		KUNIT_EXPECT_TRUE(test,
				  fr_identity_is_seen(identities, tids[i]));
	}
}

/* Of who had the tid before nothing is left, but of who was mentioned before its birth. */
static void birth_clears(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;

	fr_identity_mark(identities, current->pid);
	fr_identity_mark(identities, current->pid + 1);
	fr_identity_born(identities, current);
	KUNIT_EXPECT_FALSE(test, fr_identity_is_seen(identities, current->pid));
	KUNIT_EXPECT_TRUE(test,
			  fr_identity_is_seen(identities, current->pid + 1));
	fr_identity_mark_unborn(identities);
	fr_identity_mark(identities, current->pid);
	fr_identity_born(identities, current);
	KUNIT_EXPECT_TRUE(test, fr_identity_is_seen(identities, current->pid));
	/* Somebody else, before this one's time. */
	identities->unborn_mono_ns = current->start_time - 1;
	fr_identity_born(identities, current);
	KUNIT_EXPECT_FALSE(test, fr_identity_is_seen(identities, current->pid));
}

static void living_are_copied(struct kunit *test)
{
	struct store *store = test->priv;
	struct fr_identities *identities = &store->identities;
	struct target_room *room = target_room_create(4);
	struct task_struct *thread =
		thread_start(thread_idle, NULL, -1, "fr-kunit-living");
	u32 i;

	KUNIT_ASSERT_TRUE(test, room && thread);
	KUNIT_EXPECT_EQ(test, fr_identities_count_living(identities), 0U);
	fr_identity_mark(identities, thread->pid);
	fr_identity_mark(identities, current->pid);
	fr_identity_mark(identities, FR_TID_LIMIT - 1); /* nobody */
	fr_target_set(&room->targets, thread, 0, NULL);
	KUNIT_EXPECT_EQ(test, fr_identities_count_living(identities), 2U);
	KUNIT_EXPECT_EQ(test,
			fr_identities_copy_living(identities, &room->targets,
						  store->copy, CAPACITY),
			2U);
	for (i = 0; i < 2; i++) {
		bool is_thread = store->copy[i].tid == thread->pid;

		KUNIT_EXPECT_EQ(test, store->copy[i].until_clock, U64_MAX);
		KUNIT_EXPECT_EQ(test, store->copy[i].until_reason,
				(u32)FLIGHTREC_UNTIL_CUT);
		KUNIT_EXPECT_EQ(test, store->copy[i].flags,
				FLIGHTREC_TASK_KERNEL | FLIGHTREC_TASK_LEADER |
					(is_thread ? FLIGHTREC_TASK_TARGET :
						     0U));
		KUNIT_EXPECT_STREQ(test, (char *)store->copy[i].comm,
				   is_thread ? thread->comm : current->comm);
	}
	thread_stop(thread);
	target_room_destroy(room);
}

/* Of a target that is in the midst of exec both tids are told. */
static void given_up_is_copied(struct kunit *test)
{
	struct store *store = test->priv;
	struct target_room *room = target_room_create(4);
	struct flightrec_window_task *copy = store->copy;
	struct fr_slot *slot;

	KUNIT_ASSERT_NOT_NULL(test, room);
	fr_identity_mark(&store->identities, current->pid);
	slot = fr_target_set(&room->targets, current, 0, NULL);
	slot->old_tid = FR_TID_LIMIT - 1;
	slot->start_mono_ns = 77;
	KUNIT_EXPECT_EQ(test,
			fr_identities_copy_living(&store->identities,
						  &room->targets, copy,
						  CAPACITY),
			2U);
	KUNIT_EXPECT_EQ(test, copy[0].tid, (u32)current->pid);
	KUNIT_EXPECT_EQ(test, copy[0].start_mono_ns, current->start_time);
	KUNIT_EXPECT_EQ(test, copy[1].tid, FR_TID_LIMIT - 1);
	KUNIT_EXPECT_EQ(test, copy[1].tgid, (u32)current->tgid);
	KUNIT_EXPECT_EQ(test, copy[1].ns_tid, 0U);
	KUNIT_EXPECT_EQ(test, copy[1].flags,
			FLIGHTREC_TASK_KERNEL | FLIGHTREC_TASK_TARGET);
	KUNIT_EXPECT_EQ(test, copy[1].start_mono_ns, 77ULL);
	/* Without room it is counted all the same. */
	KUNIT_EXPECT_EQ(test,
			fr_identities_copy_living(&store->identities,
						  &room->targets, copy, 1),
			2U);
	fr_target_clear(&room->targets, current);
	target_room_destroy(room);
}

static void living_without_room(struct kunit *test)
{
	struct store *store = test->priv;
	struct target_room *room = target_room_create(4);

	KUNIT_ASSERT_NOT_NULL(test, room);
	fr_identity_mark(&store->identities, 1);
	fr_identity_mark(&store->identities, 2);
	fr_identity_mark(&store->identities, current->pid);
	memset(store->copy, 0xee, sizeof(store->copy));
	KUNIT_EXPECT_EQ(test,
			fr_identities_copy_living(&store->identities,
						  &room->targets, store->copy,
						  1),
			3U);
	KUNIT_EXPECT_EQ(test, store->copy[0].tid, 1U);
	KUNIT_EXPECT_NULL(test, memchr_inv(&store->copy[1], 0xee,
					   sizeof(store->copy[1])));
	target_room_destroy(room);
}

/* ---- Who it is ---------------------------------------------------------- */

static void identity_of_a_thread(struct kunit *test)
{
	struct flightrec_window_task identity;

	memset(&identity, 0xee, sizeof(identity));
	fr_identity_of(current, &identity);
	KUNIT_EXPECT_EQ(test, identity.tid, (u32)current->pid);
	KUNIT_EXPECT_EQ(test, identity.tgid, (u32)current->tgid);
	KUNIT_EXPECT_EQ(test, identity.ns_tid, (u32)current->pid);
	KUNIT_EXPECT_EQ(test, identity.ppid, 2U); /* kthreadd */
	KUNIT_EXPECT_EQ(test, identity.uid, 0U);
	KUNIT_EXPECT_EQ(test, identity.flags,
			(u32)(FLIGHTREC_TASK_KERNEL | FLIGHTREC_TASK_LEADER));
	KUNIT_EXPECT_EQ(test, identity.policy, (u32)SCHED_NORMAL);
	KUNIT_EXPECT_EQ(test, identity.rt_priority, 0U);
	KUNIT_EXPECT_EQ(test, identity.nice, 0);
	KUNIT_EXPECT_EQ(test, identity.prio, 120);
	KUNIT_EXPECT_EQ(test, identity.start_mono_ns, current->start_time);
	KUNIT_EXPECT_STREQ(test, (char *)identity.comm, current->comm);
	KUNIT_EXPECT_EQ(test, identity.until_clock, 0ULL);
	KUNIT_EXPECT_EQ(test, identity.until_reason, 0U);
	KUNIT_EXPECT_EQ(test, identity.exit_code, 0U);
}

/* Another task with our parent, credentials and pid. */
static struct task_struct *double_of_current(struct kunit *test)
{
	struct task_struct *task =
		kunit_kzalloc(test, sizeof(*task), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, task);
	/* Of what comes behind, the slab holds as much as the processor needs. */
	memcpy(task, current, offsetof(struct task_struct, thread));
	return task;
}

static void priorities(struct kunit *test)
{
	struct task_struct *task = double_of_current(test);
	struct flightrec_window_task identity;

	task->policy = SCHED_FIFO;
	task->rt_priority = 50;
	task->static_prio = NICE_TO_PRIO(-20);
	task->normal_prio = 49;
	task->exit_signal = -1;
	task->flags &= ~PF_KTHREAD;
	fr_identity_of(task, &identity);
	KUNIT_EXPECT_EQ(test, identity.policy, (u32)SCHED_FIFO);
	KUNIT_EXPECT_EQ(test, identity.rt_priority, 50U);
	KUNIT_EXPECT_EQ(test, identity.nice, -20);
	KUNIT_EXPECT_EQ(test, identity.prio, 49);
	KUNIT_EXPECT_EQ(test, identity.flags, 0U);
	task->normal_prio = -1;
	fr_identity_of(task, &identity);
	KUNIT_EXPECT_EQ(test, identity.prio, -1);
}

/* What a longer name has left behind does not leave the kernel. */
static void names_are_padded(struct kunit *test)
{
	struct task_struct *task = double_of_current(test);
	struct flightrec_window_task identity;
	u32 length;

	for (length = 0; length <= COMM; length++) {
		u32 kept = min_t(u32, length, COMM - 1);

		memset(task->comm, 'x', sizeof(task->comm));
		if (length < COMM)
			task->comm[length] = 0;
		memset(&identity, 0xee, sizeof(identity));
		fr_identity_of(task, &identity);
		KUNIT_EXPECT_EQ(test, strnlen(identity.comm, COMM),
				(size_t)kept);
		KUNIT_EXPECT_NULL(test, memchr_inv(identity.comm + kept, 0,
						   COMM - kept));
	}
}

static void memory_is_told(struct kunit *test)
{
	struct store *store = test->priv;

	KUNIT_EXPECT_EQ(test, fr_identities_bytes(&store->identities),
			FR_TID_LIMIT / 8 + CAPACITY * 80ULL);
	fr_identities_free(&store->identities);
	KUNIT_EXPECT_EQ(test, fr_identities_bytes(&store->identities), 0ULL);
	KUNIT_EXPECT_EQ(test, fr_identities_held(&store->identities), 0U);
	/* Begins anew. */
	KUNIT_EXPECT_EQ(test, fr_identities_alloc(&store->identities, 1), 0);
	log_number(&store->identities, 1, 0);
	log_number(&store->identities, 2, 0);
	KUNIT_EXPECT_EQ(
		test,
		fr_identities_copy_log(&store->identities, store->copy, 1), 1U);
	KUNIT_EXPECT_EQ(test, store->copy[0].tid, 2U);
}

/* ---- Would it be noticed? ----------------------------------------------- */

static void bad_copies_are_noticed(struct kunit *test)
{
	struct store *store = test->priv;
	struct flightrec_window_task *copy = store->copy;
	u32 i;

	for (i = 1; i <= 10; i++)
		log_number(&store->identities, i, 0);
	KUNIT_EXPECT_EQ(test,
			fr_identities_copy_log(&store->identities, copy,
					       CAPACITY),
			10U);
	KUNIT_EXPECT_NULL(test, copy_fault(copy, 10, true));
	copy[4].comm[15]++;
	KUNIT_EXPECT_STREQ(test, copy_fault(copy, 10, true),
			   "an entry of two halves");
	copy[4] = copy[3];
	KUNIT_EXPECT_STREQ(test, copy_fault(copy, 10, false), "not in order");
	copy[4] = copy[5];
	copy[5] = copy[6];
	KUNIT_EXPECT_STREQ(test, copy_fault(copy, 6, true), "one is missing");
}

static struct kunit_case identity_cases[] = {
	KUNIT_CASE(logs_in_order),
	KUNIT_CASE(oldest_goes),
	KUNIT_CASE(missed_are_counted),
	KUNIT_CASE(names_clock_never_goes_back),
	KUNIT_CASE(copy_keeps_within_its_room),
	KUNIT_CASE(copy_while_others_log),
	KUNIT_CASE(seen_bits),
	KUNIT_CASE(birth_clears),
	KUNIT_CASE(living_are_copied),
	KUNIT_CASE(given_up_is_copied),
	KUNIT_CASE(living_without_room),
	KUNIT_CASE(identity_of_a_thread),
	KUNIT_CASE(priorities),
	KUNIT_CASE(names_are_padded),
	KUNIT_CASE(memory_is_told),
	KUNIT_CASE(bad_copies_are_noticed),
	{},
};

struct kunit_suite fr_identity_suite = {
	.name = "identity",
	.init = identity_init,
	.exit = identity_exit,
	.test_cases = identity_cases,
};
