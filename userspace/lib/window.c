// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A window: its header and tables, checked, and what is damaged of it.
 *
 * Only a header that cannot be used refuses a window. Of tables and blocks what
 * is in the file is used, and what is not becomes a damage.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "reader.h"

/* ---- damages ------------------------------------------------------------- */

static struct flightrec_damage *damage_slot(struct flightrec_reader *reader)
{
	struct flightrec_damage *grown;
	size_t count = reader->damages_count;

	if (count == FR_DAMAGES_MAX)
		return NULL;
	/* Room is a power of two, so that the count says when it is full. */
	if (!(count & (count - 1))) {
		grown = realloc(reader->damages,
				(count ? 2 * count : 1) * sizeof(*grown));
		if (!grown)
			return NULL;
		reader->damages = grown;
	}
	reader->damages_count = count + 1;
	return &reader->damages[count];
}

/*
 * Note a damage, without a number of events. Returns its index, FR_NO_DAMAGE if
 * there are too many to be told one by one.
 */
size_t fr_reader_damage(struct flightrec_reader *reader, uint32_t cpu,
			uint64_t offset, const char *format, ...)
{
	struct flightrec_damage *damage = damage_slot(reader);
	va_list args;

	if (!damage) {
		reader->damages_more++;
		if (!reader->damages_count)
			return FR_NO_DAMAGE;
		damage = &reader->damages[reader->damages_count - 1];
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): counted */
		memset(damage, 0, sizeof(*damage));
		damage->offset = FLIGHTREC_NO_OFFSET;
		damage->cpu = UINT32_MAX;
		snprintf(damage->text, sizeof(damage->text),
			 "and %llu more damages",
			 (unsigned long long)reader->damages_more + 1);
		return FR_NO_DAMAGE;
	}
	memset(damage, 0, sizeof(*damage));
	damage->offset = offset;
	damage->cpu = cpu;
	va_start(args, format);
	vsnprintf(damage->text, sizeof(damage->text), format, args);
	va_end(args);
	return reader->damages_count - 1;
}

/* ---- from little endian to the host's order ------------------------------- */

static void section_to_host(struct flightrec_section *section)
{
	section->offset = le64toh(section->offset);
	section->count = le64toh(section->count);
	section->entry_bytes = le32toh(section->entry_bytes);
	section->reserved = le32toh(section->reserved);
}

static void firing_to_host(struct flightrec_firing *firing)
{
	firing->sequence = le64toh(firing->sequence);
	firing->trigger = le32toh(firing->trigger);
	firing->condition = le32toh(firing->condition);
	firing->tid = le32toh(firing->tid);
	firing->cpu = le32toh(firing->cpu);
	firing->value = (int64_t)le64toh((uint64_t)firing->value);
	firing->limit = (int64_t)le64toh((uint64_t)firing->limit);
	firing->nr = (int32_t)le32toh((uint32_t)firing->nr);
	firing->action = le32toh(firing->action);
	firing->clock = le64toh(firing->clock);
	firing->mono_ns = le64toh(firing->mono_ns);
}

static void window_to_host(struct flightrec_window *w)
{
	w->version = le32toh(w->version);
	w->header_bytes = le32toh(w->header_bytes);
	w->window_bytes = le64toh(w->window_bytes);
	w->recorder = le32toh(w->recorder);
	w->reason = le32toh(w->reason);
	w->clock = le32toh(w->clock);
	w->clock_khz = le32toh(w->clock_khz);
	w->start_clock = le64toh(w->start_clock);
	w->start_mono_ns = le64toh(w->start_mono_ns);
	w->cut_clock = le64toh(w->cut_clock);
	w->cut_mono_ns = le64toh(w->cut_mono_ns);
	w->cut_boot_ns = le64toh(w->cut_boot_ns);
	w->cut_real_ns = le64toh(w->cut_real_ns);
	w->complete_clock = le64toh(w->complete_clock);
	w->names_clock = le64toh(w->names_clock);
	w->ring_bytes = le64toh(w->ring_bytes);
	w->block_bytes = le32toh(w->block_bytes);
	w->events = le32toh(w->events);
	w->args = le32toh(w->args);
	w->policy = le32toh(w->policy);
	w->cpus_possible = le32toh(w->cpus_possible);
	w->page_bytes = le32toh(w->page_bytes);
	w->lost_events = le64toh(w->lost_events);
	w->missed_targets = le64toh(w->missed_targets);
	section_to_host(&w->cpus);
	section_to_host(&w->tasks);
	section_to_host(&w->calls);
	section_to_host(&w->targets);
	section_to_host(&w->blocks);
	/* Strings, whoever wrote them. */
	w->nodename[FLIGHTREC_UTS_BYTES - 1] = 0;
	w->release[FLIGHTREC_UTS_BYTES - 1] = 0;
	w->version_text[FLIGHTREC_UTS_BYTES - 1] = 0;
	w->machine[FLIGHTREC_UTS_BYTES - 1] = 0;
	firing_to_host(&w->firing);
	w->keep_ns = le64toh(w->keep_ns);
}

