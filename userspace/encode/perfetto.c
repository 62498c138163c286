// SPDX-License-Identifier: GPL-2.0
/*
 * Perfetto's native format: a file of packets, most of them bundles of one
 * CPU's events as the kernel's ftrace has them, which ui.perfetto.dev and
 * trace_processor_shell turn into slices and states.
 *
 * What its readers need and the recorder's events do not say by themselves
 * comes from the front end (see front.h). Besides:
 *
 *  - stamps are of CLOCK_BOOTTIME; within a CPU they never fall;
 *  - a task in a state that is not known any more is put to state I (idle), the
 *    only valid one that a thread of user space cannot be in;
 *  - a system call of a 32-bit caller goes by the number of the native call of
 *    that name; where there is none it becomes a slice of its own, by print
 *    events "B|process|name (32-bit)" and "E|process";
 *  - a mark is an instant on a child track of its thread's;
 *  - a process' first thread is ended with the last of all, as the kernel does:
 *    the viewer ends the whole process with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "front.h"
#include "perfetto_tree.h"
#include "protobuf.h"

/* Readers refuse greater ones. */
#define CPUS_MAX		1024

/* A bundle is written when it has so many bytes, or is so old. */
#define BUNDLE_BYTES		(16 * 1024)
#define BUNDLE_NS		100000000
/* More than one event takes: its lengths have a byte each. */
#define EVENT_BYTES		256
#define LENGTH_1		1
#define LENGTH_4		4

/* Numbers of calls, for translation. */
#define CALLS_MAX		1024
#define CALL_NOT_LOOKED_UP	0
#define CALL_NONE		(-1)

/* Sequences of packets. */
#define SEQUENCE_KERNEL		1
#define SEQUENCE_MARKS		2
#define SEQUENCE_BEGINS		1	/* sequence_flags: state cleared */

enum packet_field {
	TRACE_PACKET = 1,
	PACKET_FTRACE_EVENTS = 1,
	PACKET_PROCESS_TREE = 2,
	PACKET_CLOCK_SNAPSHOT = 6,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_SYSTEM_INFO = 45,
	PACKET_CLOCK_ID = 58,
	PACKET_TRACK_DESCRIPTOR = 60,
};

enum clock_field {
	SNAPSHOT_CLOCKS = 1,
	SNAPSHOT_PRIMARY = 2,
	CLOCK_ID = 1,
	CLOCK_TIMESTAMP = 2,
	CLOCK_OF_REALTIME = 1,
	CLOCK_OF_MONOTONIC = 3,
	CLOCK_OF_BOOTTIME = 6,
};

enum system_field {
	SYSTEM_UTSNAME = 1,
	SYSTEM_PAGE_SIZE = 6,
	SYSTEM_NUM_CPUS = 8,
	UTSNAME_SYSNAME = 1,
	UTSNAME_VERSION = 2,
	UTSNAME_RELEASE = 3,
	UTSNAME_MACHINE = 4,
};

enum track_field {
	DESCRIPTOR_UUID = 1,
	DESCRIPTOR_NAME = 2,
	DESCRIPTOR_THREAD = 4,
	DESCRIPTOR_PARENT = 5,
	THREAD_PID = 1,
	THREAD_TID = 2,
	TRACK_EVENT_TYPE = 9,
	TRACK_EVENT_UUID = 11,
	TRACK_EVENT_NAME = 23,
	TRACK_EVENT_INSTANT = 3,
};

enum bundle_field {
	BUNDLE_CPU = 1,
	BUNDLE_EVENT = 2,
	BUNDLE_LOST = 3,
};

enum event_field {
	EVENT_TIMESTAMP = 1,
	EVENT_PID = 2,
	EVENT_PRINT = 3,
	EVENT_SCHED_SWITCH = 4,
	EVENT_COMMON_FLAGS = 5,
	EVENT_SCHED_WAKING = 20,
	EVENT_TASK_NEWTASK = 235,
	EVENT_TASK_RENAME = 236,
	EVENT_SCHED_PROCESS_EXEC = 237,
	EVENT_SCHED_PROCESS_FREE = 240,
	EVENT_SIGNAL_DELIVER = 324,
	EVENT_SIGNAL_GENERATE = 325,
	EVENT_SYS_ENTER = 329,
	EVENT_SYS_EXIT = 330,
};

/* The kernel's bits of common_flags. */
#define COMMON_HARDIRQ		0x08
#define COMMON_SOFTIRQ		0x10

#define CLONE_THREAD_BIT	0x10000ULL

/* prev_state as Linux 4.14 and later have it. */
#define PREV_STATE_DEAD		0x10
#define PREV_STATE_UNKNOWN	0x80

