/* Many quotes or estimates in one call. What each is and how it is made is in quotes.c and
 * estimates.c; how many become one is the dispatcher's. */
#include "operation/operation.h"

static const char *const refusals[] = {"too_many_items", NULL};

static const struct operation operations[] = {
    {.name = "RequestQuoteBatch",
     .method = "POST",
     .path = "/quotes/batch",
     .summary = {"Vraag veel offertes in één keer aan", "Request many quotes at once"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_ALL,
     .status = 200,
     .idempotent_key = true,
     .rate = RATE_QUOTE,
     .refusals = refusals,
     .each = "RequestQuote",
     .each_name = "quote"},
    {.name = "RequestEstimateBatch",
     .method = "POST",
     .path = "/estimates/batch",
     .summary = {"Bereken veel premies in één keer zonder iets te bewaren",
                 "Compute many premiums at once and keep nothing"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_ALL,
     .status = 200,
     .rate = RATE_QUOTE,
     .refusals = refusals,
     .each = "RequestEstimate",
     .each_name = "estimate"}};

extern const struct operation_group api_quote_batch;
const struct operation_group api_quote_batch = {.name = "batches",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};