/* ---- the header ----------------------------------------------------------- */

static int check_magic(struct fr_cursor *cursor, struct flightrec_error *error)
{
	uint8_t magic[8] = { 0 };
	uint64_t there = fr_cursor_left(cursor);

	if (!there)
		return flightrec_error_set(error, -ENODATA, 0,
					   "empty; expected a window");
	if (there > sizeof(magic))
		there = sizeof(magic);
	fr_cursor_read(cursor, magic, there, "the magic", error);
	if (!memcmp(magic, FLIGHTREC_WINDOW_MAGIC, there))
		return 0;
	if (there > 6 && !memcmp(magic, FLIGHTREC_WINDOW_MAGIC, 6))
		return flightrec_error_set(
			error, -EBADMSG, 6,
			"line ends were converted on the way; expected the bytes as they were read");
	return flightrec_error_set(
		error, -EBADMSG, 0,
		"not a flightrec window; expected \"FLTREC\\r\\n\" here");
}

/* Other versions have other headers, so this is asked before the rest. */
static int check_version(struct fr_cursor *cursor,
			 struct flightrec_error *error)
{
	uint64_t offset = offsetof(struct flightrec_window, version);
	uint32_t version;

	if (fr_cursor_seek(cursor, offset, "the version", NULL) ||
	    fr_cursor_read(cursor, &version, sizeof(version), "the version",
			   NULL))
		return 0; /* too short for a header, as will be seen */
	if (le32toh(version) == FLIGHTREC_WINDOW_VERSION)
		return 0;
	return flightrec_error_set(error, -EPROTONOSUPPORT, offset,
				   "version %u; expected version %u",
				   le32toh(version), FLIGHTREC_WINDOW_VERSION);
}

/* The header of the first modules, which knew no triggers, ended here. */
#define FIRST_HEADER_BYTES offsetof(struct flightrec_window, firing)

/*
 * How much is known of a header that says to have @header_bytes: all that came with
 * the last version which is not longer.
 */
size_t fr_reader_header_bytes(uint32_t header_bytes)
{
	if (header_bytes >= sizeof(struct flightrec_window))
		return sizeof(struct flightrec_window);
	if (header_bytes >= offsetof(struct flightrec_window, keep_ns))
		return offsetof(struct flightrec_window, keep_ns);
	return FIRST_HEADER_BYTES;
}

/* What a shorter header does not have stays zero. */
static int read_known(struct fr_cursor *cursor, struct flightrec_window *window,
		      struct flightrec_error *error)
{
	int code;

	code = fr_cursor_read(cursor, window, FIRST_HEADER_BYTES, "a header",
			      error);
	if (code)
		return code;
	fr_cursor_seek(cursor, 0, "a header", error);
	return fr_cursor_read(
		cursor, window,
		fr_reader_header_bytes(le32toh(window->header_bytes)),
		"a header", error);
}

static int read_header(struct flightrec_reader *reader,
		       struct flightrec_error *error)
{
	struct flightrec_window *window = &reader->window;
	struct fr_cursor cursor;
	int code;

