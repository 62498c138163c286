/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module file and the kernel that is to take it: why it does not.
 */
#ifndef MODULE_H
#define MODULE_H

/* The module's file where the build puts it or a distribution would: an
 * allocated path, or NULL. */
char *module_find(void);
/* Say why the kernel refused @path with @error; @kmsg: see below. */
void module_explain_load(const char *path, int error, int kmsg);
void module_explain_unload(int error);

/* The kernel log from here on, to quote it; -1 if it cannot be read. */
int module_kmsg_open(void);

#endif /* MODULE_H */
