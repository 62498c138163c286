// SPDX-License-Identifier: GPL-2.0
/* What a trigger found, in words: see firing.h. */
#include <stdio.h>

#include "firing.h"
#include "report_words.h"

/* The longest of names of calls and signals, and of numbers. */
#define NAME_BYTES 48

const char *firing_word(uint32_t condition)
{
	static const char *const words[] = {
		[FLIGHTREC_TRIGGER_CALL] = "slower",
		[FLIGHTREC_TRIGGER_ERRNO] = "errno",
		[FLIGHTREC_TRIGGER_WAIT] = "waits-for-cpu",
		[FLIGHTREC_TRIGGER_OFF] = "off-cpu",
		[FLIGHTREC_TRIGGER_SIGNAL] = "dies",
		[FLIGHTREC_TRIGGER_EXIT] = "exits",
		[FLIGHTREC_TRIGGER_EXEC] = "execs",
		[FLIGHTREC_TRIGGER_MARK] = "mark",
		[FLIGHTREC_TRIGGER_IN_CALL] = "in-call",
		[FLIGHTREC_TRIGGER_WAITING] = "waiting",
		[FLIGHTREC_TRIGGER_RUNNING] = "running",
		[FLIGHTREC_TRIGGER_AWAY] = "away",
	};

	return condition < sizeof(words) / sizeof(words[0]) ? words[condition] :
							      NULL;
}

static void put_call(char text[NAME_BYTES],
		     const struct flightrec_firing *firing, const char *machine)
{
	const struct flightrec_call_name *name =
		flightrec_call_name(machine, false, firing->nr);

	if (name)
		snprintf(text, NAME_BYTES, "%s", name->name);
	else if (firing->nr < 0)
		snprintf(text, NAME_BYTES, "a call");
	else
		snprintf(text, NAME_BYTES, "syscall_%d", firing->nr);
}

static void put_number(char text[NAME_BYTES], const char *name,
		       const char *unknown, int64_t number)
{
	if (name)
		snprintf(text, NAME_BYTES, "%s", name);
	else
		snprintf(text, NAME_BYTES, "%s%lld", unknown,
			 (long long)number);
}

/* Numbers of 64 bits to those of the tables. */
static int narrow(int64_t number)
{
	return number >= 0 && number <= INT32_MAX ? (int)number : -1;
}

/* "for 1.0 s, longer than 500 ms" */
static void put_longer(char text[FIRING_BYTES],
		       const struct flightrec_firing *firing, const char *what)
{
	char value[REPORT_DURATION_BYTES], limit[REPORT_DURATION_BYTES];

	report_duration(value, firing->value > 0 ? (uint64_t)firing->value : 0);
	report_duration(limit, firing->limit > 0 ? (uint64_t)firing->limit : 0);
	snprintf(text, FIRING_BYTES, "%s %s, longer than %s", what, value,
		 limit);
}

static void describe_call(char text[FIRING_BYTES],
			  const struct flightrec_firing *firing,
			  const char *machine)
{
	char call[NAME_BYTES], name[NAME_BYTES], what[NAME_BYTES + 16];

	put_call(call, firing, machine);
	switch (firing->condition) {
	case FLIGHTREC_TRIGGER_CALL:
		snprintf(what, sizeof(what), "%s took", call);
		put_longer(text, firing, what);
		break;
	case FLIGHTREC_TRIGGER_IN_CALL:
		snprintf(what, sizeof(what), "is in %s for", call);
		put_longer(text, firing, what);
		break;
	default:
		put_number(name, flightrec_errno_name(narrow(firing->value)),
			   "errno ", firing->value);
		snprintf(text, FIRING_BYTES, "%s failed with %s", call, name);
	}
}

void firing_describe(char text[FIRING_BYTES],
		     const struct flightrec_firing *firing, const char *machine)
{
	char name[NAME_BYTES];

	switch (firing->condition) {
	case FLIGHTREC_TRIGGER_CALL:
	case FLIGHTREC_TRIGGER_IN_CALL:
	case FLIGHTREC_TRIGGER_ERRNO:
		describe_call(text, firing, machine);
		break;
	case FLIGHTREC_TRIGGER_WAIT:
		put_longer(text, firing, "waited for a CPU for");
		break;
	case FLIGHTREC_TRIGGER_WAITING:
		put_longer(text, firing, "waits for a CPU for");
		break;
	case FLIGHTREC_TRIGGER_OFF:
		put_longer(text, firing, "was off the CPU for");
		break;
	case FLIGHTREC_TRIGGER_AWAY:
		put_longer(text, firing, "is off the CPU for");
		break;
	case FLIGHTREC_TRIGGER_RUNNING:
		put_longer(text, firing, "runs without a break for");
		break;
	case FLIGHTREC_TRIGGER_SIGNAL:
		put_number(name, flightrec_signal_name(narrow(firing->value)),
			   "signal ", firing->value);
		snprintf(text, FIRING_BYTES, "died of %s", name);
		break;
	case FLIGHTREC_TRIGGER_EXIT:
		snprintf(text, FIRING_BYTES, "exited with %lld",
			 (long long)firing->value);
		break;
	case FLIGHTREC_TRIGGER_EXEC:
		snprintf(text, FIRING_BYTES, "executed a program");
		break;
	case FLIGHTREC_TRIGGER_MARK:
		snprintf(text, FIRING_BYTES, "left a mark");
		break;
	default:
		snprintf(text, FIRING_BYTES,
			 "met condition %u: value %lld, limit %lld",
			 firing->condition, (long long)firing->value,
			 (long long)firing->limit);
	}
}
