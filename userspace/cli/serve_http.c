// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "serve.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#if __has_include(<microhttpd.h>)
#include <microhttpd.h>

#define WINDOW_PATH   "/debug/flightrec"
#define CONNECTIONS   32
/* Seconds in which nothing moves until a connection is ended. */
#define IDLE_SECONDS  10
#define RETRY_SECONDS "1"
#define CHUNK_BYTES   (64 * 1024)

static const char help[] =
	"flightrec: windows of what the recorder holds\n"
	"\n"
	"GET " WINDOW_PATH "\n"
	"    format=frec          the window (default), for 'flightrec report' and so on\n"
	"    format=perfetto      for ui.perfetto.dev\n"
	"    format=text          one event a line\n"
	"    format=report        what went wrong\n"
	"    last=5s              the last 500ms, 5s, 2m or 1h, and a bit more\n"
	"    since-mark=TEXT      from the newest mark on that begins with TEXT\n"
	"    max-bytes=16M        no longer than that as a window\n"
	"\n"
	"For example " WINDOW_PATH "?last=5s&format=perfetto\n"
	"\n"
	"One window is taken at a time: 429 asks for another try. Nothing recorded: 503.\n";

/**
 * struct serve_http - the server
 * @daemon: libmicrohttpd's
 * @limit_ns: how long a window may take to be sent
 * @by_port: whoever is on this machine can connect, a browser too
 * @timer: goes off then
 * @lock: protects what follows
 * @busy: a window is being taken or sent
 * @client: to whom; -1: nobody yet
 */
struct serve_http {
	struct MHD_Daemon *daemon;
	uint64_t limit_ns;
	bool by_port;
	int timer;
	pthread_mutex_t lock;
	bool busy;
	int client;
};

/**
 * struct sending - a window that is sent
 * @http: by whom
 * @window: it
 */
struct sending {
	struct serve_http *http;
	struct serve_window *window;
};

/* ---- answers ---- */

static enum MHD_Result put(struct MHD_Connection *connection,
			   unsigned int status, struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				"no-store");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static struct MHD_Response *text_response(const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);

	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					"text/plain; charset=utf-8");
	return response;
}

static void add_header(struct MHD_Response *response, const char *name,
		       const char *value)
{
	if (response)
		MHD_add_response_header(response, name, value);
}

static enum MHD_Result put_answer(struct MHD_Connection *connection,
				  const struct serve_answer *answer)
{
	struct MHD_Response *response;
	char line[sizeof(answer->text) + 1];

	snprintf(line, sizeof(line), "%s\n", answer->text);
	response = text_response(line);
	if (answer->status == MHD_HTTP_TOO_MANY_REQUESTS)
		add_header(response, MHD_HTTP_HEADER_RETRY_AFTER,
			   RETRY_SECONDS);
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	/* What came in is part of it, and is no HTML. */
	add_header(response, "X-Content-Type-Options", "nosniff");
	return put(connection, answer->status, response);
}

/* ---- one window at a time ---- */

static void arm(const struct serve_http *http, uint64_t ns)
{
	struct itimerspec when = {
		.it_value = { (time_t)(ns / 1000000000),
			      (long)(ns % 1000000000) },
	};

	timerfd_settime(http->timer, 0, &when, NULL);
}

static void set_idle_seconds(struct MHD_Connection *connection,
			     unsigned int seconds)
{
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  seconds);
}

static bool enter(struct serve_http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	bool entered;

	pthread_mutex_lock(&http->lock);
	entered = !http->busy;
	if (entered) {
		/* The timer ends it, however long nothing moves meanwhile. */
		set_idle_seconds(connection, 0);
		http->busy = true;
		http->client = info ? info->connect_fd : -1;
		arm(http, http->limit_ns);
	}
	pthread_mutex_unlock(&http->lock);
	return entered;
}

static void leave(struct serve_http *http)
{
	pthread_mutex_lock(&http->lock);
	http->busy = false;
	http->client = -1;
	arm(http, 0);
	pthread_mutex_unlock(&http->lock);
}

/* The connection's own thread finds its socket shut, and ends. */
void serve_http_late(struct serve_http *http)
{
	uint64_t times;

	if (read(http->timer, &times, sizeof(times)) != sizeof(times))
		return;
	pthread_mutex_lock(&http->lock);
	if (http->client >= 0) {
		cli_note("a client takes too long; it is cut off");
		shutdown(http->client, SHUT_RDWR);
	}
	pthread_mutex_unlock(&http->lock);
}

