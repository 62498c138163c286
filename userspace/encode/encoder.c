// SPDX-License-Identifier: GPL-2.0
/*
 * The table of encoders: a new format is a row here and a file of its own.
 */
#include "encoder.h"

#include <stdio.h>
#include <string.h>

#include "formats.h"

const struct encoder *const encoders[] = {
	&text_encoder,
	&perfetto_encoder,
	&frec_encoder,
	NULL,
};

const struct encoder *encoder_find(const char *name)
{
	for (size_t i = 0; encoders[i]; i++) {
		if (!strcmp(encoders[i]->name, name))
			return encoders[i];
	}
	return NULL;
}

int encoder_fail(struct flightrec_error *error, int code, const char *doing)
{
	error->code = code;
	error->offset = FLIGHTREC_NO_OFFSET;
	snprintf(error->text, sizeof(error->text), "cannot %s: %s", doing,
		 strerrordesc_np(-code) ? strerrordesc_np(-code) :
					  "unknown error");
	return code;
}
