--  http/post_64k.lua - makes wrk post bodies of 64 KiB
--
--  Place: tests/bench. That the same comes back is checked by the runner,
--  once, before it loads the server.
--
--  SPDX-License-Identifier: MPL-2.0

local post

function init ()
    wrk.method = "POST"
    wrk.path = "/echo"
    wrk.body = string.rep ("x", 65536)
    wrk.headers ["Content-Type"] = "text/plain"
    post = wrk.format ()
end

function request ()
    return post
end
