// SPDX-License-Identifier: GPL-2.0
/*
 * The recorder: its state machine, configuration, targets, statistics. With
 * real probes; what they record: trace_test.c.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "recorders.h"
#include "suites.h"
#include "tasks.h"

#define TID	    FLIGHTREC_TARGET_TID
#define THREAD_NAME "fr-kunit-rec"

/* ---- Every operation in every state ------------------------------------- */

static int op_configure(struct fr_recorder *recorder)
{
	return recorder_configure(recorder, FLIGHTREC_EVENTS_SCHED, 64);
}

static int op_mark(struct fr_recorder *recorder)
{
	return recorder_mark(recorder, "here");
}

static int op_read(struct fr_recorder *recorder)
{
	struct fr_view view = {};
	u64 offset = 0;
	ssize_t result;
	char byte;

	result = fr_recorder_read(recorder, &view, &offset, &byte, 1);
	fr_window_drop(&view.live);
	return result;
}

/* Another freeze's window, of which the beginning was read. */
static int op_read_on(struct fr_recorder *recorder)
{
	struct fr_view view = { .generation = recorder->generation + 1 };
	u64 offset = 1;
	char byte;

	return fr_recorder_read(recorder, &view, &offset, &byte, 1);
}

static int op_stats(struct fr_recorder *recorder)
{
	struct flightrec_stats stats = {};

	return fr_recorder_stats(recorder, &stats, NULL);
}

static int op_target_add(struct fr_recorder *recorder)
{
	return recorder_add_name(recorder, "nobody");
}

static int op_target_remove(struct fr_recorder *recorder)
{
	return recorder_remove(recorder, TID, current->pid);
}

#define STATES 3
#define IDLE   FLIGHTREC_IDLE
#define REC    FLIGHTREC_RECORDING
#define FROZEN FLIGHTREC_FROZEN

static const u32 states[STATES] = { IDLE, REC, FROZEN };

/**
 * struct operation - what can be asked of a recorder
 * @name: of it
 * @run: returns an errno
 * @result: in each of the states
 * @after: the state that it leads to
 */
struct operation {
	const char *name;
	int (*run)(struct fr_recorder *recorder);
	int result[STATES];
	u32 after[STATES];
};

/* The contract's state machine, as a table. */
static const struct operation operations[] = {
	{ "start",
	  fr_recorder_start,
	  { 0, -EBUSY, -EBUSY },
	  { REC, REC, FROZEN } },
	{ "stop", fr_recorder_stop, { -ENODATA, 0, 0 }, { IDLE, IDLE, IDLE } },
	{ "freeze",
	  fr_recorder_freeze,
	  { -ENODATA, 0, -EALREADY },
	  { IDLE, FROZEN, FROZEN } },
	{ "thaw",
	  fr_recorder_thaw,
	  { -ENODATA, -EALREADY, 0 },
	  { IDLE, REC, REC } },
	{ "configure",
	  op_configure,
	  { 0, -EBUSY, -EBUSY },
	  { IDLE, REC, FROZEN } },
	{ "mark", op_mark, { -ENODATA, 0, -ENODATA }, { IDLE, REC, FROZEN } },
	{ "read", op_read, { -ENODATA, 1, 1 }, { IDLE, REC, FROZEN } },
	{ "read on",
	  op_read_on,
	  { -ESTALE, -ESTALE, -ESTALE },
	  { IDLE, REC, FROZEN } },
	{ "stats", op_stats, { 0, 0, 0 }, { IDLE, REC, FROZEN } },
	{ "add a target", op_target_add, { 0, 0, 0 }, { IDLE, REC, FROZEN } },
	{ "remove a target that is none",
	  op_target_remove,
	  { -ESRCH, -ESRCH, -ESRCH },
	  { IDLE, REC, FROZEN } },
};

/* Each operation on a recorder that has come to this state. */
static void check_state(struct kunit *test, int which)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		const struct operation *operation = &operations[i];
		struct fr_recorder *recorder = fr_recorder_create();

		KUNIT_ASSERT_NOT_NULL(test, recorder);
		recorder_configure(recorder, FLIGHTREC_EVENTS_ALL, 64);
		KUNIT_EXPECT_EQ(test, recorder_to(recorder, states[which]), 0);
		KUNIT_EXPECT_EQ_MSG(test, operation->run(recorder),
				    operation->result[which], "%s",
				    operation->name);
		KUNIT_EXPECT_EQ_MSG(test, recorder->state,
				    operation->after[which], "%s",
				    operation->name);
		/* From any of them it can be stopped and destroyed. */
		fr_recorder_destroy(recorder);
	}
}

