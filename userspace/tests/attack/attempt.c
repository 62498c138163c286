// SPDX-License-Identifier: GPL-2.0
/* One call. See attempt.h. */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"
#include "nursery.h"
#include "trouble.h"

#define READ_MOST (64 * 1024)

/* ---- arguments ------------------------------------------------------------------ */

/* One bit that may not be set, now and then. */
static uint32_t reserved(struct chance *chance)
{
	return chance_one_in(chance, 24) ? 1U << chance_below(chance, 32) : 0;
}

static void make_up_config(struct attacker *attacker,
			   struct flightrec_config *config)
{
	struct chance *chance = &attacker->chance;
	const struct flightrec_info *info = &attacker->model.info;
	uint64_t least = info->min_ring_bytes;

	config->args = (uint32_t)CHANCE_PICK(chance, 0, 1, 1, 1, 2, 6);
	if (chance_one_in(chance, 2))
		config->ring_bytes = CHANCE_PICK(chance, 0, least, least + 1,
						 2 * least, 4 * least, 1 << 22);
	if (chance_one_in(chance, 3))
		config->block_bytes =
			(uint32_t)CHANCE_PICK(chance, 4096, 8192, 16384, 65536);
	if (chance_one_in(chance, 3))
		config->events = (uint32_t)CHANCE_PICK(chance, 1, 2, 3, 4, 7);
	config->policy = chance_below(chance, 3);
	config->slots = (uint32_t)CHANCE_PICK(chance, 1, 2, 7, 64, 1000);
	config->identities = (uint32_t)CHANCE_PICK(chance, 1, 2, 100, 1000);
	if (chance_one_in(chance, 3))
		config->keep_ns =
			CHANCE_PICK(chance, 1, 1ULL << 40, 1ULL << 60);
	config->flags = chance_below(chance, 2);
	if (!chance_one_in(chance, 3))
		return;
	/* One of them out of its range, or at its end. */
	switch (chance_below(chance, 10)) {
	case 0:
		config->ring_bytes = CHANCE_PICK(chance, 1, 4096, least - 1,
						 1ULL << 40, 1ULL << 62,
						 1ULL << 63, UINT64_MAX);
		break;
	case 1:
		config->block_bytes = (uint32_t)CHANCE_PICK(
			chance, 1, 2048, 4095, 4097, 12288, 65535, 131072,
			1U << 31, UINT32_MAX);
		break;
	case 2:
		config->events = (uint32_t)CHANCE_PICK(chance, 8, 15, 1U << 31,
						       UINT32_MAX);
		break;
	case 3:
		config->args = (uint32_t)CHANCE_PICK(chance, 6, 7, 255,
						     1U << 31, UINT32_MAX);
		break;
	case 4:
		config->policy =
			(uint32_t)CHANCE_PICK(chance, 3, 4, UINT32_MAX);
		break;
	case 5:
		config->slots = (uint32_t)CHANCE_PICK(chance, 0, 32767, 32768,
						      65535, 65536, UINT32_MAX);
		break;
	case 6:
		config->keep_ns = CHANCE_PICK(chance, (1ULL << 60) + 1,
					      1ULL << 63, UINT64_MAX);
		break;
	case 7:
		config->flags = (uint32_t)CHANCE_PICK(chance, 2, 3, 1U << 31,
						      UINT32_MAX);
		break;
	case 8:
		config->sparing =
			(uint32_t)CHANCE_PICK(chance, 1, 2, 3, UINT32_MAX);
		break;
	default:
		config->identities = (uint32_t)CHANCE_PICK(
			chance, 0, 1048577, 1U << 31, UINT32_MAX);
	}
}

static void make_up_comm(struct chance *chance, struct flightrec_target *target)
{
	const char *name = nursery_name(chance_below(chance, NURSERY_NAMES));

	memcpy(target->comm, name, strlen(name));
	if (!chance_one_in(chance, 8))
		return;
	switch (chance_below(chance, 4)) {
	case 0: /* none */
		memset(target->comm, 0, sizeof(target->comm));
		break;
	case 1: /* without an end */
		memset(target->comm, 'e', sizeof(target->comm));
		break;
	case 2: /* something behind its end */
		target->comm[15] = 1;
		target->comm[14] = 0;
		break;
	default: /* another */
		target->comm[0] = (uint8_t)('A' + chance_below(chance, 3));
	}
}

