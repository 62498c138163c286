// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Control: one ioctl a function. What each does and its errors are in the
 * contract, <linux/flightrec.h>; here only the struct's size and recorder are
 * filled in. Signals do not interrupt a call: waiting ends only for who is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "libflightrec.h"

#define RECORDER 0

static int control_call(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

/**
 * flightrec_open() - open the recorder
 * @node: path of the device; NULL: FLIGHTREC_NODE
 * @open_flags: O_RDONLY or O_RDWR to control and to read, O_WRONLY for marks
 *	only; O_CLOEXEC is added
 *
 * Return: a file descriptor, which the caller closes, or a negative errno, as
 * open() has it; -ENOENT or -ENXIO: the module is not loaded; -EPERM or -EACCES:
 * not allowed to.
 */
int flightrec_open(const char *node, int open_flags)
{
	int fd = open(node ? node : FLIGHTREC_NODE, open_flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/**
 * flightrec_info() - what the module is
 * @fd: from flightrec_open(), open in any way
 * @info: filled in
 *
 * Return: 0 or a negative errno.
 */
int flightrec_info(int fd, struct flightrec_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->recorder = RECORDER;
	return control_call(fd, FLIGHTREC_IOC_INFO, info);
}

/**
 * flightrec_configure() - sizes, and what to record from the next start on
 * @fd: from flightrec_open()
 * @config: what is wanted, 0 for a default; what was taken is filled in. Its
 *	size and recorder need not be set.
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int flightrec_configure(int fd, struct flightrec_config *config)
{
	config->size = sizeof(*config);
	config->recorder = RECORDER;
	return control_call(fd, FLIGHTREC_IOC_CONFIGURE, config);
}

static int control_target(int fd, unsigned long request,
			  struct flightrec_target *target)
{
	target->size = sizeof(*target);
	target->recorder = RECORDER;
	target->reserved = 0;
	return control_call(fd, request, target);
}

/**
 * flightrec_target_add() - record one more task, process or name
 * @fd: from flightrec_open()
 * @target: kind, flags, and id or comm; how many tasks began to be recorded is
 *	filled in (0 while idle)
 *
 * Return: 0 or a negative errno; then nothing was added.
 */
int flightrec_target_add(int fd, struct flightrec_target *target)
{
	return control_target(fd, FLIGHTREC_IOC_TARGET_ADD, target);
}

/**
 * flightrec_target_remove() - end what flightrec_target_add() began
 * @fd: from flightrec_open()
 * @target: kind, and id or comm; flags 0; how many tasks ended to be recorded
 *	is filled in
 *
 * Return: 0 or a negative errno.
 */
int flightrec_target_remove(int fd, struct flightrec_target *target)
{
	return control_target(fd, FLIGHTREC_IOC_TARGET_REMOVE, target);
}

static int control_state(int fd, unsigned long request)
{
	struct flightrec_control control = {
		.size = sizeof(control),
		.recorder = RECORDER,
	};

	return control_call(fd, request, &control);
}

/**
 * flightrec_start() - begin to record
 * @fd: from flightrec_open()
 *
 * Return: 0 or a negative errno.
 */
int flightrec_start(int fd)
{
	return control_state(fd, FLIGHTREC_IOC_START);
}

/**
 * flightrec_stop() - end recording; the window and the targets are gone
 * @fd: from flightrec_open()
 *
 * Return: 0 or a negative errno.
 */
int flightrec_stop(int fd)
{
	return control_state(fd, FLIGHTREC_IOC_STOP);
}

/**
 * flightrec_freeze() - stop writing and keep the window, which can be read then
 * @fd: from flightrec_open()
 *
 * Return: 0 or a negative errno.
 */
int flightrec_freeze(int fd)
{
	return control_state(fd, FLIGHTREC_IOC_FREEZE);
}

/**
 * flightrec_thaw() - go on recording after a freeze
 * @fd: from flightrec_open()
 *
 * Return: 0 or a negative errno.
 */
int flightrec_thaw(int fd)
{
	return control_state(fd, FLIGHTREC_IOC_THAW);
}

/**
 * flightrec_stats() - how recording goes
 * @fd: from flightrec_open()
 * @stats: filled in; its cpus_count says how many CPUs there are to tell of
 * @cpus: an array, filled in as far as it goes; NULL: none
 * @cpus_count: its length
 *
 * Return: 0 or a negative errno.
 */
int flightrec_stats(int fd, struct flightrec_stats *stats,
		    struct flightrec_stats_cpu *cpus, uint32_t cpus_count)
{
	memset(stats, 0, sizeof(*stats));
	stats->size = sizeof(*stats);
	stats->recorder = RECORDER;
	stats->cpus = (uintptr_t)cpus;
	stats->cpus_count = cpus ? cpus_count : 0;
	return control_call(fd, FLIGHTREC_IOC_STATS, stats);
}

/**
 * flightrec_mark() - leave an annotation on the tape
 * @fd: from flightrec_open(), open for reading or for writing
 * @text: need not be NUL terminated
 * @length: of @text in bytes, 1 to FLIGHTREC_MARK_MAX
 *
 * Return: 0 or a negative errno; -EMSGSIZE: too long.
 */
int flightrec_mark(int fd, const char *text, size_t length)
{
	struct flightrec_mark mark = {
		.size = sizeof(mark),
		.recorder = RECORDER,
		.text = (uintptr_t)text,
		.length = (uint32_t)length,
	};

	/* What 32 bits would cut off must not look like a short mark. */
	if (length > FLIGHTREC_MARK_MAX)
		return -EMSGSIZE;
	return control_call(fd, FLIGHTREC_IOC_MARK, &mark);
}

static int control_trigger(int fd, unsigned long request,
			   struct flightrec_trigger *trigger)
{
	trigger->size = sizeof(*trigger);
	trigger->recorder = RECORDER;
	trigger->reserved = 0;
	return control_call(fd, request, trigger);
}

/**
 * flightrec_trigger_add() - arm one more trigger
 * @fd: from flightrec_open()
 * @trigger: condition, action and what belongs to them, the rest 0; its id is
 *	filled in
 *
 * Return: 0 or a negative errno; then nothing was added.
 */
int flightrec_trigger_add(int fd, struct flightrec_trigger *trigger)
{
	return control_trigger(fd, FLIGHTREC_IOC_TRIGGER_ADD, trigger);
}

/**
 * flightrec_trigger_remove() - disarm a trigger
 * @fd: from flightrec_open()
 * @id: as flightrec_trigger_add() filled it in
 *
 * Return: 0 or a negative errno; -ESRCH: there is none with this id.
 */
int flightrec_trigger_remove(int fd, uint32_t id)
{
	struct flightrec_trigger trigger = { .id = id };

	return control_trigger(fd, FLIGHTREC_IOC_TRIGGER_REMOVE, &trigger);
}

/**
 * flightrec_trigger_get() - what a trigger is, and how often it has fired
 * @fd: from flightrec_open()
 * @id: its id
 * @trigger: filled in with it, or with the one that has the next higher id
 *
 * To see all, begin with 0 and go on with one more than the id that was filled
 * in.
 *
 * Return: 0 or a negative errno; -ESRCH: there is none with this id or a higher
 * one.
 */
int flightrec_trigger_get(int fd, uint32_t id,
			  struct flightrec_trigger *trigger)
{
	memset(trigger, 0, sizeof(*trigger));
	trigger->id = id;
	return control_trigger(fd, FLIGHTREC_IOC_TRIGGER_GET, trigger);
}

/**
 * flightrec_fired() - what triggers have found
 * @fd: from flightrec_open(); poll() says POLLPRI while there is something that
 *	was not told on it
 * @known: the sequence of the last one that is known; 0: none
 * @fired: filled in with the next one; and how many in between are not known any
 *	more
 *
 * Does not wait.
 *
 * Return: 0 or a negative errno; -EAGAIN: no trigger has fired since.
 */
int flightrec_fired(int fd, uint64_t known, struct flightrec_fired *fired)
{
	memset(fired, 0, sizeof(*fired));
	fired->size = sizeof(*fired);
	fired->recorder = RECORDER;
	fired->firing.sequence = known;
	return control_call(fd, FLIGHTREC_IOC_FIRED, fired);
}
