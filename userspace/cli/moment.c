// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "device.h"
#include "moment.h"

#define NS_PER_S 1000000000ULL

void moment_deinit(struct moment *moment)
{
	free(moment->cpus);
	moment->cpus = NULL;
}

int moment_init(struct moment *moment, int fd)
{
	struct flightrec_info info;
	int error;

	moment->cpus = NULL;
	if (device_info(fd, &info))
		return -1;
	moment->cpus = calloc(info.cpus_possible + 1UL, sizeof(*moment->cpus));
	if (!moment->cpus) {
		cli_fail("out of memory");
		return -1;
	}
	error = flightrec_stats(fd, &moment->stats, moment->cpus,
				info.cpus_possible);
	if (error < 0) {
		cli_fail("cannot ask how recording goes: %s", cli_why(error));
		moment_deinit(moment);
		return -1;
	}
	moment->count = moment->stats.cpus_count;
	if (moment->count > info.cpus_possible)
		moment->count = info.cpus_possible;
	return 0;
}

/* ---- what the numbers mean ---- */

uint64_t moment_since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

bool moment_holds_all(const struct moment *moment,
		      const struct flightrec_stats_cpu *cpu)
{
	return cpu->since_mono_ns <= moment->stats.start_mono_ns;
}

uint64_t moment_held(const struct moment *moment,
		     const struct flightrec_stats_cpu *cpu)
{
	return moment_since(cpu->since_mono_ns, moment->stats.now_mono_ns);
}

void moment_keep(const struct moment *moment, uint64_t asked_ns,
		 struct flightrec_keep *keep)
{
	flightrec_keep_of_stats(&moment->stats, moment->cpus, moment->count,
				asked_ns, keep);
}

uint64_t moment_held_on_all(const struct moment *moment, bool *wrapped)
{
	struct flightrec_keep keep;

	moment_keep(moment, 0, &keep);
	*wrapped = !keep.all;
	return keep.held_ns;
}

uint64_t moment_rate(uint64_t before, uint64_t after, uint64_t ns)
{
	if (!ns || after < before)
		return 0;
	return (uint64_t)((double)(after - before) * (double)NS_PER_S /
			  (double)ns);
}

bool moment_records(const struct flightrec_stats *stats)
{
	return stats->state == FLIGHTREC_RECORDING ||
	       stats->state == FLIGHTREC_TRIPPED;
}
