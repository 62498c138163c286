// SPDX-License-Identifier: GPL-2.0
/*
 * The planted bugs: see plant.h. Each is of a kind that the harness claims to
 * see, and needs an event that no file of the corpus has.
 */
#ifdef FUZZ_PLANT
#include "fuzz.h"
#include "plant.h"

/* So that what is computed is of use. */
extern volatile int plant_shifted;
extern char *volatile plant_kept;
volatile int plant_shifted;
char *volatile plant_kept;

/* A name has room for what the corpus' have, and may be longer. */
static void plant_overflow(const struct flightrec_event *event)
{
	if (event->type != FLIGHTREC_EVENT_RENAME)
		return;
	plant_kept = malloc(7);
	fuzz_must(plant_kept, "no memory");
	memcpy(plant_kept, event->rename.comm, event->rename.comm_length);
	free(plant_kept);
}

static void plant_undefined(const struct flightrec_event *event)
{
	/* There are no more than 64 signals, but 7 bits. */
	if (event->type == FLIGHTREC_EVENT_SIGNAL_DELIVER &&
	    event->signal_deliver.signal > 64)
		plant_shifted = 1 << event->signal_deliver.signal;
}

static void plant_leak(const struct flightrec_event *event)
{
	if (event->type == FLIGHTREC_EVENT_EXEC && event->exec.flags & 2) {
		plant_kept = malloc(event->exec.path_length + 1);
		plant_kept = NULL;
	}
}

/* Memory by a number of the file's. */
static void plant_memory(const struct flightrec_event *event)
{
	if (event->type != FLIGHTREC_EVENT_NEWTASK)
		return;
	plant_kept = malloc(event->newtask.clone_flags & 0xfffffff);
	free(plant_kept);
}

/* Time by a number of the file's. */
static void plant_time(const struct flightrec_event *event)
{
	volatile uint64_t i;

	if (event->type != FLIGHTREC_EVENT_WAKING || event->waking.context != 3)
		return;
	for (i = 0; i < (uint64_t)event->waking.tid << 26; i++)
		;
}

static void plant_rule(const struct flightrec_event *event)
{
	fuzz_must(event->type != FLIGHTREC_EVENT_ENTER || event->enter.nr >= -1,
		  "planted: no call has a number below -1");
}

void plant_at_event(const struct flightrec_event *event)
{
	static const struct {
		const char *name;
		void (*plant)(const struct flightrec_event *event);
	} plants[] = {
		{ "overflow", plant_overflow },
		{ "undefined", plant_undefined },
		{ "leak", plant_leak },
		{ "memory", plant_memory },
		{ "time", plant_time },
		{ "rule", plant_rule },
	};
	const char *name = getenv("FUZZ_PLANT");

	for (size_t i = 0; name && i < sizeof(plants) / sizeof(plants[0]);
	     i++) {
		if (!strcmp(plants[i].name, name))
			plants[i].plant(event);
	}
}
#else
/* An empty translation unit is not C. */
extern int fuzz_nothing_planted;
#endif