	fr_cursor_init(&cursor, reader->source.bytes, reader->source.length);
	code = check_magic(&cursor, error);
	if (!code)
		code = check_version(&cursor, error);
	if (!code)
		code = fr_cursor_seek(&cursor, 0, "a header", error);
	if (!code)
		code = read_known(&cursor, window, error);
	if (code)
		return code;
	window_to_host(window);
	/* No event is later than the cut, nor as late as what stands for none. */
	if (window->cut_clock >= FR_LEAD_NEVER)
		window->cut_clock = FR_LEAD_NEVER - 1;
	if (window->header_bytes < FIRST_HEADER_BYTES)
		return flightrec_error_set(
			error, -EBADMSG,
			offsetof(struct flightrec_window, header_bytes),
			"a header of %u bytes; expected at least %zu",
			window->header_bytes, FIRST_HEADER_BYTES);
	return fr_cursor_seek(&cursor, window->header_bytes,
			      "the rest of the header", error);
}

/* ---- tables --------------------------------------------------------------- */

/* List them in @tables, of which there are FR_TABLES. */
void fr_reader_tables(struct flightrec_reader *reader, struct fr_table *tables)
{
	struct flightrec_window *w = &reader->window;

	tables[FR_TABLE_CPUS] =
		(struct fr_table){ "CPU table", &w->cpus,
				   sizeof(struct flightrec_window_cpu) };
	tables[1] = (struct fr_table){ "task table", &w->tasks,
				       sizeof(struct flightrec_window_task) };
	tables[2] = (struct fr_table){ "call table", &w->calls,
				       sizeof(struct flightrec_window_call) };
	tables[3] = (struct fr_table){ "target table", &w->targets,
				       sizeof(struct flightrec_window_target) };
	tables[FR_TABLE_BLOCKS] =
		(struct fr_table){ "blocks", &w->blocks,
				   sizeof(struct flightrec_block) };
}

/*
 * A table that cannot be where it is said to be has no entries. Returns whether
 * it can.
 */
static bool check_place(struct flightrec_reader *reader, struct fr_table *table)
{
	struct flightrec_section *section = table->section;
	const char *what = NULL;

	if (!section->count)
		return false;
	if (section->offset % 8)
		what = "begins at no multiple of 8";
	else if (section->offset < reader->window.header_bytes)
		what = "begins within the header";
	else if (section->entry_bytes < table->entry_bytes)
		what = "has entries that are too short";
	else if (section->entry_bytes % 8)
		what = "has entries of no multiple of 8 bytes";
	if (!what)
		return true;
	fr_reader_damage(reader, UINT32_MAX, section->offset,
			 "the %s %s (%u bytes an entry)", table->name, what,
			 section->entry_bytes);
	section->count = 0;
	return false;
}

/* Of a table, leave what is before @end. */
static void clip_table(struct flightrec_reader *reader, struct fr_table *table,
		       uint64_t end, const char *by)
{
	struct flightrec_section *section = table->section;
	uint64_t fit = 0;

	if (section->offset < end)
		fit = (end - section->offset) / section->entry_bytes;
	if (section->count <= fit)
		return;
	fr_reader_damage(reader, UINT32_MAX, section->offset,
			 "the %s: %llu of %llu entries are there, then %s",
			 table->name, (unsigned long long)fit,
			 (unsigned long long)section->count, by);
	section->count = fit;
}

static int by_offset(const void *a, const void *b)
{
	const struct fr_table *left = a, *right = b;

	return (left->section->offset > right->section->offset) -
	       (left->section->offset < right->section->offset);
}

/*
 * A table that reaches into the next one is cut off there, wherever the two
 * stand. Blocks are not: each of them can be told from anything else.
 */
