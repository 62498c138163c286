// SPDX-License-Identifier: GPL-2.0
/* The device's calls, each one noted. */
#include <sys/ioctl.h>

#include "stress.h"

void *volatile stress_nowhere = (void *)8;

/*
 * Waits while the module is to go. Return: a descriptor; negative if there is no
 * device.
 */
int stress_open(int flags)
{
	while (stress_must_close() && !stress_over())
		usleep(1000);
	return (int)stress_note(CALL_OPEN,
				open(FLIGHTREC_NODE, flags | O_CLOEXEC));
}

static const unsigned int controls[CALLS] = {
	[CALL_START] = FLIGHTREC_IOC_START,
	[CALL_STOP] = FLIGHTREC_IOC_STOP,
	[CALL_FREEZE] = FLIGHTREC_IOC_FREEZE,
	[CALL_THAW] = FLIGHTREC_IOC_THAW,
};

long stress_control(int fd, enum call call)
{
	struct flightrec_control control = { .size = sizeof(control) };

	return stress_note(call, ioctl(fd, controls[call], &control));
}

/* Whether this kernel allows it. */
static bool can_spare(int fd)
{
	struct flightrec_info info = { .size = sizeof(info) };

	return !ioctl(fd, FLIGHTREC_IOC_INFO, &info) &&
	       info.features & FLIGHTREC_FEATURE_SPARING;
}

/* Whatever the number of CPUs up to 16, all of these fit together. */
static void fill_config(int fd, struct flightrec_config *config)
{
	static const uint64_t rings[] = { 0, 4 << 20, 5000000, 12 << 20 };
	static const uint32_t blocks[] = { 0, 4096, 16384, 65536 };
	static const uint32_t slots[] = { 0, 1, 20, 300, 32767 };
	static const uint32_t identities[] = { 0, 1, 50, 5000, 100000 };

	config->ring_bytes = STRESS_ONE_OF(rings);
	config->block_bytes = STRESS_ONE_OF(blocks);
	config->events = stress_random(FLIGHTREC_EVENTS_ALL + 1);
	config->args = stress_random(FLIGHTREC_ARGS_MAX + 1);
	config->policy = stress_random(FLIGHTREC_POLICY_SHARED + 1);
	config->slots = STRESS_ONE_OF(slots);
	config->identities = STRESS_ONE_OF(identities);
	config->keep_ns = stress_random(2) * 1000000000ULL;
	if (can_spare(fd) && !stress_random(2))
		config->flags = FLIGHTREC_CONFIG_SPARING;
}

static void spoil_config(struct flightrec_config *config)
{
	switch (stress_random(10)) {
	case 0:
		config->ring_bytes = 1;
		break;
	case 1:
		config->ring_bytes = 1ULL << 50;
		break;
	case 2:
		config->block_bytes = 12288;
		break;
	case 3:
		config->args = 7;
		break;
	case 4:
		config->policy = FLIGHTREC_POLICY_SHARED + 1;
		break;
	case 5:
		config->slots = 32768;
		break;
	case 6:
		config->keep_ns = UINT64_MAX;
		break;
	case 7:
		config->flags |= 2;
		break;
	case 8:
		config->sparing = FLIGHTREC_SPARING_ON;
		break;
	default:
		config->events = 1U << 31;
		break;
	}
}

long stress_configure(int fd, bool valid)
{
	struct flightrec_config config = { .size = sizeof(config) };

	fill_config(fd, &config);
	if (!valid)
		spoil_config(&config);
	return stress_note(valid ? CALL_CONFIGURE : CALL_MISCONFIGURE,
			   ioctl(fd, FLIGHTREC_IOC_CONFIGURE, &config));
}

long stress_target(int fd, enum call call, uint32_t kind, uint32_t flags,
		   pid_t id, const char *comm)
{
	struct flightrec_target target = {
		.size = sizeof(target),
		.kind = kind,
		.flags = flags,
		.id = (uint64_t)id,
	};

	if (comm)
		strncpy((char *)target.comm, comm, sizeof(target.comm) - 1);
	return stress_note(call, ioctl(fd,
				       call == CALL_TARGET_ADD ?
					       FLIGHTREC_IOC_TARGET_ADD :
					       FLIGHTREC_IOC_TARGET_REMOVE,
				       &target));
}

