// SPDX-License-Identifier: GPL-2.0
/* Triggers: conditions to actions. See trigger.h. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "clock.h"
#include "recorder.h"
#include "trigger.h"

#define LIMIT_NS_MAX  (1ULL << 60)
#define TAIL_NS_MAX   (1ULL << 40)
#define PERIOD_NS_MIN (2 * NSEC_PER_MSEC)
#define PERIOD_NS_MAX NSEC_PER_SEC
/* What lasts is looked for so often, in parts of its limit. */
#define PERIODS	      4
/* Slots that the timer looks at, at a time: some ten microseconds in an interrupt. */
#define SLOTS_AT_ONCE 512U

#define BIT_OF(name)  (1U << FLIGHTREC_TRIGGER_##name)
#define OF_CALLS      (BIT_OF(CALL) | BIT_OF(ERRNO) | BIT_OF(IN_CALL))
#define OF_TIME	      (BIT_OF(CALL) | BIT_OF(WAIT) | BIT_OF(OFF) | OF_TIMER)
#define OF_TIMER \
	(BIT_OF(IN_CALL) | BIT_OF(WAITING) | BIT_OF(RUNNING) | BIT_OF(AWAY))
#define OF_SWITCHES                                                       \
	(BIT_OF(WAIT) | BIT_OF(OFF) | BIT_OF(WAITING) | BIT_OF(RUNNING) | \
	 BIT_OF(AWAY))

DEFINE_STATIC_KEY_FALSE(fr_calls_are_judged);
DEFINE_STATIC_KEY_FALSE(fr_sched_is_judged);

/* ---- What is asked for -------------------------------------------------- */

static u32 bit_of(const struct flightrec_trigger *what)
{
	return what->condition < 32 ? 1U << what->condition : 0;
}

static bool limit_is_valid(const struct flightrec_trigger *what)
{
	u64 least = bit_of(what) & OF_TIMER ? PERIODS * PERIOD_NS_MIN : 1;

	if (!(bit_of(what) & OF_TIME))
		return !what->limit_ns;
	return what->limit_ns >= least && what->limit_ns <= LIMIT_NS_MAX;
}

static bool value_is_valid(const struct flightrec_trigger *what)
{
	switch (what->condition) {
	case FLIGHTREC_TRIGGER_ERRNO:
		return what->value >= 1 && what->value <= FR_ERRNO_MAX;
	case FLIGHTREC_TRIGGER_SIGNAL:
		return what->value >= 0 && what->value <= 64;
	case FLIGHTREC_TRIGGER_EXIT:
		return what->value >= 0 && what->value <= 255;
	default:
		return !what->value;
	}
}

static bool calls_are_valid(const struct flightrec_trigger *what)
{
	u32 i;

	if (what->calls_count > FLIGHTREC_TRIGGER_CALLS ||
	    (what->calls_count && !(bit_of(what) & OF_CALLS)))
		return false;
	for (i = 0; i < FLIGHTREC_TRIGGER_CALLS; i++)
		if (i < what->calls_count ? what->calls[i] < 0 :
					    what->calls[i] != 0)
			return false;
	return true;
}

static bool text_is_valid(const struct flightrec_trigger *what)
{
	size_t length = strnlen(what->text, sizeof(what->text));

	if (length && what->condition != FLIGHTREC_TRIGGER_MARK)
		return false;
	return !memchr_inv(what->text + length, 0, sizeof(what->text) - length);
}

static bool action_is_valid(const struct flightrec_trigger *what)
{
	bool tail = what->tail_ns || what->tail_percent;

	if (what->action == FLIGHTREC_ACTION_FREEZE)
		return what->tail_ns <= TAIL_NS_MAX &&
		       what->tail_percent <= 100;
	return what->action == FLIGHTREC_ACTION_NOTIFY && !tail;
}

/* Can it be asked for? What is only given out is not looked at. */
bool fr_trigger_is_valid(const struct flightrec_trigger *what)
{
	return what->condition >= FLIGHTREC_TRIGGER_CALL &&
	       what->condition <= FLIGHTREC_TRIGGER_AWAY && !what->reserved &&
	       what->every_ns <= LIMIT_NS_MAX && action_is_valid(what) &&
	       limit_is_valid(what) && value_is_valid(what) &&
	       calls_are_valid(what) && text_is_valid(what);
}

/* ---- Arming. The recorder's lock is held for writing. -------------------- */

