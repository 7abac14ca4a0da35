/*  =========================================================================
    common/users.c - what the RPC benchmarks ask and are answered

    Place: tests/bench. See users.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "report.h"
#include "users.h"

#include <stdio.h>
#include <string.h>

#define STATUS_OK 200
#define STATUS_NOT_FOUND 404

static const char s_call [] = BENCH_USERS_METHOD " " BENCH_USERS_FOLDER;

bench_user_t *bench_users_new (void)
{
    bench_user_t *users = bench_allocate (BENCH_USERS, sizeof *users);
    for (int number = 0; number < BENCH_USERS; number++) {
        bench_user_t *user = &users [number];
        user->path_size = (size_t) snprintf (user->path, sizeof user->path, BENCH_USERS_FOLDER "%d", number);
        user->answer_size = (size_t) snprintf (user->answer, sizeof user->answer, "{\"id\":%d,\"name\":\"user %d\"}",
                                               number, number);
    }
    return users;
}

const bench_user_t *bench_users_find (const bench_user_t *users, const char *text, size_t size)
{
    size_t number = 0;
    for (size_t at = 0; at < size; at++) {
        if (text [at] < '0' || text [at] > '9' || number >= BENCH_USERS)
            return NULL;
        number = 10 * number + (size_t) (text [at] - '0');
    }
    return size > 0 && number < BENCH_USERS? &users [number]: NULL;
}

void bench_users_check (const bench_user_t *user, int status, const void *body, size_t size)
{
    bench_check (status == STATUS_OK, "the answer has another status");
    bench_check (size == user->answer_size && memcmp (body, user->answer, size) == 0, "the answer is another one");
}

//  --- As text

static size_t s_put (char *room, size_t at, const char *text, size_t size)
{
    bench_check (at + size <= BENCH_USERS_TEXT_MAX, "the text is too long");
    memcpy (room + at, text, size);
    return at + size;
}

size_t bench_users_ask (const bench_user_t *user, char *room)
{
    size_t size = s_put (room, 0, BENCH_USERS_METHOD " ", sizeof BENCH_USERS_METHOD);
    size = s_put (room, size, user->path, user->path_size);
    size = s_put (room, size, "\n", 1);
    return s_put (room, size, BENCH_USERS_BODY, sizeof BENCH_USERS_BODY - 1);
}

size_t bench_users_answer (const bench_user_t *users, const char *call, size_t size, char *room)
{
    const size_t head = sizeof s_call - 1;
    const char *end = memchr (call, '\n', size);
    bench_check (end != NULL && size > head && memcmp (call, s_call, head) == 0, "the call is malformed");
    const bench_user_t *user = bench_users_find (users, call + head, (size_t) (end - call) - head);
    if (user == NULL)
        return (size_t) snprintf (room, BENCH_USERS_TEXT_MAX, "%d\n", STATUS_NOT_FOUND);
    const size_t at = s_put (room, 0, "200\n", 4);
    return s_put (room, at, user->answer, user->answer_size);
}

void bench_users_check_text (const bench_user_t *user, const char *text, size_t size)
{
    bench_check (size > 4 && memcmp (text, "200\n", 4) == 0, "the answer is malformed");
    bench_users_check (user, STATUS_OK, text + 4, size - 4);
}
