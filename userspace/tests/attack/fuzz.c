// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks /dev/flightrec with calls good and bad and holds what comes back
 * against the contract. See --help.
 */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "attempt.h"
#include "nursery.h"
#include "tally.h"
#include "trouble.h"

#define THREADS_MAX 14
/* Seconds that the last call may take, on a slow machine. */
#define COMING_BACK 60

/**
 * struct wishes - how to attack
 * @seed: all of chance
 * @threads: 1: alone, the same every time
 * @seconds: how long; 0: until killed, or @calls
 * @calls: how many, by each thread; 0: no limit
 * @findings: enough of them
 * @verbose: tell each call
 */
struct wishes {
	uint64_t seed;
	unsigned int threads;
	unsigned int seconds;
	uint64_t calls;
	uint64_t findings;
	bool verbose;
};

static struct wishes wishes = { .threads = 1, .findings = 50 };
static bool compat;
static struct flightrec_info info;
static volatile bool over;

/* ---- one call ------------------------------------------------------------------- */

static void find(enum finding finding, const struct attempt *attempt,
		 const char *what)
{
	char text[1600];

	attempt_text(attempt, text, sizeof(text));
	tally_find(finding, "%s: %s", text, what);
}

static void judge_errno(const struct attempt *attempt,
			const struct errnos *must, const struct errnos *may)
{
	int error = attempt->result < 0 ? (int)-attempt->result : 0;
	const struct contract *contract = contract_of(attempt->call);
	char text[512], what[640];

	if (!error && errnos_are_none(must))
		return;
	errnos_text(must, text, sizeof(text));
	if (!error) {
		snprintf(what, sizeof(what), "expected one of %s", text);
		find(FINDING_LENIENT, attempt, what);
		return;
	}
	if (!errnos_have(&contract->documented, error)) {
		snprintf(what, sizeof(what), "returned %s",
			 strerrorname_np(error) ?: "?");
		find(FINDING_ERRNO, attempt, what);
	} else if (!errnos_have(must, error) && !errnos_have(may, error)) {
		snprintf(what, sizeof(what), "returned %s, expected %s%s",
			 strerrorname_np(error),
			 errnos_are_none(must) ? "success" : "one of ", text);
		find(FINDING_REASON, attempt, what);
	}
}

/* What lies behind the answer, and before it, must be what it was. */
static void judge_memory(const struct attempt *attempt,
			 const struct arena *arena, const uint8_t *room)
{
	const struct contract *contract = contract_of(attempt->call);
	const struct spot *spot = &attempt->spot;
	size_t begin, end;

	if (spot->place != PLACE_GOOD && spot->place != PLACE_EDGE)
		return;
	begin = spot->user ? (size_t)(spot->user - arena->room) : 0;
	end = begin;
	if (attempt->call < CALLS_IOCTL && contract->answers)
		end += contract->bytes < attempt->size ? contract->bytes :
							 attempt->size;
	else if (attempt->call == CALL_READ && attempt->bytes > spot->writable)
		end = PLACE_ROOM; /* what was copied before it came to the end */
	else if (attempt->call == CALL_READ && attempt->result > 0)
		end += (size_t)attempt->result;
	else if (attempt->call == CALL_READV)
		return;
	if (memcmp(arena->room, room, begin) ||
	    memcmp(arena->room + end, room + end, PLACE_ROOM - end))
		find(FINDING_MEMORY, attempt, "it wrote elsewhere, too");
}

/* What poll() says is right by what is known. */
static void judge_poll(const struct attempt *attempt, const struct model *model)
{
	uint32_t states = model_states_after(model, model->before.state);
	short expected = POLLNVAL, open = 0;

	if (attempt->result < 0 || !attempt->opened->certain)
		return;
	if (way_is_open(attempt->opened->way)) {
		expected = POLLOUT;
		/* What triggers have done, and when, is their affair. */
		open = POLLPRI;
		if (states == STATE(FROZEN))
			expected |= POLLIN;
		else if (states & STATE(FROZEN))
			open |= POLLIN;
	}
	if ((attempt->ready & ~open) != expected)
		find(FINDING_EFFECT, attempt, "poll tells another thing");
}

/* A clock that is so far ahead is wrong. */
#define NEVER_NS 600000000000

