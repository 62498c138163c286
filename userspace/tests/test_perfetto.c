// SPDX-License-Identifier: GPL-2.0
/*
 * The Perfetto encoder: what its readers need before the events and around
 * them, each rule a test. The events themselves: test_perfetto_events.c.
 */
#include "perfetto/trace.h"

static struct flightrec_window_task *add_task(uint32_t tid, const char *comm,
					      uint64_t start_ns,
					      uint64_t until_clock,
					      uint32_t reason)
{
	struct flightrec_window_task *task = window_builder_task(&b, tid, comm);

	task->start_mono_ns = start_ns;
	task->until_clock = until_clock;
	task->until_reason = reason;
	return task;
}

/* ---- packets before the events ------------------------------------------- */

static void test_stamps_are_of_boottime(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	make_trace(9000);
	EVENT("sys_enter", "ts=1000002000");
}

static void test_clock_snapshot(void **unused)
{
	size_t at;

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	make_trace(9000);
	at = PACKET("clock_snapshot=");
	assert_string_equal(
		lines[at],
		"packet\t1\tclock_snapshot="
		"\tclock_snapshot.clocks.clock_id=1"
		"\tclock_snapshot.clocks.timestamp=1700000000000009000"
		"\tclock_snapshot.clocks.clock_id=3"
		"\tclock_snapshot.clocks.timestamp=9000"
		"\tclock_snapshot.clocks.clock_id=6"
		"\tclock_snapshot.clocks.timestamp=1000009000"
		"\tclock_snapshot.primary_trace_clock=6"
		"\tseq=1\tsequence_flags=1");
}

static void test_order_of_packets(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	make_trace(9000);
	assert_int_equal(packet_of(PACKET("clock_snapshot=")), 1);
	assert_int_equal(packet_of(PACKET("system_info=")), 2);
	assert_int_equal(packet_of(PACKET("process_tree=")), 3);
	assert_int_equal(packet_of(PACKET("ftrace_events=")), 4);
}

static void test_system_info(void **unused)
{
	(void)unused;
	window_builder_cpu(&b, 0);
	window_builder_cpu(&b, 1);
	put_enter(&b, 2, 2000, 100, NR_READ, 5);
	strcpy((char *)b.header.machine, "aarch64");
	make_trace(9000);
	PACKET("system_info.utsname.sysname=\"Linux\"",
	       "system_info.utsname.version=\"#1 SMP\"",
	       "system_info.utsname.release=\"6.1.0\"",
	       "system_info.utsname.machine=\"aarch64\"",
	       "system_info.page_size=4096", "system_info.num_cpus=3");
}

static void test_every_packet_has_a_sequence(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_mark(&b, 0, 3000, 100, "m", 1);
	make_trace(9000);
	for (size_t i = 0; i < lines_count; i++) {
		if (strncmp(lines[i], "packet\t", 7))
			continue;
		assert_true(has_field(lines[i], "seq=1") ||
			    has_field(lines[i], "seq=2"));
	}
}

static void test_empty_window(void **unused)
{
	(void)unused;
	make_trace(9000);
	assert_int_equal(lines_count, 3);
}

/* ---- who is who ---------------------------------------------------------- */

static void test_tree_has_processes_and_threads(void **unused)
{
	struct flightrec_window_task *task;

	(void)unused;
	window_builder_task(&b, 100, "server")->uid = 33;
	window_builder_task(&b, 101, "worker")->tgid = 100;
	task = window_builder_task(&b, 7, "kthread");
	task->flags |= FLIGHTREC_TASK_KERNEL;
	task->ppid = 2;
	put_enter(&b, 0, 2000, 101, NR_READ, 5);
	make_trace(9000);
	must_find(0, "process\t3",
		  FIELDS("pid=100", "ppid=1", "uid=33", "cmdline=\"server\"",
			 "is_kthread=false"));
	must_find(0, "process\t3",
		  FIELDS("pid=7", "ppid=2", "is_kthread=true",
			 "cmdline=\"kthread\""));
	must_find(0, "thread\t3",
		  FIELDS("tid=100", "tgid=100", "name=\"server\""));
	must_find(0, "thread\t3",
		  FIELDS("tid=101", "tgid=100", "name=\"worker\""));
	assert_int_equal(count_lines("process\t3", FIELDS("pid=101")), 0);
}

