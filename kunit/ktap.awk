# SPDX-License-Identifier: GPL-2.0
#
# Judges the KTAP lines of one part of a kernel log (see kunit/guest). Prints
# one line a case, "ok - SUITE.CASE" or "not ok - SUITE.CASE" with what the
# kernel said about it. Whatever should be there and is not, is a failure:
# cases, suites, and the part's end.
#
# Variable: part, the name.

function result(good, name, comment) {
	print (good ? "ok" : "not ok") " - " name comment
}

function missing(name, why) {
	result(0, name, "")
	print "#   " why
}

function end_suite() {
	if (suite != "" && cases != cases_planned)
		missing(suite ".*", cases " of " cases_planned " cases ended" \
			(last == "" ? "" : ", the last one " last))
	suite = ""
}

BEGIN { suites_planned = -1 }

# The console's prefix: the time, on some kernels the caller.
{ sub(/\r$/, ""); sub(/^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])? ?/, "") }

$0 == "kunit/guest: begin " part { inside = 1; next }
$0 == "kunit/guest: end " part { inside = 0; ended = 1 }
!inside { next }

/^1\.\.[0-9]+$/ { suites_planned = substr($0, 4) + 0; next }

/^    # Subtest: / {
	end_suite()
	suite = $3
	cases = 0
	cases_planned = -1
	bad = 0
	said = last = ""
	next
}

suite == "" { next }

/^    1\.\.[0-9]+$/ { cases_planned = substr($0, 8) + 0; next }

/^    (not )?ok [0-9]+ / {
	good = $1 == "ok"
	last = good ? $3 : $4
	comment = match($0, / # SKIP.*$/) ? substr($0, RSTART) : ""
	result(good, suite "." last, comment)
	if (!good)
		printf "%s", said
	bad += !good
	said = ""
	cases++
	next
}

/^(not )?ok [0-9]+ / {
	# Something of the suite that is no case: its own set-up.
	if ($1 != "ok" && !bad)
		missing(suite ".*", "the suite failed, none of its cases did")
	suites++
	end_suite()
	next
}

/^ +[^ ]/ && lines[suite, last]++ < 20 { said = said "#" $0 "\n" }

END {
	end_suite()
	if (!ended || suites != suites_planned)
		missing(part, suites + 0 " of " suites_planned " suites ended" \
			(ended ? "" : ", and the log breaks off"))
}
