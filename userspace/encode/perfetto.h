/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the Perfetto encoder, shared by the files that make it up:
 *
 *	perfetto.c		step by step through the window
 *	perfetto_packet.c	what stands before the events; marks
 *	perfetto_bundle.c	bundles of a CPU's events
 *	perfetto_sched.c	switches, wakings, births, names, deaths
 *	perfetto_calls.c	system calls
 *	perfetto_tree.c		who is who
 *
 * The first error is kept in perfetto.error, and nothing more is written.
 */
#ifndef PERFETTO_H
#define PERFETTO_H

#include "encoder.h"
#include "front.h"
#include "protobuf.h"
#include "scopes.h"

/* Readers refuse greater ones. */
#define PERFETTO_CPUS	1024
/* Numbers of calls, for translation. */
#define PERFETTO_CALLS	1024

/* Bytes for the length of a message that is short, that may be long. */
#define LENGTH_1	1
#define LENGTH_4	4

/* The sequence of packets that all but the marks are of. */
#define SEQUENCE_KERNEL 1

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

enum event_field {
	EVENT_TIMESTAMP = 1,
	EVENT_PID = 2,
	EVENT_PRINT = 3,
	EVENT_SCHED_SWITCH = 4,
	EVENT_COMMON_FLAGS = 5,
	EVENT_SCHED_WAKING = 20,
	EVENT_SOFTIRQ_ENTRY = 24,
	EVENT_SOFTIRQ_EXIT = 25,
	EVENT_IRQ_HANDLER_ENTRY = 36,
	EVENT_IRQ_HANDLER_EXIT = 37,
	EVENT_TASK_NEWTASK = 235,
	EVENT_TASK_RENAME = 236,
	EVENT_SCHED_PROCESS_EXEC = 237,
	EVENT_SCHED_PROCESS_FREE = 240,
	EVENT_SIGNAL_DELIVER = 324,
	EVENT_SIGNAL_GENERATE = 325,
	EVENT_SYS_ENTER = 329,
	EVENT_SYS_EXIT = 330,
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
 * @track: uuid of its own track; 0: none yet
 * @marks: uuid of its track for marks; 0: none yet
 * @lanes: uuid of the first of its SCOPES_LANES tracks for scopes; 0: none yet
 * @lanes_told: by bits, which of them the viewer knows
 * @dying: of a process' first thread: how many threads have exited and not left
 *	their CPU
 * @exits: it is one of those
 * @freed: its end was told
 */
struct note {
	uint64_t track;
	uint64_t marks;
	uint64_t lanes;
	uint64_t lanes_told;
	uint32_t dying;
	bool exits;
	bool freed;
};

/**
 * struct perfetto - a trace being written
 * @sink: where to
 * @reader: the window; @window is its header
 * @front: who reads it
 * @bundles: by number of the CPU
 * @packet: a packet that is no bundle, being put together
 * @notes: by index of the thread; there are @notes_count
 * @threads_seen: how many threads have turned up so far
 * @scopes: that are open
 * @tracks: uuids given out
 * @marked: there has been a mark
 * @renumbered: a thread has given up its tid
 * @native: by number of a 32-bit call, that of the native one
 * @now: stamp of the current step
 * @error: -ENOMEM
 * @bundle, @event, @inner: the event that is being written: where it is, and
 *	where its messages began
 */
struct perfetto {
	struct sink *sink;
	struct flightrec_reader *reader;
	struct front *front;
	const struct flightrec_window *window;
	struct bundle bundles[PERFETTO_CPUS];
	struct protobuf packet;
	struct note *notes;
	size_t notes_count;
	size_t threads_seen;
	struct scopes scopes;
	uint64_t tracks;
	bool marked;
	bool renumbered;
	int16_t native[PERFETTO_CALLS];
	uint64_t now;
	int error;

	struct bundle *bundle;
	size_t event;
	size_t inner;
};

/* ---- perfetto_packet.c --------------------------------------------------- */

void perfetto_put_clocks(struct perfetto *p);
void perfetto_put_system(struct perfetto *p);
/* Everybody who is there when the window begins. */
void perfetto_put_tree(struct perfetto *p);
/* @thread, as it is now, for what is later than @ns. */
void perfetto_put_thread(struct perfetto *p, const struct front_thread *thread,
			 uint64_t ns);
void perfetto_put_mark(struct perfetto *p, const struct front_step *step);

/* ---- perfetto_bundle.c --------------------------------------------------- */

/* All events that are not written yet. */
void perfetto_put_bundles(struct perfetto *p);
/* Events on @cpu are missing before the next one. */
void perfetto_note_loss(struct perfetto *p, uint32_t cpu);

/**
 * perfetto_event_begin() - begin an event
 * @p: the trace
 * @cpu: where it is
 * @tid: whose it is
 * @ns: when; if the CPU has a later event already, then
 * @field: which kind of event
 *
 * Return: where to write what is in it, less than 128 bytes; NULL: no memory.
 */
struct protobuf *perfetto_event_begin(struct perfetto *p, uint32_t cpu,
				      uint32_t tid, uint64_t ns,
				      enum event_field field);
void perfetto_event_end(struct perfetto *p);
/* The name of @thread; NULL: of the idle task. */
void perfetto_put_comm(struct protobuf *chunk, uint32_t field,
		       const struct front_thread *thread);

/* A stamp; none is negative. */
static inline uint64_t perfetto_boot_ns(const struct perfetto *p,
					uint64_t clock)
{
	int64_t ns = flightrec_reader_boot_ns(p->reader, clock);

	return ns > 0 ? (uint64_t)ns : 0;
}

static inline uint32_t perfetto_tid(const struct front_thread *thread)
{
	return thread ? thread->tid : 0;
}

/* ---- perfetto_sched.c ---------------------------------------------------- */

void perfetto_put_switch(struct perfetto *p, const struct front_step *step);
void perfetto_put_waking(struct perfetto *p, const struct front_step *step);
void perfetto_put_newtask(struct perfetto *p, const struct front_step *step);
void perfetto_put_exec(struct perfetto *p, const struct front_step *step);
void perfetto_put_rename(struct perfetto *p, const struct front_step *step,
			 const struct front_thread *thread);
/* @thread has exited, and has still to leave its CPU. */
void perfetto_note_exit(struct perfetto *p, const struct front_thread *thread);
/* The step's thread has given up its tid: step->old_tid. */
void perfetto_put_renumbering(struct perfetto *p,
			      const struct front_step *step);

/* ---- perfetto_calls.c ---------------------------------------------------- */

void perfetto_put_enter(struct perfetto *p, uint32_t cpu,
			const struct front_thread *thread,
			const struct front_call *call);
/* @tid: of @thread now, or until now. @result: NULL: there is none. */
void perfetto_put_exit(struct perfetto *p, uint32_t cpu,
		       const struct front_thread *thread, uint32_t tid,
		       const struct front_call *call, const int64_t *result);

#endif /* PERFETTO_H */
