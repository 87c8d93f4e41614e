/* A policy as a document for the policyholder. */
#ifndef KOPPEL_DOMAIN_POLICY_PRINT_H
#define KOPPEL_DOMAIN_POLICY_PRINT_H

#include "domain/sale_print.h"
#include "domain/transaction_store.h"

struct policy_print {
    struct sale sale;
    const struct policy *policy;
    const struct value *personal; /* what the applicant told, as it was kept: applicant, iban,
                                     account_holder, answers */
};

/* False: scratch is used up. */
bool policy_print(const struct policy_print *policy, struct scratch *scratch,
                  struct print *ret_print);

#endif
