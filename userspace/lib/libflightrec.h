/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libflightrec: control of the recorder, and the decoder of its windows.
 *
 * Functions return 0 or a count, or a negative errno. Those that read a window
 * also fill in a struct flightrec_error, which says where and what was
 * expected. Nothing here prints, exits or keeps global state.
 */
#ifndef LIBFLIGHTREC_H
#define LIBFLIGHTREC_H

#include <linux/flightrec.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- error.c ------------------------------------------------------------ */

#define FLIGHTREC_NO_OFFSET UINT64_MAX

/**
 * struct flightrec_error - what went wrong, where
 * @code: a negative errno
 * @offset: byte of the window, or FLIGHTREC_NO_OFFSET
 * @text: one line without a newline: what was found and what was expected
 */
struct flightrec_error {
	int code;
	uint64_t offset;
	char text[240];
};

/* Fills in @error, which may be NULL; returns @code. */
int flightrec_error_set(struct flightrec_error *error, int code,
			uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- control.c ---------------------------------------------------------- */
/* Thin wrappers: one ioctl each, struct size and recorder filled in here.   */

int flightrec_open(const char *node, int open_flags);
int flightrec_info(int fd, struct flightrec_info *info);
int flightrec_configure(int fd, struct flightrec_config *config);
int flightrec_target_add(int fd, struct flightrec_target *target);
int flightrec_target_remove(int fd, struct flightrec_target *target);
int flightrec_start(int fd);
int flightrec_stop(int fd);
int flightrec_freeze(int fd);
int flightrec_thaw(int fd);
int flightrec_stats(int fd, struct flightrec_stats *stats,
		    struct flightrec_stats_cpu *cpus, uint32_t cpus_count);
int flightrec_mark(int fd, const char *text, size_t length);
int flightrec_trigger_add(int fd, struct flightrec_trigger *trigger);
int flightrec_trigger_remove(int fd, uint32_t id);
int flightrec_trigger_get(int fd, uint32_t id,
			  struct flightrec_trigger *trigger);
int flightrec_fired(int fd, uint64_t known, struct flightrec_fired *fired);

/* ---- window.c: a window in memory or in a file --------------------------- */

struct flightrec_reader;

/* What a window lacks; the reader goes on with what is whole. */
struct flightrec_damage {
	uint64_t offset; /* of the block or table, in bytes */
	uint64_t events; /* events that were lost with it, if known */
	bool events_known;
	uint32_t cpu; /* UINT32_MAX: not known */
	char text[160];
};

int flightrec_reader_open(const char *path, struct flightrec_reader **reader,
			  struct flightrec_error *error);
int flightrec_reader_from_fd(int fd, struct flightrec_reader **reader,
			     struct flightrec_error *error);
int flightrec_reader_from_memory(const void *bytes, size_t length,
				 struct flightrec_reader **reader,
				 struct flightrec_error *error);
void flightrec_reader_destroy(struct flightrec_reader *reader);

/* The header and the tables, in host order, checked. Never NULL. */
const struct flightrec_window *
flightrec_reader_window(const struct flightrec_reader *reader);
size_t flightrec_reader_cpus(const struct flightrec_reader *reader);
void flightrec_reader_cpu(const struct flightrec_reader *reader, size_t i,
			  struct flightrec_window_cpu *cpu);
size_t flightrec_reader_cpu_index(const struct flightrec_reader *reader,
				  uint32_t cpu);
size_t flightrec_reader_tasks(const struct flightrec_reader *reader);
void flightrec_reader_task(const struct flightrec_reader *reader, size_t i,
			   struct flightrec_window_task *task);
size_t flightrec_reader_calls(const struct flightrec_reader *reader);
void flightrec_reader_call(const struct flightrec_reader *reader, size_t i,
			   struct flightrec_window_call *call);
size_t flightrec_reader_targets(const struct flightrec_reader *reader);
void flightrec_reader_target(const struct flightrec_reader *reader, size_t i,
			     struct flightrec_window_target *target);

/* Whether the end marker was there; what was damaged (grows while events are
 * read; at most 1024, the last one then counts the others). */
bool flightrec_reader_whole(const struct flightrec_reader *reader);
uint64_t flightrec_reader_overrun(const struct flightrec_reader *reader);
size_t flightrec_reader_damages(const struct flightrec_reader *reader);
const struct flightrec_damage *
flightrec_reader_damage(const struct flightrec_reader *reader, size_t i);

/* Ticks to nanoseconds of the three clocks. Monotone in @clock. */
int64_t flightrec_reader_mono_ns(const struct flightrec_reader *reader,
				 uint64_t clock);
int64_t flightrec_reader_boot_ns(const struct flightrec_reader *reader,
				 uint64_t clock);
int64_t flightrec_reader_real_ns(const struct flightrec_reader *reader,
				 uint64_t clock);

/* Who @tid was at @clock; NULL if the window does not know. Tid 0 is the idle
 * task ("swapper"). The pointer lives as long as the reader. */
const struct flightrec_window_task *
flightrec_reader_who(const struct flightrec_reader *reader, uint32_t tid,
		     uint64_t clock);

/* ---- decode.c: events, of all CPUs, in the order of time ------------------ */

enum flightrec_event_type {
	FLIGHTREC_EVENT_SWITCH = 1,
	FLIGHTREC_EVENT_WAKING,
	FLIGHTREC_EVENT_ENTER,
	FLIGHTREC_EVENT_EXIT,
	FLIGHTREC_EVENT_NEWTASK,
	FLIGHTREC_EVENT_EXEC,
	FLIGHTREC_EVENT_TASK_EXIT,
	FLIGHTREC_EVENT_RENAME,
	FLIGHTREC_EVENT_SIGNAL_GENERATE,
	FLIGHTREC_EVENT_SIGNAL_DELIVER,
	FLIGHTREC_EVENT_MARK,
	FLIGHTREC_EVENT_IRQ_ENTRY,
	FLIGHTREC_EVENT_IRQ_EXIT,
	FLIGHTREC_EVENT_MIGRATE,
	/* Not recorded as such, told by block headers: */
	FLIGHTREC_EVENT_LOST, /* events missing on this CPU right before here */
	FLIGHTREC_EVENT_GAP,  /* recording was off (frozen) until here */
	FLIGHTREC_EVENT_BEGIN, /* this CPU's tape begins here; none for a CPU
				 * that has no block */
};

/**
 * struct flightrec_event - one record, decoded
 * @clock: when, in ticks of the recorder's clock
 * @mono_ns: when, CLOCK_MONOTONIC
 * @cpu: where
 * @tid: the task that ran there (for a SWITCH: the one that leaves); of a LOST,
 *	GAP and BEGIN what the block's header says, which may be 0 for "not known"
 * @type: what; says which member of the union holds the rest
 *
 * Texts are not NUL terminated, may hold any byte, and are valid until the next
 * event is asked for.
 */
struct flightrec_event {
	uint64_t clock;
	int64_t mono_ns;
	uint32_t cpu;
	uint32_t tid;
	enum flightrec_event_type type;
	union {
		struct {
			uint32_t next_tid;
			uint8_t state; /* FLIGHTREC_STATE_* */
			uint8_t flags; /* FLIGHTREC_SWITCH_* */
		} sched_switch;
		struct {
			uint32_t tid;
			uint8_t context; /* FLIGHTREC_CONTEXT_* */
			uint8_t flags;	 /* FLIGHTREC_WAKING_* */
		} waking;
		struct {
			int32_t nr;
			bool compat;
			uint8_t nargs; /* how many were recorded */
			uint64_t args[FLIGHTREC_ARGS_MAX];
		} enter;
		struct {
			int32_t nr;
			bool compat;
			int64_t result;
		} exit;
		struct {
			uint32_t tid;
			uint16_t flags; /* FLIGHTREC_NEWTASK_* */
			uint64_t clone_flags;
		} newtask;
		struct {
			uint32_t old_tid;
			uint16_t flags; /* FLIGHTREC_EXEC_* */
			size_t path_length;
			const char *path;
		} exec;
		struct {
			uint32_t code;	/* as wait() has it */
			uint16_t flags; /* FLIGHTREC_TASK_EXIT_* */
		} task_exit;
		struct {
			uint32_t tid;
			size_t comm_length;
			const char *comm;
		} rename;
		struct {
			uint32_t tid;
			uint8_t signal;
			uint8_t result; /* FLIGHTREC_SIGNAL_* */
			int32_t code;
			bool group;
		} signal_generate;
		struct {
			uint8_t signal;
			uint8_t handler; /* FLIGHTREC_HANDLER_* */
			int32_t code;
			uint64_t sa_flags;
		} signal_deliver;
		struct {
			size_t length;
			const char *text;
		} mark;
		struct {
			uint8_t kind; /* FLIGHTREC_IRQ_* */
			uint32_t number;
			size_t name_length;
			const char *name;
		} irq_entry;
		struct {
			uint8_t kind;  /* FLIGHTREC_IRQ_* */
			uint8_t flags; /* FLIGHTREC_IRQ_HANDLED */
			uint32_t number;
		} irq_exit;
		struct {
			uint32_t tid;
			uint32_t cpu;
		} migrate;
		struct {
			uint64_t events; /* UINT64_MAX: not known */
			bool damaged;	 /* the file lacks them, not the
						 * recorder */
			bool overrun;	 /* written anew before they
						 * were read */
		} lost;
		struct {
			uint64_t from_clock; /* when recording stopped */
		} gap;
	};
};

/* 1: *event is the next one; 0: no more; negative: errno. rewind starts anew. */
int flightrec_reader_next(struct flightrec_reader *reader,
			  struct flightrec_event *event);
void flightrec_reader_rewind(struct flightrec_reader *reader);

/* ---- excerpt.c: the end of a window --------------------------------------- */

/**
 * struct flightrec_excerpt - how much of a window is wanted
 * @last_ns: that many nanoseconds before the cut; 0: not asked for
 * @mark: from the newest mark on that begins with these bytes; NULL: not asked
 *	for
 * @mark_length: how many bytes
 * @max_bytes: no longer than that as a file; 0: as long as need be
 * @since_clock: (out) the instant from which on everything is wanted, in ticks;
 *	0: no instant was asked for
 *
 * With @last_ns and @mark, what reaches further back. @max_bytes comes before
 * both.
 */
struct flightrec_excerpt {
	uint64_t last_ns;
	const char *mark;
	size_t mark_length;
	uint64_t max_bytes;
	uint64_t since_clock;
};

int flightrec_reader_narrow(struct flightrec_reader *reader,
			    struct flightrec_excerpt *excerpt,
			    struct flightrec_error *error);

/* Takes @length bytes. 0 or a negative errno, which ends the writing. */
typedef int (*flightrec_write_function)(void *to, const void *bytes,
					size_t length);

/* The window of a reader, as far as it was not narrowed away, as a window; how
 * long that is in bytes. */
int flightrec_reader_write(struct flightrec_reader *reader,
			   flightrec_write_function write, void *to,
			   struct flightrec_error *error);
uint64_t flightrec_reader_bytes(struct flightrec_reader *reader);

/* ---- snapshot.c: taking windows ------------------------------------------- */

int flightrec_snapshot(int fd, struct flightrec_reader **reader,
		       uint64_t *stopped_ns, struct flightrec_error *error);

/* A thread that takes windows when it is asked to. */
struct flightrec_snapshots;

/* Paths of results, their NUL included. */
#define FLIGHTREC_SNAPSHOT_PATH_MAX 1024

/**
 * struct flightrec_snapshot_result - what became of flightrec_snapshot_async()
 * @tag: as given
 * @code: 0: the window was taken; else a negative errno
 * @error: then, why
 * @path: the file, complete and on the disk; empty if there is none
 * @bytes: its length
 * @asked_mono_ns: when it was asked for, CLOCK_MONOTONIC
 * @stopped_ns: how long recording stood still for it
 */
struct flightrec_snapshot_result {
	uint64_t tag;
	int code;
	struct flightrec_error error;
	char path[FLIGHTREC_SNAPSHOT_PATH_MAX];
	uint64_t bytes;
	uint64_t asked_mono_ns;
	uint64_t stopped_ns;
};

/**
 * struct flightrec_snapshots_options - how windows are taken; all zeros will do
 * @node: path of the device; NULL: FLIGHTREC_NODE
 * @directory: where the files go; NULL: the current one, whichever that is then
 * @prefix: how their names begin; NULL: "flightrec". Behind it come the process,
 *	the time and a number; before that, each file has a name that begins with
 *	a dot.
 * @excerpt: how much of a window is kept
 * @waiting: how many may be asked for while one is under way, up to 1024; more
 *	are refused
 * @done: called with each result, by the thread; NULL: nothing is. It must not
 *	destroy the object.
 * @context: for @done
 */
struct flightrec_snapshots_options {
	const char *node;
	const char *directory;
	const char *prefix;
	struct flightrec_excerpt excerpt;
	unsigned int waiting;
	void (*done)(void *context,
		     const struct flightrec_snapshot_result *result);
	void *context;
};

int flightrec_snapshots_create(
	const struct flightrec_snapshots_options *options,
	struct flightrec_snapshots **snapshots, struct flightrec_error *error);
void flightrec_snapshots_destroy(struct flightrec_snapshots *snapshots);
int flightrec_snapshot_async(struct flightrec_snapshots *snapshots,
			     uint64_t tag);
int flightrec_snapshots_fd(const struct flightrec_snapshots *snapshots);
int flightrec_snapshots_result(struct flightrec_snapshots *snapshots,
			       struct flightrec_snapshot_result *result);

/* ---- keep.c: the age that was asked for, and the budget ---------------------- */

enum flightrec_keep_verdict {
	FLIGHTREC_KEEP_UNASKED, /* no age was */
	FLIGHTREC_KEEP_HELD,
	FLIGHTREC_KEEP_YOUNG, /* all since the start is, which is not so long ago */
	FLIGHTREC_KEEP_SHORT, /* the budget did not hold it */
	FLIGHTREC_KEEP_HOLES, /* it did, but not all was recorded, or read in time */
};

/**
 * struct flightrec_keep - whether an age was held, on all CPUs
 * @verdict: that
 * @all: nothing since the start was written anew
 * @asked_ns: the age; 0: none
 * @held_ns: for so long everything is held, of a window without a hole
 * @budget_bytes: if it is SHORT, or YOUNG and will be short: what would hold it, at
 *	the rate of the tape; 0: cannot be told, or no machine has it
 */
struct flightrec_keep {
	enum flightrec_keep_verdict verdict;
	bool all;
	uint64_t asked_ns;
	uint64_t held_ns;
	uint64_t budget_bytes;
};

void flightrec_keep_of_stats(const struct flightrec_stats *stats,
			     const struct flightrec_stats_cpu *cpus,
			     size_t count, uint64_t asked_ns,
			     struct flightrec_keep *keep);
void flightrec_keep_of_reader(const struct flightrec_reader *reader,
			      struct flightrec_keep *keep);

/* ---- scope.c: marks that belong together ----------------------------------- */

/*
 * A mark whose text is
 *
 *	>KEY TEXT	begins a scope
 *	<KEY TEXT	ends it
 *
 * (the blank and TEXT may be missing; `echo '>42 parse' > /dev/flightrec` does as
 * well). KEY has 1 to FLIGHTREC_SCOPE_KEY_MAX bytes, none of which is a blank or a
 * control character. A scope belongs to the thread that made the mark; an end
 * belongs to the newest scope of that thread and KEY that has not ended yet. Any
 * other text is a mark and nothing more.
 */
#define FLIGHTREC_SCOPE_BEGIN	'>'
#define FLIGHTREC_SCOPE_END	'<'
#define FLIGHTREC_SCOPE_KEY_MAX 64

/**
 * struct flightrec_scope - a mark that begins or ends a scope
 * @begins: it does; else it ends one
 * @key: of the scope, not NUL terminated, within the mark
 * @key_length: how many bytes
 * @text: the rest, within the mark
 * @text_length: how many bytes; may be 0
 */
struct flightrec_scope {
	bool begins;
	const char *key;
	size_t key_length;
	const char *text;
	size_t text_length;
};

int flightrec_mark_begin(int fd, const char *key, const char *text);
int flightrec_mark_end(int fd, const char *key, const char *text);
bool flightrec_scope_parse(const char *mark, size_t length,
			   struct flightrec_scope *scope);

/* ---- names.c: numbers to words ------------------------------------------- */

/* What an argument is, for printing. */
enum flightrec_arg_kind {
	FLIGHTREC_ARG_INT = 'd',  /* signed, 32 bits */
	FLIGHTREC_ARG_LONG = 'l', /* signed, 64 bits */
	FLIGHTREC_ARG_SIZE = 'u', /* unsigned */
	FLIGHTREC_ARG_FD = 'f',	  /* signed, 32 bits, AT_FDCWD known */
	FLIGHTREC_ARG_POINTER = 'p',
	FLIGHTREC_ARG_FLAGS = 'x', /* hexadecimal */
	FLIGHTREC_ARG_OCTAL = 'o',
	FLIGHTREC_ARG_SIGNAL = 's',
};

/**
 * struct flightrec_call_name - a system call
 * @name: its name
 * @args: one FLIGHTREC_ARG_* letter per argument, NUL terminated
 */
struct flightrec_call_name {
	const char *name;
	const char *args;
};

/* By the window's machine ("x86_64", "aarch64") and ABI; NULL if not known. */
const struct flightrec_call_name *flightrec_call_name(const char *machine,
						      bool compat, int32_t nr);
/* The other way round, for calls of 64-bit programs; -1 if not known. */
int32_t flightrec_call_number(const char *machine, const char *name);
const char *flightrec_errno_name(int number);  /* "EAGAIN"; NULL if not known;
						 * knows 512..516 (ERESTARTSYS) */
const char *flightrec_signal_name(int number); /* "SIGSEGV"; "SIGRTMIN+3" */
int flightrec_errno_number(const char *name);  /* 0 if not known */
int flightrec_signal_number(const char *name); /* 0 if not known */
const char *flightrec_state_name(unsigned int state); /* "S", "R+", ... */
const char *flightrec_softirq_name(uint32_t number);  /* "NET_RX"; NULL if not
							* known */
const char *
flightrec_policy_name(unsigned int policy); /* "FIFO", "NORMAL"... */

#ifdef __cplusplus
}
#endif
#endif /* LIBFLIGHTREC_H */
