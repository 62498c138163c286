// SPDX-License-Identifier: GPL-2.0
/*
 * A process, of three threads unless it says otherwise, that dies in a known way
 * while each of them does a known thing.
 *
 *	dying killed		a child, named killer, sends SIGKILL
 *	dying segfault		its thread spinner writes where nothing is mapped
 *	dying exit		its thread spinner calls exit_group(3)
 *	dying memory		a child, named killer, needs memory: in a cgroup in which
 *				there are 40 MiB for both the kernel kills the parent,
 *				which has 24 of them and the higher oom_score_adj
 *	dying limit		one thread runs for longer than RLIMIT_CPU permits: the
 *				kernel kills it, as it does when memory runs out, but
 *				says nothing in its log
 *
 * The first thread makes numbered calls and then reads a pipe into which nobody
 * writes; spinner makes numbered calls and then runs; sleeper sleeps. Prints,
 * before it dies: each thread's tid, its numbered calls and the call that it is
 * in then.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "truth.h"

#define FIRST_NUMBER 10000
#define CALLS	     4
/* Of each of the two. */
#define MEMORY_BYTES (24UL << 20)

/**
 * struct doer - a thread
 * @name: its name
 * @tid: of it
 * @first: its numbered calls are close(first) and on, CALLS of them
 * @ready: it has made them
 */
struct doer {
	const char *name;
	pid_t tid;
	int first;
	volatile bool ready;
};

static struct doer reader = { .name = "dying", .first = FIRST_NUMBER };
static struct doer spinner = { .name = "spinner", .first = FIRST_NUMBER + 100 };
static struct doer sleeper = { .name = "sleeper", .first = FIRST_NUMBER + 200 };
/* Shared with the child, which sets it when all are at what they do at the end. */
static volatile bool *calm;

static void begin(struct doer *doer)
{
	doer->tid = truth_tid();
	truth_rename(doer->name);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_close, doer->first + i);
	doer->ready = true;
}

static void spin_until_calm(void)
{
	begin(&spinner);
	while (!*calm)
		;
}

static void *spin(void *unused)
{
	spin_until_calm();
	for (;;)
		;
	return unused;
}

static void *crash(void *unused)
{
	spin_until_calm();
	truth_crash();
	return unused;
}

static void *leave(void *unused)
{
	spin_until_calm();
	syscall(SYS_exit_group, 3);
	return unused;
}

static void *rest(void *unused)
{
	struct timespec forever = truth_ms(1000000);

	begin(&sleeper);
	for (;;)
		syscall(SYS_nanosleep, &forever, NULL);
	return unused;
}

static bool is_at_rest(pid_t pid, pid_t tid)
{
	char path[64], line[128], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	file = fopen(path, "re");
	TRUTH_MUST(file);
	TRUTH_MUST(fgets(line, sizeof(line), file));
	TRUTH_MUST(sscanf(line, "%*d (%*[^)]) %c", &state) == 1);
	fclose(file);
	return state == 'S';
}

/* It is there, not only promised, and nobody else's. */
static void take_memory(void)
{
	char *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRUTH_MUST(memory != MAP_FAILED);
	/* A child does not keep it when its parent is gone. */
	TRUTH_MUST(!madvise(memory, MEMORY_BYTES, MADV_DONTFORK));
	for (size_t i = 0; i < MEMORY_BYTES; i += 4096)
		memory[i] = 1;
}

/* Whom the kernel kills when memory runs out: 1000 first, -1000 never. */
static void set_oom_score(int adj)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	TRUTH_MUST(file);
	fprintf(file, "%d", adj);
	TRUTH_MUST(!fclose(file));
}

/*
 * There is not enough while the parent has what it has; when that is gone there is
 * plenty, and nobody else need die.
 */
static void starve(pid_t parent)
{
	struct timespec pause = truth_ms(1);

	take_memory();
	while (getppid() == parent)
		nanosleep(&pause, NULL);
}

/* How the child makes an end of its parent. */
enum kill { KILL_NOT, KILL_SIGNAL, KILL_MEMORY };

/* The child. It is not among those that die. */
static void be_killer(enum kill how)
{
	struct timespec pause = truth_ms(1);
	pid_t parent = getppid();

	truth_rename("killer");
	if (how == KILL_MEMORY)
		set_oom_score(-1000);
	do {
		nanosleep(&pause, NULL);
	} while (!is_at_rest(parent, reader.tid) ||
		 !is_at_rest(parent, sleeper.tid));
	*calm = true;
	if (how == KILL_SIGNAL)
		TRUTH_MUST(!kill(parent, SIGKILL));
	if (how == KILL_MEMORY)
		starve(parent);
	_exit(0);
}

static void say(const struct doer *doer, const char *in)
{
	printf("thread tid=%d first=%d count=%d in=%s comm=%s\n", doer->tid,
	       doer->first, CALLS, in, doer->name);
}

static void start(void *(*body)(void *), const struct doer *doer)
{
	pthread_t thread;

	TRUTH_MUST(!pthread_create(&thread, NULL, body, NULL));
	while (!doer->ready)
		sched_yield();
}

static void die(void *(*end)(void *), const char *in, enum kill how)
{
	int nothing[2];
	pid_t killer;
	char byte;

	TRUTH_MUST(!pipe(nothing));
	if (how == KILL_MEMORY) {
		set_oom_score(1000);
		take_memory();
	}
	start(end, &spinner);
	start(rest, &sleeper);
	reader.tid = truth_tid();
	killer = fork();
	TRUTH_MUST(killer >= 0);
	if (!killer)
		be_killer(how);
	printf("killer tid=%d fd=%d\n", killer, nothing[0]);
	say(&reader, "read");
	say(&spinner, in);
	say(&sleeper, "nanosleep");
	fflush(stdout);
	begin(&reader);
	for (;;)
		TRUTH_MUST(read(nothing[0], &byte, 1) < 0);
}

static void run_for_ever(void)
{
	struct rlimit second = { .rlim_cur = 1, .rlim_max = 1 };

	TRUTH_MUST(!setrlimit(RLIMIT_CPU, &second));
	say(&reader, "none");
	fflush(stdout);
	begin(&reader);
	for (;;)
		;
}

int main(int argc, char *argv[])
{
	struct rlimit none = { 0 };

	truth_init();
	TRUTH_MUST(!setrlimit(RLIMIT_CORE, &none));
	calm = truth_shared(sizeof(*calm));
	reader.tid = truth_tid();
	if (argc == 2 && !strcmp(argv[1], "killed"))
		die(spin, "none", KILL_SIGNAL);
	if (argc == 2 && !strcmp(argv[1], "memory"))
		die(spin, "none", KILL_MEMORY);
	if (argc == 2 && !strcmp(argv[1], "segfault"))
		die(crash, "none", KILL_NOT);
	if (argc == 2 && !strcmp(argv[1], "exit"))
		die(leave, "exit_group", KILL_NOT);
	if (argc == 2 && !strcmp(argv[1], "limit"))
		run_for_ever();
	truth_fail("usage: dying killed | segfault | exit | memory | limit");
}
