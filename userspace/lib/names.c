// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Numbers to words: system calls, errnos, signals, states, policies.
 *
 * A window may come from another machine, so nothing here depends on the host's
 * headers. Numbers of errnos and signals are those of x86 and of asm-generic,
 * which arm64 and riscv have, too.
 */
#include <string.h>

#include "libflightrec.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- system calls ----------------------------------------------------------- */

/* Of a call made by an x32 program; these differ from x86_64 from 512 on. */
#define X32_BIT	     0x40000000
#define X32_FIRST    512
#define NO	     (-1)

enum call_row {
#define CALL(name, x86_64, i386, generic, args) ROW_##name,
#define CALL_I386(name, i386, args)		ROW_I386_##name,
#include "calls.def"
#undef CALL
#undef CALL_I386
};

static const struct flightrec_call_name rows[] = {
#define CALL(name, x86_64, i386, generic, args) { #name, args },
#define CALL_I386(name, i386, args)		{ #name, args },
#include "calls.def"
#undef CALL
#undef CALL_I386
};

/*
 * From number to row. An entry is at its number plus 1 and says the row plus 1,
 * so that 0 is no row; entry 0 is where all the NOs go, and is never read.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

static const uint16_t x86_64_calls[] = {
#define CALL(name, x86_64, i386, generic, args) [(x86_64) + 1] = ROW_##name + 1,
#define CALL_I386(name, i386, args)
#include "calls.def"
#undef CALL
#undef CALL_I386
};

static const uint16_t i386_calls[] = {
#define CALL(name, x86_64, i386, generic, args) [(i386) + 1] = ROW_##name + 1,
#define CALL_I386(name, i386, args)		[(i386) + 1] = ROW_I386_##name + 1,
#include "calls.def"
#undef CALL
#undef CALL_I386
};

static const uint16_t generic_calls[] = {
#define CALL(name, x86_64, i386, generic, args) \
	[(generic) + 1] = ROW_##name + 1,
#define CALL_I386(name, i386, args)
#include "calls.def"
#undef CALL
#undef CALL_I386
};

#pragma GCC diagnostic pop

/* x32's own numbers, from X32_FIRST on. */
static const uint16_t x32_calls[] = {
	ROW_rt_sigaction,
	ROW_rt_sigreturn,
	ROW_ioctl,
	ROW_readv,
	ROW_writev,
	ROW_recvfrom,
	ROW_sendmsg,
	ROW_recvmsg,
	ROW_execve,
	ROW_ptrace,
	ROW_rt_sigpending,
	ROW_rt_sigtimedwait,
	ROW_rt_sigqueueinfo,
	ROW_sigaltstack,
	ROW_timer_create,
	ROW_mq_notify,
	ROW_kexec_load,
	ROW_waitid,
	ROW_set_robust_list,
	ROW_get_robust_list,
	ROW_vmsplice,
	ROW_move_pages,
	ROW_preadv,
	ROW_pwritev,
	ROW_rt_tgsigqueueinfo,
	ROW_recvmmsg,
	ROW_sendmmsg,
	ROW_process_vm_readv,
	ROW_process_vm_writev,
	ROW_setsockopt,
	ROW_getsockopt,
	ROW_io_setup,
	ROW_io_submit,
	ROW_execveat,
	ROW_preadv2,
	ROW_pwritev2,
};

static const struct flightrec_call_name *find_call(const uint16_t *calls,
						   size_t count, int32_t nr)
{
	if (nr < 0 || (size_t)nr + 1 >= count || !calls[nr + 1])
		return NULL;
	return &rows[calls[nr + 1] - 1];
}

static const struct flightrec_call_name *find_x86_64(int32_t nr)
{
	if (nr >= X32_BIT) {
		nr -= X32_BIT;
		if (nr >= X32_FIRST &&
		    (size_t)(nr - X32_FIRST) < COUNT(x32_calls))
			return &rows[x32_calls[nr - X32_FIRST]];
	}
	return find_call(x86_64_calls, COUNT(x86_64_calls), nr);
}

