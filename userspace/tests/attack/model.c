// SPDX-License-Identifier: GPL-2.0
/* The recorder as it should be. See model.h. */
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

const char *model_difference(const struct model *model,
			     const struct flightrec_stats *now)
{
	const struct flightrec_stats *was = &model->before;

	if (was->state != now->state)
		return "state";
	if (was->reason != now->reason)
		return "reason";
	if (was->targets != now->targets)
		return "targets";
	if (was->start_mono_ns != now->start_mono_ns)
		return "start_mono_ns";
	if (was->ring_bytes != now->ring_bytes)
		return "ring_bytes";
	if (was->memory_bytes != now->memory_bytes)
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
