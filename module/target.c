// SPDX-License-Identifier: GPL-2.0
/* Targets: the index, the slots, the specs. See target.h. */
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "target.h"

/* ---- The index. All of it under the lock. ------------------------------- */

static u32 index_get(struct fr_targets *targets, u32 tid)
{
	struct fr_chunk *chunk = targets->index[tid / FR_CHUNK_TIDS];

	return chunk ? chunk->slot[tid % FR_CHUNK_TIDS] : 0;
}

static struct fr_chunk *index_chunk(struct fr_targets *targets, u32 tid)
{
	struct fr_chunk **at = &targets->index[tid / FR_CHUNK_TIDS];
	struct fr_chunk *chunk = *at;

	if (chunk || !targets->free_chunks_count)
		return chunk;
	chunk = &targets->chunks
			 [targets->free_chunks[--targets->free_chunks_count]];
	/* A free chunk is all zeros; its user sees that before the pointer. */
	smp_store_release(at, chunk);
	return chunk;
}

static void index_put(struct fr_targets *targets, u32 tid, u32 number)
{
	struct fr_chunk *chunk = targets->index[tid / FR_CHUNK_TIDS];
	u16 *entry = &chunk->slot[tid % FR_CHUNK_TIDS];

	chunk->used += !!number - !!*entry;
	/* Publish: the slot is filled. Pairs with fr_target_find(). */
	smp_store_release(entry, (u16)number);
	if (!chunk->used) {
		/*
		 * A probe may still look into the chunk while it serves other
		 * tids. It compares the slot's task, and finds none.
		 */
		WRITE_ONCE(targets->index[tid / FR_CHUNK_TIDS], NULL);
		targets->free_chunks[targets->free_chunks_count++] =
			chunk - targets->chunks;
	}
}

/* ---- The slots. All of it under the lock. ------------------------------- */

/*
 * Take a slot out of the index. It is free at once if its task's probes are
 * done with it (it is dead, or it is the caller), else after a grace period.
 */
static void slot_release(struct fr_targets *targets, u32 number, bool limbo)
{
	struct fr_slot *slot = &targets->slots[number];

	if (index_get(targets, slot->tid) == number)
		index_put(targets, slot->tid, 0);
	WRITE_ONCE(slot->task, NULL);
	WRITE_ONCE(targets->tasks, targets->tasks - 1);
	if (limbo) {
		targets->limbo[targets->limbo_count] = number;
		/* Looked at without the lock by fr_targets_reclaim(). */
		WRITE_ONCE(targets->limbo_count, targets->limbo_count + 1);
	} else {
		targets->free_slots[targets->free_slots_count++] = number;
	}
}

/* Look at every slot: the index does not know, or tells of another task. */
static u32 slot_search(struct fr_targets *targets,
		       const struct task_struct *task)
{
	u32 number;

	for (number = 1; number <= targets->slots_top; number++)
		if (targets->slots[number].task == task)
			return number;
	return 0;
}

/* The number of the task's slot if the index leads to it; else 0. */
static u32 slot_at_tid(struct fr_targets *targets,
		       const struct task_struct *task)
{
	u32 number = index_get(targets, READ_ONCE(task->pid));

	return number && targets->slots[number].task == task ? number : 0;
}

static u32 slot_of(struct fr_targets *targets, const struct task_struct *task)
{
	u32 number = slot_at_tid(targets, task);
	bool in_exec;

	if (number)
		return number;
	/*
	 * Only exec gives another tid: to a leader, and to the one that was. Who
	 * gets it waits in exec until after that, and is the leader before it
	 * is said to wait no more.
	 */
	in_exec = fr_exec_waiter(task) == task;
	smp_rmb(); /* see above */
	if (!in_exec && !thread_group_leader((struct task_struct *)task) &&
	    !READ_ONCE(task->exit_state))
		return 0;
	return slot_search(targets, task);
}

/* Exec has given the slot's task another tid. */
static void slot_move(struct fr_targets *targets, u32 number, u32 tid)
{
	struct fr_slot *slot = &targets->slots[number];
	u32 other = index_get(targets, tid);

	/* The leader's, which is dead. Its tid is another by now. */
	if (other)
		slot_release(targets, other, false);
	if (index_get(targets, slot->tid) == number)
		index_put(targets, slot->tid, 0);
	WRITE_ONCE(slot->old_tid, slot->tid);
	slot->tid = tid;
	if (!index_chunk(targets, tid)) {
		/*
		 * No room: the task is one of those that are missed, from its
		 * next switch on. Until then it may be running, and using its
		 * slot: that is given back when it ends.
		 */
		WRITE_ONCE(targets->missed, targets->missed + 1);
		return;
	}
	fr_identity_mark(targets->identities, tid);
	index_put(targets, tid, number);
	/* While the index did not lead to it, it was taken for a bystander. */
	if (targets->traces)
		fr_task_trace_calls(slot->task);
}

