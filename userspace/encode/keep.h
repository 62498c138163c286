/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether the age that was asked for was held, in words: for the dump, the report,
 * status, snapshot and watch. What is true is for the library to say.
 */
#ifndef KEEP_H
#define KEEP_H

#include <libflightrec.h>

/* Long enough for every one of them. */
#define KEEP_BYTES 160

/**
 * keep_describe() - what became of the age, to stand behind "keep: "
 * @text: (out) "10 s asked, 3.2 s held; 64 MiB would hold it": printable ASCII
 * @keep: an age was asked for
 */
void keep_describe(char text[KEEP_BYTES], const struct flightrec_keep *keep);

#endif /* KEEP_H */
