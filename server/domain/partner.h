/* Partners and what they may sell: making them, and the gate at the moment of quoting. */
#ifndef KOPPEL_DOMAIN_PARTNER_H
#define KOPPEL_DOMAIN_PARTNER_H

#include "base/id.h"
#include "db/db.h"

enum { PARTNER_DEPTH_MAX = 8, SELL_REASON_MAX = 64 };

/* A new partner. Texts that are NULL are left empty. */
struct partner {
    const char *parent_id; /* its chain or head office, or NULL */
    const char *kind;      /* "chain", "office", "branch" */
    const char *name, *legal_name;
    const char *trade_register_number, *licence_number;
    const char *street, *postcode, *city;
    const char *website, *email, *telephone;
};
/* For a body of db_write. The id is made by the caller (prefix ptr), since a body may run again.
 * Fills the tenant wall's closure too. */
int partner_create(struct db_tx *tx, const char *id, const struct partner *partner,
                   int64_t now_us, struct error *error);

struct agreement {
    const char *partner_id;
    const char *product;           /* NULL: every product */
    const char *from_date, *to_date; /* to_date NULL: until further notice */
};
int agreement_create(struct db_tx *tx, const char *id, const struct agreement *agreement,
                     int64_t now_us, struct error *error);

/* May the partner sell the product on that date? Writes "" or why not: "partner_not_active",
 * "no_agreement", "agreement_not_started", "agreement_ended". */
int partner_may_sell(struct db *db, const struct db_scope *scope, const char *partner_id,
                     const char *product, const char *date, struct error *error,
                     char ret_reason[SELL_REASON_MAX]);

#endif
