// SPDX-License-Identifier: GPL-2.0
/* Events to words: every record. See record.h. */
#ifdef __KERNEL__
#include <linux/string.h>
#endif

#include "record.h"

static void record_begin(struct fr_record *record, __u32 type, __u32 payload)
{
	record->words[0] = fr_word(type, payload);
	record->count = 1;
}

/* Append @value as one VALUE or two WIDE words. */
static void record_value(struct fr_record *record, __s64 value)
{
	if (fr_value_is_short(value)) {
		record->words[record->count++] = fr_word_value(value);
		return;
	}
	record->words[record->count++] =
		fr_word(FLIGHTREC_WORD_WIDE, (__u32)((__u64)value >> 32));
	record->words[record->count++] =
		fr_word(FLIGHTREC_WORD_WIDE, (__u32)value);
}

/*
 * Begin a record whose payload starts with a tid; @high is the rest of the
 * payload, in place.
 */
static void record_begin_tid(struct fr_record *record, __u32 type, __u32 tid,
			     __u32 high)
{
	if (tid < FLIGHTREC_TID_ESCAPE) {
		record_begin(record, type, tid | high);
		return;
	}
	record_begin(record, type, FLIGHTREC_TID_ESCAPE | high);
	record_value(record, tid);
}

/* Append @length bytes as TEXT words. The caller keeps within the record. */
static void record_text(struct fr_record *record, const char *text,
			__u32 length)
{
	while (length) {
		__u32 bytes = length < FLIGHTREC_TEXT_BYTES ?
				      length :
				      FLIGHTREC_TEXT_BYTES;
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

void fr_record_switch(struct fr_record *record, __u32 next_tid, __u32 state,
		      __u32 flags)
{
	record_begin_tid(record, FLIGHTREC_WORD_SWITCH, next_tid,
			 state << FLIGHTREC_SWITCH_STATE_SHIFT |
				 flags << FLIGHTREC_SWITCH_FLAGS_SHIFT);
}

void fr_record_waking(struct fr_record *record, __u32 tid, __u32 context,
		      __u32 flags)
{
	record_begin_tid(record, FLIGHTREC_WORD_WAKING, tid,
			 context << FLIGHTREC_WAKING_CONTEXT_SHIFT |
				 flags << FLIGHTREC_WAKING_FLAGS_SHIFT);
}

/* @nargs: how many of @args to record, 0 to FLIGHTREC_ARGS_MAX. */
void fr_record_enter(struct fr_record *record, __s32 nr, int compat,
		     const __u64 *args, unsigned int nargs)
{
	__s64 first = nargs ? (__s64)args[0] : 0;
	unsigned int i = 0;

	if (fr_call_is_short(nr, compat, first)) {
		record->words[0] = fr_word_enter(nr, first);
		record->count = 1;
		i = 1;
	} else {
		record_begin(record,
			     compat ? FLIGHTREC_WORD_ENTER_COMPAT :
				      FLIGHTREC_WORD_ENTER_LONG,
			     (__u32)nr);
	}
	for (; i < nargs; i++)
		record_value(record, (__s64)args[i]);
}

void fr_record_exit(struct fr_record *record, __s32 nr, int compat,
		    __s64 result)
{
	if (fr_call_is_short(nr, compat, result)) {
		record->words[0] = fr_word_exit(nr, result);
		record->count = 1;
		return;
	}
	record_begin(record,
		     compat ? FLIGHTREC_WORD_EXIT_COMPAT :
			      FLIGHTREC_WORD_EXIT_LONG,
		     (__u32)nr);
	record_value(record, result);
}

void fr_record_newtask(struct fr_record *record, __u32 tid, __u32 flags,
		       __u64 clone_flags)
{
	record_begin_tid(record, FLIGHTREC_WORD_NEWTASK, tid,
			 flags << FLIGHTREC_TASK_FLAGS_SHIFT);
	record_value(record, (__s64)clone_flags);
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
	record_begin_tid(record, FLIGHTREC_WORD_EXEC, old_tid,
			 flags << FLIGHTREC_TASK_FLAGS_SHIFT);
	record_text(record, path, length);
}

void fr_record_task_exit(struct fr_record *record, __u32 code, __u32 flags)
{
	record_begin(record, FLIGHTREC_WORD_TASK_EXIT,
		     (code & 0xffff) |
			     flags << FLIGHTREC_TASK_EXIT_FLAGS_SHIFT);
}

void fr_record_rename(struct fr_record *record, __u32 tid, const char *comm)
{
	record_begin_tid(record, FLIGHTREC_WORD_RENAME, tid, 0);
	record_text(record, comm, strnlen(comm, FLIGHTREC_COMM_BYTES - 1));
}

void fr_record_signal_generate(struct fr_record *record, __u32 tid, int sig,
			       __u32 result, __s32 code, int group)
{
	record_begin_tid(record, FLIGHTREC_WORD_SIGNAL_GENERATE, tid,
			 ((__u32)sig & FLIGHTREC_SIGNAL_MASK)
					 << FLIGHTREC_SIGNAL_SHIFT |
				 result << FLIGHTREC_SIGNAL_RESULT_SHIFT);
	record_value(record, (__s64)code * 2 + !!group);
}

void fr_record_signal_deliver(struct fr_record *record, int sig, __u32 handler,
			      __s32 code, __u64 sa_flags)
{
	record_begin(record, FLIGHTREC_WORD_SIGNAL_DELIVER,
		     ((__u32)sig & FLIGHTREC_SIGNAL_MASK) |
			     handler << FLIGHTREC_HANDLER_SHIFT);
	record_value(record, code);
	record_value(record, (__s64)sa_flags);
}

void fr_record_mark(struct fr_record *record, const char *text, __u32 length)
{
	record_begin(record, FLIGHTREC_WORD_MARK, length);
	record_text(record, text, length);
}

/* @name: of the handler; NULL: there is none. */
void fr_record_irq_entry(struct fr_record *record, __u32 kind, __u32 number,
			 const char *name)
{
	record->words[0] = fr_word_irq_entry(kind, number);
	record->count = 1;
	if (name)
		record_text(record, name,
			    strnlen(name, FLIGHTREC_IRQ_NAME_MAX));
}

void fr_record_irq_exit(struct fr_record *record, __u32 kind, __u32 number,
			__u32 flags)
{
	record->words[0] = fr_word_irq_exit(kind, number, flags);
	record->count = 1;
}

void fr_record_migrate(struct fr_record *record, __u32 tid, __u32 cpu)
{
	__u32 low = cpu < FLIGHTREC_CPU_ESCAPE ? cpu : FLIGHTREC_CPU_ESCAPE;

	record_begin_tid(record, FLIGHTREC_WORD_MIGRATE, tid,
			 low << FLIGHTREC_MIGRATE_CPU_SHIFT);
	if (low == FLIGHTREC_CPU_ESCAPE)
		record_value(record, cpu);
}
