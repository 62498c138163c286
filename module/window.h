/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window: its tables, put together once after the cut, and its bytes in the
 * order in which read() returns them. Never writes to a ring.
 *
 * A frozen recorder has one window for all who read. While recording goes on each
 * reader has a live one of his own: its tables are fixed, too, but its blocks are
 * where they are, and may be drawn and written anew before they have been read.
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

struct fr_held;

/**
 * struct fr_window - a window
 * @head: header, tables; NULL if not made yet
 * @head_bytes: their size
 * @held: its blocks
 * @blocks: how many
 * @block_bytes: size of each
 * @bytes: of the whole window
 * @end: the end marker
 * @reason: why it was taken; FLIGHTREC_REASON_LIVE: it is a live one
 * @cut: when
 */
struct fr_window {
	void *head;
	u64 head_bytes;
	struct fr_held *held;
	u64 blocks;
	u32 block_bytes;
	u64 bytes;
	struct flightrec_window_end end;
	u32 reason;
	struct fr_cut cut;
};

void fr_cut_take(struct fr_cut *cut);
int fr_window_make(struct fr_recorder *recorder, struct fr_window *window);
int fr_window_make_live(struct fr_recorder *recorder, struct fr_window *window);
void fr_window_drop(struct fr_window *window);
u64 fr_window_memory(const struct fr_window *window);
u64 fr_window_from(const struct fr_window *window, u64 offset);
size_t fr_window_copy(const struct fr_window *window, u64 offset, void *to,
		      size_t bytes);
size_t fr_window_copy_to_user(const struct fr_window *window, u64 offset,
			      void __user *to, size_t bytes);

#endif /* FR_WINDOW_H */
