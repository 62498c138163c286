/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line an event, for the tests of the front end and the encoders: each
 * records one event of @tid on @cpu at @clock.
 */
#ifndef PUT_H
#define PUT_H

#include "window_builder.h"

/* x86-64's numbers of the calls that the tests make. */
#define NR_READ		0
#define NR_WRITE	1
#define NR_RT_SIGRETURN 15
#define NR_CLONE	56
#define NR_EXECVE	59
#define NR_EXIT_GROUP	231
#define NR_EPOLL_WAIT	232
/* 32-bit ones: read; mmap2, which the 64-bit table does not have. */
#define NR_COMPAT_READ	3
#define NR_COMPAT_MMAP2 192

#define PREV_TARGET	FLIGHTREC_SWITCH_PREV_TARGET
#define NEXT_TARGET	FLIGHTREC_SWITCH_NEXT_TARGET
#define BOTH_TARGETS	(PREV_TARGET | NEXT_TARGET)

static inline void put_switch(struct window_builder *b, uint32_t cpu,
			      uint64_t clock, uint32_t tid, uint32_t next,
			      uint32_t state, uint32_t flags)
{
	struct fr_record record;

	fr_record_switch(&record, next, state, flags);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_waking(struct window_builder *b, uint32_t cpu,
			      uint64_t clock, uint32_t tid, uint32_t wakee,
			      uint32_t context, uint32_t flags)
{
	struct fr_record record;

	fr_record_waking(&record, wakee, context, flags);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_enter_args(struct window_builder *b, uint32_t cpu,
				  uint64_t clock, uint32_t tid, int32_t nr,
				  int compat, const __u64 *args,
				  unsigned int nargs)
{
	struct fr_record record;

	fr_record_enter(&record, nr, compat, args, nargs);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_enter(struct window_builder *b, uint32_t cpu,
			     uint64_t clock, uint32_t tid, int32_t nr,
			     uint64_t first)
{
	__u64 args[FLIGHTREC_ARGS_MAX] = { first };

	put_enter_args(b, cpu, clock, tid, nr, 0, args, b->header.args);
}

static inline void put_exit(struct window_builder *b, uint32_t cpu,
			    uint64_t clock, uint32_t tid, int32_t nr,
			    int64_t result)
{
	struct fr_record record;

	fr_record_exit(&record, nr, 0, result);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_exit_compat(struct window_builder *b, uint32_t cpu,
				   uint64_t clock, uint32_t tid, int32_t nr,
				   int64_t result)
{
	struct fr_record record;

	fr_record_exit(&record, nr, 1, result);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_newtask(struct window_builder *b, uint32_t cpu,
			       uint64_t clock, uint32_t tid, uint32_t child,
			       uint32_t flags, uint64_t clone_flags)
{
	struct fr_record record;

	fr_record_newtask(&record, child, flags, clone_flags);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_exec(struct window_builder *b, uint32_t cpu,
			    uint64_t clock, uint32_t tid, uint32_t old_tid,
			    const char *path)
{
	struct fr_record record;

	fr_record_exec(&record, old_tid, path, (__u32)strlen(path));
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_task_exit(struct window_builder *b, uint32_t cpu,
				 uint64_t clock, uint32_t tid, uint32_t code,
				 uint32_t flags)
{
	struct fr_record record;

	fr_record_task_exit(&record, code, flags);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_rename(struct window_builder *b, uint32_t cpu,
			      uint64_t clock, uint32_t tid, uint32_t renamed,
			      const char *comm)
{
	struct fr_record record;

	fr_record_rename(&record, renamed, comm);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_signal(struct window_builder *b, uint32_t cpu,
			      uint64_t clock, uint32_t tid, uint32_t receiver,
			      int sig, uint32_t result, int32_t code, int group)
{
	struct fr_record record;

	fr_record_signal_generate(&record, receiver, sig, result, code, group);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_deliver(struct window_builder *b, uint32_t cpu,
			       uint64_t clock, uint32_t tid, int sig,
			       uint32_t handler, int32_t code,
			       uint64_t sa_flags)
{
	struct fr_record record;

	fr_record_signal_deliver(&record, sig, handler, code, sa_flags);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_mark(struct window_builder *b, uint32_t cpu,
			    uint64_t clock, uint32_t tid, const char *text,
			    size_t length)
{
	struct fr_record record;

	fr_record_mark(&record, text, (__u32)length);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_irq_entry(struct window_builder *b, uint32_t cpu,
				 uint64_t clock, uint32_t tid, uint32_t kind,
				 uint32_t number, const char *name)
{
	struct fr_record record;

	fr_record_irq_entry(&record, kind, number, name);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_irq_exit(struct window_builder *b, uint32_t cpu,
				uint64_t clock, uint32_t tid, uint32_t kind,
				uint32_t number, uint32_t flags)
{
	struct fr_record record;

	fr_record_irq_exit(&record, kind, number, flags);
	window_builder_emit(b, cpu, clock, tid, &record);
}

static inline void put_migrate(struct window_builder *b, uint32_t cpu,
			       uint64_t clock, uint32_t tid, uint32_t moved,
			       uint32_t to_cpu)
{
	struct fr_record record;

	fr_record_migrate(&record, moved, to_cpu);
	window_builder_emit(b, cpu, clock, tid, &record);
}

#endif /* PUT_H */
