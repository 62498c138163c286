/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorder: its rings, targets, identities and state.
 *
 *	idle --start--> recording --freeze--> frozen --thaw--> recording
 *	any --stop--> idle
 *
 * A trigger freezes from any context: whoever is first to take @trip.claimed notes down
 * why and when, and then takes "recording" away by a cmpxchg; what takes longer is
 * done by whoever takes @lock next (settle_freeze()), a work item if nobody else. While
 * a tail is recorded (FLIGHTREC_TRIPPED to users) @state is "recording".
 *
 * Who excludes whom: @lock is held for writing by everything that changes the
 * state (but for a trigger, as above) or what was asked for, for reading by those
 * who copy the window and by the statistics. Probes take no lock: they look at @state
 * with preemption off, and whoever changes it waits for them by synchronize_rcu()
 * before he relies on the change. What probes use is allocated before they are
 * registered and freed after they have left (tracepoint_synchronize_unregister()).
 */
#ifndef FR_RECORDER_H
#define FR_RECORDER_H

#include <linux/irq_work.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/flightrec.h>

#include "identity.h"
#include "ring.h"
#include "sparing.h"
#include "target.h"
#include "trigger.h"
#include "window.h"

#define FR_RING_BYTES_DEFAULT (16ULL << 20)

/* fr_trip.claimed. */
#define FR_TRIP_NONE	      0U
#define FR_TRIP_CLAIMED	      1U /* what goes with it is being noted down */
#define FR_TRIP_TAIL	      2U /* that is there: its tail is being recorded */
#define FR_TRIP_HELD	      3U /* neither used nor to be claimed */

/**
 * struct fr_trip - a trigger that freezes
 * @claimed: FR_TRIP_*: is there one, since recording was started or thawed?
 * @tail_ns: for so long is recorded on; 0: see @tail_blocks
 * @tail_blocks: until so many blocks more have been drawn; 0: see @tail_ns
 * @begin_blocks: how many had been drawn when it fired
 * @firing: why
 * @cut: when the tape stood still
 */
struct fr_trip {
	u32 claimed;
	u64 tail_ns;
	u64 tail_blocks;
	u64 begin_blocks;
	struct flightrec_firing firing;
	struct fr_cut cut;
};

/**
 * struct fr_recorder - one recorder
 * @state: FLIGHTREC_IDLE, ...; read by probes
 * @args: arguments of a call that are recorded; constant but when idle
 * @events: FLIGHTREC_EVENTS_* that are recorded; likewise
 * @rings: one a CPU; NULL when idle
 * @identities: who was who
 * @targets: who is recorded
 * @lock: see above
 * @config: as it was set, with the defaults filled in
 * @start: when recording was started
 * @resume_clock: when it was thawed last; 0: not since the start
 * @run: counts stops; tells a reader that what his live window is of is gone
 * @stopped_clock: when every writer had left then: nothing on the tape is later
 * @sleep_clock: when the machine went to sleep last since the start; 0: not yet
 * @stale: the clock has begun anew since
 * @sleeping: the machine is about to sleep, or does
 * @settled: frozen, and the window is there, or there was no memory for it; else it
 *	is to be made yet
 * @trip: the trigger that freezes, or has
 * @triggers: all of them
 * @told: a trigger has fired: wakes who polls, begins a tail
 * @tail: ends it
 * @finish: makes the window of a freeze by a trigger
 * @window: the frozen window; its reason and cut stand there even if it could not
 *	be made
 * @generation: counts freezes; tells a reader that its window is gone
 * @wait: readers that poll for a window
 * @settle: a probe has made tasks targets that run elsewhere
 * @sparing: of bystanders
 */
struct fr_recorder {
	u32 state;
	u32 args;
	u32 events;
	struct fr_ring __percpu *rings;
	struct fr_identities identities;
	struct fr_targets targets;

