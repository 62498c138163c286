// SPDX-License-Identifier: GPL-2.0
/*
 * The character device: checks what a user asks, and passes it on. Believes no
 * user: every struct is copied once, sizes and reserved fields are checked
 * before anything changes. What an errno means is in the contract.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>

#include "device.h"
#include "recorder.h"

/* How much a read() copies at a time, under the recorder's lock: at least a block. */
#define READ_BYTES FR_BLOCK_BYTES_MAX

static struct fr_recorder *the_recorder;

static struct fr_recorder *recorder_by_id(u32 id)
{
	return id ? NULL : the_recorder;
}

/**
 * struct reader - what an open descriptor remembers
 * @lock: of threads that read from it at the same time: each gets what comes next
 * @view: which window it is of
 * @position: where in the window the next read() begins. Not the file's: that is read
 *	before the lock is taken, and written after it
 * @buffer: READ_BYTES of memory, or NULL: nothing was read so far
 * @at: of which part of the window there is a copy in it
 * @bytes: its size
 * @fired: the last firing that it was told of. Nothing excludes two threads that ask;
 *	each gets a whole number
 */
struct reader {
	struct mutex lock; /* see above */
	struct fr_view view;
	u64 position;
	void *buffer;
	u64 at;
	size_t bytes;
	u64 fired;
};

static int device_open(struct inode *inode, struct file *file)
{
	struct reader *reader;

	if (file->f_mode & FMODE_READ && !perfmon_capable())
		return -EPERM;
	reader = kzalloc(sizeof(*reader), GFP_KERNEL);
	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	/* What has happened before is not news. */
	reader->fired = READ_ONCE(the_recorder->triggers.sequence);
	file->private_data = reader;
	stream_open(inode, file);
	if (file->f_mode & FMODE_READ)
		file->f_mode |= FMODE_LSEEK; /* see device_llseek() */
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct reader *reader = file->private_data;

	fr_window_drop(&reader->view.live);
	kvfree(reader->buffer);
	mutex_destroy(&reader->lock);
	kfree(reader);
	return 0;
}

/* At the beginning the window may be another one by now. */
static bool buffer_has_next(const struct reader *reader)
{
	return reader->position && reader->position >= reader->at &&
	       reader->position - reader->at < reader->bytes;
}

/*
 * Let the buffer have a copy of what comes next, if it has none. Return: how much of
 * it there is; 0 at the end of the window, or an error.
 */
static ssize_t buffer_fill(struct reader *reader)
{
	u64 at = reader->position;
	ssize_t result;

	if (!reader->buffer)
		reader->buffer = kvmalloc(READ_BYTES, GFP_KERNEL_ACCOUNT);
	if (!reader->buffer)
		return -ENOMEM;
	if (buffer_has_next(reader)) {
		result = fr_recorder_read(the_recorder, &reader->view, &at,
					  NULL, 0);
		return result ?: reader->at + reader->bytes - reader->position;
	}
	reader->bytes = 0;
	result = fr_recorder_read(the_recorder, &reader->view, &at,
				  reader->buffer, READ_BYTES);
	if (result <= 0)
		return result;
	reader->at = at;
	reader->bytes = result;
	return at + result - reader->position;
}

/*
 * Copy what comes next by way of a buffer of our own: a page fault in the user's
 * memory can take as long as its owner likes, and must not hold up a thaw; and of a
 * block that is written anew while it is copied nothing may reach the user.
 */
static ssize_t read_by_buffer(struct reader *reader, char __user *to,
			      size_t bytes)
{
	ssize_t there = buffer_fill(reader);

	if (there <= 0)
		return there;
	bytes = min_t(size_t, bytes, there);
	if (copy_to_user(to, reader->buffer + (reader->position - reader->at),
			 bytes))
		return -EFAULT;
	return bytes;
}

/*
 * The same, straight from where it stands if that will do: it is not written anew, and
 * there is no page fault.
 */
