// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection for kernels that were built without it, distributions' ones:
 * of all that one task allocates, and copies from and to user memory, the Nth
 * fails. By probes at functions that every allocation asks, even there, whether it
 * is to fail, and at those that copy. Later kernels (from 6.11 on, commit
 * a7526fe8b94e) ask only if they were built for it: there this is not to be loaded.
 *
 * For guests alone. It must never fail anything of another task, of an interrupt,
 * or what may not fail.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "inject.h"

/* Whose fault it is to be, and after how many. Written by that task alone. */
static struct task_struct *victim;
static unsigned long left;

/* in_task(), but that the trap by which a probe may come counts as an NMI. */
static bool is_task(void)
{
	unsigned int count = preempt_count();

	if (count & NMI_MASK)
		count -= NMI_OFFSET + HARDIRQ_OFFSET;
	return !(count & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET));
}

static bool is_it(bool copy)
{
	if (!is_task() || READ_ONCE(victim) != current || !left)
		return false;
	if (left == INJECT_ALL)
		return !copy;
	return !--left;
}

/* What is left of a function that is not to run. */
static noinline void return_at_once(void)
{
	barrier();
}

static int leave(struct pt_regs *regs, unsigned long result)
{
	regs_set_return_value(regs, result);
	instruction_pointer_set(regs, (unsigned long)return_at_once);
	return 1;
}

/* should_failslab(cache, gfp) */
static int at_slab(struct kprobe *probe, struct pt_regs *regs)
{
	if (regs_get_kernel_argument(regs, 1) & __GFP_NOFAIL || !is_it(false))
		return 0;
	return leave(regs, (unsigned long)-ENOMEM);
}

/* should_fail_alloc_page(gfp, order) */
static int at_page(struct kprobe *probe, struct pt_regs *regs)
{
	if (regs_get_kernel_argument(regs, 0) & __GFP_NOFAIL || !is_it(false))
		return 0;
	return leave(regs, true);
}

/* _copy_from_user(to, from, bytes) and its like: nothing was copied */
static int at_copy(struct kprobe *probe, struct pt_regs *regs)
{
	if (!is_it(true))
		return 0;
	return leave(regs, regs_get_kernel_argument(regs, 2));
}

/*
 * That there is one says that a probe may send its task elsewhere: else it may be
 * made into a jump, which comes back whatever the handler says.
 */
static void after(struct kprobe *probe, struct pt_regs *regs,
		  unsigned long flags)
{
}

static struct kprobe slab = {
	.symbol_name = "should_failslab",
	.pre_handler = at_slab,
	.post_handler = after,
};

static struct kprobe page = {
	.symbol_name = "should_fail_alloc_page",
	.pre_handler = at_page,
	.post_handler = after,
};

static struct kprobe copy_from = {
	.symbol_name = "_copy_from_user",
	.pre_handler = at_copy,
	.post_handler = after,
};

static struct kprobe copy_to = {
	.symbol_name = "_copy_to_user",
	.pre_handler = at_copy,
	.post_handler = after,
};

static struct kprobe *probes[] = { &slab, &page, &copy_from, &copy_to };

/* Neither allocates nor copies. */
static long inject_ioctl(struct file *file, unsigned int number,
			 unsigned long argument)
{
	switch (number) {
	case INJECT_ARM:
		left = argument;
		WRITE_ONCE(victim, current);
		return 0;
	case INJECT_DISARM:
		WRITE_ONCE(victim, NULL);
		return left == INJECT_ALL ? 0 : left;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = inject_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "flightrec-inject",
	.fops = &operations,
	.mode = 0600,
};

static int __init inject_init(void)
{
	int error = register_kprobes(probes, ARRAY_SIZE(probes));

	if (error)
		return error;
	error = misc_register(&device);
	if (error)
		unregister_kprobes(probes, ARRAY_SIZE(probes));
	return error;
}

static void __exit inject_exit(void)
{
	misc_deregister(&device);
	unregister_kprobes(probes, ARRAY_SIZE(probes));
}

module_init(inject_init);
module_exit(inject_exit);

MODULE_DESCRIPTION("Lets one task's allocations and copies fail, for tests");
MODULE_LICENSE("GPL");
