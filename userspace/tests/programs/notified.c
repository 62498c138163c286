// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the place of systemd's socket for sd_notify(3), and prints each datagram that
 * comes: by whom, and what, one a line.
 *
 *	notified SOCKET
 *
 * It ends when it is killed.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "truth.h"

static int make_socket(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), on = 1;

	TRUTH_MUST(fd >= 0 && strlen(path) < sizeof(name.sun_path));
	strcpy(name.sun_path, path);
	TRUTH_MUST(!setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	TRUTH_MUST(!bind(fd, (struct sockaddr *)&name, sizeof(name)));
	return fd;
}

static void take(int fd)
{
	char text[1024], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec part = { text, sizeof(text) - 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t length = recvmsg(fd, &message, 0);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct ucred who;

	TRUTH_MUST(length >= 0 && header &&
		   header->cmsg_type == SCM_CREDENTIALS);
	memcpy(&who, CMSG_DATA(header), sizeof(who));
	text[length] = '\0';
	printf("notify pid=%d text=%s\n", who.pid, text);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	int fd;

	truth_init();
	if (argc != 2)
		truth_fail("usage: notified SOCKET");
	fd = make_socket(argv[1]);
	for (;;)
		take(fd);
}
