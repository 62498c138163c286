// SPDX-License-Identifier: GPL-2.0
/*
 * Makes io_uring start a worker thread, the one kind of thread that no clone call
 * of the program makes: opening a FIFO for reading blocks until somebody opens it
 * for writing, and so goes to a worker.
 *
 *	uring FIFO TIMES
 *
 * Prints its own tid, and each worker: tid and name. Exits with 77 where the
 * kernel has no io_uring.
 */
#include <dirent.h>
#include <linux/io_uring.h>
#include <sys/stat.h>

#include "truth.h"

/**
 * struct uring - as much of one as is needed here
 * @fd: it
 * @params: what the kernel said
 * @rings: both rings (the kernel maps them together)
 * @entries: submissions
 */
struct uring {
	int fd;
	struct io_uring_params params;
	char *rings;
	struct io_uring_sqe *entries;
};

static unsigned int *at(struct uring *uring, uint32_t offset)
{
	return (unsigned int *)(uring->rings + offset);
}

static void set_up(struct uring *uring)
{
	struct io_uring_params *params = &uring->params;
	size_t bytes;

	uring->fd = (int)syscall(SYS_io_uring_setup, 4, params);
	if (uring->fd < 0 && (errno == ENOSYS || errno == EPERM))
		exit(77);
	TRUTH_MUST(uring->fd >= 0);
	TRUTH_MUST(params->features & IORING_FEAT_SINGLE_MMAP);
	bytes = params->cq_off.cqes +
		params->cq_entries * sizeof(struct io_uring_cqe);
	if (bytes < params->sq_off.array + params->sq_entries * 4)
		bytes = params->sq_off.array + params->sq_entries * 4;
	uring->rings = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			    uring->fd, IORING_OFF_SQ_RING);
	uring->entries = mmap(NULL,
			      params->sq_entries * sizeof(struct io_uring_sqe),
			      PROT_READ | PROT_WRITE, MAP_SHARED, uring->fd,
			      IORING_OFF_SQES);
	TRUTH_MUST(uring->rings != MAP_FAILED && uring->entries != MAP_FAILED);
}

static void submit_open(struct uring *uring, const char *path)
{
	unsigned int tail = *at(uring, uring->params.sq_off.tail);
	unsigned int slot = tail & *at(uring, uring->params.sq_off.ring_mask);
	struct io_uring_sqe *entry = &uring->entries[slot];

	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_OPENAT;
	entry->flags = IOSQE_ASYNC;
	entry->fd = AT_FDCWD;
	entry->addr = TRUTH_POINTER(path);
	entry->open_flags = O_RDONLY;
	at(uring, uring->params.sq_off.array)[slot] = slot;
	__atomic_store_n(at(uring, uring->params.sq_off.tail), tail + 1,
			 __ATOMIC_RELEASE);
	TRUTH_MUST(syscall(SYS_io_uring_enter, uring->fd, 1, 0, 0, NULL, 0) ==
		   1);
}

/* Return: what the one submission led to. */
static int await(struct uring *uring)
{
	unsigned int *head = at(uring, uring->params.cq_off.head);
	struct io_uring_cqe *results =
		(void *)(uring->rings + uring->params.cq_off.cqes);
	int result;

	TRUTH_MUST(syscall(SYS_io_uring_enter, uring->fd, 0, 1,
			   IORING_ENTER_GETEVENTS, NULL, 0) >= 0);
	result =
		results[*head & *at(uring, uring->params.cq_off.ring_mask)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

/* Once it sleeps: it gets its name when it first runs. */
static void print_worker(const char *task)
{
	char path[300], name[32] = "";
	FILE *file;

	truth_await_rest(atoi(task));
	snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task);
	file = fopen(path, "re");
	TRUTH_MUST(file && fgets(name, sizeof(name), file));
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	printf("worker tid=%s parent=%d comm=%s\n", task, getpid(), name);
}

static void print_workers(void)
{
	DIR *directory = opendir("/proc/self/task");
	struct dirent *entry;

	TRUTH_MUST(directory);
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != getpid())
			print_worker(entry->d_name);
	closedir(directory);
}

int main(int argc, char **argv)
{
	struct uring uring = { 0 };
	long i;

	TRUTH_MUST(argc == 3);
	truth_init();
	set_up(&uring);
	TRUTH_MUST(!mkfifo(argv[1], 0600) || errno == EEXIST);
	for (i = truth_number(argv[2]); i; i--) {
		int fd, result;

		submit_open(&uring, argv[1]);
		/* Comes back when the worker has come to its open. */
		fd = open(argv[1], O_WRONLY);
		TRUTH_MUST(fd >= 0);
		result = await(&uring);
		TRUTH_MUST(result >= 0);
		close(result);
		close(fd);
	}
	printf("uring tid=%d times=%s\n", truth_tid(), argv[2]);
	print_workers();
	return 0;
}
