/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of errnos. */
#ifndef ATTACK_ERRNOS_H
#define ATTACK_ERRNOS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ERRNOS_MAX 192

/**
 * struct errnos - a set
 * @bits: one for each errno
 */
struct errnos {
	uint64_t bits[ERRNOS_MAX / 64];
};

static inline void errnos_add(struct errnos *errnos, int error)
{
	errnos->bits[error / 64] |= UINT64_C(1) << error % 64;
}

static inline void errnos_remove(struct errnos *errnos, int error)
{
	errnos->bits[error / 64] &= ~(UINT64_C(1) << error % 64);
}

static inline void errnos_add_all(struct errnos *errnos,
				  const struct errnos *more)
{
	size_t i;

	for (i = 0; i < ERRNOS_MAX / 64; i++)
		errnos->bits[i] |= more->bits[i];
}

static inline bool errnos_have(const struct errnos *errnos, int error)
{
	return error > 0 && error < ERRNOS_MAX &&
	       errnos->bits[error / 64] >> error % 64 & 1;
}

static inline bool errnos_are_none(const struct errnos *errnos)
{
	return !(errnos->bits[0] | errnos->bits[1] | errnos->bits[2]);
}

/* "EINVAL EFAULT". Return: @text. */
const char *errnos_text(const struct errnos *errnos, char *text, size_t bytes);

#endif /* ATTACK_ERRNOS_H */
