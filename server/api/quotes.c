/* Quotes: asking for one, reading it back, listing those that were made. A quote is kept as its
 * receipt; what callers see is rendered from that each time, in their language. */
#include <string.h>

#include "base/id.h"
#include "domain/quote_store.h"
#include "operation/page.h"
#include "quote_common.h"

enum {
    /* A list goes on to a next page rather than use more of the call's memory than this. */
    QUOTE_LIST_ROWS_BYTES = 1024 * 1024,
    QUOTE_LIST_RENDER_BYTES = 1024 * 1024
};

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field request_input[] = {QUOTE_INPUT_FIELDS};

static const struct field read_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de offerte", "id of the quote"}},
    {.name = "token", .type = FIELD_TEXT, .length_maximum = 64,
     .label = {"leescode", "token"},
     .help = {"De leescode van de offerte; verplicht met een publieke sleutel.",
              "The quote's token; required with a publishable key."}}};

static const struct field_choice list_statuses[] = {
    {"offered", {"aangeboden", "offered"}},
    {"referred", {"voorgelegd aan een acceptant", "referred to an underwriter"}},
    {"declined", {"niet mogelijk", "declined"}}};

static const struct field list_input[] = {
    PAGE_FIELD_LIMIT,
    PAGE_FIELD_CURSOR,
    {.name = "product", .type = FIELD_TEXT, .length_maximum = PRODUCT_CODE_MAX - 1,
     .label = {"alleen dit product", "only this product"}},
    {.name = "status", .type = FIELD_CHOICE, .choices = list_statuses, .choice_count = 3,
     .label = {"alleen deze uitkomst", "only this outcome"}},
    {.name = "reference", .type = FIELD_TEXT, .length_maximum = QUOTE_REFERENCE_MAX,
     .label = {"alleen dit kenmerk", "only this reference"}}};

static const struct field list_item[] = {{.name = "quote", .type = FIELD_RECORD, .required = true,
                                          .fields = quote_fields, .field_count = QUOTE_FIELDS,
                                          .schema = "Quote"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .label = {"offertes", "quotes"},
     .help = {"De nieuwste eerst.", "The newest first."}, .fields = list_item, .field_count = 1},
    PAGE_FIELD_NEXT};

/* ---- asking for a quote --------------------------------------------------------------------- */
static int render(struct call *call, const struct quote_row *row,
                  const struct product_version *version, struct value *ret_quote) {
    struct record record;
    struct receipt receipt = {.product = row->product,
                              .product_version = row->product_version,
                              .product_hash = row->product_hash,
                              .effective_date = row->effective_date,
                              .valid_until = row->valid_until,
                              .known_at_us = row->known_at_us,
                              .test = row->test,
                              .public_url = call->service->config->public_url,
                              .kept = row->kept,
                              .result = row->result};
    record_init(&record, call->scratch);
    record_copy_text(&record, "id", row->id, strlen(row->id));
    if (row->reference)
        record_copy_text(&record, "reference", row->reference, strlen(row->reference));
    int status = receipt_render(&receipt, version, call->language, &call->error, &record);
    if (!status) *ret_quote = record_value(&record);
    return status;
}


/* The answer is there before the write: it is kept with the idempotency key in the same
 * transaction, all but the token. */
static int render_draft(struct call *call, const struct quoting *quoting,
                        const struct quote_draft *draft) {
    const struct product_version *version = draft->version;
    struct quote_row row = {.id = draft->id,
                            .product = version->name,
                            .product_hash = version->hash,
                            .product_version = version->number,
                            .effective_date = draft->effective_date,
                            .valid_until = draft->valid_until,
                            .kept = &quoting->kept,
                            .reference = draft->reference,
                            .known_at_us = draft->known_at_us,
                            .test = call->caller.test};
    return render(call, &row, version, &call->output);
}

/* What the write needs, held until it is done. */
struct quote_making {
    struct service *service;
    struct quoting quoting;
    struct quote_draft draft;
};

static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    const struct quote_making *making = context;
    return quote_insert(tx, &making->draft, error);
}

static void making_release(void *context) {
    struct quote_making *making = context;
    quote_draft_done(&making->draft);
    quoting_done(making->service, &making->quoting);
}