static const uint16_t prev_states[] = {
	[FLIGHTREC_STATE_RUNNING] = 0,
	[FLIGHTREC_STATE_SLEEPING] = 0x1,
	[FLIGHTREC_STATE_DISK_SLEEP] = 0x2,
	[FLIGHTREC_STATE_STOPPED] = 0x4,
	[FLIGHTREC_STATE_TRACED] = 0x8,
	[FLIGHTREC_STATE_DEAD] = PREV_STATE_DEAD,
	[FLIGHTREC_STATE_ZOMBIE] = 0x20,
	[FLIGHTREC_STATE_PARKED] = 0x40,
	[FLIGHTREC_STATE_IDLE] = 0x80,
	[9 ... 14] = PREV_STATE_UNKNOWN,
	[FLIGHTREC_STATE_PREEMPTED] = 0x100,
};

/**
 * struct bundle - events of one CPU that are not written yet
 * @events: they
 * @first_ns: stamp of the first of them
 * @last_ns: stamp of this CPU's last event
 * @running: whom its last switch left running
 * @lost: events before the next one are missing
 */
struct bundle {
	struct protobuf events;
	uint64_t first_ns;
	uint64_t last_ns;
	uint32_t running;
	bool lost;
};

/**
 * struct note - what is remembered of a thread
 * @track: uuid of its track for marks; 0: none yet
 * @dying: of a process' first thread: how many threads have exited and not left
 *	their CPU
 * @exits: it is one of those
 * @freed: its end was told
 */
struct note {
	uint64_t track;
	uint32_t dying;
	bool exits;
	bool freed;
};

/**
 * struct perfetto - a trace being written
 * @bundles: by number of the CPU
 * @packet: a packet that is no bundle, being put together
 * @notes: by index of the thread
 * @threads_seen: how many threads have turned up so far
 * @tracks: uuids given out
 * @renumbered: a thread has given up its tid
 * @native: by number of a 32-bit call, that of the native one
 * @now: stamp of the current step
 * @error: -ENOMEM
 * @chunk, @event, @inner: the event that is being written
 */
struct perfetto {
	struct sink *sink;
	struct flightrec_reader *reader;
	struct front *front;
	const struct flightrec_window *window;
	struct bundle bundles[CPUS_MAX];
	struct protobuf packet;
	struct note *notes;
	size_t notes_count;
	size_t threads_seen;
	uint64_t tracks;
	bool marked;
	bool renumbered;
	int16_t native[CALLS_MAX];
	uint64_t now;
	int error;

	struct bundle *bundle;
	size_t event;
	size_t inner;
};

/* ---- packets ------------------------------------------------------------- */

static size_t begin_packet(struct perfetto *p, size_t room)
{
	p->packet.used = 0;
	if (protobuf_reserve(&p->packet, room + 64) < 0)
		p->error = -ENOMEM;
	if (p->error)
		return 0;
	return protobuf_begin(&p->packet, TRACE_PACKET, LENGTH_4);
}

static void end_packet(struct perfetto *p, size_t begin, uint32_t sequence)
{
	protobuf_number(&p->packet, PACKET_SEQUENCE_ID, sequence);
	protobuf_end(&p->packet, begin, LENGTH_4);
	sink_write(p->sink, p->packet.bytes, p->packet.used);
}

static void put_stamp(struct perfetto *p, uint64_t ns)
{
	protobuf_number(&p->packet, PACKET_TIMESTAMP, ns);
	protobuf_number(&p->packet, PACKET_CLOCK_ID, CLOCK_OF_BOOTTIME);
}

static void put_clock(struct perfetto *p, uint32_t id, uint64_t ns)
{
	size_t clock = protobuf_begin(&p->packet, SNAPSHOT_CLOCKS, LENGTH_1);

	protobuf_number(&p->packet, CLOCK_ID, id);
	protobuf_number(&p->packet, CLOCK_TIMESTAMP, ns);
	protobuf_end(&p->packet, clock, LENGTH_1);
}

static void put_clock_snapshot(struct perfetto *p)
{
	size_t packet = begin_packet(p, 128), snapshot;

	if (p->error)
		return;
	protobuf_number(&p->packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_BEGINS);
	snapshot = protobuf_begin(&p->packet, PACKET_CLOCK_SNAPSHOT, LENGTH_1);
	put_clock(p, CLOCK_OF_REALTIME, p->window->cut_real_ns);
	put_clock(p, CLOCK_OF_MONOTONIC, p->window->cut_mono_ns);
	put_clock(p, CLOCK_OF_BOOTTIME, p->window->cut_boot_ns);
	protobuf_number(&p->packet, SNAPSHOT_PRIMARY, CLOCK_OF_BOOTTIME);
	protobuf_end(&p->packet, snapshot, LENGTH_1);
	end_packet(p, packet, SEQUENCE_KERNEL);
}

static void put_uts(struct perfetto *p, uint32_t field, const uint8_t *name)
{
	const char *text = (const char *)name;

	protobuf_string(&p->packet, field, text,
			strnlen(text, FLIGHTREC_UTS_BYTES));
}

