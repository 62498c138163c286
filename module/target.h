/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets: who is recorded. A two-level index by tid leads from a task to its
 * slot; a task without a slot is a bystander. Nothing here writes to the tape.
 *
 * Memory is allocated when recording starts and freed after the last probe has
 * left, so a probe may follow any pointer it finds; it then compares the slot's
 * task with its own, which makes a stale entry harmless. Tids are those of
 * the initial pid namespace.
 *
 * What was asked for (the specs) outlives no stop either, but can be given while
 * idle: it is turned into slots at the start.
 */
#ifndef FR_TARGET_H
#define FR_TARGET_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/threads.h>
#include <linux/flightrec.h>

#include "compat.h"
#include "identity.h"

#define FR_CHUNK_TIDS	   1024U
#define FR_INDEX_CHUNKS	   (FR_TID_LIMIT / FR_CHUNK_TIDS)
#define FR_SLOTS_MAX	   32767U /* a slot's number fits u16; 0: none */
#define FR_SLOTS_DEFAULT   4096U
#define FR_CHUNKS_MAX	   256U /* tids scattered further are missed */
#define FR_SPECS_MAX	   1024U

/*
 * In fr_slot.flags beside the contract's, while a call adds a target: the slot was
 * taken by it; the slot was there, and is to follow if the call succeeds.
 */
#define FR_SLOT_NEW	   0x80000000U
#define FR_SLOT_FOLLOW_NEW 0x40000000U

/* Conditions that the timer of triggers looks at: see struct fr_told. */
#define FR_TOLD_FIRST	   FLIGHTREC_TRIGGER_IN_CALL
#define FR_TOLD_COUNT	   (FLIGHTREC_TRIGGER_AWAY - FR_TOLD_FIRST + 1)

/* In fr_slot.call: of a 32-bit caller. */
#define FR_CALL_COMPAT	   (1ULL << 32)

/**
 * struct fr_told - which triggers have fired for a call or stretch that lasts
 * @since: when that began
 * @triggers: they, a bit each
 */
struct fr_told {
	u64 since;
	u32 triggers;
};

/**
 * struct fr_slot - what is known of one target
 * @task: whose it is; NULL: free. Compared, never followed
 * @tid: under which the index knows it
 * @old_tid: the one before, given up by exec in a thread that was not the
 *	leader; 0 once that is logged
 * @tgid: of its process, which exec does not change
 * @flags: FLIGHTREC_TARGET_FOLLOW, FR_SLOT_NEW, FR_SLOT_FOLLOW_NEW
 * @start_mono_ns: its birth; exec gives it the leader's together with the tid
 * @prio: normal_prio of the identity logged last, for detecting a change
 * @policy: likewise
 * @call: the system call in flight: its number in the lower half, and FR_CALL_COMPAT
 * @exit_word: its EXIT record without result and time; 0: it does not fit one word,
 *	or what is in flight is not known
 * @enter_clock: when it began; 0: none in flight
 * @touch_clock: a call began or ended while the recorder was frozen; if this is
 *	later than @enter_clock, what stands here is not known to be true any
 *	more
 * @args: its arguments, as many as are configured
 * @run_clock: since when it has had a CPU; 0: it has none, or that is not known. Noted
 *	while fr_sched_is_judged, as the two that follow
 * @off_clock: since when it has been off the CPU; 0: it has one, or likewise
 * @wait_clock: since when it has been able to run, without a CPU; 0: it is not
 * @told: the timer's: of IN_CALL to AWAY
 *
 * Written by the task itself (its probes, with preemption off), but for @task to
 * @start_mono_ns, which the index's lock protects, and @run_clock to @wait_clock,
 * which are the scheduler's probes' and task_newtask's; begin_timing() sets them where
 * those have not, forget_times() clears them before they are judged. The task sets
 * @old_tid to 0 without that lock: its slot has moved by then, and nobody else writes
 * it again.
 */
