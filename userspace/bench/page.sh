# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The page that bench/run, its neighbours native, native-ns and wander write tables into,
# each between two comments of its own.

# shellcheck disable=SC2154 # top: the reader's
readonly page=$top/docs/performance.md

# FILE's lines take the place of those between the comments of WHO.
write_page() { # WHO FILE
	local begins="<!-- measured: written by userspace/bench/$1, do not edit -->"
	local ends="<!-- measured by userspace/bench/$1 ends -->"

	grep -qxF -- "$begins" "$page" && grep -qxF -- "$ends" "$page"
	awk -v begins="$begins" -v ends="$ends" -v tables="$2" '
		$0 == ends { inside = 0 }
		!inside { print }
		$0 == begins {
			inside = 1
			while ((getline line < tables) > 0)
				print line
		}' "$page" >"$2.page"
	cat "$2.page" >"$page"
}
