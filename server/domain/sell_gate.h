/* Remembers for a moment which partner may sell which product, so that a partner's stream of quotes
 * does not read the same agreements for each. What may be sold is domain/partner.h's to say. */
#ifndef KOPPEL_DOMAIN_SELL_GATE_H
#define KOPPEL_DOMAIN_SELL_GATE_H

#include "domain/partner.h"
#include "quote-engine/quote.h"

enum {
    /* What another process changed holds here within a second: an answer is used no longer than the
     * first, and asked for again, beside those who use it, from the second. */
    SELL_GATE_AGE_MS = 850,
    SELL_GATE_REFRESH_MS = 400,
    SELL_GATE_PLACES = 1024
};

struct sell_gate;

/* Of one store, which outlives it. NULL: no memory. */
struct sell_gate *sell_gate_new(struct db *db);
void sell_gate_free(struct sell_gate *gate);

/* The selling of a product by a partner: with what the product asks for that. All borrowed. */
static inline struct selling selling_of(const struct product_info *info, const char *partner_id,
                                  const char *date) {
    return (struct selling){.partner_id = partner_id,
                         .product = info->name,
                         .date = date,
                         .licence = info->sell.licence,
                         .diploma = info->sell.diploma};
}
/* As partner_may_sell, at most SELL_GATE_AGE_MS old; for any thread. */
int sell_gate_ask(struct sell_gate *gate, const struct db_scope *scope,
                  const struct selling *selling, struct error *error,
                  char ret_reason[SELL_REASON_MAX]);
/* After a change of partners, their agreements, licences or people in this process was committed:
 * it holds at once. */
void sell_gate_clear(struct sell_gate *gate);

#endif
