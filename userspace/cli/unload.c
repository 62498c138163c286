// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char help[] =
	"Usage: flightrec unload\n"
	"\n"
	"Unloads the kernel module. A recording is stopped and its tape discarded; while\n"
	"a program has /dev/flightrec open, the module stays. Needs root.\n";

int unload_main(int argc, char *argv[])
{
	int status;

	if (!cli_plain_options(argc, argv, help, &status))
		return status;
	status = cli_no_operands(argc, argv);
	if (status)
		return status;
	if (!syscall(SYS_delete_module, "flightrec", O_NONBLOCK))
		return EXIT_SUCCESS;
	module_explain_unload(-errno);
	return EXIT_FAILURE;
}
