/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks for tests: made-up ones, which the scheduler does not know and of which
 * only what target.c looks at is filled in; and threads that run.
 */
#ifndef FR_KUNIT_TASKS_H
#define FR_KUNIT_TASKS_H

#include <kunit/test.h>
#include <linux/sched.h>

#include "target.h"

struct task_struct *task_make(struct kunit *test, u32 tid);
struct task_struct *process_make(struct kunit *test, u32 tid);
struct task_struct *process_thread(struct kunit *test,
				   struct task_struct *leader, u32 tid);
void process_join(struct task_struct *leader, struct task_struct *thread);
struct fr_spec *process_spec(struct kunit *test, struct task_struct *leader,
			     u32 kind, u32 flags);
struct fr_spec *comm_spec(struct kunit *test, const char *comm, u32 flags);

struct task_struct *thread_start(int (*function)(void *data), void *data,
				 int cpu, const char *name);
int thread_stop(struct task_struct *thread);
bool thread_bury(struct task_struct *thread);
int thread_idle(void *data);
int stay_and_choose_another_cpu(void);

/**
 * struct target_room - the room of targets alone, without a recorder
 * @targets: with memory
 * @identities: likewise
 */
struct target_room {
	struct fr_targets targets;
	struct fr_identities identities;
};

struct target_room *target_room_create(u32 slots);
void target_room_destroy(struct target_room *room);
const char *targets_fault(struct fr_targets *targets);
bool is_target(struct fr_targets *targets, struct task_struct *task);

#endif /* FR_KUNIT_TASKS_H */
