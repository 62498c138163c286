// SPDX-License-Identifier: GPL-2.0
/*
 * The command to be recorded waits in a pipe until recording is on, so that its
 * tape begins with its exec, and is a target, with all that it creates.
 */
#include "cli.h"
#include "device.h"
#include "reading.h"
#include "setup.h"
#include "undo.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <report.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND	    127
#define EXIT_SIGNAL	    128

static const char help[] =
	"Usage: flightrec run [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"\n"
	"Runs COMMAND and records it with all that it creates. When it ends or dies, the\n"
	"window is written to ./COMMAND-PID-TIME.frec, whose path is the last line on\n"
	"standard output, and recording ends. If a signal killed it or its status is not\n"
	"0, its last moments are told on standard error.\n"
	"\n"
	"  -o, --output FILE    write the window there\n" SETUP_HELP
	"  -h, --help           this text\n"
	"\n"
	"Exit status: COMMAND's, 128 + N if signal N killed it, 127 if it was not found,\n"
	"126 if it cannot be executed; 1 if it could not be recorded or, though it ended\n"
	"with 0, the window could not be saved.\n";

/**
 * struct run - a command being recorded
 * @setup: what to record; the target is put in by run_recorded()
 * @command: its argv
 * @output: where the window goes; NULL: a name is made
 * @fd: the device
 * @child: process id of the command
 * @release: closing this without a byte calls the command off
 * @refusal: the child's errno comes from here if exec fails
 * @old: signals held back before
 */
struct run {
	struct setup setup;
	char **command;
	const char *output;
	int fd;
	pid_t child;
	int release;
	int refusal;
	sigset_t old;
};

