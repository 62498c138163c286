// SPDX-License-Identifier: GPL-2.0
/*
 * The report's findings on planted situations: waits for a CPU, blocks, calls.
 * What holes in the recording do to them: test_report_holes.c; threads, their
 * sums, deaths: test_report_threads.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_stage.h"
#include "report_words.h"

#define PREEMPTED  FLIGHTREC_STATE_PREEMPTED
#define SLEEPING   FLIGHTREC_STATE_SLEEPING
#define DISK_SLEEP FLIGHTREC_STATE_DISK_SLEEP
#define TASK	   FLIGHTREC_CONTEXT_TASK
#define HARDIRQ	   FLIGHTREC_CONTEXT_HARDIRQ

#define REDIS	   412
#define HOG	   431
#define OTHER	   432

/* A server on CPU 0, a real-time hog, and one more. */
static void plant_cast(void)
{
	report_stage_target(REDIS, "redis-server");
	report_stage_other(HOG, "cpuhog", STAGE_FIFO, 50);
	report_stage_other(OTHER, "other", 0, 0);
	report_stage_cpu(0, REDIS);
}

static void plant_epoll(void)
{
	report_stage_enter(0, 1000, REDIS, STAGE_EPOLL_WAIT, 5);
	report_stage_exit(0, 1100, REDIS, STAGE_EPOLL_WAIT, 3);
}

/* ---- preempted ---------------------------------------------------------- */

static void test_preempted(void **unused)
{
	(void)unused;
	plant_cast();
	plant_epoll();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_enter(0, 39500, REDIS, STAGE_WRITE, 8);
	report_stage_exit(0, 39550, REDIS, STAGE_WRITE, 7);
	report_stage_write(50000);
	assert_int_equal(strncmp(report_stage_text(), "worst wait", 10), 0);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 38.2 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); cpuhog ran just before it resumed\n"
		"  in flight: epoll_wait(5, ...) had returned 3; next write(8, ...) came 38.4 ms late\n");
	report_stage_has(
		"      waiting: 1 time, longest 38.2 ms, 22:13:30.001200 +0000, preempted by cpuhog[431] (FIFO 50)\n");
}

static void test_two_hogs(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 38.2 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); other[432] (NORMAL, nice 0) ran just before it resumed; what else ran in between was not recorded\n"
		"  in flight: not recorded; no call followed in the window\n");
}

/* It is known who had the CPU in between, and for how long. */
static void test_watched(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, OTHER, PREEMPTED);
	report_stage_watched(0, 2200, OTHER, HOG, PREEMPTED);
	report_stage_watched(0, 30200, HOG, OTHER, SLEEPING);
	report_stage_watched(0, 31200, OTHER, HOG, PREEMPTED);
	report_stage_watched(0, 33200, HOG, OTHER, SLEEPING);
	report_stage_watched(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"  preempted by other[432] (NORMAL, nice 0); cpuhog[431] (FIFO 50) ran for 30.0 ms of that; other[432] (NORMAL, nice 0) ran just before it resumed\n");
}

/* Watched since it was woken; who ran then had run before that. */
static void test_watched_since_woken(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, OTHER);
	report_stage_switch(0, 1000, REDIS, 0, SLEEPING);
	report_stage_waking(1, 2000, OTHER, REDIS, TASK);
	report_stage_watched(0, 32000, HOG, OTHER, SLEEPING);
	report_stage_watched(0, 34000, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 32.0 ms, 22:13:30.002000 +0000, CPU 0\n"
		"  woken by other[432] (NORMAL, nice 0); cpuhog[431] (FIFO 50) ran for 30.0 ms of that; other[432] (NORMAL, nice 0) ran just before it resumed\n");
}

/* What was not watched all along is not known. */
static void test_watched_in_part(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, OTHER, PREEMPTED);
	report_stage_switch(0, 10000, OTHER, HOG, PREEMPTED);
	report_stage_watched(0, 30000, HOG, OTHER, SLEEPING);
	report_stage_watched(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"  preempted by other[432] (NORMAL, nice 0); cpuhog[431] (FIFO 50) ran for 20.0 ms of that; other[432] (NORMAL, nice 0) ran just before it resumed; what else ran in between was not recorded\n");
}

