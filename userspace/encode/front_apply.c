// SPDX-License-Identifier: GPL-2.0
/*
 * What an event changes in the model. See front_model.h.
 */
#include "front_model.h"

#include <errno.h>
#include <string.h>

static void leave_cpu(struct front_thread *thread, uint8_t state,
		      uint64_t clock)
{
	struct front_status *status = &thread->status;

	status->left_state = state;
	switch (state) {
	case FLIGHTREC_STATE_RUNNING:
	case FLIGHTREC_STATE_PREEMPTED:
		front_set_state(thread, FRONT_RUNNABLE, clock, true);
		status->why = state == FLIGHTREC_STATE_PREEMPTED ?
				      FRONT_PREEMPTED :
				      FRONT_YIELDED;
		break;
	case FLIGHTREC_STATE_DEAD:
	case FLIGHTREC_STATE_ZOMBIE:
		front_set_state(thread, FRONT_DEAD, clock, true);
		thread->exiting = true;
		break;
	default:
		front_set_state(thread, FRONT_BLOCKED, clock, true);
	}
}

static void apply_switch(struct front *front)
{
	const struct flightrec_event *event = &front->event;
	struct front_thread *prev = front->thread;
	struct front_thread *next = front->other;
	uint8_t flags = event->sched_switch.flags;

	prev->target = flags & FLIGHTREC_SWITCH_PREV_TARGET;
	next->target = flags & FLIGHTREC_SWITCH_NEXT_TARGET;
	if (prev->tid)
		leave_cpu(prev, event->sched_switch.state, event->clock);
	else
		front_set_state(prev, FRONT_RUNNABLE, event->clock, true);
	front_set_running(front->cpu, next, event->clock, true);
	front->cpu->sure = next->target;
}

static void apply_waking(struct front *front)
{
	const struct flightrec_event *event = &front->event;
	struct front_thread *wakee = front->other;
	struct front_status *status = &wakee->status;

	wakee->target = event->waking.flags & FLIGHTREC_WAKING_WAKEE_TARGET;
	front->thread->target = event->waking.flags &
				FLIGHTREC_WAKING_WAKER_TARGET;
	front->cpu->sure = front->thread->target;
	if (status->state != FRONT_BLOCKED && status->state != FRONT_UNKNOWN)
		return;
	status->blocked_since = status->state == FRONT_BLOCKED ? status->since :
								 0;
	front_set_state(wakee, FRONT_RUNNABLE, event->clock, true);
	status->why = FRONT_WOKEN;
	status->waker_tid = event->tid;
	status->waker_cpu = event->cpu;
	status->waker_context = event->waking.context;
}

static void apply_enter(struct front *front, struct front_step *step)
{
	const struct flightrec_event *event = &front->event;
	struct front_call *call = &front->thread->call;

	front_clear_call(call);
	call->in = FRONT_CALL_IN;
	call->nr = event->enter.nr;
	call->compat = event->enter.compat;
	call->nargs = event->enter.nargs <= FLIGHTREC_ARGS_MAX ?
			      event->enter.nargs :
			      FLIGHTREC_ARGS_MAX;
	call->enter_known = true;
	call->enter_clock = event->clock;
	call->since = event->clock;
	memcpy(call->args, event->enter.args, sizeof(call->args));
	call->name = front_call_name(front, call->nr, call->compat);
	step->call = call;
}

static void apply_exit(struct front *front, struct front_step *step)
{
	front->ended = front->thread->call;
	step->call = &front->ended;
	front_leave_call(front->thread, FRONT_CALL_NONE, front->event.cpu,
			 front->event.clock);
}