static const char *config_is_another(const struct flightrec_config *asked,
				     const struct flightrec_config *got)
{
	if ((asked->ring_bytes && asked->ring_bytes != got->ring_bytes) ||
	    (asked->block_bytes && asked->block_bytes != got->block_bytes) ||
	    (asked->events && asked->events != got->events) ||
	    (asked->policy && asked->policy != got->policy) ||
	    (asked->slots && asked->slots != got->slots) ||
	    (asked->identities && asked->identities != got->identities) ||
	    asked->args != got->args || asked->keep_ns != got->keep_ns ||
	    asked->flags != got->flags)
		return "the configuration is not what was asked for";
	return NULL;
}

/* The struct as the call has left it. */
static union argument answer_of(const struct attempt *attempt)
{
	union argument answer = attempt->argument;

	memcpy(&answer, attempt->spot.user, contract_of(attempt->call)->bytes);
	return answer;
}

/* It gets an id that is higher than all others. */
static const char *missing_trigger(const struct attempt *attempt,
				   struct model *model)
{
	struct flightrec_trigger trigger = attempt->argument.trigger;

	trigger.id = answer_of(attempt).trigger.id;
	if (!trigger.id || model_trigger_from(model, trigger.id))
		return "the id is not a new one";
	model_add_trigger(model, &trigger);
	return NULL;
}

static const char *wrong_trigger(const struct attempt *attempt,
				 const struct model *model)
{
	struct flightrec_trigger got = answer_of(attempt).trigger;
	const struct flightrec_trigger *right =
		model_trigger_from(model, attempt->argument.trigger.id);

	if (!right || got.id != right->id || got.recorder ||
	    got.size != attempt->size ||
	    memcmp(&got.condition, &right->condition,
		   offsetof(struct flightrec_trigger, fired) -
			   offsetof(struct flightrec_trigger, condition)))
		return "it tells of another trigger";
	if (right->max && got.fired > right->max)
		return "it has fired oftener than it may";
	return NULL;
}

static const char *wrong_firing(const struct attempt *attempt,
				struct model *model)
{
	uint64_t known = attempt->argument.fired.firing.sequence;
	struct flightrec_fired got = answer_of(attempt).fired;
	const struct flightrec_firing *firing = &got.firing;

	if (firing->sequence <= known ||
	    firing->sequence - known - 1 != got.missed)
		return "it is not the next firing";
	if (!firing->trigger || !firing->tid || !firing->clock ||
	    firing->mono_ns > model->before.now_mono_ns + NEVER_NS ||
	    firing->cpu >= info.cpus_possible ||
	    firing->condition < FLIGHTREC_TRIGGER_CALL ||
	    firing->condition > FLIGHTREC_TRIGGER_AWAY ||
	    (firing->action != FLIGHTREC_ACTION_NOTIFY &&
	     firing->action != FLIGHTREC_ACTION_FREEZE))
		return "there is no such firing";
	model->sequence = firing->sequence;
	return NULL;
}

/* It records, unless a trigger has gone on from there. */
static bool records(const struct model *model,
		    const struct flightrec_stats *now)
{
	uint32_t reason =
		now->state == FLIGHTREC_FROZEN ? FLIGHTREC_REASON_TRIGGER : 0;

	return model_states_after(model, FLIGHTREC_RECORDING) &
		       1U << now->state &&
	       now->reason == reason;
}