/* Between targets everything is recorded. */
static void test_two_targets(void **unused)
{
	(void)unused;
	report_stage_target(REDIS, "redis-server");
	report_stage_target(HOG, "cpuhog");
	report_stage_target(OTHER, "other");
	report_stage_cpu(0, REDIS);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 20000, HOG, OTHER, PREEMPTED);
	report_stage_switch(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"  preempted by cpuhog[431] (NORMAL, nice 0); other[432] (NORMAL, nice 0) ran just before it resumed\n");
	report_stage_lacks("what else ran");
}

static void test_moved(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, 0);
	plant_epoll();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(1, 39400, 0, REDIS, FLIGHTREC_STATE_RUNNING);
	report_stage_enter(1, 39500, REDIS, STAGE_WRITE, 8);
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 38.2 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); resumed on CPU 1, where nothing ran just before it resumed; what else ran in between was not recorded\n"
		"  in flight: epoll_wait(5, ...) had returned 3; next write(8, ...) came 38.4 ms late\n");
}

static void test_moved_after_other(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, OTHER);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(1, 39400, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"  preempted by cpuhog[431] (FIFO 50); resumed on CPU 1, where other[432] (NORMAL, nice 0) ran just before it resumed; what else ran in between was not recorded\n");
}

static void test_still_waiting(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 4);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_write(39400);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 38.2 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  preempted by cpuhog[431] (FIFO 50); still waiting at the end of the window\n"
		"  in flight: read(4, ...); it had not returned at the end of the window\n");
	report_stage_has(
		"      waiting: 1 time, longest 38.2 ms, 22:13:30.001200 +0000, preempted by cpuhog[431] (FIFO 50), still at the end\n");
}

static void test_preempted_in_call(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_WRITE, 8);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_exit(0, 40000, REDIS, STAGE_WRITE, -32);
	report_stage_write(50000);
	report_stage_has(
		"  in flight: write(8, ...); it returned EPIPE after 39.0 ms in all\n");
	report_stage_has(
		"longest system call: redis-server[412] 39.0 ms, 22:13:30.001000 +0000, write(8, ...) returned EPIPE\n"
		"  running 800 us, waiting for a CPU 38.2 ms\n");
}

/* Who must leave on the way back to user mode leaves as R, not as R+. */
static void test_preempted_as_r(void **unused)
{
	(void)unused;
	plant_cast();
	plant_epoll();
	report_stage_switch(0, 1200, REDIS, OTHER, FLIGHTREC_STATE_RUNNING);
	report_stage_switch(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_task_exit(0, 39500, REDIS, 0, FLIGHTREC_TASK_EXIT_GROUP);
	report_stage_switch(0, 39600, REDIS, 0, FLIGHTREC_STATE_DEAD);
	report_stage_write(50000);
	report_stage_has(
		"  preempted by other[432] (NORMAL, nice 0); other ran just before it resumed\n"
		"  in flight: epoll_wait(5, ...) had returned 3; no call followed, it died\n");
	report_stage_has(
		"      running: 2 times, longest 1.2 ms, 22:13:30.000000 +0000, CPU 0, until it was preempted by other[432] (NORMAL, nice 0)\n");
}

static void test_gave_way(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1100, REDIS, STAGE_SCHED_YIELD, 0);
	report_stage_switch(0, 1200, REDIS, OTHER, FLIGHTREC_STATE_RUNNING);
	report_stage_switch(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_exit(0, 39500, REDIS, STAGE_SCHED_YIELD, 0);
	report_stage_write(50000);
	report_stage_has(
		"  gave way to other[432] (NORMAL, nice 0); other ran just before it resumed\n"
		"  in flight: sched_yield(); it returned 0 after 38.4 ms in all\n");
}

/* Without calls it cannot be told. */
static void test_lost_cpu_somehow(void **unused)
{
	(void)unused;
	report_stage.header.events = FLIGHTREC_EVENTS_SCHED;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, OTHER, FLIGHTREC_STATE_RUNNING);
	report_stage_switch(0, 39400, OTHER, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"  lost its CPU to other[432] (NORMAL, nice 0); other ran just before it resumed\n");
}

