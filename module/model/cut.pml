/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cut on two CPUs: probes on each, and a controller on a third that freezes,
 * reads, and thaws.
 *
 * Checked, as they are told by -DPROPERTY_... in module/model/run's table:
 *
 *  cut_complete  Every event whose probe looked at the state before the cut is on
 *                the tape. (One that began, but looked later, may be left out:
 *                to the recorder it happened when it looked.)
 *  cut_causal    What is in the window (records up to the cut) has all its causes
 *                in it: an event that was over on one CPU before another one began
 *                on the other is there if that is.
 *  cut_still     No probe writes between the grace period and the thaw.
 *
 * Models: fr_cut_take(), freeze_for(), thaw(), fr_recorder_is_on(),
 * fr_recorder_mark(), write_record().
 *
 * Left out, and why that is sound:
 *  - The ring: ring.pml shows that what was reserved is there after a grace
 *    period. Here a record is a time on a list.
 *  - One level a CPU: what nests is over before the section is that it interrupts,
 *    so that it waits for nobody who is not waited for anyway.
 *  - Weak memory. Each CPU sees the new state at a moment of its own between the
 *    store and the grace period, which is the latest that RCU allows.
 *  - The clock is the same on all CPUs and goes on whenever it is read: what
 *    clock.h demands of a clock. One that does not (a TSC that the kernel has
 *    stopped trusting) cuts wrongly by as much as it differs.
 */

#ifndef EVENTS
#define EVENTS		2	/* of a CPU, at most */
#endif
#ifndef EVENTS_1
#define EVENTS_1	1	/* of CPU 1 */
#endif
#define CPUS		2

#define RECORDING	1
#define FROZEN		3

#ifdef PROPERTY_CUT_COMPLETE
#define complete(what)	assert(what)
#else
#define complete(what)	skip
#endif
#ifdef PROPERTY_CUT_CAUSAL
#define causal(what)	assert(what)
#else
#define causal(what)	skip
#endif
#ifdef PROPERTY_CUT_STILL
#define still(what)	assert(what)
#else
#define still(what)	skip
#endif

byte clock;
byte state[CPUS] = RECORDING;	/* as each CPU sees it */
byte sections[CPUS];		/* within preempt_disable()? */
bool is_still;

/* Each CPU's events; 0: not yet. */
#define AT(cpu, i)	((cpu) * EVENTS + (i))
byte began[CPUS * EVENTS];	/* when the probe looked at the state */
byte ended[CPUS * EVENTS];	/* when it was over */
byte recorded[CPUS * EVENTS];	/* under which time; 0: it is not */

proctype writer(byte cpu; byte events)
{
	byte i, seen, time;

	do
	:: i < events ->
#ifndef DEFECT_PREEMPTIBLE
		sections[cpu]++;
#endif
		d_step { clock++; began[AT(cpu, i)] = clock; seen = state[cpu] };
#ifdef DEFECT_PREEMPTIBLE
		sections[cpu]++;
#endif
		if
		:: seen == RECORDING ->
			d_step { clock++; time = clock };
			d_step { still(!is_still); recorded[AT(cpu, i)] = time }
		:: else -> skip
		fi;
		d_step {
			sections[cpu]--;
			clock++;
			ended[AT(cpu, i)] = clock;
			time = 0; seen = 0;
			i++
		}
	:: else -> break
	od
}

hidden byte a, b, end_of_a, end_of_b;

#ifdef DEFECT_CUT_BY_CPU
#define CUT(event)	((event) < EVENTS -> cut : late_cut)
#else
#define CUT(event)	cut
#endif
#define IN_WINDOW(event) \
	(recorded[event] != 0 && recorded[event] <= CUT(event))

/* After a freeze that was not yet thawed: what recording was on for. */
inline read_window()
{
	d_step {
		a = 0;
		do
		:: a < CPUS * EVENTS ->
			complete(!(began[a] > since && began[a] < cut) ||
				 recorded[a] != 0);
			b = 0;
			do
			:: b < CPUS * EVENTS ->
				/* a was over before b began, since the thaw. */
				causal(!(began[a] > since && ended[a] != 0 &&
					 ended[a] < began[b] && IN_WINDOW(b)) ||
				       IN_WINDOW(a));
				b++
			:: else -> break
			od;
			a++
		:: else -> break
		od;
		a = 0;
		b = 0
	}
}

inline take_cut()
{
	d_step { clock++; cut = clock }
}

inline freeze()
{
#ifndef DEFECT_CUT_AFTER_STATE
	take_cut();
#endif
	/* Each sees it when it likes... */
	if
	:: state[0] = FROZEN; state[1] = FROZEN
	:: state[1] = FROZEN; state[0] = FROZEN
	fi;
#ifdef DEFECT_CUT_AFTER_STATE
	take_cut();
#endif
	/* ...but at the latest now. synchronize_rcu(): */
#ifndef DEFECT_NO_GRACE
	if
	:: sections[0] == 0; sections[1] == 0
	:: sections[1] == 0; sections[0] == 0
	fi;
#endif
	d_step { clock++; late_cut = clock; is_still = true }
}

inline thaw()
{
	is_still = false;
	/* Release and acquire: the rings, then the state. */
	if
	:: state[0] = RECORDING; state[1] = RECORDING
	:: state[1] = RECORDING; state[0] = RECORDING
	fi;
	d_step { clock++; since = clock }
}

proctype controller()
{
	byte cut, late_cut, since;

	freeze();
	read_window();
	thaw();
	freeze();
	read_window()
}

init
{
	atomic {
		run writer(0, EVENTS);
		run writer(1, EVENTS_1);
		run controller()
	}
}
