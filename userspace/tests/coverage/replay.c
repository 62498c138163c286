// SPDX-License-Identifier: GPL-2.0
/*
 * Gives files to a fuzz target, one after the other, and nothing else: a plain
 * program of it, without a fuzzer, for a compiler that has none.
 */
#include <err.h>
#include <stdio.h>

#include "fuzz.h"

/* Not every target has it. */
#pragma weak LLVMFuzzerInitialize

static void replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t size;

	if (!file || fseek(file, 0, SEEK_END))
		err(1, "%s", path);
	size = (size_t)ftell(file);
	rewind(file);
	/* Of its very size, so that a checker of memory sees what is behind it. */
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != size)
		err(1, "%s", path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return argc < 2;
}
