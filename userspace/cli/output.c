// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "output.h"
#include "undo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char prefix_usual[] = ".flightrec-";

static bool is_stdout(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout") ||
	       !strcmp(path, "/dev/fd/1") || !strcmp(path, "/proc/self/fd/1");
}

/* The directory of @path, with the slash at its end; "" for the current one. */
static size_t directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The signals are held back, so that none sees the file but not its name. */
static int make_temporary(struct output *output, const char *prefix)
{
	int directory = (int)directory_length(output->final);

	if (asprintf(&output->temporary, "%.*s%sXXXXXX", directory,
		     output->final, prefix) < 0) {
		output->temporary = NULL;
		return -ENOMEM;
	}
	/* Its owner's alone: see output.h. */
	output->fd = mkostemp(output->temporary, O_CLOEXEC);
	if (output->fd < 0)
		return -errno;
	undo_file(output->temporary);
	return 0;
}

/* A link that leads to a file is kept, and the file is what is replaced. */
static char *final_name(const char *path, bool exists)
{
	return exists ? realpath(path, NULL) : strdup(path);
}

static int open_temporary(struct output *output, const char *prefix)
{
	sigset_t old;
	int error;

	undo_arm();
	undo_hold(&old);
	error = make_temporary(output, prefix);
	undo_release(&old);
	return error;
}

static int open_atomic(struct output *output, bool exists)
{
	output->final = final_name(output->path, exists);
	if (!output->final)
		return -errno;
	return open_temporary(output, prefix_usual);
}

static int open_directly(struct output *output)
{
	if (is_stdout(output->path))
		output->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		output->fd =
			open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (output->fd < 0)
		return -errno;
	/* Only now: opening a FIFO waits, and nothing is to be undone yet. */
	undo_arm();
	return 0;
}

static void output_free(struct output *output)
{
	sigset_t old;

	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
	undo_hold(&old);
	undo_file(NULL);
	undo_release(&old);
	free(output->temporary);
	free(output->final);
	output->temporary = NULL;
	output->final = NULL;
}

static void output_init(struct output *output, const char *path)
{
	memset(output, 0, sizeof(*output));
	output->fd = -1;
	output->path = path;
	/* A file that grows too long is an error to report, not an end. */
	signal(SIGXFSZ, SIG_IGN);
}

int output_open(struct output *output, const char *path)
{
	bool exists;
	struct stat status;
	int error;

	output_init(output, path);
	exists = !is_stdout(path) && !stat(path, &status);
	if (exists && S_ISDIR(status.st_mode))
		error = -EISDIR;
	else if (is_stdout(path) || (exists && !S_ISREG(status.st_mode)))
		error = open_directly(output);
	else
		error = open_atomic(output, exists);
	if (error)
		output_free(output);
	return error;
}

int output_name(struct output *output, const char *name)
{
	char *final;

	if (asprintf(&final, "%s/%s", output->path, name) < 0)
		return -ENOMEM;
	free(output->final);
	output->final = final;
	return 0;
}

int output_open_unnamed(struct output *output, const char *directory,
			const char *prefix)
{
	int error;

	output_init(output, directory);
	error = output_name(output, "");
	if (!error)
		error = open_temporary(output, prefix);
	if (error)
		output_free(output);
	return error;
}

int output_write(struct output *output, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length) {
		ssize_t written = write(output->fd, next, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written ? -errno : -EIO;
		next += written;
		length -= (size_t)written;
	}
	return 0;
}

/* The name lasts when its directory is on the disk; where a directory cannot be
 * synced, the file is there all the same. */
static void sync_directory(const char *path)
{
	size_t length = directory_length(path);
	char *directory;
	int fd;

	directory = length ? strndup(path, length) : strdup(".");
	if (!directory)
		return;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(directory);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int commit_atomic(struct output *output)
{
	sigset_t old;
	int error = 0;

	if (fsync(output->fd))
		return -errno;
	undo_hold(&old);
	if (rename(output->temporary, output->final))
		error = -errno;
	else
		undo_file(NULL);
	undo_release(&old);
	if (!error)
		sync_directory(output->final);
	return error;
}

int output_commit(struct output *output)
{
	int error = 0;

	if (output->final)
		error = commit_atomic(output);
	else if (fsync(output->fd) && errno != EINVAL && errno != EROFS &&
		 errno != ENOTSUP)
		error = -errno;
	if (error)
		output_abandon(output);
	else
		output_free(output);
	return error;
}

void output_abandon(struct output *output)
{
	if (output->fd >= 0 && output->final)
		unlink(output->temporary);
	output_free(output);
}

int output_possible(const char *path)
{
	char directory[PATH_MAX];
	size_t length = directory_length(path);
	struct stat status;

	if (length >= sizeof(directory))
		return -ENAMETOOLONG;
	if (!stat(path, &status)) {
		if (S_ISDIR(status.st_mode))
			return -EISDIR;
		if (!S_ISREG(status.st_mode))
			return access(path, W_OK) ? -errno : 0;
	}
	memcpy(directory, path, length);
	directory[length] = '\0';
	return access(length ? directory : ".", W_OK | X_OK) ? -errno : 0;
}
