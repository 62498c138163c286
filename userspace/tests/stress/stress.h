/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stress test: roles that do, all at once, what hurts a recorder. Each role
 * is played by processes of its own, which are killed in the middle of what they
 * do and started again. Every call is noted: what the contract does not document
 * for it in any state is a failure.
 *
 * What they share is one piece of memory, changed by atomic operations alone, so
 * that whoever is killed leaves it whole.
 */
#ifndef STRESS_H
#define STRESS_H

#include <linux/flightrec.h>

#include "../programs/truth.h"

#define STRESS_ERRNOS 134
#define STRESS_PIDS   512

/* What is noted. From CALL_OFFLINE on: not calls of the device. */
enum call {
	CALL_OPEN,
	CALL_INFO,
	CALL_CONFIGURE,
	CALL_MISCONFIGURE,
	CALL_TARGET_ADD,
	CALL_TARGET_REMOVE,
	CALL_START,
	CALL_STOP,
	CALL_FREEZE,
	CALL_THAW,
	CALL_STATS,
	CALL_MARK,
	CALL_READ,
	CALL_WRITE,
	CALL_TRIGGER_ADD,
	CALL_TRIGGER_REMOVE,
	CALL_TRIGGER_GET,
	CALL_FIRED,
	CALL_BAD_MEMORY,
	CALL_NOT_FOR_WRITERS,
	CALL_INSMOD,
	CALL_RMMOD,
	CALL_OFFLINE,
	CALL_ONLINE,
	CALLS
};

/* What is counted beside calls. */
enum deed {
	DEED_WINDOW,	 /* a window read whole, and in order */
	DEED_LIVE,	 /* likewise, of while recording went on */
	DEED_BY_TRIGGER, /* likewise, of a freeze by a trigger */
	DEED_FIRING,	 /* of a trigger, told by FIRED */
	DEED_CUT_SHORT,	 /* a reading that was given up */
	DEED_PROCESS,	 /* born */
	DEED_THREAD,
	DEED_EXEC,
	DEED_THREAD_EXEC, /* by a thread that is not the leader */
	DEED_KILL,	  /* of a target, by another process */
	DEED_PRESSURE,	  /* memory filled */
	DEED_ROLE_KILLED, /* in the middle of what it did */
	DEEDS
};

/**
 * struct arena - what all share
 * @over: time is up
 * @gate: not 0: nobody may open the device, the module is to go
 * @failures: how many there were
 * @results: of each call, by errno
 * @deeds: how often
 * @pids: of targets, some of which have ended; 0: none yet
 * @pids_count: how many were ever put there
 */
struct arena {
	int over;
	int gate;
	unsigned int failures;
	uint64_t results[CALLS][STRESS_ERRNOS];
	uint64_t deeds[DEEDS];
	pid_t pids[STRESS_PIDS];
	unsigned int pids_count;
};

extern struct arena *arena;

/* calls.c */
__attribute__((format(printf, 1, 2))) void stress_fail(const char *format, ...);
long stress_note(enum call call, long result);
bool stress_reached(void);
void stress_report(void);

/* random.c */
void stress_seed(uint64_t seed);
uint32_t stress_random(uint32_t below);

/* Is it over? */
static inline bool stress_over(void)
{
	return __atomic_load_n(&arena->over, __ATOMIC_RELAXED);
}

/* Who has the device open is to close it: time is up, or the module is to go. */
static inline bool stress_must_close(void)
{
	return stress_over() || __atomic_load_n(&arena->gate, __ATOMIC_RELAXED);
}

static inline void stress_did(enum deed deed)
{
	__atomic_fetch_add(&arena->deeds[deed], 1, __ATOMIC_RELAXED);
}

/* Sleep up to so long. */
static inline void stress_sleep(uint32_t most_us)
{
	usleep(stress_random(most_us + 1));
}

/* One of several, at random. */
#define STRESS_ONE_OF(array) ((array)[stress_random(ARRAY_SIZE(array))])

/* device.c */
extern void *volatile stress_nowhere; /* what nobody can read or write */
int stress_open(int flags);
long stress_configure(int fd, bool valid);
long stress_control(int fd, enum call call);
long stress_target(int fd, enum call call, uint32_t kind, uint32_t flags,
		   pid_t id, const char *comm);
long stress_stats(int fd);
long stress_mark(int fd, const void *text, uint32_t length);
long stress_trigger_add(int fd, struct flightrec_trigger *trigger);
long stress_trigger_remove(int fd, uint32_t id);
long stress_trigger_next(int fd, uint32_t *id);
long stress_fired(int fd, uint64_t *known);
long stress_read(int fd, void *to, size_t bytes);

/* The roles: each does a little and returns. */
void role_controller(void);
void role_targets(void);
void role_triggers(void);
void role_marker(void);
void role_reader(void);
void role_storm(void);
void role_killer(void);
void role_cpus(void);
void role_memory(void);
void role_module(void);

/* storm.c: what this program is when it is executed as a leaf. */
int storm_leaf(void);

/* machine.c */
extern const char *machine_module;
void machine_restore(void);

#endif /* STRESS_H */
