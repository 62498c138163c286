/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorder's clock: one monotonic clock that is comparable across CPUs.
 *
 * The TSC where the kernel trusts it, else ktime_get_mono_fast_ns(). Which one
 * is a property of the machine; it is chosen when recording starts and does not
 * change while any recorder is active. A TSC that the kernel trusts does not step
 * back, on which the ring relies: one that does (set by firmware) makes times wrong
 * until the next block begins. Every block and every window carries a
 * pair (clock, CLOCK_MONOTONIC), so that a reader can convert, and sees it if
 * the two drift apart.
 */
#ifndef FR_CLOCK_H
#define FR_CLOCK_H

#include <linux/jump_label.h>

#include "compat.h"

DECLARE_STATIC_KEY_FALSE(fr_clock_is_tsc);

/* Any context but NMI (kept out of there by the probes' tracepoints). */
static __always_inline u64 fr_clock(void)
{
	if (static_branch_likely(&fr_clock_is_tsc))
		return fr_tsc();
	return ktime_get_mono_fast_ns();
}

/**
 * struct fr_clock_pair - the two clocks at one instant
 * @clock: the recorder's, in ticks
 * @mono_ns: CLOCK_MONOTONIC
 */
struct fr_clock_pair {
	u64 clock;
	u64 mono_ns;
};

struct fr_clock_pair fr_clock_read_pair(void);
void fr_clock_choose(void);
u32 fr_clock_kind(void);
u32 fr_clock_khz(void);

#endif /* FR_CLOCK_H */
