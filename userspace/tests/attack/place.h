/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an argument lies: in good memory, or in some that cannot be read, or not
 * written, or only up to a page's end, or that somebody changes meanwhile.
 */
#ifndef ATTACK_PLACE_H
#define ATTACK_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chance.h"

#define PLACE_PAGE 4096U
/* Good memory before the first page that is bad. */
#define PLACE_ROOM (4 * PLACE_PAGE)

enum place {
	PLACE_GOOD,  /* anywhere, also not aligned */
	PLACE_EDGE,  /* ends where the memory ends */
	PLACE_SHORT, /* reaches into memory that is closed */
	PLACE_READ_ONLY,
	PLACE_SHORT_FILE, /* reaches behind the end of a mapped file */
	PLACE_CLOSED,
	PLACE_NULL,
	PLACE_LOW, /* below what can be mapped */
	PLACE_KERNEL,
	PLACE_TOP,	 /* the last bytes of user space */
	PLACE_NOWHERE,	 /* no address at all */
	PLACE_SCRIBBLED, /* others write to it */
	PLACE_SLOW,	 /* every fault takes its time */
	PLACES
};

/**
 * struct arena - one caller's memory
 * @room: PLACE_ROOM of good memory, behind which a page is closed
 * @fixed: as long, cannot be written to
 * @fixed_image: the same memory, to be filled by
 * @file: a mapped page, behind which the file ends
 * @slow: a page whose faults are answered late, or NULL
 * @slow_image: what then comes
 * @scribbled: a page that all share, or NULL
 */
struct arena {
	uint8_t *room;
	uint8_t *fixed;
	uint8_t *fixed_image;
	uint8_t *file;
	uint8_t *slow;
	uint8_t *slow_image;
	uint8_t *scribbled;
};

/**
 * struct spot - a place that was chosen
 * @place: which kind
 * @user: the address that is passed
 * @image: where its bytes are put before the call, or NULL
 * @readable: how many bytes can be read from it
 * @writable: how many can be written
 * @steady: nobody else changes it
 */
struct spot {
	enum place place;
	uint8_t *user;
	uint8_t *image;
	size_t readable;
	size_t writable;
	bool steady;
};

/* Once, before there is another process. */
void place_init(void);
/* All below 4 GiB, so that 32-bit callers can name it. */
void arena_init(struct arena *arena, bool with_others);
/* @bytes: how much is going to be put there. */
struct spot place_choose(const struct arena *arena, struct chance *chance,
			 size_t bytes);
struct spot place_at(const struct arena *arena, struct chance *chance,
		     enum place place, size_t bytes);
void place_fill(const struct spot *spot, const void *bytes, size_t count);
const char *place_name(enum place place);

/* Changes something in the page that all share. */
void place_scribble(struct chance *chance);
/* Answers one fault of a slow page. Return: false if there are none. */
bool place_answer_fault(struct chance *chance);

#endif /* ATTACK_PLACE_H */
