// SPDX-License-Identifier: GPL-2.0
/*
 * Lets every allocation, and every copy from and to user memory, fail that a call
 * makes: first the first, then the second, until the call has no more of them; at
 * last all allocations at once. See --help.
 */
#include <fcntl.h>
#include <getopt.h>
#include <linux/flightrec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "contract.h"
#include "fault.h"
#include "model.h"
#include "trouble.h"

/* From here on something goes round in circles. */
#define FAULTS_MAX 20000U
#define TOLD_MAX   10U

/* What stays the same for the program's life. */
static int device = -1;
static const char *module;
static unsigned int seconds_each = 60;
static int failures;
/* All memory that calls touch, so that no fault of a page comes between. */
static struct flightrec_stats_cpu cpus[64];
static union argument argument;
static char buffer[65536];
static struct flightrec_stats before;
static unsigned int triggers_before;
/* Of the trigger that was added last. */
static uint32_t trigger_id;

/* ---- plain calls, which must succeed ------------------------------------------- */

static void fill(enum call call)
{
	memset(&argument, 0, sizeof(argument));
	argument.control.size = contract_of(call)->bytes;
	switch (call) {
	case CALL_CONFIGURE:
		/* Small, so that a start allocates little; any will do. */
		argument.config.args = 2;
		argument.config.ring_bytes = 16 * 4096 * 8;
		argument.config.block_bytes = 4096;
		argument.config.slots = 32;
		argument.config.identities = 64;
		break;
	case CALL_TARGET_ADD:
	case CALL_TARGET_REMOVE:
		argument.target.kind = FLIGHTREC_TARGET_TGID;
		argument.target.id = (uint64_t)getpid();
		break;
	case CALL_STATS:
		argument.stats.cpus = (uintptr_t)cpus;
		argument.stats.cpus_count = 64;
		break;
	case CALL_MARK:
		argument.mark.text = (uintptr_t) "a mark";
		argument.mark.length = 6;
		break;
	case CALL_TRIGGER_ADD:
		argument.trigger.condition = FLIGHTREC_TRIGGER_MARK;
		argument.trigger.action = FLIGHTREC_ACTION_NOTIFY;
		break;
	case CALL_TRIGGER_REMOVE:
		argument.trigger.id = trigger_id;
		break;
	default:
		break;
	}
}

static long ask(enum call call)
{
	return ioctl(device, contract_of(call)->number, &argument);
}

static void plain(enum call call)
{
	fill(call);
	if (ask(call)) {
		dprintf(2, "faults: %s: %s\n", contract_of(call)->name,
			strerror(errno));
		_exit(TROUBLE_STATUS);
	}
}

static struct flightrec_stats stats_now(void)
{
	struct flightrec_stats stats = { .size = sizeof(stats) };

	TROUBLE_UNLESS(!ioctl(device, FLIGHTREC_IOC_STATS, &stats));
	return stats;
}

static void open_device(void)
{
	device = open(FLIGHTREC_NODE, O_RDWR | O_CLOEXEC);
	TROUBLE_UNLESS(device >= 0);
}

static void be_idle(void)
{
	model_drop_triggers(device);
	if (stats_now().state == FLIGHTREC_IDLE)
		plain(CALL_START);
	plain(CALL_STOP);
	plain(CALL_CONFIGURE);
}

static void be_idle_with_target(void)
{
	be_idle();
	plain(CALL_TARGET_ADD);
}

static void be_recording(void)
{
	be_idle_with_target();
	plain(CALL_START);
}

static void be_recording_nobody(void)
{
	be_idle();
	plain(CALL_START);
}

static void be_frozen(void)
{
	be_recording();
	plain(CALL_MARK);
	plain(CALL_FREEZE);
}

static void add_trigger(void)
{
	plain(CALL_TRIGGER_ADD);
	trigger_id = argument.trigger.id;
}

static void be_idle_with_trigger(void)
{
	be_idle();
	add_trigger();
}

static void be_recording_with_trigger(void)
{
	be_recording();
	add_trigger();
}

/* There is a firing to be told of. */
static void be_fired(void)
{
	be_recording_with_trigger();
	plain(CALL_MARK);
}