static void check_tables(struct flightrec_reader *reader)
{
	struct fr_table tables[FR_TABLES];
	size_t i, there = 0;

	fr_reader_tables(reader, tables);
	for (i = 0; i < FR_TABLES; i++)
		if (check_place(reader, &tables[i]))
			tables[there++] = tables[i];
	qsort(tables, there, sizeof(*tables), by_offset);
	for (i = 0; i < there; i++) {
		/* tape.c clips the blocks; it can use a part of one. */
		if (tables[i].section == &reader->window.blocks)
			continue;
		if (i + 1 < there)
			clip_table(reader, &tables[i],
				   tables[i + 1].section->offset,
				   "another table begins");
		clip_table(reader, &tables[i], reader->source.length,
			   "the file ends");
	}
}

/* Copy entry @i of a checked table; false if it is not there. */
bool fr_reader_entry(const struct flightrec_reader *reader,
		     const struct flightrec_section *section, uint64_t i,
		     void *entry, uint64_t bytes)
{
	struct fr_cursor cursor;

	memset(entry, 0, bytes);
	if (i >= section->count)
		return false;
	/* The table lies within the file, so this cannot overflow. */
	fr_cursor_init(&cursor, reader->source.bytes, reader->source.length);
	if (fr_cursor_seek(&cursor, section->offset + i * section->entry_bytes,
			   "an entry", NULL))
		return false;
	return !fr_cursor_read(&cursor, entry, bytes, "an entry", NULL);
}

/* ---- the end -------------------------------------------------------------- */

static bool end_marker_at(struct flightrec_reader *reader, uint64_t end)
{
	struct flightrec_window_end marker;
	struct fr_cursor cursor;

	fr_cursor_init(&cursor, reader->source.bytes, reader->source.length);
	return end >= sizeof(marker) &&
	       !fr_cursor_seek(&cursor, end - sizeof(marker), "the end",
			       NULL) &&
	       !fr_cursor_read(&cursor, &marker, sizeof(marker), "the end",
			       NULL) &&
	       !memcmp(marker.magic, FLIGHTREC_WINDOW_END_MAGIC, 8) &&
	       le64toh(marker.window_bytes) == end;
}

static void check_end(struct flightrec_reader *reader)
{
	uint64_t length = reader->source.length;
	uint64_t expected = reader->window.window_bytes;

	reader->whole = end_marker_at(reader, expected);
	if (length < expected)
		fr_reader_damage(
			reader, UINT32_MAX, length,
			"the file ends here; expected %llu bytes and an end marker",
			(unsigned long long)expected);
	else if (!reader->whole)
		fr_reader_damage(reader, UINT32_MAX, expected,
				 "expected an end marker before here");
	else if (length > expected)
		fr_reader_damage(reader, UINT32_MAX, expected,
				 "expected the end here, found %llu bytes more",
				 (unsigned long long)(length - expected));
}

/* ---- opening -------------------------------------------------------------- */

static int reader_init(struct flightrec_reader *reader,
		       struct flightrec_error *error)
{
	int code = read_header(reader, error);

	if (code)
		return code;
	check_end(reader);
	check_tables(reader);
	code = fr_tapes_create(reader);
	if (!code)
		code = fr_clock_init(reader);
	if (!code)
		code = fr_identities_create(reader);
	reader->damages_open = reader->damages_count;
	reader->damages_more_open = reader->damages_more;
	if (code)
		return flightrec_error_set(error, code, FLIGHTREC_NO_OFFSET,
					   "cannot set up the reader: %s",
					   strerror(-code));
	return 0;
}

static int reader_create(const struct fr_source *source,
			 struct flightrec_reader **result,
			 struct flightrec_error *error)
{
	struct flightrec_reader *reader = calloc(1, sizeof(*reader));
	struct fr_source owned = *source;
	int code;

	*result = NULL;
	if (!reader) {
		fr_source_close(&owned);
		return flightrec_error_set(error, -ENOMEM, FLIGHTREC_NO_OFFSET,
					   "no memory for a reader");
	}
	reader->source = owned;
	code = reader_init(reader, error);
	if (code) {
		flightrec_reader_destroy(reader);
		return code;
	}
	*result = reader;
	return 0;
}

