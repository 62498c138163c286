// SPDX-License-Identifier: GPL-2.0
/*
 * Goes through the contract (uapi/linux/flightrec.h) line by line: what it grants
 * is granted, what it refuses is refused with the errno that stands there, and
 * a refusal changes nothing.
 *
 *	ioctl_errors
 *
 * Runs as root, with an idle recorder, and leaves one. Prints "ok - WHAT" or
 * "not ok - WHAT: ..." for each check; exits with 1 if any failed.
 */
#include <linux/capability.h>
#include <linux/flightrec.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "checks.h"

#define NOBODY 65534
#define BIG    (sizeof(union argument) + 64)

/* Room for any struct, so that the same code can fill in its beginning. */
union argument {
	struct flightrec_control control;
	struct flightrec_info info;
	struct flightrec_config config;
	struct flightrec_target target;
	struct flightrec_stats stats;
	struct flightrec_mark mark;
	struct flightrec_trigger trigger;
	struct flightrec_fired fired;
};

/**
 * struct command - an ioctl
 * @name: its name
 * @number: FLIGHTREC_IOC_*
 * @bytes: size of its struct
 */
struct command {
	const char *name;
	unsigned int number;
	uint32_t bytes;
};

enum {
	INFO,
	CONFIGURE,
	TARGET_ADD,
	TARGET_REMOVE,
	TRIGGER_ADD,
	START,
	STATS,
	MARK,
	FIRED,
	TRIGGER_GET,
	TRIGGER_REMOVE,
	FREEZE,
	THAW,
	STOP,
	COMMANDS
};

static const struct command commands[COMMANDS] = {
	[INFO] = { "INFO", FLIGHTREC_IOC_INFO, sizeof(struct flightrec_info) },
	[CONFIGURE] = { "CONFIGURE", FLIGHTREC_IOC_CONFIGURE,
			sizeof(struct flightrec_config) },
	[TARGET_ADD] = { "TARGET_ADD", FLIGHTREC_IOC_TARGET_ADD,
			 sizeof(struct flightrec_target) },
	[TARGET_REMOVE] = { "TARGET_REMOVE", FLIGHTREC_IOC_TARGET_REMOVE,
			    sizeof(struct flightrec_target) },
	[START] = { "START", FLIGHTREC_IOC_START,
		    sizeof(struct flightrec_control) },
	[STATS] = { "STATS", FLIGHTREC_IOC_STATS,
		    sizeof(struct flightrec_stats) },
	[MARK] = { "MARK", FLIGHTREC_IOC_MARK, sizeof(struct flightrec_mark) },
	[TRIGGER_ADD] = { "TRIGGER_ADD", FLIGHTREC_IOC_TRIGGER_ADD,
			  sizeof(struct flightrec_trigger) },
	[TRIGGER_GET] = { "TRIGGER_GET", FLIGHTREC_IOC_TRIGGER_GET,
			  sizeof(struct flightrec_trigger) },
	[TRIGGER_REMOVE] = { "TRIGGER_REMOVE", FLIGHTREC_IOC_TRIGGER_REMOVE,
			     sizeof(struct flightrec_trigger) },
	[FIRED] = { "FIRED", FLIGHTREC_IOC_FIRED,
		    sizeof(struct flightrec_fired) },
	[FREEZE] = { "FREEZE", FLIGHTREC_IOC_FREEZE,
		     sizeof(struct flightrec_control) },
	[THAW] = { "THAW", FLIGHTREC_IOC_THAW,
		   sizeof(struct flightrec_control) },
	[STOP] = { "STOP", FLIGHTREC_IOC_STOP,
		   sizeof(struct flightrec_control) },
};

/* What every version's struct has, at least, and a call must say that it has. */
static uint32_t first_bytes(int command)
{
	const uint32_t config = offsetof(struct flightrec_config, identities) +
				4;

	switch (command) {
	case CONFIGURE:
		return config;
	case STATS:
		return offsetof(struct flightrec_stats, config) + config;
	default:
		return commands[command].bytes;
	}
}

static const char mark_text[FLIGHTREC_MARK_MAX + 2] = "a mark";
static int device;

/* ---- checking --------------------------------------------------------------- */

/* @result: of a call; @expected: an errno, 0 for success. */
static void check(const char *what, long result, int expected)
{
	int got = result < 0 ? errno : 0;

	if (got == expected)
		checks_verdict(true, "%s: %s", what, checks_errno(expected));
	else
		checks_verdict(false, "%s: expected %s, got %s", what,
			       checks_errno(expected), checks_errno(got));
}

static void check_number(const char *what, uint64_t got, uint64_t expected)
{
	if (got == expected)
		checks_verdict(true, "%s is %" PRIu64, what, expected);
	else
		checks_verdict(false, "%s: expected %" PRIu64 ", got %" PRIu64,
			       what, expected, got);
}

/* ---- asking ------------------------------------------------------------------ */

/* The first trigger there is; 0: none. */
static uint32_t first_trigger(void)
{
	struct flightrec_trigger trigger = { .size = sizeof(trigger) };

	return ioctl(device, FLIGHTREC_IOC_TRIGGER_GET, &trigger) ? 0 :
								    trigger.id;
}

/* A good argument for each command, as long as the right things went before. */
static void fill(int command, union argument *argument)
{
	memset(argument, 0, sizeof(*argument));
	argument->control.size = commands[command].bytes;
	if (command == CONFIGURE)
		argument->config.args = 1;
	if (command == TARGET_ADD || command == TARGET_REMOVE) {
		argument->target.kind = FLIGHTREC_TARGET_TID;
		argument->target.id = (uint64_t)truth_tid();
	}
	if (command == TRIGGER_ADD) {
		argument->trigger.condition = FLIGHTREC_TRIGGER_MARK;
		argument->trigger.action = FLIGHTREC_ACTION_NOTIFY;
	}
	if (command == TRIGGER_REMOVE)
		argument->trigger.id = first_trigger();
	if (command == MARK) {
		argument->mark.text = TRUTH_POINTER(mark_text);
		argument->mark.length = 6;
	}
}

static int ask(int fd, int command, void *argument)
{
	return ioctl(fd, commands[command].number, argument);
}

/* A good argument. */
static int plain(int fd, int command)
{
	union argument argument;

	fill(command, &argument);
	return ask(fd, command, &argument);
}

static struct flightrec_stats stats_now(void)
{
	union argument argument;

	fill(STATS, &argument);
	TRUTH_MUST(!ask(device, STATS, &argument));
	return argument.stats;
}

static struct flightrec_info info_now(void)
{
	union argument argument;

