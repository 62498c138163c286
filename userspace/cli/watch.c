// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "notify.h"
#include "triggers.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* How often it is looked how things stand. */
#define TICK_NS	 WATCH_NS_PER_S
/* After a window could not be written. */
#define RETRY_NS (3 * WATCH_NS_PER_S)

/* ---- what has happened ---------------------------------------------------- */

static void reckon_rate(struct watch *watch, const struct flightrec_stats *now)
{
	uint64_t ns = moment_since(watch->rate_mono_ns, now->now_mono_ns);

	if (now->start_mono_ns == watch->moment.stats.start_mono_ns &&
	    ns < TICK_NS / 2)
		return;
	watch->rate = moment_rate(watch->rate_events, now->events, ns);
	watch->rate_events = now->events;
	watch->rate_mono_ns = now->now_mono_ns;
}

static int look(struct watch *watch)
{
	struct moment now;

	if (moment_init(&now, watch->fd))
		return -1;
	reckon_rate(watch, &now.stats);
	moment_deinit(&watch->moment);
	watch->moment = now;
	return 0;
}

/* What fired before this recording, or is not on the tape any more, is past. */
static bool is_held(const struct watch *watch,
		    const struct flightrec_firing *firing)
{
	const struct flightrec_stats *stats = &watch->moment.stats;
	bool wrapped;
	uint64_t held = moment_held_on_all(&watch->moment, &wrapped);

	return firing->mono_ns >= stats->start_mono_ns &&
	       firing->mono_ns + held >= stats->now_mono_ns;
}

static void hear(struct watch *watch)
{
	struct flightrec_firing last;

	if (triggers_fired(watch->fd, watch->told, &last) > 0) {
		watch->told = last.sequence;
		watch->firing = last;
		watch->due = last.sequence > watch->covered;
	}
	if (!watch->due)
		return;
	if (watch->moment.stats.state == FLIGHTREC_IDLE) {
		watch->due = false;
	} else if (!is_held(watch, &watch->firing)) {
		watch->due = false;
		if (watch->trouble)
			cli_note(
				"what fired in the meantime is not on the tape any more");
	}
}

static bool frozen_by_trigger(const struct watch *watch)
{
	const struct flightrec_stats *stats = &watch->moment.stats;

	return stats->state == FLIGHTREC_FROZEN &&
	       stats->reason == FLIGHTREC_REASON_TRIGGER;
}

/* The trigger freezes, but its tail is not over yet. */
static bool tail_runs(const struct watch *watch)
{
	return watch->moment.stats.state == FLIGHTREC_TRIPPED &&
	       watch->firing.action == FLIGHTREC_ACTION_FREEZE;
}

/* ---- what is done then ---------------------------------------------------- */

static void thaw(struct watch *watch)
{
	int error = flightrec_thaw(watch->fd);

	/* Somebody else may have been quicker. */
	if (error == -EALREADY || error == -ENODATA)
		error = 0;
	/* About to sleep (-EAGAIN): there is a time after that. */
	if (error && error != -EAGAIN && error != watch->stuck)
		cli_note(
			"the window is written, but recording cannot go on: %s",
			error == -ESTALE ?
				"the machine slept; 'flightrec stop' and 'flightrec start' begin anew" :
				cli_why(error));
	watch->stuck = error;
}

static enum watch_result take(struct watch *watch, bool asked)
{
	enum watch_result result = watch_take(watch, asked);

	watch->retry = result == WATCH_LATER ? cli_mono_now() + RETRY_NS : 0;
	return result;
}

/* As of the last look(). */
static void act(struct watch *watch)
{
	uint64_t before = watch->windows;
	uint64_t cut = watch->moment.stats.now_mono_ns; /* if it is frozen */

	if (watch->retry && cli_mono_now() < watch->retry)
		return;
	watch->retry = 0;
	if (frozen_by_trigger(watch)) {
		/* It is written once, however long it cannot be thawed. */
		if (cut == watch->written_ns ||
		    take(watch, false) == WATCH_TAKEN) {
			watch->written_ns = cut;
			watch->due = false;
			thaw(watch);
		}
	} else if (watch->due && !tail_runs(watch)) {
		if (take(watch, false) != WATCH_LATER)
			watch->due = false;
	}
	if (watch->asked && !watch->retry) {
		if (watch->moment.stats.state == FLIGHTREC_IDLE)
			cli_note("no window: nothing is being recorded");
		else if (take(watch, true) == WATCH_LATER)
			return;
		watch->asked = false;
	}
	/* It may have been thawed, and writing takes its time. */
	if (watch->windows != before)
		look(watch);
}

/* ---- signals -------------------------------------------------------------- */

static int hold_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGCHLD);
	/* A parent that ignores it would have children reaped unseen. */
	signal(SIGCHLD, SIG_DFL);
	/* Who reads the lines may go away. */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void use_options(struct watch *watch)
{
	struct store *store = &watch->options.store;

	store->lock = watch->store.lock;
	watch->store = *store;
	watch->jobs.report = watch->options.report;
	watch->jobs.command = watch->options.command;
	watch->jobs.limit_ns = watch->options.limit_ns;
}

