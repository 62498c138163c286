// SPDX-License-Identifier: GPL-2.0
/*
 * check-pftrace, which says of any trace whether Perfetto's viewer shows it
 * right: that it takes what the encoder makes of whatever a machine may do, and
 * that each of its rules can fail. And Perfetto itself, where it is installed.
 */
#include "perfetto/simulate.h"
#include "perfetto/trace.h"

/* ---- a trace in which there is something of everything ------------------- */

static void put_lives(void)
{
	window_builder_task(&b, 150, "child")->start_mono_ns = 2900;
	put_newtask(&b, 0, 3000, 100, 150, 0, 0);
	put_switch(&b, 0, 4000, 100, 150, FLIGHTREC_STATE_SLEEPING,
		   BOTH_TARGETS);
	put_enter(&b, 0, 4500, 150, NR_EXIT_GROUP, 0);
	put_task_exit(&b, 0, 5000, 150, 0, FLIGHTREC_TASK_EXIT_GROUP);
	put_switch(&b, 0, 6000, 150, 100, FLIGHTREC_STATE_DEAD, BOTH_TARGETS);
}

static void put_everything(void)
{
	window_builder_task(&b, 100, "server");
	window_builder_task(&b, 101, "worker")->tgid = 100;
	put_enter(&b, 0, 2000, 100, NR_READ, 5);
	put_exit(&b, 0, 2500, 100, NR_READ, 5);
	put_switch(&b, 1, 2600, 0, 101, FLIGHTREC_STATE_RUNNING, NEXT_TARGET);
	put_waking(&b, 1, 2700, 101, 100, FLIGHTREC_CONTEXT_TASK, 3);
	put_lives();
	put_mark(&b, 0, 7000, 100, "mark", 4);
	put_mark(&b, 0, 7100, 100, ">1 scope", 8);
	put_mark(&b, 0, 7200, 100, "<1", 2);
	put_enter(&b, 0, 8000, 100, NR_WRITE, 5);
	window_builder_finish(&b, 9000);
}

/* The trace, as protoc prints it, in good.txt. */
static void write_good(void)
{
	struct flightrec_error error = { 0 };

	put_everything();
	assert_int_equal(encode(b.length, &error), 0);
	assert_int_equal(run("protoc --proto_path='%s' --decode=Trace "
			     "trace.proto <'%s' >'%s/good.txt'",
			     tests_place(), trace_path, directory),
			 0);
}

/* ---- it can fail --------------------------------------------------------- */

/**
 * struct defect - an edit of a good trace, and the rule that it violates
 * @rule: its name
 * @edit: a script for sed
 */
struct defect {
	const char *rule;
	const char *edit;
};

/* In the event of stamp 1000000000 + @ns. */
#define AT(ns, edit) "/timestamp: " #ns "$/,/^    }/{" edit "}"

static const struct defect defects[] = {
	{ "packet-order", "s/clock_snapshot {/clock_snapshut {/" },
	{ "packet-order", "s/system_info {/system_information {/" },
	{ "packet-order", "0,/process_tree {/s//process_bush {/" },
	{ "clocks", "s/primary_trace_clock: 6/primary_trace_clock: 3/" },
	{ "clocks", "s/clock_id: 3/clock_id: 4/" },
	{ "system-info", "/machine:/d" },
	{ "system-info", "/release:/d" },
	{ "known-fields", "s/page_size: 4096/77: 4096/" },
	{ "sequence", "/sequence_flags: 1/d" },
	{ "sequence", "/trusted_packet_sequence_id/d" },
	{ "cpu", "s/cpu: 1$/cpu: 1024/" },
	{ "cpu", "/cpu: 1$/d" },
	{ "process-name", "/cmdline:/d" },
	{ "event", AT(1000002700, "/^      pid:/d") },
	{ "event", AT(1000002700, "/^      timestamp:/d") },
	{ "cpu-time", "s/timestamp: 1000008000/timestamp: 1000007/" },
	{ "first-switch", "0,/prev_pid: 0/s//prev_pid: 9/" },
	{ "switch-chain", AT(1000004000, "s/next_pid: 150/next_pid: 101/") },
	{ "prev-state", "s/prev_state: 1$/prev_state: 3/" },
	{ "switch-names", "/next_comm:/d" },
	{ "runner", AT(1000002700, "s/^      pid: 101/      pid: 100/") },
	{ "mark-track", "/parent_uuid:/d" },
	{ "mark-track", "s/track_uuid: 2/track_uuid: 3/" },
	{ "scope-lane", "s/^    type: 2$/    type: 1/" },
	{ "scope-lane", "s/^    type: 1$/    type: 2/" },
	{ "mark-stamp", "/^  timestamp: 1000007000/d" },
	{ "process-tree", "s/tid: 101/tid: 4242/" },
	{ "process-tree", "/tgid: 100/d" },
	{ "born-once", "s/tid: 101/tid: 150/" },
	{ "call-nesting", AT(1000002500, "s/sys_exit {/sys_enter {/") },
	{ "call-nesting", AT(1000002000, "s/sys_enter {/sys_exit {/") },
	{ "call-nesting", AT(1000002500, "s/id: 0/id: 1/") },
	{ "call-ended", AT(1000005000, "s/sys_exit {/print {/") },
	{ "free-later", "s/timestamp: 1000006001/timestamp: 1000006000/" },
	{ "free-later", "s/timestamp: 1000006001/timestamp: 1000005999/" },
	{ "free-dead", "s/prev_state: 16/prev_state: 1/" },
	{ "free-last", AT(1000008000, "s/^      pid: 100/      pid: 150/") },
	{ "one-cpu", AT(1000004000, "s/next_pid: 150/next_pid: 101/") },
};

