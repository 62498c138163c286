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
		config->events = FLIGHTREC_EVENTS_ALL;
	if (!config->policy)
		config->policy = FLIGHTREC_POLICY_SHARED;
	if (!config->slots)
		config->slots = FR_SLOTS_DEFAULT;
	if (!config->identities)
		config->identities = FR_IDENTITIES_DEFAULT;
}

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
	       config->identities <= FR_IDENTITIES_MAX;
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

	return config->ring_bytes / 2 + others / 2 <= pages * (PAGE_SIZE / 4);
}

/* Kept as the statistics give it out: with our own idea of its size. */
static void config_set(struct fr_recorder *recorder,
		       const struct flightrec_config *config)
{
	recorder->config = *config;
	recorder->config.size = sizeof(*config);
	recorder->config.recorder = 0;
}

static int lock_for_change(struct fr_recorder *recorder)
{
	return down_write_killable(&recorder->lock);
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
			 FLIGHTREC_FEATURE_LIVE | FLIGHTREC_FEATURE_SHARED;
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
	fr_targets_reclaim(&recorder->targets, taken);
}

/* The same for what a probe has added; slots are not short for that. */
static void settle_later(struct work_struct *work)
{
	fr_probes_settle(container_of(work, struct fr_recorder, settle));
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
	/* The spec first: a name must match whoever takes it from now on. */
	error = fr_targets_add_spec(targets, spec);
	if (error)
		return error;
	if (recorder->state != FLIGHTREC_IDLE) {
		tasks = fr_targets_mark_spec(targets, spec);
		settle_targets(recorder);
	}
	if (tasks < 0) {
		fr_targets_unlink_spec(targets, spec);
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
	fr_probes_unregister(recorder);
	drain(recorder);
}

/* Turn all that was asked for into targets. The vanished are passed over. */
static int mark_all_specs(struct fr_recorder *recorder)
{
	const struct fr_spec *spec;

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
	begin_recording(recorder);
	return 0;
}

static int stop(struct fr_recorder *recorder)
{
	if (recorder->state == FLIGHTREC_IDLE)
		return -ENODATA;
	WRITE_ONCE(recorder->state, FLIGHTREC_IDLE);
	teardown(recorder);
	fr_window_drop(&recorder->window);
	recorder->run++;
	fr_targets_drop_specs(&recorder->targets);
	return 0;
}

static int freeze_for(struct fr_recorder *recorder, u32 reason)
{
	if (recorder->state == FLIGHTREC_IDLE)
		return -ENODATA;
	if (recorder->state == FLIGHTREC_FROZEN)
		return -EALREADY;
	/*
	 * The cut, then the end of writing: a writer that comes in between
	 * leaves a record later than the cut, which readers drop. After the
	 * grace period every writer that saw "recording" has left.
	 */
	fr_cut_take(&recorder->window.cut);
	WRITE_ONCE(recorder->state, FLIGHTREC_FROZEN);
	synchronize_rcu();
	recorder->stopped_clock = fr_clock();
	fr_rings_close(recorder->rings);
	recorder->window.reason = reason;
	recorder->generation++;
	/* Without memory the freeze stands all the same; read() tries again. */
	fr_window_make(recorder, &recorder->window);
	wake_up_interruptible(&recorder->wait);
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
	if (recorder->state == FLIGHTREC_RECORDING)
		return -EALREADY;
	/* The TSC may begin anew in a suspend: no order with what is held. */
	if (recorder->stale || fr_clock() < recorder->stopped_clock)
		return -ESTALE;
	fr_window_drop(&recorder->window);
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
 * can be read afterwards.
 *
 * Context: process, before tasks are frozen.
 */
void fr_recorder_suspend(struct fr_recorder *recorder)
{
	down_write(&recorder->lock);
	if (recorder->state == FLIGHTREC_RECORDING &&
	    fr_clock_kind() == FLIGHTREC_CLOCK_TSC)
		freeze_for(recorder, FLIGHTREC_REASON_SUSPEND);
	recorder->sleep_clock = fr_clock();
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
	if (recorder->state != FLIGHTREC_IDLE &&
	    fr_clock() < recorder->sleep_clock)
		recorder->stale = true;
	up_write(&recorder->lock);
}

/* ---- What goes on while recording --------------------------------------- */

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
		/* As in mention_first(). */
		fr_identity_mark(&recorder->identities, current->tgid);
		error = fr_ring_write(this_cpu_ptr(recorder->rings),
				      record.words, record.count, tid, tid) ?
				0 :
				-ENOSPC;
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
	if (recorder->state == FLIGHTREC_FROZEN)
		stats->now_mono_ns = recorder->window.cut.mono_ns;
	stats->missed_targets = READ_ONCE(recorder->targets.missed);
	stats->missed_names = READ_ONCE(recorder->identities.missed);
	stats->tasks = READ_ONCE(recorder->targets.tasks);
	stats->identities = fr_identities_held(&recorder->identities);
	stats->ring_bytes = fr_rings_bytes(recorder->rings);
	stats_of_cpus(recorder, stats, cpus, room);
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
	int error = down_read_killable(&recorder->lock);

	if (error)
		return error;
	stats->cpus_count = 0;
	stats->state = recorder->state;
	stats->reason = recorder->window.reason;
	stats->targets = recorder->targets.specs_count;
	stats->now_mono_ns = ktime_get_mono_fast_ns();
	stats->config = recorder->config;
	if (recorder->state != FLIGHTREC_IDLE)
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
	if (recorder->state == FLIGHTREC_FROZEN && !recorder->window.head)
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
		error = down_read_killable(&recorder->lock);
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

/**
 * fr_recorder_look() - can a reader go on?
 * @recorder: in any state
 * @view: (in/out) his; zero before the first time
 * @offset: where he is
 *
 * Context: process. Return: 0, or an error as read() has them.
 */
int fr_recorder_look(struct fr_recorder *recorder, struct fr_view *view,
		     u64 offset)
{
	int error = begin_read(recorder, view, offset);

	if (!error)
		up_read(&recorder->lock);
	return error;
}

/**
 * fr_recorder_read() - copy a part of the window
 * @recorder: in any state
 * @view: (in/out) the reader's; zero before the first time
 * @offset: (in/out) from where; of a live window perhaps from before that
 * @to: kernel memory: no user's page fault can hold the lock
 * @bytes: how much, at most; at least FR_BLOCK_BYTES_MAX if recording
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
	window = view->live.head ? &view->live : &recorder->window;
	*offset = fr_window_from(window, *offset);
	bytes = fr_window_copy(window, *offset, to, bytes);
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
	if (recorder->state != FLIGHTREC_IDLE)
		stop(recorder);
	fr_targets_deinit(&recorder->targets);
	vfree(recorder);
}
