// SPDX-License-Identifier: GPL-2.0
/* Records: what is encoded, at the limits of each field, is what is read. */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "record.h"
#include "suites.h"
#include "tape.h"

/* A tid of each kind: in the word, the last that fits, the escape, beyond. */
static const u32 tids[] = {
	0, 1, 4194303 - 1, 0x3fffff, 0x400000, 0x7fffffff, U32_MAX,
};

static const s64 numbers[] = {
	0,
	1,
	-1,
	2097151,
	2097152,
	-2097152,
	-2097153,
	1LL << 31,
	-(1LL << 31),
	(1LL << 58) - 1,
	1LL << 58,
	-(1LL << 58),
	-(1LL << 58) - 1,
	S64_MAX,
	S64_MIN,
	0xffffffffLL,
	0x100000000LL,
};

/**
 * struct decoded - a record, read
 * @record: its first word
 * @at: its continuation words
 */
struct decoded {
	struct tape_record record;
	struct tape_cursor at;
};

/* What must hold of every record before it is stored. */
static const char *record_fault(const struct fr_record *record)
{
	unsigned int i;

	if (!record->count || record->count > FR_RECORD_WORDS_MAX)
		return "too long";
	if ((u32)record->words[0] & ~FLIGHTREC_WORD_TYPE_MASK)
		return "the time is not left out";
	for (i = 0; i < record->count; i++)
		if (!(record->words[i] & FLIGHTREC_WORD_TYPE_MASK))
			return "a word without a type";
	return NULL;
}

static const char *decode(const struct fr_record *record,
			  struct decoded *decoded)
{
	const char *fault = record_fault(record);
	struct tape tape;

	memset(decoded, 0, sizeof(*decoded));
	decoded->at.record = &decoded->record;
	if (fault)
		return fault;
	tape_begin(&tape, record->words, record->count, 0, 0);
	if (!tape_next(&tape, &decoded->record))
		return tape.fault ?: "nothing there";
	if (tape.at != tape.count)
		return "more than one record";
	return NULL;
}

static void expect_decoded(struct kunit *test, const struct fr_record *record,
			   struct decoded *decoded, u32 type)
{
	const char *fault = decode(record, decoded);

	EXPECT_NO_FAULT(test, fault);
	if (!fault)
		KUNIT_EXPECT_EQ(test, decoded->record.type, type);
}

static void expect_done(struct kunit *test, const struct decoded *decoded)
{
	EXPECT_NO_FAULT(test, tape_done(&decoded->at));
}

static void switches(struct kunit *test)
{
	struct fr_record record;
	struct decoded read;
	u32 i, state;

	for (i = 0; i < ARRAY_SIZE(tids); i++)
		for (state = 0; state < 16; state++) {
			u32 flags = state * 4 % 64 + 3;

			fr_record_switch(&record, tids[i], state, flags);
			expect_decoded(test, &record, &read,
				       FLIGHTREC_WORD_SWITCH);
			KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tids[i]);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 22 & 15,
					state);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 26, flags);
			expect_done(test, &read);
		}
}

static void wakings(struct kunit *test)
{
	struct fr_record record;
	struct decoded read;
	u32 i, context;

	for (i = 0; i < ARRAY_SIZE(tids); i++)
		for (context = 0; context < 4; context++) {
			fr_record_waking(&record, tids[i], context, 255 - i);
			expect_decoded(test, &record, &read,
				       FLIGHTREC_WORD_WAKING);
			KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tids[i]);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 22 & 3,
					context);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 24,
					255 - i);
			expect_done(test, &read);
		}
}

/* ---- Calls -------------------------------------------------------------- */

static const s32 call_numbers[] = {
	0, 1, 1023, 1024, -1, S32_MAX, S32_MIN,
};

static bool fits_short(s32 nr, int compat, s64 value)
{
	return nr >= 0 && nr < 1024 && !compat && value >= -2097152 &&
	       value <= 2097151;
}

