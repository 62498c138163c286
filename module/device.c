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

/* How much a read() copies at a time: at least a block. */
#define READ_BYTES FR_BLOCK_BYTES_MAX

static struct fr_recorder *the_recorder;

static struct fr_recorder *recorder_by_id(u32 id)
{
	return id ? NULL : the_recorder;
}

/**
 * struct reader - what an open descriptor remembers
 * @lock: of threads that read from it at the same time
 * @view: which window it is of
 * @buffer: READ_BYTES of memory, or NULL: nothing was read so far
 * @at: of which part of the window there is a copy in it
 * @bytes: its size
 * @fired: the last firing that it was told of. Nothing excludes two threads that ask;
 *	each gets a whole number
 */
struct reader {
	struct mutex lock; /* see above */
	struct fr_view view;
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
	return nonseekable_open(inode, file);
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

/*
 * Let the buffer have a copy of the window from @offset on, if it has none. Return:
 * how much of it there is; 0 at the end of the window, or an error.
 */
static ssize_t reader_fill(struct reader *reader, u64 offset)
{
	u64 at = offset;
	ssize_t result;

	if (!reader->buffer)
		reader->buffer = kvmalloc(READ_BYTES, GFP_KERNEL_ACCOUNT);
	if (!reader->buffer)
		return -ENOMEM;
	/* At the beginning the window may be another one by now. */
	if (offset && offset >= reader->at &&
	    offset - reader->at < reader->bytes) {
		result = fr_recorder_look(the_recorder, &reader->view, offset);
		return result ?: reader->at + reader->bytes - offset;
	}
	reader->bytes = 0;
	result = fr_recorder_read(the_recorder, &reader->view, &at,
				  reader->buffer, READ_BYTES);
	if (result <= 0)
		return result;
	reader->at = at;
	reader->bytes = result;
	return at + result - offset;
}

/* Copy what one buffer has. Return: as read(). */
static ssize_t read_some(struct reader *reader, char __user *to, size_t bytes,
			 u64 offset)
{
	ssize_t there = reader_fill(reader, offset);

	if (there <= 0)
		return there;
	bytes = min_t(size_t, bytes, there);
	if (copy_to_user(to, reader->buffer + (offset - reader->at), bytes))
		return -EFAULT;
	return bytes;
}

/*
 * By way of a buffer of our own: a page fault in the user's memory can take as
 * long as its owner likes, and must not hold up a thaw; and of a block that is
 * written anew while it is copied nothing may reach the user.
 */
static ssize_t device_read(struct file *file, char __user *to, size_t bytes,
			   loff_t *position)
{
	struct reader *reader = file->private_data;
	ssize_t done = 0;
	ssize_t result;

	result = mutex_lock_killable(&reader->lock);
	if (result)
		return result;
	do {
		result = read_some(reader, to + done, bytes - done, *position);
		if (result <= 0)
			break;
		*position += result;
		done += result;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	} while ((size_t)done < bytes);
	mutex_unlock(&reader->lock);
	return done ?: result;
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

static int struct_to_user(void __user *to, const void *from, size_t known,
			  u32 size)
{
	return copy_to_user(to, from, min_t(size_t, known, size)) ? -EFAULT : 0;
}

/*
 * A call that fails has changed nothing. So whether the answer can be written is
 * seen before anything changes, by writing what stands there already. Whoever
 * takes the memory away after that gets no answer: what he asked for is done.
 */
static int answer_prepare(void __user *to, const void *argument, size_t known)
{
	const struct common *common = argument;

	return struct_to_user(to, argument, known, common->size);
}

static void answer_give(void __user *to, const void *argument, size_t known)
{
	const struct common *common = argument;

	struct_to_user(to, argument, known, common->size);
}

static int ioctl_info(struct fr_recorder *recorder, void *argument,
		      void __user *user)
{
	struct flightrec_info *info = argument;

	fr_recorder_info(recorder, info);
	return struct_to_user(user, info, sizeof(*info), info->size);
}

static int ioctl_configure(struct fr_recorder *recorder, void *argument,
			   void __user *user)
{
	struct flightrec_config *config = argument;
	int error;

	error = answer_prepare(user, config, sizeof(*config));
	if (!error)
		error = fr_recorder_configure(recorder, config);
	if (!error)
		answer_give(user, config, sizeof(*config));
	return error;
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

static bool target_is_valid(const struct flightrec_target *target)
{
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

static int ioctl_target_add(struct fr_recorder *recorder, void *argument,
			    void __user *user)
{
	struct flightrec_target *target = argument;
	int error;

	if (!target_is_valid(target))
		return -EINVAL;
	error = answer_prepare(user, target, sizeof(*target));
	if (!error)
		error = fr_recorder_target_add(recorder, target);
	if (!error)
		answer_give(user, target, sizeof(*target));
	return error;
}

static int ioctl_target_remove(struct fr_recorder *recorder, void *argument,
			       void __user *user)
{
	struct flightrec_target *target = argument;
	int error;

	if (!target_is_valid(target) || target->flags)
		return -EINVAL;
	error = answer_prepare(user, target, sizeof(*target));
	if (!error)
		error = fr_recorder_target_remove(recorder, target);
	if (!error)
		answer_give(user, target, sizeof(*target));
	return error;
}

static bool control_is_valid(const struct flightrec_control *control)
{
	return !control->flags && !control->reserved;
}

static int ioctl_start(struct fr_recorder *recorder, void *argument,
		       void __user *user)
{
	return control_is_valid(argument) ? fr_recorder_start(recorder) :
					    -EINVAL;
}

static int ioctl_stop(struct fr_recorder *recorder, void *argument,
		      void __user *user)
{
	return control_is_valid(argument) ? fr_recorder_stop(recorder) :
					    -EINVAL;
}

static int ioctl_freeze(struct fr_recorder *recorder, void *argument,
			void __user *user)
{
	return control_is_valid(argument) ? fr_recorder_freeze(recorder) :
					    -EINVAL;
}

static int ioctl_thaw(struct fr_recorder *recorder, void *argument,
		      void __user *user)
{
	return control_is_valid(argument) ? fr_recorder_thaw(recorder) :
					    -EINVAL;
}

static int stats_to_user(struct flightrec_stats *stats, u64 cpus_pointer,
			 const struct flightrec_stats_cpu *cpus, u32 room,
			 void __user *user)
{
	u32 count = min(room, stats->cpus_count);

	if (count && copy_to_user(u64_to_user_ptr(cpus_pointer), cpus,
				  count * sizeof(*cpus)))
		return -EFAULT;
	return struct_to_user(user, stats, sizeof(*stats), stats->size);
}

static int ioctl_stats(struct fr_recorder *recorder, void *argument,
		       void __user *user)
{
	struct flightrec_stats *in = argument;
	struct flightrec_stats stats = {
		.size = in->size,
		.recorder = in->recorder,
		.cpus = in->cpus,
	};
	u32 room = min(in->cpus_count, num_possible_cpus());
	struct flightrec_stats_cpu *cpus = NULL;
	int error;

	if (!!in->cpus != !!in->cpus_count)
		return -EINVAL;
	if (room) {
		cpus = kvcalloc(room, sizeof(*cpus), GFP_KERNEL);
		if (!cpus)
			return -ENOMEM;
	}
	stats.cpus_count = room;
	error = fr_recorder_stats(recorder, &stats, cpus);
	if (!error)
		error = stats_to_user(&stats, in->cpus, cpus, room, user);
	kvfree(cpus);
	return error;
}

static int ioctl_mark(struct fr_recorder *recorder, void *argument,
		      void __user *user)
{
	struct flightrec_mark *mark = argument;
	ssize_t result;

	if (mark->reserved || !mark->length)
		return -EINVAL;
	if (mark->length > FLIGHTREC_MARK_MAX)
		return -EMSGSIZE;
	result = mark_from_user(recorder, u64_to_user_ptr(mark->text),
				mark->length);
	return min_t(ssize_t, result, 0);
}

static int ioctl_trigger_add(struct fr_recorder *recorder, void *argument,
			     void __user *user)
{
	struct flightrec_trigger *trigger = argument;
	int error;

	if (!fr_trigger_is_valid(trigger))
		return -EINVAL;
	error = answer_prepare(user, trigger, sizeof(*trigger));
	if (!error)
		error = fr_recorder_trigger_add(recorder, trigger);
	if (!error)
		answer_give(user, trigger, sizeof(*trigger));
	return error;
}

/* Nothing but the id may be given. */
static bool trigger_is_named(const struct flightrec_trigger *trigger)
{
	return !memchr_inv(&trigger->condition, 0,
			   sizeof(*trigger) - offsetof(struct flightrec_trigger,
						       condition));
}

static int ioctl_trigger_remove(struct fr_recorder *recorder, void *argument,
				void __user *user)
{
	return trigger_is_named(argument) ?
		       fr_recorder_trigger_remove(recorder, argument) :
		       -EINVAL;
}

static int ioctl_trigger_get(struct fr_recorder *recorder, void *argument,
			     void __user *user)
{
	struct flightrec_trigger *trigger = argument;
	u32 size = trigger->size;
	int error;

	if (!trigger_is_named(trigger))
		return -EINVAL;
	error = fr_recorder_trigger_get(recorder, trigger);
	if (error)
		return error;
	trigger->size = size;
	trigger->recorder = 0;
	return struct_to_user(user, trigger, sizeof(*trigger), size);
}

static int ioctl_fired(struct fr_recorder *recorder, void *argument,
		       void __user *user)
{
	struct flightrec_fired *fired = argument;
	int error;

	if (fired->flags || fired->missed ||
	    memchr_inv(&fired->firing.trigger, 0,
		       sizeof(fired->firing) -
			       offsetof(struct flightrec_firing, trigger)))
		return -EINVAL;
	error = fr_recorder_next_firing(recorder, fired);
	if (error)
		return error;
	return struct_to_user(user, fired, sizeof(*fired), fired->size);
}

/**
 * struct command - an ioctl
 * @number: FLIGHTREC_IOC_*
 * @bytes: size of its struct as we know it
 * @first_bytes: as the first version had it
 * @for_writers: allowed on a descriptor that is open for writing only
 * @function: gets a kernel copy of the struct, checked for size alone
 */
struct command {
	unsigned int number;
	size_t bytes;
	size_t first_bytes;
	bool for_writers;
	int (*function)(struct fr_recorder *recorder, void *argument,
			void __user *user);
};

#define FIRST_BYTES(type, last) offsetofend(struct type, last)

static const struct command commands[] = {
	{ FLIGHTREC_IOC_INFO, sizeof(struct flightrec_info),
	  FIRST_BYTES(flightrec_info, version), true, ioctl_info },
	{ FLIGHTREC_IOC_CONFIGURE, sizeof(struct flightrec_config),
	  FIRST_BYTES(flightrec_config, identities), false, ioctl_configure },
	{ FLIGHTREC_IOC_TARGET_ADD, sizeof(struct flightrec_target),
	  FIRST_BYTES(flightrec_target, reserved), false, ioctl_target_add },
	{ FLIGHTREC_IOC_TARGET_REMOVE, sizeof(struct flightrec_target),
	  FIRST_BYTES(flightrec_target, reserved), false, ioctl_target_remove },
	{ FLIGHTREC_IOC_START, sizeof(struct flightrec_control),
	  FIRST_BYTES(flightrec_control, reserved), false, ioctl_start },
	{ FLIGHTREC_IOC_STOP, sizeof(struct flightrec_control),
	  FIRST_BYTES(flightrec_control, reserved), false, ioctl_stop },
	{ FLIGHTREC_IOC_FREEZE, sizeof(struct flightrec_control),
	  FIRST_BYTES(flightrec_control, reserved), false, ioctl_freeze },
	{ FLIGHTREC_IOC_THAW, sizeof(struct flightrec_control),
	  FIRST_BYTES(flightrec_control, reserved), false, ioctl_thaw },
	{ FLIGHTREC_IOC_STATS, sizeof(struct flightrec_stats),
	  FIRST_BYTES(flightrec_stats, config.identities), false, ioctl_stats },
	{ FLIGHTREC_IOC_MARK, sizeof(struct flightrec_mark),
	  FIRST_BYTES(flightrec_mark, reserved), true, ioctl_mark },
	{ FLIGHTREC_IOC_TRIGGER_ADD, sizeof(struct flightrec_trigger),
	  FIRST_BYTES(flightrec_trigger, held_back), false, ioctl_trigger_add },
	{ FLIGHTREC_IOC_TRIGGER_REMOVE, sizeof(struct flightrec_trigger),
	  FIRST_BYTES(flightrec_trigger, held_back), false,
	  ioctl_trigger_remove },
	{ FLIGHTREC_IOC_TRIGGER_GET, sizeof(struct flightrec_trigger),
	  FIRST_BYTES(flightrec_trigger, held_back), false, ioctl_trigger_get },
	{ FLIGHTREC_IOC_FIRED, sizeof(struct flightrec_fired),
	  FIRST_BYTES(flightrec_fired, firing), false, ioctl_fired },
};

static const struct command *command_by_number(unsigned int number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].number == number)
			return &commands[i];
	return NULL;
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
	error = command->function(recorder, &argument, (void __user *)user);
	/* For poll(): the descriptor has been told of this one. */
	if (!error && number == FLIGHTREC_IOC_FIRED)
		WRITE_ONCE(reader->fired, argument.fired.firing.sequence);
	return error;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
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