static void put_system_info(struct perfetto *p)
{
	size_t packet = begin_packet(p, 5 * FLIGHTREC_UTS_BYTES), info, uts;

	if (p->error)
		return;
	info = protobuf_begin(&p->packet, PACKET_SYSTEM_INFO, LENGTH_4);
	uts = protobuf_begin(&p->packet, SYSTEM_UTSNAME, LENGTH_4);
	protobuf_bytes(&p->packet, UTSNAME_SYSNAME, "Linux", strlen("Linux"));
	put_uts(p, UTSNAME_VERSION, p->window->version_text);
	put_uts(p, UTSNAME_RELEASE, p->window->release);
	put_uts(p, UTSNAME_MACHINE, p->window->machine);
	protobuf_end(&p->packet, uts, LENGTH_4);
	protobuf_number(&p->packet, SYSTEM_PAGE_SIZE, p->window->page_bytes);
	protobuf_number(&p->packet, SYSTEM_NUM_CPUS, p->window->cpus_possible);
	protobuf_end(&p->packet, info, LENGTH_4);
	end_packet(p, packet, SEQUENCE_KERNEL);
}

/* A ProcessTree whose fields are @tree, as of @ns. */
static void put_tree(struct perfetto *p, const struct protobuf *tree,
		     uint64_t ns)
{
	size_t packet = begin_packet(p, tree->used);

	if (p->error)
		return;
	put_stamp(p, ns);
	protobuf_bytes(&p->packet, PACKET_PROCESS_TREE, tree->bytes,
		       tree->used);
	end_packet(p, packet, SEQUENCE_KERNEL);
}

static void put_tree_all(struct perfetto *p)
{
	struct protobuf tree = { 0 };
	int64_t ns = flightrec_reader_boot_ns(p->reader,
					      front_begin_clock(p->front));

	p->error = protobuf_reserve(&tree, 1);
	if (!p->error)
		p->error = perfetto_tree_all(p->front, &tree);
	if (!p->error)
		put_tree(p, &tree, ns > 0 ? (uint64_t)ns : 0);
	protobuf_deinit(&tree);
}

static void put_tree_thread(struct perfetto *p,
			    const struct front_thread *thread, uint64_t ns)
{
	struct protobuf tree = { 0 };

	p->error = perfetto_tree_thread(thread, &tree);
	if (!p->error)
		put_tree(p, &tree, ns);
	protobuf_deinit(&tree);
}

/* ---- bundles ------------------------------------------------------------- */

static void put_bundle(struct perfetto *p, uint32_t cpu)
{
	struct bundle *bundle = &p->bundles[cpu];
	size_t length = 1 + protobuf_varint_length(cpu) +
			(bundle->lost ? 2 : 0) + bundle->events.used;
	size_t packet = 1 + protobuf_varint_length(length) + length + 2;

	p->packet.used = 0;
	if (protobuf_reserve(&p->packet, 64) < 0) {
		p->error = -ENOMEM;
		return;
	}
	protobuf_varint(&p->packet, TRACE_PACKET << 3 | 2);
	protobuf_varint(&p->packet, packet);
	protobuf_number(&p->packet, PACKET_SEQUENCE_ID, SEQUENCE_KERNEL);
	protobuf_varint(&p->packet, PACKET_FTRACE_EVENTS << 3 | 2);
	protobuf_varint(&p->packet, length);
	protobuf_number(&p->packet, BUNDLE_CPU, cpu);
	if (bundle->lost)
		protobuf_number(&p->packet, BUNDLE_LOST, true);
	sink_write(p->sink, p->packet.bytes, p->packet.used);
	if (bundle->events.used)
		sink_write(p->sink, bundle->events.bytes, bundle->events.used);
	bundle->events.used = 0;
	bundle->lost = false;
}

/* One bundle is due: so are those of other CPUs that have waited long. */
static void put_old_bundles(struct perfetto *p)
{
	size_t count = front_cpus(p->front);

	for (size_t i = 0; i < count; i++) {
		uint32_t cpu = front_cpu_at(p->front, i)->cpu;
		struct bundle *bundle = &p->bundles[cpu];

		if (bundle->events.used && p->now > bundle->first_ns &&
		    p->now - bundle->first_ns >= BUNDLE_NS)
			put_bundle(p, cpu);
	}
}

static void make_room(struct perfetto *p, uint32_t cpu)
{
	struct bundle *bundle = &p->bundles[cpu];

	if (!bundle->events.used)
		return;
	if (bundle->events.used + EVENT_BYTES > BUNDLE_BYTES) {
		put_bundle(p, cpu);
		put_old_bundles(p);
	} else if (p->now > bundle->first_ns &&
		   p->now - bundle->first_ns >= BUNDLE_NS) {
		put_old_bundles(p);
	}
}