int serve_http_timer(const struct serve_http *http)
{
	return http->timer;
}

/* ---- sending ---- */

static ssize_t send_more(void *argument, uint64_t position, char *bytes,
			 size_t length)
{
	struct sending *sending = argument;
	ssize_t got = serve_window_read(sending->window, bytes, length);

	(void)position; /* one byte after the other */
	if (got > 0)
		return got;
	return got ? MHD_CONTENT_READER_END_WITH_ERROR :
		     MHD_CONTENT_READER_END_OF_STREAM;
}

static void sent(void *argument)
{
	struct sending *sending = argument;

	serve_window_destroy(sending->window);
	leave(sending->http);
	free(sending);
}

static void describe(struct MHD_Response *response,
		     const struct serve_request *request, const char *name)
{
	bool readable = !strncmp(request->type, "text/", 5);
	char disposition[160];

	snprintf(disposition, sizeof(disposition), "%s; filename=\"%s\"",
		 readable ? "inline" : "attachment", name);
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, request->type);
	add_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, disposition);
	add_header(response, "X-Content-Type-Options", "nosniff");
}

static enum MHD_Result send_window(struct serve_http *http,
				   struct MHD_Connection *connection,
				   struct serve_request *request)
{
	struct serve_answer answer = { MHD_HTTP_INTERNAL_SERVER_ERROR,
				       "out of memory" };
	struct sending *sending = calloc(1, sizeof(*sending));
	struct MHD_Response *response;
	char name[96];

	if (sending)
		sending->window = serve_window_create(request, &answer);
	if (!sending || !sending->window) {
		free(sending);
		leave(http);
		set_idle_seconds(connection, IDLE_SECONDS);
		return put_answer(connection, &answer);
	}
	sending->http = http;
	serve_window_name(sending->window, name, sizeof(name));
	response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, CHUNK_BYTES, send_more, sending, sent);
	if (!response) {
		sent(sending);
		return MHD_NO;
	}
	describe(response, request, name);
	/* For it would be idle without end. */
	add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	return put(connection, MHD_HTTP_OK, response);
}

/* ---- requests ---- */

/**
 * struct parsing - the parameters of a request
 * @request: what they say
 * @answer: what is wrong with one of them; status 0: nothing
 */
struct parsing {
	struct serve_request request;
	struct serve_answer answer;
};

static enum MHD_Result parameter(void *argument, enum MHD_ValueKind kind,
				 const char *name, const char *value)
{
	struct parsing *parsing = argument;

	(void)kind; /* of the query */
	if (serve_request_parameter(&parsing->request, name, value,
				    &parsing->answer)) {
		parsing->answer.status = 0;
		return MHD_YES;
	}
	return MHD_NO;
}

/* It does not ask for the body of an answer to HEAD. */
/* NOLINTNEXTLINE(readability-non-const-parameter): libmicrohttpd's prototype */
static ssize_t send_nothing(void *argument, uint64_t position, char *bytes,
			    size_t length)
{
	(void)argument;
	(void)position;
	(void)bytes;
	(void)length;
	return MHD_CONTENT_READER_END_OF_STREAM;
}

/* As GET, but nothing is taken. */
static enum MHD_Result head_window(struct MHD_Connection *connection,
				   const struct serve_request *request)
{
	struct serve_answer answer;
	struct MHD_Response *response;
	char name[96];

	if (!serve_window_possible(&answer))
		return put_answer(connection, &answer);
	snprintf(name, sizeof(name), "flightrec%s", request->suffix);
	response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, CHUNK_BYTES, send_nothing, NULL, NULL);
	describe(response, request, name);
	return put(connection, MHD_HTTP_OK, response);
}

static enum MHD_Result window(struct serve_http *http,
			      struct MHD_Connection *connection, bool head)
{
	static const struct serve_answer busy = {
		MHD_HTTP_TOO_MANY_REQUESTS,
		"a window is being taken for somebody else; try again in a moment",
	};
	struct parsing parsing = { .answer = { 0 } };

	serve_request_init(&parsing.request);
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, parameter,
				  &parsing);
	if (parsing.answer.status)
		return put_answer(connection, &parsing.answer);
	if (head)
		return head_window(connection, &parsing.request);
	if (!enter(http, connection))
		return put_answer(connection, &busy);
	return send_window(http, connection, &parsing.request);
}

/*
 * A page from elsewhere can have its own host's name resolve to this machine, and is
 * then given by the browser what it asks of us. Its name is in Host.
 */
