/* What the files of transactions and of policies' changes share. Not used outside them. */
#ifndef KOPPEL_DOMAIN_TRANSACTION_INSIDE_H
#define KOPPEL_DOMAIN_TRANSACTION_INSIDE_H

#include "domain/copying.h"
#include "domain/transaction_store.h"

struct event {
    const char *subject_id, *partner_id;
    int64_t revision;
    enum transaction_step step;
    const char *from_state, *to_state;
};

/* `by` NULL with the moment alone: the system did it. */
int event_insert(struct db_tx *tx, const struct event *event, const struct transaction_by *by,
                 int64_t at_us, struct error *error);

/* ERROR_CONFLICT: another was first. */
int transaction_conflict(const char *id, struct error *error);

/* What is open of a policy's changes and renewals ends, but for `except_id` (may be NULL): they
 * were made on terms that are not its last any more. */
int policy_changes_overtake(struct db_tx *tx, const char *policy_id, const char *except_id,
                            int64_t at_us, struct error *error);

int transaction_starved(struct error *error);

#endif
