// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"

static const char help[] =
	"Usage: flightrec stop\n"
	"\n"
	"Ends recording. The tape, a frozen window and the targets are discarded; what\n"
	"is to be kept must be read out before: see 'flightrec snapshot'.\n";

int stop_main(int argc, char *argv[])
{
	static const struct device_command stop = {
		.help = help,
		.control = flightrec_stop,
		.doing = "stop recording",
		.no_data = "nothing is being recorded",
		.already = "recording is stopped already",
	};

	return device_command(&stop, argc, argv);
}
