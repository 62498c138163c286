// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "moment.h"
#include "store.h"
#include "triggers.h"

#include <fcntl.h>
#include <firing.h>
#include <getopt.h>
#include <keep.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  1000000000ULL
/* Less than this held on all CPUs is worth a warning. */
#define ENOUGH_NS (5 * NS_PER_S)

static const char help[] =
	"Usage: flightrec status [--once]\n"
	"\n"
	"Tells how recording goes: state, targets, events a second (measured over one\n"
	"second), how many seconds of tape are held, what was lost and why, memory.\n"
	"Warns when the tape holds less than the age that was asked for (--keep; else 5\n"
	"seconds) on some CPU, and says which --size helps.\n"
	"\n"
	"  -n, --once           do not wait: events a second are an average then\n"
	"  -h, --help           this text\n";

/* ---- printing ---- */

static const char *frozen_why(uint32_t reason)
{
	switch (reason) {
	case FLIGHTREC_REASON_FREEZE:
		return " on demand";
	case FLIGHTREC_REASON_SUSPEND:
		return " before the machine slept";
	case FLIGHTREC_REASON_TRIGGER:
		return " by a trigger";
	default:
		return "";
	}
}

static void print_state(const struct flightrec_stats *stats)
{
	uint64_t ns = moment_since(stats->start_mono_ns, stats->now_mono_ns);

	printf("state:     ");
	if (stats->state == FLIGHTREC_FROZEN)
		printf("frozen%s, recorded from %s for %s\n",
		       frozen_why(stats->reason),
		       cli_wall(stats->start_mono_ns).text,
		       cli_duration(ns).text);
	else
		printf("recording since %s (%s)%s\n",
		       cli_wall(stats->start_mono_ns).text,
		       cli_duration(ns).text,
		       stats->state == FLIGHTREC_TRIPPED ?
			       ", the tail of a trigger that freezes" :
			       "");
	printf("targets:   %u asked for, %u task%s recorded now\n",
	       stats->targets, stats->tasks, cli_plural(stats->tasks));
}

static const char *events_name(uint32_t events)
{
	switch (events & FLIGHTREC_EVENTS_DEFAULT) {
	case FLIGHTREC_EVENTS_SCHED:
		return "scheduling, no system calls";
	case FLIGHTREC_EVENTS_SYSCALLS:
		return "system calls, no scheduling";
	case FLIGHTREC_EVENTS_DEFAULT:
		return "scheduling and system calls";
	default:
		return "neither scheduling nor system calls";
	}
}

static const char *sparing_name(uint32_t sparing)
{
	switch (sparing) {
	case FLIGHTREC_SPARING_ON:
		return "system calls cost bystanders nothing";
	case FLIGHTREC_SPARING_REFUSED:
		return "refused, another tracer of system calls was there at the start";
	case FLIGHTREC_SPARING_ENDED:
		return "ended, another tracer of system calls has come since the start";
	default:
		return "no system calls are recorded";
	}
}

static void print_config(const struct flightrec_config *config)
{
	printf("recorded:  %s", events_name(config->events));
	if (config->events & FLIGHTREC_EVENTS_SYSCALLS)
		printf(" with %u argument%s", config->args,
		       cli_plural(config->args));
	if (config->events & FLIGHTREC_EVENTS_IRQ)
		printf("; interrupts");
	putchar('\n');
	if (config->flags & FLIGHTREC_CONFIG_SPARING)
		printf("sparing:   %s\n", sparing_name(config->sparing));
}

static void print_cpus(const struct moment *before, const struct moment *after,
		       uint64_t ns)
{
	uint32_t i;

	for (i = 0; i < after->count; i++) {
		const struct flightrec_stats_cpu *cpu = &after->cpus[i];
		uint64_t old = before && i < before->count ?
				       before->cpus[i].events :
				       0;

		printf("  CPU %-4u %s%s, %" PRIu64 " events a second\n",
		       cpu->cpu, cli_duration(moment_held(after, cpu)).text,
		       moment_holds_all(after, cpu) ? " (all since the start)" :
						      "",
		       moment_rate(old, cpu->events, ns));
	}
}

