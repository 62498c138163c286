// SPDX-License-Identifier: GPL-2.0
/*
 * What is wrong with a call, by the contract: the errnos that it must return one
 * of, and those that it may return besides. Written from the contract and never
 * from the module, so that the two check each other.
 *
 * Reasons that lie in a caller's own arguments hold whatever others do. Those
 * that lie in the recorder, or in what others can change, are certain for a lone
 * caller only.
 */
#include <string.h>
#include <sys/sysinfo.h>

#include "attempt.h"

/* From here on an allocation is not sure to succeed. */
#define SURE_BYTES (UINT64_C(32) << 20)

/**
 * struct reasons - what has been found so far
 * @attempt: the call
 * @attacker: who makes it
 * @sure: all of the recorder's state is known
 * @must: one of these
 * @may: or of these
 */
struct reasons {
	const struct attempt *attempt;
	const struct attacker *attacker;
	bool sure;
	struct errnos *must;
	struct errnos *may;
};

static void must_be(struct reasons *reasons, bool wrong, int error)
{
	if (wrong)
		errnos_add(reasons->must, error);
}

static void may_be(struct reasons *reasons, int error)
{
	errnos_add(reasons->may, error);
}

/* Wrong by what is known of the recorder. */
static void known_is(struct reasons *reasons, bool wrong, int error)
{
	if (reasons->sure)
		must_be(reasons, wrong, error);
	else
		may_be(reasons, error);
}

/* Which states there can be. */
static uint32_t states(const struct reasons *reasons)
{
	const struct model *model = &reasons->attacker->model;

	return model_states_after(model, model->before.state);
}

/* Wrong in each of these states, a set. */
static void wrong_in(struct reasons *reasons, uint32_t wrong, int error)
{
	if (reasons->sure && !(states(reasons) & ~wrong))
		must_be(reasons, true, error);
	else if (!reasons->sure || states(reasons) & wrong)
		may_be(reasons, error);
}

/* ---- descriptors ---------------------------------------------------------------- */

static void of_descriptor(struct reasons *reasons, bool ok_if_open)
{
	const struct opened *opened = reasons->attempt->opened;

	if (opened->certain)
		must_be(reasons, !ok_if_open || !way_is_open(opened->way),
			EBADF);
	else
		may_be(reasons, EBADF);
}

/* ---- structs ---------------------------------------------------------------------- */

static void of_size(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;
	const struct contract *contract = contract_of(attempt->call);
	const struct spot *spot = &attempt->spot;
	size_t size = attempt->size;

	if (!spot->steady) {
		may_be(reasons, EINVAL);
		may_be(reasons, E2BIG);
		may_be(reasons, ENXIO);
		return;
	}
	if (spot->readable < sizeof(uint32_t)) {
		must_be(reasons, true, EFAULT);
		return;
	}
	must_be(reasons, size < contract->first_bytes, EINVAL);
	must_be(reasons, size > PLACE_PAGE, E2BIG);
	/* How far it looks at what is too long or cannot be read is open. */
	if (size <= PLACE_PAGE && spot->readable < size) {
		must_be(reasons, true, EFAULT);
		if (attempt->tail)
			may_be(reasons, E2BIG);
	} else {
		must_be(reasons, attempt->tail, E2BIG);
	}
	if (contract->answers)
		must_be(reasons,
			spot->writable < (size < contract->bytes ?
						  size :
						  contract->bytes),
			EFAULT);
	must_be(reasons, attempt->argument.control.recorder, ENXIO);
}

/* ---- each command ------------------------------------------------------------------ */

static bool power_of_two(uint32_t number)
{
	return number && !(number & (number - 1));
}

static void of_configure(struct reasons *reasons)
{
	const struct flightrec_config *config =
		&reasons->attempt->argument.config;
	const struct flightrec_info *info = &reasons->attacker->model.info;
	uint64_t block = config->block_bytes ?: info->block_bytes_min;
	uint64_t ring = config->ring_bytes ?: info->default_ring_bytes;
	struct sysinfo memory;

	wrong_in(reasons, ~STATE(IDLE), EBUSY);
	must_be(reasons,
		!power_of_two((uint32_t)block) ||
			block < info->block_bytes_min ||
			block > info->block_bytes_max ||
			ring < 4 * block * info->cpus_possible ||
			config->events & ~7U || config->args > 6 ||
			config->policy > FLIGHTREC_POLICY_SHARED ||
			config->slots > 32767 || config->identities > 1048576 ||
			config->keep_ns > 1ULL << 60 || config->flags & ~1U ||
			config->sparing ||
			(config->flags &&
			 !(info->features & FLIGHTREC_FEATURE_SPARING)),
		EINVAL);
	sysinfo(&memory);
	must_be(reasons, ring / memory.mem_unit > memory.totalram / 2, ENOMEM);
	if (ring > SURE_BYTES || config->identities > 100000 || !reasons->sure)
		may_be(reasons, ENOMEM);
}