/* ---- the calls under attack ------------------------------------------------------ */

static int opened = -1;
static char name_argument[16] = "no such name";

static void close_opened(void)
{
	if (opened >= 0)
		close(opened);
	opened = -1;
}

static long call_open(void)
{
	opened = open(FLIGHTREC_NODE, O_RDWR | O_CLOEXEC);
	return opened < 0 ? -1 : 0;
}

/* Reads it all through a descriptor of its own. */
static void be_frozen_for_reader(void)
{
	be_frozen();
	close_opened();
	TROUBLE_UNLESS(!call_open());
}

/* Likewise, of a live window, which it takes at its first read. */
static void be_recording_for_reader(void)
{
	be_recording();
	plain(CALL_MARK);
	close_opened();
	TROUBLE_UNLESS(!call_open());
}

/* The freeze had no memory for the tables; a reader makes up for it. */
static void be_frozen_without_window(void)
{
	uint64_t memory_bytes;
	bool frozen;

	close_opened();
	TROUBLE_UNLESS(!call_open());
	be_recording();
	memory_bytes = stats_now().memory_bytes;
	fill(CALL_FREEZE);
	fault_arm(FAULT_ALL);
	frozen = !ask(CALL_FREEZE);
	fault_disarm();
	TROUBLE_UNLESS(frozen && stats_now().memory_bytes == memory_bytes);
}

static long call_read(void)
{
	ssize_t got = read(opened, buffer, sizeof(buffer));

	return got > 0 ? 0 : -1;
}

static long call_write(void)
{
	return write(device, "a mark\n", 7) == 7 ? 0 : -1;
}

/* One that the timer looks for: more has to be set up. */
static void fill_lasting(void)
{
	memset(&argument, 0, sizeof(argument));
	argument.trigger.size = sizeof(argument.trigger);
	argument.trigger.condition = FLIGHTREC_TRIGGER_AWAY;
	argument.trigger.action = FLIGHTREC_ACTION_NOTIFY;
	argument.trigger.limit_ns = 1000000000;
}

static void fill_name(void)
{
	memset(&argument, 0, sizeof(argument));
	argument.target.size = sizeof(argument.target);
	argument.target.kind = FLIGHTREC_TARGET_COMM;
	memcpy(argument.target.comm, name_argument, 12);
}

static long call_load(void)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	long result;
	int error;

	if (fd < 0)
		return -1;
	result = syscall(SYS_finit_module, fd, "", 0);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

static long call_unload(void)
{
	return syscall(SYS_delete_module, "flightrec", O_NONBLOCK);
}

static void be_unloaded(void)
{
	if (device >= 0)
		close(device);
	device = -1;
	close_opened();
	/* Not there after a load that failed, as it should be. */
	if (!access("/sys/module/flightrec", F_OK))
		TROUBLE_UNLESS(!call_unload());
}

static void be_loaded(void)
{
	if (access("/sys/module/flightrec", F_OK))
		TROUBLE_UNLESS(!call_load());
	if (device >= 0)
		close(device);
	device = -1;
}

/**
 * struct attack - a call, the state from which it is made, and what it is after
 * @name: of both
 * @contract: which errnos may come
 * @prepare: brings about the state, without faults
 * @fill: the argument; NULL: of @contract
 * @call: makes it; NULL: the ioctl of @contract
 * @state: of the recorder when it has succeeded
 * @targets: likewise
 * @without_device: nothing can be asked then: the module comes or goes
 * @triggers: how many there are when it has succeeded
 */
struct attack {
	const char *name;
	enum call contract;
	void (*prepare)(void);
	void (*fill)(void);
	long (*call)(void);
	uint32_t state;
	uint32_t targets;
	bool without_device;
	unsigned int triggers;
};

