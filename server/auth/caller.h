/* Who calls: found once per request by the dispatcher from what the entrance was given. */
#ifndef KOPPEL_AUTH_CALLER_H
#define KOPPEL_AUTH_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "db/db.h"

enum caller_kind {
    CALLER_NOBODY = 1 << 0,
    CALLER_SECRET_KEY = 1 << 1,
    CALLER_PUBLISHABLE_KEY = 1 << 2,
    CALLER_USER = 1 << 3,
    CALLER_ORGANISATION = 1 << 4 /* a system of the organisation itself: over all partners */
};

struct caller {
    enum caller_kind kind;
    bool test; /* test-mode key: what it makes is marked and never counted */
    char partner_id[ID_MAX]; /* "" for nobody and for the organisation */
    char key_id[ID_MAX];
    bool origin_listed; /* CALLER_PUBLISHABLE_KEY: the request's Origin is one of its own */
    int64_t rate_limit_per_minute; /* 0: without limit */
    struct db_scope scope; /* points to partner_id, where it is of one partner */
};

#endif
