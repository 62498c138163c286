// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The thread that takes windows when it is asked to. A file stands for the device,
 * frozen; fsync() is this file's, and a gate: what has written its window waits
 * there until it is let through. With the device: e2e/.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "libflightrec.h"
#include "window_builder.h"

#define ROUNDS 200

static char directory[] = "/tmp/flightrec-snapshot-XXXXXX";
static char node[64];
static struct window_builder b;

static atomic_bool gated;
static sem_t at_gate, gate;

/* Found before the C library's. */
int fsync(int fd)
{
	if (atomic_load(&gated)) {
		sem_post(&at_gate);
		while (sem_wait(&gate))
			continue;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* What done() was told. */
static struct {
	pthread_mutex_t lock;
	unsigned int count;
	unsigned int failed;
	uint64_t tags;
	pthread_t thread;
	struct flightrec_snapshot_result last;
} told = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void done(void *context, const struct flightrec_snapshot_result *result)
{
	assert_ptr_equal(context, &told);
	pthread_mutex_lock(&told.lock);
	told.count++;
	told.failed += result->code != 0;
	told.tags += result->tag;
	told.thread = pthread_self();
	told.last = *result;
	pthread_mutex_unlock(&told.lock);
}

static int setup(void **unused)
{
	(void)unused;
	told.count = told.failed = 0;
	told.tags = 0;
	atomic_store(&gated, false);
	return 0;
}

static struct flightrec_snapshots_options defaults(void)
{
	return (struct flightrec_snapshots_options){
		.node = node,
		.directory = directory,
		.prefix = "slow",
		.done = done,
		.context = &told,
	};
}

static struct flightrec_snapshots *
create(const struct flightrec_snapshots_options *options)
{
	struct flightrec_snapshots *s;
	struct flightrec_error error;

	if (flightrec_snapshots_create(options, &s, &error))
		fail_msg("%s", error.text);
	return s;
}

/* Until @count more are done, by the eventfd. */
static void await(const struct flightrec_snapshots *s, uint64_t count)
{
	struct pollfd poll_fd = { flightrec_snapshots_fd(s), POLLIN, 0 };
	uint64_t more;

	while (count) {
		assert_int_equal(poll(&poll_fd, 1, -1), 1);
		assert_int_equal(read(poll_fd.fd, &more, sizeof(more)),
				 sizeof(more));
		assert_true(more <= count);
		count -= more;
	}
}

/* Files in the directory whose names begin so. */
static unsigned int files(const char *prefix)
{
	DIR *opened = opendir(directory);
	struct dirent *entry;
	unsigned int count = 0;

	assert_non_null(opened);
	while ((entry = readdir(opened)))
		count += !strncmp(entry->d_name, prefix, strlen(prefix));
	closedir(opened);
	return count;
}

/* It is the window, to the byte. */
static void is_the_window(const char *path, const void *bytes, size_t length)
{
	char *got = malloc(length + 1);
	FILE *file = fopen(path, "re");

	assert_non_null(got);
	assert_non_null(file);
	assert_int_equal(fread(got, 1, length + 1, file), length);
	assert_memory_equal(got, bytes, length);
	fclose(file);
	free(got);
}

static void test_takes_one(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct flightrec_snapshots *s = create(&options);
	struct flightrec_snapshot_result result;
	char begin[128];

	(void)unused;
	assert_int_equal(flightrec_snapshots_result(s, &result), -ENODATA);
	errno = 4711;
	assert_int_equal(flightrec_snapshot_async(s, 7), 0);
	assert_int_equal(errno, 4711);
	await(s, 1);
	assert_int_equal(flightrec_snapshots_result(s, &result), 0);
	assert_int_equal(result.code, 0);
	assert_int_equal(result.tag, 7);
	assert_int_equal(result.bytes, b.length);
	assert_int_equal(result.stopped_ns, 0);
	snprintf(begin, sizeof(begin), "%s/slow-%d-", directory, getpid());
	assert_int_equal(strncmp(result.path, begin, strlen(begin)), 0);
	is_the_window(result.path, b.bytes, b.length);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.count, 1);
	assert_string_equal(told.last.path, result.path);
	assert_false(pthread_equal(told.thread, pthread_self()));
	unlink(result.path);
}

/* There is no file of that name before it is on the disk. */
static void test_whole_or_not_at_all(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct flightrec_snapshots *s = create(&options);

	(void)unused;
	atomic_store(&gated, true);
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	sem_wait(&at_gate);
	assert_int_equal(files("slow-"), 0);
	assert_int_equal(files(".flightrec-"), 1);
	atomic_store(&gated, false);
	sem_post(&gate);
	await(s, 1);
	assert_int_equal(files("slow-"), 1);
	assert_int_equal(files(".flightrec-"), 0);
	flightrec_snapshots_destroy(s);
	unlink(told.last.path);
}

static void test_one_at_a_time(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct flightrec_snapshots *s = create(&options);

	(void)unused;
	atomic_store(&gated, true);
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	sem_wait(&at_gate);
	assert_int_equal(flightrec_snapshot_async(s, 2), -EBUSY);
	assert_int_equal(flightrec_snapshot_async(s, 3), -EBUSY);
	atomic_store(&gated, false);
	sem_post(&gate);
	await(s, 1);
	assert_int_equal(flightrec_snapshot_async(s, 4), 0);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.tags, 5);
	assert_int_equal(files("slow-"), 2);
}

