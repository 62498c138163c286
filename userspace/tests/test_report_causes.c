// SPDX-License-Identifier: GPL-2.0
/*
 * What the longest waits are made of, on planted chains of who waited for whom:
 * each part is known, and what is indented adds up.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_stage.h"

#define PREEMPTED  FLIGHTREC_STATE_PREEMPTED
#define SLEEPING   FLIGHTREC_STATE_SLEEPING
#define DISK_SLEEP FLIGHTREC_STATE_DISK_SLEEP
#define RUNNING	   FLIGHTREC_STATE_RUNNING
#define TASK	   FLIGHTREC_CONTEXT_TASK
#define HARDIRQ	   FLIGHTREC_CONTEXT_HARDIRQ

#define VICTIM	   412
#define HOLDER	   413
#define WRITER	   414
#define HOG	   431
#define OTHER	   432

/* Three targets, each on a CPU of its own, and two bystanders. */
static void plant_cast(void)
{
	report_stage_target(VICTIM, "victim");
	report_stage_target(HOLDER, "holder");
	report_stage_target(WRITER, "writer");
	report_stage_other(HOG, "hog", STAGE_FIFO, 50);
	report_stage_other(OTHER, "other", 0, 0);
	report_stage_cpu(0, VICTIM);
	report_stage_cpu(1, HOLDER);
	report_stage_cpu(2, WRITER);
}

static void check(const char *lines)
{
	report_stage_has(lines);
	report_stage_chains();
}

/* ---- waiting for a CPU --------------------------------------------------- */

static void test_hog(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, VICTIM, OTHER, PREEMPTED);
	report_stage_watched(0, 2200, OTHER, HOG, PREEMPTED);
	report_stage_watched(0, 30200, HOG, OTHER, SLEEPING);
	report_stage_watched(0, 31201, OTHER, VICTIM, SLEEPING);
	report_stage_write(50000);
	check("    30.001000  22:13:30.001200 +0000  victim[412] waited for CPU 0\n"
	      "        28.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n"
	      "         2.001000  victim[412] waited for the CPU that other[432] (NORMAL, nice 0) had\n");
}

/* Who came before the CPU was watched is not known. */
static void test_hog_in_part(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1200, VICTIM, OTHER, PREEMPTED);
	report_stage_switch(0, 10000, OTHER, HOG, PREEMPTED);
	report_stage_watched(0, 30000, HOG, OTHER, SLEEPING);
	report_stage_watched(0, 31200, OTHER, VICTIM, SLEEPING);
	report_stage_write(50000);
	check("    30.000000  22:13:30.001200 +0000  victim[412] waited for CPU 0\n"
	      "        20.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n"
	      "         8.800000  victim[412] waited for a CPU; who had it then is not recorded\n"
	      "         1.200000  victim[412] waited for the CPU that other[432] (NORMAL, nice 0) had\n");
}

/* A target's comings and goings are all recorded, watched or not. */
static void test_hog_is_target(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, HOLDER, PREEMPTED);
	report_stage_switch(0, 11000, HOLDER, WRITER, SLEEPING);
	report_stage_switch(0, 31000, WRITER, VICTIM, SLEEPING);
	report_stage_write(50000);
	check("    30.000000  22:13:30.001000 +0000  victim[412] waited for CPU 0\n"
	      "        20.000000  victim[412] waited for the CPU that writer[414] (NORMAL, nice 0) had\n"
	      "        10.000000  victim[412] waited for the CPU that holder[413] (NORMAL, nice 0) had\n");
}

/* It waits for the CPU that it left, wherever it is helped out in the end. */
static void test_moved(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(1, 500, HOLDER, 0, SLEEPING);
	report_stage_switch(0, 1000, VICTIM, HOG, PREEMPTED);
	report_stage_switch(1, 21000, 0, VICTIM, RUNNING);
	report_stage_write(50000);
	check("    20.000000  22:13:30.001000 +0000  victim[412] waited for CPU 0\n"
	      "        20.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n");
}

static void test_woken_on_idle_cpu(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 900, VICTIM, STAGE_READ, 3);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(1, 1500, HOLDER, VICTIM, TASK);
	report_stage_watched(0, 3500, 0, VICTIM, RUNNING);
	report_stage_write(50000);
	check("     2.000000  22:13:30.001500 +0000  victim[412] waited for CPU 0 in read(3, ...)\n"
	      "         2.000000  victim[412] was on its way to a CPU that was idle\n");
}

