// SPDX-License-Identifier: GPL-2.0
/* Sparing bystanders. See sparing.h. */
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "probe.h"
#include "recorder.h"
#include "sparing.h"

/*
 * So often is looked for another tracer. Who comes is promised every call of every
 * task within a second; the other half of that is for the grace periods of restore().
 */
#define LOOK_JIFFIES (HZ / 2)

/* ---- All tasks ---------------------------------------------------------- */

/*
 * Whoever is in the kernel's lists now and stays there is come to: who calls exec and
 * takes his leader's place among the processes was, and stays, among the threads.
 * Kernel threads have flags, too, for the programs that they start.
 */
static void for_all_tasks(struct fr_recorder *recorder,
			  void (*function)(struct fr_recorder *recorder,
					   struct task_struct *task))
{
	struct task_struct *leader, *thread;

	rcu_read_lock();
	for_each_process_thread(leader, thread)
		function(recorder, thread);
	rcu_read_unlock();
}

static void spare_one(struct fr_recorder *recorder, struct task_struct *task)
{
	if (fr_task_has_calls_traced(task))
		fr_target_spare(&recorder->targets, task);
}

static void trace_one(struct fr_recorder *recorder, struct task_struct *task)
{
	if (!fr_task_has_calls_traced(task))
		fr_task_trace_calls(task);
}

/*
 * The kernel copies the flag from parent to child under tasklist_lock, right behind
 * putting the child into the lists, so that a walk without that lock may come between;
 * task_newtask's probe follows, with preemption off, and then the child runs. So
 * a birth either finds here what is set first, or its probe is over behind the grace
 * period, and the walk comes to the child. What it misses costs a bystander time, and
 * nobody an event: the flag of a target is never cleared, since both is done under
 * the targets' lock.
 */
static void spare(struct fr_recorder *recorder)
{
	/* The targets, then births: who clears a child's flag must see both. */
	fr_targets_spare(&recorder->targets, true, true);
	/* Pairs with fr_sparing_born(). */
	smp_store_release(&recorder->sparing.births, FR_BIRTHS_SPARED);
	synchronize_rcu();
	for_all_tasks(recorder, spare_one);
}

/*
 * Nobody clears a flag behind the first grace period. Then:
 *
 *  - the first walk gives it to everybody but children whose parents the kernel asked
 *    for it before the walk had come to them. Those children are in the lists, and get
 *    it from task_newtask's probe before they run. So behind the walk, whoever runs has
 *    it, and the kernel copies it to whom he creates;
 *  - behind the second grace period all copies that were made of a parent without it
 *    are done (tasklist_lock is held, and that is a reader's section: preemption is
 *    off, and where locks sleep they say so to RCU). Their children may still wait for
 *    the probe; the second walk comes to them;
 *  - so all have it, and pass it on: the probe is not needed any more. Behind the
 *    third grace period it does not set it any more either: it must not when the
 *    kernel has taken it away from all.
 */
static void restore(struct fr_recorder *recorder)
{
	struct fr_sparing *sparing = &recorder->sparing;

	/* Who becomes a target before the walk comes to him has it at once, as before. */
	fr_targets_spare(&recorder->targets, true, false);
	WRITE_ONCE(sparing->births, FR_BIRTHS_TRACED);
	synchronize_rcu();
	for_all_tasks(recorder, trace_one);
	synchronize_rcu();
	for_all_tasks(recorder, trace_one);
	fr_targets_spare(&recorder->targets, false, false);
	WRITE_ONCE(sparing->births, FR_BIRTHS_LEFT);
	synchronize_rcu();
}

/* ---- Other tracers ------------------------------------------------------ */

static void end(struct fr_recorder *recorder, u32 state)
{
	struct fr_sparing *sparing = &recorder->sparing;

	if (sparing->state == FLIGHTREC_SPARING_ON)
		restore(recorder);
	WRITE_ONCE(sparing->state, state);
}

