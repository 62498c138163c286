// SPDX-License-Identifier: GPL-2.0
/*
 * Who may: callers of every kind, each case granted or refused as the contract has
 * it. Real users (uids other than 0), each capability that matters, alone; inside
 * user and pid namespaces; with a descriptor that somebody else opened.
 *
 *	callers
 *
 * Runs as root, with an idle recorder, and leaves one. Prints "ok - WHAT" or
 * "not ok - WHAT: ..." for each check; exits with 1 if any failed.
 */
#include <linux/capability.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "checks.h"

#define USER	  1000
#define GROUP	  1001
#define ALL	  (~0ULL)
#define CAP(name) (1ULL << CAP_##name)
#define BOTH	  (CAP(PERFMON) | CAP(SYS_ADMIN))

/**
 * struct user - somebody who opens the device
 * @who: for the reader
 * @uid: his
 * @gid: his
 * @caps: the capabilities that he has
 */
struct user {
	const char *who;
	uid_t uid;
	gid_t gid;
	uint64_t caps;
};

static const struct user users[] = {
	{ "root", 0, 0, ALL },
	{ "root without capabilities", 0, 0, 0 },
	{ "root without the two", 0, 0, ALL & ~BOTH },
	{ "a user", USER, USER, 0 },
	{ "a user of the node's group", USER, GROUP, 0 },
	{ "a user with CAP_PERFMON", USER, USER, CAP(PERFMON) },
	{ "a user with CAP_SYS_ADMIN", USER, USER, CAP(SYS_ADMIN) },
	{ "a user with both", USER, USER, BOTH },
	{ "a user with CAP_SYS_PTRACE", USER, USER, CAP(SYS_PTRACE) },
	{ "a user with CAP_BPF", USER, USER, CAP(BPF) },
	{ "a user with CAP_DAC_OVERRIDE", USER, USER, CAP(DAC_OVERRIDE) },
	{ "a user with CAP_DAC_OVERRIDE and CAP_PERFMON", USER, USER,
	  CAP(DAC_OVERRIDE) | CAP(PERFMON) },
	{ "a user with all but the two", USER, USER, ALL & ~BOTH },
};

/* ---- becoming somebody -------------------------------------------------- */

static void set_caps(uint64_t caps)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t known;

	TRUTH_MUST(!syscall(SYS_capget, &head, data));
	known = data[0].permitted | (uint64_t)data[1].permitted << 32;
	caps &= known;
	data[0].effective = data[0].permitted = (uint32_t)caps;
	data[1].effective = data[1].permitted = (uint32_t)(caps >> 32);
	TRUTH_MUST(!syscall(SYS_capset, &head, data));
}

static void become(const struct user *user)
{
	TRUTH_MUST(!prctl(PR_SET_KEEPCAPS, 1));
	TRUTH_MUST(!syscall(SYS_setgroups, 0, NULL));
	TRUTH_MUST(!setresgid(user->gid, user->gid, user->gid));
	TRUTH_MUST(!setresuid(user->uid, user->uid, user->uid));
	set_caps(user->caps);
	/* Its files of /proc are its own again. */
	TRUTH_MUST(!prctl(PR_SET_DUMPABLE, 1));
}

static void become_user(void)
{
	become(&(struct user){ .uid = USER, .gid = USER });
}

/*
 * All capabilities inside, none outside: root of a user namespace of his own. Real
 * root takes CAP_SETFCAP to be root there, too; without it he is nobody, who has
 * them all the same.
 */
static void enter_user_namespace(uint64_t caps)
{
	bool nobody = !getuid() && !(caps & CAP(SETFCAP));
	char map[64];
	int fd;

	snprintf(map, sizeof(map), "0 %d 1\n", getuid());
	TRUTH_MUST(!unshare(CLONE_NEWUSER));
	if (nobody)
		return;
	fd = open("/proc/self/uid_map", O_WRONLY);
	TRUTH_MUST(fd >= 0 && write(fd, map, strlen(map)) > 0);
	close(fd);
	TRUTH_MUST(!getuid());
}

/* ---- what descriptors can do -------------------------------------------- */