static void test_still_waiting(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, HOG, PREEMPTED);
	report_stage_write(21000);
	check("    20.000000  22:13:30.001000 +0000  victim[412] waited for CPU 0\n"
	      "        20.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n");
}

/* ---- moved while it waits ------------------------------------------------- */

/* Woken where it ran last, moved from one busy CPU to the other. */
static void test_moved_waiting(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(2, 10000, WRITER, VICTIM, TASK);
	report_stage_migrate(2, 30000, WRITER, VICTIM, 1);
	report_stage_watched(0, 35000, HOG, 0, SLEEPING);
	report_stage_watched(1, 60001, OTHER, VICTIM, SLEEPING);
	report_stage_write(70000);
	check("    50.001000  22:13:30.010000 +0000  victim[412] waited for CPU 1\n"
	      "        30.001000  victim[412] waited for the CPU that other[432] (NORMAL, nice 0) had\n"
	      "        20.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n");
}

/* Who has the first CPU still has it when the wait is over: told when he leaves. */
static void test_moved_from_hog(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(2, 10000, WRITER, VICTIM, TASK);
	report_stage_migrate(2, 30000, WRITER, VICTIM, 1);
	report_stage_watched(1, 60001, OTHER, VICTIM, SLEEPING);
	report_stage_watched(0, 65000, HOG, 0, SLEEPING);
	report_stage_write(70000);
	check("    50.001000  22:13:30.010000 +0000  victim[412] waited for CPU 1\n"
	      "        30.001000  victim[412] waited for the CPU that other[432] (NORMAL, nice 0) had\n"
	      "        20.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n");
}

/* It does not leave: nobody knows who it is. */
static void test_moved_from_unknown(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(2, 10000, WRITER, VICTIM, TASK);
	report_stage_migrate(2, 30000, WRITER, VICTIM, 1);
	report_stage_watched(1, 60001, OTHER, VICTIM, SLEEPING);
	report_stage_write(70000);
	check("    50.001000  22:13:30.010000 +0000  victim[412] waited for CPU 1\n"
	      "        30.001000  victim[412] waited for the CPU that other[432] (NORMAL, nice 0) had\n"
	      "        20.000000  victim[412] waited for a CPU; who had it then is not recorded\n");
}

/* Chosen in the waking, before it ever waits. */
static void test_moved_at_once(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(3, OTHER);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(2, 10000, WRITER, VICTIM, TASK);
	report_stage_migrate(2, 10000, WRITER, VICTIM, 3);
	report_stage_watched(3, 20000, HOG, VICTIM, SLEEPING);
	report_stage_write(70000);
	check("    10.000000  22:13:30.010000 +0000  victim[412] waited for CPU 3\n"
	      "        10.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n");
}

/* To the end of the window: who runs there an interrupt tells. */
static void test_moved_and_still_waiting(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(3, OTHER);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(2, 10000, WRITER, VICTIM, TASK);
	report_stage_migrate(2, 11000, WRITER, VICTIM, 3);
	report_stage_irq_entry(3, 12000, HOG, FLIGHTREC_IRQ_LOCAL_TIMER, 236,
			       NULL);
	report_stage_irq_exit(3, 12500, HOG, FLIGHTREC_IRQ_LOCAL_TIMER, 236);
	report_stage_write(21000);
	check("    11.000000  22:13:30.010000 +0000  victim[412] waited for CPU 3\n"
	      "         9.500000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n"
	      "         1.000000  victim[412] waited for a CPU; who had it then is not recorded\n"
	      "         0.500000  victim[412] was held up by the local timer's interrupt\n");
}

/* More often than is told apart: as if it had waited where it got to run. */
static void test_moved_often(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, OTHER, PREEMPTED);
	for (uint32_t i = 0; i < 20; i++)
		report_stage_migrate(0, 2000 + i * 1000, OTHER, VICTIM,
				     1 + i % 3);
	report_stage_watched(3, 30000, HOG, VICTIM, SLEEPING);
	report_stage_write(70000);
	check("    29.000000  22:13:30.001000 +0000  victim[412] waited for CPU 0\n");
}

/* ---- interrupts ------------------------------------------------------------ */

