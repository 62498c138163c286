/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sparing bystanders: only targets take the kernel's slow way through a system call.
 *
 * A task's calls come by the tracepoints sys_enter and sys_exit if it has a flag,
 * which the kernel sets for all tasks when the first probe is attached to one of the
 * two, takes away from all when the last one is detached, and copies at a birth from
 * parent to child. In between it never looks again. So while our probes are attached,
 * and nobody else's, the flag may be with the targets alone: who sets and clears it is
 * target.c, as slots are taken and given back, and what is here.
 *
 * Others have a right to all tasks' calls. Whoever was attached to the calls before us
 * keeps them: bystanders are not spared then. Whoever comes later is noticed within a
 * second; then sparing ends, for good until the next start, and from there on he sees
 * everything. Sparing also ends before our probes are detached. When it has
 * ended, each task has the flag and each birth passes it on, as if we had never touched
 * it; the kernel then takes it away from all, or leaves it with all, as it sees fit.
 *
 * What makes that sure (tasklist_lock is not exported): see spare() and restore(). No
 * other flag is ever touched.
 */
#ifndef FR_SPARING_H
#define FR_SPARING_H

#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct fr_recorder;

/* fr_sparing.births: what becomes of a child's flag, behind its parent's copy. */
#define FR_BIRTHS_LEFT	 0U /* that is right */
#define FR_BIRTHS_SPARED 1U /* a target's child may be none */
#define FR_BIRTHS_TRACED 2U /* its parent may not have had it yet */

/**
 * struct fr_sparing - sparing bystanders, of one recorder
 * @births: FR_BIRTHS_*; read by probes
 * @state: FLIGHTREC_SPARING_*; changed under @lock, read without
 * @lock: is held while flags of all tasks are being changed, and the state with them.
 *	Taken under the recorder's lock, or without
 * @watch: looks for other tracers
 */
struct fr_sparing {
	u32 births;
	u32 state;
	struct mutex lock; /* see above */
	struct delayed_work watch;
};

void fr_sparing_init(struct fr_sparing *sparing);
void fr_sparing_begin(struct fr_recorder *recorder);
void fr_sparing_again(struct fr_recorder *recorder);
void fr_sparing_end(struct fr_recorder *recorder);
void fr_sparing_born(struct fr_recorder *recorder, struct task_struct *child,
		     bool is_target);

/* FLIGHTREC_SPARING_*, of this moment. */
static inline u32 fr_sparing_state(const struct fr_sparing *sparing)
{
	return READ_ONCE(sparing->state);
}

#endif /* FR_SPARING_H */
