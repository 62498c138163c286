// SPDX-License-Identifier: GPL-2.0
/*
 * The front end where events are missing: what may have changed is unknown, the
 * rest stays as it was; and, on windows made at random, what holds always.
 */
#include "perfetto/simulate.h"
#include "perfetto/walk.h"

/* 100 in a call and blocked on CPU 0, 200 on CPU 1; then CPU 0 loses events. */
static void put_loss(void)
{
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_enter(&b, 1, 2100, 200, NR_WRITE, 5);
	put_switch(&b, 0, 2200, 100, 150, FLIGHTREC_STATE_SLEEPING,
		   BOTH_TARGETS);
	put_switch(&b, 1, 2300, 200, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	window_builder_lost(&b, 0, 3);
}

static void test_loss_is_of_one_cpu(void **unused)
{
	(void)unused;
	put_loss();
	put_exit(&b, 0, 5000, 150, NR_READ, 42);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_SWITCH, 2300);
	expect_made(FLIGHTREC_EVENT_EXIT, 5000);
	assert_int_equal(step.event->tid, 100);
	assert_int_equal(step.call->nr, NR_READ);
	expect_real(FLIGHTREC_EVENT_LOST, 5000);
	assert_int_equal(step.event->lost.events, 3);
	assert_int_equal(thread(100)->status.state, FRONT_UNKNOWN);
	assert_int_equal(thread(100)->status.since, 5000);
	assert_int_equal(thread(100)->call.in, FRONT_CALL_UNKNOWN);
	assert_int_equal(thread(100)->call.since, 5000);
	assert_int_equal(thread(200)->status.state, FRONT_BLOCKED);
	assert_int_equal(thread(200)->call.in, FRONT_CALL_IN);
	walk_to_end();
}

/* The block after the loss names who runs: the one that did, or another. */
static void test_who_runs_after_a_loss(void **unused)
{
	(void)unused;
	put_loss();
	put_exit(&b, 0, 5000, 150, NR_READ, 42);
	window_builder_lost(&b, 0, 3);
	put_exit(&b, 0, 6000, 170, NR_READ, 42);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_LOST, 5000);
	assert_ptr_equal(cpu(0)->running, thread(150));
	assert_int_equal(thread(150)->status.state, FRONT_RUNNING);
	assert_int_equal(thread(150)->status.since, 5000);
	assert_false(thread(150)->status.exact);
	assert_false(cpu(0)->sure);
	walk_to(FLIGHTREC_EVENT_SWITCH, 6000);
	assert_true(step.synthesized);
	assert_int_equal(step.event->tid, 150);
	assert_int_equal(step.event->sched_switch.next_tid, 170);
	walk_to(FLIGHTREC_EVENT_LOST, 6000);
	assert_int_equal(thread(150)->status.state, FRONT_UNKNOWN);
	walk_to_end();
}

/* What is unknown since the loss is in flight since the loss, at the latest. */
static void test_call_found_again_after_a_loss(void **unused)
{
	(void)unused;
	put_loss();
	put_switch(&b, 0, 5000, 150, 100, FLIGHTREC_STATE_PREEMPTED,
		   BOTH_TARGETS);
	put_exit(&b, 0, 6000, 100, NR_READ, 42);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_LOST, 5000);
	expect_real(FLIGHTREC_EVENT_SWITCH, 5000);
	expect_made(FLIGHTREC_EVENT_ENTER, 5000);
	assert_int_equal(step.event->tid, 100);
	expect_real(FLIGHTREC_EVENT_EXIT, 6000);
	assert_int_equal(step.call->enter_clock, 5000);
	expect_end();
}

