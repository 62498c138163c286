// SPDX-License-Identifier: GPL-2.0
/* The recorder: the object and its state machine. See recorder.h. */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>

#include "probe.h"
#include "recorder.h"

/* ---- Configuration ------------------------------------------------------ */

static u64 min_ring_bytes(u32 block_bytes)
{
	return (u64)FR_BLOCKS_MIN * block_bytes * num_possible_cpus();
}

static u64 default_ring_bytes(void)
{
	return max(FR_RING_BYTES_DEFAULT, min_ring_bytes(FR_BLOCK_BYTES_MIN));
}

/* The largest block, up to the default, of which every CPU gets enough. */
static u32 choose_block_bytes(u64 ring_bytes)
{
	u32 bytes = FR_BLOCK_BYTES_DEFAULT;

	while (bytes > FR_BLOCK_BYTES_MIN && min_ring_bytes(bytes) > ring_bytes)
		bytes /= 2;
	return bytes;
}

static void config_defaults(struct flightrec_config *config)
{
	if (!config->ring_bytes)
		config->ring_bytes = default_ring_bytes();
	if (!config->block_bytes)
		config->block_bytes = choose_block_bytes(config->ring_bytes);
	if (!config->events)
		config->events = FLIGHTREC_EVENTS_DEFAULT;
	if (!config->policy)
		config->policy = FLIGHTREC_POLICY_SHARED;
	if (!config->slots)
		config->slots = FR_SLOTS_DEFAULT;
	if (!config->identities)
		config->identities = FR_IDENTITIES_DEFAULT;
}

/* FLIGHTREC_CONFIG_* that can be had here. */
#define CONFIG_FLAGS (FR_CAN_SPARE ? FLIGHTREC_CONFIG_SPARING : 0U)

static bool config_is_valid(const struct flightrec_config *config)
{
	return is_power_of_2(config->block_bytes) &&
	       config->block_bytes >= FR_BLOCK_BYTES_MIN &&
	       config->block_bytes <= FR_BLOCK_BYTES_MAX &&
	       config->ring_bytes >= min_ring_bytes(config->block_bytes) &&
	       !(config->events & ~FLIGHTREC_EVENTS_ALL) &&
	       config->args <= FLIGHTREC_ARGS_MAX &&
	       config->policy <= FLIGHTREC_POLICY_SHARED &&
	       config->slots <= FR_SLOTS_MAX &&
	       config->identities <= FR_IDENTITIES_MAX &&
	       config->keep_ns <= FLIGHTREC_KEEP_MAX &&
	       !(config->flags & ~CONFIG_FLAGS) && !config->sparing;
}

/*
 * Half of what is available is asked for at most, all in all: allocating never
 * kills. ring_bytes may be anything, the others have been checked.
 */
static bool config_fits(const struct flightrec_config *config)
{
	u64 pages = max(si_mem_available(), 0L);
	u64 others = fr_identities_need(config->identities) +
		     fr_targets_need(config->slots) +
		     fr_rings_need(config->ring_bytes, config->block_bytes);

	return config->ring_bytes / config->block_bytes <= FR_BLOCKS_MAX &&
	       config->ring_bytes / 2 + others / 2 <= pages * (PAGE_SIZE / 4);
}

/* Kept as the statistics give it out: with our own idea of its size. */
static void config_set(struct fr_recorder *recorder,
		       const struct flightrec_config *config)
{
	recorder->config = *config;
	recorder->config.size = sizeof(*config);
	recorder->config.recorder = 0;
}

/* A trigger has frozen the recorder, and what comes behind that is not done yet. */
static bool freeze_is_unsettled(const struct fr_recorder *recorder)
{
	/* That it is frozen, then the cut. Pairs with trip(). */
	return smp_load_acquire(&recorder->state) == FLIGHTREC_FROZEN &&
	       !recorder->settled;
}

static void settle_freeze(struct fr_recorder *recorder);

/* Behind this the recorder is idle, recording, or frozen with all that goes with it. */
static int lock_for_change(struct fr_recorder *recorder)
{
	int error = down_write_killable(&recorder->lock);

	if (!error)
		settle_freeze(recorder);
	return error;
}

static void unlock_after_change(struct fr_recorder *recorder)
{
	up_write(&recorder->lock);
}

/* FLIGHTREC_IOC_CONFIGURE. */
int fr_recorder_configure(struct fr_recorder *recorder,
			  struct flightrec_config *config)
{
	int error = lock_for_change(recorder);

	if (error)
		return error;
	config_defaults(config);
	if (recorder->state != FLIGHTREC_IDLE)
		error = -EBUSY;
	else if (!config_is_valid(config))
		error = -EINVAL;
	else if (!config_fits(config))
		error = -ENOMEM;
	else
		config_set(recorder, config);
	unlock_after_change(recorder);
	return error;
}

