// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a window of which the truth is known, damaged by the fuzzer's
 * choice. Two bytes choose the window, the others where and how it is damaged;
 * what must come out is known from the building (see tests/support/damage.h).
 */
#include "damage.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dice dice = { .state = 0, .bytes = data, .left = size };
	uint64_t seed = dice_roll(&dice, 65536);
	const char *fault = damage_try(seed, &dice);

	fuzz_must(!fault, fault);
	return 0;
}