static void test_gap_is_of_all_cpus(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_switch(&b, 1, 2500, 0, 200, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	window_builder_gap(&b, 0, 3000);
	window_builder_gap(&b, 1, 3000);
	put_exit(&b, 0, 5000, 100, NR_READ, 42);
	put_exit(&b, 1, 6000, 200, NR_READ, 42);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_BEGIN, 2500);
	expect_real(FLIGHTREC_EVENT_SWITCH, 2500);
	expect_made(FLIGHTREC_EVENT_EXIT, 3000);
	assert_int_equal(step.event->tid, 100);
	expect_made(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_null(step.other);
	expect_made(FLIGHTREC_EVENT_SWITCH, 3000);
	assert_null(step.other);
	assert_null(cpu(0)->running);
	assert_null(cpu(1)->running);
	expect_made(FLIGHTREC_EVENT_ENTER, 3000);
	expect_made(FLIGHTREC_EVENT_ENTER, 3000);
	expect_made(FLIGHTREC_EVENT_SWITCH, 5000);
	assert_ptr_equal(step.other, thread(100));
	expect_real(FLIGHTREC_EVENT_GAP, 5000);
	assert_int_equal(step.event->gap.from_clock, 3000);
	assert_int_equal(thread(200)->status.state, FRONT_UNKNOWN);
	assert_int_equal(thread(200)->status.since, 3000);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNING);
	walk_to(FLIGHTREC_EVENT_GAP, 6000);
	assert_int_equal(thread(100)->status.state, FRONT_RUNNING);
	assert_int_equal(thread(100)->call.in, FRONT_CALL_NONE);
	walk_to_end();
}

/*
 * The call is told anew from where recording went off: it was not seen to end.
 */
static void test_calls_across_a_gap(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_gap(&b, 0, 3000);
	put_waking(&b, 0, 5000, 300, 400, FLIGHTREC_CONTEXT_TASK, 0);
	put_exit(&b, 0, 6000, 100, NR_READ, 42);
	walk(9000, FRONT_FORESEE);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_made(FLIGHTREC_EVENT_EXIT, 3000);
	expect_made(FLIGHTREC_EVENT_SWITCH, 3000);
	expect_made(FLIGHTREC_EVENT_ENTER, 3000);
	walk_to(FLIGHTREC_EVENT_EXIT, 6000);
	assert_false(step.synthesized);
}

static void test_damage_counts_as_loss(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_block(&b, 0, 3000, 100);
	put_exit(&b, 0, 3100, 100, NR_READ, 42);
	window_builder_block(&b, 0, 4000, 100);
	put_enter(&b, 0, 4100, 100, NR_READ, 5);
	window_builder_drop(&b, 0, 1);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_ENTER, 2000);
	expect_made(FLIGHTREC_EVENT_EXIT, 4000);
	expect_real(FLIGHTREC_EVENT_LOST, 4000);
	assert_true(step.event->lost.damaged);
	assert_int_equal(thread(100)->call.in, FRONT_CALL_UNKNOWN);
	expect_real(FLIGHTREC_EVENT_ENTER, 4100);
	expect_end();
}

static void test_dead_stay_dead(void **unused)
{
	(void)unused;
	put_switch(&b, 0, 2000, 100, 150, FLIGHTREC_STATE_DEAD, BOTH_TARGETS);
	window_builder_lost(&b, 0, 3);
	put_exit(&b, 0, 5000, 150, NR_READ, 42);
	walk(9000, 0);
	walk_to(FLIGHTREC_EVENT_LOST, 5000);
	assert_int_equal(thread(100)->status.state, FRONT_DEAD);
	walk_to_end();
}

/* ---- whatever is recorded ------------------------------------------------ */

#define CPUS   3
#define TIDS   6
#define EVENTS 400

static uint32_t pick(uint32_t below)
{
	return (uint32_t)rand() % below;
}

static uint32_t pick_tid(void)
{
	return pick(4) ? 100 + pick(TIDS) : 0;
}

static void put_call_at_random(uint32_t on, uint64_t clock, uint32_t tid)
{
	int32_t nr = (int32_t)pick(3);

	if (pick(2))
		put_enter(&b, on, clock, tid, nr, 5);
	else
		put_exit(&b, on, clock, tid, nr, 42);
}

static void put_life_at_random(uint32_t on, uint64_t clock, uint32_t tid)
{
	uint32_t other = 100 + pick(TIDS);

	switch (pick(4)) {
	case 0:
		put_newtask(&b, on, clock, tid, other, pick(4), 0);
		break;
	case 1:
		put_task_exit(&b, on, clock, tid, 0, pick(2));
		break;
	case 2:
		put_exec(&b, on, clock, tid, other, "/bin/x");
		break;
	default:
		put_rename(&b, on, clock, tid, other, "new");
	}
}

