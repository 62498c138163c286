// SPDX-License-Identifier: GPL-2.0
/*
 * A window on its way to a client. It is taken as a whole, and a thread then
 * makes its format into a pipe while the other end is sent: nothing of what is
 * made is kept, and who reads slowly slows the making down.
 */
#include "cli.h"
#include "device.h"
#include "excerpt.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <report.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATUS_BAD_REQUEST 400
#define STATUS_NOT_FOUND   404
#define STATUS_INTERNAL	   500
#define STATUS_UNAVAILABLE 503

/**
 * struct serve_window - a window on its way
 * @reader: it
 * @request: how it is made; its excerpt is not looked at any more
 * @thread: makes it
 * @making: it has not been waited for
 * @from: where to read it
 * @to: where the thread writes it
 * @error: what became of making it; the thread's until it is over
 * @code: likewise
 * @sent: bytes so far
 * @stopped_ns: how long recording stood still
 * @begun_ns: when it was asked for
 * @whole: all of it was handed on
 */
struct serve_window {
	struct flightrec_reader *reader;
	struct serve_request request;
	pthread_t thread;
	bool making;
	int from;
	int to;
	struct flightrec_error error;
	int code;
	uint64_t sent;
	uint64_t stopped_ns;
	uint64_t begun_ns;
	bool whole;
};

static int write_report(struct flightrec_reader *reader, struct sink *sink,
			struct flightrec_error *error)
{
	return report_write(reader, sink, NULL, error);
}

/* ---- what is asked for ---- */

static bool set_format(struct serve_request *request, const char *name)
{
	const struct encoder *encoder = encoder_find(name);

	if (!strcmp(name, "report")) {
		request->format = "report";
		request->type = "text/plain; charset=utf-8";
		request->suffix = ".report.txt";
		request->encode = write_report;
		return true;
	}
	if (!encoder)
		return false;
	request->format = encoder->name;
	request->type = encoder->type;
	request->suffix = encoder->suffix;
	request->encode = encoder->encode;
	return true;
}

void serve_request_init(struct serve_request *request)
{
	memset(request, 0, sizeof(*request));
	set_format(request, "frec");
}

bool serve_request_parameter(struct serve_request *request, const char *name,
			     const char *value, struct serve_answer *answer)
{
	answer->status = STATUS_BAD_REQUEST;
	if (!value || !*value) {
		snprintf(answer->text, sizeof(answer->text), "%.64s: no value",
			 name);
		return false;
	}
	if (strcmp(name, "format") != 0)
		return excerpt_parse(&request->excerpt, name, value,
				     answer->text, sizeof(answer->text));
	if (set_format(request, value))
		return true;
	snprintf(answer->text, sizeof(answer->text),
		 "format=%.64s: not one of frec, perfetto, text, report",
		 value);
	return false;
}

/* ---- taking it ---- */

static int refuse_open(struct serve_answer *answer, int error)
{
	answer->status = STATUS_UNAVAILABLE;
	device_explain(error, answer->text, sizeof(answer->text));
	return -1;
}

static void refuse(struct serve_answer *answer,
		   const struct flightrec_error *error)
{
	switch (error->code) {
	case -ENODATA:
		answer->status = STATUS_UNAVAILABLE;
		snprintf(answer->text, sizeof(answer->text),
			 "nothing is being recorded, so there is no window");
		return;
	case -ENOENT:
		answer->status = STATUS_NOT_FOUND;
		break;
	case -E2BIG:
		answer->status = STATUS_BAD_REQUEST;
		break;
	case -ESTALE:
	case -EBUSY:
	case -ENOMEM:
		answer->status = STATUS_UNAVAILABLE;
		break;
	default:
		answer->status = STATUS_INTERNAL;
		break;
	}
	snprintf(answer->text, sizeof(answer->text), "%s", error->text);
}

static int open_device(struct serve_answer *answer)
{
	int fd = flightrec_open(NULL, O_RDWR);

	return fd < 0 ? refuse_open(answer, fd) : fd;
}

bool serve_window_possible(struct serve_answer *answer)
{
	struct flightrec_stats stats;
	struct flightrec_error error;
	int fd = open_device(answer);

	if (fd < 0)
		return false;
	error.code = flightrec_stats(fd, &stats, NULL, 0);
	close(fd);
	if (!error.code && stats.state != FLIGHTREC_IDLE)
		return true;
	if (!error.code)
		error.code = -ENODATA;
	snprintf(error.text, sizeof(error.text), "cannot ask the recorder: %s",
		 cli_why(error.code));
	refuse(answer, &error);
	return false;
}

