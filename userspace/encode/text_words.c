// SPDX-License-Identifier: GPL-2.0
/*
 * Times, tasks and calls in words. See text.h.
 */
#include <string.h>
#include <time.h>

#include "text.h"
#include "words.h"

#define NS_PER_S 1000000000

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
	/* In three parts, each of which is worked out beside the others. */
	const uint32_t parts[] = { ns / 1000000, ns / 1000 % 1000, ns % 1000 };
	char digits[9];

	for (int i = 0; i < 3; i++) {
		digits[3 * i] = (char)('0' + parts[i] / 100);
		digits[3 * i + 1] = (char)('0' + parts[i] / 10 % 10);
		digits[3 * i + 2] = (char)('0' + parts[i] % 10);
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

void text_put_call(struct text *text, const struct front_call *call)
{
	text_put_call_name(text, call);
	words_put_args(text->sink, call->name, call->args, call->nargs);
}
