// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "targets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Tids are ints in the kernel. */
#define ID_MAX INT32_MAX

static bool same(const struct flightrec_target *a,
		 const struct flightrec_target *b)
{
	return a->kind == b->kind && a->id == b->id &&
	       !memcmp(a->comm, b->comm, sizeof(a->comm));
}

int targets_append(struct targets *targets, uint32_t kind, uint64_t id,
		   const char *comm)
{
	struct flightrec_target target = { .kind = kind, .id = id }, *list;
	size_t i;

	if (comm)
		memcpy(target.comm, comm, strnlen(comm, FLIGHTREC_COMM_BYTES));
	/* Named twice is meant once. */
	for (i = 0; i < targets->count; i++) {
		if (same(&targets->list[i], &target))
			return 0;
	}
	list = reallocarray(targets->list, targets->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	targets->list = list;
	list[targets->count++] = target;
	return 0;
}

static int append(struct targets *targets, uint32_t kind, uint64_t id,
		  const char *comm)
{
	if (targets_append(targets, kind, id, comm))
		return cli_fail("out of memory");
	return 0;
}

static int parse_comm(struct targets *targets, const char *name)
{
	size_t length = strlen(name);

	if (!length)
		return cli_misuse("--comm: the name is empty");
	if (length >= FLIGHTREC_COMM_BYTES)
		return cli_misuse(
			"--comm '%s': the kernel keeps 15 bytes of a name; '%.15s' is what to say",
			name, name);
	return append(targets, FLIGHTREC_TARGET_COMM, 0, name);
}

static int parse_id(struct targets *targets, int option, const char *text)
{
	uint64_t id;

	if (!cli_parse_number(text, 1, ID_MAX, &id))
		return cli_misuse("-%c '%s': not a %s", option, text,
				  option == 'p' ? "process id" : "thread id");
	return append(targets,
		      option == 'p' ? FLIGHTREC_TARGET_TGID :
				      FLIGHTREC_TARGET_TID,
		      id, NULL);
}

static int parse_ids(struct targets *targets, int option, const char *list)
{
	char *copy = strdup(list), *rest = copy, *text;
	int status = 0;

	if (!copy)
		return cli_fail("out of memory");
	while (!status && (text = strsep(&rest, ",")))
		status = parse_id(targets, option, text);
	free(copy);
	return status;
}

int targets_option(struct targets *targets, int option, const char *argument)
{
	if (option == CLI_OPTION_COMM)
		return parse_comm(targets, argument);
	return parse_ids(targets, option, argument);
}

void targets_deinit(struct targets *targets)
{
	free(targets->list);
	targets->list = NULL;
	targets->count = 0;
}

static struct cli_text describe(const struct flightrec_target *target)
{
	struct cli_text text;

	if (target->kind == FLIGHTREC_TARGET_COMM)
		snprintf(text.text, sizeof(text.text), "name '%.*s'",
			 FLIGHTREC_COMM_BYTES, (const char *)target->comm);
	else
		snprintf(text.text, sizeof(text.text), "%s %" PRIu64,
			 target->kind == FLIGHTREC_TARGET_TGID ? "process" :
								 "thread",
			 (uint64_t)target->id);
	return text;
}

/* What /proc says of a task that the kernel does not want to record. */
struct task_facts {
	bool exists;
	char state;
	int tgid;
};

static struct task_facts task_facts(uint64_t id)
{
	struct task_facts facts = { 0 };
	char path[64], row[256];
	FILE *file;

	/* Not listed, but there, for threads that are no leaders as well. */
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/status", id);
	file = fopen(path, "re");
	if (!file)
		return facts;
	facts.exists = true;
	while (fgets(row, sizeof(row), file)) {
		sscanf(row, "State: %c", &facts.state);
		sscanf(row, "Tgid: %d", &facts.tgid);
	}
	fclose(file);
	return facts;
}

static void explain_gone(const struct flightrec_target *target)
{
	struct task_facts facts = task_facts(target->id);
	struct cli_text what = describe(target);

	if (!facts.exists)
		cli_fail("%s does not exist, or is gone", what.text);
	else if (facts.state == 'Z' || facts.state == 'X')
		cli_fail(
			"%s has ended and only waits for its parent to notice (a zombie); there is nothing to record",
			what.text);
	else if (target->kind == FLIGHTREC_TARGET_TGID &&
		 (uint64_t)facts.tgid != target->id)
		cli_fail("%" PRIu64 " is a thread of process %d; '-t %" PRIu64
			 "' records the thread, '-p %d' the process",
			 (uint64_t)target->id, facts.tgid, (uint64_t)target->id,
			 facts.tgid);
	else
		cli_fail("%s is gone", what.text);
}

static void explain_full(int fd, const struct flightrec_target *target)
{
	struct flightrec_info info;
	struct flightrec_stats stats;
	struct cli_text what = describe(target);

	if (flightrec_info(fd, &info) < 0 ||
	    flightrec_stats(fd, &stats, NULL, 0) < 0)
		cli_fail("cannot add %s: no room", what.text);
	else if (stats.targets >= info.targets_max)
		cli_fail(
			"cannot add %s: there are %u targets, which is as many as there can be; 'flightrec target remove' makes room, a --comm stands for many processes",
			what.text, stats.targets);
	else
		cli_fail(
			"cannot add %s: no room for all of its tasks, %u are recorded and %u can be; begin anew with 'flightrec start --slots N'",
			what.text, stats.tasks, stats.config.slots);
}

static void explain_add(int fd, const struct flightrec_target *target,
			int error)
{
	struct cli_text what = describe(target);

	switch (error) {
	case -ESRCH:
		explain_gone(target);
		break;
	case -EEXIST:
		cli_fail("%s is a target already", what.text);
		break;
	case -ENOSPC:
		explain_full(fd, target);
		break;
	default:
		cli_fail("cannot add %s: %s", what.text, cli_why(error));
		break;
	}
}

static int add_one(struct targets *targets, size_t i, int fd)
{
	struct flightrec_target *target = &targets->list[i];

	target->flags = targets->follow ? FLIGHTREC_TARGET_FOLLOW : 0;
	target->tasks = 0;
	return flightrec_target_add(fd, target);
}

/* REMOVE wants what ADD wrote back to be zero again. */
static int remove_one(const struct flightrec_target *target, int fd,
		      uint32_t *tasks)
{
	struct flightrec_target copy = *target;
	int error;

	copy.flags = 0;
	copy.tasks = 0;
	error = flightrec_target_remove(fd, &copy);
	*tasks = error < 0 ? 0 : copy.tasks;
	return error;
}

int targets_add(struct targets *targets, int fd, bool again)
{
	size_t i = 0;

	while (i < targets->count) {
		int error = add_one(targets, i, fd);

		if (error == -EEXIST && again) {
			targets->count--;
			memmove(&targets->list[i], &targets->list[i + 1],
				(targets->count - i) * sizeof(*targets->list));
			continue;
		}
		if (error < 0) {
			explain_add(fd, &targets->list[i], error);
			targets->count = i;
			targets_undo(targets, fd);
			return -1;
		}
		i++;
	}
	return 0;
}

void targets_undo(const struct targets *targets, int fd)
{
	size_t i = targets->count;
	uint32_t tasks;

	while (i--)
		remove_one(&targets->list[i], fd, &tasks);
}

int targets_remove(struct targets *targets, int fd)
{
	int result = 0;
	size_t i;

	for (i = 0; i < targets->count; i++) {
		struct flightrec_target *target = &targets->list[i];
		int error = remove_one(target, fd, &target->tasks);

		if (error >= 0)
			continue;
		result = -1;
		if (error == -ESRCH)
			cli_fail(
				"%s is not a target; tasks that are recorded because a target created them cannot be removed one by one",
				describe(target).text);
		else
			cli_fail("cannot remove %s: %s", describe(target).text,
				 cli_why(error));
	}
	return result;
}

uint64_t targets_tasks(const struct targets *targets)
{
	uint64_t tasks = 0;
	size_t i;

	for (i = 0; i < targets->count; i++)
		tasks += targets->list[i].tasks;
	return tasks;
}
