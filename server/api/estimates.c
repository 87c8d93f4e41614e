/* Estimates: the same computation as a quote, of which nothing is kept. */
#include "domain/calendar_day.h"
#include "quote_common.h"

static const struct field request_input[] = {QUOTE_INPUT_FIELDS};

static int request_estimate(struct call *call) {
    struct quoting quoting;
    int status = quote_compute(call, &quoting);
    if (status) return status;
    struct record record;
    char effective_date[CLOCK_DATE_MAX];
    record_init(&record, call->scratch);
    day_write(&quoting.effective_date, effective_date);
    struct receipt receipt = {.product = quoting.version->name,
                              .product_version = quoting.version->number,
                              .product_hash = quoting.version->hash,
                              .effective_date = effective_date,
                              .valid_until = quoting.valid_until,
                              .known_at_us = quoting.known_at_us,
                              .test = call->caller.test,
                              .public_url = call->service->config->public_url,
                              .kept = &quoting.kept};
    status = receipt_render(&receipt, quoting.version, call->language, &call->error, &record);
    if (!status) call->output = record_value(&record);
    quoting_done(call->service, &quoting);
    return status;
}

static const char *const refusals[] = {"product_not_allowed", "unknown_product", NULL};

static const struct operation operations[] = {
    {.name = "RequestEstimate",
     .method = "POST",
     .path = "/estimates",
     .summary = {"Bereken een premie zonder iets te bewaren",
                 "Compute a premium and keep nothing"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_ALL,
     .input = request_input,
     .input_count = sizeof request_input / sizeof *request_input,
     .output = estimate_fields,
     .output_count = ESTIMATE_FIELDS,
     .status = 200,
     .rate = RATE_QUOTE,
     .refusals = refusals,
     .check = quote_check,
     .run = request_estimate}};

extern const struct operation_group api_estimates;
const struct operation_group api_estimates = {.name = "estimates",
                                              .operations = operations,
                                              .count = sizeof operations / sizeof *operations};
