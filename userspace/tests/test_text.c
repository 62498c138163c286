// SPDX-License-Identifier: GPL-2.0
/*
 * The text encoder: the lines of windows made by hand, for every type of event,
 * and that what a program may choose never ends a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "encoder.h"
#include "perfetto/put.h"

static struct window_builder b;
static struct flightrec_reader *reader;
static char *output;

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int setup(void **unused)
{
	(void)unused;
	window_builder_init(&b);
	set_zone("UTC0");
	output = NULL;
	reader = NULL;
	return 0;
}

/* What the one before has left, if there was one. */
static void forget(void)
{
	free(output);
	output = NULL;
	flightrec_reader_destroy(reader);
	reader = NULL;
}

static int teardown(void **unused)
{
	(void)unused;
	forget();
	window_builder_deinit(&b);
	return 0;
}

/* ---- helpers ------------------------------------------------------------- */

static void read_back(int fd)
{
	off_t length = lseek(fd, 0, SEEK_END);

	output = calloc(1, (size_t)length + 1);
	assert_non_null(output);
	assert_int_equal(pread(fd, output, (size_t)length, 0), length);
	assert_int_equal(strlen(output), length);
}

/* The first @length bytes of the finished window, as text. */
static void dump_bytes(size_t length)
{
	struct flightrec_error error = { 0 };
	int fd = memfd_create("text", 0);
	struct sink sink;

	assert_true(fd >= 0);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, length, &reader,
						      NULL),
			 0);
	assert_int_equal(sink_init(&sink, fd), 0);
	assert_int_equal(encoder_find("text")->encode(reader, &sink, &error),
			 0);
	assert_int_equal(sink_deinit(&sink), 0);
	read_back(fd);
	close(fd);
}

/* The window, with its cut at @cut, as text. */
static void dump(uint64_t cut)
{
	forget();
	window_builder_finish(&b, cut);
	dump_bytes(b.length);
}