static void put_at_random(uint32_t on, uint64_t clock)
{
	static const uint8_t states[] = { 0, 1, 2, 5, 6, 15 };
	uint32_t tid = pick_tid();

	switch (pick(12)) {
	case 0:
		window_builder_lost(&b, on, 1);
		break;
	case 1:
		if (!pick(20))
			window_builder_gap(&b, on, clock - 5);
		break;
	case 2:
	case 3:
	case 4:
		put_switch(&b, on, clock, tid, pick_tid(),
			   states[pick(sizeof(states))], pick(4));
		break;
	case 5:
	case 6:
		put_waking(&b, on, clock, tid, 100 + pick(TIDS), pick(3),
			   pick(4));
		break;
	case 7:
		if (tid)
			put_life_at_random(on, clock, tid);
		break;
	default:
		if (tid)
			put_call_at_random(on, clock, tid);
	}
}

static void check_cpus(void)
{
	for (size_t i = 0; i < front_cpus(front); i++) {
		const struct front_cpu *at = front_cpu_at(front, i);

		if (!at->running)
			continue;
		assert_int_equal(at->running->status.state, FRONT_RUNNING);
		assert_int_equal(at->running->status.cpu, at->cpu);
	}
}

/* Whoever runs is what its CPU runs; so nobody runs twice. */
static void check_threads(void)
{
	for (size_t i = 0; i < front_threads(front); i++) {
		struct front_thread *at = front_thread_at(front, i);

		assert_int_equal(at->index, i);
		if (at->status.state == FRONT_RUNNING)
			assert_ptr_equal(cpu(at->status.cpu)->running, at);
		if (at->tid && !at->replaced)
			assert_ptr_equal(front_thread(front, at->tid), at);
	}
}

static void check_step(const bool *was_in_call, uint64_t clock)
{
	bool in = step.thread && was_in_call[step.thread->index];

	assert_true(step.event->clock >= clock);
	if (step.event->type == FLIGHTREC_EVENT_ENTER)
		assert_false(in);
	if (step.event->type == FLIGHTREC_EVENT_EXIT)
		assert_true(in);
	if (step.event->type == FLIGHTREC_EVENT_TASK_EXIT)
		assert_false(in);
	check_cpus();
	check_threads();
}

/* Walk through it all; returns how many of the steps were recorded. */
static size_t check_walk(unsigned int flags)
{
	static bool in_call[EVENTS + 100];
	uint64_t clock = 0;
	size_t recorded = 0;
	int ret;

	memset(in_call, 0, sizeof(in_call));
	assert_int_equal(front_create(reader, flags, &front), 0);
	while ((ret = front_next(front, &step)) > 0) {
		check_step(in_call, clock);
		clock = step.event->clock;
		recorded += !step.synthesized;
		for (size_t i = 0; i < front_threads(front); i++)
			in_call[i] = front_thread_at(front, i)->call.in ==
				     FRONT_CALL_IN;
	}
	assert_int_equal(ret, 0);
	front_destroy(front);
	front = NULL;
	return recorded;
}

static void test_random_tapes(void **unused)
{
	for (unsigned int seed = 0; seed < 300; seed++) {
		uint64_t clock = 2000;
		size_t events;

		srand(seed);
		for (int i = 0; i < EVENTS; i++) {
			put_at_random(pick(CPUS), clock);
			clock += pick(20);
		}
		if (pick(2))
			window_builder_call(&b, 100 + pick(TIDS), NR_READ,
					    1500 + pick(4000));
		window_builder_finish(&b, clock + 10);
		assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
							      &reader, NULL),
				 0);
		events = check_walk(0);
		assert_int_equal(check_walk(FRONT_FORESEE), events);
		assert_true(events > EVENTS / 2);
		teardown(unused);
		setup(unused);
	}
}

