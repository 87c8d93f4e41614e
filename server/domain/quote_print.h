/* A quote as a document for the customer. */
#ifndef KOPPEL_DOMAIN_QUOTE_PRINT_H
#define KOPPEL_DOMAIN_QUOTE_PRINT_H

#include "domain/sale_print.h"

struct quote_print {
    struct sale sale;
    const char *id, *effective_date, *valid_until, *reference; /* the last may be NULL */
    int64_t known_at_us;
    bool referred; /* it waits for an underwriter; else it is offered */
};

/* False: scratch is used up. */
bool quote_print(const struct quote_print *quote, struct scratch *scratch,
                 struct print *ret_print);

#endif
