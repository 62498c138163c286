// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "serve.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LIMIT_NS 60000000000ULL

static const char help[] =
	"Usage: flightrec serve [OPTION]... --socket PATH | --listen ADDRESS\n"
	"\n"
	"Gives windows to whoever asks by HTTP on this machine:\n"
	"\n"
	"  curl --unix-socket PATH 'http://x/debug/flightrec?last=5s' -o slow.frec\n"
	"\n"
	"  --socket PATH        listen at a socket of that name, removed at the end\n"
	"  --mode MODE          of that socket, octal: who may write, may ask (600)\n"
	"  --listen ADDRESS     listen at 127.0.0.1:PORT, [::1]:PORT or PORT and nowhere\n"
	"                       else; any user of this machine may then ask\n"
	"  --timeout TIME       give up a window that is not sent by then (default 60s)\n"
	"  -h, --help           this text\n"
	"\n"
	"GET / tells what can be asked for. One window is taken at a time, recording goes\n"
	"on meanwhile. SIGTERM and SIGINT end it.\n";

/**
 * struct serving - what to do
 * @path: of the socket, or NULL
 * @address: of the loopback, or NULL
 * @mode: of the socket
 * @mode_given: --mode was there
 * @limit_ns: how long a window may take
 */
struct serving {
	const char *path;
	const char *address;
	mode_t mode;
	bool mode_given;
	uint64_t limit_ns;
};

static int parse_mode(struct serving *serving, const char *text)
{
	size_t digits = strspn(text, "01234567");

	if (!digits || digits > 4 || text[digits] ||
	    strtoul(text, NULL, 8) > 0777)
		return cli_misuse("--mode '%s': not an octal mode such as 660",
				  text);
	serving->mode = (mode_t)strtoul(text, NULL, 8);
	serving->mode_given = true;
	return 0;
}

static int parse_timeout(struct serving *serving, const char *text)
{
	if (cli_parse_duration(text, &serving->limit_ns) && serving->limit_ns &&
	    serving->limit_ns / 1000000000 <= INT32_MAX)
		return 0;
	return cli_misuse("--timeout '%s': not a time (such as 30s or 2m)",
			  text);
}

static int check(const struct serving *serving, int argc, char *argv[])
{
	int status = cli_no_operands(argc, argv);

	if (status)
		return status;
	if (!serving->path && !serving->address)
		return cli_misuse(
			"--socket PATH or --listen ADDRESS is missing");
	if (serving->path && serving->address)
		return cli_misuse("--socket and --listen: one of them");
	if (serving->path && !*serving->path)
		return cli_misuse("--socket '': no path");
	if (serving->mode_given && !serving->path)
		return cli_misuse("--mode is of --socket");
	return 0;
}

static int take_option(struct serving *serving, int option)
{
	switch (option) {
	case CLI_OPTION_SOCKET:
		serving->path = optarg;
		return 0;
	case CLI_OPTION_LISTEN:
		serving->address = optarg;
		return 0;
	case CLI_OPTION_MODE:
		return parse_mode(serving, optarg);
	case CLI_OPTION_TIMEOUT:
		return parse_timeout(serving, optarg);
	default:
		return cli_misuse_option();
	}
}

static bool parse(struct serving *serving, int argc, char *argv[], int *status)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, CLI_OPTION_SOCKET },
		{ "listen", required_argument, NULL, CLI_OPTION_LISTEN },
		{ "mode", required_argument, NULL, CLI_OPTION_MODE },
		{ "timeout", required_argument, NULL, CLI_OPTION_TIMEOUT },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*status = 0;
	while (!*status &&
	       (option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (option == 'h') {
			*status = cli_help(help);
			return false;
		}
		*status = take_option(serving, option);
	}
	if (!*status)
		*status = check(serving, argc, argv);
	return !*status;
}

/* SIGTERM and SIGINT as a descriptor, for all threads that are made later. */
static int hold_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* A client that goes away is no reason to end. */
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static void wait_for_end(int signals, struct serve_http *http)
{
	struct pollfd polled[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = serve_http_timer(http), .events = POLLIN },
	};

	for (;;) {
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			return;
		if (polled[0].revents)
			return;
		if (polled[1].revents)
			serve_http_late(http);
	}
}

static int serve(const struct serving *serving, struct serve_socket *at,
		 int signals)
{
	struct serve_answer answer;
	struct serve_http *http;
	int status;

	if (serving->path)
		status = serve_socket_unix(at, serving->path, serving->mode);
	else
		status = serve_socket_loopback(at, serving->address);
	if (status)
		return status;
	/* It may be loaded and started later; but it is better to know. */
	if (!serve_window_possible(&answer))
		cli_note("for now there is no window: %s", answer.text);
	http = serve_http_create(at->fd, serving->limit_ns);
	if (!http)
		return EXIT_FAILURE;
	wait_for_end(signals, http);
	serve_http_destroy(http);
	return EXIT_SUCCESS;
}

int serve_main(int argc, char *argv[])
{
	struct serving serving = { .mode = 0600, .limit_ns = LIMIT_NS };
	struct serve_socket at = { .fd = -1 };
	int signals, status;

	if (!parse(&serving, argc, argv, &status))
		return status;
	signals = hold_signals();
	if (signals < 0)
		return cli_fail("cannot wait for signals: %s", cli_why(errno));
	status = serve(&serving, &at, signals);
	serve_socket_close(&at);
	close(signals);
	return status;
}
