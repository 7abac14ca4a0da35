%%  recovery/peers/recovery.erl - the same with OTP's supervisor
%%
%%  Place: tests/bench. Run as erl -noinput -run recovery main
%%  crash COUNT [SIBLINGS] | sibling CHILDREN COUNT | port PROGRAM COUNT | full | tree.
%%  Metrics as in recovery/crash.c, sibling.c, trickle.c, full.c and tree.c.
%%
%%  SPDX-License-Identifier: MPL-2.0

-module (recovery).
-behaviour (supervisor).
-export ([main/1, init/1, start_child/1, start_group/0]).

main (["port", Program, Count]) ->
    port (Program, list_to_integer (Count)),
    halt (0);
main ([What | Numbers]) ->
    logger:set_primary_config (level, none),
    run (What, [list_to_integer (Number) || Number <- Numbers]),
    halt (0).

run ("crash", [Count]) -> crash (Count, 0);
run ("crash", [Count, Siblings]) -> crash (Count, Siblings);
run ("sibling", [Children, Count]) -> sibling (Children, Count);
run ("full", []) -> full ();
run ("tree", []) -> tree ().

now_ns () -> erlang:monotonic_time (nanosecond).

%%  --- Supervision

init ({Intensity, Children}) -> {ok, {#{strategy => one_for_one, intensity => Intensity, period => 1}, Children}}.

start_child (Body) -> {ok, proc_lib:spawn_link (Body)}.

start_group () -> supervisor:start_link (?MODULE, {1, crowd (50)}).

child (Id, Body) -> #{id => Id, start => {?MODULE, start_child, [Body]}}.

group (Id) -> #{id => Id, start => {?MODULE, start_group, []}, type => supervisor, shutdown => infinity}.

stop (Supervisor) ->
    Monitor = monitor (process, Supervisor),
    unlink (Supervisor),
    exit (Supervisor, shutdown),
    receive {'DOWN', Monitor, process, Supervisor, _} -> ok end.

%%  --- A worker's failure

crash (Count, Siblings) ->
    Worker = fun () -> register (worker, self ()), serve () end,
    Children = [child (worker, Worker) | crowd (Siblings)],
    {ok, _} = supervisor:start_link (?MODULE, {1000000, Children}),
    ping (),
    percentiles ("crash_to_answer", [crash_once () || _ <- lists:seq (1, Count)]).

percentiles (Name, Samples) ->
    Sorted = lists:sort (Samples),
    Count = length (Sorted),
    io:format ("~s_p50 ~f us~n", [Name, lists:nth (Count div 2 + 1, Sorted) / 1000]),
    io:format ("~s_p99 ~f us~n", [Name, lists:nth (Count * 99 div 100 + 1, Sorted) / 1000]).

crowd (Count) ->
    Idle = fun () -> receive after infinity -> ok end end,
    [child (Number, Idle) || Number <- lists:seq (1, Count)].

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

%%  --- One child among many, stopped and started

sibling (Children, Count) ->
    {ok, Supervisor} = supervisor:start_link (?MODULE, {1, crowd (Children)}),
    Id = Children div 2 + 1,
    percentiles ("stop_and_start", [stop_and_start (Supervisor, Id) || _ <- lists:seq (1, Count)]).

stop_and_start (Supervisor, Id) ->
    Began = now_ns (),
    ok = supervisor:terminate_child (Supervisor, Id),
    {ok, _} = supervisor:restart_child (Supervisor, Id),
    now_ns () - Began.

%%  --- A process of the system, which ends of a fault and is started again when Erlang hears of it

port (Program, Count) ->
    Samples = port_crashes (open_echo (Program), Program, Count),
    percentiles ("crash_to_answer", Samples).

open_echo (Program) ->
    Port = open_port ({spawn_executable, Program}, [{args, ["port"]}, stream, binary, exit_status]),
    port_command (Port, <<"p">>),
    receive {Port, {data, <<"p">>}} -> Port end.

port_crashes (_, _, 0) -> [];
port_crashes (Port, Program, Count) ->
    Began = now_ns (),
    port_command (Port, <<"X">>),
    receive {Port, {exit_status, _}} -> ok end,
    Next = open_echo (Program),
    Took = now_ns () - Began,
    [Took | port_crashes (Next, Program, Count - 1)].

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