struct fr_slot {
	struct task_struct *task;
	u32 tid;
	u32 old_tid;
	u32 tgid;
	u32 flags;
	u64 start_mono_ns;
	s32 prio;
	u32 policy;
	u64 call;
	u64 exit_word;
	u64 enter_clock;
	u64 touch_clock;
	u64 args[FLIGHTREC_ARGS_MAX];

	u64 run_clock;
	u64 off_clock;
	u64 wait_clock;
	struct fr_told told[FR_TOLD_COUNT];
} ____cacheline_aligned;

struct fr_chunk {
	u16 slot[FR_CHUNK_TIDS]; /* 0: none */
	u32 used;		 /* entries that are not 0 */
};

/**
 * struct fr_targets - the index, the slots, the specs
 * @index: by tid / FR_CHUNK_TIDS; NULL: no target there. One load answers for
 *	nearly every bystander
 * @slots: slots[0] is never used
 * @identities: where a target's tid is marked as seen, once and for all records
 * @slots_count: how many slots there are, slots[0] included
 * @lock: protects the index, the slots' task and tid, and all that follows, but
 *	for the specs. Raw, taken with interrupts off: probes take it with the
 *	rq lock held. Nothing that takes a scheduler lock is called under it. On
 *	a line of its own, away from what every event reads
 * @slots_top: the highest slot number that was ever given out
 * @free_slots: numbers of free slots, @free_slots_count of them
 * @limbo: numbers of slots that were taken from living tasks, whose probes may
 *	still be using them; free after a grace period
 * @chunks: all chunks, @chunks_count of them
 * @free_chunks: numbers of free ones, @free_chunks_count of them
 * @tasks: slots in use
 * @missed: tasks that should have got a slot
 * @missed_new: likewise, if the call that is adding their parents succeeds
 * @traces: a target's calls are to be traced: whoever takes a slot gets his flag (see
 *	sparing.h)
 * @spares: a bystander's are not: whoever loses his slot loses the flag with it
 * @specs: what was asked for; protected by the recorder's lock, and by
 *	@lock for those of kind comm (probes read them)
 * @specs_count: how many
 * @comm_specs: how many of them are names
 */
struct fr_targets {
	struct fr_chunk *index[FR_INDEX_CHUNKS];
	struct fr_slot *slots;
	struct fr_identities *identities;
	u32 slots_count;

	raw_spinlock_t lock ____cacheline_aligned_in_smp;
	u32 slots_top;
	u16 *free_slots;
	u32 free_slots_count;
	u16 *limbo;
	u32 limbo_count;
	struct fr_chunk *chunks;
	u16 *free_chunks;
	u32 chunks_count;
	u32 free_chunks_count;
	u32 tasks;
	u64 missed;
	u64 missed_new;
	bool traces;
	bool spares;
	struct list_head specs;
	u32 specs_count;
	u32 comm_specs;
};

/**
 * struct fr_spec - a target as it was asked for
 * @link: in fr_targets.specs
 * @what: as the window shows it
 * @pid: the task or process, held; NULL for a name
 */
struct fr_spec {
	struct list_head link;
	struct flightrec_window_target what;
	struct pid *pid;
};

/**
 * struct fr_given_up - a tid that exec has taken from a target
 * @tid: the tid, which is not logged yet
 * @start_mono_ns: when the target was born
 * @task: the target, which lives
 */
struct fr_given_up {
	u32 tid;
	u64 start_mono_ns;
	struct task_struct *task;
};

struct fr_slot *fr_targets_resolve(struct fr_targets *targets,
				   struct task_struct *task);

/*
 * Who calls exec, and waits for all other threads of @task's process to die or has
 * just taken its leader's tid. A task's signal struct stays as long as the task.
 */
static inline struct task_struct *fr_exec_waiter(const struct task_struct *task)
{
	return READ_ONCE(task->signal->group_exec_task);
}

/*
 * The number of the slot to which the index leads; 0 for a bystander, and that
 * is certain. Another number may lead to another task's slot. Context: any.
 */
