// SPDX-License-Identifier: GPL-2.0
/*
 * Compares a dump with what the program "counter" said: of each of its threads the
 * dump must hold a run of numbered calls without a gap that ends with the last
 * one, made on the thread's CPU, under the name of its time, all ending with
 * EBADF. A dump can have millions of lines, hence this is not a script.
 *
 *	flightrec dump WINDOW | counter_check TRUTH [wrapped]
 *	flightrec dump WINDOW | counter_check TRUTH live BEFORE AFTER
 *
 * The run must begin with the first call; or, if "wrapped", must not. Of a window
 * that was taken while the program ran, BEFORE and AFTER are its progress then: the
 * last call is one between them, if there is any; where calls are missing, the dump must say so, and
 * how many events: as many as they make, and a few for what else there was. Prints what
 * is wrong, at most so much, or else for each thread: held=CALLS cpu=C tid=T; and
 * on standard error what the dump says of the window.
 */
#include "truth.h"

#define THREADS_MAX 64
#define WRONGS_MAX  10

/**
 * struct thread - of "counter"
 * @tid: it
 * @cpu: where it is pinned
 * @first: its first number
 * @last: its last number
 * @renamed: the first number under its second name
 * @names: both names
 * @begin: the first number on the tape
 * @previous: the number of the line before
 * @held: calls that begin on the tape
 * @ended: calls that end there
 * @pending: one is in flight
 * @lost: events that are missing on its CPU since the line before; LOST_VAGUE: not
 *	known how many
 * @holes: how often
 */
struct thread {
	int tid;
	int cpu;
	long first;
	long last;
	long renamed;
	char names[2][32];
	long begin;
	long previous;
	long held;
	long ended;
	bool pending;
	long lost;
	long holes;
};

/* What else happens on a CPU whose counter never sleeps: it is switched, woken. */
#define OTHERS_MIN 200
#define LOST_VAGUE (-1)

static bool is_live;

/**
 * struct line - what is needed of a line of the dump
 * @cpu: where
 * @tid: who
 * @name: under which name
 * @name_length: of it
 * @what: the rest
 */
struct line {
	int cpu;
	int tid;
	const char *name;
	int name_length;
	const char *what;
};

static struct thread threads[THREADS_MAX];
static int threads_count;
static long wrongs;