/* FLIGHTREC_IOC_INFO. */
void fr_recorder_info(struct fr_recorder *recorder, struct flightrec_info *info)
{
	info->features = FLIGHTREC_FEATURE_SCHED | FLIGHTREC_FEATURE_SYSCALLS |
			 FLIGHTREC_FEATURE_SIGNALS | FLIGHTREC_FEATURE_MARKS |
			 FLIGHTREC_FEATURE_TARGET_COMM |
			 FLIGHTREC_FEATURE_LIVE | FLIGHTREC_FEATURE_SHARED |
			 FLIGHTREC_FEATURE_TRIGGERS | FLIGHTREC_FEATURE_KEEP |
			 FLIGHTREC_FEATURE_IRQ |
			 (FR_CAN_SPARE ? FLIGHTREC_FEATURE_SPARING : 0);
	info->window_version = FLIGHTREC_WINDOW_VERSION;
	info->clock = fr_tsc_is_trusted() ? FLIGHTREC_CLOCK_TSC :
					    FLIGHTREC_CLOCK_MONO;
	info->min_ring_bytes = min_ring_bytes(FR_BLOCK_BYTES_MIN);
	info->default_ring_bytes = default_ring_bytes();
	info->cpus_possible = num_possible_cpus();
	info->block_bytes_min = FR_BLOCK_BYTES_MIN;
	info->block_bytes_max = FR_BLOCK_BYTES_MAX;
	info->targets_max = FR_SPECS_MAX;
	strscpy_pad(info->version, FLIGHTREC_RELEASE, sizeof(info->version));
}

/* ---- Targets ------------------------------------------------------------ */

/* Targets were added or taken away: let that be known, then reuse slots. */
static void settle_targets(struct fr_recorder *recorder)
{
	u32 taken = fr_targets_in_limbo(&recorder->targets);

	fr_probes_settle(recorder);
	fr_triggers_settle(recorder);
	fr_targets_reclaim(&recorder->targets, taken);
}

/* The same for what a probe has added; slots are not short for that. */
static void settle_later(struct work_struct *work)
{
	struct fr_recorder *recorder =
		container_of(work, struct fr_recorder, settle);

	fr_probes_settle(recorder);
	fr_triggers_settle(recorder);
}

static int target_add(struct fr_recorder *recorder, struct fr_spec *spec,
		      struct flightrec_target *target)
{
	struct fr_targets *targets = &recorder->targets;
	int tasks = 0;
	int error;

	if (!fr_spec_is_alive(spec))
		return -ESRCH;
	if (fr_targets_spec(targets, spec))
		return -EEXIST;
	/*
	 * The spec first: a name must match whoever takes it from now on. Who is
	 * amid taking it, behind the probe that did not know it, has it then: up to
	 * 6.13 that is done with preemption off.
	 */
	error = fr_targets_add_spec(targets, spec);
	if (error)
		return error;
	if (recorder->state != FLIGHTREC_IDLE) {
		if (spec->what.kind == FLIGHTREC_TARGET_COMM)
			synchronize_rcu();
		tasks = fr_targets_mark_spec(targets, spec);
		settle_targets(recorder);
	}
	if (tasks < 0) {
		fr_targets_unlink_spec(targets, spec);
		fr_sparing_again(recorder);
		return tasks;
	}
	target->tasks = tasks;
	return 0;
}

/* FLIGHTREC_IOC_TARGET_ADD. */
int fr_recorder_target_add(struct fr_recorder *recorder,
			   struct flightrec_target *target)
{
	struct fr_spec *spec = fr_spec_create(target);
	int error;

	if (IS_ERR(spec))
		return PTR_ERR(spec);
	error = lock_for_change(recorder);
	if (!error) {
		error = target_add(recorder, spec, target);
		unlock_after_change(recorder);
	}
	if (error)
		fr_spec_destroy(spec);
	return error;
}

/* FLIGHTREC_IOC_TARGET_REMOVE. */
int fr_recorder_target_remove(struct fr_recorder *recorder,
			      struct flightrec_target *target)
{
	struct fr_spec *like = fr_spec_create(target);
	struct fr_spec *spec;
	int error;

	if (IS_ERR(like))
		return PTR_ERR(like);
	error = lock_for_change(recorder);
	if (error)
		goto out;
	spec = fr_targets_spec(&recorder->targets, like);
	if (spec) {
		/* The spec first: see target_add(). */
		fr_targets_unlink_spec(&recorder->targets, spec);
		target->tasks = 0;
		if (recorder->state != FLIGHTREC_IDLE) {
			target->tasks = fr_targets_unmark_spec(
				&recorder->targets, spec);
			settle_targets(recorder);
		}
		fr_spec_destroy(spec);
	} else {
		error = -ESRCH;
	}
	unlock_after_change(recorder);
out:
	fr_spec_destroy(like);
	return error;
}