/* ---- what could really happen -------------------------------------------- */

/* Where a target runs is always known; a bystander, as last seen. */
static void compare_cpus(const struct sim_truth *truth)
{
	for (uint32_t i = 0; i < SIM_CPUS; i++) {
		const struct front_cpu *at = front_cpu(front, i);

		if (!at || !at->begun || !at->running)
			continue;
		if (at->sure)
			assert_int_equal(at->running->tid, truth->running[i]);
	}
}

static void compare_state(const struct front_thread *at,
			  const struct sim_thread *truth)
{
	switch (at->status.state) {
	case FRONT_UNKNOWN:
		break;
	case FRONT_RUNNING:
		assert_int_equal(truth->state, SIM_RUNS);
		break;
	case FRONT_RUNNABLE:
		assert_int_equal(truth->state, SIM_READY);
		break;
	case FRONT_BLOCKED:
		assert_int_equal(truth->state, SIM_BLOCKED);
		break;
	case FRONT_DEAD:
		assert_int_equal(truth->state, SIM_GONE);
		break;
	}
}

/* What is claimed of a target is so. */
static void compare_threads(const struct sim_truth *truth)
{
	for (int i = 0; i < SIM_THREADS; i++) {
		const struct sim_thread *thread = &truth->threads[i];
		const struct front_thread *at = front_thread(front, sim_tid(i));

		if (!at || !thread->target)
			continue;
		compare_state(at, thread);
		if (at->call.in == FRONT_CALL_IN)
			assert_int_equal(at->call.nr, thread->nr);
		if (at->call.in == FRONT_CALL_NONE)
			assert_int_equal(thread->nr, SIM_NOBODY);
	}
}

static bool is_record(const struct front_step *at)
{
	return !at->synthesized && at->event->type != FLIGHTREC_EVENT_BEGIN &&
	       at->event->type != FLIGHTREC_EVENT_LOST &&
	       at->event->type != FLIGHTREC_EVENT_GAP;
}

static void compare_all(const struct sim *sim)
{
	size_t count = 0;

	while (front_next(front, &step) > 0) {
		if (!is_record(&step))
			continue;
		assert_int_equal(step.event->clock, sim->truths[count].clock);
		compare_cpus(&sim->truths[count]);
		compare_threads(&sim->truths[count]);
		count++;
	}
	assert_int_equal(count, sim->count);
}

/* Of complete tapes all that is claimed is true, with foresight or without. */
static void test_claims_are_true(void **unused)
{
	for (unsigned int seed = 0; seed < 100; seed++) {
		struct sim sim;

		sim_init(&sim, &b, seed, seed % 3);
		walk(sim_run(&sim, 3000), seed % 2 ? FRONT_FORESEE : 0);
		compare_all(&sim);
		sim_deinit(&sim);
		teardown(unused);
		setup(unused);
	}
}

/* On complete tapes of targets alone, nothing is made up but beginnings. */
static void test_nothing_made_up(void **unused)
{
	for (unsigned int seed = 0; seed < 30; seed++) {
		struct sim sim;

		sim_init(&sim, &b, seed, 0);
		walk(sim_run(&sim, 3000), FRONT_FORESEE);
		while (front_next(front, &step) > 0) {
			if (!step.synthesized)
				continue;
			if (step.event->type == FLIGHTREC_EVENT_SWITCH)
				assert_null(step.thread);
			else if (step.event->type == FLIGHTREC_EVENT_EXIT)
				assert_int_equal(step.call->nr, NR_EXIT_GROUP);
			else
				assert_int_equal(step.call->nr, NR_CLONE);
		}
		sim_deinit(&sim);
		teardown(unused);
		setup(unused);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_loss_is_of_one_cpu),
		TEST(test_who_runs_after_a_loss),
		TEST(test_call_found_again_after_a_loss),
		TEST(test_gap_is_of_all_cpus),
		TEST(test_calls_across_a_gap),
		TEST(test_damage_counts_as_loss),
		TEST(test_dead_stay_dead),
		TEST(test_random_tapes),
		TEST(test_claims_are_true),
		TEST(test_nothing_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