static u64 ticks_of(u64 ns)
{
	return mul_u64_u64_div_u64(ns, fr_clock_khz(), NSEC_PER_MSEC);
}

static u64 ns_of(u64 ticks)
{
	return mul_u64_u64_div_u64(ticks, NSEC_PER_MSEC, fr_clock_khz());
}

static void key_set(struct static_key_false *key, bool on)
{
	if (on)
		static_branch_enable(key);
	else
		static_branch_disable(key);
}

/* The least limit of all triggers with this condition, in ticks; all ones: none. */
static u64 least_limit(const struct fr_triggers *triggers, u32 condition)
{
	u64 least = U64_MAX;
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		const struct fr_trigger *trigger = triggers->all[i];

		if (trigger && trigger->what.condition == condition)
			least = min(least, trigger->limit);
	}
	return least;
}

/*
 * What probes test before they ask: see struct fr_triggers. They do while this is done:
 * what was of interest and still is must be so at each moment.
 */
static void set_limits(struct fr_triggers *triggers)
{
	DECLARE_BITMAP(errnos, FR_ERRNO_MAX + 1) = {};
	u32 conditions = 0;
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		struct fr_trigger *trigger = triggers->all[i];

		if (!trigger)
			continue;
		conditions |= bit_of(&trigger->what);
		if (trigger->what.condition == FLIGHTREC_TRIGGER_ERRNO)
			__set_bit(trigger->what.value, errnos);
	}
	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		WRITE_ONCE(triggers->errnos[i], errnos[i]);
	WRITE_ONCE(triggers->call_limit,
		   least_limit(triggers, FLIGHTREC_TRIGGER_CALL));
	WRITE_ONCE(triggers->wait_limit,
		   least_limit(triggers, FLIGHTREC_TRIGGER_WAIT));
	WRITE_ONCE(triggers->off_limit,
		   least_limit(triggers, FLIGHTREC_TRIGGER_OFF));
	WRITE_ONCE(triggers->conditions, conditions);
}

/* The target that runs on this CPU has had it since now, as far as is known. */
static void begin_running(void *data)
{
	struct fr_recorder *recorder = data;
	struct fr_slot *slot = this_cpu_ptr(recorder->rings)->running;

	/* Of one that is past its end the slot may be another one's. */
	if (!slot || READ_ONCE(slot->task) != current)
		return;
	if (!READ_ONCE(slot->run_clock))
		WRITE_ONCE(slot->run_clock, fr_clock());
	/* It may have got the CPU while begin_timing() took it for off. */
	WRITE_ONCE(slot->off_clock, 0);
	WRITE_ONCE(slot->wait_clock, 0);
}

/*
 * From now on it is known since when a target runs, waits or sleeps; whatever it does
 * now it has begun now, if that was not known. The probes note it down already: what
 * they have noted stays.
 */
static void begin_timing(struct fr_recorder *recorder)
{
	struct fr_targets *targets = &recorder->targets;
	u64 now = fr_clock();
	u32 i;

	for (i = 1; i <= READ_ONCE(targets->slots_top); i++) {
		struct fr_slot *slot = &targets->slots[i];

		if (!READ_ONCE(slot->run_clock))
			cmpxchg64(&slot->off_clock, 0, now);
	}
	on_each_cpu(begin_running, recorder, 1);
}

static void forget_times(struct fr_targets *targets)
{
	u32 i;

	for (i = 1; i <= READ_ONCE(targets->slots_top); i++) {
		struct fr_slot *slot = &targets->slots[i];

		WRITE_ONCE(slot->run_clock, 0);
		WRITE_ONCE(slot->wait_clock, 0);
		WRITE_ONCE(slot->off_clock, 0);
	}
}

static void judge_sched(struct fr_recorder *recorder, bool on)
{
	if (static_key_enabled(&fr_sched_is_judged) == on)
		return;
	if (on)
		forget_times(&recorder->targets);
	key_set(&fr_sched_is_judged, on);
	if (on)
		begin_timing(recorder);
}

/**
 * fr_triggers_settle() - there may be new targets
 * @recorder: with its probes registered; they know of these targets on all CPUs
 *
 * What they do now is timed from now on. Behind a rename this runs without the recorder's
 * lock, so perhaps beside fr_triggers_arm(): both note times only where there are none,
 * and the slots are there until the work that runs this has ended. Context: process, may
 * sleep.
 */
