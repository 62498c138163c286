# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what lib.sh has
# Who becomes a target, or none any more, while he runs: from then on, not from his
# next switch on.

ask() { # LINE: the answer is in $answer
	echo "$1" >&"${busy[1]}"
	read -r answer <&"${busy[0]}"
}

busy_begin() {
	coproc busy { exec "$programs/unswitched" 1; }
	busy_pid=$!
	jobs+=("$busy_pid")
	read -r tid <&"${busy[0]}"
}

busy_end() {
	echo end >&"${busy[1]}"
	wait "$busy_pid"
}

# CHANGE, then 200 calls, from number $first to $last. Others need the CPU now and
# then: again, until the thread has not been switched meanwhile; on a slow kernel
# they need it always.
without_a_switch() { # WHAT CHANGE BACK
	local switches attempt

	for ((attempt = 0; attempt < 8; attempt++)); do
		[[ $attempt -eq 0 ]] || "$3"
		ask switches
		switches=$answer
		"$2"
		ask number
		first=$answer
		ask "more 200"
		last=$((answer - 1))
		ask switches
		[[ $answer -ne $switches ]] || break
	done
	if [[ $answer -eq $switches ]]; then
		ok "$1: it was not switched meanwhile"
	else
		skip "$1: it was not switched meanwhile" "it was, each time"
	fi
}

numbers() {
	sed -nE "s/^[^\t]*\t[^\t]*\t$tid\t.*\tclose\((1[0-9]{6}).*/\1/p" events
}

# The last one of those that stand there without a gap from $first on.
last_without_a_gap() {
	numbers | awk -v first="$first" '
		$1 < first { next }
		$1 != first + n { exit }
		{ n++ }
		END { print first + n - 1 }'
}

# Another one is recorded already.
hold_start beside 5
flightrec start -p "$hold" 2>start.err
add() { flightrec target add -t "$tid" 2>target.err; }
remove() { flightrec target remove -t "$tid" 2>target.err; }

busy_begin
without_a_switch "added" add remove
snapshot
dump window.frec
at_least "a target that runs: all its calls" "$(last_without_a_gap)" "$last"

without_a_switch "removed" remove add
hold_again
snapshot
dump window.frec
is "none any more, that runs: no call" \
	"$(numbers | awk -v first="$first" '$1 > first' | wc -l)" 0
at_least "but those of before" "$(numbers | wc -l)" 200
busy_end
flightrec stop
hold_end

# It gets the name by another thread, so it is known a moment later.
give_name() {
	ask "name on-stage"
	ask "more 1000"
}
give_another() {
	busy_end
	busy_begin
}

flightrec start --comm on-stage 2>start.err
busy_begin
without_a_switch "named" give_name give_another
snapshot
flightrec stop
dump window.frec
at_least "one that is given a name while it runs: all its calls" \
	"$(last_without_a_gap)" "$last"
busy_end

# It was there when recording started.
start() { flightrec start -t "$tid" 2>start.err; }
stop() { flightrec stop; }

busy_begin
without_a_switch "started" start stop
snapshot
flightrec stop
dump window.frec
at_least "one that runs when recording starts: all its calls" \
	"$(last_without_a_gap)" "$last"
busy_end
