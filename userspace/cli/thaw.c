// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"

static const char help[] =
	"Usage: flightrec thaw\n"
	"\n"
	"Goes on recording after 'flightrec freeze'. The tape keeps what it holds; the\n"
	"time that it was frozen stays on it as a gap.\n";

int thaw_main(int argc, char *argv[])
{
	static const struct device_command thaw = {
		.help = help,
		.control = flightrec_thaw,
		.doing = "thaw",
		.no_data =
			"nothing is being recorded, so there is nothing to thaw; see 'flightrec start --help'",
		.already = "not frozen: recording is on",
	};

	return device_command(&thaw, argc, argv);
}
