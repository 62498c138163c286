// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts on one CPU that are counted by the kernel, and some that take long by
 * this program's own clock.
 *
 *	irqs CPU MILLISECONDS TIMERS
 *
 * The victim has CPU for MILLISECONDS, under a real-time policy, between two marks,
 * "irqs begin" and "irqs end". Around each it reads /proc/interrupts and
 * /proc/softirqs. What these counted there in between is said as the least and the most
 * that there can have been between the marks:
 *
 *	irq kind=device|softirq|timer least=N most=N number=N comm=NAME
 *
 * Then, an ordinary task, it looks at nothing but the clock. In the midst of that TIMERS
 * timers of another process expire at once, each of which has a signal sent, all in the
 * timer's interrupt; where the kernel is slow they are fewer, as many as are made in
 * MAKE_NS. Said is for how long it could not look, which is what the interrupt takes, or
 * more, if the machine is itself a guest and stands still:
 *	gap ns=N
 * Then they hit it while it reads from /dev/zero. Said is when that call was:
 *	read ns=N
 * There are ROUNDS of both, in turn: a host may be busier at one time than at another.
 */
#include <sys/resource.h>

#include "truth.h"

#define PRIORITY   10
#define ROWS_MAX   512
#define ROUNDS	   5
#define READ_BYTES (16 << 20)
#define MAKE_NS	   300000000
/* How long it looks, before it asks whether the timers have expired. */
#define LOOK_NS	   20000000
#define TABLE_MAX  (1 << 18)

/**
 * struct row - one interrupt
 * @kind: as it is said
 * @number: its number; -1: it has none
 * @name: its handlers
 * @counts: on the CPU: before the first mark, after it, before the second, after it
 */
struct row {
	const char *kind;
	int number;
	char name[64];
	unsigned long counts[4];
};

static struct row rows[ROWS_MAX];
static size_t rows_count;
static char table[TABLE_MAX];
static int cpu;

/**
 * struct scene - what the victim and the storm share
 * @at_ns: when the timers are to expire
 * @armed: they are
 * @ready: there are any
 */
struct scene {
	_Atomic int64_t at_ns;
	_Atomic int armed;
	_Atomic int ready;
};

static struct scene *scene;

/* ---- counting ------------------------------------------------------------- */

static struct row *find_row(const char *kind, int number, const char *name)
{
	struct row *row = rows;

