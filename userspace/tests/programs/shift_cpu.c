// SPDX-License-Identifier: GPL-2.0
/*
 * A window that is wrong, for tests that must notice: the same one, but the clock of
 * one CPU goes so many microseconds ahead (or behind: negative).
 *
 *	shift_cpu CPU MICROSECONDS <WINDOW >WINDOW
 *
 * Knows the words' layout from the contract alone.
 */
#include <linux/flightrec.h>

#include "truth.h"

#define WINDOW_MAX (64 << 20)

static uint64_t window[WINDOW_MAX / sizeof(uint64_t)];

static size_t read_all(void)
{
	size_t length = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, (char *)window + length,
			   sizeof(window) - length)) > 0)
		length += (size_t)got;
	TRUTH_MUST(got == 0 && length < sizeof(window));
	return length;
}

static void write_all(size_t length)
{
	size_t done = 0;
	ssize_t put;

	while (done < length) {
		put = write(STDOUT_FILENO, (char *)window + done,
			    length - done);
		TRUTH_MUST(put > 0);
		done += (size_t)put;
	}
}

/* What stands in a word of the time has 27 bits; in a TIME word 59. */
static uint64_t shift_word(uint64_t word, uint64_t ticks)
{
	const uint64_t low = (uint64_t)FLIGHTREC_WORD_TIME_MASK
			     << FLIGHTREC_WORD_TYPE_BITS;
	uint64_t shift = ticks << FLIGHTREC_WORD_TYPE_BITS;
	unsigned int type = word & FLIGHTREC_WORD_TYPE_MASK;

	if (type >= FLIGHTREC_WORD_VALUE)
		return word;
	if (type == FLIGHTREC_WORD_TIME)
		return word + shift;
	return (word & ~low) | ((word + shift) & low);
}

static void shift_block(struct flightrec_block *block, uint64_t ticks)
{
	uint64_t *words = (uint64_t *)(block + 1);
	size_t count = (block->used - sizeof(*block)) / sizeof(*words);
	size_t i;

	block->clock += ticks;
	for (i = 0; i < count; i++)
		words[i] = shift_word(words[i], ticks);
}

int main(int argc, char **argv)
{
	const struct flightrec_window *header = (const void *)window;
	size_t length = read_all();
	uint64_t i, ticks;
	uint32_t cpu;

	TRUTH_MUST(argc == 3 && length >= sizeof(*header));
	cpu = (uint32_t)truth_number(argv[1]);
	ticks = (uint64_t)(truth_number(argv[2]) * header->clock_khz / 1000);
	for (i = 0; i < header->blocks.count; i++) {
		struct flightrec_block *block =
			(void *)((char *)window + header->blocks.offset +
				 i * header->blocks.entry_bytes);

		if (block->cpu == cpu)
			shift_block(block, ticks);
	}
	write_all(length);
	return 0;
}
