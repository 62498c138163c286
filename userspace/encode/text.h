/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of the text encoder, shared by the files that make it up:
 *
 *	text.c		a line an event
 *	text_window.c	the lines before and after, of the window
 *	text_words.c	times, tasks, calls
 */
#ifndef TEXT_H
#define TEXT_H

#include "encoder.h"
#include "front.h"
#include "scopes.h"

/**
 * struct text - a dump being written
 * @sink: where to
 * @front: where from
 * @reader: what it reads
 * @scopes: that are open
 * @events: lines of events so far
 * @second: the second that @stamp is of
 * @stamp: "DATE TIME." of that second
 * @zone: " ZONE " of that second
 */
struct text {
	struct sink *sink;
	struct front *front;
	struct flightrec_reader *reader;
	struct scopes scopes;
	uint64_t events;
	int64_t second;
	size_t stamp_length;
	size_t zone_length;
	char stamp[64];
	char zone[16];
};

/* ---- text_words.c -------------------------------------------------------- */

/* "DATE TIME ZONE" of CLOCK_REALTIME, of an instant of the recorder's clock */
void text_put_real(struct text *text, int64_t real_ns);
void text_put_clock(struct text *text, uint64_t clock);
/* Seconds from one instant to another, with nanoseconds. */
void text_put_span(struct text *text, uint64_t from, uint64_t to);
/* "NAME[TID]" */
void text_put_name(struct text *text, const char *comm, uint32_t tid);
void text_put_task(struct text *text, const struct front_thread *thread);
/* Bytes of any kind, escaped, in quotes. */
void text_put_quoted(struct text *text, const char *bytes, size_t length);
/* "read"; "read(8, 0x7f0011223344, ...)" */
void text_put_call_name(struct text *text, const struct front_call *call);
void text_put_call(struct text *text, const struct front_call *call);

/* ---- text_window.c ------------------------------------------------------- */

void text_put_head(struct text *text);
/* What was in flight at the cut; what is damaged. */
void text_put_tail(struct text *text);

#endif /* TEXT_H */
