// SPDX-License-Identifier: GPL-2.0
/*
 * The probes: which events there are, whom they concern, and their way to the
 * tape. The only file that knows tracepoints.
 *
 * A probe is given the recorder. It asks whether a target is concerned, and
 * leaves if not. Each CPU knows whether a target runs on it: sched_switch, which
 * is registered always, looks that up for who comes; settle() for who is there
 * already when he becomes a target.
 *
 * Contexts: sched_switch runs with interrupts off and the rq lock held, as
 * sched_wakeup_new and sched_migrate_task do, or with pi_lock held; sched_waking
 * with preemption off, in any context but NMI; signal_* with siglock held, in any
 * context but NMI; irq_handler_* and local_timer_* in hard irq; softirq_* in softirq,
 * with interrupts on (PREEMPT_RT: in a thread that can be preempted); the others in the
 * task itself (newtask: in its parent). None does anything in NMI context, on which
 * ring.h relies; irq_handler_* alone can be called there, and leave. From none of
 * them but task_rename's may anything be woken or a scheduler's lock be taken.
 *
 * Following births and deaths goes on in every state in which the probes are
 * registered; writing only while recording.
 */
#include <linux/binfmts.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/smp.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <trace/events/irq.h>
#include <trace/events/sched.h>
#include <trace/events/signal.h>
#include <trace/events/syscalls.h>
#include <trace/events/task.h>

#include "probe.h"
#include "recorder.h"

/* ---- Who runs ----------------------------------------------------------- */

/*
 * The slot of the current task if it is a target; else NULL. One load, so that with
 * preemption on it is of the CPU on which the current task runs in that moment.
 */
static __always_inline struct fr_slot *
running_slot(struct fr_ring __percpu *rings)
{
	return this_cpu_read(rings->running);
}

/* Interrupts are off: the target at @slot, which has @tid, runs here from now on. */
static __always_inline void set_running(struct fr_ring *ring,
					struct fr_slot *slot, u32 tid)
{
	WRITE_ONCE(ring->running, slot);
	WRITE_ONCE(ring->running_tid, slot ? tid : 0);
}

/*
 * The current task has become a target, with @slot, or a bystander, or has another
 * tid, without being switched to. A slot that is taken away meanwhile loses its
 * task before fr_probes_settle() comes to this CPU.
 */
static void settle(struct fr_recorder *recorder, struct fr_slot *slot)
{
	unsigned long flags;
	struct fr_ring *ring;

	local_irq_save(flags);
	if (slot && READ_ONCE(slot->task) != current)
		slot = NULL;
	ring = this_cpu_ptr(recorder->rings);
	set_running(ring, slot, current->pid);
	/* The tape may take somebody else to be running. */
	WRITE_ONCE(ring->fast_epoch, FR_EPOCH_NONE);
	local_irq_restore(flags);
}

static void settle_cpu(void *data)
{
	struct fr_recorder *recorder = data;

	settle(recorder, fr_target_find(&recorder->targets, current));
}

/**
 * fr_probes_settle() - let the changed targets be known on all CPUs
 * @recorder: with its probes registered
 *
 * Behind this, who is a target is recorded wherever he runs; who is none any more uses
 * no slot but in probes that have begun. A CPU that comes online meanwhile runs nobody
 * to whom it was not switched with the probes registered.
 *
 * Context: process, may sleep.
 */
void fr_probes_settle(struct fr_recorder *recorder)
{
	on_each_cpu(settle_cpu, recorder, 1);
}

/* ---- Writing ------------------------------------------------------------ */

/* Write a record that does not change the running task. Preemption is off. */
static __always_inline u64 write_record(struct fr_recorder *recorder,
					const struct fr_record *record)
{
	u32 tid = current->pid;

	return fr_ring_write(this_cpu_ptr(recorder->rings), record->words,
			     record->count, tid, tid);
}

/* Likewise, a record of one word. */
static __always_inline u64 write_word(struct fr_recorder *recorder, u64 word)
{
	u32 tid = current->pid;

	return fr_ring_write_word(this_cpu_ptr(recorder->rings), word, tid,
				  tid);
}

/* Keep @identity, which ends now for @reason. */
static void log_end(struct fr_recorder *recorder,
		    struct flightrec_window_task *identity, u32 reason)
{
	identity->until_reason = reason;
	fr_identity_log(&recorder->identities, identity,
			fr_recorder_names_since(recorder));
}

/*
 * A thread that was not the leader of its process has called exec, and takes the
 * leader's tid. Its own one ends here. @identity: it, with the name that goes
 * with the tid as far as that is known.
 */
static void tid_given_up(struct fr_recorder *recorder,
			 struct flightrec_window_task identity, u32 old_tid)
{
	fr_identity_of_given_up(&identity, old_tid);
	log_end(recorder, &identity, FLIGHTREC_UNTIL_EXEC);
}

/*
 * The same of a task that waits in exec for the others to die: once it has the
 * leader's tid nothing tells which one it had, but the slot of a target, until exec
 * is nearly done. So what a window must know in between is logged before; it is
 * logged again with the right end, by rename_task() or process_exec().
 */
static void tid_will_be_given_up(struct fr_recorder *recorder,
				 struct task_struct *task)
{
	struct flightrec_window_task identity;

	fr_identity_of(task, &identity);
	if (fr_target_find(&recorder->targets, task))
		identity.flags |= FLIGHTREC_TASK_TARGET;
	tid_given_up(recorder, identity, identity.tid);
}

/*
 * The tape has not mentioned the task before. If that is on its way out, or in exec
 * on its way to another tid, it may be past the process_exit(), its own or its
 * leader's, that would have logged it: then it is logged here.
 */
static noinline void mention_first(struct fr_recorder *recorder,
				   struct task_struct *task, u32 tid)
{
	struct fr_identities *identities = &recorder->identities;
	u64 oldest_clock = fr_recorder_names_since(recorder);

	fr_identity_mark(identities, tid);
	smp_mb__after_atomic(); /* see fr_identity_log_if_ending() */
	if (fr_exec_waiter(task) == task && !thread_group_leader(task))
		tid_will_be_given_up(recorder, task);
	fr_identity_log_if_ending(identities, task, tid, oldest_clock);
	fr_identity_mark_process(identities, task, oldest_clock);
}

/* Has the tape mentioned the task that has @tid? A target's has. */
static __always_inline bool is_mentioned(const struct fr_recorder *recorder,
					 u32 tid)
{
	return fr_identity_is_seen(&recorder->identities, tid);
}

/*
 * The tape is about to mention a task that may be a bystander. Return: by which tid;
 * exec in another thread may exchange it meanwhile.
 */
static __always_inline u32 mention(struct fr_recorder *recorder,
				   struct task_struct *task)
{
	u32 tid = READ_ONCE(task->pid);

	if (unlikely(!is_mentioned(recorder, tid)))
		mention_first(recorder, task, tid);
	return tid;
}

/* ---- Scheduling --------------------------------------------------------- */

static u32 leaving_state(bool preempt, struct task_struct *prev,
			 unsigned int prev_state)
{
	if (preempt)
		return FLIGHTREC_STATE_PREEMPTED;
	/* Who waits for its end may take it meanwhile. */
	return __task_state_index(prev_state, READ_ONCE(prev->exit_state));
}

/* What a task that leaves the CPU to sleep, or not even that, may have for a state. */
#define USUAL_STATES                                                 \
	(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_WAKEKILL | \
	 TASK_FREEZABLE)