static void check_exit(struct kunit *test, s32 nr, int compat, s64 result)
{
	bool is_short = fits_short(nr, compat, result);
	struct fr_record record;
	struct decoded read;

	fr_record_exit(&record, nr, compat, result);
	expect_decoded(test, &record, &read,
		       is_short ? FLIGHTREC_WORD_EXIT :
		       compat	? FLIGHTREC_WORD_EXIT_COMPAT :
				  FLIGHTREC_WORD_EXIT_LONG);
	if (is_short) {
		KUNIT_EXPECT_EQ(test, record.count, 1U);
		KUNIT_EXPECT_EQ(test, read.record.payload & 1023, (u32)nr);
		KUNIT_EXPECT_EQ(test, (s64)((s32)read.record.payload >> 10),
				result);
	} else {
		KUNIT_EXPECT_EQ(test, (s32)read.record.payload, nr);
		KUNIT_EXPECT_EQ(test, tape_value(&read.at), result);
	}
	expect_done(test, &read);
}

static void exits(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(call_numbers); i++)
		for (j = 0; j < ARRAY_SIZE(numbers); j++) {
			check_exit(test, call_numbers[i], 0, numbers[j]);
			check_exit(test, call_numbers[i], 1, numbers[j]);
		}
}

static void check_enter(struct kunit *test, s32 nr, int compat, s64 first,
			unsigned int nargs)
{
	bool is_short = fits_short(nr, compat, nargs ? first : 0);
	__u64 args[FLIGHTREC_ARGS_MAX] = {
		first, 0, ~0ULL, 1ULL << 63, 5, 1ULL << 58,
	};
	struct fr_record record;
	struct decoded read;
	unsigned int i;

	fr_record_enter(&record, nr, compat, args, nargs);
	expect_decoded(test, &record, &read,
		       is_short ? FLIGHTREC_WORD_ENTER :
		       compat	? FLIGHTREC_WORD_ENTER_COMPAT :
				  FLIGHTREC_WORD_ENTER_LONG);
	KUNIT_EXPECT_EQ(test,
			is_short ? read.record.payload & 1023 :
				   read.record.payload,
			(u32)nr);
	if (is_short)
		KUNIT_EXPECT_EQ(test, (s64)((s32)read.record.payload >> 10),
				nargs ? first : 0);
	for (i = is_short; i < nargs; i++)
		KUNIT_EXPECT_EQ(test, (u64)tape_value(&read.at), args[i]);
	expect_done(test, &read);
}

static void enters(struct kunit *test)
{
	unsigned int nargs;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(call_numbers); i++)
		for (j = 0; j < ARRAY_SIZE(numbers); j++)
			for (nargs = 0; nargs <= FLIGHTREC_ARGS_MAX; nargs++) {
				check_enter(test, call_numbers[i], 0,
					    numbers[j], nargs);
				check_enter(test, call_numbers[i], 1,
					    numbers[j], nargs);
			}
}

/* The budget: 8 bytes a call's beginning with a descriptor, 8 its end. */
static void common_calls_are_one_word(struct kunit *test)
{
	__u64 args[FLIGHTREC_ARGS_MAX] = { 1023 };
	struct fr_record record;

	fr_record_enter(&record, 1, 0, args, 1);
	KUNIT_EXPECT_EQ(test, record.count, 1U);
	fr_record_exit(&record, 1, 0, -4095);
	KUNIT_EXPECT_EQ(test, record.count, 1U);
	fr_record_switch(&record, 4194302, 1, 3);
	KUNIT_EXPECT_EQ(test, record.count, 1U);
	fr_record_waking(&record, 4194302, 1, 3);
	KUNIT_EXPECT_EQ(test, record.count, 1U);
}

/* ---- Births, execs, names, deaths --------------------------------------- */

static void newtasks(struct kunit *test)
{
	struct fr_record record;
	struct decoded read;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(tids); i++)
		for (j = 0; j < ARRAY_SIZE(numbers); j++) {
			fr_record_newtask(&record, tids[i], 1023 - j,
					  numbers[j]);
			expect_decoded(test, &record, &read,
				       FLIGHTREC_WORD_NEWTASK);
			KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tids[i]);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 22,
					(u32)(1023 - j));
			KUNIT_EXPECT_EQ(test, tape_value(&read.at), numbers[j]);
			expect_done(test, &read);
		}
}

