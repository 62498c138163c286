// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "setup.h"

#include <errno.h>
#include <string.h>

/* Limits of the contract (struct flightrec_config). */
#define SLOTS_MAX      32767
#define IDENTITIES_MAX 1048576
#define BLOCKS_MIN     4

#define ARGS_DEFAULT   1

void setup_init(struct setup *setup)
{
	memset(setup, 0, sizeof(*setup));
	setup->config.args = ARGS_DEFAULT;
	setup->targets.follow = true;
}

void setup_deinit(struct setup *setup)
{
	targets_deinit(&setup->targets);
}

static int parse_count(const char *name, const char *text, uint64_t min,
		       uint64_t max, __u32 *count)
{
	uint64_t number;

	if (!cli_parse_number(text, min, max, &number))
		return cli_misuse("%s '%s': not a number from %llu to %llu",
				  name, text, (unsigned long long)min,
				  (unsigned long long)max);
	*count = (__u32)number;
	return 0;
}

static int parse_block(struct setup *setup, const char *text)
{
	uint64_t bytes;

	if (!cli_parse_size(text, &bytes) || bytes > UINT32_MAX)
		return cli_misuse("--block '%s': not a size (such as 16K)",
				  text);
	setup->config.block_bytes = (__u32)bytes;
	setup->block_given = true;
	return 0;
}

static int parse_size(struct setup *setup, const char *text)
{
	uint64_t bytes;

	if (!cli_parse_size(text, &bytes))
		return cli_misuse(
			"--size '%s': not a size (such as 512K, 16M or 1G) below 16 exabytes",
			text);
	setup->config.ring_bytes = bytes;
	setup->size_given = true;
	return 0;
}

/* The group that is named by @length bytes of @name; 0: there is none. */
static __u32 events_of(const char *name, size_t length)
{
	static const struct {
		const char *name;
		__u32 events;
	} groups[] = {
		{ "sched", FLIGHTREC_EVENTS_SCHED },
		{ "syscalls", FLIGHTREC_EVENTS_SYSCALLS },
		{ "irq", FLIGHTREC_EVENTS_IRQ },
		{ "all", FLIGHTREC_EVENTS_ALL },
	};
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!strncmp(groups[i].name, name, length) &&
		    !groups[i].name[length])
			return groups[i].events;
	}
	return 0;
}

static int parse_events(struct setup *setup, const char *text)
{
	const char *rest = text;
	__u32 events = 0;

	while (*rest) {
		size_t length = strcspn(rest, ",");
		__u32 group = events_of(rest, length);

		/* Neither an unknown one, nor a comma with nothing behind it. */
		if (!group || (rest[length] && !rest[length + 1]))
			break;
		events |= group;
		rest += length + (rest[length] == ',');
	}
	if (*rest || !events)
		return cli_misuse(
			"--events '%s': not a list of sched, syscalls, irq, or all",
			text);
	setup->config.events = events;
	return 0;
}

static int parse_policy(struct setup *setup, const char *text)
{
	if (!strcmp(text, "shared"))
		setup->config.policy = FLIGHTREC_POLICY_SHARED;
	else if (!strcmp(text, "percpu"))
		setup->config.policy = FLIGHTREC_POLICY_PERCPU;
	else
		return cli_misuse("--policy '%s': not one of shared, percpu",
				  text);
	return 0;
}

static int parse_keep(struct setup *setup, const char *text)
{
	uint64_t ns;

	if (!cli_parse_duration(text, &ns) || !ns || ns > FLIGHTREC_KEEP_MAX)
		return cli_misuse(
			"--keep '%s': not a time (such as 500ms, 10s, 2m or 1h) up to 36 years",
			text);
	setup->config.keep_ns = ns;
	return 0;
}

int setup_option(struct setup *setup, int option, const char *argument)
{
	switch (option) {
	case CLI_OPTION_SIZE:
		return parse_size(setup, argument);
	case CLI_OPTION_BLOCK:
		return parse_block(setup, argument);
	case CLI_OPTION_EVENTS:
		return parse_events(setup, argument);
	case CLI_OPTION_POLICY:
		return parse_policy(setup, argument);
	case CLI_OPTION_ARGS:
		return parse_count("--args", argument, 0, FLIGHTREC_ARGS_MAX,
				   &setup->config.args);
	case CLI_OPTION_SLOTS:
		return parse_count("--slots", argument, 1, SLOTS_MAX,
				   &setup->config.slots);
	case CLI_OPTION_KEEP:
		return parse_keep(setup, argument);
	case CLI_OPTION_IDENTITIES:
		return parse_count("--identities", argument, 1, IDENTITIES_MAX,
				   &setup->config.identities);
	case CLI_OPTION_SPARING:
		setup->config.flags |= FLIGHTREC_CONFIG_SPARING;
		return 0;
	default:
		return cli_misuse_option();
	}
}

/* To the contract, 0 means "choose": who says 0 must be told otherwise here. */
static int check_zero(const struct setup *setup,
		      const struct flightrec_info *info)
{
	if (setup->size_given && !setup->config.ring_bytes) {
		cli_fail(
			"--size 0: a tape needs memory; the minimum on this machine is %s",
			cli_size_option(info->min_ring_bytes).text);
		return -1;
	}
	if (setup->block_given && !setup->config.block_bytes) {
		cli_fail("--block 0: a block is %s to %s here",
			 cli_size_option(info->block_bytes_min).text,
			 cli_size_option(info->block_bytes_max).text);
		return -1;
	}
	return 0;
}