/* On any CPU: one may be taken by a real-time hog. */
static void look_later(struct fr_sparing *sparing)
{
	queue_delayed_work(fr_unbound_workqueue(), &sparing->watch,
			   LOOK_JIFFIES);
}

static void look(struct work_struct *work)
{
	struct fr_recorder *recorder = container_of(
		to_delayed_work(work), struct fr_recorder, sparing.watch);
	struct fr_sparing *sparing = &recorder->sparing;

	mutex_lock(&sparing->lock);
	if (sparing->state == FLIGHTREC_SPARING_ON) {
		if (fr_probes_are_alone(recorder))
			look_later(sparing);
		else
			end(recorder, FLIGHTREC_SPARING_ENDED);
	}
	mutex_unlock(&sparing->lock);
}

/* ---- What others call --------------------------------------------------- */

/* @sparing is zeroed memory. */
void fr_sparing_init(struct fr_sparing *sparing)
{
	mutex_init(&sparing->lock);
	INIT_DELAYED_WORK(&sparing->watch, look);
}

static bool is_wanted(const struct fr_recorder *recorder)
{
	return recorder->config.flags & FLIGHTREC_CONFIG_SPARING &&
	       recorder->events & FLIGHTREC_EVENTS_SYSCALLS;
}

/**
 * fr_sparing_begin() - spare bystanders, if that is configured, and nobody minds
 * @recorder: with its probes registered and its targets marked
 *
 * Context: process, sleeps for a grace period; the recorder's lock is held for writing.
 */
void fr_sparing_begin(struct fr_recorder *recorder)
{
	struct fr_sparing *sparing = &recorder->sparing;

	if (!is_wanted(recorder))
		return;
	mutex_lock(&sparing->lock);
	if (fr_probes_are_alone(recorder)) {
		spare(recorder);
		WRITE_ONCE(sparing->state, FLIGHTREC_SPARING_ON);
		look_later(sparing);
	} else {
		WRITE_ONCE(sparing->state, FLIGHTREC_SPARING_REFUSED);
	}
	mutex_unlock(&sparing->lock);
}

/**
 * fr_sparing_again() - slots were given back without their tasks
 * @recorder: with its probes registered
 *
 * Context: process, the recorder's lock is held for writing.
 */
void fr_sparing_again(struct fr_recorder *recorder)
{
	struct fr_sparing *sparing = &recorder->sparing;

	mutex_lock(&sparing->lock);
	if (sparing->state == FLIGHTREC_SPARING_ON)
		for_all_tasks(recorder, spare_one);
	mutex_unlock(&sparing->lock);
}

/**
 * fr_sparing_end() - the probes are about to be detached
 * @recorder: with its probes registered
 *
 * Behind this all tasks' flags are as the kernel has left them, and nothing of us
 * touches them any more.
 *
 * Context: process, sleeps for grace periods; the recorder's lock is held for writing.
 */
void fr_sparing_end(struct fr_recorder *recorder)
{
	struct fr_sparing *sparing = &recorder->sparing;

	mutex_lock(&sparing->lock);
	end(recorder, FLIGHTREC_SPARING_OFF);
	mutex_unlock(&sparing->lock);
	/* One that is under way sees that, and does not come again. */
	cancel_delayed_work_sync(&sparing->watch);
}

/**
 * fr_sparing_born() - a new task's flag
 * @recorder: with its probes registered
 * @child: it is in the lists, has got what its parent had, and has not run yet
 * @is_target: whether it is one, as was found after that
 *
 * Who makes a target of a child that was none sets its flag after that, and after the
 * kernel's copy; else that may have undone it.
 *
 * Context: the probe of task_newtask, preemption off.
 */
void fr_sparing_born(struct fr_recorder *recorder, struct task_struct *child,
		     bool is_target)
{
	/* Pairs with spare(). */
	switch (smp_load_acquire(&recorder->sparing.births)) {
	case FR_BIRTHS_SPARED:
		if (is_target)
			trace_one(recorder, child);
		else
			spare_one(recorder, child);
		break;
	case FR_BIRTHS_TRACED:
		trace_one(recorder, child);
		break;
	}
}
