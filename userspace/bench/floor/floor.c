// SPDX-License-Identifier: GPL-2.0
/*
 * The floor: what a recorder of sched_switch, sched_waking and system calls costs at
 * the least. It tests whether a tid is chosen by one bit, reads the clock once and
 * stores 16 bytes, and that is all: nothing of it nests, nothing can be read out,
 * nothing counts what is lost. To be measured beside real ones, and unloaded.
 *
 *	insmod floor.ko pid=N	records tid N and whom it creates from then on
 */
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/threads.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>
#include <trace/events/task.h>
#include <asm/tsc.h>

#define RECORDS (1U << 18)

struct record {
	u64 time;
	u64 what;
};

struct tape {
	struct record *records;
	u32 at;
};

static DEFINE_PER_CPU(struct tape, tape);
static unsigned long *chosen;
static int pid;
module_param(pid, int, 0);
MODULE_PARM_DESC(pid, "whom to record");

static __always_inline bool is_chosen(const struct task_struct *task)
{
	return chosen[task->pid / BITS_PER_LONG] >> task->pid % BITS_PER_LONG &
	       1;
}

static __always_inline void store(u64 what)
{
	struct tape *to = this_cpu_ptr(&tape);
	struct record *record = &to->records[to->at++ % RECORDS];

	record->time = rdtsc();
	record->what = what;
}

static void probe_sys_enter(void *data, struct pt_regs *regs, long nr)
{
	if (is_chosen(current))
		store(nr);
}

static void probe_sys_exit(void *data, struct pt_regs *regs, long result)
{
	if (is_chosen(current))
		store(result);
}

static void probe_sched_switch(void *data, bool preempt,
			       struct task_struct *prev,
			       struct task_struct *next,
			       unsigned int prev_state)
{
	if (is_chosen(prev) || is_chosen(next))
		store(next->pid);
}

static void probe_sched_waking(void *data, struct task_struct *task)
{
	if (is_chosen(task) || is_chosen(current))
		store(task->pid);
}

static void probe_task_newtask(void *data, struct task_struct *child,
			       unsigned long clone_flags)
{
	if (is_chosen(current))
		set_bit(child->pid, chosen);
}

static struct probe {
	const char *name;
	void *function;
	struct tracepoint *tracepoint;
} probes[] = {
	{ "task_newtask", probe_task_newtask },
	{ "sys_enter", probe_sys_enter },
	{ "sys_exit", probe_sys_exit },
	{ "sched_switch", probe_sched_switch },
	{ "sched_waking", probe_sched_waking },
};

static void note(struct tracepoint *tracepoint, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tracepoint->name, probes[i].name))
			probes[i].tracepoint = tracepoint;
}

static void end(unsigned int registered)
{
	int cpu;

	while (registered--)
		tracepoint_probe_unregister(probes[registered].tracepoint,
					    probes[registered].function, NULL);
	tracepoint_synchronize_unregister();
	for_each_possible_cpu(cpu)
		vfree(per_cpu(tape, cpu).records);
	vfree(chosen);
}

static int __init floor_init(void)
{
	unsigned int i;
	int cpu;

	if (pid <= 0 || pid >= PID_MAX_LIMIT)
		return -EINVAL;
	chosen = vzalloc(PID_MAX_LIMIT / BITS_PER_BYTE);
	if (!chosen)
		return -ENOMEM;
	set_bit(pid, chosen);
	for_each_possible_cpu(cpu) {
		struct record *records =
			vzalloc(array_size(RECORDS, sizeof(*records)));

		if (!records) {
			end(0);
			return -ENOMEM;
		}
		per_cpu(tape, cpu).records = records;
	}
	for_each_kernel_tracepoint(note, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		int error = probes[i].tracepoint ?
				    tracepoint_probe_register(
					    probes[i].tracepoint,
					    probes[i].function, NULL) :
				    -ENOENT;

		if (error) {
			end(i);
			return error;
		}
	}
	return 0;
}

static void __exit floor_exit(void)
{
	u64 events = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		events += per_cpu(tape, cpu).at;
	pr_info("floor: %llu events\n", events);
	end(ARRAY_SIZE(probes));
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("the least that a recorder costs");
MODULE_LICENSE("GPL");
