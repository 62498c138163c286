// SPDX-License-Identifier: GPL-2.0
/*
 * Perfetto's ProcessTree: see perfetto_tree.h.
 */
#include "perfetto_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fields of the messages. */
#define TREE_PROCESSES		1
#define TREE_THREADS		2
#define PROCESS_PID		1
#define PROCESS_PPID		2
#define PROCESS_CMDLINE		3
#define PROCESS_UID		5
#define PROCESS_IS_KTHREAD	8
#define THREAD_TID		1
#define THREAD_NAME		2
#define THREAD_TGID		3

/* More than a process and a thread message take. */
#define ENTRY_BYTES		256

#define UNKNOWN_NAME		"<...>"

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

static void put_process(struct protobuf *tree, uint32_t pid, const char *comm,
			const struct member *member)
{
	size_t process = protobuf_begin(tree, TREE_PROCESSES, 1);

	protobuf_number(tree, PROCESS_PID, pid);
	if (member->known)
		protobuf_number(tree, PROCESS_PPID, member->ppid);
	protobuf_string(tree, PROCESS_CMDLINE, comm, strlen(comm));
	if (member->known) {
		protobuf_number(tree, PROCESS_UID, member->uid);
		protobuf_number(tree, PROCESS_IS_KTHREAD, member->kernel);
	}
	protobuf_end(tree, process, 1);
}

static void put_thread(struct protobuf *tree, const struct member *member)
{
	size_t thread = protobuf_begin(tree, TREE_THREADS, 1);

	protobuf_number(tree, THREAD_TID, member->tid);
	protobuf_string(tree, THREAD_NAME, member->comm, strlen(member->comm));
	protobuf_number(tree, THREAD_TGID, member->tgid);
	protobuf_end(tree, thread, 1);
}

int perfetto_tree_thread(const struct front_thread *thread,
			 struct protobuf *tree)
{
	struct member member;

	if (protobuf_reserve(tree, ENTRY_BYTES) < 0)
		return -ENOMEM;
	from_thread(&member, thread);
	if (member.tid == member.tgid)
		put_process(tree, member.tgid, member.comm, &member);
	put_thread(tree, &member);
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
static int put_member(struct protobuf *tree, const struct member *members,
		      size_t count, const struct member *member)
{
	const struct member *leader;

	if (member->born)
		return 0;
	if (protobuf_reserve(tree, ENTRY_BYTES) < 0)
		return -ENOMEM;
	leader = find(members, count, member->tgid);
	if (leader == member)
		put_process(tree, member->tgid, member->comm, member);
	else if (!leader)
		put_process(tree, member->tgid, UNKNOWN_NAME, member);
	put_thread(tree, member);
	return 0;
}

int perfetto_tree_all(const struct front *front, struct protobuf *tree)
{
	size_t room = front_threads(front_foreseen(front)) +
		      flightrec_reader_tasks(front_reader(front));
	struct member *members = calloc(room + 1, sizeof(*members));
	size_t count;
	int ret = 0;

	if (!members)
		return -ENOMEM;
	count = collect(front, members);
	qsort(members, count, sizeof(*members), compare_members);
	count = unique(members, count);
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = put_member(tree, members, count, &members[i]);
	free(members);
	return ret;
}
