// SPDX-License-Identifier: GPL-2.0
/* Load and unload: init and its mirrored unwind, nothing else. */
#include <linux/init.h>
#include <linux/module.h>

#include "device.h"
#include "probe.h"
#include "recorder.h"

static int __init fr_init(void)
{
	int error;

	error = fr_probes_find();
	if (error)
		return error;
	error = fr_device_init();
	if (error)
		return error;
	pr_info("version %s: scheduling, system calls, signals, marks; %s; module %lu KiB\n",
		FLIGHTREC_RELEASE, FLIGHTREC_NODE,
		fr_module_bytes(THIS_MODULE) / 1024);
	return 0;
}

static void __exit fr_exit(void)
{
	fr_device_deinit();
}

module_init(fr_init);
module_exit(fr_exit);

MODULE_DESCRIPTION("Flight recorder: the last seconds of chosen processes");
MODULE_AUTHOR("The flightrec authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(FLIGHTREC_RELEASE);
