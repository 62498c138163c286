// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "triggers.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec trigger add CONDITION [OPTION]...\n"
	"       flightrec trigger remove ID... | --all\n"
	"       flightrec trigger list\n"
	"\n"
	"A trigger has the kernel look out for something that a target does, and freeze\n"
	"the recorder or tell 'flightrec watch' when it happens:\n"
	"\n"
	"  --slower TIME        a system call took longer\n"
	"  --errno NAME         a system call failed with this errno (ENOSPC, or 28)\n"
	"  --waits-for-cpu TIME it got a CPU, for which it had waited longer\n"
	"  --off-cpu TIME       it got a CPU, having been off it for longer\n"
	"  --dies[=SIGNAL]      it dies of a signal: of this one\n"
	"  --exits[=STATUS]     it exits with a status other than 0: with this one\n"
	"  --execs              it executes a program\n"
	"  --mark PREFIX        a mark begins so, whoever made it ('': any mark)\n"
	"\n"
	"or what still goes on, found soon after TIME (8ms or more) by a timer:\n"
	"\n"
	"  --in-call TIME       it is in a system call for longer\n"
	"  --waiting TIME       it can run, and waits for a CPU for longer\n"
	"  --running TIME       it has a CPU without a break for longer\n"
	"  --away TIME          it is off the CPU for longer\n"
	"\n"
	"Options:\n"
	"  --call NAME,...      for --slower, --errno, --in-call: these calls only, 8 at\n"
	"                       most\n"
	"  --freeze             stop the tape, so that it keeps what led to it (default)\n"
	"  --after TIME|N%      but record for that much longer, or until that much of\n"
	"                       the tape was written anew; of both, what is first\n"
	"  --notify             tell, and go on recording\n"
	"  --every TIME         once in this time at most\n"
	"  --max N              N times at most\n"
	"  -h, --help           this text\n"
	"\n"
	"Triggers can be added and removed at any time, and stay when recording stops.\n"
	"add prints the new one's ID.\n";

#define CONDITION(name, argument, condition)                               \
	{                                                                  \
		name, argument, NULL,                                      \
			TRIGGERS_CONDITION + FLIGHTREC_TRIGGER_##condition \
	}

