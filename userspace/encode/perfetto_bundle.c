// SPDX-License-Identifier: GPL-2.0
/*
 * Bundles of one CPU's events, and the events' frame. See perfetto.h.
 */
#include <errno.h>
#include <string.h>

#include "perfetto.h"

/* A bundle is written when it has so many bytes, or is so old. */
#define BUNDLE_BYTES (16 * 1024)
#define BUNDLE_NS    100000000
/* More than one event takes: its lengths have a byte each. */
#define EVENT_BYTES  256

enum bundle_field {
	BUNDLE_CPU = 1,
	BUNDLE_EVENT = 2,
	BUNDLE_LOST = 3,
};

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

void perfetto_put_bundles(struct perfetto *p)
{
	for (uint32_t cpu = 0; cpu < PERFETTO_CPUS; cpu++) {
		if (p->bundles[cpu].events.used || p->bundles[cpu].lost)
			put_bundle(p, cpu);
	}
}

void perfetto_note_loss(struct perfetto *p, uint32_t cpu)
{
	if (p->bundles[cpu].events.used || p->bundles[cpu].lost)
		put_bundle(p, cpu);
	p->bundles[cpu].lost = true;
}

/* ---- events -------------------------------------------------------------- */

struct protobuf *perfetto_event_begin(struct perfetto *p, uint32_t cpu,
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

void perfetto_event_end(struct perfetto *p)
{
	struct protobuf *chunk = &p->bundle->events;

	protobuf_end(chunk, p->inner, LENGTH_1);
	protobuf_end(chunk, p->event, LENGTH_1);
}

void perfetto_put_comm(struct protobuf *chunk, uint32_t field,
		       const struct front_thread *thread)
{
	const char *comm = thread ? thread->comm : "swapper";

	protobuf_string(chunk, field, comm, strlen(comm));
}