static int check_module(const struct setup *setup,
			const struct flightrec_info *info)
{
	if (!setup->config.keep_ns || info->features & FLIGHTREC_FEATURE_KEEP)
		return 0;
	cli_fail(
		"--keep: the module that is loaded is older than this command and knows of no age");
	return -1;
}

static int check_sparing(const struct setup *setup,
			 const struct flightrec_info *info)
{
	if (!(setup->config.flags & FLIGHTREC_CONFIG_SPARING) ||
	    info->features & FLIGHTREC_FEATURE_SPARING)
		return 0;
	cli_fail("--sparing: this module cannot do that on this kernel");
	return -1;
}

static uint64_t minimum_bytes(const struct setup *setup,
			      const struct flightrec_info *info)
{
	uint64_t with_block = (uint64_t)BLOCKS_MIN * info->cpus_possible *
			      setup->config.block_bytes;

	return with_block > info->min_ring_bytes ? with_block :
						   info->min_ring_bytes;
}

static void explain_invalid(const struct setup *setup,
			    const struct flightrec_info *info)
{
	const struct flightrec_config *config = &setup->config;
	uint64_t minimum = minimum_bytes(setup, info);
	__u32 block = config->block_bytes;

	if (block & (block - 1) || (block && (block < info->block_bytes_min ||
					      block > info->block_bytes_max)))
		cli_fail(
			"--block %u: a block is a power of two from %s to %s here",
			block, cli_size_option(info->block_bytes_min).text,
			cli_size_option(info->block_bytes_max).text);
	else if (config->ring_bytes && config->ring_bytes < minimum)
		cli_fail(
			"--size %s is too small: the minimum %s on this machine, with its %u possible CPUs, is %s",
			cli_size_option(config->ring_bytes).text,
			block ? "with this --block" : "of a tape",
			info->cpus_possible, cli_size_option(minimum).text);
	else
		cli_fail(
			"the module refuses this configuration (Invalid argument); module and command must be of one version");
}

static void explain_memory(const struct setup *setup)
{
	uint64_t available = cli_memory_available();
	struct cli_text size = cli_size_option(setup->config.ring_bytes);

	if (!setup->config.ring_bytes)
		cli_fail(
			"not enough memory for a tape of the default size; %s are available, a smaller --size helps",
			cli_size(available).text);
	else
		cli_fail(
			"--size %s is too much: %s of memory are available, and a tape may have half of that, %s",
			size.text, cli_size(available).text,
			cli_size(available / 2).text);
}

static void explain_busy(int fd)
{
	struct flightrec_stats stats;

	if (device_stats(fd, &stats))
		return;
	cli_fail(
		"%s, %u task%s; end that first: 'flightrec stop'%s",
		device_since(&stats).text, stats.tasks, cli_plural(stats.tasks),
		stats.state == FLIGHTREC_FROZEN ?
			" (it discards the window; 'flightrec snapshot -o FILE' saves it)" :
			"");
}

static void explain(const struct setup *setup, int fd,
		    const struct flightrec_info *info, const char *doing,
		    int error)
{
	switch (error) {
	case -EBUSY:
		explain_busy(fd);
		break;
	case -EINVAL:
		explain_invalid(setup, info);
		break;
	case -ENOMEM:
		explain_memory(setup);
		break;
	case -ENOSPC:
		cli_fail(
			"no room for all tasks of the targets; a larger --slots helps");
		break;
	case -EAGAIN:
		cli_fail("the machine is about to sleep; try again");
		break;
	default:
		cli_fail("cannot %s: %s", doing, cli_why(error));
		break;
	}
}

static int begin_configured(struct setup *setup, int fd,
			    const struct flightrec_info *info,
			    struct flightrec_stats *stats)
{
	int error;

	if (targets_add(&setup->targets, fd, true))
		return -1;
	error = flightrec_start(fd);
	if (error < 0) {
		explain(setup, fd, info, "start recording", error);
		targets_undo(&setup->targets, fd);
		return -1;
	}
	if (device_stats(fd, stats)) {
		flightrec_stop(fd);
		return -1;
	}
	return 0;
}

int setup_begin(struct setup *setup, int fd, struct flightrec_stats *stats)
{
	struct flightrec_config config = setup->config, before;
	struct flightrec_info info;
	int error;

	if (device_info(fd, &info) || device_stats(fd, stats))
		return -1;
	if (stats->state != FLIGHTREC_IDLE) {
		explain_busy(fd);
		return -1;
	}
	if (check_zero(setup, &info) || check_module(setup, &info) ||
	    check_sparing(setup, &info))
		return -1;
	before = stats->config;
	error = flightrec_configure(fd, &config);
	if (error < 0) {
		explain(setup, fd, &info, "configure the recorder", error);
		return -1;
	}
	if (begin_configured(setup, fd, &info, stats)) {
		flightrec_configure(fd, &before);
		return -1;
	}
	return 0;
}