static ssize_t read_some(struct reader *reader, char __user *to, size_t bytes)
{
	ssize_t result = 0;

	if (!buffer_has_next(reader)) {
		/* What it has may be of another window, and never comes next. */
		reader->bytes = 0;
		result = fr_recorder_read_to_user(
			the_recorder, &reader->view, reader->position, to,
			min_t(size_t, bytes, READ_BYTES));
	}
	return result ?: read_by_buffer(reader, to, bytes);
}

static ssize_t device_read(struct file *file, char __user *to, size_t bytes,
			   loff_t *unused)
{
	struct reader *reader = file->private_data;
	ssize_t done = 0;
	ssize_t result;

	result = mutex_lock_killable(&reader->lock);
	if (result)
		return result;
	do {
		result = read_some(reader, to + done, bytes - done);
		if (result <= 0)
			break;
		reader->position += result;
		done += result;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	} while ((size_t)done < bytes);
	mutex_unlock(&reader->lock);
	return done ?: result;
}

/*
 * Back to the beginning, which is that of another window. Nowhere else: of a live
 * window a block that is asked for twice may be another one by then.
 */
static loff_t device_llseek(struct file *file, loff_t offset, int whence)
{
	struct reader *reader = file->private_data;
	int error;

	if (offset || whence != SEEK_SET)
		return -ESPIPE;
	error = mutex_lock_killable(&reader->lock);
	if (error)
		return error;
	fr_window_drop(&reader->view.live);
	reader->position = 0;
	mutex_unlock(&reader->lock);
	return 0;
}

static ssize_t mark_from_user(struct fr_recorder *recorder,
			      const char __user *from, size_t length)
{
	char text[FLIGHTREC_MARK_MAX];
	int error;

	if (copy_from_user(text, from, length))
		return -EFAULT;
	error = fr_recorder_mark(recorder, text, length);
	return error ?: length;
}

/* One mark; the newline that echo puts at its end is not part of it. */
static ssize_t device_write(struct file *file, const char __user *from,
			    size_t bytes, loff_t *position)
{
	size_t length = bytes;
	ssize_t result;
	char last;

	if (!bytes)
		return -EINVAL;
	if (get_user(last, from + bytes - 1))
		return -EFAULT;
	if (last == '\n')
		length--;
	if (!length)
		return -EINVAL;
	if (length > FLIGHTREC_MARK_MAX)
		return -EMSGSIZE;
	result = mark_from_user(the_recorder, from, length);
	return result < 0 ? result : bytes;
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	const struct reader *reader = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &the_recorder->wait, table);
	if (READ_ONCE(the_recorder->state) == FLIGHTREC_FROZEN)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(the_recorder->triggers.sequence) >
	    READ_ONCE(reader->fired))
		mask |= EPOLLPRI;
	return mask;
}

/* ---- ioctls ------------------------------------------------------------- */

/* Every struct begins so. */
struct common {
	u32 size;
	u32 recorder;
};

/* Room for any command's struct. */
union argument {
	struct common common;
	struct flightrec_info info;
	struct flightrec_config config;
	struct flightrec_target target;
	struct flightrec_control control;
	struct flightrec_stats stats;
	struct flightrec_mark mark;
	struct flightrec_trigger trigger;
	struct flightrec_fired fired;
};

/*
 * Copies a struct of the size that the user says, of which we know @known bytes
 * and the first version had @first.
 */
static int struct_from_user(union argument *to, size_t known, size_t first,
			    const void __user *from)
{
	u32 size;
	int error;

	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size < first)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	error = copy_struct_from_user(to, known, from, size);
	/* The user may have changed it between the two looks. */
	to->common.size = size;
	return error;
}

static int ioctl_info(struct fr_recorder *recorder, void *argument)
{
	fr_recorder_info(recorder, argument);
	return 0;
}

static int ioctl_configure(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_configure(recorder, argument);
}

