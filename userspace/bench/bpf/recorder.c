// SPDX-License-Identifier: GPL-2.0
/*
 * Loads recorder.bpf.o, to be measured beside others.
 *
 *	recorder OBJECT PID
 *
 * Prints a line when it records PID and whom that creates from then on; at the end of
 * standard input, how many events there were. Those of one CPU: its guest has one.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

static int map_of(struct bpf_object *object, const char *name)
{
	int map = bpf_object__find_map_fd_by_name(object, name);

	if (map < 0)
		errx(1, "no map %s", name);
	return map;
}

int main(int argc, char **argv)
{
	struct bpf_program *program;
	struct bpf_object *object;
	unsigned int pid, zero = 0;
	unsigned long long events[1024];
	unsigned char yes = 1;

	if (argc != 3 || libbpf_num_possible_cpus() > 1024) {
		fprintf(stderr, "usage: recorder OBJECT PID\n");
		return 2;
	}
	pid = (unsigned int)strtoul(argv[2], NULL, 10);
	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		err(1, "%s", argv[1]);
	if (bpf_map_update_elem(map_of(object, "chosen"), &pid, &yes, BPF_ANY))
		err(1, "chosen");
	bpf_object__for_each_program(program,
				     object) if (!bpf_program__attach(program))
		err(1, "%s", bpf_program__name(program));
	puts("recording");
	fflush(stdout);
	while (getchar() != EOF)
		;
	if (bpf_map_lookup_elem(map_of(object, "at"), &zero, events))
		err(1, "at");
	printf("%llu\n", events[0]);
	return 0;
}