	for (; row < &rows[rows_count]; row++) {
		if (!strcmp(row->kind, kind) && row->number == number)
			return row;
	}
	TRUTH_MUST(rows_count < ROWS_MAX);
	rows_count++;
	row->kind = kind;
	row->number = number;
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

/* All of a file, at once: what it says is of one moment, about. */
static void read_table(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t used = 0;
	ssize_t got;

	TRUTH_MUST(fd >= 0);
	while ((got = read(fd, table + used, TABLE_MAX - 1 - used)) > 0)
		used += (size_t)got;
	TRUTH_MUST(!got && used < TABLE_MAX - 1);
	table[used] = 0;
	close(fd);
}

/* "CPU0 CPU1 ...": the column of the CPU, from 0: those offline have none. */
static int find_column(const char *line)
{
	char name[16];
	int column = 0, length;

	while (sscanf(line, " %15s%n", name, &length) == 1 &&
	       !strncmp(name, "CPU", 3)) {
		if (atoi(name + 3) == cpu)
			return column;
		column++;
		line += length;
	}
	truth_fail("no column of CPU %d", cpu);
}

/* The number in @column, and what stands behind the last one. */
static unsigned long read_row(char *line, int column, char **rest)
{
	unsigned long count = 0, value;
	char *end;

	for (int i = 0;; i++) {
		value = strtoul(line, &end, 10);
		if (end == line)
			break;
		if (i == column)
			count = value;
		line = end;
	}
	*rest = line;
	return count;
}

/* The handlers' names: behind the chip, its number and its kind of trigger. */
static const char *last_word(char *rest)
{
	char *name;

	rest[strcspn(rest, "\n")] = 0;
	name = strrchr(rest, ' ');
	return name ? name + 1 : rest;
}

static void count_interrupts(int which)
{
	char *line, *next, *rest, *colon;
	int column;

	read_table("/proc/interrupts");
	column = find_column(table);
	for (line = strchr(table, '\n') + 1; *line; line = next) {
		next = strchr(line, '\n');
		*next++ = 0;
		colon = strchr(line, ':');
		TRUTH_MUST(colon);
		line += strspn(line, " ");
		if (!strncmp(line, "LOC:", 4)) {
			find_row("timer", -1, "LOC")->counts[which] =
				read_row(colon + 1, column, &rest);
		} else if (*line >= '0' && *line <= '9') {
			unsigned long count =
				read_row(colon + 1, column, &rest);

			find_row("device", atoi(line), last_word(rest))
				->counts[which] = count;
		}
	}
}

static void count_softirqs(int which)
{
	char *line, *next, *rest, *colon;
	int column, number = 0;

	read_table("/proc/softirqs");
	column = find_column(table);
	for (line = strchr(table, '\n') + 1; *line; line = next) {
		next = strchr(line, '\n');
		*next++ = 0;
		colon = strchr(line, ':');
		TRUTH_MUST(colon);
		*colon = 0;
		line += strspn(line, " ");
		find_row("softirq", number++, line)->counts[which] =
			read_row(colon + 1, column, &rest);
	}
}

static void count(int which)
{
	count_interrupts(which);
	count_softirqs(which);
}

static void mark(int fd, const char *text)
{
	TRUTH_MUST(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static void spin_until(int64_t ns)
{
	while (truth_clock(CLOCK_MONOTONIC) < ns)
		;
}

static void be_counted(int64_t ns)
{
	struct sched_param ordinary = { 0 };
	int fd = open("/dev/flightrec", O_WRONLY);

	TRUTH_MUST(fd >= 0);
	truth_fifo(PRIORITY);
	count(0);
	mark(fd, "irqs begin");
	count(1);
	spin_until(truth_clock(CLOCK_MONOTONIC) + ns);
	count(2);
	mark(fd, "irqs end");
	count(3);
	TRUTH_MUST(!sched_setscheduler(0, SCHED_OTHER, &ordinary));
	close(fd);
	for (struct row *row = rows; row < &rows[rows_count]; row++)
		printf("irq kind=%s least=%lu most=%lu number=%d comm=%s\n",
		       row->kind, row->counts[2] - row->counts[1],
		       row->counts[3] - row->counts[0], row->number, row->name);
}

/* ---- a storm -------------------------------------------------------------- */

/* Let all of them expire at once, @lead_ns from now. */
static void arm(const timer_t *timers, long count, int64_t lead_ns)
{
	struct itimerspec when = { 0 };

	scene->at_ns = truth_clock(CLOCK_MONOTONIC) + lead_ns;
	when.it_value.tv_sec = scene->at_ns / TRUTH_NS_PER_S;
	when.it_value.tv_nsec = scene->at_ns % TRUTH_NS_PER_S;
	for (long i = 0; i < count; i++)
		TRUTH_MUST(
			!timer_settime(timers[i], TIMER_ABSTIME, &when, NULL));
}

/* Take the signals of the last time, so that each timer sends one again. */
static void drain(const sigset_t *signals)
{
	const struct timespec no_time = { 0 };
	sigset_t timers = *signals;

	sigdelset(&timers, SIGUSR1);
	while (sigtimedwait(&timers, NULL, &no_time) > 0)
		;
}

/* A storm whenever the victim asks for one, by SIGUSR1. */
static void be_storm(long most)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	timer_t *timers = calloc((size_t)most, sizeof(*timers));
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN,
	};
	int64_t lead_ns = TRUTH_NS_PER_S / 5, until;
	sigset_t asked, blocked;
	long count = 0;
	int signal;

	truth_rename("storm");
	truth_pin(cpu);
	sigemptyset(&asked);
	sigaddset(&asked, SIGUSR1);
	blocked = asked;
	sigaddset(&blocked, SIGRTMIN);
	TRUTH_MUST(timers && !sigprocmask(SIG_BLOCK, &blocked, NULL) &&
		   !setrlimit(RLIMIT_SIGPENDING, &limit));
	until = truth_clock(CLOCK_PROCESS_CPUTIME_ID) + MAKE_NS;
	while (count < most && truth_clock(CLOCK_PROCESS_CPUTIME_ID) < until)
		TRUTH_MUST(!timer_create(CLOCK_MONOTONIC, &event,
					 &timers[count++]));
	scene->ready = 1;
	while (!sigwait(&asked, &signal)) {
		drain(&blocked);
		arm(timers, count, lead_ns);
		/* Some kernels take long for it: later, then. */
		while (truth_clock(CLOCK_MONOTONIC) >
		       scene->at_ns - lead_ns / 2)
			arm(timers, count, lead_ns *= 2);
		scene->armed = 1;
	}
	free(timers);
}

/* Return: when the timers will expire, on CLOCK_MONOTONIC. */
static int64_t ask_for_storm(pid_t storm)
{
	scene->armed = 0;
	TRUTH_MUST(!kill(storm, SIGUSR1));
	while (!scene->armed)
		usleep(1000);
	return scene->at_ns;
}

/* The timers of this round have sent their signals: they are pending. */
static bool has_come(pid_t storm)
{
	unsigned long long pending;
	const char *row;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", storm);
	read_table(path);
	row = strstr(table, "\nShdPnd:");
	TRUTH_MUST(row && sscanf(row, "\nShdPnd: %llx", &pending) == 1);
	return pending >> (SIGRTMIN - 1) & 1;
}

/*
 * The longest time, in ns, between two looks at the clock when timers expire. A host
 * that is busy may bring their interrupt as late as it likes.
 */
static int64_t look_in_storm(pid_t storm)
{
	int64_t at = ask_for_storm(storm), before, now, until, longest = 0;

	spin_until(at - LOOK_NS);
	now = truth_clock(CLOCK_MONOTONIC);
	until = at + LOOK_NS;
	do {
		do {
			before = now;
			now = truth_clock(CLOCK_MONOTONIC);
			if (now >= at && now - before > longest)
				longest = now - before;
		} while (now < until);
		until = now + LOOK_NS;
	} while (!has_come(storm));
	return longest;
}

/*
 * How long a read takes, @usual ns, is a guess, and so is how late the interrupt comes:
 * again until it is the one. It may as well have come while it was asked whether it had,
 * before the read or behind it. That would have taken as long as a storm, which is
 * @storm_ns at most, about: then another one is asked for.
 */
static void read_in_storm(int fd, char *room, int64_t usual, pid_t storm,
			  int64_t storm_ns)
{
	struct truth_stamp from, until;
	int64_t asked, before, after;
	bool early;

	do {
		spin_until(ask_for_storm(storm) - usual / 2);
		asked = truth_clock(CLOCK_MONOTONIC);
		early = has_come(storm);
		do {
			from = truth_now();
			TRUTH_MUST(pread(fd, room, READ_BYTES, 0) ==
				   READ_BYTES);
			until = truth_now();
			before = from.mono_ns - asked;
			asked = until.mono_ns;
		} while (!has_come(storm));
		after = truth_clock(CLOCK_MONOTONIC) - until.mono_ns;
	} while (early || before >= storm_ns / 2 || after >= storm_ns / 2);
	printf("read ns=%" PRId64, until.mono_ns - from.mono_ns);
	truth_print_stamp("from", from);
	truth_print_stamp("until", until);
	printf("\n");
}

static void be_hit(pid_t storm)
{
	char *room = mmap(NULL, READ_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int fd = open("/dev/zero", O_RDONLY);
	int64_t usual, storm_ns, least = INT64_MAX;

	TRUTH_MUST(room != MAP_FAILED && fd >= 0);
	while (!scene->ready)
		usleep(1000);
	usual = truth_clock(CLOCK_MONOTONIC);
	TRUTH_MUST(read(fd, room, READ_BYTES) == READ_BYTES);
	usual = truth_clock(CLOCK_MONOTONIC) - usual;
	for (int round = 0; round < ROUNDS; round++) {
		storm_ns = look_in_storm(storm);
		printf("gap ns=%" PRId64 "\n", storm_ns);
		least = storm_ns < least ? storm_ns : least;
		read_in_storm(fd, room, usual, storm, least);
	}
}

int main(int argc, char **argv)
{
	pid_t storm;

	TRUTH_MUST(argc == 4);
	truth_init();
	cpu = (int)truth_number(argv[1]);
	scene = truth_shared(sizeof(*scene));
	truth_pin(cpu);
	storm = fork();
	TRUTH_MUST(storm >= 0);
	if (!storm)
		be_storm(truth_number(argv[3]));
	truth_rename("victim");
	be_counted(truth_number(argv[2]) * 1000000);
	be_hit(storm);
	TRUTH_MUST(!kill(storm, SIGKILL));
	truth_wait(storm);
	printf("victim tid=%d cpu=%d comm=victim\n", truth_tid(), cpu);
	return 0;
}
