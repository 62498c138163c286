/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bugs that are planted in the decoder's target, to see that the fuzzer finds
 * them: a build with -DFUZZ_PLANT has them, and FUZZ_PLANT in the environment
 * says which. Without that there are none.
 */
#ifndef PLANT_H
#define PLANT_H

#include "libflightrec.h"

#ifdef FUZZ_PLANT
void plant_at_event(const struct flightrec_event *event);
#else
static inline void plant_at_event(const struct flightrec_event *event)
{
	(void)event;
}
#endif

#endif /* PLANT_H */