static void put_all_bundles(struct perfetto *p)
{
	for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++) {
		if (p->bundles[cpu].events.used || p->bundles[cpu].lost)
			put_bundle(p, cpu);
	}
}

/* Events on @cpu are missing before the next one. */
static void note_loss(struct perfetto *p, uint32_t cpu)
{
	if (p->bundles[cpu].events.used || p->bundles[cpu].lost)
		put_bundle(p, cpu);
	p->bundles[cpu].lost = true;
}

/* ---- events -------------------------------------------------------------- */

static uint32_t tid_of(const struct front_thread *thread)
{
	return thread ? thread->tid : 0;
}

/*
 * Begin an event of @tid on @cpu, not before @ns; event_end() ends it. NULL if
 * there is no memory.
 */
static struct protobuf *event_begin(struct perfetto *p, uint32_t cpu,
				    uint32_t tid, uint64_t ns,
				    enum event_field field)
{
	struct bundle *bundle = &p->bundles[cpu];
	struct protobuf *chunk = &bundle->events;

	make_room(p, cpu);
	if (!chunk->room && protobuf_grow(chunk, BUNDLE_BYTES) < 0)
		p->error = -ENOMEM;
	if (p->error)
		return NULL;
	if (ns < bundle->last_ns)
		ns = bundle->last_ns;
	if (!chunk->used)
		bundle->first_ns = ns;
	bundle->last_ns = ns;
	p->bundle = bundle;
	p->event = protobuf_begin(chunk, BUNDLE_EVENT, LENGTH_1);
	protobuf_number(chunk, EVENT_TIMESTAMP, ns);
	protobuf_number(chunk, EVENT_PID, tid);
	p->inner = protobuf_begin(chunk, field, LENGTH_1);
	return chunk;
}

static void event_end(struct perfetto *p)
{
	struct protobuf *chunk = &p->bundle->events;

	protobuf_end(chunk, p->inner, LENGTH_1);
	protobuf_end(chunk, p->event, LENGTH_1);
}

static void put_comm(struct protobuf *chunk, uint32_t field,
		     const struct front_thread *thread)
{
	const char *comm = thread ? thread->comm : "swapper";

	protobuf_string(chunk, field, comm, strlen(comm));
}

/* Left out if it is not known: 0 would say the most urgent of all. */
static void put_prio(struct protobuf *chunk, uint32_t field,
		     const struct front_thread *thread)
{
	if (!thread || !thread->tid)
		protobuf_number(chunk, field, 120);
	else if (thread->identity)
		protobuf_number(chunk, field,
				(uint64_t)(int64_t)thread->identity->prio);
}

/* ---- scheduling ---------------------------------------------------------- */

static void put_sched_switch(struct perfetto *p, uint32_t cpu,
			     const struct front_thread *prev, uint32_t prev_tid,
			     uint32_t prev_state,
			     const struct front_thread *next)
{
	struct protobuf *chunk;

	chunk = event_begin(p, cpu, prev_tid, p->now, EVENT_SCHED_SWITCH);
	if (!chunk)
		return;
	put_comm(chunk, 1, prev);
	protobuf_number(chunk, 2, prev_tid);
	put_prio(chunk, 3, prev);
	protobuf_number(chunk, 4, prev_tid ? prev_state : 0);
	put_comm(chunk, 5, next);
	protobuf_number(chunk, 6, tid_of(next));
	put_prio(chunk, 7, next);
	event_end(p);
	p->bundle->running = tid_of(next);
}

/* After its last switch, not at it. */
static void put_process_free(struct perfetto *p, uint32_t cpu,
			     const struct front_thread *thread, uint32_t tid)
{
	uint64_t ns = p->bundles[cpu].last_ns + 1;
	struct protobuf *chunk;

	chunk = event_begin(p, cpu, tid, ns, EVENT_SCHED_PROCESS_FREE);
	if (!chunk)
		return;
	put_comm(chunk, 1, thread);
	protobuf_number(chunk, 2, tid);
	put_prio(chunk, 3, thread);
	event_end(p);
}

static void free_once(struct perfetto *p, uint32_t cpu,
		      const struct front_thread *thread)
{
	struct note *note = &p->notes[thread->index];

	if (note->freed)
		return;
	note->freed = true;
	put_process_free(p, cpu, thread, thread->tid);
}

/* The first thread of its process; NULL if that is not known. */
static const struct front_thread *leader_of(const struct perfetto *p,
					    const struct front_thread *thread)
{
	if (thread->tid == thread->tgid)
		return thread;
	return thread->tgid ? front_thread(p->front, thread->tgid) : NULL;
}

static void note_exit(struct perfetto *p, const struct front_thread *thread)
{
	const struct front_thread *leader = leader_of(p, thread);

	if (!leader || p->notes[thread->index].exits)
		return;
	p->notes[thread->index].exits = true;
	p->notes[leader->index].dying++;
}