/* Within each other; of the one that runs, and of the one that waits. */
static void test_interrupts(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 1000, VICTIM, STAGE_READ, 3);
	report_stage_irq_entry(0, 2000, VICTIM, FLIGHTREC_IRQ_SOFTIRQ, 3, NULL);
	report_stage_irq_entry(0, 3000, VICTIM, FLIGHTREC_IRQ_DEVICE, 24,
			       "eth0");
	report_stage_irq_exit(0, 7000, VICTIM, FLIGHTREC_IRQ_DEVICE, 24);
	report_stage_irq_exit(0, 8000, VICTIM, FLIGHTREC_IRQ_SOFTIRQ, 3);
	report_stage_switch(0, 10000, VICTIM, HOG, PREEMPTED);
	report_stage_irq_entry(0, 11000, HOG, FLIGHTREC_IRQ_DEVICE, 24, "eth0");
	report_stage_irq_exit(0, 12000, HOG, FLIGHTREC_IRQ_DEVICE, 24);
	report_stage_watched(0, 20000, HOG, VICTIM, SLEEPING);
	report_stage_exit(0, 21000, VICTIM, STAGE_READ, 0);
	/* Not while it is in the call. */
	report_stage_irq_entry(0, 30000, VICTIM, FLIGHTREC_IRQ_DEVICE, 24,
			       "eth0");
	report_stage_irq_exit(0, 40000, VICTIM, FLIGHTREC_IRQ_DEVICE, 24);
	report_stage_write(50000);
	check("    20.000000  22:13:30.001000 +0000  victim[412] was in read(3, ...), which returned 0\n"
	      "         9.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n"
	      "         5.000000  victim[412] was held up by interrupt 24 (eth0); 2 times\n"
	      "         4.000000  victim[412] ran\n"
	      "         2.000000  victim[412] was held up by softirq NET_RX; 2 times\n");
	check("    10.000000  22:13:30.010000 +0000  victim[412] waited for CPU 0 in read(3, ...)\n"
	      "         9.000000  victim[412] waited for the CPU that hog[431] (FIFO 50) had\n"
	      "         1.000000  victim[412] was held up by interrupt 24 (eth0)\n");
}

/*
 * It woke the victim when it had begun already: its beginning is not on the tape. The
 * other one has no end there, but what runs in it can be no thread.
 */
static void test_interrupts_in_part(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(0, 10000, 0, VICTIM, HARDIRQ);
	report_stage_irq_exit(0, 15000, 0, FLIGHTREC_IRQ_DEVICE, 24);
	report_stage_irq_entry(0, 16000, 0, FLIGHTREC_IRQ_DEVICE, 25, "eth1");
	report_stage_watched(0, 20000, 0, VICTIM, RUNNING);
	report_stage_write(50000);
	check("    10.000000  22:13:30.010000 +0000  victim[412] waited for CPU 0\n"
	      "         5.000000  victim[412] was on its way to a CPU that was idle\n"
	      "         5.000000  victim[412] was held up by interrupt 24\n");
}

/* ---- who waited for whom ------------------------------------------------- */

/*
 * The victim waits 200 ms for a lock. Its holder ran for 1 ms of that, slept for
 * 150 ms, waited 48 ms for a CPU that the hog had, and ran 1 ms to let it go.
 */
static void plant_lock(void)
{
	report_stage_enter(1, 900, HOLDER, STAGE_FUTEX, 0x10);
	report_stage_exit(1, 950, HOLDER, STAGE_FUTEX, 0);
	report_stage_enter(0, 1000, VICTIM, STAGE_FUTEX, 0x10);
	report_stage_switch(0, 1100, VICTIM, 0, SLEEPING);
	report_stage_enter(1, 2000, HOLDER, STAGE_NANOSLEEP, 0x20);
	report_stage_switch(1, 2100, HOLDER, 0, SLEEPING);
	report_stage_waking(1, 152100, 0, HOLDER, HARDIRQ);
	report_stage_switch(1, 152100, 0, HOG, RUNNING);
	report_stage_watched(1, 200100, HOG, HOLDER, SLEEPING);
	report_stage_exit(1, 200200, HOLDER, STAGE_NANOSLEEP, 0);
	report_stage_enter(1, 201000, HOLDER, STAGE_FUTEX, 0x10);
	report_stage_waking(1, 201100, HOLDER, VICTIM, TASK);
	report_stage_exit(1, 201110, HOLDER, STAGE_FUTEX, 1);
	report_stage_switch(0, 201200, 0, VICTIM, RUNNING);
	report_stage_exit(0, 201210, VICTIM, STAGE_FUTEX, 0);
}

