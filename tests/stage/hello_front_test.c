/*  =========================================================================
    hello_front_test.c - browsers on a raw socket, without the socket

    Place: tests/stage, of samples/hello_nanomsg: the front, unmodified. The test
    is the browser, and a probe the bridge.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include <hello.h>

#define S_SEED 7
#define S_HEAD(STATUS) "HTTP/1.1 " STATUS "\r\nDate: Thu, 01 Jan 2026 00:00:"
#define S_GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

typedef struct scene {
    troupe_stage_t *stage;
    troupe_probe_t *bridge;
    troupe_stage_zmq_peer_t *browser;
} scene_t;

static scene_t s_scene (void)
{
    scene_t scene = { .stage = troupe_stage_new (S_SEED) };
    troupe_stage_config (scene.stage, "children/front/http", "127.0.0.1:8080");
    troupe_stage_config (scene.stage, "children/front/deadline", "2000");
    scene.bridge = troupe_stage_probe (scene.stage, "bridge");
    cr_assert_eq (troupe_stage_spawn (scene.stage, &hello_front, NULL), TROUPE_OK);
    scene.browser = troupe_stage_zmq_peer (scene.stage, "tcp://127.0.0.1:8080", "browser");
    troupe_stage_run (scene.stage);
    return scene;
}

static void s_say (scene_t *scene, const void *data, size_t size)
{
    const troupe_bytes_t frame = { data, size };
    cr_assert (troupe_stage_zmq_deliver (scene->browser, &frame, 1));
    troupe_stage_run (scene->stage);
}

static void s_say_text (scene_t *scene, const char *text)
{
    s_say (scene, text, strlen (text));
}

//  What the bridge is asked next, "GET /path"; "" when it is asked nothing.
static const char *s_asked (scene_t *scene)
{
    static char text [64];
    troupe_request_t request;
    troupe_message_t *message = troupe_probe_next (scene->bridge);
    *text = 0;
    if (message) {
        cr_assert_eq (troupe_request_from_message (message, &request), TROUPE_OK);
        snprintf (text, sizeof text, "%s %s", request.method.data, request.path.data);
    }
    return text;
}

//  The bridge answers what it was asked last.
static void s_reply (scene_t *scene, const char *body)
{
    troupe_response_t *response = troupe_response_new ();
    troupe_response_text (response, 200, body);
    const troupe_bytes_t encoded = troupe_response_encoded (response);
    troupe_probe_reply (scene->bridge, encoded.data, encoded.size);
    troupe_response_destroy (&response);
    troupe_stage_run (scene->stage);
}

//  What the browser gets next begins with 'begin' and ends with 'end'.
static void s_gets (scene_t *scene, const char *begin, const char *end)
{
    const char *text = troupe_stage_zmq_taken (scene->browser);
    cr_assert_not_null (text, "nothing instead of %s", begin);
    cr_assert_eq (strncmp (text, begin, strlen (begin)), 0, "%s", text);
    cr_assert (strlen (text) >= strlen (end));
    cr_assert_str_eq (text + strlen (text) - strlen (end), end);
}

//  It is sent no bytes: that is how it is cut off.
static void s_is_cut_off (scene_t *scene)
{
    cr_assert_str_eq (troupe_stage_zmq_taken (scene->browser), "");
}

//  TCP cuts where it likes.
Test (hello_front, a_request_may_come_octet_by_octet)
{
    scene_t scene = s_scene ();
    const char *request = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    for (const char *octet = request; *octet; octet++) {
        cr_assert_str_empty (s_asked (&scene));
        s_say (&scene, octet, 1);
    }
    cr_assert_str_eq (s_asked (&scene), "POST /x");
    s_reply (&scene, "Hello World!!");
    s_gets (&scene, S_HEAD ("200 OK"), "Content-Length: 13\r\n\r\nHello World!!");
    troupe_stage_destroy (&scene.stage);
}

//  And several requests may come at once; none passes the one before it.
Test (hello_front, pipelined_requests_are_answered_in_order)
{
    scene_t scene = s_scene ();
    s_say_text (&scene, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HT");
    cr_assert_str_eq (s_asked (&scene), "GET /1");
    s_say_text (&scene, "TP/1.1\r\nHost: a\r\n\r\nbad\r\n");
    s_reply (&scene, "one");
    s_gets (&scene, S_HEAD ("200 OK"), "\r\n\r\none");
    cr_assert_str_eq (s_asked (&scene), "GET /2");
    s_reply (&scene, "two");
    s_gets (&scene, S_HEAD ("200 OK"), "\r\n\r\ntwo");
    cr_assert_str_eq (s_asked (&scene), "GET /3");
    s_reply (&scene, "three");
    s_gets (&scene, S_HEAD ("200 OK"), "\r\n\r\nthree");
    s_gets (&scene, S_HEAD ("400 Bad Request"), "}");
    cr_assert_str_empty (s_asked (&scene));
    troupe_stage_destroy (&scene.stage);
}

//  No browser waits for ever, whoever is to blame.
Test (hello_front, every_wait_has_an_end)
{
    scene_t scene = s_scene ();
    s_say_text (&scene, S_GET);
    troupe_stage_advance (scene.stage, 2000);
    s_gets (&scene, S_HEAD ("504 Gateway Timeout"), "\"No worker has answered in time.\"}");
    s_say_text (&scene, "GET / HT");
    troupe_stage_advance (scene.stage, 9800);
    s_say_text (&scene, "TP");
    cr_assert_null (troupe_stage_zmq_taken (scene.browser), "it has some time left");
    troupe_stage_advance (scene.stage, 300);
    s_gets (&scene, S_HEAD ("408 Request Timeout"), "}");
    troupe_stage_advance (scene.stage, 1800);
    cr_assert_null (troupe_stage_zmq_taken (scene.browser), "it may read that first");
    troupe_stage_advance (scene.stage, 300);
    s_is_cut_off (&scene);
    troupe_stage_destroy (&scene.stage);
}

Test (hello_front, an_idle_browser_is_cut_off)
{
    scene_t scene = s_scene ();
    troupe_stage_advance (scene.stage, 29800);
    cr_assert_null (troupe_stage_zmq_taken (scene.browser));
    troupe_stage_advance (scene.stage, 300);
    s_is_cut_off (&scene);
    troupe_stage_destroy (&scene.stage);
}

//  Its call is given up, and another browser is none of its business.
Test (hello_front, a_browser_may_go_while_it_is_waiting)
{
    scene_t scene = s_scene ();
    s_say_text (&scene, S_GET);
    cr_assert_str_eq (s_asked (&scene), "GET /");
    troupe_stage_zmq_connected (scene.browser, false);
    troupe_stage_run (scene.stage);
    s_reply (&scene, "too late");
    cr_assert_null (troupe_stage_zmq_taken (scene.browser));
    scene.browser = troupe_stage_zmq_peer (scene.stage, "tcp://127.0.0.1:8080", "another");
    s_say_text (&scene, S_GET);
    cr_assert_str_eq (s_asked (&scene), "GET /");
    s_reply (&scene, "hello");
    s_gets (&scene, S_HEAD ("200 OK"), "hello");
    troupe_stage_destroy (&scene.stage);
}

//  The socket cannot pause one of its peers, and memory is not for whoever sends most.
Test (hello_front, who_sends_too_much_ahead_is_cut_off)
{
    static char much [40000];
    scene_t scene = s_scene ();
    s_say_text (&scene, S_GET);
    s_say (&scene, much, sizeof much);
    cr_assert_null (troupe_stage_zmq_taken (scene.browser));
    s_say (&scene, much, sizeof much);
    s_is_cut_off (&scene);
    s_say (&scene, much, sizeof much);
    troupe_stage_advance (scene.stage, 100);
    cr_assert_null (troupe_stage_zmq_taken (scene.browser));
    troupe_stage_destroy (&scene.stage);
}

//  What it has no room for is not cut in two: it gets nothing, and its end as soon as there is room for that.
Test (hello_front, who_does_not_read_is_cut_off)
{
    scene_t scene = s_scene ();
    s_say_text (&scene, S_GET);
    cr_assert_str_eq (s_asked (&scene), "GET /");
    troupe_stage_zmq_fill (scene.browser, true);
    s_reply (&scene, "hello");
    troupe_stage_advance (scene.stage, 2000);
    troupe_stage_zmq_fill (scene.browser, false);
    troupe_stage_advance (scene.stage, 1000);
    s_is_cut_off (&scene);
    cr_assert_null (troupe_stage_zmq_taken (scene.browser));
    troupe_stage_destroy (&scene.stage);
}

//  Whoever has asked is answered before the socket is closed.
Test (hello_front, the_end_waits_for_answers)
{
    scene_t scene = s_scene ();
    s_say_text (&scene, S_GET);
    troupe_stage_trace_clear (scene.stage);
    cr_assert_eq (troupe_stage_stop (scene.stage, "front"), TROUPE_OK);
    cr_assert_str_eq (troupe_stage_trace (scene.stage),
                      "2000 front#1 -> STREAM: 2 frames\n2000 front#1 ended: front#1 SHUTDOWN\n2000 front gone\n");
    troupe_stage_destroy (&scene.stage);
}
