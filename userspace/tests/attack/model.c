// SPDX-License-Identifier: GPL-2.0
/* The recorder as it should be. See model.h. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "model.h"
#include "trouble.h"

static struct flightrec_stats stats_now(int device)
{
	struct flightrec_stats stats = { .size = sizeof(stats) };

	TROUBLE_UNLESS(!ioctl(device, FLIGHTREC_IOC_STATS, &stats));
	return stats;
}

void model_look(struct model *model, int device)
{
	model->before = stats_now(device);
}

void model_init(struct model *model, int device)
{
	struct flightrec_control stop = { .size = sizeof(stop) };
	struct flightrec_config config = { .size = sizeof(config), .args = 1 };

	memset(model, 0, sizeof(*model));
	model_drop_triggers(device);
	/* Targets go with a stop, and there is none of an idle recorder. */
	ioctl(device, FLIGHTREC_IOC_START, &stop);
	TROUBLE_UNLESS(!ioctl(device, FLIGHTREC_IOC_STOP, &stop));
	TROUBLE_UNLESS(!ioctl(device, FLIGHTREC_IOC_CONFIGURE, &config));
	model->info.size = sizeof(model->info);
	TROUBLE_UNLESS(!ioctl(device, FLIGHTREC_IOC_INFO, &model->info));
	model_look(model, device);
}

static bool same_target(const struct flightrec_target *a,
			const struct flightrec_target *b)
{
	return a->kind == b->kind && a->id == b->id &&
	       !memcmp(a->comm, b->comm, sizeof(a->comm));
}

bool model_has(const struct model *model, const struct flightrec_target *target)
{
	unsigned int i;

	for (i = 0; i < model->count; i++)
		if (same_target(&model->targets[i], target))
			return true;
	return false;
}

void model_add(struct model *model, const struct flightrec_target *target)
{
	TROUBLE_UNLESS(model->count < MODEL_TARGETS_MAX);
	model->targets[model->count++] = *target;
}

void model_remove(struct model *model, const struct flightrec_target *target)
{
	unsigned int i;

	for (i = 0; i < model->count; i++) {
		if (!same_target(&model->targets[i], target))
			continue;
		model->targets[i] = model->targets[--model->count];
		return;
	}
}

unsigned int model_list_triggers(int device, struct flightrec_trigger *to)
{
	struct flightrec_trigger trigger = { .size = sizeof(trigger) };
	unsigned int count = 0;

	while (!ioctl(device, FLIGHTREC_IOC_TRIGGER_GET, &trigger)) {
		uint32_t next = trigger.id + 1;

		TROUBLE_UNLESS(next && count < FLIGHTREC_TRIGGERS_MAX);
		to[count++] = trigger;
		memset(&trigger, 0, sizeof(trigger));
		trigger.size = sizeof(trigger);
		trigger.id = next;
	}
	TROUBLE_UNLESS(errno == ESRCH);
	return count;
}

void model_drop_triggers(int device)
{
	struct flightrec_trigger all[FLIGHTREC_TRIGGERS_MAX];
	unsigned int i, count = model_list_triggers(device, all);

	for (i = 0; i < count; i++) {
		struct flightrec_trigger one = { .size = sizeof(one),
						 .id = all[i].id };

		TROUBLE_UNLESS(
			!ioctl(device, FLIGHTREC_IOC_TRIGGER_REMOVE, &one));
	}
}

/* Ids that are given later are higher, here: nobody gets through all of them. */
void model_add_trigger(struct model *model,
		       const struct flightrec_trigger *trigger)
{
	TROUBLE_UNLESS(model->triggers_count < FLIGHTREC_TRIGGERS_MAX);
	model->triggers[model->triggers_count++] = *trigger;
}

void model_remove_trigger(struct model *model, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < model->triggers_count; i++)
		if (model->triggers[i].id == id)
			break;
	if (i == model->triggers_count)
		return;
	model->triggers_count--;
	memmove(&model->triggers[i], &model->triggers[i + 1],
		(model->triggers_count - i) * sizeof(model->triggers[0]));
}

const struct flightrec_trigger *model_trigger_from(const struct model *model,
						   uint32_t id)
{
	unsigned int i;

	for (i = 0; i < model->triggers_count; i++)
		if (model->triggers[i].id >= id)
			return &model->triggers[i];
	return NULL;
}

const struct flightrec_trigger *model_freezer(const struct model *model)
{
	unsigned int i;

	for (i = 0; i < model->triggers_count; i++)
		if (model->triggers[i].action == FLIGHTREC_ACTION_FREEZE)
			return &model->triggers[i];
	return NULL;
}

/* All but what it has done since. */
static bool same_trigger(const struct flightrec_trigger *a,
			 const struct flightrec_trigger *b)
{
	return a->id == b->id &&
	       !memcmp(&a->condition, &b->condition,
		       offsetof(struct flightrec_trigger, fired) -
			       offsetof(struct flightrec_trigger, condition));
}

const char *model_triggers_difference(const struct model *model, int device)
{
	struct flightrec_trigger all[FLIGHTREC_TRIGGERS_MAX];
	unsigned int i, count = model_list_triggers(device, all);

	if (count != model->triggers_count)
		return "there are not as many triggers";
	for (i = 0; i < count; i++)
		if (!same_trigger(&all[i], &model->triggers[i]))
			return "a trigger is not what was asked for";
	return NULL;
}

uint32_t model_states_after(const struct model *model, uint32_t state)
{
	if (state == FLIGHTREC_TRIPPED)
		return STATE(TRIPPED) | STATE(FROZEN);
	if (state == FLIGHTREC_RECORDING && model_freezer(model))
		return STATE(RECORDING) | STATE(TRIPPED) | STATE(FROZEN);
	return 1U << state;
}

/* What a trigger does not change when it freezes the recorder, or begins to. */
static const char *tripped_difference(const struct model *model,
				      const struct flightrec_stats *now)
{
	uint32_t reason =
		now->state == FLIGHTREC_FROZEN ? FLIGHTREC_REASON_TRIGGER : 0;

	if (!(model_states_after(model, model->before.state) &
	      1U << now->state))
		return "state";
	return now->reason == reason ? NULL : "reason";
}

const char *model_difference(const struct model *model,
			     const struct flightrec_stats *now)
{
	const struct flightrec_stats *was = &model->before;
	bool tripped = was->state != now->state;
	const char *what = tripped ? tripped_difference(model, now) : NULL;

	if (what)
		return what;
	if (!tripped && was->reason != now->reason)
		return "reason";
	if (was->targets != now->targets)
		return "targets";
	if (was->start_mono_ns != now->start_mono_ns)
		return "start_mono_ns";
	if (was->ring_bytes != now->ring_bytes)
		return "ring_bytes";
	/* A window takes some. */
	if (!tripped && was->memory_bytes != now->memory_bytes)
		return "memory_bytes";
	if (memcmp(&was->config, &now->config, sizeof(was->config)))
		return "config";
	if (was->state != FLIGHTREC_FROZEN)
		return NULL;
	if (was->now_mono_ns != now->now_mono_ns)
		return "the cut";
	if (was->events != now->events || was->lost_events != now->lost_events)
		return "events of a frozen recorder";
	return NULL;
}