static bool is_i386(const char *machine)
{
	return machine[0] == 'i' && machine[1] && !strcmp(machine + 2, "86");
}

static bool is_generic(const char *machine)
{
	return !strcmp(machine, "aarch64") || !strcmp(machine, "riscv64") ||
	       !strcmp(machine, "loongarch64");
}

/**
 * flightrec_call_name() - what is this system call
 * @machine: where, as the window's header has it: "x86_64", "i386" to "i686",
 *	"aarch64", "riscv64", "loongarch64"
 * @compat: made by a 32-bit program on a 64-bit machine; known for x86_64
 * @nr: its number
 *
 * A table lookup: no need to keep what it returns.
 *
 * Return: its name and arguments, static; NULL: not known.
 */
const struct flightrec_call_name *flightrec_call_name(const char *machine,
						      bool compat, int32_t nr)
{
	if (is_i386(machine) || (compat && !strcmp(machine, "x86_64")))
		return find_call(i386_calls, COUNT(i386_calls), nr);
	if (compat)
		return NULL;
	if (!strcmp(machine, "x86_64"))
		return find_x86_64(nr);
	if (is_generic(machine))
		return find_call(generic_calls, COUNT(generic_calls), nr);
	return NULL;
}

static int32_t find_number(const uint16_t *calls, size_t count,
			   const char *name)
{
	size_t i;

	for (i = 1; i < count; i++) {
		if (calls[i] && !strcmp(rows[calls[i] - 1].name, name))
			return (int32_t)i - 1;
	}
	return -1;
}

/**
 * flightrec_call_number() - the number of a system call
 * @machine: as for flightrec_call_name()
 * @name: its name, as that has it
 *
 * Of the machine's own numbering. Looks through the table.
 *
 * Return: its number; -1: not known.
 */
int32_t flightrec_call_number(const char *machine, const char *name)
{
	if (is_i386(machine))
		return find_number(i386_calls, COUNT(i386_calls), name);
	if (!strcmp(machine, "x86_64"))
		return find_number(x86_64_calls, COUNT(x86_64_calls), name);
	if (is_generic(machine))
		return find_number(generic_calls, COUNT(generic_calls), name);
	return -1;
}

/* The index of a name; 0: there is none. */
static int find_name(const char *const *names, size_t count, const char *name)
{
	size_t i;

	for (i = 1; i < count; i++) {
		if (names[i] && !strcmp(names[i], name))
			return (int)i;
	}
	return 0;
}

/* ---- errnos ------------------------------------------------------------------- */

