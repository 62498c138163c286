// SPDX-License-Identifier: GPL-2.0
/*
 * Executes itself again and again under other names, never leaving its tid.
 *
 *	execs DIRECTORY TIMES
 *
 * Between two execs it makes one numbered call (close(1000000 + step)) and tries
 * to execute a file that does not exist. The last step but one goes by a path
 * that is longer than a tape holds; the last one exits with status 42.
 * Prints each step: tid, the number called, path, name.
 */
#include "truth.h"

static const char *directory;
static long times;

/* The path of a step; a long one has more of "./" in it. */
static void make_path(char *path, size_t room, long step)
{
	static const char detour[] =
		"./././././././././././././././././././././";

	snprintf(path, room, "%s/%s%sstep-%ld", directory,
		 step == times - 1 ? detour : "",
		 step == times - 1 ? detour : "", step);
}

static void make_links(void)
{
	char path[4096], self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	long i;

	TRUTH_MUST(length > 0);
	self[length] = '\0';
	for (i = 1; i <= times; i++) {
		make_path(path, sizeof(path), i);
		unlink(path);
		TRUTH_MUST(!symlink(self, path));
	}
}

static void go_to(long step)
{
	char path[4096], missing[4200], number[32];
	char *arguments[] = { path, (char *)directory, number, NULL, NULL };
	char total[32];

	make_path(path, sizeof(path), step);
	snprintf(missing, sizeof(missing), "%s/missing", directory);
	snprintf(number, sizeof(number), "%ld", times);
	snprintf(total, sizeof(total), "%ld", step);
	arguments[3] = total;
	fflush(stdout);
	TRUTH_MUST(execv(missing, arguments) == -1 && errno == ENOENT);
	execv(path, arguments);
	truth_fail("exec %s", path);
}

int main(int argc, char **argv)
{
	long step = argc > 3 ? truth_number(argv[3]) : 0;

	TRUTH_MUST(argc >= 3);
	truth_init();
	directory = argv[1];
	times = truth_number(argv[2]);
	if (!step)
		make_links();
	TRUTH_MUST(syscall(SYS_close, 1000000 + step) == -1);
	if (step)
		printf("exec tid=%d number=%ld path=%s comm=step-%ld\n",
		       truth_tid(), 1000000 + step, argv[0], step);
	if (step < times)
		go_to(step + 1);
	fflush(stdout);
	_exit(42);
}