void fr_triggers_settle(struct fr_recorder *recorder)
{
	if (static_key_enabled(&fr_sched_is_judged))
		begin_timing(recorder);
}

/* So often that all slots are looked at within the stated part of each limit. */
static void set_interval(struct fr_recorder *recorder)
{
	struct fr_triggers *triggers = &recorder->triggers;
	u64 period = PERIOD_NS_MAX;
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		const struct fr_trigger *trigger = triggers->all[i];

		if (trigger && bit_of(&trigger->what) & OF_TIMER)
			period = min(period, trigger->what.limit_ns / PERIODS);
	}
	WRITE_ONCE(triggers->interval_ns,
		   div_u64(period, DIV_ROUND_UP(recorder->targets.slots_count,
						SLOTS_AT_ONCE)));
}

static void set_timer(struct fr_recorder *recorder, bool on)
{
	struct fr_triggers *triggers = &recorder->triggers;

	if (!on) {
		hrtimer_cancel(&triggers->timer);
		return;
	}
	set_interval(recorder);
	triggers->cursor = 1;
	hrtimer_start(&triggers->timer, ns_to_ktime(triggers->interval_ns),
		      HRTIMER_MODE_REL_HARD);
}

/* In ticks of the clock that was chosen at the start. */
static void set_ticks(struct fr_trigger *trigger)
{
	trigger->limit = ticks_of(trigger->what.limit_ns);
	trigger->every = ticks_of(trigger->what.every_ns);
}

/**
 * fr_triggers_begin() - recording begins
 * @triggers: disarmed
 *
 * Context: process, the clock has been chosen.
 */
void fr_triggers_begin(struct fr_triggers *triggers)
{
	u32 i;

	triggers->begin_sequence = triggers->sequence;
	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		struct fr_trigger *trigger = triggers->all[i];

		if (!trigger)
			continue;
		set_ticks(trigger);
		/* Of a clock that may have been another one. */
		atomic64_set(&trigger->next_clock, 0);
	}
}

/**
 * fr_triggers_arm() - let the triggers that there are be seen
 * @recorder: not idle, its probes registered
 *
 * Also when they have changed. Context: process, may sleep (static keys).
 */
void fr_triggers_arm(struct fr_recorder *recorder)
{
	struct fr_triggers *triggers = &recorder->triggers;

	set_timer(recorder, false);
	set_limits(triggers);
	key_set(&fr_calls_are_judged,
		triggers->conditions & (BIT_OF(CALL) | BIT_OF(ERRNO)));
	judge_sched(recorder, triggers->conditions & OF_SWITCHES);
	if (triggers->conditions & OF_TIMER)
		set_timer(recorder, true);
}

/**
 * fr_triggers_disarm() - nothing is seen any more
 * @recorder: its probes may still be registered, and its memory is there
 *
 * Behind this no timer runs; probes that have begun may still judge. Context:
 * process, may sleep.
 */
void fr_triggers_disarm(struct fr_recorder *recorder)
{
	set_timer(recorder, false);
	key_set(&fr_calls_are_judged, false);
	judge_sched(recorder, false);
	WRITE_ONCE(recorder->triggers.conditions, 0);
}

/* ---- The set of them. Likewise. ------------------------------------------ */

static struct fr_trigger **place_of(struct fr_triggers *triggers, u32 id)
{
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++)
		if (triggers->all[i] && triggers->all[i]->what.id == id)
			return &triggers->all[i];
	return NULL;
}

/* What the trigger has been told of that was in place @i before. */
static void forget_told(struct fr_targets *targets, u32 i)
{
	u32 number, condition;

	for (number = 1; number <= READ_ONCE(targets->slots_top); number++) {
		struct fr_slot *slot = &targets->slots[number];

		for (condition = 0; condition < ARRAY_SIZE(slot->told);
		     condition++)
			slot->told[condition].triggers &= ~(1U << i);
	}
}

static struct fr_trigger **free_place(struct fr_triggers *triggers)
{
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++)
		if (!triggers->all[i])
			return &triggers->all[i];
	return NULL;
}

/* An id that none has; it is given again only after all others. */
static u32 next_id(struct fr_triggers *triggers)
{
	do {
		triggers->last_id++;
	} while (!triggers->last_id || place_of(triggers, triggers->last_id));
	return triggers->last_id;
}

