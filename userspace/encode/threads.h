/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of threads: which thread has a tid at a time. It knows identities
 * and names, births and reuse of tids, and nothing of what threads do. For the
 * front alone.
 */
#ifndef THREADS_H
#define THREADS_H

#include "front.h"

/**
 * struct threads - all threads that have turned up
 * @reader: who knows who a tid was
 * @all: by index
 * @count: how many
 * @room: how many @all has room for
 * @buckets: by tid, those that have one now, linked by hash_next
 * @bucket_bits: there are 2^@bucket_bits
 */
struct threads {
	struct flightrec_reader *reader;
	struct front_thread **all;
	size_t count;
	size_t room;
	struct front_thread **buckets;
	unsigned int bucket_bits;
};

int threads_init(struct threads *threads, struct flightrec_reader *reader);
void threads_deinit(struct threads *threads);

/**
 * threads_add_idle() - the idle task of a CPU, which no tid leads to
 * @threads: the table
 *
 * Return: it, or NULL: no memory.
 */
struct front_thread *threads_add_idle(struct threads *threads);

/* The thread that has @tid now, or NULL. */
struct front_thread *threads_find(const struct threads *threads, uint32_t tid);

/* Is @thread who had its tid before still who has it at @clock? See threads_get(). */
static inline bool threads_is_still(const struct front_thread *thread,
				    uint64_t clock, bool alive)
{
	return thread->identity && clock <= thread->identity->until_clock &&
	       !(alive && thread->status.state == FRONT_DEAD);
}

/**
 * threads_get() - the thread that has @tid at @clock, a new one if need be
 * @threads: the table
 * @tid: not 0
 * @clock: when; not before what was asked last
 * @alive: it does something then, so it cannot be one that is dead
 *
 * Return: it, or NULL: no memory.
 */
struct front_thread *threads_get(struct threads *threads, uint32_t tid,
				 uint64_t clock, bool alive);

/**
 * threads_born() - a thread that @tid is given to now
 * @threads: the table
 * @tid: not 0
 * @clock: when
 * @tgid: its process, if its identity does not tell
 *
 * Return: it, or NULL: no memory.
 */
struct front_thread *threads_born(struct threads *threads, uint32_t tid,
				  uint64_t clock, uint32_t tgid);

/* @thread gives up its tid for @tid, and who had that is replaced. */
void threads_renumber(struct threads *threads, struct front_thread *thread,
		      uint32_t tid, uint64_t clock);

/* See who @thread is right after @clock. */
void threads_refresh_name(struct threads *threads, struct front_thread *thread,
			  uint64_t clock);

/* Set the name of @thread to @length bytes, at most 15 of them. */
void threads_set_comm(struct front_thread *thread, const char *comm,
		      size_t length);

#endif /* THREADS_H */
