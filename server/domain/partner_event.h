/* A partner's timeline: what happened to it, who did it and when, written in the transaction of the
 * deed. Also whatever else befalls a partner (its users, leads) may be told here: a kind of event
 * is a row of the table below.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. */
#ifndef KOPPEL_DOMAIN_PARTNER_EVENT_H
#define KOPPEL_DOMAIN_PARTNER_EVENT_H

#include "base/id.h"
#include "db/db.h"
#include "message/field.h"

enum { PARTNER_EVENT_KINDS = 21 };
extern const struct field_choice partner_event_kinds[PARTNER_EVENT_KINDS];

/* Who did it: borrowed texts; NULL: not by one. */
struct partner_by {
    const char *actor; /* "partner", "organisation", "public" or "system" */
    const char *user_id, *key_id, *request_id;
    int64_t at_us;
};

struct partner_event {
    const char *id; /* of one that was read; sorts by time */
    const char *partner_id;
    const char *kind;       /* of partner_event_kinds */
    bool internal;          /* the partner does not see it */
    const char *subject_id; /* the row that it is about; NULL: the partner itself */
    const char *detail;     /* JSON, or NULL */
    struct partner_by by;
};
int partner_event_insert(struct db_tx *tx, const struct partner_event *event,
                         struct error *error);
/* The newest first, below the cursor (NULL: from the newest), at most `limit`, texts in scratch.
 * `internal`: those that the partner does not see, too. */
int partner_event_list(struct db_tx *tx, const char *partner_id, bool internal,
                       const char *below, int limit, struct scratch *scratch,
                       struct error *error, struct partner_event *ret_events, int *ret_count);

#endif
