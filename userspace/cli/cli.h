/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flightrec command: what its subcommands share. Each subcommand is one
 * function in a file of its own, called with argv[0] being "flightrec NAME",
 * and returns an exit status.
 *
 * stdout is for data, stderr for messages. A failure is one line that says what
 * could not be done, why, and what helps.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Wrong use of the command line. Other failures are EXIT_FAILURE. */
#define CLI_EXIT_USAGE 2

/* Values of getopt_long for options without a letter. */
enum {
	CLI_OPTION_COMM = 0x100,
	CLI_OPTION_NO_FOLLOW,
	CLI_OPTION_AROUND,
	CLI_OPTION_WITHIN,
	CLI_OPTION_SLOWER,
	CLI_OPTION_SIZE,
	CLI_OPTION_BLOCK,
	CLI_OPTION_ARGS,
	CLI_OPTION_EVENTS,
	CLI_OPTION_POLICY,
	CLI_OPTION_SLOTS,
	CLI_OPTION_IDENTITIES,
	CLI_OPTION_KEEP,
	CLI_OPTION_SPARING,
	CLI_OPTION_FORMAT,
	CLI_OPTION_LAST,
	CLI_OPTION_SINCE_MARK,
	CLI_OPTION_BYTES,
	CLI_OPTION_SOCKET,
	CLI_OPTION_LISTEN,
	CLI_OPTION_MODE,
	CLI_OPTION_TIMEOUT,
};

/* ---- subcommands ---- */

int run_main(int argc, char *argv[]);
int start_main(int argc, char *argv[]);
int stop_main(int argc, char *argv[]);
int freeze_main(int argc, char *argv[]);
int thaw_main(int argc, char *argv[]);
int mark_main(int argc, char *argv[]);
int status_main(int argc, char *argv[]);
int target_main(int argc, char *argv[]);
int trigger_main(int argc, char *argv[]);
int watch_main(int argc, char *argv[]);
int snapshot_main(int argc, char *argv[]);
int dump_main(int argc, char *argv[]);
int report_main(int argc, char *argv[]);
int encode_main(int argc, char *argv[]);
int serve_main(int argc, char *argv[]);
int load_main(int argc, char *argv[]);
int unload_main(int argc, char *argv[]);

/* What `flightrec` alone shows below the help: how things stand, or why that
 * cannot be told. */
void status_brief(void);

/* ---- common.c: messages ---- */

/* Which subcommand speaks: "flightrec start". Set once, by main(). */
extern const char *cli_name;

#define CLI_PRINTF(format, first) \
	__attribute__((__format__(__printf__, format, first)))

/* Both print one line on stderr; for a failure, EXIT_FAILURE to return. */
int cli_fail(const char *format, ...) CLI_PRINTF(1, 2);
void cli_note(const char *format, ...) CLI_PRINTF(1, 2);
/* For wrong use; points at --help. Returns CLI_EXIT_USAGE. */
int cli_misuse(const char *format, ...) CLI_PRINTF(1, 2);
/* The same after getopt_long has printed its own message. */
int cli_misuse_option(void);
/* For a subcommand that takes options only. 0, or CLI_EXIT_USAGE. */
int cli_no_operands(int argc, char *argv[]);
/* A subcommand that knows --help and no other option. True: go on, at optind;
 * false: return *status. */
bool cli_plain_options(int argc, char *argv[], const char *help, int *status);
/* Prints @help on stdout; returns EXIT_SUCCESS. */
int cli_help(const char *help);
/* Words for a negative errno. */
const char *cli_why(int error);

/* ---- common.c: numbers, sizes, times ---- */

bool cli_parse_number(const char *text, uint64_t min, uint64_t max,
		      uint64_t *number);
/* "4096", "512K", "16M", "1G"; false also for what does not fit 64 bits. */
bool cli_parse_size(const char *text, uint64_t *bytes);
/* "500ms", "5s", "2m", "1h"; also us and ns. False also for what does not fit. */
bool cli_parse_duration(const char *text, uint64_t *ns);

struct cli_text {
	char text[96];
};

/* As cli_parse_size() takes it where that is exact, else rounded up. */
struct cli_text cli_size_option(uint64_t bytes);
/* For people: "16.3 MiB". */
struct cli_text cli_size(uint64_t bytes);
/* As cli_parse_duration() takes it, exact: "20ms", "10m". */
struct cli_text cli_duration_option(uint64_t ns);
/* "0.4 ms", "12.3 s", "4 min 10 s". */
struct cli_text cli_duration(uint64_t ns);
/* The wall time of an instant of CLOCK_MONOTONIC, with its zone. */
struct cli_text cli_wall(uint64_t mono_ns);
uint64_t cli_mono_now(void);
/* "s" unless @count is 1. */
const char *cli_plural(uint64_t count);
/* Memory that could be had now, 0 if not known. */
uint64_t cli_memory_available(void);

/* The first line of a file, without its newline; false if it cannot be read. */
bool cli_read_line(const char *path, char *line, size_t length);

#endif /* CLI_H */