/*
 * All but @task, which makes it the task's. What others look at without the lock
 * is written at once: @flags by mark_thread(), @enter_clock by copy_calls().
 */
static void slot_fill(struct fr_slot *slot, const struct task_struct *task,
		      u32 tid, u32 flags)
{
	WRITE_ONCE(slot->enter_clock, 0);
	slot->tid = tid;
	slot->old_tid = 0;
	slot->tgid = task->tgid;
	slot->start_mono_ns = task->start_time;
	WRITE_ONCE(slot->flags, flags);
	slot->prio = task->normal_prio;
	slot->policy = task->policy;
	slot->call = 0;
	slot->exit_word = 0;
	slot->touch_clock = 0;
	memset(slot->args, 0, sizeof(slot->args));
	WRITE_ONCE(slot->run_clock, 0);
	WRITE_ONCE(slot->off_clock, 0);
	WRITE_ONCE(slot->wait_clock, 0);
}

static struct fr_slot *slot_take(struct fr_targets *targets,
				 struct task_struct *task, u32 flags)
{
	/* Exec in another thread may give it another one meanwhile. */
	u32 tid = READ_ONCE(task->pid);
	struct fr_slot *slot;
	u32 number;

	if (!targets->free_slots_count || !index_chunk(targets, tid)) {
		/* Who adds a target is told; a birth or a name is counted. */
		if (!(flags & FR_SLOT_NEW))
			WRITE_ONCE(targets->missed, targets->missed + 1);
		return NULL;
	}
	/*
	 * Whoever held the tid before is dead: its last switch is over, or will
	 * find no slot.
	 */
	number = index_get(targets, tid);
	if (number) {
		slot_release(targets, number, false);
		/* That may have freed the chunk; there is one for us then. */
		index_chunk(targets, tid);
	}
	number = targets->free_slots[--targets->free_slots_count];
	/* Looked at without the lock by fr_targets_next_given_up(). */
	WRITE_ONCE(targets->slots_top, max(targets->slots_top, number));
	slot = &targets->slots[number];
	slot_fill(slot, task, tid, flags);
	/* Seen, then a target: the probes do not test it for targets. */
	fr_identity_mark(targets->identities, tid);
	smp_mb__after_atomic(); /* see fr_identity_log_if_ending() */
	/* How far the tape reaches is not known here: what is evicted may be missed. */
	fr_identity_log_if_ending(targets->identities, task, tid, 0);
	fr_identity_mark_process(targets->identities, task, 0);
	WRITE_ONCE(slot->task, task);
	WRITE_ONCE(targets->tasks, targets->tasks + 1);
	index_put(targets, tid, number);
	if (targets->traces)
		fr_task_trace_calls(task);
	return slot;
}

/**
 * fr_targets_resolve() - find a task's slot when the index does not lead to it
 * @targets: whose targets
 * @task: a task that cannot go away meanwhile
 *
 * Exec in a thread that is not the leader exchanges tids with the leader, which
 * has ended by then (exit_state) but may still have its last switch before it.
 * So a task that has ended does not own its tid, and leaves the index as it is; a
 * living one does: its slot moves, and what else stands there is a dead one's.
 *
 * Context: as fr_target_find(). Looks at each slot once, with the lock held.
 * Return: NULL for a bystander.
 */
noinline struct fr_slot *fr_targets_resolve(struct fr_targets *targets,
					    struct task_struct *task)
{
	struct fr_slot *slot = NULL;
	unsigned long flags;
	u32 number, tid;

	raw_spin_lock_irqsave(&targets->lock, flags);
	number = slot_search(targets, task);
	if (number)
		slot = &targets->slots[number];
	/*
	 * The tid, then the end: the leader's end was seen by whoever exchanged
	 * the tids, so who sees the exchange sees the end.
	 */
	tid = READ_ONCE(task->pid);
	smp_rmb(); /* see above */
	if (READ_ONCE(task->exit_state))
		goto out;
	if (!number) {
		number = index_get(targets, tid);
		if (number)
			slot_release(targets, number, false);
	} else if (slot->tid != tid) {
		slot_move(targets, number, tid);
		if (slot->task != task)
			slot = NULL;
	}
out:
	raw_spin_unlock_irqrestore(&targets->lock, flags);
	return slot;
}

