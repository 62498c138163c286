/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device as subcommands use it: opened, asked and controlled, with every
 * refusal explained on stderr by one line.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <libflightrec.h>
#include "cli.h"

/* Open the node with O_RDWR or O_WRONLY: a descriptor, or -1 when explained. */
int device_open(int flags);
/* Why the node cannot be opened, for @error of flightrec_open(); no newline. */
void device_explain(int error, char *text, size_t length);

/* These return 0, or -1 when explained. */
int device_info(int fd, struct flightrec_info *info);
int device_stats(int fd, struct flightrec_stats *stats);

/* "recording since 2026-...", for a refusal. */
struct cli_text device_since(const struct flightrec_stats *stats);

/**
 * struct device_command - a subcommand that is one ioctl: stop, freeze, thaw
 * @help: its help
 * @control: the call
 * @doing: "cannot @doing"
 * @no_data: what -ENODATA means
 * @already: what -EALREADY means
 */
struct device_command {
	const char *help;
	int (*control)(int fd);
	const char *doing;
	const char *no_data;
	const char *already;
};

int device_command(const struct device_command *command, int argc,
		   char *argv[]);

#endif /* DEVICE_H */