/* A tid or tgid, and whether there is somebody. */
static void make_up_id(struct attempt *attempt, struct attacker *attacker)
{
	struct flightrec_target *target = &attempt->argument.target;
	struct chance *chance = &attacker->chance;
	pid_t child;

	attempt->living = 1;
	switch (chance_below(chance, 8)) {
	case 0:
		target->id = (uint64_t)getpid();
		return;
	case 1:
		target->id = CHANCE_PICK(chance, 1, 2, (uint64_t)nursery_pid());
		return;
	case 2:
		/* The limit of tids is lower. */
		attempt->living = -1;
		target->id = CHANCE_PICK(chance, 4194303, 4194304, INT32_MAX);
		return;
	case 3:
		attempt->living = -1;
		target->id = CHANCE_PICK(chance, 0, 1ULL << 31, 1ULL << 32 | 1,
					 1ULL << 63, UINT64_MAX);
		return;
	default:
		child = nursery_child(chance_below(chance, NURSERY_PLACES));
		target->id = child ? (uint64_t)child : 1;
	}
}

static void make_up_target(struct attempt *attempt, struct attacker *attacker)
{
	struct flightrec_target *target = &attempt->argument.target;
	struct chance *chance = &attacker->chance;
	const struct model *model = &attacker->model;

	target->kind = 1 + chance_below(chance, 3);
	if (chance_one_in(chance, 24))
		target->kind = (uint32_t)CHANCE_PICK(chance, 0, 4, 5, 1U << 31,
						     UINT32_MAX);
	if (attempt->call == CALL_TARGET_ADD)
		target->flags = chance_below(chance, 2);
	if (chance_one_in(chance, 24))
		target->flags = 1U << chance_below(chance, 32);
	target->reserved = reserved(chance);
	attempt->living = 1;
	/* Whom there is to remove. */
	if (attempt->call == CALL_TARGET_REMOVE && model->count &&
	    chance_one_in(chance, 2)) {
		const struct flightrec_target *one =
			&model->targets[chance_below(chance, model->count)];

		target->kind = one->kind;
		target->id = one->id;
		memcpy(target->comm, one->comm, sizeof(target->comm));
		attempt->living = 0;
		return;
	}
	if (target->kind == FLIGHTREC_TARGET_COMM || chance_one_in(chance, 24))
		make_up_comm(chance, target);
	if (target->kind != FLIGHTREC_TARGET_COMM || chance_one_in(chance, 24))
		make_up_id(attempt, attacker);
}

static void make_up_stats(struct attempt *attempt, struct attacker *attacker)
{
	struct flightrec_stats *stats = &attempt->argument.stats;
	struct chance *chance = &attacker->chance;
	uint32_t cpus = attacker->model.info.cpus_possible;
	uint32_t count;

	if (chance_one_in(chance, 3))
		return;
	count = (uint32_t)CHANCE_PICK(chance, 1, cpus - 1, cpus, cpus + 1, 64,
				      UINT32_MAX);
	attempt->inner = place_choose(&attacker->inner, chance,
				      sizeof(struct flightrec_stats_cpu) *
					      (count < cpus ? count : cpus));
	stats->cpus = (uintptr_t)attempt->inner.user;
	stats->cpus_count = chance_one_in(chance, 16) ? 0 : count;
}

static void make_up_mark(struct attempt *attempt, struct attacker *attacker)
{
	struct flightrec_mark *mark = &attempt->argument.mark;
	struct chance *chance = &attacker->chance;
	char text[300];

	mark->reserved = reserved(chance);
	mark->length = chance_one_in(chance, 4) ?
			       (uint32_t)CHANCE_PICK(chance, 0, 1, 255, 256,
						     257, 4096, 1U << 31,
						     UINT32_MAX) :
			       1 + chance_below(chance, 64);
	attempt->inner = place_choose(&attacker->inner, chance,
				      mark->length < 300 ? mark->length : 300);
	memset(text, 'm', sizeof(text));
	place_fill(&attempt->inner, text, sizeof(text));
	mark->text = (uintptr_t)attempt->inner.user;
}