static int request_quote(struct call *call) {
    struct quote_making *making = scratch_take(call->scratch, sizeof *making);
    if (!making)
        return error_set(&call->error, ERROR_TOO_LARGE, "a quote needs more scratch memory");
    making->service = call->service;
    int status = quote_compute(call, &making->quoting);
    if (status) return status;
    status = quote_draft_make(&making->quoting, &call->caller, &call->error, &making->draft);
    id_make("qte", making->draft.id);
    if (!status)
        status = quote_draft_seal(&making->draft, call->service->config->key_pepper,
                                  call->service->encryption, &call->error);
    making->draft.reference = record_get_text(&call->input, "reference", call->scratch);
    if (!status) status = render_draft(call, &making->quoting, &making->draft);
    if (status) {
        making_release(making);
        return status;
    }
    return call_write_held(call, making->draft.id, insert_body, making, making_release);
}

static int add_token(struct call *call) {
    const struct value *output = &call->output;
    const char *id = record_get_text(output, "id", call->scratch);
    char *token = scratch_take(call->scratch, QUOTE_TOKEN_LENGTH + 1);
    struct value_entry *entries =
        scratch_take(call->scratch, (output->length + 1) * sizeof *entries);
    if (!id || !token || !entries)
        return error_set(&call->error, ERROR_TOO_LARGE, "a quote needs more scratch memory");
    memcpy(entries, output->entries, output->length * sizeof *entries);
    quote_token_make(call->service->config->key_pepper, id, token);
    entries[output->length] = (struct value_entry){
        .name = "token", .name_length = 5, .value = value_text(token, QUOTE_TOKEN_LENGTH)};
    call->output = value_context(entries, output->length + 1);
    return 0;
}

/* ---- reading one ---------------------------------------------------------------------------- */
static int get_quote(struct call *call) {
    struct quote_row row;
    int status = quote_read(call, &row);
    if (status) return status;
    /* The receipt stands by itself: without its version only the sentences are missing. */
    const struct product_version *version = NULL;
    catalogue_version(call->service->catalogue, row.version_id, NULL, &version);
    status = render(call, &row, version, &call->output);
    catalogue_release(call->service->catalogue, version);
    return status;
}

/* ---- listing -------------------------------------------------------------------------------- */
struct quote_listing {
    const char *cursor, *product, *status, *reference;
    bool test;
    int limit;
    struct scratch *scratch;
    struct quote_row *rows; /* room for `limit` */
    int count;
    bool more;
};

static const char *list_copy(struct quote_listing *listing, struct db_rows *rows, int column,
                             bool *failed) {
    size_t length = 0;
    const char *text = db_column_text(rows, column, &length);
    if (!text) return NULL;
    char *copied = scratch_take(listing->scratch, length + 1);
    *failed |= !copied;
    if (copied) memcpy(copied, text, length + 1);
    return copied ? copied : "";
}

static size_t scratch_left(const struct scratch *scratch) {
    return (size_t)(scratch->end - scratch->at);
}

/* Copies the rows of a page; one row more than asked tells that there is a next page. */
static int list_rows(struct quote_listing *listing, struct db_rows *rows, struct error *error) {
    size_t before = scratch_left(listing->scratch);
    int status;
    while ((status = db_next(rows, error)) > 0) {
        size_t used = before - scratch_left(listing->scratch);
        bool failed = false;
        if (listing->count == listing->limit || used > QUOTE_LIST_ROWS_BYTES) {
            listing->more = true;
            return 0;
        }
        struct quote_row *row = &listing->rows[listing->count];
        *row = (struct quote_row){.id = list_copy(listing, rows, 0, &failed),
                                  .version_id = list_copy(listing, rows, 1, &failed),
                                  .product = list_copy(listing, rows, 2, &failed),
                                  .product_hash = list_copy(listing, rows, 3, &failed),
                                  .effective_date = list_copy(listing, rows, 4, &failed),
                                  .valid_until = list_copy(listing, rows, 5, &failed),
                                  .result = list_copy(listing, rows, 6, &failed),
                                  .reference = list_copy(listing, rows, 7, &failed),
                                  .product_version = (int)db_column_integer(rows, 8),
                                  .known_at_us = db_column_integer(rows, 9),
                                  .test = listing->test};
        if (failed) return error_set(error, ERROR_TOO_LARGE, "a page needs more scratch memory");
        listing->count++;
    }
    return status;
}