	struct rw_semaphore lock;
	struct flightrec_config config;
	struct fr_clock_pair start;
	u64 resume_clock;
	u64 run;
	u64 stopped_clock;
	u64 sleep_clock;
	bool stale;
	bool sleeping;
	bool settled;
	struct fr_trip trip;
	struct fr_triggers triggers;
	struct irq_work told;
	struct hrtimer tail;
	struct work_struct finish;
	struct fr_window window;
	u64 generation;
	wait_queue_head_t wait;
	struct work_struct settle;
	struct fr_sparing sparing;
};

/**
 * struct fr_view - what a reader has begun to read
 * @generation: of which freeze
 * @run: of which run, for a live window
 * @live: that; its head is NULL if it is the recorder's frozen window that is read
 */
struct fr_view {
	u64 generation;
	u64 run;
	struct fr_window live;
};

/*
 * Recording? For probes: preemption off, so that a freeze can wait for them.
 * Acquire: who sees it on sees the rings opened (begin_recording(), thaw()).
 */
static __always_inline bool
fr_recorder_is_on(const struct fr_recorder *recorder)
{
	return likely(smp_load_acquire(&recorder->state) == /* see above */
		      FLIGHTREC_RECORDING);
}

/* Likewise, and these events? */
static __always_inline bool
fr_recorder_writes(const struct fr_recorder *recorder, u32 events)
{
	return fr_recorder_is_on(recorder) && recorder->events & events;
}

/* To where the tape reaches back, if a name is about to be evicted. Context: any. */
static inline u64 fr_recorder_names_since(const struct fr_recorder *recorder)
{
	return fr_identities_are_full(&recorder->identities) ?
		       fr_rings_oldest_clock(recorder->rings) :
		       0;
}

struct fr_recorder *fr_recorder_create(void);
void fr_recorder_destroy(struct fr_recorder *recorder);

void fr_recorder_info(struct fr_recorder *recorder,
		      struct flightrec_info *info);
int fr_recorder_configure(struct fr_recorder *recorder,
			  struct flightrec_config *config);
int fr_recorder_target_add(struct fr_recorder *recorder,
			   struct flightrec_target *target);
int fr_recorder_target_remove(struct fr_recorder *recorder,
			      struct flightrec_target *target);
int fr_recorder_start(struct fr_recorder *recorder);
int fr_recorder_stop(struct fr_recorder *recorder);
int fr_recorder_freeze(struct fr_recorder *recorder);
int fr_recorder_thaw(struct fr_recorder *recorder);
void fr_recorder_suspend(struct fr_recorder *recorder);
void fr_recorder_wake(struct fr_recorder *recorder);
u32 fr_recorder_state(const struct fr_recorder *recorder);
int fr_recorder_stats(struct fr_recorder *recorder,
		      struct flightrec_stats *stats,
		      struct flightrec_stats_cpu *cpus);
int fr_recorder_mark(struct fr_recorder *recorder, const char *text,
		     u32 length);
int fr_recorder_trigger_add(struct fr_recorder *recorder,
			    struct flightrec_trigger *trigger);
int fr_recorder_trigger_remove(struct fr_recorder *recorder,
			       const struct flightrec_trigger *trigger);
int fr_recorder_trigger_get(struct fr_recorder *recorder,
			    struct flightrec_trigger *trigger);
int fr_recorder_next_firing(struct fr_recorder *recorder,
			    struct flightrec_fired *fired);
void fr_recorder_fired(struct fr_recorder *recorder,
		       const struct flightrec_trigger *trigger,
		       const struct flightrec_firing *firing);
ssize_t fr_recorder_read(struct fr_recorder *recorder, struct fr_view *view,
			 u64 *offset, void *to, size_t bytes);
ssize_t fr_recorder_read_to_user(struct fr_recorder *recorder,
				 struct fr_view *view, u64 offset,
				 void __user *to, size_t bytes);

#endif /* FR_RECORDER_H */
