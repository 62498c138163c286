// SPDX-License-Identifier: GPL-2.0
/* Events to words: the records that are not on the fast path. See record.h. */
#ifdef __KERNEL__
#include <linux/string.h>
#endif

#include "record.h"

/* Append @length bytes as TEXT words. The caller keeps within the record. */
static void record_text(struct fr_record *record, const char *text, __u32 length)
{
	while (length) {
		__u32 bytes = length < FLIGHTREC_TEXT_BYTES ?
			      length : FLIGHTREC_TEXT_BYTES;
		__u64 word = 0;
		__u32 i;

		for (i = 0; i < bytes; i++)
			word |= (__u64)(__u8)text[i] << (8 + 8 * i);
		word |= (__u64)bytes << FLIGHTREC_WORD_TYPE_BITS;
		record->words[record->count++] = word | FLIGHTREC_WORD_TEXT;
		text += bytes;
		length -= bytes;
	}
}

void fr_record_newtask(struct fr_record *record, __u32 tid, __u32 flags,
		       __u64 clone_flags)
{
	fr_record_begin_tid(record, FLIGHTREC_WORD_NEWTASK, tid,
			    flags << FLIGHTREC_TASK_FLAGS_SHIFT);
	fr_record_value(record, (__s64)clone_flags);
}

void fr_record_exec(struct fr_record *record, __u32 old_tid, const char *path,
		    __u32 length)
{
	__u32 flags = 0;

	/* The end of a long path says more than its beginning. */
	if (length > FLIGHTREC_PATH_MAX) {
		flags = FLIGHTREC_EXEC_PATH_CUT;
		path += length - FLIGHTREC_PATH_MAX;
		length = FLIGHTREC_PATH_MAX;
	}
	fr_record_begin_tid(record, FLIGHTREC_WORD_EXEC, old_tid,
			    flags << FLIGHTREC_TASK_FLAGS_SHIFT);
	record_text(record, path, length);
}

void fr_record_task_exit(struct fr_record *record, __u32 code, __u32 flags)
{
	fr_record_begin(record, FLIGHTREC_WORD_TASK_EXIT,
			(code & 0xffff) |
			flags << FLIGHTREC_TASK_EXIT_FLAGS_SHIFT);
}

void fr_record_rename(struct fr_record *record, __u32 tid, const char *comm)
{
	fr_record_begin_tid(record, FLIGHTREC_WORD_RENAME, tid, 0);
	record_text(record, comm, strnlen(comm, FLIGHTREC_COMM_BYTES));
}

void fr_record_signal_generate(struct fr_record *record, __u32 tid, int sig,
			       __u32 result, __s32 code, int group)
{
	fr_record_begin_tid(record, FLIGHTREC_WORD_SIGNAL_GENERATE, tid,
			    ((__u32)sig & FLIGHTREC_SIGNAL_MASK) <<
				    FLIGHTREC_SIGNAL_SHIFT |
			    result << FLIGHTREC_SIGNAL_RESULT_SHIFT);
	fr_record_value(record, (__s64)code * 2 + !!group);
}

void fr_record_signal_deliver(struct fr_record *record, int sig, __u32 handler,
			      __s32 code, __u64 sa_flags)
{
	fr_record_begin(record, FLIGHTREC_WORD_SIGNAL_DELIVER,
			((__u32)sig & FLIGHTREC_SIGNAL_MASK) |
			handler << FLIGHTREC_HANDLER_SHIFT);
	fr_record_value(record, code);
	fr_record_value(record, (__s64)sa_flags);
}

void fr_record_mark(struct fr_record *record, const char *text, __u32 length)
{
	fr_record_begin(record, FLIGHTREC_WORD_MARK, length);
	record_text(record, text, length);
}
