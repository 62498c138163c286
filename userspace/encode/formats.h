/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each format's file offers to the table of encoders.
 */
#ifndef FORMATS_H
#define FORMATS_H

#include "encoder.h"

extern const struct encoder text_encoder;
extern const struct encoder perfetto_encoder;
extern const struct encoder frec_encoder;

#endif /* FORMATS_H */
