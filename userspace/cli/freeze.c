// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"

static const char help[] =
	"Usage: flightrec freeze\n"
	"\n"
	"Stops writing to the tape and keeps what it holds: the window. Read it with\n"
	"'flightrec snapshot -o FILE' or 'cat " FLIGHTREC_NODE
	"', as often as you like;\n"
	"go on with 'flightrec thaw', end with 'flightrec stop'.\n";

int freeze_main(int argc, char *argv[])
{
	static const struct device_command freeze = {
		.help = help,
		.control = flightrec_freeze,
		.doing = "freeze",
		.no_data =
			"nothing is being recorded, so there is nothing to freeze; see 'flightrec start --help'",
		.already =
			"frozen already; 'flightrec snapshot -o FILE' reads the window, 'flightrec thaw' goes on",
	};

	return device_command(&freeze, argc, argv);
}
