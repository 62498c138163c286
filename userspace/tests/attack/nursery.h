/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that live, fork, rename themselves and die, to be recorded. They are
 * children of a process of one thread, so that forking is safe at any time.
 */
#ifndef ATTACK_NURSERY_H
#define ATTACK_NURSERY_H

#include <stdint.h>
#include <sys/types.h>

#include "chance.h"

#define NURSERY_PLACES 6

/* What a child does until it is killed. */
enum trade {
	TRADE_SLEEP,
	TRADE_CALL,
	TRADE_FORK,
	TRADE_THREAD,
	TRADE_RENAME,
	TRADE_EXEC,
	TRADE_ATTACK, /* what nursery_start() was given */
	TRADES
};

/* Begins; @attack is what the children of the last trade do. */
void nursery_start(void (*attack)(uint64_t seed));
/* Kills who is in the place, if anybody, and puts another one there. */
void nursery_fill(unsigned int place, enum trade trade, uint64_t seed);
/* Kills who is there. It is gone when this returns. */
void nursery_empty(unsigned int place);
/* Return: who is there; 0: nobody. */
pid_t nursery_child(unsigned int place);
pid_t nursery_pid(void);
void nursery_end(void);
/* The names that children give themselves. */
const char *nursery_name(unsigned int number);
#define NURSERY_NAMES 4
/* What a program does that was called by a child: exec again, or sleep. */
void nursery_be_executed(const char *times);

#endif /* ATTACK_NURSERY_H */