/* The same for one of them. */
static __always_inline u32 usual_leaving_state(bool preempt,
					       unsigned int prev_state)
{
	/* The index is the number of the state's bit, from 1. */
	BUILD_BUG_ON(TASK_RUNNING != 0 || TASK_INTERRUPTIBLE != 1 ||
		     TASK_UNINTERRUPTIBLE != 2);
	if (preempt)
		return FLIGHTREC_STATE_PREEMPTED;
	return prev_state & (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE);
}

/* The policy or priority of a target is another than was last logged. */
static noinline void priority_changed(struct fr_recorder *recorder,
				      struct fr_slot *slot,
				      struct task_struct *task)
{
	struct flightrec_window_task identity;

	fr_identity_of(task, &identity);
	identity.flags |= FLIGHTREC_TASK_TARGET;
	identity.policy = slot->policy;
	identity.prio = slot->prio;
	identity.rt_priority = slot->prio >= 0 && slot->prio < MAX_RT_PRIO ?
				       MAX_RT_PRIO - 1 - slot->prio :
				       0;
	if (slot->prio >= MAX_RT_PRIO)
		identity.nice = PRIO_TO_NICE(slot->prio);
	slot->policy = task->policy;
	slot->prio = task->normal_prio;
	log_end(recorder, &identity, FLIGHTREC_UNTIL_PRIORITY);
}

static bool has_other_priority(const struct fr_slot *slot,
			       const struct task_struct *task)
{
	return slot->prio != task->normal_prio || slot->policy != task->policy;
}

static noinline void target_leaves(struct fr_recorder *recorder,
				   struct fr_slot *slot,
				   struct task_struct *task, unsigned int state)
{
	if (has_other_priority(slot, task))
		priority_changed(recorder, slot, task);
	if (state & TASK_DEAD)
		fr_target_clear(&recorder->targets, task);
}

/* A switch to a task whose tid does not fit the word. */
static noinline void write_long_switch(struct fr_ring *ring, u32 tid,
				       u32 next_tid, u32 state, u32 flags)
{
	struct fr_record record fr_uninitialized;

	fr_record_switch(&record, next_tid, state, flags);
	fr_ring_write(ring, record.words, record.count, tid, next_tid);
}

static __always_inline void write_switch(struct fr_ring *ring, u32 tid,
					 u32 next_tid, u32 state, u32 flags)
{
	if (likely(next_tid < FLIGHTREC_TID_ESCAPE))
		fr_ring_write_word(ring, fr_word_switch(next_tid, state, flags),
				   tid, next_tid);
	else
		write_long_switch(ring, tid, next_tid, state, flags);
}

/*
 * A target waits, or will, for the CPU of @ring: who has it until then is
 * recorded, whoever that is. Preemption is off.
 */
static __always_inline void watch_cpu(struct fr_ring *ring)
{
	if (READ_ONCE(ring->watch) != FLIGHTREC_WATCH_SWITCHES)
		WRITE_ONCE(ring->watch, FLIGHTREC_WATCH_SWITCHES);
}

static __always_inline u32 watched_flag(const struct fr_ring *ring)
{
	return READ_ONCE(ring->watch) ? FLIGHTREC_SWITCH_WATCHED : 0;
}

static __always_inline u32 switch_flags(const struct fr_ring *ring,
					const struct fr_slot *from,
					const struct fr_slot *to)
{
	return (from ? FLIGHTREC_SWITCH_PREV_TARGET : 0) |
	       (to ? FLIGHTREC_SWITCH_NEXT_TARGET : 0) | watched_flag(ring);
}

/* After a switch: @waits: who leaves could go on. */
static __always_inline void switch_watch(struct fr_ring *ring, bool waits,
					 const struct fr_slot *from,
					 const struct fr_slot *to)
{
	if (from && waits)
		watch_cpu(ring);
	else if (to && READ_ONCE(ring->watch))
		WRITE_ONCE(ring->watch, 0);
}

/* One bystander after the other on a CPU that a target waits for. */
static noinline void bystander_switch(struct fr_recorder *recorder,
				      bool preempt, struct task_struct *prev,
				      struct task_struct *next,
				      unsigned int prev_state)
{
	struct fr_ring *ring = this_cpu_ptr(recorder->rings);
	u32 tid, next_tid;

	/* A CPU that idles keeps nobody waiting. */
	if (!prev->pid) {
		WRITE_ONCE(ring->watch, 0);
		return;
	}
	if (!fr_recorder_is_on(recorder))
		return;
	tid = mention(recorder, prev);
	next_tid = mention(recorder, next);
	write_switch(ring, tid, next_tid,
		     leaving_state(preempt, prev, prev_state),
		     watched_flag(ring));
	/*
	 * Only this CPU counts down or clears it, with interrupts off, so it was
	 * not 0 and does not pass 0. A waker elsewhere may have set it anew
	 * meanwhile: that is lost, and some switches fewer are recorded.
	 */
	WRITE_ONCE(ring->watch, next_tid ? READ_ONCE(ring->watch) - 1 : 0);
}

/* A target has left the CPU. */
static __always_inline void time_leaving(struct fr_slot *slot, bool waits,
					 u64 now)
{
	WRITE_ONCE(slot->run_clock, 0);
	WRITE_ONCE(slot->off_clock, now);
	WRITE_ONCE(slot->wait_clock, waits ? now : 0);
}

/*
 * A target, with @tid, has got the CPU @now, perhaps after too long: it has been able
 * to run since @waits, and off the CPU since @off; 0: that is not known.
 */
static noinline void judge_coming(struct fr_recorder *recorder, u32 tid,
				  u64 waits, u64 off, u64 now)
{
	const struct fr_triggers *triggers = &recorder->triggers;
	struct fr_finding finding = { .tid = tid, .nr = -1 };

	/* Woken on another CPU, whose clock was read a little later. */
	if (waits && (s64)(now - waits) > 0 &&
	    now - waits > READ_ONCE(triggers->wait_limit)) {
		finding.condition = FLIGHTREC_TRIGGER_WAIT;
		finding.ticks = now - waits;
		fr_triggers_judge(recorder, &finding);
	}
	if (off && (s64)(now - off) > 0 &&
	    now - off > READ_ONCE(triggers->off_limit)) {
		finding.condition = FLIGHTREC_TRIGGER_OFF;
		finding.ticks = now - off;
		fr_triggers_judge(recorder, &finding);
	}
}

/* A target, with @tid, has got the CPU: for what had it waited, and for how long? */
static __always_inline void time_coming(struct fr_recorder *recorder,
					struct fr_slot *slot, u32 tid, u64 now)
{
	const struct fr_triggers *triggers = &recorder->triggers;
	u64 waits = READ_ONCE(slot->wait_clock);
	u64 off = READ_ONCE(slot->off_clock);

	WRITE_ONCE(slot->off_clock, 0);
	WRITE_ONCE(slot->wait_clock, 0);
	WRITE_ONCE(slot->run_clock, now);
	/* So much also if it is not known since when; then no limit is passed there. */
	if (unlikely(now - waits > READ_ONCE(triggers->wait_limit)) ||
	    unlikely(now - off > READ_ONCE(triggers->off_limit)))
		judge_coming(recorder, tid, waits, off, now);
}

/* For triggers, behind the record. @waits: who leaves could go on. */
static __always_inline void time_switch(struct fr_recorder *recorder,
					bool waits, struct fr_slot *from,
					struct fr_slot *to, u32 next_tid,
					u64 now)
{
	if (from)
		time_leaving(from, waits, now);
	if (to)
		time_coming(recorder, to, next_tid, now);
}