static __always_inline u32 fr_target_number(const struct fr_targets *targets,
					    const struct task_struct *task)
{
	/* Exec in another thread may give the task another one meanwhile. */
	u32 tid = READ_ONCE(task->pid);
	const struct fr_chunk *chunk;

	chunk = READ_ONCE(targets->index[tid / FR_CHUNK_TIDS]);
	if (likely(!chunk))
		return 0;
	return READ_ONCE(chunk->slot[tid % FR_CHUNK_TIDS]);
}

/*
 * The slot of @task, given fr_target_number(); NULL for a bystander. Context: any
 * but NMI, preemption off since before the number was looked up, or the task is
 * the current one.
 */
static __always_inline struct fr_slot *
fr_target_slot(struct fr_targets *targets, struct task_struct *task, u32 number)
{
	/*
	 * The slot was filled before its number was published; the address
	 * dependency orders the loads (pairs with index_put()).
	 */
	struct fr_slot *slot = &targets->slots[number];

	if (likely(READ_ONCE(slot->task) == task))
		return slot;
	return number ? fr_targets_resolve(targets, task) : NULL;
}

/*
 * The same without looking any further. Return: false if it is to be looked for by
 * fr_target_slot().
 */
static __always_inline bool fr_target_slot_is(struct fr_targets *targets,
					      struct task_struct *task,
					      u32 number, struct fr_slot **slot)
{
	*slot = number ? &targets->slots[number] : NULL;
	return !number || likely(READ_ONCE((*slot)->task) == task);
}

/**
 * fr_target_find() - a task's slot
 * @targets: whose targets
 * @task: a task that cannot go away meanwhile
 *
 * Context: any but NMI, preemption off.
 * Return: NULL for a bystander.
 */
static __always_inline struct fr_slot *
fr_target_find(struct fr_targets *targets, struct task_struct *task)
{
	u32 number = fr_target_number(targets, task);

	return likely(!number) ? NULL : fr_target_slot(targets, task, number);
}

/* How many slots were taken from living tasks and not given back yet. */
static inline u32 fr_targets_in_limbo(const struct fr_targets *targets)
{
	return READ_ONCE(targets->limbo_count);
}

void fr_targets_init(struct fr_targets *targets);
void fr_targets_deinit(struct fr_targets *targets);
u64 fr_targets_need(u32 slots);
int fr_targets_alloc(struct fr_targets *targets, u32 slots,
		     struct fr_identities *identities);
void fr_targets_free(struct fr_targets *targets);
u64 fr_targets_bytes(const struct fr_targets *targets);

struct fr_slot *fr_target_set(struct fr_targets *targets,
			      struct task_struct *task, u32 flags, bool *taken);
void fr_target_clear(struct fr_targets *targets, struct task_struct *task);
struct fr_slot *fr_target_inherit(struct fr_targets *targets,
				  struct task_struct *parent,
				  struct task_struct *child);
bool fr_target_match(struct fr_targets *targets, struct task_struct *task,
		     const char *comm);
void fr_target_spare(struct fr_targets *targets, struct task_struct *task);
void fr_targets_spare(struct fr_targets *targets, bool traces, bool spares);
void fr_targets_reclaim(struct fr_targets *targets, u32 count);
u32 fr_targets_next_given_up(struct fr_targets *targets, u32 number,
			     struct fr_given_up *given_up);

struct fr_spec *fr_spec_create(const struct flightrec_target *target);
void fr_spec_destroy(struct fr_spec *spec);
bool fr_spec_is_alive(const struct fr_spec *spec);
struct fr_spec *fr_targets_spec(struct fr_targets *targets,
				const struct fr_spec *like);
int fr_targets_add_spec(struct fr_targets *targets, struct fr_spec *spec);
void fr_targets_unlink_spec(struct fr_targets *targets, struct fr_spec *spec);
void fr_targets_drop_specs(struct fr_targets *targets);
int fr_targets_mark_spec(struct fr_targets *targets,
			 const struct fr_spec *spec);
u32 fr_targets_unmark_spec(struct fr_targets *targets,
			   const struct fr_spec *spec);

#endif /* FR_TARGET_H */
