/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading a window from a file and delivering it as something else, for dump,
 * report and encode. What is damaged is told on stderr, the rest is delivered.
 */
#ifndef READING_H
#define READING_H

#include <encoder.h>
#include <libflightrec.h>

typedef int (*reading_function)(struct flightrec_reader *reader,
				struct sink *sink,
				struct flightrec_error *error);

/* Open @path ("-": stdin); NULL when explained. */
struct flightrec_reader *reading_open(const char *path);
/* Write it to @fd by @function. 0, or -errno with *error filled in. */
int reading_deliver(struct flightrec_reader *reader, reading_function function,
		    int fd, struct flightrec_error *error);
/* Tell what was damaged; the exit status that this calls for. */
int reading_close(struct flightrec_reader *reader, const char *path);

/* The one operand, FILE. 0, or an exit status when explained. */
int reading_operand(int argc, char *argv[], const char **path);
/* All of it, to stdout; "cannot @doing FILE". The exit status. */
int reading_print(const char *path, const char *doing,
		  reading_function function);

#endif /* READING_H */