/* A switch in which a target is concerned, whatever is to be done for it. */
static noinline void target_switch_slowly(struct fr_recorder *recorder,
					  bool preempt,
					  struct task_struct *prev,
					  struct task_struct *next,
					  unsigned int prev_state)
{
	struct fr_ring *ring = this_cpu_ptr(recorder->rings);
	struct fr_slot *from = READ_ONCE(ring->running);
	struct fr_slot *to = fr_target_find(&recorder->targets, next);

	/* The slot of one that has ended may have been given to another. */
	if (from && unlikely(READ_ONCE(from->task) != prev))
		from = NULL;
	set_running(ring, to, next->pid);
	if (!from && !to)
		return;
	if (fr_recorder_writes(recorder, FLIGHTREC_EVENTS_SCHED)) {
		u32 tid = from ? prev->pid : mention(recorder, prev);
		u32 next_tid = to ? next->pid : mention(recorder, next);

		write_switch(ring, tid, next_tid,
			     leaving_state(preempt, prev, prev_state),
			     switch_flags(ring, from, to));
		switch_watch(ring, preempt || !prev_state, from, to);
	} else {
		/* The tape does not know of the switch. */
		WRITE_ONCE(ring->fast_epoch, FR_EPOCH_NONE);
	}
	if (static_branch_unlikely(&fr_sched_is_judged))
		time_switch(recorder, preempt || !prev_state, from, to,
			    next->pid, fr_clock());
	if (from && unlikely(has_other_priority(from, prev) ||
			     (!preempt && prev_state & TASK_DEAD)))
		target_leaves(recorder, from, prev, preempt ? 0 : prev_state);
}

/*
 * The same if there is nothing to be done but to write it, as most of the time, and to
 * note down the times, if it is @judged: a constant. Otherwise nothing is called
 * but at the end, so that nothing has to be saved.
 */
static __always_inline void
target_switch_fast(struct fr_recorder *recorder, bool preempt,
		   struct task_struct *prev, struct task_struct *next,
		   unsigned int prev_state, struct fr_slot *from,
		   const bool judged)
{
	u32 next_tid = next->pid;
	struct fr_ring *ring;
	struct fr_slot *to;
	u32 state, flags;
	u64 clock;
	u32 tid;

	if (unlikely(!fr_recorder_writes(recorder, FLIGHTREC_EVENTS_SCHED)) ||
	    unlikely(!fr_target_slot_is(
		    &recorder->targets, next,
		    fr_target_number(&recorder->targets, next), &to)) ||
	    unlikely(!to && !is_mentioned(recorder, next_tid)))
		goto slowly;
	if (from ? unlikely(READ_ONCE(from->task) != prev) ||
			    unlikely(has_other_priority(from, prev)) ||
			    unlikely(READ_ONCE(prev->exit_state)) :
		   unlikely(!is_mentioned(recorder, prev->pid)))
		goto slowly;
	/* Not the end of a task, for one. */
	if (unlikely(prev_state & ~USUAL_STATES) ||
	    unlikely(next_tid >= FLIGHTREC_TID_ESCAPE))
		goto slowly;
	ring = this_cpu_ptr(recorder->rings);
	tid = prev->pid;
	set_running(ring, to, next_tid);
	state = usual_leaving_state(preempt, prev_state);
	flags = switch_flags(ring, from, to);
	switch_watch(ring, preempt || !prev_state, from, to);
	clock = fr_ring_write_word(ring, fr_word_switch(next_tid, state, flags),
				   tid, next_tid);
	if (judged)
		time_switch(recorder, preempt || !prev_state, from, to,
			    next_tid, clock ?: fr_clock());
	return;
slowly:
	target_switch_slowly(recorder, preempt, prev, next, prev_state);
}

static noinline void target_switch(struct fr_recorder *recorder, bool preempt,
				   struct task_struct *prev,
				   struct task_struct *next,
				   unsigned int prev_state,
				   struct fr_slot *from)
{
	target_switch_fast(recorder, preempt, prev, next, prev_state, from,
			   false);
}

static noinline void
target_switch_judged(struct fr_recorder *recorder, bool preempt,
		     struct task_struct *prev, struct task_struct *next,
		     unsigned int prev_state, struct fr_slot *from)
{
	target_switch_fast(recorder, preempt, prev, next, prev_state, from,
			   true);
}

/*
 * This and the other hot probes only ask, and leave the rest to a function that
 * is not inlined: what that needs of stack and registers costs no bystander.
 */
static void probe_sched_switch(void *data, bool preempt,
			       struct task_struct *prev,
			       struct task_struct *next,
			       unsigned int prev_state)
{
	struct fr_recorder *recorder = data;

	struct fr_slot *from = running_slot(recorder->rings);

	if (unlikely(from || fr_target_number(&recorder->targets, next))) {
		if (static_branch_unlikely(&fr_sched_is_judged))
			target_switch_judged(recorder, preempt, prev, next,
					     prev_state, from);
		else
			target_switch(recorder, preempt, prev, next, prev_state,
				      from);
	} else if (unlikely(__this_cpu_read(recorder->rings->watch))) {
		bystander_switch(recorder, preempt, prev, next, prev_state);
	}
}

static __always_inline u32 waker_context(void)
{
	if (in_hardirq())
		return FLIGHTREC_CONTEXT_HARDIRQ;
	if (in_serving_softirq())
		return FLIGHTREC_CONTEXT_SOFTIRQ;
	return FLIGHTREC_CONTEXT_TASK;
}

/* A wake-up of a task whose tid does not fit the word. */
static noinline void write_long_waking(struct fr_recorder *recorder, u32 tid,
				       u32 context, u32 flags)
{
	struct fr_record record fr_uninitialized;

	fr_record_waking(&record, tid, context, flags);
	write_record(recorder, &record);
}

static __always_inline void write_waking(struct fr_recorder *recorder, u32 tid,
					 u32 context, u32 flags)
{
	if (likely(tid < FLIGHTREC_TID_ESCAPE))
		write_word(recorder, fr_word_waking(tid, context, flags));
	else
		write_long_waking(recorder, tid, context, flags);
}

static __always_inline u32 waking_flags(const struct fr_slot *wakee,
					const struct fr_slot *waker)
{
	return (wakee ? FLIGHTREC_WAKING_WAKEE_TARGET : 0) |
	       (waker ? FLIGHTREC_WAKING_WAKER_TARGET : 0);
}

/*
 * A target will be waiting for a CPU, which is not chosen yet: for the one where it
 * ran last, unless it is moved, and then probe_sched_migrate_task() sees it. The rq
 * lock, taken after this to enqueue it, makes the switches there see it.
 */
static __always_inline void watch_wakee(struct fr_recorder *recorder,
					const struct task_struct *task)
{
	watch_cpu(per_cpu_ptr(recorder->rings, task_cpu(task)));
}

/* For triggers: a target off the CPU can run from @now on. */
static __always_inline void time_waking(struct fr_slot *slot, u64 now)
{
	if (READ_ONCE(slot->off_clock) && !READ_ONCE(slot->wait_clock))
		WRITE_ONCE(slot->wait_clock, now);
}

/* A wake-up of a target, or by one, whatever is to be done for it. */
static noinline void target_waking_slowly(struct fr_recorder *recorder,
					  struct task_struct *task,
					  struct fr_slot *waker)
{
	struct fr_slot *wakee = fr_target_find(&recorder->targets, task);
	u32 context, tid;

