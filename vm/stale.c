// SPDX-License-Identifier: GPL-2.0
/*
 * Runs into a breakpoint, over and over, until it is not there any more; for vm/selftest,
 * which takes it away behind the emulator's back. Prints "there" at the first time, and
 * "gone" when it could pass often without running into it; then it lives on for a moment.
 * After SECONDS, its argument, SIGALRM ends it. (Whom a signal's handler leaves QEMU lets
 * pass that once.)
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define OFTEN 1000

static volatile unsigned long traps;

/* A breakpoint, a return, and what the place is known by from outside. */
static const uint8_t code[] = "\xcc\xc3";
static const char sign[] = "the breakpoint of vm/stale.c";

/* As the kernel does where it takes a breakpoint for one that has just gone: once more. */
static void try_again(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	(void)signal;
	(void)info;
	interrupted->uc_mcontext.gregs[REG_RIP]--;
	if (!traps++ && write(STDOUT_FILENO, "there\n", 6) != 6)
		_exit(1);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = try_again,
				    .sa_flags = SA_SIGINFO };
	uint8_t *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long before;
	int passed = 0;

	if (place == MAP_FAILED || sigaction(SIGTRAP, &action, NULL) ||
	    argc != 2)
		return 1;
	memcpy(place, code, 2);
	memcpy(place + 2, sign, sizeof(sign));
	alarm((unsigned int)atoi(argv[1]));
	while (passed < OFTEN) {
		before = traps;
		((void (*)(void))(uintptr_t)place)();
		passed = traps == before ? passed + 1 : 0;
	}
	alarm(0);
	if (write(STDOUT_FILENO, "gone\n", 5) != 5)
		return 1;
	sleep(2);
	return 0;
}
