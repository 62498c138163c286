# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Writing docs/performance.md: read in by those who measure. $top is the project's
# directory, $work one for temporary files.

# Puts what FILE holds between the two comments that say that WHO writes there.
write_page() { # WHO FILE
	local page=$top/docs/performance.md
	local begins="<!-- measured: written by $1, do not edit -->"
	local ends='<!-- measured ends -->'

	grep -qxF -- "$begins" "$page" && grep -qxF -- "$ends" "$page"
	awk -v begins="$begins" -v ends="$ends" -v tables="$2" '
		$0 == ends { inside = 0 }
		!inside { print }
		$0 == begins {
			inside = 1
			while ((getline line < tables) > 0)
				print line
		}' "$page" >"$work/page"
	cat "$work/page" >"$page"
}