/* What goes with a condition: a limit, calls, a value, a text. */
static void make_up_condition(struct chance *chance,
			      struct flightrec_trigger *trigger)
{
	switch (trigger->condition) {
	case FLIGHTREC_TRIGGER_IN_CALL:
	case FLIGHTREC_TRIGGER_CALL:
		trigger->calls_count = chance_below(chance, 3);
		trigger->calls[0] = trigger->calls_count ? SYS_write : 0;
		trigger->calls[1] = trigger->calls_count == 2 ? SYS_ioctl : 0;
		break;
	case FLIGHTREC_TRIGGER_ERRNO:
		trigger->value = (int32_t)CHANCE_PICK(chance, 1, EBADF, EBADF,
						      ENOENT, 4095);
		return;
	case FLIGHTREC_TRIGGER_SIGNAL:
		trigger->value = (int32_t)CHANCE_PICK(chance, 0, 9, 11, 64);
		return;
	case FLIGHTREC_TRIGGER_EXIT:
		trigger->value = (int32_t)CHANCE_PICK(chance, 0, 1, 255);
		return;
	case FLIGHTREC_TRIGGER_MARK:
		memset(trigger->text, chance_one_in(chance, 2) ? 'm' : 'w',
		       CHANCE_PICK(chance, 0, 0, 1, 31, 32));
		return;
	case FLIGHTREC_TRIGGER_EXEC:
		return;
	default:
		break;
	}
	if (trigger->condition >= FLIGHTREC_TRIGGER_IN_CALL)
		trigger->limit_ns = CHANCE_PICK(chance, 8000000, 8000001,
						100000000, 4000000000,
						1ULL << 60);
	else
		trigger->limit_ns = CHANCE_PICK(chance, 1, 1000, 1000000,
						1000000000, 1ULL << 60);
}

/* One thing that is out of its range, or at its end, or not for this condition. */
static void spoil_trigger(struct chance *chance,
			  struct flightrec_trigger *trigger)
{
	switch (chance_below(chance, 11)) {
	case 0:
		trigger->condition = (uint32_t)CHANCE_PICK(
			chance, 0, 13, 32, 33, 1U << 31, UINT32_MAX);
		break;
	case 1:
		trigger->action = (uint32_t)CHANCE_PICK(chance, 0, 3, 1U << 31,
							UINT32_MAX);
		break;
	case 2:
		trigger->limit_ns = CHANCE_PICK(chance, 0, 1, 7999999,
						(1ULL << 60) + 1, UINT64_MAX);
		break;
	case 3:
		trigger->calls_count =
			(uint32_t)CHANCE_PICK(chance, 1, 8, 9, UINT32_MAX);
		break;
	case 4:
		trigger->calls[chance_below(chance, FLIGHTREC_TRIGGER_CALLS)] =
			(int32_t)CHANCE_PICK(chance, 1, 1U << 31, UINT32_MAX);
		break;
	case 5:
		trigger->value = (int32_t)CHANCE_PICK(
			chance, 0, 1, 65, 256, 4096, 1U << 31, UINT32_MAX);
		break;
	case 6:
		trigger->tail_ns = CHANCE_PICK(chance, 1, 1ULL << 40,
					       (1ULL << 40) + 1, UINT64_MAX);
		break;
	case 7:
		trigger->tail_percent =
			(uint32_t)CHANCE_PICK(chance, 1, 101, UINT32_MAX);
		break;
	case 8:
		trigger->every_ns =
			CHANCE_PICK(chance, (1ULL << 60) + 1, UINT64_MAX);
		break;
	case 9:
		trigger->reserved = 1U << chance_below(chance, 32);
		break;
	default:
		/* A text without a condition for it, or not padded by NULs. */
		trigger->text[chance_below(chance,
					   FLIGHTREC_TRIGGER_TEXT_BYTES)] = 't';
	}
}

/*
 * Few freeze: as long as there is one that does, little is certain, and it does not
 * take long before nothing is recorded.
 */
static void make_up_action(struct attacker *attacker,
			   struct flightrec_trigger *trigger)
{
	struct chance *chance = &attacker->chance;
	bool is_one = !attacker->alone || model_freezer(&attacker->model);

	trigger->action = FLIGHTREC_ACTION_NOTIFY;
	if (!chance_one_in(chance, is_one ? 24 : 4))
		return;
	trigger->action = FLIGHTREC_ACTION_FREEZE;
	trigger->tail_ns =
		CHANCE_PICK(chance, 0, 0, 1, 1000000, 20000000, 1ULL << 40);
	trigger->tail_percent = (uint32_t)CHANCE_PICK(chance, 0, 0, 1, 50, 100);
}

static void make_up_trigger(struct attacker *attacker,
			    struct flightrec_trigger *trigger)
{
	struct chance *chance = &attacker->chance;

