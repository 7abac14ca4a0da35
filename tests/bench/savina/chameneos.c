/*  =========================================================================
    savina/chameneos.c - Savina's Chameneos: many meet in pairs at one mall

    Place: tests/bench. The driver is the mall: it holds the first creature
    that comes, and tells it of the second. The two then change colour and
    come again, until there have been enough meetings.
    Usage: chameneos CREATURES MEETINGS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../common/stand.h"

#define BEGIN_CREATURE 2    //  mall to creature
#define MEET 3              //  creature to mall, and on to the one that waits
#define CHANGE 4            //  creature to creature
#define FADE 5              //  mall to creature: no more meetings
#define FADED 6             //  creature to mall

typedef struct {
    long number;            //  Of the creature
    long colour;
} meeting_t;

typedef struct {
    long creatures, meetings;
    long waiting;           //  Number of the creature that waits, or 0
    long faded, met;
    int64_t began;
    troupe_caller_t *caller;
    troupe_ref_t *crowd [BENCH_CROWD_MAX];
} mall_t;

typedef struct {
    meeting_t self;
    long met;
    troupe_ref_t *mall;
    troupe_ref_t *crowd [BENCH_CROWD_MAX];
} creature_t;

//  The colour that neither has, or the one that both have.
static long s_complement (long mine, long theirs)
{
    return mine == theirs? mine: 3 - mine - theirs;
}

static int s_creature (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    creature_t *creature = state;
    const meeting_t *other = troupe_message_data (message);
    switch (troupe_message_tag (message)) {
        case BEGIN_CREATURE:
            creature->mall = troupe_ref (self, "driver");
            creature->self.number = bench_instance (self);
            creature->self.colour = creature->self.number % 3;
            break;
        case MEET:
            creature->met++;
            creature->self.colour = s_complement (creature->self.colour, other->colour);
            bench_cast (bench_crowd_ref (self, creature->crowd, "creature", other->number),
                        CHANGE, &creature->self, sizeof creature->self);
            break;
        case CHANGE:
            creature->met++;
            creature->self.colour = other->colour;
            break;
        default:
            bench_cast (creature->mall, FADED, &creature->met, sizeof creature->met);
            return 0;
    }
    bench_cast (creature->mall, MEET, &creature->self, sizeof creature->self);
    return 0;
}

static void s_meet (troupe_actor_t *self, mall_t *mall, const meeting_t *meeting)
{
    if (mall->meetings == 0)
        bench_cast (bench_crowd_ref (self, mall->crowd, "creature", meeting->number), FADE, NULL, 0);
    else
    if (mall->waiting == 0)
        mall->waiting = meeting->number;
    else {
        bench_cast (bench_crowd_ref (self, mall->crowd, "creature", mall->waiting), MEET, meeting, sizeof *meeting);
        mall->waiting = 0;
        mall->meetings--;
    }
}

static int s_faded (mall_t *mall, const long *met)
{
    mall->met += *met;
    if (++mall->faded < mall->creatures)
        return 0;
    return bench_finish (&mall->caller, mall->began);
}

static int s_mall (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    mall_t *mall = state;
    if (troupe_message_tag (message) == FADED)
        return s_faded (mall, troupe_message_data (message));
    if (troupe_message_tag (message) == MEET) {
        s_meet (self, mall, troupe_message_data (message));
        return 0;
    }
    mall->caller = troupe_defer (self, message);
    mall->began = bench_now_ns ();
    for (long number = 1; number <= mall->creatures; number++)
        bench_cast (bench_crowd_ref (self, mall->crowd, "creature", number), BEGIN_CREATURE, NULL, 0);
    return 0;
}

static const troupe_behavior_t creature_behavior = BENCH_BEHAVIOR ("creature", s_creature);
static const troupe_behavior_t mall_behavior = BENCH_BEHAVIOR ("mall", s_mall);

int main (int argc, char **argv)
{
    const creature_t creature = { 0 };
    const mall_t mall = {
        .creatures = bench_number (argc, argv, 1, 100),
        .meetings = bench_count (argc, argv, 2, 200000),
    };
    troupe_child_t children [] = {
        BENCH_CHILD ("creature", creature_behavior, creature),
        BENCH_CHILD ("driver", mall_behavior, mall),
        { 0 }
    };
    children [0].instances = (unsigned) mall.creatures;
    bench_stand (children);
    return 0;
}
