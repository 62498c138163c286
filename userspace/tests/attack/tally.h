/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What came out of the calls, counted by all processes together, and what was
 * found. Needs no lock: a caller may be killed in the middle.
 */
#ifndef ATTACK_TALLY_H
#define ATTACK_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "contract.h"

/* What can be found. */
enum finding {
	FINDING_ERRNO,	 /* one that is not documented */
	FINDING_REASON,	 /* documented, but not for what was wrong */
	FINDING_LENIENT, /* it succeeded though something was wrong */
	FINDING_CHANGED, /* it failed and changed something */
	FINDING_EFFECT,	 /* it succeeded and did something else */
	FINDING_MEMORY,	 /* it wrote where it must not */
	FINDINGS
};

void tally_init(void);
/* @error: 0: it succeeded. */
void tally_count(enum call call, int error);
/* A refused call after which all was compared. */
void tally_compared(void);
void tally_compat(void);
__attribute__((format(printf, 2, 3))) void tally_find(enum finding finding,
						      const char *format, ...);
uint64_t tally_calls(void);
uint64_t tally_findings(void);
/*
 * Prints what was counted, and TAP lines without numbers. @alone: was anything
 * compared? Return: was all well?
 */
bool tally_report(bool alone, bool compat);

#endif /* ATTACK_TALLY_H */
