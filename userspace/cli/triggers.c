// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "triggers.h"

#include <errno.h>
#include <firing.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* Limits of the contract (struct flightrec_trigger). */
#define TIME_MAX    (1ULL << 60)
#define TAIL_MAX    (1ULL << 40)
#define LASTING_MIN 8000000ULL
#define ERRNO_MAX   4095
#define SIGNAL_MAX  64
#define STATUS_MAX  255
#define CALL_MAX    INT32_MAX

/* More than a module remembers: who fires without end is not waited for. */
#define FIRED_MAX   4096

const char *triggers_machine(void)
{
	static struct utsname name;

	if (!*name.machine)
		uname(&name);
	return name.machine;
}

/* ---- what a condition takes ---------------------------------------------- */

/* Found by a timer while it lasts. */
static bool lasts(uint32_t condition)
{
	return condition >= FLIGHTREC_TRIGGER_IN_CALL;
}

static bool about_calls(uint32_t condition)
{
	return condition == FLIGHTREC_TRIGGER_CALL ||
	       condition == FLIGHTREC_TRIGGER_ERRNO ||
	       condition == FLIGHTREC_TRIGGER_IN_CALL;
}

static int parse_limit(struct flightrec_trigger *trigger, const char *text)
{
	const char *word = firing_word(trigger->condition);
	uint64_t ns;

	if (!cli_parse_duration(text, &ns) || !ns || ns > TIME_MAX)
		return cli_misuse(
			"--%s '%s': not a time (such as 20ms, 5s or 2m)", word,
			text);
	if (lasts(trigger->condition) && ns < LASTING_MIN)
		return cli_misuse(
			"--%s %s: what lasts is looked for by a timer, so that is at least %s",
			word, text, cli_duration_option(LASTING_MIN).text);
	trigger->limit_ns = ns;
	return 0;
}

static int parse_errno(struct flightrec_trigger *trigger, const char *text)
{
	uint64_t number = (uint64_t)flightrec_errno_number(text);

	if (!number && !cli_parse_number(text, 1, ERRNO_MAX, &number))
		return cli_misuse("--errno '%s': no errno (such as ENOSPC)",
				  text);
	trigger->value = (__s32)number;
	return 0;
}

static int signal_number(const char *text)
{
	int number = flightrec_signal_number(text);
	char name[32];

	if (number)
		return number;
	snprintf(name, sizeof(name), "SIG%s", text);
	return flightrec_signal_number(name);
}

static int parse_signal(struct flightrec_trigger *trigger, const char *text)
{
	uint64_t number;

	if (!text)
		return 0;
	number = (uint64_t)signal_number(text);
	if (!number && !cli_parse_number(text, 1, SIGNAL_MAX, &number))
		return cli_misuse("--dies '%s': no signal (such as SIGSEGV)",
				  text);
	trigger->value = (__s32)number;
	return 0;
}

static int parse_status(struct flightrec_trigger *trigger, const char *text)
{
	uint64_t number;

	if (!text)
		return 0;
	if (!cli_parse_number(text, 1, STATUS_MAX, &number))
		return cli_misuse(
			"--exits '%s': not an exit status from 1 to 255; without one, any but 0 is meant",
			text);
	trigger->value = (__s32)number;
	return 0;
}

static int parse_prefix(struct flightrec_trigger *trigger, const char *text)
{
	size_t length = strlen(text);

	if (length > sizeof(trigger->text))
		return cli_misuse("--mark: a prefix has at most %zu bytes",
				  sizeof(trigger->text));
	memcpy(trigger->text, text, length);
	return 0;
}

static int parse_condition(struct flightrec_trigger *trigger,
			   uint32_t condition, const char *argument)
{
	if (trigger->condition)
		return cli_misuse(
			"--%s and --%s: a trigger has one condition; add one for each",
			firing_word(trigger->condition),
			firing_word(condition));
	trigger->condition = condition;
	switch (condition) {
	case FLIGHTREC_TRIGGER_ERRNO:
		return parse_errno(trigger, argument);
	case FLIGHTREC_TRIGGER_SIGNAL:
		return parse_signal(trigger, argument);
	case FLIGHTREC_TRIGGER_EXIT:
		return parse_status(trigger, argument);
	case FLIGHTREC_TRIGGER_MARK:
		return parse_prefix(trigger, argument);
	case FLIGHTREC_TRIGGER_EXEC:
		return 0;
	default:
		return parse_limit(trigger, argument);
	}
}

/* ---- the other options ---------------------------------------------------- */

