// SPDX-License-Identifier: GPL-2.0
/*
 * Perfetto's ProcessTree: see perfetto_tree.h.
 */
#include "perfetto_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fields of the messages. */
#define TREE_PROCESSES	   1
#define TREE_THREADS	   2
#define PROCESS_PID	   1
#define PROCESS_PPID	   2
#define PROCESS_CMDLINE	   3
#define PROCESS_UID	   5
#define PROCESS_IS_KTHREAD 8
#define THREAD_TID	   1
#define THREAD_NAME	   2
#define THREAD_TGID	   3

/* More than a process and a thread message take. */
#define ENTRY_BYTES	   256
/* No more entries when a packet has so many bytes. */
#define PACKET_BYTES	   (64 * 1024)

#define UNKNOWN_NAME	   "<...>"

/**
 * struct member - one thread of the tree
 * @tid: whose id it is
 * @tgid: its process; its own tid if that is not known
 * @born: its birth is in the window
 * @turns_up: it has events, so it knows better than the table
 * @known: @ppid, @uid and @kernel are
 * @until_clock: how long what is told of it holds
 * @comm: its last name
 */
struct member {
	uint32_t tid;
	uint32_t tgid;
	uint32_t ppid;
	uint32_t uid;
	bool born;
	bool turns_up;
	bool known;
	bool kernel;
	uint64_t until_clock;
	char comm[FLIGHTREC_COMM_BYTES + 1];
};

/**
 * struct perfetto_tree - all of them
 * @members: by tid, each tid once
 * @count: how many
 * @next: the first one that is not told yet
 */
struct perfetto_tree {
	struct member *members;
	size_t count;
	size_t next;
};

/* ---- what is known of one ------------------------------------------------ */

static void from_identity(struct member *member,
			  const struct flightrec_window_task *identity)
{
	member->known = true;
	member->tgid = identity->tgid;
	member->ppid = identity->ppid;
	member->uid = identity->uid;
	member->kernel = identity->flags & FLIGHTREC_TASK_KERNEL;
	member->until_clock = identity->until_clock;
	memcpy(member->comm, identity->comm, FLIGHTREC_COMM_BYTES);
}

static void from_thread(struct member *member,
			const struct front_thread *thread)
{
	memset(member, 0, sizeof(*member));
	if (thread->identity)
		from_identity(member, thread->identity);
	member->tid = thread->tid;
	member->tgid = thread->tgid ? thread->tgid : thread->tid;
	member->born = thread->born;
	member->turns_up = true;
	memcpy(member->comm, thread->comm, sizeof(member->comm));
}

static void from_table(struct member *member,
		       const struct flightrec_window_task *identity)
{
	memset(member, 0, sizeof(*member));
	from_identity(member, identity);
	member->tid = identity->tid;
	if (!member->tgid)
		member->tgid = member->tid;
}

/* ---- writing one --------------------------------------------------------- */

static void put_process(struct protobuf *chunk, uint32_t pid, const char *comm,
			const struct member *member)
{
	size_t process = protobuf_begin(chunk, TREE_PROCESSES, 1);

	protobuf_number(chunk, PROCESS_PID, pid);
	if (member->known)
		protobuf_number(chunk, PROCESS_PPID, member->ppid);
	protobuf_string(chunk, PROCESS_CMDLINE, comm, strlen(comm));
	if (member->known) {
		protobuf_number(chunk, PROCESS_UID, member->uid);
		protobuf_number(chunk, PROCESS_IS_KTHREAD, member->kernel);
	}
	protobuf_end(chunk, process, 1);
}

static void put_thread(struct protobuf *chunk, const struct member *member)
{
	size_t thread = protobuf_begin(chunk, TREE_THREADS, 1);

	protobuf_number(chunk, THREAD_TID, member->tid);
	protobuf_string(chunk, THREAD_NAME, member->comm, strlen(member->comm));
	protobuf_number(chunk, THREAD_TGID, member->tgid);
	protobuf_end(chunk, thread, 1);
}

int perfetto_tree_thread(const struct front_thread *thread,
			 struct protobuf *chunk)
{
	struct member member;

	if (protobuf_reserve(chunk, ENTRY_BYTES) < 0)
		return -ENOMEM;
	from_thread(&member, thread);
	if (member.tid == member.tgid)
		put_process(chunk, member.tgid, member.comm, &member);
	put_thread(chunk, &member);
	return 0;
}

/* ---- everybody ----------------------------------------------------------- */

/* By tid; of one tid, who tells best comes last. */
static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->turns_up != y->turns_up)
		return x->turns_up ? 1 : -1;
	if (x->until_clock != y->until_clock)
		return x->until_clock < y->until_clock ? -1 : 1;
	return 0;
}

static size_t collect(const struct front *front, struct member *members)
{
	const struct front *foreseen = front_foreseen(front);
	struct flightrec_reader *reader = front_reader(front);
	size_t threads = front_threads(foreseen);
	size_t tasks = flightrec_reader_tasks(reader);
	const struct front_thread *thread;
	struct flightrec_window_task task;
	size_t count = 0;

	for (size_t i = 0; i < threads; i++) {
		thread = front_thread_at(foreseen, i);
		if (thread->tid && !thread->previous)
			from_thread(&members[count++], thread);
	}
	for (size_t i = 0; i < tasks; i++) {
		flightrec_reader_task(reader, i, &task);
		if (task.tid && !front_thread(foreseen, task.tid))
			from_table(&members[count++], &task);
	}
	return count;
}

/* Keep the last one of each tid. */
static size_t unique(struct member *members, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && members[i].tid == members[i + 1].tid)
			continue;
		members[kept++] = members[i];
	}
	return kept;
}

static const struct member *find(const struct member *members, size_t count,
				 uint32_t tid)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (members[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && members[low].tid == tid ? &members[low] : NULL;
}

/* A process whose first thread is not known still has the others' user. */
static int put_member(struct protobuf *chunk, const struct perfetto_tree *tree,
		      const struct member *member)
{
	const struct member *leader;

	if (member->born)
		return 0;
	if (protobuf_reserve(chunk, ENTRY_BYTES) < 0)
		return -ENOMEM;
	leader = find(tree->members, tree->count, member->tgid);
	if (leader == member)
		put_process(chunk, member->tgid, member->comm, member);
	else if (!leader)
		put_process(chunk, member->tgid, UNKNOWN_NAME, member);
	put_thread(chunk, member);
	return 0;
}

struct perfetto_tree *perfetto_tree_create(const struct front *front)
{
	size_t room = front_threads(front_foreseen(front)) +
		      flightrec_reader_tasks(front_reader(front));
	struct perfetto_tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->members = calloc(room + 1, sizeof(*tree->members));
	if (!tree->members) {
		free(tree);
		return NULL;
	}
	tree->count = collect(front, tree->members);
	qsort(tree->members, tree->count, sizeof(*tree->members),
	      compare_members);
	tree->count = unique(tree->members, tree->count);
	return tree;
}

void perfetto_tree_destroy(struct perfetto_tree *tree)
{
	if (!tree)
		return;
	free(tree->members);
	free(tree);
}

int perfetto_tree_next(struct perfetto_tree *tree, struct protobuf *chunk)
{
	int ret = 0;

	while (tree->next < tree->count && chunk->used < PACKET_BYTES &&
	       ret == 0)
		ret = put_member(chunk, tree, &tree->members[tree->next++]);
	if (ret < 0)
		return ret;
	return tree->next < tree->count;
}
