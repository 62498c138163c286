// SPDX-License-Identifier: GPL-2.0
/*
 * A tree of processes: each forks FANOUT children, down to DEPTH generations,
 * waits for them and exits with a status of its own, under a name of its own.
 *
 *	tree DEPTH FANOUT
 *
 * Prints each process: tid, parent's tid, exit status, name; the first one has no
 * line of its own, but is the parent of the first generation.
 */
#include "truth.h"

#define NODES_MAX 1024

/**
 * struct node - a process
 * @tid: it
 * @parent: its parent
 * @status: what it exits with
 */
struct node {
	pid_t tid;
	pid_t parent;
	int status;
};

static struct node *nodes;
static unsigned int *nodes_count;
static long depth, fanout;

static void grow(long level);

static void be_child(unsigned int number, pid_t parent, long level)
{
	struct node *node = &nodes[number];
	char name[16];

	snprintf(name, sizeof(name), "node-%u", number);
	truth_rename(name);
	node->tid = truth_tid();
	node->parent = parent;
	node->status = (int)(number % 200 + 1);
	grow(level + 1);
	_exit(node->status);
}

static void grow(long level)
{
	pid_t self = truth_tid();
	long i;

	if (level == depth)
		return;
	for (i = 0; i < fanout; i++) {
		unsigned int number =
			__atomic_fetch_add(nodes_count, 1, __ATOMIC_SEQ_CST);
		pid_t child;

		TRUTH_MUST(number < NODES_MAX);
		child = fork();
		TRUTH_MUST(child >= 0);
		if (!child)
			be_child(number, self, level);
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	unsigned int i;

	TRUTH_MUST(argc == 3);
	truth_init();
	depth = truth_number(argv[1]);
	fanout = truth_number(argv[2]);
	nodes = truth_shared(NODES_MAX * sizeof(*nodes));
	nodes_count = truth_shared(sizeof(*nodes_count));
	fflush(stdout);
	grow(0);
	printf("tree root=%d nodes=%u\n", truth_tid(), *nodes_count);
	for (i = 0; i < *nodes_count; i++)
		printf("node parent=%d tid=%d status=%d comm=node-%u\n",
		       nodes[i].parent, nodes[i].tid, nodes[i].status, i);
	return 0;
}
