// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Taking windows for a program: at once, or by a thread of its own, which
 * anybody in the process can ask to, a signal handler too.
 *
 * Who asks counts himself in (there is a limit) and writes a few bytes to a pipe
 * that never blocks; the thread reads them, takes the window, counts him out and
 * tells. Nothing else is shared, so that asking needs no lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libflightrec.h"

#define NS_PER_S    1000000000ULL
/* A pipe takes at least so many requests at once. */
#define WAITING_MAX 1024

/* ---- at once ---------------------------------------------------------------- */

static uint64_t mono_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* Stop the tape for as long as reading takes. */
static int read_frozen(int fd, struct flightrec_reader **reader,
		       uint64_t *stopped_ns, struct flightrec_error *error)
{
	uint64_t since = mono_now();
	int code = flightrec_freeze(fd);
	bool ours = !code;
	int thawed;

	if (code && code != -EALREADY)
		return flightrec_error_set(error, code, FLIGHTREC_NO_OFFSET,
					   "cannot freeze: %s",
					   strerror(-code));
	code = flightrec_reader_from_fd(fd, reader, error);
	if (!ours)
		return code;
	thawed = flightrec_thaw(fd);
	*stopped_ns = mono_now() - since;
	if (code || !thawed || thawed == -EALREADY)
		return code;
	flightrec_reader_destroy(*reader);
	*reader = NULL;
	return flightrec_error_set(error, thawed, FLIGHTREC_NO_OFFSET,
				   "the recorder could not be thawed: %s",
				   strerror(-thawed));
}

/**
 * flightrec_snapshot() - take a window
 * @fd: from flightrec_open(), open for reading and writing, not read from yet
 * @reader: set to the window, to be destroyed; NULL on an error
 * @stopped_ns: set to how long recording stood still for it, in nanoseconds; 0: it
 *	did not, or it was frozen already and is so still
 * @error: filled in on an error; may be NULL
 *
 * The window goes to a file without a name in $TMPDIR or /tmp. A process that ends
 * meanwhile may leave the recorder frozen.
 *
 * Return: 0; -ENODATA: nothing is recorded; or what flightrec_reader_from_fd(),
 * flightrec_freeze() and flightrec_thaw() return.
 */
int flightrec_snapshot(int fd, struct flightrec_reader **reader,
		       uint64_t *stopped_ns, struct flightrec_error *error)
{
	int code;

	*stopped_ns = 0;
	code = flightrec_reader_from_fd(fd, reader, error);
	return code == -EBUSY ? read_frozen(fd, reader, stopped_ns, error) :
				code;
}

/* ---- the thread's object ------------------------------------------------------ */

/**
 * struct flightrec_snapshots - a thread that takes windows
 * @options: a copy, with its own strings
 * @thread: it
 * @process: whose it is
 * @asked: write end of the pipe; the thread has @requests, the read end
 * @requests: see @asked
 * @event: an eventfd: how many are done since it was read
 * @admitted: how many are asked for and not done
 * @serial: of the next file
 * @lock: protects @last
 * @last: the newest result
 */
struct flightrec_snapshots {
	struct flightrec_snapshots_options options;
	pthread_t thread;
	pid_t process;
	int asked;
	int requests;
	int event;
	atomic_uint admitted;
	unsigned int serial;
	pthread_mutex_t lock;
	struct flightrec_snapshot_result last;
};

/* What is written to the pipe, in one go. */
struct request {
	uint64_t tag;
	uint64_t mono_ns;
};

/* ---- files --------------------------------------------------------------------- */

