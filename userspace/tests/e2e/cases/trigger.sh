# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Triggers by the command: what is added is listed in words, fires when it should and
# only then, and the window says what fired.

fails "a trigger that is not there" "no trigger 4000000000" \
	flightrec trigger remove 4000000000
is "there are none" "$(flightrec trigger list)" "no triggers"
id=$(flightrec trigger add --slower 150ms --call ppoll,read --freeze --after 50ms --every 10m --max 20)
flightrec trigger add --errno ENOSPC --notify >/dev/null
flightrec trigger add --dies SEGV --after 25% >/dev/null
flightrec trigger add --mark 'a "b' >/dev/null
flightrec trigger add --away 5s >/dev/null
flightrec trigger list | sed -E '1d; s/^ +[0-9]+ +0 +0  //' >listed
cat >expected <<'END'
ppoll or read takes longer than 150ms: freeze after 50ms, once in 10m, at most 20 times
a call fails with ENOSPC: notify
dies of SIGSEGV: freeze after 25% of the tape
a mark begins with "a \"b": freeze
is off the CPU longer than 5s: freeze
END
truth_ready expected
same "they are listed in words" expected listed
is "status counts them" "$(flightrec status | grep -c '^triggers: *5;')" 1
succeeds "one is removed" flightrec trigger remove "$id"
is "and is gone" "$(flightrec trigger list | grep -c ppoll)" 0
succeeds "all are removed" flightrec trigger remove --all
is "and are gone" "$(flightrec trigger list)" "no triggers"
for ((i = 0; i < 32; i++)); do
	flightrec trigger add --execs --notify >/dev/null
done
fails "one too many" "there are 32 triggers" flightrec trigger add --execs
flightrec trigger remove --all

fired sleeps --slower 150ms --call ppoll -- "$programs/sleeps" 200
truth_ready truth
is "a slow call" "$(cat fired)" "sleeps[] ppoll took T, longer than 150.0 ms"
is "the window is of that" "$(grep -c '^# window: frozen by a trigger' dump.txt)" 1
is "status says so" "$(grep -c '^fired: .* ppoll took' status.txt)" 1
is "it has fired once" "$(awk 'NR == 2 { print $2 }' listed)" 1
is "calls before it that were as slow are on the tape, and did not fire" \
	"$(find_events '^clock_nanosleep\(' | wc -l)" 1
at_least "what it took" "$(sed -nE 's/^# fired: .* took ([0-9]+).*/\1/p' dump.txt)" 200
is "the report tells" "$(flightrec report window.frec | grep -cE '^  fired .*: sleeps\[[0-9]+\] ppoll took')" 1

fired sleeps --in-call 100ms --call ppoll -- "$programs/sleeps" 400
is "a call that still lasts" "$(cat fired)" "sleeps[] is in ppoll for T, longer than 100.0 ms"
is "it is in flight" "$(grep -c '^# in flight: sleeps\[[0-9]*\] ppoll(' dump.txt)" 1

fired sh --dies SIGUSR1 -- sh -c 'kill -USR1 $$'
is "a death by a signal" "$(cat fired)" "sh[] died of SIGUSR1"
fired sh --exits -- sh -c 'exit 7'
is "an exit status" "$(cat fired)" "sh[] exited with 7"
fired cat --errno ENOENT --call openat -- sh -c 'cat /nowhere; true'
is "an errno" "$(cat fired)" "cat[] openat failed with ENOENT"

# Each way to write the end of a call has its like that looks at it, too, and each
# block begins with another one.
flightrec trigger add --errno EXFULL >/dev/null
flightrec trigger add --slower 1h >/dev/null
for arguments in 0 1 3 6; do
	record --args "$arguments" -- calls 20
	calls_match "triggers look at calls, $arguments arguments recorded" "$arguments"
done
is "none of them fires" "$(flightrec trigger list | awk 'NR > 1 { sum += $2 } END { print sum, NR - 1 }')" "0 2"
flightrec trigger remove --all

fired marks --mark '' -- "$programs/marks" 1
is "a mark" "$(cat fired)" "marks[] left a mark"