/*
 * A slot that is there gets more flags: those of a call that may yet fail apart
 * from the others, see settle().
 */
static void slot_add_flags(struct fr_slot *slot, u32 flags)
{
	u32 more = flags & FLIGHTREC_TARGET_FOLLOW & ~slot->flags;

	if (!(flags & FR_SLOT_NEW))
		WRITE_ONCE(slot->flags, (slot->flags | more) & ~FR_SLOT_NEW);
	else if (slot->flags & FR_SLOT_NEW)
		WRITE_ONCE(slot->flags, slot->flags | more);
	else if (more)
		WRITE_ONCE(slot->flags, slot->flags | FR_SLOT_FOLLOW_NEW);
}

/* With which flags a task's child begins; 0: not as a target. */
static u32 slot_child_flags(const struct fr_slot *slot)
{
	if (slot->flags & FLIGHTREC_TARGET_FOLLOW)
		return slot->flags & ~FR_SLOT_FOLLOW_NEW;
	if (slot->flags & FR_SLOT_FOLLOW_NEW)
		return FLIGHTREC_TARGET_FOLLOW | FR_SLOT_NEW;
	return 0;
}

/*
 * Has the task come to its end, so that it may be past sched_process_exit? The
 * flag is set on the way there.
 */
static bool task_is_ending(const struct task_struct *task)
{
	return READ_ONCE(task->exit_state) ||
	       READ_ONCE(task->flags) & PF_EXITING;
}

/**
 * fr_target_set() - make a task a target
 * @targets: whose targets
 * @task: cannot go away meanwhile
 * @flags: FLIGHTREC_TARGET_FOLLOW
 * @taken: (out, or NULL) whether it was none before
 *
 * One that is ending gets no slot: its tid may have gone to another already.
 *
 * Context: any but NMI.
 * Return: its slot, or NULL if there is no room (counted) or the task is ending.
 */
struct fr_slot *fr_target_set(struct fr_targets *targets,
			      struct task_struct *task, u32 flags, bool *taken)
{
	struct fr_slot *slot = NULL;
	unsigned long irq;
	u32 number;

	raw_spin_lock_irqsave(&targets->lock, irq);
	number = slot_of(targets, task);
	if (taken)
		*taken = !number;
	if (number) {
		slot = &targets->slots[number];
		slot_add_flags(slot, flags);
	} else if (!task_is_ending(task)) {
		slot = slot_take(targets, task, flags);
	}
	raw_spin_unlock_irqrestore(&targets->lock, irq);
	return slot;
}

/* Return: whether it was one. */
static bool target_clear(struct fr_targets *targets, struct task_struct *task,
			 bool limbo)
{
	unsigned long flags;
	u32 number;

	raw_spin_lock_irqsave(&targets->lock, flags);
	number = slot_of(targets, task);
	if (number)
		slot_release(targets, number, limbo);
	/* One that lives on goes on as a bystander. */
	if (number && limbo && targets->spares)
		fr_task_spare_calls(task);
	raw_spin_unlock_irqrestore(&targets->lock, flags);
	return number;
}

/**
 * fr_target_clear() - a target has gone
 * @targets: whose targets
 * @task: the current task in its last switch, or one that is past it
 *
 * Context: any but NMI.
 */
void fr_target_clear(struct fr_targets *targets, struct task_struct *task)
{
	target_clear(targets, task, false);
}

/**
 * fr_target_spare() - do not trace the calls of a task, if it is no target
 * @targets: whose targets
 * @task: cannot go away meanwhile
 *
 * For one in the midst of exec, to which the index does not lead yet, see slot_move().
 *
 * Context: any but NMI.
 */
void fr_target_spare(struct fr_targets *targets, struct task_struct *task)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&targets->lock, flags);
	if (targets->spares && !slot_at_tid(targets, task))
		fr_task_spare_calls(task);
	raw_spin_unlock_irqrestore(&targets->lock, flags);
}

/**
 * fr_targets_spare() - from now on who is a target has its calls traced, alone
 * @targets: whose targets
 * @traces: who becomes one has
 * @spares: who becomes none has not
 *
 * Changes no task. Behind this, without @spares, no task's calls cease to be traced;
 * without @traces, none begin to be.
 *
 * Context: any but NMI.
 */
