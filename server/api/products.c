/* Products: what can be quoted, and what each asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/catalogue.h"
#include "domain/product_describe.h"
#include "domain/quoting.h"
#include "domain/sell_gate.h"
#include "domain/service.h"
#include "domain/value_keep.h"
#include "message/record.h"
#include "operation/operation.h"

enum { PRODUCT_URL_MAX = 1200 };

/* ---- the list ------------------------------------------------------------------------------- */
static const struct field product_fields[] = {
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"},
     .example = "\"auto\""},
    {.name = "title", .type = FIELD_TEXT, .required = true, .label = {"titel", "title"}},
    {.name = "description", .type = FIELD_TEXT, .required = true, .nullable = true,
     .length_maximum = 4000, .label = {"omschrijving", "description"}},
    {.name = "interface", .type = FIELD_INTEGER, .required = true,
     .label = {"uitgave van de vragen", "edition of the questions"},
     .help = {"Wordt hoger als oude antwoorden niet meer passen.",
              "Rises when old answers no longer fit."}},
    {.name = "product_version", .type = FIELD_INTEGER, .required = true,
     .label = {"versie die vandaag geldt", "version in force today"}},
    {.name = "product_hash", .type = FIELD_TEXT, .required = true,
     .label = {"SHA-256 van die versie", "SHA-256 of that version"}},
    {.name = "effective_from", .type = FIELD_DATE, .required = true,
     .label = {"eerste dag van die versie", "first day of that version"}},
    {.name = "allowed", .type = FIELD_BOOLEAN, .required = true,
     .label = {"mag uw kantoor dit verkopen?", "may your office sell this?"}},
    {.name = "reason", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"waarom niet", "why not"},
     .help = {"Als bij product_not_allowed; null als het mag.",
              "As with product_not_allowed; null when allowed."}}};
static const struct field product_item[] = {
    {.name = "product", .type = FIELD_RECORD, .required = true, .fields = product_fields,
     .field_count = sizeof product_fields / sizeof *product_fields, .schema = "Product"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .label = {"producten", "products"},
     .fields = product_item, .field_count = 1},
    {.name = "next", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"vervolg", "cursor of the next page"},
     .help = {"Altijd null: de lijst is volledig.", "Always null: the list is complete."}}};

static int product_render(struct call *call, const struct product_version *version,
                          struct list *items) {
    const struct product_info *info = product_info(version->product);
    char today[CLOCK_DATE_MAX], reason[SELL_REASON_MAX];
    struct record record;
    clock_amsterdam_date_text(call->now_us, today);
    *reason = '\0';
    struct selling selling = selling_of(info, call->caller.partner_id, today);
    int status = caller_is_organisation(&call->caller)
                     ? 0
                     : partner_may_sell(call->service->db, &call->caller.scope, &selling,
                                        &call->error, reason);
    if (status) return status;
    const char *description = text_in(&info->description, call->language);
    record_init(&record, call->scratch);
    record_set_text(&record, "product", version->name);
    record_set_text(&record, "title", text_in(&info->title, call->language));
    record_set_text(&record, "description", *description ? description : NULL);
    record_set_integer(&record, "interface", version->interface);
    record_set_integer(&record, "product_version", version->number);
    record_set_text(&record, "product_hash", version->hash);
    record_set_text(&record, "effective_from", version->effective_from);
    record_set_boolean(&record, "allowed", !reason[0]);
    if (reason[0]) record_copy_text(&record, "reason", reason, strlen(reason));
    else record_set_text(&record, "reason", NULL);
    struct value product = record_value(&record);
    if (record.failed || !value_keep(call->scratch, &product))
        return error_set(&call->error, ERROR_TOO_LARGE, "the list needs more scratch memory");
    list_add(items, product);
    return 0;
}