static void print_tape(const struct moment *before, const struct moment *after)
{
	const struct flightrec_stats *stats = &after->stats;
	uint64_t from = before ? before->stats.now_mono_ns :
				 stats->start_mono_ns;
	uint64_t ns = moment_since(from, stats->now_mono_ns);
	bool wrapped;
	uint64_t all = moment_held_on_all(after, &wrapped);

	printf("events:    %" PRIu64 " since the start, %" PRIu64
	       " a second%s\n",
	       (uint64_t)stats->events,
	       moment_rate(before ? before->stats.events : 0, stats->events,
			   ns),
	       before ? "" : " on average");
	printf("tape held: %s on all CPUs%s\n", cli_duration(all).text,
	       wrapped ? "" : " (all since the start)");
	print_cpus(before, after, ns);
}

static void print_losses(const struct flightrec_stats *stats)
{
	if (!stats->lost_events && !stats->missed_targets &&
	    !stats->missed_names) {
		printf("lost:      nothing\n");
		return;
	}
	if (stats->lost_events)
		printf("lost:      %" PRIu64
		       " event%s: interrupts filled all blocks of a CPU while a record was being written; a larger --size helps\n",
		       (uint64_t)stats->lost_events,
		       cli_plural(stats->lost_events));
	if (stats->missed_targets)
		printf("lost:      %" PRIu64
		       " task%s not recorded: no room for more than %u at once; a larger --slots helps\n",
		       (uint64_t)stats->missed_targets,
		       cli_plural(stats->missed_targets), stats->config.slots);
	if (stats->missed_names)
		printf("lost:      %" PRIu64
		       " name%s of past tasks that the tape may still mention: no room for more than %u; a larger --identities helps\n",
		       (uint64_t)stats->missed_names,
		       cli_plural(stats->missed_names),
		       stats->config.identities);
}

static void print_memory(const struct flightrec_stats *stats)
{
	printf("memory:    %s, of it %s tape in blocks of %s, %s\n",
	       cli_size(stats->memory_bytes).text,
	       cli_size(stats->ring_bytes).text,
	       cli_size(stats->config.block_bytes).text,
	       stats->config.policy == FLIGHTREC_POLICY_SHARED ?
		       "shared by CPUs" :
		       "as many for each CPU");
}

static void print_keep(const struct moment *status)
{
	struct flightrec_keep keep;
	char words[KEEP_BYTES];

	moment_keep(status, status->stats.config.keep_ns, &keep);
	if (keep.verdict == FLIGHTREC_KEEP_UNASKED)
		return;
	keep_describe(words, &keep);
	printf("keep:      %s\n", words);
}

/* Of the age that was asked for, or of one that most can do with. */
static void print_warning(const struct moment *status)
{
	const struct flightrec_stats *stats = &status->stats;
	uint64_t available = cli_memory_available() + stats->memory_bytes;
	uint64_t asked = stats->config.keep_ns ? stats->config.keep_ns :
						 ENOUGH_NS;
	struct flightrec_keep keep;
	uint64_t size;

	/* A tape that holds all since the start has room yet. */
	moment_keep(status, asked, &keep);
	if (keep.verdict != FLIGHTREC_KEEP_SHORT)
		return;
	size = keep.budget_bytes;
	printf("warning:   only %s of tape are held on all CPUs, at this rate; ",
	       cli_duration(keep.held_ns).text);
	if (size && size <= available / 2)
		printf("to hold %s, start with --size %s\n",
		       cli_duration_option(asked).text,
		       cli_size_option(size).text);
	else
		printf("%s would take more memory than can be had here; fewer targets, --args 0 or --events sched help\n",
		       cli_duration_option(asked).text);
}