static const struct attack attacks[] = {
	{ "INFO", CALL_INFO, be_idle, NULL, NULL, FLIGHTREC_IDLE, 0, false, 0 },
	{ "CONFIGURE", CALL_CONFIGURE, be_idle, NULL, NULL, FLIGHTREC_IDLE, 0,
	  false, 0 },
	{ "STATS while idle", CALL_STATS, be_idle, NULL, NULL, FLIGHTREC_IDLE,
	  0, false, 0 },
	{ "STATS while recording", CALL_STATS, be_recording, NULL, NULL,
	  FLIGHTREC_RECORDING, 1, false, 0 },
	{ "TARGET_ADD while idle", CALL_TARGET_ADD, be_idle, NULL, NULL,
	  FLIGHTREC_IDLE, 1, false, 0 },
	{ "TARGET_ADD while recording", CALL_TARGET_ADD, be_recording_nobody,
	  NULL, NULL, FLIGHTREC_RECORDING, 1, false, 0 },
	{ "TARGET_ADD of a name", CALL_TARGET_ADD, be_recording_nobody,
	  fill_name, NULL, FLIGHTREC_RECORDING, 1, false, 0 },
	{ "TARGET_REMOVE while idle", CALL_TARGET_REMOVE, be_idle_with_target,
	  NULL, NULL, FLIGHTREC_IDLE, 0, false, 0 },
	{ "TARGET_REMOVE while recording", CALL_TARGET_REMOVE, be_recording,
	  NULL, NULL, FLIGHTREC_RECORDING, 0, false, 0 },
	{ "START", CALL_START, be_idle_with_target, NULL, NULL,
	  FLIGHTREC_RECORDING, 1, false, 0 },
	{ "FREEZE", CALL_FREEZE, be_recording, NULL, NULL, FLIGHTREC_FROZEN, 1,
	  false, 0 },
	{ "THAW", CALL_THAW, be_frozen, NULL, NULL, FLIGHTREC_RECORDING, 1,
	  false, 0 },
	{ "MARK", CALL_MARK, be_recording, NULL, NULL, FLIGHTREC_RECORDING, 1,
	  false, 0 },
	{ "STOP while recording", CALL_STOP, be_recording, NULL, NULL,
	  FLIGHTREC_IDLE, 0, false, 0 },
	{ "STOP while frozen", CALL_STOP, be_frozen, NULL, NULL, FLIGHTREC_IDLE,
	  0, false, 0 },
	{ "read", CALL_READ, be_frozen_for_reader, NULL, call_read,
	  FLIGHTREC_FROZEN, 1, false, 0 },
	{ "read of a window that could not be made", CALL_READ,
	  be_frozen_without_window, NULL, call_read, FLIGHTREC_FROZEN, 1, false,
	  0 },
	{ "read of a live window", CALL_READ, be_recording_for_reader, NULL,
	  call_read, FLIGHTREC_RECORDING, 1, false, 0 },
	{ "TRIGGER_ADD while idle", CALL_TRIGGER_ADD, be_idle, NULL, NULL,
	  FLIGHTREC_IDLE, 0, false, 1 },
	{ "TRIGGER_ADD while recording", CALL_TRIGGER_ADD, be_recording, NULL,
	  NULL, FLIGHTREC_RECORDING, 1, false, 1 },
	{ "TRIGGER_ADD of what lasts", CALL_TRIGGER_ADD, be_recording,
	  fill_lasting, NULL, FLIGHTREC_RECORDING, 1, false, 1 },
	{ "TRIGGER_REMOVE while idle", CALL_TRIGGER_REMOVE,
	  be_idle_with_trigger, NULL, NULL, FLIGHTREC_IDLE, 0, false, 0 },
	{ "TRIGGER_REMOVE while recording", CALL_TRIGGER_REMOVE,
	  be_recording_with_trigger, NULL, NULL, FLIGHTREC_RECORDING, 1, false,
	  0 },
	{ "TRIGGER_GET", CALL_TRIGGER_GET, be_recording_with_trigger, NULL,
	  NULL, FLIGHTREC_RECORDING, 1, false, 1 },
	{ "FIRED", CALL_FIRED, be_fired, NULL, NULL, FLIGHTREC_RECORDING, 1,
	  false, 1 },
	{ "write", CALL_WRITE, be_recording, NULL, call_write,
	  FLIGHTREC_RECORDING, 1, false, 0 },
	{ "open", CALL_OPEN, close_opened, NULL, call_open, FLIGHTREC_IDLE, 0,
	  false, 0 },
	{ "unload", CALL_OPEN, be_loaded, NULL, call_unload, 0, 0, true, 0 },
	{ "load", CALL_OPEN, be_unloaded, NULL, call_load, 0, 0, true, 0 },
};

