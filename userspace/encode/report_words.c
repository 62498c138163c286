// SPDX-License-Identifier: GPL-2.0
/* The report's words: see report_words.h. */
#include "report_words.h"
#include "words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S	1000000000ULL

/* From Linux' sched.h; those whose priority is a number of their own. */
#define POLICY_FIFO	1
#define POLICY_RR	2
#define POLICY_DEADLINE 6

/* ---- who ---------------------------------------------------------------- */

void report_who_set(struct report_who *who, const struct front_thread *thread)
{
	who->known = thread;
	if (!thread)
		return;
	who->target = thread->target;
	who->index = thread->index;
	who->tid = thread->tid;
	who->identity = thread->identity;
	memcpy(who->comm, thread->comm, sizeof(who->comm));
}

void report_put_comm(struct sink *sink, const struct report_who *who)
{
	sink_escaped(sink, who->comm, strlen(who->comm), "");
}

void report_put_thread(struct sink *sink, const struct report_who *who)
{
	if (!who->known) {
		sink_string(sink, "a task that is not recorded");
		return;
	}
	report_put_comm(sink, who);
	sink_printf(sink, "[%u]", who->tid);
}

void report_put_who(struct sink *sink, const struct report_who *who)
{
	const struct flightrec_window_task *identity = who->identity;
	const char *policy;

	report_put_thread(sink, who);
	if (!who->known || !who->tid || !identity)
		return;
	policy = flightrec_policy_name(identity->policy);
	if (policy)
		sink_printf(sink, " (%s", policy);
	else
		sink_printf(sink, " (policy %u", identity->policy);
	if (identity->policy == POLICY_FIFO || identity->policy == POLICY_RR)
		sink_printf(sink, " %u", identity->rt_priority);
	else if (identity->policy != POLICY_DEADLINE)
		sink_printf(sink, ", nice %d", identity->nice);
	sink_char(sink, ')');
}

/* ---- calls -------------------------------------------------------------- */

void report_call_set(struct report_call *call, const struct front_call *from)
{
	call->in = from->in;
	if (from->in != FRONT_CALL_IN)
		return;
	call->compat = from->compat;
	call->enter_known = from->enter_known;
	call->nargs = from->nargs;
	call->nr = from->nr;
	call->enter_clock = from->enter_clock;
	memcpy(call->args, from->args, sizeof(call->args));
	call->name = from->name;
}

void report_put_call_name(struct sink *sink, int32_t nr, bool compat,
			  const struct flightrec_call_name *name)
{
	if (name)
		sink_string(sink, name->name);
	else
		sink_printf(sink, "syscall_%d", nr);
	if (compat)
		sink_string(sink, " (32-bit)");
}

void report_put_call(struct sink *sink, const struct report_call *call)
{
	report_put_call_name(sink, call->nr, false, call->name);
	words_put_args(sink, call->name, call->args, call->nargs);
	if (call->compat)
		sink_string(sink, " (32-bit)");
}

void report_put_errno(struct sink *sink, int number)
{
	const char *name = flightrec_errno_name(number);

	if (name)
		sink_string(sink, name);
	else
		sink_printf(sink, "errno %d", number);
}

void report_put_result(struct sink *sink, int64_t result)
{
	if (result < 0 && result >= -4095)
		report_put_errno(sink, (int)-result);
	else if (result > UINT32_MAX || result < INT32_MIN)
		/* No count is that large: an address. */
		sink_hex(sink, (uint64_t)result);
	else
		sink_signed(sink, result);
}

/* ---- how long ----------------------------------------------------------- */

static void long_duration(char text[REPORT_DURATION_BYTES], uint64_t ns)
{
	unsigned long long s = (ns + NS_PER_S / 2) / NS_PER_S;
	unsigned long long h = s / 3600;

	if (h >= 48)
		snprintf(text, REPORT_DURATION_BYTES, "%llu d %llu h", h / 24,
			 h % 24);
	else if (h >= 1)
		snprintf(text, REPORT_DURATION_BYTES, "%llu h %llu min", h,
			 s / 60 % 60);
	else
		snprintf(text, REPORT_DURATION_BYTES, "%llu min %llu s", s / 60,
			 s % 60);
}

/*
 * With tenths if there are less than @tenths_max of them. False if it is too
 * much for this unit.
 */
static bool in_unit(char text[REPORT_DURATION_BYTES], uint64_t ns,
		    uint64_t unit, unsigned int tenths_max, const char *name)
{
	unsigned long long tenths = (ns + unit / 20) / (unit / 10);
	unsigned long long whole = (ns + unit / 2) / unit;

	if (tenths < tenths_max)
		snprintf(text, REPORT_DURATION_BYTES, "%llu.%llu %s",
			 tenths / 10, tenths % 10, name);
	else if (tenths < 10000 && whole < 1000)
		snprintf(text, REPORT_DURATION_BYTES, "%llu %s", whole, name);
	else
		return false;
	return true;
}

void report_duration(char text[REPORT_DURATION_BYTES], uint64_t ns)
{
	if (ns < 1000)
		snprintf(text, REPORT_DURATION_BYTES, "%u ns", (unsigned)ns);
	else if (ns >= 120 * NS_PER_S)
		long_duration(text, ns);
	else if (!in_unit(text, ns, 1000, 1000, "us") &&
		 !in_unit(text, ns, 1000000, 10000, "ms"))
		in_unit(text, ns, NS_PER_S, 1000, "s");
}

void report_put_duration(struct sink *sink, uint64_t ns)
{
	char text[REPORT_DURATION_BYTES];

	report_duration(text, ns);
	sink_string(sink, text);
}

/* ---- when --------------------------------------------------------------- */

static void put_when(struct sink *sink, int64_t real_ns, const char *format)
{
	int64_t ns = real_ns % (int64_t)NS_PER_S;
	time_t second = (time_t)(real_ns / (int64_t)NS_PER_S);
	char text[64];
	struct tm tm;

	if (ns < 0) {
		ns += (int64_t)NS_PER_S;
		second--;
	}
	memset(&tm, 0, sizeof(tm));
	localtime_r(&second, &tm);
	strftime(text, sizeof(text), format, &tm);
	sink_string(sink, text);
	sink_char(sink, '.');
	sink_padded(sink, (uint64_t)ns / 1000, 6);
	strftime(text, sizeof(text), " %z", &tm);
	sink_string(sink, text);
}

void report_put_time(struct sink *sink, int64_t real_ns)
{
	put_when(sink, real_ns, "%H:%M:%S");
}

void report_put_date(struct sink *sink, int64_t real_ns)
{
	put_when(sink, real_ns, "%Y-%m-%d %H:%M:%S");
}