static void print(const struct moment *before, const struct moment *after)
{
	const struct flightrec_stats *stats = &after->stats;

	if (stats->state == FLIGHTREC_IDLE) {
		printf("state:     idle, nothing is recorded");
		if (stats->targets)
			printf("; %u target%s for the next start",
			       stats->targets, cli_plural(stats->targets));
		putchar('\n');
		return;
	}
	print_state(stats);
	print_config(&stats->config);
	print_tape(before, after);
	print_keep(after);
	print_losses(stats);
	print_memory(stats);
	print_warning(after);
}

/* ---- triggers ---- */

/* As long as it lives its name is known. */
static void print_task(uint32_t tid)
{
	char comm[FLIGHTREC_COMM_BYTES + 1], path[64];
	char safe[FLIGHTREC_COMM_BYTES] = "<...>";

	snprintf(path, sizeof(path), "/proc/%u/comm", tid);
	/* Whoever fired may call himself what he likes. */
	if (cli_read_line(path, comm, sizeof(comm)))
		store_safe(safe, comm);
	printf("%s[%u]", safe, tid);
}

static void print_last_firing(int fd, const struct flightrec_stats *stats)
{
	struct flightrec_firing last;
	char found[FIRING_BYTES];

	/* Firings of recordings before this one may be remembered. */
	if (triggers_fired(fd, 0, &last) <= 0 ||
	    last.mono_ns < stats->start_mono_ns)
		return;
	firing_describe(found, &last, triggers_machine());
	printf("fired:     ");
	print_task(last.tid);
	printf(" %s, %s, trigger %u\n", found, cli_wall(last.mono_ns).text,
	       last.trigger);
}

/* Says nothing of them where there are none, as in older modules. */
static void print_triggers(int fd, const struct flightrec_stats *stats)
{
	struct flightrec_trigger trigger;
	uint32_t count = 0, id = 0;

	while (count < FLIGHTREC_TRIGGERS_MAX &&
	       !flightrec_trigger_get(fd, id, &trigger)) {
		id = trigger.id + 1;
		count++;
	}
	if (count)
		printf("triggers:  %u; 'flightrec trigger list' tells which\n",
		       count);
	print_last_firing(fd, stats);
}

/* ---- asking ---- */

static void sleep_a_second(void)
{
	const struct timespec second = { .tv_sec = 1 };

	nanosleep(&second, NULL);
}

/* The same recording, still on: its rate can be told from two moments. */
static bool comparable(const struct flightrec_stats *before,
		       const struct flightrec_stats *after)
{
	return before->start_mono_ns == after->start_mono_ns &&
	       moment_records(after);
}

static int status_print(int fd, bool once)
{
	struct moment before, after;
	int result = EXIT_FAILURE;

	if (moment_init(&before, fd))
		return EXIT_FAILURE;
	if (once || !moment_records(&before.stats)) {
		print(NULL, &before);
		print_triggers(fd, &before.stats);
		moment_deinit(&before);
		return EXIT_SUCCESS;
	}
	sleep_a_second();
	if (!moment_init(&after, fd)) {
		print(comparable(&before.stats, &after.stats) ? &before : NULL,
		      &after);
		print_triggers(fd, &after.stats);
		moment_deinit(&after);
		result = EXIT_SUCCESS;
	}
	moment_deinit(&before);
	return result;
}

void status_brief(void)
{
	int fd = flightrec_open(FLIGHTREC_NODE, O_RDWR | O_CLOEXEC);
	char why[256];

	putchar('\n');
	if (fd < 0) {
		device_explain(fd, why, sizeof(why));
		printf("state:     not known: %s\n", why);
		return;
	}
	status_print(fd, true);
	close(fd);
}

int status_main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "once", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool once = false;
	int fd, option, status;

	while ((option = getopt_long(argc, argv, "+hn", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option != 'n')
			return cli_misuse_option();
		once = true;
	}
	status = cli_no_operands(argc, argv);
	if (status)
		return status;
	fd = device_open(O_RDWR);
	if (fd < 0)
		return EXIT_FAILURE;
	status = status_print(fd, once);
	close(fd);
	return status;
}
