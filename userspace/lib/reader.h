/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The inside of a reader, shared by the files that make one up:
 *
 *	source.c	bytes of a file, or of a pipe
 *	window.c	header and tables, what is damaged
 *	tape.c		one CPU's blocks, one after the other
 *	decode.c	words to events, all tapes merged
 *	clock.c		ticks to nanoseconds
 *	identity.c	who was who
 *	excerpt.c	the end of a window as a window
 *	keep.c		whether the age that was asked for was held
 *
 * The file is mapped, not read: what is allocated is one tape a CPU, the index
 * of identities, and the clock's anchors and the damages, both bounded. Nothing
 * is kept for each block.
 *
 * Nothing of the file is believed: a size or an offset is used only after it
 * was checked against the length, once, and is then kept in the checked form.
 */
#ifndef FR_READER_H
#define FR_READER_H

#include "cursor.h"
#include "libflightrec.h"

/* As many damages are told one by one; the last one then counts the others. */
#define FR_DAMAGES_MAX 1024
#define FR_TEXT_MAX    FLIGHTREC_MARK_MAX

/* ---- source.c ------------------------------------------------------------ */

/**
 * struct fr_source - the bytes of a window
 * @bytes: they
 * @length: how many
 * @mapped: mapped by us from a file, to be unmapped; else the caller's memory
 */
struct fr_source {
	const uint8_t *bytes;
	uint64_t length;
	bool mapped;
};

int fr_source_open(struct fr_source *source, const char *path,
		   struct flightrec_error *error);
int fr_source_open_fd(struct fr_source *source, int fd, const char *path,
		      struct flightrec_error *error);
void fr_source_close(struct fr_source *source);
void fr_source_release(const struct fr_source *source, uint64_t offset,
		       uint64_t bytes);

/* ---- clock.c ------------------------------------------------------------- */

/**
 * struct fr_segment - a straight piece of the line from ticks to nanoseconds
 * @clock: where it begins, in ticks
 * @mono_ns: the same instant
 * @mult: nanoseconds a tick, times 2^@shift, rounded down
 * @shift: 0 to 63
 */
struct fr_segment {
	uint64_t clock;
	int64_t mono_ns;
	uint64_t mult;
	unsigned int shift;
};

/**
 * struct fr_clock - the whole line
 * @segments: in order of clock; the first one is valid before its beginning, too
 * @count: at least 1
 */
struct fr_clock {
	struct fr_segment *segments;
	size_t count;
};

int fr_clock_init(struct flightrec_reader *reader);
void fr_clock_deinit(struct flightrec_reader *reader);
const struct fr_segment *fr_clock_segment(const struct fr_clock *line,
					  uint64_t clock);
int64_t fr_segment_ns(const struct fr_segment *segment, uint64_t clock);
uint64_t fr_segment_span(const struct fr_segment *segment);

/* ---- identity.c ---------------------------------------------------------- */

struct fr_identities;

int fr_identities_create(struct flightrec_reader *reader);
void fr_identities_destroy(struct fr_identities *ids);

/* ---- tape.c -------------------------------------------------------------- */

/* Events that no word tells but the block headers do, in the order in which
 * they are delivered before a block's first record. */
#define FR_PENDING_BEGIN   0x1
#define FR_PENDING_DAMAGED 0x2
#define FR_PENDING_OVERRUN 0x4
#define FR_PENDING_GAP	   0x8
#define FR_PENDING_LOST	   0x10

#define FR_NO_DAMAGE	   SIZE_MAX

/**
 * struct fr_tape - one CPU's blocks being read
 *
 * First what is used for each record:
 * @clock: of the event that comes next; never goes back
 * @time: of the word before @at
 * @at: the next first word of a record
 * @end: of the block's words
 * @limit: no record of this block later than this is delivered
 * @floor: no event of this block is earlier than this
 * @decoded: events that the block held so far
 * @tid: the running task
 * @cpu: whose tape it is
 * @pending: FR_PENDING_*, due before @at, at @clock
 *
 * Then what is used for each block:
 * @latest: a record later than this is impossible: a later block was open then
 * @header: of the block, in host order
 * @opened: there is a @header
 * @counted: @decoded is all that the block held
 * @finished: past the last block
 * @short_calls: it was noted that arguments are missing in this block
 * @unsure: something was damaged since @header's block began
 * @damage: the first such damage
 * @overrun: blocks were written anew before they were read since @header's
 * @damaged_events: for FR_PENDING_DAMAGED and FR_PENDING_OVERRUN
 * @lost_events: for FR_PENDING_LOST
 * @gap_clock: for FR_PENDING_GAP
 * @next: the block to be opened next, counted from the tape's first
 * @current: what @next was when @header's block was opened
 * @present: how many of the blocks are in the file
 * @truncated: not all of them are
 * @cut_off: the file ends within @header's block
 * @entry: the CPU table's entry
 * @entry_known: it was read, not made up from the blocks
 */