	fill(INFO, &argument);
	TRUTH_MUST(!ask(device, INFO, &argument));
	return argument.info;
}

static void must(int command)
{
	if (plain(device, command))
		truth_fail("%s", commands[command].name);
}

static int open_device(int flags)
{
	int fd = open(FLIGHTREC_NODE, flags | O_CLOEXEC);

	TRUTH_MUST(fd >= 0);
	return fd;
}

/* ---- every ioctl: numbers, pointers, sizes, recorders -------------------------- */

static void unknown_numbers(void)
{
	static const unsigned int numbers[] = {
		_IO(0xf2, 0x0e), _IO(0xf2, 0xff),
		_IO(0xf1, 0x00), 0,
		0x5401,		 _IOWR(0xf2, 0x00, struct flightrec_info),
		UINT32_MAX,
	};
	union argument argument;
	unsigned int i;
	char what[64];

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		fill(INFO, &argument);
		snprintf(what, sizeof(what), "unknown ioctl %#x", numbers[i]);
		check(what, ioctl(device, numbers[i], &argument), ENOTTY);
	}
}

/* Two pages, of which the second one cannot be touched. */
static char *edge(void)
{
	static char *end;
	char *pages;

	if (!end) {
		pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		TRUTH_MUST(pages != MAP_FAILED &&
			   !mprotect(pages + 4096, 4096, PROT_NONE));
		end = pages + 4096;
	}
	return end;
}

static void bad_pointers(int command)
{
	const struct command *this = &commands[command];
	char *half = edge() - this->bytes / 2;
	union argument argument;
	char what[64];

	snprintf(what, sizeof(what), "%s NULL", this->name);
	check(what, ask(device, command, NULL), EFAULT);
	snprintf(what, sizeof(what), "%s bad pointer", this->name);
	check(what, ask(device, command, edge()), EFAULT);
	snprintf(what, sizeof(what), "%s kernel pointer", this->name);
	check(what, ask(device, command, (void *)0xffff888000000000), EFAULT);
	fill(command, &argument);
	memcpy(half, &argument, this->bytes / 2);
	snprintf(what, sizeof(what), "%s half of it readable", this->name);
	check(what, ask(device, command, half), EFAULT);
}

/* @size: what is said; @tail: what stands behind the struct. */
static int sized(int command, uint32_t size, size_t at, char tail)
{
	char bytes[8192] = { 0 };

	fill(command, (union argument *)bytes);
	((union argument *)bytes)->control.size = size;
	bytes[commands[command].bytes + at] = tail;
	return ask(device, command, bytes);
}

static void bad_sizes(int command)
{
	const struct command *this = &commands[command];
	char what[64];

	snprintf(what, sizeof(what), "%s size 0", this->name);
	check(what, sized(command, 0, 0, 0), EINVAL);
	snprintf(what, sizeof(what), "%s size 4", this->name);
	check(what, sized(command, 4, 0, 0), EINVAL);
	snprintf(what, sizeof(what), "%s one byte short", this->name);
	check(what, sized(command, first_bytes(command) - 1, 0, 0), EINVAL);
	snprintf(what, sizeof(what), "%s 8 longer, not zero", this->name);
	check(what, sized(command, this->bytes + 8, 7, 1), E2BIG);
	snprintf(what, sizeof(what), "%s 1000 longer, not zero", this->name);
	check(what, sized(command, this->bytes + 1000, 999, 1), E2BIG);
	snprintf(what, sizeof(what), "%s size 4294967295", this->name);
	check(what, sized(command, UINT32_MAX, 0, 0), E2BIG);
}

static void bad_recorder(int command)
{
	union argument argument;
	char what[64];

	fill(command, &argument);
	argument.control.recorder = 1;
	snprintf(what, sizeof(what), "%s of recorder 1",
		 commands[command].name);
	check(what, ask(device, command, &argument), ENXIO);
}

/* In the order of the enum each is possible after the one before it. */
static void every_ioctl(void)
{
	char what[64];
	int command;

	for (command = 0; command < COMMANDS; command++) {
		const struct command *this = &commands[command];

		bad_pointers(command);
		bad_sizes(command);
		bad_recorder(command);
		if (first_bytes(command) < this->bytes) {
			snprintf(what, sizeof(what), "%s of the first version",
				 this->name);
			check(what, sized(command, first_bytes(command), 0, 0),
			      0);
		}
		/* None of these has done it, or this could not be done now. */
		snprintf(what, sizeof(what), "%s 8 longer, zero", this->name);
		check(what, sized(command, this->bytes + 8, 0, 0), 0);
		if (command == TARGET_REMOVE)
			must(TARGET_ADD);
	}
}

/* A struct that can be read and not written. */
static int ask_read_only(int command, const union argument *argument)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result, error;

	TRUTH_MUST(page != MAP_FAILED);
	memcpy(page, argument, sizeof(*argument));
	TRUTH_MUST(!mprotect(page, 4096, PROT_READ));
	result = ask(device, command, page);
	error = errno;
	munmap(page, 4096);
	errno = error;
	return result;
}

/* Who is not told that it was done must not find it done. */
static void answer_to_nowhere(void)
{
	static const int answering[] = {
		INFO, STATS, CONFIGURE, TARGET_ADD, TARGET_REMOVE,
	};
	struct flightrec_stats before, after;
	union argument argument;
	unsigned int i;
	char what[80];

	for (i = 0; i < ARRAY_SIZE(answering); i++) {
		int command = answering[i];

		if (command == TARGET_REMOVE)
			must(TARGET_ADD);
		fill(command, &argument);
		if (command == CONFIGURE)
			argument.config.args = 5;
		before = stats_now();
		snprintf(what, sizeof(what), "%s answer to read-only memory",
			 commands[command].name);
		check(what, ask_read_only(command, &argument), EFAULT);
		after = stats_now();
		checks_verdict(before.targets == after.targets &&
				       !memcmp(&before.config, &after.config,
					       sizeof(before.config)),
			       "%s without an answer changes nothing",
			       commands[command].name);
	}
	must(TARGET_REMOVE);
}

/* ---- reserved fields and unknown flags ------------------------------------------ */

static void reserved_of_control(int command)
{
	union argument argument;
	char what[64];

	fill(command, &argument);
	argument.control.flags = 1;
	snprintf(what, sizeof(what), "%s flags 1", commands[command].name);
	check(what, ask(device, command, &argument), EINVAL);
	fill(command, &argument);
	argument.control.reserved = 1U << 31;
	snprintf(what, sizeof(what), "%s reserved", commands[command].name);
	check(what, ask(device, command, &argument), EINVAL);
}

