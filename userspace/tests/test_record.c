// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What the module's encoder writes is what the decoder reads: every type of
 * record, every escape, with values at the edges of what fits. And its twin: a
 * record that is cut short is no record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libflightrec.h"
#include "window_builder.h"

#define ROUNDS 20000
#define SEED   0x5eed0001u

/* ---- pseudo-random values --------------------------------------------------- */

static uint64_t state;

static uint64_t any(void)
{
	state += 0x9e3779b97f4a7c15u;
	uint64_t z = state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t below(uint64_t limit)
{
	return any() % limit;
}

/* Often next to a power of two, of either sign; there is where fields end. */
static int64_t any_value(void)
{
	uint64_t edge = 1ULL << below(64);

	switch (below(4)) {
	case 0:
		return (int64_t)any();
	case 1:
		return (int64_t)below(1000);
	case 2:
		return (int64_t)(edge + below(3) - 1);
	default:
		return (int64_t)(0 - edge + below(3) - 1);
	}
}

static uint32_t any_tid(void)
{
	static const uint32_t edges[] = {
		0,
		1,
		FLIGHTREC_TID_ESCAPE - 1,
		FLIGHTREC_TID_ESCAPE,
		FLIGHTREC_TID_ESCAPE + 1,
		INT32_MAX,
		UINT32_MAX,
	};

	if (below(2))
		return (uint32_t)below(FLIGHTREC_TID_ESCAPE);
	return edges[below(sizeof(edges) / sizeof(edges[0]))];
}

static int32_t any_nr(void)
{
	static const int32_t edges[] = {
		-1,	   0,	      1023, 1024, 0x40000000, 0x40000000 + 520,
		INT32_MIN, INT32_MAX,
	};

	if (below(2))
		return (int32_t)below(470);
	return edges[below(sizeof(edges) / sizeof(edges[0]))];
}

/* ---- an event, encoded and compared ------------------------------------------- */

struct sample {
	struct flightrec_event event;
	char text[FLIGHTREC_MARK_MAX + 100];
};

static void any_text(struct sample *sample, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		sample->text[i] = (char)any();
}

static void any_enter(struct flightrec_event *event, unsigned int nargs)
{
	unsigned int i;

	event->enter.nr = any_nr();
	event->enter.compat = !below(4);
	event->enter.nargs = (uint8_t)nargs;
	for (i = 0; i < nargs; i++)
		event->enter.args[i] = (uint64_t)any_value();
}

static void any_text_event(struct sample *sample, struct flightrec_event *event)
{
	switch (event->type) {
	case FLIGHTREC_EVENT_EXEC:
		event->exec.old_tid = any_tid();
		event->exec.path_length = below(FLIGHTREC_PATH_MAX + 20);
		event->exec.path = sample->text;
		any_text(sample, event->exec.path_length);
		break;
	case FLIGHTREC_EVENT_RENAME:
		event->rename.tid = any_tid();
		event->rename.comm_length = below(FLIGHTREC_COMM_BYTES);
		event->rename.comm = sample->text;
		any_text(sample, event->rename.comm_length);
		/* A name ends where its NUL is. */
		while (memchr(sample->text, 0, event->rename.comm_length))
			any_text(sample, event->rename.comm_length);
		sample->text[event->rename.comm_length] = 0;
		break;
	default:
		event->mark.length = 1 + below(FLIGHTREC_MARK_MAX);
		event->mark.text = sample->text;
		any_text(sample, event->mark.length);
	}
}

static void any_signal(struct flightrec_event *event)
{
	if (event->type == FLIGHTREC_EVENT_SIGNAL_GENERATE) {
		event->signal_generate.tid = any_tid();
		event->signal_generate.signal = (uint8_t)below(128);
		event->signal_generate.result = (uint8_t)below(8);
		event->signal_generate.code = (int32_t)any_value();
		event->signal_generate.group = below(2);
		return;
	}
	event->signal_deliver.signal = (uint8_t)below(128);
	event->signal_deliver.handler = (uint8_t)below(3);
	event->signal_deliver.code = (int32_t)any_value();
	event->signal_deliver.sa_flags = (uint64_t)any_value();
}

static void any_irq(struct sample *sample, struct flightrec_event *event)
{
	uint32_t number = (uint32_t)below(FLIGHTREC_IRQ_NUMBER_MASK + 1);
	uint8_t kind = (uint8_t)below(8);

	if (event->type == FLIGHTREC_EVENT_IRQ_EXIT) {
		event->irq_exit.kind = kind;
		event->irq_exit.number = number;
		event->irq_exit.flags = (uint8_t)below(32);
		return;
	}
	event->irq_entry.kind = kind;
	event->irq_entry.number = number;
	event->irq_entry.name_length = below(FLIGHTREC_IRQ_NAME_MAX + 20);
	event->irq_entry.name = sample->text;
	do
		any_text(sample, event->irq_entry.name_length);
	while (memchr(sample->text, 0, event->irq_entry.name_length));
	sample->text[event->irq_entry.name_length] = 0;
}

static void any_event(struct sample *sample, enum flightrec_event_type type,
		      unsigned int nargs)
{
	struct flightrec_event *event = &sample->event;

	memset(sample, 0, sizeof(*sample));
	event->type = type;
	event->tid = any_tid();
	switch (type) {
	case FLIGHTREC_EVENT_SWITCH:
		event->sched_switch.next_tid = any_tid();
		event->sched_switch.state = (uint8_t)below(16);
		event->sched_switch.flags = (uint8_t)below(64);
		break;
	case FLIGHTREC_EVENT_WAKING:
		event->waking.tid = any_tid();
		event->waking.context = (uint8_t)below(4);
		event->waking.flags = (uint8_t)any();
		break;
	case FLIGHTREC_EVENT_ENTER:
		any_enter(event, nargs);
		break;
	case FLIGHTREC_EVENT_EXIT:
		event->exit.nr = any_nr();
		event->exit.compat = !below(4);
		event->exit.result = any_value();
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		event->newtask.tid = any_tid();
		event->newtask.flags = (uint16_t)below(1024);
		event->newtask.clone_flags = (uint64_t)any_value();
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		event->task_exit.code = (uint32_t)below(0x10000);
		event->task_exit.flags = (uint16_t)any();
		break;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		any_signal(event);
		break;
	case FLIGHTREC_EVENT_IRQ_ENTRY:
	case FLIGHTREC_EVENT_IRQ_EXIT:
		any_irq(sample, event);
		break;
	case FLIGHTREC_EVENT_MIGRATE:
		event->migrate.tid = any_tid();
		event->migrate.cpu =
			(uint32_t)(below(2) ? below(FLIGHTREC_CPU_ESCAPE + 2) :
					      below(UINT32_MAX));
		break;
	default:
		any_text_event(sample, event);
	}
}

static void encode(const struct flightrec_event *e, struct fr_record *record)
{
	switch (e->type) {
	case FLIGHTREC_EVENT_SWITCH:
		fr_record_switch(record, e->sched_switch.next_tid,
				 e->sched_switch.state, e->sched_switch.flags);
		break;
	case FLIGHTREC_EVENT_WAKING:
		fr_record_waking(record, e->waking.tid, e->waking.context,
				 e->waking.flags);
		break;
	case FLIGHTREC_EVENT_ENTER:
		fr_record_enter(record, e->enter.nr, e->enter.compat,
				(const __u64 *)e->enter.args, e->enter.nargs);
		break;
	case FLIGHTREC_EVENT_EXIT:
		fr_record_exit(record, e->exit.nr, e->exit.compat,
			       e->exit.result);
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		fr_record_newtask(record, e->newtask.tid, e->newtask.flags,
				  e->newtask.clone_flags);
		break;
	case FLIGHTREC_EVENT_EXEC:
		fr_record_exec(record, e->exec.old_tid, e->exec.path,
			       (__u32)e->exec.path_length);
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		fr_record_task_exit(record, e->task_exit.code,
				    e->task_exit.flags);
		break;
	case FLIGHTREC_EVENT_RENAME:
		fr_record_rename(record, e->rename.tid, e->rename.comm);
		break;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
		fr_record_signal_generate(record, e->signal_generate.tid,
					  e->signal_generate.signal,
					  e->signal_generate.result,
					  e->signal_generate.code,
					  e->signal_generate.group);
		break;
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		fr_record_signal_deliver(record, e->signal_deliver.signal,
					 e->signal_deliver.handler,
					 e->signal_deliver.code,
					 e->signal_deliver.sa_flags);
		break;
	case FLIGHTREC_EVENT_IRQ_ENTRY:
		fr_record_irq_entry(
			record, e->irq_entry.kind, e->irq_entry.number,
			e->irq_entry.name_length ? e->irq_entry.name : NULL);
		break;
	case FLIGHTREC_EVENT_IRQ_EXIT:
		fr_record_irq_exit(record, e->irq_exit.kind, e->irq_exit.number,
				   e->irq_exit.flags);
		break;
	case FLIGHTREC_EVENT_MIGRATE:
		fr_record_migrate(record, e->migrate.tid, e->migrate.cpu);
		break;
	default:
		fr_record_mark(record, e->mark.text, (__u32)e->mark.length);
	}
}

static void assert_same_exec(const struct flightrec_event *got,
			     const struct flightrec_event *want)
{
	size_t length = want->exec.path_length;
	size_t cut = length > FLIGHTREC_PATH_MAX ? length - FLIGHTREC_PATH_MAX :
						   0;

	assert_int_equal(got->exec.old_tid, want->exec.old_tid);
	assert_int_equal(got->exec.flags, cut ? FLIGHTREC_EXEC_PATH_CUT : 0);
	assert_int_equal(got->exec.path_length, length - cut);
	assert_memory_equal(got->exec.path, want->exec.path + cut,
			    length - cut);
}

static void assert_same_enter(const struct flightrec_event *got,
			      const struct flightrec_event *want)
{
	int i;

	assert_int_equal(got->enter.nr, want->enter.nr);
	assert_int_equal(got->enter.compat, want->enter.compat);
	assert_int_equal(got->enter.nargs, want->enter.nargs);
	/* Arguments that were not recorded read as 0. */
	for (i = 0; i < FLIGHTREC_ARGS_MAX; i++)
		assert_true(got->enter.args[i] == want->enter.args[i]);
}

static void assert_same_signal(const struct flightrec_event *got,
			       const struct flightrec_event *want)
{
	if (want->type == FLIGHTREC_EVENT_SIGNAL_GENERATE) {
		assert_int_equal(got->signal_generate.tid,
				 want->signal_generate.tid);
		assert_int_equal(got->signal_generate.signal,
				 want->signal_generate.signal);
		assert_int_equal(got->signal_generate.result,
				 want->signal_generate.result);
		assert_int_equal(got->signal_generate.code,
				 want->signal_generate.code);
		assert_int_equal(got->signal_generate.group,
				 want->signal_generate.group);
		return;
	}
	assert_int_equal(got->signal_deliver.signal,
			 want->signal_deliver.signal);
	assert_int_equal(got->signal_deliver.handler,
			 want->signal_deliver.handler);
	assert_int_equal(got->signal_deliver.code, want->signal_deliver.code);
	assert_true(got->signal_deliver.sa_flags ==
		    want->signal_deliver.sa_flags);
}

static void assert_same_irq(const struct flightrec_event *got,
			    const struct flightrec_event *want)
{
	size_t length = want->irq_entry.name_length;

	if (want->type == FLIGHTREC_EVENT_IRQ_EXIT) {
		assert_int_equal(got->irq_exit.kind, want->irq_exit.kind);
		assert_int_equal(got->irq_exit.number, want->irq_exit.number);
		assert_int_equal(got->irq_exit.flags, want->irq_exit.flags);
		return;
	}
	if (length > FLIGHTREC_IRQ_NAME_MAX)
		length = FLIGHTREC_IRQ_NAME_MAX;
	assert_int_equal(got->irq_entry.kind, want->irq_entry.kind);
	assert_int_equal(got->irq_entry.number, want->irq_entry.number);
	assert_int_equal(got->irq_entry.name_length, length);
	assert_memory_equal(got->irq_entry.name, want->irq_entry.name, length);
}

static void assert_same(const struct flightrec_event *got,
			const struct flightrec_event *want)
{
	assert_int_equal(got->type, want->type);
	assert_int_equal(got->tid, want->tid);
	assert_true(got->clock == want->clock);
	switch (want->type) {
	case FLIGHTREC_EVENT_SWITCH:
		assert_int_equal(got->sched_switch.next_tid,
				 want->sched_switch.next_tid);
		assert_int_equal(got->sched_switch.state,
				 want->sched_switch.state);
		assert_int_equal(got->sched_switch.flags,
				 want->sched_switch.flags);
		break;
	case FLIGHTREC_EVENT_WAKING:
		assert_int_equal(got->waking.tid, want->waking.tid);
		assert_int_equal(got->waking.context, want->waking.context);
		assert_int_equal(got->waking.flags, want->waking.flags);
		break;
	case FLIGHTREC_EVENT_ENTER:
		assert_same_enter(got, want);
		break;
	case FLIGHTREC_EVENT_EXIT:
		assert_int_equal(got->exit.nr, want->exit.nr);
		assert_int_equal(got->exit.compat, want->exit.compat);
		assert_true(got->exit.result == want->exit.result);
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		assert_int_equal(got->newtask.tid, want->newtask.tid);
		assert_int_equal(got->newtask.flags, want->newtask.flags);
		assert_true(got->newtask.clone_flags ==
			    want->newtask.clone_flags);
		break;
	case FLIGHTREC_EVENT_EXEC:
		assert_same_exec(got, want);
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		assert_int_equal(got->task_exit.code, want->task_exit.code);
		assert_int_equal(got->task_exit.flags, want->task_exit.flags);
		break;
	case FLIGHTREC_EVENT_RENAME:
		assert_int_equal(got->rename.tid, want->rename.tid);
		assert_int_equal(got->rename.comm_length,
				 want->rename.comm_length);
		assert_memory_equal(got->rename.comm, want->rename.comm,
				    want->rename.comm_length);
		break;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		assert_same_signal(got, want);
		break;
	case FLIGHTREC_EVENT_IRQ_ENTRY:
	case FLIGHTREC_EVENT_IRQ_EXIT:
		assert_same_irq(got, want);
		break;
	case FLIGHTREC_EVENT_MIGRATE:
		assert_int_equal(got->migrate.tid, want->migrate.tid);
		assert_int_equal(got->migrate.cpu, want->migrate.cpu);
		break;
	default:
		assert_int_equal(got->mark.length, want->mark.length);
		assert_memory_equal(got->mark.text, want->mark.text,
				    want->mark.length);
	}
}

/* ---- round trips ------------------------------------------------------------------ */

/* @count samples on one CPU, in a window of several blocks. */
static void check_round_trip(struct sample *samples, size_t count,
			     unsigned int nargs)
{
	struct flightrec_reader *reader;
	struct flightrec_event event;
	struct window_builder b;
	struct fr_record record;
	uint64_t clock = 5000;
	size_t i;

	window_builder_init(&b);
	b.header.args = nargs;
	for (i = 0; i < count; i++) {
		/* Sometimes further than 27 bits reach. */
		clock += below(8) ? below(5000) : below(1ULL << 30);
		samples[i].event.clock = clock;
		encode(&samples[i].event, &record);
		assert_in_range(record.count, 1, FR_RECORD_WORDS_MAX);
		window_builder_emit(&b, 3, clock, samples[i].event.tid,
				    &record);
	}
	window_builder_finish(&b, clock);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	assert_int_equal(event.type, FLIGHTREC_EVENT_BEGIN);
	for (i = 0; i < count; i++) {
		assert_int_equal(flightrec_reader_next(reader, &event), 1);
		assert_int_equal(event.cpu, 3);
		assert_same(&event, &samples[i].event);
	}
	assert_int_equal(flightrec_reader_next(reader, &event), 0);
	assert_int_equal(flightrec_reader_damages(reader), 0);
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

static void test_all_types_mixed(void **unused)
{
	struct sample *samples = calloc(ROUNDS, sizeof(*samples));
	unsigned int nargs;
	size_t i;

	(void)unused;
	assert_non_null(samples);
	for (nargs = 0; nargs <= FLIGHTREC_ARGS_MAX; nargs++) {
		state = SEED + nargs;
		for (i = 0; i < ROUNDS; i++)
			any_event(&samples[i],
				  FLIGHTREC_EVENT_SWITCH +
					  (int)below(FLIGHTREC_EVENT_MIGRATE),
				  nargs);
		check_round_trip(samples, ROUNDS, nargs);
	}
	free(samples);
}

static void test_texts_of_every_length(void **unused)
{
	struct sample *samples = calloc(FLIGHTREC_MARK_MAX, sizeof(*samples));
	size_t i;

	(void)unused;
	assert_non_null(samples);
	state = SEED;
	for (i = 0; i < FLIGHTREC_MARK_MAX; i++) {
		struct flightrec_event *event = &samples[i].event;

		any_event(&samples[i], FLIGHTREC_EVENT_MARK, 0);
		event->mark.length = i + 1;
		any_text(&samples[i], i + 1);
	}
	check_round_trip(samples, FLIGHTREC_MARK_MAX, 1);
	for (i = 0; i < FLIGHTREC_MARK_MAX; i++) {
		any_event(&samples[i], FLIGHTREC_EVENT_EXEC, 0);
		samples[i].event.exec.path_length = i + 1;
		any_text(&samples[i], i + 1);
	}
	check_round_trip(samples, FLIGHTREC_MARK_MAX, 1);
	free(samples);
}

/* ---- how much room a record takes --------------------------------------------------- */

static unsigned int enter_words(int32_t nr, int compat, __u64 first,
				unsigned int nargs)
{
	__u64 args[FLIGHTREC_ARGS_MAX] = { first };
	struct fr_record record;

	fr_record_enter(&record, nr, compat, args, nargs);
	return record.count;
}

static unsigned int exit_words(int32_t nr, int compat, int64_t result)
{
	struct fr_record record;

	fr_record_exit(&record, nr, compat, result);
	return record.count;
}

static void test_calls_are_as_short_as_they_can_be(void **unused)
{
	const int64_t fits22 = (1 << 21) - 1, fits59 = (1LL << 58) - 1;

	(void)unused;
	assert_int_equal(enter_words(1023, 0, 3, 1), 1);
	assert_int_equal(enter_words(1023, 0, 3, 0), 1);
	assert_int_equal(enter_words(1023, 0, 3, 6), 6);
	assert_int_equal(enter_words(1024, 0, 3, 1), 2);
	assert_int_equal(enter_words(-1, 0, 3, 1), 2);
	assert_int_equal(enter_words(0, 1, 3, 1), 2);
	assert_int_equal(enter_words(0x40000000, 0, 3, 1), 2);
	assert_int_equal(enter_words(1, 0, (__u64)fits22, 1), 1);
	assert_int_equal(enter_words(1, 0, (__u64)fits22 + 1, 1), 2);
	assert_int_equal(enter_words(1, 0, (__u64)(-fits22 - 1), 1), 1);
	assert_int_equal(enter_words(1, 0, (__u64)(-fits22 - 2), 1), 2);
	assert_int_equal(enter_words(1, 0, (__u64)fits59, 1), 2);
	assert_int_equal(enter_words(1, 0, (__u64)fits59 + 1, 1), 3);
	assert_int_equal(exit_words(1, 0, -4095), 1);
	assert_int_equal(exit_words(1, 0, fits22), 1);
	assert_int_equal(exit_words(1, 0, fits22 + 1), 2);
	assert_int_equal(exit_words(1, 0, -fits59 - 1), 2);
	assert_int_equal(exit_words(1, 0, -fits59 - 2), 3);
	assert_int_equal(exit_words(-1, 0, -38), 2);
	assert_int_equal(exit_words(1, 1, 0), 2);
}

static void test_no_word_is_zero(void **unused)
{
	struct fr_record record;
	struct sample sample;
	unsigned int i;
	int round;

	(void)unused;
	state = SEED;
	for (round = 0; round < ROUNDS; round++) {
		any_event(&sample,
			  FLIGHTREC_EVENT_SWITCH +
				  (int)below(FLIGHTREC_EVENT_MIGRATE),
			  6);
		encode(&sample.event, &record);
		for (i = 0; i < record.count; i++)
			assert_true(record.words[i] != 0);
		/* The time's place is free. */
		assert_int_equal(record.words[0] >> FLIGHTREC_WORD_TYPE_BITS &
					 FLIGHTREC_WORD_TIME_MASK,
				 0);
	}
}

/* ---- the twin: cut short --------------------------------------------------------------- */

/* Does the type's payload or count say that words are missing? */
static bool tells_its_length(const struct sample *sample)
{
	switch (sample->event.type) {
	case FLIGHTREC_EVENT_EXEC:
	case FLIGHTREC_EVENT_RENAME:
	case FLIGHTREC_EVENT_IRQ_ENTRY:
		return false;
	default:
		return true;
	}
}

/*
 * A window with one record whose block ends after @words of it. What it held is
 * known from the CPU's count.
 */
static void check_cut_record(const struct sample *sample,
			     const struct fr_record *record, unsigned int words)
{
	struct flightrec_reader *reader;
	struct flightrec_event event;
	struct window_builder b;

	window_builder_init(&b);
	b.header.args = FLIGHTREC_ARGS_MAX;
	window_builder_emit(&b, 0, 5000, 7, record);
	window_builder_finish(&b, 6000);
	window_builder_block_at(&b, 0, 0)->used =
		(__u32)(sizeof(struct flightrec_block) + 8 * words);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	assert_int_equal(event.type, FLIGHTREC_EVENT_BEGIN);
	assert_int_equal(flightrec_reader_next(reader, &event), 1);
	if (event.type == FLIGHTREC_EVENT_ENTER) {
		/* Arguments are as many as there are; fewer are a damage. */
		assert_in_range(event.enter.nargs, 0, FLIGHTREC_ARGS_MAX - 1);
	} else {
		assert_int_equal(event.type, FLIGHTREC_EVENT_LOST);
		assert_true(event.lost.damaged);
		assert_true(event.lost.events == 1);
	}
	assert_true(event.type != sample->event.type ||
		    event.type == FLIGHTREC_EVENT_ENTER);
	assert_int_equal(flightrec_reader_next(reader, &event), 0);
	assert_int_equal(flightrec_reader_damages(reader), 1);
	flightrec_reader_destroy(reader);
	window_builder_deinit(&b);
}

static void test_cut_records_are_refused(void **unused)
{
	struct fr_record record;
	struct sample sample;
	unsigned int words;
	int round;

	(void)unused;
	state = SEED;
	for (round = 0; round < 2000; round++) {
		any_event(&sample,
			  FLIGHTREC_EVENT_SWITCH +
				  (int)below(FLIGHTREC_EVENT_MIGRATE),
			  FLIGHTREC_ARGS_MAX);
		if (!tells_its_length(&sample))
			continue;
		encode(&sample.event, &record);
		for (words = 1; words < record.count; words++)
			check_cut_record(&sample, &record, words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_types_mixed),
		cmocka_unit_test(test_texts_of_every_length),
		cmocka_unit_test(test_calls_are_as_short_as_they_can_be),
		cmocka_unit_test(test_no_word_is_zero),
		cmocka_unit_test(test_cut_records_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
