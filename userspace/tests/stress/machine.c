// SPDX-License-Identifier: GPL-2.0
/* What happens to the machine: CPUs and the module come and go, memory is short. */
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include "stress.h"

/* Left to the kernel and the others when memory is filled. */
#define LEFT_BYTES (260ULL << 20)
#define GATE_TRIES 50

const char *machine_module;

/* ---- CPUs --------------------------------------------------------------- */

/* All but the first can go. */
static long set_cpu(unsigned int cpu, bool online)
{
	char path[64];
	long result;
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	TRUTH_MUST(fd >= 0);
	result = stress_note(online ? CALL_ONLINE : CALL_OFFLINE,
			     write(fd, online ? "1" : "0", 1));
	close(fd);
	return result;
}

void role_cpus(void)
{
	unsigned int cpus = (unsigned int)get_nprocs_conf();
	unsigned int cpu = 1 + stress_random(cpus - 1);

	set_cpu(cpu, false);
	stress_sleep(500000);
	set_cpu(cpu, true);
	stress_sleep(1000000);
}

/* ---- memory ------------------------------------------------------------- */

static uint64_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kilobytes = 0;
	char text[128];

	TRUTH_MUST(file);
	while (fgets(text, sizeof(text), file))
		if (sscanf(text, "MemAvailable: %" SCNu64, &kilobytes) == 1)
			break;
	fclose(file);
	return kilobytes << 10;
}

/* In steps, so that whatever the others take meanwhile is seen. */
void role_memory(void)
{
	const size_t step = 4 << 20;
	size_t held = 0;
	uint8_t *bytes = mmap(NULL, 1UL << 36, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			      0);

	TRUTH_MUST(bytes != MAP_FAILED);
	while (memory_available() > LEFT_BYTES && !stress_over()) {
		/* One call a step: a fault a page takes minutes under KASAN. */
		if (madvise(bytes + held, step, MADV_POPULATE_WRITE)) {
			TRUTH_MUST(errno == ENOMEM);
			break;
		}
		held += step;
	}
	stress_did(DEED_PRESSURE);
	stress_sleep(500000);
	munmap(bytes, 1UL << 36);
	stress_sleep(3000000);
}

/* ---- the module --------------------------------------------------------- */

static long rmmod(void)
{
	return stress_note(CALL_RMMOD,
			   syscall(SYS_delete_module, "flightrec", O_NONBLOCK));
}

static void insmod(void)
{
	int fd = open(machine_module, O_RDONLY | O_CLOEXEC);

	TRUTH_MUST(fd >= 0);
	stress_note(CALL_INSMOD, syscall(SYS_finit_module, fd, "", 0));
	close(fd);
	/* So that who is not root can leave marks. */
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0622));
}

static void gate_set(int closed)
{
	__atomic_store_n(&arena->gate, closed, __ATOMIC_RELAXED);
}

/* Whoever has the device open closes it soon, and nobody opens it. */
static bool rmmod_behind_gate(void)
{
	unsigned int tries;
	bool gone = false;

	gate_set(1);
	for (tries = 0; tries < GATE_TRIES && !gone && !stress_over();
	     tries++) {
		gone = !rmmod();
		usleep(gone ? 0 : 10000);
	}
	return gone;
}

/* Never killed: the module would be missing. */
void role_module(void)
{
	bool gone = stress_random(3) ? !rmmod() : rmmod_behind_gate();

	if (gone) {
		stress_sleep(50000);
		insmod();
	}
	gate_set(0);
	stress_sleep(3000000);
}

static void drop_triggers(int fd)
{
	uint32_t id = 0;

	while (!stress_trigger_next(fd, &id))
		stress_trigger_remove(fd, id);
}

/* As it was: all CPUs there, nothing recorded, no triggers. */
void machine_restore(void)
{
	unsigned int cpu, cpus = (unsigned int)get_nprocs_conf();
	long result;
	int fd;

	for (cpu = 1; cpu < cpus; cpu++)
		set_cpu(cpu, true);
	gate_set(0);
	fd = stress_open(O_RDWR);
	TRUTH_MUST(fd >= 0);
	drop_triggers(fd);
	result = stress_control(fd, CALL_STOP);
	if (result && result != -ENODATA)
		stress_fail("it cannot be stopped at the end");
	if (stress_stats(fd) != FLIGHTREC_IDLE)
		stress_fail("it is not idle at the end");
	close(fd);
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0600));
}
