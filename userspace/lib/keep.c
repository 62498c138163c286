// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Was the age that was asked for held, and what budget would hold it?
 *
 * The estimate. Every CPU has the same share of the budget, and draws blocks from a
 * pool that is its own (percpu) or that of its node (shared: the shares of all its
 * CPUs). What is asked for must be held on all CPUs, so the pool that reaches back
 * least is the bottleneck: of the CPU that writes most, or of the node. Once a pool
 * has given out all its blocks they hold as much time as it reaches back, whoever
 * filled them; so its shares are written at the rate
 *
 *	share / reach
 *
 * which needs no knowledge of nodes. As long as nothing was written anew the blocks
 * that were opened since the start tell the rate: those of the CPU that opened most
 * (percpu), or the mean of all (shared; nodes are taken to be equally busy then). A
 * block that is open counts as full, unless it is the first one of its CPU.
 *
 * To hold the age always, also right after a block was drawn, a share must have what
 * is written in that time, and a block that is being filled. Rates change, so a
 * quarter more is told, rounded up to a size that is easy to say. It holds for what
 * goes on as the tape has it.
 */
#include <string.h>

#include "reader.h"

#define MIB	 (1ULL << 20)
#define MARGIN	 1.25
/* More than any machine has. */
#define TOO_MUCH 0x1p62

/**
 * struct pools - what the budget has to do with how far a tape reaches back
 * @bytes: all shares
 * @block_bytes: of a block
 * @cpus: which have a share each
 * @policy: FLIGHTREC_POLICY_*
 * @age_ns: since the start
 * @reach_ns: of the CPU that reaches back least, of those that have blocks no more
 * @wrapped: there is one
 * @most: blocks of the CPU that has opened most
 * @blocks: of all CPUs
 */
struct pools {
	uint64_t bytes;
	uint32_t block_bytes;
	uint32_t cpus;
	uint32_t policy;
	uint64_t age_ns;
	uint64_t reach_ns;
	bool wrapped;
	double most;
	double blocks;
};

/* A CPU has opened @blocks; or, of those, the first ones are not there any more. */
static void add_cpu(struct pools *pools, double blocks, bool wrapped,
		    uint64_t reach_ns)
{
	if (wrapped && (!pools->wrapped || reach_ns < pools->reach_ns))
		pools->reach_ns = reach_ns;
	pools->wrapped |= wrapped;
	if (blocks < 2)
		return;
	pools->blocks += blocks;
	if (blocks > pools->most)
		pools->most = blocks;
}

/* How much of a share is written in @ns. */
static double written(const struct pools *pools, uint64_t ns)
{
	double share = (double)pools->bytes / pools->cpus;
	uint64_t in = pools->reach_ns;

	if (!pools->wrapped) {
		share = pools->policy == FLIGHTREC_POLICY_PERCPU ?
				pools->most :
				pools->blocks / pools->cpus;
		share *= pools->block_bytes;
		in = pools->age_ns;
	}
	return share * (double)ns / (double)(in ? in : 1);
}

/* Return: 0: what there is will do, as far as can be told; or nothing would. */
static uint64_t budget(const struct pools *pools, uint64_t ns)
{
	uint64_t unit, whole;
	double bytes;

	if (!pools->cpus)
		return 0;
	bytes = (MARGIN * written(pools, ns) + pools->block_bytes) *
		pools->cpus;
	if (bytes >= TOO_MUCH)
		return 0;
	unit = bytes < 64.0 * (double)MIB ? MIB : 16 * MIB;
	whole = ((uint64_t)bytes / unit + 1) * unit;
	return whole > pools->bytes ? whole : 0;
}

