/* Agreements: which products a partner may sell, in which role, for which commission and on which
 * conditions, from when to when. A change ends the row and makes a new one, so that what held on
 * any day stays known. What the law says of commission: commission.h.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. */
#ifndef KOPPEL_DOMAIN_AGREEMENT_H
#define KOPPEL_DOMAIN_AGREEMENT_H

#include "base/id.h"
#include "db/db.h"
#include "message/field.h"

enum {
    AGREEMENT_ROLES = 3,
    AGREEMENT_RATES_MAX = 40,       /* of one agreement */
    AGREEMENT_CONDITIONS_MAX = 4000 /* characters */
};
extern const struct field_choice agreement_roles[AGREEMENT_ROLES];

/* What is earned on one product. Percentages of the net premium, as decimal texts. */
struct agreement_rate {
    const char *product;
    const char *closing_percent, *renewal_percent; /* of the first period, of each that follows */
    bool volume_dependent;
};

struct agreement {
    const char *id; /* of one that was read */
    const char *partner_id;
    const char *product;             /* NULL: every product */
    const char *role;                /* of a new one NULL: "intermediary" */
    const char *from_date, *to_date; /* to_date NULL: until further notice */
    const char *conditions;          /* or NULL */
    const char *replaces_id;         /* that it changed, or NULL */
    const struct agreement_rate *rates;
    int rate_count;
    int64_t revision, created_us, changed_us; /* of one that was read */
};
/* ERROR_INVALID: the partner has one for the same product, or for every product, on one of its
 * days. ERROR_NOT_FOUND: the partner is not in scope. */
int agreement_create(struct db_tx *tx, const char *id, const struct agreement *agreement,
                     int64_t now_us, struct error *error);
/* Texts in scratch. ERROR_NOT_FOUND: none in scope; ERROR_TOO_LARGE: scratch is used up. */
int agreement_read(struct db_tx *tx, const char *id, struct scratch *scratch, struct error *error,
                   struct agreement *ret_agreement);
/* Sets its last day. `revision` is the one that follows. ERROR_CONFLICT: another was first. */
int agreement_end(struct db_tx *tx, const char *id, const char *to_date, int64_t revision,
                  int64_t now_us, struct error *error);

struct agreement_filter { /* NULL: not asked */
    const char *partner_id, *product, *role;
    const char *on_date; /* those that hold on that day */
    const char *below;   /* ids below this one; NULL: from the newest on */
    int limit;
};
/* In scope, the newest first, at most `limit`, texts and rates in scratch. */
int agreement_list(struct db_tx *tx, const struct agreement_filter *filter,
                   struct scratch *scratch, struct error *error,
                   struct agreement *ret_agreements, int *ret_count);

#endif
