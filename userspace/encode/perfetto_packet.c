// SPDX-License-Identifier: GPL-2.0
/*
 * The packets that are no bundles: what stands before the events, who is who,
 * marks and scopes. See perfetto.h.
 */
#include <errno.h>
#include <string.h>

#include "perfetto.h"
#include "perfetto_tree.h"

/* The sequence of the marks; sequence_flags of the first packet of each. */
#define SEQUENCE_MARKS	2
#define SEQUENCE_BEGINS 1

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
	TRACK_EVENT_ANNOTATION = 4,
	TRACK_EVENT_TYPE = 9,
	TRACK_EVENT_UUID = 11,
	TRACK_EVENT_NAME = 23,
	TRACK_EVENT_SLICE_BEGIN = 1,
	TRACK_EVENT_SLICE_END = 2,
	TRACK_EVENT_INSTANT = 3,
	ANNOTATION_STRING = 6,
	ANNOTATION_NAME = 10,
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

void perfetto_put_clocks(struct perfetto *p)
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

void perfetto_put_system(struct perfetto *p)
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

void perfetto_put_tree(struct perfetto *p)
{
	struct perfetto_tree *tree = perfetto_tree_create(p->front);
	struct protobuf chunk = { 0 };
	int more = protobuf_reserve(&chunk, 1);

	if (!tree)
		more = -ENOMEM;
	else if (more == 0)
		more = 1;
	while (more > 0 && !p->error) {
		chunk.used = 0;
		more = perfetto_tree_next(tree, &chunk);
		if (more >= 0)
			put_tree(p, &chunk,
				 perfetto_boot_ns(p,
						  front_begin_clock(p->front)));
	}
	if (more < 0)
		p->error = more;
	protobuf_deinit(&chunk);
	perfetto_tree_destroy(tree);
}

/* The viewer shows one name of a thread for all time: that is to be its last. */
static const struct front_thread *at_its_end(const struct front *front,
					     const struct front_thread *thread)
{
	const struct front_thread *last;

	last = front_thread(front_foreseen(front), thread->tid);
	while (last && last->born_clock != thread->born_clock)
		last = last->previous;
	return last ? last : thread;
}

void perfetto_put_thread(struct perfetto *p, const struct front_thread *thread,
			 uint64_t ns)
{
	struct protobuf chunk = { 0 };

	p->error = perfetto_tree_thread(at_its_end(p->front, thread), &chunk);
	if (!p->error)
		put_tree(p, &chunk, ns);
	protobuf_deinit(&chunk);
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
	descriptor =
		protobuf_begin(&p->packet, PACKET_TRACK_DESCRIPTOR, LENGTH_1);
	protobuf_number(&p->packet, DESCRIPTOR_UUID, uuid);
	inner = protobuf_begin(&p->packet, DESCRIPTOR_THREAD, LENGTH_1);
	protobuf_number(&p->packet, THREAD_PID, tgid);
	protobuf_number(&p->packet, THREAD_TID, thread->tid);
	protobuf_end(&p->packet, inner, LENGTH_1);
	protobuf_end(&p->packet, descriptor, LENGTH_1);
	end_packet(p, packet, SEQUENCE_MARKS);
}

static void put_child_track(struct perfetto *p, uint64_t uuid, uint64_t parent,
			    const char *name)
{
	size_t packet = begin_mark_packet(p, 128), descriptor;

	if (p->error)
		return;
	descriptor =
		protobuf_begin(&p->packet, PACKET_TRACK_DESCRIPTOR, LENGTH_1);
	protobuf_number(&p->packet, DESCRIPTOR_UUID, uuid);
	protobuf_bytes(&p->packet, DESCRIPTOR_NAME, name, strlen(name));
	protobuf_number(&p->packet, DESCRIPTOR_PARENT, parent);
	protobuf_end(&p->packet, descriptor, LENGTH_1);
	end_packet(p, packet, SEQUENCE_MARKS);
}

