// SPDX-License-Identifier: GPL-2.0
/*
 * The flightrec command on files: what it delivers, says and returns for windows
 * that are whole, damaged or none, and for output that cannot be written.
 * What needs no window: cli-selftest. What needs the device: e2e/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "window_builder.h"

static char directory[] = "/tmp/flightrec-cli-XXXXXX";
static char command[4096];

/* Run a shell line in the directory; "flightrec" is the command under test. What
 * it prints goes to the files `out` and `err`. Returns its exit status. */
static int run(const char *line)
{
	const char *build = getenv("FLIGHTREC_BUILD");
	int status;

	assert_non_null(build);
	snprintf(
		command, sizeof(command),
		"cd '%s' && PATH='%s':$PATH && export LC_ALL=C TZ=UTC && { %s\n} > out 2> err",
		directory, build, line);
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A shell condition in the directory. */
static void expect(const char *condition)
{
	snprintf(command, sizeof(command), "cd '%s' && { %s\n} > /dev/null",
		 directory, condition);
	if (system(command)) {
		fprintf(stderr, "# does not hold: %s; err has:\n", condition);
		snprintf(command, sizeof(command), "cat '%s/err' >&2",
			 directory);
		if (system(command))
			fprintf(stderr, "# nothing\n");
		fail();
	}
}

static void write_file(const char *name, const void *bytes, size_t length)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void build(struct window_builder *b, uint64_t records)
{
	struct fr_record record;
	uint64_t clock;

	window_builder_init(b);
	window_builder_task(b, 100, "worker");
	for (clock = 2000; clock < 2000 + records; clock++) {
		fr_record_exit(&record, 1, 0, (int64_t)(clock % 100));
		window_builder_emit(b, 0, clock, 100, &record);
	}
	window_builder_finish(b, clock);
}

static int make_files(void **unused)
{
	static uint8_t bad[4096];
	struct window_builder b;

	(void)unused;
	assert_non_null(mkdtemp(directory));
	/* Enough to take a while. */
	build(&b, 500000);
	write_file("big.frec", b.bytes, b.length);
	window_builder_deinit(&b);
	/* Enough for several blocks, and for more than a pipe takes. */
	build(&b, 20000);
	write_file("whole.frec", b.bytes, b.length);
	write_file("cut.frec", b.bytes, b.length / 2);
	write_file("header.frec", b.bytes, 100);
	write_file("empty.frec", b.bytes, 0);
	write_file("other.frec", bad, sizeof(bad));
	((struct flightrec_window *)b.bytes)->version = 77;
	write_file("version.frec", b.bytes, b.length);
	window_builder_deinit(&b);
	return 0;
}

static int remove_files(void **unused)
{
	(void)unused;
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command);
}

/* Nothing but what the tests put there: no temporary file is left behind. */
static void expect_no_litter(void)
{
	expect("test -z \"$(ls -A | grep -v -e '\\.frec$' -e '^out' -e '^err$')\"");
}

/* ---- dump and report ------------------------------------------------------- */

static void test_dump(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec dump whole.frec"), 0);
	expect("test ! -s err");
	expect("test $(grep -c 'worker' out) -ge 20000");
}

static void test_dump_standard_input(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec dump whole.frec > out.a"), 0);
	assert_int_equal(run("flightrec dump - < whole.frec > out.b"), 0);
	assert_int_equal(run("cat whole.frec | flightrec dump - > out.c"), 0);
	expect("cmp out.a out.b");
	expect("cmp out.a out.c");
	expect_no_litter();
}

static void test_dump_cut(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec dump cut.frec"), 1);
	expect("test $(grep -c 'worker' out) -ge 5000");
	expect("grep -q '^flightrec dump: warning: cut.frec: at byte [0-9]' err");
	expect("grep -q 'expected' err");
}

static void test_refused(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec dump empty.frec"), 1);
	expect("grep -q '^flightrec dump: empty.frec: at byte 0: .*expected' err");
	assert_int_equal(run("flightrec dump other.frec"), 1);
	expect("grep -q 'other.frec: at byte 0: .*expected' err");
	assert_int_equal(run("flightrec dump version.frec"), 1);
	expect("grep -q 'version.frec: at byte 8: .*77.*expected' err");
	assert_int_equal(run("flightrec dump header.frec"), 1);
	expect("grep -q 'header.frec: at byte .*expected' err");
	assert_int_equal(run("flightrec dump none.frec"), 1);
	expect("grep -q 'none.frec: No such file or directory' err");
	expect("test $(wc -l < err) = 1 && test ! -s out");
}