static void from_idle(struct kunit *test)
{
	check_state(test, 0);
}

static void from_recording(struct kunit *test)
{
	check_state(test, 1);
}

static void from_frozen(struct kunit *test)
{
	check_state(test, 2);
}

static void round_and_round(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
		KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "a"), 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
		KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "b"), 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	}
}

/* A clock that may not survive the machine's sleep: frozen before it. */
static void suspend_freezes(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	bool freezes = fr_tsc_is_trusted();
	struct whole whole;

	fr_recorder_suspend(recorder);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)IDLE);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), -EAGAIN);
	fr_recorder_wake(recorder);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	recorder_mark(recorder, "a");
	fr_recorder_suspend(recorder);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)(freezes ? FROZEN : REC));
	if (!freezes)
		kunit_skip(test, "the clock goes on in a sleep here");
	KUNIT_EXPECT_EQ(test, recorder->window.reason,
			(u32)FLIGHTREC_REASON_SUSPEND);
	/* Tasks are not frozen yet: who thaws now would record the sleep. */
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), -EAGAIN);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)FROZEN);
	fr_recorder_wake(recorder);
	/* As if the clock had begun anew: it can be read, not gone on with. */
	recorder->stopped_clock = U64_MAX;
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), -ESTALE);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)FROZEN);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->reason,
			(u32)FLIGHTREC_REASON_SUSPEND);
	whole_free(&whole);
	fr_recorder_suspend(recorder);
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
}

/* The clock that began anew has come further than it was before. */
static void stale_clock_stays_stale(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;

	fr_recorder_start(recorder);
	fr_recorder_freeze(recorder);
	fr_recorder_suspend(recorder);
	fr_recorder_wake(recorder);
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
	fr_recorder_freeze(recorder);
	fr_recorder_suspend(recorder);
	recorder->sleep_clock = U64_MAX;
	fr_recorder_wake(recorder);
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), -ESTALE);
	/* Another window has nothing to do with that. */
	KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
	fr_recorder_start(recorder);
	fr_recorder_freeze(recorder);
	KUNIT_EXPECT_EQ(test, fr_recorder_thaw(recorder), 0);
}

/* ---- Configuration ------------------------------------------------------ */

static void defaults(struct kunit *test)
{
	struct fr_recorder *recorder = fr_recorder_create();
	struct flightrec_config config;
	struct flightrec_info info = {};

	KUNIT_ASSERT_NOT_NULL(test, recorder);
	fr_recorder_info(recorder, &info);
	config = recorder->config;
	fr_recorder_destroy(recorder);
	KUNIT_EXPECT_EQ(test, config.ring_bytes, info.default_ring_bytes);
	KUNIT_EXPECT_GE(test, config.ring_bytes, 16ULL << 20);
	KUNIT_EXPECT_GE(test, config.block_bytes, info.block_bytes_min);
	KUNIT_EXPECT_LE(test, config.block_bytes, info.block_bytes_max);
	KUNIT_EXPECT_EQ(test, config.events, (u32)FLIGHTREC_EVENTS_DEFAULT);
	KUNIT_EXPECT_EQ(test, config.args, 1U);
	KUNIT_EXPECT_EQ(test, config.policy, (u32)FLIGHTREC_POLICY_SHARED);
	KUNIT_EXPECT_EQ(test, config.slots, 4096U);
	KUNIT_EXPECT_EQ(test, config.identities, 16384U);
	KUNIT_EXPECT_EQ(test, config.keep_ns, 0ULL);
	KUNIT_EXPECT_EQ(test, info.cpus_possible, num_possible_cpus());
	KUNIT_EXPECT_EQ(test, info.min_ring_bytes,
			4ULL * info.block_bytes_min * num_possible_cpus());
	KUNIT_EXPECT_EQ(test, info.window_version, FLIGHTREC_WINDOW_VERSION);
	KUNIT_EXPECT_EQ(test, info.targets_max, 1024U);
}

/**
 * struct configuration - what is asked for, and what it comes to
 * @result: 0 or an errno
 * @cpu_bytes: what is added to config.ring_bytes for each CPU
 * @config: zeros stand for the defaults
 */
struct configuration {
	int result;
	u64 cpu_bytes;
	struct flightrec_config config;
};

#define FOUR(bytes) (4ULL * (bytes))