/**
 * flightrec_reader_open() - open a window
 * @path: of a file; "-": standard input. What is not a regular file is read to
 *	its end into a file without a name in $TMPDIR or /tmp.
 * @reader: set to the reader, to be destroyed; NULL on an error
 * @error: filled in on an error; may be NULL
 *
 * A file that lacks something opens nevertheless, see flightrec_reader_damage().
 * A reader is for one thread at a time.
 *
 * Return: 0; -ENODATA: empty; -EBADMSG: not a window, or its header is not
 * whole; -EPROTONOSUPPORT: of another version; -ENOMEM; or what open(), read()
 * and mmap() say.
 */
int flightrec_reader_open(const char *path, struct flightrec_reader **reader,
			  struct flightrec_error *error)
{
	struct fr_source source = { 0 };
	int code;

	*reader = NULL;
	code = fr_source_open(&source, path, error);
	return code ? code : reader_create(&source, reader, error);
}

/**
 * flightrec_reader_from_fd() - read the window that a descriptor gives
 * @fd: open for reading: of a file, which is read from its beginning, or of the
 *	device or a pipe, which is read to its end as flightrec_reader_open() does;
 *	stays the caller's, and may be closed when this returns
 * @reader: set to the reader, to be destroyed; NULL on an error
 * @error: filled in on an error; may be NULL
 *
 * Return: as flightrec_reader_open(); of the device also -EBUSY: recording, and
 * the others that read() has, see the contract.
 */
int flightrec_reader_from_fd(int fd, struct flightrec_reader **reader,
			     struct flightrec_error *error)
{
	struct fr_source source = { 0 };
	int code;

	*reader = NULL;
	code = fr_source_open_fd(&source, fd, "the window", error);
	return code ? code : reader_create(&source, reader, error);
}

/**
 * flightrec_reader_from_memory() - read a window that is in memory
 * @bytes: it; not copied: it must outlive the reader
 * @length: its length in bytes
 * @reader: set to the reader, to be destroyed; NULL on an error
 * @error: filled in on an error; may be NULL
 *
 * Return: as flightrec_reader_open().
 */
int flightrec_reader_from_memory(const void *bytes, size_t length,
				 struct flightrec_reader **reader,
				 struct flightrec_error *error)
{
	struct fr_source source = { .bytes = bytes, .length = length };

	return reader_create(&source, reader, error);
}

/**
 * flightrec_reader_destroy() - free a reader, and all that it handed out
 * @reader: may be NULL
 */
void flightrec_reader_destroy(struct flightrec_reader *reader)
{
	if (!reader)
		return;
	fr_identities_destroy(reader->identities);
	fr_clock_deinit(reader);
	free(reader->leads);
	free(reader->tapes);
	free(reader->damages);
	fr_source_close(&reader->source);
	free(reader);
}

/* ---- what is in it --------------------------------------------------------- */

/**
 * flightrec_reader_window() - the header
 * @reader: the window
 *
 * Numbers are in host order, the four names are strings, and the sections'
 * counts are those of the entries that are there.
 *
 * Return: it; never NULL; lives as long as the reader.
 */
const struct flightrec_window *
flightrec_reader_window(const struct flightrec_reader *reader)
{
	return &reader->window;
}

/**
 * flightrec_reader_cpus() - how many CPUs the window tells of
 * @reader: the window
 *
 * Return: a count.
 */
size_t flightrec_reader_cpus(const struct flightrec_reader *reader)
{
	return reader->tapes_count;
}

/**
 * flightrec_reader_cpu() - what the window holds of one CPU
 * @reader: the window
 * @i: less than flightrec_reader_cpus(); they are in order of their numbers
 * @cpu: filled in; if the CPU table is damaged, with what the blocks tell
 */
void flightrec_reader_cpu(const struct flightrec_reader *reader, size_t i,
			  struct flightrec_window_cpu *cpu)
{
	memset(cpu, 0, sizeof(*cpu));
	if (i < reader->tapes_count)
		*cpu = reader->tapes[i].entry;
}

/**
 * flightrec_reader_cpu_index() - find a CPU by its number
 * @reader: the window
 * @cpu: its number
 *
 * Cheap enough to be asked for each event.
 *
 * Return: what flightrec_reader_cpu() wants; flightrec_reader_cpus() if the
 * window does not tell of that CPU.
 */