/* What the statistics say must hold together at any time. */
static void check_stats(const struct flightrec_stats *stats,
			const struct flightrec_stats_cpu *cpus)
{
	uint64_t events = 0;
	uint32_t i;

	if (stats->state != FLIGHTREC_IDLE &&
	    stats->state != FLIGHTREC_RECORDING &&
	    stats->state != FLIGHTREC_TRIPPED &&
	    stats->state != FLIGHTREC_FROZEN)
		stress_fail("STATS: no state: %u", stats->state);
	if (stats->memory_bytes < stats->ring_bytes ||
	    stats->memory_bytes > 64 << 20 || stats->targets > 1024 ||
	    stats->tasks > stats->config.slots)
		stress_fail("STATS: more than there can be");
	if (stats->state == FLIGHTREC_IDLE &&
	    (stats->ring_bytes || stats->tasks || stats->identities ||
	     stats->events || stats->cpus_count))
		stress_fail("STATS: idle, and holds something");
	for (i = 0; i < stats->cpus_count; i++)
		events += cpus[i].events;
	if (events != stats->events)
		stress_fail("STATS: the CPUs' events are not all events");
}

long stress_stats(int fd)
{
	struct flightrec_stats_cpu cpus[64];
	struct flightrec_stats stats = {
		.size = sizeof(stats),
		.cpus = TRUTH_POINTER(cpus),
		.cpus_count = ARRAY_SIZE(cpus),
	};
	long result =
		stress_note(CALL_STATS, ioctl(fd, FLIGHTREC_IOC_STATS, &stats));

	if (!result)
		check_stats(&stats, cpus);
	return result ? result : stats.state;
}

long stress_mark(int fd, const void *text, uint32_t length)
{
	struct flightrec_mark mark = {
		.size = sizeof(mark),
		.text = TRUTH_POINTER(text),
		.length = length,
	};

	return stress_note(CALL_MARK, ioctl(fd, FLIGHTREC_IOC_MARK, &mark));
}

long stress_trigger_add(int fd, struct flightrec_trigger *trigger)
{
	trigger->size = sizeof(*trigger);
	return stress_note(CALL_TRIGGER_ADD,
			   ioctl(fd, FLIGHTREC_IOC_TRIGGER_ADD, trigger));
}

long stress_trigger_remove(int fd, uint32_t id)
{
	struct flightrec_trigger trigger = { .size = sizeof(trigger),
					     .id = id };

	return stress_note(CALL_TRIGGER_REMOVE,
			   ioctl(fd, FLIGHTREC_IOC_TRIGGER_REMOVE, &trigger));
}

/* The first one from @id on, which becomes its id. */
long stress_trigger_next(int fd, uint32_t *id)
{
	struct flightrec_trigger trigger = { .size = sizeof(trigger),
					     .id = *id };
	long result =
		stress_note(CALL_TRIGGER_GET,
			    ioctl(fd, FLIGHTREC_IOC_TRIGGER_GET, &trigger));

	if (result)
		return result;
	if (trigger.id < *id || (trigger.max && trigger.fired > trigger.max))
		stress_fail("TRIGGER_GET: what there cannot be");
	*id = trigger.id;
	return 0;
}

/* What comes behind the @known one, which becomes known. */
long stress_fired(int fd, uint64_t *known)
{
	struct flightrec_fired fired = {
		.size = sizeof(fired),
		.firing.sequence = *known,
	};
	long result =
		stress_note(CALL_FIRED, ioctl(fd, FLIGHTREC_IOC_FIRED, &fired));

	if (result)
		return result;
	stress_did(DEED_FIRING);
	if (fired.firing.sequence != *known + fired.missed + 1 ||
	    fired.firing.condition < FLIGHTREC_TRIGGER_CALL ||
	    fired.firing.condition > FLIGHTREC_TRIGGER_AWAY ||
	    !fired.firing.trigger || !fired.firing.clock)
		stress_fail("FIRED: what there cannot be");
	*known = fired.firing.sequence;
	return 0;
}

long stress_read(int fd, void *to, size_t bytes)
{
	return stress_note(CALL_READ, read(fd, to, bytes));
}
