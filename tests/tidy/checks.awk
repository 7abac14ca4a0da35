# tests/tidy/checks.awk - what the checks of sources share: plain code without comments and literals
#
# Place: loaded before a check's own awk text. Sets CODE for each line: the line without comments,
# and with strings and characters emptied. complain() reports.
#
# SPDX-License-Identifier: MPL-2.0

FNR == 1 { in_comment = 0 }

{ CODE = plain($0) }

function plain(line,    out, pair) {
    out = ""
    while (line != "") {
        if (in_comment) {
            if (index (line, "*/") == 0)
                return out
            line = substr (line, index (line, "*/") + 2)
            in_comment = 0
        }
        if (!match (line, /["'\/]/))
            return out line
        out = out substr (line, 1, RSTART - 1)
        line = substr (line, RSTART)
        pair = substr (line, 1, 2)
        if (pair == "//")
            return out
        if (pair == "/*") {
            in_comment = 1
            line = substr (line, 3)
        }
        else if (substr (pair, 1, 1) == "/") {
            out = out "/"
            line = substr (line, 2)
        }
        else {
            out = out substr (pair, 1, 1) substr (pair, 1, 1)
            line = match (line, /^"([^"\\]|\\.)*"|^'([^'\\]|\\.)*'/) ? substr (line, RLENGTH + 1) : ""
        }
    }
    return out
}

function complain(what, mend) {
    printf "%s:%d: %s. To mend: %s\n", short(FILENAME), FNR, what, mend
}

function short(name) {
    return index (name, TREE "/") == 1 ? substr (name, length (TREE) + 2) : name
}
