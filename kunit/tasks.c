// SPDX-License-Identifier: GPL-2.0
/* Tasks for tests. See tasks.h. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/vmalloc.h>

#include "tasks.h"

/* ---- Made up ------------------------------------------------------------ */

/* A task on its own. Lives as long as the test case. */
struct task_struct *task_make(struct kunit *test, u32 tid)
{
	struct task_struct *task =
		kunit_kzalloc(test, sizeof(*task), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, task);
	task->pid = tid;
	task->tgid = tid;
	task->normal_prio = DEFAULT_PRIO;
	task->group_leader = task;
	task->signal = kunit_kzalloc(test, sizeof(*task->signal), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, task->signal);
	return task;
}

/* A process: a leader that can get threads. */
struct task_struct *process_make(struct kunit *test, u32 tid)
{
	struct task_struct *leader = task_make(test, tid);

	INIT_LIST_HEAD(&leader->signal->thread_head);
	list_add_tail_rcu(&leader->thread_node, &leader->signal->thread_head);
	return leader;
}

/* @thread becomes one of the process's, as copy_process() does it. */
void process_join(struct task_struct *leader, struct task_struct *thread)
{
	thread->tgid = leader->pid;
	thread->group_leader = leader;
	thread->exit_signal = -1; /* not the leader */
	thread->signal = leader->signal;
	list_add_tail_rcu(&thread->thread_node, &leader->signal->thread_head);
}

struct task_struct *process_thread(struct kunit *test,
				   struct task_struct *leader, u32 tid)
{
	struct task_struct *thread = task_make(test, tid);

	process_join(leader, thread);
	return thread;
}

static struct fr_spec *spec_make(struct kunit *test, u32 kind, u32 flags)
{
	struct fr_spec *spec = kunit_kzalloc(test, sizeof(*spec), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, spec);
	spec->what.kind = kind;
	spec->what.flags = flags;
	return spec;
}

/* A spec that names a made-up task; never for fr_spec_destroy(). */
struct fr_spec *process_spec(struct kunit *test, struct task_struct *leader,
			     u32 kind, u32 flags)
{
	enum pid_type type = kind == FLIGHTREC_TARGET_TGID ? PIDTYPE_TGID :
							     PIDTYPE_PID;
	struct fr_spec *spec = spec_make(test, kind, flags);

	spec->what.id = leader->pid;
	spec->pid = kunit_kzalloc(test, sizeof(*spec->pid), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, spec->pid);
	hlist_add_head_rcu(&leader->pid_links[type], &spec->pid->tasks[type]);
	return spec;
}

struct fr_spec *comm_spec(struct kunit *test, const char *comm, u32 flags)
{
	struct fr_spec *spec = spec_make(test, FLIGHTREC_TARGET_COMM, flags);

	strscpy(spec->what.comm, comm, sizeof(spec->what.comm));
	return spec;
}

/* ---- Threads ------------------------------------------------------------ */

/* Run @function; on @cpu unless that is negative. NULL: it cannot be done. */
struct task_struct *thread_start(int (*function)(void *data), void *data,
				 int cpu, const char *name)
{
	struct task_struct *thread = kthread_create(function, data, "%s", name);

	if (IS_ERR(thread))
		return NULL;
	if (cpu >= 0)
		kthread_bind(thread, cpu);
	/* It may end before it is stopped. */
	get_task_struct(thread);
	wake_up_process(thread);
	return thread;
}

/* Tell the thread to stop, wait for its end. Takes NULL. Return: its result. */
int thread_stop(struct task_struct *thread)
{
	int result;

	if (!thread)
		return -ENOMEM;
	result = kthread_stop(thread);
	put_task_struct(thread);
	return result;
}

/*
 * Likewise, and wait until nobody finds it any more: it is stopped before it is on
 * its way out. Return: is it so?
 */
bool thread_bury(struct task_struct *thread)
{
	struct pid *pid = get_task_pid(thread, PIDTYPE_PID);
	bool gone = false;
	int i;

	thread_stop(thread);
	for (i = 0; i < 250 && !gone; i++) {
		gone = !pid_has_task(pid, PIDTYPE_PID);
		if (!gone)
			msleep(20);
	}
	put_pid(pid);
	return gone;
}

/* For thread_start(): sleeps until it is stopped. */
int thread_idle(void *data)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/*
 * From here on the caller runs where it is. Return: another CPU, on which
 * somebody else can truly run at the same time; -1 if there is none.
 */