static void test_lock_holder(void **unused)
{
	(void)unused;
	plant_cast();
	plant_lock();
	report_stage_write(300000);
	check("   200.000000  22:13:30.001100 +0000  victim[412] slept in futex(0x10, ...); woken by holder[413] (NORMAL, nice 0)\n"
	      "       150.000000  holder[413] slept in nanosleep(0x20, ...); woken by an interrupt\n"
	      "        48.000000  holder[413] waited for the CPU that hog[431] (FIFO 50) had\n"
	      "         2.000000  holder[413] ran\n");
	/* Its call is nearly all that: told once. */
	report_stage_lacks("victim[412] was in futex");
}

/* A CPU on which nothing happens for long is no hole in the recording. */
static void test_late_tape(void **unused)
{
	(void)unused;
	plant_cast();
	plant_lock();
	window_builder_block(&report_stage, 3, report_stage_clock(150000), 0);
	report_stage_switch(3, 150000, 0, WRITER + 1000, RUNNING);
	report_stage_write(300000);
	check("   200.000000  22:13:30.001100 +0000  victim[412] slept in futex(0x10, ...); woken by holder[413] (NORMAL, nice 0)\n"
	      "       150.000000  holder[413] slept in nanosleep(0x20, ...); woken by an interrupt\n");
}

/* Three in a row: the victim reads from the holder, that from the writer. */
static void test_chain(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 900, VICTIM, STAGE_READ, 3);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_enter(1, 2000, HOLDER, STAGE_READ, 4);
	report_stage_switch(1, 3000, HOLDER, 0, SLEEPING);
	report_stage_enter(2, 3500, WRITER, STAGE_WRITE, 5);
	report_stage_switch(2, 4000, WRITER, 0, DISK_SLEEP);
	report_stage_waking(2, 84000, 0, WRITER, HARDIRQ);
	report_stage_switch(2, 84500, 0, WRITER, RUNNING);
	report_stage_waking(2, 90000, WRITER, HOLDER, TASK);
	report_stage_switch(1, 90500, 0, HOLDER, RUNNING);
	report_stage_waking(1, 101000, HOLDER, VICTIM, TASK);
	report_stage_switch(0, 101001, 0, VICTIM, RUNNING);
	report_stage_write(110000);
	check("   100.000000  22:13:30.001000 +0000  victim[412] slept in read(3, ...); woken by holder[413] (NORMAL, nice 0)\n"
	      "    in the end: writer[414] slept in write(5, ...), not to be interrupted (D); woken by an interrupt, 80.000000 of 100.000000\n"
	      "        87.000000  holder[413] slept in read(4, ...); woken by writer[414] (NORMAL, nice 0)\n"
	      "            80.000000  writer[414] slept in write(5, ...), not to be interrupted (D); woken by an interrupt\n"
	      "             6.500000  writer[414] ran\n"
	      "             0.500000  writer[414] waited for a CPU; who had it then is not recorded\n"
	      "        12.500000  holder[413] ran\n"
	      "         0.500000  holder[413] waited for a CPU; who had it then is not recorded\n");
}

/* A call that sleeps again and again for the same one. */
static void test_many_sleeps(void **unused)
{
	static const uint64_t ms[] = { 2, 7, 3 };
	uint64_t us = 1000;

	(void)unused;
	plant_cast();
	report_stage_enter(0, us, VICTIM, STAGE_READ, 3);
	for (size_t i = 0; i < 3; i++) {
		us += 1000;
		report_stage_switch(0, us, VICTIM, 0, SLEEPING);
		us += ms[i] * 1000;
		report_stage_waking(1, us, HOLDER, VICTIM, TASK);
		us += 100;
		report_stage_watched(0, us, 0, VICTIM, RUNNING);
	}
	report_stage_exit(0, us + 1000, VICTIM, STAGE_READ, 9);
	report_stage_write(50000);
	check("    16.300000  22:13:30.001000 +0000  victim[412] was in read(3, ...), which returned 9\n"
	      "        12.000000  victim[412] slept in read(3, ...); woken by holder[413] (NORMAL, nice 0); 3 times\n"
	      "             7.000000  the longest of them\n"
	      "                 7.000000  holder[413] ran\n"
	      "             5.000000  the others\n"
	      "         4.000000  victim[412] ran\n"
	      "         0.300000  victim[412] was on its way to a CPU that was idle\n");
}