static bool target_is_wrong(const struct flightrec_target *target)
{
	size_t length =
		strnlen((const char *)target->comm, FLIGHTREC_COMM_BYTES);
	size_t i;

	if (target->reserved || target->flags & ~FLIGHTREC_TARGET_FOLLOW)
		return true;
	for (i = length; i < FLIGHTREC_COMM_BYTES; i++)
		if (target->comm[i])
			return true;
	if (target->kind == FLIGHTREC_TARGET_COMM)
		return target->id || !length || length > 15;
	if (target->kind != FLIGHTREC_TARGET_TID &&
	    target->kind != FLIGHTREC_TARGET_TGID)
		return true;
	return length || !target->id || target->id > INT32_MAX;
}

static void of_target_add(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;
	const struct flightrec_target *target = &attempt->argument.target;
	const struct model *model = &reasons->attacker->model;

	must_be(reasons, target_is_wrong(target), EINVAL);
	if (target->kind != FLIGHTREC_TARGET_COMM) {
		must_be(reasons, attempt->living < 0, ESRCH);
		if (!attempt->living || !reasons->sure)
			may_be(reasons, ESRCH);
	}
	known_is(reasons, model_has(model, target), EEXIST);
	if (!reasons->sure || model->count >= model->info.targets_max ||
	    (states(reasons) != STATE(IDLE) &&
	     model->before.config.slots < 1000))
		may_be(reasons, ENOSPC);
}

static void of_target_remove(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;
	const struct flightrec_target *target = &attempt->argument.target;

	must_be(reasons, target_is_wrong(target) || target->flags, EINVAL);
	known_is(reasons, !model_has(&reasons->attacker->model, target), ESRCH);
	if (attempt->living <= 0)
		may_be(reasons, ESRCH);
}

static void of_control(struct reasons *reasons)
{
	const struct flightrec_control *control =
		&reasons->attempt->argument.control;

	must_be(reasons, control->flags || control->reserved, EINVAL);
	switch (reasons->attempt->call) {
	case CALL_START:
		wrong_in(reasons, ~STATE(IDLE), EBUSY);
		may_be(reasons, ENOSPC);
		if (!reasons->sure ||
		    reasons->attacker->model.before.config.ring_bytes >
			    SURE_BYTES)
			may_be(reasons, ENOMEM);
		break;
	case CALL_STOP:
		wrong_in(reasons, STATE(IDLE), ENODATA);
		break;
	case CALL_FREEZE:
		wrong_in(reasons, STATE(IDLE), ENODATA);
		wrong_in(reasons, STATE(FROZEN), EALREADY);
		break;
	default:
		wrong_in(reasons, STATE(IDLE), ENODATA);
		wrong_in(reasons, STATE(RECORDING), EALREADY);
	}
}

static void of_stats(struct reasons *reasons)
{
	const struct flightrec_stats *stats = &reasons->attempt->argument.stats;
	const struct spot *inner = &reasons->attempt->inner;
	uint32_t cpus = reasons->attacker->model.info.cpus_possible;
	uint32_t count = stats->cpus_count < cpus ? stats->cpus_count : cpus;

	must_be(reasons, !stats->cpus != !stats->cpus_count, EINVAL);
	/* Nothing is written of an idle recorder. */
	if (stats->cpus &&
	    inner->writable < count * sizeof(struct flightrec_stats_cpu))
		wrong_in(reasons, ~STATE(IDLE), EFAULT);
}

static void of_mark(struct reasons *reasons)
{
	const struct flightrec_mark *mark = &reasons->attempt->argument.mark;

	must_be(reasons, mark->reserved || !mark->length, EINVAL);
	must_be(reasons, mark->length > FLIGHTREC_MARK_MAX, EMSGSIZE);
	must_be(reasons, reasons->attempt->inner.readable < mark->length,
		EFAULT);
	wrong_in(reasons, STATE(IDLE) | STATE(FROZEN), ENODATA);
	may_be(reasons, ENOSPC);
}

static bool limit_is_wrong(const struct flightrec_trigger *trigger)
{
	switch (trigger->condition) {
	case FLIGHTREC_TRIGGER_CALL:
	case FLIGHTREC_TRIGGER_WAIT:
	case FLIGHTREC_TRIGGER_OFF:
		return !trigger->limit_ns || trigger->limit_ns > 1ULL << 60;
	case FLIGHTREC_TRIGGER_IN_CALL:
	case FLIGHTREC_TRIGGER_WAITING:
	case FLIGHTREC_TRIGGER_RUNNING:
	case FLIGHTREC_TRIGGER_AWAY:
		return trigger->limit_ns < 8000000 ||
		       trigger->limit_ns > 1ULL << 60;
	default:
		return trigger->limit_ns;
	}
}