static void reserved_of_target(int command)
{
	union argument argument;
	char what[64];

	fill(command, &argument);
	argument.target.reserved = 1;
	snprintf(what, sizeof(what), "%s reserved", commands[command].name);
	check(what, ask(device, command, &argument), EINVAL);
	fill(command, &argument);
	argument.target.flags = 2;
	snprintf(what, sizeof(what), "%s flags 2", commands[command].name);
	check(what, ask(device, command, &argument), EINVAL);
	fill(command, &argument);
	argument.target.flags = 1U << 31;
	snprintf(what, sizeof(what), "%s flags 1<<31", commands[command].name);
	check(what, ask(device, command, &argument), EINVAL);
}

static void reserved_fields(void)
{
	struct flightrec_stats_cpu cpus[1];
	union argument argument;

	reserved_of_control(START);
	reserved_of_target(TARGET_ADD);
	must(TARGET_ADD);
	reserved_of_target(TARGET_REMOVE);
	fill(TARGET_REMOVE, &argument);
	argument.target.flags = FLIGHTREC_TARGET_FOLLOW;
	check("TARGET_REMOVE with FOLLOW",
	      ask(device, TARGET_REMOVE, &argument), EINVAL);
	check_number("targets after all this", stats_now().targets, 1);
	must(START);
	fill(MARK, &argument);
	argument.mark.reserved = 1;
	check("MARK reserved", ask(device, MARK, &argument), EINVAL);
	fill(STATS, &argument);
	argument.stats.cpus = TRUTH_POINTER(cpus);
	check("STATS with CPUs but no count", ask(device, STATS, &argument),
	      EINVAL);
	fill(STATS, &argument);
	argument.stats.cpus_count = 1;
	check("STATS with a count but no CPUs", ask(device, STATS, &argument),
	      EINVAL);
	reserved_of_control(FREEZE);
	check_number("state", stats_now().state, FLIGHTREC_RECORDING);
	must(FREEZE);
	reserved_of_control(THAW);
	reserved_of_control(STOP);
	check_number("state", stats_now().state, FLIGHTREC_FROZEN);
	must(STOP);
}

/* ---- CONFIGURE -------------------------------------------------------------------- */

static int configure(struct flightrec_config *config)
{
	config->size = sizeof(*config);
	return ioctl(device, FLIGHTREC_IOC_CONFIGURE, config);
}

#define CONFIG(...) (&(struct flightrec_config){ __VA_ARGS__ })

static void bad_configs(void)
{
	struct flightrec_info info = info_now();
	uint64_t four_blocks = 4ULL * info.cpus_possible;
	struct flightrec_config before = stats_now().config;
	struct flightrec_config after;

	check("ring_bytes 1", configure(CONFIG(.ring_bytes = 1)), EINVAL);
	check("ring_bytes below the minimum",
	      configure(CONFIG(.ring_bytes = info.min_ring_bytes - 1)), EINVAL);
	check("ring_bytes below the minimum of its blocks",
	      configure(CONFIG(.ring_bytes = four_blocks * 65536 - 1,
			       .block_bytes = 65536)),
	      EINVAL);
	check("ring_bytes 2^62", configure(CONFIG(.ring_bytes = 1ULL << 62)),
	      ENOMEM);
	check("ring_bytes 2^64-1", configure(CONFIG(.ring_bytes = UINT64_MAX)),
	      ENOMEM);
	check("ring_bytes 2^50", configure(CONFIG(.ring_bytes = 1ULL << 50)),
	      ENOMEM);
	check("block_bytes 3000", configure(CONFIG(.block_bytes = 3000)),
	      EINVAL);
	check("block_bytes 12288", configure(CONFIG(.block_bytes = 12288)),
	      EINVAL);
	check("block_bytes 1", configure(CONFIG(.block_bytes = 1)), EINVAL);
	check("block_bytes below the minimum",
	      configure(CONFIG(.block_bytes = info.block_bytes_min / 2)),
	      EINVAL);
	check("block_bytes above the maximum",
	      configure(CONFIG(.block_bytes = info.block_bytes_max * 2,
			       .ring_bytes = 1ULL << 27)),
	      EINVAL);
	check("block_bytes 2^31",
	      configure(CONFIG(.block_bytes = 1U << 31,
			       .ring_bytes = 1ULL << 27)),
	      EINVAL);
	check("events 8", configure(CONFIG(.events = 8)), EINVAL);
	check("events 1<<31", configure(CONFIG(.events = 1U << 31)), EINVAL);
	check("args 7", configure(CONFIG(.args = 7)), EINVAL);
	check("args 2^32-1", configure(CONFIG(.args = UINT32_MAX)), EINVAL);
	check("policy 3", configure(CONFIG(.policy = 3)), EINVAL);
	check("slots 32768", configure(CONFIG(.slots = 32768)), EINVAL);
	check("identities 1048577", configure(CONFIG(.identities = 1048577)),
	      EINVAL);
	check("keep_ns 2^60+1", configure(CONFIG(.keep_ns = (1ULL << 60) + 1)),
	      EINVAL);
	check("keep_ns 2^64-1", configure(CONFIG(.keep_ns = UINT64_MAX)),
	      EINVAL);
	check("flags 2", configure(CONFIG(.flags = 2)), EINVAL);
	check("flags 1<<31", configure(CONFIG(.flags = 1U << 31)), EINVAL);
	check("sparing 1", configure(CONFIG(.sparing = 1)), EINVAL);
	if (!(info.features & FLIGHTREC_FEATURE_SPARING))
		check("sparing where it cannot be had",
		      configure(CONFIG(.flags = FLIGHTREC_CONFIG_SPARING)),
		      EINVAL);
	after = stats_now().config;
	checks_verdict(!memcmp(&before, &after, sizeof(before)),
		       "the configuration is what it was");
}

static uint64_t available_bytes(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];

	TRUTH_MUST(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu", &kib) == 1)
			break;
	fclose(file);
	TRUTH_MUST(kib);
	return kib * 1024;
}

/* Half of what is available must do for all of it, not for the rings alone. */
static void too_much_in_all(void)
{
	/* What may come or go meanwhile is less than 40 MiB. */
	uint64_t ring = (available_bytes() / 2 - (40 << 20)) & ~UINT64_C(4095);

	check("rings of nearly half of the memory",
	      configure(
		      CONFIG(.ring_bytes = ring, .slots = 1, .identities = 1)),
	      0);
	check("rings of nearly half of the memory, and 80 MiB of identities",
	      configure(CONFIG(.ring_bytes = ring, .slots = 1,
			       .identities = 1048576)),
	      ENOMEM);
	must(CONFIGURE);
}