/* @thread has left @cpu for good. */
static void note_death(struct perfetto *p, uint32_t cpu,
		       const struct front_thread *thread)
{
	const struct front_thread *leader = leader_of(p, thread);
	struct note *note = &p->notes[thread->index];

	if (leader != thread)
		free_once(p, cpu, thread);
	if (!leader)
		return;
	if (note->exits && p->notes[leader->index].dying)
		p->notes[leader->index].dying--;
	note->exits = false;
	if (leader->process_over && !p->notes[leader->index].dying &&
	    leader->status.state == FRONT_DEAD)
		free_once(p, cpu, leader);
}

static void put_switch(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint8_t state = event->sched_switch.state;
	uint32_t prev_state = PREV_STATE_UNKNOWN;

	if (!tid_of(step->thread) && !tid_of(step->other))
		return;
	if (state < sizeof(prev_states) / sizeof(prev_states[0]))
		prev_state = prev_states[state];
	/* Before what another CPU says of that thread at this instant. */
	if (!step->other && p->now)
		p->now--;
	put_sched_switch(p, event->cpu, step->thread, tid_of(step->thread),
			 prev_state, step->other);
	if (!step->thread || !step->thread->tid || p->error)
		return;
	if (step->thread->status.state == FRONT_DEAD &&
	    step->before.state != FRONT_DEAD)
		note_death(p, event->cpu, step->thread);
}

static void put_waking(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint32_t flags = 0;
	struct protobuf *chunk;

	chunk = event_begin(p, event->cpu, tid_of(step->thread), p->now,
			    EVENT_SCHED_WAKING);
	if (!chunk)
		return;
	put_comm(chunk, 1, step->other);
	protobuf_number(chunk, 2, step->other->tid);
	put_prio(chunk, 3, step->other);
	protobuf_number(chunk, 4, 1);
	if (step->other->status.cpu != UINT32_MAX)
		protobuf_number(chunk, 5, step->other->status.cpu);
	protobuf_end(chunk, p->inner, LENGTH_1);
	if (event->waking.context == FLIGHTREC_CONTEXT_HARDIRQ)
		flags = COMMON_HARDIRQ;
	else if (event->waking.context == FLIGHTREC_CONTEXT_SOFTIRQ)
		flags = COMMON_SOFTIRQ;
	if (flags)
		protobuf_number(chunk, EVENT_COMMON_FLAGS, flags);
	protobuf_end(chunk, p->event, LENGTH_1);
}

/* ---- calls --------------------------------------------------------------- */

static int16_t find_native(struct perfetto *p, const char *name)
{
	const char *machine = (const char *)p->window->machine;
	const struct flightrec_call_name *native;

	for (int16_t nr = 0; nr < CALLS_MAX; nr++) {
		native = flightrec_call_name(machine, false, nr);
		if (native && !strcmp(native->name, name))
			return nr;
	}
	return CALL_NONE;
}

/*
 * The number under which the viewer knows a call; false if it has none. In
 * native[], a number is kept plus one.
 */
static bool viewer_nr(struct perfetto *p, const struct front_call *call,
		      int32_t *nr)
{
	int16_t *native;

	*nr = call->nr;
	if (!call->compat)
		return true;
	if (call->nr < 0 || call->nr >= CALLS_MAX || !call->name)
		return false;
	native = &p->native[call->nr];
	if (*native == CALL_NOT_LOOKED_UP) {
		*native = find_native(p, call->name->name);
		if (*native != CALL_NONE)
			++*native;
	}
	*nr = *native - 1;
	return *native != CALL_NONE;
}

/*
 * "B|process|name" begins a slice on the thread's track, "E|process" ends it.
 */
static void put_print(struct perfetto *p, uint32_t cpu,
		      const struct front_thread *thread, uint32_t tid,
		      const struct front_call *begins)
{
	char text[96];
	struct protobuf *chunk;

	if (!begins)
		snprintf(text, sizeof(text), "E|%u\n", thread->tgid);
	else if (begins->name)
		snprintf(text, sizeof(text), "B|%u|sys_%.40s (32-bit)\n",
			 thread->tgid, begins->name->name);
	else
		snprintf(text, sizeof(text), "B|%u|sys_%d (32-bit)\n",
			 thread->tgid, begins->nr);
	chunk = event_begin(p, cpu, tid, p->now, EVENT_PRINT);
	if (!chunk)
		return;
	protobuf_string(chunk, 2, text, strlen(text));
	event_end(p);
}

/*
 * As many as the call has; the first one is recorded even where there is none.
 */
static unsigned int known_args(const struct front_call *call)
{
	size_t args = call->name ? strlen(call->name->args) : call->nargs;

	return call->nargs < args ? call->nargs : (unsigned int)args;
}

