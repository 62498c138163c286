/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The statistics at one moment, and what the numbers mean. For status and watch.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include <libflightrec.h>

/**
 * struct moment - the statistics at one moment
 * @stats: of the recorder
 * @cpus: of each CPU
 * @count: how many
 */
struct moment {
	struct flightrec_stats stats;
	struct flightrec_stats_cpu *cpus;
	uint32_t count;
};

/* 0, or -1 when explained. */
int moment_init(struct moment *moment, int fd);
void moment_deinit(struct moment *moment);

uint64_t moment_since(uint64_t then, uint64_t now);
/* A CPU holds all since the start until a block of its is written anew. */
bool moment_holds_all(const struct moment *moment,
		      const struct flightrec_stats_cpu *cpu);
/* How far the tape of a CPU reaches back. */
uint64_t moment_held(const struct moment *moment,
		     const struct flightrec_stats_cpu *cpu);
/* Is such an age held? See flightrec_keep_of_stats(). */
void moment_keep(const struct moment *moment, uint64_t asked_ns,
		 struct flightrec_keep *keep);
/* The least that a CPU holds; *wrapped: its tape has overwritten something. */
uint64_t moment_held_on_all(const struct moment *moment, bool *wrapped);
/* How many a second, if within @ns a count went from @before to @after. */
uint64_t moment_rate(uint64_t before, uint64_t after, uint64_t ns);
/* Something is written to the tape. */
bool moment_records(const struct flightrec_stats *stats);

#endif /* MOMENT_H */
