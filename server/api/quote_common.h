/* What the resources about quotes share: from a call to the domain's quoting and back, and reading
 * a kept quote within the caller's reach. */
#ifndef KOPPEL_API_QUOTE_COMMON_H
#define KOPPEL_API_QUOTE_COMMON_H

#include "domain/quoting.h"
#include "domain/receipt.h"
#include "operation/operation.h"

enum { QUOTE_REFERENCE_MAX = 100 };

/* A set of answers for the car insurance that ships: whoever reads the description of the API can
 * send it as it stands. */
#define QUOTE_ANSWERS_EXAMPLE                                                                     \
    "{\"license_plate\":\"AB-123-C\",\"first_registration_date\":\"2021-06-15\","                 \
    "\"vehicle_weight_kg\":1225,\"catalogue_value\":\"28500.00\",\"fuel\":\"petrol\","            \
    "\"usage\":\"private\",\"kilometres_per_year\":\"up_to_12000\","                              \
    "\"birth_date\":\"1980-05-17\",\"postcode\":\"3511 AB\",\"claim_free_years\":12,"             \
    "\"other_driver\":false,\"cover\":\"full_casco\",\"casco_excess\":\"excess_150\","            \
    "\"accident_occupants\":true,\"legal_aid\":true}"

/* The input of RequestQuote and RequestEstimate: a body that one takes, the other takes too. */
#define QUOTE_INPUT_FIELDS                                                                        \
    {.name = "product", .type = FIELD_TEXT, .required = true, .length_minimum = 1,                \
     .length_maximum = PRODUCT_CODE_MAX - 1, .label = {"product", "product"},                     \
     .help = {"De naam zoals in de lijst van producten.", "Its name in the list of products."},   \
     .example = "\"auto\""},                                                                      \
    {.name = "answers", .type = FIELD_OPEN, .required = true, .sensitive = true,                  \
     .label = {"antwoorden", "answers"},                                                          \
     .help = {"Een object met een antwoord per vraag: zie het schema van het product.",           \
              "An object with an answer per question: see the product's schema."},                \
     .example = QUOTE_ANSWERS_EXAMPLE},                                                           \
    {.name = "effective_date", .type = FIELD_DATE, .label = {"ingangsdatum", "effective date"},   \
     .help = {"De eerste dag van de dekking; zonder deze datum vandaag.",                         \
              "The first day of cover; today when it is left out."}},                             \
    {.name = "reference", .type = FIELD_TEXT, .length_minimum = 1,                                \
     .length_maximum = QUOTE_REFERENCE_MAX, .label = {"uw eigen kenmerk", "your own reference"},  \
     .help = {"Waarmee u de offerte terugvindt in uw eigen systeem.",                             \
              "By which you find the quote again in your own system."}}

/* Computes what the call's input asks for. 0 with `ret_quoting` held (quoting_done it); else the
 * call is refused or has its faults or error, and nothing is held. */
int quote_compute(struct call *call, struct quoting *ret_quoting);
/* The `check` of an operation whose input is QUOTE_INPUT_FIELDS. */
void quote_check(struct call *call);

/* A kept quote; texts in the call's scratch. */
struct quote_row {
    const char *id, *version_id, *product, *product_hash, *effective_date, *valid_until;
    const char *answers, *sealed; /* as domain/quote_answers.h has them */
    const char *result, *reference, *token_hash, *partner_id;
    const char *user_id; /* who made it; NULL: a system */
    const struct value *kept; /* the result, of a quote that was just computed; else NULL */
    int product_version;
    int64_t known_at_us;
    bool test;
};

/* Refuses what the partner may not sell, for a reason of domain/partner.h. */
int quote_refuse_sale(struct call *call, const char *reason);

/* Reads the quote named by the input's `id`. With a publishable key only with the quote's own
 * token; a live key sees no test quotes and the other way around. Else it is not found: the same
 * answer for all. Negative: return it. */
int quote_read(struct call *call, struct quote_row *ret_row);
/* Its answers, for domain/quote_answers.h. */
struct quote_answers quote_row_answers(const struct quote_row *row);

#endif