/* Returns what a call that succeeded should have done and has not, or NULL. */
static const char *missing_effect(const struct attempt *attempt,
				  struct model *model,
				  const struct flightrec_stats *now)
{
	const struct flightrec_target *target = &attempt->argument.target;

	switch (attempt->call) {
	case CALL_CONFIGURE:
		return config_is_another(&attempt->argument.config,
					 &now->config);
	case CALL_TARGET_ADD:
		model_add(model, target);
		break;
	case CALL_TARGET_REMOVE:
		model_remove(model, target);
		break;
	case CALL_START:
		return records(model, now) && now->start_mono_ns ?
			       NULL :
			       "it does not record";
	case CALL_STOP:
		model->count = 0;
		/* All but what had become of sparing stays. */
		model->before.config.sparing = FLIGHTREC_SPARING_OFF;
		if (memcmp(&now->config, &model->before.config,
			   sizeof(now->config)))
			return "the configuration does not stay";
		return now->state == FLIGHTREC_IDLE && !now->targets ?
			       NULL :
			       "it is not idle and empty";
	case CALL_FREEZE:
		return now->state == FLIGHTREC_FROZEN &&
				       now->reason == FLIGHTREC_REASON_FREEZE ?
			       NULL :
			       "it is not frozen";
	case CALL_THAW:
		return records(model, now) ? NULL : "it is not thawed";
	case CALL_MARK:
	case CALL_WRITE:
		return now->events > model->before.events ?
			       NULL :
			       "no event was recorded";
	case CALL_TRIGGER_ADD:
		return missing_trigger(attempt, model);
	case CALL_TRIGGER_REMOVE:
		model_remove_trigger(model, attempt->argument.trigger.id);
		break;
	case CALL_TRIGGER_GET:
		return wrong_trigger(attempt, model) ?:
			       model_difference(model, now);
	case CALL_FIRED:
		return wrong_firing(attempt, model) ?:
			       model_difference(model, now);
	case CALL_READ:
	case CALL_READV:
		/* The window may be made only now. */
		model->before.memory_bytes = now->memory_bytes;
		break;
	case CALL_INFO:
		if (memcmp(attempt->spot.user + 8, (uint8_t *)&info + 8,
			   sizeof(info) - 8))
			return "INFO is another than at the beginning";
		return model_difference(model, now);
	case CALL_STATS:
	case CALL_POLL:
	case CALL_OPEN:
		return model_difference(model, now);
	default:
		break;
	}
	return NULL;
}

/* Those that there are: after each call that could have changed them. */
static void judge_triggers(const struct attempt *attempt,
			   struct attacker *attacker)
{
	const char *what;

	switch (attempt->call) {
	case CALL_TRIGGER_ADD:
	case CALL_TRIGGER_REMOVE:
	case CALL_TRIGGER_GET:
	case CALL_STOP:
	case CALL_CONFIGURE:
		break;
	default:
		return;
	}
	what = model_triggers_difference(&attacker->model, attacker->device);
	if (!what)
		return;
	find(attempt->result < 0 ? FINDING_CHANGED : FINDING_EFFECT, attempt,
	     what);
	model_drop_triggers(attacker->device);
	attacker->model.triggers_count = 0;
}

static void judge_effect(const struct attempt *attempt,
			 struct attacker *attacker)
{
	struct model *model = &attacker->model;
	struct model after = { .count = 0 };
	const char *what;

	model_look(&after, attacker->device);
	if (attempt->call == CALL_READ || attempt->call == CALL_READV)
		model->before.memory_bytes = after.before.memory_bytes;
	if (attempt->result < 0) {
		tally_compared();
		what = model_difference(model, &after.before);
		if (what)
			find(FINDING_CHANGED, attempt, what);
	} else {
		what = missing_effect(attempt, model, &after.before);
		if (!what && after.before.targets != model->count)
			what = "there are not as many targets";
		if (what)
			find(FINDING_EFFECT, attempt, what);
	}
	judge_triggers(attempt, attacker);
	model->before = after.before;
	if (after.before.targets != model->count)
		model_init(model, attacker->device);
}

static void tell(const struct attempt *attempt)
{
	char text[1600];

	printf("# %s: %ld\n", attempt_text(attempt, text, sizeof(text)),
	       attempt->result);
}

static void attack_once(struct attacker *attacker)
{
	static _Thread_local struct attempt attempt;
	static _Thread_local uint8_t room[PLACE_ROOM];
	struct errnos must, may;

	attempt_make_up(&attempt, attacker);
	attempt_reasons(&attempt, attacker, &must, &may);
	memcpy(room, attacker->outer.room, sizeof(room));
	attempt_make(&attempt);
	tally_count(attempt.call,
		    attempt.result < 0 ? (int)-attempt.result : 0);
	if (attempt.compat)
		tally_compat();
	judge_errno(&attempt, &must, &may);
	judge_memory(&attempt, &attacker->outer, room);
	if (!attacker->alone)
		return;
	if (attempt.call == CALL_POLL)
		judge_poll(&attempt, &attacker->model);
	judge_effect(&attempt, attacker);
	if (wishes.verbose)
		tell(&attempt);
}

/* ---- those who attack ---------------------------------------------------------------- */

static bool enough(uint64_t calls)
{
	return over || tally_findings() >= wishes.findings ||
	       (wishes.calls && calls >= wishes.calls);
}