	/* As in target_switch_slowly(). */
	if (waker && unlikely(READ_ONCE(waker->task) != current))
		waker = NULL;
	if (!wakee && !waker)
		return;
	/* What an interrupt does is not done by the task that it interrupts. */
	context = waker_context();
	if (!wakee && context != FLIGHTREC_CONTEXT_TASK)
		return;
	if (static_branch_unlikely(&fr_sched_is_judged) && wakee)
		time_waking(wakee, fr_clock());
	if (!fr_recorder_is_on(recorder))
		return;
	tid = wakee ? task->pid : mention(recorder, task);
	if (!waker)
		mention(recorder, current);
	if (wakee)
		watch_wakee(recorder, task);
	write_waking(recorder, tid, context, waking_flags(wakee, waker));
}

/* As target_switch_fast(). */
static __always_inline void target_waking_fast(struct fr_recorder *recorder,
					       struct task_struct *task,
					       struct fr_slot *waker,
					       const bool judged)
{
	struct task_struct *by = current;
	u32 by_tid = READ_ONCE(by->pid);
	u32 tid = READ_ONCE(task->pid);
	struct fr_slot *wakee;
	u32 context;
	u64 clock;

	if (unlikely(!fr_recorder_is_on(recorder)) ||
	    unlikely(!fr_target_slot_is(
		    &recorder->targets, task,
		    fr_target_number(&recorder->targets, task), &wakee)))
		goto slowly;
	if (waker ? unlikely(READ_ONCE(waker->task) != by) :
		    unlikely(!is_mentioned(recorder, by_tid)))
		goto slowly;
	context = waker_context();
	if (wakee)
		watch_wakee(recorder, task);
	else if (unlikely(!waker) || context != FLIGHTREC_CONTEXT_TASK ||
		 unlikely(!is_mentioned(recorder, tid)))
		goto slowly;
	if (unlikely(tid >= FLIGHTREC_TID_ESCAPE))
		goto slowly;
	clock = fr_ring_write_word(this_cpu_ptr(recorder->rings),
				   fr_word_waking(tid, context,
						  waking_flags(wakee, waker)),
				   by_tid, by_tid);
	if (judged && wakee)
		time_waking(wakee, clock ?: fr_clock());
	return;
slowly:
	target_waking_slowly(recorder, task, waker);
}

static noinline void target_waking(struct fr_recorder *recorder,
				   struct task_struct *task,
				   struct fr_slot *waker)
{
	target_waking_fast(recorder, task, waker, false);
}

static noinline void target_waking_judged(struct fr_recorder *recorder,
					  struct task_struct *task,
					  struct fr_slot *waker)
{
	target_waking_fast(recorder, task, waker, true);
}

static void probe_sched_waking(void *data, struct task_struct *task)
{
	struct fr_recorder *recorder = data;
	struct fr_slot *waker = running_slot(recorder->rings);

	if (likely(!waker && !fr_target_number(&recorder->targets, task)))
		return;
	if (static_branch_unlikely(&fr_sched_is_judged))
		target_waking_judged(recorder, task, waker);
	else
		target_waking(recorder, task, waker);
}

/* ---- Where who can run waits -------------------------------------------- */

/*
 * sched_wakeup would tell the same at each wake-up, but a call of its probe costs
 * every bystander as much as sched_waking's (see docs/design.md). These two fire
 * rarely, and what they do not tell follows from what is on the tape.
 */

/* A target is put on @cpu, or will be. Interrupts are off. */
static noinline void target_is_placed(struct fr_recorder *recorder,
				      struct task_struct *task, int cpu)
{
	struct fr_record record fr_uninitialized;

	if (!fr_target_find(&recorder->targets, task) ||
	    !fr_recorder_is_on(recorder))
		return;
	mention(recorder, current);
	/* The switches there see it: as in watch_wakee(). */
	watch_cpu(per_cpu_ptr(recorder->rings, cpu));
	fr_record_migrate(&record, task->pid, cpu);
	write_record(recorder, &record);
}

/*
 * Only who is being woken or stands in a queue is moved, and who runs is taken off its
 * CPU first. Kernels from 6.12 on leave who sleeps in a queue for a while: it
 * will wait there when it is woken.
 */
static void probe_sched_migrate_task(void *data, struct task_struct *task,
				     int dest_cpu)
{
	struct fr_recorder *recorder = data;

	if (unlikely(fr_target_number(&recorder->targets, task)))
		target_is_placed(recorder, task, dest_cpu);
}

/*
 * The first CPU of a task is chosen without sched_migrate_task. It is on the queue
 * already, whose lock is held, so nobody has been switched to since.
 */
static void probe_sched_wakeup_new(void *data, struct task_struct *task)
{
	struct fr_recorder *recorder = data;

	if (unlikely(fr_target_number(&recorder->targets, task)))
		target_is_placed(recorder, task, task_cpu(task));
}

/* ---- Interrupts --------------------------------------------------------- */

/*
 * Does a target run on this CPU, or wait for it? A CPU on which one was expected that
 * was put elsewhere stays watched while it idles; it has nobody to run, and is told
 * by that. Preemption is off.
 */
static __always_inline bool irq_matters(const struct fr_recorder *recorder)
{
	/* Of arm64's pseudo NMIs the kernel tells by the same tracepoint. */
	if (unlikely(in_nmi()))
		return false;
	if (running_slot(recorder->rings))
		return true;
	return unlikely(__this_cpu_read(recorder->rings->watch)) &&
	       (current->pid || need_resched());
}

/*
 * Write an IRQ_ENTRY or IRQ_EXIT. It may come in the midst of another record of this
 * CPU: the ring nests. The tid is that of the interrupted task. Preemption is off.
 */
static noinline void write_irq(struct fr_recorder *recorder, u64 word)
{
	if (!fr_recorder_is_on(recorder))
		return;
	mention(recorder, current);
	write_word(recorder, word);
}

/* Likewise, of a handler with a name. */
static noinline void write_named_irq(struct fr_recorder *recorder, int irq,
				     const char *name)
{
	struct fr_record record fr_uninitialized;

	if (!fr_recorder_is_on(recorder))
		return;
	mention(recorder, current);
	fr_record_irq_entry(&record, FLIGHTREC_IRQ_DEVICE, irq, name);
	write_record(recorder, &record);
}

/* The action, and its name, stay until the handler has returned: see free_irq(). */
static void probe_irq_handler_entry(void *data, int irq,
				    struct irqaction *action)
{
	if (irq_matters(data))
		write_named_irq(data, irq, action->name);
}

static void probe_irq_handler_exit(void *data, int irq,
				   struct irqaction *action, int handled)
{
	if (irq_matters(data))
		write_irq(data, fr_word_irq_exit(
					FLIGHTREC_IRQ_DEVICE, irq,
					handled ? FLIGHTREC_IRQ_HANDLED : 0));
}

static void probe_softirq_entry(void *data, unsigned int vector)
{
	fr_probe_begin();
	if (irq_matters(data))
		write_irq(data,
			  fr_word_irq_entry(FLIGHTREC_IRQ_SOFTIRQ, vector));
	fr_probe_end();
}

static void probe_softirq_exit(void *data, unsigned int vector)
{
	fr_probe_begin();
	if (irq_matters(data))
		write_irq(data,
			  fr_word_irq_exit(FLIGHTREC_IRQ_SOFTIRQ, vector, 0));
	fr_probe_end();
}

static void __maybe_unused probe_local_timer_entry(void *data, int vector)
{
	if (irq_matters(data))
		write_irq(data,
			  fr_word_irq_entry(FLIGHTREC_IRQ_LOCAL_TIMER, vector));
}

static void __maybe_unused probe_local_timer_exit(void *data, int vector)
{
	if (irq_matters(data))
		write_irq(data, fr_word_irq_exit(FLIGHTREC_IRQ_LOCAL_TIMER,
						 vector, 0));
}