static void put_sys_enter(struct perfetto *p, uint32_t cpu,
			  const struct front_thread *thread,
			  const struct front_call *call)
{
	struct protobuf *chunk;
	int32_t nr;

	if (!viewer_nr(p, call, &nr)) {
		put_print(p, cpu, thread, thread->tid, call);
		return;
	}
	chunk = event_begin(p, cpu, thread->tid, p->now, EVENT_SYS_ENTER);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, (uint64_t)(int64_t)nr);
	for (unsigned int i = 0; i < known_args(call); i++)
		protobuf_number(chunk, 2, call->args[i]);
	event_end(p);
}

/* @result: NULL: there is none */
static void put_sys_exit(struct perfetto *p, uint32_t cpu,
			 const struct front_thread *thread, uint32_t tid,
			 const struct front_call *call, const int64_t *result)
{
	struct protobuf *chunk;
	int32_t nr;

	if (!viewer_nr(p, call, &nr)) {
		put_print(p, cpu, thread, tid, NULL);
		return;
	}
	chunk = event_begin(p, cpu, tid, p->now, EVENT_SYS_EXIT);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, (uint64_t)(int64_t)nr);
	if (result)
		protobuf_number(chunk, 2, (uint64_t)*result);
	event_end(p);
}

static void put_exit(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;

	put_sys_exit(p, event->cpu, step->thread, step->thread->tid,
		     step->call,
		     step->synthesized ? NULL : &event->exit.result);
}

/* ---- births, names ------------------------------------------------------- */

static void put_newtask(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	const struct front_thread *child = step->other;
	uint64_t flags = event->newtask.clone_flags;
	struct protobuf *chunk;

	if (!child)
		return;
	flags &= ~CLONE_THREAD_BIT;
	if (event->newtask.flags & FLIGHTREC_NEWTASK_THREAD)
		flags |= CLONE_THREAD_BIT;
	chunk = event_begin(p, event->cpu, tid_of(step->thread), p->now,
			    EVENT_TASK_NEWTASK);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, child->tid);
	/* A child begins with its parent's name. */
	put_comm(chunk, 2, child->identity ? child : step->thread);
	protobuf_number(chunk, 3, flags);
	protobuf_number(chunk, 4, 0);
	event_end(p);
	if (child->identity)
		put_tree_thread(p, child, p->bundle->last_ns + 1);
}

static void put_task_rename(struct perfetto *p, const struct front_step *step,
			    const struct front_thread *thread)
{
	const char *old_comm = step->old_comm;
	struct protobuf *chunk;

	chunk = event_begin(p, step->event->cpu, tid_of(step->thread), p->now,
			    EVENT_TASK_RENAME);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, tid_of(thread));
	protobuf_string(chunk, 2, old_comm, strlen(old_comm));
	put_comm(chunk, 3, thread);
	protobuf_number(chunk, 4, 0);
	event_end(p);
}

static void put_exec(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct protobuf *chunk;

	put_task_rename(p, step, step->thread);
	chunk = event_begin(p, event->cpu, tid_of(step->thread), p->now,
			    EVENT_SCHED_PROCESS_EXEC);
	if (!chunk)
		return;
	protobuf_string(chunk, 1, event->exec.path,
			event->exec.path_length < FLIGHTREC_PATH_MAX ?
				event->exec.path_length : FLIGHTREC_PATH_MAX);
	protobuf_number(chunk, 2, event->tid);
	protobuf_number(chunk, 3, event->exec.old_tid);
	event_end(p);
}

/*
 * The viewer knows threads by tid: to it this is another one that takes over
 * the CPU, and the call.
 */
static void put_renumbering(struct perfetto *p, const struct front_step *step)
{
	const struct front_thread *thread = step->thread;
	uint32_t cpu = step->event->cpu;
	const struct front_call *call = NULL;

	if (step->event->type == FLIGHTREC_EVENT_EXIT)
		call = step->call;
	else if (thread->call.in == FRONT_CALL_IN)
		call = &thread->call;
	if (call)
		put_sys_exit(p, cpu, thread, step->old_tid, call, NULL);
	if (p->bundles[cpu].running == step->old_tid)
		put_sched_switch(p, cpu, thread, step->old_tid,
				 PREV_STATE_DEAD, thread);
	put_process_free(p, cpu, thread, step->old_tid);
	p->now = p->bundles[cpu].last_ns;
	if (call)
		put_sys_enter(p, cpu, thread, call);
	p->notes[thread->index].track = 0;
	p->renumbered = true;
}

/* ---- signals ------------------------------------------------------------- */

static void put_signal_generate(struct perfetto *p,
				const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct protobuf *chunk;

	chunk = event_begin(p, event->cpu, tid_of(step->thread), p->now,
			    EVENT_SIGNAL_GENERATE);
	if (!chunk)
		return;
	protobuf_number(chunk, 1,
			(uint64_t)(int64_t)event->signal_generate.code);
	put_comm(chunk, 2, step->other);
	protobuf_number(chunk, 3, event->signal_generate.group);
	protobuf_number(chunk, 4, tid_of(step->other));
	protobuf_number(chunk, 5, event->signal_generate.result);
	protobuf_number(chunk, 6, event->signal_generate.signal);
	event_end(p);
}

