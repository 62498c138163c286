/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Triggers: conditions to actions. A probe tells what it has found, the timer finds
 * what lasts too long; here is decided whether a trigger fires, and noted that it
 * did. Never writes to the tape.
 *
 * Who excludes whom: triggers are added and removed with the recorder's lock held for
 * writing. Probes and the timer look at them with preemption off; whoever takes one
 * away waits for them by synchronize_rcu(). Firings are noted under @lock, which
 * is taken in any context but NMI, and under which nothing else is taken.
 */
#ifndef FR_TRIGGER_H
#define FR_TRIGGER_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/hrtimer.h>
#include <linux/jump_label.h>
#include <linux/spinlock.h>
#include <linux/flightrec.h>

#include "target.h"

#define FR_ERRNO_MAX 4095U
/* Firings that are remembered. */
#define FR_FIRINGS   64U

/* On while a trigger needs the time of calls, or what they return. */
DECLARE_STATIC_KEY_FALSE(fr_calls_are_judged);
/* On while a trigger needs to know since when a target runs, waits or sleeps. */
DECLARE_STATIC_KEY_FALSE(fr_sched_is_judged);

/**
 * struct fr_trigger - a trigger
 * @what: as it was asked for, with its id
 * @limit: what.limit_ns in ticks
 * @every: what.every_ns in ticks
 * @next_clock: it does not fire before
 * @fired: how often it has fired
 * @held_back: how often it was not allowed to
 */
struct fr_trigger {
	struct flightrec_trigger what;
	u64 limit;
	u64 every;
	atomic64_t next_clock;
	atomic64_t fired;
	atomic64_t held_back;
};

/**
 * struct fr_triggers - a recorder's
 * @call_limit: a call that takes longer is of interest, in ticks; all ones: none is
 * @wait_limit: likewise, to have waited for a CPU
 * @off_limit: to have been off the CPU
 * @conditions: which there are, a bit each
 * @errnos: which of them are of interest
 * @all: by their place; NULL: none
 * @timer: finds what lasts; active while there are such conditions and probes
 * @interval_ns: of the timer
 * @cursor: the slot at which it goes on
 * @last_id: the last id that was given
 * @lock: protects what follows
 * @sequence: firings so far
 * @begin_sequence: when recording was started
 * @firings: the last ones, by their number
 */
struct fr_triggers {
	u64 call_limit;
	u64 wait_limit;
	u64 off_limit;
	u32 conditions;
	DECLARE_BITMAP(errnos, FR_ERRNO_MAX + 1);
	struct fr_trigger *all[FLIGHTREC_TRIGGERS_MAX];
	struct hrtimer timer;
	u64 interval_ns;
	u32 cursor;
	u32 last_id;

	raw_spinlock_t lock ____cacheline_aligned_in_smp;
	u64 sequence;
	u64 begin_sequence;
	struct flightrec_firing firings[FR_FIRINGS];
};

/**
 * struct fr_finding - something that may be what a trigger waits for
 * @condition: FLIGHTREC_TRIGGER_*
 * @tid: about whom
 * @value: an errno, signal, exit code
 * @ticks: how long it took or has lasted
 * @nr: the call, -1: none, or of a 32-bit caller
 * @text: of a mark
 * @length: of it
 */
struct fr_finding {
	u32 condition;
	u32 tid;
	s64 value;
	u64 ticks;
	s32 nr;
	const char *text;
	u32 length;
};

struct fr_recorder;

static __always_inline bool fr_triggers_have(const struct fr_triggers *triggers,
					     u32 condition)
{
	return unlikely(READ_ONCE(triggers->conditions) & 1U << condition);
}

void fr_triggers_init(struct fr_triggers *triggers);
void fr_triggers_deinit(struct fr_triggers *triggers);
bool fr_trigger_is_valid(const struct flightrec_trigger *what);
int fr_trigger_add(struct fr_recorder *recorder,
		   struct flightrec_trigger *what);
int fr_trigger_remove(struct fr_recorder *recorder, u32 id);
int fr_trigger_get(struct fr_triggers *triggers,
		   struct flightrec_trigger *what);
void fr_triggers_begin(struct fr_triggers *triggers);
void fr_triggers_settle(struct fr_recorder *recorder);
void fr_triggers_arm(struct fr_recorder *recorder);
void fr_triggers_disarm(struct fr_recorder *recorder);

void fr_triggers_judge(struct fr_recorder *recorder,
		       const struct fr_finding *finding);
void fr_triggers_judge_call(struct fr_recorder *recorder, u32 tid, s32 nr,
			    bool compat, u64 ticks, s64 result);

bool fr_triggers_last(struct fr_triggers *triggers,
		      struct flightrec_firing *firing);
int fr_triggers_next(struct fr_triggers *triggers,
		     struct flightrec_fired *fired);

#endif /* FR_TRIGGER_H */
