/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The report's words: who, which call, how long, when. Copies that outlive the
 * step of the front end that they were taken from, and how they are written.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "front.h"
#include "sink.h"

/**
 * struct report_who - a thread as it was at some time
 * @known: the rest holds
 * @target: it was recorded then
 * @index: of the thread in the front end
 * @tid: 0: idle
 * @identity: its policy and priority; NULL: not known
 * @comm: its name
 */
struct report_who {
	bool known;
	bool target;
	uint32_t index;
	uint32_t tid;
	const struct flightrec_window_task *identity;
	char comm[FLIGHTREC_COMM_BYTES + 1];
};

/**
 * struct report_call - a system call as it was made
 * @in: as struct front_call has it, as all others
 * @compat: also
 * @enter_known: also
 * @nargs: also
 * @nr: also
 * @enter_clock: also
 * @args: also
 * @name: also
 */
struct report_call {
	enum front_in_call in;
	bool compat;
	bool enter_known;
	uint8_t nargs;
	int32_t nr;
	uint64_t enter_clock;
	uint64_t args[FLIGHTREC_ARGS_MAX];
	const struct flightrec_call_name *name;
};

/* How much later @to_ns is; 0 if it is not. May be more than 63 bits hold. */
static inline uint64_t report_between(int64_t from_ns, int64_t to_ns)
{
	return to_ns > from_ns ? (uint64_t)to_ns - (uint64_t)from_ns : 0;
}

void report_who_set(struct report_who *who, const struct front_thread *thread);
void report_call_set(struct report_call *call, const struct front_call *from);

/* "name" and "name[tid]" and "name[tid] (FIFO 50)". */
void report_put_comm(struct sink *sink, const struct report_who *who);
void report_put_thread(struct sink *sink, const struct report_who *who);
void report_put_who(struct sink *sink, const struct report_who *who);

/* "read" and "read(5, ...)". */
void report_put_call_name(struct sink *sink, int32_t nr, bool compat,
			  const struct flightrec_call_name *name);
void report_put_call(struct sink *sink, const struct report_call *call);
/* "3" and "EAGAIN". */
void report_put_result(struct sink *sink, int64_t result);
void report_put_errno(struct sink *sink, int number);

/* Long enough for every duration. */
#define REPORT_DURATION_BYTES 32

/* "38.2 ms", "412 us", "2 min 5 s": what one can take in at a glance. */
void report_duration(char text[REPORT_DURATION_BYTES], uint64_t ns);
void report_put_duration(struct sink *sink, uint64_t ns);

/* "14:03:07.412913 +0000", with "2026-11-23 " before it. */
void report_put_time(struct sink *sink, int64_t real_ns);
void report_put_date(struct sink *sink, int64_t real_ns);

#endif /* REPORT_WORDS_H */
