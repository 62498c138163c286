// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "notify.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t address(struct sockaddr_un *to)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t length = name ? strlen(name) : 0;

	if (length < 2 || length > sizeof(to->sun_path) ||
	    (*name != '/' && *name != '@'))
		return 0;
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, name, length);
	/* An abstract name is one that begins with a NUL. */
	if (*name == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void notify_send(const char *text)
{
	struct sockaddr_un to;
	socklen_t length = address(&to);
	int fd;

	if (!length)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Nobody to tell is no reason to fail; MSG_DONTWAIT: nor to wait. */
	sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
	       (const struct sockaddr *)&to, length);
	close(fd);
}

uint64_t notify_watchdog_ns(void)
{
	const char *us = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t number;

	/* Meant for another process that has this one as a child. */
	if (pid && (!cli_parse_number(pid, 1, INT32_MAX, &number) ||
		    (pid_t)number != getpid()))
		return 0;
	if (!us || !cli_parse_number(us, 1, UINT64_MAX / 1000, &number))
		return 0;
	return number * 1000;
}

void notify_forget(void)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}
