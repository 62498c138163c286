/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events to words. Pure: no clock, no memory but the caller's, no kernel
 * function, so that user space compiles this file too and tests that what is
 * encoded here is what the decoder reads.
 *
 * A record is built with its time left out; ring.h puts the time into the first
 * word when it knows it. The records of one word that make up the fast path are
 * inline here; record.c has every record, short or long.
 */
#ifndef FR_RECORD_H
#define FR_RECORD_H

#include <linux/flightrec.h>

#ifdef __KERNEL__
#include <linux/compiler.h>
#else
#include <string.h>
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif

/* The longest record: a mark of FLIGHTREC_MARK_MAX bytes. */
#define FR_RECORD_WORDS_MAX                                    \
	(1 + (FLIGHTREC_MARK_MAX + FLIGHTREC_TEXT_BYTES - 1) / \
		     FLIGHTREC_TEXT_BYTES)

/*
 * Records on the stack are not worth zeroing: what is used of them is written
 * first. (Kernels with INIT_STACK_ALL_ZERO would, at every event.)
 */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define fr_uninitialized __attribute__((uninitialized))
#endif
#endif
#ifndef fr_uninitialized
#define fr_uninitialized
#endif

/**
 * struct fr_record - a record being built
 * @count: words in use
 * @words: they; the first one has no time yet
 */
struct fr_record {
	unsigned int count;
	__u64 words[FR_RECORD_WORDS_MAX];
};

static __always_inline __u64 fr_word(__u32 type, __u32 payload)
{
	return (__u64)payload << FLIGHTREC_WORD_PAYLOAD_SHIFT | type;
}

/* The time bits of a first word. */
static __always_inline __u64 fr_word_time(__u64 clock)
{
	return (__u32)(clock << FLIGHTREC_WORD_TYPE_BITS);
}

/* A TIME word for a record at @clock. */
static __always_inline __u64 fr_word_long_time(__u64 clock)
{
	return fr_word(FLIGHTREC_WORD_TIME,
		       (__u32)(clock >> FLIGHTREC_WORD_TIME_BITS)) |
	       fr_word_time(clock);
}

/* Does @value survive being cut to @bits and sign extended again? */
static __always_inline int fr_fits(__s64 value, unsigned int bits)
{
	return !(((__u64)value + (1ULL << (bits - 1))) >> bits);
}

/* An argument, a result or the like, if it fits; it may have no time. */
static __always_inline int fr_value_is_short(__s64 value)
{
	return fr_fits(value, FLIGHTREC_WORD_VALUE_BITS);
}

/* Two of them at once. */
static __always_inline int fr_values_are_short(__s64 one, __s64 other)
{
	const __u64 half = 1ULL << (FLIGHTREC_WORD_VALUE_BITS - 1);

	return !((((__u64)one + half) | ((__u64)other + half)) >>
		 FLIGHTREC_WORD_VALUE_BITS);
}

static __always_inline __u64 fr_word_value(__s64 value)
{
	return (__u64)value << FLIGHTREC_WORD_TYPE_BITS | FLIGHTREC_WORD_VALUE;
}

/* A SWITCH and a WAKING in one word: the tid is below FLIGHTREC_TID_ESCAPE. */
static __always_inline __u64 fr_word_switch(__u32 next_tid, __u32 state,
					    __u32 flags)
{
	return fr_word(FLIGHTREC_WORD_SWITCH,
		       next_tid | state << FLIGHTREC_SWITCH_STATE_SHIFT |
			       flags << FLIGHTREC_SWITCH_FLAGS_SHIFT);
}

static __always_inline __u64 fr_word_waking(__u32 tid, __u32 context,
					    __u32 flags)
{
	return fr_word(FLIGHTREC_WORD_WAKING,
		       tid | context << FLIGHTREC_WAKING_CONTEXT_SHIFT |
			       flags << FLIGHTREC_WAKING_FLAGS_SHIFT);
}

static __always_inline int fr_call_is_short(__s32 nr, int compat, __s64 value)
{
	return likely((__u32)nr < 1U << FLIGHTREC_NR_BITS && !compat &&
		      fr_fits(value, FLIGHTREC_SHORT_BITS));
}

/* What an ENTER and an EXIT of one word carry beside the call's number. */
static __always_inline __u64 fr_word_short(__s64 value)
{
	return (__u64)value
	       << (FLIGHTREC_WORD_PAYLOAD_SHIFT + FLIGHTREC_NR_BITS);
}

/* An ENTER and an EXIT in one word: fr_call_is_short(). */
static __always_inline __u64 fr_word_enter(__s32 nr, __s64 first)
{
	return fr_word(FLIGHTREC_WORD_ENTER, (__u32)nr) + fr_word_short(first);
}

static __always_inline __u64 fr_word_exit(__s32 nr, __s64 result)
{
	return fr_word(FLIGHTREC_WORD_EXIT, (__u32)nr) + fr_word_short(result);
}

/* An IRQ_ENTRY without a name, and an IRQ_EXIT. */
static __always_inline __u64 fr_word_irq_entry(__u32 kind, __u32 number)
{
	return fr_word(FLIGHTREC_WORD_IRQ_ENTRY,
		       (number & FLIGHTREC_IRQ_NUMBER_MASK) |
			       kind << FLIGHTREC_IRQ_KIND_SHIFT);
}

static __always_inline __u64 fr_word_irq_exit(__u32 kind, __u32 number,
					      __u32 flags)
{
	return fr_word(FLIGHTREC_WORD_IRQ_EXIT,
		       (number & FLIGHTREC_IRQ_NUMBER_MASK) |
			       kind << FLIGHTREC_IRQ_KIND_SHIFT |
			       flags << FLIGHTREC_IRQ_FLAGS_SHIFT);
}

void fr_record_switch(struct fr_record *record, __u32 next_tid, __u32 state,
		      __u32 flags);
void fr_record_waking(struct fr_record *record, __u32 tid, __u32 context,
		      __u32 flags);
void fr_record_enter(struct fr_record *record, __s32 nr, int compat,
		     const __u64 *args, unsigned int nargs);
void fr_record_exit(struct fr_record *record, __s32 nr, int compat,
		    __s64 result);
void fr_record_newtask(struct fr_record *record, __u32 tid, __u32 flags,
		       __u64 clone_flags);
void fr_record_exec(struct fr_record *record, __u32 old_tid, const char *path,
		    __u32 length);
void fr_record_task_exit(struct fr_record *record, __u32 code, __u32 flags);
void fr_record_rename(struct fr_record *record, __u32 tid, const char *comm);
void fr_record_signal_generate(struct fr_record *record, __u32 tid, int sig,
			       __u32 result, __s32 code, int group);
void fr_record_signal_deliver(struct fr_record *record, int sig, __u32 handler,
			      __s32 code, __u64 sa_flags);
void fr_record_mark(struct fr_record *record, const char *text, __u32 length);
void fr_record_irq_entry(struct fr_record *record, __u32 kind, __u32 number,
			 const char *name);
void fr_record_irq_exit(struct fr_record *record, __u32 kind, __u32 number,
			__u32 flags);
void fr_record_migrate(struct fr_record *record, __u32 tid, __u32 cpu);

#endif /* FR_RECORD_H */
