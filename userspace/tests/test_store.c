// SPDX-License-Identifier: GPL-2.0
/*
 * The directory of flightrec watch: names, bounds on files and bytes, the floor of
 * free space, what a watcher that was killed has left, and who is not touched.
 * fstatvfs() is this file's: a disk as small as a test wants it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cli/store.h"

/* 2026-11-26 14:03:07.412913 UTC */
#define INSTANT_NS 1795701787412913000LL
#define US	   1000

static char directory[] = "/tmp/flightrec-store-XXXXXX";
static struct store store;
static char why[STORE_WHY_BYTES];
static uint64_t disk_bytes;
static uint64_t held_bytes; /* of what was removed, by others */

/* What is in the directory takes its place on the disk. */
static uint64_t used_bytes(int fd)
{
	DIR *there = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *file;
	struct stat status;
	uint64_t bytes = 0;

	assert_non_null(there);
	while ((file = readdir(there))) {
		assert_int_equal(fstatat(fd, file->d_name, &status,
					 AT_SYMLINK_NOFOLLOW),
				 0);
		bytes += S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	}
	closedir(there);
	return bytes;
}

/* Found before the C library's, whose names for these are not for us. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int fstatvfs(int fd, struct statvfs *status)
{
	uint64_t used = used_bytes(fd) + held_bytes;

	memset(status, 0, sizeof(*status));
	status->f_frsize = 1;
	status->f_bavail = disk_bytes > used ? disk_bytes - used : 0;
	return 0;
}

/* ---- a directory ---------------------------------------------------------- */

static void path_of(char path[256], const char *name)
{
	snprintf(path, 256, "%s/%s", directory, name);
}

static void put(const char *name, const void *bytes, size_t length)
{
	char path[256];
	FILE *file;

	path_of(path, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* A file of that length. */
static void fill(const char *name, size_t length)
{
	void *zeros = calloc(1, length + 1);

	assert_non_null(zeros);
	put(name, zeros, length);
	free(zeros);
}

static bool is_there(const char *name)
{
	struct stat status;
	char path[256];

	path_of(path, name);
	return !lstat(path, &status);
}

/* The name of the window of second @i after the instant. */
static const char *window_name(unsigned int i, const char *suffix)
{
	static char name[STORE_NAME_BYTES + 8];

	store_name(name, INSTANT_NS + (int64_t)i * 1000000000, NULL, NULL);
	strcat(name, suffix);
	return name;
}

/* Windows 0 and on of @window bytes each, with reports of @report bytes. */
static void fill_windows(unsigned int count, size_t window, size_t report)
{
	for (unsigned int i = 0; i < count; i++) {
		fill(window_name(i, STORE_WINDOW), window);
		if (report)
			fill(window_name(i, STORE_REPORT), report);
	}
}

/* Of @count windows, those from @first on and no others are there, with reports. */
static void expect_windows(unsigned int count, unsigned int first, bool report)
{
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(is_there(window_name(i, STORE_WINDOW)),
				 i >= first);
		assert_int_equal(is_there(window_name(i, STORE_REPORT)),
				 report && i >= first);
	}
}

static int begin(void **unused)
{
	static const struct store bounds = {
		.directory = directory,
		.keep = 100,
		.keep_bytes = 1 << 20,
		.lock = -1,
	};

	(void)unused;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	store = bounds;
	disk_bytes = 1 << 20;
	held_bytes = 0;
	return store_lock(&store, why);
}

static int end(void **unused)
{
	char command[300];

	(void)unused;
	store_unlock(&store);
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command);
}

/* ---- names ---------------------------------------------------------------- */

static void name_of(uint32_t condition, const char *comm, const char *expected)
{
	struct flightrec_firing firing = { .condition = condition, .tid = 412 };
	char name[STORE_NAME_BYTES];

	store_name(name, INSTANT_NS, &firing, comm);
	assert_string_equal(name, expected);
}

static void test_names(void **unused)
{
	char name[STORE_NAME_BYTES];

	(void)unused;
	name_of(FLIGHTREC_TRIGGER_CALL, "redis-server",
		"20261126T140307.412913Z-slower-redis-server-412");
	name_of(FLIGHTREC_TRIGGER_WAIT, "a/b c\n",
		"20261126T140307.412913Z-waits-for-cpu-a_b_c_-412");
	name_of(FLIGHTREC_TRIGGER_SIGNAL, "..",
		"20261126T140307.412913Z-dies-..-412");
	name_of(FLIGHTREC_TRIGGER_SIGNAL, "",
		"20261126T140307.412913Z-dies-_-412");
	/* A condition that this command does not know. */
	name_of(4000, "x", "20261126T140307.412913Z-trigger-x-412");
	store_name(name, INSTANT_NS - 412912LL * US, NULL, NULL);
	assert_string_equal(name, "20261126T140307.000001Z-asked");
}

