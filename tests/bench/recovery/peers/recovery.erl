%%  recovery/peers/recovery.erl - the same three with OTP's supervisor
%%
%%  Place: tests/bench. Run as erl -noinput -run recovery main crash COUNT | full | tree.
%%  Metrics as in recovery/crash.c, full.c and tree.c.
%%
%%  SPDX-License-Identifier: MPL-2.0

-module (recovery).
-behaviour (supervisor).
-export ([main/1, init/1, start_child/1, start_group/0]).

main ([What | Numbers]) ->
    logger:set_primary_config (level, none),
    run (What, [list_to_integer (Number) || Number <- Numbers]),
    halt (0).

run ("crash", [Count]) -> crash (Count);
run ("full", []) -> full ();
run ("tree", []) -> tree ().

now_ns () -> erlang:monotonic_time (nanosecond).

%%  --- Supervision

init ({Intensity, Children}) -> {ok, {#{strategy => one_for_one, intensity => Intensity, period => 1}, Children}}.

start_child (Body) -> {ok, proc_lib:spawn_link (Body)}.

start_group () ->
    Idle = fun () -> receive after infinity -> ok end end,
    supervisor:start_link (?MODULE, {1, [child (Number, Idle) || Number <- lists:seq (1, 50)]}).

child (Id, Body) -> #{id => Id, start => {?MODULE, start_child, [Body]}}.

group (Id) -> #{id => Id, start => {?MODULE, start_group, []}, type => supervisor, shutdown => infinity}.

stop (Supervisor) ->
    Monitor = monitor (process, Supervisor),
    unlink (Supervisor),
    exit (Supervisor, shutdown),
    receive {'DOWN', Monitor, process, Supervisor, _} -> ok end.

%%  --- A worker's failure

crash (Count) ->
    Worker = fun () -> register (worker, self ()), serve () end,
    {ok, _} = supervisor:start_link (?MODULE, {1000000, [child (worker, Worker)]}),
    ping (),
    Sorted = lists:sort ([crash_once () || _ <- lists:seq (1, Count)]),
    io:format ("crash_to_answer_p50 ~f us~n", [lists:nth (Count div 2 + 1, Sorted) / 1000]),
    io:format ("crash_to_answer_p99 ~f us~n", [lists:nth (Count * 99 div 100 + 1, Sorted) / 1000]).

serve () ->
    receive
        {ping, From, Tag} -> From ! {pong, Tag}, serve ();
        fail -> exit (as_asked)
    end.

crash_once () ->
    Began = now_ns (),
    Monitor = monitor (process, worker),
    worker ! fail,
    receive {'DOWN', Monitor, process, _, _} -> ok end,
    ping (),
    now_ns () - Began.

%%  Calls until there is an answer.
ping () ->
    case whereis (worker) of
        undefined -> erlang:yield (), ping ();
        Pid -> call (Pid)
    end.

call (Pid) ->
    Tag = monitor (process, Pid),
    Pid ! {ping, self (), Tag},
    receive
        {pong, Tag} -> demonitor (Tag, [flush]);
        {'DOWN', Tag, process, Pid, _} -> ping ()
    end.

%%  --- A full mailbox: 10,000 messages, of 1 ms each

full () ->
    {Worker, Monitor} = spawn_monitor (fun slow/0),
    [Worker ! item || _ <- lists:seq (1, 10000)],
    Began = now_ns (),
    exit (Worker, shutdown),
    receive {'DOWN', Monitor, process, Worker, shutdown} -> ok end,
    io:format ("stop_full ~f ms~n", [(now_ns () - Began) / 1.0e6]).

slow () ->
    receive item -> spin (now_ns () + 1000000) end,
    slow ().

spin (Until) ->
    case now_ns () < Until of
        true -> spin (Until);
        false -> ok
    end.

%%  --- A tree: ten supervisors of fifty

tree () ->
    Began = now_ns (),
    {ok, Root} = supervisor:start_link (?MODULE, {1, [group (Number) || Number <- lists:seq (1, 10)]}),
    Started = now_ns (),
    io:format ("start_tree ~f ms~n", [(Started - Began) / 1.0e6]),
    stop (Root),
    io:format ("stop_tree ~f ms~n", [(now_ns () - Started) / 1.0e6]).