/* ---- The state machine -------------------------------------------------- */

static void memory_free(struct fr_recorder *recorder)
{
	fr_rings_destroy(recorder->rings);
	recorder->rings = NULL;
	fr_targets_free(&recorder->targets);
	fr_identities_free(&recorder->identities);
}

static int memory_alloc(struct fr_recorder *recorder)
{
	const struct flightrec_config *config = &recorder->config;
	int error;

	if (!config_fits(config))
		return -ENOMEM;
	error = fr_rings_create(config->ring_bytes, config->block_bytes,
				config->policy, &recorder->rings);
	if (!error)
		error = fr_identities_alloc(&recorder->identities,
					    config->identities);
	if (!error)
		error = fr_targets_alloc(&recorder->targets, config->slots,
					 &recorder->identities);
	if (error)
		memory_free(recorder);
	return error;
}

/*
 * The probes are detached; wait for those that still run, then what they use
 * goes. synchronize_rcu() is for marks, which are written by no tracepoint's
 * probe.
 */
static void drain(struct fr_recorder *recorder)
{
	tracepoint_synchronize_unregister();
	synchronize_rcu();
	/* Nobody is left who could ask for it. */
	cancel_work_sync(&recorder->settle);
	memory_free(recorder);
}

static void teardown(struct fr_recorder *recorder)
{
	fr_sparing_end(recorder);
	fr_probes_unregister(recorder);
	drain(recorder);
}

/* Turn all that was asked for into targets. The vanished are passed over. */
static int mark_all_specs(struct fr_recorder *recorder)
{
	const struct fr_spec *spec;

	if (recorder->targets.comm_specs)
		synchronize_rcu(); /* see target_add() */
	list_for_each_entry(spec, &recorder->targets.specs, link) {
		int tasks = fr_targets_mark_spec(&recorder->targets, spec);

		if (tasks < 0 && tasks != -ESRCH)
			return tasks;
	}
	settle_targets(recorder);
	return 0;
}

static void begin_recording(struct fr_recorder *recorder)
{
	recorder->resume_clock = 0;
	recorder->sleep_clock = 0;
	recorder->stale = false;
	recorder->settled = false;
	recorder->start = fr_clock_read_pair();
	fr_rings_begin(recorder->rings);
	/* The rings, then the state. Pairs with fr_recorder_is_on(). */
	smp_store_release(&recorder->state, FLIGHTREC_RECORDING);
}

static int start(struct fr_recorder *recorder)
{
	int error;

	if (recorder->state != FLIGHTREC_IDLE)
		return -EBUSY;
	if (recorder->sleeping)
		return -EAGAIN;
	fr_clock_choose();
	recorder->args = recorder->config.args;
	recorder->events = recorder->config.events;
	error = memory_alloc(recorder);
	if (error)
		return error;
	/* Births and deaths are followed from here on, nothing is written. */
	error = fr_probes_register(recorder);
	if (error) {
		drain(recorder);
		return error;
	}
	error = mark_all_specs(recorder);
	if (error) {
		teardown(recorder);
		return error;
	}
	fr_sparing_begin(recorder);
	fr_triggers_begin(&recorder->triggers);
	begin_recording(recorder);
	fr_triggers_arm(recorder);
	return 0;
}

/* Is the tail of a trigger being recorded? A moment's answer. */
static bool is_tripped(const struct fr_recorder *recorder)
{
	return READ_ONCE(recorder->state) == FLIGHTREC_RECORDING &&
	       /* Pairs with trip_begin(). */
	       smp_load_acquire(&recorder->trip.claimed) == FR_TRIP_TAIL;
}

/* Behind this no tail ends, or begins, until a trigger claims @trip anew. */
static void trip_hold(struct fr_recorder *recorder)
{
	WRITE_ONCE(recorder->trip.claimed, FR_TRIP_HELD);
	irq_work_sync(&recorder->told);
	hrtimer_cancel(&recorder->tail);
}

/* The next trigger may freeze the recorder, if that records. */
static void trip_reset(struct fr_recorder *recorder)
{
	trip_hold(recorder);
	/* All of that, then this: who claims it uses it anew. */
	smp_store_release(&recorder->trip.claimed, FR_TRIP_NONE);
}

/* Forget the tail. Return: 0; -EALREADY if it was over, and the recorder frozen. */
static int drop_tail(struct fr_recorder *recorder)
{
	/* Whoever has claimed it comes to the end of that. */
	synchronize_rcu();
	trip_hold(recorder);
	if (freeze_is_unsettled(recorder)) {
		settle_freeze(recorder);
		return -EALREADY;
	}
	trip_reset(recorder);
	return 0;
}

