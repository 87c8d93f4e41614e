/* Firms that ask to become a partner. One that is open, or was decided on lately, keeps the same
 * firm from asking again. They belong to no partner yet: only the organisation reads them.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. */
#ifndef KOPPEL_DOMAIN_PARTNER_APPLICATION_H
#define KOPPEL_DOMAIN_PARTNER_APPLICATION_H

#include "base/id.h"
#include "db/db.h"
#include "message/field.h"

enum {
    PARTNER_APPLICATIONS_OPEN_MAX = 1000,
    PARTNER_APPLICATION_AGAIN_DAYS = 90, /* after a decision */
    PARTNER_APPLICATION_MESSAGE_MAX = 2000, /* characters */
    PARTNER_APPLICATION_STATUSES = 3,
    PARTNER_REFUSAL_REASONS = 5
};
extern const struct field_choice partner_application_statuses[PARTNER_APPLICATION_STATUSES];
extern const struct field_choice partner_refusal_reasons[PARTNER_REFUSAL_REASONS];

struct partner_application { /* texts; NULL: not said, or not yet */
    const char *id, *status;
    const char *name, *trade_register_number, *licence_number, *legal_form;
    const char *street, *postcode, *city, *website;
    const char *contact_name, *email, *telephone, *message;
    const char *language; /* "nl" or "en": of the answer */
    const char *reason, *note, *decided_by, *partner_id;
    int64_t employees; /* 0: not said */
    int64_t revision, created_us, decided_us;
};

/* An open one. ERROR_CONFLICT: the firm is a partner already, has one open, or one that was decided
 * on less than PARTNER_APPLICATION_AGAIN_DAYS ago; ERROR_BUSY: there are too many open ones. */
int partner_application_insert(struct db_tx *tx, const struct partner_application *application,
                               struct error *error);
/* Texts in scratch. ERROR_NOT_FOUND; ERROR_TOO_LARGE: scratch is used up. */
int partner_application_read(struct db_tx *tx, const char *id, struct scratch *scratch,
                             struct error *error, struct partner_application *ret_application);
/* The newest first, below the cursor (NULL: from the newest), at most `limit`; of that status, or
 * of all (NULL). */
int partner_application_list(struct db_tx *tx, const char *status, const char *below, int limit,
                             struct scratch *scratch, struct error *error,
                             struct partner_application *ret_applications, int *ret_count);
/* Keeps the decision: status, reason, note, decided_by, partner_id. `revision` is the one that
 * follows. ERROR_CONFLICT: it was decided on meanwhile. */
int partner_application_decide(struct db_tx *tx, const struct partner_application *application,
                               struct error *error);

#endif
