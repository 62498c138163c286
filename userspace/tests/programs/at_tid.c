// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a program under a given tid.
 *
 *	at_tid TID PROGRAM [ARGUMENT]...
 *
 * Ends as the program does. PROGRAM is looked for where this one is.
 */
#include "truth.h"

/* Beside @self. */
static void execute(const char *self, char **command)
{
	const char *slash = strrchr(self, '/');
	char path[4096];

	snprintf(path, sizeof(path), "%.*s%s",
		 slash ? (int)(slash - self) + 1 : 0, self, command[0]);
	execv(path, command);
	truth_fail("%s", path);
}

int main(int argc, char **argv)
{
	pid_t tid, child;
	int status;

	TRUTH_MUST(argc > 2);
	tid = (pid_t)truth_number(argv[1]);
	child = truth_clone_as(tid);
	TRUTH_MUST(child >= 0);
	if (!child)
		execute(argv[0], argv + 2);
	TRUTH_MUST(child == tid);
	status = truth_wait(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
