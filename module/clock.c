// SPDX-License-Identifier: GPL-2.0
/* The recorder's clock: choosing it. See clock.h. */
#include <linux/flightrec.h>
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
