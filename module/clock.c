// SPDX-License-Identifier: GPL-2.0
/* The recorder's clock: choosing it. See clock.h. */
#include <linux/flightrec.h>
#include <linux/irqflags.h>
#include <linux/time64.h>

#include "clock.h"

DEFINE_STATIC_KEY_FALSE(fr_clock_is_tsc);

/**
 * fr_clock_choose() - take the best clock that the machine has now
 *
 * Context: process; nothing may be recording. Takes cpus_read_lock (static key).
 */
void fr_clock_choose(void)
{
	if (fr_tsc_is_trusted())
		static_branch_enable(&fr_clock_is_tsc);
	else
		static_branch_disable(&fr_clock_is_tsc);
}

#define PAIR_TRIES 5

/**
 * fr_clock_read_pair() - the recorder's clock and CLOCK_MONOTONIC at one instant
 *
 * Interrupts are off meanwhile, but a hypervisor that takes the processor away,
 * or firmware that does, is not held off by that, and may do so for milliseconds
 * between one clock and the other. So the other is read between two looks at the
 * first, a few times over, and the try with the least between counts: its middle
 * is wrong by half of that at most.
 *
 * Context: any but NMI. Return: the pair; its clock is not earlier than any that
 * was read before the call, nor later than any that is read after it.
 */
struct fr_clock_pair fr_clock_read_pair(void)
{
	struct fr_clock_pair pair = {};
	u64 least = ~0ULL;
	unsigned long flags;
	int tries;

	local_irq_save(flags);
	if (!static_key_enabled(&fr_clock_is_tsc)) {
		pair.mono_ns = ktime_get_mono_fast_ns();
		pair.clock = pair.mono_ns;
		goto out;
	}
	for (tries = 0; tries < PAIR_TRIES; tries++) {
		u64 before = fr_clock();
		u64 mono_ns = ktime_get_mono_fast_ns();
		u64 between = fr_clock() - before;

		if (between >= least)
			continue;
		least = between;
		pair.clock = before + between / 2;
		pair.mono_ns = mono_ns;
	}
out:
	local_irq_restore(flags);
	return pair;
}

/* FLIGHTREC_CLOCK_*, as chosen last. */
u32 fr_clock_kind(void)
{
	return static_key_enabled(&fr_clock_is_tsc) ? FLIGHTREC_CLOCK_TSC :
						      FLIGHTREC_CLOCK_MONO;
}

/* Nominal ticks a millisecond. */
u32 fr_clock_khz(void)
{
	return static_key_enabled(&fr_clock_is_tsc) ? fr_tsc_khz() :
						      NSEC_PER_MSEC;
}
