/*  =========================================================================
    fleet_server.c - who is up, who rests, and who gets the next call

    Place: actors/egress, below fleet.c; its states are told in fleet.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "fleet_parts.h"

//  A latency counts half as much for each so long that it was not measured again, so that who was slow is tried again.
#define S_FADE_US 2000000

//  Source: splitmix64, Vigna 2015.
static uint64_t s_random (troupe_fleet_t *self)
{
    uint64_t bits = self->chance += UINT64_C (0x9E3779B97F4A7C15);
    bits = (bits ^ bits >> 30) * UINT64_C (0xBF58476D1CE4E5B9);
    bits = (bits ^ bits >> 27) * UINT64_C (0x94D049BB133111EB);
    return bits ^ bits >> 31;
}

uint64_t troupe_fleet_below (troupe_fleet_t *self, uint64_t limit)
{
    return limit ? s_random (self) % limit : 0;
}

//  --- Choosing

static bool s_can_take (const troupe_fleet_t *self, const troupe_fleet_server_t *server, int64_t now_us)
{
    if (!server->up || server->blocked || server->outstanding >= self->options.window)
        return false;
    if (server->health == TROUPE_FLEET_OPEN)
        return server->until_us <= now_us;
    return server->health == TROUPE_FLEET_CLOSED || !server->probing;
}

static int64_t s_latency_us (const troupe_fleet_server_t *server, int64_t now_us)
{
    int64_t halvings = (now_us - server->measured_us) / S_FADE_US;
    return halvings < 62 ? server->latency_us >> halvings : 0;
}

//  Where one latency is not known it is taken for the other's.
static bool s_is_better (const troupe_fleet_server_t *one, const troupe_fleet_server_t *other, int64_t now_us)
{
    int64_t one_us = s_latency_us (one, now_us), other_us = s_latency_us (other, now_us);
    if (one_us == 0 || other_us == 0)
        one_us = other_us = 1;
    return (double) one_us * (one->outstanding + 1) < (double) other_us * (other->outstanding + 1);
}

//  Who comes back from a rest is looked at first, with one call: else nobody would find out.
static bool s_is_probe (const troupe_fleet_server_t *server)
{
    return server->health != TROUPE_FLEET_CLOSED;
}

unsigned troupe_fleet_choose (troupe_fleet_t *self, uint64_t but, int64_t now_us)
{
    unsigned able [TROUPE_FLEET_SERVERS_MAX], count = 0;
    for (unsigned index = 0; index < self->options.servers; index++) {
        if ((but >> index & 1) || !s_can_take (self, &self->servers [index], now_us))
            continue;
        if (s_is_probe (&self->servers [index]))
            return index;
        able [count++] = index;
    }
    if (count < 2)
        return count ? able [0] : TROUPE_FLEET_NO_SERVER;
    unsigned first = (unsigned) troupe_fleet_below (self, count);
    unsigned second = (first + 1 + (unsigned) troupe_fleet_below (self, count - 1)) % count;
    bool better = s_is_better (&self->servers [able [second]], &self->servers [able [first]], now_us);
    return able [better ? second : first];
}

bool troupe_fleet_is_broken (const troupe_fleet_t *self, int64_t now_us)
{
    bool any = false;
    for (unsigned index = 0; index < self->options.servers; index++) {
        const troupe_fleet_server_t *server = &self->servers [index];
        if (!server->up)
            continue;
        any = true;
        if (server->health == TROUPE_FLEET_CLOSED || (server->health == TROUPE_FLEET_HALF && !server->probing)
            || (server->health == TROUPE_FLEET_OPEN && server->until_us <= now_us))
            return false;
    }
    return any;
}

//  --- Health

//  The mean moves an eighth of the way.
static void s_measure (troupe_fleet_server_t *server, int64_t latency_us, int64_t now_us)
{
    int64_t known_us = s_latency_us (server, now_us);
    int64_t sample_us = latency_us > 0 ? latency_us : 1;
    int64_t mean_us = known_us ? known_us + (sample_us - known_us) / 8 : sample_us;
    server->latency_us = mean_us > 0 ? mean_us : 1;
    server->measured_us = now_us;
}

void troupe_fleet_server_good (troupe_fleet_t *self, unsigned index, int64_t latency_us, int64_t now_us)
{
    troupe_fleet_server_t *server = &self->servers [index];
    s_measure (server, latency_us, now_us);
    troupe_lateness_add (&self->lateness, latency_us);
    server->failures = 0;
    server->health = TROUPE_FLEET_CLOSED;
}

void troupe_fleet_server_slow (troupe_fleet_t *self, unsigned index, int64_t latency_us, int64_t now_us)
{
    troupe_fleet_server_t *server = &self->servers [index];
    if (latency_us > s_latency_us (server, now_us))
        s_measure (server, latency_us, now_us);
}

static bool s_another_stays (const troupe_fleet_t *self, unsigned but)
{
    for (unsigned index = 0; index < self->options.servers; index++)
        if (index != but && self->servers [index].up && self->servers [index].health == TROUPE_FLEET_CLOSED)
            return true;
    return false;
}

//  What still comes back from before the rest does not prolong it.
void troupe_fleet_server_bad (troupe_fleet_t *self, unsigned index, int64_t now_us)
{
    troupe_fleet_server_t *server = &self->servers [index];
    server->failed++;
    server->failures++;
    bool rests = server->health == TROUPE_FLEET_HALF
        || (server->health == TROUPE_FLEET_CLOSED && server->failures >= self->options.failures);
    if (!rests)
        return;
    int64_t rest_us = s_another_stays (self, index) ? self->options.ejected_us : self->options.open_us;
    server->health = TROUPE_FLEET_OPEN;
    server->until_us = now_us + rest_us;
    server->ejections++;
    if (server->until_us < self->due_us)
        self->due_us = server->until_us;
}

int64_t troupe_fleet_server_due_us (const troupe_fleet_t *self, int64_t now_us)
{
    int64_t due_us = TROUPE_FOREVER;
    for (unsigned index = 0; index < self->options.servers; index++) {
        const troupe_fleet_server_t *server = &self->servers [index];
        if (server->up && server->health == TROUPE_FLEET_OPEN && server->until_us > now_us && server->until_us < due_us)
            due_us = server->until_us;
    }
    return due_us;
}
