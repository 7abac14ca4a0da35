/*  =========================================================================
    stage/world.h - what the parts of the stage share

    Place: runtime/stage, the second host of the cell (core/cell/host.h). One thread
    drives every actor, here called a player. What moves between players is an
    item, and items wait in lanes, first in, first out: mail and answers by ref,
    control words by link. The scheduler (schedule.c) picks one item of one player
    by the seed, and that is a turn. Nothing may depend on an address in memory,
    on the wall clock or on the order of a hash table.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_STAGE_WORLD_H_INCLUDED
#define TROUPE_STAGE_WORLD_H_INCLUDED

#include "core/cell/cell.h"

#include <troupe/stage.h>

typedef struct troupe_stage_player troupe_stage_player_t;
typedef struct troupe_stage_way troupe_stage_way_t;
typedef struct troupe_stage_lane troupe_stage_lane_t;
typedef struct troupe_stage_item troupe_stage_item_t;
typedef struct troupe_stage_fault troupe_stage_fault_t;
typedef struct troupe_stage_port troupe_stage_port_t;

//  At midnight, 2026-01-01T00:00:00Z, the stage's clock is 0.
#define TROUPE_STAGE_EPOCH_MS INT64_C (1767225600000)

//  So many turns without the clock moving are taken for a loop without an end.
#define TROUPE_STAGE_TURNS_MAX 2000000u

//  A growing text.
typedef struct troupe_stage_text {
    char *data;                     //  Ends with a null; null at first
    size_t size, capacity;
} troupe_stage_text_t;

typedef enum {
    TROUPE_STAGE_RECORD,            //  One record of an envelope, in 'block', with its frame
    TROUPE_STAGE_LOST,              //  The actor behind the way was given up: 'reason'
    TROUPE_STAGE_START,             //  A player's first start
    TROUPE_STAGE_WORD,              //  A control word, in 'block'
    TROUPE_STAGE_NAMED,             //  The directory's answer about 'link': 'error'
    TROUPE_STAGE_LETTER,            //  A dead letter, for a subscriber
    TROUPE_STAGE_NAME,              //  For a watch on names: its number in 'size', the change in 'flags', both strings
    TROUPE_STAGE_CONNECTED,         //  Of a way to another process: there is a connection, numbered by 'size'
    TROUPE_STAGE_BROKEN,            //  It is lost: 'reason'
    TROUPE_STAGE_PEER_LOST          //  The same for the mailbox; numbered by 'size'
} troupe_stage_item_kind_t;

struct troupe_stage_item {
    troupe_stage_item_t *next;
    troupe_stage_item_kind_t kind;
    int64_t due_us;                 //  Not before; the lane keeps its order all the same
    troupe_block_t *block, *frame;
    troupe_record_kind_t record_kind;   //  Of a record: what the trace says of it
    uint8_t flags;
    uint16_t tag;
    size_t size;
    troupe_reason_t *reason;
    troupe_error_t error;
    troupe_dead_letter_t *letter;
};

//  Where items wait for one player.
struct troupe_stage_lane {
    troupe_stage_player_t *to;
    troupe_stage_lane_t *next;      //  Of the same player
    troupe_stage_item_t *first, *last;
    size_t count;
    bool control;                   //  Goes before mail
    bool attached;                  //  In its player's list
    troupe_stage_way_t *way;        //  Of mail and answers
    bool backward;                  //  Answers, to the ref
    troupe_link_t *link;            //  Control words from a child; null: from the parent
};

//  From one ref to one mailbox and back. The number is what the receiver knows its peer by.
struct troupe_stage_way {
    uint64_t number;
    troupe_stage_player_t *from, *to;
    troupe_ref_t *ref;              //  Null once it is closed
    bool remote;                    //  It leads from one process to another
    bool connected;
    uint32_t connection;            //  Its number; grows with each
    uint32_t known;                 //  The one that the ref has been told of
    troupe_mailbox_options_t limits;    //  As they are while the mailbox is not made to look full
    troupe_stage_lane_t forward, backward;
};

//  An actor on the stage.
struct troupe_stage_player {
    troupe_actor_t cell;            //  First: a cell's address is its player's
    troupe_stage_t *stage;
    troupe_stage_player_t *next;    //  All players, in order of spawning
    char *name;                     //  "" for none
    char *label;                    //  For the trace: its name, or its id
    char *endpoint;                 //  Its other name, "ipc://..."; or null
    char *listen;                   //  What its mailbox shall listen at, or null
    char *listens;                  //  The same with its port filled in, once it does
    bool remote;                    //  In a process of its own: see remote.c
    bool cut_off;
    bool crashed;                   //  Its last incarnation, and the next one has not started
    bool muted;                     //  Nothing that it sends gets out
    int crash_signal;               //  It crashes when its turn ends
    bool named;                     //  In the directory
    bool name_taken;                //  Somebody else was: it will be stopped, whatever its start says
    bool gone;                      //  Final and forgotten by its parent
    bool abandoned;                 //  Given up by its parent
    bool hung;                      //  Takes no turn, by order
    bool busy;                      //  Within a turn: it waits for room in a mailbox
    bool full;                      //  Refuses all mail, by order
    bool subscribed;                //  To dead letters
    bool more;                      //  Its cell has said that it is not done
    uint32_t started, ended;        //  The last incarnations that have told their parent so
    uint32_t stopping;              //  The one that the test has asked to end
    size_t kept;                    //  Messages that it has kept and not destroyed
    int64_t hung_us;                //  Since when
    uint64_t wedged_timer;          //  Its parent's: when it has hung too long
    troupe_stage_player_t *parent;
    troupe_stage_lane_t *lanes;
    troupe_stage_lane_t down, up, letters, changes;
    troupe_reason_t *reason;        //  Of its last incarnation's end
    troupe_behavior_t faulty;       //  Stands in for its behavior while a fault waits for it
    const troupe_behavior_t *behavior;
};

//  What there is of ZeroMQ: see stage/zmq.h.
typedef struct troupe_stage_edge {
    struct troupe_stage_pipe *pipes;
    struct troupe_stage_zmq *sockets;
    troupe_stage_zmq_peer_t *peers;
    unsigned pipe_count, peer_count;
    uint64_t letters;                   //  So far
} troupe_stage_edge_t;

typedef struct troupe_stage_setting {
    struct troupe_stage_setting *next;
    char *path, *value;
} troupe_stage_setting_t;

struct troupe_stage {
    uint64_t seed;
    int64_t now_us;
    troupe_random_state_t order;    //  Chooses who takes the next turn
    troupe_random_state_t seeds;    //  Of the players
    troupe_stage_player_t *players, *last_player;
    troupe_stage_player_t *guest;
    troupe_stage_way_t **ways;      //  By number - 1
    size_t way_count, way_capacity;
    troupe_stage_fault_t *faults;
    troupe_stage_setting_t *settings;
    troupe_stage_port_t *ports;             //  Where streams arrive: see streams.c
    troupe_stage_peer_t *peers, *last_peer;
    unsigned peer_count, free_ports;
    unsigned mailbox_ports;                 //  Given to mailboxes so far
    troupe_stage_edge_t edge;
    struct troupe_stage_ready *ready;       //  Descriptors made ready: see watches.c
    struct troupe_stage_alias *aliases;     //  See names.c
    struct troupe_stage_follower *followers;
    troupe_probe_t *probes;
    troupe_stage_text_t trace, log, answer;
    uint64_t dead_letters [TROUPE_DEAD_REASONS];
    size_t blocks;                          //  Payloads alive, in lanes or held by actors
    uint64_t turns;                         //  Since the clock moved last
};

static inline troupe_stage_player_t *troupe_stage_player (const troupe_actor_t *cell)
{
    return cell->host_data;
}

//  --- memory.c: the stage does not do without memory: these end the test when it is out

void *troupe_stage_memory (size_t size);
char *troupe_stage_string (const char *text);
void troupe_stage_text_add (troupe_stage_text_t *text, const char *format, ...) TROUPE_PRINTF (2, 3);
void troupe_stage_text_addv (troupe_stage_text_t *text, const char *format, va_list arguments)
    __attribute__ ((__format__ (__printf__, 2, 0)));
void troupe_stage_text_bytes (troupe_stage_text_t *text, const void *data, size_t size);
void troupe_stage_text_clear (troupe_stage_text_t *text);

//  --- trace.c

//  Ends the test: one line with the seed, the trace, and abort ().
_Noreturn void troupe_stage_die (troupe_stage_t *stage, const char *format, ...) TROUPE_PRINTF (2, 3);
//  One line of the trace, with the time in front.
void troupe_stage_note (troupe_stage_t *stage, const char *format, ...) TROUPE_PRINTF (2, 3);
//  "users#2", in 'text', which is also the result.
char *troupe_stage_who (const troupe_stage_player_t *player, char *text, size_t size);
//  "GET call 16": what an item of a lane is, as its receiver calls it.
char *troupe_stage_what (const troupe_stage_lane_t *lane, const troupe_stage_item_t *item, char *text, size_t size);
//  Whether users' messages are in it, or the runtime's own.
bool troupe_stage_is_message (const troupe_stage_item_t *item);
//  The line of an item that is being delivered.
void troupe_stage_note_item (const troupe_stage_lane_t *lane, const troupe_stage_item_t *item);
//  The line of what a player tells its parent; keeps the reason of its end.
void troupe_stage_note_word (troupe_stage_player_t *player, const void *data, size_t size);
void troupe_stage_log_line (troupe_actor_t *cell, troupe_log_level_t level, const char *text);
#define TROUPE_STAGE_WHO_MAX 96

//  --- players.c

extern const troupe_host_t troupe_stage_host;

//  Makes a player with a cell in it; the guest has no parent. Null when memory for the cell is out.
troupe_stage_player_t *troupe_stage_player_new (troupe_stage_t *stage, const troupe_child_t *spec,
                                                troupe_stage_player_t *parent);
void troupe_stage_player_free (troupe_stage_player_t *player);
//  The one that has that address now, or had it last; null when there never was one. Null finds nobody.
troupe_stage_player_t *troupe_stage_find (troupe_stage_t *stage, const char *address);
//  Only one that has it now.
troupe_stage_player_t *troupe_stage_find_named (troupe_stage_t *stage, const char *address);
//  Closes what leads to its cell and frees what is in it.
void troupe_stage_player_empty (troupe_stage_player_t *player);
bool troupe_stage_player_is (const troupe_stage_player_t *player, const char *name);
//  It begins to hang, or goes on: its parent notices when that takes longer than its spec allows, as a watchdog would.
void troupe_stage_player_hang (troupe_stage_player_t *player, bool hung);

//  --- names.c

troupe_error_t troupe_stage_name_register (troupe_actor_t *cell, const char *name);
troupe_error_t troupe_stage_name_unregister (troupe_actor_t *cell, const char *name);
troupe_error_t troupe_stage_name_find (troupe_actor_t *cell, const char *name, char *endpoint, size_t size);
troupe_error_t troupe_stage_name_list (troupe_actor_t *cell, const char *prefix, troupe_name_fn *on_name,
                                       void *context);
troupe_error_t troupe_stage_name_watch (troupe_actor_t *cell, const char *prefix, uint64_t number);
void troupe_stage_name_unwatch (troupe_actor_t *cell, uint64_t number);
//  Gives a change to the cell that follows it.
void troupe_stage_name_deliver (troupe_stage_lane_t *lane, const troupe_stage_item_t *item);
//  Who has taken that name besides its own; null for nobody.
troupe_stage_player_t *troupe_stage_name_alias (troupe_stage_t *stage, const char *name);
//  A player's own name comes, or goes.
void troupe_stage_name_own (troupe_stage_player_t *player, bool named);
//  All its names go; and its watches.
void troupe_stage_names_leave (troupe_stage_player_t *player);
void troupe_stage_names_forget (troupe_stage_player_t *player);

//  --- lanes.c

troupe_stage_item_t *troupe_stage_item_new (troupe_stage_item_kind_t kind);
void troupe_stage_item_free (troupe_stage_item_t *item);
troupe_block_t *troupe_stage_block (troupe_stage_t *stage, const void *data, size_t size);
void troupe_stage_lane_add (troupe_stage_lane_t *lane, troupe_stage_item_t *item);
troupe_stage_item_t *troupe_stage_lane_take (troupe_stage_lane_t *lane);
void troupe_stage_lane_clear (troupe_stage_lane_t *lane);
void troupe_stage_lane_open (troupe_stage_lane_t *lane, troupe_stage_player_t *to, bool control);
//  Empties it and takes it out of its player's list.
void troupe_stage_lane_close (troupe_stage_lane_t *lane);
//  Gives the first item of a lane to its player's cell.
void troupe_stage_lane_deliver (troupe_stage_lane_t *lane);

//  --- ways.c

troupe_error_t troupe_stage_ref_open (troupe_actor_t *cell, troupe_ref_t *ref);
void troupe_stage_ref_close (troupe_actor_t *cell, troupe_ref_t *ref);
void troupe_stage_ref_send (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack);
bool troupe_stage_ref_wait (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us);
bool troupe_stage_peer_answer (troupe_actor_t *cell, troupe_peer_t *peer, troupe_pack_t *pack);
//  Gives all mail that waits for a cell to it.
void troupe_stage_collect (troupe_actor_t *cell);
//  Tells every open ref to a player that was given up.
void troupe_stage_ways_lost (troupe_stage_player_t *to, const troupe_reason_t *reason);
//  Makes the refs to a mailbox find it full, or not.
void troupe_stage_ways_fill (troupe_stage_player_t *to);
void troupe_stage_ways_free (troupe_stage_t *stage);

//  The peer that a mailbox knows a way by; null when memory is out.
troupe_peer_t *troupe_stage_way_peer (troupe_stage_way_t *way);
//  Adds an item with a copy of the reason, or none, to the lane of answers.
void troupe_stage_way_tell (troupe_stage_way_t *way, troupe_stage_item_kind_t kind, const troupe_reason_t *reason);

//  --- remote.c: actors in other processes

//  A way has been opened that leads to another process: it is connected, or found broken.
void troupe_stage_remote_open (troupe_stage_way_t *way);
//  Its ref is closed, without a word when its owner has crashed.
void troupe_stage_remote_close (troupe_stage_way_t *way);
//  An item of a connection is delivered.
void troupe_stage_remote_deliver (troupe_stage_lane_t *lane, const troupe_stage_item_t *item);
//  A player has started, or is gone for good.
void troupe_stage_remote_started (troupe_stage_player_t *player);
void troupe_stage_remote_gone (troupe_stage_player_t *player, const troupe_reason_t *reason);
//  Everybody can be reached again.
void troupe_stage_remote_heal (troupe_stage_t *stage);
//  Does what troupe_stage_crash has asked for while the player had its turn.
void troupe_stage_remote_crash (troupe_stage_player_t *player, int signal_number);
//  Whether a mailbox listens at that endpoint.
bool troupe_stage_listens_at (const troupe_stage_player_t *player, const char *endpoint);
troupe_error_t troupe_stage_listen_mailbox (troupe_actor_t *cell, char *why, size_t why_size);

//  --- schedule.c

//  When the next thing is due that nobody can do yet; TROUPE_FOREVER for never.
int64_t troupe_stage_next_us (troupe_stage_t *stage);
void troupe_stage_move_clock (troupe_stage_t *stage, int64_t now_us);
//  Steps, moving the clock when nobody has anything to do, at most to 'until_us'. False when nothing is left until
//  then; the clock then stands where it was.
bool troupe_stage_proceed (troupe_stage_t *stage, int64_t until_us);

//  --- faults.c

//  What the faults that wait do to an item that is being sent: true when it is lost; its due time is set when it is
//  held back.
bool troupe_stage_fault_send (troupe_stage_lane_t *lane, troupe_stage_item_t *item);
//  TROUPE_OK, or what this spawn shall return.
troupe_error_t troupe_stage_fault_spawn (troupe_stage_t *stage, const char *id);
//  Bracket whatever drives a cell: a behavior that fails stands in for the player's own while a fault waits for it.
void troupe_stage_fault_enter (troupe_stage_player_t *player);
void troupe_stage_fault_leave (troupe_stage_player_t *player);
void troupe_stage_faults_free (troupe_stage_t *stage);

//  --- streams.c, peers.c: how many things streams can do now for a player, and doing one of them
size_t troupe_stage_streams_ready (troupe_stage_player_t *player);
void troupe_stage_streams_turn (troupe_stage_player_t *player, size_t which);
void troupe_stage_streams_free (troupe_stage_t *stage);

//  --- watches.c: the same for watched descriptors

troupe_error_t troupe_stage_watch (troupe_actor_t *cell, troupe_watch_t *watch);
void troupe_stage_unwatch (troupe_actor_t *cell, troupe_watch_t *watch);
size_t troupe_stage_watches_ready (troupe_stage_player_t *player);
void troupe_stage_watches_turn (troupe_stage_player_t *player, size_t which);
void troupe_stage_watches_free (troupe_stage_t *stage);

//  --- zmq_sockets.c, zmq_peers.c: the same for ZeroMQ sockets

size_t troupe_stage_zmqs_ready (troupe_stage_player_t *player);
void troupe_stage_zmqs_turn (troupe_stage_player_t *player, size_t which);
void troupe_stage_zmqs_free (troupe_stage_t *stage);

//  --- probe.c

void troupe_stage_probes_free (troupe_stage_t *stage);

//  --- check.c

//  Ends the test when a call without a deadline waits for its answer.
void troupe_stage_check_calls (troupe_stage_t *stage);
//  Ends the test when the actors, which have ended, have left something behind.
void troupe_stage_check_leaks (troupe_stage_t *stage);

#endif
