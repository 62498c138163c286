// SPDX-License-Identifier: GPL-2.0
/* Identities: who a tid was, until when. See identity.h. */
#include <linux/cred.h>
#include <linux/math64.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "clock.h"
#include "identity.h"
#include "target.h"

/* How many entries are copied with interrupts off at a time. */
#define COPY_BATCH 64U

static u32 innermost_tid(struct task_struct *task)
{
	/* Exec in another thread may exchange it. */
	struct pid *pid = READ_ONCE(task->thread_pid);

	return pid ? pid->numbers[pid->level].nr : READ_ONCE(task->pid);
}

/**
 * fr_identity_of() - who a task is
 * @task: cannot go away meanwhile
 * @identity: (out) filled in but for what ended it
 *
 * Nothing keeps another task from running meanwhile: what it changes of itself, or
 * others do of it, is seen as it was before or as it is then, each field for itself.
 *
 * Context: any but NMI.
 */
void fr_identity_of(struct task_struct *task,
		    struct flightrec_window_task *identity)
{
	memset(identity, 0, sizeof(*identity));
	identity->tid = READ_ONCE(task->pid);
	identity->tgid = READ_ONCE(task->tgid);
	identity->policy = READ_ONCE(task->policy);
	identity->rt_priority = READ_ONCE(task->rt_priority);
	identity->nice = PRIO_TO_NICE(READ_ONCE(task->static_prio));
	identity->prio = READ_ONCE(task->normal_prio);
	identity->start_mono_ns = READ_ONCE(task->start_time);
	if (READ_ONCE(task->flags) & PF_KTHREAD)
		identity->flags |= FLIGHTREC_TASK_KERNEL;
	/* Exec in another thread takes that from it. */
	if (data_race(thread_group_leader(task)))
		identity->flags |= FLIGHTREC_TASK_LEADER;
	/* Not strscpy: the name may change meanwhile, and must end up padded. */
	data_race(memcpy(identity->comm, task->comm, sizeof(identity->comm)));
	identity->comm[FLIGHTREC_COMM_BYTES - 1] = 0;
	memset(identity->comm + strnlen(identity->comm, FLIGHTREC_COMM_BYTES),
	       0,
	       FLIGHTREC_COMM_BYTES -
		       strnlen(identity->comm, FLIGHTREC_COMM_BYTES));
	rcu_read_lock();
	/* Once the task is released nobody keeps its parent alive for it. */
	if (data_race(pid_alive(task)))
		identity->ppid = rcu_dereference(task->real_parent)->tgid;
	identity->ns_tid = innermost_tid(task);
	identity->uid = __kuid_val(task_uid(task));
	rcu_read_unlock();
}

static struct flightrec_window_task *entry_at(struct fr_identities *identities,
					      u64 i)
{
	u32 at;

	div_u64_rem(i, identities->capacity, &at);
	return &identities->log[at];
}

/**
 * fr_identity_log() - keep an identity that has ended
 * @identities: where
 * @identity: with its end filled in; until_clock 0: it ends now
 * @oldest_clock: to where the tape reaches back
 *
 * Evicts the oldest entry when full. If that ended after @oldest_clock, records
 * may still refer to it: then it counts as missed.
 *
 * Context: any but NMI; the rq lock or the targets' may be held.
 */
void fr_identity_log(struct fr_identities *identities,
		     const struct flightrec_window_task *identity,
		     u64 oldest_clock)
{
	struct flightrec_window_task *entry;
	unsigned long flags;

	raw_spin_lock_irqsave(&identities->lock, flags);
	entry = entry_at(identities, identities->count);
	/* Written once each: who counts or shows them takes no lock. */
	if (identities->count >= identities->capacity) {
		WRITE_ONCE(identities->names_clock,
			   max(identities->names_clock, entry->until_clock));
		if (entry->until_clock >= oldest_clock)
			WRITE_ONCE(identities->missed, identities->missed + 1);
	}
	*entry = *identity;
	/* Under the lock: entries of one tid stand in this order. */
	if (!entry->until_clock)
		entry->until_clock = fr_clock();
	WRITE_ONCE(identities->count, identities->count + 1);
	raw_spin_unlock_irqrestore(&identities->lock, flags);
}

/**
 * fr_identity_log_if_ending() - keep who was mentioned too late for its end to be seen
 * @identities: the store
 * @task: cannot go away meanwhile
 * @tid: its tid, marked before, then smp_mb__after_atomic()
 * @oldest_clock: as for fr_identity_log(); 0: not known, what is evicted is missed
 *
 * A task that is mentioned for the first time may be past its process_exit(), which
 * logs those that are seen: then it is logged here, perhaps a second time. Marked, then
 * the flag is looked at; there the flag is set, then the mark looked at.
 *
 * Of two that mention it first at once, the second finds it seen, perhaps before the
 * first has logged it. A window taken in between still has it: the first runs with
 * preemption off since before the mark, and a window waits for all that do, between
 * the cut and the walk through the names.
 *
 * Context: any but NMI, preemption off; the rq lock or the targets' may be held.
 */
