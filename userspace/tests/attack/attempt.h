/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call: made up by chance, with good and bad arguments, on a good or bad
 * descriptor; made; and described, should it be worth telling of.
 */
#ifndef ATTACK_ATTEMPT_H
#define ATTACK_ATTEMPT_H

#include "chance.h"
#include "contract.h"
#include "model.h"
#include "opened.h"
#include "place.h"

/* Longer than any size that is looked at: see FLIGHTREC's -E2BIG. */
#define ATTEMPT_BYTES 8192U

/**
 * struct attacker - who makes calls, one after the other
 * @chance: what it does follows from that
 * @outer: memory for the arguments
 * @inner: memory to which they point
 * @own: descriptors of its own
 * @alone: nobody else makes calls: all can be known
 * @compat: 32-bit calls can be made
 * @model: what the recorder should be; certain if alone
 * @device: a descriptor that is always good
 */
struct attacker {
	struct chance chance;
	struct arena outer;
	struct arena inner;
	struct opened own[OPENED_OWN];
	bool alone;
	bool compat;
	struct model model;
	int device;
};

/**
 * struct attempt - a call
 * @call: which
 * @number: of an ioctl
 * @opened: on what
 * @compat: by the 32-bit entry
 * @argument: of an ioctl, as it is put into memory
 * @size: what it says of its size, and how much of it is put there
 * @tail: something stands behind what is known of it
 * @spot: where it lies; of other calls: the buffer
 * @inner: where the buffer lies that it points to
 * @bytes: length of a buffer
 * @text_end: the last byte of what is written
 * @living: of a target: 1 it lives, -1 it cannot, 0 who knows
 * @result: of the call: negative errno, or what it returned
 * @ready: what poll() said
 */
struct attempt {
	enum call call;
	unsigned int number;
	struct opened *opened;
	struct opened shared;
	bool compat;
	union argument argument;
	uint32_t size;
	bool tail;
	struct spot spot;
	struct spot inner;
	uint64_t bytes;
	uint8_t text_end;
	int living;
	long result;
	short ready;
	uint8_t image[ATTEMPT_BYTES];
};

void attempt_make_up(struct attempt *attempt, struct attacker *attacker);
void attempt_make(struct attempt *attempt);
/* Return: @text. */
const char *attempt_text(const struct attempt *attempt, char *text,
			 size_t bytes);
/* Can this kernel be entered by a 32-bit call? */
bool attempt_compat_works(void);

/* Why a call must fail, and why it may (reasons.c). */
void attempt_reasons(const struct attempt *attempt,
		     const struct attacker *attacker, struct errnos *must,
		     struct errnos *may);

#endif /* ATTACK_ATTEMPT_H */