static void check_exec(struct kunit *test, u32 tid, const char *path,
		       u32 length)
{
	u32 kept = min_t(u32, length, FLIGHTREC_PATH_MAX);
	char text[FLIGHTREC_PATH_MAX + 1] = {};
	struct fr_record record;
	struct decoded read;

	fr_record_exec(&record, tid, path, length);
	expect_decoded(test, &record, &read, FLIGHTREC_WORD_EXEC);
	KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tid);
	KUNIT_EXPECT_EQ(test, read.record.payload >> 22,
			length > kept ? FLIGHTREC_EXEC_PATH_CUT : 0U);
	KUNIT_EXPECT_EQ(test, tape_text(&read.at, text, sizeof(text)), kept);
	KUNIT_EXPECT_EQ(test, memcmp(text, path + length - kept, kept), 0);
	expect_done(test, &read);
}

static void execs(struct kunit *test)
{
	char path[200];
	u32 i;

	for (i = 0; i < sizeof(path); i++)
		path[i] = 33 + i % 223;
	for (i = 0; i <= sizeof(path); i++)
		check_exec(test, tids[i % ARRAY_SIZE(tids)], path, i);
}

static void task_exits(struct kunit *test)
{
	static const u32 codes[] = { 0, 0x100, 0xff00, 11, 0x8b, 0xffff };
	struct fr_record record;
	struct decoded read;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		/* What stands above is the kernel's own and not for wait(). */
		fr_record_task_exit(&record, codes[i] | 0xabc0000, i * 13107);
		expect_decoded(test, &record, &read, FLIGHTREC_WORD_TASK_EXIT);
		KUNIT_EXPECT_EQ(test, read.record.payload & 0xffff, codes[i]);
		KUNIT_EXPECT_EQ(test, read.record.payload >> 16, i * 13107);
		expect_done(test, &read);
	}
}

static void renames(struct kunit *test)
{
	char comm[FLIGHTREC_COMM_BYTES];
	char text[FLIGHTREC_COMM_BYTES];
	struct fr_record record;
	struct decoded read;
	u32 length;

	/* 16, as of a longer name: no more than the kernel keeps. */
	for (length = 0; length <= sizeof(comm); length++) {
		u32 tid = tids[length % ARRAY_SIZE(tids)];
		u32 kept = min_t(u32, length, sizeof(comm) - 1);

		memset(comm, 0, sizeof(comm));
		memset(comm, 0xe4, length);
		fr_record_rename(&record, tid, comm);
		expect_decoded(test, &record, &read, FLIGHTREC_WORD_RENAME);
		KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tid);
		KUNIT_EXPECT_EQ(test, read.record.payload >> 22, 0U);
		KUNIT_EXPECT_EQ(test, tape_text(&read.at, text, sizeof(text)),
				kept);
		KUNIT_EXPECT_EQ(test, memcmp(text, comm, kept), 0);
		expect_done(test, &read);
	}
}

/* ---- Signals, marks ----------------------------------------------------- */

static const s32 signal_codes[] = { 0, 1, -1, 0x80, -60, S32_MAX, S32_MIN };

static void signals_generated(struct kunit *test)
{
	struct fr_record record;
	struct decoded read;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(tids); i++)
		for (j = 0; j < ARRAY_SIZE(signal_codes); j++) {
			int sig = 64 - i;
			u32 result = j;
			s64 value;

			fr_record_signal_generate(&record, tids[i], sig, result,
						  signal_codes[j],
						  i & 1 ? 2 : 0);
			expect_decoded(test, &record, &read,
				       FLIGHTREC_WORD_SIGNAL_GENERATE);
			KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tids[i]);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 22 & 127,
					(u32)sig);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 29,
					result);
			value = tape_value(&read.at);
			KUNIT_EXPECT_EQ(test, value >> 1, (s64)signal_codes[j]);
			KUNIT_EXPECT_EQ(test, value & 1, (s64)(i & 1));
			expect_done(test, &read);
		}
}