	trigger->condition = 1 + chance_below(chance, FLIGHTREC_TRIGGER_AWAY);
	make_up_action(attacker, trigger);
	make_up_condition(chance, trigger);
	trigger->every_ns =
		CHANCE_PICK(chance, 0, 0, 1, 1000000, 1000000000, 1ULL << 60);
	trigger->max = (uint32_t)CHANCE_PICK(chance, 0, 0, 1, 2, UINT32_MAX);
	/* These are not looked at. */
	if (chance_one_in(chance, 8))
		trigger->id = (uint32_t)chance_next(chance);
	if (chance_one_in(chance, 8))
		trigger->fired = chance_next(chance);
	if (chance_one_in(chance, 8))
		trigger->held_back = chance_next(chance);
	if (chance_one_in(chance, 3))
		spoil_trigger(chance, trigger);
}

/* One that there is, if there are any. */
static uint32_t some_trigger(struct attacker *attacker)
{
	const struct model *model = &attacker->model;
	const struct flightrec_trigger *freezer = model_freezer(model);
	struct chance *chance = &attacker->chance;
	struct flightrec_trigger one = { .size = sizeof(one) };

	if (!attacker->alone) {
		ioctl(attacker->device, FLIGHTREC_IOC_TRIGGER_GET, &one);
		return one.id;
	}
	if (!model->triggers_count)
		return 1;
	if (freezer && chance_one_in(chance, 2))
		return freezer->id;
	return model->triggers[chance_below(chance, model->triggers_count)].id;
}

static void make_up_trigger_id(struct attempt *attempt,
			       struct attacker *attacker)
{
	struct flightrec_trigger *trigger = &attempt->argument.trigger;
	struct chance *chance = &attacker->chance;

	trigger->id = some_trigger(attacker);
	if (chance_one_in(chance, 4))
		trigger->id += (uint32_t)CHANCE_PICK(chance, 1, 2, UINT32_MAX);
	if (chance_one_in(chance, 8))
		trigger->id = (uint32_t)CHANCE_PICK(chance, 0, 1, 1U << 31,
						    UINT32_MAX);
}

static void make_up_fired(struct attacker *attacker,
			  struct flightrec_fired *fired)
{
	struct chance *chance = &attacker->chance;
	uint64_t last = attacker->model.sequence;

	fired->flags = reserved(chance);
	fired->firing.sequence = CHANCE_PICK(chance, 0, last, last, last + 1,
					     1ULL << 63, UINT64_MAX);
	if (chance_one_in(chance, 24))
		fired->firing.clock = chance_next(chance) | 1;
	if (chance_one_in(chance, 24))
		fired->firing.trigger = 1;
}

static void make_up_argument(struct attempt *attempt, struct attacker *attacker)
{
	struct flightrec_control *control = &attempt->argument.control;

	attempt->inner.steady = true;
	switch (attempt->call) {
	case CALL_CONFIGURE:
		make_up_config(attacker, &attempt->argument.config);
		break;
	case CALL_TARGET_ADD:
	case CALL_TARGET_REMOVE:
		make_up_target(attempt, attacker);
		break;
	case CALL_STATS:
		make_up_stats(attempt, attacker);
		break;
	case CALL_MARK:
		make_up_mark(attempt, attacker);
		break;
	case CALL_TRIGGER_ADD:
		make_up_trigger(attacker, &attempt->argument.trigger);
		break;
	case CALL_TRIGGER_REMOVE:
	case CALL_TRIGGER_GET:
		make_up_trigger_id(attempt, attacker);
		break;
	case CALL_FIRED:
		make_up_fired(attacker, &attempt->argument.fired);
		break;
	case CALL_INFO:
	case CALL_UNKNOWN:
		break;
	default:
		control->flags = reserved(&attacker->chance);
		control->reserved = reserved(&attacker->chance);
	}
	control->recorder = reserved(&attacker->chance);
}

