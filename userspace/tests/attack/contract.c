// SPDX-License-Identifier: GPL-2.0
/* The contract as a table. See contract.h. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "contract.h"

/* "Errors of every ioctl", and a descriptor that is none or not for this. */
#define EVERY_IOCTL EFAULT, EINVAL, E2BIG, ENXIO, EINTR, ENOMEM, EBADF
#define END	    0

/**
 * struct row - a call as it is written down here
 * @contract: all but the sets
 * @documented: errnos, END behind the last
 * @elusive: likewise
 */
struct row {
	struct contract contract;
	int documented[16];
	int elusive[8];
};

#define IOCTL(command, type, writers, answer)                            \
	{                                                                \
#command, FLIGHTREC_IOC_##command, sizeof(struct type),  \
			sizeof(struct type), writers, answer, { { 0 } }, \
		{                                                        \
			{                                                \
				0                                        \
			}                                                \
		}                                                        \
	}
#define OTHER(call)            \
	{                      \
		.name = (call) \
	}

static struct row rows[CALLS] = {
	[CALL_INFO] = { IOCTL(INFO, flightrec_info, true, true),
			{ EVERY_IOCTL },
			{ EINTR, ENOMEM } },
	[CALL_CONFIGURE] = { IOCTL(CONFIGURE, flightrec_config, false, true),
			     { EVERY_IOCTL, EBUSY },
			     { EINTR } },
	[CALL_TARGET_ADD] = { IOCTL(TARGET_ADD, flightrec_target, false, true),
			      { EVERY_IOCTL, ESRCH, EEXIST, ENOSPC },
			      { EINTR, ENOMEM } },
	[CALL_TARGET_REMOVE] = { IOCTL(TARGET_REMOVE, flightrec_target, false,
				       true),
				 { EVERY_IOCTL, ESRCH },
				 { EINTR, ENOMEM } },
	[CALL_START] = { IOCTL(START, flightrec_control, false, false),
			 { EVERY_IOCTL, EBUSY, ENOSPC },
			 { EINTR, ENOMEM } },
	[CALL_STOP] = { IOCTL(STOP, flightrec_control, false, false),
			{ EVERY_IOCTL, ENODATA },
			{ EINTR, ENOMEM } },
	[CALL_FREEZE] = { IOCTL(FREEZE, flightrec_control, false, false),
			  { EVERY_IOCTL, ENODATA, EALREADY },
			  { EINTR, ENOMEM } },
	[CALL_THAW] = { IOCTL(THAW, flightrec_control, false, false),
			{ EVERY_IOCTL, ENODATA, EALREADY, ESTALE },
			{ EINTR, ENOMEM, ESTALE } },
	[CALL_STATS] = { IOCTL(STATS, flightrec_stats, false, true),
			 { EVERY_IOCTL },
			 { EINTR, ENOMEM } },
	[CALL_MARK] = { IOCTL(MARK, flightrec_mark, true, false),
			{ EVERY_IOCTL, EMSGSIZE, ENODATA, ENOSPC },
			{ EINTR, ENOMEM, ENOSPC } },
	[CALL_TRIGGER_ADD] = { IOCTL(TRIGGER_ADD, flightrec_trigger, false,
				     true),
			       { EVERY_IOCTL, ENOSPC },
			       { EINTR, ENOMEM } },
	[CALL_TRIGGER_REMOVE] = { IOCTL(TRIGGER_REMOVE, flightrec_trigger,
					false, false),
				  { EVERY_IOCTL, ESRCH },
				  { EINTR, ENOMEM } },
	[CALL_TRIGGER_GET] = { IOCTL(TRIGGER_GET, flightrec_trigger, false,
				     true),
			       { EVERY_IOCTL, ESRCH },
			       { EINTR, ENOMEM } },
	[CALL_FIRED] = { IOCTL(FIRED, flightrec_fired, false, true),
			 { EVERY_IOCTL, EAGAIN, ENODATA },
			 { EINTR, ENOMEM } },
	[CALL_UNKNOWN] = { OTHER("UNKNOWN"), { ENOTTY, EBADF } },
	/* EINVAL is the kernel's, for more bytes than there can be. */
	[CALL_READ] = { OTHER("read"),
			{ EBADF, EFAULT, EINTR, ENODATA, ESTALE, ENOMEM,
			  EINVAL },
			{ EINTR, ENOMEM, EINVAL } },
	[CALL_READV] = { OTHER("readv"),
			 { EBADF, EFAULT, EINTR, ENODATA, ESTALE, ENOMEM,
			   EINVAL },
			 { EINTR, ENOMEM, EINVAL } },
	[CALL_LSEEK] = { OTHER("lseek"), { EBADF, ESPIPE, EINTR }, { EINTR } },
	[CALL_WRITE] = { OTHER("write"),
			 { EBADF, EFAULT, EINVAL, EMSGSIZE, ENODATA, ENOSPC },
			 { ENOSPC } },
	[CALL_WRITEV] = { OTHER("writev"),
			  { EBADF, EFAULT, EINVAL, EMSGSIZE, ENODATA, ENOSPC,
			    ENOMEM },
			  { ENOSPC, ENOMEM } },
	/* Not of this device: what the kernel says where there is no such thing. */
	[CALL_POLL] = { OTHER("poll"), { EINTR }, { EINTR } },
	[CALL_PREAD] = { OTHER("pread"), { EBADF, ESPIPE } },
	[CALL_PWRITE] = { OTHER("pwrite"), { EBADF, ESPIPE } },
	[CALL_MMAP] = { OTHER("mmap"), { EBADF, EACCES, ENODEV } },
	[CALL_FSYNC] = { OTHER("fsync"), { EBADF, EINVAL } },
	[CALL_SPLICE_OUT] = { OTHER("splice out"), { EBADF, EINVAL } },
	[CALL_SPLICE_IN] = { OTHER("splice in"), { EBADF, EINVAL } },
	[CALL_FTRUNCATE] = { OTHER("ftruncate"), { EBADF, EINVAL } },
	[CALL_FALLOCATE] = { OTHER("fallocate"), { EBADF, ENODEV } },
	[CALL_OPEN] = { OTHER("open"),
			{ EPERM, EACCES, ENOMEM },
			{ EPERM, EACCES, ENOMEM } },
};

