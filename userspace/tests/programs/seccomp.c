// SPDX-License-Identifier: GPL-2.0
/*
 * Makes calls of which a seccomp filter lets some pass, refuses some, and answers
 * some with a signal; then one that is deadly.
 *
 *	seccomp
 *
 * Prints the calls that pass, in order; of those that are refused: name, number of
 * times, errno; how often the signal came; and that it dies of SIGSYS.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "truth.h"

#define PASSED	20
#define REFUSED 7
#define TRAPPED 3

#define REFUSE(number, how)                                  \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, (how))

static struct truth_log calls;
static volatile sig_atomic_t trapped;

static void on_trap(int sig)
{
	trapped += sig == SIGSYS;
}

static void set_filter(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		REFUSE(SYS_getuid, SECCOMP_RET_ERRNO | ENOANO),
		REFUSE(SYS_getgid, SECCOMP_RET_TRAP),
		REFUSE(SYS_getppid, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	TRUTH_MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	TRUTH_MUST(!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

int main(void)
{
	unsigned int i;

	truth_init();
	signal(SIGSYS, on_trap);
	set_filter();
	truth_begin(&calls);
	for (i = 0; i < PASSED; i++) {
		TRUTH_CALL(&calls, close, 1000000 + i);
		if (i < REFUSED)
			TRUTH_MUST(truth_raw(SYS_getuid, TRUTH_ARGS(0)) ==
				   -ENOANO);
	}
	truth_end();
	for (i = 0; i < TRAPPED; i++)
		truth_raw(SYS_getgid, TRUTH_ARGS(0));
	printf("seccomp tid=%d refused=%d errno=%s trapped=%d\n", truth_tid(),
	       REFUSED, strerrorname_np(ENOANO), (int)trapped);
	truth_print_log(&calls);
	fflush(stdout);
	truth_raw(SYS_getppid, TRUTH_ARGS(0));
	return 0;
}