struct fr_tape {
	uint64_t clock;
	uint64_t time;
	const uint8_t *at;
	const uint8_t *end;
	uint64_t limit;
	uint64_t floor;
	uint64_t decoded;
	uint32_t tid;
	uint32_t cpu;
	uint32_t pending;

	bool opened;
	bool counted;
	bool finished;
	bool unsure;
	bool overrun;
	bool truncated;
	bool cut_off;
	bool entry_known;
	bool short_calls;
	uint64_t latest;
	struct flightrec_block header;
	size_t damage;
	uint64_t damaged_events;
	uint64_t lost_events;
	uint64_t gap_clock;
	uint64_t next;
	uint64_t current;
	uint64_t present;
	struct flightrec_window_cpu entry;
};

int fr_tapes_create(struct flightrec_reader *reader);
void fr_tape_rewind(struct fr_tape *tape);
void fr_tape_release(const struct flightrec_reader *reader, uint64_t block);
bool fr_tape_peek(const struct flightrec_reader *reader, uint64_t block,
		  uint32_t cpu, struct flightrec_block *header);
bool fr_tape_place(const struct flightrec_reader *reader, uint64_t block,
		   uint32_t cpu, struct flightrec_block *header);
bool fr_tape_next_block(struct flightrec_reader *reader, struct fr_tape *tape);
void fr_tape_damage(struct flightrec_reader *reader, struct fr_tape *tape,
		    uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- window.c ------------------------------------------------------------ */

/* fr_lead.clock of a tape that has no more events: later than any other. */
#define FR_LEAD_NEVER (UINT64_MAX - 1)

/**
 * struct fr_table - a table that the header locates
 * @name: for messages
 * @section: where the reader's header has it
 * @entry_bytes: the size of the part of an entry that is known
 */
struct fr_table {
	const char *name;
	struct flightrec_section *section;
	uint32_t entry_bytes;
};

/* All of them; the CPU table comes first and the blocks last. */
#define FR_TABLES	5
#define FR_TABLE_CPUS	0
#define FR_TABLE_BLOCKS (FR_TABLES - 1)

void fr_reader_tables(struct flightrec_reader *reader, struct fr_table *tables);

/**
 * struct fr_lead - a tape in decode.c's tree
 * @clock: of its next event, or FR_LEAD_NEVER
 * @tape: which one; tapes are in order of CPU
 */
struct fr_lead {
	uint64_t clock;
	uint32_t tape;
};

/**
 * struct flightrec_reader - a window being read
 * @source: its bytes
 * @window: the header in host order; the sections' counts are what is there
 * @block_stride: bytes from a block to the next one
 * @whole: the end marker was there
 * @overrun: blocks of a live window that were written anew before they were read
 * @line: ticks to nanoseconds
 * @identities: who was who
 * @tapes: one a CPU, in order of CPU
 * @tapes_count: how many
 * @leads: a tree: the earliest of all at 1, below each the two of which it is
 *	the earlier one (i: 2i and 2i + 1), the tapes themselves from @leaves on
 * @leaves: how many leaves, a power of two
 * @primed: the tree is in use
 * @segment: the piece of @line in use
 * @segment_span: how many ticks it goes on
 * @damages: what is damaged
 * @damages_count: how many
 * @damages_open: how many of them were found when the window was opened
 * @damages_more: how many did not find room
 * @damages_more_open: of them, when the window was opened
 * @text: the text of the last event
 */
struct flightrec_reader {
	struct fr_source source;
	struct flightrec_window window;
	uint64_t block_stride;
	bool whole;
	uint64_t overrun;
	struct fr_clock line;
	struct fr_identities *identities;
	struct fr_tape *tapes;
	size_t tapes_count;

	struct fr_lead *leads;
	size_t leaves;
	bool primed;
	struct fr_segment segment;
	uint64_t segment_span;

	struct flightrec_damage *damages;
	size_t damages_count;
	size_t damages_open;
	uint64_t damages_more;
	uint64_t damages_more_open;

	char text[FR_TEXT_MAX];
};

/*
 * flightrec_reader_mono_ns() of a clock in the segment in use, where few are not;
 * false: in another.
 */
static inline bool fr_reader_quick_ns(const struct flightrec_reader *reader,
				      uint64_t clock, int64_t *ns)
{
	const struct fr_segment *segment = &reader->segment;
	uint64_t ticks = clock - segment->clock;

	if (__builtin_expect(ticks >= reader->segment_span, 0))
		return false;
	*ns = segment->mono_ns +
	      (int64_t)((unsigned __int128)ticks * segment->mult >>
			segment->shift);
	return true;
}

size_t fr_reader_header_bytes(uint32_t header_bytes);
size_t fr_reader_damage(struct flightrec_reader *reader, uint32_t cpu,
			uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
bool fr_reader_entry(const struct flightrec_reader *reader,
		     const struct flightrec_section *section, uint64_t i,
		     void *entry, uint64_t bytes);

#endif /* FR_READER_H */