static void test_report(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec report whole.frec"), 0);
	expect("test -s out && test ! -s err");
	assert_int_equal(run("flightrec report cut.frec"), 1);
	expect("test -s out && grep -q 'warning: cut.frec: at byte' err");
}

/* Of a part of it; the thread may stand apart from its option. */
static void test_report_part(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec report --last-moments whole.frec"), 0);
	expect("grep -q '^nobody died$' out");
	assert_int_equal(run("flightrec report -l 100 whole.frec > out.a"), 0);
	expect("grep -q '^alive: worker.100., ' out.a");
	assert_int_equal(run("flightrec report --last-moments=100 whole.frec"),
			 0);
	expect("cmp out out.a");
	assert_int_equal(run("flightrec report -l 101 whole.frec"), 1);
	expect("grep -q 'has the tid 101' err && test ! -s out");
	assert_int_equal(run("flightrec report --around x whole.frec"), 1);
	expect("grep -q \"no mark in the window begins with 'x'\" err && test ! -s out");
	assert_int_equal(run("flightrec report --slower 5ms whole.frec"), 0);
	expect("grep -q 'took 5.0 ms or longer' out");
	expect("! grep -q '^threads' out");
}

static void test_reader_leaves(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec dump whole.frec | head -n 1"), 0);
	expect("test $(wc -l < out) = 1 && test ! -s err");
	/* Also for who ignores SIGPIPE and has to look at the error. */
	assert_int_equal(
		run("(trap '' PIPE; flightrec dump whole.frec) | head -n 1"),
		0);
	expect("test $(wc -l < out) = 1 && test ! -s err");
}

static void test_stdout_full(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec dump whole.frec > /dev/full"), 1);
	expect("grep -q 'No space left on device' err && test $(wc -l < err) = 1");
	assert_int_equal(run("flightrec --help > /dev/full"), 1);
	expect("grep -q 'No space left on device' err && test $(wc -l < err) = 1");
}

/* ---- encode ----------------------------------------------------------------- */

static void test_encode(void **unused)
{
	(void)unused;
	assert_int_equal(
		run("flightrec encode --format text whole.frec -o out.txt"), 0);
	assert_int_equal(run("flightrec dump whole.frec"), 0);
	expect("cmp out out.txt");
	assert_int_equal(
		run("flightrec encode -f perfetto -o out.p whole.frec"), 0);
	assert_int_equal(
		run("flightrec encode -f perfetto -o - - < whole.frec"), 0);
	expect("cmp out out.p");
	expect_no_litter();
}

static void test_encode_modes(void **unused)
{
	(void)unused;
	assert_int_equal(
		run("umask 0; rm -f out.txt; flightrec encode -f text whole.frec -o out.txt"),
		0);
	/* It tells what the window tells. */
	expect("test $(stat -c %a out.txt) = 600");
	/* A link stays one; what it leads to is replaced. */
	assert_int_equal(
		run("ln -sf out.txt out.link; flightrec encode -f perfetto whole.frec -o out.link"),
		0);
	expect("test -L out.link && cmp out.txt out.p");
	/* What is no file is written as it is. */
	assert_int_equal(
		run("flightrec encode -f text whole.frec -o /dev/null"), 0);
	expect("test -c /dev/null");
	assert_int_equal(
		run("mkfifo out.fifo; flightrec encode -f text whole.frec -o out.fifo & cat out.fifo"),
		0);
	expect("test -p out.fifo && test -s out");
	expect_no_litter();
}

static void test_encode_damaged(void **unused)
{
	(void)unused;
	assert_int_equal(
		run("rm -f out.txt; flightrec encode -f text cut.frec -o out.txt"),
		1);
	expect("test -s out.txt && grep -q 'warning: cut.frec: at byte' err");
	assert_int_equal(
		run("rm -f out.txt; flightrec encode -f text other.frec -o out.txt"),
		1);
	expect("test ! -e out.txt");
	expect_no_litter();
}

