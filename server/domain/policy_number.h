/* Policy numbers. Who issued a policy asks for its number behind that write, before anybody is
 * told; those who ask at the same time get theirs in one write. */
#ifndef KOPPEL_DOMAIN_POLICY_NUMBER_H
#define KOPPEL_DOMAIN_POLICY_NUMBER_H

#include "domain/transaction_store.h"

struct policy_numbers;

/* Of one store, which outlives it. NULL: no memory. */
struct policy_numbers *policy_numbers_new(struct db *db);
void policy_numbers_free(struct policy_numbers *numbers); /* NULL is fine; nobody asks any more */

/* For the body that issues a policy, to be written with it: the next number of that sequence, where
 * taking it now holds up nobody; elsewhere "", and the policy waits for its number. */
int policy_number_take(struct db_tx *tx, const char *prefix, bool test, struct error *error,
                       char ret_number[POLICY_NUMBER_MAX]);
/* The number of a policy that was issued, given now if it has none yet. For any thread.
 * ERROR_NOT_FOUND: there is no such policy. */
int policy_number_assign(struct policy_numbers *numbers, const char *policy_id,
                         struct error *error, char ret_number[POLICY_NUMBER_MAX]);
/* Numbers those whose process ended before it came to that. */
int policy_numbers_complete(struct db *db, struct error *error);

#endif
