# tests/lib/tally.awk - counts what a runner reported in TAP: prints "PASSED FAILED SKIPPED"
#
# Place: tests/lib/runners.sh runs it on each report. A plan (1..N) that was not fulfilled
# counts its missing tests as failed, and so does a report without a single test.
#
# SPDX-License-Identifier: MPL-2.0

/^1\.\.[0-9]+/                      { planned = substr ($1, 4) + 0 }
/^ok/ && tolower ($0) ~ /# *skip/   { skipped++; next }
/^ok/                               { passed++ }
/^not ok/                           { failed++ }

END {
    missing = planned - passed - failed - skipped
    if (missing > 0)
        failed += missing
    if (passed + failed + skipped == 0)
        failed = 1
    print passed + 0, failed + 0, skipped + 0
}
