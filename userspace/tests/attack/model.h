/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a lone caller knows of the recorder: what it was told by STATS, and which
 * targets and triggers it has given. A trigger that freezes does so when it likes:
 * of the state is known then which ones there can be.
 */
#ifndef ATTACK_MODEL_H
#define ATTACK_MODEL_H

#include <linux/flightrec.h>
#include <stdbool.h>
#include <stdint.h>

#define MODEL_TARGETS_MAX 1100

/* A set of states. */
#define STATE(name)	  (1U << FLIGHTREC_##name)

/**
 * struct model - the recorder as it should be
 * @info: what INFO says; never changes
 * @before: what STATS said before the call
 * @targets: given and not taken back
 * @count: how many
 * @triggers: as they were given, in order of their ids
 * @triggers_count: how many
 * @sequence: of the last firing that it was told of
 */
struct model {
	struct flightrec_info info;
	struct flightrec_stats before;
	struct flightrec_target targets[MODEL_TARGETS_MAX];
	unsigned int count;
	struct flightrec_trigger triggers[FLIGHTREC_TRIGGERS_MAX];
	unsigned int triggers_count;
	uint64_t sequence;
};

/* Stops the recorder, if necessary, takes its triggers away, and begins so. */
void model_init(struct model *model, int device);
void model_look(struct model *model, int device);
bool model_has(const struct model *model,
	       const struct flightrec_target *target);
void model_add(struct model *model, const struct flightrec_target *target);
void model_remove(struct model *model, const struct flightrec_target *target);
/* Those that there are, all of them if @to has FLIGHTREC_TRIGGERS_MAX. */
unsigned int model_list_triggers(int device, struct flightrec_trigger *to);
void model_drop_triggers(int device);
void model_add_trigger(struct model *model,
		       const struct flightrec_trigger *trigger);
void model_remove_trigger(struct model *model, uint32_t id);
/* The first one with this id or a higher one, or NULL. */
const struct flightrec_trigger *model_trigger_from(const struct model *model,
						   uint32_t id);
/* One that freezes, or NULL. */
const struct flightrec_trigger *model_freezer(const struct model *model);
/* What is another about the triggers that there are, or NULL. */
const char *model_triggers_difference(const struct model *model, int device);
/* The states that there can be by now, a set, if @state was seen last. */
uint32_t model_states_after(const struct model *model, uint32_t state);
/* What a refused call must leave: NULL if it did, else what is another. */
const char *model_difference(const struct model *model,
			     const struct flightrec_stats *now);

#endif /* ATTACK_MODEL_H */