/* Who is born meanwhile and wakes it. */
static void test_born_meanwhile(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	plant_cast();
	task = report_stage_target(500, "child");
	task->start_mono_ns = report_stage_clock(5000);
	report_stage_enter(0, 900, VICTIM, STAGE_READ, 3);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_newtask(1, 5000, HOLDER, 500, FLIGHTREC_NEWTASK_TARGET);
	report_stage_switch(1, 7000, HOLDER, 500, SLEEPING);
	report_stage_waking(1, 21000, 500, VICTIM, TASK);
	report_stage_write(50000);
	check("    20.000000  22:13:30.001000 +0000  victim[412] slept in read(3, ...); woken by child[500] (NORMAL, nice 0)\n"
	      "        14.000000  child[500] ran\n"
	      "         4.000000  child[500] was not born yet\n"
	      "         2.000000  child[500] waited for the CPU that holder[413] (NORMAL, nice 0) had\n");
}

/* ---- what is not recorded ------------------------------------------------ */

static void test_woken_by_bystander(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_cpu(3, OTHER);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_waking(3, 21000, OTHER, VICTIM, TASK);
	report_stage_write(50000);
	check("    20.000000  22:13:30.001000 +0000  victim[412] slept; woken by other[432] (NORMAL, nice 0), which is no target and not recorded\n");
}

/* Something was lost on the CPU of the one that woke it. */
static void test_hole(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 900, VICTIM, STAGE_READ, 3);
	report_stage_enter(1, 950, HOLDER, STAGE_READ, 3);
	report_stage_exit(1, 5000, HOLDER, STAGE_READ, 3);
	window_builder_lost(&report_stage, 1, 3);
	report_stage_enter(1, 15000, HOLDER, STAGE_READ, 3);
	report_stage_exit(1, 15010, HOLDER, STAGE_READ, 3);
	report_stage_switch(0, 16000, VICTIM, 0, SLEEPING);
	report_stage_waking(1, 26000, HOLDER, VICTIM, TASK);
	report_stage_write(50000);
	check("    10.000000  22:13:30.016000 +0000  victim[412] slept in read(3, ...); woken by holder[413] (NORMAL, nice 0)\n"
	      "        10.000000  holder[413] ran\n");
}

/* The holder runs on; what was lost on its CPU is a part of its own. */
static void test_hole_within(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_target(500, "bystep");
	report_stage_enter(2, 900, WRITER, STAGE_READ, 3);
	report_stage_exit(2, 21000, WRITER, STAGE_READ, 3);
	report_stage_enter(1, 1000, HOLDER, STAGE_READ, 4);
	report_stage_switch(1, 2000, HOLDER, 0, SLEEPING);
	window_builder_lost(&report_stage, 1, 3);
	report_stage_switch(1, 12000, 0, HOLDER, RUNNING);
	report_stage_exit(1, 16000, HOLDER, STAGE_READ, 4);
	report_stage_write(50000);
	report_stage_chains();
	report_stage_has(
		"    20.100000  22:13:30.000900 +0000  writer[414] was in read(3, ...), which returned 3\n"
		"        20.100000  writer[414] ran\n");
}

static void test_stuck(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 900, VICTIM, STAGE_FUTEX, 0x10);
	report_stage_switch(0, 1000, VICTIM, 0, SLEEPING);
	report_stage_write(50000);
	check("    49.000000  22:13:30.001000 +0000  victim[412] slept in futex(0x10, ...); not woken by the end of the window\n");
}

static void test_nothing(void **unused)
{
	(void)unused;
	plant_cast();
	report_stage_enter(0, 900, VICTIM, STAGE_WRITE, 1);
	report_stage_exit(0, 1000, VICTIM, STAGE_WRITE, 1);
	report_stage_write(50000);
	report_stage_has("  nothing that is known took 1.0 ms or longer\n");
}

/* ---- how much is kept apart ---------------------------------------------- */

/* It is woken by twenty, of which some are told together. */
static void test_many_wakers(void **unused)
{
	uint64_t us = 1000;

	(void)unused;
	plant_cast();
	report_stage_cpu(3, 0);
	report_stage_enter(0, us, VICTIM, STAGE_READ, 3);
	for (uint32_t i = 0; i < 20; i++) {
		report_stage_target(500 + i, "waker");
		us += 1000;
		report_stage_switch(3, us, 0, 500 + i, RUNNING);
		report_stage_switch(0, us, VICTIM, 0, SLEEPING);
		us += 1000;
		report_stage_waking(3, us, 500 + i, VICTIM, TASK);
		report_stage_watched(0, us + 10, 0, VICTIM, RUNNING);
		report_stage_switch(3, us + 10, 500 + i, 0, SLEEPING);
	}
	report_stage_exit(0, us + 1000, VICTIM, STAGE_READ, 9);
	report_stage_write(50000);
	report_stage_chains();
	report_stage_has(
		"    41.000000  22:13:30.001000 +0000  victim[412] was in read(3, ...), which returned 9\n"
		"        20.800000  victim[412] ran\n"
		"        10.000000  victim[412] slept otherwise; 10 times\n");
}