static const struct configuration configurations[] = {
	{ 0 },
	{ 0, FOUR(4096) },
	{ -EINVAL, FOUR(4096), { .ring_bytes = -1 } },
	{ -EINVAL, 0, { .ring_bytes = 1 } },
	{ 0, FOUR(4096), { .ring_bytes = 4095 } },
	{ 0, FOUR(65536), { .block_bytes = 65536 } },
	{ -EINVAL, FOUR(65536), { .ring_bytes = -1, .block_bytes = 65536 } },
	{ 0, 0, { .block_bytes = 4096 } },
	{ -EINVAL, 0, { .block_bytes = 2048 } },
	{ -EINVAL, 0, { .block_bytes = 12288 } },
	{ -EINVAL, 0, { .block_bytes = 131072 } },
	{ -EINVAL, 0, { .block_bytes = 1U << 31 } },
	{ 0, 0, { .events = FLIGHTREC_EVENTS_SCHED } },
	{ 0, 0, { .events = FLIGHTREC_EVENTS_SYSCALLS } },
	{ 0, 0, { .events = FLIGHTREC_EVENTS_IRQ } },
	{ 0, 0, { .events = FLIGHTREC_EVENTS_ALL } },
	{ -EINVAL, 0, { .events = 8 } },
	{ -EINVAL, 0, { .events = FLIGHTREC_EVENTS_ALL | 1U << 31 } },
	{ 0, 0, { .args = 6 } },
	{ -EINVAL, 0, { .args = 7 } },
	{ 0, 0, { .policy = FLIGHTREC_POLICY_PERCPU } },
	{ 0, 0, { .policy = FLIGHTREC_POLICY_SHARED } },
	{ -EINVAL, 0, { .policy = 3 } },
	{ 0, 0, { .slots = 1 } },
	{ 0, 0, { .slots = 32767 } },
	{ -EINVAL, 0, { .slots = 32768 } },
	{ 0, 0, { .identities = 1 } },
	{ 0, 0, { .identities = 1048576 } },
	{ -EINVAL, 0, { .identities = 1048577 } },
	{ 0, 0, { .keep_ns = 1 } },
	{ 0, 0, { .keep_ns = 1ULL << 60 } },
	{ -EINVAL, 0, { .keep_ns = (1ULL << 60) + 1 } },
	{ -EINVAL, 0, { .keep_ns = U64_MAX } },
	{ FR_CAN_SPARE ? 0 : -EINVAL,
	  0,
	  { .flags = FLIGHTREC_CONFIG_SPARING } },
	{ -EINVAL, 0, { .flags = 2 } },
	{ -EINVAL, 0, { .flags = 1U << 31 } },
	{ -EINVAL, 0, { .sparing = FLIGHTREC_SPARING_ON } },
	{ -ENOMEM, 0, { .ring_bytes = 1ULL << 50 } },
	{ -ENOMEM, 0, { .ring_bytes = U64_MAX } },
	{ -EINVAL, 0, { .ring_bytes = U64_MAX, .block_bytes = 4097 } },
};

static int configure_as(struct fr_recorder *recorder,
			const struct configuration *asked)
{
	struct flightrec_config before = recorder->config;
	struct flightrec_config config = asked->config;
	int error;

	config.ring_bytes += asked->cpu_bytes * num_possible_cpus();
	error = fr_recorder_configure(recorder, &config);
	config.size = sizeof(config); /* as the statistics show it */
	/* What is refused changes nothing; what is taken is what was told. */
	if (memcmp(&recorder->config, error ? &before : &config,
		   sizeof(config)))
		return -EIO;
	return error;
}

static void configuration_limits(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(configurations); i++)
		KUNIT_EXPECT_EQ_MSG(
			test, configure_as(test->priv, &configurations[i]),
			configurations[i].result, "entry %u", i);
}

/* Every CPU gets four blocks, even of a small ring. */
static void block_size_is_chosen(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	u32 bytes;

	for (bytes = 4096; bytes <= 16384; bytes *= 2) {
		struct flightrec_config config = {
			.ring_bytes = FOUR(bytes * 2) * num_possible_cpus() - 1,
		};

		KUNIT_EXPECT_EQ(test, fr_recorder_configure(recorder, &config),
				0);
		KUNIT_EXPECT_EQ(test, config.block_bytes, bytes);
	}
}

