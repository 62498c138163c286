// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: every encoder of the table, one a run. FLIGHTREC_FORMAT says
 * which; --formats lists them and ends.
 */
#include <stdio.h>

#include "encoder.h"
#include "fuzz.h"

/* What is known of a format's output. A new format needs no row here: it is
 * then run, and its output not looked at. */
static const struct {
	const char *format;
	void (*judge)(const uint8_t *bytes, size_t length);
} judges[] = {
	{ "text", fuzz_judge_text },
	{ "perfetto", fuzz_judge_perfetto },
	{ "frec", fuzz_judge_frec },
};

static const struct encoder *encoder;
static void (*judge)(const uint8_t *bytes, size_t length);

static void list_formats(void)
{
	for (size_t i = 0; encoders[i]; i++)
		puts(encoders[i]->name);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer's prototype */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *format = getenv("FLIGHTREC_FORMAT");

	if (*argc > 1 && !strcmp((*argv)[1], "--formats")) {
		list_formats();
		exit(0);
	}
	encoder = format ? encoder_find(format) : NULL;
	if (!encoder) {
		fprintf(stderr, "FLIGHTREC_FORMAT must be one of:\n");
		list_formats();
		exit(2);
	}
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		if (!strcmp(judges[i].format, format))
			judge = judges[i].judge;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_output(data, size, encoder->encode, judge);
	return 0;
}
