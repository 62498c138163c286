/* SPDX-License-Identifier: GPL-2.0 */
/* Chance that can be had again: all of it follows from one number, the seed. */
#ifndef ATTACK_CHANCE_H
#define ATTACK_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct chance - one sequence of random numbers
 * @state: the seed, and what follows from it
 */
struct chance {
	uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance)
{
	uint64_t mixed = chance->state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

/* The @number-th sequence of a seed: of each, whatever was drawn from another. */
static inline void chance_begin(struct chance *chance, uint64_t seed,
				uint64_t number)
{
	chance->state = seed ^ (number + 1) * 0xd1342543de82ef95;
	chance->state = chance_next(chance);
}

/* @limit: not 0. */
static inline uint32_t chance_below(struct chance *chance, uint32_t limit)
{
	return (uint32_t)((chance_next(chance) >> 32) * limit >> 32);
}

static inline bool chance_one_in(struct chance *chance, uint32_t odds)
{
	return !chance_below(chance, odds);
}

static inline uint64_t chance_of(struct chance *chance, const uint64_t *values,
				 size_t count)
{
	return values[chance_below(chance, (uint32_t)count)];
}

/* One of the values. */
#define CHANCE_PICK(chance, ...)                              \
	chance_of(chance, (const uint64_t[]){ __VA_ARGS__ },  \
		  sizeof((const uint64_t[]){ __VA_ARGS__ }) / \
			  sizeof(uint64_t))

#endif /* ATTACK_CHANCE_H */
