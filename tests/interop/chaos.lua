-- tests/interop/chaos.lua - wrk's requests each carry a word of their own, which the answer must bring back
--
-- Place: driven by chaos.sh, with as many threads as connections: each thread has one connection, on which the next
-- request is sent when the one before it is answered. So an answer that belongs to another request shows at once.
--
-- SPDX-License-Identifier: MPL-2.0

local threads = {}

function setup (thread)
    thread:set ("number", #threads)
    table.insert (threads, thread)
end

function init ()
    asked, good, shed, wrong, other = 0, 0, 0, 0, 0
    word, example = "", ""
end

function request ()
    asked = asked + 1
    word = string.format ("%d-%d-%s", number, asked, string.rep ("n", asked % 500))
    return wrk.format ("POST", "/users/echo", { ["Content-Type"] = "text/plain" }, word)
end

function response (status, _, body)
    if status == 200 and body == word then
        good = good + 1
    elseif status == 503 or status == 504 then
        shed = shed + 1
    elseif status == 200 then
        wrong = wrong + 1
        example = string.format ("asked %s, answered %s", word, body)
    else
        other = other + 1
        example = string.format ("status %d", status)
    end
end

function done (summary)
    local sum = { good = 0, shed = 0, wrong = 0, other = 0 }
    local errors = summary.errors
    for _, thread in ipairs (threads) do
        for name in pairs (sum) do sum [name] = sum [name] + thread:get (name) end
        if thread:get ("example") ~= "" then print (thread:get ("example")) end
    end
    print (string.format ("chaos good=%d shed=%d wrong=%d other=%d broken=%d hung=%d", sum.good, sum.shed, sum.wrong,
        sum.other, errors.connect + errors.read + errors.write, errors.timeout))
end