static bool value_is_wrong(const struct flightrec_trigger *trigger)
{
	switch (trigger->condition) {
	case FLIGHTREC_TRIGGER_ERRNO:
		return trigger->value < 1 || trigger->value > 4095;
	case FLIGHTREC_TRIGGER_SIGNAL:
		return trigger->value < 0 || trigger->value > 64;
	case FLIGHTREC_TRIGGER_EXIT:
		return trigger->value < 0 || trigger->value > 255;
	default:
		return trigger->value;
	}
}

static bool calls_are_wrong(const struct flightrec_trigger *trigger)
{
	bool of_calls = trigger->condition == FLIGHTREC_TRIGGER_CALL ||
			trigger->condition == FLIGHTREC_TRIGGER_ERRNO ||
			trigger->condition == FLIGHTREC_TRIGGER_IN_CALL;
	uint32_t i;

	if (trigger->calls_count > (of_calls ? FLIGHTREC_TRIGGER_CALLS : 0))
		return true;
	for (i = 0; i < FLIGHTREC_TRIGGER_CALLS; i++)
		if (trigger->calls[i] < 0 ||
		    (trigger->calls[i] && i >= trigger->calls_count))
			return true;
	return false;
}

static bool text_is_wrong(const struct flightrec_trigger *trigger)
{
	size_t i, length = strnlen((const char *)trigger->text,
				   sizeof(trigger->text));

	if (length && trigger->condition != FLIGHTREC_TRIGGER_MARK)
		return true;
	for (i = length; i < sizeof(trigger->text); i++)
		if (trigger->text[i])
			return true;
	return false;
}

static bool action_is_wrong(const struct flightrec_trigger *trigger)
{
	if (trigger->action == FLIGHTREC_ACTION_NOTIFY)
		return trigger->tail_ns || trigger->tail_percent;
	return trigger->action != FLIGHTREC_ACTION_FREEZE ||
	       trigger->tail_ns > 1ULL << 40 || trigger->tail_percent > 100;
}

static void of_trigger_add(struct reasons *reasons)
{
	const struct flightrec_trigger *trigger =
		&reasons->attempt->argument.trigger;

	must_be(reasons,
		trigger->condition < FLIGHTREC_TRIGGER_CALL ||
			trigger->condition > FLIGHTREC_TRIGGER_AWAY ||
			trigger->every_ns > 1ULL << 60 || trigger->reserved ||
			action_is_wrong(trigger) || limit_is_wrong(trigger) ||
			value_is_wrong(trigger) || calls_are_wrong(trigger) ||
			text_is_wrong(trigger),
		EINVAL);
	known_is(reasons,
		 reasons->attacker->model.triggers_count ==
			 FLIGHTREC_TRIGGERS_MAX,
		 ENOSPC);
}

static void of_trigger_by_id(struct reasons *reasons)
{
	uint32_t id = reasons->attempt->argument.trigger.id;
	const struct flightrec_trigger *found =
		model_trigger_from(&reasons->attacker->model, id);

	known_is(reasons,
		 !found || (reasons->attempt->call == CALL_TRIGGER_REMOVE &&
			    found->id != id),
		 ESRCH);
}

static void of_fired(struct reasons *reasons)
{
	const struct flightrec_fired *fired = &reasons->attempt->argument.fired;

	must_be(reasons,
		fired->flags || fired->firing.trigger || fired->firing.clock,
		EINVAL);
	wrong_in(reasons, STATE(IDLE), ENODATA);
	/* Of those that there are not yet there is none. */
	must_be(reasons, fired->firing.sequence >= 1ULL << 63, EAGAIN);
	may_be(reasons, EAGAIN);
}

static void of_ioctl(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;
	struct errnos found[2] = { { { 0 } }, { { 0 } } };
	struct reasons own = *reasons;

	of_descriptor(reasons,
		      attempt->call == CALL_UNKNOWN ||
			      contract_of(attempt->call)->for_writers ||
			      way_reads(attempt->opened->way));
	if (attempt->call == CALL_UNKNOWN) {
		must_be(reasons, true, ENOTTY);
		return;
	}
	of_size(reasons);
	own.must = &found[0];
	own.may = &found[1];
	switch (attempt->call) {
	case CALL_CONFIGURE:
		of_configure(&own);
		break;
	case CALL_TARGET_ADD:
		of_target_add(&own);
		break;
	case CALL_TARGET_REMOVE:
		of_target_remove(&own);
		break;
	case CALL_STATS:
		of_stats(&own);
		break;
	case CALL_MARK:
		of_mark(&own);
		break;
	case CALL_TRIGGER_ADD:
		of_trigger_add(&own);
		break;
	case CALL_TRIGGER_REMOVE:
	case CALL_TRIGGER_GET:
		of_trigger_by_id(&own);
		break;
	case CALL_FIRED:
		of_fired(&own);
		break;
	case CALL_INFO:
		break;
	default:
		of_control(&own);
	}
	/* What others write over may be right by then, or wrong otherwise. */
	if (!attempt->spot.steady)
		errnos_add_all(reasons->may,
			       &contract_of(attempt->call)->documented);
	errnos_add_all(attempt->spot.steady ? reasons->must : reasons->may,
		       &found[0]);
	errnos_add_all(reasons->may, &found[1]);
}

