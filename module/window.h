/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window: its tables, put together once after the cut, and its bytes in the
 * order in which read() returns them. Never writes to a ring.
 */
#ifndef FR_WINDOW_H
#define FR_WINDOW_H

#include <linux/types.h>
#include <linux/flightrec.h>

struct fr_recorder;

/**
 * struct fr_cut - the instant at which a window ends, on all clocks
 * @clock: the recorder's
 * @mono_ns: CLOCK_MONOTONIC
 * @boot_ns: CLOCK_BOOTTIME
 * @real_ns: CLOCK_REALTIME
 */
struct fr_cut {
	u64 clock;
	u64 mono_ns;
	u64 boot_ns;
	u64 real_ns;
};

/**
 * struct fr_window - a frozen window
 * @head: header, tables, padding; NULL if not made yet
 * @head_bytes: their size
 * @blocks: how many blocks follow
 * @block_bytes: size of each
 * @bytes: of the whole window
 * @end: the end marker
 */
struct fr_window {
	void *head;
	u64 head_bytes;
	u64 blocks;
	u32 block_bytes;
	u64 bytes;
	struct flightrec_window_end end;
};

void fr_cut_take(struct fr_cut *cut);
int fr_window_make(struct fr_recorder *recorder);
void fr_window_drop(struct fr_recorder *recorder);
size_t fr_window_copy(struct fr_recorder *recorder, u64 offset, void *to,
		      size_t bytes);

#endif /* FR_WINDOW_H */