static void put_signal_deliver(struct perfetto *p,
			       const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct protobuf *chunk;

	chunk = event_begin(p, event->cpu, tid_of(step->thread), p->now,
			    EVENT_SIGNAL_DELIVER);
	if (!chunk)
		return;
	protobuf_number(chunk, 1,
			(uint64_t)(int64_t)event->signal_deliver.code);
	protobuf_number(chunk, 2, event->signal_deliver.sa_flags);
	protobuf_number(chunk, 3, event->signal_deliver.signal);
	event_end(p);
}

/* ---- marks --------------------------------------------------------------- */

static size_t begin_mark_packet(struct perfetto *p, size_t room)
{
	size_t packet = begin_packet(p, room);

	if (p->error || p->marked)
		return packet;
	p->marked = true;
	protobuf_number(&p->packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_BEGINS);
	return packet;
}

static void put_thread_track(struct perfetto *p, uint64_t uuid,
			     const struct front_thread *thread)
{
	size_t packet = begin_mark_packet(p, 128), descriptor, inner;
	uint32_t tgid = thread->tgid ? thread->tgid : thread->tid;

	if (p->error)
		return;
	descriptor = protobuf_begin(&p->packet, PACKET_TRACK_DESCRIPTOR,
				    LENGTH_1);
	protobuf_number(&p->packet, DESCRIPTOR_UUID, uuid);
	inner = protobuf_begin(&p->packet, DESCRIPTOR_THREAD, LENGTH_1);
	protobuf_number(&p->packet, THREAD_PID, tgid);
	protobuf_number(&p->packet, THREAD_TID, thread->tid);
	protobuf_end(&p->packet, inner, LENGTH_1);
	protobuf_end(&p->packet, descriptor, LENGTH_1);
	end_packet(p, packet, SEQUENCE_MARKS);
}

static void put_marks_track(struct perfetto *p, uint64_t uuid, uint64_t parent)
{
	size_t packet = begin_mark_packet(p, 128), descriptor;

	if (p->error)
		return;
	descriptor = protobuf_begin(&p->packet, PACKET_TRACK_DESCRIPTOR,
				    LENGTH_1);
	protobuf_number(&p->packet, DESCRIPTOR_UUID, uuid);
	protobuf_bytes(&p->packet, DESCRIPTOR_NAME, "marks", strlen("marks"));
	protobuf_number(&p->packet, DESCRIPTOR_PARENT, parent);
	protobuf_end(&p->packet, descriptor, LENGTH_1);
	end_packet(p, packet, SEQUENCE_MARKS);
}

/* The track of a thread's marks; it is told right before its first one. */
static uint64_t marks_track(struct perfetto *p,
			    const struct front_thread *thread)
{
	struct note *note = &p->notes[thread->index];
	uint64_t parent;

	if (note->track)
		return note->track;
	parent = ++p->tracks;
	note->track = ++p->tracks;
	put_thread_track(p, parent, thread);
	put_marks_track(p, note->track, parent);
	return note->track;
}

static void put_mark(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	uint64_t track = marks_track(p, step->thread);
	size_t packet, mark;

	if (p->error)
		return;
	packet = begin_mark_packet(p, event->mark.length + 128);
	if (p->error)
		return;
	put_stamp(p, p->now);
	mark = protobuf_begin(&p->packet, PACKET_TRACK_EVENT, LENGTH_4);
	protobuf_number(&p->packet, TRACK_EVENT_TYPE, TRACK_EVENT_INSTANT);
	protobuf_number(&p->packet, TRACK_EVENT_UUID, track);
	protobuf_string(&p->packet, TRACK_EVENT_NAME, event->mark.text,
			event->mark.length);
	protobuf_end(&p->packet, mark, LENGTH_4);
	end_packet(p, packet, SEQUENCE_MARKS);
}

/* ---- steps --------------------------------------------------------------- */

static int make_notes(struct perfetto *p, size_t count)
{
	size_t room = p->notes_count ? p->notes_count : 256;
	struct note *notes;

	if (count <= p->notes_count)
		return 0;
	while (room < count)
		room *= 2;
	notes = reallocarray(p->notes, room, sizeof(*notes));
	if (!notes)
		return -ENOMEM;
	memset(notes + p->notes_count, 0,
	       (room - p->notes_count) * sizeof(*notes));
	p->notes = notes;
	p->notes_count = room;
	return 0;
}

/*
 * Who turns up: who was born in the window is told by its birth, who was there
 * before is in the first tree, unless another one has had its tid there.
 */