/* The hog takes another name while it has the CPU. */
static void test_renamed_hog(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	report_stage_target(REDIS, "redis-server");
	task = report_stage_other(HOG, "hog", STAGE_FIFO, 50);
	task->until_clock = report_stage_clock(20000);
	task->until_reason = FLIGHTREC_UNTIL_RENAME;
	report_stage_other(HOG, "burner", STAGE_FIFO, 50);
	report_stage_cpu(0, REDIS);
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_write(50000);
	report_stage_has(
		"  preempted by hog[431] (FIFO 50); hog, by then named burner, ran just before it resumed\n");
}

/* ---- woken -------------------------------------------------------------- */

static void test_woken_waits(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_switch(0, 1200, REDIS, HOG, SLEEPING);
	report_stage_waking(0, 13200, HOG, REDIS, HARDIRQ);
	report_stage_switch(0, 51400, HOG, REDIS, PREEMPTED);
	report_stage_exit(0, 51500, REDIS, STAGE_READ, 1);
	report_stage_write(60000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 38.2 ms, 22:13:30.013200 +0000, CPU 0\n"
		"  woken by an interrupt while cpuhog[431] (FIFO 50) ran; cpuhog ran just before it resumed\n"
		"  in flight: read(6, ...), blocked for 12.0 ms before that; it returned 1 after 50.5 ms in all\n"
		"longest block: redis-server[412] 12.0 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  in read(6, ...), sleeping; woken by an interrupt while cpuhog[431] (FIFO 50) ran\n");
}

static void test_woken_by_task(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(1, OTHER);
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_switch(0, 1200, REDIS, 0, SLEEPING);
	report_stage_waking(1, 13200, OTHER, REDIS, TASK);
	report_stage_switch(0, 15200, 0, REDIS, FLIGHTREC_STATE_RUNNING);
	report_stage_write(60000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 2.0 ms, 22:13:30.013200 +0000, CPU 0\n"
		"  woken by other[432] (NORMAL, nice 0); CPU 0 was idle just before it resumed\n"
		"  in flight: read(6, ...), blocked for 12.0 ms before that; it had not returned at the end of the window\n");
}

static void test_woken_while_idle(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_NANOSLEEP, 0x1000);
	report_stage_switch(0, 1200, REDIS, 0, SLEEPING);
	report_stage_waking(0, 13200, 0, REDIS, HARDIRQ);
	report_stage_write(60000);
	report_stage_has(
		"worst wait for a CPU: redis-server[412] 46.8 ms, 22:13:30.013200 +0000, last on CPU 0\n"
		"  woken by an interrupt while CPU 0 was idle; still waiting at the end of the window\n"
		"  in flight: nanosleep(0x1000, ...), blocked for 12.0 ms before that; it had not returned at the end of the window\n");
}

static void test_born_waits(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	plant_cast();
	task = report_stage_target(500, "child");
	task->start_mono_ns = report_stage_clock(1200);
	report_stage_newtask(0, 1200, REDIS, 500, FLIGHTREC_NEWTASK_TARGET);
	report_stage_switch(0, 9200, REDIS, 500, SLEEPING);
	report_stage_exit(0, 9300, 500, STAGE_CLONE, 0);
	report_stage_enter(0, 9400, 500, STAGE_WRITE, 1);
	report_stage_write(60000);
	report_stage_has(
		"worst wait for a CPU: child[500] 8.0 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  created by redis-server[412] (NORMAL, nice 0); redis-server ran just before it resumed\n");
	/* It returns from its parent's call, not from one of its own. */
	report_stage_lacks("clone");
}

/* ---- no wait ------------------------------------------------------------ */

static void test_no_noticeable_wait(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 1612, HOG, REDIS, SLEEPING);
	report_stage_write(50000);
	report_stage_has(
		"no noticeable wait for a CPU; the longest: redis-server[412] 412 us, 22:13:30.001200 +0000, CPU 0\n");
	report_stage_lacks("worst wait");
}

