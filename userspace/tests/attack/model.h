/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a lone caller knows of the recorder: what it was told by STATS and which
 * targets it has given.
 */
#ifndef ATTACK_MODEL_H
#define ATTACK_MODEL_H

#include <linux/flightrec.h>
#include <stdbool.h>

#define MODEL_TARGETS_MAX 1100

/**
 * struct model - the recorder as it should be
 * @info: what INFO says; never changes
 * @before: what STATS said before the call
 * @targets: given and not taken back
 * @count: how many
 */
struct model {
	struct flightrec_info info;
	struct flightrec_stats before;
	struct flightrec_target targets[MODEL_TARGETS_MAX];
	unsigned int count;
};

/* Stops the recorder, if necessary, and begins with that. */
void model_init(struct model *model, int device);
void model_look(struct model *model, int device);
bool model_has(const struct model *model,
	       const struct flightrec_target *target);
void model_add(struct model *model, const struct flightrec_target *target);
void model_remove(struct model *model, const struct flightrec_target *target);
/* What a refused call must leave: NULL if it did, else what is another. */
const char *model_difference(const struct model *model,
			     const struct flightrec_stats *now);

#endif /* ATTACK_MODEL_H */