static void signals_delivered(struct kunit *test)
{
	struct fr_record record;
	struct decoded read;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(signal_codes); i++)
		for (j = 0; j < ARRAY_SIZE(numbers); j++) {
			fr_record_signal_deliver(&record, 64, i % 3,
						 signal_codes[i], numbers[j]);
			expect_decoded(test, &record, &read,
				       FLIGHTREC_WORD_SIGNAL_DELIVER);
			KUNIT_EXPECT_EQ(test, read.record.payload & 127, 64U);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 7,
					(u32)(i % 3));
			KUNIT_EXPECT_EQ(test, tape_value(&read.at),
					(s64)signal_codes[i]);
			KUNIT_EXPECT_EQ(test, tape_value(&read.at), numbers[j]);
			expect_done(test, &read);
		}
}

static void marks(struct kunit *test)
{
	char text[FLIGHTREC_MARK_MAX];
	char read_text[FLIGHTREC_MARK_MAX];
	struct fr_record record;
	struct decoded read;
	u32 length;

	for (length = 0; length < sizeof(text); length++)
		text[length] = length * 7 + 1; /* all bytes, 0 among them */
	for (length = 1; length <= sizeof(text); length++) {
		memset(read_text, 0, sizeof(read_text));
		fr_record_mark(&record, text, length);
		expect_decoded(test, &record, &read, FLIGHTREC_WORD_MARK);
		KUNIT_EXPECT_EQ(test, read.record.payload, length);
		KUNIT_EXPECT_EQ(
			test, tape_text(&read.at, read_text, sizeof(read_text)),
			length);
		KUNIT_EXPECT_EQ(test, memcmp(text, read_text, length), 0);
		expect_done(test, &read);
	}
	KUNIT_EXPECT_EQ(test, record.count, (unsigned int)FR_RECORD_WORDS_MAX);
}

static void irqs(struct kunit *test)
{
	static const u32 irq_numbers[] = { 0, 24, 0xffffff };
	char name[FLIGHTREC_IRQ_NAME_MAX + 8] = {};
	char read_name[sizeof(name)];
	struct fr_record record;
	struct decoded read;
	u32 length, kind;

	for (length = 0; length < sizeof(name) - 1; length++) {
		kind = length % 8;
		fr_record_irq_entry(&record, kind, irq_numbers[length % 3],
				    length ? name : NULL);
		expect_decoded(test, &record, &read, FLIGHTREC_WORD_IRQ_ENTRY);
		KUNIT_EXPECT_EQ(test, read.record.payload,
				irq_numbers[length % 3] | kind << 24);
		KUNIT_EXPECT_EQ(
			test, tape_text(&read.at, read_name, sizeof(read_name)),
			min(length, (u32)FLIGHTREC_IRQ_NAME_MAX));
		expect_done(test, &read);
		fr_record_irq_exit(&record, kind, irq_numbers[length % 3],
				   length % 32);
		expect_decoded(test, &record, &read, FLIGHTREC_WORD_IRQ_EXIT);
		KUNIT_EXPECT_EQ(test, read.record.payload,
				irq_numbers[length % 3] | kind << 24 |
					length % 32 << 27);
		expect_done(test, &read);
		name[length] = 'a';
	}
}

static void moves(struct kunit *test)
{
	static const u32 cpus[] = { 0, 1022, 1023, 1024, U32_MAX - 1 };
	struct fr_record record;
	struct decoded read;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(tids); i++)
		for (j = 0; j < ARRAY_SIZE(cpus); j++) {
			fr_record_migrate(&record, tids[i], cpus[j]);
			expect_decoded(test, &record, &read,
				       FLIGHTREC_WORD_MIGRATE);
			KUNIT_EXPECT_EQ(test, tape_tid(&read.at), tids[i]);
			KUNIT_EXPECT_EQ(test, read.record.payload >> 22,
					min(cpus[j], 1023U));
			if (cpus[j] >= 1023)
				KUNIT_EXPECT_EQ(test, tape_value(&read.at),
						(s64)cpus[j]);
			expect_done(test, &read);
		}
}

/* ---- Times -------------------------------------------------------------- */

