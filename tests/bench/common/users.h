/*  =========================================================================
    common/users.h - what the RPC benchmarks ask and are answered

    Place: tests/bench, for the project's programs and its peers' alike. There
    are 1,000 users. A call asks for one of them, by method, path and a small
    body; the answer is a status and a body, which the asker checks. Paths and
    answers are made beforehand, so that nobody is measured by his printf.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BENCH_USERS_H_INCLUDED
#define BENCH_USERS_H_INCLUDED

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_USERS 1000
#define BENCH_USERS_METHOD "GET"
#define BENCH_USERS_FOLDER "/users/"
#define BENCH_USERS_BODY "{\"fields\":\"id,name\"}"

typedef struct {
    char path [32];             //  "/users/17"
    char answer [64];           //  {"id":17,"name":"user 17"}
    size_t path_size, answer_size;
} bench_user_t;

//  All of them. The caller frees them.
bench_user_t *bench_users_new (void);

//  The user whose number this text is; null when there is none.
const bench_user_t *bench_users_find (const bench_user_t *users, const char *text, size_t size);

//  Ends the program, unless this is the answer to a call for that user.
void bench_users_check (const bench_user_t *user, int status, const void *body, size_t size);

//  For peers that have no form of their own: "GET /users/17\n" and the body; "200\n" and the body. Each fits into so
//  many bytes.
#define BENCH_USERS_TEXT_MAX 128

//  Writes a call; returns its size.
size_t bench_users_ask (const bench_user_t *user, char *room);

//  Does what a server does: reads a call, finds the user, writes the answer. Returns its size.
size_t bench_users_answer (const bench_user_t *users, const char *call, size_t size, char *room);

//  Ends the program, unless this is the answer to that call.
void bench_users_check_text (const bench_user_t *user, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