static void test_encode_misused(void **unused)
{
	(void)unused;
	assert_int_equal(
		run("flightrec encode -f nonsense whole.frec -o out.txt"), 2);
	expect("grep -q 'perfetto' err");
	assert_int_equal(run("flightrec encode whole.frec -o out.txt"), 2);
	assert_int_equal(run("flightrec encode -f text whole.frec"), 2);
	assert_int_equal(
		run("flightrec encode -f text whole.frec whole.frec -o out.txt"),
		2);
	assert_int_equal(
		run("flightrec encode -f text whole.frec -o ./whole.frec"), 2);
	expect("grep -q 'overwritten' err");
	assert_int_equal(run("flightrec encode -f text whole.frec -o /tmp"), 1);
	expect("grep -q 'Is a directory' err");
	assert_int_equal(run("flightrec encode -f text whole.frec -o none/x"),
			 1);
	expect("grep -q 'none/x: No such file or directory' err");
}

/* A disk that is full: the file size limit stands for it. */
static void test_encode_full(void **unused)
{
	(void)unused;
	assert_int_equal(
		run("echo old > out.txt; ulimit -S -f 1; flightrec encode -f text whole.frec -o out.txt"),
		1);
	expect("grep -q 'out.txt.*File too large' err");
	expect("test \"$(cat out.txt)\" = old");
	assert_int_equal(
		run("flightrec encode -f text whole.frec -o /dev/full"), 1);
	expect("grep -q 'No space left on device' err");
	expect_no_litter();
}

/* Interrupted once it has begun to write: killed as is due, nothing left. */
static void test_encode_interrupted(void **unused)
{
	(void)unused;
	assert_int_equal(run("rm -f out.txt\n"
			     "flightrec encode -f text big.frec -o out.txt &\n"
			     "until ls .flightrec-*; do sleep 0.01; done\n"
			     "kill -TERM $!; wait $!"),
			 143);
	expect("test ! -e out.txt");
	expect_no_litter();
}

/* ---- the end of a window --------------------------------------------------- */

static void test_excerpt(void **unused)
{
	(void)unused;
	assert_int_equal(run("flightrec encode -f frec whole.frec -o out.frec"),
			 0);
	expect("cmp whole.frec out.frec");
	assert_int_equal(
		run("flightrec encode -f frec --max-bytes 32K whole.frec -o out.frec"),
		0);
	expect("test $(stat -c %s out.frec) -le 32768");
	expect("test ! -s err");
	assert_int_equal(run("flightrec dump whole.frec > out.a"), 0);
	assert_int_equal(run("flightrec dump out.frec > out.b"), 0);
	/* Its events are the last ones of the whole. */
	assert_int_equal(
		run("grep -v -e '^#' -e BEGIN out.b > out.c; "
		    "grep -v -e '^#' -e BEGIN out.a | tail -n $(wc -l < out.c) > out.d"),
		0);
	expect("test $(wc -l < out.c) -ge 1000 && cmp out.c out.d");
	assert_int_equal(
		run("flightrec encode -f text --max-bytes 32K whole.frec -o out.txt"),
		0);
	expect("cmp out.b out.txt");
	assert_int_equal(
		run("flightrec encode -f text --last 1h whole.frec -o out.txt"),
		0);
	expect("cmp out.a out.txt");
}

static void test_excerpt_refused(void **unused)
{
	(void)unused;
	assert_int_equal(
		run("rm -f out.frec; flightrec encode -f frec --since-mark nothing whole.frec -o out.frec"),
		1);
	expect("grep -q 'no mark in the window begins with \"nothing\"; nothing was written' err");
	assert_int_equal(
		run("flightrec encode -f frec --max-bytes 1 whole.frec -o out.frec"),
		1);
	expect("grep -q '1 bytes are too few' err && test ! -e out.frec");
	assert_int_equal(
		run("flightrec encode -f frec --last 1s whole.frec -o whole.frec"),
		2);
	assert_int_equal(
		run("flightrec encode -f frec --max-bytes 32K cut.frec -o out.frec"),
		1);
	expect("test -s out.frec && grep -q 'warning: cut.frec: at byte' err");
	expect_no_litter();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_dump_standard_input),
		cmocka_unit_test(test_dump_cut),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_report_part),
		cmocka_unit_test(test_reader_leaves),
		cmocka_unit_test(test_stdout_full),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_encode_modes),
		cmocka_unit_test(test_encode_damaged),
		cmocka_unit_test(test_encode_misused),
		cmocka_unit_test(test_encode_full),
		cmocka_unit_test(test_encode_interrupted),
		cmocka_unit_test(test_excerpt),
		cmocka_unit_test(test_excerpt_refused),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