static bool comm_is_valid(const struct flightrec_target *target)
{
	size_t length = strnlen(target->comm, FLIGHTREC_COMM_BYTES);

	if (target->kind != FLIGHTREC_TARGET_COMM)
		return !memchr_inv(target->comm, 0, FLIGHTREC_COMM_BYTES);
	return length && length < FLIGHTREC_COMM_BYTES &&
	       !memchr_inv(target->comm + length, 0,
			   FLIGHTREC_COMM_BYTES - length);
}

static bool target_is_valid(const void *argument)
{
	const struct flightrec_target *target = argument;

	if (target->reserved || target->flags & ~FLIGHTREC_TARGET_FOLLOW)
		return false;
	if (!comm_is_valid(target))
		return false;
	switch (target->kind) {
	case FLIGHTREC_TARGET_TID:
	case FLIGHTREC_TARGET_TGID:
		return target->id && target->id <= INT_MAX;
	case FLIGHTREC_TARGET_COMM:
		return !target->id;
	default:
		return false;
	}
}

static int ioctl_target_add(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_target_add(recorder, argument);
}

static bool target_is_named(const void *argument)
{
	const struct flightrec_target *target = argument;

	return target_is_valid(target) && !target->flags;
}

static int ioctl_target_remove(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_target_remove(recorder, argument);
}

static bool control_is_valid(const void *argument)
{
	const struct flightrec_control *control = argument;

	return !control->flags && !control->reserved;
}

static int ioctl_start(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_start(recorder);
}

static int ioctl_stop(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_stop(recorder);
}

static int ioctl_freeze(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_freeze(recorder);
}

static int ioctl_thaw(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_thaw(recorder);
}

static bool stats_are_valid(const void *argument)
{
	const struct flightrec_stats *stats = argument;

	return !!stats->cpus == !!stats->cpus_count;
}

static int cpus_to_user(u64 pointer, const struct flightrec_stats_cpu *cpus,
			u32 count)
{
	if (count &&
	    copy_to_user(u64_to_user_ptr(pointer), cpus, count * sizeof(*cpus)))
		return -EFAULT;
	return 0;
}

static int ioctl_stats(struct fr_recorder *recorder, void *argument)
{
	struct flightrec_stats *in = argument;
	u32 room = min(in->cpus_count, num_possible_cpus());
	struct flightrec_stats stats = { .cpus = in->cpus, .cpus_count = room };
	struct flightrec_stats_cpu *cpus = NULL;
	int error;

	if (room) {
		cpus = kvcalloc(room, sizeof(*cpus), GFP_KERNEL);
		if (!cpus)
			return -ENOMEM;
	}
	error = fr_recorder_stats(recorder, &stats, cpus);
	if (!error)
		error = cpus_to_user(in->cpus, cpus,
				     min(room, stats.cpus_count));
	kvfree(cpus);
	/* No longer than the caller knows it: he may give it to CONFIGURE. */
	stats.config.size =
		min_t(size_t, sizeof(stats.config),
		      in->size - offsetof(struct flightrec_stats, config));
	*in = stats;
	return error;
}

static bool mark_is_valid(const void *argument)
{
	const struct flightrec_mark *mark = argument;

	return !mark->reserved && mark->length;
}

static int ioctl_mark(struct fr_recorder *recorder, void *argument)
{
	struct flightrec_mark *mark = argument;
	ssize_t result;

	if (mark->length > FLIGHTREC_MARK_MAX)
		return -EMSGSIZE;
	result = mark_from_user(recorder, u64_to_user_ptr(mark->text),
				mark->length);
	return min_t(ssize_t, result, 0);
}

static bool trigger_is_valid(const void *argument)
{
	return fr_trigger_is_valid(argument);
}

static int ioctl_trigger_add(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_trigger_add(recorder, argument);
}

/* Nothing but the id may be given. */
static bool trigger_is_named(const void *argument)
{
	const struct flightrec_trigger *trigger = argument;

	return !memchr_inv(&trigger->condition, 0,
			   sizeof(*trigger) - offsetof(struct flightrec_trigger,
						       condition));
}