static void test_tree_has_the_last_name(void **unused)
{
	(void)unused;
	add_task(100, "first", 1000, 3000, FLIGHTREC_UNTIL_RENAME);
	add_task(100, "last", 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	add_task(200, "old", 1000, 3000, FLIGHTREC_UNTIL_RENAME);
	add_task(200, "new", 1000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_rename(&b, 0, 3000, 100, 100, "last");
	make_trace(9000);
	must_find(0, "thread\t3", FIELDS("tid=100", "name=\"last\""));
	must_find(0, "process\t3", FIELDS("pid=200", "cmdline=\"new\""));
	assert_int_equal(count_lines("thread\t3", FIELDS("tid=200")), 1);
}

/* The first thread never shows: its process is there all the same. */
static void test_tree_when_the_first_thread_is_not_known(void **unused)
{
	(void)unused;
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_enter(&b, 0, 2000, 101, NR_READ, 5);
	make_trace(9000);
	must_find(0, "process\t3",
		  FIELDS("pid=100", "cmdline=\"<...>\"", "uid=1000"));
}

static void test_tree_has_who_is_not_known(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 999, NR_READ, 5);
	make_trace(9000);
	must_find(0, "process\t3", FIELDS("pid=999", "cmdline=\"<...>\""));
	must_find(0, "thread\t3", FIELDS("tid=999", "tgid=999"));
}

/* Told before its birth, the viewer would have it twice. */
static void test_tree_tells_of_a_birth_after_it(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "server");
	add_task(102, "child", 1900, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	add_task(103, "thread", 1900, UINT64_MAX, FLIGHTREC_UNTIL_CUT)->tgid =
		100;
	put_newtask(&b, 0, 2000, 100, 102, 0, 0);
	put_newtask(&b, 0, 3000, 100, 103, FLIGHTREC_NEWTASK_THREAD, 0);
	make_trace(9000);
	assert_int_equal(count_lines("thread\t3", FIELDS("tid=102")), 0);
	assert_int_equal(count_lines("thread\t3", FIELDS("tid=103")), 0);
	EVENT("task_newtask", "pid=102", "ts=1000002000");
	must_find(0, "process\t4",
		  FIELDS("pid=102", "ts=1000002001", "uid=1000"));
	must_find(0, "thread\t5",
		  FIELDS("tid=103", "ts=1000003001", "tgid=100"));
}

/* A tid that another one gets, by a birth that was not recorded. */
static void test_tree_tells_of_reuse(void **unused)
{
	(void)unused;
	add_task(200, "first", 1000, 2600, FLIGHTREC_UNTIL_EXIT);
	add_task(200, "second", 4000, UINT64_MAX, FLIGHTREC_UNTIL_CUT);
	put_waking(&b, 0, 2000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	put_waking(&b, 0, 5000, 100, 200, FLIGHTREC_CONTEXT_TASK,
		   FLIGHTREC_WAKING_WAKER_TARGET);
	make_trace(9000);
	must_find(0, "thread\t3", FIELDS("tid=200", "name=\"first\""));
	must_find(0, "thread\t4",
		  FIELDS("tid=200", "name=\"second\"", "ts=1000005000"));
}

/* Many packets rather than a huge one. */
static void test_tree_of_many(void **unused)
{
	(void)unused;
	for (uint32_t tid = 1000; tid < 5000; tid++)
		window_builder_task(&b, tid, "one of many");
	make_trace(9000);
	assert_int_equal(count_lines("process\t3", FIELDS("uid=1000")) +
				 count_lines("process\t4", FIELDS("uid=1000")) +
				 count_lines("process\t5", FIELDS("uid=1000")) +
				 count_lines("process\t6", FIELDS("uid=1000")),
			 4000);
	assert_true(count_lines("process\t4", FIELDS("uid=1000")) > 0);
	must_find(0, "thread\t3", FIELDS("tid=1000"));
}

static void test_names_are_valid_utf8(void **unused)
{
	(void)unused;
	window_builder_task(&b, 100, "a\xff\xc3\xa9\xc3");
	put_switch(&b, 0, 2000, 100, 0, FLIGHTREC_STATE_SLEEPING, PREV_TARGET);
	make_trace(9000);
	EVENT("sched_switch", "prev_comm=\"a?\\303\\251?\"");
}

/* ---- bundles ------------------------------------------------------------- */

static void test_bundles_are_of_one_cpu(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_enter(&b, 1, 2500, 200, NR_READ, 5);
	put_exit(&b, 0, 3000, 100, NR_READ, 5);
	make_trace(9000);
	assert_int_equal(count_lines("bundle", FIELDS("cpu=0")), 1);
	assert_int_equal(count_lines("bundle", FIELDS("cpu=1")), 1);
	assert_int_equal(packet_of(EVENT("sys_enter", "cpu=0")),
			 packet_of(EVENT("sys_exit", "cpu=0")));
}

/* So that the file is roughly in order of time, on CPUs with few events too. */
static void test_bundles_are_short(void **unused)
{
	(void)unused;
	put_enter(&b, 1, 2000, 200, NR_READ, 5);
	for (uint64_t i = 0; i < 10; i++) {
		put_enter(&b, 0, 3000 + i * 60000000, 100, NR_READ, 5);
		put_exit(&b, 0, 3500 + i * 60000000, 100, NR_READ, 5);
	}
	make_trace(700000000);
	assert_in_range(count_lines("bundle", FIELDS("cpu=0")), 4, 7);
	assert_true(packet_of(EVENT("sys_enter", "cpu=1")) < 6);
}

static void test_bundles_are_small(void **unused)
{
	struct flightrec_error error = { 0 };
	FILE *trace;
	long bytes;
	size_t bundles;

	(void)unused;
	for (uint64_t i = 0; i < 5000; i++)
		put_enter(&b, 0, 3000 + i, 100, NR_READ, 5);
	window_builder_finish(&b, 20000);
	assert_int_equal(encode(b.length, &error), 0);
	read_lines();
	trace = fopen(trace_path, "r");
	assert_non_null(trace);
	fseek(trace, 0, SEEK_END);
	bytes = ftell(trace);
	fclose(trace);
	bundles = count_lines("bundle", FIELDS("cpu=0"));
	assert_true((size_t)bytes / bundles <= 16384);
	assert_true((size_t)bytes / bundles > 8192);
}

/* ---- data loss ----------------------------------------------------------- */

static void test_lost_events_shows_on_the_next_bundle(void **unused)
{
	size_t lost;

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_enter(&b, 1, 2000, 200, NR_READ, 5);
	window_builder_lost(&b, 0, 3);
	put_enter(&b, 0, 3000, 100, NR_WRITE, 5);
	make_trace(9000);
	lost = must_find(0, "bundle", FIELDS("lost=true"));
	assert_true(has_field(lines[lost], "cpu=0"));
	assert_int_equal(count_lines("bundle", FIELDS("lost=true")), 1);
	assert_true(packet_of(EVENT("sys_enter", "id=0", "cpu=0")) <
		    packet_of(lost));
	assert_int_equal(packet_of(EVENT("sys_enter", "id=1")),
			 packet_of(lost));
}

static void test_gap_shows_as_lost(void **unused)
{
	size_t lost;

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_gap(&b, 0, 2500);
	put_enter(&b, 0, 3000, 100, NR_WRITE, 5);
	make_trace(9000);
	lost = must_find(0, "bundle", FIELDS("lost=true", "cpu=0"));
	assert_int_equal(packet_of(EVENT("sys_enter", "id=1")),
			 packet_of(lost));
	EVENT("sys_exit", "id=0", "ts=1000002500");
	EVENT("sched_switch", "prev_pid=100", "next_pid=0");
	EVENT("sched_switch", "prev_pid=0", "next_pid=100", "ts=1000003000");
}

static void test_damage_shows_as_lost(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_block(&b, 0, 3000, 100);
	put_exit(&b, 0, 3100, 100, NR_READ, 42);
	window_builder_block(&b, 0, 4000, 100);
	put_enter(&b, 0, 4100, 100, NR_READ, 5);
	window_builder_drop(&b, 0, 1);
	make_trace(9000);
	must_find(0, "bundle", FIELDS("lost=true", "cpu=0"));
}

/* Lost right before the cut: nothing comes after it to show it on. */
static void test_loss_at_the_end_shows(void **unused)
{
	size_t lost;

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_lost(&b, 0, 3);
	make_trace(9000);
	lost = must_find(0, "bundle", FIELDS("lost=true", "cpu=0"));
	assert_int_equal(lost, lines_count - 1);
}

/* What was overwritten before the window is no loss in it. */
static void test_no_loss_no_flag(void **unused)
{
	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_block(&b, 0, 3000, 100);
	put_exit(&b, 0, 3100, 100, NR_READ, 42);
	window_builder_drop(&b, 0, 0);
	make_trace(9000);
	assert_int_equal(count_lines("bundle", FIELDS("lost=true")), 0);
}

static void test_file_cut_in_the_middle(void **unused)
{
	struct flightrec_error error = { 0 };

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_exit(&b, 0, 2500, 100, NR_READ, 5);
	window_builder_block(&b, 0, 3000, 100);
	put_enter(&b, 0, 3000, 100, NR_WRITE, 5);
	window_builder_finish(&b, 9000);
	assert_int_equal(encode(b.length - 16 - 4096, &error), 0);
	read_lines();
	check_rules();
	EVENT("sys_exit", "ts=1000002500");
	must_find(0, "bundle", FIELDS("lost=true"));
}

/* ---- marks --------------------------------------------------------------- */

static void test_marks_are_on_a_child_track(void **unused)
{
	size_t first, thread, child;

	(void)unused;
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_enter(&b, 0, 2000, 101, NR_READ, 5);
	put_mark(&b, 0, 3000, 101, "request 7", 9);
	put_mark(&b, 0, 4000, 101, "request 8", 9);
	make_trace(9000);
	first = PACKET("track_event.name=\"request 7\"");
	thread = PACKET("track_descriptor.thread.tid=101",
			"track_descriptor.thread.pid=100",
			"track_descriptor.uuid=1");
	child = PACKET("track_descriptor.parent_uuid=1",
		       "track_descriptor.uuid=2",
		       "track_descriptor.name=\"marks\"");
	/* The descriptors stand right before the thread's first mark. */
	assert_int_equal(child, thread + 1);
	assert_int_equal(first, child + 1);
	PACKET("track_event.name=\"request 8\"", "track_event.track_uuid=2");
	assert_int_equal(count_lines("packet", FIELDS("track_descriptor=")), 2);
}

static void test_marks_are_stamped_instants(void **unused)
{
	(void)unused;
	put_mark(&b, 0, 3000, 100, "m", 1);
	make_trace(9000);
	PACKET("track_event.type=3", "track_event.track_uuid=2",
	       "timestamp=1000003000", "timestamp_clock_id=6");
}

static void test_marks_sequence_begins(void **unused)
{
	size_t first;

	(void)unused;
	put_mark(&b, 0, 3000, 100, "m", 1);
	put_mark(&b, 0, 3000, 100, "m", 1);
	make_trace(9000);
	first = PACKET("seq=2");
	assert_true(has_field(lines[first], "sequence_flags=1"));
	assert_int_equal(
		count_lines("packet", FIELDS("seq=2", "sequence_flags=1")), 1);
}

static void test_each_thread_has_its_marks(void **unused)
{
	(void)unused;
	put_mark(&b, 0, 3000, 100, "of 100", 6);
	put_mark(&b, 1, 3000, 200, "of 200", 6);
	make_trace(9000);
	PACKET("track_event.name=\"of 100\"", "track_event.track_uuid=2");
	PACKET("track_event.name=\"of 200\"", "track_event.track_uuid=4");
	PACKET("track_descriptor.thread.tid=200", "track_descriptor.uuid=3");
	PACKET("track_descriptor.parent_uuid=3", "track_descriptor.uuid=4");
}

static void test_mark_of_any_bytes(void **unused)
{
	char text[FLIGHTREC_MARK_MAX + 1] = { 0 };
	size_t first;

	(void)unused;
	memset(text, 0xff, FLIGHTREC_MARK_MAX);
	put_mark(&b, 0, 3000, 100, text, FLIGHTREC_MARK_MAX);
	put_mark(&b, 0, 4000, 100, "a\n\"b\"\xc3\xa9", 7);
	make_trace(9000);
	memset(text, '?', FLIGHTREC_MARK_MAX);
	first = PACKET("timestamp=1000003000", "track_event=");
	assert_non_null(strstr(lines[first], text));
	PACKET("track_event.name=\"a\\n\\\"b\\\"\\303\\251\"");
}

static void put_text(uint64_t clock, uint32_t tid, const char *text)
{
	put_mark(&b, 0, clock, tid, text, (uint32_t)strlen(text));
}

static void test_scope_is_a_slice(void **unused)
{
	size_t begin, end;

	(void)unused;
	put_text(3000, 100, ">42 parse");
	put_text(4000, 100, "<42 ok");
	make_trace(9000);
	begin = PACKET("track_event.type=1", "track_event.name=\"parse\"",
		       "track_event.track_uuid=2",
		       "track_event.debug_annotations.name=\"key\"",
		       "track_event.debug_annotations.string_value=\"42\"",
		       "timestamp=1000003000");
	end = PACKET("track_event.type=2", "track_event.track_uuid=2",
		     "track_event.debug_annotations.name=\"end\"",
		     "track_event.debug_annotations.string_value=\"ok\"",
		     "timestamp=1000004000");
	assert_true(begin < end);
	PACKET("track_descriptor.parent_uuid=1", "track_descriptor.uuid=2",
	       "track_descriptor.name=\"scopes\"");
	assert_int_equal(count_lines("packet", FIELDS("track_event=")), 2);
}

/* Scopes that overlap have tracks of their own; a track that is free is used
 * again. */
static void test_scopes_that_overlap(void **unused)
{
	(void)unused;
	put_text(3000, 100, ">a");
	put_text(3100, 100, ">b");
	put_text(3200, 100, "<a");
	put_text(3300, 100, ">c");
	put_text(3400, 100, "<b");
	put_text(3500, 100, "<c");
	make_trace(9000);
	PACKET("track_event.type=1", "track_event.track_uuid=2",
	       "timestamp=1000003000", "track_event.name=\"a\"");
	PACKET("track_event.type=1", "track_event.track_uuid=3",
	       "timestamp=1000003100", "track_event.name=\"b\"");
	PACKET("track_event.type=2", "track_event.track_uuid=2",
	       "timestamp=1000003200");
	PACKET("track_event.type=1", "track_event.track_uuid=2",
	       "timestamp=1000003300", "track_event.name=\"c\"");
	PACKET("track_event.type=2", "track_event.track_uuid=3",
	       "timestamp=1000003400");
	PACKET("track_event.type=2", "track_event.track_uuid=2",
	       "timestamp=1000003500");
}

/* Ends of what began before the window, or elsewhere, are marks, as are begins
 * beyond what can be open. */
static void test_scopes_that_are_none(void **unused)
{
	char text[16];

	(void)unused;
	put_text(2000, 100, "<old");
	put_text(2100, 100, ">x");
	put_text(2200, 101, "<x");
	for (unsigned int i = 1; i < 70; i++) {
		snprintf(text, sizeof(text), ">k%u", i);
		put_text(3000 + i, 100, text);
	}
	make_trace(9000);
	PACKET("track_event.type=3", "track_event.name=\"<old\"");
	PACKET("track_event.type=3", "track_event.name=\"<x\"");
	PACKET("track_event.type=3", "track_event.name=\">k64\"");
	assert_int_equal(count_lines("packet", FIELDS("track_event.type=1")),
			 64);
	assert_int_equal(count_lines("packet", FIELDS("track_event.type=3")),
			 2 + 6);
}

/* ---- errors -------------------------------------------------------------- */

static void test_disk_full(void **unused)
{
	struct flightrec_error error = { 0 };

	(void)unused;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	window_builder_finish(&b, 9000);
	if (access("/dev/full", W_OK))
		skip();
	strcpy(trace_path, "/dev/full");
	assert_int_equal(encode(b.length, &error), -ENOSPC);
	assert_string_equal(error.text,
			    "cannot write the trace: No space left on device");
}

static void test_too_many_cpus(void **unused)
{
	struct flightrec_error error = { 0 };

	(void)unused;
	put_enter(&b, 1023, 2000, 100, NR_READ, 5);
	make_trace(9000);
	must_find(0, "bundle", FIELDS("cpu=1023"));
	put_enter(&b, 1024, 2000, 100, NR_READ, 5);
	window_builder_finish(&b, 9000);
	assert_int_equal(encode(b.length, &error), -EOVERFLOW);
	assert_string_equal(error.text, "Perfetto reads CPUs up to 1023; "
					"the window has CPU 1024");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stamps_are_of_boottime),
		TEST(test_clock_snapshot),
		TEST(test_order_of_packets),
		TEST(test_system_info),
		TEST(test_every_packet_has_a_sequence),
		TEST(test_empty_window),
		TEST(test_tree_has_processes_and_threads),
		TEST(test_tree_has_the_last_name),
		TEST(test_tree_when_the_first_thread_is_not_known),
		TEST(test_tree_has_who_is_not_known),
		TEST(test_tree_tells_of_a_birth_after_it),
		TEST(test_tree_tells_of_reuse),
		TEST(test_tree_of_many),
		TEST(test_names_are_valid_utf8),
		TEST(test_bundles_are_of_one_cpu),
		TEST(test_bundles_are_short),
		TEST(test_bundles_are_small),
		TEST(test_lost_events_shows_on_the_next_bundle),
		TEST(test_gap_shows_as_lost),
		TEST(test_damage_shows_as_lost),
		TEST(test_loss_at_the_end_shows),
		TEST(test_no_loss_no_flag),
		TEST(test_file_cut_in_the_middle),
		TEST(test_marks_are_on_a_child_track),
		TEST(test_marks_are_stamped_instants),
		TEST(test_marks_sequence_begins),
		TEST(test_each_thread_has_its_marks),
		TEST(test_mark_of_any_bytes),
		TEST(test_scope_is_a_slice),
		TEST(test_scopes_that_overlap),
		TEST(test_scopes_that_are_none),
		TEST(test_disk_full),
		TEST(test_too_many_cpus),
	};

	return cmocka_run_group_tests(tests, need_protoc, NULL);
}
