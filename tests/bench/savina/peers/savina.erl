%%  savina/peers/savina.erl - Savina's benchmarks on Erlang processes
%%
%%  Place: tests/bench. Run as erl -noinput -run savina main WHAT NUMBERS...:
%%  pingpong PINGS | count MESSAGES | fjthrput ACTORS MESSAGES | threadring ACTORS HOPS |
%%  chameneos CREATURES MEETINGS | big ACTORS PINGS | philosopher ACTORS ROUNDS.
%%  The clock runs from the first message, as in the project's.
%%
%%  SPDX-License-Identifier: MPL-2.0

-module (savina).
-export ([main/1]).

main ([What | Numbers]) ->
    Parsed = [list_to_integer (Number) || Number <- Numbers],
    {Pid, Monitor} = spawn_monitor (fun () -> run (list_to_atom (What), Parsed) end),
    receive {'DOWN', Monitor, process, Pid, Reason} -> normal = Reason end,
    halt (0).

run (pingpong, [Pings]) -> pingpong (Pings);
run (count, [Messages]) -> count (Messages);
run (fjthrput, [Actors, Messages]) -> fjthrput (Actors, Messages);
run (threadring, [Actors, Hops]) -> threadring (Actors, Hops);
run (chameneos, [Creatures, Meetings]) -> chameneos (Creatures, Meetings);
run (big, [Actors, Pings]) -> big (Actors, Pings);
run (philosopher, [Actors, Rounds]) -> philosopher (Actors, Rounds).

now_ns () -> erlang:monotonic_time (nanosecond).

print_time (Began) -> io:format ("time ~f ms~n", [(now_ns () - Began) / 1.0e6]).

await (_, 0) -> ok;
await (What, Count) -> receive What -> await (What, Count - 1) end.

%%  --- pingpong

pingpong (Pings) ->
    Pong = spawn_link (fun pong/0),
    Began = now_ns (),
    ping (Pong, Pings),
    print_time (Began).

ping (_, 0) -> ok;
ping (Pong, Left) ->
    Pong ! {ping, self ()},
    receive pong -> ping (Pong, Left - 1) end.

pong () ->
    receive {ping, From} -> From ! pong end,
    pong ().

%%  --- count

count (Messages) ->
    Counter = spawn_link (fun () -> counter (0) end),
    Began = now_ns (),
    increment (Counter, Messages),
    Counter ! {retrieve, self ()},
    receive {counted, Messages} -> print_time (Began) end.

increment (_, 0) -> ok;
increment (Counter, Left) -> Counter ! increment, increment (Counter, Left - 1).

counter (Count) ->
    receive
        increment -> counter (Count + 1);
        {retrieve, From} -> From ! {counted, Count}
    end.

%%  --- fjthrput

fjthrput (Actors, Messages) ->
    Driver = self (),
    Workers = [spawn_link (fun () -> work (Driver, Messages, 0.0) end) || _ <- lists:seq (1, Actors)],
    Began = now_ns (),
    feed (Workers, Messages),
    await (done, Actors),
    print_time (Began).

feed (_, 0) -> ok;
feed (Workers, Left) ->
    [Worker ! item || Worker <- Workers],
    feed (Workers, Left - 1).

work (Driver, 0, _) -> Driver ! done;
work (Driver, Left, Sum) ->
    receive item -> ok end,
    Sine = math:sin (37.2 + Sum * 1.0e-9),
    work (Driver, Left - 1, Sum + Sine * Sine).

%%  --- threadring

threadring (Actors, Hops) ->
    Driver = self (),
    Nodes = [spawn_link (fun () -> receive {next, Next} -> node (Driver, Next) end end) || _ <- lists:seq (1, Actors)],
    [Node ! {next, Next} || {Node, Next} <- lists:zip (Nodes, tl (Nodes) ++ [hd (Nodes)])],
    Began = now_ns (),
    hd (Nodes) ! Hops,
    await (done, 1),
    print_time (Began).

node (Driver, Next) ->
    receive
        Left when Left > 1 -> Next ! Left - 1;
        _ -> Driver ! done
    end,
    node (Driver, Next).

%%  --- chameneos

chameneos (Creatures, Meetings) ->
    Mall = self (),
    Began = now_ns (),
    [spawn_link (fun () -> visit (Mall, Number rem 3) end) || Number <- lists:seq (1, Creatures)],
    mall (none, Meetings),
    fade (Creatures),
    print_time (Began).

%%  The last meeting leaves nobody waiting: each one takes two.
mall (_, 0) -> ok;
mall (none, Left) ->
    receive {meet, From, _} -> mall (From, Left) end;
mall (Waiting, Left) ->
    receive {meet, _, _} = Meeting -> Waiting ! Meeting, mall (none, Left - 1) end.

fade (0) -> ok;
fade (Left) -> receive {meet, From, _} -> From ! fade, fade (Left - 1) end.

visit (Mall, Colour) ->
    Mall ! {meet, self (), Colour},
    receive
        {meet, Other, Theirs} ->
            Changed = complement (Colour, Theirs),
            Other ! {change, Changed},
            visit (Mall, Changed);
        {change, Changed} -> visit (Mall, Changed);
        fade -> ok
    end.

complement (Same, Same) -> Same;
complement (Mine, Theirs) -> 3 - Mine - Theirs.

%%  --- big

big (Actors, Pings) ->
    Driver = self (),
    Workers = [spawn_link (fun () -> receive {go, Crowd} -> ping_any (Driver, Crowd, Pings) end end)
               || _ <- lists:seq (1, Actors)],
    Crowd = list_to_tuple (Workers),
    Began = now_ns (),
    [Worker ! {go, Crowd} || Worker <- Workers],
    await (done, Actors),
    print_time (Began).

ping_any (Driver, Crowd, Left) ->
    case Left of
        0 -> Driver ! done;
        _ -> element (rand:uniform (tuple_size (Crowd)), Crowd) ! {ping, self ()}
    end,
    converse (Driver, Crowd, Left).

converse (Driver, Crowd, Left) ->
    receive
        {ping, From} -> From ! pong, converse (Driver, Crowd, Left);
        pong -> ping_any (Driver, Crowd, Left - 1)
    end.

%%  --- philosopher

philosopher (Actors, Rounds) ->
    Arbiter = self (),
    Began = now_ns (),
    [spawn_link (fun () -> hungry (Arbiter, Number, Rounds) end) || Number <- lists:seq (0, Actors - 1)],
    arbitrate (Actors, #{}, Actors),
    print_time (Began).

hungry (Arbiter, _, 0) -> Arbiter ! leave;
hungry (Arbiter, Number, Rounds) ->
    Arbiter ! {hungry, Number, self ()},
    receive
        denied -> hungry (Arbiter, Number, Rounds);
        eat -> Arbiter ! {done, Number}, hungry (Arbiter, Number, Rounds - 1)
    end.

arbitrate (_, _, 0) -> ok;
arbitrate (Actors, Taken, Present) ->
    receive
        {hungry, Number, From} ->
            Right = (Number + 1) rem Actors,
            case is_map_key (Number, Taken) orelse is_map_key (Right, Taken) of
                true -> From ! denied, arbitrate (Actors, Taken, Present);
                false -> From ! eat, arbitrate (Actors, Taken#{Number => true, Right => true}, Present)
            end;
        {done, Number} -> arbitrate (Actors, maps:without ([Number, (Number + 1) rem Actors], Taken), Present);
        leave -> arbitrate (Actors, Taken, Present - 1)
    end.
