// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: the decoder. Any bytes are a window; everything that can be asked
 * of it is asked, twice, and what may be promised of any window is checked.
 *
 * One input in 16 is read from a file, too, which must come to the same.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event_sum.h"
#include "fuzz.h"
#include "plant.h"

/* ---- one event ------------------------------------------------------------ */

/* Texts are no longer than they can be recorded, arguments no more. */
static void check_event(const struct flightrec_event *event)
{
	fuzz_must(event->type >= FLIGHTREC_EVENT_SWITCH &&
			  event->type <= FLIGHTREC_EVENT_BEGIN,
		  "an event of no type");
	if (event->type == FLIGHTREC_EVENT_ENTER)
		fuzz_must(event->enter.nargs <= FLIGHTREC_ARGS_MAX,
			  "a call has too many arguments");
	if (event->type == FLIGHTREC_EVENT_EXEC)
		fuzz_must(event->exec.path_length <= FLIGHTREC_PATH_MAX,
			  "a path is too long");
	if (event->type == FLIGHTREC_EVENT_RENAME)
		fuzz_must(event->rename.comm_length <= FLIGHTREC_COMM_BYTES,
			  "a name is too long");
	if (event->type == FLIGHTREC_EVENT_IRQ_ENTRY)
		fuzz_must(event->irq_entry.name_length <=
				  FLIGHTREC_IRQ_NAME_MAX,
			  "an interrupt's name is too long");
	if (event->type == FLIGHTREC_EVENT_MARK)
		fuzz_must(event->mark.length <= FLIGHTREC_MARK_MAX,
			  "a mark is too long");
}

static uint64_t sum_event(uint64_t sum, const struct flightrec_event *event)
{
	check_event(event);
	sum = sum_number(sum, event->clock);
	sum = sum_number(sum, (uint64_t)event->mono_ns);
	return sum_number(sum, event_sum(event));
}

static uint64_t sum_who(uint64_t sum, const struct flightrec_reader *reader,
			uint32_t tid, uint64_t clock)
{
	const struct flightrec_window_task *who;

	who = flightrec_reader_who(reader, tid, clock);
	fuzz_must(!who || who->tid == tid, "who() tells of another tid");
	return who ? sum_bytes(sum, who, sizeof(*who)) : sum;
}

/* ---- all that can be asked ------------------------------------------------ */

/* Rule: events come in order of time, none is later than the cut. */
static uint64_t ask_events(struct flightrec_reader *reader, size_t length)
{
	uint64_t cut = flightrec_reader_window(reader)->cut_clock;
	struct flightrec_event event;
	uint64_t sum = 0, clock = 0, count = 0;
	int64_t mono_ns = INT64_MIN;
	int ret;

	while ((ret = flightrec_reader_next(reader, &event)) == 1) {
		fuzz_must(event.clock >= clock, "time goes back");
		fuzz_must(event.clock <= cut, "an event after the cut");
		fuzz_must(event.mono_ns >= mono_ns, "nanoseconds go back");
		fuzz_must(event.mono_ns ==
				  flightrec_reader_mono_ns(reader, event.clock),
			  "an event has two times");
		clock = event.clock;
		mono_ns = event.mono_ns;
		sum = sum_event(sum, &event);
		sum = sum_who(sum, reader, event.tid, event.clock);
		plant_at_event(&event);
		count++;
	}
	fuzz_must(ret == 0, "there is memory, but next() fails");
	/* Of each word and block header there are a few events at most. */
	fuzz_must(count <= length, "more events than bytes");
	fuzz_must(flightrec_reader_next(reader, &event) == 0,
		  "an event after the last one");
	return sum_number(sum, count);
}