void fr_identity_log_if_ending(struct fr_identities *identities,
			       struct task_struct *task, u32 tid,
			       u64 oldest_clock)
{
	struct flightrec_window_task identity;

	if (!(READ_ONCE(task->flags) & PF_EXITING))
		return;
	fr_identity_of(task, &identity);
	/* Exec has taken it meanwhile: its heir has it, and lives. */
	if (identity.tid != tid)
		return;
	identity.exit_code = READ_ONCE(task->exit_code);
	identity.until_reason = FLIGHTREC_UNTIL_EXIT;
	fr_identity_log(identities, &identity, oldest_clock);
}

/**
 * fr_identity_mark_process() - the tape mentions a task: so it does its process
 * @identities: the store
 * @task: cannot go away meanwhile; may have ended
 * @oldest_clock: as for fr_identity_log_if_ending()
 *
 * A thread is shown as one of its process, which the leader names; and what concerns
 * the process concerns the leader. Where that is gone for good nothing more can.
 *
 * A thread that has been released has a group_leader that nobody keeps alive for it;
 * but its signal_struct stays as long as itself, and has the leader's pid until the
 * leader is released.
 *
 * Context: any but NMI, preemption off; the rq lock or the targets' may be held.
 */
void fr_identity_mark_process(struct fr_identities *identities,
			      struct task_struct *task, u64 oldest_clock)
{
	u32 tgid = READ_ONCE(task->tgid);
	struct task_struct *leader;

	if (fr_identity_is_seen(identities, tgid))
		return;
	rcu_read_lock();
	/* Its release clears it meanwhile. */
	leader = pid_task(data_race(task_tgid(task)), PIDTYPE_TGID);
	/* Not marked without it: who mentions the tid itself would not log it then. */
	if (leader) {
		fr_identity_mark(identities, tgid);
		smp_mb__after_atomic(); /* see fr_identity_log_if_ending() */
		fr_identity_log_if_ending(identities, leader, tgid,
					  oldest_clock);
	}
	rcu_read_unlock();
}

/**
 * fr_identity_mark_unborn() - a task is about to be mentioned before its birth is told
 * @identities: the store
 *
 * A task is in the lists before task_newtask: who finds it there may send it a signal.
 * Its birth is to leave the mark where it is then.
 *
 * Context: any but NMI, preemption off.
 */
void fr_identity_mark_unborn(struct fr_identities *identities)
{
	u64 now = ktime_get_ns();
	u64 last = READ_ONCE(identities->unborn_mono_ns);

	/* Never back: another one who has read the time later may have been here. */
	while (last < now &&
	       !try_cmpxchg64(&identities->unborn_mono_ns, &last, now))
		;
	smp_mb(); /* told, then marked: pairs with fr_identity_born() */
}

/**
 * fr_identity_born() - a new task has a tid, which the tape has not mentioned yet
 * @identities: the store
 * @child: the task; it has not run yet
 *
 * The mark that is cleared is of who had the tid before, unless a task was mentioned
 * before its birth since this one got its tid. With a mark too many it has a name
 * that nobody asks for; but since the mark says that its process has one, too, that
 * gets it here.
 *
 * Context: any but NMI, preemption off; the targets' lock may be held.
 */
void fr_identity_born(struct fr_identities *identities,
		      struct task_struct *child)
{
	u64 unborn_mono_ns;

	clear_bit(child->pid, identities->seen);
	/* Cleared, then looked at: pairs with fr_identity_mark_unborn(). */
	smp_mb__after_atomic();
	unborn_mono_ns = READ_ONCE(identities->unborn_mono_ns);
	if (!unborn_mono_ns || unborn_mono_ns < child->start_time)
		return;
	fr_identity_mark(identities, child->pid);
	fr_identity_mark_process(identities, child, 0);
}

/*
 * Does the tape mention the task, by its tid @tid, and does it live? One that has
 * ended has been logged, though it may wait for its parent in the lists.
 */
static bool is_seen_alive(const struct fr_identities *identities,
			  const struct task_struct *task, u32 tid)
{
	return fr_identity_is_seen(identities, tid) &&
	       !READ_ONCE(task->exit_state);
}

/* How many living tasks the tape mentions. Context: process. */
u32 fr_identities_count_living(const struct fr_identities *identities)
{
	struct task_struct *process, *thread;
	u32 count = 0;

	rcu_read_lock();
	for_each_process_thread(process, thread)
		count += is_seen_alive(identities, thread,
				       READ_ONCE(thread->pid));
	rcu_read_unlock();
	return count;
}

/* Fill @to with who @task is, or was until exec took its tid @tid from it. */
static void copy_one(struct fr_targets *targets, struct task_struct *task,
		     u32 tid, struct flightrec_window_task *to)
{
	fr_identity_of(task, to);
	if (to->tid != tid)
		fr_identity_of_given_up(to, tid);
	to->until_clock = FR_UNTIL_CUT_CLOCK;
	preempt_disable();
	if (fr_target_find(targets, task))
		to->flags |= FLIGHTREC_TASK_TARGET;
	preempt_enable();
}

