%%  messaging/peers/messaging.erl - Erlang processes
%%
%%  Place: tests/bench. Run as erl -noinput -run messaging main WHAT NUMBERS...:
%%  round_trip COUNT | one_way SIZE COUNT | fan_in SENDERS COUNT | window WINDOW COUNT.
%%  Binaries of 16 bytes are copied by every send; those of 1 KiB would be shared,
%%  so the sender makes a copy for each message, as every peer does.
%%
%%  SPDX-License-Identifier: MPL-2.0

-module (messaging).
-export ([main/1]).

main ([What | Numbers]) ->
    run (list_to_atom (What), [list_to_integer (Number) || Number <- Numbers]),
    halt (0).

run (round_trip, [Count]) -> round_trip (Count);
run (one_way, [Size, Count]) -> fan_in (1, Size, Count);
run (fan_in, [Senders, Count]) -> fan_in (Senders, 16, Count);
run (window, [Window, Count]) -> window (Window, Count).

%%  --- There and back

round_trip (Count) ->
    Echo = spawn_link (fun echo/0),
    await (fun () -> percentiles (asks (Echo, body (16), Count, [])) end).

asks (_, _, 0, Samples) -> Samples;
asks (Echo, Body, Count, Samples) ->
    Began = erlang:monotonic_time (nanosecond),
    Echo ! {self (), Body},
    receive {Echo, _} -> ok end,
    asks (Echo, Body, Count - 1, [erlang:monotonic_time (nanosecond) - Began | Samples]).

echo () ->
    receive {From, Body} -> From ! {self (), Body} end,
    echo ().

percentiles (Samples) ->
    Sorted = lists:sort (Samples),
    Count = length (Sorted),
    io:format ("round_trip_p50 ~f us~n", [lists:nth (Count div 2 + 1, Sorted) / 1000]),
    io:format ("round_trip_p99 ~f us~n", [lists:nth (Count * 99 div 100 + 1, Sorted) / 1000]).

%%  --- One way, from one or many

fan_in (Senders, Size, Count) ->
    Each = Count div Senders,
    Began = erlang:monotonic_time (nanosecond),
    await (fun () ->
        Receiver = self (),
        [spawn_link (fun () -> send (Receiver, Size, body (Size), Each) end) || _ <- lists:seq (1, Senders)],
        count (Each * Senders),
        rate (Each * Senders, Began)
    end).

send (_, _, _, 0) -> ok;
send (To, 16, Body, Count) -> To ! Body, send (To, 16, Body, Count - 1);
send (To, Size, Body, Count) -> To ! binary:copy (Body), send (To, Size, Body, Count - 1).

count (0) -> ok;
count (Count) -> receive _ -> count (Count - 1) end.

%%  --- Many in flight

window (Window, Count) ->
    Echo = spawn_link (fun echo/0),
    await (fun () ->
        Began = erlang:monotonic_time (nanosecond),
        [Echo ! {self (), body (16)} || _ <- lists:seq (1, Window)],
        refill (Echo, body (16), Count - Window, Count),
        rate (Count, Began)
    end).

refill (_, _, _, 0) -> ok;
refill (Echo, Body, Unsent, Unanswered) ->
    receive {Echo, _} -> ok end,
    Unsent > 0 andalso (Echo ! {self (), Body}),
    refill (Echo, Body, Unsent - 1, Unanswered - 1).

%%  ---

body (Size) -> binary:copy (<<0>>, Size).

rate (Count, Began) ->
    Seconds = (erlang:monotonic_time (nanosecond) - Began) / 1.0e9,
    io:format ("rate ~f 1/s~n", [Count / Seconds]).

%%  Runs it in a fresh process and waits for its end.
await (Body) ->
    {Pid, Monitor} = spawn_monitor (Body),
    receive {'DOWN', Monitor, process, Pid, normal} -> ok end.