static const char *const errnos[] = {
	[1] = "EPERM",
	"ENOENT",
	"ESRCH",
	"EINTR",
	"EIO",
	"ENXIO",
	"E2BIG",
	"ENOEXEC",
	"EBADF",
	"ECHILD",
	"EAGAIN",
	"ENOMEM",
	"EACCES",
	"EFAULT",
	"ENOTBLK",
	"EBUSY",
	"EEXIST",
	"EXDEV",
	"ENODEV",
	"ENOTDIR",
	"EISDIR",
	"EINVAL",
	"ENFILE",
	"EMFILE",
	"ENOTTY",
	"ETXTBSY",
	"EFBIG",
	"ENOSPC",
	"ESPIPE",
	"EROFS",
	"EMLINK",
	"EPIPE",
	"EDOM",
	"ERANGE",
	"EDEADLK",
	"ENAMETOOLONG",
	"ENOLCK",
	"ENOSYS",
	"ENOTEMPTY",
	"ELOOP",
	[42] = "ENOMSG",
	"EIDRM",
	"ECHRNG",
	"EL2NSYNC",
	"EL3HLT",
	"EL3RST",
	"ELNRNG",
	"EUNATCH",
	"ENOCSI",
	"EL2HLT",
	"EBADE",
	"EBADR",
	"EXFULL",
	"ENOANO",
	"EBADRQC",
	"EBADSLT",
	[59] = "EBFONT",
	"ENOSTR",
	"ENODATA",
	"ETIME",
	"ENOSR",
	"ENONET",
	"ENOPKG",
	"EREMOTE",
	"ENOLINK",
	"EADV",
	"ESRMNT",
	"ECOMM",
	"EPROTO",
	"EMULTIHOP",
	"EDOTDOT",
	"EBADMSG",
	"EOVERFLOW",
	"ENOTUNIQ",
	"EBADFD",
	"EREMCHG",
	"ELIBACC",
	"ELIBBAD",
	"ELIBSCN",
	"ELIBMAX",
	"ELIBEXEC",
	"EILSEQ",
	"ERESTART",
	"ESTRPIPE",
	"EUSERS",
	"ENOTSOCK",
	"EDESTADDRREQ",
	"EMSGSIZE",
	"EPROTOTYPE",
	"ENOPROTOOPT",
	"EPROTONOSUPPORT",
	"ESOCKTNOSUPPORT",
	"EOPNOTSUPP",
	"EPFNOSUPPORT",
	"EAFNOSUPPORT",
	"EADDRINUSE",
	"EADDRNOTAVAIL",
	"ENETDOWN",
	"ENETUNREACH",
	"ENETRESET",
	"ECONNABORTED",
	"ECONNRESET",
	"ENOBUFS",
	"EISCONN",
	"ENOTCONN",
	"ESHUTDOWN",
	"ETOOMANYREFS",
	"ETIMEDOUT",
	"ECONNREFUSED",
	"EHOSTDOWN",
	"EHOSTUNREACH",
	"EALREADY",
	"EINPROGRESS",
	"ESTALE",
	"EUCLEAN",
	"ENOTNAM",
	"ENAVAIL",
	"EISNAM",
	"EREMOTEIO",
	"EDQUOT",
	"ENOMEDIUM",
	"EMEDIUMTYPE",
	"ECANCELED",
	"ENOKEY",
	"EKEYEXPIRED",
	"EKEYREVOKED",
	"EKEYREJECTED",
	"EOWNERDEAD",
	"ENOTRECOVERABLE",
	"ERFKILL",
	"EHWPOISON",
	/* Programs never see these; a tracer of system calls does. */
	[512] = "ERESTARTSYS",
	"ERESTARTNOINTR",
	"ERESTARTNOHAND",
	"ENOIOCTLCMD",
	"ERESTART_RESTARTBLOCK",
	"EPROBE_DEFER",
	"EOPENSTALE",
	"ENOPARAM",
	[521] = "EBADHANDLE",
	"ENOTSYNC",
	"EBADCOOKIE",
	"ENOTSUPP",
	"ETOOSMALL",
	"ESERVERFAULT",
	"EBADTYPE",
	"EJUKEBOX",
	"EIOCBQUEUED",
	"ERECALLCONFLICT",
	"ENOGRACE",
};

/**
 * flightrec_errno_name() - the name of an errno
 * @number: positive; 512 to 531 are the kernel's own
 *
 * Return: static; NULL: not known.
 */
const char *flightrec_errno_name(int number)
{
	if (number < 0 || (size_t)number >= COUNT(errnos))
		return NULL;
	return errnos[number];
}

/**
 * flightrec_errno_number() - the number of an errno
 * @name: "EAGAIN"
 *
 * Return: it; 0: not known.
 */
int flightrec_errno_number(const char *name)
{
	return find_name(errnos, COUNT(errnos), name);
}

/* ---- signals, states, policies --------------------------------------------------- */

#define RT(n) "SIGRTMIN+" #n

