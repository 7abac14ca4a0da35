/*  =========================================================================
    rpc_user_test.c - the RPC door says who asks, and believes nobody else

    Place: tests/stage, of actors/rpc and actors/door.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "rpc_door.h"

#define WHO "{\"method\":\"GET\",\"path\":\"/who\"}"
#define NAMED(NAME) "{\"status\":200,\"body\":\"" NAME "\"}"
#define MEMBERS "{\"method\":\"GET\",\"path\":\"/members\"}"

//  Appends a question that names a user itself.
static void s_add_forged (troupe_rpc_message_t *message, uint64_t id, const char *path, const char *user)
{
    uint8_t room [512];
    size_t size = 0;
    const troupe_request_parts_t parts = { .method = troupe_text ("GET"), .path = troupe_text (path),
                                           .user = troupe_text (user) };
    cr_assert_eq (troupe_request_encode (&parts, room, sizeof room, &size), TROUPE_OK);
    const troupe_rpc_record_t record = { .kind = TROUPE_RPC_ASK, .id = id, .left_us = TROUPE_FOREVER,
                                         .payload = { room, size } };
    cr_assert_eq (troupe_rpc_write (message, &record), TROUPE_OK);
}

//  A handler can go by who asks, in whatever form the question came.
Test (rpc_user, handlers_are_told_who_asks)
{
    rpc_door_t door = rpc_door_open (1, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t message = { 0 };
    cr_assert_str_eq (rpc_door_ask (&door, peer, WHO), NAMED ("nobody"));
    troupe_stage_zmq_user (peer, "ada");
    cr_assert_str_eq (rpc_door_ask (&door, peer, WHO), NAMED ("ada"));
    rpc_door_add (&message, 1, "GET", "/who", "X-Any: thing", NULL);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "1 200 ada");
    rpc_door_close (&door);
}

//  In troupe's framing clients encode requests themselves: what they write in about themselves does not count.
Test (rpc_user, nobody_says_himself_who_he_is)
{
    rpc_door_t door = rpc_door_open (2, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    troupe_rpc_message_t message = { 0 };
    s_add_forged (&message, 1, "/who", "root");
    s_add_forged (&message, 2, "/members", "root");
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "2 403; 1 200 nobody");
    troupe_stage_zmq_user (peer, "ada");
    s_add_forged (&message, 3, "/who", "root");
    s_add_forged (&message, 4, "/who", "ada");
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "3 200 ada; 4 200 ada");
    rpc_door_close (&door);
}

//  A route may be for those with a certificate only.
Test (rpc_user, a_route_may_ask_for_a_certificate)
{
    rpc_door_t door = rpc_door_open (3, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    cr_assert_not_null (strstr (rpc_door_ask (&door, peer, MEMBERS), "{\"status\":403,"));
    troupe_stage_zmq_user (peer, "ada");
    cr_assert_str_eq (rpc_door_ask (&door, peer, MEMBERS), NAMED ("ada"));
    rpc_door_close (&door);
}

//  A kept answer is for who asked: who has overheard a Request-Id does not get it.
Test (rpc_user, answers_are_kept_for_who_asked)
{
    rpc_door_t door = rpc_door_open (4, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    static const char *const users [] = { "ada", "ada", "bob", NULL };
    static const char *const answers [] = { "1 200 1", "1 200 1", "1 200 2", "1 200 3" };
    for (size_t index = 0; index < 4; index++) {
        troupe_rpc_message_t message = { 0 };
        troupe_stage_zmq_user (peer, users [index]);
        rpc_door_add (&message, 1, "GET", "/count", "Request-Id: 7", NULL);
        rpc_door_send (peer, &message);
        cr_assert_str_eq (rpc_door_records (&door, peer), answers [index]);
    }
    rpc_door_close (&door);
}

//  Clients choose their routing ids: who comes with another's neither goes on with his pieces nor takes his calls back.
Test (rpc_user, what_one_has_begun_no_other_goes_on_with)
{
    rpc_door_t door = rpc_door_open (5, NULL);
    troupe_stage_zmq_peer_t *peer = troupe_stage_zmq_peer (door.stage, RPC_ENDPOINT, "one");
    uint8_t room [256];
    size_t size = 0;
    const troupe_request_parts_t parts = { .method = troupe_text ("GET"), .path = troupe_text ("/who") };
    cr_assert_eq (troupe_request_encode (&parts, room, sizeof room, &size), TROUPE_OK);
    troupe_rpc_record_t record = { .kind = TROUPE_RPC_ASK, .id = 9, .left_us = TROUPE_FOREVER, .more = true,
                                   .payload = { room, size - 2 } };
    troupe_rpc_message_t message = { 0 };
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    troupe_stage_zmq_user (peer, "ada");
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "");
    record.more = false;
    record.payload = (troupe_bytes_t) { room + size - 2, 2 };
    troupe_stage_zmq_user (peer, "bob");
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "9 400");
    troupe_stage_zmq_user (peer, "ada");
    cr_assert_eq (troupe_rpc_write (&message, &record), TROUPE_OK);
    rpc_door_send (peer, &message);
    cr_assert_str_eq (rpc_door_records (&door, peer), "9 200 ada");
    rpc_door_close (&door);
}