static void judge(const struct pools *pools, bool holes,
		  struct flightrec_keep *keep)
{
	keep->all = !pools->wrapped;
	if (!keep->asked_ns)
		keep->verdict = FLIGHTREC_KEEP_UNASKED;
	else if (keep->held_ns >= keep->asked_ns)
		keep->verdict = FLIGHTREC_KEEP_HELD;
	else if (pools->wrapped && pools->reach_ns < keep->asked_ns)
		keep->verdict = FLIGHTREC_KEEP_SHORT;
	else
		keep->verdict = holes || pools->wrapped ? FLIGHTREC_KEEP_HOLES :
							  FLIGHTREC_KEEP_YOUNG;
	if (keep->verdict == FLIGHTREC_KEEP_SHORT ||
	    keep->verdict == FLIGHTREC_KEEP_YOUNG)
		keep->budget_bytes = budget(pools, keep->asked_ns);
}

static uint64_t between(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

/**
 * flightrec_keep_of_stats() - does a recorder hold an age?
 * @stats: of a recorder that is not idle
 * @cpus: of its CPUs
 * @count: how many
 * @asked_ns: the age; stats->config.keep_ns is what was asked for
 * @keep: (out)
 *
 * Of holes in the tape the statistics do not tell, so the verdict is never
 * FLIGHTREC_KEEP_HOLES.
 */
void flightrec_keep_of_stats(const struct flightrec_stats *stats,
			     const struct flightrec_stats_cpu *cpus,
			     size_t count, uint64_t asked_ns,
			     struct flightrec_keep *keep)
{
	struct pools pools = {
		.bytes = stats->ring_bytes,
		.block_bytes = stats->config.block_bytes,
		.cpus = stats->cpus_count,
		.policy = stats->config.policy,
		.age_ns = between(stats->start_mono_ns, stats->now_mono_ns),
	};
	size_t i;

	for (i = 0; i < count; i++)
		add_cpu(&pools, (double)cpus[i].blocks_opened,
			cpus[i].since_mono_ns > stats->start_mono_ns,
			between(cpus[i].since_mono_ns, stats->now_mono_ns));
	*keep = (struct flightrec_keep){
		.asked_ns = asked_ns,
		.held_ns = pools.wrapped ? pools.reach_ns : pools.age_ns,
	};
	judge(&pools, false, keep);
}

static uint64_t before_cut(const struct flightrec_reader *reader,
			   uint64_t clock)
{
	uint64_t cut = reader->window.cut_clock;

	if (clock >= cut)
		return 0;
	return (uint64_t)flightrec_reader_mono_ns(reader, cut) -
	       (uint64_t)flightrec_reader_mono_ns(reader, clock);
}

/* The first block of which it is known when it was opened, written anew or not. */
static bool first_block(const struct flightrec_reader *reader,
			const struct fr_tape *tape,
			struct flightrec_block *header)
{
	uint64_t i;

	for (i = 0; i < tape->present; i++) {
		uint64_t block = tape->entry.first_block + i;
		bool good = fr_tape_place(reader, block, tape->cpu, header);

		fr_tape_release(reader, block);
		if (good && header->clock)
			return true;
	}
	return false;
}

static void add_tape(struct pools *pools, const struct flightrec_reader *reader,
		     const struct fr_tape *tape, bool *holes)
{
	struct flightrec_block first;

	if (!first_block(reader, tape, &first))
		return;
	add_cpu(pools, (double)tape->entry.blocks, first.seq > 1,
		before_cut(reader, first.clock));
	/* Nothing else makes it later. */
	if (tape->entry.complete_clock > first.clock)
		*holes = true;
}

/**
 * flightrec_keep_of_reader() - was the age held that was asked for?
 * @reader: the window
 * @keep: (out)
 */
void flightrec_keep_of_reader(const struct flightrec_reader *reader,
			      struct flightrec_keep *keep)
{
	const struct flightrec_window *window = &reader->window;
	struct pools pools = {
		.bytes = window->ring_bytes,
		.block_bytes = window->block_bytes,
		.cpus = window->cpus_possible,
		.policy = window->policy,
		.age_ns = before_cut(reader, window->start_clock),
	};
	bool holes = false;
	size_t i;

	for (i = 0; i < reader->tapes_count; i++)
		add_tape(&pools, reader, &reader->tapes[i], &holes);
	*keep = (struct flightrec_keep){
		.asked_ns = window->keep_ns,
		.held_ns = before_cut(reader, window->complete_clock),
	};
	judge(&pools, holes, keep);
}
