/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Damage done to a ledger's window, and what must come out of it nevertheless:
 * every event of every block that is not damaged, as it was, and the right number
 * of those that are lost.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "ledger.h"

enum damage_kind {
	DAMAGE_NONE,
	DAMAGE_BLOCK,  /* bytes of one block */
	DAMAGE_TABLE,  /* bytes of the tables */
	DAMAGE_HEADER, /* numbers of the header that events do not need */
	DAMAGE_TRUNCATION,
	DAMAGE_KINDS
};

/**
 * struct damage - a window that was damaged
 * @kind: how
 * @bytes: the damaged copy
 * @length: of it
 * @cpu: DAMAGE_BLOCK: index of the block's CPU
 * @block: DAMAGE_BLOCK: which of that CPU's
 * @header_hit: DAMAGE_BLOCK: a byte of the block's header is another one
 * @unreadable: DAMAGE_BLOCK: nobody could take it for a block of this CPU
 */
struct damage {
	enum damage_kind kind;
	uint8_t *bytes;
	size_t length;
	unsigned int cpu;
	size_t block;
	bool header_hit;
	bool unreadable;
};

/* Copy the window of @ledger and damage it as @dice say. */
void damage_init(struct damage *damage, const struct ledger *ledger,
		 struct dice *dice);
void damage_deinit(struct damage *damage);

/**
 * struct outcome - what a reader delivered of a window
 * @events: all of it, in order; @sum and @clock of struct ledger_event, of
 *	records; and besides:
 * @count: of @events
 * @fallen: an event was earlier than the one before it
 */
struct outcome {
	struct outcome_event {
		enum flightrec_event_type type;
		uint32_t cpu;
		uint64_t clock;
		uint64_t sum;
		uint64_t lost;
		bool damaged;
	} * events;
	size_t count;
	bool fallen;
};

/* Decode. Returns what the reader's opening returned. */
int outcome_init(struct outcome *outcome, const uint8_t *bytes, size_t length);
void outcome_deinit(struct outcome *outcome);

/**
 * damage_judge() - is what came out of a damaged window what must?
 * @damage: the damage
 * @ledger: the truth
 * @outcome: what came out
 *
 * Return: NULL, or what is wrong.
 */
const char *damage_judge(const struct damage *damage,
			 const struct ledger *ledger,
			 const struct outcome *outcome);

/* All of it, for the window of @seed. Returns NULL, or what is wrong. */
const char *damage_try(uint64_t seed, struct dice *dice);

#endif /* DAMAGE_H */