/* As many wait as may, and are taken in their order, also at the end. */
static void test_some_may_wait(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct flightrec_snapshots *s;
	unsigned int before = files("slow-");

	(void)unused;
	options.waiting = 2;
	s = create(&options);
	atomic_store(&gated, true);
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	sem_wait(&at_gate);
	assert_int_equal(flightrec_snapshot_async(s, 10), 0);
	assert_int_equal(flightrec_snapshot_async(s, 100), 0);
	assert_int_equal(flightrec_snapshot_async(s, 1000), -EBUSY);
	atomic_store(&gated, false);
	sem_post(&gate);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.count, 3);
	assert_int_equal(told.tags, 111);
	assert_int_equal(told.last.tag, 100);
	assert_int_equal(files("slow-"), before + 3);
}

static void test_excerpt(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	char mark[] = "request";
	struct flightrec_snapshots *s;

	(void)unused;
	options.excerpt.max_bytes = b.length - 4096;
	options.excerpt.mark = mark;
	options.excerpt.mark_length = strlen(mark);
	s = create(&options);
	/* A copy of it was made. */
	memset(mark, 'x', strlen(mark));
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.last.code, 0);
	assert_int_equal(told.last.bytes, b.length - 4096);
}

/* ---- what fails -------------------------------------------------------------- */

static void test_failures_are_told(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct flightrec_snapshots *s;
	struct rlimit limit, small = { 4096, 4096 };
	unsigned int before = files("");

	(void)unused;
	options.excerpt.mark = "nothing";
	options.excerpt.mark_length = 7;
	s = create(&options);
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.last.code, -ENOENT);
	assert_string_equal(told.last.error.text,
			    "no mark in the window begins with \"nothing\"");
	assert_string_equal(told.last.path, "");

	options = defaults();
	s = create(&options);
	getrlimit(RLIMIT_FSIZE, &limit);
	small.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	await(s, 1);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(told.last.code, -EFBIG);
	assert_non_null(strstr(told.last.error.text, "File too large"));
	/* It goes on. */
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.last.code, 0);
	unlink(told.last.path);
	assert_int_equal(files(""), before);
}

static void refused(const struct flightrec_snapshots_options *options, int code,
		    const char *text)
{
	struct flightrec_snapshots *s = (void *)options;
	struct flightrec_error error;

	assert_int_equal(flightrec_snapshots_create(options, &s, &error), code);
	assert_null(s);
	if (!strstr(error.text, text))
		fail_msg("%s", error.text);
	assert_int_equal(flightrec_snapshots_create(options, &s, NULL), code);
}