/* FLIGHTREC_IOC_TRIGGER_ADD. @what is valid; gets its id. */
int fr_trigger_add(struct fr_recorder *recorder, struct flightrec_trigger *what)
{
	struct fr_triggers *triggers = &recorder->triggers;
	struct fr_trigger **place = free_place(triggers);
	struct fr_trigger *trigger;

	if (!place)
		return -ENOSPC;
	trigger = kzalloc(sizeof(*trigger), GFP_KERNEL_ACCOUNT);
	if (!trigger)
		return -ENOMEM;
	what->id = next_id(triggers);
	trigger->what = *what;
	if (recorder->state != FLIGHTREC_IDLE) {
		set_ticks(trigger);
		/* The timer, too, notes down whom it has told of what. */
		set_timer(recorder, false);
		forget_told(&recorder->targets, place - triggers->all);
	}
	/* What it is, then that it is there: probes look at it from now on. */
	smp_store_release(place, trigger);
	if (recorder->state != FLIGHTREC_IDLE)
		fr_triggers_arm(recorder);
	return 0;
}

/* FLIGHTREC_IOC_TRIGGER_REMOVE. */
int fr_trigger_remove(struct fr_recorder *recorder, u32 id)
{
	struct fr_trigger **place = place_of(&recorder->triggers, id);
	struct fr_trigger *trigger;

	if (!place)
		return -ESRCH;
	trigger = *place;
	WRITE_ONCE(*place, NULL);
	if (recorder->state != FLIGHTREC_IDLE) {
		fr_triggers_arm(recorder);
		/* Probes, and the timer, that have found it before. */
		synchronize_rcu();
	}
	kfree(trigger);
	return 0;
}

/* FLIGHTREC_IOC_TRIGGER_GET. The lock may be held for reading. */
int fr_trigger_get(struct fr_triggers *triggers, struct flightrec_trigger *what)
{
	const struct fr_trigger *found = NULL;
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		const struct fr_trigger *trigger = triggers->all[i];

		if (trigger && trigger->what.id >= what->id &&
		    (!found || trigger->what.id < found->what.id))
			found = trigger;
	}
	if (!found)
		return -ESRCH;
	*what = found->what;
	what->fired = atomic64_read(&found->fired);
	what->held_back = atomic64_read(&found->held_back);
	return 0;
}

/* ---- Judging. Preemption is off; any context but NMI. -------------------- */

static bool is_of_call(const struct flightrec_trigger *what, s32 nr)
{
	u32 i;

	for (i = 0; i < what->calls_count; i++)
		if (what->calls[i] == nr)
			return true;
	return !what->calls_count;
}

static bool begins_so(const struct flightrec_trigger *what, const char *text,
		      u32 length)
{
	size_t wanted = strnlen(what->text, sizeof(what->text));

	return wanted <= length && !memcmp(text, what->text, wanted);
}

static bool matches(const struct fr_trigger *trigger,
		    const struct fr_finding *finding)
{
	const struct flightrec_trigger *what = &trigger->what;

	if (what->condition != finding->condition)
		return false;
	switch (what->condition) {
	case FLIGHTREC_TRIGGER_ERRNO:
		return finding->value == what->value &&
		       is_of_call(what, finding->nr);
	case FLIGHTREC_TRIGGER_SIGNAL:
	case FLIGHTREC_TRIGGER_EXIT:
		return !what->value || finding->value == what->value;
	case FLIGHTREC_TRIGGER_EXEC:
		return true;
	case FLIGHTREC_TRIGGER_MARK:
		return begins_so(what, finding->text, finding->length);
	default:
		return finding->ticks > trigger->limit &&
		       is_of_call(what, finding->nr);
	}
}

/* Neither too often nor too soon. Of several at once one may. */
static bool may_fire(struct fr_trigger *trigger, u64 now)
{
	s64 next = atomic64_read(&trigger->next_clock);
	s64 fired = atomic64_read(&trigger->fired);

	if (trigger->what.max && fired >= trigger->what.max)
		return false;
	if (trigger->what.every_ns &&
	    ((s64)now < next ||
	     !atomic64_try_cmpxchg(&trigger->next_clock, &next,
				   now + trigger->every)))
		return false;
	do {
		if (trigger->what.max && fired >= trigger->what.max)
			return false;
	} while (!atomic64_try_cmpxchg(&trigger->fired, &fired, fired + 1));
	return true;
}