static bool is_loopback(const char *host)
{
	size_t length = strcspn(host, *host == '[' ? "]" : ":");

	if (host[length] == ']')
		length++;
	if (host[length] && host[length] != ':')
		return false;
	if (length == 9 && !strncasecmp(host, "localhost", 9))
		return true;
	if (length == 5 && !strncmp(host, "[::1]", 5))
		return true;
	return !strncmp(host, "127.", 4) &&
	       strspn(host, "0123456789.") == length;
}

static bool is_for_us(const struct serve_http *http,
		      struct MHD_Connection *connection)
{
	const char *host = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

	return !http->by_port || !host || is_loopback(host);
}

static enum MHD_Result handle(void *argument, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_bytes, void **state)
{
	struct serve_answer answer = { 0 };
	bool head = !strcmp(method, MHD_HTTP_METHOD_HEAD);
	static int begun;

	(void)version;
	(void)upload;
	/* The first call has the header alone. */
	if (!*state) {
		*state = &begun;
		return MHD_YES;
	}
	/* A body is not looked at. */
	if (*upload_bytes) {
		*upload_bytes = 0;
		return MHD_YES;
	}
	if (!is_for_us(argument, connection)) {
		answer.status = MHD_HTTP_FORBIDDEN;
		snprintf(answer.text, sizeof(answer.text),
			 "this is for localhost: no other Host is served");
		return put_answer(connection, &answer);
	}
	if (!head && strcmp(method, MHD_HTTP_METHOD_GET) != 0) {
		answer.status = MHD_HTTP_METHOD_NOT_ALLOWED;
		snprintf(answer.text, sizeof(answer.text),
			 "%.32s: only GET and HEAD are understood", method);
		return put_answer(connection, &answer);
	}
	if (!strcmp(url, WINDOW_PATH))
		return window(argument, connection, head);
	if (!strcmp(url, "/"))
		return put(connection, MHD_HTTP_OK, text_response(help));
	answer.status = MHD_HTTP_NOT_FOUND;
	snprintf(answer.text, sizeof(answer.text),
		 "%.128s: there are / and " WINDOW_PATH, url);
	return put_answer(connection, &answer);
}

/* ---- its life ---- */

static bool is_port(int fd)
{
	struct sockaddr address = { .sa_family = AF_UNSPEC };
	socklen_t length = sizeof(address);

	return getsockname(fd, &address, &length) ||
	       address.sa_family != AF_UNIX;
}

static struct MHD_Daemon *start(struct serve_http *http, int fd)
{
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
					MHD_USE_THREAD_PER_CONNECTION,
				0, NULL, NULL, handle, http,
				MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT,
				(unsigned int)CONNECTIONS,
				MHD_OPTION_CONNECTION_TIMEOUT,
				(unsigned int)IDLE_SECONDS, MHD_OPTION_END);
}

struct serve_http *serve_http_create(int fd, uint64_t limit_ns)
{
	struct serve_http *http = calloc(1, sizeof(*http));

	if (!http) {
		cli_fail("cannot serve: out of memory");
		return NULL;
	}
	http->limit_ns = limit_ns;
	http->by_port = is_port(fd);
	http->client = -1;
	pthread_mutex_init(&http->lock, NULL);
	http->timer =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	/* Its own descriptor: the daemon closes it. */
	fd = http->timer < 0 ? -1 : dup(fd);
	if (fd >= 0)
		http->daemon = start(http, fd);
	if (http->daemon)
		return http;
	cli_fail("cannot serve: %s",
		 errno ? cli_why(errno) : "no thread could be made");
	if (fd >= 0)
		close(fd);
	serve_http_destroy(http);
	return NULL;
}

void serve_http_destroy(struct serve_http *http)
{
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	if (http->timer >= 0)
		close(http->timer);
	pthread_mutex_destroy(&http->lock);
	free(http);
}

#else /* without the library */

struct serve_http *serve_http_create(int fd, uint64_t limit_ns)
{
	(void)fd;
	(void)limit_ns;
	cli_fail(
		"built without libmicrohttpd; 'apt-get install libmicrohttpd-dev', then 'make user' builds it in");
	return NULL;
}

int serve_http_timer(const struct serve_http *http)
{
	(void)http;
	return -1;
}

void serve_http_late(struct serve_http *http)
{
	(void)http;
}

void serve_http_destroy(struct serve_http *http)
{
	(void)http;
}

#endif