/* What it says of its size, and what stands behind what is known of it. */
static void make_up_size(struct attempt *attempt, struct chance *chance)
{
	uint32_t known = contract_of(attempt->call)->bytes;

	attempt->size = known;
	if (chance_one_in(chance, 5))
		attempt->size = (uint32_t)CHANCE_PICK(
			chance, 0, 4, 8, known - 8, known - 1, known + 1,
			known + 8, known + 8, known + 100, 4095, 4096, 4097,
			8192, 1U << 31, UINT32_MAX);
	/* What is behind it is not there. */
	if (attempt->size < known &&
	    attempt->size >= contract_of(attempt->call)->first_bytes)
		memset((char *)&attempt->argument + attempt->size, 0,
		       known - attempt->size);
	memset(attempt->image, 0, sizeof(attempt->image));
	attempt->argument.control.size = attempt->size;
	memcpy(attempt->image, &attempt->argument, sizeof(attempt->argument));
	if (attempt->size <= known || !chance_one_in(chance, 3))
		return;
	attempt->tail = true;
	known += chance_below(chance,
			      (attempt->size < ATTEMPT_BYTES ? attempt->size :
							       ATTEMPT_BYTES) -
				      known);
	attempt->image[known] = (uint8_t)(1U << chance_below(chance, 8));
}

/* From 0 on, without gaps. */
#define KNOWN_NUMBERS (_IOC_NR(FLIGHTREC_IOC_FIRED) + 1)

static unsigned int unknown_number(struct chance *chance)
{
	static const unsigned int known_bytes[] = { 0, 8, 16, 72, 16383 };
	unsigned int number = KNOWN_NUMBERS + chance_below(chance, 242);

	if (chance_one_in(chance, 2))
		return _IO(0xf2, number);
	if (chance_one_in(chance, 2))
		/* A known one, with a direction and a size. */
		return _IOC(1 + chance_below(chance, 3), 0xf2,
			    number % KNOWN_NUMBERS,
			    known_bytes[chance_below(chance, 5)]);
	/* No type that the kernel looks at before the device does. */
	return _IOC(chance_below(chance, 4), 0xf3 + chance_below(chance, 13),
		    number % 16, chance_below(chance, 16384));
}

static void make_up_ioctl(struct attempt *attempt, struct attacker *attacker)
{
	struct chance *chance = &attacker->chance;
	uint32_t put;

	attempt->number = contract_of(attempt->call)->number;
	make_up_argument(attempt, attacker);
	if (attempt->call == CALL_UNKNOWN)
		attempt->number = unknown_number(chance);
	make_up_size(attempt, chance);
	put = attempt->size < 4096 ? attempt->size : 4096;
	if (put < 8)
		put = 8;
	attempt->spot = place_choose(&attacker->outer, chance, put);
	/* Within reach of a 32-bit caller, or of none. */
	attempt->compat = attacker->compat && chance_one_in(chance, 4) &&
			  (uintptr_t)attempt->spot.user <= UINT32_MAX;
	place_fill(&attempt->spot, attempt->image,
		   attempt->spot.readable < ATTEMPT_BYTES ?
			   attempt->spot.readable :
			   ATTEMPT_BYTES);
}

/* ---- buffers ---------------------------------------------------------------------- */

static void make_up_read(struct attempt *attempt, struct attacker *attacker)
{
	struct chance *chance = &attacker->chance;

	attempt->bytes = CHANCE_PICK(chance, 0, 1, 8, 560, 4095, 4096, 8192,
				     READ_MOST / 8);
	attempt->spot = place_choose(&attacker->outer, chance, attempt->bytes);
	/* No size that is refused depends on what is there. */
	if (chance_one_in(chance, 24))
		attempt->bytes =
			CHANCE_PICK(chance, 1ULL << 31, 1ULL << 63, UINT64_MAX);
}

static void make_up_write(struct attempt *attempt, struct attacker *attacker)
{
	struct chance *chance = &attacker->chance;

	attempt->bytes =
		chance_one_in(chance, 3) ?
			CHANCE_PICK(chance, 0, 1, 2, 255, 256, 257, 258, 4096) :
			1 + chance_below(chance, 64);
	memset(attempt->image, 'w', sizeof(attempt->image));
	attempt->text_end = chance_one_in(chance, 3) ? '\n' : 'w';
	if (attempt->bytes)
		attempt->image[attempt->bytes - 1] = attempt->text_end;
	attempt->spot = place_choose(&attacker->outer, chance, attempt->bytes);
	place_fill(&attempt->spot, attempt->image, attempt->bytes);
	if (chance_one_in(chance, 24))
		attempt->bytes =
			CHANCE_PICK(chance, 1ULL << 31, 1ULL << 63, UINT64_MAX);
}

/* ---- which ------------------------------------------------------------------------ */

/*
 * The calls that make the recorder go round are made oftener than those that are
 * refused whatever it does. There is work in a start.
 */