/* ---- System calls ------------------------------------------------------- */

/* Calls with more arguments than these are not worth code of their own. */
#define FR_FAST_ARGS_MAX 3U

/*
 * A call begins or ends while nothing is written: what the slot says of the call
 * in flight is not true any more. Only the first time since the call began
 * counts (see struct fr_slot).
 */
static noinline void touch_unrecorded(struct fr_slot *slot)
{
	slot->exit_word = 0;
	if (slot->touch_clock <= slot->enter_clock)
		WRITE_ONCE(slot->touch_clock, fr_clock());
}

/*
 * A slot tells of no call (see probe_sys_exit()), then of the next one, then that it
 * does: a live window reads it meanwhile. Neither costs an instruction on x86.
 */
static __always_inline void begin_call(struct fr_slot *slot, u64 call)
{
	/* Pairs with take_call(). */
	smp_wmb();
	slot->call = call;
}

static __always_inline void call_is_told(struct fr_slot *slot, u64 clock)
{
	/* Pairs with take_call(). */
	smp_store_release(&slot->enter_clock, clock);
}

/* Write the call that the slot tells of. */
static noinline void write_enter_slowly(struct fr_recorder *recorder,
					struct fr_slot *slot)
{
	struct fr_record record fr_uninitialized;
	u64 clock;

	fr_record_enter(&record, (s32)slot->call,
			!!(slot->call & FR_CALL_COMPAT), slot->args,
			recorder->args);
	clock = write_record(recorder, &record);
	call_is_told(slot, clock ?: fr_clock());
}

/*
 * A call that the fast path does not take: with a long number, of a 32-bit caller,
 * or with more arguments than it knows.
 */
static noinline void write_any_enter(struct fr_recorder *recorder,
				     struct pt_regs *regs, s32 nr,
				     struct fr_slot *slot)
{
	bool compat = fr_call_is_compat();

	begin_call(slot, (u32)nr | (compat ? FR_CALL_COMPAT : 0));
	slot->exit_word =
		fr_call_is_short(nr, compat, 0) ? fr_word_exit(nr, 0) : 0;
	fr_call_args_any(regs, slot->args, recorder->args);
	write_enter_slowly(recorder, slot);
}

/*
 * Write the words of the call that the slot tells of. Behind this nothing is
 * needed but what stands in the slot, so that nothing has to be saved.
 */
static __always_inline void write_enter_words(struct fr_recorder *recorder,
					      struct fr_ring *ring,
					      struct fr_slot *slot,
					      const struct fr_words words,
					      const unsigned int count)
{
	u64 clock;

	if (likely(fr_ring_try_write(ring, words, count, &clock)))
		call_is_told(slot, clock);
	else
		write_enter_slowly(recorder, slot);
}

/* A call of which @nargs arguments are recorded: a constant. */
static __always_inline void write_enter(struct fr_recorder *recorder,
					struct fr_ring *ring,
					struct pt_regs *regs, s32 nr,
					struct fr_slot *slot,
					const unsigned int nargs)
{
	u64 first = nargs > 0 ? fr_call_arg(regs, 0) : 0;
	u64 second = nargs > 1 ? fr_call_arg(regs, 1) : 0;
	u64 third = nargs > 2 ? fr_call_arg(regs, 2) : 0;

	if (nargs > FR_FAST_ARGS_MAX ||
	    unlikely(!fr_call_is_short(nr, fr_call_is_compat(), 0)) ||
	    unlikely(!fr_values_are_short(second, third))) {
		write_any_enter(recorder, regs, nr, slot);
		return;
	}
	begin_call(slot, (u32)nr);
	slot->exit_word = fr_word_exit(nr, 0);
	if (nargs > 0)
		slot->args[0] = first;
	if (nargs > 1)
		slot->args[1] = second;
	if (nargs > 2)
		slot->args[2] = third;
	if (fr_call_is_short(nr, false, first)) {
		struct fr_words words = {
			.first = fr_word_enter(nr, first),
			.second = fr_word_value(second),
			.third = fr_word_value(third),
		};

		write_enter_words(recorder, ring, slot, words, nargs ?: 1);
	} else if (fr_value_is_short(first)) {
		struct fr_words words = {
			.first = fr_word(FLIGHTREC_WORD_ENTER_LONG, nr),
			.second = fr_word_value(first),
			.third = fr_word_value(second),
			.fourth = fr_word_value(third),
		};

		write_enter_words(recorder, ring, slot, words, 1 + nargs);
	} else {
		write_enter_slowly(recorder, slot);
	}
}

/*
 * The current task's slot again, now that preemption is off, if it was not: a slot
 * that was found before that may have been taken away, and given to another.
 */
static __always_inline struct fr_slot *
running_slot_again(struct fr_ring __percpu *rings, struct fr_slot *slot)
{
	return FR_SYSCALL_PROBE_IS_PREEMPTIBLE ? running_slot(rings) : slot;
}

/* @nargs: how many arguments of a call the recorder writes; a constant. */
static __always_inline void sys_enter(struct fr_recorder *recorder,
				      struct pt_regs *regs, s32 nr,
				      const unsigned int nargs)
{
	struct fr_ring __percpu *rings = recorder->rings;
	struct fr_slot *slot = running_slot(rings);

	if (likely(!slot))
		return;
	fr_syscall_probe_begin();
	slot = running_slot_again(rings, slot);
	if (unlikely(!slot))
		;
	else if (unlikely(!fr_recorder_is_on(recorder)))
		touch_unrecorded(slot);
	else
		write_enter(recorder, this_cpu_ptr(rings), regs, nr, slot,
			    nargs);
	fr_syscall_probe_end();
}

/*
 * One for each number of arguments: which one is registered is settled when
 * recording starts, so no call has to ask for it.
 */
#define DEFINE_PROBE_SYS_ENTER(name, nargs)                                 \
	static void probe_##name(void *data, struct pt_regs *regs, long nr) \
	{                                                                   \
		sys_enter(data, regs, nr, nargs);                           \
	}

DEFINE_PROBE_SYS_ENTER(sys_enter_0, 0)
DEFINE_PROBE_SYS_ENTER(sys_enter_1, 1)
DEFINE_PROBE_SYS_ENTER(sys_enter_2, 2)
DEFINE_PROBE_SYS_ENTER(sys_enter_3, 3)
DEFINE_PROBE_SYS_ENTER(sys_enter_more, FLIGHTREC_ARGS_MAX)

/* The slot tells of no call any more. */
static __always_inline void end_call(struct fr_slot *slot)
{
	slot->exit_word = 0;
	WRITE_ONCE(slot->enter_clock, 0);
}

/* The end of the call that the slot tells of, or of another. */
static noinline void write_any_exit(struct fr_recorder *recorder,
				    struct pt_regs *regs, long result,
				    struct fr_slot *slot)
{
	struct fr_record record fr_uninitialized;
	bool compat;
	s32 nr;

	/*
	 * What the registers say at the end need not be what they said at the
	 * beginning: sigreturn leaves -1, exec may leave another numbering.
	 */
	if (slot->enter_clock > slot->touch_clock) {
		nr = (s32)slot->call;
		compat = slot->call & FR_CALL_COMPAT;
	} else {
		nr = syscall_get_nr(current, regs);
		compat = fr_call_is_compat();
	}
	end_call(slot);
	fr_record_exit(&record, nr, compat, result);
	write_record(recorder, &record);
}

static __always_inline bool ends_as_usual(const struct fr_slot *slot,
					  long result)
{
	return likely(slot->exit_word) &&
	       likely(fr_fits(result, FLIGHTREC_SHORT_BITS));
}