static int apply_newtask(struct front *front, struct front_step *step)
{
	const struct flightrec_event *event = &front->event;
	uint32_t tid = event->newtask.tid;
	bool thread = event->newtask.flags & FLIGHTREC_NEWTASK_THREAD;
	struct front_thread *child;

	if (!tid)
		return 0;
	child = threads_born(&front->threads, tid, event->clock,
			     thread ? front->thread->tgid : tid);
	if (!child)
		return -ENOMEM;
	child->target = event->newtask.flags & FLIGHTREC_NEWTASK_TARGET;
	front_leave_call(child, FRONT_CALL_UNKNOWN, event->cpu, event->clock);
	step->other = child;
	step->other_before = child->status;
	if (!front->knows_sched)
		return 0;
	front_set_state(child, FRONT_RUNNABLE, event->clock, true);
	child->status.why = FRONT_BORN;
	return 0;
}

static void name_by_path(struct front_thread *thread,
			 const struct flightrec_event *event)
{
	const char *slash =
		memrchr(event->exec.path, '/', event->exec.path_length);
	const char *end = event->exec.path + event->exec.path_length;
	const char *name = slash ? slash + 1 : event->exec.path;

	threads_set_comm(thread, name, (size_t)(end - name));
}

static void apply_exec(struct front *front, struct front_step *step)
{
	struct front_thread *thread = front->thread;
	struct front_thread *old = front_given_up(front);

	if (old) {
		front_set_state(old, FRONT_DEAD, front->event.clock, true);
		old->exiting = true;
		old->status.left_state = FLIGHTREC_STATE_DEAD;
	}
	thread->call.execed = true;
	threads_refresh_name(&front->threads, thread, front->event.clock);
	if (!thread->identity && front->event.exec.path_length)
		name_by_path(thread, &front->event);
	step->old_comm = front->old_comm;
}

static void apply_task_exit(struct front *front)
{
	struct front_thread *thread = front->thread;
	struct front_thread *leader;

	thread->exiting = true;
	thread->exit_code = front->event.task_exit.code;
	if (front->knows_calls)
		front_leave_call(thread, FRONT_CALL_NONE, front->event.cpu,
				 front->event.clock);
	if (!(front->event.task_exit.flags & FLIGHTREC_TASK_EXIT_GROUP))
		return;
	leader = thread->tgid ? threads_find(&front->threads, thread->tgid) :
				NULL;
	if (leader)
		leader->process_over = true;
}

static void apply_rename(struct front *front, struct front_step *step)
{
	const struct flightrec_event *event = &front->event;

	if (event->rename.tid)
		threads_set_comm(front->other, event->rename.comm,
				 event->rename.comm_length);
	step->old_comm = front->old_comm;
}

/* Who seems to run was seen there after this, or is known no better. */
static void apply_migrate(struct front *front)
{
	struct front_thread *moved = front->other;

	moved->target = true;
	/* One that sleeps, too: kernels from 6.12 on leave it on a queue for a while. */
	if (moved->status.state == FRONT_RUNNABLE ||
	    moved->status.state == FRONT_BLOCKED)
		moved->status.cpu = front->event.migrate.cpu;
}

/* What only a target's record can be of: its leaving the CPU will be known. */
static void note_target(struct front *front)
{
	front->thread->target = true;
	front->cpu->sure = front->knows_sched;
}

int front_apply(struct front *front, struct front_step *step)
{
	front_begin_step(front, step, &front->event, front->thread,
			 front->other);
	front->cpu->seen = front->event.clock;
	front->thread->status.cpu = front->cpu->cpu;
	switch (front->event.type) {
	case FLIGHTREC_EVENT_SWITCH:
		apply_switch(front);
		break;
	case FLIGHTREC_EVENT_WAKING:
		apply_waking(front);
		break;
	case FLIGHTREC_EVENT_ENTER:
		note_target(front);
		apply_enter(front, step);
		break;
	case FLIGHTREC_EVENT_EXIT:
		note_target(front);
		apply_exit(front, step);
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		return apply_newtask(front, step);
	case FLIGHTREC_EVENT_EXEC:
		apply_exec(front, step);
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		note_target(front);
		apply_task_exit(front);
		break;
	case FLIGHTREC_EVENT_RENAME:
		apply_rename(front, step);
		break;
	case FLIGHTREC_EVENT_MIGRATE:
		apply_migrate(front);
		break;
	default:
		break;
	}
	return 0;
}
