// SPDX-License-Identifier: GPL-2.0
/*
 * Children that end in every way there is, and signals whose sender, receiver
 * and code are known. No core is ever dumped.
 *
 *	deaths
 *
 * Prints of each child: tid, wait status, name; of each signal: sender, receiver,
 * number, si_code, whether to the thread or the process, what became of it
 * (none: it was ignored; pending: the same one was pending already); and how
 * often it was delivered, and to what.
 */
#include <sys/resource.h>

#include "truth.h"

#define HANDLED_TIMES 5

/**
 * struct child - one of them
 * @name: its name
 * @body: what it does after it has said that it is ready
 * @action: what the parent does then; NULL: wait
 * @status: the wait status that it must have
 */
struct child {
	const char *name;
	void (*body)(void);
	void (*action)(pid_t tid);
	int status;
};

static int ready[2]; /* children write a byte when they are */
static volatile sig_atomic_t handled;

static void say_ready(void)
{
	TRUTH_MUST(write(ready[1], "", 1) == 1);
}

static void await_ready(void)
{
	char byte;

	TRUTH_MUST(read(ready[0], &byte, 1) == 1);
}

static void say_signal(pid_t from, pid_t to, int number, int code,
		       const char *whom, const char *fate)
{
	printf("signal from=%d to=%d number=%d name=SIG%s code=%d whom=%s fate=%s\n",
	       from, to, number, sigabbrev_np(number), code, whom, fate);
}

static void say_delivery(pid_t to, int number, long times, const char *handler)
{
	printf("delivery to=%d number=%d name=SIG%s times=%ld handler=%s\n", to,
	       number, sigabbrev_np(number), times, handler);
}

/* ---- what children do ------------------------------------------------------ */

static void exit_0(void)
{
	_exit(0);
}

static void exit_7(void)
{
	_exit(7);
}

static void exit_255(void)
{
	_exit(-1);
}

static void exit_thread(void)
{
	/* Of the only thread, not of the group. */
	syscall(SYS_exit, 9);
}

static void wait_for_ever(void)
{
	say_ready();
	for (;;)
		pause();
}

/* An instruction that there is not, and what the kernel calls that. */
#if defined(__x86_64__)
#define ILLEGAL	     "ud2"
#define ILLEGAL_CODE ILL_ILLOPN
#elif defined(__aarch64__)
#define ILLEGAL	     "udf #0"
#define ILLEGAL_CODE ILL_ILLOPC
#else
#error "which instruction does this machine refuse?"
#endif

static void trap(void)
{
	__asm__ volatile(ILLEGAL);
}

static void abort_now(void)
{
	abort();
}

static void handler(int number)
{
	(void)number;
	handled++;
	say_ready();
}

static void handle(void)
{
	struct sigaction action = { .sa_handler = handler };
	sigset_t signals, none;

	/* It comes while this sleeps, and never just before. */
	sigemptyset(&none);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	TRUTH_MUST(!sigprocmask(SIG_BLOCK, &signals, NULL));
	TRUTH_MUST(!sigaction(SIGUSR1, &action, NULL));
	say_ready();
	while (handled < HANDLED_TIMES)
		sigsuspend(&none);
	_exit(11);
}

static void ignore(void)
{
	signal(SIGUSR2, SIG_IGN);
	wait_for_ever();
}

/* A signal that is blocked when it comes is kept, ignored though it is. */
static void ignore_late(void)
{
	struct timespec pause = truth_ms(5);
	sigset_t signals;

	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	TRUTH_MUST(!sigprocmask(SIG_BLOCK, &signals, NULL));
	say_ready();
	do {
		nanosleep(&pause, NULL);
		TRUTH_MUST(!sigpending(&signals));
	} while (!sigismember(&signals, SIGUSR1));
	TRUTH_MUST(!sigprocmask(SIG_UNBLOCK, &signals, NULL));
	_exit(12);
}

static void block(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGRTMIN);
	TRUTH_MUST(!sigprocmask(SIG_BLOCK, &signals, NULL));
	wait_for_ever();
}

/* ---- what the parent does --------------------------------------------------- */

static void kill_it(pid_t child, int number)
{
	TRUTH_MUST(!kill(child, number));
	say_signal(getpid(), child, number, SI_USER, "process", "sent");
}