static const struct option add_options[] = {
	CONDITION("slower", required_argument, CALL),
	CONDITION("errno", required_argument, ERRNO),
	CONDITION("waits-for-cpu", required_argument, WAIT),
	CONDITION("off-cpu", required_argument, OFF),
	CONDITION("dies", optional_argument, SIGNAL),
	CONDITION("exits", optional_argument, EXIT),
	CONDITION("execs", no_argument, EXEC),
	CONDITION("mark", required_argument, MARK),
	CONDITION("in-call", required_argument, IN_CALL),
	CONDITION("waiting", required_argument, WAITING),
	CONDITION("running", required_argument, RUNNING),
	CONDITION("away", required_argument, AWAY),
	{ "call", required_argument, NULL, TRIGGERS_CALL },
	{ "freeze", no_argument, NULL, TRIGGERS_FREEZE },
	{ "notify", no_argument, NULL, TRIGGERS_NOTIFY },
	{ "after", required_argument, NULL, TRIGGERS_AFTER },
	{ "every", required_argument, NULL, TRIGGERS_EVERY },
	{ "max", required_argument, NULL, TRIGGERS_MAX },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* To getopt_long an argument that is optional is part of the same word; here it
 * may be the next one, since nothing else can be. */
static const char *argument_of(int option, int argc, char *argv[])
{
	bool optional = option ==
				TRIGGERS_CONDITION + FLIGHTREC_TRIGGER_SIGNAL ||
			option == TRIGGERS_CONDITION + FLIGHTREC_TRIGGER_EXIT;

	if (optional && !optarg && optind < argc && argv[optind][0] != '-')
		return argv[optind++];
	return optarg;
}

/* True: go on; false: return *status. */
static bool parse_add(struct flightrec_trigger *trigger, int argc, char *argv[],
		      int *status)
{
	int option;

	*status = 0;
	while (!*status && (option = getopt_long(argc, argv, "+h", add_options,
						 NULL)) != -1) {
		if (option == 'h') {
			*status = cli_help(help);
			return false;
		}
		*status = triggers_option(trigger, option,
					  argument_of(option, argc, argv));
	}
	if (!*status)
		*status = cli_no_operands(argc, argv);
	if (!*status)
		*status = triggers_check(trigger);
	return !*status;
}

/* The device, if it knows triggers; -1 when explained. */
static int open_device(void)
{
	struct flightrec_info info;
	int fd = device_open(O_RDWR);

	if (fd < 0)
		return -1;
	if (!device_info(fd, &info)) {
		if (info.features & FLIGHTREC_FEATURE_TRIGGERS)
			return fd;
		cli_fail(
			"the module that is loaded knows no triggers; module and command must be of one version");
	}
	close(fd);
	return -1;
}

static int explain_add(int error)
{
	switch (error) {
	case -ENOSPC:
		return cli_fail(
			"there are %d triggers, and no room for more; 'flightrec trigger list' shows them, 'flightrec trigger remove' makes room",
			FLIGHTREC_TRIGGERS_MAX);
	case -EINVAL:
		return cli_fail(
			"the module refuses this trigger (Invalid argument); module and command must be of one version");
	default:
		return cli_fail("cannot add the trigger: %s", cli_why(error));
	}
}

/* What it looks out for may not be recorded, and so never be found. */
static void warn_events(int fd, const struct flightrec_trigger *trigger)
{
	struct flightrec_stats stats;
	bool calls = false, sched = false;

	if (device_stats(fd, &stats) || stats.state == FLIGHTREC_IDLE)
		return;
	switch (trigger->condition) {
	case FLIGHTREC_TRIGGER_CALL:
	case FLIGHTREC_TRIGGER_ERRNO:
	case FLIGHTREC_TRIGGER_IN_CALL:
		calls = true;
		break;
	case FLIGHTREC_TRIGGER_WAIT:
	case FLIGHTREC_TRIGGER_OFF:
	case FLIGHTREC_TRIGGER_WAITING:
		sched = true;
		break;
	}
	if (calls && !(stats.config.events & FLIGHTREC_EVENTS_SYSCALLS))
		cli_note(
			"warning: system calls are not recorded (--events sched), so they are not looked at either");
	if (sched && !(stats.config.events & FLIGHTREC_EVENTS_SCHED))
		cli_note(
			"warning: scheduling is not recorded (--events syscalls), so it is not looked at either");
}

static int add(int argc, char *argv[])
{
	struct flightrec_trigger trigger = { 0 };
	int error, fd, status;

	if (!parse_add(&trigger, argc, argv, &status))
		return status;
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILURE;
	error = flightrec_trigger_add(fd, &trigger);
	if (error) {
		status = explain_add(error);
	} else {
		printf("%u\n", trigger.id);
		warn_events(fd, &trigger);
	}
	close(fd);
	return status;
}

/* ---- remove --------------------------------------------------------------- */

static int remove_one(int fd, uint32_t id)
{
	int error = flightrec_trigger_remove(fd, id);

	if (error == -ESRCH)
		return cli_fail(
			"there is no trigger %u; 'flightrec trigger list' shows what there is",
			id);
	if (error)
		return cli_fail("cannot remove trigger %u: %s", id,
				cli_why(error));
	return EXIT_SUCCESS;
}

static int remove_all(int fd)
{
	struct flightrec_trigger trigger;
	int found, status = EXIT_SUCCESS;

	while (!status && (found = triggers_next(fd, 0, &trigger)) > 0)
		status = remove_one(fd, trigger.id);
	return status || found < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int remove_named(int fd, char *argv[])
{
	int status = EXIT_SUCCESS;
	uint64_t id;

	for (; *argv; argv++) {
		if (!cli_parse_number(*argv, 0, UINT32_MAX, &id) ||
		    remove_one(fd, (uint32_t)id))
			status = EXIT_FAILURE;
	}
	return status;
}

static int check_ids(char *argv[])
{
	uint64_t id;

	for (; *argv; argv++) {
		if (!cli_parse_number(*argv, 0, UINT32_MAX, &id))
			return cli_misuse("'%s': not the id of a trigger",
					  *argv);
	}
	return 0;
}

static bool parse_remove(int argc, char *argv[], bool *all, int *status)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*all = false;
	while ((option = getopt_long(argc, argv, "ah", options, NULL)) != -1) {
		if (option == 'h')
			*status = cli_help(help);
		else if (option != 'a')
			*status = cli_misuse_option();
		if (option != 'a')
			return false;
		*all = true;
	}
	if (*all)
		*status = cli_no_operands(argc, argv);
	else if (optind == argc)
		*status = cli_misuse("which? name an ID, or --all");
	else
		*status = check_ids(argv + optind);
	return !*status;
}

static int remove_triggers(int argc, char *argv[])
{
	int fd, status;
	bool all;

	if (!parse_remove(argc, argv, &all, &status))
		return status;
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILURE;
	status = all ? remove_all(fd) : remove_named(fd, argv + optind);
	close(fd);
	return status;
}

/* ---- list ----------------------------------------------------------------- */

static int put_all(int fd, struct sink *sink)
{
	struct flightrec_trigger trigger;
	uint32_t id = 0;
	int found;

	while ((found = triggers_next(fd, id, &trigger)) > 0) {
		if (!id)
			sink_string(
				sink,
				"  id     fired held back  condition: action\n");
		sink_printf(sink, "%4u %9" PRIu64 " %9" PRIu64 "  ", trigger.id,
			    (uint64_t)trigger.fired,
			    (uint64_t)trigger.held_back);
		triggers_put(sink, &trigger);
		sink_char(sink, '\n');
		id = trigger.id + 1;
		if (!id)
			break;
	}
	if (!found && !id)
		sink_string(sink, "no triggers\n");
	return found < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int list(int argc, char *argv[])
{
	struct sink sink;
	int error, fd, status;

	if (!cli_plain_options(argc, argv, help, &status))
		return status;
	status = cli_no_operands(argc, argv);
	if (status)
		return status;
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILURE;
	error = sink_init(&sink, STDOUT_FILENO);
	if (!error) {
		status = put_all(fd, &sink);
		error = sink_deinit(&sink);
	}
	close(fd);
	if (error == -EPIPE)
		return EXIT_FAILURE;
	return error ? cli_fail("cannot write to standard output: %s",
				cli_why(error)) :
		       status;
}

int trigger_main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		int (*function)(int argc, char *argv[]);
	} verbs[] = {
		{ "add", add },
		{ "remove", remove_triggers },
		{ "list", list },
	};
	size_t i;

	if (argc < 2)
		return cli_misuse("what: add, remove or list?");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cli_help(help);
	if (argv[1][0] == '-')
		return cli_misuse("unrecognized option '%s'", argv[1]);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[1]))
			continue;
		argv[1] = argv[0];
		return verbs[i].function(argc - 1, argv + 1);
	}
	return cli_misuse("'%s' is none of add, remove, list", argv[1]);
}
