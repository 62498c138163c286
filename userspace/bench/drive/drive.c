// SPDX-License-Identifier: GPL-2.0
/*
 * Drives tracepoints, to measure in nanoseconds what those cost who are attached to
 * them. Needs a kernel that exports them: vm/uml/machine.patch.
 *
 *	echo WHAT PEER BATCHES >/sys/module/drive/parameters/run
 *
 * has the writer itself do WHAT, as the current task, WARM_UP + BATCHES times ROUNDS
 * times; PEER is the tid of another task, on which nothing of it has an effect.
 *
 *	call	enters a system call that does nothing, and leaves it
 *	waking	wakes PEER
 *	switch	is switched to PEER and back, with interrupts off as in a real switch
 *	rdtsc	reads the counter, twice; no tracepoint
 *
 * Each is two events a round. To be read back from the same file: picoseconds an
 * event, of the least and of the median batch. A batch that the machine took away
 * for others in between is none of both; nor are those to warm up, which are as many
 * as it takes for every recorder to have used all of its memory once. An event is all
 * there is to a tracepoint: the test whether anybody is attached, the walk through
 * those who are, and they.
 *
 *	echo Y >/sys/module/drive/parameters/empty	attaches probes that do nothing
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>
#include <asm/tsc.h>

#define ROUNDS	    4096U
#define EVENTS	    2U /* a round */
#define WARM_UP	    300U
#define BATCHES_MAX 65536U

/* ---- What is driven ------------------------------------------------------ */

static noinline void drive_call(struct task_struct *peer)
{
	struct pt_regs *regs = task_pt_regs(current);
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		trace_sys_enter(regs, __NR_getppid);
		trace_sys_exit(regs, 0);
	}
}

static noinline void drive_waking(struct task_struct *peer)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		trace_sched_waking(peer);
		trace_sched_waking(peer);
	}
}

static noinline void drive_switch(struct task_struct *peer)
{
	struct task_struct *self = current;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		trace_sched_switch(false, self, peer, TASK_INTERRUPTIBLE);
		trace_sched_switch(false, peer, self, TASK_INTERRUPTIBLE);
	}
}

static noinline void drive_rdtsc(struct task_struct *peer)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		rdtsc();
		rdtsc();
	}
}

static const struct drive {
	const char *name;
	void (*function)(struct task_struct *peer);
} drives[] = {
	{ "call", drive_call },
	{ "waking", drive_waking },
	{ "switch", drive_switch },
	{ "rdtsc", drive_rdtsc },
};

/* ---- How long that takes -------------------------------------------------- */

static u32 least, median;

static int compare(const void *one, const void *other)
{
	u32 a = *(const u32 *)one, b = *(const u32 *)other;

	return a < b ? -1 : a > b;
}

/* Picoseconds an event, in one batch. */
static u32 batch(const struct drive *drive, struct task_struct *peer)
{
	unsigned long flags;
	u64 begun, took;

	local_irq_save(flags);
	begun = ktime_get_ns();
	drive->function(peer);
	took = ktime_get_ns() - begun;
	local_irq_restore(flags);
	return min_t(u64, took * 1000 / (ROUNDS * EVENTS), U32_MAX);
}

static int measure(const struct drive *drive, struct task_struct *peer,
		   unsigned int count)
{
	u32 *costs = vmalloc(array_size(count, sizeof(*costs)));
	unsigned int i;

	if (!costs)
		return -ENOMEM;
	for (i = 0; i < WARM_UP + count; i++) {
		u32 cost = batch(drive, peer);

		if (i >= WARM_UP)
			costs[i - WARM_UP] = cost;
		cond_resched();
	}
	sort(costs, count, sizeof(*costs), compare, NULL);
	least = costs[0];
	median = costs[count / 2];
	vfree(costs);
	return 0;
}

static struct task_struct *find_task(int tid)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_vpid(tid), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

static int run_set(const char *text, const struct kernel_param *param)
{
	const struct drive *drive = NULL;
	struct task_struct *peer;
	unsigned int i, count;
	char name[8];
	int tid, error;

	if (sscanf(text, "%7s %d %u", name, &tid, &count) != 3 || !count ||
	    count > BATCHES_MAX)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(drives); i++)
		if (!strcmp(name, drives[i].name))
			drive = &drives[i];
	if (!drive)
		return -EINVAL;
	peer = find_task(tid);
	if (!peer)
		return -ESRCH;
	error = measure(drive, peer, count);
	put_task_struct(peer);
	return error;
}

static int run_get(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%u %u\n", least, median);
}

static const struct kernel_param_ops run_ops = {
	.set = run_set,
	.get = run_get,
};
module_param_cb(run, &run_ops, NULL, 0600);
MODULE_PARM_DESC(
	run, "WHAT PEER BATCHES; then: picoseconds an event, least and median");

/* ---- Probes that do nothing ----------------------------------------------- */

static void empty_sys_enter(void *data, struct pt_regs *regs, long nr)
{
}

static void empty_sys_exit(void *data, struct pt_regs *regs, long result)
{
}

static void empty_sched_waking(void *data, struct task_struct *task)
{
}

static void empty_sched_switch(void *data, bool preempt,
			       struct task_struct *prev,
			       struct task_struct *next,
			       unsigned int prev_state)
{
}

static bool empty;

static void detach(void)
{
	if (!empty)
		return;
	unregister_trace_sys_enter(empty_sys_enter, NULL);
	unregister_trace_sys_exit(empty_sys_exit, NULL);
	unregister_trace_sched_waking(empty_sched_waking, NULL);
	unregister_trace_sched_switch(empty_sched_switch, NULL);
	tracepoint_synchronize_unregister();
	empty = false;
}

static int attach(void)
{
	int error;

	if (empty)
		return 0;
	error = register_trace_sys_enter(empty_sys_enter, NULL);
	if (error)
		return error;
	error = register_trace_sys_exit(empty_sys_exit, NULL);
	if (error)
		goto out_enter;
	error = register_trace_sched_waking(empty_sched_waking, NULL);
	if (error)
		goto out_exit;
	error = register_trace_sched_switch(empty_sched_switch, NULL);
	if (error)
		goto out_waking;
	empty = true;
	return 0;
out_waking:
	unregister_trace_sched_waking(empty_sched_waking, NULL);
out_exit:
	unregister_trace_sys_exit(empty_sys_exit, NULL);
out_enter:
	unregister_trace_sys_enter(empty_sys_enter, NULL);
	tracepoint_synchronize_unregister();
	return error;
}

static int empty_set(const char *text, const struct kernel_param *param)
{
	bool wanted;
	int error = kstrtobool(text, &wanted);

	if (error)
		return error;
	if (wanted)
		return attach();
	detach();
	return 0;
}

static const struct kernel_param_ops empty_ops = {
	.set = empty_set,
	.get = param_get_bool,
};
module_param_cb(empty, &empty_ops, &empty, 0600);
MODULE_PARM_DESC(empty, "are probes attached that do nothing?");

static int __init drive_init(void)
{
	return 0;
}

static void __exit drive_exit(void)
{
	detach();
}

module_init(drive_init);
module_exit(drive_exit);
MODULE_DESCRIPTION("how long a tracepoint takes");
MODULE_LICENSE("GPL");
