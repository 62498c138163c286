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

/**
 * perfetto_tree_all() - everybody who is there when the window begins
 * @front: created with FRONT_FORESEE
 * @tree: the fields are appended here
 *
 * Everybody that the window knows or that will turn up, under the last name.
 * Whose birth is in the window is left out, or the viewer has it twice: as it
 * does who gets a tid that another one had before.
 *
 * Return: 0 or -ENOMEM.
 */
int perfetto_tree_all(const struct front *front, struct protobuf *tree);

/* One thread, as it is now. Returns 0 or -ENOMEM. */
int perfetto_tree_thread(const struct front_thread *thread,
			 struct protobuf *tree);

#endif /* PERFETTO_TREE_H */
