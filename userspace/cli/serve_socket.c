// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

/* ---- a socket with a file ---- */

/* Does anybody listen there? */
static bool somebody_listens(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool listens;

	if (fd < 0)
		return true;
	listens = !connect(fd, (const struct sockaddr *)address,
			   sizeof(*address)) ||
		  errno != ECONNREFUSED;
	close(fd);
	return listens;
}

/* What a server that was killed left behind is in the way. */
static int clear_way(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat status;

	if (lstat(path, &status))
		return errno == ENOENT ? 0 :
					 cli_fail("cannot listen at %s: %s",
						  path, cli_why(errno));
	if (!S_ISSOCK(status.st_mode))
		return cli_fail(
			"cannot listen at %s: there is something that is no socket",
			path);
	if (somebody_listens(address))
		return cli_fail(
			"cannot listen at %s: somebody listens there already",
			path);
	if (unlink(path))
		return cli_fail("cannot remove the old socket %s: %s", path,
				cli_why(errno));
	return 0;
}

/* Nobody can connect before it listens, and then it has its mode. */
static int bind_file(struct serve_socket *serve,
		     const struct sockaddr_un *address, mode_t mode)
{
	struct stat status;

	if (bind(serve->fd, (const struct sockaddr *)address, sizeof(*address)))
		return -errno;
	serve->path = address->sun_path;
	if (lstat(serve->path, &status))
		return -errno;
	serve->device = status.st_dev;
	serve->inode = status.st_ino;
	if (chmod(serve->path, mode) || listen(serve->fd, BACKLOG))
		return -errno;
	return 0;
}

int serve_socket_unix(struct serve_socket *serve, const char *path, mode_t mode)
{
	static struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error;

	if (strlen(path) >= sizeof(address.sun_path))
		return cli_misuse("--socket %s: a path of %zu bytes at most",
				  path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	error = clear_way(&address);
	if (error)
		return error;
	serve->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = serve->fd < 0 ? -errno : bind_file(serve, &address, mode);
	if (!error)
		return 0;
	serve_socket_close(serve);
	return cli_fail("cannot listen at %s: %s", path, cli_why(error));
}

/* ---- the loopback ---- */

/* "HOST:PORT", "[HOST]:PORT", "PORT": false: it is none of these. */
static bool split(const char *text, char *host, size_t room, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	const char *digits = colon ? colon + 1 : text;
	const char *begin = text, *end = colon;
	uint64_t number;

	if (!cli_parse_number(digits, 0, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	if (!colon) {
		begin = "127.0.0.1";
		end = begin + strlen(begin);
	} else if (*begin == '[' && end > begin + 1 && end[-1] == ']') {
		begin++;
		end--;
	} else if (memchr(begin, ':', (size_t)(end - begin))) {
		return false;
	}
	if (begin == end || (size_t)(end - begin) >= room)
		return false;
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	return true;
}

/* The length of @address, or 0: not of the loopback. Names are not looked up:
 * what they stand for is not ours to know. */
static socklen_t loopback(const char *host, uint16_t port,
			  struct sockaddr_storage *address)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };

	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &four.sin_addr) == 1 &&
	    ntohl(four.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) {
		memcpy(address, &four, sizeof(four));
		return sizeof(four);
	}
	if (inet_pton(AF_INET6, host, &six.sin6_addr) == 1 &&
	    !memcmp(&six.sin6_addr, &in6addr_loopback, sizeof(six.sin6_addr))) {
		memcpy(address, &six, sizeof(six));
		return sizeof(six);
	}
	return 0;
}

static int bind_address(int fd, const struct sockaddr_storage *address,
			socklen_t length)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)address, length) ||
	    listen(fd, BACKLOG))
		return -errno;
	return 0;
}

/* With port 0 the kernel has chosen one. It stands at the same place in the
 * addresses of both families. */
static uint16_t bound_port(int fd)
{
	struct sockaddr_in6 address = { 0 };
	socklen_t length = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &length);
	return ntohs(address.sin6_port);
}

int serve_socket_loopback(struct serve_socket *serve, const char *address)
{
	struct sockaddr_storage bound = { 0 };
	char host[64];
	socklen_t length;
	uint16_t port;
	int error;

	if (!split(address, host, sizeof(host), &port))
		return cli_misuse(
			"--listen '%s': not an address such as 127.0.0.1:8080, [::1]:8080 or 8080",
			address);
	length = loopback(host, port, &bound);
	if (!length)
		return cli_misuse(
			"--listen '%s': not of the loopback (127.0.0.1, [::1]); a window tells of all that the targets did, so it is served to this machine alone",
			address);
	serve->fd = socket(bound.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = serve->fd < 0 ? -errno :
				bind_address(serve->fd, &bound, length);
	if (error) {
		serve_socket_close(serve);
		return cli_fail("cannot listen at %s: %s", address,
				cli_why(error));
	}
	cli_note("listening at http://%s%s%s:%u/", strchr(host, ':') ? "[" : "",
		 host, strchr(host, ':') ? "]" : "", bound_port(serve->fd));
	return 0;
}

void serve_socket_close(struct serve_socket *serve)
{
	struct stat status;

	if (serve->fd >= 0)
		close(serve->fd);
	serve->fd = -1;
	if (serve->path && !lstat(serve->path, &status) &&
	    status.st_dev == serve->device && status.st_ino == serve->inode)
		unlink(serve->path);
	serve->path = NULL;
}