static void attacker_init(struct attacker *attacker, unsigned int thread,
			  uint64_t seed)
{
	memset(attacker, 0, sizeof(*attacker));
	attacker->chance.state = seed;
	attacker->alone = wishes.threads == 1;
	attacker->compat = compat;
	attacker->device = opened_plainly();
	attacker->model.info = info;
	arena_init(&attacker->outer, !attacker->alone);
	arena_init(&attacker->inner, !attacker->alone);
	opened_init_own(attacker->own, thread);
}

static void change_children(struct chance *chance)
{
	unsigned int place = chance_below(chance, NURSERY_PLACES);
	enum trade last = wishes.threads == 1 ? TRADE_ATTACK : TRADES;

	if (chance_one_in(chance, 4))
		nursery_empty(place);
	else
		nursery_fill(place, (enum trade)chance_below(chance, last),
			     chance_next(chance));
}

/*
 * Each call follows from the seed and its number, so that they are the same every
 * time, but for the tids; what came out of one before does not change the next.
 */
static void attack_alone(void)
{
	static struct attacker attacker;
	uint64_t calls;

	attacker_init(&attacker, 0, wishes.seed);
	model_init(&attacker.model, attacker.device);
	for (calls = 0; !enough(calls); calls++) {
		chance_begin(&attacker.chance, wishes.seed, calls);
		if (chance_one_in(&attacker.chance, 100))
			change_children(&attacker.chance);
		attack_once(&attacker);
	}
}

static void *attack_in_thread(void *argument)
{
	struct attacker *attacker = argument;
	uint64_t calls;

	for (calls = 0; !enough(calls); calls++)
		attack_once(attacker);
	return NULL;
}

/* A process that is killed sooner or later, in the middle of a call. */
static void attack_until_killed(uint64_t seed)
{
	static struct attacker attacker;

	attacker_init(&attacker, THREADS_MAX + (unsigned int)(seed % 8), seed);
	/* Nobody would answer the faults. */
	attacker.outer.slow = NULL;
	attacker.inner.slow = NULL;
	for (;;)
		attack_once(&attacker);
}

/* ---- those who interfere ----------------------------------------------------------- */

static void *scribble(void *unused)
{
	struct chance chance = { .state = wishes.seed ^ 0x5c51bb1e };

	while (!over) {
		place_scribble(&chance);
		/* Often enough to hit a call, and no CPU of its own. */
		if (chance_one_in(&chance, 8))
			usleep(20);
	}
	return unused;
}

static void *answer_faults(void *unused)
{
	struct chance chance = { .state = wishes.seed ^ 0xfa017 };

	while (place_answer_fault(&chance))
		;
	return unused;
}

static void *close_under_them(void *unused)
{
	struct chance chance = { .state = wishes.seed ^ 0xc105e };

	while (!over) {
		struct opened opened =
			opened_shared(chance_below(&chance, OPENED_SHARED));

		opened_change(&opened, &chance);
		usleep(chance_below(&chance, 2000));
	}
	return unused;
}

static void *raise_children(void *unused)
{
	struct chance chance = { .state = wishes.seed ^ 0xc411d };

	while (!over) {
		change_children(&chance);
		usleep(chance_below(&chance, 20000));
	}
	return unused;
}

static void begin(pthread_t *thread, void *(*function)(void *), void *argument)
{
	TROUBLE_UNLESS(!pthread_create(thread, NULL, function, argument));
}

static void attack_together(void)
{
	static struct attacker callers[THREADS_MAX];
	pthread_t attackers[THREADS_MAX], others[3], faults;
	unsigned int i;

	for (i = 0; i < wishes.threads; i++)
		attacker_init(&callers[i], i, wishes.seed + i);
	for (i = 0; i < wishes.threads; i++)
		begin(&attackers[i], attack_in_thread, &callers[i]);
	begin(&others[0], scribble, NULL);
	begin(&others[1], close_under_them, NULL);
	begin(&others[2], raise_children, NULL);
	/* Goes on to the end: somebody may still wait for a page. */
	begin(&faults, answer_faults, NULL);
	for (i = 0; i < wishes.threads; i++)
		pthread_join(attackers[i], NULL);
	over = true;
	for (i = 0; i < 3; i++)
		pthread_join(others[i], NULL);
}

/* ---- the program ---------------------------------------------------------------------- */

