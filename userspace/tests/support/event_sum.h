/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A number that stands for what an event says: for tests that compare many of
 * them. It reads all members that the event's type has, texts included.
 */
#ifndef EVENT_SUM_H
#define EVENT_SUM_H

#include <stddef.h>
#include <stdint.h>

#include "libflightrec.h"

/* Of an event without its time: its CPU, its task, its type and what that has. */
uint64_t event_sum(const struct flightrec_event *event);

/* Go on from @sum, 0 at first, with more bytes or one number. */
uint64_t sum_bytes(uint64_t sum, const void *bytes, size_t length);
uint64_t sum_number(uint64_t sum, uint64_t number);

#endif /* EVENT_SUM_H */