static int append_call(struct flightrec_trigger *trigger, const char *name)
{
	uint64_t number;
	int32_t nr = flightrec_call_number(triggers_machine(), name);

	if (nr < 0 && cli_parse_number(name, 0, CALL_MAX, &number))
		nr = (int32_t)number;
	if (nr < 0)
		return cli_misuse("--call '%s': no system call of %s", name,
				  triggers_machine());
	if (trigger->calls_count == FLIGHTREC_TRIGGER_CALLS)
		return cli_misuse(
			"--call: a trigger has at most %d calls; without --call it is for all",
			FLIGHTREC_TRIGGER_CALLS);
	trigger->calls[trigger->calls_count++] = nr;
	return 0;
}

static int parse_calls(struct flightrec_trigger *trigger, const char *list)
{
	size_t length = strcspn(list, ",");
	char name[64];
	int status;

	for (;;) {
		snprintf(name, sizeof(name), "%.*s",
			 (int)(length < sizeof(name) ? length : sizeof(name)),
			 list);
		status = append_call(trigger, name);
		if (status || !list[length])
			return status;
		list += length + 1;
		length = strcspn(list, ",");
	}
}

static int parse_action(struct flightrec_trigger *trigger, uint32_t action)
{
	if (trigger->action && trigger->action != action)
		return cli_misuse("--freeze and --notify: one of them");
	trigger->action = action;
	return 0;
}

static int parse_tail(struct flightrec_trigger *trigger, const char *text)
{
	size_t length = strlen(text);
	uint64_t number;
	char digits[8];

	if (length && length <= sizeof(digits) && text[length - 1] == '%') {
		snprintf(digits, sizeof(digits), "%.*s", (int)length - 1, text);
		if (cli_parse_number(digits, 1, 100, &number)) {
			trigger->tail_percent = (__u32)number;
			return 0;
		}
	} else if (cli_parse_duration(text, &number) && number &&
		   number <= TAIL_MAX) {
		trigger->tail_ns = number;
		return 0;
	}
	return cli_misuse(
		"--after '%s': neither a time of at most 18 minutes (such as 500ms) nor a share of the tape (1%% to 100%%)",
		text);
}

static int parse_every(struct flightrec_trigger *trigger, const char *text)
{
	uint64_t ns;

	if (!cli_parse_duration(text, &ns) || !ns || ns > TIME_MAX)
		return cli_misuse("--every '%s': not a time (such as 10m)",
				  text);
	trigger->every_ns = ns;
	return 0;
}

static int parse_max(struct flightrec_trigger *trigger, const char *text)
{
	uint64_t number;

	if (!cli_parse_number(text, 1, UINT32_MAX, &number))
		return cli_misuse("--max '%s': not a number from 1 to %u", text,
				  UINT32_MAX);
	trigger->max = (__u32)number;
	return 0;
}

int triggers_option(struct flightrec_trigger *trigger, int option,
		    const char *argument)
{
	switch (option) {
	case TRIGGERS_CALL:
		return parse_calls(trigger, argument);
	case TRIGGERS_FREEZE:
		return parse_action(trigger, FLIGHTREC_ACTION_FREEZE);
	case TRIGGERS_NOTIFY:
		return parse_action(trigger, FLIGHTREC_ACTION_NOTIFY);
	case TRIGGERS_AFTER:
		return parse_tail(trigger, argument);
	case TRIGGERS_EVERY:
		return parse_every(trigger, argument);
	case TRIGGERS_MAX:
		return parse_max(trigger, argument);
	}
	if (option > TRIGGERS_CONDITION && option < TRIGGERS_CALL)
		return parse_condition(trigger,
				       (uint32_t)(option - TRIGGERS_CONDITION),
				       argument);
	return cli_misuse_option();
}

int triggers_check(struct flightrec_trigger *trigger)
{
	if (!trigger->condition)
		return cli_misuse(
			"when? name a condition, such as --slower 20ms");
	if (trigger->calls_count && !about_calls(trigger->condition))
		return cli_misuse(
			"--call is for --slower, --errno and --in-call, not for --%s",
			firing_word(trigger->condition));
	if (!trigger->action)
		trigger->action = FLIGHTREC_ACTION_FREEZE;
	if (trigger->action == FLIGHTREC_ACTION_NOTIFY &&
	    (trigger->tail_ns || trigger->tail_percent))
		return cli_misuse(
			"--after is for --freeze: with --notify recording goes on anyway");
	return 0;
}

/* ---- for people ----------------------------------------------------------- */

static void put_calls(struct sink *sink,
		      const struct flightrec_trigger *trigger)
{
	const struct flightrec_call_name *name;
	uint32_t i;

	if (!trigger->calls_count)
		sink_string(sink, "a call");
	for (i = 0; i < trigger->calls_count && i < FLIGHTREC_TRIGGER_CALLS;
	     i++) {
		if (i)
			sink_string(sink, " or ");
		name = flightrec_call_name(triggers_machine(), false,
					   trigger->calls[i]);
		if (name)
			sink_string(sink, name->name);
		else
			sink_printf(sink, "syscall_%d", trigger->calls[i]);
	}
}

