/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities: who a tid was, until when. A bounded store beside the rings.
 *
 * A "seen" bit a tid says that the tape mentions it, from the first time until the
 * next task with this tid is born. When a seen task is
 * renamed, changes its priority or dies, what it was until then is logged here,
 * while frozen too; a window adds those that live. The store keeps the newest
 * entries in the order in which they ended; when it is full the oldest goes, and
 * the window says since when names are complete.
 *
 * Never on the fast path: marking tests the bit first and sets it once.
 */
#ifndef FR_IDENTITY_H
#define FR_IDENTITY_H

#include <linux/bitops.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/flightrec.h>

#define FR_TID_LIMIT	      (1U << FLIGHTREC_TID_BITS)
#define FR_IDENTITIES_DEFAULT 16384U
#define FR_IDENTITIES_MAX     1048576U
#define FR_UNTIL_CUT_CLOCK    (~0ULL)

struct fr_targets;

/**
 * struct fr_identities - the store
 * @seen: a bit a tid
 * @lock: protects what follows but the last. Raw, taken with interrupts off: a priority
 *	change is found with the rq lock held. On a line of its own, away from
 *	what every event reads
 * @log: ring of @capacity entries
 * @capacity: how many fit
 * @count: how many were ever logged; entry i stands at i % @capacity
 * @names_clock: when the newest evicted entry ended; 0: none was evicted
 * @missed: entries evicted before the tape was past them
 * @unborn_mono_ns: when a task was last mentioned before its birth was told; 0: none
 */
struct fr_identities {
	unsigned long *seen;
	raw_spinlock_t lock ____cacheline_aligned_in_smp;
	struct flightrec_window_task *log;
	u32 capacity;
	u64 count;
	u64 names_clock;
	u64 missed;
	u64 unborn_mono_ns;
};

static __always_inline bool
fr_identity_is_seen(const struct fr_identities *identities, u32 tid)
{
	return test_bit(tid, identities->seen);
}

/* The tape mentions @tid. Any context. */
static inline void fr_identity_mark(struct fr_identities *identities, u32 tid)
{
	if (!fr_identity_is_seen(identities, tid))
		set_bit(tid, identities->seen);
}

void fr_identities_init(struct fr_identities *identities);
u64 fr_identities_need(u32 capacity);
int fr_identities_alloc(struct fr_identities *identities, u32 capacity);
void fr_identities_free(struct fr_identities *identities);
u64 fr_identities_bytes(const struct fr_identities *identities);
u32 fr_identities_held(struct fr_identities *identities);
bool fr_identities_are_full(const struct fr_identities *identities);

/* @identity becomes that of @tid, which exec has taken from its task, or will. */
static inline void
fr_identity_of_given_up(struct flightrec_window_task *identity, u32 tid)
{
	identity->tid = tid;
	identity->ns_tid = 0; /* not known any more */
	identity->flags &= ~FLIGHTREC_TASK_LEADER;
}

void fr_identity_of(struct task_struct *task,
		    struct flightrec_window_task *identity);
void fr_identity_log(struct fr_identities *identities,
		     const struct flightrec_window_task *identity,
		     u64 oldest_clock);
void fr_identity_log_if_ending(struct fr_identities *identities,
			       struct task_struct *task, u32 tid,
			       u64 oldest_clock);
void fr_identity_mark_unborn(struct fr_identities *identities);
void fr_identity_born(struct fr_identities *identities,
		      struct task_struct *child);
void fr_identity_mark_process(struct fr_identities *identities,
			      struct task_struct *task, u64 oldest_clock);

u32 fr_identities_count_living(const struct fr_identities *identities);
u32 fr_identities_copy_living(const struct fr_identities *identities,
			      struct fr_targets *targets,
			      struct flightrec_window_task *to, u32 room);
u32 fr_identities_copy_log(struct fr_identities *identities,
			   struct flightrec_window_task *to, u32 room);

#endif /* FR_IDENTITY_H */
