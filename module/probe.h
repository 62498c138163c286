/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The probes on the kernel's tracepoints. probe.c is the only file that knows
 * tracepoints; it decides whether an event concerns a target, and writes it.
 */
#ifndef FR_PROBE_H
#define FR_PROBE_H

#include <linux/types.h>

struct fr_recorder;

int fr_probes_find(void);
int fr_probes_register(struct fr_recorder *recorder);
bool fr_probes_are_alone(const struct fr_recorder *recorder);
void fr_probes_settle(struct fr_recorder *recorder);
void fr_probes_unregister(struct fr_recorder *recorder);

#endif /* FR_PROBE_H */