static void test_refused(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	char longer[FLIGHTREC_SNAPSHOT_PATH_MAX];

	(void)unused;
	options.node = "/tmp/flightrec-none/none";
	refused(&options, -ENOENT, "cannot open /tmp/flightrec-none/none: No");
	options = defaults();
	options.directory = "/tmp/flightrec-none";
	refused(&options, -ENOENT, "/tmp/flightrec-none: No such");
	options.directory = node;
	refused(&options, -ENOTDIR, "not a directory");
	options = defaults();
	options.prefix = "a/b";
	refused(&options, -EINVAL, "'a/b'");
	options = defaults();
	options.waiting = 1025;
	refused(&options, -EINVAL, "1025 may wait; at most 1024");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	options = defaults();
	options.prefix = longer;
	refused(&options, -ENAMETOOLONG, "too long");
	flightrec_snapshots_destroy(NULL);
}

static void test_child_has_no_thread(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct flightrec_snapshots *s = create(&options);
	int status = 0;
	pid_t child = fork();

	(void)unused;
	if (!child) {
		status = flightrec_snapshot_async(s, 1);
		flightrec_snapshots_destroy(s);
		_exit(status == -ECHILD ? 42 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(flightrec_snapshot_async(s, 1), 0);
	flightrec_snapshots_destroy(s);
	assert_int_equal(told.count, 1);
}

/* ---- from a signal's handler --------------------------------------------------- */

static struct flightrec_snapshots *handlers;
static volatile sig_atomic_t handled;
static atomic_uint accepted, wrong;

static void handle(int number)
{
	int code = flightrec_snapshot_async(handlers, (uint64_t)number);

	if (!code)
		atomic_fetch_add(&accepted, 1);
	else if (code != -EBUSY)
		atomic_fetch_add(&wrong, 1);
	handled++;
}

static void *churn(void *unused)
{
	char line[64];
	FILE *file = fopen("/dev/null", "we");

	while (handled < ROUNDS) {
		void *bytes = malloc(4000);

		snprintf(line, sizeof(line), "%p\n", bytes);
		fputs(line, file);
		fflush(file);
		free(bytes);
	}
	fclose(file);
	return unused;
}

/* It interrupts malloc() and stdio of two threads, at whatever they are. */
static void test_from_a_handler(void **unused)
{
	struct flightrec_snapshots_options options = defaults();
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = handle,
				    .sa_flags = SA_RESTART };
	pthread_t other;

	(void)unused;
	options.waiting = 3;
	handlers = create(&options);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(pthread_create(&other, NULL, churn, NULL), 0);
	setitimer(ITIMER_REAL, &often, NULL);
	churn(NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	pthread_join(other, NULL);
	flightrec_snapshots_destroy(handlers);
	assert_int_equal(wrong, 0);
	assert_true(accepted > 0);
	assert_int_equal(told.count, accepted);
	assert_int_equal(told.failed, 0);
	assert_int_equal(told.tags, (uint64_t)SIGALRM * accepted);
}

/* ---- files ----------------------------------------------------------------------- */

static int make_files(void **unused)
{
	struct fr_record record;
	uint64_t clock;
	FILE *file;

	(void)unused;
	sem_init(&at_gate, 0, 0);
	sem_init(&gate, 0, 0);
	if (!mkdtemp(directory))
		return -1;
	window_builder_init(&b);
	fr_record_mark(&record, "request 1", 9);
	window_builder_emit(&b, 0, 1500, 100, &record);
	for (clock = 2000; clock < 4000; clock++) {
		fr_record_exit(&record, 1, 0, 5);
		window_builder_emit(&b, 0, clock * 1000, 100, &record);
	}
	window_builder_finish(&b, 4000000);
	snprintf(node, sizeof(node), "%s/node", directory);
	file = fopen(node, "we");
	if (!file || fwrite(b.bytes, 1, b.length, file) != b.length)
		return -1;
	return fclose(file);
}

static int remove_files(void **unused)
{
	char command[128];

	(void)unused;
	window_builder_deinit(&b);
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_takes_one, setup),
		cmocka_unit_test_setup(test_whole_or_not_at_all, setup),
		cmocka_unit_test_setup(test_one_at_a_time, setup),
		cmocka_unit_test_setup(test_some_may_wait, setup),
		cmocka_unit_test_setup(test_excerpt, setup),
		cmocka_unit_test_setup(test_failures_are_told, setup),
		cmocka_unit_test_setup(test_refused, setup),
		cmocka_unit_test_setup(test_child_has_no_thread, setup),
		cmocka_unit_test_setup(test_from_a_handler, setup),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