/* Who knows of no age asks for none, and is not told of one. */
static void older_configs(void)
{
	struct flightrec_config config = { .keep_ns = 7 };
	union argument argument = { 0 };
	uint32_t size = first_bytes(CONFIGURE);

	check("an age", configure(&config), 0);
	check_number("an age is told", stats_now().config.keep_ns, 7);
	argument.stats.size = first_bytes(STATS);
	check("STATS as the first version had it",
	      ask(device, STATS, &argument), 0);
	check_number("it tells all but the age", argument.stats.config.slots,
		     config.slots);
	check_number("and no age", argument.stats.config.keep_ns, 0);
	config = (struct flightrec_config){ .size = size, .keep_ns = 9 };
	check("CONFIGURE as the first version had it",
	      ask(device, CONFIGURE, &config), 0);
	check_number("it asks for no age", stats_now().config.keep_ns, 0);
	check_number("and is told of none", config.keep_ns, 9);
}

static void good_configs(void)
{
	struct flightrec_info info = info_now();
	struct flightrec_config config = { .args = 6 };
	struct flightrec_config kept;

	check("the default configuration", configure(&config), 0);
	check_number("default ring_bytes", config.ring_bytes,
		     info.default_ring_bytes);
	check_number("default events", config.events, FLIGHTREC_EVENTS_DEFAULT);
	check_number("default policy", config.policy, FLIGHTREC_POLICY_SHARED);
	check_number("default slots", config.slots, 4096);
	check_number("default identities", config.identities, 16384);
	check_number("default keep_ns", config.keep_ns, 0);
	check_number("args", config.args, 6);
	checks_verdict(config.block_bytes >= info.block_bytes_min &&
			       config.block_bytes <= info.block_bytes_max &&
			       !(config.block_bytes & (config.block_bytes - 1)),
		       "block_bytes chosen: %u", config.block_bytes);
	check("the smallest ring",
	      configure(CONFIG(.ring_bytes = info.min_ring_bytes)), 0);
	check("the smallest of its blocks",
	      configure(CONFIG(.ring_bytes = 4ULL * info.cpus_possible * 65536,
			       .block_bytes = 65536)),
	      0);
	config = (struct flightrec_config){
		.ring_bytes = 1 << 22,
		.block_bytes = info.block_bytes_min,
		.events = FLIGHTREC_EVENTS_SCHED,
		.args = 0,
		.policy = FLIGHTREC_POLICY_PERCPU,
		.slots = 32767,
		.identities = 1048576,
		.keep_ns = 1ULL << 60,
		.flags = info.features & FLIGHTREC_FEATURE_SPARING ?
				 FLIGHTREC_CONFIG_SPARING :
				 0,
	};
	check("the largest numbers", configure(&config), 0);
	kept = stats_now().config;
	kept.size = config.size;
	kept.recorder = config.recorder;
	checks_verdict(!memcmp(&kept, &config, sizeof(kept)),
		       "STATS tells the configuration");
	older_configs();
	must(CONFIGURE);
}

/* ---- targets ------------------------------------------------------------------------ */

static int add(uint32_t kind, uint64_t id, const char *comm)
{
	struct flightrec_target target = {
		.size = sizeof(target),
		.kind = kind,
		.id = id,
	};

	if (comm)
		memcpy(target.comm, comm, strnlen(comm, sizeof(target.comm)));
	return ioctl(device, FLIGHTREC_IOC_TARGET_ADD, &target);
}

static int remove_target(uint32_t kind, uint64_t id, const char *comm)
{
	struct flightrec_target target = {
		.size = sizeof(target),
		.kind = kind,
		.id = id,
	};

	if (comm)
		memcpy(target.comm, comm, strnlen(comm, sizeof(target.comm)));
	return ioctl(device, FLIGHTREC_IOC_TARGET_REMOVE, &target);
}

static void bad_targets(void)
{
	struct flightrec_target garbage = {
		.size = sizeof(garbage),
		.kind = FLIGHTREC_TARGET_COMM,
		.comm = "ab\0c",
	};
	pid_t self = truth_tid();

	check("kind 0", add(0, self, NULL), EINVAL);
	check("kind 4 (kept for cgroups)", add(4, self, NULL), EINVAL);
	check("kind 99", add(99, self, NULL), EINVAL);
	check("tid 0", add(FLIGHTREC_TARGET_TID, 0, NULL), EINVAL);
	check("tid 2^31", add(FLIGHTREC_TARGET_TID, 1ULL << 31, NULL), EINVAL);
	check("tid 2^63", add(FLIGHTREC_TARGET_TID, 1ULL << 63, NULL), EINVAL);
	check("tgid 2^32 + own",
	      add(FLIGHTREC_TARGET_TGID, (1ULL << 32) + self, NULL), EINVAL);
	check("tid with a name", add(FLIGHTREC_TARGET_TID, self, "x"), EINVAL);
	check("name with an id", add(FLIGHTREC_TARGET_COMM, self, "x"), EINVAL);
	check("name empty", add(FLIGHTREC_TARGET_COMM, 0, ""), EINVAL);
	check("name not terminated",
	      add(FLIGHTREC_TARGET_COMM, 0, "sixteen_letters_"), EINVAL);
	check("name with something behind its end",
	      ioctl(device, FLIGHTREC_IOC_TARGET_ADD, &garbage), EINVAL);
	check("tid of nobody", add(FLIGHTREC_TARGET_TID, 4194303, NULL), ESRCH);
	check("tgid of nobody", add(FLIGHTREC_TARGET_TGID, 4194303, NULL),
	      ESRCH);
	check("tid INT_MAX", add(FLIGHTREC_TARGET_TID, INT32_MAX, NULL), ESRCH);
	check("remove a target that is none",
	      remove_target(FLIGHTREC_TARGET_TID, self, NULL), ESRCH);
	check("remove a name that is none",
	      remove_target(FLIGHTREC_TARGET_COMM, 0, "nobody"), ESRCH);
	check("remove a tid of nobody",
	      remove_target(FLIGHTREC_TARGET_TID, 4194303, NULL), ESRCH);
	check_number("targets after all this", stats_now().targets, 0);
}

static void zombie_targets(void)
{
	siginfo_t info;
	pid_t child = fork();

	TRUTH_MUST(child >= 0);
	if (!child)
		_exit(0);
	TRUTH_MUST(!waitid(P_PID, child, &info, WEXITED | WNOWAIT));
	check("tid of a zombie", add(FLIGHTREC_TARGET_TID, child, NULL), ESRCH);
	check("tgid of a zombie", add(FLIGHTREC_TARGET_TGID, child, NULL),
	      ESRCH);
	truth_wait(child);
	check("tid of one gone", add(FLIGHTREC_TARGET_TID, child, NULL), ESRCH);
}