static void test_no_wait(void **unused)
{
	(void)unused;
	plant_cast();
	plant_epoll();
	report_stage_write(50000);
	report_stage_has("no wait for a CPU was recorded\n");
	report_stage_has(
		"recording: complete on all CPUs since 22:13:30.000000 +0000, 50.0 ms before the end\n");
}

static void test_no_event(void **unused)
{
	(void)unused;
	report_stage_target(REDIS, "redis-server");
	report_stage_write(50000);
	report_stage_has("recording: there is no event in the window\n");
	report_stage_has(
		"  none was recorded\n"
		"  targets without an event in the window: redis-server[412]\n");
}

/* ---- not recorded ------------------------------------------------------- */

static void test_no_sched(void **unused)
{
	(void)unused;
	report_stage.header.events = FLIGHTREC_EVENTS_SYSCALLS;
	plant_cast();
	plant_epoll();
	report_stage_write(50000);
	report_stage_has(
		"worst wait for a CPU: not recorded, nor was any scheduling\n");
	report_stage_has(
		"longest system call: redis-server[412] 100 us, 22:13:30.001000 +0000, epoll_wait(5, ...) returned 3\n");
	report_stage_has(
		"  recorded  system calls with 1 argument; not recorded: scheduling\n");
	report_stage_has(
		"  scheduling was not recorded: what they did with their time is unknown\n"
		"       total     running     waiting     blocked     unknown  thread\n"
		"      50.000       0.000       0.000       0.000      50.000  redis-server[412]\n");
	report_stage_lacks("longest block");
}

static void test_no_calls(void **unused)
{
	(void)unused;
	report_stage.header.events = FLIGHTREC_EVENTS_SCHED;
	plant_cast();
	report_stage_switch(0, 1200, REDIS, HOG, PREEMPTED);
	report_stage_switch(0, 39400, HOG, REDIS, PREEMPTED);
	report_stage_switch(0, 40000, REDIS, 0, DISK_SLEEP);
	report_stage_write(50000);
	report_stage_has(
		"  in flight: not recorded, nor was any system call\n");
	report_stage_has(
		"longest block: redis-server[412] 10.0 ms, 22:13:30.040000 +0000, CPU 0\n"
		"  not recorded in what, not to be interrupted (D); still blocked at the end of the window\n");
	report_stage_has(
		"\nsystem calls that began and ended in the window, by time spent in them\n"
		"  not recorded\n");
	report_stage_has("longest system call: not recorded, nor was any\n");
}

/* ---- calls -------------------------------------------------------------- */

static void test_blocked_read(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_switch(0, 1200, REDIS, OTHER, SLEEPING);
	report_stage_waking(0, 31200, OTHER, REDIS, TASK);
	report_stage_switch(0, 31300, OTHER, REDIS, SLEEPING);
	report_stage_exit(0, 31500, REDIS, STAGE_READ, 5);
	report_stage_write(60000);
	report_stage_has(
		"longest block: redis-server[412] 30.0 ms, 22:13:30.001200 +0000, CPU 0\n"
		"  in read(6, ...), sleeping; woken by other[432] (NORMAL, nice 0)\n"
		"longest system call: redis-server[412] 30.5 ms, 22:13:30.001000 +0000, read(6, ...) returned 5\n"
		"  running 400 us, waiting for a CPU 100 us, blocked 30.0 ms\n");
	report_stage_has(
		"      blocked: 1 time, longest 30.0 ms, 22:13:30.001200 +0000, in read, woken by other[432] (NORMAL, nice 0)\n"
		"      blocked in: read 30.0 ms\n");
	report_stage_has(
		"     count       total       worst  name\n"
		"         1     30.5 ms     30.5 ms  read\n"
		"      worst: redis-server[412], 22:13:30.001000 +0000\n");
}

