// SPDX-License-Identifier: GPL-2.0
/*
 * Times, tasks and calls in words. See text.h.
 */
#include <string.h>
#include <time.h>

#include "text.h"

#define NS_PER_S	1000000000

/* ---- pieces -------------------------------------------------------------- */

static void set_second(struct text *text, int64_t second)
{
	time_t time = (time_t)second;
	struct tm tm;

	text->second = second;
	memset(&tm, 0, sizeof(tm));
	localtime_r(&time, &tm);
	text->stamp_length = strftime(text->stamp, sizeof(text->stamp),
				      "%Y-%m-%d %H:%M:%S.", &tm);
	text->zone_length =
		strftime(text->zone, sizeof(text->zone), " %z", &tm);
}

static void put_nines(struct sink *sink, uint32_t ns)
{
	char digits[9];

	for (int i = 8; i >= 0; i--) {
		digits[i] = (char)('0' + ns % 10);
		ns /= 10;
	}
	sink_write(sink, digits, sizeof(digits));
}

void text_put_real(struct text *text, int64_t real_ns)
{
	int64_t second = real_ns / NS_PER_S;
	int64_t ns = real_ns % NS_PER_S;

	if (ns < 0) {
		ns += NS_PER_S;
		second--;
	}
	if (second != text->second || !text->stamp_length)
		set_second(text, second);
	sink_write(text->sink, text->stamp, text->stamp_length);
	put_nines(text->sink, (uint32_t)ns);
	sink_write(text->sink, text->zone, text->zone_length);
}

void text_put_clock(struct text *text, uint64_t clock)
{
	text_put_real(text, flightrec_reader_real_ns(text->reader, clock));
}

void text_put_span(struct text *text, uint64_t from, uint64_t to)
{
	int64_t from_ns = flightrec_reader_mono_ns(text->reader, from);
	int64_t to_ns = flightrec_reader_mono_ns(text->reader, to);
	uint64_t ns = 0;

	/* The difference may be more than 63 bits hold. */
	if (to_ns > from_ns)
		ns = (uint64_t)to_ns - (uint64_t)from_ns;
	sink_unsigned(text->sink, ns / NS_PER_S);
	sink_char(text->sink, '.');
	put_nines(text->sink, (uint32_t)(ns % NS_PER_S));
}

void text_put_name(struct text *text, const char *comm, uint32_t tid)
{
	sink_escaped(text->sink, comm, strlen(comm), "");
	sink_char(text->sink, '[');
	sink_unsigned(text->sink, tid);
	sink_char(text->sink, ']');
}

void text_put_task(struct text *text, const struct front_thread *thread)
{
	text_put_name(text, thread->comm, thread->tid);
}

void text_put_quoted(struct text *text, const char *bytes, size_t length)
{
	sink_char(text->sink, '"');
	sink_escaped(text->sink, bytes, length, "\"");
	sink_char(text->sink, '"');
}

void text_put_signal(struct text *text, int number)
{
	const char *name = flightrec_signal_name(number);

	if (name) {
		sink_string(text->sink, name);
		return;
	}
	sink_string(text->sink, "signal ");
	sink_signed(text->sink, number);
}

/* ---- calls --------------------------------------------------------------- */

void text_put_call_name(struct text *text, const struct front_call *call)
{
	if (call->compat)
		sink_string(text->sink, "compat ");
	if (call->name) {
		sink_string(text->sink, call->name->name);
		return;
	}
	sink_string(text->sink, "syscall_");
	sink_signed(text->sink, call->nr);
}

static void put_fd(struct text *text, int32_t fd)
{
	if (fd == -100)
		sink_string(text->sink, "AT_FDCWD");
	else
		sink_signed(text->sink, fd);
}

static void put_arg(struct text *text, char kind, uint64_t value)
{
	struct sink *sink = text->sink;

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
		put_fd(text, (int32_t)value);
		return;
	case FLIGHTREC_ARG_OCTAL:
		sink_octal(sink, value);
		return;
	case FLIGHTREC_ARG_SIGNAL:
		text_put_signal(text, (int)value);
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

/* What is not recorded shows as dots. An unknown call may have up to six. */
static void put_args(struct text *text, const struct front_call *call)
{
	const char *kinds = call->name ? call->name->args : "xxxxxx";
	size_t count = strlen(kinds);
	size_t known = call->nargs < count ? call->nargs : count;

	sink_char(text->sink, '(');
	for (size_t i = 0; i < known; i++) {
		if (i)
			sink_write(text->sink, ", ", 2);
		put_arg(text, kinds[i], call->args[i]);
	}
	if (known < count)
		sink_string(text->sink, known ? ", ..." : "...");
	sink_char(text->sink, ')');
}

void text_put_call(struct text *text, const struct front_call *call)
{
	text_put_call_name(text, call);
	put_args(text, call);
}
