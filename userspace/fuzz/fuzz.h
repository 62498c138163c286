/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share: rules that any window must keep to, and the
 * output of encoders. A rule that is broken ends the process, which is how
 * libFuzzer is told of a finding.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libflightrec.h"
#include "sink.h"

/* libFuzzer calls these by name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

/* A rule: if it does not hold, say @what and abort. */
void fuzz_must(bool holds, const char *what);

/* ---- output.c ------------------------------------------------------------- */

/* What writes a window to a sink, as encoders and the report do. */
typedef int fuzz_write_fn(struct flightrec_reader *reader, struct sink *sink,
			  struct flightrec_error *error);

/**
 * fuzz_output() - write a window, and look at what was written
 * @data: the window
 * @size: its length
 * @write: who writes it
 * @judge: is told what was written, NULL: nobody
 *
 * Errors must have a reason, and output that fails for want of room must be
 * told of.
 */
void fuzz_output(const uint8_t *data, size_t size, fuzz_write_fn *write,
		 void (*judge)(const uint8_t *bytes, size_t length));

/* Judges: lines of text that hold no control characters; Perfetto's packets;
 * a window that is whole, can be narrowed, and is written again as it is. */
void fuzz_judge_text(const uint8_t *bytes, size_t length);
void fuzz_judge_perfetto(const uint8_t *bytes, size_t length);
void fuzz_judge_frec(const uint8_t *bytes, size_t length);

#endif /* FUZZ_H */