static int stop(struct fr_recorder *recorder)
{
	if (recorder->state == FLIGHTREC_IDLE)
		return -ENODATA;
	WRITE_ONCE(recorder->state, FLIGHTREC_IDLE);
	fr_triggers_disarm(recorder);
	/* What uses the rings ends here; a probe that goes on can claim nothing. */
	trip_hold(recorder);
	teardown(recorder);
	trip_reset(recorder);
	fr_window_drop(&recorder->window);
	recorder->run++;
	fr_targets_drop_specs(&recorder->targets);
	return 0;
}

/*
 * Nobody writes any more; wait for those who do, and make the window, which ended at
 * its cut. The lock is held for writing.
 */
static void settle_window(struct fr_recorder *recorder)
{
	synchronize_rcu();
	recorder->stopped_clock = fr_clock();
	fr_rings_close(recorder->rings);
	recorder->generation++;
	/* Without memory the freeze stands all the same; read() tries again. */
	fr_window_make(recorder, &recorder->window);
	recorder->settled = true;
	wake_up_interruptible(&recorder->wait);
}

/* The same of a freeze by a trigger, who has noted down why and when; if there is one. */
static void settle_freeze(struct fr_recorder *recorder)
{
	if (!freeze_is_unsettled(recorder))
		return;
	recorder->window.reason = FLIGHTREC_REASON_TRIGGER;
	recorder->window.cut = recorder->trip.cut;
	settle_window(recorder);
}

static int freeze_for(struct fr_recorder *recorder, u32 reason)
{
	struct fr_cut cut;

	if (recorder->state == FLIGHTREC_IDLE)
		return -ENODATA;
	/*
	 * The cut, then the end of writing: a writer that comes in between
	 * leaves a record later than the cut, which readers drop. After the
	 * grace period every writer that saw "recording" has left.
	 */
	fr_cut_take(&cut);
	if (cmpxchg(&recorder->state, FLIGHTREC_RECORDING, FLIGHTREC_FROZEN) !=
	    FLIGHTREC_RECORDING) {
		/* A trigger may have done so since the lock was taken. */
		settle_freeze(recorder);
		return -EALREADY;
	}
	recorder->window.reason = reason;
	recorder->window.cut = cut;
	settle_window(recorder);
	return 0;
}

static int freeze(struct fr_recorder *recorder)
{
	return freeze_for(recorder, FLIGHTREC_REASON_FREEZE);
}

static int thaw(struct fr_recorder *recorder)
{
	if (recorder->state == FLIGHTREC_IDLE)
		return -ENODATA;
	if (is_tripped(recorder)) {
		if (!drop_tail(recorder))
			return 0;
	} else if (recorder->state == FLIGHTREC_RECORDING) {
		return -EALREADY;
	}
	/* A trigger may have frozen it since the lock was taken: writers have to leave. */
	settle_freeze(recorder);
	/* Tasks run until they are frozen. Behind that the clock may begin anew. */
	if (recorder->sleeping && fr_clock_kind() == FLIGHTREC_CLOCK_TSC)
		return -EAGAIN;
	/* The TSC may begin anew in a suspend: no order with what is held. */
	if (recorder->stale || fr_clock() < recorder->stopped_clock)
		return -ESTALE;
	fr_window_drop(&recorder->window);
	trip_reset(recorder);
	recorder->settled = false;
	fr_rings_resume(recorder->rings, recorder->stopped_clock);
	recorder->resume_clock = fr_clock();
	/* As in begin_recording(). */
	smp_store_release(&recorder->state, FLIGHTREC_RECORDING);
	return 0;
}

static int change(struct fr_recorder *recorder,
		  int (*transition)(struct fr_recorder *recorder))
{
	int error = lock_for_change(recorder);

	if (error)
		return error;
	error = transition(recorder);
	unlock_after_change(recorder);
	return error;
}

/* FLIGHTREC_IOC_START. */
int fr_recorder_start(struct fr_recorder *recorder)
{
	return change(recorder, start);
}

/* FLIGHTREC_IOC_STOP. */
int fr_recorder_stop(struct fr_recorder *recorder)
{
	return change(recorder, stop);
}

/* FLIGHTREC_IOC_FREEZE. */
int fr_recorder_freeze(struct fr_recorder *recorder)
{
	return change(recorder, freeze);
}

/* FLIGHTREC_IOC_THAW. */
int fr_recorder_thaw(struct fr_recorder *recorder)
{
	return change(recorder, thaw);
}

/**
 * fr_recorder_suspend() - the machine is about to sleep
 * @recorder: in any state
 *
 * What is recorded with a clock that may not survive that is frozen, so that it
 * can be read afterwards; and none is begun, or gone on with, until fr_recorder_wake().
 *
 * Context: process, before tasks are frozen.
 */
