/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Triggers as the command line names them, and as people read them.
 */
#ifndef TRIGGERS_H
#define TRIGGERS_H

#include <libflightrec.h>
#include <sink.h>

/* Values of getopt_long: this and a condition, FLIGHTREC_TRIGGER_*. */
#define TRIGGERS_CONDITION 0x200
/* The others. */
enum {
	TRIGGERS_CALL = 0x240,
	TRIGGERS_FREEZE,
	TRIGGERS_NOTIFY,
	TRIGGERS_AFTER,
	TRIGGERS_EVERY,
	TRIGGERS_MAX,
};

/* Takes one of these options. @argument may be NULL where it is optional. 0, or an
 * exit status when explained. */
int triggers_option(struct flightrec_trigger *trigger, int option,
		    const char *argument);
/* All options were taken: complete, and fit each other? 0, or an exit status when
 * explained. */
int triggers_check(struct flightrec_trigger *trigger);

/* "futex takes longer than 20ms: freeze after 500ms, at most 20 times". */
void triggers_put(struct sink *sink, const struct flightrec_trigger *trigger);

/* The one with this id, or with the next higher one: 1; 0: there is none; or -1
 * when explained. */
int triggers_next(int fd, uint32_t id, struct flightrec_trigger *trigger);

/* The last of all that fired after the one of this sequence: 1; 0: none did; or a
 * negative errno. It needs not be told again on @fd. */
int triggers_fired(int fd, uint64_t known, struct flightrec_firing *last);

/* The machine's name, for its system calls. */
const char *triggers_machine(void);

#endif /* TRIGGERS_H */
