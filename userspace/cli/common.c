// SPDX-License-Identifier: GPL-2.0
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000ULL

const char *cli_name = "flightrec";

static void line(const char *format, va_list arguments)
{
	/* What goes to stdout comes first where both are one file. */
	fflush(stdout);
	flockfile(stderr);
	fprintf(stderr, "%s: ", cli_name);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	funlockfile(stderr);
}

int cli_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line(format, arguments);
	va_end(arguments);
	return EXIT_FAILURE;
}

void cli_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line(format, arguments);
	va_end(arguments);
}

int cli_misuse_option(void)
{
	fprintf(stderr, "Try '%s --help'.\n", cli_name);
	return CLI_EXIT_USAGE;
}

int cli_misuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line(format, arguments);
	va_end(arguments);
	return cli_misuse_option();
}

int cli_no_operands(int argc, char *argv[])
{
	if (optind == argc)
		return 0;
	return cli_misuse("unexpected argument '%s'", argv[optind]);
}

bool cli_plain_options(int argc, char *argv[], const char *help, int *status)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};

	switch (getopt_long(argc, argv, "+h", options, NULL)) {
	case -1:
		return true;
	case 'h':
		*status = cli_help(help);
		return false;
	default:
		*status = cli_misuse_option();
		return false;
	}
}

int cli_help(const char *help)
{
	fputs(help, stdout);
	return EXIT_SUCCESS;
}

const char *cli_why(int error)
{
	return strerror(error < 0 ? -error : error);
}

/* strtoull() takes signs and blanks, which no number here has. */
static bool parse_digits(const char *text, const char **end, uint64_t *number)
{
	char *rest;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &rest, 10);
	*end = rest;
	return !errno;
}

bool cli_parse_number(const char *text, uint64_t min, uint64_t max,
		      uint64_t *number)
{
	const char *end;

	return parse_digits(text, &end, number) && !*end && *number >= min &&
	       *number <= max;
}

static bool unit_shift(const char *unit, unsigned int *shift)
{
	static const char letters[] = "kmgt";
	const char *found;

	*shift = 0;
	if (!*unit)
		return true;
	found = strchr(letters, *unit | 0x20);
	if (!found || !*found)
		return false;
	*shift = 10 * (unsigned int)(found - letters + 1);
	return !unit[1] || !strcmp(unit + 1, "iB");
}

bool cli_parse_size(const char *text, uint64_t *bytes)
{
	unsigned int shift;
	uint64_t number;
	const char *unit;

	if (!parse_digits(text, &unit, &number) || !unit_shift(unit, &shift) ||
	    number > UINT64_MAX >> shift)
		return false;
	*bytes = number << shift;
	return true;
}

bool cli_parse_duration(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", NS_PER_S },
		{ "m", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
	};
	uint64_t number;
	const char *unit;
	size_t i;

	if (!parse_digits(text, &unit, &number))
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, unit))
			continue;
		*ns = number * units[i].ns;
		return number <= UINT64_MAX / units[i].ns;
	}
	return false;
}

struct cli_text cli_size_option(uint64_t bytes)
{
	static const char letters[] = { 'G', 'M', 'K' };
	struct cli_text text;
	unsigned int i, shift = 30;

	for (i = 0; i < sizeof(letters); i++, shift -= 10) {
		uint64_t unit = 1ULL << shift;

		/* Rounding up by 1 % at most, or not at all. */
		if (bytes < unit || (bytes % unit && bytes / unit < 100))
			continue;
		snprintf(text.text, sizeof(text.text), "%" PRIu64 "%c",
			 bytes / unit + !!(bytes % unit), letters[i]);
		return text;
	}
	snprintf(text.text, sizeof(text.text), "%" PRIu64, bytes);
	return text;
}

struct cli_text cli_size(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double number = (double)bytes / 1024;
	struct cli_text text;
	size_t i = 0;

	if (bytes < 1024) {
		snprintf(text.text, sizeof(text.text), "%" PRIu64 " bytes",
			 bytes);
		return text;
	}
	while (number >= 1024 && i + 1 < sizeof(units) / sizeof(units[0])) {
		number /= 1024;
		i++;
	}
	snprintf(text.text, sizeof(text.text), "%.1f %s", number, units[i]);
	return text;
}

struct cli_text cli_duration_option(uint64_t ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "h", 3600 * NS_PER_S }, { "m", 60 * NS_PER_S },
		{ "s", NS_PER_S },	  { "ms", 1000000 },
		{ "us", 1000 },		  { "ns", 1 },
	};
	struct cli_text text;
	size_t i = 0;

	while (ns % units[i].ns || (!ns && units[i].ns != 1))
		i++;
	snprintf(text.text, sizeof(text.text), "%" PRIu64 "%s",
		 ns / units[i].ns, units[i].name);
	return text;
}

struct cli_text cli_duration(uint64_t ns)
{
	uint64_t s = ns / NS_PER_S;
	struct cli_text text;

	if (!s)
		snprintf(text.text, sizeof(text.text), "%.1f ms",
			 (double)ns / 1e6);
	else if (s < 100)
		snprintf(text.text, sizeof(text.text), "%.1f s",
			 (double)ns / (double)NS_PER_S);
	else if (s < 3600)
		snprintf(text.text, sizeof(text.text),
			 "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else
		snprintf(text.text, sizeof(text.text),
			 "%" PRIu64 " h %" PRIu64 " min", s / 3600,
			 s / 60 % 60);
	return text;
}

static uint64_t now(clockid_t clock)
{
	struct timespec time = { 0 };

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t cli_mono_now(void)
{
	return now(CLOCK_MONOTONIC);
}

struct cli_text cli_wall(uint64_t mono_ns)
{
	uint64_t real_ns = now(CLOCK_REALTIME) - cli_mono_now() + mono_ns;
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	struct cli_text text = { "?" };
	struct tm broken;

	if (localtime_r(&seconds, &broken))
		strftime(text.text, sizeof(text.text), "%Y-%m-%d %H:%M:%S %z",
			 &broken);
	return text;
}

const char *cli_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

uint64_t cli_memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kib = 0;
	char row[128];

	if (!file)
		return 0;
	while (fgets(row, sizeof(row), file)) {
		if (sscanf(row, "MemAvailable: %" SCNu64, &kib) == 1)
			break;
	}
	fclose(file);
	return kib << 10;
}

bool cli_read_line(const char *path, char *text, size_t length)
{
	FILE *file = fopen(path, "re");
	bool read;

	if (!file)
		return false;
	read = fgets(text, (int)(length > INT_MAX ? INT_MAX : length), file);
	fclose(file);
	if (read)
		text[strcspn(text, "\n")] = '\0';
	return read;
}