void fr_recorder_suspend(struct fr_recorder *recorder)
{
	down_write(&recorder->lock);
	settle_freeze(recorder);
	if (recorder->state == FLIGHTREC_RECORDING &&
	    fr_clock_kind() == FLIGHTREC_CLOCK_TSC)
		freeze_for(recorder, FLIGHTREC_REASON_SUSPEND);
	recorder->sleep_clock = fr_clock();
	recorder->sleeping = true;
	up_write(&recorder->lock);
}

/**
 * fr_recorder_wake() - the machine has slept, or could not
 * @recorder: in any state
 *
 * If the clock has begun anew, that shows now; when the window is to be gone on
 * with it may be past its old value again.
 *
 * Context: process, after tasks are thawed.
 */
void fr_recorder_wake(struct fr_recorder *recorder)
{
	down_write(&recorder->lock);
	recorder->sleeping = false;
	if (recorder->state != FLIGHTREC_IDLE &&
	    fr_clock() < recorder->sleep_clock)
		recorder->stale = true;
	up_write(&recorder->lock);
}

/* ---- Triggers ----------------------------------------------------------- */

/* FLIGHTREC_IOC_TRIGGER_ADD; @trigger is valid. */
int fr_recorder_trigger_add(struct fr_recorder *recorder,
			    struct flightrec_trigger *trigger)
{
	int error = lock_for_change(recorder);

	if (error)
		return error;
	error = fr_trigger_add(recorder, trigger);
	unlock_after_change(recorder);
	return error;
}

/* FLIGHTREC_IOC_TRIGGER_REMOVE. */
int fr_recorder_trigger_remove(struct fr_recorder *recorder,
			       const struct flightrec_trigger *trigger)
{
	int error = lock_for_change(recorder);

	if (error)
		return error;
	error = fr_trigger_remove(recorder, trigger->id);
	unlock_after_change(recorder);
	return error;
}

/* FLIGHTREC_IOC_TRIGGER_GET. */
int fr_recorder_trigger_get(struct fr_recorder *recorder,
			    struct flightrec_trigger *trigger)
{
	int error = down_read_killable(&recorder->lock);

	if (error)
		return error;
	error = fr_trigger_get(&recorder->triggers, trigger);
	up_read(&recorder->lock);
	return error;
}

/* FLIGHTREC_IOC_FIRED. */
int fr_recorder_next_firing(struct fr_recorder *recorder,
			    struct flightrec_fired *fired)
{
	if (READ_ONCE(recorder->state) == FLIGHTREC_IDLE)
		return -ENODATA;
	return fr_triggers_next(&recorder->triggers, fired);
}

/*
 * The tape stands still from here on, if it has not done so before. Preemption is
 * off; any context but NMI.
 */
static void trip(struct fr_recorder *recorder)
{
	/* As in freeze_for(). */
	fr_cut_take(&recorder->trip.cut);
	/* The cut, and why, then this. Pairs with freeze_is_unsettled(). */
	cmpxchg(&recorder->state, FLIGHTREC_RECORDING, FLIGHTREC_FROZEN);
}

/* So often is looked whether a tail that is measured by blocks is over. */
#define TAIL_LOOK_NS NSEC_PER_MSEC

static ktime_t tail_step(const struct fr_trip *trip)
{
	return ns_to_ktime(trip->tail_blocks ? TAIL_LOOK_NS : trip->tail_ns);
}

static bool tail_is_over(const struct fr_recorder *recorder, ktime_t now)
{
	const struct fr_trip *trip = &recorder->trip;
	u64 drawn = fr_rings_drawn(recorder->rings) - trip->begin_blocks;

	if (trip->tail_blocks && drawn >= trip->tail_blocks)
		return true;
	return trip->tail_ns &&
	       ktime_to_ns(now) >= trip->firing.mono_ns + trip->tail_ns;
}

static enum hrtimer_restart end_tail(struct hrtimer *timer)
{
	struct fr_recorder *recorder =
		container_of(timer, struct fr_recorder, tail);

	if (!is_tripped(recorder))
		return HRTIMER_NORESTART;
	if (!tail_is_over(recorder, ktime_get())) {
		hrtimer_forward_now(timer, tail_step(&recorder->trip));
		return HRTIMER_RESTART;
	}
	trip(recorder);
	irq_work_queue(&recorder->told);
	return HRTIMER_NORESTART;
}

/* What cannot be done where a trigger fires: an rq lock may be held there. */
static void tell(struct irq_work *work)
{
	struct fr_recorder *recorder =
		container_of(work, struct fr_recorder, told);

	if (is_tripped(recorder) && !hrtimer_active(&recorder->tail))
		hrtimer_start(&recorder->tail, tail_step(&recorder->trip),
			      HRTIMER_MODE_REL_HARD);
	if (READ_ONCE(recorder->state) == FLIGHTREC_FROZEN)
		/* Not here: what was found may be a hog that has this CPU. */
		queue_work(fr_unbound_workqueue(), &recorder->finish);
	wake_up_interruptible(&recorder->wait);
}

