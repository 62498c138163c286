// SPDX-License-Identifier: GPL-2.0
/* Children. See nursery.h. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "nursery.h"
#include "trouble.h"

/**
 * struct order - what the nursery is to do
 * @place: where
 * @trade: of the child to put there; TRADES: none
 * @seed: for the child
 */
struct order {
	uint32_t place;
	uint32_t trade;
	uint64_t seed;
};

/* Seen by all processes; a child's pid is there as long as it lives. */
static volatile pid_t *children;
static int orders[2];
static int answers[2];
static pid_t nurse;
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

const char *nursery_name(unsigned int number)
{
	static const char *const names[NURSERY_NAMES] = {
		"attack-a",
		"attack-b",
		"fifteen_letters",
		"exe",
	};

	return names[number % NURSERY_NAMES];
}

/* ---- the trades: nothing here allocates, most are killed in the middle of it - */

static void doze(long us)
{
	struct timespec time = { .tv_nsec = us * 1000 };

	nanosleep(&time, NULL);
}

static void make_calls(void)
{
	for (;;) {
		syscall(SYS_getppid);
		sched_yield();
		doze(200);
	}
}

static void make_children(void)
{
	for (;;) {
		pid_t child = fork();

		if (!child)
			_exit(7);
		if (child > 0)
			waitpid(child, NULL, 0);
		doze(300);
	}
}

static void *be_thread(void *unused)
{
	doze(500);
	return unused;
}

static void make_threads(void)
{
	pthread_t threads[3];
	int i;

	for (;;) {
		for (i = 0; i < 3; i++)
			if (pthread_create(&threads[i], NULL, be_thread, NULL))
				break;
		while (i--)
			pthread_join(threads[i], NULL);
	}
}

static void take_names(void)
{
	unsigned int i;

	for (i = 0;; i++) {
		prctl(PR_SET_NAME, nursery_name(i));
		doze(300);
	}
}

static void execute(int times)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", times);
	execl("/proc/self/exe", "attacked", "--executed", number, (char *)NULL);
	_exit(TROUBLE_STATUS);
}

void nursery_be_executed(const char *times)
{
	int left = atoi(times);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (left > 0) {
		doze(2000);
		execute(left - 1);
	}
	for (;;)
		pause();
}

static void live(const struct order *order, void (*attack)(uint64_t seed))
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	switch (order->trade) {
	case TRADE_CALL:
		make_calls();
		break;
	case TRADE_FORK:
		make_children();
		break;
	case TRADE_THREAD:
		make_threads();
		break;
	case TRADE_RENAME:
		take_names();
		break;
	case TRADE_EXEC:
		execute(20);
		break;
	case TRADE_ATTACK:
		if (attack)
			attack(order->seed);
		break;
	default:
		break;
	}
	for (;;)
		pause();
}

/* ---- the nurse ------------------------------------------------------------------ */

static void clear_place(uint32_t place)
{
	pid_t child = children[place];

	if (!child)
		return;
	kill(child, SIGKILL);
	TROUBLE_UNLESS(waitpid(child, NULL, 0) == child);
	children[place] = 0;
}

static void fill_place(const struct order *order, void (*attack)(uint64_t seed))
{
	pid_t child = fork();

	TROUBLE_UNLESS(child >= 0);
	if (!child)
		live(order, attack);
	children[order->place] = child;
}

static void nurse_children(void (*attack)(uint64_t seed))
{
	struct order order;
	uint32_t place;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(orders[0], &order, sizeof(order)) == sizeof(order)) {
		clear_place(order.place);
		if (order.trade < TRADES)
			fill_place(&order, attack);
		TROUBLE_UNLESS(write(answers[1], "", 1) == 1);
	}
	for (place = 0; place < NURSERY_PLACES; place++)
		clear_place(place);
	_exit(0);
}

void nursery_start(void (*attack)(uint64_t seed))
{
	void *memory = mmap(NULL, sizeof(*children) * NURSERY_PLACES,
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	TROUBLE_UNLESS(memory != MAP_FAILED);
	children = memory;
	TROUBLE_UNLESS(!pipe(orders) && !pipe(answers));
	nurse = fork();
	TROUBLE_UNLESS(nurse >= 0);
	if (!nurse) {
		close(orders[1]);
		close(answers[0]);
		nurse_children(attack);
	}
	close(orders[0]);
	close(answers[1]);
}

static void ask(const struct order *order)
{
	char done;

	pthread_mutex_lock(&asking);
	TROUBLE_UNLESS(write(orders[1], order, sizeof(*order)) ==
		       sizeof(*order));
	TROUBLE_UNLESS(read(answers[0], &done, 1) == 1);
	pthread_mutex_unlock(&asking);
}

void nursery_fill(unsigned int place, enum trade trade, uint64_t seed)
{
	struct order order = { .place = place, .trade = trade, .seed = seed };

	ask(&order);
}

void nursery_empty(unsigned int place)
{
	nursery_fill(place, TRADES, 0);
}

pid_t nursery_child(unsigned int place)
{
	return children[place];
}

pid_t nursery_pid(void)
{
	return nurse;
}

void nursery_end(void)
{
	int status;

	close(orders[1]);
	TROUBLE_UNLESS(waitpid(nurse, &status, 0) == nurse && !status);
}
