// SPDX-License-Identifier: GPL-2.0
/* Counts and findings. See tally.h. */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "tally.h"
#include "trouble.h"

#define FINDINGS_TOLD 20
/* From how many calls on what can be provoked must have been: chance is fair. */
#define CALLS_ENOUGH  50000

/**
 * struct counts - in memory that all processes share
 * @outcomes: by call and errno; 0: success
 * @compared: refused calls after which all was compared
 * @compat: calls by the 32-bit entry
 * @findings: by kind
 */
struct counts {
	atomic_ullong outcomes[CALLS][ERRNOS_MAX];
	atomic_ullong compared;
	atomic_ullong compat;
	atomic_ullong findings[FINDINGS];
};

static struct counts *counts;

static const char *const promises[FINDINGS] = {
	[FINDING_ERRNO] = "no call returned an errno that is not documented",
	[FINDING_REASON] = "each errno said what was wrong with the call",
	[FINDING_LENIENT] = "nothing that is wrong was accepted",
	[FINDING_CHANGED] = "a call that failed changed nothing",
	[FINDING_EFFECT] = "a call that succeeded did what it says",
	[FINDING_MEMORY] = "nothing was written but the answer",
};

void tally_init(void)
{
	void *memory = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	TROUBLE_UNLESS(memory != MAP_FAILED);
	counts = memory;
}

void tally_count(enum call call, int error)
{
	atomic_fetch_add(
		&counts->outcomes[call][error < ERRNOS_MAX ? error : 0], 1);
}

void tally_compared(void)
{
	atomic_fetch_add(&counts->compared, 1);
}

void tally_compat(void)
{
	atomic_fetch_add(&counts->compat, 1);
}

uint64_t tally_findings(void)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < FINDINGS; i++)
		sum += atomic_load(&counts->findings[i]);
	return sum;
}

void tally_find(enum finding finding, const char *format, ...)
{
	char text[2048];
	va_list arguments;

	atomic_fetch_add(&counts->findings[finding], 1);
	if (tally_findings() > FINDINGS_TOLD)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	dprintf(1, "# not so: %s: %s\n", promises[finding], text);
}

uint64_t tally_calls(void)
{
	uint64_t sum = 0;
	int call, error;

	for (call = 0; call < CALLS; call++)
		for (error = 0; error < ERRNOS_MAX; error++)
			sum += atomic_load(&counts->outcomes[call][error]);
	return sum;
}

/* "INFO: 120 done, EFAULT 3, EINVAL 5; never ENOMEM". */
static void print_call(enum call call)
{
	const struct contract *contract = contract_of(call);
	int error;

	printf("# %-13s %7llu done", contract->name,
	       (unsigned long long)atomic_load(&counts->outcomes[call][0]));
	for (error = 1; error < ERRNOS_MAX; error++) {
		unsigned long long seen =
			atomic_load(&counts->outcomes[call][error]);

		if (seen)
			printf(", %s %llu", strerrorname_np(error), seen);
	}
	printf("\n");
}

/* What is documented, can be provoked, and was not. Return: how many. */
static int print_never(enum call call)
{
	const struct contract *contract = contract_of(call);
	int error, never = 0;

	for (error = 1; error < ERRNOS_MAX; error++) {
		if (!errnos_have(&contract->documented, error) ||
		    errnos_have(&contract->elusive, error) ||
		    atomic_load(&counts->outcomes[call][error]))
			continue;
		printf("#   %s never returned %s\n", contract->name,
		       strerrorname_np(error));
		never++;
	}
	return never;
}

static bool verdict(bool good, const char *what)
{
	printf("%s - %s\n", good ? "ok" : "not ok", what);
	return good;
}

bool tally_report(bool alone, bool compat)
{
	int call, i, never = 0;
	bool good = true;

	for (call = 0; call < CALLS; call++)
		print_call(call);
	printf("# %llu calls, %llu of them by the 32-bit entry; compared after %llu refusals\n",
	       (unsigned long long)tally_calls(),
	       (unsigned long long)atomic_load(&counts->compat),
	       (unsigned long long)atomic_load(&counts->compared));
	for (i = 0; i < FINDINGS; i++) {
		if ((i == FINDING_CHANGED || i == FINDING_EFFECT) && !alone)
			continue;
		good &= verdict(!atomic_load(&counts->findings[i]),
				promises[i]);
	}
	if (alone)
		good &= verdict(atomic_load(&counts->compared) > 0,
				"there were refusals to compare after");
	if (compat)
		good &= verdict(atomic_load(&counts->compat) > 0,
				"32-bit callers were among them");
	for (call = 0; call < CALLS; call++)
		never += print_never(call);
	if (tally_calls() < CALLS_ENOUGH || !alone)
		return good;
	return verdict(!never, "every errno that can be provoked was") && good;
}