const char *errnos_text(const struct errnos *errnos, char *text, size_t bytes)
{
	size_t at = 0;
	int error;

	text[0] = 0;
	for (error = 1; error < ERRNOS_MAX && at < bytes; error++)
		if (errnos_have(errnos, error))
			at += (size_t)snprintf(text + at, bytes - at, "%s%s",
					       at ? " " : "",
					       strerrorname_np(error));
	return text;
}

/* Structs that have become longer. */
static void note_first_versions(void)
{
	const uint32_t config = offsetof(struct flightrec_config, identities) +
				4;

	rows[CALL_CONFIGURE].contract.first_bytes = config;
	rows[CALL_STATS].contract.first_bytes =
		offsetof(struct flightrec_stats, config) + config;
}

void contract_init(void)
{
	int call, i;

	note_first_versions();
	for (call = 0; call < CALLS; call++) {
		struct row *row = &rows[call];

		for (i = 0; row->documented[i] != END; i++)
			errnos_add(&row->contract.documented,
				   row->documented[i]);
		for (i = 0; row->elusive[i] != END; i++)
			errnos_add(&row->contract.elusive, row->elusive[i]);
	}
	/* Versions before that knew of no age. */
	rows[CALL_CONFIGURE].contract.first_bytes =
		offsetof(struct flightrec_config, keep_ns);
	rows[CALL_STATS].contract.first_bytes =
		offsetof(struct flightrec_stats, config.keep_ns);
}

const struct contract *contract_of(enum call call)
{
	return &rows[call].contract;
}

bool contract_forget(const char *what)
{
	const char *colon = strrchr(what, ':');
	int call, error;

	for (call = 0; colon && call < CALLS; call++) {
		struct contract *contract = &rows[call].contract;

		if (strlen(contract->name) != (size_t)(colon - what) ||
		    memcmp(contract->name, what, (size_t)(colon - what)))
			continue;
		for (error = 1; error < ERRNOS_MAX; error++) {
			const char *name = strerrorname_np(error);

			if (!name || strcmp(name, colon + 1) ||
			    !errnos_have(&contract->documented, error))
				continue;
			errnos_remove(&contract->documented, error);
			return true;
		}
	}
	return false;
}
