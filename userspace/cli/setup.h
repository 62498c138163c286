/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Setting a recorder up: configuration, targets, start; all of it or nothing.
 * For start and run.
 */
#ifndef SETUP_H
#define SETUP_H

#include "targets.h"

/* The options of a subcommand that starts recording, and their help. */
#define SETUP_OPTIONS                                                        \
	{ "size", required_argument, NULL, CLI_OPTION_SIZE },                \
		{ "block", required_argument, NULL, CLI_OPTION_BLOCK },      \
		{ "args", required_argument, NULL, CLI_OPTION_ARGS },        \
		{ "events", required_argument, NULL, CLI_OPTION_EVENTS },    \
		{ "policy", required_argument, NULL, CLI_OPTION_POLICY },    \
		{ "slots", required_argument, NULL, CLI_OPTION_SLOTS },      \
		{ "keep", required_argument, NULL, CLI_OPTION_KEEP },        \
		{ "sparing", no_argument, NULL, CLI_OPTION_SPARING },        \
	{                                                                    \
		"identities", required_argument, NULL, CLI_OPTION_IDENTITIES \
	}
#define SETUP_HELP                                                                          \
	"  --size BYTES         memory for the tape, all CPUs together; K, M and G are\n"   \
	"                       understood (default: 16M, or the machine's minimum)\n"      \
	"  --keep TIME          ask for an age: status and every window say whether the\n"  \
	"                       tape held it, and what --size would (10s, 2m)\n"            \
	"  --args N             record N arguments of a system call, 0 to 6 (default 1)\n"  \
	"  --events WHAT        sched, syscalls, irq, with commas in between, or all\n"     \
	"                       (default sched,syscalls); irq: interrupts, where targets\n" \
	"                       run or wait; sched alone costs others next to nothing\n"    \
	"  --sparing            let system calls cost other processes nothing either; a\n"  \
	"                       tracer that comes later sees theirs after a second\n"       \
	"  --block BYTES        size of a block, a power of two (default: chosen)\n"        \
	"  --policy WHICH       shared: the memory goes to the CPUs where most happens\n"   \
	"                       (default); percpu: each CPU has as much\n"                  \
	"  --slots N            how many tasks can be recorded at once (default 4096)\n"    \
	"  --identities N       how many past names are kept (default 16384)\n"

/**
 * struct setup - what to record and how
 * @config: as asked for
 * @size_given: --size was there
 * @block_given: --block was there
 * @targets: whom
 */
struct setup {
	struct flightrec_config config;
	bool size_given;
	bool block_given;
	struct targets targets;
};

void setup_init(struct setup *setup);
void setup_deinit(struct setup *setup);
/* Takes one of SETUP_OPTIONS. 0, or an exit status when explained. */
int setup_option(struct setup *setup, int option, const char *argument);

/* Configure, add the targets, start. 0; or -1 when explained and everything is
 * as before. @stats (out): how things stand once it records. Call with the
 * signals held back (undo.h). */
int setup_begin(struct setup *setup, int fd, struct flightrec_stats *stats);

#endif /* SETUP_H */
