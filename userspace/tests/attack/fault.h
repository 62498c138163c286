/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults that the kernel injects when told to: the Nth allocation or copy from or
 * to user memory that the calling thread makes from now on fails.
 */
#ifndef ATTACK_FAULT_H
#define ATTACK_FAULT_H

#include <stdbool.h>

/* Return: false if this kernel has no such thing; it says which. */
bool fault_set_up(void);
/* All allocations, and no copy. */
#define FAULT_ALL (~0U)

/* @nth: 1 is the next one. */
void fault_arm(unsigned int nth);
/* Return: was it injected? (Of FAULT_ALL: true.) No fault comes after this. */
bool fault_disarm(void);

#endif /* ATTACK_FAULT_H */
