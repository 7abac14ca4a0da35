--  rpc/users.lua - makes wrk ask for users, as the others of the RPC benchmarks do
--
--  Place: tests/bench. That the answers are right is checked by the runner,
--  once, before it loads the server.
--
--  SPDX-License-Identifier: MPL-2.0

local calls = {}
local last = 0

function init ()
    wrk.body = '{"fields":"id,name"}'
    wrk.headers ["Content-Type"] = "application/json"
    for number = 0, 999 do
        calls [number + 1] = wrk.format ("GET", "/users/" .. number)
    end
end

function request ()
    last = last % 1000 + 1
    return calls [last]
end
