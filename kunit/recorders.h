/* SPDX-License-Identifier: GPL-2.0 */
/* Recorders for tests: real ones, with small rings, and their windows. */
#ifndef FR_KUNIT_RECORDERS_H
#define FR_KUNIT_RECORDERS_H

#include <kunit/test.h>

#include "recorder.h"
#include "whole.h"

/**
 * struct recorder_marks - marks that a thread leaves until it is stopped
 * @recorder: where
 * @made: how many it has left
 * @refused: how many it could not
 */
struct recorder_marks {
	struct fr_recorder *recorder;
	u64 made;
	u64 refused;
};

int recorder_init(struct kunit *test);
void recorder_exit(struct kunit *test);

int recorder_configure(struct fr_recorder *recorder, u32 events, u32 slots);
int recorder_add(struct fr_recorder *recorder, u32 kind, u64 id, u32 flags);
int recorder_add_name(struct fr_recorder *recorder, const char *name);
int recorder_remove(struct fr_recorder *recorder, u32 kind, u64 id);
int recorder_remove_name(struct fr_recorder *recorder, const char *name);
int recorder_mark(struct fr_recorder *recorder, const char *text);
int recorder_mark_on(struct fr_recorder *recorder, int cpu, u32 count);
int recorder_leave_marks(void *data);
void recorder_wrap(struct kunit *test);
int recorder_to(struct fr_recorder *recorder, u32 state);

int whole_read(struct fr_recorder *recorder, struct whole *whole);
int whole_read_view(struct fr_recorder *recorder, struct fr_view *view,
		    struct whole *whole);
void whole_free(struct whole *whole);
const struct flightrec_window_task *whole_find_task(const struct whole *whole,
						    u32 tid, u32 until_reason);

#endif /* FR_KUNIT_RECORDERS_H */