#define DEFECTS (sizeof(defects) / sizeof(defects[0]))

/* What check-pftrace says of good.txt, edited; and that it does not take it. */
static char *refusal(const char *edit)
{
	static char said[65536];
	size_t length;
	FILE *pipe;

	pipe = open_pipe("cd '%s' && sed -e '%s' good.txt >bad.txt && "
			 "! cmp -s good.txt bad.txt && "
			 "'%s/check-pftrace' bad.txt",
			 directory, edit, tests_place());
	length = fread(said, 1, sizeof(said) - 1, pipe);
	said[length] = 0;
	assert_int_equal(WEXITSTATUS(pclose(pipe)), 1);
	return said;
}

static void test_each_rule_can_fail(void **unused)
{
	char verdict[64];
	const char *said;

	(void)unused;
	write_good();
	for (size_t i = 0; i < DEFECTS; i++) {
		said = refusal(defects[i].edit);
		snprintf(verdict, sizeof(verdict),
			 "not ok %s: ", defects[i].rule);
		if (!strstr(said, verdict))
			print_error("rule %s is not violated by %s, but:\n%s",
				    defects[i].rule, defects[i].edit, said);
		assert_non_null(strstr(said, verdict));
	}
}

static bool has_defect(const char *rule)
{
	for (size_t i = 0; i < DEFECTS; i++) {
		if (!strcmp(rule, defects[i].rule))
			return true;
	}
	return false;
}

/* Every rule that there is is one that was seen to fail. */
static void test_no_rule_without_a_defect(void **unused)
{
	char rule[128];
	size_t rules = 0;
	FILE *pipe;

	(void)unused;
	pipe = open_pipe("cd '%s' && sed -n "
			 "'s/.*bad(\"\\([a-z0-9-]*\\)\".*/\\1/p' "
			 "order.awk time.awk | sort -u",
			 tests_place());
	while (fgets(rule, sizeof(rule), pipe)) {
		rule[strcspn(rule, "\n")] = 0;
		if (!has_defect(rule))
			print_error("no defect for rule %s\n", rule);
		assert_true(has_defect(rule));
		rules++;
	}
	pclose(pipe);
	assert_true(rules > 15);
}

static void test_what_is_no_trace(void **unused)
{
	(void)unused;
	assert_int_equal(run("cd '%s' && printf '\\377\\377garbage' >bad; "
			     "'%s/check-pftrace' bad >said 2>/dev/null",
			     directory, tests_place()),
			 1);
	assert_int_equal(run("grep -q '^not ok decodes' '%s/said'", directory),
			 0);
	assert_int_equal(run("'%s/check-pftrace' '%s/none' 2>/dev/null",
			     tests_place(), directory),
			 2);
}

static void test_good_one_is_taken(void **unused)
{
	(void)unused;
	put_everything();
	make_trace(9000);
}

/* ---- what could really happen -------------------------------------------- */

/* Overwrite the first @count blocks of @cpu. */
static void overwrite(uint32_t cpu, unsigned int count)
{
	while (count--)
		window_builder_drop(&b, cpu, 0);
}

static void simulate(unsigned int seed, unsigned int lose, unsigned int blocks)
{
	struct sim sim;
	uint64_t cut;

	sim_init(&sim, &b, seed, (int)(seed % 3));
	sim.lose = lose;
	cut = sim_run(&sim, 3000);
	overwrite(seed % SIM_CPUS, blocks);
	make_trace(cut);
	sim_deinit(&sim);
}

