/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows over HTTP, to this machine alone:
 *
 *	serve.c		options; from start to end
 *	serve_socket.c	where it listens
 *	serve_http.c	requests and what is answered
 *	serve_window.c	one window, as it is sent
 */
#ifndef SERVE_H
#define SERVE_H

#include <encoder.h>
#include <libflightrec.h>
#include <sys/socket.h>
#include <sys/types.h>

/* ---- serve_socket.c ---- */

/**
 * struct serve_socket - a socket that listens
 * @fd: it; -1: none
 * @path: of the socket's file; NULL: it is of the loopback
 * @device, @inode: of that file, to be removed
 */
struct serve_socket {
	int fd;
	const char *path;
	dev_t device;
	ino_t inode;
};

/* Both return 0 or an exit status when explained. */
int serve_socket_unix(struct serve_socket *serve, const char *path,
		      mode_t mode);
/* @address: as the user said it: "127.0.0.1:8080", "[::1]:8080", "8080". */
int serve_socket_loopback(struct serve_socket *serve, const char *address);
/* Closes it and removes its file, if that is still the same one. */
void serve_socket_close(struct serve_socket *serve);

/* ---- serve_window.c ---- */

/**
 * struct serve_request - what of a window is asked for, and how
 * @excerpt: how much
 * @format: its name
 * @type: media type of @format
 * @suffix: of its files
 * @encode: writes it
 */
struct serve_request {
	struct flightrec_excerpt excerpt;
	const char *format;
	const char *type;
	const char *suffix;
	int (*encode)(struct flightrec_reader *reader, struct sink *sink,
		      struct flightrec_error *error);
};

/**
 * struct serve_answer - what is said instead of a window
 * @status: of HTTP
 * @text: one line
 */
struct serve_answer {
	unsigned int status;
	char text[320];
};

/* A window on its way. */
struct serve_window;

/* What it is if nothing is said. */
void serve_request_init(struct serve_request *request);
/* Takes one parameter; false: @answer says why not. */
bool serve_request_parameter(struct serve_request *request, const char *name,
			     const char *value, struct serve_answer *answer);

/* Whether there could be a window now, which is not taken. */
bool serve_window_possible(struct serve_answer *answer);
/* Takes it, and begins to make the format; NULL: @answer says why not. */
struct serve_window *serve_window_create(struct serve_request *request,
					 struct serve_answer *answer);
/* The next bytes of it: how many, 0 at the end, -1: it cannot be gone on with. */
ssize_t serve_window_read(struct serve_window *window, char *bytes,
			  size_t length);
/* A name for its file; says on stderr how it went. */
void serve_window_name(const struct serve_window *window, char *name,
		       size_t length);
void serve_window_destroy(struct serve_window *window);

/* ---- serve_http.c ---- */

struct serve_http;

/* Serves on the socket, in threads of its own, until it is destroyed. A window
 * may take @limit_ns to be sent. NULL when explained. */
struct serve_http *serve_http_create(int fd, uint64_t limit_ns);
/* To be polled for reading; then serve_http_late() is to be called. */
int serve_http_timer(const struct serve_http *http);
/* Ends a window that took too long. */
void serve_http_late(struct serve_http *http);
void serve_http_destroy(struct serve_http *http);

#endif /* SERVE_H */
