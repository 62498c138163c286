/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a trigger found, in words: for the dump, the report, status and watch. Who
 * it is about is for the caller to say; he knows names.
 */
#ifndef FIRING_H
#define FIRING_H

#include <libflightrec.h>

/* Long enough for every one of them. */
#define FIRING_BYTES 160

/* A word for a condition: "slower", as its option on the command line; NULL if
 * there is no such condition. */
const char *firing_word(uint32_t condition);

/**
 * firing_describe() - what was found, to stand behind a name
 * @text: (out) "futex took 31.2 ms, longer than 20.0 ms": printable ASCII
 * @firing: of a window, or of FLIGHTREC_IOC_FIRED; any values
 * @machine: whose system calls they are, as a window's header has it
 */
void firing_describe(char text[FIRING_BYTES],
		     const struct flightrec_firing *firing,
		     const char *machine);

#endif /* FIRING_H */
