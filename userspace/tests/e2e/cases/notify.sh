# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# flightrec watch as a service: what it tells the socket that NOTIFY_SOCKET names; the
# file of options read again; a frozen window waits for a disk that has room.
# Of user space: --kernel-side leaves it out.

told() { grep -qE -- "^notify pid=$watch text=$1" said; }
files() { find windows -name '*.frec' | sort; }
has_files() { [[ $(files | wc -l) -eq $1 ]]; }
says() { grep -qE -- "$1" watch.err; }
recording() { flightrec status --once | grep -q '^state: *recording since'; }

: >said
TRUTH=$PWD/said background "$programs/notified" "$PWD/socket"
await "the socket is there" test -S socket
mkdir windows
mount -t tmpfs -o size=64M tmpfs windows
echo 'keep 9' >options
flightrec start --comm sleeps --size 4M 2>start.err
# shellcheck disable=SC2016 # for the other shell
NOTIFY_SOCKET=$PWD/socket WATCHDOG_USEC=300000 background flightrec watch \
	--min-free 0 --exec 'echo ${NOTIFY_SOCKET-none} ${WATCHDOG_USEC-none} >seen #' \
	-c options windows >watch.out 2>watch.err
watch=$!
await "it says that it is ready" told 'READY=1$'
await "and how things stand" told 'STATUS=recording; 0 windows$'
lives() { [[ $(grep -c "^notify pid=$watch text=WATCHDOG=1$" said) -ge 3 ]]; }
await "and that it lives, again and again" lives

kill -USR1 "$watch"
await "of a window" told 'STATUS=recording; 1 window, last .* asked for$'
await "the command has run" test -s seen
is "what it starts knows nothing of the socket" "$(cat seen)" "none none"

# The options again.
for i in 2 3; do
	kill -USR1 "$watch"
	await "window $i" has_files $i
done
echo 'keep nothing' >options
kill -HUP "$watch"
await "wrong options are told" says "the options stay as they were"
is "and change nothing" "$(files | wc -l)" 3
newest=$(files | tail -n 1)
# As a report has that is being written.
: >windows/.flightrec-watch-report
echo 'keep 1' >options
kill -HUP "$watch"
await "right ones are in force at once" has_files 1
is "the newest stays" "$(files)" "$newest"
succeeds "what is being written, too" rm windows/.flightrec-watch-report

# No room: the recorder stays frozen, and the window is written when there is some.
rm "$newest"
mount -o remount,size=16k windows
flightrec trigger add --slower 150ms --call poll --freeze --max 1 >/dev/null
TRUTH=$PWD/truth "$programs/sleeps" 200
await "a full disk is told" says "windows.*(No space left|less than)"
await "on the status line, too" told 'STATUS=frozen; .*; cannot write$'
is "the recorder is frozen" \
	"$(flightrec status --once | grep -c '^state: *frozen by a trigger')" 1
is "nothing has a name" "$(files | wc -l)" 0
mount -o remount,size=64M windows
await "the frozen window is written when there is room" has_files 1
await "then recording goes on" recording
dump "$(files)"
is "it is what the trigger froze" "$(grep -c '^# fired: sleeps\[.*\] poll took' dump.txt)" 1

kill -TERM "$watch"
wait "$watch"
is "ends with 0" $? 0
printf '%s\n' READY=1 STOPPING=1 >expected
truth_ready expected
sed -nE "s/^notify pid=$watch text=((READY|STOPPING)=1)$/\1/p" said >got
same "it says that it ends, last" expected got
umount windows
flightrec trigger remove --all
flightrec stop
