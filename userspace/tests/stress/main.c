// SPDX-License-Identifier: GPL-2.0
/*
 * Plays all roles at once for so many seconds; for longer, up to ten times that, on
 * a machine so slow that not everything has been seen by then. See stress.h.
 *
 *	stress SECONDS MODULE.ko [SEED]
 *
 * Runs as root, in a machine that may be harmed, with the module loaded, and
 * leaves it loaded and idle. Prints "ok - ..." and "not ok - ..."; exits with 1 if
 * anything failed.
 */
#include <sys/stat.h>

#include "stress.h"

/* How long whoever was killed may take to be gone. */
#define END_SECONDS 60

/**
 * struct role - what is done again and again
 * @name: of it
 * @play: does a little and returns
 * @players: how many do so at once
 * @nice: so that those who make the most work leave some time to the others, of all to
 *	who reads windows to their end
 * @life_ms: after at most how long a player is killed; 0: it is not
 */
struct role {
	const char *name;
	void (*play)(void);
	unsigned int players;
	int nice;
	unsigned int life_ms;
};

static const struct role roles[] = {
	{ "controller", role_controller, 2, 0, 20000 },
	{ "targets", role_targets, 1, 0, 10000 },
	{ "triggers", role_triggers, 2, 0, 10000 },
	{ "marker", role_marker, 1, 0, 3000 },
	{ "reader", role_reader, 2, -5, 60000 },
	{ "storm", role_storm, 2, 10, 8000 },
	{ "killer", role_killer, 1, 0, 0 },
	{ "cpus", role_cpus, 1, 0, 0 },
	{ "memory", role_memory, 1, 0, 0 },
	{ "module", role_module, 1, 0, 0 },
};

static uint64_t seed;

__attribute__((noreturn)) static void be_player(const struct role *role)
{
	truth_rename("stress");
	TRUTH_MUST(nice(role->nice) == role->nice);
	stress_seed(seed + (uint64_t)getpid() * 0x9e3779b9 +
		    (uint64_t)truth_clock(CLOCK_MONOTONIC));
	while (!stress_over())
		role->play();
	_exit(0);
}

/*
 * Waits for a player until @deadline, and for whoever else ended meanwhile: what a
 * killed player leaves behind comes to its supervisor. Return: whether it ended.
 */
static bool player_ended(const struct role *role, pid_t player,
			 int64_t deadline)
{
	int status;
	pid_t ended;

	for (;;) {
		ended = waitpid(-1, &status, WNOHANG);
		if (ended == player)
			break;
		if (ended > 0)
			continue;
		if (truth_clock(CLOCK_MONOTONIC) > deadline || stress_over())
			return false;
		usleep(5000);
	}
	if (status)
		stress_fail("%s ends with wait status %#x", role->name, status);
	return true;
}

static int64_t life(const struct role *role)
{
	if (!role->life_ms)
		return INT64_MAX;
	return truth_clock(CLOCK_MONOTONIC) +
	       stress_random(role->life_ms) * INT64_C(1000000);
}

/* Time is up for the player; one that is never killed ends by itself. */
static void end_player(const struct role *role, pid_t player)
{
	int status;

	if (role->life_ms)
		kill(player, SIGKILL);
	status = truth_wait(player);
	if (role->life_ms)
		stress_did(DEED_ROLE_KILLED);
	else if (status)
		stress_fail("%s ends with wait status %#x", role->name, status);
}

static void supervise_one(const struct role *role)
{
	pid_t player = fork();

	TRUTH_MUST(player >= 0);
	if (!player)
		be_player(role);
	if (!player_ended(role, player, life(role)))
		end_player(role, player);
}

/* Everybody below must end by himself: storms do. */
static void end_all(const struct role *role)
{
	int64_t deadline = truth_clock(CLOCK_MONOTONIC) +
			   END_SECONDS * TRUTH_NS_PER_S;
	pid_t ended;

	while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (truth_clock(CLOCK_MONOTONIC) > deadline) {
			stress_fail("of role %s somebody does not end",
				    role->name);
			return;
		}
		if (!ended)
			usleep(10000);
	}
}

__attribute__((noreturn)) static void supervise(const struct role *role)
{
	TRUTH_MUST(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	stress_seed(seed * 31 + (uint64_t)getpid());
	while (!stress_over())
		supervise_one(role);
	end_all(role);
	_exit(0);
}

static unsigned int start_roles(void)
{
	unsigned int i, player, count = 0;

	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		for (player = 0; player < roles[i].players; player++) {
			pid_t pid = fork();

			TRUTH_MUST(pid >= 0);
			if (!pid)
				supervise(&roles[i]);
			count++;
		}
	}
	return count;
}

static void let_them_play(unsigned int seconds)
{
	unsigned int more = seconds * 9;

	sleep(seconds);
	while (more-- && !stress_reached())
		sleep(1);
	__atomic_store_n(&arena->over, 1, __ATOMIC_RELAXED);
}

int main(int argc, char **argv)
{
	unsigned int count;
	int status;

	if (!strcmp(argv[0], "leaf"))
		return storm_leaf();
	TRUTH_MUST(argc == 3 || argc == 4);
	machine_module = argv[2];
	seed = argc == 4 ? (uint64_t)truth_number(argv[3]) :
			   (uint64_t)truth_clock(CLOCK_REALTIME);
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	arena = truth_shared(sizeof(*arena));
	printf("# seed %" PRIu64 "\n", seed);
	fflush(stdout);
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0622));
	count = start_roles();
	let_them_play((unsigned int)truth_number(argv[1]));
	while (count--) {
		TRUTH_MUST(wait(&status) > 0);
		if (status)
			stress_fail("a supervisor ends with wait status %#x",
				    status);
	}
	machine_restore();
	stress_report();
	return arena->failures ? 1 : 0;
}