/* Whatever it is called, it is known again. */
static void test_names_are_known(void **unused)
{
	struct flightrec_firing firing = { .tid = UINT32_MAX };
	char name[STORE_NAME_BYTES + 8];

	(void)unused;
	store.keep = 1;
	for (firing.condition = 1; firing.condition < 20; firing.condition++) {
		store_name(name, INSTANT_NS, &firing, "-a-1-");
		strcat(name, STORE_WINDOW);
		fill(name, 10);
		fill(window_name(9, STORE_WINDOW), 10);
		store_prune(&store);
		assert_false(is_there(name));
	}
}

static void test_files_of_others(void **unused)
{
	static const char *const others[] = {
		"20260101T000000.000000Z-mine.frec",
		"20260101T000000.000000Z-asked",
		"20260101T000000.000000Z-asked.frec.gz",
		"20260101T000000.000000Z-asked.pftrace",
		"20260101T000000Z-asked.frec",
		"20260101T000000.00000xZ-asked.frec",
		"20260101T000000.000000Z-slower-x.frec",
		"20260101T000000.000000Z-slower-x-4294967296.frec",
		"20260101T000000.000000Z-slower-x y-1.frec",
		"20260101T000000.000000Z-slower--1.frec",
		"20260101T000000.000000Z-slowest-x-1.frec",
		"20260101T000000.000000Z-slower-longer-than-a-name-1.frec",
		"window.frec",
		".flightrec-watch-",
		".flightrec-watch-abcdefg",
		"flightrec-watch-abcdef",
	};
	size_t count = sizeof(others) / sizeof(others[0]);
	char path[256], link[256];

	(void)unused;
	for (size_t i = 0; i < count; i++)
		fill(others[i], 100);
	/* Nor are a directory and a link that have a name of ours. */
	path_of(path, "20260101T000000.000000Z-asked.frec");
	assert_int_equal(mkdir(path, 0700), 0);
	path_of(link, "20260102T000000.000000Z-asked.frec");
	assert_int_equal(symlink("window.frec", link), 0);
	fill_windows(3, 10, 0);
	store.keep = 1;
	store_prune(&store);
	disk_bytes = 0;
	assert_int_equal(store_make_room(&store, 1, why), -ENOSPC);
	store_unlock(&store);
	assert_int_equal(store_lock(&store, why), 0);
	for (size_t i = 0; i < count; i++)
		assert_true(is_there(others[i]));
	assert_true(is_there("20260101T000000.000000Z-asked.frec"));
	assert_true(is_there("20260102T000000.000000Z-asked.frec"));
	expect_windows(3, 3, false);
}

/* ---- bounds --------------------------------------------------------------- */

static void test_keep(void **unused)
{
	(void)unused;
	fill_windows(5, 100, 10);
	store.keep = 5;
	store_prune(&store);
	expect_windows(5, 0, true);
	store.keep = 2;
	store_prune(&store);
	expect_windows(5, 3, true);
}

/* What is left of one counts as one, and goes. */
static void test_keep_reports(void **unused)
{
	(void)unused;
	fill_windows(3, 100, 0);
	fill(window_name(0, STORE_REPORT), 10);
	unlinkat(store.lock, window_name(0, STORE_WINDOW), 0);
	store.keep = 2;
	store_prune(&store);
	expect_windows(3, 1, false);
}

static void test_keep_bytes(void **unused)
{
	(void)unused;
	fill_windows(5, 100, 10);
	store.keep_bytes = 550;
	store_prune(&store);
	expect_windows(5, 0, true);
	store.keep_bytes = 549;
	store_prune(&store);
	expect_windows(5, 1, true);
	store.keep_bytes = 220;
	store_prune(&store);
	expect_windows(5, 3, true);
	/* The newest stays in any case. */
	store.keep_bytes = 0;
	store.keep = 0;
	store_prune(&store);
	expect_windows(5, 4, true);
}

/* ---- room ----------------------------------------------------------------- */

static void test_room(void **unused)
{
	(void)unused;
	disk_bytes = 1000;
	store.min_free = 300;
	fill("somebody's", 100);
	fill_windows(5, 100, 0);
	/* 400 are free. */
	assert_int_equal(store_make_room(&store, 100, why), 0);
	expect_windows(5, 0, false);
	assert_int_equal(store_make_room(&store, 101, why), 0);
	expect_windows(5, 1, false);
	assert_int_equal(store_make_room(&store, 400, why), 0);
	expect_windows(5, 3, false);
	/* None goes in vain. */
	assert_int_equal(store_make_room(&store, 601, why), -ENOSPC);
	expect_windows(5, 3, false);
	assert_non_null(strstr(why, "700 bytes are free"));
	assert_non_null(strstr(why, "--min-free 300"));
	/* Even the newest goes for a newer one. */
	assert_int_equal(store_make_room(&store, 600, why), 0);
	expect_windows(5, 5, false);
	assert_true(is_there("somebody's"));
}

