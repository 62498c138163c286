// SPDX-License-Identifier: GPL-2.0
/* Memory for arguments. See place.h. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"
#include "trouble.h"

#define SLOW_PAGES_MAX 64
#define KERNEL_ADDRESS ((uint8_t *)0xffff888000000000)
#define TOP_OF_USER    ((uint8_t *)0x7ffffffff000)
#define NO_ADDRESS     ((uint8_t *)0x8000000000000000)

/* What all arenas of the process and of its children share. */
static uint8_t *shared_page;
/* Answers the faults of all slow pages; -1: this kernel has none. */
static int faults = -1;
static bool faults_tried;
static struct {
	uint8_t *page;
	uint8_t *image;
} slow_pages[SLOW_PAGES_MAX];
static unsigned int slow_count;

const char *place_name(enum place place)
{
	static const char *const names[PLACES] = {
		"good",	   "edge",	"short", "read-only", "short-file",
		"closed",  "null",	"low",	 "kernel",    "top",
		"nowhere", "scribbled", "slow",
	};

	return names[place];
}

static uint8_t *map(size_t bytes, int protection, int flags, int fd)
{
	void *memory = mmap(NULL, bytes, protection, flags | MAP_32BIT, fd, 0);

	TROUBLE_UNLESS(memory != MAP_FAILED);
	return memory;
}

static void map_fixed(struct arena *arena)
{
	int fd = memfd_create("fixed", MFD_CLOEXEC);

	TROUBLE_UNLESS(fd >= 0 && !ftruncate(fd, PLACE_ROOM));
	arena->fixed =
		map(PLACE_ROOM, PROT_READ, MAP_SHARED | MAP_POPULATE, fd);
	arena->fixed_image = map(PLACE_ROOM, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_POPULATE, fd);
	close(fd);
}

static void map_file(struct arena *arena)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	TROUBLE_UNLESS(fd >= 0 && !ftruncate(fd, PLACE_PAGE));
	arena->file =
		map(2 * PLACE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	close(fd);
}

static void open_faults(void)
{
	struct uffdio_api api = { .api = UFFD_API };

	if (faults_tried)
		return;
	faults_tried = true;
	faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (faults >= 0 && ioctl(faults, UFFDIO_API, &api)) {
		close(faults);
		faults = -1;
	}
}