static void largest_configuration_works(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_config config = {
		.ring_bytes = FOUR(65536) * num_possible_cpus(),
		.block_bytes = 65536,
		.slots = 32767,
		.args = 6,
	};
	struct whole whole;

	KUNIT_EXPECT_EQ(test, fr_recorder_configure(recorder, &config), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	KUNIT_EXPECT_EQ(test, recorder_mark_on(recorder, -1, 50000), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
	KUNIT_ASSERT_EQ(test, whole_read(recorder, &whole), 0);
	EXPECT_NO_FAULT(test, whole_fault(&whole));
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->block_bytes, 65536U);
	KUNIT_EXPECT_EQ(test, whole_head(&whole)->args, 6U);
	whole_free(&whole);
}

/*
 * What one start takes, six take more than the machine has: if a stop did not
 * give it back, a start would fail.
 */
static void restart_leaks_nothing(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_config config = {
		.ring_bytes = (u64)si_mem_available() * (PAGE_SIZE / 5),
		.slots = 32767,
		.identities = 524288,
	};
	int i;

	KUNIT_EXPECT_EQ(test, fr_recorder_configure(recorder, &config), 0);
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
		KUNIT_EXPECT_EQ(test, recorder_mark(recorder, "a"), 0);
		if (i % 2)
			KUNIT_EXPECT_EQ(test, fr_recorder_freeze(recorder), 0);
		KUNIT_EXPECT_EQ(test, fr_recorder_stop(recorder), 0);
		KUNIT_EXPECT_TRUE(test, !recorder->rings);
		KUNIT_EXPECT_NULL(test, recorder->window.head);
		KUNIT_EXPECT_NULL(test, recorder->targets.slots);
		KUNIT_EXPECT_NULL(test, recorder->identities.log);
	}
}

/* ---- Targets ------------------------------------------------------------ */

static struct flightrec_stats stats_of(struct fr_recorder *recorder)
{
	struct flightrec_stats stats = {};

	fr_recorder_stats(recorder, &stats, NULL);
	return stats;
}

static void targets_in_each_state(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct task_struct *threads[STATES];
	u32 tids[STATES];
	int i;

	for (i = 0; i < STATES; i++)
		threads[i] = thread_start(thread_idle, NULL, -1, THREAD_NAME);
	KUNIT_ASSERT_TRUE(test, threads[0] && threads[1] && threads[2]);
	for (i = 0; i < STATES; i++)
		tids[i] = threads[i]->pid;
	/* Idle: looked up at the start. */
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, tids[0], 0), 0);
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, tids[0], 0), -EEXIST);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).tasks, 0U);
	fr_recorder_start(recorder);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).tasks, 1U);
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, tids[1], 0), 1);
	fr_recorder_freeze(recorder);
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, tids[2], 0), 1);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).tasks, 3U);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).targets, 3U);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, tids[0]), 1);
	fr_recorder_thaw(recorder);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, tids[1]), 1);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, tids[1]), -ESRCH);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).tasks, 1U);
	/* Gone with the stop. */
	fr_recorder_stop(recorder);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).targets, 0U);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, tids[2]), -ESRCH);
	for (i = 0; i < STATES; i++)
		thread_stop(threads[i]);
}

static void too_many_targets(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	char name[FLIGHTREC_COMM_BYTES];
	int i;

	for (i = 0; i < 1024; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		KUNIT_EXPECT_EQ(test, recorder_add_name(recorder, name), 0);
	}
	KUNIT_EXPECT_EQ(test, recorder_add_name(recorder, "one more"), -ENOSPC);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).targets, 1024U);
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, INT_MAX, 0), -ESRCH);
}

/* No slots for all: the start is refused, and nothing is left of it. */
static void start_without_room_for_targets(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct task_struct *thread =
		thread_start(thread_idle, NULL, -1, THREAD_NAME);

	KUNIT_ASSERT_NOT_NULL(test, thread);
	recorder_configure(recorder, FLIGHTREC_EVENTS_ALL, 1);
	recorder_add(recorder, TID, thread->pid, 0);
	recorder_add(recorder, TID, current->pid, 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), -ENOSPC);
	KUNIT_EXPECT_EQ(test, recorder->state, (u32)IDLE);
	KUNIT_EXPECT_TRUE(test, !recorder->rings);
	KUNIT_EXPECT_EQ(test, recorder_remove(recorder, TID, current->pid), 0);
	KUNIT_EXPECT_EQ(test, fr_recorder_start(recorder), 0);
	/* While recording: the new one is refused, the others go on. */
	KUNIT_EXPECT_EQ(test, recorder_add(recorder, TID, current->pid, 0),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, recorder_add_name(recorder, current->comm),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).targets, 1U);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).tasks, 1U);
	thread_stop(thread);
}

/* ---- Statistics --------------------------------------------------------- */

static void stats_when_idle(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_stats stats = stats_of(recorder);

	KUNIT_EXPECT_EQ(test, stats.state, (u32)IDLE);
	KUNIT_EXPECT_EQ(test, stats.cpus_count, 0U);
	KUNIT_EXPECT_EQ(test, stats.events, 0ULL);
	KUNIT_EXPECT_EQ(test, stats.start_mono_ns, 0ULL);
	KUNIT_EXPECT_EQ(test, stats.ring_bytes, 0ULL);
	KUNIT_EXPECT_GT(test, stats.memory_bytes, 0ULL);
	KUNIT_EXPECT_GT(test, stats.now_mono_ns, 0ULL);
	KUNIT_EXPECT_EQ(test,
			memcmp(&stats.config, &recorder->config,
			       sizeof(stats.config)),
			0);
}