static int ioctl_trigger_remove(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_trigger_remove(recorder, argument);
}

static int ioctl_trigger_get(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_trigger_get(recorder, argument);
}

static bool fired_is_valid(const void *argument)
{
	const struct flightrec_fired *fired = argument;

	return !fired->flags && !fired->missed &&
	       !memchr_inv(&fired->firing.trigger, 0,
			   sizeof(fired->firing) -
				   offsetof(struct flightrec_firing, trigger));
}

static int ioctl_fired(struct fr_recorder *recorder, void *argument)
{
	return fr_recorder_next_firing(recorder, argument);
}

/* What becomes of a command's struct when it is done. */
enum answer {
	ANSWER_NONE,
	ANSWER_ONLY,	  /* it is filled in; nothing else has changed */
	ANSWER_OF_CHANGE, /* it is filled in, and something was changed */
};

/**
 * struct command - an ioctl
 * @number: FLIGHTREC_IOC_*
 * @bytes: size of its struct as we know it
 * @first_bytes: as the first version had it
 * @for_writers: allowed on a descriptor that is open for writing only
 * @answer: what becomes of the struct
 * @is_valid: whether it can be asked for at all; NULL: anything can
 * @function: does it. Gets a kernel copy of the struct, and fills that in
 */
struct command {
	unsigned int number;
	size_t bytes;
	size_t first_bytes;
	bool for_writers;
	enum answer answer;
	bool (*is_valid)(const void *argument);
	int (*function)(struct fr_recorder *recorder, void *argument);
};

#define FIRST_BYTES(type, last) offsetofend(struct type, last)

#define COMMAND(name, type, last)                                     \
	.number = FLIGHTREC_IOC_##name, .bytes = sizeof(struct type), \
	.first_bytes = FIRST_BYTES(type, last)

static const struct command commands[] = {
	{ COMMAND(INFO, flightrec_info, version), .for_writers = true,
	  .answer = ANSWER_ONLY, .function = ioctl_info },
	{ COMMAND(CONFIGURE, flightrec_config, identities),
	  .answer = ANSWER_OF_CHANGE, .function = ioctl_configure },
	{ COMMAND(TARGET_ADD, flightrec_target, reserved),
	  .answer = ANSWER_OF_CHANGE, .is_valid = target_is_valid,
	  .function = ioctl_target_add },
	{ COMMAND(TARGET_REMOVE, flightrec_target, reserved),
	  .answer = ANSWER_OF_CHANGE, .is_valid = target_is_named,
	  .function = ioctl_target_remove },
	{ COMMAND(START, flightrec_control, reserved),
	  .is_valid = control_is_valid, .function = ioctl_start },
	{ COMMAND(STOP, flightrec_control, reserved),
	  .is_valid = control_is_valid, .function = ioctl_stop },
	{ COMMAND(FREEZE, flightrec_control, reserved),
	  .is_valid = control_is_valid, .function = ioctl_freeze },
	{ COMMAND(THAW, flightrec_control, reserved),
	  .is_valid = control_is_valid, .function = ioctl_thaw },
	{ COMMAND(STATS, flightrec_stats, config.identities),
	  .answer = ANSWER_ONLY, .is_valid = stats_are_valid,
	  .function = ioctl_stats },
	{ COMMAND(MARK, flightrec_mark, reserved), .for_writers = true,
	  .is_valid = mark_is_valid, .function = ioctl_mark },
	{ COMMAND(TRIGGER_ADD, flightrec_trigger, held_back),
	  .answer = ANSWER_OF_CHANGE, .is_valid = trigger_is_valid,
	  .function = ioctl_trigger_add },
	{ COMMAND(TRIGGER_REMOVE, flightrec_trigger, held_back),
	  .is_valid = trigger_is_named, .function = ioctl_trigger_remove },
	{ COMMAND(TRIGGER_GET, flightrec_trigger, held_back),
	  .answer = ANSWER_ONLY, .is_valid = trigger_is_named,
	  .function = ioctl_trigger_get },
	{ COMMAND(FIRED, flightrec_fired, firing), .answer = ANSWER_ONLY,
	  .is_valid = fired_is_valid, .function = ioctl_fired },
};