/* What write_exit() leaves to others. */
static noinline void write_exit_slowly(struct fr_recorder *recorder, u64 word)
{
	write_word(recorder, word);
}

static __always_inline void write_exit(struct fr_recorder *recorder,
				       struct fr_ring *ring,
				       struct pt_regs *regs, long result,
				       struct fr_slot *slot)
{
	struct fr_words words = { .first = slot->exit_word };
	u64 clock;

	if (unlikely(!ends_as_usual(slot, result))) {
		write_any_exit(recorder, regs, result, slot);
		return;
	}
	words.first += fr_word_short(result);
	end_call(slot);
	if (unlikely(!fr_ring_try_write(ring, words, 1, &clock)))
		write_exit_slowly(recorder, words.first);
}

/*
 * A call that the slot tells of has ended @now, and its record is written. @enter: when
 * it began, as the slot told, if it did.
 */
static noinline void judge_exit(struct fr_recorder *recorder,
				const struct fr_slot *slot, u64 enter,
				long result, u64 now)
{
	/* Of one that is not known the slot does not tell which call it was, either. */
	if (enter <= READ_ONCE(slot->touch_clock))
		return;
	fr_triggers_judge_call(recorder, current->pid, (s32)slot->call,
			       !!(slot->call & FR_CALL_COMPAT),
			       (s64)(now - enter) > 0 ? now - enter : 0,
			       result);
}

static noinline void write_any_exit_judged(struct fr_recorder *recorder,
					   struct pt_regs *regs, long result,
					   struct fr_slot *slot)
{
	u64 enter = READ_ONCE(slot->enter_clock);

	write_any_exit(recorder, regs, result, slot);
	judge_exit(recorder, slot, enter, result, fr_clock());
}

static noinline void write_exit_slowly_judged(struct fr_recorder *recorder,
					      const struct fr_slot *slot,
					      u64 enter, long result, u64 word)
{
	write_word(recorder, word);
	judge_exit(recorder, slot, enter, result, fr_clock());
}

/*
 * The same while triggers want to know how long it took, or what it returned. What is
 * looked at here lets through what need not be judged: a time that is not known
 * is taken for a long one.
 */
static noinline void write_exit_judged(struct fr_recorder *recorder,
				       struct fr_ring *ring,
				       struct pt_regs *regs, long result,
				       struct fr_slot *slot)
{
	u64 enter = READ_ONCE(slot->enter_clock);
	struct fr_words words = { .first = slot->exit_word };
	u64 clock;

	if (unlikely(!ends_as_usual(slot, result))) {
		write_any_exit_judged(recorder, regs, result, slot);
		return;
	}
	words.first += fr_word_short(result);
	end_call(slot);
	if (unlikely(!fr_ring_try_write(ring, words, 1, &clock)))
		write_exit_slowly_judged(recorder, slot, enter, result,
					 words.first);
	else if (unlikely(clock - enter >
			  READ_ONCE(recorder->triggers.call_limit)) ||
		 IS_ERR_VALUE(result))
		judge_exit(recorder, slot, enter, result, clock);
}

static void probe_sys_exit(void *data, struct pt_regs *regs, long result)
{
	struct fr_recorder *recorder = data;
	struct fr_ring __percpu *rings = recorder->rings;
	struct fr_slot *slot = running_slot(rings);

	if (likely(!slot))
		return;
	fr_syscall_probe_begin();
	slot = running_slot_again(rings, slot);
	if (unlikely(!slot))
		;
	else if (unlikely(!fr_recorder_is_on(recorder)))
		touch_unrecorded(slot);
	else if (static_branch_unlikely(&fr_calls_are_judged))
		write_exit_judged(recorder, this_cpu_ptr(rings), regs, result,
				  slot);
	else
		write_exit(recorder, this_cpu_ptr(rings), regs, result, slot);
	fr_syscall_probe_end();
}

/* ---- Births, execs, names, deaths --------------------------------------- */

static void task_newtask(struct fr_recorder *recorder,
			 struct task_struct *child, unsigned long clone_flags)
{
	struct fr_slot *born =
		fr_target_inherit(&recorder->targets, current, child);
	struct fr_slot *parent = fr_target_find(&recorder->targets, current);
	struct fr_record record fr_uninitialized;
	u32 flags = 0;

	fr_sparing_born(recorder, child, born);
	if (static_branch_unlikely(&fr_sched_is_judged) && born)
		time_leaving(born, true, fr_clock());
	if ((!born && !parent) || !fr_recorder_is_on(recorder))
		return;
	mention(recorder, child);
	mention(recorder, current);
	if (clone_flags & CLONE_THREAD)
		flags |= FLIGHTREC_NEWTASK_THREAD;
	if (born)
		flags |= FLIGHTREC_NEWTASK_TARGET;
	if (child->flags & (PF_KTHREAD | PF_IO_WORKER))
		flags |= FLIGHTREC_NEWTASK_KERNEL;
	fr_record_newtask(&record, child->pid, flags, clone_flags);
	write_record(recorder, &record);
}

static void probe_task_newtask(void *data, struct task_struct *child,
			       FR_CLONE_FLAGS clone_flags)
{
	fr_probe_begin();
	task_newtask(data, child, clone_flags);
	fr_probe_end();
}

/*
 * The slot of a task that takes a name or ends. In exec, or in an exit from the
 * midst of it, the task may have another tid than the index knows it by; then
 * every slot is looked at.
 */
static struct fr_slot *slot_in_exec(struct fr_targets *targets,
				    struct task_struct *task)
{
	struct fr_slot *slot = fr_target_find(targets, task);

	if (!slot && READ_ONCE(targets->tasks) && task == current &&
	    thread_group_leader(task))
		slot = fr_targets_resolve(targets, task);
	return slot;
}

/* Log the tid that exec has taken from a target, if it has. */
static void log_given_up(struct fr_recorder *recorder, struct fr_slot *slot,
			 const struct flightrec_window_task *identity)
{
	struct flightrec_window_task given_up;
	u32 old_tid = slot ? READ_ONCE(slot->old_tid) : 0;

	if (!old_tid)
		return;
	given_up = *identity;
	given_up.start_mono_ns = slot->start_mono_ns;
	tid_given_up(recorder, given_up, old_tid);
	/* The log's lock lies between: a window has it from here or from there. */
	WRITE_ONCE(slot->old_tid, 0);
}

/* Something has happened to the current task that no limit belongs to. */
static noinline void judge_current(struct fr_recorder *recorder, u32 condition,
				   s64 value)
{
	const struct fr_finding finding = {
		.condition = condition,
		.tid = current->pid,
		.value = value,
		.nr = -1,
	};

	fr_triggers_judge(recorder, &finding);
}

static void process_exec(struct fr_recorder *recorder, struct task_struct *task,
			 u32 old_tid, struct linux_binprm *binprm)
{
	struct fr_slot *slot = fr_target_find(&recorder->targets, task);
	struct flightrec_window_task identity;
	struct fr_record record fr_uninitialized;

	/* Of a bystander only the name after exec is known. */
	if (!slot && old_tid != task->pid &&
	    fr_identity_is_seen(&recorder->identities, old_tid)) {
		fr_identity_of(task, &identity);
		tid_given_up(recorder, identity, old_tid);
	}
	if (!slot || !fr_recorder_is_on(recorder))
		return;
	fr_record_exec(&record, old_tid, binprm->filename,
		       strlen(binprm->filename));
	write_record(recorder, &record);
	if (fr_triggers_have(&recorder->triggers, FLIGHTREC_TRIGGER_EXEC))
		judge_current(recorder, FLIGHTREC_TRIGGER_EXEC, 0);
}