void fr_targets_spare(struct fr_targets *targets, bool traces, bool spares)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&targets->lock, flags);
	targets->traces = traces;
	targets->spares = spares;
	raw_spin_unlock_irqrestore(&targets->lock, flags);
}

/*
 * The locked half of fr_target_inherit(): what is left of the tid's predecessor
 * goes, then the child gets a slot if its parent still has one. In one section,
 * so that nobody makes the child a target, or its parent a bystander, in
 * between.
 */
static struct fr_slot *slot_inherit(struct fr_targets *targets,
				    const struct fr_slot *parent_slot,
				    const struct task_struct *parent,
				    struct task_struct *child)
{
	struct fr_slot *slot = NULL;
	unsigned long irq;
	u32 flags = 0;
	u32 number;

	raw_spin_lock_irqsave(&targets->lock, irq);
	number = index_get(targets, child->pid);
	if (number && targets->slots[number].task == child) {
		slot = &targets->slots[number];
		goto out;
	}
	if (number)
		slot_release(targets, number, false);
	fr_identity_born(targets->identities, child);
	if (parent_slot && parent_slot->task == parent)
		flags = slot_child_flags(parent_slot);
	if (flags)
		slot = slot_take(targets, child, flags);
	/* Is it missed? That is known when the call that adds its parent is done. */
	if (!slot && flags & FR_SLOT_NEW)
		targets->missed_new++;
out:
	raw_spin_unlock_irqrestore(&targets->lock, irq);
	return slot;
}

/**
 * fr_target_inherit() - decide whether a new task is a target
 * @targets: whose targets
 * @parent: the current task
 * @child: the new one; it is in the lists, and has not run yet
 *
 * Races with mark_threads(), which sets the parent and then looks for its
 * threads: here the child is in the lists, then, behind a full barrier, the
 * parent is tested. Whichever comes first, one of the two sets the child.
 *
 * Every birth on the machine comes here: it looks, and locks only if there is
 * something to do.
 *
 * Context: process, preemption off. Return: the child's slot, or NULL.
 */
struct fr_slot *fr_target_inherit(struct fr_targets *targets,
				  struct task_struct *parent,
				  struct task_struct *child)
{
	struct fr_slot *slot;

	/* Pairs with the barrier in mark_thread(). */
	smp_mb();
	slot = fr_target_find(targets, parent);
	if (likely(!slot && !fr_target_number(targets, child) &&
		   !fr_identity_is_seen(targets->identities, child->pid)))
		return NULL;
	return slot_inherit(targets, slot, parent, child);
}

/* ---- Marking what a spec names ------------------------------------------ */

/*
 * Return: 1 if the thread became a target, 0 if it was one or is gone, -ENOSPC
 * if there is no room.
 */
static int mark_thread(struct fr_targets *targets, struct task_struct *task,
		       u32 flags)
{
	struct fr_slot *slot;
	bool taken;

	if (task_is_ending(task))
		return 0;
	preempt_disable();
	slot = fr_target_find(targets, task);
	preempt_enable();
	if (slot && (READ_ONCE(slot->flags) & flags) == (flags & ~FR_SLOT_NEW))
		return 0;
	if (!fr_target_set(targets, task, flags, &taken))
		return task_is_ending(task) ? 0 : -ENOSPC;
	/*
	 * The target is set, then its threads are looked for: pairs with
	 * fr_target_inherit(). And it is set, then its end is looked for: if
	 * that has not come yet, the exit and the last switch are still ahead
	 * and will clear the slot; if it has, they may be over. So they may if
	 * it was a target a moment ago, and its slot had to be taken again.
	 */
	smp_mb();
	if (taken && task_is_ending(task)) {
		target_clear(targets, task, true);
		return 0;
	}
	return taken;
}

/*
 * All threads of a process. If those that they create are to be recorded, too, a
 * pass can miss a thread that is born behind it by one that it had not come to
 * yet; so go on until a pass finds nothing new. That comes to an end: behind the
 * first pass all threads are targets, so that what they create is one at its birth,
 * or there is no slot for it, and then for us neither. Without FOLLOW it would not:
 * a process that keeps creating threads would keep us here, with preemption off
 * if we come from a probe. But then those that are there now are all that were
 * asked for, and one pass sees them all.
 * Called under rcu_read_lock().
 */
