// SPDX-License-Identifier: GPL-2.0
/*
 * System calls: as Perfetto knows them, by the numbers of 64-bit callers. See
 * perfetto.h.
 */
#include <stdio.h>
#include <string.h>

#include "perfetto.h"

#define CALL_NOT_LOOKED_UP 0
#define CALL_NONE	   (-1)

static int16_t find_native(struct perfetto *p, const char *name)
{
	const char *machine = (const char *)p->window->machine;
	const struct flightrec_call_name *native;

	for (int16_t nr = 0; nr < PERFETTO_CALLS; nr++) {
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
	if (call->nr < 0 || call->nr >= PERFETTO_CALLS || !call->name)
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
	chunk = perfetto_event_begin(p, cpu, tid, p->now, EVENT_PRINT);
	if (!chunk)
		return;
	protobuf_string(chunk, 2, text, strlen(text));
	perfetto_event_end(p);
}

/*
 * As many as the call has; the first one is recorded even where there is none.
 */
static unsigned int known_args(const struct front_call *call)
{
	size_t args = call->name ? strlen(call->name->args) : call->nargs;

	return call->nargs < args ? call->nargs : (unsigned int)args;
}

void perfetto_put_enter(struct perfetto *p, uint32_t cpu,
			const struct front_thread *thread,
			const struct front_call *call)
{
	struct protobuf *chunk;
	int32_t nr;

	if (!viewer_nr(p, call, &nr)) {
		put_print(p, cpu, thread, thread->tid, call);
		return;
	}
	chunk = perfetto_event_begin(p, cpu, thread->tid, p->now,
				     EVENT_SYS_ENTER);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, (uint64_t)(int64_t)nr);
	for (unsigned int i = 0; i < known_args(call); i++)
		protobuf_number(chunk, 2, call->args[i]);
	perfetto_event_end(p);
}

void perfetto_put_exit(struct perfetto *p, uint32_t cpu,
		       const struct front_thread *thread, uint32_t tid,
		       const struct front_call *call, const int64_t *result)
{
	struct protobuf *chunk;
	int32_t nr;

	if (!viewer_nr(p, call, &nr)) {
		put_print(p, cpu, thread, tid, NULL);
		return;
	}
	chunk = perfetto_event_begin(p, cpu, tid, p->now, EVENT_SYS_EXIT);
	if (!chunk)
		return;
	protobuf_number(chunk, 1, (uint64_t)(int64_t)nr);
	if (result)
		protobuf_number(chunk, 2, (uint64_t)*result);
	perfetto_event_end(p);
}