size_t flightrec_reader_cpu_index(const struct flightrec_reader *reader,
				  uint32_t cpu)
{
	size_t low = 0, high = reader->tapes_count;

	/* CPUs are mostly numbered without gaps. */
	if (cpu < high && reader->tapes[cpu].cpu == cpu)
		return cpu;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reader->tapes[middle].cpu < cpu)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < reader->tapes_count && reader->tapes[low].cpu == cpu)
		return low;
	return reader->tapes_count;
}

/**
 * flightrec_reader_calls() - how many system calls were in flight at the cut
 * @reader: the window
 *
 * Return: a count.
 */
size_t flightrec_reader_calls(const struct flightrec_reader *reader)
{
	return (size_t)reader->window.calls.count;
}

/**
 * flightrec_reader_call() - a system call in flight at the cut
 * @reader: the window
 * @i: less than flightrec_reader_calls()
 * @call: filled in; nargs is at most FLIGHTREC_ARGS_MAX
 */
void flightrec_reader_call(const struct flightrec_reader *reader, size_t i,
			   struct flightrec_window_call *call)
{
	int j;

	fr_reader_entry(reader, &reader->window.calls, i, call, sizeof(*call));
	call->tid = le32toh(call->tid);
	call->nr = (int32_t)le32toh((uint32_t)call->nr);
	call->flags = le32toh(call->flags);
	call->nargs = le32toh(call->nargs);
	if (call->nargs > FLIGHTREC_ARGS_MAX)
		call->nargs = FLIGHTREC_ARGS_MAX;
	call->enter_clock = le64toh(call->enter_clock);
	for (j = 0; j < FLIGHTREC_ARGS_MAX; j++)
		call->args[j] = le64toh(call->args[j]);
}

/**
 * flightrec_reader_targets() - how many targets had been asked for
 * @reader: the window
 *
 * Return: a count.
 */
size_t flightrec_reader_targets(const struct flightrec_reader *reader)
{
	return (size_t)reader->window.targets.count;
}

/**
 * flightrec_reader_target() - a target as it was asked for
 * @reader: the window
 * @i: less than flightrec_reader_targets()
 * @target: filled in; its comm is a string
 */
void flightrec_reader_target(const struct flightrec_reader *reader, size_t i,
			     struct flightrec_window_target *target)
{
	fr_reader_entry(reader, &reader->window.targets, i, target,
			sizeof(*target));
	target->kind = le32toh(target->kind);
	target->flags = le32toh(target->flags);
	target->id = le64toh(target->id);
	target->comm[FLIGHTREC_COMM_BYTES - 1] = 0;
}

/**
 * flightrec_reader_whole() - is the end marker there?
 * @reader: the window
 *
 * Return: false if the file was cut short.
 */
bool flightrec_reader_whole(const struct flightrec_reader *reader)
{
	return reader->whole;
}

/**
 * flightrec_reader_overrun() - what recording did not wait for
 * @reader: the window
 *
 * Return: how many blocks of a live window were written anew before they were read.
 * The header and the CPUs say already that the tape is complete only behind them.
 */
uint64_t flightrec_reader_overrun(const struct flightrec_reader *reader)
{
	return reader->overrun;
}

/**
 * flightrec_reader_damages() - how many damages were found so far
 * @reader: the window
 *
 * What is in the blocks is known only when all events were asked for.
 *
 * Return: a count, of no more than 1024; the last one then counts the others.
 */
size_t flightrec_reader_damages(const struct flightrec_reader *reader)
{
	return reader->damages_count;
}

/**
 * flightrec_reader_damage() - something that the window lacks
 * @reader: the window
 * @i: less than flightrec_reader_damages()
 *
 * When several damages follow one another and the number of events lost is
 * known for all of them only, the first one has it.
 *
 * Return: it, valid until the next event is asked for; NULL if @i is too large.
 */
const struct flightrec_damage *
flightrec_reader_damage(const struct flightrec_reader *reader, size_t i)
{
	return i < reader->damages_count ? &reader->damages[i] : NULL;
}