__attribute__((format(printf, 1, 2))) static void wrong(const char *format, ...)
{
	va_list arguments;

	if (++wrongs > WRONGS_MAX)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

static void read_truth(const char *path)
{
	FILE *file = fopen(path, "re");
	char text[512];
	long bad;

	TRUTH_MUST(file);
	while (fgets(text, sizeof(text), file)) {
		struct thread *thread = &threads[threads_count];

		if (strncmp(text, "counter ", 8))
			continue;
		TRUTH_MUST(threads_count++ < THREADS_MAX);
		TRUTH_MUST(
			sscanf(text,
			       "counter tid=%d cpu=%d calls=%*d first=%ld last=%ld renamed=%ld wrong=%ld before=%31s after=%31s",
			       &thread->tid, &thread->cpu, &thread->first,
			       &thread->last, &thread->renamed, &bad,
			       thread->names[0], thread->names[1]) == 8);
		if (bad)
			wrong("the program says: %s", text);
	}
	fclose(file);
	if (!threads_count)
		wrong("the truth has no threads");
}

/* "DATE TIME ZONE [CPU] NAME[TID] WHAT"; false: not such a line. */
static bool parse(const char *text, struct line *line)
{
	const char *at = strstr(text, " [");
	const char *name;
	char *end;

	if (!at)
		return false;
	line->cpu = (int)strtol(at + 2, &end, 10);
	if (strncmp(end, "] ", 2))
		return false;
	name = end + 2;
	for (at = strchr(name, '['); at; at = strchr(at + 1, '[')) {
		line->tid = (int)strtol(at + 1, &end, 10);
		if (end == at + 1 || strncmp(end, "] ", 2))
			continue;
		line->name = name;
		line->name_length = (int)(at - name);
		line->what = end + 2;
		return true;
	}
	return false;
}

static struct thread *find_thread(int tid)
{
	int i;

	for (i = 0; i < threads_count; i++)
		if (threads[i].tid == tid)
			return &threads[i];
	return NULL;
}

static bool name_is(const struct line *line, const char *name)
{
	return !strncmp(line->name, name, (size_t)line->name_length) &&
	       !name[line->name_length];
}

/* Calls are missing, and events are told to be: do they go together? */
static void judge_hole(const struct thread *thread, long number)
{
	/* Of the first call behind it the beginning may be missing alone. */
	long missing = 2 * (number - thread->previous - 1) - 1;

	if (!is_live || thread->lost == LOST_VAGUE || number < thread->previous)
		wrong("tid %d: %ld comes after %ld, %ld events are missing",
		      thread->tid, number, thread->previous, thread->lost);
	/* The call before may lack its end. */
	else if (thread->lost < missing ||
		 thread->lost > missing + 2 + missing / 20 + OTHERS_MIN)
		wrong("tid %d: between %ld and %ld %ld events are missing",
		      thread->tid, thread->previous, number, thread->lost);
}

/* "LOST 5 events of this CPU before here: ..." */
static void events_lost(int cpu, const char *what)
{
	long count = strtol(what + 5, NULL, 10);
	int i;

	for (i = 0; i < threads_count; i++) {
		if (threads[i].cpu != cpu)
			continue;
		threads[i].pending = false;
		threads[i].holes++;
		threads[i].lost = count > 0 && threads[i].lost >= 0 ?
					  threads[i].lost + count :
					  LOST_VAGUE;
	}
}

static void call_begins(struct thread *thread, const struct line *line,
			long number)
{
	const char *name = thread->names[number >= thread->renamed];

	if (!thread->held)
		thread->begin = number;
	else if (number != thread->previous + 1 && thread->lost)
		judge_hole(thread, number);
	else if (number != thread->previous + 1)
		wrong("tid %d: %ld comes after %ld", thread->tid, number,
		      thread->previous);
	if (thread->pending)
		wrong("tid %d: %ld does not end", thread->tid,
		      thread->previous);
	if (line->cpu != thread->cpu)
		wrong("tid %d: %ld is on CPU %d", thread->tid, number,
		      line->cpu);
	if (!name_is(line, name))
		wrong("tid %d: %ld has the name %.*s", thread->tid, number,
		      line->name_length, line->name);
	thread->lost = 0;
	thread->previous = number;
	thread->pending = true;
	thread->held++;
}

static void call_ends(struct thread *thread, const char *result)
{
	if (!thread->pending)
		return;
	thread->pending = false;
	thread->ended++;
	if (strncmp(result, "-9 EBADF <", 10))
		wrong("tid %d: %ld ends with %s", thread->tid, thread->previous,
		      result);
}

static void look_at(const char *text)
{
	struct thread *thread;
	struct line line;
	long number;

	if (text[0] == '#') {
		fputs(text, stderr);
		return;
	}
	if (!parse(text, &line)) {
		wrong("no line of a dump: %s", text);
		return;
	}
	if (name_is(&line, "<...>"))
		wrong("a name is not known: %s", text);
	if (!strncmp(line.what, "LOST ", 5))
		events_lost(line.cpu, line.what);
	thread = find_thread(line.tid);
	if (!thread && !strncmp(line.name, "count-", 6))
		wrong("a thread that is none: %s", text);
	if (!thread)
		return;
	if (!strncmp(line.what, "close(", 6)) {
		number = strtol(line.what + 6, NULL, 10);
		if (number >= thread->first)
			call_begins(thread, &line, number);
	} else if (!strncmp(line.what, "close = ", 8)) {
		call_ends(thread, line.what + 8);
	}
}

static void judge(const struct thread *thread, bool wrapped)
{
	if (!thread->held) {
		wrong("tid %d: no call on the tape", thread->tid);
		return;
	}
	if (thread->previous != thread->last)
		wrong("tid %d: the last call is %ld, on the tape it is %ld",
		      thread->tid, thread->last, thread->previous);
	if (thread->ended != thread->held)
		wrong("tid %d: %ld calls begin, %ld end", thread->tid,
		      thread->held, thread->ended);
	if (wrapped != (thread->begin != thread->first))
		wrong("tid %d: the tape begins with %ld", thread->tid,
		      thread->begin);
}

static void read_progress(const char *path, int64_t *progress)
{
	FILE *file = fopen(path, "re");

	TRUTH_MUST(file);
	TRUTH_MUST(fread(progress, sizeof(*progress), THREADS_MAX, file) ==
		   THREADS_MAX);
	fclose(file);
}

static void judge_live(const struct thread *thread, const int64_t *before,
		       const int64_t *after)
{
	long last = thread->previous - thread->first;

	/* All may have been written anew before it was read. */
	if (!thread->held)
		return;
	if ((last + 1 < before[thread->cpu] && !thread->lost) ||
	    last > after[thread->cpu])
		wrong("tid %d: number %ld is the last one; it had made %ld before, %ld behind",
		      thread->tid, last, (long)before[thread->cpu],
		      (long)after[thread->cpu]);
	/* One is in flight, and each hole may have the end of one. */
	if (thread->held - thread->ended > 1 + thread->holes)
		wrong("tid %d: %ld calls begin, %ld end", thread->tid,
		      thread->held, thread->ended);
}

int main(int argc, char **argv)
{
	static int64_t before[THREADS_MAX], after[THREADS_MAX];
	static char text[65536];
	bool wrapped = argc > 2;
	int i;

	TRUTH_MUST(argc >= 2);
	is_live = argc == 5 && !strcmp(argv[2], "live");
	if (is_live) {
		read_progress(argv[3], before);
		read_progress(argv[4], after);
	}
	read_truth(argv[1]);
	while (fgets(text, sizeof(text), stdin))
		look_at(text);
	for (i = 0; i < threads_count; i++)
		if (is_live)
			judge_live(&threads[i], before, after);
		else
			judge(&threads[i], wrapped);
	if (wrongs > WRONGS_MAX)
		printf("... and %ld more\n", wrongs - WRONGS_MAX);
	for (i = 0; i < threads_count && !wrongs; i++)
		printf("held=%ld cpu=%d tid=%d\n", threads[i].held,
		       threads[i].cpu, threads[i].tid);
	return wrongs ? 1 : 0;
}