static int take(struct serve_window *window, struct serve_answer *answer)
{
	struct flightrec_excerpt *excerpt = &window->request.excerpt;
	struct flightrec_error error;
	int fd = open_device(answer), code;

	if (fd < 0)
		return -1;
	code = flightrec_snapshot(fd, &window->reader, &window->stopped_ns,
				  &error);
	close(fd);
	if (!code && excerpt_wanted(excerpt))
		code = flightrec_reader_narrow(window->reader, excerpt, &error);
	if (!code)
		return 0;
	refuse(answer, &error);
	return -1;
}

/* ---- making it ---- */

static void *make(void *argument)
{
	struct serve_window *window = argument;
	struct sink sink;
	int flushed;

	window->code = sink_init(&sink, window->to);
	if (window->code) {
		encoder_fail(&window->error, window->code, "make it");
	} else {
		window->code = window->request.encode(window->reader, &sink,
						      &window->error);
		flushed = sink_deinit(&sink);
		if (!window->code && flushed)
			window->code = encoder_fail(&window->error, flushed,
						    "hand it on");
	}
	close(window->to);
	return NULL;
}

static int begin(struct serve_window *window)
{
	int code, ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	window->from = ends[0];
	window->to = ends[1];
	code = -pthread_create(&window->thread, NULL, make, window);
	window->making = !code;
	if (code) {
		close(ends[0]);
		close(ends[1]);
	}
	return code;
}

struct serve_window *serve_window_create(struct serve_request *request,
					 struct serve_answer *answer)
{
	struct serve_window *window = calloc(1, sizeof(*window));
	int code = -ENOMEM;

	if (window) {
		window->request = *request;
		window->begun_ns = cli_mono_now();
		code = take(window, answer);
		if (code) {
			flightrec_reader_destroy(window->reader);
			free(window);
			return NULL;
		}
		code = begin(window);
	}
	if (!code)
		return window;
	answer->status = STATUS_INTERNAL;
	snprintf(answer->text, sizeof(answer->text),
		 "cannot make the window: %s", cli_why(code));
	if (window)
		flightrec_reader_destroy(window->reader);
	free(window);
	return NULL;
}

/* The end of the pipe is the end of the window only if making it went well. */
static ssize_t finish(struct serve_window *window)
{
	pthread_join(window->thread, NULL);
	window->making = false;
	if (window->code)
		return -1;
	window->whole = true;
	return 0;
}

ssize_t serve_window_read(struct serve_window *window, char *bytes,
			  size_t length)
{
	ssize_t got;

	do {
		got = read(window->from, bytes, length);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		window->sent += (uint64_t)got;
	if (got == 0 && window->making)
		return finish(window);
	return got;
}

void serve_window_name(const struct serve_window *window, char *name,
		       size_t length)
{
	uint64_t real_ns = flightrec_reader_window(window->reader)->cut_real_ns;
	time_t seconds = (time_t)(real_ns / 1000000000);
	struct tm broken = { 0 };
	char instant[32];

	gmtime_r(&seconds, &broken);
	strftime(instant, sizeof(instant), "%Y%m%dT%H%M%SZ", &broken);
	snprintf(name, length, "flightrec-%s%s", instant,
		 window->request.suffix);
}

static void tell(const struct serve_window *window)
{
	char stopped[64] = "";

	if (window->stopped_ns)
		snprintf(stopped, sizeof(stopped),
			 "; recording was interrupted for %.1f ms",
			 (double)window->stopped_ns / 1e6);
	cli_note("%s as %s, %s in %.1f s%s%s%s",
		 window->whole ? "a window" : "a part of a window",
		 window->request.format, cli_size(window->sent).text,
		 (double)(cli_mono_now() - window->begun_ns) / 1e9, stopped,
		 window->code && window->code != -EPIPE ? "; " : "",
		 window->code && window->code != -EPIPE ? window->error.text :
							  "");
}

void serve_window_destroy(struct serve_window *window)
{
	/* A thread that still writes finds that nobody reads. */
	close(window->from);
	if (window->making)
		pthread_join(window->thread, NULL);
	tell(window);
	flightrec_reader_destroy(window->reader);
	free(window);
}
