%%  spawn/peers/spawning.erl - Erlang processes, started and idle
%%
%%  Place: tests/bench. Run as erl -noinput -run spawning main spawn|memory PROCESSES.
%%  Metrics as in spawn/spawn.c and memory/memory.c.
%%
%%  SPDX-License-Identifier: MPL-2.0

-module (spawning).
-export ([main/1]).

main ([What, Number]) ->
    Count = list_to_integer (Number),
    case What of
        "spawn" -> spawns (Count);
        "memory" -> memory (Count)
    end,
    halt (0).

spawns (Count) ->
    Began = now_ns (),
    Idle = start (Count),
    Started = print ("start", Began, Count),
    stop (Idle),
    Stopped = print ("stop", Started, Count),
    [stop (start (1)) || _ <- lists:seq (1, 500)],
    print ("cycle", Stopped, 500).

start (Count) ->
    Parent = self (),
    Idle = [spawn_monitor (fun () -> Parent ! ready, receive stop -> ok end end) || _ <- lists:seq (1, Count)],
    [receive ready -> ok end || _ <- Idle],
    Idle.

stop (Idle) ->
    [Pid ! stop || {Pid, _} <- Idle],
    [receive {'DOWN', Monitor, process, Pid, normal} -> ok end || {Pid, Monitor} <- Idle],
    ok.

print (Metric, Began, Count) ->
    io:format ("~s ~f us~n", [Metric, (now_ns () - Began) / 1000 / Count]),
    now_ns ().

now_ns () -> erlang:monotonic_time (nanosecond).

%%  --- Idle ones

memory (Count) ->
    {Resident, Descriptors} = {resident (), descriptors ()},
    start (Count),
    io:format ("resident ~f KiB~n", [(resident () - Resident) / Count]),
    io:format ("descriptors ~f 1~n", [(descriptors () - Descriptors) / Count]),
    Used = cpu_ticks (),
    receive after 1000 -> ok end,
    io:format ("idle_cpu ~f ms/s~n", [(cpu_ticks () - Used) * 10.0]).

resident () ->
    {ok, Text} = file:read_file ("/proc/self/statm"),
    [_, Pages | _] = string:lexemes (Text, " "),
    binary_to_integer (Pages) * 4.

descriptors () ->
    {ok, Names} = file:list_dir ("/proc/self/fd"),
    length (Names).

cpu_ticks () ->
    {ok, Text} = file:read_file ("/proc/self/stat"),
    [_, Tail] = string:split (Text, ") "),
    Fields = string:lexemes (Tail, " "),
    binary_to_integer (lists:nth (12, Fields)) + binary_to_integer (lists:nth (13, Fields)).