static int mark_threads(struct fr_targets *targets, struct task_struct *leader,
			u32 flags)
{
	struct task_struct *thread;
	int all = 0;
	int pass;

	do {
		pass = 0;
		for_each_thread(leader, thread) {
			int one = mark_thread(targets, thread, flags);

			if (one < 0)
				return one;
			pass += one;
		}
		all += pass;
	} while (pass && flags & FLIGHTREC_TARGET_FOLLOW);
	return all;
}

static bool comm_equals(const struct task_struct *task, const u8 *comm)
{
	return !strncmp(task->comm, comm, FLIGHTREC_COMM_BYTES);
}

/* Every process whose leader has the name, and every other thread that has. */
static int mark_comm(struct fr_targets *targets, const u8 *comm, u32 flags)
{
	struct task_struct *leader, *thread;
	int all = 0;

	for_each_process_thread(leader, thread) {
		int some = 0;

		if (thread == leader && comm_equals(leader, comm))
			some = mark_threads(targets, leader, flags);
		else if (comm_equals(thread, comm))
			some = mark_thread(targets, thread, flags);
		if (some < 0)
			return some;
		all += some;
	}
	return all;
}

/**
 * fr_target_match() - a task takes a name: is it one to be recorded?
 * @targets: whose targets
 * @task: the task; in exec and prctl the current one
 * @comm: the name it takes
 *
 * Exec comes here too: it always sets the name, when the process has no other
 * thread left.
 *
 * Context: process, preemption off; task_lock held, up to 6.13.
 * Return: whether tasks have become targets that may be running elsewhere. If there
 * was no room for all, those are known from their next switches on.
 */
bool fr_target_match(struct fr_targets *targets, struct task_struct *task,
		     const char *comm)
{
	/* Whom the name makes a target beside, or instead of, the current task. */
	bool others = task != current ||
		      (thread_group_leader(task) && !thread_group_empty(task));
	struct fr_spec *spec;
	unsigned long irq;
	bool match = false;
	int marked;
	u32 flags = 0;

	if (likely(!READ_ONCE(targets->comm_specs)))
		return false;
	raw_spin_lock_irqsave(&targets->lock, irq);
	list_for_each_entry(spec, &targets->specs, link) {
		/* Exec tells all of a long name, of which the kernel keeps so much. */
		if (spec->what.kind != FLIGHTREC_TARGET_COMM ||
		    strncmp(spec->what.comm, comm, FLIGHTREC_COMM_BYTES - 1))
			continue;
		match = true;
		flags |= spec->what.flags;
	}
	raw_spin_unlock_irqrestore(&targets->lock, irq);
	if (!match)
		return false;
	rcu_read_lock();
	if (thread_group_leader(task))
		marked = mark_threads(targets, task, flags);
	else
		marked = mark_thread(targets, task, flags);
	rcu_read_unlock();
	return marked > 0 && others;
}

/* Who has @tid; NULL: nobody. Under rcu_read_lock(). */
static struct task_struct *task_at(u32 tid)
{
	return pid_task(find_pid_ns(tid, &init_pid_ns), PIDTYPE_PID);
}

/**
 * fr_targets_next_given_up() - a target whose tid exec has taken from it
 * @targets: whose targets
 * @number: look behind this slot; 0: from the first one
 * @given_up: (out) what is known of it
 *
 * Such a target has its process's tid, for which its slot tells the process: so
 * the slot's task is compared, never followed.
 *
 * Context: any but NMI, under rcu_read_lock(); takes the lock once a slot.
 * Return: the number of its slot; 0: no more.
 */
u32 fr_targets_next_given_up(struct fr_targets *targets, u32 number,
			     struct fr_given_up *given_up)
{
	while (++number <= READ_ONCE(targets->slots_top)) {
		struct fr_slot *slot = &targets->slots[number];
		const struct task_struct *task;
		unsigned long flags;
		u32 old_tid, tid, tgid;

		if (!READ_ONCE(slot->task))
			continue;
		raw_spin_lock_irqsave(&targets->lock, flags);
		task = slot->task;
		tgid = slot->tgid;
		tid = slot->tid;
		old_tid = READ_ONCE(slot->old_tid);
		given_up->start_mono_ns = slot->start_mono_ns;
		raw_spin_unlock_irqrestore(&targets->lock, flags);
		/* Has the slot moved already, or has the task alone? */
		given_up->tid = old_tid ?: tid;
		if (!task || (!old_tid && task_at(tid) == task))
			continue;
		given_up->task = task_at(tgid);
		if (given_up->task == task &&
		    !READ_ONCE(given_up->task->exit_state))
			return number;
	}
	return 0;
}