static enum call choose_call(struct chance *chance)
{
	static const uint8_t odds[CALLS] = {
		[CALL_INFO] = 3,	 [CALL_CONFIGURE] = 10,
		[CALL_TARGET_ADD] = 16,	 [CALL_TARGET_REMOVE] = 10,
		[CALL_START] = 8,	 [CALL_STOP] = 3,
		[CALL_FREEZE] = 7,	 [CALL_THAW] = 5,
		[CALL_STATS] = 8,	 [CALL_MARK] = 10,
		[CALL_TRIGGER_ADD] = 12, [CALL_TRIGGER_REMOVE] = 9,
		[CALL_TRIGGER_GET] = 6,	 [CALL_FIRED] = 8,
		[CALL_UNKNOWN] = 3,	 [CALL_READ] = 8,
		[CALL_READV] = 2,	 [CALL_WRITE] = 8,
		[CALL_WRITEV] = 2,	 [CALL_POLL] = 4,
		[CALL_LSEEK] = 4,	 [CALL_PREAD] = 1,
		[CALL_PWRITE] = 1,	 [CALL_MMAP] = 1,
		[CALL_FSYNC] = 1,	 [CALL_SPLICE_OUT] = 1,
		[CALL_SPLICE_IN] = 1,	 [CALL_FTRUNCATE] = 1,
		[CALL_FALLOCATE] = 1,	 [CALL_OPEN] = 4,
	};
	uint32_t sum = 0, at;
	int call;

	for (call = 0; call < CALLS; call++)
		sum += odds[call];
	at = chance_below(chance, sum);
	for (call = 0; at >= odds[call]; call++)
		at -= odds[call];
	return (enum call)call;
}

/* The first one stays good for everything, and reads from the beginning again. */
static void make_up_open(struct attempt *attempt, struct attacker *attacker)
{
	if (attempt->opened == &attacker->own[0] &&
	    chance_one_in(&attacker->chance, 4))
		attempt->opened++;
	if (attempt->opened == &attacker->own[0])
		opened_renew(attempt->opened);
	else
		opened_change(attempt->opened, &attacker->chance);
}

void attempt_make_up(struct attempt *attempt, struct attacker *attacker)
{
	struct chance *chance = &attacker->chance;

	memset(attempt, 0, offsetof(struct attempt, image));
	attempt->call = choose_call(chance);
	attempt->spot.steady = true;
	attempt->opened =
		&attacker->own[chance_one_in(chance, 3) ?
				       chance_below(chance, OPENED_OWN) :
				       0];
	if (!attacker->alone && chance_one_in(chance, 2)) {
		attempt->shared =
			opened_shared(chance_below(chance, OPENED_SHARED));
		attempt->opened = &attempt->shared;
	}
	if (attempt->call < CALLS_IOCTL)
		make_up_ioctl(attempt, attacker);
	else if (attempt->call == CALL_READ || attempt->call == CALL_READV)
		make_up_read(attempt, attacker);
	else if (attempt->call == CALL_WRITE || attempt->call == CALL_WRITEV)
		make_up_write(attempt, attacker);
	else if (attempt->call == CALL_OPEN)
		make_up_open(attempt, attacker);
}

/* ---- making it --------------------------------------------------------------------- */

#ifdef __x86_64__
static long compat_call(long number, long first, long second, long third)
{
	long result = number;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(first), "c"(second), "d"(third)
			 : "r8", "r9", "r10", "r11", "memory");
	return (int)result;
}

bool attempt_compat_works(void)
{
	pid_t child = fork();
	int status;

	TROUBLE_UNLESS(child >= 0);
	if (!child)
		_exit(compat_call(20, 0, 0, 0) == getpid() ? 0 : 1);
	TROUBLE_UNLESS(waitpid(child, &status, 0) == child);
	return !status;
}

#define COMPAT_IOCTL 54
#else
static long compat_call(long number, long first, long second, long third)
{
	return -ENOSYS;
}

bool attempt_compat_works(void)
{
	return false;
}

#define COMPAT_IOCTL 0
#endif

static long raw(long result)
{
	return result == -1 ? -errno : result;
}

/* In three pieces, of which one may be empty. */
static long vectored(const struct attempt *attempt, long number)
{
	size_t third = attempt->bytes / 3;
	struct iovec pieces[3] = {
		{ attempt->spot.user, attempt->bytes - 2 * third },
		{ attempt->spot.user + attempt->bytes - 2 * third, third },
		{ attempt->spot.user + attempt->bytes - third, third },
	};

	return raw(syscall(number, attempt->opened->fd, pieces, 3));
}

