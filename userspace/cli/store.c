// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "store.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <firing.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  1000000000LL
#define SETTLE_NS (60 * (uint64_t)NS_PER_S)

/* A condition that has no word, since a later module knows it. */
static const char other_word[] = "trigger";
static const char asked_word[] = "asked";

static int fail(char why[STORE_WHY_BYTES], int error, const char *format, ...)
	CLI_PRINTF(3, 4);

static int fail(char why[STORE_WHY_BYTES], int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, STORE_WHY_BYTES, format, arguments);
	va_end(arguments);
	return error;
}

/* ---- names ---------------------------------------------------------------- */

static bool is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("._+-", c));
}

void store_safe(char safe[FLIGHTREC_COMM_BYTES], const char *comm)
{
	size_t i;

	for (i = 0; comm[i] && i < FLIGHTREC_COMM_BYTES - 1; i++)
		safe[i] = (char)(is_safe(comm[i]) ? comm[i] : '_');
	if (!i)
		safe[i++] = '_';
	safe[i] = '\0';
}

void store_name(char name[STORE_NAME_BYTES], int64_t real_ns,
		const struct flightrec_firing *firing, const char *comm)
{
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	char safe[FLIGHTREC_COMM_BYTES], instant[32];
	const char *word;
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(instant, sizeof(instant), "%Y%m%dT%H%M%S", &tm);
	if (!firing) {
		snprintf(name, STORE_NAME_BYTES, "%s.%06dZ-%s", instant,
			 (int)(real_ns % NS_PER_S / 1000), asked_word);
		return;
	}
	word = firing_word(firing->condition);
	store_safe(safe, comm);
	snprintf(name, STORE_NAME_BYTES, "%s.%06dZ-%s-%s-%u", instant,
		 (int)(real_ns % NS_PER_S / 1000), word ? word : other_word,
		 safe, firing->tid);
}

/* Behind a beginning that has the shape of @shape ('0': a digit), or NULL. */
static const char *skip_shape(const char *text, const char *shape)
{
	for (; *shape; shape++, text++) {
		if (*shape == '0' ? *text < '0' || *text > '9' :
				    *text != *shape)
			return NULL;
	}
	return text;
}

/* Behind "WORD-", or NULL. */
static const char *skip_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(text, word, length) && text[length] == '-' ?
		       text + length + 1 :
		       NULL;
}

/* "NAME-TID" */
static bool is_task(const char *text)
{
	const char *dash = strrchr(text, '-');
	uint64_t tid;
	size_t i;

	if (!dash || dash == text || dash - text >= FLIGHTREC_COMM_BYTES ||
	    !cli_parse_number(dash + 1, 0, UINT32_MAX, &tid))
		return false;
	for (i = 0; text + i < dash; i++) {
		if (!is_safe(text[i]))
			return false;
	}
	return true;
}

/* As store_name() makes it. */
static bool is_stem(const char *stem)
{
	const char *rest = skip_shape(stem, "00000000T000000.000000Z-");
	const char *task;
	uint32_t i;

	if (!rest)
		return false;
	if (!strcmp(rest, asked_word))
		return true;
	for (i = 1; firing_word(i); i++) {
		task = skip_word(rest, firing_word(i));
		if (task && is_task(task))
			return true;
	}
	task = skip_word(rest, other_word);
	return task && is_task(task);
}

static bool is_temporary(const char *name)
{
	return !strncmp(name, STORE_TEMPORARY, strlen(STORE_TEMPORARY)) &&
	       strlen(name) == strlen(STORE_TEMPORARY) + 6;
}

/* ---- what is there -------------------------------------------------------- */

/**
 * struct entry - a window and its report, or what is left of the two
 * @stem: their name without suffix
 * @bytes: of both
 */
struct entry {
	char stem[STORE_NAME_BYTES];
	uint64_t bytes;
};

struct listing {
	struct entry *entries;
	size_t count;
	uint64_t bytes;
};