/* ---- Specs. The recorder's lock is held for writing. -------------------- */

static enum pid_type spec_pid_type(const struct fr_spec *spec)
{
	return spec->what.kind == FLIGHTREC_TARGET_TGID ? PIDTYPE_TGID :
							  PIDTYPE_PID;
}

/* Under rcu_read_lock(). */
static struct task_struct *spec_task(const struct fr_spec *spec)
{
	return pid_task(spec->pid, spec_pid_type(spec));
}

/**
 * fr_spec_create() - what an ioctl asks for, looked up
 * @target: checked already; the id is one of the caller's pid namespace
 *
 * Return: the spec, for fr_spec_destroy(); -ESRCH or -ENOMEM.
 */
struct fr_spec *fr_spec_create(const struct flightrec_target *target)
{
	struct fr_spec *spec = kzalloc(sizeof(*spec), GFP_KERNEL);

	if (!spec)
		return ERR_PTR(-ENOMEM);
	spec->what.kind = target->kind;
	spec->what.flags = target->flags;
	memcpy(spec->what.comm, target->comm, sizeof(spec->what.comm));
	if (target->kind == FLIGHTREC_TARGET_COMM)
		return spec;
	spec->pid = find_get_pid(target->id);
	if (!spec->pid) {
		kfree(spec);
		return ERR_PTR(-ESRCH);
	}
	spec->what.id = pid_nr(spec->pid);
	return spec;
}

/* Takes NULL. */
void fr_spec_destroy(struct fr_spec *spec)
{
	if (!spec)
		return;
	put_pid(spec->pid);
	kfree(spec);
}

/* Is there a thread that has not ended? Names have no life of their own. */
bool fr_spec_is_alive(const struct fr_spec *spec)
{
	struct task_struct *task, *thread;
	bool alive = false;

	if (spec->what.kind == FLIGHTREC_TARGET_COMM)
		return true;
	rcu_read_lock();
	task = spec_task(spec);
	if (task && spec->what.kind == FLIGHTREC_TARGET_TID)
		alive = !task_is_ending(task);
	else if (task)
		for_each_thread(task, thread)
			alive |= !task_is_ending(thread);
	rcu_read_unlock();
	return alive;
}

static bool spec_equals(const struct fr_spec *a, const struct fr_spec *b)
{
	return a->what.kind == b->what.kind && a->pid == b->pid &&
	       !memcmp(a->what.comm, b->what.comm, sizeof(a->what.comm));
}

/* The spec that names the same as @like, or NULL. */
struct fr_spec *fr_targets_spec(struct fr_targets *targets,
				const struct fr_spec *like)
{
	struct fr_spec *spec;

	list_for_each_entry(spec, &targets->specs, link)
		if (spec_equals(spec, like))
			return spec;
	return NULL;
}

/* Gives @spec back to the caller; does not unmark its tasks. */
void fr_targets_unlink_spec(struct fr_targets *targets, struct fr_spec *spec)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&targets->lock, flags);
	list_del(&spec->link);
	targets->specs_count--;
	if (spec->what.kind == FLIGHTREC_TARGET_COMM)
		WRITE_ONCE(targets->comm_specs, targets->comm_specs - 1);
	raw_spin_unlock_irqrestore(&targets->lock, flags);
}

/* Those whose task has gone, or of whose process every thread has. */
static void drop_dead_specs(struct fr_targets *targets)
{
	struct fr_spec *spec, *next;

	list_for_each_entry_safe(spec, next, &targets->specs, link) {
		if (fr_spec_is_alive(spec))
			continue;
		fr_targets_unlink_spec(targets, spec);
		fr_spec_destroy(spec);
	}
}

/* Takes over @spec. Return: 0 or -ENOSPC. */
int fr_targets_add_spec(struct fr_targets *targets, struct fr_spec *spec)
{
	unsigned long flags;

	if (targets->specs_count == FR_SPECS_MAX)
		drop_dead_specs(targets);
	if (targets->specs_count == FR_SPECS_MAX)
		return -ENOSPC;
	raw_spin_lock_irqsave(&targets->lock, flags);
	list_add_tail(&spec->link, &targets->specs);
	targets->specs_count++;
	if (spec->what.kind == FLIGHTREC_TARGET_COMM)
		WRITE_ONCE(targets->comm_specs, targets->comm_specs + 1);
	raw_spin_unlock_irqrestore(&targets->lock, flags);
	return 0;
}