static long do_poll(struct attempt *attempt)
{
	struct pollfd poller = {
		.fd = attempt->opened->fd,
		.events = POLLIN | POLLOUT | POLLPRI,
	};
	long result = raw(poll(&poller, 1, 0));

	attempt->ready = poller.revents;
	return result;
}

static long do_mmap(int fd)
{
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	munmap(memory, 4096);
	return 0;
}

static long do_splice(int fd, bool out)
{
	int pipes[2];
	long result;

	TROUBLE_UNLESS(!pipe2(pipes, O_CLOEXEC));
	TROUBLE_UNLESS(write(pipes[1], "x", 1) == 1);
	if (out)
		result = raw(splice(fd, NULL, pipes[1], NULL, 4096,
				    SPLICE_F_NONBLOCK));
	else
		result = raw(splice(pipes[0], NULL, fd, NULL, 4096,
				    SPLICE_F_NONBLOCK));
	close(pipes[0]);
	close(pipes[1]);
	return result;
}

static long do_ioctl(const struct attempt *attempt)
{
	int fd = attempt->opened->fd;

	if (attempt->compat)
		return compat_call(COMPAT_IOCTL, fd, attempt->number,
				   (long)attempt->spot.user);
	return raw(syscall(SYS_ioctl, fd, attempt->number, attempt->spot.user));
}

static long do_other(struct attempt *attempt)
{
	int fd = attempt->opened->fd;
	char byte = 0;

	switch (attempt->call) {
	case CALL_READ:
		return raw(syscall(SYS_read, fd, attempt->spot.user,
				   attempt->bytes));
	case CALL_READV:
		return vectored(attempt, SYS_readv);
	case CALL_WRITE:
		return raw(syscall(SYS_write, fd, attempt->spot.user,
				   attempt->bytes));
	case CALL_WRITEV:
		return vectored(attempt, SYS_writev);
	case CALL_POLL:
		return do_poll(attempt);
	case CALL_LSEEK:
		return raw(lseek(fd, 0, SEEK_SET));
	case CALL_PREAD:
		return raw(pread(fd, &byte, 1, 0));
	case CALL_PWRITE:
		return raw(pwrite(fd, &byte, 1, 0));
	case CALL_MMAP:
		return do_mmap(fd);
	case CALL_FSYNC:
		return raw(fsync(fd));
	case CALL_SPLICE_OUT:
		return do_splice(fd, true);
	case CALL_SPLICE_IN:
		return do_splice(fd, false);
	case CALL_FTRUNCATE:
		return raw(ftruncate(fd, 0));
	case CALL_FALLOCATE:
		return raw(fallocate(fd, 0, 0, 4096));
	default:
		return 0;
	}
}

void attempt_make(struct attempt *attempt)
{
	attempt->result = attempt->call < CALLS_IOCTL ? do_ioctl(attempt) :
							do_other(attempt);
}

/* ---- telling of it ------------------------------------------------------------------ */

const char *attempt_text(const struct attempt *attempt, char *text,
			 size_t bytes)
{
	const struct contract *contract = contract_of(attempt->call);
	size_t at, i, shown = attempt->call < CALLS_IOCTL ? contract->bytes : 0;

	at = (size_t)snprintf(
		text, bytes,
		"%s%s of a %s descriptor, number %#x, %s memory (%zu of it readable), bytes %" PRIu64
		", %s inner memory (%zu)",
		contract->name, attempt->compat ? " by the 32-bit entry" : "",
		attempt->opened->certain ?
			opened_way_name(attempt->opened->way) :
			"shared",
		attempt->number, place_name(attempt->spot.place),
		attempt->spot.readable, attempt->bytes,
		place_name(attempt->inner.place), attempt->inner.writable);
	if (shown && at < bytes)
		at += (size_t)snprintf(text + at, bytes - at, ", struct%s",
				       attempt->tail ? " with a tail" : "");
	for (i = 0; i < shown && at < bytes; i += 4)
		at += (size_t)snprintf(
			text + at, bytes - at, " %02x%02x%02x%02x",
			attempt->image[i + 3], attempt->image[i + 2],
			attempt->image[i + 1], attempt->image[i]);
	return text;
}