static void kill_hard(pid_t child)
{
	await_ready();
	kill_it(child, SIGKILL);
	say_delivery(child, SIGKILL, 1, "default");
}

static void terminate(pid_t child)
{
	await_ready();
	kill_it(child, SIGTERM);
}

static void said_crash(pid_t child)
{
	say_signal(child, child, SIGSEGV, SEGV_MAPERR, "thread", "sent");
	say_delivery(child, SIGSEGV, 1, "default");
}

static void said_trap(pid_t child)
{
	say_signal(child, child, SIGILL, ILLEGAL_CODE, "thread", "sent");
	say_delivery(child, SIGILL, 1, "default");
}

static void said_abort(pid_t child)
{
	say_signal(child, child, SIGABRT, SI_TKILL, "thread", "sent");
	say_delivery(child, SIGABRT, 1, "default");
}

static void send_handled(pid_t child)
{
	int i;

	await_ready();
	for (i = 0; i < HANDLED_TIMES; i++) {
		kill_it(child, SIGUSR1);
		await_ready();
	}
	say_delivery(child, SIGUSR1, HANDLED_TIMES, "function");
}

static void send_ignored_late(pid_t child)
{
	await_ready();
	kill_it(child, SIGUSR1);
	say_delivery(child, SIGUSR1, 1, "ignore");
}

static void send_ignored(pid_t child)
{
	await_ready();
	TRUTH_MUST(!kill(child, SIGUSR2));
	say_signal(getpid(), child, SIGUSR2, SI_USER, "process", "ignored");
	say_delivery(child, SIGUSR2, 0, "none");
	kill_it(child, SIGKILL);
}

static void send_blocked(pid_t child)
{
	union sigval value = { .sival_int = 1 };

	await_ready();
	kill_it(child, SIGUSR1);
	TRUTH_MUST(!kill(child, SIGUSR1));
	say_signal(getpid(), child, SIGUSR1, SI_USER, "process", "pending");
	TRUTH_MUST(!sigqueue(child, SIGRTMIN, value));
	printf("signal from=%d to=%d number=%d name=SIGRTMIN code=%d whom=process fate=sent\n",
	       getpid(), child, SIGRTMIN, SI_QUEUE);
	TRUTH_MUST(!syscall(SYS_tgkill, child, child, SIGKILL));
	say_signal(getpid(), child, SIGKILL, SI_TKILL, "thread", "sent");
	say_delivery(child, SIGUSR1, 0, "none");
}

/* ---- all of them -------------------------------------------------------------- */

static const struct child children[] = {
	{ "exit-0", exit_0, NULL, 0 },
	{ "exit-7", exit_7, NULL, 7 << 8 },
	{ "exit-255", exit_255, NULL, 255 << 8 },
	{ "exit-thread", exit_thread, NULL, 9 << 8 },
	{ "killed", wait_for_ever, kill_hard, SIGKILL },
	{ "terminated", wait_for_ever, terminate, SIGTERM },
	{ "segfault", truth_crash, said_crash, SIGSEGV },
	{ "illegal", trap, said_trap, SIGILL },
	{ "abort", abort_now, said_abort, SIGABRT },
	{ "handler", handle, send_handled, 11 << 8 },
	{ "ignorer", ignore, send_ignored, SIGKILL },
	{ "late-ignorer", ignore_late, send_ignored_late, 12 << 8 },
	{ "blocker", block, send_blocked, SIGKILL },
};

static void run_child(const struct child *child)
{
	pid_t tid = fork();
	int status;

	TRUTH_MUST(tid >= 0);
	if (!tid) {
		truth_rename(child->name);
		child->body();
		truth_fail("%s goes on", child->name);
	}
	if (child->action)
		child->action(tid);
	status = truth_wait(tid);
	if (status != child->status)
		truth_fail("%s ended with %#x", child->name, status);
	printf("death tid=%d parent=%d status=%d comm=%s\n", tid, getpid(),
	       status, child->name);
	fflush(stdout);
}

int main(void)
{
	struct rlimit none = { 0 };
	unsigned int i;

	truth_init();
	TRUTH_MUST(!setrlimit(RLIMIT_CORE, &none) && !pipe(ready));
	for (i = 0; i < ARRAY_SIZE(children); i++)
		run_child(&children[i]);
	printf("deaths parent=%d count=%zu\n", getpid(), ARRAY_SIZE(children));
	return 0;
}