static void reload(struct watch *watch, int argc, char *argv[])
{
	struct watch_options options;
	char why[STORE_WHY_BYTES];
	int status;

	if (watch_options_init(&options, argc, argv, &status)) {
		watch_options_deinit(&watch->options);
		watch->options = options;
		use_options(watch);
	} else {
		cli_note("the options stay as they were");
	}
	/* One that is locked stays so: a report may be under way in it. */
	if (store_lock(&watch->store, why))
		cli_note("%s; trying again when there is a window", why);
	else
		store_prune(&watch->store);
	watch->retry = 0;
	watch->trouble = 0;
}

static void end(struct watch *watch)
{
	if (watch->ending)
		jobs_deinit(&watch->jobs);
	else if (watch->jobs.count)
		cli_note("waiting for report or --exec on %s",
			 watch->jobs.waiting[0].window);
	watch->ending = true;
}

static void take_signals(struct watch *watch, int argc, char *argv[])
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGUSR1:
			watch->asked = true;
			break;
		case SIGHUP:
			reload(watch, argc, argv);
			break;
		case SIGCHLD:
			break;
		default:
			end(watch);
		}
	}
}

/* ---- waiting -------------------------------------------------------------- */

/* When something is to be done though nothing happens. */
static int timeout_ms(const struct watch *watch, uint64_t watchdog)
{
	uint64_t now = cli_mono_now(), due = now + TICK_NS;
	uint64_t jobs = jobs_due(&watch->jobs);

	if (watchdog && now + watchdog / 2 < due)
		due = now + watchdog / 2;
	if (jobs < due)
		due = jobs;
	return due > now ? (int)((due - now) / 1000000) + 1 : 0;
}

/* Of a state that lasts the device would tell all the time. */
static short awaited(const struct watch *watch)
{
	switch (watch->moment.stats.state) {
	case FLIGHTREC_IDLE:
		return 0;
	case FLIGHTREC_FROZEN:
		return POLLPRI;
	default:
		return POLLPRI | POLLIN;
	}
}

static void wait_for_it(struct watch *watch, uint64_t watchdog)
{
	struct pollfd polled[] = {
		{ .fd = watch->signals, .events = POLLIN },
		{ .fd = watch->fd, .events = awaited(watch) },
	};

	poll(polled, watch->ending ? 1 : 2, timeout_ms(watch, watchdog));
}

static void run(struct watch *watch, int argc, char *argv[])
{
	uint64_t watchdog = notify_watchdog_ns();

	while (!watch->ending || watch->jobs.count) {
		if (watchdog)
			notify_send("WATCHDOG=1");
		wait_for_it(watch, watchdog);
		watch_line_clear(watch);
		take_signals(watch, argc, argv);
		if (!watch->ending && !look(watch)) {
			hear(watch);
			act(watch);
		}
		jobs_step(&watch->jobs, watch->store.lock);
		watch_line_draw(watch);
	}
	watch_line_clear(watch);
}

/* ---- beginning and end ---------------------------------------------------- */

static int begin(struct watch *watch)
{
	char why[STORE_WHY_BYTES];
	struct flightrec_info info;

	if (device_info(watch->fd, &info))
		return -1;
	if (!(info.features & FLIGHTREC_FEATURE_TRIGGERS)) {
		cli_fail(
			"the module that is loaded knows no triggers; module and command must be of one version");
		return -1;
	}
	if (look(watch))
		return -1;
	if (store_lock(&watch->store, why)) {
		cli_fail("%s", why);
		return -1;
	}
	store_prune(&watch->store);
	/* What a watcher before this one has seen to. */
	if (watch->moment.stats.state != FLIGHTREC_IDLE)
		watch->covered = store_covered(
			&watch->store, watch->moment.stats.start_mono_ns);
	watch->told = watch->covered;
	return 0;
}

static int watch_device(struct watch *watch, int argc, char *argv[])
{
	if (begin(watch))
		return EXIT_FAILURE;
	watch->terminal = isatty(STDOUT_FILENO);
	notify_send("READY=1");
	cli_note("waiting for triggers; windows go to %s",
		 watch->store.directory);
	/* Whatever has fired already does not wake anybody. */
	hear(watch);
	act(watch);
	run(watch, argc, argv);
	notify_send("STOPPING=1");
	return EXIT_SUCCESS;
}

int watch_main(int argc, char *argv[])
{
	struct watch watch = { .fd = -1, .signals = -1, .store.lock = -1 };
	int status;

	if (!watch_options_init(&watch.options, argc, argv, &status))
		return status;
	use_options(&watch);
	watch.signals = hold_signals();
	watch.fd = device_open(O_RDWR);
	status = watch.fd < 0 ? EXIT_FAILURE : watch_device(&watch, argc, argv);
	jobs_deinit(&watch.jobs);
	moment_deinit(&watch.moment);
	store_unlock(&watch.store);
	if (watch.fd >= 0)
		close(watch.fd);
	close(watch.signals);
	watch_options_deinit(&watch.options);
	return status;
}
