// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec load [PATH]\n"
	"\n"
	"Loads the kernel module from PATH, or from where the build or an installation\n"
	"puts it; as 'insmod PATH' does, but says what helps when the kernel refuses.\n"
	"Needs root.\n";

static int load(const char *path)
{
	int error = 0, fd, kmsg;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail("cannot read %s: %s", path, cli_why(errno));
	kmsg = module_kmsg_open();
	if (syscall(SYS_finit_module, fd, "", 0))
		error = -errno;
	close(fd);
	if (error)
		module_explain_load(path, error, kmsg);
	else
		cli_note("loaded %s", path);
	if (kmsg >= 0)
		close(kmsg);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int load_found(void)
{
	char *path = module_find();
	int status;

	if (!path)
		return cli_fail(
			"no flightrec.ko for this kernel was found; 'make' builds it, 'flightrec load PATH' takes it from elsewhere");
	status = load(path);
	free(path);
	return status;
}

int load_main(int argc, char *argv[])
{
	int status;

	if (!cli_plain_options(argc, argv, help, &status))
		return status;
	if (optind == argc)
		return load_found();
	if (optind + 1 < argc)
		return cli_misuse("unexpected argument '%s'", argv[optind + 1]);
	return load(argv[optind]);
}
