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

//  So many bytes of the cache's limit have a slot; and how many slots there are at least and at most.
#define S_SHARE 96u
#define S_SLOTS_MIN 64u
#define S_SLOTS_MAX (1u << 22)

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
    const troupe_keyed_digest_t digest = troupe_keyed_digest (ingress->key, body.data, body.size);
    s_add (key, &digest, sizeof digest);
    s_add (key, NULL, 0);
}

//  False when there is no Request-Id, or all is too long.
static bool s_make_digest (const troupe_rpc_ingress_t *ingress, const troupe_request_t *request,
                           troupe_keyed_digest_t *digest)
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
    *digest = troupe_keyed_digest (ingress->key, key->bytes, key->size);
    return key->whole;
}

//  --- Entries

//  False when memory is out: then nothing is kept.
static bool s_make_slots (troupe_rpc_ingress_t *ingress)
{
    troupe_rpc_cache_t *cache = &ingress->cache;
    size_t count = S_SLOTS_MIN;
    if (cache->slots)
        return true;
    while (count < S_SLOTS_MAX && count < ingress->options.cache_limit_bytes / S_SHARE)
        count *= 2;
    cache->slots = calloc (count, sizeof *cache->slots);
    cache->slot_count = cache->slots ? count : 0;
    return cache->slots != NULL;
}

static size_t s_home (const troupe_rpc_cache_t *cache, uint64_t hash)
{
    return hash & (cache->slot_count - 1);
}

static size_t s_behind (const troupe_rpc_cache_t *cache, size_t at)
{
    return (at + 1) & (cache->slot_count - 1);
}

//  The entry, or null; *at_p is then the free slot where it would be.
static troupe_rpc_kept_t *s_find (const troupe_rpc_cache_t *cache, const troupe_keyed_digest_t *digest, size_t *at_p)
{
    size_t at = s_home (cache, digest->one);
    const troupe_rpc_slot_t *slot = &cache->slots [at];
    while (slot->kept && (slot->hash != digest->one || slot->kept->digest.other != digest->other)) {
        at = s_behind (cache, at);
        slot = &cache->slots [at];
    }
    *at_p = at;
    return slot->kept;
}

//  Frees a slot: those behind it move up, unless that would put them in front of where they are looked for.
static void s_free_slot (troupe_rpc_cache_t *cache, size_t gap)
{
    const size_t mask = cache->slot_count - 1;
    for (size_t at = s_behind (cache, gap); cache->slots [at].kept; at = s_behind (cache, at)) {
        const size_t home = s_home (cache, cache->slots [at].hash);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        cache->slots [gap] = cache->slots [at];
        gap = at;
    }
    cache->slots [gap].kept = NULL;
}

static void s_free_response (troupe_rpc_kept_t *self)
{
    if (self->response != self->room)
        free (self->response);
}

//  Out of its slot, and freed.
static void s_forget (troupe_rpc_ingress_t *ingress, troupe_rpc_kept_t *self)
{
    troupe_rpc_cache_t *cache = &ingress->cache;
    size_t at = s_home (cache, self->digest.one);
    while (cache->slots [at].kept != self)
        at = s_behind (cache, at);
    s_free_slot (cache, at);
    cache->memory -= s_memory (self);
    cache->entries--;
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

static bool s_has_room (const troupe_rpc_ingress_t *ingress, size_t more)
{
    const troupe_rpc_cache_t *cache = &ingress->cache;
    return cache->memory + more <= ingress->options.cache_limit_bytes
        && cache->entries < cache->slot_count - cache->slot_count / 8;
}

//  Makes room; false when there is none.
static bool s_make_room (troupe_rpc_ingress_t *ingress, size_t more)
{
    while (!s_has_room (ingress, more) && ingress->cache.oldest)
        s_forget_oldest (ingress);
    return s_has_room (ingress, more);
}

static void s_begin (troupe_rpc_inquiry_t *inquiry, const troupe_keyed_digest_t *digest)
{
    troupe_rpc_ingress_t *ingress = inquiry->ingress;
    troupe_rpc_cache_t *cache = &ingress->cache;
    size_t at;
    troupe_rpc_kept_t *self = s_make_room (ingress, sizeof *self) ? malloc (sizeof *self) : NULL;
    if (self == NULL)
        return;
    self->digest = *digest;
    self->younger = NULL;
    self->waiting = NULL;
    self->until_ms = 0;
    self->answered = false;
    self->response = NULL;
    self->response_size = 0;
    s_find (cache, digest, &at);
    cache->slots [at] = (troupe_rpc_slot_t) { digest->one, self };
    cache->memory += s_memory (self);
    cache->entries++;
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
    troupe_keyed_digest_t digest;
    size_t at;
    if (!s_make_digest (self->ingress, request, &digest) || !s_make_slots (self->ingress))
        return TROUPE_RPC_NEW;
    troupe_rpc_cache_sweep (self->ingress);
    troupe_rpc_kept_t *kept = s_find (&self->ingress->cache, &digest, &at);
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
    for (size_t index = 0; index < cache->slot_count; index++)
        if (cache->slots [index].kept) {
            s_free_response (cache->slots [index].kept);
            free (cache->slots [index].kept);
        }
    free (cache->slots);
    *cache = (troupe_rpc_cache_t) { .slots = NULL };
}
