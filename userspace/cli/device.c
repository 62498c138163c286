// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULE_DIRECTORY "/sys/module/flightrec"

static bool module_loaded(void)
{
	return !access(MODULE_DIRECTORY, F_OK);
}

/* The minor number of the misc device; -1 if there is none. */
static int node_minor(void)
{
	FILE *file = fopen("/proc/misc", "re");
	int minor = -1, number;
	char row[128], name[64];

	if (!file)
		return -1;
	while (fgets(row, sizeof(row), file)) {
		if (sscanf(row, "%d %63s", &number, name) == 2 &&
		    !strcmp(name, "flightrec"))
			minor = number;
	}
	fclose(file);
	return minor;
}

static void explain_missing(char *text, size_t length)
{
	if (!module_loaded())
		snprintf(
			text, length,
			"the flightrec module is not loaded; as root: 'flightrec load' or 'insmod flightrec.ko'");
	else if (node_minor() >= 0)
		snprintf(text, length,
			 "the module is loaded but there is no " FLIGHTREC_NODE
			 "; as root: 'mknod -m 600 " FLIGHTREC_NODE " c 10 %d'",
			 node_minor());
	else
		snprintf(
			text, length,
			"the module is loaded but there is no " FLIGHTREC_NODE
			"; is it being unloaded? 'flightrec unload' and 'flightrec load' begin anew");
}

static void explain_stale(char *text, size_t length)
{
	if (module_loaded())
		snprintf(
			text, length,
			FLIGHTREC_NODE
			" belongs to no driver though the module is loaded; remove the node, then 'flightrec unload' and 'flightrec load'");
	else
		snprintf(
			text, length,
			FLIGHTREC_NODE
			" is there but the flightrec module is not loaded; as root: 'flightrec load' or 'insmod flightrec.ko'");
}

static void explain_access(char *text, size_t length)
{
	struct stat status;

	if (stat(FLIGHTREC_NODE, &status))
		snprintf(text, length, "no permission; try as root (sudo)");
	else
		snprintf(
			text, length,
			"no permission: mode %04o, owner %u; try as root (sudo); for marks alone, root can grant the write bit",
			status.st_mode & 07777, status.st_uid);
}

void device_explain(int error, char *text, size_t length)
{
	switch (error) {
	case -ENOENT:
		explain_missing(text, length);
		break;
	case -ENXIO:
	case -ENODEV:
		explain_stale(text, length);
		break;
	case -EACCES:
		explain_access(text, length);
		break;
	case -EPERM:
		snprintf(
			text, length,
			"this needs CAP_PERFMON (or CAP_SYS_ADMIN) in the initial user namespace; try as root (sudo), outside of containers");
		break;
	default:
		snprintf(text, length, "cannot open " FLIGHTREC_NODE ": %s",
			 cli_why(error));
		break;
	}
}

int device_open(int flags)
{
	int fd = flightrec_open(FLIGHTREC_NODE, flags | O_CLOEXEC);
	char why[256];

	if (fd >= 0)
		return fd;
	device_explain(fd, why, sizeof(why));
	cli_fail("%s", why);
	return -1;
}

static int explain_call(const char *doing, int error)
{
	if (error == -ENOTTY || error == -EINVAL)
		cli_fail(
			"cannot %s: " FLIGHTREC_NODE
			" does not understand this command (%s); module and command must be of one version",
			doing, cli_why(error));
	else
		cli_fail("cannot %s: %s", doing, cli_why(error));
	return -1;
}

int device_info(int fd, struct flightrec_info *info)
{
	int error = flightrec_info(fd, info);

	return error < 0 ? explain_call("ask what the module is", error) : 0;
}

int device_stats(int fd, struct flightrec_stats *stats)
{
	int error = flightrec_stats(fd, stats, NULL, 0);

	return error < 0 ? explain_call("ask how recording goes", error) : 0;
}

struct cli_text device_since(const struct flightrec_stats *stats)
{
	struct cli_text text;

	snprintf(text.text, sizeof(text.text), "%s since %.32s",
		 stats->state == FLIGHTREC_FROZEN ?
			 "a window is held, recorded" :
			 "recording",
		 cli_wall(stats->start_mono_ns).text);
	return text;
}

int device_command(const struct device_command *command, int argc, char *argv[])
{
	int error, fd, status;

	if (!cli_plain_options(argc, argv, command->help, &status))
		return status;
	status = cli_no_operands(argc, argv);
	if (status)
		return status;
	fd = device_open(O_RDWR);
	if (fd < 0)
		return EXIT_FAILURE;
	error = command->control(fd);
	close(fd);
	switch (error) {
	case -ENODATA:
		return cli_fail("%s", command->no_data);
	case -EALREADY:
		return cli_fail("%s", command->already);
	}
	if (error < 0) {
		explain_call(command->doing, error);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
