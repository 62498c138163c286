/* SPDX-License-Identifier: GPL-2.0 */
/* How inject.c is told; for both sides. */
#ifndef ATTACK_INJECT_H
#define ATTACK_INJECT_H

#include <linux/ioctl.h>

#define INJECT_NODE   "/dev/flightrec-inject"
/*
 * The argument's value: which one of the caller's next is to fail; 0: none;
 * INJECT_ALL: every allocation, but no copy.
 */
#define INJECT_ARM    _IO(0xf1, 0x00)
#define INJECT_ALL    0xffffffffUL
/* Returns how many more it would have taken; 0: it was injected. */
#define INJECT_DISARM _IO(0xf1, 0x01)

#endif /* ATTACK_INJECT_H */
