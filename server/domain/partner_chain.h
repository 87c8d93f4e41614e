/* How partners hang together: the closure by which the tenant wall knows who lies below whom. Used
 * by partner.c; moving one is partner.h's partner_move. */
#ifndef KOPPEL_DOMAIN_PARTNER_CHAIN_H
#define KOPPEL_DOMAIN_PARTNER_CHAIN_H

#include "domain/partner.h"

/* Before anything that depends on how partners hang together is written: until the end of the
 * transaction nobody else changes it. Nothing is done for one that belongs to none (NULL). */
int partner_chain_lock(struct db_tx *tx, const char *parent_id, struct error *error);
/* May a new partner belong to it? ERROR_NOT_FOUND: no such parent; ERROR_TOO_LARGE: too deep. */
int partner_chain_check(struct db_tx *tx, const char *parent_id, struct error *error);
/* The closure of a new partner. */
int partner_chain_begin(struct db_tx *tx, const char *id, const char *parent_id,
                        struct error *error);

#endif