/* ---- judging ------------------------------------------------------------------------- */

static unsigned int told;

static void wrong(const struct attack *attack, unsigned int nth,
		  const char *what, const char *more)
{
	failures++;
	if (told++ < TOLD_MAX)
		printf("# %s, fault %u: %s%s\n", attack->name, nth, what, more);
}

/* Whose faults they are, only one of these can come. */
static bool is_clean(const struct attack *attack, int error)
{
	if (error != ENOMEM && error != EFAULT)
		return false;
	/* The kernel's own calls have no contract with us. */
	return attack->without_device || attack->contract == CALL_OPEN ||
	       errnos_have(&contract_of(attack->contract)->documented, error);
}

static unsigned int triggers_now(void)
{
	struct flightrec_trigger all[FLIGHTREC_TRIGGERS_MAX];

	return model_list_triggers(device, all);
}

static void judge_refusal(const struct attack *attack, unsigned int nth,
			  int error)
{
	struct model model = { .before = before };
	struct flightrec_stats now;
	const char *what;

	if (!is_clean(attack, error))
		wrong(attack, nth, "it returned ",
		      strerrorname_np(error) ?: "?");
	if (attack->without_device)
		return;
	now = stats_now();
	/* A window may have been made that could then not be copied. */
	if (attack->contract == CALL_READ)
		model.before.memory_bytes = now.memory_bytes;
	what = model_difference(&model, &now);
	if (!what && now.tasks != before.tasks)
		what = "tasks";
	if (!what && triggers_now() != triggers_before)
		what = "triggers";
	if (what)
		wrong(attack, nth, "it failed and changed: ", what);
}

static void judge_success(const struct attack *attack, unsigned int nth)
{
	struct flightrec_stats now;

	if (attack->without_device)
		return;
	now = stats_now();
	if (now.state != attack->state)
		wrong(attack, nth, "it succeeded, ", "the state is another");
	if (now.targets != attack->targets)
		wrong(attack, nth, "it succeeded, ", "the targets are others");
	if (triggers_now() != attack->triggers)
		wrong(attack, nth, "it succeeded, ", "the triggers are others");
}

/* Lines of /proc/vmallocinfo that name the module: its big allocations. */
static unsigned int big_allocations(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	unsigned int count = 0;
	char line[512];

	TROUBLE_UNLESS(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "[flightrec]") != NULL;
	fclose(file);
	return count;
}

/* ---- one call, with every fault -------------------------------------------------------- */

static void prepare(const struct attack *attack)
{
	attack->prepare();
	if (attack->fill)
		attack->fill();
	else if (attack->contract < CALLS_IOCTL)
		fill(attack->contract);
	if (attack->without_device)
		return;
	before = stats_now();
	triggers_before = triggers_now();
}

static long make(const struct attack *attack)
{
	return attack->call ? attack->call() : ask(attack->contract);
}

/**
 * struct outcome - of all the faults of a call
 * @injected: how many there were, one at a time
 * @refused: how often it failed
 * @seconds: how long that took
 * @all: it was gone through to the end
 */
struct outcome {
	unsigned int injected;
	unsigned int refused;
	unsigned int seconds;
	bool all;
};

/* With the @nth fault. Return: was there one? */
static bool attack_once(const struct attack *attack, unsigned int nth,
			struct outcome *outcome)
{
	bool injected;
	long result;
	int error;

	prepare(attack);
	fault_arm(nth);
	result = make(attack);
	error = errno;
	injected = fault_disarm();
	outcome->injected += injected && nth != FAULT_ALL;
	if (result >= 0) {
		judge_success(attack, nth);
		return injected;
	}
	outcome->refused++;
	if (!injected)
		wrong(attack, nth, "it failed without a fault: ",
		      strerrorname_np(error) ?: "?");
	judge_refusal(attack, nth, error);
	/* Nothing of the fault is left: it succeeds now. */
	if (!attack->fill && attack->contract < CALLS_IOCTL)
		fill(attack->contract);
	if (make(attack) < 0)
		wrong(attack, nth,
		      "it fails ever after: ", strerrorname_np(errno) ?: "?");
	else
		judge_success(attack, nth);
	return injected;
}