static const struct command *command_by_number(unsigned int number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].number == number)
			return &commands[i];
	return NULL;
}

static int struct_to_user(void __user *to, const union argument *from,
			  const struct command *command)
{
	size_t bytes = min_t(size_t, command->bytes, from->common.size);

	return copy_to_user(to, from, bytes) ? -EFAULT : 0;
}

/*
 * A call that fails has changed nothing. So whether its answer can be written is seen
 * before anything changes, by writing what stands there already. Whoever takes the
 * memory away after that gets no answer: what he asked for is done.
 */
static int command_do(const struct command *command,
		      struct fr_recorder *recorder, union argument *argument,
		      void __user *user)
{
	const struct common common = argument->common;
	int error = 0;

	if (command->is_valid && !command->is_valid(argument))
		return -EINVAL;
	if (command->answer == ANSWER_OF_CHANGE)
		error = struct_to_user(user, argument, command);
	if (!error)
		error = command->function(recorder, argument);
	if (error || command->answer == ANSWER_NONE)
		return error;
	argument->common = common;
	error = struct_to_user(user, argument, command);
	return command->answer == ANSWER_OF_CHANGE ? 0 : error;
}

static long device_ioctl(struct file *file, unsigned int number,
			 unsigned long user)
{
	const struct command *command = command_by_number(number);
	struct reader *reader = file->private_data;
	struct fr_recorder *recorder;
	union argument argument;
	int error;

	if (!command)
		return -ENOTTY;
	if (!(file->f_mode & FMODE_READ) && !command->for_writers)
		return -EBADF;
	memset(&argument, 0, sizeof(argument));
	error = struct_from_user(&argument, command->bytes,
				 command->first_bytes,
				 (const void __user *)user);
	if (error)
		return error;
	recorder = recorder_by_id(argument.common.recorder);
	if (!recorder)
		return -ENXIO;
	error = command_do(command, recorder, &argument, (void __user *)user);
	/* For poll(): the descriptor has been told of this one. */
	if (!error && number == FLIGHTREC_IOC_FIRED)
		WRITE_ONCE(reader->fired, argument.fired.firing.sequence);
	return error;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.llseek = device_llseek,
	.read = device_read,
	.write = device_write,
	.poll = device_poll,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "flightrec",
	.fops = &device_operations,
	.mode = 0600,
};

static int around_sleep(struct notifier_block *block, unsigned long event,
			void *unused)
{
	if (event == PM_SUSPEND_PREPARE || event == PM_HIBERNATION_PREPARE)
		fr_recorder_suspend(the_recorder);
	else if (event == PM_POST_SUSPEND || event == PM_POST_HIBERNATION)
		fr_recorder_wake(the_recorder);
	return NOTIFY_DONE;
}

static struct notifier_block sleep_notifier = {
	.notifier_call = around_sleep,
};

/**
 * fr_device_init() - create the recorder, then the node that leads to it
 *
 * Context: process. Return: 0 or an errno.
 */
int fr_device_init(void)
{
	int error;

	the_recorder = fr_recorder_create();
	if (!the_recorder)
		return -ENOMEM;
	error = register_pm_notifier(&sleep_notifier);
	if (error)
		goto destroy;
	error = misc_register(&device);
	if (error)
		goto unregister;
	return 0;
unregister:
	unregister_pm_notifier(&sleep_notifier);
destroy:
	fr_recorder_destroy(the_recorder);
	return error;
}

/*
 * The module's reference count says that nobody has the node open, and after
 * misc_deregister() nobody can open it: the recorder is ours alone.
 */
void fr_device_deinit(void)
{
	misc_deregister(&device);
	unregister_pm_notifier(&sleep_notifier);
	fr_recorder_destroy(the_recorder);
}