static void probe_sched_process_exec(void *data, struct task_struct *task,
				     pid_t old_tid, struct linux_binprm *binprm)
{
	fr_probe_begin();
	process_exec(data, task, old_tid, binprm);
	fr_probe_end();
}

/*
 * A leader ends since another thread has called exec, and will take its tid. That
 * one is safe to look at: it is released only after it has been taken out of
 * its process's signal struct, and we are in a reader's section of RCU.
 */
static void leader_exit_in_exec(struct fr_recorder *recorder,
				const struct task_struct *leader)
{
	struct task_struct *heir = fr_exec_waiter(leader);

	if (heir && heir != leader &&
	    fr_identity_is_seen(&recorder->identities, heir->pid))
		tid_will_be_given_up(recorder, heir);
}

/* Is this the end of the task's process? Its thread count is down by now. */
static bool is_last_thread(struct task_struct *task)
{
	return !atomic_read(&task->signal->live);
}

/* The current process has ended, with @code as wait() has it. */
static void judge_end(struct fr_recorder *recorder, u32 code)
{
	u32 signal = code & 0x7f;
	u32 condition = signal ? FLIGHTREC_TRIGGER_SIGNAL :
				 FLIGHTREC_TRIGGER_EXIT;
	u32 value = signal ?: code >> 8 & 0xff;

	if (value && fr_triggers_have(&recorder->triggers, condition))
		judge_current(recorder, condition, value);
}

static void process_exit(struct fr_recorder *recorder, struct task_struct *task)
{
	struct fr_slot *slot = slot_in_exec(&recorder->targets, task);
	struct flightrec_window_task identity;
	struct fr_record record fr_uninitialized;

	if (slot && fr_recorder_is_on(recorder)) {
		fr_record_task_exit(
			&record, task->exit_code,
			is_last_thread(task) ? FLIGHTREC_TASK_EXIT_GROUP : 0);
		write_record(recorder, &record);
		WRITE_ONCE(slot->enter_clock, 0);
		if (is_last_thread(task))
			judge_end(recorder, task->exit_code);
	} else if (slot) {
		touch_unrecorded(slot);
	}
	/* PF_EXITING was set, then this: see fr_identity_log_if_ending(). */
	smp_mb();
	if (thread_group_leader(task))
		leader_exit_in_exec(recorder, task);
	if (fr_identity_is_seen(&recorder->identities, task->pid)) {
		fr_identity_of(task, &identity);
		identity.exit_code = task->exit_code;
		if (slot)
			identity.flags |= FLIGHTREC_TASK_TARGET;
		log_given_up(recorder, slot, &identity);
		log_end(recorder, &identity, FLIGHTREC_UNTIL_EXIT);
	}
	if (!slot)
		return;
	/*
	 * Its last switch gives the slot back, and must know of it. If the index
	 * has no room for it, who comes back from a sleep on the way there would
	 * not be known; no call follows any more.
	 */
	if (!fr_target_number(&recorder->targets, task)) {
		fr_target_clear(&recorder->targets, task);
		slot = NULL;
	}
	settle(recorder, slot);
}

static void probe_sched_process_exit(void *data, struct task_struct *task)
{
	fr_probe_begin();
	process_exit(data, task);
	fr_probe_end();
}

/* Likewise, where the tracepoint says whether it is the last thread. */
static void probe_sched_process_exit_group(void *data, struct task_struct *task,
					   bool group_dead)
{
	probe_sched_process_exit(data, task);
}

static void write_rename(struct fr_recorder *recorder, struct task_struct *task,
			 const char *comm)
{
	struct fr_record record fr_uninitialized;

	mention(recorder, current);
	fr_record_rename(&record, task->pid, comm);
	write_record(recorder, &record);
}

/* The record first: it is the last one of the old name. */
static void rename_task(struct fr_recorder *recorder, struct task_struct *task,
			const char *comm)
{
	struct fr_targets *targets = &recorder->targets;
	struct fr_slot *slot = slot_in_exec(targets, task);
	struct flightrec_window_task identity;

	/* Who becomes a target by his new name had an old one, too. */
	if (fr_target_match(targets, task, comm))
		/* On any CPU: who has this one may keep it. */
		queue_work(fr_unbound_workqueue(), &recorder->settle);
	if (!slot)
		slot = fr_target_find(targets, task);
	/* In exec it has got another tid, perhaps. */
	if (task == current)
		settle(recorder, slot);
	if (slot && fr_recorder_is_on(recorder))
		write_rename(recorder, task, comm);
	if (!fr_identity_is_seen(&recorder->identities, task->pid))
		return;
	fr_identity_of(task, &identity);
	if (slot)
		identity.flags |= FLIGHTREC_TASK_TARGET;
	log_given_up(recorder, slot, &identity);
	log_end(recorder, &identity, FLIGHTREC_UNTIL_RENAME);
}

static void probe_task_rename(void *data, struct task_struct *task,
			      const char *comm)
{
	fr_probe_begin();
	rename_task(data, task, comm);
	fr_probe_end();
}

/* ---- Signals ------------------------------------------------------------ */

/*
 * The si_code. Instead of a siginfo the kernel passes SEND_SIG_NOINFO (a user's
 * kill without one) and SEND_SIG_PRIV (the kernel's own), which are no pointers.
 */
static s32 signal_code(const struct kernel_siginfo *info)
{
	if (info == SEND_SIG_NOINFO)
		return SI_USER;
	if (info == SEND_SIG_PRIV)
		return SI_KERNEL;
	return info->si_code;
}

static void signal_generate(struct fr_recorder *recorder, int sig,
			    struct kernel_siginfo *info,
			    struct task_struct *receiver, int group, int result)
{
	struct fr_slot *to = fr_target_find(&recorder->targets, receiver);
	struct fr_slot *from = fr_target_find(&recorder->targets, current);
	struct fr_record record fr_uninitialized;
	u32 tid;

	if (likely(!to && !from) || !fr_recorder_is_on(recorder))
		return;
	if (!to && waker_context() != FLIGHTREC_CONTEXT_TASK)
		return;
	if (unlikely(READ_ONCE(receiver->__state) == TASK_NEW))
		fr_identity_mark_unborn(&recorder->identities);
	tid = mention(recorder, receiver);
	mention(recorder, current);
	fr_record_signal_generate(&record, tid, sig, result, signal_code(info),
				  group);
	write_record(recorder, &record);
}

static void probe_signal_generate(void *data, int sig,
				  struct kernel_siginfo *info,
				  struct task_struct *task, int group,
				  int result)
{
	fr_probe_begin();
	signal_generate(data, sig, info, task, group, result);
	fr_probe_end();
}

static u32 signal_handler(const struct k_sigaction *action)
{
	if (action->sa.sa_handler == SIG_DFL)
		return FLIGHTREC_HANDLER_DEFAULT;
	if (action->sa.sa_handler == SIG_IGN)
		return FLIGHTREC_HANDLER_IGNORE;
	return FLIGHTREC_HANDLER_FUNCTION;
}

static void signal_deliver(struct fr_recorder *recorder, int sig,
			   struct kernel_siginfo *info,
			   struct k_sigaction *action)
{
	struct fr_slot *slot = fr_target_find(&recorder->targets, current);
	struct fr_record record fr_uninitialized;

	if (likely(!slot) || !fr_recorder_is_on(recorder))
		return;
	fr_record_signal_deliver(&record, sig, signal_handler(action),
				 signal_code(info), action->sa.sa_flags);
	write_record(recorder, &record);
}

