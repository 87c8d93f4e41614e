/* The offices among which leads are divided, and the rules by which: read once for many leads. */
#ifndef KOPPEL_DOMAIN_LEAD_MARKET_H
#define KOPPEL_DOMAIN_LEAD_MARKET_H

#include "db/db.h"
#include "domain/catalogue.h"
#include "domain/lead_assign.h"
#include "domain/lead_store.h"

enum {
    LEAD_OFFER_HOURS_DEFAULT = 8, /* working hours in which an office may answer */
    LEAD_OFFER_HOURS_MAX = 400
};

struct lead_rule_list {
    int64_t revision; /* 0: those of an installation that has said nothing */
    int offer_hours;
    int count;
    struct lead_rule rules[LEAD_RULES_MAX];
};
int lead_rules_read(struct db_tx *tx, struct error *error, struct lead_rule_list *ret_list);
/* Keeps a list, whose revision follows the one it was made of. ERROR_CONFLICT: another was
 * first. */
int lead_rules_insert(struct db_tx *tx, const struct lead_rule_list *list, const char *changed_by,
                      int64_t now_us, struct error *error);

struct lead_market;

/* As of a day ("2026-11-23"), for a body that reads all. ERROR_TOO_LARGE past LEAD_CANDIDATES_MAX
 * offices. */
int lead_market_read(struct db_tx *tx, const char *today, struct error *error,
                     struct lead_market **ret_market);
void lead_market_free(struct lead_market *market); /* NULL is fine */

/* Offices that let a lead go before, with the one that it is before now. */
enum { LEAD_LET_GO_MAX = 200 };
struct lead_let_go {
    int count;
    char partner_ids[LEAD_LET_GO_MAX][ID_MAX];
};
int lead_let_go_read(struct db_tx *tx, const struct lead *lead, struct error *error,
                     struct lead_let_go *ret_let_go);

/* What a product asks of who sells it, as codes; NULL: nothing. */
struct lead_requirement {
    const char *licence, *diploma;
};

/* Chooses an office for the lead by the rules, and counts the lead to its load. Who is certified is
 * who has the diploma that the product asks or, where it asks none, any. The id lives as long as
 * the market; NULL: nobody is left. */
const char *lead_market_assign(struct lead_market *market, const struct lead_rule_list *rules,
                               const struct lead *lead, const struct lead_requirement *requirement,
                               const struct lead_let_go *let_go, uint64_t seed,
                               struct lead_reason *ret_reason);

#endif
