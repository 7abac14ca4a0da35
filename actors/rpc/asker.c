/*  =========================================================================
    asker.c - who asks, and what they have in flight

    Place: actors/rpc; see ingress.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>
#include <string.h>

//  Freed inquiries that are kept for the next ones.
#define S_SPARE_MOST 256u

static troupe_rpc_asker_t **s_bucket (troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size)
{
    return &ingress->askers [troupe_keyed_hash (ingress->key, address, size) % TROUPE_RPC_ASKERS];
}

static bool s_is (const troupe_rpc_asker_t *self, const uint8_t *address, size_t size, const char *user)
{
    return self->size == size && memcmp (self->address, address, size) == 0 && strcmp (self->user, user) == 0;
}

static troupe_rpc_asker_t *s_find_or_make (troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size,
                                           const char *user)
{
    troupe_rpc_asker_t **bucket = s_bucket (ingress, address, size);
    for (troupe_rpc_asker_t *asker = *bucket; asker; asker = asker->next)
        if (s_is (asker, address, size, user))
            return asker;
    troupe_rpc_asker_t *asker = calloc (1, sizeof *asker + size + strlen (user) + 1);
    if (asker == NULL)
        return NULL;
    asker->size = size;
    memcpy (asker->address, address, size);
    asker->user = memcpy (asker->address + size, user, strlen (user) + 1);
    asker->next = *bucket;
    *bucket = asker;
    return asker;
}

static void s_free (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *self)
{
    troupe_rpc_asker_t **at = s_bucket (ingress, self->address, self->size);
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    troupe_rpc_message_clear (&self->answers);
    free (self);
}

void troupe_rpc_asker_release (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *self)
{
    self->uses--;
    if (self->uses > 0)
        return;
    troupe_rpc_asker_t *connection = self->connection;
    s_free (ingress, self);
    if (connection != self)
        troupe_rpc_asker_release (ingress, connection);
}

static troupe_rpc_asker_t *s_use (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address)
{
    troupe_rpc_asker_t *self = s_find_or_make (ingress, address->bytes, address->size, address->user);
    if (self == NULL)
        return NULL;
    if (self->connection == NULL && address->first == address->size)
        self->connection = self;
    if (self->connection == NULL) {
        self->connection = s_find_or_make (ingress, address->bytes, address->first, address->user);
        if (self->connection == NULL) {
            s_free (ingress, self);
            return NULL;
        }
        self->connection->connection = self->connection;
        self->connection->uses++;
    }
    self->uses++;
    return self;
}

static void s_forget_recent (troupe_rpc_ingress_t *ingress)
{
    if (ingress->recent)
        troupe_rpc_asker_release (ingress, ingress->recent);
    ingress->recent = NULL;
}

//  Who has asked last asks again, most of the time.
troupe_rpc_asker_t *troupe_rpc_asker_use (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address)
{
    troupe_rpc_asker_t *self = ingress->recent;
    if (self && s_is (self, address->bytes, address->size, address->user)) {
        self->uses++;
        return self;
    }
    self = s_use (ingress, address);
    if (self == NULL)
        return NULL;
    s_forget_recent (ingress);
    self->uses++;
    ingress->recent = self;
    return self;
}

//  --- Inquiries

static troupe_rpc_inquiry_t *s_inquiry_memory (troupe_rpc_ingress_t *ingress)
{
    troupe_rpc_inquiry_t *self = ingress->spare_inquiries;
    if (self == NULL)
        return calloc (1, sizeof *self);
    ingress->spare_inquiries = self->next;
    ingress->spare_count--;
    *self = (troupe_rpc_inquiry_t) { .next = NULL };
    return self;
}

static void s_inquiry_drop (troupe_rpc_ingress_t *ingress, troupe_rpc_inquiry_t *self)
{
    if (ingress->spare_count == S_SPARE_MOST) {
        free (self);
        return;
    }
    self->next = ingress->spare_inquiries;
    ingress->spare_inquiries = self;
    ingress->spare_count++;
}

troupe_rpc_inquiry_t *troupe_rpc_inquiry_new (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address)
{
    troupe_rpc_inquiry_t *self = s_inquiry_memory (ingress);
    troupe_rpc_asker_t *asker = self ? troupe_rpc_asker_use (ingress, address) : NULL;
    if (asker == NULL) {
        if (self)
            s_inquiry_drop (ingress, self);
        return NULL;
    }
    self->ingress = ingress;
    self->asker = asker;
    self->left_us = TROUPE_FOREVER;
    self->next = asker->inquiries;
    if (self->next)
        self->next->previous = self;
    asker->inquiries = self;
    asker->connection->in_flight++;
    return self;
}

void troupe_rpc_inquiry_free (troupe_rpc_inquiry_t *self)
{
    troupe_rpc_ingress_t *ingress = self->ingress;
    troupe_rpc_asker_t *asker = self->asker;
    if (self->next)
        self->next->previous = self->previous;
    //  NOLINTBEGIN(clang-analyzer-unix.Malloc): an asker stays as long as it has inquiries, which clang does not count
    if (self->previous)
        self->previous->next = self->next;
    else
        asker->inquiries = self->next;
    asker->connection->in_flight--;
    //  NOLINTEND(clang-analyzer-unix.Malloc)
    troupe_rpc_asker_release (ingress, asker);
    s_inquiry_drop (ingress, self);
}

//  --- The end

//  The asker is kept meanwhile.
static void s_end (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *self)
{
    self->uses++;
    while (self->inquiries) {
        troupe_rpc_inquiry_t *inquiry = self->inquiries;
        troupe_door_unavailable (&ingress->door, "The door is closed.");
        if (!inquiry->unwanted)     //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
            troupe_rpc_send_response (inquiry, troupe_response_encoded (ingress->door.response));
        troupe_rpc_inquiry_free (inquiry);
    }
    troupe_rpc_partials_free (ingress, self);
    troupe_rpc_asker_release (ingress, self);
}

//  One that has nothing but answers to be sent, or others that it is the connection of, stays for the flush.
static troupe_rpc_asker_t *s_busy (troupe_rpc_asker_t *asker)
{
    while (asker && !asker->inquiries && !asker->partials)
        asker = asker->next;
    return asker;
}

void troupe_rpc_askers_end (troupe_rpc_ingress_t *ingress)
{
    for (size_t index = 0; index < TROUPE_RPC_ASKERS; index++)
        for (troupe_rpc_asker_t *asker = s_busy (ingress->askers [index]); asker;
             asker = s_busy (ingress->askers [index]))
            s_end (ingress, asker);
    troupe_rpc_flush (ingress);
    s_forget_recent (ingress);
    while (ingress->spare_inquiries) {
        troupe_rpc_inquiry_t *inquiry = ingress->spare_inquiries;
        ingress->spare_inquiries = inquiry->next;
        free (inquiry);
    }
    ingress->spare_count = 0;
}