void fr_targets_drop_specs(struct fr_targets *targets)
{
	struct fr_spec *spec, *next;

	list_for_each_entry_safe(spec, next, &targets->specs, link) {
		fr_targets_unlink_spec(targets, spec);
		fr_spec_destroy(spec);
	}
}

/**
 * fr_targets_reclaim() - give back the slots that were taken from living tasks
 * @targets: with memory allocated
 * @count: how many, the first ones, as fr_targets_in_limbo() said before
 *	fr_probes_settle(): those that were taken since may be in use
 *
 * Context: process, sleeps for a grace period.
 */
void fr_targets_reclaim(struct fr_targets *targets, u32 count)
{
	unsigned long flags;
	u32 i;

	if (!count)
		return;
	synchronize_rcu();
	raw_spin_lock_irqsave(&targets->lock, flags);
	for (i = 0; i < count; i++)
		targets->free_slots[targets->free_slots_count++] =
			targets->limbo[i];
	/* What was added behind them has had no grace period. */
	WRITE_ONCE(targets->limbo_count, targets->limbo_count - count);
	memmove(targets->limbo, targets->limbo + count,
		targets->limbo_count * sizeof(*targets->limbo));
	raw_spin_unlock_irqrestore(&targets->lock, flags);
}

/*
 * The slots that this call has taken stay, or are given back; and who was born
 * meanwhile without one is missed, or would have been no target.
 */
static void settle(struct fr_targets *targets, bool keep)
{
	unsigned long flags;
	u32 number;

	raw_spin_lock_irqsave(&targets->lock, flags);
	if (keep)
		WRITE_ONCE(targets->missed,
			   targets->missed + targets->missed_new);
	targets->missed_new = 0;
	for (number = 1; number <= targets->slots_top; number++) {
		struct fr_slot *slot = &targets->slots[number];
		u32 follow = slot->flags & FR_SLOT_FOLLOW_NEW && keep ?
				     FLIGHTREC_TARGET_FOLLOW :
				     0;

		if (!slot->task)
			continue;
		if (slot->flags & FR_SLOT_NEW && !keep)
			slot_release(targets, number, true);
		else
			WRITE_ONCE(slot->flags,
				   follow | (slot->flags &
					     FLIGHTREC_TARGET_FOLLOW));
	}
	raw_spin_unlock_irqrestore(&targets->lock, flags);
}

/* Under rcu_read_lock(). Return: as fr_targets_mark_spec(). */
static int mark_spec(struct fr_targets *targets, const struct fr_spec *spec)
{
	u32 flags = spec->what.flags | FR_SLOT_NEW;
	struct task_struct *task;

	if (spec->what.kind == FLIGHTREC_TARGET_COMM)
		return mark_comm(targets, spec->what.comm, flags);
	task = spec_task(spec);
	if (!task)
		return -ESRCH;
	if (spec->what.kind == FLIGHTREC_TARGET_TID)
		return mark_thread(targets, task, flags);
	return mark_threads(targets, task, flags);
}

/**
 * fr_targets_mark_spec() - make the tasks that a spec names targets
 * @targets: with memory allocated, probes registered
 * @spec: which
 *
 * Whoever runs meanwhile is a target from the next fr_probes_settle() on, or its
 * next switch. fr_targets_reclaim() is due after that.
 *
 * Context: process; a walk of the named process's threads, for a name of all tasks,
 * under rcu_read_lock().
 * Return: how many became targets; -ENOSPC if there was no room for all (then
 * none of them did); -ESRCH if it is gone.
 */
int fr_targets_mark_spec(struct fr_targets *targets, const struct fr_spec *spec)
{
	int count;

	rcu_read_lock();
	count = mark_spec(targets, spec);
	rcu_read_unlock();
	settle(targets, count >= 0);
	return count;
}

static u32 unmark_matching(struct fr_targets *targets,
			   const struct fr_spec *spec)
{
	struct task_struct *leader, *thread;
	u32 count = 0;

	for_each_process_thread(leader, thread)
		if (comm_equals(leader, spec->what.comm) ||
		    comm_equals(thread, spec->what.comm))
			count += target_clear(targets, thread, true);
	return count;
}