/* What is removed does not become free, or not yet. */
static void test_room_later(void **unused)
{
	(void)unused;
	disk_bytes = 1000;
	store.min_free = 0;
	fill_windows(5, 100, 0);
	held_bytes = 500;
	assert_int_equal(store_make_room(&store, 0, why), 0);
	/* As many go as should do, and none for a while when they do not. */
	held_bytes = 900;
	assert_int_equal(store_make_room(&store, 150, why), -ENOSPC);
	expect_windows(5, 2, false);
	assert_int_equal(store_make_room(&store, 150, why), -ENOSPC);
	expect_windows(5, 2, false);
	/* Now it shows. */
	held_bytes = 500;
	assert_int_equal(store_make_room(&store, 150, why), 0);
	expect_windows(5, 2, false);
	held_bytes = 700;
	store.settled_ns = 0;
	assert_int_equal(store_make_room(&store, 100, why), 0);
	expect_windows(5, 3, false);
}

/* More is wanted free than there is. */
static void test_floor(void **unused)
{
	(void)unused;
	disk_bytes = 1000;
	store.min_free = 2000;
	assert_int_equal(store_make_room(&store, 0, why), -ENOSPC);
	store.min_free = UINT64_MAX;
	assert_int_equal(store_make_room(&store, UINT64_MAX, why), -ENOSPC);
	store.min_free = 0;
	assert_int_equal(store_make_room(&store, 1001, why), -ENOSPC);
	assert_int_equal(store_make_room(&store, 1000, why), 0);
}

/* ---- one watcher ---------------------------------------------------------- */

static void test_halves(void **unused)
{
	(void)unused;
	fill(".flightrec-watch-abcdef", 100);
	fill_windows(1, 100, 0);
	/* Of this very watcher, at work: it is locked already. */
	assert_int_equal(store_lock(&store, why), 0);
	assert_true(is_there(".flightrec-watch-abcdef"));
	store_unlock(&store);
	assert_int_equal(store_lock(&store, why), 0);
	assert_false(is_there(".flightrec-watch-abcdef"));
	expect_windows(1, 0, false);
}

static void test_two_watchers(void **unused)
{
	struct store second = store;

	(void)unused;
	second.lock = -1;
	fill(".flightrec-watch-abcdef", 100);
	assert_int_equal(store_lock(&second, why), -EWOULDBLOCK);
	assert_non_null(strstr(why, "another 'flightrec watch'"));
	assert_true(is_there(".flightrec-watch-abcdef"));
	store_unlock(&store);
	assert_int_equal(store_lock(&second, why), 0);
	store_unlock(&second);
}

static void test_directory_goes_away(void **unused)
{
	(void)unused;
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(store_lock(&store, why), -ENOENT);
	assert_non_null(strstr(why, directory));
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_int_equal(store_lock(&store, why), 0);
	fill_windows(2, 10, 0);
	store.keep = 1;
	store_prune(&store);
	expect_windows(2, 1, false);
}

/* ---- what was seen already ------------------------------------------------ */

static void put_window(unsigned int i, uint64_t start, uint64_t sequence)
{
	struct flightrec_window window = {
		.header_bytes = sizeof(window),
		.start_mono_ns = start,
		.firing.sequence = sequence,
	};

	memcpy(window.magic, FLIGHTREC_WINDOW_MAGIC, sizeof(window.magic));
	put(window_name(i, STORE_WINDOW), &window, sizeof(window));
}

static void test_covered(void **unused)
{
	(void)unused;
	assert_int_equal(store_covered(&store, 77), 0);
	put_window(0, 77, 5);
	put_window(1, 77, 0);
	/* Of another recording; cut short; none at all. */
	put_window(2, 78, 9);
	fill(window_name(3, STORE_WINDOW), sizeof(struct flightrec_window));
	put(window_name(4, STORE_WINDOW), FLIGHTREC_WINDOW_MAGIC, 8);
	assert_int_equal(store_covered(&store, 77), 5);
	put_window(5, 77, 7);
	assert_int_equal(store_covered(&store, 77), 7);
	assert_int_equal(store_covered(&store, 78), 9);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_names_are_known),
		TEST(test_files_of_others),
		TEST(test_keep),
		TEST(test_keep_reports),
		TEST(test_keep_bytes),
		TEST(test_room),
		TEST(test_room_later),
		TEST(test_floor),
		TEST(test_halves),
		TEST(test_two_watchers),
		TEST(test_directory_goes_away),
		TEST(test_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
