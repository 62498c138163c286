// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites when the module is loaded, from its own init: stock kernels
 * have no KUnit that would look for them. insmod succeeds whatever they say;
 * the verdict is in the KTAP lines of the kernel log, see kunit/run.
 */
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/tracepoint.h>

#include "probe.h"
#include "suites.h"

static bool prove_failure;
module_param(prove_failure, bool, 0444);
MODULE_PARM_DESC(prove_failure, "Run the suite that fails, and no other");

static struct kunit_suite *suites[] = {
	&fr_ring_suite,	  &fr_nest_suite,     &fr_pool_suite,
	&fr_record_suite, &fr_target_suite,   &fr_spec_suite,
	&fr_race_suite,	  &fr_identity_suite, &fr_recorder_suite,
	&fr_trace_suite,  &fr_follow_suite,   &fr_window_suite,
	&fr_read_suite,	  &fr_live_suite,     &fr_trigger_suite,
	&fr_irq_suite,	  &fr_sparing_suite,
};

static struct kunit_suite *failure[] = { &fr_failure_suite };

/* ---- Probes that do nothing --------------------------------------------- */

/*
 * Attaching a tracepoint's first and second probe rewrites the kernel's code,
 * and so does detaching them. The suites start and stop hundreds of times; with
 * one emulated CPU running the code that another one rewrites, QEMU 7.2 goes on
 * executing the breakpoint that stood there for a moment (seen once in a dozen
 * runs: a CPU that takes the same int3 for ever, though memory holds the NOP).
 * With two probes that stay, code is rewritten at load and at unload only.
 */
#define HOLDERS 2

static const char *const held[] = {
	"task_newtask",	     "sched_process_exit", "sched_process_exec",
	"task_rename",	     "signal_generate",	   "signal_deliver",
	"sched_switch",	     "sched_waking",	   "sys_enter",
	"sys_exit",	     "sched_wakeup_new",   "sched_migrate_task",
	"irq_handler_entry", "irq_handler_exit",   "softirq_entry",
	"softirq_exit",	     "local_timer_entry",  "local_timer_exit",
};

/* Looks at no argument, so it does for every tracepoint. */
static void holder(void *data)
{
}

static void hold(struct tracepoint *tracepoint, void *unused)
{
	long i;

	if (match_string(held, ARRAY_SIZE(held), tracepoint->name) < 0)
		return;
	for (i = 0; i < HOLDERS; i++)
		tracepoint_probe_register(tracepoint, holder, (void *)i);
}

static void let_go(struct tracepoint *tracepoint, void *unused)
{
	long i;

	if (match_string(held, ARRAY_SIZE(held), tracepoint->name) < 0)
		return;
	for (i = 0; i < HOLDERS; i++)
		tracepoint_probe_unregister(tracepoint, holder, (void *)i);
}

/* ---- Load and unload ---------------------------------------------------- */

static int __init fr_kunit_init(void)
{
	struct kunit_suite **which = prove_failure ? failure : suites;
	int count = prove_failure ? ARRAY_SIZE(failure) : ARRAY_SIZE(suites);
	int error = fr_probes_find();

	if (error)
		return error;
	for_each_kernel_tracepoint(hold, NULL);
	/* What KUnit leaves out: how many suites are to be expected. */
	printk(KERN_INFO "KTAP version 1\n");
	printk(KERN_INFO "1..%d\n", count);
	return __kunit_test_suites_init(which, count);
}

static void __exit fr_kunit_exit(void)
{
	if (prove_failure)
		__kunit_test_suites_exit(failure, ARRAY_SIZE(failure));
	else
		__kunit_test_suites_exit(suites, ARRAY_SIZE(suites));
	for_each_kernel_tracepoint(let_go, NULL);
	tracepoint_synchronize_unregister();
}

module_init(fr_kunit_init);
module_exit(fr_kunit_exit);

MODULE_DESCRIPTION("Flight recorder: KUnit suites");
MODULE_AUTHOR("The flightrec authors");
MODULE_LICENSE("GPL");
