/* Policy numbers: one sequence for each prefix and mode, without gaps. A policy gets its number in
 * the write that issues it, as the last that this does, so that its sequence is locked no longer
 * than the commit takes. Those that programs before this one left without are numbered later. */
#ifndef KOPPEL_DOMAIN_POLICY_NUMBER_H
#define KOPPEL_DOMAIN_POLICY_NUMBER_H

#include "domain/transaction_store.h"

/* For the body that issues a policy: the sequence goes on by one, in a late statement (db.h). Told
 * is when the policy is to be added: its number is the sequence's less those that follow it. */
int policy_number_advance(struct db_tx *tx, const char *prefix, bool test, struct error *error,
                          struct db_late *ret_late);
/* What stands before the digits: "AUT-", "AUT-T". */
enum { POLICY_NUMBER_START_MAX = 16 };
void policy_number_start(const char *prefix, bool test, char ret_start[POLICY_NUMBER_START_MAX]);
/* The digits of an expression of SQL, at least seven. */
#define POLICY_NUMBER_DIGITS(number)                                                              \
    "case when " number " < 10000000 then substr(cast(10000000 + " number " as text), 2)"         \
    " else cast(" number " as text) end"

/* The number of a policy that was issued, given now if it has none yet. ERROR_NOT_FOUND: there is
 * no such policy. */
int policy_number_assign(struct db *db, const char *policy_id, struct error *error,
                         char ret_number[POLICY_NUMBER_MAX]);
/* Numbers those that have none yet. */
int policy_numbers_complete(struct db *db, struct error *error);

#endif
