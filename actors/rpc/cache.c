/*  =========================================================================
    cache.c - a question that is asked again is not done again

    Place: actors/rpc; see ingress.h. Goes by the header Request-Id, which its
    sender has chosen so that nobody guesses it, and by all else of the
    question. While the first one is under way the others wait for its answer;
    then it is kept, for a time and within a size.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>
#include <string.h>

//  Questions whose names are longer are done each time.
#define S_KEY_MAX 2048u

static size_t s_memory (const troupe_rpc_kept_t *self)
{
    return sizeof *self + self->size + self->response_size;
}

//  --- Keys

typedef struct s_key {
    size_t size;
    bool whole;
    uint8_t bytes [S_KEY_MAX];
} s_key_t;

static void s_add (s_key_t *key, const void *data, size_t size)
{
    const uint32_t length = (uint32_t) size;
    if (!key->whole || size > S_KEY_MAX || key->size + sizeof length + size > S_KEY_MAX) {
        key->whole = false;
        return;
    }
    memcpy (key->bytes + key->size, &length, sizeof length);
    key->size += sizeof length;
    if (size)
        memcpy (key->bytes + key->size, data, size);
    key->size += size;
}

//  Of the body a hash will do. False when there is no Request-Id, or all is too long.
static bool s_make_key (const troupe_rpc_ingress_t *ingress, const troupe_request_t *request, s_key_t *key)
{
    const troupe_text_t id = troupe_request_header (request, "Request-Id");
    const troupe_text_t authorization = troupe_request_header (request, "Authorization");
    if (id.size == 0)
        return false;
    const uint64_t body [2] = {
        request->body.size, troupe_rpc_hash (ingress->seed, request->body.data, request->body.size),
    };
    key->size = 0;
    key->whole = true;
    s_add (key, id.data, id.size);
    s_add (key, request->method.data, request->method.size);
    s_add (key, request->path.data, request->path.size);
    s_add (key, request->query.data, request->query.size);
    s_add (key, authorization.data, authorization.size);
    s_add (key, request->user.data, request->user.size);
    s_add (key, body, sizeof body);
    return key->whole;
}

static troupe_rpc_kept_t **s_find (troupe_rpc_ingress_t *ingress, const void *key, size_t size)
{
    troupe_rpc_kept_t **at = &ingress->cache.buckets [troupe_rpc_hash (ingress->seed, key, size) % TROUPE_RPC_BUCKETS];
    while (*at && ((*at)->size != size || memcmp ((*at)->key, key, size) != 0))
        at = &(*at)->next;
    return at;
}

//  --- Entries

//  Out of its bucket, and freed.
static void s_forget (troupe_rpc_ingress_t *ingress, troupe_rpc_kept_t *self)
{
    *s_find (ingress, self->key, self->size) = self->next;
    ingress->cache.memory -= s_memory (self);
    ingress->cache.entries--;
    free (self->response);
    free (self);
}

static void s_forget_oldest (troupe_rpc_ingress_t *ingress)
{
    troupe_rpc_kept_t *oldest = ingress->cache.oldest;
    ingress->cache.oldest = oldest->younger;
    if (oldest->younger == NULL)
        ingress->cache.youngest = NULL;
    s_forget (ingress, oldest);
}

//  Makes room; false when there is none.
static bool s_make_room (troupe_rpc_ingress_t *ingress, size_t more)
{
    while (ingress->cache.memory + more > ingress->options.cache_limit_bytes && ingress->cache.oldest)
        s_forget_oldest (ingress);
    return ingress->cache.memory + more <= ingress->options.cache_limit_bytes;
}

static void s_begin (troupe_rpc_inquiry_t *inquiry, const s_key_t *key)
{
    troupe_rpc_ingress_t *ingress = inquiry->ingress;
    troupe_rpc_kept_t *self = NULL;
    if (s_make_room (ingress, sizeof *self + key->size))
        self = calloc (1, sizeof *self + key->size);
    if (self == NULL)
        return;
    self->size = key->size;
    memcpy (self->key, key->bytes, key->size);
    *s_find (ingress, self->key, self->size) = self;
    ingress->cache.memory += s_memory (self);
    ingress->cache.entries++;
    inquiry->kept = self;
}

static void s_answer_again (troupe_rpc_inquiry_t *self, troupe_bytes_t response)
{
    self->ingress->counters.answers_kept++;
    if (!self->unwanted)
        troupe_rpc_send_response (self, response);
    troupe_rpc_inquiry_free (self);
}

troupe_rpc_known_t troupe_rpc_cache_look (troupe_rpc_inquiry_t *self, const troupe_request_t *request)
{
    s_key_t key;
    if (!s_make_key (self->ingress, request, &key))
        return TROUPE_RPC_NEW;
    troupe_rpc_cache_sweep (self->ingress);
    troupe_rpc_kept_t *kept = *s_find (self->ingress, key.bytes, key.size);
    if (kept == NULL) {
        s_begin (self, &key);
        return TROUPE_RPC_NEW;
    }
    if (kept->answered) {
        s_answer_again (self, (troupe_bytes_t) { kept->response, kept->response_size });
        return TROUPE_RPC_ANSWERED;
    }
    self->next_waiting = kept->waiting;
    kept->waiting = self;
    return TROUPE_RPC_WAITING;
}

//  --- The answer

static bool s_keep (troupe_rpc_ingress_t *ingress, troupe_rpc_kept_t *self, troupe_bytes_t response)
{
    uint8_t *copy = s_make_room (ingress, response.size) ? malloc (response.size) : NULL;
    if (copy == NULL)
        return false;
    memcpy (copy, response.data, response.size);
    self->response = copy;
    self->response_size = response.size;
    self->answered = true;
    self->until_ms = troupe_now_ms (ingress->self) + ingress->options.cache_time_ms;
    ingress->cache.memory += response.size;
    if (ingress->cache.youngest)
        ingress->cache.youngest->younger = self;
    else
        ingress->cache.oldest = self;
    ingress->cache.youngest = self;
    troupe_rpc_arm_sweep (ingress);
    return true;
}

void troupe_rpc_cache_answered (troupe_rpc_inquiry_t *self, troupe_bytes_t response, bool keep)
{
    troupe_rpc_ingress_t *ingress = self->ingress;
    troupe_rpc_kept_t *kept = self->kept;
    if (kept == NULL)
        return;
    self->kept = NULL;
    while (kept->waiting) {
        troupe_rpc_inquiry_t *waiting = kept->waiting;
        kept->waiting = waiting->next_waiting;
        s_answer_again (waiting, response);
    }
    if (!keep || response.data == NULL || !s_keep (ingress, kept, response))
        s_forget (ingress, kept);
}

void troupe_rpc_cache_sweep (troupe_rpc_ingress_t *ingress)
{
    const int64_t now_ms = troupe_now_ms (ingress->self);
    while (ingress->cache.oldest && ingress->cache.oldest->until_ms <= now_ms)
        s_forget_oldest (ingress);
}

void troupe_rpc_cache_free (troupe_rpc_ingress_t *ingress)
{
    for (size_t index = 0; index < TROUPE_RPC_BUCKETS; index++)
        while (ingress->cache.buckets [index])
            //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list
            s_forget (ingress, ingress->cache.buckets [index]);
}
