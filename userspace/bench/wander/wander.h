/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WANDER_H
#define WANDER_H

/* So many fit an ENTER word, which has 22 bits for an argument that has a sign. */
#define WANDER_NUMBERS (1L << 21)

#endif /* WANDER_H */
