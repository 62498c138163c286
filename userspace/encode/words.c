// SPDX-License-Identifier: GPL-2.0
/* Words that every text for people uses: see words.h. */
#include "words.h"

#include <signal.h>
#include <string.h>

/* From Linux' fcntl.h. */
#define NO_FD_BUT_CWD (-100)

void words_put_signal(struct sink *sink, int number)
{
	const char *name = flightrec_signal_name(number);

	if (name) {
		sink_string(sink, name);
		return;
	}
	sink_string(sink, "signal ");
	sink_signed(sink, number);
}

/* ---- why a signal was sent ------------------------------------------------ */

/**
 * struct code - a si_code
 * @signal: of this signal; 0: of any
 * @code: its number
 * @name: as the manual has it
 * @about: what that means
 */
struct code {
	int signal;
	int32_t code;
	const char *name;
	const char *about;
};

static const struct code codes[] = {
	{ 0, SI_USER, "SI_USER", "by kill()" },
	{ SIGKILL, SI_KERNEL, "SI_KERNEL",
	  "out of memory, a limit, or the end of a cgroup or pid namespace" },
	{ SIGSEGV, SI_KERNEL, "SI_KERNEL",
	  "an address that cannot be, or a stack that cannot grow" },
	{ 0, SI_KERNEL, "SI_KERNEL", "by the kernel" },
	{ 0, SI_QUEUE, "SI_QUEUE", "by sigqueue()" },
	{ 0, SI_TIMER, "SI_TIMER", "by a timer" },
	{ 0, SI_MESGQ, "SI_MESGQ", "by a message queue" },
	{ 0, SI_ASYNCIO, "SI_ASYNCIO", "by asynchronous I/O" },
	{ 0, SI_SIGIO, "SI_SIGIO", "by input or output" },
	{ 0, SI_TKILL, "SI_TKILL", "by tgkill(), as abort() and raise() do" },
	{ SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR", "nothing is mapped there" },
	{ SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR",
	  "the mapping does not permit that" },
	{ SIGSEGV, SEGV_BNDERR, "SEGV_BNDERR", "out of bounds" },
	{ SIGSEGV, SEGV_PKUERR, "SEGV_PKUERR", "a protection key forbids it" },
	{ SIGBUS, BUS_ADRALN, "BUS_ADRALN", "an address that is not aligned" },
	{ SIGBUS, BUS_ADRERR, "BUS_ADRERR",
	  "no memory there, as behind the end of a mapped file" },
	{ SIGBUS, BUS_OBJERR, "BUS_OBJERR", "a hardware error" },
	{ SIGBUS, BUS_MCEERR_AR, "BUS_MCEERR_AR", "the memory is broken" },
	{ SIGBUS, BUS_MCEERR_AO, "BUS_MCEERR_AO", "the memory is broken" },
	{ SIGFPE, FPE_INTDIV, "FPE_INTDIV", "an integer divided by zero" },
	{ SIGFPE, FPE_INTOVF, "FPE_INTOVF", "an integer overflowed" },
	{ SIGFPE, FPE_FLTDIV, "FPE_FLTDIV", "divided by zero" },
	{ SIGFPE, FPE_FLTOVF, "FPE_FLTOVF", "floating point overflow" },
	{ SIGFPE, FPE_FLTUND, "FPE_FLTUND", "floating point underflow" },
	{ SIGFPE, FPE_FLTRES, "FPE_FLTRES", "an inexact result" },
	{ SIGFPE, FPE_FLTINV, "FPE_FLTINV", "an invalid operation" },
	{ SIGILL, ILL_ILLOPC, "ILL_ILLOPC", "no instruction" },
	{ SIGILL, ILL_ILLOPN, "ILL_ILLOPN", "no such operand or instruction" },
	{ SIGILL, ILL_PRVOPC, "ILL_PRVOPC", "a privileged instruction" },
	{ SIGTRAP, TRAP_BRKPT, "TRAP_BRKPT", "a breakpoint" },
	{ SIGTRAP, TRAP_TRACE, "TRAP_TRACE", "a single step" },
	{ SIGSYS, 1, "SYS_SECCOMP", "seccomp forbids the call" },
};

const char *words_code_name(int32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (!codes[i].signal && codes[i].code == code)
			return codes[i].name;
	}
	return NULL;
}

void words_put_code(struct sink *sink, int number, int32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code != code ||
		    (codes[i].signal && codes[i].signal != number))
			continue;
		sink_printf(sink, "%s, %s", codes[i].name, codes[i].about);
		return;
	}
	sink_string(sink, "code ");
	sink_signed(sink, code);
}

/* ---- calls ---------------------------------------------------------------- */

static void put_fd(struct sink *sink, int32_t fd)
{
	if (fd == NO_FD_BUT_CWD)
		sink_string(sink, "AT_FDCWD");
	else
		sink_signed(sink, fd);
}

static void put_arg(struct sink *sink, char kind, uint64_t value)
{
	switch ((enum flightrec_arg_kind)kind) {
	case FLIGHTREC_ARG_INT:
		sink_signed(sink, (int32_t)value);
		return;
	case FLIGHTREC_ARG_LONG:
		sink_signed(sink, (int64_t)value);
		return;
	case FLIGHTREC_ARG_SIZE:
		sink_unsigned(sink, value);
		return;
	case FLIGHTREC_ARG_FD:
		put_fd(sink, (int32_t)value);
		return;
	case FLIGHTREC_ARG_OCTAL:
		sink_octal(sink, value);
		return;
	case FLIGHTREC_ARG_SIGNAL:
		words_put_signal(sink, (int)value);
		return;
	case FLIGHTREC_ARG_POINTER:
		if (!value) {
			sink_string(sink, "NULL");
			return;
		}
		break;
	case FLIGHTREC_ARG_FLAGS:
		break;
	}
	sink_hex(sink, value);
}

void words_put_args(struct sink *sink, const struct flightrec_call_name *name,
		    const uint64_t *args, size_t nargs)
{
	const char *kinds = name ? name->args : "xxxxxx";
	size_t count = strlen(kinds);
	size_t known = nargs < count ? nargs : count;

	sink_char(sink, '(');
	for (size_t i = 0; i < known; i++) {
		if (i)
			sink_write(sink, ", ", 2);
		put_arg(sink, kinds[i], args[i]);
	}
	if (known < count)
		sink_string(sink, known ? ", ..." : "...");
	sink_char(sink, ')');
}