static void equal_targets(void)
{
	pid_t self = getpid();

	check("own tid", add(FLIGHTREC_TARGET_TID, self, NULL), 0);
	check("own tid again", add(FLIGHTREC_TARGET_TID, self, NULL), EEXIST);
	check("own tgid", add(FLIGHTREC_TARGET_TGID, self, NULL), 0);
	check("own tgid again", add(FLIGHTREC_TARGET_TGID, self, NULL), EEXIST);
	check("a name", add(FLIGHTREC_TARGET_COMM, 0, "fifteen_letters"), 0);
	check("a name again", add(FLIGHTREC_TARGET_COMM, 0, "fifteen_letters"),
	      EEXIST);
	check("another name", add(FLIGHTREC_TARGET_COMM, 0, "fifteen_letter"),
	      0);
	check_number("targets", stats_now().targets, 4);
	check("remove the tid", remove_target(FLIGHTREC_TARGET_TID, self, NULL),
	      0);
	check("remove the tid again",
	      remove_target(FLIGHTREC_TARGET_TID, self, NULL), ESRCH);
	check("remove the tgid",
	      remove_target(FLIGHTREC_TARGET_TGID, self, NULL), 0);
	check("remove a name",
	      remove_target(FLIGHTREC_TARGET_COMM, 0, "fifteen_letters"), 0);
	check("remove the other name",
	      remove_target(FLIGHTREC_TARGET_COMM, 0, "fifteen_letter"), 0);
	check_number("targets", stats_now().targets, 0);
}

static void too_many_targets(void)
{
	uint32_t i, room = info_now().targets_max;
	char name[16];

	for (i = 0; i < room; i++) {
		snprintf(name, sizeof(name), "many-%u", i);
		if (add(FLIGHTREC_TARGET_COMM, 0, name))
			break;
	}
	check_number("targets that can be added", i, room);
	check("one more", add(FLIGHTREC_TARGET_COMM, 0, "one more"), ENOSPC);
	check_number("targets", stats_now().targets, room);
	while (i--) {
		snprintf(name, sizeof(name), "many-%u", i);
		TRUTH_MUST(!remove_target(FLIGHTREC_TARGET_COMM, 0, name));
	}
}

static void *wait_for_ever(void *unused)
{
	pause();
	return unused;
}

/* A process of three threads does not fit into two slots, and none is added. */
static void too_many_tasks(void)
{
	pthread_t threads[2];
	unsigned int i;
	char byte;
	int pipes[2];
	pid_t child;

	TRUTH_MUST(!pipe(pipes));
	child = fork();
	TRUTH_MUST(child >= 0);
	if (!child) {
		for (i = 0; i < ARRAY_SIZE(threads); i++)
			TRUTH_MUST(!pthread_create(&threads[i], NULL,
						   wait_for_ever, NULL));
		TRUTH_MUST(write(pipes[1], "", 1) == 1);
		wait_for_ever(NULL);
	}
	TRUTH_MUST(read(pipes[0], &byte, 1) == 1);
	TRUTH_MUST(!configure(CONFIG(.slots = 2)));
	must(START);
	check("three threads into two slots",
	      add(FLIGHTREC_TARGET_TGID, child, NULL), ENOSPC);
	check_number("targets", stats_now().targets, 0);
	check_number("tasks", stats_now().tasks, 0);
	check("one thread into two slots",
	      add(FLIGHTREC_TARGET_TID, child, NULL), 0);
	check_number("tasks", stats_now().tasks, 1);
	must(STOP);
	check("three threads, idle", add(FLIGHTREC_TARGET_TGID, child, NULL),
	      0);
	check("start with too few slots", plain(device, START), ENOSPC);
	check_number("state", stats_now().state, FLIGHTREC_IDLE);
	check_number("targets", stats_now().targets, 1);
	TRUTH_MUST(!remove_target(FLIGHTREC_TARGET_TGID, child, NULL));
	must(CONFIGURE);
	kill(child, SIGKILL);
	truth_wait(child);
	close(pipes[0]);
	close(pipes[1]);
}

static void targets_by_state(void)
{
	pid_t self = truth_tid();
	union argument argument;

	must(START);
	fill(TARGET_ADD, &argument);
	check("add while recording", ask(device, TARGET_ADD, &argument), 0);
	check_number("tasks that began to be recorded", argument.target.tasks,
		     1);
	check("add again while recording", plain(device, TARGET_ADD), EEXIST);
	check("add nobody while recording",
	      add(FLIGHTREC_TARGET_TID, 4194303, NULL), ESRCH);
	fill(TARGET_REMOVE, &argument);
	check("remove while recording", ask(device, TARGET_REMOVE, &argument),
	      0);
	check_number("tasks that ended to be recorded", argument.target.tasks,
		     1);
	must(FREEZE);
	check("add while frozen", plain(device, TARGET_ADD), 0);
	check("remove while frozen",
	      remove_target(FLIGHTREC_TARGET_TID, self, NULL), 0);
	check("remove again while frozen", plain(device, TARGET_REMOVE), ESRCH);
	must(STOP);
}

/* Is tid 1 of its own namespace; its checks are seen by what they print. */
static void be_first_of_namespace(int done)
{
	check("tid 1 of a namespace", add(FLIGHTREC_TARGET_TID, 1, NULL), 0);
	check("tid 2 of a namespace, which has none",
	      add(FLIGHTREC_TARGET_TID, 2, NULL), ESRCH);
	TRUTH_MUST(write(done, "", 1) == 1);
	wait_for_ever(NULL);
}

static void be_parent_of_namespace(void)
{
	int done[2];
	char byte;
	pid_t child;

	if (pipe(done) || unshare(CLONE_NEWPID))
		_exit(77);
	child = fork();
	TRUTH_MUST(child >= 0);
	if (!child)
		be_first_of_namespace(done[1]);
	TRUTH_MUST(read(done[0], &byte, 1) == 1);
	check("the same one by its tid outside",
	      add(FLIGHTREC_TARGET_TID, child, NULL), EEXIST);
	check("tid 1 outside is another one",
	      remove_target(FLIGHTREC_TARGET_TID, 1, NULL), ESRCH);
	check("remove by the tid outside",
	      remove_target(FLIGHTREC_TARGET_TID, child, NULL), 0);
	kill(child, SIGKILL);
	truth_wait(child);
	_exit(0);
}