int stay_and_choose_another_cpu(void)
{
	int here = raw_smp_processor_id();

	set_cpus_allowed_ptr(current, cpumask_of(here));
	if (num_online_cpus() < 2)
		return -1;
	return cpumask_any_but(cpu_online_mask, here);
}

/* ---- The room ----------------------------------------------------------- */

struct target_room *target_room_create(u32 slots)
{
	struct target_room *room = vzalloc(sizeof(*room));

	if (!room)
		return NULL;
	fr_targets_init(&room->targets);
	fr_identities_init(&room->identities);
	if (fr_identities_alloc(&room->identities, 16) ||
	    fr_targets_alloc(&room->targets, slots, &room->identities)) {
		target_room_destroy(room);
		return NULL;
	}
	return room;
}

/* Takes NULL. The specs are the tests'. */
void target_room_destroy(struct target_room *room)
{
	if (!room)
		return;
	fr_targets_free(&room->targets);
	fr_identities_free(&room->identities);
	vfree(room);
}

/* As a probe asks. */
bool is_target(struct fr_targets *targets, struct task_struct *task)
{
	bool found;

	preempt_disable();
	found = fr_target_find(targets, task);
	preempt_enable();
	return found;
}

/* ---- Is everything where it belongs? ------------------------------------ */

static const char *slot_fault(struct fr_targets *targets, u32 number)
{
	const struct fr_slot *slot = &targets->slots[number];
	const struct fr_chunk *chunk;

	if (!slot->task)
		return NULL;
	chunk = targets->index[slot->tid / FR_CHUNK_TIDS];
	if (!chunk || chunk->slot[slot->tid % FR_CHUNK_TIDS] != number)
		return "a slot in use that the index does not know";
	return NULL;
}

static const char *chunk_fault(struct fr_targets *targets, u32 first,
			       u32 *entries)
{
	const struct fr_chunk *chunk = targets->index[first / FR_CHUNK_TIDS];
	u32 used = 0;
	u32 i;

	for (i = 0; i < FR_CHUNK_TIDS; i++) {
		u32 number = chunk->slot[i];

		if (!number)
			continue;
		used++;
		if (number >= targets->slots_count)
			return "the index leads to no slot";
		if (!targets->slots[number].task)
			return "the index leads to a free slot";
		if (targets->slots[number].tid != first + i)
			return "the index leads to the slot of another tid";
	}
	*entries += used;
	if (used != chunk->used)
		return "a chunk's count is wrong";
	return used ? NULL : "an empty chunk is in the index";
}

static const char *index_fault(struct fr_targets *targets)
{
	u32 chunks = targets->free_chunks_count;
	u32 entries = 0;
	u32 i;

	for (i = 0; i < FR_INDEX_CHUNKS; i++) {
		const char *fault;

		if (!targets->index[i])
			continue;
		chunks++;
		fault = chunk_fault(targets, i * FR_CHUNK_TIDS, &entries);
		if (fault)
			return fault;
	}
	if (entries != targets->tasks)
		return "the index holds another number of tasks";
	return chunks == targets->chunks_count ?
		       NULL :
		       "chunks are lost or there twice";
}

static const char *free_fault(struct fr_targets *targets)
{
	u32 i, j;

	for (i = 0; i < targets->free_slots_count; i++) {
		if (targets->slots[targets->free_slots[i]].task)
			return "a slot is free and in use";
		for (j = 0; j < i; j++)
			if (targets->free_slots[i] == targets->free_slots[j])
				return "a slot is free twice";
	}
	for (i = 0; i < targets->free_chunks_count; i++)
		if (memchr_inv(&targets->chunks[targets->free_chunks[i]], 0,
			       sizeof(struct fr_chunk)))
			return "a free chunk is not zero";
	return NULL;
}

/**
 * targets_fault() - are the index, the slots and the free lists consistent?
 * @targets: nobody changes them meanwhile
 *
 * Return: what is wrong, NULL if nothing.
 */
const char *targets_fault(struct fr_targets *targets)
{
	u32 used = 0;
	u32 i;

	for (i = 1; i < targets->slots_count; i++) {
		const char *fault = slot_fault(targets, i);

		if (fault)
			return fault;
		used += !!targets->slots[i].task;
	}
	if (used != targets->tasks)
		return "tasks is not the number of slots in use";
	if (used + targets->free_slots_count + targets->limbo_count + 1 !=
	    targets->slots_count)
		return "slots are lost or there twice";
	return index_fault(targets) ?: free_fault(targets);
}
