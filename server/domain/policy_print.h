/* A policy as a document for the policyholder, with the terms that hold on a day. */
#ifndef KOPPEL_DOMAIN_POLICY_PRINT_H
#define KOPPEL_DOMAIN_POLICY_PRINT_H

#include "domain/sale_print.h"
#include "domain/transaction_store.h"

enum { POLICY_PRINT_LATER_MAX = 12 }; /* terms that are yet to begin: how many are told of */

struct policy_print {
    struct sale sale; /* of the terms: their version, answers and result */
    const struct policy *policy;
    const struct policy_terms *terms;       /* that hold on the day */
    const struct policy_terms *later;       /* that are yet to begin, in order */
    int later_count;
    const struct product_version *accepted; /* whose questions acceptance asked */
    const struct value *personal; /* what the applicant told, as it was kept: applicant, iban,
                                     account_holder, answers */
};

/* False: scratch is used up. */
bool policy_print(const struct policy_print *policy, struct scratch *scratch,
                  struct print *ret_print);

#endif