static struct outcome attack_through(const struct attack *attack)
{
	struct outcome outcome = { 0 };
	time_t begun = time(NULL);
	unsigned int nth;

	for (nth = 1; nth <= FAULTS_MAX; nth++) {
		if (!attack_once(attack, nth, &outcome)) {
			outcome.all = true;
			break;
		}
		if (time(NULL) - begun > seconds_each)
			break;
	}
	attack_once(attack, FAULT_ALL, &outcome);
	outcome.seconds = (unsigned int)(time(NULL) - begun);
	return outcome;
}

static void verdict(bool good, const char *what)
{
	printf("%s - %s\n", good ? "ok" : "not ok", what);
}

/* Back to an idle recorder, with nothing left of it. */
static void come_home(const struct attack *attack, unsigned int big)
{
	close_opened();
	told = 0;
	if (attack->without_device) {
		be_loaded();
		open_device();
	}
	be_idle();
	if (big_allocations() != big)
		wrong(attack, 0, "memory that is not given back is in ",
		      "/proc/vmallocinfo");
}

static void try_attack(const struct attack *attack)
{
	unsigned int big = big_allocations();
	struct outcome outcome;
	int failed = failures;
	char what[200];

	told = 0;
	outcome = attack_through(attack);
	come_home(attack, big);
	/* A load goes through hundreds of the kernel's own. */
	if (!outcome.all && !attack->without_device)
		wrong(attack, outcome.injected, "no end of it", "");
	if (!outcome.injected)
		wrong(attack, 0, "no fault was injected", "");
	snprintf(what, sizeof(what), "%s: %u faults, %u refusals%s (%u s)",
		 attack->name, outcome.injected, outcome.refused,
		 outcome.all ? "" : ", not all of them", outcome.seconds);
	verdict(failures == failed, what);
}

/* ---- the program -------------------------------------------------------------------------- */

static void usage(void)
{
	puts("Usage: faults [--forget CALL:ERRNO] [--only NAME] [--seconds N] MODULE.ko\n"
	     "\n"
	     "Lets every allocation and every copy fail that a call of " FLIGHTREC_NODE
	     "\n"
	     "makes, one after the other, and loading and unloading MODULE.ko. Each time\n"
	     "the errno must be a documented one, the state must be what it was, and the\n"
	     "same call must succeed after that.\n"
	     "\n"
	     "  --forget CALL:ERRNO   as if the contract did not name it (START:ENOMEM)\n"
	     "  --only NAME           one call alone, for example START\n"
	     "  --seconds N           for one call at most (default 60)\n"
	     "\n"
	     "Runs as root, with the module loaded and idle, in a kernel with FAILSLAB,\n"
	     "FAIL_PAGE_ALLOC, FAULT_INJECTION_USERCOPY and FAULT_INJECTION_DEBUG_FS.\n"
	     "Exit status: 1 if a check failed, 2 if called wrongly, 77 if the kernel has\n"
	     "no such thing.");
}

static const char *only;

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "forget", required_argument, NULL, 'f' },
		{ "only", required_argument, NULL, 'o' },
		{ "seconds", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 'f':
			if (contract_forget(optarg))
				break;
			fprintf(stderr, "faults: no such errno\n");
			exit(2);
		case 'o':
			only = optarg;
			break;
		case 's':
			seconds_each = (unsigned int)atoi(optarg);
			break;
		case 'h':
			usage();
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind + 1 != argc) {
		usage();
		exit(2);
	}
	module = argv[optind];
}

int main(int argc, char **argv)
{
	unsigned int i, done = 0;

	contract_init();
	parse(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_NAME, "faults");
	if (!fault_set_up())
		return 77;
	TROUBLE_UNLESS(!mlockall(MCL_CURRENT | MCL_FUTURE));
	open_device();
	be_idle();
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (only && strcmp(only, attacks[i].name))
			continue;
		try_attack(&attacks[i]);
		done++;
	}
	return failures || !done ? 1 : 0;
}
