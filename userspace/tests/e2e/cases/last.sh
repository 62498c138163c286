# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# The last moments of the dead: a process of three threads dies in each known way;
# flightrec run tells, on standard error, how it died and where each thread stood.
# Of user space: --kernel-side leaves it out.

die() { # HOW STATUS [COMMAND...]: to begin with
	rm -f truth window.frec
	TRUTH=$PWD/truth flightrec run -o window.frec -- \
		"${@:3}" "$programs/dying" "$1" >run.out 2>run.err
	is "$1: flightrec run exits as the command does" $? "$2"
	is "$1: the path is the last line on standard output" \
		"$(tail -n 1 run.out)" window.frec
	truth_ready truth
	process=$(said thread tid comm | sed -n 's/ dying$//p')
}

tells() { # WHAT PATTERN
	if grep -qE -- "$2" run.err; then
		ok "$1"
	else
		not_ok "$1" "it does not say: $2"
		remarks <run.err
	fi
}

# Of each thread that was at rest: the call it was in, even if the signal has woken it
# from that to die; of all, as far as calls are told, the numbered ones right before it,
# the last one last.
# shellcheck disable=SC2016 # for awk
threads_match() { # WHAT
	silent "$1" awk '
	FILENAME == ARGV[1] {
		if ($1 != "thread")
			next
		split($2, tid, "="); split($3, first, "=")
		split($4, count, "="); split($5, call, "=")
		name = $0
		sub(/.* comm=/, "", name)
		who = name "[" tid[2] "]"
		last[who] = first[2] + count[2] - 1
		in_call[who] = call[2]
		next
	}
	/^    [^ ]/ {
		if (told++)
			check()
		who = $1
		stood[who] = $0
		before = 0
		next
	}
	/^      .* before: / {
		match($0, /close\([0-9]+\)/)
		if (RSTART)
			before = substr($0, RSTART + 6, RLENGTH - 7)
	}
	function check() {
		if ((who in last) && before != last[who])
			print who ": " before + 0 " is told last, not " last[who]
	}
	END {
		check()
		for (who in last) {
			if (!(who in stood))
				print who " is not told"
			else if (in_call[who] == "none" &&
				 stood[who] !~ /(running|waiting).*, in no system call$/)
				print stood[who]
			else if (in_call[who] == "exit_group" &&
				 stood[who] !~ /in exit_group\(3\)/)
				print stood[who]
			else if (in_call[who] ~ /^(read|nanosleep)$/ &&
				 stood[who] !~ ("] (.*, )?in " in_call[who] "\\("))
				print stood[who]
		}
	}' truth run.err
}

die killed 137
tells "killed: who, by what, of three threads" \
	"^killed: dying\\[$process\\] by SIGKILL, .*, 3 threads$"
tells "killed: by whom" \
	"^  sent by killer\\[$(said killer tid)\\] .* before \\(SI_USER, by kill\\(\\)\\); exit status 137"
threads_match "killed: where each thread stood"
tells "killed: the pipe that was read" "in read\\($(said killer fd), \\.\\.\\.\\) for "
flightrec report --last-moments window.frec >last.txt 2>last.err
is "killed: the report tells the same" \
	"$(sed '/^recording: /,$d' last.txt)" "$(cat run.err)"
flightrec report --last-moments "$(said thread tid comm | sed -n 's/ sleeper$//p')" \
	window.frec >last.txt 2>last.err
is "killed: asked for by one of its threads" \
	"$(sed '/^recording: /,$d' last.txt)" "$(cat run.err)"
fails "a thread that is none" "has the tid 4194303" \
	flightrec report --last-moments=4194303 window.frec

die segfault 139
tells "segfault: who, by what" "^killed: dying\\[$process\\] by SIGSEGV, .*, 3 threads"
tells "segfault: why" \
	"^  sent by the kernel while it ran .* before \\(SEGV_MAPERR, nothing is mapped there\\); exit status 139"
threads_match "segfault: where each thread stood"
is "segfault: the thread that did it comes first" \
	"$(sed -nE 's/^    ([a-z]+)\[.*/\1/p' run.err | head -n 1)" spinner

die exit 3
tells "exit: who, with what" "^exited: dying\\[$process\\] with status 3, .*, 3 threads$"
threads_match "exit: where each thread stood"
is "exit: the thread that did it comes first" \
	"$(sed -nE 's/^    ([a-z]+)\[.*/\1/p' run.err | head -n 1)" spinner

flightrec run -o window.frec -- true >run.out 2>run.err
is "who exits with 0 has no last moments" "$(cat run.err)" ""

# Memory runs out in a cgroup: who asked for more, and did not get killed.
starved() {
	local cgroup=/sys/fs/cgroup/last

	grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null || return 1
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir $cgroup
	echo 40M >$cgroup/memory.max
	[[ ! -e $cgroup/memory.swap.max ]] || echo 0 >$cgroup/memory.swap.max
}

if starved; then
	expect_oom_kills
	# shellcheck disable=SC2016 # for the other shell
	die memory 137 sh -c 'echo $$ >/sys/fs/cgroup/last/cgroup.procs && exec "$@"' sh
	tells "memory: who, by what" \
		"^killed: dying\\[$process\\] by SIGKILL, .*, 3 threads$"
	tells "memory: by the kernel, for whom" \
		"^  sent by the kernel while killer\\[$(said killer tid)\\] ran .* before \\(SI_KERNEL, out of memory, "
	threads_match "memory: where each thread stood"
	is "memory: one kill, and so says the cgroup" \
		"$(sed -n 's/^oom_kill //p' /sys/fs/cgroup/last/memory.events)" 1
	rmdir_cgroup() { rmdir /sys/fs/cgroup/last; }
	await "memory: nothing is left in the cgroup" rmdir_cgroup
	expect_none
else
	skip "memory: who, by what" "this kernel has no memory cgroups"
fi

die limit 137
tells "limit: who, by what" "^killed: dying\\[$process\\] by SIGKILL"
tells "limit: that the kernel did it, and why it may have" \
	"^  sent by the kernel while it ran .* \\(SI_KERNEL, out of memory, a limit"
threads_match "limit: where it stood"