/* Under rcu_read_lock(). */
static u32 unmark_spec(struct fr_targets *targets, const struct fr_spec *spec)
{
	struct task_struct *task, *thread;
	u32 count = 0;

	if (spec->what.kind == FLIGHTREC_TARGET_COMM)
		return unmark_matching(targets, spec);
	task = spec_task(spec);
	if (!task)
		return 0;
	if (spec->what.kind == FLIGHTREC_TARGET_TID)
		return target_clear(targets, task, true);
	for_each_thread(task, thread)
		count += target_clear(targets, thread, true);
	return count;
}

/**
 * fr_targets_unmark_spec() - make the tasks that a spec names bystanders
 * @targets: with memory allocated
 * @spec: which
 *
 * They are done with their slots after fr_probes_settle(); then
 * fr_targets_reclaim() is due.
 *
 * Context: process. Return: how many were targets.
 */
u32 fr_targets_unmark_spec(struct fr_targets *targets,
			   const struct fr_spec *spec)
{
	u32 count;

	rcu_read_lock();
	count = unmark_spec(targets, spec);
	rcu_read_unlock();
	return count;
}

/* ---- Memory ------------------------------------------------------------- */

/* @targets is zeroed memory. */
void fr_targets_init(struct fr_targets *targets)
{
	raw_spin_lock_init(&targets->lock);
	INIT_LIST_HEAD(&targets->specs);
}

void fr_targets_deinit(struct fr_targets *targets)
{
	fr_targets_drop_specs(targets);
	fr_targets_free(targets);
}

static u32 chunks_for(u32 slots)
{
	return min(slots, FR_CHUNKS_MAX);
}

/* What fr_targets_alloc() will allocate, in bytes. */
u64 fr_targets_need(u32 slots)
{
	return (slots + 1ULL) * (sizeof(struct fr_slot) + 2 * sizeof(u16)) +
	       chunks_for(slots) * (sizeof(struct fr_chunk) + sizeof(u16));
}

/**
 * fr_targets_alloc() - memory for recording
 * @targets: without memory
 * @slots: tasks that can be recorded at once, 1 to FR_SLOTS_MAX
 * @identities: with memory
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int fr_targets_alloc(struct fr_targets *targets, u32 slots,
		     struct fr_identities *identities)
{
	u32 chunks = chunks_for(slots);
	u32 i;

	BUILD_BUG_ON(PID_MAX_LIMIT > FR_TID_LIMIT);
	targets->slots =
		vzalloc(array_size(slots + 1, sizeof(*targets->slots)));
	targets->free_slots = vzalloc(array_size(slots + 1, 2 * sizeof(u16)));
	targets->chunks = vzalloc(array_size(chunks, sizeof(*targets->chunks)));
	targets->free_chunks = vzalloc(array_size(chunks, sizeof(u16)));
	if (!targets->slots || !targets->free_slots || !targets->chunks ||
	    !targets->free_chunks) {
		fr_targets_free(targets);
		return -ENOMEM;
	}
	targets->identities = identities;
	targets->limbo = targets->free_slots + slots + 1;
	targets->slots_count = slots + 1;
	targets->chunks_count = chunks;
	for (i = slots; i; i--)
		targets->free_slots[targets->free_slots_count++] = i;
	for (i = chunks; i; i--)
		targets->free_chunks[targets->free_chunks_count++] = i - 1;
	return 0;
}

/* No probe may be running. The specs stay. */
void fr_targets_free(struct fr_targets *targets)
{
	vfree(targets->slots);
	vfree(targets->free_slots);
	vfree(targets->chunks);
	vfree(targets->free_chunks);
	memset(targets->index, 0, sizeof(targets->index));
	targets->slots = NULL;
	targets->free_slots = NULL;
	targets->limbo = NULL;
	targets->chunks = NULL;
	targets->free_chunks = NULL;
	targets->slots_count = 0;
	targets->slots_top = 0;
	targets->free_slots_count = 0;
	targets->limbo_count = 0;
	targets->chunks_count = 0;
	targets->free_chunks_count = 0;
	targets->tasks = 0;
	targets->missed = 0;
	targets->missed_new = 0;
}

/* Memory held, in bytes. */
u64 fr_targets_bytes(const struct fr_targets *targets)
{
	return sizeof(*targets) +
	       targets->slots_count *
		       (sizeof(*targets->slots) + 2 * sizeof(u16)) +
	       targets->chunks_count * (sizeof(*targets->chunks) + sizeof(u16));
}
