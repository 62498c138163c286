// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MODULE_FILE "flightrec.ko"

/* ---- where it is ---- */

/* @pattern has one %s, for the kernel's release. */
static char *try_path(const char *directory, const char *pattern,
		      const char *release)
{
	char path[PATH_MAX];
	size_t length = strlen(directory);

	if (length >= sizeof(path))
		return NULL;
	memcpy(path, directory, length + 1);
	snprintf(path + length, sizeof(path) - length, pattern, release);
	return realpath(path, NULL);
}

/* The directory above that of this program, with a slash: build/ of the tree
 * for build/user/flightrec. */
static void above_program(char *directory, size_t length)
{
	ssize_t read = readlink("/proc/self/exe", directory, length - 4);
	char *slash;

	directory[read > 0 ? read : 0] = '\0';
	slash = strrchr(directory, '/');
	memcpy(slash ? slash : directory, "/../", sizeof("/../"));
}

/* Where installed modules are, below that of the kernel. */
static const char *const installed[] = {
	"updates/dkms/",
	"updates/",
	"extra/",
	"",
};
#define INSTALLED (sizeof(installed) / sizeof(installed[0]))

char *module_find(void)
{
	char directory[PATH_MAX], pattern[128];
	struct utsname uts;
	char *path;
	size_t i;

	uname(&uts);
	above_program(directory, sizeof(directory));
	/* Not below the current directory: who is root there loads what others
	 * may have put there. */
	path = try_path(directory, "%s/" MODULE_FILE, uts.release);
	for (i = 0; !path && i < INSTALLED; i++) {
		snprintf(pattern, sizeof(pattern), "%%s/%s" MODULE_FILE,
			 installed[i]);
		path = try_path("/lib/modules/", pattern, uts.release);
	}
	return path;
}

/* ---- what it was built for ---- */

/* What stands behind "vermagic=" in the section .modinfo: NUL terminated strings,
 * so that looking through the file finds it, whatever the file is. */
static bool find_vermagic(const char *bytes, size_t length, char *vermagic,
			  size_t room)
{
	static const char key[] = "\0vermagic=";
	const char *found = memmem(bytes, length, key, sizeof(key) - 1);
	size_t rest, size;

	/* It may be the first of its section, behind no string. */
	if (found)
		found++;
	else
		found = memmem(bytes, length, key + 1, sizeof(key) - 2);
	if (!found)
		return false;
	found += sizeof(key) - 2;
	rest = length - (size_t)(found - bytes);
	size = strnlen(found, rest < room - 1 ? rest : room - 1);
	while (size && found[size - 1] == ' ')
		size--;
	memcpy(vermagic, found, size);
	vermagic[size] = '\0';
	return true;
}

static bool read_vermagic(const char *path, char *vermagic, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found = false;
	struct stat status;
	char *bytes;

	if (fd < 0)
		return false;
	if (!fstat(fd, &status) && status.st_size > 0) {
		size_t length = (size_t)status.st_size;

		bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			found = find_vermagic(bytes, length, vermagic, room);
			munmap(bytes, length);
		}
	}
	close(fd);
	return found;
}

/* ---- what the kernel says ---- */

int module_kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* The text of the last record since then that is about the module; "" if there
 * is none. A record is "prefix;text\n" and more lines. */
static void kmsg_last(int fd, char *text, size_t length)
{
	char record[8192];
	ssize_t got;

	*text = '\0';
	while (fd >= 0 && ((got = read(fd, record, sizeof(record) - 1)) > 0 ||
			   (got < 0 && errno == EPIPE))) {
		char *from;

		if (got < 0)
			continue; /* overrun, goes on behind the hole */
		record[got] = '\0';
		from = strchr(record, ';');
		if (!from || !strstr(from, "flightrec"))
			continue;
		from++;
		from[strcspn(from, "\n")] = '\0';
		snprintf(text, length, "%s", from);
	}
}

/* ---- why not: loading ---- */

static bool has_capability(unsigned int capability)
{
	FILE *file = fopen("/proc/self/status", "re");
	uint64_t effective = 0;
	char row[256];

	if (!file)
		return false;
	while (fgets(row, sizeof(row), file)) {
		if (sscanf(row, "CapEff: %" SCNx64, &effective) == 1)
			break;
	}
	fclose(file);
	return effective >> capability & 1;
}