/* The time goes into the first word and touches nothing else of it. */
static void time_has_its_place(struct kunit *test)
{
	static const u64 clocks[] = {
		0, 1, (1ULL << 27) - 1, 1ULL << 27, U64_MAX, 1ULL << 58,
	};
	struct fr_record record;
	u32 i;

	fr_record_switch(&record, 0x3ffffe, 15, 63);
	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		u64 word = record.words[0] | fr_word_time(clocks[i]);

		KUNIT_EXPECT_EQ(test, word & 31, (u64)FLIGHTREC_WORD_SWITCH);
		KUNIT_EXPECT_EQ(test, word >> 5 & 0x7ffffff,
				clocks[i] & 0x7ffffff);
		KUNIT_EXPECT_EQ(test, word >> 32, 0xfffffffeULL);
		word = fr_word_long_time(clocks[i]);
		KUNIT_EXPECT_EQ(test, word & 31, (u64)FLIGHTREC_WORD_TIME);
		KUNIT_EXPECT_EQ(test, word >> 5 & 0x7ffffff,
				clocks[i] & 0x7ffffff);
		KUNIT_EXPECT_EQ(test, word >> 32, clocks[i] >> 27 & 0xffffffff);
	}
}

/* ---- Would it be noticed? ----------------------------------------------- */

static void bad_records_are_noticed(struct kunit *test)
{
	struct fr_record record = {};
	struct decoded read;

	KUNIT_EXPECT_STREQ(test, decode(&record, &read), "too long");
	fr_record_newtask(&record, 1, 0, 0);
	record.words[0] |= 1 << 5;
	KUNIT_EXPECT_STREQ(test, decode(&record, &read),
			   "the time is not left out");
	fr_record_newtask(&record, 1, 0, 0);
	record.words[1] = 0;
	KUNIT_EXPECT_STREQ(test, decode(&record, &read),
			   "a word without a type");
	fr_record_newtask(&record, 1, 0, 0);
	record.words[1] = record.words[0];
	KUNIT_EXPECT_STREQ(test, decode(&record, &read),
			   "more than one record");
}

static void bad_values_are_noticed(struct kunit *test)
{
	struct fr_record record;
	struct decoded read;
	char text[8];

	fr_record_exit(&record, 1, 1, S64_MAX);
	record.count--; /* half of a WIDE pair */
	KUNIT_ASSERT_NULL(test, decode(&record, &read));
	tape_value(&read.at);
	KUNIT_EXPECT_NOT_NULL(test, tape_done(&read.at));

	fr_record_switch(&record, U32_MAX, 0, 0);
	record.count--; /* an escape without its tid */
	KUNIT_EXPECT_NOT_NULL(test, decode(&record, &read));

	fr_record_mark(&record, "abcdefgh", 8);
	KUNIT_ASSERT_NULL(test, decode(&record, &read));
	KUNIT_EXPECT_EQ(test, tape_text(&read.at, text, 7), 7U);
	KUNIT_EXPECT_NOT_NULL(test, tape_done(&read.at));

	fr_record_mark(&record, "abcdefgh", 8);
	record.words[2] |= 1ULL << 63; /* a byte behind the text */
	KUNIT_ASSERT_NULL(test, decode(&record, &read));
	tape_text(&read.at, text, 8);
	KUNIT_EXPECT_NOT_NULL(test, tape_done(&read.at));
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(switches),
	KUNIT_CASE(wakings),
	KUNIT_CASE(exits),
	KUNIT_CASE(enters),
	KUNIT_CASE(common_calls_are_one_word),
	KUNIT_CASE(newtasks),
	KUNIT_CASE(execs),
	KUNIT_CASE(task_exits),
	KUNIT_CASE(renames),
	KUNIT_CASE(signals_generated),
	KUNIT_CASE(signals_delivered),
	KUNIT_CASE(marks),
	KUNIT_CASE(irqs),
	KUNIT_CASE(moves),
	KUNIT_CASE(time_has_its_place),
	KUNIT_CASE(bad_records_are_noticed),
	KUNIT_CASE(bad_values_are_noticed),
	{},
};

struct kunit_suite fr_record_suite = {
	.name = "record",
	.test_cases = record_cases,
};
