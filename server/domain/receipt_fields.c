/* The fields of a quote as callers see them: one description for JSON, XML and their schemas. */
#include "domain/receipt.h"

static const struct field_choice statuses[] = {
    {"offered", {"aangeboden", "offered"}},
    {"referred", {"voorgelegd aan een acceptant", "referred to an underwriter"}},
    {"declined", {"niet mogelijk", "declined"}}};

#define AMOUNTS                                                                                   \
    {.name = "net", .type = FIELD_MONEY, .required = true,                                        \
     .label = {"premie zonder belasting", "premium without tax"}, .example = "\"512.40\""},       \
    {.name = "tax", .type = FIELD_MONEY, .required = true,                                        \
     .label = {"assurantiebelasting", "insurance tax"}, .example = "\"107.60\""},                 \
    {.name = "total", .type = FIELD_MONEY, .required = true,                                      \
     .label = {"te betalen", "to be paid"}, .example = "\"620.00\""}

static const struct field cover_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .required = true, .label = {"dekking", "cover"}},
    AMOUNTS};
static const struct field cover_item[] = {{.name = "cover", .type = FIELD_RECORD, .required = true,
                                           .fields = cover_fields, .field_count = 4,
                                           .schema = "PremiumCover"}};

static const struct field term_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .required = true,
     .label = {"betaaltermijn", "payment term"}},
    {.name = "instalments", .type = FIELD_INTEGER, .required = true,
     .label = {"termijnen per jaar", "instalments a year"}, .example = "12"},
    {.name = "instalment", .type = FIELD_MONEY, .required = true,
     .label = {"bedrag per termijn", "amount of one instalment"}, .example = "\"53.22\""},
    {.name = "total", .type = FIELD_MONEY, .required = true,
     .label = {"alle termijnen van een jaar", "all instalments of a year"},
     .example = "\"638.64\""}};
static const struct field term_item[] = {{.name = "term", .type = FIELD_RECORD, .required = true,
                                          .fields = term_fields, .field_count = 4,
                                          .schema = "PremiumTerm"}};

const struct field receipt_premium_fields[RECEIPT_PREMIUM_FIELDS] = {
    {.name = "currency", .type = FIELD_TEXT, .required = true, .label = {"munt", "currency"},
     .example = "\"EUR\""},
    AMOUNTS,
    {.name = "covers", .type = FIELD_LIST, .required = true,
     .label = {"premie per dekking", "premium per cover"}, .fields = cover_item,
     .field_count = 1},
    {.name = "terms", .type = FIELD_LIST, .required = true,
     .label = {"betaaltermijnen", "payment terms"}, .fields = term_item, .field_count = 1}};

static const struct field reason_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .required = true, .label = {"code", "code"}},
    {.name = "text", .type = FIELD_TEXT, .required = true, .length_maximum = 4000,
     .label = {"uitleg", "explanation"}}};
const struct field receipt_reason_item[1] = {{.name = "reason", .type = FIELD_RECORD,
                                              .required = true, .fields = reason_fields,
                                              .field_count = 2, .schema = "Reason"}};

static const struct field document_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .required = true, .label = {"code", "code"}},
    {.name = "title", .type = FIELD_TEXT, .required = true, .length_maximum = 4000,
     .label = {"titel", "title"}},
    {.name = "url", .type = FIELD_TEXT, .required = true, .length_maximum = 4000,
     .format = "uri", .label = {"adres", "address"},
     .help = {"Blijft bestaan, ook na een nieuwe versie van het product.",
              "Stays, also after a new version of the product."},
     .example = "\"https://koppel.example/documents/auto/1/information_document.en\""}};
const struct field receipt_document_item[1] = {{.name = "document", .type = FIELD_RECORD,
                                                .required = true, .fields = document_fields,
                                                .field_count = 3, .schema = "Document"}};

#define RESULT                                                                                    \
    {.name = "status", .type = FIELD_CHOICE, .required = true, .label = {"uitkomst", "outcome"},  \
     .choices = statuses, .choice_count = 3},                                                     \
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"gemaakt met een testsleutel", "made with a test key"}},                           \
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"},    \
     .example = "\"auto\""},                                                                      \
    {.name = "product_version", .type = FIELD_INTEGER, .required = true,                          \
     .label = {"versie van het product", "version of the product"}},                              \
    {.name = "product_hash", .type = FIELD_TEXT, .required = true,                                \
     .label = {"SHA-256 van die versie", "SHA-256 of that version"}},                             \
    {.name = "effective_date", .type = FIELD_DATE, .required = true,                              \
     .label = {"ingangsdatum", "effective date"}},                                                \
    {.name = "known_at", .type = FIELD_DATE_TIME, .required = true,                               \
     .label = {"moment van berekenen", "moment of rating"}},                                      \
    {.name = "valid_until", .type = FIELD_DATE, .required = true,                                 \
     .label = {"geldig tot en met", "last day of validity"}},                                     \
    {.name = "premium", .type = FIELD_RECORD, .required = true, .nullable = true,                 \
     .label = {"premie per jaar", "premium a year"}, .fields = receipt_premium_fields,            \
     .field_count = RECEIPT_PREMIUM_FIELDS,                                                       \
     .help = {"Leeg bij een afwijzing.", "Null when declined."}, .schema = "Premium"},            \
    {.name = "reasons", .type = FIELD_LIST, .required = true,                                     \
     .label = {"redenen van de uitkomst", "reasons for the outcome"},                             \
     .fields = receipt_reason_item, .field_count = 1},                                            \
    {.name = "documents", .type = FIELD_LIST, .required = true,                                   \
     .label = {"documenten", "documents"}, .fields = receipt_document_item, .field_count = 1}

#define MADE(token_there)                                                                         \
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"},                   \
     .example = "\"qte_06fdv0a7q6wzt4x2m8n5k9y3hr\""},                                            \
    {.name = "token", .type = FIELD_TEXT, .required = token_there,                                \
     .label = {"leescode van een website", "token that a website reads it back with"},            \
     .help = {"Wordt alleen bij het maken getoond.", "Shown only when the quote is made."}},      \
    {.name = "reference", .type = FIELD_TEXT,                                                     \
     .label = {"uw eigen kenmerk", "your own reference"}}

const struct field quote_made_fields[] = {MADE(true), RESULT};
const struct field quote_fields[] = {MADE(false), RESULT};

const struct field estimate_fields[] = {RESULT};