/* "[none] integrity confidentiality" or the like; without securityfs, "". */
static void read_lockdown(char *text, size_t length)
{
	if (!cli_read_line("/sys/kernel/security/lockdown", text, length))
		*text = '\0';
}

static bool locked_down(const char *lockdown)
{
	return *lockdown && !strstr(lockdown, "[none]");
}

static void explain_permission(const char *path, const char *said)
{
	char lockdown[128], disabled[16];

	read_lockdown(lockdown, sizeof(lockdown));
	if (!has_capability(CAP_SYS_MODULE))
		cli_fail(
			"no permission to load modules (CAP_SYS_MODULE); try as root (sudo), outside of containers");
	else if (cli_read_line("/proc/sys/kernel/modules_disabled", disabled,
			       sizeof(disabled)) &&
		 !strcmp(disabled, "1"))
		cli_fail(
			"this kernel takes no modules any more (kernel.modules_disabled is 1) until it is booted anew");
	else if (locked_down(lockdown))
		cli_fail(
			"%s is not signed and the kernel is locked down, by Secure Boot mostly (/sys/kernel/security/lockdown: %s); sign it with a key that the firmware knows (mokutil --import), or turn Secure Boot off",
			path, lockdown);
	else
		cli_fail(
			"the kernel does not permit loading %s: a security policy forbids it; %s%s",
			path,
			*said ? "the kernel says: " :
				"the kernel log may say which (dmesg)",
			said);
}

static void explain_signature(const char *path)
{
	cli_fail(
		"%s has no signature that this kernel trusts, and it insists on one; sign it with a key that the firmware knows (mokutil --import), or turn Secure Boot or module.sig_enforce off",
		path);
}

/* The release comes first in the vermagic, then features. */
static bool other_kernel(const char *vermagic, const char *release)
{
	size_t length = strlen(release);

	return strncmp(vermagic, release, length) ||
	       (vermagic[length] && vermagic[length] != ' ');
}

static void explain_format(const char *path, const char *said)
{
	char vermagic[256];
	struct utsname uts;

	uname(&uts);
	if (!read_vermagic(path, vermagic, sizeof(vermagic)))
		cli_fail(
			"%s is not a kernel module; 'make' builds flightrec.ko",
			path);
	else if (other_kernel(vermagic, uts.release))
		cli_fail(
			"%s was built for kernel %.*s, but this is %s; 'make' builds it for the kernel that runs (its headers: package linux-headers-%s)",
			path, (int)strcspn(vermagic, " "), vermagic,
			uts.release, uts.release);
	else
		cli_fail(
			"%s does not fit this kernel though the release is the same (built with '%s')%s%s; install the kernel's own headers and 'make' again",
			path, vermagic, *said ? "; the kernel says: " : "",
			said);
}

static void explain_symbol(const char *path, const char *said)
{
	cli_fail(
		"%s needs something that this kernel lacks, such as a tracepoint; %s%s",
		path,
		*said ? "the kernel says: " : "the kernel log names it (dmesg)",
		said);
}

void module_explain_load(const char *path, int error, int kmsg)
{
	char said[512];

	kmsg_last(kmsg, said, sizeof(said));
	switch (error) {
	case -EEXIST:
		cli_fail(
			"the module is loaded already; 'flightrec unload' removes it");
		break;
	case -EPERM:
		explain_permission(path, said);
		break;
	case -EKEYREJECTED:
	case -ENOKEY:
	case -EBADMSG:
		explain_signature(path);
		break;
	case -ENOEXEC:
	case -EINVAL:
		explain_format(path, said);
		break;
	case -ENOENT:
		explain_symbol(path, said);
		break;
	case -ENOSYS:
		cli_fail(
			"this kernel takes no modules: it was built without them");
		break;
	default:
		cli_fail("the kernel refuses %s: %s; %s%s", path,
			 cli_why(error),
			 *said ? "it says: " : "its log may say why (dmesg)",
			 said);
		break;
	}
}

/* ---- why not: unloading ---- */

void module_explain_unload(int error)
{
	switch (error) {
	case -ENOENT:
		cli_fail("the module is not loaded");
		break;
	case -EPERM:
		cli_fail(
			"no permission to unload modules (CAP_SYS_MODULE); try as root (sudo)");
		break;
	case -EAGAIN:
	case -EBUSY:
		cli_fail(
			"the module is in use: a program has /dev/flightrec open ('fuser -v /dev/flightrec' names it)");
		break;
	default:
		cli_fail("cannot unload the module: %s", cli_why(error));
		break;
	}
}