/* Of the idle recorder, and leaves it so: each call in a state that allows it. */
static void can_all(const char *who, int fd)
{
	char byte;

	checks_call(who, "INFO", ask_info(fd), 0);
	checks_call(who, "STATS", ask_stats(fd), 0);
	checks_call(who, "CONFIGURE", ask_configure(fd), 0);
	checks_call(who, "TARGET_ADD",
		    ask_target(fd, FLIGHTREC_IOC_TARGET_ADD,
			       FLIGHTREC_TARGET_TID, truth_tid()),
		    0);
	checks_call(who, "START", ask_control(fd, FLIGHTREC_IOC_START), 0);
	checks_call(who, "MARK", ask_mark(fd), 0);
	checks_call(who, "TARGET_REMOVE",
		    ask_target(fd, FLIGHTREC_IOC_TARGET_REMOVE,
			       FLIGHTREC_TARGET_TID, truth_tid()),
		    0);
	checks_call(who, "FREEZE", ask_control(fd, FLIGHTREC_IOC_FREEZE), 0);
	checks_call(who, "read", read(fd, &byte, 1), 0);
	checks_call(who, "lseek", lseek(fd, 0, SEEK_SET), 0);
	checks_call(who, "pread", pread(fd, &byte, 1, 0), ESPIPE);
	checks_call(who, "THAW", ask_control(fd, FLIGHTREC_IOC_THAW), 0);
	checks_call(who, "STOP", ask_control(fd, FLIGHTREC_IOC_STOP), 0);
}

/* Of a recorder that records; the others see that nothing changes. */
static void can_mark(const char *who, int fd)
{
	pid_t tid = truth_tid();
	char byte;

	checks_call(who, "INFO", ask_info(fd), 0);
	checks_call(who, "MARK", ask_mark(fd), 0);
	checks_call(who, "write", write(fd, "a mark", 6), 0);
	checks_call(who, "STATS", ask_stats(fd), EBADF);
	checks_call(who, "CONFIGURE", ask_configure(fd), EBADF);
	checks_call(who, "TARGET_ADD",
		    ask_target(fd, FLIGHTREC_IOC_TARGET_ADD,
			       FLIGHTREC_TARGET_TID, tid),
		    EBADF);
	checks_call(who, "TARGET_REMOVE",
		    ask_target(fd, FLIGHTREC_IOC_TARGET_REMOVE,
			       FLIGHTREC_TARGET_TID, tid),
		    EBADF);
	checks_call(who, "START", ask_control(fd, FLIGHTREC_IOC_START), EBADF);
	checks_call(who, "FREEZE", ask_control(fd, FLIGHTREC_IOC_FREEZE),
		    EBADF);
	checks_call(who, "THAW", ask_control(fd, FLIGHTREC_IOC_THAW), EBADF);
	checks_call(who, "STOP", ask_control(fd, FLIGHTREC_IOC_STOP), EBADF);
	checks_call(who, "read", read(fd, &byte, 1), EBADF);
	checks_call(who, "pread", pread(fd, &byte, 1, 0), ESPIPE);
	checks_call(who, "lseek", lseek(fd, 0, SEEK_SET), ESPIPE);
	checks_verdict(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) ==
			       MAP_FAILED,
		       "%s: no mmap", who);
}

/* Root's descriptor: the recorder records, or is idle. */
static int controller;

static void must_control(unsigned int number)
{
	if (ask_control(controller, number))
		truth_fail("ioctl %#x", number);
}

static uint32_t state(void)
{
	struct flightrec_stats stats = { .size = sizeof(stats) };

	TRUTH_MUST(!ioctl(controller, FLIGHTREC_IOC_STATS, &stats));
	return stats.state;
}

static void recording(void (*function)(void *argument), void *argument)
{
	must_control(FLIGHTREC_IOC_START);
	checks_in_child(function, argument);
	checks_verdict(state() == FLIGHTREC_RECORDING, "and recording goes on");
	must_control(FLIGHTREC_IOC_STOP);
}

/* ---- who can open it, and how ------------------------------------------- */

static const mode_t modes[] = { 0600, 0622, 0660, 0666 };

/* The node's mode first, as of any file; then the capability, for reading. */
static int expected(const struct user *user, mode_t mode, int flags)
{
	mode_t wanted = (flags != O_WRONLY ? 4 : 0) |
			(flags != O_RDONLY ? 2 : 0);
	mode_t granted = mode & 7;

	if (!user->uid)
		granted = mode >> 6 & 7;
	else if (user->gid == GROUP)
		granted = mode >> 3 & 7;
	if (wanted & ~granted && !(user->caps & CAP(DAC_OVERRIDE)))
		return EACCES;
	return flags == O_WRONLY || user->caps & BOTH ? 0 : EPERM;
}

