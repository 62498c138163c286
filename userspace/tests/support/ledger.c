// SPDX-License-Identifier: LGPL-2.1-only
/* A window of which every event is known. See ledger.h. */
#include <stdlib.h>
#include <string.h>

#include "event_sum.h"
#include "ledger.h"

/* ---- choices --------------------------------------------------------------- */

static uint64_t chance(struct dice *dice)
{
	uint64_t x = dice->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* A number of any size up to 64 bits. */
static uint64_t chance_of_any_size(struct dice *dice)
{
	uint64_t value = chance(dice);

	return value >> chance(dice) % 64;
}

uint64_t dice_roll(struct dice *dice, uint64_t limit)
{
	size_t bytes = limit <= 256 ? 1 : limit <= 65536 ? 2 : 8;
	uint64_t value = 0;

	if (dice->left < bytes)
		return chance(dice) % limit;
	memcpy(&value, dice->bytes, bytes);
	dice->bytes += bytes;
	dice->left -= bytes;
	return value % limit;
}

static uint32_t roll(struct dice *dice, uint32_t limit)
{
	return (uint32_t)dice_roll(dice, limit);
}

/* ---- one record each: what is recorded, and what that means ---------------- */

static uint32_t some_tid(struct dice *dice)
{
	/* Now and then one that does not fit its word. */
	return 100 + roll(dice, 6) + (roll(dice, 12) ? 0 : 1U << 22);
}

static int64_t some_number(struct dice *dice)
{
	int64_t number = (int64_t)chance_of_any_size(dice);

	return roll(dice, 2) ? -number : number;
}

static void some_text(struct dice *dice, char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text[i] = (char)(1 + roll(dice, 255));
}

static void make_switch(struct dice *dice, struct fr_record *record,
			struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_SWITCH;
	event->sched_switch.next_tid = some_tid(dice);
	event->sched_switch.state = (uint8_t)roll(dice, 16);
	event->sched_switch.flags = (uint8_t)roll(dice, 4);
	fr_record_switch(record, event->sched_switch.next_tid,
			 event->sched_switch.state, event->sched_switch.flags);
}

static void make_waking(struct dice *dice, struct fr_record *record,
			struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_WAKING;
	event->waking.tid = some_tid(dice);
	event->waking.context = (uint8_t)roll(dice, 3);
	event->waking.flags = (uint8_t)roll(dice, 4);
	fr_record_waking(record, event->waking.tid, event->waking.context,
			 event->waking.flags);
}

static void make_enter(struct dice *dice, struct fr_record *record,
		       struct flightrec_event *event, unsigned int nargs)
{
	event->type = FLIGHTREC_EVENT_ENTER;
	event->enter.nr = (int32_t)roll(dice, 400) - 1;
	event->enter.compat = !roll(dice, 4);
	event->enter.nargs = (uint8_t)nargs;
	memset(event->enter.args, 0, sizeof(event->enter.args));
	for (unsigned int i = 0; i < nargs; i++)
		event->enter.args[i] = (uint64_t)some_number(dice);
	fr_record_enter(record, event->enter.nr, event->enter.compat,
			(const __u64 *)event->enter.args, nargs);
}

static void make_exit(struct dice *dice, struct fr_record *record,
		      struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_EXIT;
	event->exit.nr = (int32_t)roll(dice, 400) - 1;
	event->exit.compat = !roll(dice, 4);
	event->exit.result = some_number(dice);
	fr_record_exit(record, event->exit.nr, event->exit.compat,
		       event->exit.result);
}

static void make_newtask(struct dice *dice, struct fr_record *record,
			 struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_NEWTASK;
	event->newtask.tid = some_tid(dice);
	event->newtask.flags = (uint16_t)roll(dice, 8);
	event->newtask.clone_flags = (uint64_t)some_number(dice);
	fr_record_newtask(record, event->newtask.tid, event->newtask.flags,
			  event->newtask.clone_flags);
}

static void make_exec(struct dice *dice, struct fr_record *record,
		      struct flightrec_event *event, char *text)
{
	event->type = FLIGHTREC_EVENT_EXEC;
	event->exec.old_tid = some_tid(dice);
	event->exec.flags = 0;
	event->exec.path_length = 1 + roll(dice, FLIGHTREC_PATH_MAX);
	event->exec.path = text;
	some_text(dice, text, event->exec.path_length);
	fr_record_exec(record, event->exec.old_tid, text,
		       (__u32)event->exec.path_length);
}

static void make_task_exit(struct dice *dice, struct fr_record *record,
			   struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_TASK_EXIT;
	event->task_exit.code = roll(dice, 65536);
	event->task_exit.flags = (uint16_t)roll(dice, 2);
	fr_record_task_exit(record, event->task_exit.code,
			    event->task_exit.flags);
}

static void make_rename(struct dice *dice, struct fr_record *record,
			struct flightrec_event *event, char *text)
{
	event->type = FLIGHTREC_EVENT_RENAME;
	event->rename.tid = some_tid(dice);
	event->rename.comm_length = 1 + roll(dice, FLIGHTREC_COMM_BYTES - 1);
	event->rename.comm = text;
	some_text(dice, text, event->rename.comm_length);
	text[event->rename.comm_length] = 0;
	fr_record_rename(record, event->rename.tid, text);
}

static void make_signal_generate(struct dice *dice, struct fr_record *record,
				 struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_SIGNAL_GENERATE;
	event->signal_generate.tid = some_tid(dice);
	event->signal_generate.signal = (uint8_t)(1 + roll(dice, 64));
	event->signal_generate.result = (uint8_t)roll(dice, 5);
	event->signal_generate.code = (int32_t)some_number(dice);
	event->signal_generate.group = roll(dice, 2);
	fr_record_signal_generate(record, event->signal_generate.tid,
				  event->signal_generate.signal,
				  event->signal_generate.result,
				  event->signal_generate.code,
				  event->signal_generate.group);
}

static void make_signal_deliver(struct dice *dice, struct fr_record *record,
				struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_SIGNAL_DELIVER;
	event->signal_deliver.signal = (uint8_t)(1 + roll(dice, 64));
	event->signal_deliver.handler = (uint8_t)roll(dice, 3);
	event->signal_deliver.code = (int32_t)some_number(dice);
	event->signal_deliver.sa_flags = (uint64_t)some_number(dice);
	fr_record_signal_deliver(record, event->signal_deliver.signal,
				 event->signal_deliver.handler,
				 event->signal_deliver.code,
				 event->signal_deliver.sa_flags);
}

static void make_mark(struct dice *dice, struct fr_record *record,
		      struct flightrec_event *event, char *text)
{
	event->type = FLIGHTREC_EVENT_MARK;
	event->mark.length = 1 + roll(dice, 60);
	event->mark.text = text;
	some_text(dice, text, event->mark.length);
	fr_record_mark(record, text, (__u32)event->mark.length);
}

static void make_irq_entry(struct dice *dice, struct fr_record *record,
			   struct flightrec_event *event, char *text)
{
	event->type = FLIGHTREC_EVENT_IRQ_ENTRY;
	event->irq_entry.kind = (uint8_t)roll(dice, 3);
	event->irq_entry.number = roll(dice, 30);
	event->irq_entry.name_length = roll(dice, FLIGHTREC_IRQ_NAME_MAX + 1);
	event->irq_entry.name = text;
	some_text(dice, text, event->irq_entry.name_length);
	text[event->irq_entry.name_length] = 0;
	fr_record_irq_entry(record, event->irq_entry.kind,
			    event->irq_entry.number, text);
}

static void make_irq_exit(struct dice *dice, struct fr_record *record,
			  struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_IRQ_EXIT;
	event->irq_exit.kind = (uint8_t)roll(dice, 3);
	event->irq_exit.number = roll(dice, 30);
	event->irq_exit.flags = (uint8_t)roll(dice, 2);
	fr_record_irq_exit(record, event->irq_exit.kind, event->irq_exit.number,
			   event->irq_exit.flags);
}

static void make_migrate(struct dice *dice, struct fr_record *record,
			 struct flightrec_event *event)
{
	event->type = FLIGHTREC_EVENT_MIGRATE;
	event->migrate.tid = some_tid(dice);
	event->migrate.cpu = roll(dice, 2000);
	fr_record_migrate(record, event->migrate.tid, event->migrate.cpu);
}

/* Any record, and the event that it is. */
static void make(struct dice *dice, struct fr_record *record,
		 struct flightrec_event *event, char *text, unsigned int nargs)
{
	switch (roll(dice, 19)) {
	case 0:
		make_newtask(dice, record, event);
		break;
	case 1:
		make_exec(dice, record, event, text);
		break;
	case 2:
		make_task_exit(dice, record, event);
		break;
	case 3:
		make_rename(dice, record, event, text);
		break;
	case 4:
		make_signal_generate(dice, record, event);
		break;
	case 5:
		make_signal_deliver(dice, record, event);
		break;
	case 6:
		make_mark(dice, record, event, text);
		break;
	case 7:
	case 8:
		make_waking(dice, record, event);
		break;
	case 9:
	case 10:
		make_enter(dice, record, event, nargs);
		break;
	case 11:
	case 12:
		make_exit(dice, record, event);
		break;
	case 13:
		make_irq_entry(dice, record, event, text);
		break;
	case 14:
		make_irq_exit(dice, record, event);
		break;
	case 15:
		make_migrate(dice, record, event);
		break;
	default:
		make_switch(dice, record, event);
		break;
	}
}

/* ---- the window ------------------------------------------------------------ */

/* Later by a little, or now and then by more than a word's time holds. */
static void go_on(struct ledger *ledger, struct dice *dice)
{
	ledger->clock += 1 + roll(dice, 5000);
	if (!roll(dice, 30))
		ledger->clock += chance_of_any_size(dice) >> 24;
}

static void record_one(struct ledger *ledger, struct dice *dice)
{
	struct ledger_event *entry = &ledger->events[ledger->count++];
	struct window_builder *b = &ledger->b;
	struct flightrec_event event;
	struct fr_record record;
	char text[FLIGHTREC_MARK_MAX];

	entry->cpu = roll(dice, ledger->cpus);
	event.cpu = ledger->numbers[entry->cpu];
	event.tid = 100 + roll(dice, 6);
	make(dice, &record, &event, text, b->header.args);
	go_on(ledger, dice);
	window_builder_emit(b, event.cpu, ledger->clock, event.tid, &record);
	entry->clock = ledger->clock;
	entry->block = window_builder_blocks(b, event.cpu) - 1;
	entry->sum = event_sum(&event);
}

static void lose_some(struct ledger *ledger, struct dice *dice)
{
	struct ledger_loss *loss = &ledger->losses[ledger->losses_count++];
	uint32_t number;

	loss->cpu = roll(dice, ledger->cpus);
	loss->events = 1 + roll(dice, 20);
	number = ledger->numbers[loss->cpu];
	loss->block = window_builder_blocks(&ledger->b, number);
	window_builder_lost(&ledger->b, number, loss->events);
}

/* Forget the oldest blocks of a CPU, and what is known of them. */
static void overwrite(struct ledger *ledger, unsigned int cpu, size_t blocks)
{
	size_t i, kept = 0;

	for (i = 0; i < blocks; i++)
		window_builder_drop(&ledger->b, ledger->numbers[cpu], 0);
	for (i = 0; i < ledger->count; i++) {
		struct ledger_event event = ledger->events[i];

		if (event.cpu == cpu && event.block < blocks)
			continue;
		if (event.cpu == cpu)
			event.block -= blocks;
		ledger->events[kept++] = event;
	}
	ledger->count = kept;
	ledger->dropped[cpu] = blocks;
}

/* What was lost before a CPU's first block is not told by the window. */
static void forget_losses(struct ledger *ledger)
{
	size_t i, kept = 0;

	for (i = 0; i < ledger->losses_count; i++) {
		struct ledger_loss loss = ledger->losses[i];

		if (loss.block <= ledger->dropped[loss.cpu])
			continue;
		loss.block -= ledger->dropped[loss.cpu];
		ledger->losses[kept++] = loss;
	}
	ledger->losses_count = kept;
}

static void choose_header(struct ledger *ledger, struct dice *dice)
{
	static const uint32_t sizes[] = { 256, 384, 512, 4096 };
	struct flightrec_window *header = &ledger->b.header;

	header->block_bytes = sizes[roll(dice, 4)];
	header->args = roll(dice, FLIGHTREC_ARGS_MAX + 1);
	header->start_clock = 1000 + (chance_of_any_size(dice) >> 4);
	if (roll(dice, 2)) {
		header->clock = FLIGHTREC_CLOCK_TSC;
		header->clock_khz = 1000000 + roll(dice, 4000000);
	}
	ledger->clock = header->start_clock;
	ledger->cpus = 1 + roll(dice, LEDGER_CPUS);
	for (unsigned int i = 0; i < ledger->cpus; i++)
		ledger->numbers[i] = i ? ledger->numbers[i - 1] + 1 +
						     roll(dice, 3) :
					 roll(dice, 3);
}

void ledger_init(struct ledger *ledger, uint64_t seed)
{
	struct dice dice = { .state = seed };
	size_t steps = 10 + roll(&dice, 140);

	memset(ledger, 0, sizeof(*ledger));
	ledger->events = calloc(steps, sizeof(*ledger->events));
	ledger->losses = calloc(steps, sizeof(*ledger->losses));
	if (!ledger->events || !ledger->losses)
		abort();
	window_builder_init(&ledger->b);
	choose_header(ledger, &dice);
	for (size_t i = 0; i < steps; i++) {
		if (!roll(&dice, 40))
			lose_some(ledger, &dice);
		record_one(ledger, &dice);
	}
	for (uint32_t i = 0; i < 6; i++)
		window_builder_task(&ledger->b, 100 + i, "task");
	window_builder_call(&ledger->b, 100, 1, ledger->clock);
	for (unsigned int cpu = 0; cpu < ledger->cpus; cpu++) {
		size_t blocks =
			window_builder_blocks(&ledger->b, ledger->numbers[cpu]);

		if (blocks > 1 && !roll(&dice, 3))
			overwrite(ledger, cpu,
				  1 + roll(&dice, (uint32_t)blocks - 1));
	}
	forget_losses(ledger);
	window_builder_finish(&ledger->b, ledger->clock + 1000);
}

void ledger_deinit(struct ledger *ledger)
{
	window_builder_deinit(&ledger->b);
	free(ledger->events);
	free(ledger->losses);
}
