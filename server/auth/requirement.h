/* What partners require of their own systems: with what they must prove who they are, by entrance.
 * The dispatcher refuses who lacks some of it. */
#ifndef KOPPEL_AUTH_REQUIREMENT_H
#define KOPPEL_AUTH_REQUIREMENT_H

#include "auth/keys.h"

/* In a body: enum proof bits by entrance; 0 where nothing is required. */
int requirement_read(struct db_tx *tx, const char *partner_id, struct error *error,
                     unsigned ret_required[ENTRANCE_COUNT]);

/* Sets what is required at each entrance, in place of what was; NULL leaves it. All or nothing.
 * Holds here at once, on other nodes and in other processes within a second. ERROR_INVALID: a proof
 * cannot be given there; ERROR_NOT_FOUND: no such partner. */
int requirement_set(struct keys *keys, const char *partner_id,
                    const unsigned *const proofs[ENTRANCE_COUNT], struct error *error);

#endif