static void usage(void)
{
	puts("Usage: fuzz [--seed N] [--threads N] [--seconds N] [--calls N]\n"
	     "            [--findings N] [--forget CALL:ERRNO] [--verbose]\n"
	     "\n"
	     "Attacks " FLIGHTREC_NODE
	     " with calls of every kind, right and wrong, and\n"
	     "checks what they return against the contract, uapi/linux/flightrec.h.\n"
	     "\n"
	     "  --seed N       what chance begins with (default: another one each time)\n"
	     "  --threads N    1 (the default): one caller, the same calls every time, and\n"
	     "                 all that they change is checked; more: at the same time,\n"
	     "                 with others that close descriptors, change arguments and\n"
	     "                 kill, and errnos alone are checked\n"
	     "  --seconds N    for how long (default: until interrupted)\n"
	     "  --calls N      how many calls, by each thread\n"
	     "  --findings N   end when so much was found (default: 50)\n"
	     "  --forget CALL:ERRNO   as if the contract did not name it (INFO:EFAULT)\n"
	     "  --verbose      tell each call (one thread)\n"
	     "\n"
	     "Runs as root with an idle recorder, and leaves an idle one. Prints what was\n"
	     "found and \"ok - WHAT\" or \"not ok - WHAT\". Exit status: 1 if anything was\n"
	     "found, 2 if called wrongly.");
}

static void wrong(const char *what)
{
	fprintf(stderr, "fuzz: %s, see --help\n", what);
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (!*text || *end)
		wrong("not a number");
	return value;
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "threads", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 'n' },
		{ "calls", required_argument, NULL, 'c' },
		{ "findings", required_argument, NULL, 'e' },
		{ "forget", required_argument, NULL, 'f' },
		{ "executed", required_argument, NULL, 'x' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			wishes.seed = number(optarg);
			break;
		case 't':
			wishes.threads = (unsigned int)number(optarg);
			break;
		case 'n':
			wishes.seconds = (unsigned int)number(optarg);
			break;
		case 'c':
			wishes.calls = number(optarg);
			break;
		case 'e':
			wishes.findings = number(optarg);
			break;
		case 'v':
			wishes.verbose = true;
			break;
		case 'x':
			nursery_be_executed(optarg);
			break;
		case 'f':
			if (!contract_forget(optarg))
				wrong("--forget: the contract has no such thing");
			break;
		case 'h':
			usage();
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind < argc)
		wrong("too many words");
	if (!wishes.threads || wishes.threads > THREADS_MAX)
		wrong("1 to 14 threads");
}

/* The time is up; and when it is up for good, somebody has not come back. */
static void interrupted(int signal)
{
	static const char lost[] = "not ok - every call comes back\n";

	(void)signal;
	if (over && write(1, lost, sizeof(lost) - 1) > 0)
		_exit(1);
	over = true;
	alarm(COMING_BACK);
}

static void set_up(void)
{
	struct rlimit files = { 4096, 4096 };
	struct timespec now;
	int device;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!wishes.seed) {
		clock_gettime(CLOCK_REALTIME, &now);
		wishes.seed = (uint64_t)(now.tv_sec * 1000000000 + now.tv_nsec);
	}
	printf("# fuzz: seed %" PRIu64 ", %u threads\n", wishes.seed,
	       wishes.threads);
	TROUBLE_UNLESS(!setrlimit(RLIMIT_NOFILE, &files));
	prctl(PR_SET_NAME, "fuzz");
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	signal(SIGALRM, interrupted);
	tally_init();
	place_init();
	compat = attempt_compat_works();
	if (!compat)
		printf("# fuzz: this kernel has no 32-bit entry\n");
	device = opened_plainly();
	info.size = sizeof(info);
	TROUBLE_UNLESS(!ioctl(device, FLIGHTREC_IOC_INFO, &info));
	close(device);
	opened_init_shared();
}

static void leave_idle(void)
{
	struct flightrec_control stop = { .size = sizeof(stop) };
	int device = opened_plainly();

	model_drop_triggers(device);
	ioctl(device, FLIGHTREC_IOC_STOP, &stop);
	close(device);
}

int main(int argc, char **argv)
{
	bool good;

	contract_init();
	parse(argc, argv);
	set_up();
	nursery_start(wishes.threads > 1 ? attack_until_killed : NULL);
	alarm(wishes.seconds);
	if (wishes.threads == 1)
		attack_alone();
	else
		attack_together();
	alarm(0);
	nursery_end();
	leave_idle();
	good = tally_report(wishes.threads == 1, compat);
	return good ? 0 : 1;
}
