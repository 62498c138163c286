/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What uapi/linux/flightrec.h promises of each call, in a form that a program
 * can hold calls against. It must say what stands there, and no more: never
 * widen it because a call returned something else.
 */
#ifndef ATTACK_CONTRACT_H
#define ATTACK_CONTRACT_H

#include <linux/flightrec.h>
#include <stdbool.h>
#include <stdint.h>

#include "errnos.h"

/* The calls that are made. First the ioctls. */
enum call {
	CALL_INFO,
	CALL_CONFIGURE,
	CALL_TARGET_ADD,
	CALL_TARGET_REMOVE,
	CALL_START,
	CALL_STOP,
	CALL_FREEZE,
	CALL_THAW,
	CALL_STATS,
	CALL_MARK,
	CALL_TRIGGER_ADD,
	CALL_TRIGGER_REMOVE,
	CALL_TRIGGER_GET,
	CALL_FIRED,
	CALL_UNKNOWN,
	CALLS_IOCTL,
	CALL_READ = CALLS_IOCTL,
	CALL_READV,
	CALL_WRITE,
	CALL_WRITEV,
	CALL_POLL,
	CALL_LSEEK,
	CALL_PREAD,
	CALL_PWRITE,
	CALL_MMAP,
	CALL_FSYNC,
	CALL_SPLICE_OUT,
	CALL_SPLICE_IN,
	CALL_FTRUNCATE,
	CALL_FALLOCATE,
	CALL_OPEN,
	CALLS
};

/* Room for any command's struct. */
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
 * struct contract - what is promised of a call
 * @name: its name
 * @number: FLIGHTREC_IOC_*, of ioctls
 * @bytes: size of the struct, of ioctls
 * @first_bytes: as the first version had it
 * @for_writers: allowed on a descriptor that is open for writing only
 * @answers: writes to its struct
 * @documented: the errnos it may return
 * @elusive: of them, those that take luck or a fault to be seen
 */
struct contract {
	const char *name;
	unsigned int number;
	uint32_t bytes;
	uint32_t first_bytes;
	bool for_writers;
	bool answers;
	struct errnos documented;
	struct errnos elusive;
};

void contract_init(void);
const struct contract *contract_of(enum call call);
/* Take CALL:ERRNO out, to see that this is noticed. Return: was it there? */
bool contract_forget(const char *what);

#endif /* ATTACK_CONTRACT_H */