/* Is @line, as a whole, one of the lines? */
static bool has_line(const char *line)
{
	size_t length = strlen(line);
	const char *at = output;

	while (at && *at) {
		if (!strncmp(at, line, length) && at[length] == '\n')
			return true;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return false;
}

static void assert_line(const char *line)
{
	if (!has_line(line))
		print_error("no line \"%s\" in:\n%s", line, output);
	assert_true(has_line(line));
}

/* A line of what happened at clock @ns in nanoseconds after the start. */
static void assert_event(uint64_t clock, const char *rest)
{
	char line[512];

	snprintf(line, sizeof(line), "2023-11-14 22:13:20.%09llu +0000 %s",
		 (unsigned long long)clock, rest);
	assert_line(line);
}

/* ---- scheduling ---------------------------------------------------------- */

static void test_switch(void **unused)
{
	(void)unused;
	window_builder_task(&b, 412, "redis-server");
	window_builder_task(&b, 431, "cpuhog");
	put_switch(&b, 3, 2000, 412, 431, FLIGHTREC_STATE_PREEMPTED,
		   PREV_TARGET);
	put_switch(&b, 3, 3000, 431, 0, FLIGHTREC_STATE_DISK_SLEEP, 0);
	put_switch(&b, 3, 4000, 0, 999, FLIGHTREC_STATE_RUNNING, 0);
	put_switch(&b, 3, 5000, 999, 0, 12, 0);
	dump(9000);
	assert_event(2000, "[003] redis-server[412] sched_switch "
			   "redis-server[412] R+ ==> cpuhog[431]");
	assert_event(3000, "[003] cpuhog[431] sched_switch "
			   "cpuhog[431] D ==> swapper[0]");
	assert_event(4000, "[003] swapper[0] sched_switch "
			   "swapper[0] R ==> <...>[999]");
	assert_event(5000, "[003] <...>[999] sched_switch "
			   "<...>[999] ? ==> swapper[0]");
}

static void test_waking(void **unused)
{
	(void)unused;
	window_builder_task(&b, 412, "redis-server");
	put_waking(&b, 0, 2000, 412, 431, FLIGHTREC_CONTEXT_TASK, 3);
	put_waking(&b, 0, 3000, 412, 431, FLIGHTREC_CONTEXT_HARDIRQ, 3);
	put_waking(&b, 0, 4000, 412, 431, FLIGHTREC_CONTEXT_SOFTIRQ, 3);
	dump(9000);
	assert_event(2000, "[000] redis-server[412] waking <...>[431]");
	assert_event(3000,
		     "[000] redis-server[412] waking <...>[431] in hardirq");
	assert_event(4000,
		     "[000] redis-server[412] waking <...>[431] in softirq");
}

/* ---- calls --------------------------------------------------------------- */

static void test_call(void **unused)
{
	__u64 args[6] = { 8, 0x7f0011223344, 16384 };

	(void)unused;
	b.header.args = 6;
	window_builder_task(&b, 412, "redis-server");
	put_enter_args(&b, 0, 2000, 412, NR_READ, 0, args, 6);
	put_exit(&b, 0, 2345, 412, NR_READ, 42);
	dump(9000);
	assert_event(2000,
		     "[000] redis-server[412] read(8, 0x7f0011223344, 16384)");
	assert_event(2345, "[000] redis-server[412] read = 42 <0.000000345>");
}

static void test_arguments_by_kind(void **unused)
{
	/* openat(AT_FDCWD, NULL, flags, mode); kill(-5, SIGTERM); */
	__u64 openat[6] = { (__u64)-100, 0, 0x80241, 0644 };
	__u64 kill[6] = { (__u64)-5, 15 };

	(void)unused;
	b.header.args = 6;
	put_enter_args(&b, 0, 2000, 412, 257, 0, openat, 6);
	put_enter_args(&b, 0, 3000, 412, 62, 0, kill, 6);
	put_enter_args(&b, 0, 4000, 412, 39, 0, kill, 6);
	dump(9000);
	assert_event(2000, "[000] <...>[412] openat(AT_FDCWD, NULL, 0x80241, "
			   "0644)");
	assert_event(3000, "[000] <...>[412] kill(-5, SIGTERM)");
	assert_event(4000, "[000] <...>[412] getpid()");
}

static void test_arguments_not_recorded(void **unused)
{
	(void)unused;
	b.header.args = 1;
	put_enter(&b, 0, 2000, 412, NR_READ, 8);
	put_enter(&b, 0, 3000, 412, 39, 8);
	put_enter(&b, 0, 4000, 412, 900, 8);
	dump(9000);
	assert_event(2000, "[000] <...>[412] read(8, ...)");
	assert_event(3000, "[000] <...>[412] getpid()");
	assert_event(4000, "[000] <...>[412] syscall_900(0x8, ...)");
}

static void test_no_arguments_recorded(void **unused)
{
	(void)unused;
	b.header.args = 0;
	put_enter(&b, 0, 2000, 412, NR_READ, 8);
	dump(9000);
	assert_event(2000, "[000] <...>[412] read(...)");
}

static void test_results(void **unused)
{
	(void)unused;
	put_exit(&b, 0, 2000, 412, NR_READ, -11);
	put_exit(&b, 0, 3000, 412, NR_READ, -512);
	put_exit(&b, 0, 4000, 412, 9, 0x7f0000001000);
	put_exit(&b, 0, 5000, 412, NR_READ, -4000);
	dump(9000);
	assert_event(2000, "[000] <...>[412] read = -11 EAGAIN");
	assert_event(3000, "[000] <...>[412] read = -512 ERESTARTSYS");
	assert_event(4000, "[000] <...>[412] mmap = 0x7f0000001000");
	assert_event(5000, "[000] <...>[412] read = -4000");
}

static void test_compat(void **unused)
{
	__u64 args[6] = { 3 };

	(void)unused;
	put_enter_args(&b, 0, 2000, 412, NR_COMPAT_READ, 1, args, 1);
	put_exit_compat(&b, 0, 2500, 412, NR_COMPAT_READ, 7);
	dump(9000);
	assert_event(2000, "[000] <...>[412] compat read(3, ...)");
	assert_event(2500, "[000] <...>[412] compat read = 7 <0.000000500>");
}

/* ---- births and deaths --------------------------------------------------- */

static void test_newtask(void **unused)
{
	(void)unused;
	window_builder_task(&b, 412, "redis-server");
	window_builder_task(&b, 433, "worker")->tgid = 412;
	put_newtask(&b, 0, 2000, 412, 433, FLIGHTREC_NEWTASK_THREAD, 0x10f00);
	put_newtask(&b, 0, 3000, 412, 434, 0, 0x1200000);
	put_newtask(&b, 0, 4000, 412, 435, FLIGHTREC_NEWTASK_KERNEL, 0);
	dump(9000);
	assert_event(2000, "[000] redis-server[412] clone thread worker[433] "
			   "flags=0x10f00");
	assert_event(3000,
		     "[000] redis-server[412] fork <...>[434] flags=0x1200000");
	assert_event(4000, "[000] redis-server[412] clone kernel thread "
			   "<...>[435] flags=0x0");
}

static void test_exec(void **unused)
{
	char path[100];

	(void)unused;
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = 0;
	memcpy(path + 80, "/end", 4);
	put_exec(&b, 0, 2000, 412, 412, "/usr/bin/foo");
	put_exec(&b, 0, 3000, 412, 413, "/usr/bin/a b");
	put_exec(&b, 0, 4000, 412, 412, path);
	put_mark(&b, 0, 5000, 412, "m", 1);
	dump(9000);
	assert_event(2000, "[000] <...>[412] exec /usr/bin/foo");
	assert_event(3000, "[000] foo[412] exec /usr/bin/a b (was tid 413)");
	assert_event(5000, "[000] endxxxxxxxxxxxx[412] mark \"m\"");
	assert_non_null(strstr(output, "a b[412] exec ...xxx"));
	assert_non_null(strstr(output, "/endxxx"));
}

static void test_exits(void **unused)
{
	(void)unused;
	put_task_exit(&b, 0, 2000, 412, 3 << 8, 0);
	put_task_exit(&b, 0, 3000, 413, 9, FLIGHTREC_TASK_EXIT_GROUP);
	put_task_exit(&b, 0, 4000, 414, 11 | 0x80, 0);
	dump(9000);
	assert_event(2000, "[000] <...>[412] exit status 3");
	assert_event(3000, "[000] <...>[413] killed by SIGKILL, "
			   "the last of its process");
	assert_event(4000, "[000] <...>[414] killed by SIGSEGV (core dumped)");
}

static void test_rename(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	task = window_builder_task(&b, 412, "a");
	task->until_clock = 2000;
	task->until_reason = FLIGHTREC_UNTIL_RENAME;
	window_builder_task(&b, 412, "b \"c\"");
	put_rename(&b, 0, 2000, 412, 412, "b \"c\"");
	put_rename(&b, 0, 3000, 412, 433, "d");
	dump(9000);
	assert_event(2000, "[000] a[412] rename \"a\" -> "
			   "\"b \\\"c\\\"\"");
	assert_event(3000, "[000] b \"c\"[412] rename [433] \"<...>\" -> "
			   "\"d\"");
}

/* ---- signals, marks ------------------------------------------------------ */

static void test_signals(void **unused)
{
	(void)unused;
	window_builder_task(&b, 433, "worker");
	put_signal(&b, 0, 2000, 412, 433, 15, FLIGHTREC_SIGNAL_DELIVERED, 0, 1);
	put_signal(&b, 0, 3000, 412, 433, 35, FLIGHTREC_SIGNAL_IGNORED, -6, 0);
	put_signal(&b, 0, 4000, 412, 433, 11, 7, 2, 0);
	put_deliver(&b, 0, 5000, 412, 11, FLIGHTREC_HANDLER_DEFAULT, 1, 0);
	put_deliver(&b, 0, 6000, 412, 15, FLIGHTREC_HANDLER_FUNCTION, 0x80,
		    0x14000000);
	dump(9000);
	assert_event(2000, "[000] <...>[412] signal SIGTERM to process of "
			   "worker[433] code=SI_USER");
	assert_event(3000, "[000] <...>[412] signal SIGRTMIN+1 to worker[433] "
			   "code=SI_TKILL ignored");
	assert_event(4000, "[000] <...>[412] signal SIGSEGV to worker[433] "
			   "code=2 result=7");
	assert_event(5000, "[000] <...>[412] deliver SIGSEGV to default action "
			   "code=1 sa_flags=0x0");
	assert_event(6000, "[000] <...>[412] deliver SIGTERM to handler "
			   "code=SI_KERNEL sa_flags=0x14000000");
}

static void test_mark(void **unused)
{
	(void)unused;
	put_mark(&b, 0, 2000, 412, "request 7 began", 15);
	dump(9000);
	assert_event(2000, "[000] <...>[412] mark \"request 7 began\"");
}

static void test_scopes(void **unused)
{
	(void)unused;
	put_mark(&b, 0, 2000, 412, ">42 parse it", 12);
	put_mark(&b, 0, 2100, 412, ">42", 3);
	put_mark(&b, 0, 2500, 412, "<42", 3);
	put_mark(&b, 0, 3000, 412, "<42 went well", 13);
	put_mark(&b, 0, 4000, 412, "<42", 3);
	put_mark(&b, 0, 5000, 412, "> 42", 4);
	dump(9000);
	assert_event(2000, "[000] <...>[412] mark begin 42 \"parse it\"");
	assert_event(2100, "[000] <...>[412] mark begin 42");
	assert_event(2500, "[000] <...>[412] mark end 42 <0.000000400>");
	assert_event(3000, "[000] <...>[412] mark end 42 \"went well\" "
			   "<0.000001000>");
	assert_event(4000, "[000] <...>[412] mark \"<42\"");
	assert_event(5000, "[000] <...>[412] mark \"> 42\"");
}

static void test_interrupts(void **unused)
{
	(void)unused;
	put_irq_entry(&b, 0, 2000, 412, FLIGHTREC_IRQ_DEVICE, 24,
		      "virtio0-\nreq.0");
	put_irq_exit(&b, 0, 2100, 412, FLIGHTREC_IRQ_DEVICE, 24,
		     FLIGHTREC_IRQ_HANDLED);
	put_irq_entry(&b, 0, 2200, 412, FLIGHTREC_IRQ_DEVICE, 9, NULL);
	put_irq_exit(&b, 0, 2300, 412, FLIGHTREC_IRQ_DEVICE, 9, 0);
	put_irq_entry(&b, 0, 2400, 412, FLIGHTREC_IRQ_SOFTIRQ, 3, NULL);
	put_irq_exit(&b, 0, 2500, 412, FLIGHTREC_IRQ_SOFTIRQ, 3, 0);
	put_irq_entry(&b, 0, 2600, 412, FLIGHTREC_IRQ_SOFTIRQ, 99, NULL);
	put_irq_entry(&b, 0, 2700, 412, FLIGHTREC_IRQ_LOCAL_TIMER, 236, NULL);
	put_irq_exit(&b, 0, 2800, 412, FLIGHTREC_IRQ_LOCAL_TIMER, 236, 0);
	put_irq_exit(&b, 0, 2900, 412, 7, 1, 0);
	dump(9000);
	assert_event(2000, "[000] <...>[412] irq_handler_entry 24 "
			   "\"virtio0-\\nreq.0\"");
	assert_event(2100, "[000] <...>[412] irq_handler_exit 24 handled");
	assert_event(2200, "[000] <...>[412] irq_handler_entry 9");
	assert_event(2300, "[000] <...>[412] irq_handler_exit 9 unhandled");
	assert_event(2400, "[000] <...>[412] softirq_entry NET_RX");
	assert_event(2500, "[000] <...>[412] softirq_exit NET_RX");
	assert_event(2600, "[000] <...>[412] softirq_entry 99");
	assert_event(2700, "[000] <...>[412] local_timer_entry 236");
	assert_event(2800, "[000] <...>[412] local_timer_exit 236");
	assert_event(2900, "[000] <...>[412] interrupt_exit 1");
}

static void test_migrate(void **unused)
{
	(void)unused;
	window_builder_task(&b, 433, "worker");
	put_migrate(&b, 1, 2000, 412, 433, 3);
	put_migrate(&b, 1, 3000, 412, 433, 5000);
	dump(9000);
	assert_event(2000, "[001] <...>[412] migrate worker[433] to CPU 3");
	assert_event(3000, "[001] <...>[412] migrate worker[433] to CPU 5000");
}

/* ---- hostile names and texts --------------------------------------------- */

static void test_a_line_is_one_line(void **unused)
{
	static const char text[] = "a\nb\rc\td\033[2J\"\\\x7f"
				   "\xc3\xa9\xff\xc2\x85\xe2\x80\xa8"
				   "\xed\xa0\x80";

	(void)unused;
	window_builder_task(&b, 412, "x\ny\xc3");
	put_mark(&b, 0, 2000, 412, text, sizeof(text) - 1);
	dump(9000);
	assert_event(2000,
		     "[000] x\\ny\\xc3[412] mark \"a\\nb\\rc\\td\\x1b"
		     "[2J\\\"\\\\\\x7f\xc3\xa9\\xff\\xc2\\x85\\xe2\\x80\\xa8"
		     "\\xed\\xa0\\x80\"");
}

static void test_hostile_paths_and_target(void **unused)
{
	struct flightrec_window_target *target;

	(void)unused;
	target = window_builder_target(&b, FLIGHTREC_TARGET_COMM, 0);
	memcpy(target->comm, "e\nvil\"", 6);
	strcpy((char *)b.header.nodename, "no\nde");
	put_exec(&b, 0, 2000, 412, 412, "/a\nb\x80");
	dump(9000);
	assert_event(2000, "[000] <...>[412] exec /a\\nb\\x80");
	assert_line("# target: name \"e\\nvil\\\"\"");
	assert_line("# kernel: Linux no\\nde 6.1.0 #1 SMP x86_64");
}

/* ---- the tape itself ----------------------------------------------------- */

static void test_begin_lost_gap(void **unused)
{
	(void)unused;
	put_exit(&b, 0, 2000, 412, NR_READ, 1);
	window_builder_lost(&b, 0, 1);
	put_exit(&b, 0, 3000, 412, NR_READ, 1);
	window_builder_lost(&b, 0, 12);
	put_exit(&b, 0, 3500, 412, NR_READ, 1);
	window_builder_gap(&b, 0, 4000);
	put_exit(&b, 0, 5000, 412, NR_READ, 1);
	dump(9000);
	assert_event(2000, "[000] <...>[412] BEGIN of this CPU's tape");
	assert_event(3000,
		     "[000] <...>[412] LOST 1 event of this CPU before here");
	assert_event(3500,
		     "[000] <...>[412] LOST 12 events of this CPU before here");
	assert_event(5000, "[000] <...>[412] GAP recording was off for "
			   "0.000001000 s before here");
	assert_line("# lost: 13 events, 0 targets");
	assert_null(strstr(output, FLIGHTREC_NODE));
}

static void test_damage(void **unused)
{
	(void)unused;
	put_exit(&b, 0, 2000, 412, NR_READ, 1);
	window_builder_block(&b, 0, 3000, 412);
	put_exit(&b, 0, 3000, 412, NR_READ, 1);
	put_exit(&b, 0, 3100, 412, NR_READ, 1);
	window_builder_block(&b, 0, 4000, 412);
	put_exit(&b, 0, 4000, 412, NR_READ, 1);
	window_builder_drop(&b, 0, 1);
	dump(9000);
	assert_event(4000, "[000] <...>[412] LOST 2 events of this CPU before "
			   "here: damage in the file");
	assert_non_null(strstr(output, "\n# damage at byte "));
}

static void test_cut_short(void **unused)
{
	(void)unused;
	put_exit(&b, 0, 2000, 412, NR_READ, 1);
	window_builder_finish(&b, 9000);
	dump_bytes(b.length - 8);
	assert_line("# cut short: the file has no end marker");
	assert_event(2000, "[000] <...>[412] read = 1");
}

/* ---- before and after ---------------------------------------------------- */

static void test_whole_dump(void **unused)
{
	struct flightrec_window_call *call;

	(void)unused;
	window_builder_task(&b, 412, "redis-server");
	window_builder_target(&b, FLIGHTREC_TARGET_TID, 412);
	window_builder_target(&b, FLIGHTREC_TARGET_TGID, 99)->flags =
		FLIGHTREC_TARGET_FOLLOW;
	put_enter(&b, 1, 2000, 412, NR_READ, 8);
	window_builder_call(&b, 412, NR_READ, 2000);
	call = window_builder_call(&b, 500, NR_EPOLL_WAIT, 1500);
	call->args[0] = 5;
	dump(5000);
	assert_string_equal(
		output,
		"# window: frozen on request, cut at "
		"2023-11-14 22:13:20.000005000 +0000, recording since "
		"2023-11-14 22:13:20.000001000 +0000\n"
		"# kernel: Linux host 6.1.0 #1 SMP x86_64\n"
		"# recorded: scheduling, calls, lives, signals, marks; "
		"arguments of a call: 1; rings: 16777216 bytes\n"
		"# cpu 1: 1 events since the start, 0 lost, held since "
		"2023-11-14 22:13:20.000001000 +0000, "
		"0.000004000 s before the cut\n"
		"# complete on all CPUs since "
		"2023-11-14 22:13:20.000001000 +0000, "
		"0.000004000 s before the cut\n"
		"# names complete since the beginning\n"
		"# lost: 0 events, 0 targets\n"
		"# target: thread 412\n"
		"# target: process 99, with what it creates\n"
		"2023-11-14 22:13:20.000002000 +0000 [001] redis-server[412] "
		"BEGIN of this CPU's tape\n"
		"2023-11-14 22:13:20.000002000 +0000 [001] redis-server[412] "
		"read(8, ...)\n"
		"# in flight: redis-server[412] read(8, ...) for "
		"0.000003000 s\n"
		"# in flight: <...>[500] epoll_wait(5, ...) for "
		"0.000003500 s\n"
		"# end: 2 lines of events\n");
}

static void test_reason_sleep(void **unused)
{
	(void)unused;
	put_enter(&b, 1, 2000, 412, NR_READ, 8);
	b.header.reason = FLIGHTREC_REASON_SUSPEND;
	dump(5000);
	assert_non_null(strstr(
		output, "# window: frozen before the machine slept, cut at "));
}

static void put_fired(uint32_t condition, uint32_t tid)
{
	window_builder_task(&b, 412, "redis-server");
	put_enter(&b, 1, 2000, 412, NR_READ, 8);
	b.header.reason = FLIGHTREC_REASON_TRIGGER;
	b.header.firing = (struct flightrec_firing){
		.sequence = 17,
		.trigger = 3,
		.condition = condition,
		.tid = tid,
		.cpu = 1,
		.value = 1234567890,
		.limit = 500000000,
		.nr = NR_READ,
		.action = FLIGHTREC_ACTION_FREEZE,
		.clock = 4000,
		.mono_ns = 4000,
	};
}

static void test_fired(void **unused)
{
	(void)unused;
	put_fired(FLIGHTREC_TRIGGER_IN_CALL, 412);
	dump(5000);
	assert_non_null(
		strstr(output, "# window: frozen by a trigger, cut at "));
	assert_line("# fired: redis-server[412] is in read for 1.2 s, "
		    "longer than 500.0 ms, at "
		    "2023-11-14 22:13:20.000004000 +0000 on cpu 1, trigger 3, "
		    "firing 17");
}

/* Somebody without a name, and what a later version may find. */
static void test_fired_unknown(void **unused)
{
	(void)unused;
	put_fired(77, 7);
	b.header.reason = FLIGHTREC_REASON_LIVE;
	dump(5000);
	assert_line("# fired: <...>[7] met condition 77: value 1234567890, "
		    "limit 500000000, at "
		    "2023-11-14 22:13:20.000004000 +0000 on cpu 1, trigger 3, "
		    "firing 17");
}

static void test_keep(void **unused)
{
	(void)unused;
	put_enter(&b, 1, 2000, 412, NR_READ, 8);
	dump(5000);
	assert_null(strstr(output, "# keep"));
	b.header.keep_ns = 10000000000;
	dump(5000);
	assert_line("# keep: 10 s asked, all 4.0 us since the start held");
}

static void test_reason_unknown(void **unused)
{
	(void)unused;
	put_enter(&b, 1, 2000, 412, NR_READ, 8);
	b.header.reason = 7;
	dump(5000);
	assert_non_null(strstr(output, "# window: reason 7, cut at "));
}

static void test_impossible_beginnings(void **unused)
{
	(void)unused;
	window_builder_call(&b, 500, NR_READ, UINT64_MAX);
	window_builder_call(&b, 501, NR_READ, 1ULL << 63);
	window_builder_call(&b, 502, NR_READ, 0);
	dump(5000);
	assert_line("# in flight: <...>[500] read(0, ...) for 0.000000000 s");
	assert_line("# in flight: <...>[501] read(0, ...) for 0.000000000 s");
	assert_line("# in flight: <...>[502] read(0, ...) for 0.000005000 s");
}

static void test_nothing_recorded(void **unused)
{
	(void)unused;
	b.header.events = 0;
	b.header.names_clock = 3000;
	dump(5000);
	assert_line("# recorded: lives, signals, marks; "
		    "arguments of a call: 1; rings: 16777216 bytes");
	assert_line("# names complete since "
		    "2023-11-14 22:13:20.000003000 +0000, "
		    "0.000002000 s before the cut");
	assert_line("# end: 0 lines of events");
}

/* ---- time ---------------------------------------------------------------- */

static void test_local_time(void **unused)
{
	(void)unused;
	set_zone("XXX-5:30");
	put_mark(&b, 0, 2000, 412, "m", 1);
	put_mark(&b, 0, 2000000000, 412, "m", 1);
	dump(3000000000);
	assert_line("2023-11-15 03:43:20.000002000 +0530 [000] <...>[412] "
		    "mark \"m\"");
	assert_line("2023-11-15 03:43:22.000000000 +0530 [000] <...>[412] "
		    "mark \"m\"");
}

static void test_before_1970(void **unused)
{
	(void)unused;
	put_mark(&b, 0, 2000, 412, "m", 1);
	window_builder_finish(&b, 5000);
	/* The clock was set to 1970 right before the cut. */
	((struct flightrec_window *)b.bytes)->cut_real_ns = 1000;
	dump_bytes(b.length);
	assert_line("1969-12-31 23:59:59.999998000 +0000 [000] <...>[412] "
		    "mark \"m\"");
}

/* ---- errors -------------------------------------------------------------- */

static void test_disk_full(void **unused)
{
	struct flightrec_error error = { 0 };
	int fd = open("/dev/full", O_WRONLY);
	struct sink sink;

	(void)unused;
	if (fd < 0)
		skip();
	put_mark(&b, 0, 2000, 412, "m", 1);
	window_builder_finish(&b, 5000);
	assert_int_equal(flightrec_reader_from_memory(b.bytes, b.length,
						      &reader, NULL),
			 0);
	assert_int_equal(sink_init(&sink, fd), 0);
	assert_int_equal(encoder_find("text")->encode(reader, &sink, &error),
			 -ENOSPC);
	assert_int_equal(error.code, -ENOSPC);
	assert_string_equal(error.text,
			    "cannot write the text: No space left on device");
	assert_int_equal(sink_deinit(&sink), -ENOSPC);
	close(fd);
}

static void test_table_of_encoders(void **unused)
{
	(void)unused;
	assert_non_null(encoder_find("text"));
	assert_non_null(encoder_find("perfetto"));
	assert_non_null(encoder_find("frec"));
	assert_null(encoder_find("tex"));
	for (size_t i = 0; encoders[i]; i++) {
		assert_ptr_equal(encoder_find(encoders[i]->name), encoders[i]);
		assert_int_equal(encoders[i]->suffix[0], '.');
		assert_true(strlen(encoders[i]->about) > 0);
	}
}

/* More than the sink's buffer: nothing is lost or written twice. */
static void test_large_dump(void **unused)
{
	const char *at;
	size_t lines = 0;
	char number[32];

	(void)unused;
	for (unsigned int i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "number %u.", i);
		put_mark(&b, 0, 2000 + i, 412, number, strlen(number));
	}
	dump(20000);
	for (at = output; (at = strstr(at, "mark \"number ")); at++) {
		snprintf(number, sizeof(number), "number %zu.\"\n", lines++);
		assert_int_equal(strncmp(at + 6, number, strlen(number)), 0);
	}
	assert_int_equal(lines, 10000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_switch),
		TEST(test_waking),
		TEST(test_call),
		TEST(test_arguments_by_kind),
		TEST(test_arguments_not_recorded),
		TEST(test_no_arguments_recorded),
		TEST(test_results),
		TEST(test_compat),
		TEST(test_newtask),
		TEST(test_exec),
		TEST(test_exits),
		TEST(test_rename),
		TEST(test_signals),
		TEST(test_mark),
		TEST(test_scopes),
		TEST(test_interrupts),
		TEST(test_migrate),
		TEST(test_a_line_is_one_line),
		TEST(test_hostile_paths_and_target),
		TEST(test_begin_lost_gap),
		TEST(test_damage),
		TEST(test_cut_short),
		TEST(test_whole_dump),
		TEST(test_reason_sleep),
		TEST(test_fired),
		TEST(test_fired_unknown),
		TEST(test_keep),
		TEST(test_reason_unknown),
		TEST(test_impossible_beginnings),
		TEST(test_nothing_recorded),
		TEST(test_local_time),
		TEST(test_before_1970),
		TEST(test_disk_full),
		TEST(test_table_of_encoders),
		TEST(test_large_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
