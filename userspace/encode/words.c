// SPDX-License-Identifier: GPL-2.0
/* Words that every text for people uses: see words.h. */
#include "words.h"

#include <string.h>

/* From Linux' fcntl.h. */
#define NO_FD_BUT_CWD (-100)

void words_put_signal(struct sink *sink, int number)
{
	const char *name = flightrec_signal_name(number);

	if (name) {
		sink_string(sink, name);
		return;
	}
	sink_string(sink, "signal ");
	sink_signed(sink, number);
}

static void put_fd(struct sink *sink, int32_t fd)
{
	if (fd == NO_FD_BUT_CWD)
		sink_string(sink, "AT_FDCWD");
	else
		sink_signed(sink, fd);
}

static void put_arg(struct sink *sink, char kind, uint64_t value)
{
	switch ((enum flightrec_arg_kind)kind) {
	case FLIGHTREC_ARG_INT:
		sink_signed(sink, (int32_t)value);
		return;
	case FLIGHTREC_ARG_LONG:
		sink_signed(sink, (int64_t)value);
		return;
	case FLIGHTREC_ARG_SIZE:
		sink_unsigned(sink, value);
		return;
	case FLIGHTREC_ARG_FD:
		put_fd(sink, (int32_t)value);
		return;
	case FLIGHTREC_ARG_OCTAL:
		sink_octal(sink, value);
		return;
	case FLIGHTREC_ARG_SIGNAL:
		words_put_signal(sink, (int)value);
		return;
	case FLIGHTREC_ARG_POINTER:
		if (!value) {
			sink_string(sink, "NULL");
			return;
		}
		break;
	case FLIGHTREC_ARG_FLAGS:
		break;
	}
	sink_hex(sink, value);
}

void words_put_args(struct sink *sink, const struct flightrec_call_name *name,
		    const uint64_t *args, size_t nargs)
{
	const char *kinds = name ? name->args : "xxxxxx";
	size_t count = strlen(kinds);
	size_t known = nargs < count ? nargs : count;

	sink_char(sink, '(');
	for (size_t i = 0; i < known; i++) {
		if (i)
			sink_write(sink, ", ", 2);
		put_arg(sink, kinds[i], args[i]);
	}
	if (known < count)
		sink_string(sink, known ? ", ..." : "...");
	sink_char(sink, ')');
}