static uint64_t ask_tables(struct flightrec_reader *reader)
{
	struct flightrec_window_target target;
	struct flightrec_window_task task;
	struct flightrec_window_call call;
	struct flightrec_window_cpu cpu;
	uint64_t sum;
	size_t i;

	sum = sum_bytes(0, flightrec_reader_window(reader),
			sizeof(struct flightrec_window));
	for (i = 0; i < flightrec_reader_cpus(reader); i++) {
		flightrec_reader_cpu(reader, i, &cpu);
		sum = sum_bytes(sum, &cpu, sizeof(cpu));
	}
	for (i = 0; i < flightrec_reader_calls(reader); i++) {
		flightrec_reader_call(reader, i, &call);
		sum = sum_bytes(sum, &call, sizeof(call));
	}
	for (i = 0; i < flightrec_reader_targets(reader); i++) {
		flightrec_reader_target(reader, i, &target);
		sum = sum_bytes(sum, &target, sizeof(target));
	}
	for (i = 0; i < flightrec_reader_tasks(reader); i++) {
		flightrec_reader_task(reader, i, &task);
		sum = sum_bytes(sum, &task, sizeof(task));
		sum = sum_who(sum, reader, task.tid, task.until_clock);
		sum = sum_who(sum, reader, task.tid, 0);
	}
	return sum;
}

static uint64_t ask_damages(struct flightrec_reader *reader)
{
	size_t i, count = flightrec_reader_damages(reader);
	const struct flightrec_damage *damage;
	uint64_t sum = flightrec_reader_whole(reader);

	fuzz_must(!flightrec_reader_damage(reader, count),
		  "a damage after the last one");
	for (i = 0; i < count; i++) {
		damage = flightrec_reader_damage(reader, i);
		sum = sum_number(sum, damage->offset);
		sum = sum_number(sum, damage->cpu);
		sum = sum_number(sum, damage->events_known);
		sum = sum_number(sum, damage->events);
		sum = sum_bytes(sum, damage->text, strlen(damage->text));
	}
	return sum;
}

static void ask_clocks(struct flightrec_reader *reader)
{
	const struct flightrec_window *window = flightrec_reader_window(reader);
	uint64_t clocks[] = { 0, window->start_clock, window->complete_clock,
			      window->cut_clock, UINT64_MAX };

	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 5; j++) {
			if (clocks[i] > clocks[j])
				continue;
			fuzz_must(flightrec_reader_mono_ns(reader, clocks[i]) <=
					  flightrec_reader_mono_ns(reader,
								   clocks[j]),
				  "CLOCK_MONOTONIC falls");
			fuzz_must(flightrec_reader_boot_ns(reader, clocks[i]) <=
					  flightrec_reader_boot_ns(reader,
								   clocks[j]),
				  "CLOCK_BOOTTIME falls");
			fuzz_must(flightrec_reader_real_ns(reader, clocks[i]) <=
					  flightrec_reader_real_ns(reader,
								   clocks[j]),
				  "CLOCK_REALTIME falls");
		}
	}
}

/* Everything, twice: what is read again must be the same. */
static uint64_t ask_all(struct flightrec_reader *reader, size_t length)
{
	uint64_t tables = ask_tables(reader);
	uint64_t events = ask_events(reader, length);
	uint64_t damages = ask_damages(reader);

	ask_clocks(reader);
	flightrec_reader_rewind(reader);
	fuzz_must(events == ask_events(reader, length),
		  "other events, read again");
	fuzz_must(damages == ask_damages(reader), "other damages, read again");
	fuzz_must(tables == ask_tables(reader), "other tables, read again");
	return sum_number(sum_number(events, damages), tables);
}

/* ---- from a file ---------------------------------------------------------- */

static uint64_t ask_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("window", MFD_CLOEXEC);
	struct flightrec_reader *reader;
	char path[64];
	uint64_t sum;

	fuzz_must(fd >= 0 && write(fd, data, size) == (ssize_t)size,
		  "cannot make a file for it");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fuzz_must(!flightrec_reader_open(path, &reader, NULL),
		  "opens in memory but not as a file");
	sum = ask_all(reader, size);
	flightrec_reader_destroy(reader);
	close(fd);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flightrec_reader *reader;
	struct flightrec_error error = { 0 };
	uint64_t sum;
	int ret;

	ret = flightrec_reader_from_memory(data, size, &reader, &error);
	if (ret) {
		fuzz_must(ret == error.code && *error.text && !reader,
			  "refuses without a reason");
		return 0;
	}
	sum = ask_all(reader, size);
	flightrec_reader_destroy(reader);
	if (size && data[size - 1] % 16 == 0)
		fuzz_must(sum == ask_file(data, size),
			  "a file is not what it is in memory");
	return 0;
}
