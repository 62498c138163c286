// SPDX-License-Identifier: GPL-2.0
/*
 * Every way to make a task: fork, vfork, vfork and exec, clone of a thread, clone
 * that shares memory only, clone3. Each task makes one numbered call,
 * close(1000000 + i), then exits, or executes /bin/true.
 *
 *	births
 *
 * Prints each: how, parent, tid, the clone flags (without the signal), whether
 * it is a thread, the number called.
 */
#include <linux/sched.h>

#include "truth.h"

#define STACK_BYTES 65536

static char *stack;
static int number;

static void say(const char *how, pid_t tid, uint64_t flags)
{
	printf("birth how=%s parent=%d tid=%d flags=0x%" PRIx64
	       " thread=%d number=%d\n",
	       how, getpid(), tid, flags, !!(flags & CLONE_THREAD),
	       1000000 + number);
	fflush(stdout);
	number++;
}

/*
 * close() without errno, for which a thread of nobody's making has no place;
 * apart from vfork(), which registers of its caller do not survive.
 */
static __attribute__((noinline)) void bare_close(long fd)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(SYS_close), "D"(fd)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long first __asm__("x0") = fd;
	register long nr __asm__("x8") = SYS_close;

	__asm__ volatile("svc #0" : "+r"(first) : "r"(nr) : "memory");
#else
#error "how does this machine call the kernel?"
#endif
}

static int body(void *unused)
{
	(void)unused;
	bare_close(1000000 + number);
	return 0;
}

/* Younger machines have clone alone. */
static void by_fork(void)
{
#ifdef SYS_fork
	pid_t child = (pid_t)syscall(SYS_fork);
#else
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif

	TRUTH_MUST(child >= 0);
	if (!child) {
		body(NULL);
		_exit(0);
	}
	TRUTH_MUST(!truth_wait(child));
	say("fork", child, 0);
}

/* vfork()'s children, and one that does more than it may, are what is wanted. */
/* NOLINTBEGIN(clang-analyzer-*) */
static void by_vfork(void)
{
	pid_t child = vfork();

	TRUTH_MUST(child >= 0);
	if (!child) {
		body(NULL);
		_exit(0);
	}
	TRUTH_MUST(!truth_wait(child));
	say("vfork", child, CLONE_VFORK | CLONE_VM);
}

static void by_vfork_exec(void)
{
	static char program[] = "true";
	static char *arguments[] = { program, NULL };
	pid_t child = vfork();

	TRUTH_MUST(child >= 0);
	if (!child) {
		body(NULL);
		execv("/bin/true", arguments);
		_exit(1);
	}
	TRUTH_MUST(!truth_wait(child));
	say("vfork-exec", child, CLONE_VFORK | CLONE_VM);
}
/* NOLINTEND(clang-analyzer-*) */

static void by_clone(const char *how, int flags)
{
	pid_t child = clone(body, stack + STACK_BYTES, flags | SIGCHLD, NULL);

	TRUTH_MUST(child >= 0 && !truth_wait(child));
	say(how, child, (uint64_t)flags);
}

/* The kernel clears the word when the thread has gone. */
static void by_thread(void)
{
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		    CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID |
		    CLONE_CHILD_CLEARTID;
	static pid_t word;
	pid_t child;

	child = clone(body, stack + STACK_BYTES, flags, NULL, &word, NULL,
		      &word);
	TRUTH_MUST(child >= 0);
	while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == child)
		syscall(SYS_futex, &word, FUTEX_WAIT, child, NULL, NULL, 0);
	say("thread", child, (uint64_t)flags);
}

static void by_clone3(void)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD };
	pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	TRUTH_MUST(child >= 0);
	if (!child) {
		body(NULL);
		_exit(0);
	}
	TRUTH_MUST(!truth_wait(child));
	say("clone3", child, 0);
}

int main(void)
{
	truth_init();
	stack = truth_shared(STACK_BYTES);
	by_fork();
	by_vfork();
	by_vfork_exec();
	by_clone("clone-memory", CLONE_VM);
	by_clone("clone-files", CLONE_FILES | CLONE_FS);
	by_thread();
	by_clone3();
	return 0;
}