/* Nobody else has come by: make the window of a freeze by a trigger. */
static void finish_later(struct work_struct *work)
{
	struct fr_recorder *recorder =
		container_of(work, struct fr_recorder, finish);

	down_write(&recorder->lock);
	settle_freeze(recorder);
	up_write(&recorder->lock);
}

static void trip_begin(struct fr_recorder *recorder,
		       const struct flightrec_trigger *trigger,
		       const struct flightrec_firing *firing)
{
	struct fr_trip *trip_of = &recorder->trip;
	u64 blocks = fr_rings_blocks(recorder->rings);

	/* The first one freezes; the others have fired all the same. */
	if (cmpxchg(&trip_of->claimed, FR_TRIP_NONE, FR_TRIP_CLAIMED) !=
	    FR_TRIP_NONE)
		return;
	trip_of->firing = *firing;
	trip_of->tail_ns = trigger->tail_ns;
	trip_of->begin_blocks = fr_rings_drawn(recorder->rings);
	trip_of->tail_blocks =
		DIV_ROUND_UP_ULL(blocks * trigger->tail_percent, 100);
	if (!trigger->tail_ns && !trigger->tail_percent)
		trip(recorder);
	else
		/* All of that, then this; unless it is held meanwhile. */
		cmpxchg(&trip_of->claimed, FR_TRIP_CLAIMED, FR_TRIP_TAIL);
}

/**
 * fr_recorder_fired() - a trigger has fired: do what it asks for
 * @recorder: recording
 * @trigger: which one
 * @firing: why, noted down already
 *
 * Context: preemption off; any but NMI, the rq lock may be held.
 */
void fr_recorder_fired(struct fr_recorder *recorder,
		       const struct flightrec_trigger *trigger,
		       const struct flightrec_firing *firing)
{
	if (trigger->action == FLIGHTREC_ACTION_FREEZE)
		trip_begin(recorder, trigger, firing);
	irq_work_queue(&recorder->told);
}

/* ---- What goes on while recording --------------------------------------- */

static void judge_mark(struct fr_recorder *recorder, const char *text,
		       u32 length)
{
	const struct fr_finding finding = {
		.condition = FLIGHTREC_TRIGGER_MARK,
		.tid = current->pid,
		.nr = -1,
		.text = text,
		.length = length,
	};

	fr_triggers_judge(recorder, &finding);
}

/**
 * fr_recorder_mark() - FLIGHTREC_IOC_MARK
 * @recorder: in any state
 * @text: kernel memory
 * @length: 1 to FLIGHTREC_MARK_MAX
 *
 * Takes no lock: like a probe it looks at the state with preemption off, and
 * stop and freeze wait for it.
 *
 * Return: 0; -ENODATA not recording; -ENOSPC no block for it.
 */
int fr_recorder_mark(struct fr_recorder *recorder, const char *text, u32 length)
{
	struct fr_record record fr_uninitialized;
	u32 tid = current->pid;
	int error = -ENODATA;

	fr_record_mark(&record, text, length);
	preempt_disable();
	if (fr_recorder_is_on(recorder)) {
		fr_identity_mark(&recorder->identities, tid);
		if (!fr_identity_is_seen(&recorder->identities, current->tgid))
			fr_identity_mark_process(
				&recorder->identities, current,
				fr_recorder_names_since(recorder));
		error = fr_ring_write(this_cpu_ptr(recorder->rings),
				      record.words, record.count, tid, tid) ?
				0 :
				-ENOSPC;
		if (fr_triggers_have(&recorder->triggers,
				     FLIGHTREC_TRIGGER_MARK))
			judge_mark(recorder, text, length);
	}
	preempt_enable();
	return error;
}

static u64 memory_bytes(struct fr_recorder *recorder, u64 ring_bytes)
{
	return ring_bytes + fr_targets_bytes(&recorder->targets) +
	       fr_identities_bytes(&recorder->identities) + sizeof(*recorder) -
	       sizeof(recorder->targets) + fr_window_memory(&recorder->window) +
	       (recorder->rings ? fr_rings_notes_bytes(recorder->rings) : 0);
}

/* Since when its tape is held; since the start as long as all of it is. */
static u64 ring_since(const struct fr_recorder *recorder,
		      const struct fr_ring *ring)
{
	return READ_ONCE(ring->since_seq) == 1 ? recorder->start.mono_ns :
						 READ_ONCE(ring->since_mono_ns);
}