/*
 * The tids that exec has taken from targets, and that are not logged yet: a target
 * that is not the leader takes the leader's tid, and only when it takes its new
 * name, later in exec, is its own one logged. Nobody has it meanwhile, so the walk
 * over the living does not find it. Under rcu_read_lock().
 */
static u32 copy_given_up(struct fr_targets *targets,
			 struct flightrec_window_task *to, u32 room, u32 count)
{
	struct fr_given_up given_up;
	u32 number = 0;

	while ((number =
			fr_targets_next_given_up(targets, number, &given_up))) {
		if (count < room) {
			copy_one(targets, given_up.task, given_up.tid,
				 &to[count]);
			to[count].start_mono_ns = given_up.start_mono_ns;
		}
		count++;
	}
	return count;
}

/**
 * fr_identities_copy_living() - the identities of living tasks
 * @identities: says who is mentioned
 * @targets: says who is a target
 * @to: entries to fill
 * @room: how many there are
 *
 * Call this before fr_identities_copy_log(): a task that ends in between is in
 * both, one that ended before is in the log.
 *
 * Context: process. Return: how many there are; more than @room if they did not
 * all fit.
 */
u32 fr_identities_copy_living(const struct fr_identities *identities,
			      struct fr_targets *targets,
			      struct flightrec_window_task *to, u32 room)
{
	struct task_struct *process, *thread;
	u32 count = 0;

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		/* Exec in another thread may give the task another meanwhile. */
		u32 tid = READ_ONCE(thread->pid);

		if (!is_seen_alive(identities, thread, tid))
			continue;
		if (count < room)
			copy_one(targets, thread, tid, &to[count]);
		count++;
	}
	/* Whose tid was taken before the walk is found now, or is in the log. */
	count = copy_given_up(targets, to, room, count);
	rcu_read_unlock();
	return count;
}

/**
 * fr_identities_copy_log() - the identities that have ended
 * @identities: the store
 * @to: entries to fill
 * @room: how many there are; more than fr_identities_held(), since tasks end
 *	meanwhile
 *
 * In batches, so that interrupts are never off for long.
 *
 * Context: process. Return: how many were copied; @room if there may be more.
 */
u32 fr_identities_copy_log(struct fr_identities *identities,
			   struct flightrec_window_task *to, u32 room)
{
	unsigned long flags;
	u32 copied = 0;
	u32 batch;
	u64 i = 0;

	do {
		raw_spin_lock_irqsave(&identities->lock, flags);
		if (identities->count > identities->capacity)
			i = max(i, identities->count - identities->capacity);
		for (batch = 0; batch < COPY_BATCH && copied < room &&
				i < identities->count;
		     batch++)
			to[copied++] = *entry_at(identities, i++);
		raw_spin_unlock_irqrestore(&identities->lock, flags);
		cond_resched();
	} while (batch == COPY_BATCH);
	return copied;
}

/* Does the next entry evict one? A moment's answer. Context: any. */
bool fr_identities_are_full(const struct fr_identities *identities)
{
	return READ_ONCE(identities->count) >= identities->capacity;
}

u32 fr_identities_held(struct fr_identities *identities)
{
	return min_t(u64, READ_ONCE(identities->count), identities->capacity);
}

void fr_identities_init(struct fr_identities *identities)
{
	raw_spin_lock_init(&identities->lock);
}

/* What fr_identities_alloc() will allocate, in bytes. */
u64 fr_identities_need(u32 capacity)
{
	return FR_TID_LIMIT / BITS_PER_BYTE +
	       (u64)capacity * sizeof(struct flightrec_window_task);
}

/* @capacity: 1 to FR_IDENTITIES_MAX. Context: process. Return: 0 or -ENOMEM. */
int fr_identities_alloc(struct fr_identities *identities, u32 capacity)
{
	identities->seen = vzalloc(BITS_TO_LONGS(FR_TID_LIMIT) * sizeof(long));
	identities->log =
		vzalloc(array_size(capacity, sizeof(*identities->log)));
	if (!identities->seen || !identities->log) {
		fr_identities_free(identities);
		return -ENOMEM;
	}
	identities->capacity = capacity;
	return 0;
}

/* No probe may be running. */
void fr_identities_free(struct fr_identities *identities)
{
	vfree(identities->seen);
	vfree(identities->log);
	identities->seen = NULL;
	identities->log = NULL;
	identities->capacity = 0;
	identities->count = 0;
	identities->names_clock = 0;
	identities->missed = 0;
	identities->unborn_mono_ns = 0;
}

/* Memory held, in bytes. */
u64 fr_identities_bytes(const struct fr_identities *identities)
{
	return identities->seen ? fr_identities_need(identities->capacity) : 0;
}