static const char *const signals[] = {
	[1] = "SIGHUP",
	"SIGINT",
	"SIGQUIT",
	"SIGILL",
	"SIGTRAP",
	"SIGABRT",
	"SIGBUS",
	"SIGFPE",
	"SIGKILL",
	"SIGUSR1",
	"SIGSEGV",
	"SIGUSR2",
	"SIGPIPE",
	"SIGALRM",
	"SIGTERM",
	"SIGSTKFLT",
	"SIGCHLD",
	"SIGCONT",
	"SIGSTOP",
	"SIGTSTP",
	"SIGTTIN",
	"SIGTTOU",
	"SIGURG",
	"SIGXCPU",
	"SIGXFSZ",
	"SIGVTALRM",
	"SIGPROF",
	"SIGWINCH",
	"SIGIO",
	"SIGPWR",
	"SIGSYS",
	/* The C library keeps two for its threads and counts from the third. */
	[32] = "SIG32",
	"SIG33",
	"SIGRTMIN",
	RT(1),
	RT(2),
	RT(3),
	RT(4),
	RT(5),
	RT(6),
	RT(7),
	RT(8),
	RT(9),
	RT(10),
	RT(11),
	RT(12),
	RT(13),
	RT(14),
	RT(15),
	RT(16),
	RT(17),
	RT(18),
	RT(19),
	RT(20),
	RT(21),
	RT(22),
	RT(23),
	RT(24),
	RT(25),
	RT(26),
	RT(27),
	RT(28),
	RT(29),
	RT(30),
};

/**
 * flightrec_signal_name() - the name of a signal
 * @number: 1 to 64
 *
 * Real-time signals are counted as kill -l does: 34 is SIGRTMIN.
 *
 * Return: static; NULL: not known.
 */
const char *flightrec_signal_name(int number)
{
	if (number < 0 || (size_t)number >= COUNT(signals))
		return NULL;
	return signals[number];
}

/**
 * flightrec_signal_number() - the number of a signal
 * @name: as flightrec_signal_name() has it
 *
 * Return: 1 to 64; 0: not known.
 */
int flightrec_signal_number(const char *name)
{
	return find_name(signals, COUNT(signals), name);
}

static const char *const states[] = {
	[FLIGHTREC_STATE_RUNNING] = "R",    [FLIGHTREC_STATE_SLEEPING] = "S",
	[FLIGHTREC_STATE_DISK_SLEEP] = "D", [FLIGHTREC_STATE_STOPPED] = "T",
	[FLIGHTREC_STATE_TRACED] = "t",	    [FLIGHTREC_STATE_DEAD] = "X",
	[FLIGHTREC_STATE_ZOMBIE] = "Z",	    [FLIGHTREC_STATE_PARKED] = "P",
	[FLIGHTREC_STATE_IDLE] = "I",	    [FLIGHTREC_STATE_PREEMPTED] = "R+",
};

/**
 * flightrec_state_name() - the letter of the state in which a task left a CPU
 * @state: FLIGHTREC_STATE_*
 *
 * Return: static; NULL: not known.
 */
const char *flightrec_state_name(unsigned int state)
{
	return state < COUNT(states) ? states[state] : NULL;
}

/* As the kernel numbers them, since 2.6.39 all of these. */
static const char *const softirqs[] = {
	"HI",	    "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
	"IRQ_POLL", "TASKLET", "SCHED",	 "HRTIMER", "RCU",
};

/**
 * flightrec_softirq_name() - the name of a softirq, as in /proc/softirqs
 * @number: its number, or vector
 *
 * Return: static; NULL: not known.
 */
const char *flightrec_softirq_name(uint32_t number)
{
	return number < COUNT(softirqs) ? softirqs[number] : NULL;
}

/* SCHED_*; 4 is not in use. */
static const char *const policies[] = {
	"NORMAL", "FIFO", "RR", "BATCH", NULL, "IDLE", "DEADLINE", "EXT",
};

/**
 * flightrec_policy_name() - the name of a scheduling policy
 * @policy: as sched_getscheduler() has it
 *
 * Return: static; NULL: not known.
 */
const char *flightrec_policy_name(unsigned int policy)
{
	return policy < COUNT(policies) ? policies[policy] : NULL;
}
