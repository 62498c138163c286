/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words that every text for people uses: signals, a call's arguments. Knows no
 * event.
 */
#ifndef WORDS_H
#define WORDS_H

#include <libflightrec.h>

#include "sink.h"

/* "SIGTERM"; "signal 99" if it has no name. */
void words_put_signal(struct sink *sink, int number);

/* "SI_USER"; NULL if it is no si_code that all signals have. */
const char *words_code_name(int32_t code);
/* "SEGV_MAPERR, nothing is mapped there": the si_code of a signal. */
void words_put_code(struct sink *sink, int number, int32_t code);

/**
 * words_put_args() - "(5, NULL, ...)"
 * @sink: where to
 * @name: the call; NULL if it is not known: it may have six arguments
 * @args: @nargs of them
 * @nargs: how many were recorded; dots stand for the others
 */
void words_put_args(struct sink *sink, const struct flightrec_call_name *name,
		    const uint64_t *args, size_t nargs);

#endif /* WORDS_H */
