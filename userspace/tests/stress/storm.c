// SPDX-License-Identifier: GPL-2.0
/*
 * Storms of targets: processes that fork, make threads, execute this program
 * again (as a "leaf") from the leader or from another thread, take other names and
 * priorities, and end; and those who kill them. A storm ends by itself.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "stress.h"

#define DEPTH	     2
#define CHILDREN     3
#define THREADS	     4
#define LIFE_SECONDS 10

static void numbered_calls(long count)
{
	while (count--)
		syscall(SYS_close, 1000000 + count);
}

static void note_pid(void)
{
	unsigned int i =
		__atomic_fetch_add(&arena->pids_count, 1, __ATOMIC_RELAXED);

	__atomic_store_n(&arena->pids[i % STRESS_PIDS], truth_tid(),
			 __ATOMIC_RELAXED);
}

static void another_priority(void)
{
	struct sched_param param = { 0 };

	setpriority(PRIO_PROCESS, 0, 10 + (int)stress_random(10));
	sched_setscheduler(0, stress_random(2) ? SCHED_BATCH : SCHED_OTHER,
			   &param);
}

static void work(void)
{
	char name[16];

	snprintf(name, sizeof(name), "storm-%u", stress_random(3));
	truth_rename(name);
	note_pid();
	another_priority();
	numbered_calls(stress_random(200));
	stress_sleep(3000);
}

static void execute_leaf(bool leader)
{
	char leaf[] = "leaf";
	char *arguments[] = { leaf, NULL };

	stress_did(leader ? DEED_EXEC : DEED_THREAD_EXEC);
	execv("/proc/self/exe", arguments);
	_exit(1);
}

/* What this program is after such an exec. */
int storm_leaf(void)
{
	stress_seed((uint64_t)getpid());
	alarm(LIFE_SECONDS);
	numbered_calls(stress_random(100));
	return 0;
}

static void *thread_of_storm(void *execute)
{
	stress_did(DEED_THREAD);
	numbered_calls(stress_random(100));
	note_pid();
	if (execute)
		execute_leaf(false);
	truth_rename("storm-thread");
	return NULL;
}

static void make_threads(void)
{
	unsigned int i, count = stress_random(THREADS + 1);
	bool execute = !stress_random(4);
	pthread_t threads[THREADS];

	for (i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, thread_of_storm,
				   execute && !i ? &execute : NULL))
			_exit(1);
	/* A process may end before its threads do. */
	if (stress_random(2))
		return;
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static void process_of_storm(unsigned int depth);

/* Fork: the child goes on with less depth. Its parent may end before it. */
static void make_children(unsigned int depth)
{
	unsigned int i, count = 1 + stress_random(CHILDREN);

	for (i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0)
			return;
		if (!child) {
			stress_seed((uint64_t)getpid() * 977 + depth);
			process_of_storm(depth);
		}
		stress_did(DEED_PROCESS);
	}
	if (stress_random(2))
		while (wait(NULL) > 0)
			;
}

__attribute__((noreturn)) static void process_of_storm(unsigned int depth)
{
	alarm(LIFE_SECONDS);
	work();
	if (depth)
		make_children(depth - 1);
	make_threads();
	if (!stress_random(3))
		execute_leaf(true);
	if (!stress_random(8))
		raise(SIGKILL);
	_exit((int)stress_random(256));
}

void role_storm(void)
{
	pid_t child = fork();

	if (child < 0)
		return;
	if (!child) {
		stress_seed((uint64_t)getpid() * 31337);
		process_of_storm(DEPTH);
	}
	stress_did(DEED_PROCESS);
	while (wait(NULL) > 0)
		;
}

static bool is_of_storm(pid_t pid)
{
	char path[64], name[16] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		*name = '\0';
	fclose(file);
	return !strncmp(name, "storm-", 6);
}

static bool send(int pidfd, int sig)
{
	return !syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

/* The process is held first, then looked at: only one of a storm is killed. */
static void kill_one(pid_t pid, int sig)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return;
	if (is_of_storm(pid) && send(pidfd, sig)) {
		stress_did(DEED_KILL);
		/* Nobody stays stopped. */
		if (sig == SIGSTOP) {
			stress_sleep(1000);
			send(pidfd, SIGCONT);
		}
	}
	close(pidfd);
}

void role_killer(void)
{
	static const int signals[] = { SIGKILL, SIGKILL, SIGSEGV,
				       SIGTERM, SIGSTOP, SIGCONT };
	pid_t pid = STRESS_ONE_OF(arena->pids);

	if (pid)
		kill_one(pid, STRESS_ONE_OF(signals));
	stress_sleep(3000);
}
