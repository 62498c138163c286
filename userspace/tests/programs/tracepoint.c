// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether anything is registered with a tracepoint, by looking at the
 * kernel's own memory: the tracepoint's static key counts its users' arrival.
 *
 *	tracepoint SYMBOLS NAME...
 *
 * SYMBOLS is /proc/kallsyms or the lines of it that matter. Prints of each:
 * NAME=COUNT. Exits with 77 where the kernel's memory cannot be
 * read.
 */
#include <elf.h>

#include "truth.h"

/* struct tracepoint begins with a pointer to its name; then comes the key. */
#define KEY_OFFSET 8

static uint64_t find_symbol(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[512], symbol[256], wanted[256];
	uint64_t address, found = 0;

	if (!file)
		exit(77);
	snprintf(wanted, sizeof(wanted), "__tracepoint_%s", name);
	while (!found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %*c %255s", &address, symbol) ==
			    2 &&
		    !strcmp(symbol, wanted))
			found = address;
	fclose(file);
	if (!found)
		exit(77);
	return found;
}

/* Where in /proc/kcore an address stands. */
static off_t find_offset(int fd, uint64_t address)
{
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	unsigned int i;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		exit(77);
	for (i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			exit(77);
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
		    address - segment.p_vaddr < segment.p_memsz)
			return (off_t)(segment.p_offset + address -
				       segment.p_vaddr);
	}
	exit(77);
}

int main(int argc, char **argv)
{
	int fd = open("/proc/kcore", O_RDONLY);
	int32_t count;
	int i;

	if (fd < 0 || argc < 2)
		return 77;
	truth_init();
	for (i = 2; i < argc; i++) {
		uint64_t address = find_symbol(argv[1], argv[i]) + KEY_OFFSET;
		off_t at = find_offset(fd, address);

		if (pread(fd, &count, sizeof(count), at) != sizeof(count))
			return 77;
		printf("%s=%d\n", argv[i], count);
	}
	return 0;
}
