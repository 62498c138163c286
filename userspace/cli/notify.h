/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a service tells systemd: datagrams to the socket that NOTIFY_SOCKET names, as
 * sd_notify(3) describes them. A page of it is used here, so there is no library
 * for it. Without that variable all of this does nothing.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

/* "READY=1", "STATUS=...", several with a newline in between. */
void notify_send(const char *text);
/* How often WATCHDOG=1 is wanted; 0: not at all. */
uint64_t notify_watchdog_ns(void);
/* For a child: none of this is for it. */
void notify_forget(void);

#endif /* NOTIFY_H */