static int write_all(void *to, const void *bytes, size_t length)
{
	const char *next = bytes;
	int fd = *(int *)to;

	while (length) {
		ssize_t wrote = write(fd, next, length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote ? -errno : -EIO;
		next += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

/* Never over a file that is there, where the file system can tell. */
static int give_name(const char *temporary, const char *name)
{
	if (!renameat2(AT_FDCWD, temporary, AT_FDCWD, name, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (!access(name, F_OK))
		return -EEXIST;
	return rename(temporary, name) ? -errno : 0;
}

static void sync_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int write_temporary(struct flightrec_reader *reader, int fd)
{
	int code = flightrec_reader_write(reader, write_all, &fd, NULL);

	if (!code && fsync(fd))
		code = -errno;
	return code;
}

/* DIRECTORY/PREFIX-PID-TIME-SERIAL.frec */
static void make_name(struct flightrec_snapshots *s,
		      struct flightrec_snapshot_result *result)
{
	time_t seconds = time(NULL);
	struct tm broken = { 0 };
	char instant[32];

	localtime_r(&seconds, &broken);
	strftime(instant, sizeof(instant), "%Y%m%dT%H%M%S", &broken);
	snprintf(result->path, sizeof(result->path), "%s/%s-%d-%s-%u.frec",
		 s->options.directory, s->options.prefix, (int)s->process,
		 instant, ++s->serial);
}

/* The next name that nobody has. */
static int give_some_name(struct flightrec_snapshots *s, const char *temporary,
			  struct flightrec_snapshot_result *result)
{
	int code;

	do {
		make_name(s, result);
		code = give_name(temporary, result->path);
	} while (code == -EEXIST);
	return code;
}

/* The window as a file: all of it or nothing. */
static int write_file(struct flightrec_snapshots *s,
		      struct flightrec_reader *reader,
		      struct flightrec_snapshot_result *result)
{
	const char *directory = s->options.directory;
	char temporary[sizeof(result->path)];
	int code, fd;

	snprintf(temporary, sizeof(temporary), "%s/.flightrec-XXXXXX",
		 directory);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	code = write_temporary(reader, fd);
	if (close(fd) && !code)
		code = -errno;
	if (!code)
		code = give_some_name(s, temporary, result);
	if (code)
		unlink(temporary);
	else
		sync_directory(directory);
	return code;
}

/* ---- taking one ------------------------------------------------------------------ */

static int save(struct flightrec_snapshots *s, struct flightrec_reader *reader,
		struct flightrec_snapshot_result *result)
{
	struct flightrec_excerpt excerpt = s->options.excerpt;
	int code = flightrec_reader_narrow(reader, &excerpt, &result->error);

	if (code)
		return code;
	result->bytes = flightrec_reader_bytes(reader);
	code = write_file(s, reader, result);
	if (code)
		return flightrec_error_set(&result->error, code,
					   FLIGHTREC_NO_OFFSET,
					   "cannot write a file in %.160s: %s",
					   s->options.directory,
					   strerror(-code));
	return 0;
}

static int take(struct flightrec_snapshots *s,
		struct flightrec_snapshot_result *result)
{
	/* Anew each time: a descriptor reads one window. */
	int fd = flightrec_open(s->options.node, O_RDWR);
	struct flightrec_reader *reader;
	int code;

	if (fd < 0)
		return flightrec_error_set(&result->error, fd,
					   FLIGHTREC_NO_OFFSET,
					   "cannot open the recorder: %s",
					   strerror(-fd));
	code = flightrec_snapshot(fd, &reader, &result->stopped_ns,
				  &result->error);
	close(fd);
	if (code)
		return code;
	code = save(s, reader, result);
	flightrec_reader_destroy(reader);
	return code;
}

static void finish(struct flightrec_snapshots *s,
		   const struct flightrec_snapshot_result *result)
{
	uint64_t one = 1;

	pthread_mutex_lock(&s->lock);
	s->last = *result;
	pthread_mutex_unlock(&s->lock);
	/* Before it is told, so that who is told can ask for the next one. */
	atomic_fetch_sub_explicit(&s->admitted, 1, memory_order_release);
	if (s->options.done)
		s->options.done(s->options.context, result);
	write_all(&s->event, &one, sizeof(one));
}

static bool next_request(const struct flightrec_snapshots *s,
			 struct request *request)
{
	ssize_t got;

	do {
		got = read(s->requests, request, sizeof(*request));
	} while (got < 0 && errno == EINTR);
	return got == sizeof(*request);
}

static void *run(void *argument)
{
	struct flightrec_snapshots *s = argument;
	struct request request;

	while (next_request(s, &request)) {
		struct flightrec_snapshot_result result = {
			.tag = request.tag,
			.asked_mono_ns = request.mono_ns,
			.error.offset = FLIGHTREC_NO_OFFSET,
		};

		result.code = take(s, &result);
		if (result.code) {
			result.path[0] = '\0';
			result.bytes = 0;
		}
		finish(s, &result);
	}
	return NULL;
}

/* ---- its life ---------------------------------------------------------------------- */

static int check_options(const struct flightrec_snapshots_options *options,
			 struct flightrec_error *error)
{
	size_t room = sizeof(((struct flightrec_snapshot_result *)0)->path);
	struct stat status;

	if (options->waiting > WAITING_MAX)
		return flightrec_error_set(error, -EINVAL, FLIGHTREC_NO_OFFSET,
					   "%u may wait; at most %u can",
					   options->waiting, WAITING_MAX);
	if (strchr(options->prefix, '/'))
		return flightrec_error_set(
			error, -EINVAL, FLIGHTREC_NO_OFFSET,
			"the prefix '%.64s' is no beginning of a file's name",
			options->prefix);
	/* The rest of the name: see make_name(). */
	if (strlen(options->directory) + strlen(options->prefix) + 64 > room)
		return flightrec_error_set(error, -ENAMETOOLONG,
					   FLIGHTREC_NO_OFFSET,
					   "names would be too long");
	if (stat(options->directory, &status))
		return flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%.128s: %s", options->directory,
					   strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return flightrec_error_set(error, -ENOTDIR, FLIGHTREC_NO_OFFSET,
					   "%.128s: not a directory",
					   options->directory);
	return 0;
}

static int check_access(const struct flightrec_snapshots_options *options,
			struct flightrec_error *error)
{
	int fd = flightrec_open(options->node, O_RDWR);

	if (fd < 0)
		return flightrec_error_set(error, fd, FLIGHTREC_NO_OFFSET,
					   "cannot open %.128s: %s",
					   options->node, strerror(-fd));
	close(fd);
	return 0;
}

/* Of a mark: any bytes. */
static char *copy_bytes(const char *bytes, size_t length)
{
	char *copy = malloc(length + 1);

	if (copy)
		memcpy(copy, bytes, length);
	return copy;
}

/* Its own strings. Whoever fails here is released all the same. */
static int copy_options(struct flightrec_snapshots_options *options)
{
	const struct flightrec_snapshots_options from = *options;

	options->directory = strdup(from.directory);
	options->prefix = strdup(from.prefix);
	options->node = strdup(from.node);
	if (from.excerpt.mark)
		options->excerpt.mark =
			copy_bytes(from.excerpt.mark, from.excerpt.mark_length);
	return options->directory && options->prefix && options->node &&
			       (options->excerpt.mark || !from.excerpt.mark) ?
		       0 :
		       -ENOMEM;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void release(struct flightrec_snapshots *s)
{
	close_if_open(s->asked);
	close_if_open(s->requests);
	close_if_open(s->event);
	free((char *)s->options.directory);
	free((char *)s->options.node);
	free((char *)s->options.prefix);
	free((char *)s->options.excerpt.mark);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int open_pipe(struct flightrec_snapshots *s)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	s->requests = ends[0];
	s->asked = ends[1];
	if (fcntl(s->asked, F_SETFL, O_NONBLOCK))
		return -errno;
	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return s->event < 0 ? -errno : 0;
}

/* No signal's handler is to run in it. */
static int start_thread(struct flightrec_snapshots *s)
{
	sigset_t all, old;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	code = -pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return code;
}

/**
 * flightrec_snapshots_create() - begin to be able to take windows at any time
 * @options: how; its strings are copied
 * @snapshots: set to what flightrec_snapshot_async() needs; NULL on an error
 * @error: filled in on an error; may be NULL
 *
 * Makes a thread, which does nothing until it is asked to. Whether the recorder
 * and the directory can be used is looked at now; a process that gives up its
 * privilege later will find each snapshot to fail.
 *
 * Return: 0; -EINVAL or -ENAMETOOLONG: options that make no sense; -ENOMEM; or
 * what flightrec_open(), stat(), pipe() and pthread_create() say.
 */
int flightrec_snapshots_create(
	const struct flightrec_snapshots_options *options,
	struct flightrec_snapshots **snapshots, struct flightrec_error *error)
{
	struct flightrec_snapshots *s;
	int code;

	*snapshots = NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return flightrec_error_set(error, -ENOMEM, FLIGHTREC_NO_OFFSET,
					   "no memory");
	s->options = *options;
	if (!s->options.directory)
		s->options.directory = ".";
	if (!s->options.prefix)
		s->options.prefix = "flightrec";
	if (!s->options.node)
		s->options.node = FLIGHTREC_NODE;
	s->asked = s->requests = s->event = -1;
	s->process = getpid();
	pthread_mutex_init(&s->lock, NULL);
	code = check_options(&s->options, error);
	if (!code)
		code = check_access(&s->options, error);
	if (code) {
		free(s);
		return code;
	}
	code = copy_options(&s->options);
	if (!code)
		code = open_pipe(s);
	if (!code)
		code = start_thread(s);
	if (code) {
		release(s);
		return flightrec_error_set(error, code, FLIGHTREC_NO_OFFSET,
					   "cannot make a thread: %s",
					   strerror(-code));
	}
	*snapshots = s;
	return 0;
}

/**
 * flightrec_snapshots_destroy() - end the thread
 * @snapshots: may be NULL; nobody may ask any more
 *
 * Waits until all that were asked for are done.
 */
void flightrec_snapshots_destroy(struct flightrec_snapshots *snapshots)
{
	if (!snapshots)
		return;
	/* In a child there is no thread, and the pipe is the parent's. */
	if (snapshots->process == getpid()) {
		close(snapshots->asked);
		snapshots->asked = -1;
		pthread_join(snapshots->thread, NULL);
	}
	release(snapshots);
}

/* Count in; false: as many as may be are. */
static bool admit(struct flightrec_snapshots *s)
{
	unsigned int count =
		atomic_load_explicit(&s->admitted, memory_order_relaxed);

	do {
		if (count > s->options.waiting)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->admitted, &count, count + 1, memory_order_acquire,
		memory_order_relaxed));
	return true;
}

/**
 * flightrec_snapshot_async() - ask for a window, and go on at once
 * @snapshots: from flightrec_snapshots_create()
 * @tag: given back with the result
 *
 * Async-signal-safe, for any thread: a few instructions and a write to a pipe
 * that does not block; errno is left as it was. The window is cut when the thread
 * gets to it, which is soon if none is under way.
 *
 * Return: 0: it will be taken, and the result be told; -EBUSY: one is under way
 * and as many wait as may (then this one is not taken); -ECHILD: in a child of the
 * process that made @snapshots; or what write() says.
 */
int flightrec_snapshot_async(struct flightrec_snapshots *snapshots,
			     uint64_t tag)
{
	struct request request = { .tag = tag, .mono_ns = mono_now() };
	int code = 0, before = errno;
	ssize_t wrote;

	if (snapshots->process != getpid())
		return -ECHILD;
	if (!admit(snapshots))
		return -EBUSY;
	do {
		wrote = write(snapshots->asked, &request, sizeof(request));
	} while (wrote < 0 && errno == EINTR);
	if (wrote != sizeof(request)) {
		code = wrote < 0 ? -errno : -EIO;
		atomic_fetch_sub_explicit(&snapshots->admitted, 1,
					  memory_order_release);
	}
	errno = before;
	return code;
}

/**
 * flightrec_snapshots_fd() - to be polled
 * @snapshots: from flightrec_snapshots_create()
 *
 * Return: an eventfd, readable when a window was taken or failed to be since it
 * was read last; its number is how many. It stays the object's.
 */
int flightrec_snapshots_fd(const struct flightrec_snapshots *snapshots)
{
	return snapshots->event;
}

/**
 * flightrec_snapshots_result() - how the newest one went
 * @snapshots: from flightrec_snapshots_create()
 * @result: filled in
 *
 * Not for signal handlers.
 *
 * Return: 0; -ENODATA: none is done yet.
 */
int flightrec_snapshots_result(struct flightrec_snapshots *snapshots,
			       struct flightrec_snapshot_result *result)
{
	pthread_mutex_lock(&snapshots->lock);
	*result = snapshots->last;
	pthread_mutex_unlock(&snapshots->lock);
	return result->asked_mono_ns ? 0 : -ENODATA;
}