static void note_firing(struct fr_triggers *triggers,
			struct flightrec_firing *firing)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&triggers->lock, flags);
	firing->sequence = triggers->sequence + 1;
	triggers->firings[firing->sequence % FR_FIRINGS] = *firing;
	/* Looked at without the lock by who polls. */
	WRITE_ONCE(triggers->sequence, firing->sequence);
	raw_spin_unlock_irqrestore(&triggers->lock, flags);
}

static void fire(struct fr_recorder *recorder, struct fr_trigger *trigger,
		 const struct fr_finding *finding)
{
	bool of_time = bit_of(&trigger->what) & OF_TIME;
	struct flightrec_firing firing = {
		.trigger = trigger->what.id,
		.condition = finding->condition,
		.tid = finding->tid,
		.cpu = raw_smp_processor_id(),
		.value = of_time ? ns_of(finding->ticks) : finding->value,
		.limit = of_time ? trigger->what.limit_ns : trigger->what.value,
		.nr = finding->nr,
		.action = trigger->what.action,
	};
	struct fr_clock_pair now;

	if (!fr_recorder_is_on(recorder) || !may_fire(trigger, fr_clock())) {
		atomic64_inc(&trigger->held_back);
		return;
	}
	now = fr_clock_read_pair();
	firing.clock = now.clock;
	firing.mono_ns = now.mono_ns;
	note_firing(&recorder->triggers, &firing);
	fr_recorder_fired(recorder, &trigger->what, &firing);
}

/* The trigger in place @i, or NULL. */
static struct fr_trigger *trigger_at(struct fr_recorder *recorder, u32 i)
{
	/* That it is there, then what it is. Pairs with fr_trigger_add(). */
	return smp_load_acquire(&recorder->triggers.all[i]);
}

/**
 * fr_triggers_judge() - something has been found: which triggers want to know?
 * @recorder: whose
 * @finding: what
 *
 * Context: preemption off; any but NMI, the rq lock may be held.
 */
void fr_triggers_judge(struct fr_recorder *recorder,
		       const struct fr_finding *finding)
{
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		struct fr_trigger *trigger = trigger_at(recorder, i);

		if (trigger && matches(trigger, finding))
			fire(recorder, trigger, finding);
	}
}

/**
 * fr_triggers_judge_call() - a call has ended
 * @recorder: whose
 * @tid: who made it
 * @nr: which
 * @compat: of a 32-bit caller
 * @ticks: how long it took; 0: not known
 * @result: what it returned
 *
 * Context: as fr_triggers_judge().
 */
void fr_triggers_judge_call(struct fr_recorder *recorder, u32 tid, s32 nr,
			    bool compat, u64 ticks, s64 result)
{
	const struct fr_triggers *triggers = &recorder->triggers;
	struct fr_finding finding = {
		.tid = tid,
		.value = -result,
		.ticks = ticks,
		.nr = compat ? -1 : nr,
	};

	if (ticks > READ_ONCE(triggers->call_limit)) {
		finding.condition = FLIGHTREC_TRIGGER_CALL;
		fr_triggers_judge(recorder, &finding);
	}
	if (result < 0 && result >= -(s64)FR_ERRNO_MAX &&
	    test_bit(-result, triggers->errnos)) {
		finding.condition = FLIGHTREC_TRIGGER_ERRNO;
		fr_triggers_judge(recorder, &finding);
	}
}

/* ---- What lasts. In the timer's interrupt. ------------------------------- */

/* Since when, of a condition that the timer looks at; 0: not. */
static u64 since_of(const struct fr_slot *slot, u32 condition)
{
	switch (condition) {
	case FLIGHTREC_TRIGGER_IN_CALL:
		return READ_ONCE(slot->touch_clock) <=
				       READ_ONCE(slot->enter_clock) ?
			       READ_ONCE(slot->enter_clock) :
			       0;
	case FLIGHTREC_TRIGGER_WAITING:
		return READ_ONCE(slot->wait_clock);
	case FLIGHTREC_TRIGGER_RUNNING:
		return READ_ONCE(slot->run_clock);
	default:
		return READ_ONCE(slot->off_clock);
	}
}

/* Has trigger number @i been told of what has lasted since @since? Then it is now. */
static bool is_told(struct fr_slot *slot, u32 condition, u64 since, u32 i)
{
	struct fr_told *told = &slot->told[condition - FR_TOLD_FIRST];
	bool before;

	if (told->since != since) {
		told->since = since;
		told->triggers = 0;
	}
	before = told->triggers & 1U << i;
	told->triggers |= 1U << i;
	return before;
}