static void note_threads(struct perfetto *p)
{
	size_t count = front_threads(p->front);
	const struct front_thread *thread;

	p->error = make_notes(p, count);
	while (!p->error && p->threads_seen < count) {
		thread = front_thread_at(p->front, p->threads_seen++);
		if (thread->tid && !thread->born &&
		    (thread->previous || p->renumbered))
			put_tree_thread(p, thread, p->now);
	}
}

static void put_event(struct perfetto *p, const struct front_step *step)
{
	switch (step->event->type) {
	case FLIGHTREC_EVENT_SWITCH:
		put_switch(p, step);
		break;
	case FLIGHTREC_EVENT_WAKING:
		put_waking(p, step);
		break;
	case FLIGHTREC_EVENT_ENTER:
		put_sys_enter(p, step->event->cpu, step->thread, step->call);
		break;
	case FLIGHTREC_EVENT_EXIT:
		put_exit(p, step);
		break;
	case FLIGHTREC_EVENT_NEWTASK:
		put_newtask(p, step);
		break;
	case FLIGHTREC_EVENT_EXEC:
		put_exec(p, step);
		break;
	case FLIGHTREC_EVENT_TASK_EXIT:
		note_exit(p, step->thread);
		break;
	case FLIGHTREC_EVENT_RENAME:
		put_task_rename(p, step, step->other);
		break;
	case FLIGHTREC_EVENT_SIGNAL_GENERATE:
		put_signal_generate(p, step);
		break;
	case FLIGHTREC_EVENT_SIGNAL_DELIVER:
		put_signal_deliver(p, step);
		break;
	case FLIGHTREC_EVENT_MARK:
		put_mark(p, step);
		break;
	case FLIGHTREC_EVENT_LOST:
	case FLIGHTREC_EVENT_GAP:
		note_loss(p, step->event->cpu);
		break;
	case FLIGHTREC_EVENT_BEGIN:
		break;
	}
}

static void put_step(struct perfetto *p, const struct front_step *step)
{
	int64_t ns = flightrec_reader_boot_ns(p->reader, step->event->clock);

	p->now = ns > 0 ? (uint64_t)ns : 0;
	if (p->threads_seen < front_threads(p->front))
		note_threads(p);
	if (step->old_tid && !p->error)
		put_renumbering(p, step);
	if (!p->error)
		put_event(p, step);
}

/* ---- all of it ----------------------------------------------------------- */

static int put_steps(struct perfetto *p)
{
	struct front_step step;
	int ret;

	while ((ret = front_next(p->front, &step)) > 0) {
		put_step(p, &step);
		if (p->error || p->sink->error)
			return p->error;
	}
	put_all_bundles(p);
	return ret < 0 ? ret : p->error;
}

static int check_cpus(const struct front *front, struct flightrec_error *error)
{
	size_t count = front_cpus(front);

	for (size_t i = 0; i < count; i++) {
		uint32_t cpu = front_cpu_at(front, i)->cpu;

		if (cpu < CPUS_MAX)
			continue;
		error->code = -EOVERFLOW;
		error->offset = FLIGHTREC_NO_OFFSET;
		snprintf(error->text, sizeof(error->text),
			 "Perfetto reads CPUs up to %u; the window has CPU %u",
			 CPUS_MAX - 1, cpu);
		return -EOVERFLOW;
	}
	return 0;
}

static int put_trace(struct perfetto *p, struct flightrec_error *error)
{
	int ret = check_cpus(front_foreseen(p->front), error);

	if (ret < 0)
		return ret;
	put_clock_snapshot(p);
	if (!p->error)
		put_system_info(p);
	if (!p->error)
		put_tree_all(p);
	ret = p->error;
	if (ret == 0)
		ret = put_steps(p);
	if (ret < 0)
		return encoder_fail(error, ret, "make the trace");
	ret = sink_flush(p->sink);
	return ret < 0 ? encoder_fail(error, ret, "write the trace") : 0;
}

static void perfetto_destroy(struct perfetto *p)
{
	for (size_t i = 0; i < CPUS_MAX; i++)
		protobuf_deinit(&p->bundles[i].events);
	protobuf_deinit(&p->packet);
	front_destroy(p->front);
	free(p->notes);
	free(p);
}

static int perfetto_encode(struct flightrec_reader *reader, struct sink *sink,
			   struct flightrec_error *error)
{
	struct perfetto *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return encoder_fail(error, -ENOMEM, "make the trace");
	p->sink = sink;
	p->reader = reader;
	p->window = flightrec_reader_window(reader);
	ret = front_create(reader, FRONT_FORESEE, &p->front);
	if (ret < 0)
		encoder_fail(error, ret, "read the window");
	else
		ret = put_trace(p, error);
	perfetto_destroy(p);
	return ret;
}

const struct encoder perfetto_encoder = {
	.name = "perfetto",
	.suffix = ".pftrace",
	.about = "for ui.perfetto.dev and trace_processor_shell",
	.encode = perfetto_encode,
};
