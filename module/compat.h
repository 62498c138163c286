/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that knows kernel versions and architectures. Each difference
 * names the release that made it, but is told by what the kernel has, not by its
 * version: stable and vendor kernels take changes over. What the preprocessor
 * and the compiler cannot tell here, Kbuild tries.
 */
#ifndef FR_COMPAT_H
#define FR_COMPAT_H

#include <linux/compat.h>
#include <linux/compiler.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/static_call_types.h>
#include <linux/thread_info.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <linux/flightrec.h>
#include <asm/local.h>
#include <asm/syscall.h>

#ifdef CONFIG_X86_64
#include <asm/tsc.h>
#endif

/* The timer of each CPU is no device with a handler on x86, but has a tracepoint. */
#if defined(CONFIG_X86_64) && defined(CONFIG_X86_LOCAL_APIC)
#include <asm/trace/irq_vectors.h>
#define FR_HAS_LOCAL_TIMER 1
#else
#define FR_HAS_LOCAL_TIMER 0
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
 * system calls are called preemptibly, since 7.0 all others too. So each probe
 * turns it off itself; what is not hot does so on every kernel. Those of the
 * scheduler and of interrupts need not, but softirqs': they stand in code that has
 * preemption off anyway (interrupts off with the rq lock held; pi_lock held, or
 * preempt_disable() when a task wakes itself; hard irq).
 */
#define fr_probe_begin() preempt_disable_notrace()
#define fr_probe_end()	 preempt_enable_notrace()

/* DECLARE_TRACE_SYSCALL() came with the preemptible ones. */
#ifdef DECLARE_TRACE_SYSCALL
#define FR_SYSCALL_PROBE_IS_PREEMPTIBLE 1
#define fr_syscall_probe_begin()	preempt_disable_notrace()
#define fr_syscall_probe_end()		preempt_enable_notrace()
#else
#define FR_SYSCALL_PROBE_IS_PREEMPTIBLE 0
#define fr_syscall_probe_begin() \
	do {                     \
	} while (0)
#define fr_syscall_probe_end() \
	do {                   \
	} while (0)
#endif

/*
 * Which prototype has a tracepoint? Needs its header. @...: the parameters, behind
 * the probe's data.
 */