static bool parse(struct run *run, int argc, char *argv[], int *status)
{
	static const struct option options[] = {
		SETUP_OPTIONS,
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*status = 0;
	while (!*status && (option = getopt_long(argc, argv, "+ho:", options,
						 NULL)) != -1) {
		if (option == 'h') {
			*status = cli_help(help);
			return false;
		}
		if (option == 'o')
			run->output = optarg;
		else
			*status = setup_option(&run->setup, option, optarg);
	}
	if (!*status && optind == argc)
		*status = cli_misuse("no command to run");
	if (!*status && run->output && !strcmp(run->output, "-"))
		*status = cli_misuse(
			"-o -: standard output is the command's own; name a file");
	run->command = argv + optind;
	return !*status;
}

/* ---- the child ---- */

static void child_run(const struct run *run, int go, int refusal)
{
	char byte;
	int error;

	/* Nothing comes if recording could not begin, or run was killed. */
	if (read(go, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
	sigprocmask(SIG_SETMASK, &run->old, NULL);
	execvp(run->command[0], run->command);
	error = errno;
	if (write(refusal, &error, sizeof(error)) < 0)
		_exit(EXIT_NOT_EXECUTABLE);
	_exit(EXIT_NOT_FOUND);
}

static int child_create(struct run *run)
{
	int error, go[2], refusal[2];

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(refusal, O_CLOEXEC)) {
		error = -errno;
		close(go[0]);
		close(go[1]);
		return error;
	}
	fflush(NULL);
	run->child = fork();
	if (!run->child) {
		close(go[1]);
		close(refusal[0]);
		child_run(run, go[0], refusal[1]);
	}
	error = run->child < 0 ? -errno : 0;
	run->release = go[1];
	run->refusal = refusal[0];
	close(go[0]);
	close(refusal[1]);
	return error;
}

static void child_destroy(struct run *run)
{
	close(run->release);
	close(run->refusal);
	if (run->child > 0)
		waitpid(run->child, NULL, 0);
}

/* 0 once the command runs, or the errno with which exec refused it. */
static int child_release(struct run *run)
{
	ssize_t length;
	int error;

	if (write(run->release, "", 1) != 1)
		return -errno;
	close(run->release);
	run->release = -1;
	do {
		length = read(run->refusal, &error, sizeof(error));
	} while (length < 0 && errno == EINTR);
	return length == sizeof(error) ? -error : 0;
}

/* ---- signals ---- */

static const int forwarded[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
};

/* Hold back what is forwarded, from before the fork on: nothing is missed. */
static void signals_hold(struct run *run, sigset_t *signals)
{
	size_t i;

	sigemptyset(signals);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(signals, forwarded[i]);
	sigaddset(signals, SIGCHLD);
	/* A parent that ignores it would have children reaped unseen. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, signals, &run->old);
}

/* What the terminal sends (SI_KERNEL) goes to the whole process group, so that
 * the command has it already. */
static void forward(const struct run *run, const siginfo_t *info)
{
	if (info->si_code != SI_KERNEL)
		kill(run->child, info->si_signo);
}

/* Those that came with the command's end are not meant for what follows. */
static void signals_drain(const sigset_t *signals)
{
	const struct timespec now = { 0 };

	while (sigtimedwait(signals, NULL, &now) > 0)
		;
}

static int wait_status(struct run *run, const sigset_t *signals)
{
	siginfo_t info;
	int status;

	for (;;) {
		if (waitpid(run->child, &status, WNOHANG) == run->child)
			break;
		if (sigwaitinfo(signals, &info) > 0 && info.si_signo != SIGCHLD)
			forward(run, &info);
	}
	signals_drain(signals);
	run->child = -1;
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

/* ---- the last moments ---- */

static struct report_options last_moments = {
	.last_moments = true,
	.others = true,
};

static int put_last_moments(struct flightrec_reader *reader, struct sink *sink,
			    struct flightrec_error *error)
{
	int code = report_write(reader, sink, &last_moments, error);

	/* In a pid namespace of its own it has another number in the window. */
	if (code == -ESRCH) {
		last_moments.tid = 0;
		code = report_write(reader, sink, &last_moments, error);
	}
	return code;
}

/* Read back from where it was written, if it can be. */
static void tell_last_moments(const char *path, pid_t pid)
{
	struct flightrec_reader *reader;
	struct flightrec_error error;
	struct stat stat_of;

	if (stat(path, &stat_of) || !S_ISREG(stat_of.st_mode))
		return;
	reader = reading_open(path);
	if (!reader)
		return;
	last_moments.tid = (uint32_t)pid;
	if (reading_deliver(reader, put_last_moments, STDERR_FILENO, &error))
		cli_note("the last moments cannot be told: %s", error.text);
	reading_close(reader, path);
}

/* ---- the window ---- */

/* ./NAME-PID-TIME.frec */
static char *make_name(const struct run *run, pid_t pid)
{
	const char *slash = strrchr(run->command[0], '/');
	const char *name = slash && slash[1] ? slash + 1 : run->command[0];
	time_t seconds = time(NULL);
	struct tm broken = { 0 };
	char instant[32], *path;

	localtime_r(&seconds, &broken);
	strftime(instant, sizeof(instant), "%Y%m%dT%H%M%S", &broken);
	/* NAME_MAX, less the rest. */
	if (asprintf(&path, "./%.200s-%d-%s.frec", name, pid, instant) < 0)
		return NULL;
	return path;
}

static int freeze(const struct run *run)
{
	int error = flightrec_freeze(run->fd);

	if (error >= 0 || error == -EALREADY)
		return 0;
	if (error == -ENODATA)
		cli_fail(
			"no window: somebody else stopped the recorder meanwhile");
	else
		cli_fail("no window: cannot freeze: %s", cli_why(error));
	return -1;
}

/* What became of the window. */
enum saved {
	SAVED,
	NOT_SAVED, /* and it is gone */
	KEPT,	   /* not written, the recorder keeps it */
};

static enum saved explain_write(const char *path, int error)
{
	cli_fail(
		"cannot write %s: %s; the window is kept (the recorder stays frozen): 'flightrec snapshot -o FILE' writes it elsewhere, then 'flightrec stop'",
		path, cli_why(error));
	return KEPT;
}

static enum saved save(const struct run *run, const char *path)
{
	struct output output;
	int error = output_open(&output, path);

	if (error)
		return explain_write(path, error);
	switch (window_take(run->fd, &output, NULL, &error)) {
	case WINDOW_TAKEN:
		return SAVED;
	case WINDOW_NOT_WRITTEN:
		return explain_write(path, error);
	case WINDOW_BUSY:
		output_abandon(&output);
		cli_fail("no window: somebody else thawed the recorder");
		return NOT_SAVED;
	default:
		return NOT_SAVED;
	}
}

/* Frozen, with the signals held back: they are caught while the window is being
 * written, and would stop the recorder, as happens in the end anyway unless it
 * must keep its window. */
static enum saved save_and_stop(const struct run *run, const char *path)
{
	enum saved saved;

	undo_arm();
	undo_recorder(run->fd, UNDO_START);
	sigprocmask(SIG_UNBLOCK, undo_signals(), NULL);
	saved = save(run, path);
	sigprocmask(SIG_BLOCK, undo_signals(), NULL);
	undo_recorder(-1, UNDO_NOTHING);
	if (saved != KEPT)
		flightrec_stop(run->fd);
	return saved;
}

static bool take_window(const struct run *run, pid_t pid, int status)
{
	char *made = run->output ? NULL : make_name(run, pid);
	const char *path = run->output ? run->output : made;
	enum saved saved = NOT_SAVED;

	if (!path)
		cli_fail("no window: out of memory");
	if (path && !freeze(run))
		saved = save_and_stop(run, path);
	else
		flightrec_stop(run->fd);
	if (saved == SAVED && status)
		tell_last_moments(path, pid);
	/* Out before the signals that wait can end this. */
	if (saved == SAVED && printf("%s\n", path) > 0)
		fflush(stdout);
	free(made);
	return saved == SAVED;
}

/* ---- all of it ---- */

static int refused(struct run *run, int error)
{
	const char *command = run->command[0];

	flightrec_stop(run->fd);
	if (error != -ENOENT) {
		cli_fail("%s: %s", command, cli_why(error));
		return EXIT_NOT_EXECUTABLE;
	}
	if (strchr(command, '/') && !access(command, F_OK)) {
		cli_fail("%s: its interpreter was not found", command);
		return EXIT_NOT_EXECUTABLE;
	}
	cli_fail("%s: command not found", command);
	return EXIT_NOT_FOUND;
}

static int run_released(struct run *run, const sigset_t *signals)
{
	int error = child_release(run), status;
	pid_t pid = run->child;

	if (error)
		return refused(run, error);
	status = wait_status(run, signals);
	if (!take_window(run, pid, status) && !status)
		return EXIT_FAILURE;
	return status;
}

static int run_recorded(struct run *run)
{
	struct flightrec_stats stats;
	sigset_t signals;
	int error, status = EXIT_FAILURE;

	signals_hold(run, &signals);
	error = child_create(run);
	if (!error)
		error = targets_append(&run->setup.targets,
				       FLIGHTREC_TARGET_TGID,
				       (uint64_t)run->child, NULL);
	if (error)
		cli_fail("cannot run %s: %s", run->command[0], cli_why(error));
	else if (!setup_begin(&run->setup, run->fd, &stats))
		status = run_released(run, &signals);
	child_destroy(run);
	sigprocmask(SIG_SETMASK, &run->old, NULL);
	return status;
}

/* What would fail after the command has run for an hour had better fail now. */
static int check_output(const struct run *run)
{
	int error = output_possible(run->output ? run->output : "./*.frec");

	if (!error)
		return 0;
	return cli_fail(
		"the window could not be written to %s: %s; %s was not run",
		run->output ? run->output : "the current directory",
		cli_why(error), run->command[0]);
}

int run_main(int argc, char *argv[])
{
	struct run run = {
		.fd = -1,
		.child = -1,
		.release = -1,
		.refusal = -1,
	};
	int status;

	setup_init(&run.setup);
	if (!parse(&run, argc, argv, &status))
		goto out;
	status = check_output(&run);
	if (status)
		goto out;
	run.fd = device_open(O_RDWR);
	status = run.fd < 0 ? EXIT_FAILURE : run_recorded(&run);
	if (run.fd >= 0)
		close(run.fd);
out:
	setup_deinit(&run.setup);
	return status;
}
