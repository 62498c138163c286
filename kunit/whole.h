/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A whole window: is it what the contract says? Written from the contract
 * alone, as tape.h is.
 */
#ifndef FR_KUNIT_WHOLE_H
#define FR_KUNIT_WHOLE_H

#include <linux/types.h>
#include <linux/flightrec.h>

#include "tape.h"

/**
 * struct whole - a window in memory
 * @bytes: it
 * @size: how many
 * @visit: called with each record by whole_fault(); NULL: not
 * @data: for @visit
 */
struct whole {
	const void *bytes;
	size_t size;
	void (*visit)(void *data, const struct tape_record *record);
	void *data;
};

const char *whole_fault(const struct whole *whole);

const struct flightrec_window *whole_head(const struct whole *whole);
const struct flightrec_window_cpu *whole_cpu(const struct whole *whole, u64 i);
const struct flightrec_window_task *whole_task(const struct whole *whole,
					       u64 i);
const struct flightrec_window_call *whole_call(const struct whole *whole,
					       u64 i);
const struct flightrec_window_target *whole_target(const struct whole *whole,
						   u64 i);
const struct flightrec_block *whole_block(const struct whole *whole, u64 i);

#endif /* FR_KUNIT_WHOLE_H */