/* A track is told right before what comes first on it. */
static uint64_t thread_track(struct perfetto *p,
			     const struct front_thread *thread)
{
	struct note *note = &p->notes[thread->index];

	if (!note->track) {
		note->track = ++p->tracks;
		put_thread_track(p, note->track, thread);
	}
	return note->track;
}

static uint64_t marks_track(struct perfetto *p,
			    const struct front_thread *thread)
{
	struct note *note = &p->notes[thread->index];
	uint64_t parent = thread_track(p, thread);

	if (!note->marks) {
		note->marks = ++p->tracks;
		put_child_track(p, note->marks, parent, "marks");
	}
	return note->marks;
}

static uint64_t scopes_track(struct perfetto *p,
			     const struct front_thread *thread,
			     unsigned int lane)
{
	struct note *note = &p->notes[thread->index];
	uint64_t parent = thread_track(p, thread);

	if (!note->lanes) {
		note->lanes = p->tracks + 1;
		p->tracks += SCOPES_LANES;
	}
	if (!(note->lanes_told & 1ULL << lane)) {
		note->lanes_told |= 1ULL << lane;
		put_child_track(p, note->lanes + lane, parent, "scopes");
	}
	return note->lanes + lane;
}

/* Of a scope: as an argument of its slice. */
static void put_annotation(struct perfetto *p, const char *name,
			   const char *value, size_t length)
{
	size_t annotation;

	annotation =
		protobuf_begin(&p->packet, TRACK_EVENT_ANNOTATION, LENGTH_4);
	protobuf_bytes(&p->packet, ANNOTATION_NAME, name, strlen(name));
	protobuf_string(&p->packet, ANNOTATION_STRING, value, length);
	protobuf_end(&p->packet, annotation, LENGTH_4);
}

/* A slice has the name of its scope, or its key if it has no name. */
static void put_scope_parts(struct perfetto *p,
			    const struct flightrec_scope *mark)
{
	bool named = mark->begins && mark->text_length;

	if (mark->begins)
		protobuf_string(&p->packet, TRACK_EVENT_NAME,
				named ? mark->text : mark->key,
				named ? mark->text_length : mark->key_length);
	if (mark->begins)
		put_annotation(p, "key", mark->key, mark->key_length);
	else if (mark->text_length)
		put_annotation(p, "end", mark->text, mark->text_length);
}

static void put_track_event(struct perfetto *p,
			    const struct flightrec_event *event, uint32_t type,
			    uint64_t track, const struct flightrec_scope *scope)
{
	size_t packet, mark;

	if (p->error)
		return;
	packet = begin_mark_packet(p, 2 * event->mark.length + 128);
	if (p->error)
		return;
	put_stamp(p, p->now);
	mark = protobuf_begin(&p->packet, PACKET_TRACK_EVENT, LENGTH_4);
	protobuf_number(&p->packet, TRACK_EVENT_TYPE, type);
	protobuf_number(&p->packet, TRACK_EVENT_UUID, track);
	if (scope)
		put_scope_parts(p, scope);
	else
		protobuf_string(&p->packet, TRACK_EVENT_NAME, event->mark.text,
				event->mark.length);
	protobuf_end(&p->packet, mark, LENGTH_4);
	end_packet(p, packet, SEQUENCE_MARKS);
}

void perfetto_put_mark(struct perfetto *p, const struct front_step *step)
{
	const struct flightrec_event *event = step->event;
	struct scope_step scope;
	int is_scope =
		scopes_step(&p->scopes, step->thread->index, event, &scope);

	if (is_scope < 0)
		p->error = is_scope;
	else if (is_scope)
		put_track_event(p, event,
				scope.mark.begins ? TRACK_EVENT_SLICE_BEGIN :
						    TRACK_EVENT_SLICE_END,
				scopes_track(p, step->thread, scope.lane),
				&scope.mark);
	else
		put_track_event(p, event, TRACK_EVENT_INSTANT,
				marks_track(p, step->thread), NULL);
}