static void put_limit(struct sink *sink, const char *what,
		      const struct flightrec_trigger *trigger)
{
	sink_printf(sink, "%s longer than %s", what,
		    cli_duration_option(trigger->limit_ns).text);
}

/* A number and its name, if it has one. */
static void put_value(struct sink *sink, const char *what, const char *name,
		      int number)
{
	if (name)
		sink_printf(sink, "%s %s", what, name);
	else
		sink_printf(sink, "%s %d", what, number);
}

static void put_mark(struct sink *sink, const struct flightrec_trigger *trigger)
{
	const char *text = (const char *)trigger->text;
	size_t length = strnlen(text, sizeof(trigger->text));

	if (!length) {
		sink_string(sink, "any mark");
		return;
	}
	sink_string(sink, "a mark begins with \"");
	sink_escaped(sink, text, length, "\"");
	sink_char(sink, '"');
}

static void put_condition(struct sink *sink,
			  const struct flightrec_trigger *trigger)
{
	int value = trigger->value;

	switch (trigger->condition) {
	case FLIGHTREC_TRIGGER_CALL:
		put_calls(sink, trigger);
		put_limit(sink, " takes", trigger);
		break;
	case FLIGHTREC_TRIGGER_IN_CALL:
		put_calls(sink, trigger);
		put_limit(sink, " lasts", trigger);
		break;
	case FLIGHTREC_TRIGGER_ERRNO:
		put_calls(sink, trigger);
		put_value(sink, " fails with", flightrec_errno_name(value),
			  value);
		break;
	case FLIGHTREC_TRIGGER_WAIT:
		put_limit(sink, "waited for a CPU", trigger);
		break;
	case FLIGHTREC_TRIGGER_WAITING:
		put_limit(sink, "waits for a CPU", trigger);
		break;
	case FLIGHTREC_TRIGGER_OFF:
		put_limit(sink, "was off the CPU", trigger);
		break;
	case FLIGHTREC_TRIGGER_AWAY:
		put_limit(sink, "is off the CPU", trigger);
		break;
	case FLIGHTREC_TRIGGER_RUNNING:
		put_limit(sink, "runs without a break", trigger);
		break;
	case FLIGHTREC_TRIGGER_SIGNAL:
		put_value(sink, "dies of",
			  value ? flightrec_signal_name(value) : "any signal",
			  value);
		break;
	case FLIGHTREC_TRIGGER_EXIT:
		put_value(sink, "exits with", value ? NULL : "any but 0",
			  value);
		break;
	case FLIGHTREC_TRIGGER_EXEC:
		sink_string(sink, "executes a program");
		break;
	case FLIGHTREC_TRIGGER_MARK:
		put_mark(sink, trigger);
		break;
	default:
		sink_printf(sink, "condition %u", trigger->condition);
	}
}

static void put_action(struct sink *sink,
		       const struct flightrec_trigger *trigger)
{
	if (trigger->action == FLIGHTREC_ACTION_NOTIFY)
		sink_string(sink, ": notify");
	else
		sink_string(sink, ": freeze");
	if (trigger->tail_ns)
		sink_printf(sink, " after %s",
			    cli_duration_option(trigger->tail_ns).text);
	if (trigger->tail_percent)
		sink_printf(sink, "%s %u%% of the tape",
			    trigger->tail_ns ? " or" : " after",
			    trigger->tail_percent);
	if (trigger->every_ns)
		sink_printf(sink, ", once in %s",
			    cli_duration_option(trigger->every_ns).text);
	if (trigger->max)
		sink_printf(sink, ", at most %u time%s", trigger->max,
			    cli_plural(trigger->max));
}

void triggers_put(struct sink *sink, const struct flightrec_trigger *trigger)
{
	put_condition(sink, trigger);
	put_action(sink, trigger);
}

int triggers_next(int fd, uint32_t id, struct flightrec_trigger *trigger)
{
	int error = flightrec_trigger_get(fd, id, trigger);

	if (!error)
		return 1;
	if (error == -ESRCH)
		return 0;
	cli_fail("cannot ask what triggers there are: %s", cli_why(error));
	return -1;
}

int triggers_fired(int fd, uint64_t known, struct flightrec_firing *last)
{
	struct flightrec_fired fired;
	int error = 0;
	unsigned int i;

	last->sequence = known;
	for (i = 0; i < FIRED_MAX && !error; i++) {
		error = flightrec_fired(fd, last->sequence, &fired);
		if (!error)
			*last = fired.firing;
	}
	if (error && error != -EAGAIN)
		return error;
	return last->sequence != known;
}
