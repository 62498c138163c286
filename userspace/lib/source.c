// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The bytes of a window: a file is mapped; what cannot be mapped (a pipe, the
 * device) is first copied to a file without a name.
 *
 * A mapped file that someone shortens meanwhile raises SIGBUS, as with every
 * program that maps files; copy it first if that is to be feared.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader.h"

/* A file without a name, gone when it is closed. */
static int spool_create(void)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* Not every file system knows O_TMPFILE. */
	if (snprintf(path, sizeof(path), "%s/flightrec-XXXXXX", directory) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static int write_all(int fd, const char *from, size_t bytes)
{
	while (bytes) {
		ssize_t wrote = write(fd, from, bytes);

		if (wrote < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		from += wrote;
		bytes -= (size_t)wrote;
	}
	return 0;
}

/* Read @from to its end into @to; *doing is what failed. */
static int copy_all(int from, int to, const char **doing)
{
	char buffer[65536];

	for (;;) {
		ssize_t got = read(from, buffer, sizeof(buffer));
		int error;

		*doing = "read it";
		if (!got)
			return 0;
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		*doing = "write a temporary file for it";
		error = write_all(to, buffer, (size_t)got);
		if (error)
			return error;
	}
}

/* Put a copy of @fd in its place. */
static int spool(int *fd, const char *path, struct flightrec_error *error)
{
	const char *doing = "read it";
	int copy, code;

	/* What cannot be read needs no file. */
	if (read(*fd, NULL, 0) < 0)
		return flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%s: cannot %s: %s", path, doing,
					   strerror(errno));
	copy = spool_create();
	if (copy < 0)
		return flightrec_error_set(
			error, copy, FLIGHTREC_NO_OFFSET,
			"%s: cannot make a temporary file for it: %s", path,
			strerror(-copy));
	code = copy_all(*fd, copy, &doing);
	if (code) {
		close(copy);
		return flightrec_error_set(error, code, FLIGHTREC_NO_OFFSET,
					   "%s: cannot %s: %s", path, doing,
					   strerror(-code));
	}
	close(*fd);
	*fd = copy;
	return 0;
}

static int map(struct fr_source *source, int fd, const char *path,
	       struct flightrec_error *error)
{
	struct stat status;
	void *bytes;

	if (fstat(fd, &status))
		return flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%s: %s", path, strerror(errno));
	source->bytes = NULL;
	source->length = (uint64_t)status.st_size;
	source->mapped = true;
	if (!source->length)
		return 0;
	if (source->length > SIZE_MAX)
		return flightrec_error_set(
			error, -EFBIG, FLIGHTREC_NO_OFFSET,
			"%s: too long for this machine's addresses", path);
	bytes = mmap(NULL, (size_t)source->length, PROT_READ, MAP_PRIVATE, fd,
		     0);
	if (bytes == MAP_FAILED)
		return flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%s: cannot map it: %s", path,
					   strerror(errno));
	source->bytes = bytes;
	return 0;
}

/* Only a file with a size can be mapped; those of /proc have none. */
static bool mappable(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_size;
}

static int open_fd(struct fr_source *source, int fd, const char *path,
		   struct flightrec_error *error)
{
	struct stat status;
	int code = 0;

	if (fstat(fd, &status)) {
		code = flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%s: %s", path, strerror(errno));
	} else if (!mappable(&status)) {
		code = spool(&fd, path, error);
	}
	if (!code)
		code = map(source, fd, path, error);
	close(fd);
	return code;
}

/* @path "-" is standard input. */
int fr_source_open(struct fr_source *source, const char *path,
		   struct flightrec_error *error)
{
	bool standard = !strcmp(path, "-");
	int fd;

	fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) :
			open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%s: %s", path, strerror(errno));
	return open_fd(source, fd, standard ? "standard input" : path, error);
}

/* @fd stays the caller's. */
int fr_source_open_fd(struct fr_source *source, int fd, const char *path,
		      struct flightrec_error *error)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return flightrec_error_set(error, -errno, FLIGHTREC_NO_OFFSET,
					   "%s: %s", path, strerror(errno));
	return open_fd(source, copy, path, error);
}

void fr_source_close(struct fr_source *source)
{
	if (source->mapped && source->bytes)
		munmap((void *)source->bytes, (size_t)source->length);
	source->bytes = NULL;
}

/*
 * These bytes were read for now: their memory may go, so that a long file does
 * not fill it. They come back from the file when they are read again.
 */
void fr_source_release(const struct fr_source *source, uint64_t offset,
		       uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t from, to;

	if (!source->mapped || offset > source->length ||
	    bytes > source->length - offset)
		return;
	from = offset / page * page;
	to = (offset + bytes) / page * page;
	if (from < to)
		madvise((void *)(source->bytes + from), (size_t)(to - from),
			MADV_DONTNEED);
}
