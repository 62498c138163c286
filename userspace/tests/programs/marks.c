// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves marks between numbered calls, close(1000000 + i), by write() with and
 * without a newline and by ioctl in turn, through a descriptor that is open for
 * writing only; as user UID, if given.
 *
 *	marks TIMES [UID]
 *
 * Prints each mark, in order: tid, the number called right before it, text.
 */
#include <linux/flightrec.h>
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

int main(int argc, char **argv)
{
	int i, times, fd = open(FLIGHTREC_NODE, O_WRONLY);
	char text[40];

	TRUTH_MUST(argc >= 2);
	truth_init();
	if (argc > 2) {
		close(fd);
		TRUTH_MUST(!setuid((uid_t)truth_number(argv[2])));
		fd = open(FLIGHTREC_NODE, O_WRONLY);
	}
	TRUTH_MUST(fd >= 0);
	times = (int)truth_number(argv[1]);
	for (i = 0; i < times; i++) {
		snprintf(text, sizeof(text), "mark %d of %d", i, times);
		TRUTH_MUST(syscall(SYS_close, 1000000 + i) == -1);
		leave(fd, i, text, strlen(text));
		printf("mark tid=%d number=%d text=%s\n", getpid(), 1000000 + i,
		       text);
	}
	return 0;
}
