// SPDX-License-Identifier: GPL-2.0
/* Faults. See fault.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fault.h"
#include "inject/inject.h"
#include "trouble.h"

#define DEBUGFS "/sys/kernel/debug/"

/* The same files all the time: opening them allocates. */
static int nth_file = -1;
static int all_file = -1;
static bool all;
/* Of kernels that have no such thing of their own. */
static int injector = -1;

static bool setting(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, value, strlen(value)) > 0;

	if (!done)
		printf("# %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}

/* Every allocation, whatever it may do and wherever from; silently. */
static bool attribute(const char *name)
{
	static const char *const settings[][2] = {
		{ "ignore-gfp-wait", "N" }, { "verbose", "0" },
		{ "task-filter", "Y" },	    { "probability", "100" },
		{ "times", "2147483647" },
	};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/%s", name,
			 settings[i][0]);
		if (!setting(path, settings[i][1]))
			return false;
	}
	return true;
}

bool fault_set_up(void)
{
	injector = open(INJECT_NODE, O_RDONLY | O_CLOEXEC);
	if (injector >= 0)
		return true;
	nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	all_file = open("/proc/self/make-it-fail", O_RDWR | O_CLOEXEC);
	if (nth_file < 0 || all_file < 0) {
		printf("# this kernel injects no faults\n");
		return false;
	}
	return attribute("failslab") && attribute("fail_page_alloc") &&
	       setting(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N") &&
	       setting(DEBUGFS "fail_page_alloc/min-order", "0") &&
	       setting(DEBUGFS "fail_usercopy/verbose", "0");
}

static void put(int file, const char *text)
{
	/* Even this copies; but what it is to fail at is over then. */
	while (pwrite(file, text, strlen(text), 0) < 0)
		;
}

void fault_arm(unsigned int nth)
{
	char text[16];
	snprintf(text, sizeof(text), "%u", nth);
	if (injector >= 0) {
		TROUBLE_UNLESS(
			!ioctl(injector, INJECT_ARM, (unsigned long)nth));
		return;
	}
	all = nth == FAULT_ALL;
	if (all)
		put(all_file, "1");
	else
		put(nth_file, text);
}

static bool disarm_kernel(void)
{
	char text[16] = "";
	ssize_t got;

	if (all) {
		put(all_file, "0");
		return true;
	}
	/* Reading copies, too: what fails here was not injected before. */
	got = pread(nth_file, text, sizeof(text) - 1, 0);
	put(nth_file, "0");
	return got > 0 && !strtoul(text, NULL, 10);
}

bool fault_disarm(void)
{
	return injector >= 0 ? !ioctl(injector, INJECT_DISARM) :
			       disarm_kernel();
}