/* ---- the other calls ----------------------------------------------------------------- */

static void of_read(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;

	of_descriptor(reasons, way_reads(attempt->opened->way));
	may_be(reasons, ESTALE);
	/*
	 * The end may be reached before the bad memory is; an address that is
	 * none is seen even if nothing is to be written there.
	 */
	if (attempt->spot.writable < attempt->bytes || !attempt->spot.writable)
		may_be(reasons, EFAULT);
	if (attempt->bytes > INT32_MAX)
		may_be(reasons, EINVAL);
	if (!reasons->sure) {
		may_be(reasons, ENODATA);
		return;
	}
	/* Of no piece at all the device never hears. */
	if (attempt->call == CALL_READV && !attempt->bytes)
		return;
	wrong_in(reasons, STATE(IDLE), ENODATA);
	/* One that began to read when there was a window. */
	if (!errnos_are_none(reasons->must))
		must_be(reasons, true, ESTALE);
}

/* Back to the beginning. */
static void of_lseek(struct reasons *reasons)
{
	const struct opened *opened = reasons->attempt->opened;

	of_descriptor(reasons, true);
	if (!opened->certain)
		may_be(reasons, ESPIPE);
	else if (way_is_open(opened->way))
		must_be(reasons, !way_reads(opened->way), ESPIPE);
}

static void of_write(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;
	uint64_t length = attempt->bytes;

	of_descriptor(reasons, way_writes(attempt->opened->way));
	may_be(reasons, ENOSPC);
	if (attempt->bytes > INT32_MAX)
		may_be(reasons, EINVAL);
	if (attempt->spot.readable < attempt->bytes || !attempt->spot.readable)
		may_be(reasons, EFAULT);
	if (!attempt->spot.steady || attempt->call == CALL_WRITEV) {
		/* Several marks, of which any may be refused. */
		may_be(reasons, EINVAL);
		may_be(reasons, EMSGSIZE);
	}
	if (attempt->call == CALL_WRITE && attempt->spot.steady) {
		if (length && attempt->text_end == '\n' &&
		    attempt->bytes < ATTEMPT_BYTES)
			length--;
		must_be(reasons, !length, EINVAL);
		must_be(reasons, length > FLIGHTREC_MARK_MAX, EMSGSIZE);
		must_be(reasons, attempt->spot.readable < attempt->bytes,
			EFAULT);
	}
	/* Of no piece at all the device never hears. */
	if (attempt->call == CALL_WRITEV && !attempt->bytes)
		return;
	wrong_in(reasons, STATE(IDLE) | STATE(FROZEN), ENODATA);
}

/* What there is not, for any device of its kind. */
static void of_missing(struct reasons *reasons)
{
	const struct attempt *attempt = reasons->attempt;
	struct errnos refusals = contract_of(attempt->call)->documented;

	of_descriptor(reasons, true);
	errnos_add_all(reasons->must, &refusals);
}

void attempt_reasons(const struct attempt *attempt,
		     const struct attacker *attacker, struct errnos *must,
		     struct errnos *may)
{
	struct reasons reasons = {
		.attempt = attempt,
		.attacker = attacker,
		.sure = attacker->alone,
		.must = must,
		.may = may,
	};

	memset(must, 0, sizeof(*must));
	memset(may, 0, sizeof(*may));
	if (!attacker->alone) {
		/* Others may take the memory, and the caller may be killed. */
		may_be(&reasons, EINTR);
		may_be(&reasons, ENOMEM);
	}
	if (attempt->call < CALLS_IOCTL)
		of_ioctl(&reasons);
	else if (attempt->call == CALL_READ || attempt->call == CALL_READV)
		of_read(&reasons);
	else if (attempt->call == CALL_LSEEK)
		of_lseek(&reasons);
	else if (attempt->call == CALL_WRITE || attempt->call == CALL_WRITEV)
		of_write(&reasons);
	else if (attempt->call == CALL_POLL)
		may_be(&reasons, EINTR);
	else if (attempt->call != CALL_OPEN)
		of_missing(&reasons);
}
