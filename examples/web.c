// SPDX-License-Identifier: GPL-2.0
/*
 * A web service that takes a window by itself when a request is slow or fails.
 *
 *	web [PORT [SLOW_MS [DIRECTORY]]]
 *
 * It listens at 127.0.0.1:PORT (8080). A request that takes SLOW_MS (100) or more,
 * or is answered by 500 or above, leaves the last five seconds in a file in
 * DIRECTORY (the current one). To have something to look at:
 *
 *	GET /work?ms=N	works for N milliseconds
 *	GET /fail	fails
 *
 * The recorder must be recording it: flightrec start --comm web. If it is not, the
 * service serves all the same.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libflightrec.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	int marks;			       /* for marks; -1: none */
	struct flightrec_snapshots *snapshots; /* NULL: none */
	uint64_t slow_ns;
	atomic_uint requests;
} service = { .marks = -1, .slow_ns = 100000000 };

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* ---- what the service is there for ---- */

static unsigned int work(struct MHD_Connection *connection)
{
	const char *text = MHD_lookup_connection_value(
		connection, MHD_GET_ARGUMENT_KIND, "ms");
	unsigned long ms = text ? strtoul(text, NULL, 10) : 0;
	struct timespec time = { (time_t)(ms / 1000),
				 (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
	return MHD_HTTP_OK;
}

static unsigned int serve(struct MHD_Connection *connection, const char *url)
{
	if (!strcmp(url, "/work"))
		return work(connection);
	if (!strcmp(url, "/fail"))
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	return MHD_HTTP_NOT_FOUND;
}

/* ---- around it: marks, and a window if it went wrong ---- */

/* In the thread that takes windows. */
static void taken(void *context, const struct flightrec_snapshot_result *result)
{
	(void)context;
	if (result->code)
		printf("request %" PRIu64 ": no window: %s\n", result->tag,
		       result->error.text);
	else
		printf("request %" PRIu64 ": window %s\n", result->tag,
		       result->path);
}

/* Costs the request nothing but a write to a pipe: the disk is waited for
 * elsewhere. */
static void take_window(unsigned int request)
{
	int code =
		service.snapshots ?
			flightrec_snapshot_async(service.snapshots, request) :
			0;

	/* Mostly -EBUSY: there is a window of what is going wrong already. */
	if (code)
		printf("request %u: no window: %s\n", request, strerror(-code));
}

static unsigned int serve_recorded(struct MHD_Connection *connection,
				   const char *url)
{
	unsigned int request = atomic_fetch_add(&service.requests, 1) + 1;
	uint64_t begin = now(), took;
	unsigned int status;
	char key[16], how[16];

	/* Marks that cannot be left (nothing records) are no reason to fail. */
	snprintf(key, sizeof(key), "%u", request);
	flightrec_mark_begin(service.marks, key, url);
	status = serve(connection, url);
	snprintf(how, sizeof(how), "%u", status);
	flightrec_mark_end(service.marks, key, how);

	took = now() - begin;
	printf("request %u: %u after %" PRIu64 " ns\n", request, status, took);
	if (took >= service.slow_ns || status >= 500)
		take_window(request);
	return status;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_bytes, void **state)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned int status;
	char text[32];

	(void)context;
	(void)version;
	(void)upload;
	/* First comes the header alone, then a body, which nobody wants. */
	if (!*state || *upload_bytes) {
		*state = &service;
		*upload_bytes = 0;
		return MHD_YES;
	}
	status = strcmp(method, MHD_HTTP_METHOD_GET) ?
			 MHD_HTTP_METHOD_NOT_ALLOWED :
			 serve_recorded(connection, url);
	snprintf(text, sizeof(text), "%u\n", status);
	response = MHD_create_response_from_buffer(strlen(text), text,
						   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* ---- from start to end ---- */

static void open_recorder(const char *directory)
{
	struct flightrec_snapshots_options options = {
		.directory = directory,
		.prefix = "web",
		.excerpt = { .last_ns = 5000000000 },
		.waiting = 1,
		.done = taken,
	};
	struct flightrec_error error;

	service.marks = flightrec_open(NULL, O_WRONLY);
	if (flightrec_snapshots_create(&options, &service.snapshots, &error))
		fprintf(stderr, "web: no windows will be taken: %s\n",
			error.text);
}

static struct MHD_Daemon *listen_at(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION,
		port, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
		MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
}

int main(int argc, char *argv[])
{
	uint16_t port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 8080);
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int number;

	if (argc > 2)
		service.slow_ns = strtoull(argv[2], NULL, 10) * 1000000;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	open_recorder(argc > 3 ? argv[3] : NULL);
	daemon = listen_at(port);
	if (!daemon) {
		fprintf(stderr, "web: cannot listen at 127.0.0.1:%u\n", port);
		return 1;
	}
	printf("listening at http://127.0.0.1:%u/\n", port);
	sigwait(&signals, &number);
	MHD_stop_daemon(daemon);
	/* Waits for the windows that were asked for. */
	flightrec_snapshots_destroy(service.snapshots);
	return 0;
}
