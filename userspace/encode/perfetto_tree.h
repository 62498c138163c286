/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Perfetto's ProcessTree: which thread is of which process, and their names.
 * These append the fields of that message to a chunk; the packet around it is
 * perfetto.c's.
 */
#ifndef PERFETTO_TREE_H
#define PERFETTO_TREE_H

#include "front.h"
#include "protobuf.h"

struct perfetto_tree;

/**
 * perfetto_tree_create() - everybody who is there when the window begins
 * @front: created with FRONT_FORESEE
 *
 * Everybody that the window knows or that will turn up, under the last name.
 * Whose birth is in the window is left out, or the viewer has it twice: as it
 * does who gets a tid that another one had before.
 *
 * Return: the tree, or NULL: no memory.
 */
struct perfetto_tree *perfetto_tree_create(const struct front *front);
void perfetto_tree_destroy(struct perfetto_tree *tree);

/**
 * perfetto_tree_next() - as many of them as go well into one packet
 * @tree: the tree
 * @chunk: the fields are appended here
 *
 * Return: 1; 0: that were all; -ENOMEM.
 */
int perfetto_tree_next(struct perfetto_tree *tree, struct protobuf *chunk);

/* One thread, as it is now. Returns 0 or -ENOMEM. */
int perfetto_tree_thread(const struct front_thread *thread,
			 struct protobuf *chunk);

#endif /* PERFETTO_TREE_H */