/* In a pid namespace of its own a process has another tid, and that counts. */
static void targets_in_namespace(void)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	TRUTH_MUST(child >= 0);
	if (!child)
		be_parent_of_namespace();
	status = truth_wait(child);
	checks_verdict(!status || status == 77 << 8,
		       "targets of a pid namespace");
}

/* ---- states --------------------------------------------------------------------------- */

static int read_bytes(int fd, size_t bytes)
{
	static char buffer[65536];

	return (int)read(fd, buffer, bytes);
}

static bool readable(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN | POLLOUT };

	TRUTH_MUST(poll(&poller, 1, 0) >= 0);
	return poller.revents & POLLIN;
}

static void when_idle(void)
{
	check("FREEZE idle", plain(device, FREEZE), ENODATA);
	check("THAW idle", plain(device, THAW), ENODATA);
	check("STOP idle", plain(device, STOP), ENODATA);
	check("MARK idle", plain(device, MARK), ENODATA);
	check("write idle", write(device, "x", 1), ENODATA);
	check("read idle", read_bytes(device, 100), ENODATA);
	checks_verdict(!readable(device), "idle: not readable");
	check_number("state", stats_now().state, FLIGHTREC_IDLE);
}

/* A window of one's own while recording goes on; a descriptor has one. */
static void live(void)
{
	int fd = open_device(O_RDONLY);

	check_number("bytes read, recording", read_bytes(fd, 100), 100);
	check_number("bytes read on, recording", read_bytes(fd, 100), 100);
	close(fd);
}

static void when_recording(void)
{
	check("START recording", plain(device, START), EBUSY);
	check("CONFIGURE recording", plain(device, CONFIGURE), EBUSY);
	check("CONFIGURE recording, absurd",
	      configure(CONFIG(.ring_bytes = 1ULL << 62)), EBUSY);
	check("THAW recording", plain(device, THAW), EALREADY);
	check("MARK recording", plain(device, MARK), 0);
	live();
	checks_verdict(!readable(device), "recording: not readable");
	check_number("state", stats_now().state, FLIGHTREC_RECORDING);
}

static void when_frozen(void)
{
	check("FREEZE frozen", plain(device, FREEZE), EALREADY);
	check("START frozen", plain(device, START), EBUSY);
	check("CONFIGURE frozen", plain(device, CONFIGURE), EBUSY);
	check("MARK frozen", plain(device, MARK), ENODATA);
	check("write frozen", write(device, "x", 1), ENODATA);
	checks_verdict(readable(device), "frozen: readable");
	check_number("state", stats_now().state, FLIGHTREC_FROZEN);
	check_number("reason", stats_now().reason, FLIGHTREC_REASON_FREEZE);
}

static void states(void)
{
	must(TARGET_ADD);
	when_idle();
	check("START idle", plain(device, START), 0);
	when_recording();
	check("FREEZE recording", plain(device, FREEZE), 0);
	when_frozen();
	check("read frozen", read_bytes(open_device(O_RDONLY), 100), 0);
	check("THAW frozen", plain(device, THAW), 0);
	when_recording();
	check("STOP recording", plain(device, STOP), 0);
	when_idle();
	check_number("targets after STOP", stats_now().targets, 0);
	must(START);
	must(FREEZE);
	check("STOP frozen", plain(device, STOP), 0);
	when_idle();
}

static void *freeze_soon(void *unused)
{
	usleep(50000);
	must(FREEZE);
	return unused;
}

/* The time limit only bounds the test. */
static void sleeping_poll(void)
{
	struct pollfd poller = { .fd = device, .events = POLLIN };
	pthread_t thread;

	must(START);
	TRUTH_MUST(!pthread_create(&thread, NULL, freeze_soon, NULL));
	checks_verdict(poll(&poller, 1, 30000) == 1 && poller.revents & POLLIN,
		       "a freeze wakes who polls");
	pthread_join(thread, NULL);
	must(STOP);
}

static void statistics(void)
{
	struct flightrec_stats_cpu cpus[64] = { 0 };
	uint32_t i, possible = info_now().cpus_possible;
	uint64_t events = 0;
	union argument argument;

	must(TARGET_ADD);
	must(START);
	must(FREEZE);
	fill(STATS, &argument);
	argument.stats.cpus = TRUTH_POINTER(cpus);
	argument.stats.cpus_count = 64;
	check("STATS with room for 64 CPUs", ask(device, STATS, &argument), 0);
	check_number("CPUs to tell of", argument.stats.cpus_count, possible);
	for (i = 0; i < possible; i++)
		events += cpus[i].events;
	checks_verdict(events && events == argument.stats.events,
		       "the CPUs' events are all events");
	memset(cpus, 0xff, sizeof(cpus));
	fill(STATS, &argument);
	argument.stats.cpus = TRUTH_POINTER(cpus);
	argument.stats.cpus_count = 1;
	check("STATS with room for one CPU", ask(device, STATS, &argument), 0);
	check_number("CPUs to tell of", argument.stats.cpus_count, possible);
	checks_verdict(cpus[0].cpu != UINT32_MAX && cpus[1].cpu == UINT32_MAX,
		       "no more than what there is room for is written");
	fill(STATS, &argument);
	argument.stats.cpus = TRUTH_POINTER(edge());
	argument.stats.cpus_count = 1;
	check("STATS with a bad pointer for CPUs",
	      ask(device, STATS, &argument), EFAULT);
	must(STOP);
}

/* ---- marks ------------------------------------------------------------------------------ */

static int mark(const char *text, uint32_t length)
{
	struct flightrec_mark argument = {
		.size = sizeof(argument),
		.text = TRUTH_POINTER(text),
		.length = length,
	};

	return ioctl(device, FLIGHTREC_IOC_MARK, &argument);
}

static void marks(void)
{
	char text[300];

	must(TARGET_ADD);
	memset(text, 'm', sizeof(text));
	must(START);
	check("mark of 0 bytes", mark(text, 0), EINVAL);
	check("mark of 1 byte", mark(text, 1), 0);
	check("mark of 256 bytes", mark(text, 256), 0);
	check("mark of 257 bytes", mark(text, 257), EMSGSIZE);
	check("mark of 2^32-1 bytes", mark(text, UINT32_MAX), EMSGSIZE);
	check("mark of bad memory", mark(edge() - 3, 6), EFAULT);
	check("write of 0 bytes", write(device, text, 0), EINVAL);
	check("write of 256 bytes", write(device, text, 256), 0);
	check("write of 257 bytes", write(device, text, 257), EMSGSIZE);
	text[256] = '\n';
	check("write of 256 bytes and a newline", write(device, text, 257), 0);
	check("write of 257 bytes and a newline", write(device, text, 258),
	      EMSGSIZE);
	check("write of a newline", write(device, "\n", 1), EINVAL);
	check("write of bad memory", write(device, edge(), 6), EFAULT);
	check("write of memory half bad", write(device, edge() - 3, 6), EFAULT);
	must(STOP);
}