/* The reference has an index of its own; all else is filtered along the list's. */
static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct quote_listing *listing = context;
    struct db_rows *rows = NULL;
    int status;
    listing->count = 0;
    listing->more = false;
    if (listing->reference)
        status = db_query(tx, error, &rows,
                          "select q.id, q.version_id, q.product, q.product_hash, q.effective_date,"
                          " q.valid_until, q.result, q.reference, q.product_version, q.known_at_us"
                          " from quote q where q.test = $1 and q.id < $2 and q.reference = $3"
                          " and (cast($4 as text) is null or q.product = $4)"
                          " and (cast($5 as text) is null or q.status = $5) and $scope(q/user_id)"
                          " order by q.id desc limit $6",
                          db_integer(listing->test), db_text(listing->cursor),
                          db_text(listing->reference), db_text(listing->product),
                          db_text(listing->status), db_integer(listing->limit + 1));
    else
        status = db_query(tx, error, &rows,
                          "select q.id, q.version_id, q.product, q.product_hash, q.effective_date,"
                          " q.valid_until, q.result, q.reference, q.product_version, q.known_at_us"
                          " from quote q where q.test = $1 and q.id < $2"
                          " and (cast($3 as text) is null or q.product = $3)"
                          " and (cast($4 as text) is null or q.status = $4) and $scope(q/user_id)"
                          " order by q.id desc limit $5",
                          db_integer(listing->test), db_text(listing->cursor),
                          db_text(listing->product), db_text(listing->status),
                          db_integer(listing->limit + 1));
    if (status) return status;
    status = list_rows(listing, rows, error);
    db_rows_close(rows);
    return status;
}

static int list_render(struct call *call, struct quote_listing *listing) {
    struct list items;
    struct record output;
    size_t before = scratch_left(call->scratch);
    list_init(&items, call->scratch);
    int shown = 0, status = 0;
    for (; !status && shown < listing->count; shown++) {
        const struct quote_row *row = &listing->rows[shown];
        const struct product_version *version = NULL;
        struct value quote;
        if (shown && before - scratch_left(call->scratch) > QUOTE_LIST_RENDER_BYTES) break;
        catalogue_version(call->service->catalogue, row->version_id, NULL, &version);
        status = render(call, row, version, &quote);
        catalogue_release(call->service->catalogue, version);
        if (!status) list_add(&items, quote);
    }
    if (status) return status;
    bool more = listing->more || shown < listing->count;
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next", more ? listing->rows[shown - 1].id : NULL);
    if (items.failed || output.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "a page needs more scratch memory");
    call->output = record_value(&output);
    return 0;
}

static int list_quotes(struct call *call) {
    static const char behind_all_ids[] = "qtf"; /* sorts behind qte_… by any collation */
    const struct value *input = &call->input;
    const char *cursor;
    int status = page_cursor(call, "qte", &cursor);
    if (status) return status;
    struct quote_listing listing = {
        .cursor = cursor ? cursor : behind_all_ids,
        .product = record_get_text(input, "product", call->scratch),
        .status = record_get_text(input, "status", call->scratch),
        .reference = record_get_text(input, "reference", call->scratch),
        .test = call->caller.test,
        .limit = (int)record_get_integer(input, "limit", PAGE_LIMIT_DEFAULT),
        .scratch = call->scratch,
        .rows = scratch_take(call->scratch, PAGE_LIMIT_MAX * sizeof(struct quote_row))};
    if (!listing.rows)
        return error_set(&call->error, ERROR_TOO_LARGE, "a page needs more scratch memory");
    status = call_read(call, list_body, &listing);
    return status ? status : list_render(call, &listing);
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const request_refusals[] = {"product_not_allowed", "unknown_product", NULL};

static const struct operation operations[] = {
    {.name = "RequestQuote",
     .method = "POST",
     .path = "/quotes",
     .summary = {"Vraag een offerte aan", "Request a quote"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_ALL,
     .input = request_input,
     .input_count = sizeof request_input / sizeof *request_input,
     .output = quote_made_fields,
     .output_count = QUOTE_FIELDS,
     .status = 201,
     .idempotent_key = true,
     .audited = true,
     .rate = RATE_QUOTE,
     .refusals = request_refusals,
     .check = quote_check,
     .run = request_quote,
     .finish = add_token},
    {.name = "GetQuote",
     .method = "GET",
     .path = "/quotes/{id}",
     .summary = {"Lees een offerte terug", "Read a quote back"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_ALL,
     .input = read_input,
     .input_count = sizeof read_input / sizeof *read_input,
     .output = quote_fields,
     .output_count = QUOTE_FIELDS,
     .status = 200,
     .rate = RATE_READ,
     .run = get_quote},
    {.name = "ListQuotes",
     .method = "GET",
     .path = "/quotes",
     .summary = {"Toon de offertes", "List the quotes"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLES_ALL,
     .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output,
     .output_count = sizeof list_output / sizeof *list_output,
     .status = 200,
     .rate = RATE_READ,
     .run = list_quotes}};

extern const struct operation_group api_quotes;
const struct operation_group api_quotes = {.name = "quotes",
                                           .operations = operations,
                                           .count = sizeof operations / sizeof *operations};