/* In flight when recording began, and still at the end. */
static void test_call_throughout(void **unused)
{
	(void)unused;
	plant_cast();
	plant_epoll();
	report_stage_target(413, "bio");
	window_builder_call(&report_stage, 413, STAGE_FUTEX,
			    report_stage_clock(0) - 5000000000)
		->args[0] = 0x10;
	report_stage_write(50000);
	report_stage_has(
		"longest in flight at the end: bio[413] 5.1 s, 22:13:25.000000 +0000, futex(0x10, ...)\n");
	report_stage_has("         0           -           -  futex\n"
			 "      besides: in flight all the time 1\n");
	report_stage_has(
		"      50.000       0.000       0.000       0.000      50.000  bio[413]\n");
}

static void test_call_edges(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_exit(0, 500, REDIS, STAGE_READ, -4);
	report_stage_enter(0, 1000, REDIS, STAGE_READ, 6);
	report_stage_exit(0, 1500, REDIS, STAGE_READ, -11);
	report_stage_enter(0, 2000, REDIS, STAGE_READ, 6);
	report_stage_exit(0, 2100, REDIS, STAGE_READ, -11);
	report_stage_enter(0, 3000, REDIS, STAGE_READ, 6);
	report_stage_write(50000);
	report_stage_has(
		"         2      600 us      500 us  read\n"
		"      worst: redis-server[412], 22:13:30.001000 +0000\n"
		"      errors: EAGAIN 2, EINTR 1\n"
		"      besides: in flight at the beginning 1, in flight at the end 1\n");
	report_stage_has(
		"longest in flight at the end: redis-server[412] 47.0 ms, 22:13:30.003000 +0000, read(6, ...)\n");
}

static void test_call_ends_with_thread(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, REDIS, STAGE_EXIT_GROUP, 3);
	report_stage_task_exit(0, 1100, REDIS, 3 << 8,
			       FLIGHTREC_TASK_EXIT_GROUP);
	report_stage_switch(0, 1200, REDIS, 0, FLIGHTREC_STATE_DEAD);
	report_stage_write(50000);
	report_stage_has("         0           -           -  exit_group\n"
			 "      besides: ended with their thread 1\n");
	report_stage_has(
		"       1.200       1.200       0.000       0.000       0.000  redis-server[412], exited with 3\n");
}

/* ---- words -------------------------------------------------------------- */

static void test_durations(void **unused)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.0 us" },
		{ 99949, "99.9 us" },
		{ 99950, "100 us" },
		{ 412400, "412 us" },
		{ 999499, "999 us" },
		{ 999500, "1.0 ms" },
		{ 38200000, "38.2 ms" },
		{ 123449999, "123.4 ms" },
		{ 999949999, "999.9 ms" },
		{ 999950000, "1.0 s" },
		{ 1249999999, "1.2 s" },
		{ 119400000000, "119 s" },
		{ 120000000000, "2 min 0 s" },
		{ 3599400000000, "59 min 59 s" },
		{ 3600000000000, "1 h 0 min" },
		{ 172800000000000, "2 d 0 h" },
	};
	char text[REPORT_DURATION_BYTES];

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report_duration(text, cases[i].ns);
		assert_string_equal(text, cases[i].text);
	}
}

#define TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, report_stage_begin, \
					report_stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_preempted),
		TEST(test_two_hogs),
		TEST(test_watched),
		TEST(test_watched_since_woken),
		TEST(test_watched_in_part),
		TEST(test_two_targets),
		TEST(test_moved),
		TEST(test_moved_after_other),
		TEST(test_still_waiting),
		TEST(test_preempted_in_call),
		TEST(test_preempted_as_r),
		TEST(test_gave_way),
		TEST(test_lost_cpu_somehow),
		TEST(test_renamed_hog),
		TEST(test_woken_waits),
		TEST(test_woken_by_task),
		TEST(test_woken_while_idle),
		TEST(test_born_waits),
		TEST(test_no_noticeable_wait),
		TEST(test_no_wait),
		TEST(test_no_event),
		TEST(test_no_sched),
		TEST(test_no_calls),
		TEST(test_blocked_read),
		TEST(test_call_throughout),
		TEST(test_call_edges),
		TEST(test_call_ends_with_thread),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