static DIR *open_listing(const struct store *store)
{
	int fd = openat(store->lock, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory;

	if (fd < 0)
		return NULL;
	directory = fdopendir(fd);
	if (!directory)
		close(fd);
	return directory;
}

/* The name without its suffix, if it is one of ours. */
static bool stem_of(const char *name, char stem[STORE_NAME_BYTES])
{
	const char *dot = strrchr(name, '.');

	if (!dot || (strcmp(dot, STORE_WINDOW) && strcmp(dot, STORE_REPORT)) ||
	    dot - name >= STORE_NAME_BYTES)
		return false;
	snprintf(stem, STORE_NAME_BYTES, "%.*s", (int)(dot - name), name);
	return is_stem(stem);
}

static void append(struct listing *listing, const char *stem, uint64_t bytes)
{
	struct entry *entries;

	entries = reallocarray(listing->entries, listing->count + 1,
			       sizeof(*entries));
	if (!entries)
		return; /* seen the next time */
	listing->entries = entries;
	memcpy(entries[listing->count].stem, stem, STORE_NAME_BYTES);
	entries[listing->count++].bytes = bytes;
	listing->bytes += bytes;
}

static int by_stem(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return strcmp(left->stem, right->stem);
}

/* Windows and reports of one name become one entry. */
static void merge(struct listing *listing)
{
	size_t from, to = 0;

	if (!listing->count)
		return;
	qsort(listing->entries, listing->count, sizeof(*listing->entries),
	      by_stem);
	for (from = 1; from < listing->count; from++) {
		struct entry *entry = &listing->entries[from];

		if (!strcmp(entry->stem, listing->entries[to].stem))
			listing->entries[to].bytes += entry->bytes;
		else
			listing->entries[++to] = *entry;
	}
	listing->count = to + 1;
}

/* Ours, the oldest first. */
static struct listing list(const struct store *store)
{
	struct listing listing = { 0 };
	DIR *directory = open_listing(store);
	char stem[STORE_NAME_BYTES] = "";
	struct dirent *file;
	struct stat status;

	if (!directory)
		return listing;
	while ((file = readdir(directory))) {
		if (stem_of(file->d_name, stem) &&
		    !fstatat(store->lock, file->d_name, &status,
			     AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(status.st_mode))
			append(&listing, stem, (uint64_t)status.st_size);
	}
	closedir(directory);
	merge(&listing);
	return listing;
}

static void remove_entry(struct store *store, struct listing *listing, size_t i)
{
	static const char *const suffixes[] = { STORE_WINDOW, STORE_REPORT };
	char name[STORE_NAME_BYTES + 8];
	size_t j;

	for (j = 0; j < sizeof(suffixes) / sizeof(suffixes[0]); j++) {
		snprintf(name, sizeof(name), "%s%s", listing->entries[i].stem,
			 suffixes[j]);
		if (unlinkat(store->lock, name, 0) && errno != ENOENT)
			cli_note("cannot remove %s/%s: %s", store->directory,
				 name, cli_why(-errno));
	}
	listing->bytes -= listing->entries[i].bytes;
}

/* ---- one watcher ---------------------------------------------------------- */

static void remove_halves(struct store *store)
{
	DIR *directory = open_listing(store);
	struct dirent *file;

	if (!directory)
		return;
	while ((file = readdir(directory))) {
		if (is_temporary(file->d_name))
			unlinkat(store->lock, file->d_name, 0);
	}
	closedir(directory);
}

/* The directory that is locked is still the one that has this name. */
static bool still_there(const struct store *store)
{
	struct stat locked, there;

	return store->lock >= 0 && !fstat(store->lock, &locked) &&
	       !stat(store->directory, &there) &&
	       locked.st_dev == there.st_dev && locked.st_ino == there.st_ino;
}

void store_unlock(struct store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	store->lock = -1;
}

int store_lock(struct store *store, char why[STORE_WHY_BYTES])
{
	int error;

	if (still_there(store))
		return 0;
	store_unlock(store);
	store->lock =
		open(store->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->lock < 0)
		return fail(why, -errno, "%s: %s", store->directory,
			    cli_why(-errno));
	if (!flock(store->lock, LOCK_EX | LOCK_NB)) {
		remove_halves(store);
		return 0;
	}
	error = -errno;
	store_unlock(store);
	if (error == -EWOULDBLOCK)
		return fail(why, error,
			    "another 'flightrec watch' writes to %s",
			    store->directory);
	return fail(why, error, "%s cannot be locked: %s", store->directory,
		    cli_why(error));
}

/* ---- room ----------------------------------------------------------------- */

static int free_bytes(const struct store *store, uint64_t *bytes)
{
	struct statvfs status;

	if (fstatvfs(store->lock, &status))
		return -errno;
	*bytes = (uint64_t)status.f_bavail * status.f_frsize;
	return 0;
}

/* Remove the oldest, until @wanted bytes are free; @there are, before and behind it. */
static int remove_for(struct store *store, uint64_t wanted, uint64_t *there)
{
	struct listing listing = list(store);
	uint64_t foreseen = *there;
	size_t next = 0;
	int error = 0;

	if (wanted - *there > listing.bytes ||
	    cli_mono_now() < store->settled_ns)
		error = -ENOSPC;
	/* All of them would do, so there is one as long as those removed would not. */
	while (!error && *there < wanted && foreseen < wanted) {
		foreseen += listing.entries[next].bytes;
		remove_entry(store, &listing, next++);
		error = free_bytes(store, there);
	}
	if (!error && *there < wanted) {
		store->settled_ns = cli_mono_now() + SETTLE_NS;
		error = -ENOSPC;
	}
	free(listing.entries);
	return error;
}

int store_make_room(struct store *store, uint64_t bytes,
		    char why[STORE_WHY_BYTES])
{
	uint64_t wanted, there = 0;
	int error;

	if (__builtin_add_overflow(store->min_free, bytes, &wanted))
		wanted = UINT64_MAX;
	error = free_bytes(store, &there);
	if (!error && there < wanted)
		error = remove_for(store, wanted, &there);
	if (error == -ENOSPC)
		return fail(
			why, error,
			"%s: %s are free, and a window of up to %s would leave less than --min-free %s",
			store->directory, cli_size(there).text,
			cli_size(bytes).text,
			cli_size_option(store->min_free).text);
	if (error)
		return fail(why, error, "%s: %s", store->directory,
			    cli_why(error));
	return 0;
}

void store_prune(struct store *store)
{
	struct listing listing = list(store);
	size_t next = 0;

	while (next + 1 < listing.count &&
	       (listing.count - next > store->keep ||
		listing.bytes > store->keep_bytes))
		remove_entry(store, &listing, next++);
	free(listing.entries);
}

/* ---- what was seen already ------------------------------------------------ */

/* So much of a header tells of the firing. */
#define SEEN_BYTES offsetof(struct flightrec_window, keep_ns)

static uint64_t sequence_in(const struct store *store, const char *stem,
			    uint64_t start_mono_ns)
{
	struct flightrec_window window;
	char name[STORE_NAME_BYTES + 8];
	ssize_t length;
	int fd;

	snprintf(name, sizeof(name), "%s%s", stem, STORE_WINDOW);
	fd = openat(store->lock, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return 0;
	length = read(fd, &window, SEEN_BYTES);
	close(fd);
	if (length != SEEN_BYTES ||
	    memcmp(window.magic, FLIGHTREC_WINDOW_MAGIC,
		   sizeof(window.magic)) ||
	    le32toh(window.header_bytes) < SEEN_BYTES ||
	    le64toh(window.start_mono_ns) != start_mono_ns)
		return 0;
	return le64toh(window.firing.sequence);
}

uint64_t store_covered(const struct store *store, uint64_t start_mono_ns)
{
	struct listing listing = list(store);
	uint64_t newest = 0, sequence;
	size_t i;

	for (i = 0; i < listing.count; i++) {
		sequence = sequence_in(store, listing.entries[i].stem,
				       start_mono_ns);
		if (sequence > newest)
			newest = sequence;
	}
	free(listing.entries);
	return newest;
}