static void stats_of_cpus(struct fr_recorder *recorder,
			  struct flightrec_stats *stats,
			  struct flightrec_stats_cpu *cpus, u32 room)
{
	u32 i = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fr_ring *ring = per_cpu_ptr(recorder->rings, cpu);
		struct flightrec_stats_cpu one = {
			.cpu = cpu,
			.events = fr_ring_events(ring),
			.lost_events = READ_ONCE(ring->lost_events),
			.since_mono_ns = ring_since(recorder, ring),
			.blocks_opened = READ_ONCE(ring->seq),
		};

		stats->events += one.events;
		stats->lost_events += one.lost_events;
		if (i < room)
			cpus[i] = one;
		i++;
	}
	stats->cpus_count = i;
}

static void stats_when_active(struct fr_recorder *recorder,
			      struct flightrec_stats *stats,
			      struct flightrec_stats_cpu *cpus, u32 room)
{
	stats->start_mono_ns = recorder->start.mono_ns;
	if (stats->state == FLIGHTREC_FROZEN)
		stats->now_mono_ns = recorder->window.cut.mono_ns;
	stats->missed_targets = READ_ONCE(recorder->targets.missed);
	stats->missed_names = READ_ONCE(recorder->identities.missed);
	stats->tasks = READ_ONCE(recorder->targets.tasks);
	stats->identities = fr_identities_held(&recorder->identities);
	stats->ring_bytes = fr_rings_bytes(recorder->rings);
	stats_of_cpus(recorder, stats, cpus, room);
}

/* Take the lock for reading; a freeze by a trigger has all that goes with it. */
static int lock_settled(struct fr_recorder *recorder)
{
	for (;;) {
		int error = down_read_killable(&recorder->lock);

		if (error || !freeze_is_unsettled(recorder))
			return error;
		up_read(&recorder->lock);
		error = lock_for_change(recorder);
		if (error)
			return error;
		unlock_after_change(recorder);
	}
}

/**
 * fr_recorder_state() - the state as users are told of it
 * @recorder: its lock is held
 *
 * A trigger takes no lock and may freeze at any time. Until all is there that goes
 * with that, it is still to come.
 *
 * Return: FLIGHTREC_*
 */
u32 fr_recorder_state(const struct fr_recorder *recorder)
{
	u32 state = READ_ONCE(recorder->state);

	if (state == FLIGHTREC_FROZEN && !recorder->settled)
		state = FLIGHTREC_RECORDING;
	if (state == FLIGHTREC_RECORDING &&
	    READ_ONCE(recorder->trip.claimed) == FR_TRIP_TAIL)
		state = FLIGHTREC_TRIPPED;
	return state;
}

/**
 * fr_recorder_stats() - FLIGHTREC_IOC_STATS
 * @recorder: in any state
 * @stats: zero but for cpus_count, the room in @cpus
 * @cpus: kernel memory
 *
 * Context: process. Return: 0 or -EINTR.
 */
int fr_recorder_stats(struct fr_recorder *recorder,
		      struct flightrec_stats *stats,
		      struct flightrec_stats_cpu *cpus)
{
	u32 room = stats->cpus_count;
	int error = lock_settled(recorder);

	if (error)
		return error;
	stats->cpus_count = 0;
	stats->state = fr_recorder_state(recorder);
	stats->reason = recorder->window.reason;
	stats->targets = recorder->targets.specs_count;
	stats->now_mono_ns = ktime_get_mono_fast_ns();
	stats->config = recorder->config;
	stats->config.sparing = fr_sparing_state(&recorder->sparing);
	if (stats->state != FLIGHTREC_IDLE)
		stats_when_active(recorder, stats, cpus, room);
	stats->memory_bytes = memory_bytes(recorder, stats->ring_bytes);
	up_read(&recorder->lock);
	return 0;
}

/* Make the window now if it could not be made at the freeze. */
static int window_retry(struct fr_recorder *recorder)
{
	int error = lock_for_change(recorder);

	if (error)
		return error;
	/* One that has been frozen since the lock was taken is settled first. */
	if (recorder->state == FLIGHTREC_FROZEN && recorder->settled &&
	    !recorder->window.head)
		error = fr_window_make(recorder, &recorder->window);
	unlock_after_change(recorder);
	return error;
}

/* Take a live window, whose reader begins to read. The lock is held for reading. */
static int view_live(struct fr_recorder *recorder, struct fr_view *view)
{
	view->run = recorder->run;
	return fr_window_make_live(recorder, &view->live);
}

/*
 * Which error tells a reader at @offset that it cannot read on; 0: it can. The lock
 * is held for reading.
 */
