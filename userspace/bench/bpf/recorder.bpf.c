// SPDX-License-Identifier: GPL-2.0
/*
 * A recorder as an eBPF program would be one: who is recorded is in a hash, records of
 * 16 bytes go into a ring for each CPU that is an array. See recorder.c.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define RECORDS (1U << 18)

/* What is used of it; where that is, is found out when the program is loaded. */
struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct pt_regs;

struct record {
	__u64 time;
	__u64 what;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u8);
} chosen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} at SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RECORDS);
	__type(key, __u32);
	__type(value, struct record);
} tape SEC(".maps");

static __always_inline int is_chosen(__u32 tid)
{
	return bpf_map_lookup_elem(&chosen, &tid) != NULL;
}

static __always_inline void store(__u64 what)
{
	__u32 zero = 0, index;
	struct record *record;
	__u64 *count = bpf_map_lookup_elem(&at, &zero);

	if (!count)
		return;
	index = (*count)++ % RECORDS;
	record = bpf_map_lookup_elem(&tape, &index);
	if (!record)
		return;
	record->time = bpf_ktime_get_ns();
	record->what = what;
}

static __always_inline __u32 running(void)
{
	return (__u32)bpf_get_current_pid_tgid();
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long nr)
{
	if (is_chosen(running()))
		store(nr);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	if (is_chosen(running()))
		store(result);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	if (is_chosen(prev->pid) || is_chosen(next->pid))
		store(next->pid);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_sched_waking, struct task_struct *task)
{
	if (is_chosen(task->pid) || is_chosen(running()))
		store(task->pid);
	return 0;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(on_newtask, struct task_struct *child)
{
	__u32 tid = child->pid;
	__u8 yes = 1;

	if (is_chosen(running()))
		bpf_map_update_elem(&chosen, &tid, &yes, BPF_ANY);
	return 0;
}

char bpf_license[] SEC("license") = "GPL";