static int list_products(struct call *call) {
    char(*names)[PRODUCT_CODE_MAX] =
        scratch_take(call->scratch, CATALOGUE_PRODUCTS_MAX * sizeof *names);
    char today[CLOCK_DATE_MAX];
    struct list items;
    struct record output;
    if (!names) return error_set(&call->error, ERROR_TOO_LARGE, "the list needs more memory");
    clock_amsterdam_date_text(call->now_us, today);
    list_init(&items, call->scratch);
    int count =
        catalogue_names(call->service->catalogue, call->now_us, names, CATALOGUE_PRODUCTS_MAX);
    for (int i = 0; i < count; i++) {
        const struct product_version *version = NULL;
        struct error error = {0};
        int status = catalogue_find(call->service->catalogue, names[i], today, call->now_us,
                                    &error, &version);
        if (status == ERROR_NOT_FOUND) continue; /* found broken since it was listed */
        if (status) return error_set(&call->error, error.code, "%s", error.text);
        status = product_render(call, version, &items);
        catalogue_release(call->service->catalogue, version);
        if (status) return status;
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next", NULL);
    if (items.failed || output.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "the list needs more scratch memory");
    call->output = record_value(&output);
    return 0;
}

/* ---- one ------------------------------------------------------------------------------------ */
static const struct field product_input[] = {
    {.name = "product", .type = FIELD_TEXT, .required = true,
     .label = {"naam van het product", "name of the product"}},
    {.name = "effective_date", .type = FIELD_DATE, .label = {"ingangsdatum", "effective date"},
     .help = {"De versie die dan geldt; zonder deze datum die van vandaag.",
              "The version that holds then; today's when it is left out."}}};

static const struct field schema_output[] = {
    {.name = "$schema", .type = FIELD_TEXT, .required = true,
     .label = {"soort schema", "dialect of the schema"}},
    {.name = "$id", .type = FIELD_TEXT, .required = true, .label = {"adres", "address"}},
    {.name = "title", .type = FIELD_TEXT, .required = true, .label = {"titel", "title"}},
    {.name = "description", .type = FIELD_TEXT, .length_maximum = 4000,
     .label = {"omschrijving", "description"}},
    {.name = "type", .type = FIELD_TEXT, .required = true, .label = {"object", "object"}},
    {.name = "properties", .type = FIELD_OPEN, .required = true,
     .label = {"de vragen", "the questions"}},
    {.name = "examples", .type = FIELD_OPEN, .required = true,
     .label = {"volledige antwoorden", "complete sets of answers"}}};

static int get_product(struct call *call) {
    const char *name = record_get_text(&call->input, "product", call->scratch);
    const struct value *given = record_get(&call->input, "effective_date");
    struct value_date date = given ? given->date : day_at(call->now_us);
    char effective_date[CLOCK_DATE_MAX], id[PRODUCT_URL_MAX];
    const struct product_version *version = NULL;
    struct error error = {0};
    if (!name) return error_set(&call->error, ERROR_TOO_LARGE, "no scratch memory is left");
    day_write(&date, effective_date);
    int status = catalogue_find(call->service->catalogue, name, effective_date, call->now_us,
                                &error, &version);
    if (status == ERROR_NOT_FOUND)
        return call_refuse(call, 404, "unknown_product", quoting_no_product.nl,
                           quoting_no_product.en);
    if (status) return error_set(&call->error, error.code, "%s", error.text);
    snprintf(id, sizeof id, "%s/api/v1/products/%s", call->service->config->public_url,
             version->name);
    struct value schema;
    status = product_describe(version, id, &date, call->language, call->scratch, &schema);
    if (!status && !value_keep(call->scratch, &schema)) status = ERROR_TOO_LARGE;
    if (status) error_set(&call->error, status, "no memory for the schema of %s", name);
    else call->output = schema;
    struct product_interface interface;
    if (catalogue_interface_told(call->service->catalogue, name, version->interface, &interface))
        retirement_join(&call->retirement,
                        &(struct retirement){.deprecated_us = interface.replaced_us,
                                             .sunset_us = interface.ends_us});
    catalogue_release(call->service->catalogue, version);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const product_refusals[] = {"unknown_product", NULL};

static const struct operation operations[] = {
    {.name = "ListProducts",
     .method = "GET",
     .path = "/products",
     .summary = {"Toon de producten", "List the products"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_ALL,
     .output = list_output,
     .output_count = sizeof list_output / sizeof *list_output,
     .status = 200,
     .rate = RATE_READ,
     .run = list_products},
    {.name = "GetProduct",
     .method = "GET",
     .path = "/products/{product}",
     .summary = {"Lees de vragen van een product als JSON Schema",
                 "Read a product's questions as JSON Schema"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_ALL,
     .input = product_input,
     .input_count = sizeof product_input / sizeof *product_input,
     .output = schema_output,
     .output_count = sizeof schema_output / sizeof *schema_output,
     .output_open = true,
     .media_type = "application/schema+json",
     .status = 200,
     .rate = RATE_READ,
     .refusals = product_refusals,
     .run = get_product}};

extern const struct operation_group api_products;
const struct operation_group api_products = {.name = "products",
                                             .operations = operations,
                                             .count = sizeof operations / sizeof *operations};