/**
 * struct opening - a case
 * @user: who
 * @mode: of the node
 * @flags: of open()
 */
struct opening {
	const struct user *user;
	mode_t mode;
	int flags;
};

static const char *const ways[] = { "to read", "to write", "for both" };

static void open_it(void *argument)
{
	const struct opening *opening = argument;
	char what[64];
	int fd;

	become(opening->user);
	snprintf(what, sizeof(what), "%04o, open %s", opening->mode,
		 ways[opening->flags]);
	fd = open(FLIGHTREC_NODE, opening->flags);
	checks_call(opening->user->who, what, fd,
		    expected(opening->user, opening->mode, opening->flags));
	if (fd >= 0)
		close(fd);
}

static void all_users(void)
{
	unsigned int user, mode;
	int flags;

	TRUTH_MUST(!chown(FLIGHTREC_NODE, 0, GROUP));
	for (user = 0; user < ARRAY_SIZE(users); user++)
		for (mode = 0; mode < ARRAY_SIZE(modes); mode++)
			for (flags = O_RDONLY; flags <= O_RDWR; flags++) {
				struct opening opening = {
					&users[user],
					modes[mode],
					flags,
				};

				TRUTH_MUST(!chmod(FLIGHTREC_NODE, modes[mode]));
				checks_in_child(open_it, &opening);
			}
	TRUTH_MUST(!chown(FLIGHTREC_NODE, 0, 0));
}

/* ---- what they can do then ---------------------------------------------- */

static void control_as(void *argument)
{
	const struct user *user = argument;
	int fd;

	become(user);
	fd = open(FLIGHTREC_NODE, O_RDWR);
	TRUTH_MUST(fd >= 0);
	can_all(user->who, fd);
}

static void mark_as(void *argument)
{
	const struct user *user = argument;
	int fd;

	become(user);
	fd = open(FLIGHTREC_NODE, O_WRONLY);
	TRUTH_MUST(fd >= 0);
	can_mark(user->who, fd);
}

static void what_users_can(void)
{
	unsigned int i;

	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0666));
	for (i = 0; i < ARRAY_SIZE(users); i++) {
		struct user user = users[i];

		if (user.caps & BOTH)
			checks_in_child(control_as, &user);
		/* Write-only is write-only, whoever opened it. */
		recording(mark_as, &user);
	}
}

/* ---- user namespaces ---------------------------------------------------- */

static void in_user_namespace(void *argument)
{
	const struct user *user = argument;
	char who[96];
	int fd;

	snprintf(who, sizeof(who), "%s, root of a user namespace", user->who);
	become(user);
	enter_user_namespace(user->caps);
	checks_call(who, "0666, open to read", open(FLIGHTREC_NODE, O_RDONLY),
		    EPERM);
	checks_call(who, "0666, open for both", open(FLIGHTREC_NODE, O_RDWR),
		    EPERM);
	fd = open(FLIGHTREC_NODE, O_WRONLY);
	checks_call(who, "0666, open to write", fd, 0);
	can_mark(who, fd);
}

/* Who had it before keeps it: it was granted at open(). */
static void into_user_namespace(void *argument)
{
	int fd = open(FLIGHTREC_NODE, O_RDWR);

	(void)argument;
	TRUTH_MUST(fd >= 0);
	become_user();
	enter_user_namespace(0);
	can_all("opened before, inside a user namespace", fd);
}

static void user_namespaces(void)
{
	unsigned int i;

	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0666));
	for (i = 0; i < ARRAY_SIZE(users); i++) {
		struct user user = users[i];

		recording(in_user_namespace, &user);
	}
	checks_in_child(into_user_namespace, NULL);
}

/* ---- descriptors that others opened ------------------------------------- */

static void send_descriptor(int to, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec vector = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	TRUTH_MUST(sendmsg(to, &message, 0) == 1);
}

static int receive_descriptor(int from)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	TRUTH_MUST(recvmsg(from, &message, 0) == 1 && CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* What a descriptor is good for is no way to get a better one. */
static void open_again(const char *who, int fd, int error)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	checks_call(who, "open it again to read", open(path, O_RDONLY), error);
	checks_call(who, "open it again for both", open(path, O_RDWR), error);
}

