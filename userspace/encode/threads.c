// SPDX-License-Identifier: GPL-2.0
/*
 * The table of threads: see threads.h.
 */
#include "threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_COMM "<...>"

/* ---- the hash ------------------------------------------------------------ */

static struct front_thread **bucket(const struct threads *threads, uint32_t tid)
{
	/* Where the table is in memory, no file can know: so that none can have
	 * all of its tids in one bucket. */
	uint64_t hash = (tid ^ (uintptr_t)threads) * 0x9e3779b97f4a7c15;

	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
	return &threads->buckets[hash >> (64 - threads->bucket_bits)];
}

static void link_thread(struct threads *threads, struct front_thread *thread)
{
	struct front_thread **head = bucket(threads, thread->tid);

	thread->hash_next = *head;
	*head = thread;
}

static void unlink_thread(struct threads *threads, struct front_thread *thread)
{
	struct front_thread **at = bucket(threads, thread->tid);

	while (*at && *at != thread)
		at = &(*at)->hash_next;
	if (*at)
		*at = thread->hash_next;
	thread->hash_next = NULL;
}

static int grow_hash(struct threads *threads)
{
	size_t old_count = (size_t)1 << threads->bucket_bits;
	struct front_thread **old = threads->buckets;
	struct front_thread *thread, *next;

	if (threads->count < old_count || threads->bucket_bits >= 24)
		return 0;
	threads->buckets = calloc(old_count * 2, sizeof(*threads->buckets));
	if (!threads->buckets) {
		threads->buckets = old;
		return -ENOMEM;
	}
	threads->bucket_bits++;
	for (size_t i = 0; i < old_count; i++) {
		for (thread = old[i]; thread; thread = next) {
			next = thread->hash_next;
			link_thread(threads, thread);
		}
	}
	free(old);
	return 0;
}

static int grow_array(struct threads *threads)
{
	size_t room = threads->room ? threads->room * 2 : 256;
	struct front_thread **all;

	if (threads->count < threads->room)
		return 0;
	all = reallocarray(threads->all, room, sizeof(*all));
	if (!all)
		return -ENOMEM;
	threads->all = all;
	threads->room = room;
	return 0;
}

int threads_init(struct threads *threads, struct flightrec_reader *reader)
{
	memset(threads, 0, sizeof(*threads));
	threads->reader = reader;
	threads->bucket_bits = 8;
	threads->buckets = calloc((size_t)1 << threads->bucket_bits,
				  sizeof(*threads->buckets));
	return threads->buckets ? 0 : -ENOMEM;
}

void threads_deinit(struct threads *threads)
{
	for (size_t i = 0; i < threads->count; i++)
		free(threads->all[i]);
	free(threads->all);
	free(threads->buckets);
	memset(threads, 0, sizeof(*threads));
}

/* ---- names and identities ------------------------------------------------ */

void threads_set_comm(struct front_thread *thread, const char *comm,
		      size_t length)
{
	if (length > FLIGHTREC_COMM_BYTES - 1)
		length = FLIGHTREC_COMM_BYTES - 1;
	length = strnlen(comm, length);
	memcpy(thread->comm, comm, length);
	memset(thread->comm + length, 0, sizeof(thread->comm) - length);
}

static void adopt(struct front_thread *thread,
		  const struct flightrec_window_task *identity)
{
	thread->identity = identity;
	thread->tgid = identity->tgid;
	threads_set_comm(thread, (const char *)identity->comm,
			 sizeof(identity->comm));
}

/*
 * What the window tells of a tid may be of one who had it before (the last
 * switch comes after the exit), which is of no use for one just born.
 */
static bool is_of(const struct flightrec_window_task *identity,
		  const struct front_thread *thread, uint64_t clock)
{
	return identity->until_clock >= clock || !thread->born ||
	       (thread->identity &&
		thread->identity->start_mono_ns == identity->start_mono_ns);
}

static bool is_another(const struct flightrec_window_task *identity,
		       const struct front_thread *thread, uint64_t clock)
{
	return thread->identity && identity->until_clock >= clock &&
	       thread->identity->start_mono_ns != identity->start_mono_ns;
}

/* ---- threads come and go ------------------------------------------------- */

static struct front_thread *add(struct threads *threads, uint32_t tid)
{
	struct front_thread *thread;

	if (grow_array(threads) < 0 || grow_hash(threads) < 0)
		return NULL;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->tid = tid;
	thread->index = (uint32_t)threads->count;
	thread->status.cpu = UINT32_MAX;
	threads_set_comm(thread, UNKNOWN_COMM, strlen(UNKNOWN_COMM));
	threads->all[threads->count++] = thread;
	return thread;
}

struct front_thread *threads_add_idle(struct threads *threads)
{
	struct front_thread *thread = add(threads, 0);

	if (thread)
		threads_set_comm(thread, "swapper", strlen("swapper"));
	return thread;
}

struct front_thread *threads_find(const struct threads *threads, uint32_t tid)
{
	struct front_thread *thread = *bucket(threads, tid);

	while (thread && thread->tid != tid)
		thread = thread->hash_next;
	return thread;
}

static struct front_thread *add_linked(struct threads *threads, uint32_t tid,
				       struct front_thread *previous)
{
	struct front_thread *thread = add(threads, tid);

	if (!thread)
		return NULL;
	if (previous) {
		unlink_thread(threads, previous);
		previous->replaced = true;
		thread->previous = previous;
	}
	link_thread(threads, thread);
	return thread;
}

struct front_thread *threads_get(struct threads *threads, uint32_t tid,
				 uint64_t clock, bool alive)
{
	struct front_thread *thread = threads_find(threads, tid);
	bool dead = thread && alive && thread->status.state == FRONT_DEAD;
	const struct flightrec_window_task *identity;

	if (thread && threads_is_still(thread, clock, alive))
		return thread;
	identity = flightrec_reader_who(threads->reader, tid, clock);
	if (!thread || dead ||
	    (identity && is_another(identity, thread, clock)))
		thread = add_linked(threads, tid, thread);
	if (thread && identity && identity != thread->identity &&
	    is_of(identity, thread, clock))
		adopt(thread, identity);
	return thread;
}

struct front_thread *threads_born(struct threads *threads, uint32_t tid,
				  uint64_t clock, uint32_t tgid)
{
	struct front_thread *previous = threads_find(threads, tid);
	struct front_thread *thread = add_linked(threads, tid, previous);
	const struct flightrec_window_task *identity;

	if (!thread)
		return NULL;
	thread->born = true;
	thread->born_clock = clock;
	thread->tgid = tgid;
	identity = flightrec_reader_who(threads->reader, tid, clock);
	if (identity && is_of(identity, thread, clock))
		adopt(thread, identity);
	return thread;
}

void threads_renumber(struct threads *threads, struct front_thread *thread,
		      uint32_t tid, uint64_t clock)
{
	struct front_thread *previous = threads_find(threads, tid);

	if (previous) {
		unlink_thread(threads, previous);
		previous->replaced = true;
		thread->previous = previous;
	}
	unlink_thread(threads, thread);
	thread->tid = tid;
	thread->born = false;
	thread->identity = NULL;
	link_thread(threads, thread);
	threads_refresh_name(threads, thread, clock);
}

void threads_refresh_name(struct threads *threads, struct front_thread *thread,
			  uint64_t clock)
{
	const struct flightrec_window_task *identity;

	identity =
		flightrec_reader_who(threads->reader, thread->tid, clock + 1);
	if (identity && identity != thread->identity &&
	    identity->until_clock > clock)
		adopt(thread, identity);
}
