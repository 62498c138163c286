// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "jobs.h"
#include "notify.h"
#include "output.h"
#include "reading.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <report.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* From SIGTERM to SIGKILL. */
#define GRACE_NS 5000000000ULL

/* ---- in the process of a job ---------------------------------------------- */

static int put_report(struct flightrec_reader *reader, struct sink *sink,
		      struct flightrec_error *error)
{
	return report_write(reader, sink, NULL, error);
}

static int deliver_report(struct flightrec_reader *reader,
			  const char *directory, const char *name)
{
	struct flightrec_error why;
	struct output output;
	int error = output_open_unnamed(&output, directory, STORE_TEMPORARY);

	if (!error) {
		error = output_name(&output, name);
		if (!error)
			error = reading_deliver(reader, put_report, output.fd,
						&why);
		if (error)
			output_abandon(&output);
		else
			error = output_commit(&output);
	}
	return error;
}

/* NAME.frec to NAME.txt */
static void write_report(const char *window)
{
	const char *slash = strrchr(window, '/');
	struct flightrec_reader *reader = reading_open(window);
	char *directory = strndup(window, (size_t)(slash - window));
	char name[STORE_NAME_BYTES + 8];
	int error;

	snprintf(name, sizeof(name), "%.*s%s",
		 (int)(strlen(slash + 1) - strlen(STORE_WINDOW)), slash + 1,
		 STORE_REPORT);
	if (reader && directory) {
		error = deliver_report(reader, directory, name);
		if (error)
			cli_note("no report on %s: %s", window, cli_why(error));
		reading_close(reader, window);
	}
	free(directory);
}

static void execute(const struct jobs *jobs)
{
	const struct job *job = &jobs->waiting[0];
	char *line;

	notify_forget();
	setenv("FLIGHTREC_WINDOW", job->window, 1);
	setenv("FLIGHTREC_SUMMARY", job->summary, 1);
	if (asprintf(&line, "%s \"$@\"", jobs->command) < 0)
		return;
	execl("/bin/sh", "sh", "-c", line, "flightrec", job->window, NULL);
	cli_note("cannot execute /bin/sh: %s", cli_why(-errno));
}

static void child(const struct jobs *jobs, int close_in_child)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	setpgid(0, 0);
	if (close_in_child >= 0)
		close(close_in_child);
	dup2(null, STDIN_FILENO);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (jobs->report)
		write_report(jobs->waiting[0].window);
	if (jobs->command)
		execute(jobs);
	_exit(EXIT_SUCCESS);
}

/* ---- around it ------------------------------------------------------------ */

static void drop_first(struct jobs *jobs)
{
	free(jobs->waiting[0].window);
	free(jobs->waiting[0].summary);
	jobs->count--;
	memmove(jobs->waiting, jobs->waiting + 1,
		jobs->count * sizeof(jobs->waiting[0]));
	jobs->running = 0;
}

void jobs_add(struct jobs *jobs, const char *window, const char *summary)
{
	struct job *job = &jobs->waiting[jobs->count];

	if (!jobs->report && !jobs->command)
		return;
	if (jobs->count == JOBS_MAX) {
		cli_note(
			"%d windows wait for their report or --exec; nothing is done with %s",
			JOBS_MAX, window);
		return;
	}
	job->window = strdup(window);
	job->summary = strdup(summary);
	jobs->count++;
	if (!job->window || !job->summary) {
		cli_note("out of memory; nothing is done with %s", window);
		free(job->window);
		free(job->summary);
		jobs->count--;
	}
}

static void tell_end(const struct jobs *jobs, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status))
		cli_note("--exec on %s: exit status %d",
			 jobs->waiting[0].window, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		cli_note("--exec or report on %s: killed by signal %d%s",
			 jobs->waiting[0].window, WTERMSIG(status),
			 jobs->ended ? ", it took too long" : "");
}

static void begin(struct jobs *jobs, int close_in_child)
{
	fflush(NULL);
	jobs->running = fork();
	if (!jobs->running)
		child(jobs, close_in_child);
	if (jobs->running < 0) {
		cli_note("nothing is done with %s: cannot fork: %s",
			 jobs->waiting[0].window, cli_why(-errno));
		drop_first(jobs);
		return;
	}
	/* Here, too: the process may not have come to it yet. */
	setpgid(jobs->running, jobs->running);
	jobs->ended = false;
	jobs->deadline = cli_mono_now() + jobs->limit_ns;
}

static void end(struct jobs *jobs)
{
	kill(-jobs->running, jobs->ended ? SIGKILL : SIGTERM);
	jobs->ended = true;
	jobs->deadline = cli_mono_now() + GRACE_NS;
}

static void reap(struct jobs *jobs)
{
	int status;

	if (waitpid(jobs->running, &status, WNOHANG) != jobs->running)
		return;
	tell_end(jobs, status);
	/* What it may have left in the background took its time, too. */
	if (jobs->ended)
		kill(-jobs->running, SIGKILL);
	drop_first(jobs);
}

void jobs_step(struct jobs *jobs, int close_in_child)
{
	if (jobs->running)
		reap(jobs);
	if (jobs->running && cli_mono_now() >= jobs->deadline)
		end(jobs);
	if (!jobs->running && jobs->count)
		begin(jobs, close_in_child);
}

uint64_t jobs_due(const struct jobs *jobs)
{
	return jobs->running ? jobs->deadline : UINT64_MAX;
}

void jobs_deinit(struct jobs *jobs)
{
	if (jobs->running) {
		kill(-jobs->running, SIGTERM);
		waitpid(jobs->running, NULL, WNOHANG);
	}
	while (jobs->count)
		drop_first(jobs);
}