static void be_given(void *argument)
{
	const int *sockets = argument;
	int fd;

	become_user();
	fd = receive_descriptor(sockets[0]);
	can_all("a user who was given it, opened for both", fd);
	open_again("a user who was given it, 0600", fd, EACCES);
}

static void be_given_to_write(void *argument)
{
	const int *sockets = argument;
	int fd;

	become_user();
	fd = receive_descriptor(sockets[0]);
	can_mark("a user who was given it, opened to write", fd);
	open_again("a user who was given it to write, 0666", fd, EPERM);
}

static void drop_after_open(void *argument)
{
	int fd = open(FLIGHTREC_NODE, O_RDWR);

	(void)argument;
	TRUTH_MUST(fd >= 0);
	become_user();
	can_all("opened before all capabilities were dropped", fd);
	checks_call("after that", "open it anew", open(FLIGHTREC_NODE, O_RDWR),
		    EACCES);
}

static void given_descriptors(void)
{
	int sockets[2], fd;

	TRUTH_MUST(!socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0600));
	checks_in_child(drop_after_open, NULL);
	fd = open(FLIGHTREC_NODE, O_RDWR);
	TRUTH_MUST(fd >= 0);
	send_descriptor(sockets[1], fd);
	close(fd);
	checks_in_child(be_given, sockets);
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0666));
	fd = open(FLIGHTREC_NODE, O_WRONLY);
	TRUTH_MUST(fd >= 0);
	send_descriptor(sockets[1], fd);
	close(fd);
	recording(be_given_to_write, sockets);
	TRUTH_MUST(!chmod(FLIGHTREC_NODE, 0600));
}

/* ---- pid namespaces ----------------------------------------------------- */

/**
 * struct inside - what those inside a pid namespace and we say to each other
 * @ready: who is inside is there, and what it added is recorded
 * @done: it may end
 * @thread: tid, inside, of the second process's thread
 * @window: what was read inside, and @length of it
 */
struct inside {
	int ready;
	int done;
	pid_t thread;
	uint64_t length;
	uint8_t window[4 << 20];
};

static struct inside *inside;