static int read_refusal(struct fr_recorder *recorder, struct fr_view *view,
			u64 offset)
{
	/* Who has read nothing yet has missed nothing. */
	if (!offset && view->run != recorder->run)
		fr_window_drop(&view->live);
	if (view->live.head)
		return view->run == recorder->run ? 0 : -ESTALE;
	if (offset && (recorder->state != FLIGHTREC_FROZEN ||
		       view->generation != recorder->generation))
		return -ESTALE;
	if (recorder->state == FLIGHTREC_IDLE)
		return -ENODATA;
	if (recorder->state == FLIGHTREC_RECORDING)
		return view_live(recorder, view);
	view->generation = recorder->generation;
	return 0;
}

/*
 * Take the lock for reading, with a window there that @view is of. Return: 0, or an
 * error and then it is not taken.
 */
static int begin_read(struct fr_recorder *recorder, struct fr_view *view,
		      u64 offset)
{
	int error;

	for (;;) {
		error = lock_settled(recorder);
		if (error)
			return error;
		error = read_refusal(recorder, view, offset);
		if (!error && (view->live.head || recorder->window.head))
			return 0;
		up_read(&recorder->lock);
		if (!error)
			error = window_retry(recorder);
		if (error)
			return error;
	}
}

/* The one that @view is of, behind begin_read(). */
static const struct fr_window *window_of(const struct fr_recorder *recorder,
					 const struct fr_view *view)
{
	return view->live.head ? &view->live : &recorder->window;
}

/**
 * fr_recorder_read() - copy a part of the window
 * @recorder: in any state
 * @view: (in/out) the reader's; zero before the first time
 * @offset: (in/out) from where; of a live window perhaps from before that
 * @to: kernel memory: no user's page fault can hold the lock
 * @bytes: how much, at most: FR_BLOCK_BYTES_MAX at least, if recording; or 0, to see
 *	whether the reader can go on
 *
 * Context: process. Return: how much was copied, 0 at the end; errors as read()
 * has them.
 */
ssize_t fr_recorder_read(struct fr_recorder *recorder, struct fr_view *view,
			 u64 *offset, void *to, size_t bytes)
{
	const struct fr_window *window;
	int error = begin_read(recorder, view, *offset);

	if (error)
		return error;
	window = window_of(recorder, view);
	*offset = fr_window_from(window, *offset);
	bytes = fr_window_copy(window, *offset, to, bytes);
	up_read(&recorder->lock);
	return bytes;
}

/**
 * fr_recorder_read_to_user() - copy a part of the window straight to the user
 * @recorder: in any state
 * @view: (in/out) the reader's; zero before the first time
 * @offset: from where
 * @to: the user's memory; no page fault in it can hold the lock
 * @bytes: how much, at most: for so long the lock is held
 *
 * Context: process. Return: how much was copied; 0 also if that can only be done by
 * fr_recorder_read(): see fr_window_copy_to_user(); errors as read() has them.
 */
ssize_t fr_recorder_read_to_user(struct fr_recorder *recorder,
				 struct fr_view *view, u64 offset,
				 void __user *to, size_t bytes)
{
	int error = begin_read(recorder, view, offset);

	if (error)
		return error;
	/* A thaw, which lets blocks be written anew, waits for the lock. */
	bytes = fr_window_copy_to_user(window_of(recorder, view), offset, to,
				       bytes);
	up_read(&recorder->lock);
	return bytes;
}

/* ---- The object --------------------------------------------------------- */

/* Return: an idle recorder with the default configuration, or NULL. */
struct fr_recorder *fr_recorder_create(void)
{
	struct fr_recorder *recorder = vzalloc(sizeof(*recorder));
	struct flightrec_config config = {};

	if (!recorder)
		return NULL;
	init_rwsem(&recorder->lock);
	init_waitqueue_head(&recorder->wait);
	INIT_WORK(&recorder->settle, settle_later);
	fr_sparing_init(&recorder->sparing);
	INIT_WORK(&recorder->finish, finish_later);
	init_irq_work(&recorder->told, tell);
	fr_hrtimer_setup(&recorder->tail, end_tail, HRTIMER_MODE_REL_HARD);
	fr_triggers_init(&recorder->triggers);
	fr_targets_init(&recorder->targets);
	fr_identities_init(&recorder->identities);
	config.args = 1;
	config_defaults(&config);
	config_set(recorder, &config);
	return recorder;
}

/* Nobody holds the device open any more. Stops and discards. Takes NULL. */
void fr_recorder_destroy(struct fr_recorder *recorder)
{
	if (!recorder)
		return;
	/* finish_later() may be making a window: of memory that goes. */
	down_write(&recorder->lock);
	stop(recorder);
	up_write(&recorder->lock);
	/* A probe may have asked for it at its end; then for that. */
	irq_work_sync(&recorder->told);
	cancel_work_sync(&recorder->finish);
	fr_triggers_deinit(&recorder->triggers);
	fr_targets_deinit(&recorder->targets);
	vfree(recorder);
}