static void check_stats_cpus(struct kunit *test,
			     const struct flightrec_stats *stats,
			     const struct flightrec_stats_cpu *cpus)
{
	u64 events = 0;
	u32 i;

	KUNIT_EXPECT_EQ(test, stats->cpus_count, num_possible_cpus());
	for (i = 0; i < stats->cpus_count; i++) {
		events += cpus[i].events;
		KUNIT_EXPECT_GE(test, cpus[i].since_mono_ns,
				stats->start_mono_ns);
		KUNIT_EXPECT_GE(test, cpus[i].blocks_opened, 1ULL);
		KUNIT_EXPECT_EQ(test, cpus[i].lost_events, 0ULL);
	}
	KUNIT_EXPECT_EQ(test, events, stats->events);
	KUNIT_EXPECT_EQ(test, stats->lost_events, 0ULL);
}

static void stats_count_events(struct kunit *test)
{
	struct fr_recorder *recorder = test->priv;
	struct flightrec_stats stats = { .cpus_count = num_possible_cpus() };
	struct flightrec_stats_cpu *cpus = kunit_kcalloc(
		test, num_possible_cpus() + 1, sizeof(*cpus), GFP_KERNEL);
	u64 idle_bytes = stats_of(recorder).memory_bytes;

	KUNIT_ASSERT_NOT_NULL(test, cpus);
	fr_recorder_start(recorder);
	recorder_mark_on(recorder, -1, 700); /* nobody else is recorded */
	KUNIT_EXPECT_EQ(test, fr_recorder_stats(recorder, &stats, cpus), 0);
	KUNIT_EXPECT_EQ(test, stats.state, (u32)REC);
	KUNIT_EXPECT_EQ(test, stats.events, 700ULL);
	KUNIT_EXPECT_GE(test, stats.now_mono_ns, stats.start_mono_ns);
	KUNIT_EXPECT_EQ(test, stats.ring_bytes, recorder->config.ring_bytes);
	KUNIT_EXPECT_GE(test, stats.memory_bytes,
			stats.ring_bytes + idle_bytes);
	check_stats_cpus(test, &stats, cpus);

	fr_recorder_freeze(recorder);
	stats.cpus_count = 1;
	stats.events = 0;
	stats.lost_events = 0;
	memset(cpus, 0xee, 2 * sizeof(*cpus));
	KUNIT_EXPECT_EQ(test, fr_recorder_stats(recorder, &stats, cpus), 0);
	KUNIT_EXPECT_EQ(test, stats.state, (u32)FROZEN);
	KUNIT_EXPECT_EQ(test, stats.reason, (u32)FLIGHTREC_REASON_FREEZE);
	KUNIT_EXPECT_EQ(test, stats.now_mono_ns, recorder->window.cut.mono_ns);
	KUNIT_EXPECT_EQ(test, stats.events, 700ULL);
	KUNIT_EXPECT_EQ(test, stats.cpus_count, num_possible_cpus());
	KUNIT_EXPECT_NULL(test, memchr_inv(&cpus[1], 0xee, sizeof(*cpus)));
	fr_recorder_stop(recorder);
	KUNIT_EXPECT_EQ(test, stats_of(recorder).memory_bytes, idle_bytes);
}

static struct kunit_case recorder_cases[] = {
	KUNIT_CASE(from_idle),
	KUNIT_CASE(from_recording),
	KUNIT_CASE(from_frozen),
	KUNIT_CASE(round_and_round),
	KUNIT_CASE(suspend_freezes),
	KUNIT_CASE(stale_clock_stays_stale),
	KUNIT_CASE(defaults),
	KUNIT_CASE(configuration_limits),
	KUNIT_CASE(block_size_is_chosen),
	KUNIT_CASE(largest_configuration_works),
	KUNIT_CASE(restart_leaks_nothing),
	KUNIT_CASE(targets_in_each_state),
	KUNIT_CASE(too_many_targets),
	KUNIT_CASE(start_without_room_for_targets),
	KUNIT_CASE(stats_when_idle),
	KUNIT_CASE(stats_count_events),
	{},
};

struct kunit_suite fr_recorder_suite = {
	.name = "recorder",
	.init = recorder_init,
	.exit = recorder_exit,
	.test_cases = recorder_cases,
};
