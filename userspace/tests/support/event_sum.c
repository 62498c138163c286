// SPDX-License-Identifier: LGPL-2.1-only
/* A number that stands for an event. See event_sum.h. */
#include "event_sum.h"

uint64_t sum_bytes(uint64_t sum, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	while (length--)
		sum = (sum ^ *at++) * 0x100000001b3;
	return sum;
}

uint64_t sum_number(uint64_t sum, uint64_t number)
{
	return sum_bytes(sum, &number, sizeof(number));
}

/* The members that this type of event has; reading them is the point. */
static uint64_t sum_what(uint64_t sum, const struct flightrec_event *event)
{
	switch (event->type) {
	case FLIGHTREC_EVENT_SWITCH:
		sum = sum_number(sum, event->sched_switch.next_tid);
		sum = sum_number(sum, event->sched_switch.state);
		return sum_number(sum, event->sched_switch.flags);
	case FLIGHTREC_EVENT_WAKING:
		sum = sum_number(sum, event->waking.tid);
		sum = sum_number(sum, event->waking.context);
		return sum_number(sum, event->waking.flags);
	case FLIGHTREC_EVENT_ENTER:
		sum = sum_number(sum, (uint64_t)event->enter.nr);
		sum = sum_number(sum, event->enter.compat);
		sum = sum_number(sum, event->enter.nargs);
		return sum_bytes(sum, event->enter.args,
				 sizeof(event->enter.args));
	case FLIGHTREC_EVENT_EXIT:
		sum = sum_number(sum, (uint64_t)event->exit.nr);
		sum = sum_number(sum, event->exit.compat);
		return sum_number(sum, (uint64_t)event->exit.result);
	case FLIGHTREC_EVENT_NEWTASK:
		sum = sum_number(sum, event->newtask.tid);
		sum = sum_number(sum, event->newtask.flags);
		return sum_number(sum, event->newtask.clone_flags);
	case FLIGHTREC_EVENT_EXEC:
		sum = sum_number(sum, event->exec.old_tid);
		sum = sum_number(sum, event->exec.flags);
		return sum_bytes(sum, event->exec.path,
				 event->exec.path_length);
	case FLIGHTREC_EVENT_TASK_EXIT:
		sum = sum_number(sum, event->task_exit.code);
		return sum_number(sum, event->task_exit.flags);
	case FLIGHTREC_EVENT_RENAME:
		sum = sum_number(sum, event->rename.tid);
		return sum_bytes(sum, event->rename.comm,
				 event->rename.comm_length);
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
		sum = sum_number(sum, event->signal_generate.tid);
		sum = sum_number(sum, event->signal_generate.signal);
		sum = sum_number(sum, event->signal_generate.result);
		sum = sum_number(sum, (uint64_t)event->signal_generate.code);
		return sum_number(sum, event->signal_generate.group);
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		sum = sum_number(sum, event->signal_deliver.signal);
		sum = sum_number(sum, event->signal_deliver.handler);
		sum = sum_number(sum, (uint64_t)event->signal_deliver.code);
		return sum_number(sum, event->signal_deliver.sa_flags);
	case FLIGHTREC_EVENT_MARK:
		return sum_bytes(sum, event->mark.text, event->mark.length);
	case FLIGHTREC_EVENT_IRQ_ENTRY:
		sum = sum_number(sum, event->irq_entry.kind);
		sum = sum_number(sum, event->irq_entry.number);
		return sum_bytes(sum, event->irq_entry.name,
				 event->irq_entry.name_length);
	case FLIGHTREC_EVENT_IRQ_EXIT:
		sum = sum_number(sum, event->irq_exit.kind);
		sum = sum_number(sum, event->irq_exit.flags);
		return sum_number(sum, event->irq_exit.number);
	case FLIGHTREC_EVENT_MIGRATE:
		sum = sum_number(sum, event->migrate.tid);
		return sum_number(sum, event->migrate.cpu);
	case FLIGHTREC_EVENT_LOST:
		sum = sum_number(sum, event->lost.damaged);
		return sum_number(sum, event->lost.events);
	case FLIGHTREC_EVENT_GAP:
		return sum_number(sum, event->gap.from_clock);
	case FLIGHTREC_EVENT_BEGIN:
		return sum;
	}
	return 0;
}

uint64_t event_sum(const struct flightrec_event *event)
{
	uint64_t sum = sum_number(0, event->type);

	sum = sum_number(sum, event->cpu);
	return sum_what(sum_number(sum, event->tid), event);
}