static void wait_for(const int *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		usleep(1000);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to */
static void set(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

static uint64_t read_window(int fd, uint8_t *to, uint64_t room)
{
	uint64_t length = 0;
	ssize_t got;

	do {
		got = read(fd, to + length, room - length);
		TRUTH_MUST(got >= 0);
		length += (uint64_t)got;
	} while (got && length < room);
	TRUTH_MUST(length < room);
	return length;
}

static void *second_thread(void *unused)
{
	truth_rename("inside-thread");
	__atomic_store_n(&inside->thread, truth_tid(), __ATOMIC_RELEASE);
	wait_for(&inside->done);
	return unused;
}

static void be_second_inside(void)
{
	pthread_t thread;

	truth_rename("inside-second");
	TRUTH_MUST(!pthread_create(&thread, NULL, second_thread, NULL));
	wait_for(&inside->done);
	pthread_join(thread, NULL);
	_exit(0);
}

/* Tid 1 inside; with a descriptor that was opened outside. */
static void be_first_inside(pid_t outside)
{
	const char *who = "inside a pid namespace";
	pid_t second = fork();

	TRUTH_MUST(second >= 0);
	if (!second)
		be_second_inside();
	truth_rename("inside-first");
	wait_for(&inside->thread);
	checks_verdict(getpid() == 1 && second == 2, "%s: tids are its own",
		       who);
	checks_call(who, "a process by its number there",
		    ask_target(controller, FLIGHTREC_IOC_TARGET_ADD,
			       FLIGHTREC_TARGET_TGID, second),
		    0);
	checks_call(who, "a thread by its number there",
		    ask_target(controller, FLIGHTREC_IOC_TARGET_ADD,
			       FLIGHTREC_TARGET_TID, inside->thread),
		    0);
	checks_call(who, "somebody outside by the number outside",
		    ask_target(controller, FLIGHTREC_IOC_TARGET_ADD,
			       FLIGHTREC_TARGET_TID, outside),
		    ESRCH);
	checks_call(who, "START", ask_control(controller, FLIGHTREC_IOC_START),
		    0);
	syscall(SYS_getppid);
	checks_call(who, "MARK", ask_mark(controller), 0);
	usleep(20000);
	checks_call(who, "FREEZE",
		    ask_control(controller, FLIGHTREC_IOC_FREEZE), 0);
	inside->length =
		read_window(controller, inside->window, sizeof(inside->window));
	set(&inside->ready);
	wait_for(&inside->done);
	truth_wait(second);
	_exit(checks_failed ? 1 : 0);
}

/* Processes of the namespace, by their names; their numbers outside. */
static pid_t number_outside(const char *name)
{
	const struct flightrec_window *head = (const void *)inside->window;
	const struct flightrec_window_task *task =
		(const void *)(inside->window + head->tasks.offset);
	uint64_t i;

	for (i = 0; i < head->tasks.count; i++, task++)
		if (!strcmp((const char *)task->comm, name))
			return (pid_t)task->tid;
	return 0;
}

/* @pid is, by the proc file system outside, what is @ns_pid inside. */
static bool is_inside(pid_t pid, pid_t ns_pid)
{
	char path[64], text[128];
	int outer = 0, inner = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(text, sizeof(text), file))
		if (sscanf(text, "NSpid: %d %d", &outer, &inner) == 2)
			break;
	fclose(file);
	return outer == pid && inner == ns_pid;
}

static uint32_t ns_tid_in_window(pid_t tid)
{
	const struct flightrec_window *head = (const void *)inside->window;
	const struct flightrec_window_task *task =
		(const void *)(inside->window + head->tasks.offset);
	uint64_t i;

	for (i = 0; i < head->tasks.count; i++, task++)
		if (task->tid == (uint32_t)tid)
			return task->ns_tid;
	return 0;
}

static void check_numbers(void)
{
	const struct flightrec_window *head = (const void *)inside->window;
	const struct flightrec_window_target *target =
		(const void *)(inside->window + head->targets.offset);
	pid_t second = number_outside("inside-second");
	pid_t thread = number_outside("inside-thread");

	checks_verdict(
		is_inside(second, 2),
		"a process of a pid namespace has its number outside in the window");
	checks_verdict(is_inside(thread, inside->thread), "so has a thread");
	checks_verdict(is_inside(number_outside("inside-first"), 1),
		       "so has who made a mark there");
	checks_verdict(head->targets.count == 2 &&
			       target[0].id == (uint64_t)second &&
			       target[1].id == (uint64_t)thread,
		       "so have the targets that were asked for");
	checks_verdict(ns_tid_in_window(second) == 2 &&
			       ns_tid_in_window(thread) ==
				       (uint32_t)inside->thread,
		       "the number inside is with the name");
}

static void be_outside(void *argument)
{
	pid_t outside = getpid();
	uint8_t *window = malloc(sizeof(inside->window));
	uint64_t length;
	pid_t first;
	int fd;

	(void)argument;
	TRUTH_MUST(window && !unshare(CLONE_NEWPID));
	fflush(stdout);
	first = fork();
	TRUTH_MUST(first >= 0);
	if (!first)
		be_first_inside(outside);
	wait_for(&inside->ready);
	fd = open(FLIGHTREC_NODE, O_RDONLY);
	TRUTH_MUST(fd >= 0);
	length = read_window(fd, window, sizeof(inside->window));
	checks_verdict(length == inside->length &&
			       !memcmp(window, inside->window, length),
		       "the window is the same, read inside and outside");
	check_numbers();
	set(&inside->done);
	checks_failed += !!truth_wait(first);
	must_control(FLIGHTREC_IOC_STOP);
}

static void pid_namespaces(void)
{
	struct flightrec_config config = {
		.size = sizeof(config),
		.args = 1,
		.ring_bytes = 1 << 20,
	};

	inside = truth_shared(sizeof(*inside));
	TRUTH_MUST(!ioctl(controller, FLIGHTREC_IOC_CONFIGURE, &config));
	checks_in_child(be_outside, NULL);
	TRUTH_MUST(!ask_configure(controller));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	controller = open(FLIGHTREC_NODE, O_RDWR);
	TRUTH_MUST(controller >= 0 && state() == FLIGHTREC_IDLE);
	all_users();
	what_users_can();
	user_namespaces();
	given_descriptors();
	pid_namespaces();
	TRUTH_MUST(state() == FLIGHTREC_IDLE && !chmod(FLIGHTREC_NODE, 0600));
	return checks_failed ? 1 : 0;
}
