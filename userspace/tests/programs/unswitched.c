// SPDX-License-Identifier: GPL-2.0
/*
 * A thread that has a CPU nearly for itself and never gives it away: it makes
 * numbered calls, close(1000000 + i), of which the kernel's scheduler sees nothing.
 * So whoever wants to record it had better not wait for its next switch. Unless it
 * is asked for more it makes a call in a millisecond, so that the tape stays short
 * however long it is on it.
 *
 *	unswitched CPU
 *
 * Its main thread, on CPU 0, obeys lines on standard input, each with an answer on
 * standard output:
 *
 *	number		the number that will be called next
 *	more N		the same when N more have been called
 *	name NAME	gives the busy thread a name
 *	switches	how often the busy thread has been switched so far
 *	end
 *
 * The first line of output is the busy thread's tid.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "truth.h"

#define FIRST	      1000000
#define PAUSE_NS      20000
#define IDLE_PAUSE_NS 1000000

static int cpu;
static _Atomic pid_t busy_tid;
static _Atomic long number = FIRST;
static _Atomic long wanted; /* which number is to be reached soon */
static _Atomic int is_over, is_asked;
static _Atomic long switches;

static long count_switches(void)
{
	struct rusage usage;

	TRUTH_MUST(!getrusage(RUSAGE_THREAD, &usage));
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* No system call, if the clock is read without one. */
static void pause_busily(void)
{
	int64_t begun = truth_clock(CLOCK_MONOTONIC);

	while (!is_asked &&
	       truth_clock(CLOCK_MONOTONIC) - begun <
		       (number < wanted ? PAUSE_NS : IDLE_PAUSE_NS))
		;
}

static void *be_busy(void *unused)
{
	truth_pin(cpu);
	busy_tid = truth_tid();
	while (!is_over) {
		TRUTH_MUST(syscall(SYS_close, number) == -1);
		number++;
		if (is_asked) {
			switches = count_switches();
			is_asked = 0;
		}
		pause_busily();
	}
	return unused;
}

static void await_number(long until)
{
	wanted = until;
	while (number < until)
		usleep(1000);
}

static void give_name(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", busy_tid);
	fd = open(path, O_WRONLY);
	TRUTH_MUST(fd >= 0);
	TRUTH_MUST(write(fd, name, strlen(name)) == (ssize_t)strlen(name));
	close(fd);
}

static long ask_switches(void)
{
	is_asked = 1;
	while (is_asked)
		usleep(1000);
	return switches;
}

static void obey(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(line, "more ", 5))
		await_number(number + truth_number(line + 5));
	if (!strncmp(line, "name ", 5))
		give_name(line + 5);
	printf("%ld\n", strcmp(line, "switches") ? number : ask_switches());
	fflush(stdout);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char line[64];

	TRUTH_MUST(argc == 2);
	cpu = (int)truth_number(argv[1]);
	truth_pin(0);
	TRUTH_MUST(!pthread_create(&thread, NULL, be_busy, NULL));
	await_number(FIRST + 1);
	printf("%d\n", busy_tid);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "end\n"))
		obey(line);
	is_over = 1;
	TRUTH_MUST(!pthread_join(thread, NULL));
	return 0;
}
