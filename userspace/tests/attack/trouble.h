/* SPDX-License-Identifier: GPL-2.0 */
/* What must not go wrong with the attacker itself. */
#ifndef ATTACK_TROUBLE_H
#define ATTACK_TROUBLE_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TROUBLE_STATUS 99

#define TROUBLE_UNLESS(expression)                                       \
	do {                                                             \
		if (!(expression)) {                                     \
			dprintf(2, "%s:%d: %s (errno %s)\n", __FILE__,   \
				__LINE__, #expression, strerror(errno)); \
			_exit(TROUBLE_STATUS);                           \
		}                                                        \
	} while (0)

#endif /* ATTACK_TROUBLE_H */
