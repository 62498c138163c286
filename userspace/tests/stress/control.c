// SPDX-License-Identifier: GPL-2.0
/* Those who control: state, sizes, targets, triggers; and who leaves marks. */
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "stress.h"

#define NOBODY 65534

/* Several hold the device open, and none knows of the others. */
void role_controller(void)
{
	static const enum call calls[] = {
		CALL_START,  CALL_START,  CALL_START, CALL_STOP,
		CALL_FREEZE, CALL_FREEZE, CALL_THAW,  CALL_THAW,
	};
	int fd = stress_open(O_RDWR);
	int times;

	if (fd < 0)
		return;
	for (times = (int)stress_random(20); times && !stress_must_close();
	     times--) {
		switch (stress_random(8)) {
		case 0:
			stress_configure(fd, true);
			break;
		case 1:
			stress_configure(fd, false);
			break;
		case 2:
			stress_stats(fd);
			break;
		default:
			stress_control(fd, STRESS_ONE_OF(calls));
			break;
		}
		stress_sleep(20000);
	}
	close(fd);
}

/* A task: of a storm most often, or whoever has the number. */
static pid_t any_pid(void)
{
	if (stress_random(4))
		return STRESS_ONE_OF(arena->pids) ?: 1;
	return 1 + (pid_t)stress_random(3000);
}

static const char *const names[] = {
	"stress", "storm-0", "storm-1", "storm-2", "leaf", "nobody",
};

static void any_target(int fd)
{
	static const enum call calls[] = {
		CALL_TARGET_ADD,
		CALL_TARGET_ADD,
		CALL_TARGET_REMOVE,
	};
	uint32_t flags = stress_random(4) ? FLIGHTREC_TARGET_FOLLOW : 0;
	enum call call = STRESS_ONE_OF(calls);

	if (call == CALL_TARGET_REMOVE)
		flags = 0;
	if (stress_random(2))
		stress_target(fd, call, FLIGHTREC_TARGET_COMM, flags, 0,
			      STRESS_ONE_OF(names));
	else
		stress_target(fd, call, 1 + stress_random(2), flags, any_pid(),
			      NULL);
}

void role_targets(void)
{
	int fd = stress_open(O_RDWR);
	int times;

	if (fd < 0)
		return;
	for (times = (int)stress_random(30); times && !stress_must_close();
	     times--) {
		any_target(fd);
		stress_sleep(5000);
	}
	close(fd);
}

/* Any condition, so that most of them come true, some at once and others not soon. */
static void any_condition(struct flightrec_trigger *trigger)
{
	static const int errnos[] = { EBADF, ENOENT, EINTR };

	trigger->condition = 1 + stress_random(FLIGHTREC_TRIGGER_AWAY);
	switch (trigger->condition) {
	case FLIGHTREC_TRIGGER_ERRNO:
		trigger->value = STRESS_ONE_OF(errnos);
		break;
	case FLIGHTREC_TRIGGER_SIGNAL:
	case FLIGHTREC_TRIGGER_EXIT:
		trigger->value = (int32_t)stress_random(12);
		break;
	case FLIGHTREC_TRIGGER_MARK:
		memset(trigger->text, 'm', stress_random(4));
		break;
	case FLIGHTREC_TRIGGER_CALL:
	case FLIGHTREC_TRIGGER_WAIT:
	case FLIGHTREC_TRIGGER_OFF:
		trigger->limit_ns = 1 + stress_random(5000000);
		break;
	case FLIGHTREC_TRIGGER_EXEC:
		break;
	default:
		trigger->limit_ns = 8000000 + stress_random(20000000);
		break;
	}
	if (trigger->condition == FLIGHTREC_TRIGGER_CALL) {
		trigger->calls_count = stress_random(2);
		trigger->calls[0] = trigger->calls_count ? SYS_close : 0;
	}
}

/* A third of them freeze, at once or behind a tail. */
static void any_action(struct flightrec_trigger *trigger)
{
	static const uint64_t tails[] = { 0, 0, 100000, 5000000, 50000000 };
	static const uint32_t percents[] = { 0, 0, 1, 10, 100 };
	static const uint64_t everies[] = { 0, 100000, 20000000 };

	trigger->action = FLIGHTREC_ACTION_NOTIFY;
	if (!stress_random(3)) {
		trigger->action = FLIGHTREC_ACTION_FREEZE;
		trigger->tail_ns = STRESS_ONE_OF(tails);
		trigger->tail_percent = STRESS_ONE_OF(percents);
	}
	trigger->every_ns = STRESS_ONE_OF(everies);
	trigger->max = stress_random(4);
}

static void look_at_firings(int fd, uint64_t *known)
{
	struct pollfd poller = { .fd = fd, .events = POLLPRI };

	poll(&poller, 1, (int)stress_random(10));
	while (!stress_fired(fd, known) && stress_random(20))
		;
}

/* Whoever they are of; of a number that may have none, too. */
static void remove_one(int fd)
{
	uint32_t id = stress_random(2) ? stress_random(100) : 0;

	if (!stress_trigger_next(fd, &id) || stress_random(2))
		stress_trigger_remove(fd, id);
}

void role_triggers(void)
{
	struct flightrec_trigger trigger;
	int fd = stress_open(O_RDWR);
	uint64_t known = 0;
	int times;

	if (fd < 0)
		return;
	for (times = (int)stress_random(40); times && !stress_must_close();
	     times--) {
		memset(&trigger, 0, sizeof(trigger));
		any_condition(&trigger);
		any_action(&trigger);
		if (stress_random(2))
			stress_trigger_add(fd, &trigger);
		else
			remove_one(fd);
		look_at_firings(fd, &known);
		stress_sleep(5000);
	}
	close(fd);
}

/* What a write-only descriptor is not for. */
static void refused(int fd)
{
	struct flightrec_control control = { .size = sizeof(control) };
	static const unsigned int numbers[] = {
		FLIGHTREC_IOC_START,	  FLIGHTREC_IOC_STOP,
		FLIGHTREC_IOC_FREEZE,	  FLIGHTREC_IOC_THAW,
		FLIGHTREC_IOC_STATS,	  FLIGHTREC_IOC_CONFIGURE,
		FLIGHTREC_IOC_TARGET_ADD, FLIGHTREC_IOC_TRIGGER_ADD,
		FLIGHTREC_IOC_FIRED,
	};

	stress_note(CALL_NOT_FOR_WRITERS,
		    ioctl(fd, STRESS_ONE_OF(numbers), &control));
}

/* A user who may leave marks, and nothing else. */
void role_marker(void)
{
	struct flightrec_info info = { .size = sizeof(info) };
	char text[FLIGHTREC_MARK_MAX];
	int fd = stress_open(O_WRONLY);
	int times;

	if (fd < 0)
		return;
	TRUTH_MUST(!setgid(NOBODY) && !setuid(NOBODY));
	memset(text, 'm', sizeof(text));
	for (times = (int)stress_random(100); times && !stress_must_close();
	     times--) {
		uint32_t length = 1 + stress_random(sizeof(text));

		stress_mark(fd, text, length);
		stress_note(CALL_WRITE, write(fd, text, length));
		stress_note(CALL_INFO, ioctl(fd, FLIGHTREC_IOC_INFO, &info));
		refused(fd);
		stress_note(CALL_BAD_MEMORY, write(fd, stress_nowhere, length));
		stress_sleep(2000);
	}
	close(fd);
	/* Root is needed to open it again. */
	_exit(0);
}