static void probe_signal_deliver(void *data, int sig,
				 struct kernel_siginfo *info,
				 struct k_sigaction *action)
{
	fr_probe_begin();
	signal_deliver(data, sig, info, action);
	fr_probe_end();
}

/* ---- The table ---------------------------------------------------------- */

/**
 * struct probe - a probe and its tracepoint
 * @name: of the tracepoint
 * @function: the probe
 * @groups: FLIGHTREC_EVENTS_* with which it is registered; 0: always
 * @nargs: with how many arguments of a call; ANY_NARGS: always
 * @tracepoint: found by fr_probes_find()
 */
struct probe {
	const char *name;
	void *function;
	u32 groups;
	u32 nargs;
	struct tracepoint *tracepoint;
};

#define ANY_NARGS  (~0U)
#define MORE_NARGS (FR_FAST_ARGS_MAX + 1)

#define PROBE_OF_EXIT                              \
	FR_PROBE_OF_EXIT(probe_sched_process_exit, \
			 probe_sched_process_exit_group)
#define PROBE(event, in_groups)                            \
	{                                                  \
		.name = #event, .function = probe_##event, \
		.groups = (in_groups), .nargs = ANY_NARGS, \
	}
#define PROBE_SYS_ENTER(variant, for_nargs)                                 \
	{                                                                   \
		.name = "sys_enter", .function = probe_sys_enter_##variant, \
		.groups = FLIGHTREC_EVENTS_SYSCALLS, .nargs = (for_nargs)   \
	}

/*
 * In the order in which they are registered: births and deaths first, so that
 * whoever is found to be a target is followed. Taking a name comes last: it can make
 * a task a target, whose slot is given back by the probe of its last switch.
 */
static struct probe probes[] = {
	PROBE(task_newtask, 0),
	{ .name = "sched_process_exit",
	  .function = PROBE_OF_EXIT,
	  .nargs = ANY_NARGS },
	PROBE(sched_process_exec, 0),
	PROBE(signal_generate, 0),
	PROBE(signal_deliver, 0),
	PROBE(sched_switch, 0),
	PROBE(sched_waking, FLIGHTREC_EVENTS_SCHED),
	PROBE(sched_wakeup_new, FLIGHTREC_EVENTS_SCHED),
	PROBE(sched_migrate_task, FLIGHTREC_EVENTS_SCHED),
	PROBE_SYS_ENTER(0, 0),
	PROBE_SYS_ENTER(1, 1),
	PROBE_SYS_ENTER(2, 2),
	PROBE_SYS_ENTER(3, 3),
	PROBE_SYS_ENTER(more, MORE_NARGS),
	PROBE(sys_exit, FLIGHTREC_EVENTS_SYSCALLS),
	PROBE(irq_handler_entry, FLIGHTREC_EVENTS_IRQ),
	PROBE(irq_handler_exit, FLIGHTREC_EVENTS_IRQ),
	PROBE(softirq_entry, FLIGHTREC_EVENTS_IRQ),
	PROBE(softirq_exit, FLIGHTREC_EVENTS_IRQ),
#if FR_HAS_LOCAL_TIMER
	PROBE(local_timer_entry, FLIGHTREC_EVENTS_IRQ),
	PROBE(local_timer_exit, FLIGHTREC_EVENTS_IRQ),
#endif
	PROBE(task_rename, 0),
};

/* A prototype that has changed is an error here, not garbage at run time. */
static void __maybe_unused check_prototypes(void)
{
	check_trace_callback_type_task_newtask(probe_task_newtask);
	check_trace_callback_type_sched_process_exit(PROBE_OF_EXIT);
	check_trace_callback_type_sched_process_exec(probe_sched_process_exec);
	check_trace_callback_type_task_rename(probe_task_rename);
	check_trace_callback_type_signal_generate(probe_signal_generate);
	check_trace_callback_type_signal_deliver(probe_signal_deliver);
	check_trace_callback_type_sched_switch(probe_sched_switch);
	check_trace_callback_type_sched_waking(probe_sched_waking);
	check_trace_callback_type_sched_wakeup_new(probe_sched_wakeup_new);
	check_trace_callback_type_sched_migrate_task(probe_sched_migrate_task);
	check_trace_callback_type_irq_handler_entry(probe_irq_handler_entry);
	check_trace_callback_type_irq_handler_exit(probe_irq_handler_exit);
	check_trace_callback_type_softirq_entry(probe_softirq_entry);
	check_trace_callback_type_softirq_exit(probe_softirq_exit);
#if FR_HAS_LOCAL_TIMER
	check_trace_callback_type_local_timer_entry(probe_local_timer_entry);
	check_trace_callback_type_local_timer_exit(probe_local_timer_exit);
#endif
	check_trace_callback_type_sys_enter(probe_sys_enter_0);
	check_trace_callback_type_sys_enter(probe_sys_enter_1);
	check_trace_callback_type_sys_enter(probe_sys_enter_2);
	check_trace_callback_type_sys_enter(probe_sys_enter_3);
	check_trace_callback_type_sys_enter(probe_sys_enter_more);
	check_trace_callback_type_sys_exit(probe_sys_exit);
}

static void note_tracepoint(struct tracepoint *tracepoint, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tracepoint->name, probes[i].name))
			probes[i].tracepoint = tracepoint;
}

/**
 * fr_probes_find() - find the kernel's tracepoints by name
 *
 * Context: process, at load. Return: 0; -ENOENT if one is missing (named in the
 * log).
 */
int fr_probes_find(void)
{
	unsigned int i;
	int error = 0;

	for_each_kernel_tracepoint(note_tracepoint, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (probes[i].tracepoint)
			continue;
		pr_err("this kernel has no tracepoint %s\n", probes[i].name);
		error = -ENOENT;
	}
	return error;
}

static bool is_wanted(const struct probe *probe,
		      const struct fr_recorder *recorder)
{
	u32 nargs = min(recorder->args, MORE_NARGS);

	return (!probe->groups || probe->groups & recorder->config.events) &&
	       (probe->nargs == ANY_NARGS || probe->nargs == nargs);
}

static void unregister_first(struct fr_recorder *recorder, unsigned int count)
{
	while (count--)
		if (is_wanted(&probes[count], recorder))
			tracepoint_probe_unregister(probes[count].tracepoint,
						    probes[count].function,
						    recorder);
}

/**
 * fr_probes_register() - attach a recorder's probes
 * @recorder: with its memory
 *
 * Context: process. Return: 0 or an errno, and then none is attached; but some
 * may still be running: synchronize before freeing what they use.
 */
int fr_probes_register(struct fr_recorder *recorder)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		int error = 0;

		if (is_wanted(&probes[i], recorder))
			error = tracepoint_probe_register(probes[i].tracepoint,
							  probes[i].function,
							  recorder);
		if (error) {
			unregister_first(recorder, i);
			return error;
		}
	}
	return 0;
}

/**
 * fr_probes_are_alone() - are calls traced by nobody else?
 * @recorder: with its probes registered, system calls among them
 *
 * Context: any. Return: whether that is so, of this moment. Who has come, and has not
 * gone, is noticed; and so may be who is about to come or has just gone.
 */
bool fr_probes_are_alone(const struct fr_recorder *recorder)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].groups & FLIGHTREC_EVENTS_SYSCALLS &&
		    is_wanted(&probes[i], recorder) &&
		    !fr_tracepoint_has_only(probes[i].tracepoint,
					    probes[i].function))
			return false;
	return true;
}

/* Detach them all; they were all attached. */
void fr_probes_unregister(struct fr_recorder *recorder)
{
	unregister_first(recorder, ARRAY_SIZE(probes));
}
