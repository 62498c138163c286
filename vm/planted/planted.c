// SPDX-License-Identifier: GPL-2.0
/*
 * One bug on purpose, of the kind that `bug' names: what a debug kernel must
 * report, and vm/run must take for a failure. Loading it is the bug; without a
 * name it does nothing wrong. For virtual machines only.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static char *bug = "none";
module_param(bug, charp, 0);
MODULE_PARM_DESC(bug, "Which one");

/* What the compiler must not know, or it would warn, or leave the bug out. */
static volatile unsigned int size = 40;

/* ---- Memory ------------------------------------------------------------- */

static int plant_out_of_bounds(void)
{
	char *bytes = kzalloc(size, GFP_KERNEL);

	if (!bytes)
		return -ENOMEM;
	bytes[size] = 1;
	kfree(bytes);
	return 0;
}

static int plant_vmalloc_out_of_bounds(void)
{
	char *bytes = vzalloc(size);

	if (!bytes)
		return -ENOMEM;
	bytes[size] = 1;
	vfree(bytes);
	return 0;
}

static int plant_use_after_free(void)
{
	char *bytes = kzalloc(size, GFP_KERNEL);

	if (!bytes)
		return -ENOMEM;
	kfree(bytes);
	return READ_ONCE(bytes[0]) ? 1 : 0;
}

/* Nobody remembers where it is. */
static int plant_leak(void)
{
	return kmalloc(size, GFP_KERNEL) ? 0 : -ENOMEM;
}

static void fire(struct timer_list *timer)
{
}

/* The timer is still to fire when its memory goes. */
static int plant_free_active(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, fire, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
	return 0;
}

/* ---- Locks -------------------------------------------------------------- */

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static int __rcu *guarded;

static int plant_atomic_sleep(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
	return 0;
}

/* No deadlock here: what lockdep reports is that there could be one. */
static int plant_lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

static int plant_outside_rcu(void)
{
	return rcu_dereference(guarded) ? 1 : 0;
}

static int plant_preemptible(void)
{
	return smp_processor_id() > size;
}

/* ---- Undefined ---------------------------------------------------------- */

static int plant_undefined_shift(void)
{
	return (1 << size) & 1;
}

static int array[4];

static int plant_array_bounds(void)
{
	/* Of an address that is taken the index is not checked. */
	return array[size / 10] ? 1 : 0;
}

/* ---- Races -------------------------------------------------------------- */

static unsigned long counter;

/* In a loop of a compiler's making it would be added up, and stored at the end once. */
static noinline void count_one(void)
{
	counter++;
}

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		count_one();
		cond_resched();
	}
	return 0;
}

/* Seen is who counts while the other is held up, if a busy host lets both run then. */
static int plant_data_race(void)
{
	unsigned int cpu =
		cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	struct task_struct *other =
		kthread_run_on_cpu(count, NULL, cpu, "planted/%u");
	unsigned long end = jiffies + 5 * HZ;

	if (IS_ERR(other))
		return PTR_ERR(other);
	while (time_before(jiffies, end)) {
		count_one();
		cond_resched();
	}
	return kthread_stop(other);
}

/* ---- Load and unload ---------------------------------------------------- */

static const struct {
	const char *name;
	int (*plant)(void);
} bugs[] = {
	{ "none", NULL },
	{ "out_of_bounds", plant_out_of_bounds },
	{ "vmalloc_out_of_bounds", plant_vmalloc_out_of_bounds },
	{ "use_after_free", plant_use_after_free },
	{ "leak", plant_leak },
	{ "free_active", plant_free_active },
	{ "atomic_sleep", plant_atomic_sleep },
	{ "lock_inversion", plant_lock_inversion },
	{ "outside_rcu", plant_outside_rcu },
	{ "preemptible", plant_preemptible },
	{ "undefined_shift", plant_undefined_shift },
	{ "array_bounds", plant_array_bounds },
	{ "data_race", plant_data_race },
};

static int __init planted_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++)
		if (!strcmp(bugs[i].name, bug))
			break;
	if (i == ARRAY_SIZE(bugs))
		return -EINVAL;
	pr_info("planted: %s\n", bug);
	if (!bugs[i].plant)
		return 0;
	return bugs[i].plant() < 0 ? -EIO : 0;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);

MODULE_DESCRIPTION("Bugs on purpose, to see that they are reported");
MODULE_AUTHOR("The flightrec authors");
MODULE_LICENSE("GPL");