static void plant_sleeps(unsigned int count)
{
	uint64_t us = 1000;

	plant_cast();
	for (unsigned int i = 0; i < count; i++) {
		report_stage_switch(0, us, VICTIM, 0, SLEEPING);
		us += 2000 + 1000 * i;
		report_stage_waking(0, us, 0, VICTIM, HARDIRQ);
		report_stage_switch(0, us, 0, VICTIM, RUNNING);
		report_stage_mark(0, us, VICTIM, i % 2 ? "odd" : "even");
		us += 1000;
	}
}

static void test_more(void **unused)
{
	(void)unused;
	plant_sleeps(5);
	report_stage_write(50000);
	assert_int_equal(report_stage_chains(), 3);
	report_stage_has(
		"  … more sleeps that an interrupt ended of 1.0 ms or longer: 2\n");
	report_stage_write_all(50000);
	assert_int_equal(report_stage_chains(), 5);
}

/* ---- some of it ---------------------------------------------------------- */

static void test_slower(void **unused)
{
	struct report_options options = { .slower_ns = 4000000 };

	(void)unused;
	plant_sleeps(5);
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	/* 4, 5 and 6 ms, and nothing else. */
	assert_int_equal(report_stage_chains(), 3);
	report_stage_lacks("\nthreads");
	options.slower_ns = 4000001;
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	assert_int_equal(report_stage_chains(), 2);
	options.slower_ns = 1;
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	assert_true(report_stage_chains() >= 5);
}

static void test_around(void **unused)
{
	struct report_options options = { .around = "odd",
					  .within_ns = 500000 };

	(void)unused;
	/* Sleeps end at 3, 7, 12, 18 and 25 ms; the newest odd mark is at 18. */
	plant_sleeps(5);
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	report_stage_has(
		"around the mark \"odd\", 22:13:30.018000 +0000: what was going on within 500 us before or after it\n");
	assert_int_equal(report_stage_chains(), 1);
	report_stage_has(
		"     5.000000  22:13:30.013000 +0000  victim[412] slept; woken by an interrupt\n");
	options.within_ns = 1000000;
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	assert_int_equal(report_stage_chains(), 2);
	options.around = "e";
	assert_int_equal(report_stage_write_with(50000, &options), 0);
	report_stage_has(
		"     6.000000  22:13:30.019000 +0000  victim[412] slept; woken by an interrupt\n");
	options.around = "never";
	assert_int_equal(report_stage_write_with(50000, &options), -ENOENT);
}

/* Ticks that are no nanoseconds: still nothing is missing or there twice. */
static void test_other_clock(void **unused)
{
	(void)unused;
	report_stage.header.clock = FLIGHTREC_CLOCK_TSC;
	report_stage.header.clock_khz = 2893202;
	plant_cast();
	plant_lock();
	report_stage_write_all(300000);
	assert_true(report_stage_chains() >= 4);
}

#define TEST(function)                                                \
	cmocka_unit_test_setup_teardown(function, report_stage_begin, \
					report_stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hog),
		TEST(test_hog_in_part),
		TEST(test_hog_is_target),
		TEST(test_moved),
		TEST(test_woken_on_idle_cpu),
		TEST(test_still_waiting),
		TEST(test_moved_waiting),
		TEST(test_moved_from_hog),
		TEST(test_moved_from_unknown),
		TEST(test_moved_at_once),
		TEST(test_moved_and_still_waiting),
		TEST(test_moved_often),
		TEST(test_interrupts),
		TEST(test_interrupts_in_part),
		TEST(test_lock_holder),
		TEST(test_late_tape),
		TEST(test_chain),
		TEST(test_many_sleeps),
		TEST(test_born_meanwhile),
		TEST(test_woken_by_bystander),
		TEST(test_hole),
		TEST(test_hole_within),
		TEST(test_stuck),
		TEST(test_nothing),
		TEST(test_many_wakers),
		TEST(test_more),
		TEST(test_slower),
		TEST(test_around),
		TEST(test_other_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