static void judge_lasting(struct fr_recorder *recorder, struct fr_slot *slot,
			  struct fr_trigger *trigger, u32 i, u64 now)
{
	u32 condition = trigger->what.condition;
	u64 since = since_of(slot, condition);
	/* Whether it was the one that began then is seen below. */
	u64 call = data_race(slot->call);
	bool of_call = condition == FLIGHTREC_TRIGGER_IN_CALL;
	struct fr_finding finding = {
		.condition = condition,
		.tid = READ_ONCE(slot->tid),
		.ticks = now - since,
		.nr = of_call && !(call & FR_CALL_COMPAT) ? (s32)call : -1,
	};

	if (!since || (s64)(now - since) <= 0 || !READ_ONCE(slot->task) ||
	    !matches(trigger, &finding))
		return;
	/* What was read, then whether it still holds. Pairs with begin_call(). */
	smp_rmb();
	if (since_of(slot, condition) != since ||
	    is_told(slot, condition, since, i))
		return;
	fire(recorder, trigger, &finding);
}

static void scan_slot(struct fr_recorder *recorder, struct fr_slot *slot,
		      u64 now)
{
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++) {
		struct fr_trigger *trigger = trigger_at(recorder, i);

		if (trigger && bit_of(&trigger->what) & OF_TIMER)
			judge_lasting(recorder, slot, trigger, i, now);
	}
}

static void scan(struct fr_recorder *recorder)
{
	struct fr_triggers *triggers = &recorder->triggers;
	struct fr_targets *targets = &recorder->targets;
	u32 top = READ_ONCE(targets->slots_top);
	u32 end = min(top, triggers->cursor + SLOTS_AT_ONCE - 1);
	u64 now = fr_clock();

	for (; triggers->cursor <= end; triggers->cursor++)
		if (READ_ONCE(targets->slots[triggers->cursor].task))
			scan_slot(recorder, &targets->slots[triggers->cursor],
				  now);
	if (triggers->cursor > top)
		triggers->cursor = 1;
}

static enum hrtimer_restart look_for_lasting(struct hrtimer *timer)
{
	struct fr_triggers *triggers =
		container_of(timer, struct fr_triggers, timer);
	struct fr_recorder *recorder =
		container_of(triggers, struct fr_recorder, triggers);

	if (fr_recorder_is_on(recorder))
		scan(recorder);
	hrtimer_forward_now(timer,
			    ns_to_ktime(READ_ONCE(triggers->interval_ns)));
	return HRTIMER_RESTART;
}

/* ---- What was found ------------------------------------------------------ */

/* The last firing since the start of recording. Return: false: there was none. */
bool fr_triggers_last(struct fr_triggers *triggers,
		      struct flightrec_firing *firing)
{
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&triggers->lock, flags);
	any = triggers->sequence > triggers->begin_sequence;
	if (any)
		*firing = triggers->firings[triggers->sequence % FR_FIRINGS];
	raw_spin_unlock_irqrestore(&triggers->lock, flags);
	return any;
}

/* FLIGHTREC_IOC_FIRED. */
int fr_triggers_next(struct fr_triggers *triggers,
		     struct flightrec_fired *fired)
{
	u64 known = fired->firing.sequence;
	unsigned long flags;
	u64 oldest, next;
	int error = 0;

	raw_spin_lock_irqsave(&triggers->lock, flags);
	oldest = triggers->sequence < FR_FIRINGS ?
			 1 :
			 triggers->sequence - FR_FIRINGS + 1;
	next = max(known + 1, oldest);
	if (known >= triggers->sequence) {
		error = -EAGAIN;
	} else {
		fired->missed = min_t(u64, next - known - 1, U32_MAX);
		fired->firing = triggers->firings[next % FR_FIRINGS];
	}
	raw_spin_unlock_irqrestore(&triggers->lock, flags);
	return error;
}

/* ---- The object ---------------------------------------------------------- */

void fr_triggers_init(struct fr_triggers *triggers)
{
	raw_spin_lock_init(&triggers->lock);
	fr_hrtimer_setup(&triggers->timer, look_for_lasting,
			 HRTIMER_MODE_REL_HARD);
}

/* Disarmed. */
void fr_triggers_deinit(struct fr_triggers *triggers)
{
	u32 i;

	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++)
		kfree(triggers->all[i]);
}