#define FR_TRACEPOINT_HAS(event, ...)                      \
	__builtin_types_compatible_p(                      \
		typeof(check_trace_callback_type_##event), \
		void(void (*)(void *, __VA_ARGS__)))

/* sched_process_exit got a second argument in 6.16: one of two probes fits. */
#define FR_PROBE_OF_EXIT(one_argument, two_arguments)                        \
	__builtin_choose_expr(FR_TRACEPOINT_HAS(sched_process_exit,          \
						struct task_struct *, bool), \
			      two_arguments, one_argument)

/* task_newtask's clone flags are of 64 bits, by their type, since 6.18. */
#define FR_CLONE_FLAGS                                                      \
	typeof(__builtin_choose_expr(                                       \
		FR_TRACEPOINT_HAS(task_newtask, struct task_struct *, u64), \
		(u64)0, 0UL))

/* struct module's layouts became an array in 6.4 (commit ac3b43283923). */
static inline unsigned long fr_module_bytes(const struct module *module)
{
#ifdef for_each_mod_mem_type
	unsigned long bytes = 0;

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
static noinline __maybe_unused void
fr_call_args_any(struct pt_regs *regs, __u64 *args, unsigned int count)
{
	unsigned long all[FLIGHTREC_ARGS_MAX];
	unsigned int i;

	syscall_get_arguments(current, regs, all);
	for (i = 0; i < count; i++)
		args[i] = all[i];
}

/*
 * Number @i of them, a constant, 0 to 2, of a caller that is not a 32-bit one: what
 * is asked for most straight from the registers; the generic accessor always
 * copies six. (Their order: arch/x86/entry/calling.h.)
 */
static __always_inline u64 fr_call_arg(struct pt_regs *regs,
				       const unsigned int i)
{
#if defined(UPT_SYSCALL_ARG1) /* User Mode Linux */
	return i == 0 ? UPT_SYSCALL_ARG1(&regs->regs) :
	       i == 1 ? UPT_SYSCALL_ARG2(&regs->regs) :
			UPT_SYSCALL_ARG3(&regs->regs);
#elif defined(CONFIG_X86_64)
	return i == 0 ? regs->di : i == 1 ? regs->si : regs->dx;
#else
	__u64 args[3];

	fr_call_args_any(regs, args, i + 1);
	return args[i];
#endif
}

/*
 * A local cmpxchg: not locked, against interrupts of this CPU alone. The kernel's
 * local_cmpxchg() tells by the old value whether it was done, which has to be
 * compared once more; local_try_cmpxchg(), which need not, came in 6.5 only.
 */
static __always_inline bool fr_local_cmpxchg(local_t *local, long from, long to)
{
#ifdef __raw_try_cmpxchg /* x86 */
	return __raw_try_cmpxchg(&local->a.counter, &from, to, sizeof(from),
				 "");
#else
	return local_cmpxchg(local, from, to) == from;
#endif
}

/*
 * Whether a task's calls come by sys_enter and sys_exit is told by a flag of its own,
 * which the kernel sets for all tasks while anybody has a probe there. Where entry is
 * the generic code its name is the same since 5.11; and it stands in what lives as long
 * as the task.
 */
#if defined(SYSCALL_WORK_SYSCALL_TRACEPOINT) && \
	defined(CONFIG_THREAD_INFO_IN_TASK)
#define FR_CAN_SPARE 1

static inline void fr_task_trace_calls(struct task_struct *task)
{
	set_task_syscall_work(task, SYSCALL_TRACEPOINT);
}

static inline void fr_task_spare_calls(struct task_struct *task)
{
	clear_task_syscall_work(task, SYSCALL_TRACEPOINT);
}

static inline bool fr_task_has_calls_traced(struct task_struct *task)
{
	return test_task_syscall_work(task, SYSCALL_TRACEPOINT);
}
#else
#define FR_CAN_SPARE 0

static inline void fr_task_trace_calls(struct task_struct *task)
{
}

static inline void fr_task_spare_calls(struct task_struct *task)
{
}

static inline bool fr_task_has_calls_traced(struct task_struct *task)
{
	return true;
}
#endif

/*
 * Is @probe the only one on the tracepoint? Told by what the tracepoint's static call
 * leads to, which stays as long as the tracepoint: one probe, or what calls several. It
 * does so before a second one's registration returns, on architectures without
 * static calls too. The tracepoint's array of probes may be freed while it is looked
 * at, and which kind of RCU would prevent that differs by kernel.
 */
static inline bool fr_tracepoint_has_only(const struct tracepoint *tracepoint,
					  const void *probe)
{
	return tracepoint->static_call_key &&
	       READ_ONCE(tracepoint->static_call_key->func) == probe;
}

/* A timer of CLOCK_MONOTONIC. One function sets it up since 6.13, and only that. */
static inline void
fr_hrtimer_setup(struct hrtimer *timer,
		 enum hrtimer_restart (*function)(struct hrtimer *timer),
		 enum hrtimer_mode mode)
{
#ifdef FR_HAS_HRTIMER_SETUP
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = function;
#endif
}

/* For work that any CPU may do. Has got another name in 6.17, and warns of the old. */
static inline struct workqueue_struct *fr_unbound_workqueue(void)
{
#ifdef FR_HAS_SYSTEM_DFL_WQ
	return system_dfl_wq;
#else
	return system_unbound_wq;
#endif
}

static inline void fr_clocks_snapshot(struct system_time_snapshot *snapshot)
{
	/* Takes the clock as an argument since 7.2, under another name. */
#ifdef FR_HAS_KTIME_GET_SNAPSHOT_ID
	ktime_get_snapshot_id(CLOCK_MONOTONIC, snapshot);
#else
	ktime_get_snapshot(snapshot);
#endif
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

	fr_clocks_snapshot(&snapshot);
	return snapshot.cycles >= before &&
	       snapshot.cycles <= rdtsc_ordered() && !check_tsc_unstable();
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