static void map_slow(struct arena *arena)
{
	struct uffdio_register range = {
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	open_faults();
	if (faults < 0 || slow_count == SLOW_PAGES_MAX)
		return;
	arena->slow = map(PLACE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1);
	arena->slow_image = map(PLACE_PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1);
	range.range.start = (uintptr_t)arena->slow;
	range.range.len = PLACE_PAGE;
	TROUBLE_UNLESS(!ioctl(faults, UFFDIO_REGISTER, &range));
	slow_pages[slow_count].page = arena->slow;
	slow_pages[slow_count++].image = arena->slow_image;
}

void arena_init(struct arena *arena, bool with_others)
{
	memset(arena, 0, sizeof(*arena));
	arena->room = map(PLACE_ROOM + PLACE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1);
	TROUBLE_UNLESS(
		!mprotect(arena->room + PLACE_ROOM, PLACE_PAGE, PROT_NONE));
	map_fixed(arena);
	map_file(arena);
	if (!with_others)
		return;
	arena->scribbled = shared_page;
	map_slow(arena);
}

void place_init(void)
{
	shared_page = map(PLACE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the spot is written to */
static struct spot spot_at(enum place place, uint8_t *user, size_t readable,
			   size_t writable)
{
	struct spot spot = {
		.place = place,
		.user = user,
		.readable = readable,
		.writable = writable,
		.image = readable ? user : NULL,
		.steady = true,
	};

	return spot;
}

/* Somewhere within @room, so that @bytes fit if they can. */
static size_t offset_for(struct chance *chance, size_t room, size_t bytes)
{
	size_t spare = bytes < room ? room - bytes : 0;

	return spare ? chance_below(chance, (uint32_t)spare + 1) : 0;
}

/* The last @bytes, or fewer, before @end; no more than @room of them. */
static struct spot before(enum place place, uint8_t *end, size_t room,
			  size_t bytes)
{
	size_t count = bytes < room ? bytes : room;

	return spot_at(place, end - count, count, count);
}

static struct spot in_good(const struct arena *arena, struct chance *chance,
			   size_t bytes)
{
	size_t at = offset_for(chance, PLACE_ROOM - 64, bytes);

	if (!chance_one_in(chance, 4))
		at &= ~(size_t)7;
	return spot_at(PLACE_GOOD, arena->room + at, PLACE_ROOM - at,
		       PLACE_ROOM - at);
}

static struct spot in_fixed(const struct arena *arena, struct chance *chance,
			    size_t bytes)
{
	size_t at = offset_for(chance, PLACE_ROOM, bytes) & ~(size_t)7;
	struct spot spot =
		spot_at(PLACE_READ_ONLY, arena->fixed + at, PLACE_ROOM - at, 0);

	spot.image = arena->fixed_image + at;
	return spot;
}

static struct spot in_shared(const struct arena *arena, enum place place)
{
	struct spot spot =
		spot_at(place, arena->scribbled, PLACE_PAGE, PLACE_PAGE);

	spot.steady = false;
	return spot;
}

static struct spot in_slow(const struct arena *arena)
{
	struct spot spot =
		spot_at(PLACE_SLOW, arena->slow, PLACE_PAGE, PLACE_PAGE);

	spot.image = arena->slow_image;
	/* A process that was forked has another page there. */
	spot.steady = false;
	return spot;
}

struct spot place_at(const struct arena *arena, struct chance *chance,
		     enum place place, size_t bytes)
{
	size_t some = bytes > 1 ? chance_below(chance, (uint32_t)bytes) : 0;

	switch (place) {
	case PLACE_EDGE:
		return before(place, arena->room + PLACE_ROOM, PLACE_ROOM,
			      bytes);
	case PLACE_SHORT:
		return before(place, arena->room + PLACE_ROOM, PLACE_ROOM,
			      some);
	case PLACE_READ_ONLY:
		return in_fixed(arena, chance, bytes);
	case PLACE_SHORT_FILE:
		return before(place, arena->file + PLACE_PAGE, PLACE_PAGE,
			      some);
	case PLACE_CLOSED:
		return spot_at(place, arena->room + PLACE_ROOM + some % 64, 0,
			       0);
	case PLACE_NULL:
		return spot_at(place, NULL, 0, 0);
	case PLACE_LOW:
		return spot_at(place, (uint8_t *)1 + some, 0, 0);
	case PLACE_KERNEL:
		return spot_at(place, KERNEL_ADDRESS + some, 0, 0);
	case PLACE_TOP:
		return spot_at(place, TOP_OF_USER - 1 - some, 0, 0);
	case PLACE_NOWHERE:
		return spot_at(place, NO_ADDRESS + some, 0, 0);
	case PLACE_SCRIBBLED:
		if (arena->scribbled)
			return in_shared(arena, place);
		break;
	case PLACE_SLOW:
		if (arena->slow)
			return in_slow(arena);
		break;
	default:
		break;
	}
	return in_good(arena, chance, bytes);
}

struct spot place_choose(const struct arena *arena, struct chance *chance,
			 size_t bytes)
{
	enum place place = PLACE_GOOD;

	if (arena->scribbled && chance_one_in(chance, 6))
		place = PLACE_SCRIBBLED + chance_below(chance, 2);
	else if (chance_one_in(chance, 4))
		place = PLACE_EDGE + chance_below(chance, PLACE_NOWHERE);
	return place_at(arena, chance, place, bytes);
}

void place_fill(const struct spot *spot, const void *bytes, size_t count)
{
	size_t fits = count < spot->readable ? count : spot->readable;

	if (spot->image)
		memcpy(spot->image, bytes, fits);
	if (spot->place == PLACE_SLOW)
		madvise(spot->user, PLACE_PAGE, MADV_DONTNEED);
}

/* ---- those who interfere ------------------------------------------------------ */

void place_scribble(struct chance *chance)
{
	uint32_t at = chance_below(chance, 192);

	/* What is mostly small numbers stays so, or nothing would ever fit. */
	if (chance_one_in(chance, 2))
		shared_page[at & ~7U] = (uint8_t)CHANCE_PICK(
			chance, 0, 1, 2, 16, 40, 48, 72, 144);
	else if (chance_one_in(chance, 2))
		shared_page[at] = 0;
	else if (chance_one_in(chance, 4))
		shared_page[at] = (uint8_t)chance_next(chance);
}

static void give_page(const struct uffd_msg *message)
{
	uintptr_t page = message->arg.pagefault.address &
			 ~(uintptr_t)(PLACE_PAGE - 1);
	struct uffdio_copy copy = { .dst = page, .len = PLACE_PAGE };
	unsigned int i;

	for (i = 0; i < slow_count; i++)
		if ((uintptr_t)slow_pages[i].page == page)
			copy.src = (uintptr_t)slow_pages[i].image;
	if (copy.src)
		ioctl(faults, UFFDIO_COPY, &copy);
}

bool place_answer_fault(struct chance *chance)
{
	struct pollfd poller = { .fd = faults, .events = POLLIN };
	struct uffd_msg message;

	if (faults < 0)
		return false;
	if (poll(&poller, 1, 20) == 1 &&
	    read(faults, &message, sizeof(message)) == sizeof(message) &&
	    message.event == UFFD_EVENT_PAGEFAULT) {
		usleep(chance_below(chance, 2000));
		give_page(&message);
	}
	return true;
}
