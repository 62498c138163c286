/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that knows kernel versions and architectures. Each difference
 * names the release that made it.
 */
#ifndef FR_COMPAT_H
#define FR_COMPAT_H

#include <linux/compat.h>
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/version.h>
#include <linux/flightrec.h>
#include <asm/syscall.h>

#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

#ifndef CONFIG_64BIT
#error "flightrec needs a 64-bit kernel: its ring's head is one 64-bit word"
#endif
#ifdef CONFIG_CPU_BIG_ENDIAN
#error "flightrec needs a little-endian kernel: windows are little endian"
#endif

/*
 * Probes run with preemption off: the ring belongs to its CPU, and
 * synchronize_rcu() must wait for every probe under way. Up to 6.12 every
 * tracepoint calls its probes so. Since 6.13 (commit 4aadde89d81f) those of
 * system calls are called preemptibly, since 7.0 all others too; but
 * sched_switch and sched_waking stand in code that has preemption off anyway
 * (interrupts off with the rq lock held; pi_lock held, or preempt_disable() when
 * a task wakes itself).
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define fr_syscall_probe_begin()	preempt_disable_notrace()
#define fr_syscall_probe_end()		preempt_enable_notrace()
#else
#define fr_syscall_probe_begin()	do { } while (0)
#define fr_syscall_probe_end()		do { } while (0)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define fr_probe_begin()		preempt_disable_notrace()
#define fr_probe_end()			preempt_enable_notrace()
#else
#define fr_probe_begin()		do { } while (0)
#define fr_probe_end()			do { } while (0)
#endif

/* sched_process_exit got a second argument in 6.16 (commit 1c5e9b5ab5e4). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define FR_TASK_EXIT_PROTO	void *data, struct task_struct *task, bool group_dead
#else
#define FR_TASK_EXIT_PROTO	void *data, struct task_struct *task
#endif

/* struct module's layouts became an array in 6.4 (commit ac3b43283923). */
static inline unsigned long fr_module_bytes(const struct module *module)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	unsigned long bytes = 0;
	int type;

	for_each_mod_mem_type(type)
		bytes += module->mem[type].size;
	return bytes;
#else
	return module->core_layout.size + module->init_layout.size;
#endif
}

/* Is the current system call one of a 32-bit caller, with its own numbering? */
static __always_inline bool fr_call_is_compat(void)
{
#if defined(CONFIG_X86)
	return in_ia32_syscall();
#elif defined(CONFIG_COMPAT)
	return in_compat_syscall();
#else
	return false;
#endif
}

/* The first @count arguments of the current system call, of any caller. */
static noinline __maybe_unused void fr_call_args_any(struct pt_regs *regs,
						     __u64 *args,
						     unsigned int count)
{
	unsigned long all[FLIGHTREC_ARGS_MAX];
	unsigned int i;

	syscall_get_arguments(current, regs, all);
	for (i = 0; i < count; i++)
		args[i] = all[i];
}

/*
 * Likewise, and what is asked for most straight from the registers: the generic
 * accessor always copies six. (Their order: arch/x86/entry/calling.h.)
 */
static __always_inline void fr_call_args(struct pt_regs *regs, bool compat,
					 __u64 *args, unsigned int count)
{
#ifdef CONFIG_X86_64
	if (likely(!compat && count <= 1)) {
		args[0] = count ? regs->di : 0;
		return;
	}
	if (!compat && count <= 3) {
		args[0] = regs->di;
		args[1] = regs->si;
		args[2] = regs->dx;
		return;
	}
#endif
	fr_call_args_any(regs, args, count);
}

/*
 * Does the kernel keep time by the TSC? Then it trusts it to be the same on all
 * CPUs and to run at one rate; it goes on checking, and says so if it stops.
 * Asked by looking whether the counter behind the kernel's clock is the TSC.
 */
static inline bool fr_tsc_is_trusted(void)
{
#ifdef CONFIG_X86_64
	struct system_time_snapshot snapshot;
	u64 before = rdtsc_ordered();

	ktime_get_snapshot(&snapshot);
	return snapshot.cycles >= before && snapshot.cycles <= rdtsc_ordered() &&
	       !check_tsc_unstable();
#else
	return false;
#endif
}

static inline u32 fr_tsc_khz(void)
{
#ifdef CONFIG_X86_64
	return tsc_khz;
#else
	return 0;
#endif
}

static __always_inline u64 fr_tsc(void)
{
#ifdef CONFIG_X86_64
	return rdtsc();
#else
	return 0;
#endif
}

#endif /* FR_COMPAT_H */
