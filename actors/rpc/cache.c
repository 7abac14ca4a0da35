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
#define S_BODY_MAX 256u

//  So many bytes of the cache's limit have a bucket; and how many buckets there are at least and at most.
#define S_SHARE 64u
#define S_BUCKETS_MIN 64u
#define S_BUCKETS_MAX (1u << 20)

static size_t s_memory (const troupe_rpc_kept_t *self)
{
    return sizeof *self + (self->response == self->room ? 0 : self->response_size);
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

//  A large body is stood for by its digest, and by one text more.
static void s_add_body (const troupe_rpc_ingress_t *ingress, s_key_t *key, troupe_bytes_t body)
{
    if (body.size <= S_BODY_MAX) {
        s_add (key, body.data, body.size);
        return;
    }
    const troupe_rpc_digest_t digest = troupe_rpc_digest (ingress->key, body.data, body.size);
    s_add (key, &digest, sizeof digest);
    s_add (key, NULL, 0);
}

//  False when there is no Request-Id, or all is too long.
static bool s_make_digest (const troupe_rpc_ingress_t *ingress, const troupe_request_t *request,
                           troupe_rpc_digest_t *digest)
{
    s_key_t whole_key;
    s_key_t *key = &whole_key;
    const troupe_text_t id = troupe_request_header (request, "Request-Id");
    if (id.size == 0)
        return false;
    const troupe_text_t authorization = troupe_request_header (request, "Authorization");
    key->size = 0;
    key->whole = true;
    s_add (key, id.data, id.size);
    s_add (key, request->method.data, request->method.size);
    s_add (key, request->path.data, request->path.size);
    s_add (key, request->query.data, request->query.size);
    s_add (key, authorization.data, authorization.size);
    s_add (key, request->user.data, request->user.size);
    s_add_body (ingress, key, request->body);
    *digest = troupe_rpc_digest (ingress->key, key->bytes, key->size);
    return key->whole;
}

//  --- Entries

//  False when memory is out: then nothing is kept.
static bool s_make_buckets (troupe_rpc_ingress_t *ingress)
{
    troupe_rpc_cache_t *cache = &ingress->cache;
    size_t count = S_BUCKETS_MIN;
    if (cache->buckets)
        return true;
    while (count < S_BUCKETS_MAX && count < ingress->options.cache_limit_bytes / S_SHARE)
        count *= 2;
    cache->buckets = calloc (count, sizeof *cache->buckets);
    cache->bucket_count = cache->buckets ? count : 0;
    return cache->buckets != NULL;
}

static troupe_rpc_kept_t **s_bucket (const troupe_rpc_cache_t *cache, const troupe_rpc_digest_t *digest)
{
    return &cache->buckets [digest->one & (cache->bucket_count - 1)];
}

static troupe_rpc_kept_t *s_find (const troupe_rpc_cache_t *cache, const troupe_rpc_digest_t *digest)
{
    troupe_rpc_kept_t *self = cache->buckets ? *s_bucket (cache, digest) : NULL;
    while (self && (self->digest.one != digest->one || self->digest.other != digest->other))
        self = self->next;
    return self;
}

static void s_free_response (troupe_rpc_kept_t *self)
{
    if (self->response != self->room)
        free (self->response);
}

//  Out of its bucket, and freed.
static void s_forget (troupe_rpc_ingress_t *ingress, troupe_rpc_kept_t *self)
{
    troupe_rpc_kept_t **at = s_bucket (&ingress->cache, &self->digest);
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    ingress->cache.memory -= s_memory (self);
    ingress->cache.entries--;
    s_free_response (self);
    free (self);
}

static void s_forget_oldest (troupe_rpc_ingress_t *ingress)
{
    troupe_rpc_kept_t *oldest = ingress->cache.oldest;
    ingress->cache.oldest = oldest->younger;
    if (oldest->younger == NULL)
        ingress->cache.youngest = NULL;
    else
        __builtin_prefetch (oldest->younger);
    s_forget (ingress, oldest);
}

//  Makes room; false when there is none.
static bool s_make_room (troupe_rpc_ingress_t *ingress, size_t more)
{
    while (ingress->cache.memory + more > ingress->options.cache_limit_bytes && ingress->cache.oldest)
        s_forget_oldest (ingress);
    return ingress->cache.memory + more <= ingress->options.cache_limit_bytes;
}

static void s_begin (troupe_rpc_inquiry_t *inquiry, const troupe_rpc_digest_t *digest)
{
    troupe_rpc_ingress_t *ingress = inquiry->ingress;
    troupe_rpc_kept_t *self = NULL;
    if (s_make_buckets (ingress) && s_make_room (ingress, sizeof *self))
        self = malloc (sizeof *self);
    if (self == NULL)
        return;
    troupe_rpc_kept_t **bucket = s_bucket (&ingress->cache, digest);
    self->next = *bucket;
    self->digest = *digest;
    self->younger = NULL;
    self->waiting = NULL;
    self->until_ms = 0;
    self->answered = false;
    self->response = NULL;
    self->response_size = 0;
    *bucket = self;
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
    troupe_rpc_digest_t digest;
    if (!s_make_digest (self->ingress, request, &digest))
        return TROUPE_RPC_NEW;
    troupe_rpc_cache_sweep (self->ingress);
    troupe_rpc_kept_t *kept = s_find (&self->ingress->cache, &digest);
    if (kept == NULL) {
        s_begin (self, &digest);
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

//  Memory for the answer: its own room, or more.
static uint8_t *s_room (troupe_rpc_ingress_t *ingress, troupe_rpc_kept_t *self, size_t size)
{
    if (size <= TROUPE_RPC_KEPT_ROOM)
        return self->room;
    uint8_t *memory = s_make_room (ingress, size) ? malloc (size) : NULL;
    ingress->cache.memory += memory ? size : 0;
    return memory;
}

static bool s_keep (troupe_rpc_ingress_t *ingress, troupe_rpc_kept_t *self, troupe_bytes_t response)
{
    self->response = s_room (ingress, self, response.size);
    if (self->response == NULL)
        return false;
    memcpy (self->response, response.data, response.size);
    self->response_size = response.size;
    self->answered = true;
    self->until_ms = troupe_now_ms (ingress->self) + ingress->options.cache_time_ms;
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
    troupe_rpc_cache_t *cache = &ingress->cache;
    for (size_t index = 0; index < cache->bucket_count; index++)
        while (cache->buckets [index])
            //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list
            s_forget (ingress, cache->buckets [index]);
    free (cache->buckets);
    cache->buckets = NULL;
    cache->bucket_count = 0;
}