static void test_complete_tapes(void **unused)
{
	for (unsigned int seed = 0; seed < 10; seed++) {
		simulate(seed, 0, 0);
		teardown(unused);
		setup(unused);
	}
}

static void test_overwritten_tapes(void **unused)
{
	for (unsigned int seed = 0; seed < 10; seed++) {
		simulate(seed, 0, 1);
		teardown(unused);
		setup(unused);
	}
}

static void test_tapes_with_losses(void **unused)
{
	for (unsigned int seed = 0; seed < 20; seed++) {
		simulate(seed, 30, seed % 2);
		teardown(unused);
		setup(unused);
	}
}

/* ---- what could not ------------------------------------------------------ */

static void encode_all(const uint8_t *bytes, size_t length)
{
	struct flightrec_error error = { 0 };
	struct flightrec_reader *reader;
	int fd = open("/dev/null", O_WRONLY);
	struct sink sink;

	assert_true(fd >= 0);
	for (size_t i = 0; encoders[i]; i++) {
		if (flightrec_reader_from_memory(bytes, length, &reader, NULL))
			continue;
		assert_int_equal(sink_init(&sink, fd), 0);
		encoders[i]->encode(reader, &sink, &error);
		assert_int_equal(sink_deinit(&sink), 0);
		flightrec_reader_destroy(reader);
	}
	close(fd);
}

/*
 * Whatever the bytes: no encoder reads or writes where it must not, or hangs.
 */
static void test_damaged_windows(void **unused)
{
	struct sim sim;
	uint8_t *bytes;

	(void)unused;
	sim_init(&sim, &b, 1, 2);
	window_builder_finish(&b, sim_run(&sim, 1500));
	bytes = malloc(b.length);
	assert_non_null(bytes);
	for (unsigned int seed = 0; seed < 300; seed++) {
		srand(seed);
		memcpy(bytes, b.bytes, b.length);
		for (uint32_t i = sim_pick(200); i; i--)
			bytes[sim_pick((uint32_t)b.length)] = (uint8_t)rand();
		encode_all(bytes, b.length - (seed % 3 ? 0 : sim_pick(9000)));
	}
	free(bytes);
	sim_deinit(&sim);
}

/* ---- Perfetto itself ----------------------------------------------------- */

/* The one number that a query of the trace gives. */
static long query(const char *sql)
{
	char line[256], last[256] = "";
	FILE *pipe;

	pipe = open_pipe("cd '%s' && echo \"%s\" >query.sql && "
			 "trace_processor_shell -q query.sql '%s' 2>/dev/null",
			 directory, sql, trace_path);
	while (fgets(line, sizeof(line), pipe))
		strcpy(last, line);
	assert_int_equal(pclose(pipe), 0);
	return atol(last);
}

static void test_trace_processor(void **unused)
{
	struct flightrec_error error = { 0 };

	(void)unused;
	if (run("command -v trace_processor_shell >/dev/null")) {
		print_message("skipped: no trace_processor_shell in PATH\n");
		skip();
	}
	put_everything();
	assert_int_equal(encode(b.length, &error), 0);
	assert_int_equal(query("select count(*) as n from stats where "
			       "severity = 'error' and value > 0"),
			 0);
	assert_int_equal(query("select count(*) as n from slice where "
			       "name = 'sys_read' and dur = 500"),
			 1);
	assert_int_equal(query("select count(*) as n from slice where "
			       "name = 'sys_exit_group' and dur = 500"),
			 1);
	assert_int_equal(query("select count(*) as n from sched join thread "
			       "using (utid) where tid = 150 and dur = 2000 "
			       "and end_state = 'X'"),
			 1);
	assert_int_equal(query("select upid is not null as n from thread "
			       "where tid = 101"),
			 1);
	assert_int_equal(query("select count(*) as n from slice join "
			       "thread_track on track_id = thread_track.id "
			       "join thread using (utid) where tid = 100 and "
			       "slice.name = 'mark'"),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good_one_is_taken),
		TEST(test_each_rule_can_fail),
		TEST(test_no_rule_without_a_defect),
		TEST(test_what_is_no_trace),
		TEST(test_complete_tapes),
		TEST(test_overwritten_tapes),
		TEST(test_tapes_with_losses),
		TEST(test_damaged_windows),
		TEST(test_trace_processor),
	};

	return cmocka_run_group_tests(tests, need_protoc, NULL);
}