/* ---- who may ------------------------------------------------------------------------------ */

static void only_marks(const char *who, int fd)
{
	int command;
	char what[96];

	for (command = 0; command < COMMANDS; command++) {
		bool may = command == INFO || command == MARK;

		snprintf(what, sizeof(what), "%s: %s", who,
			 commands[command].name);
		check(what, plain(fd, command), may ? 0 : EBADF);
	}
	snprintf(what, sizeof(what), "%s: unknown ioctl", who);
	check(what, ioctl(fd, _IO(0xf2, 0x7f), NULL), ENOTTY);
	snprintf(what, sizeof(what), "%s: read", who);
	check(what, read_bytes(fd, 100), EBADF);
	snprintf(what, sizeof(what), "%s: write", who);
	check(what, write(fd, "x", 1), 0);
}

static void keep_capability(int capability)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	data[capability / 32].effective = 1U << capability % 32;
	data[capability / 32].permitted = 1U << capability % 32;
	TRUTH_MUST(!syscall(SYS_capset, &head, data));
}

/* @capability: the only one left; -1: none. */
static void become_nobody(int capability)
{
	if (capability >= 0)
		TRUTH_MUST(!prctl(PR_SET_KEEPCAPS, 1));
	TRUTH_MUST(!setgid(NOBODY) && !setuid(NOBODY));
	if (capability >= 0)
		keep_capability(capability);
}

static void close_or_fail(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void open_as(const char *what, int flags, int expected)
{
	int fd = open(FLIGHTREC_NODE, flags | O_CLOEXEC);

	check(what, fd, expected);
	close_or_fail(fd);
}

static void without_bits(void)
{
	become_nobody(-1);
	open_as("nobody, 0600: open for reading", O_RDONLY, EACCES);
	open_as("nobody, 0600: open for writing", O_WRONLY, EACCES);
}

static void with_write_bit(void)
{
	int fd;

	become_nobody(-1);
	open_as("nobody, 0622: open for reading", O_RDONLY, EACCES);
	open_as("nobody, 0622: open for both", O_RDWR, EACCES);
	fd = open(FLIGHTREC_NODE, O_WRONLY);
	check("nobody, 0622: open for writing", fd, 0);
	only_marks("nobody", fd);
}

static void with_all_bits(void)
{
	become_nobody(-1);
	open_as("nobody, 0666: open for reading", O_RDONLY, EPERM);
	open_as("nobody, 0666: open for both", O_RDWR, EPERM);
	open_as("nobody, 0666: open for writing", O_WRONLY, 0);
}

static void with_perfmon(void)
{
	become_nobody(CAP_PERFMON);
	open_as("CAP_PERFMON, 0666: open for reading", O_RDONLY, 0);
}

static void with_admin(void)
{
	become_nobody(CAP_SYS_ADMIN);
	open_as("CAP_SYS_ADMIN, 0666: open for reading", O_RDONLY, 0);
}

static void with_another(void)
{
	become_nobody(CAP_SYS_PTRACE);
	open_as("CAP_SYS_PTRACE, 0666: open for reading", O_RDONLY, EPERM);
}

/* Root of a user namespace of its own is nobody here. */
static void with_namespace(void)
{
	become_nobody(-1);
	if (unshare(CLONE_NEWUSER))
		return;
	open_as("root of a user namespace, 0666: open for reading", O_RDONLY,
		EPERM);
}

static void in_child(void (*function)(void), mode_t mode)
{
	pid_t child;

	TRUTH_MUST(!chmod(FLIGHTREC_NODE, mode));
	fflush(stdout);
	child = fork();
	TRUTH_MUST(child >= 0);
	if (!child) {
		checks_failed = 0;
		function();
		fflush(stdout);
		_exit(checks_failed ? 1 : 0);
	}
	checks_failed += !!truth_wait(child);
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0600));
}

static void who_may(void)
{
	struct stat status;
	int fd = open_device(O_WRONLY);

	TRUTH_MUST(!stat(FLIGHTREC_NODE, &status));
	check_number("mode of the node", status.st_mode & 07777, 0600);
	must(START);
	only_marks("root, open for writing only", fd);
	close(fd);
	fd = open_device(O_RDONLY);
	check("open for reading only: write", write(fd, "x", 1), EBADF);
	check("open for reading only: STATS", plain(fd, STATS), 0);
	close(fd);
	in_child(without_bits, 0600);
	in_child(with_write_bit, 0622);
	in_child(with_all_bits, 0666);
	in_child(with_perfmon, 0666);
	in_child(with_admin, 0666);
	in_child(with_another, 0666);
	in_child(with_namespace, 0666);
	check_number("state after all this", stats_now().state,
		     FLIGHTREC_RECORDING);
	must(STOP);
}

/* ---- triggers ---------------------------------------------------------------------------------- */

static int add_trigger(struct flightrec_trigger trigger)
{
	trigger.size = sizeof(trigger);
	return ioctl(device, FLIGHTREC_IOC_TRIGGER_ADD, &trigger) ?
		       -1 :
		       (int)trigger.id;
}

static int next_firing(uint64_t known, struct flightrec_fired *fired)
{
	*fired = (struct flightrec_fired){ .size = sizeof(*fired) };
	fired->firing.sequence = known;
	return ioctl(device, FLIGHTREC_IOC_FIRED, fired);
}

static short urgent(void)
{
	struct pollfd poller = { .fd = device, .events = POLLPRI };

	TRUTH_MUST(poll(&poller, 1, 0) >= 0);
	return poller.revents;
}

