// SPDX-License-Identifier: GPL-2.0
/* Chance: splitmix64, one state a process. */
#include "stress.h"

static uint64_t state;

void stress_seed(uint64_t seed)
{
	state = seed;
}

/* From 0 to @below - 1. */
uint32_t stress_random(uint32_t below)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(((z ^ z >> 31) >> 32) * below >> 32);
}
