// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves marks between numbered calls, close(1000000 + i), by write() with and
 * without a newline and by ioctl in turn, through a descriptor that is open for
 * writing only; as user UID, if given.
 *
 *	marks TIMES [UID]
 *	marks TIMES thread	all that by a thread that is not the process's first
 *				one, and is called "marker"
 *
 * Prints each mark, in order: tid, the number called right before it, text.
 */
#include <linux/flightrec.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "truth.h"

static void leave(int fd, int number, const char *text, size_t length)
{
	struct flightrec_mark mark = {
		.size = sizeof(mark),
		.text = TRUTH_POINTER(text),
		.length = (uint32_t)length,
	};
	char line[64];

	switch (number % 3) {
	case 0:
		TRUTH_MUST(write(fd, text, length) == (ssize_t)length);
		break;
	case 1:
		memcpy(line, text, length);
		line[length] = '\n';
		TRUTH_MUST(write(fd, line, length + 1) == (ssize_t)length + 1);
		break;
	default:
		TRUTH_MUST(!ioctl(fd, FLIGHTREC_IOC_MARK, &mark));
	}
}

static void leave_all(int fd, int times)
{
	char text[40];
	int i;

	for (i = 0; i < times; i++) {
		snprintf(text, sizeof(text), "mark %d of %d", i, times);
		TRUTH_MUST(syscall(SYS_close, 1000000 + i) == -1);
		leave(fd, i, text, strlen(text));
		printf("mark tid=%d number=%d text=%s\n", truth_tid(),
		       1000000 + i, text);
	}
}

/* struct job - what a thread is to do: leave_all(@fd, @times) */
struct job {
	int fd;
	int times;
};

static void *work(void *data)
{
	const struct job *job = data;

	truth_rename("marker");
	leave_all(job->fd, job->times);
	return NULL;
}

int main(int argc, char **argv)
{
	struct job job = { .fd = open(FLIGHTREC_NODE, O_WRONLY) };
	pthread_t thread;

	TRUTH_MUST(argc >= 2);
	truth_init();
	job.times = (int)truth_number(argv[1]);
	if (argc > 2 && !strcmp(argv[2], "thread")) {
		TRUTH_MUST(job.fd >= 0);
		TRUTH_MUST(!pthread_create(&thread, NULL, work, &job));
		TRUTH_MUST(!pthread_join(thread, NULL));
		printf("process tid=%d\n", getpid());
		return 0;
	}
	if (argc > 2) {
		close(job.fd);
		TRUTH_MUST(!setuid((uid_t)truth_number(argv[2])));
		job.fd = open(FLIGHTREC_NODE, O_WRONLY);
	}
	TRUTH_MUST(job.fd >= 0);
	leave_all(job.fd, job.times);
	return 0;
}