static void bad_triggers(void)
{
	struct flightrec_trigger good = {
		.condition = FLIGHTREC_TRIGGER_MARK,
		.action = FLIGHTREC_ACTION_NOTIFY,
	};
	struct flightrec_trigger bad;
	union argument argument;
	int i;

	bad = good;
	bad.condition = FLIGHTREC_TRIGGER_AWAY + 1;
	check("TRIGGER_ADD condition 13", add_trigger(bad), EINVAL);
	bad = good;
	bad.action = 0;
	check("TRIGGER_ADD action 0", add_trigger(bad), EINVAL);
	bad = good;
	bad.limit_ns = 1;
	check("TRIGGER_ADD a mark with a limit", add_trigger(bad), EINVAL);
	bad = good;
	bad.reserved = 1;
	check("TRIGGER_ADD reserved", add_trigger(bad), EINVAL);
	bad = good;
	bad.tail_ns = 1;
	check("TRIGGER_ADD a tail of nothing frozen", add_trigger(bad), EINVAL);
	bad.text[0] = 'x';
	bad.text[5] = 'x';
	check("TRIGGER_ADD text behind its end", add_trigger(bad), EINVAL);
	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++)
		TRUTH_MUST(add_trigger(good) > 0);
	check("TRIGGER_ADD one too many", add_trigger(good), ENOSPC);
	fill(TRIGGER_GET, &argument);
	argument.trigger.condition = 1;
	check("TRIGGER_GET with a condition",
	      ask(device, TRIGGER_GET, &argument), EINVAL);
	fill(TRIGGER_REMOVE, &argument);
	argument.trigger.max = 1;
	check("TRIGGER_REMOVE with more than an id",
	      ask(device, TRIGGER_REMOVE, &argument), EINVAL);
	for (i = 0; i < FLIGHTREC_TRIGGERS_MAX; i++)
		must(TRIGGER_REMOVE);
	check("TRIGGER_REMOVE of none", plain(device, TRIGGER_REMOVE), ESRCH);
	check("TRIGGER_GET of none", plain(device, TRIGGER_GET), ESRCH);
}

static void firings(void)
{
	struct flightrec_fired fired;
	union argument argument;
	uint64_t known = 0;

	check("FIRED idle", next_firing(0, &fired), ENODATA);
	must(TRIGGER_ADD);
	must(START);
	while (!next_firing(known, &fired))
		known = fired.firing.sequence;
	check("FIRED, none any more", next_firing(known, &fired), EAGAIN);
	check_number("POLLPRI", urgent(), 0);
	must(MARK);
	check_number("POLLPRI, fired", urgent(), POLLPRI);
	fill(FIRED, &argument);
	argument.fired.flags = 1;
	check("FIRED flags", ask(device, FIRED, &argument), EINVAL);
	fill(FIRED, &argument);
	argument.fired.firing.tid = 1;
	check("FIRED with more than a sequence", ask(device, FIRED, &argument),
	      EINVAL);
	check("FIRED, one", next_firing(known, &fired), 0);
	check_number("its sequence", fired.firing.sequence, known + 1);
	check_number("its tid", fired.firing.tid, (uint64_t)truth_tid());
	check_number("its condition", fired.firing.condition,
		     FLIGHTREC_TRIGGER_MARK);
	check_number("missed", fired.missed, 0);
	check_number("POLLPRI, told", urgent(), 0);
	must(TRIGGER_REMOVE);
	must(STOP);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static uint64_t read_all(int fd)
{
	uint64_t total = 0;
	int got;

	while ((got = read_bytes(fd, 65536)) > 0)
		total += (uint64_t)got;
	return got < 0 ? 0 : total;
}

static void begun_and_thawed(void)
{
	int begun = open_device(O_RDONLY), other = open_device(O_RDONLY);

	must(START);
	must(FREEZE);
	check_number("bytes read", read_bytes(begun, 100), 100);
	must(THAW);
	check("read on, thawed", read_bytes(begun, 100), ESTALE);
	check_number("bytes read anew, thawed", read_bytes(other, 100), 100);
	must(FREEZE);
	check("read on, frozen anew", read_bytes(begun, 100), ESTALE);
	check_number("bytes of a live window, frozen", read_bytes(other, 100),
		     100);
	must(STOP);
	check("read on, stopped", read_bytes(other, 100), ESTALE);
	must(START);
	must(FREEZE);
	check("read on, of another recording", read_bytes(other, 100), ESTALE);
	must(STOP);
	close(begun);
	close(other);
	other = open_device(O_RDONLY);
	check("read anew, stopped", read_bytes(other, 100), ENODATA);
	close(other);
}

static void two_readers(void)
{
	struct flightrec_window window;
	int one = open_device(O_RDONLY), two = open_device(O_RDONLY);
	uint64_t bytes;

	must(START);
	must(FREEZE);
	TRUTH_MUST(read(one, &window, sizeof(window)) == sizeof(window));
	bytes = read_all(two);
	check_number("bytes of the window by its header", bytes,
		     window.window_bytes);
	check_number("bytes left to the other reader", read_all(one),
		     bytes - sizeof(window));
	check_number("bytes at the end", read_bytes(one, 100), 0);
	check_number("bytes at the end, again", read_bytes(one, 100), 0);
	close(two);
	two = open_device(O_RDONLY);
	check("read into bad memory", read(two, edge(), 100), EFAULT);
	check_number("bytes read of none", read_bytes(two, 0), 0);
	check_number("bytes read after that", read_bytes(two, 100), 100);
	must(STOP);
	close(one);
	close(two);
}

/* ---- 32-bit callers ------------------------------------------------------------------------------ */

#ifdef __x86_64__
/* The ioctl of a 32-bit caller, by int 0x80; the memory is below 4 GiB. */
static long compat_ioctl(int fd, unsigned int number, const void *argument)
{
	long result = 54;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"((long)fd), "c"((long)number), "d"(argument)
			 : "r8", "r9", "r10", "r11", "memory");
	errno = (int)-(int32_t)result;
	return (int32_t)result < 0 ? -1 : 0;
}

static void compat_callers(void)
{
	struct flightrec_info *info =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct flightrec_info wide = info_now();

	TRUTH_MUST(info != MAP_FAILED);
	info->size = sizeof(*info);
	check("INFO of a 32-bit caller",
	      compat_ioctl(device, FLIGHTREC_IOC_INFO, info), 0);
	checks_verdict(!memcmp(info, &wide, sizeof(wide)),
		       "a 32-bit caller sees the same");
	info->size = 4;
	check("INFO of a 32-bit caller, size 4",
	      compat_ioctl(device, FLIGHTREC_IOC_INFO, info), EINVAL);
	check("unknown ioctl of a 32-bit caller",
	      compat_ioctl(device, _IO(0xf2, 0x7f), info), ENOTTY);
}
#else
static void compat_callers(void)
{
}
#endif

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = open_device(O_RDWR);
	TRUTH_MUST(stats_now().state == FLIGHTREC_IDLE);
	unknown_numbers();
	every_ioctl();
	answer_to_nowhere();
	reserved_fields();
	bad_configs();
	good_configs();
	too_much_in_all();
	bad_targets();
	zombie_targets();
	equal_targets();
	too_many_targets();
	too_many_tasks();
	targets_by_state();
	targets_in_namespace();
	states();
	sleeping_poll();
	statistics();
	marks();
	bad_triggers();
	firings();
	who_may();
	begun_and_thawed();
	two_readers();
	compat_callers();
	return checks_failed ? 1 : 0;
}
